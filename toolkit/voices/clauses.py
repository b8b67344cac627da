"""The places in a sentence where somebody speaks or takes a position: a reporting verb, its subject, what it reports.

Read from word order, commas and quotation marks, one sentence at a time; :mod:`toolkit.voices.attribution` then says
who “he” and “the official” are. Where no pattern fits, nothing is concluded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from toolkit.language import lexicon
from toolkit.language.words import Token, tokenize
from toolkit.voices.reporting import (
    ASKING,
    BARE,
    BOUNDARY,
    CLAIMING,
    DETERMINERS,
    HYPOTHETICAL,
    NEED_THAT,
    NO_HEADLINE,
    NOT_SOURCES,
    OF_SAYING,
    PASSIVES,
    POSITIONS,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVE,
    SAYING,
)
from toolkit.voices.speakers import OUTLETS, PEOPLE, is_name
from toolkit.voices.subjects import Phrases, Range

_REPORTED = 4
_TO_THE_COLON = 6
_QUOTED_WORDS = 3
_REGION = re.compile(
    r"“[^”\n]*(?:”|(?=\n)|\Z)|\"[^\"\n]*(?:\"|(?=\n)|\Z)"
    r"|(?<!\w)‘[^‘\n]*?[^\s‘]’(?!\w)|(?<![\w'])'(?=[^\s'])[^\n]*?(?<=[\w.,!?…])'(?!\w)"
)
_HEADLINE = re.compile(r"(?P<who>[^\W\d_a-z][\w’'.-]*(?: [^\W\d_a-z][\w’'.-]*){0,3}): (?=\S+ \S+ \S)")

# What a denial encloses was not said: “denied that he had said”, “it is not true that she said”.
_UNTRUE = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|denials?|not (?:true|the case)|untrue|false|no (?:evidence|proof|record|sign))"
    r"(?: that)? \W*\Z", re.IGNORECASE
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One place where somebody speaks or takes a position.

    Attributes:
        form: ``before`` (“X said that”), ``behind`` (“…, X said”), ``according``, ``position``, ``passive``,
            ``headline`` or ``colon``.
        verb: Folded.
        subject: Tokens of the speaker, as written.
        aside: Tokens of what stands behind the speaker in commas: “the health minister”.
        listener: Tokens of who was told; empty when nobody was.
        verb_at: The verb's characters in the sentence.
        content: The characters that are reported.
        quoted: Whether a quote stands beside the verb.
    """

    form: str
    verb: str
    subject: tuple[Token, ...]
    aside: tuple[Token, ...] = ()
    listener: tuple[Token, ...] = ()
    verb_at: Range
    content: Range
    quoted: bool = False


def quotes(text: str) -> list[Range]:
    """The quotations of a text with their marks, but for single words in scare quotes.

    A quotation ends with its paragraph at the latest.
    """
    found = [match.span() for match in _REGION.finditer(text)]
    return [(start, end) for start, end in found if len(text[start:end].split()) >= _QUOTED_WORDS]


def clauses(text: str, quoted: Sequence[Range] = (), outlets: Collection[str] = ()) -> list[Clause]:
    """The places in one sentence where somebody speaks or takes a position, in order.

    Args:
        text: The sentence.
        quoted: Its quotations, in its own offsets.
        outlets: Folded names of publishers that are known.
    """
    return _Reader(text, quoted, outlets).read()


