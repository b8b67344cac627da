"""A llama-index index, retriever or vector store in the place of a library's folder: searched, never written to."""

from __future__ import annotations

import copy
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from toolkit.copies import adds_nothing
from toolkit.errors import ArgumentError, StoreError
from toolkit.interop.nodes import Placer, article_of, named_document, text_of
from toolkit.retrieval.filters import Filters, When
from toolkit.retrieval.fusion import varied
from toolkit.retrieval.queries import Query
from toolkit.retrieval.rerank import Reranker, reranked
from toolkit.retrieve import RERANK_DEPTH, Limits, check_numbers
from toolkit.store.schema import publisher_key
from toolkit.thresholds import PER_COPIES
from toolkit.types import Article, Hit, Hits, Passage

if TYPE_CHECKING:
    from pathlib import Path

    from llama_index.core.retrievers import BaseRetriever

    from toolkit.embeddings import Embedding
    from toolkit.store.versions import Earlier
    from toolkit.types import Overview

_FIRST_DEPTH = 50
"""Nodes that an index is asked for at least where a filter leaves some out."""

_DEEPEST = 5_000
"""Nodes that it is asked for at most, as for a library of our own."""

_REMEMBERED = 10_000
"""Articles that were found and can be had by id afterwards; the oldest are let go first."""


