"""Mutation check: does some test fail when the code is wrong? ``python scripts/mutation.py passages statistics``.

Cosmic Ray's operators make the mutants: one small fault each, such as ``<`` for ``<=``, a number one larger, a
condition turned round. Cosmic Ray's own runner writes each one to disk and starts an interpreter for it, which takes
seconds. Here a mutant lives in the memory of a forked child only, whose parent has loaded everything and collected the
tests; it runs just those that execute the changed line, the likely ones first. Nothing in the working tree is written.

Left out of Cosmic Ray's operators is what dies by itself or cannot matter: of the other eleven arithmetic operators
only the opposite one is tried, of comparisons those that move the boundary or turn the answer round, and annotations
are left alone. ``+=`` and ``in``, which it does not know, are added.

POSIX only: it forks.
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import json
import math
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Any, ClassVar

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
THRESHOLDS = "toolkit/thresholds.py"
"""Of this one, the constants that a group's other modules name."""

BROKEN = 70
"""Exit code of a child that did not come to a verdict."""

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
            "toolkit/alignment/predicates.py",
            "toolkit/alignment/tenses.py",
            THRESHOLDS,
        ),
        tests=(
            "tests/test_align.py",
            "tests/test_align_edges.py",
            "tests/test_otherwise.py",
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

# Mutants --------------------------------------------------------------------------------------------------------------

_OPPOSITE = re.compile(
    "core/("
    "ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul|RShift_LShift|LShift_RShift"
    "|BitOr_BitAnd|BitAnd_BitOr|BitXor_BitOr)"
    "|ReplaceComparisonOperator_(Lt_LtE|Lt_GtE|LtE_Lt|LtE_Gt|Gt_GtE|Gt_LtE|GtE_Gt|GtE_Lt|Eq_NotEq|NotEq_Eq|Is_IsNot"
    "|IsNot_Is)"
    "|ReplaceUnaryOperator_Delete_.*"
    "|AddNot|Replace(TrueWithFalse|FalseWithTrue|AndWithOr|OrWithAnd|BreakWithContinue|ContinueWithBreak)"
    "|ExceptionReplacer|NumberReplacer|RemoveDecorator|ZeroIterationForLoop)"
)


class ReplaceAugmentedAssignment(Operator):
    """``+=`` becomes ``-=``, and so on."""

    opposite: ClassVar = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|="}

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Where such operators stand."""
        if node.type == "operator" and node.value in self.opposite:
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """The node with the opposite operator."""
        node.value = self.opposite[node.value]
        return node

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        """None: Cosmic Ray asks for them in its own tests only."""
        return ()


class ReplaceMembership(Operator):
    """``in`` becomes ``not in``, and the other way round."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Where such operators stand."""
        if node.type == "comparison":
            for operator in self._found(node):
                yield operator.start_pos, operator.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """The node with the opposite operator."""
        operator = self._found(node)[index]
        turned = " in" if operator.get_code().split() == ["not", "in"] else " not in"
        node.children[node.children.index(operator)] = parso.parse(turned)
        return node

    @staticmethod
    def _found(node: Any) -> list[Any]:
        return [child for child in node.children[1::2] if child.get_code().split() in (["in"], ["not", "in"])]

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        """None: Cosmic Ray asks for them in its own tests only."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One fault: where it is, and which tests execute it (None: it runs at import, so all may)."""

    module: str
    line: int
    operator: str
    occurrence: int
    source: str
    tests: frozenset[str] | None

    def key(self) -> tuple[str, str, str]:
        """What is the same in another run."""
        return self.module, self.operator, self.diff((ROOT / self.module).read_text(encoding="utf-8"))

    def diff(self, original: str) -> str:
        """What was changed, without headers."""
        lines = unified_diff(original.splitlines(), self.source.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def operators() -> dict[str, Operator]:
    """Name to instance of the operators that are used."""
    kept = [name for name in operator_names() if _OPPOSITE.fullmatch(name)]
    known = {name.removeprefix("core/"): get_operator(name)() for name in sorted(kept)}
    return {**known, "AugmentedAssignment": ReplaceAugmentedAssignment(), "Membership": ReplaceMembership()}


def mutants(module: str, reached: Mapping[int, frozenset[str]], sample: int = 0, seed: int = 0) -> list[Mutant]:
    """Faults of a module that compile and change what is run, in the order of its lines.

    Args:
        module: Its path from the root.
        reached: Line to the tests that execute it; the empty name stands for the import.
        sample: Draw so many; 0 for all.
        seed: Of the drawing.
    """
    original = (ROOT / module).read_text(encoding="utf-8")
    plain = _code(ast.parse(original))
    lines = _statements(ast.parse(original))
    nodes = list(ast_nodes(get_ast(original)))
    places = [
        (start[0], name, operator, occurrence)
        for name, operator in operators().items()
        for occurrence, (node, start) in enumerate(
            (node, start) for node in nodes for start, _ in operator.mutation_positions(node)
        )
        if node.parent is None or node.parent.type != "parameters"  # the “*” before keywords is no product
    ]
    if sample:
        random.Random(seed).shuffle(places)
    found: list[Mutant] = []
    for line, name, operator, occurrence in places:
        source = mutate_code(original, operator, occurrence)
        try:
            changed = source is not None and _code(ast.parse(source)) != plain
        except SyntaxError:
            continue
        if changed:
            tests = frozenset().union(*(reached.get(one, frozenset()) for one in lines.get(line, [line])))
            at_import = "" in tests
            found.append(
                Mutant(
                    module=module,
                    line=line,
                    operator=name,
                    occurrence=occurrence,
                    source=source,
                    tests=None if at_import else tests,
                )
            )
        if sample and len(found) == sample:
            break
    return sorted(found, key=lambda one: (one.line, one.operator, one.occurrence))


def _code(tree: ast.Module) -> str:
    """What a module does, written down: annotations of functions and variables left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(value=None)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.test, node.body = ast.Constant(value=False), [ast.Pass()]
    return ast.dump(tree)


def _statements(tree: ast.Module) -> dict[int, list[int]]:
    """Line -> all lines of the innermost statement on it, of a compound one those of its head."""
    found: dict[int, list[int]] = {}
    for node in ast.walk(tree):  # outer ones come first
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            for line in range(node.lineno, last + 1):
                found[line] = list(range(node.lineno, last + 1))
    return found


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


# Children -------------------------------------------------------------------------------------------------------------


class _Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Imports one module from another source than its file's."""

    def __init__(self, module: str, source: str) -> None:
        super().__init__(_name(module), str(ROOT / module))
        self.source = source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.path, loader=self)
        return None

    def get_code(self, fullname: str) -> Any:
        return compile(self.source, self.path, "exec", dont_inherit=True)


def _name(module: str) -> str:
    return module.removesuffix(".py").replace("/", ".")


def swap_code(module: str, source: str) -> None:
    """Give the functions of a module that is loaded the code that they have in another source.

    Whoever has imported a function has the same object, and so runs the new code too.
    """
    loaded = sys.modules[_name(module)]
    other = types.ModuleType(loaded.__name__)
    other.__dict__.update(__file__=loaded.__file__, __package__=loaded.__package__)
    exec(compile(source, str(ROOT / module), "exec", dont_inherit=True), other.__dict__)  # noqa: S102 - a mutant of ours
    changed = dict(_functions(vars(other), loaded.__name__))
    for name, function in _functions(vars(loaded), loaded.__name__):
        function.__code__ = changed[name].__code__


def _functions(members: Mapping[str, Any], module: str) -> Iterator[tuple[str, types.FunctionType]]:
    """Functions and methods by qualified name, without what decorators put around them."""
    for member in list(members.values()):
        inner = member
        for attribute in ("fget", "__func__", "func", "__wrapped__"):
            inner = getattr(inner, attribute, None) or inner
        if (
            isinstance(inner, types.FunctionType)
            and inner.__module__ == module
            and inner.__code__.co_filename[0] != "<"
        ):
            yield inner.__qualname__, inner
        elif isinstance(member, type) and member.__module__ == module:
            yield from _functions(vars(member), module)


class _Session:
    """The pytest plugin of a child: which tests, in which order, and what becomes of them.

    Args:
        wanted: Names of tests; None for all.
        order: Key to sort them by.
        coverage: Told which test runs.
        modules: Those whose caches are emptied before each test then.
        instead: Called instead of the tests, once they are collected.
    """

    def __init__(
        self,
        wanted: frozenset[str] | None,
        order: Callable[[str], Any] = bool,
        coverage: Any = None,
        modules: Sequence[str] = (),
        instead: Callable[[Any], None] | None = None,
    ) -> None:
        self.wanted, self.order, self.coverage, self.modules, self.instead = wanted, order, coverage, modules, instead
        self.found: dict[str, float] = {}
        self.failed = ""

    def pytest_sessionstart(self) -> None:
        from hypothesis import Phase, settings

        # The same examples for every mutant, none kept, and no time spent on making a failure small.
        settings.register_profile(
            "mutation", deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate)
        )
        settings.load_profile("mutation")

    def choose(self, items: list[Any]) -> None:
        """Leave the tests that are wanted, in order."""
        if self.wanted is not None:
            items[:] = [item for item in items if item.nodeid in self.wanted]
        items.sort(key=lambda item: self.order(item.nodeid))

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        self.choose(items)

    def pytest_runtestloop(self, session: Any) -> bool | None:
        if self.instead is None:
            return None
        self.instead(session)
        return True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if self.coverage:
            for name in self.modules:  # who finds a value in a cache depends on the line that made it
                for member in vars(sys.modules[name]).values() if name in sys.modules else ():
                    getattr(member, "cache_clear", bool)()
            self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid
        self.found[report.nodeid] = self.found.get(report.nodeid, 0.0) + report.duration


