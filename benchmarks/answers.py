"""Measure answers without a model: what is cited, what is shown, and whether it is rightly refused.

    python benchmarks/answers.py DATA

DATA is a folder with ``qa/squad2_cs224n_dev``, ``qa/clapnq_dev`` and ``retrieval/multihoprag500``, each as JSON Lines.
All figures are on the test part: the questions of eight of SQuAD's sixteen articles (drawn with seed 0), and the second
half of ClapNQ's answerable ones. ``benchmarks/fit_answers.py`` fits on the rest.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonl import read_lines

from toolkit import Article, Library
from toolkit.extract import candidates_of, choose, is_statement, rank
from toolkit.gates import answer_score, failed_gate
from toolkit.language.questions import read_question
from toolkit.language.words import content_keys, tokenize
from toolkit.types import Hit, Passage

QUESTIONS = 600
ELSEWHERE = 350
"""Questions of SQuAD's test part that are asked of another library; ClapNQ's 150 make them 500."""
K = 8
SQUAD, CLAP, HOP = "qa/squad2_cs224n_dev", "qa/clapnq_dev", "retrieval/multihoprag500"


@dataclass(frozen=True)
class Asked:
    """A question with what is known about it.

    Attributes:
        id, text: Its own.
        gold: Strings that answer it; empty when nothing does.
        title: The title of the article that it is about.
        record: The whole record.
    """

    id: str
    text: str
    gold: tuple[str, ...]
    title: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Parts:
    """The questions, divided: nothing in the test part shares an article with the fitting part."""

    fit_answerable: list[Asked]
    fit_unanswerable: list[Asked]
    test_answerable: list[Asked]
    test_unanswerable: list[Asked]
    clap_fit: list[Asked]
    clap_test: list[Asked]


def load(data: Path) -> Parts:
    """Read the questions and divide them."""
    titles = {doc["id"]: doc["title"] for doc in read_lines(data / SQUAD / "docs.jsonl")}
    asked = [
        Asked(q["id"], q["question"], tuple(q["answers"]), titles[q["doc_ids"][0]], q)
        for q in read_lines(data / SQUAD / "qa.jsonl")
    ]
    shuffled = sorted(set(titles.values()))
    random.Random(0).shuffle(shuffled)
    held_out = set(shuffled[: len(shuffled) // 2])
    order = random.Random(1)
    answerable = [q for q in asked if q.gold]
    unanswerable = [q for q in asked if not q.gold]
    order.shuffle(answerable)
    order.shuffle(unanswerable)
    clap = [
        Asked(q["id"], q["question"], tuple(q["answers"]), q["title"], q)
        for q in read_lines(data / CLAP / "qa.jsonl")
        if q["answerable"]
    ]
    half = len(clap) // 2
    return Parts(
        fit_answerable=[q for q in answerable if q.title not in held_out],
        fit_unanswerable=[q for q in unanswerable if q.title not in held_out],
        test_answerable=[q for q in answerable if q.title in held_out][:QUESTIONS],
        test_unanswerable=[q for q in unanswerable if q.title in held_out][:QUESTIONS],
        clap_fit=clap[:half],
        clap_test=clap[half:],
    )


def library_of(path: Path, docs: Path) -> Library:
    """A library that holds a set's documents."""
    library = Library(path)
    library.add(
        [
            Article(id=doc["id"], title=doc.get("title") or None, text=doc["text"], publisher=doc.get("source"))
            for doc in read_lines(docs)
        ]
    )
    return library


def holds(text: str, gold: Iterable[str]) -> bool:
    """Whether a text contains one of the strings, whatever the case."""
    folded = text.casefold()
    return any(answer.casefold() in folded for answer in gold)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve: how often a positive scores above a negative (Mann and Whitney 1947)."""
    ranked = sorted([(score, 1) for score in positive] + [(score, 0) for score in negative])
    total, index = 0.0, 0
    while index < len(ranked):
        end = index
        while end < len(ranked) and ranked[end][0] == ranked[index][0]:
            end += 1
        total += sum(label for _, label in ranked[index:end]) * (index + end + 1) / 2
        index = end
    count = len(positive)
    return (total - count * (count + 1) / 2) / (count * len(negative))


def interval(hits: int, count: int) -> str:
    """The 95 % interval of a share (Wilson 1927), in text."""
    share, z = hits / count, 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return f"{middle - half:.3f} to {middle + half:.3f}"


def judged(library: Library, question: str) -> tuple[float, str]:
    """How likely the library answers, and the gate that refuses, or “answered”: as ask decides without a model."""
    asked = read_question(question)
    hits = library.search(question, K)
    ranked = rank(asked, hits)
    shown = choose(asked, ranked)
    failed = failed_gate(asked, hits, ranked, shown)
    return answer_score(shown), failed.gate if failed else "answered"


# -- which sentences ------------------------------------------------------------------------------------------------


def row(name: str, count: int, figure: str, target: str = "", note: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:<62}{count:>6}{figure:>9}{target:>9}  {note}", flush=True)


def by_overlap(question: str, sentences: Sequence[str]) -> list[str]:
    """The sentences by how many of the question's content words they share, most first."""
    asked = content_keys(question)
    return sorted(sentences, key=lambda sentence: -len(asked & {token.key for token in tokenize(sentence)}))


