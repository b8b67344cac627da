"""Who did what to whom, and who said it, read from word order: no parser, a few patterns that news sentences follow.

An action is a content word between two parties: “Germany attacked Poland” and “Poland was attacked by Germany” have
the same agent. A speech is a verb of saying with its speaker before it (“Starmer said”), behind it (“said Starmer”) or
named by “according to”. Where a pattern is not found nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from toolkit.alignment.predicates import verbs
from toolkit.language import lexicon
from toolkit.language.forms import is_apart, is_past, is_plural
from toolkit.language.words import Token
from toolkit.types import Difference

Tokens = Sequence[Token]

_BEFORE_A_NOUN = frozenset(
    "a an the this these those other another its his her their our any some no each every of".split()
)
_TIES = frozenset("of the a an".split())
_REACH = 6
_BESIDE = 2  # words from a verb to a party without a name
_BEHIND_BY = 3  # words from a passive verb to who did it: “rescued by a trawler”
_LONGEST_ASIDE = 14
"""Words between a verb and the party beside it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A verb with the parties on its two sides; a party is one run of name or content words.

    ``certain`` says that it is a verb by more than standing between two parties.
    """

    verb: Token
    agent: tuple[Token, ...]
    patient: tuple[Token, ...]
    certain: bool = False

    @property
    def words(self) -> str:
        """Agent, verb and patient, as the text has them."""
        return " ".join(token.word for token in (*self.agent, self.verb, *self.patient))

    @property
    def told(self) -> tuple[tuple[tuple[str, bool], ...], ...]:
        """What it says, wherever it stands."""
        return tuple(tuple((t.word, t.name) for t in part) for part in (self.agent, (self.verb,), self.patient))


def role_differences(claim: Tokens, source: Tokens) -> Iterator[Difference]:
    """Parties that changed places, subjects taken from another clause, and speakers taken for one another.

    Args:
        claim: Tokens of the claim.
        source: Tokens of one source sentence.

    Yields:
        Differences of the kind ``name``, at most one of each sort.
    """
    there = _index(source)
    said = list({action.told: action for action in _actions(claim, there)}.values())  # “a sent b” a hundred times: once
    found = next((d for action in said for d in _swapped(action, source, there)), None)
    if found is not None:
        yield found
        return
    speaker = _speaker_difference(claim, source)
    if speaker is not None:
        yield speaker
        return
    borrowed = next((d for action in said for d in _borrowed(action, source, there)), None) or _crossed(claim, source)
    if borrowed is not None:
        yield borrowed


def _index(tokens: Tokens) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        places.setdefault(token.key, []).append(index)
    return places


def _is_verb(tokens: Tokens, index: int) -> bool:
    token = tokens[index]
    if token.name or token.value is not None or token.key in lexicon.MUTUAL:
        return False
    if token.word in lexicon.SPEECH:
        return True
    return token.content and not _is_noun(tokens, index)


def _is_noun(tokens: Tokens, index: int) -> bool:
    """“the plan”, “ten countries”, and “countries” before a verb: what cannot be one is not taken for one."""
    before = tokens[index - 1] if index else None
    if before is not None and (before.word in _BEFORE_A_NOUN or before.value is not None):
        return True
    if not is_plural(tokens[index].word):
        return False
    behind = tokens[index + 1] if index + 1 < len(tokens) else None
    return behind is not None and (behind.word in lexicon.AUXILIARIES or is_past(behind.word))


def _actions(tokens: Tokens, known: Container[str]) -> Iterator[Action]:
    for index, token in enumerate(tokens):
        if token.key not in known or not _is_verb(tokens, index):
            continue
        action = _action(tokens, index)
        if action.agent:
            yield action


def _action(tokens: Tokens, index: int) -> Action:
    before, after = _party(tokens, index, -1), _party(tokens, index, +1)
    if _passive(tokens, index):
        before, after = after, before
    return Action(verb=tokens[index], agent=before, patient=after, certain=index in verbs(tokens))


def _passive(tokens: Tokens, index: int) -> bool:
    if not _participle(tokens[index]):
        return False
    behind = [token.word for token in tokens[index + 1 : index + 4]]
    if "by" not in behind:
        return False
    return not any(token.content for token in tokens[index + 1 : index + 1 + behind.index("by")])


def _participle(token: Token) -> bool:
    return token.word.endswith(("ed", "en", "n", "t", "d")) or token.word in lexicon.IRREGULAR_PAST


def _party(tokens: Tokens, index: int, step: int) -> tuple[Token, ...]:
    """Who stands on one side of a word: the nearest names, or what comes first with the names that “of” ties to it."""
    run: list[Token] = []
    listed = False
    furthest = _BEHIND_BY if step > 0 and _passive(tokens, index) and index in verbs(tokens) else _BESIDE
    for place in range(index + step, index + step * (_REACH + 1), step):
        if not 0 <= place < len(tokens) or tokens[place].word in lexicon.CLAUSE_WORDS:
            break
        token = tokens[place]
        listed = listed or token.word == "and"
        if token.name:
            if step < 0 and run and not listed and is_apart(tokens, place + 1):
                break  # “where he met Tusk, Macron said”
            run.append(token)
        elif not run and token.content and token.value is None:
            if abs(place - index) > furthest or (step < 0 and _tied(tokens, index)):
                break
            run.append(token)
        elif run and token.word not in _TIES:
            break
    return tuple(run[::step])


def _tied(tokens: Tokens, index: int) -> bool:
    return index > 0 and tokens[index - 1].word == "of"


def _keys(party: tuple[Token, ...]) -> set[str]:
    return {token.key for token in party}


def _swapped(claim: Action, source: Tokens, there: dict[str, list[int]]) -> Iterator[Difference]:
    """The claim's agent is the source's patient, at every place where the source has the verb."""
    agent, patient = _keys(claim.agent), _keys(claim.patient)
    places = [_action(source, index) for index in there[claim.verb.key] if _is_verb(source, index)]
    sure = claim.certain and {*there[claim.verb.key]} <= {*verbs(source)}
    swaps = [
        found
        for found in places
        if (agent & _keys(found.patient) and found.agent and not agent & _keys(found.agent)
            and (patient & _keys(found.agent) or _all_names(claim, found)))
        or (sure and patient & _keys(found.agent) and not agent & _keys(found.agent) and not _undated(found.patient))
    ]  # fmt: skip
    if swaps and len(swaps) == len(places):
        yield Difference(kind="name", claim=claim.words, source=swaps[0].words)


def _undated(party: tuple[Token, ...]) -> bool:
    """Whether a party is more than a day or a month: “dismissed in May”."""
    return any(token.word not in lexicon.MONTHS and token.word not in lexicon.WEEKDAYS for token in party)


def _all_names(claim: Action, found: Action) -> bool:
    parties = (*claim.agent, *found.agent, *found.patient)
    return all(token.name for token in parties) and not claim.patient


def _borrowed(claim: Action, source: Tokens, there: dict[str, list[int]]) -> Iterator[Difference]:
    """“Germany agreed but France refused” does not say that Germany refused."""
    if not all(token.name for token in claim.agent):
        return
    agent = _keys(claim.agent)
    places = [index for index in there[claim.verb.key] if _is_verb(source, index)]
    owners = [_own_subject(source, index, agent) for index in places]
    if owners and all(owners):
        owner = owners[0]
        yield Difference(kind="name", claim=claim.words, source=f"{owner} {source[places[0]].word}")


def _own_subject(source: Tokens, verb: int, agent: set[str]) -> str:
    """Whoever acts in the verb's own clause, when ``agent`` stands only in another one; else empty."""
    cuts = [0, *(i for i, t in enumerate(source) if t.word in lexicon.JOINING and t.word != "and"), len(source)]
    start = max(cut for cut in cuts if cut <= verb)
    clause = source[start : next(cut for cut in cuts if cut > verb)]
    if agent.isdisjoint(t.key for t in clause) and not agent.isdisjoint(t.key for t in source):
        own = _action(clause, verb - start).agent
        return own[-1].word if own else ""
    for index in range(verb - 1, 0, -1):
        token = source[index]
        if token.key in agent:
            return ""
        if token.name and source[index - 1].word in lexicon.JOINING and not _passive(source, verb):
            earlier = source[: index - 1]
            told = [i for i, t in enumerate(earlier) if t.key in agent]
            between = earlier[told[-1] + 1 :] if told else ()
            if any(t.content and not t.name for t in between):
                return token.word
    return ""


