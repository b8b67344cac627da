"""What is read again and what is not: the ledger of files, and the reports and progress of adding many."""

from __future__ import annotations

import builtins
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from toolkit import AddReport, Article, Library
from toolkit.articles import html
from toolkit.notebook.progress import Progress
from toolkit.store import ledger as ledgers
from toolkit.store.ledger import Ledger, Look, look
from toolkit.types import Failure

TEXT = "The council voted on Monday to close harbour bridge number {} to lorries until spring."
LONG_AGO = 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    for number in range(4):
        (made / f"{number}.txt").write_text(TEXT.format(number))
    (made / "r.jsonl").write_text("".join(f'{{"id": "r{n}", "text": "Record {n}."}}\n' for n in range(3)))
    return made


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this moment count as old ones."""
    monkeypatch.setattr(ledgers, "_RACE_NS", -(10**15))


@pytest.fixture
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files of the folder that anybody opens."""
    names: list[str] = []

    def noting(true_open: Callable[..., Any]) -> Callable[..., Any]:
        def noted(file: Any, *arguments: Any, **options: Any) -> Any:
            if isinstance(file, str | os.PathLike) and Path(file).parent == folder:
                names.append(Path(file).name)
            return true_open(file, *arguments, **options)

        return noted

    for module in (io, builtins, os):
        monkeypatch.setattr(module, "open", noting(module.open))
    return names


@pytest.mark.usefixtures("settled")
def test_unchanged_files_are_not_opened(news: Library, folder: Path, opened: list[str]) -> None:
    first = news.add(folder)
    assert set(opened) == {"0.txt", "1.txt", "2.txt", "3.txt", "r.jsonl"}
    opened.clear()
    second = news.add(folder)
    assert opened == []
    assert (second.added, second.updated, second.unchanged, second.ids) == (0, 0, 7, first.ids)
    assert second.sources == first.sources or set(second.sources) != {None}
    assert set(second.statuses) == {"unchanged"}


@pytest.mark.usefixtures("settled")
def test_another_process_knows_it_too(tmp_path: Path, folder: Path, opened: list[str]) -> None:
    with Library(tmp_path / "a.lance", llm=None) as library:
        library.add(folder)
    opened.clear()
    with Library(tmp_path / "a.lance", llm=None) as library:
        assert library.add(str(folder / "*.txt"), folder / "r.jsonl").unchanged == 7
    assert opened == []


@pytest.mark.usefixtures("settled")
def test_a_touched_file_is_compared_and_then_left_alone(news: Library, folder: Path, opened: list[str]) -> None:
    news.add(folder)
    os.utime(folder / "1.txt", (LONG_AGO, LONG_AGO))
    opened.clear()
    assert news.add(folder).unchanged == 7
    assert set(opened) == {"1.txt"}
    opened.clear()
    assert news.add(folder).unchanged == 7
    assert opened == []


