"""Claim and sources -> the claim with a verdict, without a library, and without a model unless one is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from toolkit.align import align
from toolkit.alignment.sentences import Markers, sentences_of
from toolkit.errors import ArgumentError
from toolkit.passages import split
from toolkit.types import Article, Claim, Hit

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.alignment.opinions import Entailment
    from toolkit.models import Model

JUDGE = "verify/judge"

LONGEST_CLAIM = 2000
"""Characters of a claim: a claim is a sentence."""


def verify_against(
    claim: str,
    hits: Sequence[Hit],
    *,
    judge: Model | None = None,
    nli: str | Entailment | None = None,
    prompts: Path | None = None,
) -> Claim:
    """Check a claim against retrieved passages; second opinions as for :func:`verify`."""
    if not isinstance(claim, str) or not claim.strip():
        raise ArgumentError("the claim is empty; give a sentence to check")
    if len(claim) > LONGEST_CLAIM:
        raise ArgumentError(f"the claim has {len(claim):,} characters; verify it sentence by sentence")
    checked = align(claim.strip(), sentences_of(hits), Markers())
    if judge is not None:
        from toolkit.alignment import opinions
        from toolkit.prompts import load

        checked = opinions.with_opinion(
            checked, opinions.model_opinion(checked, hits, judge, load(JUDGE, folder=prompts))
        )
    if nli is not None:
        from toolkit.alignment import opinions

        checked = opinions.with_opinion(checked, opinions.entailment_opinion(checked, hits, nli))
    return checked


def verify(
    claim: str,
    sources: str | Article | Iterable[str | Article],
    *,
    judge: object = None,
    nli: str | Entailment | None = None,
) -> Claim:
    """Check a sentence against a text or articles.

    Args:
        claim: One sentence.
        sources: The text itself, an Article, or several of either. Nothing is read from disk.
        judge: A language model to ask for a second opinion (anything that ``llm=`` takes), through the prompt
            ``verify/judge``. An opinion that disagrees lowers the verdict; none raises it.
        nli: An entailment model to ask: the name of a sentence-transformers cross-encoder (extra ``nli``), or a
            function from (premise, hypothesis) pairs to probabilities.

    Returns:
        The claim with ``verdict``, ``score``, ``citations``, ``differences`` and ``opinions``.

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
    if judge is None:
        return verify_against(claim, hits, nli=nli)
    from toolkit.models import resolve

    return verify_against(claim, hits, judge=resolve(judge), nli=nli)
