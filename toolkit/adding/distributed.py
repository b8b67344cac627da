"""Bulk ingestion on Ray: the tasks of a cluster read, split and embed; one process commits.

    sources -> pieces -> [read] -> articles, in order -> what is new -> slices -> [split, embed, write a file] -> commit

What stands in brackets runs in Ray tasks, on whichever node is free. A task of the second kind writes the passages of
its articles as a file of the store's table, straight to where the library is; nobody sees the file until this process
commits a round of them together with the rows of their articles (:meth:`toolkit.store.Store.write`). What is new, what
changed and what came twice is decided here, by the same code as without Ray (:mod:`toolkit.adding.intake`), so the
library that comes out is the same.

After a crash of this process, call the same again: the articles of the finished rounds are skipped. Files of an
unfinished round are not part of the table; the engine removes them with its old versions after seven days.
"""

from __future__ import annotations

import functools
import logging
import os
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from toolkit.articles import read_articles
from toolkit.articles.pieces import Here, Piece, divide
from toolkit.errors import ArgumentError, SourceError, ToolkitError
from toolkit.types import AddReport, Article

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.embeddings import Embedding
    from toolkit.store import Store

SLICE = 500
"""Articles that one task splits, embeds and writes, at most: about 2,500 passages, a few seconds' work."""
_SMALLEST_SLICE = 50
"""Articles of the smallest task: sending a task and committing its file costs more than fewer would take."""

ROUND = 5_000
"""Articles that go into one commit, at least, once batches have grown to that: what a kill of this process can cost."""

_TRIES = 4
"""Times that Ray runs a task whose process or node dies."""


def take_in(
    sources: tuple[Any, ...],
    store: Callable[[], Store],
    embedding: Embedding,
    *,
    workers: str,
    on_error: Callable[[SourceError], None],
    allow_private: bool = False,
    **metadata: Any,
) -> AddReport | None:
    """Read sources on a Ray cluster and put their articles into the store.

    The cluster is the one that this process is connected to (``ray.init``), the one that ``RAY_ADDRESS`` names, the one
    that runs on this machine, or else the cores of this machine. Its nodes need this package in the same version, and
    must see files under the same paths, and the library under the same path or URL.

    Args:
        sources: As for :func:`toolkit.read_articles`. Files and addresses are read by tasks, the rest by this process.
        store: Opens the store; called when there is an article to put into it.
        embedding: Makes the passages' vectors; sent to the tasks.
        workers: ``"ray"``.
        on_error: Called with the error of each source that cannot be read.
        allow_private: As for :func:`toolkit.read_articles`.
        metadata: As for :func:`toolkit.read_articles`.

    Returns:
        What happened, as :func:`toolkit.adding.intake.take_in` reports it; None when there was no article at all.

    Raises:
        ArgumentError: Ray is not installed, ``workers`` is another word, or the embedding cannot be sent to other
            processes.
        ToolkitError: The embedding or the store failed. What was committed before stays.
    """
    from toolkit.adding.intake import take_in as take_in_here

    if workers != "ray":
        raise ArgumentError(f'workers={workers!r}: it can be "ray", or left out')
    next(read_articles(allow_private=allow_private, **metadata), None)  # refuses bad metadata before anything starts
    cluster = Cluster()
    try:
        articles = _read(cluster, sources, on_error, {"allow_private": allow_private, **metadata})
        first = next(articles, None)
        if first is None:
            return None
        writing = _Writing(cluster, store(), embedding)
        size = max(ROUND, 2 * SLICE * cluster.cores)
        report = take_in_here(chain([first], articles), writing.store, embedding, put=writing.put, batch=size)
        if writing.rounds > 1:
            writing.store.optimise()
        return report
    finally:
        cluster.close()


