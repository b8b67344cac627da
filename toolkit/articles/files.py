"""Files and folders -> the fields of articles.

Every reader yields, for each article, either its fields or the SourceError that says why there are none, so that one
bad line costs one line.
"""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from toolkit.articles.archives import is_wanted, read_gz, read_zip
from toolkit.articles.charsets import decoded
from toolkit.articles.kinds import HEAD, kind_of, kind_of_nameless
from toolkit.articles.pages import read_page
from toolkit.articles.parquet import read_parquet
from toolkit.articles.plain import read_text
from toolkit.articles.tables import LARGEST, Found, read_csv, read_json, read_lines
from toolkit.articles.unpacking import Budget, Place
from toolkit.errors import SourceError

SUFFIXES = (
    ".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".eml", ".mht", ".mhtml",
    ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".warc", ".zip", ".gz",
)  # fmt: skip
"""What can be read, by the end of a file's name; a .gz also by what stands before it, as in ``news.jsonl.gz``."""

LINES = (".jsonl", ".ndjson")
_MARKUP = (".html", ".htm", ".xhtml")
_LARGEST_TEXT = 20_000_000
_LARGEST_JSON = 2 * LARGEST
_LARGEST_OF = {".txt": _LARGEST_TEXT, ".md": _LARGEST_TEXT, ".markdown": _LARGEST_TEXT, ".eml": _LARGEST_TEXT}


def suffix_of(name: str) -> str:
    """The suffix in lower case, with the dot."""
    return os.path.splitext(name)[1].lower()


def read_path(path: Path) -> Iterator[Found]:
    """The articles of a file or of a folder, in sorted order."""
    if path.is_dir():
        files = list(walk(path))
        if not files:
            yield SourceError(str(path), f"no file to read in this folder; it looks for {', '.join(SUFFIXES)}")
        for file in files:
            yield from read_file(file)
    else:
        yield from read_file(path)


def read_pattern(pattern: str) -> Iterator[Found]:
    """The articles of the files that match a pattern; ``**`` stands for any folders, hidden files do not match."""
    paths = matching(pattern)
    if not paths:
        yield SourceError(pattern, f"no file matches; it looks for {', '.join(SUFFIXES)}")
    for path in paths:
        yield from read_path(path)


def matching(pattern: str) -> list[Path]:
    """The files that match a pattern and can be read, or the folders when no file does, in sorted order."""
    matches = sorted(set(glob.glob(os.path.expanduser(pattern), recursive=True)))
    files = [Path(match) for match in matches if os.path.isfile(match) and is_wanted(os.path.basename(match), SUFFIXES)]
    return files or [Path(match) for match in matches if os.path.isdir(match)]


def walk(folder: Path) -> Iterator[Path]:
    """The files below a folder that can be read, in sorted order, without hidden ones and those of libraries."""
    for base, folders, files in os.walk(folder):
        if _is_library(base):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if is_wanted(name, SUFFIXES):
                yield Path(base, name)


def _is_library(folder: str) -> bool:
    """Whether a folder is a Library's own, which people keep beside their articles: its files are no articles."""
    return os.path.isfile(os.path.join(folder, "library.json")) and os.path.isdir(
        os.path.join(folder, "articles.lance")
    )


def read_file(path: Path) -> Iterator[Found]:
    """The articles of one file, told apart by the suffix of its name, unless its content plainly says otherwise."""
    source, suffix = str(path), suffix_of(path.name)
    try:
        if suffix not in SUFFIXES:
            raise SourceError(source, f"cannot read “{suffix or 'no suffix'}” files; it reads {', '.join(SUFFIXES)}")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(source, "not a regular file")
        with path.open("rb") as stream:
            place = Place(source, path.resolve().as_posix(), Budget(status.st_size))
            yield from read_stream(stream, suffix, place)
    except SourceError as error:
        yield error
    except OSError as error:
        yield SourceError(source, f"cannot be read: {error.strerror or error}")


def read_stream(stream: IO[bytes], suffix: str, place: Place) -> Iterator[Found]:
    """The articles in a stream of bytes that can be sought in: a file, or a member of an archive.

    Large ones of many articles are read as they go: JSON lines, CSV, WARC, and archives of them.

    Args:
        stream: From its start.
        suffix: What its name says that it is, as one of :data:`SUFFIXES`.
        place: Where it stands.

    Raises:
        SourceError: When nothing can be read from it.
    """
    kind = kind_of(_head(stream), suffix, place.source)
    if kind in LINES:
        yield from read_lines(stream, place.source, place.origin)
    elif kind in (".csv", ".tsv"):
        yield from read_csv(stream, place.source, place.origin)
    elif kind == ".gz":
        yield from read_gz(stream, place.origin, place, read_stream, SUFFIXES)
    elif kind == ".warc":
        from toolkit.articles.warc import read_warc

        yield from read_warc(stream, place, read_stream)
    elif kind in (".zip", ".parquet") and place.depth == 0:
        yield from _read_seekable(stream, kind, place)
    else:
        yield from _read_whole(_whole(stream, kind, place.source), kind, place)


