"""Text that other programs can take."""

from __future__ import annotations

import re

SURROGATES = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs standing alone: Python's strings may hold them, files and Rust's strings cannot."""


def without_surrogates(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, one for one, so that offsets stay; everything else as it is."""
    if text.isascii():
        return text
    try:
        text.encode()  # a twentieth of the time of a search
    except UnicodeEncodeError:
        return SURROGATES.sub("\ufffd", text)
    return text
