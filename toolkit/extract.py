"""The writer that needs no model: it picks the sentences that answer a question, and changes none of them.

A few numbers describe each sentence of the hits (:func:`describe`), and a linear model of them ranks it. Which numbers
and with which coefficients stands in ``answering.json``; ``benchmarks/fit_answers.py`` fits and writes that file.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import thresholds
from toolkit.alignment.denial import denied
from toolkit.alignment.otherwise import is_later, says_otherwise, tells_of_another
from toolkit.alignment.sentences import Sentence, sentences_of
from toolkit.embeddings import StaticEmbedding, word_vectors
from toolkit.language import lexicon
from toolkit.language.orders import addresses_machine
from toolkit.language.questions import Question, kind_places
from toolkit.language.words import Token, tokenize
from toolkit.types import Hit, Span

if TYPE_CHECKING:
    import numpy as np

ANSWER_SENTENCES = 3
"""Sentences that an extractive answer has at most."""

FEATURES = (
    "meaning", "doing", "around", "similarity", "passage", "kind", "focus", "order", "length", "dangling", "denied",
    "undenied", "told", "about",
)  # fmt: skip
"""What describes a sentence; :func:`describe` says what each is."""

_FEWEST_WORDS, _MOST_WORDS = 4, 90
_DANGLING = frozenset(
    "he she it they his her its their him them this that these those such both but however also so then".split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A sentence that may answer, with where it came from.

    Attributes:
        sentence: The sentence.
        before, after: Its neighbours in its passage; None at the passage's ends.
        rank: Its passage's place among the hits, from 0.
        share: Its passage's score as a share of the best passage's.
    """

    sentence: Sentence
    before: Sentence | None
    after: Sentence | None
    rank: int
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """A sentence and how well it serves.

    Attributes:
        candidate: The sentence with its neighbours.
        score: Natural logarithm of the odds against the other sentences, up to a constant of the call; higher is
            better.
        features: What the sentence is described by, by name.
    """

    candidate: Candidate
    score: float
    features: Mapping[str, float]

    @property
    def sentence(self) -> Sentence:
        """The sentence that was picked."""
        return self.candidate.sentence

    @property
    def shown(self) -> Sentence:
        """What is quoted: the sentence, and with it the one before when it opens with a pronoun.

        “He said …” is no answer for a reader who cannot see who. The two are one run of the article, so they are one
        quotation with one citation, and nobody can lose the half that carries the name.
        """
        before, sentence = self.candidate.before, self.sentence
        if before is None or not is_dangling(sentence) or not is_statement(before):
            return sentence
        return replace(before, span=sentence.article.span(before.span.start, sentence.span.end))


@lru_cache(maxsize=1)
def fitted() -> dict[str, Any]:
    """The coefficients and thresholds of ``answering.json``, with where they come from."""
    content: dict[str, Any] = json.loads(Path(__file__).with_name("answering.json").read_text(encoding="utf-8"))
    return content


def candidates_of(hits: Sequence[Hit]) -> tuple[Candidate, ...]:
    """The sentences of some hits, each once, those of the best hit first."""
    sentences = {sentence.span: sentence for sentence in sentences_of(hits)}
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    found: dict[Span, Candidate] = {}
    for rank, hit in enumerate(hits):
        row = [sentences[span] for span in hit.passage.sentences]
        for index, sentence in enumerate(row):
            candidate = Candidate(
                sentence=sentence,
                before=row[index - 1] if index else None,
                after=row[index + 1] if index + 1 < len(row) else None,
                rank=rank,
                share=hit.score / best,
            )
            found.setdefault(sentence.span, candidate)
    return tuple(found.values())


def rank(question: Question, hits: Sequence[Hit]) -> list[Pick]:
    """Every sentence of the hits with its score, best first; equal ones in the order of the hits.

    Args:
        question: From :func:`toolkit.language.questions.read_question`.
        hits: What was retrieved, best first.
    """
    candidates = candidates_of(hits)
    coefficients: dict[str, float] = fitted()["picker"]["coefficients"]
    picks = [
        Pick(candidate=candidate, score=sum(c * features[n] for n, c in coefficients.items()), features=features)
        for candidate, features in zip(candidates, describe(question, candidates), strict=True)
    ]
    return sorted(picks, key=lambda pick: -pick.score)


