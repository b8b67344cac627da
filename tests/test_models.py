from __future__ import annotations

import asyncio
import gc
import json
import logging
import subprocess
import sys
import threading
import time
import traceback
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ArgumentError, AuthenticationError, ModelError, ModelNotFound, ModelUnavailable
from toolkit.models import FakeLLM, Model, Retry, backends, resolve
from toolkit.models.failures import explain, redact
from toolkit.types import Message, Usage

HELLO = (Message(role="system", content="Be brief."), Message(role="user", content="Who spoke?"))
QUICK = Retry(base=0.001)
KEY = "sk-proj-abcDEF123456ghiJKL7890"


def answer(text: str = "Macron spoke.", finish: str = "stop") -> dict:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


def refusal(message: str, **more: object) -> dict:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


class Peer:
    """A real HTTP server that gives prepared answers and remembers what it was sent."""

    def __init__(self, models: list[str]) -> None:
        peer = self
        self.models = models
        self.answers: list[tuple[int, dict | bytes]] = []
        self.requests: list[dict] = []
        self.keys: list[str | None] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                listed = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in peer.models]
                self.reply(200, {"object": "list", "data": listed})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                peer.requests.append(body)
                peer.keys.append(self.headers["Authorization"])
                self.reply(*(peer.answers.pop(0) if len(peer.answers) > 1 else peer.answers[0]))

            def reply(self, status: int, body: dict | bytes) -> None:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                kind = "text/event-stream" if isinstance(body, bytes) else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def peer():
    made = Peer(["m"])
    yield made
    gc.collect()
    made.close()


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)


# FakeLLM


def test_fake_replies_in_order_and_remembers():
    llm = FakeLLM("First one.", "Second.")
    reply = llm.chat(HELLO)
    assert (reply.text, reply.model, reply.finish_reason) == ("First one.", "fake", "stop")
    assert reply.usage == Usage(prompt_tokens=4, completion_tokens=2, cost_usd=0.0)
    assert asyncio.run(llm.achat(HELLO[1:])).text == "Second."
    assert llm.requests == [HELLO, HELLO[1:]]
    with pytest.raises(ModelError, match="asked 3 times"):
        llm.chat(HELLO)


@given(st.text(min_size=1).filter(str.strip))
def test_fake_streams_every_character(text):
    stream = FakeLLM(text).stream(HELLO)
    assert "".join(stream) == text
    assert stream.reply.text == text.strip()


def test_a_stream_has_its_reply_only_at_the_end():
    stream = FakeLLM("One two three.").stream(HELLO)
    pieces = iter(stream)
    assert next(pieces) == "One"
    assert stream.text == "One"
    with pytest.raises(ModelError, match="read the stream to its end"):
        _ = stream.reply
    assert list(pieces) == [" two", " three."]
    assert stream.reply.usage.completion_tokens == 3


def test_fake_streams_async_and_raises_what_it_is_given():
    async def read() -> tuple[list[str], str]:
        stream = llm.astream(HELLO)
        return [piece async for piece in stream], stream.reply.text

    llm = FakeLLM("One two.", ModelUnavailable("down"))
    assert asyncio.run(read()) == (["One", " two."], "One two.")
    with pytest.raises(ModelUnavailable, match="down"):
        llm.chat(HELLO)


def test_an_empty_reply_is_an_error():
    with pytest.raises(ModelError, match="empty reply"):
        FakeLLM(" \n").chat(HELLO)
    with pytest.raises(ModelError, match="empty reply"):
        list(FakeLLM("").stream(HELLO))


