"""A model behind a llama-index LLM: ours, made for a server, or one that the user made."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError
from toolkit.models.base import Model, Reply
from toolkit.models.failures import explain, redact
from toolkit.models.server import OPENAI_URL, Server
from toolkit.types import Message, Usage

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.llms import LLM

_THINKING_TOKENS = 4096  # reasoning models think before they answer, out of the same allowance
_UNKNOWN_WINDOW = 128_000  # llama-index wants a number; only ours is ever shown
_FINISH = {"max_tokens": "length", "end_turn": "stop", "stop_sequence": "stop", "MAX_TOKENS": "length", "STOP": "stop"}


def _field(value: Any, *names: str) -> Any:
    """The first of the named fields that the object or mapping has and that is not None."""
    for name in names:
        found = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
        if found is not None:
            return found
    return None


def _usage(response: Any) -> Usage | None:
    """Token counts of a llama-index response, whichever provider it came from; None when there are none."""
    for source in (_field(response.raw, "usage", "usage_metadata"), response.additional_kwargs, response.raw):
        prompt = _field(source, "prompt_tokens", "input_tokens", "prompt_token_count", "prompt_eval_count")
        completion = _field(source, "completion_tokens", "output_tokens", "candidates_token_count", "eval_count")
        if isinstance(prompt, int) or isinstance(completion, int):
            return Usage(prompt_tokens=prompt or 0, completion_tokens=completion or 0, cost_usd=None)
    return None


def _finish_reason(response: Any) -> str | None:
    choices = _field(response.raw, "choices")
    source = choices[0] if isinstance(choices, list) and choices else response.raw
    reason = _field(source, "finish_reason", "stop_reason", "done_reason")
    return None if reason is None else _FINISH.get(str(reason), str(reason))


class _Collector:
    """Pieces, counts and finish reason of a streamed reply."""

    def __init__(self) -> None:
        self.text = ""
        self.usage: Usage | None = None
        self.finish_reason: str | None = None

    def take(self, response: Any) -> str:
        whole = response.message.content or ""
        piece = response.delta if response.delta is not None else whole[len(self.text) :]
        self.text += piece
        self.usage = _usage(response) or self.usage
        self.finish_reason = _finish_reason(response) or self.finish_reason
        return str(piece)


def _is_openai(llm: Any) -> bool:
    """Whether it is llama-index's OpenAI class or derived from it, found without importing that."""
    return any(k.__name__ == "OpenAI" and k.__module__.startswith("llama_index.llms.") for k in type(llm).__mro__)


def _to_llama_index(messages: Sequence[Message]) -> list[ChatMessage]:
    from llama_index.core.base.llms.types import ChatMessage, MessageRole

    return [ChatMessage(role=MessageRole(message.role), content=message.content) for message in messages]


