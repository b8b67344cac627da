"""PDF files -> text in paragraphs.

A PDF holds lines, not paragraphs. Lines are joined again: a paragraph ends where the size of the type changes, where
the next line stands farther off than usual, or with a line that closes a sentence well short of the usual width. A
hyphen at a line's end is dropped, unless the document writes the word with a hyphen elsewhere. A paragraph that plainly
runs on goes on over the page break; bare page numbers are left out.

The file's own dates say when it was made or printed, not when the article appeared, so they never become
``published``; the creation date is kept in ``metadata["pdf_created"]``.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from toolkit.articles.records import Fields
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

_LOCK = threading.Lock()  # PDFium is not safe to use from two threads
_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_PAGE_NUMBER = re.compile(r"(?:page\s+)?(\d{1,4})(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE)
_CLOSED = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_WORD = re.compile(r"\w+(?:-\w+)*")
_LINE_END_HYPHENS = ("\x02", "\ufffe")  # PDFium's signs for a hyphen together with the line end after it
_NOT_A_TITLE = re.compile(r"untitled|document\d*|.*\.(?:docx?|rtf|indd|qxd|pdf|txt|tmp|html?)", re.IGNORECASE)
_SHORT = 0.8  # of the usual length: a line that ends early
_WIDE = 1.3  # of the usual distance: a gap between paragraphs
_SAME_SIZE = 0.08  # of the type size: a difference that rounding explains


class Line(NamedTuple):
    """A line of a page: its text, the size of its type and the height of its lower edge, in points (0: unknown)."""

    text: str
    size: float = 0.0
    bottom: float = 0.0


def read_pdf(data: bytes, source: str) -> Fields:
    """The text, title and author of a PDF.

    Args:
        data: The file's bytes.
        source: What to call it in an error.

    Raises:
        SourceError: When the file is encrypted, broken, or holds no text (a scan).
    """
    pages, info = _open(data, source)
    # PDFium hands out UTF-16: two halves make one character, a half alone makes none.
    text = without_surrogates(join_pages(pages).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    if not text:
        raise SourceError(source, "no text in this PDF: it may be a scan; run it through text recognition (OCR) first")
    fields: Fields = {"text": text}
    if title := _title(info.get("Title", "")):
        fields["title"] = title
    if author := " ".join(without_surrogates(info.get("Author", "")).split()):
        fields["author"] = author
    if created := info.get("CreationDate", "").strip():
        fields["metadata"] = {"pdf_created": without_surrogates(created)}
    return fields


def _open(data: bytes, source: str) -> tuple[list[list[Line]], dict[str, str]]:
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == _PASSWORD_ERROR or "password" in str(error).lower():
                raise SourceError(source, "locked with a password; save an unlocked copy and add that") from None
            raise SourceError(source, "not a readable PDF: the file is broken, or is something else") from None
        try:
            info: dict[str, str] = document.get_metadata_dict(skip_empty=True)
            return [_page_lines(document, number) for number in range(len(document))], info
        except pypdfium2.PdfiumError as error:
            raise SourceError(source, f"this PDF is broken: {error}") from None
        finally:
            document.close()


def _page_lines(document: Any, number: int) -> list[Line]:
    from pypdfium2 import raw

    page = document[number]
    try:
        textpage = page.get_textpage()
        try:
            count = textpage.count_chars()
            characters = [chr(raw.FPDFText_GetUnicode(textpage, index)) for index in range(count)]
            return [_line(characters, run, textpage) for run in _runs(characters)]
        finally:
            textpage.close()
    finally:
        page.close()


def _runs(characters: list[str]) -> Iterator[range]:
    """The places of each line's characters; a line that ends in a hyphen keeps its sign."""
    start = 0
    for index, character in enumerate(characters):
        if character in "\r\n" or character in _LINE_END_HYPHENS:
            yield range(start, index + (character in _LINE_END_HYPHENS))
            start = index + 1
    yield range(start, len(characters))


