"""Rules for calendar dates: days, months, years, quarters, seasons, decades, with a year or without."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from toolkit.language import lexicon
from toolkit.moments import periods
from toolkit.moments.periods import Days
from toolkit.moments.reading import (
    DASH,
    DAY,
    ENGLISH_MONTHS,
    LOWER_MONTHS,
    MONTH,
    MONTHS,
    TO,
    WEEKDAYS,
    YEAR,
    Reading,
    by_tense,
    in_part,
    made,
    modifier,
    nearest,
)
from toolkit.types.timeline import Moment

_NAMES_TOO = frozenset("april may june august jan".split())
_COUNTED = frozenset(
    """people homes houses cases troops soldiers dollars euros pounds metres meters metre meter feet km miles kilometres
    words jobs men women children workers workers' employees seats votes points tonnes tons barrels cars vehicles
    others pages hours minutes seconds degrees square percent copies students residents passengers runs yards""".split()
)
_MONTH_LEADS = frozenset("in since until till by during from through throughout before after to im en".split())
_YEAR_LEADS = frozenset(
    """in since until till by of from before after during around circa about through throughout year early late mid for
    en seit depuis desde im jahr année año""".split()
)


def numeric(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“2025-08-19”, “19.08.2025”, “08/19/2025”: what can be read in one way only."""
    before = reading.text[max(0, match.start() - 12) : match.start()]
    if re.search(r"[\d./:#+-]\Z|\b(?:version|release|python|v)\s?\Z", before, re.I):
        return None
    a, sign, b, c = match.group("a", "sign", "b", "c")
    if len(a) == 4:
        days = periods.day(int(a), int(b), int(c))
    elif sign == "." or int(a) > 12 or a == b:
        days = periods.day(int(c), int(b), int(a))
    elif int(b) > 12:
        days = periods.day(int(c), int(a), int(b))
    else:
        return None  # 03/04/2025 is March in one country and April in the next
    return made(reading, match.start(), match.end(), days, "day")


def day_of_month(reading: Reading, match: re.Match[str]) -> Moment | None:
    """A day of a month, or some days of it, in either order: “Tuesday, Aug. 19, 2025”, “3-5 May”, “1er mai”."""
    start, end = match.span()
    parts = match.groupdict()
    name = parts["month"]
    month = MONTHS[name.lower()]
    end -= name.lower() not in _SHORT_MONTHS and match[0].endswith(".")  # the sentence's full stop
    first, last = int(parts["first"]), int(parts["last"] or parts["first"])
    if last < first or (name == "MAY" and not parts["year"]):
        return None
    if parts.get("link") and parts["link"].strip() == "and" and reading.lead(start) != "between":
        return None
    year = parts["year"] or _year_ahead(reading.text, end)
    if year:
        days = (date(int(year), month, first), date(int(year), month, last))
        return made(reading, start, end, days, "day")
    today = reading.published
    if today is None:
        return None
    if named := _YEAR_OF_NOW.match(reading.text, end):
        found = _days_in(today.year + _STEPS[named[1]], month, first, last)
        return made(reading, start, named.end(), found, "day", "relative", anchor=today) if found else None
    before = reading.anchor
    if before is not None and _leads_to(reading.text, before, start):
        years = (before.start.year, before.start.year + 1)  # “between 10 September 2013 and 17 October”
        choices = [one for y in years if (one := _days_in(y, month, first, last)) and one[0] > before.start]
    else:
        choices = [one for y in (-1, 0, 1) if (one := _days_in(today.year + y, month, first, last))]
        choices = _on_weekday(match[0], choices) or choices
    if not choices:
        return None
    return made(reading, start, end, nearest(reading, today, start, end, choices), "day", anchor=today)


_YEAR_OF_NOW = re.compile(r"\s(?:of\s)?(last|this|next)\syear\b")
_STEPS = {"last": -1, "this": 0, "next": 1}


def _leads_to(text: str, before: Moment, start: int) -> bool:
    """Whether a date of this very text stands before a place, with nothing but “to” or “and” between."""
    here = text.startswith(before.words, before.offset)
    return here and TO.fullmatch(text, before.offset + len(before.words), start) is not None


def _on_weekday(words: str, choices: list[Days]) -> list[Days]:
    """Those of the choices that fall on the weekday that “Friday 14 March” names: it tells the year."""
    named = WEEKDAYS.get(words.split()[0].strip(",").lower())
    return [days for days in choices if days[0].isoweekday() == named]


def _days_in(year: int, month: int, first: int, last: int) -> Days | None:
    try:
        return date(year, month, first), date(year, month, last)
    except ValueError:
        return None


_AHEAD_OF_YEAR = re.compile(
    rf"(?:\s+(?:to|until|and|through)\s+|{DASH})(?:{DAY}(?:st|nd|rd|th)?\s(?:{MONTH})|(?:{MONTH})\.?\s{DAY}),?\s({YEAR})\b"
)


def _year_ahead(text: str, end: int) -> str | None:
    """The year that “30 May to 2 June 2024” names only once."""
    match = _AHEAD_OF_YEAR.match(text, end)
    return match[1] if match else None


