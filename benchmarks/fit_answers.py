"""Fit the picker, the answer score and the gates' thresholds, and write ``toolkit/answering.json``.

    python benchmarks/fit_answers.py DATA [--write]

Fitted on the fitting part of ``benchmarks/answers.py`` only (see there): questions of eight of SQuAD's sixteen
articles, and the first half of ClapNQ's answerable ones. Needs scikit-learn and scipy, which the toolkit does not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from answers import CLAP, HOP, SQUAD, Asked, K, auroc, given, holds, library_of, load, plain
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from toolkit import Library
from toolkit.extract import Pick, choose, is_statement, rank
from toolkit.gates import evidence, has_kind, nearness
from toolkit.language.questions import STRICT, Question, read_question

PICKER = ("meaning", "doing", "around", "similarity", "passage", "kind", "focus", "order", "length")
ANSWERED = ("score", "similarity", "told", "about", "undenied")
DENIED = -1.0
"""Set by hand: SQuAD has too few denials to fit it, and news has many."""
RIDGE = 1e-3
ANSWERABLE, UNANSWERABLE, ELSEWHERE = 1200, 600, 300
ADVERSARIAL_WEIGHT = 0.3
"""Weight of SQuAD's unanswerable questions against the others: they look as if they were answered."""

Row = tuple[np.ndarray, np.ndarray]
Ranked = tuple[Asked, Question, list[Pick]]


def table(picks: Sequence[Pick]) -> np.ndarray:
    """The picker's features, shape (sentences, features)."""
    return np.array([[pick.features[name] for name in PICKER] for pick in picks])


def ask_all(library: Library, questions: Sequence[Asked]) -> list[Ranked]:
    """Every question with the sentences that its library has for it."""
    readings = [read_question(q.text) for q in questions]
    return [(q, asked, rank(asked, library.search(q.text, K))) for q, asked in zip(questions, readings, strict=True)]


def picker_rows(squad: Sequence[Ranked], clap: Sequence[Asked]) -> list[Row]:
    """Features of the sentences of each question, and which of them answer it."""
    rows = []
    for q, _, ranked in squad:
        picks = [p for p in ranked if is_statement(p.sentence)]
        right = [p.sentence.article.id in q.record["doc_ids"] and holds(p.sentence.text, q.gold) for p in picks]
        rows.append((table(picks), np.array(right, bool)))
    for q in clap:
        picks = rank(read_question(q.text), [given(q)])
        gold = {plain(sentence) for some in q.record["evidence_sentences"] for sentence in some}
        rows.append((table(picks), np.array([plain(p.sentence.text) in gold for p in picks], bool)))
    return [(features, right) for features, right in rows if right.any() and not right.all()]


def fit_picker(rows: Sequence[Row]) -> np.ndarray:
    """Coefficients that make the sentences that answer likely among those of their question.

    Conditional logit (McFadden 1974) with a ridge on standardised features; of several right sentences, any counts.
    """
    everything = np.vstack([features for features, _ in rows])
    spread = everything.std(axis=0) + 1e-9
    scaled = [(features / spread, right) for features, right in rows]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros_like(w)
        for features, right in scaled:
            scores = features @ w
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            mass = likely[right].sum()
            total -= float(np.log(mass))
            slope -= features.T @ (likely * right / mass - likely)
        count = len(scaled)
        return total / count + RIDGE * float(w @ w), slope / count + 2 * RIDGE * w

    found: np.ndarray = minimize(loss, np.zeros(len(PICKER)), jac=True, method="L-BFGS-B").x
    return found / spread


def picker_figures(rows: Sequence[Row], folds: int = 5) -> dict[str, float]:
    """Shares of questions whose first, and any of whose first three sentences answers, cross-validated."""
    first = third = 0
    for fold in range(folds):
        w = fit_picker([row for i, row in enumerate(rows) if i % folds != fold])
        for features, right in rows[fold::folds]:
            order = np.argsort(-(features @ w), kind="stable")
            first += bool(right[order[0]])
            third += bool(right[order[:3]].any())
    return {"first": round(first / len(rows), 3), "any_of_three": round(third / len(rows), 3), "n": len(rows)}


def rescored(ranked: Sequence[Pick], coefficients: dict[str, float]) -> list[Pick]:
    """The same sentences, ranked by other coefficients."""
    picks = [replace(p, score=sum(c * p.features[name] for name, c in coefficients.items())) for p in ranked]
    return sorted(picks, key=lambda pick: -pick.score)


def signals(ranked: Sequence[Ranked], coefficients: dict[str, float], margin: float) -> list[dict[str, Any]]:
    """What the gates look at, for each question asked of a library."""
    rows = []
    for _, asked, before in ranked:
        picks = rescored(before, coefficients)
        shown = choose(asked, picks, margin)
        if shown:
            rows.append(
                {
                    **evidence(shown),
                    "coverage": max(pick.features["told"] for pick in picks),
                    "nearness": nearness(picks),
                    "typeless": asked.wanted in STRICT and not has_kind(asked, shown),
                    "shown": len(shown),
                }
            )
    return rows


def fit_answered(groups: Sequence[tuple[list[dict[str, Any]], int, float]]) -> tuple[float, dict[str, float]]:
    """Intercept and coefficients of the answer score; each group's weight is shared by its questions."""
    features = np.array([[row[name] for name in ANSWERED] for rows, _, _ in groups for row in rows])
    labels = [label for rows, label, _ in groups for _ in rows]
    weights = np.array([weight / len(rows) for rows, _, weight in groups for _ in rows])
    spread = features.std(axis=0)
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(features / spread, labels, sample_weight=weights * len(labels) / weights.sum())
    coefficients = {name: round(float(c), 4) for name, c in zip(ANSWERED, model.coef_[0] / spread, strict=True)}
    return round(float(model.intercept_[0]), 4), coefficients


