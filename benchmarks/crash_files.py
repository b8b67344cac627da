"""Kill an add of files at random moments, add again, and compare the library with one that nobody disturbed.

    python benchmarks/crash.py --files ../shared/data/summarization/frank_cnndm_xsum [--kills 20] [--count 2000]

The files are real articles (``.jsonl`` with a text in each line) and parts of them, half as ``.txt``, half as ``.html``
with title, address and date. Every second round fills a new library; the others bring a full one up to date, in a
folder where meanwhile one file in ten has another text, one in thirty was renamed and changed (its address is the
same), one in thirty has only another date of change, and some are new. A round:

1. a child process adds the folder; it gets SIGKILL at a random moment of the time that this takes, its workers too
   when they do not end by themselves;
2. the library is opened read-only, then for writing: every article is one of those that the files give, whole, with
   exactly the passages that :func:`toolkit.passages.split` makes of it; what was there before is there, as it was or as
   it was to become; every earlier version can be read;
3. the folder is added once more, by another new process;
4. articles, passages, versions, groups, the ledger and what searches find are compared with a library to which the same
   was added without any kill, once both are optimised (their indexes have other parts before).
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from toolkit import Library
from toolkit.articles import read_articles
from toolkit.passages import split
from toolkit.store.sides import LEDGER, VERSIONS
from toolkit.types import Article

_SHORTEST = 400
_QUERIES = 40
_RACY = 2.1
"""Seconds after which a file's times tell whether it has changed."""


# -- Files -------------------------------------------------------------------------------------------------------------


