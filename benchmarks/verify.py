"""Measure claim verification: does the score tell supported claims from the rest, and is it quick?

    python benchmarks/verify.py DATA [--sets wice_dev frank pairs speed] [--limit N]

DATA holds ``claims/wice_dev``, ``claims/frank`` and ``summarization/frank_cnndm_xsum``. Peers in the same run: plain
overlap (share of the claim's distinct content words, by stem, that stand anywhere in the source) and ROUGE-L recall
against the best source sentence, which is what today's citation checkers build on.

The shipped coefficients were fitted on wice_dev, on frank's ``valid`` split and on minimal pairs made from the articles
of that split (``fit_support.py``). So here wice_dev is cross-validated (5 folds by page, refitted without the fold),
frank is its ``test`` split, and the pairs are made from the articles of frank's test split and from wice's pages, none
of which made a pair for the fit.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jsonl import read_lines
from minimal_pairs import KINDS, Pair, pairs

from toolkit.align import Finding, align
from toolkit.alignment.sentences import Markers, Sentence, sentences_of
from toolkit.alignment.support import FEATURES, load_model
from toolkit.language import lexicon
from toolkit.language.words import rough_keys, tokenize
from toolkit.passages import sentence_bounds, split
from toolkit.types import Article, Hit, Passage

SEED = 20261123
PAIRS = 500
FOLDS = 5


@dataclass(frozen=True)
class Example:
    """A claim of one or more sentences, its source, and whether people say that the source bears it out."""

    group: str
    claim: tuple[str, ...]
    source: tuple[Sentence, ...]
    label: int
    split: str = ""


def page(name: str, sentences: Sequence[str]) -> tuple[Sentence, ...]:
    """Sentences that are given as such, as one article with one passage."""
    kept = [sentence for sentence in sentences if sentence.strip()]
    article = Article(id=name, text="\n".join(kept))
    spans, start = [], 0
    for sentence in kept:
        spans.append(article.span(start, start + len(sentence)))
        start += len(sentence) + 1
    passage = Passage(span=article.span(0, len(article.text)), text=article.text, sentences=tuple(spans))
    return sentences_of([Hit(passage=passage, score=0.0, article=article)])


def read_wice(data: Path) -> list[Example]:
    """Wikipedia sentences against the pages that they cite (WiCE, dev)."""
    folder = data / "claims" / "wice_dev"
    pages = {c["id"]: page(c["id"], c["sentences"]) for c in read_lines(folder / "contexts.jsonl")}
    return [
        Example(c["context_id"], (c["claim"],), pages[c["context_id"]], int(c["label"] == 1))
        for c in read_lines(folder / "claims.jsonl")
    ]


def read_frank(data: Path) -> list[Example]:
    """Summaries by nine systems against their articles (FRANK), both splits."""
    folder = data / "claims" / "frank"
    pages = {
        c["id"]: page(c["id"], [c["text"][a:b] for a, b in sentence_bounds(c["text"], "en")])
        for c in read_lines(folder / "contexts.jsonl")
    }
    return [
        Example(c["context_id"], tuple(c["sentences"]), pages[c["context_id"]], int(c["label"]), c["split"])
        for c in read_lines(folder / "claims.jsonl")
    ]


def pair_pages(data: Path, part: str) -> list[tuple[Sentence, ...]]:
    """The pages that pairs are made of: ``valid`` for fitting; ``test``, with wice's pages, for the report."""
    splits = {c["context_id"]: c["split"] for c in read_lines(data / "claims" / "frank" / "claims.jsonl")}
    pages = [
        page(a["id"], [a["article"][x:y] for x, y in sentence_bounds(a["article"], "en")])
        for a in read_lines(data / "summarization" / "frank_cnndm_xsum" / "articles.jsonl")
        if splits.get(a["id"]) == part
    ]
    if part == "test":
        pages += [page(c["id"], c["sentences"]) for c in read_lines(data / "claims" / "wice_dev" / "contexts.jsonl")]
    return pages


def make_pairs(pages: Sequence[tuple[Sentence, ...]], count: int, seed: int) -> list[Pair]:
    """Minimal pairs of some pages."""
    return pairs([[sentence.text for sentence in sentences] for sentences in pages], count, seed)


# Measures


def auc(labels: Sequence[int], scores: Sequence[float]) -> float:
    """Area under the ROC curve: the chance that a supported claim scores above another one, ties count half."""
    ranked = sorted(range(len(scores)), key=lambda i: scores[i])
    ranks = [0.0] * len(scores)
    first = 0
    while first < len(ranked):
        last = first
        while last + 1 < len(ranked) and scores[ranked[last + 1]] == scores[ranked[first]]:
            last += 1
        for place in range(first, last + 1):
            ranks[ranked[place]] = (first + last) / 2 + 1
        first = last + 1
    positive = sum(labels)
    total = sum(rank for rank, label in zip(ranks, labels, strict=True) if label)
    return (total - positive * (positive + 1) / 2) / (positive * (len(labels) - positive))


