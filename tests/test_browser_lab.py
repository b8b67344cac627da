"""The notebooks in real JupyterLab: run, read, clicked and photographed, trusted and not, light and dark."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from browser import OPEN_ALL, THEMES, Lab, Watched, artefacts, fit, launched, missing, violations
from markdown_it import MarkdownIt
from test_notebooks import NOTEBOOKS, check_outputs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of nbconvert, not of ours
]

NAMES = [path.name for path in NOTEBOOKS]
OUTPUT = ".jp-OutputArea-output .mathjax_ignore"


@dataclass(frozen=True)
class Bench:
    """What the tests of this module share: one server, one browser, a folder for pictures."""

    lab: Lab
    browser: Browser
    pictures: Path

    def page(self, width: int = 1280, height: int = 1000) -> tuple[Page, Watched]:
        page = self.browser.new_page(viewport={"width": width, "height": height})
        watched = Watched()
        watched.attach(page, self.lab.origin)
        return page, watched


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """JupyterLab over a copy of the notebooks without outputs, each run once, saved, and therefore trusted."""
    if importlib.util.find_spec("jupyterlab") is None:
        missing("the browser tests need JupyterLab: pip install 'citebook[notebook]'")
    folder = tmp_path_factory.mktemp("lab")
    lab = Lab(folder)
    shutil.copytree(NOTEBOOKS[0].parent, lab.root, dirs_exist_ok=True)
    for name in NAMES:
        _strip(lab.root / name)
    with launched() as browser, lab:
        yield Bench(lab, browser, artefacts(folder / "pictures"))


def _strip(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, path)


def _is_run(path: Path) -> bool:
    return any(cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells)


def _run(bench: Bench, name: str) -> None:
    """Run a notebook in the browser and save it, unless an earlier test did."""
    if _is_run(bench.lab.root / name):
        return
    page, watched = bench.page()
    bench.lab.open(page, name)
    bench.lab.run_all(page)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0
    bench.lab.save(page, name)
    page.close()
    assert watched.deeds == []


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_in_jupyterlab(bench: Bench, name: str) -> None:
    _run(bench, name)
    check_outputs(nbformat.read(bench.lab.root / name, as_version=4))
    assert bench.lab.trusted(name)


def _folds_around(quote: Locator) -> list[Locator]:
    """The folds that a quote is in, the outermost first."""
    folds = quote.locator("xpath=ancestor::details")
    return [folds.nth(place) for place in range(folds.count())]


def _check_click(page: Page, notebook: Any) -> None:
    """A click on a citation shows its quote, highlighted, inside the window, and it is the quote."""
    quote = page.locator(f"{OUTPUT} details mark").first
    assert not quote.is_visible()
    for fold in _folds_around(quote):
        if fold.get_attribute("open") is None:
            fold.locator("> summary").click()
    quote.wait_for(state="visible")
    box, size = quote.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    background, colour = quote.evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]")
    assert background != "rgba(0, 0, 0, 0)"
    assert background != colour
    said = _letters(quote.inner_text())
    assert said
    assert any(said in _letters(text) for text in _plain(notebook)), "not what the text form cites"


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _plain(notebook: Any) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output["data"]["text/plain"] for output in outputs if "data" in output]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_a_click_shows_the_quote_and_pictures_are_kept(bench: Bench, name: str, theme: str) -> None:
    _run(bench, name)
    bench.lab.theme(theme)
    page, watched = bench.page()
    bench.lab.open(page, name)
    assert page.locator("body").get_attribute("data-jp-theme-name") == THEMES[theme]
    stem = f"{Path(name).stem}-{theme}"
    for width in (1280, 700):
        page.set_viewport_size({"width": width, "height": 1000})
        page.evaluate(CLOSE_ALL)
        fit(page)
        page.screenshot(path=bench.pictures / f"{stem}-{width}.png")
        assert page.evaluate(TOO_WIDE, OUTPUT) == []
        page.set_viewport_size({"width": width, "height": 1000})
        _check_click(page, nbformat.read(bench.lab.root / name, as_version=4))
        page.screenshot(path=bench.pictures / f"{stem}-{width}-clicked.png")
    page.close()
    assert watched.deeds == []


CLOSE_ALL = "for (const mark of document.querySelectorAll('details mark')) mark.closest('details').open = false"


def test_untrusted_outputs_are_readable_and_open(bench: Bench) -> None:
    """A notebook from somebody else: JupyterLab sanitizes its outputs until its reader trusts it."""
    name, copy = "01_quickstart.ipynb", "from_a_stranger.ipynb"
    _run(bench, name)
    notebook = nbformat.read(bench.lab.root / name, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("'not what was signed'", execution_count=99))
    nbformat.write(notebook, bench.lab.root / copy)
    assert not bench.lab.trusted(copy)
    bench.lab.theme("dark")
    page, watched = bench.page()
    bench.lab.open(page, copy)
    outputs = page.locator(OUTPUT)
    assert outputs.count() >= 8
    assert not [text for text in outputs.all_inner_texts() if "<div" in text or "style=" in text]
    assert page.locator(".jp-OutputArea-output", has_text="Loading widget").count() == 0
    _check_click(page, notebook)
    fit(page)
    page.screenshot(path=bench.pictures / "untrusted-dark-1280.png")
    page.close()
    assert watched.deeds == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_exported_by_nbconvert_as_a_page(bench: Bench, name: str, theme: str) -> None:
    from nbconvert import HTMLExporter

    _run(bench, name)
    exporter = HTMLExporter(theme=theme, mathjax_url="", require_js_url="")
    html, _ = exporter.from_filename(str(bench.lab.root / name))
    page, _ = bench.page()
    page.route("**/*", lambda route: route.abort())  # it asks a CDN for what only widgets need
    page.set_content(html)
    page.screenshot(path=bench.pictures / f"{Path(name).stem}-nbconvert-{theme}.png", full_page=True)
    mark = page.locator("details mark").first
    for fold in _folds_around(mark):
        if fold.get_attribute("open") is None:
            fold.locator("> summary").click()
    mark.wait_for(state="visible")
    page.evaluate(OPEN_ALL)
    found = violations(page, ".mathjax_ignore")
    page.close()
    assert not found, "\n".join(found)


def test_exported_by_nbconvert_as_markdown(bench: Bench) -> None:
    from nbconvert import MarkdownExporter

    _run(bench, NAMES[0])
    text, _ = MarkdownExporter().from_filename(str(bench.lab.root / NAMES[0]))
    assert "# Quickstart" in text
    assert "U.K. and French troops" in text
    quotes = re.findall(r"<mark[^>]*>(.*?)</mark>", text, re.DOTALL)
    assert quotes
    blocks = MarkdownIt("commonmark").parse(text)
    assert [block for block in blocks if block.type == "html_block" and "mathjax_ignore" in block.content]
    assert not [block for block in blocks if block.type == "inline" and "<mark" in block.content]


# Tables of an experiment have a column for each measure: they scroll inside their output, and nothing else does.
TOO_WIDE = """selector => [...document.querySelectorAll(selector)].filter(one => {
  const output = one.closest('.jp-OutputArea-output');
  return output.scrollWidth > output.clientWidth + 1 && getComputedStyle(output).overflowX === 'visible'
}).map(one => one.innerText.slice(0, 80))"""
