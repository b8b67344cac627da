"""One sentence for each position of a comparison: a model writes it, and its quotes must bear it out.

The comparison itself is made without the model (:mod:`toolkit.compare`). The model is given the quoted sentences of one
position and nothing else, and its sentence is held against exactly those. It is shown only when it is quoted or
supported, and when it gives nobody's words to somebody else: “the Kremlin says” may not be followed by what the same
sentence has analysts say. A sentence that tells a machine what to write is quoted like all others, but no model is
given it and it bears nothing out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from toolkit.copies import adds_nothing
from toolkit.drafts import drafted
from toolkit.errors import ToolkitError
from toolkit.language.lengths import Length
from toolkit.language.orders import may_address_machine
from toolkit.language.words import content_keys, tokenize
from toolkit.summaries.parallel import arun_all, run_all, total, total_cost
from toolkit.summarize import Wish, summary_from_reply
from toolkit.thresholds import CITED_WORDS
from toolkit.types import Claim, Hit, Hits, Passage, Position, Statement, Summary
from toolkit.types.comparison import Comparison
from toolkit.types.preview import Preview
from toolkit.voices.attribution import attributions
from toolkit.voices.reporting import CLAIMING, SAYING
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.models import Model
    from toolkit.prompts import Prompt

CALLS = 12
"""Positions that are summed up at most, those with most statements first: each is a call."""

READ = 12
"""Statements of a position that a call reads at most."""

_WHAT = "Summing up positions"
_NAME = 80  # characters of a speaker's name in a prompt


@dataclass(frozen=True, kw_only=True)
class Summing:
    """The calls that sum up a comparison's positions, ready to be carried out.

    Attributes:
        comparison: As it was made without a model.
        model: Whom to ask; None for nobody.
        prompt: What with; it has the inputs of ``compare/position``.
        started: ``time.perf_counter()`` at the call's beginning.
    """

    comparison: Comparison
    model: Model | None
    prompt: Prompt
    started: float

    def run(self) -> Comparison:
        """The comparison with the sentences that are borne out.

        Raises:
            ToolkitError: Not one call succeeded.
        """
        jobs = self._jobs()
        return self._with(run_all(jobs, _WHAT)) if jobs else self.comparison

    async def arun(self) -> Comparison:
        """The async twin of :meth:`run`."""
        jobs = self._jobs()
        return self._with(await arun_all(jobs, _WHAT)) if jobs else self.comparison

    def preview(self, notes: tuple[str, ...] = ()) -> Preview:
        """The first call, and what all of them together may take; nothing is sent."""
        drafts = [draft for job in self._jobs() if (draft := job().draft) is not None]
        if not drafts:
            return Preview(reason=self._why_no_calls())
        shown = [draft.preview() for draft in drafts]
        replies = [one.reply_tokens for one in shown]
        said = f"{len(shown):,} {_plural('call', shown)}, one for each position. The messages are those of the first."
        return replace(
            shown[0],
            calls=len(shown),
            hits=Hits(hit for one in shown for hit in one.hits),
            prompt_tokens=sum(one.prompt_tokens for one in shown),
            reply_tokens=None if None in replies else sum(tokens or 0 for tokens in replies),
            cost_usd=total_cost([one.cost_usd for one in shown]),
            cached=all(one.cached for one in shown),
            notes=(*notes, said, *self._limits()),
        )

    # What is asked ---------------------------------------------------------------------------------------------------

    def _jobs(self) -> list[Callable[[], Job[Summary]]]:
        return [] if self.model is None else [partial(self._job, position) for position in self._several()[:CALLS]]

    def _several(self) -> list[Position]:
        """The positions that say more than one thing, those with most statements first: one quote is its own sum.

        Somebody's words come before what nobody is named for.
        """
        found = [position for position in self.comparison.positions if len(_distinct(position)) > 1]
        unnamed = {id(p) for p in found if self.comparison.by == "actor" and not _speaker(p, "actor")}
        return sorted(found, key=lambda position: (id(position) in unnamed, -len(position.statements)))

    def _job(self, position: Position) -> Job[Summary]:
        if self.model is None:
            raise RuntimeError("there is no model to ask")
        wish = Wish(query=self.comparison.query, style="position", length=Length(sentences=1))
        hits = Hits(_hit(statement) for statement in _read(position))
        inputs = {"query": self.comparison.query, "speaker": _speaker(position, self.comparison.by)}
        return Job(
            draft=drafted(self.model, self.prompt, hits, **inputs),
            finish=partial(summary_from_reply, wish, hits, prompt=self.prompt.ref),
            started=time.perf_counter(),
        )

    def _why_no_calls(self) -> str:
        if self.model is None:
            return "there is no model: the statements are picked from the articles"
        return self.comparison.reason or "no position has two statements that differ, and one quote needs no summary"

    # What came of it -------------------------------------------------------------------------------------------------

    def _with(self, found: Sequence[Summary | ToolkitError]) -> Comparison:
        failed = [one for one in found if isinstance(one, ToolkitError)]
        if len(failed) == len(found):
            raise failed[0]
        by, asked = self.comparison.by, self._several()[:CALLS]
        summed: dict[str, Claim] = {}
        refused: list[str] = []
        for position, one in zip(asked, found, strict=True):
            if isinstance(one, ToolkitError):
                continue
            claim = _checked(one, position, by)
            if claim is None:
                refused.append(" ".join(position.name.split()))
            else:
                summed[_key(position)] = claim
        written = [one for one in found if isinstance(one, Summary)]
        notes = list(self._limits())
        if failed:
            first = " ".join(str(failed[0]).split())
            notes.append(f"{len(failed)} of {len(found)} calls failed; those positions have no summary ({first:.200}).")
        if refused:
            names = ", ".join(refused)
            notes.append(
                f"{len(refused)} of {len(written)} summaries were left out: {written[0].model} wrote none, or "
                f"one that the quotes do not bear out or do not give to the same speaker ({names})."
            )
        return replace(
            self.comparison,
            positions=tuple(replace(p, summary=summed.get(_key(p))) for p in self.comparison.positions),
            notes=(*self.comparison.notes, *notes),
            model=written[0].model,
            prompt=self.prompt.ref,
            usage=total([one.usage for one in written]),
            seconds=time.perf_counter() - self.started,
        )

    def _limits(self) -> tuple[str, ...]:
        """What no call reads."""
        several = self._several()
        notes = []
        if len(several) > CALLS:
            left = several[CALLS:]
            were = "was" if len(left) == 1 else "were"
            said = f"{len(left):,} further {_plural('position', left)} {were} not summed up"
            notes.append(f"{said}: {CALLS} calls are the most.")
        long = [position for position in several[:CALLS] if len(_distinct(position)) > READ]
        if long:
            said = f"{len(long):,} {_plural('position', long)}"
            notes.append(f"Of {said} the model read {READ} statements, those that take a stance first.")
        return tuple(notes)


def _plural(noun: str, of: Sequence[object]) -> str:
    return noun if len(of) == 1 else f"{noun}s"


def _key(position: Position) -> str:
    """What tells positions apart: two articles may have one title."""
    return f"{position.name}\n{position.statements[0].citation.marker}\n{position.statements[0].content.start}"


def _distinct(position: Position) -> list[Statement]:
    """Its statements without those that add nothing to an earlier one, or tell a machine what to do."""
    found: list[Statement] = []
    for statement in position.statements:
        known = any(adds_nothing(statement.quote, other.quote) for other in found)
        if not known and not may_address_machine(statement.quote):
            found.append(statement)
    return found


def _read(position: Position) -> list[Statement]:
    """The statements that a call reads, in their order."""
    distinct = _distinct(position)
    chosen = sorted(distinct, key=lambda statement: statement.stance == "says")[:READ]
    return [statement for statement in distinct if statement in chosen]


def _hit(statement: Statement) -> Hit:
    """The statement's sentence as a passage of its own."""
    span = statement.citation.span
    return Hit(
        passage=Passage(span=span, text=statement.quote, sentences=(span,)), score=1.0, article=statement.article
    )


