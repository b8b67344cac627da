from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.display import shared, to_html, to_markdown, to_text
from toolkit.display.text import wrap
from toolkit.errors import ArgumentError
from toolkit.types import (
    AddReport,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Failure,
    Hit,
    Hits,
    Opinion,
    Passage,
    PromptRef,
    Summary,
    Usage,
)

ELEMENTS = {
    *("a", "bdi", "blockquote", "cite", "details", "div", "li", "mark", "s", "small", "span", "strong", "summary"),
    *("sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "wbr"),
}
ATTRIBUTES = {"class", "style", "title", "href", "rel", "target", "open", "scope"}
VOID_OF_ACTION = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Values that JupyterLab's sanitizer would drop, and with them what they were meant to do.
DROPPED_STYLE = re.compile(r"currentcolor|var\(|calc\(|url\(|expression|\bgap\b|flex|!important", re.IGNORECASE)

EVIL = (
    "<script>alert(1)</script> \"><img src=x onerror=alert(2)> ' onmouseover='x $x^2$ and $5 \\(y\\) \\begin{z} "
    "](http://evil.example) ![i](http://evil.example/p.png) [ref]: http://evil.example `code` **b** _e_ ~~s~~ | pipe "
    "http://bare.example www.bare.example a@evil.example @@0@@ &lt;b&gt; <!-- c --> \x1b[31mred\x1b]0;title\x07 \x9b2J "
    "\u202edesrever\u2066 \x00 \ud800 \U0001f9d1‍\U0001f680 end"
)


def article(text: str, **known: object) -> Article:
    return Article(text=text, **{"title": "A title", "url": "https://news.example/a?b=1&c=$2", **known})  # type: ignore[arg-type]


def citation(marker: int, source: Article, quote: str) -> Citation:
    start = source.text.index(quote)
    return Citation(marker=marker, span=source.span(start, start + len(quote)), quote=quote, article=source)


def hit(source: Article, score: float = 1.5) -> Hit:
    span = source.span(0, len(source.text))
    return Hit(passage=Passage(span=span, text=source.text, sentences=(span,)), score=score, article=source)


TEXT = (
    "Ministers met in Paris on Monday. France will send 2,000 troops, at a cost of $2.4 billion. "
    "The plan names 10 other countries. Germany said it will not send troops."
)
PLAIN = article(TEXT, publisher="Example Wire", published=datetime(2025, 8, 19, tzinfo=UTC))
FIRST = citation(1, PLAIN, "The plan names 10 other countries.")
SECOND = citation(2, PLAIN, "France will send 2,000 troops, at a cost of $2.4 billion.")
CLAIMS = (
    Claim(text=FIRST.quote, verdict="quoted", score=1.0, citations=(FIRST,)),
    Claim(
        text="France will send 200 troops.",
        verdict="contradicted",
        score=0.6,
        citations=(SECOND,),
        differences=(Difference(kind="number", claim="200", source="2,000"),),
    ),
    Claim(text="Italy leads the fleet.", verdict="unsupported", score=0.1),
)
ANSWER = Answer(
    question="Who?",
    answered=True,
    claims=CLAIMS,
    citations=(FIRST, SECOND),
    hits=(hit(PLAIN),),
    prompt=PromptRef(name="ask/plain", version="3", hash="0" * 12),
    model="some-model",
    usage=Usage(prompt_tokens=1200, completion_tokens=40, cost_usd=0.00042),
    seconds=1.25,
)
ABSTENTION = Answer(
    question="Who?", answered=False, reason="no passage names Portugal", hits=(hit(PLAIN),) * 5, seconds=0.04
)


def hostile(text: str = EVIL, url: str | None = "javascript:alert(1)") -> list[object]:
    """One value of each kind, with ``text`` in every place that text can stand."""
    body = f"Before {text}. Quoted {text} here. After {text}."
    source = article(body, title=text, publisher=text, author=text, language=text, url=url)
    cited = citation(1, source, f"Quoted {text} here.")
    differs = (Difference(kind=text, claim=text, source=text),)
    verdicts = ("quoted", "supported", "partly", "contradicted", "unsupported")
    claims = tuple(Claim(text=text, verdict=v, score=0.5, citations=(cited,), differences=differs) for v in verdicts)
    prompt = PromptRef(name=text, version=text, hash="0")
    answer = Answer(
        question=text, answered=True, claims=claims, citations=(cited,), prompt=prompt, model=text, hits=(hit(source),)
    )
    nothing = Answer(question=text, answered=False, reason=text, hits=(hit(source),))
    summary = Summary(style=text, query=text, answered=True, claims=claims, citations=(cited,))
    report = AddReport(added=1, failed=(Failure(source=text, reason=text),) * 7)
    return [answer, nothing, summary, claims[3], cited, hit(source), Hits((hit(source),)), report, source]


class Page(HTMLParser):
    """What a browser would see: elements, attributes, text; complains when elements are not properly nested."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "wbr":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def check_html(html: str) -> Page:
    html.encode("utf-8")
    assert not VOID_OF_ACTION.search(html)
    page = Page(html)
    tag, attributes = page.elements[0]
    assert (tag, attributes["class"]) == ("div", "tex2jax_ignore mathjax_ignore")
    for tag, attributes in page.elements:
        assert tag in ELEMENTS
        assert set(attributes) <= ATTRIBUTES
        assert not DROPPED_STYLE.search(attributes.get("style") or "")
        if tag == "a":
            assert urlsplit(attributes["href"] or "").scheme in ("http", "https")
            assert (attributes["rel"], attributes["target"]) == ("noopener noreferrer", "_blank")
    return page


# ---------------------------------------------------------------- hostile articles


@pytest.mark.parametrize("value", hostile(), ids=lambda value: type(value).__name__)
def test_hostile_article_stays_text_in_html(value: object) -> None:
    page = check_html(to_html(value))
    assert "<script>alert(1)</script>" in page.text
    assert not [tag for tag, _ in page.elements if tag == "a"]


@pytest.mark.parametrize("value", hostile(), ids=lambda value: type(value).__name__)
def test_hostile_article_stays_text_in_a_terminal(value: object) -> None:
    text = to_text(value)
    text.encode("utf-8")
    assert not VOID_OF_ACTION.search(text)
    assert "␛[31mred" in " ".join(text.split())


def rendered(markdown: str) -> tuple[str, list[str], list[str]]:
    """Visible text, kinds of tokens and link targets, by a CommonMark parser with GitHub's extensions."""
    markdown_it = pytest.importorskip("markdown_it")
    parser = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    text, kinds, targets = "", [], []
    for block in parser.parse(markdown):
        kinds.append(f"{block.type}:{block.content.strip()}" if block.type == "html_block" else block.type)
        for token in block.children or ():
            kinds.append(token.type)
            text += token.content if token.type in ("text", "code_inline", "html_inline") else ""
            if token.type == "link_open":
                targets.append(token.attrs["href"])
        text += "\n"
    return text, kinds, targets


OWN_HTML = {'html_block:<div class="tex2jax_ignore mathjax_ignore">', "html_block:</div>"}
OWN_MARKS = re.compile(
    r"(paragraph|blockquote|inline|strong|em|s|link|table|thead|tbody|tr|th|td|bullet_list|list_item)(_open|_close)?|text"
)


def check_markdown(markdown: str) -> tuple[str, list[str]]:
    markdown.encode("utf-8")
    assert not VOID_OF_ACTION.search(markdown)
    assert not re.search(r"@@\d+@@", markdown)  # JupyterLab's placeholder for math
    assert not re.search(r"(?<!\\)\$", markdown)
    text, kinds, targets = rendered(markdown)
    for kind in kinds:
        assert kind in OWN_HTML or OWN_MARKS.fullmatch(kind), kind
    assert {kind for kind in kinds if kind.startswith("html")} in (set(), OWN_HTML)
    if "$" in text or "\\" in text:  # JupyterLab typesets the rendered page, where escapes are gone
        assert kinds[0] == 'html_block:<div class="tex2jax_ignore mathjax_ignore">'
    return text, targets


@pytest.mark.parametrize("value", hostile(), ids=lambda value: type(value).__name__)
def test_hostile_article_stays_text_in_markdown(value: object) -> None:
    text, targets = check_markdown(to_markdown(value))
    assert "<script>alert(1)</script>" in text
    assert targets == []


@given(st.text(st.characters(), min_size=1, max_size=60))
def test_any_text_comes_back_from_html(text: str) -> None:
    for value in hostile(text):
        page = check_html(to_html(value))
        if isinstance(value, Answer):
            assert shared.one_line(text) in page.text
    source = article(f"a {text} b")
    quoted = to_html(citation(1, source, source.text))
    assert shared.visible(source.text) in Page(quoted).text


@given(st.text(st.characters(), min_size=1, max_size=60))
def test_any_text_comes_back_from_markdown(text: str) -> None:
    for value in hostile(text):
        said, targets = check_markdown(to_markdown(value))
        assert not targets
        if isinstance(value, Answer):
            assert shared.one_line(text) in said


@given(
    st.lists(
        st.sampled_from("# - + = : % 1. 2) > ``` ~~~ --- === *** | [x] ! & $ \\ @ http://e.x www.e.x a".split()),
        min_size=1,
    )
)
def test_markup_stays_text_in_markdown(words: list[str]) -> None:
    text = " ".join(words)
    said, _ = check_markdown(to_markdown(Claim(text=text, verdict="quoted", score=1.0)))
    assert said.strip() == f"{text} (quoted)"


@given(st.text(st.characters(), max_size=200))
def test_any_text_is_harmless_in_a_terminal(text: str) -> None:
    for value in hostile(text or "x"):
        assert not VOID_OF_ACTION.search(to_text(value))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/x",
        "http:evil",
        "https://",
        "http://[bad",
        "https://bank.example@evil.example/",
        "https://evil.example\\@bank.example/",
        "java\nscript:alert(1)",
        "https://a.example/\u202egpj.exe",
        "https://a.example/\ud800",
        " https://a.example",
    ],
)
def test_only_plain_web_addresses_are_links(url: str) -> None:
    source = article(TEXT, url=url)
    assert "<a " not in to_html(source)
    assert check_markdown(to_markdown(source))[1] == []


