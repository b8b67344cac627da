"""What may come out of one file: a count of bytes and members that all archives within it share.

An archive is believed in nothing. What it says about sizes is not asked; what comes out is counted as it comes, against
the size of the file that it came from, and nothing is ever written to disk.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

MOST_TIMES = 100
"""Text packs to a tenth; what unpacks to more than a hundred times its size is no text."""

MOST_BYTES = 20_000_000_000
"""And however large a file is, no more than this: a web archive of some hundred thousand pages."""

MOST_MEMBERS = 65_535
"""As many as a plain zip archive can list."""

DEEPEST = 3
"""Archives and mails in one another: a .jsonl.gz in a .zip that is attached to a mail."""

_FREE = 10_000_000  # bytes that a small file may unpack to, whatever its own size
_BUFFER = 1 << 18  # bytes that are unpacked at a time


class Budget:
    """How much may yet come out of one file.

    Args:
        size: Bytes of the file.
    """

    def __init__(self, size: int) -> None:
        self._most = min(MOST_BYTES, _FREE + MOST_TIMES * size)
        self._bytes = 0
        self._members = 0
        self.spent = False

    def take(self, count: int, source: str) -> None:
        """Count bytes that came out.

        Raises:
            SourceError: When they are too many; then ``spent`` is true, and reading this file is over.
        """
        self._bytes += count
        if self._bytes > self._most:
            self.spent = True
            raise SourceError(
                source,
                f"refused: it unpacks to more than {self._most // 10**6:,} MB; unpack it yourself if you trust it",
            )

    def member(self, source: str) -> None:
        """Count a member, as :meth:`take` does bytes."""
        self._members += 1
        if self._members > MOST_MEMBERS:
            self.spent = True
            raise SourceError(source, f"refused: more than {MOST_MEMBERS:,} files in one; unpack it and add the folder")


@dataclass(frozen=True, slots=True)
class Place:
    """Where bytes stand: in which file, in what within it.

    Attributes:
        source: What to call them in an error.
        origin: Of their articles: the file's path, and after ``#`` the name of each member on the way.
        budget: Of the file.
        depth: How many archives and mails they lie in.
    """

    source: str
    origin: str
    budget: Budget
    depth: int = 0

    def inside(self, name: str) -> Place:
        """The place of a member."""
        shown = shown_name(name)
        return replace(self, source=f"{self.source}#{shown}", origin=f"{self.origin}#{shown}", depth=self.depth + 1)

    def unpacked(self) -> Place:
        """The place of what a compressed file holds: the same name, one step deeper."""
        return replace(self, depth=self.depth + 1)

    def check_depth(self) -> None:
        """Refuse to go deeper than :data:`DEEPEST`."""
        if self.depth >= DEEPEST:
            raise SourceError(self.source, f"refused: archives in archives, more than {DEEPEST} deep; unpack it")


def told_apart(name: str, seen: Counter[str]) -> str:
    """A member's name, with a number from the second one of that name on: an archive may hold several.

    Args:
        name: The name.
        seen: How often each name came before; counted on here.
    """
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"


def shown_name(name: str) -> str:
    """A member's name on one line, without what no name of a file has."""
    return " ".join(without_surrogates("".join(c if c.isprintable() else " " for c in name)).split())[:200] or "?"


class _Counted(io.RawIOBase):
    """The bytes of a decompressing stream, counted; its errors become SourceErrors."""

    def __init__(self, inner: Any, place: Place) -> None:
        self._inner, self._place = inner, place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return int(self._inner.seek(offset, whence))
        except _BROKEN as error:
            raise broken(self._place.source, error) from None

    def tell(self) -> int:
        return int(self._inner.tell())

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._inner.read(len(buffer))
        except _BROKEN as error:
            raise broken(self._place.source, error) from None
        self._place.budget.take(len(data), self._place.source)
        buffer[: len(data)] = data
        return len(data)


_BROKEN = (
    EOFError,
    OSError,
    zlib.error,
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
    ValueError,
    OverflowError,
)


def broken(source: str, error: Exception) -> SourceError:
    """The error for an archive that does not unpack."""
    if "password" in str(error) or "encrypted" in str(error):
        return SourceError(source, "locked with a password; unpack it and add the files")
    if isinstance(error, EOFError):
        return SourceError(source, "cut short: its end is missing; copy or download it again")
    return SourceError(source, f"broken: it does not unpack ({shown_name(str(error))[:100] or type(error).__name__})")


def counted(inner: Any, place: Place) -> io.BufferedReader:
    """A decompressing stream, read through the file's budget."""
    return io.BufferedReader(_Counted(inner, place), _BUFFER)
