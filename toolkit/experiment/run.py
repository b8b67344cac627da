"""Carry an experiment's rows out: look once for what several cells share, write, keep each row as it ends."""

from __future__ import annotations

import contextlib
import copy
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

from toolkit.errors import ArgumentError, BudgetExceeded, StoreError, ToolkitError
from toolkit.experiment.folder import RunFolder, digest
from toolkit.experiment.grid import USUAL_K, Setting, Task, embedding_label, is_writer, style_of
from toolkit.experiment.records import articles_of, row_from, row_record
from toolkit.experiment.writers import Noting, One, Written, told_apart
from toolkit.models import Model
from toolkit.notebook.progress import Progress
from toolkit.settings import SAME
from toolkit.types import Hits, Question, Row

if TYPE_CHECKING:
    from toolkit.library import Library
    from toolkit.library.writers import Writers
    from toolkit.models import Cache, Meter
    from toolkit.retrieval.rerank import PromptReranker
    from toolkit.types import Answer, Summary
    from toolkit.types.preview import Preview
    from toolkit.writing import Job

_QUOTE_HITS = 20  # passages among whose articles a gold quote is looked for; by eye: its own words find it first
_TOLD = 500  # characters of an error of the user's own code
_LONGEST_QUERY = 2000  # characters of a gold quote that it is looked for by


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One row to be made.

    Attributes:
        question, setting, repeat: Of what.
        key: The hash of all that decides on it.
    """

    question: Question
    setting: Setting
    repeat: int
    key: str


class Bench:
    """What an experiment's rows are made on: the library and its copies, the models, what was found.

    Args:
        library: Whose articles are asked.
        task: The verb.
        sentences: How long a summary is.
        folder: The root of the folder of runs.
    """

    def __init__(self, library: Library, task: Task, sentences: int, root: Any) -> None:
        self.library, self.task, self.sentences = library, task, sentences
        self._root = root
        self._lock = threading.Lock()
        self._found: dict[str, Future[tuple[Hits, float]]] = {}
        self._models: dict[int, Model | None] = {}
        self._copies: dict[str, Library] = {}
        self._cache: Cache | None = None
        self._identities: dict[int, Any] = {}

    def is_stale(self) -> bool:
        """Whether the library's articles are others than when this was made; an index cannot tell."""
        from toolkit.store import Store

        if "fingerprint" not in self.__dict__ or not isinstance(self.library._shelf.store(), Store):
            return False
        return self.fingerprint != self._fingerprint()

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the library's articles; one of this moment for an index, which cannot be hashed."""
        return self._fingerprint()

    def _fingerprint(self) -> str:
        from toolkit.store import Store

        store = self.library._shelf.store()
        if not isinstance(store, Store):
            return digest(["index", time.time_ns()])
        return digest(sorted(store.fingerprints().items()))

    @cached_property
    def folder(self) -> RunFolder:
        """What is kept on disk."""
        return RunFolder(self._root, self.fingerprint)

    def close(self) -> None:
        """Close the copies, the cache and the models that are not the library's."""
        for one in self._copies.values():
            one.close()
        self._copies.clear()
        if self._cache is not None:
            self._cache.close()

    # What decides on a row --------------------------------------------------------------------------------------------

    def units(self, questions: Sequence[Question], settings: Sequence[Setting], repeats: int) -> list[Unit]:
        """Every row, question by question, so that a run that stops early has whole comparisons."""
        identities = [self._identity(setting) for setting in settings]
        return [
            Unit(question=question, setting=setting, repeat=repeat, key=self._key(question, identity, repeat))
            for question in questions
            for repeat in range(repeats)
            for setting, identity in zip(settings, identities, strict=True)
        ]

    def _identity(self, setting: Setting) -> Any:
        """What of a setting decides on its rows; once, since a function may count or note what it does."""
        if id(setting) not in self._identities:
            self._identities[id(setting)] = self._told(setting)
        return self._identities[id(setting)]

    def _told(self, setting: Setting) -> Any:
        from toolkit import __version__

        model = self._base(setting)
        if is_writer(setting.llm):
            writer: Any = ["function", setting.cell.llm, told_apart(setting.llm)]
        elif model is None:
            writer = "extractive"
        else:
            given = setting.prompt.parameters
            temperature, tokens = given.get("temperature"), cast("int | None", given.get("max_tokens"))
            writer = [dict(model.identity(temperature, tokens)), setting.prompt.hash, setting.prompt.name]
        cell = setting.cell
        search = {name: [repr(value), told_apart(value)] for name, value in cell.search.items() if name != "rerank"}
        own = self._reranking(setting)
        # What tables call an embedding may be the user's word for it: the next time it may stand for another.
        vectors = [cell.embedding, embedding_label(setting.embedding, self.library._shelf.embedding.name)]
        return [__version__, self.task, self.sentences, writer, cell.k, vectors, search, own]

    def _reranking(self, setting: Setting) -> Any:
        """What decides on the order of passages besides the search."""
        prompted = self._prompted(setting)
        if prompted is None:
            rerank = setting.cell.search.get("rerank", self.library._rerank)
            return [repr(rerank), told_apart(rerank)]
        model = prompted.model()
        return [prompted.prompt.hash, None if model is None else dict(model.identity())]

    def _prompted(self, setting: Setting) -> PromptReranker | None:
        """The reranker of a setting, where it asks a language model."""
        from toolkit.retrieval.rerank import PromptReranker

        search = setting.cell.search
        found = self.library._reranker(search["rerank"]) if "rerank" in search else self.library._rerank
        return found if isinstance(found, PromptReranker) else None

    @staticmethod
    def _key(question: Question, identity: Any, repeat: int) -> str:
        return digest([question.text, question.articles, identity, repeat])

    # The parts --------------------------------------------------------------------------------------------------------

    def _base(self, setting: Setting) -> Model | None:
        """The model of a setting as the library would use it, opened once."""
        if is_writer(setting.llm):
            return None
        with self._lock:
            if id(setting.llm) not in self._models:
                self._models[id(setting.llm)] = self.library._writers.model(setting.llm)
            return self._models[id(setting.llm)]

    def _model(self, unit: Unit, meter: Meter) -> Model | None:
        """The model of a row: repetitions have replies of their own, in the library's cache, too."""
        base = self._base(unit.setting)
        return None if base is None else self._on_meter(base, meter, unit.repeat)

    def _on_meter(self, base: Model, meter: Meter, repeat: int = 0) -> Model:
        from toolkit.models import Cache, CachedModel, MeteredModel

        with self._lock:
            if self._cache is None:
                self._cache = Cache(self.folder.replies)
        return CachedModel(MeteredModel(base.repeat(repeat), meter), self._cache, repeat=repeat)

    def _library(self, setting: Setting) -> Library:
        """The library with the vectors of a setting: itself, or a copy."""
        if setting.embedding is SAME:
            return self.library
        with self._lock:
            if setting.cell.embedding not in self._copies:
                self._copies[setting.cell.embedding] = self._copy(setting.embedding)
            return self._copies[setting.cell.embedding]

    def _copy(self, wish: object) -> Library:
        import shutil
        import uuid

        from toolkit.embeddings import resolve_embedding
        from toolkit.library import Library
        from toolkit.store import Store

        embedding = resolve_embedding(wish)
        if not isinstance(self.library._shelf.store(), Store):
            raise StoreError("embeddings= needs a library with articles of its own, not one over somebody else's index")
        place = self.folder.copy_of(embedding.name)
        if not place.exists():
            made = place.with_name(f"{place.name}.{uuid.uuid4().hex[:8]}")
            try:
                self.library.backup(made)
                with Library(made) as copied:
                    copied.reindex(wish)
                made.rename(place)
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)
                if not place.exists():  # else another process was first
                    raise
        found = Library(place, embedding=wish, read_only=True)
        found._rerank, found._prompts = self.library._rerank, self.library._prompts
        return found

    def found(self, question: Question, setting: Setting, meter: Meter | None) -> tuple[Hits, float]:
        """The passages for a question, and the seconds that it took; looked for once for all cells that share them.

        A reranker that asks a language model asks on the meter; without one it is left out.
        """
        cell = setting.cell
        wanted = [question.id, cell.k, cell.embedding, {name: repr(value) for name, value in cell.search.items()}]
        key = digest([*wanted, meter is None and self._prompted(setting) is not None])
        with self._lock:
            mine = key not in self._found
            future = self._found.setdefault(key, Future())
        if mine:
            try:
                started = time.perf_counter()
                hits = self._look(question, setting, meter)
                future.set_result((hits, time.perf_counter() - started))
            except BaseException as error:
                with self._lock:
                    del self._found[key]
                future.set_exception(error)
        return future.result()

    def _look(self, question: Question, setting: Setting, meter: Meter | None) -> Hits:
        options = dict(setting.cell.search)
        if prompted := self._prompted(setting):
            options["rerank"] = None if meter is None else self._metered(prompted, meter)
        return self._library(setting)._find(question.text, setting.cell.k or USUAL_K, **options)

    def _metered(self, reranker: PromptReranker, meter: Meter) -> PromptReranker:
        def model() -> Model | None:
            base = reranker.model()
            return None if base is None else self._on_meter(base, meter)

        return replace(reranker, model=model)

    def located(self, questions: Iterable[Question]) -> tuple[Question, ...]:
        """The questions with the spans of their gold quotes.

        Raises:
            ArgumentError: A quote stands nowhere, as far as a search finds it.
        """
        return tuple(replace(q, gold=(*q.gold, *self._spans(q)), quotes=()) if q.quotes else q for q in questions)

    def _spans(self, question: Question) -> Iterator[Any]:
        for words in question.quotes:
            hits = self.library._find(words[:_LONGEST_QUERY], _QUOTE_HITS, rerank=None, per_copies=None)
            articles = {hit.article.id: hit.article for hit in hits}
            place = next(((a, at) for a in articles.values() if (at := a.text.find(words)) >= 0), None)
            if place is None:
                raise ArgumentError(
                    f"question {question.id}: no article was found with the gold quote “{words:.60}”; give the "
                    "article's id instead"
                )
            yield place[0].span(place[1], place[1] + len(words))

    # One row ----------------------------------------------------------------------------------------------------------

    def preview(self, unit: Unit, meter: Meter) -> Preview:
        """What a row would send; nothing is sent."""
        if self.task == "summarize":
            preview: Preview = self._summarizer(unit, self._model(unit, meter), None).summarize(
                dry_run=True, **self._wish(unit)
            )
            return preview
        return self._asked(unit, lambda hits: self._model(unit, meter), None).preview()

    def _output(self, unit: Unit, meter: Meter, said: list[str]) -> Answer | Summary:
        """The outcome of a row; what a model writes on the way is noted in ``said``."""

        def model_for(hits: Hits) -> Model | None:
            setting = unit.setting
            if is_writer(setting.llm):
                return Noting(Written(setting.llm, setting.cell.llm, unit.question.text, hits), said)
            model = self._model(unit, meter)
            return None if model is None else Noting(model, said)

        if self.task == "summarize":
            summary: Summary = self._summarizer(unit, model_for(Hits()), meter).summarize(**self._wish(unit))
            return summary
        return self._asked(unit, model_for, meter).run()

    def _asked(self, unit: Unit, model_for: Callable[[Hits], Model | None], meter: Meter | None) -> Job[Answer]:
        from toolkit import ask

        hits, seconds = self.found(unit.question, unit.setting, meter)
        started = time.perf_counter() - seconds
        return ask.job(unit.question.text, hits, unit.setting.prompt, partial(model_for, hits), started)

    def _summarizer(self, unit: Unit, model: Model | None, meter: Meter | None) -> Library:
        """The library of a setting, with a model that is metered and cached for this run."""
        library = copy.copy(self._library(unit.setting))
        library._writers = cast("Writers", One(model))
        if meter is not None and "rerank" not in unit.setting.cell.search and (own := self._prompted(unit.setting)):
            library._rerank = self._metered(own, meter)
        return library

    def _wish(self, unit: Unit) -> dict[str, Any]:
        question = unit.question
        return {
            "query": question.text or None,
            "articles": question.articles or None,
            "style": style_of(unit.setting.prompt),
            "sentences": self.sentences,
            **unit.setting.cell.search,
        }

    def made(self, unit: Unit, meter: Meter) -> Row:
        """The row of a unit: whatever goes wrong is a row, too."""
        said: list[str] = []
        row = Row(question=unit.question, cell=unit.setting.cell, repeat=unit.repeat, status="failed")
        try:
            output = self._output(unit, meter, said)
        except BudgetExceeded as error:
            return replace(row, status="not run", error=f"budget: {error}")
        except ToolkitError as error:
            return replace(row, error=str(error), reply=_joined(said))
        except Exception as error:  # a writer, an embedding or a reranker of the user's own
            return replace(row, error=" ".join(f"{type(error).__name__}: {error}".split())[:_TOLD], reply=_joined(said))
        made = replace(row, status="ok", output=output, reply=_joined(said))
        self.folder.keep(unit.key, row_record(made), articles_of(output).values())
        return made

    def kept(self, units: Iterable[Unit]) -> dict[str, Row]:
        """The rows that earlier runs have finished, by key."""
        records = self.folder.rows()
        rows: dict[str, Row] = {}
        for unit in units:
            record = records.get(unit.key)
            if record is None or unit.key in rows:
                continue
            with contextlib.suppress(ValueError, TypeError, KeyError):  # not whole: it is made again
                row = row_from(record, unit.question, unit.setting.cell, self.folder.article)
                rows[unit.key] = replace(row, repeat=unit.repeat)
        return rows