def test_fake_needs_no_llama_index():
    code = (
        "import sys; from toolkit.models import FakeLLM, resolve; from toolkit.types import Message;"
        "m = resolve(FakeLLM('a')); m.chat([Message(role='user', content='q')]); assert resolve(None) is None;"
        "assert not {'llama_index', 'openai', 'httpx'} & {name.split('.')[0] for name in sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


# What resolve takes


def test_none_and_models_pass_through():
    llm = FakeLLM()
    assert resolve(None) is None
    assert resolve(llm) is llm


@pytest.mark.parametrize(
    ("llm", "message"),
    [
        ("", "names no model"),
        (3, "llm= is a int"),
        (object(), "llm= is a object"),
        ("localhost:8080/v1", "write it as 'http://localhost:8080/v1'"),
        ("127.0.0.1:8080", "write it as 'http://127.0.0.1:8080'"),
        ("ftp://host/v1", "write it as 'http://host/v1'"),
        ("http://", "not a usable address"),
        ("http://host:99999999/v1", "not a usable address"),
        (f"http://user:{KEY}@host/v1#m", "give a key by api_key="),
        (f"https://host/v1?key={KEY}#m", "give a key by api_key="),
        (FakeLLM, "is the class FakeLLM"),
    ],
)
def test_what_is_no_model(llm, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        resolve(llm)
    assert KEY not in str(caught.value)


def test_a_missing_model_file():
    with pytest.raises(ModelNotFound, match=r"nowhere\.gguf: no such model file"):
        resolve("nowhere.gguf")


def test_openai_without_a_key():
    with pytest.raises(AuthenticationError, match="set OPENAI_API_KEY or pass api_key="):
        resolve("gpt-5-mini")


@pytest.mark.parametrize(("name", "window"), [("gpt-4o-mini", 128_000), ("gpt-5-mini", 400_000), ("gpt-99-new", None)])
def test_openai_takes_any_name(name, window):
    model = resolve(name, api_key=KEY)
    assert isinstance(model, Model)
    assert (model.name, model.context_window) == (name, window)
    assert KEY not in repr(model) + repr(vars(model)) + repr(model._llm) + str(model._llm.to_dict())


@pytest.mark.parametrize(
    ("name", "temperature", "longest"),
    [("gpt-4o-mini", 0.0, 512), ("gpt-5-mini", 1.0, 512 + 4096), ("gpt-99", 0.0, 512 + 4096)],
)
def test_openai_models_that_think_get_room_for_it(name, temperature, longest):
    model = resolve(name, api_key=KEY)
    sent = model._llm._get_model_kwargs(**model._options(None, None, stream=False))
    assert sent == {"model": name, "temperature": temperature, "max_completion_tokens": longest}


def test_a_model_that_speaks_another_protocol():
    with pytest.raises(ArgumentError, match="Responses API"):
        resolve("gpt-5.4-pro", api_key=KEY)


# What is sent, and to whom


def test_the_key_of_openai_goes_to_openai_only(peer, monkeypatch):
    peer.answers = [(200, answer())]
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    resolve(peer.url + "#m").chat(HELLO)
    resolve(peer.url + "#m", api_key="other-key").chat(HELLO)
    monkeypatch.setenv("OPENAI_BASE_URL", peer.url)
    resolve("m").chat(HELLO)
    resolve(peer.url).chat(HELLO)
    assert peer.keys == ["Bearer none", "Bearer other-key", f"Bearer {KEY}", f"Bearer {KEY}"]


def test_what_is_sent(peer):
    peer.answers = [(200, answer())]
    model = resolve(peer.url, max_tokens=77)
    model.chat(HELLO)
    model.chat(HELLO, temperature=0.7, max_tokens=9)
    first, second = peer.requests
    assert first["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Who spoke?"},
    ]
    assert (first["model"], first["temperature"], first["max_tokens"]) == ("m", 0.0, 77)
    assert (second["temperature"], second["max_tokens"]) == (0.7, 9)


def test_reply_usage_and_cut_off(peer):
    peer.answers = [(200, answer("  Macron and", "length"))]
    reply = resolve(peer.url).chat(HELLO)
    assert (reply.text, reply.model, reply.finish_reason) == ("Macron and", "m", "length")
    assert reply.usage == Usage(prompt_tokens=11, completion_tokens=4, cost_usd=None)


def test_several_models_must_be_chosen_from(peer):
    peer.models = ["a", "b"]
    with pytest.raises(ArgumentError, match=r"has 2 models; choose one, as in '.*/v1#a': a, b"):
        resolve(peer.url)
    assert resolve(peer.url + "#b").name == "b"


def test_a_server_without_models(peer):
    peer.models = []
    with pytest.raises(ModelError, match="add the name"):
        resolve(peer.url)


def test_a_model_file_path_is_not_shown(peer):
    peer.models = ["/home/me/secret/model.gguf"]
    peer.answers = [(200, answer())]
    model = resolve(peer.url)
    assert model.name == "model.gguf"
    assert model.chat(HELLO).model == "model.gguf"
    assert peer.requests[0]["model"] == "/home/me/secret/model.gguf"


@pytest.mark.parametrize("address", ["{}", "{}/", "{}/chat/completions"])
def test_addresses_are_made_whole(peer, address):
    peer.answers = [(200, answer())]
    assert resolve(address.format(peer.url)).chat(HELLO).text == "Macron spoke."
    assert resolve(peer.url.removesuffix("/v1")).name == "m"


def test_options_that_a_server_refuses_are_left_out(peer):
    no_tokens = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )
    no_heat = "Unsupported value: 'temperature' does not support 0 with this model."
    peer.answers = [
        (400, refusal(no_tokens, param="max_tokens")),
        (400, refusal(no_heat, param="temperature")),
        (200, answer()),
    ]
    model = resolve(peer.url)
    assert model.chat(HELLO).text == "Macron spoke."
    assert model.chat(HELLO).text == "Macron spoke."
    assert len(peer.requests) == 4
    for request in peer.requests[2:]:
        assert request["max_completion_tokens"] == 512
        assert not {"temperature", "max_tokens"} & request.keys()


