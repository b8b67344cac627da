"""Other wordings of a prompt, as prompt files: instructions of the user's, of a model's, and sets of examples."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import prompts
from toolkit.errors import ArgumentError, PromptError, StoreError
from toolkit.files import write_whole
from toolkit.types import Hits, Message, Question, Span

if TYPE_CHECKING:
    from toolkit.models import Model
    from toolkit.prompts import Prompt
    from toolkit.types import OptimizeReport

LONGEST = 4000
"""Characters of instructions: some 1,000 tokens, chosen by eye, so that a small context keeps room for passages."""

_ROLE_LINE = re.compile(r"^(?:system|user|assistant):[ \t]*$", re.MULTILINE)
_JINJA = ("{{", "{%", "{#", "endchat")
_BETWEEN = re.compile(r"^\s*(?:=|-|\*){3,}\s*$", re.MULTILINE)
_LABEL = re.compile(
    r"\A\s*(?:(?:\*\*|#+ )?(?:version|variant|option)\s*\d*\s*[:.)]?(?:\*\*)?:?\s*\n?|\d+[.)]\s+)", re.IGNORECASE
)
_FEWEST_WORDS = 5  # of a suggestion: less is a heading or a remark of the model's


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A question of which the answer is known, as two turns of a prompt."""

    question: str
    user: str
    assistant: str


def unusable(text: str) -> str | None:
    """Why a text cannot stand in a prompt file as it is; None when it can."""
    if not text.strip():
        return "it is empty"
    if len(text) > LONGEST:
        return f"it has {len(text):,} characters; {LONGEST:,} are the most"
    if found := next((mark for mark in _JINJA if mark in text), None):
        return f"it holds {found!r}, which a template would act on"
    if _ROLE_LINE.search(text):
        return "one of its lines is a role, such as 'user:', which would open a turn"
    return None


def source_of(prompt: Prompt) -> str:
    """The text of a prompt's file."""
    return prompt.path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")