def test_web_addresses_are_links_everywhere() -> None:
    page = check_html(to_html(FIRST))
    assert [attributes["href"] for tag, attributes in page.elements if tag == "a"] == [PLAIN.url]
    assert check_markdown(to_markdown(FIRST))[1] == ["https://news.example/a?b=1&c=%242"]
    assert PLAIN.url in to_text(FIRST)
    quotes = article(TEXT, url='https://news.example/"><script>')
    assert 'href="https://news.example/%22%3E%3Cscript%3E"' in to_html(quotes)


# ---------------------------------------------------------------- answers


def test_answer_as_text() -> None:
    assert to_text(ANSWER) == (
        "The plan names 10 other countries. [1] France will send 200 troops.\n"
        "(contradicted; number: claim 200, source 2,000) [2] Italy leads the fleet.\n"
        "(unsupported)\n"
        "\n"
        "[1] A title — Example Wire, 2025-08-19\n"
        "    “The plan names 10 other countries.”\n"
        "    https://news.example/a?b=1&c=$2\n"
        "[2] A title — Example Wire, 2025-08-19\n"
        "    “France will send 2,000 troops, at a cost of $2.4 billion.”\n"
        "    https://news.example/a?b=1&c=$2\n"
        "some-model · ask/plain@3 · 1.25 s · 1,200 + 40 tokens · $0.00042 · cites 1\n"
        "article from 1 publisher"
    )
    assert repr(ANSWER) == to_text(ANSWER)


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [
        ("200", "2,000", "number: claim 200, source 2,000"),
        ("", "not send", "number: only the source says “not send”"),
        ("not send", "", "number: only the claim says “not send”"),
        ("", "", "number"),
    ],
)
def test_a_side_without_words_is_not_shown_as_one(ours: str, theirs: str, shown: str) -> None:
    assert shared.difference(Difference(kind="number", claim=ours, source=theirs)) == shown
    claim = Claim(
        text="It is so.",
        verdict="partly",
        score=0.4,
        differences=(Difference(kind="number", claim=ours, source=theirs),),
    )
    assert f"(partly; {shown})" in " ".join(to_text(claim).split())
    assert shown in check_html(to_html(claim)).text