def month_and_year(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“February 2022”, “early September 2025”."""
    days = periods.months(int(match["year"]), MONTHS[match["month"].lower()])
    return made(reading, match.start(), match.end(), *in_part(match, days, "month"), about=bool(modifier(match)))


_SHORT_MONTHS = frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())


def month_alone(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“in August”, “early September”: behind a preposition, since May, April and March are not always months."""
    start, end = match.start(), match.end()
    name, lead, today = match["month"].lower(), reading.lead(start), reading.published
    end -= name not in _SHORT_MONTHS and match[0].endswith(".")  # the sentence's full stop
    if today is None:
        return None
    if named := _YEAR_OF_NOW.match(reading.text, end):
        days, granularity = in_part(match, periods.months(today.year + _STEPS[named[1]], MONTHS[name]), "month")
        about = bool(modifier(match))
        return made(reading, start, named.end(), days, granularity, "relative", anchor=today, about=about)
    if not modifier(match):
        behind = re.match(r"\s([^\W\d_]+)", reading.text[end : end + 20])
        person = name in _NAMES_TOO and behind is not None and (behind[1][0].isupper() or name == "may")
        if lead not in _MONTH_LEADS or person or (name == "may" and lead not in ("in", "until", "during", "through")):
            return None
        if name in LOWER_MONTHS and name not in ENGLISH_MONTHS and lead not in ("im", "en", "seit", "depuis"):
            return None
    choices = [periods.months(today.year + y, MONTHS[name]) for y in (-1, 0, 1)]
    days = by_tense(reading, today, start, end, choices)
    return made(reading, start, end, *in_part(match, days, "month"), anchor=today, about=bool(modifier(match)))


def year_alone(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“in 2014”, “late 2023”, “the 2022 World Cup”."""
    start, end = match.span()
    number = int(match["year"])
    if not modifier(match) and not _is_year(reading, start, end, number):
        return None
    return made(reading, start, end, *in_part(match, periods.years(number), "year"), about=bool(modifier(match)))


def _is_year(reading: Reading, start: int, end: int, number: int) -> bool:
    text = reading.text
    if number < 1200:
        return False
    before, behind = text[max(0, start - 1) : start], text[end : end + 24]
    if before == "(" and behind[:1] == ")":
        return True
    if re.match(r"[-–/:%]|[.,]\d|\s?[€$£°]", behind) or before in ("$", "£", "€", "-", "/", ".", ",", "#", "+"):
        return False
    following = re.match(r"\s([^\W\d_]+)", behind)
    noun = following[1] if following else ""
    if noun.lower() in _COUNTED or (number % 100 == 0 and noun.islower() and noun not in lexicon.FUNCTION_WORDS):
        return False
    lead = reading.lead(start, frozenset())
    return lead in _YEAR_LEADS or (
        lead in ("the", "a", "its", "his", "their") and bool(noun) and not noun.endswith("s")
    )


def year_range(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“from 2014 to 2016”, “2018-19”."""
    first, last = int(match["year"]), match["until"]
    final = int(last) if len(last) == 4 else first - first % 100 + int(last)
    worded = match["link"].strip() in ("to", "and", "until", "through")
    lead = reading.lead(match.start(), frozenset())
    if (worded and lead not in ("from", "between")) or not first < final <= first + 150:
        return None
    if not worded and re.search(r"[\d-]\Z", reading.text[max(0, match.start() - 1) : match.start()]):
        return None
    days = periods.years(first, final - first + 1)
    return replace(made(reading, match.start(), match.end(), days, "year"), bound=None)


def decade(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“the 1990s”, “the '90s”, “the late 1970s”."""
    number = int(match["decade"])
    first = number if number > 99 else 1900 + number if number >= 20 else 2000 + number
    return made(
        reading,
        match.start(),
        match.end(),
        *in_part(match, periods.years(first, 10), "decade"),
        about=bool(modifier(match)),
    )


def quarter(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“Q3 2025”, “the third quarter of 2025”, “the first half of 2024”."""
    start, end = match.span()
    parts = match.groupdict()
    order = {"first": 1, "second": 2, "third": 3, "fourth": 4}
    number = int(parts["q"]) if parts.get("q") else order[parts["order"].lower()]
    half = (parts.get("of") or "").lower() == "half"
    length = 6 if half else 3
    if number > 12 // length:
        return None
    today = reading.published
    if parts["year"]:
        days = periods.months(int(parts["year"]), (number - 1) * length + 1, length)
        return made(reading, start, end, days, "year" if half else "quarter", about=half)
    if today is None or not parts.get("q"):
        return None
    choices = [periods.months(today.year + y, (number - 1) * 3 + 1, 3) for y in (-1, 0, 1)]
    return made(reading, start, end, by_tense(reading, today, start, end, choices), "quarter", anchor=today)


def season(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“spring 2024”, “since the spring”."""
    start, end = match.span()
    month = periods.SEASONS[match["season"].lower()]
    about = bool(modifier(match))
    if match["year"]:
        days = periods.months(int(match["year"]), month, 3)
        return made(reading, start, end, *in_part(match, days, "season"), about=about)
    today = reading.published
    lead, behind = reading.lead(start), reading.text[end : end + 8]
    with_the = re.search(r"\bthe\s+\Z", reading.text[max(0, start - 5) : start]) is not None
    if today is None or lead not in _MONTH_LEADS or behind.startswith((" of", "-")):
        return None
    if match["season"].lower() == "fall" and not with_the:
        return None
    choices = [periods.months(today.year + y, month, 3) for y in (-2, -1, 0, 1)]
    days = by_tense(reading, today, start, end, choices)
    return made(reading, start, end, *in_part(match, days, "season"), "relative", anchor=today, about=about)
