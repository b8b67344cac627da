"""A web site on this machine for tests of fetching: real sockets, any number of host names, every request noted."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from toolkit.articles.web import Web

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Request:
    host: str
    path: str
    headers: dict[str, str]
    started: float
    connection: object


@dataclass
class Site:
    """Pages by path; a page is an answer, or a function that makes one of the request."""

    pages: dict[str, Answer | Callable[[Request], Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    latency: float = 0.0
    url: str = ""
    port: int = 0
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    @property
    def paths(self) -> list[str]:
        """What was asked for, without robots.txt."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]


def html(title: str, *paragraphs: str, head: str = "") -> Answer:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    page = f"<html lang='en'><head><title>{title}</title>{head}</head><body><article>{body}</article></body></html>"
    return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def text_of(number: int) -> str:
    """An article that is like no other."""
    return f"The council of district {number} voted on Tuesday to reopen the swimming pool after {number + 2} years."


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            host = self.headers.get("Host", "").partition(":")[0]
            request = Request(host, self.path, dict(self.headers), time.monotonic(), self.connection)
            with site.lock:
                site.requests.append(request)
                site.at_once[host] += 1
                site.most_at_once[host] = max(site.most_at_once[host], site.at_once[host])
            try:
                if site.latency and self.path != "/robots.txt":
                    time.sleep(site.latency)
                page = site.pages.get(f"{host}{self.path}", site.pages.get(self.path, (404, {}, b"")))
                status, headers, body = page(request) if callable(page) else page
            finally:
                with site.lock:
                    site.at_once[host] -= 1
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that goes away in the middle is what some tests are about

    server = Server((address, 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.port = server.server_port
    site.url = f"{'https' if tls else 'http'}://{address}:{site.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of the test's own."""
    with serving() as running:
        yield running


def web(**options: Any) -> Web:
    """How tests fetch: from this machine, whatever the host is called, and without waiting."""
    quick: dict[str, Any] = {
        "allow_private": True,
        "delay": 0.0,
        "backoff": 0.01,
        "connect_seconds": 5.0,
        "read_seconds": 5.0,
        "total_seconds": 10.0,
        "resolver": lambda host, port: ["127.0.0.1"],
    }
    return Web(**{**quick, **options})


@contextlib.contextmanager
def raw_server(talk: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A server that speaks as it likes: ``talk`` gets each connection and what came over it first."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            asked = connection.recv(65536)
            if asked.startswith(b"GET /robots.txt"):
                connection.sendall(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                talk(connection, asked)

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
