"""Summaries of more articles than one prompt holds: read piece by piece, then brought together.

What is read and what goes on from call to call is in :mod:`toolkit.summaries.levels`. Calls run side by side, as far as
the model lets them; one that fails costs its own piece. :func:`job` is where every summary begins.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from toolkit.drafts import drafted
from toolkit.errors import ToolkitError
from toolkit.extract import rank
from toolkit.gates import failed_gate
from toolkit.language.questions import read_question
from toolkit.summaries.levels import LastCall, Levels
from toolkit.summaries.material import SURE, Material
from toolkit.summaries.parallel import arun_all, run_all, total_cost
from toolkit.summaries.planning import A_CITATION, MOST_SENTENCES, Piece, Plan, affordable, room_for, units_of
from toolkit.summarize import OneCall, Wish, extract_summary, no_summary, summary_from_reply
from toolkit.types import Hits, Summary
from toolkit.types.preview import Preview
from toolkit.writing import AsyncStream, Job, Stream

if TYPE_CHECKING:
    from toolkit.models import Model
    from toolkit.prompts import Prompt


@dataclass(frozen=True, kw_only=True)
class Digest(Job[Summary]):
    """A summary in several calls.

    Attributes:
        plan: What is fixed before the first call.
        pieces: What the first calls read.
        unread: Articles that no call will read, by id, with the reasons.
    """

    plan: Plan
    pieces: tuple[Piece, ...]
    unread: dict[str, str]

    def _levels(self) -> Levels:
        return Levels(plan=self.plan, pieces=list(self.pieces), unread=dict(self.unread))

    def last(self) -> Job[Summary]:
        """Read everything; what is left to do is the last call."""
        levels = self._levels()
        while jobs := levels.jobs():
            levels.take(run_all(jobs, levels.what))
        return levels.final()

    async def alast(self) -> Job[Summary]:
        """The async twin of :meth:`last`."""
        levels = self._levels()
        while jobs := levels.jobs():
            levels.take(await arun_all(jobs, levels.what))
        return levels.final()

    def run(self) -> Summary:
        """The outcome."""
        return self.last().run()

    async def arun(self) -> Summary:
        """The outcome, awaited."""
        return await (await self.alast()).arun()

    def stream(self) -> Stream[Summary]:
        """The last call's words as they come; nothing comes before the articles are read."""
        return _DigestStream(self)

    def astream(self) -> AsyncStream[Summary]:
        """The async twin of :meth:`stream`."""
        return _AsyncDigestStream(self)

    def preview(self, notes: tuple[str, ...] = ()) -> Preview:
        """The first call, and what all of them together may take."""
        drafts = [self.plan.drafted(piece) for piece in self.pieces]
        shown = drafts[0].preview()
        above = self.plan.calls_above(len(drafts))
        model, most = self.plan.model, shown.reply_tokens
        later = min(self.plan.room, len(drafts) * MOST_SENTENCES * A_CITATION)
        tokens = sum(draft.tokens for draft in drafts) + above * later
        costs = [draft.preview().cost_usd for draft in drafts]
        costs += [None if most is None else model.cost(later, most)] * above
        calls = len(drafts) + above
        articles = {hit.article.id for piece in self.pieces for hit in piece.hits}
        reading = f"{calls:,} calls: {len(drafts):,} read {len(articles):,} articles"
        said = [
            f"{reading}, about {above:,} more bring together what they choose. The messages are those of the first."
        ]
        if self.unread:
            said.append(f"{len(self.unread):,} articles would be left out: {next(iter(self.unread.values()))}.")
        return replace(
            shown,
            calls=calls,
            hits=Hits(hit for piece in self.pieces for hit in piece.hits),
            prompt_tokens=tokens,
            reply_tokens=None if most is None else calls * most,
            cost_usd=total_cost(costs),
            cached=False,
            notes=(*notes, *said),
        )


class _DigestStream(Stream[Summary]):
    def _read(self) -> Generator[str, None, None]:
        if isinstance(self._job, Digest):
            self._job = self._job.last()
        begun = False
        try:
            for piece in super()._read():
                begun = True
                yield piece
        except ToolkitError as error:
            if begun or not isinstance(self._job, LastCall):
                raise
            self._final = self._job.failed(error)
            yield self._final.text


class _AsyncDigestStream(AsyncStream[Summary]):
    async def _read(self) -> AsyncGenerator[str, None]:
        if isinstance(self._job, Digest):
            self._job = await self._job.alast()
        begun = False
        try:
            async for piece in super()._read():
                begun = True
                yield piece
        except ToolkitError as error:
            if begun or not isinstance(self._job, LastCall):
                raise
            self._final = self._job.failed(error)
            yield self._final.text


# The work of one summary ---------------------------------------------------------------------------------------------


def job(
    wish: Wish,
    material: Material,
    prompt: Prompt,
    brief: Callable[[], Prompt],
    model_for: Callable[[], Model | None],
    started: float,
) -> Job[Summary]:
    """The work of one summary, by a model if there is one: in one call where that is enough.

    Args:
        wish: What is to be summed up.
        material: What it is made from.
        prompt: What a model is asked with.
        brief: Gives the prompt that pieces are read with, where one call is not enough.
        model_for: Gives the model, or None; called only when one is needed.
        started: ``time.perf_counter()`` at the call's beginning.
    """
    hits = material.hits
    reason = "" if hits else "retrieval: there are no articles"
    if wish.query:
        asked = read_question(wish.query)
        failed = failed_gate(asked, hits[:SURE], rank(asked, hits[:SURE]))
        reason = failed.reason if failed else ""
    if reason:
        refused = no_summary(wish, hits, prompt.ref, reason)
        return Job(done=replace(refused, coverage=material.coverage(())), started=started)
    model = model_for()
    if model is None:
        return Job(done=extract_summary(wish, material, prompt.ref), started=started)
    if not (wish.query and len(hits) <= SURE):  # what a search found fits, or its last passages may go
        several = _several(wish, material, prompt, brief(), model, started)
        if several is not None:
            return several
    return _one_call(wish, material, hits, prompt, model, started)


def _one_call(
    wish: Wish, material: Material, hits: Hits, prompt: Prompt, model: Model, started: float, why: str = ""
) -> Job[Summary]:
    return OneCall(
        draft=drafted(model, prompt, hits, **wish.inputs(prompt)),
        finish=partial(summary_from_reply, wish, hits, prompt=prompt.ref),
        started=started,
        material=material,
        unread=why,
    )


def _several(
    wish: Wish, material: Material, prompt: Prompt, brief: Prompt, model: Model, started: float
) -> Job[Summary] | None:
    """The work in several calls; None when one is enough."""
    room = room_for(model, prompt, brief, wish)
    plan = Plan(wish=wish, material=material, prompt=prompt, brief=brief, model=model, started=started, room=room)
    pieces = plan.packed(units_of(material.told))
    if len(pieces) <= 1:
        return None
    count, limit = affordable(plan, pieces)
    if count == 1:
        why = f"beyond the budget: {limit}"
        return _one_call(wish, material, pieces[0].hits, prompt, model, started, why)
    read = {hit.article.id for piece in pieces[:count] for hit in piece.hits}
    unread = {
        hit.article.id: f"beyond the budget: {limit}"
        for piece in pieces[count:]
        for hit in piece.hits
        if hit.article.id not in read
    }
    return Digest(started=started, plan=plan, pieces=tuple(pieces[:count]), unread=unread)
