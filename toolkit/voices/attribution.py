"""Who says what in an article, without a model: every sentence with its speaker, or with none.

What one sentence tells comes from :mod:`toolkit.voices.clauses`. Here “he” and “the official” become the last speaker
that they can only mean, a quote that runs on keeps its speaker, and what an agency reports of others is theirs, by way
of the agency. A pronoun that could mean two people means nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from toolkit.language.words import Token, fold
from toolkit.passages import sentence_bounds
from toolkit.voices.clauses import Clause, clauses, opening_names, quotes
from toolkit.voices.reporting import PRONOUNS
from toolkit.voices.speakers import FEMALE, MALE, PEOPLE, Speaker, read_speaker
from toolkit.voices.subjects import Range

_REACH = 3
"""Sentences, quoted ones not counted, over which a pronoun reaches back for its speaker."""

_PERSONS = ("er", "or", "ist", "ian", "man", "champion")
"""Endings of nouns for one person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """Who says a sentence, or a part of one.

    Attributes:
        sentence: Start and end of the sentence in the text.
        speaker: A name or a noun phrase; empty when the text does not tell, or tells with a pronoun that could mean
            several.
        named: Whether the speaker is a name.
        role: What stands before the name or beside it in commas, folded: “health minister”.
        noun: Where the speaker is written; None for a quote that runs on.
        content: Start and end of what is said, within the sentence.
        verb: Folded; ``:`` in a headline, empty for a quote that runs on.
        form: As :attr:`toolkit.voices.clauses.Clause.form`, or ``quote`` for one that runs on.
        via: Outlets that pass it on, nearest to the reader first.
        quoted: Whether the speaker's own words stand there.
    """

    sentence: Range
    speaker: str
    named: bool = False
    role: str = ""
    noun: Range | None = None
    content: Range
    verb: str = ""
    form: str = "quote"
    via: tuple[str, ...] = ()
    quoted: bool = False


@dataclass(slots=True)
class _Heard:
    """A speaker in the order of the text."""

    speaker: Speaker
    aside: str
    sentence: int
    quoted: bool


@dataclass(slots=True)
class _Text:
    """What is known while a text is read from its first sentence to its last."""

    text: str
    bounds: Sequence[Range]
    quoted: Sequence[Range]
    outlets: Collection[str]
    heard: list[_Heard] = field(default_factory=list)
    genders: dict[str, str] = field(default_factory=dict)


def attributions(
    text: str, bounds: Sequence[Range] | None = None, outlets: Collection[str] = ()
) -> tuple[Attribution, ...]:
    """Who says what in a text, in order.

    Args:
        text: An article's text.
        bounds: Its sentences, see :func:`toolkit.passages.sentence_bounds`; found when not given.
        outlets: Names of publishers that are known, whatever their case.

    Returns:
        What is attributed; sentences that nobody is said to say are not among them. A sentence may come more than
        once, its main speaker first.
    """
    known = frozenset(fold(name).removeprefix("the ") for name in outlets)
    state = _Text(
        text=text, bounds=sentence_bounds(text) if bounds is None else bounds, quoted=quotes(text), outlets=known
    )
    found: list[list[Attribution]] = []
    for index, (start, end) in enumerate(state.bounds):
        inside = [(a - start, b - start) for a, b in state.quoted if a < end and start < b]
        read = clauses(text[start:end], inside, known)
        found.append(_chained([_resolved(state, index, clause) for clause in read], state, read))
    _carry_quotes(state, found)
    return tuple(one for row in found for one in row)


def _resolved(state: _Text, index: int, clause: Clause) -> tuple[Attribution, Speaker | None]:
    start, end = state.bounds[index]
    sentence = state.text[start:end]
    speaker = _speaker(state, index, clause)
    aside = " ".join(token.word for token in clause.aside if token.word not in ("the", "a", "an"))
    via: tuple[str, ...] = ()
    if clause.listener:
        listener = read_speaker(sentence, clause.listener, state.outlets)
        via = (listener.label,) if listener is not None and listener.outlet else ()
    if speaker is not None:
        state.heard.append(_Heard(speaker, aside, index, clause.quoted))
    words = clause.subject
    return (
        Attribution(
            sentence=(start, end),
            speaker=speaker.label if speaker else "",
            named=speaker is not None and speaker.named,
            role=(aside or speaker.role) if speaker else "",
            noun=(start + words[0].start, start + words[-1].end),
            content=(start + clause.content[0], start + clause.content[1]),
            verb=clause.verb,
            form=clause.form,
            via=via,
            quoted=clause.quoted,
        ),
        speaker,
    )


def _speaker(state: _Text, index: int, clause: Clause) -> Speaker | None:
    start, end = state.bounds[index]
    sentence = state.text[start:end]
    if len(clause.subject) == 1 and clause.subject[0].word in PRONOUNS:
        return _meant(state, index, clause.subject[0])
    read = read_speaker(sentence, clause.subject, state.outlets)
    if read is not None and read.label.partition(" ")[0].lower() in PRONOUNS:
        return None  # “HE 0”: a pronoun with something odd behind it names nobody
    if read is None or read.named:
        return read
    words = [token.word for token in clause.subject]
    if words[0] in ("the", "same") and len(words) <= 3:
        noun = {read.head} | ({"minister"} if read.head == "secretary" else set())
        meant = {h.speaker.label: h.speaker for h in state.heard if noun & _nouns(h) and h.speaker.label != read.label}
        if len(meant) == 1:
            return next(iter(meant.values()))
    return read


