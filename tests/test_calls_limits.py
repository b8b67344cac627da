"""Tokens, prices and limits."""

from __future__ import annotations

import asyncio
import gc
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import pytest
from faulty_server import FaultyServer, right_usage
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ArgumentError, BudgetExceeded, ContextOverflow, ModelError, ModelUnavailable
from toolkit.models import FakeLLM, Meter, MeteredModel, estimated_tokens, resolve
from toolkit.models.prices import Tariff
from toolkit.types import Message, Usage

KEY = "sk-proj-abcDEF123456ghiJKL7890"
HELLO = (Message(role="user", content="Who spoke?"),)


class Priced(FakeLLM):
    """A fake at a dollar for a thousand tokens of either kind."""

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (prompt_tokens + completion_tokens) / 1000

    def longest_reply(self, max_tokens: int | None = None) -> int | None:
        return max_tokens or 100

    def _chat(self, *call):
        reply = super()._chat(*call)
        used = reply.usage
        cost = self.cost(used.prompt_tokens, used.completion_tokens)
        return replace(reply, usage=replace(used, cost_usd=cost))


# Prices


def test_prices_of_the_list():
    openai = Tariff(model="gpt-4o-mini", url="https://api.openai.com/v1")
    assert openai.cost(1_000_000, 0) == pytest.approx(0.15)
    assert openai.cost(0, 1_000_000) == pytest.approx(0.60)
    assert openai.cost(1_000_000, 0, 1_000_000) == pytest.approx(0.075)
    assert Tariff(model="claude-sonnet-4-5", provider="anthropic").cost(1000, 1000) > 0


@pytest.mark.parametrize(
    "tariff",
    [
        Tariff(model="gpt-99", url="https://api.openai.com/v1"),
        Tariff(model="gpt-4o-mini", url="http://127.0.0.1:8080/v1"),
        Tariff(model="gpt-4o-mini", url="https://gateway.example/v1"),
        Tariff(model="gpt-4o-mini"),
        Tariff(model="gpt-4o-mini", provider="nobody"),
    ],
)
def test_a_price_that_is_not_known_is_none(tariff):
    assert tariff.cost(1000, 1000) is None


def test_a_price_of_ones_own_comes_first():
    with FaultyServer() as server:
        model = resolve(server.url + "#m", price=(1.0, 10.0))
        reply = model.chat(HELLO)
        prompt, written = right_usage("Who spoke?")
        assert reply.usage.cost_usd == pytest.approx((prompt + 10 * written) / 1e6)
        stream = model.stream(HELLO)
        list(stream)
        assert stream.reply.usage == reply.usage
        assert resolve(server.url + "#m").chat(HELLO).usage.cost_usd is None
        model.close()
    assert resolve("gpt-4o-mini", api_key=KEY).cost(1_000_000, 0) == pytest.approx(0.15)
    gc.collect()


@pytest.mark.parametrize("price", [(1,), (1, -1), (1, 2, 3), "12", (1, float("nan")), (True, 1), 5])
def test_a_price_is_two_numbers(price):
    with pytest.raises(ArgumentError, match="price="):
        resolve("gpt-4o-mini", api_key=KEY, price=price)


def test_who_is_paid_for_a_llama_index_object():
    from llama_index.core.llms import MockLLM
    from llama_index.llms.openai import OpenAI

    assert resolve(OpenAI(model="gpt-4o-mini", api_key=KEY)).cost(1_000_000, 0) == pytest.approx(0.15)
    assert resolve(MockLLM()).cost(1, 1) is None
    assert resolve(MockLLM(), price=(1, 1)).cost(1_000_000, 0) == 1.0


