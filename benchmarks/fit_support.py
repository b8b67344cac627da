"""Fit the coefficients of ``toolkit/alignment/support.json``: how likely is it that the sources bear a claim out?

    python benchmarks/fit_support.py DATA [--write]

Logistic regression on three sets: wice_dev; frank's ``valid`` split, where the features of a summary are the means of
its sentences'; and minimal pairs made from the articles of frank's valid split. Each set has the weight of ``WEIGHTS``
in total, so that the largest does not drown the others. Thresholds are read off the cross-validated scores of wice and
frank's valid split. Nothing of frank's ``test`` split is read.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify import FOLDS, SEED, Example, auc, make_pairs, pair_pages, read_frank, read_wice, vector

from toolkit import thresholds
from toolkit.align import Finding, find_support
from toolkit.alignment.support import FEATURES, SupportModel

WEIGHTS: Mapping[str, float] = {"wice_dev": 1.0, "frank": 1.0, "pairs": 0.3}
FITTED_PAIRS = 400
PRECISION = 0.66
"""Wanted of the claims of wice and frank's valid split that are called supported."""


@dataclass(frozen=True)
class Row:
    """A claim as features, one vector for each of its sentences.

    Attributes:
        quoted: For each sentence, whether it is the source's own words, which scores 1.
        agrees: Whether nothing but the score keeps any sentence from being supported.
    """

    name: str
    group: str
    vectors: tuple[tuple[float, ...], ...]
    quoted: tuple[bool, ...]
    agrees: bool
    label: int

    @property
    def features(self) -> list[float]:
        """The mean of the sentences'."""
        return [statistics.fmean(column) for column in zip(*self.vectors, strict=True)]

    def score(self, model: SupportModel) -> float:
        """The mean score of the sentences."""
        scores = [
            1.0 if quoted else model.probability(dict(zip(FEATURES, one, strict=True)))
            for one, quoted in zip(self.vectors, self.quoted, strict=True)
        ]
        return statistics.fmean(scores)


def agrees_with_all(found: Finding | None) -> bool:
    """Whether nothing but the score stands between a finding and ``supported``."""
    if found is None or found.comparison.differences or found.comparison.missing_verbs:
        return False
    return found.comparison.coverage >= thresholds.SUPPORTED_COVERAGE


def rows_of(examples: Sequence[Example], name: str) -> list[Row]:
    """Examples as features."""
    rows: list[Row] = []
    for one in examples:
        found = [find_support(sentence, one.source) for sentence in one.claim]
        quoted = tuple(f is not None and f.verdict == "quoted" for f in found)
        agrees = all(map(agrees_with_all, found))
        rows.append(Row(name, one.group, tuple(tuple(vector(f)) for f in found), quoted, agrees, one.label))
    return rows


def training_rows(data: Path, sets: Sequence[str] = tuple(WEIGHTS)) -> list[Row]:
    """Everything that is fitted on."""
    rows: list[Row] = []
    if "wice_dev" in sets:
        rows += rows_of(read_wice(data), "wice_dev")
    if "frank" in sets:
        rows += rows_of([one for one in read_frank(data) if one.split == "valid"], "frank")
    if "pairs" in sets:
        pages = pair_pages(data, "valid")
        made = make_pairs(pages, FITTED_PAIRS, SEED + 1)
        claims = [(pair, text, label) for pair in made for text, label in ((pair.true, 1), (pair.false, 0))]
        rows += rows_of([Example(str(p.article), (t,), pages[p.article], y) for p, t, y in claims], "pairs")
    return [row for row in rows if row.vectors]


