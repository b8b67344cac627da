"""Query and filters -> ranked passages: words (BM25) and vectors, fused; then limits, a second look, neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from numbers import Integral, Real
from typing import TYPE_CHECKING

from toolkit.errors import ArgumentError
from toolkit.retrieval.filters import Filters, When, both, of_articles
from toolkit.retrieval.folding import Folding, Taken
from toolkit.retrieval.fusion import Scored, fresher, fuse, varied
from toolkit.retrieval.phrases import candidates, without
from toolkit.retrieval.queries import Query
from toolkit.thresholds import PER_COPIES
from toolkit.types import Article, Hit, Hits, Passage, Trace

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.retrieval.rerank import Reranker
    from toolkit.store import Store

__all__ = ["Filters", "Limits", "fuse", "search"]

RERANK_DEPTH = 30
"""Hits that a reranker is given to order. Not tuned: a cross-encoder takes its time for each."""

_CANDIDATES = 50
"""Passages that each of the two searches is asked for at least; with 20 or 100 the ranking is no better, see
:func:`toolkit.retrieval.fusion.fuse`."""

_DEEPER = 5
"""The same for each hit that is asked for: limits and copies leave some out."""

_DEEPEST = 5_000
"""Passages that a search is asked for at most, and so hits."""

_VARIED_FROM = 30
"""Passages that ``diversity`` chooses from at least."""

_WIDEST = 100
"""Neighbours of a hit on each side at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How many passages of one kind a search may return.

    Attributes:
        per_article: Of one article; None for no limit.
        per_copies: Of nearly the same text, see :func:`toolkit.copies.adds_nothing`; of one story copy group there is
            one, see :class:`toolkit.retrieval.folding.Folding`. None for no limit in both.
    """

    per_article: int | None = None
    per_copies: int | None = PER_COPIES

    def __post_init__(self) -> None:
        for name in ("per_article", "per_copies"):
            if (value := getattr(self, name)) is not None:
                _whole(name, value, 1, _DEEPEST)


def search(
    store: Store,
    embedding: Embedding,
    query: str,
    *,
    k: int = 8,
    per_article: int | None = None,
    per_copies: int | None = PER_COPIES,
    since: When | None = None,
    until: When | None = None,
    publisher: str | Sequence[str] | None = None,
    ids: Sequence[str] | None = None,
    operators: Query | None = None,
    prefer: str | None = None,
    diversity: float | None = None,
    neighbours: int = 0,
    reranker: Reranker | None = None,
    rerank_depth: int = RERANK_DEPTH,
    explain: bool = False,
) -> Hits:
    """The passages that speak most to a query.

    Passages are looked for by words and by vectors, and ranked by a weighted sum of both scores (:func:`fuse`), into
    which ``prefer="recent"`` mixes freshness. From the best down, those within the limits are taken. A reranker orders
    what was taken, ``diversity`` chooses from it, and neighbours are joined to what was chosen.

    Args:
        store: Where to look.
        embedding: The one that the store's vectors were made with.
        query: A question or some words; nothing in it is an operator.
        k: At most so many passages.
        per_article: At most so many passages of one article; None for no limit.
        per_copies: At most so many passages of nearly the same text, and one where their articles are known to be
            copies of one text, such as a wire story in several papers: the agency's own or else the earliest, unless
            ``prefer`` is given. What differs in a number, a name or a denial is no copy. None for no limit in both.
        since: First day or moment, see :class:`Filters`.
        until: Last day or moment, included.
        publisher: One name or several.
        ids: Ids of articles.
        operators: What :func:`toolkit.retrieval.queries.parse` read in ``query``; its conditions hold beside the
            filters, and its text is what is looked for. None: there are none.
        prefer: ``"recent"`` ranks newer articles higher, see :func:`toolkit.retrieval.fusion.fresher`.
        diversity: 0 to 1: choose passages that are unlike each other, see :func:`toolkit.retrieval.fusion.varied`.
        neighbours: Widen each hit by so many passages of its article before and after it, but not over what the
            operators exclude. Hits that then overlap become one, in the place of the better, so there may be fewer
            than ``k``.
        reranker: Orders the best ``rerank_depth`` passages, or ``k`` when that is more.
        rerank_depth: How many passages the reranker sees.
        explain: Also find out what each word adds to a score, for :meth:`toolkit.types.Hit.explain`; one more search
            for each word of the query.

    Returns:
        Hits, best first; the same for every run. Empty when nothing fits the filters, or the query has no words.

    Raises:
        ArgumentError: When an argument cannot be used.
    """
    if not isinstance(query, str):
        raise ArgumentError(f"query is {type(query).__name__}; give a string")
    check_numbers(k=k, diversity=diversity, rerank_depth=rerank_depth)
    _whole("neighbours", neighbours, 0, _WIDEST)
    if prefer not in (None, "recent"):
        raise ArgumentError(f'prefer={prefer!r:.40}: give "recent", or nothing')
    limits = Limits(per_article=per_article, per_copies=per_copies)
    asked = operators or Query(text=query)
    where = both(
        Filters(since=since, until=until, publisher=publisher, ids=ids).where(),
        Filters(publisher=asked.publishers or None, not_publisher=asked.without_publishers).where(),
    )
    wanted = max(k, rerank_depth if reranker else 0, max(_VARIED_FROM, 3 * k) if diversity else 0)
    wanted = min(wanted, _DEEPEST)
    vector = embedding.embed_query(asked.text)
    depth = min(max(_CANDIDATES, _DEEPER * k, 2 * wanted), _DEEPEST)
    excluded = without(asked)
    owners = _Owners(store)
    while True:
        lexical, dense = candidates(store, asked, vector, depth, where)
        ranked = fuse(lexical, dense)
        if prefer:
            owners.read(ranked)
            ranked = fresher(ranked, owners.published)
        chosen = _chosen(ranked, owners, asked, limits, wanted, originals=prefer is None)
        # What is left out may have filled every place: look deeper.
        exhausted = max(len(lexical), len(dense)) < depth
        if len(chosen) >= wanted or exhausted or depth >= _DEEPEST:
            break
        if excluded:  # it is common: let the store read every passage for it, which is slow, but not as slow as this
            where, excluded = both(where, excluded), None
        else:
            depth = min(4 * depth, _DEEPEST)
    hits = [_hit(taken, asked.text) for taken in chosen]
    if reranker:
        hits = _reordered(hits, reranker, asked.text, max(k, rerank_depth))
    hits = _spread(hits, k, float(diversity)) if diversity else hits[:k]
    if explain:
        hits = _weighed(store, asked.text, hits)
    return Hits(_widened(store, hits, neighbours, asked) if neighbours else hits)


class _Owners:
    """The articles of candidates, read some at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, tuple[Article, str]] = {}
        self._gone: set[str] = set()
        self._groups: dict[str, str] = {}

    def read(self, candidates: Iterable[Scored]) -> None:
        """Read the articles of these, in one go."""
        ids = dict.fromkeys(one.passage.span.article_id for one in candidates)
        if missing := [one for one in ids if one not in self._read and one not in self._gone]:
            self._read.update(self._store.owners(missing))
            self._groups.update(self._store.groups.of(missing))
            self._gone.update(one for one in missing if one not in self._read)

    def owner(self, one: Scored) -> Article | None:
        """The article of a passage, when it was read and the passage is of the article's own revision, else None.

        Another revision is of a write that is under way or was cut off, or the article was replaced since the search.
        """
        article, revision = self._read.get(one.passage.span.article_id, (None, ""))
        return article if revision == one.revision else None

    def admitted(self, one: Scored, asked: Query) -> Article | None:
        """The same, when the operators of the query admit the passage."""
        span, article = one.passage.span, self.owner(one)
        admits = article is not None and asked.admits(article.title, article.text, span.start, span.end)
        return article if admits else None

    def group(self, article: Article) -> str | None:
        """The story copy group of an article; None when it is in none."""
        return self._groups.get(article.id)

    def copies(self, ranked: Sequence[Scored], groups: set[str | None]) -> list[Scored]:
        """Those of some passages whose articles are in one of these groups; they are read."""
        known = self._store.groups.of({one.passage.span.article_id for one in ranked}) if groups - {None} else {}
        found = [one for one in ranked if known.get(one.passage.span.article_id) in groups - {None}]
        self.read(found)
        return found

    def published(self, one: Scored) -> datetime | None:
        """When the article of a passage was published."""
        article = self.owner(one)
        return None if article is None else article.published


