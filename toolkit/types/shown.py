"""What shows itself in a notebook."""

from __future__ import annotations


class Shown:
    """A value that shows itself in a notebook. Rendering is imported only then."""

    __slots__ = ()

    def to_html(self) -> str:
        """HTML that needs nothing else: inline styles, no script."""
        from toolkit.display import to_html

        return to_html(self)

    def to_markdown(self) -> str:
        """Markdown with numbered sources."""
        from toolkit.display import to_markdown

        return to_markdown(self)

    def _repr_html_(self) -> str:
        return self.to_html()
