"""The score is a probability made of a few readable features, and it moves the right way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from claims import sentences_from
from hypothesis import given
from hypothesis import strategies as st
from strategies import ODD_TEXT

import toolkit.alignment.support
from toolkit import Article, verify
from toolkit.align import find_support
from toolkit.alignment.support import FEATURES, best_union, load_model, rarity, weights
from toolkit.language.words import rough_keys, tokenize

SOURCE = (
    "The ferry Aurelia sank off Port Lenna on Tuesday. Divers recovered 14 bodies. The operator, Blue Strait Lines, "
    "will not comment before the inquiry ends."
)


def test_the_stored_model_says_where_it_comes_from() -> None:
    stored = json.loads(Path(toolkit.alignment.support.__file__).with_name("support.json").read_text(encoding="utf-8"))
    assert set(stored["coefficients"]) == set(stored["features"]) == set(FEATURES)
    assert stored["date"] == "2026-11-23"
    assert stored["out_of_fold"]["wice_dev"]["n"] == 349
    assert 0 < stored["thresholds"]["partly"]["score"] < stored["thresholds"]["supported"]["score"] < 1
    assert stored["thresholds"]["supported"]["precision"] > 0.6


def test_coefficients_have_the_sign_of_what_they_mean() -> None:
    coefficients = load_model().coefficients
    assert coefficients["union"] > 0
    assert coefficients["order"] > 0
    against = set(FEATURES) - {"union", "order"}
    assert all(coefficients[name] < 0 for name in against)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("The ferry Aurelia sank off Port Lenna on Tuesday", "The ferry sank near a reef in heavy weather"),
        ("Fourteen bodies were recovered by divers", "Fifteen bodies were recovered by divers"),
        ("The operator will not be commenting before the inquiry ends", "The operator will comment before the inquiry"),
        ("The Aurelia sank on Tuesday off Port Lenna", "The Aurelia sank on Monday off Port Lenna"),
    ],
)
def test_what_is_supported_scores_higher(better: str, worse: str) -> None:
    assert verify(better, SOURCE).score > verify(worse, SOURCE).score


def test_a_quote_scores_one() -> None:
    assert verify("Divers recovered 14 bodies.", SOURCE).score == 1.0


@given(ODD_TEXT, ODD_TEXT)
def test_the_score_is_a_probability(claim: str, text: str) -> None:
    found = find_support(claim, sentences_from(Article(text=text)))
    if found is not None:
        assert 0 <= found.score <= 1
        assert set(found.features) == set(FEATURES)
        assert len(found.spans) <= 3


def test_rare_words_count_more() -> None:
    assert rarity("people") < rarity("sturgeon") <= 2.5
    assert weights(tokenize("the of")) == (0.0, 0.0)
    assert rarity("\ud800") > 0


@given(st.lists(st.integers(0, 255), max_size=6), st.lists(st.floats(0.1, 3), min_size=8, max_size=8))
def test_a_union_never_loses_to_its_best_sentence(masks: list[int], values: list[float]) -> None:
    single = max((best_union([mask], values) for mask in masks), default=0.0)
    assert single - 1e-9 <= best_union(masks, values) <= 1 + 1e-9


@pytest.mark.parametrize(
    "text",
    [
        "The U.S. and the United Kingdom sent 2,000 troops; 22lbs of it was Anto\u0301nio’s.",
        "Twelve won’t re-\nturn to the rein-\nforced border.",
        "他说法国将派遣军队。",
        "",
    ],
)
def test_rough_keys_find_what_tokens_hold(text: str) -> None:
    assert {token.key for token in tokenize(text) if token.content} <= rough_keys(text)
