"""What a search finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from toolkit.types.articles import Article, Passage
from toolkit.types.shown import Readable, Shown

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.retrieval.explain import Explanation


def copy_groups(hits: Iterable[Hit]) -> dict[str, str]:
    """The story copy group of each article that was retrieved and is in one: article id -> group id."""
    return {article.id: hit.group for hit in hits if hit.group for article in (hit.article, *hit.copies)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """How a hit got its place; :meth:`Hit.explain` puts it in words.

    Attributes:
        query: What was looked for.
        lexical_rank, dense_rank: Its place in the search by words and in the one by vectors, from 1; None when that
            search did not return it.
        lexical_share, dense_share: What each adds to the fused score.
        freshness: 0 to 1; None when newer articles were not preferred.
        weights: Words of the query, and what each adds to the BM25 score; only with ``explain=True``.
        notes: What limits, reranking, diversity and neighbours did.
    """

    query: str
    lexical_rank: int | None
    dense_rank: int | None
    lexical_share: float
    dense_share: float
    freshness: float | None = None
    weights: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit(Shown):
    """A retrieved passage.

    Attributes:
        passage: What was found.
        score: Fused relevance, higher is better; comparable within one search only.
        article: The article that the passage lies in.
        lexical: BM25 score, None when the lexical search did not return it.
        dense: Cosine similarity of the static vectors, -1 to 1, None when the dense search did not return it.
        trace: What :meth:`explain` tells; None for hits that were not found by a search of ours.
        group: The story copy group of the article, see :meth:`toolkit.Library.duplicates`; None when it is in none.
        copies: Other articles with this passage that were found as well, and of which none is shown since it would add
            nothing: in the order of their ranks.
    """

    passage: Passage
    score: float
    article: Article
    lexical: float | None = None
    dense: float | None = None
    trace: Trace | None = field(default=None, repr=False, compare=False)
    group: str | None = field(default=None, repr=False, compare=False)
    copies: tuple[Article, ...] = field(default=(), repr=False, compare=False)

    def explain(self) -> Explanation:
        """Why it ranks where it does: its words, scores, places, and what preferences and limits did to it."""
        from toolkit.retrieval.explain import explain

        return explain(self)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form: where the passage lies, and its score."""
        span = self.passage.span
        return {"article_id": self.article.id, "start": span.start, "end": span.end, "score": round(self.score, 4)}

    def __repr__(self) -> str:
        return f"<Hit {self.score:.3f} {self.article.title or self.article.id!r}: {self.passage.text[:60]!r}>"


class Hits(Readable, tuple[Hit, ...]):
    """The hits of one search, best first: a tuple that shows itself as a table in a notebook, slices too."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Hits: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Hit | Hits:
        found = super().__getitem__(index)
        return Hits(found) if isinstance(found, tuple) else found

    def to_frame(self) -> pd.DataFrame:
        """The hits as a table, one row a hit, best first.

        Returns:
            Columns ``rank`` (from 1), ``score``, ``lexical`` and ``dense`` (missing where that search did not return
            it), ``title``, ``publisher``, ``published`` (``YYYY-MM-DD``), ``url``, ``article_id``, ``start``, ``end``
            and ``passage``.
        """
        from toolkit.types.frames import hits_frame

        return hits_frame(self)
