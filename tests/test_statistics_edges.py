"""The exact edges of the statistics: numbers by hand and by brute force, and every sentence that a report may say."""

from __future__ import annotations

import doctest
import itertools
import math
from dataclasses import FrozenInstanceError
from types import ModuleType

import numpy as np
import pytest
from scipy import stats
from test_statistics import once

from toolkit.errors import ArgumentError
from toolkit.experiment import intervals, paired, significance
from toolkit.experiment.intervals import bca, check_level, quantile, ratio, student, sums
from toolkit.experiment.significance import exchange_test, gap
from toolkit.experiment.statistics import (
    Interval,
    Paired,
    compare,
    compare_all,
    estimate,
    flip_test,
    holm,
    number,
    wilson,
)


def pair(**changes: object) -> Paired:
    """A comparison with such values: 25 questions of which 15 were won, 4 lost and 6 tied."""
    values: dict[str, object] = {
        "value": 0.9,
        "baseline": 0.5,
        "difference": 0.4,
        "low": 0.1,
        "high": 0.7,
        "p_value": 0.02,
        "adjusted": 0.02,
        "wins": 15,
        "losses": 4,
        "ties": 6,
        "questions": 25,
        "n_total": 30,
        "deviation": 1.0,
    }
    return Paired(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("module", [intervals, paired, significance])
def test_the_examples_of_docstrings_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.attempted
    assert not found.failed


# Sums -----------------------------------------------------------------------------------------------------------------


def test_sums_of_questions_rows_and_weights() -> None:
    scores = {"a": [1, 0, None], "b": [None], "c": [1], "d": []}
    each = sums(scores)
    assert each.questions == ("a", "c")
    assert (each.total.tolist(), each.weight.tolist()) == ([0.5, 1.0], [1.0, 1.0])
    assert (each.n_ok, each.n_total, each.low, each.high) == (3, 5, 0.0, 1.0)
    rows = sums(scores, pooled=True)
    assert (rows.total.tolist(), rows.weight.tolist()) == ([1.0, 1.0], [2.0, 1.0])
    doubled = sums({"a": [1, 0], "c": [0.5]}, double=True)
    assert (doubled.total.tolist(), doubled.weight.tolist()) == ([2.0, 0.75], [3.0, 1.5])


def test_pooled_means_count_rows_and_others_questions() -> None:
    scores = {"a": [1.0, 1.0, 1.0], "b": [0.0]}
    assert estimate(scores).value == 0.5
    assert estimate(scores, pooled=True).value == 0.75
    assert estimate(scores, double=True).value == pytest.approx(6 / 7)  # F1 counts a hit twice


# Means ----------------------------------------------------------------------------------------------------------------


def test_an_effective_n_by_hand() -> None:
    # Eight questions, two repeats each: 4 right both times, 2 wrong both times, 2 once. The mean is 0.625, the squared
    # rests sum to 1.375, so that the variance of the mean is 1.375 / 64; one row's would be 0.625 * 0.375. The rows are
    # worth 10.9, and with four questions of which both rows are alike 16 / ((16 / 10.9 * 8 + 2 * 4) / 12) = 9.73.
    scores = dict(enumerate([[1, 1]] * 4 + [[0, 0]] * 2 + [[1, 0]] * 2))
    found = estimate(scores, kind="rate")
    rows = 16 / ((16 / (0.625 * 0.375 / (1.375 / 64)) * 8 + 2 * 4) / 12)
    assert rows == pytest.approx(9.73, abs=0.005)
    assert (found.low, found.high) == pytest.approx(wilson(0.625 * rows, rows))
    assert found.method == "Wilson, effective n 10"


def test_repeats_that_are_all_alike_count_once() -> None:
    for score, questions in ((1, 3), (0, 5)):
        found = estimate(dict(enumerate([[score, score]] * questions)), kind="rate")
        assert (found.low, found.high) == pytest.approx(wilson(score * questions, questions))
    mixed = estimate({"a": [1, 1, 1], "b": [0, 0, 0]}, kind="rate")
    assert (mixed.low, mixed.high) == pytest.approx(wilson(1, 2))


def test_repeats_that_disagree_evenly_tell_of_questions_only() -> None:
    found = estimate(dict(enumerate([[1, 0]] * 6)), kind="rate")  # no question differs from another
    assert (found.low, found.high) == pytest.approx(wilson(3, 6))


def test_an_effective_n_is_never_more_than_the_rows() -> None:
    # Questions that differ less than chance would have it: six of [1, 0], one each of [1, 1] and [0, 0].
    scores = dict(enumerate([[1, 0]] * 6 + [[1, 1], [0, 0]]))
    found = estimate(scores, kind="rate")
    rows = 16 / ((1 * 8 + 2 * 4) / 12)
    assert (found.low, found.high) == pytest.approx(wilson(rows / 2, rows))


def test_rates_of_single_rows_are_plain_wilson() -> None:
    found = estimate(once([1] * 3 + [0] * 4), kind="rate", level=0.9)
    assert (found.low, found.high) == pytest.approx(wilson(3, 7, 0.9))
    assert (found.method, found.level, found.questions, found.n_ok, found.n_total) == ("Wilson", 0.9, 7, 7, 7)


def test_ends_of_wilson() -> None:
    assert wilson(0, 7)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0
    assert 0 < wilson(1e-3, 7)[0] < wilson(1, 7)[0]
    assert wilson(6.999, 7)[1] < 1
    assert wilson(7 + 1e-10, 7) == pytest.approx(wilson(7, 7))  # what sums of decimals leave over is forgiven
    assert wilson(-1e-10, 7) == pytest.approx(wilson(0, 7))
    assert wilson(0.25, 0.5) == pytest.approx((0.5 - 0.4703, 0.5 + 0.4703), abs=1e-3)
    for successes, n in ((7.01, 7), (-0.01, 7), (0, 0), (1, -1), (math.nan, 4)):
        with pytest.raises(ArgumentError, match="no rate: "):
            wilson(successes, n)


def test_few_questions_of_shares_stay_in_their_range() -> None:
    values = [0.0, 0.9, 1.0, 1.0]
    plain = estimate(once(values))
    half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) / 2
    assert (plain.low, plain.high) == pytest.approx((0.725 - half, 0.725 + half))
    cut = estimate(once(values), kind="share")
    assert (cut.low, cut.high) == (max(0.0, plain.low), 1.0)
    low = estimate(once([1 - value for value in values]), kind="share")
    assert low.low == 0.0
    assert low.high == pytest.approx(1 - cut.low)


