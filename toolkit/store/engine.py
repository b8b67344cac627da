"""The only file that speaks LanceDB: connect, add, replace, delete, scan, search, index.

It calls the compiled module of LanceDB (``lancedb._lancedb``, which the package's own classes wrap) and does not run
the package's ``__init__``, which imports pandas and a REST client: 3.0 s for every shell command that reads a library,
against 0.4 s this way. For the same reason Arrow arrays are built from buffers: ``pyarrow.array`` imports pandas.
The compiled interface is not public, so the version is pinned and tests cover every call. The module is registered
under its true name: ``import lancedb`` works before and after, and shares it.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.errors import StoreError

if TYPE_CHECKING:
    import asyncio

    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class FTS:
    """The settings of a text index: LanceDB's engine knows them by this class name and these fields.

    Words are found by ICU's rules with punctuation split off, so Chinese, Japanese and Thai are searchable too.
    Stop words stay in: BM25 gives them next to no weight, and "The Who" must be findable.
    """

    with_position: bool = False
    base_tokenizer: str = "icu/split"
    language: str = "English"
    max_token_length: int | None = 40
    lower_case: bool = True
    stem: bool = True
    remove_stop_words: bool = False
    ascii_folding: bool = True
    ngram_min_length: int = 3
    ngram_max_length: int = 3
    prefix_only: bool = False
    block_size: int = 128
    custom_stop_words: list[str] | None = None
    memory_limit: int | None = None
    num_workers: int | None = None
    document_granularity: str = "row"


@dataclass(frozen=True)
class BTree:
    """An index for equality and ranges."""


@dataclass(frozen=True)
class IvfRq:
    """A quantised vector index; searched with refinement, see :meth:`Table.nearest`."""

    distance_type: str = "dot"
    num_partitions: int | None = None
    num_bits: int = 1
    max_iterations: int = 50
    sample_rate: int = 256
    target_partition_size: int | None = None
    accelerator: str | None = None


@dataclass(frozen=True)
class _Scannable:
    schema: Any
    num_rows: int
    reader: Callable[[], Any]
    rescannable: bool = True


@functools.cache
def _module() -> Any:
    name = "lancedb._lancedb"
    if name in sys.modules:
        return sys.modules[name]
    from importlib.machinery import PathFinder
    from importlib.util import find_spec, module_from_spec

    package = find_spec("lancedb")
    locations = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec(name, list(locations)) if locations else None
    if spec is None or spec.loader is None:
        raise StoreError("LanceDB is not installed: run pip install 'lancedb>=0.40,<0.41'")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """One event loop in one thread for the whole process: the engine's futures need a running one."""
    import asyncio

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="citebook-store", daemon=True).start()
    return loop


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_loop.cache_clear)  # the thread did not come along


def run(call: Callable[[], Awaitable[T]]) -> T:
    """Wait for what ``call`` returns, from any thread, inside a running event loop or not."""
    import asyncio

    async def started() -> T:
        return await call()

    return asyncio.run_coroutine_threadsafe(started(), _loop()).result()


class Database:
    """A folder of tables. Every read sees the latest commit of any process."""

    def __init__(self, path: str) -> None:
        module = _module()
        self._connection = run(
            lambda: module.connect(path, None, None, None, None, 0.0, None, None, None, False, None, None)
        )

    def names(self) -> list[str]:
        """The tables that exist."""
        return list(run(lambda: self._connection.table_names([], None, None)))

    def open(self, name: str) -> Table:
        """Open a table that exists."""
        return Table(run(lambda: self._connection.open_table(name, [])))

    def create(self, name: str, schema: Any) -> Table:
        """Create a table without rows, or open it when another process was faster."""
        return Table(run(lambda: self._connection.create_empty_table(name, "exist_ok", schema, [])))


