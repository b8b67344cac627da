"""Every word is there and the sentence is still false: hopes, things left undone, places changed, “only” and “few”.

Each refused sentence stands beside a true neighbour that must still pass.
"""

from __future__ import annotations

import pytest
from claims import check_accepted

ATTITUDES = [
    # what is hoped, feared, believed, doubted or asked
    ("Researchers hope the drug cures cancer.", "The drug cures cancer.", False),
    ("Researchers hope the drug cures cancer.", "Researchers hope that the drug cures cancer.", True),
    ("Researchers have shown the drug cures cancer.", "The drug cures cancer.", True),
    ("Villagers fear that the dam leaks at its northern end.", "The dam leaks at its northern end.", False),
    ("Engineers confirmed that the dam leaks at its northern end.", "The dam leaks at its northern end.", True),
    ("Engineers said the dam leaks at its northern end.", "The dam leaks at its northern end.", True),
    ("Detectives believe Hallam hid the money in a barn.", "Hallam hid the money in a barn.", False),
    (
        "Detectives believe Hallam hid the money in a barn.",
        "Hallam is believed to have hidden the money in a barn.",
        True,
    ),
    ("Detectives proved that Hallam hid the money in a barn.", "Hallam hid the money in a barn.", True),
    ("Hallam is thought to have hidden the money in a barn.", "Hallam hid the money in a barn.", False),
    ("Lodgers wonder if the landlord owns the mill in Thorpe.", "The landlord owns the mill in Thorpe.", False),
    ("Reporters asked whether the landlord owns the mill in Thorpe.", "The landlord owns the mill in Thorpe.", False),
    (
        "The landlord, who was asked for an interview, owns the mill in Thorpe.",
        "The landlord owns the mill in Thorpe.",
        True,
    ),
    ("There were rumours that the bishop sold two farms.", "The bishop sold two farms.", False),
    ("The idea that the bishop sold two farms amused the dean.", "The bishop sold two farms.", False),
    ("According to a theory, the bishop sold two farms.", "The bishop sold two farms.", False),
    ("According to a report, the bishop sold two farms.", "The bishop sold two farms.", True),
    ("The bishop sold two farms, parishioners suspect.", "The bishop sold two farms.", False),
    ("The bishop sold two farms, a spokesman said.", "The bishop sold two farms.", True),
    ("Traders assume the central bank sold gold in June.", "The central bank sold gold in June.", False),
    ("Children imagined that the lighthouse keeper kept a bear.", "The lighthouse keeper kept a bear.", False),
    ("Nobody doubts that the lighthouse keeper kept a bear.", "The lighthouse keeper kept a bear.", True),
    ("The lighthouse keeper kept a bear, which children feared.", "The lighthouse keeper kept a bear.", True),
    ("Commuters wish the tram ran until midnight.", "The tram ran until midnight.", False),
    ("The tram ran until midnight, as commuters had wished.", "The tram ran until midnight.", True),
    ("The council will close the pool if the roof cannot be mended.", "The council will close the pool.", False),
    (
        "The council will close the pool if the roof cannot be mended.",
        "If the roof cannot be mended, the council will close the pool.",
        True,
    ),
    ("Unless the rain stops, the council will close the pool.", "The council will close the pool.", False),
    ("The council will close the pool, even if the rain stops.", "The council will close the pool.", True),
    ("Owners pretend the hotel has ninety rooms.", "The hotel has ninety rooms.", False),
    ("Campaigners, who hope for snow, met in Ghent on Friday.", "Campaigners met in Ghent on Friday.", True),
    ("Researchers hope the drug cures cancer, and a trial began in May.", "A trial began in May.", True),
    (
        "Critics believe in reform, and the senate passed the law on Friday.",
        "The senate passed the law on Friday.",
        True,
    ),
]

