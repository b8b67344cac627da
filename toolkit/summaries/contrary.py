"""What articles say otherwise than a summary that is made of them.

A summary shows one sentence for all that are like it, and what another article denies or counts otherwise is as like
it as a repetition. Both stay as they are, and a note says which article gives it otherwise, and whether it is newer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from toolkit.alignment.otherwise import SAYS, age, is_later, quoted, says_otherwise
from toolkit.alignment.sentences import Sentence
from toolkit.extract import is_statement
from toolkit.language.questions import Question
from toolkit.language.words import rough_keys, tokenize
from toolkit.thresholds import RIVAL_WORDS
from toolkit.types import Claim

MOST = 3
"""Notes at most: who wants to know all that differs asks ``compare``."""


def contrary_notes(
    shown: Sequence[Sentence], claims: Sequence[Claim], others: Sequence[Sequence[Sentence]]
) -> tuple[str, ...]:
    """Notes on what is told otherwise, by sentences of the summary itself and by one that it leaves out.

    Args:
        shown: The sentences of the summary.
        claims: The claims that quote them.
        others: For each the sentences of its story, those that are shown among them.
    """
    notes: dict[str, None] = {}
    # By their ends: a sentence may be shown without its dateline.
    marks = {_end(sentence): claim.citations[0].marker for sentence, claim in zip(shown, claims, strict=True)}
    for sentence, story in zip(shown, others, strict=True):
        marker = marks[_end(sentence)]
        rivals = list(_rivals(sentence, story))
        known = [(other, says) for other, says in rivals if _end(other) in marks]
        for other, says in known:
            if marks[_end(other)] > marker:
                notes[f"[{marks[_end(other)]}]{age(other, sentence)} {says} [{marker}]."] = None
        if rivals and not known:
            sentence, latest = _first_printed(sentence, story), rivals[0]
            for rival in rivals[1:]:
                latest = rival if is_later(rival[0], latest[0]) else latest
            other, says = latest
            notes[f"Another article{age(other, sentence)} {says} [{marker}]: {quoted(other)}"] = None
    return tuple(notes)[:MOST]


def _end(sentence: Sentence) -> tuple[str, int]:
    return sentence.article.id, sentence.span.end


def _rivals(sentence: Sentence, story: Sequence[Sentence]) -> Iterator[tuple[Sentence, str]]:
    own, asked = rough_keys(sentence.text), _everything(sentence)
    for other in story:
        theirs = rough_keys(other.text)
        if other.article.id == sentence.article.id or len(own & theirs) < RIVAL_WORDS * min(len(own), len(theirs)):
            continue
        if is_statement(other) and (kind := says_otherwise(asked, sentence, other)) in ("denial", "number"):
            yield other, SAYS[kind]


def _first_printed(sentence: Sentence, story: Sequence[Sentence]) -> Sentence:
    """The earliest of the same words: what is printed again today is not new for that."""
    own, first = rough_keys(sentence.text), sentence
    for other in story:
        if is_later(first, other) and rough_keys(other.text) == own:
            first = other
    return first


def _everything(sentence: Sentence) -> Question:
    """The question that asks for all that a sentence says, and how many."""
    content = tuple(token for token in tokenize(sentence.text) if token.content)
    return Question(text="", tokens=content, wanted="number")
