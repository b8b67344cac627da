"""``scripts/check``: a step that fails hides none of the others. Its tools are stand-ins, first on PATH."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CHECK = Path(__file__).parent.parent / "scripts" / "check"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs bash")


def check(tools: Path, *steps: str, **exits: int) -> subprocess.CompletedProcess[str]:
    for name, code in exits.items():
        (tools / name).write_text(f"#!/bin/sh\necho {name} ran\nexit {code}\n")
        (tools / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", CHECK, *steps], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def ran(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.removesuffix(" ran") for line in done.stdout.splitlines() if line.endswith(" ran")]


def test_all_steps_run_and_those_that_failed_are_named(tmp_path: Path) -> None:
    done = check(tmp_path, "lint", "types", "audit", ruff=3, mypy=0, python=4)
    assert done.returncode == 3
    assert ran(done) == ["ruff", "mypy", "python"]
    assert done.stderr.splitlines()[-1] == "scripts/check: 2 of 3 failed; once more: scripts/check lint audit"


def test_a_step_ends_where_it_fails(tmp_path: Path) -> None:
    """In ``lock`` comparing comes after compiling, which fails here."""
    done = check(tmp_path, "lock", "types", uv=5, mypy=0, diff=0)
    assert done.returncode == 5
    assert ran(done) == ["uv", "mypy"]


def test_nothing_is_said_of_failures_when_there_are_none(tmp_path: Path) -> None:
    done = check(tmp_path, "lint", "types", ruff=0, mypy=0)
    assert (done.returncode, done.stderr) == (0, "")
    assert check(tmp_path, "lnit").returncode == 2
