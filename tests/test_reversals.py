"""A claim whose verb the source does not have, or turns round, does not pass; who said it is no evidence for it."""

from __future__ import annotations

import pytest
from claims import check_accepted

FERRY = (
    "The union of deckhands has turned down the new rota, its chair Mai Holm said on Wednesday. The line’s owner, Tarr "
    "Shipping, called off talks with the port of Lund. It will cut the number of sailings to Lund from June."
)
CLINIC = (
    "The county council has scrapped plans for a clinic in Oster. Health chief Jon Abara ruled out a merger with the "
    "hospital in Vik. The nurses stopped short of a strike, their spokeswoman Lea Winter told the paper. The clinic in "
    "Holt no longer treats children. Surgeons at Vik hospital have quit the waiting-list scheme."
)
CLUB = (
    "Rovers lost the final in Brack by a single goal, coach Dario Penn said. The club fired its physiotherapist, Ana "
    "Lisk, in May. Captain Tom Vale backed out of a move to Celtic. The league approved the new ground. The players "
    "held on to the cup that they won in 2021."
)
TAX = (
    "Finance minister Ravi Sen confirmed the tax on sugar. Parliament shot down the tax on salt, 61 votes to 40. Sen "
    "failed to persuade the bakers. The minister raised the duty on beer by 3 percent. Growth fell short of the "
    "forecast. The cabinet put off a decision on tobacco, Sen said on Friday."
)
FACTORY = (
    "Workers walked away from the pension deal, said Olga Brenn, who runs the plant in Selby. The plant pulled out of "
    "the trade fair in Hamm. Brenn declined to comment on the fire. Orders from Asia shrank by a fifth. Inspectors "
    "visited the paint shop in April, Brenn said."
)

TRAPS = [
    # who said it is no evidence for what was said
    (FERRY, "Mai Holm said the union has accepted the rota.", False),
    (FERRY, "The union has accepted the rota, Mai Holm said.", False),
    (FERRY, "Mai Holm, its chair, said on Wednesday that the union of deckhands had accepted the new rota.", False),
    (FERRY, "The union of deckhands has welcomed the new rota, its chair Mai Holm said on Wednesday.", False),
    (FERRY, "Mai Holm said the union has turned down the rota.", True),
    (FERRY, "The union of deckhands turned the new rota down, according to Mai Holm.", True),
    (CLUB, "Coach Dario Penn said Rovers had won the final in Brack.", False),
    (CLUB, "Coach Dario Penn said Rovers would play the final in Brack.", False),
    (CLUB, "Rovers lost the final in Brack, Dario Penn said.", True),
    (FACTORY, "Olga Brenn said inspectors had closed the paint shop in April.", False),
    (FACTORY, "Inspectors visited the paint shop in April, according to Brenn.", True),
    (TAX, "The cabinet took a decision on tobacco, Sen said on Friday.", False),
    (TAX, "Sen said on Friday that the cabinet had put off a decision on tobacco.", True),
    # denied by a phrase
    (FERRY, "The union accepted the new rota.", False),
    (FERRY, "The union rejected the new rota.", True),
    (FERRY, "Tarr Shipping held talks with the port of Lund.", False),
    (FERRY, "Tarr Shipping will hold talks with the port of Lund.", False),
    (FERRY, "Tarr Shipping called off its talks with the port of Lund.", True),
    (FERRY, "Tarr Shipping cancelled talks with the port of Lund.", True),
    (CLINIC, "The county council has approved plans for a clinic in Oster.", False),
    (CLINIC, "The county council has plans for a clinic in Oster.", False),
    (CLINIC, "The county council scrapped the plans for a clinic in Oster.", True),
    (CLINIC, "Jon Abara proposed a merger with the hospital in Vik.", False),
    (CLINIC, "Health chief Jon Abara agreed to a merger with the hospital in Vik.", False),
    (CLINIC, "Health chief Jon Abara has ruled out a merger with the Vik hospital.", True),
    (CLINIC, "The nurses went on strike, Lea Winter told the paper.", False),
    (CLINIC, "The nurses began a strike.", False),
    (CLINIC, "Lea Winter told the paper that the nurses had stopped short of a strike.", True),
    (CLINIC, "The clinic in Holt treats children.", False),
    (CLINIC, "The clinic in Holt no longer treats children.", True),
    (CLINIC, "The clinic in Holt does not treat children any longer.", True),
    (CLUB, "Captain Tom Vale agreed a move to Celtic.", False),
    (CLUB, "Tom Vale backed out of the move to Celtic.", True),
    (TAX, "Parliament passed the tax on salt.", False),
    (TAX, "Parliament passed the tax on salt by 61 votes to 40.", False),
    (TAX, "Parliament shot down the tax on salt by 61 votes to 40.", True),
    (TAX, "Parliament rejected the tax on salt by 61 votes to 40.", True),
    (TAX, "Sen persuaded the bakers.", False),
    (TAX, "Sen did not persuade the bakers.", True),
    (TAX, "Growth reached the forecast.", False),
    (TAX, "Growth beat the forecast.", False),
    (TAX, "The cabinet postponed a decision on tobacco.", True),
    (FACTORY, "Workers signed the pension deal.", False),
    (FACTORY, "Workers accepted the pension deal, said Olga Brenn, who runs the plant in Selby.", False),
    (FACTORY, "Workers walked away from the pension deal, Olga Brenn said.", True),
    (FACTORY, "The plant took part in the trade fair in Hamm.", False),
    (FACTORY, "The plant in Selby joined the trade fair in Hamm.", False),
    (FACTORY, "The plant pulled out of the trade fair in Hamm.", True),
    (FACTORY, "Brenn commented on the fire.", False),
    (FACTORY, "Brenn declined to comment on the fire.", True),
    (FACTORY, "Brenn refused to comment on the fire.", True),
    # one verb for its opposite, or for another
    (FERRY, "The line will raise the number of sailings to Lund from June.", False),
    (FERRY, "The number of sailings to Lund will be cut from June.", True),
    (CLINIC, "Surgeons at Vik hospital have joined the waiting-list scheme.", False),
    (CLINIC, "Surgeons at Vik hospital left the waiting-list scheme.", True),
    (CLUB, "The club hired its physiotherapist, Ana Lisk, in May.", False),
    (CLUB, "The club dismissed its physiotherapist, Ana Lisk, in May.", True),
    (CLUB, "Ana Lisk, the physiotherapist, was fired by the club in May.", True),
    (CLUB, "The league vetoed the new ground.", False),
    (CLUB, "The new ground was approved by the league.", True),
    (CLUB, "The players gave up the cup that they won in 2021.", False),
    (TAX, "Finance minister Ravi Sen denied the tax on sugar.", False),
    (TAX, "Finance minister Ravi Sen abolished the tax on sugar.", False),
    (TAX, "Ravi Sen, the finance minister, has confirmed the tax on sugar.", True),
    (TAX, "The minister lowered the duty on beer by 3 percent.", False),
    (TAX, "The duty on beer was raised by 3 percent.", True),
    (FACTORY, "Orders from Asia grew by a fifth.", False),
    (FACTORY, "Orders from Asia shrank by a fifth.", True),
]


