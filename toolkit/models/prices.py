"""What tokens cost: by the kept list of genai-prices, or as the user says; None when nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.errors import ArgumentError


@dataclass(frozen=True, kw_only=True, slots=True)
class Tariff:
    """The prices of one model.

    The list belongs to the installed version of genai-prices (Pydantic, MIT) and is read offline. A provider is never
    guessed from a model's name: a gateway may resell the same model at a price of its own.

    Attributes:
        model: The model's name, as the provider knows it.
        url: The provider's address.
        provider: The provider's name, such as ``anthropic``, when there is no address.
        given: US dollars for a million prompt tokens and for a million completion tokens; comes before the list.
    """

    model: str
    url: str | None = None
    provider: str | None = None
    given: tuple[float, float] | None = None

    def cost(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> float | None:
        """US dollars for so many tokens; None when the price is not known.

        Args:
            prompt_tokens: Tokens sent.
            completion_tokens: Tokens of the reply, with those of its thinking.
            cached_tokens: How many of the tokens sent the provider had in its own cache, for which it asks less.
        """
        if self.given is not None:
            return (prompt_tokens * self.given[0] + completion_tokens * self.given[1]) / 1e6
        if self.url is None and self.provider is None:
            return None
        from genai_prices import Usage, calc_price

        used = Usage(input_tokens=prompt_tokens, output_tokens=completion_tokens, cache_read_tokens=cached_tokens)
        try:
            if self.url is not None:
                found = calc_price(used, self.model, provider_api_url=self.url)
            else:
                found = calc_price(used, self.model, provider_id=self.provider)
        except (LookupError, ValueError):  # not in the list; more cached tokens than tokens
            return None
        return float(found.total_price)


def given_price(price: Sequence[float] | None) -> tuple[float, float] | None:
    """The ``price=`` of the user, checked.

    Raises:
        ArgumentError: It is not two numbers, 0 or more.
    """
    if price is None:
        return None
    if (
        isinstance(price, (tuple, list))
        and len(price) == 2
        and all(isinstance(p, (int, float)) and not isinstance(p, bool) and 0 <= p < float("inf") for p in price)
    ):
        return float(price[0]), float(price[1])
    raise ArgumentError(
        f"price={price!r}: give dollars for a million prompt tokens and a million completion tokens, as in (0.25, 2.0)"
    )
