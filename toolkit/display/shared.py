"""What the three renderers share: hostile text made safe to show, a quote in its surroundings, bylines, footers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from toolkit.display import register
from toolkit.errors import ArgumentError
from toolkit.types import AddReport, Article, Citation, CitedText, Claim, Difference, Hit, Opinion
from toolkit.types.articles import cut_at_word
from toolkit.types.preview import Preview

CLOSEST = 3
"""How many passages an abstention shows."""

REACH = 300
"""How many characters of the article are shown on either side of a quote, at most."""

MOST_HITS = 200
"""How many hits are shown; a page of ten thousand is of no use to anybody, and stops a browser."""

EXCERPT = 240
"""Characters of a passage in plain text and in tables: three lines of a terminal."""

NOT_FOUND = "Not in your articles"

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_BIDI_CONTROLS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_REPLACEMENT = 0xFFFD
_VISIBLE: dict[int, int | None] = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"},  # ESC becomes the picture ␛
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT),
    **dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT),  # a lone surrogate cannot be encoded as UTF-8
    **dict.fromkeys(_BIDI_CONTROLS),  # dropped: without them the text shows in its true order
    0xFEFF: None,
}

_ENDS = ".!?…:;,\"'”’»)。！？」"
_OPENING_QUOTES = ("“", '"', "«", "„", "‘")
_LIST_SIGN = re.compile(r"\A(?:[-*•–]|#+)(?:\s+|\Z)")
# A point after a capital letter, or after such as “Gen” and “Aug”, ends no sentence.
_SENTENCE_END = re.compile(
    r"(?:[!?…]|\.(?<!\b[A-Z].)(?<!\b[A-Z][a-z].)(?<!\b[A-Z][a-z]{2}.))[.!?…]*[\"'”’»)\]]*\s+"
    r"|[。！？]+[”’」』）]*|\n+"
)
_NO_LINK = re.compile(r"[\s\x00-\x20\x7f-\x9f\\\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%-._~"


def visible(text: str) -> str:
    r"""``text`` with every character that could act on a terminal or reorder a line made visible or dropped.

    Control characters become their pictures (ESC is ``␛``), C1 controls and lone surrogates become ``�``,
    bidirectional overrides and isolates are dropped, all line breaks become ``\n``. The result is valid UTF-8.
    """
    if text.replace("\n", "").isprintable():  # nearly all text, told in a tenth of the time
        return text
    return _LINE_BREAKS.sub("\n", text).translate(_VISIBLE)


def one_line(text: str) -> str:
    """:func:`visible` text with each run of white space as one space."""
    return " ".join(visible(text).split())


def run_in(text: str) -> str:
    """:func:`visible` paragraphs on one line, without the signs of headings and lists; a dash ends what has no end."""
    parts = [part for line in visible(text).split("\n") if (part := _LIST_SIGN.sub("", line.strip()))]
    ended = [part if part[-1] in _ENDS else f"{part} —" for part in parts[:-1]]
    return " ".join(" ".join([*ended, *parts[-1:]]).split())


def in_quotes(text: str, shown: str | None = None) -> str:
    """Text in quotation marks, unless it opens with some already.

    Args:
        text: The text.
        shown: What is shown in its place, such as its HTML; the text itself when not given.
    """
    shown = text if shown is None else shown
    return shown if text[:1] in _OPENING_QUOTES else f"“{shown}”"


def shorten(text: str, width: int) -> str:
    """``text`` on one line, cut at a word near ``width`` characters with an ellipsis."""
    return cut_at_word(one_line(text), width)


def link(url: str | None) -> str | None:
    """The address to put behind a link, percent-encoded, or None when the URL must be shown as plain text.

    Only ``http`` and ``https`` with a host qualify; a user name before the host (``https://bank.com@evil.com``), a
    backslash or an invisible character does not, since people and browsers would read such a URL differently.
    """
    if not url or _NO_LINK.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return quote(url, safe=_URL_CHARACTERS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """A quote with the text around it, as it stands in the article.

    Attributes:
        before, quote, after: ``before + quote + after`` is one run of the article's text.
        cut_before, cut_after: Whether the article goes on beyond it.
    """

    before: str
    quote: str
    after: str
    cut_before: bool
    cut_after: bool


def _grapheme_start(text: str, at: int) -> int:
    """``at``, moved on past combining marks and joiners so that no visible character is split."""
    while 0 < at < len(text) and (
        unicodedata.combining(text[at]) or text[at] in "\u200d\ufe0f" or text[at - 1] == "\u200d"
    ):
        at += 1
    return at


def surroundings(citation: Citation, reach: int = REACH) -> Surroundings:
    """The quote with up to ``reach`` characters on each side, cut between sentences where possible, else words."""
    text, start, end = citation.article.text, citation.span.start, citation.span.end
    low, high = max(0, start - reach), min(len(text), end + reach)
    if low > 0:
        window = text[low:start]
        cuts = [match.end() for match in _SENTENCE_END.finditer(window)]
        word = re.search(r"\s+", window)
        cut = cuts[0] if cuts and cuts[0] < len(window) else word.end() if word else 0
        low = min(_grapheme_start(text, low + cut), start)
    if high < len(text):
        window = text[end:high]
        ends = [match.end() for match in _SENTENCE_END.finditer(window)]
        space = re.search(r"\s+\S*\Z", window)
        cut = ends[-1] if ends else space.start() if space else len(window)
        high = min(_grapheme_start(text, end + cut), len(text))
    before, after = text[low:start], text[end:high]
    return Surroundings(
        before=before.lstrip(),
        quote=citation.quote,
        after=after.rstrip(),
        cut_before=bool(text[:low].strip()),
        cut_after=bool(text[high:].strip()),
    )


def title(article: Article) -> str:
    """The title, or the first words of the text when there is none."""
    return one_line(article.heading) or article.id


def source(article: Article) -> str:
    """``Publisher, 2025-08-19``; empty when neither is known."""
    return ", ".join(part for part in (one_line(article.publisher or ""), article.date) if part)


def byline(article: Article) -> str:
    """``Title — Publisher, 2025-08-19``."""
    known = source(article)
    return f"{title(article)} — {known}" if known else title(article)


def difference(item: Difference) -> str:
    """``number: claim 200, source 2,000``; of what only one says, ``negation: only the source says “not send”``."""
    kind, ours, theirs = map(one_line, (item.kind, item.claim, item.source))
    if ours and theirs:
        return f"{kind}: claim {ours}, source {theirs}"
    if not ours and not theirs:
        return kind
    return f"{kind}: only the {'claim' if ours else 'source'} says “{ours or theirs}”"


def remarks(claim: Claim) -> str:
    """All differences and second opinions of a claim on one line; empty when there are none."""
    return "; ".join([*map(difference, claim.differences), *map(opinion, claim.opinions)])


def opinion(item: Opinion) -> str:
    """A second opinion in words, such as ``second opinion of gpt-5-mini: contradicted``."""
    sure = "" if item.score is None else f" ({item.score:.0%})"
    return f"second opinion of {one_line(item.by)}: {item.verdict}{sure}"


def cited(claims: Iterable[Claim], citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Every citation once, in order of its marker, wherever it is named."""
    found = {citation.marker: citation for citation in citations}
    for claim in claims:
        for citation in claim.citations:
            found.setdefault(citation.marker, citation)
    return tuple(found[marker] for marker in sorted(found))


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 article``, ``2,000 articles``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def footer(value: CitedText) -> tuple[str, ...]:
    """How the answer came about, and what it cites; see :func:`made`."""
    return (*made(value), *scope(value))


def made(value: CitedText) -> tuple[str, ...]:
    """How the answer came about: model, prompt, seconds, tokens, cost; without what is not known."""
    usage = value.usage
    parts = [one_line(value.model)]
    if value.prompt is not None and value.model != "extractive":  # the extractive writer renders no prompt
        parts.append(f"{one_line(value.prompt.name)}@{one_line(value.prompt.version)}")
    parts.append(f"{value.seconds:.2f} s" if value.seconds < 10 else f"{value.seconds:,.0f} s")
    if usage.prompt_tokens or usage.completion_tokens:
        parts.append(f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens")
        if usage.cost_usd is not None:
            parts.append(cost(usage.cost_usd))
    if usage.cached:
        parts.append("cached")
    return tuple(parts)


def forecast(preview: Preview) -> str:
    """What a call would take: model, prompt, passages, tokens, the longest reply, the highest cost."""
    parts = [one_line(preview.model or "")]
    if preview.prompt is not None:
        parts.append(f"{one_line(preview.prompt.name)}@{one_line(preview.prompt.version)}")
    if preview.calls > 1:
        parts.append(plural(preview.calls, "call"))
    parts.append(plural(len(preview.hits), "passage"))
    parts.append(f"about {plural(preview.prompt_tokens, 'token')}")
    parts.append(
        "reply of unknown length" if preview.reply_tokens is None else f"reply at most {preview.reply_tokens:,}"
    )
    if preview.cached:
        return " · ".join([*parts, "in the cache: $0"])
    return " · ".join([*parts, "price not known" if preview.cost_usd is None else f"at most {cost(preview.cost_usd)}"])


def spent(seed: int, calls: int, cost_usd: float | None) -> str:
    """What a search or a test of the lab took: ``seed 0 · 12 calls · $0.0042``."""
    parts = [f"seed {seed}", plural(calls, "call")]
    if calls:
        parts.append("price not known" if cost_usd is None else cost(cost_usd))
    return " · ".join(parts)


NOTHING_SENT = "Nothing was sent."
NO_MODEL = "No model would be asked"


def cost(dollars: float) -> str:
    """A price that keeps two significant digits: ``$0.00042``, ``$1.20``."""
    if dollars == 0:
        return "$0"
    if dollars >= 0.1:
        return f"${dollars:,.2f}"
    return f"${dollars:.2g}" if dollars >= 0.0001 else "under $0.0001"


def scope(value: CitedText) -> tuple[str, ...]:
    """``("cites 3 articles from 2 publishers",)``; empty without citations."""
    counted = counted_sources(cited(value.claims, value.citations), value.independent)
    return (f"cites {counted}",) if counted else ()


def counted_sources(citations: Iterable[Citation], independent: int | None = None) -> str:
    """``3 articles from 3 publishers, 2 independent sources``; empty without citations.

    Args:
        citations: What is cited.
        independent: How many independent sources that is, by whoever knows which articles are copies of one text. It
            is said only where it is less than the publishers; None when nobody knows.
    """
    articles = {citation.article.id: citation.article for citation in citations}
    if not articles:
        return ""
    publishers = {one_line(article.publisher) for article in articles.values() if article.publisher}
    text = plural(len(articles), "article")
    if not publishers:
        return text
    text += f" from {plural(len(publishers), 'publisher')}"
    fewer = independent is not None and independent < len(publishers)
    return f"{text}, {plural(independent or 0, 'independent source')}" if fewer else text


def more_hits(hits: tuple[Hit, ...]) -> str:
    """``… and 800 more hits``; empty when all are shown."""
    left = len(hits) - MOST_HITS
    return f"… and {plural(left, 'more hit')}; .to_frame() has all" if left > 0 else ""


def added(report: AddReport) -> str:
    """``12 added, 1 updated, 3 unchanged, 2 duplicates, 1 failed · 0.8 s``; zeroes are left out."""
    counts = [
        f"{count:,} {word}"
        for count, word in (
            (report.added, "added"),
            (report.updated, "updated"),
            (report.unchanged, "unchanged"),
            (report.duplicates, "duplicate" if report.duplicates == 1 else "duplicates"),
            (report.removed, "removed"),
            (len(report.failed), "failed"),
        )
        if count
    ]
    return f"{', '.join(counts) or 'nothing to add'} · {report.seconds:.1f} s"


def about(article: Article) -> tuple[str, ...]:
    """What is known of an article besides title and address, each on one line."""
    changed = article.modified.date().isoformat() if article.modified else None
    parts = (
        source(article),
        f"modified {changed}" if changed and changed != article.date else "",
        article.author or "",
        article.language or "",
        plural(len(article.text), "character"),
        article.id,
    )
    return tuple(line for line in map(one_line, parts) if line)


def only_hits(values: Iterable[object]) -> tuple[Hit, ...]:
    """The values, when they are all hits.

    Raises:
        ArgumentError: When one is not.
    """
    hits = []
    for value in values:
        if not isinstance(value, Hit):
            raise ArgumentError(register.cannot_show(value))
        hits.append(value)
    return tuple(hits)
