"""Are the citations what the claims need? Citation recall and precision as in ALCE, and the share of supported claims.

ALCE (Gao, Yen, Yu and Chen 2023, "Enabling Large Language Models to Generate Text with Citations", EMNLP) asks an
entailment model; here the toolkit's own verifier (:mod:`toolkit.align`) is asked instead, or any function given to
:func:`citation_measures`. Three things must be kept in mind when reading these numbers:

- They say nothing of correctness. A writer that echoes the top passage and cites it is nearly perfect here, so they
  stand beside ``answer_hit`` and ``token_f1``, never alone.
- The verifier is strict, so for a writer in words of its own both are lower bounds. On WiCE's dev split, given the
  sentences that people picked, it bears out 9 of the 115 claims that these people call supported, and 2 of the 191 that
  they call supported in part: hardly ever too much, and of heavily reworded claims very little.
- The toolkit's own answers got their citations from the same verifier, so they score high by construction. To judge
  the toolkit itself, or to compare writers that reword, give an entailment model as ``entails``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from toolkit.align import align
from toolkit.alignment.sentences import Markers, Sentence
from toolkit.experiment.measures.base import Asked, Function, Measure
from toolkit.passages import sentence_bounds
from toolkit.types import Article, Citation, CitedText, Claim, Span

_ALCE = "Gao et al. 2023, ALCE (EMNLP), section 3; the toolkit's verifier in the place of the entailment model"
_BORNE_OUT = frozenset(("quoted", "supported"))

Entails = Callable[[str, str], bool]
"""(premise, claim) to whether the premise says the claim. The premise is the text of the cited sentences."""

_Supports = Callable[[str, Sequence[Citation]], bool]


@lru_cache(maxsize=4096)
def _bounds(text: str, language: str | None) -> list[tuple[int, int]]:
    return sentence_bounds(text, language)


def cited_sentences(citation: Citation) -> tuple[Sentence, ...]:
    """The whole sentences that a citation touches, each with the one before it.

    A quote that was cut out of "He denied that ..." is held against the sentence, not against the cut.
    """
    article, span = citation.article, citation.span
    found: list[Sentence] = []
    before: Span | None = None
    for start, end in _bounds(article.text, article.language):
        if start >= span.end:
            break
        here = Span(article_id=article.id, start=start, end=end)
        if end > span.start:
            found.append(Sentence(article=article, span=here, before=before))
        before = here
    return tuple(found)


@lru_cache(maxsize=100_000)
def _verified(claim: str, places: tuple[tuple[Article, Span], ...]) -> bool:
    """Whether the verifier bears a claim out by these citations and nothing else.

    Citations of several articles are also read as one text, as ALCE does, when no article bears the claim out alone.
    """
    citations = [_citation(article, span) for article, span in places]
    sentences = list({s.span: s for c in citations for s in cited_sentences(c)}.values())
    said = claim.split()
    if any(said == sentence.text.split() for sentence in sentences):
        return True  # the source's own sentence, which most claims of a writer without a model are
    if align(claim, sentences, Markers()).verdict in _BORNE_OUT:
        return True
    if len({article.id for article, _ in places}) < 2:
        return False
    together = Article(text="\n\n".join(s.text for s in sentences), published=sentences[0].article.published)
    whole = _citation(together, together.span(0, len(together.text)))
    return align(claim, cited_sentences(whole), Markers()).verdict in _BORNE_OUT


def _citation(article: Article, span: Span) -> Citation:
    return Citation(marker=1, span=span, quote=article.text[span.start : span.end], article=article)


def _by_verifier(claim: str, citations: Sequence[Citation]) -> bool:
    return _verified(claim, tuple((c.article, c.span) for c in citations))


def _by(entails: Entails) -> _Supports:
    @lru_cache(maxsize=100_000)
    def asked(premise: str, claim: str) -> bool:
        return bool(entails(premise, claim))

    def supports(claim: str, citations: Sequence[Citation]) -> bool:
        sentences = {s.span: s.text for c in citations for s in cited_sentences(c)}
        return asked(" ".join(sentences.values()), claim)

    return supports


def needed_citations(claim: Claim, supports: _Supports) -> int | None:
    """How many of a claim's citations are to the point, or None when together they do not bear it out.

    A citation is beside the point when it does not bear the claim out alone, and the others do so without it.
    """
    citations = claim.citations
    if not citations or not supports(claim.text, citations):
        return None
    if len(citations) == 1:
        return 1
    return sum(
        supports(claim.text, [citation]) or not supports(claim.text, [c for c in citations if c is not citation])
        for citation in citations
    )


def _recall(supports: _Supports) -> Function:
    def citation_recall(answer: CitedText, question: Asked) -> float | None:
        claims = answer.claims
        return (
            sum(bool(c.citations) and supports(c.text, c.citations) for c in claims) / len(claims) if claims else None
        )

    return citation_recall


def _precision(supports: _Supports) -> Function:
    def citation_precision(answer: CitedText, question: Asked) -> float | None:
        if not answer.claims:
            return None
        given = sum(len(claim.citations) for claim in answer.claims)
        return sum(needed_citations(c, supports) or 0 for c in answer.claims) / given if given else 0.0

    return citation_precision


def _support_rate(answer: CitedText, question: Asked) -> float | None:
    claims = answer.claims
    return sum(claim.verdict in _BORNE_OUT for claim in claims) / len(claims) if claims else None


def citation_measures(entails: Entails | None = None) -> tuple[Measure, Measure]:
    """Citation recall and precision, as ALCE defines them.

    Recall: the share of an answer's claims that their citations, taken together, bear out. Precision: the share of an
    answer's citations that are to the point; a citation of a claim that is not borne out is not, nor is one that bears
    nothing out alone and is not missed by the others. An answer with claims and no citation has 0 in both; a refusal
    has neither.

    Args:
        entails: Says whether a premise (the cited sentences) entails a claim; None for the toolkit's verifier. Asked
            once for each pair.

    Returns:
        ``citation_recall`` and ``citation_precision``; with ``entails``, its name behind a colon.

    Example:
        >>> recall, precision = citation_measures(lambda premise, claim: claim in premise)
    """
    supports = _by_verifier if entails is None else _by(entails)
    suffix = "" if entails is None else f":{getattr(entails, '__name__', 'entails').strip('<>')}"
    source = _ALCE if entails is None else f"{_ALCE.partition(';')[0]}; judged by{suffix.replace(':', ' ')}"
    return (
        Measure(
            name=f"citation_recall{suffix}",
            function=_recall(supports),
            kind="share",
            doc="share of the claims that their citations together bear out",
            source=source,
        ),
        Measure(
            name=f"citation_precision{suffix}",
            function=_precision(supports),
            kind="share",
            doc="share of the citations that are to the point",
            source=source,
        ),
    )


MEASURES = (
    *citation_measures(),
    Measure(
        name="support_rate",
        function=_support_rate,
        kind="share",
        doc="share of the claims that are quoted or supported",
        source="the verdicts of the toolkit's verifier",
    ),
)
