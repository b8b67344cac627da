"""The only boundary to language models: resolve one, call it, stream from it, count, price and keep what it took.

    model = resolve("http://localhost:8080/v1", meter=Meter(max_calls=100), cache="replies.sqlite")
    reply = model.chat([Message(role="user", content="Who spoke?")])
    reply.text, reply.usage.completion_tokens, reply.usage.cached

A model is anything with the interface of :class:`Model`. :func:`resolve` makes one from a name, a URL, a ``.gguf`` file
or any llama-index LLM object; which back end a name goes to is a table, :mod:`toolkit.models.backends`.
:class:`FakeLLM` is a model for tests. llama-index and openai load on the first use of a real model, never before.
Errors are those of :mod:`toolkit.errors`, and no key ever shows in them.

A call goes through these, in this order: the cache (:class:`Cache`: a reply that is there is neither sent nor
counted), the meter (:class:`Meter`: counts, and refuses what would pass a limit), the gate (so many calls at once), and
the attempts (:class:`Retry`: again after a pause, when that can help).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.models.base import AsyncReplyStream, Model, Reply, ReplyStream, estimated_tokens
from toolkit.models.fake import FakeLLM
from toolkit.models.limits import Meter, MeteredModel
from toolkit.models.resolve import resolve
from toolkit.models.retry import Retry

if TYPE_CHECKING:
    from toolkit.models.cache import Cache as Cache
    from toolkit.models.cache import CachedModel as CachedModel

__all__ = [
    "AsyncReplyStream",
    "Cache",
    "CachedModel",
    "FakeLLM",
    "Meter",
    "MeteredModel",
    "Model",
    "Reply",
    "ReplyStream",
    "Retry",
    "estimated_tokens",
    "resolve",
]


def __getattr__(name: str) -> Any:
    if name in ("Cache", "CachedModel"):  # sqlite3 loads only for those who keep replies
        from toolkit.models import cache

        return getattr(cache, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