def test_from_ten_questions_on_means_are_resampled() -> None:
    values = [float(n % 4) for n in range(10)]
    assert estimate(once(values[:9])).method == "Student's t"
    assert estimate(once(values)).method == "BCa bootstrap, 2,000 resamples of questions"
    assert estimate(once(values), resamples=300).method == "BCa bootstrap, 300 resamples of questions"


def test_means_that_do_not_vary() -> None:
    assert estimate(once([3.0] * 12)).method == "all scores are alike"
    alike = estimate(once([0.0] * 12), kind="share", level=0.8)
    assert (alike.low, alike.high, alike.method) == (*wilson(0, 12, 0.8), "Wilson, as all scores are alike")
    assert estimate({"a": [1.0, 2.0]}).method == "one question has no interval"
    assert (estimate({"a": [1.0, 2.0]}).value, estimate({"a": [1.0, 2.0]}).low) == (1.5, None)
    assert estimate({}).method == "no score"


def test_a_question_without_a_finite_score_is_named() -> None:
    for score in (math.inf, -math.inf, math.nan):
        with pytest.raises(ArgumentError, match="question 'b' hold a number that is not finite; use None for no score"):
            sums({"a": [1.0], "b": [0.5, score]})


def test_levels_and_ranges_that_are_allowed() -> None:
    for level in (0.5, 0.8, 0.999):
        check_level(level)
        assert estimate(once([1.0, 2.0, 4.0]), level=level).level == level
    for level in (0.499, 0.9991, 0, -1, math.nan):
        with pytest.raises(ArgumentError, match=r"give a share such as 0\.95"):
            check_level(level)
    for values in ([-0.01, 0.5], [0.5, 1.01]):
        with pytest.raises(ArgumentError, match="lie between 0 and 1, not"):
            estimate(once(values), kind="share")
        assert estimate(once(values), kind="mean").value == pytest.approx(sum(values) / 2)
    assert estimate(once([0.0, 1.0]), kind="share").value == 0.5
    narrow, wide = (estimate(once([1.0, 2.0, 4.0]), level=level) for level in (0.5, 0.999))
    assert narrow.high - narrow.low < wide.high - wide.low


