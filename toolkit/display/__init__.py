"""Values to text, Markdown and HTML: pure functions that need no notebook.

Article text is hostile. Whatever it holds, the HTML contains only elements and links of ours, the Markdown only marks
of ours, and the text no character that a terminal would act on.
"""

from __future__ import annotations

from toolkit.display.html import to_html
from toolkit.display.markdown import to_markdown
from toolkit.display.text import to_text

__all__ = ["to_html", "to_markdown", "to_text"]
