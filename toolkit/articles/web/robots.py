"""What a site's robots.txt lets programs read (RFC 9309), by Protego.

A robots.txt is asked for once, with the care of any page. None there (4xx): everything is allowed. One that the server
fails to give (5xx, or the connection breaks): nothing is, as the RFC demands, since there may be rules.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.articles.web.addresses import checked, host_of
from toolkit.articles.web.client import Client, Later, Moved, Page
from toolkit.articles.web.options import Web
from toolkit.errors import SourceError

if TYPE_CHECKING:
    import httpx

_MOST = 512_000
"""Bytes of rules: what the RFC asks for at least."""

_REDIRECTS = 5  # as the RFC has it
_OVERRIDE = "robots=False reads it all the same, where you may"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site for us.

    Attributes:
        parsed: What Protego made of them; None: there are none.
        delay: Seconds between requests that they ask for, or None.
        refused: Why nothing at all may be asked for, or None.
    """

    parsed: Any = None
    delay: float | None = None
    refused: str | None = None


class Robots:
    """The rules of all the sites of a run; threads may share it.

    Args:
        client: Sends the requests.
        web: Whether there are rules at all, and who we are.
    """

    def __init__(self, client: Client, web: Web) -> None:
        self._client = client
        self._web = web
        self._name = web.agent.partition("/")[0].strip() or "citebook"
        self._known: dict[tuple[str, str, int | None], Rules] = {}
        self._locks: dict[tuple[str, str, int | None], threading.Lock] = {}
        self._lock = threading.Lock()

    def rules(self, url: str, asked: str) -> Rules | Later:
        """The rules of the site that an address belongs to; Later, when they may come when they are asked for again.

        Raises:
            SourceError: The address is not one that can be asked for.
        """
        if not self._web.robots:
            return Rules()
        address = checked(url, asked)
        site = (address.scheme, host_of(address), address.port)
        with self._lock:
            lock = self._locks.setdefault(site, threading.Lock())
        with lock:
            if site not in self._known:
                found = self._fetched(address, asked)
                if isinstance(found, Later):
                    return found
                self._known[site] = found
            return self._known[site]

    def refusal(self, url: str, asked: str) -> str | None:
        """Why a page may not be asked for; None when it may."""
        rules = self.rules(url, asked)
        if isinstance(rules, Later):
            return rules.reason
        if rules.refused is not None:
            return rules.refused
        if rules.parsed is None or rules.parsed.can_fetch(url, self._name):
            return None
        return f"the site's robots.txt asks programs not to read this page; {_OVERRIDE}"

    def sitemaps(self, url: str, asked: str) -> list[str]:
        """The addresses of the sitemaps that a site names."""
        rules = self.rules(url, asked)
        return [] if isinstance(rules, Later) or rules.parsed is None else list(rules.parsed.sitemaps)

    def _fetched(self, address: httpx.URL, asked: str) -> Rules | Later:
        here = str(address.copy_with(path="/robots.txt", query=None))
        for _ in range(_REDIRECTS + 1):
            outcome = self._client.get(here, asked, most=_MOST, cut_off=True)
            if isinstance(outcome, Moved):
                here = outcome.url
                continue
            if isinstance(outcome, Page):
                return self._parsed(outcome.data)
            if isinstance(outcome, Later):
                if outcome.unreachable:  # the page itself would fail like this
                    return outcome
                return Later(_unknown(outcome.reason), outcome.wait, unreachable=True)
            return self._without(outcome)
        return Rules()  # the RFC: after five redirects it may be taken for missing

    def _without(self, outcome: object) -> Rules:
        reason = outcome.reason if isinstance(outcome, SourceError) else ""
        if reason.startswith("HTTP 5"):
            return Rules(refused=f"{_unknown(reason)}; try again later, or {_OVERRIDE}")
        if reason.startswith("HTTP "):
            return Rules()
        return Rules(refused=reason)  # no such host, a private address: the page itself would fail like this

    def _parsed(self, data: bytes) -> Rules:
        from protego import Protego

        rules = Protego.parse(data.decode("utf-8", "replace"))
        delay = rules.crawl_delay(self._name)
        return Rules(parsed=rules, delay=None if delay is None or delay != delay else max(0.0, float(delay)))


def _unknown(reason: str) -> str:
    return f"its robots.txt cannot be read ({reason}), so it may forbid this page (RFC 9309)"
