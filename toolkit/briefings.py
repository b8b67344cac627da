"""Answers, summaries, timelines, comparisons and changes -> one document with one list of sources."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toolkit.errors import ArgumentError, StoreError
from toolkit.files import write_whole
from toolkit.types.briefing import Briefing, Section, numbered

TITLE = "Briefing"
ENDINGS = (".html", ".htm", ".md", ".markdown", ".txt", ".json")


def briefing(
    *parts: Any, title: str = TITLE, path: str | os.PathLike[str] | None = None, language: str = "en"
) -> Briefing:
    """Put several values together as one document, ready to share, with one numbered list of sources.

    Citations are numbered through the whole document: the same quote has the same number wherever it is cited.
    Sentences that their sources do not bear out stay marked, and what was not found is said.

    Args:
        parts: Answers, summaries, timelines, comparisons, changes, and any other value of the toolkit, in order. Text
            is a paragraph, or several with an empty line between, however short; a line that begins a paragraph with
            ``#`` and a space is a heading above what follows: ``"# Who says what"``. It is taken as it is: nothing else
            in it is Markdown or HTML. A list of parts is as good as the parts.
        title: Of the document.
        path: Where to save it at once, see :meth:`toolkit.types.Briefing.save`; None for nowhere.
        language: Of the document, for browsers and screen readers: a code such as ``en`` or ``pt-BR``.

    Returns:
        The document: ``to_html()`` is one self-contained file, ``to_markdown()`` and ``save()`` do what they say.

    Raises:
        ArgumentError: There are no parts, one is not a value of the toolkit, or the title is empty.

    Example:
        >>> from toolkit import briefing
        >>> briefing("# Ukraine", news.summarize("security guarantees"), news.ask("Who leads?"), path="ukraine.html")
    """
    from toolkit.display.sections import sections

    if not isinstance(title, str) or not title.strip():
        raise ArgumentError(f"title={title!r:.40}: give the document a title")
    if not isinstance(language, str) or not all(part.isalnum() for part in language.split("-")):
        raise ArgumentError(f"language={language!r:.40} is not a language: give a code such as en")
    found: list[Section] = []
    for part in _flat(parts):
        found += sections(part)
    if not found:
        raise ArgumentError("there is nothing to put into the briefing: give answers, summaries or text")
    parted, citations = numbered(found)
    made = Briefing(title=title, sections=parted, citations=citations, made_at=datetime.now(UTC), language=language)
    if path is not None:
        made.save(path)
    return made


def _flat(parts: tuple[Any, ...]) -> list[Any]:
    """The parts; a plain list or tuple stands for what is in it, and a tuple of hits is one value."""
    flat: list[Any] = []
    for part in parts:
        flat += _flat(tuple(part)) if type(part) in (list, tuple) else [part]
    return flat


def check_name(path: str | os.PathLike[str]) -> Path:
    """The file that a document can be saved as.

    Raises:
        ArgumentError: Its name has another ending, or it is a folder.
    """
    file = Path(path).expanduser()
    if file.suffix.lower() not in ENDINGS or file.is_dir():
        raise ArgumentError(f"{path} is not the name of a document: call it .html, .md, .txt or .json")
    return file


def save(document: Briefing, path: str | os.PathLike[str]) -> Path:
    """Write a document so that there is the old file or the new one whole; see :meth:`Briefing.save`."""
    from toolkit.display import to_text

    file = check_name(path)
    forms: dict[str, Callable[[], str]] = {
        **dict.fromkeys((".html", ".htm"), document.to_html),
        **dict.fromkeys((".md", ".markdown"), document.to_markdown),
        ".txt": lambda: to_text(document) + "\n",
        ".json": lambda: document.to_json() + "\n",
    }
    try:
        write_whole(file, forms[file.suffix.lower()]().encode("utf-8", "replace"))
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}): check the folder and its room") from error
    return file
