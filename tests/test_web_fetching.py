"""Fetching from real servers on this machine: limits, manners, and where connections go."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import os
import ssl
import threading
import time
import zlib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from reading import read as read_with
from web_site import html, raw_server, serving, text_of, web

from toolkit import __version__
from toolkit.articles import read_articles
from toolkit.articles.web import Web
from toolkit.articles.web.client import Client
from toolkit.articles.web.fetcher import Fetcher
from toolkit.articles.web.network import Deadline, Pinned
from toolkit.errors import ArgumentError


def read(*urls, **options):
    return read_with(*urls, web=web(**options))


# Order, concurrency, manners


def test_articles_come_in_the_order_of_the_addresses_whoever_is_faster(site):
    def page(number):
        def answer(request):
            time.sleep(0.05 if number % 5 == 0 else 0.0)
            return html(f"Title {number}", text_of(number))

        return answer

    site.pages = {f"/{number}": page(number) for number in range(30)} | {"/7": (404, {}, b"")}
    urls = [site.at(f"h{number % 6}.test", f"/{number}") for number in range(30)]
    articles, errors = read(*urls)
    assert [article.origin for article in articles] == [url for url in urls if not url.endswith("/7")]
    assert [error.source for error in errors] == [urls[7]]
    one_by_one, _ = read(*urls, concurrent=1)
    assert one_by_one == articles


def test_other_sources_keep_their_place_between_pages(site):
    site.pages = {"/a": html("A", text_of(1)), "/b": html("B", text_of(2))}
    sources = [
        site.at("a.test", "/a"),
        {"text": "a record"},
        [{"text": "nested"}, site.at("b.test", "/b")],
        {"text": "z"},
    ]
    articles, errors = read(*sources)
    assert errors == []
    assert [article.text for article in articles] == [text_of(1), "a record", "nested", text_of(2), "z"]


def test_an_error_of_the_callers_iterable_comes_after_what_was_asked_before(site):
    site.pages = {"/a": html("A", text_of(1))}

    def sources():
        yield site.at("a.test", "/a")
        raise RuntimeError("the caller's own")

    reading = read_articles(sources(), web=web())
    assert next(reading).text == text_of(1)
    with pytest.raises(RuntimeError, match="the caller's own"):
        next(reading)


def test_at_most_so_many_at_once_at_each_host_and_in_all(site):
    site.latency = 0.03
    site.pages = {f"/{number}": html(f"T{number}", text_of(number)) for number in range(24)}
    articles, errors = read(*(site.at(f"h{number % 2}.test", f"/{number}") for number in range(24)), per_host=2)
    assert (len(articles), errors) == (24, [])
    assert dict(site.most_at_once) == {"h0.test": 2, "h1.test": 2}

    site.most_at_once.clear()
    in_all = []

    def count(request):
        in_all.append(sum(site.at_once.values()))
        time.sleep(0.03)
        return html("T", text_of(len(in_all)))

    site.pages = {f"/{number}": count for number in range(12)}
    read(*(site.at(f"h{number}.test", f"/{number}") for number in range(12)), concurrent=3, robots=False)
    assert max(in_all) == 3


def test_requests_to_a_host_start_no_sooner_than_the_delay(site):
    site.pages = {f"/{number}": html(f"T{number}", text_of(number)) for number in range(4)}
    read(*(site.at("a.test", f"/{number}") for number in range(4)), delay=0.15, robots=False)
    starts = [request.started for request in site.requests]
    assert len(starts) == 4
    assert min(b - a for a, b in itertools.pairwise(starts)) > 0.12


def test_a_crawl_delay_is_kept_one_at_a_time_up_to_the_bound(site):
    site.pages = {f"/{number}": html(f"T{number}", text_of(number)) for number in range(3)}
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 3600\n")
    articles, _ = read(*(site.at("a.test", f"/{number}") for number in range(3)), longest_delay=0.2)
    starts = [request.started for request in site.requests if request.path != "/robots.txt"]
    assert len(articles) == 3
    assert min(b - a for a, b in itertools.pairwise(starts)) > 0.17
    assert site.most_at_once["a.test"] == 1


def test_connections_are_kept_for_the_next_page(site):
    site.pages = {f"/{number}": html(f"T{number}", text_of(number)) for number in range(6)}
    read(*(site.at("a.test", f"/{number}") for number in range(6)), per_host=1)
    assert len(site.requests) == 7
    assert len({request.connection for request in site.requests}) == 1


def test_it_works_within_a_running_event_loop(site):
    site.pages = {"/a": html("A", text_of(1))}

    async def cell():
        return read(site.at("a.test", "/a"))

    articles, errors = asyncio.run(cell())
    assert (len(articles), errors) == (1, [])


def test_a_reading_that_is_left_lets_its_threads_go(site):
    release = threading.Event()

    def hang(request):
        release.wait(120)
        return html("late", text_of(1))

    site.pages = {"/a": html("A", text_of(1)), **{f"/{number}": hang for number in range(8)}}
    started = time.monotonic()
    reading = read_articles(
        site.at("a.test", "/a"), *(site.at(f"h{n}.test", f"/{n}") for n in range(8)), web=web(robots=False)
    )
    assert next(reading).title == "A"
    reading.close()
    assert time.monotonic() - started < 60
    release.set()
    assert [thread for thread in threading.enumerate() if thread.name == "citebook-fetch"] == []


def test_pages_that_wait_to_be_read_are_bounded(site):
    """A server that is faster than the reading is not read into memory as a whole."""
    site.pages = {f"/{number}": (200, {"Content-Type": "text/plain"}, b"word " * 20_000) for number in range(40)}
    with Fetcher(web(held=500_000, robots=False)) as fetcher:
        jobs = [fetcher.submit(site.at(f"h{number}.test", f"/{number}")) for number in range(40)]
        fetcher.result(jobs[0])
        deadline = time.monotonic() + 5
        while len(site.paths) < 6 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)  # time in which too many would come
        assert len(site.paths) <= 5 + 1 + fetcher.web.concurrent
        for job in jobs[1:]:
            fetcher.result(job)
    assert len(site.paths) == 40


def test_a_slow_reader_does_not_end_the_fetching(site, monkeypatch):
    """Threads that find no room go home; they are there again when there is some."""
    monkeypatch.setattr("toolkit.articles.web.fetcher._IDLE", 0.02)
    site.pages = {f"/{number}": (200, {"Content-Type": "text/plain"}, b"word " * 20_000) for number in range(20)}
    with Fetcher(web(held=150_000, concurrent=2, robots=False)) as fetcher:
        jobs = [fetcher.submit(site.at(f"h{number}.test", f"/{number}")) for number in range(20)]
        for job in jobs:
            fetcher.result(job)
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline and any(t.name == "citebook-fetch" for t in threading.enumerate()):
                time.sleep(0.005)
    assert len(site.paths) == 20


# robots.txt


def test_robots_txt_is_obeyed_for_our_name(site):
    ours = b"User-agent: citebook\nDisallow: /private/\nDisallow: /*.php$\nAllow: /private/open\n"
    rules = b"User-agent: *\nDisallow: /\n\n" + ours
    paths = ["/a", "/private/b", "/private/open", "/c.php", "/c.php?d"]
    site.pages = {path: html(path, text_of(number)) for number, path in enumerate(paths)}
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, rules)
    articles, errors = read(*(site.at("a.test", path) for path in paths))
    assert [article.title for article in articles] == ["/a", "/private/open", "/c.php?d"]
    assert {error.reason for error in errors} == {
        "the site's robots.txt asks programs not to read this page; robots=False reads it all the same, where you may"
    }
    assert "/private/b" not in site.paths
    assert len(site.asked("/robots.txt")) == 1
    articles, errors = read(*(site.at("a.test", path) for path in paths), robots=False)
    assert (len(articles), errors) == (5, [])
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_robots_txt_allows_everything(site, status):
    site.pages = {"/a": html("A", text_of(1)), "/robots.txt": (status, {}, b"User-agent: *\nDisallow: /\n")}
    assert read(site.at("a.test", "/a"))[1] == []


@pytest.mark.parametrize("status", [500, 503])
def test_a_robots_txt_that_fails_forbids_everything(site, status):
    site.pages = {"/a": html("A", text_of(1)), "/robots.txt": (status, {}, b"")}
    articles, errors = read(site.at("a.test", "/a"))
    assert articles == []
    assert f"its robots.txt cannot be read (HTTP {status}" in errors[0].reason
    assert "RFC 9309" in errors[0].reason
    assert site.paths == []


def test_a_robots_txt_is_followed_to_where_it_moved_and_is_asked_again_when_it_failed(site):
    site.pages = {
        "/a": html("A", text_of(1)),
        "/robots.txt": (301, {"Location": site.at("b.test", "/rules")}, b""),
        "/rules": (200, {}, b"User-agent: *\nDisallow: /a"),
    }
    assert "robots.txt" in read(site.at("a.test", "/a"))[1][0].reason
    answers = iter([(503, {}, b""), (200, {}, b"User-agent: *\nDisallow: /b")])
    site.pages["/robots.txt"] = lambda request: next(answers)
    assert read(site.at("a.test", "/a"))[1] == []


def test_the_page_that_a_redirect_leads_to_has_rules_too(site):
    site.pages = {
        "/a": (302, {"Location": site.at("b.test", "/b")}, b""),
        "/b": html("B", text_of(1)),
        "b.test/robots.txt": (200, {}, b"User-agent: *\nDisallow: /"),
    }
    articles, errors = read(site.at("a.test", "/a"))
    assert articles == []
    assert "robots.txt" in errors[0].reason
    assert errors[0].source == site.at("a.test", "/a")
    assert "/b" not in site.paths


def test_of_a_huge_robots_txt_the_first_half_megabyte_counts(site):
    rules = b"User-agent: *\nDisallow: /a\n" + b"# filling\n" * 100_000 + b"Disallow: /b\n"
    site.pages = {"/a": html("A", text_of(1)), "/b": html("B", text_of(2)), "/robots.txt": (200, {}, rules)}
    articles, errors = read(site.at("a.test", "/a"), site.at("a.test", "/b"))
    assert ([article.title for article in articles], len(errors)) == (["B"], 1)


def test_a_hostile_robots_txt_costs_little(site):
    rules = b"User-agent: *\n" + b"Disallow: /" + b"*a" * 2_000 + b"$\n" * 50 + b"\nDisallow: /x\n" * 20_000
    site.pages = {"/" + "a" * 3_000: html("A", text_of(1)), "/robots.txt": (200, {}, rules)}
    started = time.process_time()
    read(site.at("a.test", "/" + "a" * 3_000))
    assert time.process_time() - started < 5


# Who we are


def test_the_user_agent_says_who_we_are(site, monkeypatch):
    monkeypatch.delenv("CITEBOOK_USER_AGENT", raising=False)
    site.pages = {"/a": html("A", text_of(1)), "/robots.txt": (200, {}, b"User-agent: newsbot\nDisallow: /a")}
    assert read(site.at("a.test", "/a"))[1] == []
    monkeypatch.setenv("CITEBOOK_USER_AGENT", "newsbot/2 (+https://example.org)")
    assert "robots.txt" in read(site.at("a.test", "/a"))[1][0].reason
    agents = [request.headers["User-Agent"] for request in site.requests]
    assert agents == [f"citebook/{__version__}"] * 2 + ["newsbot/2 (+https://example.org)"]
    with pytest.raises(ArgumentError, match="user_agent"):
        Web(user_agent="two\r\nlines")


def test_proxies_of_the_environment_are_not_used(site, monkeypatch):
    site.pages = {"/a": html("A", text_of(1))}
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert read(site.at("a.test", "/a"))[1] == []


def test_cookies_and_passwords_do_not_travel(site):
    site.pages = {
        "/a": (302, {"Location": "/b", "Set-Cookie": "id=1"}, b""),
        "/b": (200, {**html("B", text_of(1))[1], "Set-Cookie": "id=2"}, html("B", text_of(1))[2]),
    }
    assert read(site.at("a.test", "/a"), site.at("a.test", "/b"))[1] == []
    assert all("Cookie" not in request.headers and "Authorization" not in request.headers for request in site.requests)


# Trying again


def test_an_overloaded_server_is_asked_again(site):
    answers = iter([(503, {}, b""), (502, {}, b""), html("A", text_of(1))])
    site.pages = {"/a": lambda request: next(answers)}
    articles, errors = read(site.at("a.test", "/a"))
    assert (len(articles), errors) == (1, [])
    assert len(site.paths) == 3


def test_it_is_left_after_three_tries_and_what_is_final_is_not_tried_again(site):
    site.pages = {"/busy": (503, {}, b""), "/broken": (500, {}, b""), "/gone": (404, {}, b"")}
    _, errors = read(*(site.at("a.test", path) for path in site.pages))
    assert [error.reason for error in errors] == [
        "HTTP 503 Service Unavailable (tried 3 times); try again later",
        "HTTP 500 Internal Server Error",
        "HTTP 404 Not Found: no page there",
    ]
    assert sorted(site.paths) == ["/broken", "/busy", "/busy", "/busy", "/gone"]


def test_retry_after_in_seconds_and_as_a_date_is_waited_for_by_the_whole_host(site):
    def answers(wait):
        given = ((429, {"Retry-After": one()}, b"") for one in [wait])  # when it is asked for, not now
        return lambda request: next(given, None) or html("A", text_of(1))

    seconds = answers(lambda: "1")
    date = answers(lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True))
    site.pages = {"/s": seconds, "/d": date, "/other": html("B", text_of(2))}
    articles, errors = read(site.at("s.test", "/s"), site.at("s.test", "/other"), site.at("d.test", "/d"), per_host=1)
    assert (len(articles), errors) == (3, [])
    first, second = site.asked("/s")
    assert second.started - first.started >= 1.0
    assert site.asked("/other")[0].started - first.started >= 1.0
    first, second = site.asked("/d")
    assert second.started - first.started >= 0.9  # the date has whole seconds


def test_a_host_that_wants_to_be_left_alone_for_long_is(site):
    site.pages = {f"/{n}": (429, {"Retry-After": "7200"}, b"") for n in range(5)}
    _, errors = read(*(site.at("a.test", f"/{n}") for n in range(5)), per_host=1)
    assert len(errors) == 5
    assert {error.reason for error in errors} == {
        "HTTP 429 Too Many Requests: the server asks to be left alone for 7,200 seconds"
    }
    assert site.paths == ["/0"]


def test_a_host_that_never_answers_costs_its_time_three_times_and_not_for_each_page():
    asked_for = []

    def talk(connection, asked):
        asked_for.append(asked)
        silent(connection, asked)

    with raw_server(talk) as url:
        _, errors = read(*(f"{url}/{n}" for n in range(40)), read_seconds=0.15, tries=1, per_host=1, robots=False)
    assert len(asked_for) == 3
    assert len(errors) == 40
    assert "did not answer in time" in errors[0].reason
    assert "nor for 3 other pages" in errors[-1].reason


def test_a_connection_that_breaks_is_tried_again_and_half_a_page_is_none():
    answers = []

    def cut(connection, asked):
        answers.append(asked)
        body = html("A", text_of(1))[2]
        length = len(body) + (100 if len(answers) < 3 else 0)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % length + body)

    with raw_server(cut) as url:
        articles, errors = read(url)
        assert (len(articles), errors, len(answers)) == (1, [], 3)
        answers.clear()
        _, errors = read(url, tries=2)
        assert "broke off before the whole page was there" in errors[0].reason


# Limits


def silent(connection, asked):
    """Says nothing until the other side has gone."""
    connection.settimeout(60)
    connection.recv(1)


def drip(head: bytes, piece: bytes):
    def talk(connection, asked):
        connection.sendall(head)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            connection.sendall(piece)
            time.sleep(0.02)

    return talk


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 103 Early\r\n\r\n", b"HTTP/1.1 103 Early\r\n\r\n"),
    ],
    ids=["body", "headers", "chunks", "hints"],
)
def test_a_server_that_drips_does_not_put_the_end_off(head, piece):
    with raw_server(drip(head, piece)) as url:
        started = time.monotonic()
        _, errors = read(url, total_seconds=0.5, tries=1, robots=False)
        assert time.monotonic() - started < 30
    assert "did not answer in time" in errors[0].reason


def bomb(times: int, size: int) -> bytes:
    data = b"<html><body><p>" + b"x" * size
    for _ in range(times):
        data = gzip.compress(data)
    return data


def send(*headers: bytes, body: bytes):
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"Connection: close", b"", b""])
    return lambda connection, asked: connection.sendall(head + body)


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (send(b"Content-Type: text/html", body=b"x" * 300_000), "larger than 0.1 MB"),
        (send(b"Content-Type: text/html", b"Content-Length: 300000", body=b"x"), "larger than 0.1 MB"),
        (send(b"Content-Type: text/html", b"Content-Encoding: gzip", body=bomb(1, 50_000_000)), "larger than 0.1 MB"),
        (send(b"Content-Type: text/html", b"Content-Encoding: deflate", body=zlib.compress(b"x" * 10**7)), "larger"),
        (send(b"Content-Type: text/html", b"Content-Encoding: gzip, gzip", body=bomb(2, 10**6)), "not asked for"),
        (
            send(b"Content-Type: text/html", b"Content-Encoding: gzip", b"Content-Encoding: gzip", body=bomb(2, 10**6)),
            "not asked for",
        ),
        (send(b"Content-Type: text/html", b"Content-Encoding: br", body=b"\x0b\x02\x80x\x03"), "“br”"),
        (send(b"Content-Type: text/html", b"Content-Encoding: gzip", body=bomb(1, 50_000)[:-20]), "breaks off"),
        (send(b"Content-Type: text/html", b"Content-Encoding: gzip", body=b"no gzip"), "cannot be unpacked"),
        (
            send(b"Content-Type: text/html", b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\nnonsense\r\n"),
            "broke off",
        ),
        (send(b"Content-Type: text/html", b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"), "broke off"),
        (send(b"Content-Type: text/html", b"Content-Length: -5", body=b"x"), "broke off"),
        (send(b"Content-Type: text/html", b"Content-Length: 5", b"Content-Length: 9", body=b"x" * 9), "broke off"),
        (lambda connection, asked: connection.sendall(b"SSH-2.0-OpenSSH\r\n"), "broke off"),
        (lambda connection, asked: None, "broke off"),
        (send(b"X: " + b"y" * 300_000, body=b""), "broke off"),
    ],
)
def test_what_is_too_large_or_broken_says_so(talk, reason):
    with raw_server(talk) as url:
        articles, errors = read(url, largest=100_000, tries=1)
    assert articles == []
    assert reason in errors[0].reason, errors[0].reason


def test_a_bomb_takes_no_memory():
    """A hundred megabytes in a hundred kilobytes are given up at the limit, not after they were unpacked."""
    import tracemalloc

    data = bomb(1, 100_000_000)
    with raw_server(send(b"Content-Type: text/html", b"Content-Encoding: gzip", body=data)) as url:
        tracemalloc.start()
        _, errors = read(url, tries=1, robots=False)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert "larger than 20 MB" in errors[0].reason
    assert peak < 60_000_000


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_a_page_may_end_with_its_connection(version):
    body = html("A", text_of(1))[2]
    reply = version + b" 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + body
    with raw_server(lambda connection, asked: connection.sendall(reply)) as url:
        articles, errors = read(url)
    assert (articles[0].text, errors) == (text_of(1), [])


@pytest.mark.parametrize("packing", ["gzip", "x-gzip", "deflate", "raw deflate", "two members"])
def test_packed_pages_are_unpacked(site, packing):
    data = html("A", text_of(1))[2]
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(data),
        "x-gzip": gzip.compress(data),
        "deflate": zlib.compress(data),
        "raw deflate": raw.compress(data) + raw.flush(),
        "two members": gzip.compress(data[:50]) + gzip.compress(data[50:]),
    }[packing]
    name = {"raw deflate": "deflate", "two members": "gzip"}.get(packing, packing)
    site.pages = {"/a": (200, {"Content-Type": "text/html", "Content-Encoding": name}, packed)}
    articles, errors = read(site.at("a.test", "/a"))
    assert ([article.text for article in articles], errors) == ([text_of(1)], [])
    assert site.requests[-1].headers["Accept-Encoding"] == "gzip, deflate"


# Redirects


def test_redirects_are_followed_for_a_while(site):
    site.pages = {f"/{n}": (302, {"Location": f"/{n + 1}"}, b"") for n in range(9)} | {"/9": html("A", text_of(1))}
    assert read(site.at("a.test", "/4"))[0][0].url == site.at("a.test", "/9")
    _, errors = read(site.at("a.test", "/3"))
    assert errors[0].reason == "more than 5 redirects"
    site.pages = {"/a": (302, {"Location": "/b"}, b""), "/b": (302, {"Location": "/a"}, b"")}
    _, errors = read(site.at("a.test", "/a"))
    assert errors[0].reason == "its redirects lead in a circle"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file:///etc/passwd", "not an http or https address"),
        ("javascript:alert(1)", "not an http or https address"),
        ("http://me:secret@a.test/", "user name or password"),
        ("http://2130706433/", "in disguise"),
        ("http://[::1", "not an address"),
        ("/caf\u00e9\r\nX: y", None),
    ],
)
def test_a_redirect_leads_nowhere_else(site, target, reason):
    site.pages = {"/a": (302, {"Location": target.partition("\r")[0]}, b"")}
    _, errors = read(site.at("a.test", "/a"))
    assert "secret" not in str(errors[0])
    assert errors[0].source == site.at("a.test", "/a")
    assert reason is None or reason in errors[0].reason, errors[0].reason


def test_a_host_is_not_asked_more_often_because_redirects_lead_to_it(site):
    site.latency = 0.03
    site.pages = {f"/{n}": (302, {"Location": site.at("b.test", f"/b{n}")}, b"") for n in range(10)}
    site.pages |= {f"/b{n}": html(f"T{n}", text_of(n)) for n in range(10)}
    articles, errors = read(*(site.at(f"h{n}.test", f"/{n}") for n in range(10)), per_host=2)
    assert (len(articles), errors) == (10, [])
    assert site.most_at_once["b.test"] == 2


# Where connections go


def one_is_public(monkeypatch, *public):
    """Some addresses of this machine pass for public ones, so that there is something to reach."""
    monkeypatch.setattr("toolkit.articles.web.network.is_public", lambda address: address in public)
    monkeypatch.setattr(Pinned.__init__, "__defaults__", (lambda address: address in public,))


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.2]:1/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://10.0.0.1/",
        "http://private.test/",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(site, monkeypatch, target):
    one_is_public(monkeypatch, "127.0.0.1")
    names = {"a.test": ["127.0.0.1"], "private.test": ["127.0.0.2"]}
    site.pages = {"/away": (302, {"Location": target}, b""), "/a": html("A", text_of(1))}
    options = {"allow_private": False, "resolver": lambda host, port: names[host]}
    articles, errors = read(site.at("a.test", "/away"), site.at("a.test", "/a"), **options)
    assert len(articles) == 1
    assert "is a private address" in errors[0].reason
    assert errors[0].source == site.at("a.test", "/away")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{}/a", "http://localhost:{}/a", "http://[::ffff:127.0.0.1]:{}/a", "http://name.test:{}/a"]
)
def test_nothing_is_sent_to_private_addresses(site, url):
    site.pages = {"/a": html("A", text_of(1))}
    _, errors = read(url.format(site.port), allow_private=False)
    assert "private address" in errors[0].reason
    assert "allow_private=True" in errors[0].reason
    assert site.requests == []


def test_one_private_address_among_public_ones_refuses_the_name(site):
    options = {"allow_private": False, "resolver": lambda host, port: ["93.184.216.34", "127.0.0.1"]}
    _, errors = read(site.at("mixed.test", "/a"), **options)
    assert errors[0].reason.startswith("mixed.test is a private address (127.0.0.1)")


def test_a_name_that_is_rebound_does_not_get_through(monkeypatch):
    """A resolver that answers with a public address once and with a private one ever after."""
    one_is_public(monkeypatch, "127.0.0.1")
    with ExitStack() as stack:
        public = stack.enter_context(serving(address="127.0.0.1"))
        private = stack.enter_context(serving(address="127.0.0.2"))
        answers = itertools.chain([["127.0.0.1"]], itertools.repeat(["127.0.0.2"]))
        asked = []

        def rebinding(host, port):
            asked.append(host)
            return next(answers)

        close = {"Connection": "close"}
        public.pages = {
            "/a": (302, {"Location": "/b", **close}, b""),
            "/b": (503, close, b""),
            "/c": (200, {**html("C", text_of(1))[1], **close}, html("C", text_of(1))[2]),
        }
        urls = [public.at("evil.test", path) for path in ("/a", "/b", "/c")]
        articles, errors = read(*urls, allow_private=False, resolver=rebinding)
        assert ([article.title for article in articles], len(errors)) == (["C"], 2)
        assert asked == ["evil.test"]
        assert len(public.requests) > 5  # each over a connection of its own
        assert private.requests == []


def test_a_name_that_is_private_at_once_and_one_that_does_not_exist():
    def nothing(host, port):
        raise OSError("none")

    _, errors = read("http://private.test/", allow_private=False)
    assert errors[0].reason.startswith("private.test is a private address (127.0.0.1)")
    _, errors = read("http://no.test/", resolver=nothing)
    assert errors[0].reason == "no such host: no.test"


def test_every_address_of_a_name_is_tried(site):
    site.pages = {"/a": html("A", text_of(1))}
    options = {"resolver": lambda host, port: ["127.0.0.9", "127.0.0.1"]}  # nobody listens at the first
    assert read(site.at("a.test", "/a"), **options)[1] == []


def test_a_server_that_is_not_there_says_so():
    with raw_server(lambda connection, asked: None) as url:
        pass
    _, errors = read(url)
    assert "cannot connect" in errors[0].reason
    assert "(tried 3 times)" in errors[0].reason


# Encryption


@pytest.fixture(scope="module")
def authority():
    import trustme

    return trustme.CA()


@pytest.fixture(scope="module")
def secure(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("good.test").configure_cert(context)
    with serving(context) as site:
        site.pages = {"/a": html("A", text_of(1))}
        yield site


def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_certificates_are_checked_by_name(authority, secure):
    tls = trusting(authority)
    articles, errors = read(f"https://good.test:{secure.port}/a", tls=tls)
    assert (len(articles), errors) == (1, [])
    _, errors = read(f"https://bad.test:{secure.port}/a", tls=tls)
    assert "its certificate is not good for that name" in errors[0].reason
    assert "bad.test" in errors[0].reason
    # A second name at the same address does not get the connection of the first.
    articles, errors = read(
        f"https://good.test:{secure.port}/a", f"https://bad.test:{secure.port}/a", tls=tls, per_host=1
    )
    assert (len(articles), len(errors)) == (1, 1)


def test_an_unknown_authority_is_refused(secure):
    secure.requests.clear()
    _, errors = read(f"https://good.test:{secure.port}/a")
    assert "certificate" in errors[0].reason
    assert secure.requests == []


def test_leaving_encryption_is_noted(authority, secure, site):
    site.pages = {"/plain": html("Plain", text_of(2))}
    secure.pages["/down"] = (302, {"Location": site.at("plain.test", "/plain")}, b"")
    (article,), errors = read(f"https://good.test:{secure.port}/down", tls=trusting(authority))
    assert errors == []
    assert article.metadata["fetched"] == "an unencrypted page: its encrypted address led to it"


def test_encryption_that_is_never_agreed_on_ends_in_time():
    with raw_server(silent) as url:
        started = time.monotonic()
        _, errors = read(url.replace("http:", "https:"), connect_seconds=0.3, tries=1, robots=False)
        assert time.monotonic() - started < 30
    assert "did not answer in time" in errors[0].reason


# Pieces


def test_a_deadline_is_of_one_thread():
    deadline = Deadline()
    deadline.start(-1)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(deadline.left(3.0)))
    thread.start()
    thread.join()
    assert seen == [3.0]


def test_a_mistake_in_a_step_costs_one_page(site, monkeypatch):
    site.pages = {"/a": html("A", text_of(1))}
    get = Client.get

    def broken(self, url, *arguments, **options):
        if "bad" in url:
            raise KeyError("ours")
        return get(self, url, *arguments, **options)

    monkeypatch.setattr(Client, "get", broken)
    articles, errors = read(site.at("bad.test", "/a"), site.at("a.test", "/a"), robots=False)
    assert len(articles) == 1
    assert "KeyError" in errors[0].reason


@pytest.mark.parametrize("options", [{"concurrent": 0}, {"per_host": 0}, {"tries": 0}, {"delay": -1.0}, {"largest": 0}])
def test_settings_that_cannot_work_are_refused(options):
    with pytest.raises(ArgumentError, match=next(iter(options))):
        Web(**options)


def test_nothing_is_started_for_files(tmp_path):
    (tmp_path / "a.txt").write_text("The council voted to reopen the pool.")
    before = threading.active_count()
    assert len(list(read_articles(tmp_path))) == 1
    assert threading.active_count() == before
    assert os.listdir(tmp_path) == ["a.txt"]
