"""Watched questions, and what has become of their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

from toolkit.types.answers import Answer
from toolkit.types.articles import Article
from toolkit.types.calls import PromptRef
from toolkit.types.claims import Citation, Claim, Difference, Verdict, in_a_cell
from toolkit.types.shown import Readable, Recorded

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["unchanged", "changed", "newly answered", "no longer answered"]
"""How today's answer to a watched question stands to the accepted one."""

Fate = Literal["same", "reworded", "new", "gone", "contradicted"]
"""What became of one claim: reworded says the same in other words, contradicted is what an article denies now."""

Stale = Literal["deleted", "rewritten", "moved"]
"""Why a citation no longer holds: no article, no such words in it, or the words stand elsewhere in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCitation:
    """A citation as it was when the answer was accepted; its article may have changed since, or be gone.

    Attributes:
        article_id, text_hash: Which article, in which text (SHA-256, hexadecimal).
        start, end: Where the quote stood in that text: code points, end exclusive.
        quote: The quoted characters.
        title, publisher, published, url, origin: As the article gave them then; ``published`` is the day.
    """

    article_id: str
    text_hash: str
    start: int
    end: int
    quote: str
    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    origin: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PastClaim:
    """A claim as it was accepted.

    Attributes:
        text, verdict, score: As in :class:`toolkit.types.Claim`.
        citations: What bore it out.
        disputed: Hashes of the quotes that contradicted it then already.
    """

    text: str
    verdict: Verdict
    score: float
    citations: tuple[PastCitation, ...] = ()
    disputed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PastAnswer:
    """An accepted answer: what later ones are compared with.

    Attributes:
        at: When it was accepted.
        answered: Whether there was an answer.
        reason: Why there was none; None when there was one.
        claims: Its sentences.
        model: Who wrote it, or ``extractive``.
        prompt: The prompt that was chosen.
        passages: ``id:hash:start-end`` of the passages that it was made from.
        known: ``id:hash`` of the articles that were looked at for it: what is not among them is new to it.
    """

    at: datetime
    answered: bool
    reason: str | None = None
    claims: tuple[PastClaim, ...] = ()
    model: str = "extractive"
    prompt: PromptRef | None = None
    passages: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its sentences in order, without markers."""
        return " ".join(claim.text for claim in self.claims)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Watch(Readable):
    """A question whose answer is watched.

    Attributes:
        id: Twelve hexadecimal digits, made from the question and its options.
        question: As asked.
        options: The options of :meth:`toolkit.Library.ask` that were given.
        since: When the question was first watched.
        answer: The accepted answer, with which today's is compared.
    """

    id: str
    question: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    since: datetime
    answer: PastAnswer

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))

    def to_dict(self) -> dict[str, Any]:
        """A JSON form."""
        answer = asdict(self.answer) | {"at": self.answer.at.isoformat()}
        for name in ("passages", "known"):
            answer.pop(name)
        known = {"id": self.id, "question": self.question, "options": dict(self.options)}
        return {**known, "since": self.since.isoformat(), "answer": answer}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimChange:
    """What became of one claim.

    Attributes:
        fate: ``same``, ``reworded``, ``new``, ``gone`` or ``contradicted``.
        claim: Today's sentence; None when there is none.
        past: The accepted one; None when there was none.
        against: For ``contradicted``, the accepted sentence held against today's articles: its last citation is what
            speaks against it. None when it is today's own sentence that does.
        differences: For ``contradicted``, the number, name, date or denial that disagrees: ``claim`` is the accepted
            sentence's.
        stands: For an accepted claim, whether a quote that bore it out still stands in its article.
        known: For ``new``, whether articles that were looked at for the accepted answer say so too: then it is no news.
    """

    fate: Fate
    claim: Claim | None = None
    past: PastClaim | None = None
    against: Claim | None = None
    differences: tuple[Difference, ...] = ()
    stands: bool = False
    known: bool = False

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What speaks for the change: the contradicting span, or what bears today's sentence out."""
        if self.against is not None:
            return self.against.citations[-1:]
        return self.claim.citations if self.claim is not None else ()

    def to_dict(self) -> dict[str, Any]:
        """A JSON form."""
        return {
            "fate": self.fate,
            "text": None if self.claim is None else self.claim.text,
            "was": None if self.past is None else self.past.text,
            "verdict": None if self.claim is None else self.claim.verdict,
            "differences": [asdict(difference) for difference in self.differences],
            "stands": self.stands,
            "known": self.known,
            "citations": [{k: v for k, v in c.to_dict().items() if k != "marker"} for c in self.citations],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class StaleCitation:
    """A citation of the accepted answer that no longer holds.

    Attributes:
        citation: As it was.
        why: ``deleted``: the article is gone. ``rewritten``: the article has another text without these words.
            ``moved``: it has another text, with these words at another place.
        article: The article as it is now; None when it is gone.
    """

    citation: PastCitation
    why: Stale
    article: Article | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON form."""
        now = None if self.article is None else self.article.id
        return {"why": self.why, **asdict(self.citation), "article_now": now}


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Change(Readable):
    """One watched question: the accepted answer beside today's.

    Attributes:
        watch: The question.
        past: The answer that was compared with.
        status: ``unchanged``, ``changed``, ``newly answered`` or ``no longer answered``.
        answer: Today's answer.
        claims: What became of each claim: today's in their order, then what is gone.
        stale: Citations of the accepted answer that no longer hold.
        causes: The articles behind the change that had no part in the accepted answer: newly added or rewritten ones,
            as a rule.
        unread: Articles about the question that were not looked at for the accepted answer, and that today's does not
            use: what they say may still matter.
        notes: What a reader should know, such as that another model wrote today's answer.
        disputes: For each claim of today's answer, hashes of the quotes that contradict it; kept when it is accepted.
        known: ``id:hash`` of the articles that were looked at.
    """

    watch: Watch
    past: PastAnswer
    status: Status
    answer: Answer
    claims: tuple[ClaimChange, ...] = ()
    stale: tuple[StaleCitation, ...] = ()
    causes: tuple[Article, ...] = ()
    unread: tuple[Article, ...] = ()
    notes: tuple[str, ...] = ()
    disputes: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    known: tuple[str, ...] = field(default=(), repr=False)

    @property
    def question(self) -> str:
        """The watched question."""
        return self.watch.question

    def of(self, fate: Fate) -> tuple[ClaimChange, ...]:
        """The claims of one fate."""
        return tuple(one for one in self.claims if one.fate == fate)

    def to_dict(self) -> dict[str, Any]:
        """A JSON form; ``answer`` has that of :meth:`toolkit.types.Answer.to_dict`."""
        causes, unread = (
            [{"article_id": a.id, "title": a.title, "publisher": a.publisher, "published": a.date} for a in articles]
            for articles in (self.causes, self.unread)
        )
        return {
            "id": self.watch.id,
            "question": self.question,
            "status": self.status,
            "since": self.past.at.isoformat(),
            "claims": [one.to_dict() for one in self.claims],
            "stale": [one.to_dict() for one in self.stale],
            "causes": causes,
            "unread": unread,
            "notes": list(self.notes),
            "answer": self.answer.to_dict(),
        }


class Watches(Readable, tuple[Watch, ...]):
    """Watched questions, first watched first: a tuple that shows itself in a notebook."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Changes(Recorded):
    """What has become of every watched question. Nothing is accepted by looking: see :meth:`toolkit.Library.accept`.

    Attributes:
        all: One entry for each watched question, in the order in which they were first watched.
        at: When they were compared.
    """

    all: tuple[Change, ...] = ()
    at: datetime

    @property
    def changed(self) -> tuple[Change, ...]:
        """Those whose status is not ``unchanged``."""
        return tuple(one for one in self.all if one.status != "unchanged")

    def __iter__(self) -> Iterator[Change]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, index: SupportsIndex) -> Change:
        return self.all[index]

    def to_dict(self) -> dict[str, Any]:
        """A JSON form."""
        return {"at": self.at.isoformat(), "changes": [one.to_dict() for one in self.all]}

    def to_frame(self) -> pd.DataFrame:
        """One row for each claim and each stale citation: question, status, what, text, was, why, sources."""
        import pandas as pd

        names = ("question", "status", "what", "text", "was", "why", "sources")
        return pd.DataFrame([row for one in self.all for row in _rows(one)], columns=list(names))


def _rows(change: Change) -> Iterator[tuple[object, ...]]:
    lead = change.question, change.status
    for one in change.claims:
        why = in_a_cell(one.differences)
        sources = [c.article.url or c.article.title or c.article.id for c in one.citations]
        text = None if one.claim is None else one.claim.text
        yield *lead, one.fate, text, None if one.past is None else one.past.text, why, "; ".join(dict.fromkeys(sources))
    for gone in change.stale:
        cited = gone.citation
        yield *lead, "stale", None, cited.quote, gone.why, cited.url or cited.title or cited.article_id
