"""A model behind a llama-index LLM: ours, made for a server, or one that the user made."""

from __future__ import annotations

import re
import time
import weakref
from asyncio import sleep, to_thread
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    aclosing,
    asynccontextmanager,
    closing,
    nullcontext,
)
from typing import TYPE_CHECKING, Any

from toolkit.concurrency import Gate
from toolkit.errors import ToolkitError
from toolkit.models.addresses import OPENAI_URL
from toolkit.models.base import Model, Reply
from toolkit.models.course import Course
from toolkit.models.failures import explain, redact
from toolkit.models.prices import Tariff
from toolkit.models.reading import Collector, field_of
from toolkit.models.retry import NO_RETRY, Attempts, Retry
from toolkit.models.server import Server
from toolkit.types import Message, Usage

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.llms import LLM

_THINKING_TOKENS = 4096  # reasoning models think before they answer, out of the same allowance
_UNKNOWN_WINDOW = 128_000  # llama-index wants a number; only ours is ever shown
_NOT_IDENTITY = re.compile(r"(?i)key|secret|password|credential|header|callback|client|timeout|retries|verbose")


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
        gate: How many calls may run at once; None for 8.
        retry: When failed calls are made again; None for never, as for objects that see to it themselves.
        tariff: What tokens cost; None when not known.
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
        gate: Gate | None = None,
        retry: Retry | None = None,
        tariff: Tariff | None = None,
    ) -> None:
        self.name = name
        self.context_window = context_window
        self._llm = llm
        self._server = server
        self._temperature = temperature
        self._max_tokens = max_tokens
        self._openai = _is_openai(llm)
        self._refused: set[str] = set()
        self._gate = gate or Gate(8)
        self._retry = retry or NO_RETRY
        self._tariff = tariff or Tariff(model=name)
        if server is not None:
            weakref.finalize(self, server.close)

    def __repr__(self) -> str:
        return f"<Model {self.name} at {self._where}>"

    def close(self) -> None:
        """Close connections; the next call opens them again."""
        if self._server is not None:
            self._server.close()

    # What is known before a call -------------------------------------------------------------------------------------

    def identity(self, temperature: float | None = None, max_tokens: int | None = None) -> Mapping[str, Any]:
        """Everything but the messages that decides on a reply, as JSON values; never a key."""
        sent = {k: v for k, v in self._options(temperature, max_tokens, stream=False, keep=True).items() if _is_json(v)}
        if self._server is not None:
            return {"at": self._server.identity, "model": getattr(self._llm, "model", self.name), **sent}
        own = {k: v for k, v in self._llm.model_dump().items() if _is_json(v) and not _NOT_IDENTITY.search(k)}
        return {"at": f"{type(self._llm).__module__}.{type(self._llm).__qualname__}", **own, **sent}

    def longest_reply(self, max_tokens: int | None = None) -> int | None:
        """How many tokens a reply may take at most, its thinking included; None when not known."""
        options = self._options(None, max_tokens, stream=False, keep=True)
        found = field_of(options, "max_completion_tokens", "max_tokens") or field_of(self._llm, "max_tokens")
        return found if isinstance(found, int) and found > 0 else None

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """US dollars for so many tokens; None when the price is not known."""
        return self._tariff.cost(prompt_tokens, completion_tokens)

    # What is sent --------------------------------------------------------------------------------------------------

    def _options(
        self, temperature: float | None, max_tokens: int | None, *, stream: bool, keep: bool = False
    ) -> dict[str, Any]:
        """The options of one call, without those that the server has refused before unless they are to be kept."""
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
        for name in () if keep else tuple(self._refused):
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
        parameter = field_of(error, "param")
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

    def _explain(self, error: Exception, tries: int, shown: int) -> ToolkitError:
        details: dict[str, Any] = {"where": self._where, "tries": tries, "shown": shown}
        if self._server is not None:
            model, known = getattr(self._llm, "model", self.name), self._server.model_names
            return explain(error, model=model, secrets=self._server.secrets, known=known, **details)
        key = getattr(self._llm, "api_key", None)
        return explain(error, model=self.name, secrets=[key] if isinstance(key, str) else [], **details)

    # Calls ---------------------------------------------------------------------------------------------------------

    def _live(self) -> LLM:
        """The LLM for plain calls, with an open client when it is ours."""
        if self._server is not None:
            self._llm._client = self._server.client()  # type: ignore[attr-defined]
        return self._llm

    @asynccontextmanager
    async def _alive(self) -> AsyncIterator[LLM]:
        """The LLM for one async call, with a client of this event loop's.

        The connections of an async client belong to one event loop: one that is kept in the object breaks the second
        ``asyncio.run``.
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
            llm._aclient = await self._server.async_client()
            yield llm
            return
        try:
            yield llm
        finally:
            if llm._aclient is not None:
                await llm._aclient.close()

    def _course(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None, *, stream: bool = False
    ) -> Course:
        self._refuse_if_too_long(messages)
        return Course(
            _to_llama_index(messages),
            self._options(temperature, max_tokens, stream=stream),
            Attempts(self._retry),
            adapt=self._adapt,
            make=self._made,
            explain=self._explain,
            ends_are_told=stream and self._server is not None,
        )

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        course = self._course(messages, temperature, max_tokens)
        with self._gate.held():
            while course.going:
                try:
                    course.take(self._live().chat(course.turns, **course.options))
                    course.end()
                except Exception as error:
                    course.stumble(error)
                time.sleep(course.pause)
        if course.reply is None:
            raise course.failure()
        return course.reply

    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        course = self._course(messages, temperature, max_tokens)
        async with self._gate.aheld():
            while course.going:
                try:
                    async with self._alive() as llm:
                        course.take(await llm.achat(course.turns, **course.options))
                    course.end()
                except Exception as error:
                    course.stumble(error)
                await sleep(course.pause)
        if course.reply is None:
            raise await to_thread(course.failure)
        return course.reply

    def _stream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> Generator[str | Reply, None, None]:
        course = self._course(messages, temperature, max_tokens, stream=True)
        with self._gate.held():
            while course.going:
                try:
                    with _closing(self._live().stream_chat(course.turns, **course.options)) as responses:
                        for response in responses:
                            yield course.take(response)
                    course.end()
                except Exception as error:
                    course.stumble(error)
                time.sleep(course.pause)
        if course.reply is None:
            raise course.failure()
        yield course.reply

    async def _astream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> AsyncGenerator[str | Reply, None]:
        course = self._course(messages, temperature, max_tokens, stream=True)
        async with self._gate.aheld():
            while course.going:
                try:
                    async with (
                        self._alive() as llm,
                        _aclosing(await llm.astream_chat(course.turns, **course.options)) as responses,
                    ):
                        async for response in responses:
                            yield course.take(response)
                    course.end()
                except Exception as error:
                    course.stumble(error)
                await sleep(course.pause)
        if course.reply is None:
            raise await to_thread(course.failure)
        yield course.reply

    def _made(self, collector: Collector) -> Reply:
        tokens = collector.tokens
        usage = Usage(cost_usd=None)
        if tokens is not None:
            cost = self._tariff.cost(tokens.prompt, tokens.completion, tokens.cached)
            usage = Usage(prompt_tokens=tokens.prompt, completion_tokens=tokens.completion, cost_usd=cost)
        text = collector.text or collector.refusal
        return Reply(text=text, model=self.name, usage=usage, finish_reason=collector.finish_reason)


def _closing(responses: Any) -> AbstractContextManager[Any]:
    """Closes what can be closed: a class of the user's may give a plain iterator."""
    return closing(responses) if hasattr(responses, "close") else nullcontext(responses)


def _aclosing(responses: Any) -> AbstractAsyncContextManager[Any]:
    return aclosing(responses) if hasattr(responses, "aclose") else nullcontext(responses)


def _is_json(value: object) -> bool:
    """Whether a value can stand in a cache key as it is."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_json, value))
    return value is None or isinstance(value, (str, int, float, bool))


def model_of_server(
    server: Server,
    model: str,
    *,
    name: str,
    temperature: float,
    max_tokens: int,
    context_window: int | None,
    gate: Gate,
    retry: Retry,
    tariff: Tariff,
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
        max_retries=0,  # calls are repeated in one place only, see toolkit.models.retry
        timeout=server.timeout,
    )
    return LlamaIndexModel(
        name,
        llm,
        server=server,
        temperature=temperature,
        max_tokens=max_tokens,
        context_window=context_window,
        gate=gate,
        retry=retry,
        tariff=tariff,
    )
