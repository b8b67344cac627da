"""How somebody stands to what a sentence tells: will, may, will not, denies, supports, opposes … and by which words.

A list of patterns, tried in order: the words that turn a sentence most come first (“refused to rule out” before “ruled
out” before “will”). What no pattern fits is ``says``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.language import lexicon
from toolkit.types.comparison import Stance

_NOT = r"(?:not|n['’]t|never|no longer)"
_DO = r"(?:do|does|did|has|have|had|is|are|was|were)"
_ADVERB = r"(?:\w+ly |also |still |now |again |yet )?"


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])", re.IGNORECASE)


_NOTHING = _words(
    rf"{_DO}(?: {_NOT}|n['’]t) {_ADVERB}(?:deny|denied|oppose|opposed|reject|rejected|dispute|disputed|object)",
    r"no longer (?:den(?:y|ies)|oppos(?:e|es)|rejects?|disputes?|objects?)",
    r"fail(?:s|ed)? to (?:support|back|endorse|approve|deny|oppose|reject)",
    r"(?:no|little|without (?:a|any)) doubt",
    r"no ?(?:body|[- ]?one) doubts",
)
_RULES: tuple[tuple[Stance, re.Pattern[str]], ...] = (
    ("may", _words(
        r"refus(?:e|es|ed|ing) to rule out", r"declin(?:e|es|ed|ing) to rule out",
        rf"{_NOT} (?:been )?rul(?:e|ed|es|ing) out", r"(?:cannot|can['’]t|couldn['’]t) rule out", r"without ruling out",
        rf"{_NOT} excluded?", r"(?:refus|declin)(?:e|es|ed|ing) to deny")),
    ("denies", _words(
        r"den(?:y|ies|ied|ying)", r"not true", r"untrue",
        rf"(?:(?:do|does|did|have|has|had)(?: not|n['’]t)|never) {_ADVERB}(?:say|said|claim|claimed|suggest|suggested)"
        r"(?! (?:whether|if|how|when|where|why|who|what|which|so|anything|much|more)\b)(?= \w)",
        r"dismiss(?:es|ed) (?:the )?(?:report|reports|claim|claims)\b",
        r"baseless", r"no truth in", r"(?:is|are|was|were) false", r"disput(?:e|es|ed) (?:that|the)")),
    ("opposes", _words(
        r"refus(?:e|es|ed|al|ing) to "
        r"(?:accept|allow|recogni[sz]e|back(?! down| off| out)|support|approve|endorse|tolerate)",
        rf"{_DO}(?: {_NOT}|n['’]t) (?:support|back|want|favou?r|accept|endorse|agree)",
        r"no longer (?:supports?|backs?|wants?|favou?rs?|accepts?|endorses?)",
        r"(?:should|must|ought)(?: not|n['’]t)",
        r"(?:urg(?:e|es|ed|ing)|call(?:s|ed|ing)? on|want(?:s|ed)?|ask(?:s|ed)|appeal(?:s|ed) to|tells?|told) "
        r"(?:[\w’'-]+ ){1,4}not to",
        r"(?:would be|is) (?:a |an )?(?:\w+ )?(?:mistake|folly|error of judgement)",
        r"will not (?:accept|tolerate|allow)", r"cannot accept",
        r"reject(?:s|ed|ing)?", r"oppos(?:e|es|ed|ing)", r"vot(?:e|ed|es|ing) against", r"condemn(?:s|ed|ing)?",
        r"object(?:s|ed) to", r"speak(?:s|ing)? against", r"spoke (?:out )?against", r"unacceptable",
        r"criticis(?:e|es|ed|ing)", r"criticiz(?:e|es|ed|ing)", r"is against", r"are against", r"denounc(?:e|es|ed)")),
    ("doubts", _words(
        r"question(?:s|ed|ing)? whether", r"doubt(?:s|ed|ful)?", r"unlikely", r"sceptical", r"skeptical",
        r"whether that is enough", r"suspect(?:s|ed)? that")),
    ("will not", _words(
        r"will not(?! only| just| merely)", r"won['’]t", r"would not(?! only| just| merely)", r"wouldn['’]t",
        r"shall not",
        r"(?:will|would) (?:never|hardly)", r"no plans? to",
        r"(?:decid(?:e|es|ed)|vow(?:s|ed)?|pledg(?:e|es|ed)|promis(?:e|es|ed)|plans?|planned|intends?|intended|agree[sd]?"
        r"|chose|opted) (?:not|never) to",
        r"decid(?:e|es|ed) against", r"(?:is|are|was|were)n['’]t (?:going )?to",
        r"(?:scrap(?:s|ped)|abandon(?:s|ed)|shelve[sd]|drop(?:s|ped)|cancel(?:s|led|ed)|ditch(?:es|ed)|axe[sd])"
        r" (?:the |its |their |his |her |all |any )?plans?",
        r"no intention of", r"not going to", r"rul(?:e|es|ed|ing) out",
        rf"{_DO}(?: {_NOT}|n['’]t) {_ADVERB}(?:expect|plan|intend|anticipate)(?:ed|ing)?",
        r"refus(?:e|es|ed|ing) to", r"(?:is|are|was|were) not to")),
    ("wants", _words(
        r"call(?:s|ed|ing)? (?:on|for)", r"urg(?:e|es|ed|ing)", r"demand(?:s|ed|ing)?", r"want(?:s|ed)?",
        r"appeal(?:s|ed) (?:to|for)", r"should", r"must", r"(?:needs?|needed|ought) to",
        r"ask(?:s|ed) \w+(?: \w+)? to")),
    ("supports", _words(
        r"support(?:s|ed|ing)?(?! (?:from|of|for)\b)"
        r"(?= (?:the|a|an|any|this|that|his|her|its|their|such|plans?|calls?)\b)",
        r"signall?(?:s|ed|ing)? (?:his |her |its |their )?support",
        r"back(?:s|ed)(?= (?:the|a|an|any|this|calls?|plans?)\b)",
        r"in favou?r of", r"favou?rs", r"vot(?:e|ed|es|ing) for", r"welcom(?:es|ed)", r"endors(?:e|es|ed|ing)",
        r"prais(?:es|ed)", r"approv(?:es|ed) of", r"agree(?:s|d)? (?:to|with)")),
)  # fmt: skip
_WHOEVER = re.compile(r"\b(?:whatever|whoever)\b|\b(?:that|who|what) \Z", re.IGNORECASE)
_POSSIBLE = _words(
    r"may not", r"might not",
    r"(?:discuss(?:es|ed|ing)?|weigh(?:s|ed|ing)?|consider(?:s|ed|ing)?) (?:a |the )?plans? to",
    r"might", r"could(?! not)", r"consider(?:s|ed|ing)", r"weigh(?:s|ed|ing)", r"perhaps", r"possibl[ye]", r"uncertain",
    r"unclear", r"undecided", r"(?:is|are|was|were) (?:willing|ready|prepared) to", r"reportedly", r"potentially",
    r"if", r"unless", r"whether",
)  # fmt: skip
_MAY = re.compile(r"(?<![\w-])may(?![\w-])")
_MAY_AT_START = re.compile(r"\AMay (?=[a-z])")
_WILL = _words(
    r"going to", r"(?:is|are|was|were) (?:set |about |expected )?to(?= [a-z])",
    r"(?:is|are|was|were) due to(?= (?!the|an?\b|its|his|her|their|set-)[a-z])",
    r"(?:plans?|planned|vow(?:s|ed)?|pledg(?:e|es|ed)|promis(?:e|es|ed)|intends?|intended|expects?|expected|hop(?:e|es|ed)"
    r"|agreed) to", r"(?-i:(?<![Tt]he )(?<!his )(?<!her )(?<!good )(?<!political )will)", r"shall", r"would",
    r"expects?(?= (?:the|a|terms|that)\b)",
)  # fmt: skip
_NONE_WILL = re.compile(
    r"(?:\A|[,;:–—“\"(]\s*|\b(?:and|but|that)\s+)\W*((?:no|nobody|none|neither|few)\b(?! doubt)"
    r"(?:(?! (?:that|who|which|in sight)\b)[ -][\w’'-]+){0,7} )\Z", re.IGNORECASE
)  # fmt: skip
_WILL_SHORT = re.compile(r"(?<=\w)['’]ll\b")
_CONDITION = _words(r"if", r"unless", r"provided that", r"only once")
_AS_IF = re.compile(r"\b(?:as|even|what) if\b", re.IGNORECASE)
_NOT_TELLING = frozenset(
    """was were been had did done set cut put made seen known given taken gone shown written broken chosen driven drawn
    understood thought left felt found meant kept held saw wound bound ground lay bore read spread hurt""".split()
)
"""Past forms that are as often participles, nouns or present forms, or tell of a state."""

_IRREGULAR = "|".join(sorted(set(lexicon.IRREGULAR_PAST) - _NOT_TELLING, key=len, reverse=True))
_PARTICIPLE = rf"(?:\w{{2,}}ed|{'|'.join(sorted(lexicon.IRREGULAR_PAST, key=len, reverse=True))})"
_PAST = _words(
    rf"(?:was|were|has been|have been|had been) {_ADVERB}{_PARTICIPLE}",
    rf"(?:has|have|had) {_ADVERB}{_PARTICIPLE}",
)
_LACKED = r"(?:n['’]t| not| never)(?! (?:only|just|merely|simply)\b)"
_UNDONE = _words(
    rf"(?:was|were|has|have|had){_LACKED} (?:been |yet )*{_ADVERB}{_PARTICIPLE}",
    rf"did{_LACKED} {_ADVERB}(?!deny|oppose|reject|dispute|object)[a-z]+",
)
_ASIDE = re.compile(
    r"\b(?:although|though|because|since|while|when|where|as|who|which|whom|whose)\b[^,;:—–]*\Z", re.IGNORECASE
)
_NOT_AFTER_ALL = _words(r"(?:was|were) to have", rf"would have {_ADVERB}(?:been|{_PARTICIPLE})")
_ONCE_PLANNED = _words(r"had (?:planned|intended|hoped|meant) to")
_SIMPLE_PAST = _words(
    rf"{_IRREGULAR}", r"(?!need|indeed|red\b|bed\b|fed\b|led\b)\w{2,}ed(?= (?!by\b)[\w£$€“])", r"left(?= the)"
)
_PRESENT = re.compile(
    r"\b(?:is|are|has|have|do|does|can|cannot|says?|am)\b|['’]s (?=not|a|the|very|going)|['’]re\b", re.I
)
_NO_VERB_BEFORE = re.compile(
    r"\b(?:an?|the|is|are|be|being|to|of|for|their|his|her|its|our|by|more|most|so|very|from|with|in|than) \Z", re.I
)
_NEGATED = re.compile(r"\b(?:no|nobody|none|neither|never|nothing|hardly)\b", re.I)
_NO_PAST = re.compile(
    r"\b(?:called|said|told|added|noted|reported|described|listed|united|armed|supposed|related)\b", re.I
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A stance and the characters that carry it.

    Attributes:
        stance: One of :data:`toolkit.types.comparison.Stance`.
        start, end: Of the words that tell; equal when there are none, as with ``says``.
    """

    stance: Stance
    start: int = 0
    end: int = 0


