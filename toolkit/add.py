"""The verbs ``add`` and ``sync``: which sources have to be read, their articles into the store, and a report of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from toolkit.articles.web import Web
from toolkit.errors import ArgumentError, SourceError
from toolkit.types import AddReport, Failure

if TYPE_CHECKING:
    from toolkit.adding.pages import PageReader
    from toolkit.adding.reading import Item, SourceReader
    from toolkit.adding.stale import Root
    from toolkit.interop.foreign import IndexShelf
    from toolkit.library.shelf import Shelf
    from toolkit.notebook.progress import Progress
    from toolkit.store.ledger import Ledger

_DELETED_AT_ONCE = 2_000
"""Articles in one commit of a deletion, as many as :data:`toolkit.adding.intake.BATCH` puts into one."""

_EMPTY = (
    "there is no file to read, and the library has {:,} articles from there; nothing was removed. Is its disk there? "
    "If they are to go: sync(..., allow_empty=True)"
)


@dataclass(kw_only=True)
class Adding:
    """One call.

    Attributes:
        shelf: Where articles go.
        web: How pages are fetched.
        workers: How many processes read files, or ``"ray"``.
        progress: Whether there is a bar.
        metadata: What the caller says about the sources.
    """

    shelf: Shelf | IndexShelf
    web: Web = field(default_factory=Web)
    workers: int | str | None = None
    progress: bool | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    _pages: PageReader | None = field(default=None, init=False)

    def add(self, sources: tuple[Any, ...]) -> AddReport:
        """See :meth:`toolkit.Library.add`."""
        started = time.perf_counter()
        errors: list[SourceError] = []
        on_ray = self.workers == "ray"
        counts = self._on_ray(sources, errors) if on_ray else self._here(sources, self._reader(errors))
        return _report(counts, errors, started)

    def sync(self, folders: tuple[Any, ...], allow_empty: bool) -> AddReport:
        """See :meth:`toolkit.Library.sync`."""
        from toolkit.adding.listing import files_of
        from toolkit.adding.stale import roots, unreadable

        if self.workers == "ray":
            raise ArgumentError('workers="ray" is for add(): sync() reads on this machine')
        started = time.perf_counter()
        places = roots(folders)
        ledger = self._ledger()
        before = {} if ledger is None else {k: v for place in places for k, v in ledger.under(place.base).items()}
        full = []
        for folder, place in zip(folders, places, strict=True):
            held = 0 if ledger is None or next(files_of(str(folder)), None) is not None else _held(place, ledger)
            if held and not allow_empty:
                raise SourceError(place.given, _EMPTY.format(held))
            if not held:  # a folder that was empty before is read, and its reader says so
                full.append(folder)
        errors: list[SourceError] = []
        reader = self._reader(errors)
        reader.walked = set()
        counts = self._here(tuple(full), reader)
        if counts is None and (ledger is None or not before):
            return _report(counts, errors, started)
        closed = []
        for path, error in unreadable(places):
            closed.append(path)
            errors.append(SourceError(path, f"cannot be looked into ({error.strerror}); what came from it stays"))
        counts = counts or AddReport()
        removed = self._removed(places, before, counts, reader, closed)
        return _report(replace(counts, removed=len(removed), removed_ids=removed), errors, started)

    def _removed(
        self,
        places: list[Root],
        before: Mapping[str, tuple[str, ...]],
        counts: AddReport,
        reader: SourceReader,
        closed: list[str],
    ) -> tuple[str, ...]:
        """Take out what is stale."""
        from toolkit.adding.stale import stale
        from toolkit.store.ledger import Ledger

        store = self.shelf.store()
        ledger = Ledger(store)
        old, gone = stale(
            places,
            ledger,
            before,
            walked=reader.walked or (),
            current=set(counts.ids),
            unread=lambda file: file in reader.failed or any(file.startswith(path) for path in closed),
        )
        removed = 0
        for first in range(0, len(old), _DELETED_AT_ONCE):
            removed += store.delete(old[first : first + _DELETED_AT_ONCE])
        if gone:
            ledger.forget(gone)
        return tuple(old) if removed == len(old) else tuple(one for one in old if one not in store.articles([one]))

    def _here(self, sources: tuple[Any, ...], reader: SourceReader) -> AddReport | None:
        """Read in this process and its workers; None when there was not a single article."""
        from toolkit.adding.intake import take_in
        from toolkit.notebook.progress import Progress

        opened = partial(self.shelf.store, create=True)  # once there is an article: a mistyped path makes no library
        with Progress("adding", "file", lambda: _count(sources), shown=self.progress) as bar, _interruption(bar):
            reader.tick = bar.tick
            items = reader.items(sources)
            done = False
            try:
                first: Item | None = next(items, None)
                if first is None:
                    return None
                counts = take_in(chain([first], items), opened(), self.shelf.embedding)
                done = True
            finally:
                items.close()
                if self._pages is not None:
                    self._pages.close(done=done)
            seconds = time.monotonic() - bar.started
            bar.sum_up(f"{bar.done:,} files in {seconds:,.0f} s, {bar.done / max(seconds, 1e-9):,.0f} a second")
        return counts

    def _reader(self, errors: list[SourceError]) -> SourceReader:
        from toolkit import __version__
        from toolkit.adding.pages import PageReader
        from toolkit.adding.reading import SourceReader
        from toolkit.articles import checked, made

        workers = self.workers
        if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 0):
            raise ArgumentError(f'workers={workers!r}: it can be a number from 0 up, "ray", or left out')
        defaults = checked(self.metadata)
        reader, given = f"citebook {__version__}", _hash(defaults)
        self._pages = PageReader(
            self.web,
            store=lambda: self.shelf.store() if self.shelf.exists else None,
            on_error=errors.append,
            reader=reader,
            given=given,
            defaults=defaults,
        )
        return SourceReader(
            make=partial(made, defaults=defaults),
            read_others=self._pages.items,
            on_error=errors.append,
            ledger=self._ledger(),
            reader=reader,
            given=given,
            workers=workers,
        )

    def _ledger(self) -> Ledger | None:
        """Of the library, when there is one; whoever has none yet gets one by the first article."""
        from toolkit.store.ledger import Ledger

        return Ledger(self.shelf.store()) if self.shelf.exists else None

    def _on_ray(self, sources: tuple[Any, ...], errors: list[SourceError]) -> AddReport | None:
        from toolkit.adding import distributed

        options = {"on_error": errors.append, "web": self.web, **self.metadata}
        opened = partial(self.shelf.store, create=True)
        return distributed.take_in(sources, opened, self.shelf.embedding, workers="ray", **options)


def _report(counts: AddReport | None, errors: list[SourceError], started: float) -> AddReport:
    if counts is None:
        if not errors:
            raise ArgumentError("nothing to add; give a file, a folder, a URL, a text or articles")
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise SourceError(errors[0].source, errors[0].reason + more)
    unread = tuple(Failure(source=error.source, reason=error.reason) for error in errors)
    return replace(counts, failed=unread + counts.failed, seconds=time.perf_counter() - started)


def _held(place: Root, ledger: Ledger) -> int:
    """How many articles a library has from a folder."""
    held = {one for file, ids in ledger.under(place.base).items() if place.has(file) for one in ids}
    held |= {one for one, origin in ledger.articles_under(place.base).items() if place.has(origin.split("#")[0])}
    return len(ledger.stored(held))


def _hash(defaults: Mapping[str, Any]) -> str:
    said = json.dumps(dict(sorted(defaults.items())), default=lambda value: value.isoformat())
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _count(sources: Iterable[Any]) -> int | None:
    """How many sources there are; None when some come only as they are asked for."""
    from toolkit.adding.listing import listed

    if not all(isinstance(source, str) or hasattr(source, "__fspath__") for source in sources):
        return None
    return sum(1 for _ in listed(sources))


@contextlib.contextmanager
def _interruption(bar: Progress) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        bar.say(f"interrupted after {bar.done:,} files: what is stored stays, and the same call goes on from there")
        raise
