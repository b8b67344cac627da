"""Models on this machine: ONNX files, fastembed and sentence-transformers, each with a tiny model made here."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from onnx_model import WORDS, mean_of, write_model

from toolkit.embeddings import Embedding, embedding_from_name, resolve_embedding, same_vectors
from toolkit.embeddings.onnx import content_hash
from toolkit.embeddings.prefixes import FAMILIES, known_pooling, known_prefixes, split_ending
from toolkit.errors import ArgumentError, ModelError, ModelNotFound

TEXTS = ["France sends troops to Ukraine", "eggs flour", "", "soldiers", "eggs flour"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an ONNX model."""
    pytest.importorskip("onnxruntime")
    write_model(tmp_path / "tiny")
    return tmp_path / "tiny"


def test_an_onnx_model_in_a_folder(folder):
    table = write_model(folder)
    embedding = resolve_embedding(str(folder))
    vectors = embedding.embed(TEXTS)
    assert isinstance(embedding, Embedding)
    assert (vectors.shape, vectors.dtype, embedding.dimensions) == ((5, 16), np.float32, 16)
    assert np.allclose(vectors, [mean_of(table, text) if text else np.zeros(16) for text in TEXTS], atol=1e-6)
    query = embedding.embed_query("troops")
    assert query @ vectors[3] > query @ vectors[1] + 0.2
    assert not embedding.embed_query(" ").any()
    assert embedding.embed([]).shape == (0, 16)


def test_a_vector_does_not_depend_on_the_texts_beside_it(folder):
    embedding = resolve_embedding(folder / "model.onnx")
    texts = [" ".join(WORDS[4 + (number + step) % 9] for step in range(1 + number % 7)) for number in range(600)]
    together = embedding.embed(texts)
    assert np.array_equal(together[[3, 599]], [embedding.embed_query(texts[3]), embedding.embed([texts[599]])[0]])
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(one, together) for one in pool.map(embedding.embed, [texts] * 4))


