"""Who said it: a table of sentences with their speakers, written before the rules were run on it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.passages import sentence_bounds
from toolkit.voices.attribution import attributions
from toolkit.voices.stances import stance_of

WHO = [
    # the speaker before the verb
    ("Keir Starmer said that the force would be small.", "Keir Starmer"),
    ("Starmer said the force would be small.", "Starmer"),
    ("President Trump said on Tuesday that he would decide soon.", "Trump"),
    ("U.S. President Donald Trump said the talks went well.", "Donald Trump"),
    ("White House press secretary Karoline Leavitt said on Tuesday that the guarantees mattered.", "Karoline Leavitt"),
    ("Tesla chief executive Elon Musk told Reuters that sales would recover.", "Elon Musk via Reuters"),
    ("Trump told Fox News that Europeans are willing to put people on the ground.", "Trump via Fox News"),
    ("Trump himself told Fox News that Europeans are willing to put people on the ground.", "Trump via Fox News"),
    ("The mayor told residents to leave at once.", "the mayor"),
    ("Anna Holm, the health minister, warned that beds were running out.", "Anna Holm"),
    ("António Costa, the president of the European Council, said on Tuesday that the terms would be worked out.",
     "António Costa"),
    ("Maria Silva, who leads the union, argued that pay had fallen.", "Maria Silva"),
    ("The British government said that a reassurance force could be deployed.", "the British government"),
    ("Officials who follow the talks say that the American share is uncertain.", "officials who follow the talks"),
    ("Analysts said that the tone had changed since the spring.", "analysts"),
    ("A spokesman for Apple said the phones were safe.", "a spokesman for Apple"),
    ("The Justice Department said it would appeal.", "the Justice Department"),
    ("Apple's Eddy Cue said there was no valid alternative.", "Eddy Cue"),
    ("Police in Leeds said two men had been arrested.", "police in Leeds"),
    ("Sen. John Kennedy has repeatedly said that the bill is dead.", "John Kennedy"),
    ("Mr. Lindner later added that no money was left.", "Lindner"),
    ("The study found that coffee drinkers live longer.", "the study"),
    ("Researchers at Oxford found that bees can count.", "researchers at Oxford"),
    ("German Chancellor Friedrich Merz insisted that Berlin had decided nothing.", "Friedrich Merz"),
    ("Both the mayor and the governor said the bridge was safe.", "the mayor and the governor"),
    ("Macron and Starmer said they would meet again.", "Macron and Starmer"),
    # the speaker behind
    ("The package could be final within the week, Bloomberg reported on Tuesday, after Trump signalled support.",
     "Bloomberg"),
    ("The talks will go on, officials on both sides of the Atlantic said.", "officials on both sides of the Atlantic"),
    ("The bridge will reopen in May, said Mayor Ruth Callow.", "Ruth Callow"),
    ("“Nobody expected a finished document,” one European official said after the meeting.", "one European official"),
    ("“We will not go back,” said Maria Silva.", "Maria Silva"),
    ("“You can plan a deployment in a week,” said one retired officer who has advised on such missions.",
     "one retired officer"),
    ("“A tripwire is worth what it is tied to,” one former diplomat said.", "one former diplomat"),
    ('"It is over," Merkel told the Guardian.', "Merkel via the Guardian"),
    ("'We are ready,' says coach Tom Brady.", "Tom Brady"),
    ("“The order of the pieces is the plan,” an analyst said.", "an analyst"),
    ("The fire, police said, began in the kitchen.", "police"),
    ("The first book to be borrowed, staff said, was a field guide to moths.", "staff"),
    # according to
    ("According to officials, the broader plan combines training and reinforcements.", "officials"),
    ("Two people were hurt, according to the fire service.", "the fire service"),
    ("The deal is close, according to people familiar with the matter.", "people familiar with the matter"),
    ("According to Angela Rayner, the plan is on track.", "Angela Rayner"),
    ("Everything went according to plan.", None),
    # positions
    ("The Kremlin rejects any deployment of NATO troops in Ukraine.", "the Kremlin"),
    ("The Kremlin has rejected the presence of NATO troops.", "the Kremlin"),
    ("Analysts question whether President Vladimir Putin can be persuaded.", "analysts"),
    ("France opposes the sale of the company.", "France"),
    ("Greta Thunberg called on governments to stop drilling.", "Greta Thunberg"),
    ("Wales refused to rule out a second vote.", "Wales"),
    # chains
    ("Bloomberg reported that European officials have discussed a plan to send troops.",
     "European officials via Bloomberg"),
    ("European officials have discussed a plan to send U.K. and French troops, Bloomberg reported.",
     "European officials via Bloomberg"),
    ("Reuters reported that the Kremlin had rejected the offer.", "the Kremlin via Reuters"),
    ("The minister will resign, Reuters reported, citing two officials.", "two officials via Reuters"),
    # passive
    ("The plan was described by Emmanuel Macron as a first step.", "Emmanuel Macron"),
    ("The deal was announced by the White House on Monday.", "the White House"),
    # headline
    ("Leavitt: guarantees are critically important", "Leavitt"),
    ("Explained: what is in the plan for Ukraine", None),
    # nobody, or nobody that is named
    ("He said that it was over.", None),
    ("It is said that the house is haunted.", None),
    ("The force is only one piece.", None),
    ("That said, the plan may still fail.", None),
    ("Officials declined to say when the talks would end.", None),
    ("The bombing claimed twelve lives.", None),
    ("The clock told the wrong time.", None),
    ("Military chiefs are to meet to discuss the force.", None),
    ("The factory added 200 jobs in May.", None),
    ("Needless to say, the vote was lost.", None),
    ("Union leaders were told that the plant would close.", None),
    ("The “quiet” room is kept for calls.", None),
]  # fmt: skip

WHO_IN_A_TEXT = [
    ("Jane Holm spoke to reporters on Monday. “We will win,” she said.", None),
    ("Jane Holm said the vote was close. “We will win,” she added.", "Jane Holm"),
    ("Jane Holm said the vote was close. Peter Ash said it was lost. “We will see,” she added.", None),
    ("Jane Holm told reporters to wait. She said that the count would take days.", "Jane Holm"),
    ("European delegations argued that a signature would not hold. Soldiers, they said, would give it weight.",
     "European delegations"),
    ("The list is smaller, a European official said on Wednesday. Eight would join, the official said.",
     "a European official"),
    ("Anna Holm, the health minister, warned that beds were short. The minister said more were on the way.",
     "Anna Holm"),
    ("“You can plan a deployment in a week,” said Paul Reed. “You cannot plan a purpose in a week.”", "Paul Reed"),
    ("A European official put it more simply: “We heard what we came to hear. Now we need it on paper.”",
     "a European official"),
    ("“We heard it. Now we need it on paper,” said Paul Reed.\n\nNo country moved.", None),
    ("Paul Reed said it was late.\n\nThe roof was new. It was blue.\n\nA dog barked. “Go home,” he said.", None),
    ("The minister said nothing would change.", "the minister"),
    ("Reed met Ash. “It went well,” he said.", None),
]  # fmt: skip


def who(text: str) -> str | None:
    """Speaker and channel of the last sentence of a text."""
    last = sentence_bounds(text)[-1]
    found = [one for one in attributions(text) if one.sentence == last and one.speaker]
    if not found:
        return None
    return found[0].speaker + "".join(f" via {name}" for name in found[0].via)


@pytest.mark.parametrize(("text", "speaker"), WHO, ids=[text[:50] for text, _ in WHO])
def test_speaker_of_a_sentence(text: str, speaker: str | None) -> None:
    assert who(text) == speaker


@pytest.mark.parametrize(("text", "speaker"), WHO_IN_A_TEXT, ids=[text[-50:] for text, _ in WHO_IN_A_TEXT])
def test_speaker_in_a_text(text: str, speaker: str | None) -> None:
    assert who(text) == speaker


def test_two_speakers_in_one_sentence() -> None:
    found = attributions("Ash said the vote was lost, while Holm said it was won.")
    assert [one.speaker for one in found] == ["Ash", "Holm"]


STANCES = [
    ("Poland will send troops", "will", "will"),
    ("Poland would send troops in the spring", "will", "would"),
    ("Poland is going to send troops", "will", "going to"),
    ("Military chiefs are to meet", "will", "are to"),
    ("Poland plans to send troops", "will", "plans to"),
    ("Poland vowed to send troops", "will", "vowed to"),
    ("Poland intends to send troops", "will", "intends to"),
    ("Poland may send troops", "may", "may"),
    ("Poland might send troops", "may", "might"),
    ("the package could be final within the week", "may", "could"),
    ("a force could be deployed if hostilities end", "may", "could"),
    ("Poland will send troops if hostilities end", "may", "if"),
    ("Poland refused to rule out sending troops", "may", "refused to rule out"),
    ("Poland has not ruled out sending troops", "may", "not ruled out"),
    ("Poland is considering sending troops", "may", "considering"),
    ("European officials have discussed a plan to send troops", "may", "discussed a plan to"),
    ("U.S. involvement remains uncertain", "may", "uncertain"),
    ("Poland may not send troops", "may", "may not"),
    ("Poland will not send troops", "will not", "will not"),
    ("Poland won't send troops", "will not", "won't"),
    ("Poland has no plans to send troops", "will not", "no plans to"),
    ("Poland ruled out sending troops", "will not", "ruled out"),
    ("Poland does not expect to send troops", "will not", "does not expect"),
    ("Poland refuses to send troops", "will not", "refuses to"),
    ("Poland would never send troops", "will not", "would never"),
    ("the ministry denied that troops had left", "denies", "denied"),
    ("the ministry denies the report", "denies", "denies"),
    ("the report is not true", "denies", "not true"),
    ("the Kremlin rejects any deployment", "opposes", "rejects"),
    ("Moscow refuses to accept soldiers from NATO", "opposes", "refuses to accept"),
    ("the party does not support the bill", "opposes", "does not support"),
    ("the party voted against the bill", "opposes", "voted against"),
    ("the party is opposed to the bill", "opposes", "opposed"),
    ("the party supports the bill", "supports", "supports"),
    ("the party is in favour of the bill", "supports", "in favour of"),
    ("Trump signalled his support", "supports", "signalled his support"),
    ("the party voted for the bill", "supports", "voted for"),
    ("Ukraine called on others to send troops", "wants", "called on"),
    ("Ukraine wants others to send troops", "wants", "wants"),
    ("Poland should send troops", "wants", "should"),
    ("Poland must send troops", "wants", "must"),
    ("analysts question whether Putin can be persuaded", "doubts", "question whether"),
    ("Poland is unlikely to send troops", "doubts", "unlikely"),
    ("Poland sent troops in May", "happened", "sent"),
    ("two men were arrested on Monday", "happened", "were arrested"),
    ("the tone had changed since the spring", "happened", "had changed"),
    ("the dam was not inspected after the crack appeared", "did not happen", "was not inspected"),
    ("the council did not approve the bridge, which opened in May", "did not happen", "did not approve"),
    ("the union hadn't been asked when the plant closed", "did not happen", "hadn't been asked"),
    ("the hall was not yet repaired when the concert started", "did not happen", "was not yet repaired"),
    ("the hall was not only approved but built", "happened", "approved"),
    ("although he had not been told, the council approved the plan", "happened", "approved"),
    ("residents who were not told complained about the plan", "happened", "complained"),
    ("although he was not there, the council approved the plan", "happened", "approved"),
    ("the plant was closed, not sold", "happened", "was closed"),
    ("the number matters less than it seems", "says", ""),
    ("the council scrapped plans to open a museum", "will not", "scrapped plans"),
    ("the council said it could not find the money", "says", ""),
    ("the army is in May Street", "says", ""),
    ("the talks will not only cover troops but will cover money", "will", "will"),
    ("the ministry did not deny the report", "says", ""),
    ("the party does not oppose the bill", "says", ""),
    ("it is a matter of what it is called", "says", ""),
    ("whatever the ten or so members want", "says", ""),
]


@pytest.mark.parametrize(("text", "stance", "words"), STANCES, ids=[text for text, _, _ in STANCES])
def test_stance_of_a_sentence(text: str, stance: str, words: str) -> None:
    found = stance_of(text)
    assert (found.stance, text[found.start : found.end]) == (stance, words)


WORDS = st.sampled_from(
    "said Trump “ ” ‘ ’ \" ' , . : officials according to the told Reuters that will not deny refused rule out he she "
    "they who was by Bloomberg reported \n\n — A minister, if may would Mr. U.S. 10".split(" ")
)


@example("ACCORDING#TO#HE 0")
@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)))
def test_any_text_has_exact_spans_and_one_reading(text: str) -> None:
    bounds = sentence_bounds(text)
    found = attributions(text)
    assert found == attributions(text)
    for one in found:
        start, end = one.sentence
        assert (start, end) in bounds
        assert start <= one.content[0] <= one.content[1] <= end
        if one.noun is not None:
            assert 0 <= one.noun[0] < one.noun[1] <= len(text)
        if one.speaker:
            assert one.speaker.split()[0].lower() not in ("he", "she", "they", "it")


@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_text_has_a_stance(text: str) -> None:
    found = stance_of(text)
    assert 0 <= found.start <= found.end <= len(text)
    assert found == stance_of(text)


MISREAD_ONCE = [
    # read wrongly in news of other people's before the rules knew better
    ("Soon a warning came, 'Not again,' by post, Zwane", None),
    ("The younger man found the couple in their bedroom.", None),
    ("Responding officers found the couple inside their home.", None),
    ("Their success can be explained by a number of reasons.", None),
    ("Aggressive: Mark Ray waged a long campaign of terror.", None),
    ("The candidate was questioned by police after the vote.", None),
    ("The party continued with salsa specialists who drew a crowd.", None),
    ("The defender conceded the penalty that allowed Swansea to draw.", None),
    ("Mrs. Obama said the campaign was working.", "Mrs. Obama"),
    ("The panel, run by the college, said that no changes should be made.", "the panel"),
    ("Miles are hard to collect, an airline spokesman told the magazine.", "an airline spokesman"),
]


NOT_SAID = [
    "Contrary to what the mayor said, the bridge is closed.",
    "It is unclear whether the mayor said the bridge was safe.",
    "It is not true that Ruth Callow said the bridge was safe.",
]


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_nobody_said(text: str) -> None:
    assert [one for one in attributions(text) if one.speaker] == []


CONTENTS = [
    ("Asked whether he would resign, Mayor Tom Hale said: “No.”", "Tom Hale", "“No.”"),
    ("Anna Berg said on Tuesday that taxes would rise.", "Anna Berg", "taxes would rise."),
    ("Many people died when the old ferry sank, the coastguard said on Monday.", "the coastguard",
     "Many people died when the old ferry sank,"),
    ("Roth denied that he had said Berg would go.", "Roth", "Roth denied that he had said Berg would go."),
    ("Her deputy, Karl Roth, said the plant would close.", "Karl Roth", "the plant would close."),
    ("Said Berg: “We are done with it.”", "Berg", "“We are done with it.”"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "speaker", "content"), CONTENTS)
def test_one_speaker_and_what_is_said(text: str, speaker: str, content: str) -> None:
    (found,) = attributions(text)
    assert found.speaker == speaker
    assert text[slice(*found.content)].strip(" :") == content


TURNED = [
    ("I did not say we would close it", "denies", "did not say"),
    ("She never said that she would resign", "denies", "never said"),
    ("He refused to deny the report", "may", "refused to deny"),
    ("The union cannot rule out a strike", "may", "cannot rule out"),
    ("The party no longer supports the plan", "opposes", "no longer supports"),
    ("The party no longer opposes the plan", "says", ""),
    ("We would have sent troops", "says", ""),
    ("Poland isn’t going to send troops", "will not", "isn’t going to"),
    ("No country will send troops", "will not", "No country will"),
    ("Neither Poland nor Germany will send troops", "will not", "Neither Poland nor Germany will"),
    ("Poland decided not to send troops", "will not", "decided not to"),
    ("She urged him not to send troops", "opposes", "urged him not to"),
    ("It would be a mistake to send troops", "opposes", "would be a mistake"),
    ("The will of the people", "says", ""),
]


@pytest.mark.parametrize(("text", "stance", "words"), TURNED)
def test_words_that_turn_a_sentence(text: str, stance: str, words: str) -> None:
    found = stance_of(text)
    assert (found.stance, text[found.start : found.end]) == (stance, words)


@pytest.mark.parametrize(("text", "speaker"), MISREAD_ONCE, ids=[text[:50] for text, _ in MISREAD_ONCE])
def test_what_was_misread_once(text: str, speaker: str | None) -> None:
    assert who(text) == speaker


def test_a_quote_at_the_very_end_is_read() -> None:
    found = attributions("The crowd cheered when Alexis Randock said, 'It is a very good life'")
    assert [one.speaker for one in found] == ["Alexis Randock"]
