"""Archives (.zip) and compressed files (.gz) -> the articles of what is in them.

Nothing is unpacked to disk, so that a member named ``../../x`` is only an odd name. Members are read one after another
in the order of their names; each is told by its own name, as a file would be, and what a folder would pass over
(hidden files, files of other kinds) is passed over here too. One that cannot be read costs that one. An archive that
grows beyond reason is refused; what was read of it before stays good.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from toolkit.articles.formats import SUFFIXES, format_of, is_wanted, suffix_of
from toolkit.articles.kinds import HEAD, kind_of_nameless
from toolkit.articles.raw import Raw, read_raw
from toolkit.articles.records import Found
from toolkit.articles.unpacking import Place, broken, counted, told_apart
from toolkit.errors import SourceError

_LARGEST_LIST = 32_000_000  # bytes of an archive's table of contents; 65,535 long names take about ten million
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1  # bits of a member's flags (APPNOTE.TXT, 4.4.4)
_UTF8_NAME = 0x800
_OFFICE = (
    ("xl/workbook.xml", "an Excel workbook; save it as .csv"),
    ("ppt/presentation.xml", "a PowerPoint document; save it as .pdf"),
    ("META-INF/container.xml", "an EPUB book; unpack it and add its pages"),
    ("content.xml", "an OpenDocument file; save it as .docx or text"),
)


class _Limited(io.RawIOBase):
    """A file of which no single read is huge: zipfile reads a table of contents in one go, however long."""

    def __init__(self, inner: IO[bytes], source: str) -> None:
        self._inner, self._source = inner, source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            here = self._inner.tell()
            size = self._inner.seek(0, io.SEEK_END) - here
            self._inner.seek(here)
        if size > _LARGEST_LIST:
            raise SourceError(self._source, "refused: its table of contents is too long; unpack it and add the folder")
        return self._inner.read(size)


def zip_articles(raw: Raw) -> Iterator[Found]:
    """The articles of the members of a zip archive.

    Raises:
        SourceError: When it is broken, refused, or has nothing in it that can be read.
    """
    place = raw.place
    place.check_depth()
    stream = raw.quick_to_seek()
    limited = _Limited(stream, place.source)
    try:
        archive = zipfile.ZipFile(limited)
    except SourceError:
        raise
    except Exception as error:  # struct.error and more: zipfile was not written for damage
        raise broken(place.source, error) from None
    with archive:
        names = {info.filename for info in archive.filelist}
        if "word/document.xml" in names and "[Content_Types].xml" in names:
            stream.seek(0)
            yield from read_raw(replace(raw, stream=stream, suffix=".docx"))
            return
        for name, kind in _OFFICE:
            if name in names:
                raise SourceError(place.source, f"cannot be read: this is {kind}")
        yield from _members(archive, place)


def _members(archive: zipfile.ZipFile, place: Place) -> Iterator[Found]:
    chosen = []
    for info in archive.filelist:
        place.budget.member(place.source)
        name = _name(info)
        if not info.is_dir() and is_wanted(name):
            chosen.append((name, info))
    if not chosen:
        raise SourceError(place.source, f"no file to read in this archive; it looks for {', '.join(SUFFIXES)}")
    seen: Counter[str] = Counter()
    for name, info in sorted(chosen, key=lambda one: one[0]):
        here = place.inside(told_apart(name, seen))
        try:
            yield from _member(archive, info, name, here)
        except SourceError as error:
            yield error
        if place.budget.spent:
            return


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, here: Place) -> Iterator[Found]:
    if info.flag_bits & _ENCRYPTED:
        raise SourceError(here.source, "locked with a password; unpack it and add the files")
    if info.compress_type not in _PLAIN:  # bzip2 and LZMA unpack to gigabytes at one stroke
        raise SourceError(here.source, "packed in an unusual way; unpack the archive and add the files")
    try:
        member = archive.open(info)
    except SourceError:
        raise
    except Exception as error:
        raise broken(here.source, error) from None
    with counted(member, here) as stream:
        yield from read_raw(Raw(stream=stream, suffix=suffix_of(name), place=here))


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; many programs write UTF-8 without saying so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def gz_articles(raw: Raw) -> Iterator[Found]:
    """The articles of a gzip-compressed file.

    Its name without ``.gz`` says what is in it, and where it says nothing, the content does.

    Raises:
        SourceError: When it is broken or refused, or holds what cannot be read.
    """
    place = raw.place
    place.check_depth()
    stem = place.origin.lower().removesuffix(".gz")
    suffix = ".tar" if stem.endswith(".tgz") else suffix_of(stem)
    with counted(gzip.GzipFile(fileobj=raw.stream, mode="rb"), place.unpacked()) as unpacked:
        if suffix == ".tar":
            raise SourceError(place.source, "a tar archive; unpack it and add the folder")
        if format_of(suffix) is None or suffix == ".gz":
            suffix = kind_of_nameless(unpacked.read(HEAD), place.source)
            unpacked.seek(0)
        yield from read_raw(Raw(stream=unpacked, suffix=suffix, place=place.unpacked()))
