"""Who says what, as Markdown and text: contradictions, positions, what is agreed, and what only one source says.

The HTML is made in ``positions.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toolkit.display import markdown, register, shared, text
from toolkit.types import Agreement, Contradiction, Position, Single, Stance, Statement
from toolkit.types.comparison import Comparison

# What is said in all three forms -------------------------------------------------------------------------------------


def title(value: Comparison) -> str:
    """``25 statements from 9 publishers, by actor``; with the independent sources where they are fewer."""
    publishers = {s.publisher for s in value.statements}
    apart = value.independent
    fewer = f" ({shared.plural(apart, 'independent source')})" if apart < len(publishers) else ""
    sources = f"{shared.plural(len(publishers), 'publisher')}{fewer}"
    return f"{shared.plural(len(value.statements), 'statement')} from {sources}, by {shared.one_line(value.by)}"


def who(statement: Statement) -> str:
    """``Donald Trump via Fox News``; for what nobody is named for, the publisher itself."""
    if not statement.attributed:
        return f"{shared.one_line(statement.publisher)} itself"
    via = "".join(f" via {shared.one_line(name)}" for name in statement.via)
    return shared.one_line(statement.actor.removesuffix(f" ({statement.publisher})")) + via


def where(statement: Statement) -> str:
    """Publisher and day, without the publisher when it is the speaker."""
    parts = [shared.one_line(statement.publisher) if statement.attributed else "", statement.date or ""]
    return ", ".join(part for part in parts if part)


def says(stance: Stance) -> str:
    """A stance in words."""
    return f"says it {stance}" if stance in ("happened", "did not happen") else stance


def differs(one: Contradiction) -> str:
    """What two statements differ in: ``number: 12 against 15``."""
    return f"{one.kind}: {shared.one_line(one.first_says)} against {shared.one_line(one.second_says)}"


def update(one: Contradiction) -> str:
    """That the later statement may be news rather than a contradiction; empty where it is not later."""
    return "The second is of a later day and may be an update." if one.later else ""


def agreeing(one: Agreement) -> str:
    """Who agrees, and what was not counted."""
    copies = f"; {shared.plural(one.copies, 'further statement')} of the same sources or copies" if one.copies else ""
    names = ", ".join(map(shared.one_line, one.sources))
    return f"{shared.plural(len(one.sources), 'independent source')}: {names}{copies}"


def others(one: Agreement) -> str:
    """Where else it is said, with the stance where that is another."""
    first, *rest = one.statements
    marks = (
        f"[{s.citation.marker}]" + (f" ({says(s.stance)})" if s.stance != first.stance else "")
        for s in rest
        if s.citation.marker != first.citation.marker
    )
    return ", ".join(dict.fromkeys(marks))


def printed(one: Single) -> str:
    """The one source, and who printed it."""
    if one.printed_by == (one.source,):
        return shared.one_line(one.source)
    return f"{shared.one_line(one.source)}, printed by {', '.join(map(shared.one_line, one.printed_by))}"


def disputed_by(value: Comparison) -> dict[int, tuple[str, Statement]]:
    """For each statement that is contradicted, by whom, and the statement to see."""
    found: dict[int, tuple[str, Statement]] = {}
    for one in value.contradictions:
        for mine, other in ((one.first, one.second), (one.second, one.first)):
            found.setdefault(id(mine), (f"contradicted by {who(other)} [{other.citation.marker}]", other))
        for echo in one.echoes:
            said = f"part of a contradiction, see [{one.first.citation.marker}]"
            found.setdefault(id(echo), (said, one.first))
    return found


def echoes(one: Contradiction) -> str:
    """Who else says the same as either side; empty for nobody."""
    return "" if not one.echoes else "Also: " + ", ".join(f"{who(e)} [{e.citation.marker}]" for e in one.echoes)


def content(statement: Statement) -> str:
    """The words of a statement without those that attribute them."""
    span, article = statement.content, statement.article
    return article.text[span.start : span.end].strip(" ,;“”\"'’‘—-") or statement.quote


def footer(value: Comparison) -> str:
    """How it was made."""
    articles = len({s.article.id for s in value.statements})
    parts = [shared.one_line(value.model), f"{value.seconds:.2f} s"]
    return " · ".join([*parts, f"cites {shared.plural(articles, 'article')}"] if articles else parts)


# Markdown ------------------------------------------------------------------------------------------------------------


@register.markdown.register
def _(value: Comparison) -> str:
    inline = markdown.inline
    if not value.answered:
        return "\n\n".join([*markdown.abstention(value.reason, value.hits), f"*{inline(footer(value))}*"])
    blocks = [f"**{inline(shared.one_line(value.query))}** — {inline(title(value))}"]
    for one in value.contradictions:
        blocks.append(f"**Contradiction** — {inline(differs(one))}")
        sides = (one.first, one.second)
        blocks.append(
            "\n".join(f"- {_marked(side)}: {inline(shared.in_quotes(shared.one_line(side.quote)))}" for side in sides)
        )
        remarks = " ".join(part for part in (update(one), echoes(one)) if part)
        blocks += [markdown.block(remarks)] if remarks else []
    head = f"| {inline(value.by)} | stance | who and what | source |\n| :--- | :--- | :--- | :--- |"
    summed = [position for position in value.positions if position.summary]
    if summed:
        blocks.append("\n".join(f"- **{inline(shared.one_line(p.name))}**: {_summary(p)}" for p in summed))
    blocks.append("\n".join([head, *(row for position in value.positions for row in _rows(position))]))
    if value.agreements:
        blocks.append("**What independent sources agree on**")
        blocks.append(
            "\n".join(
                f"- {markdown.block(agreeing(a))}: {inline(who(a.statements[0]))}: {_quoted(a.statements[0])}"
                + (f"; so too {also}" if (also := others(a)) else "")
                for a in value.agreements
            )
        )
    if value.only_one:
        blocks.append("**What only one source says**")
        blocks.append(
            "\n".join(
                f"- {markdown.block(printed(s))}: {inline(who(s.statement))}: {_quoted(s.statement)}"
                for s in value.only_one
            )
        )
    blocks += markdown.notes(value.notes)
    blocks += map(markdown.source, value.citations)
    return "\n\n".join([*blocks, f"*{inline(footer(value))}*"])


def _summary(position: Position) -> str:
    return markdown.sentence(position.summary, always=True) if position.summary else ""


def _marked(statement: Statement) -> str:
    place = where(statement)
    told = markdown.block(f"{who(statement)} ({place})" if place else who(statement))
    return f"{told} {markdown.number(statement.citation.marker)}"


def _quoted(statement: Statement) -> str:
    quote = shared.in_quotes(shared.one_line(statement.quote))
    return f"{markdown.inline(quote)} {markdown.number(statement.citation.marker)}"


def _rows(position: Position) -> Iterable[str]:
    inline = markdown.inline
    for statement in position.statements:
        said = f"{inline(who(statement))}: “{inline(shared.shorten(content(statement), 160))}”"
        name = inline(shared.one_line(position.name))
        yield f"| {name} | {says(statement.stance)} | {said} | {markdown.number(statement.citation.marker)} |"


# Text ----------------------------------------------------------------------------------------------------------------


@register.text.register
def _(value: Comparison) -> list[str]:
    if not value.answered:
        return [*text.abstention(value.reason, value.hits), *text.wrap(footer(value))]
    lines = text.wrap(f"{shared.one_line(value.query)} — {title(value)}")
    for one in value.contradictions:
        lines += ["", *text.wrap(f"CONTRADICTION, {differs(one)}")]
        for side in (one.first, one.second):
            lines += _statement(side)
        remarks = " ".join(part for part in (update(one), echoes(one)) if part)
        lines += text.wrap(remarks, "    ") if remarks else []
    disputed = disputed_by(value)
    for position in value.positions:
        lines += ["", *_said(position, value.by, disputed)]
    lines += ["", "AGREED", *(line for one in value.agreements for line in _agreement(one))] if value.agreements else []
    if value.only_one:
        marks = " ".join(f"[{one.statement.citation.marker}]" for one in value.only_one)
        lines += ["", *text.wrap(f"ONLY ONE SOURCE: {marks}")]
        for single in value.only_one:
            if single.printed_by != (single.source,):
                lines += text.wrap(f"[{single.statement.citation.marker}] {printed(single)}", "      ", "  - ")
    lines += text.notes(value.notes)
    lines += ["", "SOURCES"]
    articles = {citation.article.id: citation.article for citation in value.citations}
    for article in articles.values():
        marks = " ".join(f"[{c.marker}]" for c in value.citations if c.article.id == article.id)
        lines += text.wrap(f"{marks} {shared.byline(article)}", "    ", "")
    return [*lines, *text.wrap(footer(value))]


def _said(position: Position, by: str, disputed: Mapping[int, tuple[str, Statement]]) -> list[str]:
    lines = text.wrap(shared.one_line(position.name))
    if position.summary:
        lines += text.wrap(text.sentence(position.summary, always=True), "      ", "  in short: ")
    for statement in position.statements:
        lines += _statement(statement, by, disputed.get(id(statement), ("",))[0])
    return lines


def _agreement(one: Agreement) -> list[str]:
    return [
        *text.wrap(agreeing(one), "    ", "  - "),
        *("    " + line for line in _statement(one.statements[0], "agreement")),
        *(text.wrap(f"so too {also}", "          ", "      ") if (also := others(one)) else []),
    ]


def _statement(statement: Statement, by: str = "", remark: str = "") -> list[str]:
    speaker = "" if by == "actor" else f"{who(statement)}: " if statement.attributed or by != "publisher" else ""
    via = "".join(f"via {shared.one_line(name)}" for name in statement.via) if by == "actor" else ""
    place = statement.date or "" if by == "publisher" else where(statement)
    known = ", ".join(part for part in (place, via) if part)
    told = f"{speaker}{shared.in_quotes(shared.one_line(statement.quote))}{f' ({known})' if known else ''}"
    told += f" [{statement.citation.marker}]"
    lines = text.wrap(told, "      ", f"  {says(statement.stance)}: ")
    return lines + (text.wrap(remark, "      ", "    ! ") if remark else [])
