"""The same outputs where there is no JupyterLab: VS Code's webview, terminals, plain Python; and their size."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import every_kind
import pytest
from browser import OPEN_ALL, shown, violations
from test_display import ABSTENTION, ANSWER

from toolkit.display import to_html, to_markdown, to_text
from toolkit.prompts import Prompt
from toolkit.types.preview import Preview
from toolkit.types.scorecards import Scorecard

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


# VS Code --------------------------------------------------------------------------------------------------------------

# What a notebook's webview there gives to HTML: its theme's variables and font, and nothing of Jupyter's.
VS_CODE = {
    "light": "--vscode-foreground: #3b3b3b; --vscode-editor-background: #ffffff; --vscode-textLink-foreground: #005fb8",
    "dark": "--vscode-foreground: #cccccc; --vscode-editor-background: #1f1f1f; --vscode-textLink-foreground: #4daafc",
}


def _webview(theme: str) -> str:
    return (
        f"<style>:root {{ {VS_CODE[theme]} }} html {{ color-scheme: {theme} }}"
        "body { margin: 0; padding: 0 24px; font: 13px/18px 'Segoe WPC', sans-serif;"
        " color: var(--vscode-foreground) !important; background: var(--vscode-editor-background) !important }"
        " main { overflow-x: auto } a { color: var(--vscode-textLink-foreground) } table { border-collapse: collapse }"
        " blockquote { margin: 0; padding: 0 16px 0 10px; border-left: 5px solid rgba(127, 127, 127, .4) }</style>"
    )


@pytest.mark.parametrize("theme", VS_CODE)
def test_it_reads_in_a_page_like_that_of_vs_code(browser: Browser, theme: str) -> None:
    html = "".join(f"<section>{to_html(value)}</section>" for value in (ANSWER, ABSTENTION))
    page, watched = shown(browser, html, theme, style=_webview(theme))
    assert page.locator("mark").first.is_hidden()
    page.locator("summary", has_text="[1]").first.click()
    page.locator("mark").first.wait_for(state="visible")
    page.evaluate(OPEN_ALL)
    found = violations(page)
    page.close()
    assert not found, "\n".join(found)
    assert watched.deeds == []


# Terminals ------------------------------------------------------------------------------------------------------------

SCRIPT = """
from toolkit import verify
claim = verify("France will send 2,000 troops.", "Ministers met. France will send 2,000 troops. " + "It rained. " * 20)
"""


def _said(command: list[str], width: int) -> str:
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "dumb", "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", done.stdout)


@pytest.mark.parametrize("width", [80, 200])
def test_ipython_shows_text(tmp_path: Path, width: int) -> None:
    script = tmp_path / "script.ipy"
    script.write_text(SCRIPT + "claim\nget_ipython().run_cell('claim')\n")
    home = f"--ProfileDir.location={tmp_path}"
    said = _said([sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", home, str(script)], width)
    assert "France will send 2,000 troops." in said
    assert "quoted" in said
    assert "<" not in said
    assert max(map(len, said.splitlines())) <= width


def test_python_shows_text() -> None:
    said = _said([sys.executable, "-c", f"{SCRIPT}\nimport sys; sys.displayhook(claim)"], 80)
    assert "(quoted)" in said
    assert "<" not in said


def test_every_kind_fits_a_terminal() -> None:
    for value in every_kind.shown_samples():
        lines = to_text(value).splitlines()
        # An address has no place to be broken at, a prompt is shown as it is, and figures stand in columns.
        wide = 120 if isinstance(value, Scorecard) else 88
        long = [line for line in lines if len(line) > wide and "://" not in line]
        assert long == [] or isinstance(value, Prompt | Preview), type(value).__name__


# Size -----------------------------------------------------------------------------------------------------------------


def test_an_answer_with_forty_citations_stays_small() -> None:
    """All of what a kernel sends for it; how long that takes is printed by benchmarks/display.py."""
    answer = every_kind.answer_citing(40)
    assert to_html(answer).count("<mark") >= 40
    assert sum(len(form(answer).encode()) for form in (to_html, to_markdown, to_text)) < 200_000
