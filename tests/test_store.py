"""The store on real folders: exact, atomic, and safe with hostile strings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit.errors import ArgumentError, StoreError
from toolkit.passages import split
from toolkit.store import FoundPassage, Store, fingerprint, indexed_text
from toolkit.store.schema import given_id, stored_id
from toolkit.types import Article, Passage, Span

DIMENSIONS = 8


def opened(path: Path | str, **more: object) -> Store:
    return Store.open(path, **({"embedding_name": "test", "dimensions": DIMENSIONS} | more))  # type: ignore[arg-type]


def vectors_of(passages: list[Passage]) -> np.ndarray:
    rows = np.zeros((len(passages), DIMENSIONS), np.float32)
    for number, passage in enumerate(passages):
        rows[number, len(passage.text) % DIMENSIONS] = 1
    return rows


def put(store: Store, *articles: Article) -> None:
    passages = [passage for article in articles for passage in split(article)]
    store.put(articles, passages, vectors_of(passages))


def counted(store: Store, found: list[FoundPassage]) -> list[Passage]:
    """Those of the found passages that their article, as it is now, was put in with."""
    owners = store.owners(one.passage.span.article_id for one in found)
    return [one.passage for one in found if owners.get(one.passage.span.article_id, (0, ""))[1] == one.revision]


def words(store: Store, query: str, limit: int = 9) -> list[Passage]:
    return counted(store, store.lexical(query, limit))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = opened(tmp_path / "library")
    yield one
    one.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        one = opened(Path(folder) / "library")
        put(one, Article(id="a", title="Troops", text="France may send troops. Poland will not."))
        yield one
        one.close()


MOMENT = datetime(2025, 8, 19, 23, 30, 0, 7, tzinfo=timezone(timedelta(hours=-7, minutes=-30)))
FULL = Article(
    id='O\'Reilly\n"x"; --\0',
    text="Line one.\r\nLine\0two \ud800 lone. He said “no”.",
    title="It's \udfff here",
    url="https://example.com/?q='",
    publisher="O'Reilly",
    author="Zoë \ud83d\ude00",  # two surrogates that are not one character
    published=MOMENT,
    language="en",
    origin="C:\\news\\a'b.txt",
    metadata={"tags": ["a", "b"], "odd": "\ud800", "n": 1.5, "none": None, "nested": {"k": "é"}},
)


def test_everything_comes_back(store: Store):
    bare = Article(text="Only text.")
    put(store, FULL, bare)
    found = store.articles()
    assert found == {FULL.id: FULL, bare.id: bare}
    assert found[FULL.id].published.isoformat() == MOMENT.isoformat()
    assert found[FULL.id].date == "2025-08-19"
    assert found[FULL.id].text_hash == FULL.text_hash
    assert found[FULL.id].metadata == FULL.metadata
    assert store.passages([FULL.id]) == list(split(FULL))
    assert store.ids_by_origin([FULL.origin, "other"]) == {FULL.origin: FULL.id}
    assert list(store.articles([bare.id, "absent", FULL.id])) == [bare.id, FULL.id]


@given(text=ODD_TEXT, title=st.none() | ODD_TEXT, article_id=ODD_TEXT.filter(bool))
@settings(max_examples=25, deadline=None)
def test_any_text_comes_back(shared: Store, text: str, title: str | None, article_id: str):
    article = Article(id=article_id, text=text, title=title, publisher=title, origin=text[:9])
    put(shared, article)
    assert shared.articles([article_id]) == {article_id: article}
    assert shared.passages([article_id]) == list(split(article))
    assert shared.fingerprints([article_id]) == {article_id: fingerprint(article)}
    assert shared.delete([article_id]) == 1
    assert shared.articles([article_id]) == {}


@given(ODD_TEXT)
def test_ids_survive_storing(article_id: str):
    assert given_id(stored_id(article_id)) == article_id
    stored_id(article_id).encode()


def test_a_million_characters_in_one_line(store: Store):
    article = Article(id="long", text="needle " + "word " * 200_000)
    put(store, article)
    assert store.articles(["long"])["long"].text == article.text
    assert store.passages(["long"]) == list(split(article))
    assert words(store, "needle")[0].span.start == 0


def test_putting_twice_changes_nothing(store: Store):
    put(store, FULL)
    put(store, FULL)
    assert store.counts() == (1, len(split(FULL)))
    assert store.passages([FULL.id]) == list(split(FULL))


def test_replacing_leaves_nothing_old(store: Store):
    put(store, Article(id="a", text="The wombat ate. " * 200), Article(id="b", text="A quokka slept."))
    put(store, Article(id="a", text="An emu ran."))
    assert store.counts() == (2, 2)
    assert store.lexical("wombat", 9) == []
    assert [passage.text for passage in store.passages(["a", "b"])] == ["An emu ran.", "A quokka slept."]


def test_last_of_a_doubled_id_wins(store: Store):
    put(store, Article(id="a", text="First words."), Article(id="a", text="Second words."))
    assert store.counts() == (1, 1)
    assert store.passages(["a"])[0].text == store.articles(["a"])["a"].text == "Second words."


def test_article_without_passages(store: Store):
    put(store, Article(id="blank", text=" \n "))
    assert store.articles(["blank"])["blank"].text == " \n "
    assert store.passages(["blank"]) == []


def test_delete(store: Store):
    put(store, FULL, Article(id="b", text="Stays."))
    assert store.delete([FULL.id, FULL.id, "absent", "' OR 1=1 --"]) == 1
    assert store.counts() == (1, 1)
    assert store.delete([]) == 0


@pytest.mark.parametrize(
    ("passages", "vectors", "says"),
    [
        ([("a", 0, 5, "wrong")], np.zeros((1, DIMENSIONS)), "not in its article's text"),
        ([("b", 0, 5, "Hello")], np.zeros((1, DIMENSIONS)), "belongs to no article"),
        ([("a", 0, 5, "Hello")], np.zeros((1, 3)), "shape"),
        ([("a", 0, 5, "Hello")], np.full((1, DIMENSIONS), np.nan), "not finite"),
    ],
)
def test_bad_input_loses_nothing(store: Store, passages: list, vectors: np.ndarray, says: str):
    put(store, Article(id="a", text="Kept as it was."))
    made = [
        Passage(span=Span(article_id=key, start=start, end=end), text=text, sentences=())
        for key, start, end, text in passages
    ]
    with pytest.raises(ArgumentError, match=says):
        store.put([Article(id="a", text="Hello world.")], made, vectors)
    assert store.passages(["a"])[0].text == "Kept as it was."


def test_fingerprint_notices():
    base = Article(id="a", text="Text.", title="T", published=MOMENT, metadata={"a": 1, "b": 2})
    same = Article(id="a", text="Text.", title="T", published=MOMENT, metadata={"b": 2, "a": 1})
    assert fingerprint(base) == fingerprint(same)
    changed = [
        Article(id="a", text="Text!", title="T", published=MOMENT, metadata={"a": 1, "b": 2}),
        Article(id="a", text="Text.", title=None, url="T", published=MOMENT, metadata={"a": 1, "b": 2}),
        Article(id="a", text="Text.", title="T", published=MOMENT.astimezone(UTC), metadata={"a": 1, "b": 2}),
        Article(id="a", text="Text.", title="T", published=MOMENT, metadata={"a": 1}),
    ]
    assert len({fingerprint(base), *map(fingerprint, changed)}) == 5


# Search


def test_words_find_passages_and_titles(store: Store):
    put(
        store,
        Article(id="a", title="Reassurance force", text="France may send soldiers."),
        Article(id="b", text="The soldiers’ bread is baked daily."),
        Article(id="c", text="東京都は日本の首都である。"),
        Article(id="d", text="Сергей Лавров приехал в Москву."),
        Article(id="e", text="The Who played in São Paulo."),
    )
    assert [p.span.article_id for p in words(store, "reassurance", 5)] == ["a"]
    assert {p.span.article_id for p in words(store, "soldier", 5)} == {"a", "b"}
    assert [p.span.article_id for p in words(store, "日本", 5)] == ["c"]
    assert [p.span.article_id for p in words(store, "лавров", 5)] == ["d"]
    assert [p.span.article_id for p in words(store, "sao", 5)] == ["e"]
    assert words(store, "the who")[0].span.article_id == "e"


def test_new_rows_are_found_by_words_at_once(store: Store):
    for number in range(4):
        put(store, Article(id=str(number), text=f"Common words and word{number}."))
    assert [p.span.article_id for p in words(store, "word3", 5)] == ["3"]
    assert len(store.lexical("common", 9)) == 4
    store.optimise()
    assert [p.span.article_id for p in words(store, "word3", 5)] == ["3"]


def test_vectors_find_by_cosine(store: Store):
    texts = ["1234567.", "12345678."]
    put(store, *(Article(id=text, text=text) for text in texts))
    query = np.zeros(DIMENSIONS, np.float32)
    query[0], query[1] = 0.8, 0.6
    found = store.dense(query, 5)
    assert [(one.passage.text, round(one.score, 5)) for one in found] == [("1234567.", 0.8), ("12345678.", 0.6)]
    assert store.dense(np.zeros(DIMENSIONS, np.float32), 5) == []


@pytest.mark.parametrize(
    "query",
    [
        *["", " ", '"', '"""', '"send troops"', "(", "a AND (b OR", "+troops -x", "troops~2^3", "*", "text:troops"],
        *["\0", "🚀", "' OR 1=1 --", "the", "\ud800", "troops\n\n", "{}", "[troops TO z]", "\\"],
        *["x" * 50_000, "a " * 50_000],
    ],
)
def test_no_query_raises(shared: Store, query: str):
    assert bool(shared.lexical(query, 5)) == ("troops" in query)


