"""Briefings: one numbering for all parts, one list of sources, and nothing of an article's but its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_display import ABSTENTION, ANSWER, EVIL, FIRST, PLAIN, check_html, hit, hostile, rendered

from toolkit import Article, Library, briefing
from toolkit.display import to_text
from toolkit.errors import ArgumentError, StoreError
from toolkit.types import AddReport, Answer, Briefing, Citation, Claim, Hits, Summary
from toolkit.types.briefing import Listing, Prose, Section, Words, numbered

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"


@pytest.fixture(scope="module")
def news() -> Iterator[Library]:
    with Library(llm=None) as library:
        library.add(SAMPLES / "2025-08-18-white-house-summit.md")
        library.watch("What did Karoline Leavitt say?")
        library.add(SAMPLES)
        yield library


@pytest.fixture(scope="module")
def document(news: Library) -> Briefing:
    return briefing(
        "# Ukraine",
        "Put together for the desk.\n\nIt has two paragraphs.",
        news.summarize("security guarantees"),
        news.ask("Which countries might send troops?"),
        news.ask("Who won the World Cup?"),
        "# Over time",
        news.timeline("security guarantees"),
        news.compare("sending troops"),
        news.changes(),
        news.verify("European officials discussed a plan with roughly 12 other countries"),
        title="Security guarantees & what they cost: $5 <b>",
    )


class Outline(HTMLParser):
    """The elements of a document in order, with what they contain; complains when they are not nested."""

    VOID = ("meta",)

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self._open else ""
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


ALLOWED = set(
    "html head meta title style body header main footer section h1 h2 h3 h4 p ul ol li a span strong cite bdi "
    "blockquote div s".split()
)


def check_document(html: str) -> Outline:
    html.encode("utf-8")
    assert html.startswith("<!doctype html>\n<html lang=")
    page = Outline(html)
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    for tag, attributes in page.elements:
        assert tag in ALLOWED, tag
        assert not [name for name in attributes if name.startswith("on")]
        assert not {"src", "srcset", "background", "style", "data"} & set(attributes)
        if tag == "a":
            target = attributes["href"] or ""
            if target.startswith("#"):
                assert target[1:] in names
            else:
                assert urlsplit(target).scheme in ("http", "https")
        if tag == "meta":
            assert attributes.get("http-equiv") in (None, "Content-Security-Policy")
    (style,) = page.texts["style"]
    assert not re.search(r"url\(|@import|expression|https?:", style)
    return page


# -- numbers ---------------------------------------------------------------------------------------------------------


def test_the_same_span_has_the_same_number_in_every_part(document: Briefing) -> None:
    assert [citation.marker for citation in document.citations] == list(range(1, len(document.citations) + 1))
    places = [(citation.span, citation.quote) for citation in document.citations]
    assert len(places) == len(set(places))
    listed = set(document.citations)
    for claim in document.claims:
        assert set(claim.citations) <= listed
    used = [citation.marker for claim in document.claims for citation in claim.citations]
    assert used[0] == 1
    for citation in document.citations:
        assert citation.article.text[citation.span.start : citation.span.end] == citation.quote


def test_parts_keep_what_they_cite(news: Library) -> None:
    one, other = news.ask("What did Karoline Leavitt say?"), news.ask("Which countries might send troops?")
    made = briefing(other, one, other)
    quotes = [[citation.quote for citation in claim.citations] for claim in made.claims]
    assert quotes == [[c.quote for c in claim.citations] for part in (other, one, other) for claim in part.claims]
    assert made.sections[0].claims == made.sections[2].claims
    assert other.citations[0].marker == 1  # the parts are as they were


def test_a_changed_article_is_two_sources() -> None:
    before = Article(id="a", text="Nine came. Ten left.")
    after = replace(before, text="Nice day. Ten left.")
    cited = [Citation(marker=1, span=a.span(0, 10), quote=a.text[:10], article=a) for a in (before, after)]
    claims = [Claim(text=c.quote, verdict="quoted", score=1.0, citations=(c,)) for c in cited]
    made = briefing(*claims)
    assert [citation.quote for citation in made.citations] == ["Nine came.", "Nice day. "]
    assert [citation.marker for citation in made.citations] == [1, 2]


ARTICLE = Article(id="t", text="abcdefghijklmnopqrstuvwxyz")
SPANS = st.tuples(st.integers(0, 24), st.integers(1, 6)).map(lambda at: ARTICLE.span(at[0], min(26, sum(at))))


@given(st.lists(st.lists(st.lists(st.tuples(SPANS, st.integers(1, 50)), max_size=4), max_size=4), max_size=5))
@settings(max_examples=150, deadline=None)
def test_numbering_is_by_first_use_whatever_the_numbers_were(parts: list[list[list[tuple[object, int]]]]) -> None:
    sections = []
    for part in parts:
        claims = []
        for cited in part:
            citations = tuple(
                Citation(marker=n, span=s, quote=ARTICLE.text[s.start : s.end], article=ARTICLE)  # type: ignore[attr-defined]
                for s, n in cited
            )
            claims.append(Claim(text="x", verdict="supported", score=1.0, citations=citations))
        sections.append(Section(blocks=(Prose(claims=tuple(claims)),)))
    done, citations = numbered(sections)
    seen = [c.marker for section in done for claim in section.claims for c in claim.citations]
    assert list(dict.fromkeys(seen)) == list(range(1, len(citations) + 1))
    before = [{(c.span, c.quote) for c in claim.citations} for section in sections for claim in section.claims]
    after = [{(c.span, c.quote) for c in claim.citations} for section in done for claim in section.claims]
    assert before == after
    assert numbered(done) == (done, citations)


# -- what stands in it -----------------------------------------------------------------------------------------------


def test_every_part_is_there_in_every_form(document: Briefing) -> None:
    headings = [section.heading for section in document.sections if section.heading]
    assert headings[:6] == [
        "Ukraine",
        "Summary: security guarantees",
        "Which countries might send troops?",
        "Who won the World Cup?",
        "Over time",
        "Timeline: security guarantees",
    ]
    page = check_document(document.to_html())
    assert page.texts["h1"] == [document.title]
    assert page.texts["title"] == [document.title]
    assert page.texts["h2"] == ["Ukraine", "Over time", "Sources"]
    text, kinds, targets = rendered(document.to_markdown())
    plain = " ".join(to_text(document).split())
    for shown in (page.text, text, plain):
        for said in ("It has two paragraphs.", "Not in your articles", "roughly 10 other countries", "18 Aug 2025"):
            assert said in " ".join(shown.split())
        assert "contradicted" in shown
        assert "about eight other countries" in " ".join(shown.split())
    assert kinds.count("heading_open") >= 10
    assert {urlsplit(target).scheme for target in targets} == {"https"}
    for citation in document.citations:
        assert page.texts["blockquote"][citation.marker - 1] == citation.quote


def test_numbers_lead_to_sources_and_back(document: Briefing) -> None:
    page = check_document(document.to_html())
    uses = [a["href"] for tag, a in page.elements if tag == "a" and a.get("class") == "cite"]
    backs = [a["href"] for tag, a in page.elements if tag == "a" and a.get("class") == "back"]
    assert set(uses) == {f"#s{citation.marker}" for citation in document.citations}
    assert len(backs) == len(uses)


def test_doubtful_sentences_and_abstentions_stay_marked() -> None:
    made = briefing(ANSWER, ABSTENTION)
    html, markdown = made.to_html(), made.to_markdown()
    assert '<span class="verdict contradicted">contradicted</span>' in html
    assert "<s>Italy leads the fleet.</s>" in html
    assert "number: claim 200, source 2,000" in html
    assert "**(contradicted; number: claim 200, source 2,000)**" in markdown
    assert "~~Italy leads the fleet.~~" in markdown
    for shown in (html, markdown, to_text(made)):
        assert "Not in your articles" in shown
        assert "no passage names Portugal" in shown
        assert "some-model" in shown
        assert "ask/plain" in shown
        assert "3 sentences: 1 quoted, 1 contradicted, 1 unsupported" in shown.replace("\n", " ")


def test_copies_of_one_text_are_one_source_in_a_briefing_too() -> None:
    """The answer knows that two of its three publishers print one agency's text; the document must not forget it."""
    articles = [replace(PLAIN, id=name, publisher=name) for name in ("One", "Two", "Three")]
    cited = [
        Citation(marker=n, span=replace(FIRST.span, article_id=a.id), quote=FIRST.quote, article=a)
        for n, a in enumerate(articles, 1)
    ]
    hits = tuple(replace(hit(one), group=None if one.id == "Three" else "g") for one in articles)
    claim = Claim(text=FIRST.quote, verdict="quoted", score=1.0, citations=tuple(cited))
    made = briefing(Answer(question="Who?", answered=True, claims=(claim,), citations=tuple(cited), hits=hits))
    assert made.independent == 2
    said = "3 articles from 3 publishers, 2 independent sources"
    assert check_html(made._repr_html_()).text.count(said) == 3  # by the answer, its sources, and the document
    assert said in made.to_html()
    assert said in made.to_markdown()
    assert said in " ".join(to_text(made).split())


