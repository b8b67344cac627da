"""How long a summary is to be: in sentences or in words, and kept to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.errors import ArgumentError

SENTENCES = {"brief": 4, "bullets": 5, "executive": 6, "headline": 1}
"""Sentences of each style when nobody says how long; 4 in a style of the user's own."""

WORDS_A_SENTENCE = 22
"""About how many words a sentence of news has: how many sentences a model is asked for when the length is in words."""

_LENGTH = re.compile(r"\s*(\d{1,6})\s*(sentences?|s|words?|w)?\s*", re.IGNORECASE)
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Length:
    """How long at most.

    Attributes:
        sentences: How many sentences; with ``words``, about how many will fit.
        words: How many words; None when the sentences are counted.
    """

    sentences: int
    words: int | None = None

    def kept(self, sentences: Sequence[str]) -> int:
        """How many of some sentences, from the first on, keep to the length; at least one where there is one."""
        if self.words is None:
            return min(self.sentences, len(sentences))
        total, kept = 0, 0
        for sentence in sentences:
            total += word_count(sentence)
            if total > self.words:
                break
            kept += 1
        return max(kept, min(1, len(sentences)))

    def __str__(self) -> str:
        if self.words is not None:
            return f"{self.words:,} word{'' if self.words == 1 else 's'}"
        return f"{self.sentences:,} sentence{'' if self.sentences == 1 else 's'}"


def word_count(text: str) -> int:
    """Words as a newsroom counts them: what white space parts; a Chinese or Japanese character is one."""
    if text.isascii():
        return len(text.split())
    return len(_WIDE.sub("", text).split()) + len(_WIDE.findall(text))


def read_length(length: int | str | None, sentences: int | None, style: str) -> Length:
    """A length as a caller gives it.

    Args:
        length: Sentences (``3``, ``"3 sentences"``) or words (``"120 words"``); None for the style's own.
        sentences: Another name for a length in sentences; None when ``length`` says it.
        style: The prompt variant.

    Raises:
        ArgumentError: It is no length, or both are given.
    """
    if sentences is not None:
        if length is not None:
            raise ArgumentError(f"length={length!r} and sentences={sentences!r} both say how long: give one of them")
        if isinstance(sentences, bool) or not isinstance(sentences, int) or sentences < 1:
            raise ArgumentError(f"sentences={sentences!r}: a summary has at least one sentence")
        return Length(sentences=sentences)
    if length is None:
        return Length(sentences=SENTENCES.get(style, SENTENCES["brief"]))
    if isinstance(length, int) and not isinstance(length, bool) and length >= 1:
        return Length(sentences=length)
    found = _LENGTH.fullmatch(length) if isinstance(length, str) else None
    if found is None or int(found[1]) < 1:
        raise ArgumentError(f"length={length!r}: give sentences as a number, or words as in '120 words'")
    count = int(found[1])
    if (found[2] or "s").lower().startswith("s"):
        return Length(sentences=count)
    return Length(sentences=max(1, round(count / WORDS_A_SENTENCE)), words=count)
