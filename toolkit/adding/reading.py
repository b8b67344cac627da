"""Sources -> articles, files that have not changed since they were read last time left closed.

Files of which each costs milliseconds to read are read by worker processes, as soon as there are enough of them to pay
for the workers; everything comes in the order of the sources, however it was read.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.adding.listing import File, Other, listed
from toolkit.articles.formats import FORMATS, suffix_of
from toolkit.articles.pool import Pool, Reading, cores
from toolkit.articles.records import Found
from toolkit.articles.worker import founds
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates
from toolkit.types import Article

if TYPE_CHECKING:
    from toolkit.store.ledger import Entry, Ledger, Look

T = TypeVar("T")

LIGHT = frozenset(suffix for one in FORMATS if one.light for suffix in one.suffixes)
"""Suffixes of files that are read here: to send their articles from process to process costs more than to read them."""

_TEXTS = frozenset({".txt", ".md", ".markdown"})
_SMALL = 1_000_000
"""Bytes of a text file that is read whole, once, to be hashed and to be taken apart."""

CHUNK = 512
"""Files that the ledger is asked about at once."""

WINDOW = 256
"""Files that workers may be ahead."""

_WINDOW_BYTES = 64_000_000
"""Bytes of the files that workers may be ahead: what they have read waits in memory."""

SWITCH = 0.5
"""Seconds of reading here after which workers take over, if there is enough left: to start them costs about as much."""

_ENOUGH = 16
"""Files that must be left for workers to be started: two for each of the eight that there may be. Chosen by eye."""

MOST_WORKERS = 8
"""Workers that are started without being asked for: what they read is split, embedded and stored by one process."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is in the library as it is.

    Attributes:
        file: Which.
        articles: Ids and hashes of the texts of its articles.
        renewed: Its entry in the ledger, when that has to be written anew.
    """

    file: File
    articles: tuple[tuple[str, str], ...]
    renewed: Entry | None = None


@dataclass(frozen=True, slots=True)
class Through:
    """All articles of a file have been handed out.

    Attributes:
        entry: For the ledger.
    """

    entry: Entry


Item = Article | Kept | Through


@dataclass(slots=True)
class _Todo:
    """A file to read: how it looked and what it held before, and who reads it, when that is a worker."""

    file: File
    look: Look | None
    hash: str | None
    reading: Reading | None = None


class SourceReader:
    """Reads sources, many files among them.

    Args:
        make: Makes articles of what was found, and calls its second argument with each error.
        read_others: Reads sources that are no files.
        on_error: Called with the error of each source that cannot be read.
        ledger: Of the library that the articles are for; None when there is none yet.
        reader: A name for the readers: files that another one read are read again.
        given: A hash of what the caller said about the sources.
        workers: How many processes read; None: as many as there are cores, when it pays; 0 or 1: this one alone.
    """

    def __init__(
        self,
        *,
        make: Callable[[Iterable[Found], Callable[[SourceError], None]], Iterator[Article]],
        read_others: Callable[..., Iterator[Article | Kept]],
        on_error: Callable[[SourceError], None],
        ledger: Ledger | None,
        reader: str,
        given: str,
        workers: int | None = None,
    ) -> None:
        self.failed: set[str] = set()
        """The origins of files of which something could not be read."""
        self.opened = 0
        """Files that were opened, to be read or compared."""
        self.walked: set[str] | None = None
        """The origins of all files, when somebody sets this to a set."""
        self._make = make
        self._read_others = read_others
        self._on_error = on_error
        self._ledger = ledger
        self._reader = reader
        self._given = given
        self._workers = workers
        self.tick: Callable[[], object] = lambda: None
        """Called for each file and other source that is through."""
        self._kept_ids: set[str] = set()
        self._pool: Pool | None = None
        self._spent = 0.0

    def items(self, sources: Iterable[Any]) -> Generator[Item]:
        """Articles, files that stayed as they were, and after the articles of each other file that it is through."""
        if self._workers is not None and self._workers > 1:
            self._pool = Pool(self._workers)
        try:
            ahead: deque[Kept | _Todo | Other] = deque()
            size = 0
            error: Exception | None = None
            coming = self._checked(listed(sources))
            while True:
                while error is None and len(ahead) < WINDOW and size < _WINDOW_BYTES:
                    try:
                        one = next(coming, None)
                    except Exception as raised:  # of the caller's own iterable: what came before it is good
                        error = raised
                        break
                    if one is None:
                        break
                    ahead.append(one)
                    size += _size(one)
                    self._submit(one)
                if not ahead:
                    break
                size -= _size(ahead[0])
                yield from self._first(ahead)
            if error is not None:
                raise error
        finally:
            self.close()

    def close(self) -> None:
        """End the workers."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _first(self, ahead: deque[Kept | _Todo | Other]) -> Iterator[Item]:
        one = ahead.popleft()
        if isinstance(one, Kept):
            yield one
        elif isinstance(one, _Todo):
            yield from self._read(one)
            self._switch(ahead)
        else:
            some = [one]
            while ahead and isinstance(ahead[0], Other):  # so that addresses in a row may be fetched side by side
                some.append(ahead.popleft())  # type: ignore[arg-type]
            yield from self._read_others(*(other.source for other in some))
        self.tick()

    # Which have to be read

    def _checked(self, found: Iterator[File | Other]) -> Iterator[Kept | _Todo | Other]:
        for chunk in _chunks(found, CHUNK):
            files = [one for one in chunk if isinstance(one, File)]
            if self.walked is not None:
                self.walked.update(file.origin for file in files)
            known = self._ledger.entries(file.origin for file in files) if self._ledger and files else {}
            for one in chunk:
                yield self._check(one, known) if isinstance(one, File) else one

    def _check(self, file: File, known: Any) -> Kept | _Todo:
        """Whether a file has to be read: compared by its size and times, and by its content where these may lie."""
        from toolkit.store.ledger import content_hash, look

        now = look(file.path)
        entry, stored = known.get(file.origin, (None, {}))
        if entry is None or now is None or not self._counts(file, entry, stored):
            return _Todo(file, now, None)
        articles = tuple((one, stored[one].text_hash) for one in entry.ids)
        if now.same(entry.look) and not entry.look.racy:
            self._kept_ids.update(entry.ids)
            return Kept(file, articles)
        if now.size != entry.look.size:
            return _Todo(file, now, None)
        self.opened += 1
        found = content_hash(file.path)
        if found != entry.hash:
            return _Todo(file, now, found)
        self._kept_ids.update(entry.ids)
        return Kept(file, articles, self._entry(file, now, entry.hash, entry.ids))

    def _counts(self, file: File, entry: Entry, stored: Any) -> bool:
        """Whether an entry speaks for its file: today's readers, the same words of the caller, its own articles.

        An article that several files hold is the first one's. The others need not be read when that one is before them
        in this call; else, with that one gone or changed, one of them is read, and the article becomes its own.
        """
        if entry.reader != self._reader or entry.given != self._given:
            return False
        clean = without_surrogates(file.origin)
        return all(
            one in self._kept_ids or (origin := stored[one].origin or "") == clean or origin.startswith(clean + "#")
            for one in entry.ids
        )

    def _entry(self, file: File, look: Look, found: str, ids: tuple[str, ...]) -> Entry:
        from toolkit.store.ledger import Entry

        return Entry(origin=file.origin, look=look, hash=found, ids=ids, reader=self._reader, given=self._given)

    # Reading

    def _read(self, todo: _Todo) -> Iterator[Article | Through]:
        from toolkit.store.ledger import content_hash, look

        file, errors, ids = todo.file, 0, []
        data = _small(todo)
        if data is not None:
            before: str | None = hashlib.sha256(data).hexdigest()
        else:
            before = todo.hash or (content_hash(file.path) if todo.look else None)

        def on_error(error: SourceError) -> None:
            nonlocal errors
            errors += 1
            self.failed |= {file.origin, without_surrogates(file.origin)}
            self._on_error(error)

        self.opened += 1
        for article in self._make(self._founds(todo, data), on_error):
            ids.append(article.id)
            yield article
        if errors or not ids or todo.look is None or before is None:
            return  # what failed is tried again
        after = look(file.path)
        if after is None or not after.same(todo.look):
            return  # it was written to meanwhile: which of both was read is not known
        if data is None and todo.look.racy and content_hash(file.path) != before:
            return
        yield Through(self._entry(file, todo.look, before, tuple(dict.fromkeys(ids))))

    def _founds(self, todo: _Todo, data: bytes | None) -> Iterator[Found]:
        if todo.reading is not None:
            yield from todo.reading.founds()
            return
        if data is not None:
            yield from founds(todo.file.path, data, todo.file.origin)
            return
        heavy = _is_heavy(todo.file)
        coming = founds(todo.file.path)
        while True:
            started = time.perf_counter()
            found = next(coming, None)
            if heavy:
                self._spent += time.perf_counter() - started
            if found is None:
                return
            yield found

    def _submit(self, one: Kept | _Todo | Other) -> None:
        if self._pool is not None and isinstance(one, _Todo) and one.reading is None and _is_heavy(one.file):
            # Taken before the worker reads, so that a change meanwhile is noticed.
            from toolkit.store.ledger import content_hash

            one.hash = one.hash or (content_hash(one.file.path) if one.look else None)
            one.reading = self._pool.read(one.file.path)

    def _switch(self, ahead: Iterable[Kept | _Todo | Other]) -> None:
        """Start workers when reading here has taken a while, and there is enough left."""
        if self._pool is not None or self._workers is not None or self._spent < SWITCH:
            return
        left = [one for one in ahead if isinstance(one, _Todo) and _is_heavy(one.file)]
        count = min(cores(), MOST_WORKERS)
        if len(left) < _ENOUGH or count < 2:
            return
        self._pool = Pool(count)
        for one in left:
            self._submit(one)


def _small(todo: _Todo) -> bytes | None:
    """The content of a small file of text, which is then opened once, to be hashed and to be read; None of others."""
    if todo.look is None or not 0 < todo.look.size <= _SMALL or suffix_of(todo.file.path.name) not in _TEXTS:
        return None
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        number = os.open(todo.file.path, flags)
        try:
            data = os.read(number, todo.look.size + 1)
        finally:
            os.close(number)
    except OSError:  # the reader says so
        return None
    return data if len(data) == todo.look.size else None


def _is_heavy(file: File) -> bool:
    return suffix_of(file.path.name) not in LIGHT


def _size(one: Kept | _Todo | Other) -> int:
    return one.look.size if isinstance(one, _Todo) and one.look else 0


def _chunks(coming: Iterator[T], size: int) -> Iterator[list[T]]:
    """What comes, some at a time; what came before an error is handed out before it is raised."""
    error: Exception | None = None
    while error is None:
        chunk: list[T] = []
        try:
            while len(chunk) < size and (one := next(coming, None)) is not None:
                chunk.append(one)
        except Exception as raised:
            error = raised
        if not chunk:
            break
        yield chunk
    if error is not None:
        raise error
