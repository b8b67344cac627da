"""Do copies, cuts and updates of one text come together, and nothing else? On copies made of real articles.

    python benchmarks/copies.py DATA [--half tune|report|both]

DATA is a folder with ``summarization/frank_cnndm_xsum/articles.jsonl`` and, if it is there, ``near_dup/lee``. Of every
article a copy is made by each kind of edit; for each kind, the articles and these copies go into a library of their
own, so that no other copy leads from one to the other, and ``library.duplicates()`` is asked. Recall is the share of
copies that are in their article's group; a false merge is a pair of different articles in one group. Two
of the 499 articles are two editions of one report: they are listed, for everybody to read. Beside it, in the same run,
plain MinHash with 128 permutations over runs of four words, every pair at or over a Jaccard threshold, by rensa and by
datasketch's LSH. Articles are parted in halves by a hash of their id: thresholds were chosen on the first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, combinations
from pathlib import Path

from toolkit import Library
from toolkit.copies import article_words
from toolkit.types import Article

STYLE = {
    "per cent": "percent", "said": "says", "told": "has told", "defence": "defense", "organisation": "organization",
    "favourite": "favorite", "more than": "over", "did not": "didn't", "is not": "isn't", "one": "1", "two": "2",
    "three": "3", "Mr ": "", "Mrs ": "", "however": "but", "also": "too", "around": "about", "UK": "U.K.", "US": "U.S.",
}  # fmt: skip
OTHER = "big small late early good main local former senior public new major recent likely clear".split()
BOILERPLATE = (
    "Sign up to our free daily newsletter and get the latest headlines sent straight to your inbox every morning. "
    "By signing up you agree to our terms of service and privacy policy. We use cookies to improve your experience on "
    "this site and to show you advertising that is relevant to you. You can unsubscribe at any time by following the "
    "link at the bottom of each message. Follow us on social media for more stories like this one."
)


def sentences(text: str) -> list[str]:
    """Parts of a text that end in a full stop; some of these articles have no space after it."""
    return [part for part in re.split(r"(?<=[.!?])\s+|(?<=[a-z)][.!?])(?=[A-Z'\"])", text) if part]


def words_replaced(text: str, rng: random.Random, share: float) -> str:
    """Typing errors, words left out, words put in the place of others."""
    words = text.split(" ")
    for place in rng.sample(range(len(words)), max(1, int(share * len(words)))):
        word = words[place]
        roll = rng.random()
        if roll < 0.4 and len(word) > 4:  # a typing error
            at = rng.randrange(1, len(word) - 2)
            words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif roll < 0.6:
            words[place] = ""
        elif word.islower():
            words[place] = rng.choice(OTHER)
    return " ".join(word for word in words if word)


def styled(text: str, rng: random.Random) -> str:
    """Another house style."""
    for old, new in STYLE.items():
        text = re.sub(rf"\b{re.escape(old)}\b" if old[-1] != " " else rf"\b{re.escape(old)}", new, text)
    return text.replace("'", "’").replace(" - ", " — ")


def cut(share: float) -> Callable[[str, random.Random], str]:
    """Leave out so much of the end, at the end of a sentence."""

    def cutting(text: str, rng: random.Random) -> str:
        parts = sentences(text)
        kept, left = [], (1 - share) * len(text)
        for part in parts:
            if kept and left < len(part) / 2:
                break
            kept.append(part)
            left -= len(part)
        return " ".join(kept)

    return cutting


def agency(text: str, rng: random.Random) -> str:
    """A headline, a dateline, credits and a copyright line."""
    city, name = rng.choice(["LONDON", "PARIS", "NEW YORK"]), rng.choice(["Reuters", "AP", "AFP"])
    writers = "(Reporting by Jo Marsh and Lee Brand; Editing by Kim Hall)"
    first = " ".join(article_words(text)[:9]).title()
    return f"{first}\n\n{city} ({name}) - {text}\n\n{writers}\n\nCopyright 2015 {name}. All rights reserved."


def boilerplate(text: str, rng: random.Random) -> str:
    """A paragraph of the site at the beginning, in the middle or at the end."""
    parts = sentences(text)
    parts.insert(rng.choice([0, len(parts) // 2, len(parts)]), BOILERPLATE)
    return " ".join(parts)


def merged(text: str, rng: random.Random) -> str:
    """Paragraphs parted and joined otherwise, captions and cross-headings in between."""
    parts: list[str] = []
    for place, sentence in enumerate(sentences(text)):
        parts.append(sentence + rng.choice([" ", " ", "\n\n", "\n"]))
        if place % 6 == 5:
            parts.append(
                rng.choice(["\n\nWhat happens next\n\n", "\n\nRead more: the full story\n\n", "\n\n* * *\n\n"])
            )
    return "".join(parts)


def quotes(text: str, rng: random.Random) -> str:
    """What stands in quotation marks cut short, turned into indirect speech, or left out."""
    said = re.compile(r"(?<!\w)['\"“‘]([^'\"“”‘’]{25,300})['\"”’](?!\w)")
    changed = said.sub(lambda found: "" if rng.random() < 0.4 else f"that {' '.join(found[1].split()[2:])},", text)
    return changed if changed != text else words_replaced(text, rng, 0.04)


def dropped(text: str, rng: random.Random) -> str:
    """Three sentences of ten left out."""
    parts = sentences(text)
    return " ".join(part for part in parts if rng.random() > 0.3) or text


def updated(text: str, rng: random.Random) -> str:
    """Another first paragraph, and every third number another one."""
    lead = "Officials gave new figures on Friday evening as more details of the case became known to reporters. "
    text = re.sub(r"\d+", lambda n: str(int(n[0]) + 1) if rng.random() < 0.33 and len(n[0]) < 10 else n[0], text)
    return lead + text


def everything(text: str, rng: random.Random) -> str:
    """Another style, some words replaced, the end cut, an agency's lines."""
    return agency(cut(0.3)(words_replaced(styled(text, rng), rng, 0.03), rng), rng)


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "words replaced, 2 %": lambda text, rng: words_replaced(text, rng, 0.02),
    "words replaced, 5 %": lambda text, rng: words_replaced(text, rng, 0.05),
    "words replaced, 10 %": lambda text, rng: words_replaced(text, rng, 0.10),
    "house style": styled,
    "last 30 % cut": cut(0.30),
    "last 45 % cut": cut(0.45),
    "last 60 % cut": cut(0.60),
    "agency lines, headline": agency,
    "boilerplate added": boilerplate,
    "paragraphs merged": merged,
    "quotes changed": quotes,
    "sentences dropped, 30 %": dropped,
    "update: lead, numbers": updated,
    "style + 3 % + cut + agency": everything,
}
Found = Mapping[str, str]  # id -> group


