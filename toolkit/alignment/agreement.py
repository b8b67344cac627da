"""Does a source sentence say what a claim says? Coverage of the claim's words, and what disagrees.

Word overlap is not support: "Germany will send troops" shares every word with "Germany said it will not send troops".
So beside coverage, what carries truth must agree: names and who did what, numbers, dates, denial, and whether a thing
happened, will happen or might. Each check is a function that takes two token rows and yields
:class:`~toolkit.types.Difference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from toolkit.alignment.framing import framing_differences
from toolkit.alignment.quantities import Date, Quantity, dates, quantities, same_quantity
from toolkit.alignment.roles import role_differences
from toolkit.language import lexicon
from toolkit.language.words import Token, stem
from toolkit.types import Difference

Tokens = Sequence[Token]

Aliases = Mapping[str, tuple[frozenset[str], ...]]
"""For a key, the sets of keys each of which stands for it in the article: “keir” is known where “starmer” is."""

NAME_WEIGHT = 1.5
"""How much more a name or number counts in coverage than another word of the same rarity."""

_REACH_OF_NOT = 2
_REACH_OF_DENIAL = 3
_REACH_OF_WILL = 3
_REACH_OF_MIGHT = 6

_PRONOUNS = frozenset("he she it they his her its their this that these those both".split())
_RELATIVE_UNITS = frozenset("day week month year night spring summer autumn fall winter".split())
_CONDITIONS = frozenset("if unless whether".split())
_HEDGES = lexicon.POSSIBLE | lexicon.HEDGING_FRAMES
_SENTENCES = 4096  # remembered: a source is compared with each sentence of an answer, and of the next answers too
_NOT_ONLY = frozenset("only just merely simply least".split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How one source sentence (or a few) stands to a claim.

    Attributes:
        coverage: Weight of the claim's content words that the source has, 0 to 1; names and numbers weigh more.
        differences: What disagrees, in the order of the claim.
        agreement: The same share, leaving out the names, numbers and dates that the source does not have.
        missing_names: The claim's names that the source does not have.
        covered: Keys of the claim that the source has.
    """

    coverage: float
    agreement: float
    differences: tuple[Difference, ...]
    missing_names: tuple[str, ...]
    covered: frozenset[str]


def compare(
    claim: Tokens,
    source: Tokens,
    context: frozenset[str] = frozenset(),
    published: datetime | None = None,
    *,
    weights: Sequence[float] = (),
    aliases: Aliases | None = None,
) -> Comparison:
    """Compare a claim with a source.

    Args:
        claim: Tokens of the claim.
        source: Tokens of the source sentence.
        context: Keys of names that the source may refer to without naming them: those of the sentence before it and
            of the title. Used only when the source opens with a pronoun or an unnamed subject.
        published: The article's date: a claim may name its year, and “Tuesday” may be “Aug. 19”.
        weights: What each token of the claim counts; all the same when not given.
        aliases: Other names for the claim's names in this article.

    Returns:
        The coverage and every difference.
    """
    keys = {token.key for token in source}
    claim = _named_as_there(claim, source)
    known = _known_names(claim, keys, context if opens_without_name(source) else frozenset(), aliases or {})
    said, there = dates(claim, published), dates(source, published)
    numbers = quantities(claim, frozenset(i for one in said for i in one.indexes))
    source_numbers = quantities(source, frozenset(i for one in there for i in one.indexes))
    agreed = {i for one in said if any(one.agrees(other) for other in there) for i in one.indexes}
    agreed |= {i for q in numbers if _known_number(q, source_numbers, there, published) for i in q.indexes}
    calendar = {i for one in said for i in one.indexes} | {i for q in numbers for i in q.indexes}
    total = gained = lost = 0.0
    covered: set[str] = set()
    missing: list[Token] = []
    for index, token in enumerate(claim):
        if not token.content:
            continue
        weight = weights[index] if weights else NAME_WEIGHT if token.name or token.value is not None else 1.0
        total += weight
        if index in agreed or (token.key in keys and token.value is None) or token.key in known:
            gained += weight
            covered.add(token.key)
        elif token.name or index in calendar:
            lost += weight
            missing += [token] if token.name else []
    found = frozenset(covered)
    clause = _own_clause(claim, source, found)
    differences = (
        *_name_differences(claim, source, missing),
        *role_differences(claim, source),
        *framing_differences(claim, source, found),
        *_number_differences(numbers, source_numbers, agreed),
        *_date_differences(claim, source, said, there),
        *_denial_differences(claim, clause, found),
        *_opposite_differences(claim, clause, found & {token.key for token in clause}),
        *_modal_differences(claim, clause, found),
    )
    return Comparison(
        coverage=gained / total if total else 0.0,
        agreement=gained / (total - lost) if total > lost else 0.0,
        differences=tuple(dict.fromkeys(differences)),
        missing_names=tuple(token.word for token in missing),
        covered=found,
    )


