"""What the user calls a model -> a :class:`Model`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.concurrency import Gate
from toolkit.errors import ArgumentError
from toolkit.models.addresses import short_name, shown_url
from toolkit.models.backends import BACK_ENDS, Wanted, back_end_of, maker_of
from toolkit.models.base import Model
from toolkit.models.prices import Tariff, given_price
from toolkit.models.retry import Retry

if TYPE_CHECKING:
    from toolkit.models.cache import Cache
    from toolkit.models.limits import Meter

_FORMS = f"{', '.join(one.form for one in reversed(BACK_ENDS))}, a llama-index LLM, or None"


def resolve(
    llm: object,
    *,
    api_key: str | None = None,
    timeout: float | None = None,
    temperature: float = 0.0,
    max_tokens: int = 512,
    context_window: int | None = None,
    threads: int | None = None,
    concurrency: int = 8,
    retry: Retry | None = None,
    price: Sequence[float] | None = None,
    cache: Cache | str | os.PathLike[str] | None = None,
    meter: Meter | None = None,
) -> Model | None:
    """The model that ``llm`` means.

    ==============================  ====================================================================================
    ``None``                        None: no model
    ``"http://host:port/v1"``       that OpenAI-compatible server, which is asked for the name of its one model
    ``"http://host:port/v1#name"``  the named model of that server; nothing is sent yet
    ``"gpt-5-mini"``                that model of OpenAI, or of the server at ``OPENAI_BASE_URL``; any name is taken
    ``"model.gguf"``                that file, in this process (needs the extra ``local``)
    a llama-index LLM object        that object, with its own temperature and length
    a :class:`Model`, ``FakeLLM``   itself
    ==============================  ====================================================================================

    ``OPENAI_API_KEY`` goes to OpenAI and to ``OPENAI_BASE_URL`` only; another server gets a key by ``api_key=``.

    Args:
        llm: See the table.
        api_key: The key; comes before ``OPENAI_API_KEY``.
        timeout: Seconds without a sign of the server that end an attempt; None for 600 on this machine, 60 elsewhere.
        temperature: For calls that give none.
        max_tokens: The longest reply, in tokens, for calls that give none.
        context_window: Tokens of prompt and reply together, when the server does not say; for a ``.gguf`` file what it
            is to have, 8,192 when not given.
        threads: Threads that a ``.gguf`` file computes with; None for one a processor.
        concurrency: Calls that may run at once; more of them wait.
        retry: When failed calls are made again; None for :class:`Retry` as it is. llama-index objects see to it
            themselves.
        price: US dollars for a million prompt tokens and a million completion tokens, where genai-prices does not
            know them or you pay others.
        cache: Keeps replies on disk: a :class:`Cache`, or the path of its file. What is found there is neither sent
            nor counted.
        meter: Counts calls, and holds them to its limits.

    Raises:
        ArgumentError: ``llm`` is none of these, or an option is unusable.
        AuthenticationError: OpenAI needs a key and there is none.
        ModelNotFound: The ``.gguf`` file does not exist.
        ModelUnavailable: The server that is asked for its models cannot be reached.
    """
    if llm is None:
        return None
    wanted = Wanted(
        name="",
        api_key=api_key,
        timeout=timeout,
        temperature=temperature,
        max_tokens=max_tokens,
        context_window=context_window,
        threads=threads,
        gate=Gate(concurrency),
        retry=retry or Retry(),
        price=given_price(price),
    )
    model = llm if isinstance(llm, Model) else _made(llm, wanted)
    if meter is not None:
        from toolkit.models.limits import MeteredModel

        model = MeteredModel(model, meter)
    if cache is not None:
        from toolkit.models.cache import Cache, CachedModel

        model = CachedModel(model, cache if isinstance(cache, Cache) else Cache(cache))
    return model


def _made(llm: object, wanted: Wanted) -> Model:
    if isinstance(llm, (str, os.PathLike)):
        text = os.fspath(llm)
        if not isinstance(text, str) or not text.strip():
            raise ArgumentError(f"llm={text!r} names no model; give {_FORMS}")
        return _named(replace(wanted, name=text.strip()))
    if isinstance(llm, type):
        raise ArgumentError(f"llm= is the class {llm.__name__}; give an object made from it, {llm.__name__}(...)")
    if callable(getattr(llm, "chat", None)) and hasattr(type(llm), "metadata"):
        return _from_object(llm, wanted)
    raise ArgumentError(f"llm= is a {type(llm).__name__}; give {_FORMS}")


def _named(wanted: Wanted) -> Model:
    text = wanted.name
    if text.startswith("sk-"):
        raise ArgumentError("llm= was given what looks like a key; pass it as api_key= and name a model")
    back_end = back_end_of(text)
    is_address = "://" in text or re.match(r"(localhost|[\w-]+(\.[\w-]+)+):\d+(/|$)", text)
    if back_end is BACK_ENDS[-1] and is_address:  # no name at all, but an address without “http”
        bare = text.partition("://")[2] or text
        raise ArgumentError(f"llm={shown_url(text)!r} is not a usable address; write it as 'http://{shown_url(bare)}'")
    return maker_of(back_end)(wanted)


def _from_object(llm: Any, wanted: Wanted) -> Model:
    from toolkit.models.llama import LlamaIndexModel

    try:
        metadata = llm.metadata
        name, window = metadata.model_name, metadata.context_window
    except Exception:  # llama-index's OpenAI raises for names that are newer than itself
        name, window = getattr(llm, "model", None), None
    if not isinstance(name, str) or not name or name == "unknown":
        name = getattr(llm, "model", None) or type(llm).__name__
    window = wanted.context_window or (window if isinstance(window, int) else None)
    tariff = Tariff(model=str(name), given=wanted.price, **_seller(llm))
    return LlamaIndexModel(short_name(str(name)), llm, context_window=window, gate=wanted.gate, tariff=tariff)


def _seller(llm: Any) -> dict[str, str]:
    """Who is paid for the calls of a llama-index LLM: the address that it goes to, else the provider of its class."""
    base = getattr(llm, "api_base", None) or getattr(llm, "base_url", None)
    if isinstance(base, str) and base:
        return {"url": base}
    package = re.match(r"llama_index\.llms\.(openai|anthropic|groq|mistralai|deepseek|cohere)\b", type(llm).__module__)
    return {} if package is None else {"provider": package[1].replace("mistralai", "mistral")}
