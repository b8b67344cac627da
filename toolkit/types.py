"""The values that flow through the toolkit: frozen, keyword-only, importing nothing else of ours at import time.

Offsets are Python code points of ``Article.text``; ends are exclusive. The promise that everything rests on,
``article.text[start:end] == quote``, is checked when a :class:`Citation` is made, so a wrong one cannot exist.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

if TYPE_CHECKING:
    from toolkit.explain import Explanation

Verdict = Literal["quoted", "supported", "partly", "contradicted", "unsupported"]
"""How a claim stands to its sources, from the source's own words to nothing that says so."""

Role = Literal["system", "user", "assistant"]


def _content_id(url: str | None, text: str) -> str:
    digest = hashlib.sha256()
    digest.update((url or "").encode("utf-8", "surrogatepass"))
    digest.update(b"\0")
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _aware(published: datetime | date | str) -> datetime:
    if isinstance(published, str):
        published = datetime.fromisoformat(published)
    elif not isinstance(published, datetime):
        published = datetime(published.year, published.month, published.day)
    return published if published.tzinfo is not None else published.replace(tzinfo=UTC)


class Shown:
    """A value that shows itself in a notebook. Rendering is imported only then."""

    __slots__ = ()

    def to_html(self) -> str:
        """HTML that needs nothing else: inline styles, no script."""
        from toolkit.display import to_html

        return to_html(self)

    def to_markdown(self) -> str:
        """Markdown with numbered sources."""
        from toolkit.display import to_markdown

        return to_markdown(self)

    def _repr_html_(self) -> str:
        return self.to_html()


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A run of characters of one article.

    Attributes:
        article_id: The article that it lies in.
        start: First code point, counted from 0.
        end: One past the last code point.
    """

    article_id: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: start {self.start}, end {self.end}")

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character of the same article."""
        return self.article_id == other.article_id and self.start < other.end and other.start < self.end


