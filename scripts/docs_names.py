"""Whether code that documentation shows but cannot run speaks of what exists: names, attributes, keyword arguments."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import re
import sys
import types
from collections.abc import Callable
from typing import Any

UNKNOWN = object()
"""Stands for a value that is not known without running the code."""


class Kind:
    """A value of which only the class is known."""

    def __init__(self, of: type) -> None:
        self.of = of


def name_faults(code: str, names: dict[str, Any]) -> list[tuple[int, str]]:
    """What code speaks of that does not exist, as (line from 1, fault).

    Followed are imports, calls of what was imported or stands in ``names``, and methods of what such calls return as
    far as annotations tell; what cannot be followed is believed.

    Args:
        code: Python code; ``await`` may stand anywhere.
        names: What earlier blocks of the page have made; what this code makes is put there too, as far as it is known.

    Raises:
        SyntaxError: It is no Python.
    """
    tree = compile(code, "<docs>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    reader = _Reader(names)
    reader.visit(tree)
    return reader.faults


class _Reader(ast.NodeVisitor):
    """Walks code in order and remembers what its names stand for."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.faults: list[tuple[int, str]] = []
        self._assigned: set[str] = set()

    def visit_Module(self, node: ast.Module) -> None:
        """Names that are given anywhere count as given, as in functions; order is for the code's readers."""
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                self._assigned.add(one.id)
            elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self._assigned.add(one.name)
            elif isinstance(one, ast.arg):
                self._assigned.add(one.arg)
            elif isinstance(one, ast.ExceptHandler) and one.name:
                self._assigned.add(one.name)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """A module of ours or of what is installed."""
        for alias in node.names:
            try:
                module = importlib.import_module(alias.name)
            except ImportError:
                self._missing(node, alias.name)
                module = None
            top = alias.name.partition(".")[0]
            known = UNKNOWN if module is None else module if alias.asname else importlib.import_module(top)
            self.names[alias.asname or top] = known

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Names of a module."""
        name = node.module or ""
        try:
            module = importlib.import_module(name)
        except ImportError:
            self._missing(node, name)
            module = None
        for alias in node.names:
            value = UNKNOWN if module is None else getattr(module, alias.name, UNKNOWN)
            if module is not None and value is UNKNOWN:
                try:
                    value = importlib.import_module(f"{name}.{alias.name}")
                except ImportError:
                    self.faults.append((node.lineno, f"{name} has no {alias.name!r}"))
            self.names[alias.asname or alias.name] = value

    def _missing(self, node: ast.stmt, module: str) -> None:
        """Ours must exist; others may be of an extra that is not installed."""
        if module.partition(".")[0] == "toolkit":
            self.faults.append((node.lineno, f"there is no module {module!r}"))

    def visit_Assign(self, node: ast.Assign) -> None:
        """A name gets what its value is known to be."""
        self.generic_visit(node)
        value = self._value(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.names[target.id] = value

    def visit_With(self, node: ast.With) -> None:
        """``with X as name``: most managers of ours give themselves."""
        for item in node.items:
            if isinstance(item.optional_vars, ast.Name):
                self.names[item.optional_vars.id] = self._value(item.context_expr)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """A name must come from somewhere."""
        known = node.id in self.names or node.id in self._assigned or hasattr(builtins, node.id)
        if isinstance(node.ctx, ast.Load) and not known:
            self.faults.append((node.lineno, f"{node.id!r} comes from nowhere"))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """An attribute must be there when it is known of what."""
        self.generic_visit(node)
        owner = self._value(node.value)
        if owner is not UNKNOWN and isinstance(node.ctx, ast.Load) and not _has(owner, node.attr):
            self.faults.append((node.lineno, f"{ast.unparse(node.value)} has no {node.attr!r}"))

    def visit_Call(self, node: ast.Call) -> None:
        """Arguments must fit the signature."""
        self.generic_visit(node)
        called = self._value(node.func)
        function = called if callable(called) and called is not UNKNOWN else None
        if function is None:
            return
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return
        if any(isinstance(one, ast.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
            return
        positional = [None] * (len(node.args) + _is_unbound(node.func, function, self))
        try:
            signature.bind(*positional, **{one.arg: None for one in node.keywords if one.arg})
        except TypeError as error:
            self.faults.append((node.lineno, f"{ast.unparse(node.func)}(): {error}"))
        known = _keywords(function)
        for one in node.keywords:
            if known is not None and one.arg not in known:
                self.faults.append((node.lineno, f"{ast.unparse(node.func)}(): there is no argument {one.arg!r}"))

    def _value(self, node: ast.expr) -> Any:
        """What an expression stands for: a value, a :class:`Kind`, or :data:`UNKNOWN`."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, getattr(builtins, node.id, UNKNOWN))
        if isinstance(node, ast.Await):
            return self._value(node.value)
        if isinstance(node, ast.Attribute):
            owner = self._value(node.value)
            if owner is UNKNOWN:
                return UNKNOWN
            if not isinstance(owner, Kind):
                return getattr(owner, node.attr, UNKNOWN)
            value = inspect.getattr_static(owner.of, node.attr, UNKNOWN)
            if isinstance(value, property):
                return _returned(value.fget)
            if isinstance(value, types.FunctionType | classmethod | staticmethod):
                return getattr(owner.of, node.attr)
            return UNKNOWN
        if isinstance(node, ast.Call):
            called = self._value(node.func)
            if isinstance(called, type):
                return Kind(called)
            if called is UNKNOWN or isinstance(called, Kind):
                return UNKNOWN
            owner = self._value(node.func.value) if isinstance(node.func, ast.Attribute) else None
            return _returned(
                called, owner.of if isinstance(owner, Kind) else owner if isinstance(owner, type) else None
            )
        return UNKNOWN


