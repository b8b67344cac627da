"""What the fuzz runs of prompts, alignment and display share: a seeded loop that keeps, made small, what did not hold.

A case is a mapping of names to strings or lists of strings, so that it can be written as JSON and made smaller without
knowing what it means. While a case is tried it lies in the folder as ``now.json``: if the process dies, it is there.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Case = dict[str, Any]

KILLED_AFTER = 60.0
"""Seconds without an end of one case: then the process ends itself, with a traceback."""

MOST_TRIES = 400
"""Attempts at making one finding smaller."""

_WATCHED = ("os.system", "subprocess.Popen", "socket.connect", "socket.getaddrinfo", "os.exec", "os.posix_spawn")
_DEEDS: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that notes what a process does beyond itself, for :func:`nothing_done`."""
    if event in _WATCHED:
        _DEEDS.append(f"{event} {str(arguments)[:100]}")


@contextmanager
def nothing_done() -> Iterator[None]:
    """Within it no process is started and no connection made; Python's audit events are asked."""
    _DEEDS.clear()
    yield
    if _DEEDS:
        raise AssertionError(f"it did something: {_DEEDS[0]}")


@dataclass
class Bound:
    """The slowest case of those that a bound holds for.

    Attributes:
        base: Seconds of the processor for a case of nothing.
        per_kb: More seconds for each thousand characters.
        worst: The largest share of the bound that a case took.
        slowest: Seconds of the slowest case, and its thousands of characters.
    """

    base: float
    per_kb: float
    worst: float = 0.0
    slowest: tuple[float, float] = (0.0, 0.0)

    def hold(self, seconds: float, characters: int) -> None:
        """Raise AssertionError when it took longer than the bound."""
        kilo = characters / 1000
        most = self.base + self.per_kb * kilo
        self.worst, self.slowest = max(self.worst, seconds / most), max(self.slowest, (seconds, kilo))
        if seconds > most:
            raise AssertionError(f"slow: {seconds:.2f} s for {kilo:.1f} kB, bound {most:.2f} s")


@dataclass
class Run:
    """What became of the cases.

    Attributes:
        outcomes: How often each outcome came.
        findings: What did not hold, one line each.
        digest: Of all outcomes in order: the same for the same seed and count.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)


def signature(error: BaseException) -> str:
    """What kind of finding it is: those of one kind are kept once."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(str(error).split())
    head = said.partition(":")[0][:60] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} {head} ({Path(where.filename).name}:{where.lineno})"


def smaller(case: Case, check: Callable[[Case], str], wanted: str, seconds: float = 30.0) -> Case:
    """The case with all cut away that its finding does not need (delta debugging, Zeller and Hildebrandt 2002)."""
    tries, end = 0, time.monotonic() + seconds

    def fails(trial: Case) -> bool:
        nonlocal tries
        tries += 1
        try:
            check(trial)
        except Exception as error:
            return signature(error) == wanted
        return False

    for name in list(case):
        part = max(1, len(case[name]) // 2)
        while case[name] and tries < MOST_TRIES and time.monotonic() < end:
            for start in range(0, len(case[name]), part):
                trial = {**case, name: case[name][:start] + case[name][start + part :]}
                if tries < MOST_TRIES and time.monotonic() < end and fails(trial):
                    case = trial
                    break
            else:
                if part == 1:
                    break
                part = max(1, part // 2)
    return case


def run(
    make: Callable[[random.Random], Case],
    check: Callable[[Case], str],
    options: argparse.Namespace,
) -> Run:
    """Try cases until the time or the count is over; what does not hold is made small and written."""
    sys.addaudithook(watch)
    done, kinds = Run(), Counter[str]()
    options.keep.mkdir(parents=True, exist_ok=True)
    now = options.keep / "now.json"
    start = time.monotonic()
    for number in range(options.cases):
        if time.monotonic() - start > options.seconds:
            break
        case = make(random.Random(f"{options.seed}/{number}"))
        now.write_text(json.dumps(case), encoding="utf-8")
        faulthandler.dump_traceback_later(KILLED_AFTER, exit=True)
        try:
            outcome = check(case)
        except Exception as error:
            faulthandler.cancel_dump_traceback_later()
            kind = outcome = signature(error)
            kinds[kind] += 1
            if kinds[kind] == 1:
                line = f"{options.seed}/{number}: {kind}: {' '.join(str(error).split())[:300]}"
                print(line, file=sys.stderr, flush=True)
                done.findings.append(line)
                path = options.keep / f"finding-{options.seed}-{number}.json"
                path.write_text(json.dumps(smaller(case, check, kind), indent=1), encoding="utf-8")
        faulthandler.cancel_dump_traceback_later()
        done.outcomes[outcome] += 1
        done.digest.update(outcome.encode("utf-8", "replace"))
    now.unlink(missing_ok=True)
    return done


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that all runs have."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--cases", type=int, default=10**9)
    made.add_argument("--seconds", type=float, default=600.0)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="where what did not hold is written")
    made.add_argument("--again", type=Path, metavar="FILE", help="try one kept case once more, and nothing else")
    return made


def report(done: Run, seconds: float, extra: str = "") -> None:
    """Print the counts and the findings; end the process with 1 when there are any."""
    total = sum(done.outcomes.values())
    print(f"{total:,} cases in {seconds:.0f} s; digest {done.digest.hexdigest()[:12]}; {extra}")
    for outcome, count in done.outcomes.most_common(25):
        print(f"  {count:>8,}  {outcome}")
    print(f"{len(done.findings)} kinds of findings")
    print("\n".join(done.findings))
    sys.exit(bool(done.findings))


def main(
    make: Callable[[random.Random], Case],
    check: Callable[[Case], str],
    options: argparse.Namespace,
    extra: Callable[[], str] = str,
) -> None:
    """Run from the command line."""
    if options.again:
        print(check(json.loads(options.again.read_text(encoding="utf-8"))))
        return
    start = time.monotonic()
    done = run(make, check, options)
    report(done, time.monotonic() - start, extra())
