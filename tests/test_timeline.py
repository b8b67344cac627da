"""Timelines: the sample story as read by hand, merging, gating, bounds, and how they are shown."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import Article, Library
from toolkit.__main__ import main
from toolkit.errors import ArgumentError
from toolkit.timeline import make_timeline
from toolkit.types import Event, Timeline

# Read in notebooks/articles and written down before the code: the story of the security guarantees in five events.
# Each: first day, granularity, words that its claims or citations must hold, publishers of which some must be cited.
FIVE = [
    (date(2022, 2, 1), "month", "invasion began in February 2022", {"Potomac Record"}),
    (date(2025, 8, 18), "day", "White House summit", {"Potomac Record", "The Continental Ledger", "Harbour Wire"}),
    (date(2025, 8, 19), "day", "Bloomberg reported on", {"The Continental Ledger", "The Fairmont Observer"}),
    (date(2025, 8, 19), "day", "Karoline Leavitt said on Tuesday", {"Lafayette Square Daily"}),
    (date(2025, 8, 20), "day", "smaller than first reported", {"Meridian Courier"}),
]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("timeline") / "news.lance", llm=None)
    library.add("notebooks/articles")
    return library


def _place(timeline: Timeline, start: date, granularity: str, words: str) -> int:
    found = [
        index
        for index, event in enumerate(timeline)
        if (event.start, event.granularity) == (start, granularity) and any(words in c.quote for c in event.citations)
    ]
    assert len(found) == 1, f"{words!r} on {start}: events {found} of\n{timeline}"
    return found[0]


@pytest.mark.parametrize("query", ["security guarantees", "security guarantees for Ukraine", None])
def test_the_five_events_of_the_sample_story_in_their_order(news: Library, query: str | None) -> None:
    timeline = news.timeline(query)
    places = [_place(timeline, start, granularity, words) for start, granularity, words, _ in FIVE]
    assert places[0] < places[1] < min(places[2], places[3])
    assert max(places[2], places[3]) < places[4]
    for place, (_, _, _, publishers) in zip(places, FIVE, strict=True):
        assert publishers & set(timeline[place].publishers)
    assert [event.start for event in timeline] == sorted(event.start for event in timeline)


def test_every_claim_is_quoted_and_every_citation_is_exact(news: Library) -> None:
    timeline = news.timeline("security guarantees")
    for event in timeline:
        assert 1 <= len(event.claims) <= 2
        for claim in event.claims:
            assert claim.verdict == "quoted"
            assert claim.citations[0].quote == claim.text
        for citation in event.citations:
            assert citation.article.text[citation.span.start : citation.span.end] == citation.quote
        if event.expression is not None:
            found, text = event.expression, event.citations[0].article.text
            assert text[found.offset : found.offset + len(found.words)] == found.words
            assert event.citations[0].span.start <= found.offset < event.citations[0].span.end
    assert [c.marker for c in timeline.citations] == list(range(1, len(timeline.citations) + 1))


def test_the_summit_is_one_event_that_several_papers_tell(news: Library) -> None:
    timeline = news.timeline("security guarantees")
    summit = timeline[_place(timeline, date(2025, 8, 18), "day", "White House summit took place")]
    assert {"The Continental Ledger", "Harbour Wire", "Potomac Record"} <= set(summit.publishers)
    assert summit.dated_by == "text"


def test_another_story_gives_its_own_events(news: Library) -> None:
    timeline = news.timeline("library reopening")
    assert date(2025, 8, 16) in [event.start for event in timeline]
    assert {citation.article.publisher for citation in timeline.citations} == {"Millbrook Valley Times"}


@pytest.mark.parametrize("query", ["Champions League final", "volcano eruption in Iceland", "World Cup 2022"])
def test_a_query_about_something_else_gives_no_events_and_a_reason(news: Library, query: str) -> None:
    timeline = news.timeline(query)
    assert timeline.events == ()
    assert timeline.citations == ()
    assert timeline.reason
    assert "Not in your articles" in str(timeline)


def test_since_and_until_are_days_of_the_events_and_not_of_the_articles(news: Library) -> None:
    early = news.timeline("security guarantees", until="2022-12-31")
    assert [event.start for event in early] == [date(2022, 2, 1)]
    late = news.timeline("security guarantees", since="2025-08-20")
    assert late
    assert all(event.end >= date(2025, 8, 20) for event in late)
    nothing = news.timeline("security guarantees", since="1990-01-01", until="1990-12-31")
    assert not nothing
    assert "1990" in str(nothing.reason)


def test_most_keeps_what_matters_most_in_order(news: Library) -> None:
    timeline = news.timeline("security guarantees", most=3)
    whole = news.timeline("security guarantees", most=100)
    assert len(timeline) == 3
    assert timeline.left_out == len(whole) - 3
    assert [e.start for e in timeline] == sorted(e.start for e in timeline)
    assert min(e.score for e in timeline) >= sorted((e.score for e in whole), reverse=True)[2]
    assert date(2025, 8, 18) in [e.start for e in timeline]


def test_only_the_articles_that_were_given_are_read(news: Library) -> None:
    library_story = next(a for a in news.articles() if a.publisher == "Millbrook Valley Times")
    timeline = news.timeline(articles=library_story)
    assert {c.article.id for c in timeline.citations} == {library_story.id}


def _articles(*texts: tuple[str, str, str]) -> list[Article]:
    return [Article(text=text, title=None, publisher=publisher, published=day) for publisher, day, text in texts]  # type: ignore[arg-type]


DAM = """The dam at Oster broke on Aug. 14 after heavy rain.

