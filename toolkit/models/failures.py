"""Whatever a provider's library raises -> one of our errors, on one line and without a secret.

The libraries of openai, anthropic, groq and others are made by one generator and share the names of their exceptions,
so the names decide: nothing has to be imported to tell them apart.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

from toolkit.errors import AuthenticationError, ModelError, ModelNotFound, ModelUnavailable, ToolkitError

# What looks like a key, whole or partly masked: "sk-proj-abc", "Bearer abc", "sk-12***89", "provided: abc".
_KEY_LIKE = re.compile(
    r"""(?ix)
    \bBearer\s+[^\s"',}]+
  | (?<=key\ provided:\ )[^\s"',}]+
  | (?:(?<=[?&]key=)|(?<=api_key=)|(?<=api-key=))[^\s"',&}]+
  | \b(?:sk|pk|rk|gsk|xai|hf|nvapi|pplx|org|proj)[-_][^\s"',}]{3,}
  | \bAIza[\w-]{10,}
  | [^\s"',{}]*\*{2,}[^\s"',{}]*
  | (?<![\w/.-])(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[\w-]{36,}
    """
)
_LONGEST = 300


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text on one line, at most 300 characters, without the given secrets and without anything like a key."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            # A short one is a placeholder such as "none": only where it stands alone.
            exact = re.escape(secret) if len(secret) >= 6 else rf"(?<!\w){re.escape(secret)}(?!\w)"
            text = re.sub(exact, "[key]", text)
    text = " ".join(_KEY_LIKE.sub("[key]", text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _said(error: BaseException) -> str:
    """The provider's own sentence, when it sent one."""
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        message = inner.get("message") if isinstance(inner, dict) else inner
        if isinstance(message, str) and message.strip():
            return message
    return str(error) or type(error).__name__


def _not_found(model: str, where: str, known: Callable[[], Iterable[str]]) -> ModelNotFound:
    names = sorted(known())
    near = difflib.get_close_matches(model, names, n=5, cutoff=0.4) or names[:5]
    if near and model not in names:
        return ModelNotFound(f"{where}: no model {model!r}; it has {', '.join(map(repr, near))}")
    return ModelNotFound(
        f"{where}: no model {model!r} there, or not an OpenAI-compatible address; check the name, "
        "and that the URL is the one that ends in /v1"
    )


def explain(
    error: BaseException,
    *,
    model: str,
    where: str,
    secrets: Iterable[str] = (),
    known: Callable[[], Iterable[str]] = tuple,
) -> ToolkitError:
    """The error of ours that says what the given one means.

    Args:
        error: What the provider's library raised.
        model: The model's name.
        where: The server, for the message.
        secrets: Keys that must not show.
        known: Gives the names of the models that the server has; called only when it does not know ``model``.

    Returns:
        The error to raise; raise it outside the ``except`` block, so that it does not carry the original along, whose
        request holds the key.
    """
    if isinstance(error, ToolkitError):
        return error
    names = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    said = redact(_said(error), secrets)
    if names & {"AuthenticationError", "PermissionDeniedError"} or status in (401, 403):
        return AuthenticationError(f"{where}: the key was refused; set OPENAI_API_KEY or pass api_key=")
    if "NotFoundError" in names or status == 404:
        return _not_found(model, where, known)
    if "APITimeoutError" in names or "TimeoutException" in names or isinstance(error, TimeoutError):
        return ModelUnavailable(f"{where}: no answer from {model!r} in time; try again, or pass a longer timeout=")
    if names & {"APIConnectionError", "TransportError"} or isinstance(error, ConnectionError):
        return ModelUnavailable(f"{where}: cannot be reached, or broke off; check that the server runs there")
    if "RateLimitError" in names or status == 429:
        return ModelUnavailable(f"{where}: too many requests or no credit left ({said}); try again later")
    if "InternalServerError" in names or (isinstance(status, int) and status >= 500):
        return ModelUnavailable(f"{where}: the server failed with status {status} ({said}); try again later")
    return ModelError(f"{where}: {model!r} gave no usable reply: {type(error).__name__}: {said}")
