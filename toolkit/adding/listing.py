"""Sources -> the files among them, one by one, and the rest, in the order in which they would be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.articles.files import matching, walk
from toolkit.articles.sources import is_address, is_one, path_of

_DEEPEST = 20
"""Lists within lists of sources that are opened: one that holds itself has no end."""

_FOLDERS = 1_000
"""Folders whose resolved paths are remembered at a time."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to read.

    Attributes:
        path: As it was given or found, which is how errors name it.
        origin: Absolute and without links, which is how its articles name it.
    """

    path: Path
    origin: str


@dataclass(frozen=True, slots=True)
class Other:
    """A source that is no file: an address, a text, records; or a path that nothing can be read from.

    Attributes:
        source: As for :func:`toolkit.articles.read_articles`.
    """

    source: Any


def listed(sources: Iterable[Any], depth: int = 0) -> Iterator[File | Other]:
    """The files of sources and the other sources, as they are asked for."""
    for source in sources:
        if isinstance(source, str) and is_address(source):
            yield Other(source)
        elif isinstance(source, str | os.PathLike):
            name = path_of(source)
            empty = True
            for file in () if name is None else files_of(name):
                empty = False
                yield file
            if empty:
                yield Other(source)
        elif is_one(source) or not _is_nested(source) or depth == _DEEPEST:
            yield Other(source)
        else:
            yield from listed(source, depth + 1)


def files_of(name: str) -> Iterator[File]:
    """The files of a path or pattern, in the order of :func:`toolkit.articles.files.read_path`."""
    given = Path(name)
    path = given if given.exists() else Path(os.path.expanduser(name))
    found = [path] if path.exists() else matching(name)
    folders: dict[str, str] = {}
    for one in found:
        for file in walk(one) if one.is_dir() else [one]:
            yield File(file, _origin(file, folders))


def _origin(file: Path, folders: dict[str, str]) -> str:
    """``file.resolve().as_posix()``, with each folder looked at once: resolving 50,000 paths takes seconds."""
    head, tail = os.path.split(file)
    if tail in ("", ".", "..") or os.path.islink(file):
        return file.resolve().as_posix()
    if head not in folders:
        if len(folders) > _FOLDERS:
            folders.clear()
        folders[head] = Path(head).resolve().as_posix()
    return f"{folders[head].rstrip('/')}/{tail}"


def _is_nested(source: Any) -> bool:
    return isinstance(source, Iterable) and not isinstance(source, Mapping | bytes | bytearray | memoryview)
