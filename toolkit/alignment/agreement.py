"""Does a source sentence say what a claim says? Coverage of the claim's words, and what disagrees.

Word overlap is not support: "Germany will send troops" shares every word with "Germany said it will not send troops".
So beside coverage, what carries truth must agree: names and who did what, numbers, dates, denial, and whether a thing
happened, will happen or might. Each check is a function that takes two token rows and yields
:class:`~toolkit.types.Difference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from toolkit import thresholds
from toolkit.alignment.denial import denial_differences, opposite_differences, own_clause
from toolkit.alignment.extent import extent_differences
from toolkit.alignment.framing import framing_differences
from toolkit.alignment.pairings import Numbers, pairing_differences
from toolkit.alignment.places import place_differences
from toolkit.alignment.predicates import missing_verbs, related, verbs
from toolkit.alignment.quantities import Date, Quantity, borne_out, dates, quantities
from toolkit.alignment.roles import role_differences
from toolkit.alignment.scopes import left_out_differences, scope_differences
from toolkit.alignment.tenses import modal_differences
from toolkit.language import lexicon
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

Aliases = Mapping[str, tuple[frozenset[str], ...]]
"""For a key, the sets of keys each of which stands for it in the article: “keir” is known where “starmer” is."""

_PRONOUNS = frozenset("he she it they his her its their this that these those both".split())
_RELATIVE_UNITS = frozenset("day week month year night spring summer autumn fall winter".split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How one source sentence (or a few) stands to a claim.

    Attributes:
        coverage: Weight of the claim's content words that the source has, 0 to 1; names and numbers weigh more. Where a
            part of the claim only tells who says it, that of the rest if that is less.
        differences: What disagrees, in the order of the claim.
        agreement: The same share, leaving out the names, numbers and dates that the source does not have.
        missing_names: The claim's names that the source does not have.
        missing_verbs: The claim's verbs that the source has in no form, without the one of “said”.
        covered: Keys of the claim that the source has.
    """

    coverage: float
    agreement: float
    differences: tuple[Difference, ...]
    missing_names: tuple[str, ...]
    missing_verbs: tuple[str, ...]
    covered: frozenset[str]


def compare(
    claim: Tokens,
    source: Tokens,
    context: frozenset[str] = frozenset(),
    published: datetime | None = None,
    *,
    weights: Sequence[float] = (),
    framing: frozenset[int] = frozenset(),
    aliases: Aliases | None = None,
) -> Comparison:
    """Compare a claim with a source.

    Args:
        claim: Tokens of the claim.
        source: Tokens of the source sentence.
        context: Keys of names that the source may refer to without naming them: those of the sentence before it and
            of the title. Used only when the source opens with a pronoun or an unnamed subject.
        published: The article's date: a claim may name its year, and “Tuesday” may be “Aug. 19”.
        weights: What each token of the claim counts; all the same when not given.
        framing: Indexes of the claim's tokens that only tell who says it: the rest must be borne out by itself.
        aliases: Other names for the claim's names in this article.

    Returns:
        The coverage and every difference.
    """
    keys = {token.key for token in source}
    claim = _named_as_there(claim, source)
    known = _known_names(claim, keys, context if opens_without_name(source) else frozenset(), aliases or {})
    said, there = dates(claim, published), dates(source, published)
    numbers = quantities(claim, frozenset(i for one in said for i in one.indexes))
    source_numbers = quantities(source, frozenset(i for one in there for i in one.indexes))
    agreed = {i for one in said if any(one.agrees(other) for other in there) for i in one.indexes}
    agreed |= {i for q in numbers if _known_number(q, source_numbers, there, published) for i in q.indexes}
    calendar = {i for one in said for i in one.indexes} | {i for q in numbers for i in q.indexes}
    done = [index for index in verbs(claim) if index not in framing]
    like = _said_alike(claim, done, source)
    covered: set[str] = set()
    missing: list[Token] = []
    rows: list[_Row] = []
    for index, token in enumerate(claim):
        if not token.content:
            continue
        weight = weights[index] if weights else thresholds.NAME_WEIGHT if token.name or token.value is not None else 1.0
        held = index in agreed or (token.key in keys and token.value is None) or token.key in known or index in like
        rows.append(_Row(weight, held, not held and (token.name or index in calendar), index in framing))
        if held:
            covered.add(token.key)
        elif token.name:
            missing.append(token)
    found = frozenset(covered)
    clause = own_clause(claim, source, found)
    differences = (
        *_name_differences(claim, source, missing),
        *role_differences(claim, source),
        *framing_differences(claim, source, found),
        *place_differences(claim, source, found),
        *extent_differences(claim, source, found),
        *left_out_differences(claim, source, found),
        *_number_differences(numbers, source_numbers, agreed),
        *_whole_differences(claim, numbers, source, source_numbers),
        *_date_differences(claim, source, said, there),
        *pairing_differences(
            claim, source, Numbers(quantities=numbers, dates=said), Numbers(quantities=source_numbers, dates=there)
        ),
        *denial_differences(claim, clause, found),
        *opposite_differences(claim, clause, found & {token.key for token in clause}),
        *modal_differences(claim, clause, found),
    )
    if not any(d.kind in ("modality", "negation") for d in differences):
        differences += tuple(scope_differences(claim, source, found, framing))
    return Comparison(
        coverage=_least_share(rows),
        agreement=_least_share([row for row in rows if not row.lost]),
        differences=tuple(dict.fromkeys(differences)),
        missing_names=tuple(token.word for token in missing),
        missing_verbs=tuple(token.word for token in missing_verbs(claim, done, source)),
        covered=found,
    )


