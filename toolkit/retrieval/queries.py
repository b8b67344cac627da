"""The operators of a search query: ``"exact phrase"``, ``-word``, ``publisher:Name``.

Only :meth:`toolkit.Library.search` and a summary's query read them. A question and a claim are taken as they stand:
somebody who asks what "never again" referred to does not say that the answer contains these words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_WORD = re.compile(r"[^\W_]+")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""A character of the scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

_OPERATOR = re.compile(
    r"""(?<![^\s(])(?P<minus>[-\u2212](?=["“„«»\w]))?(?P<publisher>publisher:(?:[^\S\r\n]+(?=["“„«»\w])(?!publisher:))?)?
        (?:["“„«»](?P<phrase>[^"“”„«»]*)["”“»«](?!\w)|(?P<word>[^\s"“”„«»()]+))""",
    re.VERBOSE | re.IGNORECASE,
)


def words_of(text: str) -> list[str]:
    """The words of a text without case and accents, in order; numbers too, punctuation parts them."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return _WORD.findall(text.casefold())


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other, in this form: no stemming, accents count; case and what parts them do not.

    In scripts that put no spaces between words (Chinese, Japanese, Thai and others) it may stand inside a longer word.

    Attributes:
        text: As it was written, without its quotes.
    """

    text: str

    @property
    def words(self) -> list[str]:
        """Its words as written."""
        return _WORD.findall(self.text)

    @property
    def unspaced(self) -> bool:
        """Whether its script puts no spaces between words."""
        return bool(UNSPACED.search(self.text))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = {unicodedata.normalize(form, self.text): None for form in ("NFC", "NFD")} | {self.text: None}
        if self.unspaced:
            patterns = [r"\s*".join(map(re.escape, form.split())) for form in forms]
        else:
            runs = (r"[\W_]+".join(_WORD.findall(form)) for form in forms)
            patterns = [r"(?<![^\W_])" + run + r"(?![^\W_])" for run in runs]
        return re.compile("|".join(patterns), re.IGNORECASE)

    def within(self, text: str, start: int = 0, end: int | None = None) -> bool:
        """Whether it stands in a text so that at least a part of it lies between two offsets."""
        end = len(text) if end is None else end
        room = 2 * len(self.text) + 200
        near = self._pattern.finditer(text, max(0, start - room), min(len(text), end + room))
        return any(match.start() < end and start < match.end() for match in near)


@dataclass(frozen=True, kw_only=True)
class Query:
    """A search query, taken apart.

    Attributes:
        text: What to look for: all words that are not operators, and those of the phrases.
        phrases: Each must stand in a passage or its article's title.
        without: None may.
        publishers: The article is of one of these, when there are any.
        without_publishers: It is of none of these.
    """

    text: str
    phrases: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()
    publishers: tuple[str, ...] = ()
    without_publishers: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it has no operators."""
        return not (self.phrases or self.without or self.publishers or self.without_publishers)

    def admits(self, title: str | None, text: str, start: int, end: int) -> bool:
        """Whether a passage may be found.

        Args:
            title: Of its article.
            text: Of its article.
            start: Where the passage begins.
            end: Where it ends. A phrase may run over its ends; an excluded one must lie inside.
        """
        return all(
            phrase.within(text, start, end) or (title is not None and phrase.within(title)) for phrase in self.phrases
        ) and not any(
            phrase.within(text[start:end]) or (title is not None and phrase.within(title)) for phrase in self.without
        )


def parse(query: str) -> Query:
    """Read the operators of a query.

    ``"some words"`` (typographic quotes too) must stand there as they are; ``-word`` and ``-"some words"`` must not.
    ``publisher:Reuters`` or ``publisher:"Harbour Wire"`` is the article's publisher, whole and in any case; several are
    alternatives; with a minus none of them; a blank may follow the colon. An operator begins a word: "well-known" has
    none. Whatever makes no sense as an operator, such as a quote that is not closed, is taken as the words that it
    contains.

    Args:
        query: Anything.

    Returns:
        The query taken apart; nothing in ``query`` is an error.
    """
    kept: list[str] = []
    found: dict[str, list[str]] = {"phrase": [], "-phrase": [], "publisher": [], "-publisher": []}
    for before, match in _operators(query):
        kept.append(before)
        if match is None:
            continue
        body = match["phrase"] if match["phrase"] is not None else match["word"]
        quoted = match["phrase"] is not None
        if not _WORD.search(body):
            kept.append(" " if quoted else match[0])
        elif match["publisher"]:
            name = body.strip() if quoted else body.rstrip(",;")
            found["-publisher" if match["minus"] else "publisher"].append(name)
        elif match["minus"]:
            found["-phrase"].append(body)
        elif quoted:
            found["phrase"].append(body)
            kept.append(f" {body} ")
        else:
            kept.append(match[0])
    return Query(
        text=" ".join("".join(kept).split()),
        phrases=tuple(map(Phrase, dict.fromkeys(found["phrase"]))),
        without=tuple(map(Phrase, dict.fromkeys(found["-phrase"]))),
        publishers=tuple(dict.fromkeys(found["publisher"])),
        without_publishers=tuple(dict.fromkeys(found["-publisher"])),
    )


def _operators(query: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """What may be an operator, each with what stands before it; the rest comes last, with None."""
    end = 0
    for match in _OPERATOR.finditer(query):
        yield query[end : match.start()], match
        end = match.end()
    yield query[end:], None