class LlamaIndexModel(Model):
    """A :class:`Model` on top of a llama-index LLM.

    Args:
        name: The model's name.
        llm: The LLM object.
        server: The server that it was made for; None for an object that the user made, which then keeps its own
            temperature and max_tokens unless it is of the OpenAI family and a call gives others.
        temperature, max_tokens: For calls that give none; not used without ``server``.
        context_window: In tokens, when known.
    """

    def __init__(
        self,
        name: str,
        llm: LLM,
        *,
        server: Server | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        context_window: int | None = None,
    ) -> None:
        self.name = name
        self.context_window = context_window
        self._llm = llm
        self._server = server
        self._temperature = temperature
        self._max_tokens = max_tokens
        self._openai = _is_openai(llm)
        self._refused: set[str] = set()
        if server is not None:
            weakref.finalize(self, server.close)

    def __repr__(self) -> str:
        return f"<Model {self.name} at {self._where}>"

    def close(self) -> None:
        """Close connections; the next call opens them again."""
        if self._server is not None:
            self._server.close()

    # What is sent --------------------------------------------------------------------------------------------------

    def _options(self, temperature: float | None, max_tokens: int | None, *, stream: bool) -> dict[str, Any]:
        """The options of one call, without those that the server has refused before."""
        if not self._openai:
            return {}
        temperature = self._temperature if temperature is None else temperature
        max_tokens = self._max_tokens if max_tokens is None else max_tokens
        options: dict[str, Any] = {}
        if temperature is not None and not self._is_reasoning():
            options["temperature"] = temperature
        if max_tokens is not None:
            room = _THINKING_TOKENS if self._may_reason() else 0
            newer = self._server is not None and self._server.url == OPENAI_URL
            options["max_completion_tokens" if newer else "max_tokens"] = max_tokens + room
        if stream:
            options["stream_options"] = {"include_usage": True}
        for name in self._refused:
            self._leave_out(name, options)
        return options

    def _is_reasoning(self) -> bool:
        from llama_index.llms.openai.utils import O1_MODELS

        return getattr(self._llm, "model", None) in O1_MODELS

    def _may_reason(self) -> bool:
        from llama_index.llms.openai.utils import ALL_AVAILABLE_MODELS

        if self._server is None or self._server.url != OPENAI_URL:
            return self._is_reasoning()
        return self._is_reasoning() or self.name not in ALL_AVAILABLE_MODELS

    @staticmethod
    def _leave_out(name: str, options: dict[str, Any]) -> bool:
        """Send the call without one option; whether that changes anything."""
        if name == "temperature":
            from openai import omit

            before, options[name] = options.get(name), omit  # the LLM object would send its own
            return before is not omit
        value = options.pop(name, None)
        if name == "max_tokens" and value is not None:
            options["max_completion_tokens"] = value
        return value is not None

    def _adapt(self, error: Exception, options: dict[str, Any]) -> bool:
        """Whether the server refused an option that the call can do without, now left out."""
        if not self._openai or getattr(error, "status_code", None) not in (400, 422):
            return False
        said = str(error)
        parameter = _field(error, "param")
        # In this order: a server that wants max_completion_tokens names max_tokens too.
        for name in ("stream_options", "temperature", "max_tokens", "max_completion_tokens"):
            if (name == parameter or f"'{name}'" in said) and self._leave_out(name, options):
                self._refused.add(name)
                return True
        return False

    # What goes wrong -----------------------------------------------------------------------------------------------

    @property
    def _where(self) -> str:
        if self._server is not None:
            return self._server.url
        base = getattr(self._llm, "api_base", None) or getattr(self._llm, "base_url", None)
        return redact(str(base)) if base else type(self._llm).__name__

    def _explain(self, error: Exception) -> ToolkitError:
        if self._server is not None:
            model = getattr(self._llm, "model", self.name)
            known = self._server.model_names
            return explain(error, model=model, where=self._where, secrets=self._server.secrets, known=known)
        key = getattr(self._llm, "api_key", None)
        return explain(error, model=self.name, where=self._where, secrets=[key] if isinstance(key, str) else [])

    # Calls ---------------------------------------------------------------------------------------------------------

    def _live(self) -> LLM:
        """The LLM for plain calls, with an open client when it is ours."""
        if self._server is not None:
            self._llm._client = self._server.client()  # type: ignore[attr-defined]
        return self._llm

    @asynccontextmanager
    async def _alive(self) -> AsyncIterator[LLM]:
        """The LLM for one async call, with a client of its own.

        The connections of an async client belong to one event loop: a kept one breaks the second ``asyncio.run``.
        """
        llm: Any = self._llm
        made_by_user = self._server is None and (
            not self._openai
            or getattr(llm, "_aclient", None) is not None
            or getattr(llm, "_async_http_client", None) is not None
        )
        if made_by_user:
            yield llm
            return
        llm = llm.model_copy()
        if self._server is not None:
            llm._aclient = self._server.async_client()
        try:
            yield llm
        finally:
            if llm._aclient is not None:
                await llm._aclient.close()

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        options = self._options(temperature, max_tokens, stream=False)
        failure: ToolkitError | None = None
        while failure is None:
            try:
                return self._reply(self._live().chat(_to_llama_index(messages), **options))
            except Exception as error:
                if not self._adapt(error, options):
                    failure = self._explain(error)
        raise failure

    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        options = self._options(temperature, max_tokens, stream=False)
        failure: ToolkitError | None = None
        while failure is None:
            try:
                async with self._alive() as llm:
                    return self._reply(await llm.achat(_to_llama_index(messages), **options))
            except Exception as error:
                if not self._adapt(error, options):
                    failure = await asyncio.to_thread(self._explain, error)
        raise failure

    def _stream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> Generator[str | Reply, None, None]:
        options = self._options(temperature, max_tokens, stream=True)
        failure: ToolkitError | None = None
        while failure is None:
            collector = _Collector()
            try:
                for response in self._live().stream_chat(_to_llama_index(messages), **options):
                    yield collector.take(response)
                break
            except Exception as error:
                if collector.text or not self._adapt(error, options):
                    failure = self._explain(error)
        if failure is not None:
            raise failure
        yield self._collected(collector)

    async def _astream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> AsyncGenerator[str | Reply, None]:
        options = self._options(temperature, max_tokens, stream=True)
        failure: ToolkitError | None = None
        while failure is None:
            collector = _Collector()
            try:
                async with self._alive() as llm:
                    async for response in await llm.astream_chat(_to_llama_index(messages), **options):
                        yield collector.take(response)
                break
            except Exception as error:
                if collector.text or not self._adapt(error, options):
                    failure = await asyncio.to_thread(self._explain, error)
        if failure is not None:
            raise failure
        yield self._collected(collector)

    def _reply(self, response: Any) -> Reply:
        return Reply(
            text=response.message.content or "",
            model=self.name,
            usage=_usage(response) or Usage(cost_usd=None),
            finish_reason=_finish_reason(response),
        )

    def _collected(self, collector: _Collector) -> Reply:
        usage = collector.usage or Usage(cost_usd=None)
        return Reply(text=collector.text, model=self.name, usage=usage, finish_reason=collector.finish_reason)


def served(
    server: Server,
    model: str,
    *,
    name: str,
    temperature: float,
    max_tokens: int,
    context_window: int | None,
) -> LlamaIndexModel:
    """A model of an OpenAI-compatible server.

    llama-index's ``OpenAI`` class refuses names that are newer than itself; ``OpenAILike`` sends the same requests and
    takes any name. The object is given a client that holds the key, and no key of its own: its ``repr`` and the
    events that llama-index sends to its listeners carry its fields.

    Raises:
        ValueError: For names that OpenAI serves by another protocol only (``gpt-5.4-pro``).
    """
    from llama_index.llms.openai_like import OpenAILike

    llm = OpenAILike(
        model=model,
        api_base=server.url,
        api_key="none",
        is_chat_model=True,
        context_window=context_window or _UNKNOWN_WINDOW,
        temperature=temperature,
        max_retries=0,  # the client's own retries are enough
        timeout=server.timeout,
    )
    return LlamaIndexModel(
        name, llm, server=server, temperature=temperature, max_tokens=max_tokens, context_window=context_window
    )
