"""Replay bundles: the same tables with nothing else at hand, and nothing done for a bundle that means harm."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_experiment import QUESTIONS, ROOT, SAMPLES, Talker

from toolkit import Answer, Article, Experiment, Library
from toolkit.display import to_html
from toolkit.errors import ArgumentError, SourceError
from toolkit.experiment import Results, bundle, echo
from toolkit.experiment.records import article_from, article_record, articles_of, output_from, output_record


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Results]:
    def brief(answer: Answer, question: Any) -> bool:
        return len(answer.text) < 150

    folder = tmp_path_factory.mktemp("runs")
    with Library(folder / "news.lance", llm=None) as library:
        library.add(SAMPLES)
        trial = Experiment(
            library,
            QUESTIONS,
            prompts=["ask/plain", "ask/brief"],
            llms=[Talker(), None, echo],
            k=4,
            measures=["answer_hit", "token_f1", "citation_precision", "hit@3", "refusal_f1", "seconds", brief],
            folder=folder / "runs",
        )
        yield trial.run(progress=False, max_calls=20)  # some rows are not run


@pytest.fixture
def saved(results: Results, tmp_path: Path) -> Path:
    return results.save(tmp_path / "run.zip")


def test_a_bundle_shows_the_same_tables(results: Results, saved: Path) -> None:
    again = Experiment.load(saved)
    assert again.to_frame().equals(results.to_frame())
    assert again.summary() == results.summary()
    assert again.summary("echo") == results.summary("echo")
    shown = [one.compare("ask/plain · talker", "echo") for one in (again, results)]
    assert repr(shown[0]) == repr(shown[1])
    assert shown[0].against == shown[1].against
    assert again.compare("ask/plain · talker", "ask/brief · talker").prompt_diff.startswith("--- ask/plain")
    assert repr(again.failures()) == repr(results.failures())
    assert len(again.failures()) > 0
    assert again.to_html() == results.to_html()
    assert again.save(saved.with_name("again.zip")).read_bytes() == saved.read_bytes()


def test_citations_of_a_bundle_are_verified_again(saved: Path) -> None:
    for row in Experiment.load(saved).rows:
        for citation in row.output.citations if row.output else ():
            assert citation.article.text[citation.span.start : citation.span.end] == citation.quote


def test_it_needs_no_network_no_key_and_no_library(saved: Path) -> None:
    """In a process of its own, where no socket, database or model can be opened."""
    code = """
import sys, socket, sqlite3
def no(*a, **k): raise AssertionError("nothing may be opened")
socket.socket.connect = socket.getaddrinfo = no
sqlite3.connect = no
for name in ("lance", "llama_index", "openai"):
    sys.modules[name] = None
from toolkit import Experiment
results = Experiment.load(sys.argv[1])
print(len(results.summary().scores), len(results.rescored(["token_f1", "citation_precision"]).summary().scores))
print(len(results.to_html()) > 1000, results.plot() is not None)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(saved)], capture_output=True, text=True, cwd=ROOT, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[2:] == ["True", "True"]


def test_what_is_inside_can_be_read(results: Results, saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        assert sorted(archive.namelist()) == sorted({*bundle.FILES, "manifest.json"})
        manifest = json.loads(archive.read("manifest.json"))
        rows = [json.loads(line) for line in archive.read("rows.jsonl").splitlines()]
        prompts = json.loads(archive.read("prompts.json"))
        everything = b"".join(map(archive.read, archive.namelist())).decode()
    assert (manifest["format"], manifest["schema"]) == ("citebook experiment", 1)
    assert manifest["environment"]["citebook"]
    assert len(rows) == len(results)
    assert {hashlib.sha256(one["text"].encode()).hexdigest()[:12] for one in prompts} == {p["hash"] for p in prompts}
    for private in (str(Path.home()), str(SAMPLES.parent.parent), "pytest-of"):
        assert private not in everything


def test_scores_are_made_anew_from_a_bundle(results: Results, saved: Path) -> None:
    again = Experiment.load(saved)
    assert again.measures[-1].name == "brief"
    assert again.scores("brief") == results.scores("brief")
    anew = again.rescored(["answer_hit", "token_f1", "citation_precision", "rougeL"])
    for name in ("answer_hit", "token_f1", "citation_precision"):
        assert anew.scores(name) == results.scores(name)
    assert any(score is not None for score in anew.scores("rougeL"))
    with pytest.raises(ArgumentError, match="brief was a function of its author's: give it again"):
        again.rescored()


def test_a_refusal_and_a_summary_come_back_as_they_were(results: Results) -> None:
    outputs = [row.output for row in results.rows if row.output]
    articles = {id_: article for output in outputs for id_, article in articles_of(output).items()}
    assert any(hit.copies for output in outputs for hit in output.hits)
    for output in outputs:
        record = json.loads(json.dumps(output_record(output)))
        again = output_from(record, articles.__getitem__)
        assert output_record(again) == output_record(output)
        assert again.to_dict() == output.to_dict()
        assert to_html(again) == to_html(output)


def test_the_copies_of_a_hit_and_when_it_was_changed_come_back_from_a_bundle(results: Results, saved: Path) -> None:
    def known(given: Results) -> list[object]:
        hits = [hit for row in given.rows if row.output for hit in row.output.hits]
        return [(hit.group, [(one.id, one.publisher, one.modified) for one in hit.copies]) for hit in hits]

    assert known(Experiment.load(saved)) == known(results)
    changed = Article(text="A bridge.", published="2026-03-10", modified="2026-03-11T08:00:00+01:00")  # type: ignore[arg-type]
    assert article_from(json.loads(json.dumps(article_record(changed)))) == changed


def _altered(saved: Path, change: Callable[[dict[str, bytes]], None], *, sign: bool = True) -> Path:
    """The bundle with other files in it, its hashes made to fit."""
    with zipfile.ZipFile(saved) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    if sign and "manifest.json" in files:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if n != "manifest.json"}
        files["manifest.json"] = json.dumps(manifest).encode()
    changed = saved.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return changed