ATTITUDES += [
    # where such a word stands beside, and bends nothing
    ("While the paper claimed the mill was empty, Lisk said it held grain.", "Lisk said the mill held grain.", True),
    ("The highly anticipated film opened in Lille on Tuesday.", "The film opened in Lille on Tuesday.", True),
    ("“I think the mill is empty,” Lisk said.", "Lisk said the mill is empty.", True),
    ("Detectives believe Hallam hid in the barn, which burned down in May.", "The barn burned down in May.", True),
    ("The town fears the raiders who, villagers believe, hid in the barn.", "The town fears the raiders.", True),
]

UNDONE = [
    # what was decided against, or not done but something else
    (
        "Miners at Orsta voted against going on strike on Friday, by 187 votes to 96.",
        "The miners went on strike.",
        False,
    ),
    (
        "Miners at Orsta voted against going on strike on Friday, by 187 votes to 96.",
        "Miners at Orsta voted against a strike.",
        True,
    ),
    ("Miners at Orsta went on strike on Friday.", "Miners at Orsta went on strike.", True),
    ("The board ruled against moving the archive to Turin.", "The board moved the archive to Turin.", False),
    (
        "The board moved the archive to Turin, its critics voted against it.",
        "The board moved the archive to Turin.",
        True,
    ),
    ("Doctors warned patients against taking the pills with milk.", "Patients took the pills with milk.", False),
    ("Farmers burned the straw instead of ploughing it under.", "Farmers ploughed the straw under.", False),
    ("Farmers burned the straw instead of ploughing it under.", "Farmers burned the straw.", True),
    ("Rather than suing the paper, the singer wrote a letter.", "The singer sued the paper.", False),
    ("Rather than suing the paper, the singer wrote a letter.", "The singer wrote a letter.", True),
    ("The envoy left without signing the treaty.", "The envoy signed the treaty.", False),
    ("The envoy left without signing the treaty.", "The envoy left.", True),
    ("The envoy left after signing the treaty.", "The envoy signed the treaty.", True),
    ("The regulator stopped short of fining the airline.", "The regulator fined the airline.", False),
    ("Neighbours argued against building the tower on the quay.", "Neighbours built the tower on the quay.", False),
]

PLACES = [
    # two that changed places around one word
    (
        "Falkberg Metals has since sold its smelter in Vik to the Dutch firm Kestrel, which plans to cut 40 jobs.",
        "Kestrel sold its smelter in Vik to Falkberg.",
        False,
    ),
    (
        "Falkberg Metals has since sold its smelter in Vik to the Dutch firm Kestrel, which plans to cut 40 jobs.",
        "Falkberg sold its smelter in Vik to Kestrel.",
        True,
    ),
    ("The court ruled for Samsung against Apple.", "The court ruled for Apple against Samsung.", False),
    ("The court ruled for Samsung against Apple.", "The court ruled against Apple and for Samsung.", True),
    ("Rebels killed 20 soldiers of the army.", "The army killed 20 rebels.", False),
    ("Rebels killed 20 soldiers of the army.", "Twenty soldiers of the army were killed by rebels.", True),
    ("Jones left the meeting before Smith.", "Smith left the meeting before Jones.", False),
    ("Jones left the meeting before Smith.", "Before Smith, Jones left the meeting.", True),
    ("Norwind bought the mine from Kestrel.", "Kestrel bought the mine from Norwind.", False),
    ("Norwind bought the mine from Kestrel.", "The mine was bought from Kestrel by Norwind.", True),
    ("Brandt lent 40,000 euros to Moreau in 2019.", "Moreau lent 40,000 euros to Brandt in 2019.", False),
    ("Brandt lent 40,000 euros to Moreau in 2019.", "In 2019 Brandt lent Moreau 40,000 euros.", True),
    ("Brandt lent Moreau 40,000 euros in 2019.", "Moreau lent Brandt 40,000 euros in 2019.", False),
    ("Torino won the cup after Parma.", "Parma won the cup after Torino.", False),
    ("Voters in Graz preferred Huber over Lang.", "Voters in Graz preferred Lang over Huber.", False),
    ("The train from Basel to Trieste was late.", "The train from Trieste to Basel was late.", False),
    ("The train from Basel to Trieste was late.", "The train to Trieste from Basel was late.", True),
    (
        "Wardens attacked a group of poachers near the river.",
        "Poachers attacked a group of wardens near the river.",
        False,
    ),
    (
        "The senator accused the judge of lying to the panel.",
        "The judge accused the senator of lying to the panel.",
        False,
    ),
    (
        "The senator accused the judge of lying to the panel.",
        "The judge was accused by the senator of lying to the panel.",
        True,
    ),
    ("Weber succeeded Costa as director of the zoo.", "Costa succeeded Weber as director of the zoo.", False),
]

