"""A real value of every kind that can be shown, and the same with hostile text in every place that text can stand.

What is shown is asked of the renderers themselves, so that a new kind without a sample fails a test.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
import tempfile
from pathlib import Path
from typing import Any

from test_display import ABSTENTION, ANSWER, hit
from test_injection import COST, KREMLIN, Puppet
from test_optimize import QUESTIONS, Reader, fact

import toolkit.display
from toolkit import Article, Experiment, Library, prompts
from toolkit.display import register
from toolkit.types import AddReport, Answer, Citation, Claim, Failure, Hit, Hits, Passage, Span

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def kinds() -> frozenset[type]:
    """Every kind of value that the HTML renderer knows, from all its modules."""
    for module in pkgutil.iter_modules(toolkit.display.__path__, "toolkit.display."):
        importlib.import_module(module.name)
    return frozenset(register.html.registry) - {object}


@functools.cache
def samples() -> tuple[object, ...]:
    """At least one value of each kind, made by the verbs from the sample articles and the recorded experiment."""
    with tempfile.TemporaryDirectory() as folder:
        return (*_from_articles(Path(folder)), *_from_the_lab(Path(folder)))


def shown_samples() -> tuple[object, ...]:
    """The samples of kinds that are registered; others have an ``_repr_html_`` of their own or none."""
    known = kinds()
    return tuple(value for value in samples() if type(value) in known)


def answer_citing(count: int) -> Answer:
    """An answer of ``count`` sentences, each with a citation of its own from one of eight long articles."""
    sentence = "On day {} the ministers of {} countries met in Paris and agreed to send {} troops, officials said."
    texts = [" ".join(sentence.format(day, day % 9 + 2, 100 * day) for day in range(k, 400, 8)) for k in range(8)]
    articles = [
        Article(
            text=text, title=f"What was said, part {k}", url=f"https://news.example/{k}", publisher=f"Paper {k % 5}"
        )
        for k, text in enumerate(texts)
    ]
    citations = []
    for marker in range(1, count + 1):
        article, quote = articles[marker % 8], sentence.format(marker, marker % 9 + 2, 100 * marker)
        start = article.text.index(quote)
        span = article.span(start, start + len(quote))
        citations.append(Citation(marker=marker, span=span, quote=quote, article=article))
    claims = tuple(Claim(text=one.quote, verdict="quoted", score=1.0, citations=(one,)) for one in citations)
    hits = tuple(map(hit, articles))
    return Answer(question="Who met?", answered=True, claims=claims, citations=tuple(citations), hits=hits)


def _from_articles(folder: Path) -> list[object]:
    from toolkit.briefings import briefing

    question = "Which countries might send troops?"
    with Library(folder / "news.lance", llm=None) as news:
        report = news.add(NOTEBOOKS / "articles")
        copied = next(iter(news))
        news.add(Article(title=copied.title, text=copied.text, publisher="Another paper"))
        first = Article(id="story", title="The bridge", text="The bridge opens on Monday. It cost 3 million pounds.")
        news.add(first)
        news.add(Article(id="story", title="The bridge", text="The bridge opens on Friday. It cost 4 million pounds."))
        answer = news.ask(question)
        summary = news.summarize("security guarantees", length="80 words")
        bullets = news.summarize(length="200 words")
        compared = news.compare("How many countries would send troops?", by="actor", k=8)
        timeline = news.timeline("security guarantees", most=5)
        claim = news.verify("U.K. and French troops could be sent with contingents from thirty other countries")
        hits = news.search("reassurance force", k=4)
        trial = Experiment(news, [COST, KREMLIN], llms=[None], k=[2, 4], folder=folder / "runs")
        estimate = trial.estimate()
        failing = Experiment(news, [COST, KREMLIN], llms=[None, _fails], folder=folder / "failing").run(progress=False)
        preview = news.ask(question, dry_run=True, llm=Puppet(lambda messages: "No."))
        watch = news.watch(question)
        news.add(Article(title="Two more", text="Spain and Italy might send troops, a minister said on Friday."))
        copies = news.duplicates()
        versions = news.versions("story")
        resolved = news.resolve(answer.citations[0])
        changes = news.changes()
        return [
            *(
                news.overview(),
                prompts.list_prompts(),
                prompts.load("ask/plain"),
                report,
                AddReport(added=2, failed=(Failure(source="a.html", reason="it is empty"),) * 7),
            ),
            *(answer, ANSWER, ABSTENTION, news.ask("Who won the 2022 World Cup?"), claim, answer.citations[0]),
            *(hits, hits[0], tuple(hits), list(hits), hits[0].article, compared, timeline, timeline.events[0]),
            *(summary, bullets, summary.coverage, _tree(summary, bullets), preview),
            *(copies, copies[0], versions, versions.revisions[0], resolved),
            *(changes, changes[0], watch, news.watches(), trial, estimate, failing.failures()),
            briefing("The week", answer, timeline, compared, summary, changes, hits, title="The week"),
        ]


def _fails(question: object, hits: object) -> str:
    raise ValueError("the writer's own trouble")


def _tree(*summaries: Any) -> object:
    return next(one.tree for one in summaries if one.tree is not None)


def _from_the_lab(folder: Path) -> list[object]:
    from toolkit.experiment.injection import inject_test
    from toolkit.experiment.optimization import optimize

    recorded = Experiment.load(NOTEBOOKS / "recorded_experiment.zip")
    first, second = (cell.name for cell in recorded.cells[:2])
    with Library(folder / "towns.lance", llm=None) as towns:
        names = [question["id"] for question in QUESTIONS[:16]]
        towns.add([Article(title=f"The bridge of {name}", text=fact(name), id=name.lower()) for name in names])
        model = Reader({"": 0.4, "care": 0.9})
        variants = {"careful": "Read with great care before you answer."}
        options: dict[str, Any] = {"k": 2, "folder": folder / "found", "progress": False}
        found = optimize("ask/plain", QUESTIONS[:16], towns, model, variants=variants, **options)
    with Library(folder / "attacked.lance", llm=None) as news:
        news.add(NOTEBOOKS / "articles")
        models = [None, Puppet(lambda messages: messages[-1].content[-80:])]
        attacked = inject_test(news, llms=models, questions=[COST], cases=6, folder=folder / "attacks", progress=False)
    return [recorded.summary(), recorded.compare(first, second), recorded.failures(), found, attacked]


# Hostile text ---------------------------------------------------------------------------------------------------------

_TEXT = {"str", "str | None", "tuple[str, ...]", "list[str]"}
_NOT_TEXT = {"id", "hash", "article_id", "content_hash", "expression", "group"}  # ours


def poisoned(value: object, text: str, url: str | None = None) -> Any:
    """``value`` with ``text`` before every string that an article, a model or a user may have written.

    Articles, and what is cut from them, are made anew: their text holds ``text`` around and inside the cited words.
    """
    return _Poison(text, url)(value)


class _Poison:
    def __init__(self, text: str, url: str | None) -> None:
        self._text, self._url = text, url

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Article):
            return self._article(value)
        if isinstance(value, Citation):
            article = self._article(value.article)
            span = article.span(*self._inner(article))
            quote = article.text[span.start : span.end]
            return dataclasses.replace(value, article=article, span=span, quote=quote)
        if isinstance(value, Hit):
            article = self._article(value.article)
            whole, inner = article.span(0, len(article.text)), article.span(*self._inner(article))
            passage = Passage(span=whole, text=article.text, sentences=(inner,))
            return Hit(passage=passage, score=value.score, article=article)
        if isinstance(value, Hits):
            return Hits(map(self, value))
        if isinstance(value, tuple | list):
            return type(value)(map(self, value))
        if dataclasses.is_dataclass(value) and not isinstance(value, Span | type):
            return self._dataclass(value)
        return value

    def _dataclass(self, value: Any) -> Any:
        changed = {}
        for field in dataclasses.fields(value):
            if field.init and field.name not in _NOT_TEXT:
                old = getattr(value, field.name)
                changed[field.name] = self._string(old) if str(field.type) in _TEXT else self(old)
        return dataclasses.replace(value, **changed)

    def _string(self, old: Any) -> Any:
        if isinstance(old, tuple | list):
            return type(old)(map(self._string, old))
        return f"{self._text} {old}" if isinstance(old, str) and old else old

    def _article(self, old: Article) -> Article:
        text = self._text
        body = f"Before {text}. {old.text[:80]}\n\nQuoted {text} here. After {text}."
        return Article(text=body, title=text, publisher=text, author=text, url=self._url, published=old.published)

    def _inner(self, article: Article) -> tuple[int, int]:
        start = article.text.index("\n\nQuoted ") + 2
        return start, article.text.index(" here. After ", start) + len(" here.")
