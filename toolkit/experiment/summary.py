"""Rows and scores -> the table of an experiment, and what it allows to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError
from toolkit.experiment.measures import BUILT_IN, Measure
from toolkit.experiment.statistics import Interval, Paired, Scores, compare, compare_all, estimate, number
from toolkit.types import Against, CellCount, Measured, Scorecard, Scored
from toolkit.types.scorecards import QUALITY

if TYPE_CHECKING:
    from toolkit.experiment.results import Results

CORRECTNESS = ("answer_hit", "exact_match", "token_f1", "rouge1", "rouge2", "rougeL", "judge_grade")
CITATION = ("citation_recall", "citation_precision", "support_rate", "gold_cited")
REFUSAL = ("answered", "answer_rate", "refusal_recall", "refusal_precision", "refusal_f1")
COLUMNS = (
    "question_id", "question", "tags", "cell", "prompt", "prompt_hash", "llm", "k", "embedding", "search", "repeat",
    "status", "error", "answered", "reason", "text", "reply", "model", "claims", "citations", "cached",
)  # fmt: skip
"""Of :meth:`toolkit.experiment.Results.to_frame`, before those of the measures."""

GROUPS = ("correctness", "citation", "refusal", "retrieval", "other", "cost")

WELL_CITED = 0.9
"""Citation precision from which a writer is looked at for the trap of citation scores: chosen by eye. The trap that it
is named after, echoing the best passage, has 0.99 where it is right 35 times of 100."""

HALF = 0.5
"""Share of another writer's correctness below which good citations are called a trap: chosen by eye."""

FEW_QUESTIONS = 30
"""Questions below which a table says that they are few. Of 30, a rate of one half has a 95 % interval (Wilson) from
0.33 to 0.67: a third of the scale wide."""

TOLD_COSTS = ("seconds", "cost_usd")
"""Measures of cost that are put in sentences; tokens stand in the table."""


def group_of(measure: Measure) -> str:
    """What a measure is about; one of :data:`GROUPS`."""
    if measure.kind == "cost":
        return "cost"
    for group, names in (("correctness", CORRECTNESS), ("citation", CITATION), ("refusal", REFUSAL)):
        if measure.name in names:
            return group
    if measure.name == "mrr" or measure.name.startswith(("hit@", "ndcg@")):
        return "retrieval"
    return "other"


def with_companions(measures: Iterable[Measure], task: str) -> tuple[Measure, ...]:
    """The measures, with those of correctness where there are some of citation, and the other way round.

    Citation scores alone reward a writer that copies, and correctness alone one that makes up where it has it from, so
    neither is shown without the other.
    """
    given = tuple(measures)
    check_names(given)
    groups = {group_of(one) for one in given}
    added: tuple[str, ...] = ()
    if "citation" in groups and "correctness" not in groups:
        added = ("answer_hit", "token_f1") if task == "ask" else ("rougeL",)
    elif "correctness" in groups and "citation" not in groups:
        added = ("citation_recall", "citation_precision")
    return given + tuple(BUILT_IN[name] for name in added)


def check_names(measures: Sequence[Measure]) -> None:
    """Scores go by the measure's name, and so do columns.

    Raises:
        ArgumentError: Two measures have one name, or one has that of another column.
    """
    taken: set[str] = set()
    for one in measures:
        if one.name in taken:
            raise ArgumentError(f"two measures are called {one.name!r}: give each once, under a name of its own")
        if one.name in COLUMNS and one.name != "answered":  # which says the same
            raise ArgumentError(f"measure {one.name!r}: to_frame() has another column of that name; call it otherwise")
        taken.add(one.name)


def scores_by_cell(results: Results, measure: Measure) -> dict[str, Scores]:
    """Cell to question to the scores of its repetitions.

    A question for which the measure applies in no cell, such as one without a right answer on file, is left out; one
    whose rows failed, or on which the measure itself did, is not, and counts as asked.
    """
    found: dict[str, dict[str, list[float | None]]] = {cell.name: {} for cell in results.cells}
    scored: set[str] = set()
    answered: set[str] = set()
    scores = results.scores(measure.name)
    raised = results.raised(measure.name)
    for place, (row, score) in enumerate(zip(results.rows, scores, strict=True)):
        found[row.cell.name].setdefault(row.question.id, []).append(score)
        if score is not None:
            scored.add(row.question.id)
        if row.status == "ok" and place not in raised:
            answered.add(row.question.id)
    beside = answered - scored
    return {cell: {q: s for q, s in rows.items() if q not in beside} for cell, rows in found.items()}


