"""Which sentences of an article tell an event, and on which day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from toolkit.alignment.sentences import Sentence
from toolkit.extract import is_dangling, is_statement
from toolkit.language import lexicon
from toolkit.moments import find_moments, next_anchor
from toolkit.moments.periods import Days
from toolkit.moments.tenses import has_happened, lies_ahead, tense_at
from toolkit.passages import split
from toolkit.summaries.standing import dateline_end, is_furniture, undated
from toolkit.types import Article, Moment, Span
from toolkit.types.timeline import DatedBy

_SPOKEN = re.compile(r"[“\"][^”\"\n]*(?:[”\"]|\Z)")
_WORDS_OF_DATE = re.compile(r"\b(?:due|dated|aged|expiring|since|until|till|by)(?:\s+(?:on|in|the))*\s*\Z", re.I)
_SAID = re.compile(
    r"\b(?:said|says|told|added|announced|reported|wrote|written|tweeted|confirmed|warned)\b[^,;:]{0,30}\Z", re.I
)
_OF = re.compile(r"\w of\s+(?:the\s+)?\Z")
_ASIDE = re.compile(r"\w,?\s(?:that|who|which|whose|where) (?:was|were|had|has|have|is|are|\w+ed)\b[^.,;]{0,40}\Z")
_MAIN_VERB = re.compile(r",?\s+(?:was|were|is|are|has|have|had|will|would|may|might|could|\w{2,}ed|said|told)\b", re.I)
_HYPOTHETICAL = re.compile(r"\A(?:if|unless|whether|should|imagine|suppose)\b", re.I)
_COUNTERFACTUAL = re.compile(
    r"""\b(?:would|could|might)\ (?:not\ )?have\ \w+.*\b(?:if|had|unless)\b
    |\b(?:had|if)\b.*\b(?:would|could|might)\ (?:not\ )?have\ \w""",
    re.VERBOSE | re.DOTALL,
)
_CALLED_OFF = re.compile(r"\b(?:called off|cancell?ed|postponed|scrapped|shelved|abandoned|put off)\b", re.I)
_LONG_AGO = re.compile(
    r"""\bfor\ (?:\w+\ )?(?:decades|years|centuries|generations)\b|\bused\ to\b|\bonce\ (?:was|were|had|stood)\b
    |\b(?:was|were)\ (?:once|built|founded|established)\b|\bhad\ (?:long\ )?been\b|\b(?:always|historically)\b
    |\bcentur(?:y|ies)\ ago\b""",
    re.IGNORECASE | re.VERBOSE,
)
# A day that is named and cannot be told is another one than the publication's: “03/04/2025”, “two days after the vote”.
_SOME_DAY = re.compile(
    r"""\b\d{1,2}/\d{1,2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\blast\ (?:week|month|year)\b
    |\b(?:days?|weeks?|months?|years?|decades?)\ (?:after|before|ago|earlier|later)\b
    |\b(?:in|of|since|from)\ (?:1\d|20)\d\d\b""",
    re.IGNORECASE | re.VERBOSE,
)
_EXACT = {"day": 0, "week": 1, "month": 2, "season": 3, "quarter": 3, "year": 4, "decade": 5}


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """A sentence that tells an event.

    Attributes:
        sentence: The sentence.
        shown: What is quoted of it: with the sentence before it when it opens with a pronoun.
        moment: The date that dates it, its ``offset`` in the article's text; None when the publication does.
        days: First and last day.
        place: Its number among the article's sentences, from 0.
        lead: Whether it opens the article.
        relevance: How much it speaks to the query, 0 to 1; 1 without one.
    """

    sentence: Sentence
    shown: Span
    moment: Moment | None
    days: Days
    place: int
    lead: bool
    relevance: float = 1.0

    @property
    def article(self) -> Article:
        """Where it stands."""
        return self.sentence.article

    @property
    def text(self) -> str:
        """What is quoted."""
        return self.article.text[self.shown.start : self.shown.end]

    @property
    def dated_by(self) -> DatedBy:
        """What its day rests on."""
        if self.moment is None:
            return "publication"
        return "anchor" if self.moment.kind == "anchored" else "text"


def tellings(article: Article) -> Iterator[Telling]:
    """The sentences of an article that tell an event, in order.

    A sentence tells one when it is a statement with a verb that has happened, or that lies ahead on a day that does,
    and names the day. Of several days the one that the event itself happens on is taken: not the dateline's, not one
    that only bounds it (“since Monday”) or names something else (“Monday's summit”), not the day on which somebody said
    so if another is given, and the more exact one first. The article's first statement may do without a day: it is the
    news, and the publication dates it, unless it tells of long ago. What was to be and was called off is not told as
    planned.
    """
    anchor: Moment | None = None
    before: Sentence | None = None
    led = False
    place = -1
    for passage in split(article):
        for span in passage.sentences:
            place += 1
            sentence = Sentence(article=article, span=span, before=before.span if before else None)
            text = sentence.text
            found = find_moments(text, article.published, modified=article.modified, anchor=anchor)
            anchor = next_anchor(found, anchor)
            if is_statement(sentence):
                lead = not led
                led = True
                moment = _own_day(text, found)
                news = lead and (not found or _CALLED_OFF.search(text) is not None)
                telling = _telling(sentence, before, moment, place, news)
                if telling is not None:
                    telling = replace(telling, lead=lead)
                    yield telling
            before = sentence


def _telling(
    sentence: Sentence, before: Sentence | None, moment: Moment | None, place: int, news: bool
) -> Telling | None:
    article, text = sentence.article, sentence.text
    if _HYPOTHETICAL.match(text) or text.lstrip("“\"'").endswith("?"):
        return None
    if is_furniture(text) or _COUNTERFACTUAL.search(text):
        return None
    if moment is None:
        said = _outside_quotes(text)
        plain = news and article.published is not None and has_happened(said)
        plain = plain and not _LONG_AGO.search(said) and not _SOME_DAY.search(said)
        if not plain or article.published is None or is_dangling(sentence):
            return None
        day = article.published.date()
        shown = undated(sentence).span
        return Telling(sentence=sentence, shown=shown, moment=None, days=(day, day), place=place, lead=True)
    outside = _outside_quotes(text)
    if not has_happened(outside) and not (moment.planned and lies_ahead(outside)):
        return None
    if is_dangling(sentence):
        if before is None or not is_statement(before) or is_dangling(before):
            return None
        shown = article.span(before.span.start, sentence.span.end)
    else:
        shown = undated(sentence).span
    placed = replace(moment, offset=sentence.span.start + moment.offset)
    days = (moment.start, moment.end)
    return Telling(sentence=sentence, shown=shown, moment=placed, days=days, place=place, lead=False)


def _outside_quotes(text: str) -> str:
    return _SPOKEN.sub(" ", text)


def _own_day(text: str, found: tuple[Moment, ...]) -> Moment | None:
    """The date on which the event of a sentence happens; None when none of its dates is that."""
    dateline = dateline_end(text)
    spoken = [match.span() for match in _SPOKEN.finditer(text)]
    off = _CALLED_OFF.search(text)
    fit: list[tuple[tuple[int, ...], Moment]] = []
    for moment in found:
        before = text[: moment.offset]
        # “Monday's hearing revealed …” happened on Monday; “the outline of Monday's summit” need not have.
        opens = moment.offset == dateline and moment.granularity == "day"
        if (moment.attributive and not opens) or any(start <= moment.offset < end for start, end in spoken):
            continue
        if moment.planned and off is not None and moment.offset < off.start():
            continue  # “the concert planned for Friday has been called off”
        ahead = moment.about and moment.planned
        if ahead and tense_at(text, moment.offset, moment.offset + len(moment.words)) != "future":
            continue  # “has spoken of terms in the coming days”
        if moment.offset < dateline:
            continue
        if _WORDS_OF_DATE.search(before) and not moment.planned:
            continue
        if moment.granularity == "day" and _OF.search(before):  # “the summit of Aug. 18” says which summit
            continue
        aside = _ASIDE.search(before) is not None
        if aside and (moment.kind == "anchored" or _MAIN_VERB.match(text, moment.offset + len(moment.words))):
            continue  # “the man who was arrested on Monday was charged” says when he was arrested
        rank = (
            int(moment.bound is not None),
            int(aside),
            int(moment.about),
            _EXACT[moment.granularity],
            int(_SAID.search(before) is not None),
            moment.offset,
        )
        fit.append((rank, moment))
    return min(fit, key=lambda pair: pair[0])[1] if fit else None


def words_of_event(telling: Telling) -> frozenset[str]:
    """The keys of a telling's content words, without those of its date: what it shares with others about the event."""
    moment = telling.moment
    start = telling.sentence.span.start
    dated = range(0)
    if moment is not None:
        dated = range(moment.offset - start, moment.offset - start + len(moment.words))
    return frozenset(
        token.key
        for token in telling.sentence.tokens
        if token.content
        and token.start not in dated
        and token.word not in lexicon.WEEKDAYS
        and token.word not in lexicon.SPEECH
    )