def choose(question: Question, ranked: Sequence[Pick], margin: float | None = None) -> list[Pick]:
    """What is shown: the best sentence, and those that come near it and add something.

    Headings, captions and questions are passed over. Of copies, the one published first is taken. A further sentence
    is shown when its odds are near the best one's (``margin`` in ``answering.json``), it has what the question wants,
    and it brings a name or a number that those before it do not, or comes from another article.

    Args:
        question: What was asked.
        ranked: From :func:`rank`.
        margin: How much less than the best one's a further sentence's score may be; None: as fitted.

    Returns:
        At most ``ANSWER_SENTENCES``, best first, and one more when a sentence says otherwise than they do.
    """
    reach: float = fitted()["picker"]["margin"] if margin is None else margin
    statements = [pick for pick in ranked if is_statement(pick.sentence)]
    # Who will not is told by a sentence that denies, however well another one fits.
    if _denies(question.text):
        statements = [p for p in statements if denied(p.sentence.tokens) & question.keys] or statements
    chosen: list[Pick] = []
    for pick in statements:
        if len(chosen) == ANSWER_SENTENCES or pick.score < statements[0].score - reach:
            break
        if any(_same_place(pick, one) or _told_by(question, pick, one) for one in chosen):
            continue
        if not chosen or (pick.features["kind"] >= chosen[0].features["kind"] and _adds(question, pick, chosen)):
            chosen.append(_first_published(pick, statements))
    return [*chosen, *other_side(question, chosen, statements)]


def other_side(question: Question, chosen: Sequence[Pick], statements: Sequence[Pick]) -> list[Pick]:
    """A sentence that says otherwise than a chosen one: it is no repetition, and may be the news.

    The latest one, when it is later than all of the chosen that it says otherwise than; else the best, unless the
    chosen say otherwise than each other already. Of copies it is the first: what an old figure is printed in again
    today is not the newer one.
    """
    others = [
        (_first_published(pick, statements), kind, one)
        for pick in statements
        if not any(pick.sentence.span.overlaps(one.shown.span) for one in chosen)
        for one in chosen
        if (kind := says_otherwise(question, pick.sentence, one.sentence)) is not None
    ]
    shown = {
        id(one)
        for pair in itertools.combinations(chosen, 2)
        if says_otherwise(question, pair[0].sentence, pair[1].sentence)
        for one in pair
    }
    older = [one for one in chosen if id(one) in shown or any(one is rival for _, _, rival in others)]
    later = [pick for pick, _, _ in others if all(is_later(pick.sentence, one.sentence) for one in older)]
    if later:
        latest = later[0]
        for pick in later[1:]:
            latest = pick if is_later(pick.sentence, latest.sentence) else latest
        return [latest]
    return [] if shown else [pick for pick, kind, _ in others if kind != "time"][:1]


