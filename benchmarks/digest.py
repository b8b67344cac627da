"""Measure summaries of many articles: seconds and memory without a model, and how well a model's sentences hold.

    python benchmarks/digest.py DATA
    python benchmarks/digest.py DATA --llm http://localhost:8080/v1#model --articles 30

DATA is a folder with ``summarization/frank_cnndm_xsum`` and ``retrieval/multihoprag500``, each as JSON Lines. Without a
model 100, 500 and 1,000 of their articles are summed up, each number in a process of its own, in sentences and in
words, so that the peak of memory is that number's own. With ``--llm`` every one of some CNN/Daily Mail articles is
summed up by itself; the figures are over all sentences that the model wrote, before anything is gated.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from jsonl import read_lines

from toolkit import Article, Library

SIZES = (100, 500, 1000)
GOAL = 20.0
"""Seconds for the largest."""

FRANK, HOP = "summarization/frank_cnndm_xsum", "retrieval/multihoprag500"


def whole_articles(data: Path, dataset: str | None = None) -> list[Article]:
    """The articles of FRANK, those of one of its two sets only when it is named."""
    rows = read_lines(data / FRANK / "articles.jsonl")
    return [Article(id=row["id"], text=row["article"]) for row in rows if dataset is None or row["dataset"] == dataset]


def many_articles(data: Path, count: int) -> list[Article]:
    """So many articles of both sets in a drawn order; past their end, reports that put one of each together."""
    found = whole_articles(data)
    for row in read_lines(data / HOP / "docs.jsonl"):
        found.append(
            Article(id=row["id"], title=row["title"], text=row["text"], published=row["date"], publisher=row["source"])
        )
    draw = random.Random(0)
    draw.shuffle(found)
    whole = [article for article in found if len(article.text) > 1000]
    made = 0
    while len(found) < count:
        one, other = draw.sample(whole, 2)
        half = one.text.find(". ", len(one.text) // 2) + 1
        text = f"{one.text[:half]}\n\n{other.text[other.text.find('. ', len(other.text) // 2) + 2 :]}"
        found.append(Article(id=f"joined-{made}", title=one.title, text=text))
        made += 1
    return found[:count]


def one_size(data: Path, count: int) -> dict[str, Any]:
    """Sum so many articles up in this process."""
    articles = many_articles(data, count)
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "news.lance", llm=None) as news:
        news.add(articles)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.perf_counter()
        summary = news.summarize(style="bullets", length=8)
        first = time.perf_counter() - started
        started = time.perf_counter()
        news.summarize(length="200 words")
        again = time.perf_counter() - started
    assert summary.coverage is not None
    return {
        "articles": count,
        "megabytes_of_text": sum(len(article.text) for article in articles) / 1e6,
        "seconds": first,
        "again": again,
        "before": before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "stories": summary.coverage.stories,
        "quoted": sum(claim.verdict == "quoted" for claim in summary.claims) / len(summary.claims),
        "copies": summary.coverage.reasons.get("near copy", 0),
        "text": summary.text,
    }


def without_model(data: Path) -> bool:
    """Print the table of sizes; whether the largest keeps to the goal."""
    print("articles  MB of text  seconds  again  stories  near copies  quoted  MB before  MB at its peak")
    rows = []
    for size in SIZES:
        command = [sys.executable, __file__, str(data), "--size", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        row = json.loads(done.stdout.splitlines()[-1])
        rows.append(row)
        print(
            f"{row['articles']:>8}  {row['megabytes_of_text']:>10.2f}  {row['seconds']:>7.2f}  {row['again']:>5.2f}  "
            f"{row['stories']:>7}  {row['copies']:>11}  {row['quoted']:>6.0%}  {row['before']:>9.0f}  "
            f"{row['peak']:>14.0f}"
        )
    return all(row["seconds"] < GOAL and row["quoted"] == 1 for row in rows)


def with_model(data: Path, llm: str, count: int, length: str | None, skip: int) -> bool:
    """One summary of each of some articles; whether enough of the sentences are borne out."""
    articles = whole_articles(data, "cnndm")
    random.Random(1).shuffle(articles)
    articles = articles[skip : skip + count]
    verdicts: Counter[str] = Counter()
    refused = sentences = good = 0
    started = time.perf_counter()
    with Library(llm=llm) as news:
        news.add(articles)
        for article in articles:
            summary = news.summarize(articles=article, length=length)
            refused += not summary.answered
            assert summary.tree is None or summary.tree.claims == summary.claims
            written = summary.claims
            sentences += len(written)
            verdicts.update(claim.verdict for claim in written)
            for claim in written:
                if claim.verdict not in ("quoted", "supported"):
                    print(f"  {claim.verdict}: {claim.text}  {[d.kind for d in claim.differences]}")
            if not summary.answered:
                print(f"  refused: {summary.reason}")
            good = verdicts["quoted"] + verdicts["supported"]
            print(f"{article.id}: {good} of {sentences} so far", file=sys.stderr)
    seconds = time.perf_counter() - started
    print(f"{count} articles, {refused} refused, {sentences} sentences, {seconds / count:.1f} s each")
    for verdict in ("quoted", "supported", "partly", "contradicted", "unsupported"):
        print(f"{verdict:>12}  {verdicts[verdict]:>4}  {verdicts[verdict] / max(1, sentences):.3f}")
    print(f"quoted or supported: {good / max(1, sentences):.3f} of {sentences} (goal 0.85)")
    return good >= 0.85 * sentences


def main() -> None:
    """Measure, print, and exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--llm", help="a model name or a server's URL: sum up articles one by one with it")
    parser.add_argument("--articles", type=int, default=30, help="how many with --llm (default: %(default)s)")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first so many, to choose a prompt on others")
    parser.add_argument("--length", help="as for summarize")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.size:
        print(json.dumps(one_size(options.data, options.size)))
        return
    if options.llm:
        good = with_model(options.data, options.llm, options.articles, options.length, options.skip)
    else:
        good = without_model(options.data)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
