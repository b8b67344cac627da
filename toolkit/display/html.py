"""HTML that survives JupyterLab's sanitizer, so that it looks and works the same in untrusted output.

That sanitizer drops scripts, style elements and every style value that is not on its list: ``currentColor`` and
``inherit`` among them. So nothing here depends on them: muted text uses ``opacity``, tints and rules are ``rgba``, a
border without a colour takes the text's, and a highlighted quote brings both its colours. A click works by
``details`` alone, since anchors inside an output would move the whole notebook.
"""

from __future__ import annotations

from functools import singledispatch
from html import escape

from toolkit.display import shared
from toolkit.errors import ArgumentError
from toolkit.preview import Preview
from toolkit.types import AddReport, Answer, Article, Citation, CitedText, Claim, Hit, Hits, Summary, Verdict

_ROOT = "font-family: system-ui, sans-serif; font-size: 14px; line-height: 1.6; text-align: left"
_MUTED = "opacity: 0.7"
_SMALL = "font-size: 12px"
_MARK = "background-color: rgba(255, 222, 110, 0.92); color: #1c1a12; padding: 1px 2px; border-radius: 2px"
_QUOTE = (
    "margin: 6px 0; padding: 2px 0 2px 12px; border: none; border-left: 3px solid rgba(128, 128, 128, 0.5); "
    "white-space: pre-line; overflow-wrap: break-word"
)
_PANEL = (
    "margin: 6px 0 10px 0; padding: 6px 12px; background-color: rgba(128, 128, 128, 0.1); border-radius: 6px; "
    "font-size: 13px"
)
_SUMMARY = "cursor: pointer"
_INLINE = "display: inline-block; max-width: 100%; vertical-align: top"  # inline would end the line even when closed
_CELL = "padding: 5px 12px 5px 0; text-align: left; vertical-align: top; border: none; white-space: normal"
_RULE = "border-top: 1px solid rgba(128, 128, 128, 0.3)"

_TINT: dict[Verdict, str] = {
    "quoted": "40, 160, 90",
    "supported": "40, 140, 190",
    "partly": "230, 160, 20",
    "contradicted": "225, 60, 50",
    "unsupported": "225, 60, 50",
}
_SAYS: dict[Verdict, str] = {
    "quoted": "quoted",
    "supported": "supported",
    "partly": "partly supported",
    "contradicted": "contradicted",
    "unsupported": "unsupported",
}
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
    width = "72em" if isinstance(value, Hit | tuple | list) else "48em"  # a table needs room, a paragraph a short line
    return f'<div class="tex2jax_ignore mathjax_ignore" style="max-width: {width}; {_ROOT}">{_body(value)}</div>'


def _text(text: str) -> str:
    return escape(shared.visible(text))


def _line(text: str) -> str:
    return escape(shared.one_line(text))