@dataclass(frozen=True, kw_only=True, slots=True)
class Article(Shown):
    """One source text with what is known about it.

    Attributes:
        text: The text that every offset counts in. Never changed after the article is made.
        id: Given by the record, else derived from url and text (16 hexadecimal digits).
        title, url, publisher, author: As the source gives them; None when unknown.
        published: When it was published, with a time zone; a bare date is midnight UTC, and ISO 8601 text is read.
            None when unknown.
        language: ISO 639-1 code such as ``en``; None when unknown.
        origin: Where it was read from (a path or URL), for reports and for noticing a changed file.
        metadata: Whatever else the record carried.
    """

    text: str
    id: str = ""
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: datetime | None = None
    language: str | None = None
    origin: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not isinstance(self.id, str):
            raise TypeError(f"Article: text and id are strings, not {self.text!r:.40} and {self.id!r:.40}")
        if not self.id:
            object.__setattr__(self, "id", _content_id(self.url, self.text))
        if self.published is not None:
            object.__setattr__(self, "published", _aware(self.published))

    @property
    def text_hash(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def date(self) -> str | None:
        """The day of publication in the publication's own time zone, ``YYYY-MM-DD``."""
        return None if self.published is None else self.published.date().isoformat()

    def span(self, start: int, end: int) -> Span:
        """The span of this article from ``start`` to ``end`` (exclusive)."""
        if end > len(self.text):
            raise ValueError(f"span end {end} lies past the text's {len(self.text)} characters")
        return Span(article_id=self.id, start=start, end=end)

    def __repr__(self) -> str:
        known = [repr(self.title or self.text[:40])]
        known += [str(part) for part in (self.publisher, self.date) if part]
        return f"<Article {self.id}: {', '.join(known)}, {len(self.text):,} characters>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A run of whole sentences of one article: what is indexed and retrieved.

    Attributes:
        span: Where it lies.
        text: ``article.text[span.start:span.end]``.
        sentences: The spans of its sentences, in order, without the white space between them.
    """

    span: Span
    text: str
    sentences: tuple[Span, ...]

    @property
    def id(self) -> str:
        """Unique in a library: article id, start and end."""
        return f"{self.span.article_id}:{self.span.start}-{self.span.end}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """How a hit got its place; :meth:`Hit.explain` puts it in words.

    Attributes:
        query: What was looked for.
        lexical_rank, dense_rank: Its place in the search by words and in the one by vectors, from 1; None when that
            search did not return it.
        lexical_share, dense_share: What each adds to the fused score.
        freshness: 0 to 1; None when newer articles were not preferred.
        weights: Words of the query, and what each adds to the BM25 score; only with ``explain=True``.
        notes: What limits, reranking, diversity and neighbours did.
    """

    query: str
    lexical_rank: int | None
    dense_rank: int | None
    lexical_share: float
    dense_share: float
    freshness: float | None = None
    weights: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit(Shown):
    """A retrieved passage.

    Attributes:
        passage: What was found.
        score: Fused relevance, higher is better; comparable within one search only.
        article: The article that the passage lies in.
        lexical: BM25 score, None when the lexical search did not return it.
        dense: Cosine similarity of the static vectors, -1 to 1, None when the dense search did not return it.
        trace: What :meth:`explain` tells; None for hits that were not found by a search of ours.
    """

    passage: Passage
    score: float
    article: Article
    lexical: float | None = None
    dense: float | None = None
    trace: Trace | None = field(default=None, repr=False, compare=False)

    def explain(self) -> Explanation:
        """Why it ranks where it does: its words, scores, places, and what preferences and limits did to it."""
        from toolkit.explain import explain

        return explain(self)

    def __repr__(self) -> str:
        return f"<Hit {self.score:.3f} {self.article.title or self.article.id!r}: {self.passage.text[:60]!r}>"


class Hits(tuple[Hit, ...], Shown):
    """The hits of one search, best first: a tuple that shows itself as a table in a notebook, slices too."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Hits: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Hit | Hits:
        found = super().__getitem__(index)
        return Hits(found) if isinstance(found, tuple) else found

    def __repr__(self) -> str:
        from toolkit.display import to_text

        return to_text(self)


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
        where = ", ".join(part for part in (self.article.title, self.article.publisher, self.article.date) if part)
        return f"[{self.marker}] “{self.quote}” ({where or self.article.id})"

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
class Claim(Shown):
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

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {"text": self.text, "verdict": self.verdict, "citations": [c.marker for c in self.citations]}

    def __repr__(self) -> str:
        from toolkit.display import to_text

        return to_text(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn of a rendered prompt."""

    role: Role
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptRef:
    """Which prompt was chosen: enough to find it again and to see that it has not changed.

    Attributes:
        name: ``task/variant``, as in the prompts folder.
        version: As the file declares it.
        hash: First 12 hexadecimal digits of the SHA-256 of the file's content.
    """

    name: str
    version: str
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What a model call took.

    Attributes:
        prompt_tokens, completion_tokens: As the provider reports them; 0 without a model call.
        cost_usd: Price in US dollars; None when the price is not known.
        cached: Whether the reply came from the cache.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    cached: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class CitedText(Shown):
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
            "passages": [
                {
                    "article_id": hit.article.id,
                    "start": hit.passage.span.start,
                    "end": hit.passage.span.end,
                    "score": round(hit.score, 4),
                }
                for hit in self.hits
            ],
            "prompt": None if self.prompt is None else asdict(self.prompt),
            "model": self.model,
            "usage": asdict(self.usage),
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """The stable JSON form as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

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
    """

    style: str
    query: str | None = None

    def _subject(self) -> dict[str, Any]:
        return {"style": self.style, "query": self.query}


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A source that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class AddReport(Shown):
    """What one ``add`` did.

    Attributes:
        added: Number of new articles.
        updated: Number of articles whose text or metadata changed.
        unchanged: Number of articles that were there already.
        duplicates: Number of articles that came more than once in this call.
        failed: Sources that could not be read, with reasons; everything else went in.
        ids: The articles of this call, in order, each once.
        seconds: Wall-clock time.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: tuple[Failure, ...] = ()
    ids: tuple[str, ...] = ()
    seconds: float = 0.0

    def __repr__(self) -> str:
        from toolkit.display import to_text

        return to_text(self)