def _chosen(
    ranked: Sequence[Scored], owners: _Owners, asked: Query, limits: Limits, wanted: int, originals: bool
) -> list[Taken]:
    """The best so many that still stand in their articles, pass the operators and keep the limits."""
    folding = Folding(limits.per_copies)
    read = 0
    for place, one in enumerate(ranked):
        if len(folding.taken) == wanted:
            break
        if place == read:  # a few more than will do as a rule, then twice as many each time
            read = max(2 * wanted, 2 * read)
            owners.read(ranked[place:read])
        if (article := owners.admitted(one, asked)) is None:
            continue
        if limits.per_article is not None and folding.count(article.id) >= limits.per_article:
            continue
        if not folding.fold(one, article, owners.group(article)):
            folding.take(one, article, owners.group(article))
    else:
        place = len(ranked)
    if limits.per_copies is not None:
        for one in owners.copies(ranked[place:], {taken.group for taken in folding.taken}):
            if (article := owners.admitted(one, asked)) is not None:
                folding.of_group(one, article, owners.group(article))
        if originals:
            folding.originals(limits.per_article)
    return folding.taken


def _hit(taken: Taken, query: str) -> Hit:
    one = taken.one
    trace = Trace(
        query=query,
        lexical_rank=one.lexical_rank,
        dense_rank=one.dense_rank,
        lexical_share=one.lexical_share,
        dense_share=one.dense_share,
        freshness=one.freshness,
        notes=taken.told(),
    )
    return Hit(
        passage=one.passage,
        score=one.score,
        article=taken.article,
        lexical=one.lexical,
        dense=one.dense,
        trace=trace,
        group=taken.group,
        copies=taken.others,
    )


