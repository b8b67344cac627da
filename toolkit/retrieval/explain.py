"""Hit -> why it ranks where it does, in a few lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.store.schema import indexed_text
from toolkit.store.words import searchable, stems
from toolkit.thresholds import FRESH_WEIGHT, HALF_LIFE
from toolkit.types import Hit

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Explanation:
    """Why a passage ranks where it does; its repr says it in words.

    Attributes:
        has: Words of the query that stand in the passage or its article's title, in any form. Each with what it adds
            to the BM25 score when the search was made with ``explain=True``, else with None.
        lacks: The other words of the query that count.
        lines: All that is known, a line each.
    """

    has: tuple[tuple[str, float | None], ...]
    lacks: tuple[str, ...]
    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def explain(hit: Hit) -> Explanation:
    """Why a hit ranks where it does.

    Args:
        hit: Of any search; one of somebody else's index knows only its score.
    """
    trace = hit.trace
    if trace is None:
        return Explanation(has=(), lacks=(), lines=(f"score {hit.score:.3f}, as the index gave it",))
    there = set(stems(indexed_text(hit.article, hit.passage.text)))
    weights = dict(trace.weights)
    words = searchable(trace.query).split()
    standing = {word: weights.get(word) for word in words if word in weights or there.intersection(stems(word))}
    has = tuple((_EDGES.sub("", word), weight) for word, weight in standing.items())
    lacks = tuple(_EDGES.sub("", word) for word in words if word not in standing)
    fused = trace.lexical_share + trace.dense_share
    lines = [
        f"score {hit.score:.3f}",
        f"{fused:.3f} from the search: {trace.lexical_share:.3f} for words + {trace.dense_share:.3f} for meaning",
        _searched("words: BM25", hit.lexical, trace.lexical_rank),
    ]
    if has:
        lines.append("  has " + ", ".join(word if weight is None else f"{word} {weight:.2f}" for word, weight in has))
    if lacks:
        lines.append("  lacks " + ", ".join(lacks))
    lines.append(_searched("meaning: cosine", hit.dense, trace.dense_rank))
    if trace.freshness is not None:
        known = "no date, so neither new nor old" if hit.article.published is None else f"from {hit.article.date}"
        lines.append(
            f"recent: freshness {trace.freshness:.3f} ({known}; half after {HALF_LIFE:g} days) takes "
            f"{FRESH_WEIGHT:.0%} of the score"
        )
    lines.extend(trace.notes)
    return Explanation(has=has, lacks=lacks, lines=tuple(lines))


def _searched(what: str, score: float | None, rank: int | None) -> str:
    return f"{what.partition(':')[0]}: not among the best" if score is None else f"{what} {score:.3f}, number {rank}"
