"""The exact edges of sentences and passages: what is documented holds on the last character, and not on the next."""

from __future__ import annotations

import pytest
from test_passages import pieces

from toolkit.passages import LONGEST, TARGET, guess_language, sentence_bounds, split
from toolkit.types import Article


def sentence(length: int) -> str:
    """One sentence of so many characters."""
    return "A" + "b" * (length - 2) + "."


def lengths(text: str, target: int = TARGET) -> list[int]:
    """Of the passages of a text."""
    return [passage.span.end - passage.span.start for passage in split(Article(text=text), target)]


# Packing --------------------------------------------------------------------------------------------------------------


def test_the_documented_lengths() -> None:
    assert (TARGET, LONGEST) == (900, 1500)
    assert lengths(f"{sentence(600)} {sentence(299)}") == [900]
    assert lengths(f"{sentence(600)} {sentence(300)}") == [600, 300]


@pytest.mark.parametrize(
    ("first", "second", "expected"), [(600, 399, [1000]), (600, 400, [600, 400]), (1200, 400, [1200, 400])]
)
def test_a_passage_is_filled_up_to_the_target(first: int, second: int, expected: list[int]) -> None:
    assert lengths(f"{sentence(first)} {sentence(second)}", target=1000) == expected


def test_a_passage_holds_as_many_sentences_as_fit() -> None:
    text = " ".join([sentence(249)] * 9)
    found = split(Article(text=text), target=1000)
    assert [len(passage.sentences) for passage in found] == [4, 4, 1]
    assert [passage.text for passage in found[:2]] == [" ".join([sentence(249)] * 4)] * 2


@pytest.mark.parametrize(
    ("first", "gap", "expected"),
    [
        (499, "\n\n", [801]),  # not half full yet: the paragraph's end closes nothing
        (500, "\n\n", [500, 300]),
        (500, "\n \t \n", [500, 300]),  # a line of white space is blank
        (500, "\n", [801]),  # a line's end is no paragraph's end
        (500, " ", [801]),
    ],
)
def test_a_paragraphs_end_closes_a_passage_from_half_the_target_on(first: int, gap: str, expected: list[int]) -> None:
    assert lengths(f"{sentence(first)}{gap}{sentence(300)}", target=1000) == expected


def test_half_of_an_odd_target_is_rounded_down() -> None:
    assert lengths(f"{sentence(500)}\n\n{sentence(300)}", target=1001) == [500, 300]


def test_half_the_target_is_of_the_passage_and_not_of_its_last_sentence() -> None:
    paragraph = f"{sentence(300)} {sentence(300)}"
    assert lengths(f"{paragraph}\n\n{sentence(300)}", target=1000) == [601, 300]
    far_on = f"{sentence(990)} {paragraph}\n\n{sentence(300)}"
    assert lengths(far_on, target=1000) == [990, 601, 300]
    early = f"{sentence(990)} {sentence(400)}\n\n{sentence(300)}"
    assert lengths(early, target=1000) == [990, 702]


@pytest.mark.parametrize(
    ("before", "tail", "expected"),
    [
        (800, 199, [1000]),  # a short last one joins the one before it
        (800, 200, [800, 200]),  # this one is long enough
        (900, 199, [1100]),
        (901, 199, [901, 199]),  # together they would be too long
    ],
)
def test_a_short_last_passage_joins_the_one_before_it(before: int, tail: int, expected: list[int]) -> None:
    assert lengths(f"{sentence(before)} {sentence(tail)}") == expected
    assert lengths(f"{sentence(880)} {sentence(before)} {sentence(tail)}") == [880, *expected]


def test_a_short_last_passage_of_several_sentences_is_measured_whole() -> None:
    assert lengths(f"{sentence(850)} {sentence(99)} {sentence(99)}") == [1050]
    assert lengths(f"{sentence(850)} {sentence(99)} {sentence(100)}") == [850, 200]
    # The passage before it is measured from its first sentence on.
    assert lengths(f"{sentence(700)} {sentence(199)} {sentence(199)}") == [1100]
    assert lengths(f"{sentence(700)} {sentence(199)}    {sentence(199)}") == [900, 199]  # they would span 1103


def test_white_space_counts_where_passages_span_it() -> None:
    assert lengths(f"{sentence(700)} {sentence(199)}    {sentence(99)} {sentence(99)}") == [900, 199]  # 1103 together
    # A paragraph that ended before the passage was half full does not close it later.
    assert lengths(f"{sentence(200)}\n\n{sentence(400)} {sentence(300)}", target=1000) == [903]


def test_passages_carry_the_articles_id_and_sentences() -> None:
    article = Article(text=f"  {sentence(40)}  {sentence(50)}\n")
    (passage,) = split(article)
    assert passage.span.article_id == article.id
    assert [(one.article_id, one.start, one.end) for one in passage.sentences] == [
        (article.id, 2, 42),
        (article.id, 44, 94),
    ]
    assert split(Article(text=sentence(40)))[0].sentences[0].end == 40


# Long runs ------------------------------------------------------------------------------------------------------------


def cuts(text: str) -> list[int]:
    return [start for start, _ in sentence_bounds(text)]


def test_no_sentence_is_longer_than_the_longest() -> None:
    assert cuts("x" * LONGEST) == [0]
    assert cuts("x" * (LONGEST + 1)) == [0, LONGEST]
    assert cuts("x" * (3 * LONGEST)) == [0, LONGEST, 2 * LONGEST]
    assert sentence_bounds("x" * (2 * LONGEST + 1))[-1] == (2 * LONGEST, 2 * LONGEST + 1)


@pytest.mark.parametrize("space", [" ", "\n", "\t"])
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (LONGEST // 2 - 1, LONGEST),  # too early: the piece would be short
        (LONGEST // 2, LONGEST // 2 + 1),
        (1000, 1001),
        (LONGEST - 1, LONGEST),
    ],
)
def test_a_long_run_is_cut_at_white_space_of_its_second_half(space: str, at: int, expected: int) -> None:
    text = "x" * at + space + "x" * (LONGEST + 200 - at)
    assert cuts(text) == [0, expected]


def test_each_piece_of_a_long_run_is_measured_from_its_own_start() -> None:
    assert cuts("x" * 1500 + "y" * 1000 + " " + "z" * 499) == [0, 1500]  # what is left is just short enough
    assert cuts("x" * 1500 + "y" * 100 + " " + "z" * 2000) == [0, 1500, 3000]  # too early in the second piece
    assert cuts("It is so. " + "x" * 2000) == [0, 10, 1510]


def test_a_long_run_is_cut_at_the_last_white_space_that_leaves_a_piece_short_enough() -> None:
    text = f"{'x' * 800} {'y' * 200}\n{'z' * 200}\t{'v' * 900} {'w' * 900}"
    assert [len(piece) for piece in pieces(text)] == [1202, 900, 900]
    assert [piece[0] for piece in pieces(text)] == ["x", "v", "w"]


# Sentences ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\n## Two\n###### Six\nText.", ["# One", "## Two", "###### Six", "Text."]),
        ("####### Seven\nText goes on.", ["####### Seven\nText goes on."]),
        ("#Tag\nText goes on.", ["#Tag\nText goes on."]),
        ("They sell C # and\nmore of it.", ["They sell C # and\nmore of it."]),
        ("It is so\n# The plan\nTroops go.", ["It is so", "# The plan", "Troops go."]),
        ("One line\n\nanother line\n \nthe last", ["One line", "another line", "the last"]),
        ("One line\n# Two\n\nthree\nfour", ["One line", "# Two", "three\nfour"]),
    ],
)
def test_headings_and_blank_lines_end_a_sentence(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123. Foo went. 124. Bar.", ["123. Foo went.", "124. Bar."]),
        ("Done. 1234. Then.", ["Done.", "1234.", "Then."]),  # a year, or a number of something
        ("What? [12. Then more", ["What?", "[12. Then more"]),
        ("What? (123. Then more", ["What?", "(123. Then more"]),
        ("Done. 12! Then.", ["Done.", "12!", "Then."]),
        ("1.\n\nTraining comes first.", ["1.", "Training comes first."]),
        ("1. Training. 2.\nArms.", ["1. Training.", "2.\nArms."]),
        ("He met Ms. Lee at Ft. Worth. So did Amb. Roe.", ["He met Ms. Lee at Ft. Worth.", "So did Amb. Roe."]),
        ("It held approx. Two tons. Then Atty. Roe came.", ["It held approx. Two tons.", "Then Atty. Roe came."]),
        ("They ate alms. Then they left.", ["They ate alms.", "Then they left."]),  # no title: part of a word
        ("He weighs Xapprox. Three.", ["He weighs Xapprox.", "Three."]),
        ("Ms. Lee and Ms. Roe and Ms. Poe left. So.", ["Ms. Lee and Ms. Roe and Ms. Poe left.", "So."]),
        ("She met Ms.\n\nLee left.", ["She met Ms.", "Lee left."]),  # a blank line parts more than a title joins
    ],
)
def test_enumerators_and_titles_end_no_sentence(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


# Languages ------------------------------------------------------------------------------------------------------------


def test_the_languages_own_rules_are_used() -> None:
    text = "Er kam am 3. Mai. Gut so."
    assert pieces(text, "de") == ["Er kam am 3. Mai.", "Gut so."]
    assert pieces(text) == ["Er kam am 3.", "Mai.", "Gut so."]
    article = Article(text="Sie kam bzw. Anna kam. Vgl. Seite 3.", language="de")
    assert [article.text[one.start : one.end] for passage in split(article) for one in passage.sentences] == [
        "Sie kam bzw. Anna kam.",
        "Vgl. Seite 3.",
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        ("2025", "en"),
        ("Le président français a été réélu", "en"),  # Latin script: no attempt to tell languages apart
        ("彼は来た。", "ja"),
        ("東京都知事選挙候補者討論会開催決定発表の", "ja"),  # one kana among twenty letters
        ("他来了。", "zh"),
        ("그는 왔다.", "ko"),
        ("Він прийшов і сів", "uk"),
        ("Он пришёл и сел", "ru"),
        ("Ήρθε χθες", "el"),
        ("جاء أمس", "ar"),
        ("वह कल आया", "hi"),
        ("The word перестройка means a rebuilding of the state and its economy", "en"),  # a quoted word decides nothing
        ("٢٠٢٥", "en"),  # digits are no letters
        ("He said “да”", "en"),
        ("Он сказал: «yes»", "ru"),
    ],
)
def test_the_script_chooses_the_rules(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_only_the_beginning_of_a_text_chooses_the_rules() -> None:
    cyrillic = "Он пришёл и сел. " * 200
    assert guess_language("a" * 2000 + cyrillic) == "en"
    assert guess_language("a" * 900 + cyrillic) == "ru"
    assert guess_language("." * 1999 + "Он") == "ru"
    assert guess_language("." * 2000 + "Он") == "en"


def test_a_share_of_letters_chooses_the_rules() -> None:
    """More than 30 % of the letters; kana and the letters of Ukrainian alone are rarer even in their own texts."""
    assert guess_language("a" * 70 + "я" * 30) == "en"
    assert guess_language("a" * 69 + "я" * 31) == "ru"
    assert guess_language("中" * 98 + "の" * 2) == "zh"
    assert guess_language("中" * 97 + "の" * 3) == "ja"
    assert guess_language("я" * 98 + "ї" * 2) == "ru"
    assert guess_language("я" * 97 + "ї" * 3) == "uk"
