"""The faults of a mutation check: Cosmic Ray's operators and two of ours, and the mutants that they make of a module.

Left out of Cosmic Ray's operators is what dies by itself or cannot matter: of the other eleven arithmetic operators
only the opposite one is tried, of comparisons those that move the boundary or turn the answer round, and annotations
are left alone. ``+=`` and ``in``, which it does not know, are added.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, ClassVar

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent

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
