"""Which texts are copies of each other, such as one wire story that several papers print under titles of their own.

The measure is Broder's containment (1997): the share of the shorter text's runs of ``RUN`` words that the longer one
has too. But two versions of a story that differ in one figure, one name or one "not" share nearly all runs, and the
difference is what a reader must see. So a copy must have the other's numbers, no name that it lacks, and deny as much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from toolkit.retrieval.queries import words_of

RUN = 4
"""Words in a run."""

SHARED = 0.8
"""Containment from which a text is a copy. Editors cut and reword: a changed word breaks four runs."""

SOME = 0.6
"""Share of a copy's words, as white space parts them, that its original has at least."""

_RAW_WORD = re.compile(r"[^\W_]+")
_DENIALS = frozenset(
    "no not never none nobody nothing neither nor without cannot cant wont dont didnt doesnt isnt wasnt arent werent "
    "wouldnt couldnt denied denies deny false falsely refused refuses refuse rejected rejects reject hardly t".split()
)


@dataclass(frozen=True, slots=True)
class Print:
    """What is compared of a text.

    Attributes:
        runs: Its runs of words; the words themselves when there are fewer than ``RUN``.
        names: Its words with capitals (all words, in scripts that have none).
        numbers: Its words with digits.
        denials: The words that deny, each as often as it stands there.
    """

    runs: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    denials: tuple[str, ...]


@lru_cache(maxsize=2_000)
def fingerprint(text: str) -> Print:
    """What is compared of a text."""
    words = words_of(text)
    runs = {" ".join(words[n : n + RUN]) for n in range(max(1, len(words) - RUN + 1))}
    numbers = frozenset(word for word in words if any(map(str.isdigit, word)))
    names = {word for raw in _RAW_WORD.findall(text) if not raw.islower() for word in words_of(raw)}
    denials = sorted(word for word in words if word in _DENIALS)
    return Print(frozenset(runs - {""}), frozenset(names) - numbers, numbers, tuple(denials))


@lru_cache(maxsize=2_000)
def _raw_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def forget() -> None:
    """Let go of the texts that were compared, which are remembered otherwise for as long as the process lives."""
    fingerprint.cache_clear()
    _raw_words.cache_clear()


def containment(one: str, other: str) -> float:
    """The share of the shorter text's runs of words that stand in the longer one too, 0 to 1.

    Two texts without words contain each other.
    """
    a, b = fingerprint(one).runs, fingerprint(other).runs
    shorter = min(len(a), len(b))
    return len(a & b) / shorter if shorter else float(len(a) == len(b))


def adds_nothing(text: str, shown: str) -> bool:
    """Whether a reader who has seen ``shown`` learns nothing from ``text``.

    That is: at least ``SHARED`` of its runs stand in ``shown``, so does every name, both have the same numbers, and
    the same words deny in both. Not symmetric: ``shown`` may say more.

    Args:
        text: The one that may be left out.
        shown: The one that stays.
    """
    if text == shown:
        return True
    some, others = _raw_words(text), _raw_words(shown)
    if len(some & others) < SOME * len(some):  # most pairs are settled here, at a tenth of the cost
        return False
    a, b = fingerprint(text), fingerprint(shown)
    if a.denials != b.denials or a.numbers != b.numbers or not a.names <= b.names:
        return False
    return len(a.runs & b.runs) >= SHARED * max(1, len(a.runs))
