"""Days, weeks, months, seasons, quarters, years and decades as pairs of first and last day, and steps between them."""

from __future__ import annotations

from datetime import date, timedelta

Days = tuple[date, date]
"""First and last day, both included."""

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First month of each season, as meteorologists of the northern half count."""

_PARTS = {"early": 0, "beginning": 0, "start": 0, "mid": 1, "middle": 1, "late": 2, "end": 2}


def day(year: int, month: int, number: int) -> Days:
    """One day.

    Raises:
        ValueError: There is no such day.
    """
    one = date(year, month, number)
    return one, one


def week(inside: date) -> Days:
    """The week, Monday to Sunday, that a day lies in."""
    first = inside - timedelta(days=inside.weekday())
    return first, first + timedelta(days=6)


def months(year: int, month: int, count: int = 1) -> Days:
    """So many months from one on; ``month`` may lie outside 1 to 12 and counts on into other years."""
    whole = year * 12 + month - 1
    after = whole + count
    return date(whole // 12, whole % 12 + 1, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def years(first: int, count: int = 1) -> Days:
    """So many years from one on."""
    return date(first, 1, 1), date(first + count - 1, 12, 31)


def around(inside: date, unit: str, steps: int = 0) -> Days:
    """The day, week, weekend, month, quarter, year or decade that a day lies in, or one so many steps from it."""
    if unit == "day":
        moved = inside + timedelta(days=steps)
        return moved, moved
    if unit == "week":
        return week(inside + timedelta(weeks=steps))
    if unit == "weekend":
        last = week(inside + timedelta(weeks=steps))[1]
        return last - timedelta(days=1), last
    if unit == "month":
        return months(inside.year, inside.month + steps)
    if unit == "quarter":
        return months(inside.year, (inside.month - 1) // 3 * 3 + 1 + 3 * steps, 3)
    if unit == "decade":
        return years((inside.year // 10 + steps) * 10, 10)
    return years(inside.year + steps)


def part(days: Days, which: str, granularity: str) -> Days:
    """The early, middle or late part of a period: ten days of a month, four months of a year, a third else."""
    index = _PARTS[which]
    first, last = days
    if granularity == "month":
        cuts = [first, first + timedelta(days=10), first + timedelta(days=20)]
    elif granularity == "year":
        cuts = [date(first.year, month, 1) for month in (1, 5, 9)]
    elif granularity == "decade":
        cuts = [date(first.year + years_on, 1, 1) for years_on in (0, 4, 7)]
    else:
        length = (last - first).days + 1
        cuts = [first + timedelta(days=length * third // 3) for third in (0, 1, 2)]
    starts = cuts[index]
    return (starts, cuts[index + 1] - timedelta(days=1)) if index < 2 and cuts[index + 1] > starts else (starts, last)


def shifted(one: date, count: int, unit: str) -> date:
    """A day so many units on; the last of the month where a month is too short."""
    if unit in ("day", "week"):
        return one + timedelta(days=count * (7 if unit == "week" else 1))
    step = {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit] * count
    first, last = months(one.year, one.month + step)
    return first.replace(day=min(one.day, last.day))


def distance(days: Days, one: date) -> int:
    """How many days a period lies from a day; 0 when it holds it."""
    first, last = days
    return max((first - one).days, (one - last).days, 0)
