"""One turn of a prompt: its Jinja text checked, and filled in so that an article cannot become anything but text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import PromptError
from toolkit.types import Role

if TYPE_CHECKING:
    from jinja2 import Template

    from toolkit.prompts.bounded import Bounded


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One role's part of a prompt file, not yet filled in.

    Attributes:
        role: Who speaks.
        template: Jinja text.
        line: Where the text starts in the file, counted from 1.
    """

    role: Role
    template: str
    line: int


_FAILURES = (
    *(TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RuntimeError),
    *(SyntaxError, MemoryError),  # Python's own limits, of what Jinja makes of a template
)


@lru_cache(maxsize=1)
def _jinja() -> Bounded:
    """Plain sandboxed Jinja, spaced as banks spaces it, for which a variable or field that is not there is an error.

    It has none of the tags and filters that banks adds (``chat``, ``completion``, ``image``, ``tool``, ...), some of
    which open files or call models.
    """
    from toolkit.prompts.bounded import Bounded

    return Bounded()


def check_turn(turn: Turn, inputs: Mapping[str, Any], path: Path) -> set[str]:
    """The variables that the turn uses.

    Raises:
        PromptError: The template is malformed, needs other files or banks' extensions, or uses what is no input.
    """
    from jinja2 import TemplateError, TemplateSyntaxError, meta, nodes

    jinja = _jinja()
    try:
        _compiled(turn.template)  # kept for filling in; finds unknown filters, which parsing does not
        tree = jinja.parse(turn.template)
        names = meta.TrackingCodeGenerator(jinja)
        names.optimizer = None  # as in find_undeclared_variables, but that nothing is worked out
        names.visit(tree)
    except TemplateSyntaxError as error:
        line = turn.line + error.lineno - 1
        raise PromptError(f"{path}:{line}: the template cannot be read: {error.message}") from None
    except (TemplateError, *_FAILURES) as error:
        said = " ".join(str(error).split()) or "it is nested too deep"
        raise PromptError(f"{path}:{turn.line}: the template cannot be read: {said}") from None
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        line = turn.line + node.lineno - 1
        raise PromptError(f"{path}:{line}: a prompt is one file; write the text itself instead of including it")
    if "endchat" in turn.template:  # RichPromptTemplate takes the word for a sign of banks' chat tags
        raise PromptError(f"{path}:{_line_using(turn, 'endchat')}: the word 'endchat' is reserved; use another")
    used: set[str] = names.undeclared_identifiers
    for name in sorted(used - inputs.keys()):
        line = _line_using(turn, name)
        raise PromptError(f"{path}:{line}: {name!r} is not among the inputs; declare it there, or remove it")
    return used


_QUOTED = re.compile(r"“([^”]+)”|\"([^\"\n]+)\"")


def check_examples(turns: Sequence[Turn], path: Path) -> None:
    """See that what examples quote stands in the turn that they answer.

    Raises:
        PromptError: A quotation does not; the message names its line.
    """
    for question, answer in pairwise(turns):
        if answer.role != "assistant" or any(mark in question.template for mark in ("{{", "{%")):
            continue  # a turn that is still to be filled in can be checked when it is
        source = " ".join(question.template.split())
        for found in _QUOTED.finditer(answer.template):
            quoted = " ".join((found[1] or found[2]).split())
            if quoted not in source:
                line = answer.line + answer.template.count("\n", 0, found.start())
                shown = quoted if len(quoted) <= 60 else quoted[:59] + "…"
                raise PromptError(
                    f"{path}:{line}: the example quotes “{shown}”, which the turn before it does not say; "
                    "quote it word for word"
                )


def _line_using(turn: Turn, name: str) -> int:
    lines = turn.template.split("\n")
    return next(
        (turn.line + n for n, line in enumerate(lines) if re.search(rf"\b{re.escape(name)}\b", line)), turn.line
    )


def plain(value: Any, where: str) -> Any:
    """The value as plain strings, numbers, lists and dicts, so that a template can call nothing."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item, f"{where} {key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, where) for item in value]
    raise PromptError(f"{where} is a {type(value).__name__}; give text, numbers, or lists and dicts of them")


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    """Compiling takes as long as finding the passages, so it is done once for each text."""
    return _jinja().from_string(template)


def fill(turn: Turn, values: dict[str, Any], path: Path) -> str:
    """The turn's text, filled in by plain Jinja in its sandbox.

    llama-index's RichPromptTemplate makes the same text, as the tests hold it to. It is not asked here: it compiles a
    template three times for each call, leaves a name that it does not find empty, and before banks 2.5 took lines of an
    article that look like JSON messages for messages.
    """
    from jinja2 import TemplateError

    from toolkit.prompts.bounded import budget

    try:
        with budget():
            return _compiled(turn.template).render(values)
    except (TemplateError, *_FAILURES) as error:
        said = " ".join(str(error).split())
        raise PromptError(f"{path}:{turn.line}: the turn '{turn.role}:' cannot be filled in: {said}") from None
