"""Articles -> Timeline: what happened or is planned, on which day, and everybody who tells it."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from toolkit.alignment.sentences import Markers, names_in, quote
from toolkit.chronology.events import MOST_TOLD, Found, events_of
from toolkit.chronology.tellings import Telling, tellings, words_of_event
from toolkit.errors import ArgumentError, StoreError
from toolkit.extract import Pick, fitted, rank
from toolkit.gates import failed_gate
from toolkit.language import lexicon
from toolkit.language.questions import Question, read_question
from toolkit.language.words import content_keys
from toolkit.retrieval.filters import Filters
from toolkit.summaries.stories import find_stories, near_copies
from toolkit.thresholds import SPEAKING_SENTENCE, SPEAKS_NEARLY
from toolkit.tracing import span
from toolkit.types import Article, Citation, Claim, Event, Hit, Span, Timeline
from toolkit.types.hits import copy_groups

When = str | date | datetime | None

PASSAGES = 120
"""Passages of a search that are looked at for events."""

_HEAD = 250  # characters of a text that say what it is about
_MOST_CITED = 12  # articles that an event cites: more of them make a list of names, not a proof
_TELLS_MORE = 8  # content words of a second sentence that the first does not have


def make_timeline(
    query: str | None,
    articles: Sequence[Article],
    hits: Sequence[Hit] = (),
    *,
    since: date | None = None,
    until: date | None = None,
    most: int = 12,
    groups: Mapping[str, str] | None = None,
) -> Timeline:
    """The events that articles tell, in order.

    Args:
        query: What about; None for everything.
        articles: What to read; with a query, the articles of the hits.
        hits: What a search for the query has found, best first.
        since: First day of the events.
        until: Their last day.
        most: Events at most: those that matter most.
        groups: The story copy groups of the articles, as far as they are known: article id -> group id.

    Returns:
        The timeline; empty, with a reason, when there is nothing to tell.
    """
    about: _About | None = None
    if query is not None:
        about, reason = _about(query, hits)
        if about is None:
            return Timeline(query=query, reason=reason, hits=tuple(hits), articles=len(articles))
    read = [article for article in articles if about is None or article.id in about.share]
    found = [one for article in read for one in tellings(article)]
    if about is not None:
        found = [replace(one, relevance=about.share[one.article.id]) for one in found if about.covers(one)]
    kept = [one for one in found if (since is None or one.days[1] >= since) and (until is None or one.days[0] <= until)]
    if not kept:
        reason = _nothing(found, since, until)
        return Timeline(query=query, reason=reason, hits=tuple(hits), articles=len(read))
    known = groups or {}
    copies = near_copies(read)
    stand_for = {one.id: copies.get(one.id, one).id for one in read}
    events, left = events_of(query, kept, {one: known.get(first, first) for one, first in stand_for.items()}, most)
    markers = Markers()
    shown = tuple(_event(group, score, markers, known) for group, score in events)
    many = f"Of {len(kept):,} sentences that tell an event, the {MOST_TOLD:,} that matter most were put together."
    return Timeline(
        query=query,
        events=shown,
        citations=markers.citations,
        articles=len(read),
        left_out=left,
        hits=tuple(hits),
        notes=(many,) if len(kept) > MOST_TOLD else (),
    )


def _nothing(found: Sequence[Telling], since: date | None, until: date | None) -> str:
    if not found:
        return "events: no sentence there tells what happened on a day that can be told"
    first, last = min(one.days[0] for one in found), max(one.days[1] for one in found)
    asked = " ".join([*([f"since {since}"] if since else []), *([f"until {until}"] if until else [])])
    return f"dates: no event {asked}; those that were found lie between {first} and {last}"


def timeline_of(
    search: Callable[..., Sequence[Hit]],
    articles: Callable[[Sequence[str] | None], Sequence[Article]],
    query: str | None,
    *,
    groups: Callable[[Sequence[str]], Mapping[str, str]] | None = None,
    ids: Sequence[str] | None,
    since: When = None,
    until: When = None,
    most: int,
    filters: Mapping[str, Any],
) -> Timeline:
    """The timeline of a library.

    Args:
        search: Its search.
        articles: What gives its articles, all or by id.
        query: What about; None for everything.
        groups: What gives the story copy groups of articles, by id; with a query the hits tell them.
        ids: Only these articles; None for all.
        since: First day of the events.
        until: Their last day, included.
        most: Events at most.
        filters: Options of the search.

    Raises:
        ArgumentError: An argument is unusable.
    """
    started = time.perf_counter()
    first, last = _day("since", since), _day("until", until)
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ArgumentError(f"most={most!r:.40}: give a whole number from 1")
    if first is not None and last is not None and last < first:
        raise ArgumentError(f"until={last} lies before since={first}: turn the two round")
    if misplaced := sorted({"ids", "k"} & filters.keys()):
        raise ArgumentError(f"{', '.join(misplaced)}: timeline chooses articles with articles=")
    if not query and filters:
        raise ArgumentError(f"{', '.join(filters)}: filters need a query; choose articles with articles= instead")
    hits: Sequence[Hit] = ()
    with span("timeline", "CHAIN"):
        if query:
            if ids:
                with contextlib.suppress(StoreError):  # somebody else's index may not list what it holds
                    _check_known(ids, articles(ids))
            hits = search(query, PASSAGES, ids=ids, **{"per_copies": None, **filters})
            read = list({hit.article.id: hit.article for hit in hits}.values())
        else:
            read = list(articles(ids))
            _check_known(ids, read)
        known = copy_groups(hits)
        if not query and groups is not None:
            with contextlib.suppress(StoreError):  # somebody else's index knows of none
                known = dict(groups([article.id for article in read]))
        made = make_timeline(query or None, read, hits, since=first, until=last, most=most, groups=known)
    return replace(made, seconds=time.perf_counter() - started)


def _check_known(ids: Sequence[str] | None, found: Sequence[Article]) -> None:
    if unknown := set(ids or ()) - {article.id for article in found}:
        raise ArgumentError(f"no article with id {min(unknown)!r} in this library; see articles() for what there is")


def _day(name: str, when: When) -> date | None:
    given = Filters(since=when) if name == "since" else Filters(until=when)
    found = given.since if name == "since" else given.until
    return found.date() if isinstance(found, datetime) else found if isinstance(found, date) else None


# What the query is about


@dataclass(frozen=True)
class _About:
    """Which articles speak to a query, and where.

    Attributes:
        share: How much, by article id: 1 for those that hold the most of it.
        wholly: The articles that are about it as a whole: by title or first sentence, or by their story.
        names: Of every other article, the names in the sentences that speak to it.
        spans: Those sentences.
    """

    share: Mapping[str, float]
    wholly: frozenset[str]
    names: Mapping[str, set[str]]
    spans: frozenset[Span]

    def covers(self, telling: Telling) -> bool:
        """Whether a sentence belongs: in a round-up of the day only what speaks to the query or names who does."""
        article_id = telling.article.id
        if article_id in self.wholly or telling.sentence.span in self.spans:
            return True
        return not self.names.get(article_id, set()).isdisjoint(names_in(telling.sentence.text))


def _about(query: str, hits: Sequence[Hit]) -> tuple[_About | None, str]:
    """What is about a query; or None, and why nothing is.

    An article speaks to the query when one of its passages, with its title, holds nearly as much of it as the best
    one; or when half of the articles of its story do: who reports what came next need not repeat what it was about.
    """
    asked = read_question(query)
    ranked = rank(asked, hits)
    failed = failed_gate(asked, hits, ranked)
    if failed:
        return None, failed.reason
    told = _told_by_article(ranked)
    best = max(told.values())
    floor = max(fitted()["gates"]["thresholds"]["coverage"], SPEAKS_NEARLY * best)
    share = {article_id: value / best for article_id, value in told.items() if value >= floor}
    found = {hit.article.id: hit.article for hit in hits}
    wholly = {one for one in share if _headed(asked, found[one])}
    for story in find_stories(list(found.values())):
        ids = [article.id for article in (*story.articles, *story.copies)]
        inside = [share[one] for one in ids if one in share]
        if 2 * len(inside) >= len(ids) > 1:
            wholly.update(ids)
            for one in ids:
                share.setdefault(one, 0.5 * sum(inside) / len(inside))
    speaking = [pick for pick in ranked if pick.features["meaning"] >= SPEAKING_SENTENCE]
    names: dict[str, set[str]] = defaultdict(set)
    for pick in speaking:
        names[pick.sentence.article.id] |= names_in(pick.sentence.text)
    return _About(share, frozenset(wholly), names, frozenset(pick.sentence.span for pick in speaking)), ""


def _headed(asked: Question, article: Article) -> bool:
    """Whether a title and the beginning of a text hold half of what was asked."""
    keys = content_keys(f"{article.title or ''}\n{article.text[:_HEAD]}")
    return bool(asked.keys) and 2 * len(asked.keys & keys) >= len(asked.keys)


def _told_by_article(ranked: Iterable[Pick]) -> dict[str, float]:
    told: dict[str, float] = defaultdict(float)
    for pick in ranked:
        article_id = pick.sentence.article.id
        told[article_id] = max(told[article_id], pick.features["told"])
    return told


# What is shown


def _event(found: Found, score: float, markers: Markers, groups: Mapping[str, str]) -> Event:
    members, group = found
    first = members[0]
    claims = [_claim(first, markers)]
    second = _second(members)
    if second is not None:
        claims.append(_claim(second, markers))
    cited = [citation for claim in claims for citation in claim.citations]
    cited += [c for c in _others(members, markers) if c not in cited]
    moment = first.moment
    return Event(
        start=first.days[0],
        end=first.days[1],
        granularity=moment.granularity if moment else "day",
        about=bool(moment and moment.about),
        claims=tuple(claims),
        citations=tuple(cited),
        dated_by=first.dated_by,
        expression=moment,
        planned=bool(moment and moment.planned),
        differences=tuple(dict.fromkeys(group.differences)),
        score=score,
        groups={c.article.id: groups[c.article.id] for c in cited if c.article.id in groups},
    )


def _claim(telling: Telling, markers: Markers) -> Claim:
    return quote(replace(telling.sentence, span=telling.shown), markers)


def _second(members: Sequence[Telling]) -> Telling | None:
    """Another paper's sentence that says a good deal that the first does not."""
    first = members[0]
    known = words_of_event(first)
    for other in members[1:]:
        new = words_of_event(other) - known
        opening = other.sentence.tokens[0].word
        if opening in lexicon.CLAUSE_WORDS or opening in lexicon.JOINING or opening in ("as", "since"):
            continue
        if other.article.id != first.article.id and other.dated_by != "publication" and len(new) >= _TELLS_MORE:
            return other
    return None


def _others(members: Sequence[Telling], markers: Markers) -> list[Citation]:
    """One citation of every further article, the best first."""
    seen: set[str] = set()
    cited: list[Citation] = []
    for member in members:
        if member.article.id not in seen and len(cited) < _MOST_CITED:
            seen.add(member.article.id)
            cited.append(markers.cite(member.article, member.shown))
    return cited
