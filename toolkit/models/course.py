"""One call from its first attempt to its end: what the plain and the async way have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.models.base import Reply
from toolkit.models.reading import Collector
from toolkit.models.retry import Attempts, NotAReply


class Course:
    """One call. Whoever makes it sends, takes the answer in, and waits; everything else is decided here.

    Args:
        turns: What is sent.
        options: With what; changed where the server refuses one that the call can do without.
        attempts: Counts them, and says how long to wait.
        adapt: Whether an error was about an option, now left out.
        make: Makes the reply of what has come.
        explain: Makes the error of ours of the last one, with the attempts and the characters that had come.
        ends_are_told: Whether an answer that gives neither a reason for its end nor its tokens was cut off.

    Attributes:
        turns, options: As given.
        pause: Seconds before the next attempt.
        reply: The reply, at the end.
    """

    def __init__(
        self,
        turns: Any,
        options: dict[str, Any],
        attempts: Attempts,
        *,
        adapt: Callable[[Exception, dict[str, Any]], bool],
        make: Callable[[Collector], Reply],
        explain: Callable[[Exception, int, int], ToolkitError],
        ends_are_told: bool,
    ) -> None:
        self.turns, self.options = turns, options
        self.pause = 0.0
        self.reply: Reply | None = None
        self._attempts, self._collector = attempts, Collector()
        self._adapt, self._make, self._explain = adapt, make, explain
        self._ends_are_told = ends_are_told
        self._error: Exception | None = None

    @property
    def going(self) -> bool:
        """Whether an attempt is to be made."""
        return self.reply is None and self._error is None

    def take(self, response: Any) -> str:
        """Take a piece in; gives its text."""
        return self._collector.take(response)

    def end(self) -> None:
        """Make the reply.

        Raises:
            NotAReply: It was cut off.
        """
        found = self._collector
        if self._ends_are_told and found.finish_reason is None and found.tokens is None:
            raise NotAReply("the stream ended before the reply did")
        self.reply, self.pause = self._make(found), 0.0

    def stumble(self, error: Exception) -> None:
        """An attempt has failed. There will be another one after a pause, unless something was shown already."""
        pause: float | None = None
        if not self._collector.text:
            pause = 0.0 if self._adapt(error, self.options) else self._attempts.pause(error)
        if pause is None:
            self._error, self.pause = error, 0.0
        else:
            self._collector, self.pause = Collector(), pause

    def failure(self) -> ToolkitError:
        """What the call has failed by; it may ask the server for the names of its models."""
        error = self._error or RuntimeError("the call has not failed")
        return self._explain(error, self._attempts.failed, len(self._collector.text))
