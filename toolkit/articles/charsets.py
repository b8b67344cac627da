"""Bytes -> text, in whichever encoding they are, and a note wherever that was a guess.

What is believed, in this order: a byte order mark; the bytes themselves when they are valid UTF-8 (hardly any other
text is) or plainly UTF-16; the encoding that the server, the mail or the page names, when the bytes fit it; and last,
the likeliest encoding by charset-normalizer's statistics. A guess is told in the article's metadata, as ``encoding``;
text for which there is not even a guess is an error, never a row of wrong letters.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from toolkit.articles.kinds import foreign_kind
from toolkit.errors import SourceError
from toolkit.language.unicode import without_surrogates

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DETECT_BYTES = 200_000  # by which an encoding is guessed: more of them take seconds and tell no more
_WESTERN = ("English", "French", "German", "Spanish", "Italian", "Portuguese", "Dutch", "Swedish", "Danish",
            "Norwegian", "Finnish", "Catalan", "Icelandic", "Indonesian", "Unknown")  # fmt: skip
# By the letters beyond ASCII that a language writes, its two code pages are told apart.
_CENTRAL = {
    "Polish": "ąćęłńóśźż", "Czech": "áčďéěíňóřšťúůýž", "Slovak": "áäčďéíĺľňóôŕšťúýž", "Hungarian": "áéíóöőúüű",
    "Croatian": "čćđšž", "Slovene": "čšž", "Slovenian": "čšž", "Romanian": "ăâîşţ",
}  # fmt: skip
# What texts and pages are written in; the detector knows fifty more, of computers of the eighties.
_IN_USE = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "koi8_r",
    "koi8_u", "iso8859_2", "iso8859_5", "iso8859_7", "cp866", "gb18030", "big5hkscs", "big5", "cp932", "euc_jp",
    "cp949",
]  # fmt: skip
# What names of encodings mean on the web (WHATWG Encoding Standard, “Names and labels”), where Python means less.
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "tis-620": "cp874", "iso8859-11": "cp874",
}  # fmt: skip
_WESTERN_PAGES = {"cp1252", "cp1254", "cp1250", "iso8859-15", "iso8859-2"}
_MOST_ACCENTED = 0.4  # of the letters of any language in a western or central European code page
_ENOUGH, _MOST_ZEROS = 4_000, 0.1  # of the first bytes of anything that is no text
_MOST_BROKEN = 0.02  # of the characters beyond ASCII, in text that is UTF-8 all the same
_NOT_SAID = re.compile(r"utf_?-?(?:7|16|32)|idna|punycode|unicode_escape|raw_unicode_escape|undefined|mbcs|oem", re.I)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:\-]{2,40})", re.IGNORECASE)


class Decoded(NamedTuple):
    """Text, and what is not certain about its encoding (None when nothing is)."""

    text: str
    note: str | None = None


def decode(data: bytes, source: str, declared: str | None = None) -> str:
    """Bytes as text; see :func:`decoded`."""
    return decoded(data, source, declared).text


def decoded(data: bytes, source: str, declared: str | None = None) -> Decoded:
    """Bytes as text: by byte order mark, else UTF-8, else the declared encoding, else the likeliest one.

    Args:
        data: The bytes.
        source: What to call them in an error.
        declared: The encoding that a header or the document names; not trusted when the bytes are valid UTF-8, or do
            not fit it.

    Raises:
        SourceError: When the bytes are not text, or nothing tells in which encoding they are.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding)
    if kind := foreign_kind(data[:4096]):
        raise SourceError(source, f"not a text file: this is {kind}")
    unmarked = _unmarked_utf16(data)
    if unmarked is None and data[:_ENOUGH].count(0) > _MOST_ZEROS * _ENOUGH:
        raise SourceError(source, "not a text file: it holds binary data")
    if unmarked and "\0" not in (wide := _lenient(data, unmarked)).text[:1000]:
        return wide
    if found := _japanese_mail(data, declared) or _utf8(data) or _as_declared(data, declared) or _broken_utf8(data):
        return found
    if b"\0" in data[:_DETECT_BYTES]:
        raise SourceError(source, "not a text file: it holds binary data")
    likeliest = likeliest_encoding(data)
    if likeliest is None:
        raise SourceError(source, "its encoding cannot be told; save it as UTF-8")
    text = data.decode(likeliest, errors="replace")
    lost = f"; {count} bytes unreadable" if (count := text.count("\ufffd")) else ""
    return Decoded(without_surrogates(text), f"{likeliest}, guessed{lost}")


