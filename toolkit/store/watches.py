"""What is kept of watched questions in a library: small texts by name, read and replaced by several writers."""

from __future__ import annotations

import re
from collections.abc import Callable

from toolkit.errors import ToolkitError
from toolkit.store.lance import Store

_NAME = re.compile(r"[0-9a-z]{1,64}")


def read_watches(store: Store) -> dict[str, str]:
    """What is kept of each watched question, by name.

    Raises:
        StoreError: The library cannot be read.
    """
    with store.engine("read"):
        return store.notes.watches()


def change_watches(store: Store, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Write some of the texts anew, from what stands there now.

    In a folder nobody else writes between the reading and the writing. On an object store, where there is no lock, the
    last of two writers of the same name wins, and writers of different names do not meet.

    Args:
        store: Of which library.
        change: Takes all texts by name, and returns those to write; their names are lower-case letters and digits.

    Raises:
        StoreError: The library cannot be written.
        ToolkitError: What ``change`` raises; then nothing is written.
    """
    refusal: ToolkitError | None = None
    with store.writer():
        try:
            changed = change(store.notes.watches())
        except ToolkitError as error:  # the engine's own errors are told apart by their kinds, and one is a ValueError
            refusal, changed = error, {}
        for name, text in changed.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"not a name to keep a text under: {name!r}")
            store.notes.write_watch(name, text)
    if refusal is not None:
        raise refusal


def drop_watch(store: Store, name: str) -> bool:
    """Forget one text, whatever it holds; returns whether it was there.

    Raises:
        StoreError: The library cannot be written.
    """
    with store.writer():
        return bool(_NAME.fullmatch(name)) and store.notes.drop_watch(name)
