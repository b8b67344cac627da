"""Spans, read back from OpenTelemetry's own memory: their names, what they hold, and what they never hold."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faulty_server import FaultyServer
from openinference.semconv.trace import DocumentAttributes, OpenInferenceSpanKindValues, SpanAttributes
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from toolkit import Article, FakeLLM, Library
from toolkit.errors import ModelError
from toolkit.models import resolve
from toolkit.types import Message

SAID = "Parliament approved the budget on Tuesday evening."
QUESTION = "What did parliament approve?"
KEY = "sk-proj-verysecret123456"

EXPORTER = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def _provider() -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(provider)


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CITEBOOK_TRACE_CONTENT", raising=False)
    EXPORTER.clear()


@pytest.fixture(scope="module")
def news() -> Iterator[Library]:
    with Library() as made:
        made.add(Article(text=SAID, id="budget"))
        yield made


def spans() -> dict[str, ReadableSpan]:
    found = EXPORTER.get_finished_spans()
    assert len({span.name for span in found}) == len(found)
    return {span.name: span for span in found}


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@pytest.mark.parametrize("verb", ["ask", "aask", "summarize"])
def test_a_call_is_a_tree_of_spans(news: Library, verb: str) -> None:
    llm = FakeLLM(SAID)
    if verb == "aask":
        asyncio.run(news.aask(QUESTION, llm=llm))
    else:
        getattr(news, verb)(QUESTION if verb == "ask" else "budget", llm=llm)
    found = spans()
    root = found.pop(verb.replace("aask", "ask"))
    assert set(found) == {"retrieve", "call", "align"}
    assert root.parent is None
    for span in found.values():
        assert span.parent is not None
        assert span.parent.span_id == root.context.span_id
    kinds = {name: attributes(span)[SpanAttributes.OPENINFERENCE_SPAN_KIND] for name, span in found.items()}
    assert kinds == {"retrieve": "RETRIEVER", "call": "LLM", "align": "EVALUATOR"}
    assert set(kinds.values()) <= {kind.value for kind in OpenInferenceSpanKindValues}


def test_what_the_spans_hold(news: Library) -> None:
    answer = news.ask(QUESTION, llm=FakeLLM(SAID))
    found = {name: attributes(span) for name, span in spans().items()}
    document = f"{SpanAttributes.RETRIEVAL_DOCUMENTS}.0"
    assert found["retrieve"][f"{document}.{DocumentAttributes.DOCUMENT_ID}"] == answer.hits[0].passage.id
    assert found["retrieve"][f"{document}.{DocumentAttributes.DOCUMENT_SCORE}"] == answer.hits[0].score
    call = found["call"]
    assert call[SpanAttributes.LLM_MODEL_NAME] == "fake"
    assert json.loads(call[SpanAttributes.LLM_INVOCATION_PARAMETERS]) == {"temperature": 0, "max_tokens": 200}
    assert call[SpanAttributes.LLM_TOKEN_COUNT_PROMPT] == answer.usage.prompt_tokens
    assert call[SpanAttributes.LLM_TOKEN_COUNT_COMPLETION] == answer.usage.completion_tokens
    assert call[SpanAttributes.LLM_COST_TOTAL] == 0.0
    assert call[SpanAttributes.LLM_FINISH_REASON] == "stop"
    assert found["align"]["citebook.claims.quoted"] == 1


def everything() -> str:
    return " ".join(span.to_json() for span in EXPORTER.get_finished_spans())


def test_texts_are_in_only_when_asked_for(news: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    news.ask(QUESTION, llm=FakeLLM(SAID))
    for text in ("Parliament", "parliament", "Tuesday", "article"):
        assert text not in everything()
    EXPORTER.clear()
    monkeypatch.setenv("CITEBOOK_TRACE_CONTENT", "1")
    news.ask(QUESTION, llm=FakeLLM(SAID))
    found = {name: attributes(span) for name, span in spans().items()}
    assert found["retrieve"][SpanAttributes.INPUT_VALUE] == QUESTION
    assert found["retrieve"]["retrieval.documents.0.document.content"] == SAID
    assert SAID in found["call"]["llm.input_messages.1.message.content"]
    assert found["call"]["llm.input_messages.1.message.role"] == "user"
    assert found["call"]["llm.output_messages.0.message.content"] == SAID


@pytest.mark.parametrize("way", ["chat", "stream", "achat", "astream"])
def test_every_way_of_calling_is_one_span(way: str) -> None:
    with FaultyServer() as server:
        model = resolve(server.url + "#m", api_key=KEY)
        assert model is not None
        reply(model, way)
        call = attributes(spans()["call"])
        assert call[SpanAttributes.LLM_TOKEN_COUNT_TOTAL] == 12 + 6
        assert KEY not in everything()
        model.close()


def reply(model: Any, way: str) -> None:
    asked = [Message(role="user", content="Q?")]

    async def wait() -> None:
        if way == "achat":
            await model.achat(asked)
        else:
            async for _ in model.astream(asked):
                assert not trace.get_current_span().is_recording()  # what the reader does is not inside the call

    if way == "chat":
        model.chat(asked)
    elif way == "stream":
        for _ in model.stream(asked):
            assert not trace.get_current_span().is_recording()
    else:
        asyncio.run(wait())


@pytest.mark.parametrize("way", ["chat", "stream", "achat", "astream"])
def test_an_error_is_told_by_its_kind_only(way: str) -> None:
    with FaultyServer() as server:
        server.refuse = (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}})
        model = resolve(server.url + "#m", api_key=KEY)
        with pytest.raises(ModelError):
            reply(model, way)
        span = spans()["call"]
        assert span.status.status_code is trace.StatusCode.ERROR
        assert span.status.description == "AuthenticationError"
        assert span.events == ()
        assert KEY not in everything()
        assert "Incorrect" not in everything()
        assert model is not None
        model.close()


def test_a_stream_that_is_left_early_ends_its_span() -> None:
    with FakeLLM("One two three.").stream([Message(role="user", content="Q?")]) as stream:
        next(iter(stream))
    assert set(spans()) == {"call"}


def test_nothing_is_loaded_or_made_for_those_who_do_not_trace() -> None:
    code = (
        "import sys\n"
        "from toolkit import Article, FakeLLM, Library\n"
        "with Library(llm=FakeLLM('Parliament approved the budget.')) as news:\n"
        "    news.add(Article(text='Parliament approved the budget.'))\n"
        "    assert news.ask('What did parliament approve?').answered\n"
        "assert not any(name.startswith(('opentelemetry', 'openinference')) for name in sys.modules)\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CITEBOOK", "OPENAI"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(__file__).parent,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