def _line(characters: list[str], run: range, textpage: Any) -> Line:
    """One line, measured at its middle character: a large initial or a note's mark says little about the line."""
    shown = [index for index in run if not characters[index].isspace() and characters[index].isprintable()]
    text = "".join("-" if characters[index] in _LINE_END_HYPHENS else characters[index] for index in run)
    text = " ".join(text.split())
    if not shown:
        return Line(text=text)
    _, bottom, _, top = textpage.get_charbox(shown[len(shown) // 2], loose=True)
    return Line(text=text, size=round(top - bottom, 1), bottom=bottom)


def _title(raw: str) -> str | None:
    title = re.sub(r"^Microsoft \w+ - ", "", " ".join(without_surrogates(raw).split()))
    return None if not title or _NOT_A_TITLE.fullmatch(title) else title


def join_pages(pages: list[list[Line]]) -> str:
    """The paragraphs of all pages, separated by blank lines."""
    words = Counter(word.casefold() for page in pages for line in page for word in _WORD.findall(line.text))
    paragraphs: list[str] = []
    for number, page in enumerate(pages, 1):
        found = _paragraphs(_without_number([line for line in page if line.text], number), words)
        if found and paragraphs and not _CLOSED.search(paragraphs[-1]) and found[0][:1].islower():
            paragraphs[-1] = _join(paragraphs[-1], found.pop(0), words)
        paragraphs += found
    return "\n\n".join(paragraphs)


def _without_number(lines: list[Line], number: int) -> list[Line]:
    """The page's lines without its bare page number at the end or at the start."""
    for place in (-1, 0):
        if len(lines) > 1 and (match := _PAGE_NUMBER.fullmatch(lines[place].text)) and int(match[1]) == number:
            lines.pop(place)
    return lines


def _paragraphs(lines: list[Line], words: Counter[str]) -> list[str]:
    lengths = sorted(len(line.text) for line in lines)
    usual_length = lengths[int(len(lengths) * 0.9)] if lengths else 0
    leads = sorted(lead for above, below in pairwise(lines) if (lead := _lead(above, below)) > 0)
    usual_lead = leads[len(leads) // 4] if leads else 0.0  # on a short page most gaps may be those between paragraphs
    paragraphs: list[str] = []
    for number, line in enumerate(lines):
        above = lines[number - 1] if number else None
        if above is None or _parts(above, line, usual_length, usual_lead):
            paragraphs.append(line.text)
        else:
            paragraphs[-1] = _join(paragraphs[-1], line.text, words)
    return paragraphs


def _lead(above: Line, below: Line) -> float:
    """The distance of two lines of one size, in units of that size; 0 when it cannot be told."""
    if not above.size or abs(above.size - below.size) > _SAME_SIZE * above.size:
        return 0.0
    return (above.bottom - below.bottom) / above.size


def _parts(above: Line, below: Line, usual_length: int, usual_lead: float) -> bool:
    """Whether a new paragraph begins between two lines."""
    if above.size and below.size and abs(above.size - below.size) > _SAME_SIZE * above.size:
        return True  # a heading, a byline, a caption
    if usual_lead and _lead(above, below) > _WIDE * usual_lead:
        return True
    return bool(_CLOSED.search(above.text)) and len(above.text) < _SHORT * usual_length


def _join(before: str, line: str, words: Counter[str]) -> str:
    """Two lines as one, a word that was parted at the line's end mended."""
    if before[-1] in "-\u2010\u00ad" and len(before) > 1 and before[-2].isalpha() and line[0].islower():
        head, tail = re.search(r"\w+$", before[:-1]), re.match(r"\w+", line)
        if head and tail:
            whole, parted = f"{head[0]}{tail[0]}".casefold(), f"{head[0]}-{tail[0]}".casefold()
            if before[-1] == "\u00ad" or words[whole] >= words[parted]:
                return before[:-1] + line
            return f"{before[:-1]}-{line}"
    if before[-1] == "-" and len(before) > 1 and before[-2].isalnum():  # “2024-” + “25”, “Franco-” + “German”
        return before + line
    return f"{before} {line}"
