"""Question and hits -> Answer, by picking sentences or by asking a model and checking what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.align import align
from toolkit.extract import Pick, choose, rank
from toolkit.gates import failed_gate
from toolkit.questions import Question, read_question
from toolkit.sentences import Markers, marked_text, plain_sentences, quote, sentences_of
from toolkit.types import Answer, Claim, Hit, Message, PromptRef
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.models import Model, Reply
    from toolkit.prompts import Prompt

EXTRACTIVE = "extractive"
"""The model's name in an answer that no model wrote."""


def borne_out(claim: Claim) -> bool:
    """Whether some article says it: so does one of two that contradict each other, and the reader is shown both."""
    if claim.verdict == "contradicted":
        return len({citation.article.id for citation in claim.citations}) > 1
    return claim.verdict in ("quoted", "supported")


def refusal(question: str, hits: Sequence[Hit], prompt: PromptRef, reason: str, **details: Any) -> Answer:
    """An answer that is none: the reason, and what came closest."""
    return Answer(question=question, answered=False, reason=reason, hits=tuple(hits), prompt=prompt, **details)


def extract_answer(question: Question, hits: Sequence[Hit], ranked: Sequence[Pick], prompt: PromptRef) -> Answer:
    """Answer with the best sentences of the hits, each quoted as it stands.

    Args:
        question: What was asked.
        hits: Best first.
        ranked: Their sentences, see :func:`toolkit.extract.rank`.
        prompt: The prompt that was chosen; it is carried, not rendered.

    Returns:
        The answer; not answered when what would be shown does not pass the gates.
    """
    picks = choose(question, ranked)
    failed = failed_gate(question, hits, ranked, picks)
    if failed:
        return refusal(question.text, hits, prompt, failed.reason)
    markers = Markers()
    claims = tuple(quote(pick.shown, markers) for pick in picks)
    return _answered(question, hits, claims, markers, prompt, model=EXTRACTIVE)


def _answered(
    question: Question,
    hits: Sequence[Hit],
    claims: tuple[Claim, ...],
    markers: Markers,
    prompt: PromptRef,
    **details: Any,
) -> Answer:
    return Answer(
        question=question.text,
        answered=True,
        text=marked_text(claims),
        claims=claims,
        citations=markers.citations,
        hits=tuple(hits),
        prompt=prompt,
        **details,
    )


def answer_messages(question: str, hits: Sequence[Hit], prompt: Prompt) -> tuple[Message, ...]:
    """The turns that ask a model."""
    from toolkit.prompts import prompt_passages

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
    if any(map(borne_out, claims)):
        return None
    said = " ".join(claim.text for claim in claims)
    said = said if len(said) <= 200 else said[:199] + "…"
    return f"support: {reply.model} wrote “{said}”, which nothing that was found bears out"


def cited_picks(claims: Sequence[Claim], ranked: Sequence[Pick]) -> list[Pick]:
    """The sentences that a model's claims are borne out by, as they rank for the question."""
    spans = [c.span for claim in claims if borne_out(claim) for c in claim.citations]
    return [pick for pick in ranked if any(span.overlaps(pick.sentence.span) for span in spans)]


def answer_from_reply(
    question: Question, hits: Sequence[Hit], ranked: Sequence[Pick], reply: Reply, prompt: PromptRef
) -> Answer:
    """Check what a model wrote, sentence by sentence, and whether it speaks to the question.

    Returns:
        The answer with a verdict for every sentence; not answered when the model declined (gate ``model``), when no
        sentence of it is borne out (gate ``support``), or when what bears it out answers something else (gates
        ``type`` and ``relevance``).
    """
    markers = Markers()
    claims = checked_claims(reply.text, hits, markers)
    details: dict[str, Any] = {"model": reply.model, "usage": reply.usage}
    reason = unsupported_reason(claims, reply)
    if reason is None:
        failed = failed_gate(question, hits, ranked, cited_picks(claims, ranked))
        reason = failed.reason if failed else None
    if reason:
        return refusal(question.text, hits, prompt, reason, **details)
    return _answered(question, hits, claims, markers, prompt, **details)


def job(
    question: str,
    hits: Sequence[Hit],
    prompt: Prompt,
    model_for: Callable[[], Model | None],
    started: float,
) -> Job[Answer]:
    """The work of one ask: past the gates on what was found, by a model if there is one.

    Args:
        question: As asked.
        hits: What was retrieved, best first.
        prompt: What a model is asked with.
        model_for: Gives the model, or None; called only when one is needed.
        started: ``time.perf_counter()`` at the call's beginning.
    """
    asked = read_question(question)
    ranked = rank(asked, hits)
    failed = failed_gate(asked, hits, ranked)
    if failed:
        return Job(done=refusal(question, hits, prompt.ref, failed.reason), started=started)
    model = model_for()
    if model is None:
        return Job(done=extract_answer(asked, hits, ranked, prompt.ref), started=started)
    return Job(
        model=model,
        messages=answer_messages(question, hits, prompt),
        parameters=prompt.parameters,
        finish=partial(answer_from_reply, asked, hits, ranked, prompt=prompt.ref),
        started=started,
    )
