"""What happened to what was added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.types.shown import Readable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A source that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class AddReport(Readable):
    """What one ``add`` or ``sync`` did.

    Attributes:
        added: Number of new articles.
        updated: Number of articles whose text or metadata changed.
        unchanged: Number of articles that were there already.
        duplicates: Number of articles that came more than once in this call.
        failed: Sources that could not be read, with reasons; everything else went in.
        ids: The articles of this call, in order, each once.
        seconds: Wall-clock time.
        removed: Number of articles that a ``sync`` took out, since what they were read from is gone.
        statuses: For each of ``ids``: ``"added"``, ``"updated"`` or ``"unchanged"``.
        sources: For each of ``ids``: the file or address that it was read from; None for texts and records.
        removed_ids: The articles that were taken out.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: tuple[Failure, ...] = ()
    ids: tuple[str, ...] = ()
    seconds: float = 0.0
    removed: int = 0
    statuses: tuple[str, ...] = ()
    sources: tuple[str | None, ...] = ()
    removed_ids: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Articles of this call a second: read, compared and, where they are new, stored. 0 when nothing was timed."""
        return len(self.ids) / self.seconds if self.seconds > 0 else 0.0

    def to_frame(self) -> pd.DataFrame:
        """One row for each article and each failure of this call.

        Returns:
            Columns ``source``, ``status`` (``added``, ``updated``, ``unchanged``, ``removed`` or ``failed``), ``id``
            and ``reason``; what does not apply is None.
        """
        import pandas as pd

        names = ("source", "status", "id", "reason")
        rows: list[tuple[str | None, str, str | None, str | None]] = []
        # A report that was put together by hand may have ids alone.
        blank = (None,) * len(self.ids)
        for source, status, one in zip(self.sources or blank, self.statuses or blank, self.ids, strict=True):
            rows.append((source, status or "unchanged", one, None))
        rows += [(None, "removed", one, None) for one in self.removed_ids]
        rows += [(failure.source, "failed", None, failure.reason) for failure in self.failed]
        return pd.DataFrame({name: [row[n] for row in rows] for n, name in enumerate(names)}, dtype=object)
