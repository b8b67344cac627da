"""A ``.gguf`` file as a server of this process, on a port that only this machine can reach."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from toolkit.errors import ArgumentError, ModelError, ModelNotFound

_CONTEXT = 8192


def serve(path: str, context_window: int | None = None) -> tuple[str, str, Any]:
    """Load the model file and serve it; takes seconds, and about as much memory as the file is large.

    Args:
        path: The file, written as llama.cpp's GGUF.
        context_window: Tokens of prompt and reply together; None for 8,192.

    Returns:
        The server's address, the model's name, and the object that keeps it running: it stops when that is dropped.

    Raises:
        ArgumentError: The extra ``local`` is not installed.
        ModelNotFound: There is no such file.
        ModelError: The file cannot be loaded.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise ModelNotFound(f"{path}: no such model file; give the path of a .gguf file that exists")
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
    parameters.n_ctx = context_window or _CONTEXT
    parameters.n_parallel = 1
    parameters.port = 0  # any free one, on the loopback address
    parameters.verbosity = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = os.cpu_count() or 2
    failure = ""
    try:
        server = xllamacpp.Server(parameters)
        return f"{server.listening_address}/v1", file.name, server
    except Exception as error:
        failure = " ".join(str(error).split())
    raise ModelError(f"{path}: cannot be loaded as a model ({failure}); check that the file is a complete GGUF")
