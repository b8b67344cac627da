"""Tables of plain cells in all three forms, and what else the reports of experiments share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toolkit.display import elements as el
from toolkit.display import markdown, shared, text


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]], hover: Sequence[str] = ()) -> str:
    """A table of text in HTML; ``hover`` says of each column what it means."""
    return el.table(head, (tuple(map(el.escaped_line, row)) for row in rows), hover)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A GitHub table of text."""
    escaped = [[markdown.inline(cell) or " " for cell in row] for row in (head, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [escaped[0], [":---"] * len(head), *escaped[1:]])


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in columns that are as wide as what they hold."""
    clean = [[shared.one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(text.columns(row[at]) for row in clean) for at in range(len(head))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(
            cell + " " * (width - text.columns(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()

    return [line(row) for row in clean]


def html_list(said: Sequence[str]) -> str:
    """Sentences as a list; nothing without any."""
    items = "".join(f'<li style="margin: 2px 0">{el.escaped_line(one)}</li>' for one in said)
    return f'<ul style="margin: 4px 0; padding: 0 0 0 20px; {el.BESIDE}">{items}</ul>' if said else ""


def text_list(said: Iterable[str]) -> list[str]:
    """Sentences as a list of wrapped lines."""
    return [line for one in said for line in text.wrap(shared.one_line(one), "  ", "- ")]
