"""Numbers with their units and dates with what the article's own date makes of them, read from tokens.

Two readings agree when nothing in them excludes that they mean the same: “$3.5 billion” and “3.5 percent” do not,
“Tuesday” and “Aug. 19” do in an article of Wednesday, 20 August 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from toolkit import thresholds
from toolkit.language import lexicon
from toolkit.language.words import Token

Tokens = Sequence[Token]

_DAYS_OF = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_SHIFTS = {"last": -1, "this": 0, "next": 1}
_CALENDAR_WORDS = frozenset({*lexicon.MONTHS, *lexicon.WEEKDAYS, *_DAYS_OF, *_SHIFTS})
_MONTH_NAMES = {number: name for name, number in reversed(lexicon.MONTHS.items())}


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A number as a text gives it.

    Attributes:
        index: Of its token.
        indexes: Of all the tokens that it is made of, with its unit.
        value: In the unit; the lower end of a range.
        until: The upper end of a range, else ``value``.
        unit: ``percent``, a currency, or empty.
        counted: Key of what is counted (“200 tanks”: ``tank``), empty when nothing is known.
        then: Key of the next content word behind that (“200 tanks were sent”: ``send``).
        lead: The word before it, if that is “from” or “to”.
        about: Whether the text says that it is not exact.
        bound: ``least`` or ``most`` when it is one (“at least 200”, “up to 200”), else empty.
        words: As the text has it.
    """

    index: int
    indexes: tuple[int, ...]
    value: float
    until: float
    unit: str
    counted: str
    then: str
    lead: str
    about: bool
    bound: str
    words: str

    @property
    def year(self) -> bool:
        """Whether it reads like a year."""
        plain = not self.unit and self.value == self.until and self.words.isdigit()
        return plain and not self.counted and 1000 <= self.value <= 2100


