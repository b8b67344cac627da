"""Days that are told by what they are near to, each with the days that a reader of that Wednesday would say."""

from __future__ import annotations

from datetime import date

import pytest

from toolkit.moments import find_moments
from toolkit.moments.periods import around, part

WEDNESDAY = date(2025, 8, 20)


@pytest.mark.parametrize(
    ("sentence", "words", "start", "end"),
    [
        ("It closed last weekend.", "last weekend", "2025-08-16", "2025-08-17"),
        ("It will open next weekend.", "next weekend", "2025-08-30", "2025-08-31"),
        ("Profits rose last quarter.", "last quarter", "2025-04-01", "2025-06-30"),
        ("Profits will rise next quarter.", "next quarter", "2025-10-01", "2025-12-31"),
        ("It was the worst of this decade.", "this decade", "2020-01-01", "2029-12-31"),
        ("Prices rose last decade.", "last decade", "2010-01-01", "2019-12-31"),
        ("It opened early this year.", "early this year", "2025-01-01", "2025-04-30"),
        ("It will open late next year.", "late next year", "2026-09-01", "2026-12-31"),
        ("The wave came early this decade.", "early this decade", "2020-01-01", "2023-12-31"),
        ("It will begin early next week.", "early next week", "2025-08-25", "2025-08-26"),
        ("It closed in the middle of last week.", "the middle of last week", "2025-08-13", "2025-08-14"),
        ("It happened earlier this month.", "earlier this month", "2025-08-01", "2025-08-20"),
        ("It will happen later this month.", "later this month", "2025-08-20", "2025-08-31"),
        ("It happened last summer.", "last summer", "2024-06-01", "2024-08-31"),
        ("It opened this spring.", "this spring", "2025-03-01", "2025-05-31"),
        ("It will open next March.", "next March", "2026-03-01", "2026-03-31"),
        ("It rose in the past month.", "past month", "2025-07-20", "2025-08-20"),
        ("Over the next year it will grow.", "next year", "2025-08-20", "2026-08-20"),
        ("Talks after Monday's summit went well.", "Monday", "2025-08-18", "2025-08-18"),
        ("Ahead of Friday's vote he resigned.", "Friday", "2025-08-22", "2025-08-22"),
        ("It will rain by Friday.", "Friday", "2025-08-22", "2025-08-22"),
    ],
)
def test_days_near_the_day_of_publication(sentence: str, words: str, start: str, end: str) -> None:
    (moment,) = find_moments(sentence, WEDNESDAY)
    assert sentence[moment.offset :].startswith(moment.words)
    assert (moment.words, moment.start.isoformat(), moment.end.isoformat()) == (words, start, end)


@pytest.mark.parametrize(
    ("words", "day"), [("The following Monday", "2025-05-05"), ("The previous Friday", "2025-05-02")]
)
def test_days_near_another_day_of_the_text(words: str, day: str) -> None:
    _, moment = find_moments(f"The council met on May 3. {words} it voted.", WEDNESDAY)
    assert (moment.words, moment.start.isoformat(), moment.kind) == (words, day, "anchored")


@pytest.mark.parametrize(
    "sentence", ["He spoke to the Mail on Sunday.", "The Sunday Times reported it.", "Wednesday Addams was there."]
)
def test_names_with_a_weekday_in_them(sentence: str) -> None:
    assert find_moments(sentence, WEDNESDAY) == ()


@pytest.mark.parametrize("unit", ["day", "week", "weekend", "month", "quarter", "year", "decade"])
def test_periods_follow_each_other_without_gap_and_their_parts_fill_them(unit: str) -> None:
    for steps in range(-30, 30):
        days, after = around(WEDNESDAY, unit, steps), around(WEDNESDAY, unit, steps + 1)
        gap = (after[0] - days[1]).days
        assert gap == (6 if unit == "weekend" else 1)
        if unit in ("week", "month", "quarter", "year", "decade"):
            early, middle, late = (part(days, which, unit) for which in ("early", "mid", "late"))
            assert (early[0], late[1]) == days
            assert (middle[0] - early[1]).days == (late[0] - middle[1]).days == 1
