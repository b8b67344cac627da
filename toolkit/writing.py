"""Run one call's work: at once, piece by piece, or awaited. The verbs build the work; this module only times it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from toolkit.errors import ArgumentError
from toolkit.types import CitedText, Message

if TYPE_CHECKING:
    from toolkit.models import AsyncReplyStream, Model, Reply, ReplyStream

Written = TypeVar("Written", bound=CitedText)


@dataclass(frozen=True, kw_only=True)
class Job(Generic[Written]):
    """One call, ready to be carried out.

    Attributes:
        done: The outcome, when no model is asked.
        model: Whom to ask, else None.
        messages: What to ask.
        parameters: ``temperature`` and ``max_tokens`` of the prompt, where it sets them.
        finish: Turns the model's reply into the outcome.
        started: ``time.perf_counter()`` at the beginning of the call.
    """

    done: Written | None = None
    model: Model | None = None
    messages: tuple[Message, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[Reply], Written] | None = None
    started: float = 0.0

    def run(self) -> Written:
        """The outcome."""
        if self.model is None:
            return self.timed(None)
        return self.timed(self.model.chat(self.messages, **self.parameters))

    async def arun(self) -> Written:
        """The outcome, awaited."""
        if self.model is None:
            return self.timed(None)
        return self.timed(await self.model.achat(self.messages, **self.parameters))

    def stream(self) -> Stream[Written]:
        """The model's words as they come, the outcome afterwards."""
        source = None if self.model is None else self.model.stream(self.messages, **self.parameters)
        return Stream(self, source)

    def astream(self) -> AsyncStream[Written]:
        """The async twin of :meth:`stream`."""
        source = None if self.model is None else self.model.astream(self.messages, **self.parameters)
        return AsyncStream(self, source)

    def timed(self, reply: Reply | None) -> Written:
        """The outcome of a reply, or without one, with the seconds since the call began."""
        written = self.done if reply is None or self.finish is None else self.finish(reply)
        if written is None:
            raise RuntimeError("a job has neither an outcome nor a model")
        return replace(written, seconds=time.perf_counter() - self.started)


class _Finishing(Generic[Written]):
    def __init__(self, job: Job[Written]) -> None:
        self._job = job
        self._final: Written | None = None

    @property
    def final(self) -> Written:
        """The finished Answer or Summary, with its citations; only after the last piece.

        Raises:
            ArgumentError: While pieces are still to come.
        """
        if self._final is None:
            raise ArgumentError("the stream is not finished; read it to its end, then take .final")
        return self._final


class Stream(_Finishing[Written]):
    """Pieces of text as a model writes them; ``.final`` is the checked outcome.

    The pieces are the model's own unchecked words. Without a model there is one piece: the finished text.

    Example:
        >>> stream = news.ask("Who spoke?", stream=True)
        >>> for piece in stream:
        ...     print(piece, end="")
        >>> stream.final
    """

    def __init__(self, job: Job[Written], source: ReplyStream | None) -> None:
        super().__init__(job)
        self._source = source

    def __iter__(self) -> Iterator[str]:
        if self._source is None:
            self._final = self._job.run()
            if self._final.text:
                yield self._final.text
            return
        yield from self._source
        self._final = self._job.timed(self._source.reply)

    def close(self) -> None:
        """Stop early: the request is closed."""
        if self._source is not None:
            self._source.close()

    def __enter__(self) -> Stream[Written]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncStream(_Finishing[Written]):
    """The async twin of :class:`Stream`: ``async for piece in await news.aask(..., stream=True)``."""

    def __init__(self, job: Job[Written], source: AsyncReplyStream | None) -> None:
        super().__init__(job)
        self._source = source

    async def __aiter__(self) -> AsyncIterator[str]:
        if self._source is None:
            self._final = await self._job.arun()
            if self._final.text:
                yield self._final.text
            return
        async for piece in self._source:
            yield piece
        self._final = self._job.timed(self._source.reply)

    async def aclose(self) -> None:
        """Stop early: the request is closed."""
        if self._source is not None:
            await self._source.aclose()

    async def __aenter__(self) -> AsyncStream[Written]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()
