"""When a page says that its article was published and changed, and what its ``meta`` elements say at all.

Only whole dates with one reading count, and only such as the page declares or shows where it tells its date: no date of
today, of the copyright line or of a comment. (htmldate, which would guess more, also takes 03/04/2025 and the day of
the last change.) An address such as ``/2025/08/19/`` comes last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from toolkit.articles.dates import parse_date
from toolkit.articles.jsonld import Linked, Node

Metas = dict[str, list[str]]
"""The contents of a page's ``meta`` elements by their names, in small letters."""

OUTSIDE = (
    "not(ancestor::aside or ancestor::footer or ancestor::nav or ancestor::*[contains(@class, 'comment') or "
    "contains(@id, 'comment') or contains(@class, 'related')])"
)
"""XPath: what does not stand in a comment, a footer, a menu or a list of related articles."""

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "date.published",
    "publishdate", "publish-date", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued",
    "cxenseparse:recs:publishtime", "article.published", "published", "dcterms.created", "dc.date", "dcterms.date",
    "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "article:modified", "datemodified", "date.modified",
    "article.updated", "og:updated_time", "dcterms.modified", "dc.date.modified", "last-modified", "lastmod",
    "updated-date", "revised",
)  # fmt: skip
_DATE_MARKS = ("date", "publish", "byline", "timestamp", "posted")
_CHANGED = re.compile(r"updated|modified|changed|aktualisiert|mis à jour|actualizado|atualizado", re.IGNORECASE)
_DAY_IN_URL = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0\d|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[/-]?([0-3]\d)(?=[/-])"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\\.?"
_WHOLE_DATE = re.compile(
    rf"\b(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|"
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})\b",
    re.IGNORECASE,
)
_MOST_PLACES = 20  # elements marked as dates that are looked at
_LONGEST_PLACE = 200  # characters of such an element; what is longer is more than a date


def metas_of(tree: Any) -> Metas:
    """What a page's ``meta`` elements say."""
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := (meta.get(attribute) or "").strip().lower()):
                found.setdefault(name, []).append(content)
    return found


def all_of(metas: Metas, *names: str) -> list[str]:
    """The contents of the ``meta`` elements of these names, in the order of the names."""
    return [value for name in names for value in metas.get(name, ())]


def first_of(metas: Metas, *names: str) -> str | None:
    """The first of them; None when there is none."""
    return next(iter(all_of(metas, *names)), None)


def _credible(value: Any) -> datetime | None:
    """A date that a page can have been published on: not after tomorrow, as sites' far-future placeholders are."""
    found = parse_date(value)
    if found is None:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    try:
        return found if aware <= datetime.now(UTC) + timedelta(days=1) else None
    except OverflowError:
        return None


def published_on(
    tree: Any, linked: Linked, node: Node, metas: Metas, url: str | None
) -> tuple[datetime | None, str | None]:
    """The date of publication, and where it comes from when that is the address."""
    declared = [node.get("datePublished"), *all_of(metas, *_PUBLISHED[:4]), linked.page().get("datePublished")]
    said = [found for value in (*declared, *all_of(metas, *_PUBLISHED[4:])) if (found := _credible(value))]
    if said:
        # A bare day is told more exactly by a later one that names the hour of the same day.
        exact = (found for found in said if found.date() == said[0].date() and (found.hour or found.minute))
        return next(exact, said[0]) if said[0].time() == time.min else said[0], None
    for element in tree.xpath(f'//*[@itemprop="datePublished"][{OUTSIDE}] | //time[@pubdate][{OUTSIDE}]'):
        if found := _credible(element.get("datetime") or element.get("content") or element.text_content()):
            return found, None
    named = _day_of_url(url)
    found = next(_dates_in_place(tree), None)
    # Where the address names a day, what the page shows must be of that day (in some time zone): it may also show the
    # day of what it writes about.
    if found and (named is None or abs(found.date() - named.date()) <= timedelta(days=1)):
        return found, None
    return named, "url" if named else None


def _day_of_url(url: str | None) -> datetime | None:
    """The day that an address names, as ``/2025/08/19/`` or ``/2025/aug/19/``."""
    day = _DAY_IN_URL.search(urlsplit(url or "").path)
    if day is None:
        return None
    year, month, number = day.groups()
    return _credible(f"{year}-{_MONTHS.index(month) + 1 if month in _MONTHS else month:0>2}-{number}")


def modified_on(tree: Any, linked: Linked, node: Node, metas: Metas, published: datetime | None) -> datetime | None:
    """The date of the last change, None unless it is known to be later than the publication."""
    marked = [
        element.get("datetime") or element.get("content")
        for element in tree.xpath(f'//*[@itemprop="dateModified"][{OUTSIDE}]')
    ]
    declared = [node.get("dateModified"), *all_of(metas, *_MODIFIED), linked.page().get("dateModified"), *marked]
    for value in declared:
        if found := _credible(value):
            return found if published is None or _instant(found) > _instant(published) else None
    return None


def _instant(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _dates_in_place(tree: Any) -> Iterator[datetime]:
    """The one day that the article's ``<time>`` elements agree on, else the one in an element marked as a date."""
    for place in ("(//article | //main | //header)", ""):
        times = tree.xpath(f"{place}//time[@datetime][{OUTSIDE}]")
        told = [element for element in times if not _CHANGED.search(element.text_content())]
        found = [date for element in told if (date := _credible(element.get("datetime")))]
        if len({date.date() for date in found}) == 1:
            yield found[0]
    places = ("class", "id", "itemprop")
    marks = " or ".join(f'contains(@{place}, "{mark}")' for place in places for mark in _DATE_MARKS)
    for element in tree.xpath(f"//body//*[{marks}][{OUTSIDE}]")[:_MOST_PLACES]:
        text = " ".join(" ".join(element.itertext()).split())
        if len(text) < _LONGEST_PLACE:
            before = _CHANGED.split(text)[0].strip(" |·•–-")
            dates = {date for match in _WHOLE_DATE.findall(before) if (date := _credible(match))}
            if whole := _credible(before):
                yield whole
            elif len(dates) == 1:
                yield from dates
