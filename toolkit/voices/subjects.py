"""Where the noun phrases of a sentence stand: the subject before a verb, the speaker behind one, no parser needed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from toolkit.language import lexicon
from toolkit.language.words import Token, tokenize
from toolkit.voices.reporting import (
    AFTER_A_NAME,
    ASIDES,
    BOUNDARY,
    DETERMINERS,
    MODAL,
    NOBODY,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVE,
    SKIPPED,
)
from toolkit.voices.speakers import OUTLETS, PEOPLE, REFLEXIVE, TITLES, is_name

Range = tuple[int, int]

_LONGEST = 16


class Phrases:
    """The words of a sentence outside its quotations, and the phrases that they make.

    Args:
        text: The sentence.
        quoted: Its quotations, in its own offsets.
        outlets: Folded names of publishers that are known.
    """

    def __init__(self, text: str, quoted: Sequence[Range], outlets: Collection[str]) -> None:
        self.text, self.quoted, self.outlets = text, quoted, outlets
        self.tokens = _with_names(text, [t for t in tokenize(text) if not any(a <= t.start < b for a, b in quoted)])
        self.words = [token.word for token in self.tokens]

    # -- around a place ----------------------------------------------------------------------------------------------

    def _word(self, index: int) -> str:
        return self.words[index] if 0 <= index < len(self.words) else ""

    def _gap(self, index: int) -> str:
        """What stands between a token and the one before it; quotations included."""
        start = self.tokens[index - 1].end if index > 0 else 0
        end = self.tokens[index].start if index < len(self.tokens) else len(self.text)
        return self.text[start:end]

    def _quote_before(self, index: int) -> bool:
        start = self.tokens[index - 1].end if index > 0 else 0
        end = self.tokens[index].start if index < len(self.tokens) else len(self.text)
        inside = any(start <= a and b <= end for a, b in self.quoted)
        return inside or (index == 0 and any(a < 0 < b <= end for a, b in self.quoted))  # begun a sentence before

    def _quote_after(self, index: int) -> bool:
        start = self.tokens[index].end
        end = self.tokens[index + 1].start if index + 1 < len(self.tokens) else len(self.text)
        return any(start <= a < end for a, _ in self.quoted)

    def _broken(self, index: int) -> bool:
        """Whether punctuation or a quotation stands before a token; a title's or an abbreviation's dot is none."""
        gap = self._gap(index)
        return index == 0 or bool(re.search(r"[,;:“”\"()\n–—!?]", gap)) or self._quote_before(index)

    # -- who stands there --------------------------------------------------------------------------------------------

    def _left(self, end: int) -> int:
        """Where the noun phrase that ends before token ``end`` begins; ``end`` when there is none."""
        start = end
        if end > 1 and end < len(self.tokens) and self.words[end] in RELATIVE and self._broken(end - 1):
            return end - 1
        while start > 0 and end - start < _LONGEST:
            word = self.words[start - 1]
            if word in RELATIVE:
                return self._left(start - 1) if start - 1 > 0 and start < end else end
            if word in BOUNDARY or word in ("who", "and") or (word in PRONOUNS and start < end):
                break
            start -= 1
            if self._broken(start):
                break
        return self._joined(start, end)

    def _joined(self, start: int, end: int) -> int:
        """“Macron and Starmer”: the phrase with the one that “and” ties to it, if that opens the clause."""
        if start < 2 or self.words[start - 1] != "and" or self._broken(start):
            return start
        first = start - 1
        while first > 0 and not self._broken(first) and self.words[first - 1] not in BOUNDARY:
            first -= 1
        whole = self.tokens[first : start - 1]
        plain = all(is_name(t) or t.word in DETERMINERS or t.word in PEOPLE or t.word == "of" for t in whole)
        return first if whole and plain and len(whole) <= 6 else start

    def _subject(self, verb: int) -> tuple[int, int, tuple[int, int]] | None:
        """The subject before a verb, and what is said of it in commas: start, end, and the aside's two ends."""
        end = verb
        while end > 0 and not self._broken(end) and self._skipped(end - 1):
            end -= 1
        if end == 0 and verb > 0:
            return None
        if not self._broken(end):
            start = self._left(end)
            return (start, end, (end, end)) if self._may_speak(start, end) else None
        if "," not in self._gap(end) or (self._quote_before(end) and end == verb):
            return None
        aside = end
        for _ in range(3):
            aside -= 1
            while aside > 0 and not self._broken(aside):
                aside -= 1
            if aside <= 0 or "," not in self._gap(aside) or end - aside > _LONGEST:
                return None
            opener = self.tokens[aside]
            start = self._left(aside)
            if self._is_full_name(aside, end) and self._introduces(start, aside):
                return aside, end, (start, aside)  # “her deputy, Karl Roth, said”
            describes = opener.word in ASIDES or (opener.word.endswith("ed") and not is_name(opener))
            describes = describes or opener.word in DETERMINERS or opener.word in RELATIVE or opener.value is not None
            if not (describes or (not is_name(opener) and self.tokens[end - 1].word in PEOPLE)):
                continue
            if self._may_speak(start, aside) and start < aside:
                return start, aside, (aside, end)
        return None

    def _is_full_name(self, start: int, end: int) -> bool:
        return end - start > 1 and all(is_name(token) for token in self.tokens[start:end])

    def _introduces(self, start: int, end: int) -> bool:
        """Whether a phrase before a name in commas says who that is: “her deputy”, “the party’s leader”."""
        if start >= end or not (start == 0 or self._broken(start) or self.words[start - 1] in BOUNDARY):
            return False
        return self.words[start] in DETERMINERS and self.words[end - 1] in PEOPLE

    def _skipped(self, index: int) -> bool:
        word, token = self.words[index], self.tokens[index]
        return word in SKIPPED or word in lexicon.WEEKDAYS or (word.endswith("ly") and not token.name)

    def _may_speak(self, start: int, end: int) -> bool:
        run = [token for token in self.tokens[start:end] if token.word not in REFLEXIVE]
        if not run or run[0].word in PREPOSITIONS or (run[0].word in NOBODY and run[0].word != "one"):
            return False
        if run[0].word in PRONOUNS:
            return len(run) == 1 and run[0].end - run[0].start == len(run[0].word)  # not “she's”
        relative = next((i for i, t in enumerate(run) if t.word in RELATIVE), len(run))
        if any(t.word in lexicon.BE or t.word in lexicon.AUXILIARIES or t.word == "to" for t in run[:relative]):
            return False
        cut = next((i for i, t in enumerate(run) if i and t.word in PREPOSITIONS), relative)
        head = run[: min(cut, relative)]
        if not head:
            return False
        noun = head[-1]
        if noun.word in lexicon.WEEKDAYS or noun.word in lexicon.MONTHS or noun.value is not None:
            return False
        return is_name(noun) or noun.word in PEOPLE or (run[0].word in DETERMINERS and noun.content)

    def _right(self, start: int) -> int:
        """Where the noun phrase that begins at token ``start`` ends."""
        end = start
        while end < len(self.tokens) and end - start < _LONGEST:
            word = self.words[end]
            if end > start and self._broken(end):
                break
            if word in BOUNDARY or word in RELATIVE or word in lexicon.AUXILIARIES or word in lexicon.BE:
                break
            if end > start and word in ("mr", "mrs", "ms") and not is_name(self.tokens[end - 1]):
                break
            if end > start and (word in lexicon.WEEKDAYS or word in ("during", "after", "yesterday", "earlier")):
                break
            end += 1
        while end > start and self.words[end - 1] in PREPOSITIONS:
            end -= 1
        return end

    def _with_name(self, start: int, end: int) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """A phrase, or the name behind its comma: “the study's author, Dr Urho Kujala”."""
        phrase = tuple(self.tokens[start:end])
        named = end < len(self.tokens) and is_name(self.tokens[end]) and self._gap(end).strip() == ","
        if named and not is_name(phrase[-1]):
            name = self._right(end)
            if all(is_name(token) for token in self.tokens[end:name]) and name - end > 1:
                return tuple(self.tokens[end:name]), phrase
        return phrase, ()

    def _several(self, start: int, end: int) -> bool:
        """Whether a phrase is plural, so that a verb without an ending agrees with it."""
        run = self.tokens[start:end]
        cut = next((i for i, t in enumerate(run) if i and (t.word in PREPOSITIONS or t.word in RELATIVE)), len(run))
        head = run[cut - 1]
        return (
            head.word in ("they", "police", "people", "staff")
            or head.word.endswith("s")
            or "and" in self.words[start:end]
        )

    def _first(self, offset: int) -> int:
        return next((i for i, t in enumerate(self.tokens) if t.start >= offset), len(self.tokens))

    def _is_clause(self, start: int, end: int) -> bool:
        """Whether some words hold a finite verb."""
        return any(
            (token.word in lexicon.AUXILIARIES and not token.content)
            or token.word in lexicon.BE or token.word == "have"
            or (token.word in lexicon.IRREGULAR_PAST and token.word not in ("set", "cut", "hit", "put"))
            for token in self.tokens[start:end]
        )  # fmt: skip

    def _modal(self, index: int) -> bool:
        return self._word(index) in MODAL and not self.tokens[index].content  # “may”, not “May”

    def _denied(self, verb: int) -> bool:
        return not {"not", "never"}.isdisjoint(self.words[max(0, verb - 2) : verb])


def _with_names(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens, with names marked that a capital alone does not tell: behind “Mr.”, and before a reporting verb."""
    for index, token in enumerate(tokens):
        if token.name or not token.content or not text[token.start].isupper():
            continue
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        titled = index > 0 and tokens[index - 1].word in TITLES and text[token.start - 2 : token.start] in (". ", "r ")
        telling = token.first and following in AFTER_A_NAME and token.word not in PEOPLE
        if titled or (telling and (not token.word.endswith("s") or token.word in OUTLETS)):
            tokens[index] = token._replace(name=True)
    return tokens