@given(ODD_TEXT)
@settings(max_examples=40, deadline=None)
def test_hostile_queries(shared: Store, query: str):
    shared.lexical(query, 5)
    assert shared.lexical(query + ' "troops" ', 5)


# Folders, processes, crashes


def child(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parent)


def test_another_process_sees_writes_at_once(tmp_path: Path, store: Store):
    put(store, Article(id="a", text="Mine."))
    script = (
        "import sys; from pathlib import Path; import test_store as t\n"
        "store = t.opened(Path(sys.argv[1]))\n"
        "assert list(store.articles()) == ['a'], store.articles()\n"
        "t.put(store, t.Article(id='b', text='Theirs, a wombat.'))\n"
        "store.delete(['a'])\n"
    )
    done = child(script, Path(store.where))
    assert done.returncode == 0, done.stderr
    assert list(store.articles()) == ["b"]
    assert [p.text for p in words(store, "wombat", 5)] == ["Theirs, a wombat."]


def test_two_processes_write(tmp_path: Path, store: Store):
    script = (
        "import sys; from pathlib import Path; import test_store as t\n"
        "store = t.opened(Path(sys.argv[1]))\n"
        "[t.put(store, t.Article(id=f'{sys.argv[2]}{n}', text='Word. ' * 300)) for n in range(4)]\n"
    )
    command = [sys.executable, "-c", script, str(Path(store.where))]
    running = [subprocess.Popen([*command, name], cwd=Path(__file__).parent) for name in "xy"]
    assert [process.wait(120) for process in running] == [0, 0]
    assert store.counts() == (8, 8 * len(split(Article(text="Word. " * 300))))


