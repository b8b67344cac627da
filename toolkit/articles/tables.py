"""JSON, JSON lines and CSV -> the fields of articles, one record at a time.

Every reader yields, for each record, either the fields of its article or the SourceError that says why there are none,
so that one bad line costs one line. JSON lines and CSV are streamed: a file may be larger than memory.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from toolkit.articles.plain import decode, likeliest_encoding
from toolkit.articles.records import Fields, has_text_name, read_record
from toolkit.errors import SourceError

LARGEST = 50_000_000
"""Bytes of the largest file that is read in one piece, and of the longest line of .jsonl and .csv."""

Found = Fields | SourceError
"""What a reader yields for each article: its fields, or why there are none."""

_HEAD = 200_000


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


def read_json(text: str, source: str, origin: str) -> Iterator[Found]:
    """One record, a list of records, or an object that holds such a list under “articles”."""
    found = _parse(text, source)
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
    empty = part is None
    first = 1 if part is None else part.number
    utf16 = _is_utf16(path)
    with path.open("rb") if not utf16 else path.open(encoding="utf-16", errors="replace") as stream:
        if part is not None:
            stream.seek(part.start)
        for number, line in enumerate(iter(lambda: _next_line(stream, part), stream.read(0)), first):
            if not line.strip():
                continue
            empty = False
            place = f"{source}, line {number}"
            try:
                text = line if isinstance(line, str) else _utf8(line, place)
                yield _record(_parse(text, place), place, f"{origin}#{number}")
            except SourceError as error:
                yield error
    if empty:
        raise SourceError(source, "no record: the file is empty")


def divide_jsonl(path: Path, size: int) -> list[Lines]:
    """Parts of a .jsonl file of at least ``size`` bytes each; none when it cannot or need not be divided."""
    if path.stat().st_size < 2 * size or _is_utf16(path):
        return []
    parts: list[Lines] = []
    with path.open("rb") as stream:
        start, stop, first = 0, 0, 1
        for number, line in enumerate(iter(lambda: stream.readline(LARGEST), b""), 1):
            stop += len(line)
            if stop - start >= size:
                parts.append(Lines(path, start, stop, first))
                start, first = stop, number + 1
        if stop > start:
            parts.append(Lines(path, start, stop, first))
    return parts


def _is_utf16(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) in (b"\xff\xfe", b"\xfe\xff")


def _next_line(stream: IO[Any], part: Lines | None) -> str | bytes:
    if part is not None and stream.tell() >= part.stop:
        return b""
    line: str | bytes = stream.readline(LARGEST)
    return line


def _utf8(line: bytes, place: str) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(place, f"not valid UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None


def read_csv(path: Path, source: str, origin: str) -> Iterator[Found]:
    """One record a row, below a row of column names; fields are parted by comma, semicolon or tab.

    A row with more cells than there are columns is refused: its text would be cut at an unquoted comma.
    """
    # The csv module's limit on a cell is one per process; articles are longer than its default, and it is only raised.
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST))
    # Bytes that do not decode become surrogates, and cost the row that they are in rather than the rest of the file.
    with path.open(encoding=_encoding(path, source), errors="surrogateescape", newline="") as stream:
        rows = csv.reader(stream, delimiter=_delimiter(stream), strict=False)
        names = next(rows, None)
        if not names:
            raise SourceError(source, "no record: the file is empty")
        if not has_text_name(names):
            raise SourceError(source, _no_text_column(names))
        empty = True
        while True:
            number = rows.line_num + 1
            place = f"{source}, line {number}"
            try:
                row = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                yield SourceError(place, f"not a readable row: {error}")
                continue
            if not any(cell.strip() for cell in row):
                continue
            empty = False
            yield _row(names, row, place, f"{origin}#{number}")
    if empty:
        raise SourceError(source, "no record below the row of column names")


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


def _encoding(path: Path, source: str) -> str:
    """UTF-8 unless a byte order mark or the first part of the file says otherwise."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    decode(head, source)  # refuses what is not text
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    undecodable = sum(_is_broken(line) for line in whole_lines.split(b"\n"))
    if undecodable <= 1 or undecodable * 10 < whole_lines.count(b"\n"):
        return "utf-8-sig"
    return likeliest_encoding(head)


def _is_broken(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
