"""Watched questions on real libraries: what changes, what only moves, what goes stale, and who may keep what."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seaweed import Seaweed, needs_seaweed

from toolkit import Article, FakeLLM, Library
from toolkit.display import to_html, to_markdown, to_text
from toolkit.errors import ArgumentError, StoreError, ToolkitError
from toolkit.store.engine import Database
from toolkit.store.notes import RemoteNotes
from toolkit.store.watches import change_watches, read_watches
from toolkit.types import Change, Changes
from toolkit.watching.baselines import MOST_ANSWERS, note_of, plain_options, read_note

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"

TROOPS = Article(
    id="troops",
    title="France names a number",
    publisher="Wire A",
    published="2025-08-19",  # type: ignore[arg-type]
    url="https://a.example/troops",
    text="France will send 2,000 troops to Ukraine, the defence ministry said. The units are to leave in September.",
)
OTHER_NUMBER = Article(
    id="fewer",
    title="Fewer than thought",
    publisher="Wire B",
    published="2025-08-20",  # type: ignore[arg-type]
    text="France will send 1,500 troops to Ukraine, the defence ministry said. Nothing was said of the cost.",
)
BAKERY = Article(
    id="bakery",
    title="A bakery opens",
    publisher="Valley Times",
    text="A bakery opened in Millbrook on Saturday. Its owner sold 300 loaves before noon, and the queue was long.",
)
QUESTION = "How many troops will France send to Ukraine?"


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "news.lance", llm=None) as library:
        library.add([TROOPS, BAKERY])
        yield library


def only(changes: Changes) -> Change:
    assert len(changes) == 1
    return changes[0]


def fates(change: Change) -> list[str]:
    return [one.fate for one in change.claims]


# -- what counts as a change -----------------------------------------------------------------------------------------


def test_nothing_happens_and_nothing_changes(news: Library) -> None:
    watch = news.watch(QUESTION)
    assert watch.answer.answered
    assert "2,000" in watch.answer.text
    change = only(news.changes())
    assert (change.status, fates(change), change.stale, change.causes) == ("unchanged", ["same"], (), ())
    assert news.changes().changed == ()


def test_an_article_that_says_otherwise_contradicts(news: Library) -> None:
    news.watch(QUESTION)
    news.add([OTHER_NUMBER])
    change = only(news.changes())
    assert change.status == "changed"
    (denied,) = change.of("contradicted")
    assert [(d.kind, d.claim, d.source) for d in denied.differences] == [("number", "2,000", "1,500")]
    assert denied.citations[0].article == OTHER_NUMBER
    assert denied.stands
    assert [article.id for article in change.causes] == ["fewer"]
    assert change.stale == ()
    # Looking accepts nothing; accepting does.
    assert only(news.changes()).status == "changed"
    (watch,) = news.accept(change)
    assert watch.answer.at > change.past.at
    assert news.changes().changed == ()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("France will not send 2,000 troops to Ukraine, the defence ministry said.", "negation"),
        ("France will send 20,000 troops to Ukraine, the defence ministry said.", "number"),
    ],
)
def test_what_denies_the_answer_is_told_even_when_the_answer_stays(news: Library, said: str, kind: str) -> None:
    news.watch(QUESTION)
    news.add([replace(OTHER_NUMBER, text=said)])
    change = only(news.changes())
    assert change.status == "changed"
    assert kind in {d.kind for one in change.of("contradicted") for d in one.differences}


def test_another_date_contradicts(news: Library) -> None:
    news.add(
        [Article(id="when", publisher="Wire A", text="The summit of the six countries was held in Riga on May 3.")]
    )
    news.watch("When was the summit held in Riga?")
    news.add(
        [Article(id="then", publisher="Wire B", text="The summit of the six countries was held in Riga on May 9.")]
    )
    change = only(news.changes())
    assert change.status == "changed"
    assert {d.kind for one in change.of("contradicted") for d in one.differences} == {"date"}


def test_an_article_that_was_rewritten_in_place(news: Library) -> None:
    news.watch(QUESTION)
    news.add([replace(TROOPS, text=TROOPS.text.replace("2,000", "3,000"))])
    change = only(news.changes())
    assert change.status == "changed"
    (stale,) = change.stale
    assert (stale.why, stale.citation.article_id) == ("rewritten", "troops")
    assert fates(change) == ["contradicted"]
    assert not change.claims[0].stands
    assert "3,000" in change.answer.text


def test_words_that_only_moved_in_their_article_are_no_headline(news: Library) -> None:
    news.watch(QUESTION)
    news.add([replace(TROOPS, text=f"PARIS — A correction was printed below.\n\n{TROOPS.text}")])
    change = only(news.changes())
    assert (change.status, [one.why for one in change.stale]) == ("unchanged", ["moved"])
    news.accept(change)
    assert only(news.changes()).stale == ()


def test_new_metadata_is_no_change(news: Library) -> None:
    news.watch(QUESTION)
    news.add([replace(TROOPS, title="Another headline", author="A. Writer")])
    change = only(news.changes())
    assert (change.status, fates(change), change.stale) == ("unchanged", ["same"], ())


def test_a_deleted_article_and_its_return(news: Library) -> None:
    news.watch(QUESTION)
    news.delete("troops")
    change = only(news.changes())
    assert change.status == "no longer answered"
    assert [(one.why, one.article) for one in change.stale] == [("deleted", None)]
    assert fates(change) == ["gone"]
    assert change.answer.reason
    news.accept(change)
    assert news.changes().changed == ()
    news.add([TROOPS])
    change = only(news.changes())
    assert (change.status, fates(change)) == ("newly answered", ["new"])
    assert [article.id for article in change.causes] == ["troops"]


def test_off_and_on_without_accepting_is_no_change(news: Library) -> None:
    news.watch(QUESTION)
    news.delete("troops")
    news.add([TROOPS])
    assert only(news.changes()).status == "unchanged"


def test_a_file_that_was_edited_is_found_under_its_new_id(tmp_path: Path) -> None:
    file = tmp_path / "troops.txt"
    file.write_text(f"Title: France names a number\n\n{TROOPS.text}", "utf-8")
    with Library(llm=None) as news:
        news.add(file)
        news.watch(QUESTION)
        file.write_text(f"Title: France names a number\n\n{TROOPS.text.replace('2,000', '900')}", "utf-8")
        assert news.add(file).updated == 1
        change = only(news.changes())
        (stale,) = change.stale
        assert stale.why == "rewritten"
        assert stale.article is not None
        assert "900" in stale.article.text


@pytest.mark.parametrize(
    "text",
    [
        TROOPS.text,
        TROOPS.text.replace("the defence ministry said", "the Defence Ministry said"),
        f"PARIS — {TROOPS.text}",
    ],
)
def test_a_near_copy_is_no_change(news: Library, text: str) -> None:
    news.watch(QUESTION)
    news.add([Article(id="copy", title="Copied", publisher="Wire C", text=text)])
    change = only(news.changes())
    assert change.status == "unchanged"
    assert set(fates(change)) <= {"same", "reworded"}


def test_an_unrelated_article_is_no_change(news: Library) -> None:
    news.watch(QUESTION)
    news.add(
        [Article(id=f"a{n}", text=f"The museum showed {n} paintings. Troops of scouts came in July.") for n in range(9)]
    )
    assert only(news.changes()).status == "unchanged"


def test_a_disagreement_that_was_there_is_no_news(news: Library) -> None:
    news.add([OTHER_NUMBER])
    news.watch(QUESTION)
    assert news.changes().changed == ()
    news.add([replace(OTHER_NUMBER, id="copy-of-fewer", publisher="Wire C")])
    assert news.changes().changed == ()


def test_the_samples_arrive_in_two_parts() -> None:
    with Library(llm=None) as news:
        first = ["2025-08-19-security-package.txt", "2025-08-18-white-house-summit.md"]
        news.add(*(SAMPLES / name for name in first))
        for question in (
            "Which countries might send troops?",
            "What did Karoline Leavitt say?",
            "Who won the World Cup?",
        ):
            news.watch(question)
        assert [watch.answer.answered for watch in news.watches()] == [True, False, False]
        news.add(SAMPLES)
        changes = news.changes()
        assert [one.status for one in changes] == ["unchanged", "newly answered", "unchanged"]
        (changed,) = changes.changed
        assert [article.publisher for article in changed.causes] == ["Lafayette Square Daily"]


SINKING = "How many people died in the ferry sinking?"


def test_an_article_to_look_at_is_told_until_it_is_accepted(news: Library) -> None:
    news.add([Article(id="ferry", text="Twenty-three people died in the Riverton ferry sinking, the coastguard said.")])
    news.watch(SINKING)
    risen = "The death toll in the Riverton ferry sinking rose to 25 on Sunday, police said. Boats still search."
    news.add([Article(id="toll", title="The toll rises", text=risen), replace(BAKERY, id="other", title="Another")])
    changes = news.changes()
    change = only(changes)
    assert (change.status, [article.id for article in change.unread]) == ("unchanged", ["toll"])
    assert "has new articles to look at" in to_text(changes)
    assert "About it, not in the answer: The toll rises" in to_text(changes)
    assert change.to_dict()["unread"][0]["article_id"] == "toll"
    news.accept(changes)
    assert only(news.changes()).unread == ()


def test_accepting_what_was_compared_with_an_older_answer(news: Library) -> None:
    first = news.watch(QUESTION)
    news.delete("troops")
    news.accept(news.changes())
    news.add([TROOPS])
    shown = news.changes(since=first.answer.at)
    assert only(shown).status == "unchanged"
    (watch,) = news.accept(shown)
    assert watch.answer.answered
    assert news.changes().changed == ()


def test_since_compares_with_what_was_accepted_then(news: Library) -> None:
    first = news.watch(QUESTION)
    news.delete("troops")
    news.accept(news.changes())
    assert news.changes().changed == ()
    assert only(news.changes(since=first.since)).status == "no longer answered"
    early = only(news.changes(since="2001-01-01"))
    assert early.status == "no longer answered"
    assert "Not watched before" in early.notes[0]
    with pytest.raises(ArgumentError, match="not a date"):
        news.changes(since="soon")


# -- watching --------------------------------------------------------------------------------------------------------


def test_the_same_question_is_the_same_watch_and_keeps_its_answer(news: Library) -> None:
    watch = news.watch(QUESTION)
    news.delete("troops")
    again = news.watch(f"  {QUESTION} ")
    assert again == watch
    assert again.answer.answered
    assert news.watches() == (watch,)
    other = news.watch(QUESTION, publisher="Wire B")
    assert other.id != watch.id
    assert news.watches() == (watch, other)
    assert news.unwatch(watch) == 1
    assert news.unwatch(watch.id) == 0
    assert news.unwatch(QUESTION) == 1
    assert news.watches() == ()
    assert len(news.changes()) == 0


def test_options_are_kept_and_used(news: Library) -> None:
    from datetime import date

    watch = news.watch(QUESTION, k=3, since=date(2025, 8, 1), publisher=("Wire A",))
    assert dict(watch.options) == {"k": 3, "since": "2025-08-01", "publisher": ["Wire A"]}
    news.add([OTHER_NUMBER])  # of another publisher
    assert news.changes().changed == ()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"llm": FakeLLM()}, "llm= is a FakeLLM"),
        ({"rerank": lambda query, texts: [0.0] * len(texts)}, "rerank= is a function"),
        ({"stream": True}, "stream="),
        ({"llm": "http://me:secret@localhost/v1"}, "user name or password"),
        ({"k": 0}, "k"),
    ],
)
def test_options_that_cannot_be_kept(news: Library, options: dict[str, object], says: str) -> None:
    with pytest.raises(ArgumentError, match=says) as caught:
        news.watch(QUESTION, **options)
    assert "secret" not in str(caught.value).replace("secret_access_key", "")
    assert news.watches() == ()


def test_bad_calls(news: Library) -> None:
    with pytest.raises(ArgumentError, match="empty"):
        news.watch(" ")
    with pytest.raises(ArgumentError, match="not a watch"):
        news.unwatch(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="not a change"):
        news.accept(["x"])  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="not a change"):
        news.accept(None)  # type: ignore[arg-type]
    assert news.unwatch("../library") == 0


def test_two_who_accept(news: Library) -> None:
    news.watch(QUESTION)
    news.watch("What opened in Millbrook?")
    news.add([OTHER_NUMBER])
    mine, yours = news.changes(), news.changes()
    news.accept(mine)
    with pytest.raises(ArgumentError, match="accepted meanwhile"):
        news.accept(yours)
    news.delete("troops")
    later = news.changes()
    news.unwatch(QUESTION)
    with pytest.raises(ArgumentError, match="no longer watched"):
        news.accept(later)


class NoLock:
    """A store without a lock: its notes are rows, as on an object store. Others write when it is asked what is kept."""

    where = "here"

    def __init__(self, place: Path) -> None:
        self.notes = RemoteNotes(Database(str(place)), "here")
        self.meanwhile: Callable[[], object] = lambda: None
        self._watches = self.notes.watches
        self.notes.watches = self._interrupted  # type: ignore[method-assign]

    def writer(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def _interrupted(self) -> dict[str, str]:
        texts = self._watches()
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return texts


def test_where_there_is_no_lock_the_faster_one_wins(tmp_path: Path) -> None:
    store = NoLock(tmp_path / "notes")
    seen: list[dict[str, str]] = []

    def change(texts: dict[str, str]) -> dict[str, str]:
        seen.append(texts)
        if texts.get("b", "1") != "1":
            raise ArgumentError("another was accepted meanwhile")
        return {"a": "mine", "b": "mine"}

    change_watches(store, lambda _: {"a": "1", "b": "1"})  # type: ignore[arg-type]
    store.meanwhile = lambda: store.notes.write_watch("b", "yours")
    with pytest.raises(ArgumentError, match="meanwhile"):
        change_watches(store, change)  # type: ignore[arg-type]
    assert seen == [{"a": "1", "b": "1"}, {"a": "1", "b": "yours"}]
    assert store.notes.watches() == {"a": "mine", "b": "yours"}
    store.meanwhile = lambda: store.notes.write_watch("c", "yours")
    change_watches(store, lambda texts: {} if "c" in texts else {"c": "mine"})  # type: ignore[arg-type]
    assert store.notes.watches()["c"] == "yours"
    store.meanwhile = lambda: store.notes.drop_watch("c")
    change_watches(store, lambda texts: {"c": "mine"} if "c" in texts else {})  # type: ignore[arg-type]
    assert "c" not in store.notes.watches()


def test_the_first_answer_and_the_latest_ones_are_kept(news: Library) -> None:
    watch = news.watch(QUESTION)
    answers = [replace(watch.answer, reason=str(n)) for n in range(MOST_ANSWERS + 5)]
    kept = read_note(watch.id, note_of(watch, answers), "here")[1]
    assert len(kept) == MOST_ANSWERS
    assert (kept[0].reason, kept[1].reason, kept[-1].reason) == ("0", "6", str(MOST_ANSWERS + 4))


# -- with a model ----------------------------------------------------------------------------------------------------


def test_a_model_is_asked_again_only_when_its_passages_changed(tmp_path: Path) -> None:
    model = FakeLLM("France will send 2,000 troops.", "The ministry said France will send 2,000 troops to Ukraine.")
    with Library(tmp_path / "news.lance", llm=model) as news:
        news.add([TROOPS, BAKERY])
        watch = news.watch(QUESTION)
        assert watch.answer.model == model.name
        change = only(news.changes())
        assert (change.status, fates(change), len(model.requests)) == ("unchanged", ["same"], 1)
        assert change.answer.text == "France will send 2,000 troops. [1]"
        news.add([replace(TROOPS, id="more", publisher="Wire D", text="Troops: how many will France send to Ukraine?")])
        change = only(news.changes())
        assert len(model.requests) == 2
        assert (change.status, fates(change)) == ("unchanged", ["new", "reworded"])
        assert change.claims[0].known  # it says more, and what was read before says that too


def test_another_model_is_named(tmp_path: Path) -> None:
    with Library(tmp_path / "news.lance", llm=FakeLLM("France will send 2,000 troops.")) as news:
        news.add([TROOPS])
        news.watch(QUESTION)
    with Library(tmp_path / "news.lance", llm=None) as news:
        change = only(news.changes())
        assert change.status == "unchanged"
        assert "today's with extractive" in change.notes[0]
        assert "ask/plain@" in change.notes[0]


def test_what_was_marked_unsupported_stays_so(tmp_path: Path) -> None:
    reply = "France will send 2,000 troops. Poland will send 500 planes."
    with Library(tmp_path / "news.lance", llm=FakeLLM(reply)) as news:
        news.add([TROOPS])
        watch = news.watch(QUESTION)
        assert [claim.verdict for claim in watch.answer.claims][1] == "unsupported"
        change = only(news.changes())
        assert (change.status, change.answer.claims[1].verdict) == ("unchanged", "unsupported")


# -- what is kept, and where -----------------------------------------------------------------------------------------


def test_only_plain_json_is_kept(news: Library, tmp_path: Path) -> None:
    watch = news.watch(QUESTION)
    (file,) = (tmp_path / "news.lance" / "watches").iterdir()
    kept = json.loads(file.read_bytes().decode("ascii"))
    assert (file.stem, kept["question"]) == (watch.id, QUESTION)
    (cited,) = kept["answers"][0]["claims"][0]["citations"]
    assert cited["quote"] == TROOPS.text[cited["start"] : cited["end"]]
    assert cited["text_hash"] == TROOPS.text_hash
    assert news.watches() == (watch,)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": 1}', b'{"format": "x"}', b"null"])
def test_a_broken_note_is_a_clear_error_and_loses_nothing(news: Library, tmp_path: Path, damage: bytes) -> None:
    watch = news.watch(QUESTION)
    other = news.watch("What opened in Millbrook?")
    (tmp_path / "news.lance" / "watches" / f"{watch.id}.json").write_bytes(damage)
    for call in (news.watches, news.changes, lambda: news.watch(QUESTION)):
        with pytest.raises(StoreError, match=rf"unwatch\('{watch.id}'\)") as caught:
            call()
        assert "\n" not in str(caught.value)
    assert news.ask(QUESTION).answered
    assert news.add([OTHER_NUMBER]).added == 1
    news.backup(tmp_path / "copy")
    assert news.unwatch(watch.id) == 1
    assert news.watches() == (other,)
    assert news.watch(QUESTION).id == watch.id


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_note_is_an_error_of_ours(value: object) -> None:
    with pytest.raises(StoreError):
        read_note("0", json.dumps({"format": 1, "id": "0", "answers": value, "options": value}), "here")
    with pytest.raises(StoreError):
        read_note("0", json.dumps(value), "here")


def test_a_note_of_a_newer_citebook(news: Library) -> None:
    watch = news.watch(QUESTION)
    store = news._shelf.store()
    newer = json.dumps(json.loads(read_watches(store)[watch.id]) | {"format": 99})
    change_watches(store, lambda _: {watch.id: newer})
    with pytest.raises(StoreError, match="upgrade"):
        news.watches()


def test_read_only_looks_and_keeps_nothing(news: Library, tmp_path: Path) -> None:
    watch = news.watch(QUESTION)
    news.add([OTHER_NUMBER])
    with Library(tmp_path / "news.lance", llm=None, read_only=True) as reader:
        assert reader.watches() == (watch,)
        assert reader.watch(QUESTION) == watch
        changes = reader.changes()
        assert only(changes).status == "changed"
        for call in (lambda: reader.watch("Who?"), lambda: reader.accept(changes), lambda: reader.unwatch(watch)):
            with pytest.raises(StoreError, match="read_only"):
                call()
    assert news.watches() == (watch,)


def test_reopened_backed_up_and_reindexed(news: Library, tmp_path: Path) -> None:
    watch = news.watch(QUESTION)
    news.backup(tmp_path / "copy")
    news.reindex(None)
    assert news.watches() == (watch,)
    for place in ("copy", "news.lance"):
        with Library(tmp_path / place, llm=None) as again:
            assert again.watches() == (watch,)
            assert again.changes().changed == ()


def test_a_library_without_watches(news: Library, tmp_path: Path) -> None:
    assert news.watches() == ()
    assert (len(news.changes()), str(news.changes())) == (0, "No question is watched.")
    assert not (tmp_path / "news.lance" / "watches").exists()
    with Library(llm=None) as empty, pytest.raises(StoreError, match="empty"):
        empty.watch(QUESTION)


def test_a_library_over_an_index_says_that_it_only_reads() -> None:
    from llama_index.core import Document, SummaryIndex

    index = SummaryIndex.from_documents([Document(text=TROOPS.text)])
    with Library.from_index(index, llm=None) as news, pytest.raises(ToolkitError, match="only reads"):
        news.watch(QUESTION)


WATCHER = """
import json, sys
from toolkit import Library
asked = json.loads(sys.argv[1])
with Library(asked["place"], llm=None, storage_options=asked["options"]) as news:
    for question in asked["questions"]:
        news.watch(question)
    print(len(news.watches()))
