"""Known faults of the locked dependencies: ``python scripts/audit.py .ci/constraints.txt``.

pip-audit asks PyPI about every release. Where PyPI's answers cannot be had (no network, or a mirror that holds packages
only), pip-audit would say that nothing was found; this says that nothing was asked, and is no failure. A finding is.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ACCEPTED: dict[str, str] = {}
"""Faults that do not reach us: their identifier, and why."""


def audit(lock: Path) -> int:
    """Print what is known of the releases in a file of pins; the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        print("NOT AUDITED: PyPI did not answer within ten minutes")
        return 0
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        # Without an answer pip-audit ends in a traceback of the connection; any other error is one of ours.
        if "Connection" in done.stderr or "Timeout" in done.stderr:
            print("NOT AUDITED: PyPI cannot be reached")
            return 0
        print(f"pip-audit failed:\n{done.stderr}")
        return 1
    asked = [one for one in found if "skip_reason" not in one]
    faults = [(one, fault) for one in asked for fault in one["vulns"] if fault["id"] not in ACCEPTED]
    for one, fault in faults:
        fixed = ", ".join(fault["fix_versions"]) or "not mended yet"
        print(f"{one['name']} {one['version']}: {fault['id']} {' '.join(fault['aliases'])} (mended in: {fixed})")
    if not asked:
        print(f"NOT AUDITED: PyPI's list of faults cannot be had here, for none of {len(found)} releases")
    else:
        unknown = len(found) - len(asked)
        print(
            f"{len(asked)} releases audited, {len(faults)} known faults"
            + (f"; {unknown} not known to PyPI" * bool(unknown))
        )
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/audit.py FILE_OF_PINS")
    sys.exit(audit(Path(sys.argv[1])))
