"""JSON-LD of a page -> the node that describes its article.

Sites write it in arrays, in ``@graph``, nested under ``mainEntity``, more than once a page, with comments around it,
with commas too many, and for other articles that the page merely lists. What cannot be read is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from toolkit.articles.records import fold

Node = dict[str, Any]

_ARTICLE = ("Article", "Posting", "Report", "Review", "MedicalWebPage")
_MOST_NODES = 500  # of a page; real ones have some dozens
_DEEPEST = 6  # nodes in nodes
_LARGEST = 2_000_000  # characters of a script
_OPENED = re.compile(r"(?:<!--|<!\[CDATA\[|//\s{0,4}<!\[CDATA\[)\s*")
_CLOSED = ("-->", "//]]>", "// ]]>", "]]>", ";")
_COMMA_TOO_MANY = re.compile(r",(\s*[}\]])")
_DECODER = json.JSONDecoder(strict=False)


class Linked:
    """What a page says about itself in JSON-LD.

    Args:
        tree: The page, as lxml has parsed it.
    """

    def __init__(self, tree: Any) -> None:
        self.nodes: list[Node] = []
        self._named: dict[str, Node] = {}
        for script in tree.xpath('//script[contains(@type, "ld+json")]'):
            for value in _values(script.text or ""):
                self._walk(value, 0)

    def _walk(self, value: Any, depth: int) -> None:
        """Collect nodes outwards in; what hangs under other keys (comments, related items) describes something else."""
        if isinstance(value, list) and depth < _DEEPEST:
            for item in value[:_MOST_NODES]:
                self._walk(item, depth + 1)
        elif isinstance(value, dict) and depth < _DEEPEST and len(self.nodes) < _MOST_NODES:
            if len(value) > 1:
                self.nodes.append(value)
            name = value.get("@id")
            if isinstance(name, str) and len(value) > len(self._named.get(name, ())):
                self._named[name] = value
            for key in ("@graph", "mainEntity", "mainEntityOfPage"):
                self._walk(value.get(key), depth + 1)

    def article(self, titles: list[str], url: str | None) -> Node:
        """The node of the page's own article, empty when there is none or when it cannot be told from others.

        Args:
            titles: What else the page calls itself.
            url: The page's address.
        """
        found = [node for node in self.nodes if any(kind.endswith(_ARTICLE) for kind in kinds(node))]
        if len(found) > 1:
            wanted, here = {fold(title) for title in titles}, _place(url)
            own = [node for node in found if _headline(node) in wanted or (here and here in map(_place, _urls(node)))]
            # One article told twice is one article; several articles of which none is this page's are a list of links.
            same = len({_headline(node) for node in found}) == 1
            found = own or (found if same else [])
        merged: Node = {}
        for node in found:
            merged = {**node, **{key: value for key, value in merged.items() if value not in (None, "", [], {})}}
        return merged

    def page(self) -> Node:
        """The first node of the kind WebPage."""
        return next((node for node in self.nodes if any(kind.endswith("WebPage") for kind in kinds(node))), {})

    def names(self, value: Any, depth: int = 0) -> list[str]:
        """The names under ``author`` or ``publisher``: strings, nodes, lists and references by ``@id``."""
        if isinstance(value, str):
            named = self._named.get(value)
            return self.names(named, depth + 1) if named and depth < _DEEPEST else [value]
        if isinstance(value, list) and depth < _DEEPEST:
            return [name for item in value[:50] for name in self.names(item, depth + 1)]
        if not isinstance(value, dict):
            return []
        name = value.get("name")
        if isinstance(name, str) and name.strip():
            return [name]
        if isinstance(name, list):
            return [part for part in name[:50] if isinstance(part, str)]
        reference = value.get("@id")
        named = self._named.get(reference) if isinstance(reference, str) else None
        return self.names(named, depth + 1) if named and named is not value and depth < _DEEPEST else []


def kinds(node: Node) -> list[str]:
    """The types of a node."""
    value = node.get("@type")
    return [kind for kind in (value if isinstance(value, list) else [value]) if isinstance(kind, str)]


def _values(text: str) -> Iterator[Any]:
    """The JSON values in a script, one after another, as far as they can be read."""
    text = text[:_LARGEST].strip()
    while opened := _OPENED.match(text):
        text = text[opened.end() :]
    while closed := next((end for end in _CLOSED if text.endswith(end)), None):
        text = text.removesuffix(closed).rstrip()
    for attempt in (text, _COMMA_TOO_MANY.sub(r"\1", text)):
        place = 0
        found: list[Any] = []
        try:
            while (rest := attempt[place:].lstrip().lstrip(";,")) and len(found) < 20:
                value, end = _DECODER.raw_decode(rest.lstrip())
                found.append(value)
                place = len(attempt) - len(rest.lstrip()) + end
        except (ValueError, RecursionError):
            pass
        if found:
            yield from found
            return


def _headline(node: Node) -> str:
    value = node.get("headline") or node.get("name")
    return fold(value) if isinstance(value, str) else ""


def _urls(node: Node) -> Iterator[str | None]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = node.get(key)
        yield (value.get("@id") or value.get("url")) if isinstance(value, dict) else value


def _place(url: Any) -> str | None:
    """Host and path, to compare addresses by; None for a home page, which names no article."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = parts.path.rstrip("/")
    return f"{(parts.hostname or '').removeprefix('www.')}{path}?{parts.query}" if path else None