def ours(texts: Mapping[str, str]) -> Iterator[tuple[str, Found]]:
    """By ``library.duplicates()``."""
    with Library() as library:
        library.add([Article(id=key, text=text) for key, text in texts.items()])
        yield "citebook", {one.id: group.id for group in library.duplicates() for one in group.articles}


def joined(keys: Iterable[str], pairs: Iterable[tuple[str, str]]) -> Found:
    """The group of each key, from pairs."""
    above = {key: key for key in keys}

    def root(key: str) -> str:
        while above[key] != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    for a, b in pairs:
        above[root(a)] = root(b)
    return {key: root(key) for key in above}


def runs(text: str) -> list[str]:
    """The runs of four words of a text."""
    words = article_words(text)
    return [" ".join(words[n : n + 4]) for n in range(max(1, len(words) - 3))]


def by_rensa(texts: Mapping[str, str], thresholds: Iterable[float]) -> Iterator[tuple[str, Found]]:
    """Every pair over an estimated similarity."""
    import numpy as np
    import rensa

    keys = list(texts)
    matrix = rensa.RMinHash.digest_matrix_from_token_sets([runs(text) for text in texts.values()], 128, 1)
    rows = np.array(matrix.to_rows(), np.uint32)
    likest = [(n, (rows[n + 1 :] == rows[n]).mean(axis=1)) for n in range(len(keys) - 1)]
    for threshold in thresholds:
        pairs = [(keys[n], keys[n + 1 + m]) for n, like in likest for m in np.flatnonzero(like >= threshold).tolist()]
        yield f"rensa, J >= {threshold}", joined(keys, pairs)


def by_datasketch(texts: Mapping[str, str], thresholds: Iterable[float]) -> Iterator[tuple[str, Found]]:
    """Every pair that the library's own index returns."""
    from datasketch import MinHash, MinHashLSH

    sketches = {}
    for key, text in texts.items():
        sketches[key] = MinHash(128)
        sketches[key].update_batch([run.encode() for run in runs(text)])
    for threshold in thresholds:
        index = MinHashLSH(threshold, 128)
        for key, sketch in sketches.items():
            index.insert(key, sketch)
        pairs = [(key, other) for key, sketch in sketches.items() for other in index.query(sketch)]
        yield f"datasketch LSH {threshold}", joined(texts, pairs)


