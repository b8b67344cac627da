"""Query and hits -> who says what about it, where they agree, and where they cannot both be right."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from toolkit.alignment.sentences import Markers, Sentence, quote
from toolkit.copies import adds_nothing
from toolkit.errors import ArgumentError
from toolkit.extract import Pick, is_statement, rank
from toolkit.gates import failed_gate
from toolkit.language.questions import Question, read_question
from toolkit.language.words import content_keys
from toolkit.passages import sentence_bounds
from toolkit.summaries.standing import readable, undated
from toolkit.thresholds import ABOUT_COMPARED, ALIKE_COMPARED, ALL_OF_IT, COPIED_RUNS, EDITED_RUNS, WHOLE_SENTENCE
from toolkit.types import Article, Hit, Span
from toolkit.types.comparison import Agreement, Comparison, Contradiction, Position, Single, Statement
from toolkit.voices.actors import Said, unified
from toolkit.voices.attribution import Attribution, attributions
from toolkit.voices.conflicts import (
    Conflict,
    Text,
    conflict,
    may_relate,
    same_actor,
    says_part_of,
    says_the_same,
    takes_the_same_side,
)
from toolkit.voices.stances import Reading, stance_of

BY = ("publisher", "actor", "article")
"""What positions can be grouped by."""

PASSAGES = 40
"""Passages that a comparison reads."""

MOST = 150
"""Statements that are held against each other: every pair is."""

MOST_OTHERS = 600
"""Further sentences of the hits that are looked through for the same and for the contrary."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Draft:
    """A sentence with one speaker or none, before it has its number."""

    sentence: Sentence
    said: Attribution | None
    content: Span
    reading: Reading
    text: Text


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Row:
    """A statement with what it is compared by."""

    statement: Statement
    text: Text
    origin: str


def check_by(by: object) -> str:
    """What positions are grouped by.

    Raises:
        ArgumentError: It is none of :data:`BY`.
    """
    if by not in BY:
        raise ArgumentError(f"by={by!r:.40}: give one of {', '.join(BY)}")
    return str(by)


def compare(query: str, hits: Sequence[Hit], by: str, started: float) -> Comparison:
    """Lay side by side what the hits say about a query.

    Args:
        query: What about.
        hits: What was retrieved, best first.
        by: ``publisher``, ``actor`` or ``article``.
        started: ``time.perf_counter()`` at the call's beginning.

    Returns:
        The comparison; not answered, with the gate's reason, when the hits do not speak to the query.
    """
    question = read_question(query)
    ranked = rank(question, hits)
    failed = failed_gate(question, hits, ranked)
    picks = [] if failed else _about(question, ranked)
    if not picks:
        reason = failed.reason if failed else "relevance: no sentence that was found speaks of it"
        return Comparison(
            query=query, by=by, answered=False, reason=reason, hits=tuple(hits), seconds=time.perf_counter() - started
        )
    groups = {hit.article.id: hit.group for hit in hits if hit.group}
    rows = _with_origins(_statements(question, picks, ranked, hits), groups)
    agreements, contradictions, singles = _held_together(rows)
    left = len(_about(question, ranked, most=None)) - len(picks)
    note = f"{left} further sentences about it were left out: {MOST} are the most that are held against each other."
    return Comparison(
        query=query,
        by=by,
        answered=True,
        positions=_positions([row.statement for row in rows], by),
        agreements=agreements,
        contradictions=contradictions,
        only_one=singles,
        hits=tuple(hits),
        notes=(note,) if left > 0 else (),
        seconds=time.perf_counter() - started,
    )


def _about(question: Question, ranked: Sequence[Pick], most: int | None = MOST) -> list[Pick]:
    """The sentences that speak of the query, best first."""
    found = [
        pick
        for pick in ranked
        if is_statement(pick.sentence)
        and pick.features["meaning"] >= ABOUT_COMPARED
        and pick.features["told"] >= ABOUT_COMPARED
        and (pick.features["similarity"] >= ALIKE_COMPARED or pick.features["meaning"] >= ALL_OF_IT)
        and question.keys & {token.key for token in pick.sentence.tokens}
    ]
    return found[:most]


# Statements


def _statements(
    question: Question, picks: Sequence[Pick], ranked: Sequence[Pick], hits: Sequence[Hit]
) -> list[Statement]:
    """What the sentences say, in order of publication and place, numbered in that order.

    With those that are about the query come those that say the same or the contrary in words of their own: “London and
    Paris would be joined by eight” has no word of “sending troops”.
    """
    about = {pick.sentence.span for pick in picks}
    others = [p for p in ranked if p.sentence.span not in about and is_statement(p.sentence)][:MOST_OTHERS]
    outlets = {hit.article.publisher for hit in hits if hit.article.publisher}
    own = [draft for draft in _drafts(picks, outlets) if _speaks_to(question, draft)]
    missing = about - {draft.sentence.span for draft in own}
    own += [_draft(pick.sentence, None) for pick in picks if pick.sentence.span in missing]
    related = (draft for draft in _drafts(others, outlets) if any(_related(draft, one) for one in own))
    kept = [*own, *islice(related, max(0, MOST - len(own)))]
    kept.sort(key=lambda d: (d.sentence.article.date or "9", d.sentence.article.id, d.content.start))
    named = [Said(article=d.sentence.article, attribution=d.said) for d in kept if d.said is not None]
    labels = iter(unified(named))
    markers = Markers()
    return [_statement(draft, next(labels) if draft.said else "", markers) for draft in kept]


