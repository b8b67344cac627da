"""A sandbox for templates whose work has an end: loops, calls and everything that makes a longer text are counted.

Jinja's own sandbox keeps a template from reaching Python, not from looping for ever or filling the memory: three loops
over ``range(100000)``, ``"x" * 10**10`` or a line such as ``{% set a = a ~ a %}`` forty times are ordinary templates.
Here each piece of work is paid for out of a budget for one rendering, and one that could be huge at a stroke is paid
for before it is done. What remains, such as comparing what is already there, is short, and ends with the time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MOST_CHARACTERS = 10_000_000
"""Characters that one rendering may make in all, counting a step of a loop, a call and a filter as ``_STEP``."""

MOST_SECONDS = 2.0
"""Seconds of the processor for one rendering."""

_STEP = 20
_WIDEST = 1_000  # columns that a filter or a format may fill up
_MOST_BITS = 10_000
_WIDE = re.compile(r"\*|\d{4,}|\{[^{}]*\{")
_WIDENING = frozenset({"batch", "center", "indent", "round", "slice", "tojson", "wordwrap"})
_LEFT_OUT = frozenset({"pprint", "random", "urlize", "xmlattr"})  # a prompt is the same each time, and plain text
_METHODS = frozenset(
    "capitalize casefold count endswith find get index isalnum isalpha isdecimal isdigit islower isnumeric isspace "
    "istitle isupper items join keys lower lstrip partition removeprefix removesuffix replace rfind rindex rpartition "
    "rsplit rstrip split splitlines startswith strip swapcase title upper values format format_map".split()
)
"""The methods of text, lists and dicts that a template may call."""


class _Budget:
    def __init__(self) -> None:
        self.left = MOST_CHARACTERS
        self.end = time.thread_time() + MOST_SECONDS


_BUDGET: ContextVar[_Budget | None] = ContextVar("_BUDGET", default=None)


@contextmanager
def budget() -> Iterator[None]:
    """Within it, what is rendered in this thread is paid for out of one budget."""
    token = _BUDGET.set(_Budget())
    try:
        yield
    finally:
        _BUDGET.reset(token)


def _spend(characters: int) -> None:
    if characters > MOST_CHARACTERS:
        raise SecurityError(f"it makes more than {MOST_CHARACTERS:,} characters")
    mine = _BUDGET.get()
    if mine is None:
        return
    mine.left -= characters
    if mine.left < 0:
        raise SecurityError(f"it makes more than {MOST_CHARACTERS:,} characters, or loops that often")
    if time.thread_time() > mine.end:
        raise SecurityError(f"it takes more than {MOST_SECONDS:g} s")


def _size(value: Any) -> int:
    """Characters in a value, and a step for what is none; what stands in it twice is shown twice, and counts twice."""
    total, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        total += len(one) if isinstance(one, str | bytes) else _STEP
        if total > MOST_CHARACTERS:
            raise SecurityError(f"it makes more than {MOST_CHARACTERS:,} characters")
        if isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set):
            waiting += one
    return total


def _paid(value: Any) -> Any:
    """The value, paid for by all that is in it."""
    _spend(_size(value))
    return value


@pass_context  # so that nothing is worked out when a template is compiled, where there is no budget
def _shown(context: Context, value: Any) -> Any:
    return _paid(value)


def _steps(items: Iterable[Any], weight: int) -> Iterator[Any]:
    for item in items:
        _spend(weight)
        yield item


def _joined(parts: list[Any]) -> str:
    _spend(sum(map(_size, parts)))
    return "".join(map(str, parts))


def _foresee(name: str, value: Any, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Pay beforehand for what can be huge at a stroke."""
    given = (*arguments, *named.values())
    if name in _WIDENING and any(isinstance(one, int | float) and abs(one) > _WIDEST for one in given):
        raise SecurityError(f"{name!r} by more than {_WIDEST:,} is too wide")
    if name in ("format", "format_map") and _WIDE.search(str(value)):
        raise SecurityError("a width in a format must be written out, and have at most three digits")
    if name == "sum" and any(isinstance(one, list | tuple) for one in given):
        raise SecurityError("'sum' adds numbers only")
    texts = [one for one in given if isinstance(one, str)]
    if name in ("replace", "join", "indent", "wordwrap") and isinstance(value, str) and texts:
        old = texts[0] if name == "replace" and len(texts) > 1 else "\n" if name == "indent" else ""
        _spend((value.count(old) + 1) * len(texts[-1]))
    elif name == "join" and texts and isinstance(value, list | tuple | Mapping | range):
        _spend(len(value) * len(texts[0]))


