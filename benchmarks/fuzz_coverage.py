"""Fuzz readers, the checker of claims and the prompt loader, led by which lines a change reaches (atheris).

    pip install atheris                        # there are wheels for Linux; needed for this alone
    python benchmarks/fuzz_coverage.py readers --keep DIR -max_total_time=600 -seed=1
    python benchmarks/fuzz_coverage.py align   --keep DIR -max_total_time=600 -seed=1
    python benchmarks/fuzz_coverage.py prompts --keep DIR -max_total_time=600 -seed=1

What must hold is what ``fuzz.py``, ``fuzz_align.py`` and ``fuzz_prompts.py`` say. Options of one dash are libFuzzer's.
It stops at the first finding, which it writes as ``crash-...``; give that file as the last argument to try it again.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

_SUFFIXES = (".txt", ".md", ".json", ".jsonl", ".csv", ".tsv", ".eml", ".mht", ".warc", ".zip", ".gz", ".docx")
HOME = Path(__file__).parent.parent

with atheris.instrument_imports(include=["toolkit"], enable_loader_override=False):
    import toolkit.align
    import toolkit.alignment.agreement
    import toolkit.articles.archives
    import toolkit.articles.docx
    import toolkit.articles.files
    import toolkit.articles.mail
    import toolkit.articles.plain
    import toolkit.articles.records
    import toolkit.articles.tables
    import toolkit.articles.warc
    import toolkit.prompts
    import toolkit.prompts.bounded
    import toolkit.verification  # noqa: F401

import fuzz  # noqa: E402
import fuzz_align  # noqa: E402
import fuzz_prompts  # noqa: E402
import fuzzing  # noqa: E402
import hostile  # noqa: E402


def _readers(folder: Path) -> Callable[[bytes], None]:
    def once(data: bytes) -> None:
        if not data:
            return
        path = folder / f"input{_SUFFIXES[data[0] % len(_SUFFIXES)]}"
        path.write_bytes(data[1:])
        said = fuzz.read(path)
        if said["crash"]:
            raise AssertionError(said["crash"])

    return once


def _align(data: bytes) -> None:
    claim, *sources = data.decode("utf-8", "replace").split("\0")
    if sources and claim.strip():
        fuzz_align.check({"claim": claim[:2000], "sources": sources[:4]})


def _prompts(data: bytes) -> None:
    fuzz_prompts.check({"file": data.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode("utf-8")})


def _seeds(what: str, folder: Path) -> None:
    """Whole inputs to begin with."""
    corpus: list[bytes] = []
    if what == "readers":
        found = hostile.seeds(HOME / "notebooks" / "articles", folder)
        corpus = [bytes([n]) + one[:4000] for n, suffix in enumerate(_SUFFIXES) for one in found[suffix][:2]]
    elif what == "align":
        texts = fuzz_align.texts(())
        corpus = [f"{text[:200]}\0{text[:1500]}".encode() for text in texts]
    else:
        corpus = [path.read_bytes() for path in HOME.glob("prompts/*/*.prompty")]
    for number, data in enumerate(corpus):
        (folder / f"seed-{number}").write_bytes(data)


def main() -> None:
    """Run from the command line."""
    if len(sys.argv) < 2 or sys.argv[1] not in ("readers", "align", "prompts"):
        sys.exit(__doc__)
    what, rest = sys.argv[1], sys.argv[2:]
    keep = Path(rest.pop(rest.index("--keep") + 1)) if "--keep" in rest else Path("fuzz-findings")
    rest = [one for one in rest if one != "--keep"]
    keep.mkdir(parents=True, exist_ok=True)
    sys.addaudithook(fuzzing.watch)
    with tempfile.TemporaryDirectory() as place:
        folder, corpus = Path(place, "work"), Path(place, "corpus")
        folder.mkdir()
        corpus.mkdir()
        _seeds(what, corpus)
        once = {"readers": _readers(folder), "align": _align, "prompts": _prompts}[what]
        options = [f"-artifact_prefix={keep}/", "-timeout=60", "-max_len=20000", *rest]
        atheris.Setup(
            [sys.argv[0], *options, *([] if any(not one.startswith("-") for one in rest) else [str(corpus)])], once
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
