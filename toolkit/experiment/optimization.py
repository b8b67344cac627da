"""A small, honest search for a better prompt: tried on some questions, compared on others.

The best of several prompts looks better than it is on the questions that it was chosen on, as the best of several coins
does. So the questions are split; other wordings are tried on one half, the one that does best there is compared with
the prompt as it is on the other half, once, by the paired statistics of :mod:`toolkit.experiment.statistics`, and only
that is reported as a result. DSPy (Khattab et al. 2023) and OPRO (Yang et al. 2023, "Large Language Models as
Optimizers") search further with far more calls; what is found there can be given as ``variants=`` and compared here.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import prompts
from toolkit.errors import ArgumentError
from toolkit.experiment.folder import default_folder
from toolkit.experiment.grid import check_counts
from toolkit.experiment.questions import read_questions
from toolkit.experiment.searching import Search
from toolkit.experiment.variants import given_variants
from toolkit.settings import SAME
from toolkit.types import OptimizeReport, Question

if TYPE_CHECKING:
    from toolkit.experiment.measures import Measure
    from toolkit.library import Library

FEWEST = 4
"""Questions that can be split at all."""

BESIDE = ("support_rate", "citation_precision", "refusal_f1", "completion_tokens")
"""What else is looked at on the questions held out."""

_SUGGESTED = 4  # wordings when nobody says how many: by eye, a short search that a small model can pay for
_HELD_OUT = (0.2, 0.8)  # the least and the most that may be held out: either side must be able to tell something
_MOST_SUGGESTED = 20  # wordings in one reply


def right(answer: Any, question: Any) -> bool | None:
    """Whether it answers rightly where there is an answer, and declines where there is none."""
    from toolkit.experiment.measures import BUILT_IN

    if question.answerable is False:
        return not answer.answered
    score = BUILT_IN["answer_hit"].score(answer, question)
    return None if score is None else score == 1.0


def optimize(
    prompt: str | Path,
    questions: Any,
    library: Library,
    llm: object = SAME,
    *,
    measure: str | Callable[..., Any] | Measure | None = None,
    variants: Any = (),
    suggest: int | None = None,
    suggested_by: object = SAME,
    examples: int | Sequence[int] = (),
    example_sets: int = 2,
    held_out: float = 0.5,
    repeats: int = 1,
    k: int = 8,
    beside: Sequence[str | Callable[..., Any] | Measure] = BESIDE,
    seed: int = 0,
    budget_usd: float | None = None,
    max_calls: int | None = None,
    concurrency: int = 8,
    folder: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> OptimizeReport:
    """Look for a better prompt, and say whether it is one, on questions that the search has not seen.

    First wordings of the instructions are tried, then examples are put to the best of them. Nothing is written but
    rows and replies, which make the same search again cost nothing; :meth:`OptimizeReport.save_prompt` writes the
    prompt that was found.

    Args:
        prompt: The prompt to better: a name such as ``ask/plain``, or a path.
        questions: As for :class:`toolkit.Experiment`, with ``answers`` or ``answerable``: at least 4, and with fewer
            than some 60 only large differences can be told from chance.
        library: Whose articles are asked.
        llm: The model that answers; the library's own when not given.
        measure: What decides; ``right`` when not given: the share of questions that are answered rightly, or rightly
            declined.
        variants: Instructions to try in the place of the prompt's system turn, or other prompts by name or path; a
            list, or a dict by names.
        suggest: How many wordings to ask a model for, by the prompt ``optimize/variants``; 4 when there are no variants
            and no examples, else none.
        suggested_by: The model that is asked for them; the one that answers when not given.
        examples: How many questions of the ones searched with to put into the prompt as examples: a number, or
            several to try.
        example_sets: How many sets of each size are drawn.
        held_out: Share of the questions that is held out, 0.2 to 0.8.
        repeats: How often each question is asked.
        k: Passages that an answer is made from.
        beside: Other measures to look at on the questions held out.
        seed: What the questions are split by and examples drawn; the same seed gives the same search.
        budget_usd: US dollars that all calls may cost; what the last comparison may take is kept back for it.
        max_calls: Calls that may be sent, likewise.
        concurrency: Rows at once.
        folder: Where rows and replies are kept; a folder of the user's cache when not given.
        progress: Show progress bars.

    Returns:
        What was tried, what did best, and how it compares on the questions held out.

    Raises:
        ArgumentError: An argument is unusable, there is no model, or a limit does not even allow the last comparison.
        ToolkitError: A prompt is malformed, or the model's server cannot be asked for its model.

    Example:
        >>> report = optimize("ask/plain", "questions.jsonl", news, variants=["Answer in one short sentence."])
        >>> report.verdict
        >>> report.save_prompt("my-prompts/ask/better.prompty")
    """
    from toolkit.experiment.measures import Measure
    from toolkit.experiment.measures import measure as read_measure

    _check_numbers(held_out, repeats, k, example_sets, suggest)
    sizes = (examples,) if isinstance(examples, int) else tuple(examples)
    if any(not isinstance(size, int) or size < 1 for size in sizes):
        raise ArgumentError(f"examples={examples!r}: give numbers of examples, 1 or more")
    base = prompts.load(prompt, folder=library._prompts)
    model = library._writers.model(llm)
    if model is None:
        raise ArgumentError("optimize needs a model: without one a prompt makes no difference; give llm=")
    given = given_variants(variants, base, library._prompts)
    decisive = (
        read_measure(measure)
        if measure is not None
        else Measure(name="right", function=right, kind="rate", doc="Answered rightly, or rightly declined.")
    )
    search = Search(
        library=library,
        base=base,
        given=prompt,
        model=model,
        decisive=decisive,
        beside=tuple(one for one in map(read_measure, beside) if one.name != decisive.name),
        k=k,
        repeats=repeats,
        seed=seed,
        limits=(budget_usd, max_calls),
        concurrency=concurrency,
        folder=default_folder() if folder is None else Path(folder).expanduser(),
        progress=progress,
    )
    train, test = split(read_questions(questions), held_out, seed)
    wished = (0 if given or sizes else _SUGGESTED) if suggest is None else suggest
    adviser = model if suggested_by is SAME else library._writers.model(suggested_by)
    if wished and adviser is None:
        raise ArgumentError("suggested_by=None: suggestions come from a model; give one, or suggest=0")
    if not (given or wished or sizes):
        raise ArgumentError("there is nothing to try: give variants=, suggest= or examples=")
    return search.carried_out(train, test, given, wished, adviser, sizes, example_sets)


def split(questions: Sequence[Question], held_out: float, seed: int) -> tuple[list[Question], list[Question]]:
    """Questions to search with, and questions held out; those without an answer go to both in proportion.

    Raises:
        ArgumentError: There are too few.
    """
    if len(questions) < FEWEST:
        raise ArgumentError(f"{len(questions)} questions cannot be split: give at least {FEWEST}, better 60 and more")
    random_ = random.Random(seed)  # noqa: S311 -- a draw that can be made again, no secret
    train: list[Question] = []
    test: list[Question] = []
    for answerable in (True, False):
        group = [one for one in questions if (one.answerable is not False) == answerable]
        random_.shuffle(group)
        cut = min(len(group) - 1, max(1, round(len(group) * held_out))) if len(group) > 1 else len(group) * answerable
        test += group[:cut]
        train += group[cut:]
    order = {question.id: number for number, question in enumerate(questions)}
    return sorted(train, key=lambda one: order[one.id]), sorted(test, key=lambda one: order[one.id])


def _check_numbers(held_out: float, repeats: int, k: int, example_sets: int, suggest: int | None) -> None:
    if not isinstance(held_out, (int, float)) or not _HELD_OUT[0] <= held_out <= _HELD_OUT[1]:
        raise ArgumentError(f"held_out={held_out!r}: give a share from 0.2 to 0.8")
    check_counts(repeats=repeats, k=k, example_sets=example_sets)
    if suggest is not None and (not isinstance(suggest, int) or not 0 <= suggest <= _MOST_SUGGESTED):
        raise ArgumentError(f"suggest={suggest!r}: give a number of wordings, 0 to 20")
