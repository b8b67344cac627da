"""How articles are cut into pieces that one call reads, and how many calls the library's limits allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from toolkit.drafts import Draft, counted_tokens, drafted
from toolkit.language.lengths import Length
from toolkit.summaries.material import Material, Told
from toolkit.summarize import Wish, summary_from_reply
from toolkit.types import Article, Hit, Hits, Message, Summary, SummaryNode
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.models import Model
    from toolkit.prompts import Prompt

PIECE = 12_000
"""Tokens of one piece at most, however large a model's context window: what stands in the middle of much is missed."""

UNKNOWN = 6_000
"""The same for a model that does not say how large its context window is."""

MOST_SENTENCES = 10
"""Sentences that a piece is summed up in at most: the reply of summarize/brief has room for so many."""

LEVELS = 6
"""Times that what was chosen is read again, at most."""

A_CITATION = 110
"""About how many tokens a cited sentence with its neighbours takes."""

_AROUND = 24  # tokens of the line over a passage and the marks around it
_SPARE = 0.95  # of the room, since tokens are counted by another vocabulary than the model's


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What should stay together in one piece: a story, or what a call has chosen."""

    title: str
    hits: Hits
    stories: int = 1
    nodes: tuple[SummaryNode, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What one call reads."""

    units: tuple[Unit, ...]
    hits: Hits

    @property
    def title(self) -> str:
        """The first titles of what is in it."""
        names = list(dict.fromkeys(unit.title for unit in self.units))
        more = f"; and {len(names) - 3} more" if len(names) > 3 else ""
        return "; ".join(names[:3]) + more

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles whose passages are in it, each once."""
        return tuple({hit.article.id: hit.article for hit in self.hits}.values())


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that is fixed before the first call."""

    wish: Wish
    material: Material
    prompt: Prompt
    brief: Prompt
    model: Model
    started: float
    room: int

    def drafted(self, piece: Piece) -> Draft:
        """The prompt that a piece is read with: a sentence for each of its stories, within reason."""
        stories = sum(unit.stories for unit in piece.units)
        sentences = min(MOST_SENTENCES, max(3, self.wish.length.sentences, stories))
        wish = replace(self.wish, length=Length(sentences=sentences))
        return drafted(self.model, self.brief, piece.hits, **wish.inputs(self.brief))

    def job(self, piece: Piece) -> Job[Summary]:
        """The reading of one piece: whatever length its sentences come to, they are only candidates."""
        wish = replace(self.wish, style="brief", length=Length(sentences=2 * MOST_SENTENCES))
        finish = partial(summary_from_reply, wish, piece.hits, prompt=self.brief.ref)
        return Job(draft=self.drafted(piece), finish=finish, started=self.started)

    def packed(self, units: Sequence[Unit]) -> list[Piece]:
        """Units in pieces that fit one call each; a unit is only divided when it is too large for a piece."""
        pieces: list[Piece] = []
        inside: list[Unit] = []
        hits: list[Hit] = []
        used = 0

        def close() -> None:
            nonlocal used
            if hits:
                pieces.append(Piece(units=tuple(inside), hits=Hits(hits)))
            inside.clear()
            hits.clear()
            used = 0

        for unit in units:
            costs = [_tokens(hit) for hit in unit.hits]
            if used and used + sum(costs) > self.room:
                close()
            for hit, cost in zip(unit.hits, costs, strict=True):
                if used and used + cost > self.room:
                    close()
                if not inside or inside[-1] is not unit:
                    inside.append(unit)
                hits.append(hit)
                used += cost
        close()
        return pieces

    def calls_above(self, pieces: int) -> int:
        """About how many calls bring so many pieces together, the last one included."""
        calls = 0
        while pieces > 1:
            pieces = max(1, -(-pieces * MOST_SENTENCES * A_CITATION // self.room)) if calls < LEVELS else 1
            calls += pieces
        return max(1, calls)


def _tokens(hit: Hit) -> int:
    title = f"{hit.article.title or ''} {hit.article.publisher or ''}"
    indented = 2 * hit.passage.text.count("\n")
    return _AROUND + indented + counted_tokens([Message(role="user", content=f"{title} {hit.passage.text}")])


def room_for(model: Model, prompt: Prompt, brief: Prompt, wish: Wish) -> int:
    """Tokens of passages that fit one call with either prompt."""
    if model.context_window is None:
        return UNKNOWN
    longest = 0
    for one in (prompt, brief):
        frame = counted_tokens(one.render(passages=[], **wish.inputs(one)))
        longest = max(longest, frame + _longest_reply(model, one))
    return max(1, min(PIECE, int(_SPARE * (model.context_window - longest))))


def _longest_reply(model: Model, prompt: Prompt) -> int:
    most = prompt.parameters.get("max_tokens")
    return model.longest_reply(None if most is None else int(most)) or 0


def units_of(told: Sequence[Told]) -> list[Unit]:
    """A unit for each story."""
    return [Unit(title=one.story.title, hits=one.hits) for one in told]


def affordable(plan: Plan, pieces: Sequence[Piece]) -> tuple[int, str]:
    """How many of the pieces, from the first on, the library's limits allow to be read, and which limit it is."""
    meter = plan.model.meter
    count, limit = len(pieces), ""
    if meter is not None and meter.max_calls is not None:
        left = meter.max_calls - meter.calls
        while count > 1 and count + plan.calls_above(count) > left:
            count -= 1
        if count < len(pieces):
            limit = f"max_calls={meter.max_calls} leaves {left:,} call{'' if left == 1 else 's'}"
    if meter is not None and meter.budget_usd is not None:
        each = plan.model.cost(plan.room, _longest_reply(plan.model, plan.brief))
        if each is not None:
            left_usd = meter.budget_usd - meter.spent_usd
            before = count
            while count > 1 and each * (count + plan.calls_above(count)) > left_usd:
                count -= 1
            limit = limit if count == before else f"budget_usd={meter.budget_usd:g} leaves ${max(0.0, left_usd):.4f}"
    return count, limit
