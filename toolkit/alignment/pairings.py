"""What goes with what in a sentence of several parts: its numbers, its parties, and the side that is taken.

“Lorries will pay 14 crowns and cars 3 crowns” has every word of “lorries will pay 3 crowns”. A part is what stands
between two joining words or signs, with what has neither a verb nor a number put to the part behind it. A number, or a
verb, belongs to whom its own part names; to whom the part before names only where its own part names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from toolkit.alignment.predicates import REMEMBERED, related, verbs
from toolkit.alignment.quantities import Date, Quantity, borne_out
from toolkit.language import lexicon
from toolkit.language.forms import is_apart
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_RELATIVE = frozenset("who whom whose which where".split())
_TAKE_SIDES = frozenset(
    """vote votes voted voting rule rules ruled ruling argue argues argued arguing campaign campaigns campaigned
    campaigning speak speaks spoke spoken speaking decide decides decided deciding protest protests protested protesting
    march marched marching rally rallied lobby lobbied lobbying come comes came stand stands stood
    demonstrated""".split()
)
_SIDE_BEHIND = 7
"""Words from such a verb to “for” or “against”: “voted by 9 votes to 4 on Monday against”."""

_FAVOUR = frozenset("favour favor support".split())
_OBJECTS = frozenset("a an the its his her their this that these those all no any it them him".split())
_BEFORE_AN_OBJECT = 4
"""Words from “against” to the noun that it is about: “against the plan's new toll”."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of a sentence.

    Attributes:
        start, end: Indexes of its tokens.
        subject: Indexes of the content words before its first verb or number.
        told: Keys of its content words that are neither numbers nor of a date.
        verbs: Indexes of its verbs.
    """

    start: int
    end: int
    subject: tuple[int, ...]
    told: frozenset[str]
    verbs: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """The numbers and dates of a row of tokens."""

    quantities: Sequence[Quantity]
    dates: Sequence[Date]

    @property
    def indexes(self) -> frozenset[int]:
        """Of all their tokens, with their units."""
        days = {i for one in self.dates for i in one.indexes}
        return frozenset(days | {i for one in self.quantities for i in one.indexes})


def pairing_differences(claim: Tokens, source: Tokens, mine: Numbers, theirs: Numbers) -> Iterator[Difference]:
    """Numbers and verbs of another part than whom the claim gives them to, and sides that were changed.

    Args:
        claim: Tokens of the claim.
        source: Tokens of the source.
        mine: The claim's numbers and dates.
        theirs: The source's.

    Yields:
        Differences of the kinds ``number``, ``date``, ``name`` and ``negation``, at most one of each rule.
    """
    yield from _sides(claim, source)
    there = _parts(tuple(source), theirs.indexes)
    if len(there) < 2:
        return
    here = _parts(tuple(claim), mine.indexes)
    found = next(_numbers(claim, here, there, mine, theirs), None) or next(_parties(claim, source, here, there), None)
    if found is not None:
        yield found


# Parts


@lru_cache(maxsize=REMEMBERED)
def _parts(tokens: tuple[Token, ...], numbered: frozenset[int]) -> tuple[Part, ...]:
    done = _acting(tokens)
    cuts = [i for i in range(1, len(tokens)) if tokens[i].word in lexicon.JOINING or is_apart(tokens, i)]
    parts: list[Part] = []
    start = 0
    for end in (*cuts, len(tokens)):
        told = [i for i in done if start <= i < end]
        counts = [i for i in range(start, end) if i in numbered]
        if not told and not counts and end < len(tokens):
            continue  # “Lund, Marsa and …”: with what comes behind
        first = min((*told[:1], *counts[:1]), default=end)
        parts.append(
            Part(
                start=start,
                end=end,
                subject=tuple(i for i in range(start, first) if tokens[i].content),
                told=frozenset(tokens[i].key for i in range(start, end) if tokens[i].content and i not in numbered),
                verbs=tuple(told),
            )
        )
        start = end
    return tuple(parts)


def _acting(tokens: Tokens) -> list[int]:
    """Indexes of the verbs, with those that only a name and an object show to be some: “Lund and Marsa support it”."""
    shown = {
        i
        for i in range(1, len(tokens) - 1)
        if tokens[i].content and not tokens[i].name and tokens[i].value is None and tokens[i - 1].name
        and not is_apart(tokens, i) and tokens[i + 1].word in _OBJECTS
    }  # fmt: skip
    return sorted(shown.union(verbs(tokens)))


def _part_at(parts: Sequence[Part], index: int) -> Part:
    return next(part for part in parts if part.start <= index < part.end)


def _beside(one: Part, other: Part) -> bool:
    """Whether no other part stands between the two: further away, they may tell of different things."""
    return one.end == other.start or other.end == one.start


# Numbers


def _numbers(
    claim: Tokens, here: Sequence[Part], there: Sequence[Part], mine: Numbers, theirs: Numbers
) -> Iterator[Difference]:
    """A number that stands in the source with other words, where a like one stands with the claim's."""
    for one in mine.quantities:
        kind = "date" if one.year else "number"
        said = _part_at(here, one.index)
        held = [other for other in theirs.quantities if borne_out(one, other)]
        if len(held) != 1:
            continue
        rivals = [q for q in theirs.quantities if q != held[0] and (q.unit, q.year) == (held[0].unit, one.year)]
        if rivals:
            yield from _misplaced(kind, one, held[0], rivals, said, there)
            yield from _of_another_day(one, held[0], rivals, said, there, mine, theirs)
    for day in mine.dates:
        said = _part_at(here, day.indexes[0])
        held_days = [other for other in theirs.dates if day.agrees(other)]
        others = [other for other in theirs.dates if other not in held_days]
        if len(held_days) == 1 and others:
            yield from _misplaced("date", day, held_days[0], others, said, there)


