"""Kill a process that changes a library, again and again, and check after each time that nothing is lost or torn.

    python benchmarks/crash.py [--kills 50] [--base 4000] [--operations add update delete optimise reindex]
    python benchmarks/crash.py --files FOLDER [--kills 20] [--count 2000]
    python benchmarks/crash.py --full-disk [--megabytes 40]

A child process adds, replaces or deletes a few articles a call, optimises, or reindexes, and says what each call has
done when it returned. It gets SIGKILL at a random moment. Another new process then opens the library, first read-only,
then for writing, and checks:

- every article that was acknowledged is there with the text that was acknowledged, deleted ones are gone, and what a
  call that was cut off was about is as before or as it was to become, all of it alike;
- each article has exactly the passages that ``toolkit.passages.split`` makes of it, and there are no others;
- words find each article by a word that only this version of it has, and no longer by that of an older version;
- vectors find each passage by its own vector, and nothing that is not there.

After a reopening read-only, what the last calls were about and a sample of the rest is searched for; after one for
writing, ``--searched`` articles at most. ``--files``, with a folder of ``.jsonl`` files of articles, adds files
instead, see ``crash_files.py``. ``--full-disk`` needs the right to mount a tmpfs (root on Linux).
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit import Library
from toolkit.embeddings import StaticEmbedding
from toolkit.errors import StoreError, ToolkitError
from toolkit.passages import split
from toolkit.store import indexed_text
from toolkit.types import Article, Passage

OPERATIONS = ("add", "update", "delete", "optimise", "reindex")
BATCH = 5
_WORDS = """river council harbour minister strike budget border election storm vaccine court bridge airport union
pipeline museum harvest currency railway senate embassy factory glacier orchestra refinery stadium treaty warehouse
reservoir parliament cathedral satellite""".split()
_LETTERS = "bcdfghjkmp"


class Narrow:
    """The first 128 dimensions of the default embedding: something to reindex to."""

    name = "narrow-128"
    dimensions = 128

    def __init__(self) -> None:
        self._whole = StaticEmbedding()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, shape (len(texts), 128)."""
        part = self._whole.embed(texts)[:, : self.dimensions]
        length = np.linalg.norm(part, axis=1, keepdims=True)
        vectors: NDArray[np.float32] = (part / np.where(length > 0, length, 1)).astype(np.float32)
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a query, shape (128,)."""
        vector: NDArray[np.float32] = self.embed([text])[0]
        return vector


EMBEDDINGS: Mapping[str, type] = {StaticEmbedding.name: StaticEmbedding, Narrow.name: Narrow}


def token(number: int, version: int) -> str:
    """A word that only this version of this article has, in each of its passages."""
    return (
        "qx"
        + "".join(_LETTERS[int(digit)] for digit in f"{number:06d}")
        + "v"
        + _LETTERS[version // 10 % 10]
        + (_LETTERS[version % 10] + "x")
    )


def key(number: int) -> str:
    """The article's id."""
    return f"n{number:06d}"


@functools.cache
def article(number: int, version: int) -> Article:
    """An article of about six passages; every version has another text, and other passages."""
    rng = random.Random(number * 1000 + version)
    mark = token(number, version)
    sentences = [
        " ".join(rng.choices(_WORDS, k=rng.randint(20, 36))).capitalize() + (f" {mark}." if n % 3 == 0 else ".")
        for n in range(rng.randint(16, 28))
    ]
    return Article(id=key(number), text=" ".join(sentences), title=f"On {mark}", publisher=rng.choice(_WORDS))


@functools.cache
def passages_of(one: Article) -> tuple[Passage, ...]:
    """What :func:`toolkit.passages.split` makes of it."""
    return split(one)


# -- What is true ------------------------------------------------------------------------------------------------------


