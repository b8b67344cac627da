"""Summaries, their coverage and the steps on the way to them, as HTML, Markdown and text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from toolkit.display import elements as el
from toolkit.display import evidence, markdown, register, shared, text
from toolkit.types import Article, Claim, Coverage, Covered, Summary, SummaryNode

_ROWS = 40  # articles, or steps, that are shown at once; all of them are in the value
_SHOWN_TITLES = 3  # titles of a step; the others are counted


def _made_from(value: Coverage) -> str:
    """``Made from 12 articles in 2 stories: 4 cited, 7 read, 1 left out``."""
    every = len(value.articles)
    parts = [
        f"{len(some):,} {word}"
        for some, word in ((value.cited, "cited"), (value.read, "read"), (value.left_out, "left out"))
        if some
    ]
    stories = f" in {shared.plural(value.stories, 'story', 'stories')}" if value.stories > 1 else ""
    searched = f" of {value.library:,} in the library" if value.library is not None and value.library > every else ""
    return f"Made from {shared.plural(every, 'article')}{searched}{stories}: {', '.join(parts) or 'none read'}"


def _why(value: Coverage) -> str:
    """The reasons for leaving articles out, with how many: ``12 near copy, 3 too short``."""
    return ", ".join(f"{count:,} {shared.one_line(reason)}" for reason, count in value.reasons.items())


def _what(row: Covered) -> str:
    reason = shared.one_line(row.reason)
    return f"{row.part} ({reason})" if reason else row.part


def _more(count: int, where: str) -> str:
    return f"… and {count:,} more in {where}"


def _order(value: Coverage) -> tuple[Covered, ...]:
    """What a reader wants to see first: what is cited, then what is missing, then what was only read."""
    return (*value.cited, *value.left_out, *value.read)


def _alike(value: Coverage) -> list[tuple[str, list[Article]]]:
    """What became of articles, said once for all of which it is true."""
    found: dict[str, list[Article]] = {}
    for row in _order(value)[:_ROWS]:
        found.setdefault(_what(row), []).append(row.article)
    return list(found.items())


def _titles(articles: tuple[Article, ...]) -> str:
    names = [shared.title(article) for article in articles[:_SHOWN_TITLES]]
    more = len(articles) - len(names)
    return "; ".join(names) + (f"; and {more:,} more" if more else "")


# HTML ----------------------------------------------------------------------------------------------------------------


@register.html.register
def _(value: Summary) -> str:
    if not value.answered:
        said = evidence.abstention(value.reason, value.hits, value.query)
    else:
        said = _said(value) + evidence.sources(
            shared.cited(value.claims, value.citations), value.independent, value.hits
        )
    said += el.notes(value.notes)
    if value.coverage is not None and len(value.coverage.articles) > 1:
        said += el.fold(_heading(value.coverage), _rows(value.coverage), "margin: 8px 0 0 0; font-size: 13px")
    if value.tree is not None and value.tree.children:
        said += el.fold("Steps on the way", _children(value.tree), "margin: 2px 0 0 0; font-size: 13px")
    made = escape(" · ".join(shared.made(value)))
    return el.asked(value.query) + said + el.fine(made)


def _said(value: Summary) -> str:
    sentences = list(map(evidence.sentence, value.claims))
    if value.style == "bullets":
        items = "".join(f'<li style="margin: 3px 0">{sentence}</li>' for sentence in sentences)
        return f'<ul style="margin: 4px 0; padding: 0 0 0 20px">{items}</ul>'
    if value.style == "headline":
        return f'<div style="font-size: 18px; font-weight: 600; line-height: 1.4">{" ".join(sentences)}</div>'
    return f"<div>{' '.join(sentences)}</div>"


def _heading(value: Coverage) -> str:
    why = _why(value)
    return escape(_made_from(value)) + (f' <span style="{el.MUTED}">({escape(why)})</span>' if why else "")


def _rows(value: Coverage) -> str:
    rows = [
        (escape(what), "".join(f'<div style="margin: 0 0 3px 0">{el.byline(article)}</div>' for article in articles))
        for what, articles in _alike(value)
    ]
    more = len(value.articles) - _ROWS
    rest = f'<div style="{el.MUTED}">{_more(more, "summary.coverage")}</div>' if more > 0 else ""
    return el.table((), rows) + rest


@register.html.register
def _(value: Coverage) -> str:
    return f"<div>{_heading(value)}</div>{_rows(value)}"


def _children(value: SummaryNode) -> str:
    shown = "".join(map(_node, value.children[:_ROWS]))
    more = len(value.children) - _ROWS
    return shown + (f'<div style="{el.MUTED}">{_more(more, ".children")}</div>' if more > 0 else "")


def _node(value: SummaryNode) -> str:
    count = shared.plural(len(value.articles), "article")
    head = f'{el.isolated(shared.shorten(value.title, 140))} <span style="{el.MUTED}">— {count}</span>'
    inner = "".join(f'<div style="margin: 3px 0">{evidence.sentence(claim)}</div>' for claim in value.claims)
    inner += el.notes(value.notes)
    inner += f'<div style="{el.SMALL}; {el.MUTED}">{escape(_titles(value.articles))}</div>' if value.articles else ""
    return el.fold(head, f'<div style="margin: 0 0 6px 16px">{inner}{_children(value)}</div>', "margin: 2px 0")


@register.html.register
def _(value: SummaryNode) -> str:
    count = shared.plural(len(value.articles), "article")
    sentences = "".join(f'<div style="margin: 3px 0">{evidence.sentence(claim)}</div>' for claim in value.claims)
    notes = el.notes(value.notes)
    head = f'<strong>{el.isolated(shared.one_line(value.title))}</strong> <span style="{el.MUTED}">— {count}</span>'
    return f"<div>{head}</div>{sentences}{notes}{_children(value)}"


# Markdown ------------------------------------------------------------------------------------------------------------


@register.markdown.register
def _(value: Summary) -> str:
    if value.answered:
        sentences = list(map(markdown.sentence, value.claims))
        said = "\n".join(f"- {one}" for one in sentences) if value.style == "bullets" else " ".join(sentences)
        # A claim may be marked, struck out or cited: bold would not close around all of that.
        blocks = [f"### {said}" if value.style == "headline" else said]
        blocks += map(markdown.source, shared.cited(value.claims, value.citations))
    else:
        blocks = markdown.abstention(value.reason, value.hits)
    blocks += markdown.notes(value.notes)
    made = [*shared.footer(value)]
    if value.coverage is not None and len(value.coverage.articles) > 1:
        blocks.append(f"*{markdown.inline(_summed(value.coverage))}*")
    return "\n\n".join([*blocks, f"*{markdown.inline(' · '.join(made))}*"])


def _summed(value: Coverage) -> str:
    why = _why(value)
    return f"{_made_from(value)} ({why})" if why else _made_from(value)


@register.markdown.register
def _(value: Coverage) -> str:
    rows = [
        f"| {markdown.inline(shared.byline(row.article))} | {markdown.inline(_what(row))} |"
        for row in _order(value)[:_ROWS]
    ]
    more = len(value.articles) - _ROWS
    table = "\n".join(["| article | what became of it |\n| :--- | :--- |", *rows])
    return "\n\n".join([markdown.inline(_summed(value)), table, *([_more(more, ".articles")] if more > 0 else [])])


@register.markdown.register
def _(value: SummaryNode) -> str:
    return "\n".join(_indented(value, "", markdown.inline, markdown.sentence))


def _indented(
    value: SummaryNode, lead: str, inline: Callable[[str], str], sentence: Callable[[Claim], str]
) -> Iterable[str]:
    count = shared.plural(len(value.articles), "article")
    yield f"{lead}- **{inline(shared.one_line(value.title))}** ({count})"
    for claim in value.claims:
        yield f"{lead}  - {sentence(claim)}"
    for note in value.notes:
        yield f"{lead}  - **Note:** {inline(note)}"
    for child in value.children[:_ROWS]:
        yield from _indented(child, f"{lead}  ", inline, sentence)
    if len(value.children) > _ROWS:
        yield f"{lead}  - {_more(len(value.children) - _ROWS, '.children')}"


# Text ----------------------------------------------------------------------------------------------------------------


@register.text.register
def _(value: Summary) -> list[str]:
    if value.answered:
        if value.style == "bullets":
            lines = [line for claim in value.claims for line in text.wrap(text.sentence(claim), "  ", "- ")]
        else:
            lines = text.wrap(" ".join(map(text.sentence, value.claims)))
        lines += text.sources(shared.cited(value.claims, value.citations))
    else:
        lines = text.abstention(value.reason, value.hits)
    lines += text.notes(value.notes)
    if value.coverage is not None and len(value.coverage.articles) > 1:
        lines += text.wrap(_summed(value.coverage))
    return [*lines, *text.wrap(" · ".join(shared.footer(value)))]


@register.text.register
def _(value: Coverage) -> list[str]:
    lines = text.wrap(_summed(value))
    for what, articles in _alike(value):
        lines += text.wrap(f"{what}:", "    ", "  ")
        lines += [line for one in articles for line in text.wrap(shared.byline(one), "      ", "    - ")]
    more = len(value.articles) - _ROWS
    return [*lines, f"  {_more(more, '.articles')}"] if more > 0 else lines


@register.text.register
def _(value: SummaryNode) -> list[str]:
    return list(_lines(value, ""))


def _lines(value: SummaryNode, lead: str) -> Iterable[str]:
    count = shared.plural(len(value.articles), "article")
    yield from text.wrap(f"{shared.one_line(value.title)} ({count})", f"{lead}  ", lead)
    for claim in value.claims:
        yield from text.wrap(text.sentence(claim), f"{lead}    ", f"{lead}  - ")
    for note in value.notes:
        yield from text.wrap(shared.one_line(note), f"{lead}        ", f"{lead}  Note: ")
    for child in value.children[:_ROWS]:
        yield from _lines(child, f"{lead}    ")
    if len(value.children) > _ROWS:
        yield f"{lead}    {_more(len(value.children) - _ROWS, '.children')}"
