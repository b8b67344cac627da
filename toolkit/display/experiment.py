"""How experiments show themselves: what a run would take, the table, two cells side by side, what failed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from html import escape

from toolkit.display import elements as el
from toolkit.display import html, markdown, shared, text
from toolkit.types import CellComparison, CellEstimate, Duel, Estimate, Failures, Measured, Row, Scorecard, Scored

html.WIDE.add(Scorecard)
_QUALITY = ("correctness", "citation", "refusal", "other")
_SHOWN_DUELS = 20
_BLOCK = 3  # measures side by side in plain text
_MARKS = {True: "better", False: "worse", None: ""}
_TINTS = {True: "40, 160, 90", False: "225, 60, 50"}
_CELL = "padding: 4px 12px 4px 0; text-align: left; vertical-align: top; border: none"
_TABLE = "white-space: normal; border-collapse: collapse; border: none; margin: 6px 0 10px 0; font-size: 13px"
_FINE = "font-size: 11px; opacity: 0.7; white-space: nowrap"
_ADDED = "background-color: rgba(40, 160, 90, 0.25)"
_REMOVED = "background-color: rgba(225, 60, 50, 0.22); text-decoration: line-through"
_WORDS = re.compile(r"\S+\s*")
_MOST_FAILED = 50
"""Failures that are shown one by one; all are in the value."""


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
    quality = [one for one in card.measures if one.group in _QUALITY]
    free = {one.name for one in card.measures if one.group == "cost" and not any(_values(card, one.name))}
    rest = [one for one in card.measures if one.group not in _QUALITY and one.name not in free]
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


_ESTIMATE_HEAD = ("cell", "rows", "done", "calls", "kept replies", "prompt tokens", "reply tokens", "at most")


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


def _failed(value: Failures) -> str:
    if not value:
        return f"None of {shared.plural(value.total, 'row')} failed."
    return f"{len(value):,} of {shared.plural(value.total, 'row')} have no answer."


def _counted(value: CellComparison) -> str:
    wins, losses, ties = (value.count(outcome) for outcome in ("win", "loss", "tie"))
    left = value.count("not compared")
    without = f", {left} without a score to compare" if left else ""
    counts = f"wins {wins}, loses {losses} and ties {ties}"
    return f"By {value.measure}, {value.second} {counts} against {value.first}{without}."


def _answer_text(row: Row) -> str:
    if row.output is None:
        return f"({row.status}: {row.error or ''})"
    if not row.output.answered:
        return f"({shared.NOT_FOUND}: {row.output.reason or ''})"
    return " ".join(claim.text for claim in row.output.claims)


def _verdicts(row: Row) -> str:
    if row.output is None or not row.output.claims:
        return ""
    return ", ".join(claim.verdict for claim in row.output.claims)


def _score(value: float | None) -> str:
    return "no score" if value is None else f"{value:.2f}"


def _told_apart(duels: Sequence[Duel]) -> list[Duel]:
    """Those that tell most: losses, wins, then those with different words."""
    order = {"loss": 0, "win": 1, "tie": 2, "not compared": 2}

    def place(duel: Duel) -> tuple[bool, int]:
        decided = duel.outcome in ("loss", "win")
        return not decided and _answer_text(duel.first) == _answer_text(duel.second), order[duel.outcome]

    return sorted(duels, key=place)[:_SHOWN_DUELS]


def _against(value: CellComparison) -> str:
    words = value.against.words
    return words[:1].upper() + words[1:] + "."


def _asked(duel: Duel) -> str:
    question = duel.first.question
    again = f" (repeat {duel.first.repeat + 1})" if duel.first.repeat else ""
    return (question.text or "everything in " + ", ".join(question.articles) or question.id) + again


def word_changes(before: str, after: str) -> list[tuple[str, str]]:
    """Two texts word by word: pairs of ``same``, ``removed`` or ``added`` and the words."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    changes: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            changes.append(("same", "".join(old[a:b])))
            continue
        changes += [("removed", "".join(old[a:b]))] if b > a else []
        changes += [("added", "".join(new[c:d]))] if d > c else []
    return changes


# HTML -----------------------------------------------------------------------------------------------------------------


def _cell(inner: str, tag: str = "td", style: str = "") -> str:
    extra = f"; {style}" if style else ""
    return f'<{tag} style="{_CELL}{extra}">{inner}</{tag}>'


