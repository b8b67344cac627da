"""Measure retrieval: nDCG@10 by article of a plain BM25 and of this library's search, on the same documents.

    python benchmarks/retrieval.py DATA [SET ...] [--embedding NAME] [--sample N]

DATA is a folder of sets, each with ``docs.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` (at any depth). Every query with
a relevant document counts, of every split, unless ``--sample`` says otherwise. The columns:

- ``bm25s``: the library of that name with its own settings (Lucene's BM25, k1 1.5, b 0.75), English stop words left
  out, Snowball stems; a document is its title and text as a whole.
- ``words``, ``vectors``: the two searches of the store alone; an article ranks by its best passage.
- ``search``: ``toolkit.retrieve.search`` as it stands, with ``k=10, per_article=1``; ``half A`` and ``half B`` are the
  same number for the two halves of the queries. Its settings were chosen by the A halves of the sets that are
  named ``checkthat2020`` (there A is the split ``dev``), ``cranfield``, ``multihoprag500`` and ``squad2_cs224n_dev``,
  but the figures of the other halves were seen meanwhile, and how words are treated was chosen on whole sets. Only
  ``clapnq`` had no part in it.
- ``ms``: one search, median and 95th percentile, one after the other.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonl import read_lines

from toolkit.adding.intake import embedded
from toolkit.embeddings import Embedding, resolve_embedding
from toolkit.retrieve import search
from toolkit.store import FoundPassage, Store, indexed_text
from toolkit.types import Article

DEPTH = 50


@dataclass(frozen=True)
class TestSet:
    """Documents, questions, the gain of each relevant document of each question, and which questions are half A."""

    name: str
    articles: tuple[Article, ...]
    queries: dict[str, str]
    gains: dict[str, dict[str, float]]
    half_a: frozenset[str]


def load(folder: Path, sample: int | None) -> TestSet:
    """Read a set; ``sample`` is how many of its queries to take, None for all."""
    gains: dict[str, dict[str, float]] = {}
    with (folder / "qrels.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            gains.setdefault(row["query_id"], {})[row["doc_id"]] = float(row["relevance"])
    records = [q for q in read_lines(folder / "queries.jsonl") if any(g > 0 for g in gains.get(q["id"], {}).values())]
    order = list(range(len(records)))
    random.Random(1).shuffle(order)
    if any("split" in q for q in records):
        half_a = {q["id"] for q in records if q["split"] == "dev"}
    else:
        half_a = {records[n]["id"] for n in order[: len(records) // 2]}
    if sample is not None and len(records) > sample:
        records = random.Random(0).sample(records, sample)
    articles = tuple(
        Article(
            id=doc["id"],
            title=doc.get("title") or None,
            text=doc["text"],
            publisher=doc.get("source"),
            published=doc.get("date") or None,
        )
        for doc in read_lines(folder / "docs.jsonl")
    )
    return TestSet(folder.name, articles, {q["id"]: q["text"] for q in records}, gains, frozenset(half_a))


def fill(path: Path, articles: Sequence[Article], embedding: Embedding) -> Store:
    """A store that holds the articles."""
    store = Store.open(path, embedding_name=embedding.name, dimensions=embedding.dimensions)
    for first in range(0, len(articles), 2000):
        some = articles[first : first + 2000]
        store.put(some, *embedded(some, embedding))
    store.optimise()
    return store


def ndcg(ranked: Iterable[str], gains: dict[str, float], k: int = 10) -> float:
    """nDCG@k of articles, each at its first place (linear gains, Jarvelin and Kekalainen 2002)."""
    order = list(dict.fromkeys(ranked))[:k]
    got = sum(gains.get(one, 0.0) / math.log2(rank + 2) for rank, one in enumerate(order))
    best = sum(g / math.log2(rank + 2) for rank, g in enumerate(sorted(gains.values(), reverse=True)[:k]))
    return got / best


def plain_bm25(test: TestSet) -> dict[str, float]:
    """nDCG@10 of each query for whole documents in bm25s."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(tokens([indexed_text(article, article.text) for article in test.articles]), show_progress=False)
    found, _ = index.retrieve(tokens(list(test.queries.values())), k=10, show_progress=False)
    return {
        key: ndcg((test.articles[n].id for n in row), test.gains[key])
        for key, row in zip(test.queries, found, strict=True)
    }


def measure(test: TestSet, embedding: Embedding) -> dict[str, Any]:
    """Mean nDCG@10 of each way to search."""
    scores: dict[str, dict[str, float]] = {"bm25s": plain_bm25(test), "words": {}, "vectors": {}, "search": {}}
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        store = fill(Path(folder) / "library", test.articles, embedding)
        for key, query in test.queries.items():
            gains = test.gains[key]
            scores["words"][key] = ndcg(_owners(store.lexical(query, DEPTH)), gains)
            scores["vectors"][key] = ndcg(_owners(store.dense(embedding.embed_query(query), DEPTH)), gains)
            started = time.perf_counter()
            hits = search(store, embedding, query, k=10, per_article=1)
            seconds.append(time.perf_counter() - started)
            scores["search"][key] = ndcg((hit.article.id for hit in hits), gains)
        passages = store.counts()[1]
        store.close()
    found = scores["search"]
    return {
        "set": test.name,
        "passages": passages,
        "queries": len(found),
        **{name: statistics.fmean(values.values()) for name, values in scores.items()},
        "half A": statistics.fmean(value for key, value in found.items() if key in test.half_a),
        "half B": statistics.fmean(value for key, value in found.items() if key not in test.half_a),
        "p50": 1000 * statistics.median(seconds),
        "p95": 1000 * sorted(seconds)[int(0.95 * len(seconds))],
    }


def _owners(found: Iterable[FoundPassage]) -> Iterable[str]:
    return (one.passage.span.article_id for one in found)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", help="names of sets; all that are found when none is named")
    parser.add_argument("--sample", type=int, help="queries of a set at most, drawn with a fixed seed")
    parser.add_argument("--embedding", help="another than the default, as for Library(embedding=...)")
    chosen = parser.parse_args()
    folders = sorted(path.parent for path in chosen.data.rglob("qrels.tsv"))
    folders = [folder for folder in folders if not chosen.sets or folder.name in chosen.sets]
    if not folders:
        parser.error(f"no folder with a qrels.tsv in {chosen.data} has one of these names: {chosen.sets}")
    names = ("bm25s", "words", "vectors", "search", "half A", "half B")
    embedding = resolve_embedding(chosen.embedding)
    print(f"nDCG@10 by article, vectors of {embedding.name}")
    print(f"{'set':<20}{'passages':>10}{'queries':>9}{''.join(f'{name:>9}' for name in names)}{'ms p50/p95':>14}")
    for folder in folders:
        row = measure(load(folder, chosen.sample), embedding)
        numbers = "".join(f"{row[name]:>9.3f}" for name in names)
        times = f"{row['p50']:.1f}/{row['p95']:.1f}"
        print(f"{row['set']:<20}{row['passages']:>10,}{row['queries']:>9,}{numbers}{times:>14}", flush=True)


if __name__ == "__main__":
    main()