def test_prices_load_only_when_they_are_asked_for():
    # What was there before does not count: where coverage is measured, it keeps its counts by sqlite3.
    code = (
        "import sys; before = set(sys.modules); import toolkit.models; "
        "assert not {'genai_prices', 'sqlite3', 'asyncio'} & (sys.modules.keys() - before)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


# Estimates


@given(st.lists(st.text(), max_size=5))
def test_estimates_are_at_least_a_third_of_the_characters(texts):
    messages = [Message(role="user", content=text) for text in texts]
    assert estimated_tokens(messages) >= sum(map(len, texts)) / 3


# Sums


def test_usage_is_summed():
    meter = Meter()
    llm = FakeLLM("One.", "Two words.", "Three more words.", "Four words that come.")
    model = MeteredModel(llm, meter)
    assert meter.usage == Usage()
    model.chat(HELLO)
    list(model.stream(HELLO))
    asyncio.run(model.achat(HELLO))

    async def read() -> None:
        async for _ in model.astream(HELLO):
            pass

    asyncio.run(read())
    assert (meter.calls, meter.unreported) == (4, 0)
    assert meter.usage == Usage(prompt_tokens=8, completion_tokens=10, cost_usd=0.0)


def test_a_price_that_is_not_known_makes_the_sum_unknown():
    with FaultyServer() as server:
        meter = Meter()
        resolve(server.url + "#m", meter=meter).chat(HELLO)
        assert meter.usage == Usage(prompt_tokens=20, completion_tokens=6, cost_usd=None)
        gc.collect()
    assert "price unknown" in repr(meter)


def test_failed_calls_cost_nothing_and_an_empty_reply_does_not_go_uncounted():
    meter = Meter()
    model = MeteredModel(Priced(ModelUnavailable("down"), "  "), meter)
    with pytest.raises(ModelUnavailable):
        model.chat(HELLO)
    assert (meter.calls, meter.usage, meter.spent_usd) == (1, Usage(), 0.0)
    with pytest.raises(ModelError, match="empty"):
        model.chat(HELLO)
    assert meter.usage.prompt_tokens == 2
    assert meter._reserved == 0


def test_a_stream_that_is_left_early_counts_against_the_budget():
    meter = Meter(budget_usd=1)
    model = MeteredModel(Priced("word " * 50), meter)
    with model.stream(HELLO) as stream:
        for _ in range(10):
            next(iter(stream))
    assert (meter.calls, meter.unreported) == (1, 1)
    assert meter.usage == Usage(cost_usd=None)
    assert meter.spent_usd > 0.01
    assert meter._reserved == 0


# Limits


def test_max_calls_stops_before_the_call():
    llm = FakeLLM("a", "b", "c")
    meter = Meter(max_calls=2)
    model = MeteredModel(llm, meter)
    model.chat(HELLO)
    model.chat(HELLO)
    for call in (model.chat, lambda m: list(model.stream(m)), lambda m: asyncio.run(model.achat(m))):
        with pytest.raises(BudgetExceeded, match="max_calls=2 is reached, nothing was sent"):
            call(HELLO)
    assert len(llm.requests) == meter.calls == 2


def test_a_budget_stops_before_it_is_overspent():
    llm = Priced(*["word"] * 200)
    meter = Meter(budget_usd=0.5)
    model = MeteredModel(llm, meter)
    refused = None
    while refused is None:
        try:
            model.chat(HELLO, max_tokens=200)
        except BudgetExceeded as error:
            refused = str(error)
    assert re.search(r"may cost \$0\.\d+, and \$0\.\d+ of budget_usd=0\.5 is spent; nothing was sent", refused)
    assert meter.spent_usd <= 0.5
    assert meter.calls == len(llm.requests) < 200
    assert meter.spent_usd == pytest.approx(meter.usage.cost_usd)


def test_an_unknown_price_and_a_budget_do_not_go_together():
    with FaultyServer() as server:
        model = resolve(server.url + "#m", meter=Meter(budget_usd=1))
        with pytest.raises(BudgetExceeded, match=r"pass price=.* or limit the calls by max_calls="):
            model.chat(HELLO)
        assert not server.attempts
        assert resolve(server.url + "#m", meter=Meter(budget_usd=1), price=(1, 1)).chat(HELLO)
        gc.collect()


@pytest.mark.parametrize("limits", [{"budget_usd": -1}, {"max_calls": -1}, {"budget_usd": float("nan")}])
def test_limits_are_not_negative(limits):
    with pytest.raises(ArgumentError):
        Meter(**limits)


def test_calls_at_once_do_not_overspend_together():
    """Eight calls start together; money for three of them is there, and each gives back what it did not need."""
    inside, go_on = threading.Barrier(4, timeout=20), threading.Event()

    class Slow(Priced):
        def _chat(self, *call):
            inside.wait()
            go_on.wait(20)
            return super()._chat(*call)

    llm = Slow(*["word"] * 8)
    each = llm.cost(estimated_tokens(HELLO), 100)
    meter = Meter(budget_usd=3.5 * each)
    model = MeteredModel(llm, meter)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(model.chat, HELLO) for _ in range(8)]
        inside.wait()  # three of them and this test
        refused = as_completed(calls, timeout=20)
        for _ in range(5):
            next(refused)
        go_on.set()
        done = [call for call in calls if call.exception() is None]
        errors = [call.exception() for call in calls if call.exception() is not None]
    assert len(done) == len(llm.requests) == 3
    assert all("held for calls under way" in str(error) for error in errors)
    assert meter.spent_usd == pytest.approx(3 * llm.cost(2, 1))
    assert meter._reserved == pytest.approx(0)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 300)), max_size=30), st.floats(0, 2))
def test_no_sequence_of_calls_overspends(calls, budget):
    meter = Meter(budget_usd=budget)
    for words, longest in calls:
        model = MeteredModel(Priced("word " * min(words, longest)), meter)
        try:
            model.chat(HELLO, max_tokens=longest)
        except BudgetExceeded:
            continue
    assert meter.spent_usd <= budget
    assert meter._reserved == pytest.approx(0)


def test_a_prompt_that_is_not_sent_is_not_counted():
    meter = Meter(max_calls=1)
    llm = FakeLLM("One.")
    llm.context_window = 50
    model = MeteredModel(llm, meter)
    with pytest.raises(ContextOverflow, match="its context window 50"):
        model.chat([Message(role="user", content="word " * 200)])
    assert meter.calls == 0
    assert model.chat(HELLO).text == "One."
