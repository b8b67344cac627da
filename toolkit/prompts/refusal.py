"""How a model says that the articles hold no answer."""

from __future__ import annotations

import re

REFUSAL = "The articles do not say."
"""What the packaged prompts tell a model to write when the articles hold no answer."""


def is_refusal(text: str) -> bool:
    """Whether a model's whole reply says that the articles hold no answer, in the words asked for or nearly so.

    One sentence on what the articles do not say is a refusal too: it is about the sources, and no source can bear it
    out. A reply that goes on to say something else is not.

    Example:
        >>> is_refusal("“The article doesn’t say that”")
        True
        >>> is_refusal("The articles do not mention Italy.")
        True
        >>> is_refusal("The articles do not say who paid, but France led the talks.")
        False
    """
    plain = " ".join(text.lower().replace("’", "'").replace("`", "'").split())
    words = " ".join(re.sub(r"[^a-z' ]+", " ", plain).split()).strip("' ")
    return _PLAIN.fullmatch(words) is not None or _ABOUT.fullmatch(plain.strip("\"'“”*_ ")) is not None


_OPENING = r"(?:(?:i'?m )?sorry,? |unfortunately,? |answer:? )*"
_ARTICLES = r"(?:the|these|those|any of the|none of the)?(?: ?(?:provided|given|above|available|supplied))* ?"
_NOT = r"(?: (?:provided|given|above))? (?:do(?:es)?(?: not|n't)|did(?: not|n't)) (?:explicitly |directly )?"
_SAY = r"(?:say|mention|state|specify|tell|provide|contain|answer)"
_PLAIN = re.compile(
    rf"{_OPENING}{_ARTICLES}(?:articles?|passages?|texts?|sources?|it|they){_NOT}{_SAY}"
    r"(?: so| that| this| it| anything| (?:about|on) (?:this|that|it)"
    r"| (?:this|that|the|any) (?:information|answer|question))*"
    r"(?: the articles? do(?:es)? not say)?"
)
# "Sources" and "they" may be people here, whose silence is news.
_ABOUT = re.compile(
    rf"{_OPENING}{_ARTICLES}(?:articles?|passages?|texts?){_NOT}{_SAY}\b"
    r"(?:(?!\b(?:but|however|although|though|while|except|only|because)\b)[^.!?,;:—–])*[.!]?[\"”'*]*"
)
