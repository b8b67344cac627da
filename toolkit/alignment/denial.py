"""What a sentence denies, and whether a claim and its source deny the same.

“Not” and “no”, verbs such as “reject”, phrases such as “called off” and “stopped short of”, frames such as “it is false
that”, and words that say the opposite of one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from toolkit import thresholds
from toolkit.alignment.predicates import REMEMBERED, related
from toolkit.language import lexicon
from toolkit.language.forms import is_apart, is_past
from toolkit.language.phrases import read_phrases
from toolkit.language.stems import stem
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_REACH_OF_NOT = 2
"""Content words that “not” denies."""

_REACH_OF_DENIAL = 3
"""Content words that a verb such as “reject” denies."""

_NOT_ONLY = frozenset("only just merely simply least doubt fewer less later".split())
"""Behind “not” or “no” they deny nothing: “not only”, “no later than”."""

_NOT = lexicon.NEGATORS | {"yet"}
_FALSE = frozenset("false untrue wrong incorrect".split())


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


@lru_cache(maxsize=REMEMBERED)
def _denied(tokens: tuple[Token, ...]) -> frozenset[str]:
    keys: set[str] = set()
    for index, reach in _denials(tuple(tokens)):
        keys.update(reach)
        if not reach:
            keys.update(t.key for t in [t for t in tokens[:index] if t.name][-1:])
    return frozenset(keys)


@lru_cache(maxsize=REMEMBERED)
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
        if index and tokens[index - 1].word in lexicon.NEGATORS:
            return None  # “there is no doubt that”
        return tuple(t.key for t in _clause_from(tokens, index) if t.content)
    if token.word in _FALSE and index and tokens[index - 1].word in lexicon.BE:
        return tuple(t.key for t in _clause_before(tokens, index) if t.content)
    if token.word == "yet" and [t.word for t in tokens[index + 1 : index + 2]] == ["to"]:
        following = [t.key for t in _clause_from(tokens, index) if t.content]
        return tuple(following[:_REACH_OF_NOT])
    if token.word in lexicon.NEGATORS and not token.name:  # “mai” is never in Italian, and Mai somebody
        if index + 1 < len(tokens) and tokens[index + 1].word in _NOT_ONLY:
            return None
        if token.word == "no" and index + 1 < len(tokens) and tokens[index + 1].word == "longer":
            index += 1
        index = _behind_insertion(tokens, index)
        following = [t.key for t in _clause_from(tokens, index) if t.content and not t.word.endswith("ly")]
        return tuple(following[: 1 if following and following[0] in lexicon.DENIALS else _REACH_OF_NOT])
    if token.content and not token.name and token.key in lexicon.DENIALS and token.key not in already:
        before = _denied_before(tokens, index)
        return before or tuple([t.key for t in _objects(tokens, index) if t.content][:_REACH_OF_DENIAL])
    return None


def _objects(tokens: Tokens, index: int) -> Iterator[Token]:
    """What follows a verb in its clause, without names behind a preposition: “rejected the claims against Watson”."""
    tied = False
    for token in _clause_from(tokens, index):
        tied = token.word in lexicon.PREPOSITIONS or (tied and (token.name or not token.content))
        if not (tied and token.name):
            yield token


def _denied_before(tokens: Tokens, index: int) -> tuple[str, ...]:
    """“The plan was rejected”, “the talks fell through”: what is denied stands before the verb."""
    passive = any(token.word in lexicon.BE for token in tokens[max(0, index - 2) : index])
    word = tokens[index].word
    if not is_past(word):
        return ()
    if not passive and any(token.content for token in _clause_from(tokens, index)):
        return ()
    return tuple([t.key for t in _clause_before(tokens, index) if t.content][:_REACH_OF_DENIAL])


def _clause_before(tokens: Tokens, index: int) -> Iterator[Token]:
    """The words before a verb, back to where its clause begins, nearest first."""
    for token in reversed(tokens[:index]):
        if token.word in lexicon.CLAUSE_WORDS:
            return
        yield token


def _behind_insertion(tokens: Tokens, index: int) -> int:
    """“will not, under any circumstances, send” denies the sending: skip from one punctuation mark to the next."""
    gaps = [i for i in range(index, len(tokens) - 1) if is_apart(tokens, i + 1)]
    return gaps[1] if len(gaps) > 1 and gaps[0] == index else index


def _clause_from(tokens: Tokens, index: int) -> Iterator[Token]:
    for token in tokens[index + 1 :]:
        if token.word in lexicon.JOINING and token.word != "and":
            return
        yield token


def own_clause(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Tokens:
    """The part of a sentence on one side of “but” that has the claim's first name and most of what is covered."""
    cuts = [i for i, token in enumerate(source) if token.word in lexicon.JOINING and token.word != "and"]
    subject = next((t.key for t in claim if t.name), next((t.key for t in claim if t.content), None))
    if not cuts or subject is None or any(t.word in lexicon.JOINING and t.word != "and" for t in claim):
        return source
    parts = [source[start:end] for start, end in pairwise([0, *cuts, len(source)])]
    own = [part for part in parts if any(token.key == subject for token in part)]
    if len(own) != 1 or len(covered & {token.key for token in own[0]}) < thresholds.CLAUSE_SHARE * len(covered):
        return source
    return own[0]


