"""How far a long call has come, for whoever sits before it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from toolkit.notebook.counting import CountingLine, in_kernel

_PATIENCE = 1.0
"""Seconds before a bar is shown: what is over by then needs none."""

_PATIENCE_IN_CELL = 3.0
"""The same in a notebook, where a line stays."""


class Progress:
    """A bar with counts and a rate, shown when a call takes longer than a second, in a notebook a line of text.

    Args:
        what: Its label.
        unit: Of what is counted, in the singular.
        total: Counts what there is to do, called when the bar is shown; None when that is not known.
        shown: Whether there is one; None: in a notebook, and where messages go to a terminal.
        patience: Seconds before it is shown; None: one, or three in a notebook.
        done: How much was done before this call.
    """

    def __init__(
        self,
        what: str,
        unit: str,
        total: Callable[[], int | None],
        *,
        shown: bool | None = None,
        patience: float | None = None,
        done: int = 0,
    ) -> None:
        self.done = done
        self._before = done
        self._lock = threading.Lock()
        self._note = ""
        self._what = what
        self._unit = unit
        self._total = total
        self._shown = _anybody_there() if shown is None else shown
        self.started = time.monotonic()
        self._in_cell = in_kernel()
        usual = _PATIENCE_IN_CELL if self._in_cell else _PATIENCE
        self._from = self.started + (usual if patience is None else patience)
        self._bar: Any = None

    def tick(self) -> None:
        """One more is done; threads may say so."""
        with self._lock:
            self.done += 1
            if not self._shown:
                return
            if self._bar is not None:
                self._bar.update(1)
            elif time.monotonic() >= self._from:
                self._bar = self._made()

    def remark(self, note: str) -> None:
        """What stands behind the counts from now on, such as what was spent."""
        self._note = note
        if self._bar is not None and not self._in_cell:
            self._bar.set_postfix_str(note, refresh=False)

    def say(self, line: str) -> None:
        """Write one line to where messages go, in the place of the bar."""
        self.close()
        if sys.stderr is not None:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    def sum_up(self, line: str) -> None:
        """Write one line when a bar was shown before a terminal; in a notebook the line that is there says as much."""
        if self._bar is not None and not self._in_cell:
            self.say(line)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def _made(self) -> Any:
        if self._in_cell:
            return CountingLine(self._what, self._unit, self._total(), self.done, self.started, before=self._before)
        from tqdm import tqdm

        bar = tqdm(total=self._total(), initial=self.done, desc=self._what, unit=self._unit, leave=False)
        bar.set_postfix_str(self._note)
        return bar

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _anybody_there() -> bool:
    """Whether somebody sees a bar: in a notebook, or before a terminal."""
    stream = sys.stderr
    return in_kernel() or bool(stream is not None and hasattr(stream, "isatty") and stream.isatty())
