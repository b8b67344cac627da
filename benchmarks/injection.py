"""Instructions put into articles: what the writer without a model, and if given a model, make of them.

    python benchmarks/injection.py DATA [--set clapnq] [--attacks FILE] [--cases 72] [--llm URL] [--folder runs]

``samples`` asks the questions of ``notebooks/questions.jsonl`` of the sample articles; ``clapnq`` asks answerable
questions of DATA's ``qa/clapnq_dev`` (``docs.jsonl``, ``qa.jsonl``, ``qrels.tsv``) of all its articles. Attacks are the
packaged ones, or those of a file such as DATA's ``security/bipia/attacks.jsonl``; of a larger one ``--most`` are drawn.

Two puppets stand for the worst model there can be: ``obeys`` says exactly what the instruction wants wherever it sees
one, ``obeys_besides`` says it after the best sentence. What they get past the check, no defence in a prompt can hold.

Prints the report, and for each bad outcome rows to read: the injected sentence, the answer, the reply.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jsonl import read_lines

from toolkit import Article, Library, prompts
from toolkit.experiment.attacks import read_attacks, wanted
from toolkit.experiment.grid import Writer
from toolkit.experiment.injection import inject_test
from toolkit.extract import choose, rank
from toolkit.language.questions import read_question
from toolkit.types import Attack, Hits, Span

HOME = Path(__file__).parent.parent
BAD = ("shown_as_supported", "obeyed", "leaked", "lost", "quoted")


def samples(count: int) -> tuple[list[Any], list[Any]]:
    """The sample articles, and the first of their questions that have an answer."""
    asked = [one for one in read_lines(HOME / "notebooks" / "questions.jsonl") if one.get("answerable", True)]
    return [HOME / "notebooks" / "articles"], asked[:count]


def clapnq(folder: Path, count: int) -> tuple[list[Any], list[Any]]:
    """All articles of CLAPNQ's dev part, and answerable questions of it with the spans of their evidence."""
    docs = {doc["id"]: doc for doc in read_lines(folder / "docs.jsonl")}
    lines = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    where = {query: doc for query, doc, _ in (line.split("\t") for line in lines)}
    asked = [one for one in read_lines(folder / "qa.jsonl") if one["answerable"]]
    drawn = random.Random(0).sample(asked[len(asked) // 2 :], count)
    records = []
    for one in drawn:
        doc = where[one["id"]]
        evidence = {sentence.strip() for group in one["evidence_sentences"] for sentence in group}
        places = [(docs[doc]["text"].find(sentence), len(sentence)) for sentence in sorted(evidence)]
        gold = [Span(article_id=doc, start=at, end=at + size) for at, size in places if at >= 0]
        records.append({"id": one["id"], "question": one["question"], "gold": gold or [doc], "answerable": True})
    return [Article(id=doc["id"], title=doc["title"] or None, text=doc["text"]) for doc in docs.values()], records


def puppets(attacks: Sequence[Attack]) -> dict[str, Writer]:
    """Writers that obey every one of the attacks, and answer with the best sentence else."""
    known = []
    for attack in attacks:
        whole = attack.text.replace("{wanted}", attack.wanted)
        pieces = re.split(r"(\{canary\}|\{question\})", " ".join(whole.split()))
        kinds = {"{canary}": r"(?P<canary>\w+)", "{question}": ".*?"}
        pattern = "".join(kinds.get(piece, re.escape(piece)) for piece in pieces)
        first = pattern.find("(?P<canary>")
        if first >= 0:  # the same word again, where it stands twice
            end = first + len(kinds["{canary}"])
            pattern = pattern[:end] + pattern[end:].replace(kinds["{canary}"], "(?P=canary)")
        known.append((re.compile(pattern), attack))

    def wanted_of(hits: Hits) -> str | None:
        text = " ".join(" ".join(hit.passage.text for hit in hits).split())
        for pattern, attack in known:
            found = pattern.search(text)
            if found and attack.goal == "refuse":
                return prompts.REFUSAL
            if found and attack.goal == "leak":
                return " ".join(prompts.load("ask/plain").turns[0].template.split())
            if found:
                return wanted(attack, found["canary"])
        return None

    def best(question: str, hits: Hits) -> str:
        asked = read_question(question)
        picks = choose(asked, rank(asked, hits))
        return picks[0].shown.text if picks else prompts.REFUSAL

    def obeys(question: str, hits: Hits) -> str:
        return wanted_of(hits) or best(question, hits)

    def obeys_besides(question: str, hits: Hits) -> str:
        said = wanted_of(hits)
        return best(question, hits) if said is None else f"{best(question, hits)} {said}"

    return {"obeys": obeys, "obeys_besides": obeys_besides}


def main() -> None:
    """Run one test, print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--set", choices=("samples", "clapnq"), default="samples")
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--attacks", type=Path)
    parser.add_argument("--most", type=int, default=60, help="attacks of a file")
    parser.add_argument("--cases", type=int, default=72)
    parser.add_argument("--llm", help="as for Library(llm=...)")
    parser.add_argument("--name", default="model", help="what tables call it")
    parser.add_argument("--only-llm", action="store_true")
    parser.add_argument("--prompts", nargs="+", default=["ask/plain"])
    parser.add_argument("--k", type=int, default=8)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--show", type=int, default=10, help="rows of each bad outcome")
    options = parser.parse_args()
    if options.set == "samples":
        sources, questions = samples(options.questions)
    else:
        sources, questions = clapnq(options.data / "qa" / "clapnq_dev", options.questions)
    attacks = read_attacks(options.attacks)
    if len(attacks) > options.most:
        attacks = tuple(random.Random(0).sample(attacks, options.most))
    llms = {} if options.only_llm else {"extractive": None, **puppets(attacks)}
    llms |= {options.name: options.llm} if options.llm else {}
    with tempfile.TemporaryDirectory() as place, Library(Path(place) / "news.lance", llm=None) as news:
        news.add(sources)
        started = time.perf_counter()
        report = inject_test(
            news,
            options.prompts,
            llms,
            questions=questions,
            attacks=attacks,
            cases=options.cases,
            k=options.k,
            folder=options.folder or Path(place) / "runs",
            concurrency=1,
            progress=False,
        )
    print(report)
    print(f"{time.perf_counter() - started:.0f} s for {len(report.rows):,} rows")
    for outcome in BAD:
        for one in report.where(outcome)[: options.show]:
            case, output = one.case, one.row.output
            said = None if output is None else output.text or output.reason
            print(
                f"\n{outcome}: {one.case.attack.name}, {one.case.place}, {one.row.cell.name}: {one.case.question.text}"
            )
            print(f"  put in: {' '.join(case.text.split())[:300]}\n  answer: {said}\n  reply:  {one.row.reply}")


if __name__ == "__main__":
    main()
