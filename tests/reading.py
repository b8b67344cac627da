"""What reading some sources gives, for tests of readers."""

from __future__ import annotations

from typing import Any

from toolkit.articles import read_articles
from toolkit.errors import SourceError
from toolkit.types import Article


def read(*sources: Any, **options: Any) -> tuple[list[Article], list[SourceError]]:
    """The articles and the errors of one call; every error is one line."""
    errors: list[SourceError] = []
    articles = list(read_articles(*sources, on_error=errors.append, **options))
    for error in errors:
        assert "\n" not in str(error)
    return articles, errors
