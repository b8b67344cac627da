"""citebook: cited summaries and answers from your own news articles.

    from toolkit import Library

    news = Library("news.lance")
    news.add("articles/")
    news.ask("Which countries might send troops?")

Every name below loads on first use, so ``import toolkit`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.articles import read_articles as read_articles
    from toolkit.errors import ToolkitError as ToolkitError
    from toolkit.library import Library as Library
    from toolkit.models import FakeLLM as FakeLLM
    from toolkit.types import AddReport as AddReport
    from toolkit.types import Answer as Answer
    from toolkit.types import Article as Article
    from toolkit.types import Citation as Citation
    from toolkit.types import Claim as Claim
    from toolkit.types import Hit as Hit
    from toolkit.types import Passage as Passage
    from toolkit.types import Span as Span
    from toolkit.types import Summary as Summary
    from toolkit.verify import verify as verify

_HOME = {
    "AddReport": "toolkit.types",
    "Answer": "toolkit.types",
    "Article": "toolkit.types",
    "Citation": "toolkit.types",
    "Claim": "toolkit.types",
    "FakeLLM": "toolkit.models",
    "Hit": "toolkit.types",
    "Library": "toolkit.library",
    "Passage": "toolkit.types",
    "Span": "toolkit.types",
    "Summary": "toolkit.types",
    "ToolkitError": "toolkit.errors",
    "read_articles": "toolkit.articles",
    "verify": "toolkit.verify",
}

__version__ = "0.1.0"
__all__ = [*sorted(_HOME), "__version__"]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'toolkit' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
