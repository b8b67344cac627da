"""A prompt filled in for a model, with as many of the passages as it can take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from toolkit.errors import ContextOverflow
from toolkit.types import Hit, Message
from toolkit.types.preview import Preview

if TYPE_CHECKING:
    from toolkit.models import Model
    from toolkit.prompts import Prompt

_LESS = 0.75  # of the tokens of a prompt that a server found too long


def counted_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens the messages take.

    They are counted in the bundled vocabulary of 32,000 word pieces, with a quarter more for each character outside
    ASCII, for which some models need more. English takes a fifth more by this count than by GPT-4's vocabulary, other
    languages up to a half more.
    """
    from toolkit.embeddings import word_pieces
    from toolkit.models.base import TURN_TOKENS

    def tokens(text: str) -> int:
        return len(word_pieces(text)) + sum(not char.isascii() for char in text) // 4

    return sum(TURN_TOKENS + tokens(message.content) for message in messages)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A prompt filled in for a model; made by :func:`drafted`.

    Attributes:
        model: Whom to ask.
        prompt: What with.
        inputs: The prompt's inputs besides its passages.
        hits: Everything that was retrieved, best first.
        kept: How many of them are in the prompt, from the best on.
        messages: The turns to send.
    """

    model: Model
    prompt: Prompt
    inputs: Mapping[str, Any]
    hits: Sequence[Hit]
    kept: int
    messages: tuple[Message, ...]

    @cached_property
    def tokens(self) -> int:
        """About how many tokens the messages take."""
        return counted_tokens(self.messages)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """``temperature`` and ``max_tokens``, where the prompt sets them."""
        return self.prompt.parameters

    @property
    def longest_reply(self) -> int | None:
        """How many tokens the reply may have at most; None when not known."""
        return self.model.longest_reply(self.parameters.get("max_tokens"))

    @property
    def model_and_window(self) -> str:
        """The model's name, with its context window where that is known, for notes on what does not fit it."""
        window = self.model.context_window
        return self.model.name + ("" if window is None else f", whose context window has {window:,} tokens")

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader must know of what the model was not given."""
        left = len(self.hits) - self.kept
        if not left:
            return ()
        were = "was" if left == 1 else "were"
        why = f"together they do not fit {self.model_and_window}"
        return (f"{left} of {len(self.hits)} passages, the lowest ranked, {were} left out: {why}.",)

    def shorter(self, failure: ContextOverflow) -> Draft:
        """The same with fewer passages, after a server has found it too long.

        Raises:
            ContextOverflow: There is only one passage left.
        """
        if self.kept == 1:
            raise ContextOverflow(f"{failure} (not even one passage fits; use a model with a larger context window)")
        return self._longest(lambda draft: draft.tokens <= _LESS * self.tokens, self.kept - 1)

    def preview(self) -> Preview:
        """What would be sent, and what it may cost."""
        most = self.longest_reply
        cached = self.model.has_kept(self.messages, **self.parameters)
        return Preview(
            model=self.model.name,
            messages=self.messages,
            prompt=self.prompt.ref,
            hits=tuple(self.hits[: self.kept]),
            prompt_tokens=self.tokens,
            reply_tokens=most,
            cost_usd=0.0 if cached else None if most is None else self.model.cost(self.tokens, most),
            cached=cached,
            notes=self.notes,
        )

    @property
    def _fits(self) -> bool:
        from toolkit.models.base import TURN_TOKENS

        most = self.parameters.get("max_tokens")
        # A token has at least one byte, so most prompts are seen to fit without being counted.
        bound = sum(TURN_TOKENS + len(message.content.encode("utf-8", "replace")) for message in self.messages)
        return self.model.fits(self.messages, most, tokens=bound) or self.model.fits(
            self.messages, most, tokens=self.tokens
        )

    def _with(self, kept: int) -> Draft:
        return replace(self, kept=kept, messages=_rendered(self.prompt, self.hits[:kept], self.inputs))

    def _longest(self, good: Callable[[Draft], bool], most: int) -> Draft:
        """The draft with the most passages, up to ``most``, that is good; with one passage when none is."""
        best, low, high = self._with(1), 2, most
        while low <= high:
            middle = (low + high) // 2
            tried = self._with(middle)
            if good(tried):
                best, low = tried, middle + 1
            else:
                high = middle - 1
        return best


def _rendered(prompt: Prompt, hits: Sequence[Hit], inputs: Mapping[str, Any]) -> tuple[Message, ...]:
    from toolkit.prompts import prompt_passages

    return prompt.render(passages=prompt_passages(hits), **inputs)


def drafted(model: Model, prompt: Prompt, hits: Sequence[Hit], **inputs: Any) -> Draft:
    """Fill a prompt in for a model, leaving out the lowest ranked passages until the rest fits.

    Args:
        model: Whom to ask.
        prompt: What with; it has an input ``passages``.
        hits: What was retrieved, best first; at least one.
        **inputs: The prompt's other inputs.

    Raises:
        ContextOverflow: Not even the best passage fits.
        PromptError: The prompt has other inputs.
    """
    messages = _rendered(prompt, hits, inputs)
    whole = Draft(
        model=model,
        prompt=prompt,
        inputs=inputs,
        hits=hits,
        kept=len(hits),
        messages=messages,
    )
    if whole._fits:
        return whole
    draft = whole._longest(lambda tried: tried._fits, len(hits) - 1)
    if draft._fits:
        return draft
    raise ContextOverflow(
        f"{model.name}: not even one passage fits: {prompt.name} with the best one takes about {draft.tokens:,} tokens "
        f"and the reply up to {draft.longest_reply or 0:,}, the context window is {model.context_window:,}; "
        "use a model with a larger one, or a prompt with a lower maxOutputTokens"
    )
