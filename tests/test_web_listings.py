"""Feeds, sitemaps and lists of addresses: what they name is fetched, and nothing else is."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read as read_with
from web_site import html, text_of, web

from toolkit.articles import read_articles
from toolkit.articles.web.feeds import read_feed
from toolkit.articles.web.markup import line_of, paragraphs
from toolkit.articles.web.sitemaps import read_sitemap, unchanged_since
from toolkit.errors import ArgumentError, SourceError


def read(*sources, options=None, **named):
    return read_with(*sources, web=web(**(options or {})), **named)


def xml(text: str, kind: str = "application/rss+xml", charset: str = "utf-8"):
    return 200, {"Content-Type": f"{kind}; charset={charset}"}, text.encode(charset)


FULL = " ".join(f"Sentence number {number} of the whole text that only the feed has." for number in range(12))


def rss(site) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Example News &amp; Views</title><link>{site.at("a.test")}</link><language>en-GB</language>
<item><title>Pool &lt;b&gt;reopens&lt;/b&gt;</title><link>{site.at("a.test", "/1")}</link><guid>tag:1</guid>
  <dc:creator>Ann Lee</dc:creator><pubDate>Tue, 19 Aug 2025 10:00:00 +0200</pubDate>
  <description>Teaser.</description></item>
<item><title>Paywalled</title><link>/2</link><guid isPermaLink="false">tag:2</guid>
  <content:encoded><![CDATA[<p>{FULL}</p><p>The end &amp; more.</p><script>alert(1)</script>]]></content:encoded></item>
<item><title>Gone</title><link>{site.at("a.test", "/3")}</link>
  <description>Too short to be an article.</description></item>
<item><title>No page</title><guid isPermaLink="false">tag:4</guid>
  <content:encoded><![CDATA[<p>{FULL}</p>]]></content:encoded></item>
<item><title>Twice</title><link>{site.at("a.test", "/1")}</link></item>
<item><title>Elsewhere</title><link>file:///etc/passwd</link></item>
</channel></rss>"""


def test_the_pages_of_a_feed_are_read_and_its_own_text_where_one_cannot_be_had(site):
    site.pages = {
        "/feed": xml(rss(site)),
        "/1": html("The pool reopens", text_of(1)),
        "/2": html("Paywalled", "Sentence number 0 of the whole text that only the feed has. Subscribe to read on."),
        "/3": (403, {}, b""),
    }
    feed = site.at("a.test", "/feed")
    articles, errors = read(feed=feed)
    one, two, four = articles
    assert (one.title, one.text, one.author) == ("The pool reopens", text_of(1), "Ann Lee")
    assert one.published.isoformat() == "2025-08-19T10:00:00+02:00"
    assert (one.publisher, one.language) == ("Example News & Views", "en")
    assert one.origin == one.url == site.at("a.test", "/1")
    assert one.metadata["feed"] == feed
    assert one.metadata["entry"] == "tag:1"
    assert two.text == f"{FULL}\n\nThe end & more."
    assert (two.title, two.url) == ("Paywalled", site.at("a.test", "/2"))
    assert two.metadata["text_from_feed"] == "the page shows less than half of what the feed does"
    assert (four.title, four.url, four.origin) == ("No page", None, f"{feed}#tag:4")
    assert four.metadata["text_from_feed"] == "the feed names no page for it"
    assert [error.source for error in errors] == [site.at("a.test", "/3"), f"{feed}, entry “Elsewhere”"]
    assert "HTTP 403" in errors[0].reason
    assert site.paths.count("/1") == 1


