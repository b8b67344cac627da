"""Claim -> verified spans and a verdict.

A citation is verified, never parsed: whatever a writer says about its sources, the spans are looked for here, in the
articles' own characters, and a claim that nothing bears out is marked ``unsupported`` rather than kept or dropped in
silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from toolkit import thresholds
from toolkit.alignment.agreement import Comparison, compare, opens_without_name
from toolkit.alignment.sentences import Markers, Sentence, names_in
from toolkit.alignment.support import best_union, features, load_model, share_in_order, weights
from toolkit.alignment.wording import as_written
from toolkit.language import lexicon
from toolkit.language.words import Token, rough_keys, tokenize
from toolkit.types import Article, Claim, Difference, Span, Verdict
from toolkit.voices.frames import another_says, reporting_words

MOST_SPANS = 3
"""Spans that one claim cites: more is no longer a citation that somebody opens."""

MOST_READ = 8
"""Sentences that are read closely for one claim: those that share most with it."""

_CONTRADICTING = frozenset({"number", "negation", "date"})
_RANK: dict[Verdict, int] = {"quoted": 4, "supported": 3, "contradicted": 2, "partly": 1, "unsupported": 0}
_ABOUT_ARTICLES = re.compile(
    r",? ?\b(?:as )?(?:mentioned|reported|described|discussed|listed|named|stated) (?:in|by) the "
    r"(?:provided |given )?(?:articles?|passages?)\b,?"
    r"|\b(?:according to|in) the (?:provided |given )?(?:articles?|passages?)(?: \d+)?\b,?"
    r"|\bthe (?:articles?|passages?) (?:also )?(?:mention|say|state|report|discuss|describe|suggest|indicate)(?:e?s)?"
    r"(?: that)?\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r" \(([A-Z]{2,8})\)")
_BEFORE_ACRONYM = 90  # characters before “(DWU)” in which the words that it stands for are looked for
_ANCHORS = 3  # sentences, those that cover most, to each of which others are joined
_NEAR = 6  # sentences of the same article, the nearest, that may be joined to one


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One way in which sources stand to a claim.

    Attributes:
        verdict: What it amounts to.
        score: Probability of support; 1 for the source's own words.
        comparison: Coverage and differences.
        spans: What would be cited.
        features: What the score is made of, see :data:`toolkit.alignment.support.FEATURES`.
    """

    verdict: Verdict
    score: float
    comparison: Comparison
    spans: tuple[tuple[Article, Span], ...]
    features: dict[str, float] = field(hash=False)

    @property
    def rank(self) -> tuple[int, float, float]:
        """Higher is better. What lacks nothing but a verb stands beside what contradicts: the likelier one decides."""
        rank = _RANK[self.verdict]
        if self.verdict == "partly" and self.comparison.coverage >= thresholds.SUPPORTED_COVERAGE:
            rank = _RANK["contradicted"]
        return rank, self.score, self.comparison.coverage


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
    return cited(claim, _ranked(claim, sentences), markers)


def cited(claim: str, found: Sequence[Finding], markers: Markers) -> Claim:
    """A claim with the verdict and the citations that its findings, best first, amount to."""
    best = _not_yet_cited(found, markers)
    if best is None or best.verdict == "unsupported":
        differences = (
            _as_written(claim, best) if best and best.comparison.agreement >= thresholds.PARTLY_COVERAGE else ()
        )
        return Claim(
            text=claim, verdict="unsupported", score=round(best.score, 3) if best else 0.0, differences=differences
        )
    verdict, spans, differences = best.verdict, best.spans, _as_written(claim, best)
    if verdict in ("quoted", "supported"):
        if rival := next((f for f in found if _speaks_against(f, best)), None):
            # The rival is always shown: what it contradicts may take one place less.
            spans = spans[: MOST_SPANS - 1] + rival.spans[:1]
            verdict, differences = "contradicted", _as_written(claim, rival)
        elif echo := next((f for f in found if _says_so_too(f, best)), None):
            spans += echo.spans
    return Claim(
        text=claim,
        verdict=verdict,
        score=round(best.score, 3),
        citations=tuple(markers.cite(article, span) for article, span in spans[:MOST_SPANS]),
        differences=differences,
    )


def _as_written(claim: str, finding: Finding) -> tuple[Difference, ...]:
    sources = (article.text[span.start : span.end] for article, span in finding.spans)
    return as_written(finding.comparison.differences, claim, sources)


