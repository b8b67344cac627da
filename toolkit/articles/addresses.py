"""Whether two URLs mean one page: for comparing only, an article's URL stays as its source gives it."""

from __future__ import annotations

import functools
import re
from urllib.parse import SplitResult, urlsplit

from toolkit.language.unicode import without_surrogates

_PORTS = {"http": 80, "https": 443}
_WHO_SENT_YOU = re.compile(
    r"(?:utm_|at_|ns_|hsa_|__hs|mtm_|pk_|piwik_)\w*|"
    r"fbclid|gclid|dclid|yclid|twclid|ttclid|msclkid|gbraid|wbraid|"
    r"igshid|igsh|mc_[ce]id|_ga|_gl|_hsenc|_hsmi|mkt_tok|vero_id|oly_(?:anon|enc)_id|s_cid|cmpid|ocid|smid|guccounter|"
    r"guce_referrer(?:_sig)?|ref_src|ref_url|share_id|wt_mc|cvid",
    re.IGNORECASE,
)
"""Parameters that say how a reader came to the page and not which page it is. ``ref``, ``id``, ``source``, ``page`` may
say which."""


@functools.lru_cache(4_096)
def comparable(url: str | None) -> str | None:
    """A form of a URL that is equal for URLs of one page.

    What goes: ``http`` or ``https``, the host's case, a port that goes without saying, the fragment (but not one that
    names a page, ``#!/2025/talks``), parameters of campaigns and clicks, an empty query and a slash at the path's end.
    Everything else may tell pages apart and stays, such as ``www.``, the case of the path and the order of parameters.

    Args:
        url: A URL; None, and what is not a web address, is compared as it is.

    Example:
        >>> comparable("https://News.example:443/ports/?utm_source=feed#top")
        '//news.example/ports'
    """
    if url is None:
        return None
    text = without_surrogates(url.strip())
    try:
        parts = urlsplit(text)
        host = _host(parts)
    except ValueError:  # a port that is none, brackets without an address
        return text or None
    if parts.scheme not in _PORTS or not host:
        return text or None
    kept = [one for one in parts.query.split("&") if one and not _WHO_SENT_YOU.fullmatch(one.partition("=")[0])]
    path = parts.path.rstrip("/") if parts.path.strip("/") else ""
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    return f"//{host}{path}{'?' + '&'.join(kept) if kept else ''}{fragment}"


def host(url: str | None) -> str | None:
    """The name of a page's host without ``www.`` and its like, which pages that name no publisher have for one."""
    try:
        name = urlsplit(url or "").hostname
    except ValueError:
        return None
    return re.sub(r"^(?:(?:www\d?|m|mobile|amp|edition)\.)+", "", name or "") or None


def _host(parts: SplitResult) -> str:
    host, port = (parts.hostname or "").rstrip("."), parts.port
    if ":" in host:
        host = f"[{host}]"
    return host if port in (None, _PORTS.get(parts.scheme)) else f"{host}:{port}"
