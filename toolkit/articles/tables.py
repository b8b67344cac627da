"""JSON, JSON lines and CSV -> the fields of articles, one record at a time.

Every reader yields, for each record, either the fields of its article or the SourceError that says why there are none,
so that one bad line costs one line. JSON lines and CSV are streamed: a file may be larger than memory.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from toolkit.articles.charsets import decode, likeliest_encoding
from toolkit.articles.formats import LARGEST
from toolkit.articles.kinds import HEAD, kind_of
from toolkit.articles.raw import Raw
from toolkit.articles.records import Found, has_text_name, noted, read_record
from toolkit.errors import SourceError

LONGEST_LINE = 10_000_000
"""Bytes of the longest line of .jsonl, characters of the longest line and the longest cell of .csv."""

_HEAD = 200_000  # bytes of a .csv by which its encoding is told, and characters its row of names may have
_LARGEST_JSON = 2 * LARGEST  # bytes of memory: one character of a rare script makes each of a text take four bytes


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a .jsonl file, for a process that reads only those.

    Attributes:
        path: The file.
        start: Offset of their first byte.
        stop: Offset of the byte behind them.
        number: Of the first of them in the file, counted from 1.
    """

    path: Path
    start: int
    stop: int
    number: int


def json_articles(raw: Raw) -> Iterator[Found]:
    """The records of a .json file; see :func:`read_json`."""
    text, note = raw.text()
    if sys.getsizeof(text) > _LARGEST_JSON:
        most = f"{_LARGEST_JSON // 10**6} MB in memory"
        raise SourceError(raw.source, f"too large (limit {most}); split it, or use .jsonl")
    for found in read_json(text, raw.source, raw.origin):
        yield found if isinstance(found, SourceError) else noted(found, note)


def jsonl_articles(raw: Raw) -> Iterator[Found]:
    """The records of a .jsonl file; see :func:`read_jsonl`."""
    yield from read_lines(raw.stream, raw.source, raw.origin)


def read_json(text: str, source: str, origin: str) -> Iterator[Found]:
    """One record, a list of records, or an object that holds such a list under “articles”; JSON lines are seen too."""
    try:
        found = _parse(text, source)
    except SourceError:
        if not _is_lines(text):
            raise
        yield from read_lines(io.BytesIO(text.encode("utf-8", "replace")), source, origin)
        return
    records = found
    if isinstance(found, dict):
        wrapped = found.get("articles")
        records = wrapped if isinstance(wrapped, list) else None
        if records is None:
            yield read_record(found, source, origin)
            return
    if not isinstance(records, list):
        raise SourceError(source, "not a record: it must hold an object, a list of objects, or {“articles”: [...]}")
    if not records:
        raise SourceError(source, "no record: the list of articles is empty")
    for number, record in enumerate(records, 1):
        yield _record(record, f"{source}, record {number}", f"{origin}#{number}")


