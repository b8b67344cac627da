"""How often does a claim pass whose source does something else, or the opposite, to the same things?

    python benchmarks/reversals.py

``reversals.jsonl`` beside this file holds invented news sentences, each with claims that are true of it, in other
words, and claims that reverse it or put another verb in; ``pairings.jsonl`` those that give a number, a deed or a side
to another thing or party of the same sentence. They were written before the code that they measure was changed, and it
was not tuned on them; the traps that it was written with are those of ``tests/test_reversals.py`` and
``tests/test_pairings.py``. A set that somebody has looked at while changing the code is no longer one to report: write
another.
"""

from __future__ import annotations

from pathlib import Path

from jsonl import read_lines

from toolkit import verify

ACCEPTED = ("quoted", "supported")


def main() -> None:
    """Print the rates; which pairs were judged wrongly nobody who tunes should see."""
    for name in ("reversals", "pairings"):
        pairs = read_lines(Path(__file__).with_name(f"{name}.jsonl"))
        judged = [(pair, verify(pair["claim"], pair["source"])) for pair in pairs]
        for true in (False, True):
            rows = [found for pair, found in judged if pair["true"] is true]
            passed = sum(found.verdict in ACCEPTED for found in rows)
            contradicted = sum(found.verdict == "contradicted" for found in rows)
            said = f"passed {passed}/{len(rows)}, contradicted {contradicted}/{len(rows)}"
            print(f"{name}: {str(true).lower():6} {said}")


if __name__ == "__main__":
    main()
