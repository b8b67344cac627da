"""Rows and articles as JSON, and back: what run folders and replay bundles hold.

A record is data only. What it says is checked as if it came from a stranger: a citation whose quote does not stand in
its article cannot be made, and anything of a wrong type is an error that names the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any, cast, get_args

from toolkit.passages import sentence_bounds
from toolkit.types import (
    Answer,
    Article,
    Cell,
    Citation,
    Claim,
    Difference,
    Hit,
    Opinion,
    Passage,
    PromptRef,
    Question,
    Row,
    Span,
    Summary,
    Usage,
    Verdict,
)
from toolkit.types.experiments import Status

_VERDICTS = frozenset(get_args(Verdict))
_STATUSES = frozenset(get_args(Status))

_LARGEST = 2**53
"""Numbers beyond are nobody's measurement, and break sums."""

Record = dict[str, Any]


def article_record(article: Article) -> Record:
    """An article with what citations show of it; its ``metadata`` stays where it is."""
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "publisher": article.publisher,
        "author": article.author,
        "published": None if article.published is None else article.published.isoformat(),
        **({} if article.modified is None else {"modified": article.modified.isoformat()}),
        "language": article.language,
        "text_sha256": article.text_hash,
        "text": article.text,
    }


def article_from(record: Mapping[str, Any]) -> Article:
    """The article of a record.

    Raises:
        ValueError, TypeError, KeyError: It is none, or its text is not the one that was hashed.
    """
    article = Article(
        id=_text(record["id"]),
        text=_text(record["text"]),
        published=_maybe(record["published"]),
        modified=_maybe(record.get("modified")),
        **{name: _maybe(record[name]) for name in ("title", "url", "publisher", "author", "language")},
    )
    if article.text_hash != record["text_sha256"]:
        raise ValueError(f"the text of article {article.id!r:.60} is not the one that was hashed")
    return article


def articles_of(output: Answer | Summary) -> dict[str, Article]:
    """The articles that the record of an Answer or Summary names, by id."""
    retrieved = {one.id: one for hit in output.hits for one in (hit.article, *hit.copies)}
    return retrieved | {citation.article.id: citation.article for citation in output.citations}


def output_record(output: Answer | Summary) -> Record:
    """An Answer or Summary: offsets and verdicts, with articles by id.

    Not the coverage and the tree of a summary: they name every article that was looked at, which may be a library.
    """
    subject = (
        {"kind": "answer", "question": output.question}
        if isinstance(output, Answer)
        else {"kind": "summary", "query": output.query, "style": output.style}
    )
    return {
        **subject,
        "answered": output.answered,
        "text": output.text,
        "reason": output.reason,
        "claims": [_claim_record(claim) for claim in output.claims],
        "citations": [_citation_record(citation) for citation in output.citations],
        "passages": list(map(_hit_record, output.hits)),
        "prompt": None if output.prompt is None else asdict(output.prompt),
        "model": output.model,
        "usage": asdict(output.usage),
        "seconds": output.seconds,
        "notes": list(output.notes),
    }


def _hit_record(hit: Hit) -> list[Any]:
    """Where it lies and its score; then the group of the article and its copies, where there are any."""
    span = hit.passage.span
    more = [hit.group, [one.id for one in hit.copies]] if hit.group or hit.copies else []
    return [hit.article.id, span.start, span.end, hit.score, *more]


def _claim_record(claim: Claim) -> Record:
    shown: Record = {
        "text": claim.text,
        "verdict": claim.verdict,
        "score": claim.score,
        "citations": [citation.marker for citation in claim.citations],
    }
    if claim.differences:
        shown["differences"] = [[one.kind, one.claim, one.source] for one in claim.differences]
    if claim.opinions:
        shown["opinions"] = [[one.by, one.verdict, one.score] for one in claim.opinions]
    return shown


def _citation_record(citation: Citation) -> Record:
    return {
        "marker": citation.marker,
        "article_id": citation.article.id,
        "start": citation.span.start,
        "end": citation.span.end,
        "quote": citation.quote,
    }


def output_from(record: Mapping[str, Any], article: Callable[[str], Article]) -> Answer | Summary:
    """The Answer or Summary of a record.

    Args:
        record: See :func:`output_record`.
        article: An article by id.

    Raises:
        ValueError, TypeError, KeyError: It is none, or a quote does not stand where it is said to.
    """
    citations = {one["marker"]: _citation(one, article) for one in record["citations"]}
    common: Record = {
        "answered": _truth(record["answered"]),
        "text": _text(record["text"]),
        "reason": _maybe(record["reason"]),
        "claims": tuple(_claim(one, citations) for one in record["claims"]),
        "citations": tuple(citations.values()),
        "hits": tuple(_hit(one, article) for one in record["passages"]),
        "prompt": None if record["prompt"] is None else prompt_from(record["prompt"]),
        "model": _text(record["model"]),
        "usage": _usage(record["usage"]),
        "seconds": finite(record["seconds"]),
        "notes": tuple(_text(note) for note in record["notes"]),
    }
    if record["kind"] == "answer":
        return Answer(question=_text(record["question"]), **common)
    if record["kind"] == "summary":
        return Summary(query=_maybe(record["query"]), style=_text(record["style"]), **common)
    raise ValueError(f"no kind of output {record['kind']!r:.40}")


