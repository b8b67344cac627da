"""Calls under faults: a real server over real HTTP that fails in every way we know of."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from faulty_server import MID, STREAMED, WHOLE, FaultyServer, right_text, right_usage

from toolkit.concurrency import Gate
from toolkit.errors import ContentFiltered, ContextOverflow, ModelError, ModelUnavailable, ToolkitError
from toolkit.models import Meter, Model, Reply, Retry, resolve
from toolkit.models.retry import NotAReply, asked_pause, fault
from toolkit.types import Message

QUICK = Retry(base=0.001, cap=0.01)
WAYS = ("chat", "stream", "achat", "astream")


def asked(question: str) -> list[Message]:
    return [Message(role="user", content=question)]


async def areply(model: Model, question: str, way: str) -> Reply:
    if way == "achat":
        return await model.achat(asked(question))
    stream = model.astream(asked(question))
    text = "".join([piece async for piece in stream])
    assert text == stream.reply.text
    return stream.reply


def reply(model: Model, question: str, way: str) -> Reply:
    if way == "chat":
        return model.chat(asked(question))
    if way in ("achat", "astream"):
        return asyncio.run(areply(model, question, way))
    stream = model.stream(asked(question))
    text = "".join(stream)
    assert text == stream.reply.text
    return stream.reply


def sockets() -> int:
    names = []
    for number in os.listdir("/proc/self/fd"):
        try:
            names.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            continue
    return sum(name.startswith("socket:") for name in names)


def outcome(model: Model, question: str, way: str) -> Reply | ToolkitError:
    try:
        return reply(model, question, way)
    except ToolkitError as error:
        return error


async def aoutcome(model: Model, question: str, way: str) -> Reply | ToolkitError:
    try:
        return await areply(model, question, way)
    except ToolkitError as error:
        return error


def run_all(model: Model, questions: dict[str, list[str]]) -> dict[str, Reply | ToolkitError]:
    """All questions, each way with its own; eight at once."""
    found: dict[str, Reply | ToolkitError] = {}
    with ThreadPoolExecutor(8) as pool:
        for way in ("chat", "stream"):
            outcomes = pool.map(lambda question, way=way: outcome(model, question, way), questions[way])
            found |= dict(zip(questions[way], outcomes, strict=True))

    async def at_once(way: str) -> list[Reply | ToolkitError]:
        outcomes = await asyncio.gather(*(aoutcome(model, question, way) for question in questions[way]))
        # The openai package leaves its generators to the event loop, which closes them in its next few turns.
        for _ in range(20):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return outcomes

    for way in ("achat", "astream"):
        found |= dict(zip(questions[way], asyncio.run(at_once(way)), strict=True))
    return found


def test_500_calls_under_random_faults():
    """Each ends in the right reply or a clear error; nothing is counted twice or lost, and nothing stays behind."""
    threads = set(threading.enumerate())
    with FaultyServer(seed=20261123, share=0.2) as server:
        meter = Meter()
        model = resolve(server.url + "#m", timeout=2, retry=QUICK, meter=meter, price=(1.0, 10.0))
        before = sockets()
        questions = {way: [f"{way} {n}" for n in range(125)] for way in WAYS}
        found = run_all(model, questions)
        right = {question: made for question, made in found.items() if isinstance(made, Reply)}
        for question, made in right.items():
            assert made.text == right_text(question)
            assert (made.usage.prompt_tokens, made.usage.completion_tokens) == right_usage(question)
        wrong = [error for error in found.values() if not isinstance(error, Reply)]
        for error in wrong:
            assert isinstance(error, ModelError)
            assert server.url in str(error)
            assert "\n" not in str(error)
            assert error.__context__ is None
        print(f"{len(right)} right, {len(wrong)} errors, {sum(server.faults.values())} faults: {server.faults}")
        assert len(found) == 500
        assert set(server.faults) == {*WHOLE, *STREAMED}
        assert len(right) >= 450
        assert server.delivered == Counter(list(right))
        assert meter.calls == 500
        assert meter.usage.prompt_tokens == sum(right_usage(question)[0] for question in right)
        assert meter.usage.completion_tokens == 6 * len(right)
        assert server.most_at_once <= 8
        model.close()
        gc.collect()
        assert server.connections_end()
        assert sockets() == before
    left = set(threading.enumerate()) - threads
    assert not {thread for thread in left if not thread.daemon}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", sorted({*STREAMED, *WHOLE} - MID))
def test_one_fault_is_got_over(kind, way):
    streamed = way.endswith("stream")
    if kind not in (STREAMED if streamed else WHOLE):
        return
    with FaultyServer(share=1, only=(kind,)) as server:
        server.keep_failing = False
        model = resolve(server.url + "#m", retry=QUICK, timeout=0.5 if kind == "hang" else 5)
        made = reply(model, "Who spoke?", way)
        assert made.text == right_text("Who spoke?")
        assert (made.usage.prompt_tokens, made.usage.completion_tokens) == right_usage("Who spoke?")
        assert server.faults == {kind: 1}
        assert server.attempts["Who spoke?"] == (1 if kind == "slow" else 2)
        model.close()


@pytest.mark.parametrize("way", ["stream", "astream"])
@pytest.mark.parametrize("kind", sorted(MID))
@pytest.mark.parametrize("shown", [False, True])
def test_a_stream_that_breaks_off(kind, way, shown):
    with FaultyServer(share=1, only=(kind,)) as server:
        server.keep_failing = False
        model = resolve(server.url + "#m", retry=QUICK, timeout=5)
        question = "one" if shown else "zero"
        server.seed = next(seed for seed in range(99) if _breaks_after_words(seed, question) == shown)
        if shown:
            with pytest.raises(ModelError, match="the stream broke off after 13 characters"):
                reply(model, question, way)
            assert server.attempts[question] == 1
        else:
            assert reply(model, question, way).text == right_text(question)
            assert server.attempts[question] == 2
        model.close()


def _breaks_after_words(seed: int, question: str) -> bool:
    import random

    return random.Random(f"{seed}:{question}").choice((1, 4)) == 4


@pytest.mark.parametrize(
    ("kind", "message", "attempts"),
    [
        ("busy", "too many requests .*tried 5 times", 5),
        ("failed", r"failed with status 500 \(no luck\).*tried 5 times", 5),
        ("reset", "broke off.*tried 5 times", 5),
        ("error-body", "overloaded", 5),
        ("web-page", "it sent text/html, not a reply", 2),
        ("no-choices", "without any choices", 2),
        ("bad-json", "JSON that cannot be read", 2),
        ("wrong-type", "it sent text/plain, not a reply", 2),
        ("hang", "no answer from 'm' in time", 2),
    ],
)
def test_what_stays_wrong_is_said(kind, message, attempts):
    with FaultyServer(share=1, only=(kind,)) as server:
        model = resolve(server.url + "#m", retry=QUICK, timeout=0.3)
        with pytest.raises(ModelError, match=message):
            model.chat(asked("Q"))
        assert server.attempts["Q"] == attempts
        model.close()


# How long to wait


def test_retry_after_is_obeyed():
    with FaultyServer(share=1, only=("busy",)) as server:
        server.keep_failing = False
        server.retry_after = "0.3"
        model = resolve(server.url + "#m", retry=QUICK)
        assert model.chat(asked("Q")).text
        assert 0.29 < server.times[1] - server.times[0] < 60
        model.close()


def test_a_pause_that_is_too_long_is_not_waited_for():
    with FaultyServer(share=1, only=("busy",)) as server:
        server.retry_after = "3600"
        model = resolve(server.url + "#m")
        start = time.monotonic()
        with pytest.raises(ModelUnavailable, match="try again in 3,600 seconds"):
            model.chat(asked("Q"))
        assert time.monotonic() - start < 60
        assert server.attempts["Q"] == 1
        model.close()


class Answered(Exception):
    def __init__(self, status: int, **headers: str) -> None:
        super().__init__("said no")
        self.status_code = status
        self.response = type("Response", (), {"headers": {k.replace("_", "-"): v for k, v in headers.items()}})()


NOW = datetime(2026, 11, 23, 5, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0.5"}, 0.5),
        ({"retry_after": "-3"}, 0),
        ({"retry_after": "Mon, 23 Nov 2026 05:00:30 GMT"}, 30),
        ({"retry_after": "Mon, 23 Nov 2026 04:00:00 GMT"}, 0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "inf"}, None),
        ({"retry_after": "2", "retry_after_ms": "1500"}, 1.5),
    ],
)
def test_what_a_server_asks_for(headers, seconds):
    assert asked_pause(Answered(429, **headers), NOW) == seconds


def test_pauses_grow_and_are_spread():
    retry = Retry(attempts=9, base=1, cap=4)
    pauses = [[retry.pause(Answered(500), failed) or 0.0 for _ in range(300)] for failed in (1, 2, 3, 4)]
    for drawn, most in zip(pauses, (1, 2, 4, 4), strict=True):
        assert 0.8 * most < max(drawn) <= most
        assert min(drawn) < 0.2 * most
    asks = [retry.pause(Answered(429, retry_after="3"), 1) or 0.0 for _ in range(100)]
    assert min(asks) >= 3
    assert max(asks) <= 3.75
    assert retry.pause(Answered(500), 9) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Answered(408), "busy"),
        (Answered(409), "busy"),
        (Answered(429), "busy"),
        (Answered(529), "busy"),
        (Answered(400), "final"),
        (Answered(404), "final"),
        (Answered(503, x_should_retry="false"), "final"),
        (ConnectionResetError(), "lost"),
        (TimeoutError(), "slow"),
        (NotAReply("x", {"error": {"code": 429}}), "busy"),
        (NotAReply("x", {"error": {"code": "400"}}), "final"),
        (NotAReply("x", {"error": {"code": "insufficient_quota"}}), "final"),
        (NotAReply("x", {"error": {"type": "overloaded_error"}}), "busy"),
        (NotAReply("x"), "garbled"),
        (ValueError("a bug"), "final"),
    ],
)
def test_kinds_of_fault(error, kind):
    assert fault(error) == kind


# What the model or the provider will not do


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "This model's maximum context length is 4096 tokens.", "code": "context_length_exceeded"}),
        (400, {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"}),
        (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
        (400, {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."}),
        (400, {"message": "This model's maximum prompt length is 131072 but the request contains 537812 tokens."}),
        (422, {"message": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9"}),
        (400, {"message": "Please reduce the length of the messages or completion."}),
        (500, {"message": "the request exceeds the available context size", "code": 500}),
        (200, {"message": "maximum context length is 10 tokens", "code": 400}),
    ],
)
def test_a_prompt_that_is_too_long(status, error):
    with FaultyServer() as server:
        server.refuse = (status, {"error": error})
        model = resolve(server.url + "#m", retry=QUICK)
        with pytest.raises(ContextOverflow, match="ask with fewer passages"):
            model.chat(asked("Q"))
        model.close()


def test_a_prompt_that_surely_does_not_fit_is_not_sent():
    with FaultyServer() as server:
        model = resolve(server.url + "#m", context_window=100)
        for way in WAYS:
            with pytest.raises(ContextOverflow, match="its context window 100; ask with fewer"):
                reply(model, "word " * 200, way)
        assert not server.attempts
        assert not model.fits(asked("word " * 50), 40)
        assert model.fits(asked("word " * 20), 40)
        model.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_filtered_reply_is_said_to_be_one(way):
    with FaultyServer() as server:
        model = resolve(server.url + "#m")
        server.finish = "content_filter"
        with pytest.raises(ContentFiltered, match="content filter stopped the reply"):
            reply(model, "Q", way)
        server.finish, server.message = "stop", {"role": "assistant", "content": None, "refusal": "I cannot help."}
        with pytest.raises(ContentFiltered, match=r"declined to answer \(I cannot help\.\)"):
            reply(model, "Q", way)
        server.refuse = (400, {"error": {"message": "The response was filtered", "code": "content_filter"}})
        with pytest.raises(ContentFiltered, match="refused the prompt"):
            reply(model, "Q", way)
        model.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_reply_that_is_cut_off_says_so(way):
    with FaultyServer() as server:
        server.finish = "length"
        model = resolve(server.url + "#m")
        assert reply(model, "Q", way).finish_reason == "length"
        model.close()


# So many at once


def test_calls_of_threads_and_loops_share_the_limit():
    with FaultyServer(delay=0.02) as server:
        model = resolve(server.url + "#m", concurrency=3)

        async def loop() -> None:
            await asyncio.gather(*(model.achat(asked(f"a{n}")) for n in range(12)))

        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(model.chat, asked(f"c{n}")) for n in range(12)]
            calls += [pool.submit(asyncio.run, loop()) for _ in range(2)]
            for call in calls:
                call.result()
        assert server.most_at_once == 3
        assert sum(server.delivered.values()) == 36
        model.close()


def test_nobody_waits_for_himself():
    """A half-read stream holds a place; its reader may go on asking, and a plain call inside a loop may too."""
    with FaultyServer() as server:
        model = resolve(server.url + "#m", concurrency=1)
        with model.stream(asked("one")) as stream:
            next(iter(stream))
            assert model.chat(asked("two")).text

        async def cell() -> None:
            async with model.astream(asked("three")) as stream:
                async for _ in stream:
                    assert (await model.achat(asked("four"))).text
                    assert model.chat(asked("five")).text
                    break

        asyncio.run(cell())
        assert repr(model._gate) == "<Gate 0 of 1, 0 waiting>"
        model.close()


def test_a_call_that_is_cancelled_gives_its_place_back():
    gate = Gate(1)

    async def use(log: list[str], name: str) -> None:
        async with gate.aheld():
            log.append(name)
            await asyncio.sleep(0)

    async def scene() -> list[str]:
        log: list[str] = []
        async with gate.aheld():
            waiting = [asyncio.create_task(use(log, name)) for name in "abc"]
            await asyncio.sleep(0)
            waiting[1].cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*waiting, return_exceptions=True)
        both = [asyncio.create_task(use(log, name)) for name in "de"]
        await asyncio.sleep(0)
        both[0].cancel()
        both[1].cancel()
        await asyncio.gather(*both, return_exceptions=True)
        return log

    assert asyncio.run(scene())[:2] == ["a", "c"]
    assert repr(gate) == "<Gate 0 of 1, 0 waiting>"


def test_a_cancelled_call_closes_its_request():
    with FaultyServer(share=1, only=("hang",)) as server:
        model = resolve(server.url + "#m", timeout=60)

        async def leave() -> None:
            calls = [asyncio.create_task(areply(model, f"{way} q", way)) for way in ("achat", "astream")]
            while sum(server.faults.values()) < 2:
                await asyncio.sleep(0.01)  # until both have arrived
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

        asyncio.run(leave())
        assert server.connections_end()
        assert repr(model._gate) == "<Gate 0 of 8, 0 waiting>"
        model.close()


# Connections


@pytest.mark.parametrize("way", WAYS)
def test_calls_share_a_connection(way):
    """A stream is read to its end, past the words that say it is done, or its connection could not be used again."""
    with FaultyServer() as server:
        model = resolve(server.url + "#m")

        async def several() -> None:
            for n in range(5):
                assert (await areply(model, f"Q{n}", way)).text == right_text(f"Q{n}")

        if way.startswith("a"):
            asyncio.run(several())
        else:
            for n in range(5):
                assert reply(model, f"Q{n}", way).text == right_text(f"Q{n}")
        assert server.opened == 1
        model.close()


@pytest.mark.parametrize("way", ["achat", "astream"])
def test_each_event_loop_has_connections_of_its_own_and_closes_them(way):
    with FaultyServer() as server:
        model = resolve(server.url + "#m")

        async def ask_twice() -> None:
            for n in range(2):
                assert (await areply(model, f"Q{n}", way)).text == right_text(f"Q{n}")

        for loops in (1, 2):
            asyncio.run(ask_twice())
            assert server.opened == loops
            assert server.connections_end()
        assert not model._server._kept
        model.close()


def test_closing_closes_the_connections_of_a_running_loop():
    """As in Jupyter, whose event loop does not end with the library."""
    with FaultyServer() as server:
        model = resolve(server.url + "#m")

        async def ask_close_and_ask() -> None:
            for asked in (1, 2):
                await areply(model, "Q", "achat")
                assert server.opened == asked
                model.close()
                assert await asyncio.to_thread(server.connections_end)

        asyncio.run(ask_close_and_ask())


@pytest.mark.parametrize("way", ["stream", "astream"])
def test_a_stream_whose_connection_is_held_ends_all_the_same(way):
    with FaultyServer() as server:
        server.hold = True
        model = resolve(server.url + "#m", timeout=120)
        start = time.monotonic()
        assert reply(model, "Q", way).text == right_text("Q")
        assert time.monotonic() - start < 60
        assert server.connections_end()
        model.close()
