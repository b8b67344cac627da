"""A process that reads files for another one: paths in, the fields of articles out.

It is a program of its own that is talked to over pipes, so it works from scripts without ``if __name__ ==
"__main__"``, from notebooks and on every platform, and nothing is ever unpickled. A message is four bytes of length,
big-endian, and so much JSON in ASCII:

    to it      {"path": "articles/a.html"}
    from it    {"fields": {...}}          an article; "times" names the fields that are ISO 8601 of a datetime
               {"error": [source, reason]}
               {"done": true}             the file is through

:mod:`toolkit.articles.pool` starts it, and ends it when a file takes too long.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from toolkit.articles.records import Found
from toolkit.errors import SourceError

OUT_OF_MEMORY = 77
"""The exit status of a worker that a file needed more memory for than it may have."""

TIRED_MB = 700
"""Peak memory after which a worker says ``"tired"`` with ``"done"``, and is replaced: libraries keep what they took."""

_LENGTH = struct.Struct(">I")


def founds(path: Path, data: bytes | None = None, origin: str = "") -> Iterator[Found]:
    """What a file holds, as :func:`toolkit.articles.files.read_file` gives it; what a reader trips over is an error.

    A file is read alike here and in a worker, so the number of workers changes nothing in a library.

    Args:
        path: Of the file.
        data: All of its content, when that was read already.
        origin: What its articles are said to come from; needed with ``data``.
    """
    from toolkit.articles.files import read_bytes, read_file
    from toolkit.articles.formats import suffix_of

    try:
        if data is None:
            yield from read_file(path)
        else:
            yield from read_bytes(data, suffix_of(path.name), str(path), origin)
    except SourceError as error:
        yield error
    except MemoryError:
        yield SourceError(str(path), "needs more memory to read than there is")
    except Exception as error:  # a library's own mistake about one file: the others are good
        said = " ".join(str(error).split())[:200]
        yield SourceError(str(path), f"its reader failed ({type(error).__name__}: {said})")


def encode(found: Found) -> bytes:
    """What was found, as a message.

    Raises:
        TypeError: JSON has no form for something in it.
    """
    if isinstance(found, SourceError):
        return pack({"error": [found.source, found.reason]})
    times = [name for name, value in found.items() if isinstance(value, datetime)]
    fields = {**found, **{name: found[name].isoformat() for name in times}}
    return pack({"fields": fields, "times": times})


def decode(message: dict[str, Any]) -> Found:
    """What was found, from its message."""
    if "error" in message:
        source, reason = message["error"]
        return SourceError(source, reason)
    fields: dict[str, Any] = message["fields"]
    return fields | {name: datetime.fromisoformat(fields[name]) for name in message["times"]}


def pack(message: dict[str, Any]) -> bytes:
    """A message with its length before it."""
    body = json.dumps(message).encode("ascii")
    return _LENGTH.pack(len(body)) + body


def receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message; None at the end, or when the other side died within one."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    body = stream.read(size)
    return json.loads(body) if len(body) == size else None


def main(seconds: float, memory_mb: int) -> None:
    """Serve until the pipe is closed.

    Args:
        seconds: After which the system ends this process over one article, should the one that started it be gone.
        memory_mb: Address space that it may have, where the system can limit that.
    """
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the one that started it
    limit_memory(memory_mb)
    asked, answers = pipes()
    with contextlib.suppress(BrokenPipeError):  # the one that started it is gone
        while (message := receive(asked)) is not None:
            try:
                _serve(Path(message["path"]), answers, seconds)
            except MemoryError:
                os._exit(OUT_OF_MEMORY)
    os._exit(0)


def start(module: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Another process that runs ``main`` of one of our modules, spoken to by pipes.

    Args:
        module: With a ``main`` that takes numbers.
        arguments: Those numbers.
    """
    import toolkit

    # As it is here, whatever a script has put on it, but for the working directory: a json.py may lie there.
    home = str(Path(toolkit.__file__).parent.parent)
    places = [home, *(place for place in sys.path if isinstance(place, str) and place not in ("", home))]
    code = (
        f"import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {module} import main; "
        "main(*map(json.loads, sys.argv[2:]))"
    )
    return subprocess.Popen(  # noqa: S603 -- this interpreter, this package, and arguments as JSON
        [sys.executable, "-P", "-c", code, json.dumps(places), *map(json.dumps, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Where messages come in, and where answers go; what a library prints cannot get between them."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1) if asked.fileno() != 0 else (1,):
        os.dup2(silent, stream)
    return asked, answers


def _serve(path: Path, answers: IO[bytes], seconds: float) -> None:
    _alarm(seconds)
    for found in founds(path):
        try:
            answer = encode(found)
        except (TypeError, ValueError, RecursionError) as error:
            answer = encode(SourceError(str(path), f"its metadata cannot be sent on ({error})"))
        _alarm(0)  # while the other side takes its time
        answers.write(answer)
        _alarm(seconds)
    _alarm(0)
    answers.write(pack({"done": True, "tired": _peak_mb() > TIRED_MB}))
    answers.flush()


def _alarm(seconds: float) -> None:
    """Have the system end this process in so many seconds, whatever it does then; 0: not at all."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


if sys.platform == "win32":

    def limit_memory(memory_mb: int) -> None:
        """There is no such limit."""

    def _peak_mb() -> float:
        return 0.0

else:
    import resource

    def limit_memory(memory_mb: int) -> None:
        """Have the system refuse this process more address space than that."""
        for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
            with contextlib.suppress(ValueError, OSError):  # macOS has one of them in name only
                hard = resource.getrlimit(kind)[1]
                most = memory_mb * 1_000_000
                resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))

    def _peak_mb() -> float:
        with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as status:
            # What the system counts for this process alone: in Linux, ru_maxrss begins with the peak of who started it,
            # and every worker of a large notebook would be tired from its first file on.
            return next(int(line.split()[1]) / 1e3 for line in status if line.startswith("VmHWM:"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1e6 if sys.platform == "darwin" else 1e3)
