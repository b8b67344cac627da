"""What the results of an experiment come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from toolkit.types.experiments import Row
from toolkit.types.shown import Readable

Outcome = Literal["win", "loss", "tie", "not compared"]
"""How a question ended between two cells, seen from the second."""

QUALITY = ("correctness", "citation", "refusal", "other")
"""The groups of measures that say how good answers are, and not what they cost or what was found for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Against:
    """A cell against the baseline by one measure, over the questions that both have scores for.

    Attributes:
        difference: Mean of the cell less that of the baseline.
        low, high: Its 95 % interval.
        p_value: Of the test, after Holm's correction; None where nothing can be tested.
        better: True or False where the difference can be told from chance; None where it cannot.
        wins, losses, ties: Questions, seen from the cell.
        questions: How many were compared.
        needed: Questions that would tell such a difference from chance, about; None when not known.
        words: All that in one sentence.
    """

    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    better: bool | None
    wins: int
    losses: int
    ties: int
    questions: int
    needed: int | None
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """One cell by one measure.

    Attributes:
        cell, measure: Names.
        value: The mean; None when no row has a score.
        low, high: Its 95 % interval.
        n_ok: Rows with a score.
        n_total: Rows to which the measure could apply.
        shown, between: Value and interval as tables show them.
        against: The comparison with the baseline; None for the baseline itself.
    """

    cell: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    n_ok: int
    n_total: int
    shown: str = ""
    between: str = ""
    against: Against | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A measure, as a table needs it.

    Attributes:
        name, kind, unit, doc, source: See :class:`toolkit.experiment.measures.Measure`.
        higher_is_better: Which of two means wins.
        group: ``correctness``, ``citation``, ``refusal``, ``retrieval``, ``cost`` or ``other``.
    """

    name: str
    group: str
    kind: str = "mean"
    unit: str = ""
    doc: str = ""
    source: str = ""
    higher_is_better: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CellCount:
    """How the rows of a cell ended."""

    cell: str
    ok: int
    failed: int = 0
    not_run: int = 0


@dataclass(frozen=True, kw_only=True, repr=False)
class Scorecard(Readable):
    """The table of an experiment: every cell by every measure, and each cell against the baseline.

    Attributes:
        task: ``ask`` or ``summarize``.
        baseline: The cell to compare with.
        questions: How many.
        repeats: How often each was asked.
        cells: How the rows of each cell ended, in order.
        measures: In order, those of citation next to those of correctness.
        scores: One for each cell and measure.
        findings: What can be said, in sentences.
        notes: What to be careful about, in sentences.
    """

    task: str
    baseline: str
    questions: int
    repeats: int
    cells: tuple[CellCount, ...]
    measures: tuple[Measured, ...]
    scores: tuple[Scored, ...]
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def score(self, cell: str, measure: str) -> Scored:
        """One of the scores.

        Raises:
            KeyError: There is none.
        """
        for one in self.scores:
            if (one.cell, one.measure) == (cell, measure):
                return one
        raise KeyError(f"no score of {cell!r} by {measure!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Duel:
    """One question in two cells.

    Attributes:
        first, second: The rows, of the same repetition.
        outcome: Seen from the second cell.
        first_score, second_score: By the measure that decides.
    """

    first: Row
    second: Row
    outcome: Outcome
    first_score: float | None = None
    second_score: float | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class CellComparison(Readable):
    """Two cells question by question.

    Attributes:
        first, second: The cells' names.
        measure: The measure that decides.
        duels: One for each question and repetition.
        against: The second cell against the first, by that measure.
        prompt_diff: The unified difference between the two prompt files; empty when they are the same.
    """

    first: str
    second: str
    measure: str
    duels: tuple[Duel, ...]
    against: Against
    prompt_diff: str = ""

    def count(self, outcome: Outcome) -> int:
        """How many duels ended so, seen from the second cell."""
        return sum(duel.outcome == outcome for duel in self.duels)


@dataclass(frozen=True, kw_only=True, repr=False)
class Failures(Readable):
    """The rows without an answer, and measures that raised.

    Attributes:
        rows: Those that failed or were not run, with their errors.
        total: Rows in all.
        measures: Question id, cell, measure and error.
    """

    rows: tuple[Row, ...]
    total: int
    measures: tuple[tuple[str, str, str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows or self.measures)
