"""Question and hits -> Answer, by picking sentences or by asking a model and checking what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.align import Markers, align, marked_text, plain_sentences, quote, sentences_of
from toolkit.extract import answer_sentences, read_question, unknown_names
from toolkit.types import Answer, Claim, Hit, Message, PromptRef
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.embeddings import Embedding
    from toolkit.models import Model, Reply
    from toolkit.prompts import Prompt

EXTRACTIVE = "extractive"
"""The model's name in an answer that no model wrote."""

_BORNE_OUT = frozenset({"quoted", "supported", "partly"})


def refusal(question: str, hits: Sequence[Hit], prompt: PromptRef, reason: str, **details: Any) -> Answer:
    """An answer that is none: the reason, and what came closest."""
    return Answer(question=question, answered=False, reason=reason, hits=tuple(hits), prompt=prompt, **details)


def gate(question: str, hits: Sequence[Hit]) -> str | None:
    """Why the hits cannot hold the answer, before anything is written; None when they may.

    Gates: ``retrieval`` (nothing was found) and ``names`` (the question names what no passage mentions).
    """
    if not hits:
        return "retrieval: nothing in the library matches the question"
    unknown = unknown_names(read_question(question), sentences_of(hits))
    if unknown:
        names = ", ".join(f"“{name}”" for name in unknown)
        return f"names: no passage that was found mentions {names}"
    return None


def extract_answer(question: str, hits: Sequence[Hit], embedding: Embedding, prompt: PromptRef) -> Answer:
    """Answer with the best sentences of the hits, each quoted as it stands.

    Args:
        question: As asked.
        hits: Best first, and past the :func:`gate`.
        embedding: For the similarity of question and sentence.
        prompt: The prompt that was chosen; it is carried, not rendered.

    Returns:
        The answer; not answered (gate ``coverage``) when no sentence holds half of what was asked.
    """
    asked = read_question(question)
    sentences = sentences_of(hits)
    similarity = embedding.embed([s.text for s in sentences]) @ embedding.embed_query(question)
    picks = answer_sentences(asked, sentences, similarity)
    if not picks:
        return refusal(question, hits, prompt, "coverage: no sentence speaks to enough of the question")
    markers = Markers()
    claims = tuple(quote(pick.sentence, markers) for pick in picks)
    return Answer(
        question=question,
        answered=True,
        text=marked_text(claims),
        claims=claims,
        citations=markers.citations,
        hits=tuple(hits),
        prompt=prompt,
        model=EXTRACTIVE,
    )


def prompt_passages(hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """The hits as a prompt's ``passages``: number, title, publisher, date, text."""
    return [
        {
            "number": number,
            "title": hit.article.title or "",
            "publisher": hit.article.publisher or "",
            "date": hit.article.date or "",
            "text": hit.passage.text,
        }
        for number, hit in enumerate(hits, 1)
    ]


def answer_messages(question: str, hits: Sequence[Hit], prompt: Prompt) -> tuple[Message, ...]:
    """The turns that ask a model."""
    return prompt.render(question=question, passages=prompt_passages(hits))


def checked_claims(text: str, hits: Sequence[Hit], markers: Markers, most: int | None = None) -> tuple[Claim, ...]:
    """The sentences of a model's reply, each tied to its spans or marked as unsupported; refusals left out.

    Args:
        text: What the model wrote.
        hits: What it was given.
        markers: Numbers the citations.
        most: Take only the first so many sentences; None for all.
    """
    from toolkit.prompts import is_refusal

    sentences = sentences_of(hits)
    written = [sentence for sentence in plain_sentences(text) if not is_refusal(sentence)]
    return tuple(align(sentence, sentences, markers) for sentence in written[:most])


def unsupported_reason(claims: Sequence[Claim], reply: Reply) -> str | None:
    """Why a model's reply is refused whole; None when at least one sentence is borne out."""
    if not claims:
        return f"model: {reply.model} found nothing in the passages that says so"
    if any(claim.verdict in _BORNE_OUT for claim in claims):
        return None
    said = " ".join(claim.text for claim in claims)
    said = said if len(said) <= 200 else said[:199] + "…"
    return f"support: {reply.model} wrote “{said}”, which nothing that was found bears out"


def answer_from_reply(question: str, hits: Sequence[Hit], reply: Reply, prompt: PromptRef) -> Answer:
    """Check what a model wrote, sentence by sentence.

    Returns:
        The answer with a verdict for every sentence; not answered when the model declined (gate ``model``) or when no
        sentence of it is borne out (gate ``support``).
    """
    markers = Markers()
    claims = checked_claims(reply.text, hits, markers)
    details: dict[str, Any] = {"model": reply.model, "usage": reply.usage}
    reason = unsupported_reason(claims, reply)
    if reason:
        return refusal(question, hits, prompt, reason, **details)
    return Answer(
        question=question,
        answered=True,
        text=marked_text(claims),
        claims=claims,
        citations=markers.citations,
        hits=tuple(hits),
        prompt=prompt,
        **details,
    )


def job(
    question: str,
    hits: Sequence[Hit],
    prompt: Prompt,
    model_for: Callable[[], Model | None],
    embedding: Embedding,
    started: float,
) -> Job[Answer]:
    """The work of one ask: past the gate, by a model if there is one.

    Args:
        question: As asked.
        hits: What was retrieved, best first.
        prompt: What a model is asked with.
        model_for: Gives the model, or None; called only when one is needed.
        embedding: For the extractive answer.
        started: ``time.perf_counter()`` at the call's beginning.
    """
    reason = gate(question, hits)
    if reason:
        return Job(done=refusal(question, hits, prompt.ref, reason), started=started)
    model = model_for()
    if model is None:
        return Job(done=extract_answer(question, hits, embedding, prompt.ref), started=started)
    return Job(
        model=model,
        messages=answer_messages(question, hits, prompt),
        parameters=prompt.parameters,
        finish=partial(answer_from_reply, question, hits, prompt=prompt.ref),
        started=started,
    )
