"""Watched questions: the accepted answer beside today's, claim by claim.

Nothing is accepted by looking. :meth:`Watcher.changes` compares and writes nothing; :meth:`Watcher.accept` makes the
answers that were shown the accepted ones, and refuses when somebody else was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from toolkit.copies import adds_nothing
from toolkit.errors import ArgumentError
from toolkit.extract import is_statement, rank
from toolkit.language.questions import read_question
from toolkit.retrieval.filters import Filters
from toolkit.thresholds import ASKED_ABOUT
from toolkit.types import (
    Answer,
    Article,
    Change,
    Changes,
    Claim,
    ClaimChange,
    Hits,
    PastAnswer,
    PastCitation,
    PastClaim,
    PromptRef,
    StaleCitation,
    Status,
    Watch,
    Watches,
)
from toolkit.watching.baselines import (
    article_key,
    note_of,
    passage_key,
    past_answer,
    plain_options,
    quote_key,
    read_note,
    revived,
    watch_id,
    with_answer,
)
from toolkit.watching.fates import WELL, borne_out_by, contradicted, denials, fates

if TYPE_CHECKING:
    from toolkit.store import Store

CHECKED = 20
"""Passages that a claim is held against, as :meth:`toolkit.Library.verify` does."""

LONGEST_CLAIM = 2000
"""Characters of a sentence that is held against others; longer ones are texts."""

_PASSAGES = 8  # that an ask reads when it is not told how many
_SCOPE = ("since", "until", "publisher", "ids")
_ASK_ONLY = ("prompt", "llm")
_REORDERED = (
    "No article behind the difference is new, and nothing that was cited is gone: the same sources rank otherwise."
)


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """The watched questions of one library.

    Attributes:
        store: Gives the store.
        ask: Answers a question, as :meth:`toolkit.Library.ask`.
        find: Finds passages, as :meth:`toolkit.Library.search` without operators.
        writer: For the options ``llm`` and ``prompt`` of an ask, the model's name (None for no model) and the prompt.
    """

    store: Callable[[], Store]
    ask: Callable[..., Answer]
    find: Callable[..., Hits]
    writer: Callable[[Mapping[str, Any]], tuple[str | None, PromptRef]]

    # -- keeping -----------------------------------------------------------------------------------------------------

    def watch(self, question: str, options: Mapping[str, Any]) -> Watch:
        """Watch a question from now on, with today's answer as the accepted one; one that is watched stays as it is."""
        from toolkit.store.watches import change_watches, read_watches

        kept = plain_options(options)
        if not isinstance(question, str) or not question.strip():
            raise ArgumentError("the question is empty; give some words to look for")
        asked = " ".join(question.split())
        name = watch_id(asked, kept)
        store = self.store()
        if (text := read_watches(store).get(name)) is not None:
            return read_note(name, text, store.where)[0]
        change_watches(store, lambda _: {})  # a library that cannot be written to says so before a model is asked
        answer = self.ask(asked, **kept)
        checks = [_check(claim, self._hits(claim.text, kept), None) for claim in answer.claims]
        first = past_answer(answer, [one.disputed for one in checks], _looked_at(checks))
        made = Watch(id=name, question=asked, options=kept, since=first.at, answer=first)
        found = [made]

        def change(texts: dict[str, str]) -> dict[str, str]:
            if name not in texts:
                return {name: note_of(made, [first])}
            found[0] = read_note(name, texts[name], store.where)[0]  # another process was faster
            return {}

        change_watches(store, change)
        return found[0]

    def watches(self) -> Watches:
        """What is watched, first watched first."""
        return Watches(watch for watch, _ in self._notes())

    def unwatch(self, which: str | Watch) -> int:
        """Forget a watch, or by its words every watch of a question; returns how many were there."""
        from toolkit.store.watches import drop_watch, read_watches

        store = self.store()
        if isinstance(which, Watch):
            return int(drop_watch(store, which.id))
        if not isinstance(which, str):
            raise ArgumentError(f"{which!r:.40} is not a watch: give a question, an id, or one of watches()")
        if which in read_watches(store):  # not read: it may be damaged
            return int(drop_watch(store, which))
        asked = " ".join(which.split())
        return sum(drop_watch(store, watch.id) for watch in self.watches() if watch.question == asked)

    def accept(self, shown: Iterable[Change]) -> tuple[Watch, ...]:
        """Make answers that were shown the accepted ones, all or none.

        Raises:
            ArgumentError: One is no longer watched, or another answer to it was accepted since it was compared.
        """
        from toolkit.store.watches import change_watches

        store = self.store()
        if not isinstance(shown, Iterable):
            raise ArgumentError(f"{shown!r:.40} is not a change: give what changes() returned, or entries of it")
        given = list(shown)
        if wrong := [one for one in given if not isinstance(one, Change)]:
            raise ArgumentError(f"{wrong[0]!r:.40} is not a change: give what changes() returned, or entries of it")
        accepted: list[Watch] = []

        def change(texts: dict[str, str]) -> dict[str, str]:
            accepted.clear()
            written = {}
            for one in given:
                name, said = one.watch.id, f"“{one.question:.60}”"
                if name not in texts:
                    raise ArgumentError(f"{said} is no longer watched: watch it again")
                watch, answers = read_note(name, texts[name], store.where)
                if watch.answer.at != one.watch.answer.at:
                    raise ArgumentError(f"another answer to {said} was accepted meanwhile: look at changes() again")
                if one.past != watch.answer or one.unread or not _same_answer(one):
                    latest = past_answer(one.answer, one.disputes, one.known)
                    watch = with_answer(watch, latest)
                    written[name] = note_of(watch, [*answers, latest])
                accepted.append(watch)
            return written

        change_watches(store, change)
        return tuple(accepted)

    def _notes(self) -> list[tuple[Watch, tuple[PastAnswer, ...]]]:
        from toolkit.store.watches import read_watches

        store = self.store()
        notes = [read_note(name, text, store.where) for name, text in read_watches(store).items()]
        return sorted(notes, key=lambda note: (note[0].since, note[0].id))

    # -- comparing ---------------------------------------------------------------------------------------------------

    def changes(self, since: str | date | datetime | None) -> Changes:
        """Today's answers beside the accepted ones, or beside those that were accepted at a moment."""
        moment = _moment(since)
        return Changes(all=tuple(self._change(*note, moment) for note in self._notes()), at=datetime.now(UTC))

    def _change(self, watch: Watch, answers: tuple[PastAnswer, ...], moment: datetime | None) -> Change:
        past, early = _accepted_at(answers, moment)
        answer = self._today(watch, past)
        around = cache(partial(self._hits, options=watch.options))
        checks = [_check(claim, around(claim.text), past) for claim in answer.claims]
        against = [_contradiction(claim, around(claim.text), past) for claim in past.claims]
        stale = self._stale(past)
        lost = {gone.citation for gone in stale if gone.why != "moved"}
        claims = fates(past, answer, against, lost, [one.said_before for one in checks])
        causes = _causes(past, claims, stale)
        notes = _written_otherwise(past, answer)
        fallen = bool(lost) or any(map(_has_fallen, claims))
        status, settled = _status(past, answer, claims, fallen=fallen, explained=fallen or bool(causes or notes))
        return Change(
            watch=watch,
            past=past,
            status=status,
            answer=answer,
            claims=claims,
            stale=stale,
            causes=causes,
            unread=_unread(past, answer, causes),
            notes=(*early, *notes, *settled),
            disputes=tuple(one.disputed for one in checks),
            known=_looked_at(checks),
        )

    def _today(self, watch: Watch, past: PastAnswer) -> Answer:
        """Today's answer; a model that would be given the same passages with the same prompt is not asked again."""
        model, prompt = self.writer(watch.options)
        if model is not None and past.model == model and past.prompt == prompt:
            wished = {"k": _PASSAGES} | {k: v for k, v in watch.options.items() if k not in _ASK_ONLY}
            hits = self.find(watch.question, **wished)
            if set(map(passage_key, hits)) == set(past.passages):
                same = revived(past, watch.question, hits)
                if same is not None:
                    return same
        return self.ask(watch.question, **watch.options)

    def _hits(self, text: str, options: Mapping[str, Any]) -> Hits:
        """What a sentence is held against, of what the watch may look at."""
        if not text.strip() or len(text) > LONGEST_CLAIM:
            return Hits()
        return self.find(text, CHECKED, rerank=None, **{name: options[name] for name in _SCOPE if name in options})

    def _stale(self, past: PastAnswer) -> tuple[StaleCitation, ...]:
        """The citations that no longer hold."""
        cited = list(dict.fromkeys(citation for claim in past.claims for citation in claim.citations))
        store = self.store()
        articles = store.articles(dict.fromkeys(citation.article_id for citation in cited))
        gone = [c for c in cited if c.article_id not in articles]
        # A page or file that was read again is an article of a new id.
        articles |= store.newest(c.article_id for c in gone)
        gone = [c for c in gone if c.article_id not in articles]
        # Of before versions were kept.
        origins = store.ids_by_origin(dict.fromkeys(c.origin for c in gone if c.origin)) if gone else {}
        later = store.articles(origins.values()) if origins else {}
        found = []
        for citation in cited:
            article = articles.get(citation.article_id) or later.get(origins.get(citation.origin or "", ""))
            if (stale := _staleness(citation, article)) is not None:
                found.append(stale)
        return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Check:
    """What stands around one claim of today's answer.

    Attributes:
        disputed: Hashes of the quotes that contradict it.
        looked_at: The articles that were looked at.
        said_before: Whether articles that were known when the past answer was accepted bear it out.
    """

    disputed: tuple[str, ...]
    looked_at: frozenset[str]
    said_before: bool


