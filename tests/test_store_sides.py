"""Side tables: what is known beside the articles comes back exactly, moves with the library, and goes with it."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ODD_TEXT
from test_store import opened, put

from toolkit.errors import StoreError
from toolkit.store import sides
from toolkit.store.moving import backup
from toolkit.store.sides import SIDES, Side, SideTable
from toolkit.types import Article

KNOWN = Side(
    "known",
    key="key",
    columns={"key": str, "about": list, "note": str, "number": int, "share": float, "mark": bytes},
    of="about",
)

ROW = st.fixed_dictionaries(
    {
        "key": ODD_TEXT,
        "about": st.lists(ODD_TEXT, max_size=3),
        "note": st.none() | ODD_TEXT,
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "share": st.none() | st.floats(allow_nan=False),
        "mark": st.none() | st.binary(max_size=8),
    }
)


@given(st.lists(ROW, max_size=6))
@settings(max_examples=30)
def test_every_row_comes_back(rows: list[dict[str, object]]):
    with tempfile.TemporaryDirectory() as folder:
        store = opened(Path(folder) / "library")
        table = store.side(KNOWN)
        table.put(rows)
        kept = {str(row["key"]): row for row in rows}
        assert {row["key"]: row for row in opened(store.where, read_only=True).side(KNOWN).rows()} == kept
        for row in kept.values():
            assert table.rows("key", [str(row["key"])]) == [row]
            for one in row["about"]:  # type: ignore[attr-defined]
                assert {other["key"] for other in table.rows("about", [one])} == {
                    other["key"]
                    for other in kept.values()
                    if one in other["about"]  # type: ignore[operator]
                }


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Side:
    monkeypatch.setattr(sides, "SIDES", (*SIDES, KNOWN))
    return KNOWN


def test_what_is_not_there_is_empty(tmp_path: Path):
    table = opened(tmp_path / "library").side(KNOWN)
    assert (table.rows(), table.rows("key", ["a"]), table.count(), table.version, table.delete("key", ["a"])) == (
        [],
        [],
        0,
        0,
        0,
    )


def test_rows_move_with_a_backup_and_go_with_their_article(tmp_path: Path, declared: Side):
    store = opened(tmp_path / "library")
    put(store, Article(id="a", text="A wombat."), Article(id="b", text="A quokka."))
    table = store.side(declared)
    table.put([{"key": "x", "about": ["a", "b"]}, {"key": "y", "about": ["b"]}, {"key": "z"}])
    backup(store, tmp_path / "copy", None)
    store.delete(["a"])
    assert {row["key"] for row in table.rows()} == {"y", "z"}
    copy = opened(tmp_path / "copy")
    assert {row["key"]: row["about"] for row in copy.side(declared).rows()} == {"x": ["a", "b"], "y": ["b"], "z": []}
    copy.optimise()
    assert copy.side(declared).count() == 3


def test_a_column_that_came_later(tmp_path: Path):
    store = opened(tmp_path / "library")
    store.side(KNOWN).put([{"key": "old", "number": 1}])
    wider = Side("known", key="key", columns={**KNOWN.columns, "later": str})
    reader = SideTable(wider, opened(tmp_path / "library", read_only=True))
    assert [(row["key"], row["later"]) for row in reader.rows()] == [("old", None)]
    assert reader.rows("later", ["x"]) == []
    writer = SideTable(wider, store)
    writer.put([{"key": "new", "later": "x"}])
    assert {row["key"]: row["later"] for row in reader.rows()} == {"old": None, "new": "x"}
    assert [row["key"] for row in writer.rows("later", ["x"])] == ["new"]


def test_who_may_not_write(tmp_path: Path):
    opened(tmp_path / "library").side(KNOWN).put([{"key": "a"}])
    table = opened(tmp_path / "library", read_only=True).side(KNOWN)
    assert table.count() == 1
    for write in (lambda: table.put([{"key": "b"}]), lambda: table.delete("key", ["a"])):
        with pytest.raises(StoreError, match="read_only"):
            write()


def test_many_rows_are_found_by_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sides, "_INDEX_FROM", 100)
    monkeypatch.setattr(sides, "_TAIL", 50)
    store = opened(tmp_path / "library")
    table = store.side(KNOWN)
    for first in range(0, 400, 100):
        table.put({"key": f"k{n}", "number": n} for n in range(first, first + 100))
    table.put({"key": f"k{n}", "number": -n} for n in range(50, 60))
    assert table.count() == 400
    assert sorted(row["number"] for row in table.rows("key", [f"k{n}" for n in (1, 55, 399)])) == [-55, 1, 399]


def test_a_write_made_of_several_has_one_writer(tmp_path: Path):
    """Who writes may write side tables within; another thread waits for the whole."""
    store, order = opened(tmp_path / "library"), []

    def other() -> None:
        store.side(KNOWN).put([{"key": "other"}])
        order.append("other")

    thread = threading.Thread(target=other)
    with store.writer():
        thread.start()
        store.side(KNOWN).put([{"key": "own"}])
        put(store, Article(id="a", text="A wombat."))
        order.append("own")
    thread.join(30)
    assert order == ["own", "other"]
    assert store.side(KNOWN).count() == 2
