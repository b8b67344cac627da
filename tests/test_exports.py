"""What leaves a notebook: whole pages, footnotes, tables, and citations in other people's formats."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_display import ABSTENTION, ANSWER, EVIL, FIRST, PLAIN, SECOND, article, citation, hit, hostile

from toolkit import Experiment, Library, prompts
from toolkit.display import citing, to_html, to_markdown, to_text
from toolkit.errors import ArgumentError
from toolkit.types import Answer, Claim, Copy, CopyGroup, Coverage, Covered, Difference, Hits

# Pages ----------------------------------------------------------------------------------------------------------------


class Document(HTMLParser):
    """The elements of a page, which must be nested properly but for those that have no end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("value", [*hostile(), ANSWER, ABSTENTION, FIRST], ids=lambda value: type(value).__name__)
def test_a_page_is_whole_and_runs_nothing(value: object) -> None:
    if type(value) in (tuple, list):
        return
    page = value.to_html()  # type: ignore[attr-defined]
    page.encode("utf-8")
    document = Document(page)
    assert page.startswith("<!doctype html>")
    assert (document.tags.count("h1"), document.tags.count("main"), document.tags.count("title")) == (1, 1, 1)
    assert not {"script", "img", "iframe", "object", "embed", "link", "base", "form"} & set(document.tags)
    assert "default-src &#x27;none&#x27;" in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert all(re.match(r"https?://", link) for link in document.links)


def test_a_page_is_called_by_what_was_asked() -> None:
    assert "<title>Who?</title>" in ANSWER.to_html()
    assert "<title>A title</title>" in PLAIN.to_html()
    assert "<title>Hits</title>" in Hits((hit(PLAIN),)).to_html()
    assert ANSWER._repr_html_() == to_html(ANSWER)
    assert "<style" not in to_html(ANSWER)
    paragraphs = article("One.\n\n# Two\n\nThree.")
    assert "\n" not in to_html(paragraphs) + to_html(citation(1, paragraphs, paragraphs.text))


def test_forty_citations_are_quick_and_small() -> None:
    text = " ".join(f"In town {n} the council spent {n},000 euros on bridge number {n}." for n in range(400))
    sources = [article(text, id=f"s{n}", title=f"Title {n}") for n in range(40)]
    cited = [citation(n + 1, one, f"spent {n * 9},000 euros on bridge") for n, one in enumerate(sources)]
    differs = (Difference(kind="number", claim="7", source="9"),)
    claims = tuple(Claim(text=f"Claim {c.marker}.", verdict="partly", score=0.5, citations=(c,), differences=differs)
                   for c in cited)  # fmt: skip
    answer = Answer(question="?", answered=True, claims=claims, citations=tuple(cited))
    html = to_html(answer)
    assert len(html.encode()) < 200_000
    assert html.count("<mark") == 80

    def took() -> float:
        start = time.process_time()
        to_html(answer)
        return time.process_time() - start

    assert min(took() for _ in range(12)) < 0.03  # 5 ms on a quiet machine; measuring coverage doubles it


# Footnotes ------------------------------------------------------------------------------------------------------------


def test_footnotes_are_defined_once_and_used() -> None:
    markdown = ANSWER.to_markdown()
    assert re.findall(r"^\[\^(\d+)\]: ", markdown, re.MULTILINE) == ["1", "2"]
    assert "countries. [^1] France" in markdown
    assert "— *A title*, Example Wire, 2025-08-19, <https://news.example/a?b=1&c=%242>" in markdown
    assert not re.search(r"(?<!\\)\$", markdown)
    assert ANSWER.to_markdown(footnotes=False) == to_markdown(ANSWER)
    assert "[^" not in to_markdown(ANSWER)
    assert ANSWER._repr_mimebundle_()["text/markdown"] == to_markdown(ANSWER)


@given(st.text(st.characters(), min_size=1, max_size=60))
def test_footnotes_hold_hostile_text(text: str) -> None:
    source = article(f"a {text} b", title=text, publisher=text)
    cited = citation(1, source, source.text)
    claim = Claim(text="It is so.", verdict="quoted", score=1.0, citations=(cited,))
    answer = Answer(question="?", answered=True, claims=(claim,), citations=(cited,))
    notes = [line for line in answer.to_markdown().splitlines() if line.startswith("[^")]
    assert len(notes) == 1
    markdown_it = pytest.importorskip("markdown_it")
    parsed = markdown_it.MarkdownIt("commonmark").parse(notes[0].partition(": ")[2])
    kinds = {child.type for token in parsed for child in token.children or ()}
    assert kinds <= {"text", "em_open", "em_close", "link_open", "link_close"}


# Tables ---------------------------------------------------------------------------------------------------------------


