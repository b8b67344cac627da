"""What a library does when it is used in ways that no guide tells: nothing lost, nothing silent, nothing left over."""

from __future__ import annotations

import asyncio
import copy
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from toolkit import Article, FakeLLM, Library
from toolkit.errors import ArgumentError, SourceError, StoreError
from toolkit.types import Hits

BUDGET = "Parliament approved the budget on Tuesday evening."


def test_an_id_stands_for_one_text_in_a_call(tmp_path: Path) -> None:
    for name, text in (("a", "The mayor resigned on Monday."), ("b", "The bridge opened on Friday.")):
        (tmp_path / f"{name}.csv").write_text(f"id,text\n1,{text}\n")
    with Library() as news:
        report = news.add(tmp_path / "a.csv", tmp_path / "b.csv")
        assert (report.added, report.duplicates, len(report.failed)) == (1, 0, 1)
        assert "b.csv" in report.failed[0].source
        assert "'1'" in report.failed[0].reason


def test_a_file_of_records_that_rolls_over_loses_nothing(tmp_path: Path) -> None:
    feed = tmp_path / "latest.jsonl"
    with Library() as news:
        feed.write_text('{"text": "The mayor resigned on Monday."}\n')
        news.add(feed)
        feed.write_text('{"text": "The bridge opened on Tuesday."}\n')
        assert news.add(feed).added == 1
        assert len(news) == 2


def test_reading_again_keeps_what_was_known(tmp_path: Path) -> None:
    story = tmp_path / "a.txt"
    story.write_text(BUDGET)
    with Library() as news:
        news.add(story, publisher="Harbour Wire")
        report = news.add(story)
        assert (report.updated, report.unchanged) == (0, 1)
        assert [article.publisher for article in news] == ["Harbour Wire"]


def test_what_came_before_an_error_of_the_caller_is_in() -> None:
    def records() -> Iterator[dict[str, str]]:
        yield {"text": BUDGET}
        raise RuntimeError("the caller's database went away")

    with Library() as news:
        with pytest.raises(RuntimeError):
            news.add(records())
        assert len(news) == 1


def test_a_mistyped_path_leaves_no_library_behind(tmp_path: Path) -> None:
    folder = tmp_path / "typo"
    with Library(folder) as news:
        with pytest.raises(StoreError, match="typo"):
            news.ask("Who resigned?")
        with pytest.raises(SourceError):
            news.add(tmp_path / "nope.txt")
        assert len(news) == 0
    assert not folder.exists()
    with pytest.raises(ArgumentError, match="storage_options") as refused:
        Library("s3://key:secret@bucket/news")
    assert "secret" not in str(refused.value)
    with pytest.raises(ArgumentError, match="storage_options are for URLs"):
        Library(folder, storage_options={"region": "x"})


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    with Library("news.lance") as news:
        monkeypatch.chdir(tmp_path / "other")
        news.add(Article(text=BUDGET))
    assert (tmp_path / "news.lance").is_dir()


def test_lost_passages_are_not_silently_made_anew(tmp_path: Path) -> None:
    with Library(tmp_path / "news.lance") as news:
        news.add(Article(text=BUDGET))
    shutil.rmtree(tmp_path / "news.lance" / "passages.lance")
    with Library(tmp_path / "news.lance") as news, pytest.raises(StoreError, match="damaged"):
        news.search("budget")


def test_many_first_adds_at_once(tmp_path: Path) -> None:
    async def race(news: Library) -> None:
        await asyncio.gather(*[news.aadd({"text": f"Story {i} tells of troops at the border."}) for i in range(8)])

    with Library(tmp_path / "news.lance") as news:
        asyncio.run(race(news))
        assert len(news) == 8


def test_a_closed_temporary_library_says_so() -> None:
    news = Library()
    news.add(Article(text=BUDGET))
    news.close()
    with pytest.raises(StoreError, match="closed"):
        news.add(Article(text=BUDGET))


def test_no_model_means_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEBOOK_LLM", "http://127.0.0.1:9/v1")
    with Library(llm=None) as news:
        news.add(Article(text=BUDGET))
        assert news.ask("What did parliament approve?").model == "extractive"


@pytest.mark.parametrize(
    "call",
    [
        lambda news: news.search(None),
        lambda news: news.ask(5),
        lambda news: news.ask("x" * 10_000),
        lambda news: news.verify("w " * 5_000),
        lambda news: news.summarize(sentences="4"),
        lambda news: news.summarize("budget", ids=["x"]),
        lambda news: news.summarize("budget", k=3),
        lambda news: news.summarize(articles="no-such-id"),
        lambda news: news.summarize(articles=[5]),
        lambda news: news.search("budget", 10**9),
        lambda news: news.search("budget", "3"),
    ],
)
def test_unusable_arguments_are_named(call: object) -> None:
    with Library() as news:
        news.add(Article(text=BUDGET))
        with pytest.raises(ArgumentError):
            call(news)  # type: ignore[operator]


