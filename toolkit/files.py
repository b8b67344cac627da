"""Files that are there whole or not at all: what documents, prompts and replay bundles are written with."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it, also after a crash, sees the old one or the new one whole.

    Args:
        path: The file; one that is there keeps its rights.
        content: All of it.

    Raises:
        OSError: It cannot be written; an older file stays as it was.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, fresh)
        fresh.replace(path)
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()
