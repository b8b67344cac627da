"""A whole library at a time: backups, exports, another embedding, and libraries of an older layout."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT
from test_store import FULL, counted, opened, put, words

from toolkit import Library
from toolkit.articles.parquet import read_parquet, write_parquet
from toolkit.errors import ArgumentError, SourceError, StoreError, ToolkitError
from toolkit.passages import split
from toolkit.store import moving
from toolkit.store.upkeep import parts_to_merge
from toolkit.types import Article

ARTICLES = [
    Article(id=f"a{number}", title=f"Title {number}", text=f"The wombat number{number} met a quokka. " * 30)
    for number in range(30)
]


class Letters:
    """An embedding that counts letters."""

    def __init__(self, name: str = "letters", dimensions: int = 16) -> None:
        self.name = name
        self.dimensions = dimensions
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += len(texts)
        counts = [[1 + text.count(chr(97 + letter)) for letter in range(self.dimensions)] for text in texts]
        rows = np.array(counts, np.float32).reshape(len(texts), self.dimensions)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_query(self, text: str) -> np.ndarray:
        return self.embed([text])[0]


@pytest.fixture
def news(tmp_path: Path) -> Library:
    library = Library(tmp_path / "news", llm=None)
    library.add(*ARTICLES, FULL)
    return library


def found(library: Library, query: str) -> list[tuple[str, int, int]]:
    return [(hit.article.id, hit.passage.span.start, hit.passage.span.end) for hit in library.search(query, 20)]


# Backup


def test_a_backup_is_a_library(news: Library, tmp_path: Path):
    news.backup(tmp_path / "copy")
    expected = found(news, "wombat number7")
    news.delete("a7")
    with Library(tmp_path / "copy", llm=None) as copy:
        assert {a.id: a for a in copy} == {a.id: a for a in [*ARTICLES, FULL]}
        assert found(copy, "wombat number7") == expected
        copy.add(Article(id="new", text="An emu came by."))
        assert found(copy, "emu")[0][0] == "new"
        copy.backup(tmp_path / "back")
    assert len(Library(tmp_path / "back", llm=None)) == len(ARTICLES) + 2


def test_backup_refuses_what_is_there(news: Library, tmp_path: Path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("x")
    for path in (news.path, tmp_path / "thesis"):
        with pytest.raises(StoreError, match=r"is not a library|already"):
            news.backup(path)
    assert len(news) == len(ARTICLES) + 1
    with pytest.raises(ArgumentError, match="storage_options"):
        news.backup(tmp_path / "x", storage_options={"region": "x"})


def test_backup_of_a_library_that_is_only_read(news: Library, tmp_path: Path):
    Library(news.path, llm=None, read_only=True).backup(tmp_path / "copy")
    assert len(Library(tmp_path / "copy", llm=None)) == len(ARTICLES) + 1


# Export


def test_an_export_comes_back_exactly(news: Library, tmp_path: Path):
    path = tmp_path / "news.parquet"
    assert news.export(path) == len(ARTICLES) + 1
    assert news.add(path).unchanged == len(ARTICLES) + 1
    with Library(llm=None) as other:
        assert other.add(path).added == len(ARTICLES) + 1
        assert {a.id: a for a in other} == {a.id: a for a in news}
    table = pq.read_table(path)
    assert table.column("title").to_pylist().count("Title 3") == 1
    assert list(tmp_path.glob("*.part")) == []


@given(
    st.lists(
        st.builds(
            Article,
            text=ODD_TEXT,
            title=ODD_TEXT,
            publisher=st.none() | ODD_TEXT,
            published=st.none() | st.datetimes(timezones=st.just(UTC)),
            metadata=st.dictionaries(ODD_TEXT, ODD_TEXT | st.integers() | st.none(), max_size=2),
        ),
        max_size=3,
    )
)
@settings(max_examples=40, deadline=None)
def test_every_article_survives_parquet(tmp_path_factory: pytest.TempPathFactory, articles: list[Article]):
    path = tmp_path_factory.mktemp("parquet") / "x.parquet"
    write_parquet(articles, path)
    assert [Article(**fields) for fields in read_parquet(path, "x", "x")] == articles  # type: ignore[arg-type]


def test_anybodys_parquet_is_read(tmp_path: Path):
    import pyarrow as pa

    rows = [
        {"Headline": "One", "body": "First text.", "publish_date": datetime(2025, 8, 19, tzinfo=UTC), "views": 3},
        {"Headline": "Two", "body": None, "publish_date": None, "views": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "feed.parquet")
    library = Library(llm=None)
    report = library.add(tmp_path / "feed.parquet")
    (article,) = library
    assert (article.title, article.date, dict(article.metadata)) == ("One", "2025-08-19", {"views": 3})
    assert [failure.source for failure in report.failed] == [f"{tmp_path / 'feed.parquet'}, row 2"]
    pq.write_table(pa.table({"a": [1]}), tmp_path / "numbers.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nonsense")
    for name, says in (("numbers", "no column with article text"), ("broken", "not a readable Parquet file")):
        with pytest.raises(SourceError, match=says):
            library.add(tmp_path / f"{name}.parquet")


# Another embedding


def test_reindex_changes_vectors_and_nothing_else(news: Library):
    before = {article.id: article for article in news}
    news.reindex(Letters())
    assert {article.id: article for article in news} == before
    assert found(news, "quokka number7")[0][0] == "a7"
    news.add(Article(id="new", text="An emu came by."))
    assert found(news, "emu")[0][0] == "new"
    with pytest.raises(StoreError, match=r"made with the embedding letters.*pass embedding="):
        Library(news.path, llm=None).search("emu")
    with pytest.raises(StoreError, match=r"made with the embedding letters .16 dimensions.*reindex"):
        Library(news.path, llm=None, embedding=Letters("others")).search("emu")
    again = Library(news.path, llm=None, embedding=Letters())
    again.reindex(None)
    assert Library(news.path, llm=None).search("emu")[0].article.id == "new"
    assert len(list(Path(news.path).glob("passages*.lance"))) == 1


def test_who_had_it_open_is_told(news: Library):
    other = Library(news.path, llm=None)
    other.search("wombat")
    news.reindex(Letters())
    with pytest.raises(StoreError, match="open it again"):
        other.add(Article(id="late", text="Too late."))
    assert "late" not in news


class Failing(Letters):
    def embed(self, texts: Sequence[str]) -> np.ndarray:
        if self.texts + len(texts) > 15:
            raise StoreError("the service is down")
        return super().embed(texts)


def test_reindex_goes_on_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("toolkit.store.moving._ARTICLES", 5)
    news = Library(tmp_path / "news", llm=None)
    news.add(*ARTICLES)
    passages = sum(len(split(article)) for article in ARTICLES)
    with pytest.raises(StoreError, match="service is down"):
        news.reindex(Failing())
    assert found(Library(news.path, llm=None), "wombat number7")[0][0] == "a7"
    news.delete("a3")
    news.add(Article(id="a4", text="A changed numbat."))
    rest = Letters()
    news.reindex(rest)
    assert rest.texts < passages - 5
    assert found(news, "numbat")[0][0] == "a4"
    assert "a3" not in {article_id for article_id, _, _ in found(news, "wombat number3")}
    assert [p.text for p in news._shelf.store().passages(["a4"])] == ["A changed numbat."]


KILLED = """
import os, sys
import test_store_moving as t
from toolkit import Library
from toolkit.store import moving
moving._ARTICLES = 5
class Dying(t.Letters):
    def embed(self, texts):
        if self.texts > 15:
            os._exit(9)
        return super().embed(texts)
