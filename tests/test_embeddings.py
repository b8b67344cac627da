from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit.embeddings import Embedding, LlamaIndexEmbedding, StaticEmbedding, resolve_embedding, unit_rows
from toolkit.errors import ArgumentError


class Paid:
    """What a llama-index embedding looks like; passages and queries are embedded differently."""

    model_name = "paid-1"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def get_text_embedding_batch(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(texts)
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


@pytest.mark.parametrize("value", ["text-embedding-3-small", 7, StaticEmbedding, object()])
def test_resolve_says_what_works(value: object):
    with pytest.raises(ArgumentError, match="embedding="):
        resolve_embedding(value)


def test_unit_rows_never_nan():
    rows = unit_rows(np.array([[3, 4], [0, 0], [np.nan, 1], [np.inf, 1]], np.float32))
    assert np.allclose(rows, [[0.6, 0.8], [0, 0], [0, 0], [0, 0]])
