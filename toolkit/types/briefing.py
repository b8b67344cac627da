"""Briefings, and the pieces that every value is taken apart into to stand in one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from toolkit.types.claims import Citation, Claim
from toolkit.types.copies import independent
from toolkit.types.shown import Recorded

WordsKind = Literal["paragraph", "heading", "note", "abstention", "muted"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prose:
    """Claims that are read as one paragraph."""

    claims: tuple[Claim, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Words that cite nothing.

    Attributes:
        text: What is said.
        kind: A paragraph, a heading within the section, a note that a reader should not miss, why there is no answer,
            or small print.
        lead: What stands before the text in bold, such as “Not in your articles”.
    """

    text: str
    kind: WordsKind = "paragraph"
    lead: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a list: a label, what is said under it, and a remark.

    Attributes:
        label: Such as a day, a speaker, or “new”.
        claims: What is said.
        also: Further citations behind the claims.
        text: Words that cite nothing, such as a passage that came closest.
        gone: Whether these words no longer hold, and are shown as struck out.
        note: A remark, small.
    """

    label: str = ""
    claims: tuple[Claim, ...] = ()
    also: tuple[Citation, ...] = ()
    text: str = ""
    gone: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """Entries, one below the other."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """A value that is not taken apart: it is shown as it shows itself, with sources of its own."""

    value: Any


Block = Prose | Words | Listing | Embedded


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a briefing.

    Attributes:
        heading: Its heading; empty for none.
        blocks: What it says.
        made: How it was made: model, prompt, seconds; empty when there is nothing to say.
        chapter: Whether its heading stands above those of the sections that follow.
        groups: The story copy group of each article that it cites and that is known to be in one: article id -> group
            id. Not part of the JSON form.
    """

    heading: str = ""
    blocks: tuple[Block, ...] = ()
    made: str = ""
    chapter: bool = False
    groups: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Its claims, in order."""
        found: list[Claim] = []
        for block in self.blocks:
            if isinstance(block, Prose):
                found += block.claims
            elif isinstance(block, Listing):
                found += [claim for entry in block.entries for claim in entry.claims]
        return tuple(found)


def numbered(sections: Iterable[Section]) -> tuple[tuple[Section, ...], tuple[Citation, ...]]:
    """Sections whose citations are numbered from 1 in order of first use, and these citations, each once.

    The same quote at the same place has the same number throughout. An article that was changed between two parts is
    two sources: the quotes decide.
    """
    found: dict[tuple[object, str], Citation] = {}

    def cite(citation: Citation) -> Citation:
        place = (citation.span, citation.quote)
        if place not in found:
            found[place] = replace(citation, marker=len(found) + 1)
        return found[place]

    def claims(given: Iterable[Claim]) -> tuple[Claim, ...]:
        return tuple(replace(claim, citations=tuple(dict.fromkeys(map(cite, claim.citations)))) for claim in given)

    def entry(given: Entry) -> Entry:
        own = claims(given.claims)
        cited = {citation for claim in own for citation in claim.citations}
        also = tuple(c for c in dict.fromkeys(map(cite, given.also)) if c not in cited)
        return replace(given, claims=own, also=also)

    def block(given: Block) -> Block:
        if isinstance(given, Prose):
            return Prose(claims=claims(given.claims))
        return Listing(entries=tuple(map(entry, given.entries))) if isinstance(given, Listing) else given

    done = tuple(replace(section, blocks=tuple(map(block, section.blocks))) for section in sections)
    return done, tuple(found.values())


def independent_of(sections: Iterable[Section], citations: Iterable[Citation]) -> int:
    """How many independent sources the citations of some sections come from, by the copies that those know of."""
    groups = {article: group for section in sections for article, group in section.groups.items()}
    return independent((citation.article for citation in citations), groups)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Briefing(Recorded):
    """One document made of answers, summaries and the like, with one list of sources.

    Attributes:
        title: Its title.
        sections: Its parts in order; their citations carry the numbers of the whole document.
        citations: The sources: every citation once, in order of its number.
        made_at: When it was put together.
        language: Of the document, for readers and screen readers, such as ``en``.
    """

    title: str
    sections: tuple[Section, ...]
    citations: tuple[Citation, ...]
    made_at: datetime
    language: str = "en"

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim of the document, in order."""
        return tuple(claim for section in self.sections for claim in section.claims)

    @property
    def independent(self) -> int:
        """How many independent sources are cited, as far as its parts know: copies of one text count once."""
        return independent_of(self.sections, self.citations)

    def to_html(self) -> str:
        """The whole document as one HTML file: nothing is fetched, no script, light and dark, good to print."""
        from toolkit.display import to_document

        return to_document(self)

    def _repr_html_(self) -> str:
        from toolkit.display import to_html

        return to_html(self)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "title": self.title,
            "made_at": self.made_at.isoformat(),
            "language": self.language,
            "sections": [_section_dict(section) for section in self.sections],
            "citations": [citation.to_dict() for citation in self.citations],
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the document; an older file is replaced when the new one is whole.

        Args:
            path: ``.html`` or ``.htm``, ``.md`` or ``.markdown``, ``.txt``, or ``.json``.

        Returns:
            Where it was written.

        Raises:
            ArgumentError: The name has another ending.
            ToolkitError: It cannot be written; an older file stays.
        """
        from toolkit.briefings import save

        return save(self, path)


def _section_dict(section: Section) -> dict[str, Any]:
    return {"heading": section.heading, "made": section.made, "blocks": list(map(_block_dict, section.blocks))}


def _block_dict(block: Block) -> dict[str, Any]:
    if isinstance(block, Prose):
        return {"claims": [claim.to_dict() for claim in block.claims]}
    if isinstance(block, Words):
        return {"kind": block.kind, "lead": block.lead, "text": block.text}
    if isinstance(block, Listing):
        return {"entries": list(map(_entry_dict, block.entries))}
    return {"text": repr(block.value)}


def _entry_dict(entry: Entry) -> dict[str, Any]:
    return {
        "label": entry.label,
        "claims": [claim.to_dict() for claim in entry.claims],
        "also": [citation.marker for citation in entry.also],
        "text": entry.text,
        "gone": entry.gone,
        "note": entry.note,
    }
