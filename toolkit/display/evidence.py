"""Claims and what they rest on, as HTML: verdicts, citations that open, what differs, sources, refusals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from toolkit.display import elements as el
from toolkit.display import shared
from toolkit.types import Article, Citation, Claim, Difference, Hit, Verdict

_NUMBER = (
    "font-size: 11px; line-height: 1.3; vertical-align: baseline; padding: 0 4px; border-radius: 7px; "
    "background-color: rgba(128, 128, 128, 0.2)"
)
_DIFFERS = f"font-weight: 600; border-bottom: 2px solid rgba({el.BAD}, 0.9)"
_DIFFERS_IN_MARK = "font-weight: 700; background-color: #ffb3a6; color: #3b0a04; padding: 0 2px; border-radius: 2px"
_MANY_SOURCES = 8  # articles from which the list of sources is folded
_LAST_WORD = 24  # characters of a word that is kept with its numbers; a longer one would leave half a line empty
_EXCERPT = 180  # characters of a passage that came closest: two lines of fine print, by eye
_TIED = 4  # numbers that are kept with it, about 120 pixels
_WORD = re.compile(r"\w[\w'’-]*")
_COMMON = frozenset(
    "about after also been before could does from have here into many might more most much other over said should some "
    "such than that their them then there these they this those under were what when where which while will with would "
    "your who why how did has was are the and for not but can may".split()
)


def verdict_word(verdict: Verdict) -> str:
    """The verdict's word on its colour: faint when all is well, plain to see when it is not."""
    return el.pill(el.SAYS[verdict], el.TINT[verdict], loud=verdict not in ("quoted", "supported"))


def _ours(item: Difference) -> str:
    return item.claim.rpartition(": ")[2]


def _theirs(item: Difference) -> str:
    return item.source.rpartition(": ")[2]


def quotation(citation: Citation, differences: Iterable[Difference] = ()) -> str:
    """The quote, highlighted, with what stands around it; what it says otherwise than a claim stands out in it."""
    around = shared.surroundings(citation)
    before = ("… " if around.cut_before else "") + el.escaped(around.before)
    after = el.escaped(around.after) + (" …" if around.cut_after else "")
    quote = el.marked(shared.visible(around.quote), map(_theirs, differences), _DIFFERS_IN_MARK)
    return el.blockquote(f'{before}<mark style="{el.MARK}">{quote}</mark>{after}')


def number(citation: Citation) -> str:
    """The number of a citation, small."""
    return f'<sup style="{_NUMBER}">[{citation.marker}]</sup>'


def marker(citation: Citation, differences: Iterable[Difference] = ()) -> str:
    """The small number after a claim; a click on it opens the quote right there."""
    article = citation.article
    panel = (
        f'<div style="{el.PANEL}"><div>{el.byline(article)}</div>{quotation(citation, differences)}'
        f"{el.address(article)}</div>"
    )
    name = shared.byline(article)
    return el.fold(number(citation), panel, el.INLINE, f"display: inline; {el.SUMMARY}", name, name="citebook-number")


def numbered(said: str, citations: Sequence[Citation], differences: Iterable[Difference] = (), behind: str = "") -> str:
    """Words with the numbers of their citations, which begin no line: there they would seem to be of what follows.

    The last word and the numbers are one inline block. A no-break space does not hold a ``details`` back, and a word
    joiner would be copied with the text.

    Args:
        said: The words, as HTML.
        citations: What they cite.
        differences: What the citations say otherwise.
        behind: HTML between the words and the numbers, kept with both.
    """
    given = tuple(differences)
    numbers = [marker(citation, given) for citation in citations]
    head, _, last = said.rpartition(" ")
    whole = len(last) <= _LAST_WORD and "<" not in last and ">" not in last
    if not numbers or not whole or any(unicodedata.bidirectional(char) in ("R", "AL") for char in last):
        return " ".join([said + behind, *numbers])  # a right-to-left word must not be taken out of its line
    tied = f'<span style="{el.INLINE}">{" ".join([last + behind, *numbers[:_TIED]])}</span>'
    return " ".join(filter(None, [head, tied, *numbers[_TIED:]]))


def sentence(claim: Claim) -> str:
    """A claim with its verdict, what differs, and its citations."""
    text = el.marked(shared.one_line(claim.text), map(_ours, claim.differences), _DIFFERS)
    if claim.verdict == "unsupported":
        text = f'<s style="{el.MUTED}; text-decoration: line-through">{text}</s>'
    # No line break before the verdict: at the start of a line it would seem to belong to the next claim.
    said = numbered(text, claim.citations, claim.differences, behind=f"\u00a0{verdict_word(claim.verdict)}")
    differs = shared.remarks(claim)
    return f'{said} <small style="{el.SMALL}">{escape(differs)}</small>' if differs else said


def _by_article(citations: Iterable[Citation]) -> dict[str, list[Citation]]:
    found: dict[str, list[Citation]] = {}
    for citation in citations:
        found.setdefault(citation.article.id, []).append(citation)
    return found


def also_by(copies: Iterable[Article]) -> str:
    """Who else printed it, on a line of its own; nothing when nobody is known to."""
    names = dict.fromkeys(shared.one_line(one.publisher or "") or shared.title(one) for one in copies)
    said = el.isolated(", ".join(names))
    return f'<span style="display: block; {el.SMALL}; {el.MUTED}">also printed by {said}</span>' if names else ""


