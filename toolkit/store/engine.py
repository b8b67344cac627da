"""The only module that uses Lance, the engine of LanceDB: open, create, append, replace, delete, scan, search, index.

A table is a folder ``<name>.lance``, here or on an object store, in LanceDB's layout. The ``lance`` package is used and
not ``lancedb``, which adds 2 s to every import and has no way to bring an index up to date without rewriting it:
:meth:`Table.fold` takes 0.15 s for 500 new rows at a million, LanceDB's ``optimize`` 20 to 90 s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from toolkit.store.arrays import numbers, strings
from toolkit.store.loading import load_lance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Rows = list[dict[str, Any]]

_RETRIES = 50
"""Of a commit that another writer's commit gets in the way of; the waits between them grow, up to ``_PATIENCE``."""
_PATIENCE = timedelta(minutes=5)
_PATIENT = {"client_max_retries": "8", "client_retry_timeout": "60"}
"""Of requests to an object store: a server may be away for ten seconds."""
_OLD = timedelta(minutes=10)
"""Age of versions that are dropped: a reader holds on to one for the time of one query."""
_REFINED = 2
"""Rows whose exact vectors are compared for each row that is asked for: see :class:`IvfRq`."""
FILE_ROWS = 100_000
"""Smaller files are merged: merging bigger ones costs a rewrite of their part of every index."""


@dataclass(frozen=True)
class FTS:
    """The settings of a text index, by the engine's names.

    Words are found by ICU's rules with punctuation split off, so Chinese, Japanese and Thai are searchable too.
    Stop words stay in: BM25 gives them next to no weight, and "The Who" must be findable. Positions are kept for
    phrases: at 100,000 passages 12 MB of disk beside 18, 4 s of building beside 13, and no time in other queries.
    """

    with_position: bool = True
    base_tokenizer: str = "icu/split"
    language: str = "English"
    max_token_length: int | None = 40
    lower_case: bool = True
    stem: bool = True
    remove_stop_words: bool = False
    ascii_folding: bool = True


@dataclass(frozen=True)
class BTree:
    """An index for equality and ranges."""


@dataclass(frozen=True)
class IvfRq:
    """A quantised vector index (RaBitQ); searched with refinement, see :meth:`Table.nearest`.

    With four bits a dimension it finds 1.00 of the fifty nearest static vectors of 21,000 passages, with one bit .94.
    How many partitions are looked through is left to the engine: .99 of the fifty nearest of a million in 15 ms, where
    a fixed 20 of its 240 partitions found .67 in 7 ms.
    """

    bits: int = 4


class Database:
    """Tables in one place. Every read sees the latest commit of any process.

    Args:
        location: A folder, or a URL such as ``s3://bucket/news``.
        options: For object stores, by the names of the engine's ``storage_options``.
    """

    def __init__(self, location: str, options: Mapping[str, str] | None = None) -> None:
        self._location = location.rstrip("/")
        self.options = {**_PATIENT, **options} if options else None

    def open(self, name: str) -> Table | None:
        """Open a table; None when there is none of that name."""
        lance = load_lance()
        try:
            return Table(lance.dataset(self.uri(name), storage_options=self.options), self.options)
        except (ValueError, OSError) as error:
            if str(error).startswith("Dataset at path"):  # and "was not found"; a missing bucket is another error
                return None
            raise

    def create(self, name: str, schema: Any) -> Table:
        """Create a table without rows, or open it when another process was faster."""
        import pyarrow as pa

        empty = pa.RecordBatchReader.from_batches(schema, [])
        try:
            made = load_lance().write_dataset(empty, self.uri(name), storage_options=self.options)
        except OSError as error:
            there = self.open(name) if "already exists" in str(error) else None
            if there is None:
                raise
            return there
        return Table(made, self.options)

    def drop(self, name: str) -> None:
        """Remove a table with everything in it."""
        load_lance().LanceDataset.drop(self.uri(name), storage_options=self.options, ignore_not_found=True)

    def uri(self, name: str) -> str:
        """Where a table lies."""
        return f"{self._location}/{name}.lance"