HEADED = "The mine closed in 1998.\n\n## What was not settled\n\n- how large\n- how long\n\nNobody said."


def test_the_headings_and_lists_of_a_passage_are_neither_in_a_refusal() -> None:
    nothing = Answer(question="Who?", answered=False, reason="no passage names Portugal", hits=(hit(article(HEADED)),))
    said = "The mine closed in 1998. What was not settled — how large — how long — Nobody said."
    text, _ = check_markdown(to_markdown(nothing))
    assert said in text
    assert said in " ".join(to_text(nothing).split())


@pytest.mark.parametrize(
    ("text", "tied"),
    [
        ("France will send 200 troops.", "troops."),
        ("Troops.", "Troops."),
        ("Troops " + "x" * 40, None),  # half a line would stay empty
        ("الوزير وصل إلى باريس", None),  # a block in the line would take the word out of its order
        ('France <b> sends "R&D"', "&quot;R&amp;D&quot;"),
    ],
)
def test_numbers_are_kept_with_the_last_word(text: str, tied: str | None) -> None:
    claim = Claim(text=text, verdict="supported", score=0.9, citations=(FIRST, SECOND))
    html = to_html(claim)
    kept = re.search(r'<span style="display: inline-block[^>]*>([^<]*)\u00a0<small', html)
    assert (kept and kept[1]) == tied
    assert check_html(html).text.startswith(f"{text}\u00a0supported [1]")


