"""The report of an experiment: one HTML page that needs nothing else and runs nothing."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from toolkit.display import elements as el
from toolkit.display import shared, to_html
from toolkit.display.document import POLICY

if TYPE_CHECKING:
    from toolkit.experiment.results import Results

_MOST_COMPARED = 12  # cells that are set beside the baseline question by question; all of them are in the table


def report(results: Results) -> str:
    """The page: summary, figure, comparisons with the baseline, failures, prompts, measures, versions."""
    card = results.summary()
    cells = [cell.name for cell in results.cells if cell.name != card.baseline]
    parts = [to_html(card), _figure(results)]
    parts += [
        _section(f"{name} against {card.baseline}", _compared(results, card.baseline, name))
        for name in cells[:_MOST_COMPARED]
    ]
    if failures := results.failures():
        parts.append(_section("Failures", to_html(failures)))
    parts += [_section("Prompts", _prompts(results)), _section("Measures", _measures(results))]
    made = ", ".join(f"{name} {version}" for name, version in results.environment.items())
    parts.append(
        f'<div style="{el.SMALL}; {el.MUTED}; margin: 16px 0">Made with {escape(shared.one_line(made))}.</div>'
    )
    return (
        '<!DOCTYPE html><html lang="en" style="background: Canvas; color: CanvasText"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}; img-src data:">'
        "<title>Experiment</title></head>"
        f'<body style="margin: 24px; {el.ROOT}"><main>'
        f'<h1 style="font-size: 22px; margin: 0 0 16px 0">Experiment</h1>{"".join(parts)}</main></body></html>\n'
    )


def _section(title: str, inner: str) -> str:
    return f'<h2 style="font-size: 17px; margin: 24px 0 8px 0">{el.escaped_line(title)}</h2>{inner}'


def _compared(results: Results, baseline: str, name: str) -> str:
    from toolkit.errors import ArgumentError

    try:
        return to_html(results.compare(baseline, name))
    except ArgumentError as error:  # neither has a score in common
        return f"<div>{el.escaped_line(str(error))}</div>"


def _figure(results: Results) -> str:
    """The forest plot as a picture in the page itself; nothing where there is nothing to compare."""
    import base64
    import io

    from toolkit.errors import ArgumentError

    try:
        figure = results.plot()
    except (ArgumentError, ImportError):
        return ""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110, facecolor="white")
    data = base64.b64encode(picture.getvalue()).decode("ascii")
    said = "Differences from the baseline with 95 % intervals; the numbers stand in the table above."
    return f'<img alt="{said}" style="max-width: 100%" src="data:image/png;base64,{data}">'


def _prompts(results: Results) -> str:
    shown = []
    mono = "white-space: pre-wrap; font-family: monospace; font-size: 12px"
    for ref in {cell.prompt.hash: cell.prompt for cell in results.cells}.values():
        text = results.prompts.get(ref.hash)
        known = el.escaped_line(f"version {ref.version}, {ref.hash}")
        name = f'{el.escaped_line(ref.name)} <small style="{el.MUTED}">{known}</small>'
        body = "" if text is None else f'<div style="{mono}">{el.escaped(text)}</div>'
        shown.append(el.fold(name, body, "margin: 2px 0"))
    return "".join(shown)


def _measures(results: Results) -> str:
    items = []
    for one in results.measures:
        source = f" <small>({el.escaped_line(one.source)})</small>" if one.source else ""
        said = el.escaped_line(one.doc or "a function of the user")
        items.append(f'<li style="margin: 2px 0"><strong>{el.escaped_line(one.name)}</strong>: {said}{source}</li>')
    return f'<ul style="margin: 4px 0; padding: 0 0 0 20px; font-size: 13px">{"".join(items)}</ul>'
