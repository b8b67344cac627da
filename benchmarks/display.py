"""How long it takes to render, and how large it is: an answer with 1 to 200 citations, and every other kind of value.

    python benchmarks/display.py [--repeats 20]

Prints the median of the milliseconds and the size in KB (1,000 bytes of UTF-8) of HTML, Markdown and text. Needs the
tests beside it, which make the values: `pip install -e .[dev]`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from toolkit.display import to_html, to_markdown, to_text

FORMS: dict[str, Callable[[object], str]] = {"html": to_html, "markdown": to_markdown, "text": to_text}


def milliseconds(render: Callable[[object], str], value: object, repeats: int) -> float:
    """The median of ``repeats`` renderings, after one to warm up."""
    render(value)
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        render(value)
        taken.append(1000 * (time.perf_counter() - begin))
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    repeats = parser.parse_args().repeats
    import every_kind

    values = [(f"Answer, {count} citations", every_kind.answer_citing(count)) for count in (1, 10, 40, 200)]
    values += [(type(value).__name__, value) for value in every_kind.shown_samples()]
    print(f"{'value':<24}" + "".join(f"{name + ' ms':>12}{'KB':>8}" for name in FORMS))
    for name, value in values:
        cells = [(milliseconds(form, value, repeats), len(form(value).encode()) / 1000) for form in FORMS.values()]
        print(f"{name:<24}" + "".join(f"{taken:>12.2f}{size:>8.1f}" for taken, size in cells))


if __name__ == "__main__":
    main()
