"""The README's two commands, as CI types them: ``python scripts/readme.py`` prints them, one a line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def commands() -> list[str]:
    """The lines of the README's first shell block."""
    block = re.search(r"^```(?:sh|bash|shell|console)[^\n]*\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)
    lines = [line.removeprefix("$ ").strip() for line in block[1].splitlines()] if block else []
    lines = [line for line in lines if line and not line.startswith("#")]
    if len(lines) != 2:
        sys.exit(f"{README}: the first shell block must hold exactly two commands, found {len(lines)}")
    return lines


def question() -> str:
    """The end of the first command: the one that asks."""
    ask = commands()[0].rsplit("&& ", 1)[-1]
    if " ask " not in ask:
        sys.exit(f"{README}: the first command does not end in an ask: {ask}")
    return ask


if __name__ == "__main__":
    print("\n".join(commands()))
