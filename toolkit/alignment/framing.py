"""What stands around the words of a claim in its source, and turns or bends them.

“No evidence shows that the vaccine causes autism” holds every word of “the vaccine causes autism”. These checks look at
the words that the source has and the claim has not: doubt and debunking, bounds and quantifiers, “former” and “almost”,
the number that belongs to somebody else, and who was done to rather than doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from toolkit import thresholds
from toolkit.alignment.predicates import verbs
from toolkit.alignment.quantities import bound
from toolkit.language import lexicon
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_NEAR = 2


def framing_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """The differences that come from what surrounds the shared words.

    Args:
        claim: Tokens of the claim.
        source: Tokens of one source sentence.
        covered: Keys of the claim that the source has.

    Yields:
        Differences of the kinds ``negation``, ``modality``, ``number`` and ``name``.
    """
    yield from _doubts(claim, source, covered)
    yield from _bounds(claim, source)
    yield from _quantifiers(claim, source, covered)
    yield from _sides(claim, source)
    yield from _bent(claim, source, covered)
    yield from _number_of_another(claim, source, covered)
    yield from _number_of_another_verb(claim, source)
    yield from _voices(claim, source, covered)


def _doubts(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    content = {token.key for token in claim if token.content}
    if len(covered) < thresholds.DOUBTED_SHARE * len(content):
        return
    said = {token.word for token in claim}
    for index, token in enumerate(source):
        if token.word in said:
            continue
        before = source[index - 1].word if index else ""
        if token.word in lexicon.EVIDENCE and before in lexicon.NEGATORS:
            yield Difference(kind="negation", claim="", source=f"{before} {token.word}")
            return
        if _not_meant(claim, source, index, covered):
            yield Difference(kind="negation", claim="", source=f"{before} {token.word}")
            return
        if token.word in lexicon.DOUBTS and before not in lexicon.NEGATORS:
            yield Difference(kind="modality", claim="", source=token.word)
            return


def _not_meant(claim: Tokens, source: Tokens, index: int, covered: frozenset[str]) -> bool:
    """Whether somebody "does not expect", "plan" or "think" what a claim without a denial says.

    What is denied begins right behind the verb: “which does not want war, will send troops” does not deny the sending.
    """
    before = {token.word for token in source[max(0, index - _NEAR) : index]}
    if source[index].word not in lexicon.MINDS or before.isdisjoint(lexicon.NEGATORS):
        return False
    if any(token.word in lexicon.NEGATORS and not token.name for token in claim):
        return False
    following = next((token.key for token in source[index + 1 :] if token.content), None)
    return following in covered


def _bounds(claim: Tokens, source: Tokens) -> Iterator[Difference]:
    there: dict[str, set[str]] = {}
    for index, token in enumerate(source):
        if token.value is not None:
            there.setdefault(token.key, set()).add(bound(source, index))
    for index, token in enumerate(claim):
        if token.value is None:
            continue
        mine = bound(claim, index)
        theirs = there.get(token.key, set())
        if not mine and (theirs != {"most"} or any(t.word in lexicon.APPROXIMATE for t in claim)):
            continue  # “at least 112” may be told as 112; “up to 300” may not be told as 300
        if theirs and mine not in theirs and "" not in theirs:
            other = next(iter(theirs))
            words = f"at {mine} {token.word}" if mine else token.word
            yield Difference(kind="number", claim=words, source=f"at {other} {token.word}")


def _quantifiers(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """“All members” is more than “some members”, and “members” more than “few members”."""
    few = {key for index, key in _few(source)}
    if few and (taken := [t.word for t in claim if t.key in few & covered]) and not _few(claim):
        yield Difference(kind="number", claim=taken[0], source=f"few {taken[0]}")
    parts = {key: word for key, word in _quantified(source) if word in lexicon.PART}
    for key, word in _quantified(claim):
        if word in lexicon.WHOLE and key in covered and key in parts:
            yield Difference(kind="number", claim=word, source=parts[key])


def _few(tokens: Tokens) -> list[tuple[int, str]]:
    """Where “few”, but not “a few”, stands, with the key of what there are few of."""
    found: list[tuple[int, str]] = []
    for index, token in enumerate(tokens):
        if token.word == "few" and (not index or tokens[index - 1].word not in ("a", "the", "last", "next")):
            found += [(index, t.key) for t in tokens[index + 1 : index + 4] if t.content][:1]
    return found


def _quantified(tokens: Tokens) -> Iterator[tuple[str, str]]:
    for index, token in enumerate(tokens):
        if token.word in lexicon.WHOLE or token.word in lexicon.PART:
            following = [t.key for t in tokens[index + 1 : index + 4] if t.content]
            if following:
                yield following[0], token.word


def _sides(claim: Tokens, source: Tokens) -> Iterator[Difference]:
    """“Voted for” against “voted against”."""
    if all({"for", "against"} <= {token.word for token in tokens} for tokens in (claim, source)):
        return  # who is for and who against is read in :mod:`toolkit.alignment.places`
    for mine, theirs in (("for", "against"), ("against", "for")):
        taken = _taking(claim, mine)
        if taken and _taking(source, theirs) & taken and not _taking(source, mine) & taken:
            yield Difference(kind="negation", claim=mine, source=theirs)


def _taking(tokens: Tokens, side: str) -> set[str]:
    """The verbs of taking sides that stand before ``for`` or ``against``; forms of “to be” right before are one."""
    return {
        "be" if tokens[place].word in lexicon.BE else tokens[place].key
        for index, token in enumerate(tokens)
        if token.word == side
        for place in range(max(0, index - _NEAR), index)
        if tokens[place].key in lexicon.TAKING_SIDES or (place == index - 1 and tokens[place].word in lexicon.BE)
    }


def _bent(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """“Former CEO”, “almost signed”, “tried to escape”, where the claim has the bare word."""
    said = {token.word for token in claim}
    for index, token in enumerate(source):
        if token.word in said or token.word not in lexicon.BENDING:
            continue
        if any(token.word in same and said & same for same in lexicon.BENDING_ALIKE):
            continue
        following = [t for t in source[index + 1 : index + 2 + _NEAR] if t.content]
        if following and following[0].key in covered and following[0].value is None:
            word = following[0].word
            yield Difference(kind="modality", claim=word, source=f"{token.word} {word}")
            return


def _number_of_another(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """The claim's first name comes in the source only after the claim's number, which is another name's."""
    subject = next((i for i, token in enumerate(claim) if token.name), None)
    if subject is None or claim[subject].key not in covered:
        return
    places = [i for i, token in enumerate(source) if token.key == claim[subject].key]
    for token in claim[subject + 1 :]:
        if token.value is None:
            continue
        numbers = [i for i, t in enumerate(source) if token.value is not None and t.key == token.key]
        if not numbers or not places or min(places) < max(numbers):
            continue
        owner = next((t.word for t in source[: numbers[0]] if t.name), "")
        own = next((t.word for t in source[places[0] :] if t.value is not None), "")
        if owner and own:
            yield Difference(kind="number", claim=token.word, source=own)
            return


