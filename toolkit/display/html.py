"""HTML that survives JupyterLab's sanitizer, so that it looks and works the same in untrusted output.

That sanitizer drops scripts, style elements and every style value that is not on its list: ``currentColor`` and
``inherit`` among them. So nothing here depends on them: muted text uses ``opacity``, tints and rules are ``rgba``, a
border without a colour takes the text's, and a highlighted quote brings both its colours. A click works by
``details`` alone, since anchors inside an output would move the whole notebook.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape
from itertools import pairwise

from toolkit.display import elements as el
from toolkit.display import evidence, register, shared
from toolkit.types import AddReport, Answer, Article, Citation, Claim, Failure, Hit, Hits
from toolkit.types.preview import Preview

register.WIDE.add(Hit)

_LONG_PASSAGE = 240  # characters of a passage from which it is folded: three lines of a table, by eye
_SOURCES_OF_A_REASON = 5  # sources that failed for one reason and are listed unfolded
_MOST_FAILURES = 200  # that are listed for a reason, and reasons; all of them are in the value
_EXCERPT = 150  # characters of a folded passage
_OPEN_PASSAGES = 3  # of an article, before the others are folded: a first screen, by eye
_LONGEST_ARTICLE = 60_000
"""Characters that are shown, chosen by eye: no news is as long, and a book would stop a browser."""


def to_html(value: object) -> str:
    """A value as one HTML element with inline styles: no script, no style element, no id, links to http(s) only.

    Args:
        value: A value of the toolkit, such as an Answer, a Timeline, a Scorecard or an Article; or a tuple or list of
            Hits.

    Returns:
        A ``div`` of the classes ``tex2jax_ignore mathjax_ignore``, which can always be encoded as UTF-8.

    Raises:
        ArgumentError: The value is none of these.
    """
    register.learn(value)
    # No line break as such: where a notebook becomes Markdown, an empty line would end our HTML inside a quote.
    body = el.breakable(register.html(value)).replace("\n", "&#10;")
    width = "72em" if isinstance(value, tuple(register.WIDE)) else "48em"
    return f'<div class="tex2jax_ignore mathjax_ignore" style="max-width: {width}; {el.ROOT}">{body}</div>'


@register.html.register
def _(value: Answer) -> str:
    if value.answered:
        said = f"<div>{' '.join(map(evidence.sentence, value.claims))}</div>"
        said += evidence.sources(shared.cited(value.claims, value.citations), value.independent, value.hits)
    else:
        said = evidence.abstention(value.reason, value.hits, value.question)
    return el.asked(value.question) + said + el.notes(value.notes) + el.fine(escape(" · ".join(shared.made(value))))


@register.html.register
def _(value: Preview) -> str:
    if value.model is None:
        return f"<div><strong>{shared.NO_MODEL}</strong>: {el.escaped_line(value.reason or '')}</div>"
    shown = f"<div><strong>{shared.NOTHING_SENT}</strong> {escape(shared.forecast(value))}</div>"
    shown += el.notes(value.notes)
    return shown + "".join(
        el.fold(
            f'{el.pill(message.role, el.PLAIN)} <span style="{el.SMALL}; {el.MUTED}">'
            f"{escape(shared.shorten(message.content[:400], 90))}</span>",
            el.blockquote(el.escaped(message.content)),
        )
        for message in value.messages
    )


@register.html.register
def _(value: Claim) -> str:
    return f"<div>{evidence.sentence(value)}</div>{evidence.sources(shared.cited((value,), ()))}"


@register.html.register
def _(value: Citation) -> str:
    lead = f"<div>[{value.marker}] {el.byline(value.article)}</div>"
    return f"{lead}{evidence.quotation(value)}{el.address(value.article)}"


# Hits -----------------------------------------------------------------------------------------------------------------


def _snippet(hit: Hit, words: list[str]) -> str:
    stripped = hit.passage.text.strip()
    if len(stripped) <= _LONG_PASSAGE:
        return evidence.in_bold(shared.run_in(stripped), words)
    short = evidence.in_bold(evidence.excerpt(stripped, words, _EXCERPT), words)
    return el.fold(short, el.blockquote(evidence.in_bold(shared.visible(stripped), words)), "margin: 0")


def _row(hit: Hit, best: float) -> tuple[str, str, str]:
    article = hit.article
    date = f'<span style="white-space: nowrap">{article.date}</span>' if article.date else ""
    known = " · ".join(filter(None, (el.isolated(shared.one_line(article.publisher or "")), date)))
    score = (
        f'<div style="white-space: nowrap">{hit.score:.3f}</div>{el.bar(hit.score / best if best > 0 else 0, width=48)}'
    )
    title = f'<span style="font-weight: 600">{el.isolated(shared.title(article))}</span>'
    where = f'{title}<div style="{el.SMALL}; {el.MUTED}">{known}</div>{evidence.also_by(hit.copies)}'
    return score, where, _snippet(hit, evidence.asked_words(hit.trace.query if hit.trace else ""))


def _table(hits: tuple[Hit, ...]) -> str:
    if not hits:
        return "<div>No hits.</div>"
    best = max(hit.score for hit in hits)
    shown = el.table(("score", "article", "passage"), (_row(hit, best) for hit in hits[: shared.MOST_HITS]))
    return shown + el.fine(shared.more_hits(hits))


@register.html.register
def _(value: Hit) -> str:
    return _table((value,))


@register.html.register(Hits)
@register.html.register(tuple)
@register.html.register(list)
def _hits(value: tuple[Hit, ...] | list[Hit]) -> str:
    return _table(shared.only_hits(value))


# What was added -------------------------------------------------------------------------------------------------------


def _for_a_reason(reason: str, failures: list[Failure]) -> str:
    items = "".join(
        f'<li style="margin: 2px 0; word-break: break-all">{el.escaped_line(failure.source)}</li>'
        for failure in failures[:_MOST_FAILURES]
    )
    listed = f'<ul style="margin: 4px 0; padding: 0 0 0 20px; {el.BESIDE}">{items}</ul>'
    left = len(failures) - _MOST_FAILURES
    listed += el.fine(f"… and {left:,} more in .failed") if left > 0 else ""
    count = el.pill(f"{len(failures):,}", el.BAD, loud=True)
    return el.fold(f"{count} {el.escaped_line(reason)}", listed, opened=len(failures) <= _SOURCES_OF_A_REASON)


@register.html.register
def _(value: AddReport) -> str:
    shown = f"<div>{escape(shared.added(value))}</div>"
    reasons: dict[str, list[Failure]] = defaultdict(list)
    for failure in value.failed:
        reasons[shared.one_line(failure.reason)].append(failure)
    most_first = sorted(reasons.items(), key=lambda item: -len(item[1]))
    shown += "".join(_for_a_reason(reason, failures) for reason, failures in most_first[:_MOST_FAILURES])
    left = len(most_first) - _MOST_FAILURES
    return shown + (el.fine(f"… and {shared.plural(left, 'more reason')} in .failed") if left > 0 else "")


# Articles -------------------------------------------------------------------------------------------------------------


def _passages(value: Article) -> list[str]:
    """The text in its passages, each with its number: what stands between two of them goes with the first."""
    from toolkit.passages import split

    text = value.text[:_LONGEST_ARTICLE]
    starts = [passage.span.start for passage in split(Article(text=text, id="x", language=value.language))] or [0]
    return [text[a:b] for a, b in pairwise([0, *starts[1:], len(text)])]


def _numbered(number: int, text: str) -> str:
    label = f'<span style="{el.SMALL}; {el.MUTED}">{number}</span>'
    style = "padding: 4px 10px 4px 0; border: none; vertical-align: top; text-align: left; width: 2em"
    said = "padding: 4px 0; border: none; vertical-align: top; text-align: left; white-space: pre-line"
    rule = f"; {el.RULE}" if number > 1 else ""
    return (
        f'{el.ROW}<td style="{style}{rule}">{label}</td>'
        f'<td style="{said}; overflow-wrap: break-word{rule}">{el.escaped(text.strip())}</td></tr>'
    )


def _text_of(value: Article) -> str:
    parts = _passages(value)
    rows = [_numbered(number, part) for number, part in enumerate(parts, 1)]
    style = (
        "border-collapse: collapse; border: none; margin: 8px 0 0 0; width: 100%; table-layout: fixed; font-size: 14px"
    )

    def table(some: list[str]) -> str:
        return f'<table style="{style}"><tbody>{"".join(some)}</tbody></table>'

    shown = table(rows[:_OPEN_PASSAGES])
    left = len(value.text) - _LONGEST_ARTICLE
    rest = table(rows[_OPEN_PASSAGES:]) if rows[_OPEN_PASSAGES:] else ""
    rest += f'<div style="{el.SMALL}; {el.MUTED}">… and {left:,} more characters in .text</div>' if left > 0 else ""
    count = shared.plural(len(rows) - _OPEN_PASSAGES, "more passage")
    return shown + (el.fold(count, rest) if rows[_OPEN_PASSAGES:] else rest)


@register.html.register
def _(value: Article) -> str:
    known = " · ".join(map(el.isolated, shared.about(value)))
    fine = f'<div style="{el.SMALL}; {el.MUTED}">{known}</div>'
    return evidence.title(value) + fine + el.address(value) + _text_of(value)
