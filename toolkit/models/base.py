"""What every model offers, and the values that it gives back."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from toolkit.errors import ContentFiltered, ContextOverflow, ModelError
from toolkit.tracing import Traced, span
from toolkit.types import Message, Usage

if TYPE_CHECKING:
    from toolkit.models.limits import Meter


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a model answered.

    Attributes:
        text: The answer, without white space around it; never empty.
        model: The model's name, as the server knows it.
        usage: Tokens as the server reports them (0 when it reports none); ``cost_usd`` is None when the price or the
            tokens are not known.
        finish_reason: Why the model stopped: ``stop``, or ``length`` when the answer was cut off at ``max_tokens``;
            None when the server does not say.
    """

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None


_CHARACTERS = 3  # to a token, so that an estimate is seldom too low: English has 4 to 5, Greek or Thai 1 to 3
TURN_TOKENS = 8
"""What a chat template puts around one turn, about."""

_SURE_CHARACTERS = 8  # to a token: no running text has so many


def estimated_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens the messages take: rather too many than too few for text in a Latin script."""
    return sum(TURN_TOKENS + len(message.content) // _CHARACTERS + 1 for message in messages)


def in_pieces(reply: Reply) -> Generator[str | Reply, None, None]:
    """A whole reply as a stream gives it: word by word, and then the reply itself."""
    yield from re.findall(r"\s*\S+|\s+$", reply.text)
    yield reply


def checked(reply: Reply) -> Reply:
    """The reply with the white space around its text removed.

    Raises:
        ContentFiltered: The provider's filter stopped the reply, or the model declined.
        ModelError: When nothing is left.
    """
    text = reply.text.strip()
    if reply.finish_reason == "content_filter":
        raise ContentFiltered(f"{reply.model}: the provider's content filter stopped the reply; change the words")
    if reply.finish_reason == "refusal":
        said = " ".join(text.split())[:200] or "without a reason"
        raise ContentFiltered(f"{reply.model}: declined to answer ({said}); change the words, or use another model")
    if text:
        return Reply(text=text, model=reply.model, usage=reply.usage, finish_reason=reply.finish_reason)
    if reply.finish_reason == "length":
        raise ModelError(f"{reply.model}: used up its tokens before it said anything; raise max_tokens")
    raise ModelError(f"{reply.model}: gave an empty reply; try again, or another model or prompt")


class _Progress:
    """What the plain and the async stream share: the pieces so far, and the reply at the end."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._pieces: list[str] = []
        self._reply: Reply | None = None

    @property
    def text(self) -> str:
        """What has come so far."""
        return "".join(self._pieces)

    @property
    def reply(self) -> Reply:
        """The whole reply.

        Raises:
            ModelError: While the stream has not been read to its end.
        """
        if self._reply is None:
            raise ModelError(f"{self._model}: the reply is not complete; read the stream to its end first")
        return self._reply

    def _take(self, piece: str | Reply) -> str | None:
        if isinstance(piece, Reply):
            self._reply = checked(piece)
            return None
        self._pieces.append(piece)
        return piece


class ReplyStream(_Progress):
    """The pieces of a reply as they come, and the whole :class:`Reply` afterwards.

    Example:
        >>> stream = FakeLLM("Two words.").stream([Message(role="user", content="Hello")])
        >>> list(stream)
        ['Two', ' words.']
        >>> stream.reply.text
        'Two words.'
    """

    def __init__(self, pieces: Generator[str | Reply, None, None], model: str) -> None:
        super().__init__(model)
        self._source = pieces

    def __iter__(self) -> Iterator[str]:
        """The pieces that have not been read yet."""
        for piece in self._source:
            text = self._take(piece)
            if text:
                yield text

    def close(self) -> None:
        """Stop listening; the server is told by the closed connection."""
        self._source.close()

    def __enter__(self) -> ReplyStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncReplyStream(_Progress):
    """The async twin of :class:`ReplyStream`."""

    def __init__(self, pieces: AsyncGenerator[str | Reply, None], model: str) -> None:
        super().__init__(model)
        self._source = pieces

    async def __aiter__(self) -> AsyncIterator[str]:
        """The pieces that have not been read yet."""
        async for piece in self._source:
            try:
                text = self._take(piece)
            except ModelError:  # the generator would be closed some time, in a task that nobody awaits
                await self.aclose()
                raise
            if text:
                yield text

    async def aclose(self) -> None:
        """Stop listening; the server is told by the closed connection."""
        await self._source.aclose()

    async def __aenter__(self) -> AsyncReplyStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()


