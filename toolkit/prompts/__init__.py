"""Prompts: ``<task>/<variant>.prompty`` files, found, checked and rendered.

The format is a subset of Prompty v2, so that its editors and tools read our files::

    ---
    name: ask/plain                  # must be the file's place in the prompts folder, when it is in one
    description: What it is for.
    metadata:
      version: "1"                   # or `version:` on its own line
    inputs:                          # every variable of the template, and no other
      question: {kind: string, description: As the reader asked it.}
      passages: {kind: array, items: {kind: object}}
    model:
      options: {temperature: 0, maxOutputTokens: 300}
    ---
    system:
    You answer from the articles.

    user:
    {% for passage in passages %}{{ passage.text }}{% endfor %}
    {{ question }}

A role line holds ``system:``, ``user:`` or ``assistant:`` and nothing else. The turns are split before anything is
filled in, and each is rendered by itself, so no article can open a turn. What is left out on purpose is refused rather
than ignored: ``tools``, ``outputs``, ``connection``, ``${env:...}`` and ``${file:...}``, includes, and unknown keys.
An input with a ``default`` may be left out of a call. ``assistant:`` turns before the last ``user:`` turn are examples.

The prompty package makes the same messages of the packaged prompts. It differs in two things. It keeps the line break
after a Jinja tag that ends a line, which is dropped here: end such a tag in ``-%}`` to have it dropped by both. And it
refuses to fill in a text with a line that looks like a role, where here such a line stays text.

A prompt is looked for in the folder given by argument, then in ``CITEBOOK_PROMPTS``, then in ``./prompts``, then among
the packaged ones.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from toolkit.errors import ArgumentError, PromptError, PromptNotFound
from toolkit.prompts.file import Prompt, Prompts, read
from toolkit.prompts.passages import prompt_passages
from toolkit.prompts.refusal import REFUSAL, is_refusal
from toolkit.prompts.template import Turn, check_examples
from toolkit.settings import setting

__all__ = ["REFUSAL", "Prompt", "Turn", "check", "is_refusal", "list_prompts", "load", "names", "prompt_passages"]

_SUFFIX = ".prompty"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*")


def load(name: str | Path, folder: str | Path | None = None) -> Prompt:
    """The prompt of that name.

    Args:
        name: ``task/variant`` such as ``ask/plain``, or the path of a ``.prompty`` file anywhere.
        folder: A prompts folder that comes before all others.

    Raises:
        PromptNotFound: No folder has it; the message says which names exist.
        PromptError: The name or the file is malformed.
    """
    if isinstance(name, str) and name.endswith(_SUFFIX):
        name = Path(name)
    if isinstance(name, Path):
        if name.suffix != _SUFFIX or not name.is_file():
            raise PromptNotFound(f"{name}: not a {_SUFFIX} file; give the path of one, or a name such as 'ask/plain'")
        return read(name, name.stem)
    if not _NAME.fullmatch(name):
        raise PromptError(f"{name!r} is not a prompt name; write it as 'ask/plain', or give a Path to a {_SUFFIX} file")
    for place in _folders(folder, name.partition("/")[0]):
        path = place / f"{name}{_SUFFIX}"
        if path.is_file():
            return read(path, name, declared=True)
    known = names(folder)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise PromptNotFound(f"no prompt called {name!r}; {hint}there are {', '.join(known) or 'none'}")


def list_prompts(folder: str | Path | None = None) -> Prompts:
    """Every prompt that :func:`load` can find by name, in order of the names.

    Raises:
        PromptError: One of the files is malformed; the message names it.
    """
    return Prompts(load(name, folder) for name in names(folder))


def names(folder: str | Path | None = None) -> tuple[str, ...]:
    """The names of all prompts that :func:`load` can find, in order; their files are not read."""
    return tuple(sorted({found for place in _folders(folder) for found in _names(place)}))


def check(name: str | Path, folder: str | Path | None = None) -> Prompt:
    """Read and check one prompt, more strictly than :func:`load`: its examples must quote rightly, too.

    An example is an ``assistant:`` turn. What it puts between quotation marks must stand, word for word, in the
    ``user:`` turn before it, or it teaches a model to misquote.

    Args:
        name: The path of a ``.prompty`` file, or a name such as ``ask/plain``.
        folder: As for :func:`load`.

    Raises:
        PromptNotFound: There is no such prompt.
        PromptError: It is malformed; the message says at which line, and what to do.
    """
    found = load(name, folder)
    check_examples(found.turns, found.path)
    return found


def _folders(folder: str | Path | None, task: str | None = None) -> list[Path]:
    """Where to look, first to last; ``./prompts`` counts only where it has a folder for the task."""
    places: list[Path] = []
    for given, origin in ((folder, "folder="), (setting("CITEBOOK_PROMPTS"), "CITEBOOK_PROMPTS")):
        if given is None:
            continue
        place = Path(given).expanduser()
        if not place.is_dir():
            raise ArgumentError(f"{origin} {place}: no such folder; give a folder that holds <task>/<variant>{_SUFFIX}")
        places.append(place)
    here = Path("prompts")
    if here.is_dir() and (task is None or (here / task).is_dir()):
        places.append(here)
    home = Path(__file__).parent.parent
    places.append(home / "_prompts" if (home / "_prompts").is_dir() else home.parent / "prompts")
    return places


def _names(place: Path) -> list[str]:
    names = (path.relative_to(place).with_suffix("").as_posix() for path in place.glob(f"*/*{_SUFFIX}"))
    return [name for name in names if _NAME.fullmatch(name)]
