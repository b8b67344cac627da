"""Did the search find the place where the answer stands, and how far up?

A passage is relevant when it shares a character with a gold span, or lies in a gold article. Passages and gold spans
are not cut alike, so each gold place counts once, where it is first shown.
"""

from __future__ import annotations

import math

from toolkit.experiment.measures.base import Asked, Measure
from toolkit.types import CitedText, Span


def _shows(span: Span, gold: Span | str) -> bool:
    return span.article_id == gold if isinstance(gold, str) else span.overlaps(gold)


def first_shown(spans: list[Span], gold: tuple[Span | str, ...]) -> list[int | None]:
    """For each gold place the index of the first span that shows it; None when none does."""
    return [next((i for i, span in enumerate(spans) if _shows(span, place)), None) for place in gold]


def _ranks(answer: CitedText, question: Asked) -> list[int | None]:
    return first_shown([hit.passage.span for hit in answer.hits], question.gold)


def _gold_cited(answer: CitedText, question: Asked) -> bool | None:
    if not question.gold:
        return None
    return any(rank is not None for rank in first_shown([c.span for c in answer.citations], question.gold))


def _mrr(answer: CitedText, question: Asked) -> float | None:
    if not question.gold:
        return None
    best = min((rank for rank in _ranks(answer, question) if rank is not None), default=None)
    return 0.0 if best is None else 1 / (best + 1)


def hit_at(k: int) -> Measure:
    """Whether any of the first ``k`` passages shows a gold place."""

    def hit(answer: CitedText, question: Asked) -> bool | None:
        if not question.gold:
            return None
        return any(rank is not None and rank < k for rank in _ranks(answer, question))

    doc = f"a gold place is shown by the first {k} retrieved passages"
    return Measure(name=f"hit@{k}", function=hit, kind="rate", doc=doc)


def ndcg_at(k: int) -> Measure:
    """Normalised discounted cumulative gain of the first ``k`` passages, gains 0 and 1.

    A passage gains 1 when it shows a gold place that none before it showed. The ideal has one passage for each of
    these, and one for each gold place that was not found, so that 1 means that all gold was shown with nothing between.
    """

    def ndcg(answer: CitedText, question: Asked) -> float | None:
        if not question.gold:
            return None
        ranks = _ranks(answer, question)
        found = {rank for rank in ranks if rank is not None}
        ideal = len(found) + ranks.count(None)
        gained = sum(1 / math.log2(rank + 2) for rank in found if rank < k)
        return gained / sum(1 / math.log2(rank + 2) for rank in range(min(k, ideal)))

    return Measure(
        name=f"ndcg@{k}",
        function=ndcg,
        kind="share",
        doc=f"how near the top the first {k} retrieved passages show the gold places",
        source="Järvelin and Kekäläinen 2002 (ACM TOIS), binary gains, each gold place once",
    )


MEASURES = (
    Measure(
        name="gold_cited",
        function=_gold_cited,
        kind="rate",
        doc="a citation shares a character with a gold place; a refusal of an answerable question is a miss",
    ),
    hit_at(5),
    Measure(
        name="mrr",
        function=_mrr,
        kind="share",
        doc="1 / rank of the first retrieved passage that shows a gold place; 0 when none does",
        source="Voorhees 1999, TREC-8 question answering track",
    ),
    ndcg_at(10),
)