def brier(labels: Sequence[int], scores: Sequence[float]) -> float:
    """Mean squared distance of the probability from what is the case."""
    return statistics.fmean((label - score) ** 2 for label, score in zip(labels, scores, strict=True))


def reliability(labels: Sequence[int], scores: Sequence[float]) -> list[tuple[float, float, int]]:
    """Mean score, share supported and number of claims, by fifths of the score's range."""
    bins: list[tuple[float, float, int]] = []
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = [
            (s, y) for s, y in zip(scores, labels, strict=True) if low <= s < low + 0.2 or (low == 0.8 and s == 1)
        ]
        if inside:
            bins.append((statistics.fmean(s for s, _ in inside), statistics.fmean(y for _, y in inside), len(inside)))
    return bins


# What scores a claim


def mean(scores: Iterable[float]) -> float:
    """The score of a claim of several sentences: chosen over the minimum and the product on frank's valid split."""
    given = list(scores)
    return statistics.fmean(given) if given else 0.0


def overlap(claim: str, source: Sequence[Sentence]) -> float:
    """Plain overlap."""
    words = {token.key for token in tokenize(claim) if token.word not in lexicon.FUNCTION_WORDS}
    known = frozenset().union(*(rough_keys(sentence.text) for sentence in source))
    return len(words & known) / len(words) if words else 0.0


def rouge_l(claim: str, source: Sequence[Sentence]) -> float:
    """Longest common subsequence with the best sentence, as a share of the claim (Lin 2004)."""
    words = claim.lower().split()
    return max((_common(words, sentence.text.lower().split()) for sentence in source), default=0) / max(1, len(words))


def _common(one: list[str], other: list[str]) -> int:
    places: dict[str, int] = {}
    for index, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << index
    row = (1 << len(one)) - 1  # bit-parallel (Hyyro 2004)
    for word in other:
        match = row & places.get(word, 0)
        row = (row + match) | (row - match)
        row &= (1 << len(one)) - 1
    return len(one) - row.bit_count()


def shipped(claim: str, source: Sequence[Sentence]) -> float:
    """``Claim.score``."""
    return align(claim, source, Markers()).score


Scorer = Callable[[str, Sequence[Sentence]], float]
SCORERS: dict[str, Scorer] = {"overlap": overlap, "ROUGE-L": rouge_l, "ours": shipped}


def score_all(examples: Sequence[Example], scorer: Scorer) -> list[float]:
    """The score of every example."""
    return [mean(scorer(sentence, one.source) for sentence in one.claim) for one in examples]


def vector(found: Finding | None) -> list[float]:
    """The features of a finding in their order; those of nothing when there is none."""
    nothing = {"missing_names": 1.0, "missing_numbers": 1.0}
    return [found.features[name] if found else nothing.get(name, 0.0) for name in FEATURES]


def cross_validated(examples: Sequence[Example], data: Path) -> list[float]:
    """Scores of wice's claims, each by coefficients that were fitted without its page."""
    from fit_support import Row, fit, rows_of, training_rows

    groups = sorted({one.group for one in examples})
    random.Random(SEED).shuffle(groups)
    fold = {group: index % FOLDS for index, group in enumerate(groups)}
    rows: list[Row] = rows_of(examples, "wice_dev")
    others = training_rows(data, sets=("frank", "pairs"))
    scores = [0.0] * len(examples)
    for held_out in range(FOLDS):
        kept = [row for row, one in zip(rows, examples, strict=True) if fold[one.group] != held_out]
        model = fit([*kept, *others])
        for index, (row, one) in enumerate(zip(rows, examples, strict=True)):
            if fold[one.group] == held_out:
                scores[index] = row.score(model)
    return scores


# Reports


def report(name: str, labels: list[int], columns: dict[str, list[float]]) -> None:
    """One line of the table, then calibration and the precision at the thresholds."""
    ours = columns["ours"]
    print(f"{name:<22}{len(labels):>6}{''.join(f'{auc(labels, scores):>10.3f}' for scores in columns.values())}")
    bins = " ".join(f"{score:.2f}:{share:.2f}({count})" for score, share, count in reliability(labels, ours))
    print(f"    Brier {brier(labels, ours):.3f}; mean score:share supported(claims) {bins}")


