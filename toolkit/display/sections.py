"""What a value says, taken apart so that it can stand in a briefing beside others: one function for each kind of value.

``@sections.register`` is all that a new value needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import singledispatch

from toolkit.display import shared
from toolkit.display.timeline import remarks, when
from toolkit.errors import ArgumentError
from toolkit.types import (
    Answer,
    Article,
    Change,
    Changes,
    Citation,
    CitedText,
    Claim,
    ClaimChange,
    Hit,
    Hits,
    Shown,
    StaleCitation,
    Summary,
    Watch,
    Watches,
)
from toolkit.types.briefing import Block, Briefing, Embedded, Entry, Listing, Prose, Section, Words
from toolkit.types.comparison import Comparison, Statement
from toolkit.types.hits import copy_groups
from toolkit.types.timeline import Event, Timeline

_PASSAGE = 400  # characters of a passage in a document: five lines, by eye
_NO_WATCH = "No question is watched."
_HEADING = re.compile(r"#+[ \t]+(?P<heading>\S.*)")


@singledispatch
def sections(value: object) -> tuple[Section, ...]:
    """A value as sections, whose citations may have any numbers: the document numbers them."""
    if isinstance(value, Shown):
        return (Section(blocks=(Embedded(value=value),)),)
    kinds = "an Answer, a Summary, Changes, another value of the toolkit, or text"
    raise ArgumentError(f"a {type(value).__name__} cannot stand in a briefing: give {kinds}")


@sections.register
def _(value: str) -> tuple[Section, ...]:
    """Paragraphs; a line that begins one with ``#`` and a space is a heading."""
    found = []
    for paragraph in filter(str.strip, shared.visible(value).split("\n\n")):
        text = paragraph.strip()
        if marked := _HEADING.match(text):  # a hashtag is none
            found.append(Section(heading=shared.one_line(marked["heading"]), chapter=True))
            text = text[marked.end() :]
        if text.strip():
            found.append(Section(blocks=(Words(text=shared.one_line(text)),)))
    return tuple(found)


def cited_text(value: CitedText, heading: str) -> Section:
    """An answer or a summary: its claims or why there are none, its notes, how it was made."""
    blocks: list[Block] = []
    if value.answered:
        blocks.append(Prose(claims=value.claims))
    else:
        blocks += _abstention(value)
    blocks += [Words(text=note, kind="note") for note in value.notes]
    return Section(heading=heading, blocks=tuple(blocks), made=" · ".join(shared.footer(value)), groups=value.groups)


def _abstention(value: CitedText | Timeline | Comparison) -> list[Block]:
    """Why there is nothing, and what came closest."""
    blocks: list[Block] = [_why_not(value.reason)]
    if closest := value.hits[: shared.CLOSEST]:
        blocks.append(Words(text="What came closest:", kind="muted"))
        blocks.append(Listing(entries=tuple(map(_passage, closest))))
    return blocks


def _why_not(reason: str | None) -> Words:
    return Words(text=reason or "", kind="abstention", lead=shared.NOT_FOUND)


def _passage(hit: Hit) -> Entry:
    short = shared.shorten(shared.run_in(hit.passage.text), _PASSAGE)
    return Entry(label=shared.byline(hit.article), text=shared.in_quotes(short))


@sections.register
def _(value: Answer) -> tuple[Section, ...]:
    return (cited_text(value, value.question),)


@sections.register
def _(value: Summary) -> tuple[Section, ...]:
    return (cited_text(value, f"Summary: {value.query}" if value.query else "Summary"),)


@sections.register
def _(value: Claim) -> tuple[Section, ...]:
    well = value.verdict in ("quoted", "supported")
    entry = Entry(label="Checked", claims=(value,), note=value.verdict if well else "")
    return (Section(blocks=(Listing(entries=(entry,)),)),)


@sections.register
def _(value: Citation) -> tuple[Section, ...]:
    return (Section(blocks=(Prose(claims=(_quoted(value),)),)),)


def _quoted(citation: Citation) -> Claim:
    return Claim(text=citation.quote, verdict="quoted", score=1.0, citations=(citation,))


@sections.register(Hit)
@sections.register(Hits)
def _hits(value: Hit | Hits) -> tuple[Section, ...]:
    hits = [value] if isinstance(value, Hit) else value
    entries = []
    for hit in hits:
        cited = Citation(marker=1, span=hit.passage.span, quote=hit.passage.text, article=hit.article)
        text = shared.shorten(shared.run_in(hit.passage.text), _PASSAGE)
        claim = Claim(text=text, verdict="quoted", score=1.0, citations=(cited,))
        entries.append(Entry(label=shared.byline(hit.article), claims=(claim,)))
    blocks: tuple[Block, ...] = (Listing(entries=tuple(entries)),) if entries else (Words(text="No hits."),)
    return (Section(blocks=blocks, groups=copy_groups(hits)),)


