"""Articles -> the store, in batches: each article of a call once, unchanged ones left alone, changed ones replaced."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from toolkit.adding.reading import Item, Kept
from toolkit.adding.succession import Succession
from toolkit.articles.addresses import host
from toolkit.passages import split
from toolkit.types import AddReport, Article, Failure, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.embeddings import Embedding
    from toolkit.store import Store
    from toolkit.store.ledger import Entry

FIRST_BATCH = 200
BATCH = 2_000
"""Articles that go into the first commit and, as batches double, into later ones: the first are soon there to be found,
and the rest costs less a piece in large commits."""

_BATCH_CHARACTERS = 20_000_000
"""Characters after which a batch is full, however few its articles: a library of books must not fill the memory."""

_BATCH_ENTRIES = 2 * BATCH
"""Entries of the ledger after which a batch is full: those of files that only look new come without articles."""

Put = Callable[[list[Article], Mapping[str, str]], Mapping[str, str]]
"""Puts articles with their passages, in the place of others (old id -> new id); returns, by id, why some of them could
not be put."""


def take_in(
    items: Iterable[Item], store: Store, embedding: Embedding, *, put: Put | None = None, batch: int = BATCH
) -> AddReport:
    """Put articles into the store.

    An article that is there already, to the letter, is left alone; what a new reading of the same text does not say
    (its publisher, say) is kept. One with the same id, or read from the same file or page, but with another text,
    replaces what was there, and so does one with the same URL and much of the same text (see
    :mod:`toolkit.adding.succession`); the older text stays as an earlier version. In one call an id stands for one
    text: a second text under it is a failure.

    Args:
        items: Articles, and what a :class:`toolkit.adding.reading.SourceReader` says of their files; read lazily. What
            was read before an error is in.
        store: Where to.
        embedding: Makes the passages' vectors.
        put: Splits, embeds and stores in another way than here and now.
        batch: Articles that go into one commit.

    Returns:
        The counts and ids, and the articles that could not be put as ``failed``; ``seconds`` is the caller's to fill.
    """
    from toolkit.store.ledger import Ledger

    tally = AddReport()
    once = _Once()
    succession = Succession(store)
    ledger = Ledger(store)
    with _Ahead(store, embedding) as ahead:
        for some, entries in _batches(once.each(items), batch):
            if some:
                tally = _add(tally, _take(some, once, store, put or ahead, succession))
                ahead.then(partial(store.groups.update, some))
            if entries:
                ahead.then(partial(ledger.note, entries))
            ahead.then(_give_back)
    return _add(tally, once.report())


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

    def __call__(self, articles: list[Article], successors: Mapping[str, str]) -> Mapping[str, str]:
        passages, vectors = embedded(articles, self._embedding)
        self.settle()
        self._writing = self._thread.submit(self._store.put, articles, passages, vectors, successors)
        return {}

    def then(self, job: Callable[[], object]) -> None:
        """Do something when everything is in the store; nothing when it could not be put there."""
        before = self._writing

        def after() -> None:
            if before is not None:
                before.result()
            job()

        self._writing = self._thread.submit(after)

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


class _Once:
    """Hands out each article of a call once, and keeps count of the others."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}
        """Hash of the text by id, in the order of the call."""
        self.statuses: dict[str, str] = {}
        self._sources: dict[str, str | None] = {}
        self._unchanged = 0
        self._duplicates = 0
        self._failed: list[Failure] = []

    def each(self, items: Iterable[Item]) -> Iterator[Article | Entry]:
        """Articles, and after those of a file its entry in the ledger, unless something in it was refused."""
        refused = 0
        for item in items:
            if isinstance(item, Article):
                if self._is_first(item.id, item.text_hash, item.origin, _name(item)):
                    yield item
            elif isinstance(item, Kept):
                for one, text_hash in item.articles:
                    if self._is_first(one, text_hash, item.file.origin, item.file.origin):
                        self.statuses[one] = "unchanged"
                        self._unchanged += 1
                if item.renewed is not None:
                    yield item.renewed
            else:
                if len(self._failed) == refused:
                    yield item.entry
                refused = len(self._failed)

    def _is_first(self, article_id: str, text_hash: str, source: str | None, name: str) -> bool:
        if article_id not in self.seen:
            self.seen[article_id] = text_hash
            self._sources[article_id] = source
            return True
        if self.seen[article_id] != text_hash:
            reason = f"its id {article_id!r} belongs to another text of this call"
            self._failed.append(Failure(source=name, reason=reason))
        else:
            self._duplicates += 1
        return False

    def report(self) -> AddReport:
        """What was found out here, and the articles of the call."""
        return AddReport(
            unchanged=self._unchanged,
            duplicates=self._duplicates,
            failed=tuple(self._failed),
            ids=tuple(self.seen),
            statuses=tuple(self.statuses[one] for one in self.seen),
            sources=tuple(self._sources[one] for one in self.seen),
        )