def against(found: Paired, measure: Measure) -> Against:
    """A comparison, as a table needs it."""
    better = None
    if found.distinguishable and found.difference is not None:
        better = (found.difference > 0) == measure.higher_is_better
    wins, losses = (found.wins, found.losses) if measure.higher_is_better else (found.losses, found.wins)
    return Against(
        difference=found.difference,
        low=found.low,
        high=found.high,
        p_value=found.adjusted,
        better=better,
        wins=wins,
        losses=losses,
        ties=found.ties,
        questions=found.questions,
        needed=found.needed(),
        words=found.words(higher_is_better=measure.higher_is_better, unit=measure.unit),
    )


def options_of(measure: Measure) -> dict[str, Any]:
    """What the statistics must know of a measure."""
    return {"kind": measure.kind, "pooled": measure.pooled, "double": measure.double}


def summarized(results: Results, baseline: str) -> Scorecard:
    """The table, with each cell against the baseline."""
    order = sorted(results.measures, key=lambda one: GROUPS.index(group_of(one)))
    tables = {one.name: scores_by_cell(results, one) for one in order}
    shown = [one for one in order if any(_has_scores(scores) for scores in tables[one.name].values())]
    scores: list[Scored] = []
    for one in shown:
        by_cell = tables[one.name]
        means = {cell: estimate(found, **options_of(one)) for cell, found in by_cell.items()}
        others = {cell: found for cell, found in by_cell.items() if cell != baseline}
        paired = compare_all(others, by_cell[baseline], **options_of(one))
        scores += [_scored(cell, one, mean, paired.get(cell)) for cell, mean in means.items()]
    names = [cell.name for cell in results.cells]
    card = Scorecard(
        task=results.task,
        baseline=baseline,
        questions=len(results.questions),
        repeats=max((row.repeat for row in results.rows), default=0) + 1,
        cells=tuple(_count(results, name) for name in names),
        measures=tuple(_measured(one) for one in shown),
        scores=tuple(scores),
    )
    by_name = {one.name: one for one in shown}
    findings = (*_trap(tables, by_name, names), *_told(card, by_name))
    raised = {one.name: len(results.raised(one.name)) for one in order}
    unscored = [one.name for one in order if one.name not in by_name and not raised[one.name]]
    return replace(
        card,
        findings=findings,
        notes=(
            *(
                f"{name} raised on {count:,} of {len(results):,} rows, which have no score by it; see failures()."
                for name, count in raised.items()
                if count
            ),
            *_notes(card, unscored, [group_of(one) for one in shown]),
        ),
    )


def _has_scores(scores: Scores) -> bool:
    return any(score is not None for row in scores.values() for score in row)


def _scored(cell: str, measure: Measure, mean: Interval, paired: Paired | None) -> Scored:
    unit = measure.unit if measure.unit == "USD" else ""  # the others stand in the head of the table

    def words(value: float | None) -> str:
        return "" if value is None else number(value, measure.kind, unit)

    low = "" if mean.low is None or mean.high is None else words(mean.low).removesuffix(" %")
    return Scored(
        cell=cell,
        measure=measure.name,
        value=mean.value,
        low=mean.low,
        high=mean.high,
        n_ok=mean.n_ok,
        n_total=mean.n_total,
        shown=words(mean.value),
        between=f"{low} to {words(mean.high)}" if low else "",
        against=None if paired is None else against(paired, measure),
    )


def _measured(measure: Measure) -> Measured:
    return Measured(
        name=measure.name,
        group=group_of(measure),
        kind=measure.kind,
        unit=measure.unit,
        doc=measure.doc,
        source=measure.source,
        higher_is_better=measure.higher_is_better,
    )


def _count(results: Results, cell: str) -> CellCount:
    statuses = [row.status for row in results.rows if row.cell.name == cell]
    return CellCount(
        cell=cell,
        ok=statuses.count("ok"),
        failed=statuses.count("failed"),
        not_run=statuses.count("not run"),
    )


# What can be said -----------------------------------------------------------------------------------------------------


