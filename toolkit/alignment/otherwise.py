"""Which sentence says otherwise than another: it denies what that one states, or counts or dates it differently.

Near copies look like repetitions, and this is where the difference lies: “the dam was inspected” and “the dam was not
inspected” share nearly all their words. Stricter than :mod:`toolkit.voices.conflicts`, which compares what whole
articles say: here both sentences must be of nearly the same words, and differ in a word of the question, or in the
number or the day that it asks for.

News repeats its forms: the next accident, match, fine and month of a poll are told in the words of the last one. So
sentences of which each names what the other does not, or which tell of different days, are about two things.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from toolkit import thresholds
from toolkit.alignment.denial import denied, denied_first
from toolkit.alignment.quantities import Date, Quantity, dates, quantities, same_quantity
from toolkit.alignment.roles import speakers
from toolkit.alignment.sentences import Sentence
from toolkit.language import lexicon
from toolkit.language.questions import Question
from toolkit.language.stems import countries
from toolkit.language.words import Token, tokenize
from toolkit.types.articles import has_time

Otherwise = Literal["denial", "number", "date", "time", "name"]

SAYS: dict[Otherwise, str] = {
    "denial": "says otherwise than",
    "number": "gives another number than",
    "date": "gives another date than",
    "time": "tells of another time than",
    "name": "names another than",
}
"""How a note puts it: “[2] gives another number than [1].”"""

_FEWEST = 2
_SPEECH_REACH = 4  # tokens from “said” to the day on which it was
_NAMED = ("person", "country", "place")
_ROWS = frozenset("day page round number no phase chapter route flight stage level game week article group".split())
_MEASURES = frozenset("second minut hour day week month year metr kilometr mile degre tonn point".split())
_OFFICES = frozenset("police government parliament army court council ministry opposition".split())
_PARTS = frozenset("among including only first another additional further extra".split())
_BOUNDS = frozenset("least most than over above under below nearly almost up".split())


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is compared of a sentence.

    Attributes:
        text: The sentence.
        tokens: Its tokens.
        content: Keys of its content words, without numbers and days.
        named: Keys of its names.
        names: The same, with designations such as “A9”, without those of who speaks.
        days: Its dates, without those on which somebody spoke.
        numbers: Its numbers, without those of dates and designations.
    """

    text: str
    tokens: tuple[Token, ...]
    content: frozenset[str]
    named: frozenset[str]
    names: frozenset[str]
    days: tuple[Date, ...]
    numbers: tuple[Quantity, ...]


def says_otherwise(question: Question, one: Sentence, other: Sentence) -> Otherwise | None:
    """What two sentences cannot both be right about, of what is asked; None when they can, or nobody can tell.

    Args:
        question: What is asked.
        one: A sentence.
        other: Another one; the order does not matter.

    Returns:
        ``denial`` when a word of the question is denied in one only; ``number`` when a number or a sum is asked for
        and each gives another one of the same thing; ``time`` when each gives it for another day, and the question
        names none; ``date`` when a day is asked for or named and each gives another; ``name`` when somebody or a place
        is asked for, and the sentences are the same but for the name.
    """
    mine, theirs = (_read(side.text, side.article.published) for side in (one, other))
    smaller = min(len(mine.content), len(theirs.content))
    shared = mine.content & theirs.content
    if not smaller or len(shared) < thresholds.SAME_MATTER * smaller:
        return None
    denies = denied(mine.tokens) ^ denied(theirs.tokens)
    if not denies and question.wanted in _NAMED and _same_but_for_names(question, mine, theirs):
        return "name"
    if _apart(one, other, mine, theirs):
        return None
    counts = question.wanted in ("number", "money") and any(_rivals(question, mine, theirs))
    if _elsewhen(mine.days, theirs.days):
        if counts and not _days_of(question):
            return "time"
        return "date" if not denies and _dates_it(question, mine, theirs) else None
    of_asked = denies & question.keys & shared - mine.named - theirs.named
    if of_asked and shared & _stated_and_denied(mine, theirs) and _of_one_matter(mine, theirs):
        return "denial"
    if counts and _elsewhen(*(_days_around(side) for side in (one, other))) and not (mine.days and theirs.days):
        return None if _days_of(question) else "time"
    return "number" if counts else None


def tells_of_another(one: Sentence, other: Sentence) -> bool:
    """Whether sentences of two articles each name what the other does not: two accidents in the same words."""
    if one.article.id == other.article.id:
        return False
    mine, theirs = (_read(side.text, side.article.published).names for side in (one, other))
    return bool(mine - theirs and theirs - mine) and not _spelt_alike(mine - theirs, theirs - mine)


