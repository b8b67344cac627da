"""Streams that show themselves, and the question box: in Python, in a kernel, and in JupyterLab in a real browser."""

from __future__ import annotations

import io
import itertools
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import browser as browsing
import nbformat
import pytest

from toolkit import Article, FakeLLM, Library
from toolkit.display import unfinished
from toolkit.errors import ArgumentError, ModelUnavailable
from toolkit.notebook import live

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from toolkit.notebook.explorer import Explorer

REPLY = "France will send 200 troops. Iceland has bought nine submarines."
EVIL = "<img src=x onerror=alert(1)> $5 and </div></mark><script>alert(2)</script> **bold** \u202eesrever"


@pytest.fixture
def news() -> Iterator[Library]:
    library = Library(None, llm=None)
    library.add(
        Article(text="France will send 200 troops. Spain has not decided.", title="Paris decides", publisher="Wire"),
        Article(text=f"Peru paid for {EVIL}. The bill was small.", title=EVIL, url="javascript:alert(3)"),
    )
    yield library
    library.close()


class Handle:
    """What IPython's display handle is told."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def update(self, bundle: dict[str, str], raw: bool) -> None:
        assert raw
        self.shown.append(bundle)


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Handle:
    """A cell's output, with a clock in which every look takes longer than a period."""
    made = Handle()

    def display(bundle: dict[str, str], raw: bool, display_id: bool) -> Handle:
        assert display_id
        made.update(bundle, raw)
        return made

    ticks = iter(range(10_000))
    cell = live._Cell
    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(live, "in_kernel", lambda: True)
    monkeypatch.setattr(live, "_Cell", lambda: cell(clock=lambda: float(next(ticks))))
    return made


def test_a_cell_shows_the_words_as_they_come_and_then_the_outcome(news: Library, handle: Handle) -> None:
    answer = news.ask("Who will send troops?", llm=FakeLLM(REPLY), stream=True).show()
    texts = [re.sub("<[^>]+>", "", bundle["text/html"]) for bundle in handle.shown]
    assert texts[0] == unfinished.WRITING
    assert texts[1] == f"France{unfinished.WRITING}"
    assert texts[-2] == f"{REPLY}{unfinished.WRITING}"
    assert all(len(one) <= len(other) for one, other in itertools.pairwise(texts[:-1]))
    assert handle.shown[-1] == answer._repr_mimebundle_()
    assert [claim.verdict for claim in answer.claims] == ["quoted", "unsupported"]


async def _shown(news: Library) -> Any:
    return await (await news.aask("Who will send troops?", llm=FakeLLM(REPLY), stream=True)).show()


def test_the_async_twin_shows_the_same(news: Library, handle: Handle) -> None:
    import asyncio

    answer = asyncio.run(_shown(news))
    assert handle.shown[-1] == answer._repr_mimebundle_()
    assert any(REPLY in bundle["text/plain"] for bundle in handle.shown)


def test_without_a_model_only_the_outcome_is_shown(news: Library, handle: Handle) -> None:
    stream = news.ask("Who will send troops?", stream=True)
    stream._ipython_display_()
    assert [unfinished.WRITING in bundle["text/html"] for bundle in handle.shown] == [True, False]
    stream.show()  # again: it is finished, and shows its outcome
    assert handle.shown[-1] == stream.final._repr_mimebundle_()


@pytest.mark.parametrize(
    ("error", "says"), [(KeyboardInterrupt(), "interrupted"), (ModelUnavailable("away"), "ended by an error")]
)
def test_what_was_cut_off_says_so_and_stays(news: Library, handle: Handle, error: BaseException, says: str) -> None:
    stream = news.ask("Who will send troops?", llm=FakeLLM(REPLY), stream=True)
    pieces = iter(stream)

    def cut_off() -> Iterator[str]:
        yield next(pieces)
        raise error

    stream._pieces = cut_off()  # type: ignore[assignment]
    with pytest.raises(type(error)):
        stream.show()
    last = handle.shown[-1]
    assert "France" in last["text/html"]
    assert f"{says} before it was finished; nothing of it was checked" in last["text/html"]


def test_hostile_words_are_text(news: Library, handle: Handle) -> None:
    news.ask("Who paid?", llm=FakeLLM(f"{EVIL} \x1b[31mred"), stream=True).show()
    for bundle in handle.shown:
        assert "<img" not in bundle["text/html"]
        assert "<script" not in bundle["text/html"]
        assert "\x1b" not in bundle["text/plain"]


