"""An OpenAI-compatible server: its address, its key, the clients that talk to it, the models that it has."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.errors import ModelError
from toolkit.models.failures import explain
from toolkit.settings import Secret

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

OPENAI_URL = "https://api.openai.com/v1"
_RETRIES = 2  # of openai's own client, 0.5 to 1 s apart; llama-index's retries on top of them are switched off
_LIST_SECONDS = 10.0
_CONNECT_SECONDS = 5.0
_LOCAL_SECONDS = 600.0  # a model on the user's own processor reads about 50 tokens a second
_REMOTE_SECONDS = 60.0


def is_loopback(url: str) -> bool:
    """Whether the URL names this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class Server:
    """One server and how to talk to it.

    Args:
        url: Its address, up to and with ``/v1``.
        key: Sent with each request; servers that need none get a word that is no key.
        timeout: Seconds that one attempt may take; None for 600 on this machine and 60 elsewhere. A failed attempt
            is repeated twice.
    """

    def __init__(self, url: str, key: Secret | None, timeout: float | None) -> None:
        self.url = url
        self.key = key
        self.timeout = timeout if timeout is not None else _LOCAL_SECONDS if is_loopback(url) else _REMOTE_SECONDS
        self.process: object = None
        """What keeps a server of this very process running."""
        self._client: OpenAI | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Server {self.url}>"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        return () if self.key is None else (self.key.reveal(),)

    def client(self) -> OpenAI:
        """The plain client, made on first use and shared: it is safe to use from several threads."""
        import openai

        with self._lock:
            if self._client is None:
                # A proxy from the environment cannot know this machine's own ports.
                http = openai.DefaultHttpxClient(trust_env=False) if is_loopback(self.url) else None
                self._client = openai.OpenAI(**self._settings(), http_client=http)
            return self._client

    def async_client(self) -> AsyncOpenAI:
        """A new async client, to be closed by the caller: its connections belong to one event loop."""
        import openai

        http = openai.DefaultAsyncHttpxClient(trust_env=False) if is_loopback(self.url) else None
        return openai.AsyncOpenAI(**self._settings(), http_client=http)

    def close(self) -> None:
        """Close the connections of the plain client."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def models(self) -> tuple[dict[str, Any], ...]:
        """What the server says of its models, each with its ``id``.

        Raises:
            ModelError: When it does not say, or cannot be reached (see :func:`toolkit.models.failures.explain`).
        """
        failure: ModelError | None = None
        try:
            quick = self.client().with_options(max_retries=0, timeout=min(self.timeout, _LIST_SECONDS))
            listed = [model.model_dump() for model in quick.models.list().data]
            return tuple(model for model in listed if isinstance(model.get("id"), str))
        except Exception as error:
            known = explain(error, model="(its list of models)", where=self.url, secrets=self.secrets)
            failure = known if isinstance(known, ModelError) else ModelError(str(known))
        raise failure

    def model_names(self) -> tuple[str, ...]:
        """The names of its models; empty when it does not say."""
        try:
            return tuple(model["id"] for model in self.models())
        except ModelError:
            return ()

    def _settings(self) -> dict[str, Any]:
        import httpx

        return {
            "api_key": "none" if self.key is None else self.key.reveal(),
            "base_url": self.url,
            "timeout": httpx.Timeout(self.timeout, connect=min(self.timeout, _CONNECT_SECONDS)),
            "max_retries": _RETRIES,
        }


@contextmanager
def closing_on_error(server: Server) -> Iterator[Server]:
    """Close the server's connections when the block fails."""
    try:
        yield server
    except BaseException:
        server.close()
        raise
