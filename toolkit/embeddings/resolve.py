"""What the user calls an embedding -> an :class:`Embedding`, and the name that a library recorded -> the same again."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from toolkit.embeddings.base import Embedding, needs_extra
from toolkit.embeddings.kinds import KINDS, SENTENCE_TRANSFORMERS, Kind, Named, kind_named, kind_of_object, maker_of
from toolkit.embeddings.llama import LlamaIndexEmbedding
from toolkit.embeddings.prefixes import NONE, Prefixes, split_ending
from toolkit.embeddings.static import StaticEmbedding
from toolkit.errors import ArgumentError

_FORMS = (
    f"None for the bundled vectors, {', '.join(repr(one.example) for one in KINDS)}, 'http://host:port/v1#model', "
    "a folder with an ONNX model, a llama-index embedding object, or an object with name, dimensions, embed and "
    "embed_query"
)
_URL = re.compile(r"https?://", re.IGNORECASE)
_KEY = re.compile(r"(?:^|[:#@=\s]|//)sk-", re.IGNORECASE)
_CONTENT = re.compile(r"^([\w-]+):.*@([0-9a-f]{12}(?:\+[\w-]+)?)$")


def resolve_embedding(value: object = None, *, api_key: str | None = None) -> Embedding:
    """The embedding that an ``embedding=`` argument stands for.

    =========================================  =========================================================================
    ``None``                                   the static vectors bundled with wordllama: no network, no model
    ``"openai:text-embedding-3-small"``        that model of OpenAI, or of the server at ``OPENAI_BASE_URL``
    ``"http://host:port/v1#model"``            that model of an OpenAI-compatible server (llama.cpp, vLLM, TEI, Ollama)
    ``"http://host:port/v1"``                  the one model of that server, which is asked for its name
    ``"fastembed:BAAI/bge-small-en-v1.5"``     a model of fastembed (extra ``fastembed``)
    ``"sentence-transformers:MODEL"``          a model of sentence-transformers, by name or folder (extra of that name)
    ``"minilm/"``, ``"minilm/model.onnx"``     an ONNX model beside its ``tokenizer.json`` (extra ``onnx``)
    a fastembed or SentenceTransformer object  that object
    a llama-index embedding object             that object
    an :class:`Embedding`                      itself
    =========================================  =========================================================================

    Models that want something before questions and passages get it, see :mod:`toolkit.embeddings.prefixes`; an ending
    such as ``+e5`` or ``+none`` chooses. ``OPENAI_API_KEY`` goes to OpenAI and to ``OPENAI_BASE_URL`` only; another
    server gets a key by ``api_key=``.

    Args:
        value: See the table.
        api_key: The key of the service; comes before ``OPENAI_API_KEY``.

    Raises:
        ArgumentError: ``value`` is none of these, or needs an extra that is not installed.
        AuthenticationError: OpenAI needs a key and there is none.
    """
    if value is None:
        return StaticEmbedding()
    if isinstance(value, str | os.PathLike):
        return _from_text(os.fspath(value), api_key)
    if isinstance(value, type):
        raise ArgumentError(f"embedding={value.__name__} is a class; make one first: embedding={value.__name__}(...)")
    return _from_object(value)


def embedding_from_name(name: str, *, dimensions: int | None = None, api_key: str | None = None) -> Embedding | None:
    """The embedding that made a library's vectors, from the name that the library recorded.

    Nothing is loaded, sent or asked for yet: what is missing (a key, an extra, the server) is an error of the first
    ``embed`` or ``embed_query``, so that a library can be opened and read without it.

    Args:
        name: As recorded.
        dimensions: As recorded; saves asking the model or the service for it.
        api_key: The key of the service; comes before ``OPENAI_API_KEY``.

    Returns:
        None when the name does not suffice: for objects of the user's, for models in folders, and for services on other
        machines but OpenAI and ``OPENAI_BASE_URL``: a folder that somebody else has made must not decide where
        questions are sent to. The user has to give ``embedding=`` then.
    """
    if name == StaticEmbedding.name:
        return StaticEmbedding()
    bare, prefixes = split_ending(name)
    prefixes = prefixes or NONE
    kind, _, model = bare.partition(":")
    if not model or _CONTENT.match(name):
        return None
    if _URL.match(bare) and "#" in bare:
        from toolkit.embeddings.service import may_be_asked, url_service

        return url_service(bare, api_key, prefixes=prefixes, dimensions=dimensions) if may_be_asked(bare) else None
    known = kind_named(kind)
    # Models in folders may bring code that loading them runs. (Of a name that can be no path, Path raises errors.)
    if known is None or os.path.exists(os.path.expanduser(model)):
        return None
    named = Named(model=model, prefixes=prefixes, dimensions=dimensions, api_key=api_key, recorded=True)
    return maker_of(known)(named)


def same_vectors(recorded: str, given: str) -> bool:
    """Whether two names mean the same vectors.

    They do when they are equal; when they name one model of two OpenAI-compatible addresses, since a server may move;
    and when they are of the same files, since a folder may be renamed.
    """
    if recorded == given:
        return True
    if _URL.match(recorded) and _URL.match(given):
        models = [name.partition("#")[2] for name in (recorded, given)]
        return models[0] == models[1] != ""
    files = [_CONTENT.match(name) for name in (recorded, given)]
    return None not in files and len({match.groups() for match in files if match}) == 1


def _from_text(text: str | bytes, api_key: str | None) -> Embedding:
    if not isinstance(text, str) or not text.strip():
        raise ArgumentError(f"embedding={text!r} names no embedding; give {_FORMS}")
    text = text.strip()
    if _KEY.search(text):  # in the place of a model too: "openai:sk-..."
        raise ArgumentError("embedding= was given what looks like a key; pass it as api_key= and name a model")
    if text == StaticEmbedding.name:
        return StaticEmbedding()
    bare, prefixes = split_ending(text)
    if _URL.match(bare):
        from toolkit.embeddings.service import url_service

        return url_service(bare, api_key, prefixes=prefixes)
    name, _, model = bare.partition(":")
    kind = kind_named(name)
    if kind is not None and model.strip():
        return _made(kind, Named(model=model.strip(), prefixes=prefixes, api_key=api_key))
    return _in_folder(bare, prefixes)


def _made(kind: Kind, named: Named) -> Embedding:
    if kind.package is not None:
        needs_extra(kind.name, kind.package)
    return maker_of(kind)(named)


def _in_folder(text: str, prefixes: Prefixes | None) -> Embedding:
    path = Path(os.path.expanduser(text))
    is_folder = os.path.isdir(path)  # Path raises errors of a name that can be no path
    if is_folder and (path / "modules.json").is_file() and not any(path.rglob("*.onnx")):
        return _made(SENTENCE_TRANSFORMERS, Named(model=str(path), prefixes=prefixes))
    if is_folder or text.lower().endswith(".onnx"):
        from toolkit.embeddings.onnx import OnnxEmbedding

        needs_extra("onnx", "onnxruntime")
        return OnnxEmbedding(path, prefixes=prefixes)
    hint = f"; did you mean 'openai:{text}'?" if text.startswith("text-embedding-") else ""
    raise ArgumentError(f"embedding={text!r} is neither an embedding nor a folder that exists{hint}; give {_FORMS}")


def _from_object(value: Any) -> Embedding:
    if hasattr(value, "get_text_embedding_batch") and hasattr(value, "get_query_embedding"):
        return LlamaIndexEmbedding(value)
    # By dir(), since isinstance() would ask a service for its name, and load a model for its dimensions.
    if {"name", "dimensions", "embed", "embed_query"} <= set(dir(value)):
        found: Embedding = value
        return found
    kind = kind_of_object(value)
    if kind is not None:
        return maker_of(kind)(Named(model=value))
    raise ArgumentError(f"embedding= is a {type(value).__name__}, which is no embedding; give {_FORMS}")
