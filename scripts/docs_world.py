"""Where documentation runs: a fresh folder with the samples, and servers on this machine for those of the web."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import socket
import sys
import tempfile
import threading
import types
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from faulty_server import FaultyServer  # noqa: E402

SAMPLES = {
    "notebooks/articles": "notebooks/articles",
    "notebooks/story": "notebooks/story",
    "notebooks/questions.jsonl": "notebooks/questions.jsonl",
    "prompts": "prompts",
    "articles": "notebooks/articles",
    "questions.jsonl": "notebooks/questions.jsonl",
}
"""What is in the folder that a page runs in, and where in the checkout it comes from."""

MODEL_URL = "http://localhost:8080/v1"
"""In pages, the address of a model's server; the local server with given replies takes its place."""

SITE_URL = "http://localhost:8000/"
"""In pages, the address of a web server; one that serves the page's folder takes its place."""

FEED = 'feed="https://example.org/rss"'
"""In pages, the address of a feed; that of the samples takes its place."""


class ModelServer(FaultyServer):
    """An OpenAI-compatible server that says what a page tells it to say, in order; the last reply is given again."""

    def __init__(self) -> None:
        super().__init__()
        self._replies: deque[str] = deque()

    def says(self, *replies: str) -> None:
        """The next replies."""
        self._replies = deque(replies)

    def fault(self, question: str, streamed: bool) -> None:
        """No fault: called once before each reply, which is the one that is due."""
        if self._replies:
            self.message = {"role": "assistant", "content": self._replies.popleft()}


@dataclass(kw_only=True)
class World:
    """Where a page runs: a fresh folder with the samples, two servers, and one namespace for all its blocks.

    Attributes:
        folder: The folder.
        server: The model's server.
        site: The address of the server of the folder's files.
        names: The namespace.
        known: The same with the names of blocks that are only looked at.
    """

    folder: Path
    server: ModelServer
    site: str
    names: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    def there(self, text: str) -> str:
        """Code as it is run: with the servers' addresses."""
        feed = f'feed="{self.site}notebooks/story/feed/feed.xml", allow_private=True'
        return text.replace(MODEL_URL, self.server.url).replace(SITE_URL, self.site).replace(FEED, feed)

    def back(self, text: str) -> str:
        """Output as it stands in a page."""
        text = text.replace(self.server.url, MODEL_URL).replace(self.server.url.removesuffix("/v1"), MODEL_URL[:-3])
        text = text.replace(self.site, SITE_URL).replace(self.site.rstrip("/"), SITE_URL.rstrip("/"))
        return text.replace(str(self.folder), "/home/you")


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """The address of a server of a folder's files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def _cut_off() -> Iterator[None]:
    """No name but this machine's is looked up, so that nothing leaves it."""
    lookup = socket.getaddrinfo

    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in (None, "localhost", "127.0.0.1", "::1"):
            raise socket.gaierror(f"the network is cut: {name!r} is not looked up")
        return lookup(host, *arguments, **options)

    socket.getaddrinfo = guarded
    try:
        yield
    finally:
        socket.getaddrinfo = lookup


@contextlib.contextmanager
def world() -> Iterator[World]:
    """A world that is gone afterwards; until then the process works in its folder."""
    kept, before = dict(os.environ), Path.cwd()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_cut_off())
        name = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        folder = Path(name).resolve()
        server, site = stack.enter_context(ModelServer()), stack.enter_context(_serving(folder))
        for there, here in SAMPLES.items():
            (folder / there).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / here).is_dir() else shutil.copy)(ROOT / here, folder / there)
        for variable in [one for one in os.environ if one.startswith(("OPENAI_", "CITEBOOK_"))]:
            del os.environ[variable]
        os.environ |= {
            "OPENAI_API_KEY": "not-a-key",
            "OPENAI_BASE_URL": server.url,
            "COLUMNS": "80",
            "PYTHONUTF8": "1",
            "HOME": name,
        }
        os.chdir(folder)
        # Pages define classes, and dataclasses and pickles look for the module that they are of.
        module = types.ModuleType("docs_page")
        module.__dict__.update(model=server, __name__="docs_page")
        sys.modules["docs_page"] = module
        sys.path.insert(0, str(folder))
        loaded = set(sys.modules)
        try:
            yield World(folder=folder, server=server, site=site, names=module.__dict__)
        finally:
            sys.path.remove(str(folder))
            for imported in set(sys.modules) - loaded:
                module = sys.modules[imported]
                places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
                if any(str(place).startswith(str(folder)) for place in places):
                    del sys.modules[imported]
            del sys.modules["docs_page"]
            os.chdir(before)
            os.environ.clear()
            os.environ.update(kept)
