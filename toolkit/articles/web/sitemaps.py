"""Sitemaps (sitemaps.org, and Google's news extension) -> the pages that they list; nothing is fetched here."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from toolkit.articles.dates import parse_date
from toolkit.articles.records import one_line
from toolkit.articles.web.addresses import shown
from toolkit.articles.web.bodies import Broken, TooLarge, unpacked
from toolkit.articles.web.feeds import Entry
from toolkit.errors import SourceError

LARGEST_SITEMAP = 52_428_800
"""Bytes of a sitemap after decompression, as the protocol has it."""

MOST_ADDRESSES = 50_000
"""Of one sitemap: the same."""


@dataclass(kw_only=True, slots=True)
class Sitemap:
    """What one file of a sitemap lists.

    Attributes:
        pages: In its order.
        sitemaps: Further files, with the days of their last changes.
    """

    pages: list[Entry] = field(default_factory=list)
    sitemaps: list[tuple[str, datetime | None]] = field(default_factory=list)


def read_sitemap(data: bytes, url: str, asked: str) -> Sitemap:
    """Read a sitemap, an index of sitemaps, or a text file with an address a line; any of them may be gzipped.

    Args:
        data: Its bytes.
        url: Where it was found.
        asked: What to call it in an error.

    Raises:
        SourceError: It is none, is too large, or declares entities.
    """
    if data.startswith(b"\x1f\x8b"):
        try:
            data = unpacked([data], "gzip", LARGEST_SITEMAP)
        except TooLarge:
            raise SourceError(shown(asked), f"larger than {LARGEST_SITEMAP / 1e6:.3g} MB when unpacked") from None
        except Broken as error:
            raise SourceError(shown(asked), f"this sitemap is gzipped, and {error}") from None
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<") and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return _from_text(data, asked)
    return _from_xml(data, url, asked)


def _from_text(data: bytes, asked: str) -> Sitemap:
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    pages = [Entry(link=line) for line in lines[:MOST_ADDRESSES] if re.match(r"https?://\S+$", line, re.IGNORECASE)]
    if not pages or len(pages) < min(len(lines), MOST_ADDRESSES) / 2:
        raise SourceError(shown(asked), "this is not a sitemap")
    return Sitemap(pages=pages)


def _from_xml(data: bytes, url: str, asked: str) -> Sitemap:
    import lxml.etree

    found = Sitemap()
    kind = ""
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        for event, element in lxml.etree.iterparse(
            io.BytesIO(data), events=("start", "end"), recover=True, remove_comments=True, remove_pis=True, **options
        ):
            tag = _name(element)
            if not kind:
                kind = _kind(element, tag, asked)
            if event == "end" and tag in ("url", "sitemap"):
                if len(found.pages) + len(found.sitemaps) >= MOST_ADDRESSES:
                    break
                _keep(found, element, tag, url)
                _drop(element)
    except lxml.etree.LxmlError as error:
        if not found.pages and not found.sitemaps:
            raise SourceError(shown(asked), f"this sitemap cannot be taken apart ({str(error)[:100]})") from None
    if not kind:
        raise SourceError(shown(asked), "this is not a sitemap")
    return found


def _kind(root: Any, tag: str, asked: str) -> str:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise SourceError(shown(asked), "this sitemap declares XML entities, which none needs; it is not read")
    if tag in ("urlset", "sitemapindex"):
        return tag
    hint = {"rss": "a feed; use feed=", "feed": "a feed; use feed=", "html": "a web page; add it without sitemap="}
    raise SourceError(shown(asked), f"this is not a sitemap{' but ' + hint[tag] if tag in hint else ''}")


def _keep(found: Sitemap, element: Any, tag: str, url: str) -> None:
    values: dict[str, str] = {}
    for child in element.iter():
        if isinstance(child.tag, str) and child.text and child.text.strip():
            values.setdefault(_name(child), child.text.strip())
    try:
        link = urljoin(url, values.get("loc", ""))
        if "loc" not in values or urlsplit(link).scheme not in ("http", "https"):
            return
    except ValueError:
        return
    changed = parse_date(values.get("lastmod"))
    if tag == "sitemap":
        found.sitemaps.append((link, changed))
        return
    language = values.get("language", "")[:3].strip("-").lower()
    found.pages.append(
        Entry(
            link=link,
            title=one_line(values.get("title")) if "publication_date" in values else None,
            publisher=one_line(values.get("name")) if "publication_date" in values else None,
            language=language if re.fullmatch(r"[a-z]{2,3}", language) else None,
            published=parse_date(values.get("publication_date")),
            modified=changed,
        )
    )


def unchanged_since(changed: datetime | None, visit: datetime) -> bool:
    """Whether a page that was last changed then need not be asked for after a visit; a bare day ends at its midnight.

    Midnight and no time zone are those of the place furthest behind.
    """
    if changed is None:
        return False
    until = changed + timedelta(days=1) if changed.time() == datetime.min.time() else changed
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC) + timedelta(hours=12)
    return until < visit


def newest_first(entry: Entry) -> float:
    """A sorting key: what changed last comes first, what does not tell comes last."""
    return _age(entry.modified or entry.published)


def sitemap_newest_first(sitemap: tuple[str, datetime | None]) -> float:
    """The same for files of an index."""
    return _age(sitemap[1])


def _age(moment: datetime | None) -> float:
    if moment is None:
        return float("inf")
    return -(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _drop(element: Any) -> None:
    """Let go of what was read, so that a large sitemap takes little memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