def _drafts(picks: Sequence[Pick], outlets: set[str]) -> list[_Draft]:
    articles = {pick.sentence.article.id: pick.sentence.article for pick in picks}
    said: dict[Span, list[Attribution]] = {}
    for article in articles.values():
        for one in attributions(article.text, sentence_bounds(article.text, article.language), outlets):
            if one.speaker:
                said.setdefault(article.span(*one.sentence), []).append(one)
    return [_draft(pick.sentence, one) for pick in picks for one in said.get(pick.sentence.span) or (None,)]


def _speaks_to(question: Question, draft: _Draft) -> bool:
    """Whether what somebody says, and not just the rest of the sentence, has a word of the query."""
    span, content = draft.sentence.span, draft.content
    if (
        draft.said is not None
        and draft.said.form == "position"
        and draft.text.stance in ("supports", "opposes", "denies")
    ):
        return True  # “after Trump signalled his support”: of what the sentence is about
    whole = content.end - content.start >= WHOLE_SENTENCE * (span.end - span.start)
    return whole or bool(question.keys & content_keys(draft.text.words))


def _draft(sentence: Sentence, said: Attribution | None) -> _Draft:
    article, span = sentence.article, sentence.span
    start, end = said.content if said is not None and said.content[0] < said.content[1] else (span.start, span.end)
    reading = stance_of(article.text, start, end)
    if said is not None and said.form == "position" and reading.stance == "happened" and not said.verb.endswith("ed"):
        reading = Reading(stance="says")  # “officials describe a plan built …”
    text = Text(article.text[start:end], article.published, reading.stance)
    return _Draft(sentence=sentence, said=said, content=article.span(start, end), reading=reading, text=text)


def _related(draft: _Draft, one: _Draft) -> bool:
    if draft.sentence.article.id == one.sentence.article.id or not may_relate(draft.text, one.text):
        return False
    if says_the_same(one.text, draft.text) or conflict(one.text, draft.text) is not None:
        return True
    if one.said is None or draft.said is None or not same_actor(one.said.speaker, draft.said.speaker):
        return False
    return _agree(one.text, draft.text)


def _statement(draft: _Draft, actor: str, markers: Markers) -> Statement:
    article, said, sentence = draft.sentence.article, draft.said, _shown(draft)
    content = article.span(max(draft.content.start, sentence.span.start), draft.content.end)
    return Statement(
        actor=actor or article.publisher or article.heading,
        attributed=said is not None,
        written=article.text[slice(*said.noun)] if said is not None and said.noun else "",
        via=said.via if said is not None else (),
        stance=draft.text.stance,
        signal=_signal(article, draft.reading),
        content=content,
        claim=quote(sentence, markers),
    )


def _shown(draft: _Draft) -> Sentence:
    """The sentence without the mark of a list, a dateline and a caption before it, unless its speaker stands there."""
    shown = undated(readable(draft.sentence).sentence)
    needed = [draft.content.end - 1]
    if draft.said is not None and draft.said.noun:
        needed.append(draft.said.noun[0])
    if draft.reading.start < draft.reading.end:
        needed.append(draft.reading.start)
    return shown if shown.span.start <= min(needed) else draft.sentence


def _signal(article: Article, reading: Reading) -> Span | None:
    return article.span(reading.start, reading.end) if reading.start < reading.end else None


def _positions(statements: Sequence[Statement], by: str) -> tuple[Position, ...]:
    groups: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        if by == "publisher":
            key = (statement.publisher, "")
        elif by == "article":
            key = (statement.article.heading, statement.article.id)
        else:
            key = (statement.actor, "" if statement.attributed else "itself")
        groups.setdefault(key, []).append(statement)
    named = [
        Position(name=f"{name} (no speaker named)" if kind == "itself" else name, statements=tuple(group))
        for (name, kind), group in groups.items()
    ]
    return tuple(sorted(named, key=_prominence))


def _prominence(position: Position) -> tuple[bool, int, str]:
    """The ones with a name first, of those the ones that say most."""
    article = position.statements[0].article
    untitled = article.publisher is None and position.name == article.heading
    unnamed = untitled or not any(s.attributed for s in position.statements)
    return unnamed, -len(position.statements), position.name


# What they have to do with each other


def _with_origins(statements: Sequence[Statement], groups: Mapping[str, str]) -> list[_Row]:
    """The statements with where each comes from: the outlet that reported it first, the paper whose copy it is."""
    rows: list[_Row] = []
    for statement in statements:
        article, content = statement.article, statement.content
        text = Text(article.text[content.start : content.end], article.published, statement.stance)
        original = next((row for row in rows if _is_copy(statement, row.statement, groups)), None)
        if statement.via:
            origin = _plain(statement.via[0])
        elif original is not None:
            origin = original.origin
        else:
            origin = _plain(statement.actor) if _reports(statement) else statement.publisher
        rows.append(_Row(statement=statement, text=text, origin=origin))
    return rows