def measured(found: Found, keys: Iterable[str]) -> tuple[float, list[tuple[str, str]]]:
    """Recall, and the pairs of different articles that came together."""
    pairs = [(key, f"{key}#") for key in keys]
    recall = sum(found.get(a, a) == found.get(b, b) for a, b in pairs) / len(pairs)
    together: dict[str, set[str]] = defaultdict(set)
    for key, group in found.items():
        together[group].add(key.removesuffix("#"))
    return recall, [pair for some in together.values() for pair in combinations(sorted(some), 2)]


def run(articles: Mapping[str, str], label: str) -> None:
    """Print the table: of each kind of edit, all articles with one copy each."""
    print(f"\n{label}: {len(articles)} articles, and for each kind of edit a copy of every one")
    for number, kind in enumerate(EDITS, 1):
        print(f"  ({number}) {kind}")
    recalls: dict[str, list[float]] = defaultdict(list)
    merged: dict[str, set[tuple[str, str]]] = defaultdict(set)
    took: dict[str, float] = defaultdict(float)
    for kind, edit in EDITS.items():
        copies = {f"{key}#": edit(text, random.Random(f"{key} {kind}")) for key, text in articles.items()}
        started = time.perf_counter()
        methods = chain(ours({**articles, **copies}), *(p({**articles, **copies}, THRESHOLDS) for p in PEERS))
        for name, found in methods:
            recall, wrong = measured(found, articles)
            recalls[name].append(recall)
            merged[name].update(wrong)
            took[name] += time.perf_counter() - started
            started = time.perf_counter()
    print(f"{'':<21} recall  least  false  " + " ".join(f"{f'({n})':<5}" for n in range(1, len(EDITS) + 1)))
    for name, values in recalls.items():
        row = " ".join(f"{value:.3f}" for value in values)
        print(f"{name:<21} {sum(values) / len(values):.4f}  {min(values):.3f}  {len(merged[name]):>5}  {row}")
    print(f"citebook took {took['citebook']:.1f} s in all, with indexing and telling the differences")
    for a, b in sorted(merged["citebook"]):
        print(f"  citebook put together {a} and {b}")


def natural(name: str, articles: Mapping[str, str]) -> None:
    """Groups among articles as they are, to be read by hand."""
    with Library() as library:
        library.add([Article(id=key, text=text) for key, text in articles.items()])
        groups = library.duplicates()
    print(f"\n{name}: {len(articles)} articles as they are, {len(groups)} groups")
    for group in groups:
        for copy in group.copies:
            changes = f" ({', '.join(copy.changes)})" if copy.changes else ""
            one = copy.article
            print(f"  {copy.difference:<9} {copy.share:.2f} {one.id[-14:]:<14} {one.text[:70]!r}{changes}")
        print()


THRESHOLDS = (0.3, 0.5, 0.7, 0.8)
PEERS = (by_rensa, by_datasketch)


def read(path: Path, field: str) -> dict[str, str]:
    """A field of the rows of a file, by id."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {row["id"]: row[field] for row in rows}


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--half", choices=("tune", "report", "both"), default="report")
    given = parser.parse_args()
    every = read(given.data / "summarization/frank_cnndm_xsum/articles.jsonl", "article")
    halves: dict[str, dict[str, str]] = {"tune": {}, "report": {}}
    for key, text in every.items():
        halves["tune" if hashlib.sha256(key.encode()).digest()[0] % 2 else "report"][key] = text
    if given.half == "both":
        run(every, "all articles")
    else:
        run(halves[given.half], f"the half to {given.half}")
    natural("frank_cnndm_xsum", every)
    lee = given.data / "near_dup/lee"
    if lee.is_dir():
        texts = read(lee / "docs.jsonl", "text") | read(lee / "background.jsonl", "text")
        natural("lee", texts)
        alike = [json.loads(line) for line in (lee / "pairs.jsonl").read_text("utf-8").splitlines()]
        same = [row for row in alike if row["similarity"] >= 0.9]
        shared = [len(set(runs(texts[r["a"]])) & set(runs(texts[r["b"]]))) for r in same]
        print(
            f"lee: of {len(same)} pairs that people rated 0.9 or more, {sum(map(bool, shared))} share a run of 4 words"
        )


if __name__ == "__main__":
    main()