Library(sys.argv[1], llm=None).reindex(Dying())
"""


def test_reindex_goes_on_after_a_kill(tmp_path: Path):
    news = Library(tmp_path / "news", llm=None)
    news.add(*ARTICLES)
    news.close()
    command = [sys.executable, "-c", KILLED, str(tmp_path / "news")]
    assert subprocess.run(command, cwd=Path(__file__).parent, timeout=120).returncode == 9
    news = Library(tmp_path / "news", llm=None)
    assert found(news, "wombat number7")[0][0] == "a7"
    rest = Letters()
    news.reindex(rest)
    assert rest.texts <= sum(len(split(article)) for article in ARTICLES) - 15
    assert found(news, "wombat number7")[0][0] == "a7"


def test_an_empty_library_takes_another_embedding(tmp_path: Path):
    news = Library(tmp_path / "news", llm=None)
    news.reindex(Letters())
    news.add(ARTICLES[0])
    assert Library(news.path, llm=None, embedding=Letters()).search("wombat")


# Older layouts


def unpacked(name: str, folder: Path) -> Path:
    with zipfile.ZipFile(Path(__file__).parent / "data" / name) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def first_layout(tmp_path: Path) -> Path:
    """A library as citebook wrote it on 2026-11-23, with rows that no index covers and a write that was cut off."""
    return unpacked("library-schema-1.zip", tmp_path / "library")


def test_a_library_of_the_first_layout_is_read_as_it_is(first_layout: Path):
    before = sorted((path, path.stat().st_mtime_ns) for path in first_layout.rglob("*"))
    store = opened(first_layout, read_only=True)
    assert [p.text for p in words(store, "wombat emu quokka numbat later")] != []
    assert {p.span.article_id for p in words(store, "wombat emu quokka numbat later")} == {"a", "b", "c"}
    assert sorted((path, path.stat().st_mtime_ns) for path in first_layout.rglob("*")) == before


@pytest.mark.parametrize("read_only", [True, False])
def test_phrases_are_found_in_a_library_of_the_first_layout(first_layout: Path, read_only: bool):
    store = opened(first_layout, read_only=read_only)
    assert [p.text for p in counted(store, store.lexical("wombat", 5, None, ["the old wombat"]))] == ["The old wombat."]
    assert counted(store, store.lexical("wombat", 5, None, ["wombat old"])) == []


def test_a_library_of_the_first_layout_is_brought_up_to_date(first_layout: Path):
    store = opened(first_layout)
    assert store.notes.manifest()["schema"] == 3  # type: ignore[index]
    assert store.counts() == (3, 3)
    assert not (first_layout / "pending.json").exists()
    assert [p.text for p in words(store, "numbat")] == ["A numbat, added later \ud800."]
    assert words(store, "emu") == []
    put(store, Article(id="a", text="The new emu."))
    assert [p.text for p in words(opened(first_layout), "emu wombat")] == ["The new emu."]


@pytest.fixture
def second_layout(tmp_path: Path) -> Path:
    """A library as citebook wrote it before articles had a date of change, with a write that was cut off."""
    return unpacked("library-schema-2.zip", tmp_path / "library")


def test_a_library_of_the_second_layout_is_read_as_it_is(second_layout: Path):
    before = sorted((path, path.stat().st_mtime_ns) for path in second_layout.rglob("*"))
    with Library(second_layout, llm=None, read_only=True) as news:
        assert {article.id for article in news} == {"a", "b"}
        assert news["a"].title == "Ports \ud800"
        assert news["a"].modified is None
        assert news.search("Rotterdam", 1)[0].article.id == "a"
        assert list(news.versions("b")) == [news["b"]]
        assert news.resolve({"article_id": "a", "start": 0, "end": 8, "quote": "The port"}).current
        with pytest.raises(StoreError, match="read_only"):
            news.add(Article(text="More."))
    assert sorted((path, path.stat().st_mtime_ns) for path in second_layout.rglob("*")) == before


def test_a_library_of_the_second_layout_is_brought_up_to_date(second_layout: Path, tmp_path: Path):
    with Library(second_layout, llm=None, read_only=True) as news:
        before = {article.id: article for article in news}
        hits = found(news, "port numbat")
    with Library(second_layout, llm=None) as news:
        assert {article.id: article for article in news} == before
        assert found(news, "port numbat") == hits
        store = news._shelf.store()
        assert store.notes.manifest()["schema"] == 3  # type: ignore[index]
        assert store.notes.announced() == []
        assert news.add(*before.values()).unchanged == 2  # fingerprints are what they were
        assert news.changes()[0].status == "unchanged"
        news.add(Article(id="a", text=before["a"].text, modified=datetime(2025, 8, 20, tzinfo=UTC)))
        assert news["a"] == dataclasses.replace(before["a"], modified=datetime(2025, 8, 20, tzinfo=UTC))
        again = "The port of Rotterdam will cut 340 jobs. Trade unions protested."
        assert news.add(Article(text=again, url="http://x.example/ports/?utm_source=x")).updated == 1
        assert [one.text for one in news.versions("a")] == [before["a"].text, again]
        news.backup(tmp_path / "copy")
    with Library(tmp_path / "copy", llm=None) as copy:
        assert copy["a"].text == before["a"].text
        assert len(copy) == 2


@pytest.mark.parametrize("method", ["widen", "derive"])
def test_a_migration_that_was_cut_off_goes_on(second_layout: Path, method: str, monkeypatch: pytest.MonkeyPatch):
    from toolkit.store.engine import Table

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Table, method, full)
        news = Library(second_layout, llm=None)
        assert {article.id for article in news} == {"a", "b"}
        assert news.search("Rotterdam", 1)[0].article.id == "a"
        with pytest.raises(StoreError, match="No space left"):
            news.add(Article(text="More.", modified=datetime(2025, 8, 20, tzinfo=UTC)))
        news.close()
    with Library(second_layout, llm=None) as news:
        news.add(Article(id="more", text="More.", modified=datetime(2025, 8, 20, tzinfo=UTC)))
        assert news["more"].date is None
        assert news["more"].modified == datetime(2025, 8, 20, tzinfo=UTC)


# Parts of an index


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=300))
def test_an_index_never_has_many_parts(writes: list[int]):
    parts: list[int] = []
    moved = 0
    for fresh in writes:
        merge = parts_to_merge(parts, fresh)
        merged = parts[len(parts) - merge :]
        moved += sum(merged)
        parts = [*parts[: len(parts) - merge], sum(merged) + fresh]
    assert sum(parts) == sum(writes)
    assert len(parts) <= 24
    assert moved <= 9 * sum(writes)


# What a hostile review found


class Broken(Letters):
    """Fails or makes something else after some texts."""

    def __init__(self, after: int, made: object) -> None:
        super().__init__("broken")
        self.after = after
        self.made = made

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        good = super().embed(texts)
        if self.texts <= self.after:
            return good
        if isinstance(self.made, Exception):
            raise self.made
        return np.asarray(self.made if not callable(self.made) else self.made(good))


def test_reindex_takes_an_article_whole(tmp_path: Path):
    """The engine hands rows over in batches of 8,192, and an article may be cut by the end of one."""
    long = [Article(id=f"b{n}", text="Wombats and quokkas met again today. " * 70_000) for n in range(4)]
    news = Library(tmp_path / "news", llm=None)
    news.add(*long)
    before = news._shelf.store().counts()
    assert before[1] > 8_192
    with pytest.raises(ToolkitError, match=r"broken failed .RuntimeError.*as it was"):
        news.reindex(Broken(8_192, RuntimeError("503 sk-secret")))
    news.reindex(Letters())
    assert news._shelf.store().counts() == before


@pytest.mark.parametrize("made", [lambda good: good * np.nan, lambda good: good[:1], lambda good: good[:, :3], "text"])
def test_reindex_refuses_what_are_no_vectors(news: Library, made: object):
    hits = found(news, "wombat number7")
    with pytest.raises(ToolkitError, match="broken"):
        news.reindex(Broken(0, made))
    assert found(Library(news.path, llm=None), "wombat number7") == hits


def test_wide_numbers_are_not_read_as_two(tmp_path: Path):
    class Wide(Letters):
        def embed(self, texts: Sequence[str]) -> np.ndarray:
            return super().embed(texts).astype(np.float64)

    news = Library(tmp_path / "news", llm=None, embedding=Wide("wide"))
    news.add(*ARTICLES)
    plain, filtered = news.search("wombat number7"), news.search("wombat number7", ids=[a.id for a in ARTICLES])
    assert [hit.dense for hit in plain] == pytest.approx([hit.dense for hit in filtered], abs=1e-5)
    news.reindex(Wide("wider"))
    assert all(hit.dense is None or abs(hit.dense) < 1.001 for hit in news.search("wombat number7"))


def test_a_write_beside_the_end_of_a_reindex_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """On an object store nothing locks others out; ``file://`` is taken for one."""
    url = f"file://{tmp_path}/remote"
    news, other = Library(url, llm=None), Library(url, llm=None)
    news.add(*ARTICLES[:3])
    other.search("wombat")
    real = moving._drop_stale

    def beside(*tables: object) -> None:
        real(*tables)  # type: ignore[arg-type]
        other.add(Article(id="late", text="The zeppelin landed."))

    monkeypatch.setattr(moving, "_drop_stale", beside)
    news.reindex(Letters())
    assert [hit.article.id for hit in Library(url, llm=None, embedding=Letters()).search("zeppelin", 1)] == ["late"]


