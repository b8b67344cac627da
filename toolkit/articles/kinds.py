"""What a file is by its first bytes, where its name says something else."""

from __future__ import annotations

import re

from toolkit.articles.formats import format_of, name_of
from toolkit.errors import SourceError

HEAD = 4_096
"""Bytes at a file's start that tell what it is."""

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WARC = re.compile(rb"WARC/\d\.\d+\r?\n")
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,1000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_MAIL = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{1,50}:[^\n]*\n(?:[ \t][^\n]*\n)*)*?mime-version:", re.I)
_SAVED_PAGE = re.compile(rb"^snapshot-content-location:|^from: <saved by", re.I | re.M)
_INDENTED = re.compile(rb"\s*\{\s*\r?\n\s*\"[^\n]*[^}\s]\s*\n")  # the first lines of one record, over several lines
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old office document; save it as .docx or text"),
    (b"{\\rtf", "a rich text document (RTF); save it as .docx or text"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh91AY&SY", "compressed with bzip2; unpack it first"),
    (b"\xfd7zXZ\x00", "compressed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database; export the articles as .csv or .jsonl"),
)
_READABLE = {
    b"%PDF-": "a PDF; name it .pdf",
    b"PK\x03\x04": "a zip archive or an office document; name it .zip or .docx",
    _GZIP: "gzip-compressed; name it .gz",
}
_SOME_TEXT = 200  # characters without any markup that make a page a text


def foreign_kind(head: bytes) -> str | None:
    """What bytes that are not text are, with what to do about it; None when they may be text."""
    for magic, kind in (*_FOREIGN, *_READABLE.items()):
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it and add the folder"
    return None


def kind_of(head: bytes, suffix: str, source: str) -> str:
    """The suffix by which a file is to be read: its own, unless its first bytes plainly say otherwise.

    Args:
        head: At least its first :data:`HEAD` bytes, or all of them.
        suffix: The one of its name.
        source: What to call it in an error.

    Raises:
        SourceError: When it is something that cannot be read, such as a picture.
    """
    for magic, kind in _FOREIGN:
        if head.startswith(magic):
            raise SourceError(source, f"cannot be read: this is {kind}")
    if head[257:262] == b"ustar" and suffix != ".txt":
        raise SourceError(source, "cannot be read: this is a tar archive; unpack it and add the folder")
    if head.startswith(b"%PDF-"):
        return ".pdf"
    if head.startswith(_ZIP):
        known = format_of(suffix)
        return suffix if known is not None and known.zipped else ".zip"
    if head.startswith(_GZIP):
        return ".gz"
    if head.startswith(b"PAR1") and b"\0" in head:
        return ".parquet"
    if _WARC.match(head):
        return ".warc"
    return _kind_of_text(head, suffix)


def _kind_of_text(head: bytes, suffix: str) -> str:
    kind = name_of(suffix)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if kind == ".jsonl" and start == b"[":
        return ".json"
    if kind == ".jsonl" and _INDENTED.match(head.removeprefix(b"\xef\xbb\xbf")):
        return ".json"
    if kind in (".txt", ".md", ".json", ".csv") and _HTML.match(head):
        return ".html"
    if kind in (".txt", ".html") and _MAIL.match(head):
        return ".mht" if _SAVED_PAGE.search(head) else ".eml"
    if kind == ".html" and b"<" not in head and b"\0" not in head and len(head.strip()) >= _SOME_TEXT:
        return ".json" if start in (b"{", b"[") and b'"' in head else ".txt"
    return suffix


def kind_of_nameless(head: bytes, source: str) -> str:
    """The suffix by which to read bytes that have no name, such as those of standard input.

    Args:
        head: At least their first :data:`HEAD` bytes, or all of them.
        source: What to call them in an error.

    Raises:
        SourceError: When they are something that cannot be read.
    """
    found = kind_of(head, ".txt", source)
    if found != ".txt":
        return found
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<") and re.match(rb"<[a-zA-Z!?]", text) and re.search(rb"</?(?:p|div|head|title|a)\b", text):
        return ".html"
    if re.match(rb"\[\s*[{\]]", text):
        return ".json"
    if re.match(rb"\{\s*[\"}]", text):
        line, end, rest = text.partition(b"\n")
        return ".jsonl" if end and line.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") else ".json"
    return ".txt"
