"""What shows itself in a notebook, and what has a JSON form besides."""

from __future__ import annotations

import json
from typing import Any


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


class Recorded(Shown):
    """A shown value with a stable JSON form, which is its own to make."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        raise NotImplementedError

    def to_json(self) -> str:
        """The stable JSON form as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)
