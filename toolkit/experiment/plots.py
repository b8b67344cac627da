"""The figures of an experiment; matplotlib loads when one is drawn, and no window or global state is touched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError
from toolkit.figures import figure_and_axes
from toolkit.types import Against, Measured, Scorecard
from toolkit.types.scorecards import QUALITY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BETTER, _WORSE, _UNSURE = "#2a8f5b", "#c9463d", "#777777"
_MOST_LABEL = 40  # characters of a name beside a bar: by eye, at 8 inches


def plotted(card: Scorecard, kind: str, measures: Sequence[str] | None) -> Figure:
    """A figure; see :meth:`toolkit.experiment.Results.plot`."""
    known = {one.name: one for one in card.measures}
    for name in measures or ():
        if name not in known:
            raise ArgumentError(f"no measure {name!r} has scores here; there are {', '.join(known)}")
    if kind == "differences":
        return _differences(card, [known[name] for name in measures] if measures else _quality(card))
    if kind == "cost":
        wished = [known[name] for name in measures] if measures else _quality(card)[:1]
        if len(wished) != 1:
            raise ArgumentError("plot('cost') shows one measure of quality: name it, as in measures=['token_f1']")
        return _cost(card, wished[0], known)
    raise ArgumentError(f"no plot {kind!r}; there are 'differences' and 'cost'")


def _quality(card: Scorecard) -> list[Measured]:
    return [one for one in card.measures if one.group in QUALITY]


def _short(name: str) -> str:
    # A dollar sign would begin a formula.
    shown = name if len(name) <= _MOST_LABEL else name[: _MOST_LABEL - 1] + "…"
    return shown.replace("$", r"\$")


def _differences(card: Scorecard, measures: Sequence[Measured]) -> Figure:
    """A forest plot: for each measure and cell the difference from the baseline, with its interval."""
    lines: list[tuple[str, Against]] = []
    for one in measures:
        for cell in (count.cell for count in card.cells if count.cell != card.baseline):
            found = card.score(cell, one.name).against
            if found is not None and found.difference is not None:
                lines.append((f"{_short(cell)}   {one.name}", found))
    if not lines:
        raise ArgumentError("there is nothing to compare: an experiment needs two cells with scores")
    figure, axes = figure_and_axes(8.0, 1.1 + 0.28 * len(lines))
    for place, (_, found) in enumerate(lines):
        colour = _UNSURE if found.better is None else _BETTER if found.better else _WORSE
        if found.low is not None and found.high is not None:
            axes.plot([found.low, found.high], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
        axes.plot([found.difference], [place], marker="o", color=colour, markersize=5)
    axes.axvline(0.0, color="#999999", linewidth=1)
    axes.set_yticks(range(len(lines)), [label for label, _ in lines], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel(f"difference from {_short(card.baseline)}, 95 % interval\ncoloured: told from chance", fontsize=9)
    _bare(axes)
    return figure


def _cost(card: Scorecard, quality: Measured, known: dict[str, Measured]) -> Figure:
    """Each cell by what it costs and how good it is, with both intervals."""
    price = next((n for n in ("cost_usd", "seconds") if n in known and _any_above_zero(card, n)), None)
    if price is None:
        raise ArgumentError("no cell has a cost or took time: measure cost_usd or seconds")
    figure, axes = figure_and_axes(7.0, 4.2)
    for count in card.cells:
        x, y = card.score(count.cell, price), card.score(count.cell, quality.name)
        if x.value is None or y.value is None:
            continue
        axes.errorbar(
            [x.value], [y.value], xerr=_reach(x), yerr=_reach(y), fmt="o", markersize=6, elinewidth=1, color="#33689c"
        )
        axes.annotate(_short(count.cell), (x.value, y.value), xytext=(7, 7), textcoords="offset points", fontsize=9)
    unit = known[price].unit
    axes.set_xlabel(f"{price} a question{f' ({unit})' if unit else ''}")
    axes.set_ylabel(quality.name)
    axes.margins(0.2)
    _bare(axes)
    return figure


def _any_above_zero(card: Scorecard, measure: str) -> bool:
    return any((card.score(count.cell, measure).value or 0) > 0 for count in card.cells)


def _reach(score: Any) -> list[list[float]] | None:
    if score.low is None or score.high is None or not math.isfinite(score.low + score.high):
        return None
    return [[max(0.0, score.value - score.low)], [max(0.0, score.high - score.value)]]


def _bare(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=9)
