"""The sample articles read cleanly and tell the story that the README, the notebooks and the tests build on."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from pathlib import Path

import pytest

from toolkit.articles import read_articles
from toolkit.types import Article

FOLDER = Path(__file__).parent.parent / "notebooks" / "articles"

MAIN = "2025-08-19-security-package.txt"
NEAR_COPY = "2025-08-19-security-package-wire.html"
ABOUT_EIGHT = "2025-08-20-smaller-coalition.txt"
UNRELATED = "2025-08-16-library-reopens.html"
PDF = "2025-08-20-doubts-about-moscow.pdf"

PUBLISHERS = {
    "2025-08-16-library-reopens.html": "Millbrook Valley Times",
    "2025-08-18-white-house-summit.md": "Potomac Record",
    "2025-08-19-costa-terms.md": "Schuman Bulletin",
    "2025-08-19-kremlin-nato-troops.html": "Eastern Desk",
    "2025-08-19-leavitt-briefing.txt": "Lafayette Square Daily",
    "2025-08-19-military-chiefs.txt": "Garrison Gazette",
    "2025-08-19-security-package-wire.html": "Harbour Wire",
    "2025-08-19-security-package.txt": "The Continental Ledger",
    "2025-08-19-us-role.md": "The Fairmont Observer",
    "2025-08-20-doubts-about-moscow.pdf": "Ridgeway Policy Letter",
    "2025-08-20-explainer.html": "Northgate Review",
    "2025-08-20-smaller-coalition.txt": "Meridian Courier",
}


@pytest.fixture(scope="module")
def samples() -> dict[str, Article]:
    """Every sample by file name; one that cannot be read is a warning, and so an error here."""
    return {Path(str(article.origin)).name: article for article in read_articles(FOLDER)}


def sentences_with(article: Article, *words: str) -> list[str]:
    found = re.findall(r"(?:[^.\n]|\.(?=[A-Z]\.)|(?<=\b[A-Z])\.|(?<=Aug)\.)+\.", article.text)
    return [sentence.strip() for sentence in found if all(word in sentence for word in words)]


def tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def likeness(one: Article, other: Article) -> float:
    return difflib.SequenceMatcher(None, tokens(one.text), tokens(other.text), autojunk=False).ratio()


def test_every_file_is_read_and_nothing_else_lies_there(samples: dict[str, Article]) -> None:
    assert set(samples) == set(PUBLISHERS) == {path.name for path in FOLDER.iterdir()}
    assert Counter(Path(name).suffix for name in samples) == {".txt": 4, ".html": 4, ".md": 3, ".pdf": 1}


@pytest.mark.parametrize("name", PUBLISHERS)
def test_each_has_a_title_an_author_and_a_text(samples: dict[str, Article], name: str) -> None:
    article = samples[name]
    assert article.title
    assert article.author or name == NEAR_COPY  # “By Harbour Wire staff” names nobody but its publisher
    assert 120 <= len(tokens(article.text)) <= 350


@pytest.mark.parametrize("name", sorted(PUBLISHERS.keys() - {PDF}))
def test_each_knows_where_and_when_it_appeared(samples: dict[str, Article], name: str) -> None:
    article = samples[name]
    assert article.publisher == PUBLISHERS[name]
    assert article.date == name[:10]
    assert article.url is not None
    assert ".example/" in article.url or "//example.com/" in article.url


def test_what_a_pdf_cannot_say_its_reader_can(samples: dict[str, Article]) -> None:
    assert (samples[PDF].publisher, samples[PDF].date, samples[PDF].url) == (None, None, None)
    (told,) = read_articles(FOLDER / PDF, publisher=PUBLISHERS[PDF], date="2025-08-20")
    assert (told.publisher, told.date) == ("Ridgeway Policy Letter", "2025-08-20")
    assert (told.title, told.text) == (samples[PDF].title, samples[PDF].text)


@pytest.mark.parametrize("name", PUBLISHERS)
def test_the_text_is_the_story_alone(samples: dict[str, Article], name: str) -> None:
    text = samples[name].text
    for clutter in (
        "cookie ",
        "cookies",
        "Newsletter",
        "Subscribe",
        "©",
        "og:title",
        "Publisher:",
        "publisher:",
        "<",
        "\ufffd",
    ):
        assert clutter not in text
    assert "“" in text or name == "2025-08-19-security-package-wire.html"


def test_one_sentence_names_who_might_send_troops(samples: dict[str, Article]) -> None:
    named = {
        name: len(sentences_with(article, "U.K.", "French", "roughly 10 other countries"))
        for name, article in samples.items()
    }
    assert {name for name, count in named.items() if count} == {MAIN, NEAR_COPY}
    assert named[MAIN] == 1
    assert samples[MAIN].date == "2025-08-19"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2025-08-19-leavitt-briefing.txt", ("Karoline Leavitt said", "guarantees", "critically important")),
        (MAIN, ("White House summit took place", "Aug. 18")),
        ("2025-08-19-kremlin-nato-troops.html", ("The Kremlin rejects", "NATO troops")),
        ("2025-08-19-us-role.md", ("The U.S. could contribute", "air support", "intelligence")),
    ],
)
def test_single_sentences_answer_the_usual_questions(
    samples: dict[str, Article], name: str, words: tuple[str, ...]
) -> None:
    assert len(sentences_with(samples[name], *words)) == 1


def test_nothing_speaks_of_what_must_be_refused(samples: dict[str, Article]) -> None:
    for article in samples.values():
        assert not re.search(r"World Cup|football|Australia|Canberra", article.text, re.IGNORECASE)


def test_the_wire_story_is_a_near_copy_and_no_other_is(samples: dict[str, Article]) -> None:
    main, copy = samples[MAIN], samples[NEAR_COPY]
    assert 0.9 < likeness(main, copy) < 1
    assert (main.id, main.title, main.publisher) != (copy.id, copy.title, copy.publisher)
    for name, other in samples.items():
        if name not in (MAIN, NEAR_COPY):
            assert likeness(main, other) < 0.5, name


def test_two_disagree_on_how_many_countries(samples: dict[str, Article]) -> None:
    assert len(sentences_with(samples[MAIN], "roughly 10 other countries")) == 1
    assert len(sentences_with(samples[ABOUT_EIGHT], "about eight other countries")) == 1
    assert "eight" not in samples[MAIN].text


def test_one_is_about_something_else(samples: dict[str, Article]) -> None:
    for name, article in samples.items():
        assert ("Ukraine" in article.text) == (name != UNRELATED)
    assert "library" in samples[UNRELATED].text
