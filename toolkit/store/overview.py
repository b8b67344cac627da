"""What a store holds, at a glance: two narrow columns are read, no text and no vector."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.store import Store

_MOST = 8
"""Publishers that are named; the others are counted."""

_MOST_FILES = 50_000
"""Files whose sizes are added up; a library of more has no size to show, since asking for each takes time."""


def survey(store: Store) -> dict[str, Any]:
    """Counts, days and publishers, named as in :class:`toolkit.types.Overview`.

    Publishers are counted by their names without case, and called what most of their articles call them.

    Raises:
        StoreError: The library cannot be read.
    """
    articles, passages = store.counts()
    written: Counter[str] = Counter()
    first: str | None = None
    last: str | None = None
    dated = 0
    with store.engine("read"):
        for batch in store.article_rows.batches(("publisher", "day")):
            written.update(_counted(batch.column("publisher")))
            days = batch.column("day").drop_null()
            if len(days):
                low, high = _ends(days)
                first, last = min(first or low, low), max(last or high, high)
            dated += len(days)
    names: dict[str, Counter[str]] = {}
    for name, count in written.items():
        names.setdefault(name.strip().casefold(), Counter())[name.strip()] += count
    ranked = sorted(
        ((spelt.most_common(1)[0][0], spelt.total()) for key, spelt in names.items() if key),
        key=lambda one: (-one[1], one[0]),
    )
    return {
        "articles": articles,
        "passages": passages,
        "publishers": tuple(ranked[:_MOST]),
        "more_publishers": max(0, len(ranked) - _MOST),
        "first": first,
        "last": last,
        "undated": max(0, articles - dated),
    }


def _counted(column: Any) -> dict[str, int]:
    pairs = column.value_counts()
    names, counts = pairs.field("values").to_pylist(), pairs.field("counts").to_pylist()
    return {name: count for name, count in zip(names, counts, strict=True) if name}


def _ends(days: Any) -> tuple[str, str]:
    import pyarrow.compute as pc

    ends = pc.min_max(days)
    return ends["min"].as_py(), ends["max"].as_py()


def bytes_on_disk(folder: Path) -> int | None:
    """The size of all files of a library; None when there are too many files to look at quickly."""
    total, seen = 0, 0
    for at, _, files in os.walk(folder):
        for name in files:
            seen += 1
            if seen > _MOST_FILES:
                return None
            try:
                total += os.stat(os.path.join(at, name)).st_size
            except OSError:  # a writer has just removed it
                continue
    return total
