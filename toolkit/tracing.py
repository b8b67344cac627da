"""Spans for OpenTelemetry, named as OpenInference names them: ``retrieve``, ``call`` and ``align``.

They are made in programs that have imported ``opentelemetry`` and set it up, and nowhere else: without it a span is
nothing, and costs a look into a dictionary. Install ``citebook[tracing]``, set up a provider, and ask::

    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    trace.set_tracer_provider(TracerProvider())  # with the exporter of your choice

Spans hold names, counts, scores, tokens and costs. What was asked, what articles say and what a model wrote goes in
only where the environment variable ``CITEBOOK_TRACE_CONTENT`` is ``1``; a key never does. ``ask`` and ``summarize`` are
spans around the others, except for streams, whose calls outlive them.

Source of the names: OpenInference semantic conventions, https://github.com/Arize-ai/openinference/tree/main/spec
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from toolkit.settings import setting

if TYPE_CHECKING:
    from toolkit.types import Hit, Message, Usage

Kind = Literal["CHAIN", "RETRIEVER", "LLM", "EVALUATOR"]
Value = str | int | float | bool


class Traced:
    """An open span, or nothing.

    Args:
        span: OpenTelemetry's, or None for nothing.
    """

    __slots__ = ("_span", "content")

    def __init__(self, span: Any = None) -> None:
        self._span = span
        self.content = span is not None and setting("CITEBOOK_TRACE_CONTENT") == "1"
        """Whether texts are wanted."""

    def __bool__(self) -> bool:
        return self._span is not None

    def set(self, attributes: Mapping[str, Value | None]) -> None:
        """Add attributes; those that are None are left out."""
        if self._span is not None:
            self._span.set_attributes({name: value for name, value in attributes.items() if value is not None})

    def documents(self, query: str, hits: Sequence[Hit]) -> None:
        """Say what a search has found."""
        if self._span is None:
            return
        for number, hit in enumerate(hits):
            at = f"retrieval.documents.{number}.document"
            content = hit.passage.text if self.content else None
            self.set({f"{at}.id": hit.passage.id, f"{at}.score": float(hit.score), f"{at}.content": content})
        if self.content:
            self.set({"input.value": query, "input.mime_type": "text/plain"})

    def sent(self, messages: Sequence[Message]) -> None:
        """Say what a model is asked."""
        for number, message in enumerate(messages if self.content else ()):
            at = f"llm.input_messages.{number}.message"
            self.set({f"{at}.role": message.role, f"{at}.content": message.content})

    def replied(self, text: str, usage: Usage, finish_reason: str | None) -> None:
        """Say what it has replied."""
        self.set(
            {
                "llm.token_count.prompt": usage.prompt_tokens,
                "llm.token_count.completion": usage.completion_tokens,
                "llm.token_count.total": usage.prompt_tokens + usage.completion_tokens,
                "llm.cost.total": usage.cost_usd,
                "llm.finish_reason": finish_reason,
                "citebook.cached": usage.cached,
            }
        )
        if self.content:
            at = "llm.output_messages.0.message"
            self.set({f"{at}.role": "assistant", f"{at}.content": text})


_NOTHING = Traced()


@contextmanager
def span(
    name: str, kind: Kind, attributes: Mapping[str, Value] | None = None, *, current: bool = True
) -> Iterator[Traced]:
    """A span around the block.

    Args:
        name: What is done.
        kind: OpenInference's word for it.
        attributes: What is known of it beforehand.
        current: Whether spans that begin inside the block are its children. A generator must say no: what runs between
            two of its values is not inside the block.
    """
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        yield _NOTHING
        return
    given = {"openinference.span.kind": kind, **(attributes or {})}
    opened = api.get_tracer("citebook").start_span(name, attributes=given)
    try:
        if current:
            # An error's message may hold what a server or an article says, so only its kind goes into the span.
            with api.use_span(opened, record_exception=False, set_status_on_exception=False):
                yield Traced(opened)
        else:
            yield Traced(opened)
    except Exception as error:
        opened.set_status(api.StatusCode.ERROR, type(error).__name__)
        raise
    finally:
        opened.end()
