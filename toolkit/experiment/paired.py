"""Is one variant better than another on the same questions? Paired comparisons, and what they can tell.

The unit is the question: its repeats are averaged on both sides, and what is compared is the difference. Whether there
is one, a sign-flip test says (Fisher's randomisation test for pairs): if the two variants were the same, each
difference could as well have had the other sign. Its p-value is the mid-p value (Lancaster 1961), half of what is as
large as observed: exact tests of few discordant pairs reject far too seldom, and mid-p comes near the level
(Fagerland, Lydersen and Laake 2013). For answers that are right or wrong this is McNemar's mid-p test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError
from toolkit.experiment.intervals import (
    EVEN,
    FEWEST_RESAMPLED,
    Kind,
    Scores,
    bca,
    check_level,
    number,
    quantile,
    student,
    sums,
)
from toolkit.experiment.significance import exchange_test, flip_test, gap, holm

if TYPE_CHECKING:
    from toolkit.experiment.intervals import Floats, Sums

_MOST_NEEDED = 100_000
_FEWEST_NEEDED = 5
"""Questions without which no mid-p value of a sign-flip test is below 0.05, whatever they say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paired:
    """A variant beside a baseline, on the questions on which both have a score.

    Attributes:
        value, baseline: Their means over the questions that were compared; None when there are none.
        difference: ``value - baseline``.
        low, high: Interval of the difference; None with fewer than two questions.
        p_value: Of the test that there is no difference, two-sided; None when there is nothing to compare.
        adjusted: The same after Holm's correction for all comparisons that were made together.
        wins, losses, ties: Questions on which the variant's score is higher, lower, the same. Pooled measures have
            none: their scores do not stand side by side.
        questions: Questions that were compared.
        n_total: Questions that either side was asked.
        deviation: Standard deviation of the questions' differences.
        comparisons: How many were made together.
        kind: Of the measure.
        level: Of the interval; a difference counts from ``1 - level`` on.
        method, test: How interval and p-value were made, in words.
    """

    value: float | None
    baseline: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted: float | None
    wins: int
    losses: int
    ties: int
    questions: int
    n_total: int
    deviation: float | None
    comparisons: int = 1
    kind: Kind = "mean"
    level: float = 0.95
    method: str = ""
    test: str = ""

    @property
    def distinguishable(self) -> bool:
        """Whether the difference is more than chance, all comparisons that were made together considered."""
        return self.adjusted is not None and self.adjusted < 1 - self.level

    def needed(self, power: float = 0.8) -> int | None:
        """Questions with which a difference as large as the observed one would be found.

        From the observed spread, for a two-sided test that allows for all comparisons made together (Bonferroni): for
        rates Connor's formula for McNemar's test (Connor 1987), of which the other is the same for any scores. The true
        difference may well be smaller than the observed one, and then more are needed.

        Args:
            power: How often it would be found.

        Returns:
            A number of questions; None when none was observed, or there are fewer than two questions.
        """
        if not self.difference or self.deviation is None:
            return None
        size = abs(self.difference)
        null = math.sqrt(self.deviation**2 + size**2)
        return max(_FEWEST_NEEDED, math.ceil(((self._z * null + quantile(2 * power - 1) * self.deviation) / size) ** 2))

    def detectable(self, power: float = 0.8) -> float | None:
        """The smallest difference that so many questions with such a spread find, with the given power.

        None with fewer than two questions, or when every question scored alike.
        """
        if not self.deviation or not self.questions:
            return None
        return (self._z + quantile(2 * power - 1)) * self.deviation / math.sqrt(self.questions)

    @property
    def _z(self) -> float:
        return quantile(1 - (1 - self.level) / self.comparisons)

    def words(self, *, higher_is_better: bool = True, unit: str = "") -> str:
        """What was found, as a sentence that can stand in a report.

        Example:
            >>> base = {n: [n % 2] for n in range(24)}
            >>> compare({**base, 0: [1]}, base, kind="rate").words()
            'not distinguishable at n = 24: 54 % against 50 %, +4 points (95 % interval −9 to +17, p = 0.50); ...'
        """
        if self.difference is None or self.value is None or self.baseline is None:
            return f"nothing to compare: none of {self.n_total} questions has a score on both sides"
        means = f"{number(self.value, self.kind, unit)} against {number(self.baseline, self.kind, unit)}"
        shown = number(self.difference, self.kind, unit, difference=True)
        told = f"{means}, {shown} ({self._doubt(unit)})"
        if self.distinguishable:
            better = (self.difference > 0) == higher_is_better
            return f"{'better' if better else 'worse'} at n = {self.questions}: {told}{self._counts(higher_is_better)}"
        return f"not distinguishable at n = {self.questions}: {told}; {self._outlook(unit)}"

    def _doubt(self, unit: str) -> str:
        parts = []
        if self.low is not None and self.high is not None:
            ends = (number(end, self.kind, unit, difference=True) for end in (self.low, self.high))
            low, high = (end.removesuffix(" points") for end in ends)
            parts.append(f"{round(100 * self.level, 1):g} % interval {low} to {high}")
        if self.p_value is not None:
            parts.append(_p(self.p_value, "p"))
        if self.adjusted is not None and self.comparisons > 1:
            parts.append(_p(self.adjusted, f"{self.comparisons} comparisons: p"))
        return ", ".join(parts) or "one question"

    def _counts(self, higher_is_better: bool) -> str:
        if not self.wins + self.losses + self.ties:
            return ""
        better, worse = (self.wins, self.losses) if higher_is_better else (self.losses, self.wins)
        return f"; {better} better, {worse} worse, {self.ties} alike"

    def _outlook(self, unit: str) -> str:
        needed, detectable = self.needed(), self.detectable()
        if self.deviation == 0 and self.difference == 0:
            return "every question scored alike"
        if needed is not None and needed > _MOST_NEEDED:
            return f"more than {_MOST_NEEDED:,} questions would be needed to see a difference as small as this"
        if needed is not None and needed > self.questions:
            return f"about {_rounded(needed):,} questions would be needed to see a difference of this size"
        if detectable is None:
            return f"{self.questions} {'question is' if self.questions == 1 else 'questions are'} too few to tell"
        seen = number(detectable, self.kind, unit, difference=True).lstrip("+")
        return f"with so many questions a difference of {seen} would be seen four times in five"


