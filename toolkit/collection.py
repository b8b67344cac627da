"""The articles of a library: in, out, one by one and all at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError, SourceError, StoreError
from toolkit.types import AddReport, Article, Failure

if TYPE_CHECKING:
    from toolkit.interop.foreign import IndexShelf
    from toolkit.parts import Shelf


class Collection:
    """Articles on a shelf; :class:`toolkit.Library` adds the verbs that read and write.

    Args:
        shelf: Where they are.
    """

    def __init__(self, shelf: Shelf | IndexShelf) -> None:
        self._shelf = shelf

    @property
    def path(self) -> Path | str:
        """The library's folder, or its URL."""
        return self._shelf.path

    def add(self, *sources: Any, allow_private: bool = False, workers: str | None = None, **metadata: Any) -> AddReport:
        """Read articles and put them in; what is there already stays as it is.

        Args:
            sources: Files, folders, globs, URLs, texts, records, DataFrames, llama-index Documents, Articles; see
                :func:`toolkit.read_articles`.
            allow_private: Whether URLs may lead to this machine or a private network.
            workers: ``"ray"`` to read, split and embed on a Ray cluster, for hundreds of thousands of articles; see
                ``docs/scale.md``.
            metadata: ``title``, ``publisher``, ``author``, ``date``, ``url``, ``language`` for sources that do not say.

        Returns:
            What happened. A source that cannot be read is listed in ``failed`` and everything else goes in.

        Raises:
            SourceError: Not a single article could be read.
        """
        from toolkit.articles import read_articles
        from toolkit.intake import take_in

        started = time.perf_counter()
        errors: list[SourceError] = []
        options = {"on_error": errors.append, "allow_private": allow_private, **metadata}
        opened = partial(self._shelf.store, create=True)  # once there is an article: a mistyped path makes no library
        counts: AddReport | None = None
        if workers is not None:
            from toolkit import distributed

            counts = distributed.take_in(sources, opened, self._shelf.embedding, workers=workers, **options)
        else:
            articles = read_articles(*sources, **options)
            if (first := next(articles, None)) is not None:
                counts = take_in(chain([first], articles), opened(), self._shelf.embedding)
        if counts is None:
            if not errors:
                raise ArgumentError("nothing to add; give a file, a folder, a URL, a text or articles")
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise SourceError(errors[0].source, errors[0].reason + more)
        unread = tuple(Failure(source=error.source, reason=error.reason) for error in errors)
        return replace(counts, failed=unread + counts.failed, seconds=time.perf_counter() - started)

    async def aadd(self, *sources: Any, **options: Any) -> AddReport:
        """The async twin of :meth:`add`."""
        import asyncio

        return await asyncio.to_thread(partial(self.add, *sources, **options))

    def delete(self, ids: str | Article | Iterable[str | Article]) -> int:
        """Take articles out.

        Args:
            ids: One article or several, themselves or by id; unknown ones are passed over.

        Returns:
            How many articles were there and are gone.
        """
        return self._shelf.store().delete(ids_of(ids))

    def optimise(self) -> None:
        """Rebuild the indexes in one piece and merge small files; worth a call after a large import, never needed."""
        self._shelf.store().optimise()

    def reindex(self, embedding: object) -> None:
        """Give every passage the vector of another embedding, and keep to that one from now on.

        Everything stays as it is until the last vector is there. A call that was cut off is taken up by the next one
        with the same embedding: what has its vector is not embedded again.

        Args:
            embedding: As for the Library; None for the bundled static vectors.

        Raises:
            ArgumentError: It is not an embedding.
            ToolkitError: The embedding failed. The library is as it was.
        """
        self._shelf.reindex(embedding)

    def backup(self, path: str | os.PathLike[str], *, storage_options: Mapping[str, str] | None = None) -> None:
        """Copy the library with its indexes, as it is at one moment; others may write to it meanwhile.

        Args:
            path: A new folder, or a URL. The copy is a library like any other: open it, or copy it back.
            storage_options: For a URL on another object store than the library's own.

        Raises:
            StoreError: There is something already, or it cannot be written.
        """
        from toolkit.store.moving import backup

        backup(self._shelf.store(), path, storage_options)

    def export(self, path: str | os.PathLike[str]) -> int:
        """Write all articles to a Parquet file; :meth:`add` takes them back exactly as they are.

        Args:
            path: The file, ``.parquet``; an older one is replaced when the new one is whole.

        Returns:
            How many articles.

        Raises:
            ArgumentError: The file is not called ``.parquet``.
            StoreError: It cannot be written.
        """
        from toolkit.articles.parquet import write_parquet

        file = Path(path).expanduser()
        if file.suffix.lower() != ".parquet" or file.is_dir():
            raise ArgumentError(f"{path} is not the name of a Parquet file: call it .parquet, which add() knows it by")
        try:
            return write_parquet(self._shelf.store().each(), file)
        except OSError as error:
            raise StoreError(f"{path} cannot be written ({error.strerror}): check the folder and its room") from error

    def articles(self, ids: str | Iterable[str] | None = None) -> list[Article]:
        """The articles, all or by id, newest first; those without a date last."""
        found = self._shelf.store().articles(None if ids is None else ids_of(ids))
        return sorted(found.values(), key=lambda a: (a.date or "", a.id), reverse=True)

    def __len__(self) -> int:
        return self._shelf.store().counts()[0] if self._shelf.exists else 0

    def __iter__(self) -> Iterator[Article]:
        """The articles, newest first."""
        return iter(self.articles() if self._shelf.exists else ())

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, article_id: str) -> Article:
        found = self._shelf.store().articles([article_id]) if isinstance(article_id, str) else {}
        if article_id not in found:
            raise KeyError(f"no article with id {article_id!r} in this library ({self._shelf!r})")
        return found[article_id]

    def __contains__(self, article_id: object) -> bool:
        return isinstance(article_id, str) and bool(self._shelf.store().articles([article_id]))


def ids_of(articles: str | Article | Iterable[str | Article]) -> list[str]:
    """The ids of articles that are given themselves or by id."""
    if not isinstance(articles, (str, Article, Iterable)):
        raise ArgumentError(f"{articles!r:.40} is not an article or its id; give one, or a list of them")
    given = [articles] if isinstance(articles, (str, Article)) else list(articles)
    ids = [one.id if isinstance(one, Article) else one for one in given]
    if wrong := [one for one in ids if not isinstance(one, str)]:
        raise ArgumentError(f"{wrong[0]!r} is not an article or its id; ids are strings")
    return ids