def _citation(record: Mapping[str, Any], article: Callable[[str], Article]) -> Citation:
    found = article(_text(record["article_id"]))
    span = found.span(_whole(record["start"]), _whole(record["end"]))
    return Citation(marker=_whole(record["marker"]), span=span, quote=_text(record["quote"]), article=found)


def _claim(record: Mapping[str, Any], citations: Mapping[int, Citation]) -> Claim:
    if record["verdict"] not in _VERDICTS:
        raise ValueError(f"no verdict {record['verdict']!r:.40}")
    return Claim(
        text=_text(record["text"]),
        verdict=record["verdict"],
        score=finite(record["score"]),
        citations=tuple(citations[marker] for marker in record["citations"]),
        differences=tuple(
            Difference(kind=_text(kind), claim=_text(claim), source=_text(source))
            for kind, claim, source in record.get("differences", ())
        ),
        opinions=tuple(
            Opinion(by=_text(by), verdict=cast("Any", _text(verdict)), score=None if score is None else finite(score))
            for by, verdict, score in record.get("opinions", ())
        ),
    )


@lru_cache(maxsize=2048)
def _bounds(text: str, language: str | None) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_bounds(text, language))


def _hit(record: list[Any], article: Callable[[str], Article]) -> Hit:
    article_id, start, end, score, *more = record
    group, copies = more or (None, ())
    return Hit(
        passage=_passage(article(_text(article_id)), _whole(start), _whole(end)),
        score=finite(score),
        article=article(article_id),
        group=_maybe(group),
        copies=tuple(article(_text(one)) for one in copies),
    )


@lru_cache(maxsize=16_384)
def _passage(article: Article, start: int, end: int) -> Passage:
    span = article.span(start, end)
    inside = [(low, high) for low, high in _bounds(article.text, article.language) if start <= low and high <= end]
    return Passage(
        span=span,
        text=article.text[start:end],
        sentences=tuple(article.span(low, high) for low, high in inside) or (span,),
    )


def prompt_from(record: Mapping[str, Any]) -> PromptRef:
    """The reference of a record."""
    return PromptRef(name=_text(record["name"]), version=_text(record["version"]), hash=_text(record["hash"]))


def _usage(record: Mapping[str, Any]) -> Usage:
    cost = record["cost_usd"]
    return Usage(
        prompt_tokens=_whole(record["prompt_tokens"]),
        completion_tokens=_whole(record["completion_tokens"]),
        cost_usd=None if cost is None else finite(cost),
        cached=_truth(record["cached"]),
    )


def question_record(question: Question) -> Record:
    """A question, in the form in which :func:`toolkit.experiment.questions.read_questions` reads it, or nearly."""
    return {
        "id": question.id,
        "question": question.text,
        "answers": list(question.answers),
        "answerable": question.answerable,
        "gold": [asdict(one) if isinstance(one, Span) else one for one in question.gold],
        "quotes": list(question.quotes),
        "articles": list(question.articles),
        "tags": list(question.tags),
    }


def question_from(record: Mapping[str, Any]) -> Question:
    """The question of a record."""
    gold = tuple(
        one
        if isinstance(one, str)
        else Span(article_id=_text(one["article_id"]), start=_whole(one["start"]), end=_whole(one["end"]))
        for one in record["gold"]
    )
    answerable = record["answerable"]
    return Question(
        id=_text(record["id"]),
        text=_text(record["question"]),
        answerable=None if answerable is None else _truth(answerable),
        gold=gold,
        **{name: tuple(map(_text, record[name])) for name in ("answers", "quotes", "articles", "tags")},
    )


def cell_record(cell: Cell) -> Record:
    """A cell."""
    return {**asdict(cell), "search": {name: _plain(value) for name, value in cell.search.items()}}


def cell_from(record: Mapping[str, Any]) -> Cell:
    """The cell of a record."""
    k = record["k"]
    return Cell(
        name=_text(record["name"]),
        prompt=prompt_from(record["prompt"]),
        llm=_text(record["llm"]),
        k=None if k is None else _whole(k),
        embedding=_text(record["embedding"]),
        search=dict(record["search"]),
    )


def row_record(row: Row) -> Record:
    """A row; question and cell by id and name."""
    return {
        "question": row.question.id,
        "cell": row.cell.name,
        "repeat": row.repeat,
        "status": row.status,
        "error": row.error,
        "reply": row.reply,
        "output": None if row.output is None else output_record(row.output),
    }


def row_from(
    record: Mapping[str, Any],
    question: Question,
    cell: Cell,
    article: Callable[[str], Article],
) -> Row:
    """The row of a record, of this question and cell."""
    status, output = record["status"], record["output"]
    if status not in _STATUSES or (status == "ok") != (output is not None):
        raise ValueError(f"no row has the status {status!r:.40}, or not with this output")
    return Row(
        question=question,
        cell=cell,
        repeat=_whole(record["repeat"]),
        status=status,
        error=_maybe(record["error"]),
        output=None if output is None else output_from(output, article),
        reply=_maybe(record["reply"]),
    )


def _plain(value: Any) -> Any:
    """As JSON can hold it."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is not a text")
    return value


def _maybe(value: Any) -> Any:
    return None if value is None else _text(value)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LARGEST:
        raise TypeError(f"{value!r:.40} is not a whole number, 0 or more, or is absurdly large")
    return value


def finite(value: Any) -> float:
    """A number that can be added up with others.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not -_LARGEST < value < _LARGEST:
        raise TypeError(f"{value!r:.40} is not a number, or is absurdly large")
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r:.40} is not true or false")
    return value