def _head(names: Iterable[str], hover: Iterable[str] | None = None) -> str:
    titles = list(hover) if hover is not None else []
    cells = []
    for number, name in enumerate(names):
        title = f' title="{escape(titles[number])}"' if number < len(titles) and titles[number] else ""
        style = f"{_CELL}; {el.SMALL}; font-weight: normal; {el.MUTED}"
        cells.append(f'<th style="{style}"{title}>{escape(name)}</th>')
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _score_html(score: Scored) -> str:
    if score.value is None:
        return _cell(f'<span style="{el.MUTED}">no score</span>', style=el.RULE)
    small = [part for part in (score.between, _count(score)) if part]
    inner = f"<strong>{escape(score.shown)}</strong>"
    if mark := _mark(score):
        tint = _TINTS[mark == "better"]
        inner += (
            f' <small style="font-size: 11px; padding: 1px 6px; border-radius: 8px; '
            f'background-color: rgba({tint}, 0.22)">{mark}</small>'
        )
    inner += "".join(f'<br><small style="{_FINE}">{escape(s)}</small>' for s in small)
    title = "" if score.against is None else score.against.words
    hover = f' title="{escape(title)}"' if title else ""
    return f'<td style="{_CELL}; {el.RULE}"{hover}>{inner}</td>'


