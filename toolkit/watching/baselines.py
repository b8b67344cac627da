"""Accepted answers as plain JSON: what a library keeps of a watched question, and how it is read back.

Texts, numbers and hashes only: reading a note makes strings and dates, and can run nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

from toolkit.errors import ArgumentError, StoreError
from toolkit.types import (
    Answer,
    Article,
    Citation,
    Claim,
    Hit,
    PastAnswer,
    PastCitation,
    PastClaim,
    PromptRef,
    Verdict,
    Watch,
)

FORMAT = 1
"""Of the notes; a higher one is of a newer citebook."""

MOST_ANSWERS = 30
"""Accepted answers that are kept of one question; the first of them and the latest ones."""

_NOT_KEPT = ("stream", "dry_run", "explain")
_VERDICTS = get_args(Verdict)


def article_key(article: Article) -> str:
    """Which article, in which text."""
    return f"{article.id}:{article.text_hash[:16]}"


def quote_key(quote: str) -> str:
    """Which words, wherever they stand: a copy of what was known is nothing new."""
    return hashlib.sha256(" ".join(quote.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def passage_key(hit: Hit) -> str:
    """Which passage, of which text."""
    return f"{article_key(hit.article)}:{hit.passage.span.start}-{hit.passage.span.end}"


def plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an ask as JSON can keep them: dates and paths become texts.

    Raises:
        ArgumentError: One is an object that only this Python knows, or would give no Answer.
    """
    kept = {}
    for name, value in sorted(options.items()):
        if name in _NOT_KEPT:
            raise ArgumentError(f"{name}=: a watched question is asked again and again, so leave it out")
        plain = _plain(value)
        try:
            kept[name] = json.loads(json.dumps(plain, allow_nan=False))
        except (TypeError, ValueError) as error:
            what = type(value).__name__
            raise ArgumentError(f"{name}= is a {what}, which cannot be kept: give text, numbers or lists") from error
    llm = kept.get("llm")
    if isinstance(llm, str) and "://" in llm and "@" in llm:
        raise ArgumentError("llm= has a user name or password in its address, which a watch would keep: leave it out")
    return kept


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value.expanduser().absolute())
    return [_plain(one) for one in value] if isinstance(value, (list, tuple, set, frozenset)) else value


