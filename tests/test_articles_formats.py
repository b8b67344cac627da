"""Word documents, mails, saved pages, web archives, standard input; encodings; names that say the wrong thing."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import types
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import get_type_hints

import docx
import pytest
from articles_pdf import make_pdf
from reading import read as read_with
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from toolkit.articles import formats
from toolkit.articles.charsets import decoded
from toolkit.articles.piped import read_piped
from toolkit.articles.raw import Raw, reader_of
from toolkit.articles.records import Found
from toolkit.errors import SourceError
from toolkit.types import Article

POLAND = "Poland said on Tuesday that it would not send troops to Ukraine, officials said after a meeting in Warsaw."
GERMANY = "Germany said that it would decide later, once the shape of the mission was clear and parliament had voted."
BODY = f"{POLAND}\n\n{GERMANY}"
PAGE = (
    "<!doctype html><html><head><title>Troops</title></head><body><article><h1>Troops</h1>"
    f"<p>{POLAND}</p><p>{GERMANY}</p></article></body></html>"
)


def read(path: Path, data: str | bytes | None = None):
    if data is not None:
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_with(path)


def one(path: Path, data: str | bytes | None = None) -> Article:
    articles, errors = read(path, data)
    assert errors == []
    assert len(articles) == 1
    return articles[0]


def no(path: Path, data: str | bytes | None = None) -> str:
    articles, errors = read(path, data)
    assert articles == []
    assert len(errors) == 1
    assert errors[0].source.startswith(str(path))
    return errors[0].reason


# --- .docx ----------------------------------------------------------------------------------------------------


def saved(document, path: Path) -> Path:
    document.save(path)
    return path


def edited(path: Path, part: str, old: str, new: str) -> Path:
    """The document with something else in one of its parts."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old in members[part].decode()
    members[part] = members[part].decode().replace(old, new, 1).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_word_document_keeps_its_order_headings_lists_and_tables(tmp_path):
    document = docx.Document()
    document.add_heading("Troops to Ukraine", 0)
    document.add_heading("What Poland says", 1)
    document.add_paragraph(POLAND)
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("two", style="List Bullet")
    table = document.add_table(2, 2)
    for place, text in (((0, 0), "Country"), ((0, 1), "Troops"), ((1, 0), "France"), ((1, 1), "2,000")):
        table.cell(*place).text = text
    document.add_paragraph(GERMANY)
    document.core_properties.author = "Jane Doe"
    article = one(saved(document, tmp_path / "a.docx"))
    assert (article.title, article.author) == ("Troops to Ukraine", "Jane Doe")
    assert (
        article.text == f"What Poland says\n\n{POLAND}\n\n- one\n- two\n\nCountry | Troops\nFrance | 2,000\n\n{GERMANY}"
    )
    # The date in python-docx's own template is nobody's.
    assert article.published is None
    assert article.modified is None


def test_the_properties_of_a_word_document(tmp_path):
    document = docx.Document()
    document.add_paragraph(POLAND)
    properties = document.core_properties
    properties.title, properties.keywords, properties.language = "Troops", "Poland, army", "en-GB"
    properties.created, properties.modified = datetime(2025, 8, 19, 10), datetime(2025, 8, 20, 11)
    article = one(saved(document, tmp_path / "a.docx"))
    assert (article.title, article.text, article.language) == ("Troops", POLAND, "en")
    assert (article.published, article.modified) == (None, None)  # the day of a file is not the day of an article
    assert article.metadata == {
        "keywords": "Poland, army",
        "docx_created": "2025-08-19T10:00:00+00:00",
        "docx_modified": "2025-08-20T11:00:00+00:00",
    }


def test_what_reviewers_inserted_counts_and_what_they_deleted_does_not(tmp_path):
    document = docx.Document()
    document.add_paragraph("Poland KEEP will send troops.")
    path = saved(document, tmp_path / "a.docx")
    runs = '</w:t></w:r><w:ins w:id="1"><w:r><w:t>will not</w:t></w:r></w:ins><w:del w:id="2"><w:r><w:delText>may'
    edited(path, "word/document.xml", "KEEP", f"{runs}</w:delText></w:r></w:del><w:r><w:t>")
    assert one(path).text == "Poland will not will send troops."


def test_a_document_of_headings_only_and_one_of_nothing(tmp_path):
    document = docx.Document()
    for text in ("First", "Second", "Third"):
        document.add_heading(text, 2)
    article = one(saved(document, tmp_path / "a.docx"))
    assert (article.title, article.text) == ("First", "Second\n\nThird")
    assert "no text" in no(saved(docx.Document(), tmp_path / "b.docx"))


