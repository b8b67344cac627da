"""The pages of docs/extending done literally: their files written, their changes made, their tests run, in a copy.

A page shows a new file whole, in a block with ``title="path"``, and a change as a ``diff`` block with the file's
title. A change finds its place by the lines that it keeps and takes away, which must stand in the file exactly once:
where the code has moved on, the page must too.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "extending").glob("*.md"))
_BLOCK = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_COPIED = ("toolkit", "prompts", "tests", "notebooks", "docs", "benchmarks", "pyproject.toml", "README.md")


def steps(page: Path) -> list[tuple[str, str, str]]:
    """The blocks of a page that name a file: language, path, text."""
    return [match.groups() for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))]


def follow(page: Path, checkout: Path) -> list[Path]:
    """Do what a page says; the files that it touches."""
    touched = []
    for language, name, text in steps(page):
        path = checkout / name
        assert path.resolve().is_relative_to(checkout.resolve()), name
        if language == "diff":
            path.write_text(changed(path.read_text(encoding="utf-8"), text, name), encoding="utf-8")
        else:
            assert not path.exists(), f"{page.name} writes {name}, which is there already: show the change as a diff"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        touched.append(path)
    return touched


def changed(text: str, diff: str, name: str) -> str:
    """``text`` with the change made; parts of it are divided by lines ``@@``."""
    for part in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = part.splitlines(keepends=True)
        if not lines:
            continue
        assert all(line[0] in " +-\n" for line in lines), f"{name}: begin each line with a blank, + or -"
        before = "".join(line[1:] or "\n" for line in lines if line[0] in " -\n")
        after = "".join(line[1:] or "\n" for line in lines if line[0] in " +\n")
        count = f"\n{text}".count(f"\n{before}")
        assert count == 1, f"{name}: these lines stand there {count} times, not once:\n{before}"
        text = f"\n{text}".replace(f"\n{before}", f"\n{after}")[1:]
    return text


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is needed to run tests."""
    for name in _COPIED:
        place = tmp_path / "checkout" / name
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        else:
            shutil.copy(ROOT / name, place)
    return tmp_path / "checkout"


def run(checkout: Path, *command: str | Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    environment["PYTHONPATH"] = str(checkout)  # before the installed package
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=checkout, env=environment, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)], ids=lambda page: page.stem)
def test_what_a_page_says_works_when_it_is_done(page: Path, checkout: Path) -> None:
    touched = follow(page, checkout)
    code = [path.relative_to(checkout) for path in touched if path.suffix == ".py"]
    if code:
        run(checkout, "ruff", "check", "--no-cache", *code)
        run(checkout, "ruff", "format", "--no-cache", "--check", *code)
    named = re.findall(r"^(?:python -m )?pytest (tests/.*?)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert named, f"{page.name} names no test that shows that it works: give a line “pytest tests/...”"
    for line in named:
        said = run(checkout, "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *shlex.split(line))
        assert re.search(r"\b\d+ passed\b", said), said


@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)], ids=lambda page: page.stem)
def test_a_page_names_each_file_in_its_text_too(page: Path) -> None:
    """What stands behind the language of a block is not shown, neither on the site nor where the repository is."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for place, line in enumerate(lines):
        if title := re.match(r'```\w+ title="([^"]+)"', line):
            said = next(line for line in reversed(lines[:place]) if line.strip())
            assert f"`{title[1]}`" in said, f"{page.name}:{place + 1}: say above the block that it is `{title[1]}`"


def test_changes_must_fit_once() -> None:
    text = "a\nb\nc\n\nb\n"
    assert changed(text, " a\n-b\n+B\n c\n", "x") == "a\nB\nc\n\nb\n"
    assert changed(text, " a\n+A\n@@\n \n-b\n", "x") == "a\nA\nb\nc\n\n"
    assert changed(text, "+0\n a\n", "x") == "0\na\nb\nc\n\nb\n"
    with pytest.raises(AssertionError, match="2 times"):
        changed(text, "-b\n", "x")
    with pytest.raises(AssertionError, match="0 times"):
        changed(text, "-z\n", "x")
