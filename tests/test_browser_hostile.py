"""Hostile articles in a real browser: nothing runs, nothing is fetched, nothing around them moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import every_kind
import nbformat
import pytest
from browser import OPEN_ALL, OVERFLOW, TOO_WIDE, Watched, shown
from markdown_it import MarkdownIt

from toolkit.display import to_html, to_markdown, to_text
from toolkit.types import Briefing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of nbconvert, not of ours
]

ATTACKS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)><iframe src=//evil.example>",
    "attributes": '\' onmouseover=\'alert(1) " onfocus="alert(2)" autofocus style="position:fixed;inset:0"',
    "style": "<style>*{display:none}</style><link rel=stylesheet href=http://evil.example/x.css> expression(alert(1))",
    "links": "<a href=javascript:alert(1)>x</a> [y](javascript:alert(2)) <data:text/html,x> ![z](http://evil.example/z)",
    "closers": "</details></summary></blockquote></mark></div></td></tr></table></section></main></body></html><b>",
    "unclosed": "<div><table><tr><td><textarea><title><select><!-- <![CDATA[ <plaintext><details open><pre",
    "right to left": "\u202eevil\u202d \u2066\u2067\u2068 \u05e9\u05dc\u05d5\u05dd \u0627\u0644 \u200f",
    "dollars": "It cost $5 and $6, $$x^2$$ \\(y\\) \\[z\\] \\begin{equation}a\\end{equation} \\href{javascript:x}{y}",
    "markdown": "# h\n\n- l\n\n```\ncode\n```\n\n| a | b |\n|---|---|\n| **c** | _d_ |\n\n---\n\n> q {{x}} {%y%}",
    "zero width": "\u200b" * 500 + "\ufeff\u2060\u00ad" * 100 + "word",
    "combining": "a" + "\u0301\u0335\u20dd\u0489" * 100,
    "one long word": "a" * 3000 + " " + "漢" * 500 + " " + "https://evil.example/" + "x" * 500,
}
LONG = ("one long word", "zero width", "combining")
URLS = {
    "links": "javascript:alert(1)",
    "attributes": 'https://news.example/" onclick="alert(1)',
    "script": "data:text/html,x",
}


def _values(attack: str) -> list[Any]:
    text = ATTACKS[attack]
    return [every_kind.poisoned(value, text, URLS.get(attack)) for value in every_kind.shown_samples()]


def _sections(values: list[Any]) -> str:
    """Each value in a section, followed by a paragraph of the page's own."""
    return "".join(
        f'<section title="{place} {type(value).__name__}">{to_html(value)}</section><p class="after">After {place}.</p>'
        for place, value in enumerate(values)
    )


