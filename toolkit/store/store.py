"""The store: articles and passages in, passages found by words and by vectors out.

An article and its passages are written in several commits, since they lie in two tables. What keeps them together:
every ``put`` has a revision of its own, which the article's row and its passages carry, and a passage counts only while
its article has the same revision. ``put`` announces itself, adds the passages and indexes them (not visible yet),
replaces the article rows (one commit: now the new passages are visible and the old ones are not), drops the old
passages, and takes the announcement back. Before an article is replaced by another text, it is kept as an earlier
version (:mod:`toolkit.store.versions`); where an article with another id takes its place, that is announced too, and
the old one is taken out when the new one is in. After a crash anywhere in between, readers see each article either as
it was or as it was to become, and the next writer drops the passages that nothing refers to.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from toolkit.errors import StoreError
from toolkit.store import layouts, schema, sides, upkeep, versions
from toolkit.store.engine import Database, Table
from toolkit.store.groups import Groups
from toolkit.store.manifest import open_manifest
from toolkit.store.notes import Announcement, Notes
from toolkit.store.place import as_store_error, connect
from toolkit.store.reading import REPLACED, StoreReader
from toolkit.store.schema import VERSION
from toolkit.store.sides import SIDES, Side, SideTable
from toolkit.store.versions import Earlier
from toolkit.types import Article, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Store(StoreReader):
    """The articles and passages of one library. Make one with :meth:`open`.

    Threads may share it; other processes may read and write the same library at the same time. In a folder one writes
    at a time and the others wait; on an object store writers work side by side. Readers never wait, and see every
    finished write.
    """

    def __init__(self, notes: Notes, database: Database, manifest: Mapping[str, Any], *, read_only: bool) -> None:
        super().__init__(notes, database, manifest, read_only=read_only)
        self.groups = Groups(self)
        self._sides: dict[str, SideTable] = {}
        self._writing = threading.RLock()
        self._depth = 0
        self._cleaned = {"articles": time.monotonic(), "passages": time.monotonic()}

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        embedding_name: str,
        dimensions: int,
        create: bool = True,
        read_only: bool = False,
        storage_options: Mapping[str, str] | None = None,
    ) -> Store:
        """Open a library, and make it first when there is none.

        Args:
            path: A folder, or the URL of a place on an object store, such as ``s3://bucket/news``.
            embedding_name: Of the embedding whose vectors the library holds, or will hold.
            dimensions: Length of those vectors.
            create: Whether a new library may be made.
            read_only: Write nothing at all; every writing method raises.
            storage_options: For a URL: ``endpoint``, ``region``, ``access_key_id``, ``secret_access_key``, ...

        Raises:
            StoreError: When the path is a file, a folder that is not a library, not writable, made by a newer
                citebook, or made with another embedding; or the object store cannot be reached.
        """
        notes, database = connect(path, storage_options)
        with as_store_error(notes.where, "opened"):
            manifest = open_manifest(
                notes, embedding=embedding_name, dimensions=dimensions, create=create, read_only=read_only
            )
            store = cls(notes, database, manifest, read_only=read_only)
            if not read_only:
                store._bring_up_to_date(manifest)
            return store

    def earlier(self, ids: Iterable[str]) -> dict[str, Article]:
        """Articles that another text has taken the place of, by the id that they had; ids of others are left out."""
        return versions.earlier(self, ids)

    def newest(self, ids: Iterable[str]) -> dict[str, Article]:
        """What articles have become: by the id of any of their versions the current one."""
        return versions.newest(self, ids)

    def history(self, article_id: str) -> tuple[list[Earlier], Article | None]:
        """The earlier versions of an article, oldest first, and the current one; see :mod:`toolkit.store.versions`."""
        return versions.history(self, article_id)

    def side(self, side: Side) -> SideTable:
        """What is known beside the articles; see :mod:`toolkit.store.sides`."""
        return self._sides.setdefault(side.name, SideTable(side, self))

    # Writing

    def put(
        self,
        articles: Iterable[Article],
        passages: Iterable[Passage],
        vectors: NDArray[np.float32],
        successors: Mapping[str, str] | None = None,
    ) -> None:
        """Put articles with all their passages; articles with the same ids, and their passages, are replaced.

        Everything of one call is made visible in one commit. Some thousand articles a call is a good number.

        Args:
            articles: When an id comes twice, the last article of that id is meant.
            passages: Of these articles, in any order.
            vectors: float32, shape (number of passages, dimensions); rows of length 1, or all zero.
            successors: Id of an article that goes -> id of the one of ``articles`` that takes its place.

        Raises:
            ArgumentError: When a passage does not lie in its article, or the vectors have another shape or a value
                that is not finite.
            StoreError: When the library cannot be written. What was in it stays.
        """
        given = list(articles)
        kept = {article.id: article for article in given}
        rows, matrix = schema.checked(given, kept, list(passages), vectors, self.dimensions)
        if not kept:
            return
        self.write(
            kept,
            lambda revision: self.passage_rows.add(schema.passages_batch(rows, kept, matrix, revision)),
            successors=successors,
        )

    def describe(self, articles: Iterable[Article]) -> None:
        """Write anew what is known of articles whose passages stay as they are, in one commit.

        Args:
            articles: Each with the text, title, publisher and publication date that it has in the store.
        """
        given = {article.id: article for article in articles}
        with self.writer():
            layouts.complete(self.article_rows)
            revisions = self.look_up(given, "revision")
            kept = [given[key] for key in revisions]
            if kept:
                rows = schema.articles_batch(kept, [revisions[article.id] for article in kept])
                # Who has meanwhile put another text there, on an object store, has the last word.
                self.article_rows.update(rows, "id", "target.revision = source.revision")
                self._tidy()

    def write(
        self,
        articles: Mapping[str, Article],
        add_passages: Callable[[str], None],
        *,
        revision: str | None = None,
        successors: Mapping[str, str] | None = None,
    ) -> None:
        """Put articles, by id, whose passages ``add_passages`` adds to their table under the revision it is given.

        A text that another one takes the place of is kept as an earlier version, see :mod:`toolkit.store.versions`.

        Args:
            articles: Each under its own id.
            add_passages: Appends rows of ``passages``. It may be called twice: when a writer on an object store was
                held up for so long that others took it for dead and dropped what it had added.
            revision: When the rows are made already; a made-up word that no other write has.
            successors: Id of an article that goes -> id of the one of ``articles`` that takes its place.

        Raises:
            StoreError: The library cannot be written, or a writer with a given revision was taken for dead.
        """
        given = revision
        keys = [schema.stored_id(one) for one in articles]
        with self.writer():
            layouts.complete(self.article_rows)
            while True:
                after = versions.settled(self, articles, successors) if successors else {}
                going = {schema.stored_id(old): schema.stored_id(new) for old, new in after.items()}
                revision = given or uuid.uuid4().hex[:16]
                new = schema.articles_batch(list(articles.values()), [revision] * len(articles))
                self.notes.announce(revision, [*keys, *going], going)
                add_passages(revision)
                upkeep.index(self.passage_rows, self.dimensions)
                versions.keep(self, articles, after)
                replaced = self.article_rows.upsert(new, "id")
                self._check_table()
                self._drop_own(revision, keys)
                replaced += self._replace(going, revision)
                if self._finish(revision, [*keys, *going], drop=replaced > 0):
                    break
                if given:
                    raise StoreError(f"a write to {self.where} took so long that others took it for dead: repeat it")
            self._tidy()

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles with their passages, earlier versions, and what side tables know of them, copy groups too.

        The id of an earlier version deletes that version alone. Ids that are not there are passed over.

        Returns:
            How many articles, or earlier versions that were named, went.
        """
        asked = list(dict.fromkeys(ids))
        keys = [schema.stored_id(one) for one in asked]
        if not keys:
            self._writable()
            return 0
        with self.writer():
            revision = uuid.uuid4().hex[:16]
            self.notes.announce(revision, keys)
            # First what nobody would find any more if this were cut off.
            gone = versions.forget(self, asked)
            gone += sum(self.article_rows.delete(where) for where in schema.one_of("id", keys))
            self._finish(revision, keys, drop=True)
            sides.forget(self, asked)
            self._tidy()
            if gone:
                self.groups.update(gone=asked, backlog=0)
        return gone

    def optimise(self) -> None:
        """Build every index anew in one part, merge small files, and drop old versions.

        Writes keep the indexes up to date by themselves; after a large import this makes searches a little faster.
        """
        with self.writer():
            self._rebuild_passages()
            upkeep.rebuild(self.article_rows, upkeep.article_indexes(self.article_rows))
            for side in SIDES:
                self.side(side).optimise()

    def __repr__(self) -> str:
        return f"<Store {self.where!r}{' (closed)' if self._closed else ''}>"

    # For the other modules of this package

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the lock that keeps other writers out, once what killed writes have left is repaired.

        On an object store there is no lock, and writers meet in the engine's commits. A thread that is the writer
        already stays it: one write may be made of several.
        """
        self._writable()
        with self._writing:
            if self._depth:  # of this thread, which holds ``_writing``
                yield
                return
            with self.engine("written"), self.notes.lock():
                self._check_table()
                self._repair_all()
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    def tidy_side(self, name: str, table: Table) -> None:
        """Merge the small files and drop the old versions of a side table, when it is time."""
        self._cleaned[name] = upkeep.tidy(table, self._cleaned.setdefault(name, time.monotonic()))

    # Inside

    def _bring_up_to_date(self, manifest: dict[str, Any]) -> None:
        """Finish what was cut off, and move an older library to today's layout."""
        if manifest["schema"] >= VERSION and not self.notes.exclusive:
            return  # each write looks for remains; to do so at every opening would cost a request
        # A full disk must not keep anybody from reading; the next write does this again, and says so when it cannot.
        with (
            contextlib.suppress(OSError, RuntimeError, ValueError, StoreError),
            self.notes.lock(wait=manifest["schema"] < VERSION) as granted,
        ):
            if granted:
                self._repair_all()
            if granted and manifest["schema"] < VERSION:
                layouts.complete(self.article_rows)
                if not self._indexed:
                    self._rebuild_passages()  # its text index has no places of words
                self.notes.write_manifest(manifest | {"schema": VERSION})
                self._indexed = True

    def _rebuild_passages(self) -> None:
        upkeep.rebuild(self.passage_rows, upkeep.passage_indexes(self.passage_rows, self.dimensions))

    def _repair_all(self) -> None:
        for one in self.notes.announced():
            if not one.alive:
                self._repair(one)

    def _check_table(self) -> None:
        """Refuse to write into the passages that a reindex, by another process, has replaced."""
        if self._replaced():
            raise StoreError(REPLACED.format(self.where))

    def _drop_own(self, revision: str, keys: list[str]) -> None:
        """Drop what was written of articles that another writer has meanwhile replaced or deleted."""
        if self.notes.exclusive:
            return  # there was no other writer
        live = self.look_up(map(schema.given_id, keys), "revision")
        lost = [key for key in keys if live.get(schema.given_id(key)) != revision]
        for where in schema.one_of("article_id", lost):
            self.passage_rows.delete(f"{where} AND revision = {schema.literal(revision)}")

    def _replace(self, successors: Mapping[str, str], revision: str) -> int:
        """Take out the articles whose successors are there, by stored id; returns how many."""
        there = self.look_up(map(schema.given_id, successors.values()), "revision") if successors else {}
        going = [old for old, new in successors.items() if there.get(schema.given_id(new)) == revision]
        return sum(self.article_rows.delete(where) for where in schema.one_of("id", going))

    def _finish(self, revision: str, keys: list[str], *, drop: bool) -> bool:
        """Drop what the write has replaced, and take its announcement back; False when it has to be done again."""
        others = [one for one in self.notes.announced() if one.revision != revision and set(one.keys) & set(keys)]
        spared = ", ".join(schema.literal(one) for one in (revision, *(other.revision for other in others)))
        for where in schema.one_of("article_id", keys) if drop else ():
            self.passage_rows.delete(f"{where} AND revision NOT IN ({spared})")
        # With another write of the same articles under way, which of both leaves remains is not known yet: then the
        # announcement stays, and a later writer repairs.
        return bool(others) or self.notes.retract(revision)

    def _repair(self, cut_off: Announcement) -> None:
        """Drop what a write which was cut off had replaced, and the passages that it left without an article."""
        self._replace(cut_off.successors, cut_off.revision)
        for where in schema.one_of("article_id", cut_off.keys):
            pairs = self.passage_rows.pairs("article_id", "revision", where)
            announced = {one.revision for one in self.notes.announced() if one.alive}
            live = self.look_up({schema.given_id(key) for key, _ in pairs}, "revision")
            upkeep.drop_dead(
                self.passage_rows,
                [pair for pair in pairs if pair[1] not in announced],
                {schema.stored_id(key): revision for key, revision in live.items()},
            )
        self.notes.retract(cut_off.revision)

    def _tidy(self) -> None:
        """Merge parts of indexes and small files, and drop old versions, when it is time; the write itself is done."""
        upkeep.merge_parts(self.passage_rows, "indexed")
        upkeep.index_articles(self.article_rows)
        for name, table in (("articles", self.article_rows), ("passages", self.passage_rows)):
            self._cleaned[name] = upkeep.tidy(table, self._cleaned[name])
        self.notes.tidy()

    def _writable(self) -> None:
        if self.read_only:
            raise StoreError(f"{self.where} was opened with read_only=True: open it without, to change it")
