"""Values as tables: what their ``to_frame()`` returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.types.claims import in_a_cell

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.types.articles import Article, Span
    from toolkit.types.claims import Claim
    from toolkit.types.hits import Hit

_PLACE = ("article_id", "title", "publisher", "published", "url", "start", "end")
_CLAIM = ("claim", "text", "verdict", "score", "differs", "marker", "quote", *_PLACE)
_HIT = ("rank", "score", "lexical", "dense", "passage", *_PLACE)
_TYPES = {
    **dict.fromkeys(("claim", "rank"), "int64"),
    **dict.fromkeys(("marker", "start", "end"), "Int64"),  # may be missing
    **dict.fromkeys(("score", "lexical", "dense"), "float64"),
}


def _place(article: Article, span: Span) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.date,
        "url": article.url,
        "start": span.start,
        "end": span.end,
    }


def _frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """The same columns with the same types, whatever the rows hold."""
    import pandas as pd

    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype=_TYPES.get(name, "object")) for name in columns}
    )


def claims_frame(claims: Iterable[Claim]) -> pd.DataFrame:
    """One row for each citation of a claim; see :meth:`toolkit.types.CitedText.to_frame`."""
    rows: list[dict[str, Any]] = []
    for number, claim in enumerate(claims, 1):
        said = {"claim": number, "text": claim.text, "verdict": claim.verdict, "score": claim.score}
        said["differs"] = in_a_cell(claim.differences)
        cited = [{"marker": one.marker, "quote": one.quote, **_place(one.article, one.span)} for one in claim.citations]
        rows += [{**said, **one} for one in cited or [{}]]
    return _frame(rows, _CLAIM)


def hits_frame(hits: Iterable[Hit]) -> pd.DataFrame:
    """One row a hit; see :meth:`toolkit.types.Hits.to_frame`."""
    rows = [
        {
            "rank": rank,
            "score": hit.score,
            "lexical": hit.lexical,
            "dense": hit.dense,
            "passage": hit.passage.text,
            **_place(hit.article, hit.passage.span),
        }
        for rank, hit in enumerate(hits, 1)
    ]
    return _frame(rows, _HIT)
