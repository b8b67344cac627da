"""Pages from the web, fetched with care.

Addresses often come out of articles and spreadsheets, so they are hostile too. Only http and https are spoken; a name
is resolved once, every address it stands for is checked, and the connection goes to a checked address, so that a name
cannot point at a private machine, neither at first, nor after a redirect, nor at a second look-up.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from toolkit.errors import SourceError

if TYPE_CHECKING:
    import httpx

LARGEST_PAGE = 20_000_000
"""Bytes of a page after decompression."""

MOST_REDIRECTS = 5
_SECONDS = 60.0
_KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/json": ".json",
}
_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a server sent.

    Attributes:
        data: The body.
        suffix: What it is, as the suffix of a file.
        charset: The encoding that the server named.
        url: Where it was found in the end.
    """

    data: bytes
    suffix: str
    charset: str | None
    url: str


def fetch(url: str, allow_private: bool = False) -> Page:
    """Fetch a page.

    Args:
        url: An http or https address without user name or password.
        allow_private: Also fetch from this machine and its network (loopback, private, link-local addresses).

    Raises:
        SourceError: When the address is refused, the server does not answer or answers with an error, the page is
            larger than 20 MB, takes longer than a minute, or is of a kind that cannot be read.
    """
    import httpx

    from toolkit import __version__

    headers = {
        "User-Agent": f"citebook/{__version__}",
        "Accept": "text/html,application/xhtml+xml,application/pdf,text/plain,application/json;q=0.9,*/*;q=0.5",
    }
    timeout = httpx.Timeout(20.0, connect=10.0)
    deadline = time.monotonic() + _SECONDS
    try:
        # Proxies of the environment are not used: behind one, the checked address would not be the one reached.
        with httpx.Client(headers=headers, timeout=timeout, trust_env=False, follow_redirects=False) as client:
            return _follow(client, url, allow_private, deadline)
    except httpx.TimeoutException:
        raise SourceError(url, "the server did not answer in time; try again later") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise SourceError(url, f"cannot be fetched: {said}") from None


def _follow(client: httpx.Client, url: str, allow_private: bool, deadline: float) -> Page:
    import httpx

    here = url
    for _ in range(MOST_REDIRECTS + 1):
        response = _send(client, here, url, allow_private)
        try:
            location = response.headers.get("location")
            if response.status_code in _REDIRECTS and location:
                here = str(httpx.URL(here).join(location).copy_with(fragment=None))
                continue
            if response.status_code != 200:
                raise SourceError(url, _status(response))
            suffix, charset = _kind(response, here, url)
            data = _body(response, url, deadline)
        finally:
            response.close()
        if suffix == "":
            suffix = _sniff(data, url)
        return Page(data=data, suffix=suffix, charset=charset, url=here)
    raise SourceError(url, f"more than {MOST_REDIRECTS} redirects")


def _status(response: httpx.Response) -> str:
    reason = f"HTTP {response.status_code} {response.reason_phrase}".strip()
    if response.status_code in (401, 402, 403, 429):
        return f"{reason}: the site refuses; save the page in a browser and add the file"
    return f"{reason}: no page there" if response.status_code in (404, 410) else reason


def _send(client: httpx.Client, here: str, asked: str, allow_private: bool) -> httpx.Response:
    """Ask a checked address for the page, by the name that the URL gives."""
    import httpx

    address = httpx.URL(here)
    if address.scheme not in ("http", "https") or not address.host:
        raise SourceError(asked, f"“{_shown(here)}” is not an http or https address")
    if address.userinfo:
        raise SourceError(_shown(asked), "an address with a user name or password is not fetched; take it out")
    port = address.port or (443 if address.scheme == "https" else 80)
    if port > 65535:
        raise SourceError(asked, f"{port} is not a port")
    failure: Exception | None = None
    for ip in _resolve(address.host, port, asked, allow_private):
        request = client.build_request(
            "GET",
            address.copy_with(host=ip),
            headers={"Host": address.netloc.decode("ascii")},
            extensions={"sni_hostname": address.raw_host.decode("ascii")},
        )
        try:
            return client.send(request, stream=True)
        except httpx.ConnectError as error:
            failure = error
    raise SourceError(asked, f"cannot connect to {address.host}: {failure}")


def _shown(url: str) -> str:
    """The address without what may be a password."""
    return re.sub(r"//[^/@]*@", "//", url)[:200]


def _resolve(host: str, port: int, asked: str, allow_private: bool) -> list[str]:
    try:
        addresses = [str(ipaddress.ip_address(host))]
    except ValueError:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise SourceError(asked, f"no such host: {host}") from None
        addresses = list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))
    if not allow_private:
        for address in addresses:
            if not is_public(address):
                raise SourceError(asked, f"{host} is a private address ({address}); allow_private=True lets it through")
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet's, also when wrapped into IPv6."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _kind(response: httpx.Response, here: str, asked: str) -> tuple[str, str | None]:
    """The suffix for the content type, empty when the server does not tell, and the charset."""
    from toolkit.articles.files import SUFFIXES, suffix_of

    named, _, parameters = response.headers.get("content-type", "").partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9_\-]{2,40})", parameters, re.IGNORECASE)
    kind = named.strip().lower()
    if kind in _UNTOLD:
        suffix = suffix_of(urlsplit(here).path)
        suffix = suffix if suffix in SUFFIXES and suffix not in (".jsonl", ".csv") else ""
    elif kind in _KINDS:
        suffix = _KINDS[kind]
    elif kind.endswith("+json"):
        suffix = ".json"
    else:
        raise SourceError(asked, f"content of type “{kind[:60]}” is not an article that can be read")
    return suffix, charset[1] if charset else None


def _body(response: httpx.Response, url: str, deadline: float) -> bytes:
    too_large = SourceError(url, f"larger than {LARGEST_PAGE // 10**6} MB")
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > LARGEST_PAGE:
        raise too_large
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > LARGEST_PAGE:
            raise too_large
        if time.monotonic() > deadline:
            raise SourceError(url, f"took longer than {_SECONDS:.0f} seconds; try again later")
    return bytes(data)


def _sniff(data: bytes, url: str) -> str:
    head = data[:1000].lstrip().lower()
    if head.startswith(b"%pdf-"):
        return ".pdf"
    if head.startswith((b"<!doctype html", b"<html", b"<?xml")) or b"<head" in head:
        return ".html"
    raise SourceError(url, "the server does not say what it sent, and it is neither a page nor a PDF")
