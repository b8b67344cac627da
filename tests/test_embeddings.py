from __future__ import annotations

import logging
import subprocess
import sys
import tracemalloc
import types
from concurrent.futures import ThreadPoolExecutor
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit import Article, Library
from toolkit.embeddings import (
    Embedding,
    LlamaIndexEmbedding,
    StaticEmbedding,
    embedding_from_name,
    kinds,
    resolve_embedding,
    unit_rows,
    word_pieces,
)
from toolkit.embeddings import static as static_module
from toolkit.errors import ArgumentError, ModelError

PARTS = [
    "a",
    "b",
    "the",
    " ",
    "▁",
    "\n",
    "<s>",
    "</s>",
    "<",
    "é",
    "日",
    "\u00a0",
    "1",
    "#",
    "🙂",
    "e\u0301",
    "x" * 50,
]


class Paid:
    """What a llama-index embedding looks like; passages and queries are embedded differently."""

    model_name = "paid-1"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def get_text_embedding_batch(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(texts)
        if "bad" in texts:
            raise RuntimeError("key sk-proj-abcdef1234 has no credit")
        if "few" in texts:
            return [[1.0, 0.0, 0.0]]
        return [[3.0, 4.0, 0.0] for _ in texts]

    def get_query_embedding(self, text: str) -> list[float]:
        return [0.0, 0.0, 2.0]


def test_meaning_is_near():
    embedding = StaticEmbedding()
    vectors = embedding.embed(["France will send soldiers to Ukraine", "The recipe needs two eggs and flour"])
    query = embedding.embed_query("Which countries might deploy troops?")
    assert vectors.shape == (2, embedding.dimensions)
    assert vectors.dtype == query.dtype == np.float32
    assert vectors[0] @ query > vectors[1] @ query + 0.1


@given(st.lists(ODD_TEXT, max_size=4))
@settings(max_examples=40, deadline=None)
def test_rows_are_unit_or_zero(texts: list[str]):
    lengths = np.linalg.norm(StaticEmbedding().embed(texts), axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-4) | (lengths == 0))


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_nothing_to_embed_is_zero(text: str):
    vector = StaticEmbedding().embed_query(text)
    assert vector.shape == (256,)
    assert not vector.any()


def test_a_text_does_not_depend_on_its_batch():
    embedding = StaticEmbedding()
    texts = [f"word {number} " * (1 + number % 40) for number in range(700)]
    together = embedding.embed(texts)
    assert np.array_equal(together[[3, 650]], embedding.embed([texts[3], texts[650]]))


@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=30).map("".join) | ODD_TEXT, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_word_by_word_is_equal_to_the_whole_text(texts: list[str]):
    table = static_module._static_model()[1]
    for text, vector in zip(texts, StaticEmbedding().embed(texts), strict=True):
        pieces = word_pieces(text)
        mean = table[pieces].mean(axis=0) if pieces and text.strip() else np.zeros(256)
        assert np.allclose(vector, mean / (np.linalg.norm(mean) or 1), atol=1e-6)


def test_the_pieces_of_a_text_are_those_of_its_words():
    texts = [
        "a <s> b",
        "<s>",
        " two  spaces ",
        "▁▁x",
        "no" + "w" * 90 + " yes",
        "日本語 のニュース",
        "a\nb \n c",
        "<unk",
        "",
    ]
    assert [np.frombuffer(one, np.uint16).tolist() for one in static_module._pieces(texts)] == list(
        map(word_pieces, texts)
    )
    # What the rule rests on: a piece may begin with the sign of a space, and have none after another character.
    vocabulary = static_module._static_model()[0].get_vocab()
    assert not [piece for piece in vocabulary if "▁" in piece.lstrip("▁")]
    assert max(vocabulary.values()) < 2**16


def test_remembered_words_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(static_module, "_WORDS", 500)
    monkeypatch.setattr(static_module, "_known", static_module._Known())
    texts = [" ".join(f"{number}-{place}" for place in range(10)) for number in range(1200)]
    vectors = StaticEmbedding().embed(texts)
    assert len(static_module._known) <= 500 + 512 * 10
    monkeypatch.undo()
    assert np.array_equal(vectors, StaticEmbedding().embed(texts))


def test_a_long_text_takes_no_more_room():
    words = [f"word{number}" for number in range(50_000)]
    tracemalloc.start()
    try:
        vector = StaticEmbedding().embed([" ".join(words)])[0]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert abs(np.linalg.norm(vector) - 1) < 1e-4
    assert peak < 60e6  # the vectors of its pieces alone would take 200 MB


def test_threads_agree():
    embedding = StaticEmbedding()
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(embedding.embed_query, ["the same text"] * 8))
    assert all(np.array_equal(vector, vectors[0]) for vector in vectors)


