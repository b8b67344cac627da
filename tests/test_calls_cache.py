"""Replies kept on disk."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sqlite3
import stat
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faulty_server import FaultyServer, right_text
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ArgumentError, ModelError, ModelUnavailable
from toolkit.models import Cache, CachedModel, FakeLLM, Meter, Reply, resolve
from toolkit.models.cache import cache_key
from toolkit.types import Message, Usage

KEY = "sk-proj-abcDEF123456ghiJKL7890"
HELLO = (Message(role="system", content="Be brief."), Message(role="user", content="Who spoke?"))


@pytest.fixture
def cache(tmp_path):
    made = Cache(tmp_path / "replies.sqlite")
    yield made
    made.close()


def made(text: str = "Macron spoke.", reason: str | None = "stop") -> Reply:
    return Reply(text=text, model="m", usage=Usage(prompt_tokens=11, completion_tokens=4), finish_reason=reason)


# Hits and misses


def test_the_second_time_nothing_is_sent(cache):
    llm = FakeLLM("Macron spoke.")
    model = CachedModel(llm, cache)
    first, second = model.chat(HELLO), model.chat(HELLO)
    assert not first.usage.cached
    assert second.text == first.text
    assert second.usage == Usage(prompt_tokens=4, completion_tokens=2, cost_usd=0.0, cached=True)
    assert asyncio.run(model.achat(HELLO)).usage.cached
    assert len(llm.requests) == 1
    assert len(cache) == 1


def test_a_kept_reply_streams_in_pieces(cache):
    model = CachedModel(FakeLLM("Macron spoke  first."), cache)
    first = model.stream(HELLO)
    assert "".join(first) == "Macron spoke  first."
    assert not first.reply.usage.cached
    again = model.stream(HELLO)
    assert list(again) == ["Macron", " spoke", "  first."]
    assert again.reply.usage.cached

    async def read() -> tuple[list[str], bool]:
        stream = model.astream(HELLO)
        return [piece async for piece in stream], stream.reply.usage.cached

    assert asyncio.run(read()) == (["Macron", " spoke", "  first."], True)


def test_async_streams_are_kept_too(cache):
    model = CachedModel(FakeLLM("Macron spoke."), cache)

    async def read() -> str:
        return "".join([piece async for piece in model.astream(HELLO)])

    assert asyncio.run(read()) == "Macron spoke."
    assert model.chat(HELLO).usage.cached


def test_whatever_decides_on_the_reply_is_in_the_key(tmp_path):
    with FaultyServer() as server:
        calls = [
            ({}, {}, HELLO),
            ({}, {}, HELLO[1:]),
            ({}, {}, (HELLO[0], Message(role="assistant", content="Who spoke?"))),
            ({"temperature": 0.5}, {}, HELLO),
            ({}, {"temperature": 0.7}, HELLO),
            ({"max_tokens": 9}, {}, HELLO),
            ({}, {"max_tokens": 10}, HELLO),
        ]
        cache = Cache(tmp_path / "c")
        for options, given_, messages in calls:
            model = resolve(server.url + "#m", cache=cache, **options)
            assert not model.chat(messages, **given_).usage.cached
            assert model.chat(messages, **given_).usage.cached
            model.close()
        other = resolve(server.url + "#n", cache=cache)
        assert not other.chat(HELLO).usage.cached
        assert not other.repeat(1).chat(HELLO).usage.cached
        assert other.repeat(1).chat(HELLO).usage.cached
        assert other.repeat(0).chat(HELLO).usage.cached
        other.close()
        same = resolve(
            server.url + "#m",
            cache=cache,
            api_key=KEY,
            timeout=9,
            concurrency=2,
            price=(1, 1),
            temperature=0,
            max_tokens=512,
        )
        assert same.chat(HELLO).usage.cached
        same.close()
    with FaultyServer() as elsewhere:
        model = resolve(elsewhere.url + "#m", cache=cache)
        assert not model.chat(HELLO).usage.cached
        model.close()


def test_a_llama_index_object_is_told_from_another(tmp_path):
    from llama_index.llms.openai_like import OpenAILike

    with FaultyServer() as server:
        cache = Cache(tmp_path / "c")
        common = {"api_base": server.url, "api_key": KEY, "is_chat_model": True, "context_window": 999}
        first = resolve(OpenAILike(model="m", temperature=0.1, **common), cache=cache)
        assert not first.chat(HELLO).usage.cached
        assert KEY not in json.dumps(dict(first.identity()))
        again = resolve(OpenAILike(model="m", temperature=0.1, **{**common, "api_key": "other"}), cache=cache)
        assert again.chat(HELLO).usage.cached
        warmer = resolve(OpenAILike(model="m", temperature=0.9, **common), cache=cache)
        assert not warmer.chat(HELLO).usage.cached
        cache.close()
    for place in tmp_path.iterdir():
        assert KEY.encode() not in place.read_bytes()


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1), st.integers(0, 3), st.integers(0, 3))
def test_keys_are_equal_only_for_equal_calls(first, second, one, two):
    def key(texts: list[str], repeat: int) -> str:
        return cache_key([Message(role="user", content=text) for text in texts], {"model": "m"}, repeat)

    assert (key(first, one) == key(second, two)) == ((first, one) == (second, two))


def test_the_prompt_is_not_in_the_file(cache, tmp_path):
    CachedModel(FakeLLM("Macron spoke."), cache).chat([Message(role="user", content="a very private question")])
    cache.close()
    assert b"private" not in cache.path.read_bytes()
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600


# What is not kept


def test_errors_and_unfinished_replies_are_not_kept(cache):
    model = CachedModel(FakeLLM(ModelUnavailable("down"), "", "  ", "Macron spoke."), cache)
    for _ in range(3):
        with pytest.raises(ModelError):
            model.chat(HELLO)
    assert len(cache) == 0
    assert model.chat(HELLO).text == "Macron spoke."
    assert len(cache) == 1


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_replies_that_were_stopped_are_not_kept(cache, finish):
    with FaultyServer() as server:
        server.finish = finish
        model = resolve(server.url + "#m", cache=cache)
        for _ in range(2):
            if finish == "length":
                assert model.chat(HELLO).finish_reason == "length"
                list(model.stream(HELLO))
            else:
                with pytest.raises(ModelError):
                    model.chat(HELLO)
        assert len(cache) == 0
        model.close()


def test_a_stream_that_is_left_early_is_not_kept(cache):
    model = CachedModel(FakeLLM("Macron spoke.", "Merz spoke."), cache)
    with model.stream(HELLO) as stream:
        next(iter(stream))
    assert len(cache) == 0
    assert model.chat(HELLO).text == "Merz spoke."


# Hits are not counted


def test_a_hit_is_no_call(cache):
    meter = Meter(max_calls=1)
    model = resolve(FakeLLM("Macron spoke."), cache=cache, meter=meter)
    for _ in range(3):
        assert model.chat(HELLO).text == "Macron spoke."
    assert (meter.calls, meter.usage.completion_tokens) == (1, 2)


# Size


def test_the_least_recently_used_go_first(tmp_path):
    cache = Cache(tmp_path / "c", max_bytes=5_000)
    for n in range(10):
        cache.put(f"key {n}", made("x" * 600))
        assert cache.get("key 0")
        assert cache.size <= 5_000
    kept = {n for n in range(10) if cache.get(f"key {n}")}
    assert 0 in kept
    assert 9 in kept
    assert kept == {0, *range(10 - len(kept) + 1, 10)}
    with sqlite3.connect(cache.path) as direct:
        assert direct.execute("SELECT sum(bytes) FROM replies").fetchone()[0] == cache.size
    direct.close()
    cache.put("huge", made("x" * 6_000))
    assert cache.get("huge") is None
    assert cache.get("key 9")
    cache.put("key 9", made("short"))
    assert cache.get("key 9").text == "short"
    cache.clear()
    assert (len(cache), cache.size) == (0, 0)
    cache.close()


def test_the_file_stays_near_its_bound(tmp_path):
    cache = Cache(tmp_path / "c", max_bytes=200_000)
    for n in range(400):
        cache.put(str(n), made("x" * 5_000))
    cache.close()
    assert cache.path.stat().st_size < 400_000


# Several at once


def _fill(path: str, first: int) -> None:
    cache = Cache(path)
    for n in range(first, first + 60):
        cache.put(str(n), made(f"reply {n}"))
        assert cache.get(str(n)) == _kept(n)
    cache.close()


def _kept(n: int) -> Reply:
    usage = Usage(prompt_tokens=11, completion_tokens=4, cost_usd=0.0, cached=True)
    return Reply(text=f"reply {n}", model="m", usage=usage, finish_reason="stop")


def test_several_processes_share_a_file(tmp_path):
    path = str(tmp_path / "c")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(path, first)) for first in (0, 40, 80)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    cache = Cache(path)
    assert len(cache) == 140
    assert all(cache.get(str(n)) == _kept(n) for n in range(140))
    cache.close()


def _in_child(cache: Cache, path: str) -> None:
    cache.put("child", made("from the child"))
    Path(path).write_text(cache.get("parent").text)


@pytest.mark.filterwarnings("ignore:lance is not fork-safe")  # when an earlier test has imported it
def test_a_forked_process_opens_the_file_for_itself(cache, tmp_path):
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system does not fork")
    cache.put("parent", made("from the parent"))
    child = multiprocessing.get_context("fork").Process(target=_in_child, args=(cache, str(tmp_path / "said")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside other tests' threads
        child.start()
    child.join(60)
    assert child.exitcode == 0
    assert (tmp_path / "said").read_text() == "from the parent"
    assert cache.get("child").text == "from the child"


def test_several_threads_share_a_cache(cache):
    def work(n: int) -> bool:
        cache.put(str(n % 20), made(f"reply {n % 20}"))
        return cache.get(str(n % 20)) == _kept(n % 20)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert len(cache) == 20


def test_two_caches_of_one_file_see_each_other(cache):
    other = Cache(cache.path)
    other.put("a", made())
    assert cache.get("a")
    other.close()
    assert cache.get("a")


# Damage


@pytest.mark.parametrize(
    "damage", [b"this is no database at all, whatever it was", b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_moved_aside(tmp_path, damage):
    path = tmp_path / "c"
    path.write_bytes(damage)
    with pytest.warns(RuntimeWarning, match=r"was damaged .* moved to c\.damaged-"):
        cache = Cache(path)
    cache.put("a", made())
    assert cache.get("a")
    cache.close()
    aside = [place for place in tmp_path.iterdir() if "damaged" in place.name]
    assert [place.read_bytes() for place in aside] == [damage]


def test_a_file_that_is_damaged_later_is_moved_aside(tmp_path):
    cache = Cache(tmp_path / "c")
    for n in range(300):
        cache.put(str(n), made("x" * 300))
    cache.close()
    size = cache.path.stat().st_size
    with cache.path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))
    model = CachedModel(FakeLLM("Macron spoke."), cache)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = [cache.get(str(n)) for n in range(300)]
        assert model.chat(HELLO).text == "Macron spoke."
    assert None in found
    assert len(said) == 1
    assert "damaged" in str(said[0].message)
    assert model.chat(HELLO).usage.cached
    cache.close()


def test_a_value_that_cannot_be_read_is_a_miss(cache):
    cache.put("a", made())
    for wrong in ("no json", "{}", "[]", '{"text": 3}', '{"text": null, "prompt_tokens": "many"}'):
        with sqlite3.connect(cache.path) as direct:
            direct.execute("UPDATE replies SET value = ?", (wrong,))
        direct.close()
        assert cache.get("a") is None
    cache.put("a", made())
    assert cache.get("a").text == "Macron spoke."


def test_a_file_that_is_deleted_while_it_is_open(cache):
    cache.put("a", made())
    for place in cache.path.parent.iterdir():
        place.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cache.put("b", made())
        assert cache.get("c") is None


def test_a_locked_file_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr("toolkit.models.cache._WAIT_SECONDS", 0.05)
    cache = Cache(tmp_path / "c")
    other = sqlite3.connect(cache.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.warns(RuntimeWarning, match="cannot be used for now"):
        cache.put("a", made())
    cache.put("b", made())  # warned once
    assert cache.get("a") is None
    other.execute("COMMIT")
    other.close()
    cache.put("a", made())
    assert cache.get("a")
    cache.close()
    assert [place.name for place in tmp_path.iterdir()] == ["c"]


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "mail.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mail (text TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(ArgumentError, match="another program's database"):
        Cache(path)
    assert path.read_bytes() == before


def test_a_cache_of_another_version_is_forgotten(tmp_path):
    cache = Cache(tmp_path / "c")
    cache.put("a", made())
    cache.close()
    with sqlite3.connect(cache.path) as direct:
        direct.execute("PRAGMA user_version = 99")
    direct.close()
    assert len(cache) == 0
    cache.put("a", made())
    assert cache.get("a")
    cache.close()


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(ArgumentError, match="cannot be written"):
        Cache(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ArgumentError, match="cannot be written"):
        Cache(tmp_path / "file" / "c")
    with pytest.raises(ArgumentError, match="max_bytes=0"):
        Cache(tmp_path / "c", max_bytes=0)


def test_a_real_model_behind_the_cache(tmp_path):
    """The path as a user writes it, through all layers, from threads and loops."""
    with FaultyServer(seed=4, share=0.3, only=("failed", "reset", "slow")) as server:
        meter = Meter()
        from toolkit.models import Retry

        options = {"cache": str(tmp_path / "sub" / "c.sqlite"), "meter": meter, "retry": Retry(base=0.001)}
        model = resolve(server.url + "#m", **options)
        questions = [f"question {n}" for n in range(20)]

        def ask(question: str) -> str:
            return model.chat([Message(role="user", content=question)]).text

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(ask, questions)) == [right_text(question) for question in questions]
        assert meter.calls == 20

        async def again() -> list[Reply]:
            return await asyncio.gather(*(model.achat([Message(role="user", content=q)]) for q in questions))

        assert all(reply.usage.cached for reply in asyncio.run(again()))
        assert meter.calls == 20
        model.close()
    assert isinstance(threading.current_thread(), threading.Thread)
    assert Path(options["cache"]).is_file()
