"""Means of scores and how far they can be trusted: Wilson's interval for rates, the bootstrap for other means.

A question that is asked several times is one question: its scores are averaged first, and it is questions, not rows,
that intervals count and resamples draw (the cluster bootstrap, Davison and Hinkley 1997, section 3.8). What the
intervals cover in simulation is in ``benchmarks/intervals.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from toolkit.errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Scores = Mapping[Hashable, Sequence[float | None]]
"""The scores of one variant on one measure: for every question one score for each repeat; None where there is none."""

Kind = Literal["rate", "share", "mean", "cost"]

FEWEST_RESAMPLED = 10
"""Questions from which means are bootstrapped: resamples of fewer know too little of what was not drawn."""

EVEN = 1e-12
"""Two scores or means that are as near as this are the same number, added up in another order."""

_ALIKE = 4
_BATCH = 4_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A mean with its interval.

    Attributes:
        value: The mean over questions; None when no question has a score.
        low, high: Ends of the interval; None when there are too few questions, or nothing varies and nothing is known
            of the range.
        n_ok: Rows that have a score.
        n_total: Rows, failed ones and those to which the measure does not apply included.
        questions: Questions that have a score.
        level: How often such intervals hold the true mean.
        method: How the interval was made, in words.
    """

    value: float | None
    low: float | None
    high: float | None
    n_ok: int
    n_total: int
    questions: int
    level: float = 0.95
    method: str = ""

    def words(self, kind: Kind = "mean", unit: str = "") -> str:
        """Value, interval, and rows with a score of all rows: ``62 % (48 % to 74 %), 40/42``."""
        share = f"{self.n_ok}/{self.n_total}"
        if self.value is None:
            return f"no score, {share}"
        value = number(self.value, kind, unit)
        if self.low is None or self.high is None:
            return f"{value} (no interval), {share}"
        return f"{value} ({number(self.low, kind, unit)} to {number(self.high, kind, unit)}), {share}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """Scores as one row of sums for each question that has a score.

    Attributes:
        questions: Their keys, in order.
        total: Sum of the question's weighted scores.
        weight: Sum of their weights. Without pooling the total is the question's mean, and the weight 1.
        n_ok, n_total: Rows with a score, and all.
        low, high: Smallest and largest score.
    """

    questions: tuple[Hashable, ...]
    total: Floats
    weight: Floats
    n_ok: int
    n_total: int
    low: float
    high: float


def sums(scores: Scores, *, pooled: bool = False, double: bool = False) -> Sums:
    """Scores -> sums for each question.

    Args:
        scores: See :data:`Scores`.
        pooled: Every row counts the same, instead of every question.
        double: A score of 1 weighs twice; see :class:`toolkit.experiment.measures.Measure`.

    Raises:
        ArgumentError: A score is not a finite number.
    """
    import numpy as np

    keys: list[Hashable] = []
    total: list[float] = []
    weight: list[float] = []
    n_ok = n_total = 0
    low, high = math.inf, -math.inf
    for key, given in scores.items():
        values = [float(value) for value in given if value is not None]
        n_ok, n_total = n_ok + len(values), n_total + len(given)
        if not values:
            continue
        if not all(map(math.isfinite, values)):
            raise ArgumentError(
                f"scores of question {key!r:.60} hold a number that is not finite; use None for no score"
            )
        low, high = min(low, *values), max(high, *values)
        weights = [1.0 + value if double else 1.0 for value in values]
        scale = 1.0 if pooled or double else math.fsum(weights)
        keys.append(key)
        total.append(math.fsum(w * v for w, v in zip(weights, values, strict=True)) / scale)
        weight.append(math.fsum(weights) / scale)
    return Sums(
        questions=tuple(keys),
        total=np.array(total),
        weight=np.array(weight),
        n_ok=n_ok,
        n_total=n_total,
        low=low,
        high=high,
    )


def estimate(
    scores: Scores,
    *,
    kind: Kind = "mean",
    pooled: bool = False,
    double: bool = False,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """The mean of some scores with its interval.

    Rates have Wilson's interval (Wilson 1927). Where questions are repeated, its n is the effective one: the number of
    independent rows that would vary as much as the questions do (Kish 1965). Other means have the bias-corrected and
    accelerated bootstrap (BCa, Efron 1987), at a level widened for few questions as Hesterberg 2015 describes; with
    fewer than 10 questions Student's t interval, which is cut at 0 and 1 for shares.

    Args:
        scores: Question to the scores of its repeats; None where there is none.
        kind: ``rate``, ``share``, ``mean`` or ``cost``, as the measure says.
        pooled: As the measure says: every row counts the same, instead of every question.
        double: As the measure says: a score of 1 weighs twice.
        level: How often such intervals hold the true mean, 0.5 to 0.999.
        resamples: Bootstrap resamples.
        seed: The same seed and scores give the same interval.

    Raises:
        ArgumentError: A score is not a finite number, a rate's score is not 0 or 1, or the level is out of range.

    Example:
        >>> estimate({"a": [1], "b": [0], "c": [1]}, kind="rate").words("rate")
        '67 % (21 % to 94 %), 3/3'
    """
    check_level(level)
    found = sums(scores, pooled=pooled, double=double)
    questions = len(found.questions)

    def made(value: float | None, low: float | None, high: float | None, method: str) -> Interval:
        return Interval(
            value=value,
            low=low,
            high=high,
            n_ok=found.n_ok,
            n_total=found.n_total,
            questions=questions,
            level=level,
            method=method,
        )

    if not questions:
        return made(None, None, None, "no score")
    if kind in ("rate", "share") and not 0 <= found.low <= found.high <= 1:
        raise ArgumentError(f"scores of a {kind} lie between 0 and 1, not {found.low:g} to {found.high:g}")
    value = float(found.total.sum() / found.weight.sum())
    rests = residuals(found, value)
    if kind == "rate":
        n = effective(value, rests, found.n_ok)
        plain = math.isclose(n, found.n_ok)  # which they are but for the last bit where no question is repeated
        return made(value, *wilson(value * n, n, level), "Wilson" if plain else f"Wilson, effective n {n:.0f}")
    if found.low == found.high:
        if kind == "share":
            return made(value, *wilson(value * questions, questions, level), "Wilson, as all scores are alike")
        return made(value, None, None, "all scores are alike")
    if questions < 2:
        return made(value, None, None, "one question has no interval")
    if questions < FEWEST_RESAMPLED:
        low, high = student(value, rests, level)
        low, high = (max(0.0, low), min(1.0, high)) if kind == "share" else (low, high)
        return made(value, low, high, "Student's t")
    import numpy as np

    low, high = bca(np.stack([found.total, found.weight], axis=1), ratio, rests, level, resamples, seed)
    return made(value, low, high, f"BCa bootstrap, {resamples:,} resamples of questions")


def check_level(level: float) -> None:
    """Refuse a level that is no share of intervals."""
    if not 0.5 <= level <= 0.999:
        raise ArgumentError(f"level is {level}; give a share such as 0.95")


def residuals(found: Sums, value: float) -> Floats:
    """How far each question moves the mean: its mean is 0, and its variance that of one question's share."""
    scaled: Floats = (found.total - value * found.weight) / found.weight.mean()
    return scaled


