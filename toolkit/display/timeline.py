"""Timelines and events as HTML, Markdown, text, and a figure.

The chart is a table, since a notebook's sanitizer leaves no drawing: one column for each day (or month, or year, where
there are too many) that has events, narrow columns that say how much time was passed over, and in each column a block
for each event, taller the more independent sources tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from toolkit.display import elements as el
from toolkit.display import evidence, markdown, register, shared, text
from toolkit.figures import figure_and_axes
from toolkit.types import Citation, Difference, Event, Timeline
from toolkit.types.timeline import MONTHS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = 12  # of the chart, at most: a date has room below each in a notebook 48 em wide
_BLOCK, _TALLER, _TALLEST = 9, 5, 34  # pixels of an event with one source, for each further one, at most
_TINT = "40, 140, 190"
_DATED = {"anchor": "dated by what is told before it", "publication": "dated by its publication"}
_LONGEST_TEXT = 70  # characters of an event beside its bar in the figure: by eye, at 9 inches
_LONGEST_DAY = len("about 30 Sep 2025")  # dates that are kept on one line
_EPOCH = date(1970, 1, 1)  # where matplotlib's days count from


# What all of them say


def _made(value: Timeline) -> str:
    parts = [shared.plural(len(value.events), "event")]
    if value.left_out:
        parts.append(f"{shared.plural(value.left_out, 'lesser one')} left out")
    parts.append(f"from {shared.plural(value.articles, 'article')}")
    return " · ".join([*parts, f"{value.seconds:.2f} s"])


def _heading(value: Timeline) -> str:
    return f"Timeline: {shared.one_line(value.query)}" if value.query else "Timeline"


def remarks(value: Event) -> list[str]:
    """What dates it where its own sentence does not, how many sources are independent, and who tells it otherwise."""
    dated = _DATED.get(value.dated_by)
    if value.dated_by == "anchor" and value.expression is not None:
        dated = f"“{shared.one_line(value.expression.words)}”, counted from what is told before it"
    elsewhere = [f"told otherwise elsewhere: {_otherwise(one)}" for one in value.differences]
    apart = value.independent
    copied = [f"{len(value.publishers)} publishers, {shared.plural(apart, 'independent source')}"]
    return [*([dated] if dated else []), *(copied if 0 < apart < len(value.publishers) else []), *elsewhere]


def _otherwise(one: Difference) -> str:
    """``number 40 here, 12 there``; of a “not” that only one of them has, which one."""
    here, there = shared.one_line(one.claim), shared.one_line(one.source)
    if here and there:
        return f"{shared.one_line(one.kind)} {here} here, {there} there"
    return f"“{here}” here, and not there" if here else f"“{there}” there, and not here"


def when(value: Event) -> str:
    """The date; of what was planned, when it was, since the day may have passed by now."""
    told = value.citations[0].article.date if value.planned else None
    return f"{value.when} (planned{f' as of {told}' if told else ''})" if value.planned else value.when


def _also(value: Event) -> tuple[Citation, ...]:
    """The citations that its claims do not have."""
    own = {citation.marker for claim in value.claims for citation in claim.citations}
    return tuple(citation for citation in value.citations if citation.marker not in own)


# The chart


@dataclass(frozen=True, kw_only=True, slots=True)
class _Column:
    """Events that begin in one day, month or year."""

    first: date
    label: str
    events: tuple[Event, ...]


def _columns(events: Sequence[Event]) -> tuple[str, list[_Column]]:
    """Events by day, or by the smallest larger unit that leaves few enough columns."""
    units = ("day", "month", "year", "decade")
    for unit in units:
        rows: dict[date, list[Event]] = {}
        for event in events:
            rows.setdefault(_first(event.start, unit), []).append(event)
        if len(rows) <= _COLUMNS or unit == units[-1]:
            break
    found = []
    for first, row in sorted(rows.items()):
        exact = unit == "day" and any(event.granularity in ("day", "week") for event in row)
        label = _tick(first, unit, exact=exact, coarse=row[0].granularity)
        found.append(_Column(first=first, label=label, events=tuple(row)))
    return unit, found


def _first(day: date, unit: str) -> date:
    if unit == "day":
        return day
    if unit == "month":
        return day.replace(day=1)
    return date(max(1, day.year // 10 * 10) if unit == "decade" else day.year, 1, 1)


def _tick(day: date, unit: str, *, exact: bool, coarse: str) -> str:
    if unit == "day" and exact:
        return f"{day.day} {MONTHS[day.month - 1]}\n{day.year}"
    if unit in ("day", "month") and coarse not in ("year", "decade"):
        return f"{MONTHS[day.month - 1]}\n{day.year}"
    return f"\n{day.year}s" if unit == "decade" or coarse == "decade" else f"\n{day.year}"


def _gap(before: date, after: date, unit: str) -> str:
    """How much time lies between two columns, where that is more than one step."""
    days = (after - before).days
    if days <= {"day": 1, "month": 31, "year": 366, "decade": 3660}[unit]:
        return ""
    if days < 60:
        return f"{days} d"
    years = f"{days / 365.25:.1f}".removesuffix(".0")
    return f"{days / 30.44:.0f} mo" if days < 730 else f"{years} y"


def _block(event: Event) -> str:
    height = min(_TALLEST, _BLOCK + _TALLER * (event.independent - 1))
    fill = "background-color: transparent" if event.planned else f"background-color: rgba({_TINT}, 0.85)"
    style = f"height: {height}px; margin: 2px 4px 0 4px; border: 1px solid rgba({_TINT}, 1); border-radius: 2px; {fill}"
    hover = f"{when(event)}: {shared.shorten(event.text, 120)}"
    return f'<div style="{style}" title="{escape(hover)}"></div>'


def _chart(events: Sequence[Event]) -> str:
    unit, columns = _columns(events)
    if len(columns) < 2:
        return ""
    gaps = [_gap(a.first, b.first, unit) for a, b in pairwise(columns)]
    narrow = 6.0
    width = (100 - narrow * sum(map(bool, gaps))) / len(columns)
    cell = "padding: 0; border: none; text-align: center"
    bars, ticks = "", ""
    for column, gap in zip(columns, [*gaps, ""], strict=True):
        blocks = "".join(map(_block, column.events))
        bars += f'<td style="{cell}; width: {width:.2f}%; vertical-align: bottom">{blocks}</td>'
        above, below = column.label.split("\n")
        label = f"{above}<br>{below}" if above else below
        ticks += f'<td style="{cell}; {el.SMALL}; {el.RULE}; padding: 3px 0; line-height: 1.3">{label}</td>'
        if gap:
            bars += f'<td style="{cell}; width: {narrow:.0f}%"></td>'
            faint = f"{cell}; font-size: 11px; {el.MUTED}; line-height: 1.3; white-space: nowrap"
            ticks += f'<td style="{faint}">⋯<br>{gap}</td>'
    style = "width: 100%; table-layout: fixed; border-collapse: collapse; border: none; margin: 8px 0 2px 0"
    table = f'<table style="{style}"><tbody>{el.ROW}{bars}</tr>{el.ROW}{ticks}</tr></tbody></table>'
    legend = "A block is an event, taller the more independent sources tell it"
    legend += "; hollow ones lay ahead." if any(event.planned for event in events) else "."
    return f'{table}<div style="{el.SMALL}; {el.MUTED}; margin: 0 0 10px 0">{legend}</div>'


# HTML


def _told(value: Event) -> str:
    shown = " ".join(evidence.numbered(el.escaped_line(claim.text), claim.citations) for claim in value.claims)
    also = _also(value)
    if also:
        shown += f' <span style="{el.SMALL}; {el.MUTED}">also</span> ' + " ".join(map(evidence.marker, also))
    for remark in remarks(value):
        tint = "partly" if remark.startswith("told otherwise") else None
        style = f"; background-color: rgba({el.TINT['partly']}, 0.18); padding: 1px 6px" if tint else f"; {el.MUTED}"
        shown += f'<div style="{el.SMALL}{style}">{el.escaped_line(remark)}</div>'
    return shown


def _row(value: Event) -> str:
    ahead = f'<div style="{el.SMALL}; {el.MUTED}">planned</div>' if value.planned else ""
    wrapping = "normal" if len(value.when) > _LONGEST_DAY else "nowrap"
    dated = f'<strong style="white-space: {wrapping}">{escape(value.when)}</strong>{ahead}'
    cell = f"{el.CELL}; {el.RULE}"
    return f'{el.ROW}<td style="{cell}; width: 20%">{dated}</td><td style="{cell}">{_told(value)}</td></tr>'


def _table(events: Sequence[Event]) -> str:
    style = "border-collapse: collapse; border: none; margin: 0; width: 100%; table-layout: auto; font-size: 14px"
    return f'<table style="{style}"><tbody>{"".join(map(_row, events))}</tbody></table>'


@register.html.register
def _(value: Timeline) -> str:
    shown = f"<div><strong>{escape(_heading(value))}</strong></div>"
    if value.events:
        shown += _chart(value.events) + _table(value.events) + evidence.sources(value.citations, value.independent)
    else:
        shown += evidence.abstention(value.reason, value.hits, value.query)
    shown += el.notes(value.notes)
    return shown + el.fine(escape(_made(value)))


@register.html.register
def _(value: Event) -> str:
    return f"{_table([value])}{evidence.sources(value.citations, value.independent)}"


# Markdown


def _markdown_event(value: Event) -> str:
    numbers = [citation.marker for claim in value.claims for citation in claim.citations]
    said = " ".join(markdown.inline(claim.text) for claim in value.claims)
    marks = "".join(map(markdown.number, [*numbers, *(citation.marker for citation in _also(value))]))
    noted = "; ".join(map(markdown.inline, remarks(value)))
    return f"- **{when(value)}** {said} {marks}" + (f" *({noted})*" if noted else "")


@register.markdown.register
def _(value: Timeline) -> str:
    blocks = [f"**{markdown.inline(_heading(value))}**"]
    if value.events:
        blocks.append("\n".join(map(_markdown_event, value.events)))
        blocks += map(markdown.source, value.citations)
    else:
        blocks += markdown.abstention(value.reason, value.hits)
    blocks += markdown.notes(value.notes)
    return "\n\n".join([*blocks, f"*{markdown.inline(_made(value))}*"])


@register.markdown.register
def _(value: Event) -> str:
    return "\n\n".join([_markdown_event(value), *map(markdown.source, value.citations)])


# Text

_WHEN_WIDTH = 14


def _text_event(value: Event) -> list[str]:
    marks = " ".join(f"[{c.marker}]" for c in value.citations)
    said = " ".join(shared.one_line(claim.text) for claim in value.claims)
    label = when(value)
    lead = f"{label:<{_WHEN_WIDTH}}"
    lines = [] if len(label) < _WHEN_WIDTH else [label]
    lines += text.wrap(f"{said} {marks}", " " * _WHEN_WIDTH, None if lines else lead)
    for remark in remarks(value):
        lines += text.wrap(f"({remark})", " " * _WHEN_WIDTH)
    return lines


@register.text.register
def _(value: Timeline) -> list[str]:
    lines = [_heading(value), ""]
    if value.events:
        for event in value.events:
            lines += _text_event(event)
        lines += text.sources(value.citations)
    else:
        lines += text.abstention(value.reason, value.hits)
    lines += text.notes(value.notes)
    return [*lines, *text.wrap(_made(value))]


@register.text.register
def _(value: Event) -> list[str]:
    return [*_text_event(value), *text.sources(value.citations)]


# Figure


def figure(value: Timeline) -> Figure:
    """A timeline on a time axis, one line an event; see :meth:`toolkit.types.Timeline.plot`."""
    from matplotlib.dates import DateFormatter
    from matplotlib.ticker import MaxNLocator

    events = value.events
    made, axes = figure_and_axes(9, 1.2 + 0.34 * max(1, len(events)))
    for row, event in enumerate(events):
        first, last = float((event.start - _EPOCH).days), float((event.end - _EPOCH).days) + 1
        colour = "none" if event.planned else "tab:blue"
        if event.granularity == "day" and event.start == event.end:
            axes.plot([first + 0.5], [row], "o", markerfacecolor=colour, markeredgecolor="tab:blue", markersize=7)
        else:
            axes.barh(row, last - first, left=first, height=0.4, color=colour, edgecolor="tab:blue")
    labels = [f"{event.when}  {shared.shorten(event.text, _LONGEST_TEXT)}" for event in events]
    axes.set_yticks(range(len(events)), [label.replace("$", r"\$") for label in labels], fontsize=8)
    axes.set_ylim(len(events) - 0.5, -0.5)
    days = (max(event.end for event in events) - min(event.start for event in events)).days if events else 0
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(
        DateFormatter(  # type: ignore[no-untyped-call]
            "%Y" if days > 3650 else "%b %Y" if days > 120 else "%d %b"
        )
    )
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    axes.set_title(_heading(value).replace("$", r"\$"), loc="left", fontsize=10)
    return made
