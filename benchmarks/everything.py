"""Every figure that this project has promised, measured again in one run, beside its goal and what it was before.

    python benchmarks/everything.py DATA --logs FOLDER [--llm URL] [--only verify answers] [--table]

DATA is the folder of public sets that the other benchmarks take. Each step is one of their commands, in a process of
its own; what it prints is kept in ``FOLDER/<step>.log`` with the revision and the load of the machine. A step that has
its log already is not run again, so a run that was stopped goes on where it was (delete a log to measure anew).
``--table`` runs nothing, and prints the table of what there is. Steps that ask a real language model are left out
without ``--llm``, an OpenAI-compatible server.

All of it takes about two hours on two cores. Seconds and milliseconds mean something only on a machine that does
nothing else; the table says how busy it was.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
_LOAD = re.compile(r"^# load ([\d.]+)", re.M)


class Step(NamedTuple):
    """A command.

    Attributes:
        name: What its log is called.
        command: Arguments of Python; ``DATA``, ``LLM`` and ``LOGS`` stand for what was given.
    """

    name: str
    command: str


class Figure(NamedTuple):
    """A figure that a step prints.

    Attributes:
        step: Whose.
        says: What it is.
        read: Takes it from what the step printed; None when it is not there.
        goal: What was asked for.
        before: What it was when it was reported first.
    """

    step: str
    says: str
    read: Callable[[str], str | None]
    goal: str
    before: str


STEPS = (
    Step("verify", "verify.py DATA"),
    Step("reversals", "reversals.py"),
    Step("answers", "answers.py DATA"),
    Step("retrieval", "retrieval.py DATA cranfield checkthat2020 multihoprag500 squad2_cs224n_dev clapnq_dev"),
    Step("summaries", "summaries.py DATA"),
    Step("digest", "digest.py DATA"),
    Step("intervals", "intervals.py --experiments 2000"),
    Step("rescoring", "rescoring.py DATA --bundle LOGS/rows.zip"),
    Step("display", "display.py"),
    Step("extraction", "extraction.py DATA"),
    Step("copies", "copies.py DATA --half report"),
    Step("fetching", "fetching.py"),
    Step("calls", "models.py calls --asks 500"),
    Step("ingest", "ingest.py DATA --files 5000"),
    Step("fuzz", "fuzz.py --inputs 10000 --seed 10"),
    Step("fuzz-prompts", "fuzz_prompts.py --seconds 600 --seed 10"),
    Step("fuzz-align", "fuzz_align.py --seconds 600 --seed 10 --texts DATA/retrieval/multihoprag500"),
    Step("fuzz-display", "fuzz_display.py --seconds 600 --seed 10"),
    Step("security", "security.py DATA --cases 150 --seconds 420"),
    Step("crash", "crash.py --kills 50"),
    Step("crash-files", "crash.py --files DATA/summarization/frank_cnndm_xsum --kills 20 --seed 3"),
    Step("full-disk", "crash.py --full-disk --megabytes 12"),
    Step("beside", "beside.py --minutes 5"),
    Step("scale", "scale.py"),
    Step("twelve", "models.py answers LLM"),
    Step("thirty", "digest.py DATA --llm LLM --articles 30"),
    Step("experiment", "experiment.py DATA --llm LLM --folder LOGS/experiment --anew"),
)


def at(pattern: str, form: str = "{0}") -> Callable[[str], str | None]:
    """Reads the groups of the first place where a regular expression matches, written as ``form`` says."""
    regex = re.compile(pattern, re.M)

    def read(printed: str) -> str | None:
        found = regex.search(printed)
        return form.format(*found.groups()) if found else None

    return read


def sizes(row: str, occurrence: int = 0) -> Callable[[str], str | None]:
    """Reads the three sizes in a row of scale.py's table; two rows may bear one title."""
    cell = re.compile(r"[\d.,]+(?: / [\d.,]+)?")

    def read(printed: str) -> str | None:
        rows = [line[38:] for line in printed.splitlines() if line[:38].rstrip() == row]
        return "; ".join(cell.findall(rows[occurrence])) if len(rows) > occurrence else None

    return read