def texts(folders: Sequence[Path], count: int) -> list[str]:
    """So many real texts: whole articles first, then halves and thirds of them."""
    whole: dict[str, None] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                record = json.loads(line)
                text = record.get("article") or record.get("text") or ""
                if isinstance(text, str) and len(text) >= _SHORTEST:
                    whole.setdefault(" ".join(text.split()))
    found = dict(whole)
    for parts in (2, 3, 4):
        for text in whole:
            if len(text) >= parts * _SHORTEST:
                sentences = re.split(r"(?<=[.!?])\s+", text)
                size = -(-len(sentences) // parts)
                for n in range(0, len(sentences), size):
                    if len(part := " ".join(sentences[n : n + size])) >= _SHORTEST // 2:
                        found.setdefault(part)
    if len(found) < count:
        raise SystemExit(f"only {len(found):,} texts in {', '.join(map(str, folders))}: give more folders, or --count")
    return list(found)[:count]


@dataclass(frozen=True)
class Corpus:
    """A folder of files in its first and in its second state."""

    folder: Path
    texts: Sequence[str]

    def lay(self, state: int) -> None:
        """Bring the folder into a state; only files that are others are written."""
        wanted = dict(self._files(state))
        for path in self.folder.glob("*/*"):
            if path not in wanted:
                path.unlink()
        for path, content in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text("utf-8") != content:
                path.write_text(content, "utf-8")
        time.sleep(_RACY)

    def _files(self, state: int) -> Iterator[tuple[Path, str]]:
        late = len(self.texts) // 50
        for number, text in enumerate(self.texts if state else self.texts[:-late]):
            place = self.folder / f"{number % 20:02}"
            edited = state and number % 10 == 3
            renamed = state and number % 30 == 4 and number % 2 == 0
            said = _edited(text, number) if edited or renamed else text
            if number % 2:
                yield place / f"{number:05}.txt", said
            else:
                name = f"{number:05}-update.html" if renamed else f"{number:05}.html"
                yield place / name, _page(said, number, changed=bool(state) and number % 30 == 8)


def _edited(text: str, number: int) -> str:
    """The text as a paper might change it: a sentence gone, one put in, a number another one."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    rng = random.Random(number)
    if len(sentences) > 3:
        del sentences[rng.randrange(1, len(sentences))]
    sentences.insert(rng.randrange(1, len(sentences) + 1), f"This was corrected in note {number}.")
    return " ".join(sentences)


def _page(text: str, number: int, *, changed: bool) -> str:
    title = " ".join(text.split()[:9]).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    body = text.replace("&", "&amp;").replace("<", "&lt;")
    sentences = re.split(r"(?<=[.!?])\s+", body)
    paragraphs = "".join(f"<p>{' '.join(sentences[n : n + 3])}</p>\n" for n in range(0, len(sentences), 3))
    updated = '<meta property="article:modified_time" content="2025-08-21T08:00:00+00:00">' if changed else ""
    return (
        f'<html lang="en"><head><title>{title}</title><meta property="og:title" content="{title}">'
        f'<link rel="canonical" href="https://news.example/{number}/story">'
        f'<meta property="og:url" content="https://news.example/{number}/story">'
        f'<meta property="article:published_time" content="2025-08-{1 + number % 20:02}T09:00:00+00:00">{updated}'
        f"</head><body><article><h1>{title}</h1>\n{paragraphs}</article></body></html>"
    )


# -- What a library holds ----------------------------------------------------------------------------------------------


def holds(place: str, queries: Sequence[str]) -> dict[str, Any]:
    """Everything that a library knows, in a form to compare; times of writing are left out."""
    with Library(place, llm=None) as library:
        library.optimise()
        store = library._shelf.store()
        articles = sorted(library, key=lambda one: one.id)
        passages: dict[str, list[Any]] = {one.id: [] for one in articles}
        for passage in store.passages(passages):
            passages[passage.span.article_id].append(asdict(passage))
        found: dict[str, Any] = {
            "articles": {one.id: _hash(asdict(one)) for one in articles},
            "passages": {article_id: _hash(some) for article_id, some in passages.items()},
            "counts": list(store.counts()),
            "versions": {
                row["key"]: [row["article_id"], row["line"], row["replaced_by"], row["text_hash"]]
                for row in store.side(VERSIONS).rows()
            },
            "groups": [list(group) for group in store.groups.every()],
            "ledger": {
                row["origin"]: [sorted(row["ids"]), row["hash"], row["size"]] for row in store.side(LEDGER).rows()
            },
            "announced": len(store.notes.announced()),
        }
        found["searches"] = {query: _found(library, query) for query in queries}
    return found


def _found(library: Library, query: str) -> list[str]:
    return [f"{hit.passage.id} {hit.score:.6f} {hit.copies}" for hit in library.search(query, 10)]


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()[:20]


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What two libraries hold that the other does not, in short."""
    wrong = []
    for name in one:
        if one[name] == other[name]:
            continue
        if isinstance(one[name], dict):
            keys = [key for key in {*one[name], *other[name]} if one[name].get(key) != other[name].get(key)]
            shown = "; ".join(f"{k}: {one[name].get(k)} | {other[name].get(k)}" for k in sorted(keys)[:3])
            wrong.append(f"{name}: {len(keys)} differ, such as {shown}"[:600])
        else:
            wrong.append(f"{name}: {str(one[name])[:200]} | {str(other[name])[:200]}")
    return wrong


def check(place: str, given: Mapping[str, Article], before: Mapping[str, str], *, read_only: bool) -> list[str]:
    """What is wrong with a library after a kill, before anything was added again.

    Args:
        place: The library.
        given: Every article that the files give, in either state, by id.
        before: Id -> what is the same in all its versions (address, or file), of the articles that were there.
        read_only: Open it like that.
    """
    if not Path(place).exists():
        return ["the library is gone"] if before else []
    wrong = []
    with Library(place, llm=None, read_only=read_only) as library:
        if not Path(place, "articles.lance").exists() and read_only and not before:
            return []  # killed before there was a table: an empty library says so to readers
        store = library._shelf.store()
        there = store.articles()
        strange = [one.id for one in there.values() if one.id not in given or given[one.id].text != one.text]
        wrong += [f"{one} is no article of the files" for one in strange]
        passages = store.passages(there)
        if passages != [passage for one in there.values() for passage in split(one)]:
            wrong.append("passages are not those of the articles")
        if not read_only and store.counts() != (len(there), len(passages)):
            wrong.append(f"counts say {store.counts()}, there are {len(there)} articles and {len(passages)} passages")
        gone = [one for one in before if one not in there]
        known = {one.id for one in library.articles(gone)} if gone else set()
        wrong += [f"{one} was there and is not, in no version" for one in gone if one not in known]
        lines = [before[one] for one in there if one in before]
        now = {_line(one) for one in there.values()}
        if missing := set(before.values()) - now:
            wrong.append(f"of {len(missing)} articles no version is current, such as {sorted(missing)[0]}")
        if not read_only and len(lines) != len(set(lines)):
            wrong.append("an article is there in two versions")
        if not read_only and store.notes.announced():
            wrong.append("remains of the write")
    return wrong


def _line(article: Article) -> str:
    return article.url or article.origin or article.id


# -- Killing -----------------------------------------------------------------------------------------------------------


def as_child(place: str, folder: str) -> None:
    """Add the folder; says when it begins and when it is done."""
    with Library(place, llm=None) as library:
        print("begin", flush=True)
        report = library.add(folder, progress=False)
    print(json.dumps([report.added, report.updated, report.unchanged, len(report.failed)]), flush=True)


def _child(place: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, place, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def add(place: str, folder: Path) -> tuple[float, list[int]]:
    """Add in a new process, undisturbed: seconds, and what it did."""
    with _child(place, folder) as process:
        assert process.stdout is not None
        process.stdout.readline()
        started = time.perf_counter()
        rest = process.stdout.read()
    if process.wait():
        raise SystemExit(f"the process that added ended with code {process.returncode}, see above")
    return time.perf_counter() - started, json.loads(rest)


def kill(place: str, folder: Path, delay: float) -> tuple[bool, int]:
    """Add in a new process, and kill it after so many seconds: whether that was in time, and workers left behind."""
    process = _child(place, folder)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(delay)
    process.kill()
    said = process.stdout.read()  # ends when the last worker that has the pipe does
    process.wait()
    left = 0
    for _ in range(50):
        left = sum(1 for pid in _members(process.pid))
        if not left:
            break
        time.sleep(0.1)
    if left:
        os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    return not said.strip(), left


def _members(session: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            yield int(stat.parent.name)


@dataclass
class Round:
    """What came of one kill."""

    what: str
    delay: float
    share: float
    there: int
    left: int
    report: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def kills(
    data: Sequence[Path], work: Path, *, count: int, rounds: int, seed: int = 0, say: Callable[[str], None] = print
) -> list[Round]:
    """Kill so many times, updating and filling in turn.

    Args:
        data: Folders with ``.jsonl`` files of articles.
        work: An empty folder.
        count: Files.
        rounds: Kills that came in time.
        seed: Of the moments.
        say: Takes a line for each round.
    """
    rng = random.Random(seed)
    corpus = Corpus(work / "files", texts(data, count))
    queries = [" ".join(text.split()[4:12]) for text in corpus.texts[:: max(1, count // _QUERIES)]]
    given: dict[str, Article] = {}
    good: dict[str, dict[str, Any]] = {}
    seconds: dict[str, float] = {}
    undisturbed = {"fill": str(work / "filled"), "update": str(work / "updated")}
    for state, what in enumerate(undisturbed):
        corpus.lay(state)
        given |= {one.id: one for one in read_articles(corpus.folder)}
        if state:
            shutil.copytree(undisturbed["fill"], undisturbed["update"])
        seconds[what], report = add(undisturbed[what], corpus.folder)
        good[what] = {}
        say(f"{what}: {report} (added, updated, unchanged, failed) in {seconds[what]:.1f} s")
    before = {one.id: _line(one) for one in Library(undisturbed["fill"], llm=None)}
    start = work / "start"
    shutil.copytree(undisturbed["fill"], start)
    good = {what: holds(place, queries) for what, place in undisturbed.items()}
    done: list[Round] = []
    tries = 0
    while len(done) < rounds:
        tries += 1
        if tries > 3 * rounds + 5:
            raise SystemExit(f"an add of {count:,} files is over too soon to be killed {rounds} times: give more files")
        what = "fill" if len(done) % 2 else "update"
        corpus.lay(list(undisturbed).index(what))
        place = work / "killed"
        shutil.rmtree(place, ignore_errors=True)
        if what == "update":
            shutil.copytree(start, place)
        share = rng.uniform(0.01, 0.97)
        in_time, left = kill(str(place), corpus.folder, share * seconds[what])
        if not in_time:
            continue
        old = before if what == "update" else {}
        wrong = [f"read-only: {one}" for one in check(str(place), given, old, read_only=True)]
        wrong += [f"writing: {one}" for one in check(str(place), given, old, read_only=False)]
        there = len(Library(place, llm=None)) if place.exists() else 0
        _, report = add(str(place), corpus.folder)
        wrong += [f"after the second add: {one}" for one in differences(good[what], holds(str(place), queries))]
        done.append(Round(what, share * seconds[what], share, there, left, report, wrong))
        say(f"  {what}, killed after {share:.0%}: {there:,} articles there, {report}, {left} workers left behind, "
            f"{len(wrong)} wrong")  # fmt: skip
        for one in wrong:
            say(f"    {one}")
    return done


def main(data: Sequence[str], work: Path, *, count: int, rounds: int, seed: int) -> bool:
    """Kill and print; whether nothing was wrong."""
    done = kills([Path(one) for one in data], work, count=count, rounds=rounds, seed=seed)
    wrong = sum(bool(one.wrong) for one in done)
    left = sum(bool(one.left) for one in done)
    what = f"{wrong} with something wrong, {left} with workers left behind"
    print(f"{len(done)} kills of an add of {count:,} files: {what}")
    return not wrong and not left


if __name__ == "__main__":
    as_child(*sys.argv[1:])
