"""Measure summaries that no model wrote: ROUGE of ours, of the lead, and of sumy's LexRank and TextRank.

    python benchmarks/summaries.py DATA [--no-thousand]

DATA is a folder that holds ``summarization/frank_cnndm_xsum/articles.jsonl`` (news with reference summaries: the CNN
and Daily Mail part, and for information the BBC part, XSum, whose references are one sentence that no sentence of the
article says) and ``summarization/opinosis/topics.jsonl`` (sentences from reviews by topic, each with some four short
references).

Everybody picks from the same sentences, ours (those of a library's passages), at the same length: as
many sentences (3 of an article, 1 of XSum, 2 of reviews), and, in a second table, as many words at most as stand in
the first sentences of the same document (for reviews: 25). For the length in words, everybody goes down its own
ranking and takes each sentence that still fits; ours is given ``words=``. A review's sentence is an article of its
own: its place in the file says nothing.

F of ROUGE-1, -2 and -L by Google's ``rouge-score`` with stemming; with several references the mean. ``95 %`` is the
paired bootstrap interval (2,000 resamples of the documents) of ours minus another's.

The coefficients of :mod:`toolkit.summaries.salience` were chosen on half A, the documents whose id has an even CRC-32.
The rules of :mod:`toolkit.summaries.standing` were written while reading sentences of both halves, without their
references. What half B scores was seen before the end (for the lead and simple variants of it, and once for ours
before some last rules on lists, which came from reading the sample articles); nothing was chosen by it.

The last part summarises 1,000 articles of 25 sentences each, made of the sentences of DATA's articles with a number in
each, so that nothing that was computed for one is at hand for another.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from jsonl import read_lines

from toolkit.alignment.sentences import Markers, Sentence, quote
from toolkit.embeddings import StaticEmbedding
from toolkit.language.lengths import word_count
from toolkit.passages import split
from toolkit.summaries.picking import sentences_in_order
from toolkit.summaries.salience import summary_sentences
from toolkit.types import Article, Hit

MEASURES = ("rouge1", "rouge2", "rougeL")
REVIEW_WORDS = 25
METHODS = ("lead", "sumy LexRank", "sumy TextRank", "ours")


@dataclass(frozen=True)
class Document:
    """What is to be summed up, and how people did it."""

    id: str
    sentences: tuple[Sentence, ...]
    references: tuple[str, ...]

    @property
    def half(self) -> str:
        """A, by which settings were chosen, or B."""
        return "B" if zlib.crc32(self.id.encode()) % 2 else "A"


@dataclass(frozen=True)
class Part:
    """A set of documents and how long their summaries are."""

    name: str
    documents: tuple[Document, ...]
    sentences: int
    words: int | None  # None: as many as the document's first sentences have


def news(folder: Path, dataset: str) -> Iterator[Document]:
    """The articles of one dataset that have a reference."""
    for record in read_lines(folder / "summarization/frank_cnndm_xsum/articles.jsonl"):
        if record["dataset"] == dataset and record["reference"].strip():
            article = Article(text=record["article"], id=record["id"])
            yield Document(article.id, tuple(sentences_in(article)), (record["reference"],))


def reviews(folder: Path) -> Iterator[Document]:
    """The topics, each sentence an article of its own."""
    for record in read_lines(folder / "summarization/opinosis/topics.jsonl"):
        texts = [text for text in record["sentences"] if text.strip()]
        articles = [Article(text=text, id=f"{record['id']}-{n:03}") for n, text in enumerate(texts)]
        sentences = tuple(Sentence(article=one, span=one.span(0, len(one.text))) for one in articles)
        yield Document(record["id"], sentences, tuple(record["references"]))


# -- who picks ---------------------------------------------------------------------------------------------------------


def taken(ranked: Iterable[Sentence], most: int, words: int | None) -> list[Sentence]:
    """The first sentences of a ranking; with a number of words, each that still fits."""
    found: list[Sentence] = []
    left = words
    for sentence in ranked:
        if len(found) == most:
            break
        if left is not None:
            count = word_count(sentence.text)
            if count > left:
                continue
            left -= count
        found.append(sentence)
    return found


def ours(document: Document, most: int, words: int | None) -> list[Sentence]:
    """What the toolkit picks."""
    vectors = StaticEmbedding().embed([sentence.text for sentence in document.sentences])
    picks = summary_sentences(None, document.sentences, vectors, None, most, words=words)
    return [pick.sentence for pick in picks]


class _Words:
    """sumy's tokenizer needs nltk's data; for words, this will do."""

    def to_words(self, text: str) -> tuple[str, ...]:
        import re

        return tuple(re.findall(r"[^\W\d_](?:[^\W_]|['’-])*", text))


@cache
def _summarizers() -> dict[str, Any]:
    from sumy.nlp.stemmers import Stemmer
    from sumy.summarizers.lex_rank import LexRankSummarizer
    from sumy.summarizers.text_rank import TextRankSummarizer
    from sumy.utils import get_stop_words

    made = {
        "sumy LexRank": LexRankSummarizer(Stemmer("english")),
        "sumy TextRank": TextRankSummarizer(Stemmer("english")),
    }
    for one in made.values():
        one.stop_words = get_stop_words("english")
    return made


def sumy(name: str, document: Document, most: int, words: int | None) -> list[Sentence]:
    """What sumy picks of the same sentences."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph
    from sumy.models.dom import Sentence as TheirSentence

    theirs = [TheirSentence(sentence.text, _Words()) for sentence in document.sentences]
    picked: list[Sentence] = []

    def choose(infos: Sequence[Any]) -> list[Any]:
        picked.extend(taken((document.sentences[info.order] for info in infos), most, words))
        return []

    _summarizers()[name](ObjectDocumentModel([Paragraph(theirs)]), choose)
    return sorted(picked, key=document.sentences.index)