def test_entities_in_a_document_are_not_expanded_and_nothing_is_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    document = docx.Document()
    document.add_paragraph("Before MARK after.")
    path = saved(document, tmp_path / "a.docx")
    bomb = '<!ENTITY a "laugh">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    entities = f'<!DOCTYPE x [{bomb}<!ENTITY file SYSTEM "{secret.as_uri()}">]>'
    edited(path, "word/document.xml", "<w:document", f"{entities}<w:document")
    edited(path, "word/document.xml", "MARK", "&i;&file;")
    articles, errors = read(path)
    assert len(articles) + len(errors) == 1
    assert all("laugh" not in article.text and "secret" not in article.text for article in articles)


# --- .eml -----------------------------------------------------------------------------------------------------


def mail(sender: str = "Jane Döe <jane@example.org>", subject: str = "Fwd: Trööps", text: str = BODY) -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"] = subject, sender
    message["Date"] = "Tue, 19 Aug 2025 10:00:00 +0200"
    message.set_content(text)
    return message


def test_a_mail_from_a_person(tmp_path):
    message = mail()
    message.add_alternative("<html><body><p>not this</p></body></html>", subtype="html")
    article = one(tmp_path / "a.eml", message.as_bytes(policy=SMTP))
    assert (article.title, article.author, article.publisher) == ("Trööps", "Jane Döe", None)
    assert article.text == BODY
    assert article.published is not None
    assert article.published.isoformat() == "2025-08-19T10:00:00+02:00"


@pytest.mark.parametrize(
    ("sender", "author", "publisher"),
    [
        ("Sarn Water Press Office <press@sarnwater.example>", None, "Sarn Water Press Office"),
        ("Ministry of Defence <news@mod.example>", None, "Ministry of Defence"),
        ("Jane Officer <jane@office.example>", "Jane Officer", None),
        ("press-office@sarnwater.example", "press-office@sarnwater.example", None),
    ],
)
def test_a_mail_from_an_office_is_published_by_it(sender, author, publisher, tmp_path):
    article = one(tmp_path / "a.eml", mail(sender).as_bytes(policy=SMTP))
    assert (article.author, article.publisher) == (author, publisher)


def test_a_newsletter_in_html(tmp_path):
    message = EmailMessage()
    message["Subject"], message["From"] = "Troops", "The Continental Ledger <news@ledger.example>"
    message["Date"] = "Tue, 19 Aug 2025 10:00:00 -0000"
    message["List-Unsubscribe"] = "<https://ledger.example/off>"
    message.set_content("View this mail in your browser.")
    message.add_alternative(PAGE.replace("<title>", "<title>Mail: "), subtype="html")
    article = one(tmp_path / "a.eml", message.as_bytes(policy=SMTP))
    assert (article.title, article.author, article.publisher) == ("Troops", None, "The Continental Ledger")
    assert article.text == BODY
    assert article.published == datetime(2025, 8, 19, 10, tzinfo=UTC)


def test_what_is_attached_is_an_article_of_its_own(tmp_path):
    message = mail()
    for name in ("a.txt", "a.txt"):
        message.add_attachment(f"Attached {name}. {POLAND}".encode(), maintype="text", subtype="plain", filename=name)
    message.add_attachment(make_pdf([["From a PDF."]]), maintype="application", subtype="pdf", filename="report.pdf")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(mail("Ann <ann@example.org>", "The inner mail", f"Inner. {GERMANY}"))
    articles, errors = read(tmp_path / "a.eml", message.as_bytes(policy=SMTP))
    assert errors == []
    names = [(article.origin or "").rpartition("/")[2] for article in articles]
    assert names == ["a.eml", "a.eml#a.txt", "a.eml#a.txt (2)", "a.eml#report.pdf", "a.eml#The inner mail"]
    assert articles[-1].author == "Ann"
    assert articles[-1].text == f"Inner. {GERMANY}"


def test_a_mail_with_nothing_to_read_says_so_and_one_with_only_an_attachment_is_its_attachment(tmp_path):
    empty = mail(text="")
    assert no(tmp_path / "a.eml", empty.as_bytes()) == "no text in this mail"
    empty.add_attachment(BODY.encode(), maintype="text", subtype="plain", filename="a.txt")
    assert one(tmp_path / "a.eml", empty.as_bytes()).text == BODY


