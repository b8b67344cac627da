"""Sentence models as ONNX files, run by onnxruntime on this machine's processor: no torch, no network."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.embeddings.base import filled_row, filled_rows
from toolkit.embeddings.prefixes import NONE, Prefixes, known_pooling, known_prefixes
from toolkit.errors import ArgumentError, ModelError, ModelNotFound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.embeddings.base import Vectors
    from toolkit.embeddings.prefixes import Pooling

_PLACES = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx", "model_optimized.onnx")
_POOLING, _LENGTH, _PROMPTS = "1_Pooling/config.json", "sentence_bert_config.json", "config_sentence_transformers.json"
_SETTINGS = ("tokenizer.json", _POOLING, _LENGTH, _PROMPTS)
_TOKENS = 512  # of a text at most, where the model's files do not say
_BATCH = 256  # texts that are sorted by length together
_ROOM = 2_048  # tokens that go through the model at a time
_KINDS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
}


class OnnxEmbedding:
    """A sentence model in an ONNX file beside its ``tokenizer.json``.

    The files may be laid out as by sentence-transformers: ``onnx/model.onnx``, how to pool in
    ``1_Pooling/config.json``, the longest text in ``sentence_bert_config.json``, prefixes in
    ``config_sentence_transformers.json``. Where those do not say, the family that the folder's name tells of decides,
    else it is the mean of the tokens' vectors. Longer texts are cut. Its name has the folder's and a hash of the files.

    Only texts of equal length share a run, so nothing is padded: a vector does not depend on the texts beside it, but
    for models whose numbers are quantised as they run, in the third digit.

    Args:
        path: The folder, or the ``.onnx`` file.
        prefixes: What goes before questions and passages; None for what the files or the model's family want.

    Raises:
        ModelNotFound: There is no such file.
        ArgumentError: The folder does not say which file, or asks for something that is not supported.
        ModelError: By everything that runs the model, when its files cannot be read or are no sentence model.
    """

    def __init__(self, path: Path, *, prefixes: Prefixes | None = None) -> None:
        self._file = _model_file(path)
        # ".../minilm/onnx/model.onnx" is a file of the model "minilm".
        inner = self._file.parent.name == "onnx" and not (self._file.parent / "tokenizer.json").is_file()
        self._folder = self._file.parent.parent if inner else self._file.parent
        if not (self._folder / "tokenizer.json").is_file():
            raise ModelNotFound(f"{self._folder}: has no tokenizer.json; put the model's own beside {self._file.name}")
        self._title = self._folder.resolve().name
        own = None if prefixes else _own_prefixes(self._folder)
        self.prefixes = prefixes or own or known_prefixes(self._title)
        self._pooling = _pooling(self._folder, self._title)
        self._hash: str | None = None
        self._loaded: tuple[Any, Any] | None = None
        self._dimensions: int | None = None
        self._lock = threading.RLock()

    @property
    def name(self) -> str:
        """The folder's name, a hash of the files that make the vectors, and the prefixes."""
        with self._lock:
            if self._hash is None:
                also = (self._folder / one for one in _SETTINGS)
                data = sorted(self._file.parent.glob(f"{self._file.name}[._]data*"))
                self._hash = content_hash([self._file, *data, *(one for one in also if one.is_file())])
        return f"onnx:{self._title}@{self._hash}{self.prefixes.ending}"

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        if self._dimensions is None:
            self._dimensions = int(self._vectors(["dimensions"]).shape[1])
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages: float32, shape (len(texts), dimensions), rows of length 1 or all zero."""
        prefix = self.prefixes.passage
        return filled_rows(texts, self.dimensions, _BATCH, lambda some: self._vectors([prefix + one for one in some]))

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32, shape (dimensions,), of length 1 or all zero."""
        prefix = self.prefixes.query
        return filled_row(text, self.dimensions, lambda some: self._vectors([prefix + one for one in some]))

    def __repr__(self) -> str:
        return f"<OnnxEmbedding {self._title}>"

    def _load(self) -> tuple[Any, Any]:
        """The session and the tokenizer."""
        import onnxruntime
        from tokenizers import Tokenizer

        failure = ""
        with self._lock:
            if self._loaded is not None:
                return self._loaded
            try:
                tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                tokenizer.no_padding()
                tokenizer.enable_truncation(_longest(self._folder, tokenizer))
                session = onnxruntime.InferenceSession(str(self._file), providers=["CPUExecutionProvider"])
                self._loaded = session, tokenizer
                return self._loaded
            except Exception as error:
                failure = " ".join(str(error).split())[:200]
        raise ModelError(f"{self._file}: cannot be loaded ({failure}); check that the model's files are whole")

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        import numpy as np

        session, tokenizer = self._load()
        encodings = tokenizer.encode_batch(texts)
        wanted = {one.name for one in session.get_inputs()}
        rows: list[Any] = [None] * len(texts)
        for group in _groups([len(one.ids) for one in encodings]):
            some = [encodings[index] for index in group]
            given = {
                "input_ids": [one.ids for one in some],
                "attention_mask": [one.attention_mask for one in some],
                "token_type_ids": [one.type_ids for one in some],
            }
            feed = {key: np.asarray(value, np.int64) for key, value in given.items() if key in wanted}
            for index, vector in zip(group, self._run(session, feed), strict=True):
                rows[index] = vector
        return np.asarray(rows, np.float32)

    def _run(self, session: Any, feed: dict[str, Any]) -> Any:
        """The vectors of texts of equal length."""
        failure = ""
        try:
            results = session.run(None, feed)
        except Exception as error:
            failure = " ".join(str(error).split())[:200]
        if failure:
            raise ModelError(f"{self._file}: the model failed ({failure}); check that it takes texts")
        flat = [one for one in results if one.ndim == 2]
        if flat:  # pooled by the model itself
            return flat[0]
        deep = [one for one in results if one.ndim == 3]
        if not deep:
            raise ModelError(f"{self._file}: gives no vectors of tokens or sentences; use a sentence model")
        tokens = deep[0]
        if self._pooling == "mean":
            return tokens.mean(axis=1)
        return tokens[:, 0 if self._pooling == "cls" else -1]


