"""The statistics of experiments, against SciPy and statsmodels, by their invariants, and by simulation."""

from __future__ import annotations

import math
from unittest.mock import patch

import intervals as simulation
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from toolkit.errors import ArgumentError
from toolkit.experiment.intervals import bca, ratio
from toolkit.experiment.statistics import (
    Interval,
    compare,
    compare_all,
    estimate,
    flip_test,
    holm,
    number,
    wilson,
)

SHARES = st.floats(0, 1, allow_nan=False).map(lambda x: round(x, 3))


def once(values: list[float | None]) -> dict[int, list[float | None]]:
    """One score for each question."""
    return {n: [value] for n, value in enumerate(values)}


# Against others -------------------------------------------------------------------------------------------------------


@given(n=st.integers(1, 500), share=st.floats(0, 1), level=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_is_scipys(n: int, share: float, level: float) -> None:
    k = round(share * n)
    theirs = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    assert wilson(k, n, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_of_an_effective_n_is_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    assert wilson(12.5, 31.25) == pytest.approx(proportion_confint(12.5, 31.25, method="wilson"))


def test_bootstrap_is_scipys_bca_at_the_widened_level() -> None:
    rng = np.random.default_rng(4)
    for values in (rng.lognormal(size=40), np.where(rng.random(60) < 0.6, 1.0, rng.random(60)), rng.normal(size=15)):
        n = len(values)
        widened = 1 - 2 * stats.norm.cdf(-stats.t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1)))
        theirs = stats.bootstrap(
            (values,), np.mean, confidence_level=widened, n_resamples=40_000, method="BCa", rng=np.random.default_rng(1)
        ).confidence_interval
        ours = estimate(once(values.tolist()), resamples=40_000)
        width = theirs.high - theirs.low
        assert ours.low == pytest.approx(theirs.low, abs=0.03 * width)
        assert ours.high == pytest.approx(theirs.high, abs=0.03 * width)


def test_few_questions_have_students_interval() -> None:
    values = [1.2, 3.4, 2.2, 5.0, 0.1]
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    ours = estimate(once(values))
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
    assert ours.method == "Student's t"


@given(st.integers(0, 30), st.integers(0, 30))
def test_right_or_wrong_is_mcnemars_mid_p(won: int, lost: int) -> None:
    from statsmodels.stats.contingency_tables import mcnemar

    differences = np.array([1.0] * won + [-1.0] * lost + [0.0] * 7)
    exact = mcnemar([[3, won], [lost, 4]], exact=True).pvalue
    expected = min(1.0, 2 * stats.binom.cdf(min(won, lost), won + lost, 0.5)) if won + lost else 1.0
    assert exact == pytest.approx(expected)
    # Half of the probability of what was observed, and of its mirror image, is taken off.
    half = stats.binom.pmf(won, won + lost, 0.5) * (1 if won != lost else 0.5) if won + lost else 0.0
    assert flip_test(differences)[0] == pytest.approx(exact - half, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-20, 20).map(lambda x: x / 20), min_size=2, max_size=9))
