"""The front door: :class:`Library`, a folder of articles and the verbs on it.

Its verbs are in three classes, each with the one before for its base: :class:`~toolkit.library.articles.ArticleVerbs`
(add, sync, delete, versions, ...), :class:`~toolkit.library.texts.TextVerbs` (search, verify, ask, summarize), and
Library itself (watch, timeline, compare, explore). What they work with is a :class:`~toolkit.library.shelf.Shelf`, the
store with its embedding, and :class:`~toolkit.library.writers.Writers`, the language models.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from toolkit.errors import ArgumentError, StoreError
from toolkit.library.articles import ids_of, in_thread
from toolkit.library.shelf import Shelf
from toolkit.library.texts import TextVerbs, When
from toolkit.library.writers import Writers
from toolkit.settings import FROM_ENVIRONMENT, SAME
from toolkit.tracing import span

if TYPE_CHECKING:
    from toolkit.notebook.explorer import Explorer
    from toolkit.positions import Summing
    from toolkit.types import Article, Change, Changes, Overview, PromptRef, Timeline, Watch, Watches
    from toolkit.types.comparison import Comparison
    from toolkit.types.preview import Preview
    from toolkit.watch import Watcher


class Library(TextVerbs):
    """A folder of articles that can be searched, asked and summed up.

    Args:
        path: The library's folder, created on first use, or a place on an S3-compatible, Google or Azure store:
            ``"s3://bucket/news"``. None: a temporary folder, gone when the library is closed.
        llm: The language model: a model name, a server's URL, a ``.gguf`` file, a llama-index LLM, or None for none;
            the environment variable ``CITEBOOK_LLM`` when not given. See :func:`toolkit.models.resolve`.
        embedding: What turns text into vectors: ``"openai:text-embedding-3-small"``, a server's URL, a model of
            fastembed or sentence-transformers, a llama-index embedding; see
            :func:`toolkit.embeddings.resolve_embedding`. None for the one that the library was made with, which is the
            bundled static vectors in a new one. :meth:`reindex` changes it.
        prompts: A folder of prompts of your own; searched before the packaged ones.
        api_key: Key for the model's server; else ``OPENAI_API_KEY``.
        cache: A file that keeps the model's replies; the same call again costs nothing. None: no cache.
        budget_usd: US dollars that all calls together may cost; a call that could cost more is not made.
        max_calls: Model calls in all; replies from the cache are not calls.
        rerank: Who takes a second look at what every search finds, None for nobody: ``"cross-encoder:NAME"``,
            ``"prompt"`` for the library's model, a llama-index node postprocessor, or a function; see
            :func:`toolkit.retrieval.rerank.resolve_reranker`. It costs its time at every search.
        read_only: Refuse to change anything.
        storage_options: For a URL: ``endpoint``, ``region``, ``access_key_id``, ``secret_access_key``, ``allow_http``;
            see docs/scale.md. They are shown nowhere.

    Example:
        >>> news = Library("news.lance")
        >>> news.add("articles/")
        >>> news.ask("Which countries might send troops?")
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        llm: object = FROM_ENVIRONMENT,
        embedding: object = None,
        prompts: str | os.PathLike[str] | None = None,
        api_key: str | None = None,
        cache: str | os.PathLike[str] | None = None,
        budget_usd: float | None = None,
        max_calls: int | None = None,
        rerank: object = None,
        read_only: bool = False,
        storage_options: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            Shelf(path, embedding, read_only=read_only, storage_options=storage_options),
            Writers(llm, api_key, cache, budget_usd, max_calls),
            Path(prompts) if prompts is not None else None,
            rerank,
        )

    @classmethod
    def from_index(cls, index: Any, *, documents: Iterable[Any] = (), embedding: object = None, **options: Any) -> Self:
        """A library over somebody else's llama-index index: it can be searched, asked and summed up, not changed.

        The index finds and ranks nodes, and every citation is exact in a text: the node's document when it is given or
        kept in the index's docstore, widened to whole sentences; else the node's own text. So give ``documents`` when
        you have them: a node that was cut inside a sentence may otherwise be quoted in part. Filters are applied to
        what the index finds, which is asked for more until there is enough, 5,000 nodes at most.

        Args:
            index: A llama-index index, a retriever, or a vector store that keeps its text.
            documents: What its nodes were cut from: llama-index Documents, or Articles with the documents' ids.
            embedding: For a vector store, the embedding that its vectors were made with.
            options: ``llm``, ``prompts``, ``api_key``, ``cache``, ``budget_usd``, ``max_calls``, ``rerank`` as for a
                Library.

        Raises:
            ArgumentError: The index cannot be searched, or documents are none.

        Example:
            >>> news = Library.from_index(VectorStoreIndex.from_documents(documents), documents=documents)
            >>> news.ask("Which countries might send troops?")
        """
        from toolkit.interop.foreign import IndexShelf

        shelf = IndexShelf(index, documents, embedding)
        library = cls(None, **options)
        library._shelf.close()
        library._shelf = shelf
        return library

    # -- watched questions -------------------------------------------------------------------------------------------

    def watch(self, question: str, **options: Any) -> Watch:
        """Watch a question: keep today's answer, so that :meth:`changes` can tell what has become of it.

        A question that is watched already stays as it is, with the answer that was accepted for it: running a notebook
        again accepts nothing. With other options it is another watch.

        Args:
            question: In plain words.
            options: ``k``, ``prompt``, ``llm``, ``since``, ``until``, ``publisher`` and the rest, as for :meth:`ask`,
                as far as they can be written down: the library keeps them. A model is kept by its name or address.

        Returns:
            The watch, with the accepted answer.

        Raises:
            ArgumentError: The question is empty, or an option is an object that cannot be kept.
            ToolkitError: The question cannot be asked, or the library cannot be written to.
        """
        return self._watcher().watch(question, options)

    async def awatch(self, question: str, **options: Any) -> Watch:
        """The async twin of :meth:`watch`."""
        return await in_thread(self.watch, question, **options)

    def watches(self) -> Watches:
        """The watched questions, in the order in which they were first watched."""
        return self._watcher().watches()

    def unwatch(self, which: str | Watch) -> int:
        """Watch a question no more.

        Args:
            which: A watch or its id, or a question, with whatever options it is watched.

        Returns:
            How many watches there were, and are gone.
        """
        return self._watcher().unwatch(which)

    def changes(self, *, since: When = None) -> Changes:
        """Ask every watched question again, and tell what is new, gone, contradicted or stale.

        Nothing is accepted by looking: the same call gives the same again until :meth:`accept`. Where a model answers,
        it is asked only when the passages, the prompt or the model are others than before.

        Args:
            since: Compare with the answers that were accepted at this day (its beginning, UTC) or moment, rather than
                with the latest accepted ones.

        Returns:
            One entry for each watched question; ``.changed`` are those to look at.

        Raises:
            StoreError: What is kept of a question is damaged; the text says which, and how to forget it.
            ToolkitError: A question cannot be asked, such as when the model is away. Nothing is lost.
        """
        return self._watcher().changes(since)

    async def achanges(self, *, since: When = None) -> Changes:
        """The async twin of :meth:`changes`."""
        return await in_thread(self.changes, since=since)

    def accept(self, shown: Changes | Change) -> tuple[Watch, ...]:
        """Make the answers that :meth:`changes` has shown the accepted ones, which later ones are compared with.

        Args:
            shown: What :meth:`changes` returned, or one entry of it. What was shown is accepted, not what would be
                answered now.

        Returns:
            The watches with their new accepted answers.

        Raises:
            ArgumentError: A question is no longer watched, or another answer to it was accepted meanwhile. Then nothing
                is accepted; on an object store, where there is no lock, what came before it may be.
        """
        from toolkit.types import Change

        return self._watcher().accept([shown] if isinstance(shown, Change) else shown)

    def _watcher(self) -> Watcher:
        from toolkit.watch import Watcher

        return Watcher(store=self._shelf.store, ask=self.ask, find=self._find, writer=self._writer)

    def _writer(self, options: Mapping[str, Any]) -> tuple[str | None, PromptRef]:
        """Who would answer with these options, and with which prompt."""
        from toolkit import prompts

        model = self._writers.model(options.get("llm", SAME))
        prompt = prompts.load(options.get("prompt", "ask/plain"), folder=self._prompts)
        return None if model is None else model.name, prompt.ref

    # -- over time ---------------------------------------------------------------------------------------------------

    def timeline(
        self,
        query: str | None = None,
        *,
        since: When = None,
        until: When = None,
        most: int = 12,
        articles: str | Article | Iterable[str | Article] | None = None,
        **filters: Any,
    ) -> Timeline:
        """What happened when, as the articles tell it: dated events in their order, each quoted and cited.

        Dates in the text are resolved against the publication (“on Monday”, “last month”) and against the event told
        before (“the following day”). What several articles tell of one event is one entry that cites them all; numbers
        and days on which they contradict each other are kept apart and marked. No model is asked.

        Args:
            query: What about, with the operators of :meth:`search`; None for everything that ``articles`` or the
                library holds.
            since: First day of the events, whenever they were published: ``"2025-08-01"``, a date or a datetime.
            until: Their last day, included.
            most: Events at most: those that matter most.
            articles: Only these, by id or as Articles of this library; None for all.
            filters: ``publisher``, ``per_article``, ``prefer`` and the rest, as for :meth:`search`; with a query only.

        Returns:
            The timeline; empty, with a ``reason``, when the articles are not about the query or tell no dated event.

        Raises:
            ArgumentError: ``most``, a date or a filter is unusable, or an article is not in the library.
        """
        from toolkit.timeline import timeline_of

        ids = None if articles is None else ids_of(articles)
        wish: dict[str, Any] = {"since": since, "until": until, "most": most, "filters": filters}
        return timeline_of(self.search, self.articles, query, groups=self._groups, ids=ids, **wish)

    def _groups(self, ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = self._shelf.store().groups.of(ids)
        return found

    async def atimeline(self, query: str | None = None, **options: Any) -> Timeline:
        """The async twin of :meth:`timeline`."""
        return await in_thread(self.timeline, query, **options)

    # -- who says what -----------------------------------------------------------------------------------------------

    @overload
    def compare(self, query: str, *, dry_run: Literal[True], **options: Any) -> Preview: ...
    @overload
    def compare(self, query: str, *, dry_run: Literal[False] = False, **options: Any) -> Comparison: ...
    def compare(
        self,
        query: str,
        *,
        by: str = "publisher",
        k: int = 40,
        prompt: str | Path = "compare/position",
        llm: object = SAME,
        dry_run: bool = False,
        **filters: Any,
    ) -> Comparison | Preview:
        """Lay side by side who says what about one thing, each sentence quoted, with its speaker and stance.

        Speakers come from the words of attribution (“X said”, “according to X”, a quote and who stands beside it), and
        a pronoun that could mean two people names nobody. Then: what independent sources agree on (near copies, and
        reports of one agency, count once), what cannot both be so, and what a single source says. No model is needed
        for that. With one, a position that says several things is summed up in one sentence, made from its quotes and
        shown only when they bear it out: a call for each position, 12 at most.

        Args:
            query: What about; nothing in it is an operator.
            by: What the positions are grouped by: ``publisher``, ``actor`` or ``article``.
            k: Passages to read.
            prompt: What a model is asked with: a prompt's name, or the path of a ``.prompty`` file.
            llm: Another model than the library's for this call; None for no model.
            dry_run: Send nothing, and show what would be sent, in how many calls, and what it may cost.
            filters: ``since``, ``until``, ``publisher``, ``ids``, ``per_article`` and the rest, as for :meth:`search`.

        Returns:
            The comparison; ``answered`` is False, with a ``reason``, when the articles do not speak to the query. With
            ``dry_run`` a :class:`toolkit.types.preview.Preview`.

        Raises:
            ArgumentError: The query is empty, or ``by``, ``k`` or a filter is unusable.
            ToolkitError: The prompt is unknown, or not one call to the model succeeded.

        Example:
            >>> news.compare("sending troops", by="actor").contradictions
        """
        with span("compare", "CHAIN"):
            wish: dict[str, Any] = {"by": by, "k": k, "prompt": prompt, "llm": llm}
            if dry_run:
                filters, notes = self._without_calls(filters)
                return self._compare_job(query, **wish, **filters).preview(notes)
            return self._compare_job(query, **wish, **filters).run()

    @overload
    async def acompare(self, query: str, *, dry_run: Literal[True], **options: Any) -> Preview: ...
    @overload
    async def acompare(self, query: str, *, dry_run: Literal[False] = False, **options: Any) -> Comparison: ...
    async def acompare(self, query: str, *, dry_run: bool = False, **options: Any) -> Comparison | Preview:
        """The async twin of :meth:`compare`."""
        if dry_run:
            return await in_thread(partial(self.compare, dry_run=True), query, **options)
        with span("compare", "CHAIN"):
            return await (await in_thread(self._compare_job, query, **options)).arun()

    def _compare_job(
        self,
        query: str,
        *,
        by: str = "publisher",
        k: int = 40,
        prompt: str | Path = "compare/position",
        llm: object = SAME,
        **filters: Any,
    ) -> Summing:
        from toolkit import prompts
        from toolkit.compare import check_by, compare
        from toolkit.positions import Summing

        started = time.perf_counter()
        grouped = check_by(by)
        chosen = prompts.load(prompt, folder=self._prompts)
        hits = self._find(query, k, **{"per_copies": None, **filters})
        comparison = compare(query, hits, grouped, started)
        model = self._writers.model(llm) if comparison.answered else None
        return Summing(comparison=comparison, model=model, prompt=chosen, started=started)

    # -- in a notebook -----------------------------------------------------------------------------------------------

    def explore(
        self,
        question: str | None = None,
        *,
        prompts: Sequence[str] | None = None,
        models: Mapping[str, object] | Sequence[object] | None = None,
        **filters: Any,
    ) -> Explorer:
        """A question box in the notebook: the answer beside the article, scrolled to the words that say it.

        Args:
            question: To be asked at once; None for an empty box.
            prompts: Names to choose from; None for every ``ask/`` prompt that can be found.
            models: What to choose from, each as for ``llm=``, or by the name that is to be shown; None for the
                library's own model, and none.
            filters: As for :meth:`ask`, for every question.

        Returns:
            A widget; ``.value`` is the :class:`toolkit.Answer` that it shows. Where widgets do not run, that answer
            stands in its place.

        Raises:
            ArgumentError: The extra ``notebook`` is not installed, or there is nothing to choose from.
        """
        from toolkit.notebook import explorer_class
        from toolkit.prompts import names

        if prompts is None:
            asking = [name for name in names(self._prompts) if name.startswith("ask/")]
            prompts = sorted(asking, key=lambda name: name != "ask/plain")
        if isinstance(prompts, str) or not prompts:
            raise ArgumentError(f"prompts={prompts!r}: give a list of names, such as ['ask/plain']")
        ask: Any = partial(self.ask, **filters)  # mypy picks one overload of several
        made = explorer_class()(ask, prompts=prompts, models=self._named(models))
        if question is not None:
            made.ask(question)
        return made

    def _named(self, models: Mapping[str, object] | Sequence[object] | None) -> dict[str, object]:
        """Models by the names that a user chooses them by."""
        if isinstance(models, str) or (models is not None and not models):
            raise ArgumentError(f"models={models!r}: give a list of models, or a dict with names for them")
        if isinstance(models, Mapping):
            return {str(name): one for name, one in models.items()}
        if models is None:
            models = (SAME, None)
        named = {getattr(self._writers.model(one), "name", "no model"): one for one in models}
        return dict(sorted(named.items(), key=lambda pair: pair[0] == "no model"))

    def close(self) -> None:
        """Close the store and the model's connections; a temporary library is removed."""
        self._shelf.close()
        self._writers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def overview(self) -> Overview:
        """What the library holds, from whom and from when, and what it works with: what it shows of itself.

        Returns:
            Counts, days, publishers, size, model and embedding. Nothing is asked of a model, and no text is read.

        Raises:
            StoreError: The library cannot be read.
        """
        return self._shelf.overview(self._writers.named)

    def __repr__(self) -> str:
        return f"<Library {self._shelf!r}>"

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_().get("text/html")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return self.overview()._repr_mimebundle_(include, exclude)
        except StoreError:  # a library that was closed, or is none, is still shown by its name
            return {"text/plain": repr(self)}