def test_an_answer_as_a_table_has_a_row_for_each_citation() -> None:
    frame = ANSWER.to_frame()
    assert frame["verdict"].tolist() == ["quoted", "contradicted", "unsupported"]
    assert frame["claim"].tolist() == [1, 2, 3]
    assert frame["differs"].tolist() == ["", "number: 200 / 2,000", ""]
    cited = frame.dropna(subset=["marker"])
    assert [PLAIN.text[a:b] for a, b in zip(cited["start"], cited["end"], strict=True)] == cited["quote"].tolist()
    assert frame["marker"].isna().tolist() == [False, False, True]
    empty = ABSTENTION.to_frame()
    assert len(empty) == 0
    assert list(empty.dtypes.items()) == list(frame.dtypes.items())


def test_a_claim_as_a_table_is_like_an_answers() -> None:
    frame = ANSWER.claims[1].to_frame()
    assert list(frame.dtypes.items()) == list(ANSWER.to_frame().dtypes.items())
    assert frame[["claim", "verdict", "quote"]].values.tolist() == [[1, "contradicted", SECOND.quote]]
    assert len(ANSWER.claims[2].to_frame()) == 1


def test_hits_as_a_table_have_their_ranks() -> None:
    frame = Hits((hit(PLAIN, 1.9), hit(PLAIN, 0.5))).to_frame()
    assert frame["rank"].tolist() == [1, 2]
    assert frame["published"].tolist() == ["2025-08-19"] * 2
    assert list(Hits(()).to_frame().dtypes.items()) == list(frame.dtypes.items())


# Citations ------------------------------------------------------------------------------------------------------------


def test_a_citation_as_text_and_markdown() -> None:
    assert FIRST.cite() == (
        "“The plan names 10 other countries.” — A title, Example Wire, 2025-08-19, https://news.example/a?b=1&c=$2"
    )
    assert FIRST.cite("markdown").endswith("*A title*, Example Wire, 2025-08-19, <https://news.example/a?b=1&c=%242>")
    assert ANSWER.cite().splitlines()[1].startswith("[2] “France will send 2,000 troops")
    with pytest.raises(ArgumentError, match="text, markdown, bibtex, csl-json"):
        ANSWER.cite("apa")
    with pytest.raises(ArgumentError, match="is not a date"):
        FIRST.cite("bibtex", accessed="yesterday")


def test_bibtex_has_one_entry_for_an_article_and_escapes_what_tex_would_act_on() -> None:
    source = article(
        "Profits rose 5% at M&S_{x} #1 ~ ^ \\input{/etc/passwd}.",
        title="Profits at M&S: 50% {up} é",
        publisher="Example & Wire",
        author="Jane Doe and John Smith; Reuters News",
        published=datetime(2025, 3, 1, tzinfo=UTC),
        url="https://news.example/a_b?c=1&d=%20",
    )
    entry = citation(1, source, source.text).cite("bibtex", accessed=date(2025, 9, 1))
    assert "author = {Doe, Jane and Smith, John and {Reuters News}}" in entry
    assert r"title = {{Profits at M\&S: 50\% \textbraceleft{}up\textbraceright{} é}}" in entry
    assert r"journal = {Example \& Wire}" in entry
    assert "year = {2025},\n  month = mar,\n  day = {1}" in entry
    assert "url = {https://news.example/a_b?c=1&d=%20},\n  urldate = {2025-09-01}" in entry
    assert r"\textbackslash{}input\textbraceleft{}/etc/passwd" in entry
    assert ANSWER.cite("bibtex").count("@article{examplewire2025title-") == 1
    assert ANSWER.cite("bibtex") == ANSWER.cite("bibtex")


@given(st.text(st.characters(), max_size=80))
def test_bibtex_is_balanced_whatever_an_article_says(text: str) -> None:
    source = article(f"a {text} b", title=text, publisher=text, author=text, url=f"https://news.example/{text}")
    entry = citation(1, source, source.text).cite("bibtex")
    depth = 0
    for char in entry:
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0
    entry.encode("utf-8")
    key = re.match(r"@\w+\{([a-z0-9-]+),\n", entry)
    assert key


CSL_TYPES = {"article-newspaper", "webpage", "document"}


