"""Text -> tokens that can be compared: folded, stemmed, with names, numbers, denial and tense marked.

Typography never decides: quotes, dashes, ligatures, accents, case, soft hyphens and hyphenated line ends fold away,
while every token keeps the offsets of its raw characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from toolkit.language import lexicon
from toolkit.language.forms import is_past
from toolkit.language.phrases import read_phrases
from toolkit.language.stems import stem

_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060"
_WORD = rf"[^\W\d_][^\W\d_{_MARKS}]*(?:[{_MARKS}]+[^\W\d_]*)*"
_TOKEN = re.compile(
    rf"""(?P<number>\d+(?:[.,]\d+)*(?:st|nd|rd|th)?\b|\d+(?:[.,]\d+)*)
    |(?P<acronym>(?:[A-Z]\.){{2,}}(?:[A-Z]\b)?|\b(?:U\.[ ](?:S|K|N)|E\.[ ]U)\.)
    |(?P<cjk>[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])
    |(?P<word>{_WORD}(?:['’ʼ]{_WORD})*(?:[-‐]\n[^\W\d_A-Z]+)?)
    |(?P<unit>[%$€£¥])""",
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"['’ʼ]s?$")
_BREAK = re.compile(r"[-‐]\n")
_OPENING_MARKS = frozenset(".!?:\n“")


class Token(NamedTuple):
    """One word, number or sign of a text.

    Attributes:
        start, end: Its raw characters, end exclusive.
        word: Folded: lower case, no accents, no possessive.
        key: What it is compared by: a stem, that of the one verb for a phrase, a country's name, a number's value.
        content: Whether it counts in coverage.
        name: Whether it is (part of) a proper name.
        value: A number's value, else None.
        first: Whether it opens the text.
    """

    start: int
    end: int
    word: str
    key: str
    content: bool
    name: bool
    value: float | None
    first: bool


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """A word without case, accents, ligatures, soft hyphens, line-end hyphen or possessive."""
    if word.isascii() and "\n" not in word:
        return _POSSESSIVE.sub("", word.lower()) if "'" in word else word.lower()
    word = _BREAK.sub("", word)
    plain = unicodedata.normalize("NFKD", word)
    plain = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return _POSSESSIVE.sub("", plain.casefold().replace("’", "'").replace("ʼ", "'"))


def _number(text: str) -> float | None:
    digits = re.sub(r"(?:st|nd|rd|th)$", "", text)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits):  # 2.000 as the continent writes it
        digits = digits.replace(".", "")
    digits = digits.replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def tokenize(text: str) -> tuple[Token, ...]:
    """The tokens of a text, in order.

    Args:
        text: A sentence or a passage. Capitals inside it mark names; its first word is a name only if it is known
            as one, or if a second capitalised word follows.

    Returns:
        Tokens whose offsets count in ``text``.
    """
    raw = [(m.start(), m.end(), m.lastgroup or "word", m.group()) for m in _TOKEN.finditer(text)]
    tokens: list[Token] = []
    opening = True
    last = len(raw) - 1
    for index, (start, end, kind, surface) in enumerate(raw):
        following = raw[index + 1][3] if index < last else ""
        tokens += _tokens_of(surface, kind, start, end, opening, following)
        between = text[end : raw[index + 1][0]] if index < last else ""
        opening = between != " " and kind != "acronym" and not _OPENING_MARKS.isdisjoint(between)
    return tuple(_read_phrases(_merge_numbers(_merge_names(tokens))))


def _read_phrases(tokens: list[Token]) -> list[Token]:
    """Compare “turned down” by what “rejected” is compared by; its “down” tells nothing more."""
    for phrase in read_phrases(tokens):
        tokens[phrase.verb] = tokens[phrase.verb]._replace(key=phrase.key, content=True)
        for place in phrase.rest:
            tokens[place] = tokens[place]._replace(content=False)
    return tokens


def _tokens_of(surface: str, kind: str, start: int, end: int, opening: bool, following: str) -> list[Token]:
    if kind == "number":
        value = _number(surface)
        key = surface if value is None else f"#{value:.12g}"
        return [Token(start, end, surface, key, True, False, value, opening)]
    if kind in ("cjk", "unit"):
        return [Token(start, end, surface, surface, kind == "cjk", False, None, opening)]
    word = fold(surface)
    if kind == "acronym":
        word = word.rstrip(".").replace(" ", "")  # “U. S.”, as some models write
        key = lexicon.ABBREVIATED_NAMES.get(word, word.replace(".", ""))
        return [Token(start, end, word, key, True, True, None, opening)]
    if word in ("n't", "not"):  # “is n't”, as tokenised text has it
        return [Token(start, end, "not", "not", False, False, None, opening)]
    if word.endswith("n't") or word == "cannot":
        base = {"won't": "will", "can't": "can", "cannot": "can", "shan't": "shall"}.get(word, word[:-3])
        cut = end - 3
        return [
            Token(start, cut, base, base, False, False, None, opening),
            Token(cut, end, "not", "not", False, False, None, False),
        ]
    word = word.split("'")[0] or word
    value = lexicon.NUMBER_WORDS.get(word)
    if value is not None and word != "one":
        return [Token(start, end, word, f"#{value:.12g}", True, False, value, opening)]
    capital = surface[0].isupper()
    if surface.isupper() and word in lexicon.ABBREVIATED_NAMES:
        return [Token(start, end, word, lexicon.ABBREVIATED_NAMES[word], True, True, None, opening)]
    content = word not in lexicon.FUNCTION_WORDS
    calendar = word in lexicon.WEEKDAYS or (
        word in lexicon.MONTHS and (word != "may" or not opening or _is_day(following))
    )
    named = capital and content and not calendar and (not opening or _opens_as_name(surface, word, following))
    if calendar and capital:
        content = True
    return [Token(start, end, word, stem(word), content, named, None, opening)]


def _is_day(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,4}(?:st|nd|rd|th)?", text))


def _opens_as_name(surface: str, word: str, following: str) -> bool:
    """Whether a capitalised word that opens a sentence is a name: known as one, in capitals, or half of a pair."""
    if word in lexicon.DEMONYMS or (len(surface) > 1 and surface.isupper()) or any(c.isupper() for c in surface[1:]):
        return True
    next_word = fold(following)
    if following[:1].isupper() and next_word not in lexicon.FUNCTION_WORDS:
        return True
    # "Macron resigned", "Smith was": one person's name; plurals such as "Prices rose" are not.
    acts = next_word in lexicon.AUXILIARIES or is_past(next_word)
    return acts and not word.endswith(("s", "ing")) and len(word) > 2


def _merge_names(tokens: list[Token]) -> list[Token]:
    merged: list[Token] = []
    for token in tokens:
        name = lexicon.NAME_PAIRS.get((merged[-1].word, token.word)) if merged else None
        if name:
            merged[-1] = merged[-1]._replace(end=token.end, word=f"{merged[-1].word} {token.word}", key=name, name=True)
        else:
            merged.append(token)
    return merged


def _merge_numbers(tokens: list[Token]) -> list[Token]:
    """Bring “3.5 billion”, “two thousand”, “two hundred and fifty” and “twenty-one” to one value each."""
    merged: list[Token] = []
    for token in tokens:
        linked = len(merged) > 1 and merged[-1].word == "and" and _is_spelt(merged[-2]) and merged[-2].value >= 100  # type: ignore[operator]
        before = merged[-2] if linked else merged[-1] if merged else None
        value = None if before is None else _joined_value(before, token, linked)
        if value is not None and before is not None:
            del merged[-2 if linked else -1 :]
            word = f"{before.word} {token.word}"
            merged.append(before._replace(end=token.end, word=word, key=f"#{value:.12g}", value=value, content=True))
        else:
            merged.append(token)
    return merged


def _joined_value(before: Token, token: Token, linked: bool) -> float | None:
    times = lexicon.MULTIPLIERS.get(token.word)
    if times and not linked and (before.value is not None or before.word in ("one", "a")):
        if token.word in ("k", "m") and token.start > before.end:  # “100 m” is a length
            return None
        rest = (before.value or 0) % 1000
        if times == 100 and before.value and before.value > 1000 and 0 < rest < 10:  # “two thousand five hundred”
            return before.value - rest + rest * times
        return (1.0 if before.value is None else before.value) * times
    added = 1.0 if token.word == "one" else token.value
    if not added or not before.value or not _is_spelt(before) or token.word not in lexicon.NUMBER_WORDS:
        return None
    if before.value in range(20, 100, 10) and added < 10:
        return before.value + added
    if before.value >= 100 and before.value % 100 == 0 and added < 100 and token.word != "dozen":
        return before.value + added
    return None


def _is_spelt(token: Token) -> bool:
    return token.value is not None and (token.word in lexicon.NUMBER_WORDS or token.key != f"#{_number(token.word)}")


def content_keys(text: str) -> frozenset[str]:
    """The keys of a text's content words, names and numbers."""
    return frozenset(token.key for token in tokenize(text) if token.content)


_ROUGH = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_UNUSUAL = re.compile(rf"[{_MARKS}]|[-‐]\n")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@lru_cache(maxsize=100_000)
def _rough_key(word: str) -> str:
    if word[0].isdigit():
        value = _number(word)
        return word if value is None else f"#{value:.12g}"
    folded = word if word.isascii() else fold(word)
    number = lexicon.NUMBER_WORDS.get(folded)
    return stem.__wrapped__(folded) if number is None else f"#{number:.12g}"


@lru_cache(maxsize=16_384)
def rough_keys(text: str) -> frozenset[str]:
    """Nearly the keys of :func:`tokenize`, at a tenth of its cost: for finding the sentences worth reading.

    Numbers of several words (“3.5 billion”) are not put together, and no name is told from a word.
    """
    if (not text.isascii() or "-\n" in text) and _UNUSUAL.search(text):
        return frozenset(token.key for token in tokenize(text))
    keys = {*map(_rough_key, {*_ROUGH.findall(text.lower())})}
    if "U." in text or "US" in text or "United" in text or "Great B" in text or "Union" in text:
        keys.update(key for surface, key in _ROUGH_NAMES if surface in text)
    if not text.isascii():
        keys.update(_CJK.findall(text))
    return frozenset(keys)


_ROUGH_NAMES = (
    ("U.S.", "usa"), ("US", "usa"), ("United States", "usa"), ("U.K.", "uk"), ("United Kingdom", "uk"),
    ("Great Britain", "uk"), ("European Union", "eu"), ("E.U.", "eu"), ("United Nations", "un"), ("U.N.", "un"),
    ("U. S.", "usa"), ("U. K.", "uk"), ("U. N.", "un"), ("E. U.", "eu"),
)  # fmt: skip
