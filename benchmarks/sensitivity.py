"""What does moving a threshold do? Verdicts on public claims with each number of toolkit.thresholds moved.

    python benchmarks/sensitivity.py DATA [--limit N] [NAME ...]

Each number that decides about claims is made a fifth smaller and a fifth larger, whole numbers by one, the others left
as they are. The claims are those of WiCE dev and of FRANK's valid split, the minimal pairs those of the fit, none of
them a test split. For each are printed how many verdicts change, how many claims of one sentence are supported and how
many of those rightly, and how many true and false members of the pairs are accepted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from verify import SEED, Example, make_pairs, pair_pages, read_frank, read_wice

from toolkit import thresholds
from toolkit.align import align
from toolkit.alignment.sentences import Markers, Sentence
from toolkit.alignment.support import rarity

NAMES = (
    "SUPPORTED_COVERAGE", "PARTLY_COVERAGE", "CONTRADICTED_AGREEMENT", "QUOTED_WORDS", "JOINED_SCORE", "JOINED_GAIN",
    "TELLING_WORDS", "NAME_WEIGHT", "RAREST_WEIGHT", "CLAUSE_SHARE", "DOUBTED_SHARE", "APPROXIMATELY",
)  # fmt: skip
"""The numbers that one article is enough to feel; the rest are about rival articles, questions and speakers."""

ACCEPTED = ("quoted", "supported")
PAIRS = 200

Verdicts = list[str]


@contextmanager
def moved(name: str, value: float) -> Iterator[None]:
    """One threshold at another value."""
    before = getattr(thresholds, name)
    setattr(thresholds, name, value)
    rarity.cache_clear()
    try:
        yield
    finally:
        setattr(thresholds, name, before)
        rarity.cache_clear()


def verdicts(claims: Sequence[tuple[str, Sequence[Sentence]]]) -> Verdicts:
    """The verdict of every claim."""
    return [align(claim, source, Markers()).verdict for claim, source in claims]


def line(name: str, value: float, here: Verdicts, before: Verdicts, labels: Sequence[int | None]) -> str:
    """One row of the table."""
    changed = sum(a != b for a, b in zip(here, before, strict=True))
    judged = [y for v, y in zip(here, labels, strict=True) if v == "supported" and y in (0, 1)]
    true = sum(v in ACCEPTED for v, y in zip(here, labels, strict=True) if y == 2)
    false = sum(v in ACCEPTED for v, y in zip(here, labels, strict=True) if y == -2)
    return f"{name:24} {value:6.3g} {changed:8} {sum(judged):6}/{len(judged):<4} {true:8} {false:6}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--limit", type=int, default=400, help="examples of each set")
    given = parser.parse_args()
    frank = [one for one in read_frank(given.data) if one.split == "valid"]
    examples: list[Example] = read_wice(given.data)[: given.limit] + frank[: given.limit]
    claims = [(text, one.source, one.label if len(one.claim) == 1 else None) for one in examples for text in one.claim]
    pages = pair_pages(given.data, "valid")
    for pair in make_pairs(pages, PAIRS, SEED + 1):
        claims += [(pair.true, pages[pair.article], 2), (pair.false, pages[pair.article], -2)]
    rows, labels = [(text, source) for text, source, _ in claims], [label for _, _, label in claims]
    before = verdicts(rows)
    print(f"{len(claims)} claims\n{'number':24} {'value':>6} {'changed':>8} {'supported':>11} {'true':>8} {'false':>6}")
    print(line("as they are", 0, before, before, labels))
    for name in given.names:
        value = getattr(thresholds, name)
        steps = (value - 1, value + 1) if isinstance(value, int) else (0.8 * value, 1.2 * value)
        for step in steps:
            with moved(name, step):
                print(line(name, step, verdicts(rows), before, labels), flush=True)


if __name__ == "__main__":
    main()