def _check(claim: Claim, hits: Hits, past: PastAnswer | None) -> _Check:
    """Look around one claim of today's answer.

    What disputed it already is known; what disputes it now is known from when this answer is accepted.
    """
    own = {article_key(citation.article) for citation in claim.citations}
    known = frozenset(past.known) if past else frozenset[str]()
    before = [hit for hit in hits if article_key(hit.article) in known]
    kept = next((one for one in past.claims if one.text == claim.text), None) if past else None
    unread = [hit for hit in hits if article_key(hit.article) not in own | (known if kept else frozenset())]
    disputed = {quote_key(quote) for _, quote in denials(claim.text, unread)} | set(kept.disputed if kept else ())
    return _Check(
        disputed=tuple(sorted(disputed)),
        looked_at=frozenset(article_key(hit.article) for hit in hits),
        said_before=bool(before) and kept is None and borne_out_by(claim.text, before),
    )


def _contradiction(claim: PastClaim, hits: Hits, past: PastAnswer) -> Claim | None:
    """The claim as an article contradicts it that was not looked at, or had another text, when it was accepted."""
    if claim.verdict not in (*WELL, "contradicted"):
        return None
    fresh = [hit for hit in hits if article_key(hit.article) not in past.known]
    cited = {citation.article_id for citation in claim.citations}
    for rival, quote in denials(claim.text, fresh, cited):
        if quote_key(quote) not in claim.disputed:
            return contradicted(claim.text, rival, [hit for hit in hits if hit not in fresh])
    return None


