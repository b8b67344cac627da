"""The values that flow through the toolkit: frozen, keyword-only, importing nothing else of ours at import time.

Offsets are Python code points of ``Article.text``; ends are exclusive. The promise that everything rests on,
``article.text[start:end] == quote``, is checked when a :class:`Citation` is made, so a wrong one cannot exist.
"""

from __future__ import annotations

from toolkit.types.answers import Answer, CitedText, Summary
from toolkit.types.articles import Article, Passage, Span
from toolkit.types.calls import Message, PromptRef, Role, Usage
from toolkit.types.claims import Citation, Claim, Difference, Opinion, Verdict
from toolkit.types.hits import Hit, Hits, Trace
from toolkit.types.reports import AddReport, Failure
from toolkit.types.shown import Shown

__all__ = [
    "AddReport",
    "Answer",
    "Article",
    "Citation",
    "CitedText",
    "Claim",
    "Difference",
    "Failure",
    "Hit",
    "Hits",
    "Message",
    "Opinion",
    "Passage",
    "PromptRef",
    "Role",
    "Shown",
    "Span",
    "Summary",
    "Trace",
    "Usage",
    "Verdict",
]
