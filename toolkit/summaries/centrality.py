"""How central sentences are among others, without ever comparing each with each.

The graph of LexRank joins every two sentences by their cosine. Over sparse, non-negative rows that graph need not be
written down: one step of the random walk is two products with the sparse matrix, ``X (Xᵀ p)``, so 20,000 sentences
cost a few milliseconds a step and no memory but their words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.language.lexicon import FUNCTION_WORDS
from toolkit.language.words import rough_keys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DAMPING = 0.85
"""Probability of walking on to a similar sentence rather than starting anew (Brin and Page 1998)."""

_STEPS = 40  # of the walk at most; DAMPING to the power of 40 is 0.0015
_CLOSE = 1e-6  # change of all probabilities together at which it has arrived


@lru_cache(maxsize=1)
def _function_keys() -> frozenset[str]:
    return frozenset(key for word in FUNCTION_WORDS for key in rough_keys(word))


def telling_keys(text: str) -> frozenset[str]:
    """The keys of a text's content words; see :func:`toolkit.language.words.rough_keys`."""
    return rough_keys(text) - _function_keys()


@dataclass(frozen=True, kw_only=True, slots=True)
class TermRows:
    """Sentences as rows of a sparse matrix, one column a word, each row of length one or empty.

    Attributes:
        count: Rows.
        width: Columns.
        rows, columns, values: The entries, rows in order.
        bounds: Shape ``(count + 1,)``: where each row's entries begin.
    """

    count: int
    width: int
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: Floats
    bounds: NDArray[np.intp]

    def times(self, column_values: Floats) -> Floats:
        """``X v``: shape ``(count,)``."""
        import numpy as np

        return np.asarray(np.bincount(self.rows, self.values * column_values[self.columns], self.count), np.float64)

    def gathered(self, row_values: Floats) -> Floats:
        """``Xᵀ v``: shape ``(width,)``."""
        import numpy as np

        return np.asarray(np.bincount(self.columns, self.values * row_values[self.rows], self.width), np.float64)

    def likeness(self, row: int) -> Floats:
        """The cosine of each row with one of them: shape ``(count,)``."""
        import numpy as np

        one = slice(self.bounds[row], self.bounds[row + 1])
        spread = np.zeros(self.width)
        spread[self.columns[one]] = self.values[one]
        return self.times(spread)


def term_rows(keys: Sequence[Collection[str]]) -> TermRows:
    """Sentences as rows of inverse sentence frequencies, of length one.

    Args:
        keys: The words of each sentence, from :func:`telling_keys`.
    """
    import numpy as np

    frequency = Counter(key for some in keys for key in some)
    place = {key: column for column, key in enumerate(sorted(frequency))}
    lengths = np.fromiter((len(some) for some in keys), np.intp, len(keys))
    columns = np.fromiter((place[key] for some in keys for key in sorted(some)), np.intp, int(lengths.sum()))
    rows = np.repeat(np.arange(len(keys), dtype=np.intp), lengths)
    counts = np.fromiter((frequency[key] for key in place), np.float64, len(place))
    values = np.log1p(len(keys) / counts)[columns] if len(place) else np.zeros(0)
    norms = np.sqrt(np.bincount(rows, values * values, minlength=len(keys)))
    return TermRows(
        count=len(keys),
        width=len(place),
        rows=rows,
        columns=columns,
        values=values / norms[rows],
        bounds=np.concatenate([np.zeros(1, np.intp), np.cumsum(lengths)]),
    )


def walk(terms: TermRows, start: Floats) -> Floats:
    """Continuous LexRank: where a walk from sentence to similar sentence is found how often.

    Erkan and Radev (2004), with the cosines themselves for weights; the walk starts anew where ``start`` says, which
    is the topic-sensitive form of Otterbacher, Erkan and Radev (2005).

    Args:
        terms: The sentences.
        start: Shape ``(count,)``, not negative, of any sum above 0.

    Returns:
        Shape ``(count,)``, mean 1, never NaN.
    """
    import numpy as np

    if not terms.count:
        return np.zeros(0)
    fresh = start / start.sum()
    alone = terms.gathered(np.ones(terms.count))
    own = np.bincount(terms.rows, terms.values**2, minlength=terms.count)
    degree = np.maximum(terms.times(alone) - own, 1e-12)
    rank = fresh.copy()
    for _ in range(_STEPS):
        share = rank / degree
        moved = terms.times(terms.gathered(share)) - own * share
        new = (1 - DAMPING) * fresh + DAMPING * moved
        # What stands on a sentence that is like no other starts anew.
        new += max(0.0, 1.0 - float(new.sum())) * fresh
        done = float(np.abs(new - rank).sum()) < _CLOSE
        rank = new
        if done:
            break
    central: Floats = np.maximum(rank, 0.0) * terms.count
    return central
