"""What the form of an English word, or the gap before it, tells of it: no list of verbs or nouns is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.language import lexicon

if TYPE_CHECKING:
    from toolkit.language.words import Token


def is_plural(word: str) -> bool:
    """Whether a word ends as plurals do, and as verbs do behind “it”: “plans”, but not “press”."""
    return word.endswith("s") and not word.endswith("ss")


def is_past(word: str) -> bool:
    """Whether a word ends as a past form or participle does, or is an irregular one: also “need” and “red”."""
    return word.endswith("ed") or word in lexicon.IRREGULAR_PAST


def is_apart(tokens: Sequence[Token], index: int) -> bool:
    """Whether more than a blank stands between a word and the one before it, such as a comma."""
    return tokens[index].start - tokens[index - 1].end > 1
