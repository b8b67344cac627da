"""What the user calls a model -> a :class:`Model`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.concurrency import Gate
from toolkit.errors import ArgumentError, AuthenticationError, ModelError
from toolkit.models.base import Model
from toolkit.models.prices import Tariff, given_price
from toolkit.models.retry import Retry
from toolkit.models.server import OPENAI_URL, Server, closing_on_error
from toolkit.settings import Secret, setting
from toolkit.settings import api_key as key_setting

if TYPE_CHECKING:
    from toolkit.models.cache import Cache
    from toolkit.models.limits import Meter

_FORMS = "a model name, 'http://host:port/v1', a .gguf file, a llama-index LLM, or None"


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
    options: dict[str, Any] = {
        "temperature": temperature,
        "max_tokens": max_tokens,
        "context_window": context_window,
        "threads": threads,
        "gate": Gate(concurrency),
        "retry": retry or Retry(),
        "price": given_price(price),
    }
    model = llm if isinstance(llm, Model) else _made(llm, api_key, timeout, options)
    if meter is not None:
        from toolkit.models.limits import MeteredModel

        model = MeteredModel(model, meter)
    if cache is not None:
        from toolkit.models.cache import Cache, CachedModel

        model = CachedModel(model, cache if isinstance(cache, Cache) else Cache(cache))
    return model


def _made(llm: object, api_key: str | None, timeout: float | None, options: dict[str, Any]) -> Model:
    if isinstance(llm, (str, os.PathLike)):
        text = os.fspath(llm)
        if not isinstance(text, str) or not text.strip():
            raise ArgumentError(f"llm={text!r} names no model; give {_FORMS}")
        return _from_text(text.strip(), api_key, timeout, options)
    if isinstance(llm, type):
        raise ArgumentError(f"llm= is the class {llm.__name__}; give an object made from it, {llm.__name__}(...)")
    if callable(getattr(llm, "chat", None)) and hasattr(type(llm), "metadata"):
        return _from_object(llm, options)
    raise ArgumentError(f"llm= is a {type(llm).__name__}; give {_FORMS}")


def _from_text(text: str, api_key: str | None, timeout: float | None, options: dict[str, Any]) -> Model:
    if text.startswith("sk-"):
        raise ArgumentError("llm= was given what looks like a key; pass it as api_key= and name a model")
    if re.match(r"https?://", text, re.IGNORECASE):
        return _from_url(text, None if not api_key else Secret(api_key), timeout, options)
    if "://" in text or re.match(r"(localhost|[\w-]+(\.[\w-]+)+):\d+(/|$)", text):
        bare = text.partition("://")[2] or text
        raise ArgumentError(f"llm={shown_url(text)!r} is not a usable address; write it as 'http://{shown_url(bare)}'")
    if text.lower().endswith(".gguf"):
        from toolkit.models.local import serve

        served = serve(text, options["context_window"], options["threads"])
        server = Server(served.url, None, timeout)
        server.process = served
        server.identity = _file_identity(text)
        return _open(server, served.name, {**options, "context_window": _window(server.models()[0])})
    url = base_url(setting("OPENAI_BASE_URL", default=OPENAI_URL) or OPENAI_URL)
    key = key_setting(api_key or None)
    if key is None and url == OPENAI_URL:
        raise AuthenticationError(
            f"llm={text!r} is a model of OpenAI, which needs a key: set OPENAI_API_KEY or pass api_key="
        )
    return _open(Server(url, key, timeout), text, options)


def shown_url(url: str) -> str:
    """The address without a user name or password."""
    return re.sub(r"[^/@]*@", "", url.partition("?")[0])


def base_url(url: str) -> str:
    """The address up to its version, in one spelling.

    Raises:
        ArgumentError: It is no address, or holds a password or a key.
    """
    try:
        parts = urlsplit(url)
        hostname, _ = parts.hostname, parts.port
    except ValueError:
        hostname = None
    if not hostname:
        raise ArgumentError(f"{shown_url(url)!r} is not a usable address; write it as 'http://host:port/v1'")
    if "@" in parts.netloc or parts.query:
        raise ArgumentError(f"{shown_url(url)}: give a key by api_key=, not inside the address")
    path = parts.path.rstrip("/") or "/v1"
    for ending in ("/chat/completions", "/embeddings", "/models"):
        path = path.removesuffix(ending)
    return f"{parts.scheme.lower()}://{parts.netloc}{path}"


def _from_url(text: str, key: Secret | None, timeout: float | None, options: dict[str, Any]) -> Model:
    address, _, model = text.partition("#")
    url = base_url(address)
    own = setting("OPENAI_BASE_URL", default=OPENAI_URL)
    if key is None and own and url == base_url(own):
        key = key_setting()
    server = Server(url, key, timeout)
    if model:
        return _open(server, model, options)
    with closing_on_error(server):
        listed = server.models()
        if not listed:
            raise ModelError(f"{url}: says that it has no models; add the name to the address: '{url}#name'")
        if len(listed) > 1:
            names = [entry["id"] for entry in listed]
            some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
            raise ArgumentError(f"{url}: has {len(names)} models; choose one, as in '{url}#{names[0]}': {some}")
        found = {**options, "context_window": options["context_window"] or _window(listed[0])}
        return _open(server, listed[0]["id"], found)


def _window(listed: dict[str, Any]) -> int | None:
    """The context length that a server tells of a model; llama.cpp, vLLM and others each have their own place."""
    meta = listed.get("meta") if isinstance(listed.get("meta"), dict) else {}
    for value in (listed.get("max_model_len"), listed.get("context_length"), (meta or {}).get("n_ctx")):
        if isinstance(value, int) and value > 0:
            return value
    return None


def short_name(model: str) -> str:
    """The name to show: a server that goes by file paths would put this machine's folders into every answer."""
    if model.startswith("/"):
        return PurePosixPath(model).name
    return PureWindowsPath(model).name if re.match(r"[A-Za-z]:\\", model) else model