def test_copies_among_hits_are_one_source_in_a_briefing_too() -> None:
    """Search knows of copies what an answer knows; as parts of a document hits must not forget it either."""
    hits = [
        replace(hit(replace(PLAIN, id=name, publisher=name)), group=None if name == "Three" else "g")
        for name in ("One", "Two", "Three")
    ]
    for made in (briefing(Hits(hits)), briefing(*hits)):
        assert made.independent == 2
        assert "3 articles from 3 publishers, 2 independent sources" in made.to_html()


def test_other_values_can_be_parts() -> None:
    claim = ANSWER.claims[1]
    made = briefing(FIRST, claim, Hits((hit(PLAIN),)), hit(PLAIN), PLAIN, AddReport(added=3), [claim, (claim,)])
    assert len(made.citations) == 3
    for shown in (made.to_html(), made.to_markdown(), to_text(made), made._repr_html_()):
        assert "3 added" in shown
    check_html(made._repr_html_())
    nested = briefing("# Yesterday", briefing(ANSWER, title="Morning"), ANSWER)
    assert nested.citations == briefing(ANSWER).citations
    assert "Morning" in [section.heading for section in nested.sections]


@pytest.mark.parametrize("parts", [(), ("",), ("  \n\n ",), (3,), ({"a": 1},), (None,), (b"x",)])
def test_what_is_no_part(parts: tuple[object, ...]) -> None:
    with pytest.raises(ArgumentError, match="briefing"):
        briefing(*parts)


