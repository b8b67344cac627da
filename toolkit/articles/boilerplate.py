"""Lines that sites put among an article's paragraphs: prompts, links, notices. They are not the article's.

Each rule asks for a short paragraph of a fixed form. A rule that a real sentence could meet is not worth having: what
is left too much is read over, what is taken too much cannot be cited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from toolkit.articles.dates import parse_date

_NO_ARTICLE = re.compile(
    r"ewsletter|rollover-block|click-to-tweet|sw-ctt|EventPromo|print-header|cookie[-_]|-cta--|promo-item|visually-hidden"
    r"|screen-reader-text"
)
_NO_ARTICLE_ID = re.compile(r"ewsletter|cookie")
_PAGE = ("html", "body", "main", "article")
_SMALL = 1_500  # characters of an element that may be dropped for its name; a larger one may hold the article

_WHOLE = re.compile(
    r"(?:advertisement|sponsored(?: content)?|story continues below(?: advertisement)?|article continues below"
    r"|continue reading(?: below)?|read (?:more|next|full story|the full story)|more|related"
    r"|share(?: this(?: (?:story|article|page|post|video|image|link))?(?: (?:on|with|via|by) .{0,20})?)?"
    r"|print"
    r"|e-?mail|tweet|comments?|\d+ comments?|leave a comment|view comments|show comments|loading.{0,20}|explore further"
    r"|click to (?:tweet|enlarge|expand)|back to top|top stories|sorry!|close|skip|play video|watch live|sign up|log in"
    r"|subscribe(?: now)?|follow us|recommended|trending(?: now)?|most read|most popular|whatsapp|facebook|twitter"
    r"|werbung|anzeige|publicité|publicidad|publicidade|weiterlesen|lire la suite|leer más|leia mais|leggi anche"
    r"|something to consider|mehr zum thema|image (?:caption|copyright|source).{0,60}|media caption.{0,100}"
    r"|filed under:?.{0,80}|tags?:.{0,120}|topics:.{0,120}|posted in.{0,60})[.…!:|]*",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(?:- )?(?:(?:related|read more|see more|read also|also read|see also|watch|watch more|more|read|read next|listen|"
    r"also|don['’]t miss|recommended|must read|in pictures|photos|video|gallery|lire aussi|à lire aussi|lesen sie auch|"
    r"mehr dazu|leia também|leia mais|lea también|le puede interesar|leggi anche|lees ook|czytaj też|"
    r"related (?:stor(?:y|ies)|articles?|content|coverage))(?: (?:on|here|about|from) [^:]{1,30})?\s?:\s*\S.{0,180}"
    r"|(?:also|see): see .{0,100})",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"(?:please )?(?:(?:sign up|subscribe|register|join|log in)\b.{0,160}\b(?:newsletters?|inbox|e-?mails?|alerts?"
    r"|app|channel"
    r"|updates|free|account|podcast|videos|here)\b"
    r"|get\b.{0,120}\b(?:inbox|newsletters?|delivered|by clicking here|breaking news alerts|app\b)"
    r"|(?-i:CLICK|TAP) (?-i:HERE)\b"
    r"|(?:like|follow|find|join|connect with) (?:us|me|him|her|them|@\w+|[^.]{0,60}) (?:on"
    r"|at) (?:our )?(?:@?twitter|facebook"
    r"|instagram|x\b|youtube|linkedin|telegram|whatsapp|tiktok|@)"
    r"|follow .{2,60}['’]s? (?:full |live )?coverage\b|download (?:the|our) .{0,40}\bapp\b"
    r"|thanks? (?:you )?for (?:signing up|subscribing)|there was an error processing|keep an eye on your inbox"
    r"|(?:have|got) a (?:news )?tip\b|have a story\b|do you have (?:a|any) (?:story|tip|information)"
    r"|want more (?:news|stories)"
    r"|already (?:a subscriber|have an account)|to continue reading|you must be (?:logged|signed) in"
    r"|this content is (?:only )?"
    r"(?:available|for)|(?:please )?enable javascript|your browser (?:does not|doesn['’]t) support"
    r"|if you (?:buy|purchase|click) (?:something|anything|a product|an item|on|through)\b.{0,100}\b(?:share"
    r"|commission|fee)"
    r"|(?:we (?:and our .{0,40} )?(?:also |may )?(?:use|store|set|place)|(?:this|our) (?:web)?site"
    r"|by (?:using|continuing))\b.{0,120}\bcookies\b"
    r"|copyright\s*(?:[©ⓒ]|\(c\)|\d{4}\b|by\b).{0,120}$|copyright\b.{0,120}(?<![.!?])$"
    r"|[©ⓒ] ?.{0,120}$|all rights reserved|\[/?[a-z_]+ [a-z]+=|tell us what you think"
    r"|what do you think\?"
    r"|if you (?:enjoyed|liked) this (?:article|story|post)\b|listen to .{0,40} live at\b)",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?:(?:last |first )?(?:updated?|modified|published|posted)(?: by [^.]{2,40}?)?(?: on| at|[\s:,|–-])*"
    r"(?:\d|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\b)[^a-z]?.{0,60}"
    r"|\d{1,2}[:.h]\d{2}\s?(?:[ap]\.?m\.?)?"
    r"(?:\s[A-Z]{2,4})?|.{0,12}\b\d+ (?:second|minute|hour|day|week|month|year)s? ago"
    r"|(?:estimated )?reading time:?.{0,20}"
    r"|(?:tempo de leitura|lesezeit|tiempo de lectura|temps de lecture):?.{0,20}|\d+[ -]min(?:ute)?s?[ -]read.{0,10})",
    re.IGNORECASE,
)
_CLICK = re.compile(r"(?:click|tap) here\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
_MORE = re.compile(
    r"(?:you (?:may|might)(?: also)? (?:like|be interested in|enjoy)|more (?:from|on|in|stories|coverage)\b.{0,40}"
    r"|related"
    r"(?: stories| articles| content| coverage| news| links| posts| topics)?|(?:most|more) (?:read|viewed|popular"
    r"|shared)\b.{0,40}"
    r"|don['’]t miss|recommended(?: for you| reading| stories)?|read (?:more|next|also)|trending(?: now)?"
    r"|editor['’]?s['’]? (?:picks?|choice)"
    r"|what to read next|top stories|latest (?:news|stories)|also (?:on|in) .{0,30}|something to consider|see also"
    r"|further reading"
    r"|subscribe to .{0,60}|das könnte sie auch interessieren|lesen sie auch|sur le même sujet|à lire aussi"
    r"|te puede interesar"
    r"|leia também|leggi anche|mehr zum thema)\s?(?:\.\.\.|…|:|!)?",
    re.IGNORECASE,
)
_NO_LETTERS = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"[.!?。؟।]['\"”’»)\]]*$")
_PROSE_END = re.compile(r"[^\W\d_]{3}\.['\"”’»)]*$")
_SAID = re.compile(r"\b(?:said|says|told|asked|wrote|announced|warned|added)\b", re.IGNORECASE)
# By eye, like the numbers below and the rules: with the even pages of benchmarks/extraction.py, not with the odd ones.
_LONGEST = 320  # characters of a paragraph that may be a site's; what is longer is the article's
_HEADLINE = 160  # characters of a line that may be the headline of another article
_LABEL = 80  # characters of a line that may stand above the headline
_LEAST_TITLE = 12  # letters from which a line equal to a title is the headline, wherever it stands
_LONGEST_LINK = 200  # characters of a paragraph that is nothing but a link in capitals
_LONG_PARAGRAPH = 80  # characters of a paragraph of an article that is cut into several elements
_MOST_PIECES = 20  # elements that an article is cut into
_PROSE = 0.5  # share of a page in whole sentences, above which it is no list of links
_LINKED = 0.7  # share of a page in links, above which it is one
_REMARKS = re.compile(r"comment|reply|review|teaser|card|promo|summary|excerpt", re.IGNORECASE)
_HEAD = 4  # paragraphs at the beginning, and at the end, where more of them are the site's
_TAIL = 4


def without_boilerplate(paragraphs: Sequence[str], titles: Sequence[str]) -> list[str]:
    """The paragraphs that are the article's.

    Args:
        paragraphs: What was found on the page, in order.
        titles: What the page calls the article; the headline, and the section's name above it, are not text.
    """
    kept = list(_below_headline(paragraphs, titles))
    last = len(kept) - _TAIL
    kept = [
        paragraph
        for place, paragraph in enumerate(kept)
        if not _is_boilerplate(paragraph, place < _HEAD or place >= last)
    ]
    return _without_lists_of_links(kept)


def _below_headline(paragraphs: Sequence[str], titles: Sequence[str]) -> Sequence[str]:
    wanted = {_letters(title) for title in titles}
    for place in range(min(_HEAD, len(paragraphs) - 1), -1, -1):
        here = _letters(paragraphs[place])
        # A short headline, such as a name, may also be a heading further down.
        if here in wanted and (place == 0 or len(here) > _LEAST_TITLE) and all(map(_is_short, paragraphs[:place])):
            return paragraphs[place + 1 :] or paragraphs
    return paragraphs


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())


def _is_short(paragraph: str) -> bool:
    return len(paragraph) < _LABEL and not _SENTENCE.search(paragraph)


def _is_boilerplate(paragraph: str, outer: bool) -> bool:
    """Whether a paragraph is a site's; ``outer`` are the first and the last ones, where there is more of that."""
    if len(paragraph) > _LONGEST:
        return False
    line = paragraph.strip(" *_|•>»→-–—")
    if not any(character.isalnum() for character in line) or _WHOLE.fullmatch(line):
        return True
    if outer and (_ADDRESS.fullmatch(line) or _CLICK.match(line)):
        return True
    listed = paragraph.startswith("- ")  # an item of a list belongs to the list
    if not listed and _INVITES.match(line) and not _SAID.search(line):
        return True
    stamp = len(line) <= 100 and not _PROSE_END.search(line)
    if stamp and (_STAMP.fullmatch(line) or (len(line) <= 40 and parse_date(line))):
        return True
    return not _SENTENCE.search(line) and _PROMPT.fullmatch(line) is not None


