"""The report of a search for a better prompt, in a notebook, as Markdown and as plain text."""

from __future__ import annotations

from toolkit.display import elements as el
from toolkit.display import markdown, register, shared, text
from toolkit.display.tables import html_table, markdown_table
from toolkit.types import Candidate, HeldOut, OptimizeReport

OPTIMISTIC = (
    "Scores on the questions that were searched with are optimistic for the one that was chosen by them. "
    "Only the questions held out tell whether it is better."
)


def number(value: float | None, signed: bool = False) -> str:
    """``0.62``, ``+0.04``; ``—`` without one."""
    if value is None:
        return "—"
    digits = 0 if abs(value) >= 100 else 2
    shown = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return shown.replace("-", "−")


def heading(value: OptimizeReport) -> str:
    """What was searched."""
    return (
        f"{shared.one_line(value.prompt.name)} with {shared.one_line(value.model)}: "
        f"{shared.plural(len(value.candidates), 'prompt')} tried on "
        f"{shared.plural(value.train_questions, 'question')}, "
        f"{shared.plural(value.held_out_questions, 'question')} held out"
    )


def tried(value: OptimizeReport) -> tuple[list[str], list[list[str]]]:
    """Head and rows: what was tried, on the questions searched with."""
    head = ["tried", "from", f"{value.measure} (searched with)", "difference", "rows with a score"]
    return head, [_row(value, one) for one in value.candidates]


def _row(value: OptimizeReport, one: Candidate) -> list[str]:
    chosen = " ← chosen" if one.name == value.chosen and one.origin != "as it is" else ""
    return [
        one.name + chosen,
        one.origin,
        number(one.value),
        number(one.difference, signed=True),
        f"{one.n_ok:,}/{one.n_total:,}",
    ]


def compared(value: OptimizeReport) -> tuple[list[str], list[list[str]]] | None:
    """Head and rows: the chosen prompt and the one as it is, on the questions held out; None without a comparison."""
    if value.held_out is None:
        return None
    head = ["held out", value.prompt.name, value.chosen, "what can be said"]
    return head, [_measured(one) for one in (value.held_out, *value.beside)]


def _measured(one: HeldOut) -> list[str]:
    return [one.measure, number(one.baseline), number(one.value), one.against.words]


@register.html.register
def _(value: OptimizeReport) -> str:
    shown = f"<div><strong>{el.escaped_line(value.verdict)}</strong></div>"
    shown += f'<div style="{el.SMALL}; {el.MUTED}">{el.escaped_line(heading(value))}</div>'
    if (held := compared(value)) is not None:
        shown += html_table(*held)
    shown += html_table(*tried(value))
    shown += f'<div style="{el.SMALL}; {el.MUTED}">{OPTIMISTIC}</div>'
    if value.best.origin != "as it is":
        style = f"{el.PANEL}; white-space: pre-wrap; overflow-wrap: break-word"
        file = f'<div style="{style}">{el.escaped(value.best.text)}</div>'
        shown += el.fold(f"{el.escaped_line(value.chosen)}: the prompt file", file, "margin: 6px 0; font-size: 13px")
    shown += el.notes(value.notes)
    return shown + el.fine(el.escaped_line(shared.spent(value.seed, value.calls, value.cost_usd)))


@register.markdown.register
def _(value: OptimizeReport) -> str:
    blocks = [f"**{markdown.inline(value.verdict)}**", markdown.block(heading(value))]
    if (held := compared(value)) is not None:
        blocks.append(markdown_table(*held))
    blocks += [markdown_table(*tried(value)), OPTIMISTIC]
    blocks += markdown.notes(value.notes)
    return "\n\n".join([*blocks, f"*{markdown.inline(shared.spent(value.seed, value.calls, value.cost_usd))}*"])


@register.text.register
def _(value: OptimizeReport) -> list[str]:
    lines = [*text.wrap(shared.one_line(value.verdict)), "", *text.wrap(heading(value))]
    for one in () if value.held_out is None else (value.held_out, *value.beside):
        said = f"held out, {shared.one_line(one.measure)}: {shared.one_line(one.against.words)}"
        lines += text.wrap(said, "      ", "  ")
    lines += ["", "On the questions searched with:"]
    _, rows = tried(value)
    wide = max(len(shared.one_line(row[0])) for row in rows)
    for name, origin, score, apart, told in rows:
        lines.append(f"  {shared.one_line(name):<{wide}}  {origin:<9}  {score:>6} {apart:>7}  {told}")
    lines += text.wrap(OPTIMISTIC)
    lines += text.notes(value.notes)
    return [*lines, *text.wrap(shared.spent(value.seed, value.calls, value.cost_usd))]
