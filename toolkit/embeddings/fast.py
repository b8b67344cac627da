"""Models of fastembed: ONNX files that it downloads from its own list, run on this machine."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from toolkit.embeddings.base import filled_row, filled_rows, needs_extra
from toolkit.embeddings.kinds import Named
from toolkit.embeddings.prefixes import Prefixes, known_prefixes
from toolkit.errors import ModelNotFound

if TYPE_CHECKING:
    from toolkit.embeddings.base import Vectors

_BATCH = 256  # texts at a time
_ROWS = 32  # of them through the model at a time: 256, fastembed's own choice, takes gigabytes


class FastEmbedEmbedding:
    """A model of fastembed behind the :class:`toolkit.embeddings.Embedding` protocol (extra ``fastembed``).

    The model is downloaded by fastembed on first use, into ``FASTEMBED_CACHE_PATH`` if that is set.

    Args:
        model: A name of fastembed's list, such as ``BAAI/bge-small-en-v1.5``, or a ``TextEmbedding`` object.
        prefixes: What goes before questions and passages; None for what the model's family wants. What fastembed adds
            of its own accord comes before that.
        dimensions: Length of the vectors, where it is known.

    Raises:
        ArgumentError: By what loads the model: the extra is not installed.
        ModelNotFound: By what loads the model: fastembed does not know it, or cannot get it.
    """

    def __init__(self, model: Any, *, prefixes: Prefixes | None = None, dimensions: int | None = None) -> None:
        self._model_name: str = model if isinstance(model, str) else str(model.model_name)
        self._model: Any = None if isinstance(model, str) else model
        self.prefixes = known_prefixes(self._model_name) if prefixes is None else prefixes
        self._dimensions = dimensions
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name with its prefixes."""
        return f"fastembed:{self._model_name}{self.prefixes.ending}"

    @property
    def dimensions(self) -> int:
        """Length of the vectors, from fastembed's list."""
        if self._dimensions is None:
            self._dimensions = int(self._loaded().embedding_size)
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages: float32, shape (len(texts), dimensions), rows of length 1 or all zero."""
        prefix = self.prefixes.passage
        return filled_rows(
            texts,
            self.dimensions,
            _BATCH,
            lambda some: list(self._loaded().passage_embed([prefix + one for one in some], batch_size=_ROWS)),
        )

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32, shape (dimensions,), of length 1 or all zero."""
        prefix = self.prefixes.query
        return filled_row(
            text, self.dimensions, lambda some: list(self._loaded().query_embed([prefix + one for one in some]))
        )

    def __repr__(self) -> str:
        return f"<FastEmbedEmbedding {self._model_name}>"

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                self._model = _load(self._model_name)
            return self._model


def fastembed_embedding(named: Named) -> FastEmbedEmbedding:
    """A model of fastembed, by name or as an object."""
    return FastEmbedEmbedding(named.model, prefixes=named.prefixes, dimensions=named.dimensions)


def _load(name: str) -> Any:
    needs_extra("fastembed", "fastembed")
    from fastembed import TextEmbedding

    known = {entry["model"] for entry in TextEmbedding.list_supported_models()}
    if name.lower() not in {one.lower() for one in known}:
        import difflib

        near = difflib.get_close_matches(name, known, n=3, cutoff=0.3)
        some = ", ".join(map(repr, near or sorted(known)[:3]))
        raise ModelNotFound(f"fastembed has no model {name!r}; it has {some}")
    failure = ""
    try:
        return TextEmbedding(name)
    except Exception as error:
        failure = " ".join(str(error).split())[:200]
    raise ModelNotFound(f"fastembed cannot get {name!r} ({failure}); check the network, or FASTEMBED_CACHE_PATH")
