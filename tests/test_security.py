"""What docs/security.md promises, where no other file of tests has it; and that its table of limits is the code's."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from toolkit import Article, Experiment, FakeLLM, Library
from toolkit.embeddings.resolve import embedding_from_name
from toolkit.errors import StoreError, ToolkitError

PAGE = Path(__file__).parent.parent / "docs" / "security.md"
_UNITS = {"": 1, "s": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "MiB": 2**20}
_ROW = re.compile(r"^\| [^|]+ \| ([\d,.]+) ?([a-zA-Z]*) \| `(toolkit\.[\w.]+)` \|$", re.MULTILINE)


def constant(name: str) -> Any:
    """A constant of a module, or the default of a field of a class in one."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 1, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if dataclasses.is_dataclass(found):
                return next(one.default for one in dataclasses.fields(found) if one.name == part)
            found = getattr(found, part)
        return found
    raise LookupError(name)


def test_the_table_of_limits_is_what_the_code_has():
    rows = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert len(rows) >= 20
    said = {name: float(number.replace(",", "")) * _UNITS[unit] for number, unit, name in rows}
    assert said == {name: constant(name) for name in said}


def test_every_file_of_tests_that_the_page_names_is_there():
    named = set(re.findall(r"`(test_\w+\.py)`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 10
    assert {name for name in named if not (Path(__file__).parent / name).is_file()} == set()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    with Library(tmp_path / "theirs.lance", llm=None) as news:
        news.add(Article(text="Poland will send troops, a minister said."))
    return tmp_path / "theirs.lance"


@pytest.mark.parametrize("kind", ["sentence-transformers", "fastembed"])
def test_a_library_of_somebody_else_brings_no_model_with_it(library, kind, monkeypatch):
    """Loading a folder's model may run code that lies beside it: whose folder it is, only the user knows."""
    (library / "model").mkdir()
    (library / "model" / "modules.json").write_text('[{"type": "evil.Module"}]')
    note = library / "library.json"
    monkeypatch.chdir(library.parent)
    for path in ("theirs.lance/model", str(library / "model"), "./theirs.lance/../theirs.lance/model"):
        assert embedding_from_name(f"{kind}:{path}") is None
        note.write_text(json.dumps({**json.loads(note.read_text()), "embedding": f"{kind}:{path}"}))
        with Library("theirs.lance", llm=None) as theirs, pytest.raises(StoreError, match="embedding="):
            theirs.search("troops")


@pytest.mark.parametrize("url", ["http://evil.example/v1#m", "https://10.0.0.7/v1#m", "http://169.254.169.254/v1#m"])
def test_a_library_of_somebody_else_does_not_say_where_questions_go(library, url):
    note = library / "library.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "embedding": url}))
    with Library(library, llm=None) as theirs, pytest.raises(StoreError, match="embedding="):
        theirs.search("troops")


@pytest.mark.skipif(os.name == "nt", reason="rights of files are another thing there")
def test_what_may_be_private_is_readable_by_its_owner_alone(library, tmp_path):
    cache = tmp_path / "replies.sqlite"
    with Library(library, llm=FakeLLM("Poland will send troops."), cache=cache) as news:
        assert news.ask("Will Poland send troops?").answered
        trial = Experiment(news, ["Will Poland send troops?"], llms=[None], folder=tmp_path / "runs")
        trial.run(progress=False)
    kept = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert kept
    for path in [cache, *kept]:
        inside = [one for one in (path, *path.parents) if tmp_path in one.parents]
        assert any(not stat.S_IMODE(one.stat().st_mode) & 0o077 for one in inside), path


@pytest.mark.parametrize(
    "name",
    [
        "no\x1b[2Jsuch\nfile.txt",
        "\x1b]8;;http://evil.example\x07x.txt",
        "a\u202egpj.txt",
        "x\0.txt",
        "\udc80.txt",
        "https://a:secret@evil.example/x",
        "http://[",
        "s3://k:secret@b/c",
    ],
)
def test_errors_are_one_plain_line_whatever_the_input_is_called(library, name, tmp_path):
    with Library(library, llm=None) as news, pytest.raises(ToolkitError) as caught:
        news.add(name)
    said = [str(caught.value)]
    with pytest.raises(ToolkitError) as caught:
        Library(name if "://" in name else tmp_path / "file" / name.replace("\0", ""), llm=None).search("x")
    for one in (*said, str(caught.value)):
        assert one.isprintable(), one
        assert "secret" not in one, one
