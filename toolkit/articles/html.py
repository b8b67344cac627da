"""HTML pages -> text and metadata; nothing that a page names is ever fetched.

Pages come as servers, files, mails and archives hold them: bytes in any encoding, perhaps hostile. What only costs time
is taken out first (pictures within the page), and a page that would cost minutes or gigabytes is refused. Then it is
parsed once. :mod:`~toolkit.articles.metadata` reads what it declares about itself, trafilatura finds its text,
:mod:`~toolkit.articles.boilerplate` takes out what sites put between the paragraphs, and
:mod:`~toolkit.articles.bylines` moves bylines, the dateline and credits from the text to the metadata.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from toolkit.articles.charsets import declared_charset, decoded
from toolkit.articles.raw import Raw
from toolkit.articles.records import Fields, Found, noted
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

LARGEST_PAGE = 5_000_000
"""Characters of the largest page that is read, without the pictures in it; a long article is a hundredth of this."""

MOST_ELEMENTS = 15_000
"""Of a page; news pages have some hundred, the longest live blogs some thousand."""

_LARGE = 200_000  # characters from which a page is looked through for embedded pictures, each of which has 500 at least
_SAVED_FROM = re.compile(
    r"\s*(?:<!doctype[^>]{0,200}>\s*)?(?:<html[^>]{0,500}>\s*)?<!--\s{0,9}(?:saved from url=\(\d{4}\)|Page saved with "
    r"SingleFile\s{1,9}url:\s{0,9})(https?://[^\s@<>\"]{1,2000})\s",
    re.IGNORECASE,
)
_EMBEDDED = re.compile(r"data:[a-zA-Z0-9.+/;=-]{0,100},[A-Za-z0-9+/=%\-_.~!$&*,;:@\s]{500,}")
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_SHORT = 250
"""Characters below which a page is looked through once more, with all that trafilatura can do."""


def page_articles(raw: Raw) -> Iterator[Found]:
    """The article on a page."""
    yield read_page(raw.whole(), raw.source, raw.url, raw.declared)


def read_page(data: bytes, source: str, url: str | None = None, declared: str | None = None) -> Fields:
    """The article on a page.

    Args:
        data: The page's bytes.
        source: What to call it in an error.
        url: Where it was fetched from, None for a file: then what a browser noted when it saved the page counts. The
            page's own canonical address is believed when it names the same host, or when there is no other.
        declared: The encoding that the server or the mail named.

    Raises:
        SourceError: When no article text is found, or the page is refused.
    """
    html, note = decoded(data, source, declared or declared_charset(data))
    if len(html) > _LARGE:
        html = _EMBEDDED.sub("data:,", html)
    if len(html) > LARGEST_PAGE:
        size = f"{len(html) / 1e6:,.0f} MB of HTML"
        raise SourceError(source, f"{size} is too large (limit {LARGEST_PAGE // 10**6} MB); save the text by itself")
    if html.count("<") > 2 * MOST_ELEMENTS:
        raise SourceError(source, f"more than {MOST_ELEMENTS:,} elements in this page; save the text by itself")
    url = url or _saved_from(html)
    if declaration := _XML_DECLARATION.match(html):
        html = html[declaration.end() :]
    try:
        fields = _extract(html, url)
    except (RecursionError, ValueError, AssertionError) as error:
        raise SourceError(source, f"this page cannot be taken apart ({type(error).__name__})") from None
    if fields is None:
        raise SourceError(source, "no article text found on this page; copy the text and add it with Article(text=...)")
    return noted(fields, note)


def _saved_from(html: str) -> str | None:
    """Where a page was saved from, as browsers note at its very start; what the page claims must fit to it."""
    match = _SAVED_FROM.match(html[:4_000])
    return match[1] if match else None


def _extract(html: str, url: str | None) -> Fields | None:
    # Their patterns take longer to compile than a library without pages should wait for.
    from trafilatura.utils import load_html

    from toolkit.articles.boilerplate import is_list_of_links, without_boilerplate
    from toolkit.articles.bylines import strip
    from toolkit.articles.metadata import page_facts

    logger = logging.getLogger("trafilatura")
    if logger.level == logging.NOTSET:  # it complains about each page it gives up on; our error says so already
        logger.setLevel(logging.CRITICAL)
    tree = load_html(html)
    if tree is None:
        return None
    facts = page_facts(tree, url)
    found = [without_surrogates(part).strip() for part in _text(tree, url).split("\n") if part.strip()]
    if is_list_of_links(found, tree):
        return None
    bare = strip(without_boilerplate(found, facts.titles), facts.credited, [facts.fields.get("publisher")])
    if not any(character.isalpha() for paragraph in bare.paragraphs for character in paragraph):
        return None
    fields = {**facts.fields, "text": "\n\n".join(bare.paragraphs)}
    if bare.people:
        fields["author"] = ", ".join(bare.people)
    said = {"agency": bare.agency, "dateline": bare.dateline, "credits": "\n".join(bare.credits)}
    metadata = {**facts.fields.get("metadata", {}), **{name: value for name, value in said.items() if value}}
    return {**fields, "metadata": metadata} if metadata else fields


def _text(tree: Any, url: str | None) -> str:
    """The text that trafilatura finds, a paragraph a line; the tree is changed.

    Its fast way finds the same text on pages that are built like articles (and a little less that is not the
    article's); only when that is next to nothing are its fallbacks worth their time.
    """
    import trafilatura

    from toolkit.articles.boilerplate import drop_links, join_chunks

    drop_links(tree)
    join_chunks(tree)
    best = ""
    for fast in (True, False):
        document = trafilatura.bare_extraction(tree, url=url, include_comments=False, fast=fast)
        if document is not None and not isinstance(document, dict):
            best = max(best, (document.text or "").strip(), key=len)
        if len(best) >= _SHORT:
            break
    return best