def test_a_request_that_stays_refused_is_an_error(peer):
    peer.answers = [(400, refusal("the prompt has 9000 tokens, which is more than 4096"))]
    with pytest.raises(ModelError, match="9000 tokens") as caught:
        resolve(peer.url).chat(HELLO)
    assert type(caught.value) is ModelError
    assert len(peer.requests) == 1


# Failures, as a server sends them


def events(*pieces: str, finish: str = "stop") -> bytes:
    base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    chunks = [{**base, "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    chunks.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    chunks.append({**base, "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}})
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"


def test_streaming(peer):
    peer.answers = [(200, events("Macron", " spoke", ".", finish="length"))]
    stream = resolve(peer.url).stream(HELLO)
    assert list(stream) == ["Macron", " spoke", "."]
    assert stream.reply.text == "Macron spoke."
    assert stream.reply.finish_reason == "length"
    assert stream.reply.usage == Usage(prompt_tokens=7, completion_tokens=2, cost_usd=None)
    assert peer.requests[0]["stream_options"] == {"include_usage": True}


def test_streaming_from_a_server_that_does_not_count(peer):
    peer.answers = [(400, refusal("unknown field 'stream_options'")), (200, events("Yes", "."))]
    stream = resolve(peer.url).stream(HELLO)
    assert list(stream) == ["Yes", "."]
    assert "stream_options" not in peer.requests[1]


def test_an_empty_stream_is_an_error(peer):
    peer.answers = [(200, events("", finish="length"))]
    with pytest.raises(ModelError, match="raise max_tokens"):
        list(resolve(peer.url).stream(HELLO))


def test_a_stream_that_is_left_early(peer):
    peer.answers = [(200, events("Macron", " spoke", "."))]
    with resolve(peer.url).stream(HELLO) as stream:
        for _ in stream:
            break
    with pytest.raises(ModelError, match="not complete"):
        _ = stream.reply


def test_an_async_stream_that_is_left_early(peer):
    peer.answers = [(200, events("Macron", " spoke", "."))]
    model = resolve(peer.url)

    async def leave() -> str:
        async with model.astream(HELLO) as stream:
            async for piece in stream:
                return piece
        return ""

    assert asyncio.run(leave()) == "Macron"


def test_a_stream_that_breaks_off_is_an_error(peer):
    first = events("Macron", " spoke", ".").partition(b"\n\n")[0] + b"\n\n"
    peer.answers = [(200, first + b'data: {"error": {"message": "out of memory"}}\n\n')]
    with pytest.raises(ModelError, match="out of memory"):
        list(resolve(peer.url).stream(HELLO))


