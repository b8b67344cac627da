"""Citations for other people's documents: as text, Markdown, BibTeX, and CSL-JSON.

An author is split into given and family name only where that is plain to see; anything else is given as it stands, the
way both formats have for organisations, since a wrong split cannot be told from a right one later.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from toolkit.display import markdown, shared
from toolkit.errors import ArgumentError
from toolkit.types import Article, Citation

STYLES = ("text", "markdown", "bibtex", "csl-json")

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_TEX = {
    **{char: f"\\{char}" for char in "&%$#_"},
    # A brace counts for BibTeX even after a backslash, so it goes by its name.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_IN_URL = {"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"}
_NOT_A_PERSON = re.compile(
    r"\b(?:agenc\w*|associated|board|bureau|collective|correspondents?|department|desk|editor\w*|foundation|group|inc|"
    r"institute|journal|ltd|magazine|media|ministry|network|news\w*|office|organi[sz]ation|post|press|reporters?|"
    r"reuters|service|staff|team|the|times|tribune|university|wires?)\b|(?-i:[A-Z]{3,})|[\d@/(]",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,3}")
_SUFFIX = re.compile(r"(?:jr|sr|ph\.?d|esq)\.?|[IVX]{2,4}", re.IGNORECASE)
_FAMILY_FIRST = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff]")  # Chinese, Japanese, Korean
_AND = re.compile(r"\s*,?\s+(?:and|&)\s+|\s*,\s*")
_BYLINE = re.compile(r"\s*by[\s:]+", re.IGNORECASE)


def cite(citations: Iterable[Citation], style: str = "text", *, accessed: date | str | None = None) -> str:
    """Citations, or for BibTeX and CSL-JSON the articles that they cite, each once.

    Args:
        citations: What is cited.
        style: ``text``, ``markdown``, ``bibtex`` or ``csl-json``.
        accessed: The day on which the addresses were looked at, for the two formats that have a place for it.

    Returns:
        One line a citation, with its number; BibTeX entries; or a JSON array of CSL items.

    Raises:
        ArgumentError: The style is another one, or ``accessed`` is not a date.
    """
    given = list(citations)
    looked = _day(accessed)
    if style == "text":
        return "\n".join(f"[{one.marker}] {_text(one)}" for one in given)
    if style == "markdown":
        return "\n".join(f"- [{one.marker}] {_markdown(one)}" for one in given)
    if style == "bibtex":
        return "\n\n".join(_bibtex(article, quotes, looked) for article, quotes in _articles(given))
    if style == "csl-json":
        items = [_csl(article, quotes, looked) for article, quotes in _articles(given)]
        return json.dumps(items, ensure_ascii=False, indent=2)
    raise ArgumentError(f"cite({style!r}): the styles are {', '.join(STYLES)}")


def cite_one(citation: Citation, style: str = "text", *, accessed: date | str | None = None) -> str:
    """One citation as :func:`cite` gives several, without its number; CSL-JSON is one object."""
    if style == "text":
        return _text(citation)
    if style == "markdown":
        return _markdown(citation)
    if style == "csl-json":
        return json.dumps(_csl(citation.article, [citation.quote], _day(accessed)), ensure_ascii=False, indent=2)
    return cite([citation], style, accessed=accessed)


def _day(accessed: date | str | None) -> date | None:
    try:
        return date.fromisoformat(accessed) if isinstance(accessed, str) else accessed
    except ValueError as error:
        raise ArgumentError(f"accessed={accessed!r} is not a date such as 2025-08-19") from error


def _articles(citations: Sequence[Citation]) -> list[tuple[Article, list[str]]]:
    """Each article once, with what is quoted of it."""
    found: dict[str, tuple[Article, list[str]]] = {}
    for citation in citations:
        found.setdefault(citation.article.id, (citation.article, []))[1].append(citation.quote)
    return list(found.values())


# Text -----------------------------------------------------------------------------------------------------------------


def _quoted(quote: str) -> str:
    return shared.in_quotes(shared.one_line(quote))


def _text(citation: Citation) -> str:
    article = citation.article
    where = (shared.title(article), shared.source(article), shared.one_line(article.url or ""))
    return f"{_quoted(citation.quote)} — {', '.join(filter(None, where))}"


def _markdown(citation: Citation) -> str:
    return f"{markdown.inline(_quoted(citation.quote))} — {markdown.reference(citation.article)}"


# Authors --------------------------------------------------------------------------------------------------------------


def authors(said: str | None) -> list[str | tuple[str, str]]:
    """Who wrote it: a person as family and given name where the two are plain, anybody else as they stand.

    Several are split at ``;``, and at commas, ``and`` and ``&`` where there is a whole name on each side of each.
    """
    line = _BYLINE.sub("", shared.one_line(said or ""), count=1) if said else ""
    found: list[str | tuple[str, str]] = []
    for part in filter(None, map(str.strip, line.split(";"))):
        pieces = [piece for piece in _AND.split(part) if piece]
        if len(pieces) > 1 and all(map(_is_name, pieces)):
            found += map(_person, pieces)
        elif len(pieces) == 2 and part.startswith(f"{pieces[0]},") and _is_turned(*pieces):
            found.append((pieces[0], pieces[1]))
        else:
            found.append(_person(part))
    return found


def _is_name(said: str) -> bool:
    return _NAME.fullmatch(said) is not None and _NOT_A_PERSON.search(said) is None


def _is_turned(family: str, given: str) -> bool:
    """“Brandt, Sofia” and “von der Leyen, Ursula”, not “Sofia Brandt, London” nor “Sofia Brandt, Jr.”."""
    particles = family.split()[:-1]
    return all(map(str.islower, particles)) and not _SUFFIX.fullmatch(given) and _is_name(f"{given} {family}")


def _person(said: str) -> str | tuple[str, str]:
    given, _, family = said.partition(" ")
    plain = _is_name(said) and " " not in family and not _SUFFIX.fullmatch(family)
    return (family, given) if plain and not _FAMILY_FIRST.search(said) else said


# BibTeX ---------------------------------------------------------------------------------------------------------------


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in shared.one_line(text))


def _plain(text: str) -> str:
    """Letters and digits of ASCII, for a key."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(char for char in folded.lower() if char.isalnum())


