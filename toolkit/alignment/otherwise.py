"""Which sentence says otherwise than another: it denies what that one states, or counts it differently.

Near copies look like repetitions, and this is where the difference lies: “the dam was inspected” and “the dam was not
inspected” share nearly all their words. Stricter than :mod:`toolkit.voices.conflicts`, which compares what whole
articles say: here both sentences must be of nearly the same words, and differ in a word of the question, or in the
number that it asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from toolkit.alignment.agreement import denied
from toolkit.alignment.sentences import Sentence
from toolkit.language.questions import Question, kind_places
from toolkit.language.words import Token

Otherwise = Literal["denial", "number"]

NEARLY = 0.6
"""Share of the shorter one's content words, numbers apart, from which two sentences are about one thing."""


def says_otherwise(question: Question, one: Sentence, other: Sentence) -> Otherwise | None:
    """What two sentences cannot both be right about, of what is asked; None when they can, or nobody can tell.

    Args:
        question: What is asked.
        one: A sentence.
        other: Another one; the order does not matter.

    Returns:
        ``denial`` when a word of the question is denied in one only, ``number`` when a number is asked for and each
        gives another one.
    """
    mine, theirs = _content(one.tokens), _content(other.tokens)
    smaller = min(len(mine), len(theirs))
    if not smaller or len(mine & theirs) < NEARLY * smaller:
        return None
    asked = question.keys & mine & theirs
    if (denied(one.tokens) ^ denied(other.tokens)) & asked:
        return "denial"
    if question.wanted == "number":
        numbers = _numbers(question, one.tokens), _numbers(question, other.tokens)
        if all(numbers) and not numbers[0] & numbers[1]:
            return "number"
    return None


def _content(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(token.key for token in tokens if token.content and token.value is None)


def _numbers(question: Question, tokens: Sequence[Token]) -> frozenset[float]:
    values = (tokens[place].value for place in kind_places(question, tokens))
    return frozenset(float(value) for value in values if value is not None)
