"""Text that a model is still writing, or has not finished: the words alone, marked as not checked."""

from __future__ import annotations

from toolkit.display import elements as el
from toolkit.display import shared

WRITING = "writing; not checked yet"


def note(ended: str | None) -> str:
    """What is said below the words: that they are being written, or how the writing ended."""
    return WRITING if ended is None else f"{ended} before it was finished; nothing of it was checked"


def as_html(text: str, ended: str | None = None) -> str:
    """The words so far as HTML, laid out as the finished text will be.

    Args:
        text: What the model has written.
        ended: How the writing ended, such as ``interrupted``; None while it goes on.
    """
    words = f"<div>{el.escaped(text)}</div>" if text else ""
    made = f'<div style="margin: 8px 0 0 0; {el.SMALL}; {el.MUTED}">{el.escaped_line(note(ended))}</div>'
    return f'<div class="tex2jax_ignore mathjax_ignore" style="max-width: 48em; {el.ROOT}">{words}{made}</div>'


def as_text(text: str, ended: str | None = None) -> str:
    """The same for a terminal."""
    return "\n".join(filter(None, (shared.visible(text), f"({note(ended)})")))
