"""Measure retrieval: nDCG@10 by article for words alone, vectors alone, and both fused.

    python benchmarks/retrieval.py DATA [SET ...]

DATA is a folder of sets, each with ``docs.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` (at any depth). Sets with more
than 200 queries are sampled with a fixed seed; queries without a relevant document, and those of a split other than
``dev`` where there are splits, are left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.embeddings import StaticEmbedding
from toolkit.passages import split
from toolkit.retrieve import fuse
from toolkit.store import Store, indexed_text
from toolkit.types import Article, Passage

QUERIES = 200
DEPTH = 50


@dataclass(frozen=True)
class TestSet:
    """Documents, questions, and the gain of each relevant document of each question."""

    name: str
    articles: tuple[Article, ...]
    queries: dict[str, str]
    gains: dict[str, dict[str, float]]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def load(folder: Path) -> TestSet:
    """Read a set, and sample its queries."""
    gains: dict[str, dict[str, float]] = {}
    with (folder / "qrels.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            gains.setdefault(row["query_id"], {})[row["doc_id"]] = float(row["relevance"])
    records = [q for q in read_lines(folder / "queries.jsonl") if q["id"] in gains and q.get("split", "dev") == "dev"]
    if len(records) > QUERIES:
        records = random.Random(0).sample(records, QUERIES)  # noqa: S311
    articles = tuple(
        Article(id=doc["id"], title=doc.get("title") or None, text=doc["text"], publisher=doc.get("source"))
        for doc in read_lines(folder / "docs.jsonl")
    )
    return TestSet(folder.name, articles, {q["id"]: q["text"] for q in records}, gains)


def fill(path: Path, articles: Iterable[Article], embedding: StaticEmbedding) -> Store:
    """A store that holds the articles."""
    store = Store.open(path, embedding_name=embedding.name, dimensions=embedding.dimensions)
    articles = list(articles)
    for first in range(0, len(articles), 2000):
        some = articles[first : first + 2000]
        pairs = [(article, passage) for article in some for passage in split(article)]
        vectors = embedding.embed([indexed_text(article, passage.text) for article, passage in pairs])
        store.put(some, [passage for _, passage in pairs], vectors)
    store.optimise()
    return store


def ndcg(ranked: Iterable[Passage], gains: dict[str, float], k: int = 10) -> float:
    """nDCG@k of the articles in the order of their best passages (linear gains, Jarvelin and Kekalainen 2002)."""
    order = list(dict.fromkeys(passage.span.article_id for passage in ranked))[:k]
    got = sum(gains.get(one, 0.0) / math.log2(rank + 2) for rank, one in enumerate(order))
    best = sum(g / math.log2(rank + 2) for rank, g in enumerate(sorted(gains.values(), reverse=True)[:k]))
    return got / best


def measure(test: TestSet) -> dict[str, Any]:
    """Mean nDCG@10 of each way to search."""
    embedding = StaticEmbedding()
    sums = {"BM25": 0.0, "dense": 0.0, "fused": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        store = fill(Path(folder) / "library", test.articles, embedding)
        started = time.perf_counter()
        for key, query in test.queries.items():
            lexical = store.lexical(query, DEPTH)
            dense = store.dense(embedding.embed_query(query), DEPTH)
            sums["BM25"] += ndcg((passage for passage, _ in lexical), test.gains[key])
            sums["dense"] += ndcg((passage for passage, _ in dense), test.gains[key])
            sums["fused"] += ndcg((one.passage for one in fuse(lexical, dense)), test.gains[key])
        elapsed = time.perf_counter() - started
        passages = store.counts()[1]
        store.close()
    count = len(test.queries)
    return {
        "set": test.name,
        "passages": passages,
        "queries": count,
        **{name: total / count for name, total in sums.items()},
        "ms": 1000 * elapsed / count,
    }


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", help="names of sets; all that are found when none is named")
    chosen = parser.parse_args()
    folders = sorted(path.parent for path in chosen.data.rglob("qrels.tsv"))
    folders = [folder for folder in folders if not chosen.sets or folder.name in chosen.sets]
    if not folders:
        parser.error(f"no folder with a qrels.tsv in {chosen.data} has one of these names: {chosen.sets}")
    print(f"nDCG@10 by article; at most {QUERIES} queries of a set, sampled with seed 0")
    print(f"{'set':<20}{'passages':>10}{'queries':>9}{'BM25':>8}{'dense':>8}{'fused':>8}{'ms/query':>10}")
    for folder in folders:
        row = measure(load(folder))
        print(
            f"{row['set']:<20}{row['passages']:>10,}{row['queries']:>9}{row['BM25']:>8.3f}{row['dense']:>8.3f}"
            f"{row['fused']:>8.3f}{row['ms']:>10.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
