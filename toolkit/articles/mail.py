"""Mails (.eml) and saved pages (.mht, .mhtml) -> text and metadata, by the standard library's ``email``.

A mail's subject is the title, its ``Date`` the day of publication. A newsletter (a mail to a list, or one that can be
unsubscribed from) is published by whoever it is from, and so is a mail from an office (“Sarn Water Press Office”);
any other mail has that person as its author, and a publisher only when it names an organisation. The plain text is
preferred to the HTML, unless there is next to none. Attached files of a kind that can be read, and attached mails,
are articles of their own.

A saved page is the page that it starts with; ``Content-Location`` is its address, and the day on which it was saved is
no day of publication.
"""

from __future__ import annotations

import email.policy
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from toolkit.articles.charsets import decoded, likeliest_encoding
from toolkit.articles.dates import parse_date
from toolkit.articles.formats import format_of_media, is_wanted
from toolkit.articles.raw import Raw, read_raw
from toolkit.articles.records import Fields, Found, noted, one_line
from toolkit.articles.unpacking import Place, shown_name, told_apart
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

_LONGEST_HEADER = 10_000  # the parser of addresses and dates takes the square of a header's length
_MOST_PARTS = 1_000  # of a mail; one with fifty attachments has a hundred
_MOST_WORK = 30_000_000  # lines times boundaries, each of which is compared with each line
_NEXT_TO_NONE = 200  # characters of plain text, below which the HTML is looked at, too
_NO_TEXT = "no text in this mail"
_BOUNDARY = re.compile(rb"\bboundary\s*=", re.IGNORECASE)
_OFFICE = re.compile(
    r"\b(?:office|newsroom|news ?desk|desk|team|department|dept|ministry|council|government|parliament|commission"
    r"|committee|agency|authority|association|federation|foundation|institute|university|police|embassy|consulate"
    r"|communications|public relations|media relations|press (?:service|centre|center|release|releases|relations)"
    r"|bulletin|newsletter|alerts|ltd|limited|plc|inc|llc|gmbh|pressestelle|presseb(?:ü|ue)ro|ministerium|redaktion"
    r"|service de presse|oficina de prensa|ufficio stampa|biuro prasowe)\b",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:(?:re|fwd?|aw|wg|tr)\s*:\s*)+", re.IGNORECASE)


class _Policy(email.policy.EmailPolicy):
    """The standard policy, for headers that may be anything."""

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        """The header's parsed value; the plain line where it is too long, or the parser stumbles."""
        if isinstance(value, str):
            value = _readable(value)[:_LONGEST_HEADER]
        try:
            return super().header_fetch_parse(name, value)
        except Exception:  # the parser of headers has raised IndexError, ValueError, AttributeError, RecursionError
            return without_surrogates(" ".join(str(value).split()))


_POLICY = _Policy(utf8=True)


def _readable(value: str) -> str:
    """A header's line with the bytes beyond ASCII that it should not hold, and often does, read as text."""
    if value.isascii() or not any("\udc80" <= character <= "\udcff" for character in value):
        return value
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(likeliest_encoding(raw) or "cp1252", "replace")


def mail_articles(raw: Raw) -> Iterator[Found]:
    """The article of a mail, and those of what is attached to it.

    Raises:
        SourceError: When it is no mail, or refused.
    """
    place = raw.place
    place.check_depth()
    message = _parse(raw.whole(), place.source)
    body, attached = _parts(message, place.source)
    wanted = []
    for number, part in enumerate(attached, 1):
        name, suffix = _name_of(part, number)
        if is_wanted(name if suffix == ".gz" else f"x{suffix}"):
            wanted.append((part, name, suffix))
    own = _article(message, body, place)
    if not (isinstance(own, SourceError) and own.reason == _NO_TEXT and wanted):
        yield own
    seen: Counter[str] = Counter()
    for part, name, suffix in wanted:
        place.budget.member(place.source)
        here = place.inside(told_apart(name, seen))
        try:
            content = _content(part)
            place.budget.take(len(content), here.source)
            yield from read_raw(Raw(stream=BytesIO(content), suffix=suffix, place=here))
        except SourceError as error:
            yield error
        if place.budget.spent:
            return


