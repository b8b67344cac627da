"""Bulk ingestion on two Ray nodes: the same library as without, whatever dies on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ray_nodes import Nodes, environment, installed, nodes
from seaweed import Seaweed, needs_seaweed

from toolkit import AddReport, Library

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TOPICS = ("harbour", "election", "drought", "railway", "hospital", "border", "museum", "budget", "vaccine", "strike")

# Runs in a process of its own, since Ray starts threads and sockets that would outlive a test.
DRIVER = """
import json, os, sys
from toolkit import Library
from toolkit.adding import distributed
from toolkit.embeddings import StaticEmbedding

class Fatal(StaticEmbedding):
    def embed(self, texts):
        if any("This text kills." in text for text in texts):
            os._exit(9)
        return super().embed(texts)

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    distributed.SLICE, distributed.ROUND = asked["slice"], asked["round"]
    embedding = Fatal() if asked.get("fatal") else None
    with Library(asked["library"], embedding=embedding, storage_options=asked.get("options")) as library:
        report = library.add(*asked["sources"], workers="ray", **asked.get("metadata", {}))
        print(json.dumps([report.added, report.updated, report.unchanged, report.duplicates, report.ids,
                          [[one.source, one.reason] for one in report.failed]]))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Nodes]:
    if not installed():
        pytest.skip("needs Ray: pip install 'citebook[distributed]'")
    with nodes() as started:
        yield started


def start(cluster: Nodes, library: Path | str, *sources: Any, **asked: Any) -> subprocess.Popen[str]:
    asked = {"slice": 50, "round": 200} | asked | {"library": str(library), "sources": [str(one) for one in sources]}
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, json.dumps(asked)],
        env={**environment(), "RAY_ADDRESS": cluster.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(driver: subprocess.Popen[str]) -> AddReport:
    out, err = driver.communicate(timeout=600)
    assert driver.returncode == 0, err[-3000:]
    from toolkit.types import Failure

    added, updated, unchanged, duplicates, ids, failed = json.loads(out.splitlines()[-1])
    return AddReport(
        added=added, updated=updated, unchanged=unchanged, duplicates=duplicates, ids=tuple(ids),
        failed=tuple(Failure(source=source, reason=reason) for source, reason in failed),
    )  # fmt: skip


def until(driver: subprocess.Popen[str], done: Callable[[], bool]) -> None:
    while not done():
        assert driver.poll() is None, "it was over too soon: " + (driver.stderr.read() if driver.stderr else "")
        time.sleep(0.01)


def records(first: int, count: int, version: int = 0) -> list[dict[str, Any]]:
    """Articles of three paragraphs; eight share a team, and every article has a word of its own.

    A word that hundreds share would have hundreds of equal scores, and which of those are looked at depends on the
    order of the rows.
    """
    return [
        {
            "id": f"n{number:05d}",
            "title": f"{TOPICS[number % 10].title()} report {number}",
            "publisher": f"Paper {number % 4}",
            "published": f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            "text": "\n\n".join(
                f"The {TOPICS[number % 10]} was discussed on day {number} by group {part}, as unique{number} says. "
                f"Version {version} of the plan for the {TOPICS[(number + part) % 10]} costs {number * 7 + part} euros."
                for part in range(3)
            )
            + f" Thus team{number // 8}.",
        }
        for number in range(first, first + count)
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def same(one: Library, other: Library) -> None:
    """The two hold the same, and find the same."""
    assert {a.id: a for a in one} == {a.id: a for a in other}
    ids = [article.id for article in one.articles()]
    left, right = one._shelf.store(), other._shelf.store()
    assert left.passages(ids) == right.passages(ids)
    assert left.counts() == right.counts()
    for query in ("team3", "unique77", "team11 unique60", "what is team20", "unique5 unique15 unique25"):
        assert [(hit.passage, hit.score) for hit in one.search(query, 5)] == [
            (hit.passage, pytest.approx(hit.score, abs=1e-5)) for hit in other.search(query, 5)
        ], query


def test_the_same_library_though_a_process_dies(cluster: Nodes, tmp_path: Path):
    files = tmp_path / "news"
    old = write(tmp_path / "old.jsonl", records(0, 60, version=1))
    for part in range(4):
        write(files / f"part{part}.jsonl", records(part * 200, 200))
    write(files / "twice.jsonl", [*records(10, 20), {"id": "n00005", "text": "Another text with an id that is taken."}])
    (files / "broken.jsonl").write_text('{"text": "A line that is fine.", "id": "fine"}\n{"text": \n', "utf-8")
    with Library(tmp_path / "here") as here, Library(tmp_path / "ray") as far:
        for library in (here, far):
            library.add(old)
        expected = here.add(files, str(tmp_path / "missing.txt"), author="Nobody")
        driver = start(cluster, far.path, files, tmp_path / "missing.txt", metadata={"author": "Nobody"})
        killed: list[str] = []
        for kind in ("read", "write"):
            until(driver, lambda kind=kind: any(kind in name for name in cluster.tasks().values()))
            for pid, name in cluster.tasks().items():
                if kind in name:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(name)
        report = finish(driver)
        assert len(killed) >= 2
        assert (report.added, report.updated, report.unchanged) == (741, 60, 0)
        assert (report.added, report.updated, report.unchanged, report.duplicates, report.ids) == (
            expected.added, expected.updated, expected.unchanged, expected.duplicates, expected.ids,
        )  # fmt: skip
        assert [(one.source, one.reason) for one in report.failed] == [
            (one.source, one.reason) for one in expected.failed
        ]
        same(here, far)
        again = finish(start(cluster, far.path, files, metadata={"author": "Nobody"}))
        assert (again.added, again.updated, again.unchanged) == (0, 0, 801)
        same(here, far)


def test_goes_on_where_it_was_killed(cluster: Nodes, tmp_path: Path):
    file = write(tmp_path / "news.jsonl", records(0, 1_000))
    place = tmp_path / "ray"
    driver = start(cluster, place, file)

    def committed() -> int:
        try:
            with Library(place, read_only=True) as seen:
                return len(seen)
        except Exception:  # there is no library yet
            return 0

    until(driver, lambda: committed() >= 200)
    driver.kill()
    driver.communicate()
    before = committed()
    assert 200 <= before < 1_000
    report = finish(start(cluster, place, file))
    assert (report.added, report.unchanged) == (1_000 - before, before)
    with Library(tmp_path / "here") as here, Library(place) as far:
        here.add(file)
        same(here, far)


def test_an_article_that_kills_its_process_fails_alone(cluster: Nodes, tmp_path: Path):
    rows = records(0, 40)
    rows[7]["text"] += " This text kills."
    report = finish(start(cluster, tmp_path / "ray", write(tmp_path / "news.jsonl", rows), fatal=True))
    assert report.added == 39
    assert "n00007" not in report.ids
    (failed,) = report.failed
    assert failed.source.endswith("news.jsonl#8")
    assert "died 4 times" in failed.reason


def test_onto_an_object_store_without_telling_its_key(cluster: Nodes, tmp_path: Path):
    needs_seaweed()
    file = write(tmp_path / "news.jsonl", records(0, 400))
    server = Seaweed(tmp_path / "s3")
    server.start()
    try:
        place, options = server.make_bucket("news") + "/library", server.storage_options
        driver = start(cluster, place, file, options=options)
        assert finish(driver).added == 400
        with Library(tmp_path / "here") as here, Library(place, storage_options=options) as far:
            here.add(file)
            same(here, far)
    finally:
        server.kill()
    written = [path for path in cluster.logs.rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert server.secret_key.encode() not in path.read_bytes(), path