def _source(citations: list[Citation], copies: tuple[Article, ...] = ()) -> str:
    """One article of a list of sources, what is quoted of it folded."""
    article = citations[0].article
    numbers = " ".join(f"[{citation.marker}]" for citation in citations)
    quotes = "".join(
        el.blockquote(f'<mark style="{el.MARK}">{el.escaped(citation.quote)}</mark>') for citation in citations
    )
    inner = f'<div style="margin: 0 0 8px 16px">{quotes}{el.address(article)}</div>'
    return el.fold(f"{numbers} {el.byline(article)}{also_by(copies)}", inner, "margin: 3px 0")


def sources(citations: tuple[Citation, ...], independent: int | None = None, hits: Iterable[Hit] = ()) -> str:
    """The articles that are cited, each once with its numbers, its quotes folded; nothing when there are none.

    Args:
        citations: In the order of their numbers.
        independent: How many independent sources they are; None when nobody knows.
        hits: What was retrieved for them, which knows who else printed an article.
    """
    grouped = _by_article(citations)
    if not grouped:
        return ""
    copies = {hit.article.id: hit.copies for hit in hits if hit.copies}
    inner = "".join(_source(some, copies.get(one, ())) for one, some in grouped.items())
    counted = escape(shared.counted_sources(citations, independent))
    said = f'<strong>Sources</strong> <span style="{el.MUTED}">— {counted}</span>'
    return el.fold(said, inner, f"margin: 12px 0 0 0; {el.BESIDE}", opened=len(grouped) <= _MANY_SOURCES)


# Passages -------------------------------------------------------------------------------------------------------------


def asked_words(query: str) -> list[str]:
    """The words of a query that are worth to stand out in what was found for it."""
    return [word for word in _WORD.findall(shared.one_line(query)) if len(word) > 2 and word.lower() not in _COMMON]


def in_bold(text: str, words: Iterable[str]) -> str:
    """Escaped text with the words of a query in bold."""
    return el.marked(text, words, "font-weight: 700", "strong")


def excerpt(text: str, words: list[str], width: int) -> str:
    """The part of a passage that says most of ``words``, on one line, cut between words."""
    line = shared.run_in(text)
    if len(line) <= width:
        return line
    starts = [0, *(match.start() for match in re.finditer(r"(?<=[.!?”\"] )\S", line))]
    lower, keys = line.lower(), {word.lower() for word in words}
    best = max(starts, key=lambda at: (sum(key in lower[at : at + width] for key in keys), -at))
    return ("… " if best else "") + shared.shorten(line[best:].removeprefix("— "), width)


def passage(hit: Hit, query: str = "") -> str:
    """A retrieved passage on two lines; a click opens all of it."""
    words = asked_words(query)
    text = hit.passage.text.strip()
    short = excerpt(text, words, _EXCERPT)
    whole = el.blockquote(in_bold(shared.visible(text), words))
    opened = f'<div style="margin: 0 0 6px 16px">{whole}{el.address(hit.article)}</div>'
    line = f'<span style="display: block; {el.SMALL}; {el.MUTED}">{in_bold(short, words)}</span>'
    return el.fold(f"{el.byline(hit.article)}{line}", opened, "margin: 6px 0; font-size: 13px")


_GATES = {
    "retrieval": "something must be near enough to the question.",
    "names": "every name and year in the question must be mentioned by a passage.",
    "coverage": "some passage must speak to most of what the question asks.",
    "type": "a question for a date, a number or an amount needs a sentence that gives one.",
    "relevance": "what would be shown must be likely enough to answer the question.",
}
_SCORES = {
    "retrieval": "how near in meaning the nearest sentence or passage is",
    "coverage": "how much of what the question asks one passage speaks to, at most",
    "relevance": "how likely the best sentences are to answer the question",
}
_SCORED = re.compile(r" \(score (?P<score>-?\d+\.\d+), needed (?P<needed>\d+\.\d+)\)\Z")


def _score(what: str, score: str, needed: str) -> str:
    """What a gate measured and what it asks for, in words and as a bar with the place to reach."""
    said = f"Score {score}, and {needed} is needed, of 1: {what}."
    return f'<div style="{el.SMALL}; {el.MUTED}">{said}</div>'


def abstention(reason: str | None, hits: Sequence[Hit], query: str | None) -> str:
    """What was not found, why, what was looked at, and what came closest, with the words of the query in bold."""
    gate, _, why = (reason or "").partition(": ")
    known = _GATES.get(gate) if why else None
    why = shared.one_line(why if known else reason or "")
    scored = _SCORED.search(why) if gate in _SCORES else None
    why = why[: scored.start()] if scored else why
    shown = f'<div style="font-size: 16px; font-weight: 600">{shared.NOT_FOUND}</div>'
    shown += f"<div>{escape(why[:1].upper() + why[1:])}</div>" if why else ""
    if known:
        shown += f'<div style="{el.SMALL}; {el.MUTED}">Stopped at the gate “{escape(gate)}”: {known}</div>'
    if scored:
        shown += _score(_SCORES[gate], scored["score"], scored["needed"])
    if hits:
        articles = len({hit.article.id for hit in hits})
        looked = f"Looked at {shared.plural(len(hits), 'passage')} of {shared.plural(articles, 'article')}."
        shown += f'<div style="{el.SMALL}; {el.MUTED}">{looked}</div>'
        closest = "".join(passage(hit, query or "") for hit in hits[: shared.CLOSEST])
        shown += f'<div style="{el.HEADING}; font-size: 13px">What came closest</div>{closest}'
    return f'<div style="{el.PANEL}; font-size: 14px">{shown}</div>'


def title(article: Article) -> str:
    """The title, as the head of a value."""
    style = "font-size: 17px; font-weight: 600; line-height: 1.35"
    return f'<div style="{style}">{el.isolated(shared.title(article))}</div>'