def run_tests(arguments: Sequence[str], session: _Session) -> int:
    """Run pytest in this process; its exit code."""
    import pytest

    options = [
        "-x",
        "-q",
        "-o",
        "addopts=",
        "-p",
        "no:cacheprovider",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    ]
    code = int(pytest.main([*options, *arguments], plugins=[session]))
    imported = sys.modules.get("toolkit")
    if imported is not None and not str(imported.__file__).startswith(str(ROOT)):
        raise SystemExit(f"toolkit was imported from {imported.__file__}, not from {ROOT}")
    return code


def in_child(work: Callable[[], int], timeout: float, log: Path) -> int | None:
    """The exit code of some work in a forked child; None when it took too long."""
    child = os.fork()
    if not child:
        code = BROKEN
        try:
            os.setsid()
            target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(target, 1)
            os.dup2(target, 2)
            code = work()
        except BaseException:  # whatever it is, it ends here
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def judged(mutant: Mutant, known: Baseline, folder: Path, work: Callable[[_Session], int]) -> Fate:
    """What becomes of a mutant when its tests are run by ``work``, in a child of its own."""
    log, by = folder / "mutant.log", folder / "by"
    by.unlink(missing_ok=True)
    wanted = known.seconds if mutant.tests is None else mutant.tests

    allowed = 5 + 4 * sum(known.seconds.get(test, 0.0) for test in wanted)

    def whole() -> int:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        spent = math.ceil(time.process_time() + allowed)
        resource.setrlimit(resource.RLIMIT_CPU, (spent, spent))  # on a busy machine the clock on the wall says nothing
        session = _Session(mutant.tests, known.order)
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
        session = _Session(None, coverage=measured, modules=[_name(module) for module in group.modules])
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
        def work(mutant: Mutant, plugin: _Session) -> int:
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
        return run_tests([*group.tests, *selection], _Session(None, instead=each))

    log = folder / "collected.log"
    if in_child(collected, 24 * 3600, log) not in (0, 5):
        raise SystemExit(f"the tests cannot be collected:\n{log.read_text(encoding='utf-8')[-3000:]}")
    yield from (Fate(**json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines())
    for mutant in mutants:
        if mutant.tests is None:

            def imported(plugin: _Session, mutant: Mutant = mutant) -> int:
                sys.meta_path.insert(0, _Changed(mutant.module, mutant.source))
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
            made = [one for one in made if one.line in _named_by(group)]
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
