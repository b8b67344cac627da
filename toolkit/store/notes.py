"""What a store knows about itself beside its tables: its manifest, which writes are under way, and what is watched.

On this machine these are small files in the library's folder, and a lock of the operating system keeps writers apart.
On an object store they are rows of a third table, and there is no lock: writers meet in the engine's commits.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from toolkit.errors import StoreError
from toolkit.store import upkeep
from toolkit.store.arrays import strings
from toolkit.store.engine import Database, Table
from toolkit.store.schema import UNIQUE, literal

MANIFEST = "library.json"
PENDING = "pending"
LOCK = "write.lock"
WATCHES = "watches"
_FIRST_LAYOUT = "pending.json"

_LOOK_AGAIN = 0.05  # seconds between two looks at a lock, where the system cannot wait for it

ABANDONED = 900.0
"""Seconds after which a write on an object store counts as cut off; its writer asks before it says that it is done."""


@dataclass(frozen=True)
class Announcement:
    """A write that is under way, or was cut off.

    Attributes:
        revision: Of the write.
        keys: Stored ids of the articles that it is about.
        alive: Whether its writer may still be at work.
        successors: Stored id of an article that goes -> that of the one that takes its place.
    """

    revision: str
    keys: tuple[str, ...]
    alive: bool
    successors: Mapping[str, str] = field(default_factory=dict)


class Notes(Protocol):
    """Where a store keeps its manifest and its announcements."""

    where: str
    exclusive: bool
    """Whether :meth:`lock` keeps other writers out."""

    def manifest(self) -> dict[str, Any] | None:
        """The manifest; None when there is no library here."""
        ...

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Replace the manifest, whole."""
        ...

    def announce(self, revision: str, keys: Sequence[str], successors: Mapping[str, str] | None = None) -> None:
        """Say what is going to be written, and what takes the place of what."""
        ...

    def announced(self) -> list[Announcement]:
        """What was announced and not taken back."""
        ...

    def retract(self, revision: str) -> bool:
        """Take an announcement back; returns whether it was still there."""
        ...

    def lock(self, *, wait: bool = True) -> contextlib.AbstractContextManager[bool]:
        """Be the only writer, where that can be had; yields whether it was granted."""
        ...

    def tidy(self) -> None:
        """Clear away what earlier announcements have left."""
        ...

    def watches(self) -> dict[str, str]:
        """What is kept of each watched question, as it was written, by name."""
        ...

    def write_watch(self, name: str, text: str) -> None:
        """Replace what is kept of one watched question, whole; names are letters and digits."""
        ...

    def swap_watch(self, name: str, text: str, was: str | None) -> bool:
        """Replace it if it still is what it was, None for nothing; returns whether it was. Under :meth:`lock` it is."""
        ...

    def drop_watch(self, name: str) -> bool:
        """Forget one watched question; returns whether it was there."""
        ...

    def drop_watches(self) -> None:
        """Forget all of them, and that there ever were any."""
        ...


