"""Side tables: what a library knows beside its articles and passages, declared in one place and kept whole together.

To add one: declare it below as a :class:`Side` and name it in :data:`SIDES`; then ``store.side(GROUPS)`` is its table,
which is there for reading at once and made by its first write. Backup, deletion, upkeep and new columns are done for
every table in ``SIDES``; reindexing does not touch them, since they know nothing of passages.

    GROUPS = Side("groups", key="article_id", columns={"article_id": str, "band": list, "mark": bytes}, of="article_id")

    store.side(GROUPS).put([{"article_id": "a", "band": ["x", "y"], "mark": b"..."}])   # replaces rows of the same key
    store.side(GROUPS).rows("article_id", ["a", "b"])       # -> dicts, for any column of texts or list of texts
    store.side(GROUPS).rows()                               # all of them
    store.side(GROUPS).delete("article_id", ["a"])

Two rules keep a library whole, since rows here and articles lie in several tables and so in several commits:

1. **First the articles, then what is known of them.** Write a side row after the articles that it speaks of are in.
2. **Believe a row only while what it speaks of is there.** A crash, another process, a backup made beside a write or a
   deletion may leave a row about an article that is gone or has another text now: keep in the row what tells (the
   article's id and its ``text_hash`` or fingerprint), compare when reading, and take a row that does not fit for none.

So a side table may be lost or lag behind, and then only costs work; it is never the only witness of an article.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.store import upkeep
from toolkit.store.arrays import binaries, numbers, strings
from toolkit.store.engine import BTree, Database, Rows, Table
from toolkit.store.schema import IN_CHUNK, UNIQUE, given_id, literal, one_of, stored_id

if TYPE_CHECKING:
    from toolkit.store.store import Store

_INDEX_FROM = 10_000  # rows, as for articles: see toolkit.store.upkeep
_TAIL = 2_000  # rows that an index does not cover, the same


@dataclass(frozen=True)
class Side:
    """A side table.

    Attributes:
        name: Of the table; lower-case letters.
        key: The column that tells rows apart, of kind ``str``: a row with the same key replaces the older one.
        columns: Every column's name and kind: ``str``, ``int`` (64 bits), ``float`` (64 bits), ``bytes``, or ``list``
            for a list of ``str``. Every text comes back exactly, lone surrogates too. Every column but the key may be
            None; a list is then empty. A column that a later citebook adds is None in the rows of older ones; never
            change a column's kind.
        of: The column (``str`` or ``list``) with the ids of the articles that a row is about: such rows go when one of
            these articles is deleted. None when rows are not about articles.
        indexed: Other columns (``str``) that rows are looked up by, worth an index when there are many.
    """

    name: str
    key: str
    columns: Mapping[str, type]
    of: str | None = None
    indexed: tuple[str, ...] = ()


VERSIONS = Side(
    "versions",
    key="key",
    columns={
        "key": str,  # id@hash of the text
        "article_id": str,
        "line": str,  # the id that the first of its versions had
        "text_hash": str,
        "replaced_by": str,  # id
        "replaced_at": str,  # ISO 8601
        "row": bytes,  # the whole article
    },
    indexed=("article_id", "line", "replaced_by"),
)
"""Texts of articles that later ones have replaced; see :mod:`toolkit.store.versions`."""

LEDGER = Side(
    "ledger",
    key="origin",
    columns={"origin": str, "size": int, "mtime_ns": int, "ctime_ns": int, "noted_ns": int, "hash": str, "ids": list}
    | {"state": str, "reader": str, "given": str},
)
"""Files that were read, and which articles they gave; see :mod:`toolkit.store.ledger`."""

GROUPS = Side(
    "groups",
    key="article_id",
    columns={
        "article_id": str,
        "made_of": str,  # what the signature was made from: its kind, and the hash of the text
        "story": str,  # the group: the least id of its articles; None when it is in none
        "bands": bytes,  # the signature
    },
    indexed=("story",),
)
"""Which articles are copies of one text; see :mod:`toolkit.store.groups`. A row outlives its article until the group
was put together anew, so :func:`forget` leaves it."""

VISITS = Side(
    "visits",
    key="key",
    columns={"key": str, "url": str, "etag": str, "modified": str, "at": str, "ids": list}
    | {"state": str, "reader": str, "given": str},
    of="ids",
)
"""Pages that were read, and what their servers said of their versions; see :mod:`toolkit.store.visits`."""

SIDES: tuple[Side, ...] = (VERSIONS, LEDGER, GROUPS, VISITS)
"""Every side table. Add yours here."""


class SideTable:
    """The rows of a side table. Make one with :meth:`toolkit.store.Store.side`; threads may share it.

    Args:
        side: Which.
        store: Of which library.
    """

    def __init__(self, side: Side, store: Store) -> None:
        self._side = side
        self._store = store
        self._table: Table | None = None

    def rows(
        self, column: str | None = None, values: Iterable[str] = (), *, columns: Sequence[str] | None = None
    ) -> Rows:
        """Rows as dicts, in no promised order.

        Args:
            column: Only rows whose value in this column (of kind ``str`` or ``list``) is, or has in it, one of
                ``values``; None for all rows.
            values: Texts.
            columns: What to return of a row; None for everything.
        """
        wanted = list(columns or self._side.columns)
        with self._store.engine("read"):
            if (table := self._opened()) is None:
                return []
            known = table.columns()
            there = [name for name in dict.fromkeys((*wanted, self._side.key)) if name in known]
            if column is None:
                found = table.scan(there)
            else:
                wheres = self._wheres(column, values) if column in known else []
                found = [row for where in wheres for row in table.scan(there, where)]
                if len(wheres) > 1 and self._side.columns[column] is list:  # a row may answer to several filters
                    found = list({row[self._side.key]: row for row in found}.values())
        empty = dict.fromkeys(wanted)
        return [empty | {name: _given(row[name]) for name in there if name in empty} for row in found]

    def batches(self, columns: Sequence[str], where: str | None = None) -> Iterator[Any]:
        """Rows as Arrow batches, texts as they are stored; all, or those that an SQL filter selects."""
        with self._store.engine("read"):
            if (table := self._opened()) is not None:
                yield from table.batches(columns, where)

    def put(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows in one commit; one with the key of an older row replaces it. What is left out is None.

        Raises:
            StoreError: The library cannot be written.
        """
        kept = {row[self._side.key]: row for row in rows}
        if not kept:
            return
        with self._store.writer():
            table = self._table = self._made()
            table.upsert(_batch(self._side, list(kept.values())), self._side.key)
            self._upkeep(table)

    def delete(self, column: str, values: Iterable[str]) -> int:
        """Drop the rows whose value in a column (of kind ``str`` or ``list``) is, or has in it, one of the values.

        Returns:
            How many.

        Raises:
            StoreError: The library cannot be written.
        """
        wheres = self._wheres(column, values)
        with self._store.writer():
            table = self._opened()
            if table is None or column not in table.columns():
                return 0
            return sum(table.delete(where) for where in wheres)

    def optimise(self) -> None:
        """Merge small files and drop old versions."""
        with self._store.writer():
            if (table := self._opened()) is not None:
                upkeep.rebuild(table, [])

    def count(self) -> int:
        """Number of rows."""
        with self._store.engine("read"):
            table = self._opened()
            return 0 if table is None else table.count()

    @property
    def version(self) -> int:
        """Number of the latest commit, 0 when there is no table yet: what was read stays true while it is the same."""
        with self._store.engine("read"):
            table = self._opened()
            return 0 if table is None else table.version

    def _opened(self) -> Table | None:
        if self._table is None:
            self._table = self._store.database.open(self._side.name)
        return self._table

    def _made(self) -> Table:
        table = self._opened() or self._store.database.create(self._side.name, _schema(self._side))
        lacking = [name for name in self._side.columns if name not in table.columns()]
        if lacking:
            table.widen([field for field in _schema(self._side) if field.name in lacking])
        return table

    def _upkeep(self, table: Table) -> None:
        covered = table.indexes()
        if table.count() >= _INDEX_FROM:
            for column in (self._side.key, *self._side.indexed):
                if column not in covered:
                    upkeep.persist(partial(table.index, column, BTree()))
            if max(covered.values(), default=0) > _TAIL:
                upkeep.persist(table.fold)
                upkeep.merge_parts(table, self._side.key)
        self._store.tidy_side(self._side.name, table)

    def _wheres(self, column: str, values: Iterable[str]) -> list[str]:
        stored = [stored_id(value) for value in dict.fromkeys(values)]
        if self._side.columns[column] is not list:
            return one_of(column, stored)
        parts = [", ".join(map(literal, stored[n : n + IN_CHUNK])) for n in range(0, len(stored), IN_CHUNK)]
        return [f"array_has_any({column}, make_array({part}))" for part in parts]


