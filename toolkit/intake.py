"""Articles -> the store: each once, in batches, changed ones replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from toolkit.passages import split
from toolkit.types import AddReport, Article

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.store import Store

BATCH = 200
"""Articles that go into one commit of the store: many small commits slow every later query."""


def take_in(articles: Iterable[Article], store: Store, embedding: Embedding) -> AddReport:
    """Put articles into the store.

    An article that is there already, to the letter, is left alone. One with the same id, or read from the same file or
    page, but with other content, replaces what was there.

    Args:
        articles: Read lazily; what was read before an error is in.
        store: Where to.
        embedding: Makes the passages' vectors.

    Returns:
        The counts and ids; ``failed`` and ``seconds`` are the caller's to fill.
    """
    tally = AddReport()
    seen: dict[str, None] = {}
    for batch in _batches(articles):
        tally = _add(tally, _put(batch, seen, store, embedding))
    return _add(tally, AddReport(ids=tuple(seen)))


def _put(batch: list[Article], seen: dict[str, None], store: Store, embedding: Embedding) -> AddReport:
    from toolkit.store import fingerprint, indexed_text

    fresh: dict[str, Article] = {}
    for article in batch:
        if article.id not in seen:
            seen[article.id] = None
            fresh[article.id] = article
    known = store.fingerprints(list(fresh))
    changed = [article for article in fresh.values() if known.get(article.id) != fingerprint(article)]
    origins = [a.origin for a in changed if a.origin and a.id not in known]
    outdated = [old for old in store.ids_by_origin(origins).values() if old not in seen]
    if changed:
        pairs = [(article, passage) for article in changed for passage in split(article)]
        vectors = embedding.embed([indexed_text(article, passage.text) for article, passage in pairs])
        store.put(changed, [passage for _, passage in pairs], vectors)
    if outdated:
        store.delete(outdated)
    updated = sum(article.id in known for article in changed) + len(outdated)
    return AddReport(
        added=len(changed) - updated,
        updated=updated,
        unchanged=len(fresh) - len(changed),
        duplicates=len(batch) - len(fresh),
    )


def _add(one: AddReport, other: AddReport) -> AddReport:
    return AddReport(
        added=one.added + other.added,
        updated=one.updated + other.updated,
        unchanged=one.unchanged + other.unchanged,
        duplicates=one.duplicates + other.duplicates,
        ids=one.ids + other.ids,
    )


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    for article in articles:
        batch.append(article)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