def describe(question: Question, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
    """The features of every candidate.

    All but ``passage`` depend on nothing but the words and the bundled static vectors, whatever embedding the library
    searches with: else the coefficients would mean something else for every embedding.

    * ``meaning``: share of the question's words that the sentence has, weighted by rarity among the candidates; a word
      that it lacks counts by the cosine of the nearest word that it has.
    * ``doing``: the same for the words that are not names.
    * ``around``: weight of the words that it lacks and its neighbours or its title have.
    * ``similarity``: cosine of the question's and the sentence's vectors.
    * ``passage``: its passage's score as a share of the best one's.
    * ``kind``: 1 when it has what the question wants, 0 when not; 0.5 when that cannot be told.
    * ``focus``: cosine of the noun asked for (“what city”) and the nearest word that the question does not have.
    * ``order``: share of the question's neighbouring words that are near each other here, in this order.
    * ``length``: natural logarithm of one more than its number of words.
    * ``dangling``: 1 when it opens with a pronoun.
    * ``denied``: 1 when it denies what the question takes as said.
    * ``undenied``: 1 when the question denies (“what did he not say”) and the sentence does not.
    * ``told``: share of the question that its passage and title have, as ``meaning`` but unweighted by rarity, and less
      for what stands in another sentence.
    * ``about``: cosine of the question's and the passage's vectors.
    """
    if not candidates or not question.tokens:
        return [dict.fromkeys(FEATURES, 0.0) for _ in candidates]
    weights = rarity(question, candidates)
    cosine = _Cosines(question, candidates)
    found = [_matches(question, candidate.sentence.tokens, cosine) for candidate in candidates]
    passages: dict[int, list[float]] = {}
    for candidate, match in zip(candidates, found, strict=True):
        so_far = passages.setdefault(candidate.rank, [0.0] * len(match))
        passages[candidate.rank] = [max(pair) for pair in zip(so_far, match, strict=True)]
    rows = zip(candidates, found, cosine.sentences, map(_keys_around, candidates), strict=True)
    return [
        {
            **_features(question, candidate, match, near, weights, cosine),
            "similarity": similarity,
            "told": _told(question, match, near, passages[candidate.rank]),
            "about": cosine.passages[candidate.rank],
        }
        for candidate, match, similarity, near in rows
    ]


def _features(
    question: Question,
    candidate: Candidate,
    match: Sequence[float],
    near: Set[str],
    weights: Mapping[str, float],
    cosine: _Cosines,
) -> dict[str, float]:
    tokens = candidate.sentence.tokens
    matched = list(zip(question.tokens, match, strict=True))
    doing = [(token, found) for token, found in matched if not token.name]
    telling = question.wanted not in (None, "thing")
    return {
        "meaning": _share(matched, weights),
        "doing": _share(doing, weights),
        "around": _share([(t, float(found < 1.0 and t.key in near)) for t, found in matched], weights),
        "passage": candidate.share,
        "kind": float(bool(kind_places(question, tokens))) if telling else 0.5,
        "focus": cosine.focus(tokens, weights),
        "order": _order(question, tokens),
        "length": math.log(1 + len(tokens)),
        "dangling": float(is_dangling(candidate.sentence)),
        "denied": float(not denied(question.tokens) and bool(denied(tokens) & {t.key for t, _ in doing})),
        "undenied": float(_denies(question.text) and not _denies(candidate.sentence.text)),
    }


@lru_cache(maxsize=8192)
def _denies(text: str) -> bool:
    return any(
        (token.word in lexicon.NEGATORS and not token.name) or token.key in lexicon.DENIALS for token in tokenize(text)
    )


def rarity(question: Question, candidates: Sequence[Candidate]) -> dict[str, float]:
    """Weights of the question's keys: inverse sentence frequency among the candidates, names and numbers half more."""
    counts: Counter[str] = Counter()
    for candidate in candidates:
        counts.update({token.key for token in candidate.sentence.tokens})
    return {
        token.key: math.log(1 + (len(candidates) + 1) / (counts[token.key] + 1)) * _weight(token)
        for token in question.tokens
    }


def _weight(token: Token) -> float:
    return thresholds.ASKED_NAME_WEIGHT if token.name or token.value is not None else 1.0


def _share(matched: Iterable[tuple[Token, float]], weights: Mapping[str, float]) -> float:
    pairs = [(weights[token.key], found) for token, found in matched]
    total = sum(weight for weight, _ in pairs)
    return sum(weight * found for weight, found in pairs) / total if total else 0.0


def _matches(question: Question, tokens: Sequence[Token], cosine: _Cosines) -> list[float]:
    """For each word of the question 1 when it is there, else the cosine of the nearest word, at least 0."""
    keys = {token.key for token in tokens}
    nearest = cosine.nearest(tokens)
    return [1.0 if token.key in keys else near for token, near in zip(question.tokens, nearest, strict=True)]


def _told(question: Question, match: Sequence[float], near: Set[str], passage: Sequence[float]) -> float:
    elsewhere = [max(found, float(t.key in near)) for t, found in zip(question.tokens, passage, strict=True)]
    best = [max(here, thresholds.TOLD_ELSEWHERE * there) for here, there in zip(match, elsewhere, strict=True)]
    return _share(zip(question.tokens, best, strict=True), {token.key: _weight(token) for token in question.tokens})


class _Cosines:
    """Cosines of static vectors: of the question with passages and sentences, and of their words."""

    def __init__(self, question: Question, candidates: Sequence[Candidate]) -> None:
        words = {token.word for candidate in candidates for token in candidate.sentence.tokens if token.content}
        words.update(token.word for token in question.tokens)
        words.update([question.focus] if question.focus else [])
        self._row = {word: row for row, word in enumerate(sorted(words))}
        runs: dict[int, list[Sentence]] = {}
        for candidate in candidates:
            runs.setdefault(candidate.rank, []).append(candidate.sentence)
        texts = [" ".join(sentence.text for sentence in run) for run in runs.values()]
        texts += [candidate.sentence.text for candidate in candidates]
        vectors = word_vectors(list(self._row))
        asked_and_texts = StaticEmbedding().embed([question.text, *texts])
        whole: list[float] = (asked_and_texts[1:] @ asked_and_texts[0]).tolist()
        self.passages = dict(zip(runs, whole, strict=False))
        self.sentences = whole[len(runs) :]
        asked = vectors[[self._row[token.word] for token in question.tokens]]
        self._near: np.ndarray = vectors @ asked.T
        self._focus: np.ndarray | None = None
        if question.focus:
            self._focus = vectors @ vectors[self._row[question.focus]]

    def nearest(self, tokens: Sequence[Token]) -> list[float]:
        """For each word of the question, the cosine of the nearest of these words, at least 0."""
        rows = [self._row[token.word] for token in tokens if token.content]
        if not rows:
            return [0.0] * self._near.shape[1]
        best: list[float] = self._near[rows].max(axis=0).clip(0, 1).tolist()
        return best

    def focus(self, tokens: Sequence[Token], asked: Mapping[str, float]) -> float:
        """The cosine of the noun asked for and the nearest word that the question does not have, at least 0."""
        rows = [self._row[token.word] for token in tokens if token.content and token.key not in asked]
        return max(0.0, float(self._focus[rows].max())) if self._focus is not None and rows else 0.0


def _keys_around(candidate: Candidate) -> Set[str]:
    neighbours = (candidate.before, candidate.after)
    texts = (candidate.sentence.article.title or "", *(one.text for one in neighbours if one is not None))
    return candidate.sentence.context.union(*map(_keys, texts))


@lru_cache(maxsize=8192)
def _keys(text: str) -> frozenset[str]:
    return frozenset(token.key for token in tokenize(text))


def _order(question: Question, tokens: Sequence[Token]) -> float:
    pairs = list(zip(question.tokens, question.tokens[1:], strict=False))
    places: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        places.setdefault(token.key, []).append(index)
    near = sum(
        any(
            0 < j - i <= thresholds.NEIGHBOURING_WORDS
            for i in places.get(first.key, ())
            for j in places.get(second.key, ())
        )
        for first, second in pairs
    )
    return near / len(pairs) if pairs else 0.0


def is_statement(sentence: Sentence) -> bool:
    """Not a heading, a caption, a question or an order to a machine: ends like a sentence and has one's length."""
    if addresses_machine(sentence.text):
        return False
    text = sentence.text.rstrip("\"'”’»)] ")
    return _FEWEST_WORDS <= len(sentence.tokens) <= _MOST_WORDS and text.endswith((".", "!", "。", "…", "！"))


def is_dangling(sentence: Sentence) -> bool:
    """Whether a sentence opens with a pronoun, or a word that leans on the sentence before."""
    return bool(sentence.tokens) and sentence.tokens[0].word in _DANGLING


def _content(sentence: Sentence) -> set[str]:
    return {token.key for token in sentence.tokens if token.content}


def repeats(sentence: Sentence, other: Sentence) -> bool:
    """Whether a sentence says little that the other does not."""
    mine, theirs = _content(sentence), _content(other)
    smaller = min(len(mine), len(theirs))
    return not smaller or len(mine & theirs) >= thresholds.REPEATED_WORDS * smaller


def _first_published(pick: Pick, ranked: Sequence[Pick]) -> Pick:
    """The earliest copy of a sentence; the same one when no copy is known to be earlier.

    What has another name, number, day or denial is no copy: a toll's first report is outdated.
    """
    mine, telling = _content(pick.sentence), _telling(pick.sentence)
    first = pick
    for other in ranked:
        theirs = _content(other.sentence)
        same = len(mine & theirs) >= thresholds.COPIED_SENTENCE * len(mine | theirs)
        if same and _earlier(other.sentence, first.sentence) and _telling(other.sentence) == telling:
            first = other
    return first


def _telling(sentence: Sentence) -> tuple[Set[str], Set[str]]:
    """What makes another statement of the same words: the names, numbers and days; and what is denied."""
    days = (*lexicon.MONTHS, *lexicon.WEEKDAYS)
    told = {t.key for t in sentence.tokens if t.name or t.value is not None or (t.content and t.word in days)}
    return told, denied(sentence.tokens)


def _earlier(one: Sentence, other: Sentence) -> bool:
    """Whether an article is known to have come out first; one with a date, before one without."""
    return is_later(other, one) or (one.article.published is not None and other.article.published is None)


def _told_by(question: Question, pick: Pick, other: Pick) -> bool:
    """Whether a pick is told already: not where it states of what is asked what the other one denies."""
    one, two = pick.sentence, other.sentence
    if not repeats(one, two) or tells_of_another(one, two):
        return False
    return (denied(one.tokens) ^ denied(two.tokens)).isdisjoint(question.keys & _content(one) & _content(two))


def _same_place(pick: Pick, other: Pick) -> bool:
    return pick.shown.span.overlaps(other.shown.span)


def _adds(question: Question, pick: Pick, chosen: Sequence[Pick]) -> bool:
    told = {token.key for one in chosen for token in one.sentence.tokens} | question.keys
    new = any((token.name or token.value is not None) and token.key not in told for token in pick.sentence.tokens)
    return new or all(pick.sentence.article.id != one.sentence.article.id for one in chosen)
