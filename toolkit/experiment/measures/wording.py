"""Does the answer say what the right answer says? Measures on words alone."""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from toolkit.experiment.measures.base import Asked, Measure, plain_text, right_answers
from toolkit.types import CitedText

if TYPE_CHECKING:
    from collections.abc import Sequence

_SQUAD = "Rajpurkar et al. 2016, SQuAD (EMNLP)"
_LIN = "Lin 2004, ROUGE (Text Summarization Branches Out); Google's rouge-score, with stemming"
_ARTICLES = frozenset(("a", "an", "the"))


@lru_cache(maxsize=50_000)
def normalized(text: str) -> tuple[str, ...]:
    """The words that two answers are compared by: SQuAD's normalisation.

    Lower case, without punctuation and without the articles a, an and the. Typographic quotes, dashes and the like
    count as punctuation too, which the original, made for ASCII, leaves in.
    """
    lowered = text.lower()
    if lowered.isascii():
        kept = lowered.translate(_NO_PUNCTUATION)
    else:
        kept = "".join(c for c in lowered if c not in string.punctuation and unicodedata.category(c)[0] != "P")
    return tuple(word for word in kept.split() if word not in _ARTICLES)


_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def _gold(question: Asked) -> list[tuple[str, ...]]:
    return [words for answer in right_answers(question) if (words := normalized(answer))]


def _answer_hit(answer: CitedText, question: Asked) -> bool | None:
    gold = _gold(question)
    if not gold:
        return None
    said = f" {' '.join(normalized(plain_text(answer)))} "
    return any(f" {' '.join(words)} " in said for words in gold)


def _exact_match(answer: CitedText, question: Asked) -> bool | None:
    gold = _gold(question)
    return normalized(plain_text(answer)) in gold if gold else None


def f1(said: Sequence[str], gold: Sequence[str]) -> float:
    """Harmonic mean of precision and recall of words, each counted as often as it stands."""
    common = (Counter(said) & Counter(gold)).total()
    return 2 * common / (len(said) + len(gold)) if common else 0.0


def _token_f1(answer: CitedText, question: Asked) -> float | None:
    gold = _gold(question)
    said = normalized(plain_text(answer))
    return max(f1(said, words) for words in gold) if gold else None


@lru_cache(maxsize=1)
def _scorer() -> Any:
    from nltk.stem.porter import PorterStemmer
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.tokenize import tokenize

    # What use_stemmer=True does; but every word is stemmed once, which is nearly all of the time that ROUGE takes.
    stem = lru_cache(maxsize=50_000)(PorterStemmer().stem)
    words = SimpleNamespace(tokenize=lambda text: tokenize(text, SimpleNamespace(stem=stem)))
    return RougeScorer(list(ROUGE), tokenizer=words)


@lru_cache(maxsize=20_000)
def _rouges(references: tuple[str, ...], text: str) -> dict[str, float]:
    """All three at once, and once for all three; of several references the one that fits best, for each."""
    scores = _scorer().score_multi(list(references), text)
    return {name: float(score.fmeasure) for name, score in scores.items()}


def _rouge(name: str) -> Callable[[CitedText, Asked], float | None]:
    def rouge(answer: CitedText, question: Asked) -> float | None:
        references = right_answers(question)
        return _rouges(references, plain_text(answer))[name] if references else None

    return rouge


ROUGE = {
    "rouge1": "F1 of words with a reference",
    "rouge2": "F1 of pairs of neighbouring words with a reference",
    "rougeL": "F1 of the longest common subsequence of words with a reference",
}

MEASURES = (
    Measure(
        name="answer_hit",
        function=_answer_hit,
        kind="rate",
        doc="a right answer stands in the answer, word for word; a refusal of an answerable question is a miss",
        source=f"{_SQUAD}, its normalisation; Gao et al. 2023, ALCE's STR-EM",
    ),
    Measure(
        name="exact_match",
        function=_exact_match,
        kind="rate",
        doc="the answer is a right answer and nothing else",
        source=_SQUAD,
    ),
    Measure(
        name="token_f1",
        function=_token_f1,
        kind="share",
        doc="F1 of words with the nearest right answer: half missing or half too much counts",
        source=_SQUAD,
    ),
    *(Measure(name=name, function=_rouge(name), kind="share", doc=doc, source=_LIN) for name, doc in ROUGE.items()),
)
