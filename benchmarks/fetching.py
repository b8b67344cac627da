"""Pages a second from servers with latency: many hosts side by side against one page after another.

    python benchmarks/fetching.py

Everything runs on this machine: a server that waits before each answer, under as many host names as asked for. Reading
the pages (extraction) is part of the time, as it is for a user; ``--bare`` fetches only.
"""

from __future__ import annotations

import argparse
import http.server
import threading
import time
from collections import Counter

from toolkit.articles import read_articles
from toolkit.articles.web import Web
from toolkit.articles.web.fetcher import Fetcher


def serve(latency: float) -> tuple[http.server.ThreadingHTTPServer, Counter[str]]:
    """A server on this machine, and the most requests that each host had at once."""
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            host = self.headers["Host"]
            with lock:
                now[host] += 1
                most[host] = max(most[host], now[host])
            time.sleep(latency)
            number = self.path.strip("/")
            text = " ".join(f"Sentence {n} of article {number} tells what was said on day {n}." for n in range(40))
            page = f"<html><title>Article {number}</title><body><article><p>{text}</p></article></body></html>"
            status, body = (404, b"") if self.path == "/robots.txt" else (200, page.encode())
            with lock:
                now[host] -= 1
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, most


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before an answer")
    parser.add_argument("--bare", action="store_true", help="do not extract articles")
    options = parser.parse_args()
    server, most = serve(options.latency)
    urls = [f"http://h{n % options.hosts}.test:{server.server_port}/{n}" for n in range(options.pages)]
    list(read_articles(urls[0], web=Web(allow_private=True, resolver=lambda host, port: ["127.0.0.1"])))  # imports
    print(f"{options.pages} pages of {options.hosts} hosts, {options.latency * 1000:.0f} ms before each answer")
    base = {"allow_private": True, "resolver": lambda host, port: ["127.0.0.1"]}
    runs = {
        "one after another": Web(**base, concurrent=1, per_host=1, delay=0.0),
        "as by default (0.2 s between starts at a host)": Web(**base),
        "no delay": Web(**base, delay=0.0),
    }
    for name, web in runs.items():
        most.clear()
        started = time.perf_counter()
        if options.bare:
            with Fetcher(web) as fetcher:
                count = len([fetcher.result(job) for job in [fetcher.submit(url) for url in urls]])
        else:
            count = len(list(read_articles(*urls, web=web)))
        seconds = time.perf_counter() - started
        print(
            f"{name:48} {seconds:6.2f} s {count / seconds:7.1f} pages/s, at most {max(most.values())} at once per host"
        )
    server.shutdown()


if __name__ == "__main__":
    main()
