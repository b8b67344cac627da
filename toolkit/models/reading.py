"""What a llama-index response holds: text, tokens, and why the model stopped, whichever provider it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_FINISH = {
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "STOP": "stop",
    "COMPLETE": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "SAFETY": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "BLOCKLIST": "content_filter",
}


def field_of(value: Any, *names: str) -> Any:
    """The first of the named fields that the object or mapping has and that is not None."""
    for name in names:
        found = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Counts as a provider reports them; ``cached`` are those of ``prompt`` that it had in its own cache."""

    prompt: int
    completion: int
    cached: int = 0


def tokens_of(response: Any) -> Tokens | None:
    """Token counts of a response; None when there are none."""
    for source in (field_of(response.raw, "usage", "usage_metadata"), response.additional_kwargs, response.raw):
        prompt = field_of(source, "prompt_tokens", "input_tokens", "prompt_token_count", "prompt_eval_count")
        completion = field_of(source, "completion_tokens", "output_tokens", "candidates_token_count", "eval_count")
        if isinstance(prompt, int) or isinstance(completion, int):
            cached = field_of(field_of(source, "prompt_tokens_details"), "cached_tokens")
            return Tokens(prompt or 0, completion or 0, cached if isinstance(cached, int) else 0)
    return None


def _choice(response: Any) -> Any:
    choices = field_of(response.raw, "choices")
    return choices[0] if isinstance(choices, list) and choices else response.raw


def finish_of(response: Any) -> str | None:
    """Why the model stopped, in OpenAI's words; None when the response does not say."""
    reason = field_of(_choice(response), "finish_reason", "stop_reason", "done_reason")
    return None if reason is None else _FINISH.get(str(reason), str(reason))


def refusal_of(response: Any) -> str:
    """The words, or the piece of them, by which the model declines; empty when it does not."""
    said = field_of(field_of(_choice(response), "message", "delta"), "refusal")
    return said if isinstance(said, str) else ""


class Collector:
    """What has come of a reply, whole or piece by piece."""

    def __init__(self) -> None:
        self.text = ""
        self.refusal = ""
        self.tokens: Tokens | None = None
        self._finish: str | None = None

    @property
    def finish_reason(self) -> str | None:
        """Why the model stopped; ``refusal`` when it declined."""
        return "refusal" if self.refusal else self._finish

    def take(self, response: Any) -> str:
        """Take a piece in; gives its text."""
        whole = response.message.content or ""
        delta = getattr(response, "delta", None)
        piece = delta if delta is not None else whole[len(self.text) :]
        self.text += piece
        self.refusal += refusal_of(response)
        self.tokens = tokens_of(response) or self.tokens
        self._finish = finish_of(response) or self._finish
        return str(piece)
