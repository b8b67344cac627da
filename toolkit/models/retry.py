"""When a failed call is made again, and after how long."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Fault = Literal["busy", "lost", "absent", "slow", "garbled", "final"]
"""What went wrong with one attempt.

``busy``: the server answered 408, 409, 429 or 5xx. ``lost``: no connection, or one that broke off. ``absent``:
nobody listens there. ``slow``: nothing came in time. ``garbled``: an answer that is no reply. ``final``: asking again
cannot help.
"""

_BUSY = frozenset({408, 409, 429})
_FINAL_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "context_length_exceeded"})
_BUSY_WORDS = re.compile(r"(?i)rate.?limit|overload|server.?error|unavailable|time.?out|timed out|capacity|busy")


class NotAReply(Exception):
    """The server said 200 and sent something that is no reply.

    Attributes:
        body: What it sent, when that is JSON.
        status_code: The status that the body itself tells of, else None.
        response: The response, for its headers.
    """

    def __init__(self, message: str, body: object = None, response: object = None) -> None:
        super().__init__(message)
        self.body = body
        self.response = response
        code = _code(body)
        self.status_code = code if isinstance(code, int) else None


def _code(body: object) -> object:
    """The code of an error body: a status as a number, or a name."""
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            code = inner.get("code") or inner.get("status") or inner.get("type")
            if isinstance(code, str) and code.isdigit():
                code = int(code)
            return code if not isinstance(code, int) or 400 <= code < 600 else None
    return None


def not_a_reply(request: bytes, kind: str, body: bytes | None) -> NotAReply | None:
    """What is wrong with an answer of status 200 to a chat request; None when it looks like one.

    Args:
        request: The body of the request.
        kind: The answer's content type.
        body: The answer's body; None where it is not JSON, and has not been read.
    """
    kind = kind.partition(";")[0].strip().lower()
    streamed = b'"stream":true' in re.sub(rb":\s+", b":", request)
    if body is None:  # some servers call a stream plain text, or say nothing
        page = kind in ("text/html", "application/xhtml+xml")
        return NotAReply(f"it sent {kind}, not a reply") if page or (kind and not streamed) else None
    try:
        value = json.loads(body)
    except ValueError:
        return NotAReply("it sent JSON that cannot be read")
    if not isinstance(value, dict):
        return NotAReply("it sent JSON that is no reply")
    if value.get("error"):
        return NotAReply("it sent an error", value)
    choices = value.get("choices")
    if streamed:
        return NotAReply("it sent a whole reply although it was asked for a stream", value)
    if choices == []:
        return NotAReply("it sent a reply without any choices", value)
    if not isinstance(choices, list) or not all(isinstance(c, dict) and c.get("message") for c in choices):
        return NotAReply("it sent JSON that is no reply", value)
    return None


def cause(error: BaseException) -> BaseException:
    """The error itself, or ours inside it: openai's client wraps whatever is raised while it sends."""
    return error.__cause__ if isinstance(error.__cause__, NotAReply) else error


def fault(error: BaseException) -> Fault:
    """What kind of failure a provider's library has raised; the libraries share the names of their exceptions."""
    names = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    code = _code(getattr(error, "body", None)) or getattr(error, "code", None)
    if code in _FINAL_CODES or _header(error, "x-should-retry") == "false":
        return "final"
    if isinstance(status, int):
        return "busy" if status in _BUSY or status >= 500 else "final"
    if names & {"APITimeoutError", "TimeoutException"} or isinstance(error, TimeoutError):
        return "slow"
    if names & {"APIConnectionError", "TransportError"} or isinstance(error, ConnectionError):
        return "absent" if _refused(error) else "lost"
    if names & {"APIError", "NotAReply"}:  # an error in place of a reply, or in the middle of one
        if isinstance(code, int):
            return "busy" if code in _BUSY or code >= 500 else "final"
        said = f"{code or ''} {error}"
        return "busy" if _BUSY_WORDS.search(said) else "garbled"
    # What the libraries trip over when an answer has another shape than they expect.
    trips = (json.JSONDecodeError, UnicodeDecodeError, IndexError, KeyError, TypeError, AttributeError)
    return "garbled" if isinstance(error, trips) else "final"


def _refused(error: BaseException) -> bool:
    """Whether nobody listens at the address: that seldom changes within seconds."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ConnectionRefusedError) or "refused" in str(seen).lower():
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _header(error: BaseException, name: str) -> str | None:
    headers = getattr(getattr(error, "response", None), "headers", None)
    value = None if headers is None else headers.get(name)
    return value if isinstance(value, str) else None


def asked_pause(error: BaseException, now: datetime | None = None) -> float | None:
    """How many seconds the server asks to wait: ``Retry-After`` in seconds or as an HTTP date; None when it does not.

    Source: RFC 9110, section 10.2.3; ``retry-after-ms`` is OpenAI's own.
    """
    from email.utils import parsedate_to_datetime

    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = _header(error, name)
        if value is None:
            continue
        try:
            seconds = float(value) * unit
        except ValueError:
            try:
                until = parsedate_to_datetime(value)
            except ValueError:
                continue
            until = until if until.tzinfo else until.replace(tzinfo=UTC)
            seconds = (until - (now or datetime.now(UTC))).total_seconds()
        if seconds == seconds and seconds != float("inf"):
            return max(0.0, seconds)
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """How often and after what pauses a failed call is made again.

    The pause before attempt n + 1 is drawn evenly from 0 to ``base`` · 2^(n-1) seconds, at most ``cap``: "full jitter"
    of M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015. What the server asks for comes before
    that: it is waited out, and a little more.

    Attributes:
        attempts: At most so many, the first included.
        repeats: Repetitions at most after an answer that came too late, or that was no reply: those seldom pass.
        base: Seconds; the longest first pause.
        cap: Seconds; the longest pause of our own choice.
        patience: Seconds; a server that asks for a longer pause is not waited for.
    """

    attempts: int = 5
    repeats: int = 1
    base: float = 0.5
    cap: float = 8.0
    patience: float = 60.0

    def pause(self, error: BaseException, failed: int, odd: int = 0) -> float | None:
        """How long to wait after a failure; None: do not ask again.

        Args:
            error: What the attempt raised.
            failed: How many attempts have failed, this one included.
            odd: How many of them were too late, or no reply.
        """
        error = cause(error)
        if fault(error) == "final" or failed >= self.attempts or odd > self.repeats:
            return None
        jitter = random.uniform(0, min(self.cap, self.base * 2 ** (failed - 1)))  # noqa: S311 -- no secret
        asked = asked_pause(error)
        if asked is None:
            return jitter
        return asked + min(jitter, asked / 4) if asked <= self.patience else None


class Attempts:
    """The attempts of one call.

    Attributes:
        failed: How many have failed.
    """

    def __init__(self, retry: Retry) -> None:
        self._retry = retry
        self._odd = 0
        self.failed = 0

    def pause(self, error: BaseException) -> float | None:
        """Count a failure; how long to wait before the next attempt, None when there is to be none."""
        self.failed += 1
        self._odd += fault(cause(error)) in ("slow", "garbled", "absent")
        return self._retry.pause(error, self.failed, self._odd)


NO_RETRY = Retry(attempts=1)


def error_text(body: Any) -> str | None:
    """The sentence in a provider's error body."""
    if not isinstance(body, dict):
        return None
    inner = body.get("error", body)
    message = inner.get("message") if isinstance(inner, dict) else inner
    return message if isinstance(message, str) and message.strip() else None