def _groups(lengths: list[int]) -> Iterable[list[int]]:
    """The texts by their numbers of tokens: each group has one length, and is small enough to go at a time."""
    by_length: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        by_length.setdefault(length, []).append(index)
    for length, group in by_length.items():
        size = max(1, _ROOM // max(1, length))
        yield from (group[first : first + size] for first in range(0, len(group), size))


def _model_file(path: Path) -> Path:
    if path.is_file():
        return path
    if not path.is_dir():
        raise ModelNotFound(f"{path}: no such model file; give the path of an .onnx file or of its folder")
    for place in _PLACES:
        if (path / place).is_file():
            return path / place
    found = sorted([*path.glob("*.onnx"), *path.glob("onnx/*.onnx")])
    if not found:
        raise ModelNotFound(f"{path}: has no .onnx file; give the folder of an ONNX sentence model")
    if len(found) > 1:
        names = ", ".join(one.name for one in found[:8])
        raise ArgumentError(f"{path}: has {len(found)} models ({names}); give the path of one")
    return found[0]


def _settings(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise ModelError(f"{path}: cannot be read as JSON; check that the model's files are whole")
    return found


def _pooling(folder: Path, title: str) -> Pooling:
    said = _settings(folder / _POOLING)
    chosen = {kind for key, kind in _KINDS.items() if said.get(key)} | {
        key for key, on in said.items() if key.startswith("pooling_mode_") and key not in _KINDS and on
    }
    if isinstance(said.get("pooling_mode"), str):
        chosen = {{"lasttoken": "last"}.get(said["pooling_mode"], said["pooling_mode"])}
    if not chosen:
        return known_pooling(title)
    for kind in ("mean", "cls", "last"):
        if chosen == {kind}:
            return kind
    raise ArgumentError(f"{folder}: pools by {', '.join(sorted(chosen))}; only mean, cls and lasttoken are supported")


def _own_prefixes(folder: Path) -> Prefixes | None:
    """Those that the model's files tell of; its name needs no ending for them, since the hash covers them."""
    prompts = _settings(folder / _PROMPTS).get("prompts")
    if not isinstance(prompts, dict):
        return None
    passage = next((prompts[key] for key in ("document", "passage") if isinstance(prompts.get(key), str)), "")
    query = prompts.get("query") if isinstance(prompts.get("query"), str) else ""
    return Prefixes(NONE.name, str(query), passage) if query or passage else None


def _longest(folder: Path, tokenizer: Any) -> int:
    said = _settings(folder / _LENGTH).get("max_seq_length")
    known = said or (tokenizer.truncation or {}).get("max_length") or _TOKENS
    return known if isinstance(known, int) and 2 < known <= 32_768 else _TOKENS


def content_hash(files: Sequence[Path]) -> str:
    """Twelve hexadecimal digits that tell files with other contents; a gigabyte takes about a second."""
    import hashlib

    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:12]
