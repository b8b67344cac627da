"""The folder of a run: rows as they finish, the articles that they need, the replies, copies of the library.

    replies.sqlite              every reply of a model, see :class:`toolkit.models.Cache`
    <library>/rows.jsonl        one line a finished row, under the hash of all that decides on it
    <library>/articles.jsonl    the articles that the rows quote or were made from
    <library>/<embedding>.lance a copy of the library with other vectors

``<library>`` is the hash of the library's articles. A line is written in one piece, so a process that is killed loses
the rows that it was at work on and no others; a half line is passed over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from toolkit.errors import StoreError
from toolkit.experiment.records import Record, article_from, article_record
from toolkit.types import Article

REPLIES = "replies.sqlite"
"""The file of the cache of replies, in the folder of all runs."""

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600  # answers may be private


def default_folder() -> Path:
    """Where runs are kept when nobody says: the user's cache folder."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "citebook" / "experiments"


def digest(value: Any) -> str:
    """SHA-256 of a JSON value in one canonical form, 32 hexadecimal digits."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class RunFolder:
    """What is kept of the runs over one library.

    Args:
        root: The folder of all runs.
        library: The hash of the library's articles.

    Raises:
        StoreError: It cannot be made or read.
    """

    def __init__(self, root: Path, library: str) -> None:
        self.root = root
        self.path = root / library[:16]
        self._lock = threading.Lock()
        self._articles: dict[str, Article] = {}
        try:
            root.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
            self.path.mkdir(exist_ok=True, mode=_FOLDER_MODE)
            self._take_articles()
        except OSError as error:
            raise StoreError(f"{root}: cannot be used for runs ({error.strerror}); give another folder=") from None

    @property
    def replies(self) -> Path:
        """The file of the cache of replies."""
        return self.root / REPLIES

    def copy_of(self, embedding: str) -> Path:
        """Where the copy of the library with the vectors of an embedding is."""
        return self.path / f"{digest(embedding)[:16]}.lance"

    def rows(self) -> dict[str, Record]:
        """The rows that ended well, by key; of two with one key the later."""
        self._take_articles()  # another process, or another experiment, may have written since
        found: dict[str, Record] = {}
        for record in _lines(self.path / "rows.jsonl"):
            key, row = record.get("key"), record.get("row")
            if isinstance(key, str) and isinstance(row, dict) and row.get("status") == "ok":
                found[key] = row
        return found

    def article(self, article_id: str) -> Article:
        """An article that some row needs.

        Raises:
            KeyError: It is not there.
        """
        return self._articles[article_id]

    def keep(self, key: str, row: Record, articles: Iterable[Article]) -> None:
        """Write a finished row, and before it the articles that it needs.

        Raises:
            StoreError: The disk is full, or the folder is gone.
        """
        try:
            with self._lock:
                for article in articles:
                    if article.id not in self._articles:
                        self._append("articles.jsonl", article_record(article))
                        self._articles[article.id] = article
                self._append("rows.jsonl", {"key": key, "row": row})
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be written ({error.strerror})") from None

    def _take_articles(self) -> None:
        for record in _lines(self.path / "articles.jsonl"):
            with contextlib.suppress(ValueError, TypeError, KeyError):  # not whole: rows that need it are made again
                if record["id"] not in self._articles:
                    article = article_from(record)
                    self._articles[article.id] = article

    def _append(self, name: str, record: Record) -> None:
        path = self.path / name
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), _FILE_MODE)
        try:
            line = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
            size = os.fstat(handle).st_size
            if size:
                os.lseek(handle, size - 1, os.SEEK_SET)
                if os.read(handle, 1) != b"\n":  # a half line of a process that was killed
                    line = b"\n" + line
            while line:
                line = line[os.write(handle, line) :]
        finally:
            os.close(handle)


def _lines(path: Path) -> Iterator[Record]:
    """The records of a file, without what is not whole."""
    try:
        with path.open("rb") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(record, dict):
                    yield record
    except FileNotFoundError:
        return
