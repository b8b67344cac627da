"""Two cells of an experiment side by side, and the rows that failed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from html import escape

from toolkit.display import elements as el
from toolkit.display import evidence, markdown, register, shared, text
from toolkit.display.tables import html_list, html_table, markdown_table
from toolkit.types import CellComparison, Duel, Failures, Row

_SHOWN_DUELS = 20  # questions that are shown; all are in the value
_ADDED = f"background-color: rgba({el.GOOD}, 0.25)"
_REMOVED = f"background-color: rgba({el.BAD}, 0.22)"
_WORDS = re.compile(r"\S+\s*")
_MOST_FAILED = 50
"""Failures that are shown one by one; all are in the value."""


# What is said in all three forms --------------------------------------------------------------------------------------


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


def _failed(value: Failures) -> str:
    if not value:
        return f"None of {shared.plural(value.total, 'row')} failed."
    return f"{len(value):,} of {shared.plural(value.total, 'row')} have no answer."


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


# HTML -----------------------------------------------------------------------------------------------------------------


def _changes_html(before: str, after: str) -> str:
    styles = {"added": _ADDED, "removed": f"{_REMOVED}; text-decoration: line-through"}
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
            f"{el.escaped_line(claim.text)}\u00a0{evidence.verdict_word(claim.verdict)}" for claim in row.output.claims
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
    elif all(row.output is not None and row.output.answered for row in (duel.first, duel.second)):
        words = el.blockquote(_changes_html(before, after))
    else:  # between an answer and a refusal, no word is one that was changed
        words = ""
    tint = {"win": el.GOOD, "loss": el.BAD}.get(duel.outcome)
    badge = el.pill(duel.outcome, tint or el.PLAIN, loud=tint is not None)
    return el.fold(
        f"{badge} {el.escaped_line(_asked(duel))}",
        f'<div style="margin: 0 0 8px 16px">{sides}{words}</div>',
        "margin: 2px 0",
    )


def diff_html(diff: str) -> str:
    """A unified difference, line by line, what was added and removed on a tint."""
    lines = []
    for line in shared.visible(diff).split("\n"):
        style = el.CODE
        if line.startswith("+") and not line.startswith("+++"):
            style += f"; {_ADDED}"
        elif line.startswith("-") and not line.startswith("---"):
            style += f"; {_REMOVED}"
        lines.append(f'<div style="{style}">{escape(line) or "&nbsp;"}</div>')
    return "".join(lines)


@register.html.register
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


@register.html.register
def _(value: Failures) -> str:
    shown = value.rows[:_MOST_FAILED]
    rows = [(row.question.text or row.question.id, row.cell.name, row.status, row.error or "") for row in shown]
    table = html_table(("question", "cell", "status", "error"), rows)
    said = html_list([*_rows_left(value), *_raised(value)])
    return f"<div><strong>{escape(_failed(value))}</strong></div>{table if rows else ''}{said}"


# Markdown -------------------------------------------------------------------------------------------------------------


@register.markdown.register
def _(value: CellComparison) -> str:
    blocks = [
        f"**{markdown.inline(value.second)}** against **{markdown.inline(value.first)}**",
        markdown.inline(_counted(value)),
        markdown.block(_against(value)),
    ]
    head = ("outcome", "question", value.first, value.second)
    rows = [(d.outcome, _asked(d), _answer_text(d.first), _answer_text(d.second)) for d in _told_apart(value.duels)]
    blocks.append(markdown_table(head, rows))
    if value.prompt_diff:
        fence = "`" * (max(map(len, re.findall(r"`+", value.prompt_diff)), default=2) + 1)
        blocks.append(f"{fence}diff\n{shared.visible(value.prompt_diff)}\n{fence}")
    return "\n\n".join(blocks)


@register.markdown.register
def _(value: Failures) -> str:
    shown = value.rows[:_MOST_FAILED]
    rows = [(r.question.text or r.question.id, r.cell.name, r.status, r.error or "") for r in shown]
    table = [markdown_table(("question", "cell", "status", "error"), rows)] if rows else []
    raised = [f"- {markdown.block(one)}" for one in (*_rows_left(value), *_raised(value))]
    return "\n\n".join([f"**{markdown.inline(_failed(value))}**", *table, *(["\n".join(raised)] if raised else [])])


# Plain text -----------------------------------------------------------------------------------------------------------


@register.text.register
def _(value: CellComparison) -> list[str]:
    lines = [*text.wrap(_counted(value)), *text.wrap(_against(value))]
    for duel in _told_apart(value.duels):
        lines += ["", *text.wrap(f"{duel.outcome}: {shared.one_line(_asked(duel))}")]
        for name, row, score in (
            (value.first, duel.first, duel.first_score),
            (value.second, duel.second, duel.second_score),
        ):
            verdicts = f" ({_verdicts(row)})" if _verdicts(row) else ""
            lines += text.wrap(
                f"{shared.one_line(name)}, {_score(score)}: {shared.shorten(_answer_text(row), 400)}{verdicts}",
                "    ",
                "  ",
            )
    if value.prompt_diff:
        lines += ["", *shared.visible(value.prompt_diff).split("\n")]
    return lines


@register.text.register
def _(value: Failures) -> list[str]:
    lines = text.wrap(_failed(value))
    for row in value.rows[:_MOST_FAILED]:
        said = f"{row.status}: {row.question.text or row.question.id} in {row.cell.name}: {row.error or ''}"
        lines += text.wrap(shared.one_line(said), "    ", "  - ")
    for said in (*_rows_left(value), *_raised(value)):
        lines += text.wrap(shared.one_line(said), "    ", "  - ")
    return lines