def effective(value: float, rests: Floats, rows: int) -> float:
    """How many independent rows would know as much of a rate as these questions, repeats and weights included.

    The variance of few questions says little of how much repeats resemble each other, and too often too little, so the
    design effect (Kish 1965) is mixed with that of repeats that are all alike, as if four more questions had been so.
    Found by simulation, see ``benchmarks/intervals.py``: without it, intervals of 20 questions with three repeats each
    held the truth in 90 % of the experiments, with it in 94 to 98 %.
    """
    questions = len(rests)
    variance, spread = float((rests**2).sum()) / questions**2, value * (1 - value)
    if variance <= 0 or spread <= 0:
        return float(questions)
    alike = rows / questions
    observed = rows / min(float(rows), max(spread / variance, 1.0))
    return rows / ((observed * questions + alike * _ALIKE) / (questions + _ALIKE))


def wilson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a rate (Wilson 1927); ``n`` need not be whole.

    SciPy's ``binomtest(k, n).proportion_ci(method="wilson")`` is the same for whole numbers, and takes no others.

    Raises:
        ArgumentError: Without observations, or with more successes than these.
    """
    if n <= 0 or not -1e-9 <= successes <= n + 1e-9:
        raise ArgumentError(f"no rate: {successes:g} of {n:g}")
    z = quantile(level)
    share = min(1.0, max(0.0, successes / n))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the ends the formula is exact but for the last bit.
    return (0.0 if share == 0 else max(0.0, middle - half)), (1.0 if share == 1 else min(1.0, middle + half))


def quantile(level: float) -> float:
    """Standard deviations that hold ``level`` of a normal distribution around its middle."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + level / 2)


