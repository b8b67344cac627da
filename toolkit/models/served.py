"""Models of OpenAI and of OpenAI-compatible servers, by address or by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from toolkit.errors import ArgumentError, AuthenticationError
from toolkit.models.addresses import OPENAI_URL, base_url, own_url, short_name
from toolkit.models.backends import Wanted
from toolkit.models.base import Model
from toolkit.models.prices import Tariff
from toolkit.models.server import Server, closing_on_error
from toolkit.settings import Secret
from toolkit.settings import api_key as key_setting


def model_at_url(wanted: Wanted) -> Model:
    """A model of the server at an address, ``http://host:port/v1#name``; without a name the only one that it has.

    Raises:
        ArgumentError: The address is unusable, or the server has several models.
        ModelError: The server has none, or does not say; its kinds are those of :meth:`Server.models`.
    """
    address, _, name = wanted.name.partition("#")
    url = base_url(address)
    key = None if not wanted.api_key else Secret(wanted.api_key)
    if key is None and url == own_url():
        key = key_setting()
    server = Server(url, key, wanted.timeout)
    if name:
        return open_model(server, name, wanted)
    with closing_on_error(server):
        only = server.only_model()
        return open_model(server, only["id"], replace(wanted, context_window=wanted.context_window or window_of(only)))


def model_by_name(wanted: Wanted) -> Model:
    """A model of OpenAI, or of the server at ``OPENAI_BASE_URL``; any name is taken.

    Raises:
        AuthenticationError: OpenAI needs a key and there is none.
    """
    url = own_url()
    key = key_setting(wanted.api_key or None)
    if key is None and url == OPENAI_URL:
        raise AuthenticationError(
            f"llm={wanted.name!r} is a model of OpenAI, which needs a key: set OPENAI_API_KEY or pass api_key="
        )
    return open_model(Server(url, key, wanted.timeout), wanted.name, wanted)


def window_of(listed: dict[str, Any]) -> int | None:
    """The context length that a server tells of a model; llama.cpp, vLLM and others each have their own place."""
    meta = listed.get("meta")
    n_ctx = meta.get("n_ctx") if isinstance(meta, dict) else None
    for value in (listed.get("max_model_len"), listed.get("context_length"), n_ctx):
        if isinstance(value, int) and value > 0:
            return value
    return None


def open_model(server: Server, name: str, wanted: Wanted) -> Model:
    """A model of a server; nothing is sent yet.

    Args:
        server: Who has it.
        name: The model's name there.
        wanted: What the call says about it.

    Raises:
        ArgumentError: OpenAI serves a model of this name by another protocol only.
    """
    from llama_index.llms.openai.utils import openai_modelname_to_contextsize

    from toolkit.models.llama import model_of_server

    window = wanted.context_window
    if window is None and server.url == OPENAI_URL:
        try:
            window = openai_modelname_to_contextsize(name)
        except ValueError:
            window = None
    # What runs in this process costs nothing; what another server costs, its address must tell.
    price = (0.0, 0.0) if server.process is not None and wanted.price is None else wanted.price
    refused: str | None = None
    try:
        return model_of_server(
            server,
            name,
            name=short_name(name),
            temperature=wanted.temperature,
            max_tokens=wanted.max_tokens,
            context_window=window,
            gate=wanted.gate,
            retry=wanted.retry,
            tariff=Tariff(model=name, url=server.url, given=price),
        )
    except ValueError as error:
        refused = " ".join(str(error).split())
    raise ArgumentError(f"llm={name!r} cannot be used: {refused}")
