"""A line in a cell that says how far a long call has come, and at the end what it did.

Not a widget: of those a saved notebook keeps an error message ("Error displaying widget: model not found"), while this
line stays readable wherever the notebook is opened, and no output can be taken out of a cell again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from html import escape
from typing import Any

PERIOD = 0.5
"""Seconds between two changes."""


def in_kernel() -> bool:
    """Whether outputs can be changed in place: in Jupyter, and whatever else has a kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class CountingLine:
    """One output of a cell, changed in place.

    Args:
        what: The call, such as ``adding``.
        unit: Of what is counted, in the singular.
        total: How much there is to do; None when that is not known.
        done: How much of it is done.
        since: When the call began, by ``clock``.
        clock: Seconds.
        before: How much of it was done before the call.
    """

    def __init__(
        self,
        what: str,
        unit: str,
        total: int | None,
        done: int,
        since: float,
        clock: Callable[[], float] = time.monotonic,
        before: int = 0,
    ) -> None:
        from IPython.display import display

        self._what = what
        self._unit = unit
        self._total = total
        self._done = done
        self._before = before
        self._since = since
        self._clock = clock
        self._changed = clock()
        self._open = True
        show: Any = display  # not typed
        self._handle = show(self._bundle(), raw=True, display_id=True)

    def update(self, more: int) -> None:
        """So many more are done."""
        self._done += more
        now = self._clock()
        if now - self._changed >= PERIOD:
            self._changed = now
            self._handle.update(self._bundle(), raw=True)

    def close(self) -> None:
        """Say what was done, once."""
        if self._open:
            self._open = False
            self._handle.update(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, str]:
        line = self._line()
        return {"text/plain": line, "text/html": f"<div>{escape(line)}</div>"}

    def _line(self) -> str:
        seconds = max(self._clock() - self._since, 1e-9)
        rate = (self._done - self._before) / seconds
        complete = self._total is None or self._done >= self._total
        count = f"{self._done:,}" if complete else f"{self._done:,} of {self._total:,}"
        line = f"{self._what}: {count} {self._unit}{'s' * (self._done != 1 or not complete)}"
        pace = f"{rate:,.0f} a second" if rate >= 1 else f"{1 / rate:,.0f} s each" if rate else ""
        if self._open:
            left = (
                ""
                if complete or not rate or self._total is None
                else f"{(self._total - self._done) / rate:,.0f} s left"
            )
            return ", ".join(filter(None, (line, pace, left)))
        return f"{', '.join(filter(None, (f'{line} in {seconds:,.0f} s', pace)))}{'' if complete else ' (stopped)'}"