@pytest.mark.parametrize("text", ["Plain words", EVIL])
def test_csl_json_is_what_the_schema_allows(text: str) -> None:
    source = article(f"a {text} b", title=text, publisher=text, author="Jane Doe; The Wire", published=PLAIN.published)
    (item,) = json.loads(citing.cite([citation(1, source, source.text)], "csl-json", accessed="2025-09-01"))
    assert item["type"] in CSL_TYPES
    assert item["issued"] == {"date-parts": [[2025, 8, 19]]}
    assert item["accessed"] == {"date-parts": [[2025, 9, 1]]}
    assert item["author"] == [{"family": "Doe", "given": "Jane"}, {"literal": "The Wire"}]
    assert {"id", "type", "title", "container-title", "URL", "annote"} <= set(item)
    assert json.loads(SECOND.cite("csl-json"))["title"] == "A title"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Sofia Brandt", [("Brandt", "Sofia")]),
        ("By Sofia Brandt and Emil Strand", [("Brandt", "Sofia"), ("Strand", "Emil")]),
        ("Jane Doe, John Smith and Mary Roe", [("Doe", "Jane"), ("Smith", "John"), ("Roe", "Mary")]),
        ("Brandt, Sofia; Smith, J.", [("Brandt", "Sofia"), ("Smith", "J.")]),
        ("Reuters", ["Reuters"]),
        ("Reuters Staff", ["Reuters Staff"]),
        ("Marks & Spencer", ["Marks & Spencer"]),
        ("Jane Doe, Political Editor", ["Jane Doe, Political Editor"]),
        ("Jane Doe, Reuters", ["Jane Doe, Reuters"]),
        ("Ludwig van Beethoven", ["Ludwig van Beethoven"]),
        ("BBC News", ["BBC News"]),
        ("The Editorial Board", ["The Editorial Board"]),
        ("José García", [("García", "José")]),
        ("von der Leyen, Ursula", [("von der Leyen", "Ursula")]),
        ("Sofia Brandt, London", ["Sofia Brandt, London"]),  # where she was, not her given name
        ("Martin King, Jr.", ["Martin King, Jr."]),
        ("李 明", ["李 明"]),  # the family name comes first
        ("", []),
        (None, []),
    ],
)
def test_authors_are_split_only_where_that_is_plain(said: str | None, found: list[object]) -> None:
    assert citing.authors(said) == found


# A library and its prompts --------------------------------------------------------------------------------------------


def test_a_library_shows_what_it_holds() -> None:
    with Library(None, llm=None) as news:
        assert "empty: add() takes" in repr(news.overview())
        assert "text/html" in news._repr_mimebundle_()
        news.add([PLAIN, article("Another text.", publisher="example wire"), article("A third.", publisher=EVIL)])
        known = news.overview()
        assert (known.articles, known.passages, known.undated) == (3, 3, 2)
        assert known.publishers[0][0].casefold() == "example wire"
        assert known.publishers[0][1] == 2
        assert (known.first, known.last) == ("2025-08-19", "2025-08-19")
        assert known.size is not None
        assert known.size > 1000
        html = news._repr_html_()
        assert html is not None
        assert "<script" not in html
        assert "3 articles, 3 passages" in html
        assert json.loads(known.to_json())["publishers"][0]["articles"] == 2
    assert "text/html" not in news._repr_mimebundle_()  # closed and gone: shown by its name alone


def test_a_librarys_model_is_named_without_its_key() -> None:
    with Library(None, llm="http://me:secret@localhost:1/v1?key=secret") as news:
        assert news.overview().model == "http://localhost:1/v1"


def test_every_packaged_prompt_shows_its_inputs_and_a_preview() -> None:
    listed = prompts.list_prompts()
    assert "ask/plain" in repr(listed)
    assert to_html(listed).count("<tr") == len(listed) + 1
    for prompt in listed:
        html = to_html(prompt)
        assert all(name in html for name in prompt.inputs)
        assert "With sample values" in html, prompt.name
        assert prompt.name in to_markdown(prompt)


def test_an_experiment_says_how_large_it_is_before_its_run(tmp_path: Path) -> None:
    with Library(None, llm=None) as news:
        news.add(PLAIN)
        trial = Experiment(news, ["Who met?", "Where?"], llms=[None], k=[2, 4], repeats=3, folder=tmp_path)
        assert trial.rows == 12
        said = "ask: 2 questions x 2 cells x 3 repeats = 12 rows"
        for shown in (to_text(trial), to_html(trial), to_markdown(trial)):
            assert said in shown
            assert "(baseline)" in shown
        assert max(map(len, to_text(trial).splitlines())) <= 80


# Other kinds ----------------------------------------------------------------------------------------------------------


def test_coverage_says_a_reason_once_for_all_of_which_it_is_true() -> None:
    rows = tuple(Covered(article=article(f"Text {n}.", title=f"Story {n}"), part="left out", reason="near copy")
                 for n in range(5))  # fmt: skip
    coverage = Coverage(articles=rows, stories=1)
    for shown in (to_html(coverage), to_text(coverage)):
        assert shown.count("left out (near copy)") == 1
        assert all(f"Story {n}" in shown for n in range(5))


def test_what_a_copy_says_otherwise_is_said_in_words() -> None:
    changes = ("12 → 15", "− not", "+ denied")
    update = Copy(article=article("b"), difference="update", changes=changes, share=0.934)
    group = CopyGroup(id="x", copies=(Copy(article=PLAIN, difference="original"), update))
    said = "12 → 15, without “not”, with “denied”; has 93 % of its words"
    assert said in to_html(group)
    assert said in " ".join(to_text(group).split())


def test_watched_questions_show_themselves() -> None:
    with Library(None, llm=None) as library:
        library.add(PLAIN)
        assert repr(library.watches()) == "No question is watched."
        watch = library.watch("Who met in Paris?")
        watches = library.watches()
    assert watches == (watch,)
    assert repr(watch) == repr(watches)
    assert "Who met in Paris?" in watches._repr_html_()
    assert "### Who met in Paris?" in watches.to_markdown()
