"""Which articles of a library came from a folder and are there no more."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.articles.sources import is_address
from toolkit.errors import ArgumentError, SourceError

if TYPE_CHECKING:
    from toolkit.store.ledger import Ledger


_SIGNS = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)
_FRAME = re.compile(r"^\(\?s:|\)\\[Zz]$")


@dataclass(frozen=True)
class Root:
    """A folder, or a pattern and the folder that all it can match lies below.

    Attributes:
        given: As the caller wrote it.
        base: The folder, absolute, without links, ending in a slash.
        pattern: What paths match, absolute; None for everything below the folder.
    """

    given: str
    base: str
    pattern: re.Pattern[str] | None = None

    def has(self, path: str) -> bool:
        """Whether a path, absolute and without links, is one that this stands for."""
        return path.startswith(self.base) and (self.pattern is None or self.pattern.fullmatch(path) is not None)


def roots(folders: Iterable[Any]) -> list[Root]:
    """What a library is to be kept in step with.

    Raises:
        ArgumentError: There is none, or one is no folder or pattern.
        SourceError: A folder is not there.
    """
    found = [_root(one) for one in folders]
    if not found:
        raise ArgumentError("nothing to keep in step with: give a folder or a pattern such as news/*.html")
    return found


def _root(folder: Any) -> Root:
    if not isinstance(folder, str | os.PathLike) or (isinstance(folder, str) and is_address(folder)):
        raise ArgumentError(f"{str(folder)[:80]!r}: only folders and patterns are kept in step; use add() for the rest")
    name = os.path.expanduser(os.fsdecode(folder))
    if os.path.isdir(name):
        return Root(str(folder), Path(name).resolve().as_posix().rstrip("/") + "/")
    if not glob.has_magic(name) or os.path.exists(name):
        what = "a file, not a folder; use add()" if os.path.exists(name) else "no such folder; nothing was removed"
        raise SourceError(str(folder), what)
    parts = Path(name).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    base = Path(*parts[:fixed])
    if not base.is_dir():
        raise SourceError(str(folder), f"no such folder: {base}; nothing was removed")
    home = base.resolve().as_posix().rstrip("/") + "/"
    # A pattern that ends in folders takes everything below them, as add() does.
    return Root(str(folder), home, re.compile(re.escape(home) + _expression(parts[fixed:]) + "(?:/.*)?", re.DOTALL))


def _expression(parts: tuple[str, ...]) -> str:
    """A pattern of :mod:`glob` as a regular expression: ``*`` stays within a name, ``**`` is any folders or none."""
    made = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            made += ".*" if last else "(?:[^/]+/)*"
        else:
            made += "".join(map(_one, _SIGNS.findall(part)))
            made += "" if last else "/"
    return made


def _one(part: str) -> str:
    if part in "?*":
        return "[^/]" if part == "?" else "[^/]*"
    if len(part) == 1:
        return re.escape(part)
    return _FRAME.sub("", fnmatch.translate(part))  # what [!a-c] means


def unreadable(places: Iterable[Root]) -> Iterator[tuple[str, OSError]]:
    """The folders that cannot be looked into, as absolute paths that end in a slash: what is there is not known."""
    for place in places:
        errors: list[OSError] = []
        for _ in os.walk(place.base, onerror=errors.append):
            pass
        for error in errors:
            yield Path(os.fsdecode(error.filename)).as_posix().rstrip("/") + "/", error


def stale(
    places: Iterable[Root],
    ledger: Ledger,
    before: Mapping[str, tuple[str, ...]],
    *,
    walked: Container[str],
    current: Container[str],
    unread: Callable[[str], bool],
) -> tuple[list[str], list[str]]:
    """What a library has from folders, and the folders no longer have.

    An article is stale when its file is gone, or no longer holds it. It stays when a file elsewhere holds it too, and
    when its file is there and could not be read, or is one that the folders do not stand for (a hidden one, say).

    Args:
        places: The folders.
        ledger: Of the library, as it is now.
        before: The articles of each file by the ledger, as it was before the folders were read.
        walked: The origins of the files in the folders.
        current: The ids that were read from them just now.
        unread: Whether a file could not be read just now; what came from it stays.

    Returns:
        The ids of stale articles, and the origins of files that are gone.
    """
    found: dict[str, None] = {}
    gone: dict[str, None] = {}
    for place in places:
        for origin, ids in before.items():
            if not place.has(origin) or unread(origin):
                continue
            if origin not in walked:
                if os.path.exists(origin):
                    continue
                gone[origin] = None
            found.update(dict.fromkeys(ids))
        for article_id, origin in ledger.articles_under(place.base).items():
            file = _file_of(origin, place, walked)
            if place.has(file) and not unread(file) and (file in walked or not os.path.exists(file)):
                found[article_id] = None
    old = [one for one in found if one not in current]
    # What a later text of its file has replaced is an earlier version now, and stays one.
    old = list(ledger.stored(old))
    elsewhere = {
        one
        for file, ids in ledger.holders(old).items()
        if file not in gone and not any(place.has(file) for place in places)
        for one in ids
    }
    return [one for one in old if one not in elsewhere], list(gone)


def _file_of(origin: str, place: Root, walked: Container[str]) -> str:
    """The file of an origin such as ``news/a.jsonl#7``; the names of files may have a ``#`` in them too."""
    if origin in walked or "#" not in origin:
        return origin
    marks = [number for number, one in enumerate(origin) if one == "#"]
    paths = [origin, *(origin[:mark] for mark in reversed(marks))]
    there = next((path for path in paths if path in walked or os.path.exists(path)), None)
    return there or next((path for path in paths if place.has(path)), origin)
