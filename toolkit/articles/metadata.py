"""What a page says about its article: title, people, publisher, dates, language, address.

Only what the page declares counts, in this order: JSON-LD of the page's own article, ``meta`` elements, marked
elements in the page. What is not declared stays unknown: no date of today, of the copyright line or of a comment, no
author made of an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from toolkit.articles.addresses import host as host_of
from toolkit.articles.bylines import Credits, agency_of, people
from toolkit.articles.jsonld import Linked, Node
from toolkit.articles.page_dates import OUTSIDE, Metas, all_of, first_of, metas_of, modified_on, published_on
from toolkit.articles.records import Fields, fold, language_code
from toolkit.language.unicode import without_surrogates

_AUTHORS = ("author", "byl", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
            "dcsext.author", "article.author", "authors", "creator", "citation_author")  # fmt: skip
_SITES = ("og:site_name", "dc.publisher", "dcterms.publisher", "publisher", "application-name", "article.publisher")
_TITLES = ("og:title", "dc.title", "headline", "parsely-title", "sailthru.title", "twitter:title")

_SEPARATOR = re.compile(r"\s+(?:[-–—|·•:»«/]|::|\|\|)\s+")
_HOSTS = ("blogger", "wordpress", "wordpress.com", "medium", "tumblr", "hosted")  # whose name says nothing
_LIKE_TITLE = 0.4  # share of the words of two lines that both have, from which they are one headline; by eye
_LONGEST = 2_000  # characters of a title, a name or a description
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
    url = url if _resolved(url, None) else None  # of a web archive, or a feed: it may be anything
    linked, metas, claimed = Linked(tree), metas_of(tree), None
    own_url = _page_url(tree, metas, url)
    heads = [line for element in tree.iter("h1") if (line := _line(element.text_content()))]
    whole = next((line for element in tree.xpath("//head/title") if (line := _line(element.text_content()))), None)
    named = [line for name in _TITLES if (line := _line(first_of(metas, name)))]
    node = linked.article([*heads, *named, *([whole] if whole else [])], own_url or url)
    site, agency = _publisher(linked, node, metas, [*heads, whole], own_url or url)
    host = host_of(url)
    if site and host and not _abbreviates(host, site) and (claimed := _elsewhere(tree, metas, url)):
        site = host  # a copy of another site's page says that other's name
    headline = _line(node.get("headline")) or _line(node.get("name"))
    title = _title(
        heads,
        [*([headline] if headline else []), *named],
        whole,
        [site, *all_of(metas, "og:site_name", "application-name")],
    )
    named_by = people(_author_lines(tree, linked, node, metas), [site, host_of(own_url or url)])
    published, how = published_on(tree, linked, node, metas, own_url or url)
    fields: Fields = {
        "title": title,
        "url": own_url,
        "publisher": site,
        "author": ", ".join(named_by.people) or None,
        "published": published,
        "modified": modified_on(tree, linked, node, metas, published),
        "language": _language(tree, node, metas),
    }
    extra: dict[str, Any] = {}
    if description := _line(first_of(metas, "og:description", "description", "twitter:description")):
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


# --- address ------------------------------------------------------------------------------------------------------


def _page_url(tree: Any, metas: Metas, asked: str | None) -> str | None:
    """The canonical address, unless the page claims to be another site's or to be the home page."""
    return next((url for url in _claimed(tree, metas, asked) if _believed(url, asked)), asked)


def _elsewhere(tree: Any, metas: Metas, asked: str | None) -> str | None:
    """The address at another site that a fetched page says to be the true one; None for one that is believed."""
    url = next((url for url in _claimed(tree, metas, asked) if not _believed(url, asked)), None)
    return url if url is not None and host_of(url) != host_of(asked) else None


def _claimed(tree: Any, metas: Metas, asked: str | None) -> Iterator[str]:
    """The addresses that a page calls its own."""
    links = [link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    for claimed in (*links, *all_of(metas, "og:url")):
        if url := _resolved(claimed, asked):
            yield url


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
    if host_of(url) == host_of(asked):
        return True
    return any((host_of(asked) or "").endswith(cache) and f"/{parts.hostname}/" in here.path for cache in _CACHES)


# --- names --------------------------------------------------------------------------------------------------------


def _publisher(
    linked: Linked, node: Node, metas: Metas, titles: list[str | None], url: str | None
) -> tuple[str | None, str | None]:
    """The organisation that the page names as its publisher, else its site's name, else its host.

    An agency that is named as the publisher of a page on another's site is told apart: the site prints its report.
    """
    host, agency = host_of(url), None
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
    for name in (*linked.names(node.get("publisher")), *all_of(metas, *_SITES)):
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
    if likeness >= _LIKE_TITLE and fold(best) not in map(fold, names):
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


def _author_lines(tree: Any, linked: Linked, node: Node, metas: Metas) -> Iterator[list[str]]:
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
        for element in tree.xpath(f"{marks}[{OUTSIDE}]")[:6]:
            inner = element.xpath('.//*[@itemprop="name"]') or [element]
            line = _line(" ".join(inner[0].itertext()))
            if line and len(line) <= 120:
                found.append(line)
        # Authors of several articles stand on pages that list them.
        yield found if len(set(found)) <= 3 else []


def _language(tree: Any, node: Node, metas: Metas) -> str | None:
    root = tree.getroottree().getroot()
    said = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    said += [node.get("inLanguage"), *all_of(metas, "content-language", "language", "dc.language", "og:locale")]
    for value in said:
        if found := language_code(value):
            return found
    return None
