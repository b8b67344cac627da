"""Measure speed, memory and disk of a library as it grows, with made-up articles and the default embedding.

    python benchmarks/scale.py [--sizes 10000 100000 1000000] [--folder DIR] [--peers] [--json FILE]

Every step runs in a process of its own, so that no step profits from what another one has loaded:

- ingest: Articles -> ``Library.add`` (splitting, embedding, writing, indexing): when it returns, all are found. The
  articles wait in a file; the time to read them from it is taken out.
- cold: a new process opens the library and answers one query.
- resident: a new process opens the library and answers 100 queries.
- queries: 200 each, three to six words of a passage; ``found`` is the share for which hybrid search returns the
  article that the words were drawn from among its 8 hits.
- changes: 20 articles (about 100 passages) added until a search finds one of them, ten times; 20 deleted; 20 replaced;
  the hybrid queries again right after.
- optimise: ``Library.optimise``, which makes one part of each index, and the queries once more.

``--peers`` puts the same passages with the same vectors into llama-index's VectorStoreIndex, with its default store
and with its LanceDB integration, at the sizes up to ``--peer-sizes``. Times are wall clock, and say little on a machine
that does other work as well: the load before each step is printed with it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()  # before any of our imports: a new process is timed from here

SIZES = (10_000, 100_000, 1_000_000)
QUERIES = 200
CHANGED = 20
ROUNDS = 10
DEPTH = 50

Report = dict[str, Any]


class Timed:
    """An iterable whose own time is taken out: what was spent inside it, by the clock and of the processor."""

    def __init__(self, inner: Iterator[Any]) -> None:
        self._inner = inner
        self.seconds = 0.0
        self.cpu_seconds = 0.0

    def __iter__(self) -> Timed:
        return self

    def __next__(self) -> Any:
        started, used = time.perf_counter(), time.thread_time()
        try:
            return next(self._inner)
        finally:
            self.seconds += time.perf_counter() - started
            self.cpu_seconds += time.thread_time() - used


def memory() -> Report:
    """Resident and peak memory of this process in megabytes; on systems without /proc only the peak is known."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"resident_mb": None, "peak_mb": peak / (1e6 if sys.platform == "darwin" else 1e3)}
    known = dict(line.split(":", 1) for line in lines)
    return {
        name: int(known[key].split()[0]) * 1.024 / 1000
        for name, key in (("resident_mb", "VmRSS"), ("peak_mb", "VmHWM"))
    }


