"""An OpenAI-compatible embeddings server over real HTTP, which fails as it is told to."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

DIMENSIONS = 6
Answer = tuple[int, dict[str, str], bytes]


def vector_of(text: str) -> list[float]:
    """The vector that the server gives for a text: not of length 1, the same every time."""
    digest = hashlib.sha256(text.encode()).digest()
    return [(byte - 127.5) / 16 for byte in digest[:DIMENSIONS]]


def unit_of(text: str) -> np.ndarray:
    """The same, of length 1."""
    vector = np.asarray(vector_of(text), np.float32)
    return vector / np.linalg.norm(vector)


class EmbeddingServer:
    """The server, in threads of this process.

    Args:
        models: The names that it lists.
        delay: Seconds before each answer.

    Attributes:
        url: Its address, ending in /v1.
        inputs: The texts of each request, in the order in which they came.
        bodies: The requests, parsed.
        keys: The Authorization headers.
        times: When each request came, by ``time.monotonic()``.
        faults: Called with the number of a request, from 0, and its texts; gives the answer, or None for the right one.
        most_at_once: The most requests that were under way at one time.
    """

    def __init__(self, models: tuple[str, ...] = ("m",), delay: float = 0.0) -> None:
        self.models, self.delay = models, delay
        self.inputs: list[list[str]] = []
        self.bodies: list[dict] = []
        self.keys: list[str | None] = []
        self.times: list[float] = []
        self.faults: Callable[[int, list[str]], Answer | None] = lambda number, texts: None
        self.most_at_once = self._under_way = 0
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                listed = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in owner.models]
                self.send(200, {}, json.dumps({"object": "list", "data": listed}).encode())

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                try:
                    self.send(*owner.answer(self.path, body, self.headers.get("Authorization")))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client did not wait

            def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def __enter__(self) -> EmbeddingServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, body: dict, key: str | None) -> Answer:
        texts = body["input"]
        with self._lock:
            number = len(self.inputs)
            self.inputs.append(texts)
            self.bodies.append(body)
            self.keys.append(key)
            self.times.append(time.monotonic())
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if self.delay:
                time.sleep(self.delay)
            wrong = self.faults(number, texts)
            return wrong or (200, {}, right_answer(texts, body.get("encoding_format")))
        finally:
            with self._lock:
                self._under_way -= 1


def right_answer(texts: list[str], form: str | None = "float") -> bytes:
    """The body for these texts, last text first: what counts is each vector's index."""
    data = []
    for index, text in reversed(list(enumerate(texts))):
        numbers = np.asarray(vector_of(text), np.float32)
        sent = base64.b64encode(numbers.tobytes()).decode() if form == "base64" else numbers.tolist()
        data.append({"object": "embedding", "index": index, "embedding": sent})
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return json.dumps({"object": "list", "data": data, "model": "m", "usage": usage}).encode()


def error(status: int, message: str, **headers: str) -> Answer:
    """A refusal as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "x", "code": None}}).encode()
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body