@dataclass
class Truth:
    """What the library must hold.

    Attributes:
        versions: Number -> version of every article that was ever added; None for one that was deleted.
        flying: Number -> version of what the last call was about, when it was not acknowledged.
        highest: Number -> highest version that was ever tried.
    """

    versions: dict[int, int | None] = field(default_factory=dict)
    flying: dict[int, int | None] = field(default_factory=dict)
    highest: dict[int, int | None] = field(default_factory=dict)

    def said(self, line: Mapping[str, Any]) -> None:
        """Take in what a child said: what it is about to do, or that it is done."""
        if "will" in line:
            self.about(line["will"])
        elif "did" in line:
            self.settle(self.flying)

    def about(self, change: Mapping[Any, int | None]) -> None:
        """A call is about to be made."""
        self.flying = {int(number): version for number, version in change.items()}
        self.highest |= {number: version for number, version in self.flying.items() if version is not None}

    def settle(self, landed: Mapping[Any, int | None]) -> None:
        """What came of the call."""
        self.versions |= {int(number): version for number, version in landed.items()}
        self.flying = {}

    @property
    def live(self) -> list[int]:
        """Numbers of the articles that are in."""
        return [number for number, version in self.versions.items() if version is not None]

    def as_json(self) -> dict[str, Any]:
        """For another process."""
        return {"versions": self.versions, "flying": self.flying, "highest": self.highest}

    @classmethod
    def of(cls, value: Mapping[str, Mapping[str, int | None]]) -> Truth:
        """The inverse of :meth:`as_json`."""
        return cls(**{name: {int(n): v for n, v in numbers.items()} for name, numbers in value.items()})


# -- The child that is killed ------------------------------------------------------------------------------------------


def say(value: object) -> None:
    """One line to the parent, at once."""
    os.write(1, (json.dumps(value) + "\n").encode())


def opened(place: str, *, read_only: bool = False) -> Library:
    """Open a library with the embedding that it has now."""
    problems = []
    for made in EMBEDDINGS.values():
        library = Library(place, llm=None, embedding=made(), read_only=read_only)
        try:
            library._shelf.store()
        except StoreError as error:
            library.close()
            problems.append(str(error))
        else:
            return library
    raise StoreError(" | ".join(problems))


def changes(operation: str, truth: Truth, rng: random.Random) -> Iterator[dict[int, int | None]]:
    """What each call is to be about; where little is left to delete, new articles come in between."""
    following = max(truth.highest, default=-1) + 1
    versions = dict(truth.versions)
    while True:
        left = sum(version is not None for version in versions.values())
        if operation in ("add", "optimise") or left < 10 * BATCH:
            change: dict[int, int | None] = dict.fromkeys(range(following, following + BATCH), 0)
            following += BATCH
        else:
            live = [number for number, version in versions.items() if version is not None]
            chosen = rng.sample(live, min(BATCH, len(live)))
            change = {n: None if operation == "delete" else (truth.highest[n] or 0) + 1 for n in chosen}
            truth.highest |= {n: version for n, version in change.items() if version is not None}
        versions |= change
        yield change


def as_child(operation: str, place: str, truth: Truth, seed: int) -> None:
    """Change the library until killed."""
    library = opened(place)
    say("ready")
    if operation == "reindex":
        while True:
            name = next(name for name in EMBEDDINGS if name != library._shelf.embedding.name)
            library.reindex(embedding=EMBEDDINGS[name]())
            say({"reindexed": name})
            library.close()
            library = opened(place)
    for change in changes(operation, truth, random.Random(seed)):
        say({"will": change})
        _make(library, change)
        say({"did": True})
        if operation == "optimise":
            library.optimise()
            say({"optimised": True})


def _make(library: Library, change: Mapping[int, int | None]) -> None:
    if None in change.values():
        library.delete([key(number) for number in change])
    else:
        library.add([article(number, version or 0) for number, version in change.items()])


# -- Checking, in a new process ----------------------------------------------------------------------------------------


