"""Sources that name pages: a feed, a sitemap, a list of addresses. Only the caller can say that something is one.

A file of addresses is not told from its content: an article may consist of links, and nothing that an article names is
ever fetched. So what lists pages is given by name: ``feed=``, ``sitemap=``, ``urls=``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from toolkit.articles.web.addresses import shown
from toolkit.errors import ArgumentError, SourceError

LIMIT = 1_000
"""Pages that are read of one feed or sitemap, when the caller does not say."""

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_LONGEST_LINE = 10_000  # bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, whose entries' pages are the articles."""

    url: str
    limit: int


@dataclass(frozen=True, slots=True)
class SitemapOf:
    """A sitemap or a site, whose pages are the articles."""

    url: str
    limit: int


@dataclass(frozen=True, slots=True)
class Addresses:
    """A file with an address a line; blank lines and those that begin with ``#`` are passed over."""

    path: str

    def read(self) -> Iterator[str | SourceError]:
        """The addresses, and an error for each line that is none."""
        try:
            with open(os.path.expanduser(self.path), "rb") as file:
                number = 0
                while line := file.readline(_LONGEST_LINE):
                    number += 1
                    text = line.decode("utf-8", "replace").lstrip("\ufeff").replace("\0", "").strip()
                    if not text or text.startswith("#"):
                        continue
                    if _ADDRESS.fullmatch(text):
                        yield text
                    else:
                        place = f"{self.path}, line {number}"
                        yield SourceError(place, f"“{shown(text)[:80]}” is not an http or https address")
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error)
            yield SourceError(
                self.path, f"cannot be read: {said}; urls= takes a file with an address a line, or a list"
            )


def listings(
    *, feed: Any = None, sitemap: Any = None, urls: Any = None, limit: int | None = None
) -> list[Feed | SitemapOf | Addresses | str]:
    """The sources that the arguments of ``add`` and ``read_articles`` name.

    Raises:
        ArgumentError: One is not an address, or not a file of addresses.
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise ArgumentError(f"limit={limit!r} is not a number of pages from 1 up")
    most = limit or LIMIT
    found: list[Feed | SitemapOf | Addresses | str] = [Feed(url, most) for url in _named("feed", feed)]
    found += [SitemapOf(url, most) for url in _named("sitemap", sitemap)]
    if isinstance(urls, str | os.PathLike):
        name = os.fsdecode(urls)
        if _ADDRESS.fullmatch(name.strip()):
            raise ArgumentError("urls= is a file with an address a line, or a list; give one address without urls=")
        found.append(Addresses(name))
    elif urls is not None:
        found += _named("urls", urls)
    return found


def _named(name: str, value: Any) -> list[str]:
    if value is None:
        return []
    values = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    for one in values:
        if not isinstance(one, str) or not _ADDRESS.fullmatch(one.strip()):
            what = shown(one) if isinstance(one, str) else type(one).__name__
            raise ArgumentError(f"{name}={what!r} is not an http or https address, nor a list of such")
    return [one.strip() for one in values]