def _joined(said: Sequence[str]) -> str | None:
    """What a model wrote; a long summary takes several calls."""
    return "\n\n".join(said) if said else None


def carried_out(
    bench: Bench, units: Sequence[Unit], meter: Meter, *, concurrency: int, done: Mapping[str, Row], progress: bool
) -> dict[str, Row]:
    """Make the rows that are not done, several at once; gives all of them by key.

    Threads, not tasks: retrieval and alignment compute, and a thread in its wait for a model lets others compute. It
    makes no difference whether the caller stands in a running event loop.

    Raises:
        KeyboardInterrupt: The user has stopped it. Calls under way still end, and their rows are kept.
    """
    from concurrent.futures import ThreadPoolExecutor, as_completed

    rows = dict(done)
    left = {unit.key: unit for unit in units if unit.key not in rows}
    if not left:
        return rows
    with Progress("experiment", "row", lambda: len(units), shown=progress, done=len(units) - len(left)) as bar:
        pool = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="experiment")
        try:
            futures = {pool.submit(bench.made, unit, meter): key for key, unit in left.items()}
            troubles = 0
            for future in as_completed(futures):
                row = rows[futures[future]] = future.result()
                troubles += row.status != "ok"
                bar.remark(_spent(meter, troubles))
                bar.tick()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return rows


def _spent(meter: Meter, troubles: int) -> str:
    cost = meter.usage.cost_usd
    parts = [f"{meter.calls:,} calls"] if meter.calls else []
    parts += [f"${cost:.4f}"] if cost else []
    parts += [f"{troubles} without an answer"] if troubles else []
    return ", ".join(parts)
