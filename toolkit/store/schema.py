"""The two tables: what their columns mean, articles and passages as Arrow batches and back, exactly.

Strings in articles are hostile: a lone surrogate cannot be stored in an Arrow string. So an article's text is kept as
UTF-8 with surrogates let through, in a binary column; every other string has a plain column for filters, in which
surrogates are replaced, and, only where that changed something, its exact form in the column ``exact``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from toolkit.articles.addresses import comparable
from toolkit.errors import ArgumentError
from toolkit.language.unicode import SURROGATES, without_surrogates
from toolkit.store.arrays import binaries, numbers, strings
from toolkit.types import Article, Passage, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 3
"""Of this layout. A library of a higher version was made by a newer citebook; see :mod:`toolkit.store.manifest`."""

_FIELDS = ("title", "url", "publisher", "author", "language", "origin")
ARTICLE_COLUMNS = ("id", "text", *_FIELDS, "published_iso", "metadata", "exact", "modified")
PASSAGE_COLUMNS = ("article_id", "revision", "start", "end", "indexed", "exact", "sentences")

COPIED_COLUMNS = (
    *("article_id", "revision", "start", "end", "indexed", "exact", "publisher", "day", "published", "sentences"),
)
"""All columns of ``passages`` but the vector, in their order."""

IN_CHUNK = 500
"""Values in one ``IN (...)`` filter."""

UNIQUE = {"lance-schema:unenforced-primary-key": "true"}
"""Of a field by which rows are upserted."""

_ENCODED_ID = "\ufdd0"  # a noncharacter: no id of a user begins with it, and one that does is encoded too
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def article_schema() -> Any:
    """Columns of ``articles``: one row for each article."""
    import pyarrow as pa

    return pa.schema(
        [
            # The engine then sees that two writers insert the same new id at once, and repeats one of both commits.
            pa.field("id", pa.string(), nullable=False, metadata=UNIQUE),
            pa.field("revision", pa.string(), nullable=False),  # of the put that wrote it; passages carry the same
            pa.field("fingerprint", pa.string(), nullable=False),
            pa.field("text", pa.large_binary(), nullable=False),  # UTF-8, surrogates let through
            pa.field("text_hash", pa.string(), nullable=False),
            *(pa.field(name, pa.string()) for name in _FIELDS),
            pa.field("published", pa.timestamp("us", "UTC")),
            pa.field("published_iso", pa.string()),  # with its own offset
            pa.field("day", pa.string()),  # YYYY-MM-DD in the publication's own zone
            pa.field("metadata", pa.string()),  # JSON
            pa.field("exact", pa.large_binary()),  # JSON of the strings that could not be stored as they are
            pa.field("modified", pa.string()),  # ISO 8601, with its own offset
            pa.field("address", pa.string()),  # the URL, as others are compared with it
        ]
    )


def passage_schema(dimensions: int) -> Any:
    """Columns of ``passages``: what is searched and filtered by."""
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("article_id", pa.string(), nullable=False),
            pa.field("revision", pa.string(), nullable=False),
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("indexed", pa.string(), nullable=False),  # the title, then the passage
            pa.field("exact", pa.large_binary()),  # the passage, where ``indexed`` could not hold it
            pa.field("publisher", pa.string()),  # case-folded
            pa.field("day", pa.string()),
            pa.field("published", pa.timestamp("us", "UTC")),
            pa.field("sentences", pa.list_(pa.int32())),  # start, end, start, end, ... in the article
            pa.field("vector", pa.list_(pa.float32(), dimensions), nullable=False),
        ]
    )


def indexed_text(article: Article, text: str) -> str:
    """What is indexed and embedded for a passage: the article's title helps to find each of its passages."""
    return f"{article.title}\n\n{text}" if article.title else text


def literal(value: str) -> str:
    """A string as an SQL literal: the one way in which text gets into a filter."""
    return "'" + without_surrogates(value).replace("'", "''") + "'"


def one_of(column: str, values: Iterable[str]) -> list[str]:
    """Filters that together select the rows whose ``column`` is one of the values."""
    quoted = [literal(value) for value in values]
    return [f"{column} IN ({', '.join(quoted[n : n + IN_CHUNK])})" for n in range(0, len(quoted), IN_CHUNK)]


