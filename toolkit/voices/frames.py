"""Which words of a sentence only tell who says it: “its chair Mai Holm said on Wednesday”.

They are no evidence for what is said. A claim that names the right speaker and the right day of a statement that was
never made shares many words with the source; :mod:`toolkit.align` therefore weighs what is said by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from toolkit.language import lexicon
from toolkit.language.words import Token, content_keys
from toolkit.types import Difference
from toolkit.voices.clauses import Clause, clauses, quotes

_FORMS = frozenset({"before", "behind", "according"})
_FEWEST = 2
"""Content words that must be left: “Holm said no” is about Holm."""


def reporting_words(text: str, tokens: Sequence[Token]) -> frozenset[int]:
    """Indexes of the words that name a speaker, the verb of saying, who was told, and the day.

    Args:
        text: A sentence.
        tokens: Its tokens.

    Returns:
        Indexes into ``tokens``; empty where nobody is said to say the sentence, or nothing would be left of it.
    """
    found: set[int] = set()
    for clause in _reported(text):
        start, end = _frame(clause)
        inside = [i for i, token in enumerate(tokens) if start <= token.start < end]
        found.update(inside, _days_behind(tokens, inside[-1]) if inside else ())
    left = [i for i, token in enumerate(tokens) if token.content and i not in found]
    return frozenset(found) if len(left) >= _FEWEST else frozenset()


@lru_cache(maxsize=4096)
def _reported(text: str) -> tuple[Clause, ...]:
    return tuple(clause for clause in clauses(text, quotes(text)) if clause.form in _FORMS)


def another_says(claim: str, tokens: Sequence[Token], source: str, covered: Collection[str]) -> Difference | None:
    """Of “critics say it harmed the river, but the operator says it saved the valley”: who says what is claimed.

    Args:
        claim: A sentence that names a speaker.
        tokens: Its tokens that tell what is said.
        source: A sentence of the source.
        covered: Keys of the claim that the source has.

    Returns:
        The speaker of the claim against that of the source, when the claim's one speaks in the source too, and another
        one says more of what is claimed; else None.
    """
    mine = {token.key for clause in _reported(claim) for token in clause.subject if token.content}
    there = _reported(source)
    if not mine or len(there) < _FEWEST:
        return None
    said = {token.key for token in tokens if token.content} & set(covered)
    own = [clause for clause in there if mine & {token.key for token in clause.subject}]
    others = [clause for clause in there if not any(clause is one or _within(one, clause) for one in own)]
    if not own or not others:
        return None
    by_own, by_other = (
        max(rows, key=lambda row: len(row[0]))
        for rows in ([(said & content_keys(source[slice(*c.content)]), c) for c in part] for part in (own, others))
    )
    if len(by_other[0]) <= len(by_own[0]) or by_other[0] <= by_own[0]:
        return None
    names = [" ".join(token.word for token in clause.subject) for clause in (by_own[1], by_other[1])]
    return Difference(kind="name", claim=f"{names[0]} said", source=f"{names[1]} said")


def _within(one: Clause, other: Clause) -> bool:
    """Whether somebody is reported to have spoken: “prosecutors said it was so, according to the paper”."""
    return other.content[0] <= one.subject[0].start < other.content[1]


def _frame(clause: Clause) -> tuple[int, int]:
    rows = (*clause.subject, *clause.aside, *clause.listener)
    start = min(clause.verb_at[0], *(token.start for token in rows))
    end = max(clause.verb_at[1], *(token.end for token in rows))
    # “told the paper on Monday that”: what is said begins behind all of it.
    return start, max(end, clause.content[0]) if clause.form == "before" else end


def _days_behind(tokens: Sequence[Token], index: int) -> list[int]:
    """“on Wednesday”, “on 4 June”: words directly behind a verb of saying that date it."""
    days: list[int] = []
    for place in range(index + 1, len(tokens)):
        token = tokens[place]
        day = token.word in lexicon.WEEKDAYS or token.word in lexicon.MONTHS or token.value is not None
        if not day and token.word not in ("on", "late", "early", "last", "in"):
            break
        days.append(place)
    return days if any(tokens[place].content for place in days) else []
