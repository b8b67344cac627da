"""Killed writers, readers beside writers, full disks: short runs of what ``benchmarks/`` measures at length."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"

pytestmark = pytest.mark.slow


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    """A module of ``benchmarks/`` by name."""
    monkeypatch.syspath_prepend(BENCHMARKS)

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load


def test_killed_at_any_moment(benchmark, tmp_path: Path):
    crash = benchmark("crash")
    rows = crash.kills(str(tmp_path / "library"), 60, 5, crash.OPERATIONS, span=0.6, searched=20)
    assert [row[5] for row in rows] == [[]] * len(crash.OPERATIONS)
    assert sum(row[3] for row in rows) >= 2  # else it was the wrong moments


def test_the_check_sees_what_is_wrong(benchmark, tmp_path: Path):
    crash = benchmark("crash")
    place = str(tmp_path / "library")
    truth = crash.fill(place, 20)
    with crash.opened(place) as library:
        assert crash.check(library, truth, 20, 0) == ([], {})
        library._shelf.store().passage_rows.delete("article_id = 'n000003'")
        library._shelf.store().article_rows.delete("id = 'n000007'")
        library.add([crash.article(11, 1)])
        truth.about({12: 5})
        wrong, landed = crash.check(library, truth, 20, 0)
    said = "\n".join(wrong)
    assert landed == {12: 0}
    assert "article 3: words find 0 of" in said
    assert "article 7: not as acknowledged" in said
    assert "article 11: not as acknowledged" in said
    assert "passages: " in said
    assert "counts say" in said


def test_a_full_disk(benchmark, tmp_path: Path):
    crash = benchmark("crash")
    try:
        with crash.small_disk(tmp_path / "disk", 16) as folder:
            seen = crash.full_disk(folder)
    except PermissionError as error:
        pytest.skip(str(error))
    assert [(what, detail) for what, good, detail in seen if not good] == []


def test_three_writers_and_a_reader(benchmark, tmp_path: Path):
    beside = benchmark("beside")
    setting = beside.Setting(str(tmp_path / "library"), None, base=100, batch=10, writers=3, seconds=2.0)
    report = beside.measure(setting)
    assert report["failed"] == []
    read = report["reader"]
    assert (read["errors"], read["went_back"], read["lost"]) == (0, 0, 0), read
    assert (report["missing"], report["wrong"]) == (0, 0)
    assert report["counts"] == report["counts_alone"]
    assert read["searches"] > 0
    assert all(wrote["articles"] > 0 for wrote in report["writers"])
    assert report["same_answers"] >= 0.95  # which of several equal scores is the 50th may differ