def _not_yet_cited(found: Sequence[Finding], markers: Markers) -> Finding | None:
    """The best finding; of equal quotes in one article the first that no claim has taken yet."""
    if not found or found[0].verdict != "quoted":
        return found[0] if found else None
    article = found[0].spans[0][0].id
    equal = [f for f in found if f.verdict == "quoted" and f.spans[0][0].id == article]
    equal.sort(key=lambda finding: finding.spans[0][1].start)
    return next((finding for finding in equal if finding.spans[0][1] not in markers), equal[0])


def _says_so_too(finding: Finding, best: Finding) -> bool:
    """Whether another publisher says it as well, in a sentence that is no copy."""
    one, other = best.spans[0][0], finding.spans[0][0]
    if finding.verdict not in ("quoted", "supported") or len(best.spans) + len(finding.spans) > MOST_SPANS:
        return False
    if one.id == other.id or (one.publisher or one.id) == (other.publisher or other.id):
        return False
    mine, theirs = ([t.word for t in tokenize(a.text[s.start : s.end])] for a, s in (best.spans[0], finding.spans[0]))
    return SequenceMatcher(None, mine, theirs, autojunk=False).ratio() < thresholds.ECHO_LIKENESS


def _speaks_against(finding: Finding, best: Finding) -> bool:
    """Whether another article says nearly all of the claim and gives one number otherwise, or denies it."""
    if finding.verdict != "contradicted" or finding.spans[0][0].id == best.spans[0][0].id:
        return False
    comparison = finding.comparison
    plain = [d for d in comparison.differences if d.kind in ("number", "negation")]
    return (
        len(plain) == len(comparison.differences) == 1
        and not comparison.missing_names
        and comparison.agreement >= thresholds.RIVAL_AGREEMENT
    )


def find_support(claim: str, sentences: Sequence[Sentence]) -> Finding | None:
    """The best that the sentences have for a claim, or None when they share no word with it."""
    return next(iter(_ranked(claim, sentences)), None)