class LocalNotes:
    """Notes in the files of a folder: ``library.json``, ``pending/<revision>.json`` and ``write.lock``."""

    exclusive = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where = str(folder)

    def manifest(self) -> dict[str, Any] | None:
        """The manifest; None when there is none.

        Raises:
            StoreError: When it cannot be read.
        """
        return _manifest_of(_read(self.folder / MANIFEST), str(self.folder / MANIFEST))

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Replace the manifest, whole."""
        _write(self.folder / MANIFEST, json.dumps(manifest))

    def announce(self, revision: str, keys: Sequence[str], successors: Mapping[str, str] | None = None) -> None:
        """Say what is going to be written, and what takes the place of what."""
        (self.folder / PENDING).mkdir(exist_ok=True)
        _write(self._file(revision), json.dumps({"keys": list(keys), "successors": dict(successors or {})}))

    def announced(self) -> list[Announcement]:
        """What was announced and not taken back; for the holder of the lock, since nobody else's write is alive then.

        A file that cannot be read stands for a write that had not begun: it is announced before anything else.
        """
        files = [*sorted((self.folder / PENDING).glob("*.json")), *self.folder.glob(_FIRST_LAYOUT)]
        return [_announcement(path.stem, _read(path)) for path in files]

    def retract(self, revision: str) -> bool:
        """Take an announcement back; returns whether it was still there."""
        try:
            self._file(revision).unlink()
        except FileNotFoundError:
            return False
        return True

    @contextlib.contextmanager
    def lock(self, *, wait: bool = True) -> Iterator[bool]:
        """Be the only writer of the folder among all processes; yields whether that was granted.

        The operating system takes the lock back from a process that dies.
        """
        with (self.folder / LOCK).open("a+b") as file:
            granted = _lock(file.fileno(), wait=wait)
            try:
                yield granted
            finally:
                if granted:
                    _unlock(file.fileno())

    def tidy(self) -> None:
        """Nothing: a file that was taken back is gone."""

    def watches(self) -> dict[str, str]:
        """What is kept of each watched question, by name; a damaged one is for its reader to notice.

        Raises:
            StoreError: When one cannot be read.
        """
        found = {path.stem: _read(path, errors="replace") for path in sorted((self.folder / WATCHES).glob("*.json"))}
        return {name: text for name, text in found.items() if text is not None}  # None: dropped meanwhile

    def write_watch(self, name: str, text: str) -> None:
        """Replace what is kept of one watched question, whole."""
        (self.folder / WATCHES).mkdir(exist_ok=True)
        _write(self.folder / WATCHES / f"{name}.json", text)

    def swap_watch(self, name: str, text: str, was: str | None) -> bool:
        """Replace what is kept of one watched question; nobody else writes while the lock is held."""
        self.write_watch(name, text)
        return True

    def drop_watch(self, name: str) -> bool:
        """Forget one watched question; returns whether it was there."""
        try:
            (self.folder / WATCHES / f"{name}.json").unlink()
        except FileNotFoundError:
            return False
        return True

    def drop_watches(self) -> None:
        """Forget all of them, and that there ever were any."""
        shutil.rmtree(self.folder / WATCHES, ignore_errors=True)

    def _file(self, revision: str) -> Path:
        # In the first layout the one write under way was announced in the library's folder itself.
        first = self.folder / _FIRST_LAYOUT
        return first if revision == first.stem else self.folder / PENDING / f"{revision}.json"


class RemoteNotes:
    """Notes in a table ``notes`` beside the others: one row for the manifest, one for each announcement."""

    exclusive = False

    def __init__(self, database: Database, where: str) -> None:
        self.where = where
        self._database = database
        self._table = database.open("notes")
        self._cleaned = self._watches_cleaned = time.monotonic()

    def manifest(self) -> dict[str, Any] | None:
        """The manifest; None when there is none."""
        if self._table is None:
            return None
        rows = self._table.scan(("value",), f"name = {literal(MANIFEST)}")
        return _manifest_of(rows[0]["value"] if rows else None, f"the manifest of {self.where}")

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Replace the manifest, whole."""
        if self._table is None:
            self._table = self._database.create("notes", _notes_schema())
        self._table.upsert(_note(MANIFEST, json.dumps(manifest)), "name")

    def announce(self, revision: str, keys: Sequence[str], successors: Mapping[str, str] | None = None) -> None:
        """Say what is going to be written, and what takes the place of what."""
        value = json.dumps({"keys": list(keys), "successors": dict(successors or {}), "at": time.time()})
        self._written().add(_note(f"{PENDING}/{revision}", value))

    def announced(self) -> list[Announcement]:
        """What was announced and not taken back."""
        found = []
        for row in self._written().scan(("name", "value"), f"name <> {literal(MANIFEST)}"):
            value = json.loads(row["value"])
            alive = time.time() - value["at"] < ABANDONED
            name = row["name"].removeprefix(f"{PENDING}/")
            found.append(Announcement(name, tuple(value["keys"]), alive, value.get("successors", {})))
        return found

    def retract(self, revision: str) -> bool:
        """Take an announcement back; returns whether it was still there."""
        return bool(self._written().delete(f"name = {literal(f'{PENDING}/{revision}')}"))

    @contextlib.contextmanager
    def lock(self, *, wait: bool = True) -> Iterator[bool]:
        """Granted at once: an object store has no locks, and the engine repeats commits that collide."""
        yield True

    def tidy(self) -> None:
        """Merge the many small commits of announcements."""
        self._cleaned = upkeep.tidy(self._written(), self._cleaned)

    # A table of their own: an older citebook takes every row of the other one for an announcement.

    def watches(self) -> dict[str, str]:
        """What is kept of each watched question, as it was written, by name."""
        table = self._database.open(WATCHES)
        return {} if table is None else {row["name"]: row["value"] for row in table.scan(("name", "value"))}

    def write_watch(self, name: str, text: str) -> None:
        """Replace what is kept of one watched question, whole."""
        self._watched().upsert(_note(name, text), "name")

    def swap_watch(self, name: str, text: str, was: str | None) -> bool:
        """Replace what is kept of one watched question if it still is what it was; returns whether it was."""
        table = self._watched()
        done = table.swap(_note(name, text), "name", None if was is None else f"target.value = {literal(was)}")
        self._watches_cleaned = upkeep.tidy(table, self._watches_cleaned)
        return done

    def drop_watch(self, name: str) -> bool:
        """Forget one watched question; returns whether it was there."""
        table = self._database.open(WATCHES)
        return table is not None and bool(table.delete(f"name = {literal(name)}"))

    def drop_watches(self) -> None:
        """Forget all of them, and that there ever were any."""
        self._database.drop(WATCHES)

    def _watched(self) -> Table:
        return self._database.open(WATCHES) or self._database.create(WATCHES, _notes_schema())

    def _written(self) -> Table:
        if self._table is None:
            raise StoreError(f"{self.where} is not a library")
        return self._table


