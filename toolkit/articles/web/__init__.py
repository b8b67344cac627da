"""Pages from the web, fetched with care.

Addresses often come out of feeds and spreadsheets, so they are hostile too. Only http and https are spoken; a name is
looked up once, every address that it stands for is checked, and the connection goes to a checked one
(:mod:`~toolkit.articles.web.network`). Servers are treated with manners: robots.txt is obeyed
(:mod:`~toolkit.articles.web.robots`), a host is asked a few things at a time and left alone when it asks for that
(:mod:`~toolkit.articles.web.fetcher`), and a page that has not changed is not sent again.

Proxies of the environment (``HTTPS_PROXY`` and its kin) are not used: behind a proxy, the address that was checked
would not be the one that is reached. Where there is no other way out, save pages in a browser and add the files.
"""

from __future__ import annotations

from toolkit.articles.web.listings import Addresses, Feed, SitemapOf, listings
from toolkit.articles.web.options import LARGEST_PAGE, Unchanged, Validator, Validators, Web, manners

__all__ = [
    "LARGEST_PAGE",
    "Addresses",
    "Feed",
    "SitemapOf",
    "Unchanged",
    "Validator",
    "Validators",
    "Web",
    "listings",
    "manners",
]
