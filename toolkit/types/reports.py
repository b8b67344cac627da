"""What happened to what was added."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.types.shown import Shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A source that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class AddReport(Shown):
    """What one ``add`` did.

    Attributes:
        added: Number of new articles.
        updated: Number of articles whose text or metadata changed.
        unchanged: Number of articles that were there already.
        duplicates: Number of articles that came more than once in this call.
        failed: Sources that could not be read, with reasons; everything else went in.
        ids: The articles of this call, in order, each once.
        seconds: Wall-clock time.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: tuple[Failure, ...] = ()
    ids: tuple[str, ...] = ()
    seconds: float = 0.0

    def __repr__(self) -> str:
        from toolkit.display import to_text

        return to_text(self)
