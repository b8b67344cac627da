"""Addresses of model servers, and the names of models as they are shown; nothing is asked here."""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from toolkit.errors import ArgumentError
from toolkit.settings import setting

OPENAI_URL = "https://api.openai.com/v1"


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


def own_url() -> str:
    """Where models go that are named without an address: OpenAI, or what ``OPENAI_BASE_URL`` says.

    Raises:
        ArgumentError: ``OPENAI_BASE_URL`` is no usable address.
    """
    return base_url(setting("OPENAI_BASE_URL", default=OPENAI_URL) or OPENAI_URL)


def shown_url(url: str) -> str:
    """The address without a user name or password."""
    return re.sub(r"[^/@]*@", "", url.partition("?")[0])


def is_loopback(url: str) -> bool:
    """Whether the URL names this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def short_name(model: str) -> str:
    """The name to show: a server that goes by file paths would put this machine's folders into every answer."""
    if model.startswith("/"):
        return PurePosixPath(model).name
    return PureWindowsPath(model).name if re.match(r"[A-Za-z]:\\", model) else model
