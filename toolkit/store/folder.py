"""The files beside the tables: what the library was made with, who is writing, and what was being written."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.errors import StoreError
from toolkit.store.schema import VERSION

MANIFEST = "library.json"
PENDING = "pending.json"
LOCK = "write.lock"


def open_manifest(path: Path, *, embedding: str, dimensions: int, create: bool, read_only: bool) -> None:
    """Check that a folder is a library made with this embedding; make it one when it is new.

    Raises:
        StoreError: When the folder cannot be used; the message says why and what to do.
    """
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path} is a file, not a library: give the path of a folder")
    if not (path / MANIFEST).exists():
        _refuse_or_create(path, create=create and not read_only)
        made = {"schema": VERSION, "embedding": embedding, "dimensions": dimensions, "citebook": _version()}
        write_json(path / MANIFEST, made)
        return
    manifest = _read_manifest(path)
    if manifest["schema"] > VERSION:
        raise StoreError(
            f"{path} was made by citebook {manifest.get('citebook')}, which is newer than this one: upgrade citebook"
        )
    if (manifest["embedding"], manifest["dimensions"]) != (embedding, dimensions):
        raise StoreError(
            f"{path} was made with the embedding {manifest['embedding']} ({manifest['dimensions']} dimensions), not "
            f"{embedding} ({dimensions}): open it with that embedding, or add the articles to a new folder"
        )
    if not read_only and not os.access(path, os.W_OK):
        raise StoreError(f"{path} is not writable: open it with read_only=True, or copy it to a folder of yours")


def _refuse_or_create(path: Path, *, create: bool) -> None:
    if path.is_dir() and any(not entry.name.startswith(MANIFEST) for entry in path.iterdir()):
        raise StoreError(f"{path} is not a library (it has no {MANIFEST}): give a new or an empty folder")
    if not create:
        raise StoreError(f"there is no library at {path}: check the path, or add articles to create it")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path} cannot be created ({error.strerror}): give a folder that you may write to") from error
    if not os.access(path, os.W_OK):
        raise StoreError(f"{path} is not writable: give a folder that you may write to")


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        whole = isinstance(manifest["schema"], int) and {"embedding", "dimensions"} <= manifest.keys()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise StoreError(f"{path / MANIFEST} is damaged: restore it from a backup, or add the articles to a new folder")
    return dict(manifest)


def write_json(path: Path, value: object) -> None:
    """Write a file so that readers, and whoever comes after a crash, see the old one or the new one whole."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(value, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror}): free some space, or check its rights"
        ) from error


def read_pending(path: Path) -> list[str] | None:
    """The stored ids that an unfinished write was about; None when every write was finished."""
    try:
        return [str(one) for one in json.loads((path / PENDING).read_text("utf-8"))]
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path / PENDING} is damaged: add the articles to a new folder") from error


@contextlib.contextmanager
def write_lock(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Be the only writer of a library among all processes; yields whether that was granted.

    The operating system takes the lock back from a process that dies.
    """
    with (path / LOCK).open("a+b") as file:
        granted = _lock(file.fileno(), wait=wait)
        try:
            yield granted
        finally:
            if granted:
                _unlock(file.fileno())


if sys.platform == "win32":
    import msvcrt
    import time

    def _lock(number: int, *, wait: bool) -> bool:
        while True:
            try:
                os.lseek(number, 0, os.SEEK_SET)
                msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    return False
                time.sleep(0.05)
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


def _version() -> str:
    from toolkit import __version__

    return __version__
