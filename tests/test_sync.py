"""A library that stays in step with folders: what is added, removed, moved and left alone."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit import Article, Library
from toolkit.errors import ArgumentError, SourceError
from toolkit.store.ledger import Ledger

TEXTS = [
    "The council voted on Monday to close the old harbour bridge to lorries until spring.",
    "Rail workers in the north ended their strike after the operator agreed to hire again.",
    "A late frost destroyed most of the apple blossom, and growers expect half a harvest.",
    "The museum bought back a painting that had been stolen from its cellar in 1974.",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    (made / "deep").mkdir(parents=True)
    for number, text in enumerate(TEXTS[:3]):
        (made / f"{number}.txt").write_text(text)
    (made / "deep" / "records.jsonl").write_text(
        "\n".join(f'{{"id": "r{n}", "text": "Record {n}. {TEXTS[3]}"}}' for n in range(3))
    )
    return made


def contents(library: Library) -> dict[str, Article]:
    return {article.id: article for article in library}


def test_what_is_gone_is_taken_out(news: Library, folder: Path) -> None:
    first = news.sync(folder)
    assert (first.added, first.removed) == (6, 0)
    elsewhere = news.add(Article(text="An article of nowhere, added by hand.", id="by-hand"))
    assert elsewhere.added == 1
    (folder / "0.txt").unlink()
    (folder / "deep" / "records.jsonl").write_text('{"id": "r1", "text": "Record 1, and changed."}')
    report = news.sync(folder)
    assert (report.added, report.updated, report.unchanged, report.removed) == (0, 1, 2, 3)
    assert set(report.removed_ids) == {"r0", "r2", *(set(first.ids) - set(report.ids))} - {"r1"}
    assert sorted(report.to_frame().status) == ["removed"] * 3 + ["unchanged"] * 2 + ["updated"]
    assert len(news) == 4
    assert "by-hand" in news
    assert str(report).startswith("1 updated, 2 unchanged, 3 removed · ")


def test_a_renamed_file_keeps_its_article(news: Library, folder: Path) -> None:
    before = news.sync(folder)
    (folder / "0.txt").rename(folder / "deep" / "renamed.txt")
    report = news.sync(folder)
    assert (report.added, report.removed, sorted(report.ids)) == (0, 0, sorted(before.ids))
    moved = next(article for article in news if article.text == TEXTS[0])
    assert moved.origin == (folder / "deep" / "renamed.txt").resolve().as_posix()


def test_an_empty_or_missing_folder_wipes_nothing(news: Library, folder: Path) -> None:
    news.sync(folder)
    away = folder.with_name("away")
    folder.rename(away)
    with pytest.raises(SourceError, match="no such folder; nothing was removed"):
        news.sync(folder)
    folder.mkdir()  # as an empty mount point
    with pytest.raises(SourceError, match="the library has 6 articles from there; nothing was removed"):
        news.sync(folder)
    assert len(news) == 6
    report = news.sync(folder, allow_empty=True)
    assert (report.removed, len(report.removed_ids), len(news)) == (6, 6, 0)
    with pytest.raises(SourceError, match="no file"):
        news.sync(folder)


def test_only_folders_are_kept_in_step(news: Library, folder: Path) -> None:
    for wrong in ("https://example.org/feed", str(folder / "0.txt"), str(folder / "no-such")):
        with pytest.raises((ArgumentError, SourceError)):
            news.sync(wrong)
    with pytest.raises(ArgumentError, match="nothing to keep in step with"):
        news.sync()


def test_with_a_pattern_only_what_it_matches_goes(news: Library, folder: Path) -> None:
    news.add(folder)
    (folder / "1.txt").unlink()
    (folder / "deep" / "records.jsonl").unlink()
    report = news.sync(str(folder / "[0-9].txt"))
    assert (report.unchanged, report.removed) == (2, 1)
    assert len(news) == 5
    report = news.sync(str(folder / "**" / "*"))
    assert report.removed == 3


def test_what_cannot_be_read_just_now_stays(news: Library, folder: Path) -> None:
    news.sync(folder)
    (folder / "deep" / "records.jsonl").write_text('{"id": "r0", "text": "Record 0."}\n{"id": broken')
    report = news.sync(folder)
    assert [failure.source.endswith("records.jsonl, line 2") for failure in report.failed] == [True]
    assert report.removed == 0
    assert {"r1", "r2"} <= set(contents(news))
    assert [failure.reason for failure in news.sync(folder).failed] == [failure.reason for failure in report.failed]


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="needs a folder that may not be looked into")
def test_a_folder_that_cannot_be_looked_into_keeps_its_articles(news: Library, folder: Path) -> None:
    news.sync(folder)
    (folder / "deep").chmod(0)
    try:
        report = news.sync(folder)
    finally:
        (folder / "deep").chmod(0o700)
    assert report.removed == 0
    assert "cannot be looked into" in report.failed[0].reason


def test_an_article_that_a_file_elsewhere_holds_stays(news: Library, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "copy.txt").write_text(TEXTS[0])
    news.add(other, folder)
    (folder / "0.txt").unlink()
    assert news.sync(folder).removed == 0
    (other / "copy.txt").unlink()
    (other / "new.txt").write_text(TEXTS[3])
    assert news.sync(other).removed == 1


def test_a_hidden_file_that_was_added_by_name_stays(news: Library, folder: Path) -> None:
    (folder / ".draft.txt").write_text(TEXTS[3])
    news.add(folder / ".draft.txt", folder)
    assert news.sync(folder).removed == 0
    (folder / ".draft.txt").unlink()
    assert news.sync(folder).removed == 1


def test_an_earlier_version_stays_when_its_file_is_edited(news: Library, folder: Path) -> None:
    old = news.sync(folder).ids
    (folder / "0.txt").write_text(TEXTS[0] + " It was the third vote.")
    report = news.sync(folder)
    assert (report.updated, report.removed) == (1, 0)
    (gone,) = set(old) - set(contents(news))
    assert news[gone].text == TEXTS[0]


def test_the_async_twin(news: Library, folder: Path) -> None:
    assert asyncio.run(news.async_sync(folder)).added == 6


def test_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from toolkit.__main__ import main

    library = str(tmp_path / "shell.lance")
    assert main(["add", str(folder), "--library", library]) == 0
    assert capsys.readouterr().out.startswith("6 added · ")
    (folder / "1.txt").unlink()
    assert main(["sync", str(folder), "--library", library]) == 0
    assert capsys.readouterr().out.startswith("5 unchanged, 1 removed · ")
    assert main(["sync", str(folder / "nowhere"), "--library", library]) == 2
    assert "no such folder" in capsys.readouterr().err


NAMES = st.sampled_from(["a.txt", "b.txt", "sub/c.txt", "sub/d.md", "e#1.txt"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, st.integers(0, 3)),
        st.tuples(st.just("records"), st.just("r.jsonl"), st.lists(st.integers(0, 3), min_size=1, max_size=3)),
        st.tuples(st.sampled_from(["touch", "delete", "back"]), NAMES | st.just("r.jsonl"), st.none()),
        st.tuples(st.just("rename"), NAMES, NAMES),
        st.tuples(st.sampled_from(["add", "sync", "forget"]), st.none(), st.none()),
    ),
    max_size=14,
)


def _step(folder: Path, library: Library, kind: str, name: str | None, value: object) -> None:
    if kind in ("add", "sync"):
        if any(folder.rglob("*.*")):
            getattr(library, kind)(folder)
    elif kind == "forget":
        if len(library):
            library.delete([article.id for article in list(library)[:1]])
    elif kind == "rename":
        if (folder / str(name)).exists():
            (folder / str(name)).replace(folder / str(value))
    else:
        path = folder / str(name)
        if kind == "write":
            path.write_text(TEXTS[int(str(value))])
        elif kind == "records" and isinstance(value, list):
            path.write_text("\n".join(f'{{"id": "r{n}", "text": "Record {n}. {TEXTS[0]}"}}' for n in value))
        elif path.exists():
            if kind == "delete":
                path.unlink()
            else:  # “back”: into a past in which nothing is racy
                os.utime(path, (10**9, 10**9) if kind == "back" else None)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_course_of_things_ends_as_a_fresh_library_would(steps: list[tuple[str, str | None, object]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home, "folder")
        (folder / "sub").mkdir(parents=True)
        with Library(Path(home, "kept.lance"), llm=None) as kept, Library(Path(home, "fresh.lance"), llm=None) as fresh:
            for kind, name, value in steps:
                _step(folder, kept, kind, name, value)
            (folder / "z.txt").write_text("So that there is one file at least, with a text of its own.")
            kept.sync(folder)
            fresh.add(folder)
            assert contents(kept) == contents(fresh)
            again = kept.sync(folder)
            assert (again.added, again.removed) == (0, 0)
            assert Ledger(kept._shelf.store()).under(str(folder.resolve()))
    shutil.rmtree(home, ignore_errors=True)


def test_a_member_of_a_changed_archive_is_a_new_version_and_a_line_is_none(news: Library, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"

    def packed(text: str, line: str) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.txt", text)
            archive.writestr("b.jsonl", "\n".join(f'{{"text": "{one}"}}' for one in (line, TEXTS[3])))

    packed(TEXTS[0], TEXTS[1])
    news.add(file)
    packed(f"{TEXTS[0]} It weighs nine tonnes.", TEXTS[2])
    report = news.add(file)
    assert (report.added, report.updated, report.unchanged) == (1, 1, 1)
    assert {article.text for article in news} == {f"{TEXTS[0]} It weighs nine tonnes.", *TEXTS[1:]}
    (bridge,) = [article for article in news if "bridge" in article.text]
    assert [version.text for version in news.versions(bridge)] == [TEXTS[0], bridge.text]
