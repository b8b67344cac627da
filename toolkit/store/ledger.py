"""The ledger of a library: which files were read into it, when they looked how, and which articles they gave.

It tells which files need not be read again, and, when files are gone, which articles came from them. It is a hint and
no witness: a row counts only while every article that it names is in the library, in the very form that it had when the
row was written. So an article that was deleted, or that another source has changed since, is read again with its file;
and a lost ledger costs the time of one reading.

A file is taken for unchanged by its size and its times of modification and of change, as Git does it ("racily clean",
Documentation/technical/racy-git of Git): where it was modified within two seconds of being looked at, a later write may
have left the same times, and its content is compared by hash.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toolkit.store.schema import given_id, literal
from toolkit.store.sides import LEDGER

if TYPE_CHECKING:
    from toolkit.store.store import Store

_RACE_NS = 2_000_000_000
"""As coarse as file systems count time: FAT has steps of two seconds."""


class Look(NamedTuple):
    """How a file looks from outside.

    Attributes:
        size: In bytes.
        mtime_ns: When it was modified, as its file system says.
        ctime_ns: When anything about it changed; nobody can set it back (on Windows: when it was made).
        noted_ns: When this was looked at.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    noted_ns: int

    @property
    def racy(self) -> bool:
        """Whether it was modified so shortly before that a further change need not show."""
        return self.noted_ns - max(self.mtime_ns, self.ctime_ns) < _RACE_NS

    def same(self, other: Look) -> bool:
        """Whether the two look alike, whenever that was."""
        return self[:3] == other[:3]


def look(path: Path) -> Look | None:
    """How a file looks now; None when it cannot be told, or it is not a regular file."""
    now = time.time_ns()
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Look(status.st_size, status.st_mtime_ns, status.st_ctime_ns, now)


def content_hash(path: Path) -> str | None:
    """SHA-256 of a file, hexadecimal; None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ledger asks of an article in the library."""

    fingerprint: str
    text_hash: str
    origin: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file that was read.

    Attributes:
        origin: Its absolute path.
        look: How it looked before it was read.
        hash: Of its content then.
        ids: Its articles.
        reader: What read it; another one reads it again.
        given: A hash of what the caller said about it, such as ``publisher=``.
        state: A hash of the articles as they are in the library, see :func:`state_of`; made when it is noted.
    """

    origin: str
    look: Look
    hash: str
    ids: tuple[str, ...]
    reader: str
    given: str
    state: str = ""


def state_of(ids: Sequence[str], stored: Mapping[str, Stored]) -> str:
    """A hash of articles as they are in the library; empty when one of them is not there."""
    digest = hashlib.sha256()
    for one in sorted(ids):
        if one not in stored:
            return ""
        digest.update(f"{len(one)}:{one}{stored[one].fingerprint}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


class Ledger:
    """The ledger of one library.

    Args:
        store: Of which.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def entries(self, origins: Iterable[str]) -> dict[str, tuple[Entry, dict[str, Stored]]]:
        """The entries of those files that have one which still counts, with what the library holds of their articles.

        Args:
            origins: Absolute paths.
        """
        asked = list(origins)
        found = [_entry(row) for row in self._store.side(LEDGER).rows("origin", asked)]
        stored = self.stored(one for entry in found for one in entry.ids)
        return {
            entry.origin: (entry, {one: stored[one] for one in entry.ids})
            for entry in found
            if entry.state and entry.state == state_of(entry.ids, stored)
        }

    def stored(self, ids: Iterable[str]) -> dict[str, Stored]:
        """What the library holds of articles, by id."""
        rows = self._store.columns_of(ids, ("fingerprint", "text_hash", "origin"))
        return {one: Stored(row["fingerprint"], row["text_hash"], row["origin"]) for one, row in rows.items()}

    def note(self, entries: Sequence[Entry]) -> None:
        """Write entries down, when their articles are in; a file of which one is not gets none."""
        stored = self.stored(one for entry in entries for one in entry.ids)
        rows = [_row(entry, state) for entry in entries if (state := state_of(entry.ids, stored))]
        self._store.side(LEDGER).put(rows)

    def forget(self, origins: Iterable[str]) -> None:
        """Drop the entries of files that are gone."""
        self._store.side(LEDGER).delete("origin", origins)

    def holders(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """The files that have entries with some of these articles: the articles of each, by file."""
        asked = set(ids)
        rows = self._store.side(LEDGER).rows("ids", asked, columns=("origin", "ids")) if asked else []
        return {row["origin"]: asked & set(row["ids"]) for row in rows}

    def under(self, base: str) -> dict[str, tuple[str, ...]]:
        """The articles of each file below a folder, by its path, as far as there are entries."""
        rows = self._store.side(LEDGER).rows(columns=("origin", "ids"))
        return {row["origin"]: tuple(row["ids"]) for row in rows if row["origin"].startswith(base)}

    def articles_under(self, base: str) -> dict[str, str]:
        """Id -> origin of the articles whose origin begins so."""
        # A range rather than a pattern: an index serves it. Nothing sorts between a prefix and its last character + 1.
        where = f"origin >= {literal(base)} AND origin < {literal(base[:-1] + chr(ord(base[-1]) + 1))}"
        with self._store.engine("read"):
            rows = self._store.article_rows.scan(("id", "origin"), where)
        return {given_id(row["id"]): row["origin"] for row in rows}


def _row(entry: Entry, state: str) -> dict[str, object]:
    return {
        "origin": entry.origin,
        "size": entry.look.size,
        "mtime_ns": entry.look.mtime_ns,
        "ctime_ns": entry.look.ctime_ns,
        "noted_ns": entry.look.noted_ns,
        "hash": entry.hash,
        "ids": list(entry.ids),
        "state": state,
        "reader": entry.reader,
        "given": entry.given,
    }


def _entry(row: Mapping[str, object]) -> Entry:
    sizes = [row[name] for name in ("size", "mtime_ns", "ctime_ns", "noted_ns")]
    ids = row["ids"]
    return Entry(
        origin=str(row["origin"]),
        look=Look(*(size if isinstance(size, int) else 0 for size in sizes)),
        hash=str(row["hash"]),
        ids=tuple(ids) if isinstance(ids, list) else (),
        reader=str(row["reader"]),
        given=str(row["given"]),
        state=str(row["state"] or ""),
    )
