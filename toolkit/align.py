"""Claim -> verified spans and a verdict.

A citation is verified, never parsed: whatever a writer says about its sources, the spans are looked for here, in the
articles' own characters, and a claim that nothing bears out is marked ``unsupported`` rather than kept or dropped in
silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from toolkit.agreement import Comparison, compare
from toolkit.types import Article, Citation, Claim, Hit, Span, Verdict
from toolkit.words import Token, tokenize

SUPPORTED_COVERAGE = 0.75
"""Share of a claim's content that its sources must hold before it counts as supported."""

PARTLY_COVERAGE = 0.5
"""Share below which a claim is unsupported."""

QUOTED_WORDS = 4
"""Words that a verbatim run must have to count as the source's own words."""

MOST_SPANS = 3

_CONTRADICTING = frozenset({"number", "negation", "date"})
_RANK: dict[Verdict, int] = {"quoted": 4, "supported": 3, "contradicted": 2, "partly": 1, "unsupported": 0}
_MARKERS = re.compile(r"\s*\[(?:\^|(?:source|article|passage)s? )?\d+(?:\s*[,;–-]\s*\d+)*\]", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence that may bear a claim out.

    Attributes:
        article: Where it stands.
        span: Its characters there.
        tokens: Its tokens; offsets count from the sentence's start.
        context: Keys of the names in the sentence before it and in the title.
    """

    article: Article
    span: Span
    tokens: tuple[Token, ...]
    context: frozenset[str]

    @property
    def text(self) -> str:
        """The sentence's own characters."""
        return self.article.text[self.span.start : self.span.end]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Finding:
    verdict: Verdict
    comparison: Comparison
    spans: tuple[tuple[Article, Span], ...]

    @property
    def rank(self) -> tuple[int, float]:
        return _RANK[self.verdict], self.comparison.coverage


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

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation made, in order of its number."""
        return tuple(self._citations.values())


def sentences_of(hits: Iterable[Hit]) -> tuple[Sentence, ...]:
    """The sentences of some hits, best hit first, each once."""
    found: dict[Span, Sentence] = {}
    for hit in hits:
        title_names = _names(tokenize(hit.article.title or ""))
        before: frozenset[str] = frozenset()
        for span in hit.passage.sentences:
            tokens = tokenize(hit.article.text[span.start : span.end])
            found.setdefault(
                span, Sentence(article=hit.article, span=span, tokens=tokens, context=title_names | before)
            )
            before = _names(tokens)
    return tuple(found.values())


def plain_sentences(text: str) -> list[str]:
    """A model's reply as plain sentences: citation markers, bullets and emphasis removed.

    Markers that a model adds are hints at best; the spans are found without them.
    """
    from toolkit.passages import sentence_bounds

    lines = (_BULLET.sub("", line) for line in _MARKERS.sub("", text).replace("**", "").splitlines())
    plain = "\n\n".join(line for line in lines if line.strip())
    return [plain[start:end] for start, end in sentence_bounds(plain)]


def quote(sentence: Sentence, markers: Markers) -> Claim:
    """A sentence as a claim in its own words."""
    citation = markers.cite(sentence.article, sentence.span)
    return Claim(text=citation.quote, verdict="quoted", score=1.0, citations=(citation,))


def align(claim: str, sentences: Sequence[Sentence], markers: Markers) -> Claim:
    """Tie one claim to the spans that say it.

    Args:
        claim: One sentence, in anybody's words.
        sentences: Where to look, best first.
        markers: Numbers the citations.

    Returns:
        The claim with its verdict: ``quoted`` when it is a run of the source's own words that nothing around it turns
        round; ``supported`` when one to three sentences of one article hold its content and agree in names, numbers,
        dates, denial and modality; ``contradicted`` when they hold its content but disagree in a number, a date or
        denial; ``partly`` when they hold a part; else ``unsupported``, with no citation.
    """
    tokens = tokenize(claim)
    best = max(_findings(tokens, sentences), key=lambda finding: finding.rank, default=None)
    if best is None or best.verdict == "unsupported":
        coverage = best.comparison.coverage if best else 0.0
        differences = best.comparison.differences if best and coverage >= PARTLY_COVERAGE else ()
        return Claim(text=claim, verdict="unsupported", score=round(coverage, 3), differences=differences)
    return Claim(
        text=claim,
        verdict=best.verdict,
        score=round(best.comparison.coverage, 3),
        citations=tuple(markers.cite(article, span) for article, span in best.spans),
        differences=best.comparison.differences,
    )


def _names(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(token.key for token in tokens if token.name)


def _findings(claim: tuple[Token, ...], sentences: Sequence[Sentence]) -> Iterator[_Finding]:
    content = {token.key for token in claim if token.content}
    if not content:
        return
    compared: list[tuple[Sentence, Comparison]] = []
    for sentence in sentences:
        if content.isdisjoint(token.key for token in sentence.tokens):
            continue
        comparison = compare(claim, sentence.tokens, sentence.context, sentence.article.published)
        compared.append((sentence, comparison))
        spans = ((sentence.article, sentence.span),)
        run = _verbatim(claim, sentence)
        if run is not None and not comparison.differences:
            yield _Finding(verdict="quoted", comparison=comparison, spans=((sentence.article, run),))
        else:
            yield _Finding(verdict=_verdict(claim, comparison), comparison=comparison, spans=spans)
    compared.sort(key=lambda pair: -pair[1].coverage)
    for sentence, comparison in compared[:3]:
        if comparison.coverage >= PARTLY_COVERAGE / 2:
            joined = _with_neighbours(claim, sentence, comparison, sentences)
            if joined is not None:
                yield joined


def _verdict(claim: tuple[Token, ...], comparison: Comparison) -> Verdict:
    coverage, differences = comparison.coverage, comparison.differences
    if not differences:
        if coverage >= SUPPORTED_COVERAGE:
            return "supported"
        return "partly" if coverage >= PARTLY_COVERAGE else "unsupported"
    if coverage < PARTLY_COVERAGE:
        return "unsupported"
    names = [token.word for token in claim if token.name]
    if comparison.missing_names and (comparison.missing_names[0] == names[0] or coverage < SUPPORTED_COVERAGE):
        return "unsupported"
    kinds = {difference.kind for difference in differences if difference.source or difference.kind == "negation"}
    return "contradicted" if kinds & _CONTRADICTING else "partly"


def _verbatim(claim: tuple[Token, ...], sentence: Sentence) -> Span | None:
    """Where the claim's words stand in the sentence one after the other, whatever the typography."""
    words = [token.word for token in claim]
    length = len(words)
    if length < QUOTED_WORDS and length < len(sentence.tokens):
        return None
    source = [token.word for token in sentence.tokens]
    for offset in range(len(source) - length + 1):
        if source[offset : offset + length] == words:
            if length == len(source):
                return sentence.span
            start = sentence.span.start + sentence.tokens[offset].start
            end = sentence.span.start + sentence.tokens[offset + length - 1].end
            return sentence.article.span(start, end)
    return None


def _with_neighbours(
    claim: tuple[Token, ...], anchor: Sentence, comparison: Comparison, sentences: Sequence[Sentence]
) -> _Finding | None:
    """Add up to two more sentences of the same article, when each adds content and speaks of the same subject.

    The anchor must have the claim's first name (else "Poland" could be borrowed from one sentence and "will send
    troops" from another); what is added must have it too or open with a pronoun, or be free of other names.
    """
    names = [token.key for token in claim if token.name]
    if comparison.differences and any(d.kind != "name" for d in comparison.differences):
        return None
    if names and names[0] not in comparison.covered:
        return None
    chosen = [anchor]
    current = comparison
    near = [s for s in sentences if s.article.id == anchor.article.id and s.span != anchor.span]
    for sentence in sorted(near, key=lambda s: abs(s.span.start - anchor.span.start))[:6]:
        keys = _names(sentence.tokens)
        if names and names[0] not in keys | sentence.context:
            continue
        tokens = tuple(token for s in (*chosen, sentence) for token in s.tokens)
        wider = compare(claim, tokens, anchor.context, anchor.article.published)
        if wider.coverage > current.coverage + 0.05 and len(chosen) < MOST_SPANS:
            chosen.append(sentence)
            current = wider
    if len(chosen) == 1:
        return None
    ordered = sorted(chosen, key=lambda s: s.span.start)
    spans = tuple((s.article, s.span) for s in ordered)
    return _Finding(verdict=_verdict(claim, current), comparison=current, spans=spans)


def marked_text(claims: Iterable[Claim]) -> str:
    """The claims as one text with ``[n]`` behind each."""
    return " ".join(
        claim.text + "".join(f" [{citation.marker}]" for citation in claim.citations) for claim in claims
    ).strip()
