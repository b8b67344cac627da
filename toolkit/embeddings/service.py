"""Embeddings of OpenAI and of any server that speaks its protocol.

Requests go through the same client as those to language models: the same addresses, keys, pauses, retries and errors
(see :mod:`toolkit.models`), and no key ever shows.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.embeddings.base import encodable, unit_rows
from toolkit.embeddings.kinds import Named
from toolkit.embeddings.prefixes import NONE, Prefixes, known_prefixes
from toolkit.errors import AuthenticationError, ContextOverflow, ModelError, ToolkitError
from toolkit.settings import Secret
from toolkit.settings import api_key as key_setting

if TYPE_CHECKING:
    from toolkit.embeddings.base import Vectors
    from toolkit.models.retry import Retry
    from toolkit.models.server import Server

REQUESTS = 4
"""Requests at a time."""

_TEXTS = 128  # in one request; OpenAI takes 2,048, small servers fewer
_CHARACTERS = 200_000  # in one request; OpenAI takes 300,000 tokens, of which Chinese has about one a character
_DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
_TOO_LONG = ("too large to process", "physical batch size")  # llama.cpp, with status 500


class ServiceEmbedding:
    """A model of a service, asked by HTTP: some texts in a request, some requests at a time.

    A request that fails is made again where that can help, after the pause that the server asks for. Nothing is sent
    before the first vector is wanted, or the name of a model that was not named, or its dimensions.

    Args:
        server: The service and the key for it.
        model: The model's name; None for the only one that the server has.
        maker: What its name begins with in place of the server's address; None for the address.
        prefixes: What goes before questions and passages; None for what the model's family wants.
        dimensions: Length of the vectors; None to find out by embedding one word.
        needs_key: Whether the service is known to answer nobody without a key.
        requests: Requests at a time.
        retry: When failed requests are made again; None for :class:`toolkit.models.Retry` as it is.

    Raises:
        ModelError: By everything that asks the service, when it gives no vectors; the message says why, and how many
            texts had been embedded. Its kinds are those of a language model's, see :mod:`toolkit.errors`.
    """

    def __init__(
        self,
        server: Server,
        model: str | None,
        *,
        maker: str | None = None,
        prefixes: Prefixes | None = None,
        dimensions: int | None = None,
        needs_key: bool = False,
        requests: int = REQUESTS,
        retry: Retry | None = None,
    ) -> None:
        self._server = server
        self._model = model
        self._maker = maker
        self._prefixes = prefixes
        self._dimensions = dimensions or (_DIMENSIONS.get(model or "") if maker == "openai" else None)
        self._needs_key = needs_key
        self._requests = requests
        self._retry = retry
        self._lock = threading.Lock()
        # Connections end with the embedding, wherever its owner forgets to close it.
        weakref.finalize(self, server.close)

    @property
    def model(self) -> str:
        """The model's name, which a server with one model is asked for, once."""
        with self._lock:
            if self._model is None:
                self._model = str(self._server.only_model()["id"])
            return self._model

    @property
    def name(self) -> str:
        """The address or ``openai``, the model, and the prefixes that its texts get."""
        from toolkit.models.addresses import short_name

        address = f"{self._server.url}#" if self._maker is None else f"{self._maker}:"
        return f"{address}{short_name(self.model)}{self.prefixes.ending}"

    @property
    def prefixes(self) -> Prefixes:
        """What goes before questions and passages."""
        return known_prefixes(self.model) if self._prefixes is None else self._prefixes

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        if self._dimensions is None:
            self._embed(["dimensions"])
        return self._dimensions or 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages: float32, shape (len(texts), dimensions), rows of length 1 or all zero."""
        return self._embed(texts, self.prefixes.passage)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32, shape (dimensions,), of length 1 or all zero."""
        vector: Vectors = self._embed([text], self.prefixes.query)[0]
        return vector

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._server.close()

    def __repr__(self) -> str:
        return f"<ServiceEmbedding {self._maker or self._server.url} {self._model or '(its only model)'}>"

    def _embed(self, texts: Sequence[str], prefix: str = "") -> Vectors:
        import numpy as np

        filled = [index for index, text in enumerate(texts) if text and not text.isspace()]
        if not filled:
            return np.zeros((len(texts), self.dimensions), np.float32)
        batches = list(_batches(filled, texts))
        run = _Run(len(filled))
        if self._dimensions is None:  # one batch goes ahead
            first = self._batch(batches[0], texts, prefix, run)
            vectors = np.zeros((len(texts), first.shape[1]), np.float32)
            vectors[batches.pop(0)] = first
        else:
            vectors = np.zeros((len(texts), self._dimensions), np.float32)

        def one(batch: list[int]) -> None:
            if not run.failed.is_set():
                vectors[batch] = self._batch(batch, texts, prefix, run)

        if len(batches) <= 1 or self._requests == 1:
            for batch in batches:
                one(batch)
        else:
            self._side_by_side(one, batches, run)
        return vectors

    def _side_by_side(self, one: Any, batches: list[list[int]], run: _Run) -> None:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(self._requests, thread_name_prefix="embedding") as pool:
            waiting = [pool.submit(one, batch) for batch in batches]
            try:
                for done in waiting:
                    done.result()
            finally:  # nothing goes on after a failure, or after the user's Ctrl-C
                if not all(done.done() for done in waiting):
                    run.failed.set()
                    pool.shutdown(wait=False, cancel_futures=True)

    def _batch(self, batch: list[int], texts: Sequence[str], prefix: str, run: _Run) -> Vectors:
        """The vectors of some of the texts."""
        from toolkit.models.retry import Attempts, Retry

        if self._needs_key and self._server.key is None:
            raise no_key(self.name)
        attempts = Attempts(self._retry or Retry())
        sent = [prefix + encodable(texts[index]) for index in batch]
        failure: ToolkitError | None = None
        looked = False
        while failure is None:
            try:
                vectors = self._once(sent)
                run.count(len(batch))
                return vectors
            except Exception as error:
                if not looked and self._has_longer_name(error):
                    looked = True
                    continue
                pause = attempts.pause(error)
                hopeless = any(words in str(error) for words in _TOO_LONG)
                if hopeless or pause is None or run.failed.wait(pause):
                    failure = self._explained(error, attempts.failed, run, max(map(len, sent)))
        raise failure

    def _has_longer_name(self, error: Exception) -> bool:
        """Whether the server knows the model by its path, of which names have only the end; if so, use that."""
        from toolkit.models.addresses import short_name

        if getattr(error, "status_code", None) != 404:
            return False
        short = short_name(self.model)
        longer = [name for name in self._server.model_names() if name != short == short_name(name)]
        if len(longer) == 1:
            self._model = longer[0]
        return len(longer) == 1

    def _once(self, sent: list[str]) -> Vectors:
        import numpy as np

        from toolkit.models.addresses import OPENAI_URL, short_name
        from toolkit.models.retry import NotAReply

        # OpenAI's own base64 is a quarter as long, but not every server knows it.
        form: dict[str, Any] = {} if self._server.url == OPENAI_URL else {"encoding_format": "float"}
        reply = self._server.client().embeddings.create(model=self.model, input=sent, **form)
        data = getattr(reply, "data", None)
        if not isinstance(data, list):
            raise NotAReply("it sent something that holds no vectors")
        by_index = {getattr(item, "index", None): getattr(item, "embedding", None) for item in data}
        if sorted(by_index, key=str) != sorted(range(len(sent)), key=str) or len(data) != len(sent):
            raise NotAReply(f"it sent {len(data)} vectors for {len(sent)} texts")
        try:
            vectors = np.asarray([by_index[index] for index in range(len(sent))], np.float32)
        except (TypeError, ValueError):
            vectors = np.empty(0, np.float32)
        if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
            raise NotAReply("it sent vectors that are not rows of as many numbers each")
        if self._dimensions is None:
            self._dimensions = int(vectors.shape[1])
        if vectors.shape[1] != self._dimensions:
            raise ModelError(
                f"{self._server.url}: {short_name(self.model)!r} gave vectors of {vectors.shape[1]} dimensions where "
                f"there were {self._dimensions}; the server has another model now: start it with the one that was used"
            )
        return unit_rows(vectors)

    def _explained(self, error: Exception, tries: int, run: _Run, longest: int) -> ToolkitError:
        from toolkit.models.addresses import short_name
        from toolkit.models.failures import explain, redact
        from toolkit.models.retry import error_text

        run.failed.set()
        server, model = self._server, short_name(self.model)
        told = explain(
            error,
            model=model,
            where=server.url,
            secrets=server.secrets,
            known=server.model_names,
            tries=tries,
        )
        if isinstance(told, ContextOverflow) or any(words in str(error) for words in _TOO_LONG):
            said = redact(error_text(getattr(error, "body", None)) or str(error), server.secrets)
            told = ContextOverflow(
                f"{server.url}: a text is too long for {model!r} (the longest of these has {longest:,} "
                f"characters; {said}); let the server take longer ones, or use shorter texts"
            )
        return told if run.total == 1 else type(told)(f"{told}; {run.done:,} of {run.total:,} texts were embedded")


