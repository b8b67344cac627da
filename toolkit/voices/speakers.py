"""Who a run of words means: the head of a noun phrase, the name in it, and what one name is called elsewhere.

“White House press secretary Karoline Leavitt” is Karoline Leavitt, “a spokesman for Apple” is nobody by name, and “The
Ledger” is an outlet that passes on what somebody else said. No parser: titles, prepositions and capitals decide.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from toolkit.language import lexicon
from toolkit.language.forms import is_plural
from toolkit.language.words import Token

Tokens = Sequence[Token]

PEOPLE = frozenset(
    """official officials analyst analysts diplomat diplomats minister ministers ministry government governments
    administration spokesman spokeswoman spokesperson spokespeople police company companies campaign union unions court
    courts judge judges lawyer lawyers attorney attorneys expert experts critic critics supporter supporters researcher
    researchers scientist scientists study studies report reports survey poll resident residents witness witnesses
    family families source sources person people leader leaders lawmaker lawmakers chief chiefs president premier mayor
    mayors governor coach manager doctor doctors prosecutor prosecutors investigator investigators authorities agency
    department office council committee group groups team bank firm firms regulator regulators officer officers general
    commander activist activists voter voters delegation delegations capital capitals investor investors economist
    economists staff member members parent parents neighbour neighbours father mother son daughter brother sister wife
    husband author authors secretary chancellor ambassador director founder executive executives chairman chairwoman
    teacher teachers student students player players captain owner owners editor editors professor veteran politicians
    senator senators representative representatives delegate delegates ally allies opposition party parties service
    services organisation organization organisations charity charities commission commissioner board watchdog army
    military navy forces negotiator negotiators adviser advisers aide aides man woman men women boy girl victim friend
    friends colleague colleagues worker workers farmer farmers pilot soldier soldiers statement spokespersons insider
    insiders reporter reporters journalist journalists actor actress singer outlet outlets newspaper paper deputy
    successor predecessor rival opponent survivor survivors operator operators coastguard""".split()
)
"""Nouns for whoever can say something."""

_PLURAL = frozenset("people police staff authorities".split())
TITLES = lexicon.PERSON_TITLES | frozenset(
    """mr mrs ms miss sir dame lord lady sen rep gov gen col lt sgt capt rev prof ceo cfo cto coo boss leader prime
    vice deputy senior attorney sheriff detective inspector sergeant constable justice congressman congresswoman
    councillor mp actor actress singer author founder editor""".split()
)
_PREPOSITIONS = frozenset("of in at for from on with to by near who which whose that".split())
REFLEXIVE = frozenset("himself herself itself themselves".split())
_ARTICLES = frozenset("the a an".split())
OUTLETS = frozenset(
    """reuters bloomberg ap afp upi bbc cnn nbc abc cbs msnbc cnbc npr pbs itv guardian times post journal telegraph
    herald tribune gazette news newspaper wire axios politico economist tass interfax xinhua spiegel monde daily
    mailonline techcrunch channel verge wired espn newsweek politifact magazine observer chronicle weekly bulletin
    ledger courier sky radio television tv press""".split()
)
_KEPT_TITLES = frozenset("mrs ms miss lady dame".split())
MALE, FEMALE = "he", "she"
_GENDER = {"mr": MALE, "sir": MALE, "lord": MALE, "king": MALE, "prince": MALE, "spokesman": MALE, "father": MALE,
           "mrs": FEMALE, "ms": FEMALE, "miss": FEMALE, "lady": FEMALE, "queen": FEMALE, "dame": FEMALE,
           "spokeswoman": FEMALE, "mother": FEMALE}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """A noun phrase as somebody who says something.

    Attributes:
        label: The person's name, else the phrase without what opens its sentence in a capital.
        named: Whether the label is a name.
        head: The folded noun that it turns on; the last name of a person.
        plural: Whether it is several, or a body.
        body: Whether it may be an organisation or a government.
        outlet: Whether it is a paper, station or agency, which passes on what others say.
        gender: ``he`` or ``she`` where a title tells, else empty.
        role: Folded words before the name: “white house press secretary”.
    """

    label: str
    named: bool
    head: str
    plural: bool = False
    body: bool = False
    outlet: bool = False
    gender: str = ""
    role: str = ""


def is_name(token: Token) -> bool:
    """Whether a token is part of a name, and not just a noun that opens its sentence."""
    return token.name and not (token.first and token.word in PEOPLE)


def read_speaker(text: str, tokens: Tokens, outlets: Collection[str] = ()) -> Speaker | None:
    """What a noun phrase means.

    Args:
        text: What the tokens' offsets count in.
        tokens: The phrase, in order.
        outlets: Folded names of publishers that are known, without “the”.

    Returns:
        The speaker; None when the phrase has no head.
    """
    phrase = [token for token in tokens if token.word not in REFLEXIVE]
    if phrase and phrase[0].word == "both":
        phrase = phrase[1:]
    if not phrase:
        return None
    cut = next((i for i, token in enumerate(phrase) if i and token.word in _PREPOSITIONS), len(phrase))
    head = phrase[:cut]
    gender = next((_GENDER[token.word] for token in phrase if token.word in _GENDER), "")
    several = any(token.word == "and" for token in head)
    if several or not is_name(head[-1]) or _calendar(head[-1]):
        return _by_noun(text, phrase, head, several, gender)
    start = _name_start(text, head)
    name = head[start:]
    definite = start > 0 and head[start - 1].word == "the"
    label = text[name[0].start : name[-1].end]
    label = label[:-2] if label.endswith(("'s", "’s")) else label
    before = head[start - 1] if start else None
    if before is not None and len(name) == 1 and before.word in _KEPT_TITLES:
        label = text[before.start : name[-1].end]  # “Mrs. Obama” is not “Obama”
    folded = " ".join(token.word for token in name)
    outlet = folded in outlets or any(token.word in OUTLETS for token in name)
    country = any(token.word in lexicon.DEMONYMS or token.key in ("usa", "uk", "eu", "un") for token in name)
    shouted = len(name) == 1 and label.isupper()
    body = definite or outlet or country or shouted or folded in ("moscow", "washington", "kyiv", "beijing", "brussels")
    article = text[head[start - 1].start : head[start - 1].end] if definite else ""
    role = " ".join(t.word for t in head[:start] if t.word not in _ARTICLES)
    shown = f"{article.lower() if phrase[0].first or article.islower() else article} {label}".strip()
    return Speaker(
        label=shown, named=True, head=name[-1].word, plural=body, body=body, outlet=outlet,
        gender=gender, role=role,
    )  # fmt: skip


def _by_noun(text: str, phrase: Tokens, head: Tokens, several: bool, gender: str) -> Speaker:
    words = text[phrase[0].start : phrase[-1].end]
    opener = phrase[0]
    if not is_name(opener) or opener.word in PEOPLE:
        words = words[:1].lower() + words[1:]
    noun = head[-1].word
    plural = several or noun in _PLURAL or is_plural(noun)
    body = plural or noun in {"government", "ministry", "company", "court", "study", "report", "union", "council",
                              "agency", "department", "office", "committee", "firm", "bank", "group"}  # fmt: skip
    return Speaker(
        label=" ".join(words.split()), named=several and all(is_name(head[i]) for i in (0, -1)), head=noun,
        plural=plural, body=body, gender=gender,
    )  # fmt: skip


def _name_start(text: str, head: Tokens) -> int:
    """Where the last run of names begins, behind titles and possessives."""
    start = len(head) - 1
    while start > 0:
        before = head[start - 1]
        raw = text[before.start : before.end]
        gap = text[before.end : head[start].start]
        if raw.endswith(("'s", "’s")) or not (
            is_name(before) or before.word in ("de", "van", "von", "der", "la", "al")
        ):
            break
        if (before.word in TITLES and head[-1].word not in PEOPLE) or gap.strip(" .-–\u00a0"):
            break
        start -= 1
    while start < len(head) - 1 and head[start].word in TITLES and head[-1].word not in PEOPLE:
        start += 1
    return start


def _calendar(token: Token) -> bool:
    return token.word in lexicon.MONTHS or token.word in lexicon.WEEKDAYS
