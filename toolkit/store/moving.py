"""A whole store at a time: a copy of it elsewhere, and new vectors for all its passages."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from toolkit.errors import StoreError, ToolkitError
from toolkit.store import schema, sides, upkeep
from toolkit.store.arrays import numbers
from toolkit.store.engine import Database, Table
from toolkit.store.manifest import usable_folder
from toolkit.store.notes import LocalNotes
from toolkit.store.place import as_store_error, connect, is_url, read_manifest
from toolkit.store.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.embeddings import Embedding

_ARTICLES = 400
"""Articles whose passages get their vectors, and are written, at a time."""
_TRIES = 20
"""Copies that are begun anew because somebody wrote meanwhile; in a folder nobody can."""


def backup(store: Store, path: str | os.PathLike[str], storage_options: Mapping[str, str] | None) -> None:
    """Copy a store, as it is at one moment, with its indexes.

    Args:
        store: What to copy. Others may write to it meanwhile.
        path: A new or empty folder, or a URL where there is no library.
        storage_options: For a URL; for one on the store's own object store they may be left out.

    Raises:
        StoreError: When there is a library at the path, or it cannot be written. What was copied is taken away.
    """
    if store.database.options and storage_options is None and is_url(path):
        storage_options = store.database.options
    notes, database = connect(path, storage_options)
    with as_store_error(notes.where, "written"):
        if read_manifest(path, storage_options) is not None:
            raise StoreError(f"there is a library at {notes.where} already: give another place")
        if isinstance(notes, LocalNotes):
            usable_folder(notes.folder, create=True)
        try:
            with store.engine("read"), _at_rest(store):
                manifest = store.notes.manifest() or {}
                _clone(store, database)
                _drop_leftovers(store, database)
                sides.clone(store, database)
                for name, text in store.notes.watches().items():
                    notes.write_watch(name, text)
            # Last: without a manifest there is no library, so a copy that was cut off is not taken for one.
            notes.write_manifest({name: value for name, value in manifest.items() if name not in _OWN})
        except BaseException:
            for name in ("articles", store.passages_table):
                with contextlib.suppress(OSError, ValueError):
                    database.drop(name)
            sides.drop(database)
            with contextlib.suppress(OSError, ValueError):
                notes.drop_watches()
            raise


_OWN = ("reindex", "obsolete")


@contextlib.contextmanager
def _at_rest(store: Store) -> Iterator[None]:
    """Keep local writers out; a folder that may not be written to has none."""
    if isinstance(store.notes, LocalNotes) and os.access(store.where, os.W_OK):
        with store.notes.lock():
            yield
    else:
        yield


def _drop_leftovers(store: Store, database: Database) -> None:
    """Drop from a copy the passages of writes that are under way or were cut off: it has no announcements of them."""
    articles, passages = database.open("articles"), database.open(store.passages_table)
    if articles is not None and passages is not None and store.notes.announced():
        _drop_stale(articles, passages)


def _clone(store: Store, database: Database) -> None:
    """Copy both main tables in versions that belong together: articles did not change while passages were copied."""
    for _ in range(_TRIES):
        version = store.article_rows.version
        store.passage_rows.clone(database, store.passages_table)
        if store.article_rows.version == version:
            store.article_rows.clone(database, "articles", version)
            return
        database.drop(store.passages_table)
    raise StoreError(f"{store.where} is written to all the time: make the backup when it is quieter")


def reindex(store: Store, embedding: Embedding) -> None:
    """Give every passage the vector of another embedding.

    The vectors go to a new table, some hundred articles at a time, which then takes the place of the old one. Until
    then everything is as it was, and others may read and write. After a kill, the next call goes on where it stopped.

    Args:
        store: Of which; it is closed at the end, since its vectors are no more.
        embedding: The new one.

    Raises:
        StoreError: When it cannot be written.
        ToolkitError: Of the embedding. The library is as it was, and a further call goes on.
    """
    with store.writer():
        name = _begin(store, embedding)
    target = store.database.open(name)
    if target is None:
        target = store.database.create(name, schema.passage_schema(embedding.dimensions))
    with store.engine("written"):
        _copy(store, target, embedding)
        upkeep.index(target, embedding.dimensions)
    with store.writer():  # what others have put in or deleted since
        _copy(store, target, embedding)
        _drop_stale(store.article_rows, target)
        upkeep.index(target, embedding.dimensions)
        manifest = store.notes.manifest() or {}
        manifest.pop("reindex", None)
        made = {"embedding": embedding.name, "dimensions": embedding.dimensions}
        obsolete = [*manifest.get("obsolete", []), store.passages_table]
        store.notes.write_manifest(manifest | made | {"passages": name, "obsolete": obsolete})
        if not store.notes.exclusive:
            # Others may have written until just now. Who writes from here on sees the new manifest, and is told to
            # open the library again.
            _copy(store, target, embedding)
            upkeep.index(target, embedding.dimensions)
    _drop_obsolete(store)
    store.close()


def _begin(store: Store, embedding: Embedding) -> str:
    """The table of a reindex with this embedding that was cut off, or of a new one."""
    manifest = dict(store.notes.manifest() or {})
    wanted = {"embedding": embedding.name, "dimensions": embedding.dimensions}
    begun = manifest.get("reindex")
    if begun and {key: begun[key] for key in wanted} == wanted:
        return str(begun["table"])
    if begun:
        _drop(store.database, begun["table"])
    name = f"passages-{uuid.uuid4().hex[:8]}"
    store.notes.write_manifest(manifest | {"reindex": {**wanted, "table": name}})
    return name


def _copy(store: Store, target: Table, embedding: Embedding) -> None:
    """Add the passages that the target lacks."""
    live = _revisions(store.article_rows)
    there = target.pairs("article_id", "revision")
    lacking = sorted(key for key, revision in live.items() if (key, revision) not in there)
    for first in range(0, len(lacking), _ARTICLES):
        for where in schema.one_of("article_id", lacking[first : first + _ARTICLES]):
            found = [_current(batch, live) for batch in store.passage_rows.batches(schema.COPIED_COLUMNS, where)]
            texts = [text for batch in found for text in batch.column("indexed").to_pylist()]
            if texts:
                # In one commit: an article of which some passages are there counts as done.
                target.add(_with_vectors(found, _embedded(embedding, texts)))


def _embedded(embedding: Embedding, texts: list[str]) -> NDArray[np.float32]:
    """The vectors of texts, after a check that they are vectors.

    Raises:
        ToolkitError: Of the embedding, or because it failed or made something else.
    """
    import numpy as np

    try:
        vectors = np.asarray(embedding.embed(texts), np.float32)
    except ToolkitError:
        raise
    except Exception as error:
        raise ToolkitError(
            f"the embedding {embedding.name} failed ({type(error).__name__}); the library is as it was"
        ) from error
    if vectors.shape != (len(texts), embedding.dimensions) or not np.isfinite(vectors).all():
        raise ToolkitError(
            f"the embedding {embedding.name} made vectors of shape {vectors.shape} for {len(texts)} texts where finite "
            f"ones of shape ({len(texts)}, {embedding.dimensions}) were expected; the library is as it was"
        )
    return vectors


def _revisions(articles: Table) -> dict[str, str]:
    return dict(articles.pairs("id", "revision"))


def _drop_stale(articles: Table, passages: Table) -> None:
    upkeep.drop_dead(passages, passages.pairs("article_id", "revision"), _revisions(articles))


def _drop_obsolete(store: Store) -> None:
    """Remove the tables that a reindex has replaced."""
    manifest = dict(store.notes.manifest() or {})
    for name in manifest.pop("obsolete", []):
        _drop(store.database, name)
    store.notes.write_manifest(manifest)


def _drop(database: Database, name: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        database.drop(name)


def _current(batch: Any, live: Mapping[str, str]) -> Any:
    """The rows of a batch that are of their article's revision."""
    rows = batch.select(["article_id", "revision"]).to_pylist()
    return batch.filter(_mask([live[row["article_id"]] == row["revision"] for row in rows]))


def _mask(values: list[bool]) -> Any:
    import numpy as np
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values, bitorder="little"))])


def _with_vectors(batches: list[Any], vectors: NDArray[np.float32]) -> Any:
    import pyarrow as pa

    rows = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    columns = [rows.column(name) for name in schema.COPIED_COLUMNS]
    made = pa.FixedSizeListArray.from_arrays(numbers(vectors.ravel(), pa.float32()), vectors.shape[1])
    return pa.RecordBatch.from_arrays([*columns, made], schema=schema.passage_schema(vectors.shape[1]))