def student(value: float, rests: Floats, level: float) -> tuple[float, float]:
    """Student's t interval around a mean, from its residuals."""
    from scipy.special import stdtrit

    n = len(rests)
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * math.sqrt(float((rests**2).sum()) / (n - 1) / n)
    return value - half, value + half


def ratio(columns: Floats) -> Floats:
    """Sum of the first column by that of the second; what :func:`estimate` resamples."""
    return divided(columns[..., 0], columns[..., 1])


def divided(above: Floats, below: Floats) -> Floats:
    """Quotients, NaN where nothing is below."""
    import numpy as np

    out: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return out


def bca(
    columns: Floats, statistic: Callable[[Floats], Floats], rests: Floats, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """The bias-corrected and accelerated bootstrap interval, at a level widened for few questions.

    The percentiles are taken at those of Student's t times sqrt(n / (n - 1)), which undoes that resamples vary too
    little (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", The American Statistician 69).

    Args:
        columns: One row of sums for each question, shape (questions, columns).
        statistic: From sums of shape (..., columns) to numbers of shape (...).
        rests: How far each question moves the statistic, shape (questions,); its skewness is the acceleration.
        level: Of the interval.
        resamples: How many.
        seed: Of the resamples.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri, stdtrit

    n = len(columns)
    # Resamples are drawn by place: in an order of their own, the same questions give the same interval.
    columns = columns[np.lexsort(columns.T)]
    drawn = [statistic(counts @ columns) for counts in _resampled(n, resamples, seed)]
    means = np.concatenate(drawn)
    means = means[np.isfinite(means)]
    value = float(statistic(columns.sum(axis=0)))
    close = 1e-9 * max(1.0, abs(value))
    below = np.count_nonzero(means < value - close)
    same = np.count_nonzero(np.abs(means - value) <= close)
    bias = float(ndtri(np.clip((below + same / 2) / len(means), 1 / len(means), 1 - 1 / len(means))))
    square = float((rests**2).sum())
    skew = float((rests**3).sum()) / (6 * square**1.5) if square > 0 else 0.0
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * math.sqrt(n / (n - 1))
    at = [float(ndtr(bias + (bias + z) / max(1e-9, 1 - skew * (bias + z)))) for z in (-half, half)]
    low, high = np.quantile(means, at)
    return float(low), float(high)


def _resampled(n: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each of n questions is drawn, shape (some resamples, n), until there are enough."""
    if n * resamples <= _BATCH:
        yield _counts(n, resamples, seed)
        return
    import numpy as np

    rng = np.random.default_rng(seed)
    step = max(1, _BATCH // n)
    for start in range(0, resamples, step):
        yield _drawn(rng, n, min(step, resamples - start))


@lru_cache(maxsize=4)
def _counts(n: int, resamples: int, seed: int) -> Floats:
    """The same resamples for every measure of an experiment."""
    import numpy as np

    return _drawn(np.random.default_rng(seed), n, resamples)


def _drawn(rng: Any, n: int, resamples: int) -> Floats:
    import numpy as np

    counts: Floats = rng.multinomial(n, np.full(n, 1 / n), resamples).astype(np.float64)
    return counts


def number(value: float, kind: Kind = "mean", unit: str = "", *, difference: bool = False) -> str:
    """A score in words: rates in per cent, dollars with four digits, others with as many as tell something.

    Args:
        value: The number.
        kind: A rate is shown in per cent, a difference of rates in points.
        unit: Stands behind the number, and ``USD`` as a sign before it.
        difference: With its sign, and as the difference of two.

    Example:
        >>> number(0.625, "rate"), number(-0.04, "rate", difference=True), number(0.0021, "cost", "USD")
        ('62 %', '−4 points', '$0.0021')
    """
    if kind == "rate":
        value, digits, unit = value * 100, 0, "points" if difference else "%"
    elif unit == "USD":
        digits = 4
    else:
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    value = round(value, digits)
    sign = "−" if value < 0 else "+" if difference and value > 0 else ""
    shown = f"{abs(value):,.{digits}f}"
    return f"{sign}${shown}" if unit == "USD" else f"{sign}{shown} {unit}".rstrip()
