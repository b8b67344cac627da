"""HTML that survives JupyterLab's sanitizer, so that it looks and works the same in untrusted output.

That sanitizer drops scripts, style elements and every style value that is not on its list: ``currentColor`` and
``inherit`` among them. So nothing here depends on them: muted text uses ``opacity``, tints and rules are ``rgba``, a
border without a colour takes the text's, and a highlighted quote brings both its colours. A click works by
``details`` alone, since anchors inside an output would move the whole notebook.
"""

from __future__ import annotations

from functools import singledispatch
from html import escape

from toolkit.display import elements as el
from toolkit.display import shared
from toolkit.errors import ArgumentError
from toolkit.types import AddReport, Answer, Article, Citation, CitedText, Claim, Hit, Hits
from toolkit.types.preview import Preview

WIDE: set[type] = {Hit, tuple, list}
"""The kinds of value that are tables, which need room; a paragraph needs a short line."""

_LONG_PASSAGE = 240
_MANY_FAILURES = 5


@singledispatch
def _body(value: object) -> str:
    raise ArgumentError(shared.cannot_show(value))


def to_html(value: object) -> str:
    """A value as one HTML element with inline styles: no script, no style element, no id, links to http(s) only.

    Args:
        value: An Answer, Summary, Preview, Claim, Citation, Hit, Hits (or a tuple or list of Hit), AddReport or
            Article.

    Returns:
        A ``div`` of the classes ``tex2jax_ignore mathjax_ignore``, which can always be encoded as UTF-8.

    Raises:
        ArgumentError: When the value is none of these.
    """
    shared.learn(value)
    body = _body(value)
    width = "72em" if isinstance(value, tuple(WIDE)) else "48em"
    return f'<div class="tex2jax_ignore mathjax_ignore" style="max-width: {width}; {el.ROOT}">{body}</div>'


@_body.register(Answer)
def _cited_text(value: CitedText) -> str:
    if value.answered:
        said = f"<div>{' '.join(map(el.sentence, value.claims))}</div>"
        said += el.sources(shared.cited(value.claims, value.citations))
    else:
        said = el.abstention(value)
    said += "".join(map(el.note, value.notes))
    made = escape(" · ".join(shared.footer(value)))
    return f'{said}<div style="margin: 8px 0 0 0; {el.SMALL}; opacity: 0.65">{made}</div>'


@_body.register
def _(value: Preview) -> str:
    if value.model is None:
        return f"<div><strong>{shared.NO_MODEL}</strong>: {el.escaped_line(value.reason or '')}</div>"
    shown = f"<div><strong>{shared.NOTHING_SENT}</strong> {escape(shared.forecast(value))}</div>"
    shown += "".join(map(el.note, value.notes))
    return shown + "".join(
        el.fold(
            f"<strong>{message.role}</strong>",
            el.blockquote(el.escaped(message.content)),
            "margin: 6px 0; font-size: 13px",
        )
        for message in value.messages
    )


@_body.register
def _(value: Claim) -> str:
    return f"<div>{el.sentence(value)}</div>{el.sources(shared.cited((value,), ()))}"


@_body.register
def _(value: Citation) -> str:
    return f"<div>[{value.marker}] {el.byline(value.article)}</div>{el.quotation(value)}{el.address(value.article)}"


def _snippet(text: str) -> str:
    stripped = text.strip()
    if len(stripped) <= _LONG_PASSAGE:
        return el.escaped_line(stripped)
    return el.fold(escape(shared.shorten(stripped, 140)), el.blockquote(el.escaped(stripped)), "margin: 0")


def _row(hit: Hit) -> str:
    article = hit.article
    cells = (
        f"{hit.score:.3f}",
        f"<cite>{el.isolated(shared.title(article))}</cite>",
        el.isolated(shared.one_line(article.publisher or "")),
        f'<span style="white-space: nowrap">{article.date or ""}</span>',
        _snippet(hit.passage.text),
    )
    return "<tr>" + "".join(f'<td style="{el.CELL}; {el.RULE}">{cell}</td>' for cell in cells) + "</tr>"


def _table(hits: tuple[Hit, ...]) -> str:
    if not hits:
        return "<div>No hits.</div>"
    names = ("score", "title", "publisher", "date", "passage")
    head = "".join(f'<th style="{el.CELL}; {el.SMALL}; font-weight: normal; {el.MUTED}">{name}</th>' for name in names)
    rows = "".join(map(_row, hits))
    style = "border-collapse: collapse; border: none; margin: 0; width: 100%; table-layout: auto; font-size: 13px"
    return f'<table style="{style}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


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
    shown = f"<div>{escape(shared.added(value))}</div>"
    if not value.failed:
        return shown
    items = "".join(
        f'<li style="margin: 2px 0; overflow-wrap: break-word">{el.escaped_line(failure.source)} '
        f'<span style="{el.MUTED}">— {el.escaped_line(failure.reason)}</span></li>'
        for failure in value.failed
    )
    failed = f'<ul style="margin: 4px 0; padding: 0 0 0 20px; font-size: 13px">{items}</ul>'
    if len(value.failed) <= _MANY_FAILURES:
        return shown + failed
    return shown + el.fold("What failed, and why", failed, "margin: 4px 0; font-size: 13px")


@_body.register
def _(value: Article) -> str:
    known = " · ".join(map(el.isolated, shared.about(value)))
    return (
        f"<div><strong>{el.isolated(shared.title(value))}</strong></div>"
        f'<div style="{el.SMALL}; {el.MUTED}">{known}</div>{el.address(value)}'
        f"{el.fold('Text', el.blockquote(el.escaped(value.text.strip())), 'margin: 6px 0')}"
    )