def test_quantiles_of_the_normal_and_of_students_t() -> None:
    assert quantile(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert quantile(0.5) == pytest.approx(0.674490, abs=1e-6)
    rests = np.array([-1.0, 0.0, 0.5, 0.5])
    theirs = stats.ttest_1samp(rests + 7, 0).confidence_interval(0.8)
    assert student(7.0, rests, 0.8) == pytest.approx((theirs.low, theirs.high))


def test_the_interval_of_a_pooled_mean_by_hand() -> None:
    found = estimate({"a": [4.0, 5.0, 3.0], "b": [0.0], "c": [1.0, 3.0]}, pooled=True)
    mean = 16 / 6
    rests = np.array([12 - 3 * mean, 0 - mean, 4 - 2 * mean]) / 2  # two rows a question on average
    half = stats.t.ppf(0.975, 2) * math.sqrt((rests**2).sum() / 2 / 3)
    assert (found.value, found.low, found.high) == pytest.approx((mean, mean - half, mean + half))


# The bootstrap --------------------------------------------------------------------------------------------------------


def columns_of(values: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """What the bootstrap is given for a mean: sums with their weights, and the rests."""
    made = np.stack([np.array(values), np.ones(len(values))], axis=1)
    return made, made[:, 0] - made[:, 0].mean()


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
@pytest.mark.parametrize(
    "values",
    [
        [0.0, 1.31, 2.97, 3.12, 7.73, 4.02],
        [-3.1, -1.0, 0.2, 0.57, 9.03, 9.4],
        [0.001, 0.014, 0.031, 0.033, 0.079, 0.043],
    ],
)
def test_bca_over_all_resamples(values: list[float], level: float) -> None:
    """What 200,000 resamples give is near what all 46,656 of six values give, half of ties counted as below."""
    n = len(values)
    columns, rests = columns_of(values)
    low, high = bca(columns, ratio, rests, level, 200_000, 3)
    middle = np.mean(values)
    means = np.array(list(itertools.product(values, repeat=n))).mean(axis=1)
    bias = stats.norm.ppf(np.mean(means < middle - 1e-9) + np.mean(np.abs(means - middle) <= 1e-9) / 2)
    left = np.array([(np.sum(values) - value) / (n - 1) for value in values])  # the jackknife
    pull = left.mean() - left
    skew = np.sum(pull**3) / (6 * np.sum(pull**2) ** 1.5)
    ends = np.array([-1, 1]) * stats.t.ppf(0.5 + level / 2, n - 1) * math.sqrt(n / (n - 1))
    at = stats.norm.cdf(bias + (bias + ends) / (1 - skew * (bias + ends)))
    assert (low, high) == pytest.approx(tuple(np.quantile(means, at)), abs=0.005 * (max(values) - min(values)))


def test_values_are_what_they_are() -> None:
    for value in (estimate(once([1.0, 2.0])), pair(), sums(once([1.0]))):
        with pytest.raises(FrozenInstanceError):
            value.n_total = 0  # type: ignore[misc]


def test_bca_of_what_hardly_varies() -> None:
    columns, rests = columns_of([1.0] * 12)
    assert bca(columns, ratio, rests, 0.95, 200, 0) == pytest.approx((1.0, 1.0))
    columns, rests = columns_of([1e9 + n for n in range(12)])
    low, high = bca(columns, ratio, rests, 0.95, 2000, 0)
    assert low < 1e9 + 5.5 < high


def test_bca_leaves_out_resamples_without_weight() -> None:
    columns = np.array([[1.0, 1.0], [2.0, 2.0]] + [[0.0, 0.0]] * 4)
    low, high = bca(columns, ratio, columns[:, 0] - columns[:, 1], 0.9, 500, 0)
    assert (low, high) == (1.0, 1.0)
    assert np.isnan(ratio(np.array([1.0, 0.0])))
    assert ratio(np.array([[3.0, 2.0], [1.0, 4.0]])).tolist() == [1.5, 0.25]


def test_many_questions_are_resampled_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "_BATCH", 20 * 300)
    parts = list(intervals._resampled(20, 1000, 0))
    assert [part.shape for part in parts] == [(300, 20), (300, 20), (300, 20), (100, 20)]
    assert all((part.sum(axis=1) == 20).all() for part in parts)
    assert len({part[0].tobytes() for part in parts}) == 4  # no part repeats another
    monkeypatch.setattr(intervals, "_BATCH", 3)
    assert [part.shape for part in intervals._resampled(20, 4, 0)] == [(1, 20)] * 4
    monkeypatch.setattr(intervals, "_BATCH", 20 * 1000)
    assert [part.shape for part in intervals._resampled(20, 1000, 0)] == [(1000, 20)]


# Tests of differences -------------------------------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    assert holm([]) == ()
    assert holm([None]) == (None,)
    assert holm([0.03, None, 0.01]) == (0.03, None, 0.02)
    assert holm([0.01, 0.01, 0.6]) == (0.03, 0.03, 0.6)
    assert holm([0.7, 0.6]) == (1.0, 1.0)
    assert holm([0.02, 0.011, 0.04]) == pytest.approx((0.04, 0.033, 0.04))


def flipped_by_hand(differences: list[float]) -> float:
    """The mid-p value over all signs."""
    seen = abs(sum(differences))
    thrown = [
        abs(sum(sign * one for sign, one in zip(signs, differences, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    more = sum(one > seen + 1e-9 for one in thrown)
    return (more + sum(abs(one - seen) <= 1e-9 for one in thrown) / 2) / len(thrown)


@pytest.mark.parametrize(
    "differences",
    [[0.3, -0.1], [1.0, 2.0, -0.5], [0.1] * 6 + [-0.2] * 3, [0.05 * n - 0.2 for n in range(12)], [5.0, 5.0, 5.1]],
)
def test_all_signs_by_hand(differences: list[float]) -> None:
    found, how = flip_test(np.array(differences))
    assert found == pytest.approx(flipped_by_hand(differences))
    assert how == "sign-flip test, exact, mid-p"
    more, _ = flip_test(np.array([*differences, 0.0, 0.0]))  # questions without a difference say nothing
    assert more == pytest.approx(found)


def test_how_a_p_value_was_made() -> None:
    assert flip_test(np.zeros(3)) == (1.0, "no difference on any question")
    assert flip_test(np.array([])) == (1.0, "no difference on any question")
    assert flip_test(np.array([1.0, -1.0, 1.0, 0.0]))[1] == "McNemar's test, exact, mid-p"
    assert flip_test(np.array([0.5, -0.5, 0.5]))[1] == "sign test, exact, mid-p"
    assert flip_test(np.array([0.5, -0.5, 0.5]))[0] == flip_test(np.array([1.0, -1.0, 1.0]))[0] == pytest.approx(0.625)
    assert flip_test(np.array([1.0, 1.0]))[0] == pytest.approx(0.25)  # of four outcomes two are as extreme, half counts
    assert flip_test(np.array([0.1 + 0.2, 0.3, 0.3]))[1] == "sign test, exact, mid-p"  # the last bit is no size
    twelve, thirteen = np.arange(1, 13) / 10, np.arange(1, 14) / 10
    assert flip_test(twelve)[1] == "sign-flip test, exact, mid-p"
    assert flip_test(thirteen)[1] == "sign-flip test, 9,999 random signs, mid-p"
    assert flip_test(np.array([*twelve, 0.0]))[1] == "sign-flip test, exact, mid-p"
    assert flip_test(thirteen, flips=500)[1] == "sign-flip test, 500 random signs, mid-p"


def test_a_p_value_of_random_signs_is_never_zero() -> None:
    """What was observed is one of the possible outcomes: it counts as one more, of which mid-p takes half."""
    assert flip_test(np.arange(1, 31) / 10, flips=999)[0] == 0.5 / 1000
    assert flip_test(-np.arange(1, 31) / 10, flips=999)[0] == 0.5 / 1000
    columns = np.array([[1.0 + n / 10, 1.0, 0.0, 1.0] for n in range(30)])
    assert exchange_test(columns, flips=999)[0] == 0.5 / 1000


def test_random_signs_hang_on_the_seed_alone() -> None:
    differences = np.random.default_rng(1).normal(0.2, 1, 40)
    assert flip_test(differences, seed=1) == flip_test(differences[::-1], seed=1)
    assert flip_test(differences, seed=1) != flip_test(differences, seed=2)


def test_the_size_of_scores_decides_on_nothing() -> None:
    """Differences of micro-dollars are tested as differences of dollars are."""
    for differences in (np.array([1.0, 2.0, -1.0, 0.5]), np.random.default_rng(1).normal(0.3, 1, 40)):
        for scale in (1e-9, 1e9):
            found, how = flip_test(differences * scale)
            assert (found, how) == (pytest.approx(flip_test(differences)[0]), flip_test(differences)[1])


def test_what_is_thrown_when_nothing_is_said() -> None:
    differences = np.random.default_rng(1).normal(0.2, 1, 40)
    columns = np.stack([differences, np.ones(40), np.zeros(40), np.ones(40)], axis=1)
    assert flip_test(differences) == flip_test(differences, flips=9999, seed=0)
    assert exchange_test(columns) == exchange_test(columns, flips=9999, seed=0)
    assert exchange_test(columns) != exchange_test(columns, flips=9999, seed=1)
    found = compare(once(differences.tolist()), once([0.0] * 40))
    assert found.test == "sign-flip test, 9,999 random signs, mid-p"
    assert found == compare(once(differences.tolist()), once([0.0] * 40), resamples=2000, flips=9999, seed=0)


def test_many_signs_are_thrown_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    differences = np.random.default_rng(1).normal(0.3, 1, 40)
    whole = flip_test(differences)[0]
    columns = np.stack([differences, np.ones(40), np.zeros(40), np.ones(40)], axis=1)
    exchanged = exchange_test(columns)[0]
    for kept in (0, 10**9):
        monkeypatch.setattr(significance, "_KEPT", kept)
        monkeypatch.setattr(significance, "_BATCH", 40 * 700)
        parts = list(significance._flipped(differences, 9999, 0))
        assert [len(part) for part in parts] == [700] * 14 + [199]
        assert len(np.unique(np.concatenate(parts))) > 9900  # each part has signs of its own
        assert flip_test(differences)[0] == pytest.approx(whole, abs=0.01)
        assert exchange_test(columns)[0] == pytest.approx(exchanged, abs=0.01)
        monkeypatch.setattr(significance, "_BATCH", 7)
        assert [len(part) for part in significance._flipped(differences, 3, 0)] == [1, 1, 1]


def exchanged_by_hand(columns: np.ndarray) -> float:
    """The mid-p value over all exchanges of the sides of whole questions."""

    def apart(rows: np.ndarray) -> float:
        a, b, c, d = rows.sum(axis=0)
        return abs(a / b - c / d) if b and d else math.nan

    seen = apart(columns)
    thrown = []
    moved = [row for row in columns if (row[:2] != row[2:]).any()]
    rest = [row for row in columns if (row[:2] == row[2:]).all()]
    for swaps in itertools.product((False, True), repeat=len(moved)):
        rows = [row[[2, 3, 0, 1]] if swap else row for row, swap in zip(moved, swaps, strict=True)]
        thrown.append(apart(np.array([*rows, *rest])))
    known = np.array([one for one in thrown if not math.isnan(one)])
    return float(np.mean(known > seen + 1e-9) + np.mean(np.abs(known - seen) <= 1e-9) / 2)


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 1, 0, 1], [1, 1, 0, 1], [0, 1, 1, 1], [1, 2, 0, 0]],
        [[1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 0], [2, 3, 1, 3], [1, 1, 1, 1]],
        [[3, 3, 1, 3], [2, 3, 0, 3], [3, 3, 2, 3], [1, 3, 1, 3], [0, 3, 1, 3], [3, 3, 0, 3]],
        [[1, 1, 0, 0], [0, 0, 0, 1]],  # exchanged once, one side has nothing: that outcome has no difference
    ],
)
def test_all_exchanges_by_hand(rows: list[list[float]]) -> None:
    columns = np.array(rows, dtype=float)
    found, how = exchange_test(columns)
    assert found == pytest.approx(exchanged_by_hand(columns))
    assert how == "exchange test, exact, mid-p"
    assert exchange_test(columns[::-1])[0] == pytest.approx(found)
    assert exchange_test(columns[:, [2, 3, 0, 1]])[0] == pytest.approx(found)


def test_how_an_exchange_was_made() -> None:
    alike = np.array([[1.0, 2.0, 1.0, 2.0]] * 3)
    assert exchange_test(alike) == (1.0, "no difference on any question")
    rng, heavier = np.random.default_rng(2), np.array([0, 1, 0, 1])
    columns = np.concatenate([rng.random((12, 4)) + heavier, alike])
    assert exchange_test(columns)[1] == "exchange test, exact, mid-p"
    more = np.concatenate([rng.random((11, 4)) + heavier, rng.random((2, 4)), alike])
    found, how = exchange_test(more, flips=20_000)
    assert how == "exchange test, 20,000 random exchanges, mid-p"
    assert found == pytest.approx(exchanged_by_hand(more), abs=0.01)
    assert gap(np.array([[3.0, 4.0, 1.0, 2.0], [1.0, 2.0, 1.0, 1.0]])).tolist() == [0.25, -0.5]


# Comparisons ----------------------------------------------------------------------------------------------------------


def test_a_comparison_by_hand() -> None:
    mine = {"a": [0.5, 0.7], "b": [0.4], "c": [0.9], "d": [None], "e": [0.2]}
    theirs = {"a": [0.2], "b": [0.4], "c": [1.0], "d": [0.3], "f": [0.1]}
    found = compare(mine, theirs, kind="share")
    apart = [0.4, 0.0, -0.1]
    assert found.value == pytest.approx((0.6 + 0.4 + 0.9) / 3)
    assert found.baseline == pytest.approx((0.2 + 0.4 + 1.0) / 3)
    assert found.difference == pytest.approx(0.1)
    assert (found.wins, found.losses, found.ties, found.questions, found.n_total) == (1, 1, 1, 3, 6)
    assert found.deviation == pytest.approx(np.std(apart, ddof=1))
    theirs_too = stats.ttest_1samp(apart, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs_too.low, theirs_too.high))
    assert (found.method, found.test) == ("Student's t", "sign-flip test, exact, mid-p")
    assert found.p_value == found.adjusted == pytest.approx(flipped_by_hand([0.4, -0.1]))
    assert (found.kind, found.level, found.comparisons) == ("share", 0.95, 1)


