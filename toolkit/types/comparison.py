"""Who says what: statements side by side, and where they agree and contradict each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from toolkit.types.articles import Article, Span
from toolkit.types.calls import PromptRef, Usage
from toolkit.types.claims import Citation, Claim
from toolkit.types.copies import independent
from toolkit.types.hits import Hit, Hits, copy_groups
from toolkit.types.shown import Recorded

if TYPE_CHECKING:
    import pandas as pd

Stance = Literal[
    "will", "may", "will not", "denies", "supports", "opposes", "wants", "doubts", "happened", "did not happen", "says"
]
"""How a statement stands to what it tells: that it will be, may be, will not be; that it is denied, supported, opposed,
wanted, doubted; that it happened, or did not; or, when none of these can be read, just that it is said."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Statement:
    """One sentence of an article, with who says it.

    Attributes:
        actor: Who says it, under one name for the whole comparison; the publisher when the article says it itself or
            does not tell.
        attributed: Whether the article attributes it to somebody; False when ``actor`` is the publisher.
        written: The actor as the sentence has it, such as “White House press secretary Karoline Leavitt”; empty when
            the sentence does not name one.
        via: Outlets that pass it on: “Bloomberg”, or the station that was told.
        stance: See :data:`Stance`.
        signal: The span of the words that carry the stance; None for ``says``.
        content: The span of what is said, within the sentence: without “X said on Tuesday”.
        claim: The sentence, with verdict ``quoted`` and its citation.
    """

    actor: str
    attributed: bool
    written: str = ""
    via: tuple[str, ...] = ()
    stance: Stance
    signal: Span | None = None
    content: Span
    claim: Claim

    @property
    def citation(self) -> Citation:
        """Where it stands."""
        return self.claim.citations[0]

    @property
    def quote(self) -> str:
        """The sentence's own characters."""
        return self.citation.quote

    @property
    def article(self) -> Article:
        """The article that it stands in."""
        return self.citation.article

    @property
    def publisher(self) -> str:
        """Who printed it; the article's title or first words when that is not known."""
        return self.article.publisher or self.article.heading

    @property
    def date(self) -> str | None:
        """The article's day of publication, ``YYYY-MM-DD``."""
        return self.article.date

    @property
    def words(self) -> str:
        """The words that carry the stance; empty for ``says``."""
        return "" if self.signal is None else self.article.text[self.signal.start : self.signal.end]

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "actor": self.actor,
            "attributed": self.attributed,
            "written": self.written,
            "via": list(self.via),
            "stance": self.stance,
            "words": self.words,
            "quote": self.quote,
            "publisher": self.publisher,
            "date": self.date,
            "citation": self.citation.marker,
        }

    def __repr__(self) -> str:
        return f"<Statement {self.actor}: {self.stance} {self.quote[:60]!r} [{self.citation.marker}]>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """All that one publisher, actor or article says.

    Attributes:
        name: The publisher, the actor, or the article's title.
        statements: In order of publication and place.
        summary: What they come to in one sentence of a model's, with verdict ``quoted`` or ``supported`` and the
            citations of those that bear it out; None when no model was asked, when there is one statement only, or when
            what the model wrote is not borne out.
    """

    name: str
    statements: tuple[Statement, ...]
    summary: Claim | None = None

    @property
    def stances(self) -> tuple[Stance, ...]:
        """Its stances, each once, in order."""
        return tuple(dict.fromkeys(statement.stance for statement in self.statements))


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What several independent sources say.

    Attributes:
        statements: One of each source first, then further ones.
        sources: The independent sources: a publisher, or the outlet whose report others pass on. Always two or more.
        copies: Statements that are near copies of another one, or come from the same outlet: they count once.
    """

    statements: tuple[Statement, ...]
    sources: tuple[str, ...]
    copies: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Single:
    """What a single source says.

    Attributes:
        statement: The first that says it.
        source: Where it comes from: the publisher, or the outlet whose report it is.
        printed_by: The publishers that have it; more than one when copies or one outlet's report are printed widely.
    """

    statement: Statement
    source: str
    printed_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """Two statements of which both cannot be so.

    Attributes:
        kind: ``number``, ``date``, ``negation`` or ``stance``.
        first, second: The earlier one first.
        first_says, second_says: What differs, as each has it.
        topic: What both speak of, in the first one's words.
        echoes: Further statements that say the same as one of the two.
    """

    kind: str
    first: Statement
    second: Statement
    first_says: str
    second_says: str
    topic: str = ""
    echoes: tuple[Statement, ...] = ()

    @property
    def later(self) -> bool:
        """Whether the second was published on a later day, so that it may be an update."""
        return bool(self.first.date and self.second.date and self.first.date < self.second.date)


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison(Recorded):
    """Who says what about one thing.

    Attributes:
        query: What it is about.
        by: What the positions are grouped by: ``publisher``, ``actor`` or ``article``.
        answered: False when the articles do not speak to the query; then ``reason`` says which gate failed.
        positions: What each says, the one with most statements first.
        agreements: What two or more independent sources say.
        contradictions: Pairs that cannot both be so.
        only_one: What a single source says, however many print it.
        reason: Why there is nothing; None when there is something.
        hits: What was retrieved, best first.
        notes: What a reader should know of how it was made.
        prompt: What a model was asked with; None when none was.
        model: The model that summed up positions; ``extractive`` when none took part.
        usage: Tokens and cost of all its calls.
        seconds: Wall-clock time of the call.
    """

    query: str
    by: str
    answered: bool
    positions: tuple[Position, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    only_one: tuple[Single, ...] = ()
    reason: str | None = None
    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    prompt: PromptRef | None = None
    model: str = "extractive"
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "hits", Hits(self.hits))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement once, in order of its citation; a sentence with two speakers has two."""
        found = [statement for position in self.positions for statement in position.statements]
        return tuple(sorted(found, key=lambda s: (s.citation.marker, s.content.start)))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation once, in order of its marker."""
        return tuple({s.citation.marker: s.citation for s in self.statements}.values())

    @property
    def groups(self) -> dict[str, str]:
        """The story copy group of each article that was retrieved and is in one: article id -> group id."""
        return copy_groups(self.hits)

    @property
    def independent(self) -> int:
        """How many independent sources the statements come from: copies of one text count once, as does a publisher."""
        return independent((one.article for one in self.statements), self.groups)

    def to_frame(self) -> pd.DataFrame:
        """One row for each statement.

        Returns:
            Columns ``position``, ``actor``, ``attributed``, ``written``, ``via`` (joined by “; ”), ``stance``,
            ``words``, ``quote``, ``publisher``, ``date`` (datetime64, NaT when unknown), ``title``, ``url``,
            ``article_id``, ``start``, ``end`` and ``marker``.
        """
        import pandas as pd

        columns = (
            "position actor attributed written via stance words quote publisher date title url article_id start end "
            "marker"
        ).split()
        rows = [
            (
                position.name, s.actor, s.attributed, s.written, "; ".join(s.via), s.stance, s.words, s.quote,
                s.publisher, s.date, s.article.title, s.article.url, s.article.id, s.citation.span.start,
                s.citation.span.end, s.citation.marker,
            )
            for position in self.positions
            for s in position.statements
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=columns)
        numbers = dict.fromkeys(("start", "end", "marker"), "int64")
        kinds = {**dict.fromkeys(columns, "object"), "attributed": "bool", **numbers}
        frame = frame.astype({name: kind for name, kind in kinds.items() if name != "date"})  # also when it is empty
        frame["date"] = pd.to_datetime(frame["date"]).astype("datetime64[s]")
        return frame

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; elsewhere a statement is named by its place in ``statements``, from 0."""
        statements = self.statements
        places = {id(statement): place for place, statement in enumerate(statements)}

        def at(some: Iterable[Statement]) -> list[int]:
            return [places[id(statement)] for statement in some]

        return {
            "query": self.query,
            "by": self.by,
            "answered": self.answered,
            "reason": self.reason,
            "statements": [statement.to_dict() for statement in statements],
            "positions": [
                {
                    "name": p.name,
                    "stances": list(p.stances),
                    "statements": at(p.statements),
                    "summary": None if p.summary is None else p.summary.to_dict(),
                }
                for p in self.positions
            ],
            "agreements": [
                {"statements": at(a.statements), "sources": list(a.sources), "copies": a.copies}
                for a in self.agreements
            ],
            "contradictions": [
                {
                    "kind": c.kind,
                    "topic": c.topic,
                    "first": places[id(c.first)],
                    "first_says": c.first_says,
                    "second": places[id(c.second)],
                    "second_says": c.second_says,
                    "later": c.later,
                    "echoes": at(c.echoes),
                }
                for c in self.contradictions
            ],
            "only_one": [
                {"statement": places[id(s.statement)], "source": s.source, "printed_by": list(s.printed_by)}
                for s in self.only_one
            ],
            "citations": [citation.to_dict() for citation in self.citations],
            "passages": [hit.to_dict() for hit in self.hits],
            "prompt": None if self.prompt is None else asdict(self.prompt),
            "model": self.model,
            "usage": asdict(self.usage),
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
        }