def _misplaced(
    kind: str,
    one: Quantity | Date,
    held: Quantity | Date,
    rivals: Sequence[Quantity | Date],
    said: Part,
    there: Sequence[Part],
) -> Iterator[Difference]:
    own = _part_at(there, held.indexes[0])
    if not own.told or own.told & said.told:
        return
    for rival in rivals:
        part = _part_at(there, rival.indexes[0])
        if _beside(part, own) and part.told & said.told:
            yield Difference(kind=kind, claim=one.words, source=rival.words)
            return


def _of_another_day(
    one: Quantity,
    held: Quantity,
    rivals: Sequence[Quantity],
    said: Part,
    there: Sequence[Part],
    mine: Numbers,
    theirs: Numbers,
) -> Iterator[Difference]:
    """“4 percent in May and 9 percent in June” does not say 9 percent of May."""
    own = _part_at(there, held.index)
    days = _dates_in(said, mine)
    own_days = _dates_in(own, theirs)
    if not days or not own_days or any(day.agrees(other) for day in days for other in own_days):
        return
    for rival in rivals:
        part = _part_at(there, rival.index)
        if part is not own and any(day.agrees(other) for day in days for other in _dates_in(part, theirs)):
            yield Difference(kind="number", claim=one.words, source=rival.words)
            return


def _dates_in(part: Part, numbers: Numbers) -> list[Date]:
    return [day for day in numbers.dates if part.start <= day.indexes[0] < part.end]


# Parties


def _parties(claim: Tokens, source: Tokens, here: Sequence[Part], there: Sequence[Part]) -> Iterator[Difference]:
    """A verb that another part than the claim's subject has, with a subject of its own."""
    for part in here:
        if not part.verbs or not part.subject:
            continue
        verb = claim[part.verbs[0]]
        keys = {verb.key, *related(verb.key)}
        subject = {claim[i].key for i in part.subject}
        told = [one for one in there if any(source[i].key in keys for i in one.verbs)]
        acts = [one for one in there if one not in told and subject & {source[i].key for i in one.subject}]
        if not acts or not all(one.verbs for one in acts) or not any(_beside(a, b) for a in acts for b in told):
            continue
        if _relates(claim[part.start : part.verbs[0]]) or _relates(source[acts[0].start : told[0].verbs[0]]):
            continue  # “the lady, who wore a hoodie, announced”
        owners = [[source[i] for i in one.subject] for one in told]
        named = claim[part.subject[0]].name
        if all(owner and _another(owner, subject, named=named) for owner in owners) and not any(
            subject & one.told for one in told
        ):
            words = " ".join(token.word for token in owners[0])
            yield Difference(kind="name", claim=claim[part.subject[-1]].word, source=words)


def _relates(tokens: Tokens) -> bool:
    return any(token.word in _RELATIVE for token in tokens)


def _another(owner: Sequence[Token], subject: set[str], *, named: bool) -> bool:
    """Whether a subject is somebody else than the claim's: “the company” may be what the part before names."""
    return subject.isdisjoint(token.key for token in owner) and any(token.name for token in owner) == named


# Sides


def _sides(claim: Tokens, source: Tokens) -> Iterator[Difference]:
    """“Voted for a toll” of those who voted against it."""
    mine = _taken(claim)
    theirs = _taken(source) if mine else {}
    for key, side in mine.items():
        if theirs.get(key, side) != side:
            yield Difference(kind="negation", claim=side, source=theirs[key])
            return


def _taken(tokens: Tokens) -> dict[str, str]:
    """What somebody votes, speaks or the like for, or against: the words behind that, by their keys."""
    found: dict[str, str] = {}
    for index, token in enumerate(tokens):
        side = "against" if token.word == "against" else "for" if _is_for(tokens, index) else ""
        if not side or not any(t.word in _TAKE_SIDES for t in tokens[max(0, index - _SIDE_BEHIND) : index]):
            continue
        for other in tokens[index + 1 : index + 1 + _BEFORE_AN_OBJECT]:
            if other.word in lexicon.PREPOSITIONS:
                break
            if other.content:
                found.setdefault(other.key, side)
    return found


def _is_for(tokens: Tokens, index: int) -> bool:
    before = tokens[index - 1].word if index else ""
    return tokens[index].word == "for" or (tokens[index].word == "of" and before in _FAVOUR)
