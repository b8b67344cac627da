"""The static word vectors bundled with the ``wordllama`` package.

They are 32,000 word pieces of 256 dimensions; a text's vector is the mean of its word pieces'. They are read straight
from the package's folder, so nothing is ever fetched. The package's own loader is not used: it needs 0.7 s against
0.1 s, embeds a tenth as many passages a second, and switches the whole process' logging to INFO when imported. The
vectors are equal.

Nearly all the time went into finding a text's word pieces, since the vocabulary's rules look at a whole text at once.
But none of its pieces reaches over the beginning of a word, so a text's pieces are those of its words, and the pieces
of a word that was seen before are looked up.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from toolkit.embeddings.base import encodable, unit_rows
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from toolkit.embeddings.base import Vectors

_BATCH = 512  # texts whose word pieces are looked up at a time
_PIECES = 1024  # of one text at a time: their vectors take 1 MB
_WORDS = 50_000  # remembered at most, with their pieces: 10 MB, and as much again that lies between them
_WORD_VECTORS = 20_000  # remembered at most: 20 MB
_LONGEST = 40  # characters of a word that is remembered
_SPACED = re.compile(" +[^ ]*")
_SPECIAL = re.compile("<unk>|</?s>")


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
            space) has a row of zeros, never NaN. A text's vector does not depend on the others.
        """
        import numpy as np

        table = _static_model()[1]
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        room = np.empty((_PIECES, self.dimensions), np.float32)
        for first in range(0, len(texts), _BATCH):
            batch = [encodable(text) for text in texts[first : first + _BATCH]]
            for row, (text, pieces) in enumerate(zip(batch, _pieces(batch), strict=True), first):
                # White space has word pieces too, but says nothing.
                if pieces and not text.isspace():
                    _add_up(table, np.frombuffer(pieces, np.uint16), room, vectors[row])
        return unit_rows(vectors)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, made like a passage's: float32, shape (256,)."""
        vector: Vectors = self.embed([text])[0]
        return vector

    def __repr__(self) -> str:
        return f"<StaticEmbedding {self.name}, {self.dimensions} dimensions>"


_vectors: dict[str, Vectors] = {}
"""Vectors of single words, like ``_known``."""


def word_vectors(words: Sequence[str]) -> Vectors:
    """As :meth:`StaticEmbedding.embed`, for single words, which come again in answer after answer.

    Returns:
        float32, shape (len(words), 256).
    """
    global _vectors
    import numpy as np

    if len(_vectors) > _WORD_VECTORS:
        _vectors = {}
    known = _vectors
    missing = [word for word in words if word not in known]
    known.update(zip(missing, StaticEmbedding().embed(missing), strict=True))
    if not words:
        return np.zeros((0, StaticEmbedding.dimensions), np.float32)
    return np.array([known[word] for word in words])


def _add_up(table: Vectors, pieces: np.ndarray[Any, Any], room: Vectors, total: Vectors) -> None:
    """Set ``total`` to the mean of the pieces' vectors."""
    import numpy as np

    for first in range(0, len(pieces), _PIECES):
        some = pieces[first : first + _PIECES].astype(np.intp)
        # Memory that is used again, and "clip" (to be able to raise, numpy copies once more): a third less time.
        rows = np.take(table, some, axis=0, out=room[: len(some)], mode="clip")
        total += np.add.reduce(rows, axis=0)
    total /= len(pieces)


class _Known(dict[str, bytes]):
    """Words and their pieces, of which the missing ones are looked up. Threads may share it."""

    def __missing__(self, word: str) -> bytes:
        # The vocabulary's rules themselves: a third of the time of the tokenizer around them.
        rules = _static_model()[0].model
        pieces = _packed([piece.id for piece in rules.tokenize("▁" + word.replace(" ", "▁"))])
        if len(word) <= _LONGEST:  # else an address, or a language without spaces
            self[word] = pieces
        return pieces


_known = _Known()
"""When it is full, it is replaced, never emptied."""


def _pieces(texts: list[str]) -> list[bytes]:
    """The numbers of the texts' word pieces, as unsigned 16-bit integers."""
    global _known
    if len(_known) > _WORDS:
        _known = _Known()
    pieces_of, whole = _known.__getitem__, _static_model()[0]
    return [
        _packed(whole.encode(text, add_special_tokens=False).ids) if words is None else b"".join(map(pieces_of, words))
        for text, words in zip(texts, map(_words, texts), strict=True)
    ]


def _words(text: str) -> list[str] | None:
    """The words of a text, with the spaces before them but for one; None where the rules for words do not hold."""
    if "<" in text and _SPECIAL.search(text):
        return None  # the vocabulary's own signs, which it looks for before anything else
    if not text:
        return []
    text = text.replace("▁", " ")
    if "  " in text or text[0] == " " or text[-1] == " ":
        return [word[1:] for word in _SPACED.findall(f" {text}")]
    return text.split(" ")


def _packed(ids: list[int]) -> bytes:
    import array

    return array.array("H", ids).tobytes()


def word_pieces(text: str) -> list[int]:
    """The numbers of a text's word pieces in the bundled vocabulary, which is ordered from frequent to rare."""
    ids: list[int] = _static_model()[0].encode(encodable(text), add_special_tokens=False).ids
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
