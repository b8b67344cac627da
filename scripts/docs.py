"""The documentation's machine: finds the blocks of a Markdown page, runs them, and compares or refreshes their output.

``python scripts/docs.py`` says which pages are wrong, ``python scripts/docs.py --write docs/guides/ask.md`` puts what
the code prints today into the page. How blocks are written is told in docs/extending/writing-docs.md;
tests/test_docs.py runs every page with this. Nothing leaves the machine: models are a local server with given replies.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import contextlib
import importlib
import inspect
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from docs_names import name_faults
from docs_world import ROOT, World, world
from markdown_it import MarkdownIt

OUTPUTS = ("text", "json", "markdown", "html", "csv", "bibtex")
"""A block in one of these, straight after code, is what that code prints."""

RUN = ("python", "sh")
OPTIONS = ("notest", "raises", "exit", "title")
VOLATILE = (
    (r"\b\d+(\.\d+)? m?s\b", "S s"),
    (r"( S s · [^\n]*)\n(?=\S)", r"\1 "),  # how the line of the seconds wraps depends on them
    (r'"seconds": [\d.e-]+', '"seconds": S'),
    (r'"(hash|prompt_hash)": "[0-9a-f]+"', '"hash": "H"'),
    (r"\b[0-9a-f]{12,64}\b", "H"),
    (r"\bat 0x[0-9a-f]+\b", "at 0xH"),
    (r"\b\d+(\.\d+)? (kB|MB)\b", "B"),
)
"""Patterns of what differs from run to run and may differ from the page: seconds, hashes and sizes.
Today's date is dealt with in :func:`same`, the folder's path and the server's address in :meth:`World.back`."""

HIDDEN = re.compile(r"<!-- *python *\n(.*?)-->", re.S)
SHELL = re.compile(r"[|><;&$`*?]")
ELSEWHERE = ("pip", "uv", "jupyter", "git", "pytest", "cd")
"""Commands that pages may name and that are not run."""


