"""A briefing as one HTML file: a whole document that fetches nothing and runs nothing, on paper too.

It has a style element and anchors, which notebook output must not have; see ``briefing.py`` for that. A policy in its
head forbids the browser whatever the file does not bring along, should an escape ever be missing.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape

from toolkit.display import elements as el
from toolkit.display import register, shared
from toolkit.display.briefing import MARKED, made
from toolkit.types import Citation, Claim
from toolkit.types.briefing import Block, Briefing, Entry, Listing, Prose, Section, Words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

STYLE = """
:root { color-scheme: light dark; --text: #1d1d1b; --paper: #fff; --muted: #5c5c58; --line: #d9d9d4; --link: #0b57a4;
  --good: #e3f2e8; --warn: #fdf0d5; --bad: #fbe1de; --mark: #f4f4f1 }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e2; --paper: #161615; --muted: #a5a59f; --line: #3b3b38;
  --link: #8cbcf2; --good: #16351f; --warn: #43330d; --bad: #4d1f1a; --mark: #222220 } }
* { box-sizing: border-box }
html { background: var(--paper); color: var(--text); font: 17px/1.55 Georgia, "Times New Roman", serif }
body { max-width: 42em; margin: 0 auto; padding: 2.5em 1.2em 4em; overflow-wrap: break-word }
h1, h2, h3, h4 { line-height: 1.25; font-family: system-ui, sans-serif; break-after: avoid; text-wrap: balance }
h1 { font-size: 1.8em; margin: 0 0 .3em } h2 { font-size: 1.3em; margin: 2em 0 .5em }
h3 { font-size: 1.1em; margin: 1.6em 0 .4em } h4 { font-size: 1em; margin: 1.3em 0 .3em }
p { margin: .6em 0 } ul { margin: .6em 0; padding-left: 1.3em } li { margin: .35em 0 }
a { color: var(--link) } a.cite { text-decoration: none; font-size: .75em; vertical-align: .35em; line-height: 0 }
a.cite:hover, a.cite:focus { text-decoration: underline }
.small, .made, footer { color: var(--muted); font: .8em/1.5 system-ui, sans-serif }
.made { margin: .4em 0 0 } footer { margin-top: 3em; padding-top: 1em; border-top: 1px solid var(--line) }
.note, .abstention { padding: .5em .9em; border-radius: 6px; background: var(--warn) }
.day { white-space: nowrap }
.verdict { padding: .05em .5em; border-radius: 1em; font: .72em/1.4 system-ui, sans-serif; white-space: nowrap }
.partly { background: var(--warn) } .contradicted, .unsupported { background: var(--bad) }
.quoted, .supported { background: var(--good) }
.label { font: 600 .88em/1.4 system-ui, sans-serif } s { color: var(--muted) }
.sources { padding: 0; list-style: none } .sources > li { margin: 1em 0; padding-left: 2.6em; position: relative }
.sources > li:target { background: var(--warn); outline: .4em solid var(--warn) }
.number { position: absolute; left: 0; font: .85em/1.8 system-ui, sans-serif; color: var(--muted) }
blockquote { margin: .4em 0; padding: .1em 0 .1em .9em; border-left: 3px solid var(--line); white-space: pre-line }
.address { font: .8em/1.5 system-ui, sans-serif; word-break: break-all }
.back { font: .8em system-ui, sans-serif; text-decoration: none; margin-left: .3em }
@page { margin: 18mm 16mm 20mm }
@media print { :root { --text: #000; --paper: #fff; --muted: #444; --line: #bbb; --link: #000; --good: #eee;
  --warn: #eee; --bad: #ddd } html { font-size: 10.5pt } body { max-width: none; padding: 0 } .back { display: none }
  .sources > li, li, .note { break-inside: avoid } p { orphans: 3; widows: 3 } .verdict { border: 1px solid #888 }
  .note, .abstention { border-left: 3px solid #888 } }
"""

_DAY = 'class="day"'


def to_document(value: Briefing) -> str:
    """A briefing as a whole HTML document.

    Args:
        value: The briefing.

    Returns:
        A document that can always be encoded as UTF-8; links lead to http(s) or to places in the document only.
    """
    return _Document(value).html()


def head(title: str, style: str, language: str = "en") -> str:
    """A document up to its body: what the browser may do, how the page is laid out, what it is called.

    Args:
        title: Of the window, as HTML.
        style: Its style sheet.
        language: Of its text, by its code.
    """
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f'<meta name="generator" content="citebook">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n'
    )


class _Document:
    def __init__(self, value: Briefing) -> None:
        self._value = value
        self._uses: dict[int, int] = defaultdict(int)

    def html(self) -> str:
        value = self._value
        title = el.escaped_line(value.title)
        body = self._sections(value.sections)  # before the sources, which lead back to every use
        sources = "".join(map(self._source, value.citations))
        listed = f'<section>\n<h2 id="sources">Sources</h2>\n<ol class="sources">\n{sources}</ol>\n</section>\n'
        said = f"{made(value)}. {MARKED}" if value.claims else made(value)
        return (
            f"{head(title, STYLE, value.language)}"
            f'<body class="tex2jax_ignore mathjax_ignore">\n<header><h1 dir="auto">{title}</h1></header>\n'
            f"<main>\n{body}{listed if value.citations else ''}</main>\n"
            f"<footer>{escape(said)}</footer>\n</body>\n</html>\n"
        )

    def _sections(self, parts: tuple[Section, ...]) -> str:
        shown, level = [], 2
        for section in parts:
            level = 2 if section.chapter else level
            heading = f'<h{level} dir="auto">{el.escaped_line(section.heading)}</h{level}>\n' if section.heading else ""
            blocks = "".join(self._block(block, level + 1) for block in section.blocks)
            small = f'<p class="made">{el.escaped_line(section.made)}</p>\n' if section.made else ""
            shown.append(f"<section>\n{heading}{blocks}{small}</section>\n")
            level = 3 if section.chapter else level
        return "".join(shown)

    def _block(self, block: Block, level: int) -> str:
        if isinstance(block, Prose):
            return f'<p dir="auto">{" ".join(map(self._sentence, block.claims))}</p>\n'
        if isinstance(block, Words):
            return _words(block, level)
        if isinstance(block, Listing):
            return f"<ul>\n{''.join(map(self._entry, block.entries))}</ul>\n"
        return f"<div>{register.html(block.value)}</div>\n"

    def _entry(self, entry: Entry) -> str:
        parts = [f'<span class="label">{el.isolated(shared.one_line(entry.label))}</span>'] if entry.label else []
        if entry.text:
            said = el.escaped_line(entry.text)
            parts.append(f"<s>{said}</s>" if entry.gone else f"<span>{said}</span>")
        parts += [*map(self._sentence, entry.claims), *map(self._number, entry.also)]
        if entry.note:
            parts.append(f'<span class="small">{el.days(el.escaped_line(entry.note), _DAY)}</span>')
        return f'<li dir="auto">{" ".join(parts)}</li>\n'

    def _sentence(self, claim: Claim) -> str:
        said = el.escaped_line(claim.text)
        said = f"<s>{said}</s>" if claim.verdict == "unsupported" else said
        parts = [said]
        if claim.verdict not in ("quoted", "supported"):
            parts[0] += f'\u00a0<span class="verdict {claim.verdict}">{el.SAYS[claim.verdict]}</span>'
            if differs := shared.remarks(claim):
                parts.append(f'<span class="small">({escape(differs)})</span>')
        # A number at the start of a line would seem to belong to the next sentence.
        return " ".join(parts) + "".join(f"\u00a0{self._number(citation)}" for citation in claim.citations)

    def _number(self, citation: Citation) -> str:
        self._uses[citation.marker] += 1
        place = f"r{citation.marker}-{self._uses[citation.marker]}"
        hover = escape(shared.byline(citation.article))
        return f'<a class="cite" id="{place}" href="#s{citation.marker}" title="{hover}">[{citation.marker}]</a>'

    def _source(self, citation: Citation) -> str:
        number, article = citation.marker, citation.article
        back = "".join(
            f'<a class="back" href="#r{number}-{use}" aria-label="Back to place {use} in the text">↩</a>'
            for use in range(1, self._uses[number] + 1)
        )
        known = ", ".join(filter(None, (shared.one_line(article.publisher or ""), article.date)))
        known = f' <span class="small">— {el.days(el.isolated(known), _DAY)}</span>' if known else ""
        return (
            f'<li id="s{number}"><span class="number">[{number}]</span>'
            f"<cite>{el.isolated(shared.title(article))}</cite>{known} {back}\n"
            f'<blockquote dir="auto">{el.escaped(citation.quote)}</blockquote>\n'
            f"{_address(article.url)}</li>\n"
        )


def _words(words: Words, level: int) -> str:
    said = el.escaped_line(words.text)
    if words.kind == "heading":
        return f'<h{level} dir="auto">{said}</h{level}>\n'
    lead = "Note" if words.kind == "note" else el.escaped_line(words.lead)
    lead = f"<strong>{lead}</strong>{': ' if said else ''}" if lead else ""
    kind = {"note": ' class="note"', "abstention": ' class="abstention"', "muted": ' class="small"'}.get(words.kind, "")
    return f'<p{kind} dir="auto">{lead}{said}</p>\n'


def _address(url: str | None) -> str:
    """The address in full, since paper has no links; a link when it is one to trust."""
    if not url:
        return ""
    shown, address = el.escaped_line(url), shared.link(url)
    if address is not None:
        shown = f'<a href="{escape(address)}" rel="noopener noreferrer">{shown}</a>'
    return f'<div class="address">{shown}</div>\n'
