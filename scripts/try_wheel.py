"""The wheel answers the README's question as the checkout does, in an environment and a folder that hold nothing else.

What is missing from the wheel, or is found only because the checkout lies beside it, shows itself here.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from readme import question

ROOT = Path(__file__).resolve().parent.parent


def _run(command: list[str], folder: Path) -> str:
    # Nothing of the checkout's environment: neither its packages nor its scripts.
    kept = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
    done = subprocess.run(command, cwd=folder, env=kept, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"exit code {done.returncode} from: {shlex.join(command)}")
    return done.stdout


def _ask(python: Path | str, folder: Path, *options: str) -> str:
    given = shlex.split(question())
    return _run([str(python), *given[1:], *options], folder)


def _answer(python: Path | str, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_ask(python, folder, "--json"))
    found.pop("seconds")
    return found


def _letters(text: str) -> str:
    """The display may wrap, indent or mark the words."""
    return "".join(char for char in text if char.isalnum())


def main() -> None:
    """Build, install, ask, compare."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        _run([sys.executable, "-m", "build", "--wheel", "--outdir", str(scratch / "dist"), str(ROOT)], scratch)
        (wheel,) = (scratch / "dist").glob("*.whl")
        folder = scratch / "elsewhere"
        shutil.copytree(ROOT / "notebooks" / "articles", folder / "notebooks" / "articles")
        _run([sys.executable, "-m", "venv", str(scratch / "venv")], scratch)
        python = scratch / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        _run([str(python), "-m", "pip", "install", "--quiet", str(wheel)], folder)
        shown = _ask(python, folder)
        ours, theirs = _answer(sys.executable, ROOT), _answer(python, folder)
    print(f"{wheel.name}:\n{shown}")
    if not ours["answered"] or not ours["citations"]:
        sys.exit(f"the README's question was not answered: {ours['reason']}")
    for key in ours.keys() | theirs.keys():
        if ours.get(key) != theirs.get(key):
            sys.exit(f"{key!r} differs\ncheckout: {ours.get(key)}\nwheel:    {theirs.get(key)}")
    for citation in theirs["citations"]:
        if _letters(citation["quote"]) not in _letters(shown):
            sys.exit(f"the wheel did not show the quote [{citation['marker']}]: {citation['quote']}")
    print("the same answer from the checkout and from the wheel")


if __name__ == "__main__":
    main()
