"""The versions of an article, what changed between them, and what old citations stand for now.

What changed is said in words, and by colour and line besides: what was removed is struck through, what was added is
underlined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from html import escape
from itertools import groupby

from toolkit.display import elements as el
from toolkit.display import markdown, register, shared, text
from toolkit.types import Article, Citation
from toolkit.types.versions import ArticleVersions, Edit, Resolved, Revision

register.WIDE.add(ArticleVersions)

_DELETED = "No version of this article is current: it was deleted."
_OPEN = 3
"""Latest revisions that are shown unfolded."""
_WORD = re.compile(r"\d[\d.,]*\d|\w+|\s+|[^\w\s]")
_LABEL = 10  # columns of “removed:” and the like, in plain text
_LONGEST = 2_000
"""Words, blanks and signs of the longest sentence whose every change is shown: to compare takes their square."""
_MANY = 250_000  # pairs of words, 500 by 500, from which frequent ones are passed over to save time: by eye


def headline(value: Revision) -> str:
    """``1 sentence reworded, 1 removed; 2 as before``."""
    counts = [(value.count(kind), kind) for kind in ("reworded", "removed", "added")]
    told = [f"{count:,} {kind}" for count, kind in counts if count]
    if not told:
        return "No sentence has changed: only their order or white space."
    first, _, rest = told[0].partition(" ")
    told[0] = f"{shared.plural(int(first.replace(',', '')), 'sentence')} {rest}"
    return f"{', '.join(told)}; {value.count('kept'):,} as before"


def when(moment: datetime | None) -> str:
    """``2025-08-20 14:05 UTC``; empty when it is not known."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".strip()


def steps(value: Revision) -> Iterator[list[Edit]]:
    """The sentences in order: each that changed by itself, and runs of those that did not."""
    for kept, some in groupby(value.edits, lambda edit: edit.kind == "kept"):
        if kept:
            yield list(some)
        else:
            yield from ([edit] for edit in some)


