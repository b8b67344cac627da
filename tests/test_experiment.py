"""Experiments on the real library: what is run, what is kept, what goes wrong, and what the tables say."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from faulty_server import FaultyServer

from toolkit import Article, Experiment, FakeLLM, Library
from toolkit.errors import ArgumentError, ModelError
from toolkit.experiment import Results, echo
from toolkit.models import Model, Reply
from toolkit.types import Answer, Message, Usage

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "notebooks" / "articles"
QUESTIONS = ROOT / "notebooks" / "questions.jsonl"
SAID = "Trump told Fox News that Europeans are willing to put people on the ground."


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("library") / "news.lance", llm=None) as library:
        library.add(SAMPLES)
        yield library


class Talker(Model):
    """A model that always says the same, and counts its calls; what a prompt asks makes no difference."""

    def __init__(self, name: str = "talker", text: str = SAID, price: float = 0.0) -> None:
        self.name, self.text, self.price = name, text, price
        self.calls = 0
        self._lock = threading.Lock()

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        return self.price

    def longest_reply(self, max_tokens: int | None = None) -> int | None:
        return max_tokens or 100

    def _chat(self, messages: Any, temperature: float | None, max_tokens: int | None) -> Reply:
        with self._lock:
            self.calls += 1
        usage = Usage(prompt_tokens=100, completion_tokens=10, cost_usd=self.price)
        return Reply(text=self.text, model=self.name, usage=usage, finish_reason="stop")

    async def _achat(self, messages: Any, temperature: float | None, max_tokens: int | None) -> Reply:
        return self._chat(messages, temperature, max_tokens)

    def _stream(self, messages: Any, temperature: float | None, max_tokens: int | None) -> Any:
        yield self._chat(messages, temperature, max_tokens)

    async def _astream(self, messages: Any, temperature: float | None, max_tokens: int | None) -> Any:
        yield self._chat(messages, temperature, max_tokens)


ASKED = ["What did Trump tell Fox News about Europeans?", "When could the British reassurance force be deployed?"]


def test_cells_are_every_combination_and_a_writer_without_a_model_stands_once(news: Library, tmp_path: Path) -> None:
    trial = Experiment(
        news, ASKED, prompts=["ask/plain", "ask/brief"], llms=[Talker(), None, echo], k=[4, 8], folder=tmp_path
    )
    names = [cell.name for cell in trial.cells]
    assert names == [
        "ask/plain · talker · k=4",
        "ask/plain · talker · k=8",
        "extractive · k=4",
        "extractive · k=8",
        "echo · k=4",
        "echo · k=8",
        "ask/brief · talker · k=4",
        "ask/brief · talker · k=8",
    ]
    assert trial.baseline == names[0]
    assert repr(trial) == "<Experiment ask: 2 questions x 8 cells>"


def test_the_answers_are_those_of_ask(news: Library, tmp_path: Path) -> None:
    model = Talker()
    results = Experiment(news, ASKED, llms={"m": model, "none": None}, k=4, folder=tmp_path).run(progress=False)
    for row in results.rows:
        alone = news.ask(row.question.text, k=4, llm=model if row.cell.name == "m" else None)
        assert row.output is not None
        assert row.output.to_dict() | {"seconds": 0, "usage": 0} == alone.to_dict() | {"seconds": 0, "usage": 0}
    assert results.rows[0].reply == SAID


def test_a_second_run_sends_nothing_and_gives_the_same(news: Library, tmp_path: Path) -> None:
    model = Talker()
    trial = Experiment(news, ASKED, prompts=["ask/plain", "ask/brief"], llms=model, folder=tmp_path)
    before = trial.estimate()
    assert model.calls == 0
    first = trial.run(progress=False)
    assert (before.calls, first.calls, model.calls) == (4, 4, 4)
    again = Experiment(news, ASKED, prompts=["ask/plain", "ask/brief"], llms=model, folder=tmp_path)
    assert (again.estimate().calls, again.estimate().total.done) == (0, 4)
    second = again.run(progress=False)
    assert (second.calls, model.calls) == (0, 4)
    assert second.to_frame().equals(first.to_frame())
    assert repr(second) == repr(first)


def test_rows_can_be_made_anew_from_the_replies_that_are_kept(news: Library, tmp_path: Path) -> None:
    model = Talker()
    trial = Experiment(news, ASKED, llms=model, folder=tmp_path)
    trial.run(progress=False)
    anew = trial.run(resume=False, progress=False)
    assert model.calls == 2
    assert all(row.output is not None and row.output.usage.cached for row in anew.rows)


def test_repetitions_have_replies_of_their_own_even_with_a_cache_in_the_library(tmp_path: Path) -> None:
    model = Talker()
    with Library(tmp_path / "n.lance", llm=model, cache=tmp_path / "own.sqlite") as library:
        library.add(SAMPLES)
        results = Experiment(library, ASKED[:1], repeats=3, folder=tmp_path / "runs").run(progress=False)
        assert (len(results), model.calls) == (3, 3)
        assert [row.repeat for row in results.rows] == [0, 1, 2]
        assert library.usage.completion_tokens == 30  # the library's own meter counts them as well


def test_another_prompt_article_or_model_is_another_row(tmp_path: Path) -> None:
    model = Talker()
    own = tmp_path / "prompts" / "ask"
    own.mkdir(parents=True)
    text = (ROOT / "prompts" / "ask" / "plain.prompty").read_text(encoding="utf-8")
    (own / "plain.prompty").write_text(text, encoding="utf-8")
    with Library(tmp_path / "n.lance", llm=model, prompts=tmp_path / "prompts") as library:
        library.add(SAMPLES)
        run = lambda: Experiment(library, ASKED[:1], folder=tmp_path / "runs").run(progress=False).calls  # noqa: E731
        assert [run(), run()] == [1, 0]
        (own / "plain.prompty").write_text(text.replace("one or two", "two or three"), encoding="utf-8")
        assert [run(), run()] == [1, 0]
        library.add(Article(text="Trump told Fox News that Europeans are willing. So he said.", title="More"))
        assert [run(), run()] == [1, 0]


def test_passages_are_looked_for_once_for_all_cells_that_share_them(
    news: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[tuple[str, int]] = []
    find = Library._find

    def counted(self: Library, query: str, k: int, **options: Any) -> Any:
        looked.append((query, k))
        return find(self, query, k, **options)

    monkeypatch.setattr(Library, "_find", counted)
    models = {"a": Talker("a"), "b": Talker("b"), "none": None}
    trial = Experiment(news, ASKED, prompts=["ask/plain", "ask/brief"], llms=models, k=[4, 8], folder=tmp_path)
    trial.estimate()
    assert len(trial.run(progress=False)) == 20
    assert sorted(looked) == sorted((question, k) for question in ASKED for k in (4, 8))


def test_failures_are_rows_and_are_tried_again(news: Library, tmp_path: Path) -> None:
    model = FakeLLM(SAID, ModelError("the server is tired"))
    trial = Experiment(news, ASKED, llms=model, k=4, folder=tmp_path)
    results = trial.run(concurrency=1, progress=False)
    assert [row.status for row in results.rows] == ["ok", "failed"]
    failed = results.failures()
    assert (len(failed), failed.rows[0].error) == (1, "the server is tired")
    assert "1 of 2 rows have no answer." in repr(failed)
    frame = results.to_frame()
    assert len(frame) == 2
    assert list(frame["seconds"].notna()) == [True, False]
    assert any("1 failed" in note for note in results.summary().notes)
    model._replies.append("A reassurance force could be deployed if hostilities end.")
    again = trial.run(progress=False)
    assert [row.status for row in again.rows] == ["ok", "ok"]
    assert again.calls == 1


def test_what_a_writer_of_ones_own_raises_is_a_row(news: Library, tmp_path: Path) -> None:
    def clumsy(question: str, hits: Any) -> str:
        raise KeyError("no such thing")

    def mute(question: str, hits: Any) -> Any:
        return 7

    results = Experiment(news, ASKED, llms=[clumsy, mute, echo], folder=tmp_path).run(progress=False)
    errors = {row.cell.name: row.error for row in results.rows}
    assert errors["clumsy"] == "KeyError: 'no such thing'"
    assert "mute gave a int; a writer gives a text" in str(errors["mute"])
    assert errors["echo"] is None


def test_over_the_budget_rows_are_not_run_and_the_next_run_goes_on(news: Library, tmp_path: Path) -> None:
    model = Talker(price=0.4)
    trial = Experiment(news, QUESTIONS, llms={"dear": model, "none": None}, k=4, folder=tmp_path)
    asked = trial.estimate().calls
    assert trial.estimate().cost_usd == pytest.approx(asked * 0.4)
    results = trial.run(budget_usd=1.3, concurrency=1, progress=False)
    stopped = [row for row in results.rows if row.status == "not run"]
    assert (results.calls, results.cost_usd, len(stopped)) == (3, pytest.approx(1.2), asked - 3)
    assert all(str(row.error).startswith("budget: ") for row in stopped)
    assert len(results) == 2 * len(results.questions)
    assert any("were not run" in note for note in results.summary().notes)
    rest = trial.run(max_calls=2, progress=False)
    assert rest.calls == 2
    assert sum(row.status == "not run" for row in rest.rows) == asked - 5
    assert trial.run(progress=False).calls == asked - 5


def test_a_budget_needs_a_price(news: Library, tmp_path: Path) -> None:
    with FaultyServer() as server:
        url = f"{server.url}#m"
        trial = Experiment(news, ASKED, llms=url, folder=tmp_path)
        assert trial.estimate().cost_usd is None
        assert "price" in repr(trial.estimate())
        results = trial.run(budget_usd=1.0, progress=False)
        assert {row.status for row in results.rows} == {"not run"}
        assert "its price is not known" in str(results.rows[0].error)
        assert not server.attempts


def test_a_run_over_a_server_that_fails_now_and_then_is_whole(news: Library, tmp_path: Path) -> None:
    with FaultyServer(seed=3, share=0.3, only=("busy", "failed", "reset", "bad-json")) as server:
        server.message = {"role": "assistant", "content": SAID}
        trial = Experiment(news, QUESTIONS, llms=f"{server.url}#m", k=4, folder=tmp_path)
        asked = trial.estimate().calls
        results = trial.run(progress=False)
        assert {row.status for row in results.rows} == {"ok"}
        assert results.calls == asked > 10
        assert sum(server.faults.values()) > 0
        sent = sum(server.attempts.values())
        assert trial.run(progress=False).calls == 0
        assert sum(server.attempts.values()) == sent


def test_the_plain_verb_works_inside_a_running_loop(news: Library, tmp_path: Path) -> None:
    async def both() -> tuple[Results, Results]:
        trial = Experiment(news, ASKED, llms=Talker(), folder=tmp_path)
        return trial.run(progress=False), await trial.arun(progress=False)

    plain, awaited = asyncio.run(both())
    assert plain.to_frame().equals(awaited.to_frame())


def test_rows_run_at_the_same_time(news: Library, tmp_path: Path) -> None:
    class Meeting(Talker):
        def __init__(self) -> None:
            super().__init__("meeting")
            self.barrier = threading.Barrier(4, timeout=60)

        def _chat(self, messages: Any, temperature: float | None, max_tokens: int | None) -> Reply:
            self.barrier.wait()  # passes only when four calls are under way
            return super()._chat(messages, temperature, max_tokens)

    prompts = ["ask/plain", "ask/brief"]
    results = Experiment(news, ASKED, prompts=prompts, llms=Meeting(), folder=tmp_path).run(
        concurrency=4, progress=False
    )
    assert {row.status for row in results.rows} == {"ok"}


KILLED = """
import sys
from toolkit import Experiment, Library
library = Library(sys.argv[1], llm=None)
trial = Experiment(library, sys.argv[2], prompts=["ask/plain", "ask/brief"], llms=sys.argv[3], k=4, folder=sys.argv[4])
results = trial.run(concurrency=2, progress=False)
print(results.calls, len(results), len(results.failures()), flush=True)
"""


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_where_it_was(news: Library, tmp_path: Path) -> None:
    with FaultyServer(delay=0.1) as server:
        server.message = {"role": "assistant", "content": SAID}
        command = [sys.executable, "-c", KILLED, str(news.path), str(QUESTIONS), f"{server.url}#m", str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 120
        while not (rows := list(tmp_path.glob("*/rows.jsonl"))) or rows[0].read_bytes().count(b"\n") < 9:
            assert process.poll() is None
            assert time.monotonic() < deadline
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        kept = rows[0].read_bytes().count(b"\n")
        with rows[0].open("ab") as file:
            file.write(b'{"key": "half a li')  # as a process that was killed while it wrote would leave it
        delivered = sum(server.delivered.values())
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=True)
        calls, total, failed = map(int, done.stdout.split())
        trial = Experiment(
            news, QUESTIONS, prompts=["ask/plain", "ask/brief"], llms=f"{server.url}#m", k=4, folder=tmp_path
        )
        asked = sum(row.reply is not None for row in trial.run(progress=False).rows)
        assert (total, failed) == (44, 0)
        assert 9 <= kept < 44
        # Nothing is paid for twice but what was under way when the process died.
        assert asked - delivered <= calls <= asked - delivered + 2
        assert sum(server.delivered.values()) == delivered + calls
        lines = [json.loads(line) for line in rows[0].read_bytes().splitlines() if not line.endswith(b"half a li")]
        assert len({line["key"] for line in lines}) == 44


def test_embeddings_get_copies_of_the_library(news: Library, tmp_path: Path) -> None:
    class Letters:
        name = "letters"
        dimensions = 26

        def __init__(self) -> None:
            self.embedded = 0

        def _vectors(self, texts: Any) -> Any:
            import numpy as np

            self.embedded += len(texts)
            rows = [[text.lower().count(chr(97 + n)) + 0.01 for n in range(26)] for text in texts]
            return np.asarray(rows, dtype=np.float32)

        def embed(self, texts: Any) -> Any:
            return self._vectors(texts)

        def embed_query(self, text: str) -> Any:
            return self._vectors([text])[0]

    letters = Letters()
    before = news.search(ASKED[0], 4)
    options: dict[str, Any] = {"llms": None, "embeddings": {"own": None, "letters": letters}, "folder": tmp_path}
    results = Experiment(news, ASKED, k=4, **options).run(progress=False)
    assert [cell.name for cell in results.cells] == ["own", "letters"]
    assert {row.status for row in results.rows} == {"ok"}
    found = {row.cell.name: [hit.passage.id for hit in row.output.hits] for row in results.rows[:2] if row.output}
    assert found["own"] != found["letters"]
    assert news.search(ASKED[0], 4) == before
    first = letters.embedded
    Experiment(news, ASKED, k=5, **options).run(progress=False)
    assert letters.embedded - first <= 4  # the questions again, and not the passages


def test_search_options_are_an_axis(news: Library, tmp_path: Path) -> None:
    trial = Experiment(news, ASKED, llms=None, search=[{}, {"until": "2025-08-18"}], folder=tmp_path)
    assert [cell.name for cell in trial.cells] == ["plain search", "until=2025-08-18"]
    results = trial.run(progress=False)
    dates = {hit.article.date for row in results.rows[1::2] if row.output for hit in row.output.hits}
    assert dates <= {"2025-08-16", "2025-08-18"}


def test_summaries_are_an_experiment_too(news: Library, tmp_path: Path) -> None:
    article = next(article for article in news if article.title and article.title.startswith("Millbrook library"))
    questions = [
        {"articles": [article.id], "reference": "The Millbrook library reopened after repairs that cost £1.4 million."}
    ]
    said = "The repairs cost £1.4 million."
    trial = Experiment(
        news,
        questions,
        task="summarize",
        prompts=["brief", "summarize/bullets"],
        llms=[Talker(text=said), None],
        sentences=2,
        folder=tmp_path,
    )
    assert [cell.name for cell in trial.cells] == ["brief · talker", "extractive", "summarize/bullets · talker"]
    assert trial.estimate().calls == 2
    results = trial.run(progress=False)
    assert {row.status for row in results.rows} == {"ok"}
    assert results.rows[0].reply == said
    assert results.scores("rougeL")[0] > 0.3  # type: ignore[operator]
    assert trial.run(progress=False).calls == 0
    with pytest.raises(ArgumentError, match="k= is for"):
        Experiment(news, questions, task="summarize", k=4)


def test_gold_quotes_are_found_in_the_library(news: Library, tmp_path: Path) -> None:
    results = Experiment(news, QUESTIONS, llms=None, folder=tmp_path).run(progress=False)
    for question in results.questions:
        for span in question.gold:
            assert not isinstance(span, str)
            assert news[span.article_id].text[span.start : span.end]
    assert sum(bool(question.gold) for question in results.questions) == 14
    wrong = [{"question": "Who?", "id": "w", "gold": [{"quote": "Words that stand in no article at all."}]}]
    with pytest.raises(ArgumentError, match="question w: no article was found with the gold quote"):
        _ = Experiment(news, wrong, llms=None, folder=tmp_path).questions


def test_measures_of_ones_own_and_what_they_raise(news: Library, tmp_path: Path) -> None:
    def short(answer: Answer, question: Any) -> bool:
        return len(answer.text) < 120

    def picky(answer: Answer, question: Any) -> float:
        return 1 / 0

    results = Experiment(news, ASKED, llms=None, measures=[short, picky], folder=tmp_path).run(progress=False)
    lengths = [len(row.output.text) for row in results.rows if row.output]
    assert results.scores("short") == [float(length < 120) for length in lengths]
    assert len(lengths) == 2
    assert results.scores("picky") == [None, None]
    raised = results.failures()
    assert not raised.rows
    assert raised.measures[0][2:] == ("picky", "ZeroDivisionError: division by zero")
    assert "picky" in repr(raised)


def test_citation_and_correctness_are_never_shown_without_each_other(news: Library, tmp_path: Path) -> None:
    cited = Experiment(news, QUESTIONS, llms=None, measures=["citation_precision"], folder=tmp_path)
    assert [one.name for one in cited.measures] == ["citation_precision", "answer_hit", "token_f1"]
    right = Experiment(news, QUESTIONS, llms=None, measures=["token_f1"], folder=tmp_path)
    assert [one.name for one in right.measures] == ["token_f1", "citation_recall", "citation_precision"]
    groups = [one.group for one in cited.run(progress=False).summary().measures]
    assert groups == ["correctness", "correctness", "citation"]
    bare = Experiment(news, ASKED, llms=None, measures=["citation_precision"], folder=tmp_path).run(progress=False)
    assert any("Nothing here says whether the answers are right" in note for note in bare.summary().notes)


def test_the_trap_of_citation_scores_is_made_plain(news: Library, tmp_path: Path) -> None:
    """A writer that echoes the top passage: nearly perfect citations, low correctness, and the table says so."""
    results = Experiment(news, QUESTIONS, llms=[None, echo], k=4, folder=tmp_path).run(progress=False)
    card = results.summary()
    precision, right = card.score("echo", "citation_precision"), card.score("echo", "token_f1")
    better = card.score("extractive", "token_f1")
    assert precision.value is not None
    assert precision.value > 0.9
    assert right.value is not None
    assert better.value is not None
    assert right.value < better.value / 2
    assert right.against is not None
    assert right.against.better is False
    trap = card.findings[0]
    assert trap.startswith("Citations are no proof of a right answer: echo has a citation_precision of ")
    assert "by token_f1 it is worse than extractive" in trap
    for shown in (repr(results), results.to_markdown().replace("\\", ""), results._repr_html_()):
        assert "no proof of a right answer" in " ".join(shown.split())
    shown = results._repr_html_() + results.compare("extractive", "echo")._repr_html_()
    forbidden = r"<(script|style|svg|img)|currentColor| (id|aria-\w+|data-\w+|class)=(?!\"(tex2jax|citebook-))"
    assert not re.search(forbidden, shown)


def test_no_winner_without_a_difference(news: Library, tmp_path: Path) -> None:
    models = {"a": Talker("a"), "b": Talker("b")}
    results = Experiment(news, QUESTIONS, llms=models, folder=tmp_path).run(progress=False)
    card = results.summary()
    quality = [one for one in card.scores if one.measure != "seconds"]
    assert all(one.against is None or one.against.better is None for one in quality)
    assert any(one.startswith("b is not distinguishable from a by") for one in card.findings)
    assert {one.against is None for one in card.scores if one.cell == "a"} == {True}
    other = results.summary(baseline="b")
    assert other.baseline == "b"
    with pytest.raises(ArgumentError, match="no cell is called 'c'"):
        results.summary(baseline="c")


def test_the_frame_is_tidy(news: Library, tmp_path: Path) -> None:
    results = Experiment(news, QUESTIONS, llms=[None, echo], k=[4, 8], folder=tmp_path).run(progress=False)
    frame = results.to_frame()
    assert len(frame) == 22 * 4
    assert not frame.duplicated(["question_id", "cell", "repeat"]).any()
    documented = results.to_frame.__doc__ or ""
    for column in frame.columns:
        assert f"``{column}``" in documented or column in [one.name for one in results.measures]
    assert set(frame.groupby("cell").size()) == {22}
    assert frame["hit@5"].dtype == float
    assert frame.loc[frame["question_id"] == "who-pays", "tags"].eq("library").all()


def test_tags_choose_questions(news: Library, tmp_path: Path) -> None:
    results = Experiment(news, QUESTIONS, llms=[None, echo], k=4, folder=tmp_path).run(progress=False)
    library = results.tagged("library")
    assert [question.id for question in library.questions] == ["who-pays", "library-days", "first-book", "children"]
    assert library.scores("token_f1") == results.scores("token_f1")[:8]
    assert library.summary().questions == 4
    with pytest.raises(ArgumentError, match="no question has the tag 'sport'; there are disputed, guarantees"):
        results.tagged("sport")


def test_compare_goes_question_by_question(news: Library, tmp_path: Path) -> None:
    results = Experiment(
        news, QUESTIONS, prompts=["ask/plain", "ask/brief"], llms=[Talker(), echo], k=4, folder=tmp_path
    ).run(progress=False)
    found = results.compare("ask/plain · talker", "echo", by="answer_hit")
    outcomes = {duel.first.question.id: duel.outcome for duel in found.duels}
    assert len(found.duels) == 22
    assert outcomes["who-pays"] == "win"
    assert outcomes["fox"] == "tie"
    assert outcomes["world-cup"] == "not compared"
    assert found.prompt_diff == ""
    assert found.count("win") == found.against.wins
    prompts = results.compare("ask/plain · talker", "ask/brief · talker")
    assert "-name: ask/plain" in prompts.prompt_diff
    assert "+name: ask/brief" in prompts.prompt_diff
    assert {duel.outcome for duel in prompts.duels} <= {"tie", "not compared"}
    shown = found.to_html()
    assert "background-color: rgba(40, 160, 90, 0.25)" in shown
    assert "quoted" in shown
    back = results.compare("echo", "ask/plain · talker", by="answer_hit")
    assert (back.count("loss"), back.count("win")) == (found.count("win"), found.count("loss"))
    with pytest.raises(ArgumentError, match="no cell is called"):
        results.compare("echo", "none")
    with pytest.raises(ArgumentError, match="no measure 'nothing' here"):
        results.compare("echo", "ask/plain · talker", by="nothing")


def test_plots_are_drawn_without_a_window(news: Library, tmp_path: Path) -> None:
    results = Experiment(news, QUESTIONS, llms=[None, echo], k=4, folder=tmp_path).run(progress=False)
    forest = results.plot()
    assert len(forest.axes[0].get_yticklabels()) == len(
        [one for one in results.summary().measures if one.group in ("correctness", "citation", "refusal")]
    )
    cost = results.plot("cost", measures=["token_f1"])
    assert cost.axes[0].get_ylabel() == "token_f1"
    for figure in (forest, cost):
        assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert "matplotlib.pyplot" not in sys.modules or not __import__("matplotlib.pyplot").pyplot.get_fignums()
    with pytest.raises(ArgumentError, match="no plot 'pie'"):
        results.plot("pie")
    alone = Experiment(news, ASKED, llms=None, folder=tmp_path).run(progress=False)
    with pytest.raises(ArgumentError, match="nothing to compare"):
        alone.plot()


def test_the_report_stands_alone_and_runs_nothing(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> Troops were sent on Monday, <img src=x onerror=alert(2)> officials said."
    with Library(tmp_path / "n.lance", llm=Talker(text="Troops were sent on Monday, officials said.")) as library:
        library.add(Article(text=hostile, title="<b>Troops</b>"))
        found = Experiment(
            library,
            ["When were troops <i>sent</i>?"],
            llms={"<u>m</u>": library._writers._llm, "none": None},
            folder=tmp_path / "runs",
        ).run(progress=False)
        report = found.to_html()
    for tag in ("<script", "<img src=x", "<u>", "<i>", "<b>Troops"):
        assert tag not in report
    assert report.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in unescape(report)
    assert "http" not in report.replace("http-equiv", "")
    assert "Answers a question in one or two plain sentences" in report


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"task": "guess"}, "task='guess'"),
        ({"repeats": 0}, "repeats=0"),
        ({"k": [0]}, "k=0"),
        ({"k": []}, "k= is empty"),
        ({"search": {"colour": 1}}, "no option colour"),
        ({"prompts": ["ask/none"]}, "no prompt called 'ask/none'"),
        ({"baseline": "other"}, "no such cell; there are"),
        ({"measures": ["luck"]}, "no measure is called 'luck'"),
        ({"prompts": [3]}, "prompts= holds 3"),
    ],
)
def test_wrong_arguments_are_said_at_once(news: Library, options: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said) as caught:
        Experiment(news, ASKED, **{"llms": None, **options})
    assert type(caught.value).__module__ == "toolkit.errors"


def test_messages_reach_the_model_as_ask_sends_them(news: Library, tmp_path: Path) -> None:
    one, other = FakeLLM(SAID), FakeLLM(SAID)
    Experiment(news, ASKED[:1], llms=one, k=4, folder=tmp_path).run(progress=False)
    news.ask(ASKED[0], k=4, llm=other)
    assert one.requests == other.requests
    assert all(isinstance(message, Message) for message in one.requests[0])


def test_an_object_of_llama_index_is_one_model(news: Library, tmp_path: Path) -> None:
    from llama_index.core.llms import MockLLM

    results = Experiment(news, ASKED[:1], llms=MockLLM(max_tokens=5), folder=tmp_path).run(progress=False)
    assert [row.cell.llm for row in results.rows] == ["MockLLM"]
    assert results.rows[0].reply


def test_a_library_over_an_index_can_be_tried_too(tmp_path: Path) -> None:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.embeddings import MockEmbedding

    documents = [Document(text="The repairs cost 5 million dollars. The council paid for half of it.", doc_id="a")]
    index = VectorStoreIndex.from_documents(documents, embed_model=MockEmbedding(8))
    library = Library.from_index(index, documents=documents, llm=None)
    asked = ["How much did the repairs cost?"]
    results = Experiment(library, asked, llms=None, folder=tmp_path).run(progress=False)
    assert results.rows[0].output is not None
    assert "5 million" in results.rows[0].output.text
    copied = Experiment(library, asked, llms=None, embeddings=[MockEmbedding(8)], folder=tmp_path).run(progress=False)
    assert "needs a library with articles of its own" in str(copied.rows[0].error)


def _cut(length: int) -> Any:
    def writer(question: str, hits: Any) -> str:
        return " ".join(hit.passage.text[:length] for hit in hits[:1])

    return writer


LENGTH = 40


def _long(question: str, hits: Any) -> str:
    return " ".join(hit.passage.text[:LENGTH] for hit in hits[:1])


class _Cutter:
    def __init__(self, length: int) -> None:
        self.length = length

    def __call__(self, question: str, hits: Any) -> str:
        return str(hits[0].passage.text[: self.length])


def test_a_writer_with_other_values_inside_is_another_writer(
    news: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replies(writer: Any) -> list[str | None]:
        results = Experiment(news, ASKED, llms={"mine": writer}, folder=tmp_path).run(progress=False)
        return [row.reply for row in results.rows]

    def with_default(question: str, hits: Any, length: int) -> str:
        return str(hits[0].passage.text[:length])

    for make in (_cut, _Cutter, lambda length: partial(with_default, length=length)):
        short, long = replies(make(40)), replies(make(300))
        assert [len(one or "") for one in short] == [40, 40]
        assert short != long
    short = replies(_long)
    monkeypatch.setattr(f"{__name__}.LENGTH", 300)
    assert replies(_long) != short


def test_a_writer_that_is_told_apart_the_same_in_every_process(tmp_path: Path) -> None:
    code = (
        "from toolkit.experiment.writers import told_apart\n"
        "def writer(question, hits):\n    return question in {'one', 'two', 'three', 'four'}\n"
        "print(told_apart(writer))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1] != ""


def test_a_writer_may_note_what_it_does_and_still_is_not_called_twice(news: Library, tmp_path: Path) -> None:
    noted: list[str] = []

    def writer(question: str, hits: Any) -> str:
        noted.append(question)
        return SAID

    trial = Experiment(news, ASKED, llms=[writer], folder=tmp_path)
    trial.run(progress=False)
    trial.run(progress=False)
    assert sorted(noted) == sorted(ASKED)


def test_the_same_experiment_sees_articles_that_were_added_since(tmp_path: Path) -> None:
    with Library(tmp_path / "own.lance", llm=None) as library:
        library.add(SAMPLES)
        trial = Experiment(library, ["Who won the Zorbian cup in 2031?"], folder=tmp_path / "runs")
        assert not trial.run(progress=False).rows[0].output.answered  # type: ignore[union-attr]
        library.add([Article(text="Marta Lind won the Zorbian cup in 2031, ahead of four rivals.")])
        assert trial.run(progress=False).rows[0].output.answered  # type: ignore[union-attr]


def test_an_embedding_under_another_ones_name_is_looked_for_anew(
    news: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Experiment(news, ASKED, embeddings={"mine": None}, folder=tmp_path)
    other = Experiment(news, ASKED, embeddings={"mine": "another-model"}, folder=tmp_path)
    keys = [{unit.key for unit in trial._units()} for trial in (first, other)]
    assert keys[0].isdisjoint(keys[1])


class Sorter(Talker):
    """Orders passages as they are."""

    def __init__(self) -> None:
        super().__init__("sorter", "1, 2, 3")


def test_a_rerank_by_a_model_is_on_the_meter_and_is_kept(tmp_path: Path) -> None:
    sorter = Sorter()
    with Library(tmp_path / "own.lance", llm=sorter, rerank="prompt") as library:
        library.add(SAMPLES)
        folder = tmp_path / "runs"
        trial = Experiment(library, ASKED, llms=[None], folder=folder)
        trial.estimate()
        assert sorter.calls == 0
        stopped = trial.run(progress=False, max_calls=1, concurrency=1)
        assert [row.status for row in stopped.rows] == ["ok", "not run"]
        assert (sorter.calls, stopped.calls) == (1, 1)
        assert trial.run(progress=False).calls == 1
        assert Experiment(library, ASKED, llms=[None], folder=folder).run(progress=False).calls == 0
        assert Experiment(library, ASKED, llms=[None], folder=folder).run(progress=False, resume=False).calls == 0
        assert sorter.calls == 2


def test_rows_on_which_a_measure_raised_count_as_without_a_score(news: Library, tmp_path: Path) -> None:
    def mine(answer: Any, question: Any) -> float:
        if "Trump" in question.text:
            raise KeyError("boom")
        return 1.0

    def none(answer: Any, question: Any) -> float:
        return float("nan")

    asked = [{"question": ASKED[0], "tags": ["t"]}, ASKED[1]]
    results = Experiment(news, asked, llms=[None, echo], measures=[mine, none], folder=tmp_path).run(progress=False)
    for shown in (results, Experiment.load(results.save(tmp_path / "run.zip"))):
        score = shown.summary().score("echo", "mine")
        assert (score.value, score.n_ok, score.n_total) == (1.0, 1, 2)
        notes = " ".join(shown.summary().notes)
        assert "mine raised on 2 of 4 rows" in notes
        assert "none raised on 4 of 4 rows" in notes
        assert "do not say what these need" not in notes
        assert len(shown.failures().measures) == 6
        assert len(shown.tagged("t").failures().measures) == 4


def test_measures_have_names_of_their_own(news: Library, tmp_path: Path) -> None:
    def token_f1(answer: Any, question: Any) -> float:
        return 1.0

    def cell(answer: Any, question: Any) -> float:
        return 1.0

    for measures, said in (
        (["token_f1", "token_f1"], "two measures are called 'token_f1'"),
        ([token_f1], "'token_f1' is a built-in measure"),
        ([cell], "another column of that name"),
    ):
        with pytest.raises(ArgumentError, match=said):
            Experiment(news, ASKED, measures=measures, folder=tmp_path)


def test_columns_are_of_the_same_kind_whatever_happened(news: Library, tmp_path: Path) -> None:
    def bad(question: str, hits: Any) -> str:
        raise RuntimeError("no")

    fine = Experiment(news, ASKED, llms=[None], folder=tmp_path).run(progress=False).to_frame()
    none = Experiment(news, ASKED, llms=[bad], folder=tmp_path).run(progress=False).to_frame()
    assert list(fine.dtypes.items()) == list(none.dtypes.items())
    assert none["answered"].isna().all()
    assert none["claims"].isna().all()


def test_failures_of_one_kind_do_not_fill_the_screen(news: Library, tmp_path: Path) -> None:
    def bad(question: str, hits: Any) -> str:
        raise RuntimeError("no server")

    def mine(answer: Any, question: Any) -> float:
        raise ValueError("no number")

    asked = [f"What did Trump say on day {day}?" for day in range(80)]
    results = Experiment(news, asked, llms=[bad, None], measures=[mine], folder=tmp_path).run(progress=False)
    failures = results.failures()
    assert (len(failures.rows), len(failures.measures)) == (80, 80)
    for shown in (repr(failures), failures.to_html(), failures.to_markdown()):
        assert shown.count("no server") == 50
        assert " ".join(shown.split()).count("no number") == 1
        assert "and 30 more in .rows" in shown
        assert "and 79 more rows" in " ".join(shown.split())
