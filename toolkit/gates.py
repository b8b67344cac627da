"""The gates: what must hold before the articles count as speaking to a question.

Each gate has a name, and a threshold in ``answering.json`` with what it was fitted on. The first that fails gives the
reason of a refusal, in words that a reader understands. They hold for a model's answer as for a picked one: a true
sentence with its citation is still no answer when it speaks of something else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from difflib import get_close_matches
from typing import NamedTuple

from toolkit import thresholds
from toolkit.alignment.sentences import Sentence
from toolkit.extract import Pick, fitted
from toolkit.language.questions import STRICT, Question, may_hold_kind
from toolkit.language.stems import countries
from toolkit.language.words import Token, tokenize
from toolkit.types import Hit

_ASKS = {
    "date": ("when", "a date"),
    "number": ("for a number", "a number"),
    "money": ("for an amount of money", "one"),
}


class Refusal(NamedTuple):
    """A gate that failed.

    Attributes:
        gate: Its name: ``retrieval``, ``names``, ``coverage``, ``type``, ``relevance``.
        why: In a reader's words.
    """

    gate: str
    why: str

    @property
    def reason(self) -> str:
        """The two in one line, as :attr:`toolkit.types.Answer.reason` shows them."""
        return f"{self.gate}: {self.why}"


def failed_gate(
    question: Question, hits: Sequence[Hit], ranked: Sequence[Pick], shown: Sequence[Pick] | None = None
) -> Refusal | None:
    """The first gate that a question, what was found for it, and what would be shown do not pass.

    Args:
        question: What was asked.
        hits: What was retrieved.
        ranked: Every sentence of the hits, see :func:`toolkit.extract.rank`.
        shown: The sentences that would be shown or cited; None before anything is written. Then only the gates on
            what was found are tried: ``retrieval``, ``names`` and ``coverage``.

    Returns:
        The gate and why; None when all are passed.
    """
    needed: dict[str, float] = fitted()["gates"]["thresholds"]
    if not hits:
        return Refusal("retrieval", "nothing in the library matches the question")
    unknown = unknown_names(question, hits, ranked)
    if unknown:
        return Refusal("names", f"no passage that was found mentions {_listed(unknown)}")
    if not question.tokens:
        return Refusal("coverage", "the question has no word that could be looked for")
    if (told := max((pick.features["told"] for pick in ranked), default=0.0)) < needed["coverage"]:
        why = f"no passage that was found speaks to enough of the question{_missing(question, ranked)}"
        return Refusal("coverage", why + _against(told, needed["coverage"]))
    if (near := nearness(ranked)) < needed["retrieval"]:
        why = "what was found speaks of other things; the nearest passages are listed"
        return Refusal("retrieval", why + _against(near, needed["retrieval"]))
    return None if shown is None else _failed_by_shown(question, shown, needed)


def _failed_by_shown(question: Question, shown: Sequence[Pick], needed: dict[str, float]) -> Refusal | None:
    if not shown:
        return Refusal("relevance", "no sentence there can stand as an answer")
    score = answer_score(shown)
    if question.wanted in STRICT and score < needed["type"] and not has_kind(question, shown):
        asks, wanted = _ASKS[question.wanted]
        return Refusal("type", f"the question asks {asks}, and no sentence that speaks to it gives {wanted}")
    if evidence(shown)["undenied"]:
        return Refusal("relevance", "the question asks what is not so, and nothing that speaks to it denies anything")
    if score < needed["relevance"]:
        why = f"what the articles say nearest to the question does not answer it{_missing(question, shown)}"
        return Refusal("relevance", why + _against(score, needed["relevance"]))
    return None


def _against(score: float, needed: float) -> str:
    """A score and what it must be, for the end of a reason, with digits enough to tell the two apart."""
    digits = next((n for n in (2, 3, 4) if f"{score:.{n}f}" != f"{needed:.{n}f}"), 5)
    return f" (score {score:.{digits}f}, needed {needed:.{digits}f})"


def answer_score(picks: Sequence[Pick]) -> float:
    """How likely some sentences, from the passages they stand in, answer the question they were ranked for: 0 to 1.

    A logistic model of five numbers, each the best one among the sentences: their ``score``, ``similarity``, ``told``,
    ``about`` and ``undenied`` (see :func:`toolkit.extract.describe`). Fitted by ``benchmarks/fit_answers.py`` on
    questions asked of their own articles, against the same ones asked of other articles and against unanswerable ones;
    it is a probability only where a library gets about as many questions that it cannot answer.
    """
    if not picks:
        return 0.0
    model = fitted()["answered"]
    signals = evidence(picks)
    odds = model["intercept"] + sum(c * signals[name] for name, c in model["coefficients"].items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def evidence(picks: Sequence[Pick]) -> dict[str, float]:
    """What :func:`answer_score` looks at, by name."""
    return {
        "score": max(pick.score for pick in picks),
        **{name: max(pick.features[name] for pick in picks) for name in ("similarity", "told", "about")},
        "undenied": min(pick.features["undenied"] for pick in picks),
    }


def nearness(picks: Sequence[Pick]) -> float:
    """The best cosine of the question with a sentence or a passage."""
    return max((max(pick.features["similarity"], pick.features["about"]) for pick in picks), default=0.0)


def has_kind(question: Question, shown: Sequence[Pick]) -> bool:
    """Whether what is shown holds what the question wants, as far as signs can tell."""
    return any(may_hold_kind(question, pick.shown.tokens) for pick in shown)


def unknown_names(question: Question, hits: Sequence[Hit], ranked: Sequence[Pick]) -> tuple[str, ...]:
    """The question's names and years that nothing retrieved mentions.

    A year may be the publication's, and a name may be spelt a little differently ("Zelensky", "Zelenskyy").
    """
    there: set[Token] = {token for pick in ranked for token in pick.sentence.tokens}
    known: set[str] = set()
    for article in {hit.article.id: hit.article for hit in hits}.values():
        there.update(tokenize(article.title or ""), tokenize(article.publisher or ""))
        if article.published is not None:
            known.add(f"#{article.published.year}")
    known.update(token.key for token in there)
    words = {token.word for token in there} - countries()
    unknown = [token for token in question.names if token.key not in known and not _spelt_otherwise(token, words)]
    return tuple(dict.fromkeys(_whole_name(question, token) for token in unknown))


def _spelt_otherwise(name: Token, words: Set[str]) -> bool:
    """Whether a name is there in another spelling; a year is not, and Austria is not Australia."""
    if name.value is not None or name.key in countries():
        return False
    return bool(get_close_matches(name.word, words, n=1, cutoff=thresholds.ASKED_NAME_SPELLING))


def _whole_name(question: Question, part: Token) -> str:
    """The name that a word is part of, as the question writes it: “World Cup” for “Cup”."""
    start, end = part.start, part.end
    for token in question.names if part.name else ():
        if token.name and question.text[token.end : start] == " ":
            start = token.start
        elif token.name and question.text[end : token.start] == " ":
            end = token.end
    return question.text[start:end]


def _missing(question: Question, picks: Sequence[Pick]) -> str:
    """The question's words that the sentences, their neighbours and titles do not have: “; nothing there says …”."""
    said: set[str] = set()
    for pick in picks:
        candidate = pick.candidate
        rows: list[Sentence] = [one for one in (candidate.sentence, candidate.before, candidate.after) if one]
        said.update(token.key for sentence in rows for token in sentence.tokens)
        said.update(token.key for token in tokenize(pick.sentence.article.title or ""))
    words = [question.text[token.start : token.end] for token in question.tokens if token.key not in said]
    return f"; nothing there says {_listed(words[:4])}" if words else ""


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
