"""What a source holds only as somebody's hope, fear, belief or question, or on a condition.

“Researchers hope the drug cures cancer” has every word of “the drug cures cancer”, in the same order. What somebody
says may be quoted with the speaker; what somebody hopes, doubts or asks is not said. So each word that opens such a
clause is given a scope, from word order alone. A claim that stands inside one, and has no such word itself, is not
borne out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from toolkit import thresholds
from toolkit.alignment.predicates import REMEMBERED, verbs
from toolkit.language import lexicon
from toolkit.language.forms import is_apart, is_past
from toolkit.language.stems import stem
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_NEAR = 2
_LONGEST_TAG = 5
"""Words of “, local parishioners suspect” behind what they suspect."""

_MOST = 12
"""Such words that are read in one sentence: more stand in no sentence of the news, only in one made to be slow."""

_UNCONDITIONAL = frozenset("even as only what".split())
"""Before “if”: no condition that matters, or one that the clause before it does not hang on."""

_DETERMINERS = frozenset(
    "a an the this these those its his her their our my any some no every each all both many most few".split()
)
_PRONOUNS = frozenset("he she it they we you i there".split())
_BEFORE_A_NOUN = _DETERMINERS | frozenset("of in by for with from at on into over about amid despite great".split())
_NO_CLAUSE = frozenset(
    "who which whom whose what when where why how and or but as than to of in for by with from on at about".split()
)
_RELATIVE = frozenset("who which that".split())
_ALLEGING = frozenset("claim alleg".split())
_WHO = frozenset("who which whose where".split())
_HELPING = frozenset("to can could may might will would cannot".split())
_SUBORDINATE = frozenset("while whereas although though as when because since after before despite".split())
_FIRST_PERSON = frozenset("i we".split())
_ADVERBS = frozenset("also still now only even never always not already widely once had has have been".split())


_EVERYONE = frozenset("all every everyone everybody everything no nobody none nothing any anyone".split())
_LEAVES_OUT = frozenset("except excluding barring".split())
_TWO_LEAVE_OUT = frozenset(
    ("instead of", "place of", "rather than", "other than", "apart from", "aside from", "exception of")
)
_MAY_LEAVE_OUT = _LEAVES_OUT | {"but"} | {words.split()[0] for words in _TWO_LEAVE_OUT}
"""What such a phrase begins with: few sentences have any."""

_INSIDE = frozenset("on in at for the a an of his her its their".split())


class Scope(NamedTuple):
    """A stretch of a sentence that is not told as a fact.

    Attributes:
        at: Index of the word that makes it so.
        start, end: Indexes of what it bends, end exclusive.
        passive: Whether the subject stands before it, as in “is believed to have fled”.
    """

    at: int
    start: int
    end: int
    passive: bool = False


def scope_differences(
    claim: Tokens, source: Tokens, covered: frozenset[str], framing: frozenset[int] = frozenset()
) -> Iterator[Difference]:
    """A claim whose words stand in the source behind “hope”, “fear”, “whether” and their like.

    Args:
        claim: Tokens of the claim.
        source: Tokens of one source sentence.
        covered: Keys of the claim that the source has.
        framing: Indexes of the claim's tokens that only tell who says it.

    Yields:
        At most one difference of the kind ``modality``.
    """
    scopes = _scopes(tuple(source))
    if not scopes or _bends(claim):
        return
    places: dict[str, list[int]] = {}
    for index, token in enumerate(source):
        if token.key in covered:
            places.setdefault(token.key, []).append(index)
    attributed = bool(framing) or any(token.word in lexicon.SPEECH for token in claim)
    keys = [t.key for i, t in enumerate(claim) if i not in framing and t.content and t.key in places]
    done = [claim[i].key for i in verbs(claim) if i not in framing and claim[i].key in places]
    speaker = {claim[i].key for i in framing if claim[i].content}
    for scope in scopes:
        if attributed and (_own_words(source, scope.at) or speaker & {t.key for t in source[scope.start : scope.end]}):
            continue
        if _inside(scope, keys, done, places, attributed=attributed):
            yield Difference(kind="modality", claim="", source=source[scope.at].word)
            return


def left_out_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """What the source leaves out, as “everyone but Jones”, “except on Sundays”, “in place of the queen”.

    Args:
        claim: Tokens of the claim.
        source: Tokens of one source sentence.
        covered: Keys of the claim that the source has.

    Yields:
        At most one difference of the kind ``negation``.
    """
    said = {token.word for token in claim}
    if not said.isdisjoint(lexicon.NEGATORS | _LEAVES_OUT | {"but", "instead", "rather", "other", "apart", "aside"}):
        return
    if any(token.key in lexicon.DENIALS for token in claim):
        return
    opening = (
        (index, opens)
        for index, token in enumerate(source)
        if token.word in _MAY_LEAVE_OUT and (opens := _leaves_out(source, index))
    )
    for index, opens in islice(opening, _MOST):
        left = _left_out(source, opens)
        others = {token.key for place, token in enumerate(source) if place not in left}
        for place in left:
            if source[place].content and source[place].key in covered - others:
                word = source[place].word
                yield Difference(kind="negation", claim=word, source=f"{source[index].word} {word}")
                return


def _leaves_out(tokens: Tokens, index: int) -> int:
    """Where what is left out begins, if anything is at this word; else 0."""
    word, two = tokens[index].word, f"{tokens[index].word} {_word(tokens, index + 1)}"
    if word in _LEAVES_OUT:
        return index + 1
    if two in _TWO_LEAVE_OUT:
        sure = word not in ("apart", "aside", "other") or any(token.word in _EVERYONE for token in tokens)
        return index + 2 if sure else 0
    if word == "but" and any(token.word in _EVERYONE for token in tokens[max(0, index - _NEAR) : index]):
        return index + 1 if not _breaks(tokens, index) else 0
    return 0


def _left_out(tokens: Tokens, start: int) -> range:
    """The few words of a noun phrase."""
    done = verbs(tokens)
    for place in range(start, min(start + _LONGEST_TAG, len(tokens))):
        inner = tokens[place].content or tokens[place].word in _INSIDE
        if not inner or place in done or (place > start and _breaks(tokens, place)):
            return range(start, place)
    return range(start, min(start + _LONGEST_TAG, len(tokens)))


def _inside(scope: Scope, keys: list[str], done: list[str], places: dict[str, list[int]], *, attributed: bool) -> bool:
    """Whether a claim is told in this scope only: its verbs, its subject and most of its words."""
    if not keys:
        return False
    own = {key: [place for place in places[key] if scope.start <= place < scope.end] for key in keys}
    only = {key for key in keys if own[key] and len(own[key]) == len(places[key])}
    if scope.passive:
        return bool(done or keys[1:]) and only.issuperset(done or keys[1:])
    share = sum(bool(own[key]) for key in keys) >= thresholds.DOUBTED_SHARE * len(keys)
    return share and only.issuperset(done) and (bool(done) if attributed else keys[0] in only)


def _bends(claim: Tokens) -> bool:
    """Whether a claim has such a word itself, or says that a thing may be."""
    return any(
        token.key in _thoughts()
        or token.word in lexicon.CONDITIONS
        or token.word in lexicon.HEDGING_FRAMES
        or (token.word in lexicon.POSSIBLE and not (token.content and token.word == "may"))
        for token in claim
    )


def _own_words(source: Tokens, at: int) -> bool:
    """“I think”, “the lawyer claimed”: what a speaker says so is what the speaker says."""
    return source[at].key in _ALLEGING or any(token.word in _FIRST_PERSON for token in source[max(0, at - _NEAR) : at])


@lru_cache(maxsize=1)
def _thoughts() -> frozenset[str]:
    return frozenset(map(stem, lexicon.THOUGHTS | lexicon.FORECASTS))


@lru_cache(maxsize=1)
def _passive_thoughts() -> frozenset[str]:
    return frozenset(map(stem, lexicon.THOUGHTS))


@lru_cache(maxsize=REMEMBERED)
def _scopes(tokens: tuple[Token, ...]) -> tuple[Scope, ...]:
    found: list[Scope] = []
    for index, token in enumerate(tokens):
        if len(found) > _MOST:
            break
        if token.word in lexicon.CONDITIONS:
            found += _conditional(tokens, index)
        elif token.word == "according":
            found += _theory(tokens, index)
        elif token.name or token.value is not None:
            continue
        elif token.key in _thoughts():
            found += _thought(tokens, index)
        elif token.word in lexicon.UNSURE_NOUNS and _word(tokens, index + 1) == "that":
            found.append(Scope(index, index + 1, _clause_end(tokens, index)))
    return tuple(found)


def _thought(tokens: Tokens, index: int) -> Iterator[Scope]:
    if tokens[index].word.startswith("doubt") and _denied(tokens, index):
        return  # “nobody doubts that”
    following = _word(tokens, index + 1)
    end = _clause_end(tokens, index)
    if following == "that" and not _breaks(tokens, index + 1):
        yield Scope(index, index + 1, end)
        return
    before = _before(tokens, index)
    if before in lexicon.BE and not _ends(tokens, index):
        if is_past(tokens[index].word) and tokens[index].key in _passive_thoughts() and following != "by":
            yield Scope(index, index + 1, end, passive=True)
        return
    if before in _BEFORE_A_NOUN or (before in _HELPING and tokens[index].key in _ALLEGING):
        return  # “the highly anticipated film”, “can claim the title”
    if _ends(tokens, index):
        start = _tag(tokens, index)
        if start:
            yield Scope(index, _sentence_start(tokens, index), start)
        return
    wanted = tokens[index].word.startswith(("want", "need"))
    if wanted and not any(token.word == "to" for token in tokens[index + 1 : end]):
        return  # a thing is wanted, and not that something be done
    if following not in _NO_CLAUSE and not following.endswith("ing"):
        yield Scope(index, index + 1, end)


def _conditional(tokens: Tokens, index: int) -> Iterator[Scope]:
    before = _word(tokens, index - 1)
    if before in _UNCONDITIONAL and not (before == "only" and _breaks(tokens, index - 1)):
        return
    start, asked = _sentence_start(tokens, index), index > 0 and _asks(tokens, index)
    if asked or tokens[index].word == "whether":
        yield Scope(index, index + 1, _clause_end(tokens, index, at_comma=asked))
        return
    yield Scope(index, index + 1, _sentence_end(tokens, index))
    opens = max([start, *(i for i in range(start, index) if tokens[i].word in lexicon.JOINING and _breaks(tokens, i))])
    if any(token.word in lexicon.FUTURE | lexicon.POSSIBLE and not token.content for token in tokens[opens:index]):
        yield Scope(index, opens, index)  # “will close the pool if”


def _asks(tokens: Tokens, index: int) -> bool:
    """Whether “if” opens what is asked or not known rather than a condition."""
    return any(
        token.key in _asking() or token.key in _thoughts() for token in tokens[max(0, index - _NEAR) : index]
    ) and not _breaks(tokens, index)


@lru_cache(maxsize=1)
def _asking() -> frozenset[str]:
    return frozenset(map(stem, "ask wonder know see check sure clear unclear decide determine tell question".split()))


def _theory(tokens: Tokens, index: int) -> Iterator[Scope]:
    """“According to a rumour” bends its whole sentence."""
    if any(token.word in lexicon.UNSURE_NOUNS for token in tokens[index + 2 : index + 5]):
        yield Scope(index, _sentence_start(tokens, index), _sentence_end(tokens, index))


def _ends(tokens: Tokens, index: int) -> bool:
    return index + 1 == len(tokens) or _breaks(tokens, index + 1)


def _tag(tokens: Tokens, index: int) -> int:
    """Where “, local parishioners suspect” begins, which ends a sentence or an aside; 0 if it is none."""
    for place in range(index - 1, max(0, index - _LONGEST_TAG), -1):
        if _breaks(tokens, place):
            aside = tokens[place].first or tokens[place].word in _NO_CLAUSE | _RELATIVE
            return 0 if aside or tokens[place - 1].word in _WHO else place
    return 0


def _clause_end(tokens: Tokens, index: int, *, at_comma: bool = False) -> int:
    """Where a clause that opens behind ``index`` ends at the latest."""
    aside = at_comma or any(token.word in _RELATIVE for token in tokens[max(0, index - _NEAR) : index])
    opens = next((i for i in range(index, 0, -1) if _breaks(tokens, i)), 0)
    aside = aside or tokens[opens].word in _SUBORDINATE  # “while the paper claimed it was so, she said”
    for place in range(index + 1, len(tokens)):
        word = tokens[place].word
        if tokens[place].first or (aside and place > index + 1 and _breaks(tokens, place)):
            return place
        if word in lexicon.JOINING and (word != "and" or _breaks(tokens, place)):
            return place
        if word in _WHO and place > index + 1 and _breaks(tokens, place):
            return place  # “believe Hallam hid in the barn, which burned down in May”
    return len(tokens)


def _sentence_start(tokens: Tokens, index: int) -> int:
    return next((place for place in range(index, 0, -1) if tokens[place].first), 0)


def _sentence_end(tokens: Tokens, index: int) -> int:
    return next((place for place in range(index + 1, len(tokens)) if tokens[place].first), len(tokens))


def _before(tokens: Tokens, index: int) -> str:
    place = index - 1
    while place > 0 and (tokens[place].word in _ADVERBS - {"been"} or tokens[place].word.endswith("ly")):
        place -= 1
    return _word(tokens, place)


def _denied(tokens: Tokens, index: int) -> bool:
    return any(token.word in lexicon.NEGATORS or token.word == "few" for token in tokens[max(0, index - 3) : index])


def _word(tokens: Tokens, index: int) -> str:
    return tokens[index].word if 0 <= index < len(tokens) else ""


def _breaks(tokens: Tokens, index: int) -> bool:
    """Whether a comma or its like stands before a word."""
    return index > 0 and (tokens[index].first or is_apart(tokens, index))
