"""Reading a store: articles by id, by origin and by address, passages by words and by vectors."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.errors import StoreError
from toolkit.language.unicode import without_surrogates
from toolkit.store import schema
from toolkit.store.engine import Database, Rows, Table
from toolkit.store.memory import ARTICLES, FoundPassage, VectorCache, VersionCache, best_first
from toolkit.store.notes import Notes
from toolkit.store.place import as_store_error
from toolkit.store.words import searchable
from toolkit.types import Article, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REPLACED = "{} was reindexed or removed by another process: open it again"

_ALL_INDEXED = 2
"""Layout since which a write indexes its passages before it makes them visible."""


class StoreReader:
    """What is read of a library. Threads may share it; every read sees the latest finished write of any process.

    Args:
        notes: Beside the tables.
        database: The tables.
        manifest: What the library says about itself.
        read_only: Whether nothing is ever written.
    """

    def __init__(self, notes: Notes, database: Database, manifest: Mapping[str, Any], *, read_only: bool) -> None:
        self.notes = notes
        self.database = database
        self.where = notes.where
        self.dimensions = int(manifest["dimensions"])
        self.read_only = read_only
        self.passages_table = str(manifest.get("passages", "passages"))
        self._indexed = int(manifest["schema"]) >= _ALL_INDEXED
        self._closed = False
        self.article_rows, self.passage_rows = self._tables()
        self._kept: VersionCache[tuple[Article, str]] = VersionCache(ARTICLES)
        self._vectors = VectorCache()

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """The articles themselves, exactly as they were put in.

        Args:
            ids: Which; those that are not there are left out. None for all, in the order of their ids.

        Returns:
            Articles by id, in the order asked for.
        """
        if ids is None:
            found = self._scan(self.article_rows, self._article_columns, None)
            read = [schema.article_of(row) for row in found]
            return {article.id: article for article in sorted(read, key=lambda article: article.id)}
        return {key: article for key, (article, _) in self.owners(ids).items()}

    def owners(self, ids: Iterable[str]) -> dict[str, tuple[Article, str]]:
        """Articles with their revisions, by id, in the order asked for; those that are not there are left out."""
        with self.engine("read"):
            return self._kept.of(self.article_rows.version, ids, self._read_owners)

    def _read_owners(self, ids: list[str]) -> dict[str, tuple[Article, str]]:
        wheres = schema.one_of("id", map(schema.stored_id, ids))
        rows = self._scan(self.article_rows, (*self._article_columns, "revision"), wheres)
        return {schema.given_id(row["id"]): (schema.article_of(row), str(row["revision"])) for row in rows}

    def each(self) -> Iterator[Article]:
        """All articles, in no promised order, without holding all of them."""
        with self.engine("read"):
            for batch in self.article_rows.batches(self._article_columns):
                yield from map(schema.article_of, batch.to_pylist())

    def columns_of(self, ids: Iterable[str] | None, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Columns of the table ``articles`` by id: of those of the articles that are there; of all for None."""
        wheres = None if ids is None else schema.one_of("id", map(schema.stored_id, dict.fromkeys(ids)))
        rows = self._scan(self.article_rows, list({"id", *columns}), wheres)
        return {schema.given_id(row["id"]): row for row in rows}

    def look_up(self, ids: Iterable[str] | None, column: str) -> dict[str, str]:
        """The same of one column."""
        return {article_id: row[column] for article_id, row in self.columns_of(ids, (column,)).items()}

    def fingerprints(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """The fingerprints of those of the articles that are there, or of all; see :func:`fingerprint`."""
        return self.look_up(ids, "fingerprint")

    def ids_at(self, origins: Iterable[str]) -> dict[str, list[str]]:
        """Origin -> ids of the articles that were read from it, for those origins that there are any from."""
        return self._ids_with("origin", origins)

    def ids_by_origin(self, origins: Iterable[str]) -> dict[str, str]:
        """Origin -> id of the article that was read from it, for the origins that there is one article from."""
        return _only(self._ids_with("origin", origins))

    def ids_by_address(self, addresses: Iterable[str]) -> dict[str, str]:
        """URL, in its form for comparing -> id of the article that has it, for those that one article has."""
        with self.engine("read"):
            if "address" not in self.article_rows.columns():
                return {}  # nothing was written since the library was of an older layout
        return _only(self._ids_with("address", addresses))

    def passages(self, article_ids: Iterable[str]) -> list[Passage]:
        """All passages of some articles: in the order of the ids, and in the order of the text."""
        asked = list(dict.fromkeys(article_ids))
        live = self.look_up(asked, "revision")
        rows = self._scan(
            self.passage_rows, schema.PASSAGE_COLUMNS, schema.one_of("article_id", map(schema.stored_id, asked))
        )
        place = {article_id: number for number, article_id in enumerate(asked)}
        found = [
            schema.passage_of(row) for row in rows if live.get(schema.given_id(row["article_id"])) == row["revision"]
        ]
        return sorted(found, key=lambda passage: (place[passage.span.article_id], passage.span.start))

    def lexical(
        self, query: str, limit: int, where: str | None = None, phrases: Sequence[str] = ()
    ) -> list[FoundPassage]:
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
        return best_first(FoundPassage(schema.passage_of(row), float(row["_score"]), row["revision"]) for row in rows)

    def dense(self, vector: NDArray[np.float32], limit: int, where: str | None = None) -> list[FoundPassage]:
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
                return best_first(found)
            rows = self.passage_rows.nearest(vector, schema.PASSAGE_COLUMNS, limit, where, indexed=self._indexed)
        return best_first(
            FoundPassage(schema.passage_of(row), 1.0 - float(row["_distance"]), row["revision"]) for row in rows
        )

    def counts(self) -> tuple[int, int]:
        """Number of articles and of passages; passages of a write that is under way may be among them."""
        with self.engine("read"):
            return self.article_rows.count(), self.passage_rows.count()

    def close(self) -> None:
        """Let go of the library. Every other method raises afterwards; closing twice does nothing."""
        self._closed = True

    # For the other modules of this package

    @contextlib.contextmanager
    def engine(self, verb: str) -> Iterator[None]:
        """Turn errors of the engine in this block into StoreErrors of one line, and refuse a store that was closed.

        Args:
            verb: What is being done, for the text: ``read``, ``written``.
        """
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
                raise StoreError(REPLACED.format(self.where)) from error
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

    def _replaced(self) -> bool:
        manifest = self.notes.manifest()
        return manifest is None or manifest.get("passages", "passages") != self.passages_table

    def _scan(self, table: Table, columns: Sequence[str], wheres: Sequence[str] | None) -> Rows:
        with self.engine("read"):
            if wheres is None:
                return list(table.scan(columns))
            return [row for where in wheres for row in table.scan(columns, where)]

    def _ids_with(self, column: str, values: Iterable[str]) -> dict[str, list[str]]:
        """The ids of the articles by their value in a column, for those values that any have."""
        asked = {without_surrogates(value): value for value in values}
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._scan(self.article_rows, ("id", column), schema.one_of(column, asked)):
            found[asked[row[column]]].append(schema.given_id(row["id"]))
        return dict(found)

    @property
    def _article_columns(self) -> list[str]:
        """Those that are there: a library of an older layout may have been opened to be read only."""
        with self.engine("read"):
            there = set(self.article_rows.columns())
        return [name for name in schema.ARTICLE_COLUMNS if name in there]


def _only(ids: Mapping[str, list[str]]) -> dict[str, str]:
    """The id for each value that one article has."""
    return {value: some[0] for value, some in ids.items() if len(some) == 1}