def _reordered(hits: list[Hit], reranker: Reranker, query: str, depth: int) -> list[Hit]:
    from toolkit.retrieval.rerank import reranked

    given = hits[:depth]
    before = {hit.passage.id: (place, hit.score) for place, hit in enumerate(given, 1)}

    def told(hit: Hit) -> Hit:
        place, score = before[hit.passage.id]
        return _noted(hit, f"{reranker.name} scored it {hit.score:.3f}; it was number {place} with {score:.3f} before")

    return [told(hit) for hit in reranked(reranker, query, given)]


def _spread(hits: list[Hit], k: int, diversity: float) -> list[Hit]:
    places = varied([hit.passage.text for hit in hits], [hit.score for hit in hits], k, diversity)
    return [
        hits[n]
        if n == place
        else _noted(hits[n], f"diversity={diversity:g} moved it from number {n + 1} to {place + 1}")
        for place, n in enumerate(places)
    ]


def _weighed(store: Store, query: str, hits: list[Hit]) -> list[Hit]:
    """What each word of the query adds to the BM25 scores: BM25 is a sum over words, so each is asked for alone."""
    from toolkit.store.words import searchable

    where = of_articles(hit.article.id for hit in hits)
    weights: dict[str, list[tuple[str, float]]] = {}
    for word in searchable(query).split() if hits else ():
        for one in store.lexical(word, _DEEPEST, where):
            weights.setdefault(one.passage.id, []).append((word, one.score))
    return [
        replace(hit, trace=replace(hit.trace, weights=tuple(weights.get(hit.passage.id, ())))) if hit.trace else hit
        for hit in hits
    ]