def _nouns(heard: _Heard) -> set[str]:
    return {heard.speaker.head, *heard.aside.split()[-2:], *heard.speaker.role.split()[-1:]}


def _meant(state: _Text, index: int, pronoun: Token) -> Speaker | None:
    """The last speaker that a pronoun can mean; None when two can be meant."""
    word = pronoun.word
    near = [h for h in state.heard if _distance(state, h.sentence, index) <= _REACH]
    fitting = [h for h in near if _fits(state, h.speaker, word)]
    start = state.text.rfind("\n", 0, state.bounds[index][0])
    fitting = [h for h in fitting if state.bounds[h.sentence][0] > start] or fitting  # the paragraph's own first
    if not fitting or len({h.speaker.head for h in fitting}) > 1:
        return None
    last = max(fitting, key=lambda h: (len(h.speaker.label), h.sentence))
    for place in range(fitting[-1].sentence + 1, index + 1):
        start, end = state.bounds[place]
        inside = [(a - start, b - start) for a, b in state.quoted if a < end and start < b]
        before = pronoun.start if place == index else end - start
        others = [t for t in opening_names(state.text[start:end], inside) if t.end <= before]
        if any(t.word not in fold(last.speaker.label) for t in others):
            return None
    if word in (MALE, FEMALE):
        state.genders[last.speaker.label] = word
    return last.speaker


def _fits(state: _Text, speaker: Speaker, word: str) -> bool:
    if word in (MALE, FEMALE):
        gender = state.genders.get(speaker.label) or speaker.gender
        person = speaker.named or speaker.head in PEOPLE or speaker.head.endswith(_PERSONS)
        return person and not (speaker.plural or speaker.body) and gender in ("", word)
    return speaker.body if word == "it" else speaker.plural


def _distance(state: _Text, first: int, last: int) -> int:
    """Sentences from one to another, those within quotations not counted."""
    return sum(not _inside_quote(state, place) for place in range(first, last))


def _inside_quote(state: _Text, index: int) -> bool:
    start, end = state.bounds[index]
    return any(a <= start and end <= b for a, b in state.quoted)


def _chained(
    found: Sequence[tuple[Attribution, Speaker | None]], state: _Text, read: Sequence[Clause]
) -> list[Attribution]:
    """What an outlet reports of others is theirs, by way of the outlet; other speakers keep what they report."""
    from dataclasses import replace

    rows = [one for one, _ in found]
    outlets = [(one, who) for one, who in found if who is not None and who.outlet and one.form != "position"]
    for outer, who in outlets:
        inner = [
            one for one in rows
            if one is not outer and one.noun is not None and outer.noun is not None
            and one.form != "passive" and one.speaker != outer.speaker
            and (outer.content[0] <= one.noun[0] < outer.content[1] or one.form == "citing")
        ]  # fmt: skip
        inner = [one for one in inner if one.speaker][:1]
        if inner:
            rows[rows.index(inner[0])] = replace(inner[0], via=(who.label, *inner[0].via))
            rows.remove(outer)
    rows = [one for one in rows if one.form != "citing" or one.via]
    return [one for one in rows if not any(_within(one, other) for other in rows)]


def _within(one: Attribution, other: Attribution) -> bool:
    """Whether a position is part of what somebody else is said to say."""
    if one is other or one.noun is None or one.form != "position" or other.form == "position":
        return False
    return other.content[0] <= one.noun[0] < other.content[1]


def _carry_quotes(state: _Text, found: list[list[Attribution]]) -> None:
    """Give the sentences of a quotation, and of one that follows in the paragraph, the speaker who stands beside it."""
    for index in range(len(state.bounds)):
        start, end = state.bounds[index]
        region = next(((a, b) for a, b in state.quoted if a <= start and end <= b), None)
        if region is None or found[index]:
            continue
        said = _beside(state, found, index, region)
        if said is not None and said.speaker:
            found[index] = [
                Attribution(
                    sentence=(start, end), speaker=said.speaker, named=said.named, role=said.role,
                    content=(start, end), via=said.via, quoted=True,
                )
            ]  # fmt: skip


def _beside(state: _Text, found: list[list[Attribution]], index: int, region: Range) -> Attribution | None:
    a, b = region
    for place in range(max(0, index - 12), min(len(state.bounds), index + 12)):
        start, end = state.bounds[place]
        if start < b and a < end and place != index:
            said = [one for one in found[place] if one.quoted and one.form != "position"]
            if said:
                return said[0]
    before = index - 1
    if before < 0 or "\n" in state.text[state.bounds[before][1] : state.bounds[index][0]]:
        return None
    said = [one for one in found[before] if one.quoted and one.form in ("behind", "quote", "before")]
    quoted_there = any(x < state.bounds[before][1] and state.bounds[before][0] < y for x, y in state.quoted)
    return said[0] if said and quoted_there else None