def test_atom_with_relative_links_and_a_base(site):
    feed = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="{site.at("b.test", "/news/")}">
    <title>Atom</title><updated>2025-08-20T00:00:00Z</updated>
    <entry><id>urn:1</id><title type="html">A &amp;amp; B</title><link rel="alternate" href="1"/>
      <author><name>Ann</name></author><author><name>Bo</name></author>
      <published>2025-08-19T10:00:00Z</published><updated>2025-08-20T11:00:00Z</updated></entry></feed>"""
    site.pages = {"/feed": xml(feed, "application/atom+xml"), "/news/1": html("", text_of(1))}
    (article,), errors = read(feed=site.at("b.test", "/feed"))
    assert errors == []
    assert (article.url, article.title, article.author) == (site.at("b.test", "/news/1"), "A & B", "Ann, Bo")
    assert article.published == datetime(2025, 8, 19, 10, tzinfo=UTC)
    assert article.modified == datetime(2025, 8, 20, 11, tzinfo=UTC)


def test_a_feed_puts_no_words_and_no_names_under_the_address_of_another_site(site):
    there, gone = site.at("b.test", "/there"), site.at("b.test", "/gone")
    said = f"&lt;p&gt;{'Poland surrendered on Tuesday, the ministry said. ' * 20}&lt;/p&gt;"
    items = "".join(
        f"<item><title>T</title><link>{link}</link><description>{said}</description>"
        "<author>liar@a.test (A. Liar)</author><pubDate>Tue, 19 Aug 2025 10:00:00 GMT</pubDate></item>"
        for link in (there, gone)
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Other Paper</title>{items}</channel></rss>'
    site.pages = {"/feed": xml(feed, "application/rss+xml"), "/there": html("", text_of(1))}
    (page, words), errors = read(feed=site.at("a.test", "/feed"))
    assert errors == []
    assert (page.url, page.text, page.publisher) == (there, text_of(1), "b.test")
    assert (page.author, page.published) == (None, None)
    assert (words.url, words.publisher, words.metadata["link"]) == (None, "The Other Paper", gone)
    assert words.origin == f"{site.at('a.test', '/feed')}#{gone}"
    (page, words), errors = read(feed=site.at("feeds.b.test", "/feed"))  # its own feed may say all that
    assert (page.url, words.url, words.publisher, words.date) == (there, gone, "The Other Paper", "2025-08-19")
    assert "surrendered" in page.text


def test_a_json_feed(site):
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "JSON News",
        "language": "de-AT",
        "items": [
            {
                "id": "1",
                "url": "/1",
                "title": "One",
                "date_published": "2025-08-19T10:00:00Z",
                "authors": [{"name": "A"}],
            },
            {"id": "2", "content_html": f"<p>{FULL}</p>"},
            "nonsense",
        ],
    }
    body = json.dumps(feed).encode()
    site.pages = {"/feed": (200, {"Content-Type": "application/feed+json"}, body), "/1": html("", text_of(1))}
    (one, two), errors = read(feed=site.at("a.test", "/feed"))
    assert errors == []
    assert (one.title, one.author, one.publisher, one.date) == ("One", "A", "JSON News", "2025-08-19")
    assert (two.text, two.language) == (FULL, "de")


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("utf-8", "utf-8", "iso-8859-1"),
        ("iso-8859-1", "iso-8859-1", "utf-8"),
        ("utf-16", "utf-16", "utf-16"),
        ("utf-16-be", "utf-16", "utf-8"),
        ("cp1251", "windows-1251", ""),
        ("iso-8859-1", "", "iso-8859-1"),
    ],
)
def test_feeds_in_any_encoding(charset, declared, header):
    title = "Школа" if charset == "cp1251" else "Café"
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    feed = f"{declaration}<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>"
    content_type = "text/xml" + (f"; charset={header}" if header else "")
    (entry,) = read_feed(feed.encode(charset), content_type, "http://a.test/", "http://a.test/")
    assert entry.title == title


def test_older_dialects_of_rss():
    rdf = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old</title></channel>
      <item><title>One</title><link>http://a.test/1</link><dc:date>2003-12-31T10:00:00Z</dc:date></item></rdf:RDF>"""
    (entry,) = read_feed(rdf, "text/xml", "http://a.test/", "http://a.test/")
    assert (entry.title, entry.link, entry.published.year) == ("One", "http://a.test/1", 2003)
    doctype = b"""<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
      "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>T</title>
      <item><title>Caf&eacute;</title><link>http://a.test/2</link></item></channel></rss>"""
    (entry,) = read_feed(doctype, "text/xml", "http://a.test/", "http://a.test/")
    assert (entry.title, entry.link) == ("Café", "http://a.test/2")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_bombs_and_entities_are_refused(charset):
    url = "http://a.test/"
    for entity in (BOMB, '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'):
        feed = f"{entity}<rss version='2.0'><channel><item><title>&i;</title></item></channel></rss>"
        with pytest.raises(SourceError, match="XML entities"):
            read_feed(feed.encode(charset), "application/rss+xml", url, url)
        urls = f"{entity}<urlset><url><loc>http://a.test/&i;</loc></url></urlset>"
        with pytest.raises(SourceError, match="XML entities"):
            read_sitemap(urls.encode(charset), url, url)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (html("A", text_of(1)), "a web page, not a feed; add it as a page"),
        (
            html("A", text_of(1), head="<link type='application/rss+xml' rel='alternate' href='/rss?a=1'>"),
            "it names a feed: http://a.test",
        ),
        (xml("<urlset/>"), "not a feed"),
        (xml('{"a": 1}'), "not a feed"),
        (xml("plain words"), "not a feed"),
        (xml(""), "not a feed"),
        ((200, {}, b"\x00\x01\x02\xff" * 100), "not a feed"),
        ((404, {}, b""), "HTTP 404"),
    ],
)
def test_what_is_no_feed_says_what_it_is(site, page, reason):
    site.pages = {"/feed": page}
    articles, errors = read(feed=site.at("a.test", "/feed"))
    assert articles == []
    assert [error.source for error in errors] == [site.at("a.test", "/feed")]
    assert reason in errors[0].reason, errors[0].reason


