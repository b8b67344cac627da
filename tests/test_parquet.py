"""Parquet files that this toolkit wrote and somebody edited: what is still an article goes in, the rest is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from toolkit import Article, Library
from toolkit.articles.parquet import read_parquet, write_parquet
from toolkit.errors import SourceError

ARTICLES = (
    Article(id="one", title="First", text="Ships left the harbour.", metadata={"page": 1}),
    Article(id="two", title="Odd \ud800", text="Soldiers came.", published=datetime(2025, 8, 19, tzinfo=UTC)),
    Article(id="three", text="Nobody said a word.", publisher="Harbour Wire"),
)


def edited(path: Path, edit: Callable[[Any], Any]) -> list[Any]:
    """What is read after an edit of the table that keeps our mark."""
    import pyarrow.parquet as pq

    write_parquet(ARTICLES, path)
    table = pq.read_table(path)
    pq.write_table(edit(table).replace_schema_metadata(table.schema.metadata), path)
    return list(read_parquet(path, "news.parquet", "news"))


def with_value(name: str, value: object) -> Callable[[Any], Any]:
    """An edit of one column of the second row."""
    import pyarrow as pa

    def edit(table: Any) -> Any:
        values = table[name].to_pylist()
        values[1] = value
        place = table.schema.get_field_index(name)
        return table.set_column(place, name, pa.array(values))

    return edit


def test_an_edit_that_changes_nothing_gives_equal_articles(tmp_path: Path):
    assert [Article(**fields) for fields in edited(tmp_path / "x.parquet", lambda table: table)] == list(ARTICLES)
    backwards = edited(tmp_path / "x.parquet", lambda table: table.select(table.column_names[::-1]))
    assert [Article(**fields) for fields in backwards] == list(ARTICLES)


@pytest.mark.parametrize("dropped", ["exact", "metadata", "published"])
def test_without_a_column_it_is_read_as_anybodys(tmp_path: Path, dropped: str):
    found = edited(tmp_path / "x.parquet", lambda table: table.drop_columns([dropped]))
    assert [Article(**fields).text for fields in found] == [article.text for article in ARTICLES]


def test_with_another_column_it_is_read_as_anybodys(tmp_path: Path):
    import pyarrow as pa

    found = edited(tmp_path / "x.parquet", lambda table: table.append_column("rating", pa.array([1, 2, 3])))
    assert [Article(**fields).metadata["rating"] for fields in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("text", None, "no text: “text” is empty"),
        ("published", "yesterday", "“published” is 'yesterday', not ISO 8601"),
        ("metadata", "[1]", "“metadata” is not a JSON object"),
        ("metadata", '{"page":', "“metadata” is not a JSON object"),
        ("metadata", "[" * 100_000, "“metadata” is not a JSON object"),
        ("exact", b"{", "“exact” is not a JSON object of fields"),
        ("exact", b"\xff", "“exact” is not a JSON object of fields"),
        ("exact", b'["text"]', "“exact” is not a JSON object of fields"),
        ("exact", b'{"colour": "red"}', "“exact” is not a JSON object of fields"),
        ("exact", b'{"title": 7}', "“title” holds int, not a string"),
    ],
)
def test_a_spoiled_row_is_named_and_the_rest_goes_in(tmp_path: Path, name: str, value: object, says: str):
    first, spoiled, last = edited(tmp_path / "x.parquet", with_value(name, value))
    assert isinstance(spoiled, SourceError)
    assert str(spoiled).startswith(f"news.parquet, row 2: {says}")
    assert "\n" not in str(spoiled)
    assert [Article(**first), Article(**last)] == [ARTICLES[0], ARTICLES[2]]


def test_text_that_is_no_utf8_costs_its_row_alone(tmp_path: Path):
    import pyarrow as pa

    def edit(table: Any) -> Any:
        values = [b"Ships left the harbour.", b"caf\xe9", b"Nobody said a word."]
        place = table.schema.get_field_index("text")
        return table.set_column(place, "text", pa.array(values, pa.binary()).view(pa.string()))

    first, spoiled, last = edited(tmp_path / "x.parquet", edit)
    assert isinstance(spoiled, SourceError)
    assert str(spoiled).startswith("news.parquet, row 2: cannot be read: ")
    assert [Article(**first), Article(**last)] == [ARTICLES[0], ARTICLES[2]]


def test_a_library_adds_the_good_rows(tmp_path: Path):
    edited(tmp_path / "x.parquet", with_value("published", "yesterday"))
    with Library(llm=None) as library:
        report = library.add(tmp_path / "x.parquet")
        assert {article.id for article in library.articles()} == {"one", "three"}
        assert "row 2" in str(report.failed[0])
