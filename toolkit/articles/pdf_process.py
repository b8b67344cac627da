"""PDFs are read in a process of their own, wherever they come from: a file, a page, an archive, a mail.

PDFium is a library in C that nothing can interrupt, and a small file can keep it busy for hours (drawings in drawings
in drawings, streams without an end) or bring it down. So one process beside this one reads them, one after another,
with a limit on its processor time and its memory. It is started with the first PDF (a seventh of a second), stays until
this process ends, and is replaced when a PDF has cost it its life. Where no process can be started, PDFs are read here.

A request is its length as four bytes, big-endian, the seconds that it may take as four, and so many bytes of a PDF; an
answer is a message as in :mod:`toolkit.articles.worker`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import struct
import subprocess
import threading
from collections.abc import Iterator

from toolkit.articles import worker
from toolkit.articles.pdf import read_pdf
from toolkit.articles.raw import Raw
from toolkit.articles.records import Fields, Found
from toolkit.errors import SourceError

SECONDS = 3.0
"""Of the processor, for one PDF, and one more for each megabyte of it; a page of a book takes 3 ms."""

MEMORY_MB = 1_000
"""Address space of the process that reads."""

_WALL = 12
"""Times as long by the clock, for a machine that has much else to do, and for systems that count no processor time."""

_HEAD = struct.Struct(">II")


def pdf_articles(raw: Raw) -> Iterator[Found]:
    """What :func:`toolkit.articles.pdf.read_pdf` gives, of a process of its own.

    Raises:
        SourceError: As there; and when it takes too long or too much memory, or brings its reader down.
    """
    yield _HELPER.read(raw.whole(), raw.source)


class _Helper:
    """The process, for all threads of this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read(self, data: bytes, source: str) -> Fields:
        seconds = SECONDS + len(data) / 1e6
        with self._lock:
            try:
                process = self._sent(data, seconds)
            except OSError:
                return read_pdf(data, source)
            answer, late = _answer(process, _WALL * seconds)
            if answer is None:
                status = self._let_go()
                raise SourceError(source, _why(status, late, seconds))
        found = worker.decode(answer)
        if isinstance(found, SourceError):
            raise SourceError(source, found.reason)
        return found

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._let_go()

    def _sent(self, data: bytes, seconds: float) -> subprocess.Popen[bytes]:
        """The process, after it was given a PDF; a new one when the old one has died meanwhile."""
        for attempt in range(2):
            if self._process is None or self._owner != os.getpid():  # a fork's child has its own
                self._process, self._owner = worker.start("toolkit.articles.pdf_process", MEMORY_MB), os.getpid()
            process = self._process
            try:
                if process.stdin is None:
                    raise OSError("no pipe to the process")
                process.stdin.write(_HEAD.pack(len(data), max(1, round(seconds))) + data)
                process.stdin.flush()
            except OSError:
                self._let_go()
                if attempt:
                    raise
            else:
                break
        return process

    def _let_go(self) -> int:
        """End the process; returns its status, which is its own when it was dead already."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):  # it may be about to die of itself
            process.wait(0.2)
        process.kill()
        status = process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        return status


_HELPER = _Helper()
atexit.register(_HELPER.close)


def _answer(process: subprocess.Popen[bytes], seconds: float) -> tuple[dict[str, object] | None, bool]:
    """What the process says, None when it died; and whether it had to be ended."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        return (worker.receive(process.stdout) if process.stdout is not None else None), late.is_set()
    except (OSError, ValueError):
        return None, late.is_set()
    finally:
        timer.cancel()


def _why(status: int, late: bool, seconds: float) -> str:
    if late or status == -getattr(signal, "SIGPROF", 0):
        return f"took longer than {seconds:,.0f} s to read and was given up; save it anew with another program"
    if status == worker.OUT_OF_MEMORY:
        return f"needs more than {MEMORY_MB:,} MB of memory to read and was given up"
    return f"its reader crashed ({'signal' if status < 0 else 'status'} {abs(status)}): this PDF is broken"


# --- in the process ---------------------------------------------------------------------------------------------------


def main(memory_mb: int) -> None:
    """Serve until the pipe is closed.

    Args:
        memory_mb: Address space that it may have, where the system can limit that.
    """
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the one that started it
    worker.limit_memory(memory_mb)
    asked, answers = worker.pipes()
    with contextlib.suppress(BrokenPipeError):  # the one that started it is gone
        while len(head := asked.read(_HEAD.size)) == _HEAD.size:
            size, seconds = _HEAD.unpack(head)
            data = asked.read(size)
            if len(data) < size:
                break
            try:
                answer = _served(data, seconds)
            except MemoryError:
                os._exit(worker.OUT_OF_MEMORY)
            answers.write(answer)
            answers.flush()
    os._exit(0)


def _served(data: bytes, seconds: int) -> bytes:
    _limit_time(seconds)
    try:
        return worker.encode(read_pdf(data, "it"))
    except SourceError as error:
        return worker.encode(error)
    except MemoryError:
        raise
    except Exception as error:  # a library's own mistake about one file
        said = " ".join(str(error).split())[:200]
        return worker.encode(SourceError("it", f"this PDF is broken ({type(error).__name__}: {said})"))
    finally:
        _limit_time(0)


def _limit_time(seconds: int) -> None:
    """Have the system end this process after so many seconds of the processor; 0: not at all."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
