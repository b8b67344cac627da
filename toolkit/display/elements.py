"""The pieces that all our HTML is made of: escaped text, quotes, folds, verdicts, sources; rules as in html.py."""

from __future__ import annotations

from html import escape

from toolkit.display import shared
from toolkit.types import Article, Citation, CitedText, Claim, Hit, Verdict

ROOT = "font-family: system-ui, sans-serif; font-size: 14px; line-height: 1.6; text-align: left"
MUTED = "opacity: 0.7"
SMALL = "font-size: 12px"
MARK = "background-color: rgba(255, 222, 110, 0.92); color: #1c1a12; padding: 1px 2px; border-radius: 2px"
QUOTE = (
    "margin: 6px 0; padding: 2px 0 2px 12px; border: none; border-left: 3px solid rgba(128, 128, 128, 0.5); "
    "white-space: pre-line; overflow-wrap: break-word"
)
PANEL = (
    "margin: 6px 0 10px 0; padding: 6px 12px; background-color: rgba(128, 128, 128, 0.1); border-radius: 6px; "
    "font-size: 13px"
)
SUMMARY = "cursor: pointer"
INLINE = "display: inline-block; max-width: 100%; vertical-align: top"  # inline would end the line even when closed
CELL = "padding: 5px 12px 5px 0; text-align: left; vertical-align: top; border: none; white-space: normal"
_NUMBER = "font-size: 11px; line-height: 1; vertical-align: baseline; text-decoration: underline"
RULE = "border-top: 1px solid rgba(128, 128, 128, 0.3)"

TINT: dict[Verdict, str] = {
    "quoted": "40, 160, 90",
    "supported": "40, 140, 190",
    "partly": "230, 160, 20",
    "contradicted": "225, 60, 50",
    "unsupported": "225, 60, 50",
}
SAYS: dict[Verdict, str] = {
    "quoted": "quoted",
    "supported": "supported",
    "partly": "partly supported",
    "contradicted": "contradicted",
    "unsupported": "unsupported",
}


def escaped(text: str) -> str:
    """Text that keeps its line breaks."""
    return escape(shared.visible(text))


def escaped_line(text: str) -> str:
    """Text on one line."""
    return escape(shared.one_line(text))


def isolated(text: str) -> str:
    """Escaped text that keeps a right-to-left title from reordering what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"


def link(url: str | None) -> str:
    """A link to an http(s) address; any other address as plain text."""
    if not url:
        return ""
    shown = escape(shared.shorten(url, 100))
    address = shared.link(url)
    if address is None:
        return f'<span style="{MUTED}; word-break: break-all">{shown}</span>'
    style = "color: inherit; text-decoration: underline; word-break: break-all"
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer" style="{style}">{shown}</a>'


def byline(article: Article) -> str:
    """Title, publisher and day."""
    publisher = isolated(shared.one_line(article.publisher or "")) if article.publisher else ""
    date = f'<span style="white-space: nowrap">{article.date}</span>' if article.date else ""
    known = ", ".join(part for part in (publisher, date) if part)
    shown = f"<cite>{isolated(shared.title(article))}</cite>"
    return f'{shown} <span style="{MUTED}">— {known}</span>' if known else shown


def blockquote(inner: str) -> str:
    """A block with a rule at its side."""
    return f'<blockquote style="{QUOTE}">{inner}</blockquote>'


def fold(summary: str, inner: str, style: str, summary_style: str = SUMMARY, hover: str = "") -> str:
    """What opens at a click on its summary, by ``details`` alone."""
    title = f' title="{escape(hover)}"' if hover else ""
    return f'<details style="{style}"><summary style="{summary_style}"{title}>{summary}</summary>{inner}</details>'


def quotation(citation: Citation) -> str:
    """The quote, highlighted, with what stands around it."""
    around = shared.surroundings(citation)
    before = ("… " if around.cut_before else "") + escaped(around.before)
    after = escaped(around.after) + (" …" if around.cut_after else "")
    return blockquote(f'{before}<mark style="{MARK}">{escaped(around.quote)}</mark>{after}')


def address(article: Article) -> str:
    """The article's link on a small line of its own; nothing when there is none."""
    shown = link(article.url)
    return f'<div style="{SMALL}">{shown}</div>' if shown else ""


def marker(citation: Citation) -> str:
    """The small number after a claim; a click on it opens the quote right there."""
    article = citation.article
    number = f'<sup style="{_NUMBER}">[{citation.marker}]</sup>'
    panel = f'<div style="{PANEL}"><div>{byline(article)}</div>{quotation(citation)}{address(article)}</div>'
    return fold(number, panel, INLINE, f"display: inline; {SUMMARY}", shared.byline(article))


def verdict_word(verdict: Verdict) -> str:
    """The verdict's word, in the text's own colour on a tint: faint when all is well, plain to see when it is not."""
    well = verdict in ("quoted", "supported")
    tint = f"rgba({TINT[verdict]}, {0.12 if well else 0.25})"
    style = f"font-size: 11px; padding: 1px 6px; border-radius: 8px; background-color: {tint}"
    return f'<small style="{style}{"; " + MUTED if well else ""}">{SAYS[verdict]}</small>'


def sentence(claim: Claim) -> str:
    """A claim with its verdict, what differs, and its citations."""
    text = escaped_line(claim.text)
    if claim.verdict == "unsupported":
        text = f'<s style="{MUTED}; text-decoration: line-through">{text}</s>'
    elif claim.verdict == "contradicted":
        text = f'<span style="border-bottom: 2px dotted rgba({TINT["contradicted"]}, 0.8)">{text}</span>'
    differs = shared.remarks(claim)
    why = f' <small style="{SMALL}">{escape(differs)}</small>' if differs else ""
    # No line break before the verdict: at the start of a line it would seem to belong to the next claim.
    return " ".join([f"{text}\u00a0{verdict_word(claim.verdict)}{why}", *map(marker, claim.citations)])


def folded_source(citation: Citation) -> str:
    """One entry of a list of sources, its quote folded."""
    inner = f'<div style="margin: 0 0 8px 16px">{quotation(citation)}{address(citation.article)}</div>'
    return fold(f"[{citation.marker}] {byline(citation.article)}", inner, "margin: 2px 0")


def sources(citations: tuple[Citation, ...]) -> str:
    """The list of sources, each folded; nothing when there are none."""
    if not citations:
        return ""
    inner = "".join(map(folded_source, citations))
    return f'<div style="margin: 10px 0 0 0; font-size: 13px">{inner}</div>'


def passage(hit: Hit) -> str:
    """A retrieved passage with its byline."""
    quoted = blockquote(escaped(hit.passage.text.strip()))
    return f'<div style="margin: 8px 0">{byline(hit.article)}{quoted}{address(hit.article)}</div>'


def abstention(value: CitedText) -> str:
    """What was not found, why, and what came closest."""
    reason = f': <span style="{MUTED}">{escaped_line(value.reason)}</span>' if value.reason else "."
    shown = f"<div><strong>{shared.NOT_FOUND}</strong>{reason}</div>"
    hits = shared.closest(value)
    if hits:
        shown += fold("What came closest", "".join(map(passage, hits)), "margin: 6px 0; font-size: 13px")
    return shown


def note(said: str) -> str:
    """A remark that a reader should not miss."""
    style = f"{PANEL}; background-color: rgba({TINT['partly']}, 0.18)"
    return f'<div style="{style}"><strong>Note:</strong> {escaped_line(said)}</div>'
