"""How story copy groups are found: signatures, links between articles, and what hangs together by links.

Two articles are linked when their signatures have two equal bands and :func:`toolkit.copies.same_text` says of their
texts that they are one; a group is what hangs together by such links. So it does not depend on the order or the batches
in which articles came: links are found pair by pair, and groups follow from them. :mod:`toolkit.store.groups` writes
what is found here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.copies import BANDS, LIKELY, Profile, article_words, same_text, signature_kind, signatures
from toolkit.store.schema import given_id
from toolkit.store.sides import GROUPS
from toolkit.types import Article

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.store.store import Store

AT_ONCE = 2_000
"""Articles that are looked at in one go: their texts are held meanwhile, 6 MB of 3 kB each."""

_MARKS = 1 << 20
"""Entries of the table in which the values of fresh bands are marked, one byte each: with 2,000 fresh articles one in
500 of the old rows' bands is marked by chance, and two must be for a row to be looked at."""

_FEW_MARKS, _FEW = 1 << 16, 64
"""The same for up to 64 fresh articles: 64 kB, which stay in the processor's cache."""

_TEXTS = 500
"""Texts that are read at once to be compared."""


@dataclass
class _Row:
    """A row of the table.

    Attributes:
        article_id: Whose.
        made_of: What the signature was made from: its kind, and the hash of the text.
        story: The group; None when it is in none.
        bands: The signature, shape (``BANDS``,); None when it was not read.
    """

    article_id: str
    made_of: str
    story: str | None
    bands: NDArray[np.uint32] | None = None


