"""Query and filters -> ranked passages: words (BM25) and vectors, fused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from numbers import Integral
from typing import TYPE_CHECKING

from toolkit.errors import ArgumentError
from toolkit.store.schema import literal, one_of, publisher_key, stored_id
from toolkit.types import Article, Hit, Hits, Passage

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.store import Store

When = str | date | datetime

DENSE_WEIGHT = 0.3
"""Share of the vectors in the fused score; see ``benchmarks/retrieval.py``."""

_CANDIDATES = 50
_DEEPER = 5
_DEEPEST = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Which articles a search may find. Every condition that is given must hold.

    Articles without a date are left out when ``since`` or ``until`` is given: nobody can tell whether they belong.

    Attributes:
        since, until: The first and the last moment. A day (``"2025-08-19"`` or a ``date``) is that whole day, the last
            included, in each article's own time zone. A ``datetime`` is an instant (UTC when it has no zone), included.
        publisher: One name or several; the whole name, in any case.
        ids: Ids of articles.

    Raises:
        ArgumentError: When a date cannot be read, or a filter has the wrong type.
    """

    since: When | None = None
    until: When | None = None
    publisher: str | Sequence[str] | None = None
    ids: Sequence[str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "since", _when("since", self.since))
        object.__setattr__(self, "until", _when("until", self.until))
        object.__setattr__(self, "publisher", _names("publisher", self.publisher))
        object.__setattr__(self, "ids", _names("ids", self.ids))

    def where(self) -> str | None:
        """The filter over the columns of ``passages``; None when every passage may be found."""
        parts = [_edge(">=", self.since), _edge("<=", self.until)]
        if self.publisher is not None:
            parts.append(_any(one_of("publisher", map(publisher_key, self.publisher))))
        if self.ids is not None:
            parts.append(_any(one_of("article_id", map(stored_id, self.ids))))
        return " AND ".join(part for part in parts if part) or None