class Cluster:
    """The Ray cluster that tasks are sent to; one that was started here ends with :meth:`close`."""

    def __init__(self) -> None:
        try:
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else it reports home
            import ray
        except ImportError as error:
            raise ArgumentError('workers="ray" needs Ray: pip install "citebook[distributed]"') from error
        self._ray = ray
        self._started = not ray.is_initialized()
        if self._started:
            try:
                ray.init(log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
            except ValueError:  # a cluster that runs already has its own dashboard setting
                ray.init(log_to_driver=False, logging_level=logging.ERROR)
            except ConnectionError as error:
                raise ToolkitError(
                    f"the Ray cluster of RAY_ADDRESS or of this machine does not answer: {_line(error)}; "
                    "start it, or end it with `ray stop` to use this machine alone"
                ) from error
        self.cores = max(1, int(ray.cluster_resources().get("CPU", 1)))

    def share(self, value: Any) -> Any:
        """Put a value where every node can get it."""
        return self._ray.put(value)

    def submit(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Start a task; nodes take turns."""
        options = {"name": f"citebook {name}", "max_retries": _TRIES - 1, "scheduling_strategy": "SPREAD"}
        return self._ray.remote(function).options(**options).remote(*arguments)

    def result(self, task: Any) -> Any:
        """Wait for a task.

        Raises:
            ToolkitError: The task raised it.
            TaskLost: The task could not be brought to its end.
        """
        try:
            return self._ray.get(task)
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, ToolkitError):
                raise error.cause from None
            raise TaskLost(f"{type(error.cause).__name__}: {_line(error.cause)}") from None
        except self._ray.exceptions.RayError as error:
            raise TaskLost(f"the process that worked on it died {_TRIES} times ({type(error).__name__})") from None

    def close(self) -> None:
        """Leave the cluster."""
        if self._started:
            self._ray.shutdown()


class TaskLost(Exception):
    """A task that could not be brought to its end; says why."""


@dataclass(frozen=True)
class _Task:
    """What every task that writes passages needs to know."""

    uri: str
    embedding: Embedding
    options: Mapping[str, str] | None = field(repr=False)


class _Writing:
    """Puts articles by way of tasks, a round at a time."""

    def __init__(self, cluster: Cluster, store: Store, embedding: Embedding) -> None:
        self.store = store
        self.rounds = 0
        self._cluster = cluster
        task = _Task(store.database.uri(store.passages_table), embedding, store.database.options)
        self._shared = cluster.share(_packed(task))

    def put(self, articles: list[Article], successors: Mapping[str, str]) -> Mapping[str, str]:
        """Put articles with their passages; returns, by id, why some of them could not be put."""
        self.rounds += 1
        revision = uuid.uuid4().hex[:16]
        files, broken = self._files(revision, articles)
        whole = {article.id: article for article in articles if article.id not in broken}
        if whole:
            replacing = {old: new for old, new in successors.items() if new in whole}
            append = self.store.passage_rows.append
            self.store.write(whole, lambda _: append(files), revision=revision, successors=replacing)
        return broken

    def _files(self, revision: str, articles: list[Article]) -> tuple[list[Any], dict[str, str]]:
        """Files of the passages, and why there are none for some articles: each of a lost task is tried by itself."""
        size = min(SLICE, max(_SMALLEST_SLICE, -(-len(articles) // (2 * self._cluster.cores))))
        slices = [articles[n : n + size] for n in range(0, len(articles), size)]
        tasks = [(some, self._write(revision, some)) for some in slices]
        files: list[Any] = []
        broken: dict[str, str] = {}
        alone: list[tuple[Article, Any]] = []
        for some, task in tasks:
            try:
                files += self._cluster.result(task)
            except TaskLost:
                alone += [(article, self._write(revision, [article])) for article in some]
        for article, task in alone:
            try:
                files += self._cluster.result(task)
            except TaskLost as lost:
                broken[article.id] = f"its passages could not be made: {lost}"
        return files, broken

    def _write(self, revision: str, articles: list[Article]) -> Any:
        return self._cluster.submit("write", write_passages, self._shared, revision, articles)


def write_passages(packed: bytes, revision: str, articles: list[Article]) -> list[Any]:
    """In a task: split and embed articles, and write a file of the table of passages; returns what to commit."""
    from toolkit.adding.intake import embedded
    from toolkit.store import schema
    from toolkit.store.engine import write_file

    task = _unpacked(packed)
    passages, vectors = embedded(articles, task.embedding)
    if not passages:
        return []
    batch = schema.passages_batch(passages, {article.id: article for article in articles}, vectors, revision)
    return write_file(task.uri, batch, task.options)


def read_piece(piece: Piece, options: Mapping[str, Any]) -> tuple[list[Article], list[tuple[str, str]]]:
    """In a task: the articles of a piece, and the sources and reasons of what could not be read."""
    errors: list[SourceError] = []
    articles = list(read_articles(piece.source, on_error=errors.append, **options))
    return articles, [(error.source, error.reason) for error in errors]


def _packed(task: _Task) -> bytes:
    from ray import cloudpickle

    try:
        packed: bytes = cloudpickle.dumps(task)
    except (TypeError, AttributeError, ValueError) as error:
        raise ArgumentError(
            f"the embedding {task.embedding.name} cannot be sent to Ray's processes ({_line(error)}): "
            "give it by name or URL, or add without workers"
        ) from error
    return packed


@functools.lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> _Task:
    """What tasks need to know, once for each process: an embedding may take seconds to load."""
    from ray import cloudpickle

    task: _Task = cloudpickle.loads(packed)
    return task


def _read(
    cluster: Cluster, sources: tuple[Any, ...], on_error: Callable[[SourceError], None], options: Mapping[str, Any]
) -> Iterator[Article]:
    """The articles of sources in their order; tasks read ahead, two pieces for each core."""
    ahead: deque[Iterator[Article]] = deque()
    for one in divide(sources):
        if isinstance(one, Here):
            ahead.append(read_articles(one.source, on_error=on_error, **options))
        else:
            ahead.append(_results(cluster, one, cluster.submit("read", read_piece, one, options), on_error))
        if len(ahead) > 2 * cluster.cores:
            yield from ahead.popleft()
    while ahead:
        yield from ahead.popleft()


def _results(cluster: Cluster, piece: Piece, task: Any, on_error: Callable[[SourceError], None]) -> Iterator[Article]:
    try:
        articles, errors = cluster.result(task)
    except TaskLost as lost:
        on_error(SourceError(piece.name, f"could not be read: {lost}"))
        return
    for source, reason in errors:
        on_error(SourceError(source, reason))
    yield from articles


def _line(error: object) -> str:
    return " ".join(str(error).split())[:200]