def fit(rows: Sequence[Row]) -> SupportModel:
    """Logistic regression with a little shrinkage, every set with its weight."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    # A quoted claim scores 1 whatever the coefficients are; it would only teach that full coverage is support.
    kept = [row for row in rows if not all(row.quoted)]
    sizes = {name: sum(row.name == name for row in kept) for name in WEIGHTS}
    matrix = np.array([row.features for row in kept])
    weight = np.array([len(kept) * WEIGHTS[row.name] / sizes[row.name] / len(WEIGHTS) for row in kept])
    scale = matrix.std(axis=0)
    scale[scale == 0] = 1
    model = LogisticRegression(C=1.0, max_iter=2000).fit(matrix / scale, [row.label for row in kept], weight)
    coefficients = dict(zip(FEATURES, (float(value) for value in model.coef_[0] / scale), strict=True))
    return SupportModel(bias=float(model.intercept_[0]), coefficients=coefficients, supported=0.5, partly=0.3)


def out_of_fold(rows: Sequence[Row]) -> list[float]:
    """Each row's score by coefficients fitted without its group."""
    groups = sorted({(row.name, row.group) for row in rows})
    random.Random(SEED).shuffle(groups)
    fold = {group: index % FOLDS for index, group in enumerate(groups)}
    scores = [0.0] * len(rows)
    for held_out in range(FOLDS):
        model = fit([row for row in rows if fold[row.name, row.group] != held_out])
        for index, row in enumerate(rows):
            if fold[row.name, row.group] == held_out:
                scores[index] = row.score(model)
    return scores


def at_threshold(labels: Sequence[int], scores: Sequence[float], threshold: float) -> dict[str, float]:
    """Precision and recall of the claims from a score on."""
    taken = [label for label, score in zip(labels, scores, strict=True) if score >= threshold]
    return {
        "score": threshold,
        "precision": round(statistics.fmean(taken), 3) if taken else 0.0,
        "recall": round(sum(taken) / sum(labels), 3),
    }


def by_set(rows: Sequence[Row], scores: Sequence[float], threshold: float) -> dict[str, dict[str, float]]:
    """Precision and recall of “supported” on each set."""
    return {
        name: at_threshold(
            [row.label for row in rows if row.name == name],
            [score if row.agrees else 0.0 for row, score in zip(rows, scores, strict=True) if row.name == name],
            threshold,
        )
        for name in WEIGHTS
    }


def main() -> None:
    """Fit, print, and write on demand."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="write toolkit/alignment/support.json")
    chosen = parser.parse_args()
    rows = training_rows(chosen.data)
    scores = out_of_fold(rows)
    figures: dict[str, Any] = {}
    for name in WEIGHTS:
        inside = [(row.label, score) for row, score in zip(rows, scores, strict=True) if row.name == name]
        figures[name] = {"n": len(inside), "auc": round(auc(*zip(*inside, strict=True)), 3)}
    natural = [(row.label, score) for row, score in zip(rows, scores, strict=True) if row.name != "pairs"]
    labels, given = ([pair[i] for pair in natural] for i in (0, 1))
    agrees = [row.agrees for row in rows if row.name != "pairs"]
    blocked = [score if free else 0.0 for score, free in zip(given, agrees, strict=True)]
    steps = [round(0.01 * step, 2) for step in range(30, 90)]
    supported = next((s for s in steps if at_threshold(labels, blocked, s)["precision"] >= PRECISION), steps[-1])
    partly = max(s for s in (0.01 * i for i in range(5, 60)) if at_threshold(labels, given, s)["recall"] >= 0.9)
    model = fit(rows)
    stored = {
        "what": "logistic regression: probability that the sources bear a claim out; see benchmarks/fit_support.py",
        "date": "2026-11-23",
        "fitted_on": "WiCE dev, FRANK valid split, minimal pairs from the articles of FRANK's valid split",
        "out_of_fold": figures,
        "features": dict(FEATURES),
        "bias": round(model.bias, 4),
        "coefficients": {name: round(value, 4) for name, value in model.coefficients.items()},
        "thresholds": {
            "supported": at_threshold(labels, blocked, supported),
            "partly": at_threshold(labels, given, round(partly, 2)),
            "measured_on": "out-of-fold scores of WiCE dev and FRANK valid; supported: of the claims whose cited "
            "sentences hold three quarters of the content and disagree in nothing",
            "supported_by_set": by_set(rows, scores, supported),
        },
    }
    text = json.dumps(stored, indent=2) + "\n"
    print(text)
    if chosen.write:
        (Path(__file__).parent.parent / "toolkit" / "alignment" / "support.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