class Regrouping:
    """The rows as they are, and as they are to become; nothing is written here.

    Args:
        store: Of the library.
    """

    def __init__(self, store: Store) -> None:
        self.gone: list[str] = []
        self.fresh: list[str] = []
        self._store = store
        self._side = store.side(GROUPS)
        self._kind = signature_kind()
        self._rows: Any = None
        self._changed: dict[str, _Row] = {}
        self._missing: dict[str, str] = {}
        self._texts: dict[str, Article] = {}
        self._profiles: dict[str, Profile] = {}

    def find_changes(self, articles: Iterable[Article], gone: Iterable[str]) -> None:
        """Find out what of these articles is to be done: those that were put in, and the ids of those that are gone."""
        wanted = {article.id: f"{self._kind}:{article.text_hash}" for article in articles}
        lost = [one for one in gone if one not in wanted]
        columns = ("article_id", "made_of", "story")
        known = {row["article_id"]: row for row in self._side.rows("article_id", [*wanted, *lost], columns=columns)}
        self._missing = {
            one: made_of for one, made_of in wanted.items() if one not in known or known[one]["made_of"] != made_of
        }
        self.gone = [one for one in lost if one in known]
        stale = {*self._missing, *self.gone} & known.keys()
        split = {known[one]["story"] for one in stale} - {None}
        for row in self._side.rows("story", split, columns=columns) if split else ():
            if row["article_id"] not in stale:
                self._changed[row["article_id"]] = _Row(row["article_id"], row["made_of"], None)

    def find_all_changes(self) -> None:
        """Find out what is to be done in the whole library."""
        import pyarrow as pa
        import pyarrow.compute as pc

        with self._store.engine("read"):
            batches = self._store.article_rows.batches(("id", "text_hash"))
            live = pa.Table.from_batches(batches, _string_schema("id", "text_hash"))
        names = ("article_id", "made_of", "story")
        rows = pa.Table.from_batches(self._side.batches(names), _string_schema(*names))
        made = pc.binary_join_element_wise(pa.scalar(self._kind), live.column("text_hash"), ":")
        wanted = pc.binary_join_element_wise(live.column("id"), made, "\n")
        known = pc.binary_join_element_wise(rows.column("article_id"), rows.column("made_of"), "\n")
        valid = pc.is_in(known, value_set=wanted)
        self._rows = rows.filter(valid)
        lacking = pc.invert(pc.is_in(wanted, value_set=known))
        keys, hashes = live.column("id").filter(lacking).to_pylist(), made.filter(lacking).to_pylist()
        self._missing = {given_id(one): made_of for one, made_of in zip(keys, hashes, strict=True)}
        self._take_apart(rows.filter(pc.invert(valid)), live.column("id"))

    def _take_apart(self, stale: Any, live: Any) -> None:
        """Note whose rows are to go, and take the groups apart that have lost a member."""
        import pyarrow.compute as pc

        lost = stale.column("article_id")
        self.gone = [given_id(one) for one in lost.filter(pc.invert(pc.is_in(lost, value_set=live))).to_pylist()]
        split = stale.column("story").drop_null()
        for row in (
            self._rows.filter(pc.is_in(self._rows.column("story"), value_set=split)).to_pylist() if split else ()
        ):
            one = given_id(row["article_id"])
            self._changed[one] = _Row(one, row["made_of"], None)

    def group_missing(self, given: Mapping[str, Article], most: int | None) -> bool:
        """Find out the groups of articles without a row; returns whether there are more.

        Args:
            given: Articles that were read already, by id; they come first.
            most: At most so many; None for all of them.
        """
        chosen = list(dict.fromkeys([*(one for one in given if one in self._missing), *self._missing]))[:most]
        for first in range(0, len(chosen), AT_ONCE):
            some = chosen[first : first + AT_ONCE]
            texts = {one: given[one] for one in some if one in given and self._lacks_row(given[one])}
            read = self._store.articles([one for one in some if one not in texts])
            texts |= {one: article for one, article in read.items() if self._lacks_row(article)}
            found = [one for one in some if one in texts]
            words = (article_words(texts[one].text) for one in found)  # those of all at once would take 100 MB
            for one, own in zip(found, signatures(words), strict=True):
                self._changed[one] = _Row(one, self._missing[one], None, own)
            if len(chosen) <= AT_ONCE:
                self._texts = texts
            self.fresh += found
        for one in chosen:
            del self._missing[one]
        self._link(self._changed)
        return bool(self._missing)

    def _lacks_row(self, article: Article) -> bool:
        """Whether it is the article that lacks a row, not an older or a newer one."""
        return self._missing[article.id] == f"{self._kind}:{article.text_hash}"

    def relink(self, ids: Iterable[str]) -> None:
        """Look for the links of some rows once more, since others have written."""
        self._link(self._changed | {row.article_id: row for row in self._read(ids)})

    def changed(self) -> list[dict[str, Any]]:
        """The rows to write."""
        self._fill(self._changed.values())
        return [
            {"article_id": r.article_id, "made_of": r.made_of, "story": r.story, "bands": r.bands.tobytes()}
            for r in self._changed.values()
            if r.bands is not None
        ]

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups as they are to become."""
        import pyarrow.compute as pc

        grouped = self._rows.filter(pc.is_valid(self._rows.column("story")))
        stories: dict[str, str | None] = {given_id(one): given_id(story) for one, story in pairs(grouped)}
        stories |= {row.article_id: row.story for row in self._changed.values()}
        members: dict[str, list[str]] = defaultdict(list)
        for one, story in sorted(stories.items()):
            if story is not None:
                members[story].append(one)
        return tuple(tuple(members[story]) for story in sorted(members))

    def _read(self, ids: Iterable[str]) -> list[_Row]:
        import numpy as np

        return [
            _Row(row["article_id"], row["made_of"], row["story"], np.frombuffer(row["bands"], np.uint32))
            for row in self._side.rows("article_id", ids)
        ]

    def _fill(self, rows: Iterable[_Row]) -> None:
        """Read the signatures of rows that lack them."""
        lacking = {row.article_id: row for row in rows if row.bands is None}
        for row in self._read(lacking) if lacking else ():
            lacking[row.article_id].bands = row.bands

    def _link(self, own: Mapping[str, _Row]) -> None:
        """Find the links of some rows to each other and to all others, and the groups that follow from them."""
        self._fill(own.values())
        own = {one: row for one, row in own.items() if row.bands is not None}
        if not own:
            return
        pool = [*own.values(), *self._alike(own)]
        joined = _Joined({row.article_id: row.story or row.article_id for row in pool})
        for some in _in_parts(_candidates(pool, len(own))):
            self._load_profiles({pool[n].article_id for one, others in some for n in (one, *others)})
            for number, others in some:
                one = pool[number].article_id
                for other in (pool[n].article_id for n in others):
                    if not joined.together(one, other) and self._same(one, other):
                        joined.join(one, other)
        self._settle(pool, joined)

    def _alike(self, own: Mapping[str, _Row]) -> Iterator[_Row]:
        """The rows of the table, but for these, that have bands in common with any of these."""
        import numpy as np

        mask = np.uint32((_FEW_MARKS if len(own) <= _FEW else _MARKS) - 1)  # the fewer stay in the processor's cache
        fresh = np.stack([row.bands for row in own.values() if row.bands is not None]).T & mask
        marks = np.zeros(int(mask) + 1, np.uint8)
        passed_over = own.keys() | self._changed.keys() | self._missing.keys() | set(self.gone)
        for batch in self._side.batches(("article_id", "made_of", "story", "bands")):
            matrix = _signatures_of(batch.column("bands"))
            equal = np.zeros(len(matrix), np.uint8)
            for new, old in zip(fresh, matrix.T & mask, strict=True):
                marks[new] = 1
                equal += marks[old]
                marks[new] = 0
            likely = np.flatnonzero(equal >= LIKELY)
            for place, row in zip(likely.tolist(), batch.take(likely).to_pylist(), strict=True):
                one, story = given_id(row["article_id"]), row["story"]
                if one not in passed_over:
                    story = None if story is None else given_id(story)
                    yield _Row(one, row["made_of"], story, matrix[place].copy())

    def _load_profiles(self, ids: set[str]) -> None:
        """Have the profiles of some articles at hand."""
        if len(self._profiles) > 2 * AT_ONCE:
            self._profiles = {one: self._profiles[one] for one in ids if one in self._profiles}
        if lacking := [one for one in ids if one not in self._profiles]:
            texts = {one: self._texts[one] for one in lacking if one in self._texts}
            texts |= self._store.articles([one for one in lacking if one not in texts])
            self._profiles |= {one: Profile(found.text) for one, found in texts.items()}

    def _same(self, one: str, other: str) -> bool:
        texts = self._profiles.get(one), self._profiles.get(other)
        return texts[0] is not None and texts[1] is not None and same_text(texts[0], texts[1])

    def _settle(self, pool: Sequence[_Row], joined: _Joined) -> None:
        """Give every group the least of its members' ids as its own."""
        rows = {row.article_id: row for row in pool}
        known = {row.story for row in pool if row.story is not None}
        passed_over = rows.keys() | self._changed.keys() | self._missing.keys() | set(self.gone)
        columns = ("article_id", "made_of", "story")
        for row in self._side.rows("story", known, columns=columns) if known else ():
            if row["article_id"] not in passed_over:
                rows[row["article_id"]] = _Row(row["article_id"], row["made_of"], row["story"])
        members: dict[str, list[_Row]] = defaultdict(list)
        for own in rows.values():
            members[joined.root(own.story or own.article_id)].append(own)
        for group in members.values():
            story = min(own.article_id for own in group) if len(group) > 1 else None
            for own in group:
                if own.story != story:
                    own.story = story
                    self._changed[own.article_id] = own


