"""Article -> sentences and passages with exact offsets.

Sentence boundaries come from sentencex (Wikimedia's segmenter, rules and abbreviations for some 300 languages), which
returns offsets. What it does not know about news text is mended here: enumerators ("1.") belong to what they number,
a few titles ("Ms. Leavitt") end no sentence, a heading line is a sentence of its own, and no sentence is longer than
``LONGEST`` characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from toolkit.language.unicode import without_surrogates
from toolkit.types import Article, Passage, Span

TARGET = 900
"""Characters that a passage is filled up to: about 150 words, a few news paragraphs. By eye: the documents of the
retrieval sets at hand are hardly longer than one passage (``benchmarks/retrieval.py``), so they cannot tell."""

LONGEST = 1500
"""Characters after which a run without a sentence end is cut, at white space where there is some. By eye; it is for
tables and lists without full stops."""

_SHORT_TAIL = 200  # characters; a last passage that is shorter joins the one before it

_PARAGRAPH_END = re.compile(r"\n\s*\n")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z])[.)\]]|[-*•–—]")
_LONGEST_ENUMERATOR = len("(123)")
_HEADING = re.compile(r"(?<![^\n])#{1,6} [^\n]*")
_TITLES = ("Ms.", "Amb.", "Atty.", "Ft.", "approx.")
_LINE_END = re.compile("[\x85\u2028\u2029]")
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
_TITLE = re.compile(r"\b(?:Ms|Amb|Atty|Ft|approx)\.$")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)


_OTHER_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)


_LANGUAGE_FROM = 2_000  # characters at a text's beginning whose script is looked at
_SCRIPT_SHARE = 0.3  # of the letters that must be of a script: news quotes other languages. By eye
_MIXED, _MIXED_SHARE = ("ja", "uk"), 0.02  # recognised by letters that make up only a part of their text. By eye


def guess_language(text: str) -> str:
    """The language whose sentence rules fit the script of the text's beginning, ``en`` for Latin script.

    This chooses abbreviations and full stops, nothing else; it does not tell French from English.
    """
    head = text[:_LANGUAGE_FROM]
    if head.isascii() or not _OTHER_SCRIPT.search(head):
        return "en"
    letters = sum(character.isalpha() for character in head)
    for language, pattern in _SCRIPTS:
        if letters and len(pattern.findall(head)) > letters * (_MIXED_SHARE if language in _MIXED else _SCRIPT_SHARE):
            return language
    return "en"


def sentence_bounds(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end.

    Args:
        text: Any text; line ends and control characters included.
        language: ISO 639-1 code; guessed from the script when not given.

    Returns:
        Pairs of code point offsets, end exclusive, in order, without the white space between sentences. They are
        disjoint, and every character that is not white space lies in one of them.
    """
    import sentencex

    language = without_surrogates(language) if language else guess_language(text)
    # A lone surrogate cannot be handed to a Rust string; any other single character keeps the offsets.
    clean = without_surrogates(text)
    # White space beyond ASCII between a letter and a full stop (“A .”) makes it panic.
    plain = _WIDE_SPACE.sub(" ", _LINE_END.sub("\n", clean))
    raw = [(b["start_index"], b["end_index"]) for b in sentencex.get_sentence_boundaries(language, plain)]
    bounds = _trimmed(clean, _split_headings(clean, _trimmed(clean, raw)))
    return list(_cut_long(clean, _join_split_off(clean, bounds)))


def split(article: Article, target: int = TARGET) -> tuple[Passage, ...]:
    """Pack the sentences of an article into passages.

    Args:
        article: Its text may be anything; an article of white space only has no passages.
        target: Characters that a passage is filled up to. A longer sentence is a passage of its own.

    Returns:
        Passages in order, disjoint, each a run of whole sentences. A paragraph's end past half the target closes a
        passage early, and a short last one joins the one before it.
    """
    groups: list[list[tuple[int, int]]] = []
    for start, end in sentence_bounds(article.text, article.language):
        if groups and _fits(article.text, groups[-1], start, end, target):
            groups[-1].append((start, end))
        else:
            groups.append([(start, end)])
    if len(groups) > 1:
        tail, before = groups[-1], groups[-2]
        if tail[-1][1] - tail[0][0] < _SHORT_TAIL and tail[-1][1] - before[0][0] <= target + _SHORT_TAIL:
            groups[-2:] = [before + tail]
    return tuple(_passage(article, group) for group in groups)


def _fits(text: str, group: list[tuple[int, int]], start: int, end: int, target: int) -> bool:
    if end - group[0][0] > target:
        return False
    enough = group[-1][1] - group[0][0] >= target // 2
    return not (enough and _PARAGRAPH_END.search(text, group[-1][1], start))


def _passage(article: Article, group: list[tuple[int, int]]) -> Passage:
    span = article.span(group[0][0], group[-1][1])  # which checks that it is in the text
    return Passage(
        span=span,
        text=article.text[span.start : span.end],
        sentences=tuple([Span(article_id=article.id, start=start, end=end) for start, end in group]),
    )


def _split_headings(text: str, bounds: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cut before and after Markdown heading lines and at blank lines that the segmenter left inside a sentence."""
    for start, end in bounds:
        if text.find("\n", start, end) < 0:
            yield start, end
            continue
        cuts = {match.end() for match in _PARAGRAPH_END.finditer(text, start, end)}
        cuts |= {edge for match in _HEADING.finditer(text, start, end) for edge in match.span()}
        previous = start
        for cut in sorted(cuts):
            if previous < cut < end:
                yield previous, cut
                previous = cut
        yield previous, end


def _trimmed(text: str, bounds: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without the white space around each; those of white space only go."""
    trimmed = []
    for start, end in bounds:
        while start < end and text[end - 1].isspace():
            end -= 1
        while start < end and text[start].isspace():
            start += 1
        if start < end:
            trimmed.append((start, end))
    return trimmed


def _join_split_off(text: str, bounds: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join an enumerator to what it numbers, and a title that the segmenter does not know to its name."""
    joined: list[tuple[int, int]] = []
    for start, end in bounds:
        if joined:
            before_start, before_end = joined[-1]
            short = before_end - before_start <= _LONGEST_ENUMERATOR
            numbered = short and _ENUMERATOR.fullmatch(text, before_start, before_end)
            titled = text.endswith(_TITLES, before_start, before_end)
            if (
                (numbered or (titled and _TITLE.search(text[max(before_start, before_end - 8) : before_end])))
                and "\n\n" not in text[before_end:start]
            ):  # fmt: skip
                joined[-1] = (before_start, end)
                continue
        joined.append((start, end))
    return joined


def _cut_long(text: str, bounds: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in bounds:
        if end - start <= LONGEST:
            yield start, end
            continue
        cuts = [start]
        while end - cuts[-1] > LONGEST:
            limit = cuts[-1] + LONGEST
            cut = max(text.rfind(mark, cuts[-1] + LONGEST // 2, limit) for mark in (" ", "\n", "\t"))
            cuts.append(limit if cut < 0 else cut)
        yield from _trimmed(text, pairwise([*cuts, end]))
