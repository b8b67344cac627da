"""Reading questions, picking sentences, and the gates, on small passages."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit import Answer, Article, FakeLLM, Library
from toolkit.extract import ANSWER_SENTENCES, FEATURES, Pick, candidates_of, choose, describe, fitted, rank
from toolkit.gates import Refusal, answer_score, failed_gate
from toolkit.language.questions import KINDS, kind_places, may_hold_kind, read_question
from toolkit.language.words import tokenize
from toolkit.passages import split
from toolkit.types import Hit

HARBOUR = (
    "The council approved the harbour plan on Friday after a long debate. "
    "Mayor Ana Silva called the harbour plan a promise kept. "
    "She said that work would begin in May and cost 40 million euros. "
    "Fishermen in Porto Alto oppose the plan because the quay will be closed for two years. "
    "The old quay was built in 1912 by the engineer Rui Costa."
)


def hits_of(*articles: Article) -> list[Hit]:
    """Every passage of the articles as a hit, in order, each a little worse than the one before."""
    found = [(article, passage) for article in articles for passage in split(article)]
    return [Hit(passage=p, score=1.0 - 0.01 * i, article=a) for i, (a, p) in enumerate(found)]


def picked(question: str, *articles: Article) -> list[Pick]:
    asked = read_question(question)
    return choose(asked, rank(asked, hits_of(*articles)))


def gate_of(question: str, *articles: Article) -> Refusal | None:
    asked, hits = read_question(question), hits_of(*articles)
    ranked = rank(asked, hits)
    return failed_gate(asked, hits, ranked, choose(asked, ranked))


@pytest.mark.parametrize(
    ("question", "wanted", "words"),
    [
        ("Who sent troops?", "person", "sent troops"),
        ("who sent troops", "person", "sent troops"),
        ("To whom did he write?", "person", "write"),
        ("Whose plan was it?", "person", "plan"),
        ("When did the war end?", "date", "war end"),
        ("In what year did the war end?", "date", "war end"),
        ("How late did the shop close?", "date", "late shop close"),
        ("Where is Kyiv?", "place", "kyiv"),
        ("Which city hosted the games?", "place", "hosted games"),
        ("Which countries might send troops?", "country", "send troops"),
        ("How many troops will France send?", "number", "troops france send"),
        ("What percentage of people voted?", "number", "people voted"),
        ("How long did it last?", "number", "long last"),
        ("How much did the repairs cost?", "money", "repairs cost"),
        ("How much rain fell?", "number", "rain fell"),
        ("What is the price of bread?", "money", "price bread"),
        ("Why was the plan dropped?", "reason", "plan dropped"),
        ("How did the talks end?", "manner", "talks end"),
        ("What did Costa say?", "speech", "costa"),
        ("What did the mayor tell reporters?", "speech", "mayor reporters"),
        ("What type of engine was used?", "thing", "engine used"),
        ("What role would America play?", "thing", "america"),
        ("What is the name of the ship?", None, "ship"),
        ("What happened to the library?", None, "library"),
        ("Did France send troops?", None, "france send troops"),
        ("What happened?", None, "happened"),
    ],
)
def test_questions_are_read(question: str, wanted: str | None, words: str) -> None:
    asked = read_question(question)
    assert asked.wanted == wanted
    assert wanted is None or wanted in KINDS
    assert " ".join(token.word for token in asked.tokens) == words


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("When did it open?", "It opened on Tuesday.", ["tuesday"]),
        ("When did it open?", "It opened in May 1912.", ["may", "1912"]),
        ("When did it open?", "It may open to 300 people.", []),
        ("When will it open?", "It would open in May and close in June.", ["may", "june"]),
        ("What opened in 1912, and when?", "It opened in 1912.", []),
        ("When did the 1912 quay close?", "The 1912 quay was closed.", []),
        ("How many came?", "Some 300 people came.", ["300"]),
        ("How many of the 300 came?", "Of 300, none came.", ["none"]),
        ("How much did it cost?", "It cost $3 million.", ["$"]),
        ("How much did it cost?", "It cost 3 years of work.", []),
        ("How much did it cost?", "It cost 14 crowns, said the crown prince.", ["crowns"]),
        ("How much did it cost?", "It cost CHF 20 or 22 francs.", ["chf", "francs"]),
        ("Who built it?", "It was built by Rui Costa.", ["rui", "costa"]),
        ("Who did Rui Costa meet?", "Rui Costa met Ana Silva.", ["ana", "silva"]),
        ("Which countries signed?", "France signed, Porto did not.", ["france"]),
        ("Why did it close?", "It closed because of rain.", ["because"]),
        ("What engine is it?", "It is a Diesel.", []),
    ],
)
def test_what_a_sentence_has_of_the_kind(question: str, sentence: str, found: list[str]) -> None:
    tokens = tokenize(sentence)
    asked = read_question(question)
    assert [tokens[index].word for index in kind_places(asked, tokens)] == found


def test_an_event_may_date_an_answer() -> None:
    asked = read_question("When will troops be sent?")
    assert may_hold_kind(asked, tokenize("Troops could be sent after the ceasefire."))
    assert not may_hold_kind(asked, tokenize("Troops could be sent to the border."))


def test_the_best_sentence_comes_first() -> None:
    article = Article(text=HARBOUR)
    for question, words in {
        "Who built the old quay?": "Rui Costa",
        "When was the quay built?": "1912",
        "Why do fishermen oppose the plan?": "closed for two years",
        "How much will the work cost?": "40 million euros",
        "What did the council approve?": "approved the harbour plan",
    }.items():
        assert words in picked(question, article)[0].shown.text, question


def test_a_pronoun_brings_the_sentence_before() -> None:
    article = Article(text=HARBOUR)
    best = picked("When would work begin, and at what cost?", article)[0]
    assert best.sentence.text.startswith("She said")
    assert best.shown.text == article.text[best.shown.span.start : best.shown.span.end]
    assert best.shown.text.startswith("Mayor Ana Silva called")
    assert best.shown.text.endswith("40 million euros.")
    with Library() as library:
        library.add(article)
        answer = library.ask("When would work begin, and at what cost?")
    assert answer.claims[0].text == best.shown.text
    assert len(answer.claims[0].citations) == 1


def test_a_pronoun_without_a_sentence_before_stands_alone() -> None:
    for text in (
        "She said that the work would begin in May.",
        "## Harbour\n\nShe said that the work would begin in May.",
    ):
        best = picked("When would the work begin?", Article(text=text))[0]
        assert best.shown.text == "She said that the work would begin in May."


def test_of_copies_the_earliest_is_quoted() -> None:
    text = "The council approved the harbour plan on Friday, officials said."
    wire = Article(text=text, publisher="Wire", published=datetime(2025, 5, 1, 8, tzinfo=UTC))
    late = Article(text=text + " More follows.", publisher="Late", published=datetime(2025, 5, 1, 19, tzinfo=UTC))
    undated = Article(text="Update: " + text, publisher="Undated")
    for order in ((late, wire, undated), (undated, late, wire), (wire, undated, late)):
        chosen = picked("What did the council approve?", *order)
        assert [pick.sentence.article.publisher for pick in chosen] == ["Wire"]


def test_a_bare_date_is_not_before_a_time_of_that_day() -> None:
    text = "The council approved the harbour plan on Friday, officials said."
    timed = Article(text=text, publisher="Timed", published=datetime(2025, 5, 1, 8, tzinfo=UTC))
    dated = Article(text=text + " More follows.", publisher="Dated", published=datetime(2025, 5, 1, tzinfo=UTC))
    older = Article(text=text + " Yes.", publisher="Older", published=datetime(2025, 4, 30, tzinfo=UTC))
    assert [p.sentence.article.publisher for p in picked("What did the council approve?", timed, dated)] == ["Timed"]
    chosen = picked("What did the council approve?", timed, dated, older)
    assert [pick.sentence.article.publisher for pick in chosen] == ["Older"]


def test_another_source_that_adds_something_is_shown_too() -> None:
    first = Article(text="France will send 2,000 troops to the border, the ministry said.", publisher="A")
    second = Article(
        text="Poland will send 900 troops to the border from June, its government announced.", publisher="B"
    )
    chosen = picked("Which countries will send troops to the border?", first, second)
    assert {pick.sentence.article.publisher for pick in chosen} == {"A", "B"}


def test_a_denial_does_not_answer_who_will() -> None:
    article = Article(text="Germany will not send troops to the border. France will send troops to the border.")
    assert picked("Who will send troops to the border?", article)[0].sentence.text.startswith("France")


def test_what_is_said_does_not_tell_what_was_not() -> None:
    article = Article(text="The council approved the harbour plan. The council did not approve the stadium plan.")
    asked = read_question("What did the council not approve?")
    undenied = {p.sentence.text[:23]: p.features["undenied"] for p in rank(asked, hits_of(article))}
    assert undenied == {"The council approved th": 1.0, "The council did not app": 0.0}
    plain = rank(read_question("What did the council approve?"), hits_of(article))
    assert {pick.features["undenied"] for pick in plain} == {0.0}


def test_the_kind_that_is_asked_for_wins() -> None:
    article = Article(text="The harbour bridge opened to great joy. The harbour bridge opened on 3 May 1998.")
    assert "1998" in picked("When was the harbour bridge opened?", article)[0].sentence.text
    article = Article(text="The bridge was built in 1998 over the river. The bridge was built by Rui Costa of Porto.")
    assert "Costa" in picked("Who built the bridge?", article)[0].sentence.text


def test_headings_and_questions_are_not_picked() -> None:
    text = "## Who approved the harbour plan\n\nWho approved the harbour plan? The council approved it on Friday."
    assert [pick.sentence.text for pick in picked("Who approved the harbour plan?", Article(text=text))] == [
        "The council approved it on Friday."
    ]


@pytest.mark.parametrize(
    ("question", "gate", "words"),
    [
        ("Who won the 2022 World Cup?", "names", "“World Cup”"),
        ("Did Poland approve the harbour plan?", "names", "“Poland”"),
        ("How do I repair a bicycle tyre at home?", "coverage", "“bicycle”"),
        ("What is it about?", "coverage", "no word"),
        ("When did the mayor call the harbour plan a promise?", "type", "a date"),
        ("Who paid the harbour engineer?", "relevance", "“paid”"),
        ("Who did not build the old quay?", "relevance", "not so"),
    ],
)
def test_each_gate_fires_with_its_reason(question: str, gate: str, words: str) -> None:
    refused = gate_of(
        question, Article(text=HARBOUR.replace("because the quay will be closed for two years", "loudly"))
    )
    assert refused is not None
    assert refused.gate == gate
    assert words in refused.why
    assert refused.reason == f"{gate}: {refused.why}"
    assert "\n" not in refused.reason
    measured = re.search(r" \(score (-?[\d.]+), needed ([\d.]+)\)$", refused.why)
    assert (measured is not None) == (words in ("“bicycle”", "“paid”"))
    if measured:
        needed = fitted()["gates"]["thresholds"][gate]
        assert float(measured[1]) < float(measured[2]) == pytest.approx(needed, abs=0.005)


def test_what_a_shown_sentence_denies_is_no_repetition() -> None:
    stated = Article(text="The ferry between Storhavn and Lund will sail again from June 12, Owen Tarr said.")
    denied = Article(text="The ferry will not sail from June 12 unless shifts are shortened, the union said.")
    shown = {pick.sentence.article.id for pick in picked("When will the ferry sail again?", stated, denied)}
    assert shown == {stated.id, denied.id}


def test_a_country_is_not_another_one_that_is_spelt_alike() -> None:
    article = Article(text="Australia approved the plan for a new port on Friday, said Volodymyr Zelensky.")
    refused = gate_of("When did Austria approve the plan for a new port?", article)
    assert refused is not None
    assert (refused.gate, "“Austria”" in refused.why) == ("names", True)
    known = gate_of("What did Zelenskyy say of the plan for a new port?", article)
    assert known is None or known.gate != "names"


def test_nothing_found_fails_the_first_gate() -> None:
    refused = failed_gate(read_question("Who spoke?"), [], [])
    assert refused is not None
    assert refused.gate == "retrieval"


def test_far_from_everything_fails_the_first_gate() -> None:
    # Every word is there, one in each of many sentences that speak of other things.
    asked, hits = read_question("Which harbour plan?"), hits_of(Article(text=HARBOUR))
    ranked = [
        Pick(candidate=p.candidate, score=p.score, features={**p.features, "similarity": 0.0, "about": 0.0})
        for p in rank(asked, hits)
    ]
    refused = failed_gate(asked, hits, ranked)
    assert refused is not None
    assert refused.gate == "retrieval"


def test_questions_that_pass() -> None:
    for question in ("Who built the old quay?", "What did the council approve?", "When was the quay built?"):
        assert gate_of(question, Article(text=HARBOUR)) is None, question


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("harbour") / "news.lance")
    library.add(Article(text=HARBOUR, title="Harbour plan approved"))
    return library


def ask(library: Library, question: str, reply: str) -> Answer:
    return library.ask(question, llm=FakeLLM(reply))


def test_a_true_sentence_about_something_else_is_no_answer(harbour: Library) -> None:
    quoted = "The council approved the harbour plan on Friday after a long debate."
    assert ask(harbour, "What did the council approve?", quoted).answered
    for question in ("Who will pay the fishermen?", "Who wrote the engineer's letters?"):
        answer = ask(harbour, question, quoted)
        assert not answer.answered
        assert answer.reason is not None
        assert answer.reason.partition(":")[0] in ("relevance", "coverage")
        assert answer.claims == ()
        assert answer.hits


def test_a_model_that_gives_no_date_has_not_said_when(harbour: Library) -> None:
    answer = ask(
        harbour, "When do fishermen oppose the plan?", "Mayor Ana Silva called the harbour plan a promise kept."
    )
    assert not answer.answered
    assert (answer.reason or "").startswith("type:")
    said = "The council approved the harbour plan on Friday after a long debate."
    assert ask(harbour, "When did the council approve the plan?", said).answered


def test_a_model_is_not_asked_when_no_passage_speaks_to_the_question(harbour: Library) -> None:
    llm = FakeLLM()
    for question in ("Who won the 2022 World Cup?", "How do I repair a bicycle tyre at home?"):
        assert not harbour.ask(question, llm=llm).answered
    assert llm.requests == []


def test_the_fitted_file_names_what_there_is() -> None:
    content = fitted()
    assert set(content["picker"]["coefficients"]) <= set(FEATURES)
    assert set(content["answered"]["coefficients"]) <= {*FEATURES, "score"}
    assert set(content["gates"]["thresholds"]) == {"retrieval", "coverage", "type", "relevance"}
    assert content["date"]
    assert content["picker"]["fitted_on"]


def test_every_feature_is_described_and_given() -> None:
    asked = read_question("Who built the old quay?")
    candidates = candidates_of(hits_of(Article(text=HARBOUR)))
    for features in describe(asked, candidates):
        assert set(features) == set(FEATURES)
        assert all(-1.0 <= value <= 1.0 for name, value in features.items() if name != "length")
    for name in FEATURES:
        assert f"``{name}``" in (describe.__doc__ or "")


@settings(max_examples=40, deadline=None)
@given(st.lists(ODD_TEXT, min_size=1, max_size=4), ODD_TEXT)
def test_every_pick_is_a_sentence_of_the_hits(texts: list[str], question: str) -> None:
    articles = [Article(text=text, id=str(number)) for number, text in enumerate(texts)]
    hits = hits_of(*articles)
    asked = read_question(question)
    ranked = rank(asked, hits)
    spans = {span for hit in hits for span in hit.passage.sentences}
    assert {pick.sentence.span for pick in ranked} == spans
    assert all(earlier.score >= later.score for earlier, later in itertools.pairwise(ranked))
    chosen = choose(asked, ranked)
    assert len(chosen) <= ANSWER_SENTENCES
    assert 0.0 <= answer_score(chosen) <= 1.0
    for pick in chosen:
        assert pick.sentence.span in spans
        shown = pick.shown
        assert shown.text == texts[int(shown.article.id)][shown.span.start : shown.span.end]
        assert shown.span.end == pick.sentence.span.end
    for index, pick in enumerate(chosen):
        assert not any(pick.shown.span.overlaps(other.shown.span) for other in chosen[:index])
    failed_gate(asked, hits, ranked, chosen)
    again = choose(asked, rank(asked, hits))
    assert [pick.sentence.span for pick in again] == [pick.sentence.span for pick in chosen]
    assert [pick.score for pick in again] == [pick.score for pick in chosen]
