"""No key, token or password in the files or anywhere in git's history: ``python scripts/find_secrets.py``.

Looks for what the large services' keys look like, for private keys, and for passwords in addresses and assignments.
What tests need as bait stands in ``BAIT``. ``CITEBOOK_HISTORY`` names another checkout whose history is read: CI works
on a copy without one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # Amazon
    r"|\bAIza[0-9A-Za-z_-]{35}"  # Google
    r"|\bsk-[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic, DeepSeek
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|hf_|gsk_)[A-Za-z0-9_-]{20,}"
    r"|\bxox[abeprs]-[A-Za-z0-9-]{10,}"  # Slack
    r"|\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}"  # a JSON web token
    r"|://[^\s/:@'\"{}<>$]+:[^\s/:@'\"{}<>$]{6,}@"  # a password in an address
    r"|(?i:passw(?:or)?d|secret|api_?key|access_?key|token)['\"]?\s*[:=]\s*['\"][A-Za-z0-9+/=_-]{20,}['\"]"
)

BAIT = re.compile(
    r"sk-(?:secret|proj-verysecret|proj-abcDEF123456ghiJKL7890|proj-a1b2c3d4e5f6g7h8)"  # must never be shown: made up
    r"|://\w+:secret"
    r"|\.(?:example|test|invalid)\b"  # names that nobody has
)
"""What looks like a secret and is none: made up, so that tests can see that it does not come out."""


def found(text: str) -> Iterator[str]:
    """What looks like a secret in a line."""
    return (match[0] for match in SECRETS.finditer(text) if not BAIT.search(text[match.start() : match.end() + 60]))


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.stdout if done.returncode == 0 else ""


def _is_made(part: str) -> bool:
    """Whether a folder of this name holds what tools make, which git would leave out: compiled bait looks otherwise."""
    return part == "__pycache__" or (part.startswith(".") and part != ".ci")


def _files() -> Iterator[tuple[str, str]]:
    """Each line of the files, with its place."""
    names = _git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    if not names:
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [str(path) for path in found if not any(map(_is_made, path.parts))]
    for name in sorted(set(names)):
        try:
            lines = (ROOT / name).read_text("utf-8", errors="replace").splitlines()
        except OSError:  # a folder, or listed and deleted since
            continue
        yield from ((f"{name}:{number}", line) for number, line in enumerate(lines, 1))


def _history() -> Iterator[tuple[str, str]]:
    """Each line that a commit added, and the commits' messages."""
    folder = Path(os.environ.get("CITEBOOK_HISTORY") or ROOT)
    commit = ""
    for line in _git(
        folder, "log", "--all", "--patch", "--unified=0", "--no-color", "--format=commit %H%n%B"
    ).splitlines():
        if re.fullmatch(r"commit [0-9a-f]{40}", line):
            commit = line
        elif not line.startswith("-"):
            yield commit, line


def main() -> int:
    """Print what is found; the exit code."""
    seen: dict[str, str] = {}
    counts = []
    for lines in (_files(), _history()):
        number = 0
        for place, line in lines:
            number += 1
            for secret in found(line):
                seen.setdefault(secret, place)
        counts.append(number)
    for secret, place in seen.items():
        print(f"{place}: {secret[:12]}... looks like a secret")
    print(f"{counts[0]:,} lines of files and {counts[1]:,} of history: {len(seen)} that look like secrets")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
