from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from embedding_server import DIMENSIONS, EmbeddingServer, error, right_answer, unit_of

from toolkit.embeddings import embedding_from_name, resolve_embedding, same_vectors
from toolkit.embeddings.service import ServiceEmbedding
from toolkit.errors import (
    ArgumentError,
    AuthenticationError,
    ContextOverflow,
    ModelError,
    ModelNotFound,
    ModelUnavailable,
)
from toolkit.models.retry import Retry
from toolkit.models.server import Server
from toolkit.settings import Secret

KEY = "sk-proj-a1b2c3d4e5f6g7h8"
QUICK = Retry(base=0.001, cap=0.002)


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        yield running


def quick(server: EmbeddingServer, **options: object) -> ServiceEmbedding:
    """An embedding whose own pauses are short."""
    key = options.pop("key", None)
    timeout = options.pop("timeout", None)
    settings = {"retry": QUICK, **options}
    return ServiceEmbedding(Server(server.url, key and Secret(key), timeout), "m", **settings)


def test_every_text_gets_its_own_vector(server):
    embedding = resolve_embedding(f"{server.url}#m")
    texts = [f"text {number}" for number in range(700)]
    texts[5] = texts[400] = " "
    vectors = embedding.embed(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (700, DIMENSIONS)
    expected = [np.zeros(DIMENSIONS) if text == " " else unit_of(text) for text in texts]
    assert np.allclose(vectors, expected, atol=1e-6)
    assert sorted(map(len, server.inputs)) == [58, 128, 128, 128, 128, 128]
    assert np.allclose(embedding.embed_query("q"), unit_of("q"), atol=1e-6)
    assert embedding.embed([]).shape == (0, DIMENSIONS)
    assert not embedding.embed_query("\n").any()
    embedding.close()


def test_long_texts_share_no_request(server):
    texts = [letter * 150_000 for letter in "abc"]
    vectors = quick(server).embed(texts)
    assert [len(batch) for batch in server.inputs] == [1, 1, 1]
    assert np.allclose(vectors, [unit_of(text) for text in texts], atol=1e-6)


def test_four_requests_at_a_time():
    with EmbeddingServer(delay=0.05) as server:
        quick(server, dimensions=DIMENSIONS).embed([f"{number}" for number in range(128 * 12)])
        assert server.most_at_once == 4
        assert len(server.inputs) == 12


def test_many_threads_share_an_embedding(server):
    embedding = quick(server)
    texts = [f"thread {number}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(embedding.embed_query, texts))
    assert np.allclose(vectors, [unit_of(text) for text in texts], atol=1e-6)


def test_the_only_model_is_asked_for(server):
    server.models = ("/home/somebody/models/bge-small-en-v1.5",)
    embedding = resolve_embedding(server.url)
    assert not server.inputs
    assert embedding.name == f"{server.url}#bge-small-en-v1.5+bge"
    embedding.embed(["a passage"])
    embedding.embed_query("a question")
    assert server.inputs == [
        ["a passage"],
        ["Represent this sentence for searching relevant passages: a question"],
    ]
    assert server.bodies[0]["model"] == "/home/somebody/models/bge-small-en-v1.5"


def test_an_embedding_that_is_given_as_an_object_is_not_asked(server):
    embedding = resolve_embedding(server.url)
    server.models = ()
    assert resolve_embedding(embedding) is embedding
    assert not server.inputs


def test_a_model_that_goes_by_its_path_is_found_again(server):
    server.models = ("/models/tiny", "/models/other")
    missing = error(404, "no such model")
    server.faults = lambda number, texts: missing if server.bodies[number]["model"] == "tiny" else None
    made = resolve_embedding(f"{server.url}#/models/tiny")
    assert made.name == f"{server.url}#tiny"
    again = embedding_from_name(made.name)
    assert again is not None
    assert np.array_equal(again.embed(["a"]), made.embed(["a"]))
    assert again.name == made.name


def test_one_of_several_models_must_be_named(server):
    server.models = ("a", "b")
    with pytest.raises(ArgumentError, match=r"has 2 models; choose one, as in 'http://.*/v1#a': a, b"):
        _ = resolve_embedding(server.url).name


@pytest.mark.parametrize(
    "wrong",
    [
        error(429, "slow down", Retry_After="0.2"),
        error(500, "no luck"),
        error(503, "overloaded", Retry_After_Ms="5"),
        (200, {"Content-Type": "text/html"}, b"<html>please sign in</html>"),
        (200, {}, b'{"object": "list", "data": ['),
        (200, {}, b'{"object": "list", "data": []}'),
        (200, {}, right_answer(["only one"])),
        (200, {}, right_answer(["a", "b", "c"])),
        (200, {}, right_answer(["a", "b"]).replace(b'"index": 1', b'"index": 0')),
        (200, {}, b'{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1]}]}'),
        (200, {}, b'{"data": [{"index": 0, "embedding": [1, NaN]}, {"index": 1, "embedding": [1, 2]}]}'),
    ],
    ids="429 500 503 page broken empty fewer more twice ragged nan".split(),
)
def test_a_failure_that_passes_is_not_seen(server, wrong):
    server.faults = lambda number, texts: wrong if number == 0 else None
    assert np.allclose(quick(server).embed(["a", "b"]), [unit_of("a"), unit_of("b")], atol=1e-6)
    assert len(server.inputs) == 2


def test_the_pause_that_the_server_asks_for_is_kept(server):
    server.faults = lambda number, texts: error(429, "slow down", Retry_After="0.3") if number == 0 else None
    quick(server).embed(["a"])
    assert server.times[1] - server.times[0] >= 0.3


def test_a_failing_service_says_how_far_it_came(server):
    server.faults = lambda number, texts: error(500, "the disk is full") if "text 400" in texts else None
    texts = [f"text {number}" for number in range(600)]
    embedding = quick(server, requests=1)
    with pytest.raises(ModelUnavailable) as caught:
        embedding.embed(texts)
    told = str(caught.value)
    assert "failed with status 500 (the disk is full)" in told
    assert told.endswith("(tried 5 times); 384 of 600 texts were embedded")


def test_nothing_goes_on_after_a_failure(server):
    server.faults = lambda number, texts: error(401, "no") if number == 3 else None
    with pytest.raises(AuthenticationError, match="of 12,800 texts were embedded"):
        quick(server, dimensions=DIMENSIONS).embed([f"{number}" for number in range(128 * 100)])
    assert len(server.inputs) < 20


def test_a_server_that_hangs_is_not_waited_for():
    release = threading.Event()
    with EmbeddingServer() as server:
        server.faults = lambda number, texts: release.wait(20) and None
        with pytest.raises(ModelUnavailable, match="no answer from 'm' in time"):
            quick(server, timeout=0.2).embed(["a"])
        release.set()


def test_a_server_that_is_gone():
    with EmbeddingServer() as server:
        embedding = quick(server, dimensions=3)
    with pytest.raises(ModelUnavailable, match="check that the server runs there"):
        embedding.embed(["a"])


def test_no_such_model(server):
    server.faults = lambda number, texts: error(404, "no such model")
    with pytest.raises(ModelNotFound, match="m"):
        quick(server).embed(["a"])
    assert len(server.inputs) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        error(500, "input (900 tokens) is too large to process. increase the physical batch size"),
        error(400, "This model's maximum context length is 8192 tokens, however you requested 9000 tokens"),
    ],
)
def test_a_text_that_is_too_long_is_not_sent_again(server, wrong):
    server.faults = lambda number, texts: wrong
    with pytest.raises(ContextOverflow, match=r"too long for 'm' \(the longest of these has 5,000 characters; "):
        quick(server).embed(["word " * 1000])
    assert len(server.inputs) == 1


