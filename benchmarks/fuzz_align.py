"""Check claims against texts that are made to trip the checker, and see that what it promises holds for each.

    python benchmarks/fuzz_align.py [--seconds 600] [--seed 1] [--texts DIR ...] [--keep DIR] [--again FILE]

Claims and sources come from a grammar of news sentences, from real text (``.txt`` files, and ``docs.jsonl`` of DIR)
that is mutated, and from what slows regular expressions and tokenizers down. What must hold:

- no exception but ArgumentError, and that in one line;
- ``article.text[start:end] == quote`` for every citation; words of a ``quoted`` claim stand in its quote, in order;
- the same verdict, score and spans when it is asked again;
- no better verdict when every source is replaced by words that share nothing with the claim;
- the processor's time within a bound that grows with the length of claim and sources, stated in ``BOUND``.

The digest is the same for the same seed and number of cases, also under another PYTHONHASHSEED.
"""

# ruff: noqa: E501 -- tables of pieces

from __future__ import annotations

import json
import random
import re
import time
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

import fuzzing

from toolkit import Article, verify
from toolkit.errors import ArgumentError
from toolkit.types import Claim

BOUND = fuzzing.Bound(base=0.5, per_kb=0.05)
_RANK = {"unsupported": 0, "partly": 1, "contradicted": 2, "supported": 3, "quoted": 4}
SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"

_NAMES = (
    "Poland",
    "Ángela Merkel",
    "the U.S.",
    "EU",
    "Mr. O’Neill",
    "Jean-Luc",
    "UN",
    "X",
    "Kim Jong Un",
    "北京",
    "Москва",
)
_VERBS = ("will send", "did not send", "might send", "never sent", "has, it said, sent", "denied that it sent", "sends")
_NUMBERS = ("2,000", "200", "2.000", "two thousand", "1.5 million", "12%", "½", "-3", "£5bn", "1e9", "٣", "10-20", "0")
_THINGS = ("troops", "soldiers", "euros", "people", "troops and tanks", "aid", "“reassurance” forces", "no one", "it")
_TIMES = (
    "on Monday",
    "in 2025",
    "on 19 August 2025",
    "yesterday",
    "by May 31",
    "last year",
    "on 2025-02-30",
    "at 25:61",
)
_FRAMES = (
    "{} said: {}", "According to {}, {}", "{} denied that {}", "If {} agrees, {}", "“{1}”, {0} said.", "It is false that {1}",
    "{0} would not say whether {1}", "Critics of {0} claim {1}", "{1}, unless {0} objects", "{0} [1] ({1}) [2, 3]",
)  # fmt: skip
_PIECES = (
    " ", "\n\n", "\r\n", "\t", "\u2028", "\u00a0", "\u200b", "\u202e", "\ufeff", "\0", "\x1b[2J", "\x85", "’", "'", '"', "“",
    "”", "«", "(", ")", "[1]", "[source 1, 2]", "<think>", "</think>", "- ", "1. ", "# ", "**", "...", "…", "!", "?", "。", "—",
    "e\u0301", "ﬁ", "İ", "ß", "ſ", "𝟚", "①", "²", "👩‍👩‍👧", "\U0010ffff", "U.S.", "Mr.", "a.m.", "$", "€", "%", "0x1F",
    "1/0", "1,2,3,4", "99999999999999999999999999", "1e400", "nan", "inf", "-0", "--", "not ", "no ", "never ", "\u0660",
)  # fmt: skip
_REPEATED = (
    "a", " ", "(", '"', "“", "'", "’", "-", ".", ",", "1", "1,", "1.", "0", "A", "A.", "A ", "Mr. ", "and ", "not ", "the ", "a b ", "\n", "\t",
    "x@", "http://", "é", "e\u0301", "\u0301", "(A", "[1]", "[1,", "<think>", "U.", "said ", "that ", "if ", "$1 ", "1 million ", "May ",
    "on Monday ", "two ", "hundred ", "“a” ", "who ", "of ", "the articles say that ", "as reported in the ", "according to ", "\u200d", "漢",
)  # fmt: skip


@cache
def texts(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """Real texts, at most 3,000 characters of each."""
    found = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))]
    for folder in folders:
        with (folder / "docs.jsonl").open(encoding="utf-8") as lines:
            found += [json.loads(line)["text"] for _, line in zip(range(400), lines, strict=False)]
    return tuple(text[start : start + 3000] for text in found for start in (0, 3000) if text[start:].strip())


def _sentence(chance: random.Random, depth: int = 0) -> str:
    some = [chance.choice(part) for part in (_NAMES, _VERBS, _NUMBERS, _THINGS, _TIMES)]
    said = " ".join(some[: chance.choice((3, 4, 5, 5))])
    while depth < 5 and chance.random() < 0.35:
        depth += 1
        said = chance.choice(_FRAMES).format(chance.choice(_NAMES), said)
    return said


def _mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(text) + 1)
        way = chance.randrange(7)
        if way == 0:
            text = text[:at] + text[at + chance.choice((1, 3, 30)) :]
        elif way == 1:
            text = text[:at] + chance.choice(_PIECES) + text[at:]
        elif way == 2:
            other = chance.randrange(len(text) + 1)
            text = text[:at] + text[other : other + 60] + text[at:]
        elif way == 3:
            text = text[:at] + chr(chance.choice((chance.randrange(0x300), chance.randrange(0xD800)))) + text[at + 1 :]
        elif way == 4:
            words = text.split(" ")
            chance.shuffle(words)
            text = " ".join(words) if chance.random() < 0.3 else text
        elif way == 5:
            text = re.sub(r"\d+", lambda _: chance.choice(_NUMBERS), text, count=2)
        else:
            text = text[:at] + chance.choice(_NAMES) + " " + text[at:]
    return text


