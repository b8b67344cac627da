"""Prompts: their source with what is filled in standing out, their inputs, and what they become with sample values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from toolkit.display import elements as el
from toolkit.display import markdown, register, shared, text
from toolkit.display.tables import markdown_table, text_table
from toolkit.errors import ToolkitError
from toolkit.prompts.file import Prompt, Prompts
from toolkit.types import Message, Role

register.WIDE.add(Prompts)

_ROLES: dict[Role, str] = {"system": el.PLAIN, "user": el.INFORM, "assistant": el.GOOD}
_JINJA = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_FIELD = re.compile(r"\w\.([A-Za-z_]\w*)")
_TINTS = {"{{": el.INFORM, "{%": el.WARN, "{#": el.PLAIN}
_INPUTS = ("input", "kind", "what it is", "default")
_SAMPLE = {"number": 1, "title": "A title", "publisher": "A publisher", "date": "2025-08-19", "text": "What it says."}


def _inputs(value: Prompt) -> list[tuple[str, str, str, str]]:
    return [
        (
            name,
            str(given.get("kind") or given.get("type") or "any"),
            str(given.get("description") or ""),
            "" if "default" not in given else repr(given["default"]),
        )
        for name, given in value.inputs.items()
    ]


def _settings(value: Prompt) -> str:
    """``version 1 · 8d14729864ed · temperature 0``."""
    parameters = [f"{name.replace('_', ' ')} {amount}" for name, amount in value.parameters.items()]
    return " · ".join([f"version {shared.one_line(value.version)}", value.hash, *parameters])


def _fields(value: Prompt) -> dict[str, Any]:
    """A sample of every field that the template takes from anything."""
    named = (name for turn in value.turns for tag in _JINJA.findall(turn.template) for name in _FIELD.findall(tag))
    return {**{name: f"[{name}]" for name in named}, **_SAMPLE}


def _sample(name: str, given: Mapping[str, Any], fields: Mapping[str, Any]) -> Any:
    """The input's own example or default, else something of its kind."""
    for key in ("example", "default"):
        if given.get(key) is not None:
            return given[key]
    kind = given.get("kind") or given.get("type")
    if kind == "array":
        items = given.get("items") or {}
        of_objects = isinstance(items, Mapping) and items.get("kind", items.get("type")) == "object"
        return [fields] if of_objects else [f"a {name}"]
    samples = {"integer": 1, "number": 1, "float": 1.0, "boolean": True, "object": fields}
    return samples.get(str(kind), f"[{name}]")


def preview(value: Prompt) -> tuple[Message, ...]:
    """The messages with sample values; none where the template wants more than samples can give."""
    try:
        fields = _fields(value)
        return value.render(**{name: _sample(name, given, fields) for name, given in value.inputs.items()})
    except ToolkitError:
        return ()


def _source(template: str) -> str:
    """The template with its Jinja on tints."""
    parts = []
    for part in _JINJA.split(shared.visible(template).strip("\n")):
        tint = _TINTS.get(part[:2]) if _JINJA.fullmatch(part) else None
        style = f"background-color: rgba({tint}, 0.2); border-radius: 3px; padding: 0 2px"
        parts.append(f'<span style="{style}">{escape(part)}</span>' if tint else escape(part))
    return f'<div style="{el.CODE}; line-height: 1.55; margin: 2px 0 8px 0">{"".join(parts)}</div>'


def _spoken(role: Role, inner: str) -> str:
    style = f"margin: 8px 0; padding: 0 0 0 12px; border-left: 3px solid rgba({_ROLES[role]}, 0.6)"
    return f'<div style="{style}">{el.pill(role, _ROLES[role])}{inner}</div>'


@register.html.register
def _(value: Prompt) -> str:
    fine = f'<span style="{el.SMALL}; {el.MUTED}">{escape(_settings(value))}</span>'
    shown = f'<div style="font-size: 16px"><strong>{el.isolated(shared.one_line(value.name))}</strong> {fine}</div>'
    shown += f"<div>{el.escaped_line(value.description)}</div>" if value.description else ""
    if value.inputs:
        rows = (
            [f'<span style="font-family: monospace">{el.escaped_line(row[0])}</span>', *map(el.escaped_line, row[1:])]
            for row in _inputs(value)
        )
        shown += el.table(_INPUTS, rows)
    shown += "".join(_spoken(turn.role, _source(turn.template)) for turn in value.turns)
    if messages := preview(value):
        filled = "".join(
            _spoken(one.role, f'<div style="{el.CODE}; line-height: 1.55">{el.escaped(one.content)}</div>')
            for one in messages
        )
        shown += el.fold("With sample values", filled)
    return shown


@register.markdown.register
def _(value: Prompt) -> str:
    blocks = [f"**{markdown.inline(value.name)}** {markdown.inline(_settings(value))}"]
    blocks += [markdown.block(value.description)] if value.description else []
    blocks += [markdown_table(_INPUTS, _inputs(value))] if value.inputs else []
    for turn in value.turns:
        paragraphs = [part for part in shared.visible(turn.template).split("\n") if part.strip()]
        blocks += [f"**{turn.role}**", *map(markdown.quotation, paragraphs)]
    return "\n\n".join(blocks)


@register.text.register
def _(value: Prompt) -> list[str]:
    lines = text.wrap(f"{shared.one_line(value.name)} · {_settings(value)}")
    lines += text.wrap(shared.one_line(value.description)) if value.description else []
    for name, kind, what, default in _inputs(value):
        given = f" (default {default})" if default else ""
        lines += text.wrap(shared.one_line(f"{name}: {kind}. {what}{given}"), "      ", "  - ")
    for turn in value.turns:
        lines += ["", f"{turn.role}:"]
        lines += [f"    {line}".rstrip() for line in shared.visible(turn.template).strip("\n").split("\n")]
    return lines


# All of them ----------------------------------------------------------------------------------------------------------

_HEAD = ("prompt", "version", "what it is for", "inputs")


def _listed(value: Sequence[Prompt]) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.version, one.description, ", ".join(one.inputs)) for one in value]


def _whole(name: str) -> str:
    return "white-space: nowrap" if len(name) <= 40 else "white-space: normal"


@register.html.register
def _(value: Prompts) -> str:
    rows = (
        [f'<strong style="{_whole(row[0])}">{el.escaped_line(row[0])}</strong>', *map(el.escaped_line, row[1:])]
        for row in _listed(value)
    )
    return el.table(_HEAD, rows) if value else "<div>No prompts.</div>"


@register.markdown.register
def _(value: Prompts) -> str:
    return markdown_table(_HEAD, _listed(value)) if value else "No prompts."


@register.text.register
def _(value: Prompts) -> list[str]:
    rows = [(name, version, shared.shorten(what, 50)) for name, version, what, _ in _listed(value)]
    return text_table(_HEAD[:3], rows) if rows else ["No prompts."]