def _open(server: Server, model: str, options: dict[str, Any]) -> Model:
    from llama_index.llms.openai.utils import openai_modelname_to_contextsize

    from toolkit.models.llama import served

    window = options["context_window"]
    if window is None and server.url == OPENAI_URL:
        try:
            window = openai_modelname_to_contextsize(model)
        except ValueError:
            window = None
    # What runs in this process costs nothing; what another server costs, its address must tell.
    price = (0.0, 0.0) if server.process is not None and options["price"] is None else options["price"]
    settings = {key: value for key, value in options.items() if key not in ("price", "threads")}
    settings |= {"context_window": window, "tariff": Tariff(model=model, url=server.url, given=price)}
    refused: str | None = None
    try:
        return served(server, model, name=short_name(model), **settings)
    except ValueError as error:
        refused = " ".join(str(error).split())
    raise ArgumentError(f"llm={model!r} cannot be used: {refused}")


def _file_identity(path: str) -> str:
    """What tells one model file from another: name, size and time of change; reading gigabytes would take too long."""
    file = Path(path).expanduser()
    facts = file.stat()
    return f"file:{file.name}:{facts.st_size}:{facts.st_mtime_ns}"


def _from_object(llm: Any, options: dict[str, Any]) -> Model:
    from toolkit.models.llama import LlamaIndexModel

    try:
        metadata = llm.metadata
        name, window = metadata.model_name, metadata.context_window
    except Exception:  # llama-index's OpenAI raises for names that are newer than itself
        name, window = getattr(llm, "model", None), None
    if not isinstance(name, str) or not name or name == "unknown":
        name = getattr(llm, "model", None) or type(llm).__name__
    window = options["context_window"] or (window if isinstance(window, int) else None)
    tariff = Tariff(model=str(name), given=options["price"], **_seller(llm))
    return LlamaIndexModel(short_name(str(name)), llm, context_window=window, gate=options["gate"], tariff=tariff)


def _seller(llm: Any) -> dict[str, str]:
    """Who is paid for the calls of a llama-index LLM: the address that it goes to, else the provider of its class."""
    base = getattr(llm, "api_base", None) or getattr(llm, "base_url", None)
    if isinstance(base, str) and base:
        return {"url": base}
    package = re.match(r"llama_index\.llms\.(openai|anthropic|groq|mistralai|deepseek|cohere)\b", type(llm).__module__)
    return {} if package is None else {"provider": package[1].replace("mistralai", "mistral")}
