"""Which articles come from one text, which passages stand for which, and how many sources that makes."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import Library, copies
from toolkit.copies import LIKELY, Profile, article_words, same_text, signatures
from toolkit.retrieval.queries import words_of
from toolkit.types import Article
from toolkit.types.copies import independent, original_first

FIRE = (
    "A fire at the Norvik chemical plant killed 12 people on Tuesday, officials in Halden county said. The blaze began "
    "shortly after 4 am in a storage hall that held solvents, fire chief Marta Lindqvist told reporters. Some 340 "
    "residents were taken to a school in the next village while crews fought the flames. The company, which employs "
    "870 people, said that it would help the families of the dead. Governor Erik Solheim called for an inquiry into "
    "safety at the plant, which was fined 250,000 kroner in 2019. Inspectors had not visited the hall since March. "
    "Union leader Tove Dahl said that workers had complained about the sprinklers for years. The plant will stay shut "
    "until the inquiry has ended, the company said."
)
MARKETS = (
    "The FTSE 100 closed {0} points {1} at {2} on {3} as investors weighed up the latest figures from abroad. "
    "The FTSE 250 ended {4} points {1} at {5}. On the currency markets the pound was {6} against the dollar at {7} and "
    "stood at {8} euros. Brent crude was trading at {9} dollars a barrel. Analysts said that the mood was "
    "cautious before the central bank meets later this week."
)
DISCLAIMER = (
    "This article is for information only and is not advice to buy or sell any investment. The value of shares can go "
    "down as well as up and you may get back less than you put in. Past results are no guide to the future. The writer "
    "may hold shares in companies that are named here. Tax rules can change and depend on your own position. If you "
    "are in doubt you should ask an adviser who is authorised to give advice. We take no responsibility for losses "
    "that follow from anything that is said on this page, nor for what other sites say to which it links."
)


def same(one: str, other: str) -> bool:
    a, b = Profile(one), Profile(other)
    assert same_text(a, b) == same_text(b, a)
    found = signatures([a.words, b.words])
    assert not same_text(a, b) or int((found[0] == found[1]).sum()) >= LIKELY, "would not be found"
    return same_text(a, b)


COPIES = {
    "to the letter": FIRE,
    "style": FIRE.replace("Tuesday", "Tues.").replace("company", "firm").replace("people", "persons").upper(),
    "agency lines": f"TWELVE DEAD IN BLAZE\n\nHALDEN (Agency) - {FIRE}\n\n(Reporting by Jo Marsh; editing by Kim Hall)",
    "the end cut": FIRE[: FIRE.index("The company, which")],
    "merged paragraphs": FIRE.replace(". ", ".\n\n", 3),
    "an update": FIRE.replace("12 people", "15 people").replace("340", "410"),
    "a denial": FIRE.replace("said that workers had complained", "denied that workers had complained"),
    "a correction": f"{FIRE} Correction: an earlier version of this article gave a wrong name for the governor.",
    "another lead": FIRE.replace(
        "A fire at the Norvik chemical plant killed 12 people on Tuesday, officials in Halden county said.",
        "Halden mourned on Wednesday after flames at Norvik left a dozen workers dead.",
    ),
    "a newer, longer version": "Update: Norvik's owner will pay. Solheim visits Halden on Friday. " + FIRE,
}


@pytest.mark.parametrize("kind", COPIES)
def test_copies_come_together(kind: str) -> None:
    assert same(FIRE, COPIES[kind])


def market(seed: int) -> str:
    rng = random.Random(seed)
    day = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"][seed % 5]
    numbers = [f"{rng.uniform(5, 9000):.{rng.choice([1, 2])}f}" for _ in range(8)]
    return MARKETS.format(
        numbers[0], rng.choice(["higher", "lower"]), numbers[1], day, *numbers[2:4], "up", *numbers[4:]
    )


def test_reports_of_one_form_are_no_copies() -> None:
    for one, other in itertools.combinations(range(6), 2):
        assert not same(market(one), market(other))
    assert same(market(1), market(1).replace("cautious", "wary"))


MATCH = (
    "The league table is updated after every match day. The top four go to the Champions League, the fifth and sixth "
    "to the Europa League, and the last three go down. Tickets for all home matches can be bought at the ground and on "
    "the club's site from ten in the morning. Follow all matches live with our reporters at the grounds. "
)


def test_what_many_articles_share_makes_no_copies() -> None:
    one = (
        "Rovers beat Albion 2-1 on Saturday after Dean Carr scored twice in the last ten minutes at Mill Lane. Manager "
        "Ian Frost said that his side had shown character. Albion had led through Paul Okoro since the eighth minute. "
    )
    other = (
        "City were held 0-0 by Wanderers, whose keeper Luis Prado saved a penalty from Tom Hale before 31,000 at North "
        "Park. Coach Anna Weiss praised the defence, and City's Jon Bell was sent off with a quarter of an hour to go. "
    )
    assert not same(one + MATCH, other + MATCH)
    assert not same(one + DISCLAIMER, other + DISCLAIMER)
    assert not same(f"{DISCLAIMER} {one}", f"{DISCLAIMER} {other}")
    notice = (
        "An earlier version of this article misspelled the name of {}. It is {}, not {}. We are sorry for the error."
    )
    assert not same(notice.format("Ann Lee", "Lee", "Lea"), notice.format("Karl Fuchs", "Fuchs", "Fox"))


def test_a_round_up_is_no_bridge_between_its_stories() -> None:
    rng = random.Random(5)
    stories = []
    for _ in range(4):
        words = [rng.choice("abcdefgh") + str(number) for number in range(150)]
        stories.append(" ".join(word.replace("1", "x").replace("2", "y").title() for word in words))
    for first, second in itertools.permutations(range(2)):
        both = f"{stories[first]} {stories[second]}"
        assert sum(same(both, stories[n]) for n in (0, 1)) < 2
    every = " ".join(stories)
    assert not any(same(every, story) for story in stories[1:])


def test_a_live_blog_that_grows_at_its_top() -> None:
    posts = [f"{12 + n}:0{n} {' '.join(FIRE.split()[n * 9 : n * 9 + 30])} Post{n} by Reporter{n}." for n in range(12)]
    versions = [" ".join(reversed(posts[:n])) for n in (8, 9, 10, 11, 12)]
    assert all(same(one, other) for one, other in itertools.pairwise(versions))


def test_short_articles() -> None:
    short = (
        "The mayor of Larvik opened a new bridge over the Numedal river on Friday. It cost 40 million kroner and took "
        "three years to build. Cyclists have a lane of their own, and lorries must keep to the old road for now."
    )
    assert same(short, short.replace("opened a new bridge", "opened the bridge"))
    assert same(short, f"LARVIK (Agency) - {short}")
    assert not same(
        short, "The mayor of Larvik opened a new school by the old road on Friday. It has room for 400 pupils."
    )


def test_scripts_without_spaces() -> None:
    said = (
        "挪威一家化工厂星期二发生火灾造成十二人死亡官员说大火凌晨四点开始"
        "消防队长告诉记者约三百四十名居民被送往邻村的一所学校公司表示将帮助死者家属。"
    )
    assert same(said, said.replace("官员说", "当局说"))
    assert not same(
        said,
        "日本银行周五决定维持利率不变并表示经济正在缓慢复苏分析人士此前预计央行会在年底之前采取行动市场反应平静日元小幅上涨。",
    )


@given(st.text(max_size=300))
def test_any_text_has_a_signature_and_the_words_of_a_search(text: str) -> None:
    profile = Profile(text)
    assert signatures([profile.words]).shape == (1, 64)
    assert same_text(profile, Profile(text)) == bool(profile.words)
    if not copies.UNSPACED.search(text):
        assert article_words(text) == words_of(text)


@given(st.text("aBé£Жß ’“.\n\u0301\u00a0\u2003½", max_size=60))
def test_words_with_accents_are_those_of_a_search(text: str) -> None:
    assert article_words(text) == words_of(text)


def by(publisher: str | None, article_id: str) -> Article:
    return Article(id=article_id, text="Said.", publisher=publisher)


def test_copies_are_one_source_and_so_is_a_publisher() -> None:
    three = [by("A", "1"), by("B", "2"), by("C", "3")]
    assert independent(three) == 3
    assert independent(three, dict.fromkeys("123", "g")) == 1
    assert independent([*three, by(" a ", "4")], dict.fromkeys("123", "g")) == 2, "A's own and another's copy"
    assert independent([by("A", "1"), by("A", "2")]) == 1
    assert independent([by(None, "1"), by(None, "2")]) == 2
    assert independent([by(None, "1"), by(None, "2")], dict.fromkeys("12", "g")) == 1
    assert independent([]) == 0


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("wxyz")), max_size=9))
def test_independent_sources_are_the_most_that_share_nothing(pairs: list[tuple[str, str]]) -> None:
    articles = [by(publisher, str(n)) for n, (publisher, _) in enumerate(pairs)]
    groups = {str(n): text for n, (_, text) in enumerate(pairs)}
    sizes = [
        len(some)
        for size in range(len(pairs) + 1)
        for some in itertools.combinations(pairs, size)
        if len({p for p, _ in some}) == len({t for _, t in some}) == len(some)
    ]
    assert independent(articles, groups) == max(sizes)


def printed(article_id: str, text: str, publisher: str, day: str, **metadata: str) -> Article:
    return Article(
        id=article_id,
        text=text,
        title="Fire at Norvik",
        publisher=publisher,
        published=f"2025-03-{day}",
        metadata=metadata,
    )


UPDATE = FIRE.replace("killed 12 people", "killed 15 people")


@pytest.fixture(scope="module")
def wire() -> Library:
    library = Library()
    library.add(
        [
            printed("late", FIRE, "The Post", "05", agency="Agency"),
            printed("wire", f"HALDEN (Agency) - {FIRE}", "Agency", "04"),
            printed("early", FIRE.replace("residents were taken", "villagers were brought"), "The Sun", "03"),
            printed("cut", COPIES["the end cut"], "The Mail", "05"),
            printed("toll", UPDATE, "The Times", "06"),
            printed("own", "Why did the sprinklers fail? Norvik's workers had warned of fire for years.", "Own", "07"),
        ]
    )
    return library


def test_duplicates_lists_the_agency_first_and_says_how_each_differs(wire: Library) -> None:
    (group,) = wire.duplicates()
    assert [(one.article.id, one.difference) for one in group.copies] == [
        ("wire", "original"),
        ("early", "edited"),
        ("cut", "cut"),
        ("late", "edited"),
        ("toll", "update"),
    ]
    assert group.copies[-1].changes == ("12 → 15",)
    assert group.agency == "Agency"
    assert group.publishers == ("Agency", "The Sun", "The Mail", "The Post", "The Times")
    frame = wire.duplicates().to_frame()
    assert list(frame["article_id"]) == [article.id for article in group.articles]
    assert str(frame["published"].dtype).endswith("UTC]")
    assert wire.duplicates().to_dict()["groups"][0]["articles"][4]["changes"] == ["12 → 15"]


@pytest.mark.parametrize("query", ["chemical plant fire killed", "storage hall solvents fire chief Lindqvist"])
def test_one_passage_of_a_group_is_shown_and_never_without_the_update(wire: Library, query: str) -> None:
    hits = [hit for hit in wire.search(query, k=8) if "killed 1" in hit.passage.text]
    assert [hit.article.id for hit in hits].count("toll") == 1, "another toll is no copy"
    assert len(hits) == 2
    shown = next(hit for hit in hits if hit.article.id != "toll")
    assert shown.article.id == "wire"
    assert {article.id for article in shown.copies} == {"early", "late", "cut"}
    assert shown.group == hits[0].group == "cut"
    assert "stands for" in str(shown.explain())


def test_with_recent_first_the_copy_that_ranks_best_stays(wire: Library) -> None:
    hits = wire.search("chemical plant fire killed", prefer="recent")
    assert next(hit.article.id for hit in hits if "killed 12" in hit.passage.text) in ("late", "cut"), (
        "not the original"
    )


def test_every_copy_is_found_when_none_is_folded(wire: Library) -> None:
    hits = wire.search("chemical plant fire killed", per_copies=None)
    assert {"late", "wire", "early", "cut", "toll"} <= {hit.article.id for hit in hits}
    assert all(hit.copies == () for hit in hits)


def test_an_answer_counts_copies_as_one_source(wire: Library) -> None:
    answer = wire.ask("Who told reporters that the blaze began in a storage hall?")
    assert answer.answered
    assert answer.independent == 1
    form = answer.to_dict()
    assert form["independent_sources"] == 1
    assert {one["article_id"] for copied in form["copies"] for one in copied["printed_by"]} >= {"late"}


def test_the_original_is_the_agency_s_else_the_earliest() -> None:
    some = [printed("b", "x", "B", "02"), printed("a", "x", "A", "02"), printed("c", "x", "C", "03")]
    assert [article.id for article in original_first(some)] == ["a", "b", "c"]
    assert original_first([*some, printed("d", "x", "D", "09", agency="c ")])[0].id == "c"


def test_groups_are_shown_in_every_form(wire: Library) -> None:
    groups = wire.duplicates()
    for value in (groups, groups[0], groups[:0]):
        said = repr(value)
        assert all(len(line) <= 80 for line in said.splitlines())
        assert value._repr_html_().startswith("<div")
        assert value.to_markdown().strip()
    assert "5 articles from 5 publishers: 1 independent source, Agency; 1 update" in " ".join(repr(groups).split())
    assert "12 → 15" in groups._repr_html_()
    hostile = Library()
    bad = "<script>alert(1)</script> | `x` "
    hostile.add([Article(id=str(n), title=bad, publisher=bad, text=FIRE + str(n)) for n in range(2)])
    assert "<script>a" not in hostile.duplicates()._repr_html_() + hostile.duplicates().to_markdown()


@pytest.mark.parametrize(
    ("words", "difference", "changes"),
    [
        ("fifteen people", "update", ("twelve → fifteen",)),
        ("12 people", "edited", ()),
        ("2 people", "update", ("twelve → 2",)),
    ],
)
def test_numbers_in_words_are_numbers(words: str, difference: str, changes: tuple[str, ...]) -> None:
    told = FIRE.replace("12 people", "twelve people")
    with Library(None, llm=None) as news:
        news.add(
            Article(text=text, publisher=paper, published=day)  # type: ignore[arg-type]
            for text, paper, day in (
                (told, "Post", "2026-03-10"),
                (told.replace("twelve people", words), "Echo", "2026-03-11"),
            )
        )
        (group,) = news.duplicates()
    assert (group.copies[1].difference, group.copies[1].changes) == (difference, changes)


def test_a_timeline_and_a_comparison_count_copies_as_one_source() -> None:
    with Library(None, llm=None) as news:
        news.add(
            Article(text=text, publisher=paper, published="2026-03-11")  # type: ignore[arg-type]
            for paper, text in (("Post", FIRE), ("Echo", FIRE.replace("Some 340", "About 340")))
        )
        (event, *_), compared = news.timeline(), news.compare("safety at the Norvik plant")
        asked = news.timeline("fire at the Norvik plant")
    assert {len(one.publishers) for one in (event, asked[0])} == {2}
    assert {one.independent for one in (event, asked[0])} == {1}
    assert event.to_dict()["independent_sources"] == 1
    assert "2 publishers, 1 independent source" in repr(asked)
    assert compared.independent == 1