def watch_id(question: str, options: Mapping[str, Any]) -> str:
    """The same for the same question with the same options."""
    said = json.dumps([question, dict(options)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def past_answer(
    answer: Answer, disputes: Sequence[Sequence[str]], known: Iterable[str], at: datetime | None = None
) -> PastAnswer:
    """An answer as it is accepted now.

    Args:
        answer: The answer.
        disputes: For each claim, the words that contradict it already, see :func:`quote_key`.
        known: The articles that were looked at, besides those of its passages.
        at: When; now when not given.
    """
    claims = tuple(
        PastClaim(
            text=claim.text,
            verdict=claim.verdict,
            score=claim.score,
            citations=tuple(map(_past_citation, claim.citations)),
            disputed=tuple(disputed),
        )
        for claim, disputed in zip(answer.claims, disputes, strict=True)
    )
    cited = [article_key(citation.article) for claim in answer.claims for citation in claim.citations]
    return PastAnswer(
        at=at or datetime.now(UTC),
        answered=answer.answered,
        reason=answer.reason,
        claims=claims,
        model=answer.model,
        prompt=answer.prompt,
        passages=tuple(map(passage_key, answer.hits)),
        known=tuple(sorted({*known, *cited, *(article_key(hit.article) for hit in answer.hits)})),
    )


def _past_citation(citation: Citation) -> PastCitation:
    article = citation.article
    return PastCitation(
        article_id=article.id,
        text_hash=article.text_hash,
        start=citation.span.start,
        end=citation.span.end,
        quote=citation.quote,
        title=article.title,
        publisher=article.publisher,
        published=article.date,
        url=article.url,
        origin=article.origin,
    )


def revived(past: PastAnswer, question: str, hits: Sequence[Hit]) -> Answer | None:
    """The accepted answer as today's, when every one of its citations stands in the hits; else None."""
    articles = {article_key(hit.article): hit.article for hit in hits}
    citations: dict[tuple[str, int, int], Citation] = {}
    claims = []
    for claim in past.claims:
        own = []
        for cited in claim.citations:
            article = articles.get(f"{cited.article_id}:{cited.text_hash[:16]}")
            if article is None or article.text[cited.start : cited.end] != cited.quote:
                return None
            place = (article.id, cited.start, cited.end)
            if place not in citations:
                span = article.span(cited.start, cited.end)
                citations[place] = Citation(marker=len(citations) + 1, span=span, quote=cited.quote, article=article)
            own.append(citations[place])
        claims.append(Claim(text=claim.text, verdict=claim.verdict, score=claim.score, citations=tuple(own)))
    from toolkit.alignment.sentences import marked_text

    return Answer(
        question=question,
        answered=past.answered,
        reason=past.reason,
        text=marked_text(claims),
        claims=tuple(claims),
        citations=tuple(citations.values()),
        hits=tuple(hits),
        prompt=past.prompt,
        model=past.model,
        notes=(f"{past.model} was not asked again: it would be given the same passages.",),
    )


# -- notes -----------------------------------------------------------------------------------------------------------


def note_of(watch: Watch, answers: Sequence[PastAnswer]) -> str:
    """A watch with its accepted answers, oldest first, as the text that a library keeps."""
    kept = list(answers)
    if len(kept) > MOST_ANSWERS:
        kept = [kept[0], *kept[1 - MOST_ANSWERS :]]
    return json.dumps(
        {
            "format": FORMAT,
            "id": watch.id,
            "question": watch.question,
            "options": dict(watch.options),
            "since": watch.since.isoformat(),
            "answers": [asdict(answer) | {"at": answer.at.isoformat()} for answer in kept],
        }
    )


def read_note(name: str, text: str, where: str) -> tuple[Watch, tuple[PastAnswer, ...]]:
    """A watch and its accepted answers, oldest first, from the text that a library keeps.

    Raises:
        StoreError: The text is damaged, or of a newer citebook.
    """
    try:
        note = json.loads(text)
        newer = note["format"] > FORMAT
        if not newer:
            answers = tuple(map(_answer_of, note["answers"]))
            watch = Watch(
                id=_text(note["id"]),
                question=_text(note["question"]),
                options=dict(note["options"]),
                since=_moment(note["since"]),
                answer=answers[-1],
            )
            if watch.id != name:
                raise ValueError("the note of another watch")
            return watch, answers
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise StoreError(
            f"what {where} keeps of the watched question {name} is damaged: forget it with unwatch({name!r}) and watch "
            "the question again, or restore the library from a backup"
        ) from error
    raise StoreError(f"the watched question {name} in {where} was kept by a newer citebook: upgrade citebook")


def _answer_of(note: Mapping[str, Any]) -> PastAnswer:
    prompt = note["prompt"]
    return PastAnswer(
        at=_moment(note["at"]),
        answered=bool(note["answered"]),
        reason=_text_or_none(note["reason"]),
        claims=tuple(map(_claim_of, note["claims"])),
        model=_text(note["model"]),
        prompt=None
        if prompt is None
        else PromptRef(**{key: _text(prompt[key]) for key in ("name", "version", "hash")}),
        passages=tuple(map(_text, note["passages"])),
        known=tuple(map(_text, note["known"])),
    )


def _claim_of(note: Mapping[str, Any]) -> PastClaim:
    if note["verdict"] not in _VERDICTS:
        raise ValueError("not a verdict")
    return PastClaim(
        text=_text(note["text"]),
        verdict=note["verdict"],
        score=float(note["score"]),
        citations=tuple(map(_citation_of, note["citations"])),
        disputed=tuple(map(_text, note["disputed"])),
    )


def _citation_of(note: Mapping[str, Any]) -> PastCitation:
    known = {name: _text_or_none(note[name]) for name in ("title", "publisher", "published", "url", "origin")}
    own = {name: _text(note[name]) for name in ("article_id", "text_hash", "quote")}
    if known["published"] is not None:
        date.fromisoformat(known["published"])
    return PastCitation(**own, **known, start=int(note["start"]), end=int(note["end"]))  # type: ignore[arg-type]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def with_answer(watch: Watch, answer: PastAnswer) -> Watch:
    """The watch with another accepted answer."""
    return replace(watch, answer=answer)
