"""Which sentences of which stories make up a summary without a model.

Every story is summed up by itself (:mod:`toolkit.summaries.salience`), and gets sentences as parties get seats by
highest averages (d'Hondt): a story with twice as many articles gets about twice as many, and none is given to a story
before it is its turn. A story that has fewer sentences to quote than seats leaves them to the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.alignment.sentences import Sentence, names_in
from toolkit.embeddings import StaticEmbedding
from toolkit.extract import is_dangling, repeats
from toolkit.language.lengths import Length, word_count
from toolkit.language.words import rough_keys
from toolkit.summaries.material import Told
from toolkit.summaries.salience import summary_sentences
from toolkit.summaries.standing import undated
from toolkit.thresholds import UNNAMED_WEIGHT
from toolkit.types import Hit, Span

if TYPE_CHECKING:
    import numpy as np

HEADLINE_WORDS = 36
"""Words of a sentence that can stand as a headline."""

_LEAD = 700  # characters of an article, in which it says what is new
_HEADS = 2  # sentences of an article that may be its headline
_QUOTES = ("“", '"', "‘", "'", "«")
_A_SENTENCE = 22  # words, about: where the search begins for the number of sentences that fits
_FEW_WORDS = 8  # that are not worth another look for a sentence that would fit
_TRIES = 6  # stories that are asked for a sentence that fits


class Teller:
    """Picks sentences of one story.

    Args:
        told: The story with its passages.
        query: What the summary is about; None for all of it.
        about: The query's vector; None without a query.
        headline: Whether one short sentence from an article's beginning is wanted.
        among_others: Whether it stands beside other stories: then a sentence should say whom it is about.
    """

    def __init__(
        self,
        told: Told,
        query: str | None,
        about: np.ndarray | None,
        *,
        headline: bool = False,
        among_others: bool = False,
    ) -> None:
        self.told = told
        self._query, self._about, self._headline = query, about, headline
        self._naming = headline or among_others
        self._read: tuple[list[Sentence], np.ndarray] | None = None

    def picks(self, most: int, words: int | None = None) -> list[Sentence]:
        """So many sentences at most, in the order in which they are to be read."""
        if self._read is None:
            sentences = sentences_in_order(self.told.hits)
            self._read = sentences, StaticEmbedding().embed([sentence.text for sentence in sentences])
        sentences, vectors = self._read
        if self._headline and (rows := _heads(sentences)):
            found = self._summed([sentences[row] for row in rows], vectors[rows], most, words)
            if found:
                return found
        return self._summed(sentences, vectors, most, words)

    def forget(self) -> None:
        """Let go of what was read: of a thousand stories most are asked once."""
        self._read = None

    def _summed(
        self, sentences: Sequence[Sentence], vectors: np.ndarray, most: int, words: int | None
    ) -> list[Sentence]:
        weights = [_naming(sentence) for sentence in sentences] if self._naming else None
        found = summary_sentences(self._query, sentences, vectors, self._about, most, words=words, weights=weights)
        return [undated(pick.sentence) for pick in found]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is chosen.

    Attributes:
        sentences: By story, in the stories' order; an empty tuple for a story that gets none.
        note: What the reader should know of it; empty when all is well.
    """

    sentences: tuple[tuple[Sentence, ...], ...]
    note: str = ""


def sentences_in_order(hits: Sequence[Hit]) -> list[Sentence]:
    """The sentences of passages, each once, each with the one before it, even where that ends another passage."""
    found: dict[Span, Sentence] = {}
    ends: dict[tuple[str, int], Span] = {}
    for hit in hits:
        if hit.passage.sentences:
            last = hit.passage.sentences[-1]
            ends[hit.article.id, last.end] = last
    for hit in hits:
        text = hit.article.text
        start = hit.passage.span.start
        before = ends.get((hit.article.id, len(text[:start].rstrip())))
        for span in hit.passage.sentences:
            found.setdefault(span, Sentence(article=hit.article, span=span, before=before))
            before = span
    return list(found.values())


def _heads(sentences: Sequence[Sentence]) -> list[int]:
    """Which sentences can stand as a headline: the first ones of each article that can."""
    rows: list[int] = []
    counts: Counter[str] = Counter()
    for row, sentence in enumerate(sentences):
        if _may_head(sentence) and counts[sentence.article.id] < _HEADS:
            counts[sentence.article.id] += 1
            rows.append(row)
    return rows


def _may_head(sentence: Sentence) -> bool:
    """Whether a sentence can stand as a headline: short, from where an article says what is new, nobody's speech."""
    short = word_count(sentence.text) <= HEADLINE_WORDS and sentence.span.start < _LEAD
    return short and not sentence.text.startswith(_QUOTES) and not is_dangling(sentence)


