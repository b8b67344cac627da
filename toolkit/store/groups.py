"""Story copy groups: which articles of a library are copies, cuts and updates of one text.

A row of the side table ``groups`` holds an article's signature, and the group that it is in. How groups are found is
in :mod:`toolkit.store.grouping`; here they are read, and brought up to date after articles were put in or deleted.

Rows are written after the articles that they speak of, and count only while the article has the text that they were
made from; what a crash, another process or an older citebook left out is made up for by the next write, or, where
nothing may be written, in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from toolkit.store.grouping import AT_ONCE, Regrouping, pairs
from toolkit.store.schema import given_id
from toolkit.store.sides import GROUPS
from toolkit.types import Article

if TYPE_CHECKING:
    from toolkit.store.store import Store

BACKLOG = 2_000
"""Articles without a row that one write makes up for, besides its own: a library of an older citebook is not to make
the next add of twenty articles take a minute."""

_ROUNDS = 5
"""Times that links are looked for once more because others have written meanwhile, on an object store."""


class Groups:
    """The story copy groups of one library; ``store.groups``. Threads may share it.

    Args:
        store: Of the library.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: tuple[int, dict[str, str]] | None = None
        self._whole = False

    def of(self, ids: Iterable[str]) -> dict[str, str]:
        """The group of each of the articles that are in one, as far as it is known; see :meth:`every`.

        Returns:
            Article id -> the group's id, which is the least of its members' ids.
        """
        side = self._store.side(GROUPS)
        version = side.version
        read = self._read
        if read is None or read[0] != version:
            found = side.batches(("article_id", "story"), "story IS NOT NULL")
            known = {given_id(one): given_id(story) for batch in found for one, story in pairs(batch)}
            read = self._read = (version, known)
        return {one: read[1][one] for one in ids if one in read[1]}

    def every(self) -> tuple[tuple[str, ...], ...]:
        """All groups: the ids of each one's articles, sorted; the groups in the order of their ids.

        What is not known yet is found out now, and written where the library may be written to.
        """
        if not self._store.read_only:
            self.update(backlog=None)
        version = self._store.side(GROUPS).version
        work = Regrouping(self._store)
        work.find_all_changes()
        work.group_missing({}, None)
        groups = work.groups()
        self._read = (version, {one: group[0] for group in groups for one in group})
        return groups

    def update(
        self, articles: Iterable[Article] = (), *, gone: Iterable[str] = (), backlog: int | None = BACKLOG
    ) -> None:
        """Find out the groups of articles that were put in or deleted.

        The first time, and whenever there is a backlog, the whole library is looked over for articles that have no
        group yet, and for rows of articles that have gone.

        Args:
            articles: Those that were put in.
            gone: Ids of those that were deleted.
            backlog: Further articles whose group is not known yet that are looked at; None for all there are.

        Raises:
            StoreError: The library cannot be written.
        """
        given = {article.id: article for article in articles}
        if self._whole and backlog is not None:
            with self._store.writer():
                work = Regrouping(self._store)
                work.find_changes(given.values(), gone)
                work.group_missing(given, None)
                self._write(work)
            return
        left = None if backlog is None else backlog + len(given)
        with self._store.writer():
            more = True
            while more:
                work = Regrouping(self._store)
                work.find_all_changes()
                now = AT_ONCE if left is None else min(left, AT_ONCE)
                more = work.group_missing(given, now)
                self._write(work)
                left = None if left is None else left - now
                self._whole = not more
                more = more and left != 0

    def _write(self, work: Regrouping) -> None:
        side = self._store.side(GROUPS)
        for _ in range(_ROUNDS):
            before = side.version
            changed, gone = work.changed(), work.gone
            side.put(changed)
            side.delete("article_id", gone)
            if self._store.notes.exclusive or side.version <= before + bool(changed) + bool(gone):
                return
            # Others have written meanwhile, perhaps copies of these, and have not seen these either.
            fresh = work.fresh
            work = Regrouping(self._store)
            work.relink(fresh)