def extremes(heading: str, column: int) -> Callable[[str], str | None]:
    """Reads the least and the most per cent of a column of intervals.py, of the rows that are not known outliers."""

    def read(printed: str) -> str | None:
        found: list[float] = []
        outside, inside = 0, False
        for line in printed.splitlines():
            if not line.strip() or heading in line:
                inside = heading in line
            elif inside and line.endswith("outside"):
                outside += 1
            elif inside:
                found.append(float(line.split()[column].rstrip("%")))
        return f"{min(found)}–{max(found)} %, {outside} of {outside + len(found)} settings outside" if found else None

    return read


def wrong_kills(printed: str) -> str | None:
    """How many of the kills left something wrong behind."""
    rows = re.findall(r"^\w+\s+(\d+)\s+\d+\s+[\d,]+\s+[\d.]+\s+(\d+)$", printed, re.M)
    return f"{sum(int(wrong) for _, wrong in rows)} of {sum(int(kills) for kills, _ in rows)}" if rows else None


def disk(printed: str) -> str | None:
    """How many of the checks of a full disk failed."""
    lines = [line for line in printed.splitlines() if line.startswith(("ok   ", "WRONG"))]
    return f"{sum(line.startswith('WRONG') for line in lines)} of {len(lines)}" if lines else None


FUZZED = at(r"^\| all \|[^|]+\|[^|]+\|[^|]+\| *(\S+) *\| *(\S+) *\| *(\S+) *\|", "{0}, {1}, {2}")


def _ndcg(name: str, goal: str, before: str) -> Figure:
    read = at(rf"^{name}\s+[\d,]+\s+[\d,]+\s+(\S+)\s+\S+\s+\S+\s+(\S+)", "{0}; {1}")
    return Figure("retrieval", f"{name}, nDCG@10: bm25s; ours", read, goal, before)


def _rouge(name: str, length: str, goal: str, before: str) -> Figure:
    read = at(rf"^{name}, .*, {length}: (?:.*\n)*?  ours .*?all\s+([\d.]+\s+[\d.]+\s+[\d.]+)")
    return Figure("summaries", f"{name}, {length}: ROUGE-1, -2, -L", read, goal, before)


