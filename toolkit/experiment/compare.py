"""Two cells question by question."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError
from toolkit.experiment.intervals import EVEN
from toolkit.experiment.statistics import compare
from toolkit.experiment.summary import GROUPS, against, group_of, options_of, scores_by_cell
from toolkit.types import Cell, CellComparison, Duel, Outcome

if TYPE_CHECKING:
    from toolkit.experiment.measures import Measure
    from toolkit.experiment.results import Results


def compared(results: Results, a: str, b: str, by: str | None) -> CellComparison:
    """The second cell against the first; see :meth:`toolkit.experiment.Results.compare`."""
    measure = _deciding(results, a, b) if by is None else results.measure(by)
    scores = results.scores(measure.name)
    rows = {
        (row.cell.name, row.question.id, row.repeat): (row, score)
        for row, score in zip(results.rows, scores, strict=True)
    }
    duels = []
    for (cell, question, repeat), (first, first_score) in rows.items():
        if cell != a:
            continue
        second, second_score = rows[b, question, repeat]
        outcome = _outcome(first_score, second_score, measure)
        duels.append(
            Duel(first=first, second=second, outcome=outcome, first_score=first_score, second_score=second_score)
        )
    tables = scores_by_cell(results, measure)
    options: dict[str, Any] = options_of(measure)
    cells = {cell.name: cell for cell in results.cells}
    return CellComparison(
        first=a,
        second=b,
        measure=measure.name,
        duels=tuple(duels),
        against=against(compare(tables[b], tables[a], **options), measure),
        prompt_diff=prompt_diff(results, cells[a], cells[b]),
    )


def _deciding(results: Results, a: str, b: str) -> Measure:
    """The first measure, those of correctness first, by which questions of both cells can be compared one by one."""
    for measure in sorted(results.measures, key=lambda one: GROUPS.index(group_of(one))):
        tables = scores_by_cell(results, measure)
        both = (any(s is not None for row in tables[cell].values() for s in row) for cell in (a, b))
        if not measure.pooled and all(both):
            return measure
    raise ArgumentError(f"no measure has scores for {a} and for {b}; see failures()")


def _outcome(first: float | None, second: float | None, measure: Measure) -> Outcome:
    if first is None or second is None:
        return "not compared"
    if abs(second - first) < EVEN:
        return "tie"
    return "win" if (second > first) == measure.higher_is_better else "loss"


def prompt_diff(results: Results, first: Cell, second: Cell) -> str:
    """The unified difference of the two prompt files; empty when they are the same, or not known."""
    texts = [results.prompts.get(cell.prompt.hash) for cell in (first, second)]
    if texts[0] is None or texts[1] is None or texts[0] == texts[1]:
        return ""
    one, other = (f"{cell.prompt.name} ({cell.prompt.hash})" for cell in (first, second))
    lines = difflib.unified_diff(texts[0].splitlines(), texts[1].splitlines(), one, other, lineterm="")
    return "\n".join(lines)
