"""``python -m toolkit`` as a user meets it: a real process, its output, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"
TROOPS = "Which countries might send troops?"


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    names = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CITEBOOK_LLM", "CITEBOOK_PROMPTS")
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**inherited, "PYTHONUTF8": "0", **environment},
        timeout=120,
        check=False,
    )


def test_ask_prints_the_answer_and_its_sources() -> None:
    done = run("ask", TROOPS, SAMPLES)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    flat = " ".join(done.stdout.split())
    assert "U.K. and French troops" in flat.partition("[1]")[0]
    assert "roughly 10 other countries" in flat.partition("[1]")[0]
    assert "[1] " in done.stdout


def test_ask_as_json() -> None:
    done = run("ask", TROOPS, SAMPLES, "--json")
    form = json.loads(done.stdout)
    assert form["answered"] is True
    assert form["citations"][0]["quote"].startswith("European officials")


def test_no_answer_is_no_error() -> None:
    done = run("ask", "Who won the 2022 World Cup?", SAMPLES)
    assert done.returncode == 0
    assert "Not in your articles" in done.stdout


def test_a_kept_library_needs_no_sources(tmp_path: Path) -> None:
    library = tmp_path / "news.lance"
    assert run("summarize", SAMPLES, "--library", library, "--query", "guarantees").returncode == 0
    again = run("ask", TROOPS, "--library", library, "--json")
    assert json.loads(again.stdout)["answered"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", TROOPS, "no/such/folder"], "no/such/folder"),
        (["ask", TROOPS, "{empty}"], "empty"),
        (["ask", TROOPS, "{broken}"], "broken.pdf"),
        (["ask", TROOPS, "{samples}", "--prompt", "ask/nothing"], "ask/nothing"),
        (["ask", TROOPS, "{samples}", "--prompt", "{wrong}"], "wrong.prompty"),
        (["ask", TROOPS, "{samples}", "--llm", "gpt-5-mini"], "OPENAI_API_KEY"),
        (["ask", TROOPS, "{samples}", "--llm", "http://127.0.0.1:9/v1"], "127.0.0.1:9"),
        (["ask", TROOPS, "{samples}", "--llm", "missing.gguf"], "missing.gguf"),
        (["ask", " ", "{samples}"], "empty"),
        (["ask", TROOPS], "--library"),
        (["ask", TROOPS, "--library", "{broken}"], "broken.pdf"),
        (["summarize", "{samples}", "--style", "haiku"], "summarize/haiku"),
        (["summarize", "{samples}", "--sentences", "0"], "sentences=0"),
    ],
)
def test_errors_are_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (tmp_path / "wrong.prompty").write_text("---\nname: w\ninputs: {}\n---\nuser:\n{{ question }} {{ passages }}\n")
    places = {
        "{empty}": tmp_path / "empty",
        "{broken}": tmp_path / "broken.pdf",
        "{wrong}": tmp_path / "wrong.prompty",
        "{samples}": SAMPLES,
    }
    done = run(*(places.get(argument, argument) for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
