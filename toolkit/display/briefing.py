"""Briefings, watched questions and their changes, in a notebook, as Markdown and as plain text.

All are shown by their sections, so that a value looks the same alone and in a briefing. The whole HTML document is made
in ``document.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from toolkit.display import elements as el
from toolkit.display import evidence, markdown, register, shared, text
from toolkit.display.sections import sections
from toolkit.types import Change, Changes, Citation, Claim, Watch, Watches
from toolkit.types.briefing import Block, Briefing, Entry, Listing, Prose, Section, Words, independent_of, numbered

_HEADING = "margin: 16px 0 4px 0; font-size: {}px; font-weight: bold"
_SMALL = f"margin: 4px 0 0 0; {el.SMALL}; {el.MUTED}"

MARKED = "Sentences without a mark are quoted from their sources, or supported by them."


def tally(claims: Sequence[Claim]) -> str:
    """``12 sentences: 10 quoted, 1 supported, 1 contradicted``; empty without claims."""
    if not claims:
        return ""
    verdicts = [claim.verdict for claim in claims]
    counts = ", ".join(f"{verdicts.count(verdict):,} {el.SAYS[verdict]}" for verdict in el.SAYS if verdict in verdicts)
    return f"{shared.plural(len(claims), 'sentence')}: {counts}"


def made(value: Briefing) -> str:
    """When the document was put together, from what."""
    counted = shared.counted_sources(value.citations, value.independent)
    when = f"{value.made_at:%Y-%m-%d %H:%M} UTC"
    parts = [when, tally(value.claims), f"cites {counted}" if counted else ""]
    return " · ".join(filter(None, parts))


# -- notebook --------------------------------------------------------------------------------------------------------


def _html_entry(entry: Entry) -> str:
    parts = [f"<strong>{el.isolated(shared.one_line(entry.label))}</strong>"] if entry.label else []
    if entry.text:
        said = el.escaped_line(entry.text)
        parts.append(f'<s style="{el.MUTED}; text-decoration: line-through">{said}</s>' if entry.gone else said)
    parts += [*map(evidence.sentence, entry.claims), *map(evidence.marker, entry.also)]
    if entry.note:
        parts.append(f'<span style="{el.SMALL}; {el.MUTED}">{el.days(el.escaped_line(entry.note))}</span>')
    return f'<li style="margin: 4px 0">{" ".join(parts)}</li>'


def _html_words(words: Words) -> str:
    said = el.escaped_line(words.text)
    if words.kind == "note":
        return el.note(words.text)
    if words.kind == "heading":
        return f'<div style="{_HEADING.format(14)}">{said}</div>'
    lead = f"<strong>{el.escaped_line(words.lead)}</strong>{': ' if said else ''}" if words.lead else ""
    return f'<div style="margin: 4px 0{"; " + el.MUTED if words.kind == "muted" else ""}">{lead}{el.days(said)}</div>'


def _html_block(block: Block) -> str:
    if isinstance(block, Prose):
        return f'<div style="margin: 4px 0">{" ".join(map(evidence.sentence, block.claims))}</div>'
    if isinstance(block, Words):
        return _html_words(block)
    if isinstance(block, Listing):
        return f'<ul style="margin: 4px 0; padding: 0 0 0 20px">{"".join(map(_html_entry, block.entries))}</ul>'
    return register.html(block.value)


def _html_section(section: Section) -> str:
    size = 17 if section.chapter else 15
    shown = f'<div style="{_HEADING.format(size)}">{el.escaped_line(section.heading)}</div>' if section.heading else ""
    shown += "".join(map(_html_block, section.blocks))
    return shown + (f'<div style="{_SMALL}">{el.escaped_line(section.made)}</div>' if section.made else "")


def _html(parts: Sequence[Section], citations: tuple[Citation, ...]) -> str:
    return "".join(map(_html_section, parts)) + evidence.sources(citations, independent_of(parts, citations))


@register.html.register(Changes)
@register.html.register(Change)
@register.html.register(Watch)
@register.html.register(Watches)
def _(value: Changes | Change | Watch | Watches) -> str:
    return _html(*numbered(sections(value)))


@register.html.register
def _(value: Briefing) -> str:
    title = f'<div style="{_HEADING.format(20)}">{el.escaped_line(value.title)}</div>'
    return f'{title}{_html(value.sections, value.citations)}<div style="{_SMALL}">{el.escaped_line(made(value))}</div>'


# -- Markdown --------------------------------------------------------------------------------------------------------


def _markdown_entry(entry: Entry) -> str:
    parts = [f"**{markdown.inline(entry.label)}**"] if entry.label.strip() else []
    if entry.text.strip():
        said = markdown.block(entry.text)
        parts.append(f"~~{said}~~" if entry.gone else said)
    parts += [*map(markdown.sentence, entry.claims), *(markdown.number(citation.marker) for citation in entry.also)]
    if entry.note.strip():
        parts.append(f"— *{markdown.inline(entry.note)}*")
    return f"- {' '.join(parts)}"


def _markdown_words(words: Words, level: int) -> str:
    said = markdown.block(words.text)
    if words.kind == "note":
        return "".join(markdown.notes([words.text]))
    if words.kind == "heading":
        return f"{'#' * level} {said}"
    if words.lead:
        return f"**{markdown.inline(words.lead)}**" + (f": {markdown.inline(words.text)}" if said else "")
    return said


def _markdown_block(block: Block, level: int) -> str:
    if isinstance(block, Prose):
        return " ".join(map(markdown.sentence, block.claims))
    if isinstance(block, Words):
        return _markdown_words(block, level)
    if isinstance(block, Listing):
        return "\n".join(map(_markdown_entry, block.entries))
    return register.markdown(block.value)


def _markdown(parts: Sequence[Section], citations: Sequence[Citation], level: int, *, listed: bool) -> str:
    blocks, own = [], level
    for section in parts:
        own = level if section.chapter else own
        if section.heading.strip():
            blocks.append(f"{'#' * own} {markdown.block(section.heading)}")
        blocks += map(partial(_markdown_block, level=own + 1), section.blocks)
        blocks += [f"*{markdown.inline(section.made)}*"] if section.made.strip() else []
        own = level + 1 if section.chapter else own
    blocks += [f"{'#' * level} Sources"] if listed and citations else []
    return "\n\n".join([*filter(None, blocks), *map(markdown.source, citations)])


@register.markdown.register(Changes)
@register.markdown.register(Change)
@register.markdown.register(Watch)
@register.markdown.register(Watches)
def _(value: Changes | Change | Watch | Watches) -> str:
    return _markdown(*numbered(sections(value)), level=3, listed=False)


@register.markdown.register
def _(value: Briefing) -> str:
    body = _markdown(value.sections, value.citations, 2, listed=True)
    small = f"{made(value)}. {MARKED}" if value.claims else made(value)
    return "\n\n".join([f"# {markdown.block(value.title)}", body, f"*{markdown.inline(small)}*"])


# -- plain text ------------------------------------------------------------------------------------------------------


def _text_entry(entry: Entry) -> list[str]:
    parts = [f"{shared.one_line(entry.label)}:"] if entry.label else []
    parts += [shared.one_line(entry.text)] if entry.text else []
    parts += [*map(text.sentence, entry.claims), *(f"[{citation.marker}]" for citation in entry.also)]
    parts += [f"({shared.one_line(entry.note)})"] if entry.note else []
    return text.wrap(" ".join(parts), "    ", "  - ")


def _text_words(words: Words) -> list[str]:
    said = shared.one_line(words.text)
    if words.kind == "note":
        return text.notes([words.text])
    lead = shared.one_line(words.lead)
    return text.wrap(f"{lead}: {said}" if lead and said else lead or said)


def _text_block(block: Block) -> list[str]:
    if isinstance(block, Prose):
        return text.wrap(" ".join(map(text.sentence, block.claims)))
    if isinstance(block, Words):
        return _text_words(block)
    if isinstance(block, Listing):
        return [line for entry in block.entries for line in _text_entry(entry)]
    return register.text(block.value)


def _text(parts: Sequence[Section], citations: tuple[Citation, ...]) -> list[str]:
    lines: list[str] = []
    for section in parts:
        lines += [""] if lines else []
        if section.heading:
            heading = text.wrap(shared.one_line(section.heading))
            lines += [*heading, "=-"[not section.chapter] * min(text.WIDTH, max(map(text.columns, heading)))]
        lines += [line for block in section.blocks for line in _text_block(block)]
        lines += text.wrap(shared.one_line(section.made)) if section.made else []
    return [*lines, *text.sources(citations)]


@register.text.register(Changes)
@register.text.register(Change)
@register.text.register(Watch)
@register.text.register(Watches)
def _(value: Changes | Change | Watch | Watches) -> list[str]:
    return _text(*numbered(sections(value)))


@register.text.register
def _(value: Briefing) -> list[str]:
    title = text.wrap(shared.one_line(value.title))
    return [*title, "=" * text.WIDTH, "", *_text(value.sections, value.citations), "", *text.wrap(made(value))]
