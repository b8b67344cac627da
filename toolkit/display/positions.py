"""Comparisons as HTML: what contradicts, a matrix of who stands where, and what each says in words that open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from toolkit.display import elements as el
from toolkit.display import evidence, register, shared
from toolkit.display.comparison import (
    agreeing,
    content,
    differs,
    disputed_by,
    echoes,
    footer,
    printed,
    says,
    title,
    update,
    where,
    who,
)
from toolkit.types import Agreement, Contradiction, Position, Single, Stance, Statement
from toolkit.types.comparison import Comparison

_COLUMNS: tuple[tuple[str, str, tuple[Stance, ...]], ...] = (
    ("will, supports, wants", el.GOOD, ("will", "supports", "wants")),
    ("may, doubts", el.WARN, ("may", "doubts")),
    ("will not, opposes, denies", el.BAD, ("will not", "opposes", "denies")),
    ("says, says it happened or did not", el.PLAIN, ("says", "happened", "did not happen")),
)
_TINTS: dict[Stance, str] = {stance: tint for _, tint, stances in _COLUMNS for stance in stances}
_SHOWN = 5  # entries of a position before the rest is folded
_SHORT = 150  # characters of a statement before it is opened
_FEW = 3  # positions that need no matrix to be looked over
_CLASH = f"font-weight: 600; border-bottom: 2px solid rgba({el.BAD}, 0.9)"
_SIGNAL = "border-bottom: 2px solid rgba(128, 128, 128, 0.6)"

register.WIDE.add(Comparison)


@register.html.register
def _(value: Comparison) -> str:
    if not value.answered:
        return evidence.abstention(value.reason, value.hits, value.query) + _made(value)
    parts = [f'<div style="font-size: 16px"><strong>{el.escaped_line(value.query)}</strong></div>']
    parts.append(f'<div style="{el.BESIDE}; {el.MUTED}">{escape(title(value))}</div>')
    if value.contradictions:
        said = shared.plural(len(value.contradictions), "contradiction")
        parts += [el.heading(escape(said)), *map(_clash, value.contradictions)]
    parts.append(el.heading(f"Who says what, by {el.escaped_line(value.by)}"))
    parts += [_matrix(value)] if len(value.positions) > _FEW else []
    parts.append(_positions(value))
    if value.agreements:
        parts += [el.heading("What independent sources agree on"), *map(_agreed, value.agreements)]
    if value.only_one:
        said = f"<strong>What only one source says</strong> ({len(value.only_one):,})"
        parts.append(el.fold(said, "".join(map(_single, value.only_one)), "margin: 14px 0 4px 0"))
    return "".join([*parts, el.notes(value.notes), _made(value)])


def _made(value: Comparison) -> str:
    return el.fine(escape(footer(value)))


def _tag(statement: Statement) -> str:
    return el.pill(says(statement.stance), _TINTS.get(statement.stance, el.PLAIN))


def _told(statement: Statement) -> str:
    """Who, where and when, on one line."""
    place = where(statement)
    told = f'<strong style="font-weight: 600">{el.isolated(who(statement))}</strong>'
    return f'{told} <span style="{el.MUTED}; {el.SMALL}">{el.days(el.isolated(place))}</span>' if place else told


def _highlighted(statement: Statement, clash: str = "") -> str:
    """The quote; what it says otherwise than another stands out in it, else the words that carry its stance do."""
    quote, signal, span = statement.quote, statement.signal, statement.citation.span
    line = shared.one_line(quote)
    if clash and (marked := el.marked(line, [clash], _CLASH)) != escape(line):
        return marked
    if signal is None or not span.start <= signal.start < signal.end <= span.end:
        return escape(line)
    cut = (signal.start - span.start, signal.end - span.start)
    parts = (quote[: cut[0]], quote[cut[0] : cut[1]], quote[cut[1] :])
    before, words, after = (" ".join(shared.visible(part).split("\n")) for part in parts)
    return f'{escape(before)}<span style="{_SIGNAL}">{escape(words)}</span>{escape(after)}'


def _in_quotes(statement: Statement, clash: str = "") -> str:
    return shared.in_quotes(shared.one_line(statement.quote), _highlighted(statement, clash))


# Contradictions -------------------------------------------------------------------------------------------------------


def _side(side: Statement, its: str) -> str:
    quote = _in_quotes(side, its)
    said = f"<div>{evidence.numbered(quote, [side.citation])}</div>"
    return f'<td style="{el.CELL}; width: 50%; padding: 4px 14px">{_told(side)}{said}</td>'


def _clash(one: Contradiction) -> str:
    sides = _side(one.first, one.first_says) + _side(one.second, one.second_says)
    remarks = " ".join(part for part in (update(one), echoes(one)) if part)
    below = f'<div style="{el.SMALL}; padding: 0 14px; {el.MUTED}">{escape(remarks)}</div>' if remarks else ""
    head = el.pill("contradiction", el.BAD, loud=True)
    style = f"{el.PANEL}; padding: 8px 0; border-left: 3px solid rgba({el.BAD}, 0.8)"
    return (
        f'<div style="{style}"><div style="padding: 0 14px">{head} {escape(differs(one))}</div>'
        f'<table style="{el.TABLE}; table-layout: fixed"><tbody>{el.ROW}{sides}</tr></tbody></table>{below}</div>'
    )


# Positions ------------------------------------------------------------------------------------------------------------


def _matrix(value: Comparison) -> str:
    """How often each position holds each stance."""
    held = {statement.stance for statement in value.statements}
    columns = [one for one in _COLUMNS if held & set(one[2])]
    rows = (
        [el.isolated(shared.one_line(position.name)), *(_count(position, *column[1:]) for column in columns)]
        for position in value.positions
    )
    return el.table((value.by, *(name for name, _, _ in columns)), rows)


def _count(position: Position, tint: str, stances: Sequence[Stance]) -> str:
    count = sum(statement.stance in stances for statement in position.statements)
    return el.pill(f"{count:,}", tint) if count else ""


def _positions(value: Comparison) -> str:
    disputed = disputed_by(value)
    cell = f"{el.CELL}; {el.RULE}"
    rows = "".join(
        f'{el.ROW}<td style="{cell}; width: 20%; font-weight: 600">{el.isolated(shared.one_line(position.name))}</td>'
        f'<td style="{cell}">{_entries(position, disputed, value.by)}</td></tr>'
        for position in value.positions
    )
    return f'<table style="{el.TABLE}; table-layout: fixed"><tbody>{rows}</tbody></table>'


def _entries(position: Position, disputed: Mapping[int, tuple[str, Statement]], by: str) -> str:
    order = {stance: place for place, (_, _, stances) in enumerate(_COLUMNS) for stance in stances}
    ordered = sorted(position.statements, key=lambda statement: order.get(statement.stance, len(order)))
    entries = [_entry(statement, by, disputed.get(id(statement))) for statement in ordered]
    shown = f'<div style="margin: 0 0 6px 0">{evidence.sentence(position.summary)}</div>' if position.summary else ""
    shown += "".join(entries[:_SHOWN])
    return shown + (el.fold(f"{len(entries) - _SHOWN} more", "".join(entries[_SHOWN:])) if entries[_SHOWN:] else "")


def _entry(statement: Statement, by: str, disputed: tuple[str, Statement] | None) -> str:
    """A shortened quote that opens at a click, and with it the one that contradicts it."""
    short = escape(shared.shorten(content(statement), _SHORT))
    speaker = "" if by == "actor" or not statement.attributed else f"{el.isolated(who(statement))}: "
    citation = statement.citation
    panel = _panel(statement)
    # A no-break space: at the start of a line the number would seem to be of the next entry.
    summary = f"{_tag(statement)} {speaker}“{short}”\u00a0{evidence.number(citation)}"
    if disputed is not None:
        said, other = disputed
        summary += f" {el.pill(said, el.BAD, loud=True)}"
        panel += f'<div style="{el.SMALL}; {el.MUTED}">{escape(said)}</div>{_panel(other)}'
    return el.fold(summary, panel, "margin: 0 0 6px 0; overflow-wrap: break-word")


def _panel(statement: Statement) -> str:
    """A statement in what stands around it."""
    article = statement.citation.article
    return (
        f'<div style="{el.PANEL}"><div>{_told(statement)}</div><div>{el.byline(article)}</div>'
        f"{evidence.quotation(statement.citation)}{el.address(article)}</div>"
    )


def _agreed(one: Agreement) -> str:
    said = _list(one.statements[: len(one.sources)])
    return f'<div style="margin: 4px 0; {el.BESIDE}"><div>{escape(agreeing(one))}</div>{said}</div>'


def _list(statements: Iterable[Statement]) -> str:
    said = "".join(f'<li style="margin: 2px 0">{_line(statement)}</li>' for statement in statements)
    return f'<ul style="margin: 2px 0; padding: 0 0 0 20px">{said}</ul>'


def _single(one: Single) -> str:
    source = f'<small style="{el.MUTED}">{escape(printed(one))}</small>'
    return f'<div style="margin: 4px 0 4px 16px; {el.BESIDE}">{_line(one.statement)} {source}</div>'


def _line(statement: Statement) -> str:
    quote = _in_quotes(statement)
    return f"{_told(statement)} {_tag(statement)} {evidence.numbered(quote, [statement.citation])}"