def scored(rows: Sequence[dict[str, Any]], intercept: float, coefficients: dict[str, float]) -> np.ndarray:
    """The answer score of each."""
    odds = np.array([intercept + sum(c * row[name] for name, c in coefficients.items()) for row in rows])
    chances: np.ndarray = 1 / (1 + np.exp(-odds))
    return chances


def gate_shares(rows: Sequence[dict[str, Any]], scores: np.ndarray, at: dict[str, float]) -> dict[str, float]:
    """Share of the questions that each gate fails by itself, and that any does."""
    typeless = np.array([row["typeless"] for row in rows])
    fails = {
        "retrieval": np.array([row["nearness"] < at["retrieval"] for row in rows]),
        "coverage": np.array([row["coverage"] < at["coverage"] for row in rows]),
        "type": typeless & (scores < at["type"]),
        "type, at any score": typeless,
        "relevance": scores < at["relevance"],
    }
    fails["any"] = fails["retrieval"] | fails["coverage"] | fails["type"] | fails["relevance"]
    return {name: round(float(failed.mean()), 3) for name, failed in fails.items()}


def margins(ranked: Sequence[Ranked], coefficients: dict[str, float]) -> None:
    """Print what is shown at several margins: share of questions whose answer is in it, and how many sentences."""
    for margin in (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 9.0):
        held = count = 0
        for q, asked, before in ranked:
            shown = choose(asked, rescored(before, coefficients), margin)
            held += any(holds(pick.shown.text, q.gold) for pick in shown)
            count += len(shown)
        print(f"margin {margin}: shown holds the answer {held / len(ranked):.3f}, sentences {count / len(ranked):.2f}")


def main() -> None:
    """Fit, print, and write when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="write toolkit/answering.json")
    parser.add_argument("--margin", type=float, default=2.0, help="of further sentences")
    chosen = parser.parse_args()
    parts = load(chosen.data)
    own, un = parts.fit_answerable[:ANSWERABLE], parts.fit_unanswerable[:UNANSWERABLE]
    with tempfile.TemporaryDirectory() as folder:
        names = (SQUAD, CLAP, HOP)
        lib = {n: library_of(Path(folder) / str(i), chosen.data / n / "docs.jsonl") for i, n in enumerate(names)}
        asked_own = ask_all(lib[SQUAD], own)
        rows = picker_rows(asked_own, parts.clap_fit)
        figures = picker_figures(rows)
        found = fit_picker(rows)
        picker = {name: round(float(c), 3) for name, c in zip(PICKER, found, strict=True)} | {"denied": DENIED}
        print("picker", picker, figures, flush=True)
        margins(asked_own, picker)
        answerable = signals(asked_own, picker, chosen.margin)
        unanswerable = signals(ask_all(lib[SQUAD], un), picker, chosen.margin)
        clap = signals(ask_all(lib[CLAP], parts.clap_fit), picker, chosen.margin)
        strangers = ask_all(lib[CLAP], own[:ELSEWHERE]) + ask_all(lib[HOP], own[:ELSEWHERE])
        elsewhere = signals(strangers, picker, chosen.margin)
        clap_elsewhere = signals(ask_all(lib[SQUAD], parts.clap_fit), picker, chosen.margin)
        for library in lib.values():
            library.close()
    intercept, coefficients = fit_answered(
        [
            (answerable, 1, 1.0), (clap, 1, 0.3),
            (unanswerable, 0, ADVERSARIAL_WEIGHT), (elsewhere, 0, 1.0), (clap_elsewhere, 0, 0.3),
        ]
    )  # fmt: skip
    both, strangers_all = answerable + clap, elsewhere + clap_elsewhere
    yes, no, lookalike = (scored(some, intercept, coefficients) for some in (both, strangers_all, unanswerable))
    print("answered", intercept, coefficients)
    thresholds = {
        "retrieval": round(float(np.quantile([row["nearness"] for row in both], 0.002)), 3),
        "coverage": round(float(np.quantile([row["coverage"] for row in both], 0.01)), 3),
        "type": round(float(np.quantile(yes, 0.9)), 3),
        "relevance": round(float(np.quantile(yes, 0.05)), 3),
    }
    refused = {
        name: gate_shares(some, scores, thresholds)
        for name, some, scores in (
            ("answerable", both, yes), ("elsewhere", strangers_all, no), ("unanswerable", unanswerable, lookalike),
        )
    }  # fmt: skip
    content = {
        "about": "Coefficients and thresholds of extract.py and gates.py; written by benchmarks/fit_answers.py.",
        "date": date.today().isoformat(),
        "picker": {
            "margin": chosen.margin,
            "coefficients": picker,
            "fitted_on": f"{len(own)} SQuAD 2.0 dev questions (8 of 16 articles), 150 ClapNQ dev; denied set by hand",
            "cross_validated": figures,
        },
        "answered": {
            "intercept": intercept,
            "coefficients": coefficients,
            "fitted_on": "the same questions asked of their own library, against them asked of another and against "
            f"{len(un)} unanswerable ones of SQuAD 2.0 (weight {ADVERSARIAL_WEIGHT})",
            "auroc_on_the_fit": {
                "elsewhere": round(auroc(list(yes), list(no)), 3),
                "unanswerable": round(auroc(list(yes), list(lookalike)), 3),
            },
        },
        "gates": {
            "thresholds": thresholds,
            "fitted_on": "quantiles of the answerable ones: 0.2 % fail retrieval, 1 % coverage, 5 % relevance; type is "
            "asked for below the score that 90 % stay under",
            "share_that_fails_on_the_fit": refused,
        },
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    print(text)
    if chosen.write:
        (Path(__file__).parent.parent / "toolkit" / "answering.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