async def through(model: Model, how: str) -> object:
    if how == "chat":
        return model.chat(HELLO)
    if how == "stream":
        return list(model.stream(HELLO))
    if how == "achat":
        return await model.achat(HELLO)
    return [piece async for piece in model.astream(HELLO)]


@pytest.mark.parametrize("how", ["chat", "stream", "achat", "astream"])
def test_a_refused_key_shows_nowhere(peer, how, caplog):
    caplog.set_level(logging.DEBUG)
    peer.answers = [(401, refusal(f"Incorrect API key provided: {KEY[:8]}****7890. {KEY}", code="invalid_api_key"))]
    model = resolve(peer.url, api_key=KEY)
    with pytest.raises(AuthenticationError, match="set OPENAI_API_KEY or pass api_key=") as caught:
        asyncio.run(through(model, how))
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert KEY not in shown + str(error) + repr(error) + caplog.text
    assert "7890" not in str(error)


@pytest.mark.parametrize("how", ["chat", "stream", "achat", "astream"])
def test_an_unknown_model_names_those_there_are(peer, how):
    peer.models = ["llama-3-8b", "qwen-2"]
    peer.answers = [(404, refusal("The model does not exist"))]
    with pytest.raises(ModelNotFound, match=r"no model 'llama-8b'; it has 'llama-3-8b'"):
        asyncio.run(through(resolve(peer.url + "#llama-8b"), how))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, AuthenticationError), (429, ModelUnavailable), (500, ModelUnavailable), (418, ModelError)],
)
def test_other_statuses(peer, status, kind):
    peer.answers = [(status, refusal(f"quota of {KEY} is used up"))]
    with pytest.raises(kind) as caught:
        resolve(peer.url, retry=QUICK).chat(HELLO)
    assert type(caught.value) is kind
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(peer.requests) == (5 if kind is ModelUnavailable else 1)


def test_a_server_that_recovers_is_asked_again(peer):
    peer.answers = [(503, refusal("loading")), (200, answer())]
    assert resolve(peer.url + "#m", retry=QUICK).chat(HELLO).text == "Macron spoke."


def test_a_server_that_is_too_slow():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        with pytest.raises(ModelUnavailable, match="in time"):
            resolve(url, timeout=0.1)


def test_what_is_no_openai_server(peer):
    peer.answers = [(200, {"hello": "world"})]
    with pytest.raises(ModelError, match="no usable reply"):
        resolve(peer.url).chat(HELLO)


# llama-index objects


def test_a_llama_index_object_keeps_its_settings(peer):
    from llama_index.llms.openai_like import OpenAILike

    peer.answers = [(200, answer())]
    llm = OpenAILike(
        model="m",
        api_base=peer.url,
        api_key=KEY,
        is_chat_model=True,
        temperature=0.3,
        max_tokens=5,
        context_window=2048,
    )
    model = resolve(llm, temperature=0.9, max_tokens=400)
    assert (model.name, model.context_window) == ("m", 2048)
    assert model.chat(HELLO).text == "Macron spoke."
    assert asyncio.run(model.achat(HELLO)).text == "Macron spoke."
    assert asyncio.run(model.achat(HELLO)).text == "Macron spoke."
    for request in peer.requests:
        assert (request["temperature"], request["max_tokens"]) == (0.3, 5)
    assert peer.keys[0] == f"Bearer {KEY}"
    peer.answers = [(401, refusal(f"Incorrect API key provided: {KEY}"))]
    with pytest.raises(AuthenticationError) as caught:
        model.chat(HELLO)
    assert KEY not in str(caught.value) + repr(model)


def test_another_llama_index_class():
    from llama_index.core.llms import MockLLM

    model = resolve(MockLLM(max_tokens=3))
    assert "text" in model.chat(HELLO).text
    stream = model.stream(HELLO)
    assert "".join(stream).strip() == stream.reply.text
    assert stream.reply.usage == Usage(cost_usd=None)


