"""Search over a real store with the bundled vectors: filters, fusion, limits, order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit.embeddings import StaticEmbedding
from toolkit.errors import ArgumentError
from toolkit.passages import split
from toolkit.retrieve import Filters, fuse, search
from toolkit.store import Store, indexed_text
from toolkit.types import Article, Passage, Span

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
    assert [hit.article.id for hit in search(store, StaticEmbedding(), "soldiers")] == ["a", "b", "c", "d"]


def test_a_hit_whose_article_changed_meanwhile_is_dropped(tmp_path: Path):
    both = (Article(id="a", text="Soldiers came."), Article(id="b", text="Soldiers went."))
    store = filled(tmp_path / "library", both)

    class Racing:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def articles(self, ids: object) -> dict[str, Article]:
            store.delete(["a"])
            return store.articles(ids)  # type: ignore[arg-type]

    assert [hit.article.id for hit in search(Racing(), StaticEmbedding(), "soldiers")] == ["b"]  # type: ignore[arg-type]


def passage(name: str) -> Passage:
    return Passage(span=Span(article_id=name, start=0, end=1), text="x", sentences=())


def test_fusion_by_hand():
    one, two, three = passage("1"), passage("2"), passage("3")
    ranked = fuse([(one, 10.0), (two, 5.0)], [(two, 0.9), (three, 0.5), (one, 0.7)], dense_weight=0.4)
    assert [(s.passage, round(s.score, 6), s.lexical, s.dense) for s in ranked] == [
        (one, 0.8, 10.0, 0.7),
        (two, 0.7, 5.0, 0.9),
        (three, 0.0, None, 0.5),
    ]
    assert fuse([], []) == []
    assert [(s.passage, s.score) for s in fuse([], [(two, 0.1)], dense_weight=0.4)] == [(two, 0.4)]


@given(st.lists(st.floats(0, 50), max_size=6), st.lists(st.floats(-1, 1), max_size=6))
def test_fusion_stays_between_0_and_1(lexical: list[float], dense: list[float]):
    ranked = fuse(
        [(passage(str(n)), score) for n, score in enumerate(lexical)],
        [(passage(str(n + 3)), score) for n, score in enumerate(dense)],
    )
    assert all(-1e-9 <= one.score <= 1 + 1e-9 for one in ranked)
    assert len(ranked) == len({*range(len(lexical)), *range(3, 3 + len(dense))})


def test_filters_are_values():
    assert Filters().where() is None
    assert Filters(since="2025-08-19") == Filters(since=date(2025, 8, 19))
    assert len(Filters(ids=[str(n) for n in range(1200)]).where().split(" OR ")) == 3
