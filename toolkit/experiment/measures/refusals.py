"""Does it answer what can be answered, and refuse the rest? Measures on whether an answer came at all.

Every one of them is a mean over rows, so that its interval and its comparisons are made like any other's. A refusal of
an unanswerable question is a hit; in the words of classification, "refused" is the positive class.
"""

from __future__ import annotations

from toolkit.experiment.measures.base import Asked, Measure, is_answerable
from toolkit.types import CitedText

_SOURCE = "Rajpurkar et al. 2018, SQuAD 2.0 (ACL), for unanswerable questions; precision and recall of refusal"


def _answered(answer: CitedText, question: Asked) -> bool:
    return answer.answered


def _answer_recall(answer: CitedText, question: Asked) -> bool | None:
    return answer.answered if is_answerable(question) else None


def _recall(answer: CitedText, question: Asked) -> bool | None:
    return not answer.answered if is_answerable(question) is False else None


def _precision(answer: CitedText, question: Asked) -> bool | None:
    answerable = is_answerable(question)
    return None if answerable is None or answer.answered else not answerable


def _f1(answer: CitedText, question: Asked) -> bool | None:
    """2 hits / (2 hits + wrong refusals + missed refusals): a mean over all but right answers, a hit weighing 2."""
    answerable = is_answerable(question)
    if answerable is None or (answerable and answer.answered):
        return None
    return not answerable and not answer.answered


MEASURES = (
    Measure(name="answered", function=_answered, kind="rate", doc="it gave an answer, right or wrong"),
    Measure(
        name="answer_rate",
        function=_answer_recall,
        kind="rate",
        doc="of the answerable questions, the share that it did not refuse",
        source=_SOURCE,
    ),
    Measure(
        name="refusal_recall",
        function=_recall,
        kind="rate",
        doc="of the unanswerable questions, the share that it refused",
        source=_SOURCE,
    ),
    Measure(
        name="refusal_precision",
        function=_precision,
        kind="rate",
        doc="of the questions that it refused, the share that was unanswerable",
        source=_SOURCE,
        pooled=True,
    ),
    Measure(
        name="refusal_f1",
        function=_f1,
        kind="rate",
        doc="harmonic mean of refusal precision and recall, over all rows",
        source=_SOURCE,
        pooled=True,
        double=True,
    ),
)