def test_a_terminal_prints_the_words_once(news: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    answer = news.ask("Who will send troops?", llm=FakeLLM(REPLY), stream=True).show()
    assert out.getvalue() == f"{REPLY}\n\n{answer!r}\n"
    out.truncate(0)
    out.seek(0)
    answer = news.ask("Who will send troops?", stream=True).show()
    assert out.getvalue() == f"{answer!r}\n"


# The question box ---------------------------------------------------------------------------------------------------


@pytest.fixture
def explorer(news: Library) -> Iterator[Explorer]:
    pytest.importorskip("anywidget", reason="the question box needs anywidget")
    box = news.explore(models={"none": None, "fake": FakeLLM(*[REPLY] * 9)})
    sent: list[dict[str, Any]] = []
    box.send = lambda content, buffers=None: sent.append(content)
    box.sent = sent  # type: ignore[attr-defined]
    yield box
    box.close()


def test_asked_by_the_page(explorer: Explorer) -> None:
    hear = explorer._hear
    hear(explorer, {"kind": "ask", "question": "Who will send troops?", "model": "fake", "prompt": "ask/brief"}, [])
    assert (explorer.model, explorer.prompt, explorer.busy, explorer.problem) == ("fake", "ask/brief", False, "")
    assert [claim["verdict"] for claim in explorer.shown["claims"]] == ["quoted", "unsupported"]
    assert explorer.value is not None
    assert explorer.value.prompt is not None
    assert explorer.value.prompt.name == "ask/brief"
    source = explorer.shown["sources"][0]
    hear(explorer, {"kind": "open", "article": source["article"]}, [])
    marked = [piece["text"] for piece in explorer.sent[0]["pieces"] if source["marker"] in piece["markers"]]
    assert marked == [source["quote"]] == ["France will send 200 troops."]
    assert "".join(piece["text"] for piece in explorer.sent[0]["pieces"]) == explorer.value.citations[0].article.text


@pytest.mark.parametrize(
    "message",
    [
        None,
        "ask",
        {},
        {"kind": "ask"},
        {"kind": "ask", "question": 3},
        {"kind": "open"},
        {"kind": "open", "article": 1},
    ],
)
def test_a_page_that_sends_nonsense_is_not_heard(explorer: Explorer, message: object) -> None:
    explorer._hear(explorer, message, [])
    assert explorer.value is None
    assert explorer.sent == []


@pytest.mark.parametrize("choice", ["gpt-5", ["none"], {"name": "none"}, 3, None])
def test_a_choice_that_is_not_offered_is_not_taken(explorer: Explorer, choice: object) -> None:
    wish = {"kind": "ask", "question": "Who will send troops?", "model": choice, "prompt": "/etc/passwd"}
    explorer._hear(explorer, wish, [])
    assert (explorer.model, explorer.prompt) == ("none", "ask/plain")


def test_what_went_wrong_is_said(explorer: Explorer) -> None:
    assert explorer.ask("  ") is None
    assert "empty" in explorer.problem
    assert explorer.ask("Who will send troops?") is explorer.value
    assert explorer.problem == ""


def test_where_widgets_do_not_run_the_answer_stands_there(explorer: Explorer) -> None:
    bundle = explorer._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "run the cell" in data["text/html"]
    answer = explorer.ask("Who will send troops?")
    bundle = explorer._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert answer is not None
    assert data["text/html"] == answer.to_html()
    assert "application/vnd.jupyter.widget-view+json" in data


def test_long_articles_are_cut_around_their_citations(news: Library) -> None:
    from toolkit.notebook.explorer import AROUND, LONGEST_ARTICLE, article_view

    text = "😀 word " * 20_000
    article = Article(text=text)
    spans = [(70_000, 70_010, 1), (70_005, 70_020, 2), (120_000, 120_001, 3)]
    pieces = article_view(article, spans)["pieces"]
    shown = "".join(piece.get("text", "") for piece in pieces)
    assert len(shown) < LONGEST_ARTICLE
    assert len(shown) == 2 * (2 * AROUND) + 20 + 1
    assert len(shown) + sum(piece.get("left_out", 0) for piece in pieces) == len(text)
    for start, end, marker in spans:
        covered = "".join(piece["text"] for piece in pieces if marker in piece.get("markers", ()))
        assert covered == text[start:end]


def test_what_cannot_be_offered_is_refused(news: Library) -> None:
    pytest.importorskip("anywidget", reason="the question box needs anywidget")
    for wrong in ({"prompts": []}, {"prompts": "ask/plain"}, {"models": []}, {"models": "gpt-5"}, {"models": {}}):
        with pytest.raises(ArgumentError, match="give a list"):
            news.explore(**wrong)  # type: ignore[arg-type]


def test_without_anywidget_the_error_says_what_to_install(news: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "toolkit.notebook.explorer", raising=False)
    with pytest.raises(ArgumentError, match=r"pip install 'citebook\[notebook\]'"):
        news.explore()


# In a browser -------------------------------------------------------------------------------------------------------

CELLS = (
    f"""from toolkit import Article, FakeLLM, Library
news = Library(None, llm=None)
news.add(
    Article(text="France will send 200 troops. Spain has not decided. " + "The talks go on. " * 400
                 + "Peru paid for {EVIL}. The bill was small.", title={EVIL!r}, publisher="Wire",
            url="javascript:alert(3)"),
    Article(text="Norway will send ships.", title="Oslo decides", url="https://example.com/oslo"),
)
box = news.explore("Who will send troops?", models={{"none": None, "fake": FakeLLM(*[{REPLY!r}] * 9)}})
box""",
    f'news.ask("Who will send troops?", llm=FakeLLM({REPLY!r}), stream=True)',
)


@pytest.fixture(scope="module")
def page(lab: browsing.Lab, browser: Browser) -> Iterator[Page]:
    pytest.importorskip("anywidget", reason="the question box needs anywidget")
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), lab.root / "box.ipynb")
    made = browser.new_page(viewport={"width": 1280, "height": 1000})
    watched = browsing.Watched()
    watched.attach(made, lab.origin)
    lab.open(made, "box.ipynb")
    lab.run_all(made)
    yield made
    made.close()
    assert not [deed for deed in watched.deeds if not deed.startswith(("request: data:", "request: blob:"))]