def test_a_fresh_file_is_compared_by_content(news: Library, folder: Path, opened: list[str]) -> None:
    news.add(folder)
    before = (folder / "1.txt").stat()
    (folder / "1.txt").write_text(TEXT.format(9))  # of the same size, and perhaps within the same tick of the clock
    os.utime(folder / "1.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    opened.clear()
    assert news.add(folder).updated == 1
    assert "1.txt" in opened
    assert any(article.text == TEXT.format(9) for article in news)


def test_when_a_file_is_racy() -> None:
    second = 10**9
    assert Look(1, 100 * second, 100 * second, 101 * second).racy
    assert Look(1, 50 * second, 100 * second, 101 * second).racy  # changed, with its time set back
    assert Look(1, 200 * second, 100 * second, 150 * second).racy  # of the future
    assert not Look(1, 100 * second, 100 * second, 103 * second).racy
    assert Look(1, 2, 3, 4).same(Look(1, 2, 3, 99))
    assert look(Path("no-such-file")) is None
    assert look(Path()) is None


@pytest.mark.usefixtures("settled")
def test_deleted_articles_come_back_with_their_file(news: Library, folder: Path, opened: list[str]) -> None:
    first = news.add(folder)
    news.delete(["r1", first.ids[0]])
    opened.clear()
    again = news.add(folder)
    assert (again.added, again.unchanged) == (2, 5)
    assert set(opened) == {"0.txt", "r.jsonl"}


@pytest.mark.usefixtures("settled")
def test_what_the_caller_says_is_read_again(news: Library, folder: Path, opened: list[str]) -> None:
    news.add(folder)
    opened.clear()
    assert news.add(folder, publisher="The Herald").updated == 7
    assert len(set(opened)) == 5
    opened.clear()
    assert news.add(folder, publisher="The Herald").unchanged == 7
    assert opened == []


@pytest.mark.usefixtures("settled")
def test_an_article_that_another_source_changed_is_read_again(news: Library, folder: Path) -> None:
    news.add(folder / "r.jsonl")
    news.add(Article(id="r1", text="Another text under this id."))
    assert news.add(folder / "r.jsonl").updated == 1
    assert news["r1"].text == "Record 1."


@pytest.mark.usefixtures("settled")
def test_what_failed_is_tried_again_and_reported_again(news: Library, folder: Path, opened: list[str]) -> None:
    (folder / "r.jsonl").write_text('{"id": "r0", "text": "Record 0."}\n{"id": "r1", "te\n')
    first = news.add(folder)
    opened.clear()
    second = news.add(folder)
    assert first.failed == second.failed
    assert len(second.failed) == 1
    assert set(opened) == {"r.jsonl"}


@pytest.mark.usefixtures("settled")
def test_two_files_with_one_text(news: Library, folder: Path, opened: list[str]) -> None:
    (folder / "2.txt").write_text(TEXT.format(0))
    first = news.add(folder)
    assert (first.added, first.duplicates) == (6, 1)
    opened.clear()
    second = news.add(folder)
    assert (second.unchanged, second.duplicates, opened) == (6, 1, [])
    (folder / "0.txt").unlink()
    third = news.sync(folder)
    assert (third.updated, third.removed) == (1, 0)
    assert news[first.ids[0]].origin == (folder / "2.txt").resolve().as_posix()


@pytest.mark.usefixtures("settled")
def test_two_texts_under_one_id_are_told_each_time(news: Library, folder: Path) -> None:
    (folder / "s.jsonl").write_text('{"id": "r1", "text": "Not what r.jsonl says."}')
    reports = [news.add(folder) for _ in range(3)]
    assert [[failure.reason for failure in report.failed] for report in reports] == [
        ["its id 'r1' belongs to another text of this call"]
    ] * 3
    assert news["r1"].text == "Record 1."


@pytest.mark.usefixtures("settled")
def test_a_reader_that_fails_costs_its_file(news: Library, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "p.html").write_text("<article><p>" + TEXT.format(1) * 5 + "</p></article>")

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("in a library")

    monkeypatch.setattr(html, "_extract", broken)
    report = news.add(folder)
    assert report.added == 7
    assert [failure.reason for failure in report.failed] == ["its reader failed (ZeroDivisionError: in a library)"]


def test_a_lost_ledger_costs_one_reading(news: Library, folder: Path) -> None:
    news.add(folder)
    Ledger(news._shelf.store()).forget([file.as_posix() for file in folder.resolve().iterdir()])
    assert news.add(folder).unchanged == 7


def test_an_error_of_the_callers_own_iterable_keeps_what_came_before(news: Library, folder: Path) -> None:
    def sources() -> Iterator[Any]:
        yield folder / "0.txt"
        yield {"text": "A record of its own, with some words."}
        raise RuntimeError("of the caller")

    with pytest.raises(RuntimeError, match="of the caller"):
        news.add(sources())
    assert len(news) == 2


def test_the_report_as_a_table() -> None:
    failed = (Failure(source="b.html", reason="no article"),)
    counts: dict[str, Any] = {"added": 1, "unchanged": 1, "removed": 1, "failed": failed, "seconds": 0.5}
    report = AddReport(
        **counts,
        ids=("x", "y"),
        statuses=("added", "unchanged"),
        sources=("a.txt", None),
        removed_ids=("z",),
    )
    table = report.to_frame()
    assert table.to_dict("list") == {
        "source": ["a.txt", None, None, "b.html"],
        "status": ["added", "unchanged", "removed", "failed"],
        "id": ["x", "y", "z", None],
        "reason": [None, None, None, "no article"],
    }
    assert report.rate == 4
    assert repr(report).startswith("1 added, 1 unchanged, 1 removed, 1 failed · 0.5 s")
    assert AddReport().rate == 0
    assert list(AddReport().to_frame().columns) == ["source", "status", "id", "reason"]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_to_a_terminal_when_it_takes_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with Progress("adding", "file", lambda: 3, patience=0.0) as bar:
        for _ in range(3):
            bar.tick()
        bar.sum_up("3 files in 1 s")
    assert "adding" in screen.getvalue()
    assert "1/3" in screen.getvalue()
    assert screen.getvalue().endswith("3 files in 1 s\n")
    quick = _Terminal()
    monkeypatch.setattr(sys, "stderr", quick)
    with Progress("adding", "file", lambda: 3) as bar:
        bar.tick()
        bar.sum_up("not shown, since there was no bar")
    assert quick.getvalue() == ""


@pytest.mark.parametrize(("shown", "expected"), [(None, False), (True, True), (False, False)])
def test_no_bar_goes_into_a_log_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch, shown: bool | None, expected: bool
) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    started = time.monotonic()
    with Progress("adding", "file", lambda: None, shown=shown, patience=0.0) as bar:
        bar.tick()
        bar.tick()
    assert bool(log.getvalue()) is expected
    assert bar.done == 2
    assert bar.started >= started


@pytest.mark.slow
def test_in_a_notebook_a_line_says_how_far_it_is_and_no_widget_is_left() -> None:
    import nbformat
    from nbclient import NotebookClient

    code = """from toolkit.notebook.progress import Progress
with Progress("adding", "file", lambda: 3, patience=0.0) as bar:
    for _ in range(3):
        bar.tick()
    bar.sum_up("for terminals")
with Progress("adding", "file", lambda: 9, patience=0.0) as bar:
    bar.tick()
with Progress("quick", "file", lambda: 3) as bar:
    bar.tick()"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    whole, stopped = notebook.cells[0]["outputs"]
    for one, line in ((whole, "adding: 3 files in 0 s"), (stopped, "adding: 1 of 9 files in 0 s")):
        assert one["output_type"] == "display_data"
        assert set(one["data"]) == {"text/plain", "text/html"}
        assert one["data"]["text/plain"].startswith(line)
        assert line in one["data"]["text/html"]
    assert "stopped" in stopped["data"]["text/plain"]
    assert "stopped" not in whole["data"]["text/plain"]
