"""Bytes of a kind that is known or can be told -> their articles, by the reader of that kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import IO, cast

from toolkit.articles.charsets import Decoded, decoded
from toolkit.articles.formats import LARGEST, SUFFIXES, Format, format_of
from toolkit.articles.kinds import HEAD, kind_of
from toolkit.articles.records import Found
from toolkit.articles.unpacking import Place
from toolkit.errors import SourceError


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """What a reader is given: a file, a member of an archive, what is attached to a mail, or a page.

    Attributes:
        stream: Its bytes, from the start; it can be sought in.
        suffix: What it is: the suffix of its name, unless its first bytes plainly say otherwise.
        place: Where it stands, for errors and origins.
        url: Where it was fetched from; None for a file.
        declared: The encoding that a server or a mail names for it, if any.
    """

    stream: IO[bytes]
    suffix: str
    place: Place
    url: str | None = None
    declared: str | None = None

    @property
    def source(self) -> str:
        """What to call it in an error."""
        return self.place.source

    @property
    def origin(self) -> str:
        """Where its articles come from."""
        return self.place.origin

    def whole(self) -> bytes:
        """All of its bytes.

        Raises:
            SourceError: There are more than its format allows, see :attr:`toolkit.articles.formats.Format.largest`.
        """
        known = format_of(self.suffix)
        most = LARGEST if known is None else known.largest
        data = self.stream.read(most + 1)
        if len(data) > most:
            raise SourceError(self.source, f"too large (limit {most // 10**6} MB); split it, or use .jsonl")
        return data

    def text(self) -> Decoded:
        """All of it as text, and what is not certain about its encoding.

        Raises:
            SourceError: It is too large, or no text, or nothing tells in which encoding it is.
        """
        return decoded(self.whole(), self.source, self.declared)

    def quick_to_seek(self) -> IO[bytes]:
        """A stream in which seeking costs little: in one that unpacks as it goes, going back begins anew."""
        return self.stream if self.place.depth == 0 else BytesIO(self.whole())


Reader = Callable[[Raw], Iterator[Found]]
"""Yields, for each article, either its fields or the SourceError that says why there are none, so that one bad line
costs one line; raises SourceError when there is nothing at all. Fields without ``origin`` get that of the file."""


def read_raw(raw: Raw) -> Iterator[Found]:
    """The articles in some bytes, by the reader of what they are.

    Args:
        raw: The bytes; the suffix is what is said of them.

    Raises:
        SourceError: When nothing can be read from them.
    """
    head = raw.stream.read(HEAD)
    raw.stream.seek(0)
    kind = kind_of(head, raw.suffix, raw.source)
    known = format_of(kind)
    if known is None:
        raise SourceError(raw.source, f"cannot read “{kind or 'no suffix'}” files; it reads {', '.join(SUFFIXES)}")
    for found in reader_of(known)(replace(raw, suffix=kind)):
        yield found if isinstance(found, SourceError) or "origin" in found else {**found, "origin": raw.origin}


def reader_of(known: Format) -> Reader:
    """The function that reads a format."""
    import pkgutil

    return cast("Reader", pkgutil.resolve_name(f"toolkit.articles.{known.reader}"))
