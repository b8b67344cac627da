"""Which texts are copies of each other, such as one wire story that several papers print under titles of their own.

The measure is Broder's containment (1997): the share of the shorter text's runs of ``RUN`` words that the longer one
has too. But two versions of a story that differ in one figure, one name or one "not" share nearly all runs, and the
difference is what a reader must see. So a copy must have the other's numbers, no name that it lacks, and deny as much.

That is asked of passages, of which one is shown for both (:func:`adds_nothing`). Of whole articles another thing is
asked (:func:`same_text`): do they come from one text, cut, edited or brought up to date? Those that do, and all that
others lead to, are one *story copy group*: its updates are all shown, but they are one source, not several.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from toolkit.language import lexicon
from toolkit.retrieval.queries import UNSPACED, words_of
from toolkit.thresholds import (
    COPIED_RUNS,
    COPIED_WORDS,
    ONE_TEXT_BEGINNING,
    ONE_TEXT_COMMON,
    ONE_TEXT_CONTAINED,
    ONE_TEXT_HEAD_NAMES,
    ONE_TEXT_HEAD_WORDS,
    ONE_TEXT_LEAD,
    ONE_TEXT_NAMES,
    ONE_TEXT_NUMBERS,
    ONE_TEXT_RUNS,
    ONE_TEXT_WHOLE,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RUN = 4
"""Words in a run."""

BANDS = 64
"""Pairs of least hash values (bands of two rows) that an article's signature has."""

LIKELY = 2
"""Equal bands from which two articles are compared. Of two whose runs have a Jaccard similarity of J, a band is equal
with probability J squared: with J = .4 two or more are in .9997 of all pairs, with .003, as in unrelated news, in two
of ten million."""

_SEED = 20261123  # of the hash functions: any, but always the same
_AT_ONCE = 100  # articles whose runs are held at once, 70 kB each
_FEW = 3  # numbers or names; from fewer nothing is concluded
_RAW_WORD = re.compile(r"[^\W_]+")
_FIRST_WORD = re.compile(r"(?:\A|[.!?:\n])[\W_]*([^\W_]+)")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
DENIALS = frozenset(
    "no not never none nobody nothing neither nor without cannot cant wont dont didnt doesnt isnt wasnt arent werent "
    "wouldnt couldnt denied denies deny false falsely refused refuses refuse rejected rejects reject hardly t".split()
)
"""Words that deny; ``t`` is what is left of "don't"."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of a text.

    Attributes:
        runs: Its runs of words; the words themselves when there are fewer than ``RUN``.
        names: Its words with capitals (all words, in scripts that have none).
        numbers: Its words with digits, and its numbers in words as digits.
        denials: The words that deny, each as often as it stands there.
    """

    runs: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    denials: tuple[str, ...]


@lru_cache(maxsize=2_000)
def traits_of(text: str) -> Traits:
    """What is compared of a text."""
    words = words_of(text)
    runs = {" ".join(words[n : n + RUN]) for n in range(max(1, len(words) - RUN + 1))}
    numbers = frozenset(map(number_in, words)) - {""}
    names = {word for raw in _RAW_WORD.findall(text) if not raw.islower() for word in words_of(raw)}
    denials = sorted(word for word in words if word in DENIALS)
    return Traits(
        frozenset(runs - {""}),
        frozenset(names) - numbers - lexicon.NUMBER_WORDS.keys() - lexicon.MULTIPLIERS.keys(),
        numbers,
        tuple(denials),
    )


def number_in(word: str) -> str:
    """A number in digits, as it stands or from words (tolls are told in words); empty for other words and for “one”."""
    if word == "one":
        return ""
    if word in lexicon.MULTIPLIERS and len(word) > 2:  # two million are not two billion
        return word.removesuffix("s")
    if word in lexicon.NUMBER_WORDS:
        return f"{lexicon.NUMBER_WORDS[word]:g}"
    return word if any(map(str.isdigit, word)) else ""


@lru_cache(maxsize=2_000)
def _raw_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def forget() -> None:
    """Let go of the texts that were compared, which are remembered otherwise for as long as the process lives."""
    traits_of.cache_clear()
    _raw_words.cache_clear()