def test_one_article_may_be_given_alone() -> None:
    article = Article(text=BUDGET, published="2025-08-19")
    with Library() as news:
        news.add(article)
        assert news.summarize(articles=article.id).answered
        assert news.summarize(articles=article).answered
        assert list(news) == [article]
        assert news.delete(article) == 1


def test_dates_come_in_any_form() -> None:
    expected = datetime(2025, 8, 19, tzinfo=UTC)
    for given in ("2025-08-19", date(2025, 8, 19), datetime(2025, 8, 19)):
        assert Article(text="x", published=given).published == expected
    with pytest.raises(TypeError):
        Article(text="x", id=5)
    with pytest.raises(ValueError, match="isoformat"):
        Article(text="x", published="yesterday")


def test_values_can_be_copied_and_pickled_and_sliced() -> None:
    with Library() as news:
        news.add(Article(text=BUDGET))
        answer = news.ask("What did parliament approve?")
        assert copy.deepcopy(answer) == answer
        assert pickle.loads(pickle.dumps(answer)) == answer
        assert isinstance(answer.hits, Hits)
        assert isinstance(news.search("budget")[:1], Hits)


def test_a_stream_can_be_left_early() -> None:
    with Library(llm=FakeLLM(BUDGET)) as news:
        news.add(Article(text=BUDGET))
        with news.ask("What did parliament approve?", stream=True) as stream:
            assert next(iter(stream))


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BUDGET)
    command = [sys.executable, "-m", "toolkit", "ask", "What did parliament approve?", str(tmp_path), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert errors == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BUDGET)
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "toolkit", "ask", "What did parliament approve?", str(tmp_path)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_folder_becomes_a_library(tmp_path: Path) -> None:
    with Library(tmp_path, llm=None) as news:
        assert len(news) == 0
        assert list(news) == []
        assert news.overview().articles == 0
        assert not list(tmp_path.iterdir())
        assert news.add(Article(text=BUDGET)).added == 1
    with Library(tmp_path, llm=None) as news:
        assert [article.text for article in news] == [BUDGET]


def test_a_library_whose_making_was_killed_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "library.json.4711.1").write_text('{"sch')
    with Library(tmp_path, llm=None) as news:
        assert len(news) == 0
        assert news.add(Article(text=BUDGET)).added == 1


def test_a_folder_of_other_things_never_becomes_a_library(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text(BUDGET)
    with Library(tmp_path, llm=None) as news:
        for call in (lambda: len(news), lambda: news.add(Article(text=BUDGET))):
            with pytest.raises(StoreError, match="is not a library"):
                call()
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


READING: dict[str, Callable[[Library], object]] = {
    "articles": lambda news: news.articles(),
    "contains": lambda news: "x" in news,
    "duplicates": lambda news: news.duplicates(),
    "export": lambda news: news.export(Path(str(news.path)).parent / "all.parquet"),
    "getitem": lambda news: news["x"],
    "overview": lambda news: news.overview(),
    "search": lambda news: news.search("budget"),
    "timeline": lambda news: news.timeline("budget"),
    "versions": lambda news: news.versions("x"),
}


@pytest.mark.parametrize("verb", READING)
@pytest.mark.parametrize("read_only", [False, True])
def test_damage_is_a_store_error_of_one_line(tmp_path: Path, verb: str, read_only: bool) -> None:
    with Library(tmp_path / "news.lance", llm=None) as news:
        news.add([Article(text=f"{BUDGET} It was number {n}.", publisher="Wire") for n in range(3)])
    for file in (tmp_path / "news.lance" / "articles.lance" / "data").iterdir():
        file.write_bytes(b"damaged")
    with Library(tmp_path / "news.lance", llm=None, read_only=read_only) as news:
        with pytest.raises(StoreError, match="check that the folder is whole") as caught:
            READING[verb](news)
        assert len(str(caught.value).splitlines()) == 1
        assert "text/plain" in news._repr_mimebundle_()


@pytest.mark.parametrize("verb", sorted(READING.keys() - {"overview"}))
@pytest.mark.parametrize("read_only", [False, True])
def test_a_library_that_was_removed_meanwhile_says_so(tmp_path: Path, verb: str, read_only: bool) -> None:
    with Library(tmp_path / "news.lance", llm=None) as news:
        news.add(Article(text=BUDGET))
    with Library(tmp_path / "news.lance", llm=None, read_only=read_only) as news:
        assert len(news) == 1
        shutil.rmtree(tmp_path / "news.lance")
        with pytest.raises(StoreError, match="removed by another process"):
            READING[verb](news)