def saved_page_articles(raw: Raw) -> Iterator[Found]:
    """The article of a saved page (.mht, .mhtml).

    Raises:
        SourceError: When it is no saved page, or no article is on it.
    """
    source = raw.source
    message = _parse(raw.whole(), source)
    pages = [
        part for part in _walk(message, source) if part.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    if not pages:
        raise SourceError(source, "no page in this file: it has no HTML part")
    root = one_line(message.get_param("start")) if message.get_content_maintype() == "multipart" else None
    page = next((part for part in pages if root and one_line(part.get("content-id")) == root), pages[0])
    places = (page.get("content-location"), message.get("snapshot-content-location"), message.get("content-location"))
    url = next((found for value in places if (found := _address(value))), None)
    yield _page(page, source, url)


def _parse(data: bytes, source: str) -> Message[Any, Any]:
    boundaries = len(_BOUNDARY.findall(data))
    if data.count(b"\n") * (1 + boundaries) > _MOST_WORK:
        raise SourceError(source, "refused: too many parts in parts for a mail; save the text you need by itself")
    try:
        message: Message[Any, Any] = BytesParser(EmailMessage, policy=_POLICY).parsebytes(data)
    except Exception as error:  # RecursionError and what else a parser raises that was not written for malice
        raise SourceError(source, f"not a readable mail ({type(error).__name__})") from None
    if not message.keys():
        raise SourceError(source, "not a mail: it has no header")
    return message


def _walk(message: Message[Any, Any], source: str) -> Iterator[Message[Any, Any]]:
    """The parts that are no containers, without those of attached mails."""
    waiting, count = [message], 0
    while waiting:
        part = waiting.pop()
        count += 1
        if count > _MOST_PARTS:
            raise SourceError(
                source, f"refused: a mail of more than {_MOST_PARTS:,} parts; save what you need by itself"
            )
        held = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(held, list):
            waiting += [inner for inner in reversed(held) if isinstance(inner, Message)]
        else:
            yield part


def _parts(message: Message[Any, Any], source: str) -> tuple[list[Message[Any, Any]], list[Message[Any, Any]]]:
    """The parts that are the mail's own text, and those that are attached."""
    body: list[Message[Any, Any]] = []
    attached: list[Message[Any, Any]] = []
    for part in _walk(message, source):
        text = part.get_content_type() in ("text/plain", "text/html")
        if text and part.get_content_disposition() != "attachment" and not (body and part.get_filename()):
            body.append(part)
        else:
            attached.append(part)
    return body, attached


def _article(message: Message[Any, Any], body: list[Message[Any, Any]], place: Place) -> Found:
    try:
        fields = _body(body, place.source)
    except SourceError as error:
        return error
    sender = _sender(one_line(message.get("from")) or "")
    said: Fields = {
        "title": _PREFIX.sub("", one_line(message.get("subject")) or "") or fields.get("title"),
        "publisher": one_line(message.get("organization")),
        "author": sender,
        "published": _date(message.get("date")),
        "origin": place.origin,
    }
    to_many = any(message.get(header) for header in ("list-id", "list-unsubscribe", "list-post"))
    if to_many or (sender and "@" not in sender and _OFFICE.search(sender)):
        said["publisher"], said["author"] = said["publisher"] or sender, None
    metadata = fields.pop("metadata", {})
    if value := one_line(message.get("from")):
        metadata["from"] = value[:500]
    # What a page says of itself is not asked: a mail's HTML has no publisher and no date of its own.
    kept = {name: fields[name] for name in ("text", "language") if fields.get(name)}
    return {**{name: value for name, value in said.items() if value}, **kept, "metadata": metadata}


def _sender(line: str) -> str | None:
    """The name of who sent a mail, else the address."""
    try:
        name, address = parseaddr(line)
    except Exception:  # RecursionError
        return line[:200] or None
    return one_line(name) or one_line(address)


def _body(body: list[Message[Any, Any]], source: str) -> Fields:
    """The text of a mail: its plain parts, else its HTML."""
    plain = [part for part in body if part.get_content_type() == "text/plain"]
    pages = [part for part in body if part.get_content_type() == "text/html"]
    read = [_plain(part, source) for part in plain]
    text = "\n\n".join(found for found, _ in read if found)
    note = next((note for _, note in read if note), None)
    problem: SourceError | None = None
    if pages and len(text) < _NEXT_TO_NONE:
        for page in pages:
            try:
                found = _page(page, source, None)
            except SourceError as error:
                problem = problem or error
            else:
                if len(found["text"]) > len(text):
                    return found
    if not text:
        raise problem or SourceError(source, _NO_TEXT)
    return noted({"text": text}, note)


def _plain(part: Message[Any, Any], source: str) -> tuple[str, str | None]:
    text, note = decoded(_content(part), source, one_line(part.get_content_charset()))
    text = text.replace("\r\n", "\n")
    if one_line(part.get_param("format")) == "flowed":
        text = _flowed(text, one_line(part.get_param("delsp")) == "yes")
    return text.strip("\n"), note


def _flowed(text: str, delete: bool) -> str:
    """Lines joined where they end in a blank: RFC 3676, “format=flowed”; the line before a signature never is."""
    lines: list[str] = []
    flows = False
    for line in text.split("\n"):
        line = line.removeprefix(" ")
        if flows and lines and line != "-- ":
            lines[-1] += line
        else:
            lines.append(line)
        flows = line.endswith(" ") and line != "-- "
        if flows and delete:
            lines[-1] = lines[-1][:-1]
    return "\n".join(line.rstrip(" ") for line in lines)


def _page(part: Message[Any, Any], source: str, url: str | None) -> Fields:
    from toolkit.articles.html import read_page

    return read_page(_content(part), source, url, one_line(part.get_content_charset()))


def _content(part: Message[Any, Any]) -> bytes:
    """The bytes of a part, out of their transfer encoding."""
    if (inner := _attached_mail(part)) is not None:
        try:
            return inner.as_bytes(policy=email.policy.compat32)
        except Exception:  # it cannot write everything that it reads
            return b""
    try:
        found = part.get_payload(decode=True)
    except Exception:  # uuencoding and base64 of the wrong shape
        return b""
    return found if isinstance(found, bytes) else b""


def _attached_mail(part: Message[Any, Any]) -> Message[Any, Any] | None:
    held = part.get_payload() if part.get_content_type() == "message/rfc822" else None
    return held[0] if isinstance(held, list) and held and isinstance(held[0], Message) else None


def _name_of(part: Message[Any, Any], number: int) -> tuple[str, str]:
    """What to call an attachment, and the suffix by which to read it."""
    said = format_of_media(part.get_content_type())
    kind = said.name if said is not None else ""
    try:
        name = shown_name(re.split(r"[\\/]", part.get_filename() or "")[-1]) if part.get_filename() else ""
    except Exception:
        name = ""
    suffix = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if kind == ".eml" or not suffix:
        suffix = kind
    if not name and (inner := _attached_mail(part)) is not None:
        name = shown_name(one_line(inner.get("subject")) or "")
    return name or f"attachment {number}", suffix


def _date(value: Any) -> datetime | None:
    """The moment of a ``Date`` header; ``-0000`` is UTC, as RFC 5322 says, with the sender's own zone untold."""
    line = one_line(value)
    if not line:
        return None
    try:
        found = parsedate_to_datetime(line)
        return parse_date(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return parse_date(line)


def _address(value: Any) -> str | None:
    line = unescape(one_line(value) or "").strip("<>")
    try:
        parts = urlsplit(line)
        return line if parts.scheme in ("http", "https") and parts.hostname and not parts.username else None
    except ValueError:
        return None
