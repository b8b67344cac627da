"""Try every reader of files with broken and hostile input, each in a child process whose time and memory are watched.

    python benchmarks/fuzz.py [--inputs 10000] [--seconds 600] [--seed 1] [--articles DIR] [--only .zip] [--keep DIR]

Whole files of every format (made from a folder of articles) are mutated: bits flipped, parts cut, removed, repeated
or spliced in from another format, numbers and sizes made huge; in archives and documents also within what is packed.
Beside them come files that are made to do harm (``benchmarks/hostile.py``), once each.

What must hold for each input: it gives articles, or errors that are reported (SourceError), or both; no other
exception, no dead process, no more than 5 s of the processor and no more than 500 MB (the most that the process ever
held in memory, with all libraries loaded; Linux only). The table has a row a format, then one for what failed.

PDFs are read by a process beside the child; what that takes is counted too.

- ``inputs``: how many were tried; ``articles``: how many articles came out; ``clean``: inputs that gave an error and no
  article; ``crashes``: other exceptions and dead processes; ``slow``: more than 5 s; ``large``: more than 500 MB.
- ``busy s``, ``wall s``, ``peak MB``: of the worst input; the first is the processor's time, the second has in it what
  else the machine was doing. An input that gives no word within 60 s is killed, and counts as a crash.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import selectors
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import hostile

SECONDS = 5.0
MEGABYTES = 500.0
_KILLED_AFTER = 60.0


# --- the child --------------------------------------------------------------------------------------------------


def read(path: Path) -> dict[str, Any]:
    """Read a file as the library does; what came out, and what should not have."""
    from toolkit.articles.files import read_file
    from toolkit.errors import SourceError
    from toolkit.types import Article

    said: dict[str, Any] = {"articles": 0, "errors": 0, "crash": None}
    try:
        for found in read_file(path):
            if isinstance(found, SourceError):
                said["errors"] += 1
                if "\n" in str(found) or not found.source.startswith(str(path)):
                    raise AssertionError(f"not one line, or not about the file: {str(found)[:200]!r}")
            else:
                said["articles"] += 1
                article = Article(**found)
                if not article.text.strip():
                    raise AssertionError("an article without text")
                article.text.encode("utf-8")
                json.dumps({name: value for name, value in found.items() if not isinstance(value, datetime)})
        if not said["articles"] and not said["errors"]:
            raise AssertionError("neither an article nor an error")
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said["crash"] = f"{type(error).__name__}: {hostile.shown(error)} ({Path(where.filename).name}:{where.lineno})"
    return said


def _child() -> None:
    for name in sys.stdin:
        for process in _processes():
            Path(process, "clear_refs").write_text("5")  # the peak begins anew
        start, busy = time.monotonic(), _busy()
        said = read(Path(name.rstrip("\n")))
        said["seconds"], said["busy"] = time.monotonic() - start, _busy() - busy
        said["megabytes"] = max(map(_megabytes, _processes()))
        print(json.dumps(said), flush=True)


def _processes() -> list[Path]:
    """This process, and the one that reads PDFs for it."""
    mine: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has just ended
            mine += (task / "children").read_text().split()
    return [Path("/proc/self"), *(Path("/proc", number) for number in mine)]


def _busy() -> float:
    """Seconds of the processor that this process, and all that it has started, have taken so far."""
    ticks = 0
    for process in _processes():
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15] if process.name == "self" else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _megabytes(process: Path) -> float:
    return int((process / "status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


# --- the parent -------------------------------------------------------------------------------------------------


class Watched:
    """A child process that reads files, replaced when it dies or takes too long."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def read(self, path: Path) -> dict[str, Any]:
        """What the child says of a file, or what became of the child."""
        if self._process is None:
            command = [sys.executable, __file__, "--child"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        start = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            ready = selector.select(_KILLED_AFTER)
        line = process.stdout.readline() if ready else ""
        if line:
            said: dict[str, Any] = json.loads(line)
            return said
        self.close()
        crash = f"died with {process.returncode}" if ready else f"killed after {_KILLED_AFTER:.0f} s"
        seconds = time.monotonic() - start
        return {"articles": 0, "errors": 0, "crash": crash, "seconds": seconds, "busy": 0.0, "megabytes": 0.0}

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@dataclass
class Row:
    """What became of the inputs of one format."""

    inputs: int = 0
    articles: int = 0
    clean: int = 0
    crashes: int = 0
    slow: int = 0
    large: int = 0
    seconds: float = 0.0
    busy: float = 0.0
    megabytes: float = 0.0
    findings: list[str] = field(default_factory=list)

    def add(self, name: str, said: dict[str, Any]) -> bool:
        """Count one; returns whether it held."""
        self.inputs += 1
        self.articles += said["articles"]
        self.clean += bool(said["errors"] and not said["articles"] and not said["crash"])
        self.crashes += said["crash"] is not None
        self.slow += said["busy"] > SECONDS
        self.large += said["megabytes"] > MEGABYTES
        self.seconds = max(self.seconds, said["seconds"])
        self.busy = max(self.busy, said["busy"])
        self.megabytes = max(self.megabytes, said["megabytes"])
        if said["crash"] or said["busy"] > SECONDS or said["megabytes"] > MEGABYTES:
            figures = f"{said['busy']:.1f} s, {said['megabytes']:.0f} MB"
            self.findings.append(f"{name}: {said['crash'] or 'read'}, {figures}")
            return False
        return True


def inputs(
    found: hostile.Seeds, count: int, seed: int, seconds: float = float("inf")
) -> Iterator[tuple[str, str, bytes]]:
    """Name, suffix and bytes of ``count`` mutations, or of what ``seconds`` allow; the same for the same seed."""
    suffixes = sorted(found)
    start = time.monotonic()
    for number in range(count):
        if time.monotonic() - start > seconds:
            return
        chance = random.Random(f"{seed}/{number}")
        suffix = suffixes[number % len(suffixes)]
        yield f"{seed}/{number}", suffix, hostile.mutate(chance.choice(found[suffix]), suffix, chance, found)


def run(
    count: int,
    seed: int,
    articles: Path,
    only: list[str],
    keep: Path | None,
    with_hostile: bool,
    seconds: float = float("inf"),
) -> dict[str, Row]:
    """Try the inputs; a row a format."""
    rows: dict[str, Row] = {}
    watched = Watched()
    with tempfile.TemporaryDirectory() as folder:
        found = hostile.seeds(articles, Path(folder))
        if only:
            found = {suffix: some for suffix, some in found.items() if suffix in only}

        def attempt(name: str, row: str, suffix: str, data: bytes) -> None:
            path = Path(folder, f"input{suffix}")
            path.write_bytes(data)
            if not rows.setdefault(row, Row()).add(name, watched.read(path)) and keep is not None:
                (keep / (name.replace("/", "-").replace(" ", "_")[:80] + suffix)).write_bytes(data)

        try:
            if with_hostile:
                for what, suffix, data in hostile.hostile(hostile.seeds(articles, Path(folder))):
                    if not only or suffix in only:
                        watched.close()  # what one of them leaves in memory is not the next one's
                        attempt(what, f"{suffix} made to harm", suffix, data)
            for name, suffix, data in inputs(found, count, seed, seconds):
                attempt(name, suffix, suffix, data)
        except KeyboardInterrupt:  # what was tried so far is worth a table
            print("interrupted", file=sys.stderr)
        finally:
            watched.close()
    return rows


def table(rows: dict[str, Row]) -> str:
    """The rows as Markdown, the sum below, and then each finding."""
    lines = ["| format | inputs | articles | clean | crashes | slow | large | busy s | wall s | peak MB |"]
    lines.append("| --- |" + " ---: |" * 9)
    total = Row()
    for name, row in sorted(rows.items()):
        lines.append(_line(name, row))
        for what in ("inputs", "articles", "clean", "crashes", "slow", "large"):
            setattr(total, what, getattr(total, what) + getattr(row, what))
        for what in ("busy", "seconds", "megabytes"):
            setattr(total, what, max(getattr(total, what), getattr(row, what)))
    lines.append(_line("all", total))
    return "\n".join(lines + [f"{name}: {finding}" for name, row in sorted(rows.items()) for finding in row.findings])


def _line(name: str, row: Row) -> str:
    counts = (row.inputs, row.articles, row.clean, row.crashes, row.slow, row.large)
    worst = f"{row.busy:.2f} | {row.seconds:.2f} | {row.megabytes:.0f}"
    return f"| {name} | {' | '.join(f'{count:,}' for count in counts)} | {worst} |"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of mutations; no new one after them")
    parser.add_argument("--seed", type=int, default=1)
    samples = Path(__file__).parent.parent / "notebooks" / "articles"
    parser.add_argument("--articles", type=Path, default=samples, help="a folder with .txt, .md, .html and .pdf")
    parser.add_argument("--only", nargs="*", default=[], metavar="SUFFIX")
    parser.add_argument("--keep", type=Path, help="where inputs that did not hold are kept")
    parser.add_argument("--no-hostile", action="store_true", help="mutations only")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _child()
        return
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    rows = run(
        arguments.inputs,
        arguments.seed,
        arguments.articles,
        arguments.only,
        arguments.keep,
        not arguments.no_hostile,
        arguments.seconds,
    )
    print(table(rows))
    sys.exit(any(row.findings for row in rows.values()))


if __name__ == "__main__":
    os.environ.setdefault("LANCE_LOG", "error")
    main()
