"""What an experiment asks, what it varies, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from toolkit.types.answers import Answer, Summary
from toolkit.types.articles import Span
from toolkit.types.calls import PromptRef
from toolkit.types.shown import Readable

Status = Literal["ok", "failed", "not run"]
"""How a row ended: with an answer or a refusal, with an error, or before anything was asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question of an experiment, with what is known of its answer.

    Attributes:
        text: As asked; for a summary what it is about, empty for everything in ``articles``.
        id: Unique in the experiment; derived from the text when not given.
        answers: Strings of which a right answer contains one, or reference summaries; empty when not known.
        answerable: Whether the articles answer it; None when not known.
        gold: Where the answer stands: spans, or ids of whole articles.
        quotes: Words in which the answer stands, whose spans are still to be looked for in the library.
        articles: For a summary, the ids of the articles to sum up; empty for all.
        tags: Words to group by.
    """

    text: str
    id: str = ""
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    gold: tuple[Span | str, ...] = ()
    quotes: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One setting of an experiment: who writes, with which prompt, from what is found how.

    Attributes:
        name: Unique in the experiment: what is varied, such as ``ask/brief · k=4``.
        prompt: Name, version and hash of the prompt.
        llm: The model's name; ``extractive`` for none, a function's name for a writer of the user's own.
        k: Passages retrieved; None where the verb has a number of its own.
        embedding: The embedding's name.
        search: Further options of the search.
    """

    name: str
    prompt: PromptRef
    llm: str
    k: int | None
    embedding: str
    search: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One question in one cell, once.

    Attributes:
        question, cell: Which.
        repeat: Which repetition, from 0.
        status: ``ok``, ``failed`` or ``not run``.
        error: Why not, in one line; None when ``ok``.
        output: The Answer or Summary; None unless ``ok``. A refusal is an output.
        reply: What the model wrote, as it came; None when none was asked.
    """

    question: Question
    cell: Cell
    repeat: int = 0
    status: Status = "ok"
    error: str | None = None
    output: Answer | Summary | None = None
    reply: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CellEstimate:
    """What one cell would take.

    Attributes:
        cell: Its name.
        rows: Questions times repetitions.
        done: Rows that are finished already, from an earlier run.
        calls: Calls that would be sent to a model. Questions that the articles do not speak to are refused without one.
        cached: Calls whose replies are kept already, which are not sent.
        prompt_tokens: Of the calls to send, counted rather too high.
        reply_tokens: At most; None when a model does not say how long its replies can be.
        cost_usd: At most, in US dollars; None when a price is not known.
    """

    cell: str
    rows: int
    done: int = 0
    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    reply_tokens: int | None = 0
    cost_usd: float | None = 0.0


@dataclass(frozen=True, kw_only=True, repr=False)
class Estimate(Readable):
    """What a run would take. Nothing was sent.

    Attributes:
        cells: For each cell.
        notes: What the numbers leave out.
    """

    cells: tuple[CellEstimate, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> CellEstimate:
        """All cells together."""
        replies = [one.reply_tokens for one in self.cells]
        costs = [one.cost_usd for one in self.cells]
        return CellEstimate(
            cell="all",
            rows=sum(one.rows for one in self.cells),
            done=sum(one.done for one in self.cells),
            calls=sum(one.calls for one in self.cells),
            cached=sum(one.cached for one in self.cells),
            prompt_tokens=sum(one.prompt_tokens for one in self.cells),
            reply_tokens=None if None in replies else sum(one or 0 for one in replies),
            cost_usd=None if None in costs else sum(one or 0.0 for one in costs),
        )

    @property
    def calls(self) -> int:
        """Calls that would be sent, in all cells."""
        return self.total.calls

    @property
    def cost_usd(self) -> float | None:
        """US dollars at most, in all cells; None when a price is not known."""
        return self.total.cost_usd
