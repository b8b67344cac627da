"""A prompt file -> a checked :class:`Prompt`; the format is described in :mod:`toolkit.prompts`."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from toolkit.errors import PromptError
from toolkit.prompts.template import Turn, check_turn, fill, plain
from toolkit.types import Message, PromptRef, Role
from toolkit.types.shown import Readable, Shown

_ROLE_LINE = re.compile(r"(system|user|assistant):[ \t]*")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEYS = {"name", "description", "version", "metadata", "inputs", "model"}
_INPUT_KEYS = {"name", "kind", "type", "description", "default", "required", "example", "items"}
_OPTIONS = {"temperature": "temperature", "maxOutputTokens": "max_tokens", "max_tokens": "max_tokens"}
LARGEST = 200_000
"""Bytes of a prompt file."""

_LONGEST_HEAD = 50_000  # characters of the front matter, which YAML reads slowly
_DEEPEST = 20
_MOST_TURNS = 200
_RESERVED = {"llm", "messages_to_prompt", "self"}  # arguments of llama-index's own RichPromptTemplate.format


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt(Shown):
    """A prompt file that has passed every check.

    Attributes:
        name: ``task/variant``.
        version: As the file declares it; ``0`` when it does not.
        hash: First 12 hexadecimal digits of the SHA-256 of the file's bytes.
        description: What it is for.
        inputs: The variables, each with what the file says of it.
        parameters: ``temperature`` and ``max_tokens``, where the file sets them.
        turns: The parts by role, in order.
        path: The file.
    """

    name: str
    version: str
    hash: str
    description: str = ""
    inputs: Mapping[str, Mapping[str, Any]] = field(hash=False)
    parameters: Mapping[str, float | int] = field(hash=False)
    turns: tuple[Turn, ...]
    path: Path

    @property
    def ref(self) -> PromptRef:
        """Name, version and hash: what an answer carries."""
        return PromptRef(name=self.name, version=self.version, hash=self.hash)

    def render(self, **inputs: Any) -> tuple[Message, ...]:
        """Fill in the inputs.

        Args:
            **inputs: A value for every input without a default: strings, numbers, None, and lists and dicts of them.

        Returns:
            The messages, one a turn. Text goes in as it is: what looks like a role, a JSON message or a Jinja tag in
            an article stays text.

        Raises:
            PromptError: Inputs are missing, unknown, or lack a field that the template uses.
        """
        unknown = sorted(inputs.keys() - self.inputs.keys())
        missing = sorted(name for name in self.inputs.keys() - inputs.keys() if "default" not in self.inputs[name])
        if unknown or missing:
            parts = [f"no value for {', '.join(missing)}"] if missing else []
            parts += [f"no input called {', '.join(unknown)}"] if unknown else []
            wanted = ", ".join(self.inputs) or "none"
            raise PromptError(f"{self.path}: cannot render {self.name}: {'; '.join(parts)}; its inputs are {wanted}")
        defaults = {name: given["default"] for name, given in self.inputs.items() if "default" in given}
        values = plain({**defaults, **inputs}, f"{self.path}: input")
        return tuple(Message(role=turn.role, content=fill(turn, values, self.path)) for turn in self.turns)

    def __repr__(self) -> str:
        name, version = (one if one.isprintable() else ascii(one) for one in (self.name, self.version))
        return f"<Prompt {name} version {version} ({self.hash}), inputs: {', '.join(self.inputs) or 'none'}>"


class Prompts(Readable, tuple[Prompt, ...]):
    """Prompts in order of their names: a tuple that shows itself as a table."""

    __slots__ = ()


def read(path: Path, name: str, *, declared: bool = False) -> Prompt:
    """Read and check a prompt file.

    Args:
        path: The file.
        name: Its name, when it does not give one itself.
        declared: Whether a name that it gives must be this one.

    Raises:
        PromptError: It is malformed; the message says at which line, and what to do.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise PromptError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    if len(content) > LARGEST:
        raise PromptError(f"{path}: larger than {LARGEST:,} bytes; what is long belongs into an input")
    return _parsed(content, path, name, declared)


