"""The operators of a query, phrases in texts, and which texts are copies of each other."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit.copies import adds_nothing
from toolkit.retrieval.queries import Phrase, Query, parse, words_of

SIGNS = [
    "“",
    "”",
    "„",
    "«",
    "»",
    "-",
    "−",
    '"',
    "publisher:",
    "-publisher:",
    "Reuters",
    "a b",
    " ",
    "\n",
    "(",
    ")",
    "北京",
]
OPERATORS = st.lists(st.sampled_from(SIGNS), max_size=12).map("".join)


def phrases(*texts: str) -> tuple[Phrase, ...]:
    return tuple(map(Phrase, texts))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Which countries send troops?", Query(text="Which countries send troops?")),
        ('"never again" said', Query(text="never again said", phrases=phrases("never again"))),
        ("“one” and «two»", Query(text="one and two", phrases=phrases("one", "two"))),
        ("„nie wieder“", Query(text="nie wieder", phrases=phrases("nie wieder"))),
        ('("never again")', Query(text="( never again )", phrases=phrases("never again"))),
        ('"one" "one"', Query(text="one one", phrases=phrases("one"))),
        ("troops -football", Query(text="troops", without=phrases("football"))),
        ("troops −football", Query(text="troops", without=phrases("football"))),
        ('troops -"world cup"', Query(text="troops", without=phrases("world cup"))),
        ("troops publisher:Reuters", Query(text="troops", publishers=("Reuters",))),
        ('PUBLISHER:"Harbour Wire", troops', Query(text=", troops", publishers=("Harbour Wire",))),
        ("publisher:Reuters, publisher:AP; x", Query(text="x", publishers=("Reuters", "AP"))),
        ('-publisher:AP -publisher:"Harbour Wire" x', Query(text="x", without_publishers=("AP", "Harbour Wire"))),
        ("-football", Query(text="", without=phrases("football"))),
        ("troops publisher: Reuters", Query(text="troops", publishers=("Reuters",))),
        ('-publisher:  "Harbour Wire" x', Query(text="x", without_publishers=("Harbour Wire",))),
        ("publisher: -football", Query(text="publisher:", without=phrases("football"))),
        ("publisher: publisher:AP", Query(text="publisher:", publishers=("AP",))),
    ],
)
def test_operators(query: str, expected: Query):
    assert parse(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        'an "unclosed quote',
        "a well-known sea-bed",
        "a - b",
        "--force",
        '5" pipes and 6" pipes',
        "publisher: (Reuters)",
        "the publisher:",
        "What does -- mean?",
        'said "so"called',
        "title:Reuters",
    ],
)
def test_what_makes_no_sense_as_an_operator_is_words(query: str):
    assert parse(query) == Query(text=query)
    assert parse(query).plain


@given(ODD_TEXT | OPERATORS)
def test_any_query_can_be_read(query: str):
    asked = parse(query)
    assert all(words_of(phrase.text) or phrase.unspaced for phrase in (*asked.phrases, *asked.without))
    for phrase in asked.phrases:
        assert set(words_of(phrase.text)) <= set(words_of(asked.text))
        assert phrase.within(phrase.text)
    asked.admits("title", query, 0, len(query))


@given(st.lists(st.text("abcäöß'0", min_size=1, max_size=6).filter(words_of), min_size=1, max_size=4))
def test_a_quoted_phrase_is_found_in_any_text_around_it(words: list[str]):
    phrase = parse('"' + " ".join(words) + '"').phrases[0]
    assert phrase.within("Before " + "  \n".join(words) + ", after.")


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("the who", "They saw The Who live.", True),
        ("the who", "the whole", False),
        ("don't stop", "“Don’t stop!”", True),
        ("never again", "never\n\nagain", True),
        ("never again", "never, ever again", False),
        ("sent troops", "sends troops", False),
        ("Zürich", unicodedata.normalize("NFD", "in Zürich."), True),
        ("Zürich", "in Zurich", False),
        ("10,000 troops", "10,000 troops", True),
        ("000 troops", "10,000 troops", True),
        ("北京大", "在北京大学", True),
        ("C++", "wrote C", True),
    ],
)
def test_where_a_phrase_stands(phrase: str, text: str, expected: bool):
    assert Phrase(phrase).within(text) is expected


def test_a_phrase_may_run_over_the_ends_of_a_passage_but_must_touch_it():
    text = "We won. We are done. And so on."
    asked = Query(text="", phrases=phrases("won. We are"))
    assert asked.admits(None, text, 0, 7)
    assert asked.admits(None, text, 8, 20)
    assert not asked.admits(None, text, 21, len(text))
    assert asked.admits("As we won, we are", text, 21, len(text))


def test_an_excluded_phrase_must_lie_inside():
    text = "We won. We are done."
    asked = Query(text="", without=phrases("won. We", "over"))
    assert asked.admits(None, text, 0, 7)
    assert not asked.admits(None, text, 0, len(text))
    assert not asked.admits("It is over", text, 0, 7)


STORY = (
    "LONDON (AP) - The government said on Monday that 2,000 soldiers will go to Kyiv next month, officials in Paris "
    "confirmed after a long meeting in which several countries were asked what they could give."
)


@pytest.mark.parametrize(
    ("old", "new", "copy"),
    [
        ("", "", True),
        ("officials", "sources", True),
        ("LONDON (AP) - The", "The", True),
        ("2,000", "3,000", False),
        ("2,000 ", "", False),
        ("Paris", "Berlin", False),
        ("will go", "will not go", False),
        ("confirmed", "denied", False),
        (
            "after a long meeting in which several",
            "in a letter that was read aloud to reporters late at night; all",
            False,
        ),
    ],
)
def test_a_copy_differs_in_nothing_that_matters(old: str, new: str, copy: bool):
    assert adds_nothing(STORY.replace(old, new) if old else STORY, STORY) is copy


def test_what_denies_in_one_text_alone_is_no_copy_either_way():
    denied = STORY.replace("will go", "will not go")
    assert not adds_nothing(STORY, denied)
    assert not adds_nothing(denied, STORY)


@given(ODD_TEXT)
def test_a_text_adds_nothing_to_itself(text: str):
    assert adds_nothing(text, text)
