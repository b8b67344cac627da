"""What is kept of watched questions in a library: small texts by name, read and replaced by several writers."""

from __future__ import annotations

import re
from collections.abc import Callable

from toolkit.errors import StoreError, ToolkitError
from toolkit.store.store import Store

_TRIES = 10  # of a change that other writers are faster with
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

    In a folder nobody else writes between the reading and the writing. On an object store, where there is no lock, a
    text that another writer was faster with is not written over: ``change`` is asked again, with what stands there now.

    Args:
        store: Of which library.
        change: Takes all texts by name, and returns those to write; their names are lower-case letters and digits.

    Raises:
        StoreError: The library cannot be written, or other writers were faster again and again.
        ToolkitError: What ``change`` raises; then nothing is written. On an object store what was written before
            another writer was noticed stays.
    """
    refusal: ToolkitError | None = None
    done: dict[str, str | None] = {}  # what stood there before
    with store.writer():
        for _ in range(_TRIES):
            there = store.notes.watches()
            try:
                changed = change({name: text for name, text in (there | done).items() if text is not None})
            except ToolkitError as error:  # the engine's own errors are told apart by kind, and one is a ValueError
                refusal = error
                break
            left = {name: text for name, text in changed.items() if name not in done}
            for name, text in left.items():
                if not _NAME.fullmatch(name):
                    raise ValueError(f"not a name to keep a text under: {name!r}")
                if store.notes.swap_watch(name, text, there.get(name)):
                    done[name] = there.get(name)
            if left.keys() <= done.keys():
                break
        else:
            refusal = StoreError(f"others write to what is watched in {store.where} at the same time: try again")
    if refusal is not None:
        raise refusal


def drop_watch(store: Store, name: str) -> bool:
    """Forget one text, whatever it holds; returns whether it was there.

    Raises:
        StoreError: The library cannot be written.
    """
    with store.writer():
        return bool(_NAME.fullmatch(name)) and store.notes.drop_watch(name)
