"""Measures: what an answer is worth, one number at a time.

A measure is a function of one answer and its question. The built-in ones are documented with their source; a user's own
is any function:

    def short(answer, question):
        return len(answer.text) < 300

Measures of citation and of correctness belong side by side: see :mod:`toolkit.experiment.measures.citations`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from toolkit.errors import ArgumentError
from toolkit.experiment.measures import citations, costs, refusals, retrieval, wording
from toolkit.experiment.measures.base import Asked, Function, Kind, Measure, plain_text
from toolkit.experiment.measures.citations import citation_measures
from toolkit.experiment.measures.retrieval import hit_at, ndcg_at

__all__ = [
    "ASK",
    "BUILT_IN",
    "SUMMARIZE",
    "Asked",
    "Function",
    "Kind",
    "Measure",
    "citation_measures",
    "hit_at",
    "measure",
    "ndcg_at",
    "plain_text",
]

BUILT_IN: Mapping[str, Measure] = MappingProxyType(
    {m.name: m for module in (wording, citations, refusals, retrieval, costs) for m in module.MEASURES}
)
"""Every built-in measure by its name; ``hit@k`` and ``ndcg@k`` are made for any k by :func:`measure`."""

_COSTS = ("seconds", "prompt_tokens", "completion_tokens", "cost_usd")

ASK: tuple[str, ...] = (
    "answer_hit",
    "token_f1",
    "citation_recall",
    "citation_precision",
    "support_rate",
    "answer_rate",
    "refusal_recall",
    "refusal_precision",
    "refusal_f1",
    "gold_cited",
    "hit@5",
    "mrr",
    "ndcg@10",
    *_COSTS,
)
"""What experiments on questions measure unless told otherwise."""

SUMMARIZE: tuple[str, ...] = (
    "rouge1",
    "rouge2",
    "rougeL",
    "citation_recall",
    "citation_precision",
    "support_rate",
    "gold_cited",
    *_COSTS,
)
"""What experiments on summaries measure unless told otherwise."""

_AT = re.compile(r"(hit|ndcg)@([1-9]\d{0,3})")


def measure(given: str | Measure | Callable[..., bool | float | None]) -> Measure:
    """A measure by its name, or from a function.

    Args:
        given: A built-in name, ``hit@3``, ``ndcg@20``, a Measure, or a function of (answer, question). A function whose
            return annotation is ``bool`` is a rate, any other a mean of which more is better; for anything else make a
            :class:`Measure`.

    Raises:
        ArgumentError: No measure has that name, or it is neither a name nor a function, or a function of your own has
            the name of a built-in measure.

    Example:
        >>> measure("hit@3").kind
        'rate'
    """
    if isinstance(given, Measure):
        return _not_ours(given)
    if isinstance(given, str):
        if given in BUILT_IN:
            return BUILT_IN[given]
        if at := _AT.fullmatch(given):
            return (hit_at if at[1] == "hit" else ndcg_at)(int(at[2]))
        raise ArgumentError(f"no measure is called {given!r}; there are {', '.join(BUILT_IN)}, hit@k and ndcg@k")
    if not callable(given):
        raise ArgumentError(f"a measure is a name or a function of (answer, question), not {given!r:.60}")
    name = getattr(given, "__name__", type(given).__name__)
    if name == "<lambda>":
        raise ArgumentError(
            "a measure needs a name: use def, or Measure(name=..., function=lambda answer, question: ...)"
        )
    returns = getattr(given, "__annotations__", {}).get("return")
    doc = (getattr(given, "__doc__", None) or "").strip().partition("\n")[0]
    kind: Kind = "rate" if returns in (bool, "bool", "bool | None") else "mean"
    return _not_ours(Measure(name=name, function=given, kind=kind, doc=doc))


def _not_ours(given: Measure) -> Measure:
    """The measure, unless it has a built-in one's name: a replay bundle would take it for that one."""
    ours = BUILT_IN.get(given.name)
    if ours is not None and given.function is not ours.function:
        raise ArgumentError(f"{given.name!r} is a built-in measure: call your own something else")
    return given