def test_raw_bytes_in_headers_and_flowed_lines(tmp_path):
    raw = "Subject: Żołnierze na Ukrainę\nFrom: Zoë <z@x.org>\nMIME-Version: 1.0\n"
    raw += "Content-Type: text/plain; charset=utf-8; format=flowed\n\n"
    article = one(tmp_path / "a.eml", f"{raw}Poland said \nthat it would \nnot.\n\n> quoted\n-- \nZoë\n")
    assert (article.title, article.author) == ("Żołnierze na Ukrainę", "Zoë")
    assert article.text == "Poland said that it would not.\n\n> quoted\n--\nZoë"


@pytest.mark.parametrize(
    "header", ["From: " + "(" * 20_000, "Date: not a day", "Content-Type: ;;;/=", "Subject: =?x?q?=?="]
)
def test_odd_headers_do_not_cost_the_mail(header, tmp_path):
    assert POLAND in one(tmp_path / "a.eml", f"{header}\nMIME-Version: 1.0\n\n{BODY}").text


def test_mails_made_to_harm_are_refused(tmp_path):
    head = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
    assert "parts" in no(tmp_path / "a.eml", head + b"--B\n\nx\n" * 10_000)
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (n, n) for n in range(2_000))
    assert "refused" in no(tmp_path / "a.eml", nested + b"line\n" * 20_000)


# --- .mht -----------------------------------------------------------------------------------------------------


def saved_page(page: str, where: str) -> str:
    head = f"From: <Saved by Blink>\nSnapshot-Content-Location: {where}\nSubject: Troops\nMIME-Version: 1.0\n"
    head += 'Content-Type: multipart/related; type="text/html"; boundary="B"\n\n'
    style = "--B\nContent-Type: text/css\n\nx\n--B--\n"
    return f"{head}--B\nContent-Type: text/html\nContent-Location: {where}\n\n{page}\n{style}"


@pytest.mark.parametrize("name", ["a.mht", "a.mhtml", "a.html"])
def test_a_saved_page(name, tmp_path):
    article = one(tmp_path / name, saved_page(PAGE, "https://news.example/troops"))
    assert (article.title, article.url, article.text) == ("Troops", "https://news.example/troops", BODY)
    assert article.published is None
    assert one(tmp_path / name, saved_page(PAGE, "file:///C:/a.html")).url is None


# --- .warc ----------------------------------------------------------------------------------------------------


def warc(records: list[tuple[str, bytes, str, str]], packed: bool = False) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    for url, body, kind, status in records:
        headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=headers,
            warc_headers_dict={"WARC-Date": "2025-08-21T00:00:00Z"},
        )
        writer.write_record(record)
    return out.getvalue()


RECORDS = [
    ("https://news.example/a", PAGE.encode("utf-8"), "text/html; charset=utf-8", "200 OK"),
    ("https://news.example/gone", PAGE.encode(), "text/html", "404 Not Found"),
    ("https://news.example/robots.txt", b"User-agent: *", "text/plain", "200 OK"),
    ("https://news.example/b", PAGE.replace("Poland", "Česko").encode("cp1250"), "text/html; charset=cp1250", "200 OK"),
]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_the_pages_of_a_web_archive(name, tmp_path):
    articles, errors = read(tmp_path / name, warc(RECORDS, name.endswith(".gz")))
    assert errors == []
    assert [article.url for article in articles] == ["https://news.example/a", "https://news.example/b"]
    assert [(article.origin or "").rpartition("/")[2] for article in articles] == [f"{name}#2", f"{name}#5"]
    assert articles[1].text.startswith("Česko said")
    assert {article.published for article in articles} == {None}
    assert {article.metadata["fetched"] for article in articles} == {"2025-08-21T00:00:00Z"}


def test_damage_in_a_web_archive_is_told(tmp_path, capfd):
    whole = warc(RECORDS)
    cut = whole.index(b"</article>")
    articles, errors = read(tmp_path / "a.warc", whole[:cut] + whole[cut + 100 :])
    assert errors
    assert "damaged" in errors[0].reason or "broken" in errors[0].reason
    assert articles[0].url == "https://news.example/a"
    assert "no page" in no(tmp_path / "b.warc", warc(RECORDS[1:3]))
    assert capfd.readouterr() == ("", "")  # warcio would print


# --- encodings ------------------------------------------------------------------------------------------------

