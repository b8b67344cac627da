"""What a search may rank: passages by words and by vectors, and all of them that hold the phrases of a query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.retrieval.filters import both, of_articles
from toolkit.retrieval.queries import Phrase, Query, words_of
from toolkit.store.memory import best_first
from toolkit.store.schema import in_a_row, literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.store import FoundPassage, Store

_SENTENCE_END = re.compile(r"[.!?…。！？\n]\W*\w")
_CUTS = 40
"""Places where a phrase may be cut by the end of a passage that are tried; longer phrases are cut in these alone."""


def candidates(
    store: Store, asked: Query, vector: NDArray[np.float32], depth: int, where: str | None
) -> tuple[list[FoundPassage], list[FoundPassage]]:
    """The best passages by words and by vectors, before anything is checked.

    With phrases, the index gives the passages that hold their words in a row, in any form: more than hold the phrases
    as written, never fewer. A phrase that runs over the end of a passage is looked for by its longer part when it holds
    a sentence's end itself, or when no passage holds it whole.

    Args:
        store: Where to look.
        asked: The query; its phrases must be checked afterwards, see :meth:`toolkit.retrieval.queries.Query.admits`.
        vector: Of the query's text.
        depth: Passages at most from each search.
        where: A filter over the columns of ``passages``.

    Returns:
        Passages with BM25 scores and passages with cosines, best first.
    """
    # Words of scripts without spaces are cut by their context, so the index cannot be asked for a phrase of them.
    where = both(where, *(_holding(phrase) for phrase in asked.phrases if phrase.unspaced))
    phrases = [phrase.text for phrase in asked.phrases if not phrase.unspaced]
    lexical = store.lexical(asked.text, depth, where, phrases)
    if phrases and (not lexical or any(map(_SENTENCE_END.search, phrases))):
        lexical = _with_crossing(store, asked.text, phrases, lexical, depth, where)
    if phrases:
        if not lexical:
            return [], []
        where = both(where, of_articles(one.passage.span.article_id for one in lexical))
    return lexical, store.dense(vector, depth, where)


def without(asked: Query) -> str | None:
    """The filter for the passages that hold nothing that a query excludes, nor their titles; it reads every passage."""
    return both(*(f"NOT {_holding(phrase)}" for phrase in asked.without))


def _holding(phrase: Phrase) -> str:
    if phrase.unspaced:
        return f"contains(lower(indexed), {literal(phrase.text.lower())})"
    return in_a_row(phrase.text)


def _with_crossing(
    store: Store, text: str, phrases: list[str], lexical: list[FoundPassage], depth: int, where: str | None
) -> list[FoundPassage]:
    found = {(one.passage.id, one.revision): one for one in lexical}
    for number, phrase in enumerate(phrases):
        others = phrases[:number] + phrases[number + 1 :]
        for part, at_end in _parts(words_of(phrase)):
            for one in store.lexical(text, depth, where, [*others, " ".join(part)]):
                # Twice the room, for punctuation, and some for white space.
                room = 2 * sum(map(len, part)) + 100
                words = words_of(one.passage.text[-room:] if at_end else one.passage.text[:room])
                if (words[-len(part) :] if at_end else words[: len(part)]) == part:
                    found.setdefault((one.passage.id, one.revision), one)
    return best_first(found.values())


def _parts(words: list[str]) -> Iterator[tuple[list[str], bool]]:
    """For every place where a phrase may be cut, its longer part, and whether that ends a passage or begins one."""
    for cut in range(1, min(len(words), _CUTS)):
        yield (words[:cut], True) if 2 * cut >= len(words) else (words[cut:], False)
