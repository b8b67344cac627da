"""Earlier texts of articles: kept when another text takes an article's place, never searched, found by id.

An article's place is taken by a text under the same id, or by an article with an id of its own that its writer names as
the successor. Before that shows, the old article goes whole into the side table ``versions``; so a crash between the
two leaves a row about a text that is current, which is not believed. All versions of one article share the ``line``:
the id that the first of them had.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit.store.engine import Rows
from toolkit.store.sides import VERSIONS
from toolkit.types import Article

if TYPE_CHECKING:
    from toolkit.store.store import Store

_FIELDS = ("id", "text", "title", "url", "publisher", "author", "language", "origin")
_HEADS = ("key", "article_id", "line", "text_hash", "replaced_by", "replaced_at")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier text of an article.

    Attributes:
        article: It, with an id that gives exactly this text: its own, or ``id@hash`` where its source gives all
            versions one id.
        replaced_at: When that was, UTC.
    """

    article: Article
    replaced_at: datetime


def keep(store: Store, articles: Mapping[str, Article], successors: Mapping[str, str]) -> None:
    """Keep what is about to be replaced; for the writer, before it replaces anything.

    Args:
        store: Of which library.
        articles: What is about to be put, by id.
        successors: Id of an article that is about to go -> id of the one that takes its place.
    """
    hashes = store.look_up(articles, "text_hash")
    changed = [key for key, was in hashes.items() if was != articles[key].text_hash]
    going = store.articles(dict.fromkeys((*changed, *successors)))
    if not going:
        return
    lines = {row["replaced_by"]: row["line"] for row in _rows(store, "replaced_by", going, ("replaced_by", "line"))}
    now = datetime.now(UTC).isoformat()
    store.side(VERSIONS).put(
        {
            "key": _key(old),
            "article_id": key,
            "line": lines.get(key, key),
            "text_hash": old.text_hash,
            "replaced_by": successors.get(key, key),
            "replaced_at": now,
            "row": _packed(old),
        }
        for key, old in going.items()
    )


def settled(store: Store, articles: Mapping[str, Article], successors: Mapping[str, str]) -> dict[str, str]:
    """The successors, of what stands there now: another writer may have been faster to replace the same article."""
    there = store.look_up(successors, "id")
    now = newest(store, [old for old in successors if old not in there])
    found = {now[old].id if old in now else old: new for old, new in successors.items()}
    return {old: new for old, new in found.items() if old not in articles}


def earlier(store: Store, ids: Iterable[str]) -> dict[str, Article]:
    """Articles that are no longer current, by any id that they have or had; those that there are none of are left out.

    Args:
        store: Of which library.
        ids: Ids that no current article has.
    """
    asked = list(dict.fromkeys(ids))
    rows = {row["key"]: row for column in ("key", "article_id") for row in _rows(store, column, asked)}
    found: dict[str, Article] = {}
    for row in sorted(_believed(store, rows.values()), key=lambda row: str(row["replaced_at"])):
        article = _unpacked(row["row"])
        found |= {row["key"]: replace(article, id=row["key"]), row["article_id"]: article}  # the latest text of an id
    return {key: found[key] for key in asked if key in found}


def history(store: Store, article_id: str) -> tuple[list[Earlier], Article | None]:
    """All versions of an article.

    Args:
        store: Of which library.
        article_id: Of any of them.

    Returns:
        The earlier ones, oldest first, and the current one; None when there is none, such as for an unknown id.
    """
    rows = _line(store, [article_id])
    believed = _believed(store, rows.values())
    ids = dict.fromkeys((article_id, *(row["replaced_by"] for row in rows.values())))
    current = store.articles(ids)
    newest = _newest(article_id, {row["article_id"]: row["replaced_by"] for row in believed}, current)
    known = [Earlier(_own(row), _moment(row["replaced_at"])) for row in believed]
    return sorted(known, key=lambda one: (one.replaced_at, one.article.id)), newest


def newest(store: Store, ids: Iterable[str]) -> dict[str, Article]:
    """What articles have become: by the id of any of their versions the current one; without those that have none."""
    asked = list(dict.fromkeys(ids))
    at, tried = {key: key for key in asked}, set[str]()
    current: dict[str, Article] = {}
    while ahead := {key for key in at.values() if key not in current} - tried:
        tried |= ahead
        current |= store.articles(ahead)
        rows = [row for column in ("key", "article_id") for row in _rows(store, column, ahead - current.keys(), _HEADS)]
        rows.sort(key=lambda row: str(row["replaced_at"]))
        after = {row[column]: row["replaced_by"] for row in rows for column in ("key", "article_id")}
        at = {key: now if now in current else after.get(now, now) for key, now in at.items()}
    return {key: current[now] for key, now in at.items() if now in current}


