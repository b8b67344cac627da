"""How far a sentence goes: only, all, most or few, nearly, first or second, because or merely after.

Small words that make a claim say more than its source, or something else. Each check compares closed classes of them
where they stand before the same noun or verb.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from toolkit.language import lexicon
from toolkit.language.forms import is_plural
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_ONLY = frozenset("only solely exclusively".split())
_RESTRICTS = _ONLY | frozenset(
    "just sole alone single nobody nothing none except but merely unique restricted limited unless until".split()
)
_NEARLY = frozenset("nearly almost virtually".split())
_SHORT_OF_IT = _NEARLY | frozenset("close near brink verge short all about practically".split())

_CLASSES = {
    word: name
    for name, words in (
        ("all", "all every each"),
        ("most", "most majority"),
        ("many", "many numerous countless"),
        ("half", "half"),
        ("some", "some several"),
        ("few", "few"),
    )
    for word in words.split()
}
_SAYS = {
    "all": frozenset({"all"}),
    "most": frozenset({"all", "most"}),
    "many": frozenset({"all", "most", "many", ""}),
    "half": frozenset({"all", "half"}),
    "some": frozenset({"all", "most", "many", "half", "some", ""}),
    "few": frozenset({"few"}),
}
"""For how many a claim speaks of: for how many its source may speak; empty for a noun alone."""

_BETWEEN = frozenset("of the its his her their these those our a an".split())
_DEFINITE = _BETWEEN - {"of", "a", "an"}
_A_FEW = frozenset("a the last next past these those".split())
_PLURALS = frozenset("people men women children police staff troops".split())
_BACK = 5  # words before a noun in which it is said how many
_ADJECTIVES = 1

_ORDINALS = {
    word: place
    for place, words in enumerate(
        "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth".split("|"), 1
    )
    for word in words.split()
}
_CAUSAL = frozenset("because due owing thanks".split())
_SEQUENCE = frozenset("after following when as since amid while once".split())
_CAUSES = frozenset(
    """because due owing thanks result results resulted cause causes caused causing lead led leads leading prompt
    prompted prompting trigger triggered triggering blame blamed blaming force forced forcing therefore reason reasons
    drive driven drove spark sparked over attributed response protest thus hence why effect effects contributed
    fuelled fueled""".split()
)
"""Words of a source that may tell a cause."""


def extent_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """What a claim says of more, of fewer, of another in a row, or as a cause.

    Args:
        claim: Tokens of the claim.
        source: Tokens of one source sentence.
        covered: Keys of the claim that the source has.

    Yields:
        Differences of the kinds ``number`` and ``modality``.
    """
    there = {token.word for token in source}
    yield from _restricted(claim, there)
    yield from _nearly(claim, there, covered)
    yield from _how_many(claim, source, covered)
    yield from _ordinals(claim, source)
    yield from _causes(claim, there)


def _restricted(claim: Tokens, there: set[str]) -> Iterator[Difference]:
    """“Only France”; but “only three” is no more than three."""
    for index, token in enumerate(claim):
        if token.word in _ONLY and not there & _RESTRICTS:
            following = claim[index + 1] if index + 1 < len(claim) else None
            denied = index > 0 and claim[index - 1].word in lexicon.NEGATORS
            if following is not None and following.value is None and not denied:
                yield Difference(kind="modality", claim=f"{token.word} {following.word}", source="")
                return


def _nearly(claim: Tokens, there: set[str], covered: frozenset[str]) -> Iterator[Difference]:
    for index, token in enumerate(claim[:-1]):
        following = claim[index + 1]
        if token.word in _NEARLY and following.value is None and following.key in covered and not there & _SHORT_OF_IT:
            yield Difference(kind="modality", claim=f"{token.word} {following.word}", source=following.word)
            return


def _how_many(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    told: set[tuple[str, str]] = set()
    for index in range(len(claim)):
        said = _class(claim, index)
        noun = _counted(claim, index) if said else None
        if noun is None or noun.key not in covered or (said, noun.key) in told:
            continue
        told.add((said, noun.key))
        there = [_before(source, i) for i, token in enumerate(source) if token.key == noun.key]
        if not there or any(one is None or one in _SAYS[said] for one in there):
            continue
        if said == "all" and "the" in there:
            continue
        other = next((one for one in there if one in _SAYS), "")
        words = f"{claim[index].word} {noun.word}"
        yield Difference(kind="number" if other else "modality", claim=words, source=f"{other} {noun.word}".strip())
        return


def _class(tokens: Tokens, index: int) -> str:
    """To which class a quantifier belongs; empty for a word that is none here."""
    name = _CLASSES.get(tokens[index].word, "")
    before = tokens[index - 1].word if index else ""
    if name == "few" and before in _A_FEW:
        return "some" if before == "a" else ""
    if name == "most" and before in ("the", "at") and tokens[index].word == "most":
        return ""  # “the most expensive”, “at most”
    if name == "many" and before in ("as", "how", "so", "too"):
        return ""
    return "" if before in ("first", "second", "at", "above", "after", "not") else name


def _counted(tokens: Tokens, index: int) -> Token | None:
    """The noun that a quantifier belongs to, if it stands close behind; None when nothing there is a plural."""
    single = tokens[index].word in ("every", "each")
    adjectives = 0
    for token in tokens[index + 1 : index + 1 + _BACK]:
        if token.value is not None:
            if tokens[index].word == "some":
                return None  # “some 40 wolves”
            continue
        if not token.content:
            if token.word in ("a", "an") or token.word not in _BETWEEN:
                return None
            continue
        if single or _plural(token.word):
            return token
        adjectives += 1
        if adjectives > _ADJECTIVES or tokens[index].word == "most":
            return None
    return None


def _plural(word: str) -> bool:
    return word in _PLURALS or is_plural(word)


def _before(source: Tokens, noun: int) -> str | None:
    """Of how many the source speaks: a class, “the”, or empty; None when it gives a number."""
    definite = False
    content = 0
    for place in range(noun - 1, max(-1, noun - 1 - _BACK), -1):
        token = source[place]
        if token.value is not None or token.word in lexicon.PERCENT or token.word in lexicon.MULTIPLIERS:
            return None
        name = _class(source, place)
        if name:
            return name
        if token.word in _CLASSES and token.word != "few":
            return None
        definite = definite or token.word in _DEFINITE
        content += token.content
        if content > _ADJECTIVES or (not token.content and token.word not in _BETWEEN):
            break
    return "the" if definite else ""


def _ordinals(claim: Tokens, source: Tokens) -> Iterator[Difference]:
    """“The first case” against “the second case”, “came fourth” against “came second”."""
    there = _places(source)
    known = {place for place, *_ in there}
    for place, before, behind, word in _places(claim):
        if place in known:
            continue
        rival = next((r for r in there if (behind and r[2] == behind) or (before and r[1] == before)), None)
        if rival is not None:
            yield Difference(kind="number", claim=word, source=rival[3])
            return


def _places(tokens: Tokens) -> list[tuple[int, str, str, str]]:
    """Each ordinal with the keys of the content words right before and behind it, and itself."""
    found: list[tuple[int, str, str, str]] = []
    for index, token in enumerate(tokens):
        place = _ORDINALS.get(token.word, 0)
        if token.value is not None and token.word.endswith(("st", "nd", "rd", "th")) and token.word[0].isdigit():
            place = int(token.value)
        if place:
            sides = [tokens[i] for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
            keys = [t.key if t.content else "" for t in sides]
            found.append((place, keys[0] if index else "", keys[-1] if index + 1 < len(tokens) else "", token.word))
    return found


def _causes(claim: Tokens, there: set[str]) -> Iterator[Difference]:
    """“Because of the storm” where the source says “after the storm”."""
    told = next((token.word for token in claim if token.word in _CAUSAL), "")
    if told in ("due", "thanks") and not any(a.word == told and b.word in ("to", "in") for a, b in pairwise(claim)):
        return
    sequence = sorted(there & _SEQUENCE)
    if told and sequence and not there & _CAUSES:
        yield Difference(kind="modality", claim=told, source=sequence[0])