def test_answer_in_html_says_every_verdict_and_opens_every_quote() -> None:
    html = to_html(ANSWER)
    page = check_html(html)
    for word in ("quoted", "contradicted", "unsupported", "number: claim 200, source 2,000"):
        assert word in page.text
    assert re.search(r"<s [^>]*>Italy leads the fleet\.</s>", html)
    marks = re.findall(r"<mark[^>]*>(.*?)</mark>", html)
    assert marks.count(FIRST.quote) == 2  # beside the claim and in the list of sources
    assert "some-model · ask/plain@3 · 1.25 s · 1,200 + 40 tokens · $0.00042" in page.text
    assert "Sources — 1 article from 1 publisher" in page.text
    assert re.search(r"<span [^>]*>200</span> <span [^>]*>troops", html)  # what differs stands out in the claim
    assert re.search(r"<mark [^>]*>France will send <span [^>]*>2,000</span> troops", html)  # and in the quote


def test_answer_in_markdown_numbers_its_sources() -> None:
    text, targets = check_markdown(to_markdown(ANSWER))
    assert "The plan names 10 other countries. [1] France will send 200 troops. (contradicted; number:" in text
    assert "[2] A title — Example Wire, 2025-08-19, news.example" in text
    assert len(targets) == 2


def test_abstention_says_so_and_shows_the_three_closest() -> None:
    assert to_text(ABSTENTION).startswith("Not in your articles: no passage names Portugal\nClosest:\n  - A title")
    assert to_text(ABSTENTION).count("  - A title") == 3
    html = to_html(ABSTENTION)
    assert "Not in your articles" in html
    assert html.count("<blockquote") == 3
    assert html.index("<details") < html.index("<blockquote")
    assert to_markdown(ABSTENTION).count("\n> ") == 3
    assert "Closest" not in to_text(Answer(question="?", answered=False, reason="the library is empty"))


def test_extractive_footer_names_no_prompt_and_no_tokens() -> None:
    made = Summary(style="brief", answered=True, prompt=ANSWER.prompt, seconds=0.04)
    assert to_text(made).splitlines()[-1] == "extractive · 0.04 s"
    unknown = Answer(question="?", answered=True, model="m", usage=Usage(prompt_tokens=5, cost_usd=None))
    assert shared.footer(unknown) == ("m", "0.00 s", "5 + 0 tokens")


# ---------------------------------------------------------------- surroundings


def test_surroundings_are_cut_between_sentences() -> None:
    source = article("".join(f"Sentence number {n} is here. " for n in range(100)))
    around = shared.surroundings(citation(1, source, "Sentence number 50 is here."))
    assert around.before.startswith("Sentence number")
    assert around.after.endswith("is here.")
    assert around.cut_before
    assert around.cut_after
    assert 200 < len(around.before) <= 300
    assert 200 < len(around.after) <= 300


