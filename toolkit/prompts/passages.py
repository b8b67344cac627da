"""What was retrieved, as prompts are given it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from toolkit.types import Hit


def prompt_passages(hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """The hits as a prompt's ``passages``: number, title, publisher, date, text.

    Every line of an article's text is indented and its title and publisher are one line each, so that no article can
    look like the prompt's own frame around it.
    """
    return [
        {
            "number": number,
            "title": " ".join((hit.article.title or "").split()),
            "publisher": " ".join((hit.article.publisher or "").split()),
            "date": hit.article.date or "",
            "text": "\n".join(f"    {line}".rstrip() for line in hit.passage.text.splitlines()),
        }
        for number, hit in enumerate(hits, 1)
    ]
