"""Pages in a library: what has not changed is not sent again, and nothing is lost by that."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_web_listings import SITEMAP, xml
from web_site import html, text_of, web

from toolkit import Library
from toolkit.__main__ import main
from toolkit.articles.web import Web
from toolkit.errors import ArgumentError, SourceError


def versioned(title: str, text: str, tag: str | None = None, modified: str | None = None):
    """A page that knows its version, and says when it has not changed."""
    status, headers, body = html(title, text)
    if tag:
        headers = {**headers, "ETag": tag}
    if modified:
        headers = {**headers, "Last-Modified": modified}

    def answer(request):
        same = tag and request.headers.get("If-None-Match") == tag
        same = same or (modified and request.headers.get("If-Modified-Since") == modified)
        return (304, {"ETag": tag or ""}, b"") if same else (status, headers, body)

    return answer


def counts(report):
    return report.added, report.updated, report.unchanged, len(report.failed)


DAY = "Tue, 19 Aug 2025 10:00:00 GMT"


def test_a_page_that_has_not_changed_is_not_sent_again(site, news):
    site.pages = {
        "/tag": versioned("Tag", text_of(1), '"v1"'),
        "/day": versioned("Day", text_of(2), modified=DAY),
        "/none": versioned("None", text_of(3)),
    }
    urls = [site.at("a.test", path) for path in ("/tag", "/day", "/none")]
    first = news.add(*urls, web=web())
    assert counts(first) == (3, 0, 0, 0)
    site.requests.clear()
    again = news.add(*urls, web=web())
    assert counts(again) == (0, 0, 3, 0)
    assert again.ids == first.ids
    assert again.statuses == ("unchanged",) * 3
    asked = {request.path: request.headers for request in site.requests}
    assert asked["/tag"]["If-None-Match"] == '"v1"'
    assert asked["/day"]["If-Modified-Since"] == DAY
    assert not {"If-None-Match", "If-Modified-Since"} & asked["/none"].keys()


def test_a_page_that_has_changed_becomes_a_new_version(site, news):
    url = site.at("a.test", "/a")
    site.pages = {"/a": versioned("Old", text_of(1), '"v1"')}
    news.add(url, web=web())
    site.pages = {"/a": versioned("New", text_of(1) + " It opens at nine.", '"v2"')}
    assert counts(news.add(url, web=web())) == (0, 1, 0, 0)
    assert [article.title for article in news] == ["New"]
    assert counts(news.add(url, web=web())) == (0, 0, 1, 0)


def test_an_article_that_was_deleted_comes_back(site, news):
    url = site.at("a.test", "/a")
    site.pages = {"/a": versioned("A", text_of(1), '"v1"'), "/b": versioned("B", text_of(2), '"v1"')}
    report = news.add(url, site.at("a.test", "/b"), web=web())
    news.delete(report.ids[0])
    assert counts(news.add(url, web=web())) == (1, 0, 0, 0)
    assert len(news) == 2


def test_what_the_caller_says_anew_is_heard(site, news):
    url = site.at("a.test", "/a")
    site.pages = {"/a": versioned("A", text_of(1), '"v1"')}
    (before,) = [news[one] for one in news.add(url, web=web()).ids]
    assert before.author is None
    assert counts(news.add(url, author="Ann Lee", web=web())) == (0, 1, 0, 0)
    assert news[before.id].author == "Ann Lee"


def test_visits_outlive_the_process_and_go_along_with_a_copy(site, news, tmp_path):
    url = site.at("a.test", "/a")
    site.pages = {"/a": versioned("A", text_of(1), '"v1"')}
    news.add(url, web=web())
    news.backup(tmp_path / "copy.lance")
    for path in (tmp_path / "news.lance", tmp_path / "copy.lance"):
        site.requests.clear()
        with Library(path, llm=None) as again:
            assert counts(again.add(url, web=web())) == (0, 0, 1, 0)
        assert site.asked("/a")[0].headers["If-None-Match"] == '"v1"'


def test_a_server_that_answers_304_to_a_plain_question_gives_nothing(site, news):
    site.pages = {"/a": (304, {}, b"")}
    with pytest.raises(SourceError, match="HTTP 304"):
        news.add(site.at("a.test", "/a"), web=web())


def test_a_redirect_to_another_page_is_not_taken_for_the_page_that_is_known(site, news):
    url = site.at("a.test", "/a")
    site.pages = {"/a": versioned("A", text_of(1), '"v1"')}
    news.add(url, web=web())
    site.pages = {"/a": (302, {"Location": "/b"}, b""), "/b": versioned("B", text_of(2), '"v1"')}
    assert counts(news.add(url, web=web()))[3] == 0
    assert text_of(2) in {article.text for article in news}


def feed_of(*paths: str) -> str:
    return (
        f"<rss version='2.0'><channel>{''.join(f'<item><link>{path}</link></item>' for path in paths)}</channel></rss>"
    )


def known_feed(text: str, tag: str):
    status, headers, body = xml(text)
    return lambda request: (
        (304, {}, b"") if request.headers.get("If-None-Match") == tag else (status, {**headers, "ETag": tag}, body)
    )


def test_a_feed_that_has_not_changed_costs_one_request(site, news):
    feed = site.at("a.test", "/feed")
    site.pages = {"/feed": known_feed(feed_of("/1", "/2"), '"f1"')}
    site.pages |= {f"/{n}": versioned(f"T{n}", text_of(n), '"v"') for n in (1, 2)}
    assert counts(news.add(feed=feed, web=web())) == (2, 0, 0, 0)
    site.requests.clear()
    report = news.add(feed=feed, web=web())
    assert counts(report) == (0, 0, 0, 0)
    assert site.paths == ["/feed"]
    site.pages["/feed"] = known_feed(feed_of("/3", "/1", "/2"), '"f2"')
    site.pages["/3"] = versioned("T3", text_of(3), '"v"')
    assert counts(news.add(feed=feed, web=web())) == (1, 0, 2, 0)


def test_a_feed_of_which_a_page_failed_is_read_again(site, news):
    feed = site.at("a.test", "/feed")
    site.pages = {"/feed": known_feed(feed_of("/1", "/2"), '"f1"'), "/1": versioned("T1", text_of(1), '"v"')}
    site.pages["/2"] = (500, {}, b"")
    assert counts(news.add(feed=feed, web=web())) == (1, 0, 0, 1)
    site.pages["/2"] = versioned("T2", text_of(2), '"v"')
    assert counts(news.add(feed=feed, web=web())) == (1, 0, 1, 0)


def test_what_a_sitemap_calls_unchanged_is_not_asked_for(site, news):
    def listing(day: str) -> str:
        lines = (f"<url><loc>{site.at('a.test', f'/{n}')}</loc><lastmod>{day}</lastmod></url>" for n in (1, 2))
        return SITEMAP.format("".join(lines))

    site.pages = {"/map": xml(listing("2025-08-19"))} | {f"/{n}": versioned(f"T{n}", text_of(n)) for n in (1, 2)}
    url = site.at("a.test", "/map")
    assert counts(news.add(sitemap=url, web=web())) == (2, 0, 0, 0)
    site.requests.clear()
    assert counts(news.add(sitemap=url, web=web())) == (0, 0, 2, 0)
    assert site.paths == ["/map"]
    site.pages["/map"] = xml(listing("2199-01-01"))
    assert counts(news.add(sitemap=url, web=web())) == (0, 0, 2, 0)
    assert sorted(site.paths) == ["/1", "/2", "/map", "/map"]


def test_pages_folders_and_records_in_one_call(site, news, tmp_path):
    (tmp_path / "a.txt").write_text("The council voted to reopen the pool on the hill.")
    site.pages = {"/1": versioned("T1", text_of(1), '"v"'), "/2": (404, {}, b"")}
    sources = [site.at("a.test", "/1"), tmp_path / "a.txt", {"text": "A record of the vote."}, site.at("a.test", "/2")]
    report = news.add(*sources, web=web())
    assert counts(report) == (3, 0, 0, 1)
    assert [news[one].text for one in report.ids] == [
        text_of(1),
        "The council voted to reopen the pool on the hill.",
        "A record of the vote.",
    ]
    assert counts(news.add(*sources, web=web())) == (0, 0, 3, 1)


def test_private_addresses_need_leave(site, news):
    site.pages = {"/1": versioned("T1", text_of(1))}
    url = f"{site.url}/1"
    with pytest.raises(SourceError, match="allow_private=True"):
        news.add(url)
    assert counts(news.add(url, allow_private=True)) == (1, 0, 0, 0)


def test_robots_can_be_overridden(site, news):
    site.pages = {"/1": versioned("T1", text_of(1)), "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /")}
    with pytest.raises(SourceError, match="robots=False"):
        news.add(f"{site.url}/1", allow_private=True)
    assert counts(news.add(f"{site.url}/1", allow_private=True, robots=False)) == (1, 0, 0, 0)


def test_nothing_is_made_of_a_page_that_fails(site, tmp_path):
    library = Library(tmp_path / "none.lance", llm=None)
    with pytest.raises(SourceError, match="HTTP 404"):
        library.add(site.at("a.test", "/1"), web=web())
    with pytest.raises(ArgumentError, match="nothing to add"):
        library.add()
    assert not Path(tmp_path / "none.lance").exists()


def test_a_library_that_may_only_be_read_is_not_written(site, news, tmp_path):
    site.pages = {"/1": versioned("T1", text_of(1), '"v"')}
    news.add(site.at("a.test", "/1"), web=web())
    with (
        Library(tmp_path / "news.lance", llm=None, read_only=True) as closed,
        pytest.raises(Exception, match="read_only"),
    ):
        closed.add({"text": "A new record for it."}, site.at("a.test", "/1"), web=web())


def test_feeds_from_the_command_line(site, tmp_path, capsys, monkeypatch):
    feed = f"{site.url}/feed"
    site.pages = {"/feed": xml(feed_of("/1")), "/1": versioned("T1", text_of(1))}
    from test_web_fetching import one_is_public

    one_is_public(monkeypatch, "127.0.0.1")
    library = str(tmp_path / "cli.lance")
    assert main(["add", "--library", library, "--feed", feed]) == 0
    assert "1 added" in capsys.readouterr().out
    (tmp_path / "list.txt").write_text(f"{site.url}/1\n")
    assert main(["ask", "When did the council vote?", "--llm", "none", "--urls", str(tmp_path / "list.txt")]) == 0
    assert "Tuesday" in capsys.readouterr().out
    assert main(["add", "--library", library, "--feed", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_web_settings_are_values():
    assert Web() == Web()
    with pytest.raises(AttributeError):
        Web().delay = 3  # type: ignore[misc]


def test_a_page_that_leads_elsewhere_later_replaces_nothing(site, news):
    site.pages = {
        "/a": html("A", text_of(1)),
        "/b": html("B", "A bridge over the Sarn was closed to lorries on Friday."),
        "/short": (302, {"Location": site.at("a.test", "/a")}, b""),
    }
    short = site.at("s.test", "/short")
    assert counts(news.add(short, web=web())) == (1, 0, 0, 0)
    site.pages["/short"] = (302, {"Location": site.at("a.test", "/b")}, b"")
    assert counts(news.add(short, web=web())) == (1, 0, 0, 0)
    assert sorted(article.title for article in news) == ["A", "B"]
    site.pages["/a-new-name"] = html("A", f"{text_of(1)} It opens in May.")  # moved, and still the same article
    site.pages["/a"] = (301, {"Location": site.at("a.test", "/a-new-name")}, b"")
    assert counts(news.add(site.at("a.test", "/b"), web=web())) == (0, 1, 0, 0)
    first = site.at("a.test", "/c")
    site.pages["/c"] = html("C", text_of(3))
    news.add(first, web=web())
    site.pages["/c-new-name"] = html("C", f"{text_of(3)} It opens in May.")
    site.pages["/c"] = (301, {"Location": site.at("a.test", "/c-new-name")}, b"")
    assert counts(news.add(first, web=web())) == (0, 1, 0, 0)
    (pool,) = [article for article in news if article.title == "C"]
    assert len(news.versions(pool)) == 2


def test_the_name_of_a_publisher_is_not_lost_to_a_page_that_names_none(site, news):
    page = site.at("www.paper.test", "/a")
    canonical = f'<link rel="canonical" href="{page}">'
    site.pages = {
        "/a": html("A", text_of(1), head='<meta property="og:site_name" content="The Sarn Courier">'),
        "/amp": html("A", text_of(1), head=canonical),
    }
    news.add(page, web=web())
    news.add(site.at("amp.paper.test", "/amp"), web=web())
    (article,) = news
    assert (article.url, article.publisher) == (page, "The Sarn Courier")


def test_a_page_that_claims_to_be_another_sites_gets_neither_its_address_nor_its_name(site, news):
    paper, liar = site.at("courier.test", "/a"), site.at("liar.test", "/b")
    claims = f'<meta property="og:site_name" content="The Sarn Courier"><link rel="canonical" href="{paper}">'
    site.pages = {"/a": html("A", text_of(1), head=claims), "/b": html("A", f"{text_of(1)} A lie.", head=claims)}
    assert counts(news.add(paper, web=web())) == (1, 0, 0, 0)
    assert counts(news.add(liar, web=web())) == (1, 0, 0, 0)
    told = {article.url: (article.publisher, article.metadata.get("canonical")) for article in news}
    assert told == {paper: ("The Sarn Courier", None), liar: ("liar.test", paper)}
