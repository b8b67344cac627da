"""The writer that needs no model: it picks sentences that answer, or that sum up, and changes none of them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit import lexicon
from toolkit.agreement import denied
from toolkit.align import Sentence
from toolkit.words import Token, stem, tokenize

if TYPE_CHECKING:
    import numpy as np

ANSWER_SENTENCES = 3
"""Sentences that an extractive answer has at most."""

ENOUGH_COVERAGE = 0.5
"""Share of the question's content that a sentence, with its passage's title, must hold to answer it."""

NEAR_BEST = 0.72
"""Share of the best sentence's score that a further one must reach to be shown beside it."""

SAME_NAME = 0.85
"""Similarity (Ratcliff and Obershelp, difflib) from which two spellings are one name."""

REPEATS = 0.6
"""Share of shared content words from which a sentence repeats another."""

_FEWEST_WORDS, _MOST_WORDS = 5, 70
_TELLING_WORDS = 12
_DANGLING = frozenset(
    "he she it they his her its their this that these those but and however also so then still yet or".split()
)
_WANTED = {
    "who": "person", "whom": "person", "whose": "person", "when": "date", "where": "place", "how many": "number",
    "how much": "number", "how long": "number", "how old": "number", "how far": "number", "how often": "number",
}  # fmt: skip
_WANTED_BY_NOUN = {
    "country": "country", "nation": "country", "state": "country", "person": "person", "leader": "person",
    "minister": "person", "president": "person", "official": "person", "spokesman": "person",
    "year": "date", "day": "date", "date": "date", "month": "date",
    "time": "date", "number": "number", "percentage": "number", "amount": "number", "city": "place", "place": "place",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a question asks for.

    Attributes:
        text: As asked.
        tokens: Its content words, names and numbers.
        wanted: What an answer must name: ``person``, ``country``, ``place``, ``date``, ``number``, ``speech`` or None.
    """

    text: str
    tokens: tuple[Token, ...]
    wanted: str | None

    @property
    def names(self) -> tuple[Token, ...]:
        """The names and years that an answer's sources must know."""
        return tuple(token for token in self.tokens if token.name or _is_year(token))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """A sentence and how well it serves: higher is better, comparable within one call."""

    sentence: Sentence
    score: float
    coverage: float


def read_question(text: str) -> Question:
    """Find a question's content words and what kind of answer it wants."""
    tokens = tokenize(text)
    words = " ".join(token.word for token in tokens)
    wanted = next((kind for opening, kind in _WANTED.items() if re.search(rf"^(?:\w+ )?{opening}\b", words)), None)
    noun = re.search(r"\b(?:which|what)(?: \w+)? (\w+)", words)
    for candidate in re.findall(r"\b(?:which|what) (\w+)(?: (\w+))?", words)[:1] if noun else ():
        for word in candidate:
            singular = re.sub("ie$", "y", word.removesuffix("s"))
            wanted = wanted or _WANTED_BY_NOUN.get(singular)
    if not wanted and re.search(r"\bwhat (?:did|does|do|has|have|is|was) .*\b(?:say|said|tell|told|saying)\b", words):
        wanted = "speech"
    content = tuple(t for t in tokens if t.content)
    telling = tuple(t for t in content if t.word not in lexicon.QUESTION_VERBS)
    return Question(text=text, tokens=telling or content, wanted=wanted)


def unknown_names(question: Question, sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """The question's names and years that nothing retrieved mentions.

    A year may be the publication's, and a name may be spelt a little differently ("Zelensky", "Zelenskyy").
    """
    known: set[str] = set()
    for article in {sentence.article.id: sentence.article for sentence in sentences}.values():
        known.update(token.key for token in tokenize(article.title or ""))
        known.update(token.key for token in tokenize(article.publisher or ""))
        if article.published is not None:
            known.add(f"#{article.published.year}")
    known.update(token.key for sentence in sentences for token in sentence.tokens)
    unknown = [
        token
        for token in question.names
        if token.key not in known
        and (token.value is not None or not get_close_matches(token.key, known, n=1, cutoff=SAME_NAME))
    ]
    return tuple(dict.fromkeys(_whole_name(question, token) for token in unknown))


def _whole_name(question: Question, part: Token) -> str:
    """The name that a word is part of, as the question writes it: “World Cup” for “Cup”."""
    start, end = part.start, part.end
    for token in question.names if part.name else ():
        if token.name and question.text[token.end : start] == " ":
            start = token.start
        elif token.name and question.text[end : token.start] == " ":
            end = token.end
    return question.text[start:end]


def answer_sentences(question: Question, sentences: Sequence[Sentence], similarity: np.ndarray) -> list[Pick]:
    """The sentences that answer best.

    Args:
        question: From :func:`read_question`.
        sentences: Candidates, those of the best passage first.
        similarity: Shape ``(len(sentences),)``: cosine of the question's and each sentence's vector.

    Returns:
        At most ``ANSWER_SENTENCES`` picks, best first, none repeating another. Empty when none of them covers
        ``ENOUGH_COVERAGE`` of what was asked.
    """
    weights = _rarity(question, sentences)
    asked = {token.key for token in question.tokens if not token.name}
    picks = []
    for position, sentence in enumerate(sentences):
        if not _is_statement(sentence):
            continue
        coverage = _coverage(weights, sentence)
        kind = _names_wanted(question, sentence)
        nearness = 1.0 - position / max(1, len(sentences))
        turned = 0.2 if denied(sentence.tokens) & asked and not denied(question.tokens) else 0.0
        score = 0.55 * coverage + 0.2 * kind + 0.2 * float(similarity[position]) + 0.05 * nearness - turned
        picks.append(Pick(sentence=sentence, score=score, coverage=coverage))
    picks.sort(key=lambda pick: -pick.score)
    if not picks or max(pick.coverage for pick in picks[:ANSWER_SENTENCES]) < ENOUGH_COVERAGE:
        return []
    chosen: list[Pick] = []
    for pick in picks:
        if len(chosen) == ANSWER_SENTENCES or pick.score < NEAR_BEST * picks[0].score:
            break
        if pick.coverage >= ENOUGH_COVERAGE and not any(_repeats(pick.sentence, c.sentence) for c in chosen):
            chosen.append(pick)
    return chosen


def summary_sentences(
    query: str | None, sentences: Sequence[Sentence], vectors: np.ndarray, about: np.ndarray | None, most: int
) -> list[Pick]:
    """The sentences that sum up best, by maximal marginal relevance over centrality, position and the query.

    Centrality is the mean cosine of a sentence with all others (LexRank's degree, Erkan and Radev 2004); redundancy is
    removed as by Carbonell and Goldstein (1998).

    Args:
        query: What the summary is about; None for all of it.
        sentences: Candidates.
        vectors: Shape ``(len(sentences), d)``, rows of length one.
        about: The query's vector, shape ``(d,)``; None without a query.
        most: Sentences to pick at most.

    Returns:
        The picks, in order of publication and position.
    """
    import numpy as np

    usable = [i for i, s in enumerate(sentences) if _is_statement(s) and s.tokens[0].word not in _DANGLING]
    if not usable:
        return []
    rows = vectors[usable]
    centrality = (rows @ rows.T).mean(axis=1)
    asked = read_question(query) if query else None
    weights = _rarity(asked, sentences) if asked else {}
    scores = []
    for row, index in enumerate(usable):
        sentence = sentences[index]
        lead = 1.0 / (1.0 + sentence.span.start / 400)
        told = min(1.0, sum(token.content for token in sentence.tokens) / _TELLING_WORDS)
        score = 0.6 * float(centrality[row]) + 0.2 * lead + 0.2 * told
        if asked and about is not None:
            score += 0.3 * _coverage(weights, sentence) + 0.3 * float(rows[row] @ about)
        scores.append(score)
    chosen: list[int] = []
    base = np.array(scores)
    while len(chosen) < min(most, len(usable)):
        redundancy = (rows @ rows[chosen].T).max(axis=1) if chosen else np.zeros(len(usable))
        gain = base - 0.3 * redundancy
        for row, index in enumerate(usable):
            if row in chosen or any(_repeats(sentences[index], sentences[usable[c]]) for c in chosen):
                gain[row] = -math.inf
        best = int(gain.argmax())
        if gain[best] == -math.inf:
            break
        chosen.append(best)
    picks = [Pick(sentence=sentences[usable[row]], score=scores[row], coverage=0.0) for row in chosen]
    return sorted(picks, key=lambda p: (p.sentence.article.date or "", p.sentence.article.id, p.sentence.span.start))


def _rarity(question: Question, sentences: Sequence[Sentence]) -> dict[str, float]:
    """Weights of the question's keys: inverse sentence frequency among the candidates, names and numbers half more."""
    counts: Counter[str] = Counter()
    for sentence in sentences:
        counts.update({token.key for token in sentence.tokens})
    weights: dict[str, float] = {}
    for token in question.tokens:
        weight = math.log(1 + (len(sentences) + 1) / (counts[token.key] + 1))
        weights[token.key] = weight * (1.5 if token.name or token.value is not None else 1.0)
    return weights


def _coverage(weights: dict[str, float], sentence: Sentence) -> float:
    """Share of the question that a sentence holds; the title and the names before it count half."""
    keys = {token.key for token in sentence.tokens}
    around = {token.key for token in tokenize(sentence.article.title or "")} | sentence.context
    gained = sum(w if key in keys else 0.5 * w if key in around else 0.0 for key, w in weights.items())
    total = sum(weights.values())
    return gained / total if total else 0.0


def _names_wanted(question: Question, sentence: Sentence) -> float:
    """Whether a sentence names what the question wants and does not itself say: 0 or 1; 0.5 when nothing is wanted."""
    if question.wanted is None:
        return 0.5
    asked = {token.key for token in question.tokens}
    new = [token for token in sentence.tokens if token.key not in asked]
    countries = {token.key for token in new if token.name and token.key in _country_keys()}
    found = {
        "country": len(countries) >= 2 or bool(countries and len(new) < 12),
        "person": any(t.name and t.key not in countries for t in new),
        "place": any(t.name for t in new),
        "date": any(t.word in lexicon.MONTHS or t.word in lexicon.WEEKDAYS or _is_year(t) for t in new if t.content),
        "number": any(t.value is not None for t in new),
        "speech": any(t.key in ("say", "tell", "speak") for t in sentence.tokens),
    }
    return float(found[question.wanted])


@lru_cache(maxsize=1)
def _country_keys() -> frozenset[str]:
    return frozenset(stem(name) for name in lexicon.DEMONYMS.values() if name not in lexicon.CONTINENTS) | {"uk", "usa"}


def _is_year(token: Token) -> bool:
    return token.value is not None and 1000 <= token.value <= 2100


def _is_statement(sentence: Sentence) -> bool:
    """Not a heading, a caption or a question: ends like a sentence and has a sentence's length."""
    text = sentence.text.rstrip("\"'”’»)] ")
    return _FEWEST_WORDS <= len(sentence.tokens) <= _MOST_WORDS and text.endswith((".", "!", "。", "…", "！"))


def _repeats(sentence: Sentence, other: Sentence) -> bool:
    mine = {token.key for token in sentence.tokens if token.content}
    theirs = {token.key for token in other.tokens if token.content}
    smaller = min(len(mine), len(theirs))
    return not smaller or len(mine & theirs) >= REPEATS * smaller
