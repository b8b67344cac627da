"""Files to try readers with: whole ones of every format, mutations of them, and ones that are made to do harm."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from toolkit.articles.parquet import write_parquet
from toolkit.types import Article

Seeds = dict[str, list[bytes]]
"""For each suffix the bytes of whole files."""

_NUMBERS = (b"0", b"-1", b"4294967295", b"99999999999999999999", b"2147483648")
_WORDS = (
    b"<",
    b"&",
    b"]]>",
    b'"',
    b"\0",
    b"\r\n\r\n",
    b"boundary=",
    b"\xff\xfe",
    b"{",
    b"[",
    b"--",
    b"obj",
    b"%",
    b"=?utf-8?q?",
)


def seeds(articles: Path, scratch: Path) -> Seeds:
    """Whole files of every format, from a folder of articles as .txt, .md, .html and .pdf."""
    found: Seeds = {}
    for path in sorted(articles.iterdir()):
        if path.suffix in (".txt", ".md", ".html", ".pdf"):
            found.setdefault(path.suffix, []).append(path.read_bytes())
    texts = [data.decode() for data in found[".txt"]]
    records = [{"title": f"Article {n}", "date": "2025-08-19", "text": text} for n, text in enumerate(texts)]
    lines = "\n".join(json.dumps(record) for record in records).encode()
    cells = [[json.dumps(record[name]).replace('\\"', '""') for name in records[0]] for record in records]
    found[".xhtml"] = [b'<?xml version="1.0" encoding="utf-8"?>\n' + page for page in found[".html"]]
    found[".json"] = [json.dumps({"articles": records}).encode(), json.dumps(records[0], indent=1).encode()]
    found[".jsonl"] = [lines]
    found[".csv"] = [("title,date,text\n" + "\n".join(map(",".join, cells))).encode()]
    found[".tsv"] = [("title\tdate\ttext\n" + "\n".join(map("\t".join, cells))).encode()]
    found[".docx"] = [_document(texts[0])]
    found[".eml"] = [_mail(texts[0], found), _mail(texts[1], {})]
    found[".mht"] = [_saved(page) for page in found[".html"][:2]]
    found[".warc"] = [_warc(found[".html"])]
    found[".warc.gz"] = [gzip.compress(found[".warc"][0])]
    write_parquet([Article(text=text, title="T") for text in texts], scratch / "seed.parquet")
    found[".parquet"] = [(scratch / "seed.parquet").read_bytes(), _parquet(records)]
    found[".zip"] = [_zip({f"a{suffix}": some[0] for suffix, some in found.items()})]
    found[".jsonl.gz"] = [gzip.compress(lines)]
    for suffix, same in ((".ndjson", ".jsonl"), (".htm", ".html"), (".markdown", ".md"), (".mhtml", ".mht")):
        found[suffix] = found[same]
    found[".gz"] = [found[".warc.gz"][0], found[".jsonl.gz"][0], gzip.compress(found[".html"][0])]
    return found


def _document(text: str) -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("A heading", 1)
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(1, 1).text = "one", "two"
    document.core_properties.title = "A title"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _mail(text: str, attached: Seeds) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Ünrest", "Jane Döe <jane@example.org>"
    mail["Date"] = "Tue, 19 Aug 2025 10:00:00 +0200"
    mail.set_content(text)
    mail.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    for suffix in (".docx", ".pdf", ".jsonl"):
        for data in attached.get(suffix, [])[:1]:
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"a{suffix}")
    if attached:
        inner = EmailMessage()
        inner["Subject"] = "inner"
        inner.set_content(text)
        mail.add_attachment(inner)
    return mail.as_bytes(policy=SMTP)


def _saved(page: bytes) -> bytes:
    head = "From: <Saved by Blink>\nSnapshot-Content-Location: https://news.example/a\nMIME-Version: 1.0\n"
    head += 'Content-Type: multipart/related; type="text/html"; boundary="--B"\n\n----B\nContent-Type: text/html\n'
    return head.encode() + b"Content-Location: https://news.example/a\n\n" + page + b"\n----B--\n"


def _warc(pages: list[bytes]) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False)
    for number, page in enumerate(pages):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        url = f"https://news.example/{number}"
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(page), length=len(page), http_headers=headers
        )
        writer.write_record(record)
    return out.getvalue()


def _parquet(records: list[dict[str, str]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), out, compression="none")
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


# --- mutations ------------------------------------------------------------------------------------------------


def mutate(data: bytes, suffix: str, chance: random.Random, all_seeds: Seeds) -> bytes:
    """A file with something wrong: in what it packs, half of the time, where it packs something."""
    if suffix in (".docx", ".zip") and chance.random() < 0.6:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = chance.choice([name for name in members if name.endswith((".xml", ".rels"))] or list(members))
        return _zip({**members, name: _wrong(members[name], chance, all_seeds)})
    if suffix.endswith(".gz") and chance.random() < 0.6:
        return gzip.compress(_wrong(gzip.decompress(data), chance, all_seeds), 1)
    return _wrong(data, chance, all_seeds)


def _wrong(data: bytes, chance: random.Random, all_seeds: Seeds) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(_WAYS)(data, chance, all_seeds)
    return data[:3_000_000]


def _place(data: bytes, chance: random.Random) -> int:
    # Half of the time near an end, where headers and tables of contents are.
    reach = min(len(data), 200)
    edge = chance.choice((chance.randrange(reach + 1), len(data) - chance.randrange(reach + 1)))
    return chance.choice((edge, chance.randrange(len(data) + 1)))


def _flip(data: bytes, chance: random.Random, _: Seeds) -> bytes:
    out = bytearray(data)
    for _count in range(chance.choice((1, 2, 8, 64))):
        if out:
            out[min(_place(data, chance), len(out) - 1)] ^= 1 << chance.randrange(8)
    return bytes(out)


def _cut(data: bytes, chance: random.Random, _: Seeds) -> bytes:
    place = _place(data, chance)
    return chance.choice((data[:place], data[place:]))


def _remove(data: bytes, chance: random.Random, _: Seeds) -> bytes:
    place = _place(data, chance)
    return data[:place] + data[place + chance.choice((1, 4, 100, 1000)) :]


def _insert(data: bytes, chance: random.Random, _: Seeds) -> bytes:
    place = _place(data, chance)
    some = chance.choice((chance.randbytes(chance.choice((1, 4, 50))), chance.choice(_WORDS)))
    return data[:place] + some + data[place:]


def _splice(data: bytes, chance: random.Random, all_seeds: Seeds) -> bytes:
    other = chance.choice(all_seeds[chance.choice(sorted(all_seeds))])
    return data[: _place(data, chance)] + other[_place(other, chance) :]


def _repeat(data: bytes, chance: random.Random, _: Seeds) -> bytes:
    place = _place(data, chance)
    piece = data[place : place + chance.choice((1, 3, 20, 300))]
    times = min(chance.choice((3, 100, 10_000, 100_000)), 1_000_000 // max(1, len(piece)))
    return data[:place] + piece * times + data[place:]


def _size(data: bytes, chance: random.Random, _: Seeds) -> bytes:
    place = _place(data, chance)
    huge = struct.pack(chance.choice("<>") + "I", chance.choice((0, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000000)))
    return data[:place] + huge[: chance.choice((2, 4))] + data[place + 4 :]


def _number(data: bytes, chance: random.Random, _: Seeds) -> bytes:
    digits = [place for place in range(len(data) - 1) if data[place : place + 1].isdigit()][:20_000]
    if not digits:
        return data
    start = chance.choice(digits)
    end = start
    while end < len(data) and data[end : end + 1].isdigit():
        end += 1
    return data[:start] + chance.choice(_NUMBERS) + data[end:]


_WAYS: tuple[Callable[[bytes, random.Random, Seeds], bytes], ...] = (
    _flip, _flip, _cut, _remove, _insert, _splice, _repeat, _size, _number,
)  # fmt: skip


# --- hostile --------------------------------------------------------------------------------------------------


def hostile(found: Seeds) -> Iterator[tuple[str, str, bytes]]:
    """Files that are made to do harm: what each is, the suffix of its name, its bytes."""
    text = found[".txt"][0]
    zeros = gzip.compress(bytes(1_000_000_000), 9)
    yield "1 GB of zeros", ".txt.gz", zeros
    yield "1 GB of zeros", ".jsonl.gz", zeros
    yield "1 GB of zeros", ".csv.gz", zeros
    yield "1 GB of zeros", ".warc.gz", zeros
    yield "1 GB of zeros", ".zip", _deflated("a.txt", 1_000_000_000)
    yield "1 GB of zeros that says 10 bytes", ".zip", _deflated("a.txt", 1_000_000_000, 10)
    yield "500 MB of zeros as a part", ".docx", _deflated("word/document.xml", 500_000_000, extra="[Content_Types].xml")
    yield "gz of gz of gz", ".txt.gz", gzip.compress(gzip.compress(gzip.compress(text)))
    yield "gz of gz of gz of gz", ".gz", gzip.compress(gzip.compress(gzip.compress(gzip.compress(text))))
    yield "gz of a gz of zeros", ".gz", gzip.compress(zeros)
    inner = text
    for _ in range(8):
        inner = _zip({"a.zip": inner, "b.txt": text})
    yield "zips in zips", ".zip", inner
    yield "100,000 members", ".zip", _zip({f"{number}.txt": b"x" for number in range(100_000)})
    yield "10,000 members", ".zip", _zip({f"{number}.txt": text for number in range(10_000)})
    yield (
        "paths",
        ".zip",
        _zip({"../../../etc/x.txt": text, "/etc/y.txt": text, "C:\\z.txt": text, "a\nb\x1b.txt": text}),
    )
    for kind, name in ((zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", kind) as archive:
            archive.writestr("a.txt", bytes(300_000_000 if kind == zipfile.ZIP_BZIP2 else 100_000_000))
        yield f"zeros by {name}", ".zip", out.getvalue()
    yield from _markup(found)
    yield from _mails(text)
    yield from _tables(text)


def _deflated(name: str, size: int, said: int | None = None, extra: str = "") -> bytes:
    """A zip archive with one member of zeros, which may say that it is smaller."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if extra:
            archive.writestr(extra, b"<Types/>")
        with archive.open(name, "w") as member:
            for _ in range(size // 1_000_000):
                member.write(bytes(1_000_000))
    data = out.getvalue()
    return data if said is None else data.replace(struct.pack("<I", size), struct.pack("<I", said))


def _entities(levels: int = 9) -> str:
    more = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels + 1))
    return f'<!DOCTYPE x [<!ENTITY e0 "laugh">{more}<!ENTITY file SYSTEM "file:///etc/passwd">]>'


