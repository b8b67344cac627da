"""What a summary was made from: which articles were cited, read or left out, and the summaries on the way to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from toolkit.types.articles import Article
from toolkit.types.claims import Citation, Claim
from toolkit.types.shown import Readable

if TYPE_CHECKING:
    import pandas as pd

Part = Literal["cited", "read", "left out"]
"""What became of an article: the summary cites it, it was read and nothing of it was chosen, or it was not read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Covered:
    """One article, and what became of it.

    Attributes:
        article: The article.
        part: ``cited``, ``read`` or ``left out``.
        reason: Why it is not cited, or how much of it was read; empty when there is nothing to say.
        story: Which group of articles about one event it belongs to, counted from 1; None when it was in none.
    """

    article: Article
    part: Part
    reason: str = ""
    story: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Coverage(Readable):
    """Which articles a summary was made from, which it leaves out, and why.

    Attributes:
        articles: Every article that was looked at, cited ones first, then those read, then those left out.
        stories: How many events they were found to be about.
        library: How many articles the library holds, when only those that speak to a query were looked at; else None.
    """

    articles: tuple[Covered, ...] = ()
    stories: int = 0
    library: int | None = None

    def _with(self, part: Part) -> tuple[Covered, ...]:
        return tuple(one for one in self.articles if one.part == part)

    @property
    def cited(self) -> tuple[Covered, ...]:
        """What the summary cites."""
        return self._with("cited")

    @property
    def read(self) -> tuple[Covered, ...]:
        """What was read, and is not cited."""
        return self._with("read")

    @property
    def left_out(self) -> tuple[Covered, ...]:
        """What was not read, with the reasons."""
        return self._with("left out")

    @property
    def reasons(self) -> dict[str, int]:
        """The reasons for leaving articles out, each as far as its first colon, with how many; commonest first."""
        return dict(Counter(one.reason.partition(":")[0] for one in self.left_out).most_common())

    def to_frame(self) -> pd.DataFrame:
        """A row for each article: ``article_id, title, publisher, published, part, reason, story``."""
        import pandas as pd

        rows = [
            {
                "article_id": one.article.id,
                "title": one.article.title,
                "publisher": one.article.publisher,
                "published": one.article.date,
                "part": one.part,
                "reason": one.reason,
                "story": one.story,
            }
            for one in self.articles
        ]
        columns = ["article_id", "title", "publisher", "published", "part", "reason", "story"]
        return pd.DataFrame(rows, columns=columns).astype({"story": "Int64"})

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "stories": self.stories,
            "library": self.library,
            "cited": [one.article.id for one in self.cited],
            "read": [one.article.id for one in self.read],
            "left_out": [{"article_id": one.article.id, "reason": one.reason} for one in self.left_out],
        }


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class SummaryNode(Readable):
    """One step on the way to a summary: a story, the articles that one call read, or the whole.

    Attributes:
        title: What it is about: the title of the article that stands for it.
        claims: Its sentences, each with a verdict and citations of its own (their markers count within the node).
        articles: What it was made from, the one that stands for them first.
        children: The steps before it.
        notes: What went wrong, such as a call that failed; one sentence each.
    """

    title: str
    claims: tuple[Claim, ...] = ()
    articles: tuple[Article, ...] = ()
    children: tuple[SummaryNode, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What its claims cite, in order of the markers, each once."""
        found = {citation.marker: citation for claim in self.claims for citation in claim.citations}
        return tuple(found[marker] for marker in sorted(found))

    def walk(self) -> Iterator[SummaryNode]:
        """This node and all below it, each before its children."""
        yield self
        for child in self.children:
            yield from child.walk()

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form: citations by place, without their quotes; articles where no child names them."""
        return {
            "title": self.title,
            "claims": [
                {
                    "text": claim.text,
                    "verdict": claim.verdict,
                    "citations": [
                        {"article_id": c.span.article_id, "start": c.span.start, "end": c.span.end}
                        for c in claim.citations
                    ],
                }
                for claim in self.claims
            ],
            "articles": [] if self.children else [article.id for article in self.articles],
            "children": [child.to_dict() for child in self.children],
            "notes": list(self.notes),
        }