def adds_nothing(text: str, shown: str, shared: float = COPIED_RUNS) -> bool:
    """Whether a reader who has seen ``shown`` learns nothing from ``text``.

    That is: at least ``shared`` of its runs stand in ``shown``, so does every name, both have the same numbers, and
    the same words deny in both. Not symmetric: ``shown`` may say more.

    Args:
        text: The one that may be left out.
        shown: The one that stays.
        shared: Less than ``COPIED_RUNS`` where both are known to come from one text.
    """
    if text == shown:
        return True
    some, others = _raw_words(text), _raw_words(shown)
    if len(some & others) < COPIED_WORDS * len(some):  # most pairs are settled here, at a tenth of the cost
        return False
    a, b = traits_of(text), traits_of(shown)
    if a.denials != b.denials or a.numbers != b.numbers or not a.names <= b.names:
        return False
    return len(a.runs & b.runs) >= shared * max(1, len(a.runs))


def article_words(text: str) -> list[str]:
    """The words of a whole article without case, accents and punctuation; of unspaced scripts, the characters.

    The same words as :func:`toolkit.retrieval.queries.words_of` has, many times as fast where a text is ASCII but for
    some words and its quotation marks and dashes.
    """
    for odd in _TYPOGRAPHY:
        text = text.replace(odd, " ")
    if text.isascii():
        return _ascii_words(text)
    tokens = text.split()
    strange = {token for token in tokens if not token.isascii()}
    if UNSPACED.search("".join(strange)):
        return words_of(UNSPACED.sub(r" \g<0> ", text))
    plain = {token: " ".join(words_of(token)) for token in strange}
    if not all(map(str.isascii, plain.values())):  # another script
        return words_of(text)
    return _ascii_words(" ".join([plain.get(token, token) for token in tokens]))


def _ascii_words(text: str) -> list[str]:
    return text.encode("ascii").translate(_PLAIN).decode("ascii").split()


_TYPOGRAPHY = "‘’“”–—…\u00a0"
_PLAIN = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))


# Odd numbers that spread bits well: the increment of SplitMix64, the second prime of xxHash64, a factor of SplitMix64.
_MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xBF58476D1CE4E5B9)


def signatures(articles: Iterable[Sequence[str]]) -> NDArray[np.uint32]:
    """The MinHash signatures of articles, folded to bands: what articles of nearly the same runs have in common.

    MinHash after Broder (1997), by rensa's R-MinHash, which works like Fast Similarity Sketching (Dahlgaard et al.
    2017); bands after Indyk and Motwani (1998). The same for every run and process, see :func:`signature_kind`.

    Args:
        articles: The words of each, see :func:`article_words`.

    Returns:
        uint32, shape (number of articles, ``BANDS``).
    """
    import numpy as np
    import rensa

    rows: list[list[int]] = []
    coming = map(_run_texts, articles)
    while tokens := list(islice(coming, _AT_ONCE)):
        rows += rensa.RMinHash.digest_matrix_from_token_sets(tokens, 2 * BANDS, _SEED).to_rows()
    least = np.array(rows, np.uint64).reshape(len(rows), BANDS, 2)
    first, second, third = map(np.uint64, _MIXERS)
    mixed = (least[:, :, 0] * first) ^ (least[:, :, 1] * second)
    folded: NDArray[np.uint32] = ((mixed ^ (mixed >> np.uint64(29))) * third >> np.uint64(32)).astype(np.uint32)
    return folded


def signature_kind() -> str:
    """What signatures that can be compared have in common; others are to be made anew."""
    import rensa

    return f"1.{rensa.RMinHash.ALGORITHM_VERSION}"


def _run_texts(words: Sequence[str]) -> list[str]:
    if len(words) <= RUN:
        return [" ".join(words)]
    return list(map(" ".join, zip(*(words[n:] for n in range(RUN)), strict=False)))


