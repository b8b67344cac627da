"""Search over a real store with the bundled vectors: filters, fusion, limits, order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit import Library
from toolkit.embeddings import StaticEmbedding
from toolkit.errors import ArgumentError
from toolkit.passages import split
from toolkit.retrieval.filters import Filters
from toolkit.retrieval.fusion import fresher, fuse, varied
from toolkit.retrieval.queries import parse
from toolkit.retrieve import search
from toolkit.store import FoundPassage, Store, indexed_text
from toolkit.types import Article, Hits, Passage, Span

EAST, WEST = timezone(timedelta(hours=13)), timezone(timedelta(hours=-8))

ARTICLES = (
    Article(
        id="reuters",
        title="Reassurance force",
        text="France may send soldiers to Ukraine. " * 60,
        publisher="Reuters",
        published=datetime(2025, 8, 19, 12, tzinfo=UTC),
    ),
    Article(
        id="west",
        text="Soldiers arrived in Kyiv late at night.",
        publisher="O'Reilly's\nDaily",
        # In UTC this is already the 20th.
        published=datetime(2025, 8, 19, 23, tzinfo=WEST),
    ),
    Article(
        id="east",
        text="Soldiers left Kyiv in the morning.",
        publisher="reuters",
        # In UTC this is still the 19th.
        published=datetime(2025, 8, 20, 1, tzinfo=EAST),
    ),
    Article(id="undated", text="Soldiers are paid monthly.", publisher="Straße Heute"),
    Article(id="recipe", text="The recipe needs two eggs and some flour.", published=datetime(2024, 1, 1, tzinfo=UTC)),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    one = filled(tmp_path_factory.mktemp("retrieve") / "library", ARTICLES)
    yield one
    one.close()


def filled(path: Path, articles: tuple[Article, ...]) -> Store:
    embedding = StaticEmbedding()
    store = Store.open(path, embedding_name=embedding.name, dimensions=embedding.dimensions)
    pairs = [(article, passage) for article in articles for passage in split(article)]
    vectors = embedding.embed([indexed_text(article, passage.text) for article, passage in pairs])
    store.put(articles, [passage for _, passage in pairs], vectors)
    return store


def found(store: Store, query: str = "soldiers", **filters: object) -> set[str]:
    return {hit.article.id for hit in search(store, StaticEmbedding(), query, k=50, **filters)}  # type: ignore[arg-type]


def test_hits_carry_article_passage_and_scores(store: Store):
    hits = search(store, StaticEmbedding(), "Which countries send soldiers?", k=3)
    assert len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.article in ARTICLES
        assert hit.article.text[hit.passage.span.start : hit.passage.span.end] == hit.passage.text
        assert 0 <= hit.score <= 1
    assert hits[0].article.id == "reuters"
    assert hits[0].lexical > 0
    assert 0 < hits[0].dense <= 1


def test_meaning_finds_what_words_do_not(store: Store):
    hit = search(store, StaticEmbedding(), "cake ingredients", k=1)[0]
    assert (hit.article.id, hit.lexical) == ("recipe", None)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"since": "2025-08-19"}, {"reuters", "west", "east"}),
        ({"since": "2025-08-19", "until": "2025-08-19"}, {"reuters", "west"}),
        ({"since": date(2025, 8, 20)}, {"east"}),
        ({"until": date(2025, 8, 19)}, {"reuters", "west", "recipe"}),
        ({"since": datetime(2025, 8, 19, 12, tzinfo=UTC)}, {"reuters", "west", "east"}),
        ({"since": datetime(2025, 8, 19, 12, 0, 0, 1, tzinfo=UTC)}, {"west"}),
        ({"since": datetime(2025, 8, 20)}, {"west"}),
        ({"until": "2025-08-19T12:00:00+00:00"}, {"reuters", "east", "recipe"}),
        ({"since": " 2025-08-19T23:00-08:00 "}, {"west"}),
        ({"publisher": "REUTERS"}, {"reuters", "east"}),
        ({"publisher": "o'reilly's\ndaily"}, {"west"}),
        ({"publisher": ["STRASSE heute", "Reuters "]}, {"undated", "reuters", "east"}),
        ({"publisher": "Reut"}, set()),
        ({"publisher": []}, set()),
        ({"publisher": "x' OR '1'='1"}, set()),
        ({"ids": ["west", "absent"]}, {"west"}),
        ({"ids": []}, set()),
        ({"ids": "east", "publisher": "Reuters", "since": "2025-01-01"}, {"east"}),
        ({"since": datetime.min, "until": datetime.max}, {"reuters", "west", "east", "recipe"}),
        ({"since": date.min, "until": date.max}, {"reuters", "west", "east", "recipe"}),
        ({"until": datetime.max.replace(tzinfo=WEST)}, {"reuters", "west", "east", "recipe"}),
    ],
)
def test_filters(store: Store, filters: dict[str, object], expected: set[str]):
    assert found(store, **filters) == expected
    assert found(store, "unrelated words about nothing", **filters) == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"since": "last week"}, 'since=.last week. is not a date: give "YYYY-MM-DD"'),
        ({"until": "2025-02-30"}, "until="),
        ({"until": 20250819}, "until="),
        ({"since": ""}, "since="),
        ({"publisher": 3}, "publisher=3"),
        ({"ids": [1]}, "ids="),
        ({"k": 0}, "k=0"),
        ({"k": True}, "k=True"),
        ({"per_article": -1}, "per_article=-1"),
        ({"per_copies": 0}, "per_copies=0"),
        ({"prefer": "old"}, "prefer='old': give \"recent\""),
        ({"diversity": 1.5}, "diversity=1.5"),
        ({"diversity": True}, "diversity=True"),
        ({"diversity": float("nan")}, "diversity=nan"),
        ({"neighbours": -1}, "neighbours=-1"),
        ({"rerank_depth": 0}, "rerank_depth=0"),
    ],
)
def test_bad_arguments(store: Store, arguments: dict[str, object], says: str):
    with pytest.raises(ArgumentError, match=says):
        search(store, StaticEmbedding(), "soldiers", **arguments)  # type: ignore[arg-type]


def test_query_must_be_text(store: Store):
    with pytest.raises(ArgumentError, match="query is NoneType"):
        search(store, StaticEmbedding(), None)  # type: ignore[arg-type]


def test_nothing_asked_nothing_found(store: Store):
    assert search(store, StaticEmbedding(), " \n") == ()


@given(ODD_TEXT)
@settings(max_examples=25, deadline=None)
def test_any_query_gives_an_ordered_answer(store: Store, query: str):
    hits = search(store, StaticEmbedding(), query, k=4)
    assert len(hits) <= 4
    assert len({hit.passage.id for hit in hits}) == len(hits)
    assert hits == search(store, StaticEmbedding(), query, k=4)


def test_per_article_looks_deeper(tmp_path: Path):
    long = Article(id="long", text="\n\n".join(f"Soldiers soldiers soldiers {n}. " * 30 for n in range(90)))
    short = Article(id="short", text="A dog, a house, a long road, and some soldiers among many other things to see.")
    store = filled(tmp_path / "library", (long, short))
    embedding = StaticEmbedding()
    assert {hit.article.id for hit in search(store, embedding, "soldiers", k=8)} == {"long"}
    thin = search(store, embedding, "soldiers", k=3, per_article=2)
    assert sorted(hit.article.id for hit in thin) == ["long", "long", "short"]


def test_equal_scores_have_one_order(tmp_path: Path):
    twins = tuple(Article(id=name, text="The same words about soldiers.") for name in "dbca")
    store = filled(tmp_path / "library", twins)
    hits = search(store, StaticEmbedding(), "soldiers", per_copies=None)
    assert [hit.article.id for hit in hits] == ["a", "b", "c", "d"]


def test_a_hit_whose_article_changed_meanwhile_is_dropped_and_the_next_takes_its_place(tmp_path: Path):
    three = tuple(
        Article(id=name, text=f"Soldiers {verb}.") for name, verb in (("a", "came"), ("b", "went"), ("c", "ran"))
    )
    store = filled(tmp_path / "library", three)

    class Racing:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def owners(self, ids: object) -> dict[str, tuple[Article, str]]:
            store.delete(["a"])
            return store.owners(ids)  # type: ignore[arg-type]

    hits = search(Racing(), StaticEmbedding(), "soldiers", k=2)  # type: ignore[arg-type]
    assert [hit.article.id for hit in hits] == ["b", "c"]


def found_one(name: str, score: float) -> FoundPassage:
    return FoundPassage(Passage(span=Span(article_id=name, start=0, end=1), text="x", sentences=()), score, "r")


def test_fusion_by_hand():
    ranked = fuse(
        [found_one("1", 10.0), found_one("2", 5.0)],
        [found_one("2", 0.8), found_one("3", 0.4), found_one("1", 0.2), found_one("4", -0.1)],
        dense_weight=0.4,
    )
    assert [
        (s.passage.span.article_id, round(s.score, 6), s.lexical, s.lexical_rank, s.dense, s.dense_rank) for s in ranked
    ] == [
        ("2", 0.7, 5.0, 2, 0.8, 1),
        ("1", 0.7, 10.0, 1, 0.2, 3),
        ("3", 0.2, None, None, 0.4, 2),
        ("4", 0.0, None, None, -0.1, 4),
    ]
    assert fuse([], []) == []
    assert [one.score for one in fuse([], [found_one("2", 0.1)], dense_weight=0.4)] == [0.4]


@given(st.lists(st.floats(0, 50), max_size=6), st.lists(st.floats(-1, 1), max_size=6))
def test_fusion_stays_between_0_and_1(lexical: list[float], dense: list[float]):
    ranked = fuse(
        [found_one(str(n), score) for n, score in enumerate(lexical)],
        [found_one(str(n + 3), score) for n, score in enumerate(dense)],
    )
    assert all(-1e-9 <= one.score <= 1 + 1e-9 for one in ranked)
    assert all(one.score == pytest.approx(one.lexical_share + one.dense_share) for one in ranked)
    assert len(ranked) == len({*range(len(lexical)), *range(3, 3 + len(dense))})


def test_filters_are_values():
    assert Filters().where() is None
    assert Filters(since="2025-08-19") == Filters(since=date(2025, 8, 19))
    assert len(Filters(ids=[str(n) for n in range(1200)]).where().split(" OR ")) == 3


# Operators


def asked(store: Store, query: str, **options: object) -> Hits:
    wanted = parse(query)
    return search(store, StaticEmbedding(), query, operators=wanted, **({"k": 50} | options))  # type: ignore[arg-type]


QUOTED = (
    Article(id="said", title="A vow", text="The minister said “never again” on Monday.", publisher="Harbour Wire"),
    Article(id="reversed", text="Again the minister said never on Monday.", publisher="Reuters"),
    Article(id="title", title="Never again, says minister", text="He spoke on Monday.", publisher="REUTERS"),
    Article(
        id="stops", text="A word that is of the same kind, and that is all there is to the matter.", publisher=None
    ),
    Article(id="chinese", text="他在北京大学学习。", publisher="新华社"),
    Article(
        id="broken", text="He said it.\n\n" + "Soldiers marched on. " * 45 + "It was all over by then. We are done."
    ),
)


@pytest.fixture(scope="module")
def quoted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    one = filled(tmp_path_factory.mktemp("retrieve") / "library", QUOTED)
    yield one
    one.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"never again"', {"said", "title"}),
        ("“Never Again” minister", {"said", "title"}),
        ('"never again" -monday', set()),
        ('"never again" -"a vow"', {"title"}),
        ('"never again" publisher:reuters', {"title"}),
        ('"never again" publisher:"harbour wire"', {"said"}),
        ('"never again" -publisher:Reuters', {"said"}),
        ("minister -publisher:Reuters", {"said", "stops", "chinese", "broken"}),
        ("minister publisher:Reuters publisher:新华社", {"reversed", "title", "chinese"}),
        ('"minister said" "on monday"', {"said", "reversed"}),
        ('"never again" "of the"', set()),
        ('"that is of the same"', {"stops"}),
        ('"of the"', {"stops"}),
        ('"北京大学"', {"chinese"}),
        ('"京大"', {"chinese"}),
        ('"again never"', set()),
        ('"a phrase that stands nowhere"', set()),
        ("minister -minister", {"stops", "chinese", "broken"}),
        ("-minister", set()),
    ],
)
def test_operators(quoted: Store, query: str, expected: set[str]):
    assert {hit.article.id for hit in asked(quoted, query)} == expected


def test_operators_and_filters_both_hold(quoted: Store):
    assert {hit.article.id for hit in asked(quoted, '"never again"', publisher="Reuters")} == {"title"}
    assert asked(quoted, '"never again" publisher:Reuters', publisher="Harbour Wire") == ()


def test_without_operators_everything_is_literal(quoted: Store):
    for query in ('"never again" -monday', "publisher:Reuters minister"):
        assert {hit.article.id for hit in search(quoted, StaticEmbedding(), query, k=50)} >= {"said", "reversed"}


def test_a_phrase_that_runs_over_the_end_of_a_passage_is_found(tmp_path: Path):
    text = "Opening words. " + "Soldiers marched on. " * 40 + "\n\nThe fight was over. " + "They slept. " * 80
    store = filled(tmp_path / "library", (Article(id="long", text=text), *QUOTED))
    assert split(Article(id="long", text=text))[1].text.startswith("The fight was over")
    for query in ('"marched on the fight was over"', '"marched on. The"', '"soldiers marched on the"'):
        hits = asked(store, query)
        assert [hit.article.id for hit in hits] == ["long", "long"]


def test_a_phrase_is_found_among_many_passages_wherever_it_stands(tmp_path: Path):
    many = [
        Article(id=f"n{n}", text=f"The wing of the plane number {n} broke again and never flew.") for n in range(300)
    ]
    many[217] = Article(id="n217", text="The plane of the wing never again flew.")
    store = filled(tmp_path / "library", tuple(many))
    late = Article(id="late", text="Of the wing, they never again spoke.")
    embedding = StaticEmbedding()
    store.put([late], split(late), embedding.embed([late.text]))
    assert {hit.article.id for hit in asked(store, '"never again"')} == {"n217", "late"}
    assert {hit.article.id for hit in asked(store, '"of the wing"')} == {"n217", "late"}
    assert len(asked(store, 'plane -"again and never"', k=5)) == 2


def test_what_excludes_nearly_everything_still_finds_the_rest(tmp_path: Path):
    many = [Article(id=f"n{n:03}", text=f"The plane number {n} of O'Brien's fleet flew to 北京.") for n in range(300)]
    few = [Article(id=f"few{n}", text=f"Somebody else's plane number {n} went far away.") for n in range(3)]
    store = filled(tmp_path / "library", (*many, *few))
    for query in ("plane -flew", 'plane -"O’Brien\'s fleet"', "plane -北京", "plane -FLEW -fleet"):
        assert {hit.article.id for hit in asked(store, query, k=5)} == {"few0", "few1", "few2"}
    assert len(asked(store, "plane -else", k=5)) == 5


def test_the_slow_way_to_find_phrases_finds_the_same(quoted: Store, monkeypatch: pytest.MonkeyPatch):
    for phrase in ("never again", "of the", "on Monday", "it was all over", "“is of” the"):
        by_index = quoted.lexical(f"{phrase} minister", 50, None, [phrase])
        monkeypatch.setattr(quoted, "_indexed", False)  # as for a library of the first layout, opened only to read
        by_reading = quoted.lexical(f"{phrase} minister", 50, None, [phrase])
        monkeypatch.undo()
        assert {found.passage for found in by_index} == {found.passage for found in by_reading} != set()


@given(ODD_TEXT)
@settings(max_examples=25, deadline=None)
def test_any_operators_give_an_answer(quoted: Store, query: str):
    for text in (query, f'"{query}"', f'minister -"{query}"', f"publisher:{query} minister", f'say "{query} again"'):
        for hit in asked(quoted, text, k=4):
            assert hit.article.text[hit.passage.span.start : hit.passage.span.end] == hit.passage.text


def test_a_library_reads_operators_in_searches_and_never_in_questions_and_claims():
    with Library(llm=None) as library:
        library.add(*QUOTED)
        phrase = '"never again" -publisher:Reuters minister on Monday'
        assert {hit.article.id for hit in library.search(phrase)} == {"said"}
        assert {hit.article.id for hit in library.summarize(phrase).hits} == {"said"}
        assert {hit.article.id for hit in library.ask(phrase).hits} >= {"said", "title", "reversed"}
        claim = library.verify('The minister said "never again" on Monday -minister.')
        assert claim.citations


# Preferences and limits


def dated(store: Store, **options: object) -> list[str]:
    hits = search(store, StaticEmbedding(), "soldiers in Kyiv", **options)  # type: ignore[arg-type]
    return [hit.article.id for hit in hits]


def test_recent_prefers_newer_and_leaves_the_undated_between(tmp_path: Path):
    def article(name: str, day: datetime | None) -> Article:
        return Article(id=name, text=f"Soldiers in Kyiv, says {name}.", published=day)

    days = {"a-old": datetime(2024, 1, 1, tzinfo=UTC), "b-none": None, "c-new": datetime(2025, 8, 19, tzinfo=UTC)}
    store = filled(tmp_path / "library", tuple(article(*pair) for pair in days.items()))
    assert dated(store, prefer="recent") == ["c-new", "b-none", "a-old"]
    fresh = {hit.article.id: hit for hit in search(store, StaticEmbedding(), "soldiers in Kyiv", prefer="recent")}
    assert "freshness 1.000 (from 2025-08-19" in repr(fresh["c-new"].explain())
    assert "no date" in repr(fresh["b-none"].explain())


def test_freshness_by_hand():
    ranked = fuse([found_one("1", 10.0), found_one("2", 9.0), found_one("3", 8.0)], [], dense_weight=0)
    times = {"1": datetime(2025, 1, 1, tzinfo=UTC), "2": datetime(2025, 1, 31, tzinfo=UTC), "3": None}
    newest = fresher(ranked, lambda one: times[one.passage.span.article_id], half_life=30, weight=0.5)
    assert [(one.passage.span.article_id, one.score, one.freshness) for one in newest] == [
        ("2", pytest.approx(0.95), 1.0),
        ("1", pytest.approx(0.75), 0.5),
        ("3", pytest.approx(0.65), 0.5),
    ]
    assert fresher([], lambda one: None) == []


def test_variety_by_hand():
    texts = ["red red blue", "red red blue", "green", "red"]
    assert varied(texts, [1.0, 0.9, 0.5, 0.4], 4, 0) == [0, 1, 2, 3]
    # The second is the first again: 0.5 * 0.9 - 0.5 * 1; the third shares no word with it: 0.5 * 0.5.
    assert varied(texts, [1.0, 0.9, 0.5, 0.4], 2, 0.5) == [0, 2]
    assert varied([], [], 3, 0.5) == []


@given(st.lists(st.tuples(ODD_TEXT, st.floats(0, 9)), max_size=6), st.integers(1, 8), st.floats(0, 1))
def test_variety_chooses_each_once(given_: list[tuple[str, float]], count: int, diversity: float):
    ordered = sorted(given_, key=lambda pair: -pair[1])
    places = varied([text for text, _ in ordered], [score for _, score in ordered], count, diversity)
    assert len(places) == len(set(places)) == min(count, len(given_))
    assert not places or places[0] == 0 or ordered[places[0]][1] == ordered[0][1] or diversity == 1


WIRE = "The government said that two thousand soldiers will be sent to Kyiv in the coming month, and gave no reasons."
PAPERS = tuple(
    Article(id=f"paper-{n}", title=f"Headline {word}", text=WIRE.replace("gave", "offered") if n == 3 else WIRE)
    for n, word in enumerate(("one", "two", "three", "four", "five"))
)
OTHER = Article(id="other", title="Answer", text="No soldiers will be sent to Kyiv, the government said.")


def test_the_same_text_is_shown_twice_at_most_unless_wished(tmp_path: Path):
    store = filled(tmp_path / "library", (*PAPERS, OTHER))
    query, embedding = "soldiers sent to Kyiv", StaticEmbedding()
    ids = [hit.article.id for hit in search(store, embedding, query)]
    assert len(ids) == 3
    assert "other" in ids
    assert len(search(store, embedding, query, per_copies=None)) == 6
    once = search(store, embedding, query, per_copies=1)
    assert len(once) == 2
    first = next(hit for hit in once if hit.article.id != "other")
    assert "stands for 4 more of nearly the same text" in repr(first.explain())


def test_diversity_moves_what_is_new_up(tmp_path: Path):
    store = filled(tmp_path / "library", (*PAPERS, OTHER))
    plain = search(store, StaticEmbedding(), "soldiers sent to Kyiv", k=3, per_copies=None)
    spread = search(store, StaticEmbedding(), "soldiers sent to Kyiv", k=2, per_copies=None, diversity=0.6)
    alike = max(sum(hit.article.id != "other" for hit in plain), 0)
    assert alike >= 2
    assert {hit.article.id == "other" for hit in spread} == {True, False}


# Neighbours


def numbered(name: str, sentences: int) -> Article:
    return Article(
        id=name, text=" ".join(f"Sentence number {n} of the article {name} is about planes." for n in range(sentences))
    )


@given(st.integers(0, 6), st.integers(1, 8), st.integers(0, 70))
@settings(max_examples=30, deadline=None)
def test_neighbours_are_exact_runs_that_do_not_overlap(planes: Store, by: int, k: int, number: int):
    plain = search(planes, StaticEmbedding(), f"planes {number}", k=k)
    wide = search(planes, StaticEmbedding(), f"planes {number}", k=k, neighbours=by)
    for hit in wide:
        span = hit.passage.span
        assert hit.article.text[span.start : span.end] == hit.passage.text
        assert hit.passage.sentences[0].start == span.start
        assert hit.passage.sentences[-1].end == span.end
        assert all(a.end <= b.start for a, b in zip(hit.passage.sentences, hit.passage.sentences[1:], strict=False))
    assert not any(a.passage.span.overlaps(b.passage.span) for a in wide for b in wide if a is not b)
    assert all(any(_holds(w.passage.span, p.passage.span) for w in wide) for p in plain)
    assert wide[0].score == plain[0].score
    if by == 0:
        assert wide == plain


def _holds(wide: Span, narrow: Span) -> bool:
    return wide.article_id == narrow.article_id and wide.start <= narrow.start and narrow.end <= wide.end


@pytest.fixture(scope="module")
def planes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    one = filled(tmp_path_factory.mktemp("planes") / "library", (numbered("one", 70), numbered("two", 3)))
    yield one
    one.close()


def test_a_neighbour_on_each_side(planes: Store):
    passages = split(numbered("one", 70))
    middle = passages[2]
    number = middle.text.split()[2]
    hit = search(planes, StaticEmbedding(), f"number {number}", k=1, neighbours=1)[0]
    place = next(n for n, passage in enumerate(passages) if _holds(hit.passage.span, passage.span))
    assert (hit.passage.span.start, hit.passage.span.end) == (passages[place].span.start, passages[place + 2].span.end)
    assert "joined with 2 passages around it" in repr(hit.explain())


def test_neighbours_bring_nothing_back_that_is_excluded(tmp_path: Path):
    calm = "The harbours were calm and the boats lay still beside the long quay. " * 40
    text = calm + "Then there was talk of war and of the harbours that it closed. " * 12 + calm
    store = filled(tmp_path / "library", (Article(id="harbours", title="Harbours", text=text),))
    assert any("war" in hit.passage.text for hit in asked(store, "harbours", neighbours=1, per_copies=None))
    for by in (1, 3, 50):
        hits = asked(store, "harbours -war", neighbours=by, per_copies=None)
        assert hits
        assert not any("war" in hit.passage.text for hit in hits)
    assert any("joined with" in repr(hit.explain()) for hit in hits)


def test_an_excluded_phrase_does_not_come_back_across_the_end_of_a_passage(tmp_path: Path):
    article = numbered("one", 70)
    before, after = split(article)[:2]
    broken = f"{before.text.split()[-1]} {' '.join(after.text.split()[:3])}"
    store = filled(tmp_path / "library", (article,))
    wide = asked(store, f'planes -"{broken}"', neighbours=5)
    assert wide
    assert not any(parse(f'"{broken}"').phrases[0].within(hit.passage.text) for hit in wide)


# Why, and the second look


def test_explain_says_which_words_count_and_how_much(store: Store):
    plain = search(store, StaticEmbedding(), "France soldiers to the moon", k=2)[0].explain()
    assert plain.has == (("France", None), ("soldiers", None))
    assert plain.lacks == ("moon",)
    hits = search(store, StaticEmbedding(), "France soldiers to the moon", k=2, explain=True)
    weights = dict(hits[0].explain().has)
    assert sum(weights.values()) == pytest.approx(hits[0].lexical, rel=1e-4)
    assert weights["France"] > weights["soldiers"] > 0
    assert f"words: BM25 {hits[0].lexical:.3f}, number 1" in repr(hits[0].explain())
    assert all(hit.explain() for hit in hits)


def test_a_reranker_orders_the_best_and_explain_says_so(store: Store):
    class Backwards:
        name = "backwards"

        def rank(self, query: str, hits: Hits) -> list[tuple[int, float]]:
            self.seen = (query, len(hits))
            return [(n, float(n)) for n in reversed(range(len(hits)))]

    reranker, embedding = Backwards(), StaticEmbedding()
    plain = search(store, embedding, "soldiers", k=4)
    turned = search(store, embedding, "soldiers", k=2, reranker=reranker, rerank_depth=4)
    assert reranker.seen == ("soldiers", 4)
    assert [hit.passage for hit in turned] == [hit.passage for hit in plain[:1:-1]]
    assert [hit.score for hit in turned] == [3.0, 2.0]
    assert "backwards scored it 3.000; it was number 4" in repr(turned[0].explain())
    search(store, embedding, "soldiers", k=3, reranker=reranker, rerank_depth=1)
    assert reranker.seen == ("soldiers", 3)
