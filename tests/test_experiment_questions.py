"""Questions of an experiment: every form that they come in, and errors that say where."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ArgumentError, SourceError
from toolkit.experiment import read_questions
from toolkit.experiment.records import question_from, question_record
from toolkit.types import Question, Span

RECORDS = [
    {"question": "Who spoke?", "answers": ["Costa"], "answerable": True, "tags": ["people"]},
    {"question": "Who won?", "answerable": False},
]


def test_lists_frames_and_files_give_the_same(tmp_path: Path) -> None:
    wanted = read_questions(RECORDS)
    assert [one.text for one in wanted] == ["Who spoke?", "Who won?"]
    assert wanted[0].answers == ("Costa",)
    assert (wanted[0].answerable, wanted[1].answerable) == (True, False)
    lines = tmp_path / "q.jsonl"
    lines.write_text("\n\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
    table = tmp_path / "q.csv"
    table.write_text(
        "question,answers,answerable,tags\nWho spoke?,Costa,yes,people\nWho won?,,no,\n", encoding="utf-8-sig"
    )
    yaml = tmp_path / "q.yaml"
    yaml.write_text(
        "- question: Who spoke?\n  answers: [Costa]\n  answerable: true\n  tags: people\n"
        "- question: Who won?\n  answerable: false\n",
        encoding="utf-8",
    )
    frame = pd.DataFrame(RECORDS)
    for source in (lines, str(table), yaml, frame, wanted):
        assert read_questions(source) == wanted


def test_texts_are_questions_with_ids_of_their_own() -> None:
    one, two = read_questions([" Who spoke? ", "Who won?"])
    assert (one.text, len(one.id), one.id != two.id) == ("Who spoke?", 10, True)
    assert read_questions(["Who spoke?"])[0].id == one.id


def test_gold_is_a_span_an_article_or_a_quote() -> None:
    gold = [
        "a1",
        "words that stand there",
        {"article_id": "x", "start": 1, "end": 4},
        {"quote": "One"},
        {"article_id": "y"},
    ]
    question = read_questions([{"question": "Who?", "gold": gold}])[0]
    assert question.gold == ("a1", Span(article_id="x", start=1, end=4), "y")
    assert question.quotes == ("words that stand there", "One")


def test_a_csv_cell_holds_lists_with_bars_or_as_json(tmp_path: Path) -> None:
    table = tmp_path / "q.csv"
    table.write_text('question,answers,gold\nWho?,a|b,"[{""article_id"": ""x"", ""start"": 0, ""end"": 2}]"\n')
    question = read_questions(table)[0]
    assert question.answers == ("a", "b")
    assert question.gold == (Span(article_id="x", start=0, end=2),)


def test_a_summary_needs_no_question_but_a_reference_is_an_answer() -> None:
    question = read_questions([{"articles": ["a"], "reference": "All in all."}], task="summarize")[0]
    assert (question.text, question.answers, question.articles) == ("", ("All in all.",), ("a",))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"question": ""}, r"question 1: field 'question' is missing or empty"),
        ({"qestion": "Who?"}, r"question 1: no field 'qestion'; did you mean 'question'\?"),
        ({"question": "Who?", "answers": [3]}, r"question 1: field 'answers' holds 3"),
        ({"question": "Who?", "answerable": "perhaps"}, r"question 1: field 'answerable' is 'perhaps'"),
        ({"question": "Who?", "gold": [{"start": 1}]}, r"question 1: field 'gold' holds"),
        ({"question": "Who?", "gold": [{"article_id": "a", "start": 5, "end": 2}]}, r"field 'gold': not a span"),
        ({"question": "Who?", "gold": [{"article_id": "a", "start": True, "end": 2}]}, r"start is True; give a whole"),
        ({"question": "Who?", "answers": ["x"], "answerable": False}, r"has answers, and 'answerable' is false"),
        ({"question": "Who?", "articles": ["a"]}, r"field 'articles' is for task='summarize'"),
        (3, r"question 1: a int; give a text or a record"),
    ],
)
def test_errors_name_record_and_field(record: object, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        read_questions([record])


def test_errors_in_files_name_the_line(tmp_path: Path) -> None:
    lines = tmp_path / "q.jsonl"
    lines.write_text('{"question": "Who?"}\n\n{"question": \n', encoding="utf-8")
    with pytest.raises(SourceError, match=r"q\.jsonl: line 3 is not JSON"):
        read_questions(lines)
    lines.write_text('{"question": "Who?"}\n\n{"question": 7}\n', encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"q\.jsonl, line 3: field 'question' is 7"):
        read_questions(lines)
    table = tmp_path / "q.csv"
    table.write_text("question,tags\nWho?,a\nWhat, then?,b\n", encoding="utf-8")
    with pytest.raises(SourceError, match="line 3 has more cells than the header"):
        read_questions(table)
    yaml = tmp_path / "q.yml"
    yaml.write_text("- question: Who?\n- question: What?\n  answerable: maybe\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"q\.yml, line 2: field 'answerable'"):
        read_questions(yaml)
    yaml.write_text("- question: [Who\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"line \d is not YAML"):
        read_questions(yaml)
    yaml.write_text("!!python/object/apply:os.system ['true']\n", encoding="utf-8")
    with pytest.raises(SourceError, match="is not YAML"):
        read_questions(yaml)


def test_what_is_no_file_of_questions_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="put it in a list"):
        read_questions("Who will send troops?")
    with pytest.raises(SourceError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(ArgumentError, match="no questions"):
        read_questions([])
    with pytest.raises(ArgumentError, match="is one record"):
        read_questions({"question": "Who?"})


def test_ids_and_questions_stand_once() -> None:
    with pytest.raises(ArgumentError, match="two questions have the id 'a'"):
        read_questions([{"question": "Who?", "id": "a"}, {"question": "What?", "id": "a"}])
    with pytest.raises(ArgumentError, match="stands there twice"):
        read_questions(["Who?", "Who?"])


texts = st.text(min_size=1).filter(str.strip)
spans = st.builds(
    lambda article, start, length: Span(article_id=article, start=start, end=start + length),
    texts,
    st.integers(0, 9999),
    st.integers(1, 999),
)


@given(
    st.builds(
        Question,
        text=texts,
        id=texts,
        answers=st.lists(texts, max_size=3).map(tuple),
        answerable=st.sampled_from([None, True]),
        gold=st.lists(st.one_of(texts, spans), max_size=3).map(tuple),
        quotes=st.lists(texts, max_size=2).map(tuple),
        tags=st.lists(texts, max_size=2).map(tuple),
    )
)
def test_a_question_comes_back_from_its_record(question: Question) -> None:
    assert question_from(json.loads(json.dumps(question_record(question)))) == question
