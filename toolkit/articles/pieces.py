"""Sources -> pieces that processes can read apart from each other, and the rest, which only this process has.

What the pieces give, one after another, is what :func:`toolkit.articles.read_articles` gives for the sources.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.articles.files import matching, walk
from toolkit.articles.formats import name_of, suffix_of
from toolkit.articles.sources import is_address, is_one, path_of
from toolkit.articles.tables import Lines, divide_jsonl

PIECE = 4_000_000
"""Bytes of a .jsonl file that one task reads, about: a second's work."""

_DEEPEST = 20  # lists in lists, as in toolkit.articles.sources


@dataclass(frozen=True, slots=True)
class Piece:
    """What one process can read by itself: a file or a part of one, by its absolute path, or an address.

    Attributes:
        source: As for :func:`toolkit.articles.read_articles`.
    """

    source: Path | Lines | str

    @property
    def name(self) -> str:
        """What to call it in an error."""
        if isinstance(self.source, Lines):
            return f"{self.source.path}, from line {self.source.number}"
        return str(self.source)


@dataclass(frozen=True, slots=True)
class Here:
    """A source that only this process has, such as records in memory, or one that nothing can be read from."""

    source: Any


def divide(sources: Iterable[Any], depth: int = 0) -> Iterator[Piece | Here]:
    """The pieces of sources, in the order in which they would be read, as they are asked for."""
    for source in sources:
        if isinstance(source, str) and is_address(source):
            yield Piece(source.strip())
        elif isinstance(source, str | os.PathLike):
            name = path_of(source)
            files = [] if name is None else _files(name)
            yield from (piece for file in files for piece in _of_file(file))
            if not files:
                yield Here(source)
        elif is_one(source) or not _is_nested(source) or depth == _DEEPEST:
            yield Here(source)
        else:
            yield from divide(source, depth + 1)


def _files(name: str) -> list[Path]:
    path = Path(os.path.expanduser(name)).absolute()
    found = [path] if path.exists() else matching(name)
    return [file for one in found for file in (walk(one) if one.is_dir() else [one])]


def _of_file(file: Path) -> Iterator[Piece]:
    parts: Sequence[Path | Lines] = ()
    if name_of(suffix_of(file.name)) == ".jsonl" and file.is_file():
        try:
            parts = divide_jsonl(file, PIECE)
        except OSError:  # whoever reads it will say why
            parts = ()
    yield from map(Piece, parts or (file,))


def _is_nested(source: Any) -> bool:
    return isinstance(source, Iterable) and not isinstance(source, Mapping | bytes | bytearray | memoryview)
