"""Text -> vectors: the bundled static vectors by default, any llama-index embedding by one argument.

The static vectors are those that ship inside the ``wordllama`` wheel (32,000 word pieces, 256 dimensions); a text's
vector is the mean of its word pieces'. They are read straight from the package's folder, so nothing is ever fetched.
The package's own loader is not used: it needs 0.7 s against 0.1 s, embeds a quarter as many passages a second (it pads
every batch to its longest text), and switches the whole process' logging to INFO when imported. The vectors are equal.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from toolkit.errors import ArgumentError, ToolkitError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_BATCH = 512


@runtime_checkable
class Embedding(Protocol):
    """What the library asks of an embedding.

    Attributes:
        name: Says which vectors these are; a library refuses to be opened with another name.
        dimensions: Length of every vector.
    """

    @property
    def name(self) -> str:
        """Says which vectors these are."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages: float32, shape (len(texts), dimensions), rows of length 1 or all zero."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32, shape (dimensions,), of length 1 or all zero."""
        ...


class StaticEmbedding:
    """The static word vectors bundled with the ``wordllama`` package: no network, no model, 0.1 s to load.

    The vectors are loaded at the first ``embed``, once per process; many threads may embed at a time.
    """

    name = "wordllama-l2-supercat-256"
    dimensions = 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts.

        Args:
            texts: Any strings.

        Returns:
            float32, shape (len(texts), 256). Rows have length 1; a text without a known word piece (empty, white
            space) has a row of zeros, never NaN.
        """
        import numpy as np

        tokenizer, table = _static_model()
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for first in range(0, len(texts), _BATCH):
            batch = [_encodable(text) for text in texts[first : first + _BATCH]]
            for row, encoding in enumerate(tokenizer.encode_batch_fast(batch, add_special_tokens=False), first):
                # White space has word pieces too, but says nothing.
                if encoding.ids and not batch[row - first].isspace():
                    vectors[row] = table[encoding.ids].mean(axis=0)
        return unit_rows(vectors)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, made like a passage's: float32, shape (256,)."""
        vector: Vectors = self.embed([text])[0]
        return vector

    def __repr__(self) -> str:
        return f"<StaticEmbedding {self.name}, {self.dimensions} dimensions>"


class LlamaIndexEmbedding:
    """A llama-index embedding behind the :class:`Embedding` protocol.

    Args:
        model: An object with ``get_text_embedding_batch`` and ``get_query_embedding``.
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
            self._dimensions = len(self._model.get_query_embedding("dimensions"))
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages: float32, shape (len(texts), dimensions), rows of length 1 or all zero."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        # Most services refuse an empty input, and what they would return for it means nothing.
        filled = [index for index, text in enumerate(texts) if text.strip()]
        if filled:
            vectors[filled] = self._model.get_text_embedding_batch([_encodable(texts[index]) for index in filled])
        return unit_rows(vectors)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32, shape (dimensions,), of length 1 or all zero."""
        import numpy as np

        if not text.strip():
            return np.zeros(self.dimensions, np.float32)
        vector: Vectors = unit_rows(np.asarray([self._model.get_query_embedding(_encodable(text))], np.float32))[0]
        return vector

    def __repr__(self) -> str:
        return f"<LlamaIndexEmbedding {self.name}>"


def resolve_embedding(value: object = None) -> Embedding:
    """The embedding that an ``embedding=`` argument stands for.

    Args:
        value: None for the bundled static vectors, an :class:`Embedding`, or a llama-index embedding.

    Raises:
        ArgumentError: For anything else.
    """
    if value is None:
        return StaticEmbedding()
    if isinstance(value, type):
        raise ArgumentError(f"embedding={value.__name__} is a class; make one first: embedding={value.__name__}(...)")
    if hasattr(value, "get_text_embedding_batch") and hasattr(value, "get_query_embedding"):
        return LlamaIndexEmbedding(value)
    if isinstance(value, Embedding):
        return value
    raise ArgumentError(
        f"embedding={value!r} is not an embedding; give a llama-index embedding object, an object with name, "
        "dimensions, embed and embed_query, or None for the bundled vectors"
    )


def unit_rows(vectors: Vectors) -> Vectors:
    """Scale every row to length 1; rows of zeros, and rows with a value that is not finite, become zeros."""
    import numpy as np

    finite = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, np.float32(0))
    length = np.linalg.norm(finite, axis=1, keepdims=True)
    scaled: Vectors = (finite / np.where(length > 0, length, 1)).astype(np.float32)
    return scaled


def _encodable(text: str) -> str:
    # Lone surrogates cannot be handed to the tokenizer's Rust strings.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def word_pieces(text: str) -> list[int]:
    """The numbers of a text's word pieces in the bundled vocabulary, which is ordered from frequent to rare."""
    ids: list[int] = _static_model()[0].encode(_encodable(text), add_special_tokens=False).ids
    return ids


@functools.cache
def _static_model() -> tuple[Any, Vectors]:
    """The tokenizer and the table of vectors. Two threads that race here load the same thing twice, harmlessly."""
    from importlib.util import find_spec

    from tokenizers import Tokenizer

    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise ToolkitError("the bundled vectors are missing: install the wordllama package, or pass embedding=")
    from pathlib import Path

    folder = Path(spec.submodule_search_locations[0])
    tokenizer_file = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"
    vectors_file = folder / "weights" / "l2_supercat_256.safetensors"
    if not (tokenizer_file.is_file() and vectors_file.is_file()):
        raise ToolkitError(f"the bundled vectors are not in {folder}: reinstall wordllama 0.4, or pass embedding=")
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, _read_safetensors(vectors_file, "embedding.weight")


def _read_safetensors(path: Path, name: str) -> Vectors:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        table: Vectors = file.get_tensor(name).astype("float32")
    return table