def _without_lists_of_links(paragraphs: list[str]) -> list[str]:
    """Without headings such as “You may also like” and the headlines below them, up to the next sentence."""
    kept: list[str] = []
    skipping = False
    for paragraph in paragraphs:
        line = paragraph.strip(" *_|•>»→-–—")
        if _MORE.fullmatch(line) and not _PROSE_END.search(line):
            skipping = True
        elif not (skipping and len(paragraph) < _HEADLINE and not _SENTENCE.search(paragraph)):
            skipping = False
            kept.append(paragraph)
    return kept


def drop_links(tree: Any) -> None:
    """Drop elements of sites, and paragraphs that are nothing but one link in capitals: headlines of other articles.

    Args:
        tree: The page, changed in place.
    """
    for element in tree.xpath("//*[@class or @id]"):
        named = _NO_ARTICLE.search(element.get("class") or "") or _NO_ARTICLE_ID.search(element.get("id") or "")
        if named and element.tag not in _PAGE and element.getparent() is not None:
            holds = next(element.iter("article", "main"), None)
            if holds is None and len(" ".join(element.text_content().split())) < _SMALL:
                element.drop_tree()
    for paragraph in tree.xpath("//p[.//a][not(ancestor::li)]"):
        text = " ".join(paragraph.text_content().split())
        links = paragraph.findall(".//a")
        linked = " ".join(" ".join(link.text_content() for link in links).split())
        if 8 < len(text) <= _LONGEST_LINK and text == linked and text.isupper() and paragraph.getparent() is not None:
            paragraph.drop_tree()