@sections.register
def _(value: Article) -> tuple[Section, ...]:
    paragraphs = tuple(Words(text=text) for text in shared.visible(value.text).split("\n") if text.strip())
    return (Section(heading=shared.byline(value), blocks=paragraphs),)


@sections.register
def _(value: Briefing) -> tuple[Section, ...]:
    return (Section(heading=value.title, chapter=True), *value.sections)


# -- timelines and comparisons ---------------------------------------------------------------------------------------


@sections.register
def _(value: Timeline) -> tuple[Section, ...]:
    heading = f"Timeline: {value.query}" if value.query else "Timeline"
    blocks: list[Block] = [Listing(entries=tuple(map(_event, value.events)))] if value.events else _abstention(value)
    blocks += [Words(text=note, kind="note") for note in value.notes]
    made = [f"read from {shared.plural(value.articles, 'article')}"]
    if value.left_out:
        made.append(f"{shared.plural(value.left_out, 'lesser event')} left out")
    return (Section(heading=heading, blocks=tuple(blocks), made=" · ".join(made), groups=value.groups),)


def _event(value: Event) -> Entry:
    return Entry(label=when(value), claims=value.claims, also=value.citations, note="; ".join(remarks(value)))


@sections.register
def _(value: Comparison) -> tuple[Section, ...]:
    blocks: list[Block] = [] if value.answered else _abstention(value)
    if value.contradictions:
        blocks.append(Words(text="Contradictions", kind="heading"))
    for one in value.contradictions:
        said = (_statement(one.first, one.first_says), _statement(one.second, one.second_says))
        lead = f"{one.kind}: {one.first_says} / {one.second_says}"
        later = "the second was published later and may be an update" if one.later else ""
        blocks += [Words(lead=lead, text=later), Listing(entries=said)]
    if value.agreements:
        blocks.append(Words(text="Said by several sources", kind="heading"))
        agreed = (
            Entry(label=", ".join(one.sources), claims=(one.statements[0].claim,), also=_citations(one.statements))
            for one in value.agreements
        )
        blocks.append(Listing(entries=tuple(agreed)))
    for position in value.positions:
        blocks.append(Words(text=position.name, kind="heading"))
        summed = (Entry(label="in short", claims=(position.summary,)),) if position.summary else ()
        said_by = tuple(_statement(statement, within=position.name) for statement in position.statements)
        blocks.append(Listing(entries=(*summed, *said_by)))
    blocks += [Words(text=note, kind="note") for note in value.notes]
    heading = f"Who says what: {value.query}"
    return (Section(heading=heading, blocks=tuple(blocks), made=f"{value.model} · by {value.by}", groups=value.groups),)


def _citations(statements: Iterable[Statement]) -> tuple[Citation, ...]:
    return tuple(statement.citation for statement in statements)


def _statement(value: Statement, says: str = "", within: str = "") -> Entry:
    """Who says it, how, and where; without what the heading above says already."""
    actor = value.actor if value.actor != within else ""
    who = ", ".join(filter(None, (actor, *(f"by way of {one}" for one in value.via))))
    where = ", ".join(filter(None, (value.publisher if value.publisher != within else "", value.date)))
    return Entry(label=": ".join(filter(None, (who, says or value.stance))), claims=(value.claim,), note=where)


# -- changes ---------------------------------------------------------------------------------------------------------

_WHY = {
    "deleted": "the article is no longer in the library",
    "rewritten": "the article has another text now, without these words",
    "moved": "the article has another text now, with these words at another place",
}
_ORDER = ("contradicted", "new", "gone", "reworded")


@sections.register
def _(value: Changes) -> tuple[Section, ...]:
    parts = [Section(blocks=(Words(text=counted(value)),))]
    parts += [_change(one) for one in value.changed]
    if same := [one for one in value if one.status == "unchanged"]:
        quiet = [one.question for one in same if not (one.notes or one.stale or one.unread)]
        parts += [_change(one) for one in same if one.notes or one.stale or one.unread]
        parts += [Section(blocks=(Words(text=" · ".join(quiet), kind="muted", lead="Unchanged"),))] if quiet else []
    return tuple(parts)


@sections.register
def _(value: Watches) -> tuple[Section, ...]:
    return tuple(part for one in value for part in sections(one)) or (Section(blocks=(Words(text=_NO_WATCH),)),)


