"""Markdown that reads the same in JupyterLab, on GitHub and in a text editor.

Numbers in brackets and a list of sources, not footnotes: JupyterLab does not render footnotes. What an article says is
escaped so that it stays text: character references where a backslash would not do (JupyterLab looks for math and for
placeholders of its own in the raw Markdown, past backslashes), a backslash elsewhere.

An escaped dollar is not enough in JupyterLab: it typesets whatever looks like math in the rendered page, where the
escape is gone. So Markdown with a dollar or a backslash in it comes inside a ``div`` that MathJax passes over.
"""

from __future__ import annotations

import re
from functools import singledispatch
from urllib.parse import urlsplit

from toolkit.display import shared
from toolkit.errors import ArgumentError
from toolkit.types import AddReport, Answer, Article, Citation, CitedText, Claim, Hit, Hits
from toolkit.types.preview import Preview

_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "&#92;", "@": "&#64;"}
_MARKUP = re.compile(r"[&<>\\@$`*_\[\]|~]|(?<=[A-Za-z]):(?=\S)|(?<=[wW]{3})\.")  # the last two stop bare addresses
_TARGET = {"&": "&amp;", "$": "%24", "(": "%28", ")": "%29", "[": "%5B", "]": "%5D", "@": "%40"}
_NO_MATH = '<div class="tex2jax_ignore mathjax_ignore">\n\n{}\n\n</div>'


@singledispatch
def _body(value: object) -> str:
    raise ArgumentError(shared.cannot_show(value))


def to_markdown(value: object) -> str:
    """A value as Markdown: sentences with ``[n]``, then the sources with quote and link.

    Args:
        value: An Answer, Summary, Preview, Claim, Citation, Hit, Hits (or a tuple or list of Hit), AddReport or
            Article.

    Returns:
        CommonMark, with GitHub's tables and strikethrough, ending in a newline. The only HTML is one ``div`` around
        everything when there is a dollar or a backslash in it, to keep MathJax from typesetting prices.

    Raises:
        ArgumentError: When the value is none of these.
    """
    shared.learn(value)
    body = _body(value).strip("\n")
    return (_NO_MATH.format(body) if "$" in body or "&#92;" in body else body) + "\n"


def _mark(match: re.Match[str]) -> str:
    char = match.group()
    return _REFERENCES.get(char, "\\" + char)


def _inline(text: str) -> str:
    """Text on one line in which nothing is markup; not for the start of a block."""
    return _MARKUP.sub(_mark, shared.one_line(text))


def _block(text: str) -> str:
    """:func:`_inline` text that may start a block: no heading, list, rule or directive."""
    return re.sub(r"\A(\d+)([.)])", r"\1\\\2", re.sub(r"\A([#+\-=:%])", r"\\\1", _inline(text)))


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
        return _inline(article.url)
    return _link(_inline(urlsplit(article.url).hostname or article.url), article.url)


def _byline(article: Article) -> str:
    known = [part for part in (_inline(shared.source(article)), _address(article)) if part]
    return " — ".join([f"*{_inline(shared.title(article))}*", *([", ".join(known)] if known else [])])


def _quotation(text: str) -> str:
    return f"> {_block(text)}"


def _source(citation: Citation) -> str:
    return f"**[{citation.marker}]** {_byline(citation.article)}\n\n{_quotation(citation.quote)}"


def _sentence(claim: Claim, *, always: bool = False) -> str:
    said = _block(claim.text)
    parts = [f"~~{said}~~" if claim.verdict == "unsupported" and said else said]
    if always or claim.verdict not in ("quoted", "supported"):
        differs = shared.remarks(claim)
        parts.append(f"**({claim.verdict}{'; ' + _inline(differs) if differs else ''})**")
    parts += [f"[{citation.marker}]" for citation in claim.citations]
    return " ".join(parts)


def _abstention(value: CitedText) -> list[str]:
    reason = _inline(value.reason or "")
    blocks = [f"**{shared.NOT_FOUND}**: {reason}" if reason else f"**{shared.NOT_FOUND}**"]
    hits = shared.closest(value)
    if hits:
        blocks.append("Closest:")
    for hit in hits:
        blocks += [_byline(hit.article), _quotation(hit.passage.text)]
    return blocks


@_body.register(Answer)
def _cited_text(value: CitedText) -> str:
    if value.answered:
        sources = map(_source, shared.cited(value.claims, value.citations))
        blocks = [" ".join(map(_sentence, value.claims)), *sources]
    else:
        blocks = _abstention(value)
    blocks += [f"**Note:** {_inline(note)}" for note in value.notes]
    return "\n\n".join([*blocks, f"*{_inline(' · '.join(shared.footer(value)))}*"])


@_body.register
def _(value: Preview) -> str:
    if value.model is None:
        return f"**{shared.NO_MODEL}**: {_inline(value.reason or '')}"
    blocks = [f"**{shared.NOTHING_SENT}** {_inline(shared.forecast(value))}"]
    blocks += [f"**Note:** {_inline(note)}" for note in value.notes]
    for message in value.messages:
        paragraphs = (part for part in shared.visible(message.content).split("\n") if part.strip())
        blocks += [f"**{message.role}**", *map(_quotation, paragraphs)]
    return "\n\n".join(blocks)


@_body.register
def _(value: Claim) -> str:
    return "\n\n".join([_sentence(value, always=True), *map(_source, value.citations)])


@_body.register
def _(value: Citation) -> str:
    return _source(value)


def _row(hit: Hit) -> str:
    article = hit.article
    cells = (
        f"{hit.score:.3f}",
        _link(_inline(shared.title(article)), article.url),
        _inline(article.publisher or ""),
        article.date or "",
        _inline(shared.shorten(hit.passage.text, 240)),
    )
    return f"| {' | '.join(cells)} |"


def _table(hits: tuple[Hit, ...]) -> str:
    if not hits:
        return "No hits."
    head = "| score | title | publisher | date | passage |\n| ---: | :--- | :--- | :--- | :--- |"
    return "\n".join([head, *map(_row, hits)])


@_body.register
def _(value: Hit) -> str:
    return _table((value,))


@_body.register(Hits)
@_body.register(tuple)
@_body.register(list)
def _hits(value: tuple[Hit, ...] | list[Hit]) -> str:
    return _table(shared.only_hits(value))


@_body.register
def _(value: AddReport) -> str:
    failed = [f"- {_block(failure.source)} — {_inline(failure.reason)}" for failure in value.failed]
    return "\n\n".join([_inline(shared.added(value)), *(["\n".join(failed)] if failed else [])])


@_body.register
def _(value: Article) -> str:
    known = [(_inline if place else _block)(part) for place, part in enumerate(shared.about(value))]
    address = _address(value)
    head = " · ".join([*known, *([address] if address else [])])
    paragraphs = [_block(part) for part in shared.visible(value.text).split("\n") if part.strip()]
    return "\n\n".join([f"**{_inline(shared.title(value))}**", head, *paragraphs])