def _p(value: float, name: str) -> str:
    return f"{name} < 0.001" if value < 0.001 else f"{name} = {value:.{3 if value < 0.1 else 2}f}"


def _rounded(count: int) -> int:
    """Two figures: more would be false precision."""
    step: int = 10 ** max(0, len(str(count)) - 2)
    return math.ceil(count / step) * step


def compare(
    scores: Scores,
    baseline: Scores,
    *,
    kind: Kind = "mean",
    pooled: bool = False,
    double: bool = False,
    level: float = 0.95,
    resamples: int = 2000,
    flips: int = 9999,
    seed: int = 0,
) -> Paired:
    """Compare a variant with a baseline on the questions on which both have a score.

    The interval of the difference is Bonett and Price's (2012) where every question is won, lost or tied outright;
    else the BCa bootstrap over questions, and Student's t with fewer than 10 of them. The test is described at the
    module's head.

    Args:
        scores: Question to the scores of its repeats; None where there is none.
        baseline: The same of the baseline.
        kind: As the measure says.
        pooled: As the measure says: a question counts on either side where it has a score there, and the test exchanges
            the two sides of a question.
        double: As the measure says: a score of 1 weighs twice.
        level: Of the interval, 0.5 to 0.999.
        resamples: Bootstrap resamples.
        flips: Random signs, where they are too many to try all.
        seed: The same seed and scores give the same numbers.

    Returns:
        The comparison. A failed row counts as no score: ``questions`` of ``n_total`` says how many are left.

    Raises:
        ArgumentError: A score is not a finite number, or an argument is out of range.
    """
    check_level(level)
    if resamples < 100 or flips < 99:
        raise ArgumentError(f"resamples is {resamples} and flips {flips}; give at least 100 and 99")
    n_total = len(scores.keys() | baseline.keys())
    sides = (sums(scores, pooled=pooled, double=double), sums(baseline, pooled=pooled, double=double))
    columns = _matched(*sides, pooled=pooled or double)
    empty = not len(columns) or not columns[:, 1].sum() or not columns[:, 3].sum()
    if empty:
        return _nothing(n_total, kind, level)
    total = columns.sum(axis=0)
    value, base = float(total[0] / total[1]), float(total[2] / total[3])
    if pooled or double:
        rests = _rests(columns, value, base)
        p_value, test = exchange_test(columns, flips, seed)
        low, high, method = _spread(columns, rests, value - base, level, resamples, seed)
        wins = losses = ties = 0
    else:
        apart = columns[:, 0] - columns[:, 2]
        apart[abs(apart) < EVEN] = 0.0
        rests = apart - apart.mean()
        p_value, test = flip_test(apart, flips, seed)
        low, high, method = (
            _outright(apart, level)
            if kind == "rate" and bool((abs(apart) % 1 == 0).all())
            else _spread(columns, rests, value - base, level, resamples, seed)
        )
        wins, losses, ties = int((apart > 0).sum()), int((apart < 0).sum()), int((apart == 0).sum())
    questions = len(columns)
    return Paired(
        value=value,
        baseline=base,
        difference=value - base if abs(value - base) > EVEN else 0.0,
        low=low,
        high=high,
        p_value=p_value,
        adjusted=p_value,
        wins=wins,
        losses=losses,
        ties=ties,
        questions=questions,
        n_total=n_total,
        deviation=math.sqrt(float((rests**2).sum()) / (questions - 1)) if questions > 1 else None,
        kind=kind,
        level=level,
        method=method,
        test=test,
    )