def test_the_name_is_that_of_the_files(folder, tmp_path):
    name = resolve_embedding(folder).name
    assert name.startswith("onnx:tiny@")
    assert str(tmp_path) not in name + repr(resolve_embedding(folder))
    moved = shutil.copytree(folder, tmp_path / "elsewhere" / "renamed")
    renamed = resolve_embedding(moved).name
    assert renamed.startswith("onnx:renamed@")
    assert same_vectors(name, renamed)
    assert embedding_from_name(name) is None
    (moved / "1_Pooling").mkdir()
    (moved / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert not same_vectors(name, resolve_embedding(moved).name)
    assert not same_vectors(name, resolve_embedding(f"{folder}+e5").name)


def test_files_laid_out_as_by_sentence_transformers(folder, tmp_path):
    table = write_model(tmp_path / "laid-out", "onnx/model.onnx")
    place = tmp_path / "laid-out"
    (place / "sentence_bert_config.json").write_text('{"max_seq_length": 4}')
    prompts = {"prompts": {"query": "query: ", "document": ""}}
    (place / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    for given in (place, place / "onnx" / "model.onnx"):
        embedding = resolve_embedding(given)
        assert embedding.name.startswith("onnx:laid-out@")
        assert np.allclose(embedding.embed(["france troops eggs flour"])[0], mean_of(table, "france troops"), atol=1e-6)
        assert np.allclose(embedding.embed_query("eggs"), mean_of(table, "query :"), atol=1e-6)


@pytest.mark.parametrize(
    ("said", "row"), [({"pooling_mode_cls_token": True}, "[CLS]"), ({"pooling_mode": "lasttoken"}, "[SEP]")]
)
def test_pooling_is_what_the_files_say(folder, said, row):
    table = write_model(folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(said))
    expected = table[WORDS.index(row)]
    got = resolve_embedding(folder).embed(["eggs"])[0]
    assert np.allclose(got, expected / np.linalg.norm(expected), atol=1e-6)


def test_prefixes_go_before_the_texts(folder):
    table = write_model(folder)
    embedding = resolve_embedding(f"{folder}+e5")
    assert embedding.name.endswith("+e5")
    assert np.allclose(embedding.embed(["eggs"])[0], mean_of(table, "passage : eggs"), atol=1e-6)
    assert np.allclose(embedding.embed_query("eggs"), mean_of(table, "query : eggs"), atol=1e-6)


def test_a_folder_that_is_no_model(folder, tmp_path):
    with pytest.raises(ModelNotFound, match=r"has no \.onnx file"):
        resolve_embedding(tmp_path)
    with pytest.raises(ModelNotFound, match="no such model file"):
        resolve_embedding(tmp_path / "gone.onnx")
    (folder / "tokenizer.json").rename(folder / "other.json")
    with pytest.raises(ModelNotFound, match=r"has no tokenizer\.json"):
        resolve_embedding(folder)
    (folder / "other.json").rename(folder / "tokenizer.json")
    (folder / "model.onnx").rename(folder / "a.onnx")
    assert resolve_embedding(folder).dimensions == 16
    shutil.copy(folder / "a.onnx", folder / "b.onnx")
    with pytest.raises(ArgumentError, match=r"has 2 models \(a\.onnx, b\.onnx\)"):
        resolve_embedding(folder)


def test_broken_files_are_named(folder):
    (folder / "model.onnx").write_bytes(b"this is no model")
    with pytest.raises(ModelError, match=r"model\.onnx: cannot be loaded"):
        resolve_embedding(folder).embed(["a"])
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config\.json: cannot be read as JSON"):
        resolve_embedding(folder)
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    with pytest.raises(ArgumentError, match="pools by pooling_mode_max_tokens; only mean"):
        resolve_embedding(folder)


def test_fastembed_with_a_model_of_our_own(tmp_path):
    fastembed = pytest.importorskip("fastembed")
    from fastembed.common.model_description import ModelSource, PoolingType

    table = write_model(tmp_path)
    name = "somebody/e5-small-tiny"
    if name not in {one["model"] for one in fastembed.TextEmbedding.list_supported_models()}:
        fastembed.TextEmbedding.add_custom_model(
            model=name,
            pooling=PoolingType.MEAN,
            normalization=True,
            sources=ModelSource(hf=name),
            dim=16,
            model_file="model.onnx",
        )
    embedding = resolve_embedding(fastembed.TextEmbedding(name, specific_model_path=str(tmp_path)))
    assert (embedding.name, embedding.dimensions) == (f"fastembed:{name}+e5", 16)
    assert np.allclose(
        embedding.embed(["eggs", "", "flour"])[[0, 2]],
        [mean_of(table, f"passage : {one}") for one in ("eggs", "flour")],
        atol=1e-5,
    )
    assert np.allclose(embedding.embed_query("eggs"), mean_of(table, "query : eggs"), atol=1e-5)
    assert not embedding.embed([" "]).any()
    again = embedding_from_name(embedding.name, dimensions=16)
    assert again is not None
    assert (again.name, again.dimensions) == (embedding.name, 16)


def test_fastembed_by_name():
    pytest.importorskip("fastembed")
    embedding = resolve_embedding("fastembed:BAAI/bge-small-en-v1.5")
    assert embedding.name == "fastembed:BAAI/bge-small-en-v1.5+bge"
    with pytest.raises(ModelNotFound, match="fastembed has no model 'BAAI/bge-tiny'; it has 'BAAI/bge-"):
        resolve_embedding("fastembed:BAAI/bge-tiny").embed(["a"])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A sentence-transformers model with random weights, in a folder."""
    sentence_transformers = pytest.importorskip("sentence_transformers")
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    place = tmp_path / "bert"
    place.mkdir()
    (place / "vocab.txt").write_text("\n".join(WORDS))
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(WORDS), **sizes)).eval().save_pretrained(place)
    BertTokenizerFast(vocab_file=str(place / "vocab.txt")).save_pretrained(place)
    pooled = sentence_transformers.SentenceTransformer(str(place), device="cpu")  # with the mean of the tokens
    pooled.save(str(tmp_path / "tiny-bert"))
    return tmp_path / "tiny-bert"


@pytest.mark.slow
def test_sentence_transformers_from_a_folder(saved):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(saved), device="cpu")
    expected = model.encode(["France sends troops", "eggs"], normalize_embeddings=True)
    embedding = resolve_embedding(f"sentence-transformers:{saved}")
    vectors = embedding.embed(["France sends troops", "", "eggs"])
    assert np.allclose(vectors[[0, 2]], expected, atol=1e-5)
    assert not vectors[1].any()
    assert embedding.dimensions == 32
    assert embedding.name.startswith("sentence-transformers:tiny-bert@")
    assert str(saved) not in embedding.name + repr(embedding)
    by_path, by_object = resolve_embedding(saved), resolve_embedding(model)
    assert by_path.name == by_object.name == embedding.name
    assert np.allclose(by_object.embed_query("eggs"), expected[1], atol=1e-5)
    prefixed = resolve_embedding(f"{saved}+e5")
    assert np.allclose(prefixed.embed_query("eggs"), model.encode("query: eggs", normalize_embeddings=True), atol=1e-5)
    with ThreadPoolExecutor(4) as pool:
        assert all(np.allclose(one, expected[1], atol=1e-5) for one in pool.map(embedding.embed_query, ["eggs"] * 8))


@pytest.mark.slow
def test_sentence_transformers_that_are_not_there(tmp_path, monkeypatch):
    pytest.importorskip("sentence_transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    embedding = resolve_embedding(f"sentence-transformers:{tmp_path / 'gone'}")
    with pytest.raises(ModelNotFound, match=r"cannot be loaded .*check the name and the network"):
        embedding.embed(["a"])


@pytest.mark.parametrize(
    ("value", "module", "extra"),
    [
        ("fastembed:BAAI/bge-small-en-v1.5", "fastembed", "fastembed"),
        ("sentence-transformers:all-MiniLM-L6-v2", "sentence_transformers", "sentence-transformers"),
        ("model.onnx", "onnxruntime", "onnx"),
    ],
)
def test_a_missing_extra_is_named(value, module, extra, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == module else real(name, *rest))
    with pytest.raises(ArgumentError, match=rf"needs the package {module}: pip install 'citebook\[{extra}\]'"):
        resolve_embedding(value)
    recorded = embedding_from_name(value)  # a library can be opened without it
    if recorded is not None:
        with pytest.raises(ArgumentError, match="pip install"):
            recorded.embed_query("q")


@pytest.mark.parametrize(
    ("model", "family", "pooling"),
    [
        ("intfloat/e5-small-v2", "e5", "mean"),
        ("multilingual-e5-large", "e5", "mean"),
        ("intfloat/multilingual-e5-large-instruct", "e5-instruct", "mean"),
        ("BAAI/bge-small-en-v1.5", "bge", "cls"),
        ("bge-large-zh-v1.5", "bge-zh", "cls"),
        ("BAAI/bge-m3", "none", "cls"),
        ("Snowflake/snowflake-arctic-embed-m", "bge", "cls"),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "arctic2", "cls"),
        ("mixedbread-ai/mxbai-embed-large-v1", "bge", "cls"),
        ("nomic-ai/nomic-embed-text-v1.5", "nomic", "mean"),
        ("google/embeddinggemma-300m", "gemma", "mean"),
        ("Qwen/Qwen3-Embedding-0.6B-GGUF", "qwen3", "last"),
        ("all-MiniLM-L6-v2", "none", "mean"),
        ("models/bge_small_en.gguf", "bge", "cls"),
    ],
)
def test_families(model, family, pooling):
    assert known_prefixes(model).name == family
    assert known_pooling(model) == pooling


def test_what_recorded_names_stand_for_does_not_change(tmp_path):
    (tmp_path / "a").write_bytes(b"weights")
    (tmp_path / "b").write_bytes(b"words")
    assert content_hash([tmp_path / "a", tmp_path / "b"]) == "7db465f4584e"
    recorded = {
        "none": ("", ""),
        "e5": ("query: ", "passage: "),
        "bge": ("Represent this sentence for searching relevant passages: ", ""),
        "arctic2": ("query: ", ""),
        "nomic": ("search_query: ", "search_document: "),
        "gemma": ("task: search result | query: ", "title: none | text: "),
    }
    assert {name: (FAMILIES[name].query, FAMILIES[name].passage) for name in recorded} == recorded


def test_endings_are_read_back():
    for family in FAMILIES.values():
        name, read = split_ending(f"fastembed:x/y{family.ending}")
        assert name == "fastembed:x/y"
        assert (read or FAMILIES["none"]) == family
    assert split_ending("c++") == ("c++", None)
    assert split_ending("http://localhost/v1#a+b") == ("http://localhost/v1#a+b", None)