def measure_citations(library: Library, questions: Sequence[Asked]) -> None:
    """Whether a cited sentence holds the answer."""
    first = third = shown = total = refused = plain_first = plain_third = 0
    gates: Counter[str] = Counter()
    seconds: list[float] = []
    for question in questions:
        asked = read_question(question.text)
        hits = library.search(question.text, K)
        ranked = [pick for pick in rank(asked, hits) if is_statement(pick.sentence)]
        first += any(holds(pick.sentence.text, question.gold) for pick in ranked[:1])
        third += any(holds(pick.sentence.text, question.gold) for pick in ranked[:3])
        overlapping = by_overlap(question.text, [one.sentence.text for one in candidates_of(hits)])
        plain_first += any(holds(sentence, question.gold) for sentence in overlapping[:1])
        plain_third += any(holds(sentence, question.gold) for sentence in overlapping[:3])
        started = time.perf_counter()
        answer = library.ask(question.text, llm=None, k=K)
        seconds.append(time.perf_counter() - started)
        refused += not answer.answered
        gates.update([(answer.reason or "answered").partition(":")[0]])
        shown += any(holds(citation.quote, question.gold) for citation in answer.citations)
        total += len(answer.citations)
    count = len(questions)
    row(
        "SQuAD 2 answerable: first sentence holds the answer",
        count,
        f"{first / count:.3f}",
        "0.76",
        interval(first, count),
    )
    row("  any of the first three", count, f"{third / count:.3f}", "0.88", interval(third, count))
    row("  by plain overlap on the same questions: first", count, f"{plain_first / count:.3f}")
    row("  by plain overlap: any of the first three", count, f"{plain_third / count:.3f}")
    row("  what ask shows holds the answer (a refusal does not)", count, f"{shown / count:.3f}")
    answered = count - refused
    row("  the same, of those answered", answered, f"{shown / answered:.3f}")
    row("  quotations shown, mean", answered, f"{total / answered:.2f}")
    row("  refused although the articles answer", count, f"{refused / count:.3f}", "", str(dict(gates.most_common())))
    cuts = statistics.quantiles(seconds, n=20)
    row("  milliseconds per ask, p50", count, f"{1000 * statistics.median(seconds):.1f}")
    row("  milliseconds per ask, p95", count, f"{1000 * cuts[-1]:.1f}")


def given(question: Asked) -> Hit:
    """A ClapNQ question's passage, cut into the sentences of the set."""
    article = Article(id=question.id, title=question.title, text=question.record["context"])
    spans, position = [], 0
    for sentence in question.record["sentences"]:
        start = article.text.find(sentence, position)
        if start >= 0:
            position = start + len(sentence)
            spans.append(article.span(start, position))
    span = article.span(spans[0].start, spans[-1].end)
    return Hit(
        passage=Passage(span=span, text=article.text[span.start : span.end], sentences=tuple(spans)),
        score=1.0,
        article=article,
    )


def plain(sentence: str) -> str:
    """A sentence as its folded words, to compare sentences by."""
    return " ".join(token.word for token in tokenize(sentence))


def f1(chosen: Iterable[str], golds: Sequence[Sequence[str]]) -> float:
    """F1 of sentences against the nearest of the annotators' sets."""
    mine = {plain(sentence) for sentence in chosen}
    best = 0.0
    for gold in golds:
        theirs = {plain(sentence) for sentence in gold}
        best = max(best, 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0)
    return best


def bm25(question: str, sentences: Sequence[str], k1: float = 1.2, b: float = 0.75) -> list[int]:
    """Indexes of the sentences by BM25 within their passage, best first (Robertson and Zaragoza 2009)."""
    rows = [[token.key for token in tokenize(sentence)] for sentence in sentences]
    mean = sum(map(len, rows)) / len(rows)
    asked = {token.key for token in tokenize(question)}
    scores = []
    for keys in rows:
        counts = Counter(keys)
        score = 0.0
        for key in asked & counts.keys():
            holding = sum(key in other for other in rows)
            idf = math.log(1 + (len(rows) - holding + 0.5) / (holding + 0.5))
            score += idf * counts[key] * (k1 + 1) / (counts[key] + k1 * (1 - b + b * len(keys) / mean))
        scores.append(score)
    return sorted(range(len(rows)), key=lambda index: -scores[index])