def test_surroundings_of_the_whole_article_are_not_cut() -> None:
    around = shared.surroundings(citation(1, PLAIN, TEXT))
    assert (around.before, around.after, around.cut_before, around.cut_after) == ("", "", False, False)


@given(st.text(max_size=900), st.text(min_size=1, max_size=40), st.text(max_size=900))
def test_surroundings_are_the_articles_own_text(before: str, quote: str, after: str) -> None:
    source = article(before + quote + after)
    span = source.span(len(before), len(before) + len(quote))
    around = shared.surroundings(Citation(marker=1, span=span, quote=quote, article=source))
    assert before.endswith(around.before)
    assert after.startswith(around.after)
    assert around.quote == quote
    assert len(around.before) <= shared.REACH
    assert around.cut_before == bool(before[: len(before) - len(around.before)].strip())
    assert around.cut_after == bool(after[len(around.after) :].strip())


# ---------------------------------------------------------------- the other values


def test_hits_are_a_table_with_long_passages_folded() -> None:
    long = article("A sentence. " * 60, title="Long one")
    page = check_html(to_html(Hits((hit(PLAIN, 1.93), hit(long, 0.5)))))
    assert [tag for tag, _ in page.elements].count("tr") == 3
    assert [tag for tag, _ in page.elements].count("details") == 1
    assert "1.930" in page.text
    assert to_html([hit(PLAIN)]) == to_html(Hits((hit(PLAIN),)))
    assert to_text(Hits(())) == "No hits."
    assert to_text(Hits((hit(PLAIN),))).startswith("1.500  A title — Example Wire, 2025-08-19\n       Ministers met")
    assert to_markdown(Hits((hit(PLAIN),))).count("| ") >= 10


def test_add_report_counts_and_lists_what_failed() -> None:
    report = AddReport(added=1204, duplicates=1, failed=(Failure(source="a.pdf", reason="not a PDF"),), seconds=12.3)
    assert to_text(report) == "1,204 added, 1 duplicate, 1 failed · 12.3 s\n  - a.pdf: not a PDF"
    assert re.search(r"1 not a PDF\s*a\.pdf", check_html(to_html(report)).text)
    many = AddReport(failed=report.failed * 30)
    assert to_text(many).splitlines()[-1] == "  … and 10 more in .failed"
    assert to_html(many).count("<details") == 1  # one reason, and what failed for it
    assert 'open=""' in to_html(report)
    assert 'open=""' not in to_html(many)


def test_article_shows_what_is_known_and_folds_its_long_text() -> None:
    html = to_html(PLAIN)
    page = check_html(html)
    assert "Example Wire, 2025-08-19" in page.text
    assert "<details" not in html
    assert TEXT in page.text
    assert TEXT.split(". ", maxsplit=1)[0] in to_text(PLAIN)
    long = article("".join(f"Sentence number {n} says something of its own. " for n in range(3000)))
    html = to_html(long)
    shown = check_html(html).text
    assert html.index("number 1 ") < html.index("<details") < html.index("number 999 ")
    assert f"… and {len(long.text) - 60_000:,} more characters in .text" in shown
    numbers = [n for n in range(2000) if f"number {n} " in shown]
    assert numbers == list(range(len(numbers)))  # nothing is lost between two passages


def test_text_wraps_at_80_columns_also_in_wide_scripts() -> None:
    wide = Claim(text="新聞記事の本文" * 40, verdict="quoted", score=1.0)
    lines = to_text(wide).splitlines()
    assert len(lines) > 5
    assert all(len(line) <= 80 for line in lines)
    assert max(len(line) for line in lines[:-1]) == 40


@pytest.mark.parametrize("show", [to_html, to_markdown, to_text])
def test_other_values_are_refused_by_name(show: object) -> None:
    for value in (42, None, "text", [1]):
        with pytest.raises(ArgumentError, match=r"cannot show a (int|NoneType|str)"):
            show(value)  # type: ignore[operator]


def test_second_opinions_are_shown_by_every_renderer() -> None:
    opinion = Opinion(by="model<1>", verdict="contradicted", score=0.7)
    claim = Claim(text="France will send troops.", verdict="partly", score=0.9, opinions=(opinion,))
    assert "second opinion of model<1>: contradicted (70%)" in to_text(claim).replace("\n", " ")
    assert "second opinion of model&lt;1&gt;: contradicted (70%)" in to_html(claim)
    assert "second opinion of model" in to_markdown(claim)
    assert "model<1>" not in to_markdown(claim)


