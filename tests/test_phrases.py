"""Verbs of several words, the verbs of a sentence, and the words that only tell who says it."""

from __future__ import annotations

import pytest
from claims import ACCEPTED
from hypothesis import given
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit import verify
from toolkit.alignment.denial import denied
from toolkit.alignment.predicates import missing_verbs, verbs
from toolkit.language import lexicon
from toolkit.language.phrases import read_phrases
from toolkit.language.stems import stem
from toolkit.language.words import tokenize
from toolkit.voices.frames import another_says, reporting_words


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("They turned down the offer.", "reject"),
        ("They turned the long offer down.", "reject"),
        ("They turned it down.", "reject"),
        ("They turned down.", "reject"),
        ("They turned right down the road.", ""),
        ("They called off the talks.", "cancel"),
        ("They called the talks off.", "cancel"),
        ("She pulled the plug on the merger.", "cancel"),
        ("He turned his back on the team.", "abandon"),
        ("They dropped the charges.", "abandon"),
        ("The charges were dropped.", "abandon"),
        ("Prices dropped by 3 percent.", ""),
        ("Spain pulled out of the fair.", "withdraw"),
        ("A boat was pulled out of the water.", ""),
        ("He was thrown out of the hall.", ""),
        ("The court threw out the case.", "reject"),
        ("She declined to comment.", "refuse"),
        ("Sales declined.", ""),
        ("The court ruled that it was so.", ""),
        ("Growth fell short of the forecast.", "fail"),
        ("Growth fell.", ""),
    ],
)
def test_verbs_of_several_words_are_read(text: str, verb: str) -> None:
    assert [phrase.key for phrase in read_phrases(tokenize(text))] == ([stem(verb)] if verb else [])


def test_every_phrase_is_read_where_it_stands() -> None:
    for phrase, verb in lexicon.PHRASES.items():
        written = " ".join("the" if word == "OBJECT" else word for word in phrase.split() if word != "~")
        keys = [found.key for found in read_phrases(tokenize(f"They will {written} Oster"))]
        assert stem(verb) in keys, phrase


@given(ODD_TEXT)
def test_phrases_never_overlap_and_stay_inside(text: str) -> None:
    tokens = tokenize(text)
    for phrase in read_phrases(tokens):
        assert all(phrase.verb < place < len(tokens) for place in phrase.rest)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The union has accepted the rota.", ["accepted"]),
        ("Brightwell opposes the new law.", ["opposes"]),
        ("Workers oppose the new law.", ["oppose"]),
        ("The vaccine kills children.", ["kills"]),
        ("The wounded man was quickly freed by armed guards.", ["freed"]),
        ("Train tickets to Lund were cheap.", ["cheap"]),
        ("The plan to close the school failed.", ["close", "failed"]),
    ],
)
def test_the_verbs_of_a_sentence(text: str, words: list[str]) -> None:
    tokens = tokenize(text)
    assert [tokens[index].word for index in verbs(tokens)] == words


@pytest.mark.parametrize(
    ("claim", "source", "missing"),
    [
        ("The board decided on the toll.", "The board took a decision on the toll.", []),
        ("Wright played for Lode.", "Wright was a player for Lode.", []),
        ("The club dismissed its coach.", "The club fired its coach.", []),
        ("The union signed the deal.", "The union gave a signal about the deal.", ["signed"]),
        ("The union accepted the deal.", "The union had access to the deal.", ["accepted"]),
    ],
)
def test_a_verb_is_there_in_a_related_form_or_it_is_not(claim: str, source: str, missing: list[str]) -> None:
    tokens = tokenize(claim)
    assert [token.word for token in missing_verbs(tokens, verbs(tokens), tokenize(source))] == missing


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mai Holm said the union has accepted the rota.", "mai holm said"),
        (
            "Mai Holm, its chair, said on Wednesday that the union accepted the rota.",
            "mai holm its chair said on wednesday that",
        ),
        ("The union has accepted the rota, Mai Holm said on Wednesday.", "mai holm said on wednesday"),
        ("The union has accepted the rota, said Mai Holm.", "said mai holm"),
        ("According to Mai Holm, the union accepted the rota.", "according to mai holm"),
        ("The union has accepted the rota.", ""),
        ("Mai Holm said no.", ""),
    ],
)
def test_the_words_that_only_tell_who_says_it(text: str, words: str) -> None:
    tokens = tokenize(text)
    assert " ".join(tokens[index].word for index in sorted(reporting_words(text, tokens))) == words


def test_of_two_speakers_the_one_who_says_it() -> None:
    source = "Critics say the dam harmed the river, but the operator says it saved the valley."
    for claim, found in (
        ("The operator says the dam harmed the river.", "critics said"),
        ("Critics say the dam harmed the river.", ""),
    ):
        tokens = tokenize(claim)
        difference = another_says(claim, tokens, source, {token.key for token in tokens})
        assert (difference.source if difference else "") == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The plan was rejected by the council.", {"plan"}),
        ("The council rejected the plan.", {"plan"}),
        ("Talks with the miners fell through.", {"talk", "miner"}),
        ("The clinic no longer treats children.", {"treat", "children"}),
        ("Norwind has yet to sell the pit.", {"sell", "pit"}),
        ("Mai Holm met the board.", set()),
        ("Reports of a leak were false.", {"report", "leak"}),
        ("There is no doubt that it will open.", set()),
    ],
)
def test_what_is_denied(text: str, words: set[str]) -> None:
    assert denied(tokenize(text)) == {stem(word) for word in words}


CLAIMS = ("the union accepted the rota", "the rota is new", "the union met in Oster", "the union turned down the rota")


@given(
    st.sampled_from(CLAIMS),
    st.sampled_from(("Mai Holm said {}.", "Mai Holm told the paper that {}.", "{}, Mai Holm said.")),
)
def test_a_known_speaker_lends_a_claim_nothing(claim: str, frame: str) -> None:
    source = "The union of deckhands has turned down the new rota, its chair Mai Holm told the paper in Oster."
    plain, said = verify(claim.capitalize() + ".", source), verify(frame.format(claim), source)
    assert said.verdict not in ACCEPTED or plain.verdict in ACCEPTED