def _markup(found: Seeds) -> Iterator[tuple[str, str, bytes]]:
    body = f"<html><body><p>&e9;&file;</p><p>{'A sentence that stands here. ' * 20}</p></body></html>"
    yield "a billion laughs", ".xhtml", f'<?xml version="1.0"?>{_entities()}{body}'.encode()
    yield "a billion laughs", ".html", f"{_entities()}{body}".encode()
    with zipfile.ZipFile(io.BytesIO(found[".docx"][0])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    document = parts["word/document.xml"].decode()
    laughing = document.replace("<w:document", f"{_entities()}<w:document", 1).replace("A heading", "&e9;&file;", 1)
    yield "a billion laughs", ".docx", _zip({**parts, "word/document.xml": laughing.encode()})
    core = parts["docProps/core.xml"].decode()
    laughing = core.replace("<cp:core", f"{_entities()}<cp:core", 1).replace("A title", "&e9;&file;", 1)
    yield "laughs in its title", ".docx", _zip({**parts, "docProps/core.xml": laughing.encode()})
    deep = document.replace("<w:body>", "<w:body>" + "<w:sdt><w:sdtContent>" * 100_000, 1)
    yield "100,000 deep", ".docx", _zip({**parts, "word/document.xml": deep.encode()})
    many = document.replace("<w:sectPr", "<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 300_000 + "<w:sectPr", 1)
    yield "300,000 paragraphs", ".docx", _zip({**parts, "word/document.xml": many.encode()})
    for tag in ("div", "b", "table><tr><td", "ul><li", "span"):
        yield f"{tag} 100,000 deep", ".html", f"<html><body>{f'<{tag}>' * 100_000}x".encode()
    sentence = "This is a sentence of some length that stands on a page. "
    yield "30,000 paragraphs", ".html", f"<html><body><article>{f'<p>{sentence}</p>' * 30_000}".encode()
    yield "30,000 links", ".html", f"<html><body><article>{f'<p><a href=x>{sentence}</a>' * 30_000}".encode()
    yield "90,000 empty elements", ".html", f"<html><body>{'<i></i>' * 90_000}{sentence * 20}".encode()
    yield "90,000 line breaks", ".html", f"<html><body><p>{'word<br>' * 90_000}".encode()
    yield "4 MB in one paragraph", ".html", f"<html><body><article><p>{sentence * 70_000}".encode()
    yield "4 MB attribute", ".html", f"<html><body class='{'date ' * 800_000}'><p>{sentence * 20}".encode()
    yield (
        "20,000 dates",
        ".html",
        f"<html><body>{'<span class=date>May 1, 2025</span>' * 20_000}<p>{sentence * 20}".encode(),
    )
    script = "[" * 2_000_000
    yield "deep JSON-LD", ".html", f'<script type="application/ld+json">{script}</script><p>{sentence * 20}'.encode()
    yield "a title of 2 MB", ".html", f"<title>{'- ' * 1_000_000}</title><p>{sentence * 20}".encode()
    yield "meta without end", ".html", b"<meta " * 500_000
    yield "open comments", ".html", b"<!-- " * 500_000


def _mails(text: bytes) -> Iterator[tuple[str, str, bytes]]:
    head = b"From: a@b.c\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    part = b"--B\r\nContent-Type: text/plain\r\n\r\n" + text + b"\r\n"
    yield (
        "10,000 parts",
        ".eml",
        head + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + part * 10_000 + b"--B--\r\n",
    )
    named = b"--B\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n"
    yield "10,000 attachments", ".eml", head + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + named * 10_000
    for levels in (90, 5_000):
        nested = b"".join(
            b"Content-Type: multipart/mixed; boundary=B%d\r\n\r\n--B%d\r\n" % (n, n) for n in range(levels)
        )
        yield f"{levels} deep", ".eml", head + nested + b"\r\n" + b"line\r\n" * 300_000
    yield "mails in mails", ".eml", (head + b"Content-Type: message/rfc822\r\n\r\n") * 3_000 + b"\r\nx"
    for name in (b"From", b"Subject", b"Date", b"Content-Type", b"Content-Disposition"):
        yield f"{name.decode()}: 2 MB of brackets", ".eml", name + b": " + b"(" * 2_000_000 + b"\r\n" + head + b"\r\nx"
        yield (
            f"{name.decode()}: long list",
            ".eml",
            name + b": " + b"a@b.c, ;x*0=y" * 100_000 + b"\r\n" + head + b"\r\nx",
        )
    yield "100,000 headers", ".eml", b"X: y\r\n" * 100_000 + head + b"\r\nA text.\r\n"
    yield "500,000 encoded words", ".eml", b"Subject: " + b"=?utf-8?q?x?= " * 500_000 + b"\r\n" + head + b"\r\nx"
    yield "an encoding of nonsense", ".eml", head + b"Content-Type: text/plain; charset=zip\r\n\r\n\xff\xfe\xfd text"
    yield "10 MB of empty lines", ".eml", head + b"\r\n" + b"\n" * 10_000_000
    yield "no page", ".mht", head + b"Content-Type: multipart/related; boundary=B\r\n\r\n" + part * 3_000


def _tables(text: bytes) -> Iterator[tuple[str, str, bytes]]:
    yield "a cell of 200 MB", ".csv", b"title,text\nx," + b"word " * 40_000_000
    yield "a quoted cell of 200 MB", ".csv", b'title,text\nx,"' + b"word\n" * 40_000_000
    yield "a million columns", ".csv", b"text," + b"a," * 1_000_000 + b"\n" + b"b," * 1_000_000
    yield "nested 100,000 deep", ".json", b"[" * 100_000
    yield "nested 100,000 deep", ".jsonl", (b'{"text": ' + b"[" * 100_000 + b"\n") * 20
    yield "nested 900 deep", ".json", b'{"text": "x", "a": ' + b"[" * 900 + b"]" * 900 + b"}"
    yield "a number of a million digits", ".json", b'{"text": "x", "a": ' + b"9" * 1_000_000 + b"}"
    yield "a line of 45 MB", ".jsonl", b'{"text": "' + b"word " * 9_000_000 + b'"}\n{"text": "good"}'
    yield (
        "45 MB of letters and one of another script",
        ".json",
        b'{"text": "\xf0\x9f\x98\x80' + b"word " * 9_000_000 + b'"}',
    )
    yield (
        "24 MB of letters and one of another script",
        ".json",
        b'{"text": "\xf0\x9f\x98\x80' + b"word " * 4_800_000 + b'"}',
    )
    yield "19 MB with one of another script", ".txt", b"\xf0\x9f\x98\x80" + b"word " * 3_800_000
    yield (
        "49 MB of records",
        ".json",
        b"[" + b",".join([b'{"text": "' + text[:500].replace(b'"', b"").replace(b"\n", b" ") + b'"}'] * 90_000) + b"]",
    )
    yield "zeros", ".txt", bytes(19_000_000)
    yield "one letter", ".txt", b"\xe9" * 19_000_000
    yield "nested front matter", ".md", b"---\n" + b"[" * 19_000 + b"\n---\n" + text
    yield "front matter", ".md", b"---\n" + b"a: &a [" * 3_000 + b"\n---\n" + text
    yield "a header without end", ".warc", b"WARC/1.0\r\n" + b"X-Y: z\r\n" * 2_000_000
    yield "a header line of 60 MB", ".warc", b"WARC/1.0\r\n" + b"X" * 60_000_000
    record = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.y/\r\nContent-Length: %d\r\n\r\n"
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: %s\r\n\r\n"
    bomb = http % b"gzip" + gzip.compress(bytes(400_000_000))
    yield "a page of 400 MB of zeros", ".warc", record % len(bomb) + bomb + b"\r\n\r\n"
    bomb = http % b"deflate" + zlib.compress(bytes(400_000_000))
    yield "a page of 400 MB of zeros, deflated", ".warc", record % len(bomb) + bomb + b"\r\n\r\n"
    yield "a page that says a terabyte", ".warc", record % 10**12 + http % b"" + text
    yield (
        "a PDF that says a billion pages",
        ".pdf",
        (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
            b"2 0 obj<</Type/Pages/Count 999999999/Kids[2 0 R 2 0 R]>>endobj trailer<</Root 1 0 R>>"
        ),
    )
    yield "drawings in drawings", ".pdf", _drawings(12)
    yield "a page of 100 MB of text", ".pdf", _drawings(1, zlib.compress(b"BT (word ) Tj ET " * 6_000_000, 9))
    yield "33,000 streams without an end", ".pdf", _drawings(1) + b"7 0 obj<</Length 9>>\nstream\n" * 33_000


def _drawings(levels: int, page: bytes = b"") -> bytes:
    """A PDF with a drawing that holds ten times the next one, and so on; ``page`` is deflated."""
    content = page or zlib.compress(b"BT /F 12 Tf (Text.) Tj ET /X Do")
    parts = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    shown = b"/Resources<</Font<</F 5 0 R>>/XObject<</X %d 0 R>>>>"
    parts.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R" + shown % 6 + b">>")
    parts.append(b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(content), content))
    parts.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for level in range(levels):
        drawn = b"/X Do " * 10 if level < levels - 1 else b"BT /F 12 Tf (x) Tj ET"
        said = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Length %d" % len(drawn) + shown % (7 + level)
        parts.append(b"<<%s>>\nstream\n%s\nendstream" % (said, drawn))
    objects = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, part) for number, part in enumerate(parts, 1))
    return b"%PDF-1.4\n" + objects + b"trailer<</Root 1 0 R>>\n"


def shown(value: Any) -> str:
    """One line of a value."""
    return " ".join(str(value).split())[:200]
