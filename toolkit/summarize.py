"""Hits -> Summary, by picking sentences or by asking a model and checking what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from toolkit.ask import EXTRACTIVE, checked_claims, unsupported_reason, written_sentences
from toolkit.drafts import drafted
from toolkit.extract import rank
from toolkit.gates import failed_gate
from toolkit.passages import split
from toolkit.questions import read_question
from toolkit.salience import summary_sentences
from toolkit.sentences import Markers, marked_text, quote, sentences_of
from toolkit.types import Article, Claim, Hit, Hits, PromptRef, Summary
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.models import Model, Reply
    from toolkit.prompts import Prompt

PASSAGES = 16
"""Passages that a summary is made from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be summed up, and how.

    Attributes:
        query: What about; None for everything.
        style: The prompt variant.
        sentences: How long.
    """

    query: str | None
    style: str
    sentences: int


def leading_hits(articles: Sequence[Article], most: int) -> Hits:
    """The first passages of articles, in turn: every article's first, then every second one, up to ``most``."""
    passages = [split(article) for article in articles[:most]]
    deepest = max(map(len, passages), default=0)
    turns = (
        Hit(passage=rows[depth], score=0.0, article=article)
        for depth in range(deepest)
        for article, rows in zip(articles[:most], passages, strict=True)
        if depth < len(rows)
    )
    return Hits(islice(turns, most))


def no_summary(wish: Wish, hits: Sequence[Hit], prompt: PromptRef, reason: str, **details: Any) -> Summary:
    """A summary that is none: the reason, and what came closest."""
    return Summary(
        query=wish.query,
        style=wish.style,
        answered=False,
        reason=reason,
        hits=tuple(hits),
        prompt=prompt,
        **details,
    )


def _summary(
    wish: Wish, hits: Sequence[Hit], prompt: PromptRef, claims: tuple[Claim, ...], markers: Markers, **details: Any
) -> Summary:
    return Summary(
        query=wish.query,
        style=wish.style,
        answered=True,
        text=marked_text(claims),
        claims=claims,
        citations=markers.citations,
        hits=tuple(hits),
        prompt=prompt,
        **details,
    )


def extract_summary(wish: Wish, hits: Sequence[Hit], embedding: Embedding, prompt: PromptRef) -> Summary:
    """Sum up with the most central sentences of the hits, each quoted as it stands, in order of publication."""
    sentences = sentences_of(hits)
    vectors = embedding.embed([s.text for s in sentences])
    about = embedding.embed_query(wish.query) if wish.query else None
    picks = summary_sentences(wish.query, sentences, vectors, about, wish.sentences)
    if not picks:
        return no_summary(wish, hits, prompt, "coverage: no sentence there can stand on its own")
    markers = Markers()
    claims = tuple(quote(pick.sentence, markers) for pick in picks)
    return _summary(wish, hits, prompt, claims, markers, model=EXTRACTIVE)


def summary_from_reply(wish: Wish, hits: Sequence[Hit], reply: Reply, prompt: PromptRef) -> Summary:
    """Check what a model wrote, sentence by sentence; refused whole when nothing of it is borne out.

    Small models do not count: what goes beyond the length that was asked for is cut off.
    """
    markers = Markers()
    sentences, notes = written_sentences(reply, most=wish.sentences)
    claims = checked_claims(sentences, hits, markers)
    details: dict[str, Any] = {"model": reply.model, "usage": reply.usage, "notes": notes}
    reason = unsupported_reason(claims, reply)
    if reason:
        return no_summary(wish, hits, prompt, reason, **details)
    return _summary(wish, hits, prompt, claims, markers, **details)


def job(
    wish: Wish,
    hits: Sequence[Hit],
    prompt: Prompt,
    model_for: Callable[[], Model | None],
    embedding: Embedding,
    started: float,
) -> Job[Summary]:
    """The work of one summary, by a model if there is one; arguments as for :func:`toolkit.ask.job`."""
    reason = "" if hits else "retrieval: there are no articles"
    if wish.query:
        asked = read_question(wish.query)
        failed = failed_gate(asked, hits, rank(asked, hits))
        reason = failed.reason if failed else ""
    if reason:
        return Job(done=no_summary(wish, hits, prompt.ref, reason), started=started)
    model = model_for()
    if model is None:
        return Job(done=extract_summary(wish, hits, embedding, prompt.ref), started=started)
    return Job(
        draft=drafted(model, prompt, hits, query=wish.query or "", sentences=wish.sentences),
        finish=partial(summary_from_reply, wish, hits, prompt=prompt.ref),
        started=started,
    )
