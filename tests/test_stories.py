"""Which articles are one story, and which are one text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit import Article, read_articles
from toolkit.summaries.stories import find_stories, near_copies
from toolkit.thresholds import STORY_DAYS as DAYS

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"

FIRE = (
    "A fire destroyed the old grain store at Oakham harbour on Tuesday night, and forty people who live beside it were "
    "led out of their houses, the fire brigade said. Chief officer Maria Lind said that nobody was hurt and that the "
    "roof had come down at four in the morning. The store was built in 1881 and had stood empty for ten years. "
    "The town had planned to make it a museum of the herring trade."
)
OTHER_FIRE = (
    "The grain store that burnt down at Oakham harbour may have been set on fire, the fire brigade's Maria Lind said "
    "on Wednesday. Two boys who were seen by the store on Tuesday night are being looked for. The forty neighbours who "
    "were led out have gone home."
)
VOTE = (
    "Parliament in Lisbon voted on Wednesday to raise the pension of teachers by three per cent from January. The "
    "finance minister, Rui Costa, had called the bill too dear. Unions said they would now call off their strike."
)


def article(text: str, name: str, day: str | None = "2025-03-05", **known: str) -> Article:
    return Article(text=text, id=name, published=day, **known)


def names(articles: tuple[Article, ...]) -> set[str]:
    return {one.id for one in articles}


def test_the_sample_articles_are_two_stories() -> None:
    summit, library = find_stories(list(read_articles(SAMPLES)))
    assert len(summit.articles) == 11
    assert [one.title for one in library.articles] == ["Millbrook library reopens after two years of repairs"]


def test_what_tells_of_one_event_is_one_story() -> None:
    stories = find_stories([article(FIRE, "a"), article(VOTE, "b"), article(OTHER_FIRE, "c", "2025-03-06")])
    assert [names(story.articles) for story in stories] == [{"a", "c"}, {"b"}]
    assert [story.weight for story in stories] == [2, 1]


@pytest.mark.parametrize(("days", "together"), [(DAYS, True), (DAYS + 20, False)])
def test_the_same_words_weeks_later_are_another_story(days: int, together: bool) -> None:
    later = f"2025-03-{5 + days:02}"
    stories = find_stories([article(FIRE, "a"), article(OTHER_FIRE, "b", later)])
    assert (len(stories) == 1) is together
    assert len(find_stories([article(FIRE, "a"), article(OTHER_FIRE, "b", None)])) == 1


def test_a_copy_counts_a_quarter_and_stays_with_what_it_copies() -> None:
    printed = FIRE.replace("the fire brigade said", "the brigade said")
    stories = find_stories([article(FIRE, "wire"), article(printed, "paper", "2025-03-06"), article(VOTE, "b")])
    assert names(stories[0].articles) == {"wire"}
    assert names(stories[0].copies) == {"paper"}
    assert stories[0].weight == 1.25


def test_the_first_of_equals_stays_and_a_cut_text_is_a_copy_of_the_whole() -> None:
    cut = FIRE.partition(" The store was built")[0]
    late, early = article(FIRE, "late", "2025-03-07"), article(FIRE, "early", "2025-03-05", publisher="Wire")
    assert {name: kept.id for name, kept in near_copies([late, early]).items()} == {"late": "early"}
    # A part that lacks a name or a number of the whole adds nothing, but the whole has other numbers: no copy.
    assert near_copies([early, article(cut, "cut")]) == {}
    plain = "The grain store is gone and the people who live beside the harbour were led out of their houses at night. "
    whole, part = article(plain + "It was the last of its kind on the coast.", "whole"), article(plain.strip(), "part")
    assert {name: kept.id for name, kept in near_copies([whole, part]).items()} == {"part": "whole"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("forty people", "fifty people"), ("40 people", "50 people"), ("nobody was hurt", "a man was hurt")],
)
def test_what_differs_in_a_figure_or_a_denial_is_no_copy(one: str, other: str) -> None:
    first = FIRE.replace("forty people", one) if "people" in one else FIRE
    second = first.replace(one, other)
    assert first != second
    assert near_copies([article(first, "a"), article(second, "b")]) == {}


def test_the_one_that_stands_for_a_story_is_nearest_to_all() -> None:
    aside = "Maria Lind, who led the fire brigade at the grain store in Oakham, grew up beside the harbour as a child."
    story = find_stories([article(aside, "aside"), article(FIRE, "fire"), article(OTHER_FIRE, "more")])[0]
    assert len(story.articles) == 3
    assert story.articles[0].id != "aside"
    assert story.title.startswith(story.articles[0].text[:20])


def test_the_order_of_the_articles_does_not_matter_where_dates_do_not_tie() -> None:
    days = ("2025-03-05", "2025-03-06", "2025-03-07")
    given_ = [article(text, text[:9], day) for text, day in zip((FIRE, VOTE, OTHER_FIRE), days, strict=True)]
    assert [names(s.articles) for s in find_stories(given_)] == [names(s.articles) for s in find_stories(given_[::-1])]


@settings(max_examples=60, deadline=None)
@given(st.lists(ODD_TEXT.filter(str.strip), max_size=8), st.lists(st.integers(1, 28), min_size=8, max_size=8))
def test_every_article_is_in_one_story(texts: list[str], days: list[int]) -> None:
    articles = [
        Article(text=text, id=str(n), published=f"2025-03-{day:02}" if day > 4 else None)
        for n, (text, day) in enumerate(zip(texts, days, strict=False))
    ]
    stories = find_stories(articles)
    found = [one.id for story in stories for one in (*story.articles, *story.copies)]
    assert sorted(found) == sorted(one.id for one in articles)
    assert all(story.articles and story.title for story in stories)
    weights = [story.weight for story in stories]
    assert weights == sorted(weights, reverse=True)
    assert [names(s.articles) for s in find_stories(articles)] == [names(s.articles) for s in stories]


def test_many_copies_are_not_compared_pair_by_pair() -> None:
    """A thousand papers that print one sentence of their own: the pairs are half a million, the comparisons are not."""
    from toolkit.summaries import stories

    compared = 0
    original = stories.adds_nothing

    def counted(text: str, shown: str) -> bool:
        nonlocal compared
        compared += 1
        return original(text, shown)

    foot = " Read more in our paper, which you can subscribe to for four pounds a month from any kiosk in the county."
    said = "Number {} {} {} opened in street {}."
    many = [article(said.format(n, "abcdefghij"[n % 10] * 3, n * 7919, n) + foot, str(n)) for n in range(600)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stories, "adds_nothing", counted)
        started = time.process_time()
        assert near_copies(many) == {}
    assert compared < 10 * len(many)
    assert time.process_time() - started < 30
