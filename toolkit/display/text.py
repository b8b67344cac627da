"""Plain text for a terminal: wrapped, readable without colour, free of anything a terminal would act on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from toolkit.display import register, shared
from toolkit.types import AddReport, Answer, Article, Citation, CitedText, Claim, Hit, Hits
from toolkit.types.preview import Preview

WIDTH = 80
"""Columns of a line."""

_INDENT = "    "
_MANY_FAILURES = 20  # that are listed; all of them are in the value
_MARKER = re.compile(r"\[\d+\]")
_LONG_UNIT = 40  # characters of a word and its numbers that are kept on one line, half a line


def to_text(value: object) -> str:
    """A value as plain text, wrapped at 80 columns, without a newline at its end.

    Args:
        value: A value of the toolkit, such as an Answer, a Timeline, a Scorecard or an Article; or a tuple or list of
            Hits.

    Returns:
        Printable characters, spaces and newlines only; an address longer than a line stays whole.

    Raises:
        ArgumentError: The value is none of these.
    """
    register.learn(value)
    return shared.visible("\n".join(register.text(value)))  # whatever a kind may have left


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes: two for East Asian wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _pieces(word: str, width: int) -> list[str]:
    """``word``, broken when it is too wide and written in a script that breaks anywhere; an address stays whole."""
    if columns(word) <= width or not any(unicodedata.east_asian_width(char) in "WF" for char in word):
        return [word]
    pieces, piece, used = [], "", 0
    for char in word:
        wide = columns(char)
        if piece and used + wide > width:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + char, used + wide
    return [*pieces, piece]


def _kept_together(words: Iterable[str]) -> Iterator[str]:
    """Words with the numbers behind them: at the start of a line, a number would seem to be of what comes next."""
    unit = ""
    for word in words:
        if unit and _MARKER.fullmatch(word) and len(unit) < _LONG_UNIT:
            unit += f" {word}"
        else:
            yield from (unit,) if unit else ()
            unit = word
    yield from (unit,) if unit else ()


def wrap(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """``text`` in lines of at most ``WIDTH`` columns where its words allow, each after ``indent``."""
    lines: list[str] = []
    line, used = "", 0
    lead = indent if first is None else first
    room = WIDTH - columns(lead)
    for whole in _kept_together(text.split()):
        for word in _pieces(whole, WIDTH - len(indent)):
            wide = columns(word)
            if line and used + 1 + wide > room:
                lines.append(line)
                line, used, room = word, wide, WIDTH - len(indent)
            else:
                line, used = (f"{line} {word}", used + 1 + wide) if line else (word, wide)
    lines.append(line)
    leads = [lead] + [indent] * (len(lines) - 1)
    return [(lead + line).rstrip() for lead, line in zip(leads, lines, strict=True)]


def sentence(claim: Claim, *, always: bool = False) -> str:
    """A claim with its numbers; its verdict where all is not well, or ``always``."""
    said = [shared.one_line(claim.text)]
    if always or claim.verdict not in ("quoted", "supported"):
        differs = shared.remarks(claim)
        said.append(f"({claim.verdict}{'; ' + differs if differs else ''})")
    said += [f"[{citation.marker}]" for citation in claim.citations]
    return " ".join(said)


def _source(citation: Citation) -> list[str]:
    lead = f"[{citation.marker}] "
    lines = wrap(shared.byline(citation.article), " " * len(lead), lead)
    lines += wrap(f"“{shared.one_line(citation.quote)}”", _INDENT)
    if citation.article.url:
        lines.append(_INDENT + shared.one_line(citation.article.url))
    return lines


def sources(citations: tuple[Citation, ...]) -> list[str]:
    """An empty line, then every citation with its quote; nothing when there are none."""
    return ["", *(line for citation in citations for line in _source(citation))] if citations else []


def notes(said: Iterable[str]) -> list[str]:
    """Remarks that a reader should not miss, each wrapped."""
    return [line for one in said for line in wrap(shared.one_line(one), "      ", "Note: ")]


def abstention(reason: str | None, hits: Sequence[Hit]) -> list[str]:
    """Why there is nothing, and what came closest."""
    why = shared.one_line(reason or "")
    lines = wrap(f"{shared.NOT_FOUND}: {why}" if why else f"{shared.NOT_FOUND}.")
    lines += ["Closest:"] if hits else []
    for hit in hits[: shared.CLOSEST]:
        lines += wrap(shared.byline(hit.article), _INDENT, "  - ")
        lines += wrap(shared.shorten(shared.run_in(hit.passage.text), shared.EXCERPT), _INDENT)
    return lines


@register.text.register(Answer)
def _cited_text(value: CitedText) -> list[str]:
    if value.answered:
        lines = wrap(" ".join(map(sentence, value.claims)))
        lines += sources(shared.cited(value.claims, value.citations))
    else:
        lines = abstention(value.reason, value.hits)
    lines += notes(value.notes)
    return [*lines, *wrap(" · ".join(shared.footer(value)))]


@register.text.register
def _(value: Preview) -> list[str]:
    if value.model is None:
        return wrap(f"{shared.NO_MODEL}: {shared.one_line(value.reason or '')}")
    lines = wrap(f"{shared.NOTHING_SENT} {shared.forecast(value)}")
    lines += notes(value.notes)
    for message in value.messages:  # line by line as they are, since they are what would be sent
        lines += ["", f"{message.role}:", *(f"{_INDENT}{line}" for line in shared.visible(message.content).split("\n"))]
    return lines


@register.text.register
def _(value: Claim) -> list[str]:
    return [*wrap(sentence(value, always=True)), *sources(shared.cited((value,), ()))]


@register.text.register
def _(value: Citation) -> list[str]:
    return _source(value)


@register.text.register
def _(value: Hit) -> list[str]:
    return [
        *wrap(shared.byline(value.article), "       ", f"{value.score:.3f}  "),
        *wrap(shared.shorten(shared.run_in(value.passage.text), shared.EXCERPT), "       "),
    ]


@register.text.register(Hits)
@register.text.register(tuple)
@register.text.register(list)
def _hits(value: tuple[Hit, ...] | list[Hit]) -> list[str]:
    hits = shared.only_hits(value)
    more = shared.more_hits(hits)
    lines = [line for hit in hits[: shared.MOST_HITS] for line in register.text(hit)]
    return [*lines, *([more] if more else [])] or ["No hits."]


@register.text.register
def _(value: AddReport) -> list[str]:
    lines = [shared.added(value)]
    for failure in value.failed[:_MANY_FAILURES]:
        lines += wrap(f"{shared.one_line(failure.source)}: {shared.one_line(failure.reason)}", _INDENT, "  - ")
    left = len(value.failed) - _MANY_FAILURES
    return [*lines, f"  … and {left:,} more in .failed"] if left > 0 else lines


@register.text.register
def _(value: Article) -> list[str]:
    lines = [*wrap(shared.title(value)), *wrap(" · ".join(shared.about(value)))]
    if value.url:
        lines.append(shared.one_line(value.url))
    for paragraph in shared.visible(value.text).split("\n"):
        if paragraph.strip():
            lines += ["", *wrap(paragraph)]
    return lines