def test_a_feed_given_as_a_page_says_how_to_add_it(site):
    site.pages = {"/feed": xml(rss(site)), "/xml": xml(rss(site), "text/xml"), "/map": xml("<urlset/>", "text/xml")}
    _, errors = read(*(site.at("a.test", path) for path in site.pages))
    assert ["add(feed=...)" in error.reason for error in errors] == [True, True, False]
    assert "add(sitemap=...)" in errors[2].reason
    assert "/1" not in site.paths


def test_no_more_than_the_limit_and_it_is_said(site):
    items = "".join(f"<item><link>/{n}</link></item>" for n in range(8))
    site.pages = {"/feed": xml(f"<rss version='2.0'><channel>{items}</channel></rss>")}
    site.pages |= {f"/{n}": html(f"T{n}", text_of(n)) for n in range(8)}
    articles, errors = read(feed=site.at("a.test", "/feed"), limit=3)
    assert [article.title for article in articles] == ["T0", "T1", "T2"]
    assert errors[0].reason == "this feed lists 8 pages; the first 3 were read, limit= reads more"
    assert "/4" not in site.paths


def test_several_feeds_and_other_sources_keep_their_order(site):
    for name in "ab":
        site.pages[f"/{name}.xml"] = xml(
            f"<rss version='2.0'><channel><item><link>/{name}</link></item></channel></rss>"
        )
        site.pages[f"/{name}"] = html(name, text_of(ord(name)))
    feeds = [site.at("b.test", "/b.xml"), site.at("a.test", "/a.xml")]
    articles, errors = read({"text": "first"}, feed=feeds)
    assert ([article.title for article in articles], errors) == ([None, "b", "a"], [])


def test_the_pages_of_several_feeds_are_fetched_side_by_side_each_once(site):
    site.latency = 0.1
    for feed in range(8):
        items = "".join(f"<item><link>{site.at(f'h{feed}.test', f'/{feed}{n}')}</link></item>" for n in range(3))
        items += f"<item><link>{site.at('all.test', '/all')}</link></item>"
        site.pages[f"/{feed}.xml"] = xml(f"<rss version='2.0'><channel>{items}</channel></rss>")
        site.pages |= {f"/{feed}{n}": html(f"T{feed}{n}", text_of(10 * feed + n)) for n in range(3)}
    site.pages["/all"] = html("All", text_of(99))
    at_once = []
    page = site.pages["/01"]
    site.pages |= {
        f"/{feed}1": lambda request: (at_once.append(sum(site.at_once.values())), page)[1] for feed in range(8)
    }
    articles, errors = read(feed=[site.at(f"h{n}.test", f"/{n}.xml") for n in range(8)])
    assert errors == []
    assert [article.origin.rpartition("/")[2] for article in articles] == [
        name for feed in range(8) for name in [*(f"{feed}{n}" for n in range(3)), *(["all"] if feed == 0 else [])]
    ]
    assert site.paths.count("/all") == 1
    assert max(at_once) > 4


