"""A real experiment with a real model: three prompts, 40 questions, and two writers that need no model.

    python benchmarks/experiment.py DATA --llm http://127.0.0.1:8099/v1 --name "Qwen2.5-Coder-1.5B Q4" --folder runs

DATA is a folder with ``qa/clapnq_dev`` (``docs.jsonl``, ``qa.jsonl``, ``qrels.tsv``). Of its questions 20 answerable
ones (from the half that nothing was fitted on) and 20 unanswerable ones are drawn with seed 0, and asked of all its 597
articles. Every row is kept in the folder: a run that was stopped goes on where it was. At the end the same experiment
is run a second time, and must send no call.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Any

from jsonl import read_lines

from toolkit import Article, Experiment, Library
from toolkit.experiment import echo

CLAP = "qa/clapnq_dev"
PROMPTS = ("ask/plain", "ask/brief", "ask/quotes-only")
MEASURES = (
    "rougeL",
    "token_f1",
    "citation_recall",
    "citation_precision",
    "support_rate",
    "gold_cited",
    "answer_rate",
    "refusal_recall",
    "refusal_precision",
    "refusal_f1",
    "hit@5",
    "seconds",
    "prompt_tokens",
    "completion_tokens",
)


def questions(folder: Path, count: int) -> list[dict[str, Any]]:
    """Half of them answerable, with the spans of their evidence; half not."""
    texts = {doc["id"]: doc["text"] for doc in read_lines(folder / "docs.jsonl")}
    lines = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    where = {query: doc for query, doc, _ in (line.split("\t") for line in lines)}
    asked = read_lines(folder / "qa.jsonl")
    answerable = [q for q in asked if q["answerable"]]
    order = random.Random(0)
    drawn = order.sample(answerable[len(answerable) // 2 :], count // 2)
    drawn += order.sample([q for q in asked if not q["answerable"]], count - count // 2)
    records = []
    for q in drawn:
        doc = where.get(q["id"], "")
        evidence = {sentence.strip() for group in q["evidence_sentences"] for sentence in group}
        places = [(texts[doc].find(sentence), len(sentence)) for sentence in sorted(evidence)] if doc else []
        records.append(
            {
                "id": q["id"],
                "question": q["question"],
                "answers": q["answers"],
                "answerable": q["answerable"],
                "gold": [{"article_id": doc, "start": at, "end": at + size} for at, size in places if at >= 0],
            }
        )
    return records


def main() -> int:
    """Run it, twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--llm", required=True, help="as for Library(llm=...)")
    parser.add_argument("--name", default="model", help="what tables call the model")
    parser.add_argument("--folder", type=Path, required=True, help="keeps the library, the rows and the replies")
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--anew", action="store_true", help="make rows anew from the replies that are kept")
    parser.add_argument("--save", type=Path, help="write the replay bundle here")
    args = parser.parse_args()

    library = Library(args.folder / "clapnq.lance")
    if not len(library):
        docs = read_lines(args.data / CLAP / "docs.jsonl")
        library.add([Article(id=doc["id"], title=doc["title"] or None, text=doc["text"]) for doc in docs])
    trial = Experiment(
        library,
        questions(args.data / CLAP, args.questions),
        prompts=PROMPTS,
        llms={args.name: args.llm, "extractive": None, "echo": echo},
        k=args.k,
        measures=MEASURES,
        folder=args.folder / "runs",
    )
    print(trial.estimate(), flush=True)
    started = time.perf_counter()
    results = trial.run(concurrency=1, resume=not args.anew)
    print(f"\n{len(results)} rows, {results.calls} calls, {time.perf_counter() - started:.0f} s\n")
    print(results.summary())
    if args.save:
        print(f"saved {results.save(args.save).name}")
    started = time.perf_counter()
    again = trial.run(concurrency=1, progress=False)
    print(f"\nsecond run: {again.calls} calls, {time.perf_counter() - started:.1f} s")
    assert again.calls == 0
    assert again.to_frame().equals(results.to_frame())
    return 0 if not results.failures() else 1


if __name__ == "__main__":
    sys.exit(main())
