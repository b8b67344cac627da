"""Sources that are no files -> articles; pages that have not changed since they were read are not sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.adding.listing import File
from toolkit.adding.reading import Kept
from toolkit.articles.web import Unchanged, Web
from toolkit.types import Article

if TYPE_CHECKING:
    from toolkit.articles.web.reading import Pages
    from toolkit.errors import SourceError
    from toolkit.store import Store
    from toolkit.store.visits import Visits


class PageReader:
    """Reads addresses, feeds, sitemaps, texts and records for a library.

    Args:
        web: How pages are fetched.
        store: Opens the library's store; None when there is none yet.
        on_error: Called with the error of each source that cannot be read.
        reader: A name for the readers: pages that another one read are read again.
        given: A hash of what the caller said about the sources.
        defaults: What the caller said about them.
    """

    def __init__(
        self,
        web: Web,
        *,
        store: Callable[[], Store | None],
        on_error: Callable[[SourceError], None],
        reader: str,
        given: str,
        defaults: Mapping[str, Any],
    ) -> None:
        self._web = web
        self._opened = store
        self._on_error = on_error
        self._reader = reader
        self._given = given
        self._defaults = dict(defaults)
        self._pages: Pages | None = None
        self._visits: Visits | None = None

    def items(self, *sources: Any) -> Iterator[Article | Kept]:
        """Articles, and pages whose articles are in the library as they were read."""
        from toolkit.articles import made_or_unchanged
        from toolkit.articles.sources import expand

        for found in made_or_unchanged(expand(sources, self._started()), self._on_error, self._defaults):
            yield self._kept(found) if isinstance(found, Unchanged) else found

    def close(self, *, done: bool) -> None:
        """Let go of what is under way, and remember the pages that were read.

        Args:
            done: Whether everything that was read is in the library.
        """
        if self._pages is not None:
            self._pages.close()
        if self._visits is not None:
            self._visits.save(listings=done)
        self._pages = self._visits = None

    def _started(self) -> Pages:
        from toolkit.articles.web.reading import Pages
        from toolkit.store.visits import Visits

        if self._pages is None:
            self._visits = Visits(self._opened, reader=self._reader, given=self._given)
            self._pages = Pages(self._web, self._visits)
        return self._pages

    def _kept(self, page: Unchanged) -> Kept:
        articles = () if page.listing or self._visits is None else self._visits.articles(page.url)
        return Kept(File(Path(), page.url), articles)