class Table:
    """One table; rows go in as Arrow batches and come out as dicts. Threads may share it."""

    def __init__(self, dataset: Any, options: Mapping[str, str] | None) -> None:
        self._dataset = dataset
        self._options = options

    @property
    def version(self) -> int:
        """Number of the latest commit."""
        return int(self._latest().version)

    def _latest(self) -> Any:
        held = self._dataset
        latest = held.latest_version
        # A new object: other threads may be reading from the one that is held.
        if latest != held.version:
            held = self._dataset = held.checkout_version(latest)
        return held

    def _own(self) -> Any:
        """The latest version as an object for one write: the engine lets nobody read from it meanwhile."""
        held = self._dataset
        return held.checkout_version(held.latest_version)

    def add(self, batch: Any) -> None:
        """Append rows, in one commit."""
        if batch.num_rows:
            import pyarrow as pa

            rows = pa.Table.from_batches([batch])
            load_lance().write_dataset(rows, self._own(), mode="append", storage_options=self._options)

    def append(self, fragments: Sequence[Any]) -> None:
        """Add files of rows that were written beside the table, with ``lance.fragment.write_fragments``."""
        lance = load_lance()
        dataset = self._own()
        lance.LanceDataset.commit(
            dataset.uri,
            lance.LanceOperation.Append(list(fragments)),
            read_version=dataset.version,
            storage_options=self._options,
            max_retries=_RETRIES,
        )

    def upsert(self, batch: Any, on: str) -> int:
        """Replace the rows with the same ``on``, append the others, in one commit; returns how many were replaced."""
        if not batch.num_rows:
            return 0
        merge = self._own().merge_insert(on).when_matched_update_all().when_not_matched_insert_all()
        return int(self._merged(merge, batch)["num_updated_rows"])

    def swap(self, row: Any, on: str, where: str | None) -> bool:
        """Put one row in the place of the one with the same ``on``, if that still is as ``where`` says; in one commit.

        Args:
            row: A batch of one row.
            on: The column that tells rows apart.
            where: A filter on columns named ``target.name``; None: only if there is no such row.

        Returns:
            Whether it was written; False: another writer was faster, and nothing has changed.
        """
        merge = self._own().merge_insert(on)
        merge = merge.when_not_matched_insert_all() if where is None else merge.when_matched_update_all(where)
        done = self._merged(merge, row)
        return bool(done["num_updated_rows"] or done["num_inserted_rows"])

    def update(self, batch: Any, on: str, where: str) -> int:
        """Replace the rows with the same ``on`` that are as ``where`` says, in one commit; returns how many.

        Args:
            batch: Rows; those that there is nothing to replace for are left out.
            on: The column that tells rows apart.
            where: A filter on columns named ``target.name`` and ``source.name``.
        """
        return int(self._merged(self._own().merge_insert(on).when_matched_update_all(where), batch)["num_updated_rows"])

    def _merged(self, merge: Any, batch: Any) -> dict[str, int]:
        """Carry out a merge of rows into the table, in one commit; returns the engine's counts."""
        import pyarrow as pa

        # Two writers who insert one new key at once notice each other only in a merge that reads the keys themselves;
        # in a folder, where a lock keeps writers apart, the index may be used.
        merge = merge.use_index("://" not in self._dataset.uri).conflict_retries(_RETRIES).retry_timeout(_PATIENCE)
        done: dict[str, int] = merge.execute(pa.Table.from_batches([batch]))
        return done

    def delete(self, where: str) -> int:
        """Delete the rows that a filter selects, in one commit; returns how many."""
        done = self._own().delete(where, conflict_retries=_RETRIES, retry_timeout=_PATIENCE)
        return int(done["num_deleted_rows"])

    def count(self, where: str | None = None) -> int:
        """Number of rows."""
        return int(self._latest().count_rows(where))

    def scan(self, columns: Sequence[str], where: str | None = None) -> Rows:
        """The rows that a filter selects, in no promised order."""
        return _rows(self._latest().scanner(columns=list(columns), filter=where, scan_in_order=False))

    def pairs(self, one: str, other: str, where: str | None = None) -> set[tuple[Any, Any]]:
        """The different pairs of values in two columns."""
        return {(row[one], row[other]) for row in self.scan((one, other), where)}

    def batches(self, columns: Sequence[str], where: str | None = None) -> Iterable[Any]:
        """The same as Arrow batches, of one version of the table, without holding all of them."""
        yield from self._latest().scanner(columns=list(columns), filter=where).to_batches()

    def match(
        self,
        text: str,
        column: str,
        columns: Sequence[str],
        limit: int,
        where: str | None,
        *,
        indexed: bool,
        phrases: Sequence[str] = (),
    ) -> Rows:
        """The best rows by BM25 (``_score``) for any word of a text, of those that hold every phrase.

        Args:
            text: Words.
            column: Where to look.
            columns: What to return of a row.
            limit: Rows at most.
            where: A filter, or None.
            indexed: Look into the index alone; else rows that it does not cover are read as well.
            phrases: Words that stand in a row, as the index knows them: "ran fast" is "running fast" too.
        """
        dataset = self._latest()
        scanner = dataset.scanner(
            columns=[*columns, "_score"],
            full_text_query=_with_phrases(text, column, phrases) if phrases else {"query": text, "columns": [column]},
            filter=where,
            prefilter=True,
            limit=limit,
            fast_search=indexed and _has_index(dataset, column),
        )
        return _rows(scanner)

    def nearest(
        self, vector: NDArray[np.float32], columns: Sequence[str], limit: int, where: str | None, *, indexed: bool
    ) -> Rows:
        """The rows with the largest dot product (``1 - _distance``) with a vector; see :meth:`match`."""
        import pyarrow as pa

        dataset = self._latest()
        scanner = dataset.scanner(
            columns=[*columns, "_distance"],
            nearest={
                "column": "vector",
                "q": numbers(vector, pa.float32()),
                "k": limit,
                "metric": "dot",
                "refine_factor": _REFINED,
            },
            filter=where,
            prefilter=True,
            fast_search=indexed and _has_index(dataset, "vector"),
        )
        return _rows(scanner)

    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._latest().schema.names)

    def widen(self, fields: Sequence[Any]) -> None:
        """Add columns that have no value in any row, in one commit, unless another writer was faster."""
        import pyarrow as pa

        try:
            self._own().add_columns(pa.schema(fields))
        except (OSError, RuntimeError, ValueError):
            if not {field.name for field in fields} <= set(self.columns()):
                raise

    def derive(self, field: Any, of: str, made: Callable[[str | None], str | None]) -> None:
        """Add a column of texts made from those of another column, in one commit, unless another writer was faster."""
        import pyarrow as pa

        form = pa.schema([field])

        def column(batch: Any) -> Any:
            return pa.RecordBatch.from_arrays([strings(map(made, batch.column(of).to_pylist()))], schema=form)

        try:
            self._own().add_columns(load_lance().batch_udf(output_schema=form)(column), read_columns=[of])
        except (OSError, RuntimeError, ValueError):
            if field.name not in self.columns():
                raise

    def indexes(self) -> dict[str, int]:
        """The number of rows that the index of each indexed column does not cover yet."""
        dataset = self._latest()
        known = dataset.describe_indices()
        total = dataset.count_rows() if known else 0
        return {one.field_names[0]: max(0, total - int(one.num_rows_indexed)) for one in known}

    def index(self, column: str, settings: FTS | BTree | IvfRq) -> None:
        """Build the index of a column over the rows that are there now."""
        dataset = self._own()
        if isinstance(settings, IvfRq):
            dataset.create_index(column, "IVF_RQ", metric="dot", replace=True, num_bits=settings.bits)
        elif isinstance(settings, FTS):
            dataset.create_scalar_index(column, "INVERTED", replace=True, **asdict(settings))
        else:
            dataset.create_scalar_index(column, "BTREE", replace=True)

    def parts(self, column: str) -> list[int]:
        """The rows that each part of a column's index covers, oldest part first; deleted rows are counted."""
        dataset = self._latest()
        rows = {fragment.fragment_id: fragment.physical_rows for fragment in dataset.get_fragments()}
        for index in dataset.describe_indices():
            if index.field_names == [column]:
                parts = sorted(index.segments, key=lambda part: (part.dataset_version_at_last_update, part.uuid))
                return [sum(rows.get(number, 0) for number in part.fragment_ids) for part in parts]
        return []

    def clone(self, database: Database, name: str, version: int | None = None) -> None:
        """Copy one version of the table, with its indexes, to another place."""
        dataset = self._own()
        dataset.deep_clone(database.uri(name), version or dataset.version, database.options)

    def fragments(self) -> list[int]:
        """The rows of each file."""
        return [fragment.physical_rows for fragment in self._latest().get_fragments()]

    def fold(self, merge: int = 0) -> None:
        """Index the rows that no index covers yet.

        Args:
            merge: Join so many of each index's youngest parts with the new one; 0 to leave them as they are.
        """
        self._own().optimize.optimize_indices(num_indices_to_merge=merge)

    def compact(self) -> None:
        """Merge small files, and drop deleted rows from files that have many."""
        self._own().optimize.compact_files(target_rows_per_fragment=FILE_ROWS)

    def clean(self) -> None:
        """Drop old versions, with what only they refer to."""
        self._own().cleanup_old_versions(older_than=_OLD)


def write_file(uri: str, batch: Any, options: Mapping[str, str] | None) -> list[Any]:
    """Write rows as a file beside a table's others, from any process; :meth:`Table.append` puts it into the table."""
    load_lance()
    import pyarrow as pa
    from lance.fragment import write_fragments

    known = dict(options) if options else None
    return list(write_fragments(pa.Table.from_batches([batch]), uri, mode="append", storage_options=known))


def _with_phrases(text: str, column: str, phrases: Sequence[str]) -> Any:
    from lance.query import BooleanQuery, MatchQuery, Occur, PhraseQuery

    must = [(Occur.MUST, PhraseQuery(phrase, column)) for phrase in phrases]
    return BooleanQuery([*must, (Occur.SHOULD, MatchQuery(text, column))])


def _has_index(dataset: Any, column: str) -> bool:
    return any(index.field_names == [column] for index in dataset.describe_indices())


def _rows(scanner: Any) -> Rows:
    rows: Rows = scanner.to_table().to_pylist()
    return rows
