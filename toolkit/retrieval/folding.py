"""Of passages that say the same, one: what stands for which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from toolkit.copies import adds_nothing, article_words
from toolkit.retrieval.fusion import Scored
from toolkit.thresholds import EDITED_RUNS, ELSEWHERE
from toolkit.types import Article
from toolkit.types.copies import original_first

# “KYIV, Aug. 19 (Reuters) -”, “PARIS —”: of two copies one has it, and it says nothing that the other does not.
_DATELINE = re.compile(
    r"""\A\W*(?:[A-Z][\w .,'’/-]{1,40}\([^()\n]{2,40}\)\s*[-–—:]+\s*
    |[A-Z][A-Z .'’/-]{2,40}(?:,\ [\w .]{2,20})?\s[–—-]{1,2}\s)""",
    re.VERBOSE,
)


@dataclass
class Taken:
    """A passage that is shown, with those that it stands for.

    Attributes:
        one: The passage, where it ranks.
        article: Its article.
        group: The article's story copy group; None when it is in none.
        copies: What it stands for: passages with their articles, in the order of their ranks.
        notes: What became of it, for :meth:`toolkit.types.Hit.explain`.
        place: Whose place it has, when that is not its own.
    """

    one: Scored
    article: Article
    group: str | None
    copies: list[tuple[Scored, Article]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    place: str = ""

    @property
    def others(self) -> tuple[Article, ...]:
        """The other articles that have the passage."""
        found = {article.id: article for _, article in self.copies}
        found.pop(self.article.id, None)
        return tuple(found.values())

    def told(self) -> tuple[str, ...]:
        """All notes."""
        many = len(self.copies)
        return (*self.notes, f"stands for {many} more of nearly the same text") if many else self.notes


class Folding:
    """The passages that were taken so far, and which further ones they stand for.

    Of one story copy group a passage is folded into one that was taken when it, or every sentence of it, is told
    already: by :func:`toolkit.copies.adds_nothing`, so that an update with another number, name or denial is never
    hidden. Copies are cut into passages at other places; so half of the sentences need only stand, to the letter,
    elsewhere in the article that is shown. Of other articles, ``most`` passages are taken of nearly the same text.

    Args:
        most: At most so many passages of nearly the same text; None to fold nothing.
    """

    def __init__(self, most: int | None) -> None:
        self.taken: list[Taken] = []
        self._most = most
        self._words: dict[str, str] = {}

    def take(self, one: Scored, article: Article, group: str | None) -> None:
        """Show a passage."""
        self.taken.append(Taken(one, article, group))

    def fold(self, one: Scored, article: Article, group: str | None) -> bool:
        """Whether it is folded into one that was taken."""
        if self._most is None:
            return False
        if self.of_group(one, article, group):
            return True
        same = [other for other in self.taken if adds_nothing(one.passage.text, other.one.passage.text)]
        if len(same) >= self._most:
            same[0].copies.append((one, article))
            return True
        return False

    def of_group(self, one: Scored, article: Article, group: str | None) -> bool:
        """Whether it is folded into one of another article of its group."""
        if self._most is None or group is None:
            return False
        kin = [other for other in self.taken if other.group == group and other.article.id != article.id]
        if not kin:
            return False
        if alike := [other for other in kin if adds_nothing(one.passage.text, other.one.passage.text)]:
            alike[0].copies.append((one, article))
            return True
        said = sentences(one, article)
        known = [sentence for other in kin for sentence in sentences(other.one, other.article)]
        missing = [text for text in said if not any(map(partial(adds_nothing, text, shared=EDITED_RUNS), known))]
        if len(missing) > ELSEWHERE * len(said) or not all(
            any(self._within(text, o.article) for o in kin) for text in missing
        ):
            return self._takes_over(kin, one, article, said)
        nearest = max(kin, key=lambda other: _shared(said, sentences(other.one, other.article)))
        nearest.copies.append((one, article))
        return True

    def _takes_over(self, kin: Sequence[Taken], one: Scored, article: Article, said: Sequence[str]) -> bool:
        """Whether it stands in the place of one that it says all of, such as a copy whose end was cut off."""
        for other in kin:
            shorter = sentences(other.one, other.article)
            if _shared(shorter, said) == len(shorter):
                exchange(other, one, article, "it says all that this copy says, and more")
                return True
        return False

    def count(self, article_id: str) -> int:
        """How many passages of an article were taken."""
        return sum(taken.article.id == article_id for taken in self.taken)

    def _within(self, sentence: str, article: Article) -> bool:
        if article.id not in self._words:
            self._words[article.id] = f" {' '.join(article_words(article.text))} "
        return f" {' '.join(article_words(sentence))} " in self._words[article.id]

    def originals(self, limit: int | None) -> None:
        """Show of copies the original's: the agency's own, else the earliest.

        Only where it says all that the one found says, so that nothing is lost by it.

        Args:
            limit: At most so many passages of one article; None for no limit.
        """
        for taken in self.taken:
            if taken.group is None or not taken.copies:
                continue
            articles = {article.id: article for _, article in ((taken.one, taken.article), *taken.copies)}
            original = original_first(articles.values())[0]
            if original.id == taken.article.id or (limit is not None and self.count(original.id) >= limit):
                continue
            said = sentences(taken.one, taken.article)
            for one, article in taken.copies:
                if article.id == original.id and _shared(said, sentences(one, article)) == len(said):
                    exchange(taken, one, article, "it is the original of their story copy group")
                    break


def exchange(taken: Taken, one: Scored, article: Article, why: str) -> None:
    """Show another passage in the place of one that was taken, which it then stands for."""
    before = taken.article
    whose = " ".join((before.publisher or before.heading).split())
    taken.place = taken.place or f"stands in the place of {whose}'s, which scored {taken.one.score:.3f}"
    taken.notes = (f"{taken.place} where this has {one.score:.3f}: {why}",)
    taken.copies = [(taken.one, before), *(pair for pair in taken.copies if pair[0] is not one)]
    taken.one, taken.article = replace(one, score=taken.one.score), article


def sentences(one: Scored, article: Article) -> list[str]:
    """The sentences of a passage, without an agency's dateline."""
    said = [article.text[span.start : span.end] for span in one.passage.sentences] or [one.passage.text]
    return [text for text in (_DATELINE.sub("", one) for one in said) if text]


def _shared(said: Sequence[str], known: Sequence[str]) -> int:
    return sum(any(map(partial(adds_nothing, text, shared=EDITED_RUNS), known)) for text in said)
