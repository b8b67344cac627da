"""RSS, Atom and JSON feeds -> their entries, by feedparser; nothing is fetched here."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from toolkit.articles.dates import parse_date
from toolkit.articles.records import language_code
from toolkit.articles.web.addresses import shown
from toolkit.articles.web.bodies import charset_of
from toolkit.articles.web.markup import line_of, paragraphs
from toolkit.errors import SourceError

LARGEST_FEED = 10_000_000
"""Bytes of a feed after decompression."""

_MOST_TAGS = 30_000
"""Outside of CDATA, opening and closing: feedparser takes 0.1 ms for each. A thousand entries have about 20,000."""

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:\-]{2,40})[\"']")
_ROOT = re.compile(r"<(?:[a-z0-9]+:)?(?:rss|feed|rdf|channel)\b")
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_ALTERNATE = re.compile(r"<link\b[^>]{0,2000}>", re.IGNORECASE)
_JSON_FEED = "https://jsonfeed.org/version/"
_SHORTEST_SUMMARY = 280  # characters of a summary that may be the whole text; a shorter one is a teaser


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One article of a feed or a sitemap, as far as that tells.

    Attributes:
        link: The address of its page; None when it has none.
        key: What the feed knows it by.
        title, author, publisher, language: As the feed gives them, or None.
        published, modified: The same.
        text: The whole text when the feed carries it, else None.
    """

    link: str | None = None
    key: str | None = None
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    language: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    text: str | None = None


def read_feed(data: bytes, content_type: str, url: str, asked: str) -> list[Entry]:
    """The entries of a feed, in its order.

    Args:
        data: Its bytes.
        content_type: The header, for its encoding.
        url: Where it was found, which its relative links start from.
        asked: What to call it in an error.

    Raises:
        SourceError: It is no feed, or one that declares entities, as only attacks do.
    """
    text = _decoded(data, content_type)
    head = text[:3000].lstrip().lower()
    if head.startswith("{"):
        return _from_json(text, url, asked)
    if head.startswith("<!doctype html") or "<html" in head:
        raise SourceError(shown(asked), _no_feed(text, url))
    if not _ROOT.search(head):
        raise SourceError(shown(asked), "this is not a feed (RSS, Atom or JSON Feed)")
    if _ENTITY.search(text):
        raise SourceError(shown(asked), "this feed declares XML entities, which no feed needs; it is not read")
    if text.count("<") > _MOST_TAGS and _CDATA.sub("", text).count("<") > _MOST_TAGS:
        raise SourceError(shown(asked), f"this feed has more than {_MOST_TAGS:,} tags; it is not read")
    return _from_xml(text, url, asked)