def test_all_signs_are_scipys_permutation_test(values: list[float]) -> None:
    differences = np.array(values)
    theirs = stats.permutation_test(
        (differences, np.zeros_like(differences)),
        lambda a, b, axis: np.sum(a - b, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    seen, null = abs(differences.sum()), np.abs(theirs.null_distribution)
    expected = np.mean(null > seen + 1e-9) + np.mean(np.abs(null - seen) <= 1e-9) / 2
    expected = 1.0 if not differences.any() else expected
    assert flip_test(differences)[0] == pytest.approx(expected)


def test_random_signs_come_near_all_signs() -> None:
    rng = np.random.default_rng(5)
    differences = rng.normal(0.25, 1, 13)
    signs = ((np.arange(2**13)[:, None] >> np.arange(13)) & 1) * 2 - 1
    thrown = np.abs(signs @ np.abs(differences))
    seen = abs(differences.sum())
    exact = np.mean(thrown > seen + 1e-9) + np.mean(np.abs(thrown - seen) <= 1e-9) / 2
    found, how = flip_test(differences, flips=20_000)
    assert found == pytest.approx(exact, abs=0.01)
    assert "20,000 random signs" in how


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_statsmodels(p_values: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    with patch("gc.collect"):  # multipletests calls it each time: half a second in a process full of libraries
        theirs = tuple(multipletests(p_values, method="holm")[1])
    assert holm(p_values) == pytest.approx(theirs)
    assert holm([*p_values, None])[:-1] == holm(p_values)


def test_difference_of_rates_is_bonett_and_prices() -> None:
    # 60 questions, 15 won and 6 lost: (16 - 7) / 62, with variance (23 / 62 - (9 / 62)^2) / 62.
    scores = once([1.0] * 15 + [0.0] * 6 + [1.0] * 39)
    baseline = once([0.0] * 15 + [1.0] * 6 + [1.0] * 39)
    found = compare(scores, baseline, kind="rate")
    half = 1.959964 * math.sqrt((23 / 62 - (9 / 62) ** 2) / 62)
    assert (found.low, found.high) == pytest.approx((9 / 62 - half, 9 / 62 + half), abs=1e-6)
    assert (found.wins, found.losses, found.ties) == (15, 6, 39)


def test_needed_questions_are_connors() -> None:
    # Discordant on 35 %, a difference of 15 points: Connor 1987 gives 120 at 80 % power.
    scores = once([1.0] * 25 + [0.0] * 10 + [1.0] * 65)
    baseline = once([0.0] * 25 + [1.0] * 10 + [1.0] * 65)
    found = compare(scores, baseline, kind="rate")
    by_hand = ((1.959964 * math.sqrt(0.35) + 0.841621 * math.sqrt(0.35 - 0.0225)) / 0.15) ** 2
    assert by_hand == pytest.approx(119.7, abs=0.1)
    assert found.needed() == pytest.approx(by_hand, rel=0.02)


# Invariants -----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.none(), SHARES), max_size=25), st.sampled_from(["share", "mean", "cost"]))
def test_a_mean_lies_in_its_interval_and_shares_in_their_range(values: list[float | None], kind: str) -> None:
    found = estimate(once(values), kind=kind, resamples=200)
    known = [value for value in values if value is not None]
    assert (found.n_ok, found.n_total) == (len(known), len(values))
    if not known:
        assert found.value is found.low is found.high is None
        return
    assert found.value == pytest.approx(sum(known) / len(known))
    if found.low is not None:
        assert found.low <= found.value + 1e-9
        assert found.value <= found.high + 1e-9
        assert kind != "share" or 0 <= found.low <= found.high <= 1
    assert found.words()


@settings(deadline=None, max_examples=40)
@given(st.lists(SHARES, min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_questions_decides_on_nothing(values: list[float], random: object) -> None:
    keys = list(range(len(values)))
    random.shuffle(keys)
    scores = once(values)
    shuffled = {key: scores[key] for key in keys}
    mirrored = once(values[::-1])
    mixed = {key: mirrored[key] for key in keys}
    one, other = estimate(scores, resamples=200), estimate(shuffled, resamples=200)
    assert (one.low, one.high) == pytest.approx((other.low, other.high), nan_ok=True) or one.low is other.low is None
    first = compare(scores, mirrored, resamples=200, flips=199)
    second = compare(shuffled, mixed, resamples=200, flips=199)
    assert first.p_value == second.p_value
    assert first.difference == pytest.approx(second.difference, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(SHARES, SHARES), max_size=30))
def test_swapping_sides_turns_the_difference_round(pairs: list[tuple[float, float]]) -> None:
    mine, theirs = once([a for a, _ in pairs]), once([b for _, b in pairs])
    there = compare(mine, theirs, resamples=200, flips=199)
    back = compare(theirs, mine, resamples=200, flips=199)
    assert there.p_value == back.p_value
    assert (there.wins, there.losses, there.ties) == (back.losses, back.wins, back.ties)
    assert there.needed() == back.needed()
    if pairs:
        assert there.difference == pytest.approx(-back.difference, abs=1e-12)
        assert 0 <= there.p_value <= 1
    assert there.words()


@settings(deadline=None, max_examples=40)
@given(st.lists(SHARES, min_size=2, max_size=20), st.integers(2, 4), st.sampled_from(["rate", "share"]))
def test_asking_again_with_the_same_outcome_tells_nothing_new(values: list[float], times: int, kind: str) -> None:
    if kind == "rate":
        values = [float(value > 0.5) for value in values]
    one = estimate(once(values), kind=kind, resamples=200)
    many = estimate({n: [value] * times for n, value in enumerate(values)}, kind=kind, resamples=200)
    assert (many.low, many.high) == pytest.approx((one.low, one.high))
    assert many.n_ok == times * one.n_ok


@given(st.integers(1, 200), st.data())
def test_more_hits_and_more_questions_move_wilson_the_right_way(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n - 1))
    assert wilson(k, n)[0] <= wilson(k + 1, n)[0]
    assert wilson(k, n)[1] <= wilson(k + 1, n)[1]
    wide, narrow = wilson(k, n), wilson(4 * k, 4 * n)
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


def test_repeats_that_differ_count_for_more_than_one_and_less_than_all() -> None:
    rng = np.random.default_rng(3)
    p = rng.beta(0.5, 0.5, 60)
    rows = (rng.random((60, 4)) < p[:, None]).astype(float)
    clustered = estimate(dict(enumerate(rows.tolist())), kind="rate")
    naive = wilson(rows.sum(), rows.size)
    assert clustered.high - clustered.low > 1.2 * (naive[1] - naive[0])
    assert clustered.n_ok == 240
    assert clustered.questions == 60


def test_the_same_seed_gives_the_same_numbers() -> None:
    rng = np.random.default_rng(8)
    mine, theirs = once(rng.random(40).tolist()), once(rng.random(40).tolist())
    assert compare(mine, theirs, seed=3) == compare(mine, theirs, seed=3)
    assert estimate(mine, seed=3) == estimate(mine, seed=3)
    assert estimate(mine, seed=3) != estimate(mine, seed=4)


def test_batches_give_what_one_batch_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    from toolkit.experiment import intervals

    columns = np.stack([np.random.default_rng(1).random(50), np.ones(50)], axis=1)
    rests = columns[:, 0] - columns[:, 0].mean()
    whole = bca(columns, ratio, rests, 0.95, 4000, 0)
    monkeypatch.setattr(intervals, "_BATCH", 50 * 300)
    assert bca(columns, ratio, rests, 0.95, 4000, 0) == pytest.approx(whole, abs=0.01)


# Edges ----------------------------------------------------------------------------------------------------------------


def test_nothing_one_and_two_questions() -> None:
    assert estimate({}).words() == "no score, 0/0"
    assert estimate({"a": [None]}) == Interval(
        value=None, low=None, high=None, n_ok=0, n_total=1, questions=0, method="no score"
    )
    assert estimate({"a": [3.5]}).words() == "3.50 (no interval), 1/1"
    low, high = estimate(once([1.0, 2.0])).low, estimate(once([1.0, 2.0])).high
    assert (low, high) == pytest.approx((1.5 - 12.706 * 0.5, 1.5 + 12.706 * 0.5), abs=1e-2)
    assert compare({}, {}).words() == "nothing to compare: none of 0 questions has a score on both sides"
    assert compare({"a": [1.0]}, {"b": [1.0]}).words().startswith("nothing to compare: none of 2 questions")
    lonely = compare({"a": [0.9]}, {"a": [0.1]})
    assert not lonely.distinguishable
    assert "1 question is too few to tell" in lonely.words()


def test_scores_that_are_all_alike() -> None:
    all_right = estimate(once([1.0] * 24), kind="share")
    assert all_right.high == 1
    assert all_right.low == pytest.approx(stats.binomtest(24, 24).proportion_ci(method="wilson").low)
    assert estimate(once([7.0] * 24), kind="cost").low is None
    same = compare(once([0.5] * 24), once([0.5] * 24))
    assert (same.p_value, same.difference, same.needed()) == (1.0, 0.0, None)
    assert same.words().endswith("every question scored alike")


def test_missing_scores_pair_only_what_both_have() -> None:
    mine = {"a": [1.0, None], "b": [None], "c": [0.0], "d": [1.0]}
    theirs = {"a": [0.0, 1.0], "b": [1.0], "c": [1.0]}
    found = compare(mine, theirs, kind="rate")
    assert (found.questions, found.n_total) == (2, 4)
    assert found.value == pytest.approx(0.5)
    assert found.baseline == pytest.approx(0.75)


def test_f1_over_rows_is_the_mean_in_which_a_hit_counts_twice() -> None:
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(2)
    unanswerable, refused = rng.random(80) < 0.5, rng.random(80) < 0.4
    rows = [None if not (u or r) else float(u and r) for u, r in zip(unanswerable, refused, strict=True)]
    found = estimate(once(rows), kind="rate", pooled=True, double=True)
    assert found.value == pytest.approx(f1_score(unanswerable, refused))
    assert found.low < found.value < found.high


def test_pooled_comparisons_use_rows_that_only_one_side_has() -> None:
    mine = once([1.0, 1.0, 1.0, None, None, 0.0])
    theirs = once([None, None, 1.0, 0.0, 0.0, 0.0])
    found = compare(mine, theirs, kind="rate", pooled=True)
    assert (found.value, found.baseline) == (0.75, 0.25)
    assert found.questions == 6
    assert found.difference == 0.5


def test_bad_arguments_say_so() -> None:
    with pytest.raises(ArgumentError, match="question 'a' hold a number that is not finite"):
        estimate({"a": [math.nan]})
    with pytest.raises(ArgumentError, match="lie between 0 and 1"):
        estimate({"a": [1.5]}, kind="rate")
    with pytest.raises(ArgumentError, match="level is 95"):
        estimate({"a": [1.0]}, level=95)
    with pytest.raises(ArgumentError, match="give at least 100 and 99"):
        compare({}, {}, flips=5)
    with pytest.raises(ArgumentError, match="no rate"):
        wilson(3, 0)


# Words ----------------------------------------------------------------------------------------------------------------


def test_words_of_a_comparison() -> None:
    rng = np.random.default_rng(1)
    base = rng.random(24)
    unsure = compare(once((base + rng.normal(0.03, 0.3, 24)).tolist()), once(base.tolist()))
    assert unsure.words().startswith("not distinguishable at n = 24: ")
    assert "questions would be needed to see a difference" in unsure.words()
    sure = compare(once((base + 0.2 + rng.normal(0, 0.1, 24)).tolist()), once(base.tolist()))
    assert sure.words().startswith("better at n = 24: ")
    assert sure.words(higher_is_better=False, unit="s").startswith("worse at n = 24: ")
    assert " s (95 % interval +" in sure.words(unit="s")


def test_several_variants_are_corrected_for_their_number() -> None:
    rng = np.random.default_rng(6)
    base = rng.random(40)
    variants = {str(n): once((base + rng.normal(0.08 * n, 0.3, 40)).tolist()) for n in range(4)}
    found = compare_all(variants, once(base.tolist()))
    assert [one.adjusted for one in found.values()] == list(holm([one.p_value for one in found.values()]))
    assert all(one.comparisons == 4 for one in found.values())
    alone = compare(variants["1"], once(base.tolist()))
    assert found["1"].needed() > alone.needed()
    assert "4 comparisons: p" in found["1"].words()


@pytest.mark.parametrize(
    ("value", "kind", "unit", "difference", "shown"),
    [
        (0.625, "rate", "", False, "62 %"),
        (-0.04, "rate", "", True, "−4 points"),
        (0.001, "rate", "", True, "0 points"),
        (0.3149, "share", "", True, "+0.31"),
        (1234.4, "cost", "tokens", False, "1,234 tokens"),
        (-0.0021, "cost", "USD", True, "−$0.0021"),
        (-0.001, "mean", "", False, "0.00"),
    ],
)
def test_numbers_in_words(value: float, kind: str, unit: str, difference: bool, shown: str) -> None:
    assert number(value, kind, unit, difference=difference) == shown


# Simulation -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_wilson_holds_the_truth_near_enough_at_every_size(p: float) -> None:
    """Computed, not simulated. Rates of few questions are discrete, so that no interval holds the truth evenly."""
    held = []
    for n in range(20, 201):
        hits = np.arange(n + 1)
        inside = [low <= p <= high for low, high in (wilson(k, n) for k in hits)]
        held.append(float(stats.binom.pmf(hits, n, p)[inside].sum()))
    assert np.mean(held) == pytest.approx(0.95, abs=0.005)
    assert min(held) > 0.915
    assert max(held) < 0.98
    assert np.mean([0.93 <= one <= 0.97 for one in held]) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize(("p", "questions"), [(0.5, 24), (0.9, 60), (0.1, 60)])
def test_intervals_of_clustered_rates_hold_the_truth(p: float, questions: int) -> None:
    _, _, _, held, _ = simulation._coverage("", simulation.rate(p, 0.6), p, "rate", questions, 3, 1000, 1)
    assert 0.93 <= held <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("name", "questions"), [(0, 24), (0, 100), (1, 24), (1, 100), (2, 200)])
def test_intervals_of_skewed_means_hold_the_truth(name: int, questions: int) -> None:
    draw, truth = list(simulation.MEANS.values())[name]
    _, _, _, held, _ = simulation._coverage("", draw, truth, "mean", questions, 1, 1000, 1)
    assert 0.93 <= held <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("draw", "truth", "kind"), [("discordant", 0.15, "rate"), ("shifted", 0.0, "share")])
def test_intervals_of_differences_hold_the_truth(draw: str, truth: float, kind: str) -> None:
    drawn = simulation.discordant(0.25, 0.1) if draw == "discordant" else simulation.shifted(0.0)
    rng = np.random.default_rng(1)
    made = [simulation._compared(drawn, rng, 60, 1, kind, flips=99) for _ in range(1000)]
    assert 0.93 <= np.mean([one.low <= truth <= one.high for one in made]) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "kind", "questions", "repeats"),
    [
        ("discordant", "rate", 60, 1),
        ("repeated", "rate", 60, 3),
        ("shifted", "share", 24, 1),
        ("shifted", "share", 60, 3),
    ],
)
def test_a_thousand_experiments_without_a_difference(draw: str, kind: str, questions: int, repeats: int) -> None:
    drawn = {
        "discordant": simulation.discordant(0.15, 0.15),
        "repeated": simulation.repeated,
        "shifted": simulation.shifted(0.0),
    }[draw]
    rng = np.random.default_rng(1)
    found = [simulation._compared(drawn, rng, questions, repeats, kind).distinguishable for _ in range(1000)]
    assert 0.035 <= np.mean(found) <= 0.065


@pytest.mark.slow
def test_as_many_questions_as_are_said_to_be_needed_find_the_difference() -> None:
    rng = np.random.default_rng(1)
    draw = simulation.discordant(0.25, 0.10)
    mine, theirs = draw(rng, 20_000, 1)
    needed = compare(simulation.as_scores(mine), simulation.as_scores(theirs), kind="rate").needed()
    assert needed == pytest.approx(120, abs=12)
    found = [simulation._compared(draw, rng, needed, 1, "rate").distinguishable for _ in range(1000)]
    assert 0.76 <= np.mean(found) <= 0.86
