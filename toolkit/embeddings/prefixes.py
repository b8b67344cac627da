"""What some models want to stand before a question and before a passage.

A model that was trained with prefixes ranks worse without them, so they are added for the families that are known by
their names. Since vectors made with and without a prefix do not mix, the prefixes are part of an embedding's name:
``"fastembed:intfloat/e5-small-v2"`` is recorded as ``"fastembed:intfloat/e5-small-v2+e5"``. Write such an ending
yourself to choose, or ``+none`` for none.

Source: the model cards of intfloat/e5-*, intfloat/multilingual-e5-large-instruct, BAAI/bge-*-v1.5,
mixedbread-ai/mxbai-embed-large-v1, Snowflake/snowflake-arctic-embed-*, nomic-ai/nomic-embed-text-v1.5,
google/embeddinggemma-300m and Qwen/Qwen3-Embedding-*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Pooling = Literal["mean", "cls", "last"]


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What goes before the texts of one family of models.

    Attributes:
        name: The ending of the embedding's name; ``"none"`` is not written.
        query: Before a question.
        passage: Before a passage.
    """

    name: str
    query: str = ""
    passage: str = ""

    @property
    def ending(self) -> str:
        """What an embedding's name ends in."""
        return "" if self.name == "none" else f"+{self.name}"


NONE = Prefixes("none")
_INSTRUCTION = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
FAMILIES = {
    family.name: family
    for family in (
        NONE,
        Prefixes("e5", "query: ", "passage: "),
        Prefixes("e5-instruct", f"{_INSTRUCTION} "),
        Prefixes("bge", "Represent this sentence for searching relevant passages: "),
        Prefixes("bge-zh", "为这个句子生成表示以用于检索相关文章："),
        Prefixes("arctic2", "query: "),
        Prefixes("nomic", "search_query: ", "search_document: "),
        Prefixes("gemma", "task: search result | query: ", "title: none | text: "),
        Prefixes("qwen3", _INSTRUCTION),
    )
}
"""What is here never changes, since libraries were made with it; what is wrong gets a new name."""

_PATTERNS = (
    (r"\be5-.*instruct|\be5-mistral", "e5-instruct"),
    (r"\be5-(small|base|large)", "e5"),
    (r"\bbge-(small|base|large)-zh", "bge-zh"),
    (r"\bbge-(small|base|large)-en|\bmxbai-embed|\barctic-embed-(?!.*v2)", "bge"),
    (r"\barctic-embed-.*v2", "arctic2"),
    (r"\bnomic-embed-text", "nomic"),
    (r"\bembeddinggemma", "gemma"),
    (r"\bqwen3-embedding", "qwen3"),
)


def split_ending(text: str) -> tuple[str, Prefixes | None]:
    """A name without its ending, and the prefixes which that stands for; None when it has none."""
    name, _, ending = text.rpartition("+")
    return (name, FAMILIES[ending]) if name and ending in FAMILIES else (text, None)


def known_prefixes(model: str) -> Prefixes:
    """The prefixes of the family that a model's name tells of."""
    name = re.split(r"[/\\]", model.rstrip("/\\"))[-1].lower().replace("_", "-")
    return next((FAMILIES[family] for pattern, family in _PATTERNS if re.search(pattern, name)), NONE)


def known_pooling(model: str) -> Pooling:
    """How the family that a model's name tells of makes one vector of its tokens'."""
    name = re.split(r"[/\\]", model.rstrip("/\\"))[-1].lower().replace("_", "-")
    if re.search(r"\bbge-|\bmxbai-embed|\barctic-embed|\bgte-.*-v1\.5", name):
        return "cls"
    return "last" if re.search(r"\bqwen3-embedding|\be5-mistral", name) else "mean"
