"""How the web is read: limits, manners and what is let through."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from toolkit.errors import ArgumentError

Resolver = Callable[[str, int], list[str]]
"""Host and port -> the IP addresses that it stands for; raises OSError when there is no such host."""

LARGEST_PAGE = 20_000_000
"""Bytes of a page after decompression."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Web:
    """How pages are fetched.

    Attributes:
        allow_private: Also fetch from this machine and its network (loopback, private, link-local addresses).
        robots: Obey each site's robots.txt (RFC 9309). False is for sites that are your own, or that have allowed it.
        user_agent: What to call ourselves; None for the setting ``CITEBOOK_USER_AGENT``, else ``citebook/<version>``.
            robots.txt is read for the word before its first slash.
        concurrent: Requests under way at once.
        per_host: The same for one host; one when its robots.txt asks for a ``Crawl-delay``.
        delay: Seconds between the starts of two requests to one host.
        longest_delay: Seconds of a ``Crawl-delay`` that are waited at most.
        longest_wait: Seconds of a ``Retry-After`` that are waited at most; a host that asks for more is left alone.
        tries: Requests for one page, the first one included, when the server is overloaded or the connection breaks.
        backoff: Seconds before the second try when the server names none; twice that before the third.
        connect_seconds: Time to connect, and to agree on encryption.
        read_seconds: Time without a byte.
        total_seconds: Time for one request, from its start to the last byte.
        largest: Bytes of a page, compressed or not.
        redirects: Redirects that are followed for one page.
        held: Bytes of pages that wait to be read before no further request is started.
        resolver: Looks names up; None for the operating system.
        tls: Whose certificates count; None for the public authorities that come with certifi.
    """

    allow_private: bool = False
    robots: bool = True
    user_agent: str | None = None
    concurrent: int = 16
    per_host: int = 2
    delay: float = 0.2
    longest_delay: float = 10.0
    longest_wait: float = 60.0
    tries: int = 3
    backoff: float = 0.5
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    total_seconds: float = 60.0
    largest: int = LARGEST_PAGE
    redirects: int = 5
    held: int = 100_000_000
    resolver: Resolver | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("concurrent", "per_host", "tries", "largest"):
            if getattr(self, name) < 1:
                raise ArgumentError(f"Web: {name}={getattr(self, name)!r} is not at least 1")
        for name in ("delay", "longest_delay", "longest_wait", "backoff", "redirects", "held"):
            if getattr(self, name) < 0:
                raise ArgumentError(f"Web: {name}={getattr(self, name)!r} is less than nothing")
        if self.user_agent is not None and not (self.user_agent.isascii() and self.user_agent.isprintable()):
            raise ArgumentError("Web: user_agent is one line of ASCII characters")

    @property
    def agent(self) -> str:
        """The name that servers are told."""
        from toolkit import __version__, settings

        given = settings.setting("CITEBOOK_USER_AGENT", self.user_agent) or ""
        return given if given.strip() and given.isascii() and given.isprintable() else f"citebook/{__version__}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Validator:
    """What a server said about a page's version, to ask it later whether the page has changed.

    Attributes:
        url: Where the page was in the end.
        etag: The header ``ETag``, as it came.
        modified: The header ``Last-Modified``, as it came.
        at: When it was asked.
    """

    url: str
    etag: str | None = None
    modified: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A page that is as it was when it was last read.

    Attributes:
        url: As it was asked for.
        listing: It is a feed, and names nothing new.
    """

    url: str
    listing: bool = False


class Validators(Protocol):
    """What is remembered of earlier visits."""

    def get(self, url: str, *, listing: bool = False) -> Validator | None:
        """What is known of a page whose articles are in the library as they were read then; None: ask for it anew.

        Args:
            url: As it was asked for.
            listing: It is a feed, which has no articles of its own.
        """
        ...

    def put(self, url: str, validator: Validator, *, listing: bool = False) -> None:
        """Remember a visit."""
        ...


def manners(web: Web | None, allow_private: bool, robots: bool) -> Web:
    """How pages are fetched, with what a call says about it for itself."""
    base = web or Web()
    return replace(base, allow_private=allow_private or base.allow_private, robots=robots and base.robots)
