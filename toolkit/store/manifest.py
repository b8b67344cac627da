"""The manifest of a store: what it was made with, and whether this citebook can use it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from toolkit.errors import StoreError
from toolkit.store.notes import LOCK, MANIFEST, LocalNotes, Notes
from toolkit.store.schema import VERSION


def open_manifest(notes: Notes, *, embedding: str, dimensions: int, create: bool, read_only: bool) -> dict[str, Any]:
    """The manifest of a library that was made with this embedding; a new one is made where there is none.

    Raises:
        StoreError: When the place cannot be used; the message says why and what to do.
    """
    if isinstance(notes, LocalNotes) and notes.folder.exists() and not notes.folder.is_dir():
        raise StoreError(f"{notes.where} is a file, not a library: give the path of a folder")
    manifest = notes.manifest()
    if manifest is None:
        return _create(notes, embedding, dimensions, create=create and not read_only)
    check(notes.where, manifest, embedding=embedding, dimensions=dimensions)
    if isinstance(notes, LocalNotes) and not read_only and not os.access(notes.folder, os.W_OK):
        raise StoreError(f"{notes.where} is not writable: open it with read_only=True, or copy it to a folder of yours")
    return manifest


def check(where: str, manifest: dict[str, Any], *, embedding: str, dimensions: int) -> None:
    """Refuse a library of a newer citebook, or of another embedding.

    Raises:
        StoreError: As the text says.
    """
    if manifest["schema"] > VERSION:
        raise StoreError(
            f"{where} was made by citebook {manifest.get('citebook')}, which is newer than this one: upgrade citebook"
        )
    from toolkit.embeddings import same_vectors

    if manifest["dimensions"] != dimensions or not same_vectors(manifest["embedding"], embedding):
        raise StoreError(
            f"{where} was made with the embedding {manifest['embedding']} ({manifest['dimensions']} dimensions), not "
            f"{embedding} ({dimensions}): leave embedding= out to use that one, or change it by reindex(embedding=...)"
        )


def _create(notes: Notes, embedding: str, dimensions: int, *, create: bool) -> dict[str, Any]:
    if isinstance(notes, LocalNotes):
        usable_folder(notes.folder, create=create)
    elif not create:
        raise StoreError(f"there is no library at {notes.where}: check the URL, or add articles to create it")
    made = {"schema": VERSION, "embedding": embedding, "dimensions": dimensions, "citebook": _version()}
    notes.write_manifest(made)
    return made


def is_vacant(path: Path) -> bool:
    """Whether a library may be made at a path: there is nothing, or a folder with no more than a killed making left."""
    if not path.is_dir():
        return not path.exists()
    return all(entry.name == LOCK or entry.name.startswith(f"{MANIFEST}.") for entry in path.iterdir())


def usable_folder(path: Path, *, create: bool) -> None:
    """Make a folder for a library, or refuse.

    Raises:
        StoreError: When the folder holds something else, cannot be made, or may not be.
    """
    if path.is_dir() and not is_vacant(path):
        raise StoreError(f"{path} is not a library (it has no {MANIFEST}): give a new or an empty folder")
    if not create:
        raise StoreError(f"there is no library at {path}: check the path, or add articles to create it")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path} cannot be created ({error.strerror}): give a folder that you may write to") from error
    if not os.access(path, os.W_OK):
        raise StoreError(f"{path} is not writable: give a folder that you may write to")


def _version() -> str:
    from toolkit import __version__

    return __version__
