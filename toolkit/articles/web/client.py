"""One request and what came of it."""

from __future__ import annotations

import contextlib
import re
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpcore

from toolkit.articles.web.addresses import checked, shown
from toolkit.articles.web.bodies import Broken, TooLarge, suffix_from, unpacked
from toolkit.articles.web.network import Deadline, Pinned
from toolkit.articles.web.options import Unchanged, Validator, Web
from toolkit.errors import SourceError

if TYPE_CHECKING:
    import httpx

_REDIRECTS = (301, 302, 303, 307, 308)  # status codes, as the next ones (RFC 9110)
_LATER = (408, 425, 429, 502, 503, 504)
_SHORT = 16_000  # bytes of a page of an error that are read so that the connection can be used again
_ACCEPTED = (
    "text/html,application/xhtml+xml,application/pdf,text/plain,application/json;q=0.9,application/rss+xml;q=0.9,"
    "application/atom+xml;q=0.9,application/xml;q=0.8,*/*;q=0.5"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a server sent.

    Attributes:
        data: The body.
        kind: The header ``Content-Type``.
        url: Where it was found in the end.
        validator: To ask later whether it has changed; None when the server gives nothing to ask by.
        note: What the reader of the article should know of how it came, or None.
    """

    data: bytes
    kind: str
    url: str
    validator: Validator | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A redirect."""

    url: str


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing came, and it may come when it is asked for again.

    Attributes:
        reason: Why nothing came.
        wait: Seconds that the server asks to wait, if it does.
        unreachable: Whether no server answered at all.
    """

    reason: str
    wait: float | None = None
    unreachable: bool = False


Outcome = Page | Unchanged | Moved | Later | SourceError


class Client:
    """Sends requests; threads may share it.

    Args:
        web: How.
    """

    def __init__(self, web: Web) -> None:
        self._web = web
        self._deadline = Deadline()
        self._network = Pinned(web, self._deadline)
        # Proxies of the environment are not used: behind one, the checked address would not be the one reached.
        self._pool = httpcore.ConnectionPool(
            ssl_context=web.tls or _authorities(),
            max_connections=2 * web.concurrent,
            max_keepalive_connections=web.concurrent,
            keepalive_expiry=15.0,
            network_backend=self._network,
        )

    def get(
        self,
        url: str,
        asked: str,
        known: Validator | None = None,
        most: int | None = None,
        *,
        any_kind: bool = True,
        cut_off: bool = False,
    ) -> Outcome:
        """Send one request.

        Args:
            url: What for; redirects are told, not followed.
            asked: What to call it in an error.
            known: To ask whether it has changed since.
            most: Bytes, when not as many as a page may have.
            any_kind: Content of any type will do; else only such as articles can be read from.
            cut_off: Leave out what is beyond these bytes rather than refuse it.
        """
        self._deadline.start(self._web.total_seconds)
        try:
            return self._get(_Asked(checked(url, asked), asked, known, most or self._web.largest, any_kind, cut_off))
        except SourceError as error:
            return SourceError(shown(asked), error.reason)
        except httpcore.TimeoutException:
            return Later("the server did not answer in time", unreachable=True)
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return _broken_off(error, asked)

    def close(self) -> None:
        """Break off what is under way."""
        self._network.close()

    def done(self) -> None:
        """Close the connections; for when no request is under way."""
        with contextlib.suppress(Exception):
            self._pool.close()

    def _get(self, it: _Asked) -> Outcome:
        address = it.address
        request = httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        timeouts = {"connect": self._web.connect_seconds, "read": self._web.read_seconds}
        timeouts |= {"write": self._web.read_seconds, "pool": self._web.total_seconds}
        with self._pool.stream(
            "GET", request, headers=self._headers(address, it.known), extensions={"timeout": timeouts}
        ) as response:
            headers = _Headers(response)
            if response.status != 200:
                _drain(response, headers)
                return _without_page(response, headers, it)
            if not it.any_kind:
                suffix_from(headers.content_type, str(address), it.asked)  # refuses a film before it is here
            data = _body(response, headers, it)
        validator = Validator(
            url=str(address),
            etag=_one_line(headers.etag),
            modified=_one_line(headers.last_modified),
            at=datetime.now(UTC),
        )
        return Page(data=data, kind=headers.content_type, url=str(address), validator=validator)

    def _headers(self, address: httpx.URL, known: Validator | None) -> list[tuple[bytes, bytes]]:
        headers = {
            b"Host": address.netloc,
            b"User-Agent": self._web.agent.encode("ascii"),
            b"Accept": _ACCEPTED.encode("ascii"),
            b"Accept-Encoding": b"gzip, deflate",
        }
        if known is not None and known.etag:
            headers[b"If-None-Match"] = known.etag.encode("latin-1")
        if known is not None and known.modified:
            headers[b"If-Modified-Since"] = known.modified.encode("latin-1")
        return list(headers.items())


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request."""

    address: httpx.URL
    asked: str
    known: Validator | None
    most: int
    any_kind: bool
    cut_off: bool


def _without_page(response: httpcore.Response, headers: _Headers, it: _Asked) -> Outcome:
    if response.status in _REDIRECTS and headers.location:
        return Moved(_joined(it.address, headers.location, it.asked))
    if response.status == 304 and it.known is not None:
        return Unchanged(it.asked)
    if response.status in _LATER:
        return Later(_status(response), _seconds(headers.retry_after))
    return SourceError(shown(it.asked), _status(response))


def _body(response: httpcore.Response, headers: _Headers, it: _Asked) -> bytes:
    too_large = SourceError(shown(it.asked), f"larger than {it.most / 10**6:.3g} MB")
    if not it.cut_off and headers.content_length.isdigit() and int(headers.content_length[:20]) > it.most:
        raise too_large
    try:
        return unpacked(response.iter_stream(), headers.content_encoding, it.most, cut=it.cut_off)
    except TooLarge:
        raise too_large from None
    except Broken as error:
        raise SourceError(shown(it.asked), f"cannot be fetched: {error}") from None


def _drain(response: httpcore.Response, headers: _Headers) -> None:
    """Read what will not be used, when it is short, so that the connection can be kept."""
    if response.status == 304 or (headers.content_length.isdigit() and int(headers.content_length[:20]) <= _SHORT):
        for _ in response.iter_stream():
            pass


class _Headers:
    """The headers that matter, each as text; the first of its name, empty when there is none."""

    def __init__(self, response: httpcore.Response) -> None:
        found: dict[str, str] = {}
        for name, value in response.headers:
            found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())
        packings = [v.decode("latin-1") for n, v in response.headers if n.lower() == b"content-encoding"]
        self.content_encoding = ", ".join(packings)
        self.location = _as_text(found.get("location", ""))
        self.retry_after = found.get("retry-after", "")
        self.content_type = found.get("content-type", "")
        self.content_length = found.get("content-length", "")
        self.etag = found.get("etag", "")
        self.last_modified = found.get("last-modified", "")


