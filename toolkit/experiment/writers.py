"""Who writes a row: a function in the place of a model, a model whose replies are noted, a model for one library."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from toolkit.errors import ArgumentError
from toolkit.experiment.grid import Writer
from toolkit.models import Model, Reply
from toolkit.models.base import Wrapper
from toolkit.settings import SAME
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


_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_DEEP = 6  # objects within objects that are looked into: a function, what it calls, and their settings, by eye
_LONG = 1000  # entries of a collection that are looked at one by one; a longer one is data, and counts by its length


def told_apart(value: Any, depth: int = 0) -> Any:
    """What tells a function, or an option, from another of the same name, as a JSON value.

    Of a function it is the code, and what that uses from outside: defaults, enclosed variables, globals, other
    functions. Of an object the class and the attributes. What cannot be looked into counts by its type alone, so a
    client or a file is the same after a restart.
    """
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if depth > _DEEP:
        return kind
    deeper = depth + 1
    if isinstance(value, (list, tuple, set, frozenset, Mapping)):
        if len(value) > _LONG:
            return [kind, len(value)]
        parts = value.items() if isinstance(value, Mapping) else value
        told = [told_apart(part, deeper) for part in parts]
        # The order of a set is another one in each process.
        return [kind, sorted(told, key=repr) if isinstance(value, (set, frozenset)) else told]
    if isinstance(value, CodeType):
        return [value.co_code.hex(), [told_apart(one, deeper) for one in value.co_consts], list(value.co_names)]
    if isinstance(value, partial):
        return [kind, *(told_apart(one, deeper) for one in (value.func, value.args, value.keywords))]
    if isinstance(value, MethodType):
        return [kind, told_apart(value.__func__, deeper), told_apart(value.__self__, deeper)]
    if isinstance(value, FunctionType):
        given = (value.__code__, value.__defaults__, value.__kwdefaults__, dict(_used(value)))
        return [kind, *(told_apart(one, deeper) for one in given)]
    if isinstance(value, (type, ModuleType)):
        return [kind, getattr(value, "__qualname__", value.__name__), getattr(value, "__version__", "")]
    own = {name: one for kin in reversed(type(value).__mro__) for name, one in vars(kin).items()}
    if isinstance(own.get("__call__"), FunctionType):
        methods = {name: one for name, one in own.items() if isinstance(one, FunctionType)}
        return [kind, told_apart(methods, deeper), told_apart(getattr(value, "__dict__", {}), deeper)]
    shown = repr(value)
    return kind if _ADDRESS.search(shown) else [kind, shown]


def _used(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The enclosed variables and the globals that a function's code names."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if cell != type(cell)():  # not yet filled
            yield name, cell.cell_contents
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        yield from ((name, function.__globals__[name]) for name in code.co_names if name in function.__globals__)
        codes += [one for one in code.co_consts if isinstance(one, CodeType)]
