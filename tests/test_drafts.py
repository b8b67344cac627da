"""What is sent to a model: as much as fits, shown before it is sent, and said when it was not all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from faulty_server import FaultyServer
from hypothesis import given
from hypothesis import strategies as st

from toolkit import Answer, Article, FakeLLM, Library
from toolkit.drafts import counted_tokens, drafted
from toolkit.errors import ContextOverflow
from toolkit.models import Model, Reply, resolve
from toolkit.prompts import load
from toolkit.types import Hit, Message, Summary
from toolkit.types.preview import Preview
from toolkit.writing import Stream, _Shown

SAID = "The council of Oakham will plant 400 trees along the harbour."
QUESTION = "How many trees will the council of Oakham plant along the harbour?"
FILLER = "The council of Oakham spoke of its harbour and its trees at length on day {}, and nothing was decided. "


@pytest.fixture(scope="module")
def news() -> Iterator[Library]:
    """Eight articles on one subject; one of them, the best for the question, says it."""
    with Library() as made:
        texts = [f"{SAID} {FILLER.format(0) * 3}", *(FILLER.format(day) * 6 for day in range(1, 8))]
        made.add(*(Article(text=text, title=f"Day {day}") for day, text in enumerate(texts)))
        yield made


class Narrow(FakeLLM):
    """A model that knows its context window."""

    def __init__(self, window: int, *replies: str) -> None:
        super().__init__(*replies, name="narrow")
        self.context_window = window


def passages_in(messages: tuple[Message, ...]) -> int:
    return sum(line.startswith("Article ") for line in messages[-1].content.splitlines())


# Trimming


def test_everything_is_sent_when_it_fits(news: Library) -> None:
    llm = Narrow(100_000, SAID)
    answer = news.ask(QUESTION, llm=llm)
    assert answer.answered
    assert answer.notes == ()
    assert passages_in(llm.requests[0]) == len(answer.hits) == 8


def test_the_lowest_ranked_passages_are_left_out_until_the_rest_fits(news: Library) -> None:
    llm = Narrow(900, SAID)
    answer = news.ask(QUESTION, llm=llm)
    kept = passages_in(llm.requests[0])
    assert 1 < kept < 8
    assert answer.answered
    assert len(answer.hits) == 8
    titles = [
        line.partition(": ")[2] for line in llm.requests[0][-1].content.splitlines() if line.startswith("Article ")
    ]
    assert titles == [hit.article.title for hit in answer.hits[:kept]]
    note = (
        f"{8 - kept} of 8 passages, the lowest ranked, were left out: together they do not fit narrow, "
        "whose context window has 900 tokens."
    )
    assert answer.notes == (note,)
    assert answer.to_dict()["notes"] == [note]
    for shown in (repr(answer), answer.to_markdown(), answer.to_html()):
        assert note in " ".join(shown.split())


def test_one_more_passage_would_not_have_fitted(news: Library) -> None:
    prompt, hits = load("ask/plain"), news.search(QUESTION)
    for window in range(450, 2000, 50):
        draft = drafted(Narrow(window), prompt, hits, question=QUESTION)
        assert draft.tokens + 200 <= window
        if draft.kept < len(hits):
            more = prompt.render(question=QUESTION, passages=load_passages(hits[: draft.kept + 1]))
            assert counted_tokens(more) + 200 > window


def load_passages(hits: tuple[Hit, ...]) -> list[dict[str, object]]:
    from toolkit.prompts import prompt_passages

    return prompt_passages(hits)


def test_a_summary_is_trimmed_too(news: Library) -> None:
    llm = Narrow(1200, SAID)
    summary = news.summarize("the council of Oakham", llm=llm)
    assert isinstance(summary, Summary)
    assert passages_in(llm.requests[0]) < len(summary.hits)
    assert "left out" in summary.notes[0]


def test_not_even_one_passage(news: Library) -> None:
    llm = Narrow(300, SAID)
    with pytest.raises(
        ContextOverflow, match=r"not even one passage fits: ask/plain .* 200, the context window is 300"
    ):
        news.ask(QUESTION, llm=llm)
    assert llm.requests == []


WAYS = ("run", "arun", "stream", "astream")


def asked(news: Library, llm: Model, way: str) -> Answer:
    if way == "run":
        return news.ask(QUESTION, llm=llm)
    if way == "stream":
        stream = news.ask(QUESTION, llm=llm, stream=True)
        assert isinstance(stream, Stream)
        assert "".join(stream) == SAID
        return stream.final

    async def wait() -> Answer:
        if way == "arun":
            return await news.aask(QUESTION, llm=llm)
        pieces = await news.aask(QUESTION, llm=llm, stream=True)
        assert "".join([piece async for piece in pieces]) == SAID
        return pieces.final

    return asyncio.run(wait())


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_says_the_prompt_is_too_long_is_asked_with_fewer(news: Library, way: str) -> None:
    with FaultyServer() as server:
        server.message, server.longest = {"role": "assistant", "content": SAID}, 3000
        model = resolve(server.url + "#m")
        assert model is not None
        answer = asked(news, model, way)
        assert answer.answered
        assert "left out: together they do not fit m." in answer.notes[0]
        assert len(server.sizes) > 1
        assert server.sizes == sorted(server.sizes, reverse=True)
        assert server.sizes[-1] <= 3000 < server.sizes[-2]
        model.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_takes_not_even_one_passage(news: Library, way: str) -> None:
    with FaultyServer() as server:
        server.longest = 100
        model = resolve(server.url + "#m")
        assert model is not None
        with pytest.raises(ContextOverflow, match="not even one passage fits; use a model") as caught:
            asked(news, model, way)
        assert caught.value.__context__ is None
        model.close()


TEXTS = (
    FILLER * 20,
    "La présidente du Sénat a dit « non » aux députés, qui réclamaient davantage de crédits pour l'hôpital public.",
    "Die Bundesregierung hat am Dienstag angekündigt, die Zuschüsse für Wärmepumpen um 3,5 % zu kürzen.",
    "Правительство объявило во вторник о сокращении субсидий для регионов, пострадавших от наводнения.",
    "Η κυβέρνηση ανακοίνωσε την Τρίτη περικοπές στις επιδοτήσεις για τις περιοχές που επλήγησαν.",
    "政府周二宣布将削减对受洪灾影响地区的补贴，预计明年生效。",
    "أعلنت الحكومة يوم الثلاثاء عن خفض الدعم للمناطق المتضررة من الفيضانات.",
    "12,345.67 8,901 2025-08-19 3.5% $1,234,567 44.1m 0.005",
)


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_counted_rather_too_high_than_too_low(text: str) -> None:
    """Beside the vocabulary of GPT-4, which llama-index brings along."""
    from llama_index.core.utils import get_tokenizer

    theirs, ours = len(get_tokenizer()(text)), counted_tokens([Message(role="user", content=text)])
    assert theirs <= ours <= 1.6 * theirs + 8


# Cut off


class Cut(FakeLLM):
    """A model that says that it ran into max_tokens."""

    def _chat(self, messages, temperature, max_tokens) -> Reply:  # type: ignore[no-untyped-def]
        reply = super()._chat(messages, temperature, max_tokens)
        return Reply(text=reply.text, model=reply.model, usage=reply.usage, finish_reason="length")


def test_a_reply_that_was_cut_off_is_said_to_be_one(news: Library) -> None:
    answer = news.ask(QUESTION, llm=Cut(f"{SAID} The council of Oakham spoke of its harb"))
    assert [claim.text for claim in answer.claims] == [SAID]
    assert answer.notes == ("The reply was cut off when it had 19 tokens, the most that were allowed.",)
    whole = news.ask(QUESTION, llm=Cut(SAID))
    assert [claim.text for claim in whole.claims] == [SAID]
    assert whole.notes
    only = news.ask(QUESTION, llm=Cut(SAID[:-1]))
    assert len(only.claims) == 1


def test_what_a_summary_would_not_show_anyway_is_no_loss(news: Library) -> None:
    summary = news.summarize("trees of Oakham", llm=Cut(f"{SAID} The council of Oakham spoke of"), sentences=1)
    assert summary.notes == ()
    assert len(summary.claims) == 1


# Before it is sent


def test_a_dry_run_shows_the_very_messages_and_sends_nothing(news: Library) -> None:
    llm = FakeLLM(SAID)
    preview = news.ask(QUESTION, llm=llm, dry_run=True)
    assert isinstance(preview, Preview)
    assert llm.requests == []
    news.ask(QUESTION, llm=llm)
    assert preview.messages == llm.requests[0]
    assert (preview.model, preview.reply_tokens, preview.cost_usd, preview.reason) == ("fake", 200, 0.0, None)
    assert 500 < preview.prompt_tokens < 5000
    assert len(preview.hits) == 8
    assert asyncio.run(news.aask(QUESTION, llm=llm, dry_run=True)) == preview
    assert json.loads(preview.to_json())["prompt"]["name"] == "ask/plain"
    for shown in (repr(preview), preview.to_markdown(), preview.to_html()):
        assert "Nothing was sent." in shown
        assert "reply at most 200" in " ".join(shown.split())
        assert "along the harbour" in shown


def test_a_dry_run_of_a_summary(news: Library) -> None:
    llm = FakeLLM(SAID)
    preview = news.summarize("the council of Oakham", llm=llm, dry_run=True)
    assert asyncio.run(news.asummarize("the council of Oakham", llm=llm, dry_run=True)) == preview
    news.summarize("the council of Oakham", llm=llm)
    assert preview.messages == llm.requests[0]


def test_the_price_is_that_of_the_list_or_not_known(news: Library) -> None:
    known = resolve("gpt-4o-mini", api_key="sk-none")
    unknown = resolve("http://127.0.0.1:9/v1#m")
    assert known is not None
    assert unknown is not None
    preview = news.ask(QUESTION, llm=known, dry_run=True)
    assert preview.cost_usd == pytest.approx((0.15 * preview.prompt_tokens + 0.6 * 200) / 1e6)
    assert news.ask(QUESTION, llm=unknown, dry_run=True).cost_usd is None
    assert "price not known" in repr(news.ask(QUESTION, llm=unknown, dry_run=True))


def test_a_dry_run_counts_for_no_limit(tmp_path) -> None:  # type: ignore[no-untyped-def]
    llm = FakeLLM(SAID)
    with Library(llm=llm, max_calls=1, cache=tmp_path / "replies.sqlite") as limited:
        limited.add(Article(text=SAID))
        assert not limited.ask(QUESTION, dry_run=True).cached
        assert limited.ask(QUESTION).answered
        again = limited.ask(QUESTION, dry_run=True)
        assert (again.cached, again.cost_usd) == (True, 0.0)
        assert "in the cache: $0" in repr(again)
        assert limited.usage.completion_tokens == len(SAID.split())


def test_when_no_model_would_be_asked_it_says_why(news: Library) -> None:
    assert "no model" in (news.ask(QUESTION, dry_run=True).reason or "")
    refused = news.ask("Who won the 2022 World Cup?", llm=FakeLLM(), dry_run=True)
    assert refused.model is None
    assert (refused.reason or "").startswith(("names:", "coverage:", "retrieval:"))
    for shown in (repr(refused), refused.to_markdown(), refused.to_html()):
        assert "No model would be asked" in shown


def test_a_dry_run_asks_no_model_for_the_order_either(news: Library) -> None:
    llm = FakeLLM("1, 2")
    with Library(llm=llm, rerank="rerank/passages") as ordered:
        ordered.add(Article(text=SAID))
        for preview in (ordered.ask(QUESTION, dry_run=True), ordered.summarize("Oakham", dry_run=True)):
            assert "rerank/passages@1, which would order them, is a call of its own" in preview.notes[0]
        assert not ordered.ask(QUESTION, rerank=None, dry_run=True).notes
    assert llm.requests == []


def test_what_a_dry_run_shows_is_harmless() -> None:
    hostile = "<script>alert(1)</script> \x1b[31m $5 `x` \u202e"
    preview = Preview(model="m", messages=(Message(role="user", content=hostile),), notes=(hostile,))
    assert "<script" not in preview.to_html() + preview.to_markdown()
    assert "\x1b" not in repr(preview) + preview.to_html() + preview.to_markdown()


# Markers of the model's own


@given(
    st.lists(st.sampled_from(["A", " ", "[", "1", "]", " [2]", "[Source 3]", ".", "(", "x]"]), max_size=30), st.data()
)
def test_markers_are_held_back_however_the_text_is_cut(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    piecewise, whole = _Shown(), _Shown()
    shown = [piecewise.take(piece) for piece in pieces]
    assert "[1]" not in "".join(shown)
    assert "".join([*shown, piecewise.rest()]) == whole.take(text) + whole.rest()


def test_markers_do_not_reach_the_reader(news: Library) -> None:
    stream = news.ask(QUESTION, llm=FakeLLM(SAID[:-1] + " [1][Source 2]."), stream=True)
    assert "".join(stream) == SAID
    assert stream.final.citations[0].quote == SAID


def test_a_stream_goes_on_where_its_reader_left_it(news: Library) -> None:
    stream = news.ask(QUESTION, llm=FakeLLM(SAID), stream=True)
    first = next(iter(stream))
    assert first + "".join(stream) == SAID
    assert stream.final.answered
    with news.ask(QUESTION, llm=FakeLLM(SAID), stream=True) as left:
        next(iter(left))
    assert list(left) == []
