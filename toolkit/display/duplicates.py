"""Story copy groups, in a notebook, as Markdown and as plain text."""

from __future__ import annotations

from toolkit.display import elements as el
from toolkit.display import markdown, register, shared, text
from toolkit.display.tables import markdown_table
from toolkit.types.copies import Copy, CopyGroup, CopyGroups, Difference

register.WIDE |= {CopyGroup, CopyGroups}

_OPEN = 3
_TINT: dict[Difference, str] = {
    "original": el.GOOD,
    "identical": el.PLAIN,
    "edited": el.PLAIN,
    "cut": el.PLAIN,
    "extended": el.INFORM,
    "update": el.WARN,
}


def heading(value: CopyGroups) -> str:
    """``2 story copy groups: 7 articles that come from 2 texts``."""
    if not value:
        return "No copies: every article has a text of its own."
    articles = sum(len(group.copies) for group in value)
    groups = shared.plural(len(value), "story copy group")
    return f"{groups}: {articles:,} articles that come from {shared.plural(len(value), 'text')}"


def counted(group: CopyGroup) -> str:
    """``3 articles from 3 publishers: 1 independent source, Reuters; 1 update``."""
    said = shared.plural(len(group.copies), "article")
    if group.publishers:
        said += f" from {shared.plural(len(group.publishers), 'publisher')}"
    said += ": 1 independent source"
    if group.agency:
        said += f", {shared.one_line(group.agency)}"
    return f"{said}; {shared.plural(len(group.updates), 'update')}" if group.updates else said


def differs(copy: Copy) -> str:
    """What is other than in the original: ``12 → 15``, ``without “not”``, ``has 62 % of its words``."""
    changes = ", ".join(map(_change, map(shared.one_line, copy.changes)))
    share = f"has {100 * copy.share:.0f} % of its words" if copy.difference not in ("original", "identical") else ""
    return "; ".join(filter(None, (changes, share)))


def _change(said: str) -> str:
    sign, _, word = said.partition(" ")
    return f"{'with' if sign == '+' else 'without'} “{word}”" if sign in ("+", "−") and word else said


def _rows(group: CopyGroup) -> list[tuple[str, str, str]]:
    rows = []
    for one in group.copies:
        word = el.pill(one.difference, _TINT[one.difference], loud=one.difference == "update")
        rows.append((word, el.byline(one.article) + el.address(one.article), el.escaped_line(differs(one))))
    return rows


def _group(group: CopyGroup) -> str:
    return el.table(("", "article", "beside the original"), _rows(group))


@register.html.register
def _(value: CopyGroup) -> str:
    return f"<div>{el.escaped_line(counted(value))}</div>{_group(value)}"


@register.html.register
def _(value: CopyGroups) -> str:
    shown = f"<div>{el.escaped_line(heading(value))}</div>"
    for number, group in enumerate(value):
        title = f"<strong>{el.isolated(shared.title(group.original))}</strong>"
        summary = f'{title} <span style="{el.MUTED}">{el.escaped_line(counted(group))}</span>'
        shown += el.fold(summary, _group(group), opened=number < _OPEN)
    return shown


def _table(group: CopyGroup) -> str:
    rows = [
        [one.difference, shared.byline(one.article), shared.one_line(one.article.url or ""), differs(one)]
        for one in group.copies
    ]
    return markdown_table(["", "article", "address", "beside the original"], rows)


@register.markdown.register
def _(value: CopyGroup) -> str:
    return f"{markdown.block(counted(value))}\n\n{_table(value)}"


@register.markdown.register
def _(value: CopyGroups) -> str:
    blocks = [markdown.block(heading(value))]
    for group in value:
        title = f"**{markdown.inline(shared.title(group.original))}**"
        blocks += [f"{title} ({markdown.inline(counted(group))})", _table(group)]
    return "\n\n".join(blocks)


def _lines(group: CopyGroup) -> list[str]:
    lines: list[str] = []
    for one in group.copies:
        said = shared.byline(one.article)
        if apart := differs(one):
            said += f" ({apart})"
        lines += text.wrap(said, " " * 13, f"  {one.difference:<9}  ")
    return lines


@register.text.register
def _(value: CopyGroup) -> list[str]:
    return [*text.wrap(counted(value)), *_lines(value)]


@register.text.register
def _(value: CopyGroups) -> list[str]:
    lines = text.wrap(heading(value))
    for number, group in enumerate(value, 1):
        lines += [
            "",
            *text.wrap(f"{shared.title(group.original)}: {counted(group)}", "   ", f"{number}. "),
            *_lines(group),
        ]
    return lines
