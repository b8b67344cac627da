"""How likely is it that the sources say what a claim says? A logistic model over a few readable features.

The coefficients lie in ``support.json`` beside this file, with the data, the date and the figures of the fit;
``benchmarks/fit_support.py`` writes it. The method is plain logistic regression (Cox 1958): every feature's coefficient
is the change of the log odds of support per unit of the feature.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from toolkit import thresholds
from toolkit.alignment.agreement import Comparison
from toolkit.language.words import Token

FEATURES = {
    "union": "share of the claim's content, by rarity, in the best three sentences of everything that was looked at",
    "order": "share of neighbouring content words of the claim that are neighbours in one sentence",
    "missing_names": "names of the claim that no sentence has, at most 3",
    "missing_numbers": "numbers of the claim that no sentence has, at most 3",
    "number": "if the cited sentences give a number otherwise: how far the rest of the claim agrees, squared",
    "date": "the same for a date that they give otherwise",
    "negation": "the same where one side denies what the other says",
}
"""The features of the model, in order, and what each one is."""

_MOST_MISSING = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportModel:
    """Coefficients and thresholds.

    Attributes:
        bias: Log odds when every feature is 0.
        coefficients: For every name in :data:`FEATURES`.
        supported: Probability from which a claim without a disagreement counts as supported.
        partly: Probability from which it counts as borne out in part.
    """

    bias: float
    coefficients: Mapping[str, float]
    supported: float
    partly: float

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability that the sources bear the claim out, 0 to 1."""
        odds = self.bias + sum(weight * features[name] for name, weight in self.coefficients.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


@lru_cache(maxsize=1)
def load_model() -> SupportModel:
    """The model that ships with the toolkit."""
    stored = json.loads(Path(__file__).with_name("support.json").read_text(encoding="utf-8"))
    return SupportModel(
        bias=stored["bias"],
        coefficients={name: stored["coefficients"][name] for name in FEATURES},
        supported=stored["thresholds"]["supported"]["score"],
        partly=stored["thresholds"]["partly"]["score"],
    )


@lru_cache(maxsize=50_000)
def rarity(word: str) -> float:
    """How much a word tells: about the number of word pieces that the bundled vocabulary needs for it.

    A vocabulary of 32,000 pieces holds frequent words whole and spells out rare ones, in order of frequency; the sum
    of the pieces' log ranks is a prior of rarity that needs no word list.

    Returns:
        About 1 for a common word, up to 2.5 for a rare one, a long number or a name of several pieces.
    """
    from toolkit.embeddings import word_pieces

    return min(thresholds.RAREST_WEIGHT, sum(math.log1p(piece) for piece in word_pieces(word)) / 8) or 1.0


def weights(claim: Sequence[Token]) -> tuple[float, ...]:
    """What each token of a claim counts in coverage; 0 for words without content."""
    return tuple(
        0.0 if not t.content else rarity(t.word) * (thresholds.NAME_WEIGHT if t.name or t.value is not None else 1.0)
        for t in claim
    )


def share_in_order(claim: Sequence[Token], sources: Sequence[Sequence[Token]]) -> float:
    """Share of the claim's neighbouring content words that stand so, or with one between, in one sentence."""
    keys = [token.key for token in claim if token.content]
    wanted = set(pairwise(keys))
    if not wanted:
        return 1.0 if any(token.key in keys for source in sources for token in source) else 0.0
    best = 0
    for source in sources:
        row = [token.key for token in source if token.content]
        best = max(best, len(wanted & {*pairwise(row), *zip(row, row[2:], strict=False)}))
    return best / len(wanted)


def best_union(masks: Sequence[int], values: Sequence[float], most: int = 3) -> float:
    """Share of the value that up to ``most`` of the masks hold together, chosen greedily.

    Args:
        masks: For each sentence, bit i set if it has the claim's content word i.
        values: What each content word counts.
        most: How many may be chosen.
    """
    total = sum(values)
    held = 0
    for _ in range(most):
        gains = {mask: _worth(mask & ~held, values) for mask in set(masks)}
        best = max(gains, key=lambda mask: gains[mask], default=0)
        if not gains or gains[best] <= 0:
            break
        held |= best
    return _worth(held, values) / total if total else 0.0


def _worth(mask: int, values: Sequence[float]) -> float:
    return sum(value for bit, value in enumerate(values) if mask >> bit & 1)


def features(
    claim: Sequence[Token], comparison: Comparison, *, union: float, order: float, everywhere: frozenset[str]
) -> dict[str, float]:
    """The features of one way to bear a claim out.

    Args:
        claim: Tokens of the claim.
        comparison: How the sentences to be cited stand to it.
        union: From :func:`best_union`.
        order: From :func:`share_in_order`.
        everywhere: Keys of the claim that any sentence has.
    """
    kinds = {d.kind for d in comparison.differences if d.source or d.kind == "negation"}
    close = comparison.agreement**2
    content = [token for token in claim if token.content]
    lost = [token for token in content if token.key not in everywhere and token.key not in comparison.covered]
    return {
        "union": max(union, comparison.coverage),
        "order": order,
        "missing_names": float(min(_MOST_MISSING, sum(token.name for token in lost))),
        "missing_numbers": float(min(_MOST_MISSING, sum(token.value is not None for token in lost))),
        **{kind: close * (kind in kinds) for kind in ("number", "date", "negation")},
    }