def _take(batch: list[Article], once: _Once, store: Store, put: Put, succession: Succession) -> AddReport:
    """Put the articles of a batch that are new or changed, and tell how many were what."""
    from toolkit.store import as_passages_are, fingerprint

    fresh = {article.id: article for article in batch}
    known = store.fingerprints(list(fresh))
    stored = store.articles(list(known))
    articles = [_completed(article, stored.get(article.id)) for article in fresh.values()]
    succession.met(articles)
    changed = [a for a in articles if a.id not in known or known[a.id] != fingerprint(a)]
    outdated = succession.outdated(changed, known)
    changed = [article for article in changed if article.id not in outdated]
    # What is known of an article beside its passages: a commit, and no text to split and embed.
    described = [a for a in changed if a.id in stored and as_passages_are(a) == as_passages_are(stored[a.id])]
    if described:
        store.describe(described)
    same = {article.id for article in described}
    to_put = [article for article in changed if article.id not in same]
    successors = succession.successors(to_put, known, once.seen)
    broken = put(to_put, successors) if to_put else {}
    done = [article for article in changed if article.id not in broken]
    for article_id in broken:
        del once.seen[article_id]
    replacing = set(successors.values())
    updated = {article.id for article in done if article.id in known or article.id in replacing}
    once.statuses |= dict.fromkeys(fresh, "unchanged") | {article.id: "added" for article in done}
    once.statuses |= dict.fromkeys(updated, "updated")
    return AddReport(
        added=len(done) - len(updated),
        updated=len(updated),
        unchanged=len(fresh) - len(changed),
        failed=tuple(Failure(source=_name(a), reason=broken[a.id]) for a in changed if a.id in broken),
    )


def _give_back() -> None:
    """Give memory that is free back to the system, where the C library is glibc.

    Batches are freed by other threads than took them, and glibc keeps what lies between. Measured on 5,000 synthetic
    files of 3 kB (peak, and what is held afterwards): 540 and 425 MB with this, 555 and 513 MB without.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # of another C library
            ctypes.CDLL(None).malloc_trim(0)


def _name(article: Article) -> str:
    """What an article is called in a failure."""
    return article.origin or article.title or article.id


def _completed(article: Article, stored: Article | None) -> Article:
    """The article with what only the stored one knows, when both have the same text."""
    if stored is None or stored.text != article.text:
        return article
    fields = ("title", "url", "publisher", "author", "published", "modified", "language", "origin")
    kept = {name: getattr(stored, name) for name in fields if getattr(article, name) is None}
    if stored.publisher and article.publisher and article.publisher == host(article.url):
        kept["publisher"] = stored.publisher  # a page that names no publisher has its host for one
    return replace(article, **kept, metadata={**stored.metadata, **article.metadata})


def _add(one: AddReport, other: AddReport) -> AddReport:
    """One report of two batches."""
    return AddReport(
        added=one.added + other.added,
        updated=one.updated + other.updated,
        unchanged=one.unchanged + other.unchanged,
        duplicates=one.duplicates + other.duplicates,
        failed=one.failed + other.failed,
        ids=one.ids + other.ids,
        statuses=one.statuses + other.statuses,
        sources=one.sources + other.sources,
    )


def _batches(items: Iterable[Article | Entry], most: int) -> Iterator[tuple[list[Article], list[Entry]]]:
    """Articles that go into one commit, and the entries of files whose articles are all in this or an earlier one."""
    batch: list[Article] = []
    entries: list[Entry] = []
    size, characters = min(FIRST_BATCH, most), 0
    error: Exception | None = None
    try:
        for item in items:
            if isinstance(item, Article):
                # Here rather than before its entry is known: that belongs into the same batch.
                if len(batch) == size or characters >= _BATCH_CHARACTERS:
                    yield batch, entries
                    batch, entries = [], []
                    size, characters = min(2 * size, most), 0
                batch.append(item)
                characters += len(item.text)
            else:
                entries.append(item)
                if len(entries) >= _BATCH_ENTRIES:
                    yield batch, entries
                    batch, entries, characters = [], [], 0
    except Exception as raised:  # of the caller's own iterable, perhaps: what came before it is good
        error = raised
    if batch or entries:
        yield batch, entries
    if error is not None:
        raise error
