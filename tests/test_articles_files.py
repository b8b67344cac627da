"""Files of every kind, whole and broken, from a real folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from articles_pdf import make_pdf
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading import read as read_with

from toolkit.articles import read_articles
from toolkit.articles.formats import LARGEST
from toolkit.errors import SourceError

BODY = "Poland said on Tuesday that it would not send troops.\nGermany said it would decide later.\n"


def read(path: Path, data: str | bytes, **options):
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    articles, errors = read_with(path, **options)
    for article in articles:
        assert article.origin.startswith(path.resolve().as_posix())
        assert article.text.strip()
    for error in errors:
        assert str(path) in error.source
    return articles, errors


def one(path: Path, data: str | bytes, **options):
    articles, errors = read(path, data, **options)
    assert errors == []
    assert len(articles) == 1
    return articles[0]


def no(path: Path, data: str | bytes) -> str:
    articles, errors = read(path, data)
    assert articles == []
    assert len(errors) == 1
    return errors[0].reason


# --- .txt and .md ---------------------------------------------------------------------------------------------


def documented(text: str) -> set[str]:
    """What a headerless .txt may give: mark off, CR LF to LF, and perhaps title and blank lines off."""
    whole = text.removeprefix("\ufeff").replace("\r\n", "\n")
    first, _, rest = whole.lstrip("\n").partition("\n")
    return {whole, rest.lstrip("\n"), *(rest.lstrip("\n").partition("\n")[2].lstrip("\n"),)} if first else {whole}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8"), max_size=200))
@example(text="\ufeffmark\r\nand\rlone")
@example(text="Title\n\nBody")
@example(text="Title\n \nBody")
@example(text="a\0b\x1b[31m\u2028")
def test_a_text_file_reads_back_with_only_the_documented_changes(text, tmp_path):
    if text.encode().startswith((b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"GIF8")):
        return
    articles, errors = read(tmp_path / "a.txt", text)
    if text.removeprefix("\ufeff").strip():
        assert errors == []
        assert articles[0].text in documented(text)
        assert articles[0].title is None or articles[0].title in text
    else:
        assert "no text" in errors[0].reason


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        (f"Troops to Ukraine\n\n{BODY}", "Troops to Ukraine", BODY),
        (f"\n\nWill they go?\n\n\n{BODY}", "Will they go?", BODY),
        (f"They will not go.\n\n{BODY}", None, f"They will not go.\n\n{BODY}"),
        (f"By Jane Doe\n\n{BODY}", None, f"By Jane Doe\n\n{BODY}"),
        (f"August 19, 2025\n\n{BODY}", None, f"August 19, 2025\n\n{BODY}"),
        (f"{'x' * 121}\n\n{BODY}", None, f"{'x' * 121}\n\n{BODY}"),
        (BODY, None, BODY),
        ("Only a line", None, "Only a line"),
    ],
)
def test_the_title_of_a_text_file_is_its_first_line_if_it_looks_like_one(text, title, rest, tmp_path):
    article = one(tmp_path / "a.txt", text)
    assert (article.title, article.text) == (title, rest)


def test_a_header_block_becomes_metadata(tmp_path):
    header = (
        "TITLE: Troops: who sends them\nDate: Aug. 19, 2025\nSource: Reuters\nBy: Jane Doe\n"
        "URL: https://x.org/a\nSection: World"
    )
    article = one(tmp_path / "a.txt", f"\ufeff{header}\n\n\n{BODY}".replace("\n", "\r\n"))
    assert article.text == BODY
    assert (article.title, article.date, article.publisher) == ("Troops: who sends them", "2025-08-19", "Reuters")
    assert (article.author, article.url, article.metadata) == ("Jane Doe", "https://x.org/a", {"Section": "World"})


@pytest.mark.parametrize(
    "text",
    [
        f"Date: today\nNote: this is not a header\n\n{BODY}",
        f"Title: one\nnot a header line\n\n{BODY}",
        "Title: one\nDate: 2025-08-19",
        "\n".join(f"Title: {n}" for n in range(12)) + f"\n\n{BODY}",
    ],
)
def test_what_is_not_a_header_block_stays_in_the_text(text, tmp_path):
    assert one(tmp_path / "a.txt", text).text == text


def test_a_header_with_nothing_below_is_no_article(tmp_path):
    assert "no text" in no(tmp_path / "a.txt", "Title: one\nDate: 2025-08-19\n\n \n")


def test_markdown_headings_and_front_matter(tmp_path):
    path = tmp_path / "a.md"
    assert (one(path, f"\n# Troops #\n\n{BODY}").title, one(path, f"# T\n{BODY}").text) == ("Troops", BODY)
    assert (one(path, f"Troops\n======\n\n{BODY}").title, one(path, f"T\n===\n{BODY}").text) == ("Troops", BODY)
    article = one(path, f"---\ntitle: Troops\ndate: 2025-08-19\ntags: [a, b]\ntext: not this\n---\n\n{BODY}# Later\n")
    assert (article.title, article.date, article.text) == ("Troops", "2025-08-19", f"{BODY}# Later\n")
    assert article.metadata == {"tags": ["a", "b"]}
    assert one(path, f"---\nauthor: Jane\n---\n# T\n\n{BODY}").title == "T"


@pytest.mark.parametrize(
    "top",
    [
        "---\na: &a [1]\nb: *a\n---\n",
        "---\n- a list\n---\n",
        "---\n!!python/object/apply:os.system ['false']\n---\n",
        "---\na: [\n---\n",
        "---\n" + "[" * 5000 + "\n---\n",
    ],
)
def test_front_matter_that_is_not_a_plain_mapping_stays_in_the_text(top, tmp_path):
    assert one(tmp_path / "a.md", top + BODY).text == top + BODY


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(encoding, tmp_path):
    text = "Le café de la gare a rouvert hier, après des années de travaux très coûteux. “Enfin”, dit l’élue.\n" * 3
    assert one(tmp_path / "a.txt", text.encode(encoding)).text == text


def test_a_central_european_code_page_is_told_from_a_western_one(tmp_path):
    text = "Premier powiedział, że Polska nie wyśle żołnierzy na Ukrainę, a rząd będzie wspierał sąsiadów.\n" * 3
    assert one(tmp_path / "a.txt", text.encode("cp1250")).text == text


def test_hostile_text_files(tmp_path):
    line = "word " * 200_000
    assert one(tmp_path / "a.txt", line).text == line
    assert one(tmp_path / "a.txt", f"a\0b\x1b[31m {BODY}").text == f"a\0b\x1b[31m {BODY}"
    assert "\ud800" not in one(tmp_path / "a.txt", b"\xff\xfe" + "a \ud800 b".encode("utf-16-le", "surrogatepass")).text
    assert "binary" in no(tmp_path / "a.txt", bytes(range(256)) * 10)
    assert "zip" in no(tmp_path / "a.txt", b"PK\x03\x04" + bytes(100))
    assert one(tmp_path / "a.txt", make_pdf([["x"]])).text == "x"
    assert "empty" in no(tmp_path / "a.txt", b"")


def test_files_that_are_too_large_or_not_files_are_refused(tmp_path):
    with (tmp_path / "a.txt").open("wb") as stream:
        stream.truncate(LARGEST + 1)
    os.mkfifo(tmp_path / "b.txt")
    errors: list[SourceError] = []
    assert list(read_articles(tmp_path, on_error=errors.append)) == []
    assert "too large" in errors[0].reason
    assert "not a regular file" in errors[1].reason


# --- .html ----------------------------------------------------------------------------------------------------

PARAGRAPHS = [
    f"Paragraph {n}: Poland said on Tuesday that it would not send troops to Ukraine next year." for n in range(5)
]


def page(head: str = "", top: str = "", lang: str = ' lang="en-GB"') -> str:
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return (
        f"<!doctype html><html{lang}><head><title>Troops - Example News</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a></nav><article><h1>Troops</h1>{top}{body}</article>"
        "<footer>© 2011-01-01</footer></body></html>"
    )


def test_a_page_gives_text_and_what_it_declares(tmp_path):
    head = (
        '<meta property="og:site_name" content="Example News"><link rel="canonical" href="https://www.example.org/a">'
        '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle", '
        '"headline": "Troops", '
        '"datePublished": "2025-08-19T10:00:00+02:00", "author": [{"@type": "Person", "name": "Jane Doe"}]}]}</script>'
    )
    article = one(tmp_path / "a.html", page(head))
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert (article.title, article.publisher, article.author) == ("Troops", "Example News", "Jane Doe")
    assert (article.url, article.language) == ("https://www.example.org/a", "en")
    assert article.published.isoformat() == "2025-08-19T10:00:00+02:00"


@pytest.mark.parametrize(
    ("head", "top", "date"),
    [
        ("", "", None),
        ("", "<p>The treaty of 2019-03-04 was signed on 5 March 2018.</p><img src='/2016/05/06/a.jpg'>", None),
        ('<meta property="article:modified_time" content="2025-08-20">', "", None),
        (
            '<meta property="article:published_time" content="2025-08-19T10:00:00Z">',
            "<time datetime='2020-01-01'>",
            "2025-08-19",
        ),
        ("", '<span class="publish-date">August 19, 2025</span>', "2025-08-19"),
        ("", '<time pubdate datetime="2025-08-19">Tuesday</time>', "2025-08-19"),
        ('<meta name="date" content="03/04/2025">', "", None),
        ("", '<span class="date">19 August 2025 | Updated August 21, 2025</span>', "2025-08-19"),
        ("", '<span class="dates">August 19, 2025 to August 21, 2025</span>', None),
        ("", '<span class="updated-date">Updated August 21, 2025</span>', None),
        (
            "",
            '<time datetime="2025-08-19T08:00:00Z">Tuesday</time><time datetime="2025-08-19T18:00:00Z">',
            "2025-08-19",
        ),
        ("", '<time datetime="2025-08-19">Tuesday</time><time datetime="2025-08-21">Thursday</time>', None),
        ('<link rel="canonical" href="https://example.org/2025/08/19/troops/">', "", "2025-08-19"),
    ],
)
def test_a_date_comes_from_what_the_page_declares_and_is_never_made_up(head, top, date, tmp_path):
    assert one(tmp_path / "a.html", page(head, top)).date == date


def test_pages_in_other_encodings(tmp_path):
    body = "<p>Le café de la gare a rouvert hier, après des années.</p><p>« Très coûteux », dit l’élue à côté.</p>"
    for declared, written in (("cp1252", "cp1252"), ("iso-8859-1", "utf-8"), ("nonsense", "cp1252")):
        for head in (f"<meta charset={declared}>", f"<?xml version='1.0' encoding='{declared}'?>"):
            start = head if head.startswith("<?") else ""
            top = f"{start}<html><head>{'' if start else head}<title>Café</title></head>"
            html = f"{top}<body><article>{body * 3}</article></body></html>"
            assert "Le café de la gare a rouvert hier, après" in one(tmp_path / "a.html", html.encode(written)).text


@pytest.mark.parametrize(
    "html",
    ["", "<html></html>", "<script>let a = 'text that is only code'</script>", "<div>" * 25_000 + "x", "no markup"],
)
def test_pages_without_an_article_say_so(html, tmp_path):
    assert "no article text found" in no(tmp_path / "a.html", html)


def test_hostile_structured_data_does_not_stop_a_page(tmp_path):
    for data in (
        "[" * 100_000,
        '{"@type": 5, "@graph": [[[[[[{}]]]]]]}',
        '{"@type": "NewsArticle", "datePublished": {"a": 1}}',
    ):
        article = one(tmp_path / "a.html", page(f'<script type="application/ld+json">{data}</script>'))
        assert article.text == "\n\n".join(PARAGRAPHS)
        assert article.published is None


@pytest.mark.parametrize(
    "note",
    ["<!-- saved from url=(0021){} -->", "<html> <!--\n Page saved with SingleFile \n url: {} \n saved date: x -->"],
)
def test_a_saved_page_is_from_where_the_browser_saved_it_whatever_it_claims(note, tmp_path):
    claim = '<link rel="canonical" href="https://{}/a">'
    page = "<!DOCTYPE html>\n{}\n<html><head>{}</head><body><article><p>Poland said that it will not send troops.</p>"
    for claimed, url in (
        ("www.liar.example", "https://www.liar.example/a"),
        ("paper.example", "https://liar.example/x"),
    ):
        data = page.format(note.format("https://liar.example/x"), claim.format(claimed))
        assert one(tmp_path / "a.html", data).url == url
    assert one(tmp_path / "a.html", page.format("", claim.format("paper.example"))).url == "https://paper.example/a"


# --- .pdf -----------------------------------------------------------------------------------------------------


def test_a_pdf_gives_paragraphs_with_mended_lines(tmp_path):
    pages = [
        [
            "Poland said on Tuesday that it would not send troops to Ukraine as part of a secu-",
            "rity force, and that its long-term support was not in doubt at all. A long-",
            "term plan is needed.",
            "Germany, which has so far kept its options open, said that it would decide in the",
            "coming month, after talks with the other members of the coalition of the wil-",
            "1",
        ],
        ["ling. A spokesman (in Berlin) said so.", "2"],
    ]
    info = {"Title": "Microsoft Word - Troops", "Author": "Jane Doe", "CreationDate": "D:20250819120000Z"}
    article = one(tmp_path / "a.pdf", make_pdf(pages, info))
    assert article.text == (
        "Poland said on Tuesday that it would not send troops to Ukraine as part of a security force, and that its "
        "long-term support was not in doubt at all. A long-term plan is needed.\n\nGermany, which has so far kept its "
        "options open, said that it would decide in the coming month, after talks with the other members of the "
        "coalition of the willing. A spokesman (in Berlin) said so."
    )
    assert (article.title, article.author) == ("Troops", "Jane Doe")
    assert article.published is None, "the day a PDF was made is not the day its article appeared"
    assert article.metadata == {"pdf_created": "D:20250819120000Z"}
    assert one(tmp_path / "a.pdf", make_pdf([["Text."]], {"Title": "troops_final.docx"})).title is None


def test_headings_of_a_pdf_stay_apart_from_its_sentences(tmp_path):
    """A sentence with the heading run into it would be a wrong quotation."""
    body = ["A plan that needs only friends to agree is easy to write, and so the", "doubts begin with an enemy"]
    lines = [
        "Can Moscow be persuaded?",
        "",
        "By Emil Strand",
        "",
        *body,
        "who must agree.",
        "",
        "The weak joint",
        "",
        *body,
    ]
    article = one(tmp_path / "a.pdf", make_pdf([lines]))
    assert article.text.split("\n\n") == [
        "Can Moscow be persuaded?",
        "By Emil Strand",
        " ".join([*body, "who must agree."]),
        "The weak joint",
        " ".join(body),
    ]


def test_a_pdf_that_would_keep_its_reader_busy_for_ever_is_given_up(tmp_path, monkeypatch):
    from toolkit.articles import pdf_process

    monkeypatch.setattr(pdf_process, "SECONDS", 1.0)
    good = make_pdf([["Poland said no."]])
    parts = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    parts.append("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</X 4 0 R>>>>>>")
    parts += [  # each draws the next one ten times
        f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 60/Resources<</XObject<</X {n} 0 R>>>>>>\nstream\n"
        f"{'/X Do ' * 10}\nendstream"
        for n in range(5, 17)
    ]
    drawn = "".join(f"{number} 0 obj\n{part}\nendobj\n" for number, part in enumerate(parts, 1))
    reason = no(tmp_path / "a.pdf", f"%PDF-1.4\n{drawn}trailer<</Root 1 0 R>>".encode())
    assert "given up" in reason or "crashed" in reason
    assert one(tmp_path / "b.pdf", good).text == "Poland said no."


def test_a_reader_of_pdfs_that_was_killed_is_replaced(tmp_path):
    from toolkit.articles import pdf_process

    assert one(tmp_path / "a.pdf", make_pdf([["One."]])).text == "One."
    process = pdf_process._HELPER._process
    assert process is not None
    process.kill()
    process.wait()
    assert one(tmp_path / "a.pdf", make_pdf([["Two."]])).text == "Two."


def test_pdfs_that_cannot_be_read_say_why(tmp_path):
    path = tmp_path / "a.pdf"
    identifier = "<00112233445566778899aabbccddeeff>"
    keys = f"/O <{'ab' * 32}> /U <{'cd' * 32}>"
    locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 {keys} /P -44 >> /ID [{identifier} {identifier}]"
    assert "password" in no(path, make_pdf([["x"]], None, locked))
    assert "OCR" in no(path, make_pdf([[]]))
    for broken in (b"", b"no PDF by any name", make_pdf([["x"]])[:300], b"%PDF-1.4\n%%EOF"):
        assert "not a readable PDF" in no(path, broken)


# --- .json, .jsonl, .csv --------------------------------------------------------------------------------------


def test_json_of_three_shapes(tmp_path):
    path = tmp_path / "a.json"
    record = {"text": BODY, "id": 7}
    assert one(path, json.dumps(record)).id == "7"
    assert one(path, json.dumps(record)).origin == path.resolve().as_posix()
    for whole in ([record, {"title": "no text"}, "x"], {"status": "ok", "articles": [record, {"title": "no text"}, 5]}):
        articles, errors = read(path, json.dumps(whole))
        assert [a.id for a in articles] == ["7"]
        assert articles[0].origin.endswith("a.json#1")
        assert [e.source.rpartition(", ")[2] for e in errors] == ["record 2", "record 3"]
        assert "(title)" in errors[0].reason


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        ('{"text": "x",\n}', "not valid JSON"),
        ('{"text": 5}', "not a string"),
        ('{"text": " "}', "the text of this record is empty"),
        ("{}", "none at all"),
        ("[]", "no record"),
        ("5", "not a record"),
        ('{"text": "x", "n": ' + "9" * 5000 + "}", "not usable JSON"),
        ("", "not valid JSON"),
    ],
)
def test_broken_json_says_what_is_wrong(data, message, tmp_path):
    assert message in no(tmp_path / "a.json", data)


def test_json_with_nan_and_lone_surrogates(tmp_path):
    article = one(
        tmp_path / "a.json",
        r'{"text": "a \ud83d b", "title": NaN, "score": NaN, "x": [Infinity, "\udc00"], "date": NaN}',
    )
    assert article.text == "a \ufffd b"
    assert (article.title, article.published, article.metadata) == (None, None, {"x": [None, "\ufffd"]})


def test_jsonl_reports_a_bad_line_and_goes_on(tmp_path):
    good = json.dumps({"text": BODY})
    lines = [
        b"\xef\xbb\xbf" + good.encode(),
        b"",
        b"{broken",
        b'{"text": "\xff\xfe"}',
        b"[1]",
        b"[" * 100_000,
        good.encode(),
    ]
    articles, errors = read(tmp_path / "a.jsonl", b"\n".join(lines))
    assert [a.origin.rpartition("#")[2] for a in articles] == ["1", "7"]
    assert [e.source.rpartition(", ")[2] for e in errors] == ["line 3", "line 4", "line 5", "line 6"]
    assert "not valid JSON" in errors[0].reason
    assert "not valid UTF-8" in errors[1].reason
    assert "empty" in no(tmp_path / "b.jsonl", "\n\n")
    assert one(tmp_path / "c.jsonl", f"{good}\r\n".encode("utf-16")).text == BODY


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_any_usual_delimiter(delimiter, tmp_path):
    rows = [
        ["ID", "Headline", "Publish Date", "Body"],
        ["1", "T", "2025-08-19", '"two\nlines, ""quoted"""'],
        ["2", "", "", "short"],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    articles, errors = read(tmp_path / "a.csv", "\ufeff" + text)
    assert errors == []
    assert [(a.id, a.title, a.date, a.text) for a in articles] == [
        ("1", "T", "2025-08-19", 'two\nlines, "quoted"'),
        ("2", None, None, "short"),
    ]
    assert [a.origin.rpartition("#")[2] for a in articles] == ["2", "4"]


