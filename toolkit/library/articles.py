"""The verbs on the articles of a library: add, sync, delete, list, export, back up, versions, duplicates."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from toolkit.errors import ArgumentError, StoreError
from toolkit.types import AddReport, Article

if TYPE_CHECKING:
    from toolkit.articles.web import Web
    from toolkit.interop.foreign import IndexShelf
    from toolkit.library.shelf import Shelf
    from toolkit.types import Citation
    from toolkit.types.copies import CopyGroups
    from toolkit.types.versions import ArticleVersions, Resolved

P = ParamSpec("P")
T = TypeVar("T")


class ArticleVerbs:
    """The verbs on the articles of a library; the first base of :class:`toolkit.Library`.

    Args:
        shelf: Where the articles are.
    """

    def __init__(self, shelf: Shelf | IndexShelf) -> None:
        self._shelf = shelf

    @property
    def path(self) -> Path | str:
        """The library's folder, or its URL."""
        return self._shelf.path

    def add(
        self,
        *sources: Any,
        feed: str | Iterable[str] | None = None,
        sitemap: str | Iterable[str] | None = None,
        urls: str | os.PathLike[str] | Iterable[str] | None = None,
        limit: int | None = None,
        robots: bool = True,
        allow_private: bool = False,
        web: Web | None = None,
        workers: int | str | None = None,
        progress: bool | None = None,
        **metadata: Any,
    ) -> AddReport:
        """Read articles and put them in; what is there already stays as it is.

        Files that have not changed since they were added are not opened again, unless an article of theirs was deleted
        or changed meanwhile (it comes back), this call says other things about them (``publisher=``), or something in
        them could not be read (it is tried again). Of pages the server is asked only whether they have changed since.
        When the call is interrupted, what is stored stays, and the same call goes on from there.

        Args:
            sources: Files, folders, globs, URLs, texts, records, DataFrames, llama-index Documents, Articles; see
                :func:`toolkit.read_articles`.
            feed: The address of an RSS, Atom or JSON feed, or several: the pages that it names are read, and its own
                text where a page cannot be had.
            sitemap: The address of a sitemap or of a site that has one, or several: its pages are read, newest first.
            urls: A file with an address a line, or a list of addresses.
            limit: Pages that are read of one feed or sitemap, 1,000 when not given; what is left out is in ``failed``.
            robots: Obey the sites' robots.txt; False is for sites that are your own, or that have allowed it.
            allow_private: Whether URLs may lead to this machine or a private network.
            web: How pages are fetched: limits and manners, see :class:`toolkit.articles.web.Web`.
            workers: How many processes read pages, PDFs and office documents: None for as many as there are cores when
                there is enough to read, 0 for none beside this one. ``"ray"`` to read, split and embed on a Ray
                cluster, for hundreds of thousands of articles; see ``docs/scale.md``. The library is the same with any.
            progress: Whether a bar shows how far it is; None: in notebooks and terminals, after a second.
            metadata: ``title``, ``publisher``, ``author``, ``date``, ``url``, ``language`` for sources that do not say.

        Returns:
            What happened. A source that cannot be read is listed in ``failed`` and everything else goes in.

        Raises:
            SourceError: Not a single article could be read.
        """
        from toolkit.add import Adding
        from toolkit.articles.web import listings, manners

        named = listings(feed=feed, sitemap=sitemap, urls=urls, limit=limit)
        options: dict[str, Any] = {"web": manners(web, allow_private, robots), "workers": workers, "progress": progress}
        return Adding(shelf=self._shelf, metadata=metadata, **options).add((*sources, *named))

    async def aadd(self, *sources: Any, **options: Any) -> AddReport:
        """The async twin of :meth:`add`."""
        return await in_thread(self.add, *sources, **options)

    def sync(
        self,
        *folders: str | os.PathLike[str],
        allow_empty: bool = False,
        workers: int | None = None,
        progress: bool | None = None,
        **metadata: Any,
    ) -> AddReport:
        """Keep the library in step with folders: add what is new or changed, and take out what is gone.

        Only articles that were read from these folders are ever taken out: those whose file is gone, and those that
        their file holds no more. What a file that cannot be read just now gave stays. A file that was moved or renamed
        within the folders keeps its articles and their ids.

        Args:
            folders: Folders, with all below them, or patterns such as ``"news/**/*.html"``.
            allow_empty: Also when a folder has no file left. Otherwise that is an error, and nothing is removed: it may
                be a disk that is not there.
            workers: As for :meth:`add`, but for ``"ray"``.
            progress: As for :meth:`add`.
            metadata: As for :meth:`add`.

        Returns:
            What happened; ``removed`` counts what was taken out.

        Raises:
            SourceError: A folder is not there, or is empty and was not; or not a single article could be read.
            ArgumentError: A source is no folder.
        """
        from toolkit.add import Adding

        options: dict[str, Any] = {"workers": workers, "progress": progress}
        return Adding(shelf=self._shelf, metadata=metadata, **options).sync(folders, allow_empty)

    async def async_sync(self, *folders: str | os.PathLike[str], **options: Any) -> AddReport:
        """The async twin of :meth:`sync`; ``a`` before that name would make ``async``, a keyword of Python."""
        return await in_thread(self.sync, *folders, **options)

    def delete(self, ids: str | Article | Iterable[str | Article]) -> int:
        """Take articles out, with all their earlier versions; nothing of them stays.

        Args:
            ids: One article or several, themselves or by id; unknown ones are passed over. The id of an earlier version
                takes out that version alone.

        Returns:
            How many articles, or versions that were named, were there and are gone.
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

        Earlier versions of articles stay behind; :meth:`backup` takes them along.

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
        """The articles, all or by id, newest first; those without a date last.

        All are the current ones; by its id an earlier version is given too.
        """
        store = self._shelf.store()
        asked = None if ids is None else ids_of(ids)
        found = store.articles(asked)
        if asked is not None and (missing := [one for one in asked if one not in found]):
            found |= store.earlier(missing)
        return sorted(found.values(), key=lambda a: (a.date or "", a.id), reverse=True)

    def versions(self, article: str | Article) -> ArticleVersions:
        """All versions of an article that the library has, and what changed from each to the next.

        When a page, a file, a URL or an id is added again with another text, that becomes the article, and the text
        that was there is kept: it is no longer searched, counted or listed, but ``library[its id]`` still gives it, and
        citations of it still hold (:meth:`resolve`).

        Args:
            article: Of any version, or its id. Where a source gives all versions one id, that of an earlier one is
                ``id@`` and twelve digits of the hash of its text.

        Returns:
            The Articles, oldest first and the current one last; ``.revisions`` has every sentence that was removed,
            added or reworded. An article that never changed is its only version.

        Raises:
            ArgumentError: The library has no such article, nor had it.

        Example:
            >>> news.versions(news.ask("How many jobs will go?").citations[0].article).revisions
        """
        from toolkit.versions import versions_of

        return versions_of(self._shelf.store(), ids_of(article)[0])

    @overload
    def resolve(self, cited: Citation | Mapping[str, Any]) -> Resolved: ...
    @overload
    def resolve(self, cited: object) -> Resolved | tuple[Resolved, ...]: ...
    def resolve(self, cited: object) -> Resolved | tuple[Resolved, ...]:
        """Find the texts that citations were made from, and tell what has become of them since.

        Characters are compared, nothing is guessed: a citation is found in the version of its article that has exactly
        its quote at exactly its place, or it is not found.

        Args:
            cited: A Citation, its JSON form, an Answer or Summary, its JSON form (as a dict or as text), or several
                citations.

        Returns:
            For one citation what it stands for; for an answer or several citations a tuple, in their order.
            ``.citation`` has the version that was quoted, ``.current`` whether that is the current one, ``.still_says``
            whether the current one has these words, ``.message`` says it in a sentence.

        Raises:
            ArgumentError: It is not a citation.

        Example:
            >>> for one in news.resolve(Path("answer.json").read_text()):
            ...     print(one.message)
        """
        from toolkit.versions import resolve

        return resolve(self._shelf.store(), cited)

    def duplicates(self) -> CopyGroups:
        """The articles that come from one text: wire copies, cut and edited ones, updates.

        Search and ask show one passage of a group where its articles say the same, and count it as one source. An
        update with other numbers, names or denials is never hidden.

        Returns:
            Story copy groups, the largest first; in each the original (the news agency's own article, else the
            earliest) first, and how each of the others differs from it. ``.to_frame()`` has a row for each article.

        Example:
            >>> for group in news.duplicates():
            ...     print(group.publishers, [copy.difference for copy in group.copies])
        """
        from toolkit.duplicates import duplicates

        return duplicates(self._shelf.store())

    async def aduplicates(self) -> CopyGroups:
        """The async twin of :meth:`duplicates`."""
        return await in_thread(self.duplicates)

    def __len__(self) -> int:
        return self._shelf.store().counts()[0] if self._shelf.exists else 0

    def __iter__(self) -> Iterator[Article]:
        """The articles, newest first."""
        return iter(self.articles() if self._shelf.exists else ())

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, article_id: str) -> Article:
        found: Mapping[str, Article] = {}
        if isinstance(article_id, str):
            store = self._shelf.store()
            found = store.articles([article_id]) or store.earlier([article_id])
        if article_id not in found:
            raise KeyError(f"no article with id {article_id!r} in this library ({self._shelf!r})")
        return found[article_id]

    def __contains__(self, article_id: object) -> bool:
        """Whether it is the id of a current article; that of an earlier version is not."""
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


async def in_thread(function: Callable[P, T], /, *arguments: P.args, **options: P.kwargs) -> T:
    """Call a function in another thread, and wait for what it returns without keeping the event loop from running."""
    import asyncio

    return await asyncio.to_thread(function, *arguments, **options)