def _speaker(position: Position, by: str) -> str:
    """The one whose words they are; empty for a paper, an article, and what nobody is named for."""
    if by != "actor" or not position.statements[0].attributed:
        return ""
    publishers = {statement.publisher for statement in position.statements}
    name = position.name
    for publisher in publishers:
        name = name.removesuffix(f" ({publisher})")
    return " ".join(name.split())[:_NAME]


# Whether it may be shown ---------------------------------------------------------------------------------------------


def _checked(summary: Summary, position: Position, by: str) -> Claim | None:
    """What the model wrote, citing the position's own statements; None when it may not be shown."""
    if not summary.claims or summary.claims[0].verdict not in ("quoted", "supported"):
        return None
    claim, given = summary.claims[0], _read(position)
    cited = [s for s in given if any(c.span.overlaps(s.citation.span) for c in claim.citations)]
    speaker = _speaker(position, by)
    if speaker:
        cited += _further(claim.text, cited, given)
    if not cited or not _rightly_attributed(claim.text, cited, given, speaker):
        return None
    return replace(claim, citations=tuple({s.citation.marker: s.citation for s in given if s in cited}.values()))


def _further(text: str, cited: Sequence[Statement], given: Sequence[Statement]) -> list[Statement]:
    """Statements of the same speaker, in another article, that say most of it too, and a word that the cited lack."""
    keys = _keys(text)
    missing = keys & _keys(" ".join(s.quote for s in given)) - _own(cited)
    near = [s for s in given if s not in cited and len(keys & _own([s])) >= CITED_WORDS * len(keys)]
    return [statement for statement in near if missing & _own([statement])]


