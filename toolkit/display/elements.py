"""The pieces that all our HTML is made of: escaped text, links, folds, pills, tables; rules as in html.py.

One look for every value. Text has three sizes: what is said, what stands beside it, and fine print. The only colours
are tints under the text's own colour, which is the theme's, so that both themes keep their contrast; a colour never
says anything that a word beside it does not say too. What is fixed in colour brings its background along.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from toolkit.display import shared
from toolkit.types import Article, Verdict

ROOT = "font-family: system-ui, sans-serif; font-size: 15px; line-height: 1.6; text-align: left"
MUTED = "opacity: 0.72"
BESIDE = "font-size: 13px"
SMALL = "font-size: 12px"
MARK = "background-color: #ffe08a; color: #1c1a12; padding: 1px 2px; border-radius: 2px"
QUOTE = (
    "margin: 6px 0; padding: 2px 0 2px 12px; border: none; border-left: 3px solid rgba(128, 128, 128, 0.5); "
    "white-space: pre-line; overflow-wrap: break-word"
)
PANEL = (
    "margin: 6px 0 10px 0; padding: 8px 14px; background-color: rgba(128, 128, 128, 0.09); "
    "border: 1px solid rgba(128, 128, 128, 0.22); border-radius: 8px; font-size: 13px"
)
SUMMARY = "cursor: pointer"
INLINE = "display: inline-block; max-width: 100%; vertical-align: top"  # inline would end the line even when closed
CELL = "padding: 6px 14px 6px 0; text-align: left; vertical-align: top; border: none; white-space: normal"
TABLE = "border-collapse: collapse; border: none; margin: 6px 0; width: 100%; table-layout: auto; font-size: 13px"
RULE = "border-top: 1px solid rgba(128, 128, 128, 0.25)"
ROW = '<tr style="background-color: transparent">'  # without the stripes that notebooks give tables
HEADING = "margin: 14px 0 4px 0; font-size: 15px; font-weight: 600; line-height: 1.35"
FOLDED = "margin: 6px 0; font-size: 13px"
CODE = "font-family: monospace; font-size: 12px; white-space: pre-wrap; overflow-wrap: break-word"

_WHOLE = 24  # characters of a pill that is never broken
_LINE = 30  # characters of a word that fits the narrowest column; a longer one may break
_PIECE = 15  # characters between the places where it may
_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_LETTER = re.compile(r"&[#\w]+;|.")
_ENDLESS = re.compile(rf"(?:[^\s<&]|&(?!#10;)[#\w]+;){{{_LINE + 1},}}")

GOOD, INFORM, WARN, BAD, PLAIN = "40, 160, 90", "40, 140, 190", "220, 150, 20", "220, 60, 50", "128, 128, 128"
"""The colours, as the first three numbers of an ``rgba``."""

TINT: dict[Verdict, str] = {
    "quoted": GOOD,
    "supported": INFORM,
    "partly": WARN,
    "contradicted": BAD,
    "unsupported": "150, 80, 190",
}
SAYS: dict[Verdict, str] = {
    "quoted": "quoted",
    "supported": "supported",
    "partly": "partly supported",
    "contradicted": "contradicted",
    "unsupported": "unsupported",
}


def escaped(text: str) -> str:
    """Text that keeps its line breaks, none of them raw: in a Markdown file an empty line would end our HTML."""
    return escape(shared.visible(text)).replace("\n", "&#10;")


def escaped_line(text: str) -> str:
    """Text on one line."""
    return escape(shared.one_line(text))


def days(html: str, how: str = 'style="white-space: nowrap"') -> str:
    """Escaped text in which no line ends inside a day such as 2025-08-19.

    Args:
        html: The text.
        how: The attribute that keeps a day together; documents with a style element of their own have a class.
    """
    return _DAY.sub(rf"<span {how}>\g<0></span>", html)


def breakable(html: str) -> str:
    """Our HTML with places where a word may break that no line could hold: it would make the whole page wide."""
    parts = html.split("<")  # each but the first is a tag and the text after it: ours escapes every other "<" and ">"
    for place, part in enumerate(parts):
        start = part.find(">") + 1
        if len(part) - start > _LINE and max(map(len, part[start:].split()), default=0) > _LINE:
            parts[place] = part[:start] + _ENDLESS.sub(_broken, part[start:])
    return "<".join(parts)


def _broken(match: re.Match[str]) -> str:
    parts, count = [], 0
    for letter in _LETTER.findall(match.group()):
        # A mark stays with its letter, unless there are marks without end.
        if count >= 4 * _PIECE or (count >= _PIECE and not unicodedata.combining(letter[0])):
            parts.append("<wbr>")
            count = 0
        parts.append(letter)
        count += 1
    return "".join(parts)


def isolated(text: str) -> str:
    """Escaped text that keeps a right-to-left title from reordering what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"


