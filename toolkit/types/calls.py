"""What is sent to a language model, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn of a rendered prompt."""

    role: Role
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptRef:
    """Which prompt was chosen: enough to find it again and to see that it has not changed.

    Attributes:
        name: ``task/variant``, as in the prompts folder.
        version: As the file declares it.
        hash: First 12 hexadecimal digits of the SHA-256 of the file's content.
    """

    name: str
    version: str
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What a model call took.

    Attributes:
        prompt_tokens, completion_tokens: As the provider reports them; 0 without a model call.
        cost_usd: Price in US dollars; None when the price is not known.
        cached: Whether the reply came from the cache.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    cached: bool = False