def counted(value: Changes) -> str:
    """``1 of 3 watched questions has changed.``."""
    if not len(value):
        return _NO_WATCH
    changed = len(value.changed)
    if not changed and (unread := sum(1 for one in value if one.unread)):
        which = f"{unread:,} of {len(value):,} watched questions"
        return f"No answer has changed; {which} {'has' if unread == 1 else 'have'} new articles to look at."
    if not changed:
        return f"Nothing has changed; {shared.plural(len(value), 'question is', 'questions are')} watched."
    return f"{changed:,} of {len(value):,} watched questions {'has' if changed == 1 else 'have'} changed."


@sections.register
def _(value: Change) -> tuple[Section, ...]:
    return (_change(value),)


def _change(value: Change) -> Section:
    since = f"{value.past.at:%Y-%m-%d %H:%M} UTC"
    blocks: list[Block] = [Words(text="", lead=f"{value.status[:1].upper()}{value.status[1:]} since {since}")]
    if value.status == "no longer answered":
        blocks.append(_why_not(value.answer.reason))
    ordered = sorted((one for one in value.claims if one.fate in _ORDER), key=lambda one: _ORDER.index(one.fate))
    # A claim that is gone with its source is told once, with what became of that.
    told = {one.past.text for one in ordered if one.past is not None and one.fate == "gone"}
    fallen = {one.citation.quote: _became(one) for one in value.stale if one.citation.quote in told}
    entries = [_claim_change(one, fallen.get(one.past.text if one.past else "")) for one in ordered]
    entries += [_stale(one) for one in value.stale if one.citation.quote not in told]
    blocks += [Listing(entries=tuple(entries))] if entries else []
    if value.causes:
        blocks.append(
            Words(text=_sentence_of(map(shared.byline, value.causes)), lead="New to the answer", kind="muted")
        )
    if value.unread:
        blocks.append(Words(text=_sentence_of(map(shared.byline, value.unread)), lead="About it, not in the answer"))
    blocks += [Words(text=note, kind="note") for note in (*value.notes, *value.answer.notes)]
    made = " · ".join(shared.footer(value.answer))
    return Section(heading=value.question, blocks=tuple(blocks), made=made, groups=value.answer.groups)


def _sentence_of(names: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(names))


def _claim_change(one: ClaimChange, became: str | None) -> Entry:
    was = "" if one.past is None else f"was: “{shared.one_line(one.past.text)}”"
    if one.fate == "gone":
        remark = became or ("its source still says so" if one.stands else "its source no longer says so")
        return Entry(label="gone", text=one.past.text if one.past else "", gone=True, note=remark)
    if one.fate == "contradicted" and one.against is not None:
        return Entry(label="contradicted", claims=(one.against,), note="" if one.claim else "no longer in the answer")
    if one.fate == "contradicted" and one.claim is not None:
        differs = "; ".join(
            f"{d.kind}: was {d.claim or 'not said'}, now {d.source or 'not said'}" for d in one.differences
        )
        stands = "its source still says so" if one.stands else "its source no longer says so"
        return Entry(label="contradicted", claims=(one.claim,), note="; ".join(filter(None, (differs, was, stands))))
    if one.claim is None:
        return Entry(label=one.fate, text=one.past.text if one.past else "", note="said by other sentences now")
    known = "articles that were known before say so too" if one.known else ""
    return Entry(label=one.fate, claims=(one.claim,), note=was or known)


def _stale(one: StaleCitation) -> Entry:
    return Entry(label="stale", text=f"“{one.citation.quote}”", gone=one.why != "moved", note=_became(one))


def _became(one: StaleCitation) -> str:
    """The source of a citation, and what has become of it."""
    cited = one.citation
    known = [part for part in (cited.publisher, cited.published) if part]
    return f"{' — '.join(filter(None, (cited.title or cited.article_id, ', '.join(known))))}: {_WHY[one.why]}"


@sections.register
def _(value: Watch) -> tuple[Section, ...]:
    past = value.answer
    accepted = f"accepted {past.at:%Y-%m-%d %H:%M} UTC, {past.model}"
    options = ", ".join(f"{name}={shown!r}" for name, shown in value.options.items())
    made = " · ".join(filter(None, (f"watched since {value.since:%Y-%m-%d %H:%M} UTC", accepted, options, value.id)))
    if not past.answered:
        blocks: tuple[Block, ...] = (_why_not(past.reason),)
        return (Section(heading=value.question, blocks=blocks, made=made),)
    entries = tuple(
        Entry(
            text=claim.text if claim.verdict in ("quoted", "supported") else f"{claim.text} ({claim.verdict})",
            note="; ".join(dict.fromkeys(filter(None, (cited.publisher or cited.title for cited in claim.citations)))),
        )
        for claim in past.claims
    )
    return (Section(heading=value.question, blocks=(Listing(entries=entries),), made=made),)
