"""Which of the articles of one call are new versions of articles that a library has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

from toolkit.articles.addresses import comparable
from toolkit.thresholds import VERSION_RUNS
from toolkit.types import Article

if TYPE_CHECKING:
    from toolkit.store import Store

_NUMBERED = re.compile(r"\d*|attachment \d+|.*\(\d+\)", re.DOTALL)
_RUN = 8
"""Characters of the runs by which two texts are compared."""


class Succession:
    """Tells successors from newcomers. One for a call, since what comes several times in a call is no version.

    Args:
        store: Of the library that the articles go to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._origins: Counter[str | None] = Counter()
        self._addresses: Counter[str | None] = Counter()
        self._gone: set[str] = set()

    def met(self, articles: Iterable[Article]) -> None:
        """Take note of articles of the call, each once, changed or not."""
        for article in articles:
            self._origins[article.origin] += 1
            self._addresses[comparable(article.url)] += 1

    def outdated(self, changed: Iterable[Article], known: Container[str]) -> set[str]:
        """The ids of those articles that are earlier versions of ones that the library has, to the letter.

        Such as a page of last month that is added again from a folder. Where it was read from the very place that the
        current version comes from, its source has gone back to the older text, and it is a new version after all.

        Args:
            changed: Articles that are not in the library like this.
            known: Ids that the library has.
        """
        from toolkit.store.versions import known_texts

        asked = {article.id: article for article in changed if article.id not in known and not article.named}
        earlier = known_texts(self._store, asked.values()) if asked else {}
        current = self._store.newest(earlier) if earlier else {}
        return {key for key, now in current.items() if now.origin is None or now.origin != asked[key].origin}

    def successors(self, changed: Iterable[Article], known: Container[str], seen: Container[str]) -> dict[str, str]:
        """Id of an article of the library -> id of the article of the call that takes its place.

        An article takes the place of the one that was read from the same file or page, or has the same URL and much of
        the same text, when there is one of each: a page with several articles, and a URL that was given to a whole
        folder, have no versions.

        Args:
            changed: Articles to put in.
            known: Ids that the library has: under the same id nothing else is replaced.
            seen: Ids of the call: what came in the same call is current.
        """
        new = [article for article in changed if article.id not in known]
        found: dict[str, str] = {}

        def claim(old: str | None, article: Article) -> None:
            if old is not None and old not in seen and old not in self._gone:
                self._gone.add(old)
                found[old] = article.id

        files = {a.origin: a for a in new if a.origin and _names_one(a.origin) and self._origins[a.origin] == 1}
        earlier = self._store.ids_by_origin(files)
        led = {origin: old for origin, old in earlier.items() if origin.startswith(("http://", "https://"))}
        there = self._store.articles(led.values()) if led else {}
        for origin, old in earlier.items():
            if old not in there or _is_there_still(there[old], files[origin]):
                claim(old, files[origin])
        claimed = set(found.values())
        pages = {}
        for article in new:
            address = comparable(article.url)
            if address and address.startswith("//") and self._addresses[address] == 1 and article.id not in claimed:
                pages[address] = article
        before = self._store.ids_by_address(pages)
        texts = self._store.articles(before.values())
        for address, old in before.items():
            if old in texts and _is_version(texts[old], pages[address]):
                claim(old, pages[address])
        return found


def _names_one(origin: str) -> bool:
    """Whether an origin says which article it is: a file, a page, a file in an archive.

    A line number says where in a file, and “attachment 2” or a second file of one name where in a mail: the next
    export has another article there. Of a feed's own texts each edition may hold others.
    """
    file, mark, place = origin.rpartition("#")
    if not mark:
        return True
    return not file.startswith(("http://", "https://")) and _NUMBERED.fullmatch(place) is None


def _is_there_still(old: Article, new: Article) -> bool:
    """Whether what an address gives is its page: a short link, or “today's story”, may lead to another one later."""
    one, other = comparable(old.url), comparable(new.url)
    return one is None or other is None or one == other or _is_version(old, new)


def _is_version(old: Article, new: Article) -> bool:
    """Whether two articles with one URL are versions of one, of which the second one is the newer."""
    if old.named and new.named:
        return False  # who names records tells them apart
    if old.modified and new.modified and new.modified < old.modified:
        return False
    same_day = old.published is not None and old.published == new.published
    if same_day and old.title and new.title and old.title.casefold() == new.title.casefold():
        return True
    one, other = _runs(old.text), _runs(new.text)
    return len(one & other) >= VERSION_RUNS * max(1, min(len(one), len(other)))


def _runs(text: str) -> set[str]:
    plain = " ".join(text.casefold().split())
    return {plain[n : n + _RUN] for n in range(max(1, len(plain) - _RUN + 1))}
