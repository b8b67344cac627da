"""Bylines, datelines, agencies and credits of pages: taken out of the text, kept as metadata.

“KYIV, Aug 19 (Reuters) - Talks began.” is a dateline, an agency and a sentence. A citation must not begin with the
first two, and whoever counts independent publishers must know the agency: ten sites that print one agency's report
are one source.

Only pages are treated so. The text of a record or of a text file is what its giver wrote, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from toolkit.articles.cities import is_city
from toolkit.articles.records import fold

_AGENCY_NAMES = {
    "Reuters": "reuters, thomson reuters, reuters staff, thomson reuters foundation",
    "AP": "AP, associated press, the associated press, ap news",
    "AFP": "AFP, agence france-presse, agence france presse, afp news",
    "dpa": "dpa, DPA, deutsche presse-agentur, deutsche presse agentur, dpa international",
    "PA Media": "PA, press association, the press association, pa media, pa news agency",
    "TASS": "tass, itar-tass",
    "Xinhua": "xinhua, xinhua news agency",
    "ANSA": "ansa",
    "EFE": "EFE, agencia efe, efe news",
    "Kyodo": "kyodo, kyodo news",
    "Interfax": "interfax",
    "Interfax-Ukraine": "interfax-ukraine",
    "Ukrinform": "ukrinform",
    "Bloomberg": "bloomberg, bloomberg news",
    "UPI": "UPI, united press international",
    "RIA Novosti": "ria novosti, RIA",
    "Yonhap": "yonhap, yonhap news agency, yonhap news",
    "PTI": "PTI, press trust of india",
    "ANI": "ANI, asian news international",
    "IANS": "IANS, indo-asian news service",
    "Anadolu": "anadolu, anadolu agency, AA",
    "APA": "APA, austria presse agentur",
    "Keystone-SDA": "keystone-sda, SDA",
    "Belga": "belga",
    "Ritzau": "ritzau",
    "NTB": "NTB",
    "Lusa": "lusa",
    "PAP": "PAP, polska agencja prasowa",
    "AAP": "AAP, australian associated press",
    "The Canadian Press": "the canadian press, canadian press",
    "Dow Jones": "dow jones, dow jones newswires",
    "CNN": "CNN, cnn wire, cnn newsource",
    "IRNA": "IRNA",
    "SANA": "SANA",
    "WAM": "WAM",
    "Antara": "antara",
    "Bernama": "bernama",
    "Jiji": "jiji, jiji press",
    "KCNA": "KCNA",
}  # fmt: skip
# Names in capitals are so short that they must stand as written: AA is an agency, “aa” is nothing.
_AGENCIES = {
    alias if alias.isupper() else alias.casefold(): name
    for name, aliases in _AGENCY_NAMES.items()
    for alias in aliases.split(", ")
}

_CAPITALS = "A-ZÀ-ÖØ-ÞŁŚŻŹĆŃČŠŽŘĚŐŰ"
_PLACE = rf"[{_CAPITALS}][{_CAPITALS}.'’/-]+(?: [{_CAPITALS}][{_CAPITALS}.'’/-]*){{0,4}}"
_MIXED = rf"[{_CAPITALS}][\w.'’/-]+(?: (?:[{_CAPITALS}][\w.'’/-]*|de|la|of|am|an|der)){{0,4}}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)"
_REGION = rf"(?:, (?!{_MONTH}\b)[{_CAPITALS}][\w.]+(?: [{_CAPITALS}][\w.]+)?){{0,2}}"
_DAY = rf"(?:,? (?:{_MONTH}[a-z]*\.? \d{{1,2}}(?:, \d{{4}})?|\d{{1,2}}\.? [^\W\d_]{{3,10}}\.?))?"
_DASH = r"(?: ?(?:--+|[—–])(?: |(?=[A-Z“\"]))| - | ?--+ ?)\s*"
_BEGINS = r"(?=[\"“‘'«(\d]?[^\W_a-z]|[\"“‘'«(])"
_WITH_AGENCY = re.compile(
    rf"(?P<line>(?:(?P<place>{_PLACE}{_REGION}|{_MIXED}{_REGION})?{_DAY},? ?)"
    rf"\((?P<agency>[^\W\d_][\w .&/’'-]{{1,40}})\))(?P<dash>{_DASH}|\s*(?=[{_CAPITALS}]))"
)
_DAY_AND_AGENCY = re.compile(
    rf"(?P<line>[A-Z][a-z]{{2,8}}\.? \d{{1,2}} \((?P<agency>[^\W\d_][\w .&/’'-]{{1,40}})\))(?P<dash>{_DASH})"
)
_PLACE_ALONE = re.compile(rf"(?P<line>(?P<place>{_PLACE}){_REGION}{_DAY})(?:{_DASH}){_BEGINS}")
_NO_PLACES = frozenset(
    "BREAKING UPDATE UPDATED EXCLUSIVE WATCH VIDEO OPINION ANALYSIS NOTE LIVE NEW PHOTOS PHOTO REVIEW EDITORIAL "
    "CORRECTION SPOILER WARNING READ MORE WHO WHAT WHY WHEN WHERE HOW THE A AN AND OR NOT NO YES BUT IT THIS THAT "
    "LISTEN PODCAST ALSO FACT FACTS ALERT JUST IN STORY EDITOR EDITORS QUESTION ANSWER WINNER WINNERS LOSERS NASDAQ "
    "NYSE FIRST SECOND THIRD PART CHAPTER STEP TIP UP DOWN OK OMG LOL CEO CFO COO FBI CIA NATO NASA BBC CNN NBC ABC "
    "CBS MSNBC COVID COVID-19 HIV AIDS NFL NBA MLB NHL UEFA FIFA PGA WWE UFC".split()
)
# Places of few letters; other short words in capitals are more likely an organisation.
_SHORT_PLACES = frozenset(
    "ROME KYIV KIEV LIMA OSLO DOHA BONN BERN BAKU RIGA LYON NICE MALE GAZA IRAN IRAQ CUBA PERU MALI CHAD OMAN TOGO "
    "UTAH OHIO IOWA GUAM FIJI LAOS YORK BATH CORK CALI ADEN SANA LINZ GRAZ GENT KIEL HULL CALAIS ACCRA UNITED".split()
)

_BY = re.compile(
    r"(?:(?:analysis|opinion|review|exclusive|written|posted|story|text|words|report|reported|reviewed|published|autor|author)\s*(?:by\b|:)|by\b:?|von\b|"
    r"par\b|por\b|текст:|фото:|di\b|door\b|av\b|af\b|autor\w*:|author\w*:)\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:;|\||\s(?:and|und|et|y|e|with|og|och)\s|&)\s*", re.IGNORECASE)
_AFTER_NAMES = re.compile(
    r"\s(?:[-–—|•·/]|in|is|on|published|updated|posted|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)(?:\s|,|$)"
    r"|\s\d|\(|(?<=\w{3})\. ",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:\S+|www\.\S+|\S+@\S+\.\w+|\S*\.(?:com|org|net)/\S*|@\w+", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:staff|editors?|editorial|desk|team|correspondents?|reporters?|writers?|columnists?|contributors?|producers?|"
    r"newsroom|news|sports?|online|bureau|agency|agencies|media|press|wire|service|services|insider|times|magazine|"
    r"university|chief|senior|business|special|digital|guest|director|analyst|professor|redaktion|rédaction|"
    r"redacción|redação|redazione)\b",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    "admin administrator staff editor editors editorial editorialstaff editorialteam newsdesk newsroom webmaster guest "
    "anonymous unknown none null nan author authors by user root redaktion redacción redazione redação rédaction team "
    "news online default webteam siteadmin superuser wpadmin contributor nobody na staffwriter staffreporter "
    "posted postedby writtenby seeauthorbio".split()
)
_CREDENTIAL = re.compile(
    r"(?:M\.?S|M\.?D|R\.?D|N\.?D|Ph\.?D|M\.?A|B\.?A|M\.?P\.?H|R\.?N|D\.?O|J\.?D|Jr|Sr|II|III|Esq|CSCS|LD|CPT)\.?$"
)
_PARTICLES = frozenset("de van von der den da di la le al bin ten el dos del du y af zu zur".split())
_NAME = rf"(?:[{_CAPITALS}][\w.'’-]*|de|van|von|der|den|da|di|la|le|al|bin|ten|el|dos|del)"
_NAMES = rf"[{_CAPITALS}][\w.'’-]+(?: {_NAME}){{1,3}}"
_WHERE = rf"{_NAME}(?: {_NAME}){{0,2}}"
_IN_PLACE = re.compile(rf"({_NAMES}(?:(?:, | and ){_NAMES})*) in {_WHERE}(?: and ({_NAMES}) in {_WHERE})?")
_CREDIT = re.compile(
    r"[(\[*—–-]*\s*(?:additional\s+|with\s+)?(?:reporting|writing|editing|compiled|translated|additional reporting)\s+"
    rf"(?:and \w+\s+)?(?:by|from|for) (?-i:[{_CAPITALS}]).{{3,280}}$|"
    r"(?:.{3,160}\s)?contributed (?:to|reporting)(?: (?:to|for))?(?: this)?(?: \w+)? ?"
    r"(?:report|story|article|reporting)?[.)\]]*$|"
    r"(?:©|\(c\)|copyright)\s.{2,200}$|"
    r".{0,120}\ball rights reserved\b.{0,200}$|"
    r"source:\s*.{2,80}$",
    re.IGNORECASE | re.DOTALL,
)
_REPORTED_BY = re.compile(rf"[(\[*—–-]*\s*(?:[Rr]eporting|REPORTING) by ({_NAMES}(?:(?:, | and ){_NAMES})*)")
_SENTENCE_END = re.compile(r"[.!?。]['\"”’)]*$")
_LONGEST = 300  # characters of a line that names people
_LEAD = 5  # paragraphs at the beginning in which a byline or a dateline may stand
_TAIL = 4  # paragraphs at the end in which credits may stand
_TEXT = 200  # characters of a paragraph that is text: no byline stands below it


@dataclass(frozen=True, kw_only=True, slots=True)
class Credits:
    """Who is named as having written an article.

    Attributes:
        people: The authors, in order.
        agency: The news agency among them, by its common name.
    """

    people: tuple[str, ...] = ()
    agency: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bare:
    """Paragraphs without bylines, dateline and credits, and what those said.

    Attributes:
        paragraphs: What is left.
        people: The authors named in bylines.
        agency: The news agency named in the dateline, a byline or a credit, by its common name.
        dateline: As it stood, such as ``KYIV, Aug 19 (Reuters)``.
        credits: Lines such as “Reporting by Jane Doe; editing by John Roe”.
    """

    paragraphs: list[str]
    people: tuple[str, ...]
    agency: str | None
    dateline: str | None
    credits: tuple[str, ...]


def agency_of(name: str | None) -> str | None:
    """The common name of the news agency that a name stands for, None when it is none."""
    if not name:
        return None
    name = " ".join(name.split()).strip("()[].,:;-–— ")
    return _AGENCIES.get(name) or _AGENCIES.get(name.casefold())


def people(groups: Iterable[Iterable[str]], not_people: Iterable[str | None] = ()) -> Credits:
    """The people that a page's bylines name.

    Args:
        groups: Lines such as “By Jane Doe and John Roe, Reuters”, in groups, the most reliable group first; the first
            group that names anybody counts.
        not_people: The site's names, which are no authors.
    """
    sites = [name for name in not_people if name]
    for group in groups:
        found: dict[str, str] = {}
        agency = None
        for line in (line for line in group if len(line) <= _LONGEST):
            named, agent = _named(line, sites)
            agency = agency or agent
            for name in named:
                found.setdefault(fold(name), name)
        if found or agency:
            return Credits(people=tuple(found.values())[:20], agency=agency)
    return Credits()


def _named(line: str, sites: list[str]) -> tuple[list[str], str | None]:
    """The people and the agency in one line."""
    line = _ADDRESS.sub(" ", line)
    line = _BY.sub("", " ".join(line.split()), count=1) if _BY.match(line.strip()) else " ".join(line.split())
    line = _AFTER_NAMES.split(line)[0]
    agency, found = None, []
    parts = [[piece.strip(" .:-–—,*") for piece in part.split(",")] for part in _AND.split(line)]
    if len(parts) == 1 and len(parts[0]) == 2 and all(re.fullmatch(r"[^\W\d_]+", piece) for piece in parts[0]):
        surname, given = parts[0]  # “Doe, Jane”
        if not agency_of(given) and not _is_site(given, sites) and not _ROLE.search(given):
            parts = [[f"{given} {surname}"]]
    for pieces in parts:
        for place, piece in enumerate(pieces):
            piece, agent = _without_employer(piece, sites)
            agency = agency or agent
            if not piece:
                continue
            if _is_person(piece, sites) and (place == 0 or _is_full_name(piece)):
                found.append(_in_usual_case(piece))
            elif place == 0 and len(pieces) > 1:
                break  # a desk; what follows says which
    return found, agency


def _in_usual_case(name: str) -> str:
    """A name that is in capitals as agencies write it, as people write it."""
    words = name.split()
    plain = len(words) > 1 and all(word.isupper() and len(word) > 2 and word.isalpha() for word in words)
    return name.title() if plain and not any(word.startswith("MC") for word in words) else name


def _without_employer(name: str, sites: list[str]) -> tuple[str, str | None]:
    """A name without the agency or the site that may stand after it, and that agency."""
    if agency := agency_of(name):
        return "", agency
    words = name.split()
    for count in (3, 2, 1):
        if len(words) - count >= 2 and (agency := agency_of(" ".join(words[-count:]))):
            return " ".join(words[:-count]), agency
    while len(words) > 2 and re.fullmatch(_NAMES, " ".join(words[:2])) and _ROLE.fullmatch(words[-1]):
        words.pop()  # “Tom Gillespie News reporter”
    name = " ".join(words)
    for site in sites:
        if len(words) > len(site.split()) + 1 and name.casefold().endswith(f" {site.casefold()}"):
            return name[: -len(site)].strip(), None
    return name, None


def _is_person(name: str, sites: list[str]) -> bool:
    words = name.split()
    return (
        1 <= len(words) <= 6
        and (len(words) == 1 or not any(word.islower() and word not in _PARTICLES for word in words))
        and 2 <= len(name) <= 60
        and not any(character.isdigit() or character in "<>{}[]=#_/\\" for character in name)
        and any(character.isalpha() for character in name)
        and fold(re.sub(r"\W", "", name)) not in _NOBODY
        and not (len(words) == 1 and "admin" in name.casefold())
        and not _CREDENTIAL.fullmatch(name)
        and not _is_site(name, sites)
    )


def _is_full_name(name: str) -> bool:
    return re.fullmatch(_NAMES, name) is not None and not _ROLE.search(name)


def _is_site(name: str, sites: list[str]) -> bool:
    """Whether a name is a site's own, alone or with the name of a desk: “Telegraph Sport”."""
    words = [word for word in re.findall(r"\w+", name.casefold()) if word != "the"]
    for site in sites:
        own = [word for word in re.findall(r"\w+", site.casefold()) if word not in ("the", "com", "www", "co", "org")]
        if own and (set(words) <= set(own) or fold("".join(words)) == fold("".join(own))):
            return True
        if own and words[: len(own)] == own and all(_ROLE.fullmatch(word) for word in words[len(own) :]):
            return True
    return not words


