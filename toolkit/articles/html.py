"""HTML pages -> text and metadata; nothing that a page names is ever fetched.

The page is parsed once. :mod:`~toolkit.articles.metadata` reads what it declares about itself, trafilatura finds its
text, :mod:`~toolkit.articles.boilerplate` takes out what sites put between the paragraphs, and
:mod:`~toolkit.articles.bylines` moves bylines, the dateline and credits from the text to the metadata.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from toolkit.articles.charsets import decode
from toolkit.articles.records import Fields
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_SHORT = 250
"""Characters below which a page is looked through once more, with all that trafilatura can do."""


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
    html = decode(data, source, declared or _charset(data))
    if declaration := _XML_DECLARATION.match(html):
        html = html[declaration.end() :]
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
