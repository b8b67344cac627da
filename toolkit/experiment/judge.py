"""A language model as a judge of answers: which of two is better, or how good one is.

A judge speaks of taste and of rightness as far as the model knows it; it is never asked whether articles support a
claim, which is the verifier's business. Models prefer what they read first, and long answers (Zheng et al. 2023,
"Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", NeurIPS), so a pair is judged twice with its places swapped,
and a judge that contradicts itself has found no winner.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from toolkit.errors import ArgumentError, ModelError
from toolkit.experiment.measures import Asked, Measure, plain_text
from toolkit.types import CitedText, Message, Usage

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.models import Model
    from toolkit.models.base import Reply

PAIRWISE = "judge/pairwise"
GRADE = "judge/grade"
NO_ANSWER = "(no answer was given)"
"""What a judge reads where a writer abstained."""

Winner = Literal["first", "second", "tie"]

_LETTER = re.compile(r"\b(?:answer )?(A|B|C|[Nn]either|[Tt]ie)\b")
_DIGIT = re.compile(r"(?<![\d.,])[1-5](?![\d]|[.,]\d)")
_SIDES: dict[str, Winner] = {"A": "first", "B": "second"}
_SWAPPED: dict[Winner, Winner] = {"first": "second", "second": "first", "tie": "tie"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Preference:
    """What a judge said of two answers.

    Attributes:
        winner: ``first``, ``second`` or ``tie``.
        consistent: Whether it said the same with the answers swapped; when not, ``winner`` is ``tie``.
        replies: Its words, as asked and swapped.
        model: The judge's name.
        usage: Tokens and price of both calls, one after the other; empty when the answers were the same and nobody
            was asked.
    """

    winner: Winner
    consistent: bool
    replies: tuple[str, ...]
    model: str
    usage: tuple[Usage, ...]

    @property
    def score(self) -> float:
        """1 when the first answer wins, 0 when the second does, 0.5 for a tie."""
        return {"first": 1.0, "second": 0.0, "tie": 0.5}[self.winner]


def prefer(
    question: str, first: str, second: str, model: Model, *, reference: str = "", prompts: str | Path | None = None
) -> Preference:
    """Ask a model which of two answers is better, twice, with the answers swapped.

    Args:
        question: What was asked.
        first: One answer, as plain text; empty where the writer abstained.
        second: The other.
        model: Whom to ask; not one that wrote either answer, since models prefer their own words.
        reference: A right answer, where one is known.
        prompts: A prompts folder that comes before all others.

    Returns:
        The preference; a tie when the judge changes its mind with the places, without a call when both are the same.

    Raises:
        ModelError: The model gave no usable reply.
    """
    if (said := _same(first, second, model)) is not None:
        return said
    messages, parameters = _pairwise(question, first, second, reference, prompts)
    return _preference([model.chat(turns, **parameters) for turns in messages])


async def aprefer(
    question: str, first: str, second: str, model: Model, *, reference: str = "", prompts: str | Path | None = None
) -> Preference:
    """The async twin of :func:`prefer`; both calls at once."""
    if (said := _same(first, second, model)) is not None:
        return said
    messages, parameters = _pairwise(question, first, second, reference, prompts)
    return _preference(await asyncio.gather(*(model.achat(turns, **parameters) for turns in messages)))


def grade_measure(model: Model, *, prompts: str | Path | None = None) -> Measure:
    """A measure that asks a model for a grade from 1 to 5, shown as 0 to 1.

    Each score is a call: give a model with a cache, or experiments on many answers are paid again with every table.
    An abstention has no grade; :mod:`toolkit.experiment.measures.refusals` speaks of these.

    Args:
        model: Whom to ask.
        prompts: A prompts folder that comes before all others.

    Raises:
        PromptError: The prompt ``judge/grade`` is malformed.
    """
    from toolkit.prompts import load

    prompt = load(GRADE, folder=prompts)

    def judge_grade(answer: CitedText, question: Asked) -> float | None:
        if not answer.answered:
            return None
        turns = prompt.render(
            question=question.text, reference="\n".join(question.answers[:3]), answer=plain_text(answer)
        )
        parameters: dict[str, Any] = dict(prompt.parameters)
        return (read_grade(model.chat(turns, **parameters)) - 1) / 4

    return Measure(
        name="judge_grade",
        function=judge_grade,
        kind="share",
        doc=f"grade by {model.name}, 1 to 5 shown as 0 to 1; an opinion, and no proof of support",
        source=f"Zheng et al. 2023 (NeurIPS), single answer grading; prompt {prompt.ref.name}@{prompt.ref.version}",
    )


def read_grade(reply: Reply) -> int:
    """The digit of a reply.

    Raises:
        ModelError: There is none from 1 to 5, or there are several.
    """
    digits = set(_DIGIT.findall(re.sub(r"(?:out of|/) ?5|1 ?(?:to|-|–) ?5", "", reply.text)))
    if len(digits) != 1:
        raise ModelError(f"{reply.model}: was asked for a digit from 1 to 5 and said {reply.text[:60]!r}")
    return int(digits.pop())


def read_winner(reply: Reply) -> Winner:
    """The side that a reply names.

    Raises:
        ModelError: It names none, or several.
    """
    named = set(_LETTER.findall(reply.text))
    if len(named) != 1:
        raise ModelError(f"{reply.model}: was asked for A, B or C and said {reply.text[:60]!r}")
    return _SIDES.get(named.pop(), "tie")


def _same(first: str, second: str, model: Model) -> Preference | None:
    """Two answers in the same words need no judge."""
    if first.split() != second.split():
        return None
    return Preference(winner="tie", consistent=True, replies=(), model=model.name, usage=())


def _pairwise(
    question: str, first: str, second: str, reference: str, prompts: str | Path | None
) -> tuple[list[tuple[Message, ...]], dict[str, Any]]:
    from toolkit.prompts import load

    if not question.strip():
        raise ArgumentError("the question is empty; a judge must know what was asked")
    prompt = load(PAIRWISE, folder=prompts)
    one, other = (text.strip() or NO_ANSWER for text in (first, second))
    pairs = ((one, other), (other, one))
    return [prompt.render(question=question, reference=reference, first=a, second=b) for a, b in pairs], dict(
        prompt.parameters
    )


def _preference(replies: Sequence[Reply]) -> Preference:
    straight, swapped = (read_winner(reply) for reply in replies)
    consistent = straight == _SWAPPED[swapped]
    return Preference(
        winner=straight if consistent else "tie",
        consistent=consistent,
        replies=tuple(reply.text for reply in replies),
        model=replies[0].model,
        usage=tuple(reply.usage for reply in replies),
    )
