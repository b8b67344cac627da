"""What a run gave: rows, scores, tables, comparisons, reports."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError
from toolkit.experiment.compare import compared
from toolkit.experiment.measures import Measure, measure
from toolkit.experiment.summary import COLUMNS, summarized, with_companions
from toolkit.types import Cell, CellComparison, Failures, Question, Row, Scorecard
from toolkit.types.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_PACKAGES = ("citebook", "llama-index-core", "openai", "pylance", "wordllama", "numpy", "scipy", "pandas")


def environment() -> dict[str, str]:
    """What a run was made with: versions of Python and of the packages that decide on it. No names of this machine."""
    from importlib.metadata import PackageNotFoundError, version

    from toolkit import __version__

    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {**found, "citebook": __version__}


class Named:
    """A measure of a bundle that was a function of somebody's own: its scores are there, it is not."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, answer: object, question: object) -> float | None:
        """Cannot be called.

        Raises:
            ArgumentError: Always.
        """
        raise ArgumentError(f"{self.name} was a function of its author's: give it again, as in rescored([{self.name}])")


class Results(Shown):
    """The rows of an experiment, scored. Made by :meth:`toolkit.Experiment.run` and :meth:`toolkit.Experiment.load`.

    In a notebook it shows :meth:`summary`. Scores are made when they are first needed, and once.

    Attributes:
        task: ``ask`` or ``summarize``.
        rows: One for each question, cell and repetition, failures included.
        measures: What is measured.
        prompts: The text of each prompt file, by its hash.
        baseline: The cell that the others are compared with.
        calls: Calls that were sent to models for this run; None in a bundle.
        cost_usd: What they cost, in US dollars; None when a price is not known, and in a bundle.
        environment: Versions of Python and of the packages.
    """

    def __init__(
        self,
        *,
        task: str,
        rows: tuple[Row, ...],
        measures: tuple[Measure, ...],
        prompts: Mapping[str, str],
        baseline: str,
        calls: int | None = None,
        cost_usd: float | None = None,
        environment: Mapping[str, str],
        scores: Mapping[str, Sequence[float | None]] | None = None,
        errors: Mapping[tuple[int, str], str] | None = None,
    ) -> None:
        self.task, self.rows, self.measures = task, rows, measures
        self.prompts, self.baseline = dict(prompts), baseline
        self.calls, self.cost_usd, self.environment = calls, cost_usd, dict(environment)
        self._scores = {name: list(values) for name, values in (scores or {}).items()}
        self._errors = dict(errors or {})
        self._cards: dict[str, Scorecard] = {}

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """What is compared, in order."""
        return tuple({row.cell.name: row.cell for row in self.rows}.values())

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What was asked, in order."""
        return tuple({row.question.id: row.question for row in self.rows}.values())

    # Scores -----------------------------------------------------------------------------------------------------------

    def scores(self, name: str) -> list[float | None]:
        """The score of each row by one measure, in the order of :attr:`rows`; None where there is none.

        A row has no score when it failed or was not run, when the measure does not apply to it, or when a function of
        the user's raised; :meth:`failures` tells which.
        """
        if name not in self._scores:
            self._scores[name] = self._scored(self.measure(name))
        return self._scores[name]

    def raised(self, name: str) -> dict[int, str]:
        """Where a measure raised, or gave no number: the place in :attr:`rows`, and what it said."""
        self.scores(name)
        return {number: error for (number, measure), error in self._errors.items() if measure == name}

    def measure(self, name: str) -> Measure:
        """One of the measures.

        Raises:
            ArgumentError: It is none of them.
        """
        for one in self.measures:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.measures)
        raise ArgumentError(f"no measure {name!r} here; there are {known}; rescored([...]) adds more")

    def _scored(self, wanted: Measure) -> list[float | None]:
        scores: list[float | None] = []
        for number, row in enumerate(self.rows):
            score = None
            if row.output is not None:
                try:
                    score = wanted.score(row.output, row.question)
                except Exception as error:  # a function of the user's own
                    self._errors[number, wanted.name] = " ".join(f"{type(error).__name__}: {error}".split())[:500]
            scores.append(score)
        return scores

    def rescored(self, measures: Sequence[str | Callable[..., Any] | Measure] | None = None) -> Results:
        """The same rows with scores made anew from the answers that are kept; nothing is sent to a model.

        Args:
            measures: Other measures; the same when not given. Those of a bundle that were functions of somebody's own
                are there by name only, and must be given again.

        Raises:
            ArgumentError: A measure is unknown, or is known by its name only.
        """
        wished = with_companions(map(measure, self.measures if measures is None else measures), self.task)
        for one in wished:
            if isinstance(one.function, Named):
                one.function(None, None)
        return Results(
            task=self.task,
            rows=self.rows,
            measures=wished,
            prompts=self.prompts,
            baseline=self.baseline,
            calls=self.calls,
            cost_usd=self.cost_usd,
            environment=self.environment,
        )

    def tagged(self, tag: str) -> Results:
        """The rows of the questions with a tag, and their scores: does a prompt win everywhere, or only there?

        Raises:
            ArgumentError: No question has that tag.
        """
        chosen = [number for number, row in enumerate(self.rows) if tag in row.question.tags]
        if not chosen:
            known = ", ".join(sorted({one for row in self.rows for one in row.question.tags})) or "none"
            raise ArgumentError(f"no question has the tag {tag!r}; there are {known}")
        return Results(
            task=self.task,
            rows=tuple(self.rows[number] for number in chosen),
            measures=self.measures,
            prompts=self.prompts,
            baseline=self.baseline,
            environment=self.environment,
            scores={one.name: [self.scores(one.name)[number] for number in chosen] for one in self.measures},
            errors={
                (place, one.name): raised[number]
                for one in self.measures
                if (raised := self.raised(one.name))
                for place, number in enumerate(chosen)
                if number in raised
            },
        )

    # Tables -----------------------------------------------------------------------------------------------------------

    def to_frame(self) -> pd.DataFrame:
        """One row for each question, cell and repetition, as a DataFrame.

        Columns: ``question_id``, ``question``, ``tags`` (joined by a comma), ``cell``, ``prompt``, ``prompt_hash``,
        ``llm``, ``k``, ``embedding``, ``search``, ``repeat`` (from 0), ``status`` (``ok``, ``failed``, ``not run``),
        ``error``, ``answered``, ``reason`` (of a refusal), ``text`` (with markers), ``reply`` (as the model wrote it),
        ``model``, ``claims`` and ``citations`` (how many), ``cached``, and one column for each measure, of floats, with
        NaN where there is no score. ``repeat`` is of integers; ``k``, ``claims`` and ``citations`` are of ``Int64``,
        ``answered`` and ``cached`` of ``boolean``, with NA where there is none, and the others of text, with None.
        """
        import pandas as pd

        frame = pd.DataFrame([_tidy(row) for row in self.rows], columns=list(COLUMNS), dtype=object)
        frame = frame.astype({"repeat": "int64", **dict.fromkeys(("k", "claims", "citations"), "Int64")})
        frame = frame.astype(dict.fromkeys(("answered", "cached"), "boolean"))
        for one in self.measures:
            frame[one.name] = pd.Series(self.scores(one.name), dtype="float64")
        return frame

    def summary(self, baseline: str | None = None) -> Scorecard:
        """Every cell by every measure, with intervals, and each cell against the baseline.

        Rates have Wilson intervals, means bootstrap ones, both over questions, so that repetitions do not count as
        questions of their own. Cells are compared question by question; a winner is named only where the difference
        can be told from chance, after Holm's correction for the number of cells. See
        :mod:`toolkit.experiment.statistics`.

        Args:
            baseline: The cell to compare with; the experiment's own when not given.

        Raises:
            ArgumentError: There is no such cell.
        """
        chosen = self._known(baseline or self.baseline)
        if chosen not in self._cards:
            self._cards[chosen] = summarized(self, chosen)
        return self._cards[chosen]

    def failures(self) -> Failures:
        """The rows that have no answer because something failed or a limit was reached, and measures that raised."""
        for one in self.measures:
            self.scores(one.name)
        return Failures(
            rows=tuple(row for row in self.rows if row.status != "ok"),
            total=len(self.rows),
            measures=tuple(
                (self.rows[number].question.id, self.rows[number].cell.name, name, error)
                for (number, name), error in sorted(self._errors.items())
            ),
        )

    def compare(self, a: str, b: str, by: str | None = None) -> CellComparison:
        """Two cells question by question: who won, both answers with what differs, and what differs in the prompts.

        Args:
            a: A cell's name.
            b: Another's.
            by: The measure that decides; the first of the experiment's that has scores for both when not given.

        Raises:
            ArgumentError: There is no such cell or measure.
        """
        return compared(self, self._known(a), self._known(b), by)

    def _known(self, cell: str) -> str:
        names = [one.name for one in self.cells]
        if cell not in names:
            raise ArgumentError(f"no cell is called {cell!r}; there are {', '.join(names)}")
        return cell

    # Out --------------------------------------------------------------------------------------------------------------

    def plot(
        self, kind: str = "differences", *, baseline: str | None = None, measures: Sequence[str] | None = None
    ) -> Figure:
        """A figure of matplotlib's.

        Args:
            kind: ``differences``: a forest plot of each cell's difference from the baseline with its interval;
                ``cost``: cost, or where nothing costs anything seconds, against quality.
            baseline: As for :meth:`summary`.
            measures: Which; for ``differences`` those of quality when not given, for ``cost`` one of quality.

        Raises:
            ArgumentError: There is no such kind, cell or measure.
        """
        from toolkit.experiment.plots import plotted

        return plotted(self.summary(baseline), kind, measures)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a replay bundle: a zip of readable JSON that shows the same tables anywhere.

        It holds the questions, the cells, the prompts' text with hashes, the articles that were retrieved or cited,
        the replies and answers, the scores, and the versions of what made them. No key and no path of this machine is
        in it; the articles are, whole: mind who may have them.

        Args:
            path: The file; ``.zip`` is added when it has no ending. An older one is replaced when the new one is whole.

        Raises:
            SourceError: It cannot be written.
        """
        from toolkit.experiment.bundle import save

        return save(self, path)

    def to_html(self) -> str:
        """One report that needs nothing else: summary, comparisons, failures, prompts; no script."""
        from toolkit.experiment.report import report

        return report(self)

    def to_markdown(self, *, footnotes: bool = False) -> str:
        """The summary as Markdown; it has no footnotes."""
        return self.summary().to_markdown(footnotes=footnotes)

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        card = self.summary()
        return card._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        return repr(self.summary())

    def __len__(self) -> int:
        return len(self.rows)


def _tidy(row: Row) -> dict[str, Any]:
    cell, output = row.cell, row.output
    return {
        "question_id": row.question.id,
        "question": row.question.text,
        "tags": ", ".join(row.question.tags),
        "cell": cell.name,
        "prompt": cell.prompt.name,
        "prompt_hash": cell.prompt.hash,
        "llm": cell.llm,
        "k": cell.k,
        "embedding": cell.embedding,
        "search": ", ".join(f"{name}={value}" for name, value in cell.search.items()),
        "repeat": row.repeat,
        "status": row.status,
        "error": row.error,
        "answered": None if output is None else output.answered,
        "reason": None if output is None else output.reason,
        "text": None if output is None else output.text,
        "reply": row.reply,
        "model": None if output is None else output.model,
        "claims": None if output is None else len(output.claims),
        "citations": None if output is None else len(output.citations),
        "cached": None if output is None else output.usage.cached,
    }