def rewritten(prompt: Prompt, instructions: str | None = None, examples: Sequence[Example] = ()) -> str:
    """The prompt's file with other instructions in the place of its system turn, or with examples, or both.

    Args:
        prompt: The prompt.
        instructions: What the system turn is to say; None for what it says.
        examples: Turns to put before the last one, after examples that are there.
    """
    lines = source_of(prompt).split("\n")
    end = next(number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---")
    turns: list[tuple[str, str]] = [(turn.role, turn.template) for turn in prompt.turns]
    if instructions is not None:
        turns = [("system", instructions.strip()), *(turn for turn in turns if turn[0] != "system")]
    shown = [turn for one in examples for turn in (("user", one.user), ("assistant", one.assistant))]
    turns = [*turns[:-1], *shown, turns[-1]]
    body = "\n\n".join(f"{role}:\n{text}" for role, text in turns)
    return "\n".join(lines[: end + 1]) + f"\n{body}\n"


def given_variants(variants: Any, prompt: Prompt, folder: Path | None) -> dict[str, str]:
    """The user's own variants as prompt files, by name.

    Args:
        variants: Texts of instructions, names or paths of prompts, in a list or by names of their own.
        prompt: The prompt that the instructions are for.
        folder: The library's own prompts.

    Raises:
        ArgumentError: One cannot be used.
        PromptError: A prompt is malformed, or wants other inputs.
    """
    named: Iterable[tuple[str, Any]]
    if isinstance(variants, Mapping):
        named = [(str(name), value) for name, value in variants.items()]
    elif isinstance(variants, (str, os.PathLike)) or not isinstance(variants, Iterable):
        raise ArgumentError("variants= is one: give a list of instructions, or a dict of them by name")
    else:
        named = [("", value) for value in variants]
    found: dict[str, str] = {}
    for number, (name, value) in enumerate(named, 1):
        if isinstance(value, os.PathLike) or (isinstance(value, str) and _names_prompt(value)):
            other = prompts.load(Path(value) if not isinstance(value, str) else value, folder=folder)
            if other.inputs.keys() != prompt.inputs.keys():
                raise PromptError(
                    f"{other.path}: its inputs are not those of {prompt.name}: {', '.join(prompt.inputs)}"
                )
            name, text = name or other.name, source_of(other)
        elif isinstance(value, str):
            if why := unusable(value):
                raise ArgumentError(f"variants=: number {number} cannot be used: {why}")
            name, text = name or f"variant {number}", rewritten(prompt, value)
        else:
            raise ArgumentError(f"variants=: number {number} is a {type(value).__name__}; give instructions as text")
        if name in found:
            raise ArgumentError(f"variants=: two are called {name!r}; give them names of their own, in a dict")
        found[name] = text
    return found


def _names_prompt(text: str) -> bool:
    return text.endswith(".prompty") or ("/" in text and not re.search(r"\s", text))


def suggested(
    model: Model, prompt: Prompt, misses: Sequence[Mapping[str, str]], count: int, folder: Path | None
) -> tuple[list[str], list[str]]:
    """Instructions that a model suggests, and what a reader should know of those that could not be used.

    Args:
        model: Whom to ask.
        prompt: The prompt to better.
        misses: Questions that it got wrong, each with ``question``, ``right`` and ``written``.
        count: How many to ask for.
        folder: The library's own prompts, where ``optimize/variants`` may be another one.
    """
    asking = prompts.load("optimize/variants", folder=folder)
    own = next((turn.template for turn in prompt.turns if turn.role == "system"), "")
    messages = asking.render(
        instructions=own or "(none)", task=_task(prompt), misses=[dict(miss) for miss in misses], count=count
    )
    parameters: dict[str, Any] = dict(asking.parameters)
    reply = model.chat(messages, **parameters)
    usable: list[str] = []
    for part in _BETWEEN.split(reply.text):
        text = _LABEL.sub("", part).strip().strip("`").strip()
        if not text:
            continue
        if not unusable(text) and len(text.split()) >= _FEWEST_WORDS and text not in (own, *usable):
            usable.append(text)
    notes = []
    if len(usable) < count:
        notes.append(f"{model.name} was asked for {count} wordings; {min(len(usable), count)} could be used.")
    return usable[:count], notes


def _task(prompt: Prompt) -> str:
    """What the last turn says behind the passages, with the names of its inputs in angle brackets."""
    last = re.split(r"\{%-?\s*endfor\s*-?%\}", prompt.turns[-1].template)[-1]
    return re.sub(r"\{%.*?%\}", "", re.sub(r"\{\{\s*(\w+)[^}]*\}\}", r"<\1>", last)).strip()


def examples_of(questions: Iterable[Question], prompt: Prompt, find: Callable[[str], Hits]) -> list[Example]:
    """The questions that can serve as examples: those with a sentence that gives a right answer, or with none at all.

    The model is shown the passage and, as its own reply, the sentence word for word; where the articles hold no answer,
    the best passage and that they do not say.
    """
    found = []
    for question in questions:
        hits = find(question.text)
        shown = _shown(question, hits)
        if shown is None:
            continue
        number, reply = shown
        turn: Message = prompt.render(
            question=question.text, passages=prompts.prompt_passages(hits[number : number + 1])
        )[-1]
        if not unusable(turn.content.strip()) and not unusable(reply):
            found.append(Example(question=question.id, user=turn.content.strip(), assistant=reply))
    return found


def _shown(question: Question, hits: Hits) -> tuple[int, str] | None:
    """Which hit to show, and what to answer from it."""
    if question.answerable is False:
        return (0, prompts.REFUSAL) if hits else None
    gold = [one for one in question.gold if isinstance(one, Span)]
    for number, hit in enumerate(hits):
        for sentence in hit.passage.sentences:
            text = hit.article.text[sentence.start : sentence.end]
            if any(sentence.overlaps(span) for span in gold) or (
                not gold and any(answer.casefold() in text.casefold() for answer in question.answers)
            ):
                return number, " ".join(text.split())
    return None


def drawn(examples: Sequence[Example], size: int, random_: random.Random) -> tuple[Example, ...]:
    """A set of examples, at most half of them refusals, drawn without order."""
    refusals = [one for one in examples if one.assistant == prompts.REFUSAL]
    answers = [one for one in examples if one.assistant != prompts.REFUSAL]
    some = random_.sample(refusals, min(len(refusals), random_.randint(0, size // 2)))
    rest = random_.sample(answers, min(len(answers), size - len(some)))
    chosen = [*some, *rest]
    random_.shuffle(chosen)
    return tuple(chosen)


def saved(report: OptimizeReport, path: Path, *, overwrite: bool) -> Path:
    """See :meth:`toolkit.types.OptimizeReport.save_prompt`."""
    import tempfile

    import yaml

    if path.suffix != ".prompty":
        raise ArgumentError(
            f"{path}: give a path that ends in .prompty, such as my-prompts/{report.prompt.name}.prompty"
        )
    if path.exists() and not overwrite:
        raise ArgumentError(f"{path} is there already: give another path, or overwrite=True")
    lines = report.best.text.split("\n")
    end = next(number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---")
    head = yaml.safe_load("\n".join(lines[1:end]))
    place = path.expanduser().absolute()
    head["name"] = f"{place.parent.name}/{place.stem}"
    said = " ".join(str(head.get("description") or "").split())
    head["description"] = f"{said} Found by optimize() from {report.prompt.name}: {report.verdict}".strip()
    front = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=10_000)
    text = f"---\n{front}---\n" + "\n".join(lines[end + 1 :])
    with tempfile.TemporaryDirectory() as folder:  # what would not be read again is not written
        trial = Path(folder) / place.parent.name / path.name
        trial.parent.mkdir()
        trial.write_text(text, encoding="utf-8")
        try:
            prompts.check(head["name"], folder=folder)
        except PromptError as error:
            raise PromptError(f"{path}: cannot be written there: {str(error).replace(folder, '')}") from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}): check the folder and its room") from error
    return path
