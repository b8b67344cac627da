"""Files and folders -> the fields of articles."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from toolkit.articles.formats import SUFFIXES, format_of, is_wanted, suffix_of
from toolkit.articles.kinds import HEAD, kind_of_nameless
from toolkit.articles.raw import Raw, read_raw
from toolkit.articles.records import Found
from toolkit.articles.unpacking import Budget, Place
from toolkit.errors import SourceError


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
    files = [Path(match) for match in matches if os.path.isfile(match) and is_wanted(os.path.basename(match))]
    return files or [Path(match) for match in matches if os.path.isdir(match)]


def walk(folder: Path) -> Iterator[Path]:
    """The files below a folder that can be read, in sorted order, without hidden ones and those of libraries."""
    for base, folders, files in os.walk(folder):
        if _is_library(base):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if is_wanted(name):
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
        if format_of(suffix) is None:
            raise SourceError(source, f"cannot read “{suffix or 'no suffix'}” files; it reads {', '.join(SUFFIXES)}")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(source, "not a regular file")
        with path.open("rb") as stream:
            place = Place(source, path.resolve().as_posix(), Budget(status.st_size))
            yield from read_raw(Raw(stream=stream, suffix=suffix, place=place))
    except SourceError as error:
        yield error
    except OSError as error:
        yield SourceError(source, f"cannot be read: {error.strerror or error}")


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
    yield from read_raw(Raw(stream=BytesIO(data), suffix=suffix, place=place, url=url, declared=declared))


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
        raw = Raw(stream=stream, suffix=kind_of_nameless(head, name), place=Place(name, name, Budget(size)))
        for found in read_raw(raw):
            yield found if isinstance(found, SourceError) else {**found, "origin": None}
    except SourceError as error:
        yield error
