"""Values as Arrow arrays, of strings, binaries and numbers.

``pyarrow.array`` would import pandas to tell its objects from others: 0.3 s of processor for a short command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def strings(values: Iterable[str | None]) -> Any:
    """An Arrow array of strings."""
    import pyarrow as pa

    builder = pa.lib.StringBuilder()
    builder.append_values(list(values))
    return builder.finish()


def binaries(values: Sequence[bytes | None]) -> Any:
    """An Arrow array of large binaries."""
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value or b"") for value in values], out=offsets[1:])
    body = pa.py_buffer(b"".join(value or b"" for value in values))
    return pa.Array.from_buffers(pa.large_binary(), len(values), [_validity(values), pa.py_buffer(offsets), body])


def numbers(values: Any, kind: Any, *, missing: Sequence[object] | None = None) -> Any:
    """An Arrow array of numbers; ``missing`` has None where there is no value."""
    import numpy as np
    import pyarrow as pa

    # The buffer is taken as it is, so a wider number would be read as two.
    width = np.dtype(f"{'f' if pa.types.is_floating(kind) else 'i'}{kind.bit_width // 8}")
    flat = np.ascontiguousarray(values, dtype=width)
    return pa.Array.from_buffers(kind, len(flat), [None if missing is None else _validity(missing), pa.py_buffer(flat)])


def _validity(values: Sequence[object]) -> Any:
    import numpy as np
    import pyarrow as pa

    present = np.fromiter((value is not None for value in values), bool, len(values))
    return pa.py_buffer(np.packbits(present, bitorder="little"))
