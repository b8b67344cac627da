"""Dates as sources write them, read without guessing.

A date is taken only when year, month and day are all there and only one reading is possible. ``03/04/2025`` is
March in one country and April in the next, so it stays unknown; so do ``May``, ``2025`` and ``August 2025``.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

# Minutes east of Greenwich, for the names that news uses in one sense only (or in one sense by far).
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "MSK": 180, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
}  # fmt: skip
_REGIONS = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}

_COMPACT = re.compile(r"[12]\d{3}[01]\d[0-3]\d")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_YEAR_FIRST = re.compile(r"[12]\d{3}\D")
_LABEL = re.compile(r"(?:(?:first )?published|posted|publication date|date)(?: on)?\s*:?\s+", re.IGNORECASE)
_REMARK = re.compile(r"(?<=\d) \([A-Z][^()]{1,40}\)$")  # JavaScript adds “(Coordinated Universal Time)”
_LONGEST = 80  # characters of a date; the longest forms have about 60
_EARLIEST_YEAR = 1400  # before there were newspapers, numbers are something else
_EPOCH_ZERO = datetime(1970, 1, 1, tzinfo=UTC)  # what programs write for “no date”


def is_missing(value: Any) -> bool:
    """Whether a value stands for “unknown”: None, NaN, NaT, NA, or text of white space only."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, float):
        return math.isnan(value)
    return type(value).__name__ in {"NaTType", "NAType"}


def parse_date(value: Any) -> datetime | None:
    """Read a date, or say that it is unknown.

    Args:
        value: A datetime, a date, a pandas Timestamp, seconds or milliseconds since 1970 (as a number or as digits),
            ``YYYYMMDD``, or text: ISO 8601, RFC 2822, English such as ``Sept. 3, 2025 at 5:04 p.m. EDT``, or a
            whole date in words of another language (:mod:`~toolkit.articles.months`).

    Returns:
        The moment, with a time zone when the value names one that is known, else without; None when the value is
        missing, incomplete, ambiguous or not a date.
    """
    if is_missing(value) or isinstance(value, bool):
        return None
    found: datetime | None
    if isinstance(value, datetime):
        to_python = getattr(value, "to_pydatetime", None)  # a pandas Timestamp is a datetime of its own kind
        found = to_python(warn=False) if callable(to_python) else value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        found = _from_text(value)
    elif type(value).__name__ == "datetime64":
        found = _from_text(str(value)[:26])
    else:
        found = _from_number(value)
    if found is None or found.year < _EARLIEST_YEAR or found == _EPOCH_ZERO:
        return None
    return found


def _from_number(value: Any) -> datetime | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if number.is_integer() and _COMPACT.fullmatch(str(int(number))):
        return _from_iso(str(int(number)))
    if 1e8 <= number < 1e10:  # 1973 to 2286 in seconds; smaller numbers are more likely something else
        return datetime.fromtimestamp(number, UTC)
    if 1e11 <= number < 1e13:
        return datetime.fromtimestamp(number / 1000, UTC)
    return None


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_text(value: str) -> datetime | None:
    text = " ".join(value.split())
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    text = _REMARK.sub("", text)
    if not text or len(text) > _LONGEST:
        return None
    if not text.isascii():
        return _in_words(text)
    if text.isdigit():
        if _COMPACT.fullmatch(text):
            return _from_iso(text)
    elif "W" not in text and (found := _from_iso(text)):  # 2025-W03 is a week, not a day
        return found
    if _EPOCH.fullmatch(text):
        return _from_number(text)
    return (_from_words(text) or _in_words(text)) if _YEAR.search(text) else None


def _in_words(text: str) -> datetime | None:
    """A date in another language; its patterns are compiled when the first such date is read."""
    from toolkit.articles.months import in_words

    return in_words(text)


def _from_words(text: str) -> datetime | None:
    """Let dateutil read the text in every way it can, and accept what all ways agree on."""
    from dateutil.parser import parse

    text = re.sub(r"\b([ap])\.m\.?", r"\1m", text, flags=re.IGNORECASE)
    # dateutil reads UTC-4 as POSIX does, with the sign turned round; nobody who writes news means that.
    text = re.sub(r"\b(?:UTC|GMT) ?(?=[+-]\d)", "", text)
    day_orders = (False,) if _YEAR_FIRST.match(text) else (False, True)
    # What a text leaves out, dateutil fills from the default: two defaults bring that to light.
    defaults = (datetime(2000, 1, 1), datetime(2001, 2, 2))
    readings: set[tuple[datetime, timedelta | None]] = set()
    for day_first in day_orders:
        for default in defaults:
            try:
                found = parse(text, default=default, dayfirst=day_first, tzinfos=_zone)
            except (ValueError, OverflowError, AttributeError, TypeError):
                return None
            readings.add((found.replace(tzinfo=None), found.utcoffset()))
    if len(readings) != 1:
        return None
    moment, offset = readings.pop()
    return moment if offset is None else moment.replace(tzinfo=timezone(offset))


def _zone(name: str | None, seconds: int | None) -> tzinfo | None:
    """The zone that a date's text names; called by dateutil with the name, or the offset in seconds."""
    if name and name.upper() in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name.upper()]))
    if name and name.upper() in _REGIONS:
        return _region(_REGIONS[name.upper()])
    return None if seconds is None else timezone(timedelta(seconds=seconds))


def _region(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:  # a system without zone data: the day is still right
        return None
