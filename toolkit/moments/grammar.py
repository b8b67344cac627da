"""The grammar: which rules are tried at which word."""

from __future__ import annotations

import re
from functools import lru_cache

from toolkit.moments import periods
from toolkit.moments.counted import (
    ago,
    ahead,
    following,
    last_season,
    later,
    named_weekday,
    near_day,
    near_weekday,
    this_unit,
    vague,
)
from toolkit.moments.dated import (
    day_of_month,
    decade,
    month_alone,
    month_and_year,
    numeric,
    quarter,
    season,
    year_alone,
    year_range,
)
from toolkit.moments.reading import (
    COUNTS,
    DASH,
    DAY,
    LOW_MONTH,
    MONTH,
    MONTHS,
    SHORT_WEEKDAYS,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    Rule,
)


def _re(pattern: str) -> str:
    return pattern + r"(?!\w)"


WORD = re.compile(r"(?<!\w)(?:\d+|[^\W\d_]+)")
_NOT_MORE = r"(?![\d%:/]|[.,]\d|\s?(?:million|billion|per\b|percent|p\.?m\b|a\.?m\b))"
_WEEKDAY_BEFORE = rf"(?:(?:{WEEKDAY}|(?:{'|'.join(SHORT_WEEKDAYS)})\.?),?\s+(?:the\s+)?)?"
_YEAR_BEHIND = rf"(?:(?:,\s?|\s+(?:de\s+|of\s+)?)(?P<year>{YEAR})(?!\d|[.,]\d))?"
_COUNT = rf"(?:{'|'.join(sorted(COUNTS, key=len, reverse=True))}|\d{{1,3}})"
_UNIT = r"(?P<unit>day|week|month|quarter|year|decade)s?"
_PART_OF_DAY = r"(?:\s+(?:early\s+)?(?:morning|afternoon|evening|night)\b)?"
_MODIFIER = r"(?P<part>early|mid|late|(?:the\s+)?(?:end|beginning|start|middle)\s+of)(?:\s+|-)(?:the\s+)?"
_ORDERED = r"(?P<order>first|second|third|fourth)[\s-](?P<of>quarter|half)"
_LINK = rf"(?P<link>{DASH}|\s(?:to|and|until|through)\s)"
_NIGHT = r"(?:day|morning|afternoon|evening|night)"
_LONGER = r"week|weekend|month|year"

_DAY_FIRST = _re(
    rf"{_WEEKDAY_BEFORE}(?P<first>{DAY})(?:st|nd|rd|th|er|\.)?(?:{_LINK}(?P<last>{DAY})(?:st|nd|rd|th|\.)?)?"
    rf"\s(?:of\s|de\s)?(?P<month>(?:{MONTH})|(?:{LOW_MONTH}))\.?{_YEAR_BEHIND}"
)
_MONTH_FIRST = _re(
    rf"{_WEEKDAY_BEFORE}(?P<month>{MONTH})\.?\s(?:the\s)?(?P<first>{DAY})(?:st|nd|rd|th)?"
    rf"(?:{_LINK}(?P<last>{DAY})(?:st|nd|rd|th)?(?!\s(?:{MONTH})))?{_NOT_MORE}{_YEAR_BEHIND}"
)
_MONTH_YEAR = _re(
    rf"(?:{_MODIFIER})?(?P<month>{MONTH}|(?:{LOW_MONTH})(?=\s(?:de\s)?\d))\.?,?\s(?:of\s|de\s)?(?P<year>{YEAR})"
)
_SEASON = _re(rf"(?:{_MODIFIER})?(?P<season>(?i:spring|summer|autumn|fall|winter))(?:\s(?:of\s)?(?P<year>{YEAR}))?")
_YEAR_ALONE = _re(rf"(?:{_MODIFIER})?(?P<year>{YEAR})")
_DECADE = rf"(?:{_MODIFIER})?(?P<decade>[12]\d\d0|(?<=['’])\d0)s\b"
_UNIT_OF_NOW = _re(
    r"(?:(?P<part>(?i:earlier|later|early|mid|late|(?:the\s+)?(?:end|beginning|start|middle)\s+of))[\s-])?"
    r"(?P<which>(?i:last|past|previous|this|current|next|coming))\s(?P<unit>week|weekend|month|quarter|year|decade)"
)
_COUNTED_UNIT = rf"(?i:(?P<count>{_COUNT})\s(?:of\s)?{_UNIT})"