def _decoded(data: bytes, content_type: str) -> str:
    """By byte order mark, what the file itself declares, what the server says, and else UTF-8 or Windows-1252."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    if data.startswith((b"<\0", b"\0<")):
        return data.decode("utf-16-le" if data.startswith(b"<\0") else "utf-16-be", "replace")
    declared = _DECLARED.search(data[:500])
    names = ("utf-8", declared[1].decode("ascii") if declared else None, charset_of(content_type), "cp1252")
    for name in names:
        try:
            if name is not None:
                return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("utf-8", "replace")


def _no_feed(html: str, url: str) -> str:
    reason = "this is a web page, not a feed"
    for tag in _ALTERNATE.findall(html[:500_000]):
        kind = re.search(r"type\s*=\s*[\"']?application/(?:rss|atom|feed)\+(?:xml|json)", tag, re.IGNORECASE)
        link = re.search(r"href\s*=\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s>]+))", tag, re.IGNORECASE)
        if kind and link:
            return f"{reason}; it names a feed: {shown(urljoin(url, link[1] or link[2] or link[3]))}"
    return f"{reason}; add it as a page, without feed="


def _from_xml(text: str, url: str, asked: str) -> list[Entry]:
    import feedparser

    data = _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        # A stream, never a string: feedparser fetches what looks like an address.
        parsed = feedparser.parse(io.BytesIO(data), response_headers=headers, sanitize_html=False)
    except Exception as error:  # it has its own ideas of what may go wrong
        raise SourceError(shown(asked), f"this feed cannot be taken apart ({type(error).__name__})") from None
    if not parsed.get("version") and not parsed.entries:
        raise SourceError(shown(asked), "this is not a feed (RSS, Atom or JSON Feed)")
    title = line_of(_string(parsed.feed.get("title")))
    language = language_code(parsed.feed.get("language"))
    # RSS 1.0 has one date, which feedparser takes for that of the last change.
    one_date = not str(parsed.get("version")).startswith("atom")
    return [_entry(entry, title, language, url, one_date) for entry in parsed.entries]


def _entry(entry: Mapping[str, Any], feed_title: str | None, language: str | None, url: str, one_date: bool) -> Entry:
    published, modified = _moment(entry, "published"), _moment(entry, "updated")
    if one_date and published is None:
        published, modified = modified, None
    source = entry.get("source")
    publisher = line_of(_string(source.get("title"))) if isinstance(source, Mapping) else None
    return Entry(
        link=_link(entry.get("link"), url),
        key=_string(entry.get("id")),
        title=line_of(_string(entry.get("title"))),
        author=", ".join(_authors(entry)) or None,
        publisher=publisher or feed_title,
        language=language_code(entry.get("language")) or language,
        published=published,
        modified=modified,
        text=_text(entry),
    )


def _authors(entry: Mapping[str, Any]) -> Iterator[str]:
    listed = entry.get("authors")
    names = [one.get("name") for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    for name in names or [entry.get("author")]:
        if found := line_of(_string(name)):
            yield found


def _moment(entry: Mapping[str, Any], name: str) -> datetime | None:
    # “in” is asked first, since feedparser answers for one date with the other.
    raw = _string(entry[name]) if name in entry else None
    if raw is None:
        return None
    found = parse_date(raw)
    if found is None and entry.get(f"{name}_parsed"):
        try:
            year, month, day, hour, minute, second = entry[f"{name}_parsed"][:6]
            found = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except (TypeError, ValueError):
            return None
    return found


def _text(entry: Mapping[str, Any]) -> str | None:
    """The longest of the full texts, else a summary that is long enough to be the text and no teaser."""
    contents = entry.get("content")
    found = [
        paragraphs(one["value"])
        for one in (contents if isinstance(contents, list) else [])
        if isinstance(one, Mapping) and isinstance(one.get("value"), str)
    ]
    summary = _string(entry.get("summary"))
    if summary and len(text := paragraphs(summary)) >= _SHORTEST_SUMMARY:
        found.append(text)
    return max(found, key=len, default="") or None


def _from_json(text: str, url: str, asked: str) -> list[Entry]:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        feed = None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not str(feed.get("version")).startswith(_JSON_FEED):
        raise SourceError(shown(asked), "this is not a feed (RSS, Atom or JSON Feed)")
    title, language = line_of(_string(feed.get("title"))), language_code(feed.get("language"))
    entries = []
    for item in items:
        if not isinstance(item, dict):
            continue
        listed = item.get("authors") or [item.get("author")]
        names = [one.get("name") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        html, plain = _string(item.get("content_html")), _string(item.get("content_text"))
        entries.append(
            Entry(
                link=_link(item.get("url") or item.get("external_url"), url),
                key=_string(item.get("id")),
                title=line_of(_string(item.get("title"))),
                author=", ".join(found for name in names if (found := line_of(_string(name)))) or None,
                publisher=title,
                language=language_code(item.get("language")) or language,
                published=parse_date(item.get("date_published")),
                modified=parse_date(item.get("date_modified")),
                text=(paragraphs(html) if html else plain.strip() if plain else None) or None,
            )
        )
    return entries


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _link(value: Any, base: str) -> str | None:
    """The address of an entry's page; what is not http or https is none."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        found = urljoin(base, value.strip())
        return found if urlsplit(found).scheme in ("http", "https") else None
    except ValueError:
        return None
