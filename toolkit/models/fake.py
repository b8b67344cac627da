"""A model for tests: it says what it is told to say, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncGenerator, Generator, Sequence

from toolkit.errors import ModelError
from toolkit.models.base import Model, Reply, in_pieces
from toolkit.types import Message, Usage


class FakeLLM(Model):
    """A model that gives prepared replies, one a call, and never touches the network.

    Tokens are counted in words. It may be used from several threads.

    Args:
        replies: What to answer, in order. An exception in their place is raised by that call.
        name: The model name that replies carry.

    Attributes:
        requests: The messages of every call so far, in order.

    Example:
        >>> llm = FakeLLM("France and Britain said so.")
        >>> llm.chat([Message(role="user", content="Who said so?")]).text
        'France and Britain said so.'
        >>> llm.requests[0][0].content
        'Who said so?'
    """

    def __init__(self, *replies: str | Exception, name: str = "fake") -> None:
        self.name = name
        self.requests: list[tuple[Message, ...]] = []
        self._replies = deque(replies)
        self._lock = threading.Lock()

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Nothing."""
        return 0.0

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        with self._lock:
            self.requests.append(tuple(messages))
            if not self._replies:
                raise ModelError(
                    f"{self.name}: asked {len(self.requests)} times but given fewer replies; pass more to FakeLLM(...)"
                )
            reply = self._replies.popleft()
        if isinstance(reply, Exception):
            raise reply
        usage = Usage(
            prompt_tokens=sum(len(message.content.split()) for message in messages),
            completion_tokens=len(reply.split()),
        )
        return Reply(text=reply, model=self.name, usage=usage, finish_reason="stop")

    def _stream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> Generator[str | Reply, None, None]:
        yield from in_pieces(self._chat(messages, temperature, max_tokens))

    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        return self._chat(messages, temperature, max_tokens)

    async def _astream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> AsyncGenerator[str | Reply, None]:
        for piece in self._stream(messages, temperature, max_tokens):
            yield piece
