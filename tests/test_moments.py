"""Dates in sentences: a table written by hand before the code ran, and what must hold of any text."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.moments import find_moments
from toolkit.types import Moment

WEDNESDAY = "2025-08-20"
TUESDAY = "2025-08-19"
MONDAY = "2025-08-18"

# publication day, sentence, words found, first day, last day, granularity
TABLE = [
    # absolute, complete
    (None, "The talks took place on August 19, 2025, in Geneva.", "August 19, 2025", "2025-08-19", "2025-08-19", "day"),
    (None, "The letter of 19 August 2025 was leaked.", "19 August 2025", "2025-08-19", "2025-08-19", "day"),
    (None, "He was born on the 18th of August 1961.", "18th of August 1961", "1961-08-18", "1961-08-18", "day"),
    (None, "Signed 2025-08-19 in Kyiv.", "2025-08-19", "2025-08-19", "2025-08-19", "day"),
    (None, "Stand: 19.08.2025, Berlin.", "19.08.2025", "2025-08-19", "2025-08-19", "day"),
    (None, "It was filed on 19/08/2025 in Leeds.", "19/08/2025", "2025-08-19", "2025-08-19", "day"),
    (None, "It was filed on 08/19/2025 in Dallas.", "08/19/2025", "2025-08-19", "2025-08-19", "day"),
    (None, "The law passed on Tuesday, August 19, 2025.", "Tuesday, August 19, 2025",
     "2025-08-19", "2025-08-19", "day"),
    (None, "The invasion began in February 2022.", "February 2022", "2022-02-01", "2022-02-28", "month"),
    (None, "Crimea was annexed in 2014.", "2014", "2014-01-01", "2014-12-31", "year"),
    (None, "The offensive of spring 2024 failed.", "spring 2024", "2024-03-01", "2024-05-31", "season"),
    (None, "Sales rose in Q3 2025.", "Q3 2025", "2025-07-01", "2025-09-30", "quarter"),
    (None, "Output fell in the first quarter of 2024.", "first quarter of 2024", "2024-01-01", "2024-03-31", "quarter"),
    (None, "The mines closed in the 1990s.", "1990s", "1990-01-01", "1999-12-31", "decade"),
    (None, "They met on May 3-5, 2024, in Bern.", "May 3-5, 2024", "2024-05-03", "2024-05-05", "day"),
    (None, "They met between 3 and 5 May 2024.", "3 and 5 May 2024", "2024-05-03", "2024-05-05", "day"),
    (None, "It ran from 30 May to 2 June 2024.", "30 May to 2 June 2024", "2024-05-30", "2024-06-02", "day"),
    (None, "He governed from 2014 to 2016.", "2014 to 2016", "2014-01-01", "2016-12-31", "year"),
    (None, "Prices fell in late 2023.", "late 2023", "2023-09-01", "2023-12-31", "year"),
    # absolute, without the year: the nearest one
    (WEDNESDAY, "The talks were held on Aug. 18.", "Aug. 18", "2025-08-18", "2025-08-18", "day"),
    (WEDNESDAY, "The talks were held on 18 Aug in Washington.", "18 Aug", "2025-08-18", "2025-08-18", "day"),
    ("2025-01-03", "The fire broke out on December 30.", "December 30", "2024-12-30", "2024-12-30", "day"),
    ("2025-12-28", "The rule takes effect on Jan. 1.", "Jan. 1", "2026-01-01", "2026-01-01", "day"),
    ("2025-03-20", "The fee will rise on Jan. 5.", "Jan. 5", "2026-01-05", "2026-01-05", "day"),
    (WEDNESDAY, "The round starts again in early September.", "early September", "2025-09-01", "2025-09-10", "month"),
    (WEDNESDAY, "The bridge collapsed in May.", "May", "2025-05-01", "2025-05-31", "month"),
    ("2025-02-10", "The bridge collapsed in November.", "November", "2024-11-01", "2024-11-30", "month"),
    (WEDNESDAY, "The trial will open in March.", "March", "2026-03-01", "2026-03-31", "month"),
    (WEDNESDAY, "They met May 3-5 in Bern.", "May 3-5", "2025-05-03", "2025-05-05", "day"),
    # relative to the publication
    (WEDNESDAY, "The minister resigned today.", "today", "2025-08-20", "2025-08-20", "day"),
    (WEDNESDAY, "The minister resigned yesterday.", "yesterday", "2025-08-19", "2025-08-19", "day"),
    (WEDNESDAY, "Parliament will vote tomorrow.", "tomorrow", "2025-08-21", "2025-08-21", "day"),
    (WEDNESDAY, "The team plays tonight.", "tonight", "2025-08-20", "2025-08-20", "day"),
    (WEDNESDAY, "The summit on Monday discussed a deal.", "Monday", "2025-08-18", "2025-08-18", "day"),
    (MONDAY, "A White House summit on Monday discussed a deal.", "Monday", "2025-08-18", "2025-08-18", "day"),
    (WEDNESDAY, "The chiefs will meet on Monday.", "Monday", "2025-08-25", "2025-08-25", "day"),
    (MONDAY, "Working groups were asked to continue on Tuesday.", "Tuesday", "2025-08-19", "2025-08-19", "day"),
    (WEDNESDAY, "She refused to comment on Monday.", "Monday", "2025-08-18", "2025-08-18", "day"),
    (WEDNESDAY, "Officials said on Tuesday that talks would resume.", "Tuesday", "2025-08-19", "2025-08-19", "day"),
    ("2026-03-14", "Miners voted against going on strike on Friday.", "Friday", "2026-03-13", "2026-03-13", "day"),
    ("2026-03-14", "The owners are going to court on Friday.", "Friday", "2026-03-20", "2026-03-20", "day"),
    (WEDNESDAY, "A vote is scheduled for Friday.", "Friday", "2025-08-22", "2025-08-22", "day"),
    (WEDNESDAY, "He was arrested last Monday.", "last Monday", "2025-08-18", "2025-08-18", "day"),
    ("2025-08-23", "They will meet next Friday.", "next Friday", "2025-08-29", "2025-08-29", "day"),
    (WEDNESDAY, "The offices stayed closed from Monday to Wednesday.", "Monday to Wednesday",
     "2025-08-18", "2025-08-20", "day"),
    (WEDNESDAY, "Three people were arrested this week.", "this week", "2025-08-18", "2025-08-24", "week"),
    (WEDNESDAY, "The court heard the case last week.", "last week", "2025-08-11", "2025-08-17", "week"),
    (WEDNESDAY, "Inflation slowed last month.", "last month", "2025-07-01", "2025-07-31", "month"),
    (WEDNESDAY, "The plant will close next year.", "next year", "2026-01-01", "2026-12-31", "year"),
    (WEDNESDAY, "The talks broke down two days ago.", "two days ago", "2025-08-18", "2025-08-18", "day"),
    (WEDNESDAY, "The ban was lifted three weeks ago.", "three weeks ago", "2025-07-28", "2025-08-03", "week"),
    (WEDNESDAY, "The ban will end in three weeks.", "in three weeks", "2025-09-08", "2025-09-14", "week"),
    (WEDNESDAY, "He was fined a year ago.", "a year ago", "2024-01-01", "2024-12-31", "year"),
    (WEDNESDAY, "Last night the bridge was hit.", "Last night", "2025-08-19", "2025-08-19", "day"),
    (WEDNESDAY, "The deal was signed last summer.", "last summer", "2024-06-01", "2024-08-31", "season"),
    (WEDNESDAY, "The deal was signed earlier this month.", "earlier this month", "2025-08-01", "2025-08-20", "month"),
    (WEDNESDAY, "Shares fell on Tuesday last week.", "Tuesday last week", "2025-08-12", "2025-08-12", "day"),
    (WEDNESDAY, "The inspectors came on 1 October last year.", "1 October last year",
     "2024-10-01", "2024-10-01", "day"),
    (WEDNESDAY, "The bridge collapsed in May last year.", "May last year", "2024-05-01", "2024-05-31", "month"),
    (WEDNESDAY, "She was found dead on Friday 14 March.", "Friday 14 March", "2025-03-14", "2025-03-14", "day"),
    ("2015-01-14", "She was found dead on Friday 14 March.", "Friday 14 March", "2014-03-14", "2014-03-14", "day"),
    ("2025-03-29", "The pair will be sentenced on 6 February.", "6 February", "2026-02-06", "2026-02-06", "day"),
    # other languages: absolute ones, and weekdays behind the publication
    (None, "Das Treffen fand am 19. August 2025 statt.", "19. August 2025", "2025-08-19", "2025-08-19", "day"),
    (None, "La réunion a eu lieu le 19 août 2025.", "19 août 2025", "2025-08-19", "2025-08-19", "day"),
    (None, "La cumbre tuvo lugar el 19 de agosto de 2025.", "19 de agosto de 2025",
     "2025-08-19", "2025-08-19", "day"),
    (None, "Le 1er mai 2024, des milliers ont défilé.", "1er mai 2024", "2024-05-01", "2024-05-01", "day"),
    (WEDNESDAY, "Das teilte die Polizei am Montag mit.", "Montag", "2025-08-18", "2025-08-18", "day"),
    (WEDNESDAY, "Le ministre a démissionné lundi.", "lundi", "2025-08-18", "2025-08-18", "day"),
    (WEDNESDAY, "El ministro dimitió el martes.", "martes", "2025-08-19", "2025-08-19", "day"),
]  # fmt: skip

# publication day, sentences, and of the last one: words, first day, last day, granularity
STORIES = [
    (WEDNESDAY, ["The summit was held on Aug. 18.", "The following day, officials met."],
     "The following day", "2025-08-19", "2025-08-19", "day"),
    (WEDNESDAY, ["He flew in on Friday.", "The next day he signed."],
     "The next day", "2025-08-16", "2025-08-16", "day"),
    (WEDNESDAY, ["He flew in on Aug. 14.", "Talks began the day after."],
     "the day after", "2025-08-15", "2025-08-15", "day"),
    (WEDNESDAY, ["The dam broke on June 6, 2023.", "Two days later, water reached Kherson."],
     "Two days later", "2023-06-08", "2023-06-08", "day"),
    (WEDNESDAY, ["The dam broke on June 6, 2023.", "That evening, trains stopped."],
     "That evening", "2023-06-06", "2023-06-06", "day"),
    (WEDNESDAY, ["The dam broke on June 6, 2023.", "The same day, Kyiv called a meeting."],
     "The same day", "2023-06-06", "2023-06-06", "day"),
    (WEDNESDAY, ["The dam broke on June 6, 2023.", "A week earlier, engineers had warned of it."],
     "A week earlier", "2023-05-30", "2023-05-30", "day"),
    (WEDNESDAY, ["An official said on Wednesday that few would come.", "More had been named a day earlier."],
     "a day earlier", "2025-08-19", "2025-08-19", "day"),
    (WEDNESDAY, ["The company was founded in 2014.", "A year later it went bankrupt."],
     "A year later", "2015-01-01", "2015-12-31", "year"),
    (WEDNESDAY, ["The law was passed in May 2024.", "The following month it was struck down."],
     "The following month", "2024-06-01", "2024-06-30", "month"),
    (WEDNESDAY, ["The siege began on April 4.", "No food arrived.", "The following Friday it was over."],
     "The following Friday", "2025-04-11", "2025-04-11", "day"),
]  # fmt: skip

NO_DATES = [
    "The package may be final, and troops may march.",
    "They march on Rome; a march is not a date.",
    "The doors open at 3 p.m. and close at 10:30.",
    "He is 24 and she is 45 years old.",
    "Help is there 24/7.",
    "Version 2.10.2024 beta and Python 3.12.1 are out.",
    "Call 555-2014 or +44 20 7946 0958.",
    "The first 100 days were hard.",
    "About 2,014 people came, and 2014 of them stayed.",
    "The repairs cost £1.4 million in 2000 homes.",
    "He sat in the sun; second, he won.",
    "Theresa May and April Smith met August Wilson.",
    "The Sunday Times and USA Today wrote about Black Friday.",
    "The library is open on Thursdays and every Monday.",
    "A five-day visit took three years of planning.",
    "The remark came a day after the summit at the White House.",
    "They left the day before the war broke out.",
    "It read 31.02.2025 and 2025-13-40.",
    "It read 03/04/2025, which is two days in two countries.",
    "His fall from power and the spring in his step.",
    "Sheffield Wednesday lost 2-1.",
    "In her 90s she still swims.",
    "They dominated the next four years.",
]


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("published", "sentence", "words", "start", "end", "granularity"), TABLE)
def test_the_table(published: str | None, sentence: str, words: str, start: str, end: str, granularity: str) -> None:
    found = find_moments(sentence, day(published) if published else None)
    assert [(m.words, m.start, m.end, m.granularity) for m in found] == [(words, day(start), day(end), granularity)]
    assert sentence[found[0].offset : found[0].offset + len(words)] == words


@pytest.mark.parametrize(("published", "story", "words", "start", "end", "granularity"), STORIES)
def test_what_leans_on_the_event_before(
    published: str, story: list[str], words: str, start: str, end: str, granularity: str
) -> None:
    anchor: Moment | None = None
    for sentence in story:
        found = find_moments(sentence, day(published), anchor=anchor)
        anchor = found[-1] if found else anchor
    assert [(m.words, m.start, m.end, m.granularity) for m in found] == [(words, day(start), day(end), granularity)]
    assert found[0].kind == "anchored"
    assert found[0].anchor is not None


@pytest.mark.parametrize("sentence", NO_DATES)
def test_what_is_no_date(sentence: str) -> None:
    assert find_moments(sentence, day(WEDNESDAY)) == ()


@pytest.mark.parametrize(
    "sentence", ["He resigned on Monday.", "It ends tomorrow.", "Two days ago it rained.", "The next day he left."]
)
def test_without_a_publication_date_only_absolute_dates_are_found(sentence: str) -> None:
    assert find_moments(sentence, None) == ()
    assert find_moments(sentence + " It was May 3, 2021.", None)[0].start == date(2021, 5, 3)


def test_what_lies_ahead_is_planned() -> None:
    planned = {
        sentence: [moment.planned for moment in find_moments(sentence, day(WEDNESDAY))]
        for sentence in (
            "He spoke on Monday, and the vote is due on Friday.",
            "Elections will be held in 2027.",
            "The war began in 2022.",
            "The package could be final within the week.",
            "Shops closed this week.",
        )
    }
    assert list(planned.values()) == [[False, True], [True], [False], [True], [False]]


def test_kinds_and_anchors() -> None:
    sentence = "On Aug. 14 he came, the next day he left, and on Monday he wrote."
    found = find_moments(sentence, day(WEDNESDAY))
    assert [(m.kind, m.anchor) for m in found] == [
        ("absolute", day(WEDNESDAY)),  # for its year
        ("anchored", date(2025, 8, 14)),
        ("relative", day(WEDNESDAY)),
    ]
    assert find_moments("On August 14, 2025, he came.", day(WEDNESDAY))[0].anchor is None


def test_bounds_and_approximation_are_told() -> None:
    bounds = {
        words: (found.bound, found.about)
        for words, sentence in (
            ("since", "Prices have risen since 2021."),
            ("until", "He stays in custody until Friday."),
            ("by", "The work will be done by 2030."),
            ("before", "It was settled before May 3, 2024."),
            ("after", "It was settled after May 3, 2024."),
            ("at", "It was settled on May 3, 2024."),
            ("about", "The company was founded around 1890."),
            ("early", "Prices fell in early 2023."),
        )
        for found in find_moments(sentence, day(WEDNESDAY))
    }
    assert bounds == {
        "since": ("since", False), "until": ("until", False), "by": ("by", False), "before": ("before", False),
        "after": ("after", False), "at": (None, False), "about": (None, True), "early": (None, True),
    }  # fmt: skip


# What must hold of any text

_DATES = st.dates(min_value=date(1800, 1, 1), max_value=date(2099, 12, 31))
_PIECES = st.sampled_from(
    """Monday Tuesday, May March Aug. August 3 3-5 19 2025 2014 the of in on last next following day days week weeks
    ago later earlier two a an before after yesterday Q3 1990s '90s spring fall 19.08.2025 31.02.2024 2025-08-19 -
    – , . ; “ ” to between and from early mid- late end that same evening will was said 0 00 99999999999 9999-99-99
    lundi 1er août de agosto Mai month year decade quarter first half in within coming recent few É ß \u0130""".split()
)


@given(st.text(max_size=300), st.none() | _DATES)
def test_any_text_is_read(text: str, published: date | None) -> None:
    _check(text, find_moments(text, published))


@given(st.lists(_PIECES, max_size=30).map(" ".join), st.none() | _DATES)
def test_any_jumble_of_date_words_is_read(text: str, published: date | None) -> None:
    _check(text, find_moments(text, published))


def _check(text: str, found: tuple[Moment, ...]) -> None:
    reached = 0
    for moment in found:
        assert reached <= moment.offset < moment.offset + len(moment.words) <= len(text)
        assert text[moment.offset : moment.offset + len(moment.words)] == moment.words
        assert moment.start <= moment.end
        reached = moment.offset + len(moment.words)


@given(_DATES, st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%d %B %Y", "%b. %d, %Y", "%A, %B %d, %Y"]))
def test_absolute_dates_come_back_as_they_were(when: date, form: str) -> None:
    written = when.strftime(form).replace("May.", "May")
    (found,) = find_moments(f"It was decided on {written}, and nobody objected.", None)
    assert (found.words, found.start, found.end, found.granularity) == (written, when, when, "day")


@given(_DATES, st.integers(0, 6))
def test_a_past_weekday_is_the_last_one_and_a_future_one_the_next(published: date, weekday: int) -> None:
    name = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()[weekday]
    (past,) = find_moments(f"The court ruled on {name}.", published)
    (future,) = find_moments(f"The court will rule on {name}.", published)
    assert past.start.weekday() == future.start.weekday() == weekday
    assert timedelta(0) <= published - past.start < timedelta(7)
    assert timedelta(0) <= future.start - published < timedelta(7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["Monday ", "the day ", "1 ", "19 Aug. ", "between 3 and ", "early ", "2014-", "x", "two days later ", "19."],
)
def test_a_line_of_a_megabyte_is_read_in_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    find_moments(text, day(WEDNESDAY))
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("Four people were still missing on Wednesday.", date(2026, 3, 11)),  # not the Wednesday before
        ("The dam broke on Tuesday.", date(2026, 3, 10)),
        ("They will meet on Friday.", date(2026, 3, 13)),
        ("It was on March 8.", date(2026, 3, 8)),
        ("He spoke yesterday.", None),  # of the first text or of the changed one?
    ],
)
def test_a_text_that_was_changed_the_day_after(sentence: str, day: date | None) -> None:
    found = find_moments(sentence, date(2026, 3, 10), modified=datetime(2026, 3, 11, 17, 45, tzinfo=UTC))
    assert [moment.start for moment in found] == ([] if day is None else [day])


def test_a_text_that_was_touched_much_later_is_of_its_publication() -> None:
    sentence = "Four people were still missing on Wednesday, and he spoke yesterday."
    published = date(2026, 3, 10)
    assert find_moments(sentence, published, modified=date(2026, 9, 1)) == find_moments(sentence, published)
    assert find_moments(sentence, published, modified=date(2026, 3, 9)) == find_moments(sentence, published)