def _is_lines(text: str) -> bool:
    """Whether text that is not JSON as a whole is so in its first line, and has more."""
    first, _, rest = text.lstrip().partition("\n")
    try:
        return bool(rest.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _parse(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text.strip() else ""
        raise SourceError(source, f"not valid JSON: {error.msg} at {line}column {error.colno}") from None
    except RecursionError:
        raise SourceError(source, "not usable JSON: it is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise SourceError(source, f"not usable JSON: {str(error).split(';')[0]}") from None


def _record(record: Any, source: str, origin: str) -> Found:
    if not isinstance(record, dict):
        return SourceError(source, f"not a record: an object was expected, not {type(record).__name__}")
    try:
        return read_record(record, source, origin)
    except SourceError as error:
        return error


def read_jsonl(path: Path, source: str, origin: str, part: Lines | None = None) -> Iterator[Found]:
    """One record a line, in UTF-8 (or UTF-16 with a byte order mark); blank lines are skipped.

    Args:
        path: The file.
        source: What to call it in an error.
        origin: The articles' origin, before the number of their line.
        part: Only these lines of a file that is not UTF-16; see :func:`divide_jsonl`.
    """
    with path.open("rb") as stream:
        yield from read_lines(stream, source, origin, part)


def read_lines(stream: IO[bytes], source: str, origin: str, part: Lines | None = None) -> Iterator[Found]:
    """The records of the lines of a stream that can be sought in; see :func:`read_jsonl`."""
    if _is_utf16(stream):
        text = io.TextIOWrapper(stream, "utf-16", "replace")
        try:
            yield from _lines(text, None, source, origin)
        finally:
            text.detach()  # the stream is its caller's to close
    else:
        stream.seek(0 if part is None else part.start)
        yield from _lines(stream, part, source, origin)


def _lines(lines: IO[Any], part: Lines | None, source: str, origin: str) -> Iterator[Found]:
    empty = part is None
    first = 1 if part is None else part.number
    for number, line in enumerate(iter(lambda: _next_line(lines, part), lines.read(0)), first):
        if not line.strip():
            continue
        empty = False
        place = f"{source}, line {number}"
        try:
            if len(line) == LONGEST_LINE and line[-1:] not in ("\n", b"\n"):
                _skip_line(lines, part)
                raise SourceError(place, f"longer than {LONGEST_LINE // 10**6} MB; split it")
            text = line if isinstance(line, str) else _utf8(line, place)
            yield _record(_parse(text, place), place, f"{origin}#{number}")
        except SourceError as error:
            yield error
    if empty:
        raise SourceError(source, "no record: the file is empty")


def _skip_line(stream: IO[Any], part: Lines | None) -> None:
    while (more := _next_line(stream, part)) and more[-1:] not in ("\n", b"\n"):
        pass


def divide_jsonl(path: Path, size: int) -> list[Lines]:
    """Parts of a .jsonl file of at least ``size`` bytes each; none when it cannot or need not be divided."""
    with path.open("rb") as stream:
        if path.stat().st_size < 2 * size or _is_utf16(stream) or not _is_jsonl(stream.peek(HEAD)[:HEAD]):
            return []
        parts: list[Lines] = []
        start, stop, first, whole = 0, 0, 1, True
        number = 0
        for line in iter(lambda: stream.readline(LONGEST_LINE), b""):
            number += whole
            whole = line.endswith(b"\n")
            stop += len(line)
            if whole and stop - start >= size:
                parts.append(Lines(path, start, stop, first))
                start, first = stop, number + 1
        if stop > start:
            parts.append(Lines(path, start, stop, first))
    return parts


def _is_jsonl(head: bytes) -> bool:
    """Whether a file is what its name says; as :func:`toolkit.articles.raw.read_raw` would take it."""
    try:
        return kind_of(head, ".jsonl", "") == ".jsonl"
    except SourceError:
        return False


def _is_utf16(stream: IO[bytes]) -> bool:
    mark = stream.read(2)
    stream.seek(0)
    return mark in (b"\xff\xfe", b"\xfe\xff")


def _next_line(stream: IO[Any], part: Lines | None) -> str | bytes:
    if part is not None and stream.tell() >= part.stop:
        return b""
    line: str | bytes = stream.readline(LONGEST_LINE)
    return line


def _utf8(line: bytes, place: str) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(place, f"not valid UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None


def csv_articles(raw: Raw) -> Iterator[Found]:
    """One record a row, below a row of column names; fields are parted by comma, semicolon or tab.

    A row with more cells than there are columns is refused: its text would be cut at an unquoted comma.
    """
    # The csv module's limit on a cell is one per process; articles are longer than its default, and it is only raised.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    encoding, note = _encoding(raw.stream, raw.source)
    # Bytes that do not decode become surrogates, and cost the row that they are in rather than the rest of the file.
    text = io.TextIOWrapper(raw.stream, encoding, errors="surrogateescape", newline="")
    try:
        yield from _table(text, raw.source, raw.origin, note)
    finally:
        text.detach()  # the stream is its caller's to close


def _table(text: IO[str], source: str, origin: str, note: str | None) -> Iterator[Found]:
    delimiter = _delimiter(text)
    lines = _RowLines(text)
    rows = csv.reader(lines, delimiter=delimiter, strict=False)
    names = next(_rows(rows, lines, source), None)
    if isinstance(names, SourceError):
        raise names
    if not names:
        raise SourceError(source, "no record: the file is empty")
    if not has_text_name(names):
        raise SourceError(source, _no_text_column(names))
    empty = True
    number = lines.number + 1
    for row in _rows(rows, lines, source):
        if isinstance(row, SourceError):
            yield row
        elif any(cell.strip() for cell in row):
            empty = False
            found = _row(names, row, f"{source}, line {number}", f"{origin}#{number}")
            yield found if isinstance(found, SourceError) else noted(found, note)
        number = lines.number + 1
    if empty:
        raise SourceError(source, "no record below the row of column names")


class _RowLines:
    """The lines of a table, none of them endless."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.number = 0

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise _EndlessError
        return line


class _EndlessError(Exception):
    """A line that is longer than any article."""


def _rows(rows: Iterator[list[str]], lines: _RowLines, source: str) -> Iterator[list[str] | SourceError]:
    """The rows, with an error for each that cannot be read; after an endless one nothing can be told from its text."""
    while True:
        place = f"{source}, line {lines.number + 1}"
        try:
            yield next(rows)
        except StopIteration:
            return
        except (_EndlessError, csv.Error) as error:
            if isinstance(error, _EndlessError) or "limit" in str(error):
                size = f"{LONGEST_LINE // 10**6} MB"
                yield SourceError(place, f"a cell of more than {size}, or a quote left open; nothing below is read")
                return
            yield SourceError(place, f"not a readable row: {error}")


def _row(names: list[str], row: list[str], place: str, origin: str) -> Found:
    if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
        return SourceError(place, f"{len(row)} cells for {len(names)} columns; quote the cells that hold commas")
    if any("\udc80" <= character <= "\udcff" for cell in row if not cell.isascii() for character in cell):
        return SourceError(place, "not valid UTF-8; save the file as UTF-8")
    return _record(dict(zip(names, row, strict=False)), place, origin)


def _no_text_column(names: list[str]) -> str:
    shown = ", ".join(" ".join(name.split())[:40] for name in names[:12])
    return f"no column with article text among: {shown}; call it “text” (or body, content, article)"


def _delimiter(stream: IO[str]) -> str:
    """The delimiter by which the first row names a text column; a comma when none does."""
    line = stream.readline(_HEAD)
    stream.seek(0)
    for delimiter in ",;\t":
        if has_text_name(next(csv.reader([line], delimiter=delimiter), [])):
            return delimiter
    return ","


def _encoding(stream: IO[bytes], source: str) -> tuple[str, str | None]:
    """UTF-8 unless a byte order mark or the first part of the file says otherwise; and a note when it was guessed."""
    head = stream.read(_HEAD)
    stream.seek(0)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", None
    decode(head, source)  # refuses what is not text
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    undecodable = sum(_is_broken(line) for line in whole_lines.split(b"\n"))
    if undecodable <= 1 or undecodable * 10 < whole_lines.count(b"\n"):
        return "utf-8-sig", None
    found = likeliest_encoding(head) or "cp1252"
    return found, f"{found}, guessed"


def _is_broken(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
