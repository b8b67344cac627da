"""Claims beside what is to bear them out, for tests of verdicts."""

from __future__ import annotations

from toolkit import Article, Claim, verify
from toolkit.alignment.sentences import Sentence, sentences_of
from toolkit.passages import split
from toolkit.types import Hit

ACCEPTED = ("quoted", "supported")
"""The verdicts with which a claim passes."""


def sentences_from(*articles: Article) -> tuple[Sentence, ...]:
    """The sentences of some articles, as claims are compared with them."""
    return sentences_of([Hit(passage=p, score=1.0, article=a) for a in articles for p in split(a)])


def check_accepted(claim: str, source: str | Article, accepted: bool) -> Claim:
    """See that a claim passes, or that it does not; returns it as it was judged."""
    found = verify(claim, source)
    assert (found.verdict in ACCEPTED) is accepted, (found.verdict, found.score, found.differences)
    return found
