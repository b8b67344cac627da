"""A second look at what was retrieved: hits in a better order, by a cross-encoder, a language model or a function.

A reranker sees the few passages that a search found and orders them; it finds nothing that the search missed. What it
gives back is checked here, whoever made it: places that do not exist, places named twice and scores that are not
numbers never reach a result.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from toolkit.errors import ArgumentError, PromptError
from toolkit.store.schema import indexed_text
from toolkit.types import Hit

if TYPE_CHECKING:
    from toolkit.models import Model
    from toolkit.prompts import Prompt

PROMPT = "rerank/passages"
"""The prompt that ``rerank="prompt"`` stands for."""

LISTED = 20
"""Passages that a model is asked to order in one call, as in Sun et al. 2023; those behind them stay as they are."""

Ranking = list[tuple[int, float]]
"""Places in the hits with scores, best first."""

_FORMS = (
    'give "cross-encoder:NAME", "prompt", a prompt\'s name or .prompty file, a llama-index node postprocessor, '
    "an object with predict(pairs), or a function from (query, texts) to scores"
)


@runtime_checkable
class Reranker(Protocol):
    """What a search asks of a reranker.

    Attributes:
        name: Says who ordered the passages.
    """

    @property
    def name(self) -> str:
        """Says who ordered the passages."""
        ...

    def rank(self, query: str, hits: Sequence[Hit]) -> Ranking:
        """Order hits by how well they answer a query.

        Args:
            query: As the reader wrote it.
            hits: What was found, best first.

        Returns:
            Places in ``hits`` with scores, best first. Hits may be left out. Scores are comparable within one call
            only, and may be negative.
        """
        ...


def resolve_reranker(
    value: object, *, model: Callable[[], Model | None], prompts: str | Path | None = None
) -> Reranker:
    """The reranker that a ``rerank=`` argument stands for. Models and weights are loaded at the first search.

    Args:
        value: ``"cross-encoder:NAME"`` with a name on the Hugging Face hub or a folder (extra
            ``sentence-transformers``); an object with ``predict(pairs)``, such as a CrossEncoder of your own;
            ``"prompt"``, a prompt's name or the path of one, see :class:`PromptReranker`; a llama-index node
            postprocessor; a function from a query and texts to scores; or a :class:`Reranker`.
        model: Gives the library's language model, or None; asked only for prompts, when they are used.
        prompts: A prompts folder that comes before all others.

    Raises:
        ArgumentError: For anything else.
        PromptError: No such prompt, or one that cannot rerank.
    """
    if isinstance(value, type):
        raise ArgumentError(f"rerank={value.__name__} is a class; make one first: rerank={value.__name__}(...)")
    if isinstance(value, str):
        kind, _, name = value.strip().partition(":")
        if kind == "cross-encoder":
            if not name.strip():
                raise ArgumentError('rerank="cross-encoder:" names no model; write "cross-encoder:NAME" or a folder')
            return _named_cross_encoder(name.strip())
    if isinstance(value, (str, Path)):
        return PromptReranker(_prompt(value, prompts), model)
    if callable(getattr(value, "postprocess_nodes", None)):
        return PostprocessorReranker(value)
    # A CrossEncoder has a `rank` of its own kind and can be called too: `predict` is asked for first.
    if callable(predict := getattr(value, "predict", None)):
        return ScoreReranker(_kind(value), lambda query, texts: predict([(query, text) for text in texts]))
    if isinstance(value, Reranker):
        return value
    if callable(value):
        return ScoreReranker(getattr(value, "__name__", _kind(value)), value)
    raise ArgumentError(f"rerank={value!r:.60} is not a reranker; {_FORMS}")


def reranked(reranker: Reranker, query: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits in a reranker's order, with its scores.

    Args:
        reranker: Who orders them.
        query: As the reader wrote it.
        hits: What was found, best first.

    Returns:
        Hits, best first, without those that it left out. Scores are moved up together where some were negative, so
        that 0 is the least, as in every search; their order and distances stay.

    Raises:
        ArgumentError: The reranker names a place that is not there, or one twice, or its scores are no numbers.
    """
    if not hits:
        return []
    ranking: list[tuple[Any, Any]] = list(reranker.rank(query, hits))
    seen: set[int] = set()
    for index, _ in ranking:
        if not isinstance(index, Integral) or not 0 <= int(index) < len(hits) or index in seen:
            raise ArgumentError(
                f"rerank: {reranker.name} returned place {index!r} for {len(hits)} passages; "
                "return places from 0, each once"
            )
        seen.add(int(index))
    scores = _checked([score for _, score in ranking], len(ranking), reranker.name)
    lift = -min([0.0, *scores])
    return [replace(hits[index], score=score + lift) for (index, _), score in zip(ranking, scores, strict=True)]


