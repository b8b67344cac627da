"""Worker processes that read files, for those of which each costs milliseconds: pages, PDFs, office documents.

A worker that takes too long over one article, or dies over a file, costs that file and no other: the file becomes an
error that names the limit, and another worker takes its place. Results are handed out in the order in which files were
given, whoever was faster, so a library does not depend on the number of workers.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

from toolkit.articles.records import Found
from toolkit.articles.worker import OUT_OF_MEMORY, decode, founds, pack, receive, start
from toolkit.errors import SourceError

SECONDS = 60.0
"""That a worker may take over one article, and ten more for each megabyte of its file."""

MEMORY_MB = 2_000
"""Address space of a worker."""

_WAITING = 16
"""Articles of one file that wait to be taken; then its worker waits."""


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


@dataclass(eq=False, slots=True)
class Reading:
    """A file that was given to a pool; its articles and errors come out of :meth:`founds`."""

    path: Path
    ready: queue.Queue[Found | None] = field(default_factory=lambda: queue.Queue(_WAITING))

    def founds(self) -> Iterator[Found]:
        """What the file holds, as it comes."""
        while (found := self.ready.get()) is not None:
            yield found


class Pool:
    """Workers that read files.

    Args:
        count: How many.
        seconds: As :data:`SECONDS`.
        memory_mb: As :data:`MEMORY_MB`.
    """

    def __init__(self, count: int, *, seconds: float = SECONDS, memory_mb: int = MEMORY_MB) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._given: queue.SimpleQueue[Reading | None] = queue.SimpleQueue()
        self._workers: list[_Worker] = [_Worker(seconds, memory_mb) for _ in range(count)]
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, args=(one,), name="citebook-reader", daemon=True)
            for one in self._workers
        ]
        self._threads.append(threading.Thread(target=self._watch, name="citebook-watch", daemon=True))
        for thread in self._threads:
            thread.start()

    def read(self, path: Path) -> Reading:
        """Give a file to the workers."""
        reading = Reading(path)
        self._given.put(reading)
        return reading

    def close(self) -> None:
        """End all workers at once, whatever they are at."""
        self._closed.set()
        for _ in self._workers:
            self._given.put(None)
        for worker in self._workers:
            worker.end()
        for thread in self._threads:
            thread.join(10)
        for worker in self._workers:
            worker.let_go()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _serve(self, worker: _Worker) -> None:
        """In a thread for each worker: hand it files, and what it finds to whoever waits for it."""
        while (reading := self._given.get()) is not None and not self._closed.is_set():
            try:
                for found in worker.read(reading.path):
                    self._hand_out(reading, found)
            except Exception as error:  # whoever waits for it must not wait for ever
                self._hand_out(reading, SourceError(str(reading.path), f"could not be read ({error})"))
            self._hand_out(reading, None)

    def _hand_out(self, reading: Reading, found: Found | None) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                reading.ready.put(found, timeout=0.2)
                return

    def _watch(self) -> None:
        while not self._closed.wait(min(0.5, self._seconds / 4)):
            for worker in self._workers:
                worker.end_if_late()


class _Worker:
    """One place in a pool, and the process that is there now."""

    def __init__(self, seconds: float, memory_mb: int) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._until: float | None = None
        self._limit = seconds
        self._late = False
        self._ended = False

    def read(self, path: Path) -> Iterator[Found]:
        """What a file holds; where no process can be started, it is read in this one."""
        try:
            process = self._sent(path)
        except OSError:
            if not self._ended:
                yield from founds(path)
            return
        done = False
        while not done:
            message = self._next(process.stdout, path)
            if message is None:
                yield SourceError(str(path), self._why(process))
                return
            done = "done" in message
            if not done:
                yield decode(message)
            elif message["tired"]:
                self.let_go()

    def _sent(self, path: Path) -> subprocess.Popen[bytes]:
        """The process, after it was told what to read; a new one when the old one has died meanwhile."""
        for attempt in range(2):
            process = self._process or self._started()
            try:
                if process.stdin is None:
                    raise OSError("no pipe to the worker")
                process.stdin.write(pack({"path": str(path)}))
                process.stdin.flush()
            except OSError:
                self.let_go()
                if attempt:
                    raise
            else:
                break
        self._late = False
        return process

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise OSError("the pool is closed")
            # The system's own limit on a worker whose owner is gone comes later than the one that is told about.
            self._process = start("toolkit.articles.worker", 4 * self._seconds + 60, self._memory_mb)
            return self._process

    def _next(self, stream: IO[bytes] | None, path: Path) -> dict[str, object] | None:
        if stream is None:
            return None
        size = 0
        with contextlib.suppress(OSError):
            size = path.stat().st_size
        self._limit = self._seconds * (1 + size / 6_000_000)
        self._until = time.monotonic() + self._limit
        try:
            return receive(stream)
        except (OSError, ValueError):  # closed under our hands
            return None
        finally:
            with self._lock:
                self._until = None

    def end_if_late(self) -> None:
        """End the process when it has been over one article for too long."""
        with self._lock:
            if self._process is not None and self._until is not None and time.monotonic() > self._until:
                self._late = True
                self._process.kill()

    def _why(self, process: subprocess.Popen[bytes]) -> str:
        status = process.wait()
        self.let_go()
        if self._late:
            return f"took longer than {self._limit:,.0f} s to read and was given up"
        if status == OUT_OF_MEMORY:
            return f"needs more than {self._memory_mb:,} MB of memory to read and was given up"
        return f"its reader crashed ({'signal' if status < 0 else 'status'} {abs(status)})"

    def let_go(self) -> None:
        """Let go of the process; the next file starts another one."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()

    def end(self) -> None:
        """End the process, and start no other."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()