def _isolated(text: str) -> str:
    """Escaped text that keeps a right-to-left title from reordering what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"


def _link(url: str | None) -> str:
    if not url:
        return ""
    shown = escape(shared.shorten(url, 100))
    address = shared.link(url)
    if address is None:
        return f'<span style="{_MUTED}; word-break: break-all">{shown}</span>'
    style = "color: inherit; text-decoration: underline; word-break: break-all"
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer" style="{style}">{shown}</a>'


def _byline(article: Article) -> str:
    publisher = _isolated(shared.one_line(article.publisher or "")) if article.publisher else ""
    date = f'<span style="white-space: nowrap">{article.date}</span>' if article.date else ""
    known = ", ".join(part for part in (publisher, date) if part)
    shown = f"<cite>{_isolated(shared.title(article))}</cite>"
    return f'{shown} <span style="{_MUTED}">— {known}</span>' if known else shown


def _blockquote(inner: str) -> str:
    return f'<blockquote style="{_QUOTE}">{inner}</blockquote>'


def _fold(summary: str, inner: str, style: str, summary_style: str = _SUMMARY, hover: str = "") -> str:
    title = f' title="{escape(hover)}"' if hover else ""
    return f'<details style="{style}"><summary style="{summary_style}"{title}>{summary}</summary>{inner}</details>'


def _quotation(citation: Citation) -> str:
    around = shared.surroundings(citation)
    before = ("… " if around.cut_before else "") + _text(around.before)
    after = _text(around.after) + (" …" if around.cut_after else "")
    return _blockquote(f'{before}<mark style="{_MARK}">{_text(around.quote)}</mark>{after}')


def _address(article: Article) -> str:
    shown = _link(article.url)
    return f'<div style="{_SMALL}">{shown}</div>' if shown else ""


def _marker(citation: Citation) -> str:
    """The small number after a claim; a click on it opens the quote right there."""
    article = citation.article
    number = f'<sup style="font-size: 11px; line-height: 0; text-decoration: underline">[{citation.marker}]</sup>'
    panel = f'<div style="{_PANEL}"><div>{_byline(article)}</div>{_quotation(citation)}{_address(article)}</div>'
    return _fold(number, panel, _INLINE, f"display: inline; {_SUMMARY}", shared.byline(article))


def _verdict(verdict: Verdict) -> str:
    """The verdict's word, in the text's own colour on a tint: faint when all is well, plain to see when it is not."""
    well = verdict in ("quoted", "supported")
    tint = f"rgba({_TINT[verdict]}, {0.12 if well else 0.25})"
    style = f"font-size: 11px; padding: 1px 6px; border-radius: 8px; background-color: {tint}"
    return f'<small style="{style}{"; " + _MUTED if well else ""}">{_SAYS[verdict]}</small>'


def _sentence(claim: Claim) -> str:
    text = _line(claim.text)
    if claim.verdict == "unsupported":
        text = f'<s style="{_MUTED}; text-decoration: line-through">{text}</s>'
    elif claim.verdict == "contradicted":
        text = f'<span style="border-bottom: 2px dotted rgba({_TINT["contradicted"]}, 0.8)">{text}</span>'
    differs = shared.remarks(claim)
    why = f' <small style="{_SMALL}">{escape(differs)}</small>' if differs else ""
    # No line break before the verdict: at the start of a line it would seem to belong to the next claim.
    return " ".join([f"{text}\u00a0{_verdict(claim.verdict)}{why}", *map(_marker, claim.citations)])


def _folded_source(citation: Citation) -> str:
    inner = f'<div style="margin: 0 0 8px 16px">{_quotation(citation)}{_address(citation.article)}</div>'
    return _fold(f"[{citation.marker}] {_byline(citation.article)}", inner, "margin: 2px 0")


def _sources(citations: tuple[Citation, ...]) -> str:
    if not citations:
        return ""
    inner = "".join(map(_folded_source, citations))
    return f'<div style="margin: 10px 0 0 0; font-size: 13px">{inner}</div>'


def _passage(hit: Hit) -> str:
    quoted = _blockquote(_text(hit.passage.text.strip()))
    return f'<div style="margin: 8px 0">{_byline(hit.article)}{quoted}{_address(hit.article)}</div>'


def _abstention(value: CitedText) -> str:
    reason = f': <span style="{_MUTED}">{_line(value.reason)}</span>' if value.reason else "."
    shown = f"<div><strong>{shared.NOT_FOUND}</strong>{reason}</div>"
    hits = shared.closest(value)
    if hits:
        shown += _fold("What came closest", "".join(map(_passage, hits)), "margin: 6px 0; font-size: 13px")
    return shown


def _note(note: str) -> str:
    style = f"{_PANEL}; background-color: rgba({_TINT['partly']}, 0.18)"
    return f'<div style="{style}"><strong>Note:</strong> {_line(note)}</div>'


@_body.register(Answer)
@_body.register(Summary)
def _cited_text(value: CitedText) -> str:
    if value.answered:
        said = f"<div>{' '.join(map(_sentence, value.claims))}</div>"
        said += _sources(shared.cited(value.claims, value.citations))
    else:
        said = _abstention(value)
    said += "".join(map(_note, value.notes))
    made = escape(" · ".join(shared.footer(value)))
    return f'{said}<div style="margin: 8px 0 0 0; {_SMALL}; opacity: 0.65">{made}</div>'


@_body.register
def _(value: Preview) -> str:
    if value.model is None:
        return f"<div><strong>{shared.NO_MODEL}</strong>: {_line(value.reason or '')}</div>"
    shown = f"<div><strong>{shared.NOTHING_SENT}</strong> {escape(shared.forecast(value))}</div>"
    shown += "".join(map(_note, value.notes))
    return shown + "".join(
        _fold(f"<strong>{message.role}</strong>", _blockquote(_text(message.content)), "margin: 6px 0; font-size: 13px")
        for message in value.messages
    )


@_body.register
def _(value: Claim) -> str:
    return f"<div>{_sentence(value)}</div>{_sources(shared.cited((value,), ()))}"


@_body.register
def _(value: Citation) -> str:
    return f"<div>[{value.marker}] {_byline(value.article)}</div>{_quotation(value)}{_address(value.article)}"


def _snippet(text: str) -> str:
    stripped = text.strip()
    if len(stripped) <= _LONG_PASSAGE:
        return _line(stripped)
    return _fold(escape(shared.shorten(stripped, 140)), _blockquote(_text(stripped)), "margin: 0")


def _row(hit: Hit) -> str:
    article = hit.article
    cells = (
        f"{hit.score:.3f}",
        f"<cite>{_isolated(shared.title(article))}</cite>",
        _isolated(shared.one_line(article.publisher or "")),
        f'<span style="white-space: nowrap">{article.date or ""}</span>',
        _snippet(hit.passage.text),
    )
    return "<tr>" + "".join(f'<td style="{_CELL}; {_RULE}">{cell}</td>' for cell in cells) + "</tr>"


def _table(hits: tuple[Hit, ...]) -> str:
    if not hits:
        return "<div>No hits.</div>"
    names = ("score", "title", "publisher", "date", "passage")
    head = "".join(f'<th style="{_CELL}; {_SMALL}; font-weight: normal; {_MUTED}">{name}</th>' for name in names)
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
        f'<li style="margin: 2px 0; overflow-wrap: break-word">{_line(failure.source)} '
        f'<span style="{_MUTED}">— {_line(failure.reason)}</span></li>'
        for failure in value.failed
    )
    failed = f'<ul style="margin: 4px 0; padding: 0 0 0 20px; font-size: 13px">{items}</ul>'
    if len(value.failed) <= _MANY_FAILURES:
        return shown + failed
    return shown + _fold("What failed, and why", failed, "margin: 4px 0; font-size: 13px")


@_body.register
def _(value: Article) -> str:
    known = " · ".join(map(_isolated, shared.about(value)))
    return (
        f"<div><strong>{_isolated(shared.title(value))}</strong></div>"
        f'<div style="{_SMALL}; {_MUTED}">{known}</div>{_address(value)}'
        f"{_fold('Text', _blockquote(_text(value.text.strip())), 'margin: 6px 0')}"
    )
