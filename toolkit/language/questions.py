"""Read a question: its content words, and what an answer to it must hold (a person, a date, a number, a reason ...)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from toolkit.language import lexicon
from toolkit.language.stems import stem
from toolkit.language.words import Token, tokenize

KINDS = ("person", "country", "place", "date", "number", "money", "reason", "manner", "speech", "thing")
"""What a question may ask for; ``thing`` is whatever a noun names: “which river”, “what kind of engine”."""

STRICT = frozenset({"date", "number", "money"})
"""Kinds that can be told from the characters of a sentence with some certainty: nothing else may answer."""

_QUANTITY = "many|much|long|old|far|often|large|big|high|tall|fast|deep|wide|heavy|hot|late|early"
_MONEY_WORDS = frozenset("cost price pay paid spend spent worth money salary budget fee charge earn fund".split())
_KIND_OF_NOUN = {
    noun: kind
    for kind, nouns in {
        "country": "country nation state",
        "person": """person man woman people leader minister president official spokesman spokeswoman author writer
            scientist artist actor singer king queen general emperor player poet mathematician architect chancellor""",
        "date": "year day date month time century decade era season",
        "number": "number percentage percent amount share rate proportion population temperature size age distance",
        "place": "city place town region area continent river island location village province district street",
        "money": "price cost sum salary budget",
        "reason": "reason cause",
    }.items()
    for noun in nouns.split()
}
_REASON_WORDS = frozenset(
    """because since due owing therefore thus hence reason cause caused causes causing result resulted resulting led
    leading so order avoid prevent allow allowed allows ensure enable thanks""".split()
)
_MANNER_WORDS = frozenset("by through using via with means method process way into without when".split())
_EMPTY = frozenset("role play part name named called kind kinds type types sort example thing way term".split())
_TIME_WORDS = frozenset("after before until once during when if while since".split())
_SPEECH_KEYS = frozenset("say tell speak call announc state declar add argu warn insist describ claim note".split())
_BEFORE_A_MONTH = frozenset("in since until by last next early late of from".split())
_RELATIVE_DAYS = frozenset("yesterday today tomorrow tonight century decade".split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a question asks for.

    Attributes:
        text: As asked.
        tokens: Its content words, names and numbers, in order.
        wanted: What an answer must hold: one of :data:`KINDS`, or None when the question does not tell.
        focus: The noun after “which” or “what”, folded (“city” in “what city”); None without one.
    """

    text: str
    tokens: tuple[Token, ...]
    wanted: str | None
    focus: str | None = None

    @property
    def names(self) -> tuple[Token, ...]:
        """The names and years that an answer's sources must know."""
        return tuple(token for token in self.tokens if token.name or is_year(token))

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its content words."""
        return frozenset(token.key for token in self.tokens)


def is_year(token: Token) -> bool:
    """Whether a number reads as a year."""
    return token.value is not None and 1000 <= token.value <= 2100 and token.value.is_integer()


def read_question(text: str) -> Question:
    """Find a question's content words and what kind of answer it wants.

    Args:
        text: A question, in any case, with or without its mark.

    Returns:
        The reading. Words that ask and do not tell (“happen”, “take place”, “what role … play”, “what is the name of”)
        are left out of its tokens, and so is the noun of a “what year” or “which person”: an answer holds the thing,
        not the word.
    """
    tokens = tokenize(text)
    words = [token.word for token in tokens]
    wanted, focus = _wanted(words)
    content = tuple(t for t in tokens if t.content and t.word not in lexicon.QUESTION_VERBS)
    asked_noun = focus if focus and wanted in ("date", "number", "country", "person", "place", "reason") else None
    telling = tuple(t for t in content if t.name or (t.word != asked_noun and t.word not in _EMPTY))
    return Question(
        text=text,
        tokens=telling or content or tuple(t for t in tokens if t.content),
        wanted=wanted,
        focus=focus,
    )


def _wanted(words: Sequence[str]) -> tuple[str | None, str | None]:
    line = " ".join(words)
    if re.search(
        r"\bwhat (?:did|does|do|has|have|had|is|was|were) .*\b(?:say|said|tell|told|saying|argue|claim)\b", line
    ):
        return "speech", None
    noun = _focus(words)
    match = re.search(rf"\bhow ({_QUANTITY})\b", line)
    if match:
        if match[1] == "much" and _MONEY_WORDS & set(words):
            return "money", None
        return ("date" if match[1] in ("late", "early") else "number"), None
    for word in words:
        if word in ("who", "whom", "whose"):
            return "person", None
        if word == "when":
            return "date", None
        if word == "where":
            return "place", None
        if word == "why":
            return "reason", None
        if word == "how":
            return "manner", None
        if word in ("what", "which"):
            break
    if noun is None:
        return None, None
    kind = _KIND_OF_NOUN.get(noun) or _KIND_OF_NOUN.get(_singular(noun))
    return kind or "thing", noun


def _focus(words: Sequence[str]) -> str | None:
    """The noun that “which” or “what” asks for: the last content word of the run behind it, a word or two long."""
    for index, word in enumerate(words):
        if word not in ("what", "which"):
            continue
        rest = list(words[index + 1 : index + 6])
        if rest and rest[0] in ("is", "was", "are", "were"):
            rest = rest[1:]
            if rest[:1] == ["the"]:
                rest = rest[1:]
            return rest[0] if rest and rest[0] in _KIND_OF_NOUN else None
        if rest and rest[0] in ("type", "types", "kind", "kinds", "sort", "form") and rest[1:2] == ["of"]:
            rest = rest[2:]
        run = []
        for follower in rest[:3]:
            if follower in lexicon.FUNCTION_WORDS or follower in lexicon.QUESTION_VERBS:
                break
            run.append(follower)
        known = next((one for one in run if _KIND_OF_NOUN.get(_singular(one))), None)
        return known or (run[0] if run else None)
    return None


def _singular(noun: str) -> str:
    return re.sub("ie$", "y", noun.removesuffix("s")) if noun.endswith("s") and not noun.endswith("ss") else noun


@lru_cache(maxsize=1)
def _country_keys() -> frozenset[str]:
    return frozenset(stem(name) for name in lexicon.DEMONYMS.values() if name not in lexicon.CONTINENTS) | {"uk", "usa"}


def kind_places(question: Question, tokens: Sequence[Token]) -> list[int]:
    """Where a sentence has what the question wants, and the question does not itself say.

    Args:
        question: What is asked.
        tokens: A sentence's.

    Returns:
        Indexes into ``tokens``, in order. Empty when the sentence has nothing of the kind, and for kinds that no list
        of signs can tell (``thing`` and None).
    """
    asked, kind = question.keys, question.wanted
    new = [i for i, t in enumerate(tokens) if t.key not in asked]
    if kind == "date":
        return [i for i in new if _is_date(tokens, i)]
    if kind == "number":
        return [i for i in new if _is_number(tokens[i]) or tokens[i].word in lexicon.UNITS]
    if kind == "money":
        return [i for i in new if _is_money(tokens, i)]
    if kind == "country":
        return [i for i in new if tokens[i].name and tokens[i].key in _country_keys()]
    if kind == "person":
        return [i for i in new if tokens[i].name and tokens[i].key not in _country_keys()]
    if kind == "place":
        return [i for i in new if tokens[i].name]
    if kind == "reason":
        return [i for i in new if tokens[i].word in _REASON_WORDS or (tokens[i].word == "to" and i > 3)]
    if kind == "manner":
        return [i for i in new if tokens[i].word in _MANNER_WORDS]
    if kind == "speech":
        return [i for i, t in enumerate(tokens) if t.key in _SPEECH_KEYS]
    return []


def may_hold_kind(question: Question, tokens: Sequence[Token]) -> bool:
    """Whether a sentence has what the question wants, or for a date at least an event that dates it (“after the war”).

    Args:
        question: What is asked.
        tokens: A sentence's.
    """
    if kind_places(question, tokens):
        return True
    return question.wanted == "date" and any(token.word in _TIME_WORDS for token in tokens)


def _is_date(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if is_year(token) or token.word in lexicon.WEEKDAYS or token.word in _RELATIVE_DAYS:
        return True
    if token.word in lexicon.MONTHS:
        # “May” alone reads as the verb; behind “in” it cannot be one.
        return token.content or (index > 0 and tokens[index - 1].word in _BEFORE_A_MONTH)
    return token.word in ("last", "next") and index + 1 < len(tokens) and tokens[index + 1].word in (
        "week", "month", "year", "night", "spring", "summer", "autumn", "fall", "winter",
    )  # fmt: skip


def _is_money(tokens: Sequence[Token], index: int) -> bool:
    """“$”, “euros”, and what is a coin behind a number only: “14 crowns”, but not “the crown prince”."""
    word = tokens[index].word
    if word in lexicon.UNITS:
        return word not in ("per", "percent", "%")
    return word in lexicon.CURRENCIES and (
        word in lexicon.MONEY_SIGNS or (index > 0 and tokens[index - 1].value is not None)
    )


def _is_number(token: Token) -> bool:
    return token.value is not None or token.word in ("one", "once", "twice", "half", "several", "dozens", "none")
