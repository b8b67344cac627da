"""Second opinions lower a verdict and never raise it, and the reader sees who said what."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from toolkit import Article, FakeLLM, Library, verify
from toolkit.errors import ArgumentError, ModelError
from toolkit.types import Opinion

SOURCE = "France will send 2,000 troops to the border next month. Germany said it will not send troops."


def test_a_judge_that_agrees_changes_nothing_but_is_kept() -> None:
    llm = FakeLLM("Yes.")
    claim = verify("France is to send 2,000 troops", SOURCE, judge=llm)
    assert claim.verdict == "supported"
    assert [opinion.verdict for opinion in claim.opinions] == ["supported"]
    assert "verify/judge" in claim.opinions[0].by
    assert "Statement: France is to send 2,000 troops" in llm.requests[0][-1].content
    assert SOURCE in llm.requests[0][-1].content


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("no", "unsupported"),
        ("Contradicts", "contradicted"),
        ("Yesterday's report contradicts it.", "contradicted"),  # “yes” is a word, not the beginning of one
        ("Not supported.", "unsupported"),
    ],
)
def test_a_judge_that_disagrees_lowers_the_verdict(word: str, verdict: str) -> None:
    claim = verify("France is to send 2,000 troops", SOURCE, judge=FakeLLM(word))
    assert claim.verdict == "partly"
    assert claim.opinions[0].verdict == verdict
    assert claim.citations


def test_a_judge_raises_no_verdict() -> None:
    assert verify("Poland will send troops", SOURCE, judge=FakeLLM("yes")).verdict == "unsupported"


def test_a_judge_that_babbles_is_an_error() -> None:
    with pytest.raises(ModelError, match="yes, no or contradicts"):
        verify("France is to send 2,000 troops", SOURCE, judge=FakeLLM("Banana"))


def test_an_entailment_function_is_asked_over_the_cited_passage() -> None:
    seen: list[tuple[str, str]] = []

    def entailment(pairs: Sequence[tuple[str, str]]) -> list[dict[str, float]]:
        seen.extend(pairs)
        return [{"entailment": 0.1, "neutral": 0.2, "contradiction": 0.7} for _ in pairs]

    claim = verify("France is to send 2,000 troops", SOURCE, nli=entailment)
    assert seen == [(SOURCE, "France is to send 2,000 troops")]
    assert claim.verdict == "partly"
    assert claim.opinions == (Opinion(by="entailment", verdict="contradicted", score=0.7),)


def test_a_cross_encoder_by_name_needs_the_extra_or_a_real_name() -> None:
    with pytest.raises(ArgumentError, match=r"citebook\[nli\]|no such cross-encoder"):
        verify("France is to send 2,000 troops", SOURCE, nli="no/such/model")


def test_the_library_asks_its_own_model() -> None:
    with Library(llm=FakeLLM("no")) as news:
        news.add(Article(text=SOURCE))
        assert news.verify("France is to send 2,000 troops", judge=True).verdict == "partly"
    with Library() as news:
        news.add(Article(text=SOURCE))
        with pytest.raises(ArgumentError, match="llm="):
            news.verify("France is to send 2,000 troops", judge=True)