# Every paragraph of the page's own is below the section before it, at the page's left, and can be clicked there.
DISPLACED = """[...document.querySelectorAll('p.after')].filter(after => {
  const own = after.getBoundingClientRect(), before = after.previousElementSibling.getBoundingClientRect();
  after.scrollIntoView({block: 'center'});
  const now = after.getBoundingClientRect();
  const top = document.elementFromPoint(now.x + 5, now.y + now.height / 2);
  return after.parentElement.tagName !== 'MAIN' || own.top < before.bottom - 1 || own.left > 20 || top !== after
}).map(after => after.textContent)"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_stays_text_in_every_kind(browser: Browser, attack: str) -> None:
    values = _values(attack)
    page, watched = shown(browser, _sections(values), width=700)
    assert page.locator("section").count() == len(values)
    page.evaluate(OPEN_ALL)
    assert page.evaluate(DISPLACED) == []
    assert page.locator("script, img, svg, iframe, link[rel=stylesheet], textarea, form, base").count() == 0
    assert page.locator("section style, [onerror], [onload], [onfocus], [onclick], [onmouseover]").count() == 0
    links = page.locator("a").evaluate_all("all => all.map(one => one.protocol)")
    assert set(links) <= {"http:", "https:"}
    assert watched.deeds == []
    if attack in LONG:  # tables of many columns scroll in a notebook
        assert page.evaluate(TOO_WIDE) == []
    page.close()


def test_a_hundred_thousand_words_open_and_close(browser: Browser) -> None:
    words = " ".join(f"word{number % 97}" for number in range(100_000))
    value = every_kind.poisoned(next(one for one in every_kind.samples() if type(one).__name__ == "Article"), words)
    page, watched = shown(browser, _sections([value]), width=700)
    assert page.evaluate(DISPLACED) == []
    page.evaluate(OPEN_ALL)
    assert page.evaluate(DISPLACED) == []
    assert page.evaluate(OVERFLOW) <= 0
    assert watched.deeds == []
    page.close()


def test_hostile_text_stays_text_in_documents(browser: Browser) -> None:
    briefing = next(value for value in every_kind.samples() if isinstance(value, Briefing))
    page = browser.new_page()
    watched = Watched()
    watched.attach(page)
    for attack in ATTACKS:
        page.set_content(every_kind.poisoned(briefing, ATTACKS[attack], URLS.get(attack)).to_html())
        assert page.locator("script, img, svg, iframe, textarea, form, base").count() == 0
        assert page.locator("footer").last.is_visible()
    assert watched.deeds == []
    page.close()


def test_hostile_text_leaves_a_terminal_alone() -> None:
    for attack in ATTACKS:
        for value in _values(attack):
            said = to_text(value)
            assert not [char for char in said if ord(char) < 32 and char != "\n"]
            assert not {"\u202e", "\u202d", "\u2066", "\u2067", "\u2068"} & set(said)


# nbconvert ------------------------------------------------------------------------------------------------------------


def _notebook(values: list[Any]) -> Any:
    """Each value as a kernel sends it, and a paragraph after it."""
    made = nbformat.v4.new_notebook()
    for place, value in enumerate(values):
        data = {"text/html": to_html(value), "text/markdown": to_markdown(value), "text/plain": to_text(value)}
        output = nbformat.v4.new_output("display_data", data)
        made.cells.append(nbformat.v4.new_code_cell("value", outputs=[output], execution_count=place + 1))
        made.cells.append(nbformat.v4.new_markdown_cell(f"After {place}."))
    return made


@pytest.mark.parametrize("attack", ["script", "closers", "markdown", "links", "dollars"])
def test_it_stays_text_in_exported_markdown(attack: str) -> None:
    """nbconvert puts our HTML into Markdown, where an empty line would end it and begin Markdown of the article's."""
    from nbconvert import MarkdownExporter

    text, _ = MarkdownExporter().from_notebook_node(_notebook(_values(attack)))
    kinds, said = [], []
    for block in MarkdownIt("commonmark").parse(text):
        kinds.append(block.type)
        kinds += [token.type for token in block.children or ()]
        said.append(block.content.strip() if block.type == "inline" else "")
    count = len(every_kind.shown_samples())
    assert [one for one in said if one] == [f"After {place}." for place in range(count)]
    assert set(kinds) <= {"fence", "html_block", "paragraph_open", "paragraph_close", "inline", "text"}


def test_it_stays_text_in_an_exported_page(browser: Browser) -> None:
    from nbconvert import HTMLExporter

    page, watched = browser.new_page(), Watched()
    page.route("**/*", lambda route: route.abort())  # nbconvert's page asks a CDN for MathJax
    for attack in ("script", "closers", "dollars"):
        values = _values(attack)
        html, _ = HTMLExporter(mathjax_url="", require_js_url="").from_notebook_node(_notebook(values))
        page.on("dialog", lambda dialog: (watched.deeds.append(dialog.message), dialog.dismiss()))
        page.set_content(html)
        after = page.locator(".jp-MarkdownCell", has_text="After ")
        assert after.count() == len(values)
        assert after.evaluate_all("all => all.every(one => one.parentElement === all[0].parentElement)")
        assert page.locator(".mathjax_ignore").locator("script, img, svg, iframe").count() == 0
    assert watched.deeds == []
    page.close()
