"""Moments, events and timelines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from toolkit.types.claims import Citation, Claim, Difference, in_a_cell
from toolkit.types.copies import independent
from toolkit.types.hits import Hit, Hits
from toolkit.types.shown import Recorded, Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Granularity = Literal["day", "week", "month", "season", "quarter", "year", "decade"]
"""How finely a text dates something. Several days (“May 3-5”) are a ``day`` with a later end."""

DatedBy = Literal["text", "anchor", "publication"]
"""What dates an event: a date in its sentence, an event told before it (“the following day”), or the publication."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A date that a text names, and the days that it stands for.

    Attributes:
        words: The characters that name it, without a preposition: ``Monday, Aug. 18``.
        offset: Where they begin, in code points of the text that was read.
        start, end: First and last day, both included.
        granularity: How finely it is dated.
        kind: ``absolute`` (a calendar date), ``relative`` (counted from the publication) or ``anchored`` (counted from
            a date named before it).
        anchor: The day that it was counted from, or that chose its year; None when the words say all.
        planned: Whether it lies ahead of the publication. False when that day is not known.
        bound: ``since``, ``until``, ``by``, ``before`` or ``after`` when it bounds a time rather than being it.
        about: Whether the text leaves the days open: “early”, “around”, “in the coming days”.
        attributive: Whether it only says which thing is meant: “Monday's summit”, “the 2022 World Cup”.
    """

    words: str
    offset: int
    start: date
    end: date
    granularity: Granularity
    kind: Literal["absolute", "relative", "anchored"]
    anchor: date | None = None
    planned: bool = False
    bound: Literal["since", "until", "by", "before", "after"] | None = None
    about: bool = False
    attributive: bool = False

    @property
    def stop(self) -> int:
        """One past its last character."""
        return self.offset + len(self.words)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Event(Shown):
    """Something that happened or is planned, as one or several articles tell it.

    Attributes:
        start, end: First and last day, both included.
        granularity: How finely it is dated.
        about: Whether the days are left open by the text.
        claims: One or two sentences that tell it, quoted.
        citations: Every sentence that tells it, those of ``claims`` first.
        dated_by: What its date rests on.
        expression: The date as the first citation gives it; its ``offset`` counts in that article's text. None when
            the publication dates it.
        planned: Whether it lay ahead when the first citation was published.
        differences: What other articles give otherwise: a number, or another day.
        score: How much it matters in this timeline; higher is more.
        groups: The story copy group of each article that is cited and in one: article id -> group id.
    """

    start: date
    end: date
    granularity: Granularity
    about: bool = False
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    dated_by: DatedBy
    expression: Moment | None = None
    planned: bool = False
    differences: tuple[Difference, ...] = ()
    score: float = 0.0
    groups: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """Its sentences, without markers."""
        return " ".join(claim.text for claim in self.claims)

    @property
    def when(self) -> str:
        """The date as precisely as it is known: ``18 Aug 2025``, ``Feb 2022``, ``about 2014``, ``3-5 May 2024``."""
        return _when(self)

    @property
    def publishers(self) -> tuple[str, ...]:
        """Who reports it, in order of the citations; an article without a publisher is not counted."""
        return tuple(dict.fromkeys(c.article.publisher for c in self.citations if c.article.publisher))

    @property
    def independent(self) -> int:
        """How many independent sources tell it: copies of one text count once, and so does a publisher."""
        return independent((one.article for one in self.citations), self.groups)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        found = self.expression
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "granularity": self.granularity,
            "about": self.about,
            "when": self.when,
            "text": self.text,
            "claims": [claim.to_dict() for claim in self.claims],
            "citations": [citation.marker for citation in self.citations],
            "independent_sources": self.independent,
            "dated_by": self.dated_by,
            "expression": found and {"words": found.words, "start": found.offset, "end": found.stop},
            "planned": self.planned,
            "differences": [asdict(difference) for difference in self.differences],
            "score": round(self.score, 3),
        }

    def __repr__(self) -> str:
        return f"<Event {self.when}: {' '.join(self.text.split())[:100]!r}, {len(self.citations)} cited>"


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _range(start: date, end: date) -> str:
    if start == end:
        return _day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}-{_day(end)}"
    opening = _day(start) if start.year != end.year else f"{start.day} {MONTHS[start.month - 1]}"
    return f"{opening} - {_day(end)}"


def _when(event: Event) -> str:
    start, end = event.start, event.end
    month = f"{MONTHS[start.month - 1]} {start.year}"
    shown = _range(start, end)
    if event.granularity == "month":
        last = f"{MONTHS[end.month - 1]} {end.year}"
        shown = month if month == last else f"{month} - {last}"
    elif event.granularity == "season":
        shown = f"{('winter', 'spring', 'summer', 'autumn')[start.month % 12 // 3]} {start.year}"
    elif event.granularity == "quarter":
        shown = f"Q{(start.month + 2) // 3} {start.year}"
    elif event.granularity == "year":
        shown = str(start.year) if start.year == end.year else f"{start.year}-{end.year}"
    elif event.granularity == "decade":
        shown = f"{start.year // 10 * 10}s"
    if not event.about:
        return shown
    part = {"year": _part_of_year, "month": _part_of_month}.get(event.granularity)
    return f"{(part and part(start, end)) or 'about'} {shown}"


def _part_of_year(start: date, end: date) -> str:
    return {(1, 4): "early", (5, 8): "mid", (9, 12): "late"}.get((start.month, end.month), "")


def _part_of_month(start: date, end: date) -> str:
    return {(1, 10): "early", (11, 20): "mid"}.get((start.day, end.day), "late" if start.day == 21 else "")


@dataclass(frozen=True, kw_only=True, repr=False)
class Timeline(Recorded):
    """Events in order of their dates.

    Attributes:
        query: What it is about; None for everything that was given.
        events: The events, earliest first.
        citations: Every citation once, in order of its marker.
        reason: Why there are no events; None when there are.
        articles: How many articles were read for it.
        left_out: Events that were found and are not among the ``most`` that matter most.
        hits: What was retrieved, best first; empty without a query.
        seconds: Wall-clock time of the call.
        notes: What a reader should know of how it was made, one sentence each.
    """

    query: str | None
    events: tuple[Event, ...] = ()
    citations: tuple[Citation, ...] = ()
    reason: str | None = None
    articles: int = 0
    left_out: int = 0
    hits: tuple[Hit, ...] = field(default=())
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "hits", Hits(self.hits))

    @property
    def groups(self) -> dict[str, str]:
        """The story copy group of each article that is cited and in one: article id -> group id."""
        return {article: group for event in self.events for article, group in event.groups.items()}

    @property
    def independent(self) -> int:
        """How many independent sources are cited: copies of one text count once, and so does a publisher."""
        return independent((one.article for one in self.citations), self.groups)

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Any:
        return iter(self.events)

    def __getitem__(self, index: int) -> Event:
        return self.events[index]

    def __bool__(self) -> bool:
        return bool(self.events)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "query": self.query,
            "reason": self.reason,
            "events": [event.to_dict() for event in self.events],
            "citations": [citation.to_dict() for citation in self.citations],
            "articles": self.articles,
            "left_out": self.left_out,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """The events as a table, one row an event.

        Returns:
            Columns ``start`` and ``end`` (datetime64), ``when``, ``granularity``, ``text``, ``publishers``, ``sources``
            (how many citations), ``dated_by``, ``expression``, ``planned``, ``differs``, and of the first citation
            ``article_id``, ``quote_start``, ``quote_end`` and ``url``.
        """
        import pandas as pd

        rows = [_frame_row(event) for event in self.events]
        columns = (
            "start end when granularity text publishers sources dated_by expression planned differs article_id "
            "quote_start quote_end url"
        ).split()
        frame = pd.DataFrame(rows, columns=columns)
        for name in ("start", "end"):
            frame[name] = pd.to_datetime(frame[name])
        return frame.astype({"sources": "int64", "planned": "bool", "quote_start": "int64", "quote_end": "int64"})

    def plot(self) -> Figure:
        """The events on a time axis, as a matplotlib figure that belongs to no window and no pyplot state.

        An event of a day is a dot, a longer one a bar; what is planned is hollow.
        """
        from toolkit.display import figure

        return figure(self)


def _frame_row(event: Event) -> dict[str, Any]:
    first = event.citations[0]
    return {
        "start": event.start,
        "end": event.end,
        "when": event.when,
        "granularity": event.granularity,
        "text": event.text,
        "publishers": ", ".join(event.publishers),
        "sources": len(event.citations),
        "dated_by": event.dated_by,
        "expression": event.expression.words if event.expression else None,
        "planned": event.planned,
        "differs": in_a_cell(event.differences),
        "article_id": first.article.id,
        "quote_start": first.span.start,
        "quote_end": first.span.end,
        "url": first.article.url,
    }
