"""At most so many calls at once, whether they come from threads or from event loops."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from toolkit.errors import ArgumentError

if TYPE_CHECKING:
    from concurrent.futures import Future


def _in_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Gate:
    """Lets ``size`` calls through at once; the others wait in the order in which they came.

    One gate serves threads and any number of event loops together. Who could only wait for himself is let through: a
    thread or task that holds a place already, as with a half-read stream, and a plain call inside a running event
    loop, which keeps the loop's own calls from ending.

    Raises:
        ArgumentError: ``size`` is below 1.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ArgumentError(f"concurrency={size}: at least one call at a time must be allowed")
        self.size = size
        self._lock = threading.Lock()
        self._held: Counter[object] = Counter()
        self._inside = 0
        self._waiting: deque[tuple[Future[None], object]] = deque()

    def __repr__(self) -> str:
        return f"<Gate {self._inside} of {self.size}, {len(self._waiting)} waiting>"

    def _enter(self, owner: object, *, at_once: bool) -> Future[None] | None:
        """Take a place, or a number in the queue."""
        from concurrent.futures import Future

        with self._lock:
            if at_once or self._held[owner] or self._inside < self.size:
                self._take(owner)
                return None
            turn: Future[None] = Future()
            self._waiting.append((turn, owner))
            return turn

    def _take(self, owner: object) -> None:
        self._inside += 1
        self._held[owner] += 1

    def _leave(self, owner: object) -> None:
        with self._lock:
            self._inside -= 1
            self._held[owner] -= 1
            if not self._held[owner]:
                del self._held[owner]
            while self._waiting and self._inside < self.size:
                turn, next_owner = self._waiting.popleft()
                if turn.set_running_or_notify_cancel():
                    self._take(next_owner)
                    turn.set_result(None)

    def _give_up(self, turn: Future[None], owner: object) -> None:
        """Leave the queue, or hand on the place that came in the same moment."""
        with self._lock:  # a place is given under the lock: either it has come, or it never will
            given = not turn.cancel() and not turn.cancelled()
        if given:
            self._leave(owner)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A place for a plain call."""
        owner = threading.get_ident()
        turn = self._enter(owner, at_once=_in_loop())
        if turn is not None:
            try:
                turn.result()
            except BaseException:
                self._give_up(turn, owner)
                raise
        try:
            yield
        finally:
            self._leave(owner)

    @asynccontextmanager
    async def aheld(self) -> AsyncIterator[None]:
        """A place for an async call."""
        import asyncio

        owner = asyncio.current_task()
        turn = self._enter(owner, at_once=False)
        if turn is not None:
            try:
                await asyncio.shield(asyncio.wrap_future(turn))
            except BaseException:
                self._give_up(turn, owner)
                raise
        try:
            yield
        finally:
            self._leave(owner)