class _Run:
    """How far one ``embed`` has come."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failed = threading.Event()
        self._lock = threading.Lock()

    def count(self, texts: int) -> None:
        with self._lock:
            self.done += texts


def _batches(filled: list[int], texts: Sequence[str]) -> Iterable[list[int]]:
    batch: list[int] = []
    size = 0
    for index in filled:
        if batch and (len(batch) == _TEXTS or size + len(texts[index]) > _CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(index)
        size += len(texts[index])
    if batch:
        yield batch


def no_key(name: str) -> AuthenticationError:
    """The error for a service that needs a key and got none."""
    return AuthenticationError(
        f"embedding={name!r} is a model of OpenAI, which needs a key: set OPENAI_API_KEY or pass api_key="
    )


def openai_embedding(named: Named) -> ServiceEmbedding:
    """A model of OpenAI, or of the server at ``OPENAI_BASE_URL``; the key comes before ``OPENAI_API_KEY``.

    Raises:
        AuthenticationError: OpenAI needs a key and there is none, unless the name was recorded.
    """
    from toolkit.models.addresses import OPENAI_URL, own_url
    from toolkit.models.server import Server

    url = own_url()
    key = key_setting(named.api_key or None)
    missing = key is None and url == OPENAI_URL
    if missing and not named.recorded:
        raise no_key(f"openai:{named.model}")
    return ServiceEmbedding(
        Server(url, key, None),
        named.model,
        maker="openai",
        prefixes=named.prefixes or NONE,
        dimensions=named.dimensions,
        needs_key=missing,
    )


def url_service(
    text: str, api_key: str | None, *, prefixes: Prefixes | None = None, dimensions: int | None = None
) -> ServiceEmbedding:
    """A model of an OpenAI-compatible server, ``http://host:port/v1#model`` or without the model.

    Raises:
        ArgumentError: The address cannot be used, or holds a password or a key.
    """
    from toolkit.models.addresses import OPENAI_URL, base_url, own_url
    from toolkit.models.server import Server

    address, _, model = text.partition("#")
    url = base_url(address)
    if url == OPENAI_URL and model:
        return openai_embedding(Named(model=model, prefixes=prefixes, dimensions=dimensions, api_key=api_key))
    key = key_setting(api_key or None) if url == own_url() else Secret(api_key) if api_key else None
    return ServiceEmbedding(Server(url, key, None), model.strip() or None, prefixes=prefixes, dimensions=dimensions)


def may_be_asked(text: str) -> bool:
    """Whether questions may go to a recorded address without the user naming it: this machine, and its own server."""
    from toolkit.models.addresses import base_url, is_loopback, own_url

    url = base_url(text.partition("#")[0])
    return is_loopback(url) or url == own_url()
