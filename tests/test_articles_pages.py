"""What is read from pages besides their text, and what is kept out of the text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.articles import read_articles
from toolkit.articles.boilerplate import without_boilerplate
from toolkit.articles.bylines import Credits, agency_of, dateline, people, strip
from toolkit.articles.dates import parse_date
from toolkit.articles.html import read_page
from toolkit.articles.plain import read_text
from toolkit.articles.records import read_record
from toolkit.errors import SourceError

TEXT = [
    f"Sentence {n} of the report says that the ministers met on Monday and agreed on {n} points of a longer list."
    for n in range(4)
]
URL = "https://www.example.org/2025/world/troops-123"


def read(head="", top="", end="", url=URL, title="Ministers agree on a list", h1=None, body=None):
    paragraphs = "".join(f"<p>{part}</p>" for part in (TEXT if body is None else body))
    page = (
        f"<!doctype html><html lang='en'><head><title>{title}</title>{head}</head><body><article><h1>{h1 or title}</h1>"
        f"{top}{paragraphs}{end}</article><footer>© 2011-01-01 Example</footer></body></html>"
    )
    return read_page(page.encode(), "a.html", url)


def linked(*nodes):
    return f'<script type="application/ld+json">{json.dumps(nodes[0] if len(nodes) == 1 else nodes)}</script>'


def node(**more):
    return {"@type": "NewsArticle", "headline": "Ministers agree on a list", **more}


# --- JSON-LD ------------------------------------------------------------------------------------------------------

DATED = node(
    datePublished="2025-08-19T10:00:00+02:00",
    dateModified="2025-08-20T09:00:00+02:00",
    author=[{"@type": "Person", "name": "Jane Doe"}, {"@type": "Person", "name": "By John Roe"}],
    publisher={"@type": "Organization", "name": "Example News"},
)


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(DATED),
        json.dumps([{"@type": "WebSite", "name": "Example"}, DATED]),
        json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "BreadcrumbList"}, DATED]}),
        json.dumps({"@type": "WebPage", "mainEntity": DATED}),
        "<!-- " + json.dumps(DATED) + " -->",
        "//<![CDATA[\n" + json.dumps(DATED) + "\n//]]>",
        json.dumps(DATED) + ";",
        json.dumps(DATED) + "\n" + json.dumps({"@type": "WebSite", "name": "Example"}),
        json.dumps(DATED)[:-1] + ",}",
        json.dumps(DATED).replace("agree on", "agree\ton"),
        json.dumps(DATED | {"@type": ["Article", "ReportageNewsArticle"]}),
    ],
)
def test_json_ld_in_all_its_forms(script):
    fields = read(f'<script type="application/ld+json">{script}</script>')
    assert fields["published"].isoformat() == "2025-08-19T10:00:00+02:00"
    assert fields["modified"].isoformat() == "2025-08-20T09:00:00+02:00"
    assert (fields["author"], fields["publisher"]) == ("Jane Doe, John Roe", "Example News")


def test_broken_json_ld_leaves_the_rest_of_the_page():
    for broken in ("{", '{"@type": "NewsArticle", "datePublished": ', "null", "[1, 2", '"text"', "{]}", "\x00", ""):
        fields = read(
            f'<script type="application/ld+json">{broken}</script>'
            '<meta property="article:published_time" content="2025-08-19T10:00:00Z">'
        )
        assert fields["published"] == datetime(2025, 8, 19, 10, tzinfo=UTC)


def test_the_article_of_the_page_is_told_from_those_that_it_lists():
    others = [node(headline=f"Another story {n}", datePublished=f"2024-01-0{n + 1}") for n in range(3)]
    own = node(datePublished="2025-08-19")
    assert read(linked(*others, own))["published"] == datetime(2025, 8, 19)
    by_address = {
        "@type": "Article",
        "headline": "Sixteen words",
        "mainEntityOfPage": URL,
        "datePublished": "2025-08-18",
    }
    assert read(linked(*others, by_address))["published"] == datetime(2025, 8, 18)
    assert "published" not in read(linked(*others))


def test_people_and_publishers_behind_references():
    graph = {
        "@graph": [
            node(author={"@id": "#jane"}, publisher={"@id": "#us"}),
            {"@id": "#jane", "@type": "Person", "name": "Jane Doe"},
            {"@id": "#us", "@type": "Organization", "name": "Example News"},
        ]
    }
    fields = read(linked(graph))
    assert (fields["author"], fields["publisher"]) == ("Jane Doe", "Example News")
    loop = {"@graph": [node(author={"@id": "#a"}), {"@id": "#a", "author": {"@id": "#a"}, "x": 1}]}
    assert "author" not in read(linked(loop))


# --- titles and publishers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "head", "expected"),
    [
        ("Rates rise again - Example", '<meta property="og:site_name" content="Example">', "Rates rise again"),
        ("Rates rise again | Economy | Example News", '<meta property="og:site_name" content="Example News">',
         "Rates rise again"),
        ("Example News: Rates rise again", '<meta property="og:site_name" content="Example News">',
         "Example News: Rates rise again"),
        ("The reviews are here — and they are not great - Digg", '<meta property="og:site_name" content="Digg">',
         "The reviews are here — and they are not great"),
        ("A long day | what now", "", "A long day | what now"),
    ],
)  # fmt: skip
def test_a_title_is_without_the_name_of_the_site(title, head, expected):
    assert read(head, title=title)["title"] == expected


def test_the_headline_that_readers_see_wins_over_the_one_for_search_engines():
    head = '<meta property="og:title" content="Sweden drops Assange investigation">'
    page = (
        f"<html><head><title>Assange - News</title>{head}</head><body><h1>Example News</h1><article>"
        f"<h1>Julian Assange: Sweden drops rape investigation</h1>{''.join(f'<p>{t}</p>' for t in TEXT)}"
        "</article></body></html>"
    )
    fields = read_page(page.encode(), "a.html", URL)
    assert fields["title"] == "Julian Assange: Sweden drops rape investigation"
    page = page.replace("Julian Assange: Sweden drops rape investigation", "Why don't you fight for the reindeer?")
    assert read_page(page.encode(), "a.html", URL)["title"] == "Sweden drops Assange investigation"


def test_the_publisher_is_named_or_the_host_is():
    site = '<meta property="og:site_name" content="{}">'
    assert read(site.format("Example News"))["publisher"] == "Example News"
    for useless in ("https://www.example.org", "@example", "www.example.org", "Blogger"):
        assert read(site.format(useless))["publisher"] == "example.org"

    def of(title):
        return read(url="https://www.nytimes.com/a/b", title=title, h1="Rates rise")["publisher"]

    assert of("Rates rise - The New York Times") == "The New York Times"
    assert of("Rates rise - a chronicle") == "nytimes.com"
    assert "publisher" not in read(url=None)


def test_an_agency_is_not_the_publisher_of_anothers_page():
    fields = read(
        linked(node(publisher={"name": "Associated Press"})) + '<meta property="og:site_name" content="Chron">'
    )
    assert (fields["publisher"], fields["metadata"]["agency"]) == ("Chron", "AP")
    fields = read(linked(node(publisher={"name": "Reuters"})), url="https://www.reuters.com/world/a")
    assert fields["publisher"] == "Reuters"


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "asked", "expected"),
    [
        ("https://www.example.org/a", None, "https://www.example.org/a"),
        ("/world/troops", URL, "https://www.example.org/world/troops"),
        ("//example.org/b#top", URL, "https://example.org/b"),
        ("https://example.org/b", "https://amp.example.org/b.amp", "https://example.org/b"),
        ("https://www.example.org/", URL, URL),
        ("https://www.example.org/index.html", URL, URL),
        ("https://reuters.com/a", URL, URL),
        ("https://example.org.evil.com/a", URL, URL),
        ("javascript:alert(1)", URL, URL),
        ("ftp://www.example.org/a", URL, URL),
        ("https://me:pass@www.example.org/a", URL, URL),
        ("https://[::1", URL, URL),
        ("https://www.example.org:99999/a", URL, URL),
        ("https://www.example.org/a b", URL, URL),
        ("https://www.example.org/", None, None),
        ("/relative/only", None, None),
        ("https://news.org/a", "https://news-org.cdn.ampproject.org/c/s/news.org/a.amp", "https://news.org/a"),
        ("https://evil.org/a", "https://news-org.cdn.ampproject.org/c/s/news.org/a.amp",
         "https://news-org.cdn.ampproject.org/c/s/news.org/a.amp"),
    ],
)  # fmt: skip
def test_a_canonical_address_is_believed_for_its_own_site_only(claimed, asked, expected):
    assert read(f'<link rel="canonical" href="{claimed}">', url=asked).get("url") == expected
    assert read(f'<meta property="og:url" content="{claimed}">', url=asked).get("url") == expected


# --- dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "top", "end", "published"),
    [
        ("", "", "", None),
        ("", "<p class='date'>yesterday</p><span class='byline'>2 hours ago</span>", "", None),
        ("", "", "<div class='comments'><time datetime='2025-08-21'>x</time></div>", None),
        ("", "", "<div id='comment-3'><span itemprop='datePublished'>2025-08-21</span></div>", None),
        ("", "", "<div class='copyright-date'>© 2025</div>", None),
        ("", "<time datetime='2025-08-21'>Updated on Thursday</time>", "", None),
        ('<meta property="article:modified_time" content="2025-08-20T00:00:00Z">', "", "", None),
        ('<meta property="article:published_time" content="2999-01-01">', "", "", None),
        ('<meta property="article:published_time" content="0001-01-01T00:00:00Z">', "", "", None),
        ("", "<span class='date'>19. August 2025, 10:30 Uhr</span>", "", datetime(2025, 8, 19, 10, 30)),
        ("", "<span class='date'>Publié le</span><span class='date'>19 août 2025</span>", "", datetime(2025, 8, 19)),
        (linked(node(datePublished="2025-08-19"))
         + '<meta property="article:published_time" content="2025-08-19T14:22:02Z">', "", "",
         datetime(2025, 8, 19, 14, 22, 2, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_date_of_publication_is_declared_or_unknown(head, top, end, published):
    assert read(head, top, end).get("published") == published


def test_a_day_from_the_address_is_marked_and_keeps_others_out():
    url = "https://www.example.org/2025/aug/19/troops"
    fields = read(url=url)
    assert (fields["published"], fields["metadata"]["published_from"]) == (datetime(2025, 8, 19), "url")
    fields = read(top="<span class='date'>stated on October 13, 2019</span>", url=url)
    assert fields["published"] == datetime(2025, 8, 19)
    fields = read(top="<span class='date'>August 20, 2025</span>", url=url)
    assert fields["published"] == datetime(2025, 8, 20)
    assert "metadata" not in fields


def test_a_page_that_says_it_is_behind_a_wall_is_marked():
    assert read(linked(node(isAccessibleForFree="False")))["metadata"]["paywalled"] is True
    assert "metadata" not in read(linked(node(isAccessibleForFree=True)))


def test_an_article_in_chunks_is_read_whole_and_comments_are_not_joined():
    chunk = "<div class='grid'><div class='{}'><p>{}</p><p>{}</p></div></div>"
    page = "<html><head><title>On the ministers</title></head><body><div class='chunks'>{}</div></body></html>"
    parts = [chunk.format("grid-body", f"{TEXT[n]} First {n}.", f"{TEXT[n]} Second {n}.") for n in range(4)]
    text = read_page(page.format("<div class='ad'>Ad</div>".join(parts)).encode(), "a.html")["text"]
    assert [text.count(f"{which} {n}.") for n in range(4) for which in ("First", "Second")] == [1] * 8
    assert text.index("Second 0.") < text.index("First 1.") < text.index("Second 3.")


def test_a_change_is_later_than_the_publication():
    meta = '<meta property="article:published_time" content="2025-08-19T10:00:00Z"><meta property="{}" content="{}">'
    assert read(meta.format("og:updated_time", "2025-08-20"))["modified"] == datetime(2025, 8, 20)
    assert "modified" not in read(meta.format("article:modified_time", "2025-08-19T10:00:00Z"))
    assert "modified" not in read(meta.format("article:modified_time", "2025-08-18T10:00:00Z"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19 août 2025", datetime(2025, 8, 19)),
        ("mardi 19 août 2025 à 10h30", datetime(2025, 8, 19, 10, 30)),
        ("1er août 2025", datetime(2025, 8, 1)),
        ("19. August 2025, 10:30 Uhr", datetime(2025, 8, 19, 10, 30)),
        ("Dienstag, 19. März 2024", datetime(2024, 3, 19)),
        ("19 de agosto de 2025", datetime(2025, 8, 19)),
        ("19 agosto 2025 alle 10:30", datetime(2025, 8, 19, 10, 30)),
        ("19 серпня 2025, 10:30", datetime(2025, 8, 19, 10, 30)),
        ("19 августа 2025 г.", datetime(2025, 8, 19)),
        ("19 sierpnia 2025", datetime(2025, 8, 19)),
        ("Maret 30, 2015", datetime(2015, 3, 30)),
        ("2025年8月19日", datetime(2025, 8, 19)),
        ("2025年8月19日(火) 10時30分", datetime(2025, 8, 19, 10, 30)),
        ("2025년 8월 19일", datetime(2025, 8, 19)),
        (
            "Tue Nov 19 2019 03:05:46 GMT+0000 (Coordinated Universal Time)",
            datetime(2019, 11, 19, 3, 5, 46, tzinfo=UTC),
        ),
        ("Aug. 19, 2025 4:30 PM ET", datetime(2025, 8, 19, 16, 30, tzinfo=timezone(timedelta(hours=-4)))),
        ("Updated 19 août 2025", None),
        ("31 июня 2025", None),
        ("19 août 2025 ou 20 août 2025", None),
        ("août 2025", None),
        ("10 listopada 2025", None),  # November in Polish, October in Croatian
        ("2025年13月19日", None),
    ],
)
def test_dates_in_the_words_of_other_languages(text, expected):
    found = parse_date(text)
    assert found == expected
    assert expected is None or found.utcoffset() == expected.utcoffset()


@given(st.text(max_size=80) | st.from_regex(r"\A[0-9]{1,2}[ ./年月日-][a-zà-ÿ0-9]{1,9}[ ./年月日-][0-9]{2,4}.{0,12}\Z"))
@example("1 mai 2025 \ud800")
@example("٩ mai 2025")
def test_no_text_breaks_the_reading_of_dates_and_what_is_read_reads_back(text):
    found = parse_date(text)
    assert found is None or parse_date(found.isoformat()) == found


def test_records_and_headers_say_when_they_were_changed():
    fields = read_record({"text": "x", "published": "2025-08-19", "dateModified": "2025-08-20T10:00:00Z"}, "a")
    assert fields["modified"] == datetime(2025, 8, 20, 10, tzinfo=UTC)
    assert read_record({"text": "x", "updated": "yesterday"}, "a")["metadata"] == {"updated": "yesterday"}
    fields = read_text(b"Title: T\nUpdated: 20 August 2025\n\nBody.", "a.txt")
    assert (fields["modified"], fields["text"]) == (datetime(2025, 8, 20), "Body.")


def test_an_article_carries_what_its_page_says(tmp_path):
    page = f"<html lang='en'><head>{linked(DATED)}<title>Ministers agree on a list</title></head><body><article>"
    text = (
        f"<h1>Ministers agree on a list</h1><p>KYIV (Reuters) - {TEXT[0]}</p>{''.join(f'<p>{t}</p>' for t in TEXT[1:])}"
    )
    (tmp_path / "a.html").write_text(f"{page}{text}</article></body></html>", encoding="utf-8")
    (article,) = read_articles(tmp_path / "a.html")
    assert article.text == "\n\n".join(TEXT)
    assert article.modified.isoformat() == "2025-08-20T09:00:00+02:00"
    assert (article.author, article.metadata["agency"], article.metadata["dateline"]) == (
        "Jane Doe, John Roe", "Reuters", "KYIV (Reuters)",
    )  # fmt: skip


# --- people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected", "agency"),
    [
        ("By Jane Doe", ["Jane Doe"], None),
        ("By Jane Doe and John Roe, Reuters", ["Jane Doe", "John Roe"], "Reuters"),
        ("JANE DOE, JOHN ROE Associated Press", ["Jane Doe", "John Roe"], "AP"),
        ("Written by Jane van der Doe", ["Jane van der Doe"], None),
        ("Von Jürgen Müller", ["Jürgen Müller"], None),
        ("Jane Doe, MS, RD", ["Jane Doe"], None),
        ("Doe, Jane", ["Jane Doe"], None),
        ("Jane Doe, Example News", ["Jane Doe"], None),
        ("Jane Doe, Staff Writer", ["Jane Doe"], None),
        ("Jane Doe in Kyiv", ["Jane Doe"], None),
        ("Jane Doe Published", ["Jane Doe"], None),
        ("Jane Doe Monday, November 18, 2019", ["Jane Doe"], None),
        ("Analysis by Jane Doe", ["Jane Doe"], None),
        ("Jane Doe News reporter", ["Jane Doe"], None),
        ("Jane MCDONALD", ["Jane MCDONALD"], None),
        ("the Syrian defence ministries", [], None),
        ("Sarah E. Needleman", ["Sarah E. Needleman"], None),
        ("Reuters", [], "Reuters"),
        ("https://www.facebook.com/jane", [], None),
        ("jane@example.org", [], None),
        ("Example News", [], None),
        ("Example News Staff", [], None),
        ("admin", [], None),
        ("jdadmin", [], None),
        ("", [], None),
        ("|", [], None),
    ],
)
def test_who_a_byline_names(line, expected, agency):
    found = people([[line]], ["Example News", "example.org"])
    assert (list(found.people), found.agency) == (expected, agency)


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_byline_breaks_the_reading(line, site):
    for name in people([[line]], [site]).people:
        assert name.strip() == name
        assert name


def test_short_names_of_agencies_must_stand_as_written():
    assert (agency_of("AP"), agency_of("ap"), agency_of("(AFP)"), agency_of("dpa")) == ("AP", None, "AFP", "dpa")
    assert agency_of("The Associated Press") == agency_of("associated press") == "AP"


# --- datelines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "agency", "rest"),
    [
        ("KYIV, Aug 19 (Reuters) - Talks began.", "KYIV, Aug 19 (Reuters)", "Reuters", "Talks began."),
        ("PARIS (AP) — The talks began.", "PARIS (AP)", "AP", "The talks began."),
        ("WASHINGTON — The talks began.", "WASHINGTON", None, "The talks began."),
        ("BEIJING/LONDON, Aug. 19 (Reuters) - “Talks” began.", "BEIJING/LONDON, Aug. 19 (Reuters)", "Reuters",
         "“Talks” began."),
        ("SAN FRANCISCO, Calif. (AP) -- Talks began.", "SAN FRANCISCO, Calif. (AP)", "AP", "Talks began."),
        ("SANTA FE, N.M. (AP) — A cat was found.", "SANTA FE, N.M. (AP)", "AP", "A cat was found."),
        ("Berlin (dpa) - Talks began.", "Berlin (dpa)", "dpa", "Talks began."),
        ("Paris, 19 août (AFP) – Talks began.", "Paris, 19 août (AFP)", "AFP", "Talks began."),
        ("(Reuters) - Talks began.", "(Reuters)", "Reuters", "Talks began."),
        ("(CNN)Talks began.", "(CNN)", "CNN", "Talks began."),
        ("New Delhi, India (CNN)Talks began.", "New Delhi, India (CNN)", "CNN", "Talks began."),
        ("Aug 19 (Reuters) - Talks began.", "Aug 19 (Reuters)", "Reuters", "Talks began."),
        ("HONOLULU, Hawaii (HawaiiNewsNow) - Talks began.", "HONOLULU, Hawaii (HawaiiNewsNow)", None, "Talks began."),
        ("ROME — Talks began.", "ROME", None, "Talks began."),
    ],
)  # fmt: skip
def test_datelines(text, line, agency, rest):
    found = dateline(text)
    assert found is not None
    assert (found[0], found[1], text[found[2] :]) == (line, agency, rest)


@pytest.mark.parametrize(
    "text",
    [
        "BREAKING — The talks began.",
        "UPDATE: The talks began.",
        "NASA — the American space agency — said so.",
        "NASA - The agency said so.",
        "IBM — Big Blue to many — said so.",
        "The All Progressives Congress (APC) won 19 states.",
        "The Associated Press (AP) reported the news.",
        "Poland said no — and meant it.",
        "Berlin — Hauptstadt — grew.",
        "Guilty: Glenn Mason, 56, has said so.",
        "HAMAS — The group rejects the plan.",
        "HEZBOLLAH (the Party of God) — The group rejects the plan.",
        "TESLA — The carmaker lost money.",
        "APPLE (AAPL) — The company lost money.",
        "ZELENSKY — The president refused.",
        "GUILTY — The jury was out for an hour.",
        "KYIV",
        "KYIV — ",
        "",
        "A — B",
        "2025 — The year began.",
    ],
)
def test_what_is_no_dateline(text):
    found = dateline(text)
    assert found is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Updated figures show 5 dead, 3 of them children.",
        "Published figures show 12 dead in Kyiv",
        "Posted to Iraq in 2003, he died there.",
        "He left the city 5 days ago.",
        "Modified crops fell by 3 percent.",
        "More in the north died than in the south.",
        "Share this burden fairly, she told them.",
        "Sign up to the treaty and the money is free, Brussels told Budapest.",
        "Copyright law protects authors.",
        "We baked cookies for the police.",
    ],
)
def test_short_sentences_that_begin_like_a_sites_own_lines_stay(sentence):
    lines = [
        "Updated 3 hours ago",
        "Published 18 November 2019",
        "Last updated: Tuesday, 4:14 p.m.",
        "Copyright 2025 AP.",
    ]
    lines += [
        "We use cookies to know you.",
        "Share this article",
        "Sign up for our newsletter here.",
        "More on this story:",
    ]
    assert without_boilerplate([*TEXT * 3, sentence, *lines, *TEXT * 3], []) == [*TEXT * 3, sentence, *TEXT * 3]


def test_bylines_datelines_and_credits_go_from_the_text_to_the_metadata():
    body = [
        "By JANE DOE, Associated Press",
        f"KYIV, Ukraine (AP) — {TEXT[0]}",
        *TEXT[1:],
        "(Reporting by John Roe in London; editing by Ann Poe)",
        "Copyright 2025 The Associated Press. All rights reserved.",
    ]
    fields = read(body=body)
    assert fields["text"] == "\n\n".join(TEXT)
    assert fields["author"] == "Jane Doe"
    assert fields["metadata"]["agency"] == "AP"
    assert fields["metadata"]["dateline"] == "KYIV, Ukraine (AP)"
    assert "Ann Poe" in fields["metadata"]["credits"]


def test_the_page_byline_wins_and_its_repetition_in_the_text_goes():
    fields = read('<meta name="author" content="Jane Doe">', body=["Jane Doe", "Jane Doe in Kyiv", *TEXT])
    assert (fields["text"], fields["author"]) == ("\n\n".join(TEXT), "Jane Doe")


def test_what_reads_like_text_stays():
    kept = [
        "By Monday, the ministers had left.",
        "By all accounts the talks went well",
        "Donald Trump was in Washington.",
        *TEXT,
        "Reporting by the ministry was late, the auditors said.",
    ]
    assert strip(kept, Credits()).paragraphs == kept


@given(st.lists(st.text(max_size=60), max_size=6))
def test_stripping_only_takes_away(paragraphs):
    bare = strip(paragraphs, Credits())
    rest = iter(paragraphs)
    for kept in bare.paragraphs:
        assert any(whole.endswith(kept) for whole in rest)


# --- boilerplate --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Read more: The ministers' long night",
        "RELATED: Who is who in the talks",
        "Related: From Big Bang to Present: Snapshots of Our Universe Through Time",
        "Sign up for our newsletter to get the news in your inbox every morning.",
        "Subscribe to NJ.com’s newsletters.",
        "Get the latest updates right in your inbox. Subscribe to our newsletters.",
        "Thanks for signing up!",
        "Follow us on Twitter and Facebook.",
        "Follow him on Twitter @roe",
        "CLICK HERE TO GET THE APP",
        "Advertisement",
        "Share this article",
        "Updated at 1:23 p.m.",
        "10:45 GMT",
        "5 min read",
        "Tempo de leitura: 1 minuto",
        "19 August 2025",
        "We use cookies to improve your experience. Accept all cookies or manage your choices.",
        "If you buy something through this post, we may get a share of the sale.",
        "Filed under: Khawarij |",
        "Have a tip? Jane Doe may be reached at jdoe@example.org.",
        "____",
    ],
)
def test_prompts_and_notices_are_no_text(line):
    assert without_boilerplate([*TEXT[:2], line, *TEXT[2:]], ["Title of it"]) == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "“Read more books,” she said.",
        "More than 200 people signed up for the newsletter, the ministry said.",
        "Subscribers of the newspaper may cancel, the court ruled.",
        "The share of renewables rose.",
        "Related crimes rose as well.",
        "Police said: “Follow us.”",
        "Watch: the ministers arrive at noon, the police said.",
        "Cookies were served to the ministers at noon.",
        "Updated rules on 19 goods will apply from May, the ministers said on Monday in a statement about them all.",
        "- Sign up for a free account before the end of May",
        "Trump tweeted on Monday.",
    ],
)
def test_sentences_stay(line):
    assert without_boilerplate([*TEXT[:2], line, *TEXT[2:]], ["Title of it"]) == [*TEXT[:2], line, *TEXT[2:]]


def test_a_list_of_other_headlines_goes_up_to_the_next_sentence():
    other = ["You may also like...", "Who will make the Hall in 2020?", "Band takes over the vote", "Doors open at six"]
    kept = without_boilerplate([*TEXT[:2], "Most read in world news", "A headline", *TEXT[2:], other[0], other[2]], [])
    assert kept == TEXT


def test_headline_and_section_above_the_text_are_not_the_text():
    title = "Ministers agree on a list"
    assert without_boilerplate(["World news", title, *TEXT], [title]) == TEXT
    assert without_boilerplate([title], [title]) == [title]


def test_what_pages_wrap_around_the_text_is_left_out():
    fields = read(
        top="<div class='newsletter-box'><p>Pick Six.</p></div>",
        end=(
            "<p><a href='/x'><strong>SENATOR ELIMINATED FROM THE SHOW</strong></a></p>"
            "<div class='cookie-banner'><p>We would like to store things.</p></div>"
            "<div class='comments'><p>I do not like this article at all, says a reader of the page.</p></div>"
        ),
    )
    assert fields["text"] == "\n\n".join(TEXT)


# --- hostile and empty pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html><body><nav>"
        + "".join(f"<a href='/{n}'>Headline number {n}</a>" for n in range(50))
        + "</nav></body></html>",
        "<html><body><p>Please enable JavaScript.</p></body></html>",
        "<html><body><p>We use cookies on this site to make it better.</p></body></html>",
        "<html><head><title>Log in</title></head><body><form><input></form></body></html>",
    ],
)
def test_pages_without_an_article_fail_cleanly(page):
    with pytest.raises(SourceError, match="no article text found"):
        read_page(page.encode(), "a.html", URL)


@given(st.text(max_size=300), st.sampled_from(["title", "meta", "ld", "canonical", "h1", "time", "author"]))
def test_no_metadata_breaks_a_page(text, place):
    quoted = text.replace('"', "&quot;").replace("<", "&lt;")
    head = {
        "meta": f'<meta property="og:title" content="{quoted}"><meta name="date" content="{quoted}">',
        "ld": f'<script type="application/ld+json">{text.replace("</", "")}</script>',
        "canonical": f'<link rel="canonical" href="{quoted}"><meta property="og:url" content="{quoted}">',
        "author": f'<meta name="author" content="{quoted}"><meta property="og:site_name" content="{quoted}">',
    }.get(place, "")
    top = f"<time datetime='2025'>{quoted}</time>" if place == "time" else ""
    try:
        fields = read(head, top, title=quoted if place in ("title", "h1") else "Ministers agree on a list")
    except SourceError:
        return
    assert fields["text"]
    assert all(value for value in fields.values() if not isinstance(value, dict))


@pytest.mark.parametrize("address", ["http://[x/", "http://a.test:port/1", "http://a b/", "//", "no address"])
def test_a_page_is_read_whatever_address_an_archive_gives_it(address):
    fields = read(url=address)
    assert fields["title"] == "Ministers agree on a list"
    assert fields.get("url") is None
