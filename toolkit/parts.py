"""What a Library holds open: its shelf of articles, and the models that it asks. Each is made on first use."""

from __future__ import annotations

import os
import re
import tempfile
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import settings
from toolkit.errors import ArgumentError, StoreError
from toolkit.types import Hits, Usage

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.models import Cache, Meter, Model
    from toolkit.store import Store
    from toolkit.types import Overview

SAME = settings.Default("the library's own")
FROM_ENVIRONMENT = settings.Default("CITEBOOK_LLM")


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
        self._remove: weakref.finalize[Any, Shelf] | None = None
        self.path: Path | str
        if path is None:
            folder = tempfile.mkdtemp(prefix="citebook-")
            self._remove = weakref.finalize(self, _remove, folder)
            self.path = Path(folder) / "library.lance"
        elif "://" in str(path):
            from toolkit.store import check_url

            self.path = str(path)
            check_url(self.path)
        else:
            # Absolute now, so that a later change of the working directory does not move it.
            self.path = Path(path).expanduser().absolute()
        if isinstance(self.path, Path) and (lost := re.match(r"([a-z][a-z0-9+.-]+):/(?!/)", str(path))):
            raise ArgumentError(f"{path} looks like a URL that was made a Path: give it as text, {lost[1]}://...")
        if not all(isinstance(one, str) for pair in (storage_options or {}).items() for one in pair):
            raise ArgumentError("storage_options are a dict of texts, such as {'region': 'eu-west-1'}")
        if storage_options and isinstance(self.path, Path):
            raise ArgumentError(f"storage_options are for URLs such as s3://bucket/news, and {self.path} is a folder")
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
        """Whether anything was ever added."""
        if isinstance(self.path, Path):
            return self.path.exists()
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
            if self._remove is not None and not self._remove.alive:
                raise StoreError("this temporary library was closed and is gone; make a new one, or give it a path")
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


class Writers:
    """The language models of a library: all on one meter, their replies in one cache.

    Args:
        llm: As given to the Library.
        api_key: For the model's server.
        cache: The cache's file, or None.
        budget_usd: US dollars in all, or None.
        max_calls: Calls in all, or None.
    """

    def __init__(
        self,
        llm: object,
        api_key: str | None,
        cache: str | os.PathLike[str] | None,
        budget_usd: float | None,
        max_calls: int | None,
    ) -> None:
        self._llm: object = settings.setting("CITEBOOK_LLM") if llm is FROM_ENVIRONMENT else llm
        self._api_key = None if api_key is None else settings.Secret(api_key)
        self._cache_file = cache
        self._limits: dict[str, Any] = {"budget_usd": budget_usd, "max_calls": max_calls}
        self._cache: Cache | None = None
        self._meter: Meter | None = None
        self._model: Model | None = None
        self._lock = threading.RLock()

    @property
    def usage(self) -> Usage:
        """Tokens and cost so far."""
        return Usage() if self._meter is None else self._meter.usage

    @property
    def named(self) -> str | None:
        """What the library's own model is called, as far as that is known without asking anybody; None for none."""
        if self._model is not None or self._llm is None:
            return None if self._model is None else self._model.name
        if not isinstance(self._llm, str | os.PathLike):
            return str(getattr(self._llm, "model", None) or type(self._llm).__name__)
        # What stands before a host, or after a question mark, may be a key.
        return re.sub(r"(?<=://)[^/@]*@|[?#].*", "", os.fspath(self._llm))

    def model(self, llm: object = SAME) -> Model | None:
        """The library's own model, or the one that a call names; None for none."""
        with self._lock:
            if llm is not SAME:
                return None if llm is None else self._resolved(llm)
            if self._model is None and self._llm is not None:
                self._model = self._resolved(self._llm)
            return self._model

    def _resolved(self, llm: object) -> Model | None:
        from toolkit.models import Cache, Meter, resolve

        if self._meter is None:
            self._meter = Meter(**self._limits)
        if self._cache is None and self._cache_file is not None:
            self._cache = Cache(self._cache_file)
        key = None if self._api_key is None else self._api_key.reveal()
        return resolve(llm, api_key=key, meter=self._meter, cache=self._cache)

    def close(self) -> None:
        """Close the model's connections and the cache."""
        if self._model is not None:
            self._model.close()
            self._model = None
        if self._cache is not None:
            self._cache.close()
            self._cache = None


def overview_of(shelf: Any, writers: Writers) -> Overview:
    """What a library holds and works with; nothing is asked of a model or an embedding, and no folder is made."""
    from toolkit.types.overview import Overview

    known: dict[str, Any] = {"where": repr(shelf), "model": writers.named}
    if shelf.temporary and shelf._remove is not None and not shelf._remove.alive:
        shelf.store()  # says that it is closed and gone
    if not isinstance(shelf, Shelf) or not shelf.exists:
        return Overview(**known)
    from toolkit.store.overview import bytes_on_disk, survey
    from toolkit.store.watches import read_watches

    store = shelf.store()
    known["where"] = "temporary" if shelf.temporary else str(shelf.path)
    known["embedding"] = (shelf._manifest() or {}).get("embedding")
    known["size"] = bytes_on_disk(shelf.path) if isinstance(shelf.path, Path) else None
    return Overview(**known, **survey(store), watches=len(read_watches(store)))


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
