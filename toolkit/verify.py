"""Claim and sources -> the claim with a verdict, without a library and without a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toolkit.align import Markers, align, sentences_of
from toolkit.errors import ArgumentError
from toolkit.passages import split
from toolkit.types import Article, Claim, Hit


def verify_against(claim: str, hits: Sequence[Hit]) -> Claim:
    """Check a claim against retrieved passages."""
    if not claim.strip():
        raise ArgumentError("the claim is empty; give a sentence to check")
    return align(claim.strip(), sentences_of(hits), Markers())


def verify(claim: str, sources: str | Article | Iterable[str | Article]) -> Claim:
    """Check a sentence against a text or articles.

    Args:
        claim: One sentence.
        sources: The text itself, an Article, or several of either. Nothing is read from disk.

    Returns:
        The claim with ``verdict``, ``score``, ``citations`` and ``differences``.

    Raises:
        ArgumentError: The claim or the sources are empty.

    Example:
        >>> verify("Germany will send troops", "Germany said it will not send troops.").verdict
        'contradicted'
    """
    given = [sources] if isinstance(sources, (str, Article)) else list(sources)
    articles = [Article(text=source) if isinstance(source, str) else source for source in given]
    hits = [Hit(passage=passage, score=0.0, article=article) for article in articles for passage in split(article)]
    if not hits:
        raise ArgumentError("there is no text to check the claim against")
    return verify_against(claim, hits)