def _manifest_of(text: str | None, where: str) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        manifest = json.loads(text)
        whole = isinstance(manifest["schema"], int) and {"embedding", "dimensions"} <= manifest.keys()
    except (ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise StoreError(f"{where} is damaged: restore it from a backup, or add the articles to a new library")
    return dict(manifest)


def _announcement(revision: str, text: str | None) -> Announcement:
    """Of a writer that is no more."""
    try:
        said = json.loads(text or "[]")
    except ValueError:
        said = []
    keys, successors = (said.get("keys", ()), said.get("successors", {})) if isinstance(said, dict) else (said, {})
    return Announcement(revision, tuple(map(str, keys)), alive=False, successors=successors)


def _notes_schema() -> Any:
    import pyarrow as pa

    name = pa.field("name", pa.string(), nullable=False, metadata=UNIQUE)
    return pa.schema([name, pa.field("value", pa.string(), nullable=False)])


def _note(name: str, value: str) -> Any:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([strings([name]), strings([value])], schema=_notes_schema())


def _read(path: Path, errors: str = "strict") -> str | None:
    try:
        return path.read_text("utf-8", errors)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read ({error}): check its rights, or restore it from a backup") from error


def _write(path: Path, text: str) -> None:
    """Write a file so that readers, and whoever comes after a crash, see the old one or the new one whole."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise StoreError(
            f"{path} cannot be written ({error.strerror}): free some space, or check its rights"
        ) from error


if sys.platform == "win32":
    import msvcrt

    def _lock(number: int, *, wait: bool) -> bool:
        while True:
            try:
                os.lseek(number, 0, os.SEEK_SET)
                msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    return False
                time.sleep(_LOOK_AGAIN)
            else:
                return True

    def _unlock(number: int) -> None:
        os.lseek(number, 0, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(number: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def _unlock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_UN)
