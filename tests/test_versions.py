"""Changed re-publications: one article in several versions, and what was cited from the older ones."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from strategies import ODD_TEXT

from toolkit import Library
from toolkit.articles.addresses import comparable
from toolkit.display import versions as display
from toolkit.display.shared import one_line
from toolkit.errors import ArgumentError
from toolkit.store.sides import VERSIONS
from toolkit.types import Article, Resolved, Revision
from toolkit.types.versions import Edit
from toolkit.versions import edits

URL = "https://news.example/2025/08/ports"
FIRST = (
    "The port of Rotterdam will cut 200 jobs next year. Trade unions called the plan a disgrace. "
    "The port says that it has to save 40 million euros. A spokesman for the city declined to comment."
)
SECOND = FIRST.replace("200 jobs", "340 jobs").replace("Trade unions called the plan a disgrace. ", "")
THIRD = SECOND + " On Friday the council will debate the plan."


def told(text: str, **more: object) -> Article:
    return Article(**({"text": text, "url": URL, "title": "Port to cut jobs"} | more))  # type: ignore[arg-type]


@pytest.fixture
def news(tmp_path: Path) -> Library:
    library = Library(tmp_path / "news", llm=None)
    library.add(Article(text="A wombat dug a hole in Canberra. Nobody minded.", url="https://news.example/wombat"))
    return library


def texts(library: Library) -> set[str]:
    return {article.text for article in library}


def test_a_page_that_changed_is_the_same_article(news: Library):
    assert news.add(told(FIRST)).added == 1
    old = news.ask("How many jobs will the port of Rotterdam cut?")
    assert "200 jobs" in old.text
    report = news.add(told(SECOND))
    assert (report.added, report.updated, report.unchanged) == (0, 1, 0)
    assert len(news) == 2
    assert FIRST not in texts(news)
    now = news.ask("How many jobs will the port of Rotterdam cut?")
    assert "340 jobs" in now.text
    assert "200 jobs" not in now.text
    assert all(hit.article.text != FIRST for hit in news.search("Trade unions called the plan a disgrace", 20))

    first, second = told(FIRST), told(SECOND)
    assert news[first.id] == first
    assert news.articles([first.id, second.id]) != []
    assert first.id not in news
    assert second.id in news
    for which in (first, second, first.id, second.id):
        assert list(news.versions(which)) == [first, second]
        assert news.versions(which).current == second


def test_two_writers_who_replace_the_same_article(tmp_path: Path):
    """The second one, who does not know of the first one yet, replaces what the first one has put there."""
    with Library(tmp_path / "news", llm=None) as one, Library(tmp_path / "news", llm=None) as other:
        one.add(told(FIRST))
        store = other._shelf.store()
        put = store.put

        def late(*arguments: object) -> None:
            one.add(told(SECOND))
            put(*arguments)  # type: ignore[arg-type]

        store.put = late  # type: ignore[method-assign,assignment]
        other.add(told(THIRD))
        assert texts(one) == texts(other) == {THIRD}
        assert [version.text for version in one.versions(told(FIRST))] == [FIRST, SECOND, THIRD]


def test_what_was_cited_still_resolves(news: Library):
    news.add(told(FIRST))
    old = news.ask("How many jobs will the port of Rotterdam cut?")
    before = news.resolve(old)
    assert isinstance(before, tuple)
    assert all(one.current and one.still_says and one.citation in old.citations for one in before)
    news.add(told(SECOND, modified="2025-08-20"))
    news.add(told(THIRD))
    for given_as in (old, old.to_dict(), old.to_json(), old.citations, [c.to_dict() for c in old.citations]):
        found = news.resolve(given_as)
        assert isinstance(found, tuple)
        assert [one.citation for one in found] == list(old.citations)
        assert not any(one.current for one in found)
        assert all(one.newest == told(THIRD) and one.replaced_at is not None for one in found)
    (cited,) = [one for one in old.citations if "200 jobs" in one.quote]
    one = news.resolve(cited)
    assert isinstance(one, Resolved)
    assert not one.still_says
    assert "does not say this in these words" in one.message
    for shown in (repr(one), one.to_html(), one.to_markdown()):
        assert "The text has changed since" in " ".join(shown.split())
    assert json.loads(one.to_json())["citation"]["article_id"] == told(FIRST).id


def test_words_that_moved_are_still_said(news: Library):
    news.add(told(FIRST))
    sentence = "The port says that it has to save 40 million euros."
    start = FIRST.index(sentence)
    cited = {"article_id": told(FIRST).id, "start": start, "end": start + len(sentence), "quote": sentence}
    news.add(told(SECOND))
    one = news.resolve(cited)
    assert not one.current
    assert one.still_says
    assert one.now is not None
    assert one.now.article == told(SECOND)
    assert one.now.span.start == SECOND.index(sentence) != start
    assert one.citation is not None
    assert one.citation.article == told(FIRST)


def test_nothing_is_guessed(news: Library):
    news.add(told(FIRST))
    news.add(told(SECOND))
    right = {"article_id": told(FIRST).id, "start": 0, "end": 8, "quote": "The port"}
    assert news.resolve(right).found
    for wrong in (
        {"start": 1, "end": 9},
        {"quote": "the port"},
        {"article_id": "nobody"},
        {"article_id": told(SECOND).id, "start": 52, "end": 58, "quote": FIRST[52:58]},
    ):
        one = news.resolve(right | wrong)
        assert not one.found
        assert one.citation is None
        assert "Nothing found" in one.message
    for no_citation in (7, {}, "text", {"article_id": "a", "start": 0, "end": 3, "quote": "four"}, [None]):
        with pytest.raises(ArgumentError, match="citation"):
            news.resolve(no_citation)
    with pytest.raises(ArgumentError, match="no article with id 'nobody'"):
        news.versions("nobody")
    with pytest.raises(KeyError):
        news["nobody"]


def test_a_given_id_keeps_all_its_texts(news: Library):
    for text in (FIRST, SECOND, THIRD):
        news.add({"id": "port", "text": text, "title": "Port"})
    versions = news.versions("port")
    assert [one.text for one in versions] == [FIRST, SECOND, THIRD]
    assert versions.current == news["port"]
    for one in versions:
        assert news[one.id] == one
        assert list(news.versions(one.id)) == list(versions)
    assert len({one.id for one in versions}) == 3
    start = FIRST.index("cut 200 jobs")
    one = news.resolve({"article_id": "port", "start": start, "end": start + 12, "quote": "cut 200 jobs"})
    assert one.citation is not None
    assert one.citation.article == versions[0]


def test_a_file_that_changed(news: Library, tmp_path: Path):
    path = tmp_path / "port.txt"
    for text in (FIRST, SECOND):
        path.write_text(text)
        news.add(path)
    (article,) = [one for one in news if one.origin == str(path)]
    assert [one.text for one in news.versions(article)] == [FIRST, SECOND]


def test_a_text_that_came_back(news: Library, tmp_path: Path):
    path = tmp_path / "port.txt"
    for text in (FIRST, SECOND, FIRST):
        path.write_text(text)
        report = news.add(path)
        assert (report.added + report.updated, report.unchanged) == (1, 0)
    (article,) = [one for one in news if one.origin == str(path)]
    assert article.text == FIRST
    assert [one.text for one in news.versions(article)] == [SECOND, FIRST]
    assert news.versions(article).current == article
    path.write_text(THIRD)
    news.add(path)
    (article,) = [one for one in news if one.origin == str(path)]
    assert [one.text for one in news.versions(article)] == [SECOND, FIRST, THIRD]


def test_an_older_copy_does_not_take_the_place_of_a_newer_one(news: Library):
    news.add(told(FIRST))
    news.add(told(SECOND))
    report = news.add(told(FIRST))  # a record that says nothing of where it comes from
    assert (report.added, report.updated, report.unchanged) == (0, 0, 1)
    assert news.versions(told(FIRST)).current == told(SECOND)
    late = told(THIRD, modified="2025-08-20")
    news.add(late)
    assert news.add(told(FIRST + " More.", modified="2025-08-19")).added == 1  # known to be older
    assert news.versions(late).current == late


def test_what_are_no_versions(news: Library):
    home = "https://news.example/"
    other = "The zoo of Antwerp has a new elephant, which was born on Tuesday night and weighs as much as two men."
    news.add(told(FIRST, url=home))
    assert news.add(told(other, url=home)).added == 1  # one address, two texts that have nothing in common
    assert news.add(told(SECOND, url=home)).added == 1  # the address of several articles
    assert len(news) == 4
    assert news.add(told(FIRST), told(SECOND), told(THIRD)).added == 3  # several in one call
    assert news.add({"id": "a", "url": home + "x", "text": FIRST}).added == 1
    assert news.add({"id": "b", "url": home + "x", "text": SECOND}).added == 1  # told apart by who names them


def test_a_folder_under_one_address(news: Library, tmp_path: Path):
    for n, text in enumerate((FIRST, SECOND, THIRD)):
        (tmp_path / f"{n}.txt").write_text(text)
    assert news.add(*sorted(tmp_path.glob("?.txt")), url="https://news.example/").added == 3
    (tmp_path / "4.txt").write_text(THIRD + " It rains.")
    assert news.add(tmp_path / "4.txt", url="https://news.example/").added == 1


@pytest.mark.parametrize(
    "address",
    [
        URL + "/",
        URL + "?utm_source=feed&utm_medium=rss",
        URL + "#comments",
        URL.replace("https", "http"),
        "HTTPS://News.Example:443/2025/08/ports?fbclid=abc",
    ],
)
def test_addresses_of_one_page(news: Library, address: str):
    news.add(told(FIRST))
    assert news.add(told(SECOND, url=address)).updated == 1
    assert [one.url for one in news.versions(told(FIRST))] == [URL, address]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?id=1", "https://a.example/x?id=2"),
        ("https://a.example/X", "https://a.example/x"),
        ("https://a.example/x", "https://a.example:8443/x"),
        ("https://a.example/#!/x", "https://a.example/#!/y"),
        ("https://a.example/x?page=2", "https://a.example/x"),
        ("https://a.example/x", "https://www.a.example/x"),
        ("urn:x:1", "urn:x:2"),
    ],
)
def test_addresses_of_different_pages(one: str, other: str):
    assert comparable(one) != comparable(other)


@given(st.none() | ODD_TEXT | st.from_regex(r"https?://[a-z.:\[\]@]{1,9}(/[a-z?&=#!]{0,9}){0,3}", fullmatch=True))
def test_any_address_can_be_compared(url: str | None):
    form = comparable(url)
    assert form is None or form.encode("utf-8")
    if form is not None and form.startswith("//"):
        assert comparable("https:" + form) == form


def test_deletion_takes_the_versions_along(news: Library):
    for text in (FIRST, SECOND, THIRD):
        news.add(told(text))
    assert news.delete(told(THIRD).id) == 1
    for text in (FIRST, SECOND, THIRD):
        with pytest.raises(KeyError):
            news[told(text).id]
    assert news._shelf.store().side(VERSIONS).count() == 0
    assert len(news) == 1


def test_one_version_can_be_deleted(news: Library):
    for text in (FIRST, SECOND, THIRD):
        news.add(told(text))
    assert news.delete(told(SECOND)) == 1
    assert [one.text for one in news.versions(told(THIRD))] == [FIRST, THIRD]
    assert [one.text for one in news.versions(told(FIRST))] == [FIRST, THIRD]
    assert news.delete([told(THIRD).id, told(FIRST).id]) == 2
    assert news._shelf.store().side(VERSIONS).count() == 0


def test_a_change_of_metadata_alone_embeds_nothing(tmp_path: Path):
    from test_store_moving import Letters

    embedding = Letters()
    with Library(tmp_path / "x", llm=None, embedding=embedding) as news:
        news.add(told(FIRST), told(SECOND, url=None))
        made = embedding.texts
        report = news.add(told(FIRST, id=told(FIRST).id, modified="2025-08-20", author="A. Writer"))
        assert (report.updated, embedding.texts) == (1, made)
        article = news[told(FIRST).id]
        assert (article.author, article.modified) == ("A. Writer", datetime(2025, 8, 20, tzinfo=UTC))
        assert len(news.versions(article)) == 1
        assert "A. Writer" in {hit.article.author for hit in news.search("Rotterdam", per_copies=None)}
        assert news.add(told(FIRST, modified="2025-08-20")).unchanged == 1  # the author is kept
        assert news.add(told(FIRST, title="Port to cut 200 jobs")).updated == 1  # found by its title: embedded anew
        assert embedding.texts > made


def test_modified_is_kept_exactly(tmp_path: Path):
    moment = datetime(2025, 8, 20, 7, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    article = told(FIRST, modified=moment)
    with Library(tmp_path / "x", llm=None) as news:
        news.add(article)
        assert news[article.id] == article
        assert str(news[article.id].modified) == str(moment)
        news.export(tmp_path / "x.parquet")
    with Library(tmp_path / "y", llm=None) as other:
        other.add(tmp_path / "x.parquet")
        assert other[article.id] == article
        assert other.add(article).unchanged == 1


def test_backup_and_reindex_keep_versions(news: Library, tmp_path: Path):
    from test_store_moving import Letters

    news.add(told(FIRST))
    news.add(told(SECOND))
    news.backup(tmp_path / "copy")
    news.reindex(Letters())
    for library in (news, Library(tmp_path / "copy", llm=None)):
        assert list(library.versions(told(FIRST))) == [told(FIRST), told(SECOND)]
    Library(tmp_path / "copy", llm=None).backup(tmp_path / "again")
    again = Library(tmp_path / "again", llm=None, read_only=True)
    assert again[told(FIRST).id] == told(FIRST)
    assert again.resolve({"article_id": told(FIRST).id, "start": 0, "end": 3, "quote": "The"}).found


def test_two_writers_of_one_page_on_an_object_store(tmp_path: Path):
    """``file://`` is taken for an object store, where there is no lock."""
    url = f"file://{tmp_path}/remote"
    one, other = Library(url, llm=None), Library(url, llm=None)
    one.add(told(FIRST))
    assert len(other) == 1
    other.add(told(SECOND))
    one.add(told(THIRD))
    for library in (one, other):
        assert [version.text for version in library.versions(told(FIRST))] == [FIRST, SECOND, THIRD]
        assert texts(library) == {THIRD}