FIGURES = (
    Figure("verify", "WiCE, AUC of support", at(r"^wice_dev.* (\S+)$"), "0.80", "0.816"),
    Figure("verify", "FRANK test, AUC of support", at(r"^frank test.* (\S+)$"), "0.87", "0.857"),
    Figure("verify", "minimal pairs, accuracy", at(r"^    pair accuracy all.* (\S+)$"), "0.95", "0.994"),
    Figure("verify", "minimal pairs, AUC", at(r"^minimal pairs.* (\S+)$"), "0.85", "0.992"),
    Figure(
        "verify",
        "a claim against 20 new passages, CPU ms p50; p95",
        at(r"^20 passages, cold.*?CPU p50 (\S+) ms, p95 (\S+) ms", "{0}; {1}"),
        "10",
        "8–13; 11–17",
    ),
    Figure("reversals", "held-out false claims accepted", at(r"^reversals: false\s+passed (\S+),"), "", "24/40"),
    Figure("reversals", "held-out true claims accepted", at(r"^reversals: true\s+passed (\S+),"), "", "21/22"),
    Figure("reversals", "false pairings accepted", at(r"^pairings: false\s+passed (\S+),"), "", "20/32"),
    Figure("reversals", "true pairings accepted", at(r"^pairings: true\s+passed (\S+),"), "", "23/32"),
    Figure("answers", "SQuAD 2, first sentence", at(r"^SQuAD 2 answerable: first.*? 600\s+(\S+)"), "0.76", "0.812"),
    Figure("answers", "SQuAD 2, one of three", at(r"^  any of the first three.*? 600\s+(\S+)"), "0.88", "0.928"),
    Figure(
        "answers",
        "ClapNQ, F1 of two sentences; of BM25's",
        at(r"BM25-top-2\s+150\s+(\S+)(?:.*\n)*?.*picker, top 2\s+150\s+(\S+)", "{1}; {0}"),
        "BM25 + .03",
        "0.564; 0.518",
    ),
    Figure("answers", "another set's questions, AUROC", at(r"^asked of another.*? 500\s+(\S+)"), "0.95", "0.976"),
    Figure("answers", "SQuAD 2 unanswerable, AUROC", at(r"^SQuAD 2 unans.*? 1200\s+(\S+)"), "0.65", "0.650"),
    _ndcg("cranfield", ".40", ".430; .446"),
    _ndcg("checkthat2020", ".86", ".850; .870"),
    _ndcg("multihoprag500", ".77", ".774; .796"),
    _ndcg("squad2_cs224n_dev", ".90", ".890; .908"),
    _ndcg("clapnq_dev", "", ".946; .965"),
    _rouge("CNN/Daily Mail", "3 sentences", "41.20  18.88  26.38", "41.73  19.13  26.72"),
    _rouge("Opinosis", "2 sentences", "26.69  6.45  20.97 (LexRank)", "30.52  8.12  23.33"),
    Figure(
        "digest",
        "1,000 articles, s; MB before, at the peak",
        at(r"^\s+1000\s+\S+\s+(\S+).* (\S+)\s+(\S+)$", "{0}; {1}, {2}"),
        "20 s",
        "2.3; 324, 367",
    ),
    Figure("intervals", "tests that reject where nothing is", extremes("rejected", -1), "3.5–6.5 %", "4.3–5.8 %"),
    Figure("intervals", "95 % intervals that hold the truth", extremes("covered", -2), "93–97 %", ""),
    Figure(
        "rescoring",
        "10,000 rows, s of processor; by the clock",
        at(r"^in all (\S+) s by the clock, (\S+) s", "{1}; {0}"),
        "20",
        "19.8; 54",
    ),
    Figure(
        "display",
        "40 citations as HTML, ms; KB",
        at(r"^Answer, 40 citations\s+(\S+)\s+(\S+)", "{0}; {1}"),
        "10; 200",
        "2–6; 97",
    ),
    Figure("extraction", "text of pages, F1", at(r"^ours\s+F1 (\S+)"), ".960", ".9746"),
    Figure(
        "copies",
        "recall; least; false merges",
        at(r"^citebook\s+([\d.]+)\s+([\d.]+)\s+(\d+)", "{0}; {1}; {2}"),
        ".98; ; 0",
        ".998; .989; 0",
    ),
    Figure("calls", "plain asks: ms beyond the server", at(r"^ask\s+alone: (\S+)"), "30", "16.1"),
    Figure("calls", "8 at once, times the ideal", at(r"^ask\s+\d+ asks.*? s, (\S+) of the"), "1.15", "1.11"),
    Figure("calls", "async, the same", at(r"^aask\s+\d+ asks.*? s, (\S+) of the"), "1.15", "1.11"),
    Figure("calls", "streams, the same", at(r"^stream\s+\d+ asks.*? s, (\S+) of the"), "1.15", "1.34"),
    Figure(
        "ingest",
        "5,000 files: CPU s; articles/s",
        at(r"^first add.*? 5,000\s+\S+\s+(\S+)\s+(\S+)", "{0}; {1}"),
        "5 times the peer",
        "24.6; 161",
    ),
    Figure(
        "ingest",
        "the peer with its own reading of files",
        at(r"^llama-index, extracting.*? 5,000\s+\S+\s+(\S+)\s+(\S+)", "{0}; {1}"),
        "",
        "21–22; 73–93",
    ),
    Figure("fuzz", "10,000 inputs: crashes, slow, large", FUZZED, "0", "0, 0, 0"),
    Figure("fuzz-prompts", "ten minutes", at(r"^(\d+ kinds of findings)$"), "0", "0"),
    Figure("fuzz-align", "ten minutes", at(r"^(\d+ kinds of findings)$"), "0", "0"),
    Figure("fuzz-display", "ten minutes", at(r"^(\d+ kinds of findings)$"), "0", "0"),
    Figure("crash", "fifty kills: wrong", wrong_kills, "0", "0"),
    Figure("crash-files", "kills of an add of files", at(r"^(\d+ kills of .*)$"), "0 wrong", "0 wrong, or 1 search"),
    Figure("full-disk", "a full disk: checks that failed", disk, "0", "0"),
    Figure("beside", "reader beside a writer", at(r"^reader\s+(.*)$"), "p95 150 ms", "p50 45, p95 75 ms"),
    Figure("beside", "the same: errors, counts", at(r"^\s+(\d+ errors.*)$"), "0", "0"),
    Figure("scale", "passages a second", sizes("passages/s, text to searchable"), "2,500", "2,553; 3,816; 2,612"),
    Figure("scale", "resident, MB", sizes("resident after 100 queries, MB"), "700", "419; 317; 622"),
    Figure("scale", "cold start, s", sizes("cold start to first answer, s"), "", "0.78; 0.78; 1.27"),
    Figure("scale", "hybrid, p50 / p95 ms", sizes("hybrid"), "p95 60", "20 / 26; 28 / 34; 57 / 70"),
    Figure("scale", "hybrid after optimise()", sizes("  hybrid"), "p95 60", "18 / 26; 21 / 24; 37 / 49"),
    Figure(
        "scale",
        "20 articles searchable, p50 / max s",
        sizes("20 articles searchable, p50 / max s"),
        ".3",
        ".14 / .28; .17 / .33; .47 / 1.19",
    ),
    Figure(
        "twelve", "twelve questions, a 1.5B model", at(r"^library\s+(.*)$"), "9 right, 0 wrong", "11 right, 1 beside"
    ),
    Figure(
        "thirty", "30 summaries, quoted or supported", at(r"^quoted or supported: (\S+ of \d+)"), "0.85", ".776 of 107"
    ),
    Figure("experiment", "second run, calls", at(r"^second run: (\d+) calls"), "0", "0"),
)