# A paragraph each, the same news: what a reader of the language would call text, not a list of letters.
TEXTS = {
    "cp1252": (
        "Le président a déclaré mardi que le pays n’enverrait pas de troupes. La décision a été prise "
        "après de longs échanges avec les alliés, qui hésitent eux aussi."
    ),
    "cp1250": (
        "Prezydent powiedział we wtorek, że Polska nie wyśle żołnierzy na Ukrainę. Decyzja została "
        "podjęta po długich rozmowach z sojusznikami, którzy również się wahają."
    ),
    "iso8859-2": (
        "Česká vláda v úterý oznámila, že nevyšle vojáky na Ukrajinu. Rozhodnutí padlo po dlouhých "
        "jednáních se spojenci, kteří rovněž váhají."
    ),
    "koi8-r": (
        "Президент заявил во вторник, что страна не направит войска. Решение было принято после долгих "
        "переговоров с союзниками, которые тоже колеблются."
    ),
    "cp1251": (
        "Президент заявив у вівторок, що країна не надішле війська. Рішення було ухвалено після довгих "
        "переговорів із союзниками, які також вагаються."
    ),
    "gb18030": (
        "总统星期二表示，该国不会派遣军队。这一决定是在与盟国进行长时间谈判后作出的，盟国也在犹豫。"
        "外交部发言人说，会谈将继续进行。"
    ),
    "big5": (
        "總統星期二表示，該國不會派遣軍隊。這一決定是在與盟國進行長時間談判後作出的，盟國也在猶豫。"
        "外交部發言人說，會談將繼續進行。"
    ),
    "shift_jis": (
        "大統領は火曜日、軍隊を派遣しないと述べた。この決定は、"
        "同じくためらっている同盟国との長い協議の後に下された。外務省は協議が続くと発表した。"
    ),
    "euc_kr": (
        "대통령은 화요일 군대를 파견하지 않겠다고 밝혔다. 이 결정은 역시 망설이고 있는 동맹국들과의 긴 "
        "협상 끝에 내려졌다."
    ),
    "iso8859-7": (
        "Ο πρόεδρος δήλωσε την Τρίτη ότι η χώρα δεν θα στείλει στρατεύματα. Η απόφαση ελήφθη μετά από "
        "μακρές συνομιλίες με τους συμμάχους."
    ),
    "cp1255": (
        "הנשיא אמר ביום שלישי כי המדינה לא תשלח חיילים. ההחלטה התקבלה לאחר שיחות ארוכות עם בעלות הברית, שגם הן מהססות."
    ),
    "cp1256": (
        "قال الرئيس يوم الثلاثاء إن البلاد لن ترسل قوات. وجاء القرار بعد محادثات طويلة مع الحلفاء الذين يترددون أيضا."
    ),
    "cp1254": (
        "Cumhurbaşkanı salı günü ülkenin asker göndermeyeceğini söyledi. Karar, aynı şekilde tereddüt "
        "eden müttefiklerle yapılan uzun görüşmelerin ardından alındı."
    ),
    "cp874": ("ประธานาธิบดีกล่าวเมื่อวันอังคารว่าประเทศจะไม่ส่งทหาร การตัดสินใจเกิดขึ้นหลังการเจรจาอันยาวนานกับพันธมิตร"),
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_guessed_encoding_is_right_and_told(encoding, tmp_path):
    article = one(tmp_path / "a.txt", TEXTS[encoding].encode(encoding))
    assert article.text == TEXTS[encoding]
    assert "guessed" in article.metadata["encoding"]


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_declared_encoding_is_no_guess(encoding, tmp_path):
    text = f"{TEXTS[encoding]} {TEXTS[encoding]}"
    head = f'<html><head><meta charset="{encoding}"><title>x</title></head>'
    page = f"{head}<body><article><p>{text}</p></article></body></html>"
    article = one(tmp_path / "a.html", page.encode(encoding))
    assert article.text == text
    assert "encoding" not in article.metadata
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    article = one(tmp_path / "a.xhtml", (head + page.replace(f'<meta charset="{encoding}">', "")).encode(encoding))
    assert article.text == text
    assert "encoding" not in article.metadata
    message = (
        f"MIME-Version: 1.0\nContent-Type: text/plain; charset={encoding}\nContent-Transfer-Encoding: 8bit\n\n{text}"
    )
    article = one(tmp_path / "a.eml", message.encode(encoding))
    assert article.text == text
    assert "encoding" not in article.metadata


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso2022_jp"])
def test_encodings_that_show_themselves(encoding, tmp_path):
    text = f"{BODY} 大統領は火曜日" if encoding == "iso2022_jp" else f"{BODY} Żołnierze"
    assert one(tmp_path / "a.txt", text.encode(encoding)).text == text


def test_a_wrong_declaration_is_not_believed():
    russian = TEXTS["koi8-r"]
    assert decoded(russian.encode("koi8-r"), "x", "iso-8859-1").text == russian
    assert decoded(russian.encode("utf-8"), "x", "cp1251") == (russian, None)
    assert decoded(TEXTS["cp1252"].encode("cp1252"), "x", "utf-8").text == TEXTS["cp1252"]
    assert decoded(TEXTS["cp1252"].encode("cp1252"), "x", "zip").text == TEXTS["cp1252"]
    assert decoded("“Enfin”, dit l’élue".encode("cp1252"), "x", "ISO-8859-1").text == "“Enfin”, dit l’élue"


def test_broken_utf8_stays_utf8_and_the_loss_is_told():
    text = TEXTS["koi8-r"]
    found = decoded(text.encode()[:-1], "x")
    assert found.text == text.encode()[:-1].decode("utf-8", "replace")
    found = decoded(f"{text} ".encode() + b"\xff" + text.encode(), "x")
    assert found.text.count("\ufffd") == 1
    assert found.note == "utf-8, 1 characters unreadable"


def test_what_has_no_likely_encoding_is_an_error():
    with pytest.raises(SourceError, match=r"UTF-8|binary"):
        decoded(bytes(range(1, 256)) * 3, "x")
    with pytest.raises(SourceError, match="binary"):
        decoded(bytes(10_000), "x")


def test_a_guess_is_told_for_tables_and_json_too(tmp_path):
    text = TEXTS["koi8-r"]
    rows = "text\n" + f'"{text}"\n' * 3
    assert {a.metadata["encoding"] for a in read(tmp_path / "a.csv", rows.encode("koi8-r"))[0]} == {"koi8_r, guessed"}
    record = json.dumps({"text": text}, ensure_ascii=False)
    article = one(tmp_path / "a.json", record.encode("koi8-r"))
    assert (article.text, article.metadata["encoding"]) == (text, "koi8_r, guessed")


# --- names that say the wrong thing ---------------------------------------------------------------------------

LINES = "\n".join(json.dumps({"text": text}) for text in (POLAND, GERMANY))


def test_content_counts_more_than_a_wrong_name(tmp_path):
    assert one(tmp_path / "a.html", make_pdf([["From a PDF."]])).text == "From a PDF."
    assert one(tmp_path / "a.txt", gzip.compress(BODY.encode())).text == BODY
    assert one(tmp_path / "b.txt", PAGE).text == BODY
    assert one(tmp_path / "c.html", BODY).text == BODY
    assert [a.text for a in read(tmp_path / "a.json", LINES)[0]] == [POLAND, GERMANY]
    assert [a.text for a in read(tmp_path / "a.jsonl", json.dumps([{"text": POLAND}, {"text": GERMANY}]))[0]] == [
        POLAND,
        GERMANY,
    ]
    assert one(tmp_path / "b.jsonl", json.dumps({"text": POLAND}, indent=2)).text == POLAND
    assert one(tmp_path / "d.txt", mail().as_bytes()).title == "Trööps"
    document = docx.Document()
    document.add_paragraph(POLAND)
    path = saved(document, tmp_path / "e.docx").rename(tmp_path / "e.pdf")
    assert one(path).text == POLAND


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(100), "old office document"),
        (b"{\\rtf1 text}", "RTF"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7-Zip"),
        (b"\x28\xb5\x2f\xfd" + bytes(50), "zstd"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\xff\xd8\xff\xe0", "picture"),
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".docx", ".html", ".json"])
def test_what_cannot_be_read_says_what_it_is(data, kind, suffix, tmp_path):
    assert kind in no(tmp_path / f"a{suffix}", data)