@dataclass(frozen=True, slots=True)
class ScoreReranker:
    """Orders by one score a passage.

    Attributes:
        name: The model or function.
        score: From a query and texts to as many numbers, higher is better. A text is the article's title and the
            passage.
    """

    name: str
    score: Callable[[str, list[str]], Iterable[float]]

    def rank(self, query: str, hits: Sequence[Hit]) -> Ranking:
        """Every hit, by its score; equal ones stay in the order of the search."""
        texts = [indexed_text(hit.article, hit.passage.text) for hit in hits]
        scores = _checked(self.score(query, texts), len(texts), self.name)
        return sorted(enumerate(scores), key=lambda pair: -pair[1])


@dataclass(frozen=True, slots=True)
class PostprocessorReranker:
    """Orders by a llama-index node postprocessor; what it drops is left out, what it makes up is passed over.

    Attributes:
        postprocessor: Has ``postprocess_nodes(nodes, query_bundle=...)``. It is given the nodes that
            ``library.as_retriever()`` would give.
    """

    postprocessor: Any

    @property
    def name(self) -> str:
        """The postprocessor's class."""
        return _kind(self.postprocessor)

    def rank(self, query: str, hits: Sequence[Hit]) -> Ranking:
        """The hits in the order of the nodes that come back.

        Its scores are kept when they fall from first to last. Some postprocessors leave the old ones standing on nodes
        in a new order, or none: then the place counts.
        """
        from llama_index.core.schema import NodeWithScore, QueryBundle

        from toolkit.interop.llama import node_of

        nodes = [NodeWithScore(node=node_of(hit), score=hit.score) for hit in hits]
        places = {found.node.node_id: place for place, found in enumerate(nodes)}
        found: dict[int, float | None] = {}
        for node in self.postprocessor.postprocess_nodes(nodes, query_bundle=QueryBundle(query)):
            place = places.get(node.node.node_id)
            if place is not None:
                found.setdefault(place, node.score)
        scores = [math.nan if score is None else float(score) for score in found.values()]
        falling = all(math.isfinite(score) for score in scores) and scores == sorted(scores, reverse=True)
        return list(zip(found, scores, strict=True)) if falling else _by_place(found)