def forget(store: Store, ids: Iterable[str]) -> None:
    """Drop what every side table knows of articles that are gone."""
    gone = list(ids)
    for side in SIDES:
        if side.of is not None:
            store.side(side).delete(side.of, gone)


def clone(store: Store, database: Database) -> None:
    """Copy every side table to another place."""
    for side in SIDES:
        if (table := store.database.open(side.name)) is not None:
            table.clone(database, side.name)


def drop(database: Database) -> None:
    """Remove every side table of a copy that was cut off."""
    for side in SIDES:
        with contextlib.suppress(OSError, ValueError):
            database.drop(side.name)


def _schema(side: Side) -> Any:
    import pyarrow as pa

    kinds = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bytes: pa.large_binary(),
        list: pa.list_(pa.string()),
    }
    return pa.schema(
        [
            pa.field(name, kinds[kind], nullable=name != side.key, metadata=UNIQUE if name == side.key else None)
            for name, kind in side.columns.items()
        ]
    )


def _batch(side: Side, rows: Sequence[Mapping[str, Any]]) -> Any:
    import pyarrow as pa

    if odd := {name for row in rows for name in row} - set(side.columns):
        raise ValueError(f"the side table {side.name} has no columns {sorted(odd)}")
    made = [_column(kind, [row.get(name) for row in rows]) for name, kind in side.columns.items()]
    return pa.RecordBatch.from_arrays(made, schema=_schema(side))


def _column(kind: type, values: Sequence[Any]) -> Any:
    import numpy as np
    import pyarrow as pa

    if kind is str:
        return strings([None if value is None else stored_id(value) for value in values])
    if kind is bytes:
        return binaries(values)
    if kind is list:
        lists = [[stored_id(one) for one in value or ()] for value in values]
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int32)
        return pa.ListArray.from_arrays(numbers(offsets, pa.int32()), strings(one for some in lists for one in some))
    filled = [0 if value is None else value for value in values]
    arrow, wide = (pa.int64(), np.int64) if kind is int else (pa.float64(), np.float64)
    return numbers(np.array(filled, wide), arrow, missing=values)


def _given(value: Any) -> Any:
    if isinstance(value, str):
        return given_id(value)
    return [given_id(one) for one in value] if isinstance(value, list) else value
