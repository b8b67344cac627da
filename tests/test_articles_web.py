"""Pages from a real server on this machine."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from articles_pdf import make_pdf
from reading import read as read_with

from toolkit import __version__
from toolkit.articles import web

TEXT = "Le café de la gare a rouvert hier, après des années de travaux très coûteux pour la ville."
BODY = f"<p>{TEXT}</p><p>Une autre phrase, plus loin.</p>"
HTML = f"<html lang='fr'><head><title>Café</title></head><body><article>{BODY}</article></body></html>"
BIG = gzip.compress(b"x" * (web.LARGEST_PAGE + 1))

# path: (status, headers, body)
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/page": (200, {"Content-Type": "text/html; charset=utf-8"}, HTML.encode()),
    "/wrong-charset": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, HTML.encode()),
    "/latin": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, HTML.encode("iso-8859-1")),
    "/nonsense-charset": (200, {"Content-Type": "text/html; charset=zip_codec"}, HTML.encode("iso-8859-1")),
    "/pdf": (200, {"Content-Type": "application/pdf"}, make_pdf([["A page of a PDF."]])),
    "/text": (200, {"Content-Type": "text/plain"}, TEXT.encode()),
    "/json": (200, {"Content-Type": "application/json"}, json.dumps([{"text": "one"}, {"text": "two"}]).encode()),
    "/untold": (200, {}, HTML.encode()),
    "/untold.pdf": (200, {"Content-Type": "application/octet-stream"}, make_pdf([["A page of a PDF."]])),
    "/untold-bytes": (200, {}, b"\x00\x01\x02"),
    "/spoof": (200, {"Content-Type": "text/html"}, HTML.replace("<title>", "<link rel='canonical' href='https://www.reuters.com/a'><title>").encode()),
    "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
    "/big": (200, {"Content-Type": "text/plain", "Content-Length": str(web.LARGEST_PAGE + 1)}, b"x"),
    "/bomb": (200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, BIG),
    "/bad-gzip": (200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, b"no gzip"),
    "/empty": (200, {"Content-Type": "text/html"}, b""),
    "/gone": (410, {}, b""),
    "/forbidden": (403, {}, b""),
    "/broken": (500, {}, b""),
    "/moved": (301, {"Location": "/page#top"}, b""),
    "/loop": (302, {"Location": "/loop"}, b""),
    "/to-file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/to-password": (302, {"Location": "http://user:secret@127.0.0.1/"}, b""),
    "/to-nonsense": (302, {"Location": "http://[::1"}, b""),
}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    requests: list[dict[str, str]]

    def do_GET(self):
        if self.path != "/robots.txt":
            self.requests.append(dict(self.headers))
        status, headers, body = PAGES.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    handler = type("OneTest", (Handler,), {"requests": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.requests = handler.requests
        running.url = f"http://127.0.0.1:{running.server_port}"
        yield running
        running.shutdown()
        thread.join()


def read(url, **options):
    return read_with(url, **{"allow_private": True, **options})


def test_a_page_becomes_an_article(server):
    (article,), errors = read(f"{server.url}/page")
    assert errors == []
    assert article.text == f"{TEXT}\n\nUne autre phrase, plus loin."
    assert (article.title, article.language, article.publisher) == ("Café", "fr", "127.0.0.1")
    assert article.url == article.origin == f"{server.url}/page"
    assert server.requests[0]["User-Agent"] == f"citebook/{__version__}"
    assert server.requests[0]["Host"] == f"127.0.0.1:{server.server_port}"


def test_a_name_is_asked_for_by_its_name(server):
    """The connection goes to a checked address, the request still names the host."""
    (article,), errors = read(f"http://localhost:{server.server_port}/page")
    assert errors == []
    assert article.url == f"http://localhost:{server.server_port}/page"
    assert server.requests[0]["Host"] == f"localhost:{server.server_port}"


@pytest.mark.parametrize("path", ["/page", "/wrong-charset", "/latin", "/nonsense-charset", "/untold", "/text"])
def test_the_charset_header_is_not_trusted_against_the_bytes(server, path):
    (article,), errors = read(server.url + path)
    assert errors == []
    assert article.text.startswith(TEXT)


@pytest.mark.parametrize(
    ("path", "texts"),
    [("/pdf", ["A page of a PDF."]), ("/untold.pdf", ["A page of a PDF."]), ("/json", ["one", "two"])],
)
def test_the_content_type_decides(server, path, texts):
    articles, errors = read(server.url + path)
    assert errors == []
    assert [article.text for article in articles] == texts
    assert articles[0].url == server.url + path


def test_a_redirect_is_followed_and_the_origin_stays(server):
    (article,), errors = read(f"{server.url}/moved")
    assert errors == []
    assert (article.url, article.origin) == (f"{server.url}/page", f"{server.url}/moved")


def test_a_page_cannot_pass_for_another_site(server):
    (article,), _ = read(f"{server.url}/spoof")
    assert (article.url, article.publisher) == (f"{server.url}/spoof", "127.0.0.1")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing", "HTTP 404 Not Found"),
        ("/gone", "HTTP 410 Gone"),
        ("/forbidden", "save the page in a browser"),
        ("/broken", "HTTP 500"),
        ("/loop", "its redirects lead in a circle"),
        ("/to-file", "not an http or https address"),
        ("/to-password", "user name or password"),
        ("/to-nonsense", "not an address"),
        ("/picture", "image/png"),
        ("/big", "larger than 20 MB"),
        ("/bomb", "larger than 20 MB"),
        ("/bad-gzip", "cannot be fetched"),
        ("/empty", "no article text"),
        ("/untold-bytes", "neither a page nor a PDF"),
    ],
)
def test_what_cannot_be_read_says_why(server, path, reason):
    articles, errors = read(server.url + path)
    assert articles == []
    assert reason in errors[0].reason
    assert errors[0].source == server.url + path


def test_private_addresses_are_refused_before_anything_is_sent(server):
    for url in (
        server.url,
        f"http://localhost:{server.server_port}",
        f"http://[::ffff:127.0.0.1]:{server.server_port}",
    ):
        articles, errors = read(f"{url}/page", allow_private=False)
        assert articles == []
        assert "private address" in errors[0].reason
        assert "allow_private=True" in errors[0].reason
    assert server.requests == []


def test_passwords_never_show(server):
    articles, errors = read("http://user:secret@127.0.0.1/")
    assert articles == []
    assert "secret" not in str(errors[0])


def test_a_server_that_is_not_there_and_a_name_that_does_not_exist(server):
    server.server_close()
    _, errors = read(f"{server.url}/page")
    assert "cannot connect" in errors[0].reason
    _, errors = read("http://no-such-host.invalid/")
    assert "no such host" in errors[0].reason
