"""A digest while it is made: level by level, what calls choose of the articles, and the last call of all.

Every piece is read by one call, and each sentence that the model writes of it is tied to the characters that say it.
What goes on to the next call is not what the model wrote but what bears it out: the cited sentences with their
neighbours, in the articles' own words. So nothing is a summary of a summary, and the last call's sentences are held
against the articles themselves, like all others. :mod:`toolkit.summaries.digest` runs the calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from toolkit.ask import borne_out
from toolkit.drafts import Draft, drafted
from toolkit.errors import ToolkitError
from toolkit.summaries.parallel import total
from toolkit.summaries.planning import LEVELS, Piece, Plan, Unit
from toolkit.summarize import extract_summary, left_out, no_summary, summary_from_reply
from toolkit.types import Claim, Hit, Hits, Passage, Span, Summary, SummaryNode, Usage
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.models import Reply

_SHRINKS = 0.9  # of the passages of a level: where the next one is hardly shorter, there will be no other


@dataclass
class Levels:
    """A digest while it is made: what was read, what it took, what is to be read next."""

    plan: Plan
    pieces: list[Piece]
    unread: dict[str, str]
    notes: list[str] = field(default_factory=list)
    nodes: list[SummaryNode] = field(default_factory=list)
    ended: list[SummaryNode] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    silent: dict[str, str] = field(default_factory=dict)
    chosen: dict[Span, Hit] = field(default_factory=dict)
    level: int = 0

    def jobs(self) -> list[Callable[[], Job[Summary]]]:
        """The next calls that can run side by side, made when their turn comes; none when the last one is due."""
        return [partial(self.plan.job, piece) for piece in self.pieces]

    @property
    def what(self) -> str:
        """What a progress bar calls the calls of this level."""
        return "Reading articles" if self.level == 0 else "Bringing together"

    def take(self, found: Sequence[Summary | ToolkitError]) -> None:
        """Keep what came of a level's calls, and see what the next level is.

        Raises:
            ToolkitError: Not one call of the first level succeeded.
        """
        failed = [error for error in found if isinstance(error, ToolkitError)]
        if len(failed) == len(found) and self.level == 0:
            raise failed[0]
        units: list[Unit] = []
        for piece, one in zip(self.pieces, found, strict=True):
            children = tuple(node for unit in piece.units for node in unit.nodes)
            if isinstance(one, ToolkitError):
                self._lost(piece, one)
                node = SummaryNode(
                    title=piece.title, articles=piece.articles, children=children, notes=(f"The call failed: {one}",)
                )
                hits = piece.hits if self.level else Hits()
            else:
                self.usages.append(one.usage)
                hits = self._excerpts(piece, one.claims)
                if not hits and self.level == 0:
                    said = f"nothing that {self.plan.model.name} wrote of it and its neighbours is borne out"
                    self.silent.update({article.id: said for article in piece.articles})
                silent = (one.reason,) if one.reason else ()
                node = SummaryNode(
                    title=piece.title,
                    claims=one.claims,
                    articles=piece.articles,
                    children=children,
                    notes=(*silent, *one.notes),
                )
            units.append(Unit(title=piece.title, hits=hits, nodes=(node,)))
        if failed:
            self._say_failed(failed, len(found))
        self.nodes = [node for unit in units if unit.hits for node in unit.nodes]
        self.ended += [node for unit in units if not unit.hits for node in unit.nodes]
        self.level += 1
        self._next(units)

    def _lost(self, piece: Piece, error: ToolkitError) -> None:
        if self.level == 0:
            why = f"the call failed: {type(error).__name__}"
            self.unread.update({article.id: why for article in piece.articles})

    def _say_failed(self, failed: Sequence[ToolkitError], calls: int) -> None:
        were = "call" if calls == 1 else "calls"
        first = " ".join(str(failed[0]).split())
        lost = "; what it would have read is left out" if self.level == 0 else ""
        self.notes.append(f"{len(failed)} of {calls} {were} failed{lost} ({first:.200}).")

    def _next(self, units: Sequence[Unit]) -> None:
        before = sum(map(len, (piece.hits for piece in self.pieces)))
        after = sum(len(unit.hits) for unit in units)
        pieces = self.plan.packed([unit for unit in units if unit.hits])
        done = len(pieces) <= 1 or self.level >= LEVELS or (self.level > 1 and after > _SHRINKS * before)
        self.chosen = {hit.passage.span: hit for unit in units for hit in unit.hits}
        self.pieces = [] if done else pieces

    def _excerpts(self, piece: Piece, claims: Sequence[Claim]) -> Hits:
        """The sentences that bear claims out, at the first level with their neighbours, as passages."""
        cited = [c.span for claim in claims if borne_out(claim) for c in claim.citations]
        return Hits(run for hit in piece.hits for run in _runs(hit, cited, around=1 if self.level == 0 else 0))

    # The last call

    @property
    def final_hits(self) -> Hits:
        """What the last call is given: of every story its first passage, then of every story its second, and so on.

        A model takes most from what it reads first, and a summary of many stories is not the first one at length.
        """
        rank = {article.id: n for n, told in enumerate(self.plan.material.told) for article in told.story.articles}
        seen: Counter[int] = Counter()
        rows: list[tuple[int, int, Hit]] = []
        for hit in self.chosen.values():
            story = rank[hit.article.id]
            rows.append((seen[story], story, hit))
            seen[story] += 1
        return Hits(hit for _, _, hit in sorted(rows, key=lambda row: row[:2]))

    def sources(self) -> Hits:
        """What its sentences are held against: the whole passages that the given sentences stand in."""
        spans = [hit.passage.span for hit in self.chosen.values()]
        return Hits(h for h in self.plan.material.hits if any(h.passage.span.overlaps(span) for span in spans))

    def final(self) -> Job[Summary]:
        """The call that brings everything together; done at once where nothing was chosen."""
        plan, hits = self.plan, self.final_hits
        if not hits:
            reason = f"support: nothing that {plan.model.name} wrote of the articles is borne out by them"
            refused = no_summary(plan.wish, plan.material.hits, plan.prompt.ref, reason, model=plan.model.name)
            return LastCall(levels=self, done=refused, started=plan.started)
        return LastCall(
            levels=self,
            draft=drafted(plan.model, plan.prompt, hits, **plan.wish.inputs(plan.prompt)),
            finish=partial(summary_from_reply, plan.wish, self.sources(), prompt=plan.prompt.ref),
            started=plan.started,
        )

    def without_last(self, why: str) -> Summary:
        """The outcome when the last call gives none: the best of the sentences that were chosen, quoted."""
        spans = list(self.chosen)
        told = []
        for one in self.plan.material.told:
            hits = Hits(run for hit in one.hits for run in _runs(hit, spans, around=0))
            if hits:
                told.append(replace(one, hits=hits))
        summary = extract_summary(self.plan.wish, replace(self.plan.material, told=tuple(told)), self.plan.prompt.ref)
        note = f"{why} The sentences are picked from those that the calls before it chose."
        return replace(summary, notes=(*summary.notes, note))

    def completed(self, written: Summary) -> Summary:
        """The summary with what all calls took, and what became of every article."""
        cited = {citation.article.id for citation in written.citations}
        nodes = (*self.nodes, *self.ended)
        articles = {article.id: article for node in nodes for article in node.articles}
        tree = SummaryNode(
            title=self.plan.wish.query or f"{len(self.plan.material.told):,} stories",
            claims=written.claims,
            articles=tuple(articles.values()),
            children=nodes,
        )
        every = sum(len(told.story.articles) for told in self.plan.material.told)
        notes = [*self.notes, *written.notes]
        beyond = [why for why in self.unread.values() if why.startswith("beyond")]
        if beyond:
            notes.insert(0, f"{left_out(len(beyond), every)} ({beyond[0]}).")
        return replace(
            written,
            usage=total([*self.usages, *([written.usage] if written.usage != Usage() else [])]),
            coverage=self.plan.material.coverage(cited, unread=self.unread, why=self.silent),
            tree=tree,
            notes=tuple(notes),
        )


def _runs(hit: Hit, cited: Sequence[Span], *, around: int) -> Iterator[Hit]:
    """The parts of a passage that hold cited sentences, with so many sentences before and after each."""
    rows = hit.passage.sentences
    wanted: set[int] = set()
    for index, sentence in enumerate(rows):
        if any(sentence.overlaps(span) for span in cited):
            wanted.update(range(max(0, index - around), min(len(rows), index + around + 1)))
    run: list[Span] = []
    for index in range(len(rows) + 1):
        if index in wanted:
            run.append(rows[index])
        elif run:
            span = hit.article.span(run[0].start, run[-1].end)
            text = hit.article.text[span.start : span.end]
            yield replace(hit, passage=Passage(span=span, text=text, sentences=tuple(run)))
            run = []


@dataclass(frozen=True, kw_only=True)
class LastCall(Job[Summary]):
    """The last call of a digest.

    Attributes:
        levels: What came before it.
    """

    levels: Levels

    def timed(self, reply: Reply | None, draft: Draft | None) -> Summary:
        """As for every job; sentences that were chosen before, where the call gives no summary."""
        written = super().timed(reply, draft)
        if not written.answered and draft is not None and reply is not None:
            picked = self.levels.without_last(f"The last call gave no summary: {written.reason}.")
            written = replace(picked, usage=written.usage, seconds=written.seconds)
        return self.levels.completed(written)

    def failed(self, error: ToolkitError) -> Summary:
        """The outcome when the call fails."""
        written = self.levels.without_last(f"The last call failed ({' '.join(str(error).split()):.200}).")
        return self.levels.completed(Job(done=written, started=self.started).timed(None, None))

    def run(self) -> Summary:
        """The outcome, also when the call fails."""
        try:
            return super().run()
        except ToolkitError as error:
            return self.failed(error)

    async def arun(self) -> Summary:
        """The async twin of :meth:`run`."""
        try:
            return await super().arun()
        except ToolkitError as error:
            return self.failed(error)
