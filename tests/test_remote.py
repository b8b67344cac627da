"""A library on a real object store (SeaweedFS): the same answers, several writers, outages, and no word of the keys."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seaweed import Seaweed, needs_seaweed

from toolkit import Library
from toolkit.errors import StoreError, ToolkitError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TOPICS = ("harbour", "election", "drought", "railway", "hospital", "border", "museum", "budget", "vaccine", "strike")

WRITER = """
import json, sys
sys.path.insert(0, sys.argv[2])
from test_remote import records
from toolkit import Library
asked = json.loads(sys.argv[1])
with Library(asked["place"], storage_options=asked["options"]) as library:
    for batch in range(asked["batches"]):
        library.add(records(asked["first"] + 20 * batch, 20, by=asked["by"]))
        print(batch, flush=True)
"""

READER = """
import json, os, sys
from toolkit import Library
asked = json.loads(sys.argv[1])
most = reads = 0
with Library(asked["place"], storage_options=asked["options"], read_only=True) as library:
    while not os.path.exists(asked["stop"]):
        count = len(library)
        assert count >= most, f"{count} articles after {most}"
        most, reads = count, reads + 1
        hits = library.search("base", 5)
        assert len({hit.article.id for hit in hits}) == 5, hits
        for hit in hits:
            assert hit.article.text[hit.passage.span.start : hit.passage.span.end] == hit.passage.text
print(json.dumps([reads, most]))
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    needs_seaweed()
    server = Seaweed(tmp_path_factory.mktemp("seaweed"))
    server.start()
    try:
        server.make_bucket("news")
        yield server
    finally:
        server.kill()


@pytest.fixture
def server(running: Seaweed) -> Seaweed:
    """The server, up again after a test that broke off with it down."""
    if not running.running:
        running.start()
    return running


def records(first: int, count: int, by: str = "base") -> list[dict[str, Any]]:
    """Articles; eight share a team, and every article has a word of its own.

    A word that hundreds share would have hundreds of equal scores, and which of those are looked at depends on the
    order of the rows.
    """
    return [
        {
            "id": f"{by}{number:04d}",
            "title": f"{TOPICS[number % 10].title()} report {number}",
            "publisher": f"Paper {number % 4}",
            "published": f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            "text": f"The {by} desk writes on the {TOPICS[number % 10]} of day {number}.\n\n"
            f"It costs {number * 7} euros, as unique{by}{number} says in O'Reilly's paper"
            f" to team{by}{number // 8}.",
        }
        for number in range(first, first + count)
    ]


