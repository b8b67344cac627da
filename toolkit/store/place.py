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

_LOST_SLASH = re.compile(r"([a-z][a-z0-9+.-]+):/(?!/)")  # Path("s3://bucket") is s3:/bucket


def located(path: str | os.PathLike[str], storage_options: Mapping[str, str] | None) -> Path | str:
    """The absolute folder, or the URL, that a library's path stands for.

    Raises:
        ArgumentError: The path or the options cannot be used.
    """
    if not all(isinstance(one, str) for pair in (storage_options or {}).items() for one in pair):
        raise ArgumentError("storage_options are a dict of texts, such as {'region': 'eu-west-1'}")
    if is_url(path):
        _check_url(str(path))
        return str(path)
    if lost := _LOST_SLASH.match(str(path)):
        raise ArgumentError(f"{path} looks like a URL that was made a Path: give it as text, {lost[1]}://...")
    # Absolute now, so that a later change of the working directory does not move it, and since the engine would take a
    # relative "a:b" for a URL.
    folder = Path(path).expanduser().absolute()
    if storage_options:
        raise ArgumentError(f"storage_options are for URLs such as s3://bucket/news, and {folder} is a folder")
    return folder


def connect(path: str | os.PathLike[str], storage_options: Mapping[str, str] | None) -> tuple[Notes, Database]:
    """The notes and the tables of a library, which may not exist yet."""
    where = located(path, storage_options)
    database = Database(str(where), storage_options)
    if isinstance(where, Path):
        return LocalNotes(where), database
    with as_store_error(where, "opened"):
        return RemoteNotes(database, where), database


def read_manifest(path: str | os.PathLike[str], storage_options: Mapping[str, str] | None) -> dict[str, Any] | None:
    """What a library says about itself, whatever embedding it was made with; None when there is none."""
    notes, _ = connect(path, storage_options)
    with as_store_error(notes.where, "opened"):
        return None if isinstance(notes, LocalNotes) and not notes.folder.is_dir() else notes.manifest()


def _check_url(url: str) -> None:
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