def _crossed(claim: Tokens, source: Tokens) -> Difference | None:
    """“Welcomed the pay deal and postponed the vote” does not say that somebody welcomed the vote."""
    done = set(verbs(source))
    claimed = {token.key for token in claim}
    for index in verbs(claim):
        object_at = _object(claim, index)
        places = [i for i in done if source[i].key == claim[index].key]
        if object_at is None or not places:
            continue
        rivals = [_other_verb(source, done, i, claim[object_at].key, claimed) for i in places]
        if all(rivals):
            wanted = claim[object_at].word
            return Difference(kind="name", claim=f"{claim[index].word} {wanted}", source=f"{rivals[0]} {wanted}")
    return None


def _object(tokens: Tokens, verb: int) -> int | None:
    """The noun right behind an active verb; None when something else stands there."""
    if any(token.word in lexicon.BE for token in tokens[max(0, verb - 2) : verb]):
        return None
    for place in range(verb + 1, min(verb + 4, len(tokens))):
        if tokens[place].content:
            return place if tokens[place].value is None else None
        if tokens[place].word not in _BEFORE_A_NOUN or tokens[place].word in _TIES - {"the", "a", "an"}:
            return None
    return None


def _other_verb(source: Tokens, done: Container[int], verb: int, wanted: str, claimed: Container[str]) -> str:
    """The verb that has the wanted object in the source, when this one has another of its own; else empty."""
    own = _object(source, verb)
    if own is None or source[own].key in claimed:
        return ""
    for place in range(own + 1, len(source)):
        if place in done and source[place].key not in claimed and source[place - 1].word in lexicon.JOINING:
            has = _object(source, place)
            if has is not None and source[has].key == wanted:
                return source[place].word
            other_way = source[place - 1].word != "and"  # “but stalled in the senate”
            if other_way and any(token.key == wanted for token in source[place + 1 : place + 1 + _REACH]):
                return source[place].word
    return ""


