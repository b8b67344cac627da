"""Records (a dict, a row, an object of a JSON file) -> the fields of an Article.

Records come in many dialects: a scraper's, a news interface's, JSON-LD, a spreadsheet's. Names are compared without
regard to case, blanks, hyphens and underscores, so ``Publish Date``, ``publish_date`` and ``publishDate`` are one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from toolkit.articles.dates import is_missing, parse_date
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

Fields = dict[str, Any]
"""Keyword arguments of Article."""

Found = Fields | SourceError
"""What a reader gives for each article: its fields, or why there are none."""

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "title": ("title", "headline"),
    "text": ("text", "body", "content", "article", "articlebody", "articletext", "fulltext", "maintext"),
    "published": ("date", "published", "publishedat", "publishdate", "publisheddate", "datepublished", "datepublish",
                  "pubdate", "publicationdate", "timestamp"),
    "modified": ("modified", "datemodified", "modifiedat", "modifieddate", "modifiedtime", "lastmodified", "updated",
                 "updatedat", "dateupdated", "lastupdated"),
    "publisher": ("publisher", "source", "outlet", "site", "sitename", "publication", "newspaper"),
    "author": ("author", "authors", "byline", "creator"),
    "url": ("url", "link"),
    "language": ("language", "lang", "inlanguage"),
}  # fmt: skip
"""For each field of Article the folded names it goes by, the first that has a value wins."""

_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?=\s*$|[-_])")  # of ISO 639, before a region: en, en-GB, pt_BR

_HOW_TO_NAME_TEXT = "name the column or key that holds the article “text” (or body, content, article)"


def fold(name: object) -> str:
    """A field's name without case, blanks, hyphens and underscores."""
    return re.sub(r"[\s_\-]+", "", str(name)).casefold()


def has_text_name(names: Iterable[object]) -> bool:
    """Whether one of the names is one that article text goes by."""
    return any(fold(name) in NAMES["text"] for name in names)


def read_record(record: Mapping[Any, Any], source: str, origin: str | None = None) -> Fields:
    """The fields of the article that a record describes.

    ``id``, ``title``, ``text``, both dates, publisher, author, url and language are looked for under the names in
    :data:`NAMES`; the rest goes to ``metadata``, as JSON holds it. A date that cannot be read without guessing is
    unknown, and its words are kept in ``metadata`` (that of publication as ``metadata["date"]``). The text is taken
    over as it is.

    Args:
        record: Names and values; None, NaN, NaT and empty strings are unknown.
        source: What to call the record in an error.
        origin: The article's origin.

    Raises:
        SourceError: When there is no text.
    """
    folded: dict[str, Any] = {}
    for name, value in record.items():
        if not is_missing(value):
            folded.setdefault(fold(name), name)
    used = {field: next((folded[n] for n in names if n in folded), None) for field, names in NAMES.items()}
    if used["text"] is None or not isinstance(record[used["text"]], str):
        raise SourceError(source, _no_text(record, used["text"]))

    fields: Fields = {"text": without_surrogates(record[used["text"]]), "origin": origin}
    for field in ("id", "title", "publisher", "author", "url", "language"):
        if used[field] is not None and (value := _plain(record[used[field]])):
            fields[field] = value
    metadata = {
        without_surrogates(str(name)): as_json(value)
        for name, value in record.items()
        if name not in used.values() and not is_missing(value)
    }
    if used["published"] is not None:
        raw = record[used["published"]]
        published = parse_date(raw)
        if published is None:
            metadata["date"] = as_json(raw)
        else:
            fields["published"] = published
    if used["modified"] is not None:
        raw = record[used["modified"]]
        modified = parse_date(raw)
        if modified is None:
            metadata[without_surrogates(str(used["modified"]))] = as_json(raw)
        else:
            fields["modified"] = modified
    if metadata:
        fields["metadata"] = metadata
    return fields


def one_line(value: Any) -> str | None:
    """A value as one line of text; None when it is none or holds white space only."""
    return None if value is None else without_surrogates(" ".join(str(value).split())) or None


def language_code(value: Any) -> str | None:
    """The language that a tag such as ``en-GB`` or ``pt_BR`` names, as ``en``; None when it is no such tag."""
    match = _LANGUAGE.match(value) if isinstance(value, str) else None
    return match[1].lower() if match else None


def noted(fields: Fields, note: str | None) -> Fields:
    """The fields, with what is not certain about the encoding of their text; see :mod:`toolkit.articles.charsets`."""
    return fields if note is None else {**fields, "metadata": {**fields.get("metadata", {}), "encoding": note}}


def _no_text(record: Mapping[Any, Any], name: object) -> str:
    if name is not None:
        return f"no text: “{name}” holds {type(record[name]).__name__}, not a string; {_HOW_TO_NAME_TEXT}"
    if has_text_name(record):
        return "no text: the text of this record is empty"
    shown = [without_surrogates(str(seen))[:40] for seen in list(record)[:12]]
    seen = ", ".join(shown) + (", ..." if len(record) > len(shown) else "")
    return f"no text among the fields ({' '.join(seen.split()) or 'none at all'}); {_HOW_TO_NAME_TEXT}"


def _plain(value: Any) -> str | None:
    """One line for a name that may be a string, a number, a {"name": ...} or a list of those."""
    if is_missing(value):
        return None
    if isinstance(value, Mapping):
        return next((_plain(value[key]) for key in ("name", "title", "id") if not is_missing(value.get(key))), None)
    if isinstance(value, list | tuple):
        return ", ".join(part for item in value if (part := _plain(item))) or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # pandas turns whole numbers into floats when one is missing
    return one_line(value)


def as_json(value: Any) -> Any:
    """The value as JSON holds it: strings, finite numbers, booleans, None, lists and dicts of those.

    NaN becomes None; dates become ISO 8601; what JSON does not know becomes ``str(value)``.
    """
    try:
        return json.loads(
            without_surrogates(json.dumps(value, default=_foreign, ensure_ascii=False)), parse_constant=lambda _: None
        )
    except (TypeError, ValueError, RecursionError):
        return without_surrogates(str(value)[:10_000])


def _foreign(value: Any) -> Any:
    if is_missing(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):  # a numpy number
        return value.item()
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
