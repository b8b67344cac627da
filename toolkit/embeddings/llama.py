"""llama-index's embedding objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.embeddings.base import filled_row, filled_rows
from toolkit.errors import ModelError, ToolkitError

if TYPE_CHECKING:
    from toolkit.embeddings.base import Vectors

T = TypeVar("T")

_BATCH = 512  # llama-index keeps vectors as lists of Python floats, 32 bytes each


class LlamaIndexEmbedding:
    """A llama-index embedding behind the :class:`toolkit.embeddings.Embedding` protocol.

    Its own settings say how many texts go into a request and how often a failed one is repeated.

    Args:
        model: An object with ``get_text_embedding_batch`` and ``get_query_embedding``.

    Raises:
        ModelError: By ``embed`` and ``embed_query``, when the object raises or gives vectors that cannot be used.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._dimensions: int | None = None

    @property
    def name(self) -> str:
        """The model's name with its class: two models of one name from two makers are two embeddings."""
        known = getattr(self._model, "model_name", None)
        kind = type(self._model).__name__
        return kind if known in (None, "", "unknown") else f"{kind}:{known}"

    @property
    def dimensions(self) -> int:
        """Length of the vectors, found out by embedding one word, once."""
        if self._dimensions is None:
            self._dimensions = len(self._asked(lambda: self._model.get_query_embedding("dimensions")))
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages: float32, shape (len(texts), dimensions), rows of length 1 or all zero."""
        done = 0

        def some(batch: list[str]) -> Any:
            nonlocal done
            vectors = self._asked(lambda: self._model.get_text_embedding_batch(batch), f"; {done:,} were embedded")
            self._check(vectors, len(batch))
            done += len(batch)
            return vectors

        return filled_rows(texts, self.dimensions, _BATCH, some)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32, shape (dimensions,), of length 1 or all zero."""

        def asked(some: list[str]) -> Any:
            vectors = [self._asked(lambda: self._model.get_query_embedding(some[0]))]
            self._check(vectors, 1)
            return vectors

        return filled_row(text, self.dimensions, asked)

    def _check(self, vectors: Any, count: int) -> None:
        lengths = {len(vector) for vector in vectors}
        if len(vectors) != count or lengths != {self.dimensions}:
            raise ModelError(
                f"{self.name}: gave {len(vectors)} vectors of {sorted(lengths)} dimensions for {count} texts, "
                f"not {count} of {self.dimensions}; check the embedding object"
            )

    def _asked(self, call: Callable[[], T], progress: str = "") -> T:
        """What the call returns; what it raises becomes an error of ours, without the request and its key."""
        failure: ToolkitError | None = None
        try:
            return call()
        except ToolkitError:
            raise
        except Exception as error:
            from toolkit.models.failures import explain

            key = getattr(self._model, "api_key", None)
            told = explain(error, model=self.name, where="embedding", secrets=(key,) if isinstance(key, str) else ())
            failure = type(told)(f"{told}{progress}")
        raise failure

    def __repr__(self) -> str:
        return f"<LlamaIndexEmbedding {self.name}>"
