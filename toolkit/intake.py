"""Articles -> the store: each once, in batches, changed ones replaced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.passages import split
from toolkit.types import AddReport, Article, Failure, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.embeddings import Embedding
    from toolkit.store import Store

FIRST_BATCH = 200
BATCH = 2_000
"""Articles that go into the first commit and, as batches double, into later ones: the first are soon there to be found,
and the rest costs less a piece in large commits."""

Put = Callable[[list[Article]], Mapping[str, str]]
"""Puts articles with their passages; returns, by id, why some of them could not be put."""


def take_in(
    articles: Iterable[Article], store: Store, embedding: Embedding, *, put: Put | None = None, batch: int = BATCH
) -> AddReport:
    """Put articles into the store.

    An article that is there already, to the letter, is left alone; what a new reading of the same text does not say
    (its publisher, say) is kept. One with the same id, or read from the same file or page, but with another text,
    replaces what was there. In one call an id stands for one text: a second text under it is a failure.

    Args:
        articles: Read lazily; what was read before an error is in.
        store: Where to.
        embedding: Makes the passages' vectors.
        put: Splits, embeds and stores in another way than here and now.
        batch: Articles that go into one commit.

    Returns:
        The counts and ids, and the articles that could not be put as ``failed``; ``seconds`` is the caller's to fill.
    """
    tally = AddReport()
    seen: dict[str, str] = {}
    with _Ahead(store, embedding) as ahead:
        for some in _batches(articles, batch):
            tally = _add(tally, _take(some, seen, store, put or ahead, ahead.settle))
    return _add(tally, AddReport(ids=tuple(seen)))


def embedded(articles: Iterable[Article], embedding: Embedding) -> tuple[list[Passage], NDArray[np.float32]]:
    """The passages of articles, in order, and their vectors: float32, shape (number of passages, dimensions)."""
    from toolkit.store import indexed_text

    pairs = [(article, passage) for article in articles for passage in split(article)]
    vectors = embedding.embed([indexed_text(article, passage.text) for article, passage in pairs])
    return [passage for _, passage in pairs], vectors


class _Ahead:
    """Puts one batch in a thread, while the next one is read, split and embedded here."""

    def __init__(self, store: Store, embedding: Embedding) -> None:
        self._store = store
        self._embedding = embedding
        self._thread = ThreadPoolExecutor(1, "citebook-intake")
        self._writing: Future[None] | None = None

    def __call__(self, articles: list[Article]) -> Mapping[str, str]:
        passages, vectors = embedded(articles, self._embedding)
        self.settle()
        self._writing = self._thread.submit(self._store.put, articles, passages, vectors)
        return {}

    def settle(self) -> None:
        """Wait until everything is in the store."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def __enter__(self) -> _Ahead:
        return self

    def __exit__(self, kind: object, error: object, at: object) -> None:
        try:
            self.settle()  # what came before an error is good
        finally:
            self._thread.shutdown()


def _take(batch: list[Article], seen: dict[str, str], store: Store, put: Put, settle: Callable[[], None]) -> AddReport:
    from toolkit.store import fingerprint

    fresh, failed = _first_of_each(batch, seen)
    known = store.fingerprints(list(fresh))
    stored = store.articles(list(known))
    articles = [_completed(article, stored.get(article.id)) for article in fresh.values()]
    changed = [article for article in articles if known.get(article.id) != fingerprint(article)]
    # A line number or page anchor says where in a file, not which article: the next export has another one there.
    often = Counter(a.origin for a in changed)
    one_each = (a for a in changed if often[a.origin] == 1 and a.id not in known)
    origins = [a.origin for a in one_each if a.origin and "#" not in a.origin]
    before = {origin: old for origin, old in store.ids_by_origin(origins).items() if old not in seen}
    broken = put(changed) if changed else {}
    done = [article for article in changed if article.id not in broken]
    outdated = [before[a.origin] for a in done if a.origin in before]
    if outdated:
        settle()  # first the new ones, so that a crash between leaves both rather than none
        store.delete(outdated)
    for article_id in broken:
        del seen[article_id]
    updated = sum(article.id in known for article in done) + len(outdated)
    return AddReport(
        added=len(done) - updated,
        updated=updated,
        unchanged=len(fresh) - len(changed),
        duplicates=len(batch) - len(fresh) - len(failed),
        failed=(*failed, *(Failure(source=_name(a), reason=broken[a.id]) for a in changed if a.id in broken)),
    )


def _first_of_each(batch: list[Article], seen: dict[str, str]) -> tuple[dict[str, Article], tuple[Failure, ...]]:
    fresh: dict[str, Article] = {}
    failed: list[Failure] = []
    for article in batch:
        if article.id not in seen:
            seen[article.id] = article.text_hash
            fresh[article.id] = article
        elif seen[article.id] != article.text_hash:
            reason = f"its id {article.id!r} belongs to another text of this call"
            failed.append(Failure(source=_name(article), reason=reason))
    return fresh, tuple(failed)


def _name(article: Article) -> str:
    return article.origin or article.title or article.id


def _completed(article: Article, stored: Article | None) -> Article:
    """The article with what only the stored one knows, when both have the same text."""
    if stored is None or stored.text != article.text:
        return article
    fields = ("title", "url", "publisher", "author", "published", "language", "origin")
    kept = {name: getattr(stored, name) for name in fields if getattr(article, name) is None}
    return replace(article, **kept, metadata={**stored.metadata, **article.metadata})


def _add(one: AddReport, other: AddReport) -> AddReport:
    return AddReport(
        added=one.added + other.added,
        updated=one.updated + other.updated,
        unchanged=one.unchanged + other.unchanged,
        duplicates=one.duplicates + other.duplicates,
        failed=one.failed + other.failed,
        ids=one.ids + other.ids,
    )


def _batches(articles: Iterable[Article], most: int) -> Iterator[list[Article]]:
    batch: list[Article] = []
    size = min(FIRST_BATCH, most)
    error: Exception | None = None
    try:
        for article in articles:
            batch.append(article)
            if len(batch) == size:
                yield batch
                batch = []
                size = min(2 * size, most)
    except Exception as raised:  # of the caller's own iterable, perhaps: what came before it is good
        error = raised
    if batch:
        yield batch
    if error is not None:
        raise error
