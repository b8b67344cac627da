"""A click on a citation's number opens its quote, in a real browser, on light and on dark pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import PAGES
from every_kind import answer_citing
from test_display import ABSTENTION, ANSWER, FIRST, PLAIN, hit, hostile

from toolkit.display import to_html
from toolkit.types import Hits

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


def show(browser: Browser, html: str, theme: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 700})
    page.set_content(f'<!doctype html><meta charset="utf-8"><body style="{PAGES[theme]}">{html}')
    return page


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("width", [1280, 700])
def test_click_on_a_number_opens_the_quote(browser: Browser, pictures: Path, theme: str, width: int) -> None:
    everything = to_html(ANSWER) + to_html(ABSTENTION) + to_html(Hits((hit(PLAIN),)))
    page = show(browser, everything, theme, width)
    quotes = page.locator("mark", has_text=FIRST.quote)
    assert [quote.is_visible() for quote in quotes.all()] == [False, False]
    first, second = page.locator("summary", has_text="[1]").all()
    same_line = page.locator("summary", has_text="[2]").first.bounding_box()
    assert first.bounding_box()["y"] < same_line["y"] + same_line["height"]  # type: ignore[index]
    first.click()
    quotes.first.wait_for(state="visible")
    assert not quotes.nth(1).is_visible()
    second.click()
    quotes.nth(1).wait_for(state="visible")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=pictures / f"answer-{theme}-{width}.png", full_page=True)
    page.close()


def test_claims_flow_as_one_paragraph_until_a_quote_is_opened(browser: Browser) -> None:
    page = show(browser, to_html(ANSWER), "light", 1280)
    number = page.locator("summary", has_text="[1]").first.bounding_box()
    claim = page.get_by_text("France will send 200 troops.").bounding_box()
    assert number is not None
    assert claim is not None
    assert claim["y"] < number["y"] + number["height"]  # the next claim starts on the line of the number before it
    page.close()


def test_no_number_begins_a_line(browser: Browser) -> None:
    """There it would seem to be of the sentence behind it. Opened, a quote is as wide as the answer and no wider."""
    page = show(browser, to_html(ANSWER) + to_html(answer_citing(12)), "light", 1280)
    found = page.evaluate(
        """() => {
            const begins = [], wide = [], numbers = [...document.querySelectorAll("details.citebook-number")];
            for (let width = 240; width < 900; width += 7) {
                document.body.style.width = width + "px";
                for (const one of numbers) {
                    const left = one.getBoundingClientRect().left - document.body.getBoundingClientRect().left;
                    if (left < 4) begins.push(width);
                }
                numbers[0].open = true;
                const block = numbers[0].closest(".mathjax_ignore").getBoundingClientRect();
                if (numbers[0].getBoundingClientRect().right > block.right + 1) wide.push(width);
                numbers[0].open = false;
            }
            return [numbers.length, begins, wide];
        }"""
    )
    assert found == [14, [], []]
    page.close()


def test_hostile_articles_run_nothing_and_fetch_nothing(browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.set_content("<!doctype html>" + "".join(map(to_html, hostile())))
    for fold in page.locator("details").all():
        fold.evaluate("element => element.open = true")
    assert page.locator("script, img, svg, style, iframe").count() == 0
    assert asked == []
    page.close()
