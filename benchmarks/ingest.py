"""Measure how fast folders of many files become a library, how much memory that takes, and what a second call costs.

    python benchmarks/ingest.py DATA [--files 5000 50000] [--no-peer] [--kinds html txt md pdf] [--json FILE]

DATA is a folder with ``summarization/frank_cnndm_xsum/articles.jsonl`` and ``retrieval/multihoprag500/docs.jsonl``.

The files are made: each article is 12 to 30 sentences drawn from all sentences of these articles in random order (so
that no two files are near copies, which whole articles used again would be), under the sentence that came first as its
title. By default half are pages (.html, with a menu, a sidebar, scripts and a footer around the article), a quarter
.txt, a fifth .md with front matter and a twentieth .pdf. It is real news wording, not real news, and the pages are of
one simple template: real ones are larger, and slower to take apart.

Each step runs in a process of its own: ``first`` adds the folder to a new library (``workers`` says with how many
reading processes), ``second`` adds it again. Wall clock, processor seconds with those of the workers, and the peak of
the memory of the process and its workers together, looked at every 50 ms.

The peer, in the same run on the same files: llama-index's SimpleDirectoryReader and VectorStoreIndex, with its default
splitter and the same static vectors. Without its file readers it takes markup for text, which is less work of one kind
(nothing is taken apart) and more of another (tags and menus are embedded); ``peer, extracting`` gives it the same
extraction of pages and PDFs by our readers, and so the same text, and has it write its index to the disk, as ours is.
It has no text search, which costs ours about a quarter of its processor time; and its passages are 1,024 tokens long,
ours 900 characters, so that it makes a fifth as many. What either imports is imported before its clock starts.
"""

from __future__ import annotations

import argparse
import atexit
import html
import importlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Report = dict[str, Any]

KINDS = {"html": 10, "txt": 5, "md": 4, "pdf": 1}
"""How many of twenty files are of each kind."""

_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} - The Example</title>
<meta property="og:site_name" content="The Example"><meta property="article:published_time" content="{date}T08:30:00Z">
<link rel="canonical" href="https://news.example/{number}"><script>var a = [{number}, "menu", 1, 2, 3];</script></head>
<body><nav><ul>{menu}</ul></nav><main><article><h1>{title}</h1><p class="byline">By Staff Writer</p>{paragraphs}
</article></main><aside><h2>Most read</h2><ul>{menu}</ul></aside><footer><p>Copyright The Example. All rights reserved.
</p><ul>{menu}</ul></footer><script>window.dataLayer = window.dataLayer || [];</script></body></html>"""

_MENU = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in ("World", "Politics", "Money", "Sport"))


# -- Files -------------------------------------------------------------------------------------------------------------


def sentences(data: Path) -> list[str]:
    """All sentences of the public articles."""
    from toolkit.passages import sentence_bounds

    texts = []
    for name, key in (("summarization/frank_cnndm_xsum/articles.jsonl", "article"),
                      ("retrieval/multihoprag500/docs.jsonl", "text")):  # fmt: skip
        with (data / name).open(encoding="utf-8") as lines:
            texts += [json.loads(line)[key] for line in lines]
    found = [" ".join(text[a:b].split()) for text in texts for a, b in sentence_bounds(text)]
    return sorted({one for one in found if 40 <= len(one) <= 400})


def write_files(folder: Path, count: int, pool: Sequence[str], kinds: Sequence[str]) -> None:
    """Make the files, five hundred in a folder."""
    drawn = random.Random(7)
    turns = [kind for kind in kinds for _ in range(KINDS[kind])]
    for number in range(count):
        kind = turns[number % len(turns)]
        chosen = drawn.sample(pool, drawn.randint(13, 31))
        title = chosen.pop()[:90].rstrip(" .,;:")
        paragraphs = [" ".join(chosen[n : n + 3]) for n in range(0, len(chosen), 3)]
        day = f"2025-{1 + number % 12:02}-{1 + number % 28:02}"
        path = folder / f"{number // 500:04}" / f"{number:06}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(kind, number, title, day, paragraphs))


def _bytes(kind: str, number: int, title: str, day: str, paragraphs: list[str]) -> bytes:
    if kind == "html":
        shown = "".join(f"<p>{html.escape(one)}</p>\n" for one in paragraphs)
        page = _PAGE.format(title=html.escape(title), date=day, number=number, menu=_MENU, paragraphs=shown)
        return page.encode()
    body = "\n\n".join(paragraphs)
    if kind == "md":
        return f"---\ntitle: {json.dumps(title)}\ndate: {day}\npublisher: The Example\n---\n\n{body}\n".encode()
    if kind == "txt":
        return f"{title}\n\n{body}\n".encode()
    lines = [line for one in [title, *paragraphs] for line in [*textwrap.wrap(one, 90), ""]]
    return _pdf([lines[n : n + 48] for n in range(0, len(lines), 48)])


def _pdf(pages: list[list[str]]) -> bytes:
    """A PDF with these lines on its pages, as plain as can be."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, lines in enumerate(pages):
        shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
        stream = f"BT /F1 11 Tf 14 TL 60 740 Td {shown} ET".encode("cp1252", "replace")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {5 + 2 * number} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return bytes(out) + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


# -- Measuring ---------------------------------------------------------------------------------------------------------