"""


def watch_in_processes(place: str, options: dict[str, str] | None, questions: list[list[str]]) -> None:
    environment = os.environ | {"LANCE_LOG": "error"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WATCHER, json.dumps({"place": place, "options": options, "questions": own})],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for own in questions
    ]
    for one in running:
        _, err = one.communicate(timeout=200)
        assert one.returncode == 0, err[-2000:]


BOTH = [[QUESTION, "What opened in Millbrook?"], [QUESTION, "When are the units to leave?"]]


@pytest.mark.slow
def test_two_processes_watch_at_once(news: Library, tmp_path: Path) -> None:
    watch_in_processes(str(tmp_path / "news.lance"), None, BOTH)
    assert {watch.question for watch in news.watches()} == {question for own in BOTH for question in own}
    assert len(news.watches()) == 3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_on_an_object_store(tmp_path: Path) -> None:
    needs_seaweed()
    server = Seaweed(tmp_path / "seaweed")
    server.start()
    try:
        server.make_bucket("news")
        place, options = "s3://news/watched", server.storage_options
        with Library(place, llm=None, storage_options=options) as news:
            news.add([TROOPS, BAKERY])
            assert news.watches() == ()
            watch_in_processes(place, options, BOTH)
            assert len(news.watches()) == 3
            news.add([OTHER_NUMBER])  # the notes of writes are not mixed up with watches
            (changed,) = news.changes().changed
            news.accept(changed)
            assert news.changes().changed == ()
            news.backup(tmp_path / "copy")
            news.backup("s3://news/copied")
            assert news.unwatch(QUESTION) == 1
            assert len(news.watches()) == 2
        for copy, given in ((str(tmp_path / "copy"), None), ("s3://news/copied", options)):
            with Library(copy, llm=None, storage_options=given, read_only=True) as again:
                assert len(again.watches()) == 3
                assert again.changes().changed == ()
    finally:
        server.kill()


# -- shown -----------------------------------------------------------------------------------------------------------


def test_changes_are_shown_and_tabled(news: Library) -> None:
    news.watch(QUESTION)
    news.watch("What opened in Millbrook?")
    news.add([OTHER_NUMBER])
    news.delete("bakery")
    changes = news.changes()
    text = to_text(changes)
    assert "2 of 2 watched questions have changed." in text
    assert "number: was 2,000, now 1,500" in text or "number: claim 2,000, source 1,500" in text
    assert "the article is no longer in the library" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100
    frame = changes.to_frame()
    assert list(frame.columns) == ["question", "status", "what", "text", "was", "why", "sources"]
    assert {"contradicted", "gone", "stale"} <= set(frame["what"])
    told = json.loads(changes.to_json())
    assert [one["status"] for one in told["changes"]] == ["changed", "no longer answered"]
    assert json.loads(json.dumps(news.watches()[0].to_dict()))["question"] == QUESTION
    for value in (changes, changes[0], news.watches()[0]):
        assert value._repr_html_() == to_html(value)
        assert to_markdown(value).endswith("\n")


def test_values_are_frozen(news: Library) -> None:
    news.watch(QUESTION, k=4)
    changes = news.changes()
    for value, name in ((changes, "all"), (changes[0], "status"), (changes[0].watch, "question")):
        with pytest.raises(AttributeError):
            setattr(value, name, None)
    with pytest.raises(TypeError):
        changes[0].watch.options["k"] = 3  # type: ignore[index]


async def _twins(news: Library) -> Changes:
    await news.awatch(QUESTION)
    return await news.achanges()


def test_async_twins(news: Library) -> None:
    import asyncio

    assert only(asyncio.run(_twins(news))).status == "unchanged"


def test_plain_options_are_json() -> None:
    assert plain_options({"publisher": {"A"}, "prompt": Path("/x/y.prompty")}) == {
        "publisher": ["A"],
        "prompt": "/x/y.prompty",
    }
    with pytest.raises(ArgumentError):
        plain_options({"diversity": float("nan")})


# -- from a shell ----------------------------------------------------------------------------------------------------


def shell(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    from toolkit.__main__ import main

    assert main([str(one) for one in arguments]) == 0
    return capsys.readouterr().out


def test_from_a_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--library", tmp_path / "news.lance", "--llm", "none")
    asked = "What did Karoline Leavitt say?"
    with Library(tmp_path / "news.lance", llm=None) as news:
        news.add(SAMPLES / "2025-08-18-white-house-summit.md")
    assert "Not in your articles" in shell(capsys, "watch", asked, *place)
    assert asked in shell(capsys, "watch", *place)
    assert "Newly answered" in shell(capsys, "changes", SAMPLES, *place)
    assert "1 of 1 watched questions has changed." in shell(capsys, "changes", "--accept", *place)
    told = json.loads(shell(capsys, "changes", "--json", *place))
    assert [one["status"] for one in told["changes"]] == ["unchanged"]
    parts = ("--text", "# Today", "--ask", asked, "--summarize", "security guarantees", "--changes")
    markdown = shell(capsys, "briefing", *parts, "--title", "Desk", *place)
    assert [line for line in markdown.splitlines() if line.startswith("#")][:4] == [
        "# Desk",
        "## Today",
        f"### {asked}",
        "### Summary: security guarantees",
    ]
    assert "Saved" in shell(capsys, "briefing", *parts, "--out", tmp_path / "b.html", *place)
    assert (tmp_path / "b.html").read_text("utf-8").startswith("<!doctype html>")
    assert "1 watch removed." in shell(capsys, "watch", asked, "--off", *place)
    assert "No question is watched." in shell(capsys, "watch", *place)


@pytest.mark.parametrize("arguments", [["changes"], ["changes", str(SAMPLES)], ["watch", "Who?"], ["briefing"]])
def test_a_shell_says_what_is_missing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from toolkit.__main__ import main

    assert main(arguments) == 2
    assert "--library" in capsys.readouterr().err


def test_a_shell_says_what_is_wrong_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from toolkit.__main__ import main

    place = ("--library", str(tmp_path / "news.lance"), "--llm", "none")
    with Library(tmp_path / "news.lance", llm=None) as news:
        news.add([TROOPS])
    for arguments, says in (
        (("watch", ""), "the question is empty"),  # an empty shell variable is no wish for the list
        (("briefing", "--ask", "", "--out", "b.docx"), "call it .html, .md, .txt or .json"),
    ):
        assert main([*arguments, *place]) == 2
        assert says in capsys.readouterr().err
    assert main(["briefing", "--changes", str(SAMPLES), "--llm", "none"]) == 2
    assert "give --library DIR" in capsys.readouterr().err