TRAPS += [
    # what was asked for, tried, meant, formerly so, or said by somebody else
    ("Residents of Holm asked the council to approve the cycle path.", "The council approved the cycle path.", False),
    ("The minister urged Norwind to close the mine.", "Norwind closed the mine.", False),
    ("The minister urged Norwind to close the mine.", "Norwind has closed the mine.", False),
    ("The court forced Norwind to close the mine.", "Norwind closed the mine.", True),
    ("Norwind managed to sell the mine in May.", "Norwind sold the mine in May.", True),
    ("Norwind is trying to sell the mine in Lode.", "Norwind sold the mine in Lode.", False),
    ("Norwind wants to sell the mine in Lode.", "Norwind sold the mine in Lode.", False),
    ("Norwind agreed to sell the mine in Lode.", "Norwind agreed to sell the mine in Lode to Kestrel.", False),
    ("Anna Weiss called on the mayor to resign over the flood.", "The mayor resigned over the flood.", False),
    (
        "Anna Weiss called on the mayor to resign over the flood.",
        "The mayor has resigned over the flood, Anna Weiss said.",
        False,
    ),
    (
        "The mayor resigned over the flood, Anna Weiss said.",
        "Anna Weiss said the mayor has resigned over the flood.",
        True,
    ),
    (
        "The union welcomed the pay deal and postponed the vote on the rota.",
        "The union welcomed the vote on the rota.",
        False,
    ),
    (
        "Critics say the dam harmed the river, but the operator says it saved the valley.",
        "The operator says the dam harmed the river.",
        False,
    ),
    (
        "The plan to close the library was rejected by the council.",
        "The council rejected the plan to close the library.",
        True,
    ),
    (
        "The plan to close the library was rejected by the council.",
        "The council accepted the plan to close the library.",
        False,
    ),
    ("The plan to close the library was rejected by the council.", "The library will be closed by the council.", False),
    (
        "There is no doubt that the bridge will open in June, Lind said.",
        "The bridge will open in June, Lind said.",
        True,
    ),
    ("Lind denied that the bridge would open in June.", "The bridge will open in June.", False),
    ("The bridge opened no later than June, Lind said.", "The bridge opened in June, Lind said.", True),
    (
        "Talks between Norwind and the miners fell through on Friday.",
        "Norwind and the miners reached an agreement in talks on Friday.",
        False,
    ),
    (
        "Talks between Norwind and the miners fell through on Friday.",
        "Talks between Norwind and the miners failed on Friday.",
        True,
    ),
    (
        "Talks between Norwind and the miners fell through on Friday.",
        "Talks between Norwind and the miners collapsed on Friday.",
        False,
    ),
    ("The company dropped its bid for the airline.", "The company made a bid for the airline.", False),
    ("The company dropped its bid for the airline.", "The company raised its bid for the airline.", False),
    ("The company dropped its bid for the airline.", "The company abandoned its bid for the airline.", True),
    ("Ticket prices dropped by 4 percent in May.", "Ticket prices fell by 4 percent in May.", True),
    ("Ticket prices dropped by 4 percent in May.", "Ticket prices rose by 4 percent in May.", False),
    ("A fishing boat was pulled out of the water on Sunday.", "A fishing boat was pulled out of the water.", True),
    ("Poland shot down a drone that crossed the border on Monday.", "A drone crossed the border on Monday.", True),
    (
        "Poland shot down a drone that crossed the border on Monday.",
        "Poland launched a drone that crossed the border on Monday.",
        False,
    ),
    ("The court ruled that the levy was lawful.", "The levy was lawful, the court ruled.", True),
    ("The court ruled that the levy was lawful.", "The court ruled out the levy.", False),
    ("The club let its captain, Per Dahl, go in June.", "The club signed its captain, Per Dahl, in June.", False),
    (
        "Lawmakers are divided over the curfew, Speaker Ana Rui said.",
        "Lawmakers are united over the curfew, Speaker Ana Rui said.",
        False,
    ),
    (
        "Lawmakers are divided over the curfew, Speaker Ana Rui said.",
        "Lawmakers backed the curfew, Speaker Ana Rui said.",
        False,
    ),
    ("The rescue boat never reached the island of Tyr.", "The rescue boat reached the island of Tyr.", False),
    ("The rescue boat barely reached the island of Tyr.", "The rescue boat reached the island of Tyr.", True),
    ("Nobody was hurt when the crane in Holm collapsed.", "People were hurt when the crane in Holm collapsed.", False),
    ("Without a permit, the fair in Holm cannot open.", "The fair in Holm can open without a permit.", False),
    ("Dahl, who once opposed the port, now supports it.", "Dahl opposes the port.", False),
    ("Dahl used to run the port of Lode.", "Dahl runs the port of Lode.", False),
    ("Far from supporting the port, Dahl has fought it for years.", "Dahl has supported the port for years.", False),
    ("Instead of raising rents, the city lowered them.", "The city raised rents.", False),
    ("The city considered raising rents.", "The city raised rents.", False),
    ("Police denied reports that a guard was killed in Lode.", "A guard was killed in Lode, police said.", False),
    (
        "The ministry said reports of a leak at the Lode plant were false.",
        "There was a leak at the Lode plant, the ministry said.",
        False,
    ),
    ("It was Weber, not Klein, who signed the letter.", "Klein signed the letter.", False),
    ("It was Weber, not Klein, who signed the letter.", "Weber signed the letter.", True),
    ("Neither Weber nor Klein signed the letter.", "Weber signed the letter.", False),
    ("The firm came close to missing its target.", "The firm missed its target.", False),
    ("Weber had hoped to win the seat but lost it to Klein.", "Weber won the seat.", False),
    ("Klein would have signed the letter had she been asked.", "Klein signed the letter.", False),
    ("Weber pretended to sign the letter.", "Weber signed the letter.", False),
    ("Had the valve held, the tank would have survived.", "The tank survived.", False),
    ("The valve held, so the tank survived.", "The tank survived because the valve held.", True),
]