def test_more_names_for_what_is_read(tmp_path):
    assert one(tmp_path / "a.markdown", f"# Troops\n\n{BODY}").title == "Troops"
    assert [a.text for a in read(tmp_path / "a.ndjson", LINES)[0]] == [POLAND, GERMANY]
    assert one(tmp_path / "a.tsv", f"title\ttext\nTroops\t{POLAND}\n").title == "Troops"
    (tmp_path / "~$lock.docx").write_bytes(b"Word's lock on an open file")
    assert len(read(tmp_path)[0]) == 4


# --- standard input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (BODY.encode(), [BODY]),
        (PAGE.encode(), [BODY]),
        (b"<p>" + POLAND.encode() + b"</p><p>" + GERMANY.encode() + b"</p>", [BODY]),
        (LINES.encode(), [POLAND, GERMANY]),
        (json.dumps({"text": "long " * 2000}).encode() + b"\n" + LINES.encode(), ["long " * 2000, POLAND, GERMANY]),
        (json.dumps({"text": POLAND}).encode(), [POLAND]),
        (json.dumps([{"text": POLAND}, {"text": GERMANY}], indent=1).encode(), [POLAND, GERMANY]),
        (gzip.compress(LINES.encode()), [POLAND, GERMANY]),
        (make_pdf([["From a PDF."]]), ["From a PDF."]),
        (f"{{braces}} and [brackets] are text. {POLAND}".encode(), [f"{{braces}} and [brackets] are text. {POLAND}"]),
    ],
)
def test_a_pipe_says_itself_what_it_is(data, texts):
    found = list(read_piped(io.BytesIO(data)))
    assert [article.text for article in found if isinstance(article, Article)] == texts
    assert all(article.origin is None for article in found if isinstance(article, Article))


