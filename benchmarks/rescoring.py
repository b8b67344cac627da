"""How long it takes to score ten thousand kept rows again, in a new process: a replay bundle, its measures, its table.

    python benchmarks/rescoring.py DATA [--rows 10000] [--bundle FILE]

DATA is a folder with ``qa/clapnq_dev`` (``docs.jsonl``, ``qa.jsonl``, ``qrels.tsv``). The rows are 300 of its
questions, each answered by as many writers as it takes. A writer is a function that takes two sentences out of what
was found and leaves a word out of each, so that no two answers are the same text and none can be looked up among the
earlier ones: the worst case, since real prompts often agree. Making the rows takes some minutes and is not what is
measured; with ``--bundle`` they are kept in that file, and taken from it when it is there.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from experiment import CLAP, questions
from jsonl import read_lines

from toolkit import Article, Experiment, Library
from toolkit.types import Hits

GOAL = 20.0
"""Seconds for 10,000 rows."""

_ASKED = 300
_FEWEST = 4
"""Words of a sentence that can do without one."""


def reworded(seed: int, question: str, hits: Hits) -> str:
    """Two sentences of what was found, each without one of its words."""
    chance = random.Random(f"{seed} {question}")
    texts = (hit.article.text[span.start : span.end].split() for hit in hits for span in hit.passage.sentences)
    sentences = [words for words in texts if len(words) >= _FEWEST]
    chosen = []
    for words in chance.sample(sentences, min(2, len(sentences))):
        del words[chance.randrange(len(words))]
        chosen.append(" ".join(words))
    return " ".join(chosen)


def make(data: Path, rows: int, bundle: Path) -> None:
    """Answer, and write the replay bundle."""
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "clapnq.lance", llm=None) as library:
        docs = read_lines(data / CLAP / "docs.jsonl")
        library.add([Article(id=doc["id"], title=doc["title"] or None, text=doc["text"]) for doc in docs])
        asked = questions(data / CLAP, _ASKED)
        writers = {f"writer {number}": partial(reworded, number) for number in range(-(-rows // len(asked)))}
        trial = Experiment(library, asked, llms=writers, k=4, folder=Path(folder) / "runs")
        results = trial.run(concurrency=2, progress=False)
        if failed := [row.error for row in results.rows if row.status != "ok"]:
            raise SystemExit(f"{len(failed)} rows failed, the first with: {failed[0]}")
        results.save(bundle)


def score(bundle: Path) -> dict[str, float]:
    """Load the rows, score them anew and make the table of it; seconds of each."""
    began, worked = time.perf_counter(), time.process_time()
    results = Experiment.load(bundle)
    loaded = time.perf_counter()
    anew = results.rescored()
    for one in anew.measures:
        anew.scores(one.name)
    scored = time.perf_counter()
    text = str(anew.summary())
    ended = time.perf_counter()
    return {
        "rows": len(anew),
        "measures": len(anew.measures),
        "answered": sum(row.output is not None and row.output.answered for row in anew.rows),
        "different": len({row.reply for row in anew.rows}),
        "load": loaded - began,
        "score": scored - loaded,
        "table": ended - scored,
        "wall": ended - began,
        "cpu": time.process_time() - worked,
        "characters": len(text),
    }


def main() -> int:
    """Measure, print, and return 1 when it takes too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--bundle", type=Path, help="where the rows are kept")
    parser.add_argument("--score", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.score:
        print(json.dumps(score(given.bundle)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        bundle = given.bundle or Path(folder) / "rows.zip"
        if not bundle.exists():
            make(given.data, given.rows, bundle)
        command = [sys.executable, __file__, str(given.data), "--bundle", str(bundle), "--score"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{told['rows']:,} rows, {told['different']:,} different replies, {told['answered']:,} answered, "
        f"{told['measures']} measures"
    )
    print(f"load {told['load']:.1f} s, score {told['score']:.1f} s, table {told['table']:.1f} s")
    print(f"in all {told['wall']:.1f} s by the clock, {told['cpu']:.1f} s of processor (goal {GOAL:.0f} s)")
    return 0 if told["cpu"] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