def _endless(chance: random.Random) -> str:
    """What makes patterns that read in two ways take for ever, between words that let a match begin and fail."""
    most = chance.choice((50, 500, 1900, 10_000, 30_000))
    some = "".join(chance.choice(_REPEATED) for _ in range(chance.choice((1, 1, 2, 3))))
    ends = ("", "!", "x", "\n", " said.", "”", ")", " 1", "\0", " the articles")
    return (chance.choice(ends) + some * (most // len(some)) + chance.choice(ends))[:most]


def maker(real: tuple[str, ...]) -> Callable[[random.Random], fuzzing.Case]:
    """Makes cases."""

    def text(chance: random.Random) -> str:
        way = chance.random()
        if way < 0.35:
            return " ".join(
                _sentence(chance) + chance.choice((". ", ".", "? ", "\n\n")) for _ in range(chance.choice((1, 2, 6)))
            )
        if way < 0.85:
            return _mutated(chance.choice(real), chance)
        if way < 0.95:
            return _endless(chance)
        return "".join(
            chance.choice(_PIECES) + chance.choice(("", "word ", "Poland ")) for _ in range(chance.randrange(60))
        )

    def claim(chance: random.Random, sources: list[str]) -> str:
        source = chance.choice(sources)
        sentences = [one for one in re.split(r"(?<=[.!?])\s+|\n", source) if one.strip()] or [source]
        way = chance.random()
        if way < 0.25:
            return chance.choice(sentences)[:2000]
        if way < 0.55:
            return _mutated(chance.choice(sentences), chance)[:2000]
        if way < 0.65:
            return f"{chance.choice(sentences)} {chance.choice(sentences)}"[:2000]
        if way < 0.85:
            return _sentence(chance)[:2000]
        if way < 0.95:
            return _endless(chance)[:2000]
        return "".join(chance.choice(_PIECES) for _ in range(chance.randrange(40)))

    def make(chance: random.Random) -> fuzzing.Case:
        sources = [text(chance) for _ in range(chance.choice((1, 1, 2, 4)))]
        return {"claim": claim(chance, sources), "sources": sources}

    return make


def check(case: fuzzing.Case) -> str:
    """See that what is promised holds; the verdict, score and spans in one line."""
    claim, sources = case["claim"], case["sources"]
    articles = [Article(text=text, title=f"T{n}", publisher=f"P{n}") for n, text in enumerate(sources) if text.strip()]
    start = time.process_time()
    try:
        with fuzzing.nothing_done():
            found = verify(claim, articles)
    except ArgumentError as error:
        if "\n" in str(error):
            raise AssertionError(f"not one line: {error}") from None
        return "ArgumentError"
    BOUND.hold(time.process_time() - start, len(claim) + sum(map(len, sources)))
    _cited_rightly(claim, found)
    if _said(verify(claim, articles)) != _said(found):
        raise AssertionError("another answer: to the same question")
    unrelated = verify(claim, [Article(text=_without(claim))])
    if _RANK[unrelated.verdict] > min(1, _RANK[found.verdict]):
        raise AssertionError(f"better without the source: {found.verdict}, {unrelated.verdict}")
    if unrelated.verdict != "unsupported":
        raise AssertionError(f"borne out by nothing: {unrelated.verdict}")
    return _said(found)[0]


def _said(claim: Claim) -> tuple[object, ...]:
    spans = [(citation.span.start, citation.span.end, citation.article.title) for citation in claim.citations]
    return claim.verdict, claim.score, spans, [(one.kind, one.claim, one.source) for one in claim.differences]


def _cited_rightly(text: str, found: Claim) -> None:
    for citation in found.citations:
        if citation.article.text[citation.span.start : citation.span.end] != citation.quote or not citation.quote:
            raise AssertionError(f"not what stands there: {citation.quote[:80]!r}")
    if (found.verdict == "unsupported") != (not found.citations):
        raise AssertionError(f"cited or not: {found.verdict} with {len(found.citations)} citations")
    if found.verdict == "quoted" and not any(_letters(text) in _letters(one.quote) for one in found.citations):
        raise AssertionError(f"no quotation: {text[:80]!r} of {found.citations[0].quote[:80]!r}")


def _letters(text: str) -> str:
    """Only letters and digits, however they are written; signs that only look like letters are left out."""
    plain = unicodedata.normalize(
        "NFKD", "".join(char for char in text if not unicodedata.category(char).startswith("S"))
    )
    folded = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(char for char in folded if char.isalnum())


def _without(claim: str) -> str:
    """A text of words that the claim has none of."""
    letters = [one for one in "bcdfghjklmpqrtvwxz" if one not in claim.casefold()] or ["zqx"]
    words = [f"{one}u{one}o{one}u{number}"[:7] for number, one in enumerate(letters[:8])]
    return f"{' '.join(word.rstrip('0123456789') + 'ish' for word in words)} glumphed."


def main() -> None:
    """Run from the command line."""
    parser = fuzzing.parser(__doc__)
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="folders with docs.jsonl")
    options = parser.parse_args()
    make = maker(texts(tuple(options.texts)))

    def slowest() -> str:
        seconds, kilo = BOUND.slowest
        return f"slowest {seconds:.2f} s of the processor, for {kilo:.1f} kB; at worst {BOUND.worst:.0%} of the bound"

    fuzzing.main(make, check, options, slowest)


if __name__ == "__main__":
    main()
