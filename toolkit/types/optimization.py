"""What a search for a better prompt found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from toolkit.types.calls import PromptRef
from toolkit.types.experiments import Row
from toolkit.types.scorecards import Against
from toolkit.types.shown import Readable

Origin = Literal["as it is", "given", "suggested", "examples"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One prompt that was tried.

    Attributes:
        name: What tables call it.
        origin: The prompt itself, or where the other wording comes from.
        text: Its prompt file.
        value: Its mean score on the questions that were searched with; None when it has none. Of the best of several
            it is too high: it was chosen for it.
        difference: Mean difference from the prompt as it is, on the questions that both have a score for and that are
            not among its own examples; None when it could not be compared.
        questions: How many those are.
        n_ok, n_total: Rows with a score, and all.
        examples: Ids of the questions that it has as examples.
    """

    name: str
    origin: Origin
    text: str
    value: float | None = None
    difference: float | None = None
    questions: int = 0
    n_ok: int = 0
    n_total: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOut:
    """One measure on the questions that the search has not seen.

    Attributes:
        measure: Its name.
        value, baseline: Means of the chosen prompt and of the prompt as it is, over the questions compared.
        against: The comparison.
    """

    measure: str
    value: float | None
    baseline: float | None
    against: Against


@dataclass(frozen=True, kw_only=True, repr=False)
class OptimizeReport(Readable):
    """What a search for a better prompt found, and whether it holds on questions that the search has not seen.

    Attributes:
        prompt: The prompt that was to be bettered.
        model: Who wrote.
        measure: What decided.
        higher_is_better: Which of two means wins.
        candidates: All that were tried, the prompt itself first.
        chosen: Name of the one that did best on the questions that were searched with; the prompt's own when none did
            better.
        held_out: The decisive measure on the questions held out; None when nothing was compared.
        beside: Other measures on the same questions, to see what else changes. They are not corrected for their number.
        train_questions, held_out_questions: How many.
        verdict: What can be said, in a sentence.
        train_rows, held_out_rows: All rows.
        seed: What the questions were split by, and examples drawn.
        calls: Calls that were sent.
        cost_usd: What they cost; None when a price is not known.
        notes: What else a reader should know.
    """

    prompt: PromptRef
    model: str
    measure: str
    higher_is_better: bool
    candidates: tuple[Candidate, ...]
    chosen: str
    held_out: HeldOut | None
    beside: tuple[HeldOut, ...] = ()
    train_questions: int
    held_out_questions: int
    verdict: str
    train_rows: tuple[Row, ...] = ()
    held_out_rows: tuple[Row, ...] = ()
    seed: int = 0
    calls: int = 0
    cost_usd: float | None = 0.0
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Candidate:
        """The chosen candidate."""
        return next(one for one in self.candidates if one.name == self.chosen)

    @property
    def better(self) -> bool:
        """Whether the chosen prompt is better on the questions held out, by more than chance."""
        return self.held_out is not None and self.held_out.against.better is True

    def save_prompt(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the chosen prompt as a file that :meth:`toolkit.Library.ask` and ``toolkit prompts check`` take.

        Its name becomes that of its place, ``<folder>/<file>``, and its description says where it comes from.

        Args:
            path: Such as ``my-prompts/ask/better.prompty``; folders are made.
            overwrite: Replace a file that is there.

        Returns:
            The path.

        Raises:
            ArgumentError: The path does not end in ``.prompty``, or there is a file already.
            PromptError: The place cannot name a prompt.
            StoreError: It cannot be written there.
        """
        from toolkit.experiment.variants import saved

        return saved(self, Path(path).expanduser(), overwrite=overwrite)
