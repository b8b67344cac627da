"""Count what calls take, and stop before they take too much."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass

from toolkit.errors import ArgumentError, BudgetExceeded
from toolkit.models.base import Model, Reply, Wrapper, estimated_tokens
from toolkit.types import Message, Usage

_UNKNOWN_REPLY = 4096  # tokens, of a model that does not say how long its replies can be


@dataclass
class _Call:
    """One call under way: what it may cost at most, and what is known of it so far."""

    reserved: float | None
    prompt_tokens: int
    characters: int = 0
    reply: Reply | None = None


class Meter:
    """Sums up what calls take, and refuses a call that would pass a limit before it is sent.

    A call reserves what it may cost at most: its prompt's tokens, estimated from its length rather too high, and the
    longest reply. When it ends, what it really took comes in the place of that. Calls may run at the same time, from
    threads and event loops; one meter may serve several models. Failed calls that gave nothing cost nothing.

    Args:
        budget_usd: US dollars in all; None for no limit.
        max_calls: Calls in all, failed ones included; replies from a cache are not calls. None for no limit.

    Attributes:
        budget_usd, max_calls: As given.

    Raises:
        ArgumentError: A limit is below 0.

    Example:
        >>> meter = Meter(max_calls=1)
        >>> llm = MeteredModel(FakeLLM("Two words.", "More."), meter)
        >>> llm.chat([Message(role="user", content="Hello")]).text
        'Two words.'
        >>> meter.calls, meter.usage.completion_tokens
        (1, 2)
    """

    def __init__(self, *, budget_usd: float | None = None, max_calls: int | None = None) -> None:
        if budget_usd is not None and not budget_usd >= 0:
            raise ArgumentError(f"budget_usd={budget_usd}: give dollars, 0 or more")
        if max_calls is not None and max_calls < 0:
            raise ArgumentError(f"max_calls={max_calls}: give a number of calls, 0 or more")
        self.budget_usd = budget_usd
        self.max_calls = max_calls
        self._lock = threading.Lock()
        self._calls = self._unreported = 0
        self._prompt_tokens = self._completion_tokens = 0
        self._cost = 0.0
        self._all_priced = True
        self._spent = self._reserved = 0.0

    @property
    def calls(self) -> int:
        """Calls that were sent, failed ones included."""
        return self._calls

    @property
    def unreported(self) -> int:
        """Calls whose tokens the provider did not tell, such as streams that were left early; not in :attr:`usage`."""
        return self._unreported

    @property
    def usage(self) -> Usage:
        """The sum over all replies, as the provider reports them; ``cost_usd`` is None when one has no known price."""
        with self._lock:
            return Usage(
                prompt_tokens=self._prompt_tokens,
                completion_tokens=self._completion_tokens,
                cost_usd=self._cost if self._all_priced else None,
            )

    @property
    def spent_usd(self) -> float:
        """What counts against the budget: the price of replies, and an estimate for calls that were not reported."""
        return self._spent

    def __repr__(self) -> str:
        used = self.usage
        cost = "price unknown" if used.cost_usd is None else f"${used.cost_usd:.4f}"
        limit = "" if self.budget_usd is None else f" of ${self.budget_usd:g}"
        tokens = f"{used.prompt_tokens:,} + {used.completion_tokens:,} tokens"
        return f"<Meter {self._calls:,} calls, {tokens}, {cost}{limit}>"

    @contextmanager
    def call(self, model: Model, messages: Sequence[Message], max_tokens: int | None) -> Generator[_Call, None, None]:
        """Reserve before the block, settle after it.

        Raises:
            BudgetExceeded: The call may pass a limit, or its price is not known although there is a budget.
            ContextOverflow: The prompt cannot fit the model.
        """
        model._refuse_if_too_long(messages)  # it would not be sent, so it is not counted
        prompt_tokens = estimated_tokens(messages)
        most = model.cost(prompt_tokens, model.longest_reply(max_tokens) or _UNKNOWN_REPLY)
        if most is None and self.budget_usd is not None:
            raise BudgetExceeded(
                f"{model.name}: its price is not known, so budget_usd= cannot be kept; pass price=(dollars for a "
                "million prompt tokens, for a million completion tokens), or limit the calls by max_calls= instead"
            )
        with self._lock:
            self._refuse_over_limit(model.name, most or 0.0)
            self._calls += 1
            self._reserved += most or 0.0
        call = _Call(most, prompt_tokens)
        try:
            yield call
        finally:
            self._settle(model, call)

    def _refuse_over_limit(self, name: str, most: float) -> None:
        if self.max_calls is not None and self._calls >= self.max_calls:
            raise BudgetExceeded(f"{name}: max_calls={self.max_calls} is reached, nothing was sent; allow more calls")
        if self.budget_usd is not None and self._spent + self._reserved + most > self.budget_usd:
            held = f" and ${self._reserved:.4f} held for calls under way" if self._reserved > 1e-12 else ""
            raise BudgetExceeded(
                f"{name}: the call may cost ${most:.4f}, and ${self._spent:.4f} of budget_usd={self.budget_usd} is "
                f"spent{held}; nothing was sent; raise budget_usd=, or lower max_tokens="
            )

    def _settle(self, model: Model, call: _Call) -> None:
        used = None if call.reply is None else call.reply.usage
        told = used is not None and (used.prompt_tokens > 0 or used.completion_tokens > 0)
        guess = 0.0
        if not told and call.characters:
            guess = model.cost(call.prompt_tokens, call.characters // 3 + 1) or 0.0
        with self._lock:
            self._reserved = max(0.0, self._reserved - (call.reserved or 0.0))
            if used is not None and told:
                self._prompt_tokens += used.prompt_tokens
                self._completion_tokens += used.completion_tokens
                self._cost += used.cost_usd or 0.0
                self._all_priced = self._all_priced and used.cost_usd is not None
                self._spent += used.cost_usd or 0.0
            elif call.characters:
                self._unreported += 1
                self._all_priced = False
                self._spent += guess


class MeteredModel(Wrapper):
    """A model whose calls go through a :class:`Meter`."""

    meter: Meter

    def __init__(self, model: Model, meter: Meter) -> None:
        super().__init__(model)
        self.meter = meter

    def repeat(self, index: int) -> MeteredModel:
        """The same model and meter for the repetition ``index``, counted from 0."""
        return MeteredModel(self._model.repeat(index), self.meter)

    def __repr__(self) -> str:
        return f"<{self._model!r} counted by {self.meter!r}>"

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        with self.meter.call(self._model, messages, max_tokens) as call:
            call.reply = self._model._chat(messages, temperature, max_tokens)
            call.characters = len(call.reply.text)
        return call.reply

    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        with self.meter.call(self._model, messages, max_tokens) as call:
            call.reply = await self._model._achat(messages, temperature, max_tokens)
            call.characters = len(call.reply.text)
        return call.reply

    def _stream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> Generator[str | Reply, None, None]:
        with (
            self.meter.call(self._model, messages, max_tokens) as call,
            closing(self._model._stream(messages, temperature, max_tokens)) as pieces,
        ):
            for piece in pieces:
                yield _noted(call, piece)

    async def _astream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> AsyncGenerator[str | Reply, None]:
        with self.meter.call(self._model, messages, max_tokens) as call:
            async with aclosing(self._model._astream(messages, temperature, max_tokens)) as pieces:
                async for piece in pieces:
                    yield _noted(call, piece)


def _noted(call: _Call, piece: str | Reply) -> str | Reply:
    if isinstance(piece, Reply):
        call.reply = piece
    else:
        call.characters += len(piece)
    return piece
