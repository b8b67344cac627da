"""Where each kind of value says how it is shown: one register for each of the three forms.

A display module registers a function for each of its kinds with ``@register.html.register``,
``@register.markdown.register`` and ``@register.text.register``. Kinds that are not shown in every session are imported
with the first value of theirs: their modules stand in ``SHOWN_BY``.
"""

from __future__ import annotations

import importlib
from functools import singledispatch

from toolkit.errors import ArgumentError

WIDE: set[type] = {tuple, list}
"""The kinds of value that are tables, which need room; a paragraph needs a short line."""

SHOWN_BY: dict[str, tuple[str, ...]] = {
    "toolkit.types.answers": ("summaries",),
    "toolkit.types.summaries": ("summaries",),
    "toolkit.types.timeline": ("timeline",),
    "toolkit.types.comparison": ("comparison", "positions"),
    "toolkit.types.changes": ("briefing",),
    "toolkit.types.briefing": ("briefing",),
    "toolkit.types.copies": ("duplicates",),
    "toolkit.types.experiments": ("scorecard",),
    "toolkit.types.scorecards": ("scorecard", "duels"),
    "toolkit.types.injection": ("injection",),
    "toolkit.types.optimization": ("optimization",),
    "toolkit.types.versions": ("versions",),
    "toolkit.types.overview": ("overview",),
    "toolkit.experiment.lab": ("plan",),
    "toolkit.prompts.file": ("prompt",),
}
"""The modules of values, and the display modules of each."""


@singledispatch
def html(value: object) -> str:
    """A value as HTML without the outermost element."""
    raise ArgumentError(cannot_show(value))


@singledispatch
def markdown(value: object) -> str:
    """A value as Markdown blocks, with an empty line between them."""
    raise ArgumentError(cannot_show(value))


@singledispatch
def text(value: object) -> list[str]:
    """A value as lines of plain text."""
    raise ArgumentError(cannot_show(value))


def learn(value: object) -> None:
    """Import what shows values of this kind."""
    for kind in type(value).__mro__:
        for module in SHOWN_BY.get(kind.__module__, ()):
            importlib.import_module(f"toolkit.display.{module}")


def cannot_show(value: object) -> str:
    """The message for a value that is none of ours."""
    kinds = "a value of the toolkit, such as an Answer, a Timeline or an Article, or a list of Hits"
    return f"cannot show a {type(value).__name__}: give {kinds}"
