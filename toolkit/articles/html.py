"""HTML pages -> text and metadata, by trafilatura; nothing that a page names is ever fetched.

The date of publication is taken from what the page declares: JSON-LD ``datePublished``, ``article:published_time`` and
its kin, or a marked ``<time>``. Failing those, from elements marked as dates and from the address, and from nowhere
else: a date that the article merely mentions must not become the date of its publication.
"""

from __future__ import annotations

import copy
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from toolkit.articles.dates import parse_date
from toolkit.articles.plain import decode
from toolkit.articles.records import Fields
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_META_DATES = (
    "article:published_time", "og:article:published_time", "datepublished", "date.published", "publishdate",
    "publish-date", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued",
    "cxenseparse:recs:publishtime", "article.published", "dcterms.created", "dc.date", "date",
)  # fmt: skip
_DATE_MARKS = ("date", "publish", "byline", "timestamp", "posted")
_CHANGED = re.compile(r"updated|modified|changed", re.IGNORECASE)
_DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-]([01]\d)[/-]([0-3]\d)(?=[/-])")
_MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\\.?"
_WHOLE_DATE = re.compile(
    rf"\b(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|"
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})\b",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")


def read_html(data: bytes, source: str, url: str | None = None, declared: str | None = None) -> Fields:
    """The article on a page.

    Args:
        data: The page's bytes.
        source: What to call it in an error.
        url: Where it was fetched from, None for a file. The page's own canonical address is believed when it names
            the same host, or when there is no other.
        declared: The encoding that the server named.

    Raises:
        SourceError: When no article text is found.
    """
    html = _XML_DECLARATION.sub("", decode(data, source, declared or _charset(data)), count=1)
    try:
        fields = _extract(html, url)
    except (RecursionError, ValueError, AssertionError) as error:
        raise SourceError(source, f"this page cannot be taken apart ({type(error).__name__})") from None
    if fields is None:
        raise SourceError(source, "no article text found on this page; copy the text and add it with Article(text=...)")
    return fields


def _charset(data: bytes) -> str | None:
    match = _CHARSET.search(data[:4096])
    return match[1].decode("ascii") if match else None


def _extract(html: str, url: str | None) -> Fields | None:
    import trafilatura
    from trafilatura.utils import load_html

    logger = logging.getLogger("trafilatura")
    if logger.level == logging.NOTSET:  # it complains about each page it gives up on; our error says so already
        logger.setLevel(logging.CRITICAL)
    tree = load_html(html)
    if tree is None:
        return None
    document = trafilatura.bare_extraction(
        copy.deepcopy(tree),
        url=url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None or isinstance(document, dict) or not (text := document.text or "").strip():
        return None
    page_url = _page_url(document.url, url)
    publisher = _line(document.sitename)
    if publisher is None or publisher == urlsplit(document.url or "").netloc.removeprefix("www."):
        # No site name, only the host of the canonical address, which need not be believed.
        publisher = _host(page_url)
    title = _title(_line(document.title), publisher)
    paragraphs = [without_surrogates(part).strip() for part in text.split("\n") if part.strip()]
    if title and len(paragraphs) > 1 and paragraphs[0] == title:
        paragraphs.pop(0)
    fields: Fields = {
        "text": "\n\n".join(paragraphs),
        "title": title,
        "url": page_url,
        "publisher": publisher,
        "author": _line((document.author or "").replace("; ", ", ")),
        "published": _published(tree, page_url),
        "language": _language(tree),
    }
    if description := _line(document.description):
        fields["metadata"] = {"description": description}
    return {name: value for name, value in fields.items() if value is not None}


def _line(value: str | None) -> str | None:
    return without_surrogates(" ".join((value or "").split())) or None


def _title(title: str | None, publisher: str | None) -> str | None:
    """The title without the site's name at its end: “Rates rise - Example News” is “Rates rise”."""
    if not title or not publisher:
        return title
    return re.sub(rf"\s+[-–—|·:]\s+{re.escape(publisher)}$", "", title, flags=re.IGNORECASE) or title


def _host(url: str | None) -> str | None:
    return None if url is None else (urlsplit(url).hostname or "").removeprefix("www.") or None


def _page_url(canonical: str | None, asked: str | None) -> str | None:
    """The canonical address, unless the page claims to be some other site's."""
    try:
        parts = urlsplit(canonical or "")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            return asked
        return canonical if asked is None or _site(_host(canonical)) == _site(_host(asked)) else asked
    except ValueError:
        return asked


def _site(host: str | None) -> str:
    return re.sub(r"^(?:m|mobile|amp|edition)\.", "", host or "")


def _language(tree: Any) -> str | None:
    match = _LANGUAGE.match((tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip())
    return match[0].lower() if match else None


def _published(tree: Any, url: str | None) -> datetime | None:
    for value in _declared_dates(tree):
        if found := parse_date(value):
            return found
    if found := next(_dates_in_place(tree), None):
        return found
    day = _DAY_IN_URL.search(url or "")
    return parse_date("-".join(day.groups())) if day else None


def _declared_dates(tree: Any) -> Iterator[Any]:
    for script in tree.xpath('//script[contains(@type, "ld+json")]'):
        try:
            yield from _json_dates(json.loads(script.text or ""))
        except (ValueError, RecursionError):
            continue
    named: dict[str, str] = {}
    for meta in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop"):
            named.setdefault((meta.get(attribute) or "").strip().lower(), meta.get("content"))
    yield from (named[name] for name in _META_DATES if name in named)
    for element in tree.xpath('//*[@itemprop="datePublished"] | //time[@pubdate]'):
        yield element.get("datetime") or element.get("content") or element.text_content()


def _json_dates(node: Any, depth: int = 0) -> Iterator[Any]:
    """The ``datePublished`` of articles in JSON-LD; those of comments, videos and related items do not count."""
    if isinstance(node, list) and depth < 4:
        for item in node:
            yield from _json_dates(item, depth + 1)
    elif isinstance(node, dict) and depth < 4:
        kinds = node.get("@type")
        names = kinds if isinstance(kinds, list) else [kinds]
        if any(isinstance(name, str) and name.endswith(("Article", "Posting", "WebPage", "Report")) for name in names):
            yield node.get("datePublished")
        for key in ("@graph", "mainEntity"):
            yield from _json_dates(node.get(key), depth + 1)


def _dates_in_place(tree: Any) -> Iterator[datetime]:
    """The one day that the article's ``<time>`` elements agree on, else the one in an element marked as a date.

    Only whole dates with one reading count (htmldate, which would guess more, also takes 03/04/2025 and the day of the
    last change), and an address such as ``/2025/08/19/`` comes last.
    """
    outside = "not(ancestor::aside or ancestor::footer or ancestor::nav)"
    times = tree.xpath(f"(//article | //main | //header)//time[@datetime][{outside}]")
    found = [date for element in times if (date := parse_date(element.get("datetime")))]
    if len({date.date() for date in found}) == 1:
        yield found[0]
    places = ("class", "id", "itemprop")
    marks = " or ".join(f'contains(@{place}, "{mark}")' for place in places for mark in _DATE_MARKS)
    for element in tree.xpath(f"//body//*[{marks}][{outside}]")[:20]:
        text = " ".join(element.text_content().split())
        if len(text) < 200:
            whole = _WHOLE_DATE.findall(_CHANGED.split(text)[0])
            dates = {date for match in whole if (date := parse_date(match))}
            yield from dates if len(dates) == 1 else ()
