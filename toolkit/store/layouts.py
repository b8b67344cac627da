"""Older layouts of a library: what they lack, and how they get it."""

from __future__ import annotations

from toolkit.articles.addresses import comparable
from toolkit.store.engine import Table
from toolkit.store.schema import article_schema


def complete(articles: Table) -> None:
    """Give the table of articles the columns that came with layout 3, with their values; does nothing when it has them.

    Each is added in one commit, so that a kill leaves a table that can be read and completed.
    """
    there = articles.columns()
    form = article_schema()
    if "modified" not in there:
        articles.widen([form.field("modified")])
    if "address" not in there:
        articles.derive(form.field("address"), "url", comparable)