def _key(article: Article) -> str:
    """The same for the same article at any time, and another for any other: ``harbourwire2025ukraine-1f0c9a``."""
    first = next((word for word in map(_plain, shared.title(article).split()) if len(word) > 3), "")
    year = article.date[:4] if article.date else ""
    digest = hashlib.sha256(article.id.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{_plain(article.publisher or '')[:24] or 'article'}{year}{first[:16]}-{digest}"


def _tex_author(one: str | tuple[str, str]) -> str:
    return f"{{{_tex(one)}}}" if isinstance(one, str) else f"{_tex(one[0])}, {_tex(one[1])}"


def _bibtex(article: Article, quotes: Sequence[str], accessed: date | None) -> str:
    fields: dict[str, str] = {}
    if who := authors(article.author):
        fields["author"] = f"{{{' and '.join(map(_tex_author, who))}}}"
    fields["title"] = f"{{{{{_tex(shared.title(article))}}}}}"  # two braces: styles leave its capitals alone
    if article.publisher:
        fields["journal"] = f"{{{_tex(article.publisher)}}}"
    if article.published is not None:
        day = article.published
        fields |= {"year": f"{{{day.year:04}}}", "month": _MONTHS[day.month - 1], "day": f"{{{day.day}}}"}
    if article.url and shared.link(article.url):
        fields["url"] = f"{{{''.join(_IN_URL.get(char, char) for char in shared.one_line(article.url))}}}"
        fields |= {"urldate": f"{{{accessed.isoformat()}}}"} if accessed else {}
    if article.language:
        fields["language"] = f"{{{_tex(article.language)}}}"
    fields["annote"] = f"{{{_tex(' / '.join(map(_quoted, quotes)))}}}"
    kind = "article" if article.publisher else "misc"
    inner = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return f"@{kind}{{{_key(article)},\n{inner}\n}}"


# CSL-JSON -------------------------------------------------------------------------------------------------------------


def _csl_author(one: str | tuple[str, str]) -> dict[str, str]:
    return {"literal": one} if isinstance(one, str) else {"family": one[0], "given": one[1]}


def _csl_date(day: date) -> dict[str, Any]:
    return {"date-parts": [[day.year, day.month, day.day]]}


def _csl(article: Article, quotes: Sequence[str], accessed: date | None) -> dict[str, Any]:
    item: dict[str, Any] = {"id": _key(article)}
    item["type"] = "article-newspaper" if article.publisher else "webpage" if article.url else "document"
    item["title"] = shared.title(article)
    if who := authors(article.author):
        item["author"] = list(map(_csl_author, who))
    if article.publisher:
        item["container-title"] = shared.one_line(article.publisher)
    if article.published is not None:
        item["issued"] = _csl_date(article.published)
    if article.url and shared.link(article.url):
        item["URL"] = shared.one_line(article.url)
        item |= {"accessed": _csl_date(accessed)} if accessed else {}
    if article.language:
        item["language"] = shared.one_line(article.language)
    item["annote"] = " / ".join(map(_quoted, quotes))
    return item
