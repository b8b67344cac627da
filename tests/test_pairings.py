"""Numbers, deeds and sides of one part of a sentence that a claim gives to another; each beside a true neighbour."""

from __future__ import annotations

import pytest
from claims import check_accepted

TOLL = "Neighbouring Lund and Marsa support the toll; Brell and Oster oppose it."
VOTE = "Brell's town council voted 9 to 4 on Monday against a toll on the Hessel bridge."
FARES = "Lorries will pay 14 crowns and cars 3 crowns."
BRIDGE = "The bridge was built in 1961 and was last repaired in 2009."
FIRE = "The fire killed 3 people and injured 40."
TALKS = "The talks begin on Monday and the vote is on Friday."
SALES = "Sales rose 4 percent in May and 9 percent in June."
RESULTS = "Sales rose 5 percent, and profit fell 3 percent."
MAYOR = "The mayor resigned, and the council elected Dana Orr."
LADY = "The first lady, who wore leggings and a burgundy hoodie, announced the launch."

NUMBERS = [
    (FARES, "Lorries will pay 3 crowns.", False),
    (FARES, "Cars will pay 3 crowns.", True),
    (FARES, "Lorries will pay 14 crowns.", True),
    (BRIDGE, "The bridge was built in 2009.", False),
    (BRIDGE, "The bridge was repaired in 2009.", True),
    (BRIDGE, "The bridge was built in 1961.", True),
    (FIRE, "The fire killed 40 people.", False),
    (FIRE, "The fire injured 40.", True),
    ("Anna is 40 and Ben is 52.", "Anna is 52.", False),
    ("Anna is 40 and Ben is 52.", "Ben is 52.", True),
    (TALKS, "The talks begin on Friday.", False),
    (TALKS, "The vote is on Friday.", True),
    (SALES, "Sales rose 9 percent in May.", False),
    (SALES, "Sales rose 9 percent in June.", True),
    (SALES, "Sales rose 4 percent in May.", True),
    (RESULTS, "Sales fell 3 percent.", False),
    (RESULTS, "Profit fell 3 percent.", True),
    ("The two boys, aged 19 and 23, were charged.", "The boys aged 19 and 23 were charged.", True),
    # a number that is far away tells of something else
    ("Barry Lund, 48, lost his case in the court, and judges ruled that £85 was fair.", "£85 was fair.", True),
]
PARTIES = [
    (TOLL, "Brell supports the toll.", False),
    (TOLL, "Lund and Marsa support the toll.", True),
    (MAYOR, "The mayor elected Dana Orr.", False),
    (MAYOR, "The council elected Dana Orr.", True),
    # the subject of the part before is that of the next one too
    ("The mayor resigned and left the town.", "The mayor left the town.", True),
    ("Arda was founded in 1200; it supports the levy.", "Arda supports the levy.", True),
    ("Veltia lost 4 million crowns, and the company closed two plants.", "Veltia closed two plants.", True),
    (LADY, "The first lady announced the launch.", True),
]
SIDES = [
    (VOTE, "The council voted 9 to 4 for a toll.", False),
    (VOTE, "The council voted against a toll on the Hessel bridge.", True),
    ("Unions marched in favour of the new law.", "Unions marched against the new law.", False),
    ("Unions marched in favour of the new law.", "Unions marched for the new law.", True),
    # no side is taken here
    ("Grealish made his first start for Villa against Leeds.", "Grealish made his first start for Villa.", True),
    ("The crown fell against the dollar.", "The crown fell against the dollar on Monday.", False),
    ("The crown fell against the dollar on Monday.", "The crown fell against the dollar.", True),
]


@pytest.mark.parametrize(("source", "claim", "accepted"), [*NUMBERS, *PARTIES, *SIDES])
def test_what_belongs_to_another_part_bears_nothing_out(source: str, claim: str, accepted: bool) -> None:
    check_accepted(claim, source, accepted)


def test_what_is_shown_is_what_the_source_says_instead() -> None:
    (number,) = check_accepted("Lorries will pay 3 crowns.", FARES, False).differences
    assert (number.kind, number.claim, number.source) == ("number", "3", "14")
    (party,) = check_accepted("The mayor elected Dana Orr.", MAYOR, False).differences
    assert (party.kind, party.claim, party.source) == ("name", "mayor", "council")
    (side,) = check_accepted("The council voted 9 to 4 for a toll.", VOTE, False).differences
    assert (side.kind, side.claim, side.source) == ("negation", "for", "against")
