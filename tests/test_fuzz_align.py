"""Claims and sources that are made to trip the checker: some of the inputs of ``benchmarks/fuzz_align.py``."""

from __future__ import annotations

import random
import time

import fuzz_align
import pytest

from toolkit import Article, verify


def test_what_is_promised_holds_for_claims_at_random():
    make = fuzz_align.maker(fuzz_align.texts(()))
    outcomes = {fuzz_align.check(make(random.Random(f"7/{number}"))) for number in range(120)}
    assert {"unsupported", "partly", "supported", "quoted"} <= outcomes


@pytest.mark.parametrize(
    "piece", ["<think>-", "a sent b ", "A, who said ", "1,", "“a” ", "(A", "not said ", "the articles say that "]
)
def test_a_claim_of_the_same_words_over_and_over_takes_no_time(piece):
    """Of “think think think …” each was once compared with each, some hundred thousand times."""
    text = (piece * 2_000)[:10_000]
    verify("Poland sent troops.", "Poland sent troops in May.")  # what is loaded once
    start = time.thread_time()
    verify(text[:1_990], Article(text=f"So: {text} end."))
    assert time.thread_time() - start < 3


def test_the_check_sees_what_is_wrong(monkeypatch):
    case = {"claim": "Poland will send troops", "sources": ["France will send 2,000 troops."]}
    assert fuzz_align.check(case) == "unsupported"
    wrong = verify("France will send 2,000 troops.", case["sources"][0])
    monkeypatch.setattr(fuzz_align, "verify", lambda claim, articles: wrong)
    with pytest.raises(AssertionError, match="no quotation"):
        fuzz_align.check(case)
    with pytest.raises(AssertionError, match=r"better without the source|borne out by nothing"):
        fuzz_align.check({**case, "claim": "France will send 2,000 troops"})
