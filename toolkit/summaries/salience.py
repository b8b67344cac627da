"""The sentences that sum up, picked without a model and left as they stand.

A sentence's worth is the sum of what is known to matter in news: how near it stands to its article's beginning, how
central it is among all sentences (:mod:`toolkit.summaries.centrality`), how near it is to what is asked, whether it
has a sentence's usual length; times the weight that its story has. Sentences are then taken one by one, each the one
that adds most: the worth of one article counts by its square root, which draws the choice over to other articles (the
diversity reward of Lin and Bilmes 2011, a monotone submodular function, for which such a greedy choice is near the
best), and likeness to what is chosen already counts against a sentence (Carbonell and Goldstein 1998). A sentence that
leans on the one before it (:mod:`toolkit.summaries.standing`) is taken only when that one was.

The coefficients (:mod:`toolkit.thresholds`) were chosen on half of the data of ``benchmarks/summaries.py``, which says
which half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.alignment.sentences import Sentence
from toolkit.errors import ArgumentError
from toolkit.language.lengths import word_count
from toolkit.language.words import content_keys
from toolkit.summaries.centrality import TermRows, telling_keys, term_rows, walk
from toolkit.summaries.standing import Readable, readable
from toolkit.thresholds import (
    AROUND_WORDS,
    ASKED_MEANING_WEIGHT,
    ASKED_WORDS_WEIGHT,
    BESIDE_QUESTION,
    CENTRALITY_WEIGHT,
    CHOSEN_LIKENESS,
    LENGTH_WEIGHT,
    LONG_WORDS,
    MIDDLE_WEIGHT,
    POSITION_REACH,
    REPEATED_WORDS,
    SHORT_WORDS,
)

if TYPE_CHECKING:
    import numpy as np

    from toolkit.summaries.centrality import Floats

_LEAST = 1e-6  # worth: none is 0, so that every sentence can be chosen when there is no other
_CHARACTERS = 250  # of an article in which there is at least one sentence, even if it is not among the candidates
_UNASKED = 0.1  # where the random walk starts anew, beside the relevance: it may start at any sentence
_TOO_LONG, _TOO_SHORT = 20, 10  # words beyond the usual length that count fully against a sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Salient:
    """A sentence and how much it stands for; comparable within one call.

    Attributes:
        sentence: The article's own characters, without a dateline or a caption that ran into it.
        score: Its worth, above 0.
    """

    sentence: Sentence
    score: float


def summary_sentences(
    query: str | None,
    sentences: Sequence[Sentence],
    vectors: np.ndarray | None,
    about: np.ndarray | None,
    most: int,
    *,
    words: int | None = None,
    weights: Sequence[float] | None = None,
) -> list[Salient]:
    """The sentences that sum up best. Time and memory grow with the number of sentences, not with its square.

    Args:
        query: What the summary is about; None for all of it.
        sentences: Candidates; those of one article in their order, each with the one ``before`` it.
        vectors: Shape ``(len(sentences), d)``, rows of length one or zero; None to do without.
        about: The query's vector, shape ``(d,)``; None without a query.
        most: Sentences at most.
        words: Words at most, all in all, as :func:`toolkit.language.lengths.word_count` counts; None for any number.
            When no sentence that can stand alone is as short as that, the shortest one is picked, alone.
        weights: How much each sentence counts, above 0, such as the number of articles that tell its story; None for
            1 each.

    Returns:
        Different sentences, in order of publication and position. None asks or is a caption, and one that opens with a
        pronoun or gives speech without its speaker stands directly behind the sentence that it leans on. With a query,
        sentences that have little to do with it are left out even if there are then fewer. Empty when none can be
        quoted.

    Raises:
        ArgumentError: ``weights`` does not fit the sentences, or has a value that is not above 0.
    """
    if not sentences or most < 1 or (words is not None and words < 1):
        return []
    shown = [readable(sentence) for sentence in sentences]
    keys = [telling_keys(one.sentence.text) for one in shown]
    terms = term_rows(keys)
    weigh = _weights(weights, len(sentences))
    asked = _relevance(query, shown, keys, vectors, about)
    worth = _worth(shown, terms, vectors, asked, weigh)
    beside = None if asked is None else asked < BESIDE_QUESTION * asked.max()
    chosen = _Choice(shown, keys, terms, worth, beside).greedy(most, words)
    picks = [Salient(sentence=shown[row].sentence, score=float(worth[row])) for row in chosen]
    return sorted(picks, key=lambda pick: _order(pick.sentence))


def _order(sentence: Sentence) -> tuple[float, str, int]:
    published = sentence.article.published
    return (-math.inf if published is None else published.timestamp(), sentence.article.id, sentence.span.start)


def _weights(weights: Sequence[float] | None, count: int) -> Floats:
    import numpy as np

    if weights is None:
        return np.ones(count)
    if len(weights) != count:
        raise ArgumentError(f"{len(weights):,} weights for {count:,} sentences: give one for each")
    given = np.asarray(weights, np.float64)
    if not (np.isfinite(given) & (given > 0)).all():
        raise ArgumentError("a sentence's weight is a number above 0: leave out the sentences that do not count")
    return given


def _worth(
    shown: Sequence[Readable], terms: TermRows, vectors: np.ndarray | None, asked: Floats | None, weights: Floats
) -> Floats:
    """Shape ``(len(shown),)``, above 0."""
    import numpy as np

    start = weights if asked is None else weights * (_UNASKED + asked)
    central = walk(terms, start)
    # A few hubs have many times the mean: that is squashed, or nothing else would count.
    worth = (
        CENTRALITY_WEIGHT * central / (1 + central)
        + np.exp(-_positions(shown) / POSITION_REACH)
        + LENGTH_WEIGHT * _lengths(shown)
    )
    if vectors is not None:
        rows = np.nan_to_num(np.asarray(vectors))
        worth += MIDDLE_WEIGHT * (rows @ ((weights / weights.sum()).astype(rows.dtype) @ rows))
    if asked is not None:
        worth += asked
    total: Floats = np.maximum(worth, _LEAST) * (weights / weights.max())
    return total


def _positions(shown: Sequence[Readable]) -> Floats:
    """How many sentences of its article, among these, stand before each; where they are not all here, by characters."""
    import numpy as np

    seen: dict[str, int] = {}
    places = np.zeros(len(shown))
    for row, one in enumerate(shown):
        sentence = one.sentence
        nth = seen.get(sentence.article.id, 0)
        seen[sentence.article.id] = nth + 1
        places[row] = max(nth, sentence.span.start / _CHARACTERS)
    return places


def _lengths(shown: Sequence[Readable]) -> Floats:
    """0 for a sentence of the usual length, less for one that is longer or shorter."""
    import numpy as np

    words = np.fromiter((word_count(one.sentence.text) for one in shown), np.float64, len(shown))
    penalty: Floats = (
        -np.maximum(0.0, words - LONG_WORDS) / _TOO_LONG - np.maximum(0.0, SHORT_WORDS - words) / _TOO_SHORT
    )
    return penalty


def _relevance(
    query: str | None,
    shown: Sequence[Readable],
    keys: Sequence[frozenset[str]],
    vectors: np.ndarray | None,
    about: np.ndarray | None,
) -> Floats | None:
    """How near each sentence is to what is asked; None when nothing is asked.

    The share of the query's words that it has, weighted by rarity, where the title and the sentence before count half;
    and the cosine of the vectors.
    """
    import numpy as np

    wanted = sorted(content_keys(query)) if query else []
    if not wanted and about is None:
        return None
    near = np.zeros(len(shown))
    if wanted:
        total = len(keys) + 1
        rarity = {key: math.log1p(total / (1 + sum(key in some for some in keys))) for key in wanted}
        everything = sum(rarity.values())
        for row, (one, some) in enumerate(zip(shown, keys, strict=True)):
            around = _keys_around(one.sentence)
            gained = sum(w if key in some else AROUND_WORDS * w if key in around else 0.0 for key, w in rarity.items())
            near[row] = ASKED_WORDS_WEIGHT * gained / everything
    if about is not None and vectors is not None:
        near += ASKED_MEANING_WEIGHT * np.maximum(0.0, np.nan_to_num(np.asarray(vectors) @ np.asarray(about)))
    return near


def _keys_around(sentence: Sentence) -> frozenset[str]:
    article, before = sentence.article, sentence.before
    told = telling_keys(article.text[before.start : before.end]) if before else frozenset()
    return telling_keys(article.title or "") | told


class _Choice:
    """The greedy choice, one sentence at a time."""

    def __init__(
        self,
        shown: Sequence[Readable],
        keys: Sequence[frozenset[str]],
        terms: TermRows,
        worth: Floats,
        beside: np.ndarray | None,
    ) -> None:
        import numpy as np

        self._shown, self._keys, self._terms, self._worth = shown, keys, terms, worth
        articles = {one.sentence.article.id: None for one in shown}
        number = {article: place for place, article in enumerate(articles)}
        self._owner = np.fromiter((number[one.sentence.article.id] for one in shown), np.intp, len(shown))
        self._told = np.zeros(len(number))
        self._alike = np.zeros(len(shown))
        # What a sentence ends with is never cut off, so its end tells which one it is.
        at = {(one.sentence.article.id, one.sentence.span.end): row for row, one in enumerate(shown)}
        self._behind: dict[int, list[int]] = {}
        for row, one in enumerate(shown):
            before = one.sentence.before
            if one.standing == "leans" and before and (before.article_id, before.end) in at:
                self._behind.setdefault(at[before.article_id, before.end], []).append(row)
        self._open = np.fromiter((one.standing == "stands" for one in shown), np.bool_, len(shown))
        if beside is not None:
            self._open &= ~beside
        self.chosen: list[int] = []

    def greedy(self, most: int, words: int | None) -> list[int]:
        """The rows that are chosen, in the order of choice."""
        import numpy as np

        length = np.fromiter((word_count(one.sentence.text) for one in self._shown), np.intp, len(self._shown))
        if words is not None and self._open.any() and not (self._open & (length <= words)).any():
            return [int(np.where(self._open, length, length.max() + 1).argmin())]
        left = int(length.sum()) if words is None else words
        while len(self.chosen) < most:
            best = self._best(self._open & (length <= left))
            if best is None:
                break
            self._take(best)
            left -= int(length[best])
        return self.chosen

    def _best(self, allowed: np.ndarray) -> int | None:
        """The sentence that adds most, of those that are allowed and repeat none that is chosen."""
        import numpy as np

        told = self._told[self._owner]
        gain = np.where(allowed, np.sqrt(told + self._net()) - np.sqrt(told), -np.inf)
        while True:
            best = int(gain.argmax())
            if gain[best] == -np.inf:
                return None
            if not any(_repeats(self._keys[best], self._keys[one]) for one in self.chosen):
                return best
            self._open[best] = False
            gain[best] = -np.inf

    def _net(self) -> Floats:
        import numpy as np

        # In proportion to the worth, so that weights of any size mean the same.
        net: Floats = np.maximum(self._worth * (1 - CHOSEN_LIKENESS * self._alike), _LEAST)
        return net

    def _take(self, row: int) -> None:
        import numpy as np

        self._told[self._owner[row]] += self._net()[row]
        self._alike = np.maximum(self._alike, self._terms.likeness(row))
        self._open[row] = False
        self._open[self._behind.get(row, [])] = True
        self.chosen.append(row)


def _repeats(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a sentence says little that the other does not."""
    smaller = min(len(one), len(other))
    return not smaller or len(one & other) >= REPEATED_WORDS * smaller