def _naming(sentence: Sentence) -> float:
    """1 for a sentence that names somebody or something of its article's title, less for one that does not.

    Beside other stories nobody sees whom “the visitors” are, or which “local rebound” it was.
    """
    titled = names_in(sentence.article.title or "")
    if not titled:
        return 1.0
    return 1.0 if titled & rough_keys(sentence.text) else UNNAMED_WEIGHT


def seats(weights: Sequence[float], most: int, caps: Mapping[int, int] | None = None) -> list[int]:
    """Whose turn each of ``most`` sentences is, in order: seats by highest averages (d'Hondt).

    Args:
        weights: Of the stories, above 0; of equal averages the first story's comes first.
        most: Sentences.
        caps: How many a story can have at most, by its index; no more are given to it.
    """
    import heapq

    limits = caps or {}
    averages = [(-weight, index, 1) for index, weight in enumerate(weights) if limits.get(index, 1) > 0]
    heapq.heapify(averages)
    given: list[int] = []
    while averages and len(given) < most:
        _, index, seat = heapq.heappop(averages)
        given.append(index)
        if seat < limits.get(index, most):
            heapq.heappush(averages, (-weights[index] / (seat + 1), index, seat + 1))
    return given


def choose(tellers: Sequence[Teller], length: Length) -> Choice:
    """The sentences of a summary of so many stories and such a length."""
    if not tellers:
        return Choice(sentences=())
    return _sentences(tellers, length.sentences) if length.words is None else _words(tellers, length.words)


def _sentences(tellers: Sequence[Teller], most: int) -> Choice:
    weights = [teller.told.weight for teller in tellers]
    # Without these a length of a billion would hand out a billion seats.
    caps = {n: sum(len(hit.passage.sentences) for hit in teller.told.hits) for n, teller in enumerate(tellers)}
    while True:
        counts = Counter(seats(weights, most, caps))
        picked = {index: tellers[index].picks(count) for index, count in counts.items()}
        short = {index: len(found) for index, found in picked.items() if len(found) < counts[index]}
        if not short:
            return Choice(sentences=_once(picked, len(tellers)))
        caps.update(short)


def _once(picked: Mapping[int, Sequence[Sentence]], stories: int) -> tuple[tuple[Sentence, ...], ...]:
    """By story, without what another story has said already and without what leans on that."""
    kept: list[tuple[Sentence, ...]] = []
    for index in range(stories):
        mine: list[Sentence] = []
        gone: set[tuple[str, int]] = set()  # a sentence may be shown without its beginning, never without its end
        told = [sentence for others in kept for sentence in others]
        for sentence in picked.get(index, ()):
            before = sentence.before
            behind = before is not None and (before.article_id, before.end) in gone
            if behind or any(repeats(sentence, other) for other in told):
                gone.add((sentence.article.id, sentence.span.end))
            else:
                mine.append(sentence)
        kept.append(tuple(mine))
    return tuple(kept)


def _count(choice: Choice) -> int:
    return sum(word_count(sentence.text) for story in choice.sentences for sentence in story)


def _words(tellers: Sequence[Teller], words: int) -> Choice:
    if len(tellers) == 1:
        return _noted(Choice(sentences=(tuple(tellers[0].picks(max(1, words // 4), words)),)), words)
    most = max(1, round(words / _A_SENTENCE))
    choice = _sentences(tellers, most)
    while most > 1 and _count(choice) > words:
        most -= 1
        choice = _sentences(tellers, most)
    while _count(choice) <= words:
        more = _sentences(tellers, most + 1)
        if _count(more) > words or sum(map(len, more.sentences)) == sum(map(len, choice.sentences)):
            break
        most, choice = most + 1, more
    if _count(choice) > words:
        for index, teller in enumerate(tellers):  # the weightiest story that can be told in so few words
            found = teller.picks(1, words)
            if found and (word_count(found[0].text) <= words or index == len(tellers) - 1 or index == _TRIES):
                rows = tuple(tuple(found) if n == index else () for n in range(len(tellers)))
                return _noted(Choice(sentences=rows), words)
    return _filled(tellers, choice, words)


def _filled(tellers: Sequence[Teller], choice: Choice, words: int) -> Choice:
    """One more sentence, of a story that has none yet, where the words that are left suffice."""
    left = words - _count(choice)
    silent = [index for index, story in enumerate(choice.sentences) if not story]
    for index in silent[:_TRIES] if left >= _FEW_WORDS else []:
        found = tellers[index].picks(1, left)
        if not found or word_count(found[0].text) > left:
            continue
        if any(repeats(found[0], other) for story in choice.sentences for other in story):
            continue
        rows = tuple(tuple(found) if n == index else story for n, story in enumerate(choice.sentences))
        return Choice(sentences=rows)
    return choice


def _noted(choice: Choice, words: int) -> Choice:
    found = _count(choice)
    if found <= words:
        return choice
    return Choice(
        sentences=choice.sentences,
        note=f"No sentence there that sums up has {Length(sentences=1, words=words)} or fewer; this one has {found}.",
    )
