"""The versions of one article, what changed between them, and what became of a citation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, SupportsIndex

from toolkit.types.articles import Article
from toolkit.types.claims import Citation
from toolkit.types.shown import Recorded

EditKind = Literal["kept", "removed", "added", "reworded"]
"""What became of a sentence from one version to the next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One sentence in two versions of an article.

    Attributes:
        kind: ``kept``, ``removed``, ``added`` or ``reworded``.
        before: The sentence in the older version; None when it was added.
        after: The sentence in the newer version; None when it was removed.
    """

    kind: EditKind
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Revision(Recorded):
    """What changed from one version of an article to the next.

    Attributes:
        before: The older version.
        after: The newer one.
        replaced_at: When the newer one came into the library, UTC; None when that is not known.
        edits: Every sentence of both, in the order of the text.
    """

    before: Article
    after: Article
    replaced_at: datetime | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def changed(self) -> tuple[Edit, ...]:
        """The sentences that did not stay as they were."""
        return tuple(edit for edit in self.edits if edit.kind != "kept")

    def count(self, kind: EditKind) -> int:
        """How many sentences were removed, added, reworded or kept."""
        return sum(edit.kind == kind for edit in self.edits)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; kept sentences are only counted."""
        return {
            "before": _head(self.before),
            "after": _head(self.after),
            "replaced_at": None if self.replaced_at is None else self.replaced_at.isoformat(),
            "kept": self.count("kept"),
            "changed": [{"kind": one.kind, "before": one.before, "after": one.after} for one in self.changed],
        }


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ArticleVersions(Recorded):
    """All versions of one article that a library has: a sequence of Articles, oldest first.

    Attributes:
        articles: The versions. Each has an id by which the library gives exactly this text.
        current: Which of them is the one that is searched, the last one; None when the article was deleted meanwhile.
        revisions: What changed from each to the next.
    """

    articles: tuple[Article, ...]
    current: Article | None
    revisions: tuple[Revision, ...] = ()

    def __len__(self) -> int:
        return len(self.articles)

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    def __getitem__(self, number: SupportsIndex) -> Article:
        return self.articles[number]

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form, without the texts."""
        return {
            "versions": [_head(article) for article in self.articles],
            "current": None if self.current is None else self.current.id,
            "revisions": [revision.to_dict() for revision in self.revisions],
        }


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Resolved(Recorded):
    """What a citation of some time ago stands for now. Nothing in it is guessed: characters are equal or they are not.

    Attributes:
        article_id, start, end, quote: The citation as it was given.
        citation: The quote in the version of the article that it was made from; None when no version has exactly these
            characters at this place.
        current: Whether that version is the current one.
        newest: The current version of the article; None when the library has none any more.
        now: The same characters in the current version, wherever they stand there; None when it does not have them.
        replaced_at: When that version was replaced, UTC; None when it is current or unknown.
    """

    article_id: str
    start: int
    end: int
    quote: str
    citation: Citation | None = None
    current: bool = False
    newest: Article | None = None
    now: Citation | None = None
    replaced_at: datetime | None = None

    @property
    def found(self) -> bool:
        """Whether the library has the text that was quoted."""
        return self.citation is not None

    @property
    def still_says(self) -> bool:
        """Whether the current version has the quoted characters, there or elsewhere."""
        return self.now is not None

    @property
    def message(self) -> str:
        """What became of it, in a sentence."""
        if self.citation is None:
            if self.newest is None:
                return "Nothing found: no article of this library has that id, nor had it."
            return "Nothing found: no version of the article has these words at this place."
        if self.current:
            return "The article still has this text."
        since = f"The text has changed since: quoted from {_version(self.citation.article, self.replaced_at)}"
        if self.newest is None:
            return f"{since}; the article is no longer in the library."
        said = "still says this, word for word" if self.still_says else "does not say this in these words"
        return f"{since}; the current version{_day(self.newest)} {said}."

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "article_id": self.article_id,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "found": self.found,
            "current": self.current,
            "still_says": self.still_says,
            "message": self.message,
            "citation": None if self.citation is None else self.citation.to_dict(),
            "now": None if self.now is None else self.now.to_dict(),
            "newest": None if self.newest is None else _head(self.newest),
            "replaced_at": None if self.replaced_at is None else self.replaced_at.isoformat(),
        }


def _head(article: Article) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.date,
        "modified": None if article.modified is None else article.modified.isoformat(),
        "url": article.url,
        "characters": len(article.text),
        "text_hash": article.text_hash,
    }


def _version(article: Article, replaced_at: datetime | None) -> str:
    if article.modified is not None:
        return f"the version of {article.modified.date().isoformat()}"
    if replaced_at is not None:
        return f"the version that was replaced on {replaced_at.date().isoformat()}"
    return "an earlier version"


def _day(article: Article) -> str:
    return "" if article.modified is None else f" (of {article.modified.date().isoformat()})"
