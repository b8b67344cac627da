"""Sources (files, folders, pages, tables, records, text) -> Articles.

    from toolkit.articles import read_articles

    for article in read_articles("articles/", "https://example.org/news", dataframe, publisher="Example"):
        print(article.title)

What each file format gives is said in the module that reads it: :mod:`~toolkit.articles.plain` (.txt, .md),
:mod:`~toolkit.articles.html`, :mod:`~toolkit.articles.pdf`, :mod:`~toolkit.articles.docx`,
:mod:`~toolkit.articles.mail` (.eml, .mht), :mod:`~toolkit.articles.tables` (.json, .jsonl, .csv, .tsv),
:mod:`~toolkit.articles.parquet`, :mod:`~toolkit.articles.warc`, :mod:`~toolkit.articles.archives` (.zip, .gz); which
module that is, in one table, :mod:`~toolkit.articles.formats`; how bytes become text in
:mod:`~toolkit.articles.charsets`; the names that records may use in :mod:`~toolkit.articles.records`. A file is what it
begins like, where its name plainly says the wrong thing.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from toolkit.articles.records import Fields
from toolkit.articles.web import Unchanged, Web, listings, manners
from toolkit.errors import ArgumentError, SourceError
from toolkit.types import Article

__all__ = ["read_articles"]

_DEFAULTS = ("title", "publisher", "author", "published", "date", "language", "url")


def read_articles(
    *sources: Any,
    on_error: Callable[[SourceError], None] | None = None,
    allow_private: bool = False,
    feed: str | Iterable[str] | None = None,
    sitemap: str | Iterable[str] | None = None,
    urls: str | os.PathLike[str] | Iterable[str] | None = None,
    limit: int | None = None,
    robots: bool = True,
    web: Web | None = None,
    **metadata: Any,
) -> Iterator[Article]:
    """Read articles one after another, as they are asked for.

    What a source is, is decided in this order:

    1. an Article: passed through;
    2. a llama-index Document, TextNode or NodeWithScore: its text, its metadata read like a record's;
    3. a pandas DataFrame: a record a row;
    4. a dict: a record (see :data:`toolkit.articles.records.NAMES` for the names of its fields), or a service's answer
       with a list of records under ``articles``;
    5. a ``pathlib.Path``: a file, a folder (all below it but hidden files) or a pattern such as ``**/*.txt``;
    6. a string: an ``http://`` or ``https://`` address, else the path of an existing file or folder, else text (it has
       several lines, or at least 40 characters that read like a sentence, and nothing of a path about it), else
       a pattern, else an error: a mistyped path never becomes an article;
    7. any other iterable: sources, each by this same order.

    To pass text without any doubt, use ``Article(text=...)`` or ``{"text": ...}``.

    Args:
        *sources: What to read.
        on_error: Called with the error for each source, file or record that cannot be read; reading goes on. When
            None, a UserWarning is issued instead.
        allow_private: Also fetch pages from this machine and its own network.
        feed: The address of an RSS, Atom or JSON feed, or several: the pages that it names are read, and its own text
            where a page cannot be had.
        sitemap: The address of a sitemap or of a site that has one, or several: its pages are read, newest first.
        urls: A file with an address a line, or a list of addresses.
        limit: Pages that are read of one feed or sitemap, 1,000 when not given; what is left out is an error.
        robots: Obey the sites' robots.txt; False is for sites that are your own, or that have allowed it.
        web: How pages are fetched: limits and manners, see :class:`toolkit.articles.web.Web`.
        **metadata: ``title``, ``publisher``, ``author``, ``published`` (or ``date``), ``language`` and ``url`` for
            articles whose source does not say them itself.

    Returns:
        The articles, lazily. ``Article.origin`` is the absolute path of the file, with ``#n`` for the line or record
        in files of many and ``#name`` for a member of an archive or what is attached to a mail, or the address of the
        page as it was asked for; None for text and records.

    Raises:
        ArgumentError: When a metadata name is not one of the above, or its date cannot be read, or what should be an
            address is none.
    """
    every = (*sources, *listings(feed=feed, sitemap=sitemap, urls=urls, limit=limit))
    return _articles(every, on_error or _warn, manners(web, allow_private, robots), checked(metadata))


def _warn(error: SourceError) -> None:
    warnings.warn(str(error), UserWarning, stacklevel=5)


def checked(metadata: Mapping[str, Any]) -> Fields:
    """What a caller says about sources, as fields of articles.

    Raises:
        ArgumentError: It is none of the names that can be said, or unusable.
    """
    from toolkit.articles.dates import is_missing, parse_date

    if unknown := sorted(set(metadata) - set(_DEFAULTS)):
        raise ArgumentError(f"no such metadata: {', '.join(unknown)}; it can be {', '.join(_DEFAULTS)}")
    if "date" in metadata and "published" in metadata:
        raise ArgumentError("“date” and “published” are the same; give one of them")
    given = {"published" if name == "date" else name: value for name, value in metadata.items()}
    given = {name: value for name, value in given.items() if not is_missing(value)}
    for name, value in given.items():
        if name == "published":
            given[name] = parse_date(value)
            if given[name] is None:
                raise ArgumentError(f"published={value!r} is not a clear date; write 2025-08-19 or pass a datetime")
        elif not isinstance(value, str):
            raise ArgumentError(f"{name}={value!r} is not a string")
    return given


def _articles(
    sources: tuple[Any, ...], on_error: Callable[[SourceError], None], web: Web, defaults: Fields
) -> Iterator[Article]:
    from toolkit.articles.sources import expand
    from toolkit.articles.web.reading import Pages

    with Pages(web) as pages:
        for article in made_or_unchanged(expand(sources, pages), on_error, defaults):
            if isinstance(article, Article):  # no visits are remembered here, so nothing is unchanged
                yield article


def made(
    founds: Iterable[Fields | SourceError | Article], on_error: Callable[[SourceError], None], defaults: Fields
) -> Iterator[Article]:
    """Articles of what readers found.

    Args:
        founds: Read lazily.
        on_error: Called with each error among them.
        defaults: Fields for articles that do not say them themselves, see :func:`checked`.
    """
    for found in founds:
        if isinstance(found, SourceError):
            on_error(found)
        elif isinstance(found, Article):
            silent = {name: value for name, value in defaults.items() if getattr(found, name) is None}
            yield replace(found, **silent) if silent else found
        else:
            said = {name: value for name, value in found.items() if value is not None}
            yield Article(**{**defaults, **said})


def made_or_unchanged(
    founds: Iterable[Fields | SourceError | Article | Unchanged],
    on_error: Callable[[SourceError], None],
    defaults: Fields,
) -> Iterator[Article | Unchanged]:
    """The same, with the pages among them that are in the library as they were read."""
    for found in founds:
        if isinstance(found, Unchanged):
            yield found
        else:
            yield from made((found,), on_error, defaults)
