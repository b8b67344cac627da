"""Versions of an article with what changed between them, and what old citations stand for now."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.errors import ArgumentError
from toolkit.passages import sentence_bounds
from toolkit.thresholds import REWORDED_WORDS
from toolkit.types import Article, Citation, CitedText, Span
from toolkit.types.versions import ArticleVersions, Edit, Resolved, Revision

if TYPE_CHECKING:
    from toolkit.store import Store
    from toolkit.store.versions import Earlier

_PAIRS = 2_500
"""Pairs of sentences in one changed place that are compared, fifty by fifty; of more none is called reworded."""
_LONGEST = 2_000
"""Words of the longest sentence that is compared word by word, which takes their square."""
_MANY = 250_000
"""Pairs of words from which difflib passes over frequent ones, which is faster and less exact."""
_MANY_SENTENCES = 1_000_000
"""The same for sentences of two whole texts."""


def versions_of(store: Store, article_id: str) -> ArticleVersions:
    """All versions of the article that has or had an id, oldest first.

    Raises:
        ArgumentError: There is none.
    """
    earlier, current = store.history(article_id)
    articles = [one.article for one in earlier] + ([] if current is None else [current])
    if not articles:
        raise ArgumentError(f"no article with id {article_id!r} in this library, and there was none")
    times = [one.replaced_at for one in earlier]
    steps = zip(articles, articles[1:], times, strict=False)
    revisions = tuple(
        Revision(before=old, after=new, replaced_at=at, edits=tuple(edits(old, new))) for old, new, at in steps
    )
    return ArticleVersions(articles=tuple(articles), current=current, revisions=revisions)


def edits(before: Article, after: Article) -> Iterator[Edit]:
    """What became of each sentence, in the order of the text.

    Sentences are aligned by the longest runs in common (Ratcliff and Metzener 1988, as in difflib). Of those that were
    put in each other's place, the two that share most words are one that was reworded.
    """
    old, new = _sentences(before), _sentences(after)
    left, right = ([" ".join(one.split()) for one in side] for side in (old, new))
    matcher = SequenceMatcher(None, left, right, autojunk=len(old) * len(new) > _MANY_SENTENCES)
    for _, a, b, c, d in matcher.get_opcodes():
        if left[a:b] == right[c:d]:
            yield from (Edit(kind="kept", before=x, after=y) for x, y in zip(old[a:b], new[c:d], strict=True))
        else:
            yield from _replaced(old[a:b], new[c:d])


def _sentences(article: Article) -> list[str]:
    bounds = sentence_bounds(article.text, article.language)
    return [shown for start, end in bounds if (shown := article.text[start:end].strip())]


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    """Sentences that stand in each other's place: reworded ones in pairs, in order; the rest removed or added."""
    pairs = _pairs(old, new) if len(old) * len(new) <= _PAIRS else []
    at_old = at_new = 0
    for one, other in [*pairs, (len(old), len(new))]:
        yield from (Edit(kind="removed", before=text) for text in old[at_old:one])
        yield from (Edit(kind="added", after=text) for text in new[at_new:other])
        if one < len(old):
            yield Edit(kind="reworded", before=old[one], after=new[other])
        at_old, at_new = one + 1, other + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of like sentences that are most alike, best first, without crossing; sorted by place."""
    left, right = ([re.findall(r"\w+|[^\w\s]", one.casefold()) for one in side] for side in (old, new))
    scored = [(_likeness(a, b), -n, -m) for n, a in enumerate(left) for m, b in enumerate(right)]
    kept: list[tuple[int, int]] = []
    for score, n, m in sorted(scored, reverse=True):
        if score < REWORDED_WORDS:
            break
        if all((-n < x and -m < y) or (-n > x and -m > y) for x, y in kept):
            kept.append((-n, -m))
    return sorted(kept)


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Part of two sentences' words that is common: in order, but for what no sentence is as long as."""
    matcher = SequenceMatcher(None, one, other, autojunk=len(one) * len(other) > _MANY)
    most = matcher.quick_ratio()
    return most if most < REWORDED_WORDS or max(len(one), len(other)) > _LONGEST else matcher.ratio()


