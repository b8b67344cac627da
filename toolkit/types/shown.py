"""What shows itself in a notebook, and what has a JSON form besides."""

from __future__ import annotations

import json
from typing import Any


class Shown:
    """A value that shows itself in a notebook. Rendering is imported only then."""

    __slots__ = ()

    def to_html(self) -> str:
        """A whole HTML document that needs nothing else: no script, nothing fetched, light and dark, good to print."""
        from toolkit.display import to_page

        return to_page(self)

    def to_markdown(self, *, footnotes: bool = True) -> str:
        """Markdown with its sources.

        Args:
            footnotes: As footnotes, ``[^1]``, which GitHub, Pandoc and Obsidian know. False: numbers and a list, which
                every viewer shows, JupyterLab too.
        """
        from toolkit.display import to_markdown

        return to_markdown(self, footnotes=footnotes)

    def _repr_html_(self) -> str:
        from toolkit.display import to_html

        return to_html(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {
            "text/plain": repr(self),
            "text/html": self._repr_html_(),
            "text/markdown": self.to_markdown(footnotes=False),
        }


class Readable(Shown):
    """A shown value whose plain form is what it shows in a terminal."""

    __slots__ = ()

    def __repr__(self) -> str:
        from toolkit.display import to_text

        return to_text(self)


class Recorded(Readable):
    """A shown value with a stable JSON form, which is its own to make."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        raise NotImplementedError

    def to_json(self) -> str:
        """The stable JSON form as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)
