"""Rules for dates that count from the publication (“last month”) or from the date before (“the following day”)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from toolkit.moments import periods
from toolkit.moments.reading import COUNTS, MONTHS, WEEKDAYS, Reading, made, modifier, weekday_near
from toolkit.moments.tenses import Tense
from toolkit.types.timeline import Moment

_NO_WEEKDAY_BEHIND = frozenset(
    """black ash good super easter cyber bloody sheffield holy palm shrove whit giving ruby every each most a any per
    maundy pancake""".split()
)
_CLAUSE_ENDS = re.compile(r"\s*(?:[.,;:!?)”\"—–]|$|(?:and|but|when|as|in|at|on|by)\b)")


def near_weekday(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“on Monday”, “Tuesday morning”, “Tuesday last week”, “Monday's summit”."""
    start, end = match.span()
    today, weekday = reading.published, WEEKDAYS[match["weekday"].lower()]
    lead = reading.lead(start, frozenset())
    if today is None or lead in _NO_WEEKDAY_BEHIND or _names_a_thing(reading, start, end, lead):
        return None
    if match["whose"]:
        steps = {"last": -1, "previous": -1, "this": 0, "next": 1}[match["whose"].lower()]
        found = periods.week(today + timedelta(weeks=steps))[0] + timedelta(days=weekday - 1)
        return made(reading, start, end, (found, found), "day", "relative", anchor=today)
    tense = reading.tense(start, end)
    ahead = tense == "future" or (tense is None and lead in ("by", "until", "till"))
    days = weekday_near(today, weekday, ahead=ahead)
    if re.match(r"['’]s\b", reading.text[end:]):  # “after Monday's summit”, “ahead of Monday's vote”
        days = weekday_near(today, weekday, ahead=_lies_ahead(reading, start, tense))
    return made(reading, start, end, days, "day", "relative", anchor=today)


def _lies_ahead(reading: Reading, start: int, tense: Tense | None) -> bool:
    before = reading.text[max(0, start - 20) : start].lower()
    if re.search(r"\b(?:ahead of|before|until|for|prior to)\s+\Z", before):
        return True
    return tense == "future" and not re.search(r"\b(?:after|since|following|from|in|at)\s+\Z", before)


def _names_a_thing(reading: Reading, start: int, end: int, lead: str) -> bool:
    """“The Sunday Times”, “Mail on Sunday”, “Wednesday Addams”, “Monday Night Football”."""
    if reading.text[max(0, start - 8) : start] == "Mail on ":
        return True
    name = re.match(r"\s([A-Z][^\W\d_]+)", reading.text[end : end + 20])
    if name is None or name[1].lower() in WEEKDAYS or name[1].lower() in MONTHS:
        return False
    return lead in ("the", "") or name[1] in ("Night", "Times", "Telegraph", "Addams", "Mirror", "Express")


