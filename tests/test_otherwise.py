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
    assert [claim.text for claim in answer.claims] in ([STATED, DENIED], [DENIED, STATED])
    newer = answer.claims[1].text == texts[1]
    assert answer.notes == (f"[2], the {'newer' if newer else 'older'} one, says otherwise than [1].",)


def test_the_first_report_of_a_toll_does_not_stand_for_the_later_one() -> None:
    with library(TWO, FIVE) as news:
        answer = news.ask("How many people were killed?")
    assert {claim.text for claim in answer.claims} == {TWO, FIVE}
    newer = answer.claims[1].text == FIVE
    assert answer.notes == (f"[2], the {'newer' if newer else 'older'} one, gives another number than [1].",)


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


TOLL = "At least {} people were killed when the Keldale dam gave way on Tuesday, 10 March 2026."
BUS = "Two people were killed when a lorry collided with a bus on the {} on Monday."
RATE = "Unemployment in Halden {} percent in {}, the statistics office said."
TROOPS = "{} troops to the border mission in Vasta, its defence minister said on Monday."
OPENS = "The new Halden bridge will open to traffic on 1 {} 2026, the transport ministry said."


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_newest_number_is_never_hidden(order: tuple[int, ...]) -> None:
    told = [TOLL.format(number) for number in ("two", "five", "eleven", "14")]
    with Library(None, llm=None) as news:
        news.add(Article(text=told[n], publisher=f"Paper {n}", published=f"2026-03-1{n}") for n in order)  # type: ignore[arg-type]
        answer = news.ask("How many people were killed when the Keldale dam gave way?")
    assert told[3] in [claim.text for claim in answer.claims]
    assert [note for note in answer.notes if "gives another number than" in note]


def test_an_old_figure_that_is_printed_again_is_not_the_newer_one() -> None:
    with library(TWO, FIVE, TWO) as news:
        answer = news.ask("How many people were killed?")
    assert {claim.citations[0].article.publisher for claim in answer.claims} == {"Paper 0", "Paper 1"}


@pytest.mark.parametrize(
    ("question", "one", "other", "what"),
    [
        ("How many people were killed?", BUS.format("A9"), BUS.format("A30").replace("Two", "Three"), None),
        ("How many people were killed?", BUS.format("A9"), BUS.format("A9").replace("Two", "Three"), "number"),
        ("Who will send troops?", TROOPS.format("Germany will send"), TROOPS.format("France will not send"), None),
        ("How many troops will Poland send?", TROOPS.format("Poland will send 200"),
         TROOPS.format("Germany will send 500"), None),
        ("How many people were evacuated?", "More than 1,500 people were evacuated when the fire reached Orrin.",
         "About 1,520 people were evacuated when the fire reached Orrin.", None),
        ("How high is unemployment in Halden?", RATE.format("rose to 6.1", "February"),
         RATE.format("fell to 5.8", "March"), "time"),
        ("How high was unemployment in February?", RATE.format("rose to 6.1", "February"),
         RATE.format("fell to 5.8", "March"), None),
        ("How high is unemployment in Halden?", RATE.format("rose to 6.1", "February"),
         "Unemployment in Halden rose by 12,000 people in February, the statistics office said.", None),
        ("When will the bridge open?", OPENS.format("May"), OPENS.format("June"), "date"),
        ("Will the bridge open in May?", OPENS.format("May"), OPENS.format("June"), "date"),
        ("How much did the bridge cost?", "The Halden bridge cost 40 million euros.",
         "The Halden bridge cost 46 million euros.", "number"),
        ("Who was elected mayor?", "The council elected Anna Kell as its mayor on Monday by 21 votes to 18.",
         "The council elected Bernd Kell as its mayor on Monday by 21 votes to 18.", "name"),
        ("Who met the mayor?", "Volodymyr Zelensky met the mayor and thanked him for 20 ambulances.",
         "Wolodymyr Selenskyj met the mayor and thanked him for 20 ambulances.", None),
        ("Who met the mayor?", "Austria invited the mayor and thanked him for 20 ambulances.",
         "Australia invited the mayor and thanked him for 20 ambulances.", "name"),
        ("Did they punish others?", "The pair said they used to punish others who did not obey the rules of the group.",
         "The women said they used to punish others who did not obey the rules, the group and its guards.", None),
        ("How many buildings burned?", "Another eight buildings burned in Woomera on Sunday.",
         "Ten buildings burned in Woomera on Sunday.", None),
    ],
)  # fmt: skip
def test_two_things_told_in_the_same_words(question: str, one: str, other: str, what: str | None) -> None:
    asked, first, second = read_question(question), sentence(one), sentence(other)
    assert says_otherwise(asked, first, second) == says_otherwise(asked, second, first) == what


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


POLICE = "{} people were killed when a lorry hit a bus on the {} on Monday. Police closed the road for {} hours."


@pytest.mark.parametrize(("road", "noted"), [("Corran bridge", True), ("Exeter bypass", False)])
def test_what_stands_before_a_sentence_tells_which_event_it_is_of(road: str, noted: bool) -> None:
    with library(POLICE.format("Two", "Corran bridge", "six"), POLICE.format("Three", road, "four")) as news:
        answer = news.ask("How long did police close the road?")
    assert bool([note for note in answer.notes if "another number" in note]) is noted


def test_a_summary_notes_what_another_article_tells_otherwise() -> None:
    with library(TWO, FIVE, DENIED, STATED) as news:
        summary = news.summarize(length=2)
        alone = news.summarize(articles=[one for one in news.articles() if one.text in (TWO, STATED)])
    shown = {claim.text for claim in summary.claims}
    assert len(shown & {TWO, FIVE}) == len(shown & {STATED, DENIED}) == 1
    assert len([note for note in summary.notes if " than [" in note]) == 2
    for text, kind in ((TWO, "number"), (FIVE, "number"), (STATED, "otherwise"), (DENIED, "otherwise")):
        assert (text in shown) is not any(text in note and kind in note for note in summary.notes)
    assert not [note for note in alone.notes if " than [" in note]


def test_what_leans_on_a_sentence_that_is_shown_is_not_hidden_by_it() -> None:
    opens = "The new Halden bridge will open to traffic on 1 {} 2026, the ministry said. It cost {} million euros."
    with library(opens.format("May", 40), opens.format("June", 46)) as news:
        answer = news.ask("How much did the Halden bridge cost?")
    assert "46 million" in answer.text


def test_two_accidents_in_the_same_words_are_both_told() -> None:
    told = [BUS.format("A9 near Perth"), BUS.format("A30 near Exeter").replace("Two", "Three")]
    with library(*told) as news:
        answer = news.ask("How many people were killed when a lorry collided with a bus?")
    assert {claim.text for claim in answer.claims} == set(told)
    assert answer.notes == ()


def test_a_name_in_two_spellings_is_told_once() -> None:
    with library(
        "Volodymyr Zelensky met the mayor of Tarn on Monday and thanked him for 20 ambulances.",
        "Wolodymyr Selenskyj met the mayor of Tarn on Monday and thanked him for 20 ambulances.",
    ) as news:
        answer = news.ask("Who met the mayor of Tarn?")
    assert len(answer.claims) == 1