def test_entries_that_lead_to_private_machines_are_refused(site, monkeypatch):
    from test_web_fetching import one_is_public

    one_is_public(monkeypatch, "127.0.0.1")
    links = ["http://127.0.0.2:1/", "http://169.254.169.254/latest/meta-data/", "http://2130706433/", "http://[::1]/"]
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    site.pages = {"/feed": xml(f"<rss version='2.0'><channel>{items}</channel></rss>")}
    articles, errors = read(feed=site.at("a.test", "/feed"), options={"allow_private": False})
    assert articles == []
    assert len(errors) == 4
    assert all("private address" in error.reason or "in disguise" in error.reason for error in errors)


@settings(max_examples=150)
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)), st.sampled_from(["", "feed", "rss", "{"])
)
def test_no_feed_and_no_sitemap_makes_anything_but_an_error(data, kind):
    head = {
        "feed": b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>",
        "rss": b"<rss><channel><item>",
        "{": b"{",
        "": b"",
    }
    for reader in (
        lambda: read_feed(head[kind] + data, "text/xml; charset=x", "http://a.test/", "http://a.test/"),
        lambda: read_sitemap(b"<urlset><url><loc>" + data, "http://a.test/", "http://a.test/"),
        lambda: read_sitemap(b"\x1f\x8b" + data, "http://a.test/", "http://a.test/"),
    ):
        said = "none"
        try:
            reader()
        except SourceError as error:
            said = str(error)
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"<rss><channel>" + b"<item><title>" * 20_000,
        b"<rss version='2.0'><channel><item><description>" + b"&lt;div&gt;" * 50_000,
        b"<rss version='2.0'><channel><item><title>" + b"&lt;b&gt;" * 50_000,
        b"<rss version='2.0'><channel>" + b"<item><link>http://a.test/</link><title>x</title></item>" * 3_000,
        b"<feed>" + b"<a " + b"b='c' " * 30_000 + b">",
        b"<rss version='2.0'><channel><item><title>" + b"<![CDATA[" * 20_000,
        b"<rss version='2.0'><channel><item><pubDate>" + b"1 Jan " * 50_000,
        b"<!DOCTYPE " + b"[" * 100_000,
        b"<urlset>" + b"<url>" * 50_000,
        b"<urlset>" + b"<url><loc>http://a.test/</loc></url>" * 20_000,
        b"<rss><channel>" + b"<item><link>http://a.test/</link></item>" * 200_000,
    ],
)
def test_hostile_feeds_and_sitemaps_cost_seconds_at_most(data):
    for reader in (read_feed, lambda data, kind, url, asked: read_sitemap(data, url, asked)):
        started = time.process_time()
        with contextlib.suppress(SourceError):
            reader(data, "text/xml", "http://a.test/", "http://a.test/")
        assert time.process_time() - started < 5


# Markup


@pytest.mark.parametrize(
    ("scrap", "text"),
    [
        ("<p>One &amp; two</p><p>Three<br>four</p>", "One & two\n\nThree\n\nfour"),
        ("plain  words\n\nand more", "plain words\n\nand more"),
        (
            "<style>x</style><p onclick='x'>Said <a href='javascript:1'>he</a>.</p><img src='http://x/1.png'>",
            "Said he.",
        ),
        ("<ul><li>a<li>b</ul>", "a\n\nb"),
        ("", ""),
        ("<", "<"),
        ("<!-- x -->", ""),
        ("<p>\x00a\ud800</p>", "a"),
    ],
)
def test_scraps_of_html_become_paragraphs(scrap, text):
    assert paragraphs(scrap).replace("\ufffd", "") == text


def test_titles_are_one_line():
    assert line_of("A <b>bold</b>\n title &amp; more") == "A bold title & more"
    assert line_of("5 < 6") is not None
    assert line_of("  ") is None


