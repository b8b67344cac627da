"""Run one call's work: at once, piece by piece, awaited, or only shown. The verbs build the work."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

from toolkit.errors import ArgumentError, ContextOverflow
from toolkit.types import CitedText
from toolkit.types.preview import Preview

if TYPE_CHECKING:
    from toolkit.drafts import Draft
    from toolkit.models import Reply

Written = TypeVar("Written", bound=CitedText)


@dataclass(frozen=True, kw_only=True)
class Job(Generic[Written]):
    """One call, ready to be carried out.

    Attributes:
        done: The outcome, when no model is asked.
        draft: Whom to ask, and what; else None.
        finish: Turns the model's reply into the outcome.
        started: ``time.perf_counter()`` at the beginning of the call.
    """

    done: Written | None = None
    draft: Draft | None = None
    finish: Callable[[Reply], Written] | None = None
    started: float = 0.0

    def run(self) -> Written:
        """The outcome; a prompt that the server finds too long is sent again with fewer passages."""
        draft = self.draft
        while draft is not None:
            try:
                return self.timed(draft.model.chat(draft.messages, **draft.parameters), draft)
            except ContextOverflow as error:
                failure = error
            draft = draft.shorter(failure)
        return self.timed(None, None)

    async def arun(self) -> Written:
        """The outcome, awaited."""
        draft = self.draft
        while draft is not None:
            try:
                return self.timed(await draft.model.achat(draft.messages, **draft.parameters), draft)
            except ContextOverflow as error:
                failure = error
            draft = draft.shorter(failure)
        return self.timed(None, None)

    def stream(self) -> Stream[Written]:
        """The model's words as they come, the outcome afterwards."""
        return Stream(self)

    def astream(self) -> AsyncStream[Written]:
        """The async twin of :meth:`stream`."""
        return AsyncStream(self)

    def preview(self, notes: tuple[str, ...] = ()) -> Preview:
        """What would be sent and what it may cost; nothing is sent."""
        if self.draft is not None:
            shown = self.draft.preview()
            return replace(shown, notes=(*notes, *shown.notes))
        done = self.done
        reason = None if done is None or done.answered else done.reason
        return Preview(reason=reason or "there is no model: the sentences are picked from the articles")

    def timed(self, reply: Reply | None, draft: Draft | None) -> Written:
        """The outcome of a reply, or without one, with the seconds since the call began and the draft's notes."""
        written = self.done if reply is None or self.finish is None else self.finish(reply)
        if written is None:
            raise RuntimeError("a job has neither an outcome nor a model")
        notes = (*(draft.notes if draft is not None else ()), *written.notes)
        return replace(written, seconds=time.perf_counter() - self.started, notes=notes)


_HALF_MARKER = re.compile(r"(?:\s*\[[^\]\n]{0,24}|\s+)\Z")


class _Shown:
    """A model's words on their way to the reader, without the markers that it adds.

    Its markers are not ours: they count its own reading of the sources, and nobody has checked them. So what may become
    a marker is held back until it is one, or is not.
    """

    def __init__(self) -> None:
        from toolkit.alignment.sentences import without_markers

        self._clean = without_markers
        self._held = ""

    def take(self, piece: str) -> str:
        """What can be shown now."""
        text = self._clean(self._held + piece)
        half = _HALF_MARKER.search(text)
        at = len(text) if half is None else half.start()
        self._held = text[at:]
        return text[:at]

    def rest(self) -> str:
        """What was held back, at the end."""
        rest, self._held = self._held.rstrip(), ""
        return rest


class _Finishing(Generic[Written]):
    def __init__(self, job: Job[Written]) -> None:
        self._job = job
        self._final: Written | None = None

    @property
    def by_model(self) -> bool:
        """Whether the pieces are a model's unchecked words, not the outcome's own text."""
        return self._job.draft is not None

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

    In a notebook, a stream that ends a cell shows itself: the words as they come, then the answer in their place.
    """

    def __init__(self, job: Job[Written]) -> None:
        super().__init__(job)
        self._pieces = self._read()

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    def _read(self) -> Generator[str, None, None]:
        draft = self._job.draft
        if draft is None:
            self._final = self._job.run()
            if self._final.text:
                yield self._final.text
        while draft is not None:
            shown, failure = _Shown(), None
            source = draft.model.stream(draft.messages, **draft.parameters)
            try:
                with closing(source):
                    yield from filter(None, map(shown.take, source))
            except ContextOverflow as error:  # before the first word
                failure = error
            if failure is None:
                if rest := shown.rest():
                    yield rest
                self._final = self._job.timed(source.reply, draft)
                return
            draft = draft.shorter(failure)

    def show(self) -> Written:
        """Show the words as they come, in a notebook or a terminal, and then the checked outcome in their place.

        A stream that is the last line of a cell shows itself in this way.

        Returns:
            The outcome, as :attr:`final`.
        """
        from toolkit.notebook.live import show

        return show(self)

    def _ipython_display_(self) -> None:
        self.show()

    def __repr__(self) -> str:
        return "<Stream: read it with for, or show() it>"

    def close(self) -> None:
        """Stop early: the request is closed."""
        self._pieces.close()

    def __enter__(self) -> Stream[Written]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncStream(_Finishing[Written]):
    """The async twin of :class:`Stream`: ``async for piece in await news.aask(..., stream=True)``."""

    def __init__(self, job: Job[Written]) -> None:
        super().__init__(job)
        self._pieces = self._read()

    def __aiter__(self) -> AsyncIterator[str]:
        return self._pieces

    async def _read(self) -> AsyncGenerator[str, None]:
        draft = self._job.draft
        if draft is None:
            self._final = await self._job.arun()
            if self._final.text:
                yield self._final.text
        while draft is not None:
            shown, failure = _Shown(), None
            source = draft.model.astream(draft.messages, **draft.parameters)
            try:
                async with aclosing(source):
                    async for piece in source:
                        if text := shown.take(piece):
                            yield text
            except ContextOverflow as error:  # before the first word
                failure = error
            if failure is None:
                if rest := shown.rest():
                    yield rest
                self._final = self._job.timed(source.reply, draft)
                return
            draft = draft.shorter(failure)

    async def show(self) -> Written:
        """Show the words as they come, and then the checked outcome in their place; see :meth:`Stream.show`."""
        from toolkit.notebook.live import ashow

        return await ashow(self)

    def __repr__(self) -> str:
        return "<AsyncStream: read it with async for, or await its show()>"

    async def aclose(self) -> None:
        """Stop early: the request is closed."""
        await self._pieces.aclose()

    async def __aenter__(self) -> AsyncStream[Written]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()
