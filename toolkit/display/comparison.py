"""Who says what: contradictions, a matrix of positions and stances, what is agreed, and what one source says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from toolkit.display import elements as el
from toolkit.display import html, markdown, shared, text
from toolkit.types import Agreement, Contradiction, Position, Single, Stance, Statement
from toolkit.types.comparison import Comparison

_COLUMNS: tuple[tuple[str, tuple[Stance, ...]], ...] = (
    ("will, supports, wants", ("will", "supports", "wants")),
    ("may, doubts", ("may", "doubts")),
    ("will not, opposes, denies", ("will not", "opposes", "denies")),
    ("says, says it happened", ("says", "happened")),
)
html.WIDE.add(Comparison)
_SHOWN = 5  # rows of a cell, and entries of a list, before the rest is folded
_SHORT = 110
_TINTED = f"background-color: rgba({el.TINT['contradicted']}, 0.10)"
_TAG = (
    "font-size: 11px; padding: 0 6px; border-radius: 8px; background-color: rgba(128, 128, 128, 0.18); "
    "white-space: nowrap"
)
_TABLE = "border-collapse: collapse; border: none; margin: 6px 0 10px 0; width: 100%; font-size: 13px"
_HEAD = "margin: 14px 0 4px 0"
_BY = {"publisher": "publisher", "actor": "actor", "article": "article"}


# What is said in all three forms -------------------------------------------------------------------------------------


def _title(value: Comparison) -> str:
    publishers = {s.publisher for s in value.statements}
    return (
        f"{shared.plural(len(value.statements), 'statement')} from {shared.plural(len(publishers), 'publisher')}, "
        f"by {_BY.get(value.by, value.by)}"
    )


def _who(statement: Statement) -> str:
    """``Donald Trump via Fox News``; for what nobody is named for, the publisher itself."""
    if not statement.attributed:
        return f"{shared.one_line(statement.publisher)} itself"
    via = "".join(f" via {shared.one_line(name)}" for name in statement.via)
    return shared.one_line(statement.actor.removesuffix(f" ({statement.publisher})")) + via


def _in_quotes(words: str) -> str:
    """Words in quotation marks, unless they open with some already."""
    return words if words.startswith(("“", '"', "‘")) else f"“{words}”"


def _where(statement: Statement) -> str:
    """Publisher and day, without the publisher when it is the speaker."""
    parts = [shared.one_line(statement.publisher) if statement.attributed else "", statement.date or ""]
    return ", ".join(part for part in parts if part)


def _says(stance: Stance) -> str:
    return "says it happened" if stance == "happened" else stance


def _differs(one: Contradiction) -> str:
    return f"{one.kind}: {shared.one_line(one.first_says)} against {shared.one_line(one.second_says)}"


def _update(one: Contradiction) -> str:
    return "The second is of a later day and may be an update." if one.later else ""


def _sources(one: Agreement) -> str:
    copies = f"; {shared.plural(one.copies, 'further statement')} of the same sources or copies" if one.copies else ""
    names = ", ".join(map(shared.one_line, one.sources))
    return f"{shared.plural(len(one.sources), 'independent source')}: {names}{copies}"


def _others(one: Agreement) -> str:
    """Where else it is said, with the stance where that is another."""
    first, *others = one.statements
    marks = (
        f"[{s.citation.marker}]" + (f" ({_says(s.stance)})" if s.stance != first.stance else "")
        for s in others
        if s.citation.marker != first.citation.marker
    )
    return ", ".join(dict.fromkeys(marks))


def _printed(one: Single) -> str:
    if one.printed_by == (one.source,):
        return shared.one_line(one.source)
    return f"{shared.one_line(one.source)}, printed by {', '.join(map(shared.one_line, one.printed_by))}"


def _disputed(value: Comparison) -> dict[int, str]:
    """For each statement that is contradicted, by whom."""
    found: dict[int, str] = {}
    for one in value.contradictions:
        for mine, other in ((one.first, one.second), (one.second, one.first)):
            found.setdefault(id(mine), f"contradicted by {_who(other)} [{other.citation.marker}]")
        for echo in one.echoes:
            found.setdefault(id(echo), f"part of a contradiction, see [{one.first.citation.marker}]")
    return found


def _echoes(one: Contradiction) -> str:
    return "" if not one.echoes else "Also: " + ", ".join(f"{_who(e)} [{e.citation.marker}]" for e in one.echoes)


def _footer(value: Comparison) -> str:
    articles = len({s.article.id for s in value.statements})
    parts = [shared.one_line(value.model), f"{value.seconds:.2f} s"]
    return " · ".join([*parts, f"cites {shared.plural(articles, 'article')}"] if articles else parts)


# HTML ----------------------------------------------------------------------------------------------------------------


@html._body.register
def _(value: Comparison) -> str:
    if not value.answered:
        return _nothing(value)
    parts = [f"<div><strong>{el.escaped_line(value.query)}</strong> — {escape(_title(value))}</div>"]
    if value.contradictions:
        parts += [
            _headline(shared.plural(len(value.contradictions), "contradiction")),
            *map(_clash, value.contradictions),
        ]
    parts += [_headline(f"Who says what, by {_BY.get(value.by, value.by)}"), _matrix(value)]
    if value.agreements:
        parts += [_headline("What independent sources agree on"), *map(_agreed, value.agreements)]
    if value.only_one:
        items = "".join(map(_single, value.only_one))
        said = f"What only one source says ({len(value.only_one):,})"
        parts.append(el.fold(f"<strong>{said}</strong>", items, _HEAD))
    parts += map(el.note, value.notes)
    return "".join([*parts, _made(value)])


def _nothing(value: Comparison) -> str:
    reason = f'<span style="{el.MUTED}">{el.escaped_line(value.reason or "")}</span>'
    shown = f"<div><strong>{shared.NOT_FOUND}</strong>: {reason}</div>"
    hits = value.hits[: shared.CLOSEST]
    if hits:
        shown += el.fold("What came closest", "".join(map(el.passage, hits)), "margin: 6px 0; font-size: 13px")
    return shown + _made(value)


def _made(value: Comparison) -> str:
    return f'<div style="margin: 8px 0 0 0; {el.SMALL}; opacity: 0.65">{escape(_footer(value))}</div>'


def _headline(said: str) -> str:
    return f'<div style="{_HEAD}"><strong>{escape(said)}</strong></div>'


def _tag(statement: Statement) -> str:
    return f'<small style="{_TAG}">{escape(_says(statement.stance))}</small>'


def _told(statement: Statement) -> str:
    """Who, where and when, on one line."""
    where = _where(statement)
    told = f'<strong style="font-weight: 600">{el.isolated(_who(statement))}</strong>'
    return f'{told} <span style="{el.MUTED}; {el.SMALL}">{el.isolated(where)}</span>' if where else told


def _highlighted(statement: Statement) -> str:
    """The quote with the words that carry its stance underlined."""
    quote, signal, span = statement.quote, statement.signal, statement.citation.span
    if signal is None or not span.start <= signal.start < signal.end <= span.end:
        return el.escaped_line(quote)
    cut = (signal.start - span.start, signal.end - span.start)
    parts = (quote[: cut[0]], quote[cut[0] : cut[1]], quote[cut[1] :])
    before, words, after = (" ".join(shared.visible(part).split("\n")) for part in parts)
    marked = f'<span style="border-bottom: 2px solid rgba(128, 128, 128, 0.6)">{escape(words)}</span>'
    return f"{escape(before)}{marked}{escape(after)}"


def _clash(one: Contradiction) -> str:
    sides = "".join(
        f'<td style="{el.CELL}; width: 50%; padding: 4px 10px">{_told(side)}'
        f"<div>{_in_quotes(_highlighted(side))} {el.marker(side.citation)}</div></td>"
        for side in (one.first, one.second)
    )
    remarks = " ".join(part for part in (_update(one), _echoes(one)) if part)
    below = f'<div style="{el.SMALL}; padding: 0 10px; {el.MUTED}">{escape(remarks)}</div>' if remarks else ""
    head = f'<div style="padding: 0 10px"><small style="{el.SMALL}">contradiction</small> {escape(_differs(one))}</div>'
    return (
        f'<div style="margin: 6px 0; padding: 6px 0; border-left: 3px solid rgba({el.TINT["contradicted"]}, 0.8); '
        f'{_TINTED}">{head}<table style="{_TABLE}; margin: 4px 0"><tbody><tr>{sides}</tr></tbody></table>{below}</div>'
    )


def _matrix(value: Comparison) -> str:
    disputed = _disputed(value)
    held = {s.stance for s in value.statements}
    columns = [(name, stances) for name, stances in _COLUMNS if held & set(stances)]
    heads = [_BY.get(value.by, value.by), *(name for name, _ in columns)]
    style = f"{el.CELL}; {el.SMALL}; font-weight: normal; {el.MUTED}"
    head = "".join(f'<th style="{style}">{escape(name)}</th>' for name in heads)
    rows = "".join(_row(position, columns, disputed, value.by) for position in value.positions)
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row(
    position: Position, columns: Sequence[tuple[str, tuple[Stance, ...]]], disputed: dict[int, str], by: str
) -> str:
    clashing = list(dict.fromkeys(disputed[id(s)] for s in position.statements if id(s) in disputed))
    why = "".join(f'<div style="{el.SMALL}">{escape(said)}</div>' for said in clashing[:2])
    summary = position.summary
    tall, rule = (' rowspan="2"', "") if summary else ("", f"; {el.RULE}")
    name = el.isolated(shared.one_line(position.name))
    cells = [f'<td{tall} style="{el.CELL}; {el.RULE}; width: 16%">{name}{why}</td>']
    for _, stances in columns:
        inside = [_entry(s, by) for s in position.statements if s.stance in stances]
        shown = "".join(inside[:_SHOWN])
        if len(inside) > _SHOWN:
            shown += el.fold(f"{len(inside) - _SHOWN} more", "".join(inside[_SHOWN:]), "margin: 2px 0")
        cells.append(f'<td style="{el.CELL}{rule}">{shown}</td>')
    tint = f' style="{_TINTED}"' if clashing else ""
    if summary:
        cells.insert(
            1, f'<td colspan="{len(columns)}" style="{el.CELL}; {el.RULE}">{el.sentence(summary)}</td></tr><tr{tint}>'
        )
    return f"<tr{tint}>{''.join(cells)}</tr>"


def _entry(statement: Statement, by: str) -> str:
    """A shortened quote that opens at a click."""
    short = escape(shared.shorten(_content(statement), _SHORT))
    who = "" if by == "actor" or not statement.attributed else f"{el.isolated(_who(statement))}: "
    where = el.isolated(_where(statement) or _who(statement)) if by == "actor" else ""
    told = f'<div style="{el.SMALL}; {el.MUTED}">{where}</div>' if where else ""
    citation = statement.citation
    panel = (
        f'<div style="{el.PANEL}"><div>{_told(statement)}</div><div>{el.byline(citation.article)}</div>'
        f"{el.quotation(citation)}{el.address(citation.article)}</div>"
    )
    summary = f"{_tag(statement)} {who}“{short}” <sup>[{citation.marker}]</sup>"
    return el.fold(summary, f"{told}{panel}", "margin: 0 0 6px 0; overflow-wrap: break-word")


def _content(statement: Statement) -> str:
    span, article = statement.content, statement.article
    return article.text[span.start : span.end].strip(" ,;“”\"'’‘—-") or statement.quote


def _agreed(one: Agreement) -> str:
    said = "".join(f"<li>{_line(statement)}</li>" for statement in one.statements[: len(one.sources)])
    return (
        f'<div style="margin: 4px 0; font-size: 13px"><div>{escape(_sources(one))}</div>'
        f'<ul style="margin: 2px 0; padding: 0 0 0 20px">{said}</ul></div>'
    )


def _single(one: Single) -> str:
    source = f'<small style="{el.MUTED}">{escape(_printed(one))}</small>'
    return f'<div style="margin: 4px 0 4px 16px; font-size: 13px">{_line(one.statement)} {source}</div>'


def _line(statement: Statement) -> str:
    return f"{_told(statement)} {_tag(statement)} {_in_quotes(_highlighted(statement))} {el.marker(statement.citation)}"


# Markdown ------------------------------------------------------------------------------------------------------------


@markdown._body.register
def _(value: Comparison) -> str:
    inline = markdown._inline
    if not value.answered:
        hits = [block for hit in value.hits[: shared.CLOSEST]
                for block in (markdown._byline(hit.article), markdown._quotation(hit.passage.text))]  # fmt: skip
        lead = f"**{shared.NOT_FOUND}**: {inline(value.reason or '')}"
        return "\n\n".join([lead, *(["Closest:"] if hits else []), *hits, f"*{inline(_footer(value))}*"])
    blocks = [f"**{inline(shared.one_line(value.query))}** — {inline(_title(value))}"]
    for one in value.contradictions:
        blocks.append(f"**Contradiction** — {inline(_differs(one))}")
        sides = (one.first, one.second)
        blocks.append(
            "\n".join(f"- {_marked(side)}: {inline(_in_quotes(shared.one_line(side.quote)))}" for side in sides)
        )
        remarks = " ".join(part for part in (_update(one), _echoes(one)) if part)
        blocks += [inline(remarks)] if remarks else []
    head = f"| {value.by} | stance | who and what | source |\n| :--- | :--- | :--- | :--- |"
    summed = [position for position in value.positions if position.summary]
    if summed:
        blocks.append("\n".join(f"- **{inline(shared.one_line(p.name))}**: {_summary(p)}" for p in summed))
    blocks.append("\n".join([head, *(row for position in value.positions for row in _rows(position))]))
    if value.agreements:
        blocks.append("**What independent sources agree on**")
        blocks.append(
            "\n".join(
                f"- {inline(_sources(a))}: {inline(_who(a.statements[0]))}: {_quoted(a.statements[0])}"
                + (f"; so too {others}" if (others := _others(a)) else "")
                for a in value.agreements
            )
        )
    if value.only_one:
        blocks.append("**What only one source says**")
        blocks.append(
            "\n".join(
                f"- {inline(_printed(s))}: {inline(_who(s.statement))}: {_quoted(s.statement)}" for s in value.only_one
            )
        )
    blocks += [f"**Note:** {inline(note)}" for note in value.notes]
    blocks += map(markdown._source, value.citations)
    return "\n\n".join([*blocks, f"*{inline(_footer(value))}*"])


def _summary(position: Position) -> str:
    return markdown._sentence(position.summary, always=True) if position.summary else ""


def _marked(statement: Statement) -> str:
    where = _where(statement)
    told = markdown._inline(f"{_who(statement)} ({where})" if where else _who(statement))
    return f"{told} [{statement.citation.marker}]"


def _quoted(statement: Statement) -> str:
    return f"{markdown._inline(_in_quotes(shared.one_line(statement.quote)))} [{statement.citation.marker}]"


def _rows(position: Position) -> Iterable[str]:
    inline = markdown._inline
    for statement in position.statements:
        said = f"{inline(_who(statement))}: “{inline(shared.shorten(_content(statement), 160))}”"
        name = inline(shared.one_line(position.name))
        yield f"| {name} | {_says(statement.stance)} | {said} | [{statement.citation.marker}] |"


# Text ----------------------------------------------------------------------------------------------------------------


@text._body.register
def _(value: Comparison) -> list[str]:
    if not value.answered:
        lines = text._wrap(f"{shared.NOT_FOUND}: {shared.one_line(value.reason or '')}")
        hits = value.hits[: shared.CLOSEST]
        lines += ["Closest:"] if hits else []
        for hit in hits:
            lines += text._wrap(shared.byline(hit.article), "    ", "  - ")
            lines += text._wrap(f"“{shared.shorten(hit.passage.text, 240)}”", "    ")
        return [*lines, *text._wrap(_footer(value))]
    lines = text._wrap(f"{shared.one_line(value.query)} — {_title(value)}")
    for one in value.contradictions:
        lines += ["", *text._wrap(f"CONTRADICTION, {_differs(one)}")]
        for side in (one.first, one.second):
            lines += _statement(side)
        remarks = " ".join(part for part in (_update(one), _echoes(one)) if part)
        lines += text._wrap(remarks, "    ") if remarks else []
    disputed = _disputed(value)
    for position in value.positions:
        lines += ["", *_said(position, value.by, disputed)]
    lines += ["", "AGREED", *(line for one in value.agreements for line in _agreement(one))] if value.agreements else []
    if value.only_one:
        marks = " ".join(f"[{one.statement.citation.marker}]" for one in value.only_one)
        lines += ["", *text._wrap(f"ONLY ONE SOURCE: {marks}")]
        for single in value.only_one:
            if single.printed_by != (single.source,):
                lines += text._wrap(f"[{single.statement.citation.marker}] {_printed(single)}", "      ", "  - ")
    for note in value.notes:
        lines += text._wrap(shared.one_line(note), "      ", "Note: ")
    lines += ["", "SOURCES"]
    articles = {citation.article.id: citation.article for citation in value.citations}
    for article in articles.values():
        marks = " ".join(f"[{c.marker}]" for c in value.citations if c.article.id == article.id)
        lines += text._wrap(f"{marks} {shared.byline(article)}", "    ", "")
    return [*lines, *text._wrap(_footer(value))]


def _said(position: Position, by: str, disputed: dict[int, str]) -> list[str]:
    lines = text._wrap(shared.one_line(position.name))
    if position.summary:
        lines += text._wrap(text._sentence(position.summary, always=True), "      ", "  in short: ")
    for statement in position.statements:
        lines += _statement(statement, by, disputed.get(id(statement), ""))
    return lines


def _agreement(one: Agreement) -> list[str]:
    return [
        *text._wrap(_sources(one), "    ", "  - "),
        *("    " + line for line in _statement(one.statements[0], "agreement")),
        *(text._wrap(f"so too {others}", "          ", "      ") if (others := _others(one)) else []),
    ]


def _statement(statement: Statement, by: str = "", remark: str = "") -> list[str]:
    who = "" if by == "actor" else f"{_who(statement)}: " if statement.attributed or by != "publisher" else ""
    via = "".join(f"via {shared.one_line(name)}" for name in statement.via) if by == "actor" else ""
    where = statement.date or "" if by == "publisher" else _where(statement)
    known = ", ".join(part for part in (where, via) if part)
    told = f"{who}{_in_quotes(shared.one_line(statement.quote))}{f' ({known})' if known else ''}"
    told += f" [{statement.citation.marker}]"
    lines = text._wrap(told, "      ", f"  {_says(statement.stance)}: ")
    return lines + (text._wrap(remark, "      ", "    ! ") if remark else [])