def _head(stream: IO[bytes]) -> bytes:
    head = stream.read(HEAD)
    stream.seek(0)
    return head


def _whole(stream: IO[bytes], kind: str, source: str) -> bytes:
    most = _LARGEST_OF.get(kind, LARGEST)
    data = stream.read(most + 1)
    if len(data) > most:
        raise SourceError(source, f"too large (limit {most // 10**6} MB); split it, or use .jsonl")
    return data


def _read_seekable(stream: IO[bytes], kind: str, place: Place) -> Iterator[Found]:
    if kind == ".zip":
        yield from read_zip(stream, place, read_stream, SUFFIXES)
    else:
        empty = True
        for found in read_parquet(stream, place.source, place.origin):
            empty = False
            yield found
        if empty:
            raise SourceError(place.source, "no record: the table is empty")


def read_bytes(
    data: bytes, suffix: str, source: str, origin: str, url: str | None = None, declared: str | None = None
) -> Iterator[Found]:
    """The articles in the bytes of a file or a page.

    Args:
        data: The bytes.
        suffix: What they are said to be, as one of :data:`SUFFIXES`.
        source: What to call them in an error.
        origin: The articles' origin.
        url: Where they were fetched from.
        declared: The encoding that the server named.

    Raises:
        SourceError: When nothing can be read from them.
    """
    place = Place(source, origin, Budget(len(data)))
    kind = kind_of(data[:HEAD], suffix, source)
    if kind in (*LINES, ".csv", ".tsv", ".gz", ".warc"):
        yield from read_stream(BytesIO(data), kind, place)
    else:
        yield from _read_whole(data, kind, place, url, declared)


def _read_whole(
    data: bytes, kind: str, place: Place, url: str | None = None, declared: str | None = None
) -> Iterator[Found]:
    source, origin = place.source, place.origin
    if kind in (".zip", ".parquet"):
        yield from _read_seekable(BytesIO(data), kind, place)
    elif kind == ".json":
        text, note = decoded(data, source, declared)
        if sys.getsizeof(text) > _LARGEST_JSON:  # one character of a rare script makes each take four bytes
            raise SourceError(
                source, f"too large (limit {_LARGEST_JSON // 10**6} MB in memory); split it, or use .jsonl"
            )
        yield from (noted(found, note) for found in read_json(text, source, origin))
    elif kind == ".docx":
        from toolkit.articles.docx import read_docx

        yield read_docx(data, place)
    elif kind == ".eml":
        from toolkit.articles.mail import read_mail

        yield from read_mail(data, place, read_stream, SUFFIXES)
    else:
        if kind == ".pdf":
            from toolkit.articles.apart import read_pdf_apart

            fields = read_pdf_apart(data, source)
        elif kind in (".mht", ".mhtml"):
            from toolkit.articles.mail import read_saved_page

            fields = read_saved_page(data, source)
        elif kind in _MARKUP:
            fields = read_page(data, source, url, declared)
        else:
            fields = read_text(data, source, kind in (".md", ".markdown"), declared)
        yield {**fields, "origin": origin}


def noted(found: Found, note: str | None) -> Found:
    """What was found, with what is not certain about its encoding."""
    if note is None or isinstance(found, SourceError):
        return found
    return {**found, "metadata": {**found.get("metadata", {}), "encoding": note}}


def read_nameless(stream: IO[bytes], name: str) -> Iterator[Found]:
    """The articles in bytes that have no name, such as those of a pipe; what they are, they say themselves.

    JSON lines, JSON, HTML, a mail, and the kinds that begin with a mark of their own (.pdf, .docx, .zip, .gz, .parquet,
    .warc); the rest is text. The articles have no origin.

    Args:
        stream: Can be sought in.
        name: What to call it in an error.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    try:
        if not size:
            raise SourceError(name, "nothing came in")
        for found in read_stream(stream, kind_of_nameless(head, name), Place(name, name, Budget(size))):
            yield found if isinstance(found, SourceError) else {**found, "origin": None}
    except SourceError as error:
        yield error