class IndexShelf:
    """What a Library holds in place of its folder when it reads a llama-index index.

    Args:
        index: A BaseIndex, a BaseRetriever, or a vector store.
        documents: The documents that its nodes were cut from, as llama-index Documents or Articles; their ids are the
            nodes' ``ref_doc_id``.
        embedding: For a vector store, the one that its vectors were made with. Else only what finds the central
            sentences of a summary; None for the bundled static vectors.

    Raises:
        ArgumentError: The index is none of these, or ``embedding`` is missing or unusable.
    """

    def __init__(self, index: Any, documents: Iterable[Any] = (), embedding: object = None) -> None:
        self._kind = type(index).__name__
        self._retrieve = _searcher(index, embedding)
        self._docstore = getattr(index, "docstore", None)
        self._documents = dict(map(named_document, documents))
        self._embedding_wish = embedding
        self._embedding: Embedding | None = None
        self._seen: dict[str, Article] = {}
        self._lock = threading.Lock()

    exists = True

    @property
    def path(self) -> Path:
        """Nothing: an index has no folder of ours.

        Raises:
            StoreError: Always.
        """
        raise StoreError("a library made from an index has no folder; the index itself says where its data is")

    @property
    def embedding(self) -> Embedding:
        """For the sentences of summaries."""
        if self._embedding is None:
            from toolkit.embeddings import resolve_embedding

            self._embedding = resolve_embedding(self._embedding_wish)
        return self._embedding

    def store(self, *, create: bool = False) -> Any:
        """What reads articles by id, and refuses to write.

        Raises:
            StoreError: Something is to be added.
        """
        return _refuse("add") if create else _IndexStore(self)

    def search(
        self,
        query: str,
        *,
        k: int = 8,
        per_article: int | None = None,
        per_copies: int | None = PER_COPIES,
        since: When | None = None,
        until: When | None = None,
        publisher: str | Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        operators: Query | None = None,
        diversity: float | None = None,
        reranker: Reranker | None = None,
        rerank_depth: int = RERANK_DEPTH,
        explain: bool = False,
        **others: Any,
    ) -> Hits:
        """The passages that the index finds for a query; see :func:`toolkit.retrieve.search` for the arguments.

        The index ranks, and knows nothing of publishers, dates and limits: what does not pass is left out of what it
        found, and it is asked for four times as much until there are ``k`` passages, it has no more, or 5,000 nodes
        were seen. A filter that few articles pass may therefore find less than there is.

        Args:
            query: As given to the index.
            k: At most so many passages.
            per_article: At most so many passages of one document.
            per_copies: At most so many passages of nearly the same text.
            since: First day or moment.
            until: Last day or moment, included.
            publisher: One name or several.
            ids: Ids of articles, or of the nodes' documents.
            operators: What was read in ``query``.
            diversity: 0 to 1: choose passages that are unlike each other.
            reranker: Orders the best ``rerank_depth`` passages, or ``k`` when that is more.
            rerank_depth: How many passages the reranker sees.
            explain: Nothing more than its score is known of a hit.
            others: What only a library with a store of its own can do, which is refused.
        """
        if unknown := sorted(name for name, value in others.items() if value not in (None, 0)):
            raise ArgumentError(
                f"{', '.join(unknown)}: not for a library made from an index, which ranks in its own way"
            )
        check_numbers(k=k, diversity=diversity, rerank_depth=rerank_depth)
        asked = operators or Query(text=query)
        wanted = _Wanted(
            filters=Filters(since=since, until=until, publisher=publisher, ids=ids),
            asked=asked,
            publishers=Filters(publisher=asked.publishers or None, not_publisher=asked.without_publishers or None),
            limits=Limits(per_article=per_article, per_copies=per_copies),
        )
        most = max(k, rerank_depth if reranker else 0, 5 * k if diversity else 0)
        depth, before = min(_DEEPEST, 2 * most if wanted.anything else max(_FIRST_DEPTH, 5 * most)), -1
        while True:
            nodes = self._retrieve(asked.text, depth)
            hits = self._hits(nodes, wanted, most)
            if len(hits) >= most or len(nodes) < depth or len(nodes) <= before or depth >= _DEEPEST:
                break
            depth, before = min(4 * depth, _DEEPEST), len(nodes)
        if reranker is not None:
            hits = reranked(reranker, asked.text, hits)
        if diversity:
            hits = [hits[n] for n in varied([h.passage.text for h in hits], [h.score for h in hits], k, diversity)]
        self._remember(hit.article for hit in hits[:k])
        return Hits(hits[:k])

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """Articles by id, of those that are kept here or were found before; all that can be listed when ids is None.

        Raises:
            StoreError: All are asked for, and the index cannot list what it holds.
        """
        if ids is None:
            return self._listed()
        found = {}
        for article_id in ids:
            article = self._seen.get(article_id) or self._kept(article_id)
            if article is not None:
                found[article_id] = article
        return found

    def _kept(self, article_id: str) -> Article | None:
        """The document or node of that id, as a search would give it."""
        if (document := self._document(article_id)) is not None:
            return article_of(document, article_id)
        node = self._document(article_id.rpartition("#")[2])
        placed = None if node is None or isinstance(node, Article) else Placer(self._document).place(node)
        return placed[0] if placed is not None and placed[0].id == article_id else None

    def reindex(self, embedding: object = None) -> NoReturn:
        """Not for an index.

        Raises:
            StoreError: Always.
        """
        _refuse("reindex")

    def overview(self, model: str | None) -> Overview:
        """What is known without asking: an index may hold millions, and need not list them."""
        from toolkit.types.overview import Overview

        return Overview(where=repr(self), articles=None, model=model)

    def close(self) -> None:
        """Nothing: the index is not ours to close."""

    def __repr__(self) -> str:
        return f"read from {self._kind}"

    def _listed(self) -> dict[str, Article]:
        kept: Mapping[str, Any] = getattr(self._docstore, "docs", None) or {}
        found: dict[str, Article] = {}
        for name, document in self._documents.items():
            found[name] = article_of(document, name)
        placer = Placer(self._document)
        for node in kept.values():
            if (placed := placer.place(node)) is not None:
                found[placed[0].id] = placed[0]
        if not found:
            raise StoreError(f"this {self._kind} does not list what it holds; search it, or give documents=")
        self._remember(found.values())
        return found

    def _document(self, name: str) -> Any:
        found = self._documents.get(name)
        if found is None and self._docstore is not None:
            found = self._docstore.get_document(name, raise_error=False)
        return found if found is not None and text_of(found).strip() else None

    def _hits(self, nodes: list[Any], wanted: _Wanted, most: int) -> list[Hit]:
        """Nodes as hits that are wanted, in the index's order, ``most`` of them.

        Scores are the index's, moved up together where some are below 0; when it gives none, they fall with the place.
        """
        scores = [node.score for node in nodes]
        if any(score is None or score != score for score in scores):
            scores = [1 / place for place in range(1, len(nodes) + 1)]
        lift = -min([0.0, *scores])
        placer = Placer(self._document)
        found: dict[str, Hit] = {}
        of_source: Counter[str] = Counter()
        for node, score in zip(nodes, scores, strict=True):
            if len(found) == most:
                break
            placed = placer.place(node.node)
            if placed is None or placed[1].id in found:
                continue
            article, passage = placed
            source = node.node.ref_doc_id or article.id
            if wanted.admits(article, passage, source, of_source[source], found.values()):
                of_source[source] += 1
                found[passage.id] = Hit(passage=passage, score=float(score) + lift, article=article)
        return list(found.values())

    def _remember(self, articles: Iterable[Article]) -> None:
        with self._lock:
            for article in articles:
                self._seen.pop(article.id, None)
                self._seen[article.id] = article
            for article_id in list(self._seen)[: max(0, len(self._seen) - _REMEMBERED)]:
                del self._seen[article_id]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What a passage must be like to be found."""

    filters: Filters
    publishers: Filters
    asked: Query
    limits: Limits

    @property
    def anything(self) -> bool:
        """Whether nearly every passage will do."""
        return self.filters == Filters() and self.asked.plain and self.limits.per_article is None

    def admits(self, article: Article, passage: Passage, source: str, before: int, taken: Iterable[Hit]) -> bool:
        """Whether to take a passage of a source of which some were taken ``before``."""
        ids = self.filters.ids
        if ids is not None and not {article.id, source} & set(ids):
            return False
        if _outside(article, self.filters.since, -1) or _outside(article, self.filters.until, 1):
            return False
        if not all(_by_publisher(article, filters) for filters in (self.filters, self.publishers)):
            return False
        if not self.asked.admits(article.title, article.text, passage.span.start, passage.span.end):
            return False
        if self.limits.per_article is not None and before >= self.limits.per_article:
            return False
        most = self.limits.per_copies
        return most is None or sum(adds_nothing(passage.text, hit.passage.text) for hit in taken) < most


def _by_publisher(article: Article, filters: Filters) -> bool:
    """Whether the publisher is one of those wanted, and none of those not wanted; names as the store compares them."""
    own = None if article.publisher is None else publisher_key(article.publisher)
    wanted, unwanted = (
        None if names is None else [publisher_key(name) for name in names]
        for names in (filters.publisher, filters.not_publisher)
    )
    return (wanted is None or own in wanted) and (unwanted is None or own not in unwanted)


class _IndexStore:
    """The store of an index: what reads is there, and everything else says why it is not."""

    def __init__(self, shelf: IndexShelf) -> None:
        self.articles = shelf.articles

    def counts(self) -> tuple[int, int]:
        """How many articles are listed; passages are the index's own business."""
        return len(self.articles()), 0

    def earlier(self, ids: Iterable[str]) -> dict[str, Article]:
        """None: an index keeps no earlier versions."""
        return {}

    def history(self, article_id: str) -> tuple[list[Earlier], Article | None]:
        """The article alone."""
        return [], self.articles([article_id]).get(article_id)

    def __getattr__(self, name: str) -> Any:
        """Whatever else a verb asks of a store, it needs a folder for."""
        return super().__getattribute__(name) if name.startswith("_") else _refuse("this")

    def each(self) -> Iterator[Article]:
        """The articles that are listed."""
        return iter(self.articles().values())