def _as_text(header: str) -> str:
    """An address that a server wrote without escaping, which is UTF-8 more often than not."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _joined(address: httpx.URL, location: str, asked: str) -> str:
    import httpx

    try:
        return str(address.join(location).copy_with(fragment=None))
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise SourceError(asked, f"it leads to “{shown(location)}”, which is not an address") from None


def _one_line(value: str) -> str | None:
    return value if value and len(value) <= 500 and value.isprintable() else None


def _status(response: httpcore.Response) -> str:
    phrase = response.extensions.get("reason_phrase", b"")
    said = "".join(c for c in bytes(phrase).decode("latin-1") if c.isprintable())[:60]
    reason = f"HTTP {response.status} {said}".strip()
    if response.status in (401, 402, 403, 451):
        return f"{reason}: the site refuses; save the page in a browser and add the file"
    return f"{reason}: no page there" if response.status in (404, 410) else reason


def _seconds(retry_after: str) -> float | None:
    """The wait that ``Retry-After`` asks for, given in seconds or as a date; None when it says neither."""
    if re.fullmatch(r"\d{1,9}", retry_after):
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError, IndexError):
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - time.time())


def _broken_off(error: Exception, asked: str) -> Outcome:
    said = " ".join(str(error).split())[:160]
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        why = cause.verify_message or said
        return SourceError(shown(asked), f"its certificate is not good for that name ({why}); the page is not fetched")
    if isinstance(error, httpcore.ConnectError):
        return Later(f"cannot connect: {said or type(error).__name__}", unreachable=True)
    return Later(f"the connection broke off before the whole page was there: {said or type(error).__name__}")


def _authorities() -> ssl.SSLContext:
    import certifi

    return ssl.create_default_context(cafile=certifi.where())
