"""Words -> the stems by which they are compared. Stemming is Porter's (Snowball English, PyStemmer)."""

from __future__ import annotations

from functools import lru_cache

from toolkit.language import lexicon


@lru_cache(maxsize=1)
def _stemmer() -> object:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The key of a folded word: its verb's or country's common form, then the Snowball stem, then a synonym's."""
    stemmed = plain_stem(lexicon.DEMONYMS.get(word, word))
    return _synonyms().get(stemmed, stemmed)


@lru_cache(maxsize=50_000)
def plain_stem(word: str) -> str:
    """The Snowball stem of a folded word or, of an irregular past, of its verb: no synonym stands for it."""
    stemmed: str = _stemmer().stemWord(lexicon.IRREGULAR_PAST.get(word, word))  # type: ignore[attr-defined]
    return stemmed


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    stemmer = _stemmer()
    stem_word = stemmer.stemWord  # type: ignore[attr-defined]
    return {stem_word(word): stem_word(first) for word, first in lexicon.SYNONYMS.items()}


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """The names of countries and continents, and their keys."""
    names = frozenset(lexicon.DEMONYMS.values())
    return names | frozenset(map(stem, names))
