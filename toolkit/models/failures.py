"""Whatever a provider's library raises -> one of our errors, on one line and without a secret.

The libraries of openai, anthropic, groq and others are made by one generator and share the names of their exceptions,
so the names decide: nothing has to be imported to tell them apart.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

from toolkit.errors import (
    AuthenticationError,
    ContentFiltered,
    ContextOverflow,
    ModelError,
    ModelNotFound,
    ModelUnavailable,
    ToolkitError,
)
from toolkit.models.retry import asked_pause, cause, error_text, fault

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
_LONGEST = 300  # characters of what a provider says

# How servers say that a prompt is too long: OpenAI and vLLM, llama.cpp, Anthropic, Google, xAI, TGI, Bedrock.
# Compiled by the first failure: that takes longer than importing the rest of this module.
_TOO_LONG = r"""(?ix)
    context_length_exceeded | exceed_context_size
  | maximum\ (?:context|prompt)\ length | context\ (?:window|length|size)\b.{0,60}\bexceed
  | exceed\w*\b.{0,60}\b(?:context\ (?:window|length|size)|maximum\ number\ of\ tokens)
  | (?:prompt|input)\ is\ too\ long | too\ large\ for\ model\ with | inputs`?\ tokens\ \+ .{0,40}\ must\ be\ <=
  | reduce\ the\ length\ of\ (?:the|your)\ (?:messages|prompt|input)
    """
_FILTERED = r"(?i)content.?filter|content_policy|content management policy|moderation|flagged|safety system"


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
    return error_text(getattr(error, "body", None)) or str(error) or type(error).__name__


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
    tries: int = 1,
    shown: int = 0,
) -> ToolkitError:
    """The error of ours that says what the given one means.

    Args:
        error: What the provider's library raised.
        model: The model's name.
        where: The server, for the message.
        secrets: Keys that must not show.
        known: Gives the names of the models that the server has; called only when it does not know ``model``.
        tries: How many attempts have failed.
        shown: How many characters of a stream had come before it failed.

    Returns:
        The error to raise; raise it outside the ``except`` block, so that it does not carry the original along, whose
        request holds the key.
    """
    if isinstance(error, ToolkitError):
        return error
    error = cause(error)
    said = redact(_said(error), secrets)
    if shown:
        return ModelUnavailable(f"{where}: the stream broke off after {shown:,} characters ({said}); ask again")
    told = _refused(error, model, where, said, known) or _unavailable(error, model, where, said)
    if told is None:
        if type(error).__name__ == "NotAReply":
            said += "; check the address, or ask again"
        elif type(error).__name__ == "JSONDecodeError":
            said = f"it sent JSON that cannot be read ({said}); ask again"
        else:
            said = f"{type(error).__name__}: {said}"
        told = ModelError(f"{where}: {model!r} gave no usable reply: {said}")
    return told if tries == 1 else type(told)(f"{told} (tried {tries} times)")


def _refused(
    error: BaseException, model: str, where: str, said: str, known: Callable[[], Iterable[str]]
) -> ModelError | None:
    """What the server will not do, however often it is asked."""
    names = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    if names & {"AuthenticationError", "PermissionDeniedError"} or status in (401, 403):
        return AuthenticationError(f"{where}: the key was refused; set OPENAI_API_KEY or pass api_key=")
    if "NotFoundError" in names or status == 404:
        return _not_found(model, where, known)
    if "RateLimitError" in names or status == 429:
        return None
    # The whole error, since the code tells more surely than the sentence.
    whole = f"{getattr(error, 'code', '')} {getattr(error, 'body', '')} {error}"
    if re.search(_TOO_LONG, whole):
        return ContextOverflow(f"{where}: the prompt does not fit {model!r} ({said}); ask with fewer passages")
    if (status in (400, 403, 422) or names & {"APIError", "NotAReply"}) and re.search(_FILTERED, whole):
        return ContentFiltered(f"{where}: the provider's content filter refused the prompt ({said}); change the words")
    return None


def _unavailable(error: BaseException, model: str, where: str, said: str) -> ModelUnavailable | None:
    """What may pass."""
    kind, status = fault(error), getattr(error, "status_code", None)
    if kind == "slow":
        return ModelUnavailable(f"{where}: no answer from {model!r} in time; try again, or pass a longer timeout=")
    if kind in ("lost", "absent"):
        return ModelUnavailable(f"{where}: cannot be reached, or broke off; check that the server runs there")
    if status == 429:
        asked = asked_pause(error)
        when = "later" if asked is None or asked < 1 else f"in {asked:,.0f} seconds"
        return ModelUnavailable(f"{where}: too many requests or no credit left ({said}); try again {when}")
    if kind == "busy":
        failed = "failed" if status is None else f"failed with status {status}"
        return ModelUnavailable(f"{where}: the server {failed} ({said}); try again later")
    return None
