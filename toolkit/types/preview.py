"""What a call would send and cost: the value that ``dry_run=True`` gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from toolkit.types import Hit, Hits, Message, PromptRef
from toolkit.types.shown import Recorded


@dataclass(frozen=True, kw_only=True, repr=False)
class Preview(Recorded):
    """What a call would send to a model, and what that may cost. Nothing was sent.

    Attributes:
        model: The model's name; None when none would be asked.
        reason: Why none would be asked; None when one would.
        messages: The turns exactly as they would be sent.
        prompt: The prompt that they are made from.
        hits: The passages in them, best first.
        prompt_tokens: About how many tokens the messages have, rather too many than too few: every model cuts text
            up in its own way, see :func:`toolkit.drafts.counted_tokens`.
        reply_tokens: How many tokens the reply may have at most; None when not known.
        cost_usd: What the call may cost at most, in US dollars, by those two numbers and the prices of genai-prices;
            0 when the reply is in the cache; None when the price or the longest reply is not known.
        cached: Whether the reply is in the cache already.
        notes: As an answer would carry them, such as passages that do not fit the model.
        calls: How many calls; tokens and price are those of all, the messages those of the first.
    """

    model: str | None = None
    reason: str | None = None
    messages: tuple[Message, ...] = ()
    prompt: PromptRef | None = None
    hits: tuple[Hit, ...] = ()
    prompt_tokens: int = 0
    reply_tokens: int | None = 0
    cost_usd: float | None = 0.0
    cached: bool = False
    notes: tuple[str, ...] = ()
    calls: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "hits", Hits(self.hits))

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "model": self.model,
            "reason": self.reason,
            "messages": [asdict(message) for message in self.messages],
            "prompt": None if self.prompt is None else asdict(self.prompt),
            "passages": [
                {"article_id": hit.article.id, "start": hit.passage.span.start, "end": hit.passage.span.end}
                for hit in self.hits
            ],
            "prompt_tokens": self.prompt_tokens,
            "reply_tokens": self.reply_tokens,
            "cost_usd": self.cost_usd,
            "cached": self.cached,
            "notes": list(self.notes),
            "calls": self.calls,
        }
