"""Whether a thing has happened, will happen or might: where a claim and its source say otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from toolkit.alignment.predicates import REMEMBERED, related, verbs
from toolkit.language import lexicon
from toolkit.language.forms import is_past
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_REACH_OF_WILL = 3
"""Words behind “will” in which its verb is looked for."""

_REACH_OF_MIGHT = 6
"""The same for “might” and its like."""

_CARRIED_OUT = frozenset(
    """managed began started continued went came helped forced made voted able first last only rushed stepped moved
    succeeded proceeded returned took takes used got compelled""".split()
)
"""Before “to”: what follows has been done, or is."""

_DENIED = frozenset("yet failed fails refused refuses declined declines unable forgot not never".split())
"""Before “to”: what follows is denied, which :mod:`toolkit.alignment.denial` tells."""

_RESOLVED = frozenset("agreed decided promised pledged vowed plan decision due scheduled about going".split())
"""Before “to”, beside those of :data:`toolkit.language.lexicon.FUTURE`: what follows is to be done."""

_ASKED = frozenset(
    """ask asks asked asking urge urges urged urging want wants wanted demand demands demanded call calls called press
    pressed beg begged invite invited appeal appealed plead pleaded lobby lobbied try tries tried trying attempt
    attempted attempting seek seeks sought seeking pretend pretended threatened""".split()
)
"""Before “to”: what follows is wished or tried."""

_UNDONE = frozenset(
    """instead of|far from|short of|close to|rather than|cleared of|acquitted of|accused of|charged with|suspected of
    |banned from|barred from|prevented from|stopped from|kept from""".replace("\n    ", "").split("|")
)
_LEFT_UNDONE = frozenset(
    "without against stop stops stopped quit quits ceased avoid avoids avoided consider considered considering".split()
)
"""Before a verb in “-ing”: what follows has not been done, is done no longer, or is not known to have been."""

_ALLEGED = frozenset("claimed claims allege alleges alleged suspect suspects suspected".split())
"""What follows is said by somebody, and the text does not stand by it."""

_FORMERLY = frozenset("once formerly previously".split())

_FIRMNESS = {"past": 3, "present": 3, "": 2, "former": 2, "future": 1, "meant": 0, "open": -1, "possible": -2}
"""Of a verb that a sentence has more than once, the firmest use counts; a condition or “might” bends all."""

_PERFECT = frozenset("might may could".split())
"""Before “have” and a verb: what follows may have been done."""

_HEDGES = lexicon.POSSIBLE | lexicon.HEDGING_FRAMES


@lru_cache(maxsize=REMEMBERED)
def _tenses(tokens: tuple[Token, ...]) -> Mapping[str, str]:
    """How each content word is used, as far as that can be told from what stands before it, and by its form.

    ``possible`` behind a condition or “might”, ``future`` behind “will”, ``open`` in “asked to” and “instead of”,
    ``meant`` behind another “to”, ``former`` behind “once”, ``past`` or ``present``, else empty.
    """
    words = ["" if t.content and t.word == "may" else t.word for t in tokens]  # the month
    tenses: dict[str, str] = {}
    conditional = reported = False
    turn = 0
    for index, token in enumerate(tokens):
        turn = index if token.word == "but" else turn  # “might close the pit, but kept it open”
        conditional = conditional or token.word in lexicon.CONDITIONS
        reported = reported or token.word in lexicon.SPEECH
        if token.content and not token.name and token.value is None:
            before = words[max(0, index - _REACH_OF_MIGHT, turn) : index]
            tense = "possible" if conditional else _tense(token, before, reported)
            known = tenses.get(token.key)
            if known is None or (known != "possible" and _FIRMNESS[tense] > _FIRMNESS[known]):
                tenses[token.key] = tense
    return tenses


def _tense(token: Token, before: list[str], reported: bool) -> str:
    if not _ALLEGED.isdisjoint(before):
        return "possible"
    if any(word in _HEDGES and not (word == "would" and reported) for word in before):
        return "possible"  # but “he said it would” is what “it will” becomes
    if any(word in lexicon.FUTURE for word in before[-_REACH_OF_WILL:]) or _is_to(before):
        return "future"
    if _undone(token, before):
        return "open"
    if before[-1:] == ["to"] or before[-2:] == ["to", "be"]:
        return _infinitive(before)
    if is_past(token.word) or _was(before):
        return "former" if _FORMERLY & {*before[-2:]} else "past"
    if token.word.endswith("ing") and before[-1:] and before[-1] in ("is", "are"):
        return "present"
    return ""


def _undone(token: Token, before: list[str]) -> bool:
    return token.word.endswith("ing") and (" ".join(before[-2:]) in _UNDONE or not _LEFT_UNDONE.isdisjoint(before[-1:]))


def _infinitive(before: list[str]) -> str:
    """“Asked the council to approve” leaves open what “forced it to approve” tells."""
    governing = {*before[:-1]}
    if "used" in before[-2:]:
        return "former"
    if governing & (_CARRIED_OUT | _DENIED):
        return ""
    if governing & (_RESOLVED | lexicon.FUTURE):
        return "future"
    return "open" if governing & _ASKED else "meant"


def _was(words: list[str]) -> bool:
    return bool(words) and words[-1] in ("was", "were", "been")


def _is_to(words: list[str]) -> bool:
    return len(words) > 1 and words[-1] == "to" and words[-2] in ("is", "are", "was", "were", "going")


def modal_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """A verb that is past on one side and future on the other, or open in the source and certain in the claim.

    Args:
        claim: Tokens of the claim.
        source: Tokens of the source, or of its part that speaks of the claim's subject.
        covered: Keys of the claim that the source has.

    Yields:
        At most one difference of the kind ``modality``.
    """
    said, there = _tenses(tuple(claim)), _tenses(tuple(source))
    open_words = _HEDGES | lexicon.FALSE_FRAMES
    if any(token.word in _ALLEGED for token in source):
        open_words |= _ALLEGED | lexicon.SPEECH
    hedged = any(token.word in open_words and not (token.content and token.word == "may") for token in claim)
    words = {token.key: token.word for token in (*source, *claim)}
    done = {claim[index].key for index in verbs(claim)}
    perhaps = {
        token.key
        for might, have, token in zip(claim, claim[1:], claim[2:], strict=False)
        if might.word in _PERFECT and have.word == "have"
    }
    for key in sorted(covered & said.keys()):
        like = key if key in there else next((other for other in sorted(related(key)) if other in there), None)
        if like is None:
            continue
        mine, theirs = said[key], there[like]
        differs = (mine, theirs) in (("past", "future"), ("future", "past"))
        differs = differs or (theirs == "possible" != mine and (bool(mine) or key in done) and not hedged)
        differs = differs or (key in done and _overstated(mine, theirs))
        differs = differs or (theirs == "future" and key in perhaps)  # “might have sent” of “will send”
        if differs:
            yield Difference(kind="modality", claim=_shown(mine, words[key]), source=_shown(theirs, words[like]))
            return


def _overstated(mine: str, theirs: str) -> bool:
    """Whether a claim says of a verb that it is so, and the source leaves it open or says that it was so once."""
    if theirs == "meant":
        return mine in ("past", "former")
    return (theirs == "open" and mine not in ("open", "meant", "possible")) or (
        theirs == "former" and mine in ("", "present")
    )


def _shown(tense: str, word: str) -> str:
    return f"{tense}: {word}" if tense else word