def is_later(one: Sentence, other: Sentence) -> bool:
    """Whether a sentence's article is known to have come out later: midnight stands for a day without a time."""
    when, before = one.article.published, other.article.published
    if when is None or before is None:
        return False
    return when > before if has_time(when) and has_time(before) else when.date() > before.date()


def age(one: Sentence, other: Sentence) -> str:
    """Which of two sentences is the newer one, for a note about the first; empty where that is not known."""
    if is_later(one, other):
        return ", the newer one,"
    return ", the older one," if is_later(other, one) else ""


def quoted(sentence: Sentence) -> str:
    """A sentence with its article, publisher and day, for a note about it."""
    article = sentence.article
    known = ", ".join(filter(None, (article.heading, article.publisher, article.date)))
    return f"“{sentence.text}” ({known})"


@lru_cache(maxsize=4096)
def _read(text: str, published: datetime | None) -> _Reading:
    tokens = tokenize(text)
    told = tuple(dates(tokens, published))
    dated = frozenset(i for one in told for i in one.indexes)
    marks = {i for i, t in enumerate(tokens) if t.value is not None and text[t.start - 1 : t.start].isalpha()}
    said = {t.key for speaker in speakers(tokens) for t in speaker} | set(_told(tokens))
    plain = dated | {0} if tokens and tokens[0].word in _OFFICES else dated  # “Police closed” names nobody
    named = frozenset(t.key for i, t in enumerate(tokens) if t.name and i not in plain)
    return _Reading(
        text=text,
        tokens=tokens,
        content=frozenset(t.key for i, t in enumerate(tokens) if t.content and t.value is None and i not in dated),
        named=named,
        names=frozenset(named - said | {f"{tokens[i - 1].word}{tokens[i].word}" for i in marks if i}),
        days=tuple(one for one in told if not _of_speech(tokens, one.indexes[0])),
        numbers=tuple(
            one for one in quantities(tokens, dated | marks) if not one.year and not _counts_nothing(text, tokens, one)
        ),
    )


def _counts_nothing(text: str, tokens: Sequence[Token], number: Quantity) -> bool:
    """Whether a number is an age, “Saadi, 53, was”, one of a row, “day four”, or a part, “another two”."""
    before = tokens[number.index - 1] if number.index else None
    if before is None:
        return False
    token = tokens[number.index]
    age = text[before.end : token.start].strip() == "," and text[token.end : token.end + 1] in (",", ".", ")")
    return (
        (before.name and age)
        or before.word in _ROWS | _PARTS
        or (before.word == "of" and _parted(tokens, number.index))
    )


def _parted(tokens: Sequence[Token], index: int) -> bool:
    """“Two of ten”, “the first of eight”, but not “a toll of ten”."""
    whole = tokens[index - 2] if index > 1 else None
    return whole is not None and (whole.value is not None or whole.word in ("one", "some", "most", "first", "last"))


def _told(tokens: Sequence[Token]) -> Iterator[str]:
    """The keys of whom something is told."""
    for index, token in enumerate(tokens):
        if token.word == "told":
            yield from (t.key for t in tokens[index + 1 : index + 1 + _SPEECH_REACH] if t.name)


def _of_speech(tokens: Sequence[Token], index: int) -> bool:
    before = tokens[max(0, index - _SPEECH_REACH) : index]
    return any(t.word in lexicon.SPEECH or t.word in ("denied", "confirmed") for t in before)


def _apart(one: Sentence, other: Sentence, mine: _Reading, theirs: _Reading) -> bool:
    """Whether each names what the other does not; where they name nothing in common, what stands around them."""
    if mine.names - theirs.names and theirs.names - mine.names:
        return True
    if mine.names & theirs.names:
        return False
    here, there = one.context | mine.named, other.context | theirs.named
    return bool(here and there) and here.isdisjoint(there)


def _stated_and_denied(one: _Reading, other: _Reading) -> frozenset[str]:
    """Words before which “not” stands in one sentence, and nothing that denies in the other; names are none.

    None at all where both deny something in common: they differ in how much they say, not in what.
    """
    if denied(one.tokens) & denied(other.tokens):
        return frozenset()
    return (denied_first(one.tokens) ^ denied_first(other.tokens)) - one.named - other.named


def _of_one_matter(one: _Reading, other: _Reading) -> bool:
    """Whether the sentences share most of their words besides names: a party's name is not yet its matter."""
    mine, theirs = one.content - one.named, other.content - other.named
    few, many = sorted((len(mine), len(theirs)))
    return len(mine & theirs) >= max(_FEWEST, thresholds.DENIED_MATTER * few, thresholds.DENIED_MATTER_LONGER * many)