class _Joined:
    """Sets that are joined in pairs (union-find), of keys with a first set each."""

    def __init__(self, first: Mapping[str, str]) -> None:
        self._first = first
        self._above: dict[str, str] = {}

    def root(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            self._above[name] = self._above.get(above, above)
            name = above
        return name

    def together(self, one: str, other: str) -> bool:
        return self.root(self._first[one]) == self.root(self._first[other])

    def join(self, one: str, other: str) -> None:
        a, b = sorted((self.root(self._first[one]), self.root(self._first[other])))
        self._above[b] = a


def _string_schema(*names: str) -> Any:
    import pyarrow as pa

    return pa.schema([pa.field(name, pa.string(), nullable=name in ("made_of", "story")) for name in names])


def pairs(rows: Any) -> Iterable[tuple[str, str]]:
    """The ids and groups of Arrow rows, as they are stored."""
    return zip(rows.column("article_id").to_pylist(), rows.column("story").to_pylist(), strict=True)


def _in_parts(found: Iterable[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Candidates of as many rows at a time as make some hundred texts to read."""
    some: list[tuple[int, list[int]]] = []
    named: set[int] = set()
    for one, others in found:
        some.append((one, others))
        named |= {one, *others}
        if len(named) > _TEXTS:
            yield some
            some, named = [], set()
    if some:
        yield some


def _signatures_of(column: Any) -> NDArray[np.uint32]:
    """A column of signatures, shape (rows, ``BANDS``)."""
    import numpy as np

    _, offsets, body = column.buffers()
    first, last = np.frombuffer(offsets, np.int64)[[column.offset, column.offset + len(column)]].tolist()
    return np.frombuffer(body, np.uint32, (last - first) // 4, first).reshape(-1, BANDS)


def _candidates(pool: Sequence[_Row], first: int) -> Iterator[tuple[int, list[int]]]:
    """For each of the first rows, by number, the later ones with enough bands in common, likeliest first."""
    import numpy as np

    bands = np.stack([row.bands for row in pool if row.bands is not None])
    buckets: dict[int, list[NDArray[np.int64]]] = defaultdict(list)
    for band in range(BANDS):
        order = np.argsort(bands[:, band], kind="stable")
        ends = np.flatnonzero(np.diff(bands[order, band])) + 1
        starts = np.concatenate([[0], ends])
        sizes = np.diff(np.concatenate([starts, [len(pool)]]))
        for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
            members = order[start : start + size]
            for number in members[members < first][: len(members) - 1].tolist():
                buckets[number].append(members)
    for number in sorted(buckets):
        equal = np.bincount(np.concatenate(buckets[number]), minlength=len(pool))
        equal[: number + 1] = 0  # the earlier ones have had this one among theirs
        likely = np.flatnonzero(equal >= LIKELY)
        if len(likely):
            yield number, likely[np.argsort(-equal[likely], kind="stable")].tolist()
