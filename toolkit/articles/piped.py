"""Standard input as a source: ``cat news.jsonl | python -m toolkit ask "..." -``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from toolkit.articles.files import read_nameless
from toolkit.errors import SourceError
from toolkit.types import Article

LARGEST = 1_000_000_000
"""Bytes that are taken in at most: a pipe may never end."""

_IN_MEMORY = 20_000_000  # bytes that are kept in memory; what is more goes to a temporary file
_BLOCK = 1 << 18  # bytes that are read at a time


def read_piped(stream: IO[bytes], name: str = "standard input") -> Iterator[Article | SourceError]:
    """The articles in a pipe, and why there are none; both are sources for :func:`toolkit.articles.read_articles`.

    Args:
        stream: Read to its end, once; what is in it, it says itself, see
            :func:`toolkit.articles.files.read_nameless`.
        name: What to call it in an error.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as kept:
        size = 0
        try:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > LARGEST:
                    yield SourceError(name, f"more than {LARGEST // 10**6:,} MB; write it to a file, and add that")
                    return
                kept.write(block)
        except (OSError, ValueError) as error:  # ValueError: it is closed
            yield SourceError(name, f"cannot be read: {error}")
            return
        for found in read_nameless(kept, name):
            yield found if isinstance(found, SourceError) else Article(**found)
