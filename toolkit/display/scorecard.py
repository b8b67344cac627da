"""What a run of an experiment would take, and the table of what it gave."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from toolkit.display import elements as el
from toolkit.display import markdown, register, shared, text
from toolkit.display.tables import html_list, html_table, markdown_table, text_list, text_table
from toolkit.types import CellEstimate, Estimate, Measured, Scorecard, Scored
from toolkit.types.scorecards import QUALITY

register.WIDE.add(Scorecard)
_BLOCK = 3  # measures side by side in plain text
_MARKS = {True: "better", False: "worse", None: ""}
_CELL = el.CELL.replace("14px", "8px")  # seven measures side by side need the room
_FINE = f"font-size: 11px; {el.MUTED}; white-space: nowrap"
_ESTIMATE_HEAD = ("cell", "rows", "done", "calls", "kept replies", "prompt tokens", "reply tokens", "at most")


# What is said in all three forms --------------------------------------------------------------------------------------


def _title(card: Scorecard) -> str:
    repeats = f" x {card.repeats} repeats" if card.repeats > 1 else ""
    return f"{shared.plural(card.questions, 'question')} x {shared.plural(len(card.cells), 'cell')}{repeats}"


def _legend(card: Scorecard) -> str:
    compared = (
        f" “better” and “worse”: than {card.baseline}, as far as it can be told from chance."
        if (len(card.cells) > 1)
        else ""
    )
    return f"Mean, 95 % interval, rows with a score of all where some have none.{compared}"


def _tables(card: Scorecard) -> list[list[Measured]]:
    """The measures of quality, correctness beside citation, then of retrieval, and of what costs anything."""
    quality = [one for one in card.measures if one.group in QUALITY]
    free = {one.name for one in card.measures if one.group == "cost" and not any(_values(card, one.name))}
    rest = [one for one in card.measures if one.group not in QUALITY and one.name not in free]
    return [part for part in (quality, rest) if part]


def _values(card: Scorecard, measure: str) -> list[float]:
    return [score.value or 0.0 for score in card.scores if score.measure == measure]


def _count(score: Scored) -> str:
    return f"{score.n_ok}/{score.n_total}" if score.n_ok != score.n_total else ""


def _mark(score: Scored) -> str:
    return "" if score.against is None else _MARKS[score.against.better]


def _estimate_rows(value: Estimate) -> list[tuple[str, ...]]:
    cells = value.cells if len(value.cells) == 1 else (*value.cells, value.total)
    return [_estimate_row(cell) for cell in cells]


def _estimate_row(cell: CellEstimate) -> tuple[str, ...]:
    reply = "not known" if cell.reply_tokens is None else f"{cell.reply_tokens:,}"
    cost = "price not known" if cell.cost_usd is None else shared.cost(cell.cost_usd)
    counts = (f"{n:,}" for n in (cell.rows, cell.done, cell.calls, cell.cached, cell.prompt_tokens))
    return (cell.cell, *counts, reply, cost)


def _estimated(value: Estimate) -> str:
    total = value.total
    if not total.calls:
        return f"{shared.NOTHING_SENT} A run would send nothing either."
    cost = "at a price that is not known" if total.cost_usd is None else f"for {shared.cost(total.cost_usd)} at most"
    return f"{shared.NOTHING_SENT} A run would send {shared.plural(total.calls, 'call')} {cost}."


def _score_plain(score: Scored) -> str:
    if score.value is None:
        return "no score"
    between = f" ({score.between})" if score.between else ""
    parts = [f"{score.shown}{between}", _count(score), _mark(score)]
    return " ".join(part for part in parts if part)


# HTML -----------------------------------------------------------------------------------------------------------------


def _score_html(score: Scored) -> str:
    if score.value is None:
        return f'<td style="{_CELL}; {el.RULE}"><span style="{el.MUTED}">no score</span></td>'
    small = [part for part in (score.between, _count(score)) if part]
    inner = f"<strong>{el.escaped_line(score.shown)}</strong>"
    if mark := _mark(score):
        inner += " " + el.pill(mark, el.GOOD if mark == "better" else el.BAD, loud=True)
    inner += "".join(f'<br><small style="{_FINE}">{el.escaped_line(s)}</small>' for s in small)
    title = "" if score.against is None else score.against.words
    hover = f' title="{el.escaped_line(title)}"' if title else ""
    return f'<td style="{_CELL}; {el.RULE}"{hover}>{inner}</td>'


def _scores_html(card: Scorecard, measures: Sequence[Measured]) -> str:
    groups: list[tuple[str, int]] = []
    for one in measures:
        if groups and groups[-1][0] == one.group:
            groups[-1] = (one.group, groups[-1][1] + 1)
        else:
            groups.append((one.group, 1))
    style = f"{_CELL}; {el.SMALL}; font-weight: 600"
    top = "".join(
        f'<th scope="colgroup" colspan="{span}" style="{style}">{el.escaped_line(group)}</th>' for group, span in groups
    )
    names = "".join(
        f'<th scope="col" style="{_CELL}; {el.SMALL}; font-weight: 600" title="{el.escaped_line(_about(one))}">'
        f'<span style="{el.MUTED}">{el.escaped_line(f"{one.name} ({one.unit})" if one.unit else one.name)}</span></th>'
        for one in measures
    )
    rows = []
    for cell in card.cells:
        base = cell.cell == card.baseline and len(card.cells) > 1
        name = el.escaped_line(cell.cell) + (f'<br><small style="{_FINE}">baseline</small>' if base else "")
        label = f'<th scope="row" style="{_CELL}; {el.RULE}; font-weight: 600">{name}</th>'
        rows.append(f"{el.ROW}{label}{''.join(_score_html(card.score(cell.cell, one.name)) for one in measures)}</tr>")
    corner = f'<td style="{_CELL}"></td>'
    return (
        f'<table style="{el.TABLE}"><thead><tr>{corner}{top}</tr><tr>{corner}{names}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _about(measure: Measured) -> str:
    source = f" ({measure.source})" if measure.source else ""
    return f"{measure.doc}{source}"


@register.html.register
def _(value: Scorecard) -> str:
    shown = f'<div style="font-size: 16px"><strong>Experiment</strong>: {escape(_title(value))}</div>'
    shown += "".join(_scores_html(value, part) for part in _tables(value))
    shown += f'<div style="{el.SMALL}; {el.MUTED}">{el.escaped_line(_legend(value))}</div>'
    shown += html_list(value.findings)
    return shown + el.notes(value.notes)


@register.html.register
def _(value: Estimate) -> str:
    table = html_table(_ESTIMATE_HEAD, _estimate_rows(value))
    return f"<div><strong>{escape(_estimated(value))}</strong></div>{table}{el.notes(value.notes)}"


# Markdown -------------------------------------------------------------------------------------------------------------


@register.markdown.register
def _(value: Scorecard) -> str:
    blocks = [f"**Experiment**: {markdown.inline(_title(value))}"]
    for part in _tables(value):
        head = ["cell", *(one.name + (f" ({one.unit})" if one.unit else "") for one in part)]
        rows = [[cell.cell, *(_score_plain(value.score(cell.cell, one.name)) for one in part)] for cell in value.cells]
        blocks.append(markdown_table(head, rows))
    blocks.append(f"*{markdown.inline(_legend(value))}*")
    if value.findings:
        blocks.append("\n".join(f"- {markdown.block(one)}" for one in value.findings))
    return "\n\n".join([*blocks, *markdown.notes(value.notes)])


@register.markdown.register
def _(value: Estimate) -> str:
    table = markdown_table(_ESTIMATE_HEAD, _estimate_rows(value))
    return "\n\n".join([f"**{markdown.inline(_estimated(value))}**", table, *markdown.notes(value.notes)])


# Plain text -----------------------------------------------------------------------------------------------------------


@register.text.register
def _(value: Scorecard) -> list[str]:
    lines = [f"Experiment: {_title(value)}"]
    for part in _tables(value):
        for start in range(0, len(part), _BLOCK):
            measures = part[start : start + _BLOCK]
            head = ["", *(one.name + (f" ({one.unit})" if one.unit else "") for one in measures)]
            rows = [
                [shared.shorten(cell.cell, 40), *(_score_plain(value.score(cell.cell, one.name)) for one in measures)]
                for cell in value.cells
            ]
            lines += ["", *text_table(head, rows)]
    lines += ["", *text.wrap(_legend(value))]
    lines += ["", *text_list(value.findings)] if value.findings else []
    return [*lines, *text.notes(value.notes)]


@register.text.register
def _(value: Estimate) -> list[str]:
    return [
        *text.wrap(_estimated(value)),
        "",
        *text_table(_ESTIMATE_HEAD, _estimate_rows(value)),
        *text.notes(value.notes),
    ]