def _scores_html(card: Scorecard, measures: Sequence[Measured]) -> str:
    groups: list[tuple[str, int]] = []
    for one in measures:
        if groups and groups[-1][0] == one.group:
            groups[-1] = (one.group, groups[-1][1] + 1)
        else:
            groups.append((one.group, 1))
    style = f"{_CELL}; {el.SMALL}; font-weight: bold"
    top = "".join(f'<th colspan="{span}" style="{style}">{escape(group)}</th>' for group, span in groups)
    names = "".join(
        f'<th style="{_CELL}; {el.SMALL}; font-weight: normal; {el.MUTED}" title="{escape(_about(one))}">'
        f"{escape(one.name)}{f' ({escape(one.unit)})' if one.unit else ''}</th>"
        for one in measures
    )
    rows = []
    for cell in card.cells:
        base = (
            f'<br><small style="font-size: 11px; {el.MUTED}">baseline</small>'
            if (cell.cell == card.baseline and len(card.cells) > 1)
            else ""
        )
        label = _cell(f"{el.escaped_line(cell.cell)}{base}", style=el.RULE)
        rows.append(f"<tr>{label}{''.join(_score_html(card.score(cell.cell, one.name)) for one in measures)}</tr>")
    corner = f'<th style="{_CELL}"></th>'
    return (
        f'<table style="{_TABLE}"><thead><tr>{corner}{top}</tr><tr>{corner}{names}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _about(measure: Measured) -> str:
    source = f" ({measure.source})" if measure.source else ""
    return f"{measure.doc}{source}"


def _sentences(said: Sequence[str], style: str = "") -> str:
    items = "".join(f'<li style="margin: 2px 0">{el.escaped_line(one)}</li>' for one in said)
    return f'<ul style="margin: 4px 0; padding: 0 0 0 20px; {style}">{items}</ul>' if said else ""


@html._body.register
def _(value: Scorecard) -> str:
    shown = f"<div><strong>Experiment</strong>: {escape(_title(value))}</div>"
    shown += "".join(_scores_html(value, part) for part in _tables(value))
    shown += f'<div style="{el.SMALL}; {el.MUTED}">{el.escaped_line(_legend(value))}</div>'
    shown += _sentences(value.findings)
    return shown + "".join(map(el.note, value.notes))


@html._body.register
def _(value: Estimate) -> str:
    rows = "".join(
        "<tr>" + "".join(_cell(el.escaped_line(one), style=el.RULE) for one in row) + "</tr>"
        for row in _estimate_rows(value)
    )
    table = f'<table style="{_TABLE}">{_head(_ESTIMATE_HEAD)}<tbody>{rows}</tbody></table>'
    return f"<div><strong>{escape(_estimated(value))}</strong></div>{table}{''.join(map(el.note, value.notes))}"


def _changes_html(before: str, after: str) -> str:
    styles = {"added": _ADDED, "removed": _REMOVED}
    return "".join(
        escape(shared.visible(words))
        if kind == "same"
        else f'<span style="{styles[kind]}">{escape(shared.visible(words))}</span>'
        for kind, words in word_changes(before, after)
    )


def _side_html(name: str, row: Row, score: float | None) -> str:
    said = el.escaped_line(_answer_text(row))
    if row.output is not None and row.output.answered:
        said = " ".join(
            f"{el.escaped_line(claim.text)}\u00a0{el.verdict_word(claim.verdict)}" for claim in row.output.claims
        )
    label = f'<small style="{el.MUTED}">{el.escaped_line(name)} · {_score(score)}</small>'
    return f'<div style="margin: 4px 0">{label}<br>{said}</div>'


def _duel_html(value: CellComparison, duel: Duel) -> str:
    before, after = _answer_text(duel.first), _answer_text(duel.second)
    sides = _side_html(value.first, duel.first, duel.first_score) + _side_html(
        value.second, duel.second, duel.second_score
    )
    if before == after:
        words = f'<div style="{el.MUTED}">The same words.</div>'
    else:
        words = el.blockquote(_changes_html(before, after))
    tint = {"win": "40, 160, 90", "loss": "225, 60, 50"}.get(duel.outcome, "128, 128, 128")
    badge = (
        f'<small style="font-size: 11px; padding: 1px 6px; border-radius: 8px; '
        f'background-color: rgba({tint}, 0.22)">{duel.outcome}</small>'
    )
    return el.fold(
        f"{badge} {el.escaped_line(_asked(duel))}",
        f'<div style="margin: 0 0 8px 16px">{sides}{words}</div>',
        "margin: 2px 0",
    )


def diff_html(diff: str) -> str:
    """A unified difference, line by line, what was added and removed on a tint."""
    lines = []
    for line in shared.visible(diff).split("\n"):
        style = "white-space: pre-wrap; font-family: monospace; font-size: 12px"
        if line.startswith("+") and not line.startswith("+++"):
            style += f"; {_ADDED}"
        elif line.startswith("-") and not line.startswith("---"):
            style += "; background-color: rgba(225, 60, 50, 0.22)"
        lines.append(f'<div style="{style}">{escape(line) or "&nbsp;"}</div>')
    return "".join(lines)


@html._body.register
def _(value: CellComparison) -> str:
    names = [f"<strong>{el.escaped_line(name)}</strong>" for name in (value.second, value.first)]
    shown = f"<div>{' against '.join(names)}</div>"
    shown += f"<div>{el.escaped_line(_counted(value))}</div><div>{el.escaped_line(_against(value))}</div>"
    duels = _told_apart(value.duels)
    shown += f'<div style="margin: 8px 0">{"".join(_duel_html(value, duel) for duel in duels)}</div>'
    if len(duels) < len(value.duels):
        shown += f'<div style="{el.MUTED}">… and {len(value.duels) - len(duels):,} more in .duels</div>'
    if value.prompt_diff:
        shown += el.fold("What differs between the prompts", diff_html(value.prompt_diff), "margin: 6px 0")
    return shown


def _raised(value: Failures) -> list[str]:
    """What measures said when they raised, each once."""
    places: dict[tuple[str, str], list[str]] = {}
    for question, cell, measure, error in value.measures:
        places.setdefault((measure, error), []).append(f"{question} in {cell}")
    said = [
        f"{measure} raised on {where[0]}{f' and {len(where) - 1:,} more rows' if where[1:] else ''}: {error}"
        for (measure, error), where in places.items()
    ]
    return [
        *said[:_MOST_FAILED],
        *([f"… and {len(said) - _MOST_FAILED:,} more in .measures"] * bool(said[_MOST_FAILED:])),
    ]


def _rows_left(value: Failures) -> list[str]:
    left = len(value.rows) - _MOST_FAILED
    return [f"… and {left:,} more in .rows"] if left > 0 else []


@html._body.register
def _(value: Failures) -> str:
    rows = "".join(
        "<tr>"
        + "".join(
            _cell(el.escaped_line(one), style=el.RULE)
            for one in (row.question.text or row.question.id, row.cell.name, row.status, row.error or "")
        )
        + "</tr>"
        for row in value.rows[:_MOST_FAILED]
    )
    table = f'<table style="{_TABLE}">{_head(("question", "cell", "status", "error"))}<tbody>{rows}</tbody></table>'
    said = _sentences([*_rows_left(value), *_raised(value)])
    return f"<div><strong>{escape(_failed(value))}</strong></div>{table if rows else ''}{said}"


# Markdown -------------------------------------------------------------------------------------------------------------


def _md_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(markdown._inline(cell) for cell in cells)} |"

    return "\n".join([line(head), "|" + " --- |" * len(head), *map(line, rows)])


def _score_plain(score: Scored) -> str:
    if score.value is None:
        return "no score"
    between = f" ({score.between})" if score.between else ""
    parts = [f"{score.shown}{between}", _count(score), _mark(score)]
    return " ".join(part for part in parts if part)


