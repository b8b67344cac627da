"""A query -> the words that the engine's full-text search is asked for."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from toolkit.language.unicode import without_surrogates
from toolkit.retrieval.queries import words_of

_MOST = 200  # words of a query that are looked for

_NOT_WORDS = re.compile(r"""[\x00-\x1f"“”„«»]+""")  # a quoted query would ask for a phrase
_FUNCTION_WORDS = frozenset(
    """a about after again all also although am an and any are aren as at be because been before being between both but
    by can cannot could d did didn do does doesn doing don down during each either ever few for from further had has
    have having he her here hers him his how however i if in into is isn it its itself just ll may me might mine more
    most much must my neither no nor not of off on once one only or other our out over own re s same shall she should
    so some such t than that the their them themselves then there these they this those though through to too under
    until up upon us ve very was wasn we were weren what when where whether which while who whom whose why will with
    within without won would you your""".split()
)
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*", re.IGNORECASE)


def searchable(query: str) -> str:
    """The words of a query that say what it is about; all of them when it has no others ("The Who").

    Addresses go, since nobody writes ``pic.twitter.com/0eJt`` into an article, and a word counts once, however often
    and in whatever form the query has it: "the Verge article ... and the TechCrunch articles" is not about articles.
    """
    text = _NOT_WORDS.sub(" ", without_surrogates(query))
    words = _once(_ADDRESS.sub(" ", text).split()) or _once(text.split())
    telling = [word for word in words if not _FUNCTION_WORDS.issuperset(words_of(word))]
    chosen = " ".join((telling or words)[:_MOST])
    return chosen if any(map(str.isalnum, chosen)) else ""


def _once(words: Iterable[str]) -> list[str]:
    kept: dict[tuple[str, ...], str] = {}
    for word in words:
        kept.setdefault(tuple(stems(word)), word)
    kept.pop((), None)  # punctuation
    return list(kept.values())


def stems(text: str) -> list[str]:
    """The words of a text as the index knows them, or nearly: case, accents and English endings do not matter."""
    stemmed: list[str] = _stemmer().stemWords(words_of(text))
    return stemmed


@functools.cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")
