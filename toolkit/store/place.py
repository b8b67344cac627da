"""Where a library is: a folder or a place on an object store, and what goes wrong there in one line."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from toolkit.errors import ArgumentError, StoreError
from toolkit.store.engine import Database
from toolkit.store.notes import LocalNotes, Notes, RemoteNotes


def connect(path: str | os.PathLike[str], storage_options: Mapping[str, str] | None) -> tuple[Notes, Database]:
    """The notes and the tables of a library, which may not exist yet."""
    if is_url(path):
        check_url(str(path))
        database = Database(str(path), storage_options)
        with as_store_error(str(path), "opened"):
            return RemoteNotes(database, str(path)), database
    if storage_options:
        raise ArgumentError(f"storage_options are for URLs such as s3://bucket/news, and {path} is a folder")
    # Absolute, since the engine would take a relative "a:b" for a URL.
    where = Path(path).expanduser().absolute()
    return LocalNotes(where), Database(str(where))


def read_manifest(path: str | os.PathLike[str], storage_options: Mapping[str, str] | None) -> dict[str, Any] | None:
    """What a library says about itself, whatever embedding it was made with; None when there is none."""
    notes, _ = connect(path, storage_options)
    with as_store_error(notes.where, "opened"):
        return None if isinstance(notes, LocalNotes) and not notes.folder.is_dir() else notes.manifest()


def check_url(url: str) -> None:
    """Refuse a URL with credentials or options in it: a library's path is shown.

    Raises:
        ArgumentError: It has some; the URL is not repeated in the text.
    """
    if "@" in url or "?" in url:
        raise ArgumentError("credentials and options belong into storage_options, not into the library's URL")


def is_url(path: str | os.PathLike[str]) -> bool:
    """Whether a library's path leads to an object store."""
    return "://" in str(path)


@contextlib.contextmanager
def as_store_error(where: str, verb: str) -> Iterator[None]:
    """The engine raises RuntimeError, ValueError and OSError with long texts; say one line of them."""
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        lines = str(error).strip().splitlines()
        # The text ends in the places of the engine's own source that the error came through.
        first = re.split(r", /(?:home|rustc|root)/|<\?xml", lines[0])[0] if lines else type(error).__name__
        hint = (
            "check the address, the credentials and that the server answers"
            if is_url(where)
            else "check that the folder is whole, and that the disk has room"
        )
        raise StoreError(f"{where} cannot be {verb}: {first[:300]}; {hint}") from error
