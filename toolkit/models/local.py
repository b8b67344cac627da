"""A ``.gguf`` file as a server of this process, on a port that only this machine can reach."""

from __future__ import annotations

import os
import threading
import weakref
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.errors import ArgumentError, ModelError, ModelNotFound
from toolkit.models.backends import Wanted
from toolkit.models.base import Model

_CONTEXT = 8192  # tokens of prompt and reply, when the user does not say: more takes memory that not every machine has


@dataclass(frozen=True, kw_only=True)
class Served:
    """A model file that this process serves; it stops when nobody holds this any more.

    Attributes:
        url: The address, up to and with ``/v1``.
        name: The file's name.
        process: The running server.
    """

    url: str
    name: str
    process: Any


_lock = threading.Lock()
_served: weakref.WeakValueDictionary[tuple[Any, ...], Served] = weakref.WeakValueDictionary()


def model_in_file(wanted: Wanted) -> Model:
    """The model in a ``.gguf`` file, served by this process.

    Raises:
        ArgumentError, ModelNotFound, ModelError: As for :func:`serve`.
    """
    from toolkit.models.served import open_model, window_of
    from toolkit.models.server import Server, closing_on_error

    served = serve(wanted.name, wanted.context_window, wanted.threads)
    server = Server(served.url, None, wanted.timeout)
    server.process = served
    server.identity = _identity(wanted.name)
    with closing_on_error(server):
        return open_model(server, served.name, replace(wanted, context_window=window_of(server.only_model())))


def _identity(path: str) -> str:
    """What tells one model file from another: name, size and time of change; reading gigabytes would take too long."""
    file = Path(path).expanduser()
    facts = file.stat()
    return f"file:{file.name}:{facts.st_size}:{facts.st_mtime_ns}"


def serve(path: str, context_window: int | None = None, threads: int | None = None) -> Served:
    """Load the model file and serve it; takes seconds, and about as much memory as the file is large.

    A file that is being served already, with the same settings, is not loaded again.

    Args:
        path: The file, written as llama.cpp's GGUF.
        context_window: Tokens of prompt and reply together; None for 8,192.
        threads: Threads that it computes with; None for one a processor.

    Raises:
        ArgumentError: The extra ``local`` is not installed, or the threads are none.
        ModelNotFound: There is no such file.
        ModelError: The file cannot be loaded.
    """
    if threads is not None and threads < 1:
        raise ArgumentError(f"threads={threads}: a model computes with at least one thread")
    file = Path(path).expanduser()
    if not file.is_file():
        raise ModelNotFound(f"{path}: no such model file; give the path of a .gguf file that exists")
    window, threads = context_window or _CONTEXT, threads or os.cpu_count() or 2
    facts = file.stat()
    key = (file.resolve(), facts.st_size, facts.st_mtime_ns, window, threads)
    with _lock:
        found = _served.get(key)
        if found is None:
            found = _served[key] = _load(path, file, window, threads)
        return found


def _load(path: str, file: Path, window: int, threads: int) -> Served:
    try:
        import xllamacpp
    except ImportError:
        xllamacpp = None
    if xllamacpp is None:
        raise ArgumentError(
            f"{path}: needs 'pip install citebook[local]'; or serve the file yourself and pass llm='http://host:port/v1'"
        )
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(file)
    parameters.model_alias = {file.name}
    parameters.n_ctx = window
    parameters.n_parallel = 1
    parameters.port = 0  # any free one, on the loopback address
    parameters.verbosity = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    failure = ""
    try:
        server = xllamacpp.Server(parameters)
        return Served(url=f"{server.listening_address}/v1", name=file.name, process=server)
    except Exception as error:
        failure = " ".join(str(error).split())
    raise ModelError(f"{path}: cannot be loaded as a model ({failure}); check that the file is a complete GGUF")
