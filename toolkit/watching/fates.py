"""What became of each claim of an accepted answer, beside today's; pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from toolkit.align import Finding, align, find_support
from toolkit.alignment.sentences import Markers, Sentence, sentences_of
from toolkit.copies import adds_nothing
from toolkit.thresholds import RIVAL_AGREEMENT
from toolkit.types import Answer, Article, Claim, ClaimChange, Hit, PastAnswer, PastCitation, PastClaim

WELL = ("quoted", "supported")

_DENYING = frozenset({"number", "negation", "date"})


def fates(
    past: PastAnswer,
    answer: Answer,
    against: Sequence[Claim | None],
    lost: Collection[PastCitation],
    said_before: Sequence[bool],
) -> tuple[ClaimChange, ...]:
    """What became of each claim: today's in their order, then what is gone.

    Args:
        past: The accepted answer.
        answer: Today's.
        against: For each accepted claim, how an article contradicts it now; None when none does.
        lost: Citations that no longer hold.
        said_before: For each of today's claims, whether the articles that were known then say so.
    """
    pairs = _pairs(past.claims, answer.claims)
    today = _said_today(answer.claims)
    found = [_today_s(claim, pairs.get(now), past, against, today) for now, claim in enumerate(answer.claims)]
    found = [replace(one, known=known and one.fate == "new") for one, known in zip(found, said_before, strict=True)]
    answered = {at for at, _ in pairs.values()}
    found += [_gone(at, past, against, today) for at in range(len(past.claims)) if at not in answered]
    return tuple(replace(one, stands=_stands(one.past, lost)) for one in found)


def _today_s(
    claim: Claim,
    pair: tuple[int, str] | None,
    past: PastAnswer,
    against: Sequence[Claim | None],
    today: Sequence[Sentence],
) -> ClaimChange:
    """What one of today's claims is, beside the accepted one that it answers to."""
    if pair is None:
        return ClaimChange(fate="new", claim=claim)
    at, fate = pair
    before, denial = past.claims[at], against[at]
    if fate == "contradicted":
        differences = align(before.text, today, Markers()).differences
        return ClaimChange(fate="contradicted", claim=claim, past=before, differences=differences)
    if denial is not None:
        differs = denial.differences
        return ClaimChange(fate="contradicted", claim=claim, past=before, against=denial, differences=differs)
    return ClaimChange(fate="same" if fate == "same" else "reworded", claim=claim, past=before)


def _gone(at: int, past: PastAnswer, against: Sequence[Claim | None], today: Sequence[Sentence]) -> ClaimChange:
    """What became of an accepted claim that none of today's answers to."""
    before, denial = past.claims[at], against[at]
    if denial is not None:
        return ClaimChange(fate="contradicted", past=before, against=denial, differences=denial.differences)
    return ClaimChange(fate="reworded" if _says(before.text, today) else "gone", past=before)


def _stands(past: PastClaim | None, lost: Collection[PastCitation]) -> bool:
    return past is not None and any(citation not in lost for citation in past.citations)


def _pairs(past: Sequence[PastClaim], today: Sequence[Claim]) -> dict[int, tuple[int, str]]:
    """For some of today's claims, by number, the accepted one that it answers to and how; each of these once."""
    said = [_said(one.text, *_known_of(one)) for one in past]
    pairs: dict[int, tuple[int, str]] = {}
    free = list(range(len(past)))
    for now, claim in enumerate(today):
        at = next((at for at in free if _plain(past[at].text) == _plain(claim.text)), None)
        if at is not None:
            pairs[now] = at, "same"
            free.remove(at)
    for now, claim in enumerate(today):
        if now in pairs:
            continue
        at = next((at for at in free if adds_nothing(claim.text, past[at].text)), None)
        fate = "reworded"
        if at is None:
            held = align(claim.text, [said[at] for at in free], Markers())
            fate = "reworded" if held.verdict in WELL else held.verdict
            at = next(
                (at for at in free if held.citations and said[at].article.id == held.citations[0].article.id), None
            )
        if at is not None and fate in ("reworded", "contradicted"):
            pairs[now] = at, fate
            free.remove(at)
    return pairs


def _said_today(claims: Iterable[Claim]) -> list[Sentence]:
    found = []
    for claim in claims:
        article = claim.citations[0].article if claim.citations else None
        found.append(_said(claim.text, article.date if article else None, article.title if article else None))
    return found


def _said(text: str, published: str | None, title: str | None) -> Sentence:
    """A claim's text as a sentence that another one can be held against."""
    article = Article(text=text or " ", title=title, published=published)  # type: ignore[arg-type]  # ISO 8601 is read
    return Sentence(article=article, span=article.span(0, len(article.text)))


def _known_of(claim: PastClaim) -> tuple[str | None, str | None]:
    """The day and the title of its first source."""
    return (claim.citations[0].published, claim.citations[0].title) if claim.citations else (None, None)


def _says(text: str, said: Sequence[Sentence]) -> bool:
    """Whether what was said holds the text's content, in the same or other words."""
    return any(adds_nothing(text, one.text) for one in said) or align(text, said, Markers()).verdict in WELL


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


# -- against articles ------------------------------------------------------------------------------------------------


def borne_out_by(text: str, hits: Sequence[Hit]) -> bool:
    """Whether some sentence of the hits bears the text out."""
    found = find_support(text, sentences_of(hits))
    return found is not None and found.verdict in WELL


def denials(text: str, hits: Sequence[Hit], cited: Collection[str] = ()) -> Iterator[tuple[Finding, str]]:
    """What contradicts a text, article by article, each with the words that do.

    An article does when one of its sentences says nearly all of the text and gives a number or a date otherwise, or
    denies it. One that was cited for the text, and has another text now, need not say the rest so nearly.

    Args:
        text: The claim.
        hits: Where to look, best first.
        cited: Ids of the articles that bore it out.
    """
    of_article: dict[str, list[Hit]] = {}
    for hit in hits:
        of_article.setdefault(hit.article.id, []).append(hit)
    for article_id, own in of_article.items():
        if text in own[0].article.text:
            continue
        found = find_support(text, sentences_of(own))
        if found is not None and found.verdict == "contradicted" and (article_id in cited or _denies(found)):
            article, span = found.spans[-1]
            yield found, article.text[span.start : span.end]


def _denies(found: Finding) -> bool:
    kinds = {difference.kind for difference in found.comparison.differences}
    return kinds <= _DENYING and not found.comparison.missing_names and found.comparison.agreement >= RIVAL_AGREEMENT


def contradicted(text: str, rival: Finding, others: Sequence[Hit]) -> Claim:
    """The claim with what bears it out among the other hits, if anything does, and at last what contradicts it."""
    markers = Markers()
    support = find_support(text, sentences_of(others))
    spans = support.spans[:2] if support is not None and support.verdict in WELL else ()
    citations = tuple(markers.cite(article, span) for article, span in (*spans, rival.spans[-1]))
    differences = rival.comparison.differences
    return Claim(
        text=text, verdict="contradicted", score=round(rival.score, 3), citations=citations, differences=differences
    )