def _counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that pays for what it makes."""
    place = 1 if getattr(function, "jinja_pass_arg", None) is not None else 0

    @wraps(function)  # also tells Jinja which of them want the context
    def paying(*arguments: Any, **named: Any) -> Any:
        _foresee(name, arguments[place], arguments[place + 1 :], named)
        made = function(*arguments, **named)
        if name in ("batch", "slice"):
            return _paid(list(made))
        _spend(_STEP + (len(made) if isinstance(made, str | list) else 0))
        return made

    return paying


class _Weighing(NodeTransformer):
    """Has the steps of loops, joined texts and new lists counted, by filters whose names no template can write."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        written = sum(len(text.data) for text in node.find_all(nodes.TemplateData))
        node.iter = _filtered(node.iter, "a step", nodes.Const(_STEP + written))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "joined")

    def visit_List(self, node: nodes.Literal) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return node if getattr(node, "ctx", "load") != "load" else _filtered(node, "paid")

    visit_Dict = visit_Tuple = visit_List  # noqa: N815


def _filtered(node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


class _Counting(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:  # noqa: N802
        super().visit_Template(_Weighing().visit(node), frame)


class Bounded(ImmutableSandboxedEnvironment):
    """Plain Jinja in a sandbox, in which a name or field that is not there is an error, and work has an end.

    Raises:
        SecurityError: From rendering within :func:`budget`: it is over.
    """

    code_generator_class = _Counting
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            optimized=False,
            undefined=StrictUndefined,
            finalize=_shown,
        )
        self.globals.pop("lipsum")
        self.filters = {name: _counted(name, made) for name, made in self.filters.items() if name not in _LEFT_OUT}
        self.filters |= {"a step": _steps, "joined": _joined, "paid": _paid}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out an operator, after a look at how large the outcome is."""
        if isinstance(left, int) and isinstance(right, int):
            bits = {"**": left.bit_length() * max(1, right), "*": left.bit_length() + right.bit_length()}
            if bits.get(operator, 0) > _MOST_BITS:
                raise SecurityError(f"a number of more than {_MOST_BITS:,} bits is too large")
        elif operator == "*":
            times, many = (left, right) if isinstance(left, int) else (right, left)
            if isinstance(times, int) and isinstance(many, str | bytes | list | tuple):
                _spend(max(0, times) * _size(many))
        elif operator == "+" and isinstance(left, str | list | tuple):
            _spend(_size(left) + _size(right))
        elif operator == "%" and isinstance(left, str | bytes):
            _foresee("format", left, (), {})
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may have it: of what is text, list or dict only some methods."""
        if isinstance(obj, str | bytes | int | float | list | tuple | dict | set) and attr not in _METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """``str.format`` with an eye on its widths."""
        formatting = super().wrap_str_format(value)
        if formatting is None:
            return None
        _foresee("format", value.__self__, (), {})
        return formatting

    def call(__self, __context: Context, __obj: Any, *arguments: Any, **named: Any) -> Any:  # noqa: N805
        """Call what a template calls, and pay for it."""
        _spend(_STEP)
        whose, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(whose, str) and name == "join" and arguments:
            _foresee("join", arguments[0], (whose,), {})
        elif isinstance(whose, str):
            _foresee(name, whose, arguments, named)
        made = super().call(__context, __obj, *arguments, **named)
        return _paid(made) if isinstance(made, str | list | tuple | dict) else made