def test_another_model_behind_the_same_address_is_refused(server):
    with pytest.raises(ModelError, match="gave vectors of 6 dimensions where there were 8"):
        quick(server, dimensions=8).embed(["a"])


def test_the_key_is_sent_and_never_shown(server):
    server.faults = lambda number, texts: error(400, f"key {KEY} is not good for this")
    embedding = resolve_embedding(f"{server.url}#m", api_key=KEY)
    with pytest.raises(ModelError) as caught:
        embedding.embed(["a"])
    assert server.keys == [f"Bearer {KEY}"]
    shown = [str(caught.value), repr(caught.value), repr(embedding), embedding.name, str(vars(embedding))]
    assert not any(KEY in text for text in shown)
    assert caught.value.__context__ is None


def test_the_key_of_openai_goes_nowhere_else(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    resolve_embedding(f"{server.url}#m").embed(["a"])
    assert server.keys == ["Bearer none"]


def test_openai_at_its_base_url(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    embedding = resolve_embedding("openai:some-model")
    assert (embedding.name, embedding.dimensions) == ("openai:some-model", DIMENSIONS)
    assert server.keys == [f"Bearer {KEY}"]
    assert server.bodies[0]["model"] == "some-model"


def test_openai_without_a_key_is_refused_at_once():
    with pytest.raises(AuthenticationError, match=r"3-small'.* set OPENAI_API_KEY or pass api_key="):
        resolve_embedding("openai:text-embedding-3-small")
    embedding = resolve_embedding("openai:text-embedding-3-small", api_key=KEY)
    assert (embedding.name, embedding.dimensions) == ("openai:text-embedding-3-small", 1536)
    assert KEY not in repr(embedding)


def test_an_address_with_a_password_is_refused():
    for address in ("http://me:secret@localhost:1/v1#m", "http://localhost:1/v1?key=secret#m"):
        with pytest.raises(ArgumentError, match="give a key by api_key=") as caught:
            resolve_embedding(address)
        assert "secret" not in str(caught.value)


def test_prefixes_by_the_ending_of_the_name(server):
    embedding = resolve_embedding(f"{server.url}#m+e5")
    assert embedding.name == f"{server.url}#m+e5"
    embedding.embed(["a"])
    embedding.embed_query("q")
    assert server.inputs == [["passage: a"], ["query: q"]]
    plain = resolve_embedding(f"{server.url}#e5-small-v2+none")
    plain.embed_query("q")
    assert (server.inputs[-1], plain.name) == (["q"], f"{server.url}#e5-small-v2")


def test_a_recorded_name_makes_the_same_embedding(server):
    made = resolve_embedding(f"{server.url}#multilingual-e5-small")
    again = embedding_from_name(made.name, dimensions=DIMENSIONS)
    assert again is not None
    assert (again.name, again.dimensions) == (f"{server.url}#multilingual-e5-small+e5", DIMENSIONS)
    assert not server.inputs
    assert np.array_equal(again.embed(["a"]), made.embed(["a"]))


def test_a_recorded_name_needs_its_key_only_when_it_is_used():
    embedding = embedding_from_name("openai:text-embedding-3-large")
    assert embedding is not None
    assert embedding.dimensions == 3072
    with pytest.raises(AuthenticationError, match="set OPENAI_API_KEY"):
        embedding.embed_query("q")


def test_a_recorded_address_of_another_machine_is_not_asked(monkeypatch):
    name = "https://models.example.org/v1#m"
    assert embedding_from_name(name) is None
    assert resolve_embedding(name).name == name
    monkeypatch.setenv("OPENAI_BASE_URL", "https://models.example.org/v1")
    assert embedding_from_name(name) is not None


def test_a_server_may_move():
    assert same_vectors("http://localhost:8080/v1#m", "https://other/v1#m")
    assert not same_vectors("http://localhost:8080/v1#m", "http://localhost:8080/v1#m+e5")
    assert not same_vectors("http://localhost:8080/v1#a", "http://localhost:8080/v1#b")
    assert not same_vectors("http://localhost:8080/v1#m", "openai:m")


def test_connections_end_with_the_embedding(server):
    embedding = quick(server)
    embedding.embed(["a"])
    del embedding
    gc.collect()  # a socket that is left open is a ResourceWarning, and so an error


def test_openai_itself_is_asked_for_base64(server, monkeypatch):
    monkeypatch.setattr("toolkit.models.addresses.OPENAI_URL", server.url)
    assert np.allclose(quick(server).embed(["a", "b"]), [unit_of("a"), unit_of("b")], atol=1e-6)
    assert server.bodies[0]["encoding_format"] == "base64"