def report_verdicts(examples: Sequence[Example]) -> None:
    """How often claims of each verdict are supported, for claims of one sentence."""
    kinds: dict[str, list[int]] = {}
    for one in examples:
        if len(one.claim) == 1:
            kinds.setdefault(align(one.claim[0], one.source, Markers()).verdict, []).append(one.label)
    parts = [f"{verdict} {sum(labels)}/{len(labels)}" for verdict, labels in sorted(kinds.items())]
    print(f"    supported of one-sentence claims by verdict: {', '.join(parts)}")


def report_pairs(data: Path, limit: int | None) -> None:
    """AUC, and the share of pairs whose true claim scores higher (a tie counts as wrong)."""
    pages = pair_pages(data, "test")
    made = make_pairs(pages, PAIRS, SEED)
    if limit:
        random.Random(SEED).shuffle(made)
        made = made[:limit]
    scored = {
        name: [(scorer(p.true, pages[p.article]), scorer(p.false, pages[p.article])) for p in made]
        for name, scorer in SCORERS.items()
    }
    labels = [1] * len(made) + [0] * len(made)
    columns = {name: [t for t, _ in both] + [f for _, f in both] for name, both in scored.items()}
    report("minimal pairs", labels, columns)
    same = sum(pair.true == pair.sentence for pair in made)
    print(f"    {len(made)} pairs; the true claim is the sentence as it stands in {same}")
    for kind in (None, *KINDS):
        chosen = [i for i, pair in enumerate(made) if kind in (None, pair.kind)]
        if chosen:
            wins = (statistics.fmean(both[i][0] > both[i][1] for i in chosen) for both in scored.values())
            print(f"    pair accuracy {kind or 'all':<12}{len(chosen):>6}{''.join(f'{win:>10.3f}' for win in wins)}")
    accepted = ("quoted", "supported")
    verdicts = [
        [align(text, pages[p.article], Markers()).verdict in accepted for text in (p.true, p.false)] for p in made
    ]
    print(
        f"    accepted as quoted or supported: true {statistics.fmean(t for t, _ in verdicts):.3f}, "
        f"false {statistics.fmean(f for _, f in verdicts):.3f}"
    )


def report_speed(data: Path, limit: int | None) -> None:
    """Time of one claim against 20 passages that were not read before, and once more."""
    passages = [
        Hit(passage=passage, score=0.0, article=sentences[0].article)
        for sentences in pair_pages(data, "test")
        for passage in split(sentences[0].article)
        if 700 <= len(passage.text) <= 1100
    ]
    claims = [one.claim[0] for one in read_wice(data)][: limit or 100]
    claims = claims[: len(passages) // 20]
    random.Random(SEED).shuffle(passages)
    load_model()
    align(claims[0], sentences_of(passages[-1:]), Markers())
    times: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": []}
    for index, claim in enumerate(claims):
        hits = passages[20 * index : 20 * index + 20]
        for row in times.values():
            wall, cpu = time.perf_counter(), time.thread_time()
            align(claim, sentences_of(hits), Markers())
            row.append((1000 * (time.thread_time() - cpu), 1000 * (time.perf_counter() - wall)))
    for name, row in times.items():
        parts = []
        for label, spent in zip(("CPU", "wall clock"), zip(*row, strict=True), strict=True):
            p95 = sorted(spent)[math.ceil(0.95 * len(spent)) - 1]
            parts.append(f"{label} p50 {statistics.median(spent):.1f} ms, p95 {p95:.1f} ms")
        print(f"{'20 passages, ' + name:<22}{len(row):>6}  {'; '.join(parts)}")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=("wice_dev", "frank", "pairs", "speed"))
    parser.add_argument("--limit", type=int, help="so many claims of each set, sampled")
    chosen = parser.parse_args()
    wanted = chosen.sets or ("speed", "wice_dev", "frank", "pairs")
    if "speed" in wanted:
        report_speed(chosen.data, chosen.limit)
    print(f"{'AUC':<22}{'n':>6}{''.join(f'{name:>10}' for name in SCORERS)}")
    for name in ("wice_dev", "frank"):
        if name not in wanted:
            continue
        examples = read_wice(chosen.data) if name == "wice_dev" else read_frank(chosen.data)
        examples = [one for one in examples if one.split in ("", "test")]
        if chosen.limit and len(examples) > chosen.limit:
            examples = random.Random(SEED).sample(examples, chosen.limit)
        columns = {label: score_all(examples, scorer) for label, scorer in SCORERS.items() if label != "ours"}
        crossed = name == "wice_dev"
        columns["ours"] = cross_validated(examples, chosen.data) if crossed else score_all(examples, shipped)
        report(name + (", cross-validated" if crossed else " test"), [one.label for one in examples], columns)
        report_verdicts(examples)
    if "pairs" in wanted:
        report_pairs(chosen.data, chosen.limit)


if __name__ == "__main__":
    main()