def denial_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """What one side denies and the other one does not.

    Args:
        claim: Tokens of the claim.
        source: Tokens of the source, or of its part that speaks of the claim's subject.
        covered: Keys of the claim that the source has.

    Yields:
        At most one difference of the kind ``negation``.
    """
    words = {token.key: token.word for token in (*source, *claim)}
    claim_denied = {key for _, reach in _widened(claim) for key in reach}
    source_denied = {key for _, reach in _widened(source) for key in reach}
    for first_decides, reach in _widened(source, claim):
        hit = _denied_here(reach, covered, first_decides)
        if hit and claim_denied.isdisjoint(hit):
            yield Difference(kind="negation", claim="", source="not " + words[hit[0]])
            return
    for first_decides, reach in _widened(claim, source):
        hit = _denied_here(reach, covered, first_decides)
        if hit and source_denied.isdisjoint(hit):
            yield Difference(kind="negation", claim="not " + words[hit[0]])
            return


def _widened(tokens: Tokens, other: Tokens = ()) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """What is denied, and whether its first word decides if the other side speaks of it.

    A bare “not” (“..., but the ministry did not”) denies its subject all that was said before. A verb that denies
    (“dismissed the coach”) is left out when the other side has one that says nearly the same (“fired the coach”).
    """
    there = {token.key for token in other if token.content}
    for index, reach in _denials(tuple(tokens)):
        if reach and tokens[index].word in _NOT:
            yield True, reach
        elif reach and there.isdisjoint(related(tokens[index].key)):
            yield False, reach
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


def opposite_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """“rose” against “fell”, “certain” against “uncertain”, unless one of the two is denied.

    Arguments as for :func:`denial_differences`.

    Yields:
        At most one difference of the kind ``negation``.
    """
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
            yield Difference(kind="negation", claim=_phrase(claim, token), source=_phrase(source, others[0]))
            return


def _phrase(tokens: Tokens, verb: Token) -> str:
    """A verb with the other words of its phrase: “turned down”."""
    rest = next((phrase.rest for phrase in read_phrases(tokens) if tokens[phrase.verb] == verb), ())
    return " ".join([verb.word, *(tokens[place].word for place in rest)])


def _opposites(word: str, known: Mapping[str, Token]) -> Iterator[str]:
    for prefix in lexicon.OPPOSITE_PREFIXES:
        if len(word) >= 4:
            yield prefix + word
        if word.startswith(prefix) and len(word) >= len(prefix) + 4:
            yield word.removeprefix(prefix)
