"""Material -> Summary, by picking sentences or by asking a model and checking what it wrote.

Without a model, sentences are picked story by story (:mod:`toolkit.summaries.picking`). With one, what fits a single
prompt is one call; what does not is read piece by piece (:mod:`toolkit.summaries.digest`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from toolkit.alignment.sentences import Markers, marked_text, plain_sentences, quote
from toolkit.ask import EXTRACTIVE, checked_claims, unsupported_reason, written_sentences
from toolkit.drafts import Draft
from toolkit.embeddings import StaticEmbedding
from toolkit.language.lengths import Length, word_count
from toolkit.summaries.contrary import contrary_notes
from toolkit.summaries.material import SURE, Material
from toolkit.summaries.picking import Choice, Teller, choose, sentences_in_order
from toolkit.types import Claim, Hit, Hits, PromptRef, Summary, SummaryNode
from toolkit.writing import Job

if TYPE_CHECKING:
    from toolkit.models import Reply
    from toolkit.prompts import Prompt

_SHOWN = 16  # passages that a summary carries besides those it cites
_NODE = 2  # sentences that sum up a story by itself


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be summed up, and how.

    Attributes:
        query: What about; None for everything.
        style: The prompt variant.
        length: How long.
    """

    query: str | None
    style: str
    length: Length

    @property
    def subject(self) -> str:
        """The query's words, without its operators."""
        from toolkit.retrieval.queries import parse

        return "" if self.query is None else parse(self.query).text

    def inputs(self, prompt: Prompt) -> dict[str, Any]:
        """What a prompt is filled in with; prompts of the user's own need not know of words."""
        words = {"words": self.length.words or 0} if "words" in prompt.inputs else {}
        return {"query": self.query or "", "sentences": self.length.sentences, **words}


def left_out(some: int, of: int) -> str:
    """The beginning of a note about articles that were not read."""
    return f"{some:,} of {of:,} articles {'was' if some == 1 else 'were'} left out; summary.coverage says which and why"


def no_summary(wish: Wish, hits: Sequence[Hit], prompt: PromptRef, reason: str, **details: Any) -> Summary:
    """A summary that is none: the reason, and what came closest."""
    return Summary(
        query=wish.query,
        style=wish.style,
        answered=False,
        reason=reason,
        hits=tuple(hits[:SURE]),
        prompt=prompt,
        **details,
    )


def _summary(
    wish: Wish, hits: Sequence[Hit], prompt: PromptRef, claims: tuple[Claim, ...], markers: Markers, **details: Any
) -> Summary:
    shown = [marked_text((claim,)) for claim in claims]
    return Summary(
        query=wish.query,
        style=wish.style,
        answered=True,
        text="\n".join(f"- {line}" for line in shown) if wish.style == "bullets" else " ".join(shown),
        claims=claims,
        citations=markers.citations,
        hits=tuple(hits),
        prompt=prompt,
        **details,
    )


# Without a model -----------------------------------------------------------------------------------------------------


def extract_summary(wish: Wish, material: Material, prompt: PromptRef) -> Summary:
    """Sum up with the most central sentences of the stories, each quoted as it stands, the weightiest story first."""
    about = StaticEmbedding().embed_query(wish.subject) if wish.query else None
    kind = {"headline": wish.style == "headline", "among_others": len(material.told) > 1}
    tellers = [Teller(told, wish.query, about, **kind) for told in material.told]
    choice = choose(tellers, wish.length)
    chosen = [sentence for story in choice.sentences for sentence in story]
    if not chosen:
        found = no_summary(wish, material.hits, prompt, "coverage: no sentence there can stand on its own")
        return replace(found, coverage=material.coverage(()))
    markers = Markers()
    claims = tuple(quote(sentence, markers) for sentence in chosen)
    cited = {citation.article.id for citation in markers.citations}
    stories = [sentences_in_order(t.told.hits) for t, own in zip(tellers, choice.sentences, strict=True) for _ in own]
    notes = (*filter(None, [choice.note]), *contrary_notes(chosen, claims, stories))
    summary = _summary(wish, _shown(material, markers), prompt, claims, markers, model=EXTRACTIVE, notes=notes)
    tree, silent = _tree(wish, claims, tellers, choice)
    return replace(summary, coverage=material.coverage(cited, why=silent), tree=tree)