def words(before: str, after: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both sentences in pieces, each with whether only this sentence has it."""
    old, new = _WORD.findall(shared.one_line(before)), _WORD.findall(shared.one_line(after))
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, a, b, c, d in _joined(_codes(old, new), old):
        own = tag != "equal"
        left += [("".join(old[a:b]), own)] if a < b else []
        right += [("".join(new[c:d]), own)] if c < d else []
    return left, right


def _codes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Which words are where; of what no sentence is as long as, only how much of its start and end is the same."""
    if max(len(old), len(new)) <= _LONGEST:
        often = len(old) * len(new) > _MANY  # then words that fill a hundredth of it are no places to begin at
        return SequenceMatcher(str.isspace, old, new, autojunk=often).get_opcodes()
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    end = next((n for n in range(shorter - start) if old[-1 - n] != new[-1 - n]), shorter - start)
    a, b = len(old) - end, len(new) - end
    same_start = [("equal", 0, start, 0, start)] if start else []
    same_end = [("equal", a, len(old), b, len(new))] if end else []
    return [*same_start, *([("replace", start, a, start, b)] if start < max(a, b) else []), *same_end]


def _joined(
    codes: Sequence[tuple[str, int, int, int, int]], old: Sequence[str]
) -> Iterator[tuple[str, int, int, int, int]]:
    """Differences with nothing but a space between them as one."""
    held: tuple[str, int, int, int, int] | None = None
    for number, (tag, a, b, c, d) in enumerate(codes):
        blank = tag == "equal" and not "".join(old[a:b]).strip() and 0 < number < len(codes) - 1
        if tag == "equal" and not blank:
            if held is not None:
                yield held
                held = None
            yield tag, a, b, c, d
        else:
            held = ("replace", a if held is None else held[1], b, c if held is None else held[3], d)
    if held is not None:
        yield held


def version(article: Article, number: int, total: int, *, current: bool) -> tuple[str, ...]:
    """What is said of one version: which, its dates, its length, its id."""
    parts = (
        "current version" if current else f"version {number} of {total}",
        f"published {article.date}" if article.date else "",
        f"modified {when(article.modified)}" if article.modified else "",
        shared.plural(len(article.text), "character"),
        article.id,
    )
    return tuple(shared.one_line(part) for part in parts if part)


def history(value: ArticleVersions) -> Iterator[tuple[str, tuple[str, ...], Revision]]:
    """The later versions, newest first: which it is, what is known of it, and what it changed."""
    total = len(value)
    for number in range(total - 1, 0, -1):
        step = value.revisions[number - 1]
        which, *known = version(step.after, number + 1, total, current=step.after == value.current)
        yield which, (*known, f"came {when(step.replaced_at)}"), step


def beginning(value: ArticleVersions) -> tuple[str, ...]:
    """What is said of the first version."""
    total = len(value)
    return version(value.articles[0], 1, total, current=total == 1 and value.current is not None)


def status(value: Resolved) -> tuple[str, str]:
    """A word for what became of a citation, and its colour."""
    if not value.found:
        return "not found", el.BAD
    if value.current:
        return "unchanged", el.GOOD
    if value.still_says:
        return "changed, still says it", el.INFORM
    return "changed", el.WARN


def retitled(value: Revision) -> bool:
    """Whether the headline is another one."""
    return bool(value.before.title and value.after.title) and value.before.title != value.after.title


def unchanged(edits: Sequence[Edit]) -> str:
    """``… 3 sentences as before …``."""
    return f"… {shared.plural(len(edits), 'sentence')} as before …"


# -- notebook ---------------------------------------------------------------------------------------------------------


_REMOVED = f"background-color: rgba({el.BAD}, 0.2); text-decoration: line-through"
_ADDED = f"background-color: rgba({el.GOOD}, 0.2); text-decoration: underline"


def _pieces(pieces: Sequence[tuple[str, bool]], style: str) -> str:
    return "".join(f'<span style="{style}">{escape(one)}</span>' if own else escape(one) for one, own in pieces)


def _row(label: str, tint: str, said: str) -> str:
    cell = "padding: 3px 12px 3px 0; border: none; text-align: left; vertical-align: top"
    lead = f'<td style="{cell}; width: 1%; white-space: nowrap">{el.pill(label, tint)}</td>'
    return f'{el.ROW}{lead}<td style="{cell}">{said}</td></tr>'


def _edit(edit: Edit) -> str:
    if edit.kind == "removed":
        return _row("removed", el.BAD, _pieces([(shared.one_line(edit.before or ""), True)], _REMOVED))
    if edit.kind == "added":
        return _row("added", el.GOOD, _pieces([(shared.one_line(edit.after or ""), True)], _ADDED))
    return _reworded(edit.before or "", edit.after or "")


def _reworded(before: str, after: str, suffix: str = "") -> str:
    old, new = words(before, after)
    return _row(f"was{suffix}", el.PLAIN, _pieces(old, _REMOVED)) + _row(
        f"now{suffix}", el.INFORM, _pieces(new, _ADDED)
    )


def _kept(edits: Sequence[Edit]) -> str:
    said = " ".join(escape(shared.one_line(edit.after or "")) for edit in edits)
    fold = el.fold(f'<span style="{el.MUTED}">{unchanged(edits)}</span>', said, "margin: 0")
    return (
        f'{el.ROW}<td style="border: none"></td>'
        f'<td style="padding: 3px 0; border: none; text-align: left">{fold}</td></tr>'
    )


def _changes(value: Revision) -> str:
    rows = _reworded(value.before.title or "", value.after.title or "", ": title") if retitled(value) else ""
    for some in steps(value):
        rows += _kept(some) if some[0].kind == "kept" else _edit(some[0])
    style = f"{el.TABLE}; font-size: 14px"
    return f'<table style="{style}"><tbody>{rows}</tbody></table>'


@register.html.register
def _(value: Revision) -> str:
    since = f"replaced {when(value.replaced_at)}" if value.replaced_at else ""
    lead = f"<div>{el.byline(value.after)}</div><div><strong>{escape(headline(value))}</strong></div>"
    return lead + _changes(value) + el.fine(escape(since))


@register.html.register
def _(value: ArticleVersions) -> str:
    newest = value.articles[-1]
    shown = f"<div>{el.byline(newest)}</div>{el.address(newest)}"
    if value.current is None:
        shown += el.note(_DELETED)
    if len(value) == 1:
        return shown + el.fine("One version: no other text of this article was added.")
    for place, (which, known, step) in enumerate(history(value)):
        lead = f"<strong>{escape(which)}</strong>: {escape(headline(step))}"
        fine = " · ".join(map(el.isolated, known))
        inner = f'<div style="{el.SMALL}; {el.MUTED}">{fine}</div>{_changes(step)}'
        shown += el.fold(lead, inner, "margin: 10px 0", opened=place < _OPEN)
    return shown + el.fine(" · ".join(map(el.isolated, beginning(value))))


@register.html.register
def _(value: Resolved) -> str:
    word, tint = status(value)
    shown = f"<div>{el.pill(word, tint, loud=not value.current)} {escape(value.message)}</div>"
    citation = value.citation
    if citation is None:
        return shown + el.blockquote(el.escaped(value.quote))
    lead = f'<div style="margin: 6px 0 0 0">[{citation.marker}] {el.byline(citation.article)}</div>'
    shown += lead + el.blockquote(f'<mark style="{el.MARK}">{el.escaped(citation.quote)}</mark>')
    return shown + el.address(citation.article) + el.fine(escape(_where(value, citation)))


def _where(value: Resolved, citation: Citation) -> str:
    parts = [f"characters {citation.span.start:,} to {citation.span.end:,} of {shared.one_line(citation.article.id)}"]
    if not value.current and value.now is not None:
        parts.append(
            f"now {value.now.span.start:,} to {value.now.span.end:,} of {shared.one_line(value.now.article.id)}"
        )
    return "; ".join(parts)


# -- Markdown ---------------------------------------------------------------------------------------------------------


def _stressed(pieces: Sequence[tuple[str, bool]], mark: str) -> str:
    """Pieces with the own ones between marks, blanks outside of them."""
    shown = ""
    for one, own in pieces:
        core = one.strip()
        if own and core:
            lead, tail = one[: len(one) - len(one.lstrip())], one[len(one.rstrip()) :]
            shown += f"{lead}{mark}{markdown.inline(core)}{mark}{tail}"
        else:
            shown += re.sub(r"\S+", lambda match: markdown.inline(match.group()), one)
    return shown


def _markdown_step(value: Revision) -> Iterator[str]:
    if retitled(value):
        old, new = words(value.before.title or "", value.after.title or "")
        yield f"- **title was:** {_stressed(old, '~~')}\n- **title is:** {_stressed(new, '**')}"
    for some in steps(value):
        edit = some[0]
        if edit.kind == "kept":
            yield f"*{markdown.inline(unchanged(some))}*"
        elif edit.kind == "reworded":
            old, new = words(edit.before or "", edit.after or "")
            yield f"- **was:** {_stressed(old, '~~')}\n- **now:** {_stressed(new, '**')}"
        elif edit.kind == "removed":
            yield f"- **removed:** ~~{markdown.inline(edit.before or '')}~~"
        else:
            yield f"- **added:** {markdown.inline(edit.after or '')}"


@register.markdown.register
def _(value: Revision) -> str:
    blocks = [markdown.byline(value.after), f"**{markdown.inline(headline(value))}**", *_markdown_step(value)]
    return "\n\n".join(blocks)


@register.markdown.register
def _(value: ArticleVersions) -> str:
    blocks = [markdown.byline(value.articles[-1])]
    if value.current is None:
        blocks += markdown.notes([_DELETED])
    for which, known, step in history(value):
        blocks.append(f"**{markdown.inline(which)}**: {markdown.inline(headline(step))}")
        blocks.append(f"*{markdown.inline(' · '.join(known))}*")
        blocks += _markdown_step(step)
    return "\n\n".join([*blocks, f"*{markdown.inline(' · '.join(beginning(value)))}*"])


@register.markdown.register
def _(value: Resolved) -> str:
    blocks = [f"**{markdown.inline(status(value)[0])}**: {markdown.inline(value.message)}"]
    if value.citation is None:
        return "\n\n".join([*blocks, markdown.quotation(value.quote)])
    return "\n\n".join([*blocks, markdown.source(value.citation)])


# -- plain text -------------------------------------------------------------------------------------------------------


def _bracketed(pieces: Sequence[tuple[str, bool]]) -> str:
    return _stressed_plain(pieces) if any(not own for _, own in pieces) else "".join(one for one, _ in pieces)


def _stressed_plain(pieces: Sequence[tuple[str, bool]]) -> str:
    shown = ""
    for one, own in pieces:
        core = one.strip()
        shown += one.replace(core, f"‹{core}›", 1) if own and core else one
    return shown


def _text_line(label: str, said: str) -> list[str]:
    return text.wrap(said, " " * (_LABEL + 2), f"  {label + ':':<{_LABEL}}")


def _text_step(value: Revision) -> Iterator[str]:
    if retitled(value):
        yield from _text_line(
            "title", f"{shared.one_line(value.before.title or '')} → {shared.one_line(value.after.title or '')}"
        )
    for some in steps(value):
        edit = some[0]
        if edit.kind == "kept":
            yield " " * (_LABEL + 2) + unchanged(some)
        elif edit.kind == "reworded":
            old, new = words(edit.before or "", edit.after or "")
            yield from _text_line("was", _bracketed(old))
            yield from _text_line("now", _bracketed(new))
        else:
            yield from _text_line(edit.kind, shared.one_line(edit.before or edit.after or ""))


@register.text.register
def _(value: Revision) -> list[str]:
    return [*text.wrap(shared.byline(value.after)), *text.wrap(headline(value)), *_text_step(value)]


@register.text.register
def _(value: ArticleVersions) -> list[str]:
    lines = text.wrap(shared.byline(value.articles[-1]))
    if value.current is None:
        lines.append(_DELETED)
    for which, known, step in history(value):
        lines += ["", *text.wrap(f"{which}: {headline(step)}")]
        lines += text.wrap(" · ".join(known), "  ", "  ")
        lines += _text_step(step)
    return [*lines, "", *text.wrap(" · ".join(beginning(value)))]


@register.text.register
def _(value: Resolved) -> list[str]:
    lines = text.wrap(value.message)
    if value.citation is None:
        return [*lines, *text.wrap(f"“{shared.one_line(value.quote)}”", "    ")]
    citation = value.citation
    lines += text.wrap(f"“{shared.one_line(citation.quote)}”", "    ")
    return [*lines, *text.wrap(f"{shared.byline(citation.article)}; {_where(value, citation)}", "    ")]
