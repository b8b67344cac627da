"""Text out of scraps of HTML, such as feeds carry; nothing that they name is fetched."""

from __future__ import annotations

import re
from typing import Any

from toolkit.language.unicode import without_surrogates

_BLOCKS = set(
    "address article aside blockquote br center dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
    "li main nav ol p pre section table td th tr ul".split()
)
_SILENT = set("script style noscript template iframe object embed svg math form button select head title".split())
_DEEPEST = 200  # elements in elements


def line_of(html: str | None) -> str | None:
    """The words of a title or name that may hold tags and entities, on one line."""
    if html is None:
        return None
    text = paragraphs(html) if re.search(r"[<&]", html) else html
    return without_surrogates(" ".join(text.split())) or None


def paragraphs(html: str) -> str:
    """The text of a scrap of HTML, its blocks as paragraphs.

    Plain text without tags stays as it is, but for white space.
    """
    import lxml.etree
    import lxml.html

    if "<" not in html and "&" not in html:
        return _tidy(html.split("\n\n"))
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True)
    data = without_surrogates(html).replace("\0", "").encode("utf-8")
    try:
        tree = lxml.etree.fromstring(b"<html><body>" + data + b"</body></html>", parser)
    except (lxml.etree.LxmlError, ValueError):
        return ""
    parts: list[list[str]] = [[]]
    if tree is not None:
        _gather(tree, parts, 0)
    return _tidy("".join(part) for part in parts)


def _gather(element: Any, parts: list[list[str]], depth: int) -> None:
    if not isinstance(element.tag, str):  # a comment, an instruction, an entity
        return
    tag = element.tag.lower()
    if tag in _SILENT or depth > _DEEPEST:
        return
    if tag in _BLOCKS:
        parts.append([])
    parts[-1].append(element.text or "")
    for child in element:
        _gather(child, parts, depth + 1)
        parts[-1].append(child.tail or "")
    if tag in _BLOCKS:
        parts.append([])


def _tidy(parts: Any) -> str:
    lines = (" ".join(part.split()) for part in parts)
    return without_surrogates("\n\n".join(line for line in lines if line))