def dateline(paragraph: str) -> tuple[str, str | None, int] | None:
    """The dateline that a paragraph begins with.

    Returns:
        The dateline as it stands, the agency that it names by its common name, and where the sentence begins; None
        when the paragraph begins with none.
    """
    for pattern in (_WITH_AGENCY, _DAY_AND_AGENCY):
        if match := pattern.match(paragraph):
            agency = agency_of(match["agency"])
            place = match.groupdict().get("place") or ""
            capitals = sum(map(str.isupper, place)) >= 3 and place.split(",")[0].isupper()
            told = capitals and match["dash"].strip() and len(match["agency"]) <= 25
            if agency or (told and _is_told(place.split(",")[0], match["line"].partition("(")[0])):
                return match["line"].strip(), agency, match.end()
    match = _PLACE_ALONE.match(paragraph)
    if not match or match.end() == len(paragraph):
        return None
    place = match["place"]
    words = re.findall(r"[^\W\d_][\w'’-]*", place)
    letters = sum(map(str.isalpha, place))
    if letters < 3 or any(word.strip(".") in _NO_PLACES for word in words):
        return None
    if letters <= 4 and "." not in place and place not in _SHORT_PLACES:
        return None
    if not _is_told(place, match["line"]):
        return None
    return match["line"].strip(), None, match.end()