@markdown._body.register
def _(value: Scorecard) -> str:
    blocks = [f"**Experiment**: {markdown._inline(_title(value))}"]
    for part in _tables(value):
        head = ["cell", *(one.name + (f" ({one.unit})" if one.unit else "") for one in part)]
        rows = [[cell.cell, *(_score_plain(value.score(cell.cell, one.name)) for one in part)] for cell in value.cells]
        blocks.append(_md_table(head, rows))
    blocks.append(f"*{markdown._inline(_legend(value))}*")
    if value.findings:
        blocks.append("\n".join(f"- {markdown._block(one)}" for one in value.findings))
    return "\n\n".join([*blocks, *(f"**Note:** {markdown._inline(one)}" for one in value.notes)])


@markdown._body.register
def _(value: Estimate) -> str:
    table = _md_table(_ESTIMATE_HEAD, _estimate_rows(value))
    return "\n\n".join([f"**{markdown._inline(_estimated(value))}**", table, *map(markdown._inline, value.notes)])


@markdown._body.register
def _(value: CellComparison) -> str:
    blocks = [
        f"**{markdown._inline(value.second)}** against **{markdown._inline(value.first)}**",
        markdown._inline(_counted(value)),
        markdown._block(_against(value)),
    ]
    head = ("outcome", "question", value.first, value.second)
    rows = [(d.outcome, _asked(d), _answer_text(d.first), _answer_text(d.second)) for d in _told_apart(value.duels)]
    blocks.append(_md_table(head, rows))
    if value.prompt_diff:
        fence = "`" * (max(map(len, re.findall(r"`+", value.prompt_diff)), default=2) + 1)
        blocks.append(f"{fence}diff\n{shared.visible(value.prompt_diff)}\n{fence}")
    return "\n\n".join(blocks)


@markdown._body.register
def _(value: Failures) -> str:
    shown = value.rows[:_MOST_FAILED]
    rows = [(r.question.text or r.question.id, r.cell.name, r.status, r.error or "") for r in shown]
    table = [_md_table(("question", "cell", "status", "error"), rows)] if rows else []
    raised = [f"- {markdown._block(one)}" for one in (*_rows_left(value), *_raised(value))]
    return "\n\n".join([f"**{markdown._inline(_failed(value))}**", *table, *(["\n".join(raised)] if raised else [])])


# Plain text -----------------------------------------------------------------------------------------------------------


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in columns that are as wide as what they hold."""
    clean = [[shared.one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(text._columns(row[at]) for row in clean) for at in range(len(head))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(
            cell + " " * (width - text._columns(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()

    return [line(row) for row in clean]


def _bullets(said: Iterable[str]) -> list[str]:
    return [line for one in said for line in text._wrap(shared.one_line(one), "  ", "- ")]


@text._body.register
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
            lines += ["", *_grid(head, rows)]
    lines += ["", *text._wrap(_legend(value))]
    lines += ["", *_bullets(value.findings)] if value.findings else []
    return [*lines, *(line for one in value.notes for line in text._wrap(shared.one_line(one), "      ", "Note: "))]


@text._body.register
def _(value: Estimate) -> list[str]:
    notes = [line for one in value.notes for line in text._wrap(one, "      ", "Note: ")]
    return [*text._wrap(_estimated(value)), "", *_grid(_ESTIMATE_HEAD, _estimate_rows(value)), *notes]


@text._body.register
def _(value: CellComparison) -> list[str]:
    lines = [*text._wrap(_counted(value)), *text._wrap(_against(value))]
    for duel in _told_apart(value.duels):
        lines += ["", *text._wrap(f"{duel.outcome}: {shared.one_line(_asked(duel))}")]
        for name, row, score in (
            (value.first, duel.first, duel.first_score),
            (value.second, duel.second, duel.second_score),
        ):
            verdicts = f" ({_verdicts(row)})" if _verdicts(row) else ""
            lines += text._wrap(
                f"{shared.one_line(name)}, {_score(score)}: {shared.shorten(_answer_text(row), 400)}{verdicts}",
                "    ",
                "  ",
            )
    if value.prompt_diff:
        lines += ["", *shared.visible(value.prompt_diff).split("\n")]
    return lines


@text._body.register
def _(value: Failures) -> list[str]:
    lines = text._wrap(_failed(value))
    for row in value.rows[:_MOST_FAILED]:
        said = f"{row.status}: {row.question.text or row.question.id} in {row.cell.name}: {row.error or ''}"
        lines += text._wrap(shared.one_line(said), "    ", "  - ")
    for said in (*_rows_left(value), *_raised(value)):
        lines += text._wrap(shared.one_line(said), "    ", "  - ")
    return lines
