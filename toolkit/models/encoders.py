"""Cross-encoders of sentence-transformers: loaded by name, once, for whoever scores pairs of texts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from toolkit.errors import ArgumentError


@lru_cache(maxsize=4)
def cross_encoder(name: str, argument: str, extra: str) -> Any:
    """The cross-encoder of that name; later calls give the same one.

    Args:
        name: On the Hugging Face hub, or a folder.
        argument: What the user wrote, such as ``nli='...'``, for messages.
        extra: The extra of this package that brings sentence-transformers.

    Raises:
        ArgumentError: sentence-transformers is not installed, or there is no such cross-encoder.
    """
    try:
        from sentence_transformers import CrossEncoder
    except ImportError as error:
        raise ArgumentError(f"{argument} needs sentence-transformers: pip install 'citebook[{extra}]'") from error
    try:
        return CrossEncoder(name)
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{argument}: no such cross-encoder: {(str(error).splitlines() or ['?'])[0]}") from error
