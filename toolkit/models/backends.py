"""Which back end a model's name goes to: one line for each.

A new back end is a module with a function that makes a :class:`~toolkit.models.base.Model` of what is :class:`Wanted`,
a line in :data:`BACK_ENDS` and a test. An object of a class derived from ``Model`` needs none of this: it is given as
``llm=`` as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from toolkit.concurrency import Gate
from toolkit.models.retry import Retry

if TYPE_CHECKING:
    from toolkit.models.base import Model


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A model that a call asks for by its name, with all that the call says about it.

    Attributes:
        name: As the user wrote it, without white space around it.
        api_key: The key that the call gives; None where it gives none.
        timeout: Seconds without a sign of the server that end an attempt; None for the back end's own choice.
        temperature: For calls that give none.
        max_tokens: The longest reply, for calls that give none.
        context_window: Tokens of prompt and reply together; None where the call does not say.
        threads: Threads to compute with, for models that run in this process.
        gate: How many calls may run at once.
        retry: When failed calls are made again.
        price: US dollars for a million prompt tokens and for a million completion tokens; None for the list.
    """

    name: str
    api_key: str | None
    timeout: float | None
    temperature: float
    max_tokens: int
    context_window: int | None
    threads: int | None
    gate: Gate
    retry: Retry
    price: tuple[float, float] | None


Maker = Callable[[Wanted], "Model"]
"""Makes the model; raises ArgumentError, or an error of :mod:`toolkit.errors` that says why it cannot be had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackEnd:
    """One way to come by a model.

    Attributes:
        names: A pattern that its names match as a whole, in small or large letters.
        form: How such a name is written, for messages.
        maker: ``module:function``, of this package; imported with the first such name.
    """

    names: str
    form: str
    maker: str


BACK_ENDS = (
    BackEnd(names=r"https?://.*", form="'http://host:port/v1'", maker="served:model_at_url"),
    BackEnd(names=r"(?!.*://).*\.gguf", form="a .gguf file", maker="local:model_in_file"),
    BackEnd(names=r".*", form="a model name", maker="served:model_by_name"),
)
"""The first whose pattern matches is taken."""


def back_end_of(name: str) -> BackEnd:
    """The back end of a model's name."""
    return next(one for one in BACK_ENDS if re.fullmatch(one.names, name, re.IGNORECASE | re.DOTALL))


def maker_of(back_end: BackEnd) -> Maker:
    """The function that makes a back end's models."""
    import pkgutil

    return cast("Maker", pkgutil.resolve_name(f"toolkit.models.{back_end.maker}"))
