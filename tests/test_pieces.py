"""Sources in pieces, for processes that read apart from each other: together they give what the sources give."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read as read_with

from toolkit import Article, Library
from toolkit.articles import pieces
from toolkit.articles.tables import Lines, divide_jsonl
from toolkit.errors import ArgumentError

LINES = st.lists(
    st.one_of(
        st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"]), max_size=40).map(
            lambda text: json.dumps({"text": text, "id": text[:3]}, ensure_ascii=False).encode()
        ),
        st.sampled_from([b"", b"  ", b"{}", b"{", b"\xff\xfa", b'{"text": 1}', b"[]"]),
    ),
    max_size=60,
)


def read(*sources: Any, **options: Any) -> tuple[list[Article], list[str]]:
    articles, errors = read_with(*sources, **options)
    return articles, [str(error) for error in errors]


def in_pieces(*sources: Any, **options: Any) -> tuple[list[Article], list[str], int]:
    articles: list[Article] = []
    errors: list[str] = []
    count = 0
    for one in pieces.divide(sources):
        found, failed = read(one.source, **options)
        articles += found
        errors += failed
        count += isinstance(one, pieces.Piece)
    return articles, errors, count


@given(lines=LINES, size=st.integers(1, 400), end=st.sampled_from([b"\n", b"\r\n"]), last=st.booleans())
def test_the_lines_of_a_file(tmp_path_factory, lines: list[bytes], size: int, end: bytes, last: bool):
    file = tmp_path_factory.mktemp("lines") / "news.jsonl"
    file.write_bytes(end.join([*lines, b'{"text": "The last one."}']) + (end if last else b""))
    parts = divide_jsonl(file, size)
    whole = read(file)
    assert read(*(parts or [file])) == whole
    assert all(one.stop > one.start for one in parts)
    assert not parts or (parts[0].start, parts[-1].stop) == (0, file.stat().st_size)


def test_files_folders_patterns_and_the_rest(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 2_000)
    folder = tmp_path / "news"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("A first article.\n\nIt has two paragraphs.", "utf-8")
    (folder / "deep" / "b.csv").write_text("id,text\n1,One article.\n2,Another article.\n", "utf-8")
    (folder / "c.jsonl").write_text(
        "\n".join(json.dumps({"id": f"c{n}", "text": f"Article {n}. " * 20}) for n in range(100)), "utf-8"
    )
    (folder / "broken.json").write_text("{", "utf-8")
    sources = [
        [folder, [str(folder / "*.txt")]],
        Article(text="Given as it is."),
        {"text": "A record.", "id": "r"},
        tuple({"text": f"Record {n}."} for n in range(3)),
        str(tmp_path / "missing.txt"),
        tmp_path / "missing" / "*.jsonl",
        "A text of more than forty characters, which reads like a sentence.",
        17,
    ]
    options = {"publisher": "The Paper"}
    whole, errors = read(*sources, **options)
    articles, pieced_errors, count = in_pieces(*sources, **options)
    assert articles == whole
    assert pieced_errors == errors
    assert len(errors) == 4
    assert len(whole) == 1 + 2 + 100 + 1 + 1 + 1 + 3 + 1
    assert count > 10
    assert isinstance(next(pieces.divide([folder / "c.jsonl"])).source, Lines)


def test_pages_are_read_where_the_task_is():
    assert list(pieces.divide([" https://example.org/a ", "https://example.org/b"])) == [
        pieces.Piece("https://example.org/a"),
        pieces.Piece("https://example.org/b"),
    ]


def test_a_file_in_utf_16_stays_whole(tmp_path: Path):
    file = tmp_path / "news.jsonl"
    file.write_text("".join(f'{{"text": "Article {n}."}}\n' for n in range(50)), "utf-16")
    assert divide_jsonl(file, 100) == []


def test_workers_that_are_not_there(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with Library(tmp_path / "library") as library:
        for workers, said in (
            ("ray", r"citebook\[distributed\]"),
            ("dask", "dask"),
            (True, "workers=True"),
            (-1, "workers=-1"),
        ):
            with pytest.raises(ArgumentError, match=said):
                library.add("A text of more than forty characters, which reads like a sentence.", workers=workers)
    assert not (tmp_path / "library").exists()