def check(
    library: Library, truth: Truth, searched: int, seed: int, *, exact: bool = True
) -> tuple[list[str], dict[int, int | None]]:
    """Compare a library with what must be in it.

    Args:
        library: Which.
        truth: What must be in it.
        searched: Articles that are searched for, chosen with ``seed``.
        seed: Of the sample.
        exact: Whether the rows that a call that was cut off has left must be gone, and not only invisible.

    Returns:
        What is wrong, and the versions that the articles of the cut off call have.
    """
    stored = {one.id: one for one in library.articles()}
    wrong, landed = _check_articles(stored, truth)
    versions = truth.versions | landed
    live = {number: version for number, version in versions.items() if version is not None and key(number) in stored}
    wrong += _check_passages(library, stored, exact)
    rng = random.Random(seed)
    first = [number for number in truth.flying if number in live]
    rest = [number for number in live if number not in truth.flying]
    chosen = first + rng.sample(rest, min(len(rest), max(0, searched - len(first))))
    wrong += _check_words(library, {n: live[n] for n in chosen})
    wrong += _check_ghosts(library, versions, truth, rng)
    wrong += _check_vectors(library, [stored[key(number)] for number in chosen], stored)
    return wrong, landed


def _check_articles(stored: Mapping[str, Article], truth: Truth) -> tuple[list[str], dict[int, int | None]]:
    wrong = []
    landed: dict[int, int | None] = {}
    for number, version in truth.versions.items():
        if number not in truth.flying and not _is(stored.get(key(number)), number, version):
            wrong.append(f"article {number}: not as acknowledged (version {version})")
    for number, after in truth.flying.items():
        before = truth.versions.get(number)
        for version in (before, after):
            if _is(stored.get(key(number)), number, version):
                landed[number] = version
                break
        else:
            wrong.append(f"article {number}: neither as before ({before}) nor as it was to become ({after})")
    done = {landed[number] == after for number, after in truth.flying.items() if number in landed}
    if len(done) > 1:
        wrong.append("a call that was cut off is half done")
    known = {key(number) for number in truth.versions.keys() | truth.flying.keys()}
    if strangers := stored.keys() - known:
        wrong.append(f"{len(strangers)} articles that nobody added")
    return wrong, landed


def _is(found: Article | None, number: int, version: int | None) -> bool:
    return found is None if version is None else found is not None and found.text == article(number, version).text


def _check_passages(library: Library, stored: Mapping[str, Article], exact: bool) -> list[str]:
    store = library._shelf.store()
    wanted = {passage.id: passage for one in stored.values() for passage in passages_of(one)}
    passages = store.passages(list(stored))
    found = {passage.id: passage for passage in passages}
    wrong = []
    if found != wanted:
        lacking, extra = wanted.keys() - found.keys(), found.keys() - wanted.keys()
        wrong.append(f"passages: {len(lacking)} missing, {len(extra)} too many, others differ")
    if len(passages) != len(found):
        wrong.append(f"passages: {len(passages) - len(found)} are there twice")
    counted = store.counts()
    if exact and counted != (len(stored), len(wanted)):
        wrong.append(f"counts say {counted}, there are {(len(stored), len(wanted))}")
    return wrong


def _current(store: Any, found: Sequence[Any]) -> list[Any]:
    """What counts of what was found: passages of the write that their article is of."""
    owners = store.owners(one.passage.span.article_id for one in found)
    return [one for one in found if owners.get(one.passage.span.article_id, (None, None))[1] == one.revision]


def _check_words(library: Library, chosen: Mapping[int, int | None]) -> list[str]:
    store, wrong = library._shelf.store(), []
    for number, version in chosen.items():
        found = {one.passage.span for one in _current(store, store.lexical(token(number, version or 0), 100))}
        wanted = {passage.span for passage in passages_of(article(number, version or 0))}
        if found != wanted:  # the title, which is indexed with each passage, has the word too
            wrong.append(f"article {number}: words find {len(found & wanted)} of {len(wanted)} passages, "
                         f"and {len(found - wanted)} others")  # fmt: skip
    return wrong


