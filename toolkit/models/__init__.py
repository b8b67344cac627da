"""The only boundary to language models: resolve one, call it, stream from it, count what it took.

    model = resolve("http://localhost:8080/v1")
    reply = model.chat([Message(role="user", content="Who spoke?")])
    reply.text, reply.usage.completion_tokens

A model is anything with the interface of :class:`Model`. :func:`resolve` makes one from a name, a URL, a ``.gguf`` file
or any llama-index LLM object; :class:`FakeLLM` is one for tests. llama-index and openai load on the first use of a real
model, never before. Errors are those of :mod:`toolkit.errors`, and no key ever shows in them.
"""

from __future__ import annotations

from toolkit.models.base import AsyncReplyStream, Model, Reply, ReplyStream
from toolkit.models.fake import FakeLLM
from toolkit.models.resolve import resolve

__all__ = ["AsyncReplyStream", "FakeLLM", "Model", "Reply", "ReplyStream", "resolve"]
