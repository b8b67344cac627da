"""What a run took."""

from __future__ import annotations

from toolkit.experiment.measures.base import Measure

MEASURES = (
    Measure(
        name="seconds",
        function=lambda answer, question: answer.seconds,
        kind="cost",
        higher_is_better=False,
        doc="wall-clock time of the call",
        unit="s",
    ),
    Measure(
        name="prompt_tokens",
        function=lambda answer, question: answer.usage.prompt_tokens,
        kind="cost",
        higher_is_better=False,
        doc="tokens that were sent to the model",
        unit="tokens",
    ),
    Measure(
        name="completion_tokens",
        function=lambda answer, question: answer.usage.completion_tokens,
        kind="cost",
        higher_is_better=False,
        doc="tokens that the model wrote",
        unit="tokens",
    ),
    Measure(
        name="cost_usd",
        function=lambda answer, question: answer.usage.cost_usd,
        kind="cost",
        higher_is_better=False,
        doc="price of the call; no score when the price is not known",
        unit="USD",
    ),
)
