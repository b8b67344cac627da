"""What a page says about its article: title, people, publisher, dates, language, address.

Only what the page declares counts, in this order: JSON-LD of the page's own article, ``meta`` elements, marked
elements in the page. What is not declared stays unknown: no date of today, of the copyright line or of a comment, no
author made of an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from toolkit.articles.bylines import Credits, agency_of, people
from toolkit.articles.dates import parse_date
from toolkit.articles.jsonld import Linked, Node
from toolkit.articles.records import Fields, fold
from toolkit.language.unicode import without_surrogates

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
_AUTHORS = ("author", "byl", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
            "dcsext.author", "article.author", "authors", "creator", "citation_author")  # fmt: skip
_SITES = ("og:site_name", "dc.publisher", "dcterms.publisher", "publisher", "application-name", "article.publisher")
_TITLES = ("og:title", "dc.title", "headline", "parsely-title", "sailthru.title", "twitter:title")

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
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
_OUTSIDE = (
    "not(ancestor::aside or ancestor::footer or ancestor::nav or ancestor::*[contains(@class, 'comment') or "
    "contains(@id, 'comment') or contains(@class, 'related')])"
)
_SEPARATOR = re.compile(r"\s+(?:[-–—|·•:»«/]|::|\|\|)\s+")
_HOSTS = ("blogger", "wordpress", "wordpress.com", "medium", "tumblr", "hosted")  # whose name says nothing
_LONGEST = 2_000
_CACHES = ("cdn.ampproject.org", "google.com", "bing-amp.com")


@dataclass(frozen=True, kw_only=True, slots=True)
class PageFacts:
    """What a page says about its article.

    Attributes:
        fields: Keyword arguments of Article but the text, the unknown ones left out.
        titles: All that the page calls its article, for telling the headline apart from the text.
        credited: Whom the page's declared byline names.
    """

    fields: Fields
    titles: tuple[str, ...]
    credited: Credits


def page_facts(tree: Any, url: str | None) -> PageFacts:
    """Read what a page says about its article; the tree is not changed.

    Args:
        tree: The page, as lxml has parsed it.
        url: Where it was fetched from, None for a file.
    """
    linked, metas, claimed = Linked(tree), _metas(tree), None
    own_url = _page_url(tree, metas, url)
    heads = [line for element in tree.iter("h1") if (line := _line(element.text_content()))]
    whole = next((line for element in tree.xpath("//head/title") if (line := _line(element.text_content()))), None)
    named = [line for name in _TITLES if (line := _line(_first(metas, name)))]
    node = linked.article([*heads, *named, *([whole] if whole else [])], own_url or url)
    site, agency = _publisher(linked, node, metas, [*heads, whole], own_url or url)
    host = _host(url)
    if site and host and not _abbreviates(host, site) and (claimed := _elsewhere(tree, metas, url)):
        site = host  # a copy of another site's page says that other's name
    headline = _line(node.get("headline")) or _line(node.get("name"))
    title = _title(
        heads,
        [*([headline] if headline else []), *named],
        whole,
        [site, *_all(metas, "og:site_name", "application-name")],
    )
    named_by = people(_author_lines(tree, linked, node, metas), [site, _host(own_url or url)])
    published, how = _published(tree, linked, node, metas, own_url or url)
    fields: Fields = {
        "title": title,
        "url": own_url,
        "publisher": site,
        "author": ", ".join(named_by.people) or None,
        "published": published,
        "modified": _modified(tree, linked, node, metas, published),
        "language": _language(tree, node, metas),
    }
    extra: dict[str, Any] = {}
    if description := _line(_first(metas, "og:description", "description", "twitter:description")):
        extra["description"] = description
    if str(node.get("isAccessibleForFree")).lower() == "false":
        extra["paywalled"] = True  # what is on the page may be the beginning only
    if how:
        extra["published_from"] = how
    if claimed:
        extra["canonical"] = claimed
    fields["metadata"] = extra
    titles = dict.fromkeys(line for line in (title, headline, *named, *heads, whole) if line)
    return PageFacts(
        fields={name: value for name, value in fields.items() if value},
        titles=tuple(titles),
        credited=replace(named_by, agency=named_by.agency or agency),
    )


def _line(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if "&" in value:
        import html

        value = html.unescape(value)  # JSON-LD and meta elements are often escaped twice
    return without_surrogates(" ".join(value[:_LONGEST].split())) or None


def _metas(tree: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := (meta.get(attribute) or "").strip().lower()):
                found.setdefault(name, []).append(content)
    return found


def _all(metas: dict[str, list[str]], *names: str) -> list[str]:
    return [value for name in names for value in metas.get(name, ())]


def _first(metas: dict[str, list[str]], *names: str) -> str | None:
    return next(iter(_all(metas, *names)), None)


# --- address ------------------------------------------------------------------------------------------------------


def _page_url(tree: Any, metas: dict[str, list[str]], asked: str | None) -> str | None:
    """The canonical address, unless the page claims to be another site's or to be the home page."""
    links = [link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    for claimed in (*links, *_all(metas, "og:url")):
        if (url := _resolved(claimed, asked)) and _believed(url, asked):
            return url
    return asked


def _elsewhere(tree: Any, metas: dict[str, list[str]], asked: str | None) -> str | None:
    """The address at another site that a fetched page says to be the true one; None for one that is believed."""
    links = [link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    for claimed in (*links, *_all(metas, "og:url")):
        if (url := _resolved(claimed, asked)) and not _believed(url, asked):
            other, here = _site(urlsplit(url).hostname), _site(urlsplit(asked or "").hostname)
            return url if other != here else None
    return None


def _resolved(claimed: str | None, asked: str | None) -> str | None:
    try:
        url = urljoin(asked or "", (claimed or "").strip())
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            return None
        if any(character.isspace() for character in url) or parts.port == 0:
            return None
    except ValueError:
        return None
    return without_surrogates(parts._replace(fragment="").geturl())


def _believed(url: str, asked: str | None) -> bool:
    parts = urlsplit(url)
    home = not parts.query and parts.path.strip("/") in ("", "index.html", "index.php", "home")
    if asked is None:
        return not home
    here = urlsplit(asked)
    if home and (here.path.strip("/") or here.query):
        return False
    if _site(parts.hostname) == _site(here.hostname):
        return True
    return any(_site(here.hostname).endswith(cache) and f"/{parts.hostname}/" in here.path for cache in _CACHES)


def _site(host: str | None) -> str:
    return re.sub(r"^(?:(?:www\d?|m|mobile|amp|edition)\.)+", "", host or "")


def _host(url: str | None) -> str | None:
    return None if url is None else _site(urlsplit(url).hostname) or None


# --- names --------------------------------------------------------------------------------------------------------


def _publisher(
    linked: Linked, node: Node, metas: dict[str, list[str]], titles: list[str | None], url: str | None
) -> tuple[str | None, str | None]:
    """The organisation that the page names as its publisher, else its site's name, else its host.

    An agency that is named as the publisher of a page on another's site is told apart: the site prints its report.
    """
    host, agency = _host(url), None
    *heads, title = titles
    # What <title> ends with is the site's name when the host's name is made of it.
    last = _SEPARATOR.split(title)[-1] if title and _SEPARATOR.search(title) else None
    if (
        not last
        or not host
        or not _abbreviates(host, last)
        or any(head and last in head for head in heads)
        or fold(last) in _HOSTS
    ):
        last = None
    for name in (*linked.names(node.get("publisher")), *_all(metas, *_SITES)):
        line = (_line(name) or "").split(" | ")[0]
        if (
            not line
            or len(line) > 80
            or re.match(r"https?:|www\.|@|//", line)
            or fold(line) in (fold(host or ""), *_HOSTS)
        ):
            continue
        if (named := agency_of(line)) and host and not _abbreviates(host, line) and not _abbreviates(host, named):
            agency = agency or named
            continue
        return last if last and host and not _abbreviates(host, line) else line, agency
    return last or host, agency


def _abbreviates(host: str, name: str) -> bool:
    """Whether a host's name is made of the beginnings of a name's words: nytimes.com and The New York Times."""
    labels = host.split(".")
    words = [word for word in re.findall(r"\w+", name.casefold()) if word != "the"]
    return any(len(label) > 2 and _spelled(label, tuple(words)) for label in labels[:-1]) and len(words) <= 8


def _spelled(label: str, words: tuple[str, ...]) -> bool:
    if not label:
        return True
    if not words:
        return False
    word, rest = words[0], words[1:]
    return any(label.startswith(word[:length]) and _spelled(label[length:], rest) for length in range(len(word), 0, -1))


def _title(heads: list[str], declared: list[str], whole: str | None, sites: Iterable[str | None]) -> str | None:
    """The headline that readers see, when the page declares it in other places too; else what it declares."""
    names = [name for name in sites if name]
    known = [line for line in (*declared, whole) if line]
    shown = [head for head in dict.fromkeys(heads) if 2 < len(head) <= 300]
    alike = [(max(_likeness(head, line) for line in known), head) for head in shown] if known else []
    likeness, best = max(alike, key=lambda pair: pair[0], default=(0.0, ""))
    if likeness >= 0.4 and fold(best) not in map(fold, names):
        return _without_site(best, names)
    if not known:
        return shown[0] if len(shown) == 1 else None
    return _without_site(known[0], names, whole is known[0])


def _likeness(head: str, line: str) -> float:
    """How far two lines are the same headline in two wordings: the share of all their words that both have."""
    one, other = (set(re.findall(r"\w+", part.casefold())) for part in (head, line))
    shared = len(one & other)
    inside = fold(head) in fold(line) and len(fold(head)) > 0.4 * len(fold(line))
    return max(shared / max(len(one | other), 1), 0.9 if inside else 0.0)


def _without_site(title: str, names: Iterable[str], whole: bool = False) -> str:
    """The title without the site's name at its end or beginning: “Rates rise - Example News” is “Rates rise”."""
    for name in names:
        if name.casefold() not in title.casefold():
            continue
        site = re.escape(name)
        title = re.sub(rf"(?:\s+[|»]\s+[^|»]{{1,30}})*\s+[-–—|·•:»/]\s+{site}$", "", title, flags=re.IGNORECASE)
        title = re.sub(rf"^{site}\s+[-–—|·•:»]\s+", "", title, flags=re.IGNORECASE) or title
    if whole and (parts := title.split(" | ")) and len(parts[0]) > 15:
        return parts[0]  # what follows a bar in <title> is the section and the site
    return title


def _author_lines(tree: Any, linked: Linked, node: Node, metas: dict[str, list[str]]) -> Iterator[list[str]]:
    """What may name the authors, the most reliable first."""
    yield [line for name in linked.names(node.get("author")) if (line := _line(name))]
    for name in _AUTHORS:
        yield [line for value in metas.get(name, ()) if (line := _line(value))]
    for marks in (
        '//*[@itemprop="author"]',
        '//a[contains(concat(" ", @rel, " "), " author ")]',
        '//*[contains(@class, "author-name") or contains(@class, "authorName") or contains(@class, "byline")]',
        '//*[contains(@class, "author")]',
    ):
        found = []
        for element in tree.xpath(f"{marks}[{_OUTSIDE}]")[:6]:
            inner = element.xpath('.//*[@itemprop="name"]') or [element]
            line = _line(" ".join(inner[0].itertext()))
            if line and len(line) <= 120:
                found.append(line)
        # Authors of several articles stand on pages that list them.
        yield found if len(set(found)) <= 3 else []


# --- dates and language -------------------------------------------------------------------------------------------


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


def _published(
    tree: Any, linked: Linked, node: Node, metas: dict[str, list[str]], url: str | None
) -> tuple[datetime | None, str | None]:
    """The date of publication, and where it comes from when that is the address."""
    declared = [node.get("datePublished"), *_all(metas, *_PUBLISHED[:4]), linked.page().get("datePublished")]
    said = [found for value in (*declared, *_all(metas, *_PUBLISHED[4:])) if (found := _credible(value))]
    if said:
        # A bare day is told more exactly by a later one that names the hour of the same day.
        exact = (found for found in said if found.date() == said[0].date() and (found.hour or found.minute))
        return next(exact, said[0]) if said[0].time() == time.min else said[0], None
    for element in tree.xpath(f'//*[@itemprop="datePublished"][{_OUTSIDE}] | //time[@pubdate][{_OUTSIDE}]'):
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


def _modified(
    tree: Any, linked: Linked, node: Node, metas: dict[str, list[str]], published: datetime | None
) -> datetime | None:
    """The date of the last change, None unless it is known to be later than the publication."""
    marked = [
        element.get("datetime") or element.get("content")
        for element in tree.xpath(f'//*[@itemprop="dateModified"][{_OUTSIDE}]')
    ]
    declared = [node.get("dateModified"), *_all(metas, *_MODIFIED), linked.page().get("dateModified"), *marked]
    for value in declared:
        if found := _credible(value):
            return found if published is None or _instant(found) > _instant(published) else None
    return None


def _instant(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _dates_in_place(tree: Any) -> Iterator[datetime]:
    """The one day that the article's ``<time>`` elements agree on, else the one in an element marked as a date.

    Only whole dates with one reading count (htmldate, which would guess more, also takes 03/04/2025 and the day of the
    last change), and an address such as ``/2025/08/19/`` comes last.
    """
    for place in ("(//article | //main | //header)", ""):
        times = tree.xpath(f"{place}//time[@datetime][{_OUTSIDE}]")
        told = [element for element in times if not _CHANGED.search(element.text_content())]
        found = [date for element in told if (date := _credible(element.get("datetime")))]
        if len({date.date() for date in found}) == 1:
            yield found[0]
    places = ("class", "id", "itemprop")
    marks = " or ".join(f'contains(@{place}, "{mark}")' for place in places for mark in _DATE_MARKS)
    for element in tree.xpath(f"//body//*[{marks}][{_OUTSIDE}]")[:20]:
        text = " ".join(" ".join(element.itertext()).split())
        if len(text) < 200:
            before = _CHANGED.split(text)[0].strip(" |·•–-")
            dates = {date for match in _WHOLE_DATE.findall(before) if (date := _credible(match))}
            if whole := _credible(before):
                yield whole
            elif len(dates) == 1:
                yield from dates


def _language(tree: Any, node: Node, metas: dict[str, list[str]]) -> str | None:
    root = tree.getroottree().getroot()
    said = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    said += [node.get("inLanguage"), *_all(metas, "content-language", "language", "dc.language", "og:locale")]
    for value in said:
        if isinstance(value, str) and (match := _LANGUAGE.match(value.strip())):
            return match[0].lower()
    return None
