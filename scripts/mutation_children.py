"""The children of a mutation check: a fork of the process, another module's code in it, and pytest told what to run."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mutation_faults import ROOT

BROKEN = 70
"""Exit code of a child that did not come to a verdict."""


class Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Imports one module from another source than its file's."""

    def __init__(self, module: str, source: str) -> None:
        super().__init__(module_name(module), str(ROOT / module))
        self.source = source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """That one module only."""
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.path, loader=self)
        return None

    def get_code(self, fullname: str) -> Any:
        """The other source, compiled; no cache of bytecode is asked or written."""
        return compile(self.source, self.path, "exec", dont_inherit=True)


def module_name(module: str) -> str:
    """What a module is imported as, from its path."""
    return module.removesuffix(".py").replace("/", ".")


def swap_code(module: str, source: str) -> None:
    """Give the functions of a module that is loaded the code that they have in another source.

    Whoever has imported a function has the same object, and so runs the new code too.
    """
    loaded = sys.modules[module_name(module)]
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


class Session:
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
        """Hypothesis is told how to draw."""
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
        """As :meth:`choose`."""
        self.choose(items)

    def pytest_runtestloop(self, session: Any) -> bool | None:
        """What was given to be done instead, if anything."""
        if self.instead is None:
            return None
        self.instead(session)
        return True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """What is executed from here on counts for this test."""
        if self.coverage:
            for name in self.modules:  # who finds a value in a cache depends on the line that made it
                for member in vars(sys.modules[name]).values() if name in sys.modules else ():
                    getattr(member, "cache_clear", bool)()
            self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Its seconds, and the first that failed."""
        if report.failed:
            self.failed = self.failed or report.nodeid
        self.found[report.nodeid] = self.found.get(report.nodeid, 0.0) + report.duration


def run_tests(arguments: Sequence[str], session: Session) -> int:
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
