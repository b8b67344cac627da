"""Mutation check: does some test fail when the code is wrong? ``python scripts/mutation.py passages statistics``.

Cosmic Ray's operators make the mutants: one small fault each, such as ``<`` for ``<=``, a number one larger, a
condition turned round. Cosmic Ray's own runner writes each one to disk and starts an interpreter for it, which takes
seconds. Here a mutant lives in the memory of a forked child only, whose parent has loaded everything and collected the
tests; it runs just those that execute the changed line, the likely ones first. Nothing in the working tree is written.

POSIX only: it forks. The faults are in mutation_faults.py, the forks in mutation_children.py.
"""

from __future__ import annotations

import argparse
import functools
import gc
import importlib
import itertools
import json
import math
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mutation_children import BROKEN, Changed, Session, in_child, module_name, run_tests, swap_code
from mutation_faults import ROOT, Mutant, mutants

THRESHOLDS = "toolkit/thresholds.py"
"""Of this one, the constants that a group's other modules name."""

MEMORY = 6 * 2**30
"""Bytes of address space that a mutant may take: some append forever."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Modules that are checked together, and the test files that must notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


GROUPS = {
    "passages": Group(
        modules=("toolkit/passages.py",), tests=("tests/test_passages.py", "tests/test_passages_edges.py")
    ),
    "statistics": Group(
        modules=(
            "toolkit/experiment/intervals.py",
            "toolkit/experiment/paired.py",
            "toolkit/experiment/significance.py",
        ),
        tests=("tests/test_statistics.py", "tests/test_statistics_edges.py"),
    ),
    "align": Group(
        modules=(
            "toolkit/align.py",
            "toolkit/alignment/agreement.py",
            "toolkit/alignment/denial.py",
            "toolkit/alignment/extent.py",
            "toolkit/alignment/pairings.py",
            "toolkit/alignment/places.py",
            "toolkit/alignment/predicates.py",
            "toolkit/alignment/scopes.py",
            "toolkit/alignment/tenses.py",
            THRESHOLDS,
        ),
        tests=(
            "tests/test_align.py",
            "tests/test_align_edges.py",
            "tests/test_false_support.py",
            "tests/test_otherwise.py",
            "tests/test_pairings.py",
            "tests/test_reversals.py",
            "tests/test_support.py",
        ),
    ),
}

PRELOADED = (
    "_pytest.assertion.rewrite hypothesis.strategies numpy scipy.special scipy.stats statsmodels.stats.multitest "
    "statsmodels.stats.proportion statsmodels.stats.contingency_tables sklearn.metrics sentencex Stemmer pyarrow "
    "wordllama playwright.sync_api coverage"
).split()


# One mutant -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the tests do on the code as it is: seconds of each, and who executes which line.

    ``killed`` counts the mutants that each test has killed since.
    """

    seconds: dict[str, float]
    reached: dict[str, dict[int, frozenset[str]]]
    killed: Counter[str] = field(default_factory=Counter)

    def order(self, test: str) -> tuple[int, float]:
        """What sorts those first that killed most so far, then the quick ones."""
        return -self.killed[test], self.seconds.get(test, 0.0)


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What became of a mutant: ``killed``, ``timeout`` (which counts as killed) or ``survived``."""

    module: str
    line: int
    operator: str
    fate: str
    tests: int
    by: str
    diff: str


def judged(mutant: Mutant, known: Baseline, folder: Path, work: Callable[[Session], int]) -> Fate:
    """What becomes of a mutant when its tests are run by ``work``, in a child of its own."""
    log, by = folder / "mutant.log", folder / "by"
    by.unlink(missing_ok=True)
    wanted = known.seconds if mutant.tests is None else mutant.tests

    allowed = 5 + 4 * sum(known.seconds.get(test, 0.0) for test in wanted)

    def whole() -> int:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        spent = math.ceil(time.process_time() + allowed)
        resource.setrlimit(resource.RLIMIT_CPU, (spent, spent))  # on a busy machine the clock on the wall says nothing
        session = Session(mutant.tests, known.order)
        code = work(session)
        by.write_text(session.failed, encoding="utf-8")
        return code

    code = in_child(whole, 20 * allowed, log) if wanted else 0
    if code == BROKEN and "MemoryError" not in log.read_text(encoding="utf-8", errors="replace"):
        raise SystemExit(f"a child broke:\n{log.read_text(encoding='utf-8')[-3000:]}")
    killer = by.read_text(encoding="utf-8") if by.exists() else ""
    known.killed[killer] += 1
    return Fate(
        module=mutant.module,
        line=mutant.line,
        operator=mutant.operator,
        fate="timeout" if code in (None, -signal.SIGKILL, -signal.SIGXCPU) else "killed" if code else "survived",
        tests=len(wanted),
        by=killer,
        diff=mutant.key()[-1],
    )


# The check ------------------------------------------------------------------------------------------------------------


def baseline(group: Group, selection: Sequence[str], folder: Path) -> Baseline:
    """Run the group's tests on the unchanged code, with coverage of lines by test."""
    out = folder / "baseline.json"

    def work() -> int:
        import coverage

        measured = coverage.Coverage(
            config_file=False, data_file=None, include=[str(ROOT / module) for module in group.modules]
        )
        measured.start()
        session = Session(None, coverage=measured, modules=[module_name(module) for module in group.modules])
        code = run_tests([*group.tests, *selection], session)
        measured.stop()
        data = measured.get_data()
        reached = {module: data.contexts_by_lineno(str(ROOT / module)) for module in group.modules}
        out.write_text(json.dumps({"seconds": session.found, "reached": reached}), encoding="utf-8")
        return code

    log = folder / "baseline.log"
    if in_child(work, 1800, log) != 0:
        raise SystemExit(f"the tests fail on the unchanged code:\n{log.read_text(encoding='utf-8')[-3000:]}")
    found = json.loads(out.read_text(encoding="utf-8"))
    reached = {
        module: {int(line): frozenset(tests) for line, tests in lines.items()}
        for module, lines in found["reached"].items()
    }
    return Baseline(seconds=found["seconds"], reached=reached)


