"""What a store keeps in memory of what it has read, for as long as nobody writes.

A scan of a table takes some milliseconds however little it returns. A table's version is known in a fraction of one,
and as long as it is the same, so is everything that was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from toolkit.store.engine import Table
from toolkit.store.schema import PASSAGE_COLUMNS, passage_of
from toolkit.types import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

SMALL = 5_000
"""Passages of a library whose vectors are all kept: 5 MB for each 5,000 of 256 numbers, looked through in 0.5 ms."""

ARTICLES = 500
"""Articles that are kept."""


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that a search came upon.

    Attributes:
        passage: The passage. It counts only while its article has the same revision, see
            :meth:`toolkit.store.Store.owners`.
        score: BM25 or cosine similarity.
        revision: Of the write that put it in.
    """

    passage: Passage
    score: float
    revision: str


def best_first(found: Iterable[FoundPassage]) -> list[FoundPassage]:
    """By score; ties in the order of article and place, so that every run gives the same."""
    return sorted(found, key=lambda one: (-one.score, one.passage.span.article_id, one.passage.span.start))


class VersionCache(Generic[T]):
    """Values by key, of one version of a table at a time. Threads may share it.

    Args:
        most: Values that are kept; with more, all are let go.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._version: int | None = None
        self._values: dict[str, T] = {}
        self._lock = threading.Lock()

    def of(self, version: int, keys: Iterable[str], read: Callable[[list[str]], dict[str, T]]) -> dict[str, T]:
        """The values of keys at a version, in the order asked for; those that there are none of are left out.

        Args:
            version: Of the table, before anything is read.
            keys: Which.
            read: Reads the values of keys that are not kept, at this version or a later one.
        """
        asked = list(dict.fromkeys(keys))
        with self._lock:
            kept = self._values if version == self._version else {}
            known = {key: kept[key] for key in asked if key in kept}
        missing = [key for key in asked if key not in known]
        if missing:
            fresh = read(missing)
            known |= fresh
            self._keep(version, fresh)
        return {key: known[key] for key in asked if key in known}

    def _keep(self, version: int, fresh: dict[str, T]) -> None:
        with self._lock:
            if self._version is None or version > self._version:
                self._version, self._values = version, {}
            if version == self._version:
                if len(self._values) + len(fresh) > self._most:
                    self._values = {}
                if len(fresh) <= self._most:
                    self._values |= fresh


class VectorCache:
    """All passages of a small library with their vectors, of one version of its table at a time."""

    def __init__(self) -> None:
        self._read: tuple[int, list[FoundPassage], NDArray[np.float32]] | None = None

    def nearest(self, passages: Table, vector: NDArray[np.float32], limit: int) -> list[FoundPassage] | None:
        """The passages with the largest dot product with a vector, exactly, in no order.

        Args:
            passages: The table.
            vector: float32, shape (dimensions,).
            limit: At most so many.

        Returns:
            None when the library is not small.
        """
        import numpy as np

        version = passages.version
        read = self._read
        if read is None or read[0] != version:
            if passages.count() > SMALL:
                return None
            read = self._read = (version, *_all(passages))
        _, found, matrix = read
        if not found:
            return []
        scores = matrix @ vector
        best = np.argpartition(-scores, limit)[:limit] if limit < len(scores) else range(len(scores))
        return [FoundPassage(found[n].passage, float(scores[n]), found[n].revision) for n in best]


def _all(passages: Table) -> tuple[list[FoundPassage], NDArray[np.float32]]:
    import numpy as np

    found: list[FoundPassage] = []
    parts: list[NDArray[np.float32]] = []
    for batch in passages.batches((*PASSAGE_COLUMNS, "vector")):
        vectors = batch.column("vector")
        width = vectors.type.list_size
        parts.append(np.asarray(vectors.flatten(), np.float32).reshape(-1, width))
        rows = batch.select(list(PASSAGE_COLUMNS)).to_pylist()
        found += [FoundPassage(passage_of(row), 0.0, row["revision"]) for row in rows]
    return found, np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
