"""Who writes a row: a function in the place of a model, a model whose replies are noted, a model for one library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toolkit.errors import ArgumentError
from toolkit.experiment.grid import Writer
from toolkit.models import Model, Reply
from toolkit.models.base import Wrapper
from toolkit.parts import SAME
from toolkit.types import Hits, Message, Usage


class Written(Model):
    """A function of the user's own in the place of a model, for one question."""

    def __init__(self, function: Writer, name: str, question: str, hits: Hits) -> None:
        self.name = name
        self._function, self._question, self._hits = function, question, hits

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Nothing that we know of."""
        return 0.0

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        text = self._function(self._question, self._hits)
        if not isinstance(text, str):
            raise ArgumentError(f"{self.name} gave a {type(text).__name__}; a writer gives a text")
        return Reply(text=text, model=self.name, usage=Usage(), finish_reason="stop")

    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        return self._chat(messages, temperature, max_tokens)

    def _stream(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Any:
        yield self._chat(messages, temperature, max_tokens)

    async def _astream(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Any:
        yield self._chat(messages, temperature, max_tokens)


class Noting(Wrapper):
    """A model whose replies are noted."""

    def __init__(self, model: Model, said: list[str]) -> None:
        super().__init__(model)
        self._said = said

    def _noted(self, reply: Reply) -> Reply:
        self._said.append(reply.text)
        return reply

    def has_kept(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> bool:
        """As the model's own."""
        return self._model.has_kept(messages, temperature=temperature, max_tokens=max_tokens)

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        return self._noted(self._model._chat(messages, temperature, max_tokens))

    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        return self._noted(await self._model._achat(messages, temperature, max_tokens))

    def _stream(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Any:
        yield from self._model._stream(messages, temperature, max_tokens)

    async def _astream(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Any:
        async for piece in self._model._astream(messages, temperature, max_tokens):
            yield piece


class One:
    """In the place of a library's models: one, which is metered elsewhere."""

    def __init__(self, model: Model | None) -> None:
        self._model = model

    def model(self, llm: object = SAME) -> Model | None:
        """That one."""
        return self._model
