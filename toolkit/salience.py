"""The sentences that sum up, picked without a model and left as they stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.extract import is_dangling, is_statement, repeats
from toolkit.sentences import Sentence
from toolkit.words import content_keys, tokenize

if TYPE_CHECKING:
    import numpy as np

_FEWEST_WORDS = 5
_TELLING_WORDS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Salient:
    """A sentence and how much it stands for; comparable within one call."""

    sentence: Sentence
    score: float


def summary_sentences(
    query: str | None, sentences: Sequence[Sentence], vectors: np.ndarray, about: np.ndarray | None, most: int
) -> list[Salient]:
    """The sentences that sum up best, by maximal marginal relevance over centrality, position and the query.

    Centrality is the mean cosine of a sentence with all others (LexRank's degree, Erkan and Radev 2004); redundancy is
    removed as by Carbonell and Goldstein (1998).

    Args:
        query: What the summary is about; None for all of it.
        sentences: Candidates.
        vectors: Shape ``(len(sentences), d)``, rows of length one.
        about: The query's vector, shape ``(d,)``; None without a query.
        most: Sentences to pick at most.

    Returns:
        The sentences, in order of publication and position.
    """
    import numpy as np

    usable = [i for i, sentence in enumerate(sentences) if _stands_alone(sentence)]
    if not usable:
        return []
    rows = vectors[usable]
    scores = (0.6 * (rows @ rows.T).mean(axis=1)).tolist()
    weights = _rarity(query, sentences) if query else {}
    for row, index in enumerate(usable):
        sentence = sentences[index]
        lead = 1.0 / (1.0 + sentence.span.start / 400)
        told = min(1.0, sum(token.content for token in sentence.tokens) / _TELLING_WORDS)
        scores[row] += 0.2 * lead + 0.2 * told
        if about is not None:
            scores[row] += 0.3 * _coverage(weights, sentence) + 0.3 * float(rows[row] @ about)
    chosen: list[int] = []
    base = np.array(scores)
    while len(chosen) < min(most, len(usable)):
        redundancy = (rows @ rows[chosen].T).max(axis=1) if chosen else np.zeros(len(usable))
        gain = base - 0.3 * redundancy
        for row, index in enumerate(usable):
            if row in chosen or any(repeats(sentences[index], sentences[usable[c]]) for c in chosen):
                gain[row] = -math.inf
        best = int(gain.argmax())
        if gain[best] == -math.inf:
            break
        chosen.append(best)
    picks = [Salient(sentence=sentences[usable[row]], score=scores[row]) for row in chosen]
    return sorted(picks, key=lambda p: (p.sentence.article.date or "", p.sentence.article.id, p.sentence.span.start))


def _stands_alone(sentence: Sentence) -> bool:
    return is_statement(sentence) and len(sentence.tokens) >= _FEWEST_WORDS and not is_dangling(sentence)


def _rarity(query: str, sentences: Sequence[Sentence]) -> dict[str, float]:
    """Weights of the query's keys: inverse sentence frequency among the candidates."""
    held = [{token.key for token in sentence.tokens} for sentence in sentences]
    return {
        key: math.log(1 + (len(sentences) + 1) / (1 + sum(key in keys for keys in held)))
        for key in sorted(content_keys(query))
    }


def _coverage(weights: dict[str, float], sentence: Sentence) -> float:
    """Share of the query that a sentence holds; the title and the names before it count half."""
    keys = {token.key for token in sentence.tokens}
    around = {token.key for token in tokenize(sentence.article.title or "")} | sentence.context
    gained = sum(w if key in keys else 0.5 * w if key in around else 0.0 for key, w in weights.items())
    total = sum(weights.values())
    return gained / total if total else 0.0