CRASH = """
import os, sys
from pathlib import Path
import test_store as t
from toolkit.store.engine import Table
store = t.opened(Path(sys.argv[1]))
name, after = sys.argv[2].split("-")
real = getattr(Table, name)
def dying(self, *arguments):
    if "versions" in self._dataset.uri:
        return real(self, *arguments)
    if after == "after":
        real(self, *arguments)
    os._exit(9)
setattr(Table, name, dying)
if sys.argv[3] == "put":
    t.put(store, t.Article(id="a", text="The new emu. " * 99), t.Article(id="c", text="A third emu."))
else:
    store.delete(["a"])
"""


@pytest.mark.parametrize(
    ("moment", "verb", "text"),
    [
        ("add-before", "put", "The old wombat."),
        ("add-after", "put", "The old wombat."),
        ("upsert-before", "put", "The old wombat."),
        ("upsert-after", "put", "The new emu. " * 99),
        ("delete-before", "put", "The new emu. " * 99),
        ("delete-after", "put", "The new emu. " * 99),
        ("delete-before", "delete", "The old wombat."),
        ("delete-after", "delete", None),
    ],
)
def test_killed_while_writing(store: Store, moment: str, verb: str, text: str | None):
    put(store, Article(id="a", text="The old wombat."), Article(id="b", text="A quokka."))
    assert child(CRASH, Path(store.where), moment, verb).returncode == 9
    # A reader that was open all the time, one that may not repair, and one that does.
    for one in (store, opened(Path(store.where), read_only=True), opened(Path(store.where))):
        found = one.articles()
        expected = [passage for article in found.values() for passage in split(article)]
        assert (found["a"].text if "a" in found else None) == text
        assert one.passages(found) == expected
        everything = [p for word in ("wombat", "emu", "quokka") for p in words(one, word, 99)]
        assert sorted(p.id for p in everything) == sorted(p.id for p in expected)
    assert store.counts() == (len(found), len(expected))
    put(store, Article(id="a", text="Goes on."))
    assert [p.text for p in store.passages(["a"])] == ["Goes on."]


