"""Which articles a search may find: dates, publishers, ids -> a filter over the columns of passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from toolkit.errors import ArgumentError
from toolkit.store.schema import literal, one_of, publisher_key, stored_id

When = str | date | datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Which articles a search may find. Every condition that is given must hold.

    Articles without a date are left out when ``since`` or ``until`` is given: nobody can tell whether they belong.

    Attributes:
        since, until: The first and the last moment. A day (``"2025-08-19"`` or a ``date``) is that whole day, the last
            included, in each article's own time zone. A ``datetime`` is an instant (UTC when it has no zone), included.
        publisher: One name or several; the whole name, in any case.
        ids: Ids of articles.
        not_publisher: One name or several that the publisher must not be.

    Raises:
        ArgumentError: When a date cannot be read, or a filter has the wrong type.
    """

    since: When | None = None
    until: When | None = None
    publisher: str | Sequence[str] | None = None
    ids: Sequence[str] | None = None
    not_publisher: str | Sequence[str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "since", _when("since", self.since))
        object.__setattr__(self, "until", _when("until", self.until))
        object.__setattr__(self, "publisher", _names("publisher", self.publisher))
        object.__setattr__(self, "ids", _names("ids", self.ids))
        object.__setattr__(self, "not_publisher", _names("not_publisher", self.not_publisher))

    def where(self) -> str | None:
        """The filter over the columns of ``passages``; None when every passage may be found."""
        parts = [_edge(">=", self.since), _edge("<=", self.until)]
        if self.publisher is not None:
            parts.append(_any(one_of("publisher", map(publisher_key, self.publisher))))
        if self.ids is not None:
            parts.append(_any(one_of("article_id", map(stored_id, self.ids))))
        if self.not_publisher:
            unwanted = _any(one_of("publisher", map(publisher_key, self.not_publisher)))
            parts.append(f"(publisher IS NULL OR NOT {unwanted})")
        return both(*parts)


def both(*wheres: str | None) -> str | None:
    """Filters that must all hold; None for one that lets everything pass."""
    return " AND ".join(part for part in wheres if part) or None


def of_articles(ids: Iterable[str]) -> str:
    """The filter for the passages of some articles."""
    return _any(one_of("article_id", map(stored_id, dict.fromkeys(ids))))


def _when(name: str, value: object) -> date | datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            return (
                date.fromisoformat(text)
                if len(text) <= len("2025-08-19")
                else _when(name, datetime.fromisoformat(text))
            )
        except ValueError:
            pass
    raise ArgumentError(f'{name}={value!r} is not a date: give "YYYY-MM-DD", a date or a datetime')


def _edge(operator: str, when: object) -> str | None:
    if isinstance(when, datetime):
        # Offsets at the ends of time would leave the years that exist.
        try:
            instant = when.astimezone(UTC)
        except OverflowError:
            instant = when.replace(tzinfo=UTC)
        return f"published {operator} timestamp {literal(instant.replace(tzinfo=None).isoformat() + 'Z')}"
    if isinstance(when, date):
        return f"day {operator} {literal(when.isoformat())}"
    return None


def _names(name: str, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Iterable):
        names = tuple(value)
        if all(isinstance(one, str) for one in names):
            return names
    raise ArgumentError(f"{name}={value!r}: give a string or a list of strings")


def _any(parts: list[str]) -> str:
    return f"({' OR '.join(parts)})" if parts else "false"