def _check_ghosts(library: Library, versions: Mapping[int, int | None], truth: Truth, rng: random.Random) -> list[str]:
    """Words of versions that are gone find nothing."""
    store, wrong = library._shelf.store(), []
    old = [number for number, version in versions.items() if version != 0]
    for number in [*truth.flying, *rng.sample(old, min(len(old), 50))]:
        gone = [n for n in range((truth.highest.get(number) or 0) + 1) if n != versions.get(number)]
        for version in gone[-2:]:
            found = _current(store, store.lexical(token(number, version), 10))
            wrong += [f"article {number}: words of version {version} find {one.passage.id}" for one in found]
    return wrong


def _check_vectors(library: Library, chosen: Sequence[Article], stored: Mapping[str, Article]) -> list[str]:
    """The first and the last passage of each are found by their own vectors, and nothing that is not there."""
    store, embedding, wrong = library._shelf.store(), library._shelf.embedding, []
    pairs = [(one, passages_of(one)[place]) for one in chosen for place in (0, -1)]
    vectors = embedding.embed([indexed_text(one, passage.text) for one, passage in pairs])
    every = [store.dense(vector, 5) for vector in vectors]
    owners = store.owners({one.passage.span.article_id for found in every for one in found})
    for (one, passage), found in zip(pairs, every, strict=True):
        current = [near for near in found if owners.get(near.passage.span.article_id, ("", ""))[1] == near.revision]
        if passage.id not in {near.passage.id for near in current if near.score > 0.999}:
            wrong.append(f"article {one.id}: its vector does not find passage {passage.id}")
        for near in (near.passage for near in current):
            owner, span = stored.get(near.span.article_id), near.span
            if owner is None or owner.text[span.start : span.end] != near.text:
                wrong.append(f"ghost {near.id} is found by vectors")
    return wrong


def as_checker(place: str, truth: Truth, searched: int, seed: int, exact: bool) -> None:
    """Check read-only, then after opening for writing; says what is wrong."""
    report: dict[str, Any] = {"wrong": [], "landed": {}}
    for read_only in (True, False):
        started = time.perf_counter()
        try:
            library = opened(place, read_only=read_only)
            report["open_s"] = max(report.get("open_s", 0.0), time.perf_counter() - started)
            some = min(searched, 20) if read_only else searched
            wrong, landed = check(library, truth, some, seed, exact=exact and not read_only)
            name = library._shelf.embedding.name
            library.close()
        except ToolkitError as error:
            wrong, landed, name = [f"{type(error).__name__}: {error}"], {}, None
        report["wrong"] += [f"{'read-only' if read_only else 'writing'}: {one}" for one in wrong]
        report |= {"landed": landed, "embedding": name}
    say(report)


# -- Killing -----------------------------------------------------------------------------------------------------------


def command(role: str) -> list[str]:
    """This file in a new process; what it is told goes through a pipe."""
    return [sys.executable, __file__, "--role", role]


