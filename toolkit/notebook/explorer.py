"""A question box with pickers, and the answer beside the article, scrolled to the words that say it.

A small widget on anywidget. Everything that it shows is sent as data and put on the page as text, never as markup, so
an article cannot bring any of its own. Articles are sent when they are opened, cut into pieces here: offsets count code
points in Python and UTF-16 units in a browser.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from toolkit.errors import ToolkitError
from toolkit.types import Answer, Article, Citation

if TYPE_CHECKING:
    from toolkit.types.claims import Claim
    from toolkit.writing import Stream

LONGEST_ARTICLE = 60_000
"""Characters of an article that are sent whole; of a longer one only what stands around its citations."""

AROUND = 6_000
"""Characters on each side of a citation, in a longer article."""

PERIOD = 0.15
"""Seconds between two changes of what a model is writing."""

HERE = Path(__file__).parent

Ask = Callable[..., "Stream[Answer]"]


class Explorer(anywidget.AnyWidget):
    """The widget that :meth:`toolkit.Library.explore` makes.

    Where widgets do not run (an exported page, an untrusted or printed notebook), its last answer stands in its place.

    Args:
        ask: ``ask(question, prompt=..., llm=..., stream=True)``.
        prompts: Names to choose from; the first is chosen.
        models: What the user may choose from, by the name that is shown; the first is chosen.
    """

    _esm = HERE / "explorer.js"
    _css = HERE / "explorer.css"

    prompts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    model = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    writing = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, ask: Ask, *, prompts: Sequence[str], models: Mapping[str, object]) -> None:
        super().__init__(prompts=list(prompts), models=list(models), prompt=prompts[0], model=next(iter(models)))
        self._ask = ask
        self._choices = dict(models)
        self._value: Answer | None = None
        self.on_msg(self._hear)

    @property
    def value(self) -> Answer | None:
        """The answer that is shown; None before the first one."""
        return self._value

    def ask(self, question: str) -> Answer | None:
        """Ask as if it were typed; None, with what went wrong in ``problem``, when there is no answer to show.

        Args:
            question: In plain words.
        """
        self.question, self.problem, self.writing, self.busy = question, "", "", True
        try:
            stream = self._ask(question, prompt=self.prompt, llm=self._choices[self.model], stream=True)
            with stream:
                self._follow(stream)
            self._value = stream.final
            self.shown = view_of(self._value)
        except ToolkitError as error:
            self.problem = str(error)
            return None
        except KeyboardInterrupt:
            self.problem = "interrupted: nothing of it was checked"
            return None
        finally:
            self.busy = False
        return self._value

    def _follow(self, stream: Stream[Answer]) -> None:
        text, at = "", time.monotonic()
        for piece in stream:
            text += piece if stream.by_model else ""
            if time.monotonic() - at >= PERIOD and text != self.writing:
                self.writing, at = text, time.monotonic()

    def _hear(self, _widget: object, content: Any, _buffers: object) -> None:
        """A message of the page: what was asked, or which article to open. Anything else is passed over."""
        wish = content if isinstance(content, dict) else {}
        if wish.get("kind") == "ask" and isinstance(wish.get("question"), str):
            if wish.get("prompt") in self.prompts:
                self.prompt = wish["prompt"]
            if wish.get("model") in self.models:
                self.model = wish["model"]
            self.ask(wish["question"])
        elif wish.get("kind") == "open" and self._value is not None:
            for article in _articles(self._value):
                if article.id == wish.get("article"):
                    self.send({"kind": "article", **article_view(article, _spans(self._value, article))})

    def __repr__(self) -> str:
        if self._value is None:
            return "<Explorer: a question box; it needs a notebook that runs widgets>"
        return repr(self._value)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = repr(self)
            data["text/html"] = (
                "<em>A question box stands here where notebooks run widgets: run the cell.</em>"
                if self._value is None
                else self._value.to_html()
            )
        return bundle


def view_of(answer: Answer) -> dict[str, Any]:
    """An answer as the page shows it: plain text, numbers and http(s) addresses."""
    from toolkit.display import shared

    return {
        "question": shared.one_line(answer.question),
        "answered": answer.answered,
        "reason": shared.one_line(answer.reason or ""),
        "claims": [_claim_view(claim) for claim in answer.claims],
        "sources": [_source_view(citation) for citation in shared.cited(answer.claims, answer.citations)],
        "closest": [
            {**_heading(hit.article), "text": shared.shorten(shared.run_in(hit.passage.text), shared.EXCERPT)}
            for hit in (() if answer.answered else answer.hits[: shared.CLOSEST])
        ],
        "notes": [shared.one_line(note) for note in answer.notes],
        "made": " · ".join(shared.footer(answer)),
    }


def _claim_view(claim: Claim) -> dict[str, Any]:
    from toolkit.display import elements, shared

    return {
        "text": shared.one_line(claim.text),
        "verdict": claim.verdict,
        "says": elements.SAYS[claim.verdict],
        "remarks": shared.remarks(claim),
        "markers": [citation.marker for citation in claim.citations],
    }


def _source_view(citation: Citation) -> dict[str, Any]:
    from toolkit.display import shared

    return {
        **_heading(citation.article),
        "marker": citation.marker,
        "quote": shared.visible(citation.quote),
    }


def _heading(article: Article) -> dict[str, Any]:
    from toolkit.display import shared

    return {
        "article": article.id,
        "title": shared.title(article),
        "known": shared.source(article),
        "url": shared.link(article.url) or "",
    }


def article_view(article: Article, spans: Iterable[tuple[int, int, int]]) -> dict[str, Any]:
    """An article in pieces of text, each with the numbers of the citations that cover it.

    Args:
        article: Its whole text is sent up to ``LONGEST_ARTICLE`` characters, else what stands around the spans.
        spans: ``(start, end, marker)`` in code points; they may overlap.
    """
    from toolkit.display.shared import visible

    marked = sorted(spans)
    pieces: list[dict[str, Any]] = []
    for start, end in _windows(article.text, marked):
        if start > (pieces[-1]["end"] if pieces else 0):
            pieces.append({"left_out": start - (pieces[-1]["end"] if pieces else 0), "end": start})
        edges = sorted({start, end, *(at for one in marked for at in one[:2] if start < at < end)})
        for low, high in itertools.pairwise(edges):
            markers = [marker for first, last, marker in marked if first < high and low < last]
            pieces.append({"text": visible(article.text[low:high]), "markers": markers, "end": high})
    if pieces and pieces[-1]["end"] < len(article.text):
        pieces.append({"left_out": len(article.text) - pieces[-1]["end"], "end": len(article.text)})
    return {**_heading(article), "pieces": pieces}


def _windows(text: str, marked: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    if len(text) <= LONGEST_ARTICLE:
        return [(0, len(text))] if text else []
    windows: list[tuple[int, int]] = []
    for start, end in [(start, end) for start, end, _ in marked] or [(0, 0)]:
        low, high = max(0, start - AROUND), min(len(text), end + AROUND)
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(high, windows[-1][1]))
        else:
            windows.append((low, high))
    return windows


def _articles(answer: Answer) -> list[Article]:
    found = {citation.article.id: citation.article for claim in answer.claims for citation in claim.citations}
    found |= {citation.article.id: citation.article for citation in answer.citations}
    return list(({hit.article.id: hit.article for hit in answer.hits} | found).values())


def _spans(answer: Answer, article: Article) -> list[tuple[int, int, int]]:
    from toolkit.display.shared import cited

    cites = [one for one in cited(answer.claims, answer.citations) if one.article.id == article.id]
    if cites:
        return [(one.span.start, one.span.end, one.marker) for one in cites]
    nearest = [hit.passage.span for hit in answer.hits if hit.article.id == article.id]
    return [(span.start, span.end, 0) for span in nearest]
