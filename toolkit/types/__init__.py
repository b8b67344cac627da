"""The values that flow through the toolkit: frozen, keyword-only, importing nothing else of ours at import time.

Offsets are Python code points of ``Article.text``; ends are exclusive. The promise that everything rests on,
``article.text[start:end] == quote``, is checked when a :class:`Citation` is made, so a wrong one cannot exist.

What a search and an answer need is loaded at once; the rest on first use, since a cold start is not to pay for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from toolkit.types.answers import Answer, CitedText, Summary
from toolkit.types.articles import Article, Passage, Span
from toolkit.types.calls import Message, PromptRef, Role, Usage
from toolkit.types.claims import Citation, Claim, Difference, Opinion, Verdict
from toolkit.types.hits import Hit, Hits, Trace
from toolkit.types.reports import AddReport, Failure
from toolkit.types.shown import Shown
from toolkit.types.summaries import Coverage, Covered, SummaryNode

if TYPE_CHECKING:
    from toolkit.types.briefing import Briefing as Briefing
    from toolkit.types.briefing import Section as Section
    from toolkit.types.changes import Change as Change
    from toolkit.types.changes import Changes as Changes
    from toolkit.types.changes import ClaimChange as ClaimChange
    from toolkit.types.changes import PastAnswer as PastAnswer
    from toolkit.types.changes import PastCitation as PastCitation
    from toolkit.types.changes import PastClaim as PastClaim
    from toolkit.types.changes import StaleCitation as StaleCitation
    from toolkit.types.changes import Status as Status
    from toolkit.types.changes import Watch as Watch
    from toolkit.types.changes import Watches as Watches
    from toolkit.types.comparison import Agreement as Agreement
    from toolkit.types.comparison import Comparison as Comparison
    from toolkit.types.comparison import Contradiction as Contradiction
    from toolkit.types.comparison import Position as Position
    from toolkit.types.comparison import Single as Single
    from toolkit.types.comparison import Stance as Stance
    from toolkit.types.comparison import Statement as Statement
    from toolkit.types.copies import Copy as Copy
    from toolkit.types.copies import CopyGroup as CopyGroup
    from toolkit.types.copies import CopyGroups as CopyGroups
    from toolkit.types.experiments import Cell as Cell
    from toolkit.types.experiments import CellEstimate as CellEstimate
    from toolkit.types.experiments import Estimate as Estimate
    from toolkit.types.experiments import Question as Question
    from toolkit.types.experiments import Row as Row
    from toolkit.types.injection import Attack as Attack
    from toolkit.types.injection import InjectionCase as InjectionCase
    from toolkit.types.injection import InjectionRate as InjectionRate
    from toolkit.types.injection import InjectionReport as InjectionReport
    from toolkit.types.injection import InjectionRow as InjectionRow
    from toolkit.types.injection import Place as Place
    from toolkit.types.optimization import Candidate as Candidate
    from toolkit.types.optimization import HeldOut as HeldOut
    from toolkit.types.optimization import OptimizeReport as OptimizeReport
    from toolkit.types.overview import Overview as Overview
    from toolkit.types.scorecards import Against as Against
    from toolkit.types.scorecards import CellComparison as CellComparison
    from toolkit.types.scorecards import CellCount as CellCount
    from toolkit.types.scorecards import Duel as Duel
    from toolkit.types.scorecards import Failures as Failures
    from toolkit.types.scorecards import Measured as Measured
    from toolkit.types.scorecards import Outcome as Outcome
    from toolkit.types.scorecards import Scorecard as Scorecard
    from toolkit.types.scorecards import Scored as Scored
    from toolkit.types.timeline import Event as Event
    from toolkit.types.timeline import Moment as Moment
    from toolkit.types.timeline import Timeline as Timeline
    from toolkit.types.versions import ArticleVersions as ArticleVersions
    from toolkit.types.versions import Edit as Edit
    from toolkit.types.versions import Resolved as Resolved
    from toolkit.types.versions import Revision as Revision

_LATER = {
    "briefing": "Briefing Section",
    "changes": "Change Changes ClaimChange PastAnswer PastCitation PastClaim StaleCitation Status Watch Watches",
    "comparison": "Agreement Comparison Contradiction Position Single Stance Statement",
    "copies": "Copy CopyGroup CopyGroups",
    "experiments": "Cell CellEstimate Estimate Question Row",
    "injection": "Attack InjectionCase InjectionRate InjectionReport InjectionRow Place",
    "optimization": "Candidate HeldOut OptimizeReport",
    "overview": "Overview",
    "scorecards": "Against CellComparison CellCount Duel Failures Measured Outcome Scorecard Scored",
    "timeline": "Event Moment Timeline",
    "versions": "ArticleVersions Edit Resolved Revision",
}
_HOME = {name: home for home, names in _LATER.items() for name in names.split()}

__all__ = [
    "Answer",
    "CitedText",
    "Summary",
    "Article",
    "Passage",
    "Span",
    "Message",
    "PromptRef",
    "Role",
    "Usage",
    "Citation",
    "Claim",
    "Difference",
    "Opinion",
    "Verdict",
    "Hit",
    "Hits",
    "Trace",
    "AddReport",
    "Failure",
    "Shown",
    "Coverage",
    "Covered",
    "SummaryNode",
    *_HOME,
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'toolkit.types' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"toolkit.types.{home}"), name)
    globals()[name] = value
    return value