# Sitemaps

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{}</urlset>"""


def test_the_pages_of_a_sitemap_newest_first(site):
    urls = f"""<url><loc>{site.at("a.test", "/old")}</loc><lastmod>2024-01-01</lastmod></url>
      <url><loc>{site.at("a.test", "/undated")}</loc></url>
      <url><loc> {site.at("a.test", "/new")} </loc><lastmod>2025-08-19T10:00:00+02:00</lastmod>
        <image:image><image:loc>{site.at("a.test", "/picture")}</image:loc></image:image></url>
      <url><loc>ftp://a.test/x</loc></url>"""
    site.pages = {"/sitemap.xml": xml(SITEMAP.format(urls), "application/xml")}
    site.pages |= {f"/{name}": html(name, text_of(n)) for n, name in enumerate(("old", "undated", "new"))}
    articles, errors = read(sitemap=site.at("a.test", "/sitemap.xml"))
    assert ([article.title for article in articles], errors) == (["new", "old", "undated"], [])
    assert articles[0].modified is None  # of the page, not of the article
    assert "/picture" not in site.paths
    articles, errors = read(sitemap=site.at("a.test", "/sitemap.xml"), limit=2)
    assert [article.title for article in articles] == ["new", "old"]
    assert errors[0].reason == "this sitemap lists 3 pages; the newest 2 were read, limit= reads more"


def test_a_news_sitemap_says_what_a_page_does_not(site):
    news = f"""<url><loc>{site.at("a.test", "/1")}</loc><news:news><news:publication><news:name>The Example</news:name>
      <news:language>en-gb</news:language></news:publication><news:publication_date>2025-08-19</news:publication_date>
      <news:title>Pool  reopens</news:title></news:news></url>"""
    page = html("", text_of(1))
    site.pages = {"/news.xml": xml(SITEMAP.format(news)), "/1": (200, page[1], page[2].replace(b" lang='en'", b""))}
    (article,), errors = read(sitemap=site.at("a.test", "/news.xml"))
    assert errors == []
    assert (article.publisher, article.date, article.language) == ("The Example", "2025-08-19", "en")
    assert article.title == "Pool reopens"


def test_an_index_of_sitemaps_gzipped_with_a_circle_and_a_broken_one(site):
    index = f"""<sitemapindex><sitemap><loc>/1.xml.gz</loc><lastmod>2024-01-01</lastmod></sitemap>
      <sitemap><loc>{site.at("a.test", "/2.xml")}</loc><lastmod>2025-01-01</lastmod></sitemap>
      <sitemap><loc>/index.xml</loc></sitemap><sitemap><loc>/missing.xml</loc></sitemap></sitemapindex>"""
    site.pages = {"/index.xml": xml(index)}
    for n in (1, 2):
        body = SITEMAP.format(f"<url><loc>{site.at('a.test', f'/{n}')}</loc></url>").encode()
        site.pages[f"/{n}.xml"] = (200, {}, body)
        site.pages[f"/{n}.xml.gz"] = (200, {"Content-Type": "application/x-gzip"}, gzip.compress(body))
        site.pages[f"/{n}"] = html(f"T{n}", text_of(n))
    articles, errors = read(sitemap=site.at("a.test", "/index.xml"))
    assert [article.title for article in articles] == ["T2", "T1"]
    assert [error.source for error in errors] == [site.at("a.test", "/missing.xml")]
    assert site.paths.count("/index.xml") == 1


def test_the_sitemap_of_a_site_is_found_by_its_robots_txt(site):
    site.pages = {
        "/robots.txt": (200, {}, f"Sitemap: {site.at('a.test', '/deep/map.txt')}".encode()),
        "/deep/map.txt": (200, {"Content-Type": "text/plain"}, f"{site.at('a.test', '/1')}\n".encode()),
        "/1": html("One", text_of(1)),
        "/sitemap.xml": xml(SITEMAP.format(f"<url><loc>{site.at('a.test', '/1')}</loc></url>")),
    }
    articles, errors = read(sitemap=site.at("a.test"))
    assert ([article.title for article in articles], errors) == (["One"], [])
    assert "/sitemap.xml" not in site.paths
    del site.pages["/robots.txt"]
    assert read(sitemap=site.at("a.test"))[1] == []
    assert "/sitemap.xml" in site.paths


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (html("A", text_of(1)), "not a sitemap but a web page"),
        (xml("<rss version='2.0'/>"), "not a sitemap but a feed"),
        (xml("words and words"), "not a sitemap"),
        (xml(""), "not a sitemap"),
        ((200, {}, b"\x1f\x8bnonsense"), "gzipped"),
        ((200, {}, gzip.compress(b"<urlset>" + b" " * 60_000_000)), "larger than 52.4 MB when unpacked"),
        ((200, {}, b"\x00\xff" * 500), "not a sitemap"),
    ],
)
def test_what_is_no_sitemap_says_so(site, page, reason):
    site.pages = {"/map": page}
    articles, errors = read(sitemap=site.at("a.test", "/map"))
    assert articles == []
    assert reason in errors[0].reason, errors[0].reason