class PageError(AssertionError):
    """A block does not do what the page says; the message has the page, the line and both texts."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block, or a comment ``<!-- python ... -->``, which readers do not see.

    Attributes:
        language: The first word behind the fence.
        options: What follows it, as ``name="value"``.
        text: Its lines.
        line: The line of its fence in the page, from 1.
        body: Its lines' numbers in the page, from 0, end exclusive.
        indent: What stands before its fence.
        output: The block behind it that says what it prints, if there is one.
        hidden: Whether it is a comment.
    """

    language: str
    options: dict[str, str]
    text: str
    line: int
    body: tuple[int, int]
    indent: str = ""
    output: Block | None = None
    hidden: bool = False


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page in order; an output is on the block that prints it, not in the list.

    Raises:
        PageError: An option is not known, or has no value in double quotes.
    """
    lines = page.splitlines()
    found: list[Block] = []
    previous: Block | None = None
    for token in MarkdownIt("commonmark").parse(page):
        if token.type == "html_block" and (hidden := HIDDEN.match(token.content.strip())):
            start = token.map[0]
            found.append(
                Block(language="python", options={}, text=hidden[1], line=start + 1, body=(start + 1, 0), hidden=True)
            )
        if token.type != "fence":
            if token.nesting == 0 or token.type.endswith("_open"):
                previous = None
            continue
        start, end = token.map
        closed = lines[end - 1].strip().startswith(token.markup)
        block = Block(
            language=token.info.split(None, 1)[0] if token.info.strip() else "",
            options=_options(token.info, start + 1),
            text=token.content,
            line=start + 1,
            body=(start + 1, end - 1 if closed else end),
            indent=lines[start][: len(lines[start]) - len(lines[start].lstrip())],
        )
        if previous is not None and previous.language in RUN and block.language in OUTPUTS and not block.options:
            found[-1] = Block(**{**vars(previous), "output": block})
            previous = None
        else:
            found.append(block)
            previous = block
    return found


def _options(info: str, line: int) -> dict[str, str]:
    rest = info.partition(" ")[2].strip()
    options = dict(re.findall(r'([a-z]+)="([^"]*)"', rest))
    if re.sub(r'[a-z]+="[^"]*"', "", rest).strip() or not set(options) <= set(OPTIONS):
        known = ", ".join(OPTIONS)
        raise PageError(f'line {line}: behind the language may stand {known}, each as name="value", not {rest}')
    return options


# Running --------------------------------------------------------------------------------------------------------------


def run_python(code: str, names: dict[str, Any], where: str, line: int = 0) -> str:
    """What code prints, and the repr of its last expression when that is not None; ``await`` may stand anywhere.

    Args:
        code: The code.
        names: Its namespace, which is changed.
        where: The file that a traceback should name.
        line: The line before its first.
    """
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile("\n" * line + code, where, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()

    async def waited(coroutine: Any) -> Any:
        return await coroutine

    def run(part: ast.Module | ast.Expression, kind: str) -> Any:
        made = compile(part, where, kind, flags, dont_inherit=True)
        value = eval(made, names)  # noqa: S307 - the pages are ours
        return asyncio.run(waited(value)) if made.co_flags & inspect.CO_COROUTINE else value

    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        run(tree, "exec")
        value = run(ast.Expression(last.value), "eval") if last is not None else None
        if value is not None:
            print(repr(value))
    return printed.getvalue()


def run_shell(text: str, expected_exit: int) -> str:
    """What the commands of a shell block print; with an exit code that is not 0, what they complain too.

    ``python -m toolkit`` and ``citebook`` run in this process, lines with pipes or redirections in a shell of its own.

    Raises:
        PageError: A command ends with another exit code, or is none that can be run here.
    """
    printed = []
    for command in _commands(text):
        pieces = [one for one in re.split(r" && ", command) if one.split()[0] not in ELSEWHERE]
        for piece in pieces:
            words = shlex.split(piece, comments=True)
            started = _STARTS.get(" ".join(words[: 1 if words[:1] == ["citebook"] else 3]))
            bare = re.sub(r"'[^']*'|\"[^\"$`]*\"", "", piece.partition(" # ")[0])
            if started is not None and not SHELL.search(bare):
                code, out = _main(started, words[1 if words[0] == "citebook" else 3 :])
            else:
                code, out = _subprocess(piece)
            if code != expected_exit:
                raise PageError(f"{piece!r} ended with exit code {code}:\n{out}")
            printed.append(out)
    return "".join(printed)


def _commands(text: str) -> Iterator[str]:
    """The commands of a shell block; one goes on in the next line behind a backslash or inside quotes."""
    command = ""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        command += line
        try:
            words = shlex.split(command, comments=True)
        except ValueError:  # a quotation is open
            command += "\n"
            continue
        if words:
            yield command.strip()
        command = ""
    if command:
        yield command


_STARTS = {"citebook": "citebook", "python -m toolkit": "__main__.py"}
"""What starts our command, and what Python then calls the program: its help and its usage go by that."""


def _main(program: str, arguments: list[str]) -> tuple[int, str]:
    from unittest.mock import patch

    from toolkit.__main__ import main

    out, complaints = io.StringIO(), io.StringIO()
    named = patch.object(sys, "argv", [program, *arguments])
    with named, contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception as error:
            raise PageError(f"{' '.join(arguments)}: {type(error).__name__}: {error}") from error
    return int(code or 0), out.getvalue() + (complaints.getvalue() if code else "")


def _subprocess(command: str) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, words in {"python": "", "citebook": "-m toolkit "}.items():
            shim = Path(folder) / name
            shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words}"$@"\n')
            shim.chmod(0o755)
        environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "LANCE_LOG": "error"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        done = subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


def run_block(block: Block, here: World, where: str) -> str:
    """What a block prints.

    Raises:
        PageError: It fails, or does not fail as it says.
    """
    if block.language == "sh":
        try:
            return run_shell(here.there(block.text), int(block.options.get("exit", "0")))
        except PageError as error:
            raise PageError(f"line {block.line}: {error}") from error
    expected = block.options.get("raises")
    try:
        printed = run_python(here.there(block.text), here.names, where, block.line)
    except Exception as error:
        if expected is None or type(error).__name__ != expected:
            frames = [one for one in inspect.getinnerframes(error.__traceback__) if one.filename == where]
            at = frames[-1].lineno if frames else block.line
            raise PageError(f"line {at}: {type(error).__name__}: {error}") from error
        return f"{type(error).__name__}: {error}\n"
    if expected is not None:
        raise PageError(f"line {block.line}: {expected} was to be raised and was not")
    return printed


# Comparing ------------------------------------------------------------------------------------------------------------


def settled(text: str) -> str:
    """A text without what differs from run to run, by :data:`VOLATILE`."""
    text = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
    for pattern, instead in VOLATILE:
        text = re.sub(pattern, instead, text)
    return text


def same(printed: str, page: str) -> bool:
    """Whether output is what a page says. Where today's date or a time of today is printed, the page may have any."""
    days = "|".join(sorted({date.today().isoformat(), datetime.now(UTC).date().isoformat()}))
    stamp = re.compile(rf"\b({days})(?P<time>[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d| UTC)?)?")
    some_day, some_time = r"\d{4}-\d\d-\d\d", r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d| UTC)?"
    pattern, at = "", 0
    text = settled(printed)
    for found in stamp.finditer(text):
        pattern += re.escape(text[at : found.start()]) + some_day + (some_time if found["time"] else "")
        at = found.end()
    return re.fullmatch(pattern + re.escape(text[at:]), settled(page)) is not None


