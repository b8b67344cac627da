"""Orders of passages, as functions from values to values: fused, newer first, varied."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.retrieval.queries import words_of
from toolkit.thresholds import DENSE_WEIGHT, FRESH_WEIGHT, HALF_LIFE
from toolkit.types import Passage

if TYPE_CHECKING:
    from toolkit.store import FoundPassage


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage with its scores, before its article was read.

    Attributes:
        passage: What was found.
        revision: Of the write that put it in.
        score: What it is ranked by.
        lexical: BM25 score, None when the search by words did not return it.
        dense: Cosine, None when the search by vectors did not return it.
        lexical_share: What the words add to the fused score.
        dense_share: What the vectors add to it.
        lexical_rank: Its place in the search by words, from 1.
        dense_rank: Its place in the search by vectors, from 1.
        freshness: 0 to 1; None when it was not asked for.
    """

    passage: Passage
    revision: str
    score: float
    lexical: float | None
    dense: float | None
    lexical_share: float = 0.0
    dense_share: float = 0.0
    lexical_rank: int | None = None
    dense_rank: int | None = None
    freshness: float | None = None


def fuse(
    lexical: Sequence[FoundPassage],
    dense: Sequence[FoundPassage],
    dense_weight: float = DENSE_WEIGHT,
) -> list[Scored]:
    """Rank what two searches found together.

    A convex combination of scores (Bruch, Gai and Ingber 2023): BM25 scores and cosines are each divided by the best
    one, and a passage that one search did not return has 0 there. Tried on half of the queries of each set of
    ``benchmarks/retrieval.py`` (mean nDCG@10 by article 0.750; on the other halves 0.760): cosines scaled from the
    worst to the best (0.745, 0.759), the cosine of every passage that the words found computed too (0.750 at a weight
    of 0.35, 0.761), reciprocal ranks (0.742, 0.755, and much worse for exact questions), 20 or 100 candidates instead
    of 50 (no more than 0.002), the best passage of an article plus a part of its second (no gain), the query moved
    towards the best passages' vectors (no gain), a bonus for neighbouring query words (0.748, 0.765: it helps exact
    questions only, and takes as long as the search).

    Args:
        lexical: Passages with BM25 scores, best first.
        dense: Passages with cosine similarities, best first.
        dense_weight: Share of the vectors, 0 to 1.

    Returns:
        Every passage once, best first, with scores from 0 to 1; equal ones by cosine, then in the order of article
        id and place.
    """
    # A passage that is being replaced may be there twice, of two revisions.
    words = {(one.passage.id, one.revision): (rank, one.score) for rank, one in enumerate(lexical, 1)}
    vectors = {(one.passage.id, one.revision): (rank, one.score) for rank, one in enumerate(dense, 1)}
    most, nearest = (max((score for _, score in found.values()), default=0.0) for found in (words, vectors))
    scored = []
    for key, passage in {(one.passage.id, one.revision): one.passage for one in (*lexical, *dense)}.items():
        lexical_rank, bm25 = words.get(key, (None, None))
        dense_rank, cosine = vectors.get(key, (None, None))
        by_words = (1 - dense_weight) * _part(bm25, most)
        by_vectors = dense_weight * _part(cosine, nearest)
        ranks = lexical_rank, dense_rank
        scored.append(Scored(passage, key[1], by_words + by_vectors, bm25, cosine, by_words, by_vectors, *ranks))
    return sorted(scored, key=_order)


def fresher(
    ranked: Sequence[Scored],
    published: Callable[[Scored], datetime | None],
    half_life: float = HALF_LIFE,
    weight: float = FRESH_WEIGHT,
) -> list[Scored]:
    """Rank newer articles higher.

    Freshness is 1 for the newest article among those found and halves with every ``half_life`` days that an article is
    older (the exponential prior of Li and Croft 2003); it takes ``weight`` of the score. An article without a date is
    neutral: it counts as one half-life old. The newest of those found is what age counts from, not today: the same
    search gives the same hits next week.

    Args:
        ranked: Passages with fused scores.
        published: When the article of a passage was published; None when nobody knows.
        half_life: In days.
        weight: Share of freshness, 0 to 1.

    Returns:
        The same passages, best first.
    """
    times = [published(one) for one in ranked]
    newest = max((time for time in times if time is not None), default=None)
    weighed = []
    for one, time in zip(ranked, times, strict=True):
        fresh = 0.5
        if time is not None and newest is not None:
            fresh = 0.5 ** ((newest - time).total_seconds() / 86_400 / half_life)
        weighed.append(replace(one, score=(1 - weight) * one.score + weight * fresh, freshness=fresh))
    return sorted(weighed, key=_order)


def varied(texts: Sequence[str], scores: Sequence[float], count: int, diversity: float) -> list[int]:
    """Choose passages that are relevant and unlike each other: maximal marginal relevance.

    Carbonell and Goldstein 1998, with their lambda as ``1 - diversity``: each time the passage with the highest
    ``(1 - diversity) * relevance - diversity * likeness`` to the most similar one chosen before. Likeness is the cosine
    of word counts; relevance is the score, divided by the best.

    Args:
        texts: Best first.
        scores: Their relevance, 0 or more.
        count: How many to choose.
        diversity: 0 leaves the order as it is; 1 looks at nothing but likeness after the first.

    Returns:
        Places in ``texts``, in the order chosen.
    """
    most = max(scores, default=0.0) or 1.0
    counts = [Counter(words_of(text)) for text in texts]
    lengths = [math.sqrt(sum(n * n for n in words.values())) or 1.0 for words in counts]
    nearest = [0.0] * len(texts)
    chosen: list[int] = []
    left = list(range(len(texts)))
    while left and len(chosen) < count:
        best = max(left, key=lambda n: ((1 - diversity) * scores[n] / most - diversity * nearest[n], -n))
        left.remove(best)
        chosen.append(best)
        for n in left:
            likeness = _dot(counts[n], counts[best]) / (lengths[n] * lengths[best])
            nearest[n] = max(nearest[n], likeness)
    return chosen


def _part(score: float | None, best: float) -> float:
    return 0.0 if score is None or best <= 0 else max(0.0, score) / best


def _order(one: Scored) -> tuple[float, float, str, int, str]:
    # Cosines below 0 count as 0, but where nothing else is known the nearest still comes first.
    nearest = -1.0 if one.dense is None else round(one.dense, 6)
    span = one.passage.span
    return -one.score, -nearest, span.article_id, span.start, one.revision


def _dot(one: Mapping[str, int], other: Mapping[str, int]) -> int:
    if len(one) > len(other):
        one, other = other, one
    return sum(n * other.get(word, 0) for word, n in one.items())
