"""An answer shows the other side: who denies what another article states, and who gives another number."""

from __future__ import annotations

import pytest

from toolkit import Article, FakeLLM, Library
from toolkit.alignment.otherwise import says_otherwise
from toolkit.alignment.sentences import Sentence
from toolkit.copies import adds_nothing
from toolkit.language.questions import read_question

STATED = "The Keldale dam was inspected in January 2026, and no fault was found."
DENIED = "The Keldale dam was not inspected in January 2026, the minister said on Wednesday."
TWO = "At least two people were killed when the Keldale dam gave way on Tuesday."
FIVE = "At least five people were killed when the Keldale dam gave way on Tuesday."
ASKED = "Was the Keldale dam inspected in January 2026?"


def sentence(text: str) -> Sentence:
    article = Article(text=text)
    return Sentence(article=article, span=article.span(0, len(text)))


def library(*texts: str) -> Library:
    made = Library(None, llm=None)
    made.add(
        Article(text=text, title=f"Report {n}", publisher=f"Paper {n}", published=f"2026-03-1{n}")  # type: ignore[arg-type]
        for n, text in enumerate(texts)
    )
    return made


@pytest.mark.parametrize(
    ("question", "one", "other", "what"),
    [
        (ASKED, STATED, DENIED, "denial"),
        ("How many people were killed?", TWO, FIVE, "number"),
        ("How many people were killed?", TWO, TWO.replace("Tuesday", "March 10"), None),
        ("When did the dam give way?", TWO, FIVE, None),  # the number is not what is asked
        (ASKED, STATED, STATED.replace("no fault", "a fault"), None),  # nor is the fault
        (ASKED, DENIED, DENIED.replace("Wednesday", "Thursday"), None),
        (ASKED, STATED, "The bridge was not inspected.", None),
        (ASKED, STATED, "", None),
    ],
)
def test_what_says_otherwise(question: str, one: str, other: str, what: str | None) -> None:
    asked, first, second = read_question(question), sentence(one), sentence(other or ".")
    assert says_otherwise(asked, first, second) == says_otherwise(asked, second, first) == what
    assert says_otherwise(asked, first, first) is None


@pytest.mark.parametrize("texts", [(STATED, DENIED), (DENIED, STATED)])
def test_a_denial_is_no_repetition(texts: tuple[str, str]) -> None:
    with library(*texts) as news:
        answer = news.ask(ASKED)
    assert {claim.text for claim in answer.claims} == {STATED, DENIED}
    assert answer.notes == ("[2] says otherwise than [1].",)


def test_the_first_report_of_a_toll_does_not_stand_for_the_later_one() -> None:
    with library(TWO, FIVE) as news:
        answer = news.ask("How many people were killed?")
    assert {claim.text for claim in answer.claims} == {TWO, FIVE}
    assert answer.notes == ("[2] gives another number than [1].",)


def test_copies_are_still_told_once() -> None:
    with library(TWO, TWO.replace("on Tuesday", "early on Tuesday")) as news:
        answer = news.ask("How many people were killed?")
    assert [claim.text for claim in answer.claims] == [TWO]
    assert answer.notes == ()


def test_what_a_model_leaves_out_is_noted() -> None:
    with library(STATED, DENIED) as news:
        one_sided = news.ask(ASKED, llm=FakeLLM(STATED))
        both = news.ask(ASKED, llm=FakeLLM(f"{STATED} {DENIED}"))
    assert [note for note in one_sided.notes if DENIED in note]
    assert not [note for note in both.notes if "otherwise" in note]


@pytest.mark.parametrize(
    ("one", "other", "adds"),
    [
        (TWO, FIVE, True),
        (TWO, TWO.replace("two", "2"), False),
        ("The bill of 2 million euros was paid by the town in March of the year.",) * 2 + (False,),
        (
            "The bill of 2 million euros was paid by the town in March of the year.",
            "The bill of 2 billion euros was paid by the town in March of the year.",
            True,
        ),
    ],
)
def test_a_number_in_words_makes_two_texts_different(one: str, other: str, adds: bool) -> None:
    shared = 0.5  # as for articles of one story copy group, where less need be the same
    assert adds_nothing(other, one, shared) is not adds