@dataclass(frozen=True, kw_only=True, slots=True)
class Date:
    """A date as far as a text gives it: 0 for what it does not say.

    Attributes:
        year, month, day: Numbers.
        weekday: 1 for Monday.
        days: The calendar days that it may be, once the article's own date is taken into account.
        words: As the text has it.
        indexes: Of its tokens.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    weekday: int = 0
    days: frozenset[date] = frozenset()
    words: str
    indexes: tuple[int, ...]

    def agrees(self, other: Date) -> bool:
        """Whether both may be the same day, month or year."""
        if self.days and other.days:
            return not self.days.isdisjoint(other.days)
        if self.days or other.days:
            days, rough = (self.days, other) if self.days else (other.days, self)
            if rough.month or rough.year:
                return any(rough.month in (0, day.month) and rough.year in (0, day.year) for day in days)
        pairs = [(getattr(self, part), getattr(other, part)) for part in ("year", "month", "day", "weekday")]
        if any(a and b and a != b for a, b in pairs):
            return False
        return any(a and b for a, b in pairs)


# Numbers


def quantities(tokens: Tokens, dated: frozenset[int] = frozenset()) -> list[Quantity]:
    """The numbers of a row of tokens, but for those at the indexes in ``dated``."""
    found: list[Quantity] = []
    for index, token in enumerate(tokens):
        if token.value is None or index in dated:
            continue
        unit, behind = _unit(tokens, index)
        before = found[-1] if found else None
        if before is not None and _is_range(tokens, before.index, index):
            found[-1] = Quantity(
                index=before.index, indexes=(*before.indexes, *range(index, behind)), value=before.value,
                until=_upper(before.value, token.value), unit=unit or before.unit,
                counted=_counted(tokens, behind), then="",
                lead="", about=before.about, bound="", words=f"{before.words}-{token.word}",
            )  # fmt: skip
            continue
        words = token.word if unit != "percent" else f"{token.word} percent"
        about = any(t.word in lexicon.APPROXIMATE for t in tokens[max(0, index - 2) : index])
        counted = "" if unit else _counted(tokens, behind)
        found.append(
            Quantity(
                index=index,
                indexes=tuple(range(index, behind)),
                value=token.value,
                until=token.value,
                unit=unit,
                counted=counted,
                then=_then(tokens, behind, counted),
                lead=_lead(tokens, index),
                about=about,
                bound=bound(tokens, index),
                words=words,
            )
        )
    return found


def bound(tokens: Tokens, index: int) -> str:
    """``least`` or ``most`` when what stands before a number, or before its currency, bounds it so, else empty."""
    if index and tokens[index - 1].word in lexicon.MONEY_SIGNS:
        index -= 1
    two = " ".join(token.word for token in tokens[max(0, index - 2) : index])
    one = tokens[index - 1].word if index else ""
    if two in ("at least", "more than", "no fewer than", "greater than") or one in ("over", "above", "exceeding"):
        return "least"
    if two in ("at most", "fewer than", "less than", "up to", "lower than") or one in ("under", "below"):
        return "most"
    return ""


def _unit(tokens: Tokens, index: int) -> tuple[str, int]:
    """The unit beside a number and the index behind both."""
    following = [token.word for token in tokens[index + 1 : index + 3]]
    if following[:1] and following[0] in lexicon.PERCENT:
        return "percent", index + 2
    if following == ["per", "cent"]:
        return "percent", index + 3
    if following[:1] and following[0] in lexicon.CURRENCIES:
        return lexicon.CURRENCIES[following[0]], index + 2
    if index and tokens[index - 1].word in lexicon.MONEY_SIGNS and tokens[index].start - tokens[index - 1].end <= 1:
        return lexicon.CURRENCIES[tokens[index - 1].word], index + 1
    return "", index + 1


def _counted(tokens: Tokens, index: int) -> str:
    """What the word row from ``index`` on counts: the next content word, if it comes at once."""
    for token in tokens[index : index + 1]:
        if token.content and token.value is None and not token.name and token.word not in lexicon.MONTHS:
            return token.key
    return ""


def _lead(tokens: Tokens, index: int) -> str:
    """“from” or “to” directly before a number, or before its currency."""
    words = [token.word for token in tokens[max(0, index - 2) : index] if token.word not in lexicon.CURRENCIES]
    return words[-1] if words and words[-1] in ("from", "to") else ""


def _then(tokens: Tokens, index: int, counted: str) -> str:
    for token in tokens[index + bool(counted) : index + 4]:
        if token.content:
            return token.key
    return ""


def _is_range(tokens: Tokens, first: int, second: int) -> bool:
    between = [token.word for token in tokens[first + 1 : second] if token.word not in lexicon.CURRENCIES]
    low, high = tokens[first].value, tokens[second].value
    if low is None or high is None or low >= _upper(low, high):
        return False
    if not between:  # “10-12”, not “10, 12”: nothing but one sign lies between them
        return tokens[second].start - tokens[first].end == 1
    opening = tokens[first - 1].word if first else ""
    if len(between) == 1 and between[0] in lexicon.PERCENT:
        return tokens[second].start - tokens[second - 1].end <= 1
    return (between == ["to"] and opening != "from") or (between == ["and"] and opening == "between")


def _upper(low: float, high: float) -> float:
    """The upper end of a range: 19 in “2018-19” is 2019."""
    return low - low % 100 + high if 1000 <= low <= 2100 and high < 100 else high


def same_quantity(claim: Quantity, source: Quantity) -> bool:
    """Whether two numbers may be the same one: value, or near enough where one side is not exact, and unit."""
    if (claim.unit and source.unit and claim.unit != source.unit) or {claim.lead, source.lead} == {"from", "to"}:
        return False
    if claim.value == claim.until and source.value != source.until:  # one number against a range
        return claim.about and source.value <= claim.value <= source.until
    if (claim.value, claim.until) == (source.value, source.until):
        return True
    if claim.value != claim.until:
        return claim.value <= source.value and source.until <= claim.until and not claim.year
    near = abs(source.value - claim.value) <= thresholds.APPROXIMATELY * max(abs(source.value), abs(claim.value))
    return (claim.about or source.about) and near


def borne_out(claim: Quantity, source: Quantity) -> bool:
    """Whether a claim may give its number so: it may be the same, or “more than 100” of what the source counts 112."""
    return same_quantity(claim, source) or _rounded(claim, source)


def _rounded(claim: Quantity, source: Quantity) -> bool:
    alike = claim.counted == source.counted and bool(claim.counted or claim.unit) and claim.unit == source.unit
    if not alike or source.bound not in ("", claim.bound):
        return False
    least, most = (claim.value, source.value) if claim.bound == "least" else (source.value, claim.value)
    return bool(claim.bound) and thresholds.ROUNDED * most <= least < most


# Dates


def dates(tokens: Tokens, published: datetime | None = None) -> list[Date]:
    """The dates of a row of tokens, in order.

    Args:
        tokens: Of a claim or a source.
        published: The article's date, by which “Tuesday”, “yesterday” and “Aug. 19” become days.
    """
    today = None if published is None else published.date()
    found: list[Date] = []
    used: set[int] = set()
    for index, token in enumerate(tokens):
        if index in used or (token.value is None and token.word not in _CALENDAR_WORDS):
            continue
        one = _calendar(tokens, index) or _relative(tokens, index, today)
        if one is not None:
            used.update(one.indexes)
            found.append(_placed(one, today))
    return found


def _calendar(tokens: Tokens, index: int) -> Date | None:
    token = tokens[index]
    iso = tokens[index : index + 3]
    if (
        len(iso) == 3
        and all(t.value is not None for t in iso)
        and iso[2].start - iso[0].end == iso[1].end - iso[1].start + 2
    ):
        year, month, day = (int(t.value or 0) for t in iso)
        if 1000 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31:
            words = f"{year}-{month:02}-{day:02}"
            return Date(year=year, month=month, day=day, words=words, indexes=(index, index + 1, index + 2))
    if token.word in lexicon.WEEKDAYS and token.content:
        return Date(weekday=lexicon.WEEKDAYS[token.word], words=token.word, indexes=(index,))
    if token.value is not None and _is_day(token):  # “19 August 2025”
        month_at = index + 2 if _word(tokens, index + 1) == "of" else index + 1
        if _month(tokens, month_at):
            return _with_year(tokens, month_at, _month(tokens, month_at), int(token.value), (index, month_at))
    if _month(tokens, index):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following is not None and following.value is not None and _is_day(following):
            return _with_year(tokens, index + 1, _month(tokens, index), int(following.value), (index, index + 1))
        return _with_year(tokens, index, _month(tokens, index), 0, (index,))
    return None


def _word(tokens: Tokens, index: int) -> str:
    return tokens[index].word if 0 <= index < len(tokens) else ""


def _month(tokens: Tokens, index: int) -> int:
    return lexicon.MONTHS.get(tokens[index].word, 0) if 0 <= index < len(tokens) and tokens[index].content else 0


def _is_day(token: Token) -> bool:
    return token.value is not None and 1 <= token.value <= 31 and token.value == int(token.value)


def _with_year(tokens: Tokens, last: int, month: int, day: int, indexes: tuple[int, ...]) -> Date:
    following = tokens[last + 1] if last + 1 < len(tokens) else None
    year = 0
    if following is not None and following.value is not None and 1000 <= following.value <= 2100:
        year, indexes = int(following.value), (*indexes, last + 1)
    words = " ".join([_MONTH_NAMES[month], *([str(day)] if day else []), *([str(year)] if year else [])])
    return Date(year=year, month=month, day=day, words=words, indexes=indexes)


def _relative(tokens: Tokens, index: int, today: date | None) -> Date | None:
    """“Yesterday” as a day and “last year” as a year, where the article's date is known."""
    word, following = tokens[index].word, _word(tokens, index + 1)
    if today is None:
        return None
    if word in _DAYS_OF:
        day = today + timedelta(days=_DAYS_OF[word])
        return Date(days=frozenset({day}), words=word, indexes=(index,))
    if word in _SHIFTS and following == "year":
        return Date(year=today.year + _SHIFTS[word], words=f"{word} year", indexes=(index, index + 1))
    if word in _SHIFTS and following == "month":
        months = today.year * 12 + today.month - 1 + _SHIFTS[word]
        return Date(year=months // 12, month=months % 12 + 1, words=f"{word} month", indexes=(index, index + 1))
    return None


def _placed(one: Date, today: date | None) -> Date:
    """The date with the days that it may be."""
    days = set(one.days)
    if one.weekday and today is not None:
        # The weekday before or on the day of publication, or the one after it.
        back = today - timedelta(days=(today.isoweekday() - one.weekday) % 7)
        days = {back, back + timedelta(days=7)}
        if back == today:
            days.add(today - timedelta(days=7))
    elif one.month and one.day:
        years = [one.year] if one.year else [] if today is None else [today.year]
        days = {day for year in years if (day := _day(year, one.month, one.day)) is not None}
    if not days:
        return one
    return Date(
        year=one.year, month=one.month, day=one.day, weekday=one.weekday,
        days=frozenset(days), words=one.words, indexes=one.indexes,
    )  # fmt: skip


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
