"""The verb ``duplicates``: which articles come from one text, and how each differs from the original."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TypeVar

from toolkit.copies import DENIALS, article_words, number_in
from toolkit.thresholds import CUT_SHARE, REWORDED_WORDS
from toolkit.types import Article
from toolkit.types.copies import Copy, CopyGroup, CopyGroups, Difference, original_first

if TYPE_CHECKING:
    from toolkit.store import Store

T = TypeVar("T", str, tuple[str, ...])

_SENTENCE = re.compile(r"(?<=[.!?。！？])[\"'”’»)\]]*\s+|(?<=[。！？])|\n+")
_TOKEN = re.compile(r"[^\W_]+(?:[.,:][0-9]+)*")
_NEAR = 12  # words between which a number took another's place, or a denial came or went; by eye
_SHOWN = 8  # changes
_MANY = 1_000_000  # pairs of words from which difflib passes over frequent ones, which is faster and less exact


def duplicates(store: Store) -> CopyGroups:
    """The story copy groups of a library, the largest first.

    Args:
        store: Of the library. What is not known of it yet is found out, and written where it may be written to.
    """
    found = []
    for ids in store.groups.every():
        articles = store.articles(ids)
        if len(articles) > 1:  # one may have gone since
            first, *others = original_first(articles.values())
            copies = [Copy(article=first, difference="original"), *(compared(first, other) for other in others)]
            found.append(CopyGroup(id=min(articles), copies=tuple(copies)))
    return CopyGroups(sorted(found, key=lambda group: (-len(group.copies), group.id)))


def compared(original: Article, article: Article) -> Copy:
    """How an article differs from the original of its group.

    Sentences that both have, wherever, are set aside, and what is left is compared word by word, by the longest runs
    in common (Ratcliff and Metzener 1988).
    """
    if article_words(original.text) == article_words(article.text):
        return Copy(article=article, difference="identical")
    before, after = _sentences(original.text), _sentences(article.text)
    words, both = sum(map(len, before)), set(before) & set(after)
    before, after = ([sentence for sentence in some if sentence not in both] for some in (before, after))
    missing = added = 0
    changes: dict[str, None] = {}
    for old, new in _blocks(before, after):
        places = list(_blocks(old, new))
        gone, come = (sum(len(place[side]) for place in places) for side in (0, 1))
        missing, added = missing + gone, added + come
        # Else these are not two forms of the same sentences.
        if len(old) - gone >= REWORDED_WORDS * min(len(old), len(new)):
            changes |= dict.fromkeys(change for place in places for change in _changes(*place))
    share = 1 - missing / words if words else 1.0
    return Copy(
        article=article,
        difference=_kind(bool(changes), missing, added, words),
        changes=tuple(changes)[:_SHOWN],
        share=share,
    )


def _kind(changed: bool, missing: int, added: int, words: int) -> Difference:
    if changed:
        return "update"
    if missing - added >= CUT_SHARE * words:
        return "cut"
    return "extended" if added - missing >= CUT_SHARE * words else "edited"


def _changes(gone: Sequence[str], come: Sequence[str]) -> Iterator[str]:
    """Numbers that took another's place, and denials that came or went, in one short place of the text.

    A whole sentence that was cut or added changes nothing that the other says.
    """
    if max(len(gone), len(come)) > _NEAR:
        return
    old, new = ([word for word in words if number_in(word)] for words in (gone, come))
    if old and new and list(map(number_in, old)) != list(map(number_in, new)):
        yield f"{' '.join(old)} → {' '.join(new)}"
    before, after = ([word for word in words if word in DENIALS] for words in (gone, come))
    yield from (f"− {_written(word)}" for word in before if word not in after)
    yield from (f"+ {_written(word)}" for word in after if word not in before)


def _written(word: str) -> str:
    return "n’t" if word == "t" else word


def _sentences(text: str) -> list[tuple[str, ...]]:
    parts = (tuple(_TOKEN.findall(part.casefold())) for part in _SENTENCE.split(text))
    return [part for part in parts if part]


def _blocks(before: Sequence[T], after: Sequence[T]) -> Iterator[tuple[list[str], list[str]]]:
    """What stands in one only, place by place; of sentences, their words."""
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) * len(after) > _MANY)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield _words(before[a:b]), _words(after[c:d])


def _words(parts: Sequence[str | tuple[str, ...]]) -> list[str]:
    return [word for part in parts for word in ((part,) if isinstance(part, str) else part)]