def test_reopening(tmp_path: Path):
    first = opened(tmp_path / "deep" / "library")
    put(first, FULL)
    first.close()
    with pytest.raises(StoreError, match="closed"):
        first.articles()
    assert opened(tmp_path / "deep" / "library").articles() == {FULL.id: FULL}
    about = json.loads((tmp_path / "deep" / "library" / "library.json").read_text())
    assert (about["schema"], about["embedding"], about["dimensions"]) == (3, "test", DIMENSIONS)


@pytest.mark.parametrize("name", ["a b", "a#b?c=%20", "a:b", "s3:x", "it's", "Zeitung ü 新聞", "[x]*", "x/../y"])
def test_odd_folder_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    put(opened(Path(name)), FULL)
    assert (tmp_path / name / "library.json").is_file()
    assert opened(tmp_path / name, create=False).articles() == {FULL.id: FULL}


def test_readers_see_whole_articles_while_one_writes(store: Store):
    versions = [Article(id="a", text=f"The wombat of version {n}. " * (10 + 90 * (n % 2))) for n in range(12)]
    whole = {split(article) for article in versions}
    put(store, versions[0])
    seen: list[tuple[Passage, ...]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(tuple(store.passages(["a"])))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for article in versions[1:]:
            put(store, article)
    finally:
        done.set()
        reader.join()
    assert len(seen) > 5
    assert set(seen) <= whole


def test_read_only_writes_nothing(store: Store):
    put(store, FULL)
    before = sorted((path, path.stat().st_mtime_ns) for path in Path(store.where).rglob("*"))
    reader = opened(Path(store.where), read_only=True)
    assert reader.lexical("line", 3)
    for write in (lambda: put(reader, FULL), lambda: reader.delete([FULL.id]), reader.optimise):
        with pytest.raises(StoreError, match="read_only"):
            write()
    assert sorted((path, path.stat().st_mtime_ns) for path in Path(store.where).rglob("*")) == before


def test_wrong_folders_are_refused(tmp_path: Path, store: Store):
    (tmp_path / "file").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.docx").write_text("x")
    refusals = [
        ("nowhere://bucket/news", {}, "cannot be opened.*address"),
        (tmp_path / "file", {}, "is a file"),
        (tmp_path / "other", {}, "is not a library"),
        (tmp_path / "absent", {"create": False}, "there is no library"),
        (tmp_path / "absent", {"read_only": True}, "there is no library"),
        (Path(store.where), {"embedding_name": "other"}, "made with the embedding test .8 dimensions.*reindex"),
        (Path(store.where), {"dimensions": 9}, "made with the embedding test"),
    ]
    for path, more, says in refusals:
        with pytest.raises(StoreError, match=says):
            opened(path, **more)
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        ('{"schema": 99, "embedding": "", "dimensions": 1}', "newer"),
    ],
)
def test_damaged_manifest(store: Store, manifest: str, says: str):
    (Path(store.where) / "library.json").write_text(manifest)
    with pytest.raises(StoreError, match=says):
        opened(Path(store.where))


def test_damaged_table(store: Store):
    put(store, FULL)
    store.close()
    for path in (Path(store.where) / "articles.lance").rglob("*.manifest"):
        path.write_bytes(b"nonsense")
    with pytest.raises(StoreError, match=r"cannot be (opened|read)"):
        opened(Path(store.where)).articles()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_write_permission(store: Store):
    Path(store.where).chmod(0o500)
    try:
        with pytest.raises(StoreError, match="not writable"):
            opened(Path(store.where))
    finally:
        Path(store.where).chmod(0o700)