def _is_unbound(node: ast.expr, function: Any, reader: _Reader) -> int:
    """1 when a method was looked up on a class for a value whose class only is known, so that ``self`` is missing."""
    if not isinstance(node, ast.Attribute) or not isinstance(reader._value(node.value), Kind):
        return 0
    return int(isinstance(function, types.FunctionType) and not _is_static(reader._value(node.value).of, node.attr))


def _is_static(owner: type, name: str) -> bool:
    return isinstance(inspect.getattr_static(owner, name, None), staticmethod)


def _returned(function: Callable[..., Any] | None, owner: type | None = None) -> Any:
    """What a function is annotated to return, when the first class that its annotation names is of ours."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    first = re.match(r"\w+", str(getattr(function, "__annotations__", {}).get("return", "")))
    if first is None:
        return UNKNOWN
    if first[0] == "Self" and owner is not None:
        return Kind(owner)
    module = sys.modules.get(getattr(function, "__module__", ""))
    for place in (module, importlib.import_module("toolkit.types"), importlib.import_module("toolkit")):
        found = getattr(place, first[0], None)
        if isinstance(found, type) and found.__module__.partition(".")[0] == "toolkit":
            return Kind(found)
    return UNKNOWN


def _keywords(function: Any) -> set[str] | None:
    """The names that a method with ``**filters`` or ``**options`` takes: its own, its plain twin's and those of search.

    None when it takes no others, or is not a Library's.
    """
    from toolkit import Library

    parameters = inspect.signature(function).parameters
    is_open = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    name = getattr(function, "__name__", "")
    if not is_open or getattr(Library, name, None) is not function:
        return None
    twin = getattr(Library, name.removeprefix("a"), function)
    named = {*parameters, *inspect.signature(twin).parameters, *inspect.signature(Library.search).parameters}
    return named | set(inspect.signature(Library.add).parameters)


def _has(owner: Any, name: str) -> bool:
    if not isinstance(owner, Kind):
        return hasattr(owner, name)
    of = owner.of
    annotated = any(name in vars(base).get("__annotations__", {}) for base in of.__mro__)
    return annotated or hasattr(of, name) or hasattr(of, "__getattr__") or name in _set_in_init(of)


def _set_in_init(of: type) -> set[str]:
    """Attributes that constructors set, as far as their source shows."""
    found: set[str] = set()
    for base in of.__mro__[:-1]:
        try:
            tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError, IndentationError):
            continue
        for one in ast.walk(tree):
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self":
                found.add(one.attr)
    return found