def join_chunks(tree: Any) -> None:
    """Bring an article that is cut into several like elements, with advertisements between, into the first of them.

    Whoever looks for the element that holds most of the text finds one of them only. Teasers of several articles look
    alike too, but have headings beside their paragraphs.

    Args:
        tree: The page, changed in place.
    """
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for element in dict.fromkeys(paragraph.getparent() for paragraph in tree.iter("p")):
        above = None if element is None else element.getparent()
        if above is None or above.getparent() is None or element.tag not in ("div", "section"):
            continue
        if len([child for child in element.iterchildren("p") if len(child.text_content()) >= _LONG_PARAGRAPH]) >= 2:
            groups.setdefault((above.getparent(), element.tag, element.get("class")), []).append(element)
    for (around, _, name), chunks in groups.items():
        if not 2 <= len(chunks) <= _MOST_PIECES or not name or _REMARKS.search(name) or around.tag in ("ul", "ol"):
            continue
        between = [chunk.getparent() for chunk in chunks]
        if any(parent.tag in ("article", "li") or _REMARKS.search(parent.get("class") or "") for parent in between):
            continue
        if any(heading.getparent() in between for parent in between for heading in parent.iter("h1", "h2", "h3")):
            continue
        for chunk in chunks[1:]:
            chunks[0].extend(list(chunk))


def is_list_of_links(paragraphs: Sequence[str], tree: Any) -> bool:
    """Whether what was found on a page is a list of links, as on home pages and pages of a section.

    Args:
        paragraphs: What was found.
        tree: The page.
    """
    whole = sum(map(len, paragraphs))
    if len(paragraphs) < 5 or sum(len(part) for part in paragraphs if _SENTENCE.search(part)) > _PROSE * whole:
        return False
    links = {_letters(link.text_content()) for link in tree.iter("a")}
    return sum(len(part) for part in paragraphs if _letters(part) in links) > _LINKED * whole