def tried(
    mutants: Sequence[Mutant], group: Group, known: Baseline, selection: Sequence[str], folder: Path
) -> Iterator[Fate]:
    """What becomes of each mutant.

    Faults of functions are tried in forks of a process that has collected all tests; those of what runs at import, such
    as constants, need the import.
    """
    out = folder / "fates.jsonl"
    out.touch()

    def each(session: Any) -> None:
        def work(mutant: Mutant, plugin: Session) -> int:
            swap_code(mutant.module, mutant.source)
            session.config.pluginmanager.register(plugin)
            plugin.choose(session.items)
            for item, following in itertools.zip_longest(session.items, session.items[1:]):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if plugin.failed:
                    return 1
            return 0

        with out.open("w", encoding="utf-8") as lines:
            for mutant in mutants:
                if mutant.tests is not None:
                    fate = judged(mutant, known, folder, functools.partial(work, mutant))
                    lines.write(json.dumps(asdict(fate)) + "\n")
                    lines.flush()

    def collected() -> int:
        return run_tests([*group.tests, *selection], Session(None, instead=each))

    log = folder / "collected.log"
    if in_child(collected, 24 * 3600, log) not in (0, 5):
        raise SystemExit(f"the tests cannot be collected:\n{log.read_text(encoding='utf-8')[-3000:]}")
    yield from (Fate(**json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines())
    for mutant in mutants:
        if mutant.tests is None:

            def imported(plugin: Session, mutant: Mutant = mutant) -> int:
                sys.meta_path.insert(0, Changed(mutant.module, mutant.source))
                return run_tests([*group.tests, *selection], plugin)

            yield judged(mutant, known, folder, imported)


def check(name: str, options: argparse.Namespace, folder: Path) -> list[Fate]:
    """Try the mutants of a group, and print what became of them."""
    group = GROUPS[name]
    selection = [] if options.slow else ["-m", "not slow"]
    known = baseline(group, selection, folder)
    fates: list[Fate] = []
    for module in group.modules:
        if options.only and options.only not in module:
            continue
        made = mutants(module, known.reached.get(module, {}), options.sample, options.seed)
        if module == THRESHOLDS:
            named = _named_by(group)
            made = [one for one in made if one.line in named]
        if options.again:
            made = [one for one in made if one.key() in options.again]
        if options.lines:
            first, last = map(int, options.lines.split("-"))
            made = [one for one in made if first <= one.line <= last]
        started = time.perf_counter()
        here: list[Fate] = []
        for fate in tried(made, group, known, selection, folder):
            here.append(fate)
            if fate.fate == "survived":
                print(f"{module}:{fate.line} {fate.operator} survived {fate.tests} tests\n{fate.diff}\n", flush=True)
        fates += here
        print(_line(module, here, time.perf_counter() - started), flush=True)
    return fates


def _named_by(group: Group) -> set[int]:
    """Lines of the thresholds that the group's other modules name."""
    used = {
        name
        for module in group.modules
        for name in re.findall(r"\bthresholds\.([A-Z_]+)", (ROOT / module).read_text(encoding="utf-8"))
    }
    lines = (ROOT / THRESHOLDS).read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.partition(" = ")[0] in used}


def _line(module: str, fates: Sequence[Fate], seconds: float) -> str:
    killed = sum(one.fate != "survived" for one in fates)
    slow = sum(one.fate == "timeout" for one in fates)
    share = f"{killed / len(fates):.1%}" if fates else "no mutant"
    return f"== {module}: {killed} of {len(fates)} killed ({slow} by time), {share}; {seconds:.0f} s"


def survivors(path: str) -> set[tuple[str, str, str]]:
    """The keys of the mutants that survived an earlier run."""
    groups = json.loads(Path(path).read_text(encoding="utf-8"))
    fates = [Fate(**one) for group in groups.values() for one in group]
    return {(one.module, one.operator, one.diff) for one in fates if one.fate == "survived"}


def main() -> int:
    """Check the groups that are named; 1 when one is below what is asked."""
    parser = argparse.ArgumentParser(description="Mutation check of the modules on which a citation depends.")
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], help="default: all")
    parser.add_argument("--sample", type=int, default=0, help="try so many of a module's mutants, drawn with --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slow", action="store_true", help="slow tests too")
    parser.add_argument("--only", help="only modules whose path contains this")
    parser.add_argument("--lines", help="only mutants on these lines, such as 20-80")
    parser.add_argument("--again", type=survivors, help="only those that survived in this file of an earlier --out")
    parser.add_argument("--least", type=float, default=0.85, help="share that must be killed in each group")
    parser.add_argument("--out", type=Path, help="a JSON file for the fates")
    options = parser.parse_args()
    out = options.out.resolve() if options.out else None
    os.chdir(ROOT)
    sys.path[0] = str(ROOT)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # threads do not survive a fork
    for module in PRELOADED:
        importlib.import_module(module)
    gc.freeze()
    below = False
    everything: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.groups or GROUPS:
            fates = check(name, options, Path(folder))
            everything[name] = [asdict(one) for one in fates]
            killed = sum(one.fate != "survived" for one in fates)
            below |= killed < options.least * len(fates)
            print(f"=== {name}: {killed} of {len(fates)} killed, {killed / max(1, len(fates)):.1%}", flush=True)
            if out:
                out.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    return int(below)


if __name__ == "__main__":
    sys.exit(main())
