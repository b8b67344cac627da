"""Measure what stands between a question and a language model: answers of a small one, and the cost of the calls.

    python benchmarks/models.py answers http://127.0.0.1:8093/v1
    python benchmarks/models.py answers http://127.0.0.1:8093/v1 --peer
    python benchmarks/models.py calls [--asks 500]

``answers`` asks a model behind an OpenAI-compatible server twelve questions on the sample articles, four of which
these do not answer. Each is answered from the same passages: by the model alone, as it wrote; by the library, whose
gates and aligner may refuse what it wrote; and, with ``--peer``, in their place by llama-index's CitationQueryEngine.
The facts to expect were written down with the questions, before any model was asked.

``calls`` asks a server that takes 200 ms for every answer, one question after another and eight at once, plain,
streamed and async, and compares with the time that the server alone would take.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit import Answer, Library, prompts
from toolkit.ask import borne_out
from toolkit.drafts import drafted
from toolkit.errors import ToolkitError

HERE = Path(__file__).parent.parent
SAMPLES = HERE / "notebooks" / "articles"
SERVER = HERE / "tests" / "faulty_server.py"
K = 8


@dataclass(frozen=True)
class Asked:
    """A question, and what its answer must hold: every pattern; none when the articles do not answer it."""

    text: str
    facts: tuple[str, ...] = ()


QUESTIONS = (
    Asked("Which countries might send troops to Ukraine?", (r"U\.?K\b|Brit|London", r"French|France|Paris")),
    Asked("Who is the president of the European Council?", (r"Costa",)),
    Asked("How important are the security guarantees to President Trump, according to Leavitt?", (r"critical",)),
    Asked("How much did the repairs of the library cost?", (r"1\.4 million",)),
    Asked("When did the White House summit take place?", (r"(Aug\w*\.? 18|18 Aug)",)),
    Asked("Whom did Trump tell that Europeans are willing to put people on the ground?", (r"Fox News",)),
    Asked("How many people had queued outside the library?", (r"\b300\b",)),
    Asked("What could the U.S. contribute to the guarantees?", (r"\bair\b", r"intelligence|surveillance")),
    Asked("Who won the 2022 World Cup?"),
    Asked("What is the capital of Australia?"),
    Asked("How many soldiers will Germany send to Ukraine?"),
    Asked("Which parliament has approved the deployment of troops?"),
)

_DECLINES = re.compile(
    r"(?i)\b(?:do(?:es)?|did|is|are|was|were|has|have|can)(?: not|n't)\b.{0,40}"
    r"\b(?:say|mention|state|provide|contain|specif|answer|inform|include|address|help|availab|determin|directly)"
    r"|\bno (?:information|mention|source|answer)|none of the|cannot (?:be )?(?:answer|determin)|unable to"
)


def judged(asked: Asked, text: str, *, refused: bool) -> str:
    """``right``, ``wrong`` or ``refused``; to refuse what the articles do not answer is right."""
    if refused:
        return "refused" if asked.facts else "right"
    found = bool(asked.facts) and all(re.search(fact, text) for fact in asked.facts)
    return "right" if found else "wrong"


def supported_text(answer: Answer) -> str:
    """What an answer shows as borne out."""
    return " ".join(claim.text for claim in answer.claims if borne_out(claim))


def library(news: Library) -> Callable[[Asked], dict[str, tuple[str, str, float]]]:
    """The model alone and the library, on the same messages."""
    prompt, model = prompts.load("ask/plain"), news._writers.model()
    assert model is not None

    def ask(asked: Asked) -> dict[str, tuple[str, str, float]]:
        start = time.perf_counter()
        draft = drafted(model, prompt, news.search(asked.text, K), question=asked.text)
        reply = model.chat(draft.messages, **draft.parameters)
        took = time.perf_counter() - start
        alone = judged(asked, reply.text, refused=prompts.is_refusal(reply.text))
        said = f"{reply.text} [{draft.tokens:,} prompt tokens counted, {reply.usage.prompt_tokens:,} reported]"
        answer = news.ask(asked.text, k=K)  # its reply comes from the cache
        ours = judged(asked, supported_text(answer), refused=not answer.answered)
        if ours == "wrong" and supported_text(answer):
            ours = "wrong!"  # a claim is shown as supported
        shown = answer.text or f"({answer.reason})"
        return {"model alone": (alone, said, took), "library": (ours, shown, answer.seconds)}

    return ask


def peer(news: Library, url: str) -> Callable[[Asked], dict[str, tuple[str, str, float]]]:
    """llama-index's engine over the same passages, with the same model and the same longest reply."""
    from llama_index.core.node_parser import TokenTextSplitter
    from llama_index.core.query_engine import CitationQueryEngine
    from llama_index.llms.openai_like import OpenAILike

    model = news._writers.model()
    assert model is not None
    llm = OpenAILike(
        model=model.name,
        api_base=url,
        api_key="none",
        is_chat_model=True,
        context_window=model.context_window or 8192,
        temperature=0,
        max_tokens=200,
        timeout=600,
    )
    # Passages are shorter than a chunk, so each stays one source.
    splitter = TokenTextSplitter(chunk_size=1024, chunk_overlap=0)
    engine = CitationQueryEngine(retriever=news.as_retriever(k=K), llm=llm, text_splitter=splitter)

    def ask(asked: Asked) -> dict[str, tuple[str, str, float]]:
        start = time.perf_counter()
        text = str(engine.query(asked.text))
        verdict = judged(asked, text, refused=bool(_DECLINES.search(text)))
        if verdict == "wrong" and re.search(r"\[\d|Source \d", text):
            verdict = "wrong!"  # with a source cited for it
        return {"peer": (verdict, text, time.perf_counter() - start)}

    return ask