# -- old citations ----------------------------------------------------------------------------------------------------


class _Cited(NamedTuple):
    """A citation as it was given."""

    marker: int
    article_id: str
    start: int
    end: int
    quote: str


def resolve(store: Store, cited: object) -> Resolved | tuple[Resolved, ...]:
    """What citations stand for now; see :meth:`toolkit.Library.resolve`."""
    single, given = _read(cited)
    known = _Histories(store)
    found = tuple(_resolved(one, known) for one in given)
    return found[0] if single else found


class _Histories:
    """The versions of articles, each read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, tuple[list[Earlier], Article | None]] = {}

    def of(self, article_id: str) -> tuple[list[Earlier], Article | None]:
        if article_id not in self._read:
            self._read[article_id] = self._store.history(article_id)
        return self._read[article_id]


def _resolved(one: _Cited, known: _Histories) -> Resolved:
    earlier, newest = known.of(one.article_id)
    found = Resolved(
        article_id=one.article_id,
        start=one.start,
        end=one.end,
        quote=one.quote,
        newest=newest,
        now=None if newest is None else _in(newest, one),
    )
    if newest is not None and newest.id == one.article_id and newest.text[one.start : one.end] == one.quote:
        return replace(found, citation=_at(newest, one), now=_at(newest, one), current=True)
    for version in reversed(earlier):
        article = version.article
        own = one.article_id in (article.id, article.id.rpartition("@")[0])
        if own and article.text[one.start : one.end] == one.quote:
            return replace(found, citation=_at(article, one), replaced_at=version.replaced_at)
    return found


def _at(article: Article, one: _Cited) -> Citation:
    return Citation(marker=one.marker, span=article.span(one.start, one.end), quote=one.quote, article=article)


def _in(article: Article, one: _Cited) -> Citation | None:
    """The quote in an article, where it stands nearest to where it stood."""
    places = [match.start() for match in re.finditer(f"(?={re.escape(one.quote)})", article.text)]
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - one.start))
    span = Span(article_id=article.id, start=start, end=start + len(one.quote))
    return Citation(marker=one.marker, span=span, quote=one.quote, article=article)


def _read(cited: object) -> tuple[bool, list[_Cited]]:
    """Whether one citation was given, and the citations."""
    if isinstance(cited, str):
        try:
            cited = json.loads(cited)
        except ValueError as error:
            raise ArgumentError(f"not the JSON of an answer or a citation: {error}") from None
    if isinstance(cited, CitedText):
        return False, [_one(citation) for citation in cited.citations]
    if isinstance(cited, Mapping) and "citations" in cited and "quote" not in cited:
        cited = cited["citations"]
    if isinstance(cited, Iterable) and not isinstance(cited, Mapping | str):
        return False, [_one(citation) for citation in cited]
    return True, [_one(cited)]


def _one(cited: object) -> _Cited:
    if isinstance(cited, Citation):
        return _Cited(cited.marker, cited.span.article_id, cited.span.start, cited.span.end, cited.quote)
    if isinstance(cited, Mapping):
        given = {name: cited.get(name) for name in ("article_id", "start", "end", "quote")}
        marker: Any = cited.get("marker", 1)
    else:  # such as a PastCitation of a watched question
        given = {name: getattr(cited, name, None) for name in ("article_id", "start", "end", "quote")}
        marker = 1
    article_id, start, end, quote = given.values()
    right = isinstance(article_id, str) and isinstance(quote, str)
    numbers = all(isinstance(one, int) and not isinstance(one, bool) for one in (start, end, marker))
    if not right or not numbers or not 0 <= start < end or end - start != len(quote):  # type: ignore[operator,arg-type]
        raise ArgumentError(
            f"{cited!r:.60} is not a citation: it has article_id, start, end and a quote of end - start characters"
        )
    return _Cited(marker, article_id, start, end, quote)  # type: ignore[arg-type]