def _ranked(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    return sorted(_Search(claim, sentences).findings(), key=lambda finding: finding.rank, reverse=True)


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
        # "The countries mentioned in the articles are": what a model says about its sources is no part of the claim.
        self.tokens = tokenize(_ABOUT_ARTICLES.sub(lambda found: " " * len(found[0]), claim))
        self.framing = reporting_words(claim, self.tokens)
        self.weights = weights(self.tokens)
        self.said = tuple(token for i, token in enumerate(self.tokens) if i not in self.framing)
        self.sentences = sentences
        self.content = list(dict.fromkeys(token.key for token in self.tokens if token.content))
        self.values, self.values_said = [0.0] * len(self.content), [0.0] * len(self.content)
        for index, (token, weight) in enumerate(zip(self.tokens, self.weights, strict=True)):
            if token.content:
                self.values[self.content.index(token.key)] += weight
                self.values_said[self.content.index(token.key)] += 0.0 if index in self.framing else weight
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
        self.union = min(best_union(masks, values) for values in (self.values, self.values_said))
        rows = [sentence.tokens for sentence, _ in compared]
        self.order = min(share_in_order(tokens, rows) for tokens in (self.tokens, self.said))
        yield from self._weigh(compared)

    def _weigh(self, compared: list[tuple[Sentence, Comparison]]) -> Iterator[Finding]:
        for sentence, comparison in compared:
            if not comparison.covered:
                continue
            run = None if comparison.differences else _verbatim(self.tokens, sentence)
            spans = ((sentence.article, run),) if run else self._with_referent(sentence, comparison)
            yield self._finding(comparison, spans, quoted=run is not None)
        if any(c.differences and c.coverage >= thresholds.SUPPORTED_COVERAGE for _, c in compared):
            return  # one sentence says nearly all of it and says it otherwise: no other one may lend what differs
        compared.sort(key=lambda pair: -pair[1].coverage)
        for sentence, comparison in compared[:_ANCHORS]:
            if thresholds.PARTLY_COVERAGE / 2 <= comparison.coverage < 1:
                joined = self._joined(sentence, comparison)
                if joined is not None:
                    yield joined

    def _with_referent(self, sentence: Sentence, comparison: Comparison) -> tuple[tuple[Article, Span], ...]:
        """The sentence, behind the one before it when only that one has a name that the claim is borne out by."""
        own = {token.key for token in sentence.tokens}
        lent = {token.key for token in self.tokens if token.name and token.key in comparison.covered} - own
        before = sentence.before
        if before is not None and lent & names_in(sentence.article.text[before.start : before.end]):
            return (sentence.article, before), (sentence.article, sentence.span)
        return ((sentence.article, sentence.span),)

    def _mask(self, keys: frozenset[str]) -> int:
        return sum(1 << bit for bit, key in enumerate(self.content) if key in keys)

    def _compare(self, tokens: tuple[Token, ...], sentence: Sentence) -> Comparison:
        compared = compare(
            self.tokens,
            tokens,
            sentence.context if opens_without_name(tokens) else frozenset(),
            sentence.article.published,
            weights=self.weights,
            framing=self.framing,
            aliases=self._known_as(sentence.article),
        )
        more: list[Difference] = []
        if sentence.text.endswith("?") and not self.claim.rstrip().endswith("?"):
            more.append(Difference(kind="modality", claim="", source="a question"))
        if self.framing and (other := another_says(self.claim, self.said, sentence.text, compared.covered)):
            more.append(other)
        return replace(compared, differences=(*compared.differences, *more)) if more else compared

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
            enough = coverage >= thresholds.SUPPORTED_COVERAGE and score >= model.supported
            if enough and not comparison.missing_verbs and not self._nobody_named():
                return "supported"
            return "partly" if coverage >= thresholds.PARTLY_COVERAGE or score >= model.partly else "unsupported"
        if comparison.agreement < thresholds.PARTLY_COVERAGE:
            return "unsupported"
        names = [token.word for token in self.tokens if token.name]
        missing = comparison.missing_names
        if missing and (missing[0] == names[0] or comparison.agreement < thresholds.SUPPORTED_COVERAGE):
            return "unsupported"
        kinds = {difference.kind for difference in differences if difference.source or difference.kind == "negation"}
        close = comparison.agreement >= thresholds.CONTRADICTED_AGREEMENT
        return "contradicted" if close and kinds & _CONTRADICTING else "partly"

    def _nobody_named(self) -> bool:
        """“He was arrested”: too little, and of nobody, to be borne out by a sentence about somebody."""
        return (
            opens_without_name(self.tokens)
            and self.tokens[0].word != "the"
            and len(self.content) < thresholds.TELLING_WORDS
        )

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
        if names and (names[0] not in comparison.covered or _has_own_subject(anchor, names)):
            return None
        chosen = [anchor]
        current = comparison
        near = [s for s in self.sentences if s.article.id == anchor.article.id and s.span != anchor.span]
        for sentence in sorted(near, key=lambda s: abs(s.span.start - anchor.span.start))[:_NEAR]:
            if len(chosen) == MOST_SPANS or (names and not _speaks_of(sentence, names[0])):
                continue
            if _has_own_subject(sentence, names):
                continue
            ordered = sorted([*chosen, sentence], key=lambda s: s.span.start)
            wider = self._compare(tuple(token for s in ordered for token in s.tokens), ordered[0])
            if wider.coverage > current.coverage + thresholds.JOINED_GAIN and self._adds_words(
                wider.covered - current.covered
            ):
                alone = self._compare(sentence.tokens, sentence)
                if any(d.kind == "negation" for d in alone.differences):
                    continue
                if not opens_without_name(sentence.tokens) and not self._adds_words(wider.covered - alone.covered):
                    continue  # nor may the anchor have no more than a name to add to it
                chosen = ordered
                current = wider
        if len(chosen) == 1:
            return None
        joined = self._finding(current, tuple((s.article, s.span) for s in chosen))
        return (
            replace(joined, verdict="partly")
            if joined.verdict == "supported" and joined.score < thresholds.JOINED_SCORE
            else joined
        )

    def _adds_words(self, keys: frozenset[str]) -> bool:
        """Whether what is new is more than a name: else any name of the article could be put for another."""
        new = [token for token in self.tokens if token.key in keys]
        words = [t for t in new if not t.name and t.value is None and t.word not in lexicon.MONTHS]
        return len(words) > any(token.name for token in new)


def _has_own_subject(sentence: Sentence, names: Sequence[str]) -> bool:
    """Whether it opens with somebody whom the claim does not name: “Petrov praised Costa”."""
    return any(token.name and token.key not in names for token in sentence.tokens[:2])


def _speaks_of(sentence: Sentence, name: str) -> bool:
    """Whether it has the name, or means it with the pronoun or the plain noun that it opens with."""
    return name in rough_keys(sentence.text) or (opens_without_name(sentence.tokens) and name in sentence.context)


def _verbatim(claim: tuple[Token, ...], sentence: Sentence) -> Span | None:
    """Where the claim's words stand in the sentence one after the other, whatever the typography."""
    words = [token.word for token in claim]
    tokens = sentence.tokens
    length = len(words)
    if length < thresholds.QUOTED_WORDS and length < len(tokens):
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
