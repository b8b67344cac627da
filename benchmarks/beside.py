"""Measure readers beside writers: is a search slowed down, does it fail, does anything that was there go missing?

    python benchmarks/beside.py [--minutes 5] [--base 20000] [--writers 1] [--batch 200]
    python benchmarks/beside.py --s3 s3://bucket/news --option endpoint=http://127.0.0.1:8333 --option region=us-east-1

A library is filled with ``--base`` passages. Then each writer, a process of its own, adds articles as fast as it can,
``--batch`` a call, while a reader, also a process of its own, searches without a pause: a query of three to six words
of the base (these are timed), then the newest article that it has not seen yet by a word that only that article has,
then one that it has seen. What it once saw must stay, and the counts of articles and passages must never go back.

At the end everything that a writer was told is in must be there to the letter, and the library is compared with one
that was filled by a single writer: equal counts, and equal answers but for passages of equal BM25 scores (which of them
is the last that is looked at depends on the order of writing: about one answer in a hundred) and, with a vector index,
for the vectors that it misses.

Keys of the object storage come from the environment (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``), and reach the
processes through a pipe, never through a command line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from synthetic import PASSAGES, Corpus, marker, queries

from toolkit import Library
from toolkit.types import Article

QUERIES = 200
P95_MS = 150

Report = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """What every process is told.

    Attributes:
        place: The library's folder or URL.
        options: Storage options; None for a folder.
        base: Articles that are in before the clock starts.
        batch: Articles a call.
        writers: How many.
        seconds: How long.
    """

    place: str
    options: dict[str, str] | None
    base: int
    batch: int
    writers: int
    seconds: float

    def library(self, **more: Any) -> Library:
        """Open the library."""
        if self.options is not None:
            more["storage_options"] = self.options
        return Library(self.place, llm=None, **more)


def prefix(writer: int) -> str:
    """Beginning of the ids of a writer's articles."""
    return "w" + "bcdfghjkmp"[writer]


def written(writer: int, first: int, count: int) -> Iterator[Article]:
    """Articles of a writer."""
    return Corpus(seed=100 + writer).articles(first, count, prefix(writer), mark=True)


def say(value: object) -> None:
    """One line to the process that started this one, at once."""
    print(json.dumps(value), flush=True)


def as_writer(setting: Setting, writer: int) -> None:
    """Add articles until the time is over; says how many are in after each call."""
    library = setting.library()
    articles = written(writer, 0, 10**7)
    say("ready")
    sys.stdin.readline()
    end, done, longest = time.monotonic() + setting.seconds, 0, 0.0
    while time.monotonic() < end:
        batch = list(islice(articles, setting.batch))
        started = time.perf_counter()
        report = library.add(batch)
        longest = max(longest, time.perf_counter() - started)
        assert report.added == len(batch), report
        done += len(batch)
        say(done)
    library.close()
    say({"articles": done, "longest_s": longest})