def picked_by(method: str, document: Document, most: int, words: int | None) -> list[Sentence]:
    """What a method picks, in the order of the text."""
    if method == "ours":
        return ours(document, most, words)
    if method == "lead":
        return taken(document.sentences, most, words)
    return sumy(method, document, most, words)


# -- how well ----------------------------------------------------------------------------------------------------------


@cache
def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(MEASURES), use_stemmer=True)


def rouge(document: Document, summary: Sequence[Sentence]) -> list[float]:
    """F of each measure times 100, the mean over the references."""
    text = " ".join(sentence.text for sentence in summary)
    scores = [_scorer().score(reference, text) for reference in document.references]
    return [100 * sum(score[name].fmeasure for score in scores) / len(scores) for name in MEASURES]


def quoted(summary: Sequence[Sentence]) -> tuple[int, int]:
    """How many sentences are the article's own characters, compared one by one, and how many there are."""
    markers = Markers()
    claims = [quote(sentence, markers) for sentence in summary]
    exact = 0
    for claim, sentence in zip(claims, summary, strict=True):
        (citation,) = claim.citations
        article = sentence.article
        same = article.text[citation.span.start : citation.span.end] == citation.quote == claim.text
        exact += same and claim.verdict == "quoted" and citation.span.article_id == article.id
    return exact, len(claims)