def named_weekday(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“Last Monday”, “next Friday”, “this Sunday”; “the following Monday” counts from the date before."""
    start, end = match.span()
    which, weekday = match["which"].lower().split()[-1], WEEKDAYS[match["weekday"].lower()]
    if which in ("following", "previous", "preceding"):
        base = reading.anchor
        if reading.published is None or base is None or base.granularity != "day":
            return None
        from_day, kind, first = (base.end if which == "following" else base.start), "anchored", reading.anchor
    else:
        if reading.published is None:
            return None
        from_day, kind, first = reading.published, "relative", None
    if which == "this":
        found = periods.week(from_day)[0] + timedelta(days=weekday - 1)
    elif which in ("last", "past", "previous", "preceding"):
        found = from_day - timedelta(days=(from_day.isoweekday() - weekday) % 7 or 7)
    else:
        found = from_day + timedelta(days=(weekday - from_day.isoweekday()) % 7 or 7)
    if first is not None and kind == "anchored":
        return made(reading, start, end, (found, found), "day", "anchored", anchor=from_day)
    return made(reading, start, end, (found, found), "day", "relative", anchor=from_day)


_DAYS_AWAY = {
    "today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "day before yesterday": -2, "day after tomorrow": 2,
    "last night": -1, "last evening": -1, "this morning": 0, "this afternoon": 0, "this evening": 0,
}  # fmt: skip


def near_day(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“today”, “yesterday”, “last night”."""
    start, end = match.span()
    today = reading.published
    words = " ".join(match["near"].lower().split()).removeprefix("the ")
    if today is None:
        return None
    opening = match["near"][0].isupper()
    before = reading.text[:start].rstrip("“\"'‘ ")
    if opening and (
        (before and before[-1] not in ".!?:\n—–") or re.match(r"\s(?:show|programme|FM)", reading.text[end:])
    ):
        return None  # “USA Today”, “the Today programme”
    days = periods.around(today, "day", _DAYS_AWAY[words])
    return made(reading, start, end, days, "day", "relative", anchor=today)


def this_unit(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“Last week”, “this month”, “next year”, with “early” and “late” before them, and “earlier this year”."""
    start, end = match.span()
    today, which, unit = reading.published, match["which"].lower(), match["unit"].lower()
    if today is None:
        return None
    articled = re.search(r"\bthe\s+\Z", reading.text[max(0, start - 5) : start], re.I) is not None
    if articled and which == "next" and reading.tense(start, end) != "future":
        return None  # “the next week”, told of the past, counts from the event before
    steps = {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1}[which]
    if articled and which in ("last", "past", "next", "coming") and unit != "weekend":
        away = periods.shifted(today, steps, unit)
        days = (min(away, today), max(away, today))
        return made(reading, start, end, days, unit, "relative", anchor=today, about=True)  # type: ignore[arg-type]
    if which in ("past", "coming", "previous") and unit != "weekend":
        return None
    days = periods.around(today, unit, steps)
    granularity: Any = "day" if unit == "weekend" else unit
    opening = (match["part"] or "").lower()
    if opening == "earlier":
        days = (days[0], max(days[0], min(today, days[1])))
    elif opening == "later":
        days = (max(days[0], min(today, days[1])), days[1])
    elif opening:
        days = periods.part(days, modifier(match) or "mid", granularity)
    return made(reading, start, end, days, granularity, "relative", anchor=today, about=bool(opening))


def last_season(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“Last summer” is the last one that is over, “next March” the first one to come."""
    start, end = match.span()
    today = reading.published
    if today is None:
        return None
    which, parts = match["which"].lower(), match.groupdict()
    season = parts.get("season")
    month = periods.SEASONS[season.lower()] if season else MONTHS[parts["month"].lower()]
    choices = [periods.months(today.year + y, month, 3 if season else 1) for y in (-2, -1, 0, 1, 2)]
    if which == "last":
        days = max(one for one in choices if one[1] < today)
    elif which == "next":
        days = min(one for one in choices if one[0] > today)
    else:
        days = min(choices, key=lambda one: (one[0].year != today.year, periods.distance(one, today)))
    return made(reading, start, end, days, "season" if season else "month", "relative", anchor=today)


def ago(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“two days ago”."""
    today = reading.published
    if today is None:
        return None
    unit, count = match["unit"].lower(), _count(match["count"])
    about = match["count"].lower() == "couple"
    days = periods.around(periods.shifted(today, -count, unit), unit)
    return made(reading, match.start(), match.end(), days, unit, "relative", anchor=today, about=about)  # type: ignore[arg-type]


def _count(words: str) -> int:
    return COUNTS[words.lower()] if words.lower() in COUNTS else int(words)


def ahead(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“In three weeks” and “within two days”, where the verb lies ahead."""
    start, end = match.span()
    today, unit = reading.published, match["unit"].lower()
    if today is None or reading.tense(start, end) != "future" or re.match(r"\s+(?:of|since)\b", reading.text[end:]):
        return None
    if match["how"].lower() == "in":
        could = re.search(r"\b(?:can|could)\b", reading.text[max(0, start - 60) : start])
        if match["count"] is None or could:  # “you can plan that in a week” is how long it takes
            return None
        days = periods.around(periods.shifted(today, _count(match["count"]), unit), unit)
        return made(reading, start, end, days, unit, "relative", anchor=today)  # type: ignore[arg-type]
    if match["count"] is not None:
        days = (today, periods.shifted(today, _count(match["count"]), unit))
    elif match["whole"]:
        days = (today, periods.around(today, unit)[1])
    else:  # “within days”: before the next larger unit is over
        days = (today, periods.shifted(today, 1, {"day": "week", "week": "month", "month": "year"}.get(unit, "decade")))
    return made(reading, start, end, days, unit, "relative", anchor=today, about=True)  # type: ignore[arg-type]


_FEW = {"day": 7, "week": 4, "month": 6, "year": 5, "decade": 3, "quarter": 3}
"""How far “in the coming days” and “in recent weeks” are taken to reach, in their own unit."""


def vague(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“In the coming days”, “in recent weeks”, “over the past three years”, “the next two weeks”."""
    today, unit = reading.published, match["unit"].lower()
    if today is None:
        return None
    count = match["count"]
    reach = _FEW[unit] if count is None or count.lower() == "few" else _count(count)
    back = match["which"].lower() in ("last", "past", "recent", "previous")
    if not back and reading.tense(*match.span()) == "past":
        return None  # “they dominated the next four years”
    away = periods.shifted(today, -reach if back else reach, unit)
    days = (min(away, today), max(away, today))
    found: Any = unit
    return made(
        reading, match.start(), match.end(), days, found, "relative", anchor=today, about=True, planned=not back
    )


# Rules: counted from the date before


def later(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“Two days later”, “a week earlier”, “a month before” when nothing says before what."""
    start, end = match.span()
    way, unit = match["way"].lower(), match["unit"].lower()
    if way in ("before", "after", "prior") and not _CLAUSE_ENDS.match(reading.text, end):
        return None
    if re.match(r"\s+(?:than|that|of|to)\b", reading.text[end:]):
        return None
    back = way in ("earlier", "before", "previously", "prior")
    return _from_anchor(reading, start, end, unit, -_count(match["count"]) if back else _count(match["count"]))


def following(reading: Reading, match: re.Match[str]) -> Moment | None:
    """“The following day”, “the next morning”, “the previous week”, “the same day”, “that evening”, “the day after”."""
    start, end = match.span()
    parts = {name: value.lower() for name, value in match.groupdict().items() if value}
    unit = parts["unit"]
    unit = "day" if unit in ("morning", "afternoon", "evening", "night") else unit
    which = parts.get("which") or parts["way"]
    if re.match(r"\s+(?:as|that|of|when|after|before)\b" if which == "same" else r"-", reading.text[end:]):
        return None
    if "way" in parts and not _CLAUSE_ENDS.match(reading.text, end):
        return None  # “the day before he died”
    if which == "that" and (unit == "year" and reading.text[end : end + 4] == "-old"):
        return None
    steps = {"following": 1, "next": 1, "after": 1, "same": 0, "that": 0}.get(which, -1)
    return _from_anchor(reading, start, end, unit, steps)


_ORDER = ("day", "week", "month", "season", "quarter", "year", "decade")


def _from_anchor(reading: Reading, start: int, end: int, unit: str, steps: int) -> Moment | None:
    """So many days, weeks or years from the date before; None when there is none or it is not that exact."""
    base = reading.anchor
    if reading.published is None or base is None:
        return None
    needs = "day" if unit in ("day", "weekend") else unit
    if _ORDER.index(base.granularity) > _ORDER.index(needs):
        return None
    from_day = base.end if steps > 0 and base.granularity == "day" else base.start
    if unit == "week" and steps and base.granularity == "day":
        unit, steps = "day", 7 * steps
    days = periods.around(from_day, unit, steps)
    granularity: Any = "day" if unit == "weekend" else unit
    return made(reading, start, end, days, granularity, "anchored", anchor=from_day)