def run(step: Step, places: dict[str, str], logs: Path) -> bool:
    """Run a step unless its log is there; whether it ended well."""
    log = logs / f"{step.name}.log"
    if log.exists():
        return True
    words = [re.sub(r"^(DATA|LLM|LOGS)", lambda found: places[found[0]], word) for word in step.command.split()]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    told = ["git", "describe", "--always", "--dirty"]
    revision = subprocess.run(told, stdout=subprocess.PIPE, text=True, cwd=HERE, check=False).stdout.strip()
    print(f"{step.name} ...", end=" ", flush=True)
    started = time.perf_counter()
    command = [sys.executable, str(HERE / words[0]), *words[1:]]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - started
    part = log.with_suffix(".part")
    part.write_text(
        f"# {step.command}\n# load {load:.1f} before, {seconds:.0f} s, revision {revision}, code {done.returncode}\n"
        f"{done.stdout}",
        "utf-8",
    )
    part.replace(log)
    print(f"{seconds:.0f} s, code {done.returncode}", flush=True)  # a benchmark's code tells of a goal that was missed
    return done.returncode == 0


def table(logs: Path) -> Iterator[str]:
    """The figures as a Markdown table."""
    yield "| | goal | before | now | load |"
    yield "| --- | --- | --- | --- | --- |"
    for figure in FIGURES:
        log = logs / f"{figure.step}.log"
        printed = log.read_text("utf-8") if log.exists() else ""
        now = figure.read(printed) if printed else "not run"
        load = _LOAD.search(printed)
        cells = (f"{figure.step}: {figure.says}", figure.goal, figure.before, now or "not found in the log")
        yield f"| {' | '.join(cells)} | {load[1] if load else ''} |"


def main() -> None:
    """Run what has no log yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--logs", type=Path, required=True, help="a folder for what the steps print")
    parser.add_argument("--llm", help="an OpenAI-compatible server, for the steps that ask a model")
    parser.add_argument("--only", nargs="+", choices=[step.name for step in STEPS], metavar="STEP")
    parser.add_argument("--table", action="store_true", help="run nothing")
    chosen = parser.parse_args()
    chosen.logs.mkdir(parents=True, exist_ok=True)
    places = {"DATA": str(chosen.data), "LOGS": str(chosen.logs), "LLM": chosen.llm or ""}
    wanted = [step for step in STEPS if not chosen.only or step.name in chosen.only]
    for step in () if chosen.table else wanted:
        if "LLM" in step.command.split() and not chosen.llm:
            print(f"{step.name}: left out, there is no --llm")
            continue
        run(step, places, chosen.logs)
    print("\n".join(table(chosen.logs)))


if __name__ == "__main__":
    main()