def interval(differences: np.ndarray) -> tuple[float, float]:
    """The paired bootstrap interval of a mean difference."""
    rows = np.random.default_rng(0).integers(0, len(differences), (2000, len(differences)))
    low, high = np.percentile(differences[rows].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def measure(part: Part, by_words: bool) -> None:
    """Print one table."""
    length = f"{part.sentences} sentence{'s' if part.sentences > 1 else ''}"
    if by_words:
        length = f"at most {part.words} words" if part.words else f"at most the words of the first {length}"
    halves = np.array([document.half for document in part.documents])
    print(f"\n{part.name}, n = {len(halves)} (A {sum(halves == 'A')}, B {sum(halves == 'B')}), {length}: R-1  R-2  R-L")
    scores: dict[str, np.ndarray] = {}
    for method in METHODS:
        summaries = []
        for document in part.documents:
            most, words = part.sentences, None
            if by_words:
                most = len(document.sentences)
                words = part.words or sum(word_count(one.text) for one in document.sentences[: part.sentences])
            summaries.append(picked_by(method, document, most, words))
        rows = [rouge(document, one) for document, one in zip(part.documents, summaries, strict=True)]
        scores[method] = np.array(rows)
        words_each = np.mean([sum(word_count(sentence.text) for sentence in one) for one in summaries])
        columns = [scores[method], scores[method][halves == "A"], scores[method][halves == "B"]]
        means = "".join(
            f"{name:>6}" + "".join(f"{v:7.2f}" for v in c.mean(axis=0))
            for name, c in zip(("all", "A", "B"), columns, strict=True)
        )
        print(f"  {method:<14}{words_each:6.1f} words{means}", flush=True)
        if method == "ours":
            counts = [quoted(one) for one in summaries]
            exact, total = (sum(column) for column in zip(*counts, strict=True))
            empty = sum(not one for one in summaries)
            print(f"  quoted: {exact:,} of {total:,} sentences ({exact / total:.1%}); no summary of {empty}")
    for method in METHODS[:-1]:
        difference = scores["ours"] - scores[method]
        shown = [
            f"{column.mean():+.2f} ({interval(column)[0]:+.2f} to {interval(column)[1]:+.2f})"
            for column in difference.T
        ]
        print(f"  ours minus {method:<14} 95 %: {'  '.join(shown)}")


# -- how fast ----------------------------------------------------------------------------------------------------------


def sentences_in(article: Article) -> list[Sentence]:
    """The sentences of an article, as a summary of it reads them."""
    return sentences_in_order([Hit(passage=passage, score=0.0, article=article) for passage in split(article)])


def thousand(documents: Sequence[Document], count: int = 1000, each: int = 25) -> None:
    """Summarise many articles at once, and say what it took."""
    drawn = random.Random(0)
    pool = [sentence.text for document in documents for sentence in document.sentences]
    articles = [
        Article(
            text=" ".join(f"{text[:-1]} {n}-{m}{text[-1]}" for m, text in enumerate(drawn.sample(pool, each))),
            id=str(n),
        )
        for n in range(count)
    ]
    ours(documents[0], 3, None)  # loads the vectors
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps = [("", time.perf_counter(), time.process_time())]

    def done(name: str) -> None:
        steps.append((name, time.perf_counter(), time.process_time()))

    every = [sentence for article in articles for sentence in sentences_in(article)]
    vectors = StaticEmbedding().embed([sentence.text for sentence in every])
    done(f"{len(every):,} sentences split and embedded")
    summary_sentences(None, every, vectors, None, 10)
    done("10 picked of all")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\n{count:,} articles of {each} sentences, seconds (and of them on the processor):")
    for (_, wall, spent), (name, later, spent_later) in pairwise(steps):
        print(f"  {later - wall:6.2f} ({spent_later - spent:.2f})  {name}")
    print(f"  most memory: {before / 1024:.0f} MB before, {after / 1024:.0f} MB after")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-thousand", action="store_true", help="leave out the run over 1,000 articles")
    chosen = parser.parse_args()
    parts: list[tuple[str, Callable[[], Iterator[Document]], int, int | None]] = [
        ("CNN/Daily Mail", lambda: news(chosen.data, "cnndm"), 3, None),
        ("XSum (information)", lambda: news(chosen.data, "xsum"), 1, None),
        ("Opinosis", lambda: reviews(chosen.data), 2, REVIEW_WORDS),
    ]
    articles: list[Document] = []
    for name, documents, sentences, words in parts:
        part = Part(name, tuple(documents()), sentences, words)
        for by_words in (False, True):
            measure(part, by_words)
        articles += part.documents if name != "Opinosis" else ()
    if not chosen.no_thousand:
        thousand(articles)


if __name__ == "__main__":
    main()
