"""Does a source sentence say what a claim says? Coverage of the claim's words, and what disagrees.

Word overlap is not support: "Germany will send troops" shares every word with "Germany said it will not send troops".
So beside coverage, what carries truth must agree: names, numbers, dates, denial, and whether a thing happened, will
happen or might. Each check is a function that takes two token rows and yields :class:`~toolkit.types.Difference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from toolkit import lexicon
from toolkit.types import Difference
from toolkit.words import Token

Tokens = Sequence[Token]

APPROXIMATELY = 0.1
"""How far two numbers may lie apart, relatively, when one of the two sides says “about”."""

_NAME_WEIGHT = 1.5
_REACH_OF_NOT = 2
_REACH_OF_DENIAL = 3
_REACH_OF_WILL = 3
_REACH_OF_MIGHT = 6

_PRONOUNS = frozenset("he she it they his her its their this that these those both".split())
_RELATIVE_UNITS = frozenset("day week month year night spring summer autumn fall winter".split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How one source sentence (or a few) stands to a claim.

    Attributes:
        coverage: Weight of the claim's content words that the source has, 0 to 1; names and numbers weigh more.
        differences: What disagrees, in the order of the claim.
        missing_names: The claim's names that the source does not have.
        covered: Keys of the claim that the source has.
    """

    coverage: float
    differences: tuple[Difference, ...]
    missing_names: tuple[str, ...]
    covered: frozenset[str]


def compare(
    claim: Tokens, source: Tokens, context: frozenset[str] = frozenset(), published: datetime | None = None
) -> Comparison:
    """Compare a claim with a source.

    Args:
        claim: Tokens of the claim.
        source: Tokens of the source sentence.
        context: Keys of names that the source may refer to without naming them: those of the sentence before it and
            of the title. Used only when the source opens with a pronoun or an unnamed subject.
        published: The article's date: a claim may name its year.

    Returns:
        The coverage and every difference.
    """
    keys = {token.key for token in source}
    referred = context if _opens_without_name(source) else frozenset()
    total = gained = 0.0
    covered: set[str] = set()
    missing: list[Token] = []
    for token in claim:
        if not token.content:
            continue
        weight = _NAME_WEIGHT if token.name or token.value is not None else 1.0
        total += weight
        if (
            token.key in keys
            or (token.name and token.key in referred)
            or _known_number(token, claim, source, published)
        ):
            gained += weight
            covered.add(token.key)
        elif token.name:
            missing.append(token)
    found = frozenset(covered)
    differences = (
        *_name_differences(claim, source, missing),
        *_number_differences(claim, source, found),
        *_date_differences(claim, source),
        *_denial_differences(claim, source, found),
        *_modal_differences(claim, source, found),
    )
    return Comparison(
        coverage=gained / total if total else 0.0,
        differences=differences,
        missing_names=tuple(token.word for token in missing),
        covered=found,
    )


def _opens_without_name(tokens: Tokens) -> bool:
    head = tokens[:4]
    if any(token.name for token in head):
        return False
    return any(token.word in _PRONOUNS for token in head) or bool(head and head[0].word == "the")


def _known_number(token: Token, claim: Tokens, source: Tokens, published: datetime | None) -> bool:
    if token.value is None:
        return False
    if published is not None and token.value == published.year:
        return True
    about = _about(token, claim)
    return any(
        other.value is not None
        and other.value != token.value
        and (about or _about(other, source))
        and abs(other.value - token.value) <= APPROXIMATELY * max(abs(other.value), abs(token.value))
        for other in source
    )


def _about(token: Token, tokens: Tokens) -> bool:
    index = tokens.index(token)
    return any(before.word in lexicon.APPROXIMATE for before in tokens[max(0, index - 2) : index])


def _name_differences(claim: Tokens, source: Tokens, missing: list[Token]) -> Iterator[Difference]:
    claimed = {token.key for token in claim}
    others = [token.word for token in source if token.name and token.key not in claimed]
    for token in missing:
        yield Difference(kind="name", claim=token.word, source=others[0] if others else "")


def _number_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    claimed = {token.key for token in claim}
    others = [t.word for t in source if t.value is not None and t.key not in claimed and not _in_date(t, source)]
    for token in claim:
        if token.value is not None and token.key not in covered and not _in_date(token, claim):
            yield Difference(kind="number", claim=token.word, source=others[0] if others else "")


def _month_days(tokens: Tokens) -> dict[tuple[int, int], str]:
    """The dates named in a row of tokens: (month, day; 0 when only the month is named) and their words."""
    dates: dict[tuple[int, int], str] = {}
    for index, token in enumerate(tokens):
        month = lexicon.MONTHS.get(token.word) if token.content else None
        if month is None:
            continue
        around = [tokens[i] for i in (index + 1, index - 1) if 0 <= i < len(tokens)]
        day = next((int(t.value) for t in around if t.value is not None and 1 <= t.value <= 31), 0)
        dates[month, day] = f"{token.word} {day}" if day else token.word
    return dates


