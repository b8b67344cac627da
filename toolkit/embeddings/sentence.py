"""Models of sentence-transformers, run by torch on this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.embeddings.base import filled_row, filled_rows, needs_extra
from toolkit.embeddings.kinds import Named
from toolkit.embeddings.prefixes import Prefixes, known_prefixes
from toolkit.errors import ModelNotFound

if TYPE_CHECKING:
    from toolkit.embeddings.base import Vectors

_BATCH = 256  # texts at a time, which the library sorts by length
_ROWS = 32  # of them through the model at a time


class SentenceTransformersEmbedding:
    """A SentenceTransformer behind the :class:`toolkit.embeddings.Embedding` protocol (its extra has its name).

    A model that is named is downloaded on first use; code that comes with a model is never run. Where nothing is known
    of a model's family, the prompts in its own files are used. One thread at a time goes through the model.

    Args:
        model: A name such as ``all-MiniLM-L6-v2``, a folder, or a ``SentenceTransformer`` object.
        prefixes: What goes before questions and passages; None for what the model's family wants.
        dimensions: Length of the vectors, where it is known.

    Raises:
        ArgumentError: By what loads the model: the extra is not installed.
        ModelNotFound: By what loads the model: it does not exist, or cannot be downloaded or read.
    """

    def __init__(self, model: Any, *, prefixes: Prefixes | None = None, dimensions: int | None = None) -> None:
        self._model: Any = None if isinstance(model, str) else model
        self._source = model if isinstance(model, str) else _source(model)
        self._folder = Path(self._source).expanduser() if _is_folder(self._source) else None
        self.prefixes = known_prefixes(self._source) if prefixes is None else prefixes
        self._dimensions = dimensions
        self._hash: str | None = None
        self._lock = threading.RLock()

    @property
    def name(self) -> str:
        """The model's name with its prefixes; of a folder, its name and a hash of the model's files."""
        if self._folder is None:
            return f"sentence-transformers:{self._source}{self.prefixes.ending}"
        with self._lock:
            if self._hash is None:
                from toolkit.embeddings.onnx import content_hash

                # The rest (a model card, other formats of the same weights) makes no vectors.
                kinds = (".safetensors", ".bin", ".json", ".txt", ".model")
                files = [path for path in self._folder.rglob("*") if path.suffix in kinds and path.is_file()]
                self._hash = content_hash(sorted(files))
        return f"sentence-transformers:{self._folder.resolve().name}@{self._hash}{self.prefixes.ending}"

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        if self._dimensions is None:
            model = self._loaded()
            # The name of newer versions and that of older ones.
            asked = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
            self._dimensions = int(asked())
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages: float32, shape (len(texts), dimensions), rows of length 1 or all zero."""
        return filled_rows(
            texts, self.dimensions, _BATCH, lambda some: self._encode(some, "document", self.prefixes.passage)
        )

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32, shape (dimensions,), of length 1 or all zero."""
        return filled_row(text, self.dimensions, lambda some: self._encode(some, "query", self.prefixes.query))

    def __repr__(self) -> str:
        return f"<SentenceTransformersEmbedding {Path(self._source).name if self._folder else self._source}>"

    def _encode(self, texts: list[str], role: str, prefix: str) -> Any:
        model = self._loaded()
        # Before version 5 there was one method, and models had no prompts by role.
        encode = getattr(model, f"encode_{role}", model.encode)
        options: dict[str, Any] = {} if self.prefixes.name == "none" else {"prompt": prefix}
        with self._lock:
            return encode(texts, batch_size=_ROWS, show_progress_bar=False, convert_to_numpy=True, **options)

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                self._model = _load(self._source)
            return self._model


def sentence_transformers_embedding(named: Named) -> SentenceTransformersEmbedding:
    """A model of sentence-transformers, by name, by folder or as an object."""
    return SentenceTransformersEmbedding(named.model, prefixes=named.prefixes, dimensions=named.dimensions)


def _is_folder(source: str) -> bool:
    path = os.path.expanduser(source)  # Path raises errors of a name that can be no path
    return any(os.path.isfile(os.path.join(path, name)) for name in ("config.json", "modules.json"))


def _source(model: Any) -> str:
    """Where a SentenceTransformer object came from."""
    try:
        known = model[0].auto_model.config._name_or_path
    except (AttributeError, IndexError, KeyError, TypeError):
        known = None
    return str(known or type(model).__name__)


def _load(source: str) -> Any:
    needs_extra("sentence-transformers", "sentence_transformers")
    from sentence_transformers import SentenceTransformer

    failure = ""
    try:
        return SentenceTransformer(str(Path(source).expanduser()) if _is_folder(source) else source)
    except Exception as error:
        failure = " ".join(str(error).split())[:200]
    raise ModelNotFound(
        f"sentence-transformers: {source!r} cannot be loaded ({failure}); check the name and the network, "
        "or give the folder of a model"
    )