TRAPS += [
    # allegations, parts and wholes, numbers of another verb, who did it to whom
    ("Jones claimed the vaccine kills children.", "The vaccine kills children.", False),
    ("Jones claims the vaccine kills children.", "The vaccine kills children.", False),
    ("Prosecutors allege that Weber forged the letter.", "Weber forged the letter.", False),
    ("Weber is accused of forging the letter.", "Weber forged the letter.", False),
    ("Weber was charged with forging the letter.", "Weber forged the letter.", False),
    ("Weber was convicted of forging the letter.", "Weber forged the letter.", True),
    ("Weber was cleared of forging the letter.", "Weber forged the letter.", False),
    ("Police suspect that Weber forged the letter.", "Weber forged the letter.", False),
    ("Analysts doubt that Norwind will sell the mine.", "Norwind will sell the mine.", False),
    ("Norwind is expected to sell the mine.", "Norwind sold the mine.", False),
    ("Norwind stopped selling coal in May.", "Norwind sells coal.", False),
    ("Norwind stopped selling coal in May.", "Norwind began selling coal in May.", False),
    ("Norwind has yet to sell the mine.", "Norwind has sold the mine.", False),
    ("Norwind has yet to sell the mine.", "Norwind has not sold the mine.", True),
    ("The mine remains unsold, Norwind said.", "Norwind said the mine was sold.", False),
    ("Few members of the union backed the rota.", "Members of the union backed the rota.", False),
    ("Only Lund voted for the rota.", "Lund did not vote for the rota.", False),
    ("Only three of the 85 members backed the rota.", "All 85 members backed the rota.", False),
    ("The rota was backed by three of the 85 members.", "85 members backed the rota.", False),
    (
        "Support for the rota fell from 60 percent to 41 percent.",
        "Support for the rota rose from 41 percent to 60 percent.",
        False,
    ),
    ("Support for the rota fell from 60 percent to 41 percent.", "Support for the rota fell to 41 percent.", True),
    ("Support for the rota fell from 60 percent to 41 percent.", "Support for the rota fell to 60 percent.", False),
    ("Holm succeeded Dahl as chair of the union.", "Dahl succeeded Holm as chair of the union.", False),
    ("Holm, who succeeded Dahl as chair, resigned.", "Dahl resigned as chair.", False),
    ("Lund beat Brack 3-1 in the final.", "Brack beat Lund 3-1 in the final.", False),
    ("Lund beat Brack 3-1 in the final.", "Lund lost to Brack 3-1 in the final.", False),
    ("Norwind owes Kestrel 4 million euros.", "Kestrel owes Norwind 4 million euros.", False),
    ("Norwind bought the mine from Kestrel.", "Kestrel bought the mine from Norwind.", False),
    ("Norwind bought the mine from Kestrel.", "Norwind sold the mine to Kestrel.", False),
    ("Norwind bought the mine from Kestrel.", "Kestrel sold the mine to Norwind.", False),
    ("The bill passed the lower house but stalled in the senate.", "The bill passed the senate.", False),
    ("The flood killed 12 people in Lode and injured 40.", "The flood killed 40 people in Lode.", False),
    ("The flood killed 12 people in Lode and injured 40.", "The flood injured 12 people in Lode.", False),
    ("The mayor blamed the operator for the outage.", "The operator blamed the mayor for the outage.", False),
    ("The mayor, whom the governor dismissed in May, has appealed.", "The mayor dismissed the governor in May.", False),
    ("Dahl told Holm to resign.", "Holm resigned.", False),
    ("Dahl told Holm to resign.", "Holm told Dahl to resign.", False),
    ("The strike ended on Friday after nine days.", "The strike began on Friday.", False),
    ("The strike ended on Friday after nine days.", "The strike lasted nine days.", False),
    ("Doctors warned against giving the drug to children.", "Doctors recommended giving the drug to children.", False),
    ("Doctors warned against giving the drug to children.", "Doctors gave the drug to children.", False),
    ("The drug is not safe for children, doctors said.", "Doctors said the drug is safe for children.", False),
    ("The drug is unsafe for children, doctors said.", "The drug is safe for children.", False),
    ("The minister promised to lower taxes.", "The minister lowered taxes.", False),
    ("The minister threatened to close the port.", "The minister closed the port.", False),
    (
        "The minister threatened to close the port.",
        "The minister threatened to close the port unless the strike ended.",
        False,
    ),
    ("The port reopened on Monday.", "The port closed on Monday.", False),
    ("Water levels are below normal in Lode.", "Water levels are above normal in Lode.", False),
    ("Holm is against the rota.", "Holm is for the rota.", False),
    ("Holm is no fan of the rota.", "Holm is a fan of the rota.", False),
    ("Holm did little to help the crew.", "Holm helped the crew.", False),
    ("The crew was rescued by a trawler.", "The crew rescued a trawler.", False),
    ("It took the crew nine hours to reach the shore.", "The crew reached the shore in nine hours.", True),
]


@pytest.mark.parametrize(("source", "claim", "accepted"), TRAPS)
def test_a_verb_that_the_source_lacks_or_turns_round_does_not_pass(source: str, claim: str, accepted: bool) -> None:
    check_accepted(claim, source, accepted)
