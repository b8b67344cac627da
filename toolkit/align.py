"""Claim -> verified spans and a verdict.

A citation is verified, never parsed: whatever a writer says about its sources, the spans are looked for here, in the
articles' own characters, and a claim that nothing bears out is marked ``unsupported`` rather than kept or dropped in
silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from toolkit import lexicon
from toolkit.agreement import Comparison, compare, opens_without_name
from toolkit.support import best_union, features, load_model, share_in_order, weights
from toolkit.types import Article, Citation, Claim, Hit, Span, Verdict
from toolkit.words import Token, rough_keys, tokenize

SUPPORTED_COVERAGE = 0.75
"""Share of a claim's content that its sources must hold before it counts as supported, however likely it is."""

PARTLY_COVERAGE = 0.5
"""Share from which a claim is borne out in part."""

CONTRADICTED_AGREEMENT = 0.6
"""Share of the rest of a claim that must agree before a disagreement contradicts it."""

QUOTED_WORDS = 4
"""Words that a verbatim run must have to count as the source's own words."""

MOST_SPANS = 3

MOST_READ = 8
"""Sentences that are read closely for one claim: those that share most with it."""

_CONTRADICTING = frozenset({"number", "negation", "date"})
_RANK: dict[Verdict, int] = {"quoted": 4, "supported": 3, "contradicted": 2, "partly": 1, "unsupported": 0}
_MARKERS = re.compile(r"\s*\[(?:\^|(?:source|article|passage)s? )?\d+(?:\s*[,;–-]\s*\d+)*\]", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_ACRONYM = re.compile(r" \(([A-Z]{2,8})\)")
_BEFORE_ACRONYM = 90


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
        return _names_in(self.article.title or "") | _names_in(before)


@lru_cache(maxsize=8192)
def _names_in(text: str) -> frozenset[str]:
    return _names(tokenize(text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One way in which sources stand to a claim.

    Attributes:
        verdict: What it amounts to.
        score: Probability of support; 1 for the source's own words.
        comparison: Coverage and differences.
        spans: What would be cited.
        features: What the score is made of, see :data:`toolkit.support.FEATURES`.
    """

    verdict: Verdict
    score: float
    comparison: Comparison
    spans: tuple[tuple[Article, Span], ...]
    features: dict[str, float] = field(hash=False)

    @property
    def rank(self) -> tuple[int, float, float]:
        """Higher is better."""
        return _RANK[self.verdict], self.score, self.comparison.coverage


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
        before: Span | None = None
        for span in hit.passage.sentences:
            found.setdefault(span, Sentence(article=hit.article, span=span, before=before))
            before = span
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
    best = find_support(claim, sentences)
    if best is None or best.verdict == "unsupported":
        differences = best.comparison.differences if best and best.comparison.agreement >= PARTLY_COVERAGE else ()
        return Claim(
            text=claim, verdict="unsupported", score=round(best.score, 3) if best else 0.0, differences=differences
        )
    return Claim(
        text=claim,
        verdict=best.verdict,
        score=round(best.score, 3),
        citations=tuple(markers.cite(article, span) for article, span in best.spans),
        differences=best.comparison.differences,
    )


def find_support(claim: str, sentences: Sequence[Sentence]) -> Finding | None:
    """The best that the sentences have for a claim, or None when they share no word with it."""
    return max(_Search(claim, sentences).findings(), key=lambda finding: finding.rank, default=None)


def _names(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(token.key for token in tokens if token.name)


@lru_cache(maxsize=256)
def _acronyms(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Acronyms that a text introduces in parentheses, each with the keys of the words that it stands for."""
    found: list[tuple[str, frozenset[str]]] = []
    for match in _ACRONYM.finditer(text):
        letters = match.group(1)
        words = [t for t in tokenize(text[max(0, match.start() - _BEFORE_ACRONYM) : match.start()]) if t.content]
        long = words[-len(letters) :]
        if [t.word[:1] for t in long] == list(letters.lower()):
            found.append((tokenize(letters)[0].key, frozenset(t.key for t in long)))
    return tuple(found)


class _Search:
    """One claim against some sentences: what is the same for all of them is made once."""

    def __init__(self, claim: str, sentences: Sequence[Sentence]) -> None:
        self.claim = claim
        self.tokens = tokenize(claim)
        self.weights = weights(self.tokens)
        self.sentences = sentences
        self.content = list(dict.fromkeys(token.key for token in self.tokens if token.content))
        self.values = [0.0] * len(self.content)
        for token, weight in zip(self.tokens, self.weights, strict=True):
            if token.content:
                self.values[self.content.index(token.key)] += weight
        self._aliases: dict[str, dict[str, tuple[frozenset[str], ...]]] = {}

    def findings(self) -> Iterator[Finding]:
        """Every finding that is worth ranking."""
        if not self.content:
            return
        masks = [self._mask(rough_keys(sentence.text)) for sentence in self.sentences]
        worth = {mask: sum(v for bit, v in enumerate(self.values) if mask >> bit & 1) for mask in set(masks)}
        order = sorted(range(len(masks)), key=lambda i: (-worth[masks[i]], self.claim not in self.sentences[i].text))
        compared: list[tuple[Sentence, Comparison]] = []
        for i in order[:MOST_READ]:
            sentence = self.sentences[i]
            if masks[i] == 0 and compared:
                break
            comparison = self._compare(sentence.tokens, sentence)
            masks[i] |= self._mask(comparison.covered)
            compared.append((sentence, comparison))
        held = 0
        for mask in masks:
            held |= mask
        self.everywhere = frozenset(key for bit, key in enumerate(self.content) if held >> bit & 1)
        self.union = best_union(masks, self.values)
        self.order = share_in_order(self.tokens, [sentence.tokens for sentence, _ in compared])
        yield from self._weigh(compared)

    def _weigh(self, compared: list[tuple[Sentence, Comparison]]) -> Iterator[Finding]:
        for sentence, comparison in compared:
            if not comparison.covered:
                continue
            run = None if comparison.differences else _verbatim(self.tokens, sentence)
            yield self._finding(comparison, ((sentence.article, run or sentence.span),), quoted=run is not None)
        if any(c.differences and c.coverage >= SUPPORTED_COVERAGE for _, c in compared):
            return  # one sentence says nearly all of it and says it otherwise: no other one may lend what differs
        compared.sort(key=lambda pair: -pair[1].coverage)
        for sentence, comparison in compared[:3]:
            if PARTLY_COVERAGE / 2 <= comparison.coverage < 1:
                joined = self._joined(sentence, comparison)
                if joined is not None:
                    yield joined

    def _mask(self, keys: frozenset[str]) -> int:
        return sum(1 << bit for bit, key in enumerate(self.content) if key in keys)

    def _compare(self, tokens: tuple[Token, ...], sentence: Sentence) -> Comparison:
        return compare(
            self.tokens,
            tokens,
            sentence.context if opens_without_name(tokens) else frozenset(),
            sentence.article.published,
            weights=self.weights,
            aliases=self._known_as(sentence.article),
        )

    def _known_as(self, article: Article) -> dict[str, tuple[frozenset[str], ...]]:
        """Other names that the article itself gives for the claim's names."""
        if article.id not in self._aliases:
            known: dict[str, list[frozenset[str]]] = {}
            for first, last in pairwise(self.tokens):
                # “Keir Starmer” is what “Starmer” is called in this article.
                if first.name and last.name and self.claim[first.start : last.end] in article.text:
                    known.setdefault(first.key, []).append(frozenset({last.key}))
            for short, long in _acronyms(article.text):
                known.setdefault(short, []).append(long)
                for key in long:
                    known.setdefault(key, []).append(frozenset({short}))
            self._aliases[article.id] = {key: tuple(others) for key, others in known.items()}
        return self._aliases[article.id]

    def _finding(
        self, comparison: Comparison, spans: tuple[tuple[Article, Span], ...], *, quoted: bool = False
    ) -> Finding:
        values = features(self.tokens, comparison, union=self.union, order=self.order, everywhere=self.everywhere)
        score = 1.0 if quoted else load_model().probability(values)
        verdict = "quoted" if quoted else self._verdict(comparison, score)
        return Finding(verdict=verdict, score=score, comparison=comparison, spans=spans, features=values)

    def _verdict(self, comparison: Comparison, score: float) -> Verdict:
        coverage, differences = comparison.coverage, comparison.differences
        model = load_model()
        if not differences:
            if coverage >= SUPPORTED_COVERAGE and score >= model.supported:
                return "supported"
            return "partly" if coverage >= PARTLY_COVERAGE or score >= model.partly else "unsupported"
        if comparison.agreement < PARTLY_COVERAGE:
            return "unsupported"
        names = [token.word for token in self.tokens if token.name]
        missing = comparison.missing_names
        if missing and (missing[0] == names[0] or comparison.agreement < SUPPORTED_COVERAGE):
            return "unsupported"
        kinds = {difference.kind for difference in differences if difference.source or difference.kind == "negation"}
        close = comparison.agreement >= CONTRADICTED_AGREEMENT
        return "contradicted" if close and kinds & _CONTRADICTING else "partly"

    def _joined(self, anchor: Sentence, comparison: Comparison) -> Finding | None:
        """Add up to two more sentences of the same article, when each adds content and speaks of the same subject.

        The anchor must have the claim's first name (else "Poland" could be borrowed from one sentence and "will send
        troops" from another); what is added must have it too or follow a sentence that has, and must add more than a
        name, a number or a date.
        """
        names = [token.key for token in self.tokens if token.name]
        lacking = [d for d in comparison.differences if d.claim in comparison.missing_names or not d.source]
        if len(lacking) < len(comparison.differences) or any(d.kind == "negation" for d in lacking):
            return None
        if names and names[0] not in comparison.covered:
            return None
        chosen = [anchor]
        current = comparison
        near = [s for s in self.sentences if s.article.id == anchor.article.id and s.span != anchor.span]
        for sentence in sorted(near, key=lambda s: abs(s.span.start - anchor.span.start))[:6]:
            if len(chosen) == MOST_SPANS or (names and not _speaks_of(sentence, names[0])):
                continue
            ordered = sorted([*chosen, sentence], key=lambda s: s.span.start)
            wider = self._compare(tuple(token for s in ordered for token in s.tokens), ordered[0])
            if wider.coverage > current.coverage + 0.05 and self._adds_words(wider.covered - current.covered):
                if any(d.kind == "negation" for d in self._compare(sentence.tokens, sentence).differences):
                    continue
                chosen = ordered
                current = wider
        if len(chosen) == 1:
            return None
        return self._finding(current, tuple((s.article, s.span) for s in chosen))

    def _adds_words(self, keys: frozenset[str]) -> bool:
        """Whether what is new is more than a name: else any name of the article could be put for another."""
        new = [token for token in self.tokens if token.key in keys]
        words = [t for t in new if not t.name and t.value is None and t.word not in lexicon.MONTHS]
        return len(words) > any(token.name for token in new)


def _speaks_of(sentence: Sentence, name: str) -> bool:
    """Whether it has the name, or means it with the pronoun or the plain noun that it opens with."""
    return name in rough_keys(sentence.text) or (opens_without_name(sentence.tokens) and name in sentence.context)


def _verbatim(claim: tuple[Token, ...], sentence: Sentence) -> Span | None:
    """Where the claim's words stand in the sentence one after the other, whatever the typography."""
    words = [token.word for token in claim]
    tokens = sentence.tokens
    length = len(words)
    if length < QUOTED_WORDS and length < len(tokens):
        return None
    source = [token.word for token in tokens]
    for offset in range(len(source) - length + 1):
        if source[offset : offset + length] == words:
            if length == len(source):
                return sentence.span
            start = sentence.span.start + tokens[offset].start
            end = sentence.span.start + tokens[offset + length - 1].end
            return sentence.article.span(start, end)
    return None


def marked_text(claims: Iterable[Claim]) -> str:
    """The claims as one text with ``[n]`` behind each."""
    return " ".join(
        claim.text + "".join(f" [{citation.marker}]" for citation in claim.citations) for claim in claims
    ).strip()