@lru_cache(maxsize=64)
def _parsed(content: bytes, path: Path, name: str, declared: bool) -> Prompt:
    """The prompt in a file's bytes: checked once for each content, since every ask names one."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PromptError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    lines = text.replace("\r\n", "\n").split("\n")
    head, body_start = _front_matter(lines, path)
    _check_keys(head, _KEYS, lines, path, "front matter")
    if declared and head.get("name", name) != name:
        raise PromptError(
            f"{path}:{_line_of(lines, 'name')}: name {head['name']!r} is not where the file is; write {name!r}"
        )
    if not str(head.get("name", name)).isprintable():
        raise PromptError(f"{path}:{_line_of(lines, 'name')}: the name must be one plain line, such as 'ask/plain'")
    inputs = _inputs(head.get("inputs"), lines, path)
    turns = _turns(lines, body_start, path)
    used = set().union(*(check_turn(turn, inputs, path) for turn in turns))
    for unused in sorted(inputs.keys() - used):
        raise PromptError(f"{path}:{_line_of(lines, unused)}: no turn uses the input {unused!r}; use it, or remove it")
    return Prompt(
        name=str(head.get("name", name)),
        version=_version(head, lines, path),
        hash=hashlib.sha256(content).hexdigest()[:12],
        description=" ".join(str(head.get("description") or "").split()),
        inputs=MappingProxyType(inputs),
        parameters=MappingProxyType(_parameters(head.get("model"), lines, path)),
        turns=turns,
        path=path,
    )


def _front_matter(lines: list[str], path: Path) -> tuple[dict[str, Any], int]:
    """The parsed front matter, and the index of the line after it."""
    import yaml

    if lines[0].rstrip() != "---":
        raise PromptError(f"{path}:1: no front matter; the first line must be '---'")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise PromptError(f"{path}:1: the front matter does not end; close it by a line '---'")
    for number, line in enumerate(lines[1:end], 2):
        reference = re.search(r"\$\{[^}]*\}?", line)
        if reference:
            raise PromptError(f"{path}:{number}: {reference[0]!r} is not supported; write the value itself")
    # The first line stays, empty, so that YAML counts lines as an editor does.
    text = "\n".join(["", *lines[1:end]])
    if len(text) > _LONGEST_HEAD:
        raise PromptError(f"{path}:1: the front matter is longer than {_LONGEST_HEAD:,} characters; shorten it")
    try:
        _check_plain(text, path)
        head = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        number = 1 if mark is None else min(mark.line + 1, end)
        raise PromptError(f"{path}:{number}: the front matter is not YAML: {problem}") from None
    except (ValueError, RecursionError) as error:
        raise PromptError(f"{path}:1: the front matter holds a value that YAML cannot read: {error}") from None
    if not isinstance(head, dict):
        raise PromptError(f"{path}:2: the front matter must be keys and values, such as 'name: ask/plain'")
    return head, end + 1


def _check_plain(text: str, path: Path) -> None:
    """Refuse aliases, a few lines of which stand for gigabytes once they are written out, and what is nested deep.

    Raises:
        PromptError: There is one of them; the message names its line.
    """
    import yaml

    deep = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        deep += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        alias = isinstance(event, yaml.AliasEvent)
        if alias or deep > _DEEPEST:
            line = 1 if event.start_mark is None else event.start_mark.line + 1
            what = "an alias (*)" if alias else f"a value nested more than {_DEEPEST} deep"
            raise PromptError(f"{path}:{line}: {what} is not supported; write the value itself")


def _line_of(lines: list[str], key: object) -> int:
    """The line of a key, for messages; 1 when it cannot be told."""
    pattern = re.compile(
        rf"[\s{{,-]*[\"']?{re.escape(str(key))}[\"']?\s*:|.*[{{,]\s*[\"']?{re.escape(str(key))}[\"']?\s*:"
    )
    return next((number for number, line in enumerate(lines, 1) if pattern.match(line)), 1)


def _check_keys(found: Mapping[Any, Any], allowed: set[str], lines: list[str], path: Path, where: str) -> None:
    for key in found:
        if key not in allowed:
            near = difflib.get_close_matches(str(key), allowed, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "remove it"
            raise PromptError(
                f"{path}:{_line_of(lines, key)}: {where} key {str(key)!r} is not supported; {hint} "
                f"(supported: {', '.join(sorted(allowed))})"
            )


def _version(head: dict[str, Any], lines: list[str], path: Path) -> str:
    metadata = head.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise PromptError(f"{path}:{_line_of(lines, 'metadata')}: metadata must be keys and values")
    _check_keys(metadata, {"version", "authors", "tags", "license"}, lines, path, "metadata")
    given = [source["version"] for source in (head, metadata) if source.get("version") is not None]
    if len({str(version) for version in given}) > 1:
        raise PromptError(f"{path}:{_line_of(lines, 'version')}: two different versions; keep one")
    if given and (
        isinstance(given[0], (dict, list, bool)) or not str(given[0]).strip() or not str(given[0]).isprintable()
    ):
        raise PromptError(f'{path}:{_line_of(lines, "version")}: the version must be text, such as "1"')
    return str(given[0]).strip() if given else "0"


def _inputs(given: Any, lines: list[str], path: Path) -> dict[str, Mapping[str, Any]]:
    """The declared inputs: a mapping by name, or Prompty's list of entries with a ``name``."""
    line = _line_of(lines, "inputs")
    if isinstance(given, list) and all(isinstance(entry, dict) and "name" in entry for entry in given):
        pairs = [(entry["name"], entry) for entry in given]
    elif isinstance(given, dict):
        pairs = [(name, {} if entry is None else entry) for name, entry in given.items()]
    elif given is None:
        pairs = []
    else:
        raise PromptError(f"{path}:{line}: inputs must be a mapping, such as 'question: {{kind: string}}'")
    inputs: dict[str, Mapping[str, Any]] = {}
    for name, entry in pairs:
        at = f"{path}:{_line_of(lines, name)}"
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name) or name in _RESERVED or name in inputs:
            raise PromptError(f"{at}: {name!r} cannot name an input, or does so twice; use another name")
        if not isinstance(entry, dict):
            raise PromptError(f"{at}: input {name!r} must be described by keys, such as '{{kind: string}}'")
        _check_keys(entry, _INPUT_KEYS, lines, path, f"input {name!r}")
        inputs[name] = MappingProxyType({key: value for key, value in entry.items() if key != "name"})
    return inputs


