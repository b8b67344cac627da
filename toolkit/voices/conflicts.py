"""Whether two sentences say the same, or cannot both be so: a number, a date, a denial or a stance differs.

Both questions need the same subject first: enough words in common, and no name that only one of them has in the other's
place. Then :mod:`toolkit.alignment.agreement` tells what disagrees, and numbers are held against each other by what
they count, since two papers seldom use the same words around a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from toolkit import thresholds
from toolkit.alignment.agreement import Comparison, compare
from toolkit.alignment.quantities import Date, Quantity, dates, quantities, same_quantity
from toolkit.language import lexicon
from toolkit.language.forms import is_apart
from toolkit.language.words import Token, tokenize
from toolkit.types.comparison import Stance
from toolkit.voices.stances import is_unreal, stance_of

_FEWEST = 3
"""Content words of which nothing is concluded when there are fewer."""

_SHORT = 5
"""Content words up to which a text is short: in “to send troops” and “to send tanks” one word is all that differs."""

_SHARED, _SHARED_NAMES = 4, 2
"""Content words, or names, that two texts must share for their numbers or days to be held against each other."""

_CAPITALS = {
    "london": "uk", "paris": "franc", "berlin": "germani", "washington": "usa", "moscow": "russia", "kremlin": "russia",
    "kyiv": "ukrain", "kiev": "ukrain", "beijing": "china", "rome": "itali", "madrid": "spain", "warsaw": "poland",
    "tokyo": "japan", "ankara": "turkey", "tehran": "iran", "brussel": "eu",
}  # fmt: skip
"""Capitals that stand for their governments, by key."""

_TIMES = frozenset("second minut hour day week month year decad centuri time age anniversari".split())
_RACES = frozenset("metr kilometr mile yard".split())
_ONLY_COUNTED = frozenset("percent".split())
_OPPOSED: frozenset[frozenset[Stance]] = frozenset(
    {
        frozenset({"will", "will not"}),
        frozenset({"supports", "opposes"}),
        frozenset({"happened", "denies"}),
        frozenset({"will", "denies"}),
        frozenset({"supports", "denies"}),
        frozenset({"wants", "opposes"}),
    }
)
_SIMILAR: frozenset[frozenset[Stance]] = frozenset(
    {frozenset({"wants", "supports"}), frozenset({"will", "may"}), frozenset({"denies", "did not happen"})}
)
_SIDES: frozenset[Stance] = frozenset({"supports", "opposes", "denies", "will not"})
_FRACTIONS = frozenset("half halv third quarter fourth fifth sixth seventh eighth ninth tenth".split())
_MORE = frozenset("more over above least exceeding".split())
_LESS = frozenset("most under below less fewer".split())
_PARTS = frozenset("of among including only first another additional further".split())


@dataclass(frozen=True, slots=True)
class Text:
    """A run of words to be held against another, with its date and stance."""

    words: str
    published: datetime | None
    stance: Stance

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens, with governments for their capitals."""
        return _governed(self.words)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What differs, as each side has it, and what both speak of."""

    kind: str
    first: str
    second: str
    topic: str


@lru_cache(maxsize=4096)
def _governed(words: str) -> tuple[Token, ...]:
    return tuple(t._replace(key=_CAPITALS.get(t.key, _CAPITALS.get(t.word, t.key))) for t in tokenize(words))


def _content(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(t.key for t in tokens if t.content and t.value is None)


@lru_cache(maxsize=4096)
def _content_of(words: str) -> frozenset[str]:
    return _content(_governed(words))


def may_relate(one: Text, other: Text) -> bool:
    """A quick look: whether the two share two content words."""
    return len(_content_of(one.words) & _content_of(other.words)) > 1


def same_actor(one: str, other: str) -> bool:
    """Whether two labels name one actor, or a government and its capital."""
    mine, theirs = (frozenset(t.key for t in _governed(label) if t.name) for label in (one, other))
    return one == other or (bool(mine) and mine == theirs)


def takes_the_same_side(one: Text, other: Text) -> bool:
    """Whether two texts of one actor take one side of the same matter, in whatever words."""
    shared = _content_of(one.words) & _content_of(other.words)
    if one.stance != other.stance or one.stance not in _SIDES or len(shared) <= 1 or _apart(one, other):
        return False
    return one.stance != "will not" or _same_matter(one, other)  # to send no troops is not to send no tanks


def says_the_same(one: Text, other: Text) -> bool:
    """Whether each holds most of what the other says, and nothing disagrees."""
    if one.stance != other.stance and frozenset({one.stance, other.stance}) in _OPPOSED:
        return False
    pair = frozenset({one.stance, other.stance})
    if len(pair) == 2 and "says" not in pair and pair not in _SIMILAR:
        return False
    if not _overlap(one, other) or _apart(one, other):
        return False
    if _differs_in_a_word(one, other):
        return False
    there, back = _both(one, other)
    if min(there.coverage, back.coverage) < thresholds.SAME_STATEMENT or (there.missing_names and back.missing_names):
        return False  # who the one names is not whom the other does
    kinds = {d.kind for d in (*there.differences, *back.differences)} - {"name", "modality"}
    numbers = [d for d in (*there.differences, *back.differences) if d.kind in ("number", "date") and d.source]
    return not ({"negation"} & kinds) and not numbers and _number(one, other) is None


def _differs_in_a_word(one: Text, other: Text) -> bool:
    """Whether each of two short texts has a word that the other lacks: to send troops is not to send tanks."""
    mine, theirs = ({t.key for t in _undated(side) if t.content or t.value is not None} for side in (one, other))
    longer = max(len(mine), len(theirs))
    return (
        longer <= _SHORT
        and bool(mine - theirs and theirs - mine)
        and len(mine & theirs) < thresholds.STATED_MATTER * longer
    )


def says_part_of(one: Text, other: Text) -> bool:
    """Whether the second holds all that the first says, and nothing disagrees."""
    shared = _content_of(one.words) & _content_of(other.words)
    enough = max(_FEWEST, thresholds.CONTAINED_STATEMENT / 2 * len(_content_of(one.words)))
    if one.stance != other.stance or len(shared) < enough or _number(one, other) is not None or _apart(one, other):
        return False
    there = compare(one.tokens, other.tokens, published=other.published)
    return there.coverage >= thresholds.CONTAINED_STATEMENT and not any(
        d.source or d.kind == "negation" for d in there.differences
    )


@lru_cache(maxsize=4096)
def _apart(one: Text, other: Text) -> bool:
    """Whether each gives a number, or each a date, that the other does not: then they may tell of two things."""
    mine, theirs = _dates(one), _dates(other)
    if mine and theirs and not any(a.agrees(b) for a in mine for b in theirs):
        return True
    numbers, others = (
        [q for q in quantities(text.tokens, frozenset(i for d in said for i in d.indexes)) if not q.year]
        for text, said in ((one, mine), (other, theirs))
    )
    parts, rest = ({t.key for t in text.tokens} & _FRACTIONS for text in (one, other))
    if parts and rest and parts != rest:
        return True
    return _lacks(numbers, others) and _lacks(others, numbers)


def _lacks(numbers: Sequence[Quantity], others: Sequence[Quantity]) -> bool:
    return any(not any(same_quantity(q, o) or same_quantity(o, q) for o in others) for q in numbers)


def conflict(one: Text, other: Text) -> Conflict | None:
    """What keeps two texts from both being so; None when nothing is found that does."""
    number = _number(one, other)
    if number is not None:
        return number
    if not _overlap(one, other):
        return None
    topic = _topic(one, other)
    when = _dates(one), _dates(other)
    apart = all(when) and not any(a.agrees(b) for a in when[0] for b in when[1])
    dated = _date(one, other, topic) if apart else None  # not this week, but in May: both may be so
    if dated is None and (apart or not _same_matter(one, other)):
        return None
    there, back = _both(one, other)  # last: it is slow
    close = min(there.agreement, back.agreement)
    if (
        close < thresholds.CONTRADICTED_STATEMENT
        or min(there.coverage, back.coverage) < thresholds.SAME_STATEMENT
        or there.missing_names
        or back.missing_names
    ):
        return None
    if dated is not None:
        return dated
    if frozenset({one.stance, other.stance}) in _OPPOSED:
        return Conflict("stance", one.stance, other.stance, topic)
    if {"may", "doubts", "wants"} & {one.stance, other.stance} or is_unreal(one.words) or is_unreal(other.words):
        return None
    denial = next((d for d in there.differences if d.kind == "negation"), None)
    if denial is None or not _stated_both_ways(there, back):
        return None
    if denial.claim and denial.source:
        return Conflict("negation", denial.claim, denial.source, topic)
    # One denies what the other states: which of its words is denied tells a reader less.
    first, second = ("denied" if side else "stated" for side in (denial.claim, denial.source))
    return Conflict("negation", first, second, topic)


@lru_cache(maxsize=4096)
def _dates(text: Text) -> tuple[Date, ...]:
    return tuple(dates(text.tokens, text.published))


def _overlap(one: Text, other: Text) -> bool:
    """Whether the longer one shares enough words that both can cover each other: what is read closely is slow."""
    mine, theirs = _content_of(one.words), _content_of(other.words)
    return len(mine & theirs) >= thresholds.STATEMENTS_READ * max(len(mine), len(theirs))


@lru_cache(maxsize=4096)
def _both(one: Text, other: Text) -> tuple[Comparison, Comparison]:
    return (
        compare(one.tokens, other.tokens, published=other.published),
        compare(other.tokens, one.tokens, published=one.published),
    )


def _same_matter(one: Text, other: Text) -> bool:
    """Whether one side has nearly all of the other, but the words of the stances: a tax bill is no trade bill."""
    mine, theirs = _matter(one), _matter(other)
    return len(mine & theirs) >= thresholds.STATED_MATTER * min(len(mine), len(theirs))


@lru_cache(maxsize=4096)
def _matter(text: Text) -> frozenset[str]:
    reading = stance_of(text.words)
    told = [t for t in _undated(text) if not reading.start <= t.start < reading.end]
    return frozenset(t.key for t in told if t.content)


def _undated(text: Text) -> list[Token]:
    dated = {i for one in _dates(text) for i in one.indexes}
    return [t for i, t in enumerate(text.tokens) if i not in dated]


def _stated_both_ways(there: Comparison, back: Comparison) -> bool:
    return all(any(d.kind == "negation" for d in side.differences) for side in (there, back))


def _date(one: Text, other: Text, topic: str) -> Conflict | None:
    mine, theirs = _dates(one), _dates(other)
    if not (len(mine) == len(theirs) == 1) or one.stance != other.stance or mine[0].agrees(theirs[0]):
        return None
    if not (mine[0].days and theirs[0].days):
        return None
    said, there = _content(_undated(one)), _content(_undated(other))
    least = min(len(said), len(there))
    if least < _FEWEST or len(said & there) < max(min(_SHARED, least), thresholds.DATED_STATEMENT * least):
        return None
    return Conflict("date", mine[0].words, theirs[0].words, topic)


# Numbers


def _number(one: Text, other: Text) -> Conflict | None:
    mine, theirs = _counts(one), _counts(other)
    for key in dict.fromkeys(key for key, _, _ in mine):
        here = [(words, q) for k, words, q in mine if k == key]
        there = [(words, q) for k, words, q in theirs if k == key]
        first = [(w, q) for w, q in here if not any(_compatible(q, w, o, v) for v, o in there)]
        second = [(w, q) for w, q in there if not any(_compatible(q, w, o, v) for v, o in here)]
        # With two numbers of a kind on both sides nobody can tell which stands against which.
        if len(first) == len(second) == 1 and _same_subject(one, other, key):
            return Conflict("number", first[0][0], second[0][0], _topic(one, other))
    return None


@lru_cache(maxsize=4096)
def _counts(text: Text) -> tuple[tuple[str, str, Quantity], ...]:
    return tuple(_counted(text))


def _counted(text: Text) -> Iterator[tuple[str, str, Quantity]]:
    """The numbers of a text that count something: what, in which words, and the number."""
    tokens = text.tokens
    dated = frozenset(i for one in dates(tokens, text.published) for i in one.indexes)
    for one in quantities(tokens, dated):
        if one.year or (tokens[one.index - 1].word in _PARTS and one.index):
            continue
        last = one.indexes[-1]
        noun = _noun(tokens, last + 1)
        if noun is not None and tokens[noun].key in _RACES and one.index and tokens[one.index - 1].word == "the":
            continue  # “the 50 metres butterfly” is what a race is called
        if one.unit:
            key, end = one.unit, last
        elif noun is not None and tokens[noun].key not in _TIMES:
            key, end = tokens[noun].key, noun
        else:
            continue
        start = one.index
        while start > 0 and (
            tokens[start - 1].word in lexicon.APPROXIMATE | _MORE | _LESS | {"than", "at", "up", "to"}
        ):
            start -= 1
        if tokens[start].word in ("to", "than"):
            start += 1
        yield key, text.words[tokens[start].start : tokens[end].end], one


def _noun(tokens: Sequence[Token], index: int) -> int | None:
    """The word that is counted: the next one, behind “other”, “more” and adjectives of nationality."""
    for place in range(index, min(index + 3, len(tokens))):
        token = tokens[place]
        if is_apart(tokens, place) or token.value is not None:
            return None
        if token.word in ("other", "more", "new", "different") or token.word in lexicon.DEMONYMS:
            continue
        counted = (token.content and not token.name and token.word.endswith("s")) or token.key == "person"
        return place if counted else None
    return None


def _compatible(one: Quantity, words: str, other: Quantity, others: str) -> bool:
    if same_quantity(one, other) or same_quantity(other, one):
        return True
    bounds = _bound(words), _bound(others)
    if bounds[0] == bounds[1]:
        return False  # “more than 5,000” and “more than 16,000” are not told of the same count
    for quantity, bound, rival in ((one, bounds[0], other), (other, bounds[1], one)):
        if bound == "least" and rival.until >= quantity.value:
            return True
        if bound == "most" and rival.value <= quantity.until:
            return True
    return False


def _bound(words: str) -> str:
    first = {word.lower() for word in words.split()[:3]}
    if first & _MORE and "up" not in first:
        return "least"
    return "most" if first & _LESS or words.lower().startswith("up to") else ""


def _same_subject(one: Text, other: Text, counted: str) -> bool:
    """Whether two numbers of the same thing stand in sentences about the same matter."""
    mine, theirs = _content(one.tokens) - {counted}, _content(other.tokens) - {counted}
    shared = mine & theirs
    names = {t.key for t in (*one.tokens, *other.tokens) if t.name} & shared
    if all({t.key for t in side.tokens if t.name} - shared for side in (one, other)):
        return False  # each names somebody whom the other does not: five goals of his are not seven of another's
    least = min(len(mine), len(theirs))
    if not least or len(shared) < thresholds.COUNTED_MATTER * least:
        return False
    alike = mine == theirs and bool(_meant_by_the(one) & _meant_by_the(other))
    if len(shared) < _SHARED and len(names) < _SHARED_NAMES and not alike:
        return False
    said, there = dates(one.tokens, one.published), dates(other.tokens, other.published)
    return not said or not there or any(a.agrees(b) for a in said for b in there)


def _meant_by_the(text: Text) -> set[str]:
    """The content words behind “the”: “the tunnel” of two sentences that are alike but for a number is one tunnel."""
    return {after.key for before, after in pairwise(text.tokens) if before.word == "the" and after.content}


def _topic(one: Text, other: Text) -> str:
    """The first text's words that both have, in order."""
    shared = _content(one.tokens) & _content(other.tokens)
    seen: dict[str, str] = {}
    for token in one.tokens:
        if token.key in shared:
            seen.setdefault(token.key, one.words[token.start : token.end])
    return ", ".join(list(seen.values())[:5])