def search(
    store: Store,
    embedding: Embedding,
    query: str,
    *,
    k: int = 8,
    per_article: int | None = None,
    since: When | None = None,
    until: When | None = None,
    publisher: str | Sequence[str] | None = None,
    ids: Sequence[str] | None = None,
) -> Hits:
    """The passages that speak most to a query.

    Passages are looked for by words and by vectors, and ranked by a weighted sum of both scores, each scaled to 0 to 1
    within this search (see :func:`fuse`).

    Args:
        store: Where to look.
        embedding: The one that the store's vectors were made with.
        query: A question or some words; nothing in it is an operator.
        k: At most so many passages.
        per_article: At most so many passages of one article; None for no limit.
        since: First day or moment, see :class:`Filters`.
        until: Last day or moment, included.
        publisher: One name or several.
        ids: Ids of articles.

    Returns:
        Hits, best first; the same for every run. Empty when nothing fits the filters, or the query has no words.

    Raises:
        ArgumentError: When an argument cannot be used.
    """
    if not isinstance(query, str):
        raise ArgumentError(f"query is {type(query).__name__}; give a string")
    _at_least_one("k", k)
    if per_article is not None:
        _at_least_one("per_article", per_article)
    where = Filters(since=since, until=until, publisher=publisher, ids=ids).where()
    vector = embedding.embed_query(query)
    depth = max(_CANDIDATES, _DEEPER * k)
    while True:
        lexical = store.lexical(query, depth, where)
        dense = store.dense(vector, depth, where)
        ranked = _limited(fuse(lexical, dense), per_article)
        # One long article may fill every place before per_article thins it out: look deeper.
        exhausted = max(len(lexical), len(dense)) < depth
        if len(ranked) >= k or per_article is None or exhausted or depth >= _DEEPEST:
            break
        depth *= 4
    articles = store.articles(one.passage.span.article_id for one in ranked[:k])
    return Hits(_hits(ranked[:k], articles))


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage with its scores before its article was read; see :class:`toolkit.types.Hit`."""

    passage: Passage
    score: float
    lexical: float | None
    dense: float | None


def fuse(
    lexical: Sequence[tuple[Passage, float]],
    dense: Sequence[tuple[Passage, float]],
    dense_weight: float = DENSE_WEIGHT,
) -> list[Scored]:
    """Rank what two searches found together.

    BM25 scores are divided by the best one, and cosines are scaled so that the best is 1 and the worst that was
    returned is 0 (min-max; a convex combination of scores as in Bruch, Gai and Ingber 2023). A passage that one search
    did not return has 0 there. Reciprocal ranks (k=10, the same weight) are as good or a little better on two of the
    four sets of ``benchmarks/retrieval.py``, but 0.027 nDCG@10 worse on the one with exact questions, where words
    alone nearly suffice: they forget by how much the first is better than the second.

    Args:
        lexical: Passages with BM25 scores.
        dense: Passages with cosine similarities.
        dense_weight: Share of the vectors, 0 to 1.

    Returns:
        Every passage once, best first; equal ones in the order of article id and place.
    """
    words = {passage.id: score for passage, score in lexical}
    vectors = {passage.id: score for passage, score in dense}
    top = max(words.values(), default=0.0) or 1.0
    best, worst = max(vectors.values(), default=0.0), min(vectors.values(), default=0.0)
    found = {passage.id: passage for passage, _ in (*lexical, *dense)}

    def near(key: str) -> float:
        if key not in vectors:
            return 0.0
        return (vectors[key] - worst) / (best - worst) if best > worst else 1.0

    scored = [
        Scored(
            passage,
            (1 - dense_weight) * words.get(key, 0.0) / top + dense_weight * near(key),
            words.get(key),
            vectors.get(key),
        )
        for key, passage in found.items()
    ]
    return sorted(scored, key=lambda one: (-one.score, one.passage.span.article_id, one.passage.span.start))


def _limited(ranked: list[Scored], per_article: int | None) -> list[Scored]:
    if per_article is None:
        return ranked
    seen: dict[str, int] = {}
    kept = []
    for one in ranked:
        article_id = one.passage.span.article_id
        seen[article_id] = seen.get(article_id, 0) + 1
        if seen[article_id] <= per_article:
            kept.append(one)
    return kept


def _hits(ranked: Iterable[Scored], articles: dict[str, Article]) -> Iterable[Hit]:
    for one in ranked:
        span = one.passage.span
        article = articles.get(span.article_id)
        # Another process may have replaced or deleted the article between the search and now.
        if article is not None and article.text[span.start : span.end] == one.passage.text:
            yield Hit(passage=one.passage, score=one.score, article=article, lexical=one.lexical, dense=one.dense)


def _at_least_one(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or not 1 <= int(value) <= _DEEPEST:
        raise ArgumentError(f"{name}={value!r}: give a whole number from 1 to {_DEEPEST:,}")


def _when(name: str, value: object) -> date | datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            return (
                date.fromisoformat(text)
                if len(text) <= len("2025-08-19")
                else _when(name, datetime.fromisoformat(text))
            )
        except ValueError:
            pass
    raise ArgumentError(f'{name}={value!r} is not a date: give "YYYY-MM-DD", a date or a datetime')


def _edge(operator: str, when: object) -> str | None:
    if isinstance(when, datetime):
        # Offsets at the ends of time would leave the years that exist.
        try:
            instant = when.astimezone(UTC)
        except OverflowError:
            instant = when.replace(tzinfo=UTC)
        return f"published {operator} timestamp {literal(instant.replace(tzinfo=None).isoformat() + 'Z')}"
    if isinstance(when, date):
        return f"day {operator} {literal(when.isoformat())}"
    return None


def _names(name: str, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Iterable):
        names = tuple(value)
        if all(isinstance(one, str) for one in names):
            return names
    raise ArgumentError(f"{name}={value!r}: give a string or a list of strings")


def _any(parts: list[str]) -> str:
    return f"({' OR '.join(parts)})" if parts else "false"