def _parameters(model: Any, lines: list[str], path: Path) -> dict[str, float | int]:
    at = f"{path}:{_line_of(lines, 'model')}"
    if model is None:
        return {}
    if not isinstance(model, dict):
        raise PromptError(
            f"{at}: model must hold options, such as 'options: {{temperature: 0}}'; the model itself is llm="
        )
    _check_keys(model, {"options", "parameters"}, lines, path, "model")
    parameters: dict[str, float | int] = {}
    for options in model.values():
        if not isinstance(options, dict):
            raise PromptError(f"{at}: the model's options must be keys and values, such as 'temperature: 0'")
        _check_keys(options, set(_OPTIONS), lines, path, "model option")
        for key, value in options.items():
            number = not isinstance(value, bool) and isinstance(value, (int, float))
            name = _OPTIONS[key]
            if name == "temperature" and not (number and 0 <= value <= 2):
                raise PromptError(f"{path}:{_line_of(lines, key)}: temperature {value!r} must be a number from 0 to 2")
            if name == "max_tokens" and not (number and isinstance(value, int) and value > 0):
                raise PromptError(f"{path}:{_line_of(lines, key)}: {key} {value!r} must be a whole number above 0")
            parameters[name] = value
    return parameters


def _turns(lines: list[str], start: int, path: Path) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    opened = [n for n, line in enumerate(lines) if n >= start and _ROLE_LINE.fullmatch(line)]
    before = lines[start : opened[0]] if opened else lines[start:]
    stray = next((n for n, line in enumerate(before, start + 1) if line.strip()), None)
    if stray is not None or not opened:
        raise PromptError(
            f"{path}:{stray or len(lines)}: text outside a turn; put a line 'system:' or 'user:' before it"
        )
    if len(opened) > _MOST_TURNS:
        raise PromptError(f"{path}:{opened[_MOST_TURNS] + 1}: more than {_MOST_TURNS} turns; leave some out")
    for number, end in zip(opened, [*opened[1:], len(lines)], strict=True):
        role = cast("Role", lines[number].strip().removesuffix(":"))
        first = next((n for n in range(number + 1, end) if lines[n].strip()), None)
        if first is None:
            raise PromptError(
                f"{path}:{number + 1}: the turn '{role}:' is empty; write something below it, or remove it"
            )
        if role == "system" and turns:
            raise PromptError(f"{path}:{number + 1}: 'system:' must come first, and once; move its text to the top")
        turns.append(Turn(role=role, template="\n".join(lines[first:end]).rstrip(), line=first + 1))
    if turns[-1].role != "user":
        raise PromptError(f"{path}:{opened[-1] + 1}: the last turn must be 'user:', which the model answers")
    return tuple(turns)
