"""Replies kept on disk, so that the same question to the same model is paid for once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sqlite3
import threading
import time
import warnings
import weakref
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any, TypeVar

from toolkit.errors import ArgumentError
from toolkit.models.base import Model, Reply, Wrapper, in_pieces
from toolkit.types import Message, Usage

T = TypeVar("T")

_APPLICATION = 0x63697465  # "cite": tells our files from other programs' databases
_VERSION = 1  # of the tables; a file of another version is emptied
_WAIT_SECONDS = 5.0  # for another process that is writing
_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS replies_by_use ON replies (used, bytes);
CREATE TABLE IF NOT EXISTS total (bytes INTEGER NOT NULL);
INSERT INTO total SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM total);
CREATE TRIGGER IF NOT EXISTS reply_in AFTER INSERT ON replies BEGIN UPDATE total SET bytes = bytes + new.bytes; END;
CREATE TRIGGER IF NOT EXISTS reply_out AFTER DELETE ON replies BEGIN UPDATE total SET bytes = bytes - old.bytes; END;
"""


def cache_key(messages: Sequence[Message], identity: Mapping[str, Any], repeat: int) -> str:
    """SHA-256 over everything that decides on a reply, in one canonical JSON form."""
    turns = [[message.role, message.content] for message in messages]
    parts = {"messages": turns, "model": _canonical(dict(identity)), "repeat": repeat}
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """The same value always in the same form: a temperature of 0 is one of 0.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    return [_canonical(item) for item in value] if isinstance(value, (list, tuple)) else value


class Cache:
    """Replies in one SQLite file, for several threads and processes at once.

    Values are JSON, and prompts are not in it: only the hash of each. When it grows over its bound, the replies that
    were not used for longest go first. A damaged file is moved aside with a warning, and a cache that cannot be read
    or written for the moment is passed over: the calls go on without it.

    Args:
        path: The file; it and its folder are made when they do not exist.
        max_bytes: Bound for what is stored; the file is a little larger.

    Raises:
        ArgumentError: The file cannot be made, or is another program's database.
    """

    def __init__(self, path: str | os.PathLike[str], *, max_bytes: int = 256 * 2**20) -> None:
        if max_bytes < 1:
            raise ArgumentError(f"max_bytes={max_bytes}: give a size in bytes above 0")
        self.path = Path(path).expanduser()
        self.max_bytes = max_bytes
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None
        self._closer: weakref.finalize[..., Cache] | None = None
        self._process = 0
        self._inherited: list[sqlite3.Connection] = []  # of a parent process: must not be used here, nor closed
        self._warned = False
        problem = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # answers may be private
        except OSError as error:
            problem = error.strerror or str(error)
        if problem:
            raise ArgumentError(f"cache={str(path)!r} cannot be written ({problem}); give the path of a file")
        self._safely(lambda connection: None, None)

    def __repr__(self) -> str:
        return f"<Cache {self.path}>"

    def __len__(self) -> int:
        return self._safely(lambda c: int(c.execute("SELECT count(*) FROM replies").fetchone()[0]), 0)

    @property
    def size(self) -> int:
        """Bytes stored."""
        return self._safely(lambda c: int(c.execute("SELECT bytes FROM total").fetchone()[0]), 0)

    def get(self, key: str) -> Reply | None:
        """The reply kept under the key, with ``usage.cached``; None when there is none."""
        value = self._safely(lambda connection: self._look_up(connection, key), None)
        if value is None:
            return None
        try:
            kept = json.loads(value)
            usage = Usage(
                prompt_tokens=int(kept["prompt_tokens"]),
                completion_tokens=int(kept["completion_tokens"]),
                cost_usd=0.0,
                cached=True,
            )
            text, model, reason = kept["text"], kept["model"], kept["finish_reason"]
        except (ValueError, KeyError, TypeError):
            return None
        if not (isinstance(text, str) and isinstance(model, str)):
            return None
        return Reply(text=text, model=model, usage=usage, finish_reason=reason if isinstance(reason, str) else None)

    def put(self, key: str, reply: Reply) -> None:
        """Keep a reply."""
        kept = {
            "text": reply.text,
            "model": reply.model,
            "finish_reason": reply.finish_reason,
            "prompt_tokens": reply.usage.prompt_tokens,
            "completion_tokens": reply.usage.completion_tokens,
        }
        value = json.dumps(kept)
        if len(value) + len(key) <= self.max_bytes:
            self._safely(lambda connection: self._store(connection, key, value), None)

    def clear(self) -> None:
        """Forget every reply."""
        self._safely(lambda connection: connection.execute("DELETE FROM replies"), None)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._leave_inherited()
            if self._closer is not None:
                self._closer()
            self._opened = self._closer = None

    # The database ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _look_up(connection: sqlite3.Connection, key: str) -> str | None:
        found = connection.execute("SELECT value FROM replies WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None
        with contextlib.suppress(sqlite3.OperationalError):  # another process is writing: the order of use can wait
            connection.execute("UPDATE replies SET used = ? WHERE key = ?", (time.time_ns(), key))
        return str(found[0])

    def _store(self, connection: sqlite3.Connection, key: str, value: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("DELETE FROM replies WHERE key = ?", (key,))
            row = (key, value, len(key) + len(value), time.time_ns())
            connection.execute("INSERT INTO replies VALUES (?, ?, ?, ?)", row)
            self._make_room(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("PRAGMA incremental_vacuum")

    def _make_room(self, connection: sqlite3.Connection) -> None:
        over = connection.execute("SELECT bytes FROM total").fetchone()[0] - self.max_bytes
        if over <= 0:
            return
        oldest = connection.execute("SELECT used, bytes FROM replies ORDER BY used")
        last = 0
        for used, size in oldest:
            last, over = used, over - size
            if over <= 0:
                break
        oldest.close()
        connection.execute("DELETE FROM replies WHERE used <= ?", (last,))

    def _connection(self) -> sqlite3.Connection:
        self._leave_inherited()
        if self._opened is not None:
            return self._opened
        connection = sqlite3.connect(
            self.path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=16
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._opened, self._process = connection, os.getpid()
        self._closer = weakref.finalize(self, connection.close)
        return connection

    def _leave_inherited(self) -> None:
        """In a child process, put the parent's connection by."""
        if self._opened is not None and self._closer is not None and self._process != os.getpid():
            self._closer.detach()
            self._inherited.append(self._opened)
            self._opened = self._closer = None

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # The tables first: another process that makes the file right now commits them together with the numbers.
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if tables and application != _APPLICATION:
            raise ArgumentError(f"{self.path}: is another program's database; give cache= a file of its own")
        connection.execute("PRAGMA synchronous = NORMAL")
        if version == _VERSION:
            return
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        if version:  # made by another version of this package: a cache may be forgotten
            connection.execute("DROP TABLE IF EXISTS replies")
            connection.execute("DROP TABLE IF EXISTS total")
        for statement in re.split(r"(?<=;)\n", _SCHEMA.strip()):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("COMMIT")

    def _safely(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do the work; when the file is damaged, move it aside and do it on a new one."""
        trouble, found = "", otherwise
        with self._lock:
            for attempt in (1, 2):
                try:
                    found = work(self._connection())
                    break
                except sqlite3.DatabaseError as error:
                    if attempt == 2 or not _is_damage(error):
                        trouble = f"{self.path}: the cache of replies cannot be used for now ({error})"
                        break
                    trouble = self._move_aside(error)
            warn, self._warned = bool(trouble) and not self._warned, self._warned or bool(trouble)
        if warn:
            warnings.warn(trouble, RuntimeWarning, stacklevel=2)
        return found

    def _move_aside(self, error: Exception) -> str:
        with contextlib.suppress(sqlite3.Error):
            self.close()
        self._opened = self._closer = None
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        with contextlib.suppress(OSError):
            self.path.replace(aside)
        for ending in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + ending).unlink()
        return f"{self.path}: the cache of replies was damaged ({error}); it was moved to {aside.name}"


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is to blame, not its lock or the disk."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error)


class CachedModel(Wrapper):
    """A model whose replies are kept in a :class:`Cache`; what is found there is not asked again.

    A hit has ``usage.cached`` true, cost 0 and the tokens of the call that it stands for. Errors, refusals and replies
    that were cut off are not kept. Repetitions of an experiment are kept apart, see :meth:`repeat`.
    """

    def __init__(self, model: Model, cache: Cache, *, repeat: int = 0) -> None:
        super().__init__(model)
        self.cache = cache
        self._repeat = repeat

    def __repr__(self) -> str:
        return f"<{self._model!r} behind {self.cache!r}>"

    def close(self) -> None:
        """Close connections and the cache's file; the next call opens them again."""
        self._model.close()
        self.cache.close()

    def repeat(self, index: int) -> CachedModel:
        """The same model and cache for the repetition ``index``, counted from 0."""
        return CachedModel(self._model, self.cache, repeat=index)

    def has_kept(
        self, messages: Sequence[Message], *, temperature: float | None = None, max_tokens: int | None = None
    ) -> bool:
        """Whether the reply to this call is kept."""
        return self.cache.get(self._key(messages, temperature, max_tokens)) is not None

    def _key(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> str:
        return cache_key(messages, self._model.identity(temperature, max_tokens), self._repeat)

    def _chat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        key = self._key(messages, temperature, max_tokens)
        kept = self.cache.get(key)
        if kept is not None:
            return kept
        reply = self._model._chat(messages, temperature, max_tokens)
        if _worth_keeping(reply):
            self.cache.put(key, reply)
        return reply

    async def _achat(self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None) -> Reply:
        import asyncio

        key = self._key(messages, temperature, max_tokens)
        kept = await asyncio.to_thread(self.cache.get, key)
        if kept is not None:
            return kept
        reply = await self._model._achat(messages, temperature, max_tokens)
        if _worth_keeping(reply):
            await asyncio.to_thread(self.cache.put, key, reply)
        return reply

    def _stream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> Generator[str | Reply, None, None]:
        key = self._key(messages, temperature, max_tokens)
        kept = self.cache.get(key)
        if kept is not None:
            yield from in_pieces(kept)
            return
        with closing(self._model._stream(messages, temperature, max_tokens)) as pieces:
            for piece in pieces:
                if isinstance(piece, Reply) and _worth_keeping(piece):
                    self.cache.put(key, piece)
                yield piece

    async def _astream(
        self, messages: Sequence[Message], temperature: float | None, max_tokens: int | None
    ) -> AsyncGenerator[str | Reply, None]:
        import asyncio

        key = self._key(messages, temperature, max_tokens)
        kept = await asyncio.to_thread(self.cache.get, key)
        if kept is not None:
            for piece in in_pieces(kept):
                yield piece
            return
        async with aclosing(self._model._astream(messages, temperature, max_tokens)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Reply) and _worth_keeping(piece):
                    await asyncio.to_thread(self.cache.put, key, piece)
                yield piece


def _worth_keeping(reply: Reply) -> bool:
    """Whether it is whole; a server that never says why its model stopped is believed."""
    return bool(reply.text.strip()) and reply.finish_reason in ("stop", None)