def child(script: str, **asked: Any) -> subprocess.Popen[str]:
    here = str(Path(__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(asked), here],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def same(one: Library, other: Library) -> None:
    """The two hold the same, and find the same."""
    assert {a.id: a for a in one} == {a.id: a for a in other}
    ids = [article.id for article in one.articles()]
    assert one._shelf.store().passages(ids) == other._shelf.store().passages(ids)
    for query in ("teambase3", "uniquebase7", "teambase5 uniquebase40", "what is teambase2", "teamw01 teamw11"):
        for filters in ({}, {"publisher": "paper 2"}, {"since": "2025-06-01"}):
            assert [(hit.passage, hit.score) for hit in one.search(query, 6, **filters)] == [
                (hit.passage, pytest.approx(hit.score, abs=1e-5)) for hit in other.search(query, 6, **filters)
            ], (query, filters)


def test_the_same_answers_as_in_a_folder(server: Seaweed, tmp_path: Path):
    far = Library("s3://news/same", storage_options=server.storage_options)
    with Library(tmp_path / "here") as here, far:
        for library in (here, far):
            library.add(records(0, 120))
            assert library.add(records(100, 40)).unchanged == 20
            library.add([record | {"text": f"Changed: {record['text']}"} for record in records(30, 10)])
            assert library.delete(["base0003", "base0004", "nothere"]) == 2
            before, after = library.versions("base0031")
            assert after.text == f"Changed: {before.text}"
            page = {"url": "https://news.example/bridge", "text": "The bridge will be closed for repairs on Monday."}
            library.add(page)
            assert library.add(page | {"text": page["text"].replace("Monday", "Friday")}).updated == 1
            (now,) = library.search("bridge repairs", 1)
            assert [one.text[-7:] for one in library.versions(now.article)] == ["Monday.", "Friday."]
            assert library.delete(now.article) == 1
        assert len(far) == 138
        same(here, far)
        question = "What does the harbour cost on day 10?"
        assert far.ask(question).text == here.ask(question).text
        assert far.verify("It costs 70 euros.").verdict == here.verify("It costs 70 euros.").verdict
    with Library("s3://news/same", storage_options=server.storage_options, read_only=True) as again:
        assert len(again) == 138
        with pytest.raises(StoreError, match="read_only"):
            again.delete("base0001")


def test_three_writers_and_a_reader_in_processes_of_their_own(
    server: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place, options, stop = "s3://news/many", server.storage_options, tmp_path / "stop"
    with Library(place, storage_options=options) as library:
        library.add(records(0, 20))
    reader = child(READER, place=place, options=options, stop=str(stop))
    # All three also write the same 20 articles, at about the same time.
    writers = [child(WRITER, place=place, options=options, by="same", first=0, batches=1) for _ in range(3)]
    writers += [child(WRITER, place=place, options=options, by=f"w{n}", first=0, batches=5) for n in range(3)]
    for writer in writers:
        _, err = writer.communicate(timeout=400)
        assert writer.returncode == 0, err[-3000:]
    stop.touch()
    out, err = reader.communicate(timeout=100)
    assert reader.returncode == 0, err[-3000:]
    reads, most = json.loads(out)
    assert reads >= 3
    assert 20 <= most <= 340
    expected = [*records(0, 20), *records(0, 20, "same"), *(r for n in range(3) for r in records(0, 100, f"w{n}"))]
    with Library(place, storage_options=options) as far, Library(tmp_path / "here") as here:
        here.add(expected)
        assert len(far) == len(expected) == 340
        assert len(far.articles()) == 340  # none twice
        same(here, far)
        # What writers of the same articles left of each other's passages goes with a write once they count as gone.
        monkeypatch.setattr("toolkit.store.notes.ABANDONED", 0.0)
        for library in (here, far):
            assert library.add(records(0, 5, "late")).added == 5
        assert far._shelf.store().counts() == here._shelf.store().counts()
        same(here, far)


def test_the_server_goes_and_comes_back(server: Seaweed, tmp_path: Path):
    place, options = "s3://news/outage", server.storage_options
    with Library(place, storage_options=options) as far, Library(tmp_path / "here") as here:
        for library in (here, far):
            library.add(records(0, 40))
        writer = child(WRITER, place=place, options=options, by="w", first=0, batches=12)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "0\n"
        server.kill()
        back = threading.Thread(target=server.start)
        back.start()
        hits = far.search("harbour", 3)  # begun while the server is away
        assert hits
        back.join()
        out, err = writer.communicate(timeout=300)
        done = 1 + len(out.split())
        if writer.returncode:  # it gave up, said so in one line, and what it had acknowledged is there
            assert "StoreError" in err.splitlines()[-1]
            assert server.secret_key not in err
        else:
            assert done == 12
        kept = {article.id for article in far}
        assert {record["id"] for record in records(0, 20 * done, "w")} <= kept
        finished = far.add(records(0, 240, "w"))
        assert finished.added + finished.unchanged == 240
        here.add(records(0, 240, "w"))
        same(here, far)


def test_a_server_that_stays_away_is_an_error_that_says_so(server: Seaweed):
    options = server.storage_options | {"client_max_retries": "1", "client_retry_timeout": "3"}
    with Library("s3://news/away", storage_options=options) as library:
        library.add(records(0, 5))
        server.kill()
        started = time.monotonic()
        for call in (lambda: library.add(records(5, 5)), lambda: library.search("harbour"), lambda: len(library)):
            with pytest.raises(StoreError) as caught:
                call()
            says_nothing(server, str(caught.value), repr(caught.value))
            assert "\n" not in str(caught.value)
            assert "s3://news/away" in str(caught.value)
        assert time.monotonic() - started < 120
        server.start()
        assert library.add(records(5, 5)).added == 5
        assert len(library) == 10


def test_keys_are_never_told(server: Seaweed, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]):
    caplog.set_level(logging.DEBUG)
    options = server.storage_options
    with Library("s3://news/quiet", storage_options=options) as library:
        library.add(records(0, 5))
        shown = [repr(library), str(library), repr(library._shelf), repr(library._shelf.store()), str(vars(library))]
        shown += [repr(value) for value in vars(library._shelf.store()).values()]
        says_nothing(server, *shown)
    wrong = {
        "a wrong secret": options | {"secret_access_key": server.secret_key + "x"},
        "a wrong key": options | {"access_key_id": "NOBODY"},
        "no http": {name: value for name, value in options.items() if name != "allow_http"},
        "another port": options | {"endpoint": "http://127.0.0.1:9"},
    }
    for what, given in wrong.items():
        given |= {"client_max_retries": "1", "client_retry_timeout": "3"}
        with pytest.raises(ToolkitError) as caught:
            Library("s3://news/quiet", storage_options=given).search("harbour")
        says_nothing(server, what, str(caught.value), repr(caught.value), repr(caught.value.__cause__))
    with pytest.raises(ToolkitError) as caught:
        Library(f"s3://{server.access_key}:{server.secret_key}@news/quiet").search("harbour")
    says_nothing(server, str(caught.value))
    out, err = capfd.readouterr()
    says_nothing(server, out, err, caplog.text)


def says_nothing(server: Seaweed, *texts: str) -> None:
    for text in texts:
        assert server.secret_key not in text
        assert server.access_key not in text, text