def _looked_at(checks: Iterable[_Check]) -> tuple[str, ...]:
    return tuple(sorted({key for one in checks for key in one.looked_at}))


def _staleness(citation: PastCitation, article: Article | None) -> StaleCitation | None:
    if article is None:
        return StaleCitation(citation=citation, why="deleted")
    if article.text_hash == citation.text_hash or article.text[citation.start : citation.end] == citation.quote:
        return None
    why = "moved" if citation.quote in article.text else "rewritten"
    return StaleCitation(citation=citation, why=why, article=article)  # type: ignore[arg-type]


def _moment(since: str | date | datetime | None) -> datetime | None:
    when = Filters(since=since).since
    if isinstance(when, date) and not isinstance(when, datetime):
        return datetime.combine(when, time.min, UTC)
    return when  # type: ignore[return-value]


def _accepted_at(answers: Sequence[PastAnswer], moment: datetime | None) -> tuple[PastAnswer, tuple[str, ...]]:
    """The answer that was accepted at a moment: the latest for None, the first when it was not watched yet."""
    if moment is None:
        return answers[-1], ()
    before = [answer for answer in answers if answer.at <= moment]
    if before:
        return before[-1], ()
    return answers[0], (f"Not watched before {answers[0].at:%Y-%m-%d %H:%M} UTC: compared with the answer of then.",)


