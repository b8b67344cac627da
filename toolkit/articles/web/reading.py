"""Pages of the web -> the fields of articles: single ones, those of a feed, those of a sitemap.

Whatever is fetched at once, articles come out in the order of the addresses; each page that fails costs one error.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from toolkit.articles.records import Found
from toolkit.articles.web.entries import completed, cut_off, fuller, once, read_body, without_page
from toolkit.articles.web.feeds import LARGEST_FEED, Entry, read_feed
from toolkit.articles.web.listings import Feed, SitemapOf
from toolkit.articles.web.options import Unchanged, Validators, Web
from toolkit.articles.web.sitemaps import (
    LARGEST_SITEMAP,
    newest_first,
    read_sitemap,
    sitemap_newest_first,
    unchanged_since,
)
from toolkit.errors import SourceError

if TYPE_CHECKING:
    from toolkit.articles.web.client import Page
    from toolkit.articles.web.fetcher import Fetcher, Job

_FILES = 500  # of one sitemap: each may list 50,000 pages


class Pages:
    """The pages of one reading; nothing is started before the first one is asked for.

    Args:
        web: How they are fetched.
        known: What is remembered of earlier visits.
    """

    def __init__(self, web: Web | None = None, known: Validators | None = None) -> None:
        self.web = web or Web()
        self._known = known
        self._running: Fetcher | None = None
        self._feeds: list[FeedReading] = []
        self._listed: dict[str, Job | Unchanged] = {}
        self._told: set[str] = set()

    def ask(self, url: str) -> Pending:
        """Ask for a page; returns at once."""
        url = urldefrag(url.strip()).url  # a place on the page is not another page
        return Pending(self, url, self._fetcher.submit(url))

    def feed(self, source: Feed) -> FeedReading:
        """Ask for a feed; returns at once."""
        job = self._fetcher.submit(source.url, listing=True, most=LARGEST_FEED)
        feed = FeedReading(self, source, job)
        self._feeds.append(feed)
        return feed

    def sitemap(self, source: SitemapOf) -> Iterator[Found | Unchanged]:
        """The articles of a sitemap, the pages that changed last first."""
        pages: list[Entry] = []
        waiting = deque([(url, 0) for url in self._sitemaps_of(source)])
        seen = {url for url, _ in waiting}
        files = cut = 0
        while waiting:
            url, depth = waiting.popleft()
            if len(pages) >= source.limit or files >= _FILES:
                cut += 1
                continue
            files += 1
            try:
                done = self._fetcher.fetch(url, listing=True, most=LARGEST_SITEMAP)
                if isinstance(done, Unchanged):  # never asked
                    continue
                found = read_sitemap(done.data, done.url, url)
            except SourceError as error:
                yield error
                continue
            pages += found.pages
            further = [one for one, _ in sorted(found.sitemaps, key=sitemap_newest_first) if one not in seen]
            seen.update(further)
            if depth < 2:
                waiting.extend((one, depth + 1) for one in dict.fromkeys(further))
        entries = sorted(once(pages), key=newest_first)
        asked = self.asked(entries[: source.limit])
        while asked:
            yield from self.entry(*asked.popleft(), source.url, "sitemap")
        if cut or len(entries) > source.limit:
            yield cut_off(source.url, "sitemap", len(entries), source.limit, cut)

    def close(self) -> None:
        """Break off what is under way."""
        running, self._running = self._running, None
        if running is not None:
            running.close()

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _fetcher(self) -> Fetcher:
        from toolkit.articles.web.fetcher import Fetcher  # httpcore: 70 ms, for who fetches nothing

        if self._running is None:
            self._running = Fetcher(self.web, self._known)
        return self._running

    def _sitemaps_of(self, source: SitemapOf) -> list[str]:
        """The sitemap itself; for a site, those that its robots.txt names, else the one in the usual place."""
        if urlsplit(source.url).path.strip("/"):
            return [source.url]
        named = self._fetcher.robots.sitemaps(source.url, source.url)
        return list(dict.fromkeys(named))[:_FILES] or [source.url.rstrip("/") + "/sitemap.xml"]

    def asked(self, entries: list[Entry]) -> deque[tuple[Entry, Job | Unchanged | None]]:
        """Ask for the pages of entries; a page that several listings name is asked for once."""
        return deque((entry, self._asked(entry)) for entry in entries)

    def wait(self, job: Job) -> Page | Unchanged:
        """Wait for a page, and meanwhile ask for the pages of feeds that have come.

        Raises:
            SourceError: It cannot be had.
        """
        while self._feeds and job.done is None:
            self._fetcher.wait(job, 0.1)
            self.look_into_feeds()
        return self._fetcher.result(job)

    def look_into_feeds(self) -> None:
        """Ask for the pages of the feeds that have come."""
        for feed in [feed for feed in self._feeds if feed.come]:
            feed.look()

    def is_looked_into(self, feed: FeedReading) -> None:
        """Leave a feed out of :meth:`look_into_feeds` from now on."""
        if feed in self._feeds:
            self._feeds.remove(feed)

    def remember(self, url: str, page: Page | Unchanged, *, listing: bool = False) -> None:
        """Remember a visit."""
        if self._known is not None and not isinstance(page, Unchanged) and page.validator is not None:
            self._known.put(url, page.validator, listing=listing)

    def _asked(self, entry: Entry) -> Job | Unchanged | None:
        if entry.link is None:
            return None
        if entry.link not in self._listed:
            self._listed[entry.link] = self._submitted(entry.link, entry)
        return self._listed[entry.link]

    def _submitted(self, link: str, entry: Entry) -> Job | Unchanged:
        if self._known is not None and entry.modified is not None:
            known = self._known.get(link)
            if known is not None and unchanged_since(entry.modified, known.at):
                return Unchanged(link)
        return self._fetcher.submit(link)

    def entry(self, entry: Entry, asked: Job | Unchanged | None, source: str, kind: str) -> Iterator[Found | Unchanged]:
        """The article of an entry, from its page, or from the feed's own text when that has more to say.

        Nothing, when another listing named the same page before.
        """
        if entry.link is not None and entry.link in self._told:
            return
        if entry.link is not None:
            self._told.add(entry.link)
        if isinstance(asked, Unchanged):
            yield asked
            return
        found: list[Found | Unchanged] = [without_page(entry, source)]
        if asked is not None:
            found = list(Pending(self, entry.link or "", asked))
        only = found[0] if len(found) == 1 else None
        if only is not None and not isinstance(only, Unchanged):
            found = [fuller(only, entry, source)]
        yield from (completed(one, entry, source, kind) for one in found)

    def founds(self, url: str, job: Job) -> Iterator[Found | Unchanged]:
        """What a page holds."""
        try:
            done = self.wait(job)
            if isinstance(done, Unchanged):
                yield done
                return
            good = True
            for found in read_body(done, url):
                good = good and not isinstance(found, SourceError)
                yield found
        except SourceError as error:
            yield error
            return
        if good:
            self.remember(url, done)


class FeedReading:
    """A feed that was asked for: its articles come out of iterating, which waits for them.

    They are the pages that it names, or its own text where a page cannot be had.
    """

    ready = False

    def __init__(self, pages: Pages, source: Feed, job: Job) -> None:
        self._pages = pages
        self._source = source
        self._job = job
        self._done: Page | Unchanged | SourceError | None = None
        self._asked: deque[tuple[Entry, Job | Unchanged | None]] = deque()
        self._listed = 0

    @property
    def come(self) -> bool:
        """Whether the feed itself is there."""
        return self._job.done is not None

    def look(self) -> None:
        """Ask for the pages that it names."""
        if self._done is not None:
            return
        self._pages.is_looked_into(self)
        try:
            done = self._done = self._pages.wait(self._job)
            if not isinstance(done, Unchanged):
                entries = once(read_feed(done.data, done.kind, done.url, self._source.url))
                self._listed = len(entries)
                self._asked = self._pages.asked(entries[: self._source.limit])
        except SourceError as error:
            self._done = error

    def __iter__(self) -> Iterator[Found | Unchanged]:
        self.look()
        url, limit, done = self._source.url, self._source.limit, self._done
        if isinstance(done, SourceError):
            yield done
        elif isinstance(done, Unchanged):
            yield Unchanged(url, listing=True)
        elif done is not None:
            good = self._listed <= limit
            while self._asked:
                for found in self._pages.entry(*self._asked.popleft(), url, "feed"):
                    good = good and not isinstance(found, SourceError)
                    yield found
            if self._listed > limit:
                yield cut_off(url, "feed", self._listed, limit)
            if good:  # else the rest is tried the next time
                self._pages.remember(url, done, listing=True)


class Pending:
    """A page that was asked for: what it holds comes out of iterating, which waits for it.

    Attributes:
        url: Its address.
    """

    def __init__(self, pages: Pages, url: str, job: Job) -> None:
        self.url = url
        self._pages = pages
        self._job = job

    @property
    def ready(self) -> bool:
        """Whether nothing has to be waited for."""
        return self._job.done is not None

    def __iter__(self) -> Iterator[Found | Unchanged]:
        return self._pages.founds(self.url, self._job)