def test_which_interval_a_difference_has() -> None:
    nine, ten = [0.1 * n for n in range(9)], [0.1 * n for n in range(10)]
    zeros = [0.0] * 10
    assert compare(once(nine), once(zeros[:9])).method == "Student's t"
    assert compare(once(ten), once(zeros)).method == "BCa bootstrap, 2,000 resamples of questions"
    assert compare(once(ten), once(zeros), resamples=100).method == "BCa bootstrap, 100 resamples of questions"
    assert compare(once([1.0, 0.0]), once([0.0, 0.0]), kind="rate").method == "Bonett-Price"
    assert compare(once([1.0, 0.0]), once([0.0, 0.0]), kind="share").method == "Student's t"
    repeats = {"a": [1, 0], "b": [1, 1], "c": [0, 0]}
    assert compare(repeats, once([0, 0, 0]), kind="rate").method == "nothing to compare"
    assert compare(repeats, {"a": [0], "b": [0], "c": [0]}, kind="rate").method == "Student's t"
    one = compare({"a": [1.0]}, {"a": [0.5]})
    assert (one.method, one.low, one.high, one.deviation) == ("one question has no interval", None, None, None)
    alike = compare(once([0.75, 0.5]), once([0.5, 0.25]))
    assert (alike.method, alike.low, alike.deviation) == ("every question differs alike", None, 0.0)


