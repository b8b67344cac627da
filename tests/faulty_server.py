"""An OpenAI-compatible server over real HTTP that fails in the ways in which servers fail, by a seed.

Whether an attempt fails, and how, depends on the seed, the question and the number of the attempt, not on the order in
which requests come in. ``python tests/faulty_server.py 0.2`` serves without faults, 0.2 s an answer.
"""

from __future__ import annotations

import json
import random
import re
import socket
import struct
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EITHER = ("busy", "busy-date", "failed", "overloaded", "reset", "closed", "slow", "hang", "web-page", "error-body")
WHOLE = (*EITHER, "bad-json", "no-choices", "wrong-type")
STREAMED = (*EITHER, "bad-event", "mid-reset", "mid-close", "mid-error", "cut-clean", "not-streamed")
MID = {"bad-event", "mid-reset", "mid-close", "mid-error", "cut-clean"}


def right_text(question: str) -> str:
    """What the server answers when it does not fail."""
    return f"The answer to {question} is {sum(map(ord, question))}."


def right_usage(question: str) -> tuple[int, int]:
    """Prompt and completion tokens of that answer."""
    return 10 + len(question), 6


class FaultyServer:
    """The server, running in threads of this process until it is closed.

    Args:
        seed: Decides on the faults.
        share: Of the attempts that fail, 0 to 1.
        only: The faults to choose from; None for all that fit the request.
        delay: Seconds before each answer.

    Attributes:
        url: Its address, ending in /v1.
        faults: How often each fault was given.
        delivered: How often each question got its whole right answer.
        attempts: How often each question was asked.
        times: When each request came in, by ``time.monotonic()``.
        most_at_once: The most requests that were under way at one time.
        longest: How many characters a prompt may have; a longer one is refused as too long for the model.
        sizes: How many characters each prompt had.
        opened: How many connections were ever open.
        hold: Whether streams do not end after they have said that they are done.
    """

    def __init__(
        self, seed: int = 0, share: float = 0.0, only: tuple[str, ...] | None = None, delay: float = 0.0
    ) -> None:
        self.seed, self.share, self.only, self.delay = seed, share, only, delay
        self.faults: Counter[str] = Counter()
        self.delivered: Counter[str] = Counter()
        self.attempts: Counter[str] = Counter()
        self.times: list[float] = []
        self.sizes: list[int] = []
        self.keep_failing = True
        self.retry_after = "0.02"
        self.refuse: tuple[int, dict] | None = None
        self.message: dict | None = None
        self.longest: int | None = None
        self.hold = False
        self.opened = 0
        self.finish = "stop"
        self.most_at_once = self._under_way = self._connections = 0
        self._changed = threading.Condition()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def __enter__(self) -> FaultyServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def connections_end(self, seconds: float = 10.0) -> bool:
        """Wait until no connection is open."""
        with self._changed:
            return self._changed.wait_for(lambda: self._connections == 0, seconds)

    def count(self, connections: int = 0, under_way: int = 0) -> None:
        with self._changed:
            self._connections += connections
            self.opened += max(connections, 0)
            self._under_way += under_way
            self.most_at_once = max(self.most_at_once, self._under_way)
            self._changed.notify_all()

    def fault(self, question: str, streamed: bool) -> str | None:
        """What goes wrong with this attempt."""
        with self._changed:
            self.attempts[question] += 1
            chance = random.Random(f"{self.seed}:{question}:{self.attempts[question]}")
            if chance.random() >= self.share or (self.attempts[question] > 1 and not self.keep_failing):
                return None
            found = chance.choice(self.only or (STREAMED if streamed else WHOLE))
            self.faults[found] += 1
            return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, owner: FaultyServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: socket.socket, address: object) -> None:
        self.owner.count(connections=1)
        super().process_request(request, address)

    def shutdown_request(self, request: socket.socket) -> None:
        super().shutdown_request(request)
        self.owner.count(connections=-1)

    def handle_error(self, request: socket.socket, address: object) -> None:
        """A client that went away is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def server_(self) -> FaultyServer:
        return self.server.owner

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.whole(200, {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "x"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server_.times.append(time.monotonic())
        self.server_.count(under_way=1)
        try:
            size = sum(len(message["content"]) for message in body["messages"])
            self.server_.sizes.append(size)
            if self.server_.longest is not None and size > self.server_.longest:
                said = "This model's maximum context length is 512 tokens."
                self.whole(400, {"error": {"message": said, "code": "context_length_exceeded"}})
            else:
                self.answer(body["messages"][-1]["content"][:40], bool(body.get("stream")))
        finally:
            self.server_.count(under_way=-1)

    def answer(self, question: str, streamed: bool) -> None:
        server = self.server_
        if server.delay:
            time.sleep(server.delay)
        if server.refuse is not None:
            self.server_.attempts[question] += 1
            self.whole(*server.refuse)
            return
        fault = server.fault(question, streamed)
        if fault in (None, "slow"):
            if fault:
                time.sleep(0.05)
            with server._changed:
                server.delivered[question] += 1
            self.stream(question, None) if streamed else self.whole(200, self.completion(question))
        elif fault in MID:
            self.stream(question, fault)
        else:
            self.fail(question, fault)

    def fail(self, question: str, fault: str) -> None:
        error = {"error": {"message": "no luck", "type": "server_error"}}
        if fault == "busy":
            self.whole(429, error, {"Retry-After": self.server_.retry_after})
        elif fault == "busy-date":
            self.whole(429, error, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
        elif fault == "failed":
            self.whole(500, error)
        elif fault == "overloaded":
            self.whole(503, error, {"Retry-After-Ms": "5"})
        elif fault == "web-page":
            self.raw(200, "text/html; charset=utf-8", b"<html><body>Please sign in</body></html>")
        elif fault == "error-body":
            self.whole(200, {"error": {"message": "upstream is overloaded", "code": 503}})
        elif fault == "bad-json":
            self.raw(200, "application/json", json.dumps(self.completion(question)).encode()[:-20])
        elif fault == "no-choices":
            self.whole(200, {**self.completion(question), "choices": []})
        elif fault == "wrong-type":
            self.raw(200, "text/plain", json.dumps(self.completion(question)).encode())
        elif fault == "not-streamed":
            self.whole(200, self.completion(question))
        elif fault == "hang":
            self.connection.settimeout(30)
            self.connection.recv(1)  # until the client goes away
            self.close_connection = True
        else:
            self.drop(reset=fault == "reset")

    def drop(self, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def completion(self, question: str) -> dict:
        prompt, written = right_usage(question)
        return {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": self.server_.message or {"role": "assistant", "content": right_text(question)},
                    "finish_reason": self.server_.finish,
                }
            ],
            "usage": {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written},
        }

    def whole(self, status: int, body: dict, headers: dict[str, str] | None = None) -> None:
        self.raw(status, "application/json", json.dumps(body).encode(), headers)

    def raw(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self._headers_buffer.append(b"\r\n" + body)
        self.flush_headers()

    def stream(self, question: str, fault: str | None) -> None:
        base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        whole = self.completion(question)
        choice = whole["choices"][0]
        words = [{"delta": {"role": "assistant", "content": ""}}]
        words += [{"delta": {"content": word}} for word in right_text(question).split(" ")]
        for word in words[2:]:
            word["delta"]["content"] = " " + word["delta"]["content"]
        message = self.server_.message
        if message and message.get("content"):
            words = words[:1] + [{"delta": {"content": word}} for word in re.findall(r"\s*\S+", message["content"])]
        elif message:
            words = [words[0], {"delta": message}]
        chunks = [{**base, "choices": [{"index": 0, **word}]} for word in words]
        chunks.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
        chunks.append({**base, "choices": [], "usage": whole["usage"]})
        events = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]
        # Half of the streams that fail do so before a word was given.
        at = random.Random(f"{self.server_.seed}:{question}").choice((1, 4))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(events):
            if fault and number == at:
                self.break_off(fault)
                return
            self.chunk(event)
        if self.server_.hold:
            self.connection.settimeout(30)
            self.connection.recv(1)  # until the client goes away
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def break_off(self, fault: str) -> None:
        if fault == "bad-event":
            self.chunk(b'data: {"id": "1", "choices": [{"del\n\n')
            self.wfile.write(b"0\r\n\r\n")
        elif fault == "mid-error":
            self.chunk(b'data: {"error": {"message": "the engine stopped", "code": 500}}\n\n')
            self.wfile.write(b"0\r\n\r\n")
        elif fault == "cut-clean":
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.drop(reset=fault == "mid-reset")


def main() -> None:
    """Serve without faults until standard input ends; a second argument is what is always answered."""
    with FaultyServer(delay=float(sys.argv[1])) as server:
        if len(sys.argv) > 2:
            server.message = {"role": "assistant", "content": sys.argv[2]}
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
