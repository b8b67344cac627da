"""What a summary is made from: passages by story, and what became of every article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.language.lengths import word_count
from toolkit.language.words import content_keys
from toolkit.passages import split
from toolkit.summaries.stories import Story, find_stories
from toolkit.thresholds import ABOUT_QUERY
from toolkit.types import Article, Coverage, Covered, Hit, Hits

MATERIAL = 120
"""Passages that are read in all, or two of each article if those are more: news says the most at the beginning."""

SURE = 16
"""Passages of a search that count as being about its query, however weakly; more of them must speak to it."""

_FEWEST_WORDS = 5  # of an article; what has fewer is a heading without its text


@dataclass(frozen=True, kw_only=True)
class Told:
    """A story, and the passages that tell it.

    Attributes:
        story: The articles.
        hits: Their passages, in the order in which they are to be read.
        weight: How much is made of it.
    """

    story: Story
    hits: Hits
    weight: float


@dataclass(frozen=True, kw_only=True)
class Material:
    """The passages of a summary, and what became of every article.

    Attributes:
        told: By story, the weightiest first.
        left_out: Articles that are not read, with the reasons.
        in_part: Of which articles only the first passages are read: how many of how many, by article id.
        library: How many articles the library holds, when a search chose among them.
        hits: What was retrieved or read, in order.
    """

    told: tuple[Told, ...] = ()
    left_out: tuple[Covered, ...] = ()
    in_part: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    library: int | None = None
    hits: Hits = Hits()  # noqa: RUF009 -- an empty tuple

    def coverage(
        self, cited: Collection[str], *, unread: Mapping[str, str] | None = None, why: Mapping[str, str] | None = None
    ) -> Coverage:
        """What became of every article.

        Args:
            cited: Ids of the articles that the summary cites.
            unread: Articles that were not read after all, by id, with the reasons.
            why: Why nothing was chosen of articles that were read, by id, where that is known.
        """
        rows: list[Covered] = []
        for number, told in enumerate(self.told, 1):
            for article in told.story.articles:
                reason = (unread or {}).get(article.id, "")
                if article.id in cited:
                    rows.append(self._covered(article, number))
                elif reason:
                    rows.append(Covered(article=article, part="left out", reason=reason, story=number))
                else:
                    rows.append(self._covered(article, number, (why or {}).get(article.id, "nothing of it was chosen")))
        order = {"cited": 0, "read": 1, "left out": 2}
        rows.sort(key=lambda row: order[row.part])
        return Coverage(articles=(*rows, *self.left_out), stories=len(self.told), library=self.library)

    def _covered(self, article: Article, story: int, reason: str = "") -> Covered:
        some, of = self.in_part.get(article.id, (0, 0))
        parts = [*([reason] if reason else []), *([f"its first {some} of {of} passages were read"] if of else [])]
        return Covered(article=article, part="read" if reason else "cited", reason="; ".join(parts), story=story)


def _copies(stories: Sequence[Story]) -> list[Covered]:
    rows = []
    for number, story in enumerate(stories, 1):
        for copy in story.copies:
            reason = f"near copy: of an article of “{story.title}”"
            rows.append(Covered(article=copy, part="left out", reason=reason, story=number))
    return rows


def of_articles(articles: Sequence[Article]) -> Material:
    """The material of whole articles: all of a few, the beginnings of many."""
    short = [article for article in articles if word_count(article.text[:400]) < _FEWEST_WORDS]
    left = [Covered(article=article, part="left out", reason="too short: it says nothing") for article in short]
    brief = {article.id for article in short}
    readable = [article for article in articles if article.id not in brief]
    stories = find_stories(readable)
    depth = max(2, MATERIAL // max(1, len(readable)))
    in_part: dict[str, tuple[int, int]] = {}
    told = []
    for story in stories:
        hits: list[Hit] = []
        for article in story.articles:
            passages = split(article)
            hits += [Hit(passage=passage, score=0.0, article=article) for passage in passages[:depth]]
            if len(passages) > depth:
                in_part[article.id] = (depth, len(passages))
        told.append(Told(story=story, hits=Hits(hits), weight=story.weight))
    every = Hits(hit for one in told for hit in one.hits)
    return Material(told=tuple(told), left_out=(*_copies(stories), *left), in_part=in_part, hits=every)


def of_hits(query: str, hits: Sequence[Hit], *, asked: Sequence[Article] = (), library: int | None = None) -> Material:
    """The material of a search.

    Args:
        query: What was looked for.
        hits: What was found, best first.
        asked: The articles that the caller chose; those that the search did not find are not about the query.
        library: How many articles the library holds.
    """
    kept = _about(query, hits)
    rank: dict[str, int] = {}
    for hit in kept:
        rank.setdefault(hit.article.id, len(rank))
    found = {hit.article.id: hit.article for hit in hits}
    speaking = [found[article_id] for article_id in rank]
    stories = find_stories(speaking)
    best = max((hit.score for hit in kept), default=0.0) or 1.0
    share: dict[str, float] = defaultdict(float)
    for hit in kept:
        share[hit.article.id] = max(share[hit.article.id], hit.score / best)
    told = []
    for story in sorted(stories, key=lambda story: min(rank[article.id] for article in story.articles)):
        ids = {article.id for article in story.articles}
        mine = Hits(hit for hit in kept if hit.article.id in ids)
        told.append(Told(story=story, hits=mine, weight=sum(share[article_id] for article_id in ids)))
    told.sort(key=lambda one: -one.weight)
    said = "not about the query: no passage of it speaks to it as others do"
    others = [a for a in {**found, **{a.id: a for a in asked}}.values() if a.id not in rank]
    return Material(
        told=tuple(told),
        left_out=(
            *_copies([one.story for one in told]),
            *(Covered(article=article, part="left out", reason=said) for article in others),
        ),
        library=library,
        hits=Hits(kept),
    )


def _about(query: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that speak to a query: the first ``SURE`` whose story does, and what holds nearly the most."""
    wanted = content_keys(query)
    if not wanted:
        return list(hits[:SURE])
    held = [len(wanted & (content_keys(h.passage.text) | content_keys(h.article.title or ""))) for h in hits]
    enough = ABOUT_QUERY * max(held, default=0)
    # A small library is found whole, whatever is asked: what holds nothing of it counts only in a story that does.
    speaking = {hit.article.id for hit, keys in zip(hits, held, strict=True) if keys}
    if speaking:
        stories = find_stories(list({hit.article.id: hit.article for hit in hits[:SURE]}.values()))
        told = [{article.id for article in (*story.articles, *story.copies)} for story in stories]
        speaking = speaking.union(*(ids for ids in told if not ids.isdisjoint(speaking)))
    return [
        hit
        for rank, (hit, keys) in enumerate(zip(hits, held, strict=True))
        if (rank < SURE and (not speaking or hit.article.id in speaking)) or (rank >= SURE and keys >= enough)
    ]