def as_reader(setting: Setting) -> None:
    """Search until told to stop; says what it saw."""
    library = setting.library(read_only=True)
    rng = random.Random(0)
    base = list(Corpus().articles(0, setting.base))
    asked = [query for query, _ in queries(iter(rng.sample(base, min(QUERIES, len(base)))))]
    del base
    for query in asked[:20]:
        library.search(query)
    say("ready")
    sys.stdin.readline()
    end = time.monotonic() + setting.seconds
    times: list[float] = []
    seen = [0] * setting.writers
    counts, back, lost, errors = (0, 0), 0, 0, []

    def holds(writer: int, number: int) -> bool:
        hits = library.search(marker(prefix(writer), number), 1)
        return bool(hits) and hits[0].article.id == f"{prefix(writer)}{number:08d}"

    while time.monotonic() < end:
        try:
            started = time.perf_counter()
            hits = library.search(asked[len(times) % len(asked)])
            times.append(time.perf_counter() - started)
            lost += not hits
            writer = rng.randrange(setting.writers)
            while holds(writer, seen[writer]):
                seen[writer] += setting.batch
            if seen[writer]:
                lost += not holds(writer, rng.randrange(seen[writer]))
            now = library._shelf.store().counts()
            back += now[0] < counts[0] or now[1] < counts[1]
            counts = now
        except Exception as error:  # what this measures
            errors.append(f"{type(error).__name__}: {error}")
    ordered = sorted(1000 * one for one in times)
    say(
        {
            "searches": len(ordered),
            "p50": ordered[len(ordered) // 2],
            "p95": ordered[int(len(ordered) * 0.95)],
            "max": ordered[-1],
            "second_half_p95": sorted(times[len(times) // 2 :])[int((len(times) - len(times) // 2) * 0.95)] * 1000,
            "errors": len(errors),
            "first_errors": errors[:3],
            "went_back": back,
            "lost": lost,
            "seen": seen,
        }
    )


class Process:
    """A reader or a writer in a process of its own."""

    def __init__(self, role: str, setting: Setting, writer: int = 0) -> None:
        command = [sys.executable, "-u", __file__, "--role", role, "--writer", str(writer)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self._tell(json.dumps(setting.__dict__))
        if self._process.stdout is None or json.loads(self._process.stdout.readline() or "null") != "ready":
            raise SystemExit(f"the {role} did not start, see above")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def go(self) -> None:
        """Start."""
        self._tell("go")

    def finish(self) -> tuple[Any, list[Any]]:
        """Wait; the last line that it said, and all of them."""
        assert self._process.stdout is not None
        said: list[Any] = [json.loads(line) for line in self._process.stdout]
        if self._process.wait():
            said.append(f"ended with code {self._process.returncode}")
        return said[-1], said

    def kill(self) -> None:
        """End it, if it still runs."""
        with self._process:
            if self._process.poll() is None:
                self._process.kill()


def fill(setting: Setting) -> None:
    """Make the base."""
    with setting.library() as library:
        library.add(Corpus().articles(0, setting.base))
        library.optimise()


def measure(setting: Setting) -> Report:
    """Fill, run everything beside each other, and check what came of it."""
    fill(setting)
    processes: list[Process] = []
    try:
        reader = Process("reader", setting)
        processes.append(reader)
        writers = []
        for number in range(setting.writers):
            writers.append(Process("writer", setting, number))
            processes.append(writers[-1])
        for process in processes:
            process.go()
        read, _ = reader.finish()
        wrote = [writer.finish() for writer in writers]
    finally:
        for process in processes:
            process.kill()
    # A writer that failed said so last, and counts with what it was told before.
    done = [max((one for one in said if isinstance(one, int)), default=0) for _, said in wrote]
    failed = [last for last, _ in wrote if isinstance(last, str)]
    return {"reader": read, "writers": [last for last, _ in wrote], "failed": failed, **check(setting, done)}


def check(setting: Setting, done: list[int]) -> Report:
    """Whether everything is there, and found as if one writer had added it."""
    with setting.library() as library, tempfile.TemporaryDirectory() as folder:
        missing = wrong = 0
        for writer, count in enumerate(done):
            for first in range(0, count, 500):
                wanted = {a.id: a for a in written(writer, first, min(500, count - first))}
                found = {a.id: a for a in library.articles(list(wanted))}
                missing += len(wanted) - len(found)
                wrong += sum(wanted[key] != article for key, article in found.items())
        library.optimise()
        alone = Library(Path(folder) / "alone", llm=None)
        alone.add(Corpus().articles(0, setting.base))
        for writer, count in enumerate(done):
            if count:
                alone.add(written(writer, 0, count))
        alone.optimise()
        sample = [query for query, _ in queries(Corpus().articles(0, 100), seed=7)]
        same = sum(answers(library, query) == answers(alone, query) for query in sample)
        counts = library._shelf.store().counts(), alone._shelf.store().counts()
        alone.close()
    return {
        "missing": missing,
        "wrong": wrong,
        "same_answers": same / len(sample),
        "counts": counts[0],
        "counts_alone": counts[1],
    }


def answers(library: Library, query: str) -> list[str]:
    """Ids of the passages that a search returns, best first."""
    return [hit.passage.id for hit in library.search(query)]


def show(setting: Setting, report: Report) -> bool:
    """Print it; whether it is as it must be."""
    read = report["reader"]
    if isinstance(read, str):
        print(f"the reader {read}")
        return False
    latency = f"p50 {read['p50']:.0f}, p95 {read['p95']:.0f}, max {read['max']:.0f} ms"
    print(f"reader   {read['searches']:,} searches: {latency}")
    print(f"         p95 of the second half {read['second_half_p95']:.0f} ms")
    print(f"         {read['errors']} errors, counts went back {read['went_back']} times, {read['lost']} searches lost")
    for error in read["first_errors"]:
        print(f"         {error}")
    for number, wrote in enumerate(report["writers"]):
        if isinstance(wrote, str):
            print(f"writer {number} {wrote}")
            continue
        rate = wrote["articles"] * PASSAGES / setting.seconds
        print(f"writer {number} {wrote['articles']:,} articles, about {rate:,.0f} passages/s; ", end="")
        print(f"longest call {wrote['longest_s']:.1f} s")
    print(f"at the end {report['missing']} missing, {report['wrong']} changed; counts {report['counts']}, ", end="")
    print(f"alone {report['counts_alone']}; same answers as alone: {report['same_answers']:.0%}")
    whole = not (report["missing"] or report["wrong"] or report["failed"])
    calm = not (read["errors"] or read["went_back"] or read["lost"])
    return whole and calm and report["counts"] == report["counts_alone"]


def main() -> None:
    """Run it, print the report; exit code 1 when something is lost, failed or too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--base", type=int, default=20_000, help="passages before the clock starts, about")
    parser.add_argument("--batch", type=int, default=200, help="articles a call of add")
    parser.add_argument("--writers", type=int, default=1, help="at most 10")
    parser.add_argument("--folder", help="where the library goes; a temporary folder without it")
    parser.add_argument("--s3", help="URL of the library, which must not exist yet")
    parser.add_argument("--option", action="append", default=[], help="name=value of storage_options")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--writer", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.role:
        setting = Setting(**json.loads(sys.stdin.readline()))
        with suppress(BrokenPipeError):
            as_reader(setting) if chosen.role == "reader" else as_writer(setting, chosen.writer)
        return
    options = None
    if chosen.s3:
        options = dict(one.split("=", 1) for one in chosen.option)
        for name in ("access_key_id", "secret_access_key"):
            if value := os.environ.get(f"AWS_{name.upper()}"):
                options.setdefault(name, value)
    with tempfile.TemporaryDirectory() as temporary:
        place = chosen.s3 or chosen.folder or str(Path(temporary) / "library")
        seconds = chosen.minutes * 60
        setting = Setting(place, options, chosen.base // PASSAGES, chosen.batch, chosen.writers, seconds)
        report = measure(setting)
        good = show(setting, report)
    good = good and report["reader"]["p95"] < P95_MS
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
