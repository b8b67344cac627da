"""What a library holds, at a glance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from toolkit.types.shown import Recorded


@dataclass(frozen=True, kw_only=True, repr=False)
class Overview(Recorded):
    """What a library holds, and what it works with.

    Attributes:
        where: Its folder or address; ``temporary`` for one that is gone when it is closed.
        articles, passages: How many; ``articles`` is None for a library made from an index, which is not counted.
        publishers: The publishers with the most articles, most first, each with how many.
        more_publishers: How many publishers there are besides.
        first, last: The earliest and the latest day of publication, ``YYYY-MM-DD``; None when no day is known.
        undated: How many articles have no day.
        size: Bytes on the disk; None for a library on an object store.
        embedding: What made its vectors; None as long as nothing was added.
        model: The language model that answers; None when there is none.
        watches: How many questions are watched.
    """

    where: str
    articles: int | None = 0
    passages: int = 0
    publishers: tuple[tuple[str, int], ...] = ()
    more_publishers: int = 0
    first: str | None = None
    last: str | None = None
    undated: int = 0
    size: int | None = None
    embedding: str | None = None
    model: str | None = None
    watches: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {**asdict(self), "publishers": [{"name": name, "articles": n} for name, n in self.publishers]}