def run_page(path: Path) -> tuple[str, list[str]]:
    """Run a page's blocks in order in a world of their own.

    Args:
        path: The page.

    Returns:
        The page with what its blocks print today, and what is wrong with it as it stands: blocks that fail, in which
        case those behind are not run, and outputs that are other than the page says.
    """
    page = path.read_text(encoding="utf-8")
    where = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    faults: list[str] = []
    changes: list[tuple[Block, str]] = []
    try:
        blocks = blocks_of(page)
        if any(block.language in RUN for block in blocks):
            with world() as here:
                for block in blocks:
                    _check(block, here, where, faults, changes)
    except PageError as error:
        faults.append(f"{where}: {error}")
    lines = page.splitlines()
    for output, printed in reversed(changes):
        start, end = output.body
        lines[start:end] = [(output.indent + line).rstrip() for line in printed.strip("\n").splitlines()]
    return "\n".join(lines) + "\n", faults


def _check(block: Block, here: World, where: str, faults: list[str], changes: list[tuple[Block, str]]) -> None:
    printed = _one(block, here, where)
    if printed is None or block.output is None:
        return
    printed = here.back(printed)
    if not same(printed, block.output.text):
        changes.append((block.output, printed))
        faults.append(
            f"{where}:{block.output.line}: the page says\n\n{textwrap.indent(block.output.text, '    ')}\n"
            f"and the code says\n\n{textwrap.indent(printed, '    ')}\n"
            f"To take it over: python scripts/docs.py --write {where}"
        )


def _one(block: Block, here: World, where: str) -> str | None:
    """What one block prints; None when it is only looked at."""
    if title := block.options.get("title"):
        file = here.folder / title
        if not file.resolve().is_relative_to(here.folder):
            raise PageError(f"line {block.line}: a file outside the folder: {title}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
        importlib.invalidate_caches()
    if block.language not in RUN:
        return None
    if block.language == "python" and (title or "notest" in block.options):
        try:
            here.known.update(here.names)
            faults = name_faults(block.text, here.known)
        except SyntaxError as error:
            raise PageError(f"line {block.line + (error.lineno or 0)}: {error.msg}") from error
        if faults:
            raise PageError("; ".join(f"line {block.line + line}: {fault}" for line, fault in faults))
    if title or "notest" in block.options:
        return None
    return run_block(block, here, where)


def pages() -> list[Path]:
    """Every Markdown page whose blocks are run: those of docs/, README.md and CONTRIBUTING.md."""
    found = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    return [page for page in found if page.is_file()]


def main(arguments: list[str] | None = None) -> int:
    """Check or refresh pages; 1 when something is wrong that writing does not mend."""
    parser = argparse.ArgumentParser(prog="python scripts/docs.py", description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, help="Markdown files (default: all)")
    parser.add_argument("--write", action="store_true", help="put what the code prints today into the pages")
    given = parser.parse_args(arguments)
    wrong = 0
    for path in [page.resolve() for page in given.pages] or pages():
        text, faults = run_page(path)
        if given.write and text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            print(f"{path.name}: written; look at what has changed")
            faults = [fault for fault in faults if "To take it over" not in fault]
        print("\n".join(faults) or f"{path.name}: right")
        wrong += len(faults)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