# Running inside an event loop, many at once, and leaving nothing behind


def test_plain_calls_inside_a_running_loop(peer):
    peer.answers = [(200, answer())]

    async def cell() -> str:
        return resolve(peer.url).chat(HELLO).text

    assert asyncio.run(cell()) == "Macron spoke."


def test_async_calls_from_several_loops_and_at_once(peer):
    peer.answers = [(200, answer())]
    model = resolve(peer.url)

    async def several() -> list[str]:
        return [reply.text for reply in await asyncio.gather(*(model.achat(HELLO) for _ in range(4)))]

    assert asyncio.run(several()) == ["Macron spoke."] * 4
    assert asyncio.run(several()) == ["Macron spoke."] * 4


def test_a_closed_model_opens_again(peer):
    peer.answers = [(200, answer())]
    model = resolve(peer.url)
    model.close()
    assert model.chat(HELLO).text == "Macron spoke."


def test_a_server_that_is_down_fails_soon():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    resolve(url + "#m")  # loads the libraries
    start = time.monotonic()
    with pytest.raises(ModelUnavailable, match="check that the server runs"):
        resolve(url)
    with pytest.raises(ModelUnavailable, match="check that the server runs"):
        resolve(url + "#m", retry=QUICK).chat(HELLO)
    assert time.monotonic() - start < 30


# Redaction


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-12***********89. Find yours at https://x.",
        "Incorrect API key provided: not-a-r***-key.",
        "Incorrect API key provided: abc.",
        "header Authorization: Bearer abcdef",
        "GET https://host/v1?key=abcdef&x=1",
        "Unauthorized: gsk_abcdef123",
        "token 1234567890abcdef1234567890abcdef12345678",
    ],
)
def test_what_looks_like_a_key_is_cut(text):
    shown = redact(text)
    assert "[key]" in shown
    for secret in ("sk-12", "89.", "not-a-r", "abc.", "abcdef", "1234567890"):
        assert secret not in shown


@given(st.text(), st.text(), st.text(min_size=6).filter(lambda key: key.strip() == key))
def test_a_known_secret_never_shows(before, after, key):
    error = explain(RuntimeError(before + key + after), model="m", where="here", secrets=[key])
    rest = "here: 'm' gave no usable reply: RuntimeError: [key]…"
    assert key not in str(error) or key in rest or key in redact(before + after)
    assert "\n" not in str(error)


def test_ordinary_words_stay():
    assert (
        redact("the prompt has 9000 tokens,\nmore than n_ctx=4096")
        == "the prompt has 9000 tokens, more than n_ctx=4096"
    )
    assert redact("model gpt-4o-mini-2024-07-18 is overloaded") == "model gpt-4o-mini-2024-07-18 is overloaded"


# The table of back ends


def test_every_back_end_has_a_maker_and_every_name_goes_to_one():
    for one in backends.BACK_ENDS:
        assert get_type_hints(backends.maker_of(one)) == {"wanted": backends.Wanted, "return": Model}, one.maker
    names = ("http://127.0.0.1:1/v1#x", "HTTPS://a.test/v1", "folder/model.GGUF", "gpt-5-mini", "a\nb")
    makers = [backends.back_end_of(name).maker.partition(":")[2] for name in names]
    assert makers == ["model_at_url", "model_at_url", "model_in_file", "model_by_name", "model_by_name"]


def test_a_new_back_end_is_a_module_and_a_line(monkeypatch):
    def parrot(wanted: backends.Wanted) -> Model:
        return FakeLLM(wanted.name.removeprefix("parrot:"), name="parrot")

    module = types.ModuleType("toolkit.models.parrots")
    module.parrot = parrot  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    line = backends.BackEnd(names=r"parrot:.*", form="'parrot:words'", maker="parrots:parrot")
    monkeypatch.setattr(backends, "BACK_ENDS", (line, *backends.BACK_ENDS))
    model = resolve("parrot:Hello there.")
    assert model is not None
    assert model.chat([Message(role="user", content="Say it.")]).text == "Hello there."