# Speech


def speakers(tokens: Tokens) -> list[tuple[Token, ...]]:
    """The named speakers of a row of tokens."""
    found: list[tuple[Token, ...]] = []
    for index, token in enumerate(tokens):
        if token.word == "according" and index + 1 < len(tokens) and tokens[index + 1].word == "to":
            found.append(_named(tokens, index + 1, +1))
        elif token.word in lexicon.SPEECH and not token.name:
            before = _before_aside(tokens, index) or _named(tokens, index, -1)
            after = () if before else _beside(tokens, index)
            found.append(before or after)
    return [speaker for speaker in found if speaker]


def _before_aside(tokens: Tokens, index: int) -> tuple[Token, ...]:
    """“Costa, the president of the European Council, said”: the name before what stands between two commas."""
    start = index
    while start > max(0, index - _LONGEST_ASIDE) and (start == index or not is_apart(tokens, start)):
        start -= 1
    if start == index or not is_apart(tokens, index) or not start or not is_apart(tokens, start):
        return ()
    if not tokens[start - 1].name or (tokens[start].name and _beside(tokens, index)):
        return ()
    return _named(tokens, start, -1)


def _named(tokens: Tokens, index: int, step: int) -> tuple[Token, ...]:
    party = _party(tokens, index, step)
    return party if party and party[0].name else ()


def _beside(tokens: Tokens, index: int) -> tuple[Token, ...]:
    """“..., said Starmer”: the name directly behind the verb that ends its sentence there."""
    run: list[Token] = []
    for token in tokens[index + 1 : index + 5]:
        if not token.name:
            break
        run.append(token)
    return tuple(run) if run and index + 1 + len(run) == len(tokens) else ()


def _speaker_difference(claim: Tokens, source: Tokens) -> Difference | None:
    said, there = speakers(claim), speakers(source)
    if len(said) != 1 or not there:
        return None
    if any(_keys(said[0]) & _keys(speaker) for speaker in there):
        return None
    if not _keys(said[0]) & {token.key for token in source}:  # then the name itself is missing
        return None
    words = [" ".join(token.word for token in party) for party in (said[0], there[0])]
    return Difference(kind="name", claim=f"{words[0]} said", source=f"{words[1]} said")
