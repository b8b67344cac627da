"""llama-index nodes -> articles and passages, so that whatever is cited stands in a text that is at hand.

What llama-index retrieves are nodes: pieces of documents that somebody else cut, with offsets that may be missing or
wrong, and often without the document. A citation needs a text in which it stands, so each node is placed:

- In its document, when that is at hand (given with ``documents=``, or kept in the index's docstore) and the node's text
  stands there, at the node's offsets or in one place only. The article is then the document, and a node that was cut
  inside a sentence is widened to whole sentences, so that no half sentence is ever quoted.
- Else in itself: the node's text is an article of its own, whose id is the document's and the node's. A sentence that
  visibly begins before the node or ends behind it is left out of the passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from toolkit.articles.records import fold, read_record
from toolkit.errors import ArgumentError
from toolkit.passages import sentence_bounds
from toolkit.types import Article, Passage

_A_PATH = re.compile(r"(?:~|\.{0,2})[\\/].*|[A-Za-z]:[\\/].*|.*\.(?:txt|md|html?|pdf|jsonl?|csv|docx?)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_TITLES = ("filename", "documenttitle")
_PATHS = ("filepath", "path")


class Placer:
    """Places the nodes of one search.

    Args:
        document: From the id of a document to it, as a llama-index Document or an Article, or None.
    """

    def __init__(self, document: Callable[[str], Any]) -> None:
        self._document = document
        self._owners: dict[str, Article | None] = {}
        self._own: dict[str, Article] = {}

    def place(self, node: Any) -> tuple[Article, Passage] | None:
        """A node as a passage of an article; None when it holds no text."""
        text = text_of(node)
        if not text.strip():
            return None
        name = node.ref_doc_id
        owner = self._owner(name) if name else None
        if owner is not None:
            where = _where(owner.text, text, getattr(node, "start_char_idx", None))
            if where is not None:
                return owner, _passage(owner, *where)
        own = f"{name}#{node.node_id}" if name else node.node_id
        article = article_of(node, own)
        rival = self._own.get(own) or self._owner(own)
        if rival is not None and rival.text != article.text:
            # A span of one text must never be taken for a span of another.
            article = article_of(node, f"{own}~{article.text_hash[:8]}")
        self._own[article.id] = article
        return article, _passage(article, 0, len(article.text), _cut_at(node))

    def _owner(self, name: str) -> Article | None:
        if name not in self._owners:
            document = self._document(name)
            self._owners[name] = None if document is None else article_of(document, name)
        return self._owners[name]


def named_document(document: Any) -> tuple[str, Any]:
    """A document with the id by which nodes name it.

    Raises:
        ArgumentError: It is neither an Article nor a llama-index Document or node.
    """
    if isinstance(document, Article):
        return document.id, document
    if hasattr(document, "get_content") and hasattr(document, "node_id"):
        return document.node_id, document
    raise ArgumentError(f"documents= holds a {type(document).__name__}; give llama-index Documents or Articles")


def text_of(document: Any) -> str:
    """The text of an Article, a Document or a node, without the metadata that llama-index can put before it."""
    return document.text if isinstance(document, Article) else str(document.get_content() or "")


def article_of(document: Any, article_id: str) -> Article:
    """A document or node as an article; title, publisher, date and the like as records name them.

    Beyond that, ``source`` may be an address or a file, and a file's name is the title when there is no other.
    """
    if isinstance(document, Article):
        return document
    given = {name: value for name, value in dict(document.metadata).items() if fold(name) != "text"}
    fields = read_record({**given, "text": text_of(document)}, f"a {type(document).__name__}")
    folded = {fold(name): value for name, value in given.items() if isinstance(value, str) and value.strip()}
    publisher = fields.get("publisher", "")
    if "://" in publisher:
        fields.setdefault("url", fields.pop("publisher"))
    elif _A_PATH.fullmatch(publisher):
        fields["origin"] = fields.pop("publisher")
    title = next((folded[name] for name in _TITLES if name in folded), None)
    if title:
        fields.setdefault("title", " ".join(title.split()))
    fields["origin"] = fields.get("origin") or next((folded[name] for name in _PATHS if name in folded), None)
    if own := fields.pop("id", None):
        fields["metadata"] = {**fields.get("metadata", {}), "id": own}
    return Article(id=article_id, **fields)


def _where(text: str, piece: str, start: Any) -> tuple[int, int] | None:
    """Where a piece stands in a text: at ``start``, or else in the only place where it is found."""
    if isinstance(start, int) and start >= 0 and text.startswith(piece, start):
        return start, start + len(piece)
    first = text.find(piece)
    if first < 0 or text.find(piece, first + 1) >= 0:
        return None
    return first, first + len(piece)


@lru_cache(maxsize=256)
def _bounds(text: str, language: str | None) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_bounds(text, language))


def _cut_at(node: Any) -> tuple[bool, bool]:
    """Whether its document goes on before and behind the node, as far as it says."""
    start = getattr(node, "start_char_idx", None)
    return node.prev_node is not None or bool(isinstance(start, int) and start > 0), node.next_node is not None


def _passage(article: Article, start: int, end: int, cut: tuple[bool, bool] = (False, False)) -> Passage:
    """The whole sentences that lie at least partly between two offsets, which hold more than white space.

    Where the text itself is ``cut`` from a longer one, a first sentence that begins and a last one that ends in its
    middle are left out, unless nothing else is there.
    """
    text = article.text
    bounds = [(a, b) for a, b in _bounds(text, article.language) if a < end and start < b]
    if cut[0] and len(bounds) > 1 and (text[bounds[0][0]].islower() or text[bounds[0][0]] in ",;:)…"):
        del bounds[0]
    if cut[1] and len(bounds) > 1 and not _SENTENCE_END.search(text[bounds[-1][0] : bounds[-1][1]]):
        del bounds[-1]
    span = article.span(bounds[0][0], bounds[-1][1])
    return Passage(
        span=span,
        text=text[span.start : span.end],
        sentences=tuple(article.span(a, b) for a, b in bounds),
    )