def _trap(
    tables: Mapping[str, Mapping[str, Scores]], measures: Mapping[str, Measure], cells: Sequence[str]
) -> Iterator[str]:
    """Cells that cite nearly perfectly and are less often right than another one (Gao et al. 2023)."""
    judge = next((name for name in ("citation_precision", "citation_recall") if name in measures), None)
    right = [name for name in CORRECTNESS if name in measures]
    if judge is None or not right:
        return
    cited = {cell: estimate(tables[judge][cell], **options_of(measures[judge])).value for cell in cells}
    caught: list[tuple[str, str]] = []
    for cell in sorted(cells, key=lambda name: -(cited[name] or 0.0)):
        precision = cited[cell]
        if precision is None or precision < WELL_CITED:
            break
        for name in right:
            rival, found = _better_than(cell, tables[name], measures[name], cells)
            if rival is not None and found is not None:
                said = (
                    f"Citations are no proof of a right answer: {cell} has a {judge} of "
                    f"{number(precision, measures[judge].kind)}, and by {name} it is worse than {rival}: "
                    f"{_after_verdict(found.words(unit=measures[name].unit))}. Whoever copies is always well cited."
                )
                caught.append((cell, said))
                break
    if caught:
        others = ", ".join(cell for cell, _ in caught[1:])
        yield caught[0][1] + (f" The same holds for {others}." if others else "")


def _better_than(
    cell: str, table: Mapping[str, Scores], measure: Measure, cells: Sequence[str]
) -> tuple[str | None, Paired | None]:
    """The best other cell, where it is surely better, and more than twice as good."""
    means = {name: estimate(table[name], **options_of(measure)).value for name in cells if name != cell}
    known = {name: value for name, value in means.items() if value is not None}
    if not known:
        return None, None
    rival = max(known, key=lambda name: known[name])
    found = compare(table[cell], table[rival], **options_of(measure))
    value, best = found.value, found.baseline
    worse = found.distinguishable and value is not None and best is not None and value < HALF * best
    return (rival, found) if worse else (None, None)


def _after_verdict(words: str) -> str:
    """The words of a comparison without the verdict that the sentence has said already."""
    return words.partition(": ")[2] or words


def _told(card: Scorecard, measures: Mapping[str, Measure]) -> Iterator[str]:
    """For each cell what can be told from chance, and in one sentence what cannot."""
    for cell in (one.cell for one in card.cells if one.cell != card.baseline):
        unsure: list[str] = []
        for name, measure in measures.items():
            found = card.score(cell, name).against
            if found is None or found.difference is None or (measure.kind == "cost" and name not in TOLD_COSTS):
                continue
            if found.better is not None:
                verdict = "better" if found.better else "worse"
                yield f"{cell} is {verdict} than {card.baseline} by {name}: {_after_verdict(found.words)}."
            elif group_of(measure) in QUALITY:
                more = found.needed is not None and found.needed > found.questions
                unsure.append(f"{name} ({_rough(found.needed or 0)})" if more else name)
        if unsure:
            needed = (
                " (in brackets: questions that would be needed)" if any(one.endswith(")") for one in unsure) else ""
            )
            yield f"{cell} is not distinguishable from {card.baseline} by {', '.join(unsure)}{needed}."


def _rough(count: int) -> str:
    """Two digits, since it is an estimate of an estimate."""
    if count > 10_000:
        return "more than 10,000"
    step = 10 ** max(0, len(str(count)) - 2)
    return f"about {-(-count // step) * step:,}"


def _notes(card: Scorecard, unscored: Sequence[str], groups: Sequence[str]) -> Iterator[str]:
    for cell in card.cells:
        lost = cell.failed + cell.not_run
        if lost:
            why = " and ".join(
                part
                for part in (
                    f"{cell.failed} failed" if cell.failed else "",
                    f"{cell.not_run} were not run" if cell.not_run else "",
                )
                if part
            )
            yield f"{cell.cell}: of {lost + cell.ok} rows {why}; they have no scores, and are in failures()."
    if "citation" in groups and "correctness" not in groups:
        yield (
            "Nothing here says whether the answers are right: no question has right answers on file. Citation scores "
            "alone reward a writer that copies passages; give questions with answers."
        )
    if unscored:
        yield f"No row has a score by {', '.join(unscored)}: the questions do not say what these need."
    if card.questions < FEW_QUESTIONS:
        few = "1 question is" if card.questions == 1 else f"{card.questions} questions are"
        yield f"{few} few: only large differences can be told from chance."
