"""Numbers that decide say what they are: unit, what raising them does, where they come from."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import toolkit
from toolkit import thresholds

SOURCE = Path(thresholds.__file__).read_text(encoding="utf-8")


def documented() -> dict[str, str]:
    """The constants of the module, each with the string behind it; empty without one."""
    found: dict[str, str] = {}
    body = ast.parse(SOURCE).body
    for node, behind in zip(body, [*body[1:], ast.Pass()], strict=True):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            (name,) = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            assert isinstance(name, ast.Name)
            text = behind.value.value if isinstance(behind, ast.Expr) and isinstance(behind.value, ast.Constant) else ""
            found[name.id] = str(text)
    return found


@pytest.mark.parametrize(("name", "text"), documented().items())
def test_each_says_its_unit_and_what_raising_it_does(name: str, text: str) -> None:
    assert name.isupper()
    assert re.search(r"\bUnit: \w", text), name
    assert re.search(r"\bRaised: \w", text), name


def test_each_group_says_where_its_numbers_come_from() -> None:
    groups = re.split(r"^# .+ -+$", SOURCE, flags=re.MULTILINE)[1:]
    assert len(groups) > 5
    for group in groups:
        first, *_ = re.split(r"^(?=[A-Z_]+ = )", group.strip(), flags=re.MULTILINE)[1:] or [group]
        assert "From: " in first, first


def test_each_is_read_by_some_module() -> None:
    root = Path(toolkit.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py") if path.name != "thresholds.py")
    read = set(re.findall(r"[A-Z][A-Z_]+", code))
    assert [name for name in documented() if name not in read] == []