def _rightly_attributed(text: str, cited: Sequence[Statement], given: Sequence[Statement], speaker: str) -> bool:
    """Whether a sentence gives every speaker only what the cited statements let him say.

    What the model was given and the cited speakers do not say is somebody else's, or is not cited.

    Args:
        text: What the model wrote.
        cited: The statements that bear it out.
        given: All that the model was given.
        speaker: Whose position it is; then all of the sentence is his. Else what it puts in anybody's mouth is checked.
    """
    said = [one for one in attributions(text) if one.speaker]
    there = _keys(" ".join(statement.quote for statement in given))
    if speaker:
        own = content_keys(speaker)
        if any(not _is_one_of(one.speaker, cited) and not content_keys(one.speaker) <= own for one in said):
            return False
        return not _keys(text) & (there - _own(cited) - own)
    for one in said:
        his = [statement for statement in cited if statement.attributed and _is_one_of(one.speaker, [statement])]
        if not his or _keys(text[slice(*one.content)]) & (there - _own(his)):
            return False
    return not _keys(text) & (there - _keys(" ".join(statement.quote for statement in cited)))


def _is_one_of(speaker: str, statements: Sequence[Statement]) -> bool:
    """Whether a name that a model uses is that of a statement's speaker, fully or in part."""
    keys = content_keys(speaker)
    return any(bool(keys) and keys <= content_keys(f"{s.actor} {s.written}") for s in statements)


def _keys(text: str) -> frozenset[str]:
    """The content words of a text but for those that only say that somebody says it."""
    return frozenset(t.key for t in tokenize(text) if t.content and t.word not in SAYING and t.word not in CLAIMING)


def _own(statements: Sequence[Statement]) -> frozenset[str]:
    """The words of what the statements' speakers say, and of who they are."""
    own: set[str] = set()
    for statement in statements:
        text, span, content = statement.article.text, statement.citation.span, statement.content
        sides = (text[span.start : content.start], text[content.end : span.end])
        # “X, the minister of Y, told Z”: the side on which the speaker stands says who speaks.
        speaks = next((side for side in sides if statement.written and statement.written in side), "")
        own |= _keys(f"{text[content.start : content.end]} {statement.actor} {statement.written} {speaks}")
    return frozenset(own)