def _in_date(token: Token, tokens: Tokens) -> bool:
    index = tokens.index(token)
    around = tokens[max(0, index - 1) : index + 2]
    return any(t.content and t.word in lexicon.MONTHS for t in around)


def _relative_times(tokens: Tokens) -> dict[str, str]:
    """“next month” as {"month": "next"}, “yesterday” as {"day": "yesterday"}."""
    times: dict[str, str] = {}
    for before, token in zip([None, *tokens], tokens, strict=False):
        unit = token.key
        if (
            before
            and before.word in lexicon.RELATIVE_TIMES
            and (unit in _RELATIVE_UNITS or token.word in lexicon.WEEKDAYS)
        ):
            times[unit] = before.word
        elif token.word in ("yesterday", "today", "tomorrow"):
            times["day"] = token.word
    return times


def _date_differences(claim: Tokens, source: Tokens) -> Iterator[Difference]:
    there = _month_days(source)
    for (month, day), words in _month_days(claim).items():
        if not any(m == month and (d == day or not d or not day) for m, d in there):
            yield Difference(kind="date", claim=words, source=next(iter(there.values()), ""))
    weekdays = [token.word for token in source if token.word in lexicon.WEEKDAYS]
    for token in claim:
        if token.word in lexicon.WEEKDAYS and weekdays and token.word not in weekdays:
            yield Difference(kind="date", claim=token.word, source=weekdays[0])
    source_times = _relative_times(source)
    for unit, word in _relative_times(claim).items():
        if source_times.get(unit, word) != word:
            yield Difference(kind="date", claim=f"{word} {unit}", source=f"{source_times[unit]} {unit}")


def denied(tokens: Tokens) -> frozenset[str]:
    """Keys of the content words that a row of tokens denies.

    “not”, “no” and their like deny the next two content words, verbs such as “reject” the next three. A “not” with
    nothing behind it (“but Germany will not”) denies the name before it. A denial that is itself denied (“has not
    rejected”) denies the verb only.
    """
    keys: set[str] = set()
    for index, token in enumerate(tokens):
        following = [t.key for t in tokens[index + 1 :] if t.content]
        if token.word in lexicon.NEGATORS:
            following = following[: 1 if following and following[0] in lexicon.DENIALS else _REACH_OF_NOT]
        elif token.content and not token.name and token.key in lexicon.DENIALS and token.key not in keys:
            following = following[:_REACH_OF_DENIAL]
        else:
            continue
        keys.update(following)
        if not following:
            keys.update(t.key for t in [t for t in tokens[:index] if t.name][-1:])
    return frozenset(keys)


def _denial_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    claim_denies = denied(claim) & covered
    source_denies = denied(source) & covered
    if claim_denies & source_denies or claim_denies == source_denies:
        return
    words = {token.key: token.word for token in (*source, *claim)}
    if source_denies:
        yield Difference(kind="negation", claim="", source="not " + words[min(source_denies)])
    else:
        yield Difference(kind="negation", claim="not " + words[min(claim_denies)])


def _tenses(tokens: Tokens) -> dict[str, str]:
    """For content words: ``possible`` or ``future`` when a modal governs them, ``past`` for past forms."""
    tenses: dict[str, str] = {}
    for index, token in enumerate(tokens):
        if not token.content or token.name or token.value is not None:
            continue
        before = [t.word for t in tokens[max(0, index - _REACH_OF_MIGHT) : index]]
        if any(word in lexicon.POSSIBLE for word in before):
            tense = "possible"
        elif any(word in lexicon.FUTURE for word in before[-_REACH_OF_WILL:]) or _is_to(before):
            tense = "future"
        elif token.word in lexicon.IRREGULAR_PAST or token.word.endswith("ed"):
            tense = "past"
        else:
            continue
        tenses.setdefault(token.key, tense)
    return tenses


def _is_to(words: list[str]) -> bool:
    return len(words) > 1 and words[-1] == "to" and words[-2] in ("is", "are", "was", "were", "going")


def _modal_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    said, there = _tenses(claim), _tenses(source)
    hedged = any(token.word in lexicon.POSSIBLE for token in claim)
    words = {token.key: token.word for token in (*source, *claim)}
    for key in sorted(covered & said.keys() & there.keys()):
        pair = (said[key], there[key])
        if pair in (("past", "future"), ("future", "past"), ("past", "possible")) or (
            pair == ("future", "possible") and not hedged
        ):
            yield Difference(kind="modality", claim=f"{pair[0]}: {words[key]}", source=f"{pair[1]}: {words[key]}")
            return
