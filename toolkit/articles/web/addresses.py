"""Which addresses may be asked for: hosts, ports, and what an IP address really stands for."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from toolkit.errors import SourceError

if TYPE_CHECKING:
    import httpx

_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)")
_HOST = re.compile(r"[A-Za-z0-9._\-]+|[0-9A-Fa-f:.]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        "192.0.0.0/24 192.88.99.0/24 100::/64 2001:2::/48 2001:db8::/32 3fff::/20 5f00::/16".split(),
    )
)
"""Networks that IANA keeps for special uses and that not every Python knows of."""

_LONGEST = 8_000  # characters of an address; RFC 9110 asks servers to take as many


def checked(url: str, asked: str) -> httpx.URL:
    """A URL that may be asked for, without its fragment.

    Args:
        url: From anywhere.
        asked: What to call it in an error: the address that the user gave.

    Raises:
        SourceError: It is not http or https, holds a user name or password, names a port that there is not, or writes
            an IP address in a way that hides what it is.
    """
    import httpx

    if len(url) > _LONGEST:
        raise SourceError(shown(asked), f"an address of {len(url):,} characters is not fetched")
    try:
        address = httpx.URL(url).copy_with(fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        said = "" if "@" in url else f" ({' '.join(str(error).split())[:100]})"
        raise SourceError(shown(asked), f"“{shown(url)}” is not an address that can be fetched{said}") from None
    host = address.raw_host.decode("ascii")
    if address.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise SourceError(shown(asked), f"“{shown(url)}” is not an http or https address")
    if address.userinfo:
        raise SourceError(shown(asked), "an address with a user name or password is not fetched; take it out")
    if address.port is not None and not 0 < address.port < 65536:
        raise SourceError(shown(asked), f"{address.port} is not a port")
    last = host.rstrip(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last) and not _is_ip(host):  # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1
        raise SourceError(shown(asked), f"“{host[:60]}” is an IP address in disguise; write it as in 192.0.2.1")
    return address


def host_of(address: httpx.URL) -> str:
    """The host's name, the same for all ways to write it."""
    return address.raw_host.decode("ascii").lower().rstrip(".")


def shown(url: str) -> str:
    """An address in one line, without what may be a password."""
    line = " ".join(url.split())
    line = re.sub(r"//[^/?#]*@", "//", line)
    return line if len(line) <= 200 else f"{line[:197]}..."


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet's, also when wrapped into IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _inner(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local or ip in _LOCAL_NAT64:
            return False
    if any(ip in network for network in _SPECIAL):  # of the other family: never in it
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, compatible, 6to4, Teredo's client, NAT64."""
    if inner := ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None):
        return inner
    if ip in _NAT64 or (int(ip) >> 32 == 0 and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
