"""Story copy groups in a library: the same whatever the order, after deletions and kills, and in copies of it."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit import Library
from toolkit.copies import Profile, same_text
from toolkit.errors import StoreError
from toolkit.store.sides import GROUPS
from toolkit.types import Article
from toolkit.types.copies import original_first

WORDS = (
    "harbour council minister budget report police officer island village market company engine winter river".split()
)


def text(seed: int, sentences: int = 12) -> str:
    rng = random.Random(seed)
    said = []
    for number in range(sentences):
        words = [rng.choice(WORDS) + rng.choice(["", "s", "ed", "ing", "er", "ly"]) for _ in range(14)]
        said.append(f"{rng.choice(WORDS).title()}{seed} {' '.join(words)} {seed * 100 + number}.")
    return " ".join(said)


def cut(whole: str, sentences: int) -> str:
    return ". ".join(whole.split(". ")[:sentences]) + "."


def articles() -> list[Article]:
    """Six stories: alone, with copies, and with a chain of ever shorter cuts, the ends of which are not alike."""
    made = []
    for story in range(6):
        whole = text(story)
        made.append(Article(id=f"s{story}-0", text=whole))
        made += [Article(id=f"s{story}-{n}", text=f"CITY (AGENCY) - {whole} Copyright {n}.") for n in range(1, story)]
    long = text(99, 60)
    chain = [Article(id=f"chain-{n}", text=cut(long, n)) for n in (60, 30, 15, 7)]
    return [*made, *chain]


def groups(library: Library) -> set[frozenset[str]]:
    return {frozenset(article.id for article in group.articles) for group in library.duplicates()}


def expected() -> set[frozenset[str]]:
    """The connected components of all pairs, by the exact comparison alone."""
    profiles = {article.id: Profile(article.text) for article in articles()}
    group = {one: {one} for one in profiles}
    for a in profiles:
        for b in profiles:
            if a < b and group[a] is not group[b] and same_text(profiles[a], profiles[b]):
                group[a] |= group[b]
                for member in group[b]:
                    group[member] = group[a]
    return {frozenset(members) for members in group.values() if len(members) > 1}


def test_the_ends_of_a_chain_are_one_group_though_they_are_not_alike() -> None:
    chain = {article.id: Profile(article.text) for article in articles() if article.id.startswith("chain")}
    assert not same_text(chain["chain-60"], chain["chain-7"])
    assert frozenset(chain) in expected()


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_groups_do_not_depend_on_order_and_batches(rng: random.Random, sizes: list[int]) -> None:
    left = articles()
    rng.shuffle(left)
    with Library() as library:
        for size in [*sizes, len(left)]:
            if left:
                library.add(left[:size])
                left = left[size:]
        known = dict(library._shelf.store().groups.of([article.id for article in articles()]))
        assert groups(library) == expected()
        assert known == {one: min(group) for group in expected() for one in group}


def test_a_member_that_goes_leaves_its_group_and_a_bridge_parts_it(tmp_path: Path) -> None:
    with Library(tmp_path / "news") as library:
        library.add(articles())
        library.delete(["chain-30", "s2-0"])
        known = library._shelf.store().groups.of(["chain-60", "chain-30", "chain-15", "chain-7", "s2-0", "s2-1"])
        assert known == {"chain-15": "chain-15", "chain-7": "chain-15"}
        found = groups(library)
        assert frozenset({"chain-15", "chain-7"}) in found
        assert not any({"chain-60", "s2-1"} & group for group in found)
        library.add([article for article in articles() if article.id == "chain-30"])
        assert frozenset(a.id for a in articles() if a.id.startswith("chain")) in groups(library)


def test_a_file_that_goes_parts_its_group_in_the_same_sync(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for article in articles():
        if article.id.startswith("chain"):
            (folder / f"{article.id}.txt").write_text(article.text)
    with Library(tmp_path / "news.lance", llm=None) as library:
        first = library.sync(folder)
        ids = {Path(str(library[one].origin)).stem: one for one in first.ids}
        store = library._shelf.store()
        assert len(set(store.groups.of(ids.values()).values())) == 1
        (folder / "chain-30.txt").unlink()
        assert library.sync(folder).removed == 1
        known = store.groups.of(ids.values())
        assert set(known) == {ids["chain-15"], ids["chain-7"]}


def test_an_article_that_gets_another_text_changes_its_group(tmp_path: Path) -> None:
    with Library(tmp_path / "news") as library:
        library.add(articles())
        library.add(Article(id="s3-1", text=text(5)))
        found = groups(library)
        assert frozenset({"s3-0", "s3-2"}) in found
        assert frozenset({"s5-0", "s5-1", "s5-2", "s5-3", "s5-4", "s3-1"}) in found


def test_what_a_kill_left_out_is_made_up_for(tmp_path: Path) -> None:
    with Library(tmp_path / "news") as library:
        library.add(articles())
        store = library._shelf.store()
        store.side(GROUPS).delete("article_id", ["chain-30", "chain-15", "s4-0"])
        stale = store.side(GROUPS).rows("article_id", ["s5-0"])[0]
        store.side(GROUPS).put(
            [stale | {"made_of": "of another text"}, stale | {"article_id": "gone", "story": "s4-0"}]
        )
    with Library(tmp_path / "news") as again:
        again.add("A further article about something else. It has two sentences.")
        assert again._shelf.store().groups.of(["s4-1", "s5-0", "gone"]) == {"s4-1": "s4-0", "s5-0": "s5-0"}
        assert groups(again) == expected()


def test_libraries_without_the_table(tmp_path: Path) -> None:
    with Library(tmp_path / "news") as library:
        library.add(articles())
        library.search(WORDS[0])
        library._shelf.store().database.drop(GROUPS.name)
    with Library(tmp_path / "news", read_only=True) as reading:
        assert reading._shelf.store().groups.of(["s5-0"]) == {}
        assert reading.search(WORDS[0])
        assert groups(reading) == expected(), "found out in memory"
        assert reading._shelf.store().groups.of(["s5-1"]) == {"s5-1": "s5-0"}
        with pytest.raises(StoreError):
            reading._shelf.store().groups.update()
    assert not (tmp_path / "news" / "groups.lance").exists()
    with Library(tmp_path / "news") as writing:
        assert groups(writing) == expected()
        assert writing._shelf.store().side(GROUPS).count() == len(articles())


def test_a_backup_has_the_groups_and_a_reindex_keeps_them(tmp_path: Path) -> None:
    with Library(tmp_path / "news") as library:
        library.add(articles())
        library.backup(tmp_path / "copy")
        library.reindex(None)
        assert library._shelf.store().groups.of(["s5-3"]) == {"s5-3": "s5-0"}
    with Library(tmp_path / "copy", read_only=True) as copy:
        assert copy._shelf.store().groups.of(["s5-3"]) == {"s5-3": "s5-0"}
        assert groups(copy) == expected()


def test_an_export_makes_the_same_groups_again(tmp_path: Path) -> None:
    with Library() as library, Library() as again:
        library.add(articles())
        library.export(tmp_path / "all.parquet")
        again.add(tmp_path / "all.parquet")
        assert groups(again) == groups(library)


@pytest.mark.slow
def test_a_thousand_copies_take_no_quadratic_time() -> None:
    whole = text(7, 20)
    rng = random.Random(3)
    copies = [
        Article(id=f"c{n:04d}", text=f"{rng.choice(WORDS).upper()} {n} - {whole} Printed {n}.") for n in range(1_000)
    ]
    with Library() as library:
        library.add(copies)
        store = library._shelf.store()
        store.side(GROUPS).delete("article_id", [article.id for article in copies])
        started = time.process_time()
        store.groups.update(copies, backlog=None)
        assert time.process_time() - started < 10  # half a million comparisons would be thirty
        assert set(store.groups.of(a.id for a in copies).values()) == {"c0000"}
        assert len(store.groups.of(a.id for a in copies)) == 1_000


def test_odd_texts_are_in_no_group_unless_they_are_the_same() -> None:
    odd = ["", " ", "—", "...", "Yes.", "Yes!", "No.", "\ud800", "\ud800\ud801", "Rain", "a b c"]
    with Library() as library:
        library.add([Article(id=f"o{n}", text=one) for n, one in enumerate(odd) if one.strip()])
        assert groups(library) == {frozenset({"o4", "o5"})}, "the same word"


def test_a_day_without_a_time_is_not_earlier_than_a_time_of_that_day() -> None:
    timed = Article(text="a", published="2025-08-19T16:40:00+00:00")  # type: ignore[arg-type]
    day = Article(text="b", published="2025-08-19")  # type: ignore[arg-type]
    before = Article(text="c", published="2025-08-18")  # type: ignore[arg-type]
    assert original_first([day, timed, before]) == (before, timed, day)
