"""A tiny sentence model as an ONNX file, written byte by byte: a table of word vectors and nothing more.

ONNX files are protocol buffers; the numbers of the fields are those of onnx.proto3 of the ONNX project.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

WORDS = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *"france sends troops soldiers to ukraine eggs flour query passage :".split(),
)
_FLOAT, _INT64 = 1, 7


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    data = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(data)) + data


def _value(name: str, kind: int, *shape: str | int) -> bytes:
    sizes = b"".join(_field(1, _field(1, one) if isinstance(one, int) else _field(2, one)) for one in shape)
    tensor = _field(1, kind) + _field(2, sizes)
    return _field(1, name) + _field(2, _field(1, tensor))


def model_bytes(table: np.ndarray) -> bytes:
    """A model from ``input_ids`` to ``last_hidden_state``: a row of the table for each."""
    size, dimensions = table.shape
    weights = _field(1, size) + _field(1, dimensions) + _field(2, _FLOAT) + _field(8, "table")
    weights += _field(9, table.astype(np.float32).tobytes())
    node = _field(1, "table") + _field(1, "input_ids") + _field(2, "last_hidden_state") + _field(4, "Gather")
    graph = _field(1, node) + _field(2, "words") + _field(5, weights)
    graph += _field(11, _value("input_ids", _INT64, "batch", "length"))
    graph += _field(12, _value("last_hidden_state", _FLOAT, "batch", "length", dimensions))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(2, 13))


def table_of(dimensions: int = 16) -> np.ndarray:
    """The vectors of the words, from a fixed seed; "soldiers" is near "troops"."""
    table = np.random.default_rng(0).standard_normal((len(WORDS), dimensions)).astype(np.float32)
    table[WORDS.index("soldiers")] = table[WORDS.index("troops")] * 0.9
    return table


def write_model(folder: Path, file: str = "model.onnx", dimensions: int = 16) -> np.ndarray:
    """Write the model and its tokenizer, which puts [CLS] and [SEP] around a text; gives the table."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    table = table_of(dimensions)
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(model_bytes(table))
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # as many models ship it
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 0}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512, "pad_token": "[PAD]"}))
    special = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    return table


def mean_of(table: np.ndarray, text: str) -> np.ndarray:
    """The vector that the model should give: the mean over [CLS], the words and [SEP], of length 1."""
    words = ["[CLS]", *text.lower().replace(":", " :").split(), "[SEP]"]
    rows = [table[WORDS.index(word) if word in WORDS else 1] for word in words]
    mean = np.mean(rows, axis=0)
    return mean / np.linalg.norm(mean)