# Names


def _named_as_there(claim: Tokens, source: Tokens) -> Tokens:
    """The claim with its opening word marked as a name where the source has it as one."""
    if not claim or claim[0].name or not claim[0].content:
        return claim
    if any(token.name and token.key == claim[0].key for token in source):
        return (claim[0]._replace(name=True), *claim[1:])
    return claim


def opens_without_name(tokens: Tokens) -> bool:
    """Whether a sentence begins with a pronoun or an unnamed subject, so that the one before it says who is meant."""
    head = tokens[:4]
    if any(token.name for token in head):
        return False
    return any(token.word in _PRONOUNS for token in head) or bool(head and head[0].word == "the")


def _known_names(claim: Tokens, keys: set[str], referred: frozenset[str], aliases: Aliases) -> frozenset[str]:
    known = {token.key for token in claim if token.name and token.key in referred}
    known.update(key for key, others in aliases.items() if any(other <= keys for other in others))
    return frozenset(known)


def _name_differences(claim: Tokens, source: Tokens, missing: list[Token]) -> Iterator[Difference]:
    claimed = {token.key for token in claim}
    others = [token.word for token in source if token.name and token.key not in claimed]
    for token in missing:
        yield Difference(kind="name", claim=token.word, source=others[0] if others else "")
    if missing:
        return
    there = list(_full_names(source))
    for last, (first, words) in _full_names(claim):
        rivals = [other for name, other in there if name == last]
        if rivals and all(rival[0] != first for rival in rivals):
            yield Difference(kind="name", claim=words, source=rivals[0][1])


def _full_names(tokens: Tokens) -> Iterator[tuple[str, tuple[str, str]]]:
    """Last name, with first name and both as written, of the names of two words and more."""
    for first, last in pairwise(tokens):
        if first.name and last.name and last.start - first.end == 1 and _personal(first) and _personal(last):
            yield last.key, (first.key, f"{first.word} {last.word}")


def _personal(token: Token) -> bool:
    return token.word not in lexicon.PERSON_TITLES and token.word not in lexicon.DEMONYMS


# Numbers and dates


def _known_number(one: Quantity, source: list[Quantity], there: list[Date], published: datetime | None) -> bool:
    if any(same_quantity(one, other) for other in source):
        return True
    years = {float(date.year) for date in there}
    return one.year and (one.value in years or (published is not None and one.value == published.year))


def _number_differences(claim: list[Quantity], source: list[Quantity], agreed: set[int]) -> Iterator[Difference]:
    values = {one.value for one in claim}
    others = [one for one in source if one.value not in values] or source
    for one in claim:
        kind = "date" if one.year else "number"
        if one.index not in agreed:
            nearest = [q for q in others if _alike(one, q)][:1]
            yield Difference(kind=kind, claim=one.words, source=nearest[0].words if nearest else "")
        elif one.counted:
            same = [q for q in source if same_quantity(one, q)]
            rivals = [q for q in source if q.counted == one.counted and not same_quantity(one, q)]
            if rivals and same and not any(_counts_the_same(one, q) for q in same):
                yield Difference(kind=kind, claim=one.words, source=rivals[0].words)


def _counts_the_same(one: Quantity, other: Quantity) -> bool:
    """“12 people were killed” against “12 were killed”, but not against “12 cars” nor against “12 fled”."""
    if other.counted == one.counted:
        return True
    return not other.counted and (not one.then or not other.then or one.then == other.then)


