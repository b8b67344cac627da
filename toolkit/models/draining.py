"""Streams read to their very end, so that the connection can be used again.

The openai package stops reading at ``data: [DONE]`` and closes the response; what is left unread is then the few bytes
that end the HTTP message, and httpx closes a connection on which something is unread. Every streamed call would open a
connection of its own: a handshake more for each, and over the network that is what a short answer waits for.
"""

from __future__ import annotations

import contextlib
import functools
import socket
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

_LAST = b"data: [DONE]"
_PATIENCE = 0.5  # seconds for a server that says it is done, and does not end its message


def read_to_the_end(response: httpx.Response) -> None:
    """Let the closing of a streamed response read what is left, if the server has said that it is done."""
    stream = response.extensions.get("network_stream")
    line = None if stream is None else stream.get_extra_info("socket")
    response.stream = _plain_kind()(response.stream, line)


def aread_to_the_end(response: httpx.Response) -> None:
    """The async twin of :func:`read_to_the_end`; it is not awaited."""
    response.stream = _async_kind()(response.stream)


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RD)


@functools.cache
def _plain_kind() -> Any:
    """The kind of stream for plain calls; made late, since httpx looks for its own base class."""
    import threading

    import httpx

    class Drained(httpx.SyncByteStream):
        def __init__(self, stream: Any, line: socket.socket | None) -> None:
            self._stream, self._line = stream, line
            self._pieces: Iterator[bytes] | None = None
            self._last = b""

        def __iter__(self) -> Iterator[bytes]:
            self._pieces = iter(self._stream)
            return self

        def __next__(self) -> bytes:
            self._last = b"" if self._pieces is None else next(self._pieces)
            return self._last

        def close(self) -> None:
            if _LAST in self._last and self._pieces is not None and self._line is not None:
                # Reading has the call's own timeout, which may be minutes, so a server that holds the line is cut off.
                alarm = threading.Timer(_PATIENCE, _hang_up, [self._line])
                alarm.daemon = True
                alarm.start()
                with contextlib.suppress(Exception):
                    for _ in self._pieces:
                        pass
                alarm.cancel()
            self._stream.close()

    return Drained


@functools.cache
def _async_kind() -> Any:
    """The kind of stream for async calls."""
    import asyncio

    import httpx

    class AsyncDrained(httpx.AsyncByteStream):
        def __init__(self, stream: Any) -> None:
            self._stream = stream
            self._pieces: AsyncIterator[bytes] | None = None
            self._last = b""

        # No generator: one that is not read to its end would be closed by a task that nobody awaits.
        def __aiter__(self) -> AsyncIterator[bytes]:
            self._pieces = aiter(self._stream)
            return self

        async def __anext__(self) -> bytes:
            self._last = b"" if self._pieces is None else await anext(self._pieces)
            return self._last

        async def aclose(self) -> None:
            pieces, self._pieces = self._pieces, None
            if _LAST in self._last and pieces is not None:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(_rest(pieces), _PATIENCE)
            await self._stream.aclose()
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()

    return AsyncDrained


async def _rest(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass
