"""Who says what: the sample articles' comparison by hand, what agrees and contradicts, and what it looks like."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit import Article, Library
from toolkit.__main__ import main
from toolkit.errors import ArgumentError
from toolkit.types.comparison import Comparison
from toolkit.voices.conflicts import Text, conflict, says_the_same, takes_the_same_side
from toolkit.voices.stances import stance_of

ARTICLES = Path(__file__).parent.parent / "notebooks" / "articles"


@pytest.fixture(scope="module")
def news() -> Iterator[Library]:
    with Library(llm=None) as library:
        library.add(ARTICLES)
        yield library


@pytest.fixture(scope="module")
def troops(news: Library) -> Comparison:
    return news.compare("sending troops", by="actor")


def library_of(*texts: tuple[str, str]) -> Library:
    library = Library(llm=None)
    library.add(
        [Article(text=text, publisher=who, title=f"{who} report", published="2025-03-04") for who, text in texts]
    )
    return library


# -- the samples, read by hand -----------------------------------------------------------------------------------------


def test_numbers_that_differ_are_shown_with_both_quotes(troops: Comparison) -> None:
    (found,) = troops.contradictions
    assert found.kind == "number"
    assert (found.first_says, found.second_says) == ("roughly 10 other countries", "about eight other countries")
    assert "roughly 10 other countries" in found.first.quote
    assert found.second.quote.startswith("London and Paris would be joined by about eight other countries")
    assert found.first.actor == "European officials"
    assert found.first.via == ("Bloomberg",)
    assert found.second.publisher == "Meridian Courier"
    assert {found.first.publisher, *(echo.publisher for echo in found.echoes)} == {
        "Harbour Wire",
        "The Continental Ledger",
    }
    assert found.later


@pytest.mark.parametrize(
    ("first", "second", "query"),
    [
        ("The tunnel cost 84 million euros.", "The tunnel cost 91 million euros.", "tunnel cost"),
        (
            "Police said 12 people were injured in the crash.",
            "Police said 15 people were injured in the crash.",
            "crash",
        ),
    ],
)
def test_short_sentences_that_differ_in_a_number_only(first: str, second: str, query: str) -> None:
    with library_of(("A", first), ("B", second)) as news:
        (found,) = news.compare(query).contradictions
    assert found.kind == "number"
    assert {found.first.quote, found.second.quote} == {first, second}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Police arrested 3 people.", "Police arrested 7 people."),  # nobody knows whether it was one occasion
        ("The tunnel cost 84 million euros.", "The bridge cost 91 million euros."),
    ],
)
def test_numbers_of_what_may_be_two_things_are_no_contradiction(first: str, second: str) -> None:
    one, other = (Text(words, None, stance_of(words).stance) for words in (first, second))
    assert conflict(one, other) is None


@pytest.mark.parametrize(
    "query",
    [
        "security guarantees",
        "air support from the U.S.",
        "Bloomberg package final",
        "military chiefs",
        "Putin",
        "Trump",
    ],
)
def test_samples_have_no_other_contradiction(news: Library, query: str) -> None:
    assert news.compare(query).contradictions == ()


def test_actors_and_stances_of_the_samples(troops: Comparison) -> None:
    stances = {position.name: position.stances for position in troops.positions}
    assert stances["the Kremlin"] == ("opposes",)
    assert stances["Moscow"] == ("opposes",)
    assert stances["European officials"] == ("may",)
    assert stances["the British government"] == ("may",)
    assert stances["several diplomats"] == ("doubts",)
    assert stances["people who follow Russian politics"] == ("doubts",)
    assert not {"he", "they", "it", "she"} & {name.lower() for name in stances}


def test_one_actor_has_one_name(news: Library) -> None:
    found = news.compare("security guarantees", by="actor")
    names = [position.name for position in found.positions]
    assert "Donald Trump" in names
    assert "Karoline Leavitt" in names
    assert not {"Trump", "President Trump", "Leavitt"} & set(names)
    leavitt = next(p for p in found.positions if p.name == "Karoline Leavitt").statements[0]
    assert leavitt.written == "White House press secretary Karoline Leavitt"


def test_what_one_agency_reports_is_one_source_however_many_print_it(news: Library) -> None:
    found = news.compare("Bloomberg package final")
    (single,) = [one for one in found.only_one if one.source == "Bloomberg"]
    assert len(single.printed_by) == 6
    assert all(agreement.sources.count("Bloomberg") <= 1 for agreement in found.agreements)


def test_copies_count_once(troops: Comparison) -> None:
    kremlin = next(a for a in troops.agreements if a.statements[0].actor == "the Kremlin")
    assert kremlin.sources == ("Harbour Wire", "Eastern Desk")
    assert [s.publisher for s in kremlin.statements] == ["Harbour Wire", "Eastern Desk", "The Continental Ledger"]
    assert kremlin.copies == 1


@pytest.mark.parametrize("by", ["publisher", "actor", "article"])
def test_every_statement_is_a_checked_quote(news: Library, by: str) -> None:
    found = news.compare("sending troops", by=by)
    assert found.answered
    assert sum(len(position.statements) for position in found.positions) == len(found.statements)
    for statement in found.statements:
        article, span = statement.article, statement.citation.span
        assert statement.claim.verdict == "quoted"
        assert article.text[span.start : span.end] == statement.quote
        assert span.start <= statement.content.start < statement.content.end <= span.end
        assert (statement.stance == "says") == (statement.words == "")
        assert statement.words in article.text[statement.content.start : statement.content.end]
    if by == "publisher":
        assert all(s.publisher == p.name for p in found.positions for s in p.statements)


def test_off_topic_says_so(news: Library) -> None:
    found = news.compare("Who won the World Cup in Brazil?")
    assert not found.answered
    assert found.positions == found.agreements == found.contradictions == found.only_one == ()
    assert found.reason is not None
    assert found.reason.startswith("names:")
    assert "Not in your articles" in str(found)
    assert "Not in your articles" in found.to_html()
    assert "Not in your articles" in found.to_markdown()
    assert len(found.to_frame()) == 0


def test_same_call_gives_the_same(news: Library) -> None:
    one, other = (news.compare("sending troops").to_dict() for _ in range(2))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


def test_awaited(news: Library) -> None:
    found = asyncio.run(news.acompare("sending troops", by="article"))
    assert found.by == "article"
    assert found.answered


@pytest.mark.parametrize("by", ["topic", "", None, 3])
def test_by_is_one_of_three(news: Library, by: object) -> None:
    with pytest.raises(ArgumentError, match="publisher, actor, article"):
        news.compare("sending troops", by=by)  # type: ignore[arg-type]


def test_filters_are_kept(news: Library) -> None:
    found = news.compare("sending troops", publisher=["Eastern Desk", "Meridian Courier"])
    assert {statement.publisher for statement in found.statements} == {"Eastern Desk", "Meridian Courier"}


# -- what agrees and what does not -------------------------------------------------------------------------------------


def _text(words: str) -> Text:
    return Text(words, datetime(2025, 3, 4, tzinfo=UTC), stance_of(words).stance)


CONFLICTS = [
    ("number", "The fire in the Leeds warehouse killed 12 people on Monday",
     "Fire in a Leeds warehouse killed nine people"),
    ("number", "The bridge in Ashford cost £3.5 million to repair",
     "Repairs to the bridge in Ashford cost £2.1 million"),
    ("negation", "The Ashford council approved the new bridge", "The Ashford council did not approve the new bridge"),
    ("stance", "Poland will send troops to Ukraine", "Poland will not send troops to Ukraine"),
    ("stance", "The Green party supports the tax bill", "The Green party opposes the tax bill"),
    ("date", "The Ashford council approved the bridge plan on 3 March 2025",
     "The Ashford council approved the bridge plan on 1 March 2025"),
    ("date", "The ferry inquiry will open on Thursday", "The ferry inquiry will open on Friday"),
    ("stance", "The ferry inquiry will open on Thursday", "The ferry inquiry will not open this week"),
]  # fmt: skip

NO_CONFLICTS = [
    ("The fire in the Leeds warehouse killed 12 people", "The fire in the York warehouse killed nine people"),
    ("The fire in the Leeds warehouse killed about 12 people", "The fire in the Leeds warehouse killed 12 people"),
    ("The fire in Leeds killed more than 10 people", "The fire in Leeds killed 12 people"),
    ("The fire in Leeds killed 12 people", "The fire in Leeds destroyed nine cars"),
    (
        "Mandzukic has scored five goals for Atletico this season",
        "Neymar has scored seven goals for Barcelona this season",
    ),
    (
        "Geoff Huegill won the 50 metres butterfly at the World Cup in Melbourne",
        "Geoff Huegill won the 100 metres butterfly at the World Cup in Melbourne",
    ),
    ("Poland will send troops to Ukraine", "Germany will not send troops to Ukraine"),
    ("Poland will send troops to Ukraine", "Poland may send troops to Ukraine"),
    ("The plan was approved in 2023", "The plan covers 2,025 homes"),
    ("The Green party supports the tax bill", "The Green party opposes the trade bill"),
    ("Officials left Washington with a direction", "Officials left Washington without a text"),
    ("Poland would have sent troops to Ukraine", "Poland will not send troops to Ukraine"),
    ("Poland will send troops in 2025", "Poland will not send troops in 2026"),
]

NOT_THE_SAME = [
    ("Poland will not send troops to Ukraine", "Poland will not send tanks to Ukraine"),
    ("Ferry ticket sales fell 40 percent in March", "Ferry ticket sales fell two-fifths in March"),
    ("Half of the workers in Leeds were sacked", "Two thirds of the workers in Leeds were sacked"),
    ("The ferry inquiry will open on Friday", "The ferry inquiry will report on Friday"),
]


@pytest.mark.parametrize(("first", "second"), NOT_THE_SAME)
def test_no_agreement(first: str, second: str) -> None:
    for one, other in ((_text(first), _text(second)), (_text(second), _text(first))):
        assert not says_the_same(one, other)
        assert not takes_the_same_side(one, other)


def test_friday_is_another_day_in_another_week() -> None:
    words = "The ferry inquiry will open in the old town hall on Friday"
    later = Text(words, datetime(2025, 12, 30, tzinfo=UTC), "will")
    assert says_the_same(_text(words), _text(words))
    assert not says_the_same(_text(words), later)


@pytest.mark.parametrize(("kind", "first", "second"), CONFLICTS)
def test_conflicts(kind: str, first: str, second: str) -> None:
    for one, other in ((first, second), (second, first)):
        found = conflict(_text(one), _text(other))
        assert found is not None
        assert found.kind == kind


@pytest.mark.parametrize(("first", "second"), NO_CONFLICTS)
def test_no_conflicts(first: str, second: str) -> None:
    assert conflict(_text(first), _text(second)) is None
    assert conflict(_text(second), _text(first)) is None


def test_the_same_in_other_words() -> None:
    same = _text("The council in Ashford approved the new bridge"), _text("Ashford council has approved a new bridge")
    assert says_the_same(*same)
    assert not says_the_same(_text("Poland will send troops"), _text("Poland will not send troops"))


def test_a_denial_and_a_claim_side_by_side() -> None:
    with library_of(
        ("North", "Mayor Ruth Callow said the Ashford council approved the new bridge."),
        ("South", "The Ashford council did not approve the new bridge, Paul Reed said."),
    ) as library:
        (found,) = library.compare("Ashford council approve bridge").contradictions
    assert (found.kind, {found.first_says, found.second_says}) == ("negation", {"stated", "denied"})
    assert {found.first.actor, found.second.actor} == {"Ruth Callow", "Paul Reed"}


def test_what_clashes_does_not_agree_by_way_of_a_third() -> None:
    with library_of(
        ("North", "Ferry ticket sales fell 40 percent in March, Blue Line said."),
        ("South", "Ferry ticket sales fell by four per cent in March, Blue Line said."),
        ("West", "Blue Line said ferry ticket sales fell in March."),
    ) as library:
        found = library.compare("ferry ticket sales")
    (clash,) = found.contradictions
    assert {clash.first_says, clash.second_says} == {"40 percent", "four per cent"}
    for agreement in found.agreements:
        assert not {"North", "South"} <= set(agreement.sources)
        others = {s.citation.marker for s in agreement.statements[1:]}
        for shown in (str(found), found.to_markdown()):
            assert all(f"so too [{marker}]" in shown for marker in others)


def test_officials_without_a_name_are_not_one_person() -> None:
    with library_of(
        ("North", "An official said the bridge in Ashford would close."),
        ("South", "An official said the bridge in Ashford would close in May."),
    ) as library:
        found = library.compare("Ashford bridge close", by="actor")
    assert {position.name for position in found.positions} == {"an official (North)", "an official (South)"}
    assert set(found.agreements[0].sources) == {"North", "South"}


# -- how it shows itself -----------------------------------------------------------------------------------------------


def test_dict_is_stable(troops: Comparison) -> None:
    form = json.loads(troops.to_json())
    assert (
        list(form)
        == (
            "query by answered reason statements positions agreements contradictions only_one citations passages "
            "prompt model usage seconds notes"
        ).split()
    )
    count = len(form["statements"])
    assert all(0 <= n < count for p in form["positions"] for n in p["statements"])
    clash = form["contradictions"][0]
    assert "roughly 10" in form["statements"][clash["first"]]["quote"]
    assert "about eight" in form["statements"][clash["second"]]["quote"]
    markers = {citation["marker"] for citation in form["citations"]}
    assert {statement["citation"] for statement in form["statements"]} == markers


def test_frame_has_a_row_for_each_statement(troops: Comparison) -> None:
    frame = troops.to_frame()
    assert len(frame) == len(troops.statements)
    assert frame["date"].dtype.kind == "M"
    assert set(frame.loc[frame["actor"] == "the Kremlin", "stance"]) == {"opposes"}


def test_the_three_forms_show_both_sides(troops: Comparison) -> None:
    for shown in (str(troops), troops.to_html(), troops.to_markdown()):
        assert "roughly 10 other countries against about eight other countries" in " ".join(shown.split())
        assert "the Kremlin" in shown
        assert "Eastern Desk" in shown
    html = troops._repr_html_()
    entry = html[html.index("contradicted by") :]
    panel = entry[: entry.index("</details>")]  # what is opened with a statement shows the one against it too
    assert panel.count("<mark") == 2


def test_a_quote_that_opens_with_straight_marks_gets_no_others() -> None:
    said = '"The tunnel cost {} million euros," Minister {} said.'
    with library_of(("A", said.format(84, "Olsen")), ("B", said.format(91, "Berg"))) as news:
        found = news.compare("tunnel cost")
    assert found.contradictions
    for shown in (str(found), found.to_markdown(), found.to_html()):
        assert not re.search('“(?:"|&quot;)', shown)


def test_hostile_articles_stay_text() -> None:
    bad = "<script>alert(1)</script> Mayor <img src=x onerror=alert(2)> Callow said the bridge in Ashford would close."
    with library_of(("<b>North</b>", bad), ("South", "The bridge in Ashford would close, Paul Reed said.")) as library:
        found = library.compare("Ashford bridge close")
    assert "<script" not in found.to_html()
    html = found._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    for sign in ("id=", "aria-", "data-", "currentColor", "<style", "<svg"):
        assert sign not in html
    assert "<script" not in found.to_markdown()
    with library_of(("# North", bad), ("1. South", "The bridge in Ashford will cost 3 million euros.")) as library:
        found = library.compare("Ashford bridge")
    assert not re.search(r"^(?:- )?(?:#|\d+\.) (?:North|South)", found.to_markdown(), re.MULTILINE)
    assert "- \\# North" in found.to_markdown()
    assert all(character.isprintable() or character == "\n" for character in str(found))


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "sending troops", str(ARTICLES), "--by", "actor", "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert form["by"] == "actor"
    assert form["contradictions"]
    assert main(["compare", "sending troops", str(ARTICLES)]) == 0
    assert "CONTRADICTION, number" in capsys.readouterr().out


def test_an_empty_frame_has_the_columns_and_types_of_a_full_one(troops: Comparison) -> None:
    with library_of(("North", "The bridge in Ashford would close, Paul Reed said.")) as library:
        nothing = library.compare("Who won the 1966 final in Reykjavik?").to_frame()
    assert len(nothing) == 0
    assert list(nothing.dtypes.items()) == list(troops.to_frame().dtypes.items())


def test_an_article_that_nothing_is_known_of_is_called_by_its_first_words() -> None:
    with Library(llm=None) as library:
        library.add(["The union is closing its office beside the mine.", "The mine is closing in June. " * 5])
        found = library.compare("the mine closing")
    assert {one.publisher for one in found.statements} == {
        "The union is closing its office beside the mine.",
        "The mine is closing in June. The mine is closing in June.…",
    }
    assert not [one.article.id for one in found.statements if one.article.id in str(found)]
    assert Article(text="a" * 90).heading == "a" * 60 + "…"
    assert Article(text="A text.", title="A title").heading == "A title"


def test_what_was_not_done_did_not_happen() -> None:
    with library_of(
        ("North", "The Keldale dam was inspected in January 2026, and no fault was found."),
        ("South", "The Keldale dam was not inspected in January 2026, Interior Minister Ana Weiss said."),
    ) as library:
        found = library.compare("Was the dam inspected in January 2026?")
    assert {one.publisher: one.stance for one in found.statements} == {"North": "happened", "South": "did not happen"}
    (clash,) = found.contradictions
    assert clash.kind == "negation"
    assert "says it did not happen: Ana Weiss: “The Keldale dam was not inspected" in " ".join(str(found).split())
