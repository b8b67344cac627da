"""Text -> vectors: the bundled static vectors by default, any other embedding by one argument.

    embedding = resolve_embedding("openai:text-embedding-3-small")
    embedding.name, embedding.dimensions
    embedding.embed(["France will send 2,000 troops."])      # float32, shape (1, dimensions), rows of length 1
    embedding.embed_query("Who sends troops?")

An embedding is anything with the interface of :class:`Embedding`. :func:`resolve_embedding` says what it makes one
from. No model, service or heavy library is loaded before the first vector, name or number of dimensions is asked for.

A library records the ``name`` of the embedding that made its vectors, and :func:`embedding_from_name` makes it again.
Names say what made the vectors, so they never change from version to version of this package, and neither a key nor a
folder of this machine is in them. :func:`same_vectors` knows when two names mean the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.embeddings.base import Embedding, unit_rows
from toolkit.embeddings.llama import LlamaIndexEmbedding
from toolkit.embeddings.resolve import embedding_from_name, resolve_embedding, same_vectors
from toolkit.embeddings.static import StaticEmbedding, word_pieces, word_vectors

if TYPE_CHECKING:
    from toolkit.embeddings.base import Vectors as Vectors

__all__ = [
    "Embedding",
    "LlamaIndexEmbedding",
    "StaticEmbedding",
    "embedding_from_name",
    "resolve_embedding",
    "same_vectors",
    "unit_rows",
    "word_pieces",
    "word_vectors",
]
