"""What an embedding is, and what every kind of it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from toolkit.errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


@runtime_checkable
class Embedding(Protocol):
    """What the library asks of an embedding.

    Many threads may call ``embed`` and ``embed_query`` at a time.

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


def unit_rows(vectors: Vectors) -> Vectors:
    """Scale every row to length 1; rows of zeros, and rows with a value that is not finite, become zeros."""
    import numpy as np

    finite = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, np.float32(0))
    length = np.linalg.norm(finite, axis=1, keepdims=True)
    scaled: Vectors = (finite / np.where(length > 0, length, 1)).astype(np.float32)
    return scaled


def encodable(text: str) -> str:
    """The text without lone surrogates, which can neither be sent nor handed to a tokenizer's Rust strings."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def filled_row(text: str, dimensions: int, embed: Callable[[list[str]], object]) -> Vectors:
    """The vector of one text, as :func:`filled_rows` gives it: float32, shape (dimensions,)."""
    vector: Vectors = filled_rows([text], dimensions, 1, embed)[0]
    return vector


def filled_rows(texts: Sequence[str], dimensions: int, batch: int, embed: Callable[[list[str]], object]) -> Vectors:
    """Embed the texts that say anything, so many at a time; the others get rows of zeros.

    What a model or a service gives for an empty text means nothing, and most services refuse it.

    Args:
        texts: Any strings.
        dimensions: Length of the vectors.
        batch: Texts at a time.
        embed: Gives the vectors of some texts, shape (len(texts), dimensions).

    Returns:
        float32, shape (len(texts), dimensions), rows of length 1 or all zero.
    """
    import numpy as np

    vectors = np.zeros((len(texts), dimensions), np.float32)
    filled = [index for index, text in enumerate(texts) if text and not text.isspace()]
    for first in range(0, len(filled), batch):
        some = filled[first : first + batch]
        vectors[some] = unit_rows(np.asarray(embed([encodable(texts[index]) for index in some]), np.float32))
    return vectors


def needs_extra(extra: str, module: str) -> None:
    """Check that what an extra of this package installs is there.

    Args:
        extra: Its name.
        module: What it installs.

    Raises:
        ArgumentError: It is not; the message has the command that installs it.
    """
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise ArgumentError(f"embedding= of this kind needs the package {module}: pip install 'citebook[{extra}]'")
