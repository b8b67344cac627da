"""Which kinds of file can be read, and by which function: one line for each kind.

A new kind is a module with a reader (see :data:`toolkit.articles.raw.Reader`), a line in :data:`FORMATS` and a test.
Folders, patterns, archives, mails, downloads, standard input and worker processes all go by this table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

LARGEST = 50_000_000
"""Bytes of the largest file that is read in one piece; what is larger is split, or written as .jsonl."""

LARGEST_TEXT = 20_000_000
"""The same of a text: some thirty novels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        suffixes: What its names end in, in small letters; the first one stands for the kind.
        reader: ``module:function``, of this package; the module is imported with the first such file.
        largest: Bytes that are read in one piece at most, see :meth:`toolkit.articles.raw.Raw.whole`.
        media: The content types that mails and servers give it.
        on_web: Whether it may be what a web address leads to.
        zipped: Whether it is a zip archive inside, so that only its name tells it from one.
        light: Whether reading it costs less than sending its articles from one process to another.
    """

    suffixes: tuple[str, ...]
    reader: str
    largest: int = LARGEST
    media: tuple[str, ...] = ()
    on_web: bool = False
    zipped: bool = False
    light: bool = False

    @property
    def name(self) -> str:
        """The suffix that stands for the kind."""
        return self.suffixes[0]


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MARKDOWN = ("text/markdown", "text/x-markdown")

FORMATS = (
    Format(suffixes=(".txt",), reader="plain:text_articles", largest=LARGEST_TEXT, light=True, on_web=True,
           media=("text/plain",)),
    Format(suffixes=(".md", ".markdown"), reader="plain:text_articles", largest=LARGEST_TEXT, light=True, on_web=True,
           media=_MARKDOWN),
    Format(suffixes=(".html", ".htm", ".xhtml"), reader="html:page_articles", on_web=True,
           media=("text/html", "application/xhtml+xml")),
    Format(suffixes=(".pdf",), reader="pdf_process:pdf_articles", on_web=True,
           media=("application/pdf", "application/x-pdf")),
    Format(suffixes=(".docx",), reader="docx:docx_articles", zipped=True, on_web=True, media=(_WORD,)),
    Format(suffixes=(".eml",), reader="mail:mail_articles", largest=LARGEST_TEXT, media=("message/rfc822",)),
    Format(suffixes=(".mht", ".mhtml"), reader="mail:saved_page_articles"),
    Format(suffixes=(".json",), reader="tables:json_articles", light=True, on_web=True,
           media=("application/json", "application/ld+json")),
    Format(suffixes=(".jsonl", ".ndjson"), reader="tables:jsonl_articles", light=True),
    Format(suffixes=(".csv", ".tsv"), reader="tables:csv_articles", light=True, media=("text/csv",)),
    Format(suffixes=(".parquet",), reader="parquet:parquet_articles", light=True),
    Format(suffixes=(".warc",), reader="warc:warc_articles"),
    Format(suffixes=(".zip",), reader="archives:zip_articles"),
    Format(suffixes=(".gz",), reader="archives:gz_articles"),
)  # fmt: skip
"""In the order in which messages name them."""

SUFFIXES = tuple(suffix for one in FORMATS for suffix in one.suffixes)
"""What can be read, by the end of a file's name; a .gz also by what stands before it, as in ``news.jsonl.gz``."""

_BY_SUFFIX = {suffix: one for one in FORMATS for suffix in one.suffixes}
_BY_MEDIA = {kind: one for one in FORMATS for kind in one.media}


def format_of(suffix: str) -> Format | None:
    """The format of a suffix in small letters, with its dot; None when such files are not read."""
    return _BY_SUFFIX.get(suffix)


def format_of_media(kind: str) -> Format | None:
    """The format of a content type such as ``text/html``, without parameters; None when such content is not read."""
    return _BY_MEDIA.get(kind.strip().lower())


def name_of(suffix: str) -> str:
    """The suffix that stands for the kind of a suffix: ``.html`` for ``.htm``; a suffix that is not read, as it is."""
    found = _BY_SUFFIX.get(suffix)
    return suffix if found is None else found.name


def suffix_of(name: str) -> str:
    """The suffix of a file's name in small letters, with its dot; empty without one."""
    return os.path.splitext(name)[1].lower()


def is_wanted(name: str) -> bool:
    """Whether a file of this name is read when nobody asks for it by name: of a kind that is read, and not hidden."""
    parts = name.replace("\\", "/").split("/")
    if any((part.startswith((".", "~$")) and part not in (".", "..")) or part == "__MACOSX" for part in parts):
        return False
    stem, suffix = os.path.splitext(parts[-1].lower())
    return (suffix_of(stem) if suffix == ".gz" else suffix) in _BY_SUFFIX