def known_texts(store: Store, articles: Iterable[Article]) -> dict[str, str]:
    """Those of the articles that are earlier versions, to the letter: id -> id of what took their place first."""
    given = {_key(article): article for article in articles}
    rows = _rows(store, "key", given, _HEADS)
    return {row["article_id"]: row["replaced_by"] for row in _believed(store, rows)}


def forget(store: Store, ids: Iterable[str]) -> int:
    """Drop all earlier versions of articles that are about to be deleted, and those that are named themselves.

    Args:
        store: Of which library; its writer.
        ids: Of current articles, of versions, or of neither.

    Returns:
        How many of the ids were those of earlier versions, which are gone.
    """
    asked = list(dict.fromkeys(ids))
    table = store.side(VERSIONS)
    if not table.count():
        return 0
    current = store.look_up(asked, "id")
    named = {row["key"]: row for column in ("key", "article_id") for row in _rows(store, column, asked, _HEADS)}
    gone = {key: row for key, row in named.items() if row["article_id"] not in current or key in asked}
    # What a deletion that was cut off left: an article went, and what it had replaced did not.
    left = set(asked) - {row["article_id"] for row in gone.values()} - gone.keys()
    whole = _line(store, left)
    after = {row["article_id"]: row["replaced_by"] for row in gone.values()}
    before = _rows(store, "replaced_by", [key for key in after if key not in left])
    relinked = [row for row in before if row["key"] not in gone and row["key"] not in whole]
    table.put(row | {"replaced_by": _followed(row["replaced_by"], after)} for row in relinked)
    table.delete("key", [*gone, *whole])
    return len({row["article_id"] if row["article_id"] in asked else key for key, row in gone.items()})


def _line(store: Store, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The rows of everything that was ever in the place of these articles, or they in theirs."""
    rows: dict[str, dict[str, Any]] = {}
    asked, lines = set(ids), set[str]()
    fresh, fresh_lines = set(asked), set[str]()
    for column in ("key", "article_id"):
        rows |= {row["key"]: row for row in _rows(store, column, asked)}
    while True:
        for column, values in (("replaced_by", fresh), ("line", fresh_lines)):
            rows |= {row["key"]: row for row in _rows(store, column, values)}
        ids_now = {one for row in rows.values() for one in (row["article_id"], row["replaced_by"])}
        lines_now = {row["line"] for row in rows.values()}
        fresh, fresh_lines = ids_now - asked, lines_now - lines
        asked, lines = asked | ids_now, lines | lines_now
        if not fresh and not fresh_lines:
            return rows


def _rows(store: Store, column: str, values: Iterable[str], columns: tuple[str, ...] | None = None) -> Rows:
    some = list(values)
    return store.side(VERSIONS).rows(column, some, columns=columns) if some else []


def _believed(store: Store, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the rows whose text is not that of a current article."""
    given = list(rows)
    hashes = store.look_up({row["article_id"] for row in given}, "text_hash")
    return [row for row in given if hashes.get(row["article_id"]) != row["text_hash"]]


def _newest(article_id: str, after: Mapping[str, str], current: Mapping[str, Article]) -> Article | None:
    key = article_id if article_id in after or article_id in current else article_id.rpartition("@")[0]
    return current.get(_followed(key, after, current))


def _followed(key: str, after: Mapping[str, str], until: Container[str] = ()) -> str:
    """The last one of those that took each other's place, or the first of them that is in ``until``."""
    tried: set[str] = set()
    while key in after and key not in until and key not in tried:
        tried.add(key)
        key = after[key]
    return key


def _own(row: Mapping[str, Any]) -> Article:
    article = _unpacked(row["row"])
    return replace(article, id=row["key"]) if article.named else article


def _key(article: Article) -> str:
    return f"{article.id}@{article.text_hash[:12]}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _packed(article: Article) -> bytes:
    plain: dict[str, Any] = {name: getattr(article, name) for name in _FIELDS}
    plain |= {name: time.isoformat() for name in ("published", "modified") if (time := getattr(article, name))}
    plain["metadata"] = dict(article.metadata)
    text = json.dumps(plain, ensure_ascii=False, default=str)
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def _unpacked(row: bytes) -> Article:
    return Article(**json.loads(zlib.decompress(row).decode("utf-8", "surrogatepass")))
