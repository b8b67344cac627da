"""A few hundred of the inputs of ``benchmarks/fuzz.py``, and what it once found."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import fuzz
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.articles.formats import SUFFIXES

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"


def test_mutated_files_give_articles_or_clean_errors(tmp_path):
    found = fuzz.hostile.seeds(SAMPLES, tmp_path)
    assert {suffix.rpartition(".")[2] for suffix in found} >= {
        "docx",
        "eml",
        "mht",
        "warc",
        "zip",
        "gz",
        "parquet",
        "pdf",
    }
    whole = {suffix: fuzz.read(_written(tmp_path, suffix, some[0])) for suffix, some in found.items()}
    assert all(said["articles"] and not said["errors"] and not said["crash"] for said in whole.values()), whole
    spoiled = 0
    for name, suffix, data in fuzz.inputs(found, 120, seed=7):
        said = fuzz.read(_written(tmp_path, suffix, data))
        assert said["crash"] is None, (name, suffix, said)
        spoiled += bool(said["errors"])
    assert spoiled > 20  # else nothing was broken


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suffix=st.sampled_from(SUFFIXES), data=st.binary(max_size=300), start=st.booleans())
def test_any_bytes_under_any_name_give_articles_or_clean_errors(suffix, data, start, tmp_path):
    marks = {
        ".zip": b"PK\x03\x04",
        ".docx": b"PK\x03\x04",
        ".gz": b"\x1f\x8b\x08\0",
        ".parquet": b"PAR1\0",
        ".pdf": b"%PDF-1.4\n",
    }
    marks |= {".warc": b"WARC/1.0\r\n", ".eml": b"MIME-Version: 1.0\n", ".json": b'{"text":', ".csv": b"text\n"}
    said = fuzz.read(_written(tmp_path, suffix, marks.get(suffix, b"<html>") * start + data))
    assert said["crash"] is None


def test_the_check_sees_what_is_wrong(tmp_path, monkeypatch):
    from toolkit.articles import files

    path = _written(tmp_path, ".txt", b"A text.")
    for found in ([], [{"text": " "}], [{"text": "x", "metadata": {"a": object()}}], [{"text": "x", "b": 1}]):
        monkeypatch.setattr(files, "read_file", lambda _, found=found: iter(found))
        assert fuzz.read(path)["crash"]


def test_a_mail_with_nothing_but_a_picture_gives_an_error(tmp_path):
    mail = EmailMessage()
    mail["Subject"] = "x"
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    said = fuzz.read(_written(tmp_path, ".eml", mail.as_bytes()))
    assert (said["crash"], said["errors"]) == (None, 1)


def _written(folder: Path, suffix: str, data: bytes) -> Path:
    path = folder / f"input{suffix}"
    path.write_bytes(data)
    return path


def test_a_table_without_rows_gives_an_error(tmp_path):
    from toolkit.articles.parquet import write_parquet

    write_parquet([], tmp_path / "input.parquet")
    said = fuzz.read(tmp_path / "input.parquet")
    assert (said["crash"], said["errors"]) == (None, 1)
