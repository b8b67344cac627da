"""A library at a glance: what it holds, from whom and from when, and what it works with."""

from __future__ import annotations

from toolkit.display import elements as el
from toolkit.display import markdown, register, shared, text
from toolkit.types.overview import Overview

_BAR = 24  # characters of the longest bar in a terminal


def _size(count: int) -> str:
    """``640 kB``, ``1.2 GB``."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            amount = count / scale
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:,.0f} {unit}"
    return shared.plural(count, "byte")


def _counted(value: Overview) -> str:
    """``12 articles, 30 passages``."""
    if value.articles is None:
        return "the articles of an index, which is searched and not changed"
    if not value.articles:
        return "empty: add() takes files, folders, addresses, tables and articles"
    return f"{shared.plural(value.articles, 'article')}, {shared.plural(value.passages, 'passage')}"


def _facts(value: Overview) -> list[tuple[str, str]]:
    """What is known, as a name and what it is."""
    days = " to ".join(dict.fromkeys(filter(None, (value.first, value.last))))
    undated = f"{value.undated:,} without a date" if value.undated else ""
    return [
        (name, said)
        for name, said in (
            ("published", "; ".join(filter(None, (days, undated)))),
            ("model", shared.one_line(value.model) if value.model else "none: sentences are picked from the articles"),
            ("embedding", shared.one_line(value.embedding or "")),
            ("watched", shared.plural(value.watches, "question") if value.watches else ""),
            ("on disk", "" if value.size is None else _size(value.size)),
        )
        if said
    ]


def _more(value: Overview) -> str:
    return f"and {shared.plural(value.more_publishers, 'more publisher')}" if value.more_publishers else ""


@register.html.register
def _(value: Overview) -> str:
    where = el.isolated(shared.one_line(value.where))
    shown = f'<div style="font-size: 16px"><strong>Library</strong> <span style="{el.MUTED}">{where}</span></div>'
    shown += f"<div>{el.escaped_line(_counted(value))}</div>"
    cell = "padding: 1px 14px 1px 0; border: none; text-align: left; vertical-align: top; white-space: normal"
    if value.publishers:
        most = value.publishers[0][1]
        rows = "".join(
            f'{el.ROW}<td style="{cell}">{el.isolated(shared.shorten(name, 60))}</td>'
            f'<td style="{cell}; width: 130px; padding: 9px 14px 1px 0">{el.bar(count / most, width=120)}</td>'
            f'<td style="{cell}; text-align: right">{count:,}</td></tr>'
            for name, count in value.publishers
        )
        style = "border-collapse: collapse; border: none; margin: 8px 0 2px 0; font-size: 13px"
        shown += f'<table style="{style}"><tbody>{rows}</tbody></table>'
        shown += f'<div style="{el.SMALL}; {el.MUTED}">{_more(value)}</div>' if value.more_publishers else ""
    facts = "".join(
        f'{el.ROW}<td style="{cell}"><span style="{el.MUTED}">{name}</span></td>'
        f'<td style="{cell}">{el.escaped_line(said)}</td></tr>'
        for name, said in _facts(value)
    )
    style = "border-collapse: collapse; border: none; margin: 8px 0 0 0; font-size: 13px"
    return f'{shown}<table style="{style}"><tbody>{facts}</tbody></table>'


@register.markdown.register
def _(value: Overview) -> str:
    blocks = [f"**Library** {markdown.inline(value.where)}: {markdown.inline(_counted(value))}"]
    names = [f"- {markdown.block(name)}: {count:,}" for name, count in value.publishers]
    blocks += ["\n".join([*names, *([f"- {_more(value)}"] if value.more_publishers else [])])] if names else []
    blocks.append("\n".join(f"- {name}: {markdown.inline(said)}" for name, said in _facts(value)))
    return "\n\n".join(blocks)


@register.text.register
def _(value: Overview) -> list[str]:
    lines = text.wrap(f"Library {shared.one_line(value.where)}: {_counted(value)}", "  ", "")
    if value.publishers:
        names = [shared.shorten(name, 40) for name, _ in value.publishers]
        wide = max(map(text.columns, names))
        most = value.publishers[0][1]
        for name, (_, count) in zip(names, value.publishers, strict=True):
            bar = "█" * max(1, round(count / most * _BAR))
            lines.append(f"  {name}{' ' * (wide - text.columns(name))}  {bar} {count:,}")
        lines += [f"  {_more(value)}"] if value.more_publishers else []
    for name, said in _facts(value):
        lines += text.wrap(said, " " * 13, f"  {name:<9}  ")
    return lines
