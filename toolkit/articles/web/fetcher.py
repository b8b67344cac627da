"""Many pages at once, a few at a time from each host, handed out in the order in which they were asked for.

Threads rather than an event loop: the caller may be a script, a notebook's cell or a coroutine's thread, and parsing
goes on in the meantime. Each request is a step of its own: one redirect further, or one try later, a job waits for its
next host's turn again, so no host is asked more often than it should be, whatever redirects to it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from types import TracebackType

from toolkit.articles.web.addresses import checked, host_of, shown
from toolkit.articles.web.client import Client, Later, Moved, Outcome, Page
from toolkit.articles.web.options import Unchanged, Validator, Validators, Web
from toolkit.articles.web.robots import Robots
from toolkit.errors import SourceError

_IDLE = 2.0  # seconds that a thread waits for work before it ends
_DEAD = 3
"""Pages in a row without an answer, all tries included, after which a host's other pages are not waited for."""


@dataclass(eq=False, slots=True)
class Job:
    """A page on its way."""

    number: int
    url: str
    most: int | None
    known: Validator | None
    listing: bool
    here: str
    tries: int = 0
    not_before: float = 0.0
    secure: bool = False
    passed: set[str] = field(default_factory=set)
    note: str | None = None
    done: Page | Unchanged | SourceError | None = None
    taken: bool = False


@dataclass(eq=False, slots=True)
class _Host:
    """One host's turn."""

    limit: int
    delay: float
    slow: bool = False
    running: int = 0
    next_start: float = 0.0
    silent: int = 0
    dead: str | None = None
    waiting: deque[Job] = field(default_factory=deque)


