"""Question and hits -> Answer, by picking sentences or by asking a model and checking what it wrote."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.align import align
from toolkit.alignment.otherwise import SAYS, age, quoted, says_otherwise
from toolkit.alignment.sentences import Markers, marked_text, plain_sentences, quote, sentences_of
from toolkit.drafts import drafted
from toolkit.extract import Pick, choose, is_statement, other_side, rank
from toolkit.gates import failed_gate
from toolkit.language.orders import addresses_machine
from toolkit.language.questions import Question, read_question
from toolkit.language.words import tokenize
from toolkit.tracing import span
from toolkit.types import Answer, Claim, Hit, PromptRef
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.models import Model, Reply
    from toolkit.prompts import Prompt

EXTRACTIVE = "extractive"
"""The model's name in an answer that no model wrote."""

_FEWEST_WORDS = 2  # content words of a statement behind the first one
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]*]*\s*\Z")


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
    notes = _disagreements(question, picks, claims)
    return _answered(question, hits, claims, markers, prompt, model=EXTRACTIVE, notes=notes)


def _disagreements(question: Question, picks: Sequence[Pick], claims: Sequence[Claim]) -> tuple[str, ...]:
    """Which of the quoted sentences say otherwise than each other, and which of them is the newer one."""
    shown = [(pick.sentence, claim.citations[0].marker) for pick, claim in zip(picks, claims, strict=True)]
    return tuple(
        f"[{second}]{age(other, one)} {SAYS[kind]} [{first}]."
        for (one, first), (other, second) in itertools.combinations(shown, 2)
        if (kind := says_otherwise(question, one, other)) is not None
    )


def _unsaid(question: Question, ranked: Sequence[Pick], cited: Sequence[Pick]) -> tuple[str, ...]:
    """What a model did not say though it was given it: a sentence that says otherwise than those it went by."""
    told = [pick.sentence.text for pick in cited]
    statements = [p for p in ranked if p.sentence.text not in told and is_statement(p.sentence)]
    for pick in other_side(question, cited, statements):
        return (f"Not in the reply, and it says otherwise: {quoted(pick.sentence)}",)
    return ()


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


def written_sentences(reply: Reply, most: int | None = None) -> tuple[list[str], tuple[str, ...]]:
    """The sentences of a reply that say something, and what the reader should know of the others.

    Args:
        reply: What the model wrote.
        most: Take only the first so many; None for all.

    Returns:
        The sentences, refusals left out; a note when the reply was cut off. A last sentence that was cut off is left
        out too, unless it is the only one: what it would have gone on to say may have changed its meaning.
    """
    from toolkit.prompts import is_refusal

    sentences = plain_sentences(reply.text)
    cut = reply.finish_reason == "length" and (most is None or len(sentences) <= most)
    if cut and len(sentences) > 1 and not _ENDED.search(sentences[-1]):
        sentences.pop()
    note = f"The reply was cut off when it had {reply.usage.completion_tokens:,} tokens, the most that were allowed."
    return [sentence for sentence in sentences if not is_refusal(sentence)][:most], (note,) if cut else ()


def checked_claims(sentences: Sequence[str], hits: Sequence[Hit], markers: Markers) -> tuple[Claim, ...]:
    """A model's sentences, each tied to its spans or marked as unsupported.

    What an article tells machines to say bears nothing out, and behind a first sentence a single word is no statement
    that anything could bear out: it is what a model adds that was told to add a word.

    Args:
        sentences: What the model wrote, see :func:`written_sentences`.
        hits: What was retrieved.
        markers: Numbers the citations.
    """
    sources = tuple(one for one in sentences_of(hits) if not addresses_machine(one.text))
    with span("align", "EVALUATOR") as traced:
        found = (align(sentence, sources, markers) for sentence in sentences)
        claims = tuple(_no_mere_word(claim) if place else claim for place, claim in enumerate(found))
        traced.set({f"citebook.claims.{verdict}": n for verdict, n in Counter(c.verdict for c in claims).items()})
    return claims


def _no_mere_word(claim: Claim) -> Claim:
    few = len({token.key for token in tokenize(claim.text) if token.content}) < _FEWEST_WORDS
    return replace(claim, verdict="partly") if few and claim.verdict in ("quoted", "supported") else claim


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
    sentences, notes = written_sentences(reply)
    claims = checked_claims(sentences, hits, markers)
    details: dict[str, Any] = {"model": reply.model, "usage": reply.usage, "notes": notes}
    reason = unsupported_reason(claims, reply)
    if reason is None:
        failed = failed_gate(question, hits, ranked, cited_picks(claims, ranked))
        reason = failed.reason if failed else None
    if reason:
        return refusal(question.text, hits, prompt, reason, **details)
    details["notes"] = (*notes, *_unsaid(question, ranked, cited_picks(claims, ranked)))
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
        draft=drafted(model, prompt, hits, question=question),
        finish=partial(answer_from_reply, asked, hits, ranked, prompt=prompt.ref),
        started=started,
    )