_GRAMMAR: tuple[tuple[str, str, Rule], ...] = (
    ("#", _re(r"(?P<a>\d{4})(?P<sign>[-/.])(?P<b>\d{1,2})(?P=sign)(?P<c>\d{1,2})(?!\.\d|[-/]\d)"), numeric),
    ("#", _re(r"(?P<a>\d{1,2})(?P<sign>[./])(?P<b>\d{1,2})(?P=sign)(?P<c>(?:1\d|20)\d\d)(?!\.\d|[-/]\d)"), numeric),
    ("# weekdays", _DAY_FIRST, day_of_month),
    ("months weekdays", _MONTH_FIRST, day_of_month),
    ("#", _re(
        rf"(?P<year>{YEAR})(?P<link>\s(?:to|and|until|through)\s|[-–/])(?P<until>{YEAR}|\d\d)(?![-–/:]|\.\d)"
    ), year_range),
    ("# modifiers", _DECADE, decade),
    ("months modifiers", _MONTH_YEAR, month_and_year),
    ("modifiers", _UNIT_OF_NOW, this_unit),
    ("months modifiers", _re(rf"(?:{_MODIFIER})?(?P<month>{MONTH})\.?"), month_alone),
    ("seasons modifiers", _SEASON, season),
    ("q", _re(rf"Q(?P<q>[1-4])(?:[\s,]+(?:of\s)?(?P<year>{YEAR}))?"), quarter),
    ("order", _re(rf"(?i:{_ORDERED})(?:\s(?:of\s)?(?P<year>{YEAR}))?"), quarter),
    ("counts", _re(rf"{_COUNTED_UNIT}\s(?i:ago)"), ago),
    ("counts", _re(rf"{_COUNTED_UNIT}\s(?P<way>(?i:earlier|later|afterwards|before|after|prior|previously))"), later),
    ("# modifiers", _YEAR_ALONE, year_alone),
    ("weekdays", _re(
        rf"(?P<weekday>{WEEKDAY}){_PART_OF_DAY}(?:\s(?:of\s)?(?P<whose>last|this|next|the\sprevious)\sweek)?"
    ), near_weekday),
    ("weekdays", _re(r"(?P<weekday>lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves"
                     r"|viernes|sábado|domingo)(?P<whose>(?!))?"), near_weekday),
    ("which", _re(rf"(?P<which>(?i:last|past|this|next|coming))\s(?P<weekday>{WEEKDAY}){_PART_OF_DAY}"), named_weekday),
    ("the", _re(rf"(?P<which>(?i:the\s(?:following|previous|preceding)))\s(?P<weekday>{WEEKDAY})"), named_weekday),
    ("near", _re(
        r"(?P<near>(?i:today|tonight|yesterday|tomorrow))(?:\s(?:morning|afternoon|evening|night))?"
    ), near_day),
    ("the", _re(r"(?P<near>(?i:the\sday\s(?:before\syesterday|after\stomorrow)))"), near_day),
    ("which", _re(r"(?P<near>(?i:last\s(?:night|evening)|this\s(?:morning|afternoon|evening)))"), near_day),
    ("which", _re(
        r"(?P<which>(?i:last|next|this|past|coming))\s(?P<season>spring|summer|autumn|fall|winter)"
    ), last_season),
    ("which", _re(rf"(?P<which>(?i:last|next|this))\s(?P<month>{MONTH})"), last_season),
    ("which", _re(
        rf"(?i:(?P<which>last|past|recent|previous|coming|next)\s(?:(?P<count>few|{_COUNT})\s)?)"
        r"(?P<unit>day|week|month|year|decade|quarter)s"
    ), vague),
    ("which", _UNIT_OF_NOW, this_unit),
    ("in", _re(
        rf"(?P<how>(?i:in|within))\s(?:(?P<count>{_COUNT})\s|(?P<whole>the\s))?(?P<unit>day|week|month|year|decade)s?"
        r"(?:['’]\stime)?"
    ), ahead),
    ("the", _re(
        rf"(?i:the\s(?:very\s)?(?P<which>following|next|previous|preceding|same))\s(?P<unit>{_NIGHT}|{_LONGER})"
    ), following),
    ("that", _re(
        rf"(?i:(?:later\s)?(?P<which>that|the\ssame))\s(?:same\s)?(?P<unit>{_NIGHT}|{_LONGER})"
    ), following),
    ("the", _re(rf"(?i:the)\s(?P<unit>{_NIGHT}|week|month|year)\s(?P<way>after|before)"), following),
)  # fmt: skip

_FIRST_WORDS = {
    "#": ("#",),
    "months": tuple(MONTHS),
    "weekdays": (*WEEKDAYS, *(name.lower() for name in SHORT_WEEKDAYS)),
    "modifiers": ("early", "mid", "late", "the", "end", "beginning", "start", "middle", "earlier", "later", "s"),
    "seasons": tuple(periods.SEASONS),
    "q": ("q",),
    "order": ("first", "second", "third", "fourth"),
    "counts": (*COUNTS, "#"),
    "near": ("today", "tonight", "yesterday", "tomorrow"),
    "which": ("last", "past", "this", "next", "coming", "recent", "previous", "current"),
    "in": ("in", "within"),
    "the": ("the",),
    "that": ("that", "later"),
}


@lru_cache(maxsize=1)
def rules_by_word() -> dict[str, tuple[tuple[re.Pattern[str], Rule], ...]]:
    """The rules to try at a word, in order, by the word in small letters; ``#`` stands for any number."""
    rules: dict[str, list[tuple[re.Pattern[str], Rule]]] = {}
    for classes, pattern, rule in _GRAMMAR:
        compiled = re.compile(pattern)
        for word in dict.fromkeys(word for name in classes.split() for word in _FIRST_WORDS[name]):
            rules.setdefault(word, []).append((compiled, rule))
    return {word: tuple(row) for word, row in rules.items()}
