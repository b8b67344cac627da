"""Plain text and Markdown -> text, title and what a header block says.

The text is kept as it is in the file, with four changes only: a byte order mark is removed, CR LF becomes LF, a header
block or YAML front matter becomes metadata, and a heading line becomes the title. What is removed at the top takes
the blank lines after it along. Offsets count in what remains, which is ``Article.text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from toolkit.articles.charsets import decoded
from toolkit.articles.dates import parse_date
from toolkit.articles.formats import name_of
from toolkit.articles.raw import Raw
from toolkit.articles.records import Fields, Found, fold, noted, read_record
from toolkit.errors import SourceError

# What a header line may be called, and the field that it fills.
_HEADERS = {
    "title": "title", "headline": "title", "date": "date", "published": "date", "publisher": "publisher",
    "source": "publisher", "author": "author", "authors": "author", "byline": "author", "by": "author", "url": "url",
    "link": "url", "language": "language", "lang": "language", "id": "id", "modified": "modified",
    "updated": "modified", "lastupdated": "modified",
}  # fmt: skip
_HEADER_LINE = re.compile(r"([A-Za-z][A-Za-z _-]{0,30}):[ \t]*(.*)")
_MOST_HEADERS = 10  # lines of a header block
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MOST_BRACKETS = 200  # of front matter
_LONGEST_TITLE = 120  # characters of a first line that is the title


def text_articles(raw: Raw) -> Iterator[Found]:
    """The article in a .txt or .md file."""
    fields = read_text(raw.whole(), raw.source, name_of(raw.suffix) == ".md", raw.declared)
    yield {**fields, "origin": raw.origin}


def read_text(data: bytes, source: str, markdown: bool = False, declared: str | None = None) -> Fields:
    """The article in the bytes of a .txt or .md file.

    Args:
        data: The file's bytes.
        source: What to call it in an error.
        markdown: Look for YAML front matter and for a heading (``# ...`` or underlined with ``===``); otherwise a
            first line of at most 120 characters, followed by a blank line and not ending in ``. , ; :``, is the title.
        declared: As for :func:`toolkit.articles.charsets.decoded`.

    Raises:
        SourceError: When there is no text.
    """
    text, note = decoded(data, source, declared)
    text = text.replace("\r\n", "\n")
    record: dict[Any, Any] = {}
    if markdown:
        record, text = _front_matter(text)
    if not record:
        record, text = _header_block(text)
    if not any(fold(name) in ("title", "headline") for name in record):
        title, text = (_heading if markdown else _first_line)(text)
        if title:
            record["title"] = title
    if not text.strip():
        raise SourceError(source, "no text: the file is empty" if not record else "no text below the title and header")
    return noted(read_record({**record, "text": text}, source), note)


def _front_matter(text: str) -> tuple[dict[Any, Any], str]:
    """YAML between two ``---`` lines; anything that is not a plain mapping is left in the text."""
    match = _FRONT_MATTER.match(text)
    if not match or match[1].count("[") + match[1].count("{") > _MOST_BRACKETS:  # nested, they take minutes to read
        return {}, text
    import yaml

    try:
        # Aliases let a few lines grow into gigabytes, and front matter has no use for them.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(match[1], yaml.SafeLoader)):
            return {}, text
        found = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    if not isinstance(found, dict):
        return {}, text
    # The text is what stands below, whatever the front matter calls its own fields.
    return {name: value for name, value in found.items() if fold(name) != "text"}, text[match.end() :].lstrip("\n")


def _header_block(text: str) -> tuple[dict[Any, Any], str]:
    """Up to ten ``Name: value`` lines before a blank line, when at least two of the names are known."""
    record: dict[Any, Any] = {}
    extra: dict[Any, Any] = {}
    place = len(text) - len(text.lstrip("\n"))
    for _ in range(_MOST_HEADERS + 1):
        end = text.find("\n", place)
        line = text[place:] if end < 0 else text[place:end]
        if not line.strip():
            break
        match = _HEADER_LINE.fullmatch(line)
        if not match:
            return {}, text
        name = _HEADERS.get(fold(match[1]))
        if name:
            record.setdefault(name, match[2].strip())
        else:
            extra[match[1]] = match[2].strip()
        if end < 0:
            return {}, text
        place = end + 1
    else:
        return {}, text
    return ({**extra, **record}, text[place:].lstrip("\n")) if len(record) >= 2 else ({}, text)


def _heading(text: str) -> tuple[str | None, str]:
    match = re.match(r"\n*# +([^\n]+?)(?: +#+)?[ \t]*(?:\n|\Z)", text) or re.match(
        r"\n*([^\s#>\-][^\n]*)\n=+[ \t]*(?:\n|\Z)", text
    )
    return (match[1].strip(), text[match.end() :].lstrip("\n")) if match else (None, text)


def _first_line(text: str) -> tuple[str | None, str]:
    match = re.match(r"\n*([^\n]+)\n[ \t]*\n", text)
    if not match:
        return None, text
    line, rest = match[1].strip(), text[match.end() :].lstrip("\n")
    if not line or len(line) > _LONGEST_TITLE or line.endswith((".", ",", ";", ":")) or not rest.strip():
        return None, text
    # A byline or a date line at the top is not a title.
    if re.match(r"by\s", line, re.IGNORECASE) or parse_date(line):
        return None, text
    return line, rest
