"""Articles -> the store: each once, in batches, changed ones replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.passages import split
from toolkit.types import AddReport, Article, Failure

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.store import Store

BATCH = 200
"""Articles that go into one commit of the store: many small commits slow every later query."""


def take_in(articles: Iterable[Article], store: Store, embedding: Embedding) -> AddReport:
    """Put articles into the store.

    An article that is there already, to the letter, is left alone; what a new reading of the same text does not say
    (its publisher, say) is kept. One with the same id, or read from the same file or page, but with another text,
    replaces what was there. In one call an id stands for one text: a second text under it is a failure.

    Args:
        articles: Read lazily; what was read before an error is in.
        store: Where to.
        embedding: Makes the passages' vectors.

    Returns:
        The counts and ids, and the articles whose id was taken as ``failed``; ``seconds`` is the caller's to fill.
    """
    tally = AddReport()
    seen: dict[str, str] = {}
    for batch in _batches(articles):
        tally = _add(tally, _put(batch, seen, store, embedding))
    return _add(tally, AddReport(ids=tuple(seen)))


def _put(batch: list[Article], seen: dict[str, str], store: Store, embedding: Embedding) -> AddReport:
    from toolkit.store import fingerprint, indexed_text

    fresh, failed = _first_of_each(batch, seen)
    known = store.fingerprints(list(fresh))
    stored = store.articles(list(known))
    articles = [_completed(article, stored.get(article.id)) for article in fresh.values()]
    changed = [article for article in articles if known.get(article.id) != fingerprint(article)]
    # A line number or page anchor says where in a file, not which article: the next export has another one there.
    origins = [a.origin for a in changed if a.origin and "#" not in a.origin and a.id not in known]
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
        duplicates=len(batch) - len(fresh) - len(failed),
        failed=failed,
    )


def _first_of_each(batch: list[Article], seen: dict[str, str]) -> tuple[dict[str, Article], tuple[Failure, ...]]:
    fresh: dict[str, Article] = {}
    failed: list[Failure] = []
    for article in batch:
        if article.id not in seen:
            seen[article.id] = article.text_hash
            fresh[article.id] = article
        elif seen[article.id] != article.text_hash:
            where = article.origin or article.title or article.id
            failed.append(Failure(source=where, reason=f"its id {article.id!r} belongs to another text of this call"))
    return fresh, tuple(failed)


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


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    error: Exception | None = None
    try:
        for article in articles:
            batch.append(article)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except Exception as raised:  # of the caller's own iterable, perhaps: what came before it is good
        error = raised
    if batch:
        yield batch
    if error is not None:
        raise error