def in_a_row(phrase: str) -> str:
    """The filter for passages that hold the words of a phrase in a row, or whose title does; reads every row."""
    # Words are letters and digits, which no pattern gives a meaning.
    words = r"[\W_]+".join(re.findall(r"[^\W_]+", phrase))
    pattern = r"(?i)(^|[\W_])" + words + r"([\W_]|$)"
    return f"regexp_like(indexed, {literal(pattern)})"


def stored_id(article_id: str) -> str:
    """An article's id as its column holds it: the id itself unless it contains surrogates."""
    if article_id.startswith(_ENCODED_ID) or SURROGATES.search(article_id):
        return _ENCODED_ID + article_id.encode("utf-8", "surrogatepass").hex()
    return article_id


def given_id(stored: str) -> str:
    """The inverse of :func:`stored_id`."""
    if stored.startswith(_ENCODED_ID):
        return bytes.fromhex(stored[1:]).decode("utf-8", "surrogatepass")
    return stored


def publisher_key(publisher: str) -> str:
    """A publisher's name as filters compare it: case and surrounding white space do not matter."""
    return without_surrogates(publisher).strip().casefold()


def fingerprint(article: Article) -> str:
    """A hash over everything of an article that a user would notice changing (32 hexadecimal digits)."""
    published = article.published.isoformat() if article.published else None
    known = [article.id, article.text, published, *(getattr(article, name) for name in _FIELDS)]
    known.append(_json(article.metadata, sort=True))
    if article.modified:  # else the hash is as it was before there was this field
        known.append(article.modified.isoformat())
    content = json.dumps(known, ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def as_passages_are(article: Article) -> tuple[object, ...]:
    """What of an article its passages depend on: where this is equal, they and their vectors are too."""
    publisher = None if article.publisher is None else publisher_key(article.publisher)
    return article.id, article.text, article.title, publisher, article.date, article.published


def articles_batch(articles: Sequence[Article], revisions: Sequence[str]) -> Any:
    """Articles as rows of ``articles``, each with its revision."""
    import pyarrow as pa

    metadata = [_json(article.metadata) if article.metadata else None for article in articles]
    columns = {
        "id": strings(stored_id(article.id) for article in articles),
        "revision": strings(revisions),
        "fingerprint": strings(fingerprint(article) for article in articles),
        "text": binaries([article.text.encode("utf-8", "surrogatepass") for article in articles]),
        "text_hash": strings(article.text_hash for article in articles),
        **{name: strings(_clean(getattr(article, name)) for article in articles) for name in _FIELDS},
        "published": _instants([article.published for article in articles]),
        "published_iso": strings(a.published.isoformat() if a.published else None for a in articles),
        "day": strings(article.date for article in articles),
        "metadata": strings(_clean(value) for value in metadata),
        "exact": binaries([_exact(article, value) for article, value in zip(articles, metadata, strict=True)]),
        "modified": strings(a.modified.isoformat() if a.modified else None for a in articles),
        "address": strings(comparable(article.url) for article in articles),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=article_schema())


def passages_batch(
    passages: Sequence[Passage], articles: Mapping[str, Article], vectors: NDArray[np.float32], revision: str
) -> Any:
    """Passages as rows of ``passages``; ``vectors`` has shape (len(passages), dimensions)."""
    import numpy as np
    import pyarrow as pa

    owners = [articles[passage.span.article_id] for passage in passages]
    bounds = [[edge for s in passage.sentences for edge in (s.start, s.end)] for passage in passages]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in bounds])]).astype(np.int32)
    flat = np.fromiter((edge for row in bounds for edge in row), np.int32)
    columns = {
        "article_id": strings(stored_id(owner.id) for owner in owners),
        "revision": strings([revision] * len(passages)),
        "start": numbers(np.fromiter((p.span.start for p in passages), np.int32), pa.int32()),
        "end": numbers(np.fromiter((p.span.end for p in passages), np.int32), pa.int32()),
        "indexed": strings(_clean(indexed_text(o, p.text)) for o, p in zip(owners, passages, strict=True)),
        "exact": binaries([_if_changed(passage.text) for passage in passages]),
        "publisher": strings(o.publisher and publisher_key(o.publisher) for o in owners),
        "day": strings(owner.date for owner in owners),
        "published": _instants([owner.published for owner in owners]),
        "sentences": pa.ListArray.from_arrays(numbers(offsets, pa.int32()), numbers(flat, pa.int32())),
        "vector": pa.FixedSizeListArray.from_arrays(numbers(vectors.ravel(), pa.float32()), vectors.shape[1]),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=passage_schema(vectors.shape[1]))