def stance_of(text: str, start: int = 0, end: int | None = None) -> Reading:
    """The stance that a run of a text takes.

    Args:
        text: A sentence or more.
        start: Where to begin reading: at what somebody is said to say, with the verb of position.
        end: Where to end; None for the end of the text.

    Returns:
        The stance and its words, in offsets of ``text``.
    """
    end = len(text) if end is None else end
    nothing = _NOTHING.search(text, start, end)
    for stance, pattern in _RULES:
        match = pattern.search(text, start, end)
        if match is None:
            continue
        if stance == "wants" and _WHOEVER.search(text, start, match.start()):
            continue
        if nothing is not None and nothing.start() <= match.start() < nothing.end():
            continue
        return Reading(stance=stance, start=match.start(), end=match.end())
    return _modal(text, start, end)


def is_unreal(text: str) -> bool:
    """Whether a text tells what would have been, or was to be and was not."""
    return _NOT_AFTER_ALL.search(text) is not None


def _modal(text: str, start: int, end: int) -> Reading:
    """Possible before certain, certain before past; a condition makes what will be something that may be."""
    may = _first(text, start, end, _POSSIBLE, _MAY, _MAY_AT_START)
    if _NOT_AFTER_ALL.search(text, start, end):
        return Reading(stance="says")  # “would have sent troops”: nobody did, and nobody will
    will = None if _ONCE_PLANNED.search(text, start, end) else _first(text, start, end, _WILL, _WILL_SHORT)
    if may is not None and not _AS_IF.search(text, start, end):
        condition = _CONDITION.fullmatch(text, *may.span())
        past = _PAST.search(text, start, end)
        # “was cancelled if it rained” is no possibility of ours to tell; a condition counts with what will be.
        if condition is None or will is not None or past is None:
            return Reading(stance="may", start=may.start(), end=may.end())
    if will is not None and (none := _NONE_WILL.search(text[start : will.start()])):
        return Reading(stance="will not", start=start + none.start(1), end=will.end())
    if will is not None:
        return Reading(stance="will", start=will.start(), end=will.end())
    past = _PAST.search(text, start, end) or _simple_past(text, start, end)
    undone = _UNDONE.search(text, start, end)
    if undone is not None and (past is None or undone.start() < past.end()):
        if not _ASIDE.search(text[start : undone.start()]):
            return Reading(stance="did not happen", start=undone.start(), end=undone.end())
        past = _PAST.search(text, undone.end(), end) or _simple_past(text, undone.end(), end)
    if past is not None and not _NEGATED.search(text, start, past.start()):
        return Reading(stance="happened", start=past.start(), end=past.end())
    return Reading(stance="says")


def _simple_past(text: str, start: int, end: int) -> re.Match[str] | None:
    """The first past form, if no verb of the present comes before it and it is no participle in front of a noun."""
    present = _PRESENT.search(text, start, end)
    for match in _SIMPLE_PAST.finditer(text, start, present.start() if present else end):
        if not _NO_PAST.fullmatch(match.group()) and not _NO_VERB_BEFORE.search(text, start, match.start()):
            return match
    return None


def _first(text: str, start: int, end: int, *patterns: re.Pattern[str]) -> re.Match[str] | None:
    """The match of the first pattern that has one; conditions only when nothing else has."""
    for pattern in patterns:
        matches = list(pattern.finditer(text, start, end))
        if matches:
            plain = [m for m in matches if not _CONDITION.fullmatch(m.group()) and m.group().lower() != "whether"]
            may = next((m for p in patterns[1:] for m in p.finditer(text, start, end)), None)
            return plain[0] if plain else may or matches[0]
    return None
