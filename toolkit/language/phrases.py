"""Verbs of several words: “turned the offer down” is read as “rejected”, “called off” as “cancelled”.

The stem of “turned” says nothing of what was done; compared by it, a refusal would bear out an acceptance. The phrases
stand in :data:`toolkit.language.lexicon.PHRASES`; :func:`toolkit.language.words.tokenize` asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from toolkit.language import lexicon
from toolkit.language.forms import is_apart
from toolkit.language.stems import plain_stem, stem

if TYPE_CHECKING:
    from toolkit.language.words import Token

_LONGEST_OBJECT = 4
"""Words that may stand inside a phrase, as in “called the long strike off”."""

_OPENS_OBJECT = frozenset("the its his her their all this these".split())
_PRONOUNS = frozenset("it them him her".split())
_SKIPPED = frozenset("the its his her their a".split())
"""What may stand between the words of a phrase: “pulled the plug on”, “turned her back on”."""

_OUTSIDE = frozenset("of in on at by for with from to into and or but that which who when after before as than".split())
"""What ends an object: behind it the phrase cannot go on."""

_ENDS_IN_PREPOSITION = frozenset("of from to on with".split())


class Phrase(NamedTuple):
    """A verb of several words at its place.

    Attributes:
        verb: Index of its verb.
        rest: Indexes of its other words.
        key: The stem that it is compared by.
    """

    verb: int
    rest: tuple[int, ...]
    key: str


def read_phrases(tokens: Sequence[Token]) -> list[Phrase]:
    """The verbs of several words in a row of tokens, in order; of two that begin at one verb the longer one."""
    found: list[Phrase] = []
    for index, token in enumerate(tokens):
        known = () if token.name or token.value is not None else _table().get(plain_stem(token.word), ())
        matches = [
            Phrase(index, places, key) for parts, key in known if (places := _places(tokens, index, parts)) is not None
        ]
        if matches:
            found.append(max(matches, key=lambda phrase: len(phrase.rest)))
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """For the stem of a phrase's first word, its other parts with the key of the verb that it is read as."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, verb in lexicon.PHRASES.items():
        first, *parts = phrase.split()
        table.setdefault(plain_stem(first), []).append((tuple(parts), stem(verb)))
    return {first: tuple(rows) for first, rows in table.items()}


def _places(tokens: Sequence[Token], index: int, parts: Sequence[str]) -> tuple[int, ...] | None:
    """Where the other words of a phrase stand behind its verb; None when they do not."""
    passive = any(token.word in lexicon.BE for token in tokens[max(0, index - 2) : index])
    if parts == ("OBJECT",):
        return () if passive or _word(tokens, index + 1) in _OPENS_OBJECT else None
    if passive and parts[-1] in _ENDS_IN_PREPOSITION and parts[-1] != "to":
        return None  # “was pulled out of the water”
    places: list[int] = []
    place = index + 1
    open_inside = False
    for part in parts:
        if part == "~":
            open_inside = True
            continue
        at = next((i for i in _reach(tokens, place, open_inside) if tokens[i].word == part), None)
        if at is None:
            return None
        places.append(at)
        place, open_inside = at + 1, False
    if parts[-1] not in _ENDS_IN_PREPOSITION and _word(tokens, place) == "of":
        return None  # “thrown out of the hall”
    return tuple(places)


def _reach(tokens: Sequence[Token], place: int, open_inside: bool) -> Iterator[int]:
    """The places where the next word of a phrase may stand: at once, behind “the” or, where open, behind an object."""
    first = tokens[place] if place < len(tokens) else None
    object_there = first is not None and (first.name or first.word in _OPENS_OBJECT | _PRONOUNS | _SKIPPED)
    most = _LONGEST_OBJECT if open_inside and object_there else 1
    for at in range(place, min(place + most + 1, len(tokens))):
        if is_apart(tokens, at):
            return
        yield at
        if tokens[at].word not in _SKIPPED and (most == 1 or tokens[at].word in _OUTSIDE):
            return


def _word(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].word if index < len(tokens) else ""
