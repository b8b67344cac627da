"""Two that changed places around one word, and nations that are named only in what was done.

“The court ruled for Samsung against Apple” has every word of the same with the names exchanged. Verbs are read in
:mod:`toolkit.alignment.roles`; here are the prepositions, objects tied by “of”, and “French troops”, in which nobody
says that France did anything. Where a pattern is not found nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from toolkit.alignment.predicates import REMEMBERED, verbs
from toolkit.language import lexicon
from toolkit.language.forms import is_apart
from toolkit.language.stems import countries
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_SIDED = frozenset("to from for against before after over by than".split())
"""Prepositions that tell one party from the other."""

_BOTH_WAYS = frozenset("spok speak talk meet met meeting meetings conversation next close compar similar".split())
_OPENS_NOUN = frozenset("a an the this these those its his her their our my all both".split())
_LONGEST_PARTY = 6
_HELPING = lexicon.BE | lexicon.AUXILIARIES | {"have", "also", "since"}
_NEAR = 3
_OTHER_COUNTRIES = frozenset(
    "britain england america".split()
)  # read as “united kingdom” and “united states”, but no adjectives


def place_differences(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Iterator[Difference]:
    """Parties on the wrong side of a word.

    Args:
        claim: Tokens of the claim.
        source: Tokens of one source sentence.
        covered: Keys of the claim that the source has.

    Yields:
        At most one difference of the kind ``name``.
    """
    acts = [index for index in _active(claim) if claim[index].key in covered]
    found = _exchanged(claim, source, covered) or _object_acts(claim, acts, source)
    found = found or _adjective_acts(claim, acts, source) or _relative_acts(claim, source, covered)
    if found is not None:
        yield found


# “ruled for Samsung against Apple”


def _exchanged(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Difference | None:
    """What the claim has behind a preposition, and the source what the claim has elsewhere."""
    if not any(token.word in _SIDED for token in claim):
        return None
    mine = _behind(tuple(claim))
    theirs = _behind(tuple(source))
    for word, (wanted, reached, runs) in mine.items():
        _, there, rows = theirs.get(word, ((), frozenset(), ()))
        for party in wanted:
            if party.key not in covered or party.key in there or not _has(source, party):
                continue
            rival = next(
                (t for t in _heads(rows) if t.name == party.name and t.key not in reached and _has(claim, t)), None
            )
            if rival is not None:
                told = [" ".join(t.word for t in next(run for run in all_ if one in run))
                        for all_, one in ((runs, party), (rows, rival))]  # fmt: skip
                return Difference(kind="name", claim=f"{word} {told[0]}", source=f"{word} {told[1]}")
    return None


def _has(tokens: Tokens, party: Token) -> bool:
    return any(token.key == party.key and token.content for token in tokens)


_Behind = tuple[tuple[Token, ...], frozenset[str], tuple[tuple[Token, ...], ...]]


@lru_cache(maxsize=REMEMBERED)
def _behind(tokens: tuple[Token, ...]) -> dict[str, _Behind]:
    """For each sided preposition: the parties behind it, the keys of all that stands there, and the runs of words."""
    rows: dict[str, list[tuple[Token, ...]]] = {}
    done = frozenset(verbs(tokens))
    for index, token in enumerate(tokens):
        if token.word in _SIDED and not token.content and not (token.word == "to" and _both_ways(tokens, index)):
            run = _noun_phrase(tokens, index + 1, done)
            if run:
                rows.setdefault(token.word, []).append(run)
    return {
        word: (tuple(_heads(runs)), frozenset(t.key for run in runs for t in run), tuple(runs))
        for word, runs in rows.items()
    }


def _both_ways(tokens: Tokens, index: int) -> bool:
    return any(t.key in lexicon.MUTUAL or t.key in _BOTH_WAYS for t in tokens[max(0, index - 2) : index])


def _noun_phrase(tokens: Tokens, start: int, done: frozenset[int]) -> tuple[Token, ...]:
    """The content words of a noun phrase, with names joined by “and”, up to a comma, a verb or another preposition."""
    run: list[Token] = []
    for place in range(start, min(start + _LONGEST_PARTY, len(tokens))):
        token = tokens[place]
        if token.first or (place > start and is_apart(tokens, place)):
            break
        if token.content and place not in done:
            run.append(token)
        elif not (token.word in _OPENS_NOUN and not run) and not (
            token.word == "and" and run and run[-1].name and place + 1 < len(tokens) and tokens[place + 1].name
        ):
            break
    return tuple(run)


def _heads(rows: Sequence[tuple[Token, ...]]) -> Iterator[Token]:
    """The names of each run, or its last word; no numbers and no days."""
    for run in rows:
        names = [token for token in run if token.name]
        for token in names or run[-1:]:
            if token.value is None and token.word not in lexicon.MONTHS and token.word not in lexicon.WEEKDAYS:
                yield token


# “rebels killed 20 soldiers of the army”


def _object_acts(claim: Tokens, acts: Sequence[int], source: Tokens) -> Difference | None:
    """Who acts in the claim belongs in the source to what is done to, and who is done to acts."""
    active = frozenset(_active(source)) if acts else frozenset()
    for at in acts:
        verb = claim[at]
        agent, patient = _beside(claim, at, -1), _beside(claim, at, +1)
        patients = {token.key for token in _tied(claim, at)}
        places = [i for i, token in enumerate(source) if token.key == verb.key]
        if agent is None or patient is None or not places:
            continue
        turned = [
            i
            for i in places
            if (own := _beside(source, i, -1)) is not None
            and own.key in patients
            and agent.key in {token.key for token in _tied(source, i)}
            and all(token.key != agent.key for token in source[:i])
        ]
        if len(turned) == len(places) and active.issuperset(places):
            words = [f"{one.word} {verb.word} {other.word}" for one, other in ((agent, patient), (patient, agent))]
            return Difference(kind="name", claim=words[0], source=words[1])
    return None


def _active(tokens: Tokens) -> tuple[int, ...]:
    """Verbs in front of which nothing and behind which no “by” makes a passive."""
    return tuple(
        index
        for index in verbs(tokens)
        if not any(t.word in lexicon.BE for t in tokens[max(0, index - _NEAR) : index])
        and not any(t.word == "by" for t in tokens[index + 1 : index + 1 + _NEAR])
    )


def _beside(tokens: Tokens, verb: int, step: int) -> Token | None:
    """The noun nearest to a verb on one side, but for numbers, helping verbs and adverbs."""
    for place in range(verb + step, verb + step * (_NEAR + 1), step):
        if not 0 <= place < len(tokens) or tokens[max(place, place - step)].first:
            return None
        token = tokens[place]
        if token.content and token.value is None and not token.word.endswith("ly"):
            return token
        if not token.content and token.word not in _OPENS_NOUN and token.word not in lexicon.AUXILIARIES | {"have"}:
            return None
    return None


def _tied(tokens: Tokens, verb: int) -> Iterator[Token]:
    """The words of a verb's object, with what “of” ties to it."""
    for place in range(verb + 1, min(verb + 2 + _LONGEST_PARTY, len(tokens))):
        token = tokens[place]
        if not token.content and token.word not in _OPENS_NOUN and token.word != "of":
            return
        yield token


