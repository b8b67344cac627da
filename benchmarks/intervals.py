"""Do the prompt lab's intervals hold the truth, and do its tests cry wolf? Simulated experiments with known answers.

    python benchmarks/intervals.py [--experiments 4000] [--seed 1]

For every setting so many experiments are drawn. An interval of 95 % should hold the true value in 95 % of them, within
2; a test at 5 % should find a difference where there is none in 5 % of them, within 1.5. Settings that are known to lie
outside (few discordant answers, where exact tests can only reject less often; extreme skewness with few questions,
where every known interval is too short) are part of the table, and their rows end in "outside".

Nothing is read, and nothing but the table is written. Takes some minutes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.special import ndtr

from toolkit.experiment.statistics import Interval, Paired, Scores, compare, compare_all, estimate

Draw = Callable[[np.random.Generator, int, int], np.ndarray]
"""(rng, questions, repeats) -> scores, shape (questions, repeats)."""

FLIPS = 1999
"""Random signs in a simulated experiment: with a fifth of the usual the rates are the same, and it takes a fifth."""


def as_scores(drawn: np.ndarray) -> Scores:
    """An array of shape (questions, repeats) as the statistics take it."""
    return dict(enumerate(drawn.tolist()))


# Scores of one variant ------------------------------------------------------------------------------------------------


def rate(p: float, alike: float = 0.0) -> Draw:
    """Right or wrong; ``alike`` is the share of questions whose repeats all end the same way."""

    def draw(rng: np.random.Generator, questions: int, repeats: int) -> np.ndarray:
        rows = rng.random((questions, repeats)) < p
        fixed = rng.random((questions, 1)) < alike
        return np.where(fixed, rows[:, :1], rows).astype(float)

    return draw


def mixture(zeros: float, ones: float, a: float, b: float) -> Draw:
    """Scores from 0 to 1 with so many zeros and ones, and a beta distribution between them."""

    def draw(rng: np.random.Generator, questions: int, repeats: int) -> np.ndarray:
        which, between = rng.random((questions, repeats)), rng.beta(a, b, (questions, repeats))
        return np.where(which < zeros, 0.0, np.where(which < zeros + ones, 1.0, between))

    return draw


def seconds(rng: np.random.Generator, questions: int, repeats: int) -> np.ndarray:
    """Log-normal, as times of calls are."""
    return rng.lognormal(0.0, 0.5, (questions, repeats))


def wild(rng: np.random.Generator, questions: int, repeats: int) -> np.ndarray:
    """Log-normal with a long tail."""
    return rng.lognormal(0.0, 1.0, (questions, repeats))


def difficult(rng: np.random.Generator, questions: int, repeats: int) -> np.ndarray:
    """Scores like token F1, with questions that are hard or easy: repeats resemble each other."""
    return _graded(rng.normal(size=(questions, 1)) * 0.8 + rng.normal(size=(questions, repeats)) * 0.6)


def _graded(skill: np.ndarray) -> np.ndarray:
    """Skill to a score: a third of the answers miss altogether, a sixth are perfect."""
    return np.where(skill < -0.4, 0.0, np.where(skill > 1.0, 1.0, ndtr(skill)))


MEANS: dict[str, tuple[Draw, float]] = {
    "token F1: 30 % zeros, 20 % ones": (mixture(0.3, 0.2, 2, 2), 0.2 + 0.5 * 0.5),
    "citation precision: 75 % ones": (mixture(0.0, 0.75, 2, 2), 0.75 + 0.25 * 0.5),
    "seconds: log-normal, sigma 0.5": (seconds, float(np.exp(0.125))),
    "rare: 80 % zeros, 5 % ones": (mixture(0.8, 0.05, 1, 3), 0.05 + 0.15 * 0.25),
    "long tail: log-normal, sigma 1": (wild, float(np.exp(0.5))),
}


# Pairs of variants ----------------------------------------------------------------------------------------------------


def discordant(more: float, less: float) -> Callable[[np.random.Generator, int, int], tuple[np.ndarray, np.ndarray]]:
    """Right or wrong: only the variant is right on ``more`` of the questions, only the baseline on ``less``."""

    def draw(rng: np.random.Generator, questions: int, repeats: int) -> tuple[np.ndarray, np.ndarray]:
        which = rng.random((questions, 1))
        both = (rng.random((questions, 1)) < 0.5).astype(float)
        mine = np.where(which < more, 1.0, np.where(which < more + less, 0.0, both))
        theirs = np.where(which < more, 0.0, np.where(which < more + less, 1.0, both))
        return mine, theirs

    return draw


def repeated(rng: np.random.Generator, questions: int, repeats: int) -> tuple[np.ndarray, np.ndarray]:
    """Right or wrong several times over, with questions that are hard or easy for both variants."""
    p = rng.beta(0.7, 0.7, (questions, 1))
    return tuple((rng.random((questions, repeats)) < p).astype(float) for _ in "ab")  # type: ignore[return-value]


def shifted(by: float) -> Callable[[np.random.Generator, int, int], tuple[np.ndarray, np.ndarray]]:
    """Scores like token F1 on questions that are hard or easy for both; the variant is more skilled by so much."""

    def draw(rng: np.random.Generator, questions: int, repeats: int) -> tuple[np.ndarray, np.ndarray]:
        hard = rng.normal(size=(questions, 1)) * 0.8
        mine, theirs = (hard + rng.normal(size=(questions, repeats)) * 0.6 for _ in "ab")
        return _graded(mine + by), _graded(theirs)

    return draw


def lopsided(rng: np.random.Generator, questions: int, repeats: int) -> tuple[np.ndarray, np.ndarray]:
    """The same mean, but not the same variant: seldom much better, often a little worse."""
    which, size = rng.random((questions, repeats)), rng.random((questions, repeats))
    apart = np.where(which < 0.1, 0.2 + 0.6 * size, np.where(which < 0.6, -0.2 * size, 0.0))
    return 0.4 + apart / 2, 0.4 - apart / 2


# The experiments ------------------------------------------------------------------------------------------------------


def covered(made: Iterator[Interval | Paired], truth: float) -> tuple[float, float]:
    """How often intervals hold the truth, and how wide they are on average."""
    inside = [(m.low <= truth <= m.high, m.high - m.low) for m in made if m.low is not None and m.high is not None]
    held, widths = zip(*inside, strict=True)
    return float(np.mean(held)), float(np.mean(widths))


def coverage_of_means(experiments: int, seed: int) -> Iterator[tuple[str, int, int, float, float]]:
    """(setting, questions, repeats, coverage, mean width)."""
    for p in (0.1, 0.5, 0.9):
        for questions in (20, 50, 100, 200):
            yield _coverage(f"rate {p}", rate(p), p, "rate", questions, 1, experiments, seed)
    for p in (0.1, 0.5, 0.9):
        for questions in (20, 60):
            yield _coverage(f"rate {p}, clustered", rate(p, 0.6), p, "rate", questions, 3, experiments, seed)
    for name, (draw, truth) in MEANS.items():
        kind = "mean" if "log-normal" in name else "share"
        for questions in (20, 50, 100, 200):
            yield _coverage(name, draw, truth, kind, questions, 1, experiments, seed)
    truth = float(difficult(np.random.default_rng(0), 4_000_000, 1).mean())
    for questions in (20, 60):
        yield _coverage("token F1, clustered", difficult, truth, "share", questions, 3, experiments, seed)


def _coverage(
    name: str, draw: Draw, truth: float, kind: Any, questions: int, repeats: int, experiments: int, seed: int
) -> tuple[str, int, int, float, float]:
    rng = np.random.default_rng(seed)
    made = (estimate(as_scores(draw(rng, questions, repeats)), kind=kind) for _ in range(experiments))
    return name, questions, repeats, *covered(iter(made), truth)


def coverage_of_differences(experiments: int, seed: int) -> Iterator[tuple[str, int, int, float, float]]:
    """(setting, questions, repeats, coverage, mean width)."""
    settings: list[tuple[str, Any, float, Any, int]] = [
        (f"rates, {more:.0%} won, {less:.0%} lost", discordant(more, less), more - less, "rate", 1)
        for more, less in ((0.1, 0.1), (0.2, 0.2), (0.25, 0.1), (0.3, 0.02))
    ]
    settings.append(("rates, clustered, no difference", repeated, 0.0, "rate", 3))
    for by, repeats in ((0.0, 1), (0.4, 1), (0.4, 3)):
        mine, theirs = shifted(by)(np.random.default_rng(0), 4_000_000, 1)
        truth = float(mine.mean() - theirs.mean()) if by else 0.0
        settings.append((f"token F1, {truth:+.3f}", shifted(by), truth, "share", repeats))
    settings.append(("same mean, lopsided", lopsided, 0.0, "share", 1))
    for name, draw, truth, kind, repeats in settings:
        for questions in (24, 60, 140):
            rng = np.random.default_rng(seed)
            made = (_compared(draw, rng, questions, repeats, kind, flips=99) for _ in range(experiments))
            yield name, questions, repeats, *covered(made, truth)


def false_alarms(experiments: int, seed: int) -> Iterator[tuple[str, int, int, float]]:
    """(setting, questions, repeats, share of experiments in which a test at 5 % finds a difference that is none)."""
    settings: tuple[tuple[str, Any, Any, int], ...] = (
        ("rates, 5% won, 5% lost", discordant(0.05, 0.05), "rate", 1),
        ("rates, 10% won, 10% lost", discordant(0.1, 0.1), "rate", 1),
        ("rates, 20% won, 20% lost", discordant(0.2, 0.2), "rate", 1),
        ("rates, clustered", repeated, "rate", 3),
        ("token F1", shifted(0.0), "share", 1),
        ("token F1, clustered", shifted(0.0), "share", 3),
        ("same mean, lopsided", lopsided, "share", 1),
    )
    for name, draw, kind, repeats in settings:
        for questions in (24, 60, 140):
            rng = np.random.default_rng(seed)
            found = [_compared(draw, rng, questions, repeats, kind).distinguishable for _ in range(experiments)]
            yield name, questions, repeats, float(np.mean(found))
    for questions in (60, 140):
        rng = np.random.default_rng(seed)
        found = [_refused(rng, questions).distinguishable for _ in range(experiments)]
        yield "refusal F1 (pooled)", questions, 1, float(np.mean(found))
    for questions in (24, 60):
        rng = np.random.default_rng(seed)
        found = [_family(rng, questions) for _ in range(experiments)]
        yield "any of 4 variants, token F1, Holm", questions, 1, float(np.mean(found))


def _compared(
    draw: Any, rng: np.random.Generator, questions: int, repeats: int, kind: Any, flips: int = FLIPS
) -> Paired:
    mine, theirs = draw(rng, questions, repeats)
    resamples = 100 if flips == FLIPS else 2000  # intervals and tests are looked at one by one
    return compare(as_scores(mine), as_scores(theirs), kind=kind, flips=flips, resamples=resamples)


def _refused(rng: np.random.Generator, questions: int) -> Paired:
    """Two writers that refuse half of the unanswerable questions and a tenth of the others."""
    unanswerable = rng.random((questions, 1)) < 0.5
    sides = []
    for _ in "ab":
        refused = rng.random((questions, 1)) < np.where(unanswerable, 0.5, 0.1)
        rows = np.where(~unanswerable & ~refused, np.nan, (unanswerable & refused).astype(float))
        sides.append({n: [None if np.isnan(x) else float(x) for x in row] for n, row in enumerate(rows)})
    return compare(*sides, kind="rate", pooled=True, double=True, flips=FLIPS, resamples=100)


def _family(rng: np.random.Generator, questions: int) -> bool:
    hard = rng.normal(size=(questions, 1)) * 0.8
    drawn = [as_scores(_graded(hard + rng.normal(size=(questions, 1)) * 0.6)) for _ in range(5)]
    variants = {str(n): scores for n, scores in enumerate(drawn[1:])}
    return any(
        p.distinguishable for p in compare_all(variants, drawn[0], kind="share", flips=FLIPS, resamples=100).values()
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--experiments", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.perf_counter()
    print(f"{given.experiments:,} simulated experiments for each row, seed {given.seed}")
    for title, rows in (
        ("95 % intervals of means", coverage_of_means(given.experiments, given.seed)),
        ("95 % intervals of paired differences", coverage_of_differences(given.experiments, given.seed)),
    ):
        print(f"\n{title:44} {'questions':>9} {'repeats':>7} {'covered':>8} {'width':>6}")
        for name, questions, repeats, held, width in rows:
            outside = "" if 0.93 <= held <= 0.97 else "  outside"
            print(f"{name:44} {questions:9} {repeats:7} {held:8.1%} {width:6.3f}{outside}", flush=True)
    print(f"\n{'tests at 5 %, no difference':44} {'questions':>9} {'repeats':>7} {'rejected':>8}")
    for name, questions, repeats, found in false_alarms(given.experiments, given.seed):
        outside = "" if 0.035 <= found <= 0.065 else "  outside"
        print(f"{name:44} {questions:9} {repeats:7} {found:8.1%}{outside}", flush=True)
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
