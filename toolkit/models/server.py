"""An OpenAI-compatible server: its address, its key, the clients that talk to it, the models that it has."""

from __future__ import annotations

import threading
import weakref
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError, ModelError
from toolkit.models.addresses import is_loopback
from toolkit.models.draining import aread_to_the_end, read_to_the_end
from toolkit.models.failures import explain
from toolkit.models.retry import not_a_reply
from toolkit.settings import Secret

if TYPE_CHECKING:
    import asyncio
    import ssl

    import httpx
    from openai import AsyncOpenAI, OpenAI

_LIST_SECONDS = 10.0  # for the list of models, which costs a server nothing
_CONNECT_SECONDS = 5.0  # a server that is there answers within one
_LOCAL_SECONDS = 600.0  # a model on the user's own processor reads about 50 tokens a second
_REMOTE_SECONDS = 60.0  # without a sign; a service that thinks sends its first word within that


def _check(response: httpx.Response) -> None:
    """Look at an answer of status 200 before the libraries trip over it."""
    if _is_reply(response):
        body = response.read() if _is_whole(response) else None
        _raise_if_wrong(response, body)
        if body is None:
            read_to_the_end(response)


async def _acheck(response: httpx.Response) -> None:
    if _is_reply(response):
        body = await response.aread() if _is_whole(response) else None
        _raise_if_wrong(response, body)
        if body is None:
            aread_to_the_end(response)


def _is_reply(response: httpx.Response) -> bool:
    return bool(response.status_code == 200 and response.request.url.path.endswith("/chat/completions"))


def _is_whole(response: httpx.Response) -> bool:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower().endswith("json")


def _raise_if_wrong(response: httpx.Response, body: bytes | None) -> None:
    wrong = not_a_reply(response.request.content, response.headers.get("content-type", ""), body)
    if wrong is not None:
        wrong.response = response
        raise wrong


@dataclass(frozen=True)
class _Kept:
    """The async client of one event loop, and the generator that closes it."""

    client: AsyncOpenAI
    keeper: AsyncGenerator[AsyncOpenAI, None]


class Server:
    """One server and how to talk to it.

    Args:
        url: Its address, up to and with ``/v1``.
        key: Sent with each request; servers that need none get a word that is no key.
        timeout: Seconds without a sign of the server that end an attempt; None for 600 on this machine and 60
            elsewhere.
    """

    def __init__(self, url: str, key: Secret | None, timeout: float | None) -> None:
        self.url = url
        self.key = key
        self.timeout = timeout if timeout is not None else _LOCAL_SECONDS if is_loopback(url) else _REMOTE_SECONDS
        self.process: object = None
        """What keeps a server of this very process running."""
        self.identity = url
        """What stands for the server in a cache's keys: its address, or the file that this process serves."""
        self._client: OpenAI | None = None
        self._kept: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Kept] = weakref.WeakKeyDictionary()
        self._tls: ssl.SSLContext | None = None
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
                http = openai.DefaultHttpxClient(**self._http(), event_hooks={"response": [_check]})
                self._client = openai.OpenAI(**self._settings(), http_client=http)
            return self._client

    async def async_client(self) -> AsyncOpenAI:
        """The async client of the running event loop, made on first use.

        The connections of an async client belong to one event loop, and a loop that ends tells nobody but its async
        generators: so a generator keeps the client, and closes it when ``asyncio.run`` closes what is left of those.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        with self._lock:
            kept = self._kept.get(loop)
        if kept is None:
            keeper = self._keeper(loop)
            kept = _Kept(await anext(keeper), keeper)  # nothing waits in there: no other task comes between
            with self._lock:
                self._kept[loop] = kept
        return kept.client

    async def _keeper(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[AsyncOpenAI, None]:
        import openai

        http = openai.DefaultAsyncHttpxClient(**self._http(), event_hooks={"response": [_acheck]})
        client = openai.AsyncOpenAI(**self._settings(), http_client=http)
        try:
            yield client
        finally:
            with self._lock:
                kept = self._kept.get(loop)
                if kept is not None and kept.client is client:
                    del self._kept[loop]  # else the generator would keep a loop alive that has ended
            await client.close()

    def _http(self) -> dict[str, Any]:
        """Settings of the HTTP client."""
        if self._tls is None:  # reading the certificates takes 20 ms: once, and only where they are needed
            import ssl

            import httpx

            plain = is_loopback(self.url) and self.url.startswith("http:")
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context()
        # A proxy from the environment cannot know this machine's own ports.
        return {"verify": self._tls, "trust_env": not is_loopback(self.url)}

    def close(self) -> None:
        """Close all connections; those of an event loop that is not running now are closed when it ends."""
        with self._lock:
            client, self._client = self._client, None
            running = [(loop, kept.keeper) for loop, kept in self._kept.items() if loop.is_running()]
            for loop, _ in running:  # a call that comes now makes a client of its own
                del self._kept[loop]
        if client is not None:
            client.close()
        for loop, keeper in running:
            _close_in(loop, keeper)

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

    def only_model(self) -> dict[str, Any]:
        """What the server says of the one model that it has.

        Raises:
            ModelError: It has none; or as for :meth:`models`.
            ArgumentError: It has several; the message names them.
        """
        listed = self.models()
        if not listed:
            raise ModelError(f"{self.url}: says that it has no models; add the name to the address: '{self.url}#name'")
        if len(listed) > 1:
            names = [entry["id"] for entry in listed]
            some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
            example = f"{self.url}#{names[0]}"
            raise ArgumentError(f"{self.url}: has {len(names)} models; choose one, as in '{example}': {some}")
        return listed[0]

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
            "max_retries": 0,  # calls are repeated in one place only, see toolkit.models.retry
        }


def _close_in(loop: asyncio.AbstractEventLoop, keeper: AsyncGenerator[Any, None]) -> None:
    """Close a keeper in its own event loop, without waiting for that: the caller may be what the loop runs."""
    import asyncio

    closing = keeper.aclose()
    try:
        asyncio.run_coroutine_threadsafe(closing, loop)
    except RuntimeError:  # it has ended meanwhile, and its generators with it
        closing.close()


@contextmanager
def closing_on_error(server: Server) -> Iterator[Server]:
    """Close the server's connections when the block fails."""
    try:
        yield server
    except BaseException:
        server.close()
        raise
