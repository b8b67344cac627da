"""Tellings -> events: what several sentences tell of one event, what contradicts what, and which events matter most."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from toolkit.alignment.agreement import compare
from toolkit.alignment.quantities import Quantity, dates, quantities, same_quantity
from toolkit.chronology.tellings import Telling, words_of_event
from toolkit.embeddings import StaticEmbedding
from toolkit.moments import find_moments
from toolkit.moments.periods import Days
from toolkit.thresholds import (
    CROWDED_DAY,
    DATED_BY_PUBLICATION,
    EXACTNESS,
    SAME_EVENT,
    SAME_EVENT_MEAN,
    SAME_EVENT_OTHER_DAY,
    SAME_WORDING,
)
from toolkit.types import Difference

if TYPE_CHECKING:
    import numpy as np

MOST_TOLD = 1_000
"""Tellings that are put together to events, at most: of more, those that matter most."""

_NEAR_DAYS = 3  # around a telling's days, in which others may contradict its day
_MOST_WEEKS = 60  # of a telling's days, by which it is looked up: a decade is not looked up by all of its weeks
_MOST_COMPARED = 12  # tellings of each of two events: enough to see whether they are one


@dataclass
class Group:
    """Tellings of one event; the first is the one that stands for it."""

    members: list[int]
    differences: list[Difference] = field(default_factory=list)


Found = tuple[list[Telling], Group]


class _Likeness:
    """How alike two tellings are: meaning by static vectors, and what they name."""

    def __init__(self, found: Sequence[Telling]) -> None:
        self.words = [words_of_event(one) for one in found]
        counts: dict[str, int] = defaultdict(int)
        for words in self.words:
            for word in words:
                counts[word] += 1
        self.weight = {word: math.log(1 + len(found) / count) for word, count in counts.items()}
        self.totals = [sum(self.weight[word] for word in words) for words in self.words]
        self.rows: np.ndarray = StaticEmbedding().embed([one.sentence.text for one in found])

    def __call__(self, one: int, other: int) -> float:
        shorter = min(self.totals[one], self.totals[other])
        both = self.words[one] & self.words[other]
        shared = sum([self.weight[word] for word in both]) / shorter if shorter else 0.0
        return 0.5 * float(self.rows[one] @ self.rows[other]) + 0.5 * shared


def events_of(
    query: str | None, found: list[Telling], texts: Mapping[str, str], most: int
) -> tuple[list[tuple[Found, float]], int]:
    """The groups that matter most, by date, each with its score; and how many were left out.

    Args:
        query: What about; None for everything.
        found: What is told.
        texts: What stands for the text of an article, by id: the same for all copies.
        most: Groups at most.
    """
    found = _weightiest(query, found)
    like = _Likeness(found)
    about = _nearness(query, found)
    worth = [_worth(one, near) for one, near in zip(found, about, strict=True)]
    order = sorted(range(len(found)), key=lambda i: (-worth[i], found[i].article.date or "", found[i].article.id, i))
    groups = _grouped(found, order, like)
    scored: list[tuple[Found, float]] = []
    for group in groups:
        members = [found[i] for i in group.members]
        tellers = {texts[m.article.id] for m in members}
        score = worth[group.members[0]] + 0.5 * math.log2(len(tellers))
        scored.append(((members, group), round(score, 4)))
    chosen = _spread(scored, most)
    chosen.sort(key=lambda pair: (pair[0][0][0].days[0], pair[0][0][0].days[1], -pair[1]))
    return chosen, len(scored) - len(chosen)


def _weightiest(query: str | None, found: list[Telling]) -> list[Telling]:
    """The tellings that are compared with each other, which takes the square of their number: in their order."""
    if len(found) <= MOST_TOLD:
        return found
    worth = [_worth(one, near) for one, near in zip(found, _nearness(query, found), strict=True)]
    best = sorted(range(len(found)), key=lambda i: (-worth[i], found[i].article.date or "", found[i].article.id, i))
    return [found[i] for i in sorted(best[:MOST_TOLD])]


def _spread(scored: list[tuple[Found, float]], most: int) -> list[tuple[Found, float]]:
    """The best, by a score that falls with every event that its day has already: days matter, not only sentences.

    Choosing days before sentences is what makes a timeline a timeline (Ghalandari and Ifrim 2020).
    """
    rest = sorted(scored, key=lambda pair: -pair[1])
    taken: dict[date, int] = defaultdict(int)
    chosen: list[tuple[Found, float]] = []
    while rest and len(chosen) < most:
        best = max(rest, key=lambda pair: pair[1] - CROWDED_DAY * taken[pair[0][0][0].days[0]])
        rest.remove(best)
        taken[best[0][0][0].days[0]] += 1
        chosen.append(best)
    return chosen


def _nearness(query: str | None, found: Sequence[Telling]) -> list[float]:
    if query is None:
        return [0.0] * len(found)
    vectors = StaticEmbedding().embed([query, *(one.text for one in found)])
    near: list[float] = (vectors[1:] @ vectors[0]).clip(0, 1).tolist()
    return near


def _worth(telling: Telling, near: float) -> float:
    """How well a telling stands for its event, and how much it matters: where it stands, how exact it is, how long."""
    moment = telling.moment
    score = telling.relevance + near + 1.0 / (1.0 + telling.place / 3)
    if moment is None:
        score += DATED_BY_PUBLICATION
    else:
        score += EXACTNESS[moment.granularity] - 0.3 * moment.about - 0.5 * (moment.bound is not None)
    words = len(telling.sentence.tokens)
    score -= 0.01 * max(0, words - 35) + 0.05 * max(0, 9 - words)
    score -= 0.3 * (telling.shown.start < telling.sentence.span.start)
    return score - 0.6 * (telling.sentence.tokens[0].word in ("no", "nobody", "nothing", "neither"))


def _grouped(found: Sequence[Telling], order: Sequence[int], like: _Likeness) -> list[Group]:
    """Tellings put together, the best first: each into the group that it is most like, and then groups into groups."""
    groups: list[Group] = []
    by_day: dict[int, list[Group]] = defaultdict(list)

    def near(index: int) -> list[Group]:
        seen = {id(group): group for key in _buckets(found[index]) for group in by_day[key]}
        return [group for group in seen.values() if group.members]

    for index in order:
        best = _best_group(found, [index], near(index), like)
        if best is not None:
            best.members.append(index)
            continue
        groups.append(Group([index]))
        for key in _buckets(found[index]):
            by_day[key].append(groups[-1])
    for group in reversed(groups):
        others = [other for other in near(group.members[0]) if other is not group]
        best = _best_group(found, group.members, others, like)
        if best is not None:
            best.members += group.members
            best.members.sort(key=order.index)
            group.members = []
    kept = [group for group in groups if group.members]
    for place, group in enumerate(kept):
        neighbours = {id(other) for other in near(group.members[0])}
        for other in kept[:place]:
            if id(other) in neighbours:
                _compare(found, group, other, like)
    return kept


def _best_group(
    found: Sequence[Telling], members: Sequence[int], groups: Iterable[Group], like: _Likeness
) -> Group | None:
    """The group that some tellings belong to; None when they are of an event of their own."""
    best: Group | None = None
    reached = 0.0
    for group in groups:
        if not _overlap(found[members[0]], found[group.members[0]]):
            continue
        alike = [like(i, j) for i in members[:_MOST_COMPARED] for j in group.members[:_MOST_COMPARED]]
        mean = sum(alike) / len(alike)
        if max(alike) < SAME_EVENT or mean < SAME_EVENT_MEAN or mean <= reached:
            continue
        if any(_number_differences(found[i], found[j]) for i in members for j in group.members):
            continue
        if any(_opposed(found[i], found[j]) for i in members[:_MOST_COMPARED] for j in group.members[:_MOST_COMPARED]):
            continue
        best, reached = group, mean
    return best


def _compare(found: Sequence[Telling], one: Group, other: Group, like: _Likeness) -> None:
    """Note on two events in what they contradict each other, when they are the same but for that."""
    first, second = one.members[0], other.members[0]
    mine, theirs = found[first], found[second]
    overlap = _overlap(mine, theirs)
    if not overlap and not _exact_both(mine, theirs):
        return
    alike = like(first, second)
    if overlap and alike >= SAME_EVENT:
        opposed = [d for d in _opposed(mine, theirs) if d.kind != "name"]  # another name is another event
        differences = list(dict.fromkeys([*_number_differences(mine, theirs), *opposed]))
        one.differences += differences
        other.differences += [Difference(kind=d.kind, claim=d.source, source=d.claim) for d in differences]
    elif not overlap and alike >= SAME_EVENT_OTHER_DAY and _disputes(mine, theirs):
        one.differences.append(_date_difference(mine, theirs))
        other.differences.append(_date_difference(theirs, mine))


def _buckets(telling: Telling) -> range:
    """Numbers of the weeks around a telling's days: two that share none are not compared."""
    first, last = telling.days
    low = (first.toordinal() - _NEAR_DAYS) // 7
    return range(low, min((last.toordinal() + _NEAR_DAYS) // 7, low + _MOST_WEEKS) + 1)


def _overlap(one: Telling, other: Telling) -> bool:
    """Whether two tellings may mean the same days: a day and the month around it do, two days do not."""
    return one.days[0] <= other.days[1] and other.days[0] <= one.days[1]


def _exact_both(one: Telling, other: Telling) -> bool:
    """Whether two articles name a day each, in so many words."""
    exact = all(t.moment is not None and t.moment.granularity == "day" and not t.moment.about for t in (one, other))
    return exact and one.article.id != other.article.id


def _disputes(one: Telling, other: Telling) -> bool:
    """Whether two articles give one event different days, and not two events that are told alike.

    A toll that rose from Monday to Tuesday is two events, as are the arrests of two people, and the marches of two days
    that each day's paper reports.
    """
    if all(t.article.published is not None and t.days[1] == t.article.published.date() for t in (one, other)):
        return False
    if _names_days(one, other.days) or _names_days(other, one.days):
        return False  # “voted on Wednesday to strike from Monday” and “the strike began on Monday” agree
    return not _number_differences(one, other) and not _opposed(one, other)


def _names_days(telling: Telling, days: Days) -> bool:
    """Whether its sentence has a date, perhaps a second one, that means those days."""
    article = telling.article
    named = find_moments(telling.sentence.text, article.published, modified=article.modified)
    return any(moment.start <= days[1] and days[0] <= moment.end for moment in named)


def _date_difference(one: Telling, other: Telling) -> Difference:
    return Difference(kind="date", claim=one.days[0].isoformat(), source=other.days[0].isoformat())


def _number_differences(one: Telling, other: Telling) -> list[Difference]:
    """Numbers that count the same thing and are not the same."""
    mine, theirs = _counts(one), _counts(other)
    differences = []
    for number in mine:
        rivals = [q for q in theirs if q.counted == number.counted and q.unit == number.unit]
        if rivals and not any(same_quantity(number, q) for q in rivals):
            differences.append(Difference(kind="number", claim=number.words, source=rivals[0].words))
    return differences


def _opposed(one: Telling, other: Telling) -> list[Difference]:
    """What makes two tellings that are much alike tell of different things, or one deny the other.

    A “not” or an opposite; and, where the words around it are the same, a name or a number in the place of another.
    """
    there = compare(one.sentence.tokens, other.sentence.tokens, published=one.article.published)
    back = compare(other.sentence.tokens, one.sentence.tokens, published=other.article.published)
    denied = [d for d in there.differences if d.kind == "negation"]
    denied = denied or [replace(d, claim=d.source, source=d.claim) for d in back.differences if d.kind == "negation"]
    if min(there.agreement, back.agreement) < SAME_WORDING:
        return denied[:1]
    kinds = {d.kind for d in back.differences if d.source}
    return [
        *denied[:1],
        *(d for d in there.differences if d.kind in ("name", "number") and d.source and d.kind in kinds),
    ]


def _counts(telling: Telling) -> list[Quantity]:
    tokens = telling.sentence.tokens
    dated = frozenset(i for one in dates(tokens, telling.article.published) for i in one.indexes)
    return [q for q in quantities(tokens, dated) if (q.counted or q.unit) and not q.year]
