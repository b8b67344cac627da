"""The verbs of a sentence, found from word order, and whether a source has those of a claim.

“The union has accepted the rota” and “the union has turned down the rota” share all but the word that counts. A claim
is not borne out by a source that does something else to the same things, so each of its verbs must be there: the same
stem, a close synonym, or a noun made of it (“decided”, “decision”).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from toolkit.language import lexicon
from toolkit.language.forms import is_plural
from toolkit.language.stems import stem
from toolkit.language.words import Token

Tokens = Sequence[Token]

REMEMBERED = 4096
"""Rows of tokens of which is remembered what was read: a source is compared with each sentence of this answer, and of
the next ones."""

_BEFORE_A_VERB = frozenset(
    """has have had having do does did will would shall should can could may might must ll d ve to
    who which that they we you i he she it""".split()
)
_BEFORE_A_BARE_VERB = _BEFORE_A_VERB - frozenset("has have had having ve to he she it".split())
_ADVERBS = frozenset("not never also already again still just now even only no".split())
_BEFORE_A_NOUN = frozenset(
    """a an the this these those its his her their our my any some no every each other another of in by for with from
    at on into over under about after before as than such""".split()
)
_OPENS_OBJECT = frozenset("a an the its his her their this these those all that no not any".split())
_SHORTEST_VERB = 3
"""Letters of a word that may be a verb: the “c” of “D.C.” is none."""

_SHORTEST_ROOT = 4
"""Letters that a verb's stem and its noun's must share: “decid”, “decis”."""

_STEM_ENDINGS = 2
"""Letters in which they may differ at the end of the shorter one."""


def verbs(tokens: Tokens) -> tuple[int, ...]:
    """Indexes of the content words that tell what is done, has been done or is the case.

    What may be a noun is not taken for a verb, so some are missed; adjectives behind “is” count.
    """
    return _verbs(tuple(tokens))


@lru_cache(maxsize=REMEMBERED)
def _verbs(tokens: tuple[Token, ...]) -> tuple[int, ...]:
    return tuple(index for index in range(len(tokens)) if _is_verb(tokens, index))


def _is_verb(tokens: Tokens, index: int) -> bool:
    token = tokens[index]
    if not token.content or token.name or token.value is not None or index == 0:
        return False
    if token.word.endswith("ly") or len(token.word) < _SHORTEST_VERB:
        return False
    place = index - 1
    while place and (tokens[place].word in _ADVERBS or tokens[place].word.endswith("ly")):
        place -= 1
    before = tokens[place]
    if before.word in lexicon.BE:
        return True
    if _past(token.word):
        return before.word not in _BEFORE_A_NOUN
    if before.word == "to":
        return not is_plural(token.word)
    if before.word in _BEFORE_A_BARE_VERB:
        return True
    if _acts(tokens, index, before):
        return True
    following = tokens[index + 1].word if index + 1 < len(tokens) else ""
    if following not in _OPENS_OBJECT or before.word in _BEFORE_A_NOUN or not (before.content or before.word == "and"):
        return False
    return is_plural(token.word) != is_plural(before.word)  # “Brightwell opposes the”, “workers oppose the”


def _acts(tokens: Tokens, index: int, before: Token) -> bool:
    """“The vaccine kills children”: a known verb between two content words."""
    between = index + 1 < len(tokens) and tokens[index + 1].content
    known = tokens[index].key in _known_verbs() and is_plural(tokens[index].word)
    return known and between and before.content and before.value is None and not is_plural(before.word)


@lru_cache(maxsize=1)
def _known_verbs() -> frozenset[str]:
    listed = (word for line in lexicon.LIKE_VERBS for word in line.split())
    return lexicon.DONE_TO | lexicon.DENIALS | {stem(word) for word in (*lexicon.IRREGULAR_PAST.values(), *listed)}


def _past(word: str) -> bool:
    regular = word.endswith("ed") and (not word.endswith("eed") or word in _ENDS_IN_EED)
    return regular or word in lexicon.IRREGULAR_PAST or word in _UNCHANGED


_ENDS_IN_EED = frozenset("agreed disagreed freed decreed guaranteed refereed".split())
"""Beside these, “need”, “speed”, “indeed” and their like are no past."""

_UNCHANGED = frozenset("cut put set hit beat quit let shut split spread shed burst hurt cast cost".split())


def missing_verbs(claim: Tokens, at: Collection[int], source: Tokens) -> Iterator[Token]:
    """The claim's verbs that a source has in no form.

    Args:
        claim: Tokens of the claim.
        at: Indexes of its verbs.
        source: Tokens of the source.
    """
    there = {token.key for token in source}
    for index in at:
        key = claim[index].key
        root = key[:_SHORTEST_ROOT]
        alike = any(other.startswith(root) and _one_root(key, other) for other in there)
        if key not in there and not alike and there.isdisjoint(related(key)):
            yield claim[index]


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in lexicon.LIKE_VERBS:
        keys = {stem(word) for word in line.split()}
        for key in keys:
            table.setdefault(key, set()).update(keys - {key})
    return {key: frozenset(keys) for key, keys in table.items()}


def related(key: str) -> frozenset[str]:
    """Keys of the verbs that say nearly the same."""
    return _groups().get(key, frozenset())


@lru_cache(maxsize=50_000)
def _one_root(key: str, other: str) -> bool:
    """Whether two stems are a verb and its noun: “decid” and “decis”, “invad” and “invas”."""
    if other in (key + "er", key + "or") or key in (other + "er", other + "or"):
        return True  # “played”, “player”
    short = min(len(key), len(other))
    root = max(_SHORTEST_ROOT, short - _STEM_ENDINGS + 1)
    apart = _STEM_ENDINGS + 1 if short > _SHORTEST_ROOT else 1  # “sign” is not “signal”
    return short >= root and key[:root] == other[:root] and abs(len(key) - len(other)) <= apart