def answers(url: str, first: int, last: int, *, with_peer: bool) -> None:
    """The questions from the first to the last, counted from 1, to one model."""
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder, Library(llm=url, cache=Path(folder) / "replies.sqlite") as news:
        news.add(SAMPLES)
        ask = peer(news, url) if with_peer else library(news)
        for asked in QUESTIONS[first - 1 : last]:
            print(f"{asked.text}  {'expects ' + ', '.join(asked.facts) if asked.facts else 'is not in the articles'}")
            for title, (verdict, text, seconds) in ask(asked).items():
                counts.setdefault(title, Counter())[verdict] += 1
                print(f"    {title:<12} {verdict:<8} {seconds:5.1f} s  {' '.join(text.split())}", flush=True)
    for title, count in counts.items():
        right, wrong = count["right"], count["wrong"] + count["wrong!"]
        print(
            f"{title:<12} {right} right, {wrong} wrong ({count['wrong!']} of them shown as borne out), "
            f"{count['refused']} refused although the articles say it"
        )


@contextmanager
def slow_server(delay: float, says: str) -> Iterator[str]:
    """A server in a process of its own that takes so many seconds for every answer."""
    command = [sys.executable, str(SERVER), str(delay), says]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def one(news: Library, question: str, way: str) -> Answer:
    """One ask, plain or streamed."""
    if way == "ask":
        return news.ask(question)
    stream = news.ask(question, stream=True)
    for _ in stream:
        pass
    return stream.final


async def aone(news: Library, question: str, way: str) -> Answer:
    """One ask, awaited."""
    if way == "aask":
        return await news.aask(question)
    stream = await news.aask(question, stream=True)
    async for _ in stream:
        pass
    return stream.final


def at_once(news: Library, questions: list[str], way: str) -> list[Answer]:
    """All questions, eight at a time: by as many threads, or by the model's own gate."""
    if not way.startswith("a") or way == "ask":
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda question: one(news, question, way), questions))

    async def gather() -> list[Answer]:
        return list(await asyncio.gather(*(aone(news, question, way) for question in questions)))

    return asyncio.run(gather())


WAYS = ("ask", "stream", "aask", "astream")


def calls(asks: int, delay: float) -> None:
    """What an ask takes beyond the server's own time, alone and eight at once."""
    says = "A package of security guarantees for Ukraine could be final within the week, Bloomberg reported on Tuesday."
    question = "When could the package of security guarantees for Ukraine be final?"
    with slow_server(delay, says) as url, Library(llm=f"{url}#m") as news:
        news.add(SAMPLES)
        for way in WAYS:
            at_once(news, [question] * 8, way)  # loads what loads late
        for way in WAYS:
            seconds = []
            for _ in range(30):
                start = time.perf_counter()
                answer = at_once(news, [question], way)[0]
                seconds.append(time.perf_counter() - start - delay)
                assert answer.answered, answer.reason
                assert len(answer.hits) == K
            print(f"{way:<8} alone: {statistics.median(seconds) * 1000:.1f} ms median beyond the server's own time")
        ideal = asks / 8 * delay
        for way in WAYS:
            worked, start = time.process_time(), time.perf_counter()
            done = at_once(news, [question] * asks, way)
            took, worked = time.perf_counter() - start, time.process_time() - worked
            assert all(answer.answered for answer in done)
            print(
                f"{way:<8} {asks} asks, 8 at once: {took:.2f} s, {took / ideal:.2f} of the ideal {ideal:.2f} s; "
                f"{worked / asks * 1000:.1f} ms of processor an ask",
                flush=True,
            )


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    asking = what.add_parser("answers")
    asking.add_argument("url")
    asking.add_argument("--peer", action="store_true")
    asking.add_argument("--first", type=int, default=1, help="the first question, counted from 1")
    asking.add_argument("--last", type=int, default=len(QUESTIONS), help="the last one")
    calling = what.add_parser("calls")
    calling.add_argument("--asks", type=int, default=500)
    calling.add_argument("--delay", type=float, default=0.2)
    arguments: Any = parser.parse_args()
    try:
        if arguments.what == "answers":
            answers(arguments.url, arguments.first, arguments.last, with_peer=arguments.peer)
        else:
            calls(arguments.asks, arguments.delay)
    except ToolkitError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
