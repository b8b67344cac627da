"""Values to text, Markdown and HTML: pure functions that need no notebook.

Article text is hostile. Whatever it holds, the HTML contains only elements and links of ours, the Markdown only marks
of ours, and the text no character that a terminal would act on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.display.html import to_html
from toolkit.display.markdown import to_markdown
from toolkit.display.text import to_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from toolkit.types import Briefing, Timeline

__all__ = ["figure", "to_document", "to_html", "to_markdown", "to_page", "to_text"]


def to_document(value: Briefing) -> str:
    """A briefing as an HTML document of its own; see :func:`toolkit.display.document.to_document`."""
    from toolkit.display import document

    return document.to_document(value)


def to_page(value: object) -> str:
    """A value as an HTML document of its own; see :func:`toolkit.display.page.to_page`."""
    from toolkit.display import page

    return page.to_page(value)


def figure(value: Timeline) -> Figure:
    """A timeline as a picture; see :func:`toolkit.display.timeline.figure`."""
    from toolkit.display import timeline

    return timeline.figure(value)