def _number_of_another_verb(claim: Tokens, source: Tokens) -> Iterator[Difference]:
    """“Killed 12 and injured 40” does not say that 40 were killed."""
    there = list(_numbers_done(source))
    for verb, number in _numbers_done(claim):
        own = [n for v, n in there if v.key == verb.key and n.key != number.key]
        others = [v for v, n in there if n.key == number.key]
        if own and others and all(other.key != verb.key for other in others):
            yield Difference(kind="number", claim=number.word, source=own[0].word)
            return


def _numbers_done(tokens: Tokens) -> Iterator[tuple[Token, Token]]:
    """Each number right behind an active verb, with it."""
    for index in verbs(tokens):
        if any(token.word in lexicon.BE for token in tokens[max(0, index - _NEAR) : index]):
            continue
        number = next((t for t in tokens[index + 1 : index + 2 + _NEAR] if t.value is not None), None)
        if number is not None:
            yield tokens[index], number


def _voices(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """“Smith killed” against “Smith was killed”."""
    for index, token in enumerate(claim):
        if token.key not in lexicon.DONE_TO or token.key not in covered or token.name:
            continue
        mine = _subject(claim, index)
        if mine is None:
            continue
        same = [found for i, t in enumerate(source) if t.key == token.key and (found := _subject(source, i))]
        same = [found for found in same if found[0] == mine[0]]
        if same and all(found[1] != mine[1] for found in same):
            words = {True: f"was {token.word}", False: token.word}
            yield Difference(kind="name", claim=words[mine[1]], source=words[not mine[1]])
            return


def _subject(tokens: Tokens, verb: int) -> tuple[str, bool] | None:
    """The name right before a verb, and whether the verb is passive; None when something else stands there."""
    passive = False
    for place in range(verb - 1, max(-1, verb - 5), -1):
        token = tokens[place]
        if token.word in lexicon.BE:
            passive = True
        elif token.name:
            return token.key, passive
        elif token.content:
            return None
    return None