def _lenient(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    broken = text.count("\ufffd") - data.decode(encoding, errors="ignore").count("\ufffd") if "\ufffd" in text else 0
    return Decoded(without_surrogates(text), f"{encoding}, {broken} characters unreadable" if broken else None)


def _utf8(data: bytes) -> Decoded | None:
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _as_declared(data: bytes, declared: str | None) -> Decoded | None:
    name = meant(declared)
    text = _strictly(data, name) if name and name != "utf-8" else None
    return Decoded(text) if text is not None and name and _plausible(text, name) else None


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return without_surrogates(data.decode(encoding))
    except (LookupError, UnicodeError, ValueError):
        return None


def _broken_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few wrong bytes or cut short: any other reading of it would spoil every accent."""
    sample = data[: 10 * _DETECT_BYTES]
    if sample.decode("utf-8", errors="replace").count("\ufffd") > 2 + 2 * _MOST_BROKEN * sum(b > 127 for b in sample):
        return None
    kept = data.decode("utf-8", errors="ignore")
    beyond = sum(not character.isascii() for character in kept) if not kept.isascii() else 0
    found = _lenient(data, "utf-8")
    lost = found.text.count("\ufffd") - kept.count("\ufffd")
    return found if beyond >= 3 and lost <= max(1, _MOST_BROKEN * beyond) else None


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark, told by the zeros of its ASCII characters: half of all bytes, every other one."""
    head = data[:2000]
    pairs = len(head) // 2
    if pairs < 4 or head.count(0) < 0.4 * len(head):
        return None
    if head[1::2].count(0) > 0.8 * pairs and head[::2].count(0) < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > 0.8 * pairs and head[1::2].count(0) < 0.05 * pairs else None


def _japanese_mail(data: bytes, declared: str | None) -> Decoded | None:
    """ISO-2022-JP, and its Korean and Chinese kin: seven bits only, so that they would pass for UTF-8."""
    if b"\x1b$" not in data[:_DETECT_BYTES] or not data.isascii():
        return None
    named = declared.strip().lower() if declared and declared.lower().strip().startswith("iso-2022") else None
    text = _strictly(data, named or "iso2022_jp_2")
    return Decoded(text, None if named else "iso2022_jp_2, guessed") if text is not None else None


def meant(declared: str | None) -> str | None:
    """The codec of Python's for an encoding's name as pages and mails use it, None when there is none."""
    if not declared:
        return None
    name = declared.strip().lower().replace("x-sjis", "cp932").replace("ks_c_5601-1987", "cp949")
    if _NOT_SAID.match(name):  # whoever could read that name in ASCII has no UTF-16 before him
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True):  # rot13, hex, zlib: no encodings of text
        return None
    return _MEANT.get(found.name, found.name)


def _plausible(text: str, encoding: str) -> bool:
    """Whether text can be what its named encoding makes of it: Russian that says it is western is all accents."""
    if encoding not in _WESTERN_PAGES:
        return True
    head = text[:20_000]
    letters = sum(character.isalpha() for character in head)
    accented = sum(character.isalpha() and not character.isascii() for character in head)
    return accented <= max(3, _MOST_ACCENTED * letters)


def declared_charset(data: bytes) -> str | None:
    """The encoding that a page names in its XML declaration or in a ``meta`` element near its top."""
    match = _XML_ENCODING.match(data[:1000]) or _CHARSET.search(data[:8192])
    return match[1].decode("ascii") if match else None


def likeliest_encoding(data: bytes) -> str | None:
    """The encoding of bytes that are not UTF-8 and say nothing about themselves; None when nothing fits."""
    from charset_normalizer import from_bytes

    head = data[:_DETECT_BYTES]
    best = from_bytes(head, cp_isolation=_IN_USE).best()
    if best is None:
        # Too little for statistics: a few accents in ASCII are western, as nearly all such files are.
        high = sum(byte > 127 for byte in head)
        return "cp1252" if high <= max(2, 0.05 * len(head)) and not any(_CONTROLS & set(head)) else None
    # The detector tells languages well, but mixes up the code pages of western and of central Europe.
    if best.language in _CENTRAL:
        return _central(head, best.language, best.encoding)
    usual = "cp1252" if best.language in _WESTERN and _is_european(best.encoding) else best.encoding
    try:
        data.decode(usual)
    except UnicodeDecodeError:
        return best.encoding
    return usual


_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def _is_european(encoding: str) -> bool:
    """Whether an encoding is for the Latin alphabet: what it makes of bytes above 127 is mostly Latin letters."""
    try:
        letters = [byte.decode(encoding, "ignore") for byte in (bytes([n]) for n in range(0xC0, 0x100))]
    except (LookupError, UnicodeError):
        return False
    return sum("À" <= letter <= "ɏ" for letter in letters) > len(letters) // 2


def _central(head: bytes, language: str, found: str) -> str:
    def strange(encoding: str) -> int:
        text = head.decode(encoding, errors="replace").casefold()
        return sum(not c.isascii() and c not in _CENTRAL[language] and (c.isalpha() or c in "©®\ufffd") for c in text)

    return min(("cp1250", "iso8859_2", found), key=strange)
