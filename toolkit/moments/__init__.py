"""Dates in a sentence: where they stand, and which days they mean.

A grammar of news English, with the absolute dates of German, French and Spanish. General parsers of dates were tried
first: dateparser's search gets the first day of 28 of the 62 sentences in ``tests/test_moments.py`` right, finds dates
in 19 of the 22 that have none, and takes 3.7 ms a sentence; it gives points in time and not days, weeks or years, has
no event to count "the following day" from, and no notion of tense. dateutil reads only what is known to be a date.

The rules, where news leaves a choice:

* A weekday is the last one at or before the publication's day when its verb has happened, the next one at or after it
  when its verb lies ahead. "Last Monday" is the one before that day, "next Friday" the first one after it.
* A date without a year takes the year in which it lies nearest to the publication, or with "will" the next one.
* Weeks begin on Monday. Seasons are those of the northern half.
* "The following day", "two days later" count from the date before them in the text; "two days after the vote" counts
  from something that has no date here, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from toolkit.moments.grammar import WORD, rules_by_word
from toolkit.moments.reading import TO, WEEKDAYS, Reading, Rule
from toolkit.types.timeline import Moment

__all__ = ["find_moments", "next_anchor"]


AN_UPDATE = 6
"""Days after its publication in which a text is changed because the story goes on; later it is corrected or moved."""


def find_moments(
    text: str,
    published: date | datetime | None,
    *,
    modified: date | datetime | None = None,
    anchor: Moment | None = None,
) -> tuple[Moment, ...]:
    """Find the dates of a sentence, and the days that they mean.

    Args:
        text: One sentence.
        published: When it was published: what “Monday” and “last year” count from, in its own time zone. None: only
            dates that need no such day are found.
        modified: When the text was last changed. Within ``AN_UPDATE`` days of the publication nobody knows which of the
            two a sentence was written on: a weekday between them is that day (“on Wednesday”, in an article of Tuesday
            that was changed on Wednesday), and what else would mean two days, such as “yesterday”, is left out.
        anchor: The date before this sentence: what “the following day” counts from, until the sentence names one.

    Returns:
        The dates in order, disjoint. What could mean two different days (``03/04/2025``) is left out, and so are
        times of day, durations, ages, and days that come round (“on Thursdays”).
    """
    today, changed = _day(published), _day(modified)
    found = _found(text, today, anchor)
    if today is None or changed is None or not today < changed <= today + timedelta(AN_UPDATE):
        return found
    then = {moment.offset: moment for moment in _found(text, changed, anchor)}
    return tuple(sure for one in found if (sure := _settled(one, then.get(one.offset), today, changed)) is not None)


def _settled(one: Moment, other: Moment | None, published: date, changed: date) -> Moment | None:
    """The date that holds whether a sentence was written on the one day or the other, or else must be of the change."""
    if other is None or (one.start, one.end) == (other.start, other.end):
        return one
    between = other.granularity == "day" and published < other.start <= other.end <= changed
    return other if between and other.words.split()[0].lower() in WEEKDAYS else None


def _day(moment: date | datetime | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment


def _found(text: str, today: date | None, anchor: Moment | None) -> tuple[Moment, ...]:
    found: list[Moment] = []
    reading = Reading(text, today, anchor)
    reached = 0
    known = rules_by_word()
    for word in WORD.finditer(text):
        start = word.start()
        if start < reached:
            continue
        rules = known["#"] if word.group()[0].isdigit() else known.get(word.group().lower(), ())
        moment = next((one for one in _tried(rules, reading, start)), None)
        if moment is None:
            continue
        joined = _joined(found[-1], moment, reading) if found else None
        if joined is not None:
            found[-1] = joined
        else:
            found.append(moment)
        reached = moment.offset + len(moment.words)
        if not moment.about:
            reading = replace(reading, anchor=moment)
    return tuple(found)


def next_anchor(found: tuple[Moment, ...], before: Moment | None) -> Moment | None:
    """The date that the next sentence's “following day” counts from, after a sentence with these dates."""
    exact = [moment for moment in found if not moment.about]
    return exact[-1] if exact else before


def _tried(rules: tuple[tuple[re.Pattern[str], Rule], ...], reading: Reading, start: int) -> Iterator[Moment]:
    for pattern, rule in rules:
        match = pattern.match(reading.text, start)
        if match is None:
            continue
        try:
            moment = rule(reading, match)
        except (ValueError, OverflowError):  # 31 February, or the year 10000
            moment = None
        if moment is not None:
            yield moment


def _joined(first: Moment, second: Moment, reading: Reading) -> Moment | None:
    """“From Monday to Wednesday”, “May 30 - June 2” as one moment; None when they are two."""
    end = first.offset + len(first.words)
    link = TO.fullmatch(reading.text, end, second.offset)
    if link is None or first.granularity != second.granularity or first.about or second.about:
        return None
    if link[0].split()[:1] == ["and"] and reading.lead(first.offset) != "between":
        return None
    days = (first.start, second.end)
    if days[0] > days[1] and {first.words.lower(), second.words.lower()} <= WEEKDAYS.keys():
        ahead = reading.tense(first.offset, end) == "future"
        days = (days[0], days[1] + timedelta(7)) if ahead else (days[0] - timedelta(7), days[1])
    if days[0] > days[1]:
        return None
    words = reading.text[first.offset : second.offset + len(second.words)]
    return replace(
        first,
        words=words,
        start=days[0],
        end=days[1],
        bound=None,
        planned=first.planned,
        attributive=second.attributive,
    )
