"""Which sentences of an article can be quoted alone, and which need the one before them.

A summary of verbatim sentences reads badly for reasons that have nothing to do with what matters: a sentence opens
with "He", it is the middle of somebody's speech, or it is no sentence of the article at all but a caption or a call to
read on. :func:`standing` says which of these holds. Its rules look at the surface of English news; a sentence that no
rule knows stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from toolkit.alignment.sentences import Sentence
from toolkit.language.lengths import word_count
from toolkit.language.lexicon import AUXILIARIES, FUNCTION_WORDS, MONTHS, WEEKDAYS

Standing = Literal["stands", "leans", "never"]
"""``leans``: only directly behind the sentence before it. ``never``: no sentence, or not one to quote."""

FEWEST_WORDS = 4
"""Words of a sentence of a summary; what is shorter is a heading or a cry."""

MOST_WORDS = 80
"""The same at most. What is longer is a list, a table or several sentences without a full stop."""

_END = re.compile(r"[.!…。！][\"'”’»)\]\s]*$")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LETTERS = re.compile(r"[^\W\d_]{2,}")

# -- what leans --------------------------------------------------------------------------------------------------------

_LEANING = frozenset(
    """he she it they his hers her its their theirs him them himself herself themselves this these that those such both
    neither but however also so then thus therefore hence instead meanwhile otherwise yet still afterwards afterward
    moreover furthermore additionally likewise nevertheless nonetheless consequently because and or nor another others
    elsewhere either asked here there asked""".split()
)
_STANDS_AFTER_ALL = re.compile(
    r"""There\ (?:is|are|was|were|has|have|will|would|could|may|might)\b|It\ (?:is|was)\ \w+\ (?:that|to|for)\b
    |(?:This|Last|Next)\ (?:week|month|year|spring|summer|autumn|winter|season|morning|afternoon|evening)\b
    |(?:Those|Anyone)\ who\b|Both\ (?!of\ them|were|are|have|had|men|women|said)\w+|Because\ (?:of\ )?(?:the|a|[A-Z])\b
    |(?:Meanwhile|Still|Yet),?\ (?:the\b|[A-Z])|That\ \w+\ (?:\w+\ )?who\b""",
    re.VERBOSE,
)
_OPENS_ARTICLE = frozenset("it this these there here".split())
_NAMES_LATE = frozenset("he she".split())
_SUBORDINATE = frozenset(
    """in on at after before when while if as although though since until with by during for from to once despite
    under within upon having speaking following according unlike like earlier later asked""".split()
)
_NO_NAMES = FUNCTION_WORDS | frozenset(MONTHS) | frozenset(WEEKDAYS)
_SUBJECT = re.compile(r"[Hh]e|[Ss]he|[Tt]hey|[Hh]is|[Hh]er|[Tt]heir")
_PERSON = re.compile(r"[Hh]e|[Ss]he|[Tt]hey|[Ii]t|[Oo]ne|[Aa]nother")
_PRONOUN_SECOND = re.compile(
    r"(?:[A-Z][a-z]+ly|Now|Then|Today|Yesterday|Perhaps|Maybe|Once|Of course|In fact),? "
    r"(?:he|she|they|it|his|her|their)\b"
)
_NAMED = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_SAID_HE = re.compile(
    r"\b(?:said|says|told|adds|added|asked|wrote|tweeted|joked|replied|continued|explained|insisted) "
    r"(?:he|she|they|one)\b"
)
_OF_THEM = re.compile(
    r"""(?:Some|Many|Most|Several|Others|Few|All|None|One|Two|Three|Four)\ (?:of\ (?:them|those|these)|were|are|had|have
    |said|used|\w{3,}ed)\b|(?:With|After|In|For|At|Despite|Under|During|On|By|As\ for)\ (?:this|these|that|those|such)\b
    (?!\ (?:week|month|year|spring|summer|autumn|winter|season|morning|afternoon|evening|time|century|decade))""",
    re.VERBOSE,
)
_THE_SAME = re.compile(
    r"""(?:The|Each|One)\ (?:pair|couple|duo|trio|move|decision|announcement|incident|latter|former|same|others?|rest
    |two|three|man|men|woman|women|boy|girl|child|suspect|victims?|news|comments?|remarks?|claims?|letter|statement
    |\d\d?-year-old)(?!,?\ [A-Z])(?!,?\ (?:of|who|that|from|in|with|between|to|for|on|at|whose|by|over|behind)\b)
    |The\ (?:\w+\ )?(?:comes?|came)\ (?:after|as|amid)\b""",
    re.VERBOSE,
)

# -- what is no sentence of the article --------------------------------------------------------------------------------

_FURNITURE_OPENS = re.compile(
    r"""\W*(?:scroll\ (?:down|left|right)|click\ (?:here|to|on)|sign\ up|subscribe
    |read\ (?:more|also|next|the\ full|our)
    |(?:watch|see|listen)\ (?:also|below|above|more|the\ (?:full\ )?(?:video|clip))|follow\ (?:us|him|her|me|@)\b
    |share\ (?:this|on\ |your)|advertisement\W|related\ (?:articles?|stor|content|topics?)|related:|last\ updated
    |(?:photo|photograph|image|picture|video)s?\ ?(?:by\b|credits?\b|source:|caption|copyright|courtesy|:)|getty\ images
    |copyright\ (?:\d|©|\(c)|©|all\ rights\ reserved|more\ on\ this|originally\ published
    |filed\ under|join\ (?:the\ conversation|our)
    |get\ (?:the\ latest|our|all\ the\ latest)|download\ (?:the|our)\ app|tap\ here
    |listen\ to\ the\ (?:podcast|episode|full)
    |(?:an\ )?(?:earlier|previous)\ versions?\ of\ th(?:is|e)\ (?:article|story|report|post|piece)\b
    |embargo(?:ed)?\ (?:until|till|for)\b
    |this\ (?:article|story|post|piece|interview|transcript|page)\ (?:was|has\ been|is|originally|first|appeared)\b
    |do\ you\ have\ (?:a\ story|any\ information)|e-?mail\ (?:us|the\ author)|write\ to\ us|contact\ us
    |cookie\ (?:policy|settings)
    |(?:additional\ |further\ )?(?:reporting|writing|editing|compiled|edited|written|translated)\ by\b|corrections?:
    |editor['’]s\ note|if\ you\ (?:purchase|buy)\ .*commission|by\ signing\ up
    |by\ [A-Z][\w.'’-]+\ [A-Z][\w.'’-]+\W*$)""",
    re.IGNORECASE | re.VERBOSE,
)
_FURNITURE = re.compile(
    r"""scroll\ down\ for|contributed\ to\ this\ (?:report|story|article)|\bour\ (?:daily\ |free\ )?newsletter
    |(?:click|tap)\ here\b|for\ all\ the\ latest|read\ more\ (?:at|on|here|about)|https?://|\bwww\.|\bpic\.twitter""",
    re.IGNORECASE | re.VERBOSE,
)
_CAPTION = re.compile(
    r"""\((?:[^()]{0,40}\ )?(?:pictured|file\ (?:photo|picture|image)|stock\ image|left|right|centre|center|above|below
    |inset)(?:[ ,;][^()]{0,30})?\)|,\ (?:pictured|seen\ here|left|right|above|inset)[,.]|^pictured\b
    |\b(?:is|are|was|were)\ pictured\b|\bin\ this\ (?:undated\ )?(?:file\ )?(?:photo|picture|image)
    |\b[Pp]oses?\ for\ a\ (?:photo|picture|portrait)""",
    re.VERBOSE,
)
_LABEL = re.compile(r"^[A-Z][a-z’'-]+(?: [a-z’'-]+){0,3}: (?:The |A |An |Mr |Mrs |Ms |Dr )?[A-Z]\w+[^:\"“”‘]*$")
# A caption or a heading without a full stop runs into the next sentence: only a small word in capitals tells where.
_RUN_ON = re.compile(
    r"""[ ](?<=[a-z0-9)'’”"][ ])(?=(However(?=,)|(?:But|He|She|They|It|His|Her|Their|This|These|There|After|When|While
    |Although|And|Despite|If|Now|We|In|At|For|As|Since|During|The|An?)(?=[ ][a-z])|A(?=[ ]\d))\b)
    (?<!\b[Vv]itamin[ ])(?<!\b[Cc]lass[ ])(?<!\b[Gg]rade[ ])(?<!\b[Cc]ategory[ ])(?<!\b[Hh]epatitis[ ])(?<!\b[Tt]ype[ ])
    (?<!\bgroup[ ])(?<!\bplan[ ])""",
    re.VERBOSE,
)
_NO_SENTENCE = (_FURNITURE, _CAPTION, _LABEL)
# What names the agency or the author is no part of any sentence. A place and a day (_WHERE_AND_WHEN) say something, and
# are left out only where a sentence is shown beside its article's date, see undated().
_DATELINE = re.compile(
    r"""\s*(?:\((?:CNN|AP|AFP|Reuters|The\ Hollywood\ Reporter|EW\.com|CNN\ Student\ News|Bloomberg|UPI|PA)\)\s*
    (?:[—–-]+\s*)?
    |(?:By|BY)\ [A-Z][\w.'’-]+(?:\ [A-Z][\w.'’-]+){1,2}\ ?(?:[|—–-]|\n)\s*)+(?=\S)""",
    re.VERBOSE,
)
_WHERE_AND_WHEN = re.compile(
    r"(?:[A-Z][A-Z.’' -]+(?:/[A-Z .-]+)?(?:, [A-Z][A-Za-z. ]+)?"
    r"(?:,? (?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}))?"
    r"(?: ?\([A-Za-z ]{2,24}\))?\s*(?:[—–]|--|-(?= ))\s+|\((?:CNN|AP|AFP|Reuters|UPI)\)\s*(?:(?:[—–-]|--)\s*)?)"
)
_BULLET = re.compile(r"\s*(?:[-*•–—]|\d{1,2}[.)])\s+(?=\S)")
_FEWEST_LISTED = 12  # words from which an item of a list is likely to be a sentence
_LONGEST_DATELINE = 120  # characters
_FEWEST_LEFT = 7  # words of what is left when a caption is cut off

# -- speech ------------------------------------------------------------------------------------------------------------

_MARK = re.compile(r"[“”\"]|(?<![^\s(“\"])['‘](?=\w)|(?<=[.,!?…\w])['’](?!\w)|\n\s*\n")
_LONGEST_SPEECH = 2000  # characters; a mark that stands open for longer was none


@dataclass(frozen=True, kw_only=True, slots=True)
class Readable:
    """A sentence, cut to what reads well, and how it stands.

    Attributes:
        sentence: Without an agency's or an author's name before it, a bullet, and a caption that runs into it; the
            characters are the article's own all the same.
        standing: Whether it can be quoted alone, behind the sentence before it, or not at all.
    """

    sentence: Sentence
    standing: Standing


def readable(sentence: Sentence) -> Readable:
    """How a sentence can stand in a summary.

    Args:
        sentence: With its article, whose text before the sentence says whether somebody is speaking.
    """
    text = sentence.text
    start = _cut(text)
    if start:
        span = sentence.article.span(sentence.span.start + start, sentence.span.end)
        behind = replace(sentence, span=span)
        # What stood before a caption is not what the sentence behind it leans on.
        listed = _BULLET.match(text)
        run_on = start != (listed.end() if listed else _dateline(text))
        if listed and word_count(behind.text) < _FEWEST_LISTED:
            return Readable(sentence=behind, standing="never")
        stands = _standing(behind, opens=not run_on and _opens(sentence))
        return Readable(sentence=behind, standing="never" if run_on and stands == "leans" else stands)
    return Readable(sentence=sentence, standing=_standing(sentence, opens=_opens(sentence)))


def _opens(sentence: Sentence) -> bool:
    start = sentence.span.start
    if start > _LONGEST_DATELINE:
        return False
    before = sentence.article.text[:start]
    return not before.strip() or _dateline(before + "x") == start


def _dateline(text: str) -> int:
    found = _DATELINE.match(text)
    return found.end() if found else 0


def dateline_end(text: str) -> int:
    """Where the sentence begins behind a dateline such as “LONDON, Aug. 19 (Reuters) — ”; 0 when there is none."""
    found = _WHERE_AND_WHEN.match(text)
    return found.end() if found is not None and text[found.end() :][:1].isupper() else 0


def undated(sentence: Sentence) -> Sentence:
    """A sentence without the dateline before it, which its article gives."""
    end = dateline_end(sentence.text)
    if not end:
        return sentence
    return replace(sentence, span=sentence.article.span(sentence.span.start + end, sentence.span.end))


def _cut(text: str) -> int:
    """Where what reads well begins."""
    bullet = _BULLET.match(text)
    start = bullet.end() if bullet else _dateline(text)
    cuts = [match.end() for match in _RUN_ON.finditer(text, start) if _runs_on(text[start : match.start()], match[1])]
    if cuts and word_count(text[cuts[-1] :]) >= _FEWEST_LEFT:
        return cuts[-1]
    return start


def _runs_on(before: str, word: str) -> bool:
    """Whether a small word in capitals opens a sentence: “Nurse A with” and “Serie A side” are names of one letter."""
    last = before.rsplit(None, 1)[-1:]
    if word not in ("A", "An") or not last or not last[0][0].isupper():
        return True
    return bool(_FURNITURE_OPENS.match(before) or any(rule.search(before) for rule in (_CAPTION, _LABEL, _FURNITURE)))


def is_furniture(text: str) -> bool:
    """Whether a sentence is about the page or the article, and not what it tells: a call to read on, a correction."""
    return bool(_FURNITURE_OPENS.match(text) or _FURNITURE.search(text))


def _standing(sentence: Sentence, *, opens: bool) -> Standing:
    text = sentence.text
    if not _is_plain(text):
        return "never"
    outside = _outside_speech(sentence)
    if outside is None:
        return "leans"
    return "leans" if _leans(text, outside, opens=opens) else "stands"


def _is_plain(text: str) -> bool:
    """A sentence that the article says, with an end and of a sentence's length."""
    if not _END.search(text) or not FEWEST_WORDS <= word_count(text) <= MOST_WORDS:
        return False
    if "**" in text:  # a heading inside a line
        return False
    if "\n" in text.strip() and re.search(r"\n\s*[-*•|#]", text):  # a list or a table
        return False
    if sum(map(len, _LETTERS.findall(text))) < 0.6 * len(text.replace(" ", "")):  # figures of a table, an address
        return False
    if _FURNITURE_OPENS.match(text) or any(rule.search(text) for rule in _NO_SENTENCE):
        return False
    return not any(_runs_on(text[: match.start()], match[1]) for match in _RUN_ON.finditer(text))


def _leans(text: str, outside: str, *, opens: bool) -> bool:
    words = _WORD.findall(text)
    if not words:
        return True
    first = words[0].casefold().split("'")[0].split("’")[0]
    if first in _LEANING and not _STANDS_AFTER_ALL.match(text):
        # The first sentence of an article has nothing to lean on; it may name late whom it means.
        named = first in _OPENS_ARTICLE or (first in _NAMES_LATE and _NAMED.search(text) is not None)
        return not opens or not named or words[1:2] == ["also"]
    if _PRONOUN_SECOND.match(text) and not (opens and _NAMED.search(text)):
        return True
    if _OF_THEM.match(text) or (not opens and _THE_SAME.match(text)):
        return True
    said = _WORD.findall(outside)
    if len(said) < len(words) and (
        _SAID_HE.search(outside) or (text[0] in "\"“'‘" and said and _PERSON.fullmatch(said[0]))
    ):
        return True
    return first in _SUBORDINATE and _pronoun_comes_first(words)


def _pronoun_comes_first(words: list[str]) -> bool:
    """Whether “he”, “she” or “they” stands before any name and any noun with an article: “When police came, he …”."""
    for index, word in enumerate(words[1:], 1):
        if _SUBJECT.fullmatch(word):
            return True
        if word[0].isupper() and word.casefold() not in _NO_NAMES:
            return False
        if word.casefold() in AUXILIARIES and index > 1:
            return False
    return False


def _outside_speech(sentence: Sentence) -> str | None:
    """What of a sentence is not quoted speech; None when somebody speaks and it does not say who."""
    start, end = sentence.span.start, sentence.span.end
    text = sentence.article.text
    kept, place, spoken = [], start, False
    for opened, closed in speech(text):
        if closed <= start:
            continue
        if opened >= end:
            break
        if opened < start:
            return None
        spoken = True
        kept.append(text[place:opened])
        place = min(closed, end)
    outside = " ".join([*kept, text[place:end]])
    if spoken and len(_WORD.findall(outside)) < 2:
        return None
    return outside


@lru_cache(maxsize=64)
def speech(text: str) -> tuple[tuple[int, int], ...]:
    """Where a text quotes somebody: from the mark that opens to the mark that closes, both included.

    Double and single marks, straight or curved; an apostrophe is told from a mark by its neighbours. A quotation in
    double marks that a paragraph leaves open goes to the paragraph's end, as newspapers have it.
    """
    found: list[tuple[int, int]] = []
    opened, kind = -1, ""
    for mark in _MARK.finditer(text):
        sign, place = mark.group(), mark.start()
        if opened >= 0 and place - opened > _LONGEST_SPEECH:
            opened = -1
        if sign.isspace():
            if opened >= 0 and kind == "“":
                found.append((opened, place))
            opened = -1
            continue
        double = sign in '“”"'
        opening = text[mark.end() : mark.end() + 1].strip() != "" and text[place - 1 : place].strip(" \t\n(—–-") == ""
        if opened < 0 and opening and sign not in "”":
            opened, kind = place, "“" if double else "‘"
        elif opened >= 0 and not (opening and sign != "”") and double == (kind == "“"):
            found.append((opened, mark.end()))
            opened = -1
    if opened >= 0 and kind == "“" and len(text) - opened <= _LONGEST_SPEECH:
        found.append((opened, len(text)))
    return tuple(found)