@dataclass(frozen=True, slots=True)
class PromptReranker:
    """Orders by a language model that reads the passages.

    A prompt with the inputs ``query`` and ``passages`` (``rerank/passages``) is asked once, for the numbers of the
    first 20 passages in order (fewer when they would not fit the model). A passage that the reply leaves out stays
    behind those it names. The reply counts only if it is a list: digits in a sentence are not places. When it is not,
    the order of the search stays and a UserWarning says so, since a search that found the passage must not be lost to
    a model that chats. Article text can at worst argue for its own place in the order; it cannot add or remove hits.

    Whether it helps depends on the model, and has yet to be measured on enough questions to say so. The one question of
    multihoprag500 that was tried with a local 1.5-billion-parameter model got worse (nDCG@10 0.79 to 0.48: the passage
    that answers went from first to third of six) and took 14 s on two busy cores. Asked for yes or no about each
    passage, the same model kept that order and took 25 s. Compare on your own questions before relying on it.

    Attributes:
        prompt: Has the inputs ``query`` and ``passages``.
        model: Gives the model, or None.
    """

    prompt: Prompt
    model: Callable[[], Model | None]

    @property
    def name(self) -> str:
        """The prompt with its version."""
        return f"{self.prompt.ref.name}@{self.prompt.ref.version}"

    def rank(self, query: str, hits: Sequence[Hit]) -> Ranking:
        """Every hit: those that the model names first, then the others as they were.

        Raises:
            ArgumentError: The library has no model.
            ModelError: The model failed.
        """
        from toolkit.prompts import prompt_passages

        model = self.model()
        if model is None:
            raise ArgumentError(f"rerank={self.prompt.name!r} needs a model: make the library with llm=...")
        parameters: dict[str, Any] = dict(self.prompt.parameters)
        passages = prompt_passages(hits[:LISTED])
        messages = self.prompt.render(query=query, passages=passages)
        while len(passages) > 2 and not model.fits(messages, parameters.get("max_tokens")):
            passages = passages[: len(passages) * 2 // 3]
            messages = self.prompt.render(query=query, passages=passages)
        if len(passages) < 2:
            return _by_place(range(len(hits)))
        reply = model.chat(messages, **parameters)
        numbers = listed_numbers(reply.text, len(passages))
        if not numbers:
            said = " ".join(reply.text.split())
            warnings.warn(
                f"rerank: {reply.model} was asked for the numbers of {len(passages)} passages and said {said[:60]!r}; "
                "the order of the search is kept",
                UserWarning,
                stacklevel=2,
            )
        named = [number - 1 for number in numbers]
        return _by_place(dict.fromkeys([*named, *range(len(hits))]))


_ENTRY = re.compile(r"(?:(?:passage|article|number|no)s?\b[.:#\s]*)?[#\[(<*\s]*(\d+)[\])>*\s]*", re.IGNORECASE)
_NUMBERED = re.compile(r"[ \t]*(\d+)[.):][ \t]+(?=\D*\d)")
_OPENING = re.compile(r"[^\d\n]{0,60}:\s*")
_BETWEEN = re.compile(r"(?:[,;>=\s]|→|\band\b|\bthen\b)*[.]?(?:[,;>=\s]|→)*", re.IGNORECASE)


def listed_numbers(reply: str, most: int) -> list[int]:
    """The places that a reply lists, each once, in order; empty when the reply is anything but a list.

    Args:
        reply: Such as ``3, 1, 2``, ``[3] > [1] > [2]``, or one to a line.
        most: The highest place; higher numbers, and 0, are passed over.

    Example:
        >>> listed_numbers("Passage 3, Passage 1, 9", 5)
        [3, 1]
        >>> listed_numbers("There are 2 passages about 3 countries.", 5)
        []
    """
    text = reply.strip().strip("`\"'“”")
    lines = [line for line in text.splitlines() if line.strip()]
    starts = [_NUMBERED.match(line) for line in lines]
    if len(lines) > 1 and [m and int(m[1]) for m in starts] == list(range(1, len(lines) + 1)):
        text = "\n".join(line[m.end() :] for line, m in zip(lines, starts, strict=True) if m)
    opening = _OPENING.match(text)
    position = opening.end() if opening and opening.end() < len(text) and not _ENTRY.match(text) else 0
    found: dict[int, None] = {}
    while position < len(text):
        entry = _ENTRY.match(text, position)
        if entry is None:
            return []
        # A run of digits longer than any place is no place; int() of a very long one would be an error.
        if len(entry[1]) <= len(str(most)) and 1 <= int(entry[1]) <= most:
            found[int(entry[1])] = None
        between = _BETWEEN.match(text, entry.end())
        position = between.end() if between else entry.end()
    return list(found)


def _prompt(value: str | Path, folder: str | Path | None) -> Prompt:
    from toolkit.prompts import load

    name = PROMPT if value == "prompt" else value
    if isinstance(name, str) and "/" not in name and not name.endswith(".prompty"):
        raise ArgumentError(f"rerank={value!r} is not a reranker; {_FORMS}")
    prompt = load(name, folder=folder)
    if missing := {"query", "passages"} - prompt.inputs.keys():
        raise PromptError(
            f"{prompt.path}: cannot rerank: no input {' and '.join(sorted(missing))}; a prompt for rerank= has the "
            "inputs query and passages"
        )
    return prompt


def _named_cross_encoder(name: str) -> Reranker:
    def score(query: str, texts: list[str]) -> Any:
        from toolkit.models.encoders import cross_encoder

        encoder = cross_encoder(name, f"rerank='cross-encoder:{name}'", "sentence-transformers")
        return encoder.predict([(query, text) for text in texts], show_progress_bar=False)

    return ScoreReranker(name, score)


def _checked(values: Any, count: int, name: str) -> list[float]:
    """The scores as numbers, exactly one a passage."""
    import numpy as np

    try:
        scores = np.asarray(list(values), dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"rerank: {name} returned {_kind(values)}, not a list of numbers; return a score for each text"
        ) from None
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if scores.shape != (count,):
        shape = " x ".join(map(str, scores.shape))
        raise ArgumentError(f"rerank: {name} returned {shape} scores for {count} passages; return one for each text")
    if not np.isfinite(scores).all():
        worst = scores[~np.isfinite(scores)][0]
        raise ArgumentError(f"rerank: {name} returned the score {worst}; scores must be finite numbers")
    return [float(score) for score in scores]


def _by_place(places: Iterable[int]) -> Ranking:
    """Scores that fall evenly from 1, for an order that came without any."""
    order = list(places)
    return [(index, 1 - place / len(order)) for place, index in enumerate(order)]


def _kind(value: object) -> str:
    return type(value).__name__
