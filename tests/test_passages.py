"""Sentences and passages: exact offsets on any text, sensible boundaries on news text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from strategies import ODD_TEXT

from toolkit.passages import LONGEST, TARGET, sentence_bounds, split
from toolkit.types import Article


def pieces(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in sentence_bounds(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. President met him on Aug. 19. He left.", ["The U.S. President met him on Aug. 19.", "He left."]),
        ("It ended on Aug. 19. Bloomberg reported it.", ["It ended on Aug. 19.", "Bloomberg reported it."]),
        ("The U.K. and the U.S. agreed. So did Mr. Smith.", ["The U.K. and the U.S. agreed.", "So did Mr. Smith."]),
        ("“We will go.” He said so.", ["“We will go.”", "He said so."]),
        ('He said "we go." Then he left.', ['He said "we go."', "Then he left."]),
        ("“Will he go?” he asked. “No!” she said.", ["“Will he go?” he asked.", "“No!” she said."]),
        ("“Will they?” asked Ms. Leavitt. So did Gov. Lee.", ["“Will they?” asked Ms. Leavitt.", "So did Gov. Lee."]),
        ("It cost $3.5 billion. It rose 2.4 percent.", ["It cost $3.5 billion.", "It rose 2.4 percent."]),
        ("The plan\n\nTroops may go. Others stay.", ["The plan", "Troops may go.", "Others stay."]),
        ("# The plan\nTroops may go.", ["# The plan", "Troops may go."]),
        ("Three parts:\n\n- training\n- air defence\n", ["Three parts:", "- training", "- air defence"]),
        ("1. Training comes first. 2. Then arms.", ["1. Training comes first.", "2. Then arms."]),
        ("It rained.He left.The end came.", ["It rained.", "He left.", "The end came."]),
        ("Он пришёл. Проф. Иванов сказал: «Да». Конец.", ["Он пришёл.", "Проф. Иванов сказал: «Да».", "Конец."]),
        ("他来了。她走了！真的吗？是。", ["他来了。", "她走了！", "真的吗？", "是。"]),
        ("彼は来た。「行く。」と言った。終わり。", ["彼は来た。", "「行く。」", "と言った。", "終わり。"]),
        ("A sentence that wraps\nover two lines. Another.", ["A sentence that wraps\nover two lines.", "Another."]),
        ("First.\r\n\r\nSecond one.", ["First.", "Second one."]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences_of_news_text(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(ODD_TEXT)
def test_bounds_cover_all_that_is_not_white_space(text: str) -> None:
    bounds = sentence_bounds(text)
    position = 0
    for start, end in bounds:
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        assert end - start <= LONGEST
        position = end
    assert not text[position:].strip()


@given(ODD_TEXT)
def test_passages_are_the_articles_own_characters(text: str) -> None:
    article = Article(text=text)
    passages = split(article)
    found = []
    for passage in passages:
        assert passage.text == text[passage.span.start : passage.span.end]
        assert passage.sentences[0].start == passage.span.start
        assert passage.sentences[-1].end == passage.span.end
        found += [(s.start, s.end) for s in passage.sentences]
    assert found == sentence_bounds(text)


def test_passages_close_at_paragraphs_and_stay_near_the_target() -> None:
    paragraph = "This sentence is here to fill a paragraph with words. " * 6
    article = Article(text="\n\n".join([paragraph.strip()] * 20))
    passages = split(article)
    assert all(len(p.text) <= TARGET + 200 for p in passages)
    assert all(p.text.startswith("This") for p in passages)
    assert len({len(p.text) for p in passages[:-1]}) == 1


def test_a_megabyte_on_one_line_is_quick() -> None:
    started = time.process_time()
    article = Article(text="x" * 1_000_000)
    passages = split(article)
    assert sum(len(p.text) for p in passages) == 1_000_000
    assert time.process_time() - started < 30


def test_a_language_that_cannot_be_encoded_is_no_help_and_no_harm() -> None:
    article = Article(text="It is so. It was so.", language="e\ud800")
    assert [passage.text for passage in split(article)] == [article.text]


@pytest.mark.parametrize("space", ["\u00a0", "\x85", "\u2003", "\u2028", "\u2029", "\u3000"])
def test_white_space_beyond_ascii_before_a_full_stop(space: str) -> None:
    text = f"He took vitamin A{space}. She did not."
    bounds = sentence_bounds(text)
    assert "".join("".join(text[start:end].split()) for start, end in bounds) == "".join(text.split())