@pytest.mark.parametrize(
    ("changed", "visit", "unchanged"),
    [
        ("2025-08-19T10:00:00+00:00", "2025-08-19T10:00:01+00:00", True),
        ("2025-08-19T10:00:00+00:00", "2025-08-19T09:59:59+00:00", False),
        ("2025-08-19T00:00:00+00:00", "2025-08-19T23:00:00+00:00", False),  # a day may end with a change
        ("2025-08-19T00:00:00+00:00", "2025-08-20T00:00:01+00:00", True),
        ("2025-08-19", "2025-08-20T11:00:00+00:00", False),  # somewhere it is still the nineteenth
        ("2025-08-19", "2025-08-20T13:00:00+00:00", True),
    ],
)
def test_a_day_is_over_when_it_is_over_everywhere(changed, visit, unchanged):
    assert unchanged_since(datetime.fromisoformat(changed), datetime.fromisoformat(visit)) is unchanged


# Lists of addresses


def test_a_file_of_addresses(site, tmp_path):
    site.pages = {"/1": html("One", text_of(1)), "/2": html("Two", text_of(2))}
    file = tmp_path / "list.txt"
    lines = ["\ufeff# my list", site.at("a.test", "/2"), "", "/etc/passwd", f"  {site.at('a.test', '/1')}  ", "words"]
    file.write_text("\n".join(lines), "utf-8")
    for name in (file, str(file)):
        articles, errors = read(urls=name)
        assert [article.title for article in articles] == ["Two", "One"]
        assert [error.source for error in errors] == [f"{file}, line 4", f"{file}, line 6"]
        assert "not an http or https address" in errors[0].reason
    articles, errors = read(urls=[site.at("a.test", "/1"), site.at("a.test", "/2")])
    assert [article.title for article in articles] == ["One", "Two"]


def test_only_the_caller_says_that_a_file_lists_addresses(site, tmp_path):
    """An article may consist of links, and what an article names is never fetched."""
    site.pages = {"/1": html("One", text_of(1))}
    file = tmp_path / "list.txt"
    file.write_text(f"{site.at('a.test', '/1')}\n{site.at('a.test', '/1')}\n")
    articles, _ = read(file)
    assert site.requests == []
    assert len(articles) == 1


def test_the_strings_in_a_services_answer_are_no_sources(site, tmp_path):
    (tmp_path / "secret.txt").write_text("The secret of this machine is kept in a file.")
    answer = {
        "status": "ok",
        "articles": [str(tmp_path / "secret.txt"), site.at("a.test", "/1"), {"text": "A record."}],
    }
    articles, errors = read(answer)
    assert [article.text for article in articles] == ["A record."]
    assert len(errors) == 2
    assert site.requests == []


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"feed": "feeds.txt"}, "feed='feeds.txt'"),
        ({"feed": ["https://a.test/", 3]}, "feed='int'"),
        ({"sitemap": "ftp://a.test"}, "sitemap="),
        ({"urls": "https://a.test/list.txt"}, "without urls="),
        ({"urls": ["a"]}, "urls='a'"),
        ({"feed": "https://a.test", "limit": 0}, "limit=0"),
        ({"feed": "https://a.test", "limit": True}, "limit=True"),
    ],
)
def test_arguments_that_cannot_be_meant(named, reason):
    with pytest.raises(ArgumentError) as raised:
        read_articles(**named)
    assert reason in str(raised.value)


def test_a_file_of_addresses_that_is_not_there(tmp_path):
    _, errors = read(urls=tmp_path / "none.txt")
    assert "cannot be read" in errors[0].reason
