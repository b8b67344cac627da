"""Files and folders -> the fields of articles.

Every reader yields, for each article, either its fields or the SourceError that says why there are none, so that one
bad line costs one line.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from toolkit.articles.html import read_html
from toolkit.articles.parquet import read_parquet
from toolkit.articles.pdf import read_pdf
from toolkit.articles.plain import decode, read_text
from toolkit.articles.tables import LARGEST, Found, read_csv, read_json, read_jsonl
from toolkit.errors import SourceError

SUFFIXES = (".txt", ".md", ".html", ".htm", ".pdf", ".json", ".jsonl", ".csv", ".parquet")
"""What can be read, by the end of a file's name."""


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
    files = [Path(match) for match in matches if os.path.isfile(match) and suffix_of(match) in SUFFIXES]
    return files or [Path(match) for match in matches if os.path.isdir(match)]


def walk(folder: Path) -> Iterator[Path]:
    """The files below a folder that can be read, in sorted order, without hidden ones and those of libraries."""
    for base, folders, files in os.walk(folder):
        if _is_library(base):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and suffix_of(name) in SUFFIXES:
                yield Path(base, name)


def _is_library(folder: str) -> bool:
    """Whether a folder is a Library's own, which people keep beside their articles: its files are no articles."""
    return os.path.isfile(os.path.join(folder, "library.json")) and os.path.isdir(
        os.path.join(folder, "articles.lance")
    )


def read_file(path: Path) -> Iterator[Found]:
    """The articles of one file, told apart by the suffix of its name."""
    source, suffix = str(path), suffix_of(path.name)
    origin = path.resolve().as_posix()
    try:
        if suffix not in SUFFIXES:
            raise SourceError(source, f"cannot read “{suffix or 'no suffix'}” files; it reads {', '.join(SUFFIXES)}")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(source, "not a regular file")
        if suffix == ".jsonl":
            yield from read_jsonl(path, source, origin)
        elif suffix == ".csv":
            yield from read_csv(path, source, origin)
        elif suffix == ".parquet":
            yield from read_parquet(path, source, origin)
        elif status.st_size > LARGEST:
            size = f"{status.st_size / 1e6:,.0f} MB"
            raise SourceError(source, f"{size} is too large (limit {LARGEST // 10**6} MB); split it, or use .jsonl")
        else:
            yield from read_bytes(path.read_bytes(), suffix, source, origin)
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
        suffix: What they are, as one of ``.txt .md .html .htm .pdf .json``.
        source: What to call them in an error.
        origin: The articles' origin.
        url: Where they were fetched from.
        declared: The encoding that the server named.

    Raises:
        SourceError: When nothing can be read from them.
    """
    if suffix == ".json":
        yield from read_json(decode(data, source, declared), source, origin)
        return
    if suffix == ".pdf":
        fields = read_pdf(data, source)
    elif suffix in (".html", ".htm"):
        fields = read_html(data, source, url, declared)
    else:
        fields = read_text(data, source, suffix == ".md", declared)
    yield {**fields, "origin": origin}
