"""What a source is, which reader it goes to, and what happens to those that cannot be read."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from reading import read

from toolkit.articles import read_articles
from toolkit.errors import ArgumentError, SourceError
from toolkit.types import Article

BODY = "Poland said on Tuesday that it would not send troops. Germany said it would decide later."


def only(*sources, **options) -> Article:
    articles, errors = read(*sources, **options)
    assert errors == []
    assert len(articles) == 1
    return articles[0]


def failure(*sources, **options) -> SourceError:
    articles, errors = read(*sources, **options)
    assert articles == []
    assert len(errors) == 1
    assert "\n" not in str(errors[0])
    return errors[0]


def test_the_order_in_which_sources_are_told_apart(tmp_path, monkeypatch):
    """One list with every kind of source, each read as what it is."""
    from llama_index.core.schema import Document, NodeWithScore, TextNode

    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(BODY)
    Path("folder").mkdir()
    Path("folder/b.md").write_text(f"# Heading\n\n{BODY}")
    Path("folder/c.odt").write_text("left out")
    Path("folder/.hidden.txt").write_text("left out")
    # A file whose name reads like a sentence, and one whose name is also a pattern: existing files come first.
    sentence = "The prime minister said on Tuesday that no troops go.txt"
    Path(sentence).write_text("From the file. " + BODY)
    Path("odd[1].txt").write_text("Odd. " + BODY)
    article = Article(text=BODY, title="mine")
    sources = [
        article,
        Document(text=BODY, metadata={"title": "document", "date": "2025-08-19", "id": "d1"}),
        TextNode(text=BODY, metadata={"title": "node"}),
        NodeWithScore(node=TextNode(text=BODY, metadata={"title": "scored"}), score=0.5),
        pd.DataFrame([{"title": "row", "text": BODY}]),
        {"title": "dict", "text": BODY},
        Path("a.txt"),
        "a.txt",
        "folder",
        "folder/*.md",
        sentence,
        "odd[1].txt",
        BODY,
        ("a.txt", iter([{"text": BODY, "title": "nested"}])),
    ]
    articles, errors = read(*sources)
    assert errors == []
    names = [a.title or (Path(a.origin).name if a.origin else a.text[:6]) for a in articles]
    assert names == [
        "mine", "document", "node", "scored", "row", "dict", "a.txt", "a.txt", "Heading", "Heading", sentence,
        "odd[1].txt", "Poland", "a.txt", "nested",
    ]  # fmt: skip
    assert articles[0] is article
    assert articles[1].id == "d1"
    assert articles[1].text == BODY
    assert articles[1].published == datetime(2025, 8, 19, tzinfo=UTC)
    assert articles[2].id == Article(text=BODY).id, "llama-index's made-up ids are not taken over"


def test_reading_is_lazy(tmp_path):
    def sources():
        yield {"text": BODY}
        raise AssertionError("asked for too early")

    articles = read_articles(sources())
    assert next(articles).text == BODY
    with pytest.raises(AssertionError, match="too early"):
        next(articles)


@pytest.mark.parametrize(
    "typo",
    [
        "artciles/",
        "artciles",
        "my articles/august 2025/reuters troops.txt",
        "My Research Folder/Security guarantees in the summer of 2025/reuters",
        "Security guarantees for Ukraine August 2025",
        "/home/someone/My Documents/All of the articles that I have saved so far this year",
        "./all of the articles that I have saved so far this year and the last",
        "C:\\Users\\Someone\\My Documents\\All of my articles about the security guarantees",
        "a.txt\nb.txt\n",
        "articles/one file.txt\narticles/another file.txt",
        "https://example.org/a\nhttps://example.org/b",
        "notes.odt",
        "troops",
        "nul\0byte",
        "x" * 5000,
    ],
)
def test_a_mistyped_path_never_becomes_an_article(typo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = failure(typo)
    assert "no such file or folder" in error.reason
    assert "Article(text=...)" in error.reason
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "Will Poland send troops? The prime minister said no.\nHe said it twice.",
        "Poland and/or Germany might send troops to Ukraine next year, the French minister said.",
        "Poland will send no troops to Ukraine in the coming year the minister said",
        "“We will not send troops to Ukraine,” the prime minister of Poland said.”",
        "Troops\n\nPoland said that it would not send any.",
        "波兰总理周二表示，波兰不会派兵。\n德国稍后决定。",
    ],
)
def test_text_is_an_article(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    article = only(text)
    assert article.text == text
    assert article.origin is None


def test_patterns_and_folders(tmp_path):
    (tmp_path / "2025" / "08").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for name in ("2025/08/b.txt", "2025/a.txt", "c.TXT", ".git/d.txt", "e.xyz"):
        (tmp_path / name).write_text(f"This is {name}. {BODY}")
    origins = [Path(a.origin).name for a in read(tmp_path)[0]]
    assert origins == ["c.TXT", "a.txt", "b.txt"]
    assert [Path(a.origin).name for a in read(f"{tmp_path}/**/*.txt")[0]] == ["b.txt", "a.txt"]
    assert [Path(a.origin).name for a in read(tmp_path / "*" / "*.txt")[0]] == ["a.txt"]
    assert [Path(a.origin).name for a in read(f"{tmp_path}/20*")[0]] == ["a.txt", "b.txt"], "a folder that matches"
    assert len(read(f"{tmp_path}/**")[0]) == 3, "each file once"
    assert "no file matches" in failure(f"{tmp_path}/*.pdf").reason
    assert "no file matches" in failure(tmp_path / "*.xyz").reason


def test_an_empty_folder_and_an_unknown_suffix_are_errors(tmp_path):
    (tmp_path / "notes.odt").write_text("x")
    assert "no file to read" in failure(tmp_path).reason
    error = failure(tmp_path / "notes.odt")
    assert ".odt" in error.reason
    assert ".txt, .md, .markdown, .html, .htm, .xhtml, .pdf, .docx" in error.reason
    assert failure(tmp_path / "missing.txt").reason == "no such file or folder"


def test_origin_is_the_same_however_the_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text(BODY)
    monkeypatch.chdir(tmp_path)
    origins = {only(source).origin for source in ("a.txt", "./a.txt", Path("a.txt"), tmp_path, str(tmp_path / "*.txt"))}
    assert origins == {(tmp_path / "a.txt").resolve().as_posix()}


def test_one_bad_source_costs_one_source(tmp_path):
    (tmp_path / "a.txt").write_text(BODY)
    (tmp_path / "b.txt").write_text(" \n\t\n")
    (tmp_path / "c.pdf").write_bytes(b"no pdf")
    articles, errors = read(tmp_path, "missing", None, 3, b"bytes", {"title": "only"}, "ftp://example.org/x", "", BODY)
    assert len(articles) == 2
    assert [error.reason.split(":")[0].split(";")[0] for error in errors] == [
        "no text",
        "not a readable PDF",
        "no such file or folder",
        "not a source",
        "not a source",
        "not a source",
        "no text among the fields (title)",
        "only http",
        "no text",
    ]


def test_without_on_error_a_warning_says_what_failed_and_points_at_the_caller():
    with pytest.warns(UserWarning, match="missing.txt: no such file or folder") as caught:
        assert list(read_articles("missing.txt")) == []
    assert caught[0].filename == __file__


def test_the_answer_of_a_news_service_is_a_list_of_records():
    answer = {"status": "ok", "articles": [{"content": BODY}, {"content": None}]}
    articles, errors = read(answer)
    assert [a.text for a in articles] == [BODY]
    assert "empty" in errors[0].reason


def test_endless_nesting_ends():
    loop: list = []
    loop.append(loop)
    assert "nested" in failure(loop).reason
    answer: dict = {}
    answer["articles"] = [answer]
    assert "no text" in failure(answer).reason  # an answer's records are records, and not answers again


def test_given_metadata_fills_only_what_the_source_does_not_say():
    record = {"text": BODY, "publisher": "Reuters", "date": "2025-08-19"}
    article = only(record, publisher="AP", author="Jane Doe", date="Aug. 1, 2020", language="en", url="https://x.org/a")
    assert (article.publisher, article.author, article.language) == ("Reuters", "Jane Doe", "en")
    assert article.date == "2025-08-19"
    assert article.url == "https://x.org/a"
    assert article.id == Article(text=BODY, url="https://x.org/a").id
    given = Article(text=BODY, publisher="Reuters")
    filled = only(given, publisher="AP", published=datetime(2025, 8, 19))
    assert (filled.publisher, filled.date, filled.id) == ("Reuters", "2025-08-19", given.id)
    assert only(BODY, title=None).title is None


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"publsher": "AP"}, "no such metadata: publsher"),
        ({"published": "03/04/2025"}, "not a clear date"),
        ({"date": "2025-01-01", "published": "2025-01-01"}, "the same"),
        ({"author": ["Jane"]}, "not a string"),
    ],
)
def test_wrong_metadata_is_refused_at_the_call(metadata, message):
    with pytest.raises(ArgumentError, match=message):
        read_articles(BODY, **metadata)


def test_importing_and_reading_text_loads_nothing_heavy():
    code = (
        "import sys; from toolkit.articles import read_articles;"
        "list(read_articles({'text': 'x', 'date': '2025-01-01'}));"
        "print([m for m in ('pandas','trafilatura','pypdfium2','httpx','yaml','dateutil','llama_index','lxml')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
