"""Summaries of one article and of hundreds: length, styles, coverage, steps, limits, failures."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import Article, FakeLLM, Library, Summary
from toolkit.alignment.sentences import Sentence
from toolkit.drafts import counted_tokens
from toolkit.errors import ArgumentError, AuthenticationError, BudgetExceeded, ModelUnavailable
from toolkit.language.lengths import Length, read_length, word_count
from toolkit.models import Meter, Reply, resolve
from toolkit.summaries import parallel
from toolkit.summaries.digest import Digest
from toolkit.summaries.parallel import AT_ONCE
from toolkit.summaries.picking import HEADLINE_WORDS, seats
from toolkit.summaries.standing import undated
from toolkit.types import Coverage, Message, SummaryNode, Usage

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"
STYLES = ("brief", "bullets", "executive", "headline")
TOWNS = ("Oakham", "Brede", "Lindow", "Marske", "Tarn", "Wexley", "Yarm", "Calder", "Dunmore", "Elsing")
SIDES = ("", "North ", "South ", "East ", "West ", "Old ", "New ")
THINGS = ("a bridge", "a school", "a harbour wall", "a theatre", "a clinic", "a tram line", "a library", "a market")


def report(number: int) -> Article:
    """One of many reports, no two about the same town and thing."""
    town, thing = f"{SIDES[number // 80]}{TOWNS[number % 10]}", THINGS[number // 10 % 8]
    text = (
        f"The council of {town} voted on Monday to build {thing} for {number + 100} thousand pounds. "
        f"Mayor {TOWNS[-1 - number % 10]} Smith said that the work on {thing} in {town} would begin in June. "
        f"Residents of {town} had waited {number % 17 + 3} years for it, the paper of the town reported."
    )
    day = f"2025-{number % 12 + 1:02}-0{number % 9 + 1}"
    return Article(text=text, id=f"r{number}", title=f"{town} gets {thing}", published=day)


@pytest.fixture(scope="module")
def news() -> Iterator[Library]:
    with Library(llm=None) as made:
        made.add(SAMPLES)
        yield made


@pytest.fixture(scope="module")
def many() -> Iterator[Library]:
    """Five hundred articles."""
    with Library(llm=None) as made:
        made.add([report(number) for number in range(500)])
        yield made


class Skimmer(FakeLLM):
    """A model of a small context window that repeats the first sentence of every article it is given.

    It refuses a prompt that would not fit, and fails at the calls whose numbers it is given, counted from 1.
    """

    def __init__(self, window: int = 4000, fail: Sequence[int] = (), error: Exception | None = None) -> None:
        super().__init__(name="skimmer")
        self.context_window = window
        self._fail = frozenset(fail)
        self._error = error or ModelUnavailable("skimmer: the server is down; start it")
        self.least_room = window

    def longest_reply(self, max_tokens: int | None = None) -> int | None:
        return max_tokens

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (prompt_tokens + completion_tokens) / 1e6

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        with self._lock:
            self.requests.append(tuple(messages))
            call = len(self.requests)
            tokens = counted_tokens(messages)
            self.least_room = min(self.least_room, (self.context_window or 0) - tokens - (max_tokens or 0))
        if call in self._fail:
            raise self._error
        asked = messages[-1].content
        most = int(re.findall(r"at most (\d+) complete", asked)[-1])
        said = re.findall(r"(?m)^Article \d+:.*\n {4}(.+?[.!?])(?=\s|$)", asked)
        text = " ".join(said[:most])
        usage = Usage(prompt_tokens=tokens, completion_tokens=len(text.split()), cost_usd=0.001)
        return Reply(text=text, model=self.name, usage=usage, finish_reason="stop")


def check(summary: Summary, library: Library) -> Coverage:
    """What must hold of every summary: exact quotes, and every article accounted for once."""
    for citation in summary.citations:
        span = citation.span
        assert library[citation.article.id].text[span.start : span.end] == citation.quote
    coverage = summary.coverage
    assert coverage is not None
    ids = [one.article.id for one in coverage.articles]
    assert len(ids) == len(set(ids))
    assert {one.article.id for one in coverage.cited} == {c.article.id for c in summary.citations}
    assert len(ids) == len(coverage.cited) + len(coverage.read) + len(coverage.left_out)
    assert all(one.reason for one in coverage.left_out)
    assert summary.tree is None or summary.tree.claims == summary.claims
    return coverage


# Length


@pytest.mark.parametrize(
    ("length", "read"),
    [
        (3, Length(sentences=3)),
        ("3", Length(sentences=3)),
        ("1 sentence", Length(sentences=1)),
        ("120 words", Length(sentences=5, words=120)),
        ("120w", Length(sentences=5, words=120)),
        ("5 WORDS", Length(sentences=1, words=5)),
        (None, Length(sentences=4)),
    ],
)
def test_a_length_is_read(length: Any, read: Length) -> None:
    assert read_length(length, None, "brief") == read


@pytest.mark.parametrize("length", [0, -1, True, 2.5, "many", "0 words", "words", "", [3]])
def test_what_is_no_length_is_refused(length: Any) -> None:
    with pytest.raises(ArgumentError, match="give sentences as a number, or words"):
        read_length(length, None, "brief")


def test_two_lengths_are_one_too_many(news: Library) -> None:
    with pytest.raises(ArgumentError, match="both say how long"):
        news.summarize(length="90 words", sentences=3)
    assert len(news.summarize(sentences=2).claims) == len(news.summarize(length=2).claims) == 2


def test_a_character_of_chinese_is_a_word() -> None:
    assert word_count("他来了。 Er kam.") == 3 + 1 + 2  # its full stop stands alone, as a word of the rest
    assert word_count("Two words") == 2


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("length", [1, 3, "40 words", "75 words", "200 words"])
def test_the_length_is_obeyed_without_a_model(news: Library, style: str, length: int | str) -> None:
    summary = news.summarize(style=style, length=length)
    assert summary.answered
    assert {claim.verdict for claim in summary.claims} == {"quoted"}
    check(summary, news)
    if isinstance(length, int):
        assert len(summary.claims) == length
    else:
        assert sum(word_count(claim.text) for claim in summary.claims) <= int(length.split()[0])
        assert summary.notes == ()


def test_when_no_sentence_is_short_enough_the_shortest_is_given_and_it_says_so(news: Library) -> None:
    summary = news.summarize(length="3 words")
    assert len(summary.claims) == 1
    assert "has 3 words or fewer" in summary.notes[0]


@pytest.mark.parametrize("length", [1, 2, "20 words"])
def test_a_model_is_kept_to_the_length(length: int | str) -> None:
    article = report(7)
    with Library(llm=FakeLLM(article.text)) as library:
        library.add(article)
        summary = library.summarize(length=length)
    kept = length if isinstance(length, int) else 1
    assert len(summary.claims) == kept
    assert f"the last {3 - kept} of its 3 sentences were cut off" in summary.notes[0]
    assert summary.to_dict()["notes"] == list(summary.notes)


def test_a_model_is_told_how_many_words() -> None:
    llm = FakeLLM(report(1).text, report(1).text)
    with Library(llm=llm) as library:
        library.add(report(1))
        library.summarize(length="60 words")
        library.summarize(length=2)
    assert "at most 3 complete sentences and 60 words in all" in llm.requests[0][-1].content
    assert "words in all" not in llm.requests[1][-1].content


def test_a_prompt_of_the_users_own_need_not_know_of_words(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "prompts/summarize/brief.prompty").read_text(encoding="utf-8")
    text = re.sub(r"  words:\n(?: {4}.*\n)+", "", text)
    text = re.sub(r"\{\{ \" and \".*?\}\}", "", text).replace("summarize/brief", "summarize/own")
    folder = tmp_path / "prompts" / "summarize"
    folder.mkdir(parents=True)
    (folder / "own.prompty").write_text(text, encoding="utf-8")
    with Library(llm=FakeLLM(report(1).text), prompts=tmp_path / "prompts") as library:
        library.add(report(1))
        summary = library.summarize(style="own", length="25 words")
    assert summary.style == "own"
    assert len(summary.claims) == 1


# Styles


def test_bullets_are_bullets_and_a_headline_is_one_line(news: Library) -> None:
    bullets = news.summarize(style="bullets", length=3)
    assert [line[:2] for line in bullets.text.splitlines()] == ["- "] * 3
    assert bullets.to_html().count("<li") == 3
    assert sum(line.startswith("- ") for line in bullets.to_markdown().splitlines()) == 3
    assert sum(line.startswith("- ") for line in str(bullets).splitlines()) == 3
    headline = news.summarize(style="headline")
    assert len(headline.claims) == 1
    assert len(headline.text.splitlines()) == 1
    assert word_count(headline.claims[0].text) <= HEADLINE_WORDS
    assert headline.to_markdown().startswith("### ")


@pytest.mark.parametrize("style", STYLES)
def test_every_style_asks_a_model_with_a_prompt_of_its_own(style: str) -> None:
    article = report(3)
    first = article.text.partition(". ")[0] + "."
    llm = FakeLLM(first)
    with Library(llm=llm) as library:
        library.add(article)
        summary = library.summarize(style=style)
    assert summary.prompt is not None
    assert summary.prompt.name == f"summarize/{style}"
    assert [claim.verdict for claim in summary.claims] == ["quoted"]
    assert summary.tree is not None
    assert [one.id for one in summary.tree.articles] == ["r3"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("LONDON, Aug. 19 — The vote is on Friday, he said.", "The vote is on Friday, he said."),
        ("WASHINGTON (Reuters) - The vote is on Friday.", "The vote is on Friday."),
        ("(CNN)The vote is on Friday, he said.", "The vote is on Friday, he said."),
        ("NATO — the alliance — met on Friday in Brussels.", "NATO — the alliance — met on Friday in Brussels."),
        ("The vote — on Friday — was lost.", "The vote — on Friday — was lost."),
        ("NEW YORK, 3 May (AP) — It rained on Friday.", "It rained on Friday."),
    ],
)
def test_a_dateline_is_not_quoted(text: str, shown: str) -> None:
    article = Article(text=text, id="a")
    sentence = undated(Sentence(article=article, span=article.span(0, len(text))))
    assert sentence.text == shown


def test_a_summary_of_agency_copy_has_no_dateline(news: Library) -> None:
    said = news.summarize(length=8)
    assert "London" in said.text or "Kremlin" in said.text
    assert not re.search(r"[A-Z]{4,}, Aug|[A-Z]{6,} —", said.text)
    check(said, news)


# Several stories


def test_seats_are_given_by_highest_averages() -> None:
    assert seats([10, 5, 1], 4) == [0, 0, 1, 0]
    assert seats([1, 1, 1], 3) == [0, 1, 2]
    assert seats([], 3) == []
    assert seats([10, 5, 1], 5, {0: 1, 1: 0}) == [0, 2, 2, 2, 2]


@given(st.lists(st.floats(0.25, 50), min_size=1, max_size=12), st.integers(1, 30))
def test_a_weightier_story_never_gets_fewerseats(weights: list[float], most: int) -> None:
    given_ = seats(weights, most)
    assert len(given_) == most
    for one, weight in enumerate(weights):
        for other, less in enumerate(weights):
            assert weight <= less or given_.count(one) >= given_.count(other)


def test_a_large_story_does_not_hide_another(news: Library) -> None:
    summary = news.summarize(length=12)
    cited = {citation.article.title for citation in summary.citations}
    assert "Millbrook library reopens after two years of repairs" in cited
    assert summary.tree is not None
    assert [len(child.articles) for child in summary.tree.children] == [11, 1]
    assert summary.coverage is not None
    assert summary.coverage.stories == 2


def test_coverage_says_what_became_of_every_article(news: Library) -> None:
    wire = next(one for one in news if (one.title or "").startswith("Costa expects terms"))
    with Library(llm=None) as library:
        library.add(wire)
        library.add(Article(text=wire.text, id="reprint", title="Costa", published="2025-08-20", publisher="Copier"))
        library.add(Article(text="Photo.", id="photo"))
        library.add([report(number) for number in range(3)])
        summary = library.summarize(length=2)
        coverage = check(summary, library)
    parts = {one.article.id: (one.part, one.reason.partition(":")[0]) for one in coverage.articles}
    assert parts["reprint"] == ("left out", "near copy")
    assert parts["photo"] == ("left out", "too short")
    assert coverage.reasons == {"near copy": 1, "too short": 1}
    frame = coverage.to_frame()
    assert list(frame.columns) == ["article_id", "title", "publisher", "published", "part", "reason", "story"]
    assert len(frame) == 6
    assert set(frame["part"]) == {"cited", "read", "left out"}
    assert Coverage().to_frame().empty
    form = json.loads(summary.to_json())
    assert form["coverage"]["stories"] == coverage.stories
    assert {"article_id": "photo", "reason": "too short: it says nothing"} in form["coverage"]["left_out"]
    assert form["coverage"]["cited"] == [one.article.id for one in coverage.cited]
    for shown in (str(coverage), coverage.to_markdown(), coverage.to_html()):
        assert "Made from 6 articles in 4 stories" in shown
        assert "too short" in shown


def test_a_query_leaves_out_what_does_not_speak_to_it(many: Library) -> None:
    summary = many.summarize("the harbour wall of Oakham", length=2)
    coverage = check(summary, many)
    assert coverage.library == 500
    assert all("harbour wall" in claim.text and "Oakham" in claim.text for claim in summary.claims)
    assert set(coverage.reasons) == {"not about the query"}
    asked = ["r20", "r21", "r300"]
    chosen = many.summarize("the harbour wall of Oakham", articles=asked).coverage
    assert chosen is not None
    assert {one.article.id for one in chosen.articles} == set(asked)
    assert chosen.library is None


def test_of_a_long_article_the_first_passages_are_read_where_there_are_many() -> None:
    long = Article(text=" ".join(report(number).text for number in range(40)), id="long", title="All of them")
    with Library(llm=None) as library:
        library.add([long, *(report(number) for number in range(100, 170))])
        row = next(one for one in check(library.summarize(), library).articles if one.article.id == "long")
        assert re.search(r"its first 2 of \d+ passages were read", row.reason)
        alone = library.summarize(articles="long").coverage
        assert alone is not None
        assert alone.articles[0].reason == ""


# Many articles and a model


def test_five_hundred_articles_with_a_window_of_four_thousand_tokens(many: Library) -> None:
    llm = Skimmer()
    preview = many.summarize(llm=llm, style="bullets", dry_run=True)
    assert llm.requests == []
    summary = many.summarize(llm=llm, style="bullets")
    coverage = check(summary, many)
    assert summary.answered
    assert len(summary.claims) == 5
    assert llm.least_room >= 0
    assert len(coverage.articles) == 500
    assert not coverage.left_out
    # What was foretold: about so many calls, at least so many tokens, at most that price.
    assert 0.7 * len(llm.requests) <= preview.calls <= 1.4 * len(llm.requests)
    assert 0.7 * summary.usage.prompt_tokens <= preview.prompt_tokens <= 1.6 * summary.usage.prompt_tokens
    assert preview.cost_usd is not None
    assert f"{preview.calls} calls" in str(preview)
    assert preview.to_dict()["calls"] == preview.calls
    assert preview.messages == llm.requests[0] or preview.messages in llm.requests[: 2 * AT_ONCE]
    # The steps.
    assert summary.tree is not None
    steps = [node for node in summary.tree.walk() if not node.children]
    assert {article.id for node in steps for article in node.articles} == {f"r{n}" for n in range(500)}
    assert all(claim.citations for node in steps for claim in node.claims)
    # The last call was given articles' own words, and nothing else.
    last = llm.requests[-1][-1].content
    for line in re.findall(r"(?m)^ {4}(.+)$", last):
        assert any(line in article.text for article in many)


def test_small_and_large_sets_take_one_call_or_several(many: Library) -> None:
    one = Skimmer(100_000)
    ids = [f"r{number}" for number in range(20)]
    assert many.summarize(articles=ids, llm=one).answered
    assert len(one.requests) == 1
    several = Skimmer(2_000)
    assert many.summarize(articles=ids, llm=several).answered
    assert len(several.requests) > 2
    assert several.least_room >= 0


@pytest.mark.parametrize("way", ["run", "arun"])
def test_a_call_that_fails_costs_its_own_piece(many: Library, way: str) -> None:
    llm = Skimmer(fail=(2, 5))
    summary, _ = in_way(many, way, llm=llm)
    coverage = check(summary, many)
    assert summary.answered
    assert re.match(r"2 of \d+ calls failed; what it would have read is left out \(skimmer: the", summary.notes[0])
    assert set(coverage.reasons) == {"the call failed"}
    assert 10 < len(coverage.left_out) < 250
    assert summary.tree is not None
    assert sum("The call failed" in note for node in summary.tree.walk() for note in node.notes) == 2


@pytest.mark.parametrize("way", ["run", "arun"])
def test_when_every_call_fails_so_does_the_summary(many: Library, way: str) -> None:
    with pytest.raises(ModelUnavailable, match="the server is down"):
        in_way(many, way, llm=Skimmer(fail=range(1, 200)))
    refused = Skimmer(fail=range(1, 200), error=AuthenticationError("skimmer: the key was refused"))
    with pytest.raises(AuthenticationError):
        in_way(many, way, llm=refused)
    assert len(refused.requests) <= AT_ONCE  # nobody knocks forty times with a key that was refused


@pytest.mark.parametrize("way", ["run", "arun", "stream", "astream"])
def test_when_the_last_call_fails_the_sentences_are_picked(many: Library, way: str) -> None:
    ids = [f"r{number}" for number in range(60)]
    last = len(Skimmer().requests)
    counting = Skimmer()
    many.summarize(articles=ids, llm=counting)
    last = len(counting.requests)
    assert last > 2
    llm = Skimmer(fail=[last])
    summary, shown = in_way(many, way, articles=ids, llm=llm)
    assert len(llm.requests) == last
    assert summary.answered
    assert {claim.verdict for claim in summary.claims} == {"quoted"}
    assert "The last call failed (skimmer: the server is down; start it)." in summary.notes[-1]
    assert summary.usage.cost_usd == pytest.approx(0.001 * (last - 1))
    assert shown in ("", summary.text)
    check(summary, many)


def test_when_the_last_call_fails_stories_of_one_title_are_all_picked_from() -> None:
    with Library(llm=None) as library:
        library.add(replace(report(number), title="Morning briefing") for number in range(60))
        counting = Skimmer()
        library.summarize(llm=counting)
        summary = library.summarize(llm=Skimmer(fail=[len(counting.requests)]))
        coverage = check(summary, library)
    assert coverage.stories > 1
    assert "The last call failed" in summary.notes[-1]
    assert len(coverage.cited) > 1


def in_way(library: Library, way: str, **wish: Any) -> tuple[Summary, str]:
    """A summary in one of the four ways, and the pieces that came before it."""
    if way == "run":
        return library.summarize(**wish), ""
    if way == "stream":
        stream = library.summarize(stream=True, **wish)
        return (lambda text: (stream.final, text))("".join(stream))

    async def ask() -> tuple[Summary, str]:
        if way == "arun":
            return await library.asummarize(**wish), ""
        stream = await library.asummarize(stream=True, **wish)
        text = "".join([piece async for piece in stream])
        return stream.final, text

    return asyncio.run(ask())


def test_the_four_ways_give_one_summary(many: Library) -> None:
    ids = [f"r{number}" for number in range(100)]
    made = [in_way(many, way, articles=ids, llm=Skimmer())[0] for way in ("run", "arun", "stream", "astream")]
    assert len({summary.text for summary in made}) == 1
    assert len({str(summary.coverage) for summary in made}) == 1
    assert in_way(many, "stream", articles=ids, llm=Skimmer())[1].startswith(made[0].claims[0].text)


def test_a_plain_call_works_inside_a_running_loop(many: Library) -> None:
    async def cell() -> Summary:
        return many.summarize(articles=[f"r{number}" for number in range(60)], llm=Skimmer())

    assert asyncio.run(cell()).answered


def test_a_last_reply_that_nothing_bears_out_is_not_shown(many: Library) -> None:
    class Dreamer(Skimmer):
        def _chat(self, messages: Sequence[Message], *rest: Any) -> Reply:
            reply = super()._chat(messages, *rest)
            if "one a line" in messages[-1].content:
                return Reply(text="The 2022 World Cup was won by France.", model=self.name, usage=reply.usage)
            return reply

    summary = many.summarize(articles=[f"r{n}" for n in range(60)], style="bullets", llm=Dreamer())
    assert summary.answered
    assert {claim.verdict for claim in summary.claims} == {"quoted"}
    assert "The last call gave no summary: support: skimmer wrote" in summary.notes[-1]


def test_when_nothing_that_was_written_is_borne_out_there_is_no_summary(many: Library) -> None:
    class Liar(Skimmer):
        def _chat(self, messages: Sequence[Message], *rest: Any) -> Reply:
            reply = super()._chat(messages, *rest)
            return Reply(text="The 2022 World Cup was won by France.", model=self.name, usage=reply.usage)

    summary = many.summarize(articles=[f"r{n}" for n in range(60)], llm=Liar())
    assert not summary.answered
    assert (summary.reason or "").startswith("support: nothing that skimmer wrote")
    coverage = check(summary, many)
    assert all("is borne out" in one.reason for one in coverage.read)


def test_a_query_over_many_articles_is_read_in_pieces_too(many: Library) -> None:
    llm = Skimmer(2000)
    summary = many.summarize("the harbour wall", llm=llm)
    check(summary, many)
    assert len(llm.requests) > 3
    assert all("harbour wall" in claim.text for claim in summary.claims)
    assert llm.least_room >= 0


def test_nothing_is_printed_where_nobody_watches(many: Library, capfd: pytest.CaptureFixture[str]) -> None:
    assert many.summarize(llm=Skimmer()).answered
    assert asyncio.run(many.asummarize(llm=Skimmer())).answered
    assert capfd.readouterr() == ("", "")


def test_a_bar_is_shown_after_some_seconds_to_who_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Bar] = []

    class Bar(parallel.Progress):
        def __init__(self, what: str, unit: str, total: Callable[[], int], **options: Any) -> None:
            super().__init__(what, unit, total, **options)
            self.total, self.options, self.closed = total(), options, False
            made.append(self)

        def close(self) -> None:
            super().close()
            self.closed = True

    monkeypatch.setattr(parallel, "Progress", Bar)
    with Library(llm=Skimmer(fail=[2])) as library:
        library.add([report(number) for number in range(100)])
        library.summarize()
    assert made
    assert all(bar.closed and bar.done == bar.total for bar in made)
    assert {bar.options["patience"] for bar in made} == {3}
    assert [bar.options["shown"] for bar in made] == [None if bar.total > 1 else False for bar in made]


def test_from_a_shell() -> None:
    command = [sys.executable, "-m", "toolkit", "summarize", str(SAMPLES), "--llm", "none", "--json"]
    done = subprocess.run(
        [*command, "--style", "bullets", "--length", "60 words"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    form = json.loads(done.stdout)
    assert form["style"] == "bullets"
    assert sum(word_count(claim["text"]) for claim in form["claims"]) <= 60
    assert form["coverage"]["stories"] == 2
    wrong = subprocess.run([*command, "--length", "long"], capture_output=True, text=True, check=False, timeout=120)
    assert wrong.returncode == 2
    assert "length='long': give sentences as a number" in wrong.stderr


# Limits


@pytest.mark.parametrize("allowed", [1, 2, 5, 9])
def test_max_calls_is_obeyed_and_what_is_left_out_is_said(allowed: int) -> None:
    llm = Skimmer()
    with Library(llm=llm, max_calls=allowed) as library:
        library.add([report(number) for number in range(300)])
        preview = library.summarize(dry_run=True)
        summary = library.summarize()
        coverage = check(summary, library)
        assert len(llm.requests) <= allowed
        assert preview.calls <= allowed
        assert summary.answered
        assert set(coverage.reasons) == {"beyond the budget"}
        assert f"{len(coverage.left_out)} of 300 articles were left out" in summary.notes[0]
        assert f"max_calls={allowed} leaves {allowed} call" in summary.notes[0]
        if len(llm.requests) == allowed:
            with pytest.raises(BudgetExceeded):
                library.summarize()


def test_a_budget_is_obeyed() -> None:
    llm = Skimmer()
    with Library(llm=llm, budget_usd=0.02) as library:
        library.add([report(number) for number in range(300)])
        preview = library.summarize(dry_run=True)
        assert preview.cost_usd is not None
        assert preview.cost_usd <= 0.02
        assert "would be left out: beyond the budget: budget_usd=0.02" in str(preview).replace("\n      ", " ")
        summary = library.summarize()
        assert library.usage.cost_usd == summary.usage.cost_usd
        assert (summary.usage.cost_usd or 0) <= 0.02
        assert check(summary, library).reasons.keys() == {"beyond the budget"}


def test_a_second_summary_of_the_same_articles_costs_nothing(tmp_path: Path) -> None:
    llm = Skimmer()
    with Library(llm=llm, cache=tmp_path / "replies.sqlite") as library:
        library.add([report(number) for number in range(100)])
        first = library.summarize()
        calls = len(llm.requests)
        again = library.summarize()
        assert len(llm.requests) == calls > 2
        assert again.text == first.text
        assert again.usage.cached
        assert library.summarize(dry_run=True).notes


def test_the_meter_of_a_model_is_that_of_whoever_counts_its_calls(tmp_path: Path) -> None:
    assert FakeLLM().meter is None
    meter = Meter(max_calls=2)
    counted = resolve(FakeLLM("Two words."), meter=meter, cache=tmp_path / "replies.sqlite")
    assert counted is not None
    assert counted.meter is meter
    assert counted.repeat(1).meter is meter


# Shapes


def test_the_json_form_keeps_its_shape(news: Library) -> None:
    form = news.summarize().to_dict()
    answer = news.ask("Which countries might send troops?").to_dict()
    shared = list(answer)[1:]
    assert list(form) == ["style", "query", *shared, "coverage", "tree"]
    assert list(form["coverage"]) == ["stories", "library", "cited", "read", "left_out"]
    assert list(form["tree"]) == ["title", "claims", "articles", "children", "notes"]
    assert list(form["tree"]["claims"][0]) == ["text", "verdict", "citations"]
    assert list(form["tree"]["claims"][0]["citations"][0]) == ["article_id", "start", "end"]
    json.dumps(form)
    bare = Summary(style="brief", answered=False).to_dict()
    assert bare["coverage"] is None
    assert bare["tree"] is None


def test_hostile_titles_stay_text_in_steps_and_coverage() -> None:
    evil = "<script>alert(1)</script> $x$ \x1b[31m `b` | **c** \u202e"
    articles = tuple(Article(text=report(n).text, title=evil, id=str(n)) for n in range(2))
    with Library(llm=None) as library:
        library.add(articles)
        summary = library.summarize()
    node = SummaryNode(title=evil, notes=(evil,), articles=articles, children=(SummaryNode(title=evil),))
    for value in (summary, summary.coverage, summary.tree, node):
        assert value is not None
        assert "<script" not in value.to_html()
        assert "<script" not in value.to_markdown()
        assert "\x1b" not in str(value)
        assert "\u202e" not in str(value) + value.to_html() + value.to_markdown()


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 499), min_size=1, max_size=40), st.integers(1, 9), st.sampled_from([1200, 2000, 6000]))
def test_any_articles_any_length_any_window(many: Library, numbers: set[int], length: int, window: int) -> None:
    llm = Skimmer(window)
    summary = many.summarize(articles=[f"r{number}" for number in numbers], length=length, llm=llm)
    coverage = check(summary, many)
    assert summary.answered
    assert 1 <= len(summary.claims) <= length
    assert len(coverage.articles) == len(numbers)
    assert llm.least_room >= 0


def test_the_work_is_several_calls_only_where_it_must_be(many: Library) -> None:
    assert isinstance(many._summarize_job(None, llm=Skimmer()), Digest)
    assert not isinstance(many._summarize_job(None, articles=["r1"], llm=Skimmer()), Digest)


def test_any_length_is_done_at_once(news: Library) -> None:
    long = news.summarize(length=10**9)
    assert long.claims
    assert len(news.summarize(length="999999 words").claims) <= len(long.claims)


def test_a_small_library_is_not_summed_up_whole_whatever_is_asked(tmp_path: Path) -> None:
    library = Library(tmp_path / "news.lance", llm=None)
    library.add(
        [
            {"text": "The bridge at Kolm fell on Monday after heavy rain.", "title": "Bridge falls"},
            {"text": "The minister of culture resigned in Orel. She gave no reason.", "title": "Minister resigns"},
            {"text": "Apples are cheap this year. Growers blame the mild spring.", "title": "Apples"},
        ]
    )
    summary = library.summarize("Kolm bridge")
    assert [claim.text for claim in summary.claims] == ["The bridge at Kolm fell on Monday after heavy rain."]
    assert [one.article.title for one in summary.coverage.cited] == ["Bridge falls"]
    assert sorted(str(one.article.title) for one in summary.coverage.left_out) == ["Apples", "Minister resigns"]
