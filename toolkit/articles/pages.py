"""Pages as files, mails and archives hold them: bytes in any encoding, perhaps hostile -> :func:`read_html`.

Before a page is taken apart, what only costs time is taken out (pictures within the page), and a page that would cost
minutes or gigabytes is refused.
"""

from __future__ import annotations

import re

from toolkit.articles.charsets import declared_charset, decoded
from toolkit.articles.records import Fields
from toolkit.errors import SourceError

LARGEST_PAGE = 5_000_000
"""Characters of the largest page that is read, without the pictures in it; a long article is a hundredth of this."""

MOST_ELEMENTS = 15_000
"""Of a page; news pages have some hundred, the longest live blogs some thousand."""

_SAVED_FROM = re.compile(
    r"\s*(?:<!doctype[^>]{0,200}>\s*)?(?:<html[^>]{0,500}>\s*)?<!--\s{0,9}(?:saved from url=\(\d{4}\)|Page saved with "
    r"SingleFile\s{1,9}url:\s{0,9})(https?://[^\s@<>\"]{1,2000})\s",
    re.IGNORECASE,
)
_EMBEDDED = re.compile(r"data:[a-zA-Z0-9.+/;=-]{0,100},[A-Za-z0-9+/=%\-_.~!$&*,;:@\s]{500,}")


def read_page(data: bytes, source: str, url: str | None = None, declared: str | None = None) -> Fields:
    """The article on a page.

    Args:
        data: The page's bytes.
        source: What to call it in an error.
        url: Where it was fetched from, None for a file: then what a browser noted when it saved the page counts.
        declared: The encoding that the server or the mail named.

    Raises:
        SourceError: When no article text is found, or the page is refused.
    """
    from toolkit.articles.html import read_html

    html, note = decoded(data, source, declared or declared_charset(data))
    if len(html) > 200_000:
        html = _EMBEDDED.sub("data:,", html)
    if len(html) > LARGEST_PAGE:
        size = f"{len(html) / 1e6:,.0f} MB of HTML"
        raise SourceError(source, f"{size} is too large (limit {LARGEST_PAGE // 10**6} MB); save the text by itself")
    if html.count("<") > 2 * MOST_ELEMENTS:
        raise SourceError(source, f"more than {MOST_ELEMENTS:,} elements in this page; save the text by itself")
    url = url or _saved_from(html)
    fields = read_html(html.encode("utf-8", "replace"), source, url)
    if note:
        fields["metadata"] = {**fields.get("metadata", {}), "encoding": note}
    return fields


def _saved_from(html: str) -> str | None:
    """Where a page was saved from, as browsers note at its very start; what the page claims must fit to it."""
    match = _SAVED_FROM.match(html[:4_000])
    return match[1] if match else None
