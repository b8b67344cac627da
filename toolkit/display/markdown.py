"""Markdown that reads the same in JupyterLab, on GitHub and in a text editor.

Numbers in brackets and a list of sources, or footnotes where they are asked for: JupyterLab does not render footnotes.
What an article says is escaped so that it stays text: character references where a backslash would not do (JupyterLab
looks for math and for placeholders of its own in the raw Markdown, past backslashes), a backslash elsewhere.

An escaped dollar is not enough in JupyterLab: it typesets whatever looks like math in the rendered page, where the
escape is gone. So Markdown with a dollar or a backslash in it comes inside a ``div`` that MathJax passes over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from urllib.parse import urlsplit

from toolkit.display import register, shared
from toolkit.types import AddReport, Answer, Article, Citation, CitedText, Claim, Hit, Hits
from toolkit.types.preview import Preview

_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "&#92;", "@": "&#64;"}
# The last two stop bare addresses. ``^`` and ``==`` mean something to Pandoc and Obsidian.
_MARKUP = re.compile(r"[&<>\\@$`*_\[\]|~^]|=(?==)|(?<=[A-Za-z]):(?=\S)|(?<=[wW]{3})\.")
# What begins a list, for Pandoc also with a letter or a Roman number, or in brackets.
_ITEM = re.compile(r"\A(\(?(?:\d+|[a-z]|[ivxlcdm]+|[IVXLCDM]+))([.)])(?=\s|\Z)")
_TARGET = {"&": "&amp;", "$": "%24", "(": "%28", ")": "%29", "[": "%5B", "]": "%5D", "@": "%40"}
_AUTOMATIC = {char: escape for char, escape in _TARGET.items() if char != "&"}  # an automatic link has no references
_FOOTNOTES: ContextVar[bool] = ContextVar("footnotes", default=False)  # for the time of one to_markdown()
_NO_MATH = '<div class="tex2jax_ignore mathjax_ignore">\n\n{}\n\n</div>'


def to_markdown(value: object, *, footnotes: bool = False) -> str:
    """A value as Markdown: sentences with their numbers, then the sources with quote and link.

    Args:
        value: A value of the toolkit, such as an Answer, a Timeline, a Scorecard or an Article; or a tuple or list of
            Hits.
        footnotes: Number by footnotes, ``[^1]``, which GitHub, Pandoc and Obsidian show below the page and JupyterLab
            does not know.

    Returns:
        CommonMark, with GitHub's tables and strikethrough, and footnotes where asked, ending in a newline. The only
        HTML is one ``div`` around everything when there is a dollar or a backslash in it, to keep MathJax from
        typesetting prices.

    Raises:
        ArgumentError: The value is none of these.
    """
    register.learn(value)
    outer = _FOOTNOTES.set(footnotes)
    try:
        body = register.markdown(value).strip("\n")
    finally:
        _FOOTNOTES.reset(outer)
    return (_NO_MATH.format(body) if "$" in body or "&#92;" in body else body) + "\n"


def _mark(match: re.Match[str]) -> str:
    char = match.group()
    return _REFERENCES.get(char, "\\" + char)


def inline(text: str) -> str:
    """Text on one line in which nothing is markup; not for the start of a block."""
    return _MARKUP.sub(_mark, shared.one_line(text))


def block(text: str) -> str:
    """:func:`inline` text that may start a block: no heading, list, rule or directive."""
    return _ITEM.sub(r"\1\\\2", re.sub(r"\A([#+\-=:%])", r"\\\1", inline(text)))


def _link(label: str, url: str | None) -> str:
    """A link with an escaped label; only the label when the URL must not be one."""
    address = shared.link(url)
    if address is None:
        return label
    return f"[{label}](<{''.join(_TARGET.get(char, char) for char in address)}>)"


def _address(article: Article) -> str:
    """The link to an article under the name of its host, or its URL as text; empty without one."""
    if not article.url:
        return ""
    if shared.link(article.url) is None:
        return inline(article.url)
    return _link(inline(urlsplit(article.url).hostname or article.url), article.url)


def byline(article: Article) -> str:
    """Title, publisher, day and link."""
    known = [part for part in (inline(shared.source(article)), _address(article)) if part]
    return " — ".join([f"*{inline(shared.title(article))}*", *([", ".join(known)] if known else [])])


def quotation(text: str) -> str:
    """A quote in a block of its own."""
    return f"> {block(text)}"


def number(marker: int) -> str:
    """The number of a citation where it is used: ``[1]``, or a footnote's ``[^1]``."""
    return f"[^{marker}]" if _FOOTNOTES.get() else f"[{marker}]"