def _shown(material: Material, markers: Markers) -> Hits:
    """The passages that are cited, and a few more of those that were read."""
    spans = [citation.span for citation in markers.citations]
    cited = [h for h in material.hits if any(h.passage.span.overlaps(span) for span in spans)]
    if len(material.hits) <= _SHOWN:
        return material.hits
    ids = {hit.passage.id for hit in cited}
    others = [hit for hit in material.hits if hit.passage.id not in ids]
    return Hits([*cited, *others[: max(0, _SHOWN - len(cited))]])


def _tree(
    wish: Wish, claims: tuple[Claim, ...], tellers: Sequence[Teller], choice: Choice
) -> tuple[SummaryNode, dict[str, str]]:
    """Every story summed up by itself, and why nothing was chosen of articles that have nothing to quote."""
    children = []
    silent: dict[str, str] = {}
    for teller, chosen in zip(tellers, choice.sentences, strict=True):
        story = teller.told.story
        markers = Markers()
        own = chosen if len(chosen) >= _NODE or len(tellers) == 1 else teller.picks(_NODE)
        teller.forget()
        if not own:
            silent.update({article.id: "no sentence of it can stand on its own" for article in story.articles})
        node = tuple(quote(sentence, markers) for sentence in own)
        children.append(SummaryNode(title=story.title, claims=node, articles=story.articles))
    if len(children) == 1:
        return replace(children[0], claims=claims), silent
    root = SummaryNode(
        title=wish.query or f"{len(children):,} stories",
        claims=claims,
        articles=tuple(article for teller in tellers for article in teller.told.story.articles),
        children=tuple(children),
    )
    return root, silent


# With a model --------------------------------------------------------------------------------------------------------


def summary_from_reply(wish: Wish, hits: Sequence[Hit], reply: Reply, prompt: PromptRef) -> Summary:
    """Check what a model wrote, sentence by sentence; refused whole when nothing of it is borne out.

    Models do not count well: what goes beyond the length that was asked for is cut off, and a note says so.
    """
    markers = Markers()
    sentences, notes = written_sentences(reply)
    kept = wish.length.kept(sentences)
    if kept < len(sentences):
        cut = f"the last {len(sentences) - kept} of its {len(sentences)} sentences were cut off"
        notes = (f"{reply.model} wrote more than {wish.length}: {cut}.",)
    elif wish.length.words is None and kept == wish.length.sentences < len(plain_sentences(reply.text)):
        notes = ()  # where the reply was cut off, it had gone on beyond the length
    elif wish.length.words is not None and sum(map(word_count, sentences)) > wish.length.words:
        notes = (*notes, f"The only sentence that {reply.model} wrote is longer than {wish.length}.")
    claims = checked_claims(sentences[:kept], hits, markers)
    details: dict[str, Any] = {"model": reply.model, "usage": reply.usage, "notes": notes}
    reason = unsupported_reason(claims, reply)
    if reason:
        return no_summary(wish, hits, prompt, reason, **details)
    return _summary(wish, hits, prompt, claims, markers, **details)


@dataclass(frozen=True, kw_only=True)
class OneCall(Job[Summary]):
    """A summary in one call, which says what became of every article.

    Attributes:
        material: What it is made from.
        unread: Why articles of the material that are not in the prompt were not read; empty when they did not fit.
    """

    material: Material
    unread: str = ""

    def timed(self, reply: Reply | None, draft: Draft | None) -> Summary:
        """As for every job, with coverage and a tree of one node."""
        written = super().timed(reply, draft)
        if draft is None:
            return written
        given = {hit.article.id for hit in draft.hits[: draft.kept]}
        full = self.unread or f"beyond the budget: it does not fit {draft.model_and_window}"
        unread = {hit.article.id: full for hit in self.material.hits if hit.article.id not in given}
        cited = {citation.article.id for citation in written.citations}
        coverage = self.material.coverage(cited, unread=unread)
        articles = {hit.article.id: hit.article for hit in draft.hits[: draft.kept]}
        first = self.material.told[0].story
        title = first.title if len(self.material.told) == 1 else written.query or f"{len(self.material.told)} stories"
        tree = SummaryNode(title=title, claims=written.claims, articles=tuple(articles.values()))
        notes = written.notes
        if self.unread and unread:
            notes = (f"{left_out(len(unread), len(given) + len(unread))} ({self.unread}).", *notes)
        return replace(written, coverage=coverage, tree=tree, notes=notes)
