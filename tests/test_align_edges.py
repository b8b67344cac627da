"""The exact edges of alignment: what is denied, what is a verb, which finding wins, what is cited together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from claims import ACCEPTED, sentences_from

from toolkit import Article, Claim, thresholds, verify
from toolkit.align import Finding, _Search, _verbatim, align, cited, find_support
from toolkit.alignment.agreement import Comparison, compare, opens_without_name
from toolkit.alignment.denial import denied, denied_first, own_clause
from toolkit.alignment.predicates import _one_root, missing_verbs, related, verbs
from toolkit.alignment.sentences import Markers
from toolkit.alignment.support import load_model, weights
from toolkit.alignment.tenses import _tenses
from toolkit.language.words import tokenize
from toolkit.types import Difference


def words(text: str, keys: frozenset[str]) -> set[str]:
    """The words of a text that have such keys."""
    return {token.word for token in tokenize(text) if token.key in keys}


def kinds(claim: Claim) -> list[str]:
    return [difference.kind for difference in claim.differences]


# Denial ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Poland will not send troops to the border", {"send", "troops"}),  # the next two content words
        ("Poland will send no heavy guns and tanks", {"heavy", "guns"}),
        ("Germany will not immediately send troops", {"send", "troops"}),
        ("The council has not rejected the plan", {"rejected"}),  # a denial denied
        ("The council rejected the plan for a harbour with piers", {"plan", "harbour", "piers"}),  # the next three
        ("The council rejected the plan for a large harbour with piers", {"plan", "large", "harbour"}),
        ("The plan was rejected by the council", {"plan"}),  # the passive denies what stands before
        ("The old harbour plan of Lund was rejected", {"harbour", "plan", "lund"}),
        ("France agreed, but Germany will not", {"germany"}),  # nothing behind it
        ("Germany and Poland will not", {"poland"}),
        ("Not only Poland will send troops", set()),
        ("No fewer than ten ships left", set()),
        ("No ships left", {"ships", "left"}),
        ("It is false that Poland will send troops", {"poland", "send", "troops"}),
        ("There is no doubt that Poland will send troops", set()),
        ("The claim that troops left is false", {"troops", "left"}),
        ("The false alarm went off", set()),
        ("Germany will not, under any circumstances, send troops", {"send", "troops"}),
        ("Germany no longer plans to send troops", {"plans", "send"}),
        ("The minister rejected the claims against Watson and Moore", {"claims"}),  # they are not denied
        ("He rejected the plan but kept the loan", {"plan"}),  # no further than “but”
        ("He did not come but kept the loan", {"come"}),
        ("Talks were called off", {"talks"}),
        ("Germany no longer, under any circumstances, sends troops", {"sends", "troops"}),
        ("Germany will not, he said, go", {"go"}),
        ("Germany will not, he said", {"germany"}),
        ("The council rejected Petrov and the plan", {"petrov", "plan"}),  # no preposition stands before her
        ("The council rejected the plan of Petrov for milk", {"plan", "milk"}),
        ("The talks fell through", {"talks"}),
        ("The talks about milk fell through", {"milk", "talks"}),
        ("It is wrong that they left", {"left"}),
        ("A false report that they left went round", {"report", "left", "went", "round"}),
        ("Not doubting it they left", {"doubting", "left"}),
        ("The report was not false", {"false"}),
        ("He said so", set()),
        ("", set()),
    ],
)
def test_what_is_denied(text: str, expected: set[str]) -> None:
    assert words(text, denied(tokenize(text))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Poland will not send troops to the border", {"send"}),
        ("The council rejected the plan for the harbour", {"plan", "harbour"}),
        ("The council has not rejected the plan", {"rejected"}),
        ("France agreed, but Germany will not", set()),
    ],
)
def test_the_word_that_is_denied_first(text: str, expected: set[str]) -> None:
    assert words(text, denied_first(tokenize(text))) == expected


@pytest.mark.parametrize(
    ("claim", "source", "expected"),
    [
        # The side of “but” on which the claim's first name and most of what is covered stand.
        ("Germany sent troops", "France sent money but Germany sent troops", "but Germany sent troops"),
        ("France sent money", "France sent money but Germany sent troops", "France sent money"),
        (
            "France sent heavy troops",
            "France sent money but Germany sent heavy troops",
            None,
        ),  # most stands on the other side
        (  # three of five are just enough
            "France sent old heavy tanks",
            "France sent old money but Germany sent heavy tanks",
            "France sent old money",
        ),
        ("France sent money", "France sent money and Germany sent troops", None),  # “and” parts nothing
        ("France sent money but no troops", "France sent money but Germany sent troops", None),
        ("Poland sent money", "France sent money but Germany sent troops", None),  # on neither side
        ("France sent money", "France sent money but France sent troops", None),  # on both
    ],
)
def test_the_side_of_but_that_speaks_of_the_claim(claim: str, source: str, expected: str | None) -> None:
    said, there = tokenize(claim), tokenize(source)
    covered = frozenset(t.key for t in said if t.content) & {t.key for t in there}
    part = own_clause(said, there, covered)
    assert " ".join(token.word for token in part) == (expected or source).lower()


@pytest.mark.parametrize(
    ("claim", "source", "shown"),
    [
        ("Poland will send troops", "Poland will not send troops", ("", "not send")),
        ("Poland will not send troops", "Poland will send troops", ("not send", "")),
        ("Poland will not send troops", "Poland will not send troops", None),
        ("Poland sent troops", "Poland rejected sending troops", ("", "not send")),
        ("The club dismissed the coach", "The club fired the coach", None),  # a verb that denies, and one like it
        ("The council approved the loan", "The council approved the loan, but the ministry did not", None),
        (
            "The ministry approved the loan",
            "The council approved the loan, but the ministry did not",
            ("", "not ministry"),
        ),
        ("Prices rose in May", "Prices fell in May", ("rose", "fell")),
        ("Prices did not rise in May", "Prices fell in May", None),  # one of the two is denied
        ("The outcome is certain", "The outcome is uncertain", ("certain", "uncertain")),
        ("The outcome is uncertain", "The outcome is certain", ("uncertain", "certain")),
        ("The vote was regular", "The vote was irregular", ("regular", "irregular")),
    ],
)
def test_a_denial_is_told_once(claim: str, source: str, shown: tuple[str, str] | None) -> None:
    found = compare(tokenize(claim), tokenize(source)).differences
    turned = [(d.claim, d.source) for d in found if d.kind == "negation"]
    assert len(turned) == (shown is not None), turned
    if shown is not None:
        stems = [tuple(word[:7] for word in pair) for pair in (turned[0], shown)]
        assert stems[0] == stems[1]


# Verbs ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The union has accepted the rota", ["accepted"]),
        ("The court agreed to hear the case", ["agreed", "hear"]),
        ("The army freed the hostages at high speed", ["freed"]),
        ("Brightwell opposes the law", ["opposes"]),
        ("Workers oppose the law", ["oppose"]),
        ("Workers opposes the law", []),  # singular and plural must go together
        ("They quickly left the city", ["left"]),
        ("Poland will send troops to attack the city", ["send", "attack"]),
        ("The attack on the city was brutal", ["brutal"]),
        ("The deed of the house is lost", ["lost"]),
        ("Prices rose by 8 percent", ["rose"]),
        ("They have not yet left", ["left"]),
        ("They cut the tax", ["cut"]),
        ("They will not send troops", ["send"]),  # behind “will”, whatever stands between
        ("They will not quickly send troops", ["send"]),
        ("They were never really happy", ["happy"]),
        ("He met them and opposes the law", ["met", "opposes"]),
        ("They plan to stops", ["plan"]),
        ("Who send troops", ["send"]),
        ("The vaccine kills children", ["kills"]),
        ("The vaccine kills", []),
        ("The vaccine kills for money", []),
        ("The harbour lamps shine", []),  # a plural between two words is a noun unless it is a known verb
        ("Poland will not send troops", ["send"]),
        ("The workers oppose that", ["oppose"]),
        ("They will go home", []),  # words of two letters are taken for none
        ("Left alone it grew", ["grew"]),  # the first word is none
        ("The left wing won", ["won"]),
        ("He went to talks in Oslo", ["went"]),
        ("The D.C. court ruled", ["ruled"]),
        ("", []),
    ],
)
def test_verbs_are_found_from_word_order(text: str, expected: list[str]) -> None:
    tokens = tokenize(text)
    assert [tokens[index].word for index in verbs(tokens)] == expected


@pytest.mark.parametrize(
    ("claim", "source", "missing"),
    [
        ("The union accepted the rota", "The union turned down the rota", ["accepted"]),
        ("The union accepted the rota", "The union has accepted a rota", []),
        ("The cabinet decided on the tax", "The decision of the cabinet on the tax", []),  # a noun made of it
        ("The army invaded the north", "The invasion of the north", []),
        ("Rovers played in Brack", "Rovers, the players in Brack", []),
        ("The firm bought the mill", "The firm purchased the mill", []),  # a close synonym
        ("The mayor signed the bill", "The mayor saw the signal and the bill", ["signed"]),
        ("The council agreed to the plan", "The council objected to the plan", ["agreed"]),
    ],
)
def test_a_verb_must_be_there_in_some_form(claim: str, source: str, missing: list[str]) -> None:
    said = tokenize(claim)
    assert [token.word for token in missing_verbs(said, verbs(said), tokenize(source))] == missing


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("decid", "decis", True),
        ("invad", "invas", True),
        ("play", "player", True),
        ("invest", "investor", True),
        ("approv", "approving", True),  # three letters more
        ("govern", "government", False),  # four
        ("sign", "signs", True),
        ("sign", "signal", False),  # a short one may have one letter more
        ("act", "acts", False),  # too short to tell
        ("contract", "contrast", False),  # all but the last letter of the shorter one must be the same
        ("decid", "declin", False),
    ],
)
def test_a_verb_and_its_noun_have_one_root(one: str, other: str, same: bool) -> None:
    assert _one_root(one, other) is _one_root(other, one) is same


def test_related_verbs_are_each_others() -> None:
    scrap, axe, cancel = (tokenize(f"they {word} it")[1].key for word in ("scrapped", "axed", "cancelled"))
    assert {axe, cancel} <= related(scrap)  # of two groups, in both of which it stands
    assert scrap in related(axe) & related(cancel)
    assert scrap not in related(scrap)
    assert related("no such verb") == frozenset()


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (
            "The council of Lund objected to the harbour plan on Tuesday.",
            "The council of Lund agreed to the harbour plan.",
        ),
        ("The union met Tarr Shipping on the rota on Tuesday.", "The union agreed with Tarr Shipping on the rota."),
        (
            "The army of Northland jailed the hostages on Tuesday.",
            "The army of Northland freed the hostages on Tuesday.",
        ),
        ("The state of Lund questioned the loan in May.", "The state of Lund guaranteed the loan in May."),
    ],
)
def test_verbs_in_eed_are_verbs_too(source: str, claim: str) -> None:
    assert verify(claim, source).verdict not in ACCEPTED


# Coverage -------------------------------------------------------------------------------------------------------------


def test_coverage_by_hand() -> None:
    claim = tokenize("Poland sends 40 heavy tanks")
    assert [token.content for token in claim] == [True] * 5
    # Names and numbers weigh 1.5, the others 1: 1.5 + 1 + 1.5 + 1 + 1 = 6.
    assert thresholds.NAME_WEIGHT == 1.5
    found = compare(claim, tokenize("In May Poland sends heavy lorries"))
    assert found.coverage == pytest.approx(3.5 / 6)
    assert found.agreement == pytest.approx(3.5 / 4.5)  # without the number that is not there
    assert found.covered == {token.key for token in claim if token.word in ("poland", "sends", "heavy")}
    assert (found.missing_names, found.missing_verbs) == ((), ())
    weighed = compare(claim, tokenize("In May Poland sends heavy lorries"), weights=[5, 1, 1, 1, 2])
    assert weighed.coverage == pytest.approx(7 / 10)
    other = compare(claim, tokenize("In May Norway sends 40 heavy tanks"))
    assert other.missing_names == ("poland",)
    assert other.coverage == pytest.approx(4.5 / 6)
    assert other.agreement == 1.0
    nothing = compare(claim, tokenize("It rained"))
    assert (nothing.coverage, nothing.agreement, nothing.covered) == (0.0, 0.0, frozenset())
    assert compare((), tokenize("It rained")).coverage == 0.0


def test_who_says_it_is_weighed_apart() -> None:
    claim = tokenize("Then Holm said ferries sank")
    framing = frozenset({1, 2})
    assert compare(claim, tokenize("Holm said nothing"), framing=framing).coverage == 0.0
    assert compare(claim, tokenize("Holm said ferries left"), framing=framing).coverage == pytest.approx(0.5)
    unsaid = compare(claim, tokenize("The ferries sank"), framing=framing)
    assert unsaid.coverage == pytest.approx(2 / 3.5)
    assert unsaid.agreement == 1.0  # without the name
    nameless = tokenize("Then the minister said ferries sank")
    unsaid = compare(nameless, tokenize("The ferries sank"), framing=frozenset({1, 2, 3}))
    assert unsaid.coverage == unsaid.agreement == pytest.approx(2 / 3)
    assert compare(claim, tokenize("Holm said nothing"), framing=framing).agreement == 0.0
    elsewhere = compare(tokenize("Then Holm said Lund sank"), tokenize("Then Holm said it sank"), framing=framing)
    assert elsewhere.coverage == pytest.approx(1 / 2.5)
    assert elsewhere.agreement == 1.0


def test_verbs_that_say_nearly_the_same_are_covered() -> None:
    claim = tokenize("In May the club sacked the coach")
    assert compare(claim, tokenize("In May the club fired the coach")).coverage == 1.0
    assert compare(claim, tokenize("In May the club praised the coach")).coverage < 1
    # Only a verb stands for a verb.
    assert compare(claim, tokenize("In May the club sat with the coach at a fire")).coverage < 1


def test_an_opening_word_is_a_name_where_the_source_has_it_as_one() -> None:
    claim = tokenize("Reading won cups")
    assert compare(claim, tokenize("In May Reading won")).coverage == pytest.approx(2.5 / 3.5)
    assert compare(claim, tokenize("In May the reading won")).coverage == pytest.approx(2 / 3)


def test_the_other_side_of_but_lends_no_word() -> None:
    source = tokenize("Brightwell supports the law but Hartman opposes the law")
    found = compare(tokenize("Hartman supports the law"), source).differences
    assert ("negation", "supports", "opposes") in [(d.kind, d.claim, d.source) for d in found]
    assert compare(tokenize("Brightwell supports the law"), source).differences == ()


def test_other_names_of_the_article() -> None:
    claim, source = tokenize("Keir Starmer spoke"), tokenize("Today Starmer spoke")
    keir, starmer = claim[0].key, claim[1].key
    assert compare(claim, source).missing_names == ("keir",)
    assert compare(claim, source, aliases={keir: (frozenset({starmer}),)}).missing_names == ()
    assert compare(claim, source, aliases={keir: (frozenset({starmer, "rodney"}),)}).missing_names == ("keir",)
    assert compare(claim, source, aliases={keir: (frozenset({"x"}), frozenset({starmer}))}).missing_names == ()


def test_a_name_may_come_from_the_sentence_before_only_behind_a_pronoun() -> None:
    claim = tokenize("Macron spoke at length in Kyiv")
    context = frozenset({claim[0].key})
    assert compare(claim, tokenize("He spoke at length in Kyiv"), context).missing_names == ()
    assert compare(claim, tokenize("He spoke at length in Kyiv")).missing_names == ("macron",)
    assert compare(claim, tokenize("Scholz spoke at length in Kyiv"), context).missing_names == ("macron",)


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("He left", True),
        ("The ship left", True),
        ("On Monday she left", True),
        ("In Kyiv she left", False),
        ("In spring they left", True),
        ("Later that day in the afternoon he left", True),
        ("In the spring they left", True),
        ("Ships of many lands they left", False),  # the pronoun stands behind the first four words
        ("Smith said he left", False),
        ("Ships left", False),
        ("Ships of the line left", False),
        ("", False),
    ],
)
def test_a_sentence_that_opens_without_a_name(text: str, opens: bool) -> None:
    assert opens_without_name(tokenize(text)) is opens


@pytest.mark.parametrize(
    ("claim", "source", "expected"),
    [
        ("Rodney Starmer left", "Keir Starmer left", [("name", "rodney", "keir")]),
        ("President Starmer left", "Keir Starmer left", [("name", "president", "keir")]),
        ("Norway left", "Today it rained", [("name", "norway", "")]),
        ("In Norway it rained", "In Oslo and Rome it rained", [("name", "norway", "oslo")]),
        ("In Norway and Rome it rained", "In Rome and Oslo it rained", [("name", "norway", "oslo")]),
        ("Norway left", "Norway left", []),
    ],
)
def test_names_that_differ(claim: str, source: str, expected: list[tuple[str, str, str]]) -> None:
    found = compare(tokenize(claim), tokenize(source)).differences
    assert [(d.kind, d.claim, d.source) for d in found if d.kind == "name"] == expected


@pytest.mark.parametrize(
    ("claim", "source", "expected"),
    [
        # Both names are there, but the last one belongs to somebody else.
        ("In May Ines Hartman left", "Ines Calloway sued Klaus Hartman", ("ines hartman", "klaus hartman")),
        ("In May Klaus Hartman left", "Ines Calloway sued Klaus Hartman", None),
        ("In May Klaus Hartman left", "Ines Hartman sued Klaus Hartman", None),
        ("In May Ines Hartman left", "Ines Calloway sued President Hartman", None),  # a title is no first name
        ("In May Ines Hartman left", "Ines Calloway sued Klaus, Hartman and others", None),  # nor what a comma parts
        ("In May President Hartman met Ines", "President Calloway met Ines and Klaus Hartman", None),
    ],
)
def test_first_names_that_belong_to_another_last_name(
    claim: str, source: str, expected: tuple[str, str] | None
) -> None:
    found = compare(tokenize(claim), tokenize(f"In May {source}")).differences
    shown = [(d.claim, d.source) for d in found if d.kind == "name" and " " in d.claim and d.source.count(" ") == 1]
    assert shown == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("claim", "source", "expected"),
    [
        ("12 people fled", "12 people fled", None),
        ("12 people fled", "13 people fled", ("number", "12", "13")),
        ("12 people fled", "People fled", ("number", "12", "")),
        ("12 people fled", "12 cars and 30 people fled", ("number", "12", "30")),  # it counts something else there
        ("Sales came to $12", "Sales came to $15", ("number", "12", "15")),
        ("In 2019 it fell", "In 2018 it fell", ("date", "2019", "2018")),
        ("In 2019 it fell", "In 2019 it fell", None),
        ("It fell on Tuesday", "It fell on Monday", ("date", "tuesday", "monday")),
        ("It fell on Tuesday", "It fell", ("date", "tuesday", "")),
        ("It falls next month", "It falls next month", None),
        ("It falls next month", "It fell last month", ("date", "next month", "last month")),
        ("It falls next month", "It falls last year", None),  # another unit says nothing
        ("It lasted the week", "It lasted a week", None),
        ("It falls next Monday", "It falls last Monday", ("date", "next monday", "last monday")),
        ("It fell on Tuesday", "It fell on Monday and Friday", ("date", "tuesday", "monday")),  # the first
        # The number that is shown against it may count the same thing.
        ("It rose 12 percent", "It cost 15 dollars and rose 20 percent", ("number", "12 percent", "20 percent")),
        ("It rose 12 percent", "It cost 15 dollars", ("number", "12 percent", "")),
        ("In 2019 it fell", "Some 40 ships left in 2018", ("date", "2019", "2018")),
        ("In 2019 it fell", "Some 40 ships left", ("date", "2019", "")),
        ("Some 40 ships left", "In 2018 it fell", ("number", "40", "")),
        ("12 people fled", "30 cars burned", ("number", "12", "")),
        ("12 people fled", "Of these 30 fled", ("number", "12", "")),
        ("12 of them fled", "30 cars fled", ("number", "12", "30")),
        # The same number of something else, where another one counts the claim's thing.
        ("12 people fled", "12 cars burned and 30 people fled", ("number", "12", "30")),
        ("12 people fled", "12 people died and 30 people slept", None),
        ("12 people fled", "12 cars and 30 houses burned", None),
        # A part is not the whole.
        ("85 members left", "Three of the 85 members left", ("number", "85", "three")),
        ("85 members left", "Three of 85 members left", ("number", "85", "three")),
        ("85 members left", "Of the 85 members all left", None),
        ("Three of the 85 members left", "Three of the 85 members left", None),
        ("It falls tomorrow", "It falls today", ("date", "tomorrow day", "today day")),
    ],
)
def test_numbers_and_dates_that_differ(claim: str, source: str, expected: tuple[str, str, str] | None) -> None:
    found = compare(tokenize(claim), tokenize(source)).differences
    shown = [(d.kind, d.claim.lower(), d.source.lower()) for d in found if d.kind in ("number", "date")]
    assert shown == ([expected] if expected else [])


def test_the_year_of_publication_is_known() -> None:
    claim, source = tokenize("In 2025 it fell by a third"), tokenize("It fell by a third")
    assert compare(claim, source, published=datetime(2025, 3, 1, tzinfo=UTC)).differences == ()
    assert compare(claim, source, published=datetime(2024, 3, 1, tzinfo=UTC)).differences
    assert compare(claim, source).differences


# Tenses ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "source", "shown"),
    [
        ("Poland sent troops", "Poland will send troops", ("past", "future")),
        ("Poland will send troops", "Poland sent troops", ("future", "past")),
        ("Poland sent troops", "Poland sent troops", None),
        ("Poland will send troops", "Poland might send troops", ("future", "possible")),
        ("Poland might send troops", "Poland will send troops", None),
        ("Poland sent troops", "Poland is to send troops", ("past", "future")),
        ("Poland approved the plan", "They asked Poland to approve the plan", ("past", "open")),
        ("Poland approved the plan", "They forced Poland to approve the plan", None),
        ("Poland approved the plan", "Poland agreed to approve the plan", ("past", "future")),
        ("Poland approved the plan", "Poland gathered to approve the plan", ("past", "meant")),
        (
            "Poland approved the plan",
            "Instead of approving the plan Poland slept",
            ("past", "open"),
        ),
        ("Poland approved the plan", "Without approving the plan Poland slept", ("past", "open")),
        ("Poland is approving the plan", "Poland once approved the plan", ("present", "former")),
        ("Poland approved the plan", "Poland once approved the plan", None),
        ("Poland approved the plan", "If Poland approved the plan it slept", ("past", "possible")),
        ("If Poland approved the plan it slept", "If Poland approved the plan it slept", None),
        ("Poland approved the plan", "He said Poland would approve the plan", ("past", "future")),
        ("Poland will approve the plan", "He said Poland would approve the plan", None),
        ("Poland will approve the plan", "Poland may approve the plan", ("future", "possible")),
        ("Poland approved the plan in May", "In May Poland approved the plan", None),  # the month
        # Of two uses the firmer one counts, and “might” bends both.
        ("Poland sent tanks", "Poland will send troops and has sent tanks", None),
        ("Poland sent tanks", "Poland has sent tanks and will send troops", None),
        ("Poland sent tanks", "Poland might send troops after it sent tanks", ("past", "possible")),
    ],
)
def test_how_verbs_are_used(claim: str, source: str, shown: tuple[str, str] | None) -> None:
    found = compare(tokenize(claim), tokenize(source)).differences
    tenses = [(d.claim.partition(":")[0], d.source.partition(":")[0]) for d in found if d.kind == "modality"]
    assert shown in tenses if shown else not tenses


@pytest.mark.parametrize(
    ("text", "tense"),
    [
        ("Poland sends tanks", ""),
        ("Poland sent tanks", "past"),
        ("The tanks were sent", "past"),
        ("The tanks have been sent", "past"),
        ("Poland is sending tanks", "present"),
        ("The sending of tanks", ""),
        ("Poland will send tanks", "future"),
        ("Poland will soon again send tanks", "future"),
        ("Poland is to send tanks", "future"),
        ("To send tanks", "meant"),
        ("Poland met to send tanks", "meant"),
        ("Poland asked to send tanks", "open"),
        ("Poland promised to send tanks", "future"),
        ("Poland managed to send tanks", ""),
        ("Poland used to send tanks", "former"),
        ("Poland once sent tanks", "former"),
        ("Once there Poland sent tanks", "past"),  # “once” stands too far away
        ("Poland spoke instead of sending tanks", "open"),
        ("Poland spoke without sending tanks", "open"),
        ("Without it sending tanks", ""),
        ("Poland might send tanks", "possible"),
        ("If asked Poland will send tanks", "possible"),
        ("If the king of the north and of the south is asked, Poland will send tanks", "possible"),
        ("Poland might on the day of feast send tanks", "possible"),  # six words behind it
        ("Poland might on the day of the feast send tanks", ""),
        ("The old tanks were built to be sent", "meant"),
        ("Is to send tanks", "future"),
        ("In May Poland sent tanks", "past"),
        ("Poland might refuse, but sent tanks", "past"),
        ("Poland allegedly sent tanks", "possible"),
        ("He said Poland would send tanks", "future"),
        ("Poland would send tanks", "possible"),
        # Of several uses the firmest counts, wherever it stands; “might” bends all.
        ("Poland sent tanks and will send guns", "past"),
        ("Poland will send tanks and sent guns", "past"),
        ("Poland sends tanks and sent guns", "past"),
        ("Poland will send tanks and guns sends the king", ""),
        ("Poland once sent tanks and is sending guns", "present"),
        ("Poland is sending guns and sent tanks", "present"),  # as firm as the past: the first
        ("Poland sent tanks and is sending guns", "past"),
        ("Poland met to send tanks and will send guns", "future"),
        ("Poland asked to send tanks, so the kings of the north met to send guns", "meant"),
        ("Poland might send tanks, but it sent guns", "possible"),
    ],
)
def test_tenses(text: str, tense: str) -> None:
    key = tokenize("they send it")[1].key
    assert _tenses(tokenize(text))[key] == tense


@pytest.mark.parametrize(
    ("claim", "source", "differs"),
    [
        ("Perhaps Poland sent tanks", "Poland might send tanks", False),
        ("Poland sent tanks, perhaps", "Poland might send tanks", False),
        ("Poland sent tanks in May", "In May Poland might send tanks", True),  # the month leaves nothing open
        ("Police said Poland sent tanks", "Poland might send tanks", True),
        ("Poland allegedly sent tanks", "Poland allegedly sent tanks", False),
    ],
)
def test_a_claim_may_leave_open_what_its_source_leaves_open(claim: str, source: str, differs: bool) -> None:
    found = compare(tokenize(f"Today {claim}"), tokenize(f"Today {source}")).differences
    assert any(difference.kind == "modality" for difference in found) is differs


# Findings -------------------------------------------------------------------------------------------------------------


def comparison(**values: object) -> Comparison:
    """A comparison with such values, in which nothing differs and nothing is missing unless it is said."""
    nothing: dict[str, object] = {"differences": (), "missing_names": (), "missing_verbs": (), "covered": frozenset()}
    return Comparison(**{**nothing, **values})  # type: ignore[arg-type]


def finding(verdict: str, article: Article, *, text: str = "", score: float = 0.5, **changes: object) -> Finding:
    """A finding with such values, of the whole article unless a text in it is given."""
    start = article.text.index(text)
    return Finding(
        verdict=verdict,  # type: ignore[arg-type]
        score=score,
        comparison=comparison(**{"coverage": 0.9, "agreement": 0.95, **changes}),
        spans=((article, article.span(start, start + len(text or article.text))),),
        features={},
    )


ONE = Article(text="The council approved the harbour plan. It was late.", publisher="Harbour Wire")
OTHER = Article(text="On Friday the plan for a harbour found a majority in town.", publisher="Coast Daily")
NUMBER = Difference(kind="number", claim="4", source="5")
NEGATION = Difference(kind="negation", claim="", source="not sent")


def test_findings_in_order() -> None:
    order = ["quoted", "supported", "contradicted", "partly", "unsupported"]
    ranks = [finding(verdict, ONE, coverage=0.74).rank for verdict in order]
    assert ranks == sorted(ranks, reverse=True)
    for better, worse in pairwise(order):  # a verdict comes before every score
        assert finding(better, ONE, score=0.1, coverage=0.6).rank > finding(worse, ONE, score=0.9, coverage=0.7).rank
    # What lacks nothing but a verb stands beside what contradicts.
    assert finding("partly", ONE, coverage=0.75).rank[0] == finding("contradicted", ONE).rank[0]
    assert finding("partly", ONE, score=0.6).rank > finding("contradicted", ONE, score=0.5).rank
    assert finding("unsupported", ONE, coverage=0.75).rank[0] < finding("partly", ONE, coverage=0.5).rank[0]
    assert finding("quoted", ONE, coverage=0.8).rank > finding("quoted", ONE, coverage=0.7).rank


def test_nothing_found_is_unsupported() -> None:
    assert cited("A claim", [], Markers()) == Claim(text="A claim", verdict="unsupported", score=0.0)
    poor = finding("unsupported", ONE, score=0.12345, agreement=0.5, differences=(NUMBER,))
    assert cited("A claim", [poor], Markers()) == Claim(
        text="A claim", verdict="unsupported", score=0.123, differences=(NUMBER,)
    )
    poorer = replace(poor, comparison=replace(poor.comparison, agreement=0.49))
    assert cited("A claim", [poorer], Markers()).differences == ()


def test_a_second_publisher_is_cited_beside() -> None:
    best, echo = finding("supported", ONE), finding("supported", OTHER, score=0.4)
    claim = cited("A claim", [best, echo], Markers())
    assert (claim.verdict, claim.score) == ("supported", 0.5)
    assert [citation.article for citation in claim.citations] == [ONE, OTHER]
    for same in (
        replace(echo, verdict="partly"),
        finding("supported", Article(text=OTHER.text, publisher="Harbour Wire")),  # one publisher
        finding("supported", Article(text=ONE.text + " ", publisher="Coast Daily")),  # a copy
        replace(echo, spans=echo.spans * 3),  # too many
    ):
        assert len(cited("A claim", [best, same], Markers()).citations) == 1
    three = replace(echo, spans=(*echo.spans, (OTHER, OTHER.span(0, 9))))
    assert len(cited("A claim", [best, three], Markers()).citations) == 3
    nameless = [Article(text=article.text) for article in (ONE, OTHER)]
    assert len(cited("A claim", [finding("quoted", article) for article in nameless], Markers()).citations) == 2


def test_a_rival_turns_the_verdict() -> None:
    best = finding("supported", ONE)
    for difference in (NUMBER, NEGATION):
        rival = finding("contradicted", OTHER, differences=(difference,), agreement=0.9)
        claim = cited("A claim", [best, rival], Markers())
        assert (claim.verdict, claim.differences, len(claim.citations)) == ("contradicted", (difference,), 2)
    rival = finding("contradicted", OTHER, differences=(NUMBER,), agreement=0.9)
    long = replace(best, spans=tuple((ONE, ONE.span(n, 20)) for n in range(3)))
    assert [c.article for c in cited("A claim", [long, rival], Markers()).citations] == [ONE, ONE, OTHER]
    for weak in (
        finding("contradicted", ONE, text="It was late.", differences=(NUMBER,)),  # of the same article
        finding("partly", OTHER, differences=(NUMBER,)),
        finding("contradicted", OTHER, differences=(NUMBER,), agreement=0.89),
        finding("contradicted", OTHER, differences=(NUMBER, NEGATION)),
        finding("contradicted", OTHER, differences=(NUMBER, Difference(kind="name", claim="a", source="b"))),
        finding("contradicted", OTHER, differences=(Difference(kind="date", claim="a", source="b"),)),
        finding("contradicted", OTHER, differences=(NUMBER,), missing_names=("lund",)),
    ):
        assert cited("A claim", [best, weak], Markers()).verdict == "supported"
    assert cited("A claim", [finding("partly", ONE), rival], Markers()).verdict == "partly"


def test_no_more_than_three_spans_are_cited() -> None:
    best = finding("partly", ONE)
    many = replace(best, spans=tuple((ONE, ONE.span(n, 20)) for n in range(5)))
    assert len(cited("A claim", [many], Markers()).citations) == 3


def test_of_equal_quotes_the_first_that_is_not_yet_cited() -> None:
    article = Article(text="We go. We go. We stay.")
    first, second = finding("quoted", article, text="We go."), finding("quoted", article, text="We go. We stay.")
    markers = Markers()
    starts = [cited("We go", [second, first], markers).citations[0].span.start for _ in range(3)]
    assert starts == [0, 7, 0]
    elsewhere = finding("quoted", OTHER)
    assert cited("We go", [elsewhere, first], Markers()).citations[0].article is OTHER
    supported = finding("supported", article, text="We stay.")
    assert cited("We go", [supported, first], markers).citations[0].span.start == 14


# Verdicts -------------------------------------------------------------------------------------------------------------


def judged(claim: str, score: float, **changes: object) -> str:
    """The verdict of a comparison with such values."""
    return _Search(claim, ())._verdict(comparison(**{"coverage": 0.75, "agreement": 0.75, **changes}), score)


def test_verdicts_at_their_thresholds() -> None:
    claim, model = "Poland sends forty heavy tanks", load_model()
    assert judged(claim, model.supported) == "supported"
    assert judged(claim, model.supported - 1e-6) == "partly"
    assert judged(claim, 1.0, coverage=0.7499) == "partly"
    assert judged(claim, 1.0, missing_verbs=("sends",)) == "partly"
    assert judged(claim, 0.0, coverage=0.5) == "partly"
    assert judged(claim, model.partly, coverage=0.0) == "partly"
    assert judged(claim, model.partly - 1e-6, coverage=0.4999) == "unsupported"
    for difference in (NUMBER, NEGATION, Difference(kind="date", claim="a", source="b")):
        assert judged(claim, 0.3, differences=(difference,), agreement=0.6) == "contradicted"
        assert judged(claim, 0.3, differences=(difference,), agreement=0.5999) == "partly"
        assert judged(claim, 0.3, differences=(difference,), agreement=0.5) == "partly"
        assert judged(claim, 0.3, differences=(difference,), agreement=0.4999) == "unsupported"
    unknown = Difference(kind="number", claim="40", source="")  # the source gives no number at all
    assert judged(claim, 0.3, differences=(unknown,)) == "partly"
    assert judged(claim, 0.3, differences=(Difference(kind="negation", claim="not sent"),)) == "contradicted"
    assert judged(claim, 0.3, differences=(Difference(kind="modality", claim="a", source="b"),)) == "partly"


def test_a_claim_whose_first_name_is_missing_is_unsupported() -> None:
    name = Difference(kind="name", claim="lund", source="oslo")
    claim = "Poland sends tanks to Lund"
    assert judged(claim, 0.3, differences=(name,), missing_names=("lund",)) == "partly"
    assert judged(claim, 0.3, differences=(name,), missing_names=("lund",), agreement=0.74) == "unsupported"
    assert judged(claim, 0.3, differences=(name,), missing_names=("poland",)) == "unsupported"


def test_of_nobody_too_little_is_told() -> None:
    assert judged("He was arrested", 1.0) == "partly"
    assert judged("He was arrested on holiday", 1.0) == "partly"
    assert judged("He was arrested on holiday in summer", 1.0) == "supported"
    assert judged("He was arrested in the harbour of the town", 1.0) == "supported"
    assert judged("The ship sank", 1.0) == "supported"
    assert judged("Ships sank", 1.0) == "supported"


# Quotes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("of the Dock Workers", "of the Dock Workers"),  # four words in a row
        ("the Dock Workers", None),
        ("of the dock Workers", "of the Dock Workers"),
        ("of Dock Workers Union", None),
        ("The chair of the Dock Workers Union left.", "The chair of the Dock Workers Union left."),
        ("workers union left in May", None),
        ("Dock Workers Union left", "Dock Workers Union left"),
    ],
)
def test_what_is_verbatim(claim: str, quote: str | None) -> None:
    article = Article(text="It rained. The chair of the Dock Workers Union left.")
    span = _verbatim(tokenize(claim), sentences_from(article)[1])
    assert (span and article.text[span.start : span.end]) == quote


def test_a_short_sentence_is_quoted_whole() -> None:
    article = Article(text="Nobody moved. They slept.")
    assert verify("Nobody moved", article).verdict == "quoted"
    assert verify("Nobody moved", article).citations[0].quote == "Nobody moved."


# Search ---------------------------------------------------------------------------------------------------------------


def test_a_question_says_nothing() -> None:
    article = Article(text="Will Poland send troops to the border?")
    assert kinds(verify("Poland will send troops to the border", article)) == ["modality"]
    assert verify("Will Poland send troops to the border?", article).verdict == "quoted"


def test_acronyms_that_the_article_explains() -> None:
    text = "The National Farmers Union (NFU) met in Leeds. The NFU rejected the levy on milk."
    assert verify("The National Farmers Union rejected the levy on milk", text).verdict in ACCEPTED
    opening = text.removeprefix("The ")
    assert verify("The National Farmers Union rejected the levy on milk", opening).verdict in ACCEPTED
    other = text.replace("National Farmers Union (NFU)", "North Forest Guild (NFU)")
    assert verify("The National Farmers Union rejected the levy on milk", other).verdict not in ACCEPTED
    far = text.replace("(NFU)", "of all the counties in the north and the south of the whole old country (NFU)")
    assert verify("The National Farmers Union rejected the levy on milk", far).verdict not in ACCEPTED


def test_the_sentence_before_is_cited_when_the_name_stands_there() -> None:
    article = Article(text="Elena Petrov arrived in Leeds. She rejected the levy on milk and butter.")
    claim = verify("Petrov rejected the levy on milk and butter", article)
    assert [citation.quote for citation in claim.citations] == [
        "Elena Petrov arrived in Leeds.",
        "She rejected the levy on milk and butter.",
    ]
    alone = verify("She rejected the levy on milk and butter", article)
    assert [citation.quote for citation in alone.citations] == ["She rejected the levy on milk and butter."]


def test_sentences_are_joined_only_about_one_subject() -> None:
    text = "Costa spoke in Brussels on milk. He praised the levy of Leeds. Petrov praised the harbour of York."
    together = verify("Costa spoke in Brussels on milk and praised the levy of Leeds", text)
    assert together.verdict in ACCEPTED
    assert [citation.quote[:5] for citation in together.citations] == ["Costa", "He pr"]
    apart = verify("Costa spoke in Brussels on milk and praised the harbour of York", text)
    assert apart.verdict not in ACCEPTED
    assert find_support("Costa spoke in Brussels on milk", ()) is None
    assert find_support("the of", sentences_from(Article(text=text))) is None


def test_of_many_sentences_those_that_share_most_are_read() -> None:
    noise = " ".join(f"Poland built the hall number {n}." for n in range(20))
    article = Article(text=f"{noise} Poland will send heavy tanks to the border of Latvia.")
    found = align("Poland will send heavy tanks to the border of Latvia", sentences_from(article), Markers())
    assert found.verdict == "quoted"
    assert found.score == 1.0


# What the score is made of --------------------------------------------------------------------------------------------


def scored(claim: str, *texts: str, published: datetime | None = None) -> dict[str, float]:
    """The features of the best that such articles have for a claim."""
    best = find_support(claim, sentences_from(*(Article(text=text, published=published) for text in texts)))
    assert best is not None
    assert best.score == pytest.approx(load_model().probability(best.features))
    return best.features


def test_the_features_of_a_score_by_hand() -> None:
    claim = "Poland sends 40 heavy tanks to Latvia"
    worth = {token.word: weight for token, weight in zip(tokenize(claim), weights(tokenize(claim)), strict=True)}
    total = sum(worth.values())
    one = scored(claim, "In May Poland sends heavy lorries.")
    assert one["union"] == pytest.approx((worth["poland"] + worth["sends"] + worth["heavy"]) / total)
    assert (one["missing_names"], one["missing_numbers"]) == (1, 1)
    assert one["order"] == 1 / 5  # “Poland sends”; “heavy tanks” and the others are no neighbours there
    two = scored(claim, "In May Poland sends heavy lorries. The tanks are in Latvia.")
    assert two["union"] == pytest.approx((total - worth["40"]) / total)
    assert (two["missing_names"], two["missing_numbers"]) == (0, 1)
    # What other articles have counts too: the score asks how likely it is, and not where it stands.
    apart = scored(claim, "In May Poland sends heavy lorries.", "Elsewhere it rained on 40 tanks.")
    assert apart["missing_numbers"] == 0
    assert apart["union"] == pytest.approx((total - worth["latvia"]) / total)


def test_at_most_three_sentences_count_for_the_union() -> None:
    claim = "Poland Norway Latvia Denmark"
    worth = sorted(weights(tokenize(claim)))
    found = scored(
        claim, "In Poland it rained.", "In Norway it rained.", "In Latvia it rained.", "In Denmark it rained."
    )
    assert found["union"] == pytest.approx(sum(worth[1:]) / sum(worth))
    assert found["missing_names"] == 0


def test_who_says_it_is_no_evidence_for_the_score() -> None:
    claim = "Mai Holm said on Wednesday that the ferries sank off Lund"
    speaker = scored(claim, "Mai Holm said on Wednesday that she slept.")
    assert (speaker["union"], speaker["order"]) == (0, 0)
    matter = scored(claim, "The ferries sank off Lund.")
    assert 0 < matter["union"] < 1  # nor is it borne out that she said it
    assert scored(claim, "Mai Holm said on Wednesday that all the ferries sank off Lund.")["union"] == pytest.approx(1)


def test_days_and_names_that_are_put_otherwise_count_for_the_score() -> None:
    day = datetime(2025, 8, 21, tzinfo=UTC)
    found = scored("The envoys met in Geneva on Aug. 19", "The envoys met in Geneva on Tuesday.", published=day)
    assert (found["union"], found["missing_numbers"]) == (pytest.approx(1), 0)
    both = ("The envoys met in Geneva on Tuesday.", "A draft on milk was signed.")
    found = scored("The envoys met in Geneva on Aug. 19 and signed a draft on milk", *both, published=day)
    assert (found["union"], found["missing_numbers"]) == (pytest.approx(1), 0)
    text = "The National Farmers Union (NFU) met in Leeds. The NFU rejected the levy on milk."
    assert scored("The National Farmers Union rejected the levy on milk", text)["union"] == pytest.approx(1)


def test_of_sentences_that_share_as_much_the_verbatim_one_is_read() -> None:
    claim = "Poland sent tanks to Latvia"
    noise = " ".join(f"To Latvia it sent tanks from Poland {n} times." for n in range(20, 40))
    article = Article(text=f"{noise} Last week Poland sent tanks to Latvia.")
    found = align(claim, sentences_from(article), Markers())
    assert (found.verdict, found.citations[0].quote) == ("quoted", claim)


def test_of_many_sentences_those_with_the_rarest_words_are_read() -> None:
    noise = " ".join(f"Later talks were held {n} times." for n in range(20, 40))
    article = Article(text=f"{noise} In Zagreb it rained.")
    best = find_support("Zagreb hosts talks", sentences_from(article))
    assert best is not None
    assert "In Zagreb it rained." in [article.text[span.start : span.end] for _, span in best.spans]


def test_scores_have_three_digits() -> None:
    for verdict in ("partly", "supported", "unsupported"):
        assert cited("A claim", [finding(verdict, ONE, score=0.12345)], Markers()).score == 0.123


# Sentences together ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "claim", "quotes"),
    [
        (  # the second has the subject as a pronoun
            "Costa spoke in Brussels on milk. He praised the levy of Leeds.",
            "Costa spoke in Brussels and praised the levy of Leeds",
            2,
        ),
        (  # three of them
            "Costa spoke at length on milk. Costa praised the levy of Leeds. Costa opened the harbour of York.",
            "Costa spoke at length on milk, praised the levy of Leeds and opened the harbour of York",
            3,
        ),
        (  # the nearest six only
            "Costa spoke in Brussels on milk. "
            + "It rained. " * 6
            + "Costa praised the levy of Leeds, and it rained much on that day.",
            "Costa spoke in Brussels on milk and praised the levy of Leeds",
            1,
        ),
        (
            "Costa spoke in Brussels on milk. "
            + "It rained. " * 5
            + "Costa praised the levy of Leeds, and it rained much on that day.",
            "Costa spoke in Brussels on milk and praised the levy of Leeds",
            2,
        ),
        (  # another subject
            "Costa spoke in Brussels on milk. Petrov praised the levy of Leeds.",
            "Costa spoke in Brussels on milk and praised the levy of Leeds",
            0,
        ),
        (
            "Costa spoke in Brussels on milk. Petrov praised Costa and the levy of Leeds.",
            "Costa spoke in Brussels on milk and praised the levy of Leeds",
            1,
        ),
        (
            "Costa spoke in Brussels on milk. Then Petrov praised Costa and the levy of Leeds.",
            "Costa spoke in Brussels on milk and praised the levy of Leeds",
            1,
        ),
        (
            "Costa spoke in Brussels on milk. Farmers praised the levy of Leeds.",
            "Costa spoke in Brussels on milk and praised the levy of Leeds",
            0,
        ),
        (  # what is added must be more than a name
            "Costa spoke on milk and butter and bread. Much later, Costa and Petrov met.",
            "Costa spoke on milk and butter and bread to Petrov",
            1,
        ),
        (  # and must not deny it
            "Costa spoke in Brussels on milk. Costa did not praise the levy of Leeds.",
            "Costa spoke in Brussels on milk and praised the levy of Leeds",
            1,
        ),
    ],
)
def test_which_sentences_are_cited_together(text: str, claim: str, quotes: int) -> None:
    found = verify(claim, text)
    assert len(found.citations) == quotes, (found.verdict, [citation.quote for citation in found.citations])
    assert (found.verdict in ACCEPTED) is (quotes == 2)  # three are seldom likely enough


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Costa spoke on milk and butter. Costa left for Leeds.", "Costa spoke on milk and butter in Leeds"),
        (
            "Costa spoke on milk and butter. Much later, Costa and Petrov met.",
            "Costa spoke on milk and butter to Petrov",
        ),
        ("In May Costa met Petrov. Costa praised the levy on milk.", "Costa praised the levy on milk in May"),
        ("Costa praised the new levy on milk. He met Petrov.", "Costa praised the new levy on milk and Petrov"),
        ("Costa praised the new levy on milk. He slept in May.", "Costa praised the new levy on milk in May"),
        ("Costa praised the new levy on milk. He slept 40 hours.", "Costa praised the new levy on milk 40 times"),
    ],
)
def test_a_name_or_a_month_is_not_borrowed_from_another_sentence(text: str, claim: str) -> None:
    assert verify(claim, text).verdict not in ACCEPTED


def test_sentences_of_two_articles_are_not_joined() -> None:
    one, other = (
        Article(text="Costa spoke in Brussels on milk."),
        Article(text="Costa praised the levy of Leeds."),
    )
    claim = align(
        "Costa spoke in Brussels on milk and praised the levy of Leeds", sentences_from(one, other), Markers()
    )
    assert claim.verdict not in ACCEPTED