def test_a_watched_question_is_told_of_the_new_version(news: Library):
    news.add(told(FIRST))
    news.watch("How many jobs will the port of Rotterdam cut?")
    news.add(told(SECOND))
    (change,) = news.changes()
    assert change.status == "changed"
    assert [(one.why, one.article) for one in change.stale] == [("rewritten", told(SECOND))]
    assert change.causes == (told(SECOND),)
    assert news.resolve(change.stale[0].citation).citation.article == told(FIRST)


TEXTS = (FIRST, SECOND, THIRD, FIRST + " It rains.", SECOND + " It snows.")


class Pages(RuleBasedStateMachine):
    """Pages that change, in any order and back again; each rule is told to a model that remembers every text."""

    def __init__(self) -> None:
        super().__init__()
        self.news = Library(llm=None)
        self.current: dict[int, str] = {}
        self.earlier: dict[int, list[str]] = {}

    @rule(page=st.integers(0, 2), text=st.sampled_from(TEXTS))
    def fetch(self, page: int, text: str) -> None:
        """A page is read from its own address."""
        before = self.current.get(page)
        url = f"{URL}/{page}"
        report = self.news.add(told(text, url=url, origin=url))
        assert (report.added, report.updated, report.unchanged) == (
            before is None,
            before not in (None, text),
            before == text,
        )
        if before not in (None, text):
            self.earlier[page] = [one for one in self.earlier[page] if one not in (before, text)] + [before]
        self.earlier.setdefault(page, [])
        self.current[page] = text

    @rule(page=st.integers(0, 2), text=st.sampled_from(TEXTS))
    def find(self, page: int, text: str) -> None:
        """A copy of a page that the library had is found in another place: nothing changes."""
        if page in self.current and text in (*self.earlier[page], self.current[page]):
            report = self.news.add(told(text, url=f"{URL}/{page}", origin="found.html"))
            assert (report.added, report.updated + report.unchanged) == (0, 1)
            if text == self.current[page]:  # now it was read from there
                self.news.add(told(text, url=f"{URL}/{page}", origin=f"{URL}/{page}"))

    @rule(page=st.integers(0, 2))
    def remove(self, page: int) -> None:
        """The article goes, and all that it ever said."""
        if page in self.current:
            article = told(self.current.pop(page), url=f"{URL}/{page}")
            assert self.news.delete(article) == 1
            del self.earlier[page]

    @invariant()
    def every_text_is_where_it_belongs(self) -> None:
        if not self.current and not self.news.path.exists():  # type: ignore[union-attr]
            return
        assert {(one.url, one.text) for one in self.news} == {(f"{URL}/{n}", text) for n, text in self.current.items()}
        store = self.news._shelf.store()
        assert store.counts()[1] == len(store.passages([one.id for one in self.news]))
        for page, text in self.current.items():
            newest = told(text, url=f"{URL}/{page}")
            assert [one.text for one in self.news.versions(newest.id)] == [*self.earlier[page], text]
            for old in self.earlier[page]:
                article = told(old, url=f"{URL}/{page}")
                assert self.news[article.id].text == old
                assert store.newest([article.id])[article.id].id == newest.id
                cited = {"article_id": article.id, "start": 4, "end": 21, "quote": old[4:21]}
                assert self.news.resolve(cited).citation.article.text == old

    def teardown(self) -> None:
        self.news.close()


