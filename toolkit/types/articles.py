"""Articles and places in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from toolkit.types.shown import Shown


def _content_id(url: str | None, text: str) -> str:
    digest = hashlib.sha256()
    digest.update((url or "").encode("utf-8", "surrogatepass"))
    digest.update(b"\0")
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _aware(moment: datetime | date | str) -> datetime:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    elif not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def has_time(moment: datetime) -> bool:
    """Whether it is more than a day: midnight stands for a day of which no time is known."""
    return (moment.hour, moment.minute, moment.second) != (0, 0, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A run of characters of one article.

    Attributes:
        article_id: The article that it lies in.
        start: First code point, counted from 0.
        end: One past the last code point.
    """

    article_id: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: start {self.start}, end {self.end}")

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character of the same article."""
        return self.article_id == other.article_id and self.start < other.end and other.start < self.end


def cut_at_word(line: str, width: int) -> str:
    """A line as it is, or cut at a word near ``width`` characters, with an ellipsis."""
    if len(line) <= width:
        return line
    head = line[:width]
    space = head.rfind(" ")
    return (head[:space] if space > width // 2 else head).rstrip(" ,;:–-") + "…"


_HEADING = 60
"""Characters of a text that stand for a title: a line of a list, by eye."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Article(Shown):
    """One source text with what is known about it.

    Attributes:
        text: The text that every offset counts in. Never changed after the article is made.
        id: Given by the record, else derived from url and text (16 hexadecimal digits).
        title, url, publisher, author: As the source gives them; None when unknown.
        published: When it was published, with a time zone; a bare date is midnight UTC, and ISO 8601 text is read.
            None when unknown.
        modified: When its source says that it was last changed, read like ``published``; None when unknown.
        language: ISO 639-1 code such as ``en``; None when unknown.
        origin: Where it was read from (a path or URL), for reports and for noticing a changed file.
        metadata: Whatever else the record carried.
    """

    text: str
    id: str = ""
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    language: str | None = None
    origin: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not isinstance(self.id, str):
            raise TypeError(f"Article: text and id are strings, not {self.text!r:.40} and {self.id!r:.40}")
        if not self.id:
            object.__setattr__(self, "id", _content_id(self.url, self.text))
        if self.published is not None:
            object.__setattr__(self, "published", _aware(self.published))
        if self.modified is not None:
            object.__setattr__(self, "modified", _aware(self.modified))

    @property
    def text_hash(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def named(self) -> bool:
        """Whether its source gave it its id; else that was derived from the URL and the text."""
        return self.id != _content_id(self.url, self.text)

    @property
    def date(self) -> str | None:
        """The day of publication in the publication's own time zone, ``YYYY-MM-DD``."""
        return None if self.published is None else self.published.date().isoformat()

    @property
    def heading(self) -> str:
        """What to call it: its title, else its first words, else (of a blank text) its id."""
        words = " ".join(self.text[:400].split())
        if self.title or not words:
            return self.title or self.id
        return cut_at_word(words, _HEADING)

    def span(self, start: int, end: int) -> Span:
        """The span of this article from ``start`` to ``end`` (exclusive)."""
        if end > len(self.text):
            raise ValueError(f"span end {end} lies past the text's {len(self.text)} characters")
        return Span(article_id=self.id, start=start, end=end)

    def __repr__(self) -> str:
        from toolkit.display.shared import one_line

        known = [repr(self.title or self.text[:40])]
        known += [one_line(part) for part in (self.publisher, self.date) if part]
        return f"<Article {one_line(self.id)}: {', '.join(known)}, {len(self.text):,} characters>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A run of whole sentences of one article: what is indexed and retrieved.

    Attributes:
        span: Where it lies.
        text: ``article.text[span.start:span.end]``.
        sentences: The spans of its sentences, in order, without the white space between them.
    """

    span: Span
    text: str
    sentences: tuple[Span, ...]

    @property
    def id(self) -> str:
        """Unique in a library: article id, start and end."""
        return f"{self.span.article_id}:{self.span.start}-{self.span.end}"
