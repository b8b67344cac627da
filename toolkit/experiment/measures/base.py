"""What a measure is: a function of one answer and its question, with a name, a kind and a source."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from toolkit.alignment.sentences import without_markers
from toolkit.errors import ArgumentError
from toolkit.types import CitedText, Span

Kind = Literal["rate", "share", "mean", "cost"]
"""``rate``: every score is 0 or 1; ``share``: any number from 0 to 1; ``mean``: any number; ``cost``: what a run took.
"""


class Asked(Protocol):
    """What a measure may look at of a question."""

    @property
    def text(self) -> str:
        """The question; for a summary, what it is about."""

    @property
    def answers(self) -> tuple[str, ...]:
        """Right answers, or reference summaries; empty when none is known."""

    @property
    def answerable(self) -> bool | None:
        """Whether the articles hold an answer; None when nobody said."""

    @property
    def gold(self) -> tuple[Span | str, ...]:
        """Where the answer stands: spans, or ids of whole articles; empty when not known."""


Function = Callable[[CitedText, Asked], bool | float | None]
"""An answer (or summary) and its question to a number, or None where the measure does not apply."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """A number for one answer.

    Attributes:
        name: What tables call it.
        function: From the answer and its question to a number; None where it does not apply, for example because the
            question has no right answer on file. None never counts as 0.
        kind: How scores are summed up; see :data:`Kind`.
        higher_is_better: Which of two means wins.
        doc: One sentence on what it is.
        source: The paper or tool that defines it, or what it counts; may be empty for a plain yes or no, and for costs.
        unit: ``s``, ``tokens``, ``USD`` or nothing.
        pooled: Whether the rows that it applies to depend on the answer in such a way that a comparison must pool all
            rows of a variant, rather than pair those to which it applies in both.
        double: Whether a score of 1 weighs twice. Only for F1 over rows, which is that mean: see ``refusal_f1``.
    """

    name: str
    function: Function
    kind: Kind = "mean"
    higher_is_better: bool = True
    doc: str = ""
    source: str = ""
    unit: str = ""
    pooled: bool = False
    double: bool = False

    def score(self, answer: CitedText, question: Asked) -> float | None:
        """The number for one answer.

        Args:
            answer: An Answer or a Summary.
            question: What was asked, with what is known of the right answer.

        Returns:
            A finite number, or None where the measure does not apply.

        Raises:
            ArgumentError: The function returned something else. What the function itself raises comes through.
        """
        given: Any = self.function(answer, question)
        if given is None:
            return None
        # numbers.Real also knows the numbers of numpy, but for its bool.
        if not isinstance(given, numbers.Real) and type(given).__name__ not in ("bool", "bool_"):
            raise ArgumentError(
                f"measure {self.name!r} returned {given!r:.60}; return a number, True, False, or None where it does "
                "not apply"
            )
        value = float(given)
        if not math.isfinite(value):
            raise ArgumentError(f"measure {self.name!r} returned {value}; return None where it does not apply")
        if self.kind == "rate" and value not in (0.0, 1.0):
            raise ArgumentError(
                f"measure {self.name!r} is a rate and returned {value}; return True or False, or use kind='mean'"
            )
        if self.kind == "share" and not 0 <= value <= 1:
            raise ArgumentError(f"measure {self.name!r} is a share and returned {value}; use kind='mean'")
        return value

    def __repr__(self) -> str:
        better = "higher" if self.higher_is_better else "lower"
        return f"<Measure {self.name}: {self.doc or self.kind} ({better} is better)>"


def plain_text(answer: CitedText) -> str:
    """What an answer says, without markers and verdicts; empty when it abstains."""
    if not answer.answered:
        return ""
    return " ".join(claim.text for claim in answer.claims) or without_markers(answer.text)


def is_answerable(question: Asked) -> bool | None:
    """As stated; a question with a right answer or a gold place has an answer; None when nothing is known."""
    if question.answerable is not None:
        return question.answerable
    return True if question.answers or question.gold else None


def right_answers(question: Asked) -> tuple[str, ...]:
    """The right answers that there are to compare with: none when the question has no answer."""
    if question.answerable is False:
        return ()
    return tuple(answer for answer in question.answers if answer.strip())
