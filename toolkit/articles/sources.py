"""What a source is, and which reader it goes to."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.articles.files import read_path, read_pattern
from toolkit.articles.formats import SUFFIXES
from toolkit.articles.records import Found, fold, has_text_name, read_record
from toolkit.articles.tables import Lines, read_jsonl
from toolkit.articles.web import Addresses, Feed, SitemapOf, Unchanged
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates
from toolkit.types import Article

if TYPE_CHECKING:
    from toolkit.articles.web.reading import Pages

_DEEPEST = 20  # lists in lists
_SHORTEST_TEXT = 40  # characters; what is shorter and no path is more likely mistyped than meant as an article
_FEWEST_WORDS = 10  # the same of one line without a full stop, such as a headline
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://\S*")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_PATH_START = re.compile(r"~|\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.\-]*://")
_UNREAD = (".doc", ".rtf", ".odt", ".xls", ".xlsx", ".xml", ".epub")  # a name of such a file is no text either
_FILE_SUFFIX = re.compile(rf"(?:{'|'.join(map(re.escape, (*SUFFIXES, *_UNREAD)))})$", re.IGNORECASE)
_RAW_TEXT_HINT = "to add text itself, pass Article(text=...) or {“text”: ...}"
_LLAMA_INDEX = {"Document", "BaseNode", "TextNode", "Node", "NodeWithScore"}
_AHEAD = 1_000  # sources that are looked at while a page is on its way: more of them would only wait, in memory


def expand(sources: Iterable[Any], pages: Pages, depth: int = 0) -> Iterator[Found | Article | Unchanged]:
    """What the sources hold, one after another; the order of the tests is told in ``read_articles``.

    While a page is on its way, the sources after it are asked for, so that further pages can be under way too.
    """
    if depth > _DEEPEST:
        raise SourceError(f"a {type(sources).__name__}", f"sources are nested more than {_DEEPEST} deep")
    ahead: deque[Any] = deque()
    failure: Exception | None = None
    try:
        for source in sources:
            if isinstance(source, str) and is_address(source):
                ahead.append(pages.ask(source))
            elif isinstance(source, Feed):
                ahead.append(pages.feed(source))
            else:
                ahead.append(_guarded(source, pages, depth))
            while ahead and (getattr(ahead[0], "ready", True) or len(ahead) > _AHEAD):
                yield from ahead.popleft()
    except Exception as error:  # of the caller's own iterable: what came before it is good
        failure = error
    while ahead:
        yield from ahead.popleft()
    if failure is not None:
        raise failure


def _guarded(source: Any, pages: Pages, depth: int) -> Iterator[Found | Article | Unchanged]:
    try:
        yield from _read(source, pages, depth)
    except SourceError as error:
        yield error


def _read(source: Any, pages: Pages, depth: int) -> Iterator[Found | Article | Unchanged]:
    if isinstance(source, Article):
        yield source if source.text.strip() else SourceError(f"article {source.id}", "no text")
    elif _is_llama_index(source):
        yield _from_llama_index(source)
    elif _is_dataframe(source):
        yield from _from_dataframe(source)
    elif isinstance(source, Mapping):
        listed = source.get("articles")
        if isinstance(listed, list) and not has_text_name(source):  # what a news service answers with
            yield from _from_answer(listed)
        else:
            yield read_record(source, _name_of(source))
    elif isinstance(source, str):
        yield from _from_string(source)
    elif isinstance(source, Lines):
        yield from read_jsonl(source.path, str(source.path), source.path.resolve().as_posix(), source)
    elif isinstance(source, os.PathLike):
        yield from _from_path(os.fspath(source))
    elif isinstance(source, SitemapOf | Addresses | SourceError):
        yield from _from_listing(source, pages, depth)
    elif isinstance(source, Iterable) and not isinstance(source, bytes | bytearray | memoryview):
        yield from expand(source, pages, depth + 1)
    else:
        raise SourceError(
            f"a {type(source).__name__}", "not a source; pass a path, an address, a record, a DataFrame or an Article"
        )


def is_one(source: Any) -> bool:
    """Whether a source is an article, a document, a record or a table rather than sources one after another."""
    return isinstance(source, Article | Mapping | Lines) or _is_llama_index(source) or _is_dataframe(source)


def is_address(source: str) -> bool:
    """Whether a string is the address of something that can be fetched."""
    url = _URL.fullmatch(source.strip())
    return url is not None and url[1].lower() in ("http", "https")


def path_of(source: str | os.PathLike[Any]) -> str | None:
    """The path or pattern that a source is taken for; None when it is text."""
    if not isinstance(source, str):
        name = os.fsdecode(source)
        return name if _exists(name) or glob.has_magic(name) else None
    text = source.strip()
    if _exists(source):
        return source
    pattern = glob.has_magic(text) and "\n" not in text and not _URL.fullmatch(text) and not _is_text(text)
    return source if pattern else None


def _is_llama_index(source: Any) -> bool:
    """Told by name, so that llama_index need not be imported."""
    kinds = {kind.__name__ for kind in type(source).__mro__ if kind.__module__.startswith("llama_index")}
    return bool(kinds & _LLAMA_INDEX) and hasattr(source, "get_content") and hasattr(source, "metadata")


def _from_llama_index(document: Any) -> Found:
    """The text without the metadata that llama-index would put before it.

    ``id_`` is left aside, since llama-index makes up a new one each time; ``metadata["id"]`` becomes the article's id.
    """
    node = getattr(document, "node", document)
    metadata = {name: value for name, value in dict(node.metadata).items() if fold(name) != "text"}
    return read_record({**metadata, "text": node.get_content()}, f"a {type(node).__name__}")


def _is_dataframe(source: Any) -> bool:
    pandas = sys.modules.get("pandas")  # whoever has a DataFrame has imported pandas
    return pandas is not None and isinstance(source, pandas.DataFrame)


def _from_dataframe(frame: Any) -> Iterator[Found]:
    names = [str(name) for name in frame.columns]
    # A named index is a column that was set aside.
    index = fold(frame.index.name) if frame.index.nlevels == 1 and frame.index.name is not None else None
    for number, row in enumerate(frame.itertuples(index=True, name=None), 1):
        record = dict(zip(names, row[1:], strict=True))
        if index == "id" and not any(fold(name) == "id" for name in names):
            record["id"] = row[0]
        try:
            yield read_record(record, f"DataFrame, row {number}")
        except SourceError as error:
            yield error


def _from_listing(
    source: SitemapOf | Addresses | SourceError, pages: Pages, depth: int
) -> Iterator[Found | Article | Unchanged]:
    if isinstance(source, SitemapOf):
        yield from pages.sitemap(source)
    elif isinstance(source, Addresses):
        yield from expand(source.read(), pages, depth + 1)
    else:
        yield source  # a line of addresses that is none


def _from_answer(listed: list[Any]) -> Iterator[Found]:
    """The records in a service's answer. Its strings are not taken for sources: no answer names files to be read."""
    for number, record in enumerate(listed, 1):
        try:
            if not isinstance(record, Mapping):
                raise SourceError(f"articles, record {number}", f"a {type(record).__name__}, not a record")
            yield read_record(record, _name_of(record))
        except SourceError as error:
            yield error


