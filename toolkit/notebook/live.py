"""A stream in a cell: the words as a model writes them, and in their place, at the end, the checked outcome.

In Jupyter, and whatever else has a kernel, one output is made and changed in place, so that nothing flickers and the
saved notebook holds the outcome alone. Elsewhere the words are printed as they come and the outcome follows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from toolkit.notebook.counting import in_kernel
from toolkit.types import CitedText

if TYPE_CHECKING:
    from toolkit.writing import AsyncStream, Stream

Written = TypeVar("Written", bound=CitedText)

PERIOD = 0.1
"""Seconds between two changes of a cell's output: as fast as reads well, and few enough for a slow connection."""


def show(stream: Stream[Written]) -> Written:
    """Show a stream as it comes; returns the outcome, which is then shown in its place."""
    with _screen() as screen:
        for piece in stream:
            if stream.by_model:
                screen.add(piece)
        screen.finish(stream.final)
    return stream.final


async def ashow(stream: AsyncStream[Written]) -> Written:
    """The async twin of :func:`show`."""
    with _screen() as screen:
        pieces: AsyncIterator[str] = aiter(stream)
        async for piece in pieces:
            if stream.by_model:
                screen.add(piece)
        screen.finish(stream.final)
    return stream.final


@contextmanager
def _screen() -> Iterator[_Cell | _Terminal]:
    screen = _Cell() if in_kernel() else _Terminal(sys.stdout)
    try:
        yield screen
    except BaseException as error:  # also a KeyboardInterrupt: what stands there was never checked, and must say so
        screen.stop(error)
        raise


class _Cell:
    """One output of a cell, changed in place."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from IPython.display import display

        self._text = ""
        self._clock = clock
        self._shown_at = clock()
        self._done = False
        show: Any = display  # not typed
        self._handle = show(self._unfinished(), raw=True, display_id=True)

    def add(self, piece: str) -> None:
        """Show another piece, now or with one of the next."""
        self._text += piece
        if self._clock() - self._shown_at >= PERIOD:
            self._handle.update(self._unfinished(), raw=True)
            self._shown_at = self._clock()

    def finish(self, outcome: CitedText) -> None:
        """Show the outcome in place of the pieces."""
        self._handle.update(outcome._repr_mimebundle_(), raw=True)
        self._done = True

    def stop(self, error: BaseException) -> None:
        """Say that it ended here, unchecked."""
        if not self._done:
            self._handle.update(self._unfinished(_ended(error)), raw=True)

    def _unfinished(self, ended: str | None = None) -> dict[str, str]:
        from toolkit.display.unfinished import as_html, as_text

        return {"text/html": as_html(self._text, ended), "text/plain": as_text(self._text, ended)}


class _Terminal:
    """Words printed as they come."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._last = ""

    def add(self, piece: str) -> None:
        """Print another piece."""
        from toolkit.display.shared import visible

        self._last = visible(piece)  # control characters of a terminal among the words must not act
        self._out.write(self._last)
        self._out.flush()

    def finish(self, outcome: CitedText) -> None:
        """Print the outcome below the pieces."""
        self._out.write(("\n\n" if self._last else "") + f"{outcome!r}\n")

    def stop(self, error: BaseException) -> None:
        """Say that it ended here, unchecked."""
        from toolkit.display.unfinished import as_text

        self._out.write(("\n" if self._last else "") + as_text("", _ended(error)) + "\n")


def _ended(error: BaseException) -> str:
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "ended by an error"
