"""Every kind of value with hostile text in every field: some of the inputs of ``benchmarks/fuzz_display.py``."""

from __future__ import annotations

import random

import fuzz_display
import pytest

from toolkit import Article, verify
from toolkit.types import Citation

ACTING = "\x1b[2J\x1b]8;;http://evil.example\x07x\x9b31m\u202e\r\x08"


@pytest.mark.slow
def test_nothing_gets_past_its_form():
    kinds = {fuzz_display.check(fuzz_display.make(random.Random(f"7/{number}"))) for number in range(250)}
    assert len(kinds) > 25


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", [ACTING, "\ud800", "\udc80 x", "![x](http://evil.example/?q=secret)", "[x](http://evil.example)"]
)
def test_what_once_was_let_through_is_let_through_nowhere(text):
    for place in range(len(fuzz_display.values())):
        fuzz_display.check({"value": [place], "text": [text], "url": [None]})


def test_values_print_nothing_that_acts_on_a_terminal():
    """Citations and articles once printed escape sequences as they were: a notebook shows text, a terminal obeys it."""
    article = Article(text=f"Poland {ACTING} sent troops.", title=ACTING, publisher=ACTING, author=ACTING, url=ACTING)
    span = article.span(0, len(article.text))
    citation = Citation(marker=1, span=span, quote=article.text, article=article)
    for value in (article, citation, [citation], verify("Poland sent troops", article)):
        assert not fuzz_display.ACTING.search(repr(value)), type(value)
        assert not fuzz_display.ACTING.search(str(value)), type(value)


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<script>", "not ours"),
        ("<div onclick=\"x\"></div>", "attribute"),
        ("<div style='x'></div>", "not ours"),
        ("<div style=\"background: url(x)\"></div>", "style"),
        ("<a href=\"javascript:x\">x</a>", "href"),
        ("<a href=\"https://a@b.c/\">x</a>", "href"),
        ("<div><p></div></p>", "order"),
        ("<div>", "open"),
        ("<img src=\"x\">", "not ours"),
        ("a < b", "not ours"),
        ("a > b", "stray"),
    ],
)  # fmt: skip
def test_the_check_sees_what_is_wrong(html, fault):
    with pytest.raises(AssertionError, match=fault):
        fuzz_display.well_formed(html, fuzz_display.TAGS, fuzz_display.ATTRIBUTES)