def _name_of(record: Mapping[Any, Any]) -> str:
    for name in ("id", "title", "url"):
        if isinstance(record.get(name), str | int):
            return f"record {without_surrogates(' '.join(str(record[name]).split()))[:60]!r}"
    return "a record"


def _from_path(path: str | bytes) -> Iterator[Found]:
    name = os.fsdecode(path)
    try:
        exists = os.path.exists(name) or os.path.islink(name)
    except ValueError:  # a NUL
        exists = False
    expanded = os.path.expanduser(name)
    if exists:
        yield from read_path(Path(name))
    elif expanded != name and os.path.exists(expanded):
        yield from read_path(Path(expanded))
    elif glob.has_magic(name):
        yield from read_pattern(name)
    else:
        raise SourceError(_shown(name), "no such file or folder")


def _from_string(source: str) -> Iterator[Found]:
    text = source.strip()
    if not text:
        raise SourceError("an empty string", "no text")
    if _URL.fullmatch(text):
        bare = re.sub(r"//[^/?#]*@", "//", text)  # what may be a password
        raise SourceError(_shown(bare), "only http:// and https:// addresses are fetched")
    if _exists(source):
        yield from _from_path(source)
    elif _is_text(text):
        yield read_record({"text": source}, "a text")
    elif glob.has_magic(text) and "\n" not in text:
        yield from _from_path(source)
    else:
        raise SourceError(_shown(text), f"no such file or folder; {_RAW_TEXT_HINT}")


def _exists(name: str) -> bool:
    try:
        return os.path.exists(os.path.expanduser(name))
    except (ValueError, OSError):  # a NUL, or too long for a name
        return False


def _is_text(text: str) -> bool:
    """Whether a string that is not the name of a file is an article rather than a mistyped path.

    In doubt it is not. Several lines are text, unless each looks like a path. One line is text when it has at least 40
    characters and ends like a sentence, or has at least ten words and no slash.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if all(_looks_like_path(line.strip()) for line in lines):
        return False
    if len(lines) > 1:
        return len(text) >= _SHORTEST_TEXT or bool(_SENTENCE_END.search(text))
    if len(text) < _SHORTEST_TEXT or not re.search(r"\s", text):
        return False
    slashes = "/" in text or "\\" in text
    words = len(text.split())
    if _SENTENCE_END.search(text):
        return not slashes or words >= _FEWEST_WORDS
    return words >= _FEWEST_WORDS and not slashes and not glob.has_magic(text)


def _looks_like_path(line: str) -> bool:
    return bool(_PATH_START.match(line) or _FILE_SUFFIX.search(line))


def _shown(name: str) -> str:
    line = without_surrogates(" ".join(name.replace("\0", "\\0").split()))
    return line if len(line) <= 120 else f"{line[:117]}..."