class _Row(NamedTuple):
    """A content word of a claim: what it weighs, and whether it is held, lost, or only tells who says it."""

    weight: float
    held: bool
    lost: bool
    frames: bool


def _least_share(rows: Sequence[_Row]) -> float:
    """What is held of a claim, or of what it says apart from who says it: the smaller share counts."""
    return min(_share(rows), _share([row for row in rows if not row.frames]))


def _share(rows: Sequence[_Row]) -> float:
    total = sum(row.weight for row in rows)
    return sum(row.weight for row in rows if row.held) / total if total else 0.0


def _said_alike(claim: Tokens, done: Sequence[int], source: Tokens) -> frozenset[int]:
    """Indexes of the claim's verbs for which the source has a verb that says nearly the same."""
    if not any(related(claim[index].key) for index in done):
        return frozenset()
    there = {source[index].key for index in verbs(source)}
    return frozenset(index for index in done if not there.isdisjoint(related(claim[index].key)))


# Names


def _named_as_there(claim: Tokens, source: Tokens) -> Tokens:
    """The claim with its opening word marked as a name where the source has it as one."""
    if not claim or claim[0].name or not claim[0].content:
        return claim
    if any(token.name and token.key == claim[0].key for token in source):
        return (claim[0]._replace(name=True), *claim[1:])
    return claim


def opens_without_name(tokens: Tokens) -> bool:
    """Whether a sentence begins with a pronoun or an unnamed subject, so that the one before it says who is meant."""
    head = tokens[:4]
    if any(token.name for token in head):
        return False
    return any(token.word in _PRONOUNS for token in head) or bool(head and head[0].word == "the")


def _known_names(claim: Tokens, keys: set[str], referred: frozenset[str], aliases: Aliases) -> frozenset[str]:
    known = {token.key for token in claim if token.name and token.key in referred}
    known.update(key for key, others in aliases.items() if any(other <= keys for other in others))
    return frozenset(known)


def _name_differences(claim: Tokens, source: Tokens, missing: list[Token]) -> Iterator[Difference]:
    claimed = {token.key for token in claim}
    others = [token.word for token in source if token.name and token.key not in claimed]
    for token in missing:
        yield Difference(kind="name", claim=token.word, source=others[0] if others else "")
    if missing:
        return
    there = list(_full_names(source))
    for last, (first, words) in _full_names(claim):
        rivals = [other for name, other in there if name == last]
        if rivals and all(rival[0] != first for rival in rivals):
            yield Difference(kind="name", claim=words, source=rivals[0][1])


