"""What only runs in a notebook or a terminal: streams that show themselves, and the question box beside the articles.

Nothing else of ours knows IPython, ipywidgets or anywidget. :mod:`~toolkit.notebook.live` needs none of them to be
installed; :mod:`~toolkit.notebook.explorer` needs the extra ``notebook``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ArgumentError

if TYPE_CHECKING:
    from toolkit.notebook.explorer import Explorer


def explorer_class() -> type[Explorer]:
    """The widget's class, which can only be made where anywidget is installed.

    Raises:
        ArgumentError: It is not.
    """
    try:
        from toolkit.notebook.explorer import Explorer
    except ModuleNotFoundError as error:
        raise ArgumentError("explore() needs anywidget: pip install 'citebook[notebook]'") from error
    return Explorer
