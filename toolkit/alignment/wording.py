"""Differences in the words of the texts: they are found by folded words, and shown as claim and source write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from toolkit.language.words import Token, tokenize
from toolkit.types import Difference

_POSSESSIVE = re.compile(r"['’ʼ]s?\Z")


def as_written(differences: Iterable[Difference], claim: str, sources: Iterable[str]) -> tuple[Difference, ...]:
    """Differences with capitals and accents: “claim Italian, source French”.

    Args:
        differences: As the comparison of folded words gives them.
        claim: The claim.
        sources: The sentences that it was compared with.

    Returns:
        The same differences. A word that a text does not have, such as the “said” of “Lund said”, stays as it is.
    """
    given = tuple(differences)
    if not given:
        return ()
    ours, theirs = _spellings([claim]), _spellings(sources)
    return tuple(replace(one, claim=_respelt(one.claim, ours), source=_respelt(one.source, theirs)) for one in given)


def _spellings(texts: Iterable[str]) -> dict[str, str]:
    """Folded word -> how a text writes it; where it opens no sentence, if there is such a place."""
    found: dict[str, str] = {}
    for text in texts:
        for token in sorted(tokenize(text), key=lambda token: token.first):
            found.setdefault(token.word, _surface(text, token))
    return found


def _surface(text: str, token: Token) -> str:
    written = _POSSESSIVE.sub("", text[token.start : token.end])
    abbreviated = "." in token.word and text.startswith(".", token.end)
    return f"{written}." if abbreviated else written


def _respelt(words: str, spellings: dict[str, str]) -> str:
    if words in spellings:
        return spellings[words]
    return " ".join(spellings.get(word, word) for word in words.split())