def _alike(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers may count the same thing, so that one speaks against the other."""
    if one.year or other.year:
        return one.year and other.year
    if one.unit or other.unit:
        return one.unit == other.unit
    return not one.counted or not other.counted or one.counted == other.counted


def _date_differences(claim: Tokens, source: Tokens, said: list[Date], there: list[Date]) -> Iterator[Difference]:
    for one in said:
        if not any(one.agrees(other) for other in there):
            yield Difference(kind="date", claim=one.words, source=there[0].words if there else "")
    source_times = _relative_times(source)
    for unit, word in _relative_times(claim).items():
        if source_times.get(unit, word) != word:
            yield Difference(kind="date", claim=f"{word} {unit}", source=f"{source_times[unit]} {unit}")


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


# Denial


def denied(tokens: Tokens) -> frozenset[str]:
    """Keys of the content words that a row of tokens denies.

    “not”, “no” and their like deny the next two content words, verbs such as “reject” the next three. A “not” with
    nothing behind it (“but Germany will not”) denies the name before it. A denial that is itself denied (“has not
    rejected”) denies the verb only.
    """
    return _denied(tuple(tokens))


def denied_first(tokens: Tokens) -> frozenset[str]:
    """Of what :func:`denied` finds, the word that each “not” stands before; of “reject” and its like, all."""
    found = (reach if tokens[index].key in lexicon.DENIALS else reach[:1] for index, reach in _denials(tuple(tokens)))
    return frozenset(key for reach in found for key in reach)


@lru_cache(maxsize=_SENTENCES)
def _denied(tokens: tuple[Token, ...]) -> frozenset[str]:
    keys: set[str] = set()
    for index, reach in _denials(tuple(tokens)):
        keys.update(reach)
        if not reach:
            keys.update(t.key for t in [t for t in tokens[:index] if t.name][-1:])
    return frozenset(keys)


@lru_cache(maxsize=_SENTENCES)
def _denials(tokens: tuple[Token, ...]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """What denies, by its index, with the keys of what it denies."""
    found: list[tuple[int, tuple[str, ...]]] = []
    keys: set[str] = set()
    for index in range(len(tokens)):
        reach = _reach(tokens, index, keys)
        if reach is not None:
            keys.update(reach)
            found.append((index, reach))
    return tuple(found)


def _reach(tokens: Tokens, index: int, already: set[str]) -> tuple[str, ...] | None:
    token = tokens[index]
    if token.word in lexicon.FALSE_FRAMES and any(t.word == "that" for t in tokens[index + 1 : index + 5]):
        return tuple(t.key for t in _clause_from(tokens, index) if t.content)
    if token.word in lexicon.NEGATORS:
        if index + 1 < len(tokens) and tokens[index + 1].word in _NOT_ONLY:
            return None
        index = _behind_insertion(tokens, index)
        following = [t.key for t in _clause_from(tokens, index) if t.content and not t.word.endswith("ly")]
        return tuple(following[: 1 if following and following[0] in lexicon.DENIALS else _REACH_OF_NOT])
    if token.content and not token.name and token.key in lexicon.DENIALS and token.key not in already:
        return tuple([t.key for t in _clause_from(tokens, index) if t.content][:_REACH_OF_DENIAL])
    return None


def _behind_insertion(tokens: Tokens, index: int) -> int:
    """“will not, under any circumstances, send” denies the sending: skip from one punctuation mark to the next."""
    gaps = [i for i in range(index, len(tokens) - 1) if tokens[i + 1].start - tokens[i].end > 1]
    return gaps[1] if len(gaps) > 1 and gaps[0] == index else index


def _clause_from(tokens: Tokens, index: int) -> Iterator[Token]:
    for token in tokens[index + 1 :]:
        if token.word in lexicon.JOINING and token.word != "and":
            return
        yield token


def _own_clause(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Tokens:
    """The part of a sentence on one side of “but” that has the claim's first name and most of what is covered."""
    cuts = [i for i, token in enumerate(source) if token.word in lexicon.JOINING and token.word != "and"]
    subject = next((t.key for t in claim if t.name), next((t.key for t in claim if t.content), None))
    if not cuts or subject is None or any(t.word in lexicon.JOINING and t.word != "and" for t in claim):
        return source
    parts = [source[start:end] for start, end in pairwise([0, *cuts, len(source)])]
    own = [part for part in parts if any(token.key == subject for token in part)]
    if len(own) != 1 or len(covered & {token.key for token in own[0]}) < 0.6 * len(covered):
        return source
    return own[0]


def _denial_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    words = {token.key: token.word for token in (*source, *claim)}
    claim_denials, source_denials = list(_widened(claim)), list(_widened(source))
    claim_denied = {key for _, reach in claim_denials for key in reach}
    source_denied = {key for _, reach in source_denials for key in reach}
    for first_decides, reach in source_denials:
        hit = _denied_here(reach, covered, first_decides)
        if hit and claim_denied.isdisjoint(hit):
            yield Difference(kind="negation", claim="", source="not " + words[hit[0]])
            return
    for first_decides, reach in claim_denials:
        hit = _denied_here(reach, covered, first_decides)
        if hit and source_denied.isdisjoint(hit):
            yield Difference(kind="negation", claim="not " + words[hit[0]])
            return


def _widened(tokens: Tokens) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """What is denied, and whether its first word decides if the other side speaks of it.

    A bare “not” (“..., but the ministry did not”) denies its subject all that was said before.
    """
    for index, reach in _denials(tuple(tokens)):
        if reach:
            yield tokens[index].word in lexicon.NEGATORS, reach
        elif tokens[index].word in lexicon.NEGATORS:
            before = [t.key for t in tokens[:index] if t.content]
            yield True, tuple(reversed(before))


def _denied_here(reach: tuple[str, ...], covered: frozenset[str], first_decides: bool) -> tuple[str, ...]:
    """The part of what is denied that the other side speaks of."""
    if first_decides:
        return reach if reach and reach[0] in covered else ()
    return tuple(key for key in reach if key in covered)


@lru_cache(maxsize=1)
def _antonyms() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for one, other in lexicon.ANTONYMS:
        a, b = stem(one), stem(other)
        if a != b:
            table.setdefault(a, set()).add(b)
            table.setdefault(b, set()).add(a)
    return {key: frozenset(keys) for key, keys in table.items()}


def _opposite_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """“rose” against “fell”, “certain” against “uncertain”, unless one of the two is denied."""
    table = _antonyms()
    claimed = {token.key for token in claim}
    turned = denied(claim) | denied(source)
    there = {t.key: t for t in source if t.key not in claimed and not t.name}
    plain = {t.word: t for t in there.values() if t.content}
    for token in claim:
        if token.key in covered or token.name or token.key in turned:
            continue
        others = [there[key] for key in table.get(token.key, ()) if key in there]
        if token.content:
            others += [plain[word] for word in _opposites(token.word, plain) if word in plain]
        if others and others[0].key not in turned:
            yield Difference(kind="negation", claim=token.word, source=others[0].word)
            return


def _opposites(word: str, known: Mapping[str, Token]) -> Iterator[str]:
    for prefix in lexicon.OPPOSITE_PREFIXES:
        if len(word) >= 4:
            yield prefix + word
        if word.startswith(prefix) and len(word) >= len(prefix) + 4:
            yield word.removeprefix(prefix)


# Modality


@lru_cache(maxsize=_SENTENCES)
def _tenses(tokens: tuple[Token, ...]) -> Mapping[str, str]:
    """For content words: ``possible`` or ``future`` when a modal governs them, ``past`` or ``present`` by form."""
    words = ["" if t.content and t.word == "may" else t.word for t in tokens]  # the month
    tenses: dict[str, str] = {}
    conditional = reported = False
    for index, token in enumerate(tokens):
        conditional = conditional or token.word in _CONDITIONS
        reported = reported or token.word in lexicon.SPEECH
        if token.content and not token.name and token.value is None:
            before = words[max(0, index - _REACH_OF_MIGHT) : index]
            tense = "possible" if conditional else _tense(token, before, reported)
            if tense:
                tenses.setdefault(token.key, tense)
    return tenses


def _tense(token: Token, before: list[str], reported: bool) -> str:
    if any(word in _HEDGES and not (word == "would" and reported) for word in before):
        return "possible"  # but “he said it would” is what “it will” becomes
    if any(word in lexicon.FUTURE for word in before[-_REACH_OF_WILL:]) or _is_to(before):
        return "future"
    if token.word in lexicon.IRREGULAR_PAST or token.word.endswith("ed") or _was(before):
        return "past"
    if token.word.endswith("ing") and before[-1:] and before[-1] in ("is", "are"):
        return "present"
    return ""


def _was(words: list[str]) -> bool:
    return bool(words) and words[-1] in ("was", "were", "been")


def _is_to(words: list[str]) -> bool:
    return len(words) > 1 and words[-1] == "to" and words[-2] in ("is", "are", "was", "were", "going")


def _modal_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    said, there = _tenses(tuple(claim)), _tenses(tuple(source))
    open_words = _HEDGES | lexicon.FALSE_FRAMES
    hedged = any(token.word in open_words and not (token.content and token.word == "may") for token in claim)
    words = {token.key: token.word for token in (*source, *claim)}
    for key in sorted(covered & said.keys() & there.keys()):
        pair = (said[key], there[key])
        if pair in (("past", "future"), ("future", "past")) or (pair[1] == "possible" != pair[0] and not hedged):
            yield Difference(kind="modality", claim=f"{pair[0]}: {words[key]}", source=f"{pair[1]}: {words[key]}")
            return