def article_of(row: Mapping[str, Any]) -> Article:
    """The article of a row with ``ARTICLE_COLUMNS``, equal to the one that was put in."""
    exact: dict[str, Any] = json.loads(row["exact"].decode("utf-8", "surrogatepass")) if row["exact"] else {}
    modified = row.get("modified")
    metadata = exact.pop("metadata", row["metadata"])
    given = {name: row[name] for name in _FIELDS} | exact
    if metadata:
        given["metadata"] = json.loads(metadata)
    return Article(
        id=given_id(row["id"]),
        text=row["text"].decode("utf-8", "surrogatepass"),
        published=datetime.fromisoformat(row["published_iso"]) if row["published_iso"] else None,
        modified=datetime.fromisoformat(modified) if modified else None,
        **given,
    )


def passage_of(row: Mapping[str, Any]) -> Passage:
    """The passage of a row with ``PASSAGE_COLUMNS``, equal to the one that was put in."""
    article_id = given_id(row["article_id"])
    start, end, edges = row["start"], row["end"], row["sentences"]
    exact = row["exact"]
    text = row["indexed"][start - end :] if exact is None else exact.decode("utf-8", "surrogatepass")
    return Passage(
        span=Span(article_id=article_id, start=start, end=end),
        text=text,
        sentences=tuple(
            Span(article_id=article_id, start=a, end=b) for a, b in zip(edges[::2], edges[1::2], strict=True)
        ),
    )


def _clean(text: str | None) -> str | None:
    return None if text is None else without_surrogates(text)


def _if_changed(text: str) -> bytes | None:
    return text.encode("utf-8", "surrogatepass") if _clean(text) != text else None


def _exact(article: Article, metadata: str | None) -> bytes | None:
    given = {"metadata": metadata} | {name: getattr(article, name) for name in _FIELDS}
    odd = {name: value for name, value in given.items() if _clean(value) != value}
    return json.dumps(odd, ensure_ascii=False).encode("utf-8", "surrogatepass") if odd else None


def _json(metadata: Mapping[str, Any], *, sort: bool = False) -> str:
    """Metadata as JSON; what JSON has no form for (dates, paths) becomes its ``str``."""
    plain = {str(key): value for key, value in metadata.items()}
    return json.dumps(plain, ensure_ascii=False, default=str, sort_keys=sort)


def _instants(times: Sequence[datetime | None]) -> Any:
    import numpy as np
    import pyarrow as pa

    micros = [0 if time is None else (time - _EPOCH) // timedelta(microseconds=1) for time in times]
    return numbers(np.array(micros, np.int64), pa.timestamp("us", "UTC"), missing=times)


def checked(
    given: list[Article],
    kept: Mapping[str, Article],
    passages: list[Passage],
    vectors: NDArray[np.float32],
    dimensions: int,
) -> tuple[list[Passage], NDArray[np.float32]]:
    """The passages and vectors to be put, once each, after a check that they belong to the articles.

    Args:
        given: The articles as given; of an id that comes twice, the last is meant.
        kept: Those that are meant, by id.
        passages: Of the articles.
        vectors: Of the passages.
        dimensions: Length of a vector.

    Raises:
        ArgumentError: A passage does not lie in its article, or the vectors do not fit.
    """
    import numpy as np

    matrix = np.asarray(vectors, np.float32).reshape(-1, dimensions) if len(passages) == 0 else vectors
    if matrix.shape != (len(passages), dimensions):
        raise ArgumentError(
            f"vectors have shape {matrix.shape}; {len(passages)} passages need ({len(passages)}, {dimensions})"
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
