"""One Chromium and one JupyterLab for the browser tests, what a page must not do, and where pictures are kept."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from seaweed import free_ports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What a page does by itself would be noise in the tests of what our output does.
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PAGES = {"light": "background: #fff; color: #222", "dark": "background: #111; color: #ddd"}
"""The surroundings that output must be readable in: those of JupyterLab's two themes."""

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def missing(what: str) -> None:
    """Skip, with a clear word; in CI, where everything can be installed, fail."""
    if os.environ.get("CI") and shutil.which("apt-get"):
        pytest.fail(f"{what}; .ci/run installs it")
    pytest.skip(what)


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def has_lab() -> bool:
    """Whether JupyterLab is installed."""
    return importlib.util.find_spec("jupyterlab") is not None


def available() -> bool:
    """Whether notebooks can be run in JupyterLab in a browser here."""
    return _chromium() is not None and importlib.util.find_spec("playwright") is not None and has_lab()


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("the browser tests need the playwright package")
    found = _chromium()
    if found is None:
        missing("the browser tests need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


def artefacts(otherwise: Path) -> Path:
    """Where pictures are kept: the folder named by CITEBOOK_ARTEFACTS, else a temporary one."""
    chosen = Path(os.environ.get("CITEBOOK_ARTEFACTS") or otherwise)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


@dataclass
class Watched:
    """What a page did that notebook output never does.

    Attributes:
        deeds: Dialogs, requests, errors and pop-ups, in words.
    """

    deeds: list[str] = field(default_factory=list)

    def attach(self, page: Page, allowed: str = "about:") -> None:
        """Begin to listen. Requests to addresses that begin with ``allowed`` are the test's own."""
        page.on("dialog", lambda dialog: (self.deeds.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda other: self.deeds.append(f"popup: {other.url}"))
        page.on("pageerror", lambda error: self.deeds.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith(allowed) else self.deeds.append(f"request: {request.url}"),
        )


def shown(
    browser: Browser, html: str, theme: str = "light", width: int = 1280, style: str = ""
) -> tuple[Page, Watched]:
    """A page that holds only ``html`` on a theme's background."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    watched = Watched()
    watched.attach(page)
    page.set_content(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Output</title>{style}'
        f'<body style="{PAGES[theme]}"><main><h1>Output</h1>{html}</main>'
    )
    return page, watched


OPEN_ALL = "for (const fold of document.querySelectorAll('details')) fold.open = true"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# A table of seven columns may be as wide as it is: notebooks let it scroll.
TOO_WIDE = """[...document.querySelectorAll('section')].filter(
  one => one.scrollWidth > one.clientWidth + 1
    && ![...one.querySelectorAll('tr')].some(row => row.querySelectorAll('th').length >= 7)
).map(one => `${one.title} is ${one.scrollWidth} pixels wide`)"""


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe-core finds fault with, one line for each element and each title of a section; empty when nothing.

    Args:
        page: The page; axe-core is put into it.
        within: A CSS selector, to look at a part only.
    """
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("the accessibility tests need the axe-playwright-python package")
    found = Axe().run(page, within, {"resultTypes": ["violations"], "elementRef": False}).response["violations"]
    lines = []
    for one in found:
        for node in one["nodes"]:
            why = "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])
            where = page.evaluate("css => document.querySelector(css)?.closest('section')?.title", node["target"][0])
            lines.append(f"{one['id']} in {where or 'the page'}: {node['html'][:160]} — {why}")
    return lines


# JupyterLab -----------------------------------------------------------------------------------------------------------


def _is_whole(file: Path) -> bool:
    """Whether a JSON file is written to its end."""
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


class Lab:
    """A JupyterLab of its own on this machine: a folder, a token, settings, and nothing that asks the network.

    Args:
        folder: Its root, settings, data and log go there; the notebooks are in ``folder / "root"``.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir(exist_ok=True)
        (self._port,), self._folder, self._token = free_ports(1), folder, os.urandom(16).hex()
        self._log = folder / "lab.log"
        self.origin = f"http://127.0.0.1:{self._port}/"

    def __enter__(self) -> Lab:
        folder = self._folder
        homes = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
        homes["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
        homes["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / "workspaces")
        self._write("@jupyterlab/apputils-extension", "notification", fetchNews="false", checkForUpdates=False)
        self._write("@jupyterlab/notebook-extension", "tracker", windowingMode="none", autoStartDefaultKernel=True)
        self._write("@jupyterlab/docmanager-extension", "plugin", autosave=False)
        self._theme("light")
        options = {
            "ServerApp.root_dir": self.root,
            "ServerApp.port_retries": 0,
            "IdentityProvider.token": self._token,
            "LabApp.news_url": "",
            "LabApp.extension_manager": "readonly",
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={self._port}"]
        command += [f"--{name}={value}" for name, value in options.items()]
        # Kernels inherit it: no key and no setting of whoever runs the tests.
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "CITEBOOK_"))
        }
        environment |= homes
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.root)
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self, package: str, plugin: str, **settings: Any) -> None:
        file = self._folder / "settings" / package / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))

    def _theme(self, name: str) -> None:
        """Light or dark, for pages that are opened from now on."""
        self._write("@jupyterlab/apputils-extension", "themes", theme=THEMES[name], **{"adaptive-theme": False})

    def _wait(self) -> None:
        until = time.monotonic() + 90
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise AssertionError(f"JupyterLab did not start:\n{self._log.read_text()[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self.origin}api?token={self._token}", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"JupyterLab did not answer within 90 s:\n{self._log.read_text()[-2000:]}")

    def open(self, page: Page, name: str, theme: str = "light") -> None:
        """Open a notebook in a workspace of its own, alone on the page, and wait until its kernel is ready."""
        self._theme(theme)
        page.goto(f"{self.origin}doc/workspaces/auto-{os.urandom(4).hex()}/tree/{name}?token={self._token}")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=90_000)
        page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=90_000)
        self._wait_for_idle(page)

    def _wait_for_idle(self, page: Page) -> None:
        page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=120_000)

    def run_all(self, page: Page) -> None:
        """Run all cells of a notebook without outputs, and wait until none is left to run and the kernel is idle."""
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(
            """() => { const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(
                         prompt => prompt.textContent.trim());
                       return /^.\\d+.:$/.test(prompts[0]) && !prompts.includes('[*]:') }""",
            timeout=120_000,
        )
        self._wait_for_idle(page)
        prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
        errors = page.locator(".jp-OutputArea-output").filter(has_text="Traceback").all_inner_texts()
        assert prompts == [f"[{number}]:" for number in range(1, len(prompts) + 1)], "".join(errors)[-2000:]

    def save(self, page: Page, name: str) -> None:
        """Save the notebook, and wait until its file has the last cell's outputs."""
        file = self.root / name
        before = file.stat().st_mtime_ns
        page.keyboard.press("Control+s")
        until = time.monotonic() + 30
        while file.stat().st_mtime_ns == before or not _is_whole(file):
            assert time.monotonic() < until, f"{name} was not saved within 30 s"
            page.wait_for_timeout(50)

    def trusted(self, name: str) -> bool:
        """Whether the server vouches for the notebook's outputs, so that JupyterLab shows them as they are."""
        with urllib.request.urlopen(f"{self.origin}api/contents/{name}?token={self._token}", timeout=30) as reply:
            cells = json.load(reply)["content"]["cells"]
        return all(cell["metadata"].get("trusted", False) for cell in cells if cell["cell_type"] == "code")


def sheets(page: Page, folder: Path, stem: str) -> None:
    """Pictures of all of a page, each at most 6,000 pixels high."""
    high, wide = page.evaluate("[document.documentElement.scrollHeight, document.documentElement.clientWidth]")
    for number, top in enumerate(range(0, high, 6000)):
        clip = {"x": 0, "y": top, "width": wide, "height": min(6000, high - top)}
        page.screenshot(path=folder / f"{stem}-{number}.png", full_page=True, clip=clip)  # type: ignore[arg-type]


def fit(page: Page) -> None:
    """Make the window as high as the notebook, so that a picture holds all of it."""
    high = page.evaluate(
        """() => { const outer = document.querySelector('.jp-Notebook .jp-WindowedPanel-outer');
                   return outer.scrollHeight - outer.clientHeight + window.innerHeight }"""
    )
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(int(high) + 8, 16_000)})  # type: ignore[index]
    page.evaluate("document.querySelector('.jp-Notebook .jp-WindowedPanel-outer').scrollTop = 0")