def _plain(name: str) -> str:
    return name.removeprefix("the ").removeprefix("The ")


def _reports(statement: Statement) -> bool:
    from toolkit.voices.speakers import OUTLETS

    return statement.attributed and not OUTLETS.isdisjoint(statement.actor.lower().split())


def _is_copy(one: Statement, other: Statement, groups: Mapping[str, str] | None = None) -> bool:
    """Whether one says what the other says in its words; those of articles from one text may be edited more."""
    if one.article.id == other.article.id or one.attributed != other.attributed:
        return False
    if one.attributed and one.actor != other.actor:
        return False
    group = (groups or {}).get(one.article.id)
    shared = EDITED_RUNS if group and (groups or {}).get(other.article.id) == group else COPIED_RUNS
    return adds_nothing(one.quote, other.quote, shared) or adds_nothing(other.quote, one.quote, shared)


def _held_together(
    rows: Sequence[_Row],
) -> tuple[tuple[Agreement, ...], tuple[Contradiction, ...], tuple[Single, ...]]:
    """Every pair from two articles: do both say the same, or can only one be right?"""
    same: list[tuple[int, int]] = []
    clashes: list[tuple[int, int, Conflict]] = []
    for j, later in enumerate(rows):
        for i, first in enumerate(rows[:j]):
            if first.statement.article.id == later.statement.article.id or not may_relate(first.text, later.text):
                continue
            if _same(first, later):
                same.append((i, j))
            elif found := conflict(first.text, later.text):
                clashes.append((i, j, found))
    groups = _groups(len(rows), same, clashes)
    contradictions = _contradictions(rows, groups, clashes)
    disputed = {id(s) for c in contradictions for s in (c.first, c.second, *c.echoes)}
    agreements: list[Agreement] = []
    singles: list[Single] = []
    for group in dict.fromkeys(groups):
        members = [row for row, own in zip(rows, groups, strict=True) if own == group]
        first_of = {row.origin: row for row in reversed(members)}
        sources = tuple(dict.fromkeys(row.origin for row in members))
        if len(sources) > 1:
            leading = [first_of[source] for source in sources]
            further = [row for row in members if row not in leading]
            statements = tuple(row.statement for row in (*leading, *further))
            agreements.append(Agreement(statements=statements, sources=sources, copies=len(further)))
        elif id(members[0].statement) not in disputed:
            printed = tuple(dict.fromkeys(row.statement.publisher for row in members))
            singles.append(Single(statement=members[0].statement, source=sources[0], printed_by=printed))
    agreements.sort(key=lambda one: -len(one.sources))
    return tuple(agreements), contradictions, tuple(singles)


def _groups(count: int, same: Sequence[tuple[int, int]], clashes: Sequence[tuple[int, int, Conflict]]) -> list[int]:
    """The group of each row: those that say the same, as far as no two of a group clash.

    “By two fifths” is near “by 40 percent” and near “by 4 percent”, which do not agree for that.
    """
    groups = list(range(count))
    members, foes = [{row} for row in groups], [set[int]() for _ in groups]
    for a, b, _ in clashes:
        foes[a].add(b)
        foes[b].add(a)
    for i, j in same:
        mine, theirs = groups[i], groups[j]
        if mine == theirs or foes[mine] & members[theirs]:
            continue
        for row in members[theirs]:
            groups[row] = mine
        members[mine] |= members[theirs]
        foes[mine] |= foes[theirs]
    return groups


def _same(one: _Row, other: _Row) -> bool:
    if _is_copy(one.statement, other.statement) or says_the_same(one.text, other.text):
        return True
    both = one.statement.attributed and other.statement.attributed
    return both and same_actor(one.statement.actor, other.statement.actor) and _agree(one.text, other.text)


def _agree(one: Text, other: Text) -> bool:
    """Whether two texts of one actor come to the same."""
    return takes_the_same_side(one, other) or says_part_of(one, other) or says_part_of(other, one)


def _contradictions(
    rows: Sequence[_Row], groups: Sequence[int], clashes: Sequence[tuple[int, int, Conflict]]
) -> tuple[Contradiction, ...]:
    """One for each two groups of statements that clash, the other pairs of the two as echoes."""
    found: dict[tuple[int, int, str], list[tuple[int, int, Conflict]]] = {}
    for i, j, clash in clashes:
        if groups[i] != groups[j]:
            key = (min(groups[i], groups[j]), max(groups[i], groups[j]), clash.kind)
            found.setdefault(key, []).append((i, j, clash))
    contradictions = []
    for pairs in found.values():
        i, j, clash = pairs[0]
        others = dict.fromkeys(n for pair in pairs for n in pair[:2] if n not in (i, j))
        contradictions.append(
            Contradiction(
                kind=clash.kind, first=rows[i].statement, second=rows[j].statement, first_says=clash.first,
                second_says=clash.second, topic=clash.topic, echoes=tuple(rows[n].statement for n in others),
            )
        )  # fmt: skip
    return tuple(contradictions)
