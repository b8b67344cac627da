"""The front door of the prompt lab: questions, settings, estimate, run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from toolkit.errors import ArgumentError
from toolkit.experiment import grid
from toolkit.experiment.folder import default_folder
from toolkit.experiment.questions import read_questions
from toolkit.experiment.results import Results, environment
from toolkit.experiment.run import Bench, Unit, carried_out
from toolkit.experiment.summary import with_companions
from toolkit.settings import SAME
from toolkit.types import CellEstimate, Estimate, Question
from toolkit.types.shown import Shown

if TYPE_CHECKING:
    from toolkit.experiment.measures import Measure
    from toolkit.library import Library
    from toolkit.types import Cell, Row

DEFAULT_PROMPTS = {"ask": "ask/plain", "summarize": "summarize/brief"}
MOST_ROWS = 1_000_000
"""Rows of one experiment, chosen by eye: a slip is told at once, not after the memory is full."""


class Experiment(Shown):
    """Questions asked in several ways, scored, and compared.

    Every combination of ``prompts``, ``llms``, ``k``, ``embeddings`` and ``search`` is a cell; every question is asked
    in every cell, ``repeats`` times. For answers, passages are looked for once for all cells that share them. Each of
    the axes is a list, one value, or a dict of values by the names that tables shall show.

    Args:
        library: Whose articles are asked; see :class:`toolkit.Library`. It is not changed.
        questions: A list of texts or records, a DataFrame, or the path of a ``.jsonl``, ``.csv`` or ``.yaml`` file with
            ``question`` and, as far as they are known, ``answers``, ``answerable``, ``gold`` and ``tags``; see
            :func:`toolkit.experiment.read_questions`.
        prompts: Names, or paths of ``.prompty`` files. A writer that is no model has no use for them and stands in one
            cell.
        llms: Models in any form that ``llm=`` takes, None for the extractive writer, or functions ``(question, hits)
            -> text`` of your own. The library's own model when not given.
        k: Passages that an answer is made from.
        embeddings: In any form that ``embedding=`` takes. Each one other than the library's gets a copy of the
            library, made once and kept in the folder.
        search: Options of :meth:`toolkit.Library.search` as dicts, such as ``[{}, {"diversity": 0.5}]``.
        repeats: How often each question is asked; a cache keeps repetitions apart.
        task: ``ask``, or ``summarize``: then a question says what the summary is about, ``articles`` what it is made
            of, and ``reference`` what to compare it with.
        measures: Names such as ``"token_f1"`` and ``"hit@3"``, functions ``(answer, question) -> number``, or
            Measures, see :mod:`toolkit.experiment.measures`. The task's usual ones when not given.
        baseline: The name of the cell to compare with; the first one when not given.
        sentences: How long summaries are.
        folder: Where rows, replies and copies of the library are kept; a folder of the user's cache when not given.
            What was run with the same articles, questions, prompts and models is found again there.

    Raises:
        ArgumentError: An argument is unusable; for a question the message names it, or its file, line and field.
        ToolkitError: A prompt or a file cannot be read.

    Example:
        >>> trial = Experiment(news, ["Who will send troops?"], llms=[None], k=[4, 8])
        >>> trial.run().summary()
    """

    def __init__(
        self,
        library: Library,
        questions: Any,
        *,
        prompts: Any = None,
        llms: Any = SAME,
        k: Any = None,
        embeddings: Any = SAME,
        search: Any = None,
        repeats: int = 1,
        task: Literal["ask", "summarize"] = "ask",
        measures: Sequence[str | Callable[..., Any] | Measure] | None = None,
        baseline: str | None = None,
        sentences: int = 4,
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        from toolkit.experiment.measures import ASK, SUMMARIZE, measure

        if task not in get_args(grid.Task):
            raise ArgumentError(f"task={task!r}: give 'ask' or 'summarize'")
        grid.check_counts(repeats=repeats, sentences=sentences)
        self.library, self.task, self.repeats = library, task, repeats
        self._given = read_questions(questions, task=task)
        self._settings = grid.settings(
            task=task,
            own_llm=library._writers._llm,
            own_embedding=library._shelf.embedding.name,
            folder=library._prompts,
            prompts_=DEFAULT_PROMPTS[task] if prompts is None else prompts,
            llms=llms,
            k=k,
            embeddings=embeddings,
            search=search,
        )
        if (rows := len(self._given) * len(self._settings) * repeats) > MOST_ROWS:
            raise ArgumentError(f"{rows:,} rows: {MOST_ROWS:,} are the most; ask or vary less at once")
        wished = measures if measures is not None else ASK if task == "ask" else SUMMARIZE
        self.measures = with_companions(map(measure, wished), task)
        self.baseline = _baseline(baseline, self.cells)
        self._bench = Bench(library, task, sentences, default_folder() if folder is None else Path(folder).expanduser())

    @property
    def cells(self) -> tuple[Cell, ...]:
        """What is compared, in order."""
        return tuple(setting.cell for setting in self._settings)

    @property
    def rows(self) -> int:
        """How many rows a run gives: one for each question, cell and repeat."""
        return len(self._given) * len(self._settings) * self.repeats

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is asked, with the spans of gold quotes, which are looked for in the library."""
        return self._bench.located(self._given)

    @property
    def folder(self) -> Path:
        """Where rows and replies are kept."""
        return self._bench.folder.path

    def estimate(self) -> Estimate:
        """How many calls a run would send, and what they may cost at most. Nothing is sent.

        Passages are looked for (with an embedding that is a service, that asks it), and questions that they do not
        speak to are counted as refused without a call. Rows and replies of earlier runs cost nothing.

        Returns:
            Calls, tokens and price for each cell and in all.
        """
        from toolkit.models import Meter

        meter = Meter()
        self._look_again()
        units = self._units()
        done = self._bench.kept(units)
        counted = {cell.name: CellEstimate(cell=cell.name, rows=0) for cell in self.cells}
        for unit in units:
            name = unit.setting.cell.name
            counted[name] = self._counted(counted[name], unit, unit.key in done, meter)
        notes = ("A rerank by a prompt is a call of its own, which is not counted here.",) if self._reranks() else ()
        return Estimate(cells=tuple(counted.values()), notes=notes)

    def _counted(self, so_far: CellEstimate, unit: Unit, done: bool, meter: Any) -> CellEstimate:
        so_far = replace(so_far, rows=so_far.rows + 1, done=so_far.done + done)
        if done or grid.is_writer(unit.setting.llm):
            return so_far
        preview = self._bench.preview(unit, meter)
        if preview.model is None:
            return so_far
        if preview.cached:
            return replace(so_far, cached=so_far.cached + 1)
        reply, cost = preview.reply_tokens, preview.cost_usd
        return replace(
            so_far,
            calls=so_far.calls + preview.calls,
            prompt_tokens=so_far.prompt_tokens + preview.prompt_tokens,
            reply_tokens=None if reply is None or so_far.reply_tokens is None else so_far.reply_tokens + reply,
            cost_usd=None if cost is None or so_far.cost_usd is None else so_far.cost_usd + cost,
        )

    def _reranks(self) -> bool:
        from toolkit.retrieval.rerank import PromptReranker

        own = isinstance(self.library._rerank, PromptReranker)
        return any(cell.search.get("rerank", "own" if own else None) in ("own", "prompt") for cell in self.cells)

    def run(
        self,
        *,
        budget_usd: float | None = None,
        max_calls: int | None = None,
        resume: bool = True,
        concurrency: int = 8,
        progress: bool = True,
    ) -> Results:
        """Ask every question in every cell, and score what comes.

        Each row is kept on disk as it ends, and each reply. The same run again sends nothing; a run that was stopped,
        or killed, goes on where it was. What fails is a row with its error, and is tried again by the next run; what
        would pass a limit is a row that was not run. It works the same inside a running event loop, as in Jupyter.

        Args:
            budget_usd: US dollars that this run's calls may cost.
            max_calls: Calls that it may send.
            resume: Take over the rows of earlier runs; with False rows are made anew, from the replies that are kept.
            concurrency: Rows at once. A model's own limit, 8 calls at once, holds besides. Seconds are measured as
                they pass, so they include the wait for others: give 1 to compare how long models take.
            progress: Show a progress bar.

        Returns:
            The rows and what can be made of them.

        Raises:
            ArgumentError: A limit is unusable.
            ToolkitError: A model's server cannot be asked for its model, or the folder cannot be written.
        """
        from toolkit.models import Meter

        grid.check_counts(concurrency=concurrency)
        meter = Meter(budget_usd=budget_usd, max_calls=max_calls)
        self._look_again()
        units = self._units()
        done = self._bench.kept(units) if resume else {}
        try:
            rows = carried_out(self._bench, units, meter, concurrency=concurrency, done=done, progress=progress)
        finally:
            self._bench.close()
        return Results(
            task=self.task,
            rows=tuple(_placed(rows[unit.key], unit) for unit in units),
            measures=self.measures,
            prompts={setting.prompt.hash: setting.text for setting in self._settings},
            baseline=self.baseline,
            calls=meter.calls,
            cost_usd=meter.usage.cost_usd,
            environment=environment(),
        )

    async def arun(self, **options: Any) -> Results:
        """The async twin of :meth:`run`."""
        import asyncio

        return await asyncio.to_thread(partial(self.run, **options))

    def _look_again(self) -> None:
        """Forget what was found in articles that are others by now."""
        if self._bench.is_stale():
            old = self._bench
            self._bench = Bench(self.library, self.task, old.sentences, old._root)
            self.__dict__.pop("questions", None)

    def _units(self) -> list[Unit]:
        return self._bench.units(self.questions, self._settings, self.repeats)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Results:
        """The results in a replay bundle, see :meth:`toolkit.experiment.Results.save`.

        Nothing is needed besides the file: no network, no key, no library. It is data only, wherever it comes from:
        nothing in it is executed, unpickled or sent to a model.

        Raises:
            SourceError: It is no bundle, is damaged or too large, or what it holds is not what it was when it was made.
        """
        from toolkit.experiment.bundle import load

        return load(path)

    def __repr__(self) -> str:
        return (
            f"<Experiment {self.task}: {len(self._given):,} questions x {len(self._settings)} cells"
            f"{f' x {self.repeats} repeats' if self.repeats > 1 else ''}>"
        )


def _placed(row: Row, unit: Unit) -> Row:
    """The row as this unit's: cells that are alike in all that decides on a row share it."""
    return replace(row, question=unit.question, cell=unit.setting.cell, repeat=unit.repeat)


def _baseline(given: str | None, cells: Sequence[Cell]) -> str:
    names = [cell.name for cell in cells]
    if given is not None and given not in names:
        raise ArgumentError(f"baseline={given!r}: no such cell; there are {', '.join(names)}")
    return given or names[0]