def marked(page: Page) -> str:
    mark = page.locator(".citebook-explorer mark.citebook-chosen").first
    mark.wait_for()
    inside = mark.evaluate(
        """mark => { const pane = mark.closest('.citebook-text').getBoundingClientRect();
                     const place = mark.getBoundingClientRect();
                     return place.top >= pane.top - 1 && place.top < pane.bottom }"""
    )
    assert inside, "the marked words are outside their pane"
    return mark.inner_text()


@pytest.mark.slow
def test_the_box_in_jupyterlab(page: Page, pictures: Path) -> None:
    assert marked(page) == "France will send 200 troops."
    box = page.get_by_role("textbox", name="Question")
    at = page.locator(".jp-Notebook .jp-WindowedPanel-outer")
    before = at.evaluate("outer => outer.scrollTop")
    box.fill("What did Peru pay for?")
    box.press("Enter")
    page.locator(".citebook-claim", has_text="Peru").wait_for()
    assert marked(page).startswith("Peru paid for <img src=x")
    assert at.evaluate("outer => outer.scrollTop") == before  # the article scrolls, the notebook does not
    page.screenshot(path=pictures / "explorer-hostile.png")
    box.fill("Who will send troops?")
    page.get_by_label("Model").select_option("fake")
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    page.locator(".citebook-unsupported").wait_for()
    assert page.locator(".citebook-verdict").all_inner_texts() == ["quoted", "unsupported"]
    number = page.get_by_role("button", name="Source 1")
    number.focus()
    number.press("Space")
    assert number.get_attribute("aria-pressed") == "true"
    box.fill("Who won the 2022 World Cup?")
    box.press("Enter")
    page.locator(".citebook-refusal", has_text="World Cup").wait_for()
    page.locator(".citebook-near").first.click()
    assert marked(page)
    assert page.locator(".citebook-explorer").locator("img, script, a[href^='javascript']").count() == 0
    assert browsing.violations(page, ".citebook-explorer") == []
    page.screenshot(path=pictures / "explorer-refusal.png")


@pytest.mark.slow
def test_a_streamed_answer_settles_in_its_cell(page: Page) -> None:
    outputs = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    assert outputs.count() == 1
    assert "Iceland has bought nine submarines." in outputs.inner_text()
    assert unfinished.WRITING not in outputs.inner_text()
    number = outputs.locator("details.citebook-number").first
    assert number.evaluate("one => getComputedStyle(one).textDecorationLine") == "none", "the box's style leaks"
    outputs.locator("summary", has_text="[1]").first.click()
    outputs.locator("mark", has_text="France will send 200 troops.").first.wait_for()
