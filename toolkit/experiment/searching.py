"""The search of :func:`toolkit.experiment.optimization.optimize`: try on some questions, choose, compare on others."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import prompts
from toolkit.errors import ArgumentError, BudgetExceeded
from toolkit.experiment.folder import REPLIES
from toolkit.experiment.intervals import EVEN
from toolkit.experiment.meters import metered
from toolkit.experiment.variants import Example, drawn, examples_of, rewritten, source_of, suggested
from toolkit.types import Candidate, HeldOut, OptimizeReport, Question, Row

if TYPE_CHECKING:
    from toolkit.experiment.measures import Measure
    from toolkit.experiment.results import Results
    from toolkit.experiment.statistics import Paired, Scores
    from toolkit.library import Library
    from toolkit.models import Meter, Model
    from toolkit.prompts import Prompt

_MISSES = 4
"""Wrong answers that a model is shown when it is asked for other wordings: what fits a small context, by eye."""
_MOST_CHARACTERS = 300  # of each of them
_COMPLETE = 0.8  # of the questions that the prompt as it is has scores for; by eye: fewer are other questions
_FLIPS, _RESAMPLES = 99, 100  # while searching only the difference counts, and not how sure it is


@dataclass
class Search:
    """One search; what it has found so far."""

    library: Library
    base: Prompt
    given: str | Path
    model: Model
    decisive: Measure
    beside: tuple[Measure, ...]
    k: int
    repeats: int
    seed: int
    limits: tuple[float | None, int | None]
    concurrency: int
    folder: Path
    progress: bool
    candidates: dict[str, Candidate] = field(default_factory=dict)
    scores: dict[str, Scores] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str, int], Row] = field(default_factory=dict)

    def carried_out(
        self,
        train: Sequence[Question],
        test: Sequence[Question],
        given: Mapping[str, str],
        suggest: int,
        adviser: Model | None,
        sizes: Sequence[int],
        sets: int,
    ) -> OptimizeReport:
        """Try, choose, compare."""
        with tempfile.TemporaryDirectory(prefix="citebook-") as place:
            meter = self._search_meter(test)
            own = self.base.name
            self._try(
                meter, train, Path(place), {own: Candidate(name=own, origin="as it is", text=source_of(self.base))}
            )
            tried = {
                name if name != own else f"{name} (given)": Candidate(name=name, origin="given", text=text)
                for name, text in given.items()
            }
            if suggest and adviser is not None:
                tried |= self._suggestions(adviser, meter, suggest, train)
            self._try(meter, train, Path(place), {name: replace(one, name=name) for name, one in tried.items()})
            chosen = self._best(self.candidates)
            if sizes:
                shown = self._with_examples(self.candidates[chosen], train, sizes, sets)
                self._try(meter, train, Path(place), shown)
                chosen = self._best(shown, beside=chosen)
            compared, spent = (None, meter) if chosen == own else self._compared(chosen, test, Path(place), meter)
        return self._report(chosen, compared, train, test, meter, spent)

    # Limits ----------------------------------------------------------------------------------------------------------

    def _search_meter(self, test: Sequence[Question]) -> Meter:
        """What the search may spend: all but what the last comparison may take."""
        from toolkit.models import Meter

        budget, calls = self.limits
        if calls is not None:
            kept = 2 * len(test) * self.repeats
            if calls <= kept:
                raise ArgumentError(
                    f"max_calls={calls}: the comparison at the end alone may take {kept}; give more, or hold out less"
                )
            calls -= kept
        if budget is not None:
            last = self._experiment(test, {self.base.name: self.given}, [self.decisive], Meter()).estimate().cost_usd
            if last is not None:
                if budget <= 2 * last:
                    raise ArgumentError(
                        f"budget_usd={budget}: the comparison at the end alone may take ${2 * last:.4f}; give more"
                    )
                budget -= 2 * last
        return Meter(budget_usd=budget, max_calls=calls)

    def _experiment(
        self, questions: Sequence[Question], files: Mapping[str, Any], measures: Sequence[Any], meter: Meter
    ) -> Any:
        from toolkit.experiment.lab import Experiment

        return Experiment(
            self.library,
            questions,
            prompts=dict(files),
            llms={self.model.name: metered(self.model, meter)},
            k=self.k,
            repeats=self.repeats,
            measures=measures,
            folder=self.folder,
        )

    # Trying ----------------------------------------------------------------------------------------------------------

    def _try(self, meter: Meter, train: Sequence[Question], place: Path, candidates: Mapping[str, Candidate]) -> None:
        """Score candidates on the questions to search with."""
        from toolkit.experiment.statistics import estimate
        from toolkit.experiment.summary import options_of, scores_by_cell

        if not candidates:
            return
        files = {name: self._file(one, place) for name, one in candidates.items()}
        results = self._run(train, files, [self.decisive], meter)
        found = dict(zip(files, scores_by_cell(results, self.decisive).values(), strict=True))
        self._keep(results, list(files))
        for name, one in candidates.items():
            self.scores[name] = found[name]
            own = {q: s for q, s in self.scores[name].items() if q not in one.examples}
            mean = estimate(own, **options_of(self.decisive))
            self.candidates[name] = replace(one, value=mean.value, n_ok=mean.n_ok, n_total=mean.n_total)
            self._compare_with_own(name)

    def _compare_with_own(self, name: str) -> None:
        one = self.candidates[name]
        if one.origin == "as it is":
            return
        found = self._apart(name, self.base.name)
        scored = sum(
            any(score is not None for score in scores)
            for question, scores in self.scores[self.base.name].items()
            if question not in one.examples
        )
        whole = found.questions >= _COMPLETE * scored
        if not whole:
            self.notes.append(f"{name} has scores for {found.questions} of {scored} questions only, and is out.")
        self.candidates[name] = replace(one, difference=found.difference if whole else None, questions=found.questions)

    def _apart(self, name: str, other: str) -> Paired:
        """A candidate beside another, on the questions that are no examples of the first."""
        from toolkit.experiment.statistics import compare
        from toolkit.experiment.summary import options_of

        own = self.candidates[name].examples
        sides = ({q: s for q, s in self.scores[one].items() if q not in own} for one in (name, other))
        return compare(*sides, flips=_FLIPS, resamples=_RESAMPLES, **options_of(self.decisive))

    def _run(
        self, questions: Sequence[Question], files: Mapping[str, Any], measures: Sequence[Any], meter: Meter
    ) -> Results:
        trial = self._experiment(questions, files, measures, meter)
        results: Results = trial.run(concurrency=self.concurrency, progress=self.progress)
        return results

    def _keep(self, results: Results, names: Sequence[str]) -> None:
        """The rows under the candidates' names, which an experiment of a single cell does not know."""
        called = dict(zip((cell.name for cell in results.cells), names, strict=True))
        for row in results.rows:
            name = called[row.cell.name]
            self.rows[name, row.question.id, row.repeat] = replace(row, cell=replace(row.cell, name=name))

    def _file(self, one: Candidate, place: Path) -> str | Path:
        """A candidate's file; the prompt itself is read where it is, so that earlier rows of it count."""
        if one.origin == "as it is":
            return self.given
        path = place / f"{len(list(place.iterdir()))}.prompty"
        path.write_text(one.text, encoding="utf-8")
        prompts.check(path)
        return path

    def _suggestions(self, adviser: Model, meter: Meter, count: int, train: Sequence[Question]) -> dict[str, Candidate]:
        from toolkit.models import Cache, CachedModel

        cache = Cache(self.folder / REPLIES)
        try:
            asked = CachedModel(metered(adviser, meter), cache)
            texts, notes = suggested(asked, self.base, self._misses(train), count, self.library._prompts)
        except BudgetExceeded as error:
            texts, notes = [], [f"No wordings were suggested: {error}"]
        finally:
            cache.close()
        self.notes += notes
        return {
            f"suggestion {number}": Candidate(
                name=f"suggestion {number}", origin="suggested", text=rewritten(self.base, text)
            )
            for number, text in enumerate(texts, 1)
        }

    def _misses(self, train: Sequence[Question]) -> list[dict[str, str]]:
        """What the prompt as it is got wrong, in order of the questions."""
        found = []
        for question in train:
            scores = self.scores[self.base.name].get(question.id, [])
            row = self.rows.get((self.base.name, question.id, 0))
            if row is None or row.output is None or not scores or scores[0] is None:
                continue
            if scores[0] > 0 if self.decisive.kind in ("rate", "share") else True:
                continue
            known = question.answers[0] if question.answers else prompts.REFUSAL
            written = row.reply or row.output.text or prompts.REFUSAL
            found.append(
                {
                    name: _short(text)
                    for name, text in (("question", question.text), ("right", known), ("written", written))
                }
            )
        return found[:_MISSES]

    def _with_examples(
        self, best: Candidate, train: Sequence[Question], sizes: Sequence[int], sets: int
    ) -> dict[str, Candidate]:
        """Sets of examples on the best prompt so far."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "best.prompty"
            path.write_text(best.text, encoding="utf-8")
            prompt = prompts.load(path)
            located = self._experiment(train, {self.base.name: self.given}, [self.decisive], _free()).questions
            known = examples_of(located, prompt, partial(self.library._find, k=self.k))
            random_ = random.Random(self.seed)  # noqa: S311 -- a draw that can be made again, no secret
            found: dict[str, Candidate] = {}
            seen: set[frozenset[str]] = set()
            for size in sizes:
                for number in range(1, sets + 1):
                    chosen = drawn(known, size, random_)
                    ids = frozenset(one.question for one in chosen)
                    if not chosen or ids in seen:
                        continue
                    seen.add(ids)
                    name = f"{best.name} + {len(chosen)} examples ({number})"
                    found[name] = self._exemplified(name, prompt, chosen)
        if len(found) < len(sizes) * sets:
            self.notes.append(
                f"{len(known)} of {len(train)} questions can serve as examples; "
                f"{len(found)} of {len(sizes) * sets} sets were different."
            )
        return found

    @staticmethod
    def _exemplified(name: str, prompt: Prompt, chosen: Sequence[Example]) -> Candidate:
        return Candidate(
            name=name,
            origin="examples",
            text=rewritten(prompt, examples=chosen),
            examples=tuple(one.question for one in chosen),
        )

    # Choosing and comparing ------------------------------------------------------------------------------------------

    def _best(self, names: Iterable[str], beside: str | None = None) -> str:
        """Of some candidates the one that does best beside another; that other one where none is better.

        Args:
            names: The candidates.
            beside: The other one; the prompt as it is when not given.
        """
        sign = 1 if self.decisive.higher_is_better else -1
        best, most = beside or self.base.name, 0.0
        for name in names:
            if self.candidates[name].difference is None:
                continue
            gain = sign * (self._apart(name, beside or self.base.name).difference or 0.0)
            if gain > most + EVEN:
                best, most = name, gain
        return best

    def _compared(self, chosen: str, test: Sequence[Question], place: Path, searched: Meter) -> tuple[Results, Meter]:
        from toolkit.models import Meter

        budget, calls = self.limits
        meter = Meter(
            budget_usd=None if budget is None else max(0.0, budget - (searched.usage.cost_usd or 0.0)),
            max_calls=None if calls is None else max(0, calls - searched.calls),
        )
        files = {self.base.name: self.given, chosen: self._file(self.candidates[chosen], place)}
        return self._run(test, files, [self.decisive, *self.beside], meter), meter

    def _report(
        self,
        chosen: str,
        compared: Results | None,
        train: Sequence[Question],
        test: Sequence[Question],
        searched: Meter,
        spent: Meter,
    ) -> OptimizeReport:
        held = None if compared is None else self._held_out(compared, self.decisive)
        beside = () if compared is None else tuple(self._held_out(compared, one) for one in self.beside)
        unrun = sum(row.status == "not run" for row in self.rows.values())
        failed = sum(row.status == "failed" for row in self.rows.values())
        rows = () if compared is None else compared.rows
        unrun, failed = (
            unrun + sum(row.status == "not run" for row in rows),
            failed + sum(row.status == "failed" for row in rows),
        )
        if unrun:
            self.notes.append(f"{unrun:,} rows were not run, since a limit was reached.")
        if failed:
            self.notes.append(f"{failed:,} rows failed; see .train_rows and .held_out_rows for why.")
        both = (searched,) if spent is searched else (searched, spent)
        costs = [meter.usage.cost_usd for meter in both]
        return OptimizeReport(
            prompt=self.base.ref,
            model=self.model.name,
            measure=self.decisive.name,
            higher_is_better=self.decisive.higher_is_better,
            candidates=tuple(self.candidates.values()),
            chosen=chosen,
            held_out=held,
            beside=tuple(one for one in beside if one.value is not None),
            train_questions=len(train),
            held_out_questions=len(test),
            verdict=_verdict(self.base.name, chosen, held, len(train)),
            train_rows=tuple(self.rows.values()),
            held_out_rows=rows,
            seed=self.seed,
            calls=sum(meter.calls for meter in both),
            cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
            notes=tuple(self.notes),
        )

    def _held_out(self, results: Results, measure: Measure) -> HeldOut:
        from toolkit.experiment.statistics import compare
        from toolkit.experiment.summary import against, options_of, scores_by_cell

        base, other = scores_by_cell(results, measure).values()
        found = compare(other, base, **options_of(measure))
        return HeldOut(
            measure=measure.name, value=found.value, baseline=found.baseline, against=against(found, measure)
        )


def _verdict(own: str, chosen: str, held: HeldOut | None, train: int) -> str:
    """What can be said."""
    if held is None:
        return f"No variant did better than {own} on the {train} questions that were searched with: keep it."
    words, count = held.against.words, held.against.questions
    if held.against.better is None:
        shown = f"No difference that {count} questions could show" if count else "No comparison"
        return f"{shown} between {chosen} and {own}: {words}."
    which = "better" if held.against.better else "worse"
    return f"{chosen} is {which} than {own} on questions that the search has not seen: {words}."


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_CHARACTERS else line[: _MOST_CHARACTERS - 1] + "…"


def _free() -> Meter:
    from toolkit.models import Meter

    return Meter(max_calls=0)