def measure_evidence(questions: Sequence[Asked]) -> None:
    """F1 of sentences against gold sentences, the passage given."""
    sums: Counter[str] = Counter()
    shown_count = 0
    for question in questions:
        hit, golds, asked = given(question), question.record["evidence_sentences"], read_question(question.text)
        sentences = [hit.article.text[s.start : s.end] for s in hit.passage.sentences]
        ranked = rank(asked, [hit])
        shown = [pick.sentence.text for pick in choose(asked, ranked)]
        shown_count += len(shown)
        best = bm25(question.text, sentences)
        for name, chosen in {
            "lead-2": sentences[:2],
            "lead-3": sentences[:3],
            "BM25-top-2": [sentences[index] for index in best[:2]],
            "BM25-top-3": [sentences[index] for index in best[:3]],
            "picker, top 2": [pick.sentence.text for pick in ranked[:2]],
            "picker, top 3": [pick.sentence.text for pick in ranked[:3]],
            "picker, what ask would show": shown,
        }.items():
            sums[name] += f1(chosen, golds)  # type: ignore[assignment]
    count = len(questions)
    rival = max(sums["lead-2"], sums["BM25-top-2"]) / count
    for name, total in sums.items():
        ours = name == "picker, top 2"
        note = f"mean {shown_count / count:.2f} sentences" if "show" in name else ""
        row(
            f"ClapNQ, passage given: F1 of {name}",
            count,
            f"{total / count:.3f}",
            f"{rival + 0.03:.3f}" if ours else "",
            note,
        )


# -- whether there is an answer -------------------------------------------------------------------------------------


def refused(judgements: Sequence[tuple[float, str]]) -> str:
    """Share of the questions that are refused, and by which gates."""
    gates = Counter(gate for _, gate in judgements)
    return f"refused {1 - gates['answered'] / len(judgements):.3f} {dict(gates.most_common())}"


def area(positive: Sequence[tuple[float, str]], negative: Sequence[tuple[float, str]]) -> str:
    """AUROC of the answer score, in text."""
    return f"{auroc([score for score, _ in positive], [score for score, _ in negative]):.3f}"


def measure_refusals(libraries: dict[str, Library], parts: Parts) -> None:
    """AUROC of the answer score, and what the thresholds refuse."""

    def ask_all(name: str, questions: Sequence[Asked]) -> list[tuple[float, str]]:
        return [judged(libraries[name], question.text) for question in questions]

    answerable = ask_all(SQUAD, parts.test_answerable)
    clap = ask_all(CLAP, parts.clap_test)
    squad, half = parts.test_answerable[:ELSEWHERE], ELSEWHERE // 2
    own = answerable[:ELSEWHERE] + clap
    routes = [("SQuAD", CLAP, squad[:half]), ("SQuAD", HOP, squad[half:]), ("ClapNQ", SQUAD, parts.clap_test)]
    parted = [(of, name, ask_all(name, some)) for of, name, some in routes]
    other = [judgement for _, _, some in parted for judgement in some]
    row(
        "asked of another set's library: AUROC of the answer score",
        len(other),
        area(own, other),
        "0.95",
        refused(other),
    )
    for of, library, some in parted:
        row(f"  {of} asked of {library}", len(some), area(own, some), "", refused(some))
    row("ClapNQ answerable, its own library", len(clap), "", "", refused(clap))
    unanswerable = ask_all(SQUAD, parts.test_unanswerable)
    count = len(answerable) + len(unanswerable)
    name = "SQuAD 2 unanswerable (adversarial) against answerable: AUROC"
    row(name, count, area(answerable, unanswerable), "0.65", refused(unanswerable))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    parts = load(data)
    print(f"{'measure':<62}{'n':>6}{'figure':>9}{'target':>9}  95 % interval, notes")
    with tempfile.TemporaryDirectory() as folder:
        names = (SQUAD, CLAP, HOP)
        libraries = {
            name: library_of(Path(folder) / str(i), data / name / "docs.jsonl") for i, name in enumerate(names)
        }
        measure_citations(libraries[SQUAD], parts.test_answerable)
        measure_evidence(parts.clap_test)
        measure_refusals(libraries, parts)
        for library in libraries.values():
            library.close()


if __name__ == "__main__":
    main()