class Model(ABC):
    """A language model: one call, streamed or whole, plain or async.

    The plain methods also work inside a running event loop, as in Jupyter (they block it while they wait).

    Attributes:
        name: The model's name, as answers carry it.
        context_window: How many tokens prompt and reply may have together; None when not known.
        meter: What counts its calls and may refuse them; None where nobody does.
    """

    name: str
    context_window: int | None = None
    meter: Meter | None = None

    # What is known before a call -------------------------------------------------------------------------------------

    def identity(self, temperature: float | None = None, max_tokens: int | None = None) -> Mapping[str, Any]:
        """Everything but the messages that decides on a reply, as JSON values; never a key."""
        return {"model": self.name, "temperature": temperature, "max_tokens": max_tokens}

    def longest_reply(self, max_tokens: int | None = None) -> int | None:
        """How many tokens a reply may take at most, its thinking included; None when not known."""
        return max_tokens

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """US dollars for so many tokens; None when the price is not known."""
        return None

    def fits(self, messages: Sequence[Message], max_tokens: int | None = None, *, tokens: int | None = None) -> bool:
        """Whether messages and reply surely fit the context window; True when the window is not known.

        Args:
            messages: The turns.
            max_tokens: The longest reply.
            tokens: How many tokens the messages have, where somebody has counted them. Else they are estimated (see
                :func:`estimated_tokens`), so a few prompts that would just fit are said not to.
        """
        room = self.longest_reply(max_tokens) or 0
        needed = estimated_tokens(messages) if tokens is None else tokens
        return self.context_window is None or needed + room <= self.context_window

    def has_kept(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> bool:
        """Whether the reply to this call is in a cache, so that nothing would be sent."""
        return False

    def repeat(self, index: int) -> Model:
        """The same model for the repetition ``index`` of an experiment: a cache keeps repetitions apart."""
        return self

    def _refuse_if_too_long(self, messages: Sequence[Message]) -> None:
        """Some servers cut a prompt that is too long without a word, so what cannot fit is not sent."""
        least = sum(len(message.content) for message in messages) // _SURE_CHARACTERS
        if self.context_window is not None and least > self.context_window:
            raise ContextOverflow(
                f"{self.name}: the prompt has at least {least:,} tokens, its context window {self.context_window:,}; "
                "ask with fewer passages"
            )

    # Calls -----------------------------------------------------------------------------------------------------------

    def chat(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> Reply:
        """Ask and wait for the whole reply.

        Args:
            messages: The turns, oldest first.
            temperature: 0 for the likeliest words, up to 2; None for the model's own setting.
            max_tokens: The longest reply, in tokens; None for the model's own setting.

        Returns:
            The reply; ``finish_reason`` is ``length`` when it was cut off.

        Raises:
            AuthenticationError: The key was refused.
            ModelNotFound: The server does not know the model.
            ModelUnavailable: The server is down, too slow or overloaded, or broke off.
            ContextOverflow: The prompt does not fit the model.
            ContentFiltered: The provider's filter stopped the call, or the model declined.
            ModelError: Anything else that keeps the model from a usable reply, an empty one too.
        """
        with self._traced(messages, temperature, max_tokens) as traced:
            reply = checked(self._chat(messages, temperature, max_tokens))
            traced.replied(reply.text, reply.usage, reply.finish_reason)
        return reply

    def stream(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> ReplyStream:
        """Ask and read the reply piece by piece; arguments and errors as for :meth:`chat`.

        Nothing is sent before the first piece is read, and errors come up there.
        """
        return ReplyStream(self._traced_stream(messages, temperature, max_tokens), self.name)

    async def achat(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> Reply:
        """The async twin of :meth:`chat`."""
        with self._traced(messages, temperature, max_tokens) as traced:
            reply = checked(await self._achat(messages, temperature, max_tokens))
            traced.replied(reply.text, reply.usage, reply.finish_reason)
        return reply

    def astream(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> AsyncReplyStream:
        """The async twin of :meth:`stream`: call it without ``await``, read it with ``async for``."""
        return AsyncReplyStream(self._traced_astream(messages, temperature, max_tokens), self.name)

    def close(self) -> None:  # noqa: B027 -- most models hold nothing open
        """Close connections; the next call opens them again."""

    @contextmanager
    def _traced(
        self,
        messages: Sequence[Message],
        temperature: float | None,
        max_tokens: int | None,
        *,
        streamed: bool = False,
    ) -> Iterator[Traced]:
        """A span around one call; nothing where nobody traces."""
        with span("call", "LLM", {"llm.model_name": self.name}, current=not streamed) as traced:
            if traced:
                given = {"temperature": temperature, "max_tokens": max_tokens, "stream": streamed or None}
                sent = {name: value for name, value in given.items() if value is not None}
                traced.set({"llm.invocation_parameters": json.dumps(sent)})
                traced.sent(messages)
            yield traced

    def _traced_stream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> Generator[str | Reply, None, None]:
        with (
            self._traced(messages, temperature, max_tokens, streamed=True) as traced,
            closing(self._stream(messages, temperature, max_tokens)) as pieces,
        ):
            for piece in pieces:
                if isinstance(piece, Reply):
                    traced.replied(piece.text, piece.usage, piece.finish_reason)
                yield piece

    async def _traced_astream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> AsyncGenerator[str | Reply, None]:
        with self._traced(messages, temperature, max_tokens, streamed=True) as traced:
            async with aclosing(self._astream(messages, temperature, max_tokens)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Reply):
                        traced.replied(piece.text, piece.usage, piece.finish_reason)
                    yield piece

    @abstractmethod
    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply: ...

    @abstractmethod
    def _stream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> Generator[str | Reply, None, None]: ...

    @abstractmethod
    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply: ...

    @abstractmethod
    def _astream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> AsyncGenerator[str | Reply, None]: ...

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Wrapper(Model):
    """A model that does something of its own about another one's calls.

    Args:
        model: The other one; it says what it is called, what it costs and what determines its replies.
    """

    def __init__(self, model: Model) -> None:
        self.name = model.name
        self.context_window = model.context_window
        self.meter = model.meter
        self._model = model

    def close(self) -> None:
        """Close connections; the next call opens them again."""
        self._model.close()

    def identity(self, temperature: float | None = None, max_tokens: int | None = None) -> Mapping[str, Any]:
        """As the model's own."""
        return self._model.identity(temperature, max_tokens)

    def longest_reply(self, max_tokens: int | None = None) -> int | None:
        """As the model's own."""
        return self._model.longest_reply(max_tokens)

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """As the model's own."""
        return self._model.cost(prompt_tokens, completion_tokens)

    def has_kept(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> bool:
        """As the model's own."""
        return self._model.has_kept(messages, temperature=temperature, max_tokens=max_tokens)
