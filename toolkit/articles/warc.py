"""Web archives (.warc, .warc.gz) -> the articles of the pages in them, by warcio, one record at a time.

Read are the pages (HTML and PDF) that a server answered with status 200; the address is the record's target, and the
time of the capture goes to ``metadata["fetched"]``, since it says nothing about publication. A record of many is told
by its number, as in ``crawl.warc.gz#17``.
"""

from __future__ import annotations

import io
import logging
import zlib
from collections.abc import Iterator
from typing import IO, Any

from toolkit.articles.kinds import HEAD, kind_of
from toolkit.articles.raw import Raw, read_raw
from toolkit.articles.records import Found
from toolkit.articles.unpacking import Place
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

_LARGEST = 50_000_000  # bytes of a page, unpacked
_LONGEST_HEADER = 1_000_000  # bytes of a record's header; real ones have about a thousand
_BLOCK = 1 << 16  # bytes that are read at a time
_PAGES = {"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf"}


class _Stream(io.RawIOBase):
    """The archive's bytes, of which only so many may be read for the header of one record: warcio sets no limit."""

    def __init__(self, inner: IO[bytes], source: str) -> None:
        self._inner, self._source, self._at = inner, source, 0
        self.left: int | None = _LONGEST_HEADER

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        data = self._inner.read(_BLOCK if size is None or size < 0 else size)
        self._at += len(data)
        if self.left is not None:
            self.left -= len(data)
            if self.left < 0:
                raise SourceError(self._source, "refused: a record with an endless header; this is a broken .warc file")
        return data


def warc_articles(raw: Raw) -> Iterator[Found]:
    """The articles of a web archive that is not compressed; a .warc.gz is unpacked on the way here.

    Raises:
        SourceError: When it is no web archive, or no page is in it.
    """
    from warcio.archiveiterator import ArchiveIterator

    logging.getLogger("warcio").setLevel(logging.CRITICAL)  # what it complains about is told in our errors
    place = raw.place
    place.check_depth()
    limited = _Stream(raw.stream, place.source)
    pages = number = damaged = 0
    try:
        archive = ArchiveIterator(limited, arc2warc=True)
        archive.INC_RECORD = ""  # it would print what it finds between records; the count tells
        for number, record in enumerate(archive, 1):
            limited.left = None
            if archive.err_count > damaged:
                damaged = archive.err_count
                yield SourceError(place.source, f"damaged between records {number - 1} and {number}: a page may be cut")
            if (suffix := _suffix(record)) is not None:
                pages += 1
                yield from _page(record, suffix, place, number)
                if place.budget.spent:
                    return
            while record.raw_stream.read(_BLOCK):  # to the next record
                pass
            limited.left = _LONGEST_HEADER
        if archive.err_count > damaged:
            yield SourceError(place.source, f"damaged after record {number}: a page may be cut")
    except SourceError:
        raise
    except Exception as error:  # warcio raises errors of its own, and others where a record is damaged
        where = f"after record {number}" if number else "at its start"
        said = " ".join(str(error).split())[:100] or type(error).__name__
        raise SourceError(place.source, f"broken {where}: {without_surrogates(said)}") from None
    if not pages:
        raise SourceError(
            place.source, f"no page among {number:,} records; pages are responses of HTML with status 200"
        )


def _suffix(record: Any) -> str | None:
    """What a record's page is; None for what is no page."""
    if record.rec_type != "response" or record.http_headers is None or record.http_headers.get_statuscode() != "200":
        return None
    kind = (record.http_headers.get_header("content-type") or "").partition(";")[0].strip().lower()
    return _PAGES.get(kind)


def _page(record: Any, suffix: str, place: Place, number: int) -> Iterator[Found]:
    from toolkit.articles.html import read_page

    here = place.inside(str(number))
    url = without_surrogates(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    try:
        here.budget.member(here.source)
        data = _content(record, here.source)
        here.budget.take(len(data), here.source)
        if kind_of(data[:HEAD], suffix, here.source) == ".pdf":
            found = list(read_raw(Raw(stream=io.BytesIO(data), suffix=".pdf", place=here)))
        else:
            found = [{**read_page(data, here.source, url or None, _charset(record)), "origin": here.origin}]
    except SourceError as error:
        yield SourceError(f"{here.source} ({url[:200]})", error.reason) if url else error
        return
    noted = {
        "fetched": record.rec_headers.get_header("WARC-Date"),
        "truncated": record.rec_headers.get_header("WARC-Truncated"),
    }
    for one in found:
        if not isinstance(one, SourceError):
            metadata = {**one.get("metadata", {}), **{name: value for name, value in noted.items() if value}}
            yield {**one, "url": one.get("url") or url or None, "metadata": metadata}
        else:
            yield one


def _content(record: Any, source: str) -> bytes:
    from warcio.bufferedreaders import ChunkedDataReader

    coding = (record.http_headers.get_header("content-encoding") or "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise SourceError(
            source, f"packed with “{coding[:20]}”, which is not unpacked here; record the page without it"
        )
    stream = record.raw_stream
    if "chunked" in (record.http_headers.get_header("transfer-encoding") or "").lower():
        stream = ChunkedDataReader(stream)
    unpack = zlib.decompressobj(47 if "gzip" in coding else 15) if coding not in ("", "identity") else None
    parts, size = [], 0
    while part := stream.read(_BLOCK):
        try:
            part = part if unpack is None else unpack.decompress(part, _LARGEST - size + 1)
        except zlib.error:
            raise SourceError(source, "broken: it does not unpack") from None
        parts.append(part)
        size += len(part)
        if size > _LARGEST:
            raise SourceError(source, f"too large (limit {_LARGEST // 10**6} MB)")
    return b"".join(parts)


def _charset(record: Any) -> str | None:
    _, _, named = (record.http_headers.get_header("content-type") or "").lower().partition("charset=")
    return named.partition(";")[0].strip(" \"'") or None
