"""The pages that were read into a library: what their servers said of their versions, and which articles they gave.

With it a server is asked only whether a page has changed since, and a page that a sitemap calls unchanged is not asked
for at all. Like the ledger of files, it is a hint and no witness: a visit counts only while every article of its page
is in the library in the very form that it had then. So an article that was deleted, or that another source has changed
since, is fetched again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from toolkit.articles.web.options import Validator
from toolkit.store.ledger import Ledger, Stored, state_of
from toolkit.store.sides import VISITS

if TYPE_CHECKING:
    from toolkit.store.store import Store

_PAGE, _LISTING = "page", "listing"


class Visits:
    """What a library remembers of the pages that it was given; a :class:`toolkit.articles.web.Validators`.

    Args:
        store: Opens the library's store; None when there is none yet.
        reader: A name for the readers: pages that another one read are read again.
        given: A hash of what the caller said about the sources.
    """

    def __init__(self, store: Callable[[], Store | None], *, reader: str, given: str) -> None:
        self._store = store
        self._reader = reader
        self._given = given
        self._new: dict[tuple[str, str], Validator] = {}
        self._known: dict[str, tuple[Validator, tuple[str, ...]]] | None = None
        self._stored: dict[str, Stored] = {}

    def get(self, url: str, *, listing: bool = False) -> Validator | None:
        """What is known of a page whose articles are in the library as they were read then; else None.

        Args:
            url: As it was asked for.
            listing: It is a feed, which has no articles of its own.
        """
        if self._known is None:
            self._known = self._load()
        found = self._known.get(_key(url, listing))
        return None if found is None else found[0]

    def put(self, url: str, validator: Validator, *, listing: bool = False) -> None:
        """Remember a visit; it is written with :meth:`save`."""
        self._new[(_LISTING if listing else _PAGE, url)] = validator

    def articles(self, url: str) -> tuple[tuple[str, str], ...]:
        """Ids and hashes of the texts of the articles of a page that :meth:`get` knows."""
        found = (self._known or {}).get(_key(url, False))
        return () if found is None else tuple((one, self._stored[one].text_hash) for one in found[1])

    def save(self, *, listings: bool = True) -> None:
        """Write new visits, once their articles are in; those whose page has no article in the library are left out.

        Args:
            listings: Also those of feeds: False when the adding was cut off, since what they list is not all in then.
        """
        new, self._new = self._new, {}
        store = self._store() if new else None
        if store is None:
            return
        ids = store.ids_at(url for kind, url in new if kind == _PAGE)  # of a page of several records there are none
        stored = Ledger(store).stored(one for some in ids.values() for one in some)
        rows = []
        for (kind, url), validator in new.items():
            some = sorted(ids.get(url, ()))
            state = state_of(some, stored)
            if state and (some or (kind == _LISTING and listings)):
                rows.append(self._row(_key(url, kind == _LISTING), validator, some, state))
        store.side(VISITS).put(rows)

    def _load(self) -> dict[str, tuple[Validator, tuple[str, ...]]]:
        store = self._store()
        if store is None:
            return {}
        mine = [r for r in store.side(VISITS).rows() if (r["reader"], r["given"]) == (self._reader, self._given)]
        self._stored = Ledger(store).stored(one for row in mine for one in row["ids"])
        found = {}
        for row in mine:
            validator = _validator(row)
            if validator is not None and row["state"] and row["state"] == state_of(row["ids"], self._stored):
                found[str(row["key"])] = (validator, tuple(row["ids"]))
        return found

    def _row(self, key: str, validator: Validator, ids: list[str], state: str) -> dict[str, Any]:
        return {
            "key": key,
            "url": validator.url,
            "etag": validator.etag,
            "modified": validator.modified,
            "at": validator.at.isoformat(),
            "ids": ids,
            "state": state,
            "reader": self._reader,
            "given": self._given,
        }


def _key(url: str, listing: bool) -> str:
    return f"{_LISTING if listing else _PAGE} {url}"


def _validator(row: Mapping[str, Any]) -> Validator | None:
    try:
        at = datetime.fromisoformat(row["at"])
    except (TypeError, ValueError):
        return None
    return Validator(url=row["url"] or "", etag=row["etag"], modified=row["modified"], at=at)