def source(citation: Citation) -> str:
    """An entry of the list of sources, or a footnote."""
    if not _FOOTNOTES.get():
        return f"**[{citation.marker}]** {byline(citation.article)}\n\n{quotation(citation.quote)}"
    quote = citation.quote.strip().strip('"“”')
    return f"[^{citation.marker}]: “{inline(quote)}” — {reference(citation.article)}"


def reference(article: Article) -> str:
    """Title, publisher, day and address on one line."""
    known = [f"*{inline(shared.title(article))}*", inline(shared.source(article)), _full_address(article)]
    return ", ".join(filter(None, known))


def _full_address(article: Article) -> str:
    """The address as an automatic link; as text when it must not be one; empty without one."""
    if (safe := shared.link(article.url)) is None:
        return inline(article.url or "")
    return f"<{''.join(_AUTOMATIC.get(char, char) for char in safe)}>"


def sentence(claim: Claim, *, always: bool = False) -> str:
    """A claim with its numbers; its verdict where all is not well, or ``always``."""
    said = block(claim.text)
    parts = [f"~~{said}~~" if claim.verdict == "unsupported" and said else said]
    if always or claim.verdict not in ("quoted", "supported"):
        differs = shared.remarks(claim)
        parts.append(f"**({claim.verdict}{'; ' + inline(differs) if differs else ''})**")
    parts += [number(citation.marker) for citation in claim.citations]
    return " ".join(parts)


def notes(said: Iterable[str]) -> list[str]:
    """Remarks that a reader should not miss, each a block."""
    return [f"**Note:** {inline(one)}" for one in said]


def abstention(reason: str | None, hits: Sequence[Hit]) -> list[str]:
    """Why there is nothing, and what came closest."""
    why = inline(reason or "")
    blocks = [f"**{shared.NOT_FOUND}**: {why}" if why else f"**{shared.NOT_FOUND}**"]
    blocks += ["Closest:"] if hits else []
    for hit in hits[: shared.CLOSEST]:
        blocks += [byline(hit.article), quotation(shared.run_in(hit.passage.text))]
    return blocks


@register.markdown.register(Answer)
def _cited_text(value: CitedText) -> str:
    if value.answered:
        sources = map(source, shared.cited(value.claims, value.citations))
        blocks = [" ".join(map(sentence, value.claims)), *sources]
    else:
        blocks = abstention(value.reason, value.hits)
    blocks += notes(value.notes)
    return "\n\n".join([*blocks, f"*{inline(' · '.join(shared.footer(value)))}*"])


@register.markdown.register
def _(value: Preview) -> str:
    if value.model is None:
        return f"**{shared.NO_MODEL}**: {inline(value.reason or '')}"
    blocks = [f"**{shared.NOTHING_SENT}** {inline(shared.forecast(value))}"]
    blocks += notes(value.notes)
    for message in value.messages:
        paragraphs = (part for part in shared.visible(message.content).split("\n") if part.strip())
        blocks += [f"**{message.role}**", *map(quotation, paragraphs)]
    return "\n\n".join(blocks)


@register.markdown.register
def _(value: Claim) -> str:
    return "\n\n".join([sentence(value, always=True), *map(source, value.citations)])


@register.markdown.register
def _(value: Citation) -> str:
    return source(value)


def _row(hit: Hit) -> str:
    article = hit.article
    cells = (
        f"{hit.score:.3f}",
        _link(inline(shared.title(article)), article.url),
        inline(article.publisher or ""),
        article.date or "",
        inline(shared.shorten(shared.run_in(hit.passage.text), shared.EXCERPT)),
    )
    return f"| {' | '.join(cells)} |"


def _table(hits: tuple[Hit, ...]) -> str:
    if not hits:
        return "No hits."
    head = "| score | title | publisher | date | passage |\n| ---: | :--- | :--- | :--- | :--- |"
    more = shared.more_hits(hits)
    return "\n".join([head, *map(_row, hits[: shared.MOST_HITS])]) + (f"\n\n{inline(more)}" if more else "")


@register.markdown.register
def _(value: Hit) -> str:
    return _table((value,))


@register.markdown.register(Hits)
@register.markdown.register(tuple)
@register.markdown.register(list)
def _hits(value: tuple[Hit, ...] | list[Hit]) -> str:
    return _table(shared.only_hits(value))


@register.markdown.register
def _(value: AddReport) -> str:
    failed = [f"- {block(failure.source)} — {inline(failure.reason)}" for failure in value.failed]
    return "\n\n".join([inline(shared.added(value)), *(["\n".join(failed)] if failed else [])])


@register.markdown.register
def _(value: Article) -> str:
    known = [(inline if place else block)(part) for place, part in enumerate(shared.about(value))]
    address = _address(value)
    head = " · ".join([*known, *([address] if address else [])])
    paragraphs = [block(part) for part in shared.visible(value.text).split("\n") if part.strip()]
    return "\n\n".join([f"**{inline(shared.title(value))}**", head, *paragraphs])
