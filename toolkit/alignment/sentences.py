"""Sentences of the sources and of an answer, and the numbers that tie them together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from toolkit.language.words import Token, tokenize
from toolkit.passages import sentence_bounds
from toolkit.types import Article, Citation, Claim, Hit, Span

_MARKERS = re.compile(r"\s*\[(?:\^|(?:source|article|passage)s? )?\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]", re.IGNORECASE)
_THINKING = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_BULLET = re.compile(r"^\s*(?:[-*•–>]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence that may bear a claim out. Its tokens are made when they are first asked for.

    Attributes:
        article: Where it stands.
        span: Its characters there.
        before: The sentence before it in its passage.
    """

    article: Article
    span: Span
    before: Span | None = None

    @property
    def text(self) -> str:
        """The sentence's own characters."""
        return self.article.text[self.span.start : self.span.end]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens; offsets count from the sentence's start."""
        return tokenize(self.text)

    @property
    def context(self) -> frozenset[str]:
        """Keys of the names in the sentence before it and in the title."""
        before = self.article.text[self.before.start : self.before.end] if self.before else ""
        return names_in(self.article.title or "") | names_in(before)


@lru_cache(maxsize=8192)
def names_in(text: str) -> frozenset[str]:
    """The keys of the names in a text."""
    return frozenset(token.key for token in tokenize(text) if token.name)


class Markers:
    """Numbers citations in order of first use: the same span always gets the same number."""

    def __init__(self) -> None:
        self._citations: dict[Span, Citation] = {}

    def cite(self, article: Article, span: Span) -> Citation:
        """The citation of a span, numbered when first asked for."""
        if span not in self._citations:
            marker = len(self._citations) + 1
            quote = article.text[span.start : span.end]
            self._citations[span] = Citation(marker=marker, span=span, quote=quote, article=article)
        return self._citations[span]

    def __contains__(self, span: object) -> bool:
        return span in self._citations

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation made, in order of its number."""
        return tuple(self._citations.values())


def sentences_of(hits: Iterable[Hit]) -> tuple[Sentence, ...]:
    """The sentences of some hits, best hit first, each once."""
    found: dict[Span, Sentence] = {}
    for hit in hits:
        before: Span | None = None
        for span in hit.passage.sentences:
            found.setdefault(span, Sentence(article=hit.article, span=span, before=before))
            before = span
    return tuple(found.values())


def without_markers(text: str) -> str:
    """The text without the source numbers in brackets that a model adds."""
    return _MARKERS.sub("", text)


def plain_sentences(text: str) -> list[str]:
    """A model's reply as plain sentences, without markers, bullets, headings, emphasis and thinking aloud.

    Markers that a model adds are hints at best; the spans are found without them.
    """
    text = without_markers(_THINKING.sub("", text)).replace("**", "")
    lines = (_BULLET.sub("", line) for line in text.splitlines() if not line.lstrip().startswith("#"))
    plain = "\n\n".join(line for line in lines if line.strip())
    return [plain[start:end] for start, end in sentence_bounds(plain)]


def quote(sentence: Sentence, markers: Markers) -> Claim:
    """A sentence as a claim in its own words."""
    citation = markers.cite(sentence.article, sentence.span)
    return Claim(text=citation.quote, verdict="quoted", score=1.0, citations=(citation,))


def marked_text(claims: Iterable[Claim]) -> str:
    """The claims as one text with ``[n]`` behind each, and the verdict where it is not ``quoted`` or ``supported``."""
    return " ".join(map(_marked, claims))


def _marked(claim: Claim) -> str:
    doubt = "" if claim.verdict in ("quoted", "supported") else f" ({claim.verdict})"
    return claim.text + doubt + "".join(f" [{citation.marker}]" for citation in claim.citations)
