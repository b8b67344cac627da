"""Measure what is read from pages: article text, titles, dates, speed; beside trafilatura in the same run.

    python benchmarks/extraction.py DATA [--bootstrap 1000] [--errors]

DATA holds ``extraction/aeb``: 181 pages of the public article-extraction-benchmark of Scrapinghub (Zyte), with the
article's text. Text is measured as that benchmark does: shingles of four words, of which the hits, extras and misses of
a page are counted and divided by their sum; precision and recall are averaged over pages, F1 is that of the averages,
and the interval is 1.96 standard deviations over bootstrap samples of pages.

The rules about text were written with an eye on the pages of even number (the first, third ... line); those of odd
number are reported apart. One rule, which joins articles that are cut into like elements, came from reading odd pages:
without it they score 0.9626.

The set knows no titles and dates. ``extraction_labels.jsonl`` beside this file holds those of 100 pages, labelled from
what the pages show: the headline, and the day of publication where readers see it. Of these, 60 (``seen``) were looked
at while the rules were written; 40 (``unseen``, all of odd number) were labelled afterwards and changed nothing. A date
is right on the same day, or right up to the time zone when the moment read lies on that day somewhere on earth.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from toolkit.articles.html import read_page
from toolkit.errors import SourceError

SEED = 20261123
_WORD = re.compile(r"\w+")
_DECLARES_A_DATE = re.compile(
    rb"datePublished|published_time|parsely-pub-date|sailthru\.date|dc\.date|publish-?date|article[.:]published", re.I
)


@dataclass(frozen=True)
class Page:
    """A page and the article on it."""

    id: str
    url: str
    html: bytes
    text: str


@dataclass(frozen=True)
class Counts:
    """Hits, extras and misses of one page, as shares of their sum."""

    hits: float
    extras: float
    misses: float


def pages(folder: Path) -> list[Page]:
    """The pages of the benchmark, in their order."""
    found = []
    with (folder / "pages.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            html = gzip.decompress((folder / record["file"]).read_bytes())
            found.append(Page(id=record["id"], url=record["url"], html=html, text=record["articleBody"]))
    return found


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of four words; a text of fewer words is one run."""
    words = _WORD.findall(text)
    return Counter(run for start in range(max(1, len(words) - size + 1)) if (run := tuple(words[start : start + size])))


def compare(true: str, read: str) -> Counts:
    """How the shingles of two texts agree."""
    wanted, found = shingles(true), shingles(read)
    hits = (wanted & found).total()
    extras, misses = found.total() - hits, wanted.total() - hits
    whole = hits + extras + misses or 1
    return Counts(hits / whole, extras / whole, misses / whole)


def scores(counted: Sequence[Counts]) -> tuple[float, float, float]:
    """F1, precision and recall; pages without an article, or where none was found, count in one of them only."""
    precision = statistics.mean(c.hits / (c.hits + c.extras) for c in counted if c.hits + c.extras > 0)
    recall = statistics.mean(c.hits / (c.hits + c.misses) for c in counted if c.hits + c.misses > 0)
    return 2 * precision * recall / (precision + recall), precision, recall


def interval(counted: Sequence[Counts], samples: int) -> float:
    """Half the width of the 95 % interval of F1."""
    rng = random.Random(SEED)
    return 1.96 * statistics.stdev(scores(rng.choices(counted, k=len(counted)))[0] for _ in range(samples))


def ours(page: Page) -> dict[str, Any]:
    """What this project reads."""
    try:
        return read_page(page.html, page.url, page.url)
    except SourceError:
        return {"text": ""}


def trafilatura_defaults(page: Page) -> dict[str, Any]:
    """Trafilatura as its manual calls it first."""
    import trafilatura

    return {"text": trafilatura.extract(page.html) or ""}


def trafilatura_without_comments(page: Page) -> dict[str, Any]:
    """As the benchmark's own table calls it, with titles and dates."""
    import trafilatura

    document = trafilatura.bare_extraction(page.html, url=page.url, include_comments=False, with_metadata=True)
    if document is None or isinstance(document, dict):
        return {"text": ""}
    return {"text": document.text or "", "title": document.title, "published": document.date}


def trafilatura_baseline(page: Page) -> dict[str, Any]:
    """All paragraphs of the page."""
    import trafilatura

    return {"text": trafilatura.baseline(page.html)[1]}


