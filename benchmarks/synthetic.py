"""Made-up news articles for measuring speed: as many as wanted, the same ones every time, made in no time.

Word frequencies follow Zipf's law over 50,000 words. The most frequent ones are English function words, as in English;
the others are word pieces of the bundled vocabulary, alone or two together, so that a word costs the tokenizer about
what an English one does. Each article has a topic, whose 300 words make up a third of its other words: without topics
every passage would have nearly the same vector. Nothing that is said means anything: this measures speed, not quality.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toolkit.types import Article

WORDS = 50_000
TOPICS = 500
PUBLISHERS = tuple(f"Paper {number:02d}" for number in range(40))
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 730
ARTICLE_WORDS = 600
PASSAGES = 5
"""Passages that an article of the usual length makes, about."""

_TOPIC_WORDS = 300
_TOPIC_SHARE = 0.33
_BLOCK = 250
_FUNCTION_WORDS = """the of and to a in is that for it as was with be by on not he his but at are this have
from or had an they which were her she all their been has will who would there we can what more if no out so
said other up its about into than them could new then some these may only do any such over our most also
after first now two where those before must through back much how too being under well down should because
each just between since during without against""".split()
_LETTERS = "bcdfghjkmp"


class Corpus:
    """Articles by number; the same number is always the same article.

    Args:
        seed: Another seed makes other words, topics and articles.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        rng = np.random.default_rng(seed)
        self._words = np.array(_vocabulary(rng), object)
        self._common = _cumulative(WORDS)
        self._topical = _cumulative(_TOPIC_WORDS)
        first = len(_FUNCTION_WORDS)
        self._topics = rng.integers(first + 200, WORDS, (TOPICS, _TOPIC_WORDS))

    def articles(self, first: int, count: int, prefix: str = "a", mark: bool = False) -> Iterator[Article]:
        """Articles ``first`` to ``first + count - 1``, made as they are asked for.

        Args:
            first: Number of the first one.
            count: How many.
            prefix: Their ids are the prefix and the number.
            mark: End each article with a sentence that holds its :func:`marker`.
        """
        for block in range(first // _BLOCK, (first + count - 1) // _BLOCK + 1):
            rng = np.random.default_rng([self.seed, block])
            for number, (title, text) in enumerate(self._texts(rng), block * _BLOCK):
                if first <= number < first + count:
                    end = f" The code is {marker(prefix, number)}." if mark else ""
                    yield Article(
                        id=f"{prefix}{number:08d}",
                        text=text + end,
                        title=title,
                        publisher=PUBLISHERS[number * 7 % len(PUBLISHERS)],
                        published=FIRST_DAY + timedelta(days=number * 13 % DAYS, minutes=number % 1440),
                        language="en",
                    )

    def _texts(self, rng: np.random.Generator) -> Iterator[tuple[str, str]]:
        """Title and text of the articles of one block."""
        lengths = rng.integers(ARTICLE_WORDS * 3 // 4, ARTICLE_WORDS * 5 // 4, _BLOCK)
        topics = rng.integers(0, TOPICS, _BLOCK)
        total = int(lengths.sum()) + 8 * _BLOCK
        ranks = np.searchsorted(self._common, rng.random(total))
        inside = np.searchsorted(self._topical, rng.random(total))
        owners = np.repeat(topics, lengths + 8)
        topical = (rng.random(total) < _TOPIC_SHARE) & (ranks >= len(_FUNCTION_WORDS))
        ranks[topical] = self._topics[owners[topical], inside[topical]]
        words = self._words[ranks].tolist()
        at = 0
        for length in lengths:
            title = " ".join(words[at : at + 8]).capitalize()
            yield title, _prose(words[at + 8 : at + 8 + length], rng)
            at += length + 8


def marker(prefix: str, number: int) -> str:
    """A word that stands in one article only."""
    return "qx" + prefix.lower() + "".join(_LETTERS[int(digit)] for digit in f"{number:07d}")


def queries(articles: Iterator[Article], seed: int = 1) -> list[tuple[str, Article]]:
    """Queries drawn from articles: three to six words of a passage, in the order of the text, with their article."""
    from toolkit.passages import split

    rng = np.random.default_rng(seed)
    drawn = []
    for article in articles:
        passages = split(article)
        words = re.findall(r"\w+", passages[rng.integers(len(passages))].text)
        places = np.sort(rng.choice(len(words), min(len(words), int(rng.integers(3, 7))), replace=False))
        drawn.append((" ".join(words[place] for place in places), article))
    return drawn


def write_lines(path: Path, articles: Iterator[Article]) -> None:
    """Articles as JSON lines, for :func:`read_lines`."""
    with path.open("w", encoding="utf-8") as file:
        for one in articles:
            assert one.published is not None
            row = [one.id, one.text, one.title, one.publisher, one.published.isoformat(), one.language]
            file.write(json.dumps(row) + "\n")


def read_lines(path: Path) -> Iterator[Article]:
    """The articles of a file that :func:`write_lines` wrote, one at a time."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            key, text, title, publisher, published, language = json.loads(line)
            yield Article(
                id=key,
                text=text,
                title=title,
                publisher=publisher,
                published=datetime.fromisoformat(published),
                language=language,
            )


def _cumulative(count: int) -> NDArray[np.float64]:
    weights = 1 / np.arange(1, count + 1)
    total: NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    total[-1] = 1.0
    return total


def _vocabulary(rng: np.random.Generator) -> list[str]:
    pieces = _word_pieces()
    plain = re.compile(r"▁[a-z]{4,}").fullmatch
    whole = [piece[1:] for piece in pieces if plain(piece) and piece[1:] not in _FUNCTION_WORDS]
    endings = [piece for piece in pieces if re.fullmatch("[a-z]{2,5}", piece)]
    words = dict.fromkeys([*_FUNCTION_WORDS, *whole])
    while len(words) < WORDS:
        stems, tails = rng.integers(0, len(whole), 10_000), rng.integers(0, len(endings), 10_000)
        words |= dict.fromkeys(whole[a] + endings[b] for a, b in zip(stems, tails, strict=True))
    return list(words)[:WORDS]


def _word_pieces() -> list[str]:
    """The bundled vocabulary, from frequent to rare; ``▁`` begins a word."""
    from importlib.util import find_spec

    from tokenizers import Tokenizer

    spec = find_spec("wordllama")
    assert spec is not None
    assert spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "tokenizers" / "l2_supercat_tokenizer_config.json"
    ranks: dict[str, int] = Tokenizer.from_file(str(file)).get_vocab()
    return sorted(ranks, key=ranks.__getitem__)


def _prose(words: list[str], rng: np.random.Generator) -> str:
    """Sentences of 12 to 28 words, paragraphs of five to seven sentences."""
    paragraphs: list[list[str]] = [[]]
    at = 0
    for length, wanted in zip(
        rng.integers(12, 29, len(words) // 12 + 1), rng.integers(5, 8, len(words) // 12 + 1), strict=True
    ):
        sentence = " ".join(words[at : at + length])
        if not sentence:
            break
        if len(paragraphs[-1]) >= wanted:
            paragraphs.append([])
        paragraphs[-1].append(sentence[0].upper() + sentence[1:] + ".")
        at += length
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)