# “discussed a plan to send French and British troops”


def _adjective_acts(claim: Tokens, acts: Sequence[int], source: Tokens) -> Difference | None:
    """A nation that acts in the claim, and in the source is an adjective of something behind the verb."""
    if not acts or not any(_nation(token) for token in claim[: acts[0]]):
        return None
    verb = claim[acts[0]]
    places = [i for i, token in enumerate(source) if token.key == verb.key and not token.name]
    if (
        not places
        or not frozenset(_active(source)).issuperset(places)
        or any(source[i - 1].word == "to" for i in places)
    ):
        return None  # “a plan to send French troops” is one by which France would send them
    for index in range(acts[0]):
        nation = claim[index]
        if not _nation(nation) or (index and not claim[index - 1].content and claim[index - 1].word != "and"):
            continue
        there = [i for i, token in enumerate(source) if token.key == nation.key]
        if there and min(there) > max(places) and all(_adjective(source, i) for i in there):
            described = next((t.word for t in source[there[0] + 1 :] if t.content and not t.name), "")
            words = f"{source[there[0]].word} {described}".strip()
            return Difference(kind="name", claim=f"{nation.word} {verb.word}", source=words)
    return None


def _nation(token: Token) -> bool:
    """“France”, “Britain”, “the U.S.”, but not “French”."""
    return token.name and not _adjectival(token.word)


def _adjectival(word: str) -> bool:
    return word in lexicon.DEMONYMS and word not in countries() and word not in _OTHER_COUNTRIES


def _adjective(tokens: Tokens, index: int) -> bool:
    """Whether a nation's adjective stands before a noun, perhaps with another one between."""
    if not _adjectival(tokens[index].word):
        return False
    for token in tokens[index + 1 : index + 1 + _NEAR]:
        if token.content and not token.name:
            return True
        if token.word != "and" and not _adjectival(token.word):
            return False
    return False


# “the wife of the mayor was arrested”


def _relative_acts(claim: Tokens, source: Tokens, covered: frozenset[str]) -> Difference | None:
    """Somebody in the claim, and somebody's wife, lawyer or rival in the source."""
    relations = {token.word for token in source} & lexicon.RELATIONS - {token.word for token in claim}
    if not relations:
        return None
    for at in verbs(claim):
        who = _subject(claim, at)
        if claim[at].key not in covered or who is None:
            continue
        party = claim[who]
        theirs = [_related_to(source, i, party.key) for i, token in enumerate(source) if token.key == claim[at].key]
        if theirs and all(word in relations for word in theirs):
            return Difference(kind="name", claim=party.word, source=f"{theirs[0]} of {party.word}")
    return None


def _subject(tokens: Tokens, verb: int) -> int | None:
    """Where the noun before a verb and its helping verbs stands."""
    place = verb - 1
    while place >= 0 and (tokens[place].word in _HELPING or tokens[place].word.endswith("ly")):
        place -= 1
    return place if place >= 0 and tokens[place].content else None


def _related_to(source: Tokens, verb: int, key: str) -> str:
    """What the one before a verb is to the one meant, as “wife” in “the wife of the mayor was”; or empty."""
    place = _subject(source, verb)
    if place is None:
        return ""
    if source[place].word in lexicon.RELATIONS:
        owner = source[place - 1] if place else None
        owned = owner is not None and owner.key == key and owner.end - owner.start > len(owner.word)  # “Vale’s brother”
        return source[place].word if owned else ""
    if source[place].key != key:
        return ""
    while place > 0 and (source[place].content or source[place].word in _OPENS_NOUN) and source[place].word != "of":
        place -= 1
    related = source[place - 1].word if place and source[place].word == "of" else ""
    return related if related in lexicon.RELATIONS else ""
