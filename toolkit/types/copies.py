"""Articles that come from one text: what is shown of them, and how many sources they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

from toolkit.types.articles import Article, has_time
from toolkit.types.shown import Recorded

if TYPE_CHECKING:
    import pandas as pd

Difference = Literal["original", "identical", "edited", "cut", "extended", "update"]
"""How an article differs from the original of its group: ``update`` says other numbers, or denies what the original
does not (or the other way round), whatever else it does; ``cut`` and ``extended`` have a seventh of the words less or
more; ``edited`` is the rest; ``identical`` has the same words."""


def independent(articles: Iterable[Article], groups: Mapping[str, str] | None = None) -> int:
    """How many independent sources articles are: the most of them of which no two share a publisher or a text.

    Three papers that print one wire story are one source; so is one paper that prints three stories. An article whose
    publisher is not known is taken for its publisher's only one, but copies of one text are one source all the same.

    The largest matching of publishers and texts, by augmenting paths (Berge 1957).

    Args:
        articles: Those that say it; of several with one id, the last.
        groups: The story copy group of each, by article id, for those that are in one.
    """
    groups = groups or {}
    texts: dict[str, list[str]] = {}
    for article in {article.id: article for article in articles}.values():
        own = publisher_key(article.publisher) or f"\0{article.id}"
        texts.setdefault(own, []).append(groups.get(article.id, f"\0{article.id}"))
    taken: dict[str, str] = {}

    def placed(publisher: str, tried: set[str]) -> bool:
        for text in texts[publisher]:
            if text not in tried:
                tried.add(text)
                if text not in taken or placed(taken[text], tried):
                    taken[text] = publisher
                    return True
        return False

    return sum(placed(publisher, set()) for publisher in texts)


def publisher_key(publisher: str | None) -> str:
    """A publisher's name as names are compared: without case and white space around it; empty when not known."""
    return (publisher or "").strip().casefold()


def agency_of(articles: Iterable[Article]) -> str | None:
    """The news agency that the articles credit (``metadata["agency"]``), the one most often named; None when none."""
    named: dict[str, list[str]] = {}
    for article in articles:
        agency = article.metadata.get("agency")
        if isinstance(agency, str) and agency.strip():
            named.setdefault(publisher_key(agency), []).append(agency.strip())
    return min(named.values(), key=lambda names: (-len(names), min(names)))[0] if named else None


def original_first(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Articles of one text: the agency's own first, then the earliest; those without a date last.

    A day without a time is midnight, which says nothing of its hour: it comes after what has a time on that day.
    """
    given = list(articles)
    agency = publisher_key(agency_of(given))

    def rank(article: Article) -> tuple[bool, bool, int, bool, float, str]:
        elsewhere = not agency or publisher_key(article.publisher) != agency
        if article.published is None:
            return elsewhere, True, 0, True, 0.0, article.id
        moment = article.published.astimezone(UTC)
        return elsewhere, False, moment.toordinal(), not has_time(moment), moment.timestamp(), article.id

    return tuple(sorted(given, key=rank))


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One article of a group, and how it differs from the group's original.

    Attributes:
        article: The article.
        difference: In a word, see :data:`Difference`; ``original`` for the first.
        changes: Numbers that took another's place, such as ``12 → 15``, and words that deny and stand in one of both
            only, such as ``+ not`` or ``− denied``; as they stand there.
        share: The share of the original's words that it has, 0 to 1, in their order.
    """

    article: Article
    difference: Difference
    changes: tuple[str, ...] = ()
    share: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        one = self.article
        return {
            "article_id": one.id,
            "title": one.title,
            "publisher": one.publisher,
            "published": one.date,
            "url": one.url,
            "difference": self.difference,
            "changes": list(self.changes),
            "share": round(self.share, 3),
        }


@dataclass(frozen=True, kw_only=True, repr=False)
class CopyGroup(Recorded):
    """A story copy group: articles that come from one text.

    Attributes:
        id: The least of its articles' ids.
        copies: Its articles: the original (the agency's own, else the earliest) first, then by date.
    """

    id: str
    copies: tuple[Copy, ...]

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles, original first."""
        return tuple(one.article for one in self.copies)

    @property
    def original(self) -> Article:
        """The agency's own article where the library has it, else the earliest."""
        return self.copies[0].article

    @property
    def updates(self) -> tuple[Copy, ...]:
        """Those with other numbers or denials than the original: none of them is left out anywhere for its sake."""
        return tuple(one for one in self.copies if one.difference == "update")

    @cached_property
    def publishers(self) -> tuple[str, ...]:
        """Who printed it, each once, in the order of the articles."""
        named = {publisher_key(a.publisher): a.publisher for a in reversed(self.articles) if a.publisher}
        return tuple(reversed(named.values()))

    @cached_property
    def agency(self) -> str | None:
        """The news agency that the articles credit; None when none does."""
        return agency_of(self.articles)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "id": self.id,
            "agency": self.agency,
            "publishers": list(self.publishers),
            "articles": [one.to_dict() for one in self.copies],
        }

    def to_frame(self) -> pd.DataFrame:
        """A row for each article; see :meth:`CopyGroups.to_frame`."""
        return CopyGroups((self,)).to_frame()


class CopyGroups(Recorded, tuple[CopyGroup, ...]):
    """The story copy groups of a library, the largest first; a tuple that shows itself, slices too."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> CopyGroup: ...
    @overload
    def __getitem__(self, index: slice) -> CopyGroups: ...
    def __getitem__(self, index: SupportsIndex | slice) -> CopyGroup | CopyGroups:
        found = super().__getitem__(index)
        return CopyGroups(found) if isinstance(found, tuple) else found

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {"groups": [group.to_dict() for group in self]}

    def to_frame(self) -> pd.DataFrame:
        """A row for each article.

        Returns:
            Columns ``group``, ``article_id``, ``title``, ``publisher``, ``published`` (datetime64, UTC, NaT when
            unknown), ``agency`` (of the group), ``difference``, ``changes`` (joined by ``; ``), ``share``, ``url``.
        """
        import pandas as pd

        rows = [
            (
                *(group.id, c.article.id, c.article.title, c.article.publisher, c.article.published, group.agency),
                *(c.difference, "; ".join(c.changes), c.share, c.article.url),
            )
            for group in self
            for c in group.copies
        ]
        names = "group article_id title publisher published agency difference changes share url".split()
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(published=pd.to_datetime(frame["published"], utc=True))
