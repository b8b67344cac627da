"""What a rule knows of the text, the names of months and weekdays, and which of several days a date means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from toolkit.language import lexicon
from toolkit.moments import periods
from toolkit.moments.periods import Days
from toolkit.moments.tenses import Tense, tense_at
from toolkit.types.timeline import Granularity, Moment

Kind = Literal["absolute", "relative", "anchored"]
Bound = Literal["since", "until", "by", "before", "after"]

ENGLISH_MONTHS = {**lexicon.MONTHS, "mar": 3}
_GERMAN_MONTHS = "januar februar märz april mai juni juli august september oktober november dezember".split()
LOWER_MONTHS = {
    name: number
    for row in (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
    for number, name in enumerate(row.split(), 1)
}
MONTHS = {**LOWER_MONTHS, **{name: n for n, name in enumerate(_GERMAN_MONTHS, 1)}, **ENGLISH_MONTHS}
"""Months by name in small letters: English with abbreviations, German, French, Spanish."""

_FOREIGN_WEEKDAYS = {
    name: number
    for row in (
        "montag dienstag mittwoch donnerstag freitag samstag sonntag",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "lunes martes miércoles jueves viernes sábado domingo",
    )
    for number, name in enumerate(row.split(), 1)
}
WEEKDAYS = {**lexicon.WEEKDAYS, **_FOREIGN_WEEKDAYS}
"""Weekdays by name in small letters, 1 for Monday."""

SHORT_WEEKDAYS = "Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun".split()
COUNTS = {name: n for n, name in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)}
COUNTS |= {"a": 1, "an": 1, "couple": 2}

MONTH = "|".join(sorted({form for name in MONTHS for form in (name.title(), name.upper())}, key=len, reverse=True))
LOW_MONTH = "|".join(sorted(LOWER_MONTHS, key=len, reverse=True))
WEEKDAY = "|".join([*(w.title() for w in WEEKDAYS), *(w.upper() for w in lexicon.WEEKDAYS)])
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
YEAR = r"(?:1\d{3}|20\d{2})"
DASH = r"\s?[-–—]\s?"
TO = re.compile(rf"(?:\s+(?:to|until|till|through|and|bis|au|al)\s+|{DASH})(?:the\s+)?")

_BOUNDS: dict[str, Bound] = {
    "since": "since", "from": "since", "until": "until", "till": "until", "through": "until", "by": "by",
    "before": "before", "after": "after", "following": "after", "seit": "since", "bis": "until", "depuis": "since",
}  # fmt: skip
_AHEAD_OF = re.compile(r"\b(?:ahead of|prior to)\s+(?:the\s+)?\Z")
_ABOUT = frozenset("about around circa roughly approximately some nearly almost over than barely".split())


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules need to know of the text.

    Attributes:
        text: A sentence.
        published: The day of its publication.
        anchor: The date before, in this sentence or another one.
    """

    text: str
    published: date | None
    anchor: Moment | None

    def tense(self, start: int, end: int) -> Tense | None:
        """The tense of the verb that a date between two places belongs to."""
        return tense_at(self.text, start, end)

    def lead(self, at: int, skip: frozenset[str] = frozenset({"the"})) -> str:
        """The word before a place, in small letters; articles are passed over."""
        words = re.findall(r"[^\W\d_]+", self.text[max(0, at - 32) : at])
        while words and words[-1].lower() in skip:
            words.pop()
        gap = self.text[max(0, at - 32) : at].rstrip(" \t\n(“\"'")
        return words[-1].lower() if words and gap[-1:].isalpha() else ""


Rule = Callable[[Reading, re.Match[str]], Moment | None]
"""What makes a date of a match of its pattern, or None when it is none after all; it may raise ValueError."""


def made(
    reading: Reading,
    start: int,
    end: int,
    days: Days,
    granularity: Granularity,
    kind: Kind = "absolute",
    *,
    anchor: date | None = None,
    about: bool = False,
    planned: bool = False,
) -> Moment:
    """A date at a place of the text, with what the words around it say: since or until, about, planned, which thing."""
    lead = reading.lead(start)
    bound = _BOUNDS.get(lead)
    if bound is None and _AHEAD_OF.search(reading.text[max(0, start - 20) : start]):
        bound = "before"
    today = reading.published
    if today is not None and days[1] > today and not planned:
        planned = days[0] > today or reading.tense(start, end) == "future"
    return Moment(
        words=reading.text[start:end], offset=start, start=days[0], end=days[1], granularity=granularity, kind=kind,
        anchor=anchor, planned=planned, bound=bound, about=about or lead in _ABOUT,
        attributive=_says_which(reading, start, end),
    )  # fmt: skip


def _says_which(reading: Reading, start: int, end: int) -> bool:
    """“Monday's summit”, “the 2022 World Cup”, “the Aug. 18 talks”: the date is part of a name for something else."""
    behind = reading.text[end : end + 24]
    if re.match(r"['’]s\b|-", behind):
        return True
    articled = re.search(
        r"\b(?:the|a|an|his|her|its|their|this|that)\s+\Z", reading.text[max(0, start - 8) : start], re.I
    )
    following = re.match(r"\s([^\W\d_]+)", behind)
    plain = following is not None and following[1].lower() not in lexicon.FUNCTION_WORDS
    return bool(articled) and plain


_PART_NAME = re.compile(r"early|mid\b|late|end|beginning|start|middle")


def modifier(match: re.Match[str]) -> str | None:
    """“early”, “mid”, “late”, “end” ... of a match's group ``part``; None without one."""
    found = match.groupdict().get("part")
    return _PART_NAME.search(found.lower())[0] if found else None  # type: ignore[index]


def in_part(match: re.Match[str], days: Days, granularity: Granularity) -> tuple[Days, Granularity]:
    """The days, or the early, middle or late part of them if the match asks for it; and the granularity."""
    which = modifier(match)
    return (periods.part(days, which, granularity) if which else days), granularity


# Which year, which Monday


def nearest(reading: Reading, today: date, start: int, end: int, choices: list[Days]) -> Days:
    """Of the same date in several years, the nearest; with “will” the nearest that is not over."""
    if reading.tense(start, end) == "future":
        ahead = [days for days in choices if days[1] >= today]
        near = [days for days in choices if periods.distance(days, today) <= _JUST_PAST]
        if not near:
            choices = ahead or choices
    return min(choices, key=lambda days: periods.distance(days, today))


_JUST_PAST = 31
"""Days that a date may lie back though the verb lies ahead: “would be final, he said Aug. 18”."""


_STILL_LAST = 9
"""Days into a month for which its name, told of the past, still means last year's: this month's is “this month”."""


def by_tense(reading: Reading, today: date, start: int, end: int, choices: list[Days]) -> Days:
    """Of the same month or season in several years, the last one begun or the next one not over, as the verb says."""
    tense = reading.tense(start, end)
    if tense == "past":
        begun = today - timedelta(days=_STILL_LAST)
        return max((days for days in choices if days[0] <= begun), default=choices[0])
    if tense == "future":
        return min(days for days in choices if days[1] >= today)
    return min(choices, key=lambda days: periods.distance(days, today) * (_NEWS_IS_PAST if days[0] > today else 1))


_NEWS_IS_PAST = 1.5
"""How much farther a month or season to come counts than one that is over, when no verb tells."""


def weekday_near(today: date, weekday: int, *, ahead: bool) -> Days:
    """The last such weekday at or before a day, or the next one at or after it."""
    back = (today.isoweekday() - weekday) % 7
    found = today + timedelta(days=(7 - back) % 7) if ahead else today - timedelta(days=back)
    return found, found
