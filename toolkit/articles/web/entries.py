"""What a server sent, and what a feed or sitemap says of it -> the fields of articles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.articles.files import read_bytes
from toolkit.articles.records import Found
from toolkit.articles.web.addresses import shown
from toolkit.articles.web.bodies import charset_of, suffix_from, suffix_in
from toolkit.articles.web.feeds import Entry
from toolkit.articles.web.options import Unchanged
from toolkit.errors import SourceError

if TYPE_CHECKING:
    from toolkit.articles.web.client import Page

_ENTRY_FIELDS = ("title", "author", "publisher", "language", "published", "modified")
_FOREIGN_FIELDS = ("title", "language")
_DOORS = re.compile(r"^(?:(?:www\d?|m|mobile|amp|edition|feeds?|rss|news|api|sitemaps?)\.)+(?=[^.]+\.)")


def read_body(page: Page, url: str) -> Iterator[Found]:
    """The articles in what a server sent.

    Args:
        page: What it sent.
        url: As it was asked for: the articles' origin.

    Raises:
        SourceError: Nothing can be read from it.
    """
    suffix = suffix_from(page.kind, page.url, url) or suffix_in(page.data, url)
    for found in read_bytes(page.data, suffix, url, url, page.url, charset_of(page.kind)):
        if isinstance(found, SourceError):
            yield found
            continue
        fields: dict[str, Any] = {"url": page.url, **found}
        if page.note:
            fields["metadata"] = {**fields.get("metadata", {}), "fetched": page.note}
        yield fields


def completed(found: Found | Unchanged, entry: Entry, source: str, kind: str) -> Found | Unchanged:
    """The fields of a page, with what only the entry says.

    Of pages of other sites it does not say who published or wrote them, and when: anybody can list any page.
    """
    if isinstance(found, Unchanged | SourceError):
        return found
    own = "text_from_feed" in found.get("metadata", {}) or _same_site(str(found.get("url") or ""), source)
    said = {name: getattr(entry, name) if own or name in _FOREIGN_FIELDS else None for name in _ENTRY_FIELDS}
    if kind == "sitemap":
        said["modified"] = None  # a sitemap tells when anything on the page changed, such as its menu
    host = (urlsplit(str(found.get("url") or "")).hostname or "").removeprefix("www.")
    if said["publisher"] and found.get("publisher") == host:
        found = {**found, "publisher": None}  # a page that names no publisher has its host for one
    filled = {name: value for name, value in said.items() if value is not None and found.get(name) is None}
    where: dict[str, Any] = {kind: source} | ({"entry": entry.key} if entry.key and entry.key != entry.link else {})
    return {**found, **filled, "metadata": {**found.get("metadata", {}), **where}}


def once(entries: Iterable[Entry]) -> list[Entry]:
    """Entries without those whose page came before."""
    kept: dict[object, Entry] = {}
    for entry in entries:
        kept.setdefault(entry.link or entry.key or id(entry), entry)
    return list(kept.values())


def cut_off(url: str, kind: str, listed: int, limit: int, files: int = 0) -> SourceError:
    """What was left out of a feed or a sitemap, and how to have it."""
    more = f" and {files} further files that were not looked into" if files else ""
    which = "newest" if kind == "sitemap" else "first"
    return SourceError(
        shown(url), f"this {kind} lists {listed:,} pages{more}; the {which} {limit:,} were read, limit= reads more"
    )


def without_page(entry: Entry, source: str) -> SourceError:
    """What is wrong with an entry that has no page, unless it has a text."""
    return SourceError(f"{source}, entry “{shown(entry.title or entry.key or '')}”", "it has no page and no text")


def fuller(found: Found, entry: Entry, source: str) -> Found:
    """What a page gave, or the entry's own text when there is no page or it shows less than half of that.

    Words of a feed about another site's page are the feed's: they never stand under that page's address.
    """
    error = found if isinstance(found, SourceError) else None
    if entry.link and not _same_site(entry.link, source):
        if error is None or not entry.text:
            return found
        said = {"text_from_feed": error.reason, "link": entry.link}
        return {"text": entry.text, "origin": f"{source}#{entry.link}", "metadata": said}
    text = "" if isinstance(found, SourceError) else str(found.get("text") or "")
    if not entry.text or len(text) >= len(entry.text) / 2:
        return found
    note = error.reason if error is not None else "the page shows less than half of what the feed does"
    note = note if entry.link else "the feed names no page for it"
    origin = entry.link or f"{source}#{entry.key or entry.title or ''}"
    return {"text": entry.text, "url": entry.link, "origin": origin, "metadata": {"text_from_feed": note}}


def _same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one host, but for such as ``www.`` and ``feeds.`` before its name."""
    hosts = [_DOORS.sub("", (urlsplit(url).hostname or "").lower()) for url in (one, other)]
    return hosts[0] == hosts[1] and bool(hosts[0])