def _status(
    past: PastAnswer, answer: Answer, claims: Sequence[ClaimChange], *, fallen: bool, explained: bool
) -> tuple[Status, tuple[str, ...]]:
    """How today's answer stands to the accepted one, and a note where only the order of what was found has moved.

    Scores count how rare words are in the whole library, so unrelated articles can bring other sentences of the same
    sources to the top. That is shown, and is no headline.
    """
    if past.answered != answer.answered:
        return ("newly answered" if answer.answered else "no longer answered"), (() if explained else (_REORDERED,))
    if fallen or (explained and any(_is_news(one) or one.fate == "gone" for one in claims)):
        return "changed", ()
    moved = any(one.fate not in ("same", "reworded") for one in claims)
    return "unchanged", (_REORDERED,) if moved and not explained else ()


def _has_fallen(one: ClaimChange) -> bool:
    """Whether nothing bears the accepted claim out any more, or something speaks against it."""
    return one.fate == "contradicted" or (one.fate == "gone" and not one.stands)


def _same_answer(change: Change) -> bool:
    """Whether accepting it would keep the same words with the same citations."""
    return change.status == "unchanged" and not change.stale and all(one.fate == "same" for one in change.claims)


def _written_otherwise(past: PastAnswer, answer: Answer) -> tuple[str, ...]:
    """What to say when another model or prompt made today's answer."""
    if not past.answered and not answer.answered:
        return ()
    before, now = (_writer(one.model, one.prompt) for one in (past, answer))
    return () if before == now else (f"The accepted answer was made with {before}, today's with {now}.",)


def _writer(model: str, prompt: PromptRef | None) -> str:
    if prompt is None or model == "extractive":
        return model
    return f"{model}, prompt {prompt.name}@{prompt.version} ({prompt.hash})"


def _is_news(one: ClaimChange) -> bool:
    return one.fate == "contradicted" or (one.fate == "new" and not one.known)


def _causes(past: PastAnswer, claims: Sequence[ClaimChange], stale: Sequence[StaleCitation]) -> tuple[Article, ...]:
    behind = [c.article for one in claims if _is_news(one) for c in one.citations]
    behind += [one.article for one in stale if one.article is not None and one.why == "rewritten"]
    return tuple({article_key(a): a for a in behind if article_key(a) not in past.known}.values())


def _unread(past: PastAnswer, answer: Answer, causes: Sequence[Article]) -> tuple[Article, ...]:
    """The articles about the question that were not looked at before and that today's answer does not use.

    A toll that has risen need not contradict the one of yesterday, nor be told in words that rank before it.
    """
    used = {article_key(c.article) for c in answer.citations} | {article_key(article) for article in causes}
    hits = [hit for hit in answer.hits if article_key(hit.article) not in used.union(past.known)]
    if not hits:
        return ()
    told = [*(claim.text for claim in answer.claims), *(claim.text for claim in past.claims)]
    about = [
        pick.sentence.article
        for pick in rank(read_question(answer.question), hits)
        if is_statement(pick.sentence)
        and min(pick.features["meaning"], pick.features["told"]) >= ASKED_ABOUT
        and not any(adds_nothing(pick.sentence.text, text) for text in told)
    ]
    return tuple({article_key(article): article for article in about}.values())