@pytest.mark.parametrize("publisher", ["#", "# News", "- Wire", "1. FC", "===", "> Post"])
def test_a_publisher_begins_no_block(publisher: str) -> None:
    check_markdown(to_markdown(Article(text="Some text.", title="T", publisher=publisher)))


def test_only_so_much_is_shown_and_the_rest_is_counted() -> None:
    many = Hits((hit(PLAIN),) * 1200)
    assert to_html(many).count("<tr ") == 200
    for shown in (to_html(many), to_markdown(many), to_text(many)):
        assert "and 1,000 more hits; .to" in shown
    assert "more hit" not in to_text(Hits(many[:200]))
    failed = tuple(Failure(source=f"{n}.html", reason="empty") for n in range(201))
    assert "… and 1 more in .failed" in to_html(AddReport(failed=failed))
    reasons = tuple(Failure(source="a.html", reason=f"reason {n}") for n in range(202))
    assert "… and 2 more reasons in .failed" in to_html(AddReport(failed=reasons))


def test_what_a_gate_measured_stands_in_the_panel() -> None:
    why = "coverage: no passage that was found speaks to enough of the question (score 0.31, needed 0.53)"
    text = check_html(to_html(Answer(question="?", answered=False, reason=why))).text
    assert "No passage that was found speaks to enough of the question" in text
    assert "Score 0.31, and 0.53 is needed, of 1: how much of what the question asks one passage speaks to" in text
    assert "(score" not in text
    assert "score 0.31, needed 0.53" in to_text(Answer(question="?", answered=False, reason=why)).replace("\n", " ")
    other = Answer(question="?", answered=False, reason="model: m wrote this (score 0.31, needed 0.53)")
    assert "is needed, of 1" not in to_html(other)


def test_a_number_never_begins_a_line_of_text() -> None:
    claims = tuple(Claim(text="word " * n + "end.", verdict="quoted", score=1.0, citations=(FIRST,)) for n in range(40))
    lines = to_text(Answer(question="?", answered=True, claims=claims, citations=(FIRST,))).split("\n\n")[0].split("\n")
    assert len(lines) > 40
    assert not any(line.startswith("[") for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_a_long_lead_leaves_room_for_less() -> None:
    lines = wrap("word " * 40, "  ", "a lead of some length: ")
    assert lines[0].startswith("a lead of some length: word")
    assert max(map(len, lines)) <= 80


def test_a_passage_on_one_line_has_no_signs_of_headings_and_lists() -> None:
    passage = article("## What is new\n\nThe section has moved:\n\n- to the ground floor;\n- to the left")
    said = "What is new — The section has moved: to the ground floor; to the left"
    for shown in (to_text(hit(passage)).replace("\n       ", " "), to_markdown(hit(passage)), to_html(hit(passage))):
        assert said in shown


def test_no_sentence_ends_at_an_abbreviation() -> None:
    source = article(
        "A. " * 90 + "Officials met. U.S. aid came on Aug. 4 to Gen. Roe. It came. " + "Then more came. " * 40
    )
    around = shared.surroundings(citation(1, source, "It came."), reach=30)
    assert around.before == "Officials met. U.S. aid came on Aug. 4 to Gen. Roe. "[-len(around.before) :]
    assert not around.before.startswith(("4 to", "Roe", "aid"))


@pytest.mark.parametrize("sign", ["1.", "1)", "(1)", "a.", "(b)", "ii)", "IV.", "#", "-", "+", ":", "="])
def test_no_claim_begins_a_list_or_a_heading(sign: str) -> None:
    shown = to_markdown(Claim(text=f"{sign} said", verdict="quoted", score=1.0))
    assert not shown.startswith(f"{sign} ")
    assert shown.startswith(("\\", f"{sign[:-1]}\\{sign[-1]} "))


def test_marks_of_pandoc_and_obsidian_are_escaped() -> None:
    shown = to_markdown(Claim(text="x ^up^ ==so== a = b, 1.5 million", verdict="quoted", score=1.0))
    assert shown.startswith("x \\^up\\^ \\==so\\== a = b, 1.5 million")
