"""Which kinds of embedding have a name of their own, ``kind:model``: one line for each.

A new kind is a module with a function that makes an :class:`~toolkit.embeddings.base.Embedding` of what is
:class:`Named`, a line in :data:`KINDS` and a test. An object with the methods of ``Embedding`` needs none of this: it
is given as ``embedding=`` as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from toolkit.embeddings.prefixes import Prefixes

if TYPE_CHECKING:
    from toolkit.embeddings.base import Embedding


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """An embedding that is asked for by its name, or by an object of the library that its kind stands for.

    Attributes:
        model: What stands behind the colon; or the object.
        prefixes: What goes before questions and passages; None for what the model's family wants.
        dimensions: Length of the vectors, where it is known.
        api_key: The key that the call gives; None where it gives none.
        recorded: Whether a library recorded the name: then a missing key is an error of the first vector only, so that
            the library can be opened and read without it.
    """

    model: Any
    prefixes: Prefixes | None = None
    dimensions: int | None = None
    api_key: str | None = None
    recorded: bool = False


Maker = Callable[[Named], "Embedding"]
"""Makes the embedding; loads and sends nothing yet. It raises an error of :mod:`toolkit.errors` when that cannot be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind.

    Attributes:
        name: What stands before the colon; recorded by libraries, so it never changes.
        example: A name of this kind, for messages.
        maker: ``module:function``, of this package; imported with the first such name.
        package: The module that it needs, which an extra called ``name`` installs; None for none.
        object_has: What tells an object of that module that is given as ``embedding=``; empty when there is no such.
    """

    name: str
    example: str
    maker: str
    package: str | None = None
    object_has: tuple[str, ...] = ()


SENTENCE_TRANSFORMERS = Kind(
    name="sentence-transformers",
    example="sentence-transformers:all-MiniLM-L6-v2",
    maker="sentence:sentence_transformers_embedding",
    package="sentence_transformers",
    object_has=("encode", "max_seq_length"),
)
KINDS = (
    Kind(name="openai", example="openai:text-embedding-3-small", maker="service:openai_embedding"),
    Kind(
        name="fastembed",
        example="fastembed:BAAI/bge-small-en-v1.5",
        maker="fast:fastembed_embedding",
        package="fastembed",
        object_has=("query_embed", "passage_embed"),
    ),
    SENTENCE_TRANSFORMERS,
)


def kind_named(name: str) -> Kind | None:
    """The kind of that name; None when there is none."""
    return next((one for one in KINDS if one.name == name), None)


def kind_of_object(value: object) -> Kind | None:
    """The kind whose library made an object; None when it is of none."""
    return next((one for one in KINDS if one.object_has and all(hasattr(value, name) for name in one.object_has)), None)


def maker_of(kind: Kind) -> Maker:
    """The function that makes a kind's embeddings."""
    import pkgutil

    return cast("Maker", pkgutil.resolve_name(f"toolkit.embeddings.{kind.maker}"))
