"""What a server sends: bytes within limits, and what kind of bytes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from toolkit.articles.formats import format_of, format_of_media
from toolkit.errors import SourceError

_UNTOLD = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-download",
    "application/force-download",
)
_XML = ("text/xml", "application/xml")
_FEEDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_\-.:]{2,40})", re.IGNORECASE)
_AS_FEED = "this is a feed, not an article; add(feed=...) reads the articles that it lists"
_AS_SITEMAP = "this is a sitemap, not an article; add(sitemap=...) reads the pages that it lists"


class TooLarge(Exception):
    """There is more than was allowed."""


class Broken(Exception):
    """Compressed bytes that are no such thing, or that break off."""


def unpacked(pieces: Iterable[bytes], packing: str, most: int, *, cut: bool = False) -> bytes:
    """The bytes of a body.

    Args:
        pieces: As they come.
        packing: The header ``Content-Encoding``: none, gzip or deflate. What was not asked for is not unpacked, nor
            is what was packed twice.
        most: Bytes, before and after.
        cut: Leave out what is beyond these rather than refuse it.

    Raises:
        TooLarge: There are more. No more than these are ever held.
        Broken: They cannot be unpacked.
    """
    packing = packing.strip().lower()
    if packing in ("", "identity"):
        return b"".join(_limited(pieces, most, cut))
    if packing in ("gzip", "x-gzip"):
        return b"".join(_limited(_inflated(_limited(pieces, most), 31), most, cut))
    if packing == "deflate":
        return b"".join(_limited(_inflated(_limited(pieces, most), 15), most, cut))
    raise Broken(f"it is packed as “{packing[:40]}”, which was not asked for")


def _limited(pieces: Iterable[bytes], most: int, cut: bool = False) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            if not cut:
                raise TooLarge
            yield piece[: most - size]
            return
        yield piece


def _inflated(pieces: Iterable[bytes], bits: int) -> Iterator[bytes]:
    """Unpacked pieces of at most a megabyte each; a gzip file may have several parts one after another."""
    inflate = zlib.decompressobj(bits)
    begun = whole = False
    for piece in pieces:
        rest = piece
        while rest:
            if whole:
                if bits != 31 or not rest.startswith(b"\x1f\x8b"):
                    return  # what follows the end is filling
                inflate, whole = zlib.decompressobj(bits), False
            try:
                out = inflate.decompress(rest, 1_000_000)
            except zlib.error:
                if begun or bits != 15:
                    raise Broken("it cannot be unpacked") from None
                inflate = zlib.decompressobj(-15)  # servers send both and call both deflate
                bits = -15
                continue
            begun = True
            if out:
                yield out
            whole = inflate.eof
            rest = inflate.unused_data if whole else inflate.unconsumed_tail
    if begun and not whole:
        while out := inflate.decompress(inflate.unconsumed_tail, 1_000_000):
            yield out
        if not inflate.eof:
            raise Broken("it breaks off")


def charset_of(content_type: str) -> str | None:
    """The encoding that the header ``Content-Type`` names."""
    found = _CHARSET.search(content_type.partition(";")[2])
    return found[1] if found else None


def suffix_from(content_type: str, url: str, asked: str) -> str | None:
    """What a page is, as the suffix of a file; None when only its bytes can tell.

    Raises:
        SourceError: Nothing that an article can be read from.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _UNTOLD:
        known = format_of("." + urlsplit(url).path.rpartition("/")[2].rpartition(".")[2].lower())
        return known.name if known is not None and known.on_web else None
    known = format_of_media(kind)
    if known is not None and known.on_web:
        return known.name
    if kind in _FEEDS:
        raise SourceError(asked, _AS_FEED)
    if kind in _XML:
        return None
    if kind.endswith("+json"):
        return ".json"
    raise SourceError(asked, f"content of type “{kind[:60]}” is not an article that can be read")


def suffix_in(data: bytes, asked: str) -> str:
    """What a page is, from its first bytes.

    Raises:
        SourceError: Nothing that an article can be read from.
    """
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%pdf-"):
        return ".pdf"
    if b"<html" in head or b"<head" in head or head.startswith(b"<!doctype html"):
        return ".html"
    if b"<rss" in head or b"<feed" in head or b"<rdf:rdf" in head:
        raise SourceError(asked, _AS_FEED)
    if b"<urlset" in head or b"<sitemapindex" in head:
        raise SourceError(asked, _AS_SITEMAP)
    raise SourceError(asked, "the server does not say what it sent, and it is neither a page nor a PDF")
