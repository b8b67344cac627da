"""Which articles tell of one event, and which of them are nearly the same text.

Stories are found as in topic detection and tracking (Allan et al. 1998; Yang, Pierce and Carbonell 1998): articles come
one after the other by date, each joins the story whose centroid is nearest if that is near enough and within some days,
else it opens a story of its own. What is compared is the head of an article, title and first paragraphs: half by its
static vector, which knows that a premier and a prime minister are one, half by its rare words and names (TF-IDF), which
know one harbour fire from another. Near copies are found by bottom-k sketches (Broder 1997) and held against each other
only where the sketches meet, so the cost grows with the number of articles and not with that of their pairs.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.copies import adds_nothing
from toolkit.copies import forget as forget_texts
from toolkit.embeddings import StaticEmbedding
from toolkit.language import lexicon
from toolkit.language.words import rough_keys
from toolkit.thresholds import SAME_STORY, SAME_STORY_UNDATED, STORY_DAYS, STORY_NAME_WEIGHT
from toolkit.types import Article

if TYPE_CHECKING:
    import numpy as np

HEAD = 1000
"""Characters of an article, after its title, that say what it is about."""

_HASHED = 768  # dimensions of the rare words: two words meet in one with a probability of 1 in 768
_SKETCH = 16  # hashes of an article that are held against those of others
_CROWD = 12  # articles with one run of words in common, from which it is a paper's own formula
_RUN = 4  # words
_LIKELIEST = 4  # articles that share most hashes, each of which is compared
_KEPT = 50  # articles whose texts may stay in the cache of copies.fingerprint, which has room for 2,000 texts
_COPY_WEIGHT = 0.25  # of an article: somebody chose to print it
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w’'-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """Articles about one event.

    Attributes:
        articles: The one that stands for the story first: the one nearest to the middle of them all; then the others,
            nearest first.
        copies: Near copies of some of them.
    """

    articles: tuple[Article, ...]
    copies: tuple[Article, ...] = ()

    @property
    def weight(self) -> float:
        """How much is made of it: its articles, and a quarter for each copy, since somebody chose to print it."""
        return len(self.articles) + _COPY_WEIGHT * len(self.copies)

    @property
    def title(self) -> str:
        """What it is about, as the article that stands for it puts it."""
        first = self.articles[0]
        return " ".join((first.title or "").split()) or " ".join(first.text[:80].split())


def near_copies(articles: Sequence[Article]) -> dict[str, Article]:
    """The articles that add nothing to another one, by id, each with the one that stays.

    Of two that say the same, the one published first stays; what differs in a number, a name or a denial is no copy
    (see :func:`toolkit.copies.adds_nothing`).
    """
    where: dict[int, list[int]] = defaultdict(list)
    for index, article in enumerate(articles):
        for value in _sketch(article.text):
            where[value].append(index)
    met: dict[int, Counter[int]] = defaultdict(Counter)
    for indexes in where.values():
        if 1 < len(indexes) <= _CROWD:
            for index in indexes:
                met[index].update(other for other in indexes if other != index)
    # The fuller text is looked at first, and of equals the earlier one: it is what the others are copies of.
    order = sorted(range(len(articles)), key=lambda i: (-len(articles[i].text), articles[i].date or "9", i))
    stays: dict[str, Article] = {}
    for index in order:
        article = articles[index]
        for other, _ in met[index].most_common(_LIKELIEST):
            kept = articles[other]
            if kept.id in stays or article.id == kept.id or not adds_nothing(article.text, kept.text):
                continue
            if _comes_first(article, kept) and adds_nothing(kept.text, article.text):
                continue
            stays[article.id] = kept
            break
    if len(articles) > _KEPT:  # whole articles, which nobody will ask for again: they would stay for good
        forget_texts()
    return stays


def _comes_first(one: Article, other: Article) -> bool:
    return (one.date or "9", one.id) < (other.date or "9", other.id)


def _sketch(text: str) -> list[int]:
    """The smallest hashes of a text's runs of words: texts that share most runs share most of these, too."""
    words = _WORD.findall(text.lower())
    runs = {" ".join(words[n : n + _RUN]) for n in range(max(1, len(words) - _RUN + 1))}
    # Not hash(), which differs from process to process.
    return sorted(zlib.crc32(run.encode("utf-8", "replace")) for run in runs)[:_SKETCH]


def find_stories(articles: Sequence[Article]) -> list[Story]:
    """Articles grouped by the event that they tell of.

    Args:
        articles: Each once.

    Returns:
        The stories, those that most articles tell of first, of equals the newest first. Every article stands in one
        story, as one of its articles or as a copy.
    """
    import numpy as np

    copies = near_copies(articles)
    kept = [article for article in articles if article.id not in copies]
    if not kept:
        return []
    rows = _vectors(kept)
    members = _grouped(rows, [None if a.published is None else a.published.toordinal() for a in kept])
    printed: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.id in copies:
            printed[_original(article, copies).id].append(article)
    stories = []
    for indexes in members:
        centre = rows[indexes].mean(axis=0)
        nearness: list[float] = np.round(rows[indexes] @ centre, 3).tolist()
        # Of two that are as near, the newer one has seen more of it, and the longer one says more.
        ranked = sorted(
            zip(nearness, indexes, strict=True),
            key=lambda pair: (pair[0], kept[pair[1]].date or "", len(kept[pair[1]].text), kept[pair[1]].id),
            reverse=True,
        )
        inside = tuple(kept[index] for _, index in ranked)
        stories.append(Story(articles=inside, copies=tuple(c for a in inside for c in printed[a.id])))
    newest = {id(story): max(a.date or "" for a in story.articles) for story in stories}
    # Sorted twice, since the newest is wanted first of those that weigh the same.
    stories.sort(key=lambda story: (newest[id(story)], story.articles[0].id), reverse=True)
    return sorted(stories, key=lambda story: -story.weight)