class Profile:
    """What is compared of a whole article; parts of it are found out when they are asked for.

    Args:
        text: Of the article.
        words: Its words, when they are known.
    """

    def __init__(self, text: str, words: Sequence[str] | None = None) -> None:
        self._text = text
        self.words = tuple(article_words(text) if words is None else words)

    @cached_property
    def runs(self) -> NDArray[np.int64]:
        """Hashes of its runs, sorted, each once; they hold for this process."""
        import numpy as np

        return np.unique(self.places)

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Hashes of its runs in the order of the text."""
        import numpy as np

        words = self.words
        runs = zip(*(words[n:] for n in range(RUN)), strict=False) if len(words) >= RUN else (words,)
        return np.fromiter(map(hash, runs), np.int64)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers, with their decimals."""
        return frozenset(number.replace(",", "") for number in _NUMBER.findall(self._text))

    @cached_property
    def names(self) -> frozenset[str]:
        """Its words with capitals that it never writes small, but for those that only begin sentences."""
        words = Counter(_RAW_WORD.findall(self._text))
        words.subtract(_FIRST_WORD.findall(self._text))
        large = {word.casefold() for word, often in words.items() if often > 0 and word[0].isupper()}
        return frozenset(large - words.keys())

    @cached_property
    def head(self) -> frozenset[str]:
        """The names and numbers near its beginning."""
        return frozenset(
            word for word in self.words[:ONE_TEXT_HEAD_WORDS] if word in self.names or word in self.numbers
        )


def same_text(one: Profile, other: Profile) -> bool:
    """Whether two articles come from one text: a copy, a cut or edited one, or one brought up to date.

    They share nearly half of the shorter one's runs at least, and both begin alike, unless they are much alike in all:
    that tells a copy whose end was cut off from a brief inside a round-up. And they name the same: reports of one form
    (markets, matches, the weather) and articles with one long disclaimer share their runs, but not what they report.

    The same whichever comes first. Texts without words are no copies of anything.
    """
    if not one.words or not other.words:
        return False
    if one.words == other.words:
        return True
    if _differ(one.numbers, other.numbers, ONE_TEXT_NUMBERS) or _differ(one.names, other.names, ONE_TEXT_NAMES):
        return False
    import numpy as np

    shorter, longer = sorted((one, other), key=lambda p: (len(p.runs), p.words))
    if len(shorter.runs) < ONE_TEXT_COMMON * len(longer.runs):
        return False
    shared = len(np.intersect1d(shorter.runs, longer.runs, assume_unique=True))
    jaccard = shared / (len(shorter.runs) + len(longer.runs) - shared)
    if shared < ONE_TEXT_RUNS * len(shorter.runs) or jaccard < ONE_TEXT_COMMON:
        return False
    contained = shared >= ONE_TEXT_CONTAINED * len(shorter.runs)
    if contained and _lead(longer, shorter) <= max(ONE_TEXT_HEAD_WORDS, ONE_TEXT_LEAD * len(longer.places)):
        return True
    if not contained and _begins_in(shorter, longer) and _begins_in(longer, shorter):
        return True
    return jaccard >= ONE_TEXT_WHOLE and not any(
        _differ(some.head, others.names | others.numbers, ONE_TEXT_HEAD_NAMES)
        for some, others in ((one, other), (other, one))
    )


def _lead(longer: Profile, shorter: Profile) -> int:
    """How many runs of a text come before those that it has in common with another: the first of four in a row."""
    import numpy as np

    common = np.isin(longer.places, shorter.runs)
    row = np.convolve(common, np.ones(RUN, np.int64), "valid") == RUN if len(common) >= RUN else common
    return int(np.argmax(row)) if row.any() else len(common)


def _begins_in(one: Profile, other: Profile) -> bool:
    """Whether a third of the runs at the beginning of one text stand in the first two thirds of the other."""
    import numpy as np

    first = one.places[:ONE_TEXT_HEAD_WORDS]
    reach = max(2 * ONE_TEXT_HEAD_WORDS, 2 * len(other.places) // 3)
    return int(np.isin(first, other.places[:reach]).sum()) >= ONE_TEXT_BEGINNING * len(first)


def _differ(some: frozenset[str], others: frozenset[str], least: float) -> bool:
    """Whether less than a share of the fewer of both are in both; False when they are too few to tell."""
    fewer = min(len(some), len(others))
    return fewer >= _FEW and len(some & others) < least * fewer
