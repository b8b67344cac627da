"""Figures of matplotlib that belong to nobody's window and still show themselves in a notebook."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@lru_cache(maxsize=1)
def _kind() -> type[Figure]:
    from matplotlib.figure import Figure

    class ShownFigure(Figure):
        """A figure that shows itself in a notebook; a plain one does so only after pyplot was imported."""

        def _repr_png_(self) -> bytes:
            import io

            picture = io.BytesIO()
            self.savefig(picture, format="png", dpi=80)
            return picture.getvalue()

    return ShownFigure


def figure_and_axes(width: float, height: float) -> tuple[Figure, Any]:
    """A figure of its own: not pyplot's, which would keep it and choose a window.

    Args:
        width: In inches.
        height: In inches.
    """
    figure = _kind()(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()
