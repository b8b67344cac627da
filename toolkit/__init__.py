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
    from toolkit.briefings import briefing as briefing
    from toolkit.errors import ToolkitError as ToolkitError
    from toolkit.experiment import Experiment as Experiment
    from toolkit.experiment import inject_test as inject_test
    from toolkit.experiment import optimize as optimize
    from toolkit.library import Library as Library
    from toolkit.models import FakeLLM as FakeLLM
    from toolkit.types import AddReport as AddReport
    from toolkit.types import Answer as Answer
    from toolkit.types import Article as Article
    from toolkit.types import Briefing as Briefing
    from toolkit.types import Changes as Changes
    from toolkit.types import Citation as Citation
    from toolkit.types import Claim as Claim
    from toolkit.types import Comparison as Comparison
    from toolkit.types import Event as Event
    from toolkit.types import Hit as Hit
    from toolkit.types import Passage as Passage
    from toolkit.types import Span as Span
    from toolkit.types import Summary as Summary
    from toolkit.types import Timeline as Timeline
    from toolkit.types import Watch as Watch
    from toolkit.verification import verify as verify

_HOME = {
    "AddReport": "toolkit.types",
    "Answer": "toolkit.types",
    "Article": "toolkit.types",
    "Briefing": "toolkit.types",
    "Changes": "toolkit.types",
    "Citation": "toolkit.types",
    "Claim": "toolkit.types",
    "Comparison": "toolkit.types",
    "Event": "toolkit.types",
    "Experiment": "toolkit.experiment",
    "FakeLLM": "toolkit.models",
    "Hit": "toolkit.types",
    "Library": "toolkit.library",
    "Passage": "toolkit.types",
    "Span": "toolkit.types",
    "Summary": "toolkit.types",
    "Timeline": "toolkit.types",
    "ToolkitError": "toolkit.errors",
    "Watch": "toolkit.types",
    "briefing": "toolkit.briefings",
    "inject_test": "toolkit.experiment",
    "optimize": "toolkit.experiment",
    "read_articles": "toolkit.articles",
    "verify": "toolkit.verification",
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