def _refuse(verb: str) -> NoReturn:
    raise StoreError(
        f"{verb}: a library made from an index only reads; change the index itself with llama-index, or add its "
        "documents to a library of your own"
    )


def _searcher(index: Any, embedding: object) -> Callable[[str, int], list[Any]]:
    """From a query and a number of nodes to nodes with scores."""
    if isinstance(index, type):
        raise ArgumentError(f"index={index.__name__} is a class; make one first")
    from llama_index.core.indices.base import BaseIndex
    from llama_index.core.retrievers import BaseRetriever

    if isinstance(index, BaseRetriever):
        return lambda query, depth: _deep(index, query, depth)
    if isinstance(index, BaseIndex):
        return lambda query, depth: _retrieved(index.as_retriever(similarity_top_k=depth), query)
    if callable(getattr(index, "query", None)) and hasattr(index, "stores_text"):
        return _searcher(_index_of(index, embedding), None)
    raise ArgumentError(
        f"index={type(index).__name__} cannot be searched; give a llama-index index, retriever or vector store"
    )


def _index_of(vector_store: Any, embedding: object) -> Any:
    from llama_index.core import VectorStoreIndex

    from toolkit.embeddings import resolve_embedding
    from toolkit.interop.llama import llama_embedding

    name = type(vector_store).__name__
    if embedding is None:
        raise ArgumentError(f"which embedding were the vectors in this {name} made with? give it as embedding=")
    if not vector_store.stores_text:
        raise ArgumentError(
            f"{name} keeps vectors without their text; give the VectorStoreIndex that it belongs to instead"
        )
    model = llama_embedding(resolve_embedding(embedding))
    return VectorStoreIndex.from_vector_store(vector_store, embed_model=model)


def _deep(retriever: BaseRetriever, query: str, depth: int) -> list[Any]:
    """What a copy of the retriever finds that looks for so many; itself when it has no number to set.

    Some refuse to look for more than there is (BM25 does): then the most that they take is found out by halving.
    """
    own = getattr(retriever, "similarity_top_k", None)
    if not isinstance(own, int) or own >= depth:
        return _retrieved(retriever, query)
    wider: Any = copy.copy(retriever)
    found: list[Any] | None = None
    works, fails = own, depth + 1
    tried = depth
    while works < tried < fails:
        wider.similarity_top_k = tried
        try:
            found = _retrieved(wider, query)
            works = tried
        except StoreError as error:
            if not isinstance(error.__cause__, (ValueError, IndexError, AssertionError)):
                raise
            fails = tried
        tried = (works + fails) // 2
    return _retrieved(retriever, query) if found is None else found


def _retrieved(retriever: BaseRetriever, query: str) -> list[Any]:
    try:
        return list(_apart(retriever.retrieve, query))
    except Exception as error:
        raise StoreError(
            f"{type(retriever).__name__} failed to retrieve ({type(error).__name__}); its own error is above"
        ) from error


def _apart(function: Callable[[str], Any], query: str) -> Any:
    """Call it where no event loop runs: some retrievers start one of their own, which Jupyter's would not allow."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return function(query)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, query).result()


def _outside(article: Article, edge: Any, side: int) -> bool:
    """Whether an article is older (side -1) or newer (1) than an edge, or nobody can tell; days as in its own zone."""
    if edge is None:
        return False
    if article.published is None:
        return True
    when: Any = article.published if isinstance(edge, datetime) else article.published.date()
    return bool(when < edge if side < 0 else when > edge)
