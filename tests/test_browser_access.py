"""Everything that can be shown can be read by everybody: axe-core finds nothing, and a keyboard is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import every_kind
import pytest
from browser import OPEN_ALL, PAGES, TOO_WIDE, sheets, shown, violations
from test_display import ANSWER

from toolkit import Experiment
from toolkit.display import register, to_html
from toolkit.types import Briefing

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


def test_every_kind_has_a_sample() -> None:
    assert every_kind.kinds() - {type(value) for value in every_kind.samples()} == set()


def test_every_kind_has_all_three_forms() -> None:
    kinds = every_kind.kinds()
    for form in (register.markdown, register.text):
        assert set(form.registry) - {object} == kinds


def _sections() -> str:
    """All samples on one page, since to look at one page is much quicker than to look at forty."""
    return "".join(
        f'<section title="{place} {type(value).__name__}">{to_html(value)}</section>'
        for place, value in enumerate(every_kind.shown_samples())
    )


@pytest.mark.parametrize("theme", PAGES)
def test_axe_finds_nothing_in_any_kind(browser: Browser, pictures: Path, theme: str) -> None:
    """Contrast of 4.5 to 1 among the rest, with every fold open, on the theme's background; nothing is too wide."""
    page, watched = shown(browser, _sections(), theme)
    sheets(page, pictures, f"kinds-{theme}")
    page.evaluate(OPEN_ALL)
    found = violations(page)
    page.set_viewport_size({"width": 700, "height": 800})
    found += page.evaluate(TOO_WIDE)
    page.close()
    assert watched.deeds == []
    assert not found, "\n".join(found)


def _documents() -> dict[str, str]:
    values = [value for value in every_kind.samples() if isinstance(value, Briefing)]
    recorded = Experiment.load(every_kind.NOTEBOOKS / "recorded_experiment.zip")
    return {"briefing": values[0].to_html(), "experiment": recorded.to_html()}


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("name", ["briefing", "experiment"])
def test_axe_finds_nothing_in_documents(browser: Browser, pictures: Path, name: str, theme: str) -> None:
    context = browser.new_context(color_scheme=theme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_content(_documents()[name])
    page.screenshot(path=pictures / f"document-{name}-{theme}.png", full_page=True)
    found = violations(page)
    page.evaluate(OPEN_ALL)
    found += violations(page)
    context.close()
    assert not found, "\n".join(found)


# Keyboard -------------------------------------------------------------------------------------------------------------

FOCUS = "document.activeElement"
RING = f"getComputedStyle({FOCUS}).outlineStyle !== 'none' && parseFloat(getComputedStyle({FOCUS}).outlineWidth) > 0"


def test_a_keyboard_reaches_and_opens_every_citation_in_reading_order(browser: Browser) -> None:
    page, _ = shown(browser, to_html(ANSWER))
    folds = page.locator("summary:visible")
    expected = [" ".join(text.split()) for text in folds.all_inner_texts()]
    assert [text for text in expected if text.startswith("[")][:2] == ["[1]", "[2]"]
    reached = []
    for _ in expected:
        page.keyboard.press("Tab")
        assert page.evaluate(f"{FOCUS}.tagName") == "SUMMARY"
        assert page.evaluate(RING), "focus cannot be seen"
        reached.append(" ".join(page.evaluate(f"{FOCUS}.innerText").split()))
    assert reached == expected
    page.evaluate(f"{FOCUS}.blur()")
    page.close()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_opens_a_citation_and_closes_it(browser: Browser, key: str) -> None:
    page, _ = shown(browser, to_html(ANSWER))
    quote = page.locator("mark").first
    page.keyboard.press("Tab")
    page.keyboard.press(key)
    quote.wait_for(state="visible")
    page.keyboard.press(key)
    quote.wait_for(state="hidden")
    page.close()


def test_every_fold_and_link_of_every_kind_can_be_reached_by_keyboard(browser: Browser) -> None:
    page, _ = shown(browser, _sections())
    page.evaluate(OPEN_ALL)
    stops = page.locator("summary, a[href]")
    assert stops.count() > 50
    assert stops.evaluate_all("all => all.filter(one => one.tabIndex !== 0).map(one => one.outerHTML)") == []
    page.close()