READERS: dict[str, Callable[[Page], dict[str, Any]]] = {
    "ours": ours,
    "trafilatura, no comments": trafilatura_without_comments,
    "trafilatura.extract": trafilatura_defaults,
    "trafilatura.baseline": trafilatura_baseline,
}


def alike(title: str | None, wanted: str) -> bool:
    """Whether two titles are the same but for case, quotation marks, dashes and blanks."""
    return _letters(title or "") == _letters(wanted)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def same_day(found: Any, wanted: str | None, anywhere: bool) -> bool:
    """Whether a date is of the day; ``anywhere``: in some time zone on earth."""
    if found is None or wanted is None:
        return found is None and wanted is None
    moment = datetime.fromisoformat(found) if isinstance(found, str) else found
    day = date.fromisoformat(wanted)
    if moment.date() == day:
        return True
    if not anywhere or (moment.tzinfo is None and not (moment.hour or moment.minute)):
        return False
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return any((aware + timedelta(hours=hours)).replace(tzinfo=None).date() == day for hours in (-12, 14))


def report_text(name: str, counted: Sequence[Counts], seconds: float, samples: int) -> None:
    """Print how well the text was found."""
    whole, even, odd = scores(counted), scores(counted[::2]), scores(counted[1::2])
    print(
        f"{name:26} F1 {whole[0]:.4f} ± {interval(counted, samples):.3f}  precision {whole[1]:.4f} "
        f" recall {whole[2]:.4f}   even {even[0]:.4f}  odd {odd[0]:.4f}   {len(counted) / seconds:5.1f} pages/CPU s"
    )


def report_labels(
    name: str, found: dict[str, dict[str, Any]], labels: list[dict[str, Any]], declares: set[str], errors: bool
) -> None:
    """Print how many titles and dates are right."""
    for split in ("seen", "unseen"):
        chosen = [label for label in labels if label["split"] == split]
        titles = sum(alike(found[label["id"]].get("title"), label["title"]) for label in chosen)
        parts = [f"titles {titles}/{len(chosen)}"]
        for kind, declared in (("a declared date", True), ("no declared date", False)):
            some = [label for label in chosen if (label["id"] in declares) is declared]
            day = sum(same_day(found[label["id"]].get("published"), label["date"], False) for label in some)
            zone = sum(same_day(found[label["id"]].get("published"), label["date"], True) for label in some)
            parts.append(f"{kind}: {day}/{len(some)} on the day, {zone}/{len(some)} up to the time zone")
        print(f"{name:26} {split:6} " + "; ".join(parts))
        for label in chosen if errors else ():
            read = found[label["id"]]
            if not alike(read.get("title"), label["title"]):
                print(f"    {label['id'][:10]} title {read.get('title')!r}, not {label['title']!r}")
            if not same_day(read.get("published"), label["date"], True):
                print(f"    {label['id'][:10]} date {read.get('published')}, not {label['date']}")


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, help="the folder that holds extraction/aeb")
    parser.add_argument("--bootstrap", type=int, default=1000, help="bootstrap samples (1000)")
    parser.add_argument("--errors", action="store_true", help="show each wrong title and date of ours")
    options = parser.parse_args()
    articles = pages(options.data / "extraction" / "aeb")
    with Path(__file__).with_name("extraction_labels.jsonl").open(encoding="utf-8") as lines:
        labels = [json.loads(line) for line in lines]
    declares = {page.id for page in articles if _DECLARES_A_DATE.search(page.html)}
    read: dict[str, dict[str, dict[str, Any]]] = {}
    print(f"{len(articles)} pages; text by shingles of four words")
    for name, reader in READERS.items():
        reader(articles[0])  # imports are not part of the speed
        began = time.process_time()
        read[name] = {page.id: reader(page) for page in articles}
        seconds = time.process_time() - began
        counted = [compare(page.text, read[name][page.id]["text"]) for page in articles]
        report_text(name, counted, seconds, options.bootstrap)
    print(f"\ntitles and dates of {len(labels)} labelled pages")
    for name in ("ours", "trafilatura, no comments"):
        report_labels(name, read[name], labels, declares, options.errors and name == "ours")


if __name__ == "__main__":
    main()