Pages.TestCase.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
TestPages = pytest.mark.slow(Pages.TestCase)


# -- kills -------------------------------------------------------------------------------------------------------------

CRASH = """
import os, sys
from toolkit import Library
from toolkit.store.engine import Table
import test_versions as t
name, table, after = sys.argv[2:]
real = getattr(Table, name)
def dying(self, *arguments):
    if f"/{table}" not in self._dataset.uri:
        return real(self, *arguments)
    if after == "after":
        real(self, *arguments)
    os._exit(9)
library = Library(sys.argv[1], llm=None)
len(library)
setattr(Table, name, dying)
library.add(t.told(t.SECOND))
os._exit(0)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "table", "after", "replaced"),
    [
        ("add", "passages", "after", False),
        ("upsert", "versions", "before", False),
        ("upsert", "versions", "after", False),
        ("upsert", "articles", "before", False),
        ("upsert", "articles", "after", True),
        ("delete", "articles", "before", True),
        ("delete", "articles", "after", True),
        ("delete", "passages", "before", True),
        ("delete", "passages", "after", True),
    ],
)
def test_killed_while_a_version_is_replaced(tmp_path: Path, name: str, table: str, after: str, replaced: bool):
    with Library(tmp_path / "news", llm=None) as news:
        news.add(told(FIRST))
    command = [sys.executable, "-c", CRASH, str(tmp_path / "news"), name, table, after]
    assert subprocess.run(command, cwd=Path(__file__).parent, timeout=120).returncode == 9
    first, second = told(FIRST), told(SECOND)
    with Library(tmp_path / "news", llm=None, read_only=True) as reader:
        assert reader[first.id] == first  # current or not, it is there
        assert {hit.article.text for hit in reader.search("Rotterdam", 20)} <= {FIRST, SECOND}
        assert reader.resolve({"article_id": first.id, "start": 0, "end": 3, "quote": "The"}).found
    with Library(tmp_path / "news", llm=None) as news:
        assert texts(news) == ({SECOND} if replaced else {FIRST})
        assert [one.text for one in news.versions(first)] == ([FIRST, SECOND] if replaced else [FIRST])
        report = news.add(second)
        assert (report.updated, report.unchanged) == ((0, 1) if replaced else (1, 0))
        assert texts(news) == {SECOND}
        assert [one.text for one in news.versions(second)] == [FIRST, SECOND]
        store = news._shelf.store()
        assert store.counts() == (1, len(store.passages([second.id])))


# -- what changed ------------------------------------------------------------------------------------------------------


def kinds(before: str, after: str) -> list[tuple[str, str | None, str | None]]:
    found = edits(Article(text=before), Article(text=after))
    return [(one.kind, one.before, one.after) for one in found if one.kind != "kept"]


def test_edits_are_told_by_sentence():
    assert kinds(FIRST, FIRST) == []
    assert kinds(FIRST, SECOND) == [
        (
            "reworded",
            "The port of Rotterdam will cut 200 jobs next year.",
            "The port of Rotterdam will cut 340 jobs next year.",
        ),
        ("removed", "Trade unions called the plan a disgrace.", None),
    ]
    assert kinds(SECOND, THIRD) == [("added", None, "On Friday the council will debate the plan.")]


@given(
    st.lists(st.sampled_from(FIRST.split(". ")), max_size=9), st.lists(st.sampled_from(SECOND.split(". ")), max_size=9)
)
def test_edits_tell_both_texts_whole(before: list[str], after: list[str]):
    old, new = Article(text=". ".join([*before, "End."])), Article(text=". ".join([*after, "End."]))
    found = list(edits(old, new))
    for article, told_of in ((old, [e.before for e in found]), (new, [e.after for e in found])):
        shown = [text for text in told_of if text is not None]
        assert "".join(" ".join(shown).split()) == "".join(article.text.split())


def test_what_changed_is_shown_in_words(news: Library):
    for text, title in ((FIRST, "Port to cut jobs"), (SECOND, "Port to cut <b>340</b> jobs"), (THIRD, None)):
        news.add(told(text, title=title))
    versions = news.versions(told(FIRST))
    for shown in (repr(versions), versions.to_html(), versions.to_markdown()):
        plain = " ".join(shown.split())
        for words in ("1 sentence reworded, 1 removed; 2 as before", "1 sentence added; 3 as before", "removed", "was"):
            assert words in plain
        assert "<b>" not in shown or shown == repr(versions)
    assert "‹200›" in repr(versions)
    assert "‹340›" in repr(versions)
    assert ">200</span>" in versions.to_html()
    assert [one["kind"] for one in versions.to_dict()["revisions"][0]["changed"]] == ["reworded", "removed"]
    alone = news.versions(next(one for one in news if "wombat" in one.text))
    assert len(alone) == 1
    assert "ersion" in repr(alone)


@given(ODD_TEXT, ODD_TEXT)
def test_any_two_texts_can_be_shown(before: str, after: str):
    old, new = Article(text=before, title=after), Article(text=after, title=before)
    revision = Revision(before=old, after=new, edits=tuple(edits(old, new)))
    for shown in (repr(revision), revision.to_html(), revision.to_markdown()):
        assert shown.encode("utf-8")


@pytest.mark.parametrize("long", ["a" + "\u0301\u0335\u20dd\u0489" * 2500, "word, " * 2500, "word, " * 900])
def test_a_sentence_without_end_is_compared_in_no_time(long: str):
    """What differs is told between the common start and end; to look at every mark would take a minute."""
    started = time.process_time()
    old, new = Article(text=f"Monday {long} came."), Article(text=f"Friday {long} went.")
    assert {one.kind for one in edits(old, new)} <= {"reworded", "kept"}  # what is too long is cut into sentences
    whole = Edit(kind="reworded", before=old.text, after=new.text)
    revision = Revision(before=old, after=new, edits=(whole,))
    for shown in (repr(revision), revision.to_html(), revision.to_markdown()):
        assert all(word in shown for word in ("Monday", "Friday", "came", "went"))
    assert time.process_time() - started < 3


@given(ODD_TEXT, ODD_TEXT, ODD_TEXT, ODD_TEXT)
def test_both_sentences_are_shown_whole(start: str, before: str, after: str, end: str):
    old, new = f"{start}{before}{end}", f"{start}{after}{end}"
    for limit in (0, 2_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(display, "_LONGEST", limit)
            left, right = display.words(old, new)
        assert "".join(one for one, _ in left) == "".join(display._WORD.findall(one_line(old)))
        assert "".join(one for one, _ in right) == "".join(display._WORD.findall(one_line(new)))
        if old == new:
            assert not any(own for _, own in [*left, *right])
