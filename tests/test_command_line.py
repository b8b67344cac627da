"""``python -m toolkit`` as a user meets it: a real process, its output, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


def test_a_dry_run_reaches_for_nothing() -> None:
    """Nobody listens at that port."""
    done = run("ask", TROOPS, SAMPLES, "--llm", "http://127.0.0.1:9/v1#some-model", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Nothing was sent. some-model · ask/plain@1 · 8 passages · about ")
    assert "price not known" in " ".join(done.stdout.split())
    assert f"Question: {TROOPS}" in done.stdout
    form = json.loads(run("summarize", SAMPLES, "--llm", "none", "--dry-run", "--json").stdout)
    assert form["model"] is None
    assert "no model" in form["reason"]


def test_the_help_names_the_command_that_was_typed() -> None:
    assert run("--help").stdout.startswith("usage: python -m toolkit [-h]")
    installed = Path(sys.executable).with_name("citebook")
    if not installed.exists():
        pytest.skip("the command is not installed beside this Python")
    said = subprocess.run([installed, "ask", "--help"], capture_output=True, text=True, timeout=120, check=True).stdout
    assert said.startswith("usage: citebook ask [-h]")


def test_prompts_are_listed() -> None:
    done = run("prompts")
    assert done.returncode == 0, done.stderr
    assert "ask/plain  version 1" in done.stdout


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
        (["prompts", "check", "{wrong}"], "wrong.prompty"),
        (["prompts", "show", "ask/plan"], "did you mean ask/plain"),
        (["prompts", "--prompts", "no/such/folder"], "no/such/folder"),
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


@pytest.fixture
def refusing_server() -> Iterator[tuple[ThreadingHTTPServer, str]]:
    """An OpenAI-compatible server that refuses every call with the status it was told."""

    class Refuse(BaseHTTPRequestHandler):
        status = 401

        def do_GET(self) -> None:
            self.answer(200, {"object": "list", "data": [{"id": "real-model", "object": "model"}]})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            words = {401: "Incorrect API key provided: sk-secret-123456", 404: "The model does not exist"}
            self.answer(type(self).status, {"error": {"message": words[type(self).status], "code": "x"}})

        def answer(self, status: int, form: dict[str, object]) -> None:
            body = json.dumps(form).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server, f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("status", "words"), [(401, "key"), (404, "nowhere-model")])
def test_a_refusing_server_is_one_line_without_the_key(
    refusing_server: tuple[ThreadingHTTPServer, str], status: int, words: str
) -> None:
    server, url = refusing_server
    server.RequestHandlerClass.status = status  # type: ignore[attr-defined]
    done = run("ask", TROOPS, SAMPLES, "--llm", "nowhere-model", OPENAI_BASE_URL=url, OPENAI_API_KEY="sk-secret-123456")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert words in done.stderr
    assert "sk-secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_default_path_needs_no_network() -> None:
    """Every socket that is not loopback raises in a process of its own, from the first import on."""
    code = (
        "import socket, sys\n"
        "def cut(self, address):\n"
        "    raise SystemExit(f'reached for {address}')\n"
        "socket.socket.connect = socket.socket.connect_ex = cut\n"
        "socket.getaddrinfo = lambda *a, **k: cut(None, a)\n"
        "from toolkit.__main__ import main\n"
        f"sys.exit(main(['ask', {TROOPS!r}, {str(SAMPLES)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "U.K. and French troops" in done.stdout
