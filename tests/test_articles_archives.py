"""Archives and compressed files: what is in them, and what they may do to a reader."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from test_articles_formats import BODY, GERMANY, PAGE, POLAND, mail, no, one, read

from toolkit.articles import unpacking
from toolkit.articles.parquet import write_parquet
from toolkit.types import Article

LINES = "\n".join(json.dumps({"text": text}) for text in (POLAND, GERMANY)).encode()


def zipped(members: dict[str, bytes | str], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def names(articles: list[Article]) -> list[str]:
    return [(article.origin or "").partition("/a.")[2] for article in articles]


def test_each_readable_member_of_an_archive_is_read_by_its_name(tmp_path):
    write_parquet([Article(text=POLAND, title="kept")], tmp_path / "p.parquet")
    members: dict[str, bytes | str] = {
        "news/b.html": PAGE,
        "news/a.txt": BODY,
        "data.jsonl.gz": gzip.compress(LINES),
        "table.csv": f'title,text\nT,"{POLAND}"\n',
        "mail.eml": mail().as_bytes(),
        "inner.zip": zipped({"deep.txt": GERMANY}),
        "p.parquet": (tmp_path / "p.parquet").read_bytes(),
        "picture.png": b"\x89PNG",
        ".hidden.txt": "no",
        "__MACOSX/news/._a.txt": "no",
        "empty/": b"",
    }
    articles, errors = read(tmp_path / "a.zip", zipped(members))
    assert errors == []
    assert names([a for a in articles if a.origin]) == [
        "zip#data.jsonl.gz#1",
        "zip#data.jsonl.gz#2",
        "zip#inner.zip#deep.txt",
        "zip#mail.eml",
        "zip#news/a.txt",
        "zip#news/b.html",
        "zip#table.csv#2",
    ]
    assert [a.title for a in articles if a.origin is None] == ["kept"]  # from the library that it was exported from


def test_a_broken_member_costs_only_itself(tmp_path):
    data = zipped({"a.txt": BODY, "b.txt": "x" * 5_000 + POLAND, "c.json": "{", "d.txt": GERMANY})
    place = data.index(b"b.txt") + 20
    articles, errors = read(tmp_path / "a.zip", data[:place] + b"\xff\xff\xff" + data[place + 3 :])
    assert [article.text for article in articles] == [BODY, GERMANY]
    assert [error.source.rpartition("#")[2] for error in errors] == ["b.txt", "c.json"]
    assert "broken" in errors[0].reason


def test_names_in_an_archive_are_only_names(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    members: dict[str, bytes | str] = {"../../up.txt": "One. " + BODY, "/etc/root.txt": "Two. " + BODY}
    members |= {"C:\\x\\y.txt": "Three. " + BODY, "new\nline\x1b[31m.txt": "Four. " + BODY}
    articles, errors = read(inside / "a.zip", zipped(members))
    assert errors == []
    assert len(articles) == 4
    assert all("\n" not in (a.origin or "") and "\x1b" not in (a.origin or "") for a in articles)
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "a.zip"]


def test_a_name_in_utf8_that_does_not_say_so(tmp_path):
    data = zipped({"daemon-.txt": BODY}).replace(b"daemon-", "dämon-".encode())
    assert (one(tmp_path / "a.zip", data).origin or "").endswith("#dämon-.txt")


def test_archives_that_cannot_be_read_say_why(tmp_path):
    path = tmp_path / "a.zip"
    assert "no file to read" in no(path, zipped({"a.png": b"x"}))
    assert "no file to read" in no(path, zipped({}))
    assert "Excel" in no(path, zipped({"xl/workbook.xml": "x"}))
    assert "EPUB" in no(path, zipped({"META-INF/container.xml": "x"}))
    assert "broken" in no(path, zipped({"a.txt": BODY})[:-30])
    assert "unusual" in no(path, zipped({"a.txt": BODY}, zipfile.ZIP_LZMA))
    locked = bytearray(zipped({"a.txt": BODY}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in no(path, bytes(locked))


def test_compressed_files_are_what_their_names_say(tmp_path):
    assert one(tmp_path / "a.txt.gz", gzip.compress(BODY.encode())).text == BODY
    assert one(tmp_path / "a.html.gz", gzip.compress(PAGE.encode())).text == BODY
    assert names(read(tmp_path / "a.jsonl.gz", gzip.compress(LINES))[0]) == ["jsonl.gz#1", "jsonl.gz#2"]
    assert names(read(tmp_path / "a.gz", gzip.compress(LINES))[0]) == ["gz#1", "gz#2"]
    assert names(read(tmp_path / "a.zip.gz", gzip.compress(zipped({"a.txt": BODY})))[0]) == ["zip.gz#a.txt"]
    assert "tar" in no(tmp_path / "a.tar.gz", gzip.compress(b"x"))
    # Two compressed streams in a row are one file, as gzip has it.
    assert one(tmp_path / "b.txt.gz", gzip.compress(b"one ") + gzip.compress(b"two")).text == "one two"


def test_what_came_before_the_end_of_a_cut_file_is_kept(tmp_path):
    data = gzip.compress("\n".join(json.dumps({"text": f"{n}. {POLAND}", "n": n**9}) for n in range(20_000)).encode())
    articles, errors = read(tmp_path / "a.jsonl.gz", data[: len(data) // 2])
    assert len(articles) > 5_000
    assert len(errors) == 1
    assert "cut short" in errors[0].reason


def test_a_folder_passes_over_compressed_files_of_other_kinds(tmp_path):
    (tmp_path / "dump.sql.gz").write_bytes(gzip.compress(b"x"))
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(BODY.encode()))
    assert one(tmp_path).text == BODY


# --- bombs ----------------------------------------------------------------------------------------------------


def zeros(size: int, said: int | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as member:
        for _ in range(size // 1_000_000):
            member.write(bytes(1_000_000))
    data = out.getvalue()
    return data if said is None else data.replace(struct.pack("<I", size), struct.pack("<I", said))


@pytest.mark.parametrize("suffix", [".txt.gz", ".jsonl.gz", ".csv.gz", ".zip.gz", ".gz"])
def test_a_bomb_is_refused_before_it_fills_the_memory(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(gzip.compress(bytes(100_000_000), 1))
    tracemalloc.start()
    try:
        articles, errors = read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert articles == []
    assert errors
    assert peak < 150_000_000


def test_what_an_archive_says_about_sizes_is_not_believed(tmp_path):
    assert "unpacks to more than" in no(tmp_path / "a.zip", zeros(60_000_000))
    assert "broken" in no(tmp_path / "b.zip", zeros(60_000_000, said=10))


def test_the_members_of_an_archive_are_counted_together(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "_FREE", 100_000)
    many = {f"{number:03}.txt": b"word " * 40_000 for number in range(50)}
    articles, errors = read(tmp_path / "a.zip", zipped(many))
    assert 0 < len(articles) < 40
    assert "unpacks to more than" in errors[-1].reason
    assert len(errors) == 1
    # Within another archive, it is the outer file's size that counts.
    nested, errors = read(tmp_path / "b.zip", zipped({"inner.zip": zipped(many), "z.txt": BODY}))
    assert len(nested) < 40
    assert "unpacks to more than" in errors[-1].reason


def test_too_many_members_and_too_deep_nesting_are_refused(tmp_path, monkeypatch):
    inner = zipped({"a.txt": BODY})
    for _ in range(8):
        inner = zipped({"a.zip": inner, "b.txt": GERMANY})
    articles, errors = read(tmp_path / "a.zip", inner)
    assert [article.text for article in articles] == [GERMANY] * len(articles)
    assert 0 < len(articles) < 5
    assert "deep" in errors[0].reason
    packed = BODY.encode()
    for _ in range(4):
        packed = gzip.compress(packed)
    assert "deep" in no(tmp_path / "a.gz", packed)
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 20)
    assert "more than 20 files" in no(tmp_path / "b.zip", zipped({f"{n}.txt": BODY for n in range(30)}))


def test_an_endless_table_of_contents_is_not_read(tmp_path, monkeypatch):
    from toolkit.articles import archives

    monkeypatch.setattr(archives, "_LARGEST_LIST", 70_000)
    assert "table of contents" in no(tmp_path / "a.zip", zipped({f"{n}-{'x' * 100}.txt": b"" for n in range(1_000)}))


def test_a_library_reads_an_archive_again_without_doubling(tmp_path):
    from toolkit import Library

    path = Path(tmp_path, "a.zip")
    path.write_bytes(zipped({"a.txt": POLAND, "b.txt": GERMANY}))
    with Library(tmp_path / "library") as news:
        assert news.add(path).added == 2
        assert (news.add(path).added, len(news)) == (0, 2)
