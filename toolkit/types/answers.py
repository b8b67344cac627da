"""Answers and summaries."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.types.calls import PromptRef, Usage
from toolkit.types.claims import Citation, Claim
from toolkit.types.copies import independent
from toolkit.types.hits import Hit, Hits, copy_groups
from toolkit.types.shown import Recorded
from toolkit.types.summaries import Coverage, SummaryNode

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


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

    @property
    def groups(self) -> dict[str, str]:
        """The story copy group of each article that was retrieved and is in one: article id -> group id."""
        return copy_groups(self.hits)

    @property
    def independent(self) -> int:
        """How many independent sources are cited: copies of one text count once, and so does a publisher."""
        cited = (*self.citations, *(citation for claim in self.claims for citation in claim.citations))
        return independent((one.article for one in cited), self.groups)

    def cite(self, style: str = "text", *, accessed: date | str | None = None) -> str:
        """What it cites, for another document.

        Args:
            style: ``"text"`` or ``"markdown"``, a line for each citation; ``"bibtex"`` or ``"csl-json"``, an entry for
                each article.
            accessed: The day on which the addresses were looked at; BibTeX and CSL-JSON have a place for it.

        Raises:
            ArgumentError: There is no such style, or ``accessed`` is not a date.
        """
        from toolkit.display import citing, shared

        return citing.cite(shared.cited(self.claims, self.citations), style, accessed=accessed)

    def to_frame(self) -> pd.DataFrame:
        """The claims as a table: one row for each citation of a claim, and one for a claim without any.

        Returns:
            Columns ``claim`` (its number, from 1), ``text``, ``verdict``, ``score`` and ``differs`` of the claim;
            ``marker``, ``quote``, ``article_id``, ``title``, ``publisher``, ``published`` (``YYYY-MM-DD``), ``url``,
            ``start`` and ``end`` of the citation, missing where there is none. No rows without an answer.
        """
        from toolkit.types.frames import claims_frame

        return claims_frame(self.claims)

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
            "independent_sources": self.independent,
            "copies": [
                {
                    "article_id": hit.article.id,
                    "group": hit.group,
                    "printed_by": [
                        {"article_id": a.id, "publisher": a.publisher, "published": a.date, "url": a.url}
                        for a in hit.copies
                    ],
                }
                for hit in self.hits
                if hit.copies
            ],
        }


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
