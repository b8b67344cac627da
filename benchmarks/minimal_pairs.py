"""Minimal pairs from articles: a claim that holds, and the same claim with one number, name, date or negation changed.

The claim that holds is a sentence of the article, lightly reworded (a clause dropped, “2,000” as “two thousand”, “Aug.
19” as “19 August”, “United States” as “US”, a contraction opened). The other one is that claim with exactly one
change; a name is changed for another name of the same article. Nothing of the toolkit's own reading of words is used
here, so that a blind spot of the checks cannot hide in what they are measured on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

KINDS = ("number", "name", "date", "negation")

_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April June July August September October November December".split()
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?![\w,-])|(?<![\w.,:/£$-])\d{1,6}(?:\.\d+)?(?![\w:/.-]|,\d)")
_SPELT = re.compile(r"(?<![\w-])(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?![\w-])")
_DATE = re.compile(rf"\b(?:{'|'.join(_WEEKDAYS + _MONTHS)})\b|\b(?:19|20)\d\d\b")
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]{2,}|[A-Z]{2,5})(?: [A-Z][a-z]{2,}){0,2}(?=[ ,.'’])")
_AUXILIARY = re.compile(r"(?<=\w )(?:is|are|was|were|will|has|had|could|would|should|can)(?= (?!n[o']t\b)[a-z])")
_NOT = re.compile(r"\b(?P<verb>is|are|was|were|will|has|had|have|could|would|should|do|does|did)(?: not|n['’]t)\b")
_DENYING = re.compile(r"\b(?:not|no|never|none|neither|nor|nothing|nobody|without|hardly)\b|n['’]t\b", re.IGNORECASE)
_NO_NAMES = frozenset(
    """English British American French German Russian Chinese Scottish Welsh Irish European Italian Spanish Australian
    African Indian Mr Mrs Ms Dr Sir Lord Lady The But And This That His Her They When What Who How Why Not For
    I It He She We You""".split()
) | {*_WEEKDAYS, *_MONTHS, "May"}


@dataclass(frozen=True)
class Pair:
    """A claim that an article bears out and the same claim with one change.

    Attributes:
        kind: What was changed: one of ``KINDS``.
        article: Index of the article in what was given.
        sentence: The sentence that the claims come from.
        true, false: The two claims.
    """

    kind: str
    article: int
    sentence: str
    true: str
    false: str


def _spelt(number: str) -> str:
    """“2,000” -> “two thousand”, “2000” -> “2,000”, “7” -> “seven”; anything else as it is."""
    digits = number.replace(",", "")
    if "." in number or not digits.isdigit():
        return number
    value = int(digits)
    if 2 <= value <= 12:
        return _WORDS[value]
    for unit, name in ((1_000_000, "million"), (1_000, "thousand")):
        if value % unit == 0 and 2 <= value // unit <= 12:
            return f"{_WORDS[value // unit]} {name}"
    return digits if "," in number else number


def _reworded(text: str, rng: random.Random) -> str:
    """One or two changes of the surface that leave what is said as it is."""

    def once(pattern: str, by: str | Callable[[re.Match[str]], str], given: str) -> str:
        return re.sub(pattern, by, given, count=1)

    changes: list[Callable[[str], str]] = [
        lambda t: once(r",? (?:he|she|they|it|the \w+) (?:said|says|added|told reporters)(?=\.$)", "", t),
        lambda t: once(r", (?:which|who|where|whose|while|including|although|as well as) [^,;]+(?=[,.])", "", t),
        lambda t: once(r"(?<=\w) \([^()]+\)", "", t),
        lambda t: _NUMBER.sub(lambda m: _spelt(m.group()), t, count=1) if not _DATE.search(t) else t,
        lambda t: _SPELT.sub(lambda m: str(_WORDS.index(m.group())), t, count=1),
        lambda t: once(r"\b(\d{1,2}) (" + "|".join(_MONTHS) + r")\b", r"\2 \1", t),
        lambda t: once(r"\b(August|January|September|October|November|December|February)(?= \d)", _abbreviated, t),
        lambda t: once(r"\b(?:per cent|percent)\b", "%", t),
        lambda t: once(r"(?<=\d)%", " per cent", t),
        lambda t: once(r"\b(did|do|does|is|are|was|were|has|had|have|could|would|should)n['’]t\b", r"\1 not", t),
        lambda t: once(r"\bwill not\b", "won't", t),
        lambda t: once(r"\bUnited States\b", "US", t),
        lambda t: once(r"\b(?:the )?(?:UK|United Kingdom)\b", "Britain", t),
        lambda t: once(r"\bmore than (?=\d)", "over ", t),
        lambda t: once(r"\b(?:also|however|just|really) ", "", t),
        lambda t: t.replace("“", '"').replace("”", '"').replace("’", "'"),
        lambda t: once(r"\bincreased\b", "rose", t),
        lambda t: once(r"\bbegan\b", "started", t),
        lambda t: once(r"\bpurchased\b", "bought", t),
    ]
    rng.shuffle(changes)
    wanted = rng.choice((1, 2))
    for change in changes:
        changed = change(text)
        if changed != text and len(changed.split()) >= 7:
            text, wanted = changed, wanted - 1
        if not wanted:
            break
    return text


def _abbreviated(match: re.Match[str]) -> str:
    return match.group()[:3] + "."


def _cut(text: str, match: re.Match[str], by: str) -> str:
    return text[: match.start()] + by + text[match.end() :]


def _other_number(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    matches = [m for m in _NUMBER.finditer(text) if not re.fullmatch(r"(?:19|20)\d\d", m.group())]
    matches += list(_SPELT.finditer(text))
    matches = [m for m in matches if not _beside_month(text, m)]
    if not matches:
        return None
    match = rng.choice(matches)
    surface = match.group()
    if surface in _WORDS:
        return _cut(text, match, rng.choice([word for word in _WORDS[2:] if word != surface]))
    value = float(surface.replace(",", ""))
    changed = rng.choice((value * 2, value * 10, value + 1, max(value - 1, 0) or 3, round(value * 1.4) or 2))
    changed = value + 2 if changed == value else changed
    by = f"{changed:,.0f}" if "," in surface else f"{changed:.1f}" if "." in surface else f"{changed:.0f}"
    return None if by == surface else _cut(text, match, by)


def _beside_month(text: str, match: re.Match[str]) -> bool:
    around = text[max(0, match.start() - 11) : match.end() + 11]
    return any(month[:3] in around for month in (*_MONTHS, "May"))


def _other_date(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    matches = list(_DATE.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    surface = match.group()
    if surface.isdigit():
        return _cut(text, match, str(int(surface) + rng.choice((-10, -3, -2, -1, 1, 2, 3))))
    others = _WEEKDAYS if surface in _WEEKDAYS else _MONTHS
    return _cut(text, match, rng.choice([other for other in others if other != surface]))


def _other_name(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    matches = [m for m in _NAME.finditer(text) if not _NO_NAMES & set(m.group().split())]
    rng.shuffle(matches)
    here = set(re.findall(r"\w+", text))
    for match in matches:
        words = len(match.group().split())
        others = [n for n in names if not here & set(n.split()) and (len(n.split()) > 1) == (words > 1)]
        if others:
            return _cut(text, match, rng.choice(others))
    return None


def _other_sign(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    denied = _NOT.search(text)
    if denied:
        return _cut(text, denied, denied.group("verb"))
    matches = [] if _DENYING.search(text) else list(_AUXILIARY.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    return _cut(text, match, match.group() + " not")


_CHANGES = dict(zip(KINDS, (_other_number, _other_name, _other_date, _other_sign), strict=True))


def _candidates(sentence: str) -> bool:
    words = sentence.split()
    return 8 <= len(words) <= 35 and sentence[0].isupper() and sentence.endswith(".") and '"' not in sentence


def pairs(articles: Sequence[Sequence[str]], count: int, seed: int = 0) -> list[Pair]:
    """Make pairs, as many of each kind, at most one of a sentence and three of an article.

    Args:
        articles: Each as its sentences.
        count: How many pairs.
        seed: The same seed gives the same pairs.
    """
    rng = random.Random(seed)
    order = list(range(len(articles)))
    made: list[Pair] = []
    for turn, kind in enumerate(KINDS):
        rng.shuffle(order)
        wanted = count // len(KINDS) + (turn < count % len(KINDS))
        made += _first(_of_kind(kind, articles, order * 3, rng), wanted, {pair.sentence for pair in made})
    return made


def _first(found: Iterator[Pair], wanted: int, used: set[str]) -> list[Pair]:
    chosen: list[Pair] = []
    for pair in found:
        if len(chosen) == wanted:
            break
        if pair.sentence not in used:
            used.add(pair.sentence)
            chosen.append(pair)
    return chosen


def _of_kind(kind: str, articles: Sequence[Sequence[str]], order: list[int], rng: random.Random) -> Iterator[Pair]:
    for index in order:
        sentences = [sentence for sentence in articles[index] if _candidates(sentence)]
        rng.shuffle(sentences)
        names = sorted({m.group() for s in articles[index] for m in _NAME.finditer(s)})
        names = [name for name in names if not _NO_NAMES & set(name.split())]
        for sentence in sentences:
            true = _reworded(sentence, rng)
            false = _CHANGES[kind](true, names, rng)
            if false is not None:
                yield Pair(kind, index, sentence, true, false)
                break
