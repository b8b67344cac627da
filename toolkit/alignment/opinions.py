"""Second opinions on a claim: what a language model or an entailment model says of it.

An opinion can take trust away and never adds any: alignment decides what is cited, and an opinion that disagrees
lowers a ``quoted`` or ``supported`` claim to ``partly``. Every opinion is kept with the claim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from toolkit import thresholds
from toolkit.errors import ArgumentError, ModelError
from toolkit.types import Claim, Hit, Opinion, Verdict

if TYPE_CHECKING:
    from toolkit.models import Model
    from toolkit.prompts import Prompt

Entailment = Callable[[Sequence[tuple[str, str]]], Sequence[Mapping[str, float]]]
"""Pairs of (premise, hypothesis) to probabilities by label: ``entailment``, ``neutral``, ``contradiction``."""

_WORDS: dict[str, Verdict] = {
    "yes": "supported",
    "supported": "supported",
    "contradict": "contradicted",
    "no": "unsupported",
    "not": "unsupported",
    "unsupported": "unsupported",
}
_LOWERED: dict[Verdict, Verdict] = {"quoted": "partly", "supported": "partly"}


def with_opinion(claim: Claim, opinion: Opinion) -> Claim:
    """The claim with one more opinion; a verdict that the opinion does not share is lowered, never raised."""
    verdict = claim.verdict
    if opinion.verdict != "supported":
        verdict = _LOWERED.get(verdict, verdict)
    return replace(claim, verdict=verdict, opinions=(*claim.opinions, opinion))


def model_opinion(claim: Claim, hits: Sequence[Hit], model: Model, prompt: Prompt) -> Opinion:
    """What a language model says of a claim, given what was cited, or the nearest passages when nothing was.

    Args:
        claim: As aligned.
        hits: What was retrieved, best first.
        model: Whom to ask.
        prompt: Has the inputs ``claim`` and ``passages``, and asks for ``yes``, ``no`` or ``contradicts``.

    Raises:
        ModelError: The reply is none of these words.
    """
    from toolkit.prompts import prompt_passages

    parameters: dict[str, Any] = dict(prompt.parameters)
    messages = prompt.render(claim=claim.text, passages=prompt_passages(_cited_first(claim, hits)))
    reply = model.chat(messages, **parameters)
    word = re.search(r"\b(yes\b|supported|contradict|no\b|not\b|unsupported)", reply.text.lower())
    if word is None:
        raise ModelError(f"{reply.model}: was asked for yes, no or contradicts and said {reply.text[:60]!r}")
    return Opinion(by=f"{reply.model} ({prompt.ref.name}@{prompt.ref.version})", verdict=_WORDS[word[1]])


def entailment_opinion(claim: Claim, hits: Sequence[Hit], nli: str | Entailment) -> Opinion:
    """What an entailment model says: its most certain label over the passages.

    Args:
        claim: As aligned.
        hits: What was retrieved, best first.
        nli: The name or folder of a sentence-transformers cross-encoder, or a function, see :data:`Entailment`.
    """
    judge = _cross_encoder(nli) if isinstance(nli, str) else nli
    by = nli if isinstance(nli, str) else getattr(nli, "__name__", "nli")
    rows = judge([(hit.passage.text, claim.text) for hit in _cited_first(claim, hits)])
    entailed = max(row["entailment"] for row in rows)
    denied = max(row["contradiction"] for row in rows)
    if entailed >= thresholds.ENTAILED and entailed >= denied:
        return Opinion(by=by, verdict="supported", score=round(entailed, 3))
    if denied >= thresholds.ENTAILED:
        return Opinion(by=by, verdict="contradicted", score=round(denied, 3))
    return Opinion(by=by, verdict="unsupported", score=round(1 - entailed, 3))


def _cited_first(claim: Claim, hits: Sequence[Hit], most: int = 3) -> list[Hit]:
    """The passages that hold the citations; the nearest ones when there are none."""
    cited = [hit for hit in hits if any(hit.passage.span.overlaps(c.span) for c in claim.citations)]
    return cited[:most] or list(hits[:most])


@lru_cache(maxsize=2)
def _cross_encoder(name: str) -> Entailment:
    from toolkit.models.encoders import cross_encoder

    encoder = cross_encoder(name, f"nli={name!r}", "nli")
    labels = [str(label).lower() for _, label in sorted(encoder.model.config.id2label.items())]
    if not {"entailment", "contradiction"} <= set(labels):
        raise ArgumentError(f"nli={name!r} knows {', '.join(labels)}; it must know entailment and contradiction")

    def judge(pairs: Sequence[tuple[str, str]]) -> list[Mapping[str, float]]:
        rows = encoder.predict(list(pairs), apply_softmax=True, show_progress_bar=False)
        return [dict(zip(labels, map(float, row), strict=True)) for row in rows]

    return cast("Entailment", judge)