ATTITUDES += [
    ("Ten sailors drowned off Malta, it is feared.", "Ten sailors drowned off Malta.", False),
    ("The queen is rumoured to have written the poem.", "The queen wrote the poem.", False),
    ("Officials feared the bridge would fall, but it held.", "The bridge held.", True),
    ("Officials feared the bridge would fall, but it held.", "The bridge fell.", False),
]

PLACES += [
    # somebody who is somebody else's
    ("The wife of the mayor was arrested.", "The mayor was arrested.", False),
    ("The wife of the mayor was arrested.", "The mayor's wife was arrested.", True),
    ("The son of Ana Lisk won the race at Rimini.", "Ana Lisk won the race at Rimini.", False),
    ("Vale's brother was jailed for fraud.", "Vale was jailed for fraud.", False),
    ("Vale's brother was jailed for fraud.", "The brother of Vale was jailed for fraud.", True),
    ("A lawyer for the union said Vale was jailed for fraud.", "Vale was jailed for fraud.", True),
    ("Abara's lawyers met the judge on Friday.", "Abara met the judge on Friday.", False),
    # what is left out
    ("Everyone but Jones voted for the plan.", "Jones voted for the plan.", False),
    ("All the members but Jones backed the plan.", "All members but Jones backed the plan.", True),
    ("The plan failed, but Jones voted for it.", "Jones voted for the plan.", True),
    ("The shop sells beer except on Sundays.", "The shop sells beer on Sundays.", False),
    ("The shop sells beer except on Sundays.", "The shop sells beer.", True),
    ("Apart from Norway, all members signed the treaty.", "Norway signed the treaty.", False),
    ("The king visited Ghent in place of the queen.", "The queen visited Ghent.", False),
    ("The king visited Ghent in place of the queen.", "The king visited Ghent.", True),
]

