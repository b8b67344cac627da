"""Whether what a sentence says of a day has happened or lies ahead, told from the verbs around the day's name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from toolkit.language import lexicon

Tense = Literal["past", "future"]

_REACH = 200  # characters before and behind a date in which its verb is looked for
_CLAUSE_END = re.compile(r"[.!?;:][\"”’)]*\s|\n\s*\n|[“”]|\s[—–]\s")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_AHEAD = frozenset(
    """will shall would may might could can should must won't plans planned planning scheduled due slated expected
    upcoming deadline intends going arranged tabled pencilled earmarked""".split()
)
_BE = frozenset("is are am be not now still".split())
_INVITING = frozenset("invited expected scheduled urged until".split())
_MODALS = frozenset("could can couldn't can't".split())
_GOVERNS_AHEAD = frozenset(
    """asked expected scheduled due set plan plans planned planning want wants wanted hope hopes hoped intend intends
    intended agreed agree agrees vowed promised promises pledged likely slated supposed need needs invited preparing
    prepares ready about is are was were be invite going ordered hoping aims aim aimed unlikely poised threatened
    threatens expects allowed summoned urged told""".split()
)
_NOT_PAST = frozenset(
    """need speed indeed hundred hundreds wicked united need seed weed feed breed creed bleed greed agreed-upon naked
    sacred ted fred red bed shed sled wed mohammed ahmed mohamed muhammad limited alleged supposed so-called
    cut set put hit let cost hurt shut split spread bet cast read lead hid wound means mean left lay wind felt bound
    saw ground kept""".split()
)
_AMBIGUOUS_PAST = frozenset("cut set put hit let cost hurt shut split spread bet cast left saw felt kept".split())
_BEGINS = frozenset(
    """begins starts opens meets resumes ends expires arrives takes hosts plays votes returns begin start open
    meet resume expire arrive host play vote return travels travel visits gather gathers kicks convenes
    convene""".split()
)
_REPORTS = frozenset("says rejects announces denies confirms warns accuses vows pledges".split())
_BEFORE_NAMES = frozenset("the a an of in at by for from with its his her their this that some any no".split())


def tense_at(text: str, start: int, end: int) -> Tense | None:
    """The tense of the verb that a date at ``text[start:end]`` belongs to.

    The nearest verb before it in its clause decides (“said on Monday that he will resign on Friday”), or else the
    nearest one behind it (“On Friday, parliament will vote”).

    Args:
        text: A sentence, or more.
        start: Where the date begins.
        end: Where it ends.

    Returns:
        ``past``, ``future``, or None when no verb tells.
    """
    return _tense_between(text[max(0, start - _REACH) : start], text[end : end + _REACH])


@lru_cache(maxsize=1024)
def _tense_between(before: str, behind: str) -> Tense | None:
    cut = 0
    for match in _CLAUSE_END.finditer(before):
        cut = match.end()
    words = _words(before[cut:])
    found = _backwards(words)
    if found is not None:
        return found
    stop = _CLAUSE_END.search(behind)
    told = _forwards(_words(behind[: stop.start()] if stop else behind))
    return "future" if told is None and {"if", "unless"}.intersection(words) else told


def _backwards(words: list[str]) -> Tense | None:
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        before = words[index - 1] if index else ""
        after = words[index + 1 : index + 3]
        if word == "to" and after and after[0] != "the":
            if after[0] == "have":
                return "past"
            if before in _GOVERNS_AHEAD:
                return "future"
            continue
        tense = _of_verb(word, before, after)
        if tense is not None:
            return tense
        if word in _BEGINS and before not in _BEFORE_NAMES and before != "to":
            return "future"
    return None


def _forwards(words: list[str]) -> Tense | None:
    for index, word in enumerate(words[:14]):
        before = words[index - 1] if index else ""
        after = words[index + 1 : index + 3]
        if word in ("is", "are", "was", "were") and after and after[0] in (*_AHEAD, "to", "set", "likely"):
            return "future"
        tense = _of_verb(word, before, after)
        if tense is not None:
            return tense
        if word in _BEGINS and before not in _BEFORE_NAMES and before != "to":
            return "future"
    return None


def _of_verb(word: str, before: str, after: list[str]) -> Tense | None:
    if word in _MODALS:
        return "past" if word.endswith("'t") or after[:1] == ["not"] else "future"
    if word == "going" and before not in _BE and not before.endswith(("'re", "'s", "'m")):
        return None  # “voted against going on strike on Friday”: the vote was on Friday
    if word in _AHEAD or word.endswith("'ll"):
        return "future"
    if word == "set" and after[:1] == ["for"]:
        return "future"
    if word in ("was", "were", "had", "did", "wasn't", "weren't", "hadn't", "didn't"):
        return "future" if word in ("was", "were") and after[:1] == ["to"] else "past"
    if word in ("has", "have"):
        return None if not after else "future" if _INVITING.intersection(after) else "past"
    if word in ("is", "are") and after[:1] == ["to"]:
        return "future"
    return "past" if _past(word, before) else None


def _past(word: str, before: str) -> bool:
    if before in ("be", "being", "is", "are", "to"):  # “will be sentenced” says nothing past
        return False
    if word in _NOT_PAST and not (word in _AMBIGUOUS_PAST and before not in _BEFORE_NAMES):
        return False
    if word in lexicon.IRREGULAR_PAST:
        return True
    return len(word) > 3 and word.endswith("ed") and before not in ("the", "a", "an", "newly")


def has_happened(text: str) -> bool:
    """Whether a verb of the text tells what has happened, or what is said or done at present."""
    words = _words(text)
    return any(
        _of_verb(word, words[i - 1] if i else "", words[i + 1 : i + 3]) == "past" or word in _REPORTS
        for i, word in enumerate(words)
    )


def lies_ahead(text: str) -> bool:
    """Whether a verb of the text tells what is planned."""
    words = _words(text)
    return any(
        _of_verb(word, words[i - 1] if i else "", words[i + 1 : i + 3]) == "future" or word in _BEGINS
        for i, word in enumerate(words)
    )


def _words(text: str) -> list[str]:
    """The words in small letters, but for “May”, “Will” and “March”, which capitals make names."""
    found = (match.group().replace("’", "'") for match in _WORD.finditer(text))
    return [word if word in ("May", "Will", "March", "Read") else word.lower() for word in found]
