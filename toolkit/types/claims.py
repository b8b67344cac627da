"""Claims, their verdicts and their citations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from toolkit.types.articles import Article, Span
from toolkit.types.shown import Readable, Shown

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

Verdict = Literal["quoted", "supported", "partly", "contradicted", "unsupported"]
"""How a claim stands to its sources, from the source's own words to nothing that says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation(Shown):
    """A verified quotation.

    Attributes:
        marker: The number shown as ``[n]``, counted from 1 in one answer.
        span: Where the quote lies.
        quote: The quoted characters.
        article: The article that they come from.

    Raises:
        ValueError: When ``article.text[span.start:span.end]`` is not ``quote``.
    """

    marker: int
    span: Span
    quote: str
    article: Article

    def __post_init__(self) -> None:
        if self.span.article_id != self.article.id:
            raise ValueError(f"citation [{self.marker}]: span of {self.span.article_id}, article {self.article.id}")
        if self.article.text[self.span.start : self.span.end] != self.quote:
            raise ValueError(f"citation [{self.marker}]: the quote is not at {self.span.start}-{self.span.end}")

    def __repr__(self) -> str:
        from toolkit.display.shared import one_line, visible

        where = ", ".join(part for part in (self.article.title, self.article.publisher, self.article.date) if part)
        return f"[{self.marker}] “{visible(self.quote)}” ({one_line(where or self.article.id)})"

    def cite(self, style: str = "text", *, accessed: date | str | None = None) -> str:
        """This citation for another document.

        Args:
            style: ``"text"``, ``"markdown"``, ``"bibtex"`` or ``"csl-json"``.
            accessed: The day on which the address was looked at; BibTeX and CSL-JSON have a place for it.

        Raises:
            ArgumentError: There is no such style, or ``accessed`` is not a date.
        """
        from toolkit.display import citing

        return citing.cite_one(self, style, accessed=accessed)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "marker": self.marker,
            "article_id": self.article.id,
            "title": self.article.title,
            "publisher": self.article.publisher,
            "published": self.article.date,
            "url": self.article.url,
            "start": self.span.start,
            "end": self.span.end,
            "quote": self.quote,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One way in which a claim and its nearest source disagree.

    Attributes:
        kind: ``number``, ``name``, ``negation``, ``date`` or ``modality``.
        claim: What the claim says.
        source: What the source says there; empty when it says nothing.
    """

    kind: str
    claim: str
    source: str = ""


def in_a_cell(differences: Iterable[Difference]) -> str:
    """Differences as tables have them: ``number: 200 / 2,000; name: Poland / France``."""
    return "; ".join(f"{one.kind}: {one.claim} / {one.source}" for one in differences)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """What somebody other than the aligner says of a claim.

    Attributes:
        by: The language model and prompt, or the entailment model.
        verdict: ``supported``, ``contradicted`` or ``unsupported``.
        score: Its probability, 0 to 1; None when it gives none.
    """

    by: str
    verdict: Verdict
    score: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Claim(Readable):
    """One sentence of an answer or summary, and how its sources bear it out.

    Attributes:
        text: The sentence, without citation markers.
        verdict: ``quoted``, ``supported``, ``partly``, ``contradicted`` or ``unsupported``.
        score: Probability that its sources support it, 0 to 1, calibrated on human labels; 1 for a quote.
        citations: The spans that say it (or, when contradicted, that say otherwise).
        differences: What disagrees with the nearest source.
        opinions: Second opinions that were asked for; they can lower a verdict, never raise it.
    """

    text: str
    verdict: Verdict
    score: float
    citations: tuple[Citation, ...] = ()
    differences: tuple[Difference, ...] = ()
    opinions: tuple[Opinion, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The claim as a table like an answer's: a row for each citation, one without any; put several under another.

        Returns:
            The columns of :meth:`toolkit.types.CitedText.to_frame`, with ``claim`` 1.
        """
        from toolkit.types.frames import claims_frame

        return claims_frame([self])

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {"text": self.text, "verdict": self.verdict, "citations": [c.marker for c in self.citations]}
