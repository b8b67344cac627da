"""Importing Lance: late, quietly, and for short commands without pandas."""

from __future__ import annotations

import functools
import os
import sys
from types import ModuleType
from typing import Any


def without_pandas() -> None:
    """Import the engine without pandas, for commands that are over in a second.

    ``lance`` needs ``pyarrow.dataset`` only for classes to derive its own from and to compare with, and that module
    imports pandas (0.4 s). Here it is given empty classes instead; whoever imports the true module later gets it. Not
    for notebooks, where someone may hand a Lance dataset to a library that takes pyarrow's.
    """
    if "pyarrow.dataset" in sys.modules or "lance" in sys.modules:
        return
    import pyarrow as pa
    import pyarrow.compute

    stand_in = ModuleType("pyarrow.dataset")
    for name in ("Dataset", "Scanner", "Fragment"):
        setattr(stand_in, name, type(name, (), {}))
    sys.modules["pyarrow.dataset"] = pa.dataset = stand_in
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.scalar("")  # pyarrow looks for pandas once, to tell its objects from others, and remembers
        load_lance()
    finally:
        del sys.modules["pyarrow.dataset"]
        sys.meta_path.remove(_NoPandas)


class _NoPandas:
    """On ``sys.meta_path``: there is no pandas."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse pandas, and leave every other module to the finders behind."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not imported here")


@functools.cache
def load_lance() -> Any:
    """The module ``lance``, imported when it is first needed: with pyarrow and pandas 0.55 s of processor."""
    os.environ.setdefault("LANCE_LOG", "error")  # its warnings would stand between a user's cells
    import lance

    return lance