def _widened(store: Store, hits: list[Hit], by: int, asked: Query) -> list[Hit]:
    """Hits joined with the passages around them; those that then share a passage are one, in the better one's place."""
    found = store.passages(dict.fromkeys(hit.article.id for hit in hits))
    places = {passage.id: number for number, passage in enumerate(found)}
    ends: dict[str, tuple[int, int]] = {}
    for number, passage in enumerate(found):
        first, _ = ends.get(passage.span.article_id, (number, number))
        ends[passage.span.article_id] = (first, number)
    runs: list[tuple[int, int, Hit]] = []
    kept: list[tuple[int, Hit]] = []
    rank = {hit.passage.id: number for number, hit in enumerate(hits)}
    for hit in hits:
        place = places.get(hit.passage.id)
        if place is None or not _as_read(hit.article, found, ends[hit.article.id]):
            kept.append((rank[hit.passage.id], hit))  # the article was replaced meanwhile; what was read still stands
            continue
        first, last = _reach(hit.article, found, ends[hit.article.id], place, by, Query(text="", without=asked.without))
        for run in [run for run in runs if run[0] <= last and first <= run[1]]:
            first, last, hit = min(first, run[0]), max(last, run[1]), min(hit, run[2], key=lambda h: rank[h.passage.id])
            runs.remove(run)
        runs.append((first, last, hit))
    kept += [(rank[hit.passage.id], _joined(hit, found[first : last + 1])) for first, last, hit in runs]
    return [hit for _, hit in sorted(kept, key=lambda pair: pair[0])]


def _reach(
    article: Article, found: Sequence[Passage], ends: tuple[int, int], place: int, by: int, barred: Query
) -> tuple[int, int]:
    """The first and the last passage that a hit is widened to; it stops on a side where that adds what is barred."""

    def admitted(first: int, last: int) -> bool:  # as a whole: a phrase may run from one passage into the next
        return barred.plain or barred.admits(None, article.text, found[first].span.start, found[last].span.end)

    first = last = place
    while first > max(ends[0], place - by) and admitted(first - 1, last):
        first -= 1
    while last < min(ends[1], place + by) and admitted(first, last + 1):
        last += 1
    return first, last


def _as_read(article: Article, found: Sequence[Passage], ends: tuple[int, int]) -> bool:
    return all(article.text[one.span.start : one.span.end] == one.text for one in found[ends[0] : ends[1] + 1])


def _joined(hit: Hit, run: Sequence[Passage]) -> Hit:
    if len(run) == 1:
        return hit
    span = hit.article.span(run[0].span.start, run[-1].span.end)
    passage = Passage(
        span=span,
        text=hit.article.text[span.start : span.end],
        sentences=tuple(sentence for one in run for sentence in one.sentences),
    )
    own = hit.passage.span
    note = f"found at {own.start}-{own.end}, and joined with {len(run) - 1} passages around it"
    return replace(_noted(hit, note), passage=passage)


def _noted(hit: Hit, note: str) -> Hit:
    return hit if hit.trace is None else replace(hit, trace=replace(hit.trace, notes=(*hit.trace.notes, note)))


def check_numbers(*, k: object, diversity: object, rerank_depth: object) -> None:
    """Refuse what cannot be such a number of any search.

    Raises:
        ArgumentError: One is not a number, or too large or small.
    """
    _whole("k", k, 1, _DEEPEST)
    _whole("rerank_depth", rerank_depth, 1, _DEEPEST)
    number = isinstance(diversity, Real) and not isinstance(diversity, bool)
    if diversity is not None and not (number and 0 <= float(diversity) <= 1):  # type: ignore[arg-type]
        raise ArgumentError(f"diversity={diversity!r:.40}: give a number from 0 (none) to 1 (nothing else counts)")


def _whole(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or not least <= int(value) <= most:
        raise ArgumentError(f"{name}={value!r:.40}: give a whole number from {least} to {most:,}")
