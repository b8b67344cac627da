"""What an experiment varies -> its cells: every combination of prompt, model, passages, embedding and search."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from toolkit.errors import ArgumentError
from toolkit.settings import SAME
from toolkit.types import Cell, Hits

if TYPE_CHECKING:
    from toolkit.prompts import Prompt

Task = Literal["ask", "summarize"]

Writer = Callable[[str, Hits], str]
"""A writer of the user's own: question and hits to text. It gets what a model's prompt would be made from."""

EXTRACTIVE = "extractive"
"""What tables call the writer that needs no model."""

MOST_CELLS = 500
"""Cells of one experiment, chosen by eye: nobody reads a longer table, and a slip such as ``k=range(10_000)`` is told
at once."""

USUAL_K = 8
"""Passages that an answer is made from when nobody says: as :meth:`toolkit.Library.ask`."""

_SEARCH = frozenset(
    "per_article per_copies since until publisher ids prefer diversity neighbours rerank rerank_depth".split()
)


def echo(question: str, hits: Hits) -> str:
    """The writer that gives back the best passage as it stands: the trap of citation scores.

    Everything it says is quoted, so its citations are nearly perfect, whether or not they answer the question. As a
    cell of an experiment it shows what citation scores alone are worth (Gao et al. 2023, "Enabling Large Language
    Models to Generate Text with Citations", warn of such short cuts).
    """
    if not hits:
        from toolkit.prompts import REFUSAL

        return REFUSAL
    best = hits[0]
    return "\n".join(best.article.text[span.start : span.end] for span in best.passage.sentences)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A cell with what carries it out.

    Attributes:
        cell: Its name and what is reported of it.
        prompt: The prompt, read.
        text: The prompt's file as it was read.
        llm: As given: a model in one of the forms of ``llm=``, None, the library's own, or a :data:`Writer`.
        embedding: As given, or the library's own.
    """

    cell: Cell
    prompt: Prompt
    text: str
    llm: object
    embedding: object


def is_writer(llm: object) -> TypeGuard[Writer]:
    """Whether it is a function of the user's own, not a model."""
    return callable(llm) and not isinstance(llm, type) and not hasattr(llm, "chat")


@dataclass(frozen=True)
class _Value:
    """One value on one axis, with its label."""

    label: str
    value: Any


def _axis(given: Any, label: Callable[[Any], str], what: str) -> list[_Value]:
    """The values of one axis, with labels of their own; a mapping gives labels itself."""
    if isinstance(given, Mapping):
        found = [_Value(str(name), value) for name, value in given.items()]
    else:
        # Not every iterable: llama-index's models and embeddings are iterables of their fields.
        values = list(given) if isinstance(given, (list, tuple, range, Iterator)) else [given]
        found = [_Value(label(value), value) for value in values]
    if not found:
        raise ArgumentError(f"{what}= is empty: give at least one, or leave it out")
    count, seen = Counter(value.label for value in found), Counter[str]()
    labelled = []
    for value in found:
        seen[value.label] += 1
        number = f" ({seen[value.label]})" if count[value.label] > 1 else ""
        labelled.append(_Value(value.label + number, value.value))
    return labelled


def settings(
    *,
    task: Task,
    own_llm: object,
    own_embedding: str,
    folder: Path | None,
    prompts_: Any,
    llms: Any,
    k: Any,
    embeddings: Any,
    search: Any,
) -> tuple[Setting, ...]:
    """Every combination, in the order given; the first is the baseline unless another is named.

    Without a model the prompt makes no difference, so such a writer stands once and not once for every prompt.

    Args:
        task: The verb.
        own_llm: The library's model, as it was given.
        own_embedding: Name of the library's embedding.
        folder: The library's own prompts.
        prompts_: As ``prompts`` of :class:`toolkit.Experiment`.
        llms: As there.
        k: As there.
        embeddings: As there.
        search: As there.

    Raises:
        ArgumentError: An axis is empty or holds what cannot be used, or there are too many cells.
        ToolkitError: A prompt cannot be read.
    """
    if task == "summarize" and k is not None:
        raise ArgumentError("k= is for task='ask': a summary is made of what its articles hold")
    texts: dict[int, tuple[Prompt, str]] = {}
    axes = (
        _axis(prompts_, lambda given: _prompt_label(given, task), "prompts"),
        _axis(llms, lambda given: llm_label(own_llm if given is SAME else given), "llms"),
        _axis((None,) if task == "summarize" else USUAL_K if k is None else k, lambda given: f"k={given}", "k"),
        _axis(embeddings, lambda given: embedding_label(given, own_embedding), "embeddings"),
        _axis([search] if _is_options(search) else search, _search_label, "search"),
    )
    for one in axes[2]:
        _check_k(one.value, task)
    for one in axes[4]:
        _check_search(one.value)
    if task == "summarize" and any(is_writer(one.value) for one in axes[1]):
        raise ArgumentError("a function as a writer is for task='ask': a summary is not written from hits")
    for one in axes[0]:
        texts[id(one)] = _loaded(one.value, task, folder)
    made: list[Setting] = []
    for combination in itertools.product(*axes):
        prompt, llm, passages, embedding, options = combination
        model_free = llm.value is None or is_writer(llm.value) or (llm.value is SAME and own_llm is None)
        if model_free and prompt is not axes[0][0]:
            continue
        varied = [
            value.label
            for value, axis in zip(combination, axes, strict=True)
            if len(axis) > 1 and not (model_free and axis is axes[0])
        ]
        loaded, text = texts[id(prompt)]
        name = " · ".join(varied) or (llm.label if model_free else prompt.label)
        cell = Cell(
            name=name,
            prompt=loaded.ref,
            llm=llm.label,
            k=passages.value,
            embedding=embedding.label,
            search=dict(options.value or {}),
        )
        made.append(Setting(cell=cell, prompt=loaded, text=text, llm=llm.value, embedding=embedding.value))
    if len(made) > MOST_CELLS:
        raise ArgumentError(f"{len(made):,} cells: {MOST_CELLS} are the most; vary less at once")
    return tuple(made)


def _is_options(search: Any) -> bool:
    """Whether it is one set of options, and not sets of them by name."""
    return search is None or (isinstance(search, Mapping) and not any(isinstance(v, Mapping) for v in search.values()))


def _prompt_label(given: Any, task: Task) -> str:
    if isinstance(given, (str, Path)):
        text = str(given)
        return Path(text).stem if text.endswith(".prompty") else text
    raise ArgumentError(f"prompts= holds {given!r:.60}; give names such as '{task}/plain', or paths of .prompty files")


def check_counts(**given: object) -> None:
    """Refuse what is no number of things.

    Raises:
        ArgumentError: One is not a whole number, or less than 1.
    """
    for name, value in given.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ArgumentError(f"{name}={value!r}: give a whole number, 1 or more")


def llm_label(llm: object) -> str:
    """What to call a model before it was asked what it is called."""
    if llm is None:
        return EXTRACTIVE
    if isinstance(llm, (str, os.PathLike)):
        from toolkit.models.addresses import short_name, shown_url

        text = str(llm)
        if "://" in text:
            address, _, name = text.partition("#")
            return name or shown_url(address)
        return short_name(text)
    if is_writer(llm):
        return str(getattr(llm, "__name__", type(llm).__name__))
    called = getattr(llm, "name", None) or getattr(llm, "model", None)
    return called if isinstance(called, str) and called else type(llm).__name__


def embedding_label(given: Any, own: str) -> str:
    """What an embedding is called."""
    if given is SAME:
        return own
    if given is None:
        from toolkit.embeddings import StaticEmbedding

        return StaticEmbedding.name
    if isinstance(given, (str, os.PathLike)):
        return str(given)
    name = getattr(given, "name", None) or getattr(given, "model_name", None)
    return name if isinstance(name, str) and name else type(given).__name__


def _search_label(given: Any) -> str:
    if not given:
        return "plain search"
    if not isinstance(given, Mapping):
        raise ArgumentError(
            f"search= holds {given!r:.60}; give options of search as dicts, such as {{'diversity': 0.5}}"
        )
    return ", ".join(f"{name}={value}" for name, value in given.items())


def _check_k(k: Any, task: Task) -> None:
    if task == "ask" and (not isinstance(k, int) or isinstance(k, bool) or k < 1):
        raise ArgumentError(f"k={k!r}: give whole numbers of passages, 1 or more")


def _check_search(options: Any) -> None:
    if unknown := sorted(set(options or {}) - _SEARCH):
        raise ArgumentError(
            f"search=: no option {', '.join(map(str, unknown))}; there are {', '.join(sorted(_SEARCH))}"
        )


def _loaded(given: Any, task: Task, folder: Path | None) -> tuple[Prompt, str]:
    """The prompt and the text of its file, which must be the same at both readings."""
    name = given
    if task == "summarize":
        if isinstance(given, Path) or given.endswith(".prompty"):
            raise ArgumentError(f"{given}: put it into a prompts folder as summarize/<style>.prompty and give its name")
        name = given if "/" in given else f"summarize/{given}"
        if not name.startswith("summarize/"):
            raise ArgumentError(f"prompts={given!r}: a summary is written with a prompt summarize/<style>")
    from toolkit import prompts

    prompt = prompts.load(name, folder=folder)
    content = prompt.path.read_bytes()
    if hashlib.sha256(content).hexdigest()[:12] != prompt.hash:
        raise ArgumentError(f"{prompt.path} was changed while it was read: make the experiment again")
    return prompt, content.decode("utf-8-sig")


def style_of(prompt: Prompt) -> str:
    """The style of a summary that a prompt writes."""
    return prompt.name.rpartition("/")[2]