def test_csv_rows_that_cannot_be_right_are_refused(tmp_path):
    data = b'title,text\na,Poland said no, and left.\nb,good one\nc\n\xff,broken\n,\nd,"it has, a comma"\n'
    articles, errors = read(tmp_path / "a.csv", data)
    assert [a.text for a in articles] == ["good one", "it has, a comma"]
    assert [e.source.rpartition(", ")[2] for e in errors] == ["line 2", "line 4", "line 5"]
    assert "3 cells for 2 columns" in errors[0].reason
    assert "UTF-8" in errors[2].reason


def test_csv_without_a_text_column_says_which_columns_it_saw(tmp_path):
    assert "title, url" in no(tmp_path / "a.csv", "title,url\na,b\nc,d\n")
    assert "no record" in no(tmp_path / "a.csv", "title,text\n")
    assert "empty" in no(tmp_path / "a.csv", "")


def test_csv_holds_long_articles_and_other_encodings(tmp_path):
    long = "word " * 100_000
    assert one(tmp_path / "a.csv", f"text\n{long}\n").text == long
    french = "Le café de la gare a rouvert hier après des années de travaux très coûteux"
    rows = "".join(f"{n};{french}\n" for n in range(20))
    articles, errors = read(tmp_path / "a.csv", f"id;text\n{rows}".encode("cp1252"))
    assert errors == []
    assert {a.text for a in articles} == {french}