def test_readers_are_told_of_a_reindex(news: Library):
    reader = Library(news.path, llm=None)
    reader.search("wombat")
    news.reindex(Letters())
    with pytest.raises(StoreError, match="reindexed or removed by another process: open it again"):
        reader.search("quokka", ids=["a7"])
    assert "cannot be read" in repr(reader) or "articles" in repr(reader)


def test_a_backup_has_no_leftovers(news: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = news._shelf.store()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(store.article_rows), "upsert", dies)
        with pytest.raises(KeyboardInterrupt):
            news.add(Article(id="a1", text="A numbat instead."))
    news.backup(tmp_path / "copy")
    copy = opened(tmp_path / "copy", embedding_name="wordllama-l2-supercat-256", dimensions=256)
    assert copy.counts()[1] == len(copy.passages(copy.articles()))


def test_one_page_with_several_articles_loses_none():
    with Library(llm=None) as news:
        news.add(
            [Article(id=f"p{n}", text=f"Entry {n} of the ticker.", origin="https://x.example/live") for n in "012"]
        )
        assert news.add(Article(id="p9", text="Entry 9 of the ticker.", origin="https://x.example/live")).added == 1
        assert {article.id for article in news} == {"p0", "p1", "p2", "p9"}


def test_paths_that_cannot_be_meant(news: Library, tmp_path: Path):
    with pytest.raises(ArgumentError, match="give it as text, s3://"):
        Library(Path("s3://bucket/news"))
    with pytest.raises(ArgumentError, match="dict of texts"):
        Library("s3://bucket/news", storage_options={"region": 1})  # type: ignore[dict-item]
    with pytest.raises(ArgumentError, match=r"call it \.parquet"):
        news.export(tmp_path / "news.csv")
    with pytest.raises(StoreError, match="cannot be written"):
        news.export(tmp_path / "no" / "folder.parquet")
    with pytest.raises(StoreError, match=r"there is a library at .* already"):
        news.backup(news.path)