def disk_mb(folder: Path) -> float:
    """What a folder takes on the disk, in megabytes."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()) / 1e6


def spread(seconds: Sequence[float]) -> Report:
    """Median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(1000 * one for one in seconds)
    return {"p50": ordered[len(ordered) // 2], "p95": ordered[int(len(ordered) * 0.95)], "max": ordered[-1]}


def clocked(calls: Sequence[Callable[[], Any]]) -> Report:
    """Run the calls one after another and say how long they took; ``cpu`` is the mean of all threads' work in ms."""
    times = []
    used = time.process_time()
    for call in calls:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return {**spread(times), "cpu": 1000 * (time.process_time() - used) / len(times)}


def store_of(library: Any) -> Any:
    """The library's store, for what only it can do: search by words alone, by vectors alone."""
    return library._shelf.store()


# -- Steps, each in its own process ------------------------------------------------------------------------------------


def step_generate(size: int, folder: Path) -> Report:
    """Write the articles into a file."""
    from synthetic import Corpus, write_lines

    from toolkit.passages import split

    corpus = Corpus()
    sample = list(corpus.articles(0, 500))
    mean = sum(len(split(article)) for article in sample) / len(sample)
    count = round(size / mean)
    write_lines(folder / "articles.jsonl", corpus.articles(0, count))
    return {"articles": count, "passages_an_article": mean}


def step_ingest(size: int, folder: Path) -> Report:
    """Articles -> searchable."""
    from synthetic import read_lines

    from toolkit import Library

    library = Library(folder / "library", llm=None)
    articles = Timed(read_lines(folder / "articles.jsonl"))
    started, used = time.perf_counter(), time.process_time()
    added = library.add(articles)
    add = time.perf_counter() - started - articles.seconds
    assert added.added == len(library)
    passages = store_of(library).counts()[1]
    library.close()
    return {
        "articles": added.added,
        "passages": passages,
        "add_s": add,
        "passages_per_s": passages / add,
        "cpu_s": time.process_time() - used - articles.cpu_seconds,
        "peak_mb": memory()["peak_mb"],
        "disk_mb": disk_mb(folder / "library"),
    }


def step_optimise(size: int, folder: Path) -> Report:
    """Every index in one part."""
    from toolkit import Library

    library = Library(folder / "library", llm=None)
    parts = len(store_of(library).passage_rows.parts("indexed"))
    started = time.perf_counter()
    library.optimise()
    return {"seconds": time.perf_counter() - started, "parts": parts, **memory()}


def drawn(size: int, folder: Path, count: int = QUERIES) -> list[tuple[str, Any]]:
    """Queries from articles all over the library."""
    from itertools import islice

    from synthetic import Corpus, queries

    articles = json.loads((folder / "generate.json").read_text())["articles"]
    corpus, apart = Corpus(), articles // count
    return queries(article for n in range(count) for article in islice(corpus.articles(n * apart, 1), 1))


def step_cold(size: int, folder: Path) -> Report:
    """Open and answer one query; the caller times the whole process."""
    from toolkit import Library

    library = Library(folder / "library", llm=None, read_only=True)
    hits = library.search((folder / "query.txt").read_text("utf-8"))
    seconds = time.perf_counter() - BEGAN
    assert hits
    return {"seconds": seconds}


def step_resident(size: int, folder: Path) -> Report:
    """Memory after 100 queries in a process that does nothing else."""
    asked = json.loads((folder / "asked.json").read_text("utf-8"))[:100]
    from toolkit import Library

    library = Library(folder / "library", llm=None, read_only=True)
    times = clocked([lambda q=q: library.search(q) for q in asked])
    return {**memory(), "first": times}


def step_queries(size: int, folder: Path) -> Report:
    """Latency of each way to search, after one round to warm up."""
    from toolkit import Library

    library = Library(folder / "library", llm=None, read_only=True)
    store, embedding = store_of(library), library._shelf.embedding
    pairs = drawn(size, folder)
    vectors = {query: embedding.embed_query(query) for query, _ in pairs}
    found = [any(hit.article == article for hit in library.search(query)) for query, article in pairs]

    def filters(article: Any) -> Report:
        since, until = article.published - timedelta(days=60), article.published + timedelta(days=60)
        return {"publisher": article.publisher, "since": since.date(), "until": until.date()}

    return {
        "lexical": clocked([lambda q=q: store.lexical(q, DEPTH) for q, _ in pairs]),
        "dense": clocked([lambda q=q: store.dense(vectors[q], DEPTH) for q, _ in pairs]),
        "hybrid": clocked([lambda q=q: library.search(q) for q, _ in pairs]),
        "filtered": clocked([lambda q=q, a=a: library.search(q, **filters(a)) for q, a in pairs]),
        "found": sum(found) / len(found),
    }


def step_changes(size: int, folder: Path) -> Report:
    """Add, replace and delete a few articles of a library that is in use, and search right after."""
    from synthetic import Corpus, marker

    from toolkit import Library

    library = Library(folder / "library", llm=None)
    before = len(library)
    pairs = drawn(size, folder)
    library.search(pairs[0][0])
    times, news = [], []
    for number in range(ROUNDS):
        fresh = list(Corpus(seed=99).articles(number * CHANGED, CHANGED, prefix="new", mark=True))
        wanted = marker("new", number * CHANGED + CHANGED // 2)
        started = time.perf_counter()
        library.add(fresh)
        hits = library.search(wanted, 1)
        times.append(time.perf_counter() - started)
        assert [wanted in hit.article.text for hit in hits] == [True]
        news += fresh
    replaced = [replace(one, text="A new beginning. " + one.text) for one in news[:CHANGED]]
    update = clocked([lambda: library.add(replaced)])["max"] / 1000
    assert library[replaced[0].id].text == replaced[0].text
    delete = clocked([lambda: library.delete(news[-CHANGED:])])["max"] / 1000
    assert not library.search(marker("new", ROUNDS * CHANGED - 1), 1) or news[-1].id not in library
    assert len(library) == before + (ROUNDS - 1) * CHANGED
    after = clocked([lambda q=q: library.search(q) for q, _ in pairs])
    library.delete(news)  # as it was, for whoever measures again
    library.close()
    return {"searchable": spread(times), "update_s": update, "delete_s": delete, "after": after}


# -- Peers -------------------------------------------------------------------------------------------------------------


def peer_embedding() -> Any:
    """The default embedding of the toolkit as one of llama-index."""
    from llama_index.core.base.embeddings.base import BaseEmbedding

    from toolkit.embeddings import StaticEmbedding

    ours = StaticEmbedding()

    class Static(BaseEmbedding):  # type: ignore[misc]
        def _get_query_embedding(self, query: str) -> list[float]:
            return list(map(float, ours.embed_query(query)))

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_query_embedding(text)

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in row] for row in ours.embed(texts)]

    return Static(embed_batch_size=512)


def step_peer(kind: str, folder: Path) -> Report:
    """The same passages in llama-index's own index."""
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import MetadataMode, TextNode
    from synthetic import read_lines

    from toolkit.passages import split

    place = folder / f"peer-{kind}"
    if kind == "lancedb":
        try:
            from llama_index.vector_stores.lancedb import LanceDBVectorStore
        except ImportError as error:
            return {"failed": f"not installed ({error})"}
        context = StorageContext.from_defaults(vector_store=LanceDBVectorStore(uri=str(place)))
    else:
        context = StorageContext.from_defaults()
    # Made before the clock starts, which spares the peer the splitting.
    nodes = [
        TextNode(text=f"{article.title}\n\n{passage.text}", metadata={"publisher": article.publisher}, id_=passage.id)
        for article in read_lines(folder / "articles.jsonl")
        for passage in split(article)
    ]
    for node in nodes:
        node.excluded_embed_metadata_keys = ["publisher"]
    assert nodes[0].get_content(MetadataMode.EMBED) == nodes[0].text
    embedding, count = peer_embedding(), len(nodes)
    started = time.perf_counter()
    index = VectorStoreIndex(nodes, storage_context=context, embed_model=embedding)
    if kind != "lancedb":
        context.persist(str(place))
    seconds = time.perf_counter() - started
    retriever = index.as_retriever(similarity_top_k=8)
    asked = json.loads((folder / "asked.json").read_text("utf-8"))
    latency = clocked([lambda q=q: retriever.retrieve(q) for q in asked[:50]])
    return {"passages_per_s": count / seconds, "dense": latency, "disk_mb": disk_mb(place), **memory()}


STEPS: dict[str, Callable[[int, Path], Report]] = {
    "generate": step_generate,
    "ingest": step_ingest,
    "cold": step_cold,
    "resident": step_resident,
    "queries": step_queries,
    "changes": step_changes,
    "optimise": step_optimise,
}


# -- The whole ---------------------------------------------------------------------------------------------------------


def in_process(step: str, size: int, folder: Path, limit: float | None = None) -> Report:
    """Run a step in a new process; its report, with the seconds of the whole process."""
    command = [sys.executable, __file__, "--step", step, "--size", str(size), "--folder", str(folder)]
    started = time.perf_counter()
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {limit:.0f} s"}
    seconds = time.perf_counter() - started
    if done.returncode:
        return {"failed": f"{step} ended with code {done.returncode}, see above"}
    return {**json.loads(done.stdout.splitlines()[-1]), "process_s": seconds}


def measure(size: int, folder: Path) -> Report:
    """All steps at one size."""
    report: Report = {"size": size}

    def step(name: str) -> Report:
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        print(f"  {size:>9,} {name:<9} (load {load:.1f})", file=sys.stderr, flush=True)
        result = in_process(name, size, folder)
        if "failed" in result:
            raise SystemExit(result["failed"])
        (folder / f"{name}.json").write_text(json.dumps(result))
        return result

    report["generate"] = step("generate")
    asked = [query for query, _ in drawn(size, folder)]
    (folder / "asked.json").write_text(json.dumps(asked), "utf-8")
    (folder / "query.txt").write_text(asked[0], "utf-8")
    report["ingest"] = step("ingest")
    report["cold"] = min((step("cold") for _ in range(5)), key=lambda one: one["process_s"])
    for name in ("resident", "queries", "changes", "optimise"):
        report[name] = step(name)
    report["optimised"] = step("queries")
    return report


def pair(times: Report) -> str:
    """Median and 95th percentile as text."""
    return f"{times['p50']:.1f} / {times['p95']:.1f}"


COLUMNS: tuple[tuple[str, Callable[[Report], str]], ...] = (
    ("passages", lambda r: f"{r['ingest']['passages']:,}"),
    ("articles", lambda r: f"{r['ingest']['articles']:,}"),
    ("passages/s, text to searchable", lambda r: f"{r['ingest']['passages_per_s']:,.0f}"),
    ("  seconds of CPU for it", lambda r: f"{r['ingest']['cpu_s']:,.1f}"),
    ("disk, MB", lambda r: f"{r['ingest']['disk_mb']:,.0f}"),
    ("peak memory of the ingest, MB", lambda r: f"{r['ingest']['peak_mb']:,.0f}"),
    ("resident after 100 queries, MB", lambda r: f"{r['resident']['resident_mb'] or r['resident']['peak_mb']:,.0f}"),
    ("cold start to first answer, s", lambda r: f"{r['cold']['process_s']:.2f}"),
    ("  without starting Python, s", lambda r: f"{r['cold']['seconds']:.2f}"),
    ("lexical, p50 / p95 ms", lambda r: pair(r["queries"]["lexical"])),
    ("dense", lambda r: pair(r["queries"]["dense"])),
    ("hybrid", lambda r: pair(r["queries"]["hybrid"])),
    ("hybrid, publisher and dates", lambda r: pair(r["queries"]["filtered"])),
    ("hybrid, first 100 of a process", lambda r: pair(r["resident"]["first"])),
    ("  work of all threads, ms", lambda r: f"{r['queries']['hybrid']['cpu']:.1f}"),
    ("found among 8", lambda r: f"{r['queries']['found']:.2f}"),
    ("20 articles searchable, p50 / max s", lambda r: _seconds(r["changes"]["searchable"])),
    ("20 articles replaced, s", lambda r: f"{r['changes']['update_s']:.2f}"),
    ("20 articles deleted, s", lambda r: f"{r['changes']['delete_s']:.2f}"),
    ("hybrid right after, p50 / p95 ms", lambda r: pair(r["changes"]["after"])),
    ("optimise, s", lambda r: f"{r['optimise']['seconds']:.1f}"),
    ("  its peak memory, MB", lambda r: f"{r['optimise']['peak_mb']:,.0f}"),
    ("  parts of the text index before", lambda r: f"{r['optimise']['parts']}"),
    ("  lexical, p50 / p95 ms after", lambda r: pair(r["optimised"]["lexical"])),
    ("  dense", lambda r: pair(r["optimised"]["dense"])),
    ("  hybrid", lambda r: pair(r["optimised"]["hybrid"])),
    ("  hybrid, publisher and dates", lambda r: pair(r["optimised"]["filtered"])),
)


def _seconds(times: Report) -> str:
    return f"{times['p50'] / 1000:.2f} / {times['max'] / 1000:.2f}"


def show(reports: Sequence[Report]) -> None:
    """One column a size."""
    for title, value in COLUMNS:
        print(f"{title:<38}" + "".join(f"{value(report):>16}" for report in reports))


def show_peers(size: int, folder: Path, limit: float) -> None:
    """A line for each peer."""
    for kind, name in (("simple", "VectorStoreIndex"), ("lancedb", "VectorStoreIndex, LanceDB")):
        report = in_process(f"peer-{kind}", size, folder, limit)
        said = report.get("failed") or (
            f"{report['passages_per_s']:,.0f} passages/s, dense {pair(report['dense'])} ms, "
            f"{report['resident_mb'] or report['peak_mb']:,.0f} MB resident, {report['disk_mb']:,.0f} MB on disk"
        )
        print(f"{size:>9,} {name:<28} {said}", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="passages, about")
    parser.add_argument("--folder", type=Path, help="where the libraries go and stay; a temporary one without it")
    parser.add_argument("--peers", action="store_true", help="also measure llama-index's VectorStoreIndex")
    parser.add_argument("--peer-sizes", type=int, default=100_000, help="largest size for the peers")
    parser.add_argument("--peer-limit", type=float, default=600, help="seconds that a peer may take")
    parser.add_argument("--json", type=Path, help="also write every figure into this file")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        kind = chosen.step.removeprefix("peer-")
        report = STEPS[kind](chosen.size, chosen.folder) if kind in STEPS else step_peer(kind, chosen.folder)
        print(json.dumps(report))
        return
    with tempfile.TemporaryDirectory() as temporary:
        home = chosen.folder or Path(temporary)
        reports = []
        for size in chosen.sizes:
            folder = home / str(size)
            if folder.exists():
                parser.error(f"{folder} exists: give another folder, or remove it")
            folder.mkdir(parents=True)
            reports.append(measure(size, folder))
            if chosen.json:
                chosen.json.write_text(json.dumps(reports, indent=1))
        print(f"\n{os.cpu_count()} cores; {QUERIES} queries each; 20 articles are about 100 passages")
        show(reports)
        for size in chosen.sizes if chosen.peers else ():
            if size <= chosen.peer_sizes:
                show_peers(size, home / str(size), chosen.peer_limit)


if __name__ == "__main__":
    main()
