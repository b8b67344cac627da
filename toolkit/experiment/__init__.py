"""The prompt lab: experiments on prompts, models and settings, with honest statistics.

    from toolkit import Experiment, Library

    news = Library("news.lance", llm="http://localhost:8080/v1")
    trial = Experiment(news, "questions.jsonl", prompts=["ask/plain", "ask/brief"], k=[4, 8])
    trial.estimate()                     # calls, tokens, price; nothing is sent
    results = trial.run(budget_usd=1.0)  # everything is kept: the same run again costs nothing
    results                              # the table: citation beside correctness, intervals, who is better
    results.compare("ask/plain · k=4", "ask/brief · k=4")
    results.save("run.zip")              # Experiment.load("run.zip") shows the same without network, key or library

Settings become cells (:mod:`~toolkit.experiment.grid`), cells and questions become rows
(:mod:`~toolkit.experiment.run`), rows are scored (:mod:`~toolkit.experiment.measures`) and compared
(:mod:`~toolkit.experiment.statistics`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.experiment.grid import echo as echo
    from toolkit.experiment.injection import inject_test as inject_test
    from toolkit.experiment.lab import Experiment as Experiment
    from toolkit.experiment.optimization import optimize as optimize
    from toolkit.experiment.questions import read_questions as read_questions
    from toolkit.experiment.results import Results as Results

_HOME = {
    "Experiment": "lab",
    "Results": "results",
    "echo": "grid",
    "inject_test": "injection",
    "optimize": "optimization",
    "read_questions": "questions",
}
__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'toolkit.experiment' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"toolkit.experiment.{home}"), name)
    globals()[name] = value
    return value
