"""Guards for every test: no socket leaves this machine, no paid model can be called, no setting leaks in."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import browser as browsing
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from toolkit import Library

# A busy machine is slow, and no test may fail for that; nor for what was drawn today, while another thing was changed.
# CITEBOOK_HYPOTHESIS=explore draws anew (scripts/check explore).
settings.register_profile("citebook", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("CITEBOOK_HYPOTHESIS") or "citebook")

pytest_plugins = ["llm_server", "web_site"]


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0]).partition("%")[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_network_and_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is cut: a connection to anything but loopback raises, so a paid call cannot happen."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CITEBOOK_LLM", "CITEBOOK_PROMPTS", "CITEBOOK_EMBEDDING"):
        monkeypatch.delenv(name, raising=False)
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_local((name, 0)):
            raise socket.gaierror(f"the tests' network is cut: {name!r} is not looked up")
        return lookup(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)


# Side by side ---------------------------------------------------------------------------------------------------------

MOST_WORKERS = 4
"""Each may hold a model, a browser and a library at once; more of them wait for each other."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more process than processors, since slow tests wait a third of their time: for a server, a browser, a child.

    None but this one where files or tests are named, since they are few.
    """
    if config.args_source is pytest.Config.ArgsSource.ARGS and not all(Path(name).is_dir() for name in config.args):
        return 0
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST_WORKERS, processors + 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of many slow tests begin, and in each file tests in a browser come last.

    The first, since a file runs in one process as a whole (``--dist loadfile``): the long ones must not be left for the
    end. The second, since while playwright waits in a thread, asyncio believes that a loop runs in it: no test of the
    file may come after those, and the browser ends with the file.
    """
    slow: Counter[Path] = Counter()
    for item in items:
        slow[item.path] += item.get_closest_marker("slow") is not None
    items.sort(key=lambda item: (-slow[item.path], item.path, "browser" in getattr(item, "fixturenames", ())))


# Browsers -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file, which sees that none of them leaves playwright behind."""
    with browsing.launched() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browsing.Lab]:
    """One JupyterLab for all tests, with an empty folder of notebooks."""
    if not browsing.has_lab():
        browsing.missing("the browser tests need JupyterLab: pip install 'citebook[notebook]'")
    with browsing.Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept."""
    return browsing.artefacts(tmp_path_factory.mktemp("pictures"))


# Libraries ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Library]:
    """A library with nothing in it and no model; many files have a fuller one of this name in its place."""
    from toolkit import Library

    with Library(tmp_path / "news.lance", llm=None) as library:
        yield library
