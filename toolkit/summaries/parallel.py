"""Calls side by side, from plain code and from a running event loop, with a bar for who watches."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence

from toolkit.errors import AuthenticationError, BudgetExceeded, ModelNotFound, ToolkitError
from toolkit.notebook.progress import Progress
from toolkit.types import Summary, Usage
from toolkit.writing import Job

AT_ONCE = 8
"""Calls that are begun side by side; a model's own limit (``concurrency=``) may let fewer through."""

_FATAL = (AuthenticationError, ModelNotFound, BudgetExceeded)


def _progress(total: int, what: str) -> Progress:
    return Progress(what, "call", lambda: total, shown=None if total > 1 else False, patience=3)


def run_all(jobs: Sequence[Callable[[], Job[Summary]]], what: str) -> list[Summary | ToolkitError]:
    """All jobs in threads, in their order; after an error that the next call would meet as well, no more are begun."""
    from concurrent.futures import ThreadPoolExecutor

    progress = _progress(len(jobs), what)
    fatal: list[ToolkitError] = []

    def one(make: Callable[[], Job[Summary]]) -> Summary | ToolkitError:
        if fatal:
            return fatal[0]
        try:
            return make().run()
        except ToolkitError as error:
            if isinstance(error, _FATAL):
                fatal.append(error)
            return error
        finally:
            progress.tick()

    try:
        with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(jobs))) as pool:
            # Each call sees the caller's tracing span.
            waiting = [pool.submit(contextvars.copy_context().run, one, job) for job in jobs]
            try:
                return [future.result() for future in waiting]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        progress.close()


async def arun_all(jobs: Sequence[Callable[[], Job[Summary]]], what: str) -> list[Summary | ToolkitError]:
    """The async twin of :func:`run_all`."""
    import asyncio

    progress = _progress(len(jobs), what)
    fatal: list[ToolkitError] = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(make: Callable[[], Job[Summary]]) -> Summary | ToolkitError:
        async with gate:
            if fatal:
                return fatal[0]
            try:
                return await make().arun()
            except ToolkitError as error:
                if isinstance(error, _FATAL):
                    fatal.append(error)
                return error
            finally:
                progress.tick()

    try:
        return list(await asyncio.gather(*map(one, jobs)))
    finally:
        progress.close()


def total_cost(costs: Sequence[float | None]) -> float | None:
    """US dollars of several calls together; None when the price of one of them is not known."""
    return None if None in costs else sum(cost or 0.0 for cost in costs)


def total(usages: Sequence[Usage]) -> Usage:
    """What several calls took together; the price is None when one of them is not known."""
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cost_usd=total_cost([usage.cost_usd for usage in usages]),
        cached=bool(usages) and all(usage.cached for usage in usages),
    )
