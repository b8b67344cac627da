"""Indexes and files of the passages: built when they pay, brought up to date before new rows count, merged, cleaned.

Rows that no index covers are found by reading them all: 55 microseconds a row for words, so that 8,000 fresh rows made
a search ten times slower. So a write indexes its passages before it makes them visible (:func:`index`), and searches
look into the indexes alone. New rows get a small part of each index of their own, 0.15 s for 500 rows at a million;
parts of like size are merged, four into one, so that there are never many (a log-structured merge tree, O'Neil et al.
1996).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from toolkit.store.engine import FILE_ROWS, FTS, BTree, IvfRq, Table
from toolkit.store.schema import literal

T = TypeVar("T")
Indexes = list[tuple[str, FTS | BTree | IvfRq]]

VECTOR_INDEX_FROM = 20_000
"""Passages; below, looking at every vector takes less than 20 ms."""

_VECTOR_INDEX_WIDTH = 64  # dimensions; a few bits of each are kept, and of fewer that tells too few vectors apart
_SCALARS = ("article_id", "day", "published", "publisher")
_SCALAR_INDEX_FROM = 10_000  # rows; looking through the ids of so many without an index takes 10 ms
_TAIL = 2_000  # rows that an index does not cover; looking through their ids takes 2 ms
_RUN = 3  # parts of an index of like size that the next one of that size is merged with
_SMALLEST_PART = 256  # rows; parts of no more are of one size
_SMALL_FILES = 32  # files below FILE_ROWS that a table may have before they are merged
_TRIES = 30  # of a commit; the waits between them grow to a second
_CLEANED_EVERY = 60.0  # seconds; cleaning lists all files of a table


def index(passages: Table, dimensions: int) -> None:
    """Make every row that is in the table now findable through its indexes.

    Args:
        passages: The table.
        dimensions: Length of its vectors.
    """
    covered = passages.indexes()
    for column, settings in passage_indexes(passages, dimensions):
        if column not in covered:
            persist(partial(passages.index, column, settings))
    if any(covered.values()):
        persist(passages.fold)


def merge_parts(table: Table, column: str) -> None:
    """Merge the youngest parts of a table's indexes when that of a column has many of like size.

    When these have outgrown the oldest part, the vector index is made anew: its partitions were made for fewer rows.
    """
    parts = table.parts(column)
    if not (merge := parts_to_merge(parts[:-1], parts[-1]) if parts else 0):
        return
    _try(partial(table.fold, merge + 1))
    if merge + 1 == len(parts) and "vector" in table.indexes():
        _try(partial(table.index, "vector", IvfRq()))


def parts_to_merge(sizes: Sequence[int], fresh: int) -> int:
    """How many of the older parts of an index to merge with the newest one, youngest first.

    Args:
        sizes: Rows of each older part, oldest first.
        fresh: Rows of the newest part.

    Returns:
        0 when the newest part stays by itself.
    """
    merged, rows = 0, fresh
    while True:
        run = 0
        for size in reversed(sizes[: len(sizes) - merged]):
            if _level(size) > _level(rows):
                break
            run += 1
        if run < _RUN:
            return merged
        rows += sum(sizes[len(sizes) - merged - run : len(sizes) - merged])
        merged += run


def tidy(table: Table, cleaned: float) -> float:
    """Merge small files when there are many, and drop old versions every minute.

    Args:
        table: Any table.
        cleaned: When old versions were dropped last, by ``time.monotonic``.

    Returns:
        When they were dropped last, now.
    """
    if sum(rows < FILE_ROWS for rows in table.fragments()) > _SMALL_FILES:
        _try(table.compact)
    if time.monotonic() - cleaned < _CLEANED_EVERY:
        return cleaned
    _try(table.clean)
    return time.monotonic()


def rebuild(table: Table, wanted: Indexes) -> None:
    """Build every index in one part, and merge files: what is worth it after a large import."""
    _try(table.compact)
    for column, settings in wanted:
        persist(partial(table.index, column, settings))
    _try(table.clean)


def index_articles(articles: Table) -> None:
    """Index what articles are looked up by, once there are many, and keep that up to date."""
    covered = articles.indexes()
    for column, settings in article_indexes(articles):
        if column not in covered:
            _try(partial(articles.index, column, settings))
    if max(covered.values(), default=0) > _TAIL:
        _try(articles.fold)
        merge_parts(articles, "id")


def drop_dead(passages: Table, pairs: Iterable[tuple[str, str]], live: Mapping[str, str]) -> None:
    """Drop the passages of those pairs of article and revision that are not live.

    Args:
        passages: The table.
        pairs: Stored ids and revisions.
        live: The revision of each article, by stored id.
    """
    for key, revision in pairs:
        if live.get(key) != revision:
            passages.delete(f"article_id = {literal(key)} AND revision = {literal(revision)}")


def persist(call: Callable[[], T]) -> T:
    """Repeat a commit that another writer's commit got in the way of."""
    for attempt in range(_TRIES):
        try:
            return call()
        except (OSError, RuntimeError, ValueError) as error:
            if attempt == _TRIES - 1 or not _collided(error):
                raise
            time.sleep(random.uniform(0.02, 0.1) * min(attempt + 1, 10))  # noqa: S311 -- no secret
    raise AssertionError("unreachable")


def _try(call: Callable[[], object]) -> None:
    """Do what can as well be done the next time."""
    try:
        call()
    except (OSError, RuntimeError, ValueError) as error:
        if not _collided(error):
            raise


def _collided(error: Exception) -> bool:
    return "commit conflict" in str(error) or "concurrent" in str(error)


def passage_indexes(passages: Table, dimensions: int) -> Indexes:
    """The indexes that pay for a table of passages of its size."""
    rows = passages.count()
    wanted: Indexes = [("indexed", FTS())] if rows else []
    if rows >= _SCALAR_INDEX_FROM:
        wanted += [(column, BTree()) for column in _SCALARS]
    if rows >= VECTOR_INDEX_FROM and dimensions >= _VECTOR_INDEX_WIDTH:
        wanted.append(("vector", IvfRq()))
    return wanted


def article_indexes(articles: Table) -> Indexes:
    """The indexes that pay for a table of articles of its size."""
    if articles.count() < _SCALAR_INDEX_FROM:
        return []
    there = articles.columns()
    return [(column, BTree()) for column in ("id", "origin", "address") if column in there]


def _level(rows: int) -> int:
    level = 0
    while rows > _SMALLEST_PART:
        rows //= _RUN + 1
        level += 1
    return level