class Table:
    """One table; rows go in as Arrow batches and come out as dicts."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def add(self, batch: Any) -> None:
        """Append rows, in one commit."""
        import pyarrow as pa

        def reader() -> Any:
            return pa.RecordBatchReader.from_batches(batch.schema, [batch])

        if batch.num_rows:
            run(lambda: self._inner.add(_Scannable(batch.schema, batch.num_rows, reader), "append"))

    def upsert(self, batch: Any, on: str) -> None:
        """Replace the rows with the same ``on`` and append the others, in one commit."""
        import pyarrow as pa

        settings = {
            "on": [on],
            "when_matched_update_all": True,
            "when_matched_update_all_condition": None,
            "when_not_matched_insert_all": True,
            "when_not_matched_by_source_delete": False,
            "when_not_matched_by_source_condition": None,
            "when_not_matched_by_source_condition_expr": None,
            "timeout": None,
            "use_index": True,
            "use_lsm": None,
            "validate_single_shard": None,
        }
        if batch.num_rows:
            reader = pa.RecordBatchReader.from_batches(batch.schema, [batch])
            run(lambda: self._inner.execute_merge_insert(reader, settings))

    def delete(self, where: str) -> int:
        """Delete the rows that a filter selects, in one commit; returns how many."""
        return int(run(lambda: self._inner.delete(where)).num_deleted_rows)

    def count(self, where: str | None = None) -> int:
        """Number of rows."""
        return int(run(lambda: self._inner.count_rows(where)))

    def scan(self, columns: Sequence[str], where: str | None = None) -> Rows:
        """The rows that a filter selects, in no promised order."""
        query = self._inner.query()
        query.select_columns(list(columns))
        if where is not None:
            query.where(where)
        return _rows(query)

    def match(self, text: str, column: str, columns: Sequence[str], limit: int, where: str | None) -> Rows:
        """The best rows by BM25 (``_score``) for any word of a text."""
        query = self._inner.query().nearest_to_text({"query": text, "columns": [column]})
        query.select_columns([*columns, "_score"])
        query.limit(limit)
        if where is not None:
            query.where(where)
        return _rows(query)

    def nearest(self, vector: NDArray[np.float32], columns: Sequence[str], limit: int, where: str | None) -> Rows:
        """The rows with the largest dot product (``1 - _distance``) with a vector."""
        import pyarrow as pa

        query = self._inner.query().nearest_to(numbers(vector, pa.float32()))
        query.distance_type("dot")
        query.select_columns([*columns, "_distance"])
        query.limit(limit)
        query.refine_factor(10)
        query.nprobes(20)
        if where is not None:
            query.where(where)
        return _rows(query)

    def indexes(self) -> dict[str, int]:
        """The number of rows that the index of each indexed column does not cover yet."""
        return {index.columns[0]: int(index.num_unindexed_rows or 0) for index in run(self._inner.list_indices)}

    def index(self, column: str, settings: FTS | BTree | IvfRq) -> None:
        """Build the index of a column over the rows that are there now."""
        run(lambda: self._inner.create_index(column, settings, True, None, name=None, train=None))

    def fragments(self) -> int:
        """Number of files that the rows are spread over."""
        return int(run(self._inner.stats)["fragment_stats"]["num_fragments"])

    def optimise(self) -> None:
        """Merge small files, bring the indexes up to date, and drop versions that are older than ten minutes.

        A reader holds on to a version for the time of one query.
        """
        run(lambda: self._inner.optimize(cleanup_since_ms=600_000, delete_unverified=False))


def _rows(query: Any) -> Rows:
    async def collect() -> Rows:
        stream = await query.execute(None, None)
        rows: Rows = []
        async for batch in stream:
            rows.extend(batch.to_pylist())
        return rows

    return run(collect)


def strings(values: Iterable[str | None]) -> Any:
    """An Arrow array of strings."""
    import pyarrow as pa

    builder = pa.lib.StringBuilder()
    builder.append_values(list(values))
    return builder.finish()


def binaries(values: Sequence[bytes | None]) -> Any:
    """An Arrow array of large binaries."""
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value or b"") for value in values], out=offsets[1:])
    body = pa.py_buffer(b"".join(value or b"" for value in values))
    return pa.Array.from_buffers(pa.large_binary(), len(values), [_validity(values), pa.py_buffer(offsets), body])


def numbers(values: Any, kind: Any, *, missing: Sequence[object] | None = None) -> Any:
    """An Arrow array over a numpy array of the same width; ``missing`` has None where there is no value."""
    import numpy as np
    import pyarrow as pa

    flat = np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(flat), [None if missing is None else _validity(missing), pa.py_buffer(flat)])


def _validity(values: Sequence[object]) -> Any:
    import numpy as np
    import pyarrow as pa

    present = np.fromiter((value is not None for value in values), bool, len(values))
    return pa.py_buffer(np.packbits(present, bitorder="little"))