@pytest.mark.parametrize("options", [{"title": " "}, {"title": 3}, {"language": 'en"><script>'}, {"language": ""}])
def test_bad_options(options: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        briefing("x", **options)  # type: ignore[arg-type]


def test_the_stable_form(document: Briefing) -> None:
    told = json.loads(document.to_json())
    assert (told["title"], told["language"]) == (document.title, "en")
    assert [c["marker"] for c in told["citations"]] == list(range(1, len(document.citations) + 1))
    listings = [block for section in document.sections for block in section.blocks if isinstance(block, Listing)]
    assert sum("entries" in block for section in told["sections"] for block in section["blocks"]) == len(listings)


# -- files -----------------------------------------------------------------------------------------------------------


def test_saved_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = briefing(ANSWER, path=tmp_path / "b.html")
    assert (tmp_path / "b.html").read_text("utf-8") == made.to_html()
    assert made.save(tmp_path / "b.MD").read_text("utf-8") == made.to_markdown()
    assert made.save(tmp_path / "b.txt").read_text("utf-8") == to_text(made) + "\n"
    assert json.loads(made.save(tmp_path / "b.json").read_text("utf-8"))["title"] == "Briefing"
    (tmp_path / "b.html").write_text("old", "utf-8")

    def full(self: Path, target: object) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(StoreError, match="No space left"):
            made.save(tmp_path / "b.html")
    assert (tmp_path / "b.html").read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.MD", "b.html", "b.json", "b.txt"]
    with pytest.raises(StoreError, match="cannot be written"):
        made.save(tmp_path / "nowhere" / "b.html")
    for name in ("b.pdf", "b", ".html"):
        with pytest.raises(ArgumentError, match="name of a document"):
            made.save(tmp_path / name)


# -- hostile ---------------------------------------------------------------------------------------------------------

HOSTILE = (
    EVIL,
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe\u2066 # heading\n\n# another",
    "<div><b unclosed",
    "$$x$$ \\(y\\) | a | b |\n|---|---|",
    "</style><style>@import 'http://evil.example'",
    "]]> <!-- --> <?php",
)


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_text_stays_text_everywhere(evil: str) -> None:
    values = [value for value in hostile(evil) if not isinstance(value, AddReport)]
    made = briefing(evil, *values, title=evil)
    page = check_document(made.to_html())
    assert not [1 for tag, a in page.elements if tag == "a" and not (a["href"] or "").startswith("#")]
    assert "\u202e" not in page.text
    check_html(made._repr_html_())
    markdown = made.to_markdown()
    _, kinds, targets = rendered(markdown)
    assert targets == []
    allowed = ('html_block:<div class="tex2jax_ignore mathjax_ignore">', "html_block:</div>")
    assert not [kind for kind in kinds if kind.startswith("html") and kind not in allowed]
    assert not re.search(r"(?<!\\)\$", markdown)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", markdown + to_text(made))


def test_javascript_links_are_no_links() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", "https://bank.com@evil.example", " http://a b"):
        source = Article(text="It was said.", url=url)
        cited = Citation(marker=1, span=source.span(0, 12), quote=source.text, article=source)
        page = check_document(briefing(cited).to_html())
        assert not [a for tag, a in page.elements if tag == "a" and not (a["href"] or "").startswith("#")]


@given(st.text(min_size=1, max_size=60).filter(str.strip))
@settings(max_examples=80, deadline=None)
def test_any_title_and_any_words(words: str) -> None:
    source = Article(text=f"So: {words}.", title=words, publisher=words, url=f"https://a.example/{words}")
    cited = Citation(marker=1, span=source.span(0, len(source.text)), quote=source.text, article=source)
    claim = Claim(text=words, verdict="partly", score=0.4, citations=(cited,))
    answer = Answer(question=words, answered=True, claims=(claim,), citations=(cited,))
    summary = Summary(style="brief", query=words, answered=False, reason=words)
    made = briefing(answer, summary, title=words)
    check_document(made.to_html())
    check_html(made._repr_html_())
    to_text(made).encode("utf-8")
    made.to_markdown().encode("utf-8")


# -- in a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 700, 360])
def test_it_fits_and_its_numbers_work(
    browser: Browser, document: Briefing, tmp_path: Path, scheme: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    file = document.save(tmp_path / "b.html")
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 22, 21)"}[scheme]
    last = f"#s{document.citations[-1].marker}"
    page.locator(f'a.cite[href="{last}"]').first.click()
    assert page.url.endswith(last)
    assert page.locator(last).is_visible()
    page.locator(f"{last} a.back").first.click()
    assert page.url.endswith(f"#r{document.citations[-1].marker}-1")
    assert {url.partition("#")[0] for url in asked} == {file.as_uri()}
    page.close()


@pytest.mark.slow
def test_hostile_text_runs_nothing_and_fetches_nothing(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    evil = " ".join(HOSTILE)
    file = briefing(evil, *hostile(evil)[:5], title=evil).save(tmp_path / "b.html")
    page.goto(file.as_uri())
    assert page.locator("script, img, svg, iframe, link").count() == 0
    assert page.locator("style").count() == 1
    assert asked == [file.as_uri()]
    page.close()


@pytest.mark.parametrize(
    ("text", "heading", "paragraphs"),
    [
        ("# Ukraine\nPut together for the desk.", "Ukraine", ["Put together for the desk."]),
        ("###  Two   words ", "Two words", []),
        ("#MeToo is trending.", "", ["#MeToo is trending."]),
        ("Who says what", "", ["Who says what"]),
        ("##", "", ["##"]),
    ],
)
def test_what_is_a_heading(text: str, heading: str, paragraphs: list[str]) -> None:
    made = briefing(text).sections
    assert "".join(section.heading for section in made) == heading
    words = [block for section in made for block in section.blocks]
    assert [block.text for block in words if isinstance(block, Words)] == paragraphs