def _elsewhen(some: Sequence[Date], others: Sequence[Date]) -> bool:
    """Whether both tell of days, and of no day in common."""
    return bool(some and others) and not any(a.agrees(b) for a in some for b in others)


def _days_around(sentence: Sentence) -> tuple[Date, ...]:
    """The days that a sentence tells of, or else the sentence before it, or else the title."""
    article, before = sentence.article, sentence.before
    texts = (sentence.text, article.text[before.start : before.end] if before else "", article.title or "")
    return next(filter(None, (_read(text, article.published).days for text in texts)), ())


def _days_of(question: Question) -> list[Date]:
    return dates(tokenize(question.text))


def _dates_it(question: Question, one: _Reading, other: _Reading) -> bool:
    """Whether two sentences date what is asked, each otherwise.

    Where the question only names a day they must be the same but for it: a market report of Monday does not say
    otherwise than that of Tuesday.
    """
    shared = len(one.content & other.content)
    if question.wanted == "date":
        return shared >= max(_FEWEST, thresholds.DATED_MATTER * min(len(one.content), len(other.content)))
    same = shared >= thresholds.COPIED_SENTENCE * len(one.content | other.content)
    numbers = [{number.value for number in side.numbers} for side in (one, other)]
    return same and question.wanted is None and numbers[0] == numbers[1] and bool(_days_of(question))


def _same_but_for_names(question: Question, one: _Reading, other: _Reading) -> bool:
    """Whether two sentences are the same, but that each names another one; not in another spelling."""
    mine, theirs = ({t.key: t.word for t in side.tokens if t.name} for side in (one, other))
    own, their_own = (
        [word for key, word in some.items() if key not in others] for some, others in ((mine, theirs), (theirs, mine))
    )
    if not own or not their_own or question.keys & {*own, *their_own}:
        return False
    plain, theirs_plain = one.content - mine.keys(), other.content - theirs.keys()
    if len(plain & theirs_plain) < max(_FEWEST + 1, thresholds.COPIED_SENTENCE * len(plain | theirs_plain)):
        return False
    return not _spelt_alike(own, their_own)


def _spelt_alike(some: Collection[str], others: Collection[str]) -> bool:
    """Whether names are the same in two spellings, as those from another script have them; Austria is not Australia."""
    fewer, more = sorted((some, others), key=len)
    return not (countries() & {*some, *others}) and all(
        any(SequenceMatcher(None, one, other, autojunk=False).ratio() >= thresholds.NAME_SPELLING for other in more)
        for one in fewer
    )


def _rivals(question: Question, one: _Reading, other: _Reading) -> Iterator[Quantity]:
    """Numbers of one that the other gives otherwise: each lacks the other's, and both count what is asked for."""
    for number in one.numbers:
        if any(_compatible(one, number, other, rival) for rival in other.numbers):
            continue
        for rival in other.numbers:
            if any(_compatible(one, known, other, rival) for known in one.numbers):
                continue
            if _counts_the_same(number, rival) and _asked_for(question, number, rival):
                yield number


def _compatible(one: _Reading, number: Quantity, other: _Reading, rival: Quantity) -> bool:
    if same_quantity(number, rival) or same_quantity(rival, number):
        return True
    if number.unit != rival.unit or not (_rough(one, number) or _rough(other, rival)):
        return False
    return abs(number.value - rival.value) <= thresholds.APPROXIMATELY * max(abs(number.value), abs(rival.value))


def _rough(reading: _Reading, number: Quantity) -> bool:
    return number.about or any(t.word in _BOUNDS for t in reading.tokens[max(0, number.index - 2) : number.index])


def _counts_the_same(number: Quantity, rival: Quantity) -> bool:
    """“12 people were killed” and “15 were killed”, but not “12 cars” and not “15 fled”."""
    if number.unit or rival.unit:
        return number.unit == rival.unit
    if number.counted and rival.counted:
        return number.counted == rival.counted
    return number.then == rival.then


def _asked_for(question: Question, number: Quantity, rival: Quantity) -> bool:
    if question.wanted == "money":
        return number.unit not in ("", "percent")
    if number.unit:
        return True
    if number.counted == rival.counted in _MEASURES and "how many" not in question.text.casefold():
        return True  # how long, old, far, high
    said = {number.counted, number.then, rival.counted, rival.then} - {""}
    return not said or bool(said & question.keys)
