"""Every error this package raises on purpose.

    ToolkitError                  catch this to catch them all
    ├── SourceError               an article cannot be read: missing path, broken PDF, failed download
    ├── StoreError                the library's folder cannot be opened, read or written
    ├── ArgumentError             an argument has a value that no verb can use (also a ValueError)
    ├── PromptError               a prompt file is malformed, or rendered with the wrong variables
    │   └── PromptNotFound        no prompt of that name in any prompts folder
    └── ModelError                the language model did not give a usable reply
        ├── ModelNotFound         the server does not know that model, or a model file is missing
        ├── AuthenticationError   no key, or a key that was refused
        ├── ModelUnavailable      the server is down, too slow, or overloaded
        ├── ContextOverflow       prompt and reply do not fit into what the model can take at once
        ├── ContentFiltered       the provider's filter kept the reply back
        └── BudgetExceeded        a limit of the user's would be passed, so the call was not made

A message is one line. It says what happened, to which input, and what to do next; it never contains a secret.
"""

from __future__ import annotations

import re

_ACTING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class ToolkitError(Exception):
    """Base of every error that this package raises on purpose."""

    def __str__(self) -> str:
        """The message, in which a file's name or a server's words can do nothing to a terminal."""
        return _ACTING.sub(lambda found: ascii(found[0])[1:-1], super().__str__())


class SourceError(ToolkitError):
    """An article source cannot be read.

    Attributes:
        source: The path, URL or description of the input that failed.
        reason: Why, in a few words, without the source.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, str]]:
        """Rebuild from both arguments, so that the error survives a process pool."""
        return type(self), (self.source, self.reason)


class StoreError(ToolkitError):
    """The library's folder cannot be opened, read or written."""


class ArgumentError(ToolkitError, ValueError):
    """An argument has a value that no verb can use."""


class PromptError(ToolkitError):
    """A prompt file is malformed, or was rendered with the wrong variables."""


class PromptNotFound(PromptError):
    """No prompt of that name in any prompts folder."""


class ModelError(ToolkitError):
    """The language model did not give a usable reply."""


class ModelNotFound(ModelError):
    """The server does not know that model, or a model file is missing."""


class AuthenticationError(ModelError):
    """No key was given, or the key was refused."""


class ModelUnavailable(ModelError):
    """The model's server is down, too slow, or overloaded."""


class ContextOverflow(ModelError):
    """Prompt and reply do not fit into what the model can take at once; ask with less text."""


class ContentFiltered(ModelError):
    """The provider's filter kept the reply back, or the model declined to answer."""


class BudgetExceeded(ModelError):
    """A limit of the user's would be passed, so the call was not made."""
