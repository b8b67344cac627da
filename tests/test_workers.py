"""Files read by other processes: the same articles whatever their number, and one bad file costs itself alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from articles_pdf import make_pdf

from toolkit import Library
from toolkit.adding import reading
from toolkit.articles.pool import Pool
from toolkit.articles.worker import decode, encode, founds, receive
from toolkit.errors import ArgumentError, SourceError

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"

PAGE = """<html lang="en"><head><title>Page {n}</title>
<meta property="article:published_time" content="2025-08-{d:02}T09:30:00+02:00"></head><body><article>
<h1>Page {n}</h1><p>{text}</p><p>The vote was number {n} of the year, and it was close.</p></article></body></html>"""
SENTENCE = "The council voted to close the old harbour bridge number {n} to lorries until the spring comes again. "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    for n in range(12):
        text = SENTENCE.format(n=n) * 3
        (made / f"{n:02}.html").write_text(PAGE.format(n=n, d=n + 1, text=text), encoding="utf-8")
    for n in range(3):
        (made / f"p{n}.pdf").write_bytes(make_pdf([[SENTENCE.format(n=40 + n)[:90], "It opens again in May."]]))
        (made / f"t{n}.txt").write_text(SENTENCE.format(n=60 + n), encoding="utf-8")
    (made / "q.md").write_text("---\ntitle: Q\ndate: 2025-08-19\n---\n" + SENTENCE.format(n=80), encoding="utf-8")
    (made / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing")
    (made / "empty.html").write_text("<html></html>", encoding="utf-8")
    return made


def everything(library: Library) -> Any:
    store = library._shelf.store()
    articles = store.articles()
    return articles, store.passages(articles)


def test_any_number_of_workers_makes_the_same_library(folder: Path, tmp_path: Path) -> None:
    made, reports = [], []
    for number in (0, 2, 3):
        with Library(tmp_path / f"{number}.lance", llm=None) as library:
            reports.append(library.add(folder, workers=number))
            made.append(everything(library))
    assert made[0] == made[1] == made[2]
    assert len(made[0][0]) == 19
    for report in reports[1:]:
        assert (report.ids, report.failed, report.statuses) == (reports[0].ids, reports[0].failed, reports[0].statuses)


def test_workers_take_over_when_there_is_much_to_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    class Noted(Pool):
        def __init__(self, count: int) -> None:
            started.append(count)
            super().__init__(count)

    monkeypatch.setattr(reading, "Pool", Noted)
    monkeypatch.setattr(reading, "cores", lambda: 2)
    with Library(tmp_path / "few.lance", llm=None) as library:
        few = library.add(folder / "00.html")
        assert (few.added, started) == (1, [])
    monkeypatch.setattr(reading, "SWITCH", 0.0)
    monkeypatch.setattr(reading, "_ENOUGH", 4)
    with Library(tmp_path / "many.lance", llm=None) as library, Library(tmp_path / "one.lance", llm=None) as alone:
        library.add(folder)
        alone.add(folder, workers=0)
        assert started == [2]
        assert everything(library) == everything(alone)


def test_workers_is_a_number(tmp_path: Path) -> None:
    with Library(tmp_path / "a.lance", llm=None) as library:
        for wrong in ("many", 2.5, True):
            with pytest.raises(ArgumentError, match="workers="):
                library.add(SAMPLES, workers=wrong)  # type: ignore[arg-type]


def test_messages_bring_back_what_was_sent(folder: Path) -> None:
    from io import BytesIO

    for path in sorted(folder.iterdir()):
        for found in founds(path):
            message = receive(BytesIO(encode(found)))
            assert message is not None
            back = decode(message)
            if isinstance(found, SourceError):
                assert isinstance(back, SourceError)
                assert (back.source, back.reason) == (found.source, found.reason)
            else:
                assert isinstance(back, dict)
                assert back == found
                assert {name: str(value) for name, value in back.items()} == {n: str(v) for n, v in found.items()}
    assert receive(BytesIO(b"\0\0")) is None
    assert receive(BytesIO(b"\0\0\0\x09{}")) is None


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="named pipes, and what a worker may be sent")
def test_a_file_that_takes_too_long_costs_itself_alone(folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    slow = tmp_path / "sitecustomize.py"
    slow.write_text(
        textwrap.dedent("""
        import sys, time
        def _slow(frame, event, argument):
            if event == "call" and frame.f_code.co_name == "read_file":
                name = frame.f_locals["path"].name
                if name == "slow.html":
                    time.sleep(600)
                if name == "greedy.html":
                    bytearray(4_000_000_000)
                if name == "crash.html":
                    import os, signal
                    os.kill(os.getpid(), signal.SIGSEGV)
        sys.setprofile(_slow)
        """)
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    paths = [tmp_path / name for name in ("a.html", "slow.html", "b.html", "crash.html", "greedy.html", "c.html")]
    for path in paths:
        path.write_text((folder / "03.html").read_text("utf-8"), "utf-8")
    with Pool(2, seconds=10.0, memory_mb=1_500) as pool:
        readings = [pool.read(path) for path in paths]
        results = [list(one.founds()) for one in readings]
    kinds = [type(result[0]).__name__ for result in results]
    assert kinds == ["dict", "SourceError", "dict", "SourceError", "SourceError", "dict"]
    reasons = [result[0].reason for result in results if isinstance(result[0], SourceError)]
    assert reasons[0] == "took longer than 10 s to read and was given up"
    assert reasons[1] == "its reader crashed (signal 11)"
    assert "memory" in reasons[2]


@pytest.mark.skipif(os.name == "nt", reason="memory is counted in other ways there")
def test_a_worker_of_a_large_process_is_not_tired(folder: Path) -> None:
    code = """import os, pathlib, sys