class Fetcher:
    """Fetches pages; use it in a ``with`` statement.

    Args:
        web: How.
        known: What is remembered of earlier visits; None to ask for every page anew.
    """

    def __init__(self, web: Web, known: Validators | None = None) -> None:
        self.web = web
        self.known = known
        self.client = Client(web)
        self.robots = Robots(self.client, web)
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._news = threading.Condition(self._lock)
        self._hosts: dict[str, _Host] = {}
        self._number = 0
        self._unfinished: dict[int, Job] = {}
        self._awaited = 0
        self._held = 0
        self._idle = 0
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def submit(self, url: str, *, listing: bool = False, most: int | None = None) -> Job:
        """Ask for a page; returns at once.

        Args:
            url: An http or https address.
            listing: It is a feed or a sitemap: content of any type will do.
            most: Bytes, when not as many as a page may have.
        """
        known = None if self.known is None else self.known.get(url, listing=listing)
        with self._lock:
            self._number += 1
            job = Job(self._number, url, most, known, listing, url)
            self._unfinished[job.number] = job
            self._queue(job)
            self._employ()
            return job

    def result(self, job: Job) -> Page | Unchanged:
        """Wait for a page.

        Raises:
            SourceError: It cannot be had.
        """
        with self._news:
            self._await(job)
            while job.done is None:
                if self._closed:
                    raise SourceError(shown(job.url), "not fetched: the reading was ended before its turn")
                self._news.wait(1.0)  # so that Ctrl-C gets through on every system
            if not job.taken and isinstance(job.done, Page):
                self._held -= len(job.done.data)
                self._employ()
            job.taken = True
        done, job.done = job.done, SourceError(shown(job.url), "handed out already")
        if isinstance(done, SourceError):
            raise done
        return done

    def wait(self, job: Job, seconds: float) -> None:
        """Wait until this page or another one is there, but no longer than this."""
        with self._news:
            self._await(job)
            if job.done is None:
                self._news.wait(seconds)

    def fetch(self, url: str, *, listing: bool = False, most: int | None = None) -> Page | Unchanged:
        """Ask for a page and wait for it; see :meth:`submit` and :meth:`result`."""
        return self.result(self.submit(url, listing=listing, most=most))

    def close(self) -> None:
        """Break off what is under way."""
        with self._lock:
            self._closed = True
            self._hosts.clear()
            threads = list(self._threads)
            self._work.notify_all()
            self._news.notify_all()
        if threads:
            self.client.close()
        until = time.monotonic() + 2.0
        for thread in threads:  # one that waits for a name to be looked up is left to itself
            thread.join(max(0.0, until - time.monotonic()))
        self.client.done()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # The rest is done with the lock held, except for the request itself.

    def _await(self, job: Job) -> None:
        if job.done is None and self._awaited != job.number:
            self._awaited = job.number
            self._employ()  # those who waited for room may be gone

    def _queue(self, job: Job, *, first: bool = False) -> None:
        try:
            address = checked(job.here, job.url)
        except SourceError as error:
            self._finish(job, error)
            return
        if job.secure and address.scheme == "http":
            job.note = "an unencrypted page: its encrypted address led to it"
        job.secure = job.secure or address.scheme == "https"
        name = host_of(address)
        # One request until the host's rules are known, which may ask for no more.
        host = self._hosts.setdefault(name, _Host(1 if self.web.robots else self.web.per_host, self.web.delay))
        if host.dead is not None:
            self._finish(job, SourceError(shown(job.url), host.dead))
        elif first:
            host.waiting.appendleft(job)
        else:
            host.waiting.append(job)

    def _employ(self) -> None:
        waiting = len(self._unfinished) - (len(self._threads) - self._idle)
        if waiting > self._idle and len(self._threads) < self.web.concurrent:
            thread = threading.Thread(target=self._run, name="citebook-fetch", daemon=True)
            self._threads.add(thread)
            thread.start()
        else:
            self._work.notify_all()

    def _run(self) -> None:
        while True:
            with self._lock:
                found = self._next()
                if found is None:
                    self._threads.discard(threading.current_thread())
                    return
                job, host = found
                host.running += 1
                host.next_start = time.monotonic() + host.delay
            try:
                outcome = self._step(job, host)
            except Exception as error:  # a mistake of ours, or the system's: it must cost one page
                outcome = SourceError(shown(job.url), f"cannot be fetched: {type(error).__name__}: {error}"[:200])
            with self._lock:
                host.running -= 1
                self._settle(job, host, outcome)
                self._work.notify()

    def _next(self) -> tuple[Job, _Host] | None:
        """The job that was asked for first among those whose turn it may be; waits for one, but not for long."""
        until = time.monotonic() + _IDLE
        while not self._closed:
            now = time.monotonic()
            soonest = until
            best: tuple[Job, _Host] | None = None
            full = self._held > self.web.held  # then only what somebody waits for is started
            for host in self._hosts.values():
                if not host.waiting or host.running >= host.limit:
                    continue
                job = host.waiting[0]
                if full:
                    awaited = [one for one in host.waiting if one.number == self._awaited]
                    if not awaited:
                        continue
                    job = awaited[0]
                start = max(host.next_start, job.not_before)
                if start > now:
                    soonest = min(soonest, start)
                    until = max(until, start + _IDLE)
                elif best is None or job.number < best[0].number:
                    best = job, host
            if best is not None:
                best[1].waiting.remove(best[0])
                return best
            if now >= until:
                return None
            self._idle += 1
            self._work.wait(soonest - now)
            self._idle -= 1
        return None

    def _step(self, job: Job, host: _Host) -> Outcome:
        """One request, after what robots.txt says to it."""
        rules = self.robots.rules(job.here, job.url)
        if isinstance(rules, Later):
            return rules
        if refusal := self.robots.refusal(job.here, job.url):
            return SourceError(shown(job.url), refusal)
        with self._lock:
            if rules.delay and host.delay < (delay := min(rules.delay, self.web.longest_delay)):
                host.delay, host.next_start, host.slow = delay, time.monotonic() + delay, True
            host.limit = 1 if host.slow else self.web.per_host
            self._work.notify()
        known = job.known if job.known is not None and job.known.url == str(checked(job.here, job.url)) else None
        return self.client.get(job.here, job.url, known, job.most, any_kind=job.listing)

    def _settle(self, job: Job, host: _Host, outcome: Outcome) -> None:
        if self._closed:
            return
        if not (isinstance(outcome, Later) and outcome.unreachable):
            host.silent = 0
        if isinstance(outcome, Moved):
            job.passed.add(job.here)
            if outcome.url in job.passed:
                self._finish(job, SourceError(shown(job.url), "its redirects lead in a circle"))
            elif len(job.passed) > self.web.redirects:
                self._finish(job, SourceError(shown(job.url), f"more than {self.web.redirects} redirects"))
            else:
                job.here, job.tries, job.not_before = outcome.url, 0, 0.0
                self._queue(job, first=True)
        elif isinstance(outcome, Later):
            self._again(job, host, outcome)
        elif isinstance(outcome, Page):
            self._held += len(outcome.data)
            self._finish(job, replace(outcome, note=job.note) if job.note else outcome)
        else:
            self._finish(job, outcome)

    def _again(self, job: Job, host: _Host, later: Later) -> None:
        job.tries += 1
        if later.wait is not None and later.wait > self.web.longest_wait:
            reason = f"{later.reason}: the server asks to be left alone for {later.wait:,.0f} seconds"
            self._abandon(host, reason)
            self._finish(job, SourceError(shown(job.url), reason))
        elif job.tries >= self.web.tries:
            host.silent += later.unreachable
            if host.silent >= _DEAD:
                self._abandon(host, f"{later.reason}, nor for {_DEAD} other pages of this host; try again later")
            tried = f" (tried {job.tries} times)" if job.tries > 1 else ""
            self._finish(job, SourceError(shown(job.url), f"{later.reason}{tried}; try again later"))
        else:
            wait = self.web.backoff * 2 ** (job.tries - 1) if later.wait is None else later.wait
            job.not_before = time.monotonic() + wait
            if later.wait is not None:  # it is the host that wants to be left alone
                host.next_start = max(host.next_start, job.not_before)
            self._queue(job, first=True)

    def _abandon(self, host: _Host, reason: str) -> None:
        host.dead = reason
        for job in host.waiting:
            self._finish(job, SourceError(shown(job.url), reason))
        host.waiting.clear()

    def _finish(self, job: Job, done: Page | Unchanged | SourceError) -> None:
        job.done = done
        self._unfinished.pop(job.number, None)
        self._news.notify_all()
