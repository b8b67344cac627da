"""The store: articles and passages in, passages found by words and by vectors out.

An article and its passages are written in several commits, since they lie in two tables. What keeps them together:
every ``put`` has a revision of its own, which the article's row and its passages carry, and a passage counts only while
its article has the same revision. ``put`` announces itself in ``pending.json``, adds the passages (not visible yet),
replaces the article rows (one commit: now the new passages are visible and the old ones are not), drops the old
passages, and takes the announcement back. After a crash anywhere in between, readers see each article either as it was
or as it was to become, and the next writer that opens the folder, or puts, drops the passages that nothing refers to.
"""

from __future__ import annotations

import contextlib
import re
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError, StoreError
from toolkit.store import folder, schema
from toolkit.store.engine import FTS, BTree, Database, IvfRq, Rows
from toolkit.types import Article, Passage
from toolkit.unicode import without_surrogates

if TYPE_CHECKING:
    import os

    import numpy as np
    from numpy.typing import NDArray

_VECTOR_INDEX_FROM = 20_000  # passages; below, looking at every vector takes less than 20 ms
_VECTOR_INDEX_WIDTH = 64  # dimensions; a bit of each is kept, and of fewer that is too little to tell vectors apart
_SCALAR_INDEX_FROM = 10_000
_FOLD_FRAGMENTS = 24
_FOLD_ROWS = 2_000
_QUERY_WORDS = 200

_NOT_WORDS = re.compile(r"""[\x00-\x1f"“”„«»]+""")  # a quoted query would ask for a phrase
_FUNCTION_WORDS = frozenset(
    """a about after again all also although am an and any are aren as at be because been before being between both but
    by can cannot could d did didn do does doesn doing don down during each either ever few for from further had has
    have having he her here hers him his how however i if in into is isn it its itself just ll may me might mine more
    most much must my neither no nor not of off on once one only or other our out over own re s same shall she should
    so some such t than that the their them themselves then there these they this those though through to too under
    until up upon us ve very was wasn we were weren what when where whether which while who whom whose why will with
    within without won would you your""".split()
)
_WORD = re.compile(r"\w+")


