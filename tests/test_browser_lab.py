"""The notebooks in real JupyterLab: run, read, clicked and photographed, trusted and not, light and dark."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import every_kind
import nbformat
import pytest
from browser import THEMES, Lab, Watched, fit, violations
from markdown_it import MarkdownIt
from test_browser_hostile import ATTACKS, URLS
from test_notebooks import NOTEBOOKS, check_outputs

from toolkit.display import to_markdown

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of nbconvert, not of ours
]

NAMES = [path.name for path in NOTEBOOKS]
COMPARES = "02_prompt_experiments.ipynb"  # shows answers side by side, and no citation to click on
OUTPUT = ".jp-OutputArea-output .mathjax_ignore"


@dataclass(frozen=True)
class Bench:
    """What the tests of this module share: JupyterLab over the notebooks, a browser, a folder for pictures."""

    lab: Lab
    browser: Browser
    pictures: Path
    cited: tuple[str, ...]

    def page(self, width: int = 1280, height: int = 1000) -> tuple[Page, Watched]:
        page = self.browser.new_page(viewport={"width": width, "height": height})
        watched = Watched()
        watched.attach(page, self.lab.origin)
        return page, watched


@pytest.fixture(scope="module")
def bench(lab: Lab, browser: Browser, pictures: Path) -> Iterator[Bench]:
    """A copy of the notebooks without outputs, each run once, saved, and therefore trusted."""
    shutil.copytree(NOTEBOOKS[0].parent, lab.root, dirs_exist_ok=True)
    for name in NAMES:
        _strip(lab.root / name)
    return Bench(lab, browser, pictures, tuple(_articles(lab.root)))


def _articles(folder: Path) -> Iterator[str]:
    """The letters of every sample article, out of its file."""
    for file in sorted([*folder.glob("articles/*"), *folder.glob("story/**/*")]):
        if file.is_file():
            yield _letters(html.unescape(re.sub("<[^>]+>", " ", file.read_text(errors="replace"))))


def _strip(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, path)


def _is_run(path: Path) -> bool:
    return any(cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells)


def _run(bench: Bench, name: str) -> Page | None:
    """Run a notebook in the browser and save it, unless an earlier test did; its page."""
    if _is_run(bench.lab.root / name):
        return None
    page, watched = bench.page()
    bench.lab.open(page, name)
    bench.lab.run_all(page)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0
    bench.lab.save(page, name)
    assert watched.deeds == []
    return page


def _look(bench: Bench, page: Page, name: str, theme: str) -> None:
    """Pictures of a page, wide and narrow, before and after a click on a citation; nothing is too wide."""
    stem = f"{Path(name).stem}-{theme}"
    for width in (1280, 700):
        page.set_viewport_size({"width": width, "height": 1000})
        page.evaluate(CLOSE_ALL)
        fit(page)
        page.screenshot(path=bench.pictures / f"{stem}-{width}.png")
        assert page.evaluate(TOO_WIDE, OUTPUT) == []
        page.set_viewport_size({"width": width, "height": 1000})
        if name == COMPARES:
            _check_fold(page)
        else:
            _check_click(page, bench.cited)
        page.screenshot(path=bench.pictures / f"{stem}-{width}-clicked.png")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_a_click_shows_the_quote(bench: Bench, name: str) -> None:
    page = _run(bench, name)
    assert page is not None
    _look(bench, page, name, "light")
    page.close()
    check_outputs(nbformat.read(bench.lab.root / name, as_version=4))
    assert bench.lab.trusted(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_same_when_it_is_opened_again(bench: Bench, name: str) -> None:
    """In the dark theme, from the file that was saved."""
    _run(bench, name)
    page, watched = bench.page()
    bench.lab.open(page, name, "dark")
    assert page.locator("body").get_attribute("data-jp-theme-name") == THEMES["dark"]
    _look(bench, page, name, "dark")
    page.close()
    assert watched.deeds == []


def _opened(quote: Locator) -> Locator:
    """What was folded away, after clicks on the folds that it is in, the outermost first."""
    assert not quote.is_visible()
    folds = quote.locator("xpath=ancestor::details")
    for place in range(folds.count()):
        fold = folds.nth(place)
        if fold.get_attribute("open") is None:
            fold.evaluate("fold => fold.scrollIntoView({block: 'center'})")
            fold.locator("> summary").click()
    quote.wait_for(state="visible")
    return quote


def _check_inside(page: Page, shown: Locator) -> None:
    box, size = shown.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]


def _check_click(page: Page, cited: tuple[str, ...]) -> None:
    """A click on a citation shows its quote, highlighted, inside the window, in the very words of an article."""
    quote = _opened(page.locator(f"{OUTPUT} details mark").first)
    _check_inside(page, quote)
    background, colour = quote.evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]")
    assert background != "rgba(0, 0, 0, 0)"
    assert background != colour
    said = _letters(quote.inner_text())
    assert said
    assert any(said in text for text in cited), "not the words of an article"


def _check_fold(page: Page) -> None:
    """A click on a question shows how two prompts answered it."""
    _check_inside(page, _opened(_first_fold(page, OUTPUT)))


def _first_fold(page: Page, within: str) -> Locator:
    """What the first fold that is closed, and can be seen, holds."""
    folds = page.locator(f"{within} details")
    first = folds.evaluate_all("all => all.findIndex(one => !one.open && one.checkVisibility())")
    assert first >= 0
    return folds.nth(first).locator("> summary + *")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


CLOSE_ALL = "for (const fold of document.querySelectorAll(':is(.citebook-number, li details)')) fold.open = false"


def test_untrusted_outputs_are_readable_and_open(bench: Bench) -> None:
    """A notebook from somebody else: JupyterLab sanitizes its outputs until its reader trusts it."""
    name, copy = "01_quickstart.ipynb", "from_a_stranger.ipynb"
    _run(bench, name)
    notebook = nbformat.read(bench.lab.root / name, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("'not what was signed'", execution_count=99))
    nbformat.write(notebook, bench.lab.root / copy)
    assert not bench.lab.trusted(copy)
    page, watched = bench.page()
    bench.lab.open(page, copy, "dark")
    outputs = page.locator(OUTPUT)
    assert outputs.count() >= 8
    assert not [text for text in outputs.all_inner_texts() if "<div" in text or "style=" in text]
    assert page.locator(".jp-OutputArea-output", has_text="Loading widget").count() == 0
    _check_click(page, bench.cited)
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
    found = violations(page, ".mathjax_ignore")  # folds are opened in test_browser_access.py
    _opened(_first_fold(page, ".mathjax_ignore") if name == COMPARES else page.locator("details mark").first)
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


# Markdown, as JupyterLab renders it ---------------------------------------------------------------------------------

SHOW = """import json
from IPython.display import display
for text in json.load(open("markdown.json")):
    display({"text/markdown": text, "text/plain": ""}, raw=True)"""


def test_markdown_stays_text_in_jupyterlab(bench: Bench) -> None:
    """Of every kind, with hostile words in it, in a notebook that is trusted: its Markdown is not sanitized there."""
    attacks = ("dollars", "markdown", "script", "links", "closers")
    values = every_kind.shown_samples()
    texts = [
        "\n\n".join(to_markdown(every_kind.poisoned(value, ATTACKS[attack], URLS.get(attack))) for value in values)
        for attack in attacks
    ]
    (bench.lab.root / "markdown.json").write_text(json.dumps(texts))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SHOW)])
    nbformat.write(notebook, bench.lab.root / "markdown.ipynb")
    page, watched = bench.page()
    bench.lab.open(page, "markdown.ipynb")
    bench.lab.run_all(page)
    outputs = page.locator(".jp-RenderedMarkdown")
    assert outputs.count() == len(texts)
    assert outputs.first.inner_text().count("It cost $5 and $6, $$x^2$$") > len(values)
    assert outputs.locator("mjx-container, .MathJax, script, img, svg, iframe, textarea").count() == 0
    links = outputs.locator("a").evaluate_all("all => all.map(one => one.href)")
    assert [link for link in links if not link.startswith((bench.lab.origin, "http://", "https://"))] == []
    page.close()
    assert watched.deeds == []