class Watch:
    """Wall clock, processor seconds and the peak of memory of this process and those that it starts."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak_mb = 0.0
        self.own_mb = 0.0

    def _look(self) -> None:
        while not self._done.wait(0.05):
            sizes = list(_resident())
            self.own_mb = max(self.own_mb, sizes[0])
            self.peak_mb = max(self.peak_mb, sum(sizes))

    def __enter__(self) -> Watch:
        self._thread.start()
        self._started, self._used = time.perf_counter(), _cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.cpu_seconds = time.perf_counter() - self._started, _cpu() - self._used
        self._done.set()
        self._thread.join()

    @property
    def report(self) -> Report:
        """The figures."""
        figures = {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds}
        return {**figures, "peak_mb": self.peak_mb, "own_peak_mb": self.own_mb}


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def _resident() -> Iterator[float]:
    """Resident memory of this process and of its children, in megabytes."""
    me = os.getpid()
    children = Path(f"/proc/{me}/task").glob("*/children")
    for pid in [me, *(pid for file in children for pid in file.read_text().split())]:
        try:
            yield int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
        except OSError:
            continue


# -- Steps, each in its own process ------------------------------------------------------------------------------------


def step_add(folder: Path, library: Path, workers: int | None) -> Report:
    """Files -> searchable."""
    from toolkit import Library

    for name in ("lance", "rensa", "sentencex", "tokenizers"):  # before the clock starts, as the peer's are
        importlib.import_module(name)
    with Watch() as watch:
        news = Library(library, llm=None)
        report = news.add(folder, workers=workers, progress=False)
    articles, passages = news._shelf.store().counts()
    counts = {"added": report.added, "unchanged": report.unchanged, "failed": len(report.failed)}
    return {**watch.report, **counts, "articles": articles, "passages": passages}


def unlink_nltk_data() -> None:
    """Give llama-index's splitter its data as files of their own: nltk refuses linked ones, as uv installs them."""
    import importlib.util

    home = Path(str(importlib.util.find_spec("llama_index.core").origin)).parent  # type: ignore[union-attr]
    place = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    shutil.copytree(home / "_static" / "nltk_cache", place, dirs_exist_ok=True)
    os.environ["NLTK_DATA"] = place


def step_peer(folder: Path, *, extracting: bool) -> Report:
    """The same files in llama-index's own index."""
    unlink_nltk_data()
    from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
    from llama_index.core.readers.base import BaseReader
    from llama_index.core.schema import Document
    from scale import peer_embedding

    from toolkit.articles.files import read_file

    class Extracting(BaseReader):  # type: ignore[misc]
        def load_data(self, file: Path, extra_info: Any = None, **_: Any) -> list[Document]:
            return [Document(text=found["text"]) for found in read_file(Path(file)) if isinstance(found, dict)]

    readers = {".html": Extracting(), ".pdf": Extracting()}
    embedding = peer_embedding()
    with Watch() as watch:
        given = {"file_extractor": readers} if extracting else {"required_exts": [".html", ".txt", ".md"]}
        documents = SimpleDirectoryReader(str(folder), recursive=True, **given).load_data()
        index = VectorStoreIndex.from_documents(documents, embed_model=embedding)
        if extracting:
            with tempfile.TemporaryDirectory() as place:
                index.storage_context.persist(place)
    return {**watch.report, "articles": len(documents), "passages": len(index.docstore.docs)}


def in_process(step: str, *arguments: object) -> Report:
    """Run a step in a new process."""
    command = [sys.executable, __file__, "--step", step, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{step} ended with code {done.returncode}, see above")
    report: Report = json.loads(done.stdout.splitlines()[-1])
    return report


def show(name: str, report: Report, files: int) -> None:
    """One line of the table."""
    seconds = report["seconds"]
    print(
        f"{name:<34}{files:>8,}{seconds:>9.1f}{report['cpu_seconds']:>9.1f}{report['articles'] / seconds:>12,.0f}"
        f"{report['passages'] / seconds:>12,.0f}{report['peak_mb']:>9,.0f}{report['own_peak_mb']:>9,.0f}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", metavar="DATA")
    parser.add_argument("--files", nargs="+", type=int, default=[5_000])
    parser.add_argument("--kinds", nargs="+", choices=sorted(KINDS), default=list(KINDS))
    parser.add_argument("--workers", nargs="+", type=int, help="reading processes; as add() chooses without it")
    parser.add_argument("--no-peer", action="store_true", help="do not measure llama-index")
    parser.add_argument("--peer-files", type=int, default=5_000, help="most files for the peer")
    parser.add_argument("--json", type=Path, help="also write every figure into this file")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        kind, *rest = chosen.step
        if kind == "add":
            report = step_add(Path(rest[0]), Path(rest[1]), None if rest[2] == "None" else int(rest[2]))
        else:
            report = step_peer(Path(rest[0]), extracting=kind == "extracting")
        print(json.dumps(report))
        return
    if chosen.data is None:
        parser.error("DATA is missing")
    pool, figures = sentences(chosen.data), []
    print(f"{len(pool):,} different sentences; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'':<34}{'files':>8}{'seconds':>9}{'CPU s':>9}{'articles/s':>12}{'passages/s':>12}{'MB':>9}{'own MB':>9}")
    with tempfile.TemporaryDirectory() as temporary:
        for count in chosen.files:
            folder = Path(temporary, str(count), "files")
            write_files(folder, count, pool, chosen.kinds)
            time.sleep(2.1)  # files that were just written have to be compared by content
            for workers in chosen.workers or [None]:
                library = folder.with_name(f"library-{workers}")
                for step in ("first", "second"):
                    report = in_process("add", folder, library, workers)
                    figures.append({"step": step, "files": count, "workers": workers, **report})
                    show(f"{step} add" + ("" if workers is None else f", {workers} workers"), report, count)
            if not chosen.no_peer and count <= chosen.peer_files:
                for step, name in (("peer", "llama-index, markup as text"), ("extracting", "llama-index, extracting")):
                    report = in_process(step, folder)
                    figures.append({"step": step, "files": count, **report})
                    show(name, report, count)
            if chosen.json:
                chosen.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
