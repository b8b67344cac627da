"""Killed writers, readers beside writers, full disks: short runs of what ``benchmarks/`` measures at length."""

from __future__ import annotations

import json
from pathlib import Path

import beside
import crash
import crash_files
import pytest

from toolkit import Library
from toolkit.articles import read_articles
from toolkit.types import Article

pytestmark = pytest.mark.slow


def test_killed_at_any_moment(tmp_path: Path):
    rows = crash.kills(str(tmp_path / "library"), 60, 5, crash.OPERATIONS, span=0.6, searched=20)
    assert [row[5] for row in rows] == [[]] * len(crash.OPERATIONS)
    assert sum(row[3] for row in rows) >= 2  # else it was the wrong moments


def test_the_check_sees_what_is_wrong(tmp_path: Path):
    place = str(tmp_path / "library")
    truth = crash.fill(place, 20)
    with crash.opened(place) as library:
        assert crash.check(library, truth, 20, 0) == ([], {})
        library._shelf.store().passage_rows.delete("article_id = 'n000003'")
        library._shelf.store().article_rows.delete("id = 'n000007'")
        library.add([crash.article(11, 1)])
        truth.about({12: 5})
        wrong, landed = crash.check(library, truth, 20, 0)
    said = "\n".join(wrong)
    assert landed == {12: 0}
    assert "article 3: words find 0 of" in said
    assert "article 7: not as acknowledged" in said
    assert "article 11: not as acknowledged" in said
    assert "passages: " in said
    assert "counts say" in said


def test_a_full_disk(tmp_path: Path):
    try:
        with crash.small_disk(tmp_path / "disk", 16) as folder:
            seen = crash.full_disk(folder)
    except PermissionError as error:
        pytest.skip(str(error))
    assert [(what, detail) for what, good, detail in seen if not good] == []


def test_three_writers_and_a_reader(tmp_path: Path):
    setting = beside.Setting(str(tmp_path / "library"), None, base=100, batch=10, writers=3, seconds=2.0)
    report = beside.measure(setting)
    assert report["failed"] == []
    read = report["reader"]
    assert (read["errors"], read["went_back"], read["lost"]) == (0, 0, 0), read
    assert (report["missing"], report["wrong"]) == (0, 0)
    assert report["counts"] == report["counts_alone"]
    assert read["searches"] > 0
    assert all(wrote["articles"] > 0 for wrote in report["writers"])
    assert report["same_answers"] >= 0.95  # which of several equal scores is the 50th may differ


def test_killed_while_adding_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """``python benchmarks/crash.py --files`` does it twenty times with 2,000 files."""
    monkeypatch.setattr(crash_files, "_RACY", 0)  # then files are compared by their content
    samples = Path(__file__).parent.parent / "notebooks" / "articles"
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "samples.jsonl").open("w", encoding="utf-8") as file:
        for article in read_articles(samples):
            file.write(json.dumps({"text": article.text}) + "\n")
    done = crash_files.kills([tmp_path / "data"], tmp_path / "work", count=50, rounds=2, say=lambda _: None)
    assert [(one.what, one.wrong, one.left) for one in done] == [("update", [], 0), ("fill", [], 0)]


def test_the_check_of_files_sees_what_is_wrong(tmp_path: Path):
    place, given = str(tmp_path / "news"), {}
    for name, text in (("a", "The old wombat."), ("b", "A quokka came by."), ("c", "An emu.")):
        given[name] = Article(id=name, text=text, url=f"https://x.example/{name}")
    with Library(place, llm=None) as library:
        library.add(*given.values())
    before = {one.id: one.url for one in given.values()}
    for read_only in (True, False):
        assert crash_files.check(place, given, before, read_only=read_only) == []
    whole = crash_files.holds(place, ["wombat"])
    assert crash_files.differences(whole, crash_files.holds(place, ["wombat"])) == []
    with Library(place, llm=None) as library:
        library.add(Article(id="a", text="The new wombat."))
        store = library._shelf.store()
        store.article_rows.delete("id = 'b'")
        store.passage_rows.delete("article_id = 'c'")
    said = "\n".join(crash_files.check(place, given, before, read_only=True))
    assert "a is no article of the files" in said
    assert "passages are not those of the articles" in said
    assert "b was there and is not, in no version" in said
    assert "of 2 articles no version is current" in said
    differs = {one.partition(":")[0] for one in crash_files.differences(whole, crash_files.holds(place, ["wombat"]))}
    assert {"articles", "passages", "counts", "versions", "searches"} <= differs