HOW_MANY = [
    # only, few, most, all; nearly; first and second; bounds
    ("France will send troops.", "Only France will send troops.", False),
    ("Only France will send troops.", "France will send troops.", True),
    ("Only France will send troops.", "Just France will send troops.", True),
    ("The club admits members over sixty.", "The club admits only members over sixty.", False),
    ("Three boats were lost in the storm.", "Only three boats were lost in the storm.", True),
    ("Many people came.", "Few people came.", False),
    ("A few people came.", "Few people came.", False),
    ("Many people came.", "Many people came.", True),
    ("Some farmers in Jura opposed the levy.", "Most farmers in Jura opposed the levy.", False),
    ("Farmers in Jura opposed the levy.", "All farmers in Jura opposed the levy.", False),
    ("All farmers in Jura opposed the levy.", "Most farmers in Jura opposed the levy.", True),
    ("All farmers in Jura opposed the levy.", "Farmers in Jura opposed the levy.", True),
    ("Most of the farmers in Jura opposed the levy.", "Most farmers in Jura opposed the levy.", True),
    ("The nine passengers survived the crash.", "All nine passengers survived the crash.", True),
    ("The passengers survived the crash.", "All the passengers survived the crash.", True),
    ("Half of the passengers survived the crash.", "Most passengers survived the crash.", False),
    ("Half of the passengers survived the crash.", "Half the passengers survived the crash.", True),
    ("Lund won the race.", "Lund nearly won the race.", False),
    ("Lund nearly won the race.", "Lund won the race.", False),
    ("Lund almost won the race.", "Lund nearly won the race.", True),
    ("The second case was reported in China.", "The first case was reported in China.", False),
    ("The second case was reported in China.", "The second case was reported in China in May.", False),
    ("The 2nd case was reported in China.", "The second case was reported in China.", True),
    ("Holt came fourth in the relay at Rimini.", "Holt came second in the relay at Rimini.", False),
    ("At least 112 people died in the flood.", "More than 100 people died.", True),
    ("At least 112 people died in the flood.", "More than 100 people died in the flood.", True),
    ("At least 112 people died in the flood.", "More than 120 people died in the flood.", False),
    ("At most 80 people died in the flood.", "More than 70 people died in the flood.", False),
    ("Up to 80 people may attend the hearing.", "Fewer than 100 people may attend the hearing.", True),
    ("At least 80 people attended the hearing.", "Fewer than 100 people attended the hearing.", False),
    ("Up to 80 people attended the hearing.", "80 people attended the hearing.", False),
    ("Up to 80 people attended the hearing.", "Up to 80 people attended the hearing in May.", False),
    ("As many as 80 people attended the hearing.", "About 80 people attended the hearing.", True),
    ("The firm paid 2.4 million euros for the barge.", "The firm paid over 2 million euros for the barge.", True),
    ("The firm paid 2.4 million euros for the barge.", "The firm paid less than 2 million euros for the barge.", False),
]

WHOSE = [
    # an adjective inside what was done is nobody who did it
    (
        "European officials discussed a plan to send French and British troops.",
        "France and Britain discussed a plan to send troops.",
        False,
    ),
    (
        "French and British officials discussed a plan to send troops.",
        "France and Britain discussed a plan to send troops.",
        True,
    ),
    ("Customs officers in Gdansk seized Russian coal.", "Russia seized coal in Gdansk.", False),
    ("The panel approved a bid to restore Polish forests.", "Poland approved a bid to restore forests.", False),
    (
        "The Polish panel approved a bid to restore forests.",
        "A panel in Poland approved a bid to restore forests.",
        True,
    ),
    ("Auditors criticised the cost of German motorways.", "Germany criticised the cost of motorways.", False),
    (
        "The cost of motorways was criticised by German auditors.",
        "German auditors criticised the cost of motorways.",
        True,
    ),
]

WHEN_AND_WHY = [
    # what is still to come; a sequence is no cause
    ("France will send 2,000 troops.", "France might have sent 2,000 troops.", False),
    ("France will send 2,000 troops.", "France will be sending 2,000 troops.", True),
    ("France may have sent 2,000 troops.", "France might have sent 2,000 troops.", True),
    ("The bank will open a branch in Riga.", "The bank could have opened a branch in Riga.", False),
    ("Estonia is to buy nine tugs.", "Estonia may have bought nine tugs.", False),
    ("The bridge collapsed after the storm.", "The bridge collapsed because of the storm.", False),
    ("The bridge collapsed because of the storm.", "The bridge collapsed due to the storm.", True),
    ("The bridge collapsed after the storm.", "The bridge collapsed after the storm.", True),
    ("The bridge collapsed after the storm had washed out a pier.", "The bridge collapsed due to the storm.", False),
    (
        "The actor withdrew following a quarrel with the director.",
        "The actor withdrew because of a quarrel with the director.",
        False,
    ),
    (
        "The actor withdrew over a quarrel with the director.",
        "The actor withdrew because of a quarrel with the director.",
        True,
    ),
]


@pytest.mark.parametrize(
    ("source", "claim", "accepted"), [*ATTITUDES, *UNDONE, *PLACES, *HOW_MANY, *WHOSE, *WHEN_AND_WHY]
)
def test_what_holds_every_word_and_says_something_else_does_not_pass(source: str, claim: str, accepted: bool) -> None:
    check_accepted(claim, source, accepted)