def _full_names(tokens: Tokens) -> Iterator[tuple[str, tuple[str, str]]]:
    """Last name, with first name and both as written, of the names of two words and more."""
    for first, last in pairwise(tokens):
        if first.name and last.name and last.start - first.end == 1 and _personal(first) and _personal(last):
            yield last.key, (first.key, f"{first.word} {last.word}")


def _personal(token: Token) -> bool:
    return token.word not in lexicon.PERSON_TITLES and token.word not in lexicon.DEMONYMS


# Numbers and dates


def _known_number(one: Quantity, source: list[Quantity], there: list[Date], published: datetime | None) -> bool:
    if any(borne_out(one, other) for other in source):
        return True
    years = {float(date.year) for date in there}
    return one.year and (one.value in years or (published is not None and one.value == published.year))


def _number_differences(claim: list[Quantity], source: list[Quantity], agreed: set[int]) -> Iterator[Difference]:
    values = {one.value for one in claim}
    others = [one for one in source if one.value not in values] or source
    for one in claim:
        kind = "date" if one.year else "number"
        if one.index not in agreed:
            nearest = [q for q in others if _alike(one, q)][:1]
            yield Difference(kind=kind, claim=one.words, source=nearest[0].words if nearest else "")
        elif one.counted:
            same = [q for q in source if borne_out(one, q)]
            rivals = [q for q in source if q.counted == one.counted and not borne_out(one, q)]
            if rivals and same and not any(_counts_the_same(one, q) for q in same):
                yield Difference(kind=kind, claim=one.words, source=rivals[0].words)


def _whole_differences(
    claim: Tokens, numbers: list[Quantity], source: Tokens, source_numbers: list[Quantity]
) -> Iterator[Difference]:
    """“Three of the 85 members” does not say it of 85."""
    wholes = {q.value: part for q in source_numbers if (part := _part_of(source, q.index))}
    for one in numbers:
        plain = [q for q in source_numbers if q.value == one.value and not _part_of(source, q.index)]
        if one.value in wholes and not plain and not _part_of(claim, one.index):
            yield Difference(kind="number", claim=one.words, source=wholes[one.value])


def _part_of(tokens: Tokens, index: int) -> str:
    """The part that stands before “of” and a number: “three” in “three of the 85”; empty without one."""
    place = index - 1
    while place > 0 and tokens[place].word in ("the", "its", "their", "his", "her", "all"):
        place -= 1
    if place < 1 or tokens[place].word != "of":
        return ""
    part = tokens[place - 1]
    known = part.value is not None or part.word in lexicon.PART or part.word in ("one", "none", "only")
    return part.word if known else ""


def _counts_the_same(one: Quantity, other: Quantity) -> bool:
    """“12 people were killed” against “12 were killed”, but not against “12 cars” nor against “12 fled”."""
    if other.counted == one.counted:
        return True
    return not other.counted and (not one.then or not other.then or one.then == other.then)


def _alike(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers may count the same thing, so that one speaks against the other."""
    if one.year or other.year:
        return one.year and other.year
    if one.unit or other.unit:
        return one.unit == other.unit
    return not one.counted or not other.counted or one.counted == other.counted


def _date_differences(claim: Tokens, source: Tokens, said: list[Date], there: list[Date]) -> Iterator[Difference]:
    for one in said:
        if not any(one.agrees(other) for other in there):
            yield Difference(kind="date", claim=one.words, source=there[0].words if there else "")
    source_times = _relative_times(source)
    for unit, word in _relative_times(claim).items():
        if source_times.get(unit, word) != word:
            yield Difference(kind="date", claim=f"{word} {unit}", source=f"{source_times[unit]} {unit}")


def _relative_times(tokens: Tokens) -> dict[str, str]:
    """“next month” as {"month": "next"}, “yesterday” as {"day": "yesterday"}."""
    times: dict[str, str] = {}
    for before, token in zip([None, *tokens], tokens, strict=False):
        unit = token.key
        if (
            before
            and before.word in lexicon.RELATIVE_TIMES
            and (unit in _RELATIVE_UNITS or token.word in lexicon.WEEKDAYS)
        ):
            times[unit] = before.word
        elif token.word in ("yesterday", "today", "tomorrow"):
            times["day"] = token.word
    return times
