"""An experiment before its run: what would be asked of what, how often, and how it would be measured."""

from __future__ import annotations

from toolkit.display import elements as el
from toolkit.display import markdown, register, shared, text
from toolkit.display.tables import html_table, markdown_table, text_table
from toolkit.experiment.lab import Experiment

_HEAD = ("cell", "prompt", "model", "passages", "embedding")
_NEXT = "estimate() says what a run may cost, run() runs it."


def _counted(value: Experiment) -> str:
    """``12 questions x 4 cells x 3 repeats = 144 rows``."""
    cells = len(value.cells)
    questions = shared.plural(value.rows // (cells * value.repeats), "question")
    repeats = f" x {value.repeats} repeats" if value.repeats > 1 else ""
    return f"{value.task}: {questions} x {shared.plural(cells, 'cell')}{repeats} = {shared.plural(value.rows, 'row')}"


def _rows(value: Experiment) -> list[tuple[str, ...]]:
    return [
        (
            cell.name + (" (baseline)" if cell.name == value.baseline and len(value.cells) > 1 else ""),
            f"{cell.prompt.name}@{cell.prompt.version}",
            cell.llm,
            "" if cell.k is None else f"{cell.k:,}",
            cell.embedding,
        )
        for cell in value.cells
    ]


def _measured(value: Experiment) -> str:
    return f"Measured by {', '.join(one.name for one in value.measures)}."


@register.html.register
def _(value: Experiment) -> str:
    shown = f'<div style="font-size: 16px"><strong>Experiment</strong> {el.escaped_line(_counted(value))}</div>'
    said = f"{_measured(value)} {_NEXT}"
    return shown + html_table(_HEAD, _rows(value)) + el.fine(el.escaped_line(said))


@register.markdown.register
def _(value: Experiment) -> str:
    said = f"{_measured(value)} {_NEXT}"
    table = markdown_table(_HEAD, _rows(value))
    return "\n\n".join([f"**Experiment** {markdown.inline(_counted(value))}", table, markdown.inline(said)])


@register.text.register
def _(value: Experiment) -> list[str]:
    table = text_table(_HEAD[:3], [row[:3] for row in _rows(value)])
    return [f"Experiment {_counted(value)}", "", *table, "", *text.wrap(_measured(value)), *text.wrap(_NEXT)]