def test_bonett_and_prices_interval_ends_at_one() -> None:
    found = compare(once([1.0] * 30), once([0.0] * 30), kind="rate")
    assert found.high == 1.0
    assert found.low == pytest.approx(30 / 32 - quantile(0.95) * math.sqrt((32 / 32 - (30 / 32) ** 2) / 32))
    back = compare(once([0.0] * 30), once([1.0] * 30), kind="rate", level=0.9)
    assert back.low == -1.0
    assert back.high == pytest.approx(-30 / 32 + quantile(0.9) * math.sqrt((1 - (30 / 32) ** 2) / 32))


def test_the_last_bit_is_no_difference() -> None:
    found = compare(once([0.1 + 0.2, 0.5]), once([0.3, 0.5]))
    assert (found.difference, found.wins, found.ties, found.p_value) == (0.0, 0, 2, 1.0)
    assert compare(once([0.1 + 0.2]), once([0.3])).difference == 0.0
    assert compare(once([0.3001, 0.5]), once([0.3, 0.5])).wins == 1


def test_resampled_differences_hold_the_mean_difference() -> None:
    rng = np.random.default_rng(9)
    mine, theirs = rng.random(60), rng.random(60)
    found = compare(once(mine.tolist()), once(theirs.tolist()), level=0.9)
    apart = stats.ttest_1samp(mine - theirs, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((apart.low, apart.high), abs=0.01)
    other = compare(once(mine.tolist()), once(theirs.tolist()), level=0.9, seed=1)
    assert other.low != found.low
    assert other.p_value != found.p_value


def test_a_pooled_comparison_by_hand() -> None:
    mine = {"a": [1.0, 1.0], "b": [0.0], "c": [None], "d": [1.0]}
    theirs = {"a": [0.0, 1.0], "b": [None], "c": [0.0], "d": [0.0]}
    columns = np.array([[2, 2, 1, 2], [0, 1, 0, 0], [0, 0, 0, 1], [1, 1, 0, 1]], dtype=float)
    found = compare(mine, theirs, kind="rate", pooled=True)
    assert (found.value, found.baseline, found.difference) == (0.75, 0.25, 0.5)
    assert found.p_value == pytest.approx(exchanged_by_hand(columns))
    assert (found.wins, found.losses, found.ties, found.questions, found.n_total) == (0, 0, 0, 4, 4)
    # How far each question moves either ratio: rests by mean weight (1 each).
    rests = np.array([2 - 0.75 * 2, 0 - 0.75, 0, 1 - 0.75]) / 1 - np.array([1 - 0.25 * 2, 0, -0.25, -0.25]) / 1
    assert found.deviation == pytest.approx(math.sqrt((rests**2).sum() / 3))
    half = stats.t.ppf(0.975, 3) * found.deviation / 2
    assert (found.low, found.high) == pytest.approx((0.5 - half, 0.5 + half))
    doubled = compare(mine, theirs, kind="rate", double=True)
    assert (doubled.value, doubled.baseline) == pytest.approx((6 / 7, 2 / 5))
    assert doubled.wins == doubled.losses == doubled.ties == 0


def test_rests_are_scaled_by_the_mean_weight_of_their_side() -> None:
    mine = {"a": [1.0, 1.0, 0.0], "b": [0.0], "c": [1.0]}
    theirs = {"a": [0.0], "b": [1.0, 1.0], "c": [0.0, 1.0, 1.0]}
    found = compare(mine, theirs, pooled=True)
    value, base = 3 / 5, 4 / 6
    rests = np.array([2 - 3 * value, -value, 1 - value]) / (5 / 3) - np.array([-base, 2 - 2 * base, 2 - 3 * base]) / 2
    assert found.deviation == pytest.approx(math.sqrt((rests**2).sum() / 2))


def test_nothing_to_compare() -> None:
    for mine, theirs, pooled in (
        ({}, {}, False),
        ({"a": [1.0]}, {"b": [1.0]}, False),
        ({"a": [1.0]}, {"b": [None]}, True),
        ({"a": [None]}, {"b": [1.0]}, True),
    ):
        found = compare(mine, theirs, kind="rate", pooled=pooled, level=0.9)
        assert found == Paired(
            **dict.fromkeys(("value", "baseline", "difference", "low", "high", "p_value", "adjusted", "deviation")),
            **dict.fromkeys(("wins", "losses", "ties", "questions"), 0),
            n_total=len(mine.keys() | theirs.keys()),
            kind="rate",
            level=0.9,
            method="nothing to compare",
            test="nothing to compare",
        )
        assert not found.distinguishable
        assert found.needed() is found.detectable() is None


def test_arguments_at_the_edge() -> None:
    scores = once([0.1, 0.9])
    assert compare(scores, scores, resamples=100, flips=99).difference == 0
    for options in ({"resamples": 99}, {"flips": 98}, {"level": 0.4}):
        with pytest.raises(ArgumentError):
            compare(scores, scores, **options)
    assert compare(scores, once([0.0, 0.0]), level=0.5).level == 0.5


def test_several_variants_are_counted_without_those_that_have_nothing() -> None:
    base = once([0.0] * 12)
    variants = {"good": once([1.0] * 12), "none": {"x": [1.0]}, "same": base}
    found = compare_all(variants, base, kind="rate")
    assert list(found) == ["good", "none", "same"]
    assert found["good"].adjusted == 2 * found["good"].p_value
    assert found["none"].adjusted is None
    assert {one.comparisons for one in found.values()} == {2}
    assert compare_all({"none": {"x": [1.0]}}, base)["none"].comparisons == 1
    assert compare_all({}, base) == {}


# What a comparison allows to say --------------------------------------------------------------------------------------


def test_a_difference_counts_below_one_minus_the_level() -> None:
    assert pair(adjusted=0.0499).distinguishable
    assert not pair(adjusted=0.0501).distinguishable
    assert not pair(level=0.5, adjusted=0.5).distinguishable
    assert pair(level=0.5, adjusted=0.499).distinguishable
    assert not pair(p_value=0.01, adjusted=0.2).distinguishable
    assert not pair(adjusted=None).distinguishable


def test_how_many_questions_would_be_needed_by_hand() -> None:
    z, power = 1.959964, 0.841621
    for difference, deviation in ((0.4, 1.0), (-0.1, 0.3), (0.05, 0.5)):
        by_hand = ((z * math.hypot(deviation, difference) + power * deviation) / difference) ** 2
        assert pair(difference=difference, deviation=deviation).needed() == math.ceil(by_hand)
    at_ninety = ((z * math.hypot(1.0, 0.4) + 1.281552) / 0.4) ** 2
    assert pair().needed(power=0.9) == math.ceil(at_ninety)
    stricter = ((2.575829 * math.hypot(1.0, 0.4) + power) / 0.4) ** 2  # two-sided 1 %, as for five at 5 %
    assert pair(comparisons=5).needed() == pair(level=0.99).needed() == math.ceil(stricter)
    assert pair(difference=1.0, deviation=0.0).needed() == 5  # fewer never reject
    assert pair(difference=0.0).needed() is None
    assert pair(deviation=None).needed() is None


def test_what_could_be_seen_by_hand() -> None:
    assert pair().detectable() == pytest.approx((1.959964 + 0.841621) * 1.0 / 5)
    assert pair(questions=100, deviation=0.5).detectable(power=0.9) == pytest.approx((1.959964 + 1.281552) * 0.05)
    assert pair(deviation=0.0).detectable() is None
    assert pair(deviation=None).detectable() is None
    assert pair(questions=0).detectable() is None


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        (
            {},
            {},
            (
                "better at n = 25: 0.90 against 0.50, +0.40 (95 % interval +0.10 to +0.70, p = 0.020); "
                "15 better, 4 worse, 6 alike"
            ),
        ),
        (
            {},
            {"higher_is_better": False, "unit": "s"},
            (
                "worse at n = 25: 0.90 s against 0.50 s, +0.40 s (95 % interval +0.10 s to +0.70 s, p = 0.020); "
                "4 better, 15 worse, 6 alike"
            ),
        ),
        (
            {"difference": -0.4, "wins": 0, "losses": 0, "ties": 0, "low": None, "kind": "rate", "adjusted": 0.0004},
            {},
            "worse at n = 25: 90 % against 50 %, −40 points (p = 0.020)",
        ),
        (
            {"difference": -0.4, "wins": 0, "losses": 2, "ties": 0, "kind": "rate", "high": None},
            {"higher_is_better": False},
            "better at n = 25: 90 % against 50 %, −40 points (p = 0.020); 2 better, 0 worse, 0 alike",
        ),
        (
            {"wins": 0, "losses": 0, "ties": 1, "kind": "rate", "low": -0.123, "level": 0.999, "p_value": 0.0009},
            {},
            "not distinguishable at n = 25: 90 % against 50 %, +40 points (99.9 % interval −12 to +70, p < 0.001); ",
        ),
        ({"p_value": 0.001}, {}, "p = 0.001); "),
        ({"p_value": 0.0999}, {}, "p = 0.100); "),
        ({"p_value": 0.1}, {}, "p = 0.10); "),
        ({"comparisons": 3, "adjusted": 0.04}, {}, "p = 0.020, 3 comparisons: p = 0.040); 15"),
        ({"comparisons": 1, "adjusted": 0.04}, {}, "+0.70, p = 0.020); 15"),
        (
            {"low": None, "p_value": None, "adjusted": None, "level": 0.9},
            {},
            "+0.40 (one question); about 43 questions",
        ),
        (
            {"adjusted": 0.3},
            {},
            "; about 55 questions would be needed to see a difference of this size",
        ),
        (
            {"adjusted": 0.3, "questions": 55},
            {},
            "; with so many questions a difference of 0.38 would be seen four times in five",
        ),
        ({"adjusted": 0.3, "questions": 54}, {}, "; about 55 questions would be needed"),
        ({"adjusted": 0.3, "difference": 0.04, "deviation": 2.0}, {}, "; about 20,000 questions would be needed"),
        (
            {"adjusted": 0.3, "difference": 0.01, "deviation": 2.0},
            {},
            "; more than 100,000 questions would be needed to see a difference as small as this",
        ),
        ({"adjusted": 1.0, "difference": 0.0, "deviation": 0.0}, {}, "; every question scored alike"),
        (
            {"adjusted": 1.0, "difference": 0.0, "deviation": None, "questions": 1},
            {},
            "; 1 question is too few to tell",
        ),
        (
            {"adjusted": 1.0, "difference": 0.0, "deviation": None, "questions": 2},
            {},
            "; 2 questions are too few to tell",
        ),
        (
            {"adjusted": 1.0, "difference": 0.4, "deviation": 0.0, "questions": 4},
            {},
            "; about 5 questions would be needed",
        ),
        (
            {"adjusted": 1.0, "difference": 0.4, "deviation": 0.0, "questions": 6},
            {},
            "; 6 questions are too few to tell",
        ),
        (
            {"adjusted": 0.3, "difference": 0.9, "deviation": 0.4, "kind": "rate"},
            {},
            "; with so many questions a difference of 22 points would be seen four times in five",
        ),
        ({"wins": 3, "losses": 3, "ties": 6}, {}, "); 3 better, 3 worse, 6 alike"),
        ({"wins": 6, "losses": 3, "ties": 9}, {}, "); 6 better, 3 worse, 9 alike"),
        ({"value": None}, {}, "nothing to compare: none of 30 questions has a score on both sides"),
    ],
)
def test_words_of_every_outcome(changes: dict[str, object], options: dict[str, object], expected: str) -> None:
    assert expected in pair(**changes).words(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("needed", "shown"),
    [(5, "5"), (99, "99"), (100, "100"), (101, "110"), (999, "1,000"), (1001, "1,100"), (12345, "13,000")],
)
def test_needed_questions_are_told_with_two_figures(needed: int, shown: str) -> None:
    assert f"{paired._rounded(needed):,}" == shown


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ({}, "62 % (48 % to 74 %), 40/42"),
        ({"low": None}, "62 % (no interval), 40/42"),
        ({"high": None}, "62 % (no interval), 40/42"),
        ({"value": None}, "no score, 40/42"),
        ({"low": 0.0}, "62 % (0 % to 74 %), 40/42"),
    ],
)
def test_words_of_an_interval(interval: dict[str, object], expected: str) -> None:
    values: dict[str, object] = {"value": 0.62, "low": 0.48, "high": 0.74, "n_ok": 40, "n_total": 42, "questions": 20}
    assert Interval(**{**values, **interval}).words("rate") == expected  # type: ignore[arg-type]
    assert Interval(**values).words("cost", "s") == "0.62 s (0.48 s to 0.74 s), 40/42"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "kind", "unit", "difference", "shown"),
    [
        (100.0, "mean", "", False, "100"),
        (99.94, "mean", "", False, "99.9"),
        (10.0, "mean", "", False, "10.0"),
        (9.994, "mean", "", False, "9.99"),
        (-250.4, "mean", "s", True, "−250 s"),
        (-12.34, "mean", "", False, "−12.3"),
        (0.0, "mean", "", True, "0.00"),
        (0.004, "mean", "", True, "0.00"),
        (0.5, "rate", "USD", False, "50 %"),
        (1.0, "rate", "", True, "+100 points"),
        (12.5, "cost", "USD", False, "$12.5000"),
        (0.00004, "cost", "USD", True, "$0.0000"),
        (0.1, "cost", "USD", True, "+$0.1000"),
        (1234567.0, "cost", "", False, "1,234,567"),
    ],
)
def test_numbers_at_the_edge(value: float, kind: str, unit: str, difference: bool, shown: str) -> None:
    assert number(value, kind, unit, difference=difference) == shown  # type: ignore[arg-type]