class Store:
    """The articles and passages of one library. Make one with :meth:`open`.

    Threads may share it; other processes may read and write the same folder at the same time. One writes at a time,
    the others wait; readers never wait, and see every finished write.
    """

    def __init__(self, path: Path, dimensions: int, *, read_only: bool) -> None:
        self.path = path
        self.dimensions = dimensions
        self.read_only = read_only
        self._writing = threading.RLock()
        self._closed = False
        database = Database(str(path))
        missing = {"articles", "passages"} - set(database.names())
        if missing and read_only:
            raise StoreError(f"{path} has no articles yet: add some first")
        if "passages" in missing and "articles" not in missing and database.open("articles").count():
            raise StoreError(f"{path} is damaged: its passages are gone; add the articles to a new folder")
        self._articles, self._passages = (
            database.create(name, made) if name in missing else database.open(name)
            for name, made in (
                ("articles", schema.article_schema()),
                ("passages", schema.passage_schema(dimensions)),
            )
        )

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        embedding_name: str,
        dimensions: int,
        create: bool = True,
        read_only: bool = False,
    ) -> Store:
        """Open a library's folder, and make it first when there is none.

        Args:
            path: The folder.
            embedding_name: Of the embedding whose vectors the library holds, or will hold.
            dimensions: Length of those vectors.
            create: Whether a new folder may be made.
            read_only: Write nothing at all; every writing method raises.

        Raises:
            StoreError: When the path is a URL, a file, a folder that is not a library, not writable, made by a newer
                citebook, or made with another embedding.
        """
        if "://" in str(path):
            raise StoreError(f"{path} is a URL: a library is a folder on this machine, give its path")
        # Absolute, since the engine would take a relative "a:b" for a URL.
        where = Path(path).expanduser().absolute()
        folder.open_manifest(where, embedding=embedding_name, dimensions=dimensions, create=create, read_only=read_only)
        with _as_store_error(where, "opened"):
            store = cls(where, dimensions, read_only=read_only)
            if not read_only and folder.read_pending(where) is not None:
                with folder.write_lock(where, wait=False) as granted:
                    if granted:  # else it is the announcement of a writer that lives
                        store._repair()
            return store

    def fingerprints(self, ids: Iterable[str]) -> dict[str, str]:
        """The fingerprints of those of the articles that are in the store; see :func:`fingerprint`."""
        return self._look_up(ids, "fingerprint")

    def ids_by_origin(self, origins: Iterable[str]) -> dict[str, str]:
        """Origin -> id of the article that was read from it, for the origins that there are articles from."""
        asked = {without_surrogates(origin): origin for origin in origins}
        rows = self._scan(self._articles, ("id", "origin"), schema.one_of("origin", asked))
        return {asked[row["origin"]]: schema.given_id(row["id"]) for row in sorted(rows, key=lambda row: row["id"])}

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
            StoreError: When the folder cannot be written. What was in it stays.
        """
        given = list(articles)
        kept = {article.id: article for article in given}
        rows, matrix = self._checked(given, kept, list(passages), vectors)
        if not kept:
            return
        revision = uuid.uuid4().hex[:16]
        new = schema.articles_batch(list(kept.values()), revision)
        found = schema.passages_batch(rows, kept, matrix, revision)
        keys = [schema.stored_id(one) for one in kept]
        with self._write(keys):
            old = self._scan(self._articles, ("id",), schema.one_of("id", keys))
            self._passages.add(found)
            self._articles.upsert(new, "id")
            for where in schema.one_of("article_id", (row["id"] for row in old)):
                self._passages.delete(f"{where} AND revision <> {schema.literal(revision)}")
        self._fold()

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles with their passages; ids that are not there are passed over. Returns how many went."""
        keys = [schema.stored_id(one) for one in dict.fromkeys(ids)]
        if not keys:
            self._writable()
            return 0
        with self._write(keys):
            gone = sum(self._articles.delete(where) for where in schema.one_of("id", keys))
            for where in schema.one_of("article_id", keys):
                self._passages.delete(where)
        return gone

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """The articles themselves, exactly as they were put in.

        Args:
            ids: Which; those that are not there are left out. None for all, in the order of their ids.

        Returns:
            Articles by id, in the order asked for.
        """
        if ids is None:
            found = self._scan(self._articles, schema.ARTICLE_COLUMNS, None)
            read = [schema.article_of(row) for row in found]
            return {article.id: article for article in sorted(read, key=lambda article: article.id)}
        asked = list(dict.fromkeys(ids))
        wheres = schema.one_of("id", map(schema.stored_id, asked))
        by_id = {
            article.id: article
            for article in map(schema.article_of, self._scan(self._articles, schema.ARTICLE_COLUMNS, wheres))
        }
        return {one: by_id[one] for one in asked if one in by_id}

    def passages(self, article_ids: Iterable[str]) -> list[Passage]:
        """All passages of some articles: in the order of the ids, and in the order of the text."""
        asked = list(dict.fromkeys(article_ids))
        wheres = schema.one_of("article_id", map(schema.stored_id, asked))
        place = {article_id: number for number, article_id in enumerate(asked)}
        found = map(
            schema.passage_of, self._current(lambda: self._scan(self._passages, schema.PASSAGE_COLUMNS, wheres))
        )
        return sorted(found, key=lambda passage: (place[passage.span.article_id], passage.span.start))

    def lexical(self, query: str, limit: int, where: str | None = None) -> list[tuple[Passage, float]]:
        """Passages by the words that they share with a query.

        Args:
            query: Any text; nothing in it is an operator.
            limit: At most so many passages.
            where: A filter over the columns of ``passages``, see :class:`toolkit.retrieve.Filters`.

        Returns:
            Passages and BM25 scores (Robertson and Zaragoza 2009), best first; none when the query has no words.
        """
        text = _searchable(query)
        if not text:
            return []
        rows = self._current(lambda: self._passages.match(text, "indexed", schema.PASSAGE_COLUMNS, limit, where))
        return _ranked((schema.passage_of(row), float(row["_score"])) for row in rows)

    def dense(self, vector: NDArray[np.float32], limit: int, where: str | None = None) -> list[tuple[Passage, float]]:
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
        rows = self._current(lambda: self._passages.nearest(vector, schema.PASSAGE_COLUMNS, limit, where))
        return _ranked((schema.passage_of(row), 1.0 - float(row["_distance"])) for row in rows)

    def counts(self) -> tuple[int, int]:
        """Number of articles and of passages."""
        with self._engine("read"):
            return self._articles.count(), self._passages.count()

    def optimise(self) -> None:
        """Build the indexes that are missing, bring the others up to date, and merge small files.

        ``put`` does this by itself when enough has gathered; after a large import it is worth a call.
        """
        self._writable()
        with self._writing, folder.write_lock(self.path), self._engine("written"):
            self._build_indexes()
            self._articles.optimise()
            self._passages.optimise()

    def close(self) -> None:
        """Let go of the folder. Every other method raises afterwards; closing twice does nothing."""
        self._closed = True

    def __repr__(self) -> str:
        return f"<Store {str(self.path)!r}{' (closed)' if self._closed else ''}>"

    # Reading

    def _scan(self, table: Any, columns: Sequence[str], wheres: Sequence[str] | None) -> Rows:
        with self._engine("read"):
            if wheres is None:
                return list(table.scan(columns))
            return [row for where in wheres for row in table.scan(columns, where)]

    def _look_up(self, ids: Iterable[str], column: str) -> dict[str, str]:
        wheres = schema.one_of("id", map(schema.stored_id, dict.fromkeys(ids)))
        return {schema.given_id(row["id"]): row[column] for row in self._scan(self._articles, ("id", column), wheres)}

    def _current(self, read: Any) -> Rows:
        """Rows of passages without those whose article has another revision: a write is under way, or was cut off."""
        with self._engine("read"):
            pending = folder.read_pending(self.path) is not None
            rows: Rows = read()
            if not rows or not (pending or folder.read_pending(self.path) is not None):
                return rows
            live = self._look_up({schema.given_id(row["article_id"]) for row in rows}, "revision")
            return [row for row in rows if live.get(schema.given_id(row["article_id"])) == row["revision"]]

    # Writing

    def _checked(
        self,
        given: list[Article],
        kept: dict[str, Article],
        passages: list[Passage],
        vectors: NDArray[np.float32],
    ) -> tuple[list[Passage], NDArray[np.float32]]:
        import numpy as np

        matrix = np.asarray(vectors, np.float32).reshape(-1, self.dimensions) if len(passages) == 0 else vectors
        if matrix.shape != (len(passages), self.dimensions):
            raise ArgumentError(
                f"vectors have shape {matrix.shape}; {len(passages)} passages need ({len(passages)}, {self.dimensions})"
            )
        if not np.isfinite(matrix).all():
            raise ArgumentError("a vector has a value that is not finite: check the embedding")
        doubled = len(given) > len(kept)
        chosen: dict[str, int] = {}
        for number, passage in enumerate(passages):
            span = passage.span
            if span.article_id not in kept:
                raise ArgumentError(f"passage {passage.id} belongs to no article of this call: pass its article too")
            if kept[span.article_id].text[span.start : span.end] == passage.text:
                chosen[passage.id] = number
            elif not doubled:  # else it is of the article that was dropped
                raise ArgumentError(f"passage {passage.id} is not in its article's text: split the article again")
        numbers = list(chosen.values())
        return [passages[number] for number in numbers], np.asarray(matrix, np.float32)[numbers]

    def _writable(self) -> None:
        if self.read_only:
            raise StoreError(f"{self.path} was opened with read_only=True: open it without, to change it")

    @contextlib.contextmanager
    def _write(self, keys: list[str]) -> Iterator[None]:
        """Be the only writer, with an announcement of what is written that stays when the process dies."""
        self._writable()
        with self._writing, self._engine("written"), folder.write_lock(self.path):
            if folder.read_pending(self.path) is not None:
                self._repair()
            folder.write_json(self.path / folder.PENDING, keys)
            yield
            (self.path / folder.PENDING).unlink()

    def _repair(self) -> None:
        """Drop the passages that an unfinished write left without an article; only for the one writer."""
        keys = folder.read_pending(self.path)
        if keys is None:
            return
        for where in schema.one_of("article_id", keys):
            rows = self._passages.scan(("article_id", "revision"), where)
            live = self._look_up({schema.given_id(row["article_id"]) for row in rows}, "revision")
            for key, revision in {(row["article_id"], row["revision"]) for row in rows}:
                if live.get(schema.given_id(key)) != revision:
                    self._passages.delete(
                        f"article_id = {schema.literal(key)} AND revision = {schema.literal(revision)}"
                    )
        (self.path / folder.PENDING).unlink()

    def _fold(self) -> None:
        """Index and merge once enough has gathered: new rows are found without, but each search has to read them."""
        with self._writing, self._engine("written"), folder.write_lock(self.path):
            unindexed = self._build_indexes().get("indexed", 0)
            rows = self._passages.count()
            if unindexed > max(_FOLD_ROWS, rows // 20) or self._passages.fragments() > _FOLD_FRAGMENTS:
                self._passages.optimise()
            if self._articles.fragments() > _FOLD_FRAGMENTS:
                self._articles.optimise()

    def _build_indexes(self) -> dict[str, int]:
        """Build the indexes that these tables are big enough for; returns rows not yet covered, by column."""
        passages = self._passages.count()
        covered = self._passages.indexes()
        wanted: list[tuple[str, FTS | BTree | IvfRq, int]] = [
            ("indexed", FTS(), 1),
            *((column, BTree(), _SCALAR_INDEX_FROM) for column in ("article_id", "day", "published", "publisher")),
        ]
        if self.dimensions >= _VECTOR_INDEX_WIDTH:
            wanted.append(("vector", IvfRq(), _VECTOR_INDEX_FROM))
        for column, settings, least in wanted:
            if column not in covered and passages >= least:
                self._passages.index(column, settings)
                covered[column] = 0
        if self._articles.count() >= _SCALAR_INDEX_FROM and "id" not in self._articles.indexes():
            self._articles.index("id", BTree())
            self._articles.index("origin", BTree())
        return covered

    @contextlib.contextmanager
    def _engine(self, verb: str) -> Iterator[None]:
        if self._closed:
            raise StoreError(f"{self.path} was closed: open it again")
        with _as_store_error(self.path, verb):
            yield


@contextlib.contextmanager
def _as_store_error(path: Path, verb: str) -> Iterator[None]:
    """The engine raises RuntimeError, ValueError and OSError with long texts; say one line of them."""
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        first = str(error).strip().splitlines()
        raise StoreError(
            f"{path} cannot be {verb}: {(first[0] if first else type(error).__name__)[:200]}; "
            "check that the folder is whole, and that the disk has room"
        ) from error


def _searchable(query: str) -> str:
    """The words of a query that say what it is about; all of them when it has no others ("The Who")."""
    words = _NOT_WORDS.sub(" ", without_surrogates(query)).split()
    telling = [word for word in words if not _FUNCTION_WORDS.issuperset(_WORD.findall(word.casefold()))]
    text = " ".join((telling or words)[:_QUERY_WORDS])
    return text if any(map(str.isalnum, text)) else ""


def _ranked(found: Iterable[tuple[Passage, float]]) -> list[tuple[Passage, float]]:
    """Best first; ties in the order of article and place, so that every run gives the same."""
    return sorted(found, key=lambda pair: (-pair[1], pair[0].span.article_id, pair[0].span.start))
