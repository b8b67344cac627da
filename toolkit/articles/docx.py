"""Word documents (.docx) -> text in paragraphs, by python-docx; nothing that a document links to is fetched.

Headings are paragraphs of their own, a list item is a line, and a row of a table is a line with its cells parted by
``|``. Insertions that wait for review count, deletions do not; notes, text boxes, headers and footers are left out.
The title is the document's own property, else its first paragraph when that is a title or a heading.

The document's own dates say when it was made and saved, not when an article appeared, so they never become
``published`` or ``modified``; they are kept in ``metadata["docx_created"]`` and ``["docx_modified"]``. A document that
is made by a program often has the day of the program's template: the one of python-docx is known, and left out.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from toolkit.articles.dates import parse_date
from toolkit.articles.raw import Raw
from toolkit.articles.records import Fields, Found, language_code, one_line
from toolkit.articles.unpacking import Place, counted
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

LARGEST_XML = 20_000_000
"""Bytes of the XML of a document, unpacked; a book has two million."""

_MOST_PARTS = 5_000  # files in a document; one with a hundred pictures has some hundred
_MOST_BLOCKS = 50_000  # paragraphs and tables; a thousand pages have about ten thousand
_TEMPLATES = (datetime(2013, 12, 23, 23, 15, tzinfo=UTC),)  # python-docx's
_DEEPEST = 8  # tables in tables, content controls in content controls
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRAPPERS = ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
_UNSEEN = ("del", "moveFrom", "pPr", "rPr", "drawing", "pict", "object", "Fallback", "instrText", "sdtPr", "")
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def docx_articles(raw: Raw) -> Iterator[Found]:
    """The text and properties of a Word document; what it unpacks to is counted.

    Raises:
        SourceError: When it is no document, locked, broken or refused, or holds no text.
    """
    source = raw.source
    document = _open(_checked(raw.whole(), raw.place), source)
    try:
        styles = {style.style_id: (style.name or "").casefold() for style in document.styles}
        blocks = list(islice(_blocks(document.element.body, styles), _MOST_BLOCKS + 1))
        properties = document.core_properties
        fields = _fields(blocks, properties)
    except Exception as error:  # python-docx takes for granted what the standard demands of a document
        raise SourceError(source, f"this document is broken ({type(error).__name__})") from None
    if len(blocks) > _MOST_BLOCKS:
        raise SourceError(source, f"refused: more than {_MOST_BLOCKS:,} paragraphs; split it")
    if not fields["text"].strip():
        raise SourceError(source, "no text in this document")
    yield fields


def _checked(data: bytes, place: Place) -> bytes:
    """The document without what is not read of it, every part unpacked once and found to be of a sane size."""
    source = place.source
    kept = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(kept, "w") as lean:
            if len(archive.filelist) > _MOST_PARTS:
                raise SourceError(source, "refused: too many parts for a document; save it as text")
            total = 0
            for info in archive.filelist:
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise SourceError(source, "packed in an unusual way; open it in Word and save it again")
                if info.flag_bits & 1:
                    raise SourceError(source, "locked with a password; save an unlocked copy and add that")
                if not info.filename.lower().endswith((".xml", ".rels")):
                    lean.writestr(info.filename, b"")  # a picture: only that it is there matters
                    continue
                with counted(archive.open(info), place) as part:
                    content = part.read(LARGEST_XML - total + 1)
                total += len(content)
                if total > LARGEST_XML:
                    raise SourceError(source, "refused: too large when unpacked; save it as text")
                lean.writestr(info.filename, content)
    except SourceError:
        raise
    except Exception as error:  # zipfile was not written for damage
        raise SourceError(source, f"not a readable .docx file: it is broken ({type(error).__name__})") from None
    return kept.getvalue()


def _open(data: bytes, source: str) -> Any:
    import docx

    try:
        return docx.Document(io.BytesIO(data))
    except Exception as error:
        raise SourceError(source, f"not a readable Word document ({type(error).__name__})") from None


def _blocks(container: Any, styles: dict[str, str], depth: int = 0) -> Iterator[tuple[str, str]]:
    """The style and the text of each paragraph and table, in order.

    The XML is walked, since python-docx passes over insertions that are being reviewed, and over content controls.
    """
    for block in container:
        kind = _kind(block)
        if kind == "p":
            text = _text(block).replace("\xa0", " ").strip()
            if text:
                style = block.find(f"{_W}pPr/{_W}pStyle")
                listed = block.find(f"{_W}pPr/{_W}numPr") is not None
                name = styles.get(style.get(f"{_W}val"), "") if style is not None else ""
                yield ("list" if listed and not name.startswith("heading") else name), text
        elif kind == "tbl" and depth < _DEEPEST:
            rows = [row for line in block.iterchildren(f"{_W}tr") if (row := _row(line, styles, depth))]
            if rows:
                yield "table", "\n".join(rows)
        elif kind in _WRAPPERS and depth < _DEEPEST:
            yield from _blocks(block, styles, depth + 1)


def _row(line: Any, styles: dict[str, str], depth: int) -> str:
    cells = [
        " ".join(" ".join(text.split()) for _, text in _blocks(cell, styles, depth + 1))
        for cell in line.iterchildren(f"{_W}tc")
    ]
    return " | ".join(cells) if any(cells) else ""


def _text(paragraph: Any) -> str:
    """What a reader of the paragraph sees: with what was inserted, without what was deleted."""
    parts: list[str] = []
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        kind = _kind(element)
        if kind == "t":
            parts.append(element.text or "")
        elif kind in _MARKS:
            parts.append(_MARKS[kind])
        elif kind not in _UNSEEN:
            waiting += reversed(element)
    return "".join(parts)


def _kind(element: Any) -> str:
    """The local name of an element of WordprocessingML or of its wrappers; empty for comments and others."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _fields(blocks: list[tuple[str, str]], properties: Any) -> Fields:
    title = one_line(properties.title)
    if title is None and blocks and (blocks[0][0] == "title" or blocks[0][0].startswith("heading")) and len(blocks) > 1:
        title = " ".join(blocks[0][1].split())
    if title and len(blocks) > 1 and " ".join(blocks[0][1].split()) == title:
        blocks = blocks[1:]
    fields: Fields = {"text": without_surrogates(_joined(blocks)), "title": title, "author": _author(properties)}
    metadata = {}
    if created := _moment(properties.created):
        metadata["docx_created"] = created.isoformat()
    if modified := _moment(properties.modified):
        metadata["docx_modified"] = modified.isoformat()
    for name in ("subject", "keywords", "category"):
        if value := one_line(getattr(properties, name)):
            metadata[name] = value
    if language := language_code(properties.language):
        fields["language"] = language
    if metadata:
        fields["metadata"] = metadata
    return {name: value for name, value in fields.items() if value is not None}


def _joined(blocks: list[tuple[str, str]]) -> str:
    """Paragraphs with a blank line between them, the items of a list without."""
    text = ""
    before = ""
    for style, block in blocks:
        item = style.startswith("list")
        text += ("\n" if item and before.startswith("list") else "\n\n") * bool(text) + (
            f"- {block}" if item else block
        )
        before = style
    return text


def _author(properties: Any) -> str | None:
    author = one_line(properties.author)
    return None if author is None or author.casefold() in ("python-docx", "microsoft office user", "user") else author


def _moment(value: Any) -> datetime | None:
    found = parse_date(value) if isinstance(value, datetime) else None
    if found is None:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)  # Word writes UTC
    return None if found in _TEMPLATES or found.year < 1980 or found > datetime.now(UTC) else found
