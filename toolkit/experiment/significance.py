"""Is a difference more than chance? Tests by flipping signs, and the correction for several of them.

If two variants were the same, each question's difference could as well have had the other sign (Fisher's randomisation
test for pairs). P-values are mid-p values (Lancaster 1961): half of what is exactly as large as observed is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from toolkit.experiment.intervals import divided

if TYPE_CHECKING:
    from toolkit.experiment.intervals import Floats

_ENUMERATED = 12
"""Differences up to which all signs are tried."""

_BATCH = 4_000_000
_KEPT = 20_000_000


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """P-values adjusted for their number, by Holm's step-down method (Holm 1979); None stays None and is not counted.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    order = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for place, (p, index) in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - place) * p))
        adjusted[index] = highest
    return tuple(adjusted)


def flip_test(differences: Floats, flips: int = 9999, seed: int = 0) -> tuple[float, str]:
    """The sign-flip test of paired differences, two-sided, mid-p.

    Args:
        differences: One for each question.
        flips: Random signs, where not all can be tried.
        seed: Of the signs.

    Returns:
        The p-value, and in words how it was made: exact from the binomial distribution where all differences are of one
        size (then it is McNemar's mid-p test), exact from all signs for up to 12 differences, else from random signs.
    """
    import numpy as np

    moved = np.sort(np.abs(differences[differences != 0]))  # the order of questions decides on nothing
    if not len(moved):
        return 1.0, "no difference on any question"
    if moved[-1] - moved[0] <= 1e-9 * moved[0]:
        from scipy.stats import binom

        won, lost = int((differences > 0).sum()), int((differences < 0).sum())
        less = min(won, lost)
        same = float(binom.pmf(less, won + lost, 0.5)) * (1 if won == lost else 2)
        more = 2 * float(binom.cdf(less - 1, won + lost, 0.5))
        return more + same / 2, "McNemar's test, exact, mid-p" if moved[0] == 1 else "sign test, exact, mid-p"
    if len(moved) > _ENUMERATED:  # the same signs for all comparisons of so many questions
        moved = np.sort(np.abs(differences))
    seen = abs(float(differences.sum()))
    close = 1e-9 * float(moved.sum())
    above = level = count = 0
    for flipped in _flipped(moved, flips, seed):
        thrown = np.abs(flipped)
        above += int(np.count_nonzero(thrown > seen + close))
        level += int(np.count_nonzero(np.abs(thrown - seen) <= close))
        count += len(thrown)
    if np.count_nonzero(moved) <= _ENUMERATED:
        return (above + level / 2) / count, "sign-flip test, exact, mid-p"
    # What was observed is one of the possible outcomes itself.
    return (above + (level + 1) / 2) / (count + 1), f"sign-flip test, {flips:,} random signs, mid-p"


def _flipped(values: Floats, flips: int, seed: int) -> Iterator[Floats]:
    """Sums of rows with other signs, shape (some, ...): with all signs for up to 12 rows, else with random ones."""
    import numpy as np

    n, total = len(values), values.sum(axis=0)
    if n <= _ENUMERATED:
        yield 2.0 * (((np.arange(2**n)[:, None] >> np.arange(n)) & 1) @ values) - total
        return
    step = max(1, _BATCH // n)
    rng = np.random.default_rng(seed)
    kept = _bits(n, flips, seed) if n * flips <= _KEPT else None
    for start in range(0, flips, step):
        size = min(step, flips - start)
        plus = rng.integers(0, 2, (size, n), dtype=np.int8) if kept is None else kept[start : start + size]
        yield 2.0 * (plus.astype(np.float64) @ values) - total


@lru_cache(maxsize=4)
def _bits(n: int, flips: int, seed: int) -> Any:
    """The same random signs for every comparison of so many questions."""
    import numpy as np

    return np.random.default_rng(seed).integers(0, 2, (flips, n), dtype=np.int8)


def exchange_test(columns: Floats, flips: int = 9999, seed: int = 0) -> tuple[float, str]:
    """The test of exchanging the two sides of whole questions, for two ratios of sums, two-sided, mid-p.

    Args:
        columns: For each question sum and weight of one side and of the other, shape (questions, 4).
        flips: Random exchanges, where not all can be tried.
        seed: Of the exchanges.

    Returns:
        The p-value, and in words how it was made.
    """
    import numpy as np

    columns = columns[np.lexsort(columns.T)]
    swapped = columns[:, [2, 3, 0, 1]]
    moved = (columns != swapped).any(axis=1)
    if not moved.any():
        return 1.0, "no difference on any question"
    rest = columns[~moved].sum(axis=0)
    middle, half = (columns + swapped)[moved] / 2, (columns - swapped)[moved] / 2
    seen = abs(float(gap(columns.sum(axis=0))))
    more = same = count = 0
    exact = int(moved.sum()) <= _ENUMERATED
    for flipped in _flipped(half, flips, seed):
        thrown = np.abs(gap(rest + middle.sum(axis=0) + flipped))
        thrown = thrown[np.isfinite(thrown)]
        more += int(np.count_nonzero(thrown > seen + 1e-9))
        same += int(np.count_nonzero(np.abs(thrown - seen) <= 1e-9))
        count += len(thrown)
    if exact:
        return (more + same / 2) / count, "exchange test, exact, mid-p"
    return (more + (same + 1) / 2) / (count + 1), f"exchange test, {flips:,} random exchanges, mid-p"


def gap(columns: Floats) -> Floats:
    """The difference of two ratios of sums; columns as for :func:`exchange_test`, shape (..., 4)."""
    difference: Floats = divided(columns[..., 0], columns[..., 1]) - divided(columns[..., 2], columns[..., 3])
    return difference
