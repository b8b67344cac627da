"""One name for everybody: “Leavitt”, “Karoline Leavitt” and “White House press secretary” in one comparison.

A last name stands for the only full name that ends with it, in its own article first; a role for the only person who is
introduced with it. Somebody without a name (“an official”) is never taken for the one of another article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.language import lexicon
from toolkit.language.forms import is_plural
from toolkit.language.words import fold
from toolkit.types import Article
from toolkit.voices.attribution import Attribution
from toolkit.voices.speakers import PEOPLE, TITLES

_DETERMINER = re.compile(r"\A(?:the|an?|one|another|this|that) ", re.IGNORECASE)
_INDEFINITE = re.compile(r"\A(?:an?|one|another) ", re.IGNORECASE)
_ACTS_IN_THE_PLURAL = frozenset("police staff people authorities".split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """An attribution with the article that it stands in."""

    article: Article
    attribution: Attribution


def unified(said: Sequence[Said]) -> list[str]:
    """The actor of each attribution, under one name for all.

    Args:
        said: Attributions, each with a speaker.

    Returns:
        A label for each, in order.
    """
    full: dict[str, Counter[str]] = {}
    roles: dict[str, set[str]] = {}
    for one in said:
        label = one.attribution.speaker
        if one.attribution.named and " " in label and not label.lower().startswith("the "):
            full.setdefault(_last(label), Counter())[label] += 1
            if one.attribution.role:
                roles.setdefault(one.attribution.role, set()).add(label)
    spelt: dict[str, str] = {}
    return [_label(one, full, roles, spelt) for one in said]


def _label(one: Said, full: dict[str, Counter[str]], roles: dict[str, set[str]], spelt: dict[str, str]) -> str:
    label, named = one.attribution.speaker, one.attribution.named
    if named and " " not in label:
        return _full_name(one, full.get(fold(label), Counter()))
    if named:
        same = [other for other in full.get(_last(label), ()) if _first(other) == _first(label)]
        return (
            min(same, key=lambda other: (-full[_last(label)][other], len(other), other))
            if same
            else _spelt(label, spelt)
        )
    bare = _DETERMINER.sub("", label)
    known = roles.get(fold(bare), set())
    if len(known) == 1:
        return next(iter(known))
    singular = _INDEFINITE.match(label) is not None
    plural = is_plural(bare) or " and " in bare
    plural = plural or bare.split()[0] in _ACTS_IN_THE_PLURAL
    if (
        (not singular and any(character.isupper() for character in bare))
        or plural
        or (" " in bare and bare.split()[0].endswith("s"))
    ):
        return _spelt(label, spelt)
    publisher = one.article.publisher or one.article.heading
    return f"{label} ({publisher})"


def _spelt(label: str, spelt: dict[str, str]) -> str:
    """The first spelling of a label, whatever its article and case."""
    return spelt.setdefault(fold(_DETERMINER.sub("", label)), label)


def _full_name(one: Said, known: Counter[str]) -> str:
    """The full name for a last name: the one that its own article gives, else the only one that is known."""
    label = one.attribution.speaker
    if len(label) > 1 and label.isupper():
        return label
    here = Counter(
        first
        for first in re.findall(rf"\b([^\W\d_a-z][\w’'-]+) {re.escape(label)}\b", one.article.text)
        if _is_first_name(first)
    )
    if len(here) == 1:
        return f"{next(iter(here))} {label}"
    if not here and len({_first(name) for name in known}) == 1:
        return known.most_common(1)[0][0]
    return label


def _is_first_name(word: str) -> bool:
    folded = fold(word)
    return not (
        folded in TITLES or folded in PEOPLE or folded in lexicon.FUNCTION_WORDS or folded in lexicon.DEMONYMS
        or folded in lexicon.WEEKDAYS or folded in lexicon.MONTHS or word.isupper() or word.endswith(("'s", "’s"))
    )  # fmt: skip


def _last(label: str) -> str:
    return fold(label.split()[-1])


def _first(label: str) -> str:
    return fold(label.split()[0])
