"""Guards for every test: no socket leaves this machine, no paid model can be called, no setting leaks in."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import browser as browsing
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A busy machine is slow, and no test may fail for that.
settings.register_profile("citebook", deadline=None)
settings.load_profile("citebook")

pytest_plugins = ["llm_server"]


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


# Browsers -------------------------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come last: while playwright waits in this thread, asyncio believes that a loop runs in it."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
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
