"""Settings: an argument comes before the environment, the environment before the default.

Environment variables:
    CITEBOOK_LLM: the ``llm=`` of a Library that is given none (a model name, a URL, a path).
    CITEBOOK_EMBEDDING: the ``embedding=`` of a new Library that is given none.
    CITEBOOK_PROMPTS: a prompts folder that is searched before the packaged one.
    CITEBOOK_USER_AGENT: what servers are told who asks, ``citebook/<version>`` when not set; see
        :mod:`toolkit.articles.web`.
    CITEBOOK_TRACE_CONTENT: "1" to have texts in the spans of :mod:`toolkit.tracing`.
    OPENAI_API_KEY, OPENAI_BASE_URL: as for the openai package.
"""

from __future__ import annotations

import os


class Secret:
    """A string that never shows itself: not in ``repr``, ``str``, f-strings or tracebacks' variable listings.

    Example:
        >>> Secret("sk-123")
        <secret>
        >>> Secret("sk-123").reveal()
        'sk-123'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


class Default:
    """An argument's default that is not a value of its own; signatures show what it stands for."""

    __slots__ = ("_meaning",)

    def __init__(self, meaning: str) -> None:
        self._meaning = meaning

    def __repr__(self) -> str:
        return f"<{self._meaning}>"


SAME = Default("the library's own")
FROM_ENVIRONMENT = Default("CITEBOOK_LLM")


def setting(name: str, argument: str | None = None, default: str | None = None) -> str | None:
    """The value of a setting: the argument, else the environment variable ``name``, else the default.

    An empty environment variable counts as not set.
    """
    if argument is not None:
        return argument
    return os.environ.get(name) or default


def api_key(argument: str | None = None) -> Secret | None:
    """The key for OpenAI-compatible servers: the argument, else ``OPENAI_API_KEY``."""
    value = setting("OPENAI_API_KEY", argument)
    return None if value is None else Secret(value)