def _is_told(place: str, line: str) -> bool:
    """Whether a dateline without an agency is surely one: a city that is known, or a region or a day after it.

    “HAMAS — The group rejects it.” without its first word would be a sentence about nobody. A dateline that is left in
    the text harms none.
    """
    rest = line.removeprefix(place).strip(" ,")
    return is_city(place) or any(map(str.isdigit, rest)) or (bool(rest) and not rest.isupper())


def strip(paragraphs: list[str], credited: Credits, sites: Iterable[str | None] = ()) -> Bare:
    """Take bylines, the dateline and credits out of a page's paragraphs.

    Args:
        paragraphs: The text, a paragraph an item.
        credited: Whom the page names elsewhere: a line that only repeats them is a byline.
        sites: The site's names.
    """
    names = [name for name in sites if name]
    kept: list[str] = []
    said: list[str] = []
    found, agency, line = list(credited.people), credited.agency, None
    for number, paragraph in enumerate(paragraphs):
        lead = number < _LEAD and not any(len(seen) > _TEXT for seen in kept)
        tail = number >= max(len(paragraphs) - _TAIL, 1)
        if len(paragraphs) > 1 and (lead or tail) and (who := _byline(paragraph, credited, names, lead)):
            found = found or list(who.people)
            agency = agency or who.agency
            continue
        if tail and _CREDIT.match(paragraph) and len(kept) > 0:
            said.append(paragraph)
            agency = agency or _owner(paragraph)
            if not found and (match := _REPORTED_BY.match(paragraph)):
                found = list(people([[match[1]]], names).people)
            continue
        if line is None and (lead or number == 0) and (seen := dateline(paragraph)):
            line, agency = seen[0], agency or seen[1]
            paragraph = paragraph[seen[2] :]
        kept.append(paragraph)
    return Bare(paragraphs=kept, people=tuple(found), agency=agency, dateline=line, credits=tuple(said))


