"""How far a long call has come, for whoever sits before it."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

_PATIENCE = 1.0
"""Seconds before a bar is shown: what is over by then needs none."""


class Progress:
    """A bar with counts and a rate, shown when a call takes longer than a second.

    Args:
        what: Its label.
        unit: Of what is counted, in the singular.
        total: Counts what there is to do, called when the bar is shown; None when that is not known.
        shown: Whether there is one; None: in a notebook, and where messages go to a terminal.
        patience: Seconds before it is shown.
    """

    def __init__(
        self,
        what: str,
        unit: str,
        total: Callable[[], int | None],
        *,
        shown: bool | None = None,
        patience: float = _PATIENCE,
    ) -> None:
        self.done = 0
        self._what = what
        self._unit = unit
        self._total = total
        self._shown = _anybody_there() if shown is None else shown
        self.started = time.monotonic()
        self._from = self.started + patience
        self._bar: Any = None

    def tick(self) -> None:
        """One more is done."""
        self.done += 1
        if not self._shown:
            return
        if self._bar is not None:
            self._bar.update(1)
        elif time.monotonic() >= self._from:
            self._bar = _bar(total=self._total(), initial=self.done, desc=self._what, unit=self._unit, leave=False)

    def say(self, line: str) -> None:
        """Write one line to where messages go, in the place of the bar."""
        self.close()
        if sys.stderr is not None:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    def sum_up(self, line: str) -> None:
        """Write one line when a bar was shown before a terminal; a notebook shows what the call returns."""
        if self._bar is not None and not _in_notebook():
            self.say(line)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _anybody_there() -> bool:
    """Whether somebody sees a bar: in a notebook, or before a terminal."""
    stream = sys.stderr
    return _in_notebook() or bool(stream is not None and hasattr(stream, "isatty") and stream.isatty())


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return hasattr(getattr(shell, "get_ipython", lambda: None)(), "kernel")


def _bar(**options: Any) -> Any:
    if importlib.util.find_spec("ipywidgets") is None:  # tqdm.auto would warn of that in a notebook
        from tqdm import tqdm as bar
    else:
        from tqdm.auto import tqdm as bar
    return bar(**options)