from toolkit.articles.pool import Pool
held = bytearray(1_000_000_000)
for place in range(0, len(held), 4096):
    held[place] = 1
with Pool(1) as pool:
    seen = set()
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.html")):
        assert list(pool.read(path).founds())
        seen.add(pool._workers[0]._process.pid)
print(len(seen))
"""
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "1", done.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_call_keeps_what_is_stored_and_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for n in range(320):  # the first 200 are one commit
        (files / f"{n:04}.html").write_text(PAGE.format(n=n, d=1 + n % 28, text=SENTENCE.format(n=n) * 3), "utf-8")
    # From the 300th on a worker never ends by itself, so that the call is interrupted in the midst of it.
    (tmp_path / "sitecustomize.py").write_text(
        textwrap.dedent("""
        import sys, time
        def _stuck(frame, event, argument):
            if event == "call" and frame.f_code.co_name == "read_file" and frame.f_locals["path"].name >= "0300":
                time.sleep(600)
        sys.setprofile(_stuck)
        """)
    )
    script = tmp_path / "script.py"  # no guard around it: workers do not import it
    add = f"Library({str(tmp_path / 'a.lance')!r}, llm=None).add({str(files)!r}, workers=2)"
    # Whoever runs the tests in the background may have interrupts ignored, which a child would inherit.
    heard = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)"
    script.write_text(f"{heard}\nfrom toolkit import Library\n{add}\n")
    with monkeypatch.context() as patched:
        patched.setenv("PYTHONPATH", str(tmp_path))
        running = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not _stored(tmp_path / "a.lance"):
        time.sleep(0.05)
    group = _descendants(running.pid)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert len(group) >= 2
    assert not [pid for pid in group if Path(f"/proc/{pid}").exists()]
    lines = [line for line in said.splitlines() if line.startswith("interrupted after")]
    assert len(lines) == 1, said
    assert said.rstrip().endswith("KeyboardInterrupt")
    with Library(tmp_path / "a.lance", llm=None) as library, Library(tmp_path / "b.lance", llm=None) as fresh:
        before = len(library)
        assert 0 < before <= 300
        report = library.add(files)
        assert report.unchanged >= before
        assert report.added == 320 - before
        fresh.add(files)
        assert everything(library) == everything(fresh)


def _stored(path: Path) -> bool:
    if not (path / "articles.lance").exists():
        return False
    with Library(path, llm=None, read_only=True) as library:
        try:
            return len(library) > 0
        except Exception:
            return False


def _descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            found |= {child} | _descendants(child)
    return found
