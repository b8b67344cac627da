"""Answers and summaries."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from toolkit.types.calls import PromptRef, Usage
from toolkit.types.claims import Citation, Claim
from toolkit.types.hits import Hit, Hits
from toolkit.types.shown import Recorded
from toolkit.types.summaries import Coverage, SummaryNode


@dataclass(frozen=True, kw_only=True, repr=False)
class CitedText(Recorded):
    """What answers and summaries have in common.

    Attributes:
        answered: False when the library does not speak to what was asked; then ``text``, ``claims`` and
            ``citations`` are empty and ``reason`` says which gate failed.
        text: The claims in order, with citation markers.
        reason: Why there is no answer; None when there is one.
        claims: The sentences, each with a verdict.
        citations: Every citation once, in order of its marker.
        hits: What was retrieved, best first; on abstention, what came closest.
        prompt: The prompt that the call chose; the extractive writer does not render it.
        model: The model's name, or ``extractive``.
        usage: Tokens and cost.
        seconds: Wall-clock time of the call.
        notes: What a reader should know of how it was made, such as passages that did not fit the model, or a reply
            that was cut off; one sentence each.
    """

    answered: bool
    text: str = ""
    reason: str | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    prompt: PromptRef | None = None
    model: str = "extractive"
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "hits", Hits(self.hits))

    def _subject(self) -> dict[str, Any]:
        raise TypeError("use Answer or Summary")

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            **self._subject(),
            "answered": self.answered,
            "text": self.text,
            "reason": self.reason,
            "claims": [claim.to_dict() for claim in self.claims],
            "citations": [citation.to_dict() for citation in self.citations],
            "passages": [hit.to_dict() for hit in self.hits],
            "prompt": None if self.prompt is None else asdict(self.prompt),
            "model": self.model,
            "usage": asdict(self.usage),
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        from toolkit.display import to_text

        return to_text(self)

    __str__ = __repr__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.to_html(), "text/markdown": self.to_markdown()}


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer(CitedText):
    """The answer to a question; see :class:`CitedText` for the other attributes.

    Attributes:
        question: As asked.
    """

    question: str

    def _subject(self) -> dict[str, Any]:
        return {"question": self.question}


@dataclass(frozen=True, kw_only=True, repr=False)
class Summary(CitedText):
    """A summary of articles; see :class:`CitedText` for the other attributes.

    Attributes:
        style: The prompt variant, such as ``brief``.
        query: What the summary is about; None for everything that was given.
        coverage: Which articles were cited, read and left out, and why; None when it is not known.
        tree: The summaries on the way to this one, by story or by call; None when there are none.
    """

    style: str
    query: str | None = None
    coverage: Coverage | None = None
    tree: SummaryNode | None = None

    def _subject(self) -> dict[str, Any]:
        return {"style": self.style, "query": self.query}

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            **super().to_dict(),
            "coverage": None if self.coverage is None else self.coverage.to_dict(),
            "tree": None if self.tree is None else self.tree.to_dict(),
        }