The following day, water reached the town of Kolm. Two days later, soldiers rescued 40 people from roofs."""


def test_the_following_day_is_counted_from_the_event_before() -> None:
    timeline = make_timeline(
        None,
        _articles(("A", "2025-08-22", DAM)),
    )
    assert [(e.start.isoformat(), e.dated_by) for e in timeline] == [
        ("2025-08-14", "text"),
        ("2025-08-15", "anchor"),
        ("2025-08-17", "anchor"),
    ]


def test_the_same_event_in_other_words_is_merged_whatever_names_its_day() -> None:
    timeline = make_timeline(
        None,
        _articles(
            ("A", "2025-08-15", "The dam at Oster broke on Thursday, flooding the town of Kolm, officials said."),
            ("B", "2025-08-20", "The Oster dam broke on Aug. 14 and flooded the town of Kolm."),
            ("C", "2025-08-14", "The dam at Oster broke today and the town of Kolm was flooded."),
        ),
    )
    assert [(e.start, e.publishers) for e in timeline] == [(date(2025, 8, 14), timeline[0].publishers)]
    assert set(timeline[0].publishers) == {"A", "B", "C"}


def test_numbers_that_contradict_each_other_stay_apart_and_are_marked() -> None:
    timeline = make_timeline(
        None,
        _articles(
            ("A", "2025-08-15", "The flood in Kolm killed 12 people on Thursday, the mayor of Kolm said."),
            ("B", "2025-08-15", "The flood in Kolm killed 19 people on Thursday, the mayor of Kolm said."),
        ),
    )
    assert len(timeline) == 2
    differences = {event.publishers: [(d.kind, d.claim, d.source) for d in event.differences] for event in timeline}
    assert differences == {("A",): [("number", "12", "19")], ("B",): [("number", "19", "12")]}


def test_days_that_contradict_each_other_are_marked() -> None:
    timeline = make_timeline(
        None,
        _articles(
            ("A", "2025-08-20", "The dam at Oster broke on Aug. 14 and flooded the town of Kolm."),
            ("B", "2025-08-20", "The dam at Oster broke on Aug. 15 and flooded the town of Kolm."),
        ),
    )
    assert [e.start.day for e in timeline] == [14, 15]
    assert [d.kind for e in timeline for d in e.differences] == ["date", "date"]


def test_news_without_a_date_in_its_words_takes_the_day_of_publication() -> None:
    timeline = make_timeline(
        None,
        _articles(("A", "2025-08-20", "The minister of finance has resigned.\n\nShe gave no reason for it at all.")),
    )
    assert [(e.start, e.dated_by, e.expression) for e in timeline] == [(date(2025, 8, 20), "publication", None)]


def test_without_any_date_there_is_nothing_to_show() -> None:
    timeline = make_timeline(None, [Article(text="The minister of finance has resigned, to nobody's surprise.")])
    assert not timeline
    assert timeline.reason


@pytest.mark.parametrize(
    "sentence",
    [
        "Who will lead the talks on Monday?",
        "Nothing in the outline binds Washington to the terms of Monday's summit.",
        "“We can begin tomorrow and nobody will stop us,” he said.",
    ],
)
def test_what_only_mentions_a_day_is_no_event(sentence: str) -> None:
    opening = "The Kremlin is a fortress, and a museum, and an office."
    timeline = make_timeline(None, _articles(("A", "2025-08-20", f"{opening}\n\n{sentence}")))
    assert not [event for event in timeline if event.dated_by == "text"]


@pytest.mark.parametrize("wrong", [{"most": 0}, {"most": True}, {"since": "2025-08-20", "until": "2025-08-01"}])
def test_unusable_arguments_are_refused(news: Library, wrong: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        news.timeline("security guarantees", **wrong)  # type: ignore[arg-type]


def test_filters_need_a_query(news: Library) -> None:
    with pytest.raises(ArgumentError, match="need a query"):
        news.timeline(publisher="Harbour Wire")
    assert set(news.timeline("security guarantees", publisher="Harbour Wire")[0].publishers) == {"Harbour Wire"}


def test_the_async_twin_gives_the_same(news: Library) -> None:
    assert [e.text for e in asyncio.run(news.atimeline("security guarantees"))] == [
        e.text for e in news.timeline("security guarantees")
    ]


# Shown


def test_frame_and_json_hold_every_event(news: Library) -> None:
    timeline = news.timeline("security guarantees")
    frame = timeline.to_frame()
    assert list(frame["when"]) == [event.when for event in timeline]
    assert str(frame["start"].dtype).startswith("datetime64")
    read = json.loads(timeline.to_json())
    assert [event["start"] for event in read["events"]] == [event.start.isoformat() for event in timeline]
    markers = {citation["marker"] for citation in read["citations"]}
    assert all(set(event["citations"]) <= markers for event in read["events"])


def test_an_empty_frame_has_its_columns(news: Library) -> None:
    frame = news.timeline("Champions League final").to_frame()
    assert len(frame) == 0
    assert "dated_by" in frame.columns


def test_the_three_renderings_show_days_sentences_and_sources(news: Library) -> None:
    timeline = news.timeline("security guarantees")
    for shown in (timeline.to_html(), timeline.to_markdown(), str(timeline)):
        assert "18 Aug 2025" in shown
        assert "Feb 2022" in shown
        assert "Potomac Record" in shown
    assert "<svg" not in timeline.to_html()
    assert timeline.to_html().count("<details") >= len(timeline.citations)


def test_when_says_no_more_than_is_known() -> None:
    (event,) = make_timeline(
        None, _articles(("A", "2025-08-20", "The bridge was opened in the spring of 2019."))
    ).events
    assert event.when == "spring 2019"
    (event,) = make_timeline(
        None, _articles(("A", "2025-08-20", "The company was founded around 1890 in Leeds."))
    ).events
    assert event.when == "about 1890"
    (event,) = make_timeline(None, _articles(("A", "2025-08-20", "The choirs met on May 3-5, 2024, in Bern."))).events
    assert event.when == "3-5 May 2024"


def test_the_figure_has_a_mark_for_every_event_and_leaves_pyplot_alone(news: Library) -> None:
    import sys

    timeline = news.timeline("security guarantees")
    figure = timeline.plot()
    (axes,) = figure.axes
    assert len(axes.get_yticklabels()) == len(timeline)
    if "matplotlib.pyplot" in sys.modules:
        assert (
            figure.number not in sys.modules["matplotlib.pyplot"].get_fignums() if hasattr(figure, "number") else True
        )
    import io

    figure.savefig(io.BytesIO(), format="png")


HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[31m",
    "{{ x }} $a$",
    "</td></table><img src=x onerror=alert(1)>",
    "\u202eabc",
]
ELEMENTS = set(
    "div span table thead tbody tr td th details summary mark blockquote cite bdi sup small strong a s br".split()
)


def test_hostile_articles_stay_text() -> None:
    for hostile in HOSTILE:
        text = f"The dam {hostile} broke on Aug. 14, officials said."
        article = Article(text=text, title=hostile, publisher=hostile, published="2025-08-20")  # type: ignore[arg-type]
        timeline = make_timeline(None, [article])
        for value in (timeline, *timeline.events):
            assert "<script" not in value.to_html()
            html = value._repr_html_()
            assert set(re.findall(r"<([a-zA-Z]+)", html)) <= ELEMENTS
            assert "\x1b" not in html + value.to_markdown() + repr(value)
            assert "\u202e" not in html + value.to_markdown()


@given(st.text(max_size=400), st.none() | st.dates(date(1900, 1, 1), date(2099, 1, 1)))
@settings(max_examples=50, deadline=None)
def test_any_article_makes_a_timeline(text: str, published: date | None) -> None:
    timeline = make_timeline(None, [Article(text=text, published=published)])  # type: ignore[arg-type]
    assert all(isinstance(event, Event) for event in timeline)
    timeline.to_html(), timeline.to_markdown(), str(timeline), timeline.to_json()


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["timeline", "notebooks/articles", "--query", "security guarantees", "--until", "2025-08-18", "--json"])
        == 0
    )
    read = json.loads(capsys.readouterr().out)
    assert {event["start"] for event in read["events"]} >= {"2022-02-01", "2025-08-18"}
    assert max(event["start"] for event in read["events"]) <= "2025-08-18"
    assert main(["timeline", "notebooks/articles", "--query", "security guarantees"]) == 0
    assert "18 Aug 2025" in capsys.readouterr().out


def test_a_vote_to_strike_from_monday_does_not_dispute_that_the_strike_began_on_monday() -> None:
    vote = "Dockers at the port of Velnar voted on Wednesday to strike from next Monday, the union Havn said."
    began = "The strike at the port of Velnar began on Monday, with 1,250 dockers staying away, according to the union."
    with Library(llm=None) as news:
        news.add(
            Article(text=vote, title="Dockers vote", publisher="Gazette", published="2026-03-12"),
            Article(text=began, title="Strike begins", publisher="Daily", published="2026-03-17"),
        )
        found = news.timeline("strike at Velnar")
    assert [event.start.isoformat() for event in found.events] == ["2026-03-11", "2026-03-16"]
    assert not any(event.differences for event in found.events)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (
            "France said on Tuesday it will send troops to Orel.",
            "France said on Tuesday it will not send troops to Orel.",
            "negation",
        ),
        (
            "The army shelled the hospital in Orel on Tuesday.",
            "The army denied that it shelled the hospital in Orel on Tuesday.",
            "negation",
        ),
        (
            "A jury convicted Harold Mead of murder on Tuesday.",
            "A jury acquitted Harold Mead of murder on Tuesday.",
            "negation",
        ),
        (
            "The death toll of the flood rose to 12 on Tuesday.",
            "The death toll of the flood rose to 40 on Tuesday.",
            "number",
        ),
        (
            "Police arrested mayor John Carter on Tuesday for fraud.",
            "Police arrested mayor Peter Vance on Tuesday for fraud.",
            None,
        ),
        (
            "France will send 2,000 troops, it said on Tuesday.",
            "Germany will send 2,000 troops, it said on Tuesday.",
            None,
        ),
    ],
)
def test_what_denies_an_event_or_tells_of_another_is_not_cited_for_it(one: str, other: str, kind: str | None) -> None:
    timeline = make_timeline(None, _articles(("A", "2025-08-20", one), ("B", "2025-08-20", other)))
    assert sorted(tuple(c.quote for c in e.citations) for e in timeline) == sorted([(one,), (other,)])
    assert [[d.kind for d in e.differences] for e in timeline] == [[kind] if kind else []] * 2
    assert ("told otherwise elsewhere" in str(timeline)) == (kind is not None)


def test_what_each_days_paper_reports_of_its_own_day_is_no_dispute() -> None:
    timeline = make_timeline(
        None,
        _articles(
            ("A", "2025-08-18", "Protesters marched through Kolm on Monday against the budget."),
            ("B", "2025-08-19", "Protesters marched through Kolm on Tuesday against the budget."),
        ),
    )
    assert [(e.start.day, e.differences) for e in timeline] == [(18, ()), (19, ())]


@pytest.mark.parametrize(
    "text",
    [
        "The treaty was signed on 03/04/2025 in Kolm.",
        "The mayor resigned two days after the vote.",
        "Northgate bridge was built by convicts.",
        "For decades the mill was the largest employer in Kolm.",
        "The ferry would have sailed on Friday if the strike had ended.",
        "Correction: An earlier version of this article said that the vote took place on Tuesday.",
        "An earlier version of this story misstated the day of the vote as Tuesday, Aug. 19.",
        "EMBARGOED UNTIL 00:01 on Thursday, Aug. 21.",
    ],
)
def test_what_tells_of_no_day_that_can_be_told_gives_no_event(text: str) -> None:
    assert not make_timeline(None, _articles(("A", "2025-08-20", text)))


def test_what_was_called_off_is_not_planned() -> None:
    off = "The talks scheduled for Saturday were cancelled on Tuesday."
    (event,) = make_timeline(None, _articles(("A", "2025-08-20", off)))
    assert (event.start, event.planned) == (date(2025, 8, 19), False)
    (event,) = make_timeline(
        None, _articles(("A", "2025-08-20", "The concert planned for Friday has been called off."))
    )
    assert (event.start, event.planned, event.dated_by) == (date(2025, 8, 20), False, "publication")


def test_the_day_of_an_aside_is_not_that_of_the_news() -> None:
    text = "The actor, who was born on May 3, 1962, won the prize on Tuesday."
    (event,) = make_timeline(None, _articles(("A", "2025-08-20", text)))
    assert event.start == date(2025, 8, 19)


def test_an_empty_frame_has_the_types_of_a_full_one(news: Library) -> None:
    empty, full = news.timeline("volcano eruption in Iceland").to_frame(), news.timeline().to_frame()
    for name in ("start", "end", "sources", "planned", "quote_start", "quote_end"):
        assert empty[name].dtype == full[name].dtype


def test_what_was_planned_says_when(news: Library) -> None:
    assert "19 Aug 2025 (planned as of 2025-08-18)" in str(news.timeline("security guarantees"))


def test_an_article_that_is_not_there_is_named_with_a_query_too(news: Library) -> None:
    for verb in (news.timeline, news.summarize):
        with pytest.raises(ArgumentError, match="nope"):
            verb("security guarantees", articles="nope")
        with pytest.raises(ArgumentError, match="not an article"):
            verb("security guarantees", articles=5)


def test_of_very_many_sentences_those_that_matter_most_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.chronology.events.MOST_TOLD", 2)
    monkeypatch.setattr("toolkit.timeline.MOST_TOLD", 2)
    timeline = make_timeline(None, _articles(("A", "2025-08-22", DAM)))
    assert len(timeline) == 2
    assert timeline.notes == ("Of 3 sentences that tell an event, the 2 that matter most were put together.",)


def test_a_weekday_of_an_article_that_was_changed_the_day_after() -> None:
    text = "The dam broke on Tuesday. On Wednesday the army sent 60 engineers."
    article = Article(text=text, published="2026-03-10T18:30:00+00:00", modified="2026-03-11T17:45:00+00:00")  # type: ignore[arg-type]
    with Library(None, llm=None) as library:
        library.add(article)
        days = [event.start.isoformat() for event in library.timeline().events]
    assert days == ["2026-03-10", "2026-03-11"]


def test_the_day_of_a_relative_clause_is_not_the_events() -> None:
    text = "Two of the men who were looked for on Wednesday were found in a barn. The search ended on Thursday."
    with Library(None, llm=None) as library:
        library.add(Article(text=text, published="2026-03-13"))  # type: ignore[arg-type]
        assert [event.start.isoformat() for event in library.timeline().events] == ["2026-03-12"]


@pytest.mark.parametrize(
    ("text", "quote", "day"),
    [
        (
            "OAKHAM, Aug. 18 (Reuters) — The harbour store burnt down on Sunday, the fire brigade said.",
            "The harbour store burnt down on Sunday, the fire brigade said.",
            date(2025, 8, 17),
        ),
        (
            "“I'm ruined - nothing is left,” Ada Marsh, who owned the harbour store, said in Oakham on Sunday.",
            "“I'm ruined - nothing is left,” Ada Marsh, who owned the harbour store, said in Oakham on Sunday.",
            date(2025, 8, 17),
        ),
        (
            "(CNN)The harbour store in Oakham burnt down on Sunday, the fire brigade said.",
            "The harbour store in Oakham burnt down on Sunday, the fire brigade said.",
            date(2025, 8, 17),
        ),
    ],
)
def test_a_dateline_is_no_part_of_an_event_and_what_somebody_says_is(text: str, quote: str, day: date) -> None:
    article = Article(text=f"{text} The town wants to build a new one.", published="2025-08-19")
    (event,) = make_timeline(None, [article])
    assert event.claims[0].text == quote
    assert event.start == day