def test_a_command_that_reads_imports_no_pandas(store: Store):
    put(store, FULL)
    script = (
        "import sys; from toolkit.store import Store; from toolkit.store.loading import without_pandas\n"
        "assert not {'pyarrow', 'numpy', 'lance'} & set(sys.modules)\n"
        "without_pandas()\n"
        "store = Store.open(sys.argv[1], embedding_name='test', dimensions=8)\n"
        "assert store.lexical('line', 3) and store.articles()\n"
        "slow = {'pandas', 'lance_namespace', 'pyarrow.dataset'} & set(sys.modules)\n"
        "assert not slow, slow\n"
        "import pandas, pyarrow.dataset\n"
        "assert len(store.article_rows._latest().to_table().to_pandas()) == 1\n"
        "assert issubclass(pyarrow.dataset.FileSystemDataset, pyarrow.dataset.Dataset)\n"
    )
    done = child(script, Path(store.where))
    assert done.returncode == 0, done.stderr


def test_indexed_text():
    assert indexed_text(Article(text="x", title="T"), "p") == "T\n\np"
    assert indexed_text(Article(text="x"), "p") == "p"


def test_an_empty_store_finds_nothing(store: Store):
    put(store)
    assert store.counts() == (0, 0)
    assert (store.articles(), store.passages(["a"]), store.lexical("word", 3)) == ({}, [], [])
    assert store.dense(np.ones(DIMENSIONS, np.float32), 3) == []
    store.optimise()
    put(store, Article(id="blank", text=" "))
    assert store.lexical("word", 3) == []
    store.delete(["blank"])
    put(store, FULL)
    store.delete([FULL.id])
    assert store.lexical("line", 3) == []
    assert opened(Path(store.where)).counts() == (0, 0)


def test_large_stores_use_every_index(tmp_path: Path):
    count, width = 20_500, 128
    store = opened(tmp_path / "library", dimensions=width)
    random = np.random.default_rng(0)
    topics = random.normal(size=(100, width))[random.integers(0, 100, count)]
    vectors = (topics + 0.7 * random.normal(size=(count, width))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[7] = 0
    articles = [Article(id=str(n), text=f"word{n} text", publisher=f"P{n % 7}") for n in range(count)]
    passages = [
        Passage(span=article.span(0, len(article.text)), text=article.text, sentences=()) for article in articles
    ]
    store.put(articles, passages, vectors)
    assert {"indexed", "vector", "article_id", "day", "published", "publisher"} <= set(store.passage_rows.indexes())
    assert [p.text for p in words(store, "word20123", 3)] == ["word20123 text"]
    exact = set(np.argsort(-(vectors @ vectors[5]))[:10])
    found = [int(p.span.article_id) for p in counted(store, store.dense(vectors[5], 10))]
    assert found[0] == 5
    assert len(exact & set(found)) >= 8
    assert {int(p.span.article_id) % 7 for p in counted(store, store.dense(vectors[5], 10, "publisher = 'p3'"))} == {3}
    again = Article(id="5", text="Replaced wombat.")
    store.put([again], split(again), vectors[:1])
    assert store.counts() == (count, count)
    assert [p.text for p in words(store, "wombat", 3)] == ["Replaced wombat."]


def test_what_is_kept_in_memory_is_of_the_latest_write(store: Store):
    query = vectors_of(list(split(Article(id="x", text="1234567."))))[0]
    other = opened(Path(store.where))
    for number in range(5):
        put(store, Article(id="a", text=f"Wombat {number}. " + "x" * number))
        for one in (store, other):
            assert one.articles(["a"])["a"].text.startswith(f"Wombat {number}.")
            assert [p.text for p in counted(one, one.dense(query, 5))] == [p.text for p in store.passages(["a"])]
    other.delete(["a"])
    assert (store.articles(["a"]), store.dense(query, 5)) == ({}, [])


def test_small_and_large_libraries_find_the_same_by_vectors(store: Store, monkeypatch: pytest.MonkeyPatch):
    put(store, *(Article(id=str(n), text="x" * n) for n in range(1, 40)))
    query = np.arange(DIMENSIONS, dtype=np.float32)
    query /= np.linalg.norm(query)
    kept = [(one.passage, one.revision, round(one.score, 5)) for one in store.dense(query, 100)]
    monkeypatch.setattr("toolkit.store.memory.SMALL", 0)
    read = opened(Path(store.where)).dense(query, 100)
    assert [(one.passage, one.revision, round(one.score, 5)) for one in read] == kept
