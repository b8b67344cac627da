"""The statistics of experiments: means with intervals, paired comparisons, and what they allow to say.

Plain functions of plain values: :func:`estimate` and :func:`compare` take the scores of a variant as a mapping from
question to the scores of its repeats, and return frozen values that put themselves in words.
"""

from __future__ import annotations

from toolkit.experiment.intervals import Interval, Kind, Scores, estimate, number, wilson
from toolkit.experiment.paired import Paired, compare, compare_all
from toolkit.experiment.significance import flip_test, holm

__all__ = [
    "Interval",
    "Kind",
    "Paired",
    "Scores",
    "compare",
    "compare_all",
    "estimate",
    "flip_test",
    "holm",
    "number",
    "wilson",
]