def _byline(paragraph: str, known: Credits, sites: list[str], lead: bool) -> Credits | None:
    """Whom a paragraph names when it is nothing but a byline."""
    line = paragraph.strip(" *_|—–-•")
    if not 2 < len(line) <= 120:
        return None
    if agency := agency_of(line):
        return Credits(agency=agency)
    if fold(line) in map(fold, known.people) or (known.people and fold(line) == fold(" and ".join(known.people))):
        return known
    if _SENTENCE_END.search(line) and not re.search(r"\b[A-Z]\.$|\b[JS]r\.$", line):
        return None
    if lead and (match := _IN_PLACE.fullmatch(line)):
        who = people([[match[1], match[2] or ""]], sites)
        unknown = not known.people or any(fold(name) in map(fold, known.people) for name in who.people)
        return who if who.people and unknown and not _ROLE.search(match[1]) else None
    if not (match := _BY.match(line)) or line[match.end() : match.end() + 1].islower():
        return None
    who = people([[line]], sites)
    rest = line[match.end() :]
    full = bool(who.people) and all(re.match(_NAMES, name) for name in who.people)
    same = any(fold(name) in fold(rest) for name in known.people)
    return who if (who.agency and len(rest) < 60) or same or (full and len(rest.split()) <= 12) else None


def _owner(credit: str) -> str | None:
    """The agency that a copyright or source line names as the owner."""
    match = re.match(
        r"(?:©|\(c\)|copyright|source:)[\s©,]*(?:\(c\)\s*)?(?:\d{4}[\s,]*)?(?:by\s+)?([^.,;|]{2,40})",
        credit,
        re.IGNORECASE,
    )
    return agency_of(match[1]) if match else None