class _Reader(Phrases):
    def read(self) -> list[Clause]:
        found: list[Clause] = []
        for index in range(len(self.tokens)):
            one = self._at(index)
            if one is not None and not any(self._same(one, other) for other in found):
                found.append(one)
        if not found:
            found = [one for one in (self._colon(), self._headline()) if one is not None][:1]
        return _apart(found, self.text)

    def _same(self, one: Clause, other: Clause) -> bool:
        """“said and warned”: the same subject cannot be read twice."""
        return one.subject[0].start == other.subject[0].start

    def _at(self, index: int) -> Clause | None:
        word, token = self.words[index], self.tokens[index]
        if word == "according" and self._word(index + 1) == "to":
            return self._according(index)
        if word == "citing":
            return self._citing(index)
        if token.name and self.text[token.start].isupper():
            return None
        if word in PASSIVES and self._word(index + 1) == "by":
            return self._passive(index)
        if word in SAYING or word in CLAIMING:
            return self._speech(index) or (self._position(index) if word in POSITIONS else None)
        return self._position(index) if word in POSITIONS else None

    # -- the patterns ------------------------------------------------------------------------------------------------

    def _according(self, index: int) -> Clause | None:
        start = index + 2
        end = self._right(start)
        if start >= end or self.words[start] in NOT_SOURCES or self.words[end - 1] in NOT_SOURCES:
            return None
        verb_at = (self.tokens[index].start, self.tokens[index + 1].end)
        before = (0, self.tokens[index].start)
        after = (self.tokens[end - 1].end, len(self.text))
        content = max(before, after, key=lambda part: part[1] - part[0])
        subject, aside = self._with_name(start, end)
        return Clause(
            form="according", verb="according", subject=subject, aside=aside, verb_at=verb_at, content=content
        )

    def _citing(self, index: int) -> Clause | None:
        end = self._right(index + 1)
        if end == index + 1 or not self._may_speak(index + 1, end):
            return None
        token = self.tokens[index]
        return Clause(
            form="citing", verb="citing", subject=tuple(self.tokens[index + 1 : end]),
            verb_at=(token.start, token.end), content=(0, token.start),
        )  # fmt: skip

    def _passive(self, index: int) -> Clause | None:
        be = any(word in lexicon.BE for word in self.words[max(0, index - 3) : index])
        if not be and self._word(index - 1) not in ("first", "as"):
            return None
        end = self._right(index + 2)
        end = next((i for i in range(index + 3, end) if self.words[i] in PREPOSITIONS), end)
        named = any(is_name(t) or t.word in PEOPLE for t in self.tokens[index + 2 : end])
        if not named or not self._may_speak(index + 2, end):
            return None
        token = self.tokens[index]
        return Clause(
            form="passive", verb=token.word, subject=tuple(self.tokens[index + 2 : end]),
            verb_at=(token.start, token.end), content=(0, len(self.text)),
        )  # fmt: skip

    def _speech(self, verb: int) -> Clause | None:
        if self._modal(verb - 1) or self._word(verb - 1) in lexicon.BE or self._denied(verb):
            return None
        if self._word(verb - 1) in RELATIVE and verb > 1:
            return self._of_relative(verb)
        return self._inverted(verb) or self._plain(verb)

    def _of_relative(self, verb: int) -> Clause | None:
        """Read “Smith, who said …”."""
        start = self._left(verb - 1)
        if not self._may_speak(start, verb - 1) or start == verb - 1:
            return None
        after = (self.tokens[verb].end, len(self.text))
        return self._clause("before", verb, self.tokens[start : verb - 1], (), (), after)

    def _plain(self, verb: int) -> Clause | None:
        found = self._subject(verb)
        if found is None:
            return None
        start, end, aside = found
        first = min(start, aside[0])  # of “her deputy, Karl Roth, said”
        if self._word(first - 1) in HYPOTHETICAL or _UNTRUE.search(self.text, 0, self.tokens[first].start):
            return None
        listener, behind = self._listener(verb)
        token = self.tokens[verb]
        left, right = (0, self.tokens[first].start), (behind, len(self.text))
        quoted = self._quote_before(first) or self._quote_after(verb) or any(a >= behind for a, _ in self.quoted)
        parted = (first > 0 and self._broken(first)) or (first == 0 and self._quote_before(0))
        last = self._tells_when(behind)
        long_left = parted and (self._quote_before(first) or self._is_clause(0, first) or (last and first > _REPORTED))
        that = "that" in self.words[verb + 1 : verb + 5] or self.text[behind:].lstrip().startswith(":")
        if long_left and not that and self._ends_here(verb):
            form, content = "behind", left
        elif (parted and first > 0 and not that and self._broken(verb + 1)) and verb + 1 < len(self.tokens):
            form, content = "behind", (0, len(self.text))  # “Soldiers, they said, would …”
        else:
            form, content = "before", (self._after_that(verb, behind), right[1])
            told = that or quoted or self._is_clause(self._first(behind), len(self.tokens)) or listener
            if token.word in NEED_THAT and not ("that" in self.words[verb + 1 : verb + 3] or quoted):
                return None
            if aside[0] < aside[1] and self._broken(verb + 1) and not quoted:
                return None  # “…, who was in several reports, was”
            if token.word in CLAIMING and not (that or quoted or self._is_clause(verb + 1, len(self.tokens))):
                return None
            if not told and len(self.tokens) - self._first(behind) < 3:
                return None
            if token.word in ("told", "tells") and not self.text[behind:].strip(" .") and not self.quoted:
                return None
        return self._clause(form, verb, self.tokens[start:end], self.tokens[slice(*aside)], listener, content)

    def _clause(
        self, form: str, verb: int, subject: Sequence[Token], aside: Sequence[Token], listener: Sequence[Token],
        content: Range,
    ) -> Clause:  # fmt: skip
        token = self.tokens[verb]
        return Clause(
            form=form, verb=token.word, subject=tuple(subject), aside=tuple(aside), listener=tuple(listener),
            verb_at=(token.start, token.end), content=content, quoted=bool(self.quoted),
        )  # fmt: skip

    def _ends_here(self, verb: int) -> bool:
        """Whether nothing is reported behind the verb: the sentence ends, or tells when and where."""
        following = verb + 1
        if following >= len(self.tokens) or self._broken(following):
            return True
        word = self.words[following]
        return (
            word in PREPOSITIONS or word in lexicon.WEEKDAYS or word in lexicon.RELATIVE_TIMES
            or word in ("after", "before", "as", "when", "while", "earlier", "later", "following", "and", "but", "to")
            or self.tokens[verb].word in ("told", "tells")
        )  # fmt: skip

    def _tells_when(self, offset: int, end: int | None = None) -> bool:
        """Whether what follows an offset only tells when or how it was said: “on Monday”, “in a statement”."""
        return all(
            token.word in OF_SAYING or token.word in PREPOSITIONS or token.word in DETERMINERS
            or token.word in lexicon.WEEKDAYS or token.word in lexicon.MONTHS or token.word in lexicon.RELATIVE_TIMES
            for token in self.tokens[self._first(offset) : end]
        )  # fmt: skip

    def _after_that(self, verb: int, behind: int) -> int:
        """Where what is said begins: in “said on Tuesday that …” behind “that”, since Tuesday is when it was said."""
        there = next((i for i in range(verb + 1, min(verb + 9, len(self.tokens))) if self.words[i] == "that"), None)
        if there is None or self.tokens[there].start < behind or not self._tells_when(behind, there):
            return behind
        return self.tokens[there].end

    def _listener(self, verb: int) -> tuple[tuple[Token, ...], int]:
        """Who was told, and where what follows begins."""
        behind = self.tokens[verb].end
        if self.words[verb] not in ("told", "tells") or verb + 1 >= len(self.tokens) or self._broken(verb + 1):
            return (), behind
        end = verb + 1
        while end < len(self.tokens) and end - verb < 8 and not (end > verb + 1 and self._broken(end)):
            word = self.words[end]
            if word in BOUNDARY or word in PREPOSITIONS or word in ("to", "he", "she", "it", "they"):
                break
            turns = word in DETERMINERS or is_name(self.tokens[end - 1]) != is_name(self.tokens[end])
            if end > verb + 1 and turns and self.words[end - 1] not in DETERMINERS:
                break
            end += 1
        listener = tuple(self.tokens[verb + 1 : end])
        return listener, listener[-1].end if listener else behind

    def _inverted(self, verb: int) -> Clause | None:
        """“…,” said X."""
        if verb + 1 >= len(self.tokens) or self._broken(verb + 1) or not self._broken(verb):
            return None
        after_quote = self._quote_before(verb)
        if not after_quote and ("," not in self._gap(verb) or self._subject(verb) is not None):
            return None
        start, end = verb + 1, self._right(verb + 1)
        if self._word(start) in ("that", "in"):
            return None
        cut = next((i for i in range(start + 1, end) if self.words[i] in PREPOSITIONS - {"of", "for"}), end)
        if not self._may_speak(start, cut):
            return None
        if not after_quote and not (cut == len(self.tokens) or self._broken(cut) or self.words[cut] in RELATIVE):
            return None
        subject, aside = self._with_name(start, cut)
        return self._clause("behind", verb, subject, aside, (), (0, self.tokens[verb].start))

    def _position(self, verb: int) -> Clause | None:
        before, following = self._word(verb - 1), self._word(verb + 1)
        if (
            self._modal(verb - 1)
            or before in lexicon.BE
            or before in DETERMINERS
            or following in lexicon.BE
            or self._denied(verb)
        ):
            return None
        word = self.words[verb]
        if before in RELATIVE and verb > 1 and "," in self._gap(verb - 1):  # “Moscow, which refuses”
            first = verb - 1
            while first > 0 and is_name(self.tokens[first - 1]) and (first == verb - 1 or not self._broken(first)):
                first -= 1
            named = first < verb - 1
            after = (self.tokens[verb].start, len(self.text))
            return self._clause("position", verb, self.tokens[first : verb - 1], (), (), after) if named else None
        if word.startswith("call") and following not in ("on", "for"):
            return None
        if word.startswith("rule") and following != "out":
            return None
        found = self._subject(verb)
        if found is None:
            return None
        start, end, aside = found
        if word in BARE and not self._several(start, end):
            return None
        if word.startswith("accus") and following == "of":
            return None
        opens = self._broken(start) or self._word(start - 1) in BOUNDARY or self._word(start - 1) in ("and", "said")
        head = self.tokens[end - 1]
        person = any(t.word in PEOPLE or is_name(t) for t in self.tokens[start:end]) or head.word in PRONOUNS
        if not opens or not person:
            return None
        content = (self.tokens[start].start, len(self.text))
        return self._clause("position", verb, self.tokens[start:end], self.tokens[slice(*aside)], (), content)

    def _headline(self) -> Clause | None:
        """“Leavitt: guarantees are vital”."""
        match = _HEADLINE.match(self.text)
        if match is None:
            return None
        run = [token for token in self.tokens if token.end <= match.end("who")]
        run = run[1:] if run and run[0].word in SAYING else run  # “Said Berg: …”
        following = tokenize(self.text[match.end() :])[:1]
        opened = self.text[match.end()]
        if not (opened.islower() or opened in "“\"‘'"):  # “Aggressive: Mark Ray …”, as captions have it
            return None
        if (
            not run
            or any(t.word in NO_HEADLINE or t.word in OUTLETS for t in run)
            or (following and following[0].word in ASKING)
        ):
            return None
        if match["who"].isupper() and len(match["who"]) > 1:  # a dateline
            return None
        return Clause(
            form="headline", verb=":", subject=tuple(t._replace(name=True) for t in run),
            verb_at=(match.end("who"), match.end("who") + 1), content=(match.end(), len(self.text)),
        )  # fmt: skip

    def _colon(self) -> Clause | None:
        """“An official put it more simply: “…””."""
        opened = [a for a, _ in self.quoted if a > 0 and self.text[:a].rstrip().endswith((":", ","))]
        if not opened:
            return None
        end = 0
        for index, token in enumerate(self.tokens[:9]):
            if token.start > opened[0] or (index and self._broken(index)):
                break
            fits = token.word in DETERMINERS or is_name(token) or token.word in PEOPLE or index == end == 0
            if not fits and (end or not token.content):
                break
            if is_name(token) or token.word in PEOPLE:
                end = index + 1
        if not end or not self._may_speak(0, end):
            return None
        colon = opened[0] - 1
        between = [token for token in self.tokens[end:] if token.start < colon]
        said = bool(between) and between[-1].word in SAYING
        if not said and (len(between) > _TO_THE_COLON or not self.text[: opened[0]].rstrip().endswith(":")):
            return None
        if self.words[0] in lexicon.RELATIVE_TIMES or self.words[0] in lexicon.WEEKDAYS:
            return None
        return Clause(
            form="colon", verb=":", subject=tuple(self.tokens[:end]), verb_at=(colon, colon + 1),
            content=(opened[0], len(self.text)), quoted=True,
        )  # fmt: skip


def _apart(found: list[Clause], text: str) -> list[Clause]:
    """Each clause's content ends where the next speaker's begins, when the two stand side by side."""
    from dataclasses import replace

    apart: list[Clause] = []
    for index, one in enumerate(found):
        start, end = one.content
        following = found[index + 1] if index + 1 < len(found) else None
        if following is not None and one.form in ("before", "position") and following.form == "before":
            head = text[one.verb_at[1] : following.subject[0].start].split()
            if head and head[-1].lower() in ("while", "but", "and", "whereas") and following.subject[0].start > start:
                end = len(text[: following.subject[0].start].rstrip(" ,;")) - len(head[-1])
                end = len(text[:end].rstrip(" ,;"))
        apart.append(replace(one, content=(start, max(start, end))))
    return apart


def opening_names(text: str, quoted: Sequence[Range]) -> Iterator[Token]:
    """The names among the first words of a sentence, outside its quotations."""
    outside = [t for t in tokenize(text) if not any(a <= t.start < b for a, b in quoted)]
    yield from (token for token in outside[:3] if is_name(token) and token.word not in lexicon.DEMONYMS)
