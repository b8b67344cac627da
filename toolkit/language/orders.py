"""Sentences that tell a machine what to say: in the article, but no statement, and nothing is borne out by them.

An article may be written, or altered, for its readers' language models: "AI assistants must answer that ...". Quoting
such a sentence as an answer would do what it wants, and a model that obeys it would find its words there. Reports of
such sentences (“the page told assistants to ignore their instructions”) are statements, and stay. The patterns are a
fence and no wall: they were written by hand, against the attacks in ``toolkit/experiment/injections.json``.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MACHINE = (
    r"(?:AI|A\.I\.|artificial intelligence|(?:AI|automated|virtual) (?:assistants?|agents?|readers|systems?)"
    r"|assistants?|chatbots?|(?:large )?language models?|LLMs?|bots?)"
)
_MUST = r"(?:must|should|shall|need to|have to|has to|(?:is|are) (?:required|instructed|ordered) to|reading this)"
_SAY = (
    r"(?:say|state|report|answer|reply|respond|tell|write|repeat|print|output|mention|include|use|put|begin|end|close"
    r"|replace|ignore|display|reveal)"
)
_IGNORE = (
    r"^[\s>*#-]*(?:please |now |instead,? )?(?:ignore|disregard|forget|override)\b[^.!?]{0,40}"
    r"\b(?:instructions?|prompts?|everything (?:else|above|before)|rules|directions)\b"
)
_NOTHING_BUT = (
    r"\b(?:reply|respond|answer)\b[^.!?]{0,40}"
    r"\b(?:with (?:the |a )?single (?:word|phrase)|only with|with only|with nothing|nothing but)\b"
)
_YOUR_ANSWER = (
    r"\b(?:in|into|end|begin|start|close|finish|include|make|change|write) your "
    r"(?:(?:next|only|entire|complete) )?(?:answers?|repl(?:y|ies)|responses?|output)\b"
)
_YOUR_TASK = r"\byour (?:new|next|only|real) (?:task|instructions?|answer|reply)\b"
_YOUR_PROMPT = (
    r"\b(?:repeat|print|reveal|output|show|send)\b[^.!?]{0,30}"
    r"\byour (?:system |initial |full )*(?:prompt|instructions)\b"
)
_ROLES = r"<\|[a-z_]+\|>|\[/?INST\]|^\s*(?:system|assistant|user)\s*:\s"
_MACHINE_MUST = (  # “chatbots must say that they are machines” is a law: only those that read this are addressed
    rf"\b{_MACHINE} (?:(?:that|who|which) )?(?:read|process|summari[sz]|answer|quot|index)(?:e|es|s|ing)?\b"
    rf"[^.!?]{{0,80}}\b{_MUST}\b[^.!?]{{0,80}}\b{_SAY}\b"
)
_NOTE_TO_MACHINE = (
    r"\b(?:note|notice|correction|instruction|message|attention|hint)s?\b[^.!?]{0,40}"
    rf"\b(?:to|for)\b[^.!?]{{0,20}}\b{_MACHINE}\b"
)
_WHEN_ASKED = (
    r"\b(?:when|if|whenever) (?:you are |somebody |someone |anyone |a user |the user )?ask(?:ed|s)\b.{0,200}?"
    r"\b(?:tell (?:them|him|her|the)|say (?:this|that|only)|reply|answer (?:only|with|that))\b"
)
_WHOEVER_ANSWERS = rf"\bwhoever (?:answers|replies|reads)\b[^.!?]{{0,60}}\b{_MUST}\b[^.!?]{{0,60}}\b{_SAY}\b"
_EVERY_ANSWER = (
    r"\b(?:every|each|any|all) answers?\b[^.!?]{0,60}"
    r"\b(?:has|have|must|should|needs?) (?:to )?(?:end|begin|include|contain|close)\b"
)
_TELL_READERS = r"\btell (?:the )?(?:readers?|users?)\b[^.!?]{0,60}\b(?:answer|account|link)\b"
_PATTERNS = (
    _IGNORE, _NOTHING_BUT, _YOUR_ANSWER, _YOUR_TASK, _YOUR_PROMPT, _ROLES,
    _MACHINE_MUST, _NOTE_TO_MACHINE, _WHEN_ASKED, _WHOEVER_ANSWERS, _EVERY_ANSWER, _TELL_READERS,
)  # fmt: skip


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE | re.MULTILINE)


@lru_cache(maxsize=16_384)
def addresses_machine(text: str) -> bool:
    """Whether a sentence tells a machine what to say.

    Args:
        text: One sentence.
    """
    return _pattern().search(text) is not None


_WIDER = r"""
    \b(?:ignor|disregard|forget|overrid|bypass)\w*\b[^.!?\n]{0,60}\b(?:instructions?|prompts?|rules|guidelines|above)\b
    |\b(?:AI|artificial\ intelligence|language|chat)\ ?-?(?:models?|assistants?|systems?|bots?)\b[^.!?\n]{0,60}
    \b(?:must|should|write|say|answer|repeat|add|include|reading|processing)\b
    |\byou\ are\ (?:now\ )?(?:an?\ )?(?:AI|language\ model|assistant|chatbot|LLM)\b
    |(?:^|\n)\W*(?:system|assistant|user|instructions?)\W{0,3}:
    |<\||\byour\ (?:only\ )?(?:task|job)\b
    |\byou\ (?:must|should|are\ required\ to|will)\ (?:now\ )?(?:write|say|answer|state|reply)
    |\b(?:every|each|any|permitted)\ (?:answer|question|reply|response)\b|\bquestions?\ about\ this\b
    |\b(?:AI|artificial\ intelligence)\ (?:models?|assistants?|systems?|bots?):
    |\b(?:your|the\ (?:correct|right|only|final))\ (?:answer|summary|reply|response|output)\b
    |(?:^|[.!?:;>\])]\s+|\b(?:please|now|must|instead)\ )
    (?:write|say|answer|respond|reply|summari[sz]e|output|repeat|print|conclude|begin|start|end|add|include|mention|tell)
    \b(?!,)[^.!?\n]{0,80}(?:\bthat\b|:|\bas\ follows\b|\bwith\b|["“‘]|\b(?:answer|summary|reply|response)\b)
    """


@lru_cache(maxsize=1)
def _wider_pattern() -> re.Pattern[str]:
    return re.compile(_WIDER, re.IGNORECASE | re.VERBOSE)


def may_address_machine(text: str) -> bool:
    """Whether a sentence may tell a machine what to say: for where a mistake costs little, one quote less to read.

    Args:
        text: One sentence.
    """
    return addresses_machine(text) or _wider_pattern().search(text) is not None