def test_equal_to_the_package_whose_data_it_reads():
    level, handlers = logging.root.level, logging.root.handlers[:]
    script = (
        "import pathlib, wordllama, numpy as np\n"
        "model = wordllama.WordLlama.load(cache_dir=pathlib.Path(wordllama.__file__).parent, disable_download=True)\n"
        "from toolkit.embeddings import StaticEmbedding\n"
        "texts = ['Poland will not send troops.', 'Zelenskyy said 2,000', 'x']\n"
        "assert np.allclose(model.embed(texts, norm=True), StaticEmbedding().embed(texts), atol=1e-6)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert (logging.root.level, logging.root.handlers) == (level, handlers)


def test_import_loads_nothing_heavy():
    script = (
        "import sys, toolkit.embeddings; toolkit.embeddings.resolve_embedding()\n"
        "print([m for m in ('numpy', 'tokenizers', 'wordllama', 'llama_index') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_llama_index_shape_is_recognised():
    paid = Paid()
    embedding = resolve_embedding(paid)
    assert isinstance(embedding, LlamaIndexEmbedding)
    assert (embedding.name, embedding.dimensions) == ("Paid:paid-1", 3)
    assert np.allclose(embedding.embed(["a", " ", "b\ud800"]), [[0.6, 0.8, 0], [0, 0, 0], [0.6, 0.8, 0]])
    assert paid.batches == [["a", "b?"]]
    assert np.allclose(embedding.embed_query("q"), [0, 0, 1])
    assert not embedding.embed_query("").any()
    assert embedding.embed([]).shape == (0, 3)


def test_a_llama_index_embedding_that_fails_says_how_far_it_came():
    texts = [f"text {number}" for number in range(700)]
    with pytest.raises(ModelError, match=r"no credit.*; 512 were embedded") as caught:
        resolve_embedding(Paid()).embed([*texts, "bad"])
    assert "sk-proj" not in str(caught.value)
    with pytest.raises(ModelError, match=r"gave 1 vectors of \[3\] dimensions for 2 texts, not 2 of 3"):
        resolve_embedding(Paid()).embed(["few", "more"])


def test_recorded_names():
    assert isinstance(embedding_from_name(StaticEmbedding.name), StaticEmbedding)
    assert isinstance(resolve_embedding(StaticEmbedding.name), StaticEmbedding)
    for name in ("Paid:paid-1", "openai:", "", "MockEmbedding", "onnx:x@0123456789ab", "http://localhost:1/v1"):
        assert embedding_from_name(name) is None


@pytest.mark.parametrize("model", ["~nobody-of-this-name/x", "a" * 300])
def test_a_name_that_can_be_no_path_is_no_folder(model: str):
    for kind in kinds.KINDS:
        assert embedding_from_name(f"{kind.name}:{model}", dimensions=3).dimensions == 3
    with pytest.raises(ArgumentError, match="neither an embedding nor a folder that exists"):
        resolve_embedding(model)


def test_real_llama_index_embedding():
    pytest.importorskip("llama_index.core")
    from llama_index.core.embeddings import MockEmbedding

    embedding = resolve_embedding(MockEmbedding(embed_dim=5))
    assert embedding.dimensions == 5
    assert np.allclose(np.linalg.norm(embedding.embed(["a", "b"]), axis=1), 1)


def test_resolve():
    assert isinstance(resolve_embedding(None), StaticEmbedding)
    own = StaticEmbedding()
    assert resolve_embedding(own) is own
    assert isinstance(own, Embedding)


@pytest.mark.parametrize("value", ["text-embedding-3-small", "sk-abc", "", 7, StaticEmbedding, object(), "fastembed:"])
def test_resolve_says_what_works(value: object):
    with pytest.raises(ArgumentError, match="embedding="):
        resolve_embedding(value)


@pytest.mark.parametrize("before", ["", "openai:", "openai: ", "fastembed:", "http://localhost:1/v1#", "http://"])
def test_what_looks_like_a_key_is_refused_and_not_repeated(before: str):
    with pytest.raises(ArgumentError, match="looks like a key") as caught:
        resolve_embedding(f"{before}sk-abcdef123456@x")
    assert "abcdef" not in str(caught.value)


def test_unit_rows_never_nan():
    rows = unit_rows(np.array([[3, 4], [0, 0], [np.nan, 1], [np.inf, 1]], np.float32))
    assert np.allclose(rows, [[0.6, 0.8], [0, 0], [0, 0], [0, 0]])


# The table of kinds


def test_every_kind_has_a_maker_that_makes_an_embedding_and_a_name_of_its_own():
    for kind in kinds.KINDS:
        hints = get_type_hints(kinds.maker_of(kind))
        assert hints.pop("named") == kinds.Named
        assert {"name", "dimensions", "embed", "embed_query"} <= set(dir(hints["return"]))
        assert kind.example.startswith(f"{kind.name}:")
    assert len({kind.name for kind in kinds.KINDS}) == len(kinds.KINDS)


class Lengths:
    """Vectors of texts by their lengths."""

    dimensions = 2

    def __init__(self, model: str) -> None:
        self.name = f"lengths:{model}"

    def embed(self, texts):
        return unit_rows(np.array([[len(text), 1] for text in texts], np.float32))

    def embed_query(self, text):
        return self.embed([text])[0]


def test_a_new_kind_is_a_module_and_a_line_and_libraries_find_it_again(monkeypatch, tmp_path):
    module = types.ModuleType("toolkit.embeddings.lengths")
    module.lengths_embedding = lambda named: Lengths(named.model)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    line = kinds.Kind(name="lengths", example="lengths:plain", maker="lengths:lengths_embedding")
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, line))
    with Library(tmp_path / "a.lance", llm=None, embedding="lengths:plain") as news:
        news.add(Article(text="Poland said no."))
    with Library(tmp_path / "a.lance", llm=None) as again:
        assert again.search("What did Poland say?")[0].article.text == "Poland said no."
    assert embedding_from_name("lengths:plain").embed_query("x").shape == (2,)