def marked(text: str, words: Iterable[str], style: str, tag: str = "span") -> str:
    """Escaped ``text`` in which every one of ``words`` stands out, wherever it is a word of its own."""
    wanted = sorted({word for one in words if (word := shared.visible(one).strip())}, key=len, reverse=True)
    if not wanted:
        return escape(text)
    found = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)", re.IGNORECASE)
    parts, at = [], 0
    for match in found.finditer(text):
        parts += [escape(text[at : match.start()]), f'<{tag} style="{style}">{escape(match.group())}</{tag}>']
        at = match.end()
    return "".join([*parts, escape(text[at:])])


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
    shown = f'<cite style="font-style: normal; font-weight: 600">{isolated(shared.title(article))}</cite>'
    return f'{shown} <span style="{MUTED}">— {known}</span>' if known else shown


def address(article: Article) -> str:
    """The article's link on a small line of its own; nothing when there is none."""
    shown = link(article.url)
    return f'<div style="{SMALL}">{shown}</div>' if shown else ""


def blockquote(inner: str) -> str:
    """A block with a rule at its side."""
    return f'<blockquote style="{QUOTE}">{inner}</blockquote>'


def fold(
    summary: str,
    inner: str,
    style: str = FOLDED,
    summary_style: str = SUMMARY,
    hover: str = "",
    *,
    opened: bool = False,
    name: str = "",
) -> str:
    """What opens at a click on its summary, by ``details`` alone."""
    title = f' title="{escape(hover)}"' if hover else ""
    attribute = (' open=""' if opened else "") + (f' class="{name}"' if name else "")
    return (
        f'<details style="{style}"{attribute}><summary style="{summary_style}"{title}>{summary}</summary>'
        f"{inner}</details>"
    )


def pill(word: str, tint: str, *, loud: bool = False) -> str:
    """A word on a tint, in the text's own colour: faint, or plain to see."""
    edge = f"; border: 1px solid rgba({tint}, 0.75); font-weight: 600" if loud else ""
    whole = "; white-space: nowrap" if len(word) <= _WHOLE else ""  # a longer one may break
    style = (
        f"font-size: 11px; padding: 1px 7px; border-radius: 9px; "
        f"background-color: rgba({tint}, {0.2 if loud else 0.13}){edge}{whole}"
    )
    return f'<small style="{style}">{escape(word)}</small>'


def heading(said: str) -> str:
    """A heading inside a value."""
    return f'<div style="{HEADING}">{said}</div>'


def asked(question: str | None) -> str:
    """What an answer is to, above it; nothing when nothing was asked."""
    style = f"{BESIDE}; {MUTED}; margin: 0 0 4px 0"
    return f'<div class="citebook-asked" style="{style}">{escaped_line(question)}</div>' if question else ""


def fine(said: str) -> str:
    """Fine print below a value, such as how it was made."""
    return f'<div style="margin: 8px 0 0 0; {SMALL}; {MUTED}">{said}</div>' if said else ""


def note(said: str) -> str:
    """A remark that a reader should not miss."""
    style = f"{PANEL}; background-color: rgba({WARN}, 0.14); border: 1px solid rgba({WARN}, 0.45)"
    return f'<div style="{style}"><strong>Note:</strong> {escaped_line(said)}</div>'


def notes(said: Sequence[str]) -> str:
    """Remarks: one or two in full, more of them folded after the first."""
    if len(said) <= 2:
        return "".join(map(note, said))
    return note(said[0]) + fold(f"{len(said) - 1} more notes", "".join(map(note, said[1:])))


def head(names: Iterable[str], hover: Sequence[str] = ()) -> str:
    """The head of a table: names of columns, in fine print."""
    style = f"{CELL}; {SMALL}; font-weight: 600"
    titles = [f' title="{escaped_line(one)}"' if one else "" for one in hover]
    cells = "".join(
        f'<th scope="col" style="{style}"{titles[n] if n < len(titles) else ""}>'
        f'<span style="{MUTED}">{escaped_line(name)}</span></th>'
        if name
        else f'<td style="{style}"></td>'  # a head without words is none
        for n, name in enumerate(names)
    )
    return f"<thead><tr>{cells}</tr></thead>"


def table(names: Sequence[str], rows: Iterable[Iterable[str]], hover: Sequence[str] = ()) -> str:
    """A table; ``rows`` are cells of HTML, ``names`` are text. Without names it has no head."""
    style = f"{CELL}; {RULE}"
    body = "".join(ROW + "".join(f'<td style="{style}">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f'<table style="{TABLE}">{head(names, hover) if names else ""}<tbody>{body}</tbody></table>'


def bar(share: float, tint: str = INFORM, width: int = 72) -> str:
    """A bar as long as ``share``, 0 to 1, of ``width`` pixels."""
    length = max(2, round(max(0.0, min(1.0, share)) * width))
    track = f"width: {width}px; height: 5px; border-radius: 3px; background-color: rgba(128, 128, 128, 0.22)"
    filled = f"width: {length}px; height: 5px; border-radius: 3px; background-color: rgba({tint}, 0.9)"
    return f'<div style="{track}"><div style="{filled}"></div></div>'
