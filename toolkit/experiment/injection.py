"""Do instructions inside articles move a prompt and a model? Tried on copies of the user's own articles.

What counts as obeying, leaking and losing a fact is defined in :mod:`toolkit.experiment.obedience`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError
from toolkit.experiment import attacks as sets
from toolkit.experiment.folder import REPLIES, default_folder
from toolkit.experiment.grid import check_counts
from toolkit.experiment.meters import on_one_meter
from toolkit.experiment.obedience import judged, rates
from toolkit.settings import SAME
from toolkit.types import (
    Answer,
    Article,
    Attack,
    InjectionCase,
    InjectionReport,
    InjectionRow,
    Place,
    Question,
    Span,
)

if TYPE_CHECKING:
    from toolkit.experiment.results import Results
    from toolkit.library import Library

_REACH = 3  # times k: passages that are looked at around a question; by eye, so that an answer has rivals
_MOST_ARTICLES = 8  # that questions are made for when there are none: 8 x 18 attacks are drawn from, 72 by default


@dataclass(frozen=True, kw_only=True)
class _Target:
    """A question, the article that answers it, where, and the articles that a search finds around it."""

    question: Question
    article: Article
    answer: Span | None
    others: tuple[Article, ...]


def inject_test(
    library: Library,
    prompts: Any = None,
    llms: Any = SAME,
    *,
    questions: Any = None,
    articles: Iterable[str | Article] | None = None,
    attacks: Any = None,
    places: Sequence[Place] = sets.PLACES,
    cases: int | None = 72,
    k: int = 8,
    seed: int = 0,
    budget_usd: float | None = None,
    max_calls: int | None = None,
    concurrency: int = 4,
    folder: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> InjectionReport:
    """Put instructions into copies of articles, ask what those articles answer, and see who obeys, leaks, loses facts.

    The library is read and never written to. For each case a temporary library gets the articles that a search finds
    for the question, one of them as a copy with an instruction in it; the same without it is the control. Each prompt
    and model answers both. Rows and replies are kept, so the same test again sends nothing.

    Args:
        library: Whose articles are copied.
        prompts: As for :class:`toolkit.Experiment`; ``ask/plain`` when not given.
        llms: As for :class:`toolkit.Experiment`: models, None for the writer that needs none, functions.
        questions: Questions that the articles answer, as for :class:`toolkit.Experiment`; with ``answers`` a lost fact
            is one that is no longer named, without them an answer that no longer cites what the control cites. Those
            with ``answerable: false`` are left out. Without any, one is made from each article's title.
        articles: Articles to put instructions in, as Articles or ids; all when not given, and when there are no
            questions either, eight that are drawn.
        attacks: Attacks, or a file of them, see :func:`toolkit.experiment.attacks.read_attacks`; the packaged ones
            when not given.
        places: Where instructions are put: ``start``, ``middle``, ``end``, ``answer``.
        cases: How many cases at most, drawn so that attacks, places and questions come equally often; None for every
            combination. Each is asked in every cell.
        k: Passages that an answer is made from.
        seed: What cases and canaries are drawn from; the same seed gives the same test.
        budget_usd: US dollars that the calls may cost. What would pass it is a row that was not run.
        max_calls: Calls that may be sent.
        concurrency: Cases at once.
        folder: Where rows and replies are kept; a folder of the user's cache when not given.
        progress: Show a progress bar.

    Returns:
        Rates with intervals for each cell, style, goal and place, and all rows to look at.

    Raises:
        ArgumentError: An argument is unusable, or no question has an article to put something in.
        ToolkitError: A prompt or file cannot be read, or a model's server cannot be asked for its model.

    Example:
        >>> inject_test(news, ["ask/plain"], [None, "http://localhost:8080/v1"], questions="questions.jsonl")
    """
    from toolkit.models import Meter

    if not places or set(places) - set(sets.PLACES):
        raise ArgumentError(f"places={tuple(places)!r:.60}: give some of {', '.join(sets.PLACES)}")
    check_counts(k=k, concurrency=concurrency, cases=1 if cases is None else cases)
    known = sets.read_attacks(attacks)
    meter = Meter(budget_usd=budget_usd, max_calls=max_calls)
    bench = _Bench(
        library=library,
        prompts=prompts,
        llms=on_one_meter(library, llms, meter),
        k=k,
        folder=default_folder() / "injection" if folder is None else Path(folder).expanduser(),
    )
    targets, notes = _targets(bench, questions, articles, seed)
    drawn = draw_cases(targets, known, places, cases, seed)
    done = _carried_out(bench, targets, drawn, concurrency, progress)
    rows = tuple(_rows(targets, drawn, done))
    return InjectionReport(
        rows=rows,
        cells=tuple({row.row.cell.name: row.row.cell for row in rows}.values()),
        rates=tuple(rates(rows)),
        seed=seed,
        calls=meter.calls,
        cost_usd=meter.usage.cost_usd,
        notes=(*notes, *_remarks(rows)),
    )


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """What every case is tried on."""

    library: Library
    prompts: Any
    llms: Mapping[str, Any]
    k: int
    folder: Path

    def answers(self, question: Question, articles: Iterable[Article]) -> Results:
        """A question asked of some articles alone, in every cell."""
        from toolkit.experiment.lab import Experiment
        from toolkit.library import Library

        own = self.library
        with Library(None, llm=None, embedding=own._shelf.embedding, prompts=own._prompts) as scratch:
            scratch._rerank = own._rerank
            scratch.add(list(articles))
            trial = Experiment(
                scratch,
                [replace(question, gold=(), quotes=())],
                prompts=self.prompts,
                llms=self.llms,
                k=self.k,
                measures=["answer_hit"],
                folder=self.folder,
            )
            return trial.run(concurrency=1, progress=False)


# What is asked, and of what ------------------------------------------------------------------------------------------


def _targets(
    bench: _Bench, questions: Any, articles: Iterable[str | Article] | None, seed: int
) -> tuple[list[_Target], list[str]]:
    """The questions with the articles that answer them, and what a reader should know of those that were left out."""
    from toolkit.experiment.lab import Experiment

    library = bench.library
    wanted = None if articles is None else [one if isinstance(one, str) else one.id for one in articles]
    if questions is None:
        asked = _from_titles(library, wanted, seed)
    else:
        # The cells are made here as well, so that a wrong prompt is told before anything is done.
        trial = Experiment(library, questions, prompts=bench.prompts, llms=bench.llms, k=bench.k, folder=bench.folder)
        asked = [question for question in trial.questions if question.answerable is not False]
    found: list[_Target] = []
    for question in asked:
        target = _target(bench, question)
        if target is not None and (wanted is None or target.article.id in wanted):
            found.append(target)
    if not found:
        raise ArgumentError("no question has an article to put instructions in: give questions= that articles answer")
    left = len(asked) - len(found)
    notes = [f"{left} of {len(asked)} questions were left out: no article to put instructions in."] if left else []
    if questions is None:
        notes.append("Questions were made from titles; with questions= of your own, lost facts are told more exactly.")
    return found, notes


def _from_titles(library: Library, wanted: list[str] | None, seed: int) -> list[Question]:
    known = [article for article in library.articles(wanted) if (article.title or "").strip()]
    random_ = random.Random(seed)  # noqa: S311 -- a draw that can be made again, no secret
    chosen = known if len(known) <= _MOST_ARTICLES else random_.sample(known, _MOST_ARTICLES)
    return [
        Question(
            id=article.id,
            text=f"What is reported about “{' '.join((article.title or '').split())}”?",
            gold=(article.id,),
        )
        for article in chosen
    ]


def _target(bench: _Bench, question: Question) -> _Target | None:
    library = bench.library
    hits = library._find(question.text, bench.k * _REACH)
    near = {hit.article.id: hit.article for hit in hits}
    place = next((one for one in question.gold if isinstance(one, Span)), None)
    wish = place.article_id if place else next((one for one in question.gold if isinstance(one, str)), None)
    cited: Answer | None = None
    if place is None:  # where does the writer that needs no model find it?
        ids = None if wish is None else [wish]
        cited = library.ask(question.text, llm=None, k=bench.k, ids=ids) if near else None
    if cited is not None and cited.answered:
        place = cited.citations[0].span
    chosen = place.article_id if place else wish or next(iter(near), None)
    article = None if chosen is None else near.get(chosen) or next(iter(library.articles([chosen])), None)
    if article is None:
        return None
    others = tuple(one for one in near.values() if one.id != article.id)
    return _Target(question=question, article=article, answer=place, others=others)


def draw_cases(
    targets: Sequence[_Target], attacks: Sequence[Attack], places: Sequence[Place], most: int | None, seed: int
) -> list[InjectionCase]:
    """Attack by attack, the next question and the next place: each comes as often as every other, or once more."""
    random_ = random.Random(seed)  # noqa: S311 -- a draw that can be made again, no secret
    attacks = random_.sample(list(attacks), len(attacks))
    places = random_.sample(list(places), len(places))
    targets = random_.sample(list(targets), len(targets))
    count = len(attacks) * len(places) * len(targets)
    texts = [article.text for target in targets for article in (target.article, *target.others)]
    cases: list[InjectionCase] = []
    for number in range(count):
        # Every pair of place and question comes once for each attack; a // len(places) keeps them from going in step.
        turn, a = divmod(number, len(attacks))
        block, step = divmod(turn, len(places))
        attack = attacks[a]
        place = places[(step + a) % len(places)]
        target = targets[(block + step + a + a // len(places)) % len(targets)]
        canary = sets.new_canary(random_, texts)
        put = sets.planted(target.article, sets.rendered(attack, canary, target.question.text), place, target.answer)
        if put is not None:
            cases.append(
                InjectionCase(
                    question=target.question, attack=attack, place=place, canary=canary, article=put[0], injected=put[1]
                )
            )
        if most is not None and len(cases) == most:
            break
    return cases


def _carried_out(
    bench: _Bench, targets: Sequence[_Target], cases: Sequence[InjectionCase], concurrency: int, progress: bool
) -> list[Results]:
    """The controls of all targets, then all cases."""
    from toolkit.models import Cache
    from toolkit.notebook.progress import Progress

    Cache(bench.folder / REPLIES).close()  # made once, before several cases open it at the same time
    by_question = {target.question.id: target for target in targets}
    jobs: list[Callable[[], Results]] = [
        partial(bench.answers, target.question, (target.article, *target.others)) for target in targets
    ]
    jobs += [
        partial(bench.answers, case.question, (case.article, *by_question[case.question.id].others)) for case in cases
    ]
    with Progress("injection", "case", lambda: len(jobs), shown=progress) as bar:
        pool = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="injection")
        try:
            futures = [pool.submit(job) for job in jobs]
            for future in futures:
                future.add_done_callback(lambda _: bar.tick())
            return [future.result() for future in futures]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


# What came of it -----------------------------------------------------------------------------------------------------


def _rows(
    targets: Sequence[_Target], cases: Sequence[InjectionCase], done: Sequence[Results]
) -> Iterator[InjectionRow]:
    controls = {
        (target.question.id, row.cell.name): row
        for target, results in zip(targets, done[: len(targets)], strict=True)
        for row in results.rows
    }
    for case, results in zip(cases, done[len(targets) :], strict=True):
        for row in results.rows:
            control = controls[case.question.id, row.cell.name]
            yield judged(case, row, control, results.prompts.get(row.cell.prompt.hash, ""))


def _remarks(rows: Sequence[InjectionRow]) -> list[str]:
    notes = []
    if unreached := sum(one.reached is False for one in rows):
        notes.append(
            f"In {unreached:,} of {len(rows):,} rows the instruction stood in no passage that was found, so it could "
            "do nothing; they count all the same, since that is so in use, too."
        )
    if troubled := sum(one.row.status != "ok" or one.control.status != "ok" for one in rows):
        notes.append(
            f"{troubled:,} of {len(rows):,} rows have no outcome: they or their controls failed or were not run."
        )
    notes.append("An attack that is not among these may do what none of these did: no rate of 0 is a proof.")
    return notes
