"""The store: articles and passages in, passages found by words and by vectors out.

An article and its passages are written in several commits, since they lie in two tables. What keeps them together:
every ``put`` has a revision of its own, which the article's row and its passages carry, and a passage counts only while
its article has the same revision. ``put`` announces itself, adds the passages and indexes them (not visible yet),
replaces the article rows (one commit: now the new passages are visible and the old ones are not), drops the old
passages, and takes the announcement back. After a crash anywhere in between, readers see each article either as it was
or as it was to become, and the next writer drops the passages that nothing refers to.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.errors import StoreError
from toolkit.language.unicode import without_surrogates
from toolkit.store import schema, upkeep
from toolkit.store.engine import Database, Rows, Table
from toolkit.store.manifest import open_manifest
from toolkit.store.memory import ARTICLES, Found, Kept, Vectors
from toolkit.store.notes import Announcement, Notes
from toolkit.store.place import as_store_error, connect
from toolkit.store.schema import VERSION
from toolkit.store.sides import Side, SideTable
from toolkit.store.words import searchable
from toolkit.types import Article, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Store:
    """The articles and passages of one library. Make one with :meth:`open`.

    Threads may share it; other processes may read and write the same library at the same time. In a folder one writes
    at a time and the others wait; on an object store writers work side by side. Readers never wait, and see every
    finished write.
    """

    def __init__(self, notes: Notes, database: Database, manifest: Mapping[str, Any], *, read_only: bool) -> None:
        self.notes = notes
        self.database = database
        self.where = notes.where
        self.dimensions = int(manifest["dimensions"])
        self.read_only = read_only
        self.passages_table = str(manifest.get("passages", "passages"))
        self._indexed = int(manifest["schema"]) >= _ALL_INDEXED
        self._writing = threading.RLock()
        self._closed = False
        self._cleaned = {"articles": time.monotonic(), "passages": time.monotonic()}
        self.article_rows, self.passage_rows = self._tables()
        self._kept: Kept[tuple[Article, str]] = Kept(ARTICLES)
        self._vectors = Vectors()
        self._sides: dict[str, SideTable] = {}
        self._depth = 0

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

    def fingerprints(self, ids: Iterable[str]) -> dict[str, str]:
        """The fingerprints of those of the articles that are in the store; see :func:`fingerprint`."""
        return self._look_up(ids, "fingerprint")

    def ids_by_origin(self, origins: Iterable[str]) -> dict[str, str]:
        """Origin -> id of the article that was read from it, for the origins that there is one article from."""
        asked = {without_surrogates(origin): origin for origin in origins}
        rows = self._scan(self.article_rows, ("id", "origin"), schema.one_of("origin", asked))
        often = Counter(row["origin"] for row in rows)
        return {asked[row["origin"]]: schema.given_id(row["id"]) for row in rows if often[row["origin"]] == 1}

    # Reading

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """The articles themselves, exactly as they were put in.

        Args:
            ids: Which; those that are not there are left out. None for all, in the order of their ids.

        Returns:
            Articles by id, in the order asked for.
        """
        if ids is None:
            found = self._scan(self.article_rows, schema.ARTICLE_COLUMNS, None)
            read = [schema.article_of(row) for row in found]
            return {article.id: article for article in sorted(read, key=lambda article: article.id)}
        return {key: article for key, (article, _) in self.owners(ids).items()}

    def owners(self, ids: Iterable[str]) -> dict[str, tuple[Article, str]]:
        """Articles with their revisions, by id, in the order asked for; those that are not there are left out."""
        with self.engine("read"):
            return self._kept.of(self.article_rows.version, ids, self._read_owners)

    def _read_owners(self, ids: list[str]) -> dict[str, tuple[Article, str]]:
        wheres = schema.one_of("id", map(schema.stored_id, ids))
        rows = self._scan(self.article_rows, (*schema.ARTICLE_COLUMNS, "revision"), wheres)
        return {schema.given_id(row["id"]): (schema.article_of(row), str(row["revision"])) for row in rows}

    def passages(self, article_ids: Iterable[str]) -> list[Passage]:
        """All passages of some articles: in the order of the ids, and in the order of the text."""
        asked = list(dict.fromkeys(article_ids))
        live = self._look_up(asked, "revision")
        rows = self._scan(
            self.passage_rows, schema.PASSAGE_COLUMNS, schema.one_of("article_id", map(schema.stored_id, asked))
        )
        place = {article_id: number for number, article_id in enumerate(asked)}
        found = [
            schema.passage_of(row) for row in rows if live.get(schema.given_id(row["article_id"])) == row["revision"]
        ]
        return sorted(found, key=lambda passage: (place[passage.span.article_id], passage.span.start))

    def lexical(self, query: str, limit: int, where: str | None = None, phrases: Sequence[str] = ()) -> list[Found]:
        """Passages by the words that they share with a query.

        Args:
            query: Any text; nothing in it is an operator.
            limit: At most so many passages.
            where: A filter over the columns of ``passages``, see :class:`toolkit.retrieval.filters.Filters`.
            phrases: Words that must stand in a row in the passage or its article's title, in any form.

        Returns:
            Passages and BM25 scores (Robertson and Zaragoza 2009), best first; none when the query has no words.
        """
        text = searchable(query)
        if not text:
            return []
        exact = [without_surrogates(phrase) for phrase in phrases]
        if exact and not self._indexed:  # an older index, without the places of words
            where = " AND ".join(filter(None, (where, *map(schema.in_a_row, exact))))
            text, exact = " ".join([text, *exact]), []
        columns, indexed = schema.PASSAGE_COLUMNS, self._indexed
        with self.engine("read"):
            rows = self.passage_rows.match(text, "indexed", columns, limit, where, indexed=indexed, phrases=exact)
        return _ranked(Found(schema.passage_of(row), float(row["_score"]), row["revision"]) for row in rows)

    def dense(self, vector: NDArray[np.float32], limit: int, where: str | None = None) -> list[Found]:
        """Passages by the direction of their vectors.

        Args:
            vector: float32, shape (dimensions,), of length 1 or all zero.
            limit: At most so many passages.
            where: A filter over the columns of ``passages``.

        Returns:
            Passages and cosine similarities (-1 to 1), best first; none for a vector of zeros.
        """
        if not vector.any():
            return []
        with self.engine("read"):
            if where is None and (found := self._vectors.nearest(self.passage_rows, vector, limit)) is not None:
                return _ranked(found)
            rows = self.passage_rows.nearest(vector, schema.PASSAGE_COLUMNS, limit, where, indexed=self._indexed)
        return _ranked(Found(schema.passage_of(row), 1.0 - float(row["_distance"]), row["revision"]) for row in rows)

    def counts(self) -> tuple[int, int]:
        """Number of articles and of passages; passages of a write that is under way may be among them."""
        with self.engine("read"):
            return self.article_rows.count(), self.passage_rows.count()

    def side(self, side: Side) -> SideTable:
        """What is known beside the articles; see :mod:`toolkit.store.sides`."""
        return self._sides.setdefault(side.name, SideTable(side, self))

    # Writing

    def each(self) -> Iterator[Article]:
        """All articles, in no promised order, without holding all of them."""
        with self.engine("read"):
            for batch in self.article_rows.batches(schema.ARTICLE_COLUMNS):
                yield from map(schema.article_of, batch.to_pylist())

    def put(self, articles: Iterable[Article], passages: Iterable[Passage], vectors: NDArray[np.float32]) -> None:
        """Put articles with all their passages; articles with the same ids, and their passages, are replaced.

        Everything of one call is made visible in one commit. Some thousand articles a call is a good number.

        Args:
            articles: When an id comes twice, the last article of that id is meant.
            passages: Of these articles, in any order.
            vectors: float32, shape (number of passages, dimensions); rows of length 1, or all zero.

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
        self.write(kept, lambda revision: self.passage_rows.add(schema.passages_batch(rows, kept, matrix, revision)))

    def write(
        self, articles: Mapping[str, Article], add_passages: Callable[[str], None], *, revision: str | None = None
    ) -> None:
        """Put articles, by id, whose passages ``add_passages`` adds to their table under the revision it is given.

        Args:
            articles: Each under its own id.
            add_passages: Appends rows of ``passages``. It may be called twice: when a writer on an object store was
                held up for so long that others took it for dead and dropped what it had added.
            revision: When the rows are made already; a made-up word that no other write has.

        Raises:
            StoreError: The library cannot be written, or a writer with a given revision was taken for dead.
        """
        given = revision
        keys = [schema.stored_id(one) for one in articles]
        with self.writer():
            while True:
                revision = given or uuid.uuid4().hex[:16]
                new = schema.articles_batch(list(articles.values()), revision)
                self.notes.announce(revision, keys)
                add_passages(revision)
                upkeep.index(self.passage_rows, self.dimensions)
                replaced = self.article_rows.upsert(new, "id")
                self._check_table()
                self._drop_own(revision, keys)
                if self._finish(revision, keys, drop=replaced > 0):
                    break
                if given:
                    raise StoreError(f"a write to {self.where} took so long that others took it for dead: repeat it")
            self._tidy()

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles with their passages; ids that are not there are passed over. Returns how many went."""
        keys = [schema.stored_id(one) for one in dict.fromkeys(ids)]
        if not keys:
            self._writable()
            return 0
        with self.writer():
            revision = uuid.uuid4().hex[:16]
            self.notes.announce(revision, keys)
            gone = sum(self.article_rows.delete(where) for where in schema.one_of("id", keys))
            self._finish(revision, keys, drop=True)
            self._tidy()
        return gone

    def optimise(self) -> None:
        """Build every index anew in one part, merge small files, and drop old versions.

        Writes keep the indexes up to date by themselves; after a large import this makes searches a little faster.
        """
        with self.writer():
            self._rebuild_passages()
            upkeep.rebuild(self.article_rows, upkeep.article_indexes(self.article_rows))

    def close(self) -> None:
        """Let go of the library. Every other method raises afterwards; closing twice does nothing."""
        self._closed = True

    def __repr__(self) -> str:
        return f"<Store {self.where!r}{' (closed)' if self._closed else ''}>"

    # What the neighbours in this package use

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Be the only writer, where that can be had, of a store without remains of writes that were cut off.

        Who is the writer already stays it: a write may be made of several.
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
        """What keeps a side table small."""
        self._cleaned[name] = upkeep.tidy(table, self._cleaned.setdefault(name, time.monotonic()))

    @contextlib.contextmanager
    def engine(self, verb: str) -> Iterator[None]:
        """Errors of the engine become StoreErrors."""
        if self._closed:
            raise StoreError(f"{self.where} was closed: open it again")
        try:
            with as_store_error(self.where, verb):
                yield
        except StoreError as error:
            replaced = False
            with contextlib.suppress(OSError, RuntimeError, ValueError, StoreError):  # what failed may fail again
                replaced = isinstance(error.__cause__, (OSError, ValueError)) and self._replaced()
            if replaced:
                raise StoreError(_REPLACED.format(self.where)) from error
            raise

    # Inside

    def _tables(self) -> tuple[Table, Table]:
        found = {name: self.database.open(name) for name in ("articles", self.passages_table)}
        articles, passages = found["articles"], found[self.passages_table]
        if self.read_only and (articles is None or passages is None):
            raise StoreError(f"{self.where} has no articles yet: add some first")
        if passages is None and articles is not None and articles.count():
            raise StoreError(f"{self.where} is damaged: its passages are gone; add the articles to a new library")
        return (
            articles or self.database.create("articles", schema.article_schema()),
            passages or self.database.create(self.passages_table, schema.passage_schema(self.dimensions)),
        )

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
            raise StoreError(_REPLACED.format(self.where))

    def _replaced(self) -> bool:
        manifest = self.notes.manifest()
        return manifest is None or manifest.get("passages", "passages") != self.passages_table

    def _drop_own(self, revision: str, keys: list[str]) -> None:
        """Drop what was written of articles that another writer has meanwhile replaced or deleted."""
        if self.notes.exclusive:
            return  # there was no other writer
        live = self._look_up(map(schema.given_id, keys), "revision")
        lost = [key for key in keys if live.get(schema.given_id(key)) != revision]
        for where in schema.one_of("article_id", lost):
            self.passage_rows.delete(f"{where} AND revision = {schema.literal(revision)}")

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
        """Drop the passages that a write which was cut off left without an article."""
        for where in schema.one_of("article_id", cut_off.keys):
            pairs = self.passage_rows.pairs("article_id", "revision", where)
            announced = {one.revision for one in self.notes.announced() if one.alive}
            live = self._look_up({schema.given_id(key) for key, _ in pairs}, "revision")
            upkeep.drop_dead(
                self.passage_rows,
                [pair for pair in pairs if pair[1] not in announced],
                {schema.stored_id(key): revision for key, revision in live.items()},
            )
        self.notes.retract(cut_off.revision)

    def _tidy(self) -> None:
        """What keeps searches fast and the disk small; the write itself is done."""
        upkeep.merge_parts(self.passage_rows, "indexed")
        upkeep.index_articles(self.article_rows)
        for name, table in (("articles", self.article_rows), ("passages", self.passage_rows)):
            self._cleaned[name] = upkeep.tidy(table, self._cleaned[name])
        self.notes.tidy()

    def _scan(self, table: Table, columns: Sequence[str], wheres: Sequence[str] | None) -> Rows:
        with self.engine("read"):
            if wheres is None:
                return list(table.scan(columns))
            return [row for where in wheres for row in table.scan(columns, where)]

    def _look_up(self, ids: Iterable[str], column: str) -> dict[str, str]:
        wheres = schema.one_of("id", map(schema.stored_id, dict.fromkeys(ids)))
        return {
            schema.given_id(row["id"]): row[column] for row in self._scan(self.article_rows, ("id", column), wheres)
        }

    def _writable(self) -> None:
        if self.read_only:
            raise StoreError(f"{self.where} was opened with read_only=True: open it without, to change it")


_REPLACED = "{} was reindexed or removed by another process: open it again"

_ALL_INDEXED = 2
"""Layout since which a write indexes its passages before it makes them visible."""


def _ranked(found: Iterable[Found]) -> list[Found]:
    """Best first; ties in the order of article and place, so that every run gives the same."""
    return sorted(found, key=lambda one: (-one.score, one.passage.span.article_id, one.passage.span.start))