def _original(article: Article, copies: dict[str, Article]) -> Article:
    """What a copy is a copy of, to the end of the chain."""
    seen = {article.id}
    while article.id in copies and copies[article.id].id not in seen:
        article = copies[article.id]
        seen.add(article.id)
    return article


def _vectors(articles: Sequence[Article]) -> np.ndarray:
    """Rows of length one, float32: what an article is about, half by meaning and half by its rare words."""
    import numpy as np

    heads = [f"{article.title or ''}. {article.text[:HEAD]}" for article in articles]
    meaning = StaticEmbedding().embed(heads)
    counts: Counter[str] = Counter()
    bags: list[dict[str, float]] = []
    for head in heads:
        # Past the cache, which would keep every head for as long as the process lives.
        bag = dict.fromkeys(rough_keys.__wrapped__(head) - _COMMON, 1.0)
        for name in _NAME.findall(head):
            for key in rough_keys(name) & bag.keys():
                bag[key] = STORY_NAME_WEIGHT
        counts.update(bag.keys())
        bags.append(bag)
    rare = np.zeros((len(articles), _HASHED), np.float32)
    for row, bag in enumerate(bags):
        for key, weight in bag.items():
            value = zlib.crc32(key.encode("utf-8", "replace"))
            rarity = np.log(1 + (len(articles) + 1) / counts[key])
            rare[row, value % _HASHED] += weight * rarity * (1 if value & 0x40000000 else -1)
    lengths = np.linalg.norm(rare, axis=1, keepdims=True)
    rare /= np.where(lengths > 0, lengths, 1)
    return np.hstack([meaning, rare]) * np.float32(0.5**0.5)


_COMMON = frozenset(lexicon.FUNCTION_WORDS) | frozenset(lexicon.WEEKDAYS) | frozenset(lexicon.MONTHS)


class _Groups:
    """Stories while they are made: the sum of each one's rows, its size, and its first and last day."""

    def __init__(self, rows: np.ndarray, days: Sequence[int | None]) -> None:
        import numpy as np

        self.rows, self.days = rows, days
        self.home: list[int] = [-1] * len(rows)
        self._sums = np.zeros_like(rows)
        self._sizes = np.zeros(len(rows), np.float32)
        self._first = np.full(len(rows), np.inf)
        self._last = np.full(len(rows), -np.inf)
        self._opened = 0

    def nearest(self, index: int) -> int | None:
        """The story whose articles are nearest to one, in the mean; None when none is near enough."""
        import numpy as np

        if not self._opened:
            return None
        near = self._sums[: self._opened] @ self.rows[index] / self._sizes[: self._opened].clip(1)
        day = self.days[index]
        if day is not None:
            first, last = self._first[: self._opened], self._last[: self._opened]
            near[((day > last + STORY_DAYS) | (day < first - STORY_DAYS)) & (first <= last)] = -1
        enough = np.where(
            self._first[: self._opened] <= self._last[: self._opened],
            SAME_STORY,
            SAME_STORY_UNDATED,
        )
        near -= SAME_STORY_UNDATED if day is None else enough
        best = int(near.argmax())
        return best if near[best] >= 0 else None

    def put(self, index: int, story: int | None) -> None:
        """Put an article into a story; None: into a new one."""
        if story is None:
            story, self._opened = self._opened, self._opened + 1
        self.home[index] = story
        self._sums[story] += self.rows[index]
        self._sizes[story] += 1
        day = self.days[index]
        if day is not None:
            self._first[story] = min(self._first[story], day)
            self._last[story] = max(self._last[story], day)

    def look_again(self, index: int) -> None:
        """Let an article move to the story that is now the nearest."""
        story = self.home[index]
        self._sums[story] -= self.rows[index]
        self._sizes[story] -= 1
        better = self.nearest(index)
        self.put(index, story if better is None else better)


def _grouped(rows: np.ndarray, days: Sequence[int | None]) -> list[list[int]]:
    """Indexes by story: one pass by date, then a second look in which every article may move to a nearer story."""
    groups = _Groups(rows, days)
    order = sorted(range(len(rows)), key=lambda i: (days[i] or 0, i))
    for index in order:
        groups.put(index, groups.nearest(index))
    for index in order:
        groups.look_again(index)
    found: dict[int, list[int]] = defaultdict(list)
    for index, story in enumerate(groups.home):
        found[story].append(index)
    return list(found.values())
