"""Parquet files: articles out, and articles or anybody's records in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from toolkit.articles.raw import Raw
from toolkit.articles.records import Found, has_text_name, read_record
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates
from toolkit.types import Article

_MARK = b"citebook"
_FORM = b"1"
_ROWS = 1_000  # that are held in memory at a time
_OLDER = ("id", "title", "text", "url", "publisher", "author", "published", "language", "origin", "metadata")
_NAMES = (*_OLDER, "modified")
_FORMS = (sorted((*_NAMES, "exact")), sorted((*_OLDER, "exact")))  # the second was written before there was “modified”
_MOMENTS = ("published", "modified")


def write_parquet(articles: Iterable[Article], path: Path) -> int:
    """Write articles to a Parquet file, from which :func:`read_parquet` makes equal ones.

    Every field is a column of strings: ``published`` and ``modified`` are ISO 8601 with their zones, ``metadata`` is
    JSON. The column ``exact`` has, as JSON, the fields that Parquet's strings cannot hold (those with lone surrogates).

    Args:
        articles: Read lazily.
        path: The file. It is there only when it is whole.

    Returns:
        How many were written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [pa.field(name, pa.large_string()) for name in _NAMES] + [pa.field("exact", pa.large_binary())]
    form = pa.schema(columns, metadata={_MARK: _FORM})
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    written, source = 0, iter(articles)
    try:
        with pq.ParquetWriter(fresh, form, compression="zstd") as writer:
            while some := list(islice(source, _ROWS)):
                writer.write_table(pa.Table.from_pylist([_row(article) for article in some], schema=form))
                written += len(some)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return written


def _row(article: Article) -> dict[str, Any]:
    moments = {name: time.isoformat() for name in _MOMENTS if (time := getattr(article, name))}
    metadata = json.dumps(dict(article.metadata), ensure_ascii=False, default=str) if article.metadata else None
    given = {name: getattr(article, name) for name in _NAMES} | moments | {"metadata": metadata}
    shown = {name: None if value is None else without_surrogates(value) for name, value in given.items()}
    odd = {name: value for name, value in given.items() if value != shown[name]}
    exact = json.dumps(odd, ensure_ascii=False).encode("utf-8", "surrogatepass") if odd else None
    return {**shown, "exact": exact}


def parquet_articles(raw: Raw) -> Iterator[Found]:
    """The records of a Parquet file; see :func:`read_parquet`."""
    empty = True
    for found in read_parquet(raw.quick_to_seek(), raw.source, raw.origin):
        empty = False
        # One that write_parquet wrote keeps its own origin, or none.
        yield found if isinstance(found, SourceError) else {"origin": None, **found}
    if empty:
        raise SourceError(raw.source, "no record: the table is empty")


def read_parquet(path: Path | IO[bytes], source: str, origin: str) -> Iterator[Found]:
    """The records of a Parquet file, some at a time: a file may be larger than memory.

    Args:
        path: The file.
        source: What to call it in an error.
        origin: The articles' origin; those that :func:`write_parquet` wrote keep their own.

    Yields:
        An article's fields, or for a row that gives no article a SourceError that names the row. A file with other
        columns than :func:`write_parquet` writes is read as anybody's, whatever it says of itself.

    Raises:
        SourceError: When it is not a Parquet file, or no column holds text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            form = file.schema_arrow
            # The mark stays when somebody edits the file with another program.
            ours = (form.metadata or {}).get(_MARK) == _FORM and sorted(form.names) in _FORMS
            if not ours and not has_text_name(form.names):
                shown = ", ".join(form.names[:12])
                raise SourceError(source, f"no column with article text among: {shown}; call it “text”")
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in _rows(batch):
                    number += 1
                    here = f"{source}, row {number}"
                    if isinstance(row, Exception):
                        yield SourceError(here, f"cannot be read: {ascii(str(row))[1:-1][:200]}")
                    else:
                        yield _own(row, here) if ours else _foreign(row, here, f"{origin}#{number}")
    except (pa.ArrowException, OSError) as error:
        raise SourceError(source, f"not a readable Parquet file: {str(error).splitlines()[0][:200]}") from None


def _rows(batch: Any) -> Iterable[dict[str, Any] | Exception]:
    """The rows of a batch; for one that Python cannot hold (text that is no UTF-8, a time past all years) the error."""
    try:
        some: list[dict[str, Any] | Exception] = batch.to_pylist()
    except (ValueError, OverflowError):
        some = []
        for number in range(batch.num_rows):
            try:
                some += batch.slice(number, 1).to_pylist()
            except (ValueError, OverflowError) as error:
                some.append(error)
    return some


def _own(row: dict[str, Any], source: str) -> Found:
    """The fields of a row that :func:`write_parquet` wrote, checked: somebody may have edited it since."""
    fields = {name: row[name] for name in _NAMES if row.get(name) is not None}
    if row["exact"] is not None:
        exact = _json_object(row["exact"])
        if exact is None or not set(exact) <= set(_NAMES):
            return SourceError(source, "“exact” is not a JSON object of fields; empty it")
        fields |= exact
    if "text" not in fields:
        return SourceError(source, "no text: “text” is empty")
    for name, value in fields.items():
        if not isinstance(value, str):
            return SourceError(source, f"“{name}” holds {type(value).__name__}, not a string")
    for name in set(_MOMENTS) & set(fields):
        try:
            fields[name] = datetime.fromisoformat(fields[name])
        except ValueError:
            shown = ascii(fields[name])[:40]
            return SourceError(source, f"“{name}” is {shown}, not ISO 8601 such as 2025-08-19T12:00:00+00:00")
    if "metadata" in fields:
        fields["metadata"] = _json_object(fields["metadata"])
        if fields["metadata"] is None:
            return SourceError(source, "“metadata” is not a JSON object")
    return fields


def _json_object(value: object) -> dict[str, Any] | None:
    try:
        text = value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _foreign(row: dict[str, Any], source: str, origin: str) -> Found:
    try:
        return read_record(row, source, origin)
    except SourceError as error:
        return error