def _edit(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def _drop(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.pop(name) and None


def _put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: content})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_put("../../evil.py", b"1"), r"is no replay bundle: it holds '\.\./\.\./evil\.py'"),
        (_put("/etc/cron.d/x", b"1"), "is no replay bundle: it holds '/etc/cron"),
        (_put("rows.pkl", pickle.dumps([1])), "is no replay bundle: it holds 'rows.pkl'"),
        (_drop("rows.jsonl"), "it holds no rows.jsonl"),
        (_drop("manifest.json"), "it holds no manifest.json"),
        (_edit("manifest.json", b'"schema": 1', b'"schema": 2'), "has the schema 2, and this version reads 1"),
        (_edit("manifest.json", b'"citebook experiment"', b'"something else"'), "its manifest says something else"),
        (_edit("manifest.json", b'"task": "ask"', b'"task": "eval"'), "has the task 'eval'"),
        (_put("cells.json", b"[" * 100_000), "cells.json is not JSON"),
        (_put("cells.json", b"{}"), r"rows\.jsonl, line 1 cannot be used"),
        (_put("cells.json", b"[3]"), "holds what no bundle holds"),
        (_put("rows.jsonl", b""), "scores are one number or null for each row"),
        (_put("scores.json", b"[NaN]"), "scores.json is not JSON"),
        (_put("rows.jsonl", b"\x80\x04]\n"), "line 1 is not JSON"),
        (_edit("prompts.json", b"You answer questions", b"You obey the stranger"), "is not the one with the hash"),
        (_edit("articles.jsonl", b"burst pipe", b"burst pope"), "articles.jsonl, line .* not the one that was hashed"),
        (_edit("rows.jsonl", b'"quote": "', b'"quote": "Not '), "rows.jsonl, line .* the quote is not at"),
        (_edit("rows.jsonl", b'"verdict": "quoted"', b'"verdict": "<b>sure</b>"'), "no verdict"),
        (_edit("rows.jsonl", b'"start": ', b'"start": -1'), "rows.jsonl, line"),
        (_edit("rows.jsonl", b'"repeat": 0', b'"repeat": "0"'), "is not a whole number"),
        (_edit("rows.jsonl", b'"status": "ok"', b'"status": "failed"'), "no row has the status"),
        (_edit("scores.json", b'"kind": "rate"', b'"kind": "code"'), "a measure has a name and a kind"),
        (_edit("scores.json", b'"pooled": false', b'"pooled": 1'), "true or false"),
    ],
)
def test_a_bundle_that_is_none_is_refused(saved: Path, change: Any, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        Experiment.load(_altered(saved, change))
    assert str(caught.value).startswith(str(saved.with_name("changed.zip")))
    assert "\n" not in str(caught.value)


def test_a_wrong_hash_is_a_clear_error(saved: Path) -> None:
    changed = _altered(saved, _edit("rows.jsonl", b"ground", b"Ground"), sign=False)
    with pytest.raises(
        SourceError, match=r"rows\.jsonl is not what it was when the bundle was made: its hash is another"
    ):
        Experiment.load(changed)


def test_a_bomb_is_not_unpacked(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", 2**22)
    bomb = _altered(saved, _put("rows.jsonl", b" " * 2**26))
    assert bomb.stat().st_size < 2**19
    with pytest.raises(SourceError, match=r"rows\.jsonl is larger than a bundle's files may be"):
        Experiment.load(bomb)
    manifest = _altered(saved, _put("manifest.json", b" " * 2**24), sign=False)
    with pytest.raises(SourceError, match=r"manifest\.json is larger"):
        Experiment.load(manifest)


def test_a_header_that_lies_about_a_size_is_not_believed(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = (1).to_bytes(4, "little")  # the uncompressed size in the directory
    changed = saved.with_name("lies.zip")
    changed.write_bytes(content)
    with pytest.raises(SourceError, match=r"lies\.zip: "):
        Experiment.load(changed)


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_zip_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="is not a whole zip file"):
        Experiment.load(path)
    with pytest.raises(SourceError, match="cannot be read"):
        Experiment.load(tmp_path / "none.zip")


def test_a_cut_off_or_garbled_bundle_never_loads_in_part(saved: Path) -> None:
    content = saved.read_bytes()
    changed = saved.with_name("garbled.zip")
    for at in range(40, len(content), max(1, len(content) // 60)):
        changed.write_bytes(content[:at])
        with pytest.raises(SourceError):
            Experiment.load(changed)
        garbled = bytearray(content)
        garbled[at] ^= 0xFF
        changed.write_bytes(garbled)
        try:
            again = Experiment.load(changed)
        except SourceError:
            continue
        assert len(again) > 0  # a byte that says nothing, such as a date


def test_prompts_and_names_of_a_bundle_stay_text(saved: Path) -> None:
    """Nothing of a stranger's is rendered: not a template, not HTML."""
    text = "system:\n{{ ''.__class__.__mro__ }}<script>alert(1)</script>\n"

    def change(files: dict[str, bytes]) -> None:
        prompts = json.loads(files["prompts.json"])
        old = prompts[0]["hash"]
        prompts[0] |= {"text": text, "hash": hashlib.sha256(text.encode()).hexdigest()[:12]}
        files["prompts.json"] = json.dumps(prompts).encode()
        for name in ("cells.json", "rows.jsonl"):
            files[name] = files[name].replace(old.encode(), prompts[0]["hash"].encode())
        files["questions.jsonl"] = files["questions.jsonl"].replace(b"How much", b"<img src=x onerror=alert(1)>", 1)

    results = Experiment.load(_altered(saved, change))
    shown = results.to_html() + results._repr_html_() + results.compare("ask/plain · talker", "echo").to_html()
    assert "<script" not in shown
    assert "<img src=x" not in shown
    assert "{{ &#x27;&#x27;.__class__.__mro__ }}&lt;script&gt;" in shown


@pytest.mark.slow
def test_ten_thousand_rows_are_scored_anew_in_time(results: Results) -> None:
    cells = [replace(results.rows[0].cell, name=f"cell {n}") for n in range(120)]
    rows = tuple(replace(row, cell=cell) for cell in cells for row in results.rows)[:10_000]
    many = Results(
        task="ask",
        rows=rows,
        measures=results.measures,
        prompts=results.prompts,
        baseline="cell 0",
        environment=results.environment,
    )
    started = time.process_time()
    anew = many.rescored(["answer_hit", "token_f1", "rougeL", "citation_recall", "citation_precision", "support_rate"])
    assert [len(anew.scores(one.name)) for one in anew.measures] == [10_000] * 6
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("rows.jsonl", b'"seconds": ', b'"seconds": 1e999, "x": '),
        ("rows.jsonl", b'"seconds": ', b'"seconds": "nan", "x": '),
        ("rows.jsonl", b'"seconds": ', b'"seconds": -1e308, "x": '),
        ("rows.jsonl", b'"prompt_tokens": ', b'"prompt_tokens": 1' + b"0" * 30 + b', "x": '),
        ("cells.json", b'"k": 4', b'"k": 1' + b"0" * 30),
        ("scores.json", b'"name": "brief"', b'"name": "token_f1"'),
        ("scores.json", b'"name": "brief"', b'"name": "cell"'),
        ("scores.json", b'"errors": {}', b'"errors": {"-1": "x"}'),
    ],
)
def test_absurd_numbers_and_names_are_refused(saved: Path, name: str, old: bytes, new: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    with pytest.raises(SourceError):
        Experiment.load(_altered(saved, change))


def test_shares_beyond_one_and_rows_that_are_missing_are_refused(saved: Path) -> None:
    def share(files: dict[str, bytes]) -> None:
        scores = json.loads(files["scores.json"])
        one = next(one for one in scores if one["kind"] == "share")
        one["scores"] = [None if score is None else 5 for score in one["scores"]]
        files["scores.json"] = json.dumps(scores).encode()

    def without_a_row(files: dict[str, bytes]) -> None:
        files["rows.jsonl"] = files["rows.jsonl"].partition(b"\n")[2]
        scores = json.loads(files["scores.json"])
        for one in scores:
            del one["scores"][0]
        files["scores.json"] = json.dumps(scores).encode()

    for change in (share, without_a_row):
        with pytest.raises(SourceError):
            Experiment.load(_altered(saved, change))
