"""Where the articles of a library are: its store, and the embedding of its vectors. Both are opened on first use."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import settings
from toolkit.errors import StoreError
from toolkit.types import Hits

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.store import Store
    from toolkit.types import Overview


class Shelf:
    """The store and the embedding that its vectors come from.

    Args:
        path: The library's folder or URL; None for a temporary folder.
        embedding: As given to the Library.
        read_only: Refuse to change anything.
        storage_options: For a URL. They hold credentials: no text that is shown may name them.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        embedding: object,
        *,
        read_only: bool,
        storage_options: Mapping[str, str] | None = None,
    ) -> None:
        from toolkit.store import located

        self._remove: weakref.finalize[Any, Shelf] | None = None
        if path is None:
            folder = tempfile.mkdtemp(prefix="citebook-")
            self._remove = weakref.finalize(self, _remove, folder)
            path = Path(folder) / "library.lance"
        self.path: Path | str = located(path, storage_options)
        self._embedding_wish = embedding
        self._options = dict(storage_options or {})
        self._read_only = read_only
        self._embedding: Embedding | None = None
        self._store: Store | None = None
        self._lock = threading.RLock()

    @property
    def temporary(self) -> bool:
        """Whether it goes when it is closed."""
        return self._remove is not None

    @property
    def exists(self) -> bool:
        """Whether there is a library, or something that is in its place; in an empty folder there is none yet."""
        if isinstance(self.path, Path):
            from toolkit.store import is_vacant

            try:
                return not is_vacant(self.path)
            except OSError:  # a folder that may not be looked into; opening it says so
                return True
        return self._store is not None or self._manifest() is not None

    @property
    def embedding(self) -> Embedding:
        """The one that was given, else the one that the library was made with, else for a new one the setting's."""
        with self._lock:
            if self._embedding is None:
                self._embedding = self._resolved()
            return self._embedding

    def _resolved(self) -> Embedding:
        from toolkit.embeddings import embedding_from_name, resolve_embedding

        if self._embedding_wish is not None:
            return resolve_embedding(self._embedding_wish)
        made_with = self._manifest()
        if made_with is None:
            return resolve_embedding(settings.setting("CITEBOOK_EMBEDDING"))
        name = made_with["embedding"]
        recorded = embedding_from_name(name, dimensions=made_with["dimensions"])
        if recorded is None:
            raise StoreError(
                f"{self.path} was made with the embedding {name}, which its name alone cannot make: pass embedding= "
                "(the object, folder or address)"
            )
        return recorded

    def _manifest(self) -> dict[str, Any] | None:
        from toolkit.store import read_manifest

        return read_manifest(self.path, self._options)

    def store(self, *, create: bool = False) -> Store:
        """The store; only what adds may make a new one, so that a mistyped path is an error for what reads."""
        from toolkit.store import Store

        with self._lock:
            self._check_not_gone()
            if self._store is None:
                if not create and self.temporary and not self.exists:
                    raise StoreError("the library is empty; add articles first")
                self._store = Store.open(
                    self.path,
                    embedding_name=self.embedding.name,
                    dimensions=self.embedding.dimensions,
                    create=create,
                    read_only=self._read_only,
                    storage_options=self._options,
                )
            return self._store

    def _check_not_gone(self) -> None:
        if self._remove is not None and not self._remove.alive:
            raise StoreError("this temporary library was closed and is gone; make a new one, or give it a path")

    def search(self, query: str, **options: Any) -> Hits:
        """What the store finds; arguments as for :func:`toolkit.retrieve.search`."""
        from toolkit.retrieve import search

        return search(self.store(), self.embedding, query, **options)

    def reindex(self, wish: object) -> None:
        """Change the embedding of what is there, and of what will be; see :func:`toolkit.store.moving.reindex`."""
        from toolkit.embeddings import resolve_embedding
        from toolkit.store.moving import reindex

        embedding = resolve_embedding(wish)
        with self._lock:
            if self.exists:
                reindex(self.store(), embedding)
                self._store = None
            self._embedding_wish = wish
            self._embedding = embedding

    def overview(self, model: str | None) -> Overview:
        """What it holds and works with; nothing is asked of an embedding, and no folder is made.

        Args:
            model: What the library's language model is called; None for none.
        """
        from toolkit.types.overview import Overview

        self._check_not_gone()
        if not self.exists:
            return Overview(where=repr(self), model=model)
        from toolkit.store.overview import bytes_on_disk, survey
        from toolkit.store.watches import read_watches

        store = self.store()
        return Overview(
            where="temporary" if self.temporary else str(self.path),
            model=model,
            embedding=(self._manifest() or {}).get("embedding"),
            size=bytes_on_disk(self.path) if isinstance(self.path, Path) else None,
            watches=len(read_watches(store)),
            **survey(store),
        )

    def close(self) -> None:
        """Close the store; a temporary one is removed."""
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._remove is not None:
            self._remove()

    def __repr__(self) -> str:
        where = "temporary" if self.temporary else str(self.path)
        if self._store is None:
            return where
        try:
            articles, passages = self._store.counts()
        except StoreError:
            return f"{where}: cannot be read"
        return f"{where}: {articles:,} articles, {passages:,} passages"


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