def kill_once(operation: str, place: str, truth: Truth, delay: float, *, from_start: bool, seed: int) -> Counter[str]:
    """Run a child, kill it after so many seconds, and take in what it has said. Returns how often it said what."""
    told = {"operation": operation, "place": place, "truth": truth.as_json(), "seed": seed}
    pipe = subprocess.PIPE
    with subprocess.Popen(command("child"), stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.close()
        if not from_start and process.stdout.readline().strip() != '"ready"':
            raise ToolkitError(f"the child that was to {operation} could not open the library, see above")
        time.sleep(delay)
        process.kill()
        rest = process.stdout.read().splitlines()  # what was acknowledged before it died is in the pipe
    if process.returncode >= 0:
        raise ToolkitError(f"the child that was to {operation} ended with code {process.returncode}, see above")
    said: Counter[str] = Counter()
    for line in map(json.loads, rest):
        if isinstance(line, dict):
            truth.said(line)
            said[next(iter(line))] += 1
    return said


def examine(place: str, truth: Truth, searched: int, seed: int, *, exact: bool = True) -> dict[str, Any]:
    """Check in a new process, and settle what the last call has done."""
    told = {"place": place, "truth": truth.as_json(), "searched": searched, "seed": seed, "exact": exact}
    given = json.dumps(told) + "\n"
    done = subprocess.run(command("checker"), input=given, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return {"wrong": [f"the checking process ended with code {done.returncode}, see above"], "open_s": 0.0}
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    truth.settle(report["landed"])
    return report


def fill(place: str, count: int) -> Truth:
    """A library with so many articles."""
    with Library(place, llm=None, embedding=StaticEmbedding()) as library:
        library.add(article(number, 0) for number in range(count))
        library.optimise()
    return Truth(versions=dict.fromkeys(range(count), 0), highest=dict.fromkeys(range(count), 0))


def kills(place: str, base: int, count: int, operations: Sequence[str], span: float, searched: int) -> list[list[Any]]:
    """Kill so many times, the operations in turn.

    Returns:
        A row for each operation: kills, acknowledged calls, kills during a call, what was found wrong.
    """
    rng = random.Random(0)
    truth = fill(place, base)
    rows: dict[str, list[Any]] = {one: [one, 0, 0, 0, 0.0, []] for one in operations}
    for number in range(count):
        operation = operations[number % len(operations)]
        row = rows[operation]
        # Some die while they start: importing, opening, repairing what the one before left.
        from_start = rng.random() < 0.15
        delay = rng.uniform(0, (1.5 if from_start else 1) * span)
        said = kill_once(operation, place, truth, delay, from_start=from_start, seed=number)
        inside = bool(truth.flying) or operation in ("optimise", "reindex")
        report = examine(place, truth, searched, number)
        row[1] += 1
        row[2] += said["did"] + said["optimised"] + said["reindexed"]
        row[3] += inside
        row[4] = max(row[4], report["open_s"])
        row[5] += [f"kill {number + 1}, after {delay:.2f} s: {one}" for one in report["wrong"]]
        print(f"  kill {number + 1}: {operation}, {len(report['wrong'])} wrong", file=sys.stderr, flush=True)
    return list(rows.values())


def disk_mb(place: str) -> float:
    """What a folder takes, in megabytes."""
    return sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file()) / 1e6


def show(rows: Sequence[Sequence[Any]]) -> bool:
    """Print the table; whether nothing was wrong."""
    print(f"{'killed in':<12}{'kills':>7}{'in a call':>11}{'calls done':>12}{'slowest opening, s':>20}{'wrong':>8}")
    for name, count, calls, inside, slowest, wrong in rows:
        print(f"{name:<12}{count:>7}{inside:>11}{calls:>12,}{slowest:>20.2f}{len(wrong):>8}")
    for row in rows:
        for line in row[5][:20]:
            print(f"{row[0]}: {line}")
    return not any(row[5] for row in rows)


# -- A full disk -------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A tmpfs of so many megabytes.

    Raises:
        PermissionError: When this process may not mount one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True)
    except OSError as error:
        raise PermissionError(f"no mount command here: {error}") from error
    if done.returncode:
        raise PermissionError(f"cannot mount a tmpfs: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def full_disk(folder: Path) -> list[tuple[str, bool, str]]:
    """Fill a small disk with a library, and see what still works.

    Args:
        folder: An empty file system of a few dozen megabytes.

    Returns:
        What was tried, whether it was as it must be, and what was seen.
    """
    place, ballast = str(folder / "library"), folder / "ballast"
    space = os.statvfs(folder)
    ballast.write_bytes(bytes(space.f_blocks * space.f_frsize // 2))  # to optimise needs room for a second copy
    truth, seen = Truth(), []
    rng = random.Random(0)

    def note(what: str, wrong: Sequence[str]) -> None:
        seen.append((what, not wrong, "; ".join(wrong)))

    def attempt(operation: str) -> str | None:
        """Make one change, in a library opened for it; None when it worked, else the error."""
        change = next(changes(operation, truth, rng))
        truth.about(change)
        try:
            with opened(place) as library:
                _make(library, change)
        except StoreError as error:
            return str(error)
        truth.settle(change)
        return None

    def look(what: str) -> None:
        # Without room nothing can be cleaned up: what was left half done must only be invisible.
        note(what, examine(place, truth, 30, len(seen), exact=not ballast.exists())["wrong"])

    library = Library(place, llm=None, embedding=StaticEmbedding())
    message = None
    for change in changes("add", truth, rng):
        truth.about(change)
        try:
            _make(library, change)
        except StoreError as error:
            message = str(error)
            break
        truth.settle(change)
    assert message is not None
    seen.append((f"add fails after {len(truth.versions):,} articles, and says so", _is_clear(message), message))
    note("the open library still searches", [] if library.search(token(0, 0), 1) else ["nothing found"])
    library.close()
    look("it opens, and all that was acknowledged is there")
    for operation in ("delete", "update", "delete"):
        message = attempt(operation)
        seen.append((f"{operation} works, or says why not", message is None or _is_clear(message), message or "works"))
        look("  it opens and is whole after that")
    ballast.unlink()
    look("with room again, it opens and is whole")
    note("it takes changes again", [one for one in map(attempt, ("add", "update", "delete")) if one])
    try:
        with opened(place) as library:
            library.optimise()
        note("it can be optimised", [])
    except StoreError as error:
        note("it can be optimised", [str(error)])
    look("  it is whole after that")
    return seen


def _is_clear(message: str) -> bool:
    """One line that speaks of the disk's room."""
    return "\n" not in message and any(word in message.lower() for word in ("space", "room", "full"))


def main() -> None:
    """Print a table; exit code 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument(
        "--base", type=int, default=4_000, help="articles to begin with; with 4,000 there is a vector index"
    )
    parser.add_argument("--operations", nargs="+", choices=OPERATIONS, default=OPERATIONS)
    parser.add_argument("--span", type=float, default=3.0, help="seconds within which a process is killed")
    parser.add_argument("--searched", type=int, default=60, help="articles that are searched for after each kill")
    parser.add_argument("--files", nargs="+", metavar="FOLDER", help="kill adds of files made from these articles")
    parser.add_argument("--count", type=int, default=2_000, help="files")
    parser.add_argument("--seed", type=int, default=0, help="of the moments at which adds of files are killed")
    parser.add_argument("--full-disk", action="store_true")
    parser.add_argument("--megabytes", type=int, default=40, help="size of the disk that is filled")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.role:
        told = json.loads(sys.stdin.readline())
        told["truth"] = Truth.of(told["truth"])
        as_child(**told) if chosen.role == "child" else as_checker(**told)
        return
    with tempfile.TemporaryDirectory() as temporary:
        if chosen.files:
            import crash_files

            work = Path(temporary)
            wished = {"count": chosen.count, "rounds": chosen.kills, "seed": chosen.seed}
            sys.exit(0 if crash_files.main(chosen.files, work, **wished) else 1)
        if not chosen.full_disk:
            place = str(Path(temporary) / "library")
            rows = kills(place, chosen.base, chosen.kills, chosen.operations, chosen.span, chosen.searched)
            good = show(rows)
            with opened(place) as library:
                articles, before = library.articles(), disk_mb(place)
                library.optimise()
            with Library(Path(temporary) / "fresh", llm=None) as fresh:
                fresh.add(articles)
                fresh.optimise()
                alone = disk_mb(str(fresh.path))
            print(
                f"{len(articles):,} articles take {before:,.0f} MB, {disk_mb(place):,.0f} MB once optimised, ", end=""
            )
            print(f"and {alone:,.0f} MB in a new library")
            sys.exit(0 if good else 1)
        try:
            with small_disk(Path(temporary) / "disk", chosen.megabytes) as folder:
                seen = full_disk(folder)
        except PermissionError as error:
            sys.exit(f"skipped: {error}")
        for what, good, detail in seen:
            print(f"{'ok   ' if good else 'WRONG'} {what}" + (f": {detail}" if detail else ""))
        sys.exit(0 if all(good for _, good, _ in seen) else 1)


if __name__ == "__main__":
    main()
