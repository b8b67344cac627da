"""Several experiments on one meter: limits and counts that hold for all of them together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError
from toolkit.experiment.grid import is_writer, llm_label
from toolkit.settings import SAME

if TYPE_CHECKING:
    from toolkit.library import Library
    from toolkit.models import Meter, Model


def metered(model: Model, meter: Meter) -> Model:
    """The model behind the library's cache, on a meter. An experiment has a cache of its own, in front of the meter.

    A cache behind the meter would make calls of what costs nothing, and repetitions the same.
    """
    from toolkit.models import CachedModel, MeteredModel

    while isinstance(model, CachedModel):
        model = model._model
    return MeteredModel(model, meter)


def on_one_meter(library: Library, llms: Any, meter: Meter) -> dict[str, Any]:
    """Models by the names that tables show, each opened once; functions and None as they are.

    Args:
        library: Whose own model is meant by SAME, and who opens the others.
        llms: As for :class:`toolkit.experiment.Experiment`.
        meter: Counts and limits all their calls.

    Raises:
        ArgumentError: There is none, or one cannot be used.
    """
    if isinstance(llms, Mapping):
        given = dict(llms)
    else:
        one = llms is SAME or llms is None or isinstance(llms, (str, os.PathLike)) or not isinstance(llms, Iterable)
        given = {}
        for llm in [llms] if one else llms:
            label = llm_label(library._writers._llm if llm is SAME else llm)
            given[label if label not in given else f"{label} ({len(given) + 1})"] = llm
    if not given:
        raise ArgumentError("llms= is empty: give at least one, or leave it out")
    found: dict[str, Any] = {}
    for label, llm in given.items():
        model = None if is_writer(llm) else library._writers.model(llm)
        found[str(label)] = llm if is_writer(llm) else None if model is None else metered(model, meter)
    return found
