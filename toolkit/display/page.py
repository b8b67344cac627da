"""Any value as one HTML file: what the notebook shows, on a page of its own that fetches nothing and runs nothing.

Briefings are documents already; see ``document.py`` for theirs. Here a style element gives the page its two themes,
and paper its sources opened.
"""

from __future__ import annotations

from typing import Any

from toolkit.display import elements as el
from toolkit.display import register, shared
from toolkit.display.document import head
from toolkit.display.html import to_html

STYLE = """
:root { color-scheme: light dark }
* { box-sizing: border-box }
html { background: #fff; color: #1d1d1b; font: 15px/1.6 system-ui, sans-serif }
body { max-width: 78em; margin: 0 auto; padding: 2em 1.4em 4em; overflow-wrap: break-word }
h1 { font-size: 1.5em; line-height: 1.3; margin: 0 0 .7em; text-wrap: balance }
.citebook-asked { display: none }
summary:focus-visible, a:focus-visible { outline: 2px solid #2f7fc0; outline-offset: 2px; border-radius: 3px }
@media (prefers-color-scheme: dark) { html { background: #161615; color: #e6e6e2 } }
@page { margin: 18mm 16mm 20mm }
@media print { html { background: #fff; color: #000; font-size: 10.5pt } body { max-width: none; padding: 0 }
  .citebook-number > :not(summary) { display: none }
  details:not(.citebook-number)::details-content { display: block; content-visibility: visible; height: auto }
  blockquote, tr, li { break-inside: avoid } mark { border: 1px solid #777 } }
"""


def to_page(value: object) -> str:
    """A value as a whole HTML document.

    Args:
        value: As for :func:`toolkit.display.to_html`.

    Returns:
        A document that can always be encoded as UTF-8; links lead to http(s) only.

    Raises:
        ArgumentError: When the value cannot be shown.
    """
    body = to_html(value)
    title = el.escaped_line(heading(value))
    return (
        f"{head(title, STYLE)}"
        f'<body>\n<main class="tex2jax_ignore mathjax_ignore">\n<h1 dir="auto">{title}</h1>\n'
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def heading(value: Any) -> str:
    """What a page about a value is called: what was asked, or what it is."""
    register.learn(value)
    for name in ("question", "query", "title"):
        said = getattr(value, name, None)
        if isinstance(said, str) and said.strip():
            return shared.shorten(said, 200)
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in type(value).__name__)
    return words.strip().capitalize()
