"""Connections that go to checked addresses only, and that end in time.

A name is looked up once, every address that it stands for is checked, and the connection goes to one of these
addresses: there is no second look-up that could give another one. Encryption is still agreed on by name, so
certificates are checked as ever. Since each connection is made here, none can go past this, whatever led to it: the
address that the user gave, a redirect, a robots.txt, the entry of a feed.
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from toolkit.articles.web.addresses import is_public
from toolkit.articles.web.options import Web
from toolkit.errors import SourceError


class Deadline(threading.local):
    """When the request of this thread must be over; a server that sends a byte now and then does not put it off."""

    at: float = float("inf")

    def start(self, seconds: float) -> None:
        """The request of this thread begins now."""
        self.at = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        """Seconds that may be waited for the next byte.

        Raises:
            httpcore.ReadTimeout: There are none.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole of it took too long")
        return left if timeout is None else min(left, timeout)


class Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were checked.

    Args:
        web: What is let through.
        deadline: Of the requests.
        public: Whether an IP address is public.
    """

    def __init__(self, web: Web, deadline: Deadline, public: Callable[[str], bool] = is_public) -> None:
        self._web = web
        self._deadline = deadline
        self._public = public
        self._plain = httpcore.SyncBackend()
        self._known: dict[tuple[str, int], list[str]] = {}
        self._lock = threading.Lock()
        self._open: set[_Stream] = set()
        self._closed = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a host.

        Raises:
            SourceError: There is no such host, or it is on this machine or its network.
            httpcore.ConnectError: None of its addresses answers.
            httpcore.ConnectTimeout: Not in time.
        """
        failure: Exception = httpcore.ConnectError(f"no address of {host} can be reached")
        for address in self.addresses(host, port):
            try:
                found = self._plain.connect_tcp(
                    address, port, self._deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return self._kept(_Stream(found, self._deadline, self._forget, self._kept))
        raise failure

    def addresses(self, host: str, port: int) -> list[str]:
        """The checked addresses of a host.

        Raises:
            SourceError: There are none.
        """
        with self._lock:
            known = self._known.get((host, port))
        if known is None:
            found = self._looked_up(host, port)
            with self._lock:  # whoever was first: one answer for all connections
                known = self._known.setdefault((host, port), found)
        if not known:
            raise SourceError(host, f"no such host: {host}")
        if not self._web.allow_private:
            for address in known:
                if not self._public(address):
                    to = "" if address == host else f" ({address})"
                    raise SourceError(host, f"{host} is a private address{to}; allow_private=True lets it through")
        return known

    def _looked_up(self, host: str, port: int) -> list[str]:
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        try:
            return list(dict.fromkeys((self._web.resolver or look_up)(host, port)))
        except (OSError, UnicodeError):
            return []

    def _kept(self, stream: _Stream) -> _Stream:
        with self._lock:
            self._open.add(stream)
            closed = self._closed
        if closed:
            stream.close()
            raise httpcore.ConnectError("closed")
        return stream

    def _forget(self, stream: _Stream) -> None:
        with self._lock:
            self._open.discard(stream)

    def close(self) -> None:
        """Break off every connection, so that no thread waits for one any longer."""
        import socket

        with self._lock:
            self._closed = True
            streams = list(self._open)
        for stream in streams:
            wire = stream.get_extra_info("socket")
            try:
                socket.socket.shutdown(wire, socket.SHUT_RDWR)
            except OSError:
                continue


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends with the request's deadline."""

    def __init__(
        self,
        inner: httpcore.NetworkStream,
        deadline: Deadline,
        forget: Callable[[_Stream], None],
        keep: Callable[[_Stream], _Stream],
    ) -> None:
        self._inner = inner
        self._deadline = deadline
        self._forget = forget
        self._keep = keep

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._forget(self)
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._forget(self)
        secured = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return self._keep(_Stream(secured, self._deadline, self._forget, self._keep))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the operating system gives them.

    Raises:
        OSError: There is no such host.
    """
    import socket

    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]).partition("%")[0] for entry in found]