def test_an_empty_pipe_and_a_broken_one_are_errors():
    (error,) = read_piped(io.BytesIO())
    assert str(error) == "standard input: nothing came in"
    closed = io.BytesIO()
    closed.close()
    (error,) = read_piped(closed)
    assert "cannot be read" in str(error)


@pytest.mark.slow
def test_the_command_line_reads_standard_input():
    command = [sys.executable, "-m", "toolkit", "ask", "--llm", "none", "What did Poland say about troops?", "-"]
    done = subprocess.run(command, input=LINES.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"would not send troops" in done.stdout
    done = subprocess.run([*command, "-"], input=LINES.encode(), capture_output=True, check=False)
    assert done.returncode == 2
    assert b"once" in done.stderr


def test_standard_input_goes_into_a_library_from_the_command_line(tmp_path, monkeypatch, capsys):
    from toolkit.__main__ import main

    library = str(tmp_path / "news.lance")
    lines = "\n".join(json.dumps({"text": text}) for text in (POLAND, GERMANY)).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert main(["add", "-", "--library", library]) == 0
    assert capsys.readouterr().out.startswith("2 added")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    assert main(["add", "-", "--library", library]) == 2
    assert capsys.readouterr().err == "citebook: standard input: nothing came in\n"


# --- the table of formats -------------------------------------------------------------------------------------


def test_every_format_has_a_reader_and_nothing_belongs_to_two():
    for one in formats.FORMATS:
        hints = get_type_hints(reader_of(one))
        assert hints == {"raw": Raw, "return": Iterator[Found]}, one.reader
        assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in one.suffixes)
    assert len(set(formats.SUFFIXES)) == len(formats.SUFFIXES)
    media = [kind for one in formats.FORMATS for kind in one.media]
    assert len(set(media)) == len(media)


def test_a_new_kind_of_file_is_a_module_and_a_line(tmp_path, monkeypatch):
    def subtitle_articles(raw: Raw) -> Iterator[Found]:
        lines = [line for line in raw.text().text.splitlines() if line and not line.isdigit() and "-->" not in line]
        yield {"text": " ".join(lines)}

    module = types.ModuleType("toolkit.articles.subtitles")
    module.subtitle_articles = subtitle_articles  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    line = formats.Format(
        suffixes=(".srt",), reader="subtitles:subtitle_articles", media=("application/x-subrip",), largest=1_000
    )
    monkeypatch.setitem(formats._BY_SUFFIX, ".srt", line)
    monkeypatch.setitem(formats._BY_MEDIA, "application/x-subrip", line)
    shown = b"1\n00:00:01,000 --> 00:00:04,000\nPoland said\nno.\n"
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "a.SRT").write_bytes(shown)
    (folder / "b.srt.gz").write_bytes(gzip.compress(shown))
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("inside/c.srt", shown)
    mail = EmailMessage()
    mail["Subject"] = "A clip"
    mail.set_content(GERMANY)
    mail.add_attachment(shown, maintype="application", subtype="x-subrip")
    (folder / "d.eml").write_bytes(mail.as_bytes())
    articles, errors = read(folder)
    assert errors == []
    assert [(Path(article.origin or "").name, article.text) for article in articles] == [
        ("a.SRT", "Poland said no."),
        ("b.srt.gz", "Poland said no."),
        ("c.srt", "Poland said no."),
        ("d.eml", f"{GERMANY}"),
        ("d.eml#attachment 1", "Poland said no."),
    ]
    assert "too large" in no(tmp_path / "long.srt", b"x" * 1_001)