def compare_all(variants: Mapping[str, Scores], baseline: Scores, **options: Any) -> dict[str, Paired]:
    """Compare several variants with one baseline; p-values are adjusted for their number (Holm 1979).

    Args:
        variants: Name to scores.
        baseline: Scores of the baseline.
        options: As :func:`compare` takes them.
    """
    found = {name: compare(scores, baseline, **options) for name, scores in variants.items()}
    adjusted = holm([one.p_value for one in found.values()])
    count = max(1, sum(p is not None for p in adjusted))
    return {
        name: replace(one, adjusted=p, comparisons=count)
        for (name, one), p in zip(found.items(), adjusted, strict=True)
    }


def _matched(one: Sums, other: Sums, *, pooled: bool) -> Floats:
    """Sums and weights of both sides, shape (questions, 4): of questions that both have, or with ``pooled`` either."""
    import numpy as np

    mine = dict(zip(one.questions, zip(one.total, one.weight, strict=True), strict=True))
    theirs = dict(zip(other.questions, zip(other.total, other.weight, strict=True), strict=True))
    keys = list(dict.fromkeys((*mine, *theirs))) if pooled else [key for key in mine if key in theirs]
    return np.array([(*mine.get(key, (0.0, 0.0)), *theirs.get(key, (0.0, 0.0))) for key in keys]).reshape(len(keys), 4)


def _rests(columns: Floats, value: float, base: float) -> Floats:
    """How far each question moves the difference of two ratios."""
    mine = (columns[:, 0] - value * columns[:, 1]) / columns[:, 1].mean()
    theirs = (columns[:, 2] - base * columns[:, 3]) / columns[:, 3].mean()
    rests: Floats = mine - theirs
    return rests


def _outright(apart: Floats, level: float) -> tuple[float | None, float | None, str]:
    """The interval of a difference of paired rates (Bonett and Price 2012): one win and one loss are added."""
    n = len(apart) + 2
    middle = float(apart.sum()) / n
    half = quantile(level) * math.sqrt(max(0.0, (float((apart**2).sum()) + 2) / n - middle**2) / n)
    return max(-1.0, middle - half), min(1.0, middle + half), "Bonett-Price"


def _spread(
    columns: Floats, rests: Floats, difference: float, level: float, resamples: int, seed: int
) -> tuple[float | None, float | None, str]:
    """The interval of any other difference."""
    if len(rests) < 2:
        return None, None, "one question has no interval"
    if not (abs(rests) > EVEN).any():
        return None, None, "every question differs alike"
    if len(rests) < FEWEST_RESAMPLED:
        return *student(difference, rests, level), "Student's t"
    low, high = bca(columns, gap, rests, level, resamples, seed)
    return low, high, f"BCa bootstrap, {resamples:,} resamples of questions"


def _nothing(n_total: int, kind: Kind, level: float) -> Paired:
    return Paired(
        value=None,
        baseline=None,
        difference=None,
        low=None,
        high=None,
        p_value=None,
        adjusted=None,
        wins=0,
        losses=0,
        ties=0,
        questions=0,
        n_total=n_total,
        deviation=None,
        kind=kind,
        level=level,
        method="nothing to compare",
        test="nothing to compare",
    )
