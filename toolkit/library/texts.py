"""The verbs that read articles and write one text: search, verify, ask, summarize."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from toolkit.concurrency import Gate
from toolkit.errors import ArgumentError, StoreError
from toolkit.library.articles import ArticleVerbs, ids_of, in_thread
from toolkit.library.shelf import Shelf
from toolkit.library.writers import Writers
from toolkit.settings import SAME
from toolkit.tracing import span
from toolkit.types import Answer, Article, Claim, Hits, Summary, Usage
from toolkit.writing import AsyncStream, Job, Stream

if TYPE_CHECKING:
    from llama_index.core.retrievers import BaseRetriever

    from toolkit.alignment.opinions import Entailment
    from toolkit.retrieval.rerank import Reranker
    from toolkit.summaries.material import Material
    from toolkit.types.preview import Preview

When = str | date | datetime | None

_AT_ONCE = 64
"""Questions that ``aask`` works on at once: the search for those that come last would slow the answers to the first."""

LONGEST_QUESTION = 4000
"""Characters of a question, query or claim: longer ones are texts, not questions."""


class TextVerbs(ArticleVerbs):
    """The verbs that read articles and write one text; the second base of :class:`toolkit.Library`.

    Args:
        shelf: The store and its embedding.
        writers: The language models.
        prompts: A folder of prompts of the user's own, or None.
        rerank: Who takes a second look at what every search finds, or None.
    """

    def __init__(self, shelf: Shelf, writers: Writers, prompts: Path | None, rerank: object) -> None:
        super().__init__(shelf)
        self._writers = writers
        self._prompts = prompts
        self._rerank = self._reranker(rerank)
        self._at_once = Gate(_AT_ONCE)

    @property
    def usage(self) -> Usage:
        """Tokens and cost of all model calls of this library so far; replies from the cache cost nothing."""
        return self._writers.usage

    # -- search ------------------------------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        k: int = 8,
        *,
        per_article: int | None = None,
        per_copies: int | None = 2,
        since: When = None,
        until: When = None,
        publisher: str | Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        prefer: Literal["recent"] | None = None,
        diversity: float | None = None,
        neighbours: int = 0,
        rerank: object = SAME,
        rerank_depth: int = 30,
        explain: bool = False,
    ) -> Hits:
        """The passages that speak to a query, best first.

        Args:
            query: Words or a question. ``"these words"`` must stand there as they are, ``-word`` and ``-"these words"``
                must not, and ``publisher:Reuters`` or ``publisher:"Harbour Wire"`` (or with a minus) is who printed it.
            k: Passages at most.
            per_article: Passages of one article at most.
            per_copies: Passages of nearly the same text at most; of articles that come from one text, such as a wire
                story in several papers (:meth:`duplicates`), one: the agency's own, else the earliest, unless
                ``prefer`` is given. ``hit.copies`` has the others. None for no limit. What differs in a number, a name
                or a denial is no copy.
            since: First publication date: ``"2025-08-01"``, a date or a datetime. An article without a date is left
                out when this or ``until`` is given.
            until: Last publication date, included.
            publisher: One publisher or several, whatever their case.
            ids: Look at these articles only.
            prefer: ``"recent"``: newer articles first, where they speak to the query nearly as much.
            diversity: 0 to 1: passages that are unlike each other rather than the best ones alone.
            neighbours: Join each hit with so many passages before and after it in its article.
            rerank: Another second look than the library's at the best passages; None for none.
            rerank_depth: How many passages that second look sees.
            explain: Let ``hit.explain()`` say what each word of the query adds; takes some milliseconds a word.

        Returns:
            Hits; empty when nothing matches.

        Raises:
            ArgumentError: ``k``, a date or the query is unusable, or the query has operators only.
        """
        from toolkit.retrieval.queries import parse, words_of

        _check_words(query, "the query")
        asked = parse(query)
        if not asked.plain and not words_of(asked.text):
            shown = " ".join(query.split())
            raise ArgumentError(f'the query "{shown:.60}" has no words to look for: add some')
        return self._find(
            query,
            k,
            per_article=per_article,
            per_copies=per_copies,
            since=since,
            until=until,
            publisher=publisher,
            ids=ids,
            operators=None if asked.plain else asked,
            prefer=prefer,
            diversity=diversity,
            neighbours=neighbours,
            rerank=rerank,
            rerank_depth=rerank_depth,
            explain=explain,
        )

    def _find(self, query: str, k: int, *, rerank: object = SAME, **options: Any) -> Hits:
        """A search in which nothing in the query is an operator; options as for :func:`toolkit.retrieve.search`."""
        _check_words(query, "the query")
        with span("retrieve", "RETRIEVER") as traced:
            reranker = self._rerank if rerank is SAME else self._reranker(rerank)
            hits = self._shelf.search(query, k=k, reranker=reranker, **options)
            traced.documents(query, hits)
        return hits

    def _without_calls(self, filters: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Options of a search that asks no language model, and a note of what that leaves out."""
        rerank = filters.get("rerank", SAME)
        reranker = self._rerank if rerank is SAME else self._reranker(rerank)
        if reranker is None:
            return filters, ()
        from toolkit.retrieval.rerank import PromptReranker

        if not isinstance(reranker, PromptReranker):
            return filters, ()
        note = f"The passages stand as they were found: {reranker.name}, which would order them, is a call of its own."
        return {**filters, "rerank": None}, (note,)

    def _reranker(self, rerank: object) -> Reranker | None:
        if rerank is None:
            return None
        from toolkit.retrieval.rerank import resolve_reranker

        return resolve_reranker(rerank, model=self._writers.model, prompts=self._prompts)

    def verify(
        self, claim: str, k: int = 20, *, judge: bool = False, nli: str | Entailment | None = None, **filters: Any
    ) -> Claim:
        """Check a sentence against the whole library.

        Args:
            claim: One sentence.
            k: Passages to check it against.
            judge: Ask the library's model for a second opinion; it can lower the verdict, never raise it.
            nli: An entailment model to ask as well, see :func:`toolkit.verify`.
            filters: ``since``, ``until``, ``publisher``, ``ids`` and the rest, as for :meth:`search`. Nothing in a
                claim is an operator.

        Returns:
            The claim with verdict, citations, differences and opinions.

        Raises:
            ArgumentError: The claim is empty, or a judge is asked for and the library has no model.
        """
        from toolkit.verification import verify_against

        model = self._writers.model() if judge else None
        if judge and model is None:
            raise ArgumentError("judge=True needs a model: make the library with llm=...")
        hits = self._find(claim, k, **filters)
        return verify_against(claim, hits, judge=model, nli=nli, prompts=self._prompts)

    def as_retriever(self, k: int = 8, **filters: Any) -> BaseRetriever:
        """The library as a llama-index retriever, for its query engines, chat engines and agents.

        Args:
            k: Passages a query.
            filters: As for :meth:`search`; nothing in a query is an operator.
        """
        from toolkit.interop.llama import retriever

        return retriever(lambda query: self._find(query, k, **filters))

    # -- ask ---------------------------------------------------------------------------------------------------------

    @overload
    def ask(self, question: str, *, dry_run: Literal[True], **options: Any) -> Preview: ...
    @overload
    def ask(self, question: str, *, stream: Literal[False] = False, **options: Any) -> Answer: ...
    @overload
    def ask(self, question: str, *, stream: Literal[True], **options: Any) -> Stream[Answer]: ...
    def ask(
        self,
        question: str,
        *,
        k: int = 8,
        prompt: str | Path = "ask/plain",
        llm: object = SAME,
        stream: bool = False,
        dry_run: bool = False,
        **filters: Any,
    ) -> Answer | Stream[Answer] | Preview:
        """Answer a question from the articles, every sentence with its citation.

        Without a model the answer is the sentences that answer best, as they stand. With one, the model writes, and
        each of its sentences is tied to the spans that say it or marked as unsupported.

        Args:
            question: In plain words.
            k: Passages that the answer is made from.
            prompt: A prompt's name, ``task/variant``, or the path of a ``.prompty`` file.
            llm: Another model than the library's for this call; None for no model.
            stream: Yield the text piece by piece; the Answer is ``.final`` at the end.
            dry_run: Send nothing, and show what would be sent and what it may cost.
            filters: ``since``, ``until``, ``publisher``, ``ids``, ``per_article``, ``prefer``, ``diversity``,
                ``neighbours`` and the rest, as for :meth:`search`. Nothing in a question is an operator.

        Returns:
            The answer; ``answered`` is False, with a ``reason``, when the articles do not say. With ``dry_run`` a
            :class:`toolkit.types.preview.Preview`.

        Raises:
            ToolkitError: The question is empty, the prompt unknown, or the model failed.
        """
        with span("ask", "CHAIN"):
            if dry_run:
                filters, notes = self._without_calls(filters)
                return self._ask_job(question, k=k, prompt=prompt, llm=llm, **filters).preview(notes)
            job = self._ask_job(question, k=k, prompt=prompt, llm=llm, **filters)
            return job.stream() if stream else job.run()

    @overload
    async def aask(self, question: str, *, dry_run: Literal[True], **options: Any) -> Preview: ...
    @overload
    async def aask(self, question: str, *, stream: Literal[False] = False, **options: Any) -> Answer: ...
    @overload
    async def aask(self, question: str, *, stream: Literal[True], **options: Any) -> AsyncStream[Answer]: ...
    async def aask(
        self, question: str, *, stream: bool = False, dry_run: bool = False, **options: Any
    ) -> Answer | AsyncStream[Answer] | Preview:
        """The async twin of :meth:`ask`; with ``stream=True`` the awaited value is read with ``async for``."""
        if dry_run:
            return await in_thread(partial(self.ask, dry_run=True), question, **options)
        with span("ask", "CHAIN"):
            if stream:  # a stream is read when its reader likes, and must not keep others waiting for that
                return (await in_thread(self._ask_job, question, **options)).astream()
            async with self._at_once.aheld():
                return await (await in_thread(self._ask_job, question, **options)).arun()

    def _ask_job(
        self, question: str, *, k: int = 8, prompt: str | Path = "ask/plain", llm: object = SAME, **filters: Any
    ) -> Job[Answer]:
        from toolkit import ask, prompts

        started = time.perf_counter()
        chosen = prompts.load(prompt, folder=self._prompts)
        hits = self._find(question, k, **filters)
        return ask.job(question, hits, chosen, partial(self._writers.model, llm), started)

    # -- summarize ---------------------------------------------------------------------------------------------------

    @overload
    def summarize(self, query: str | None = None, *, dry_run: Literal[True], **options: Any) -> Preview: ...
    @overload
    def summarize(self, query: str | None = None, *, stream: Literal[False] = False, **options: Any) -> Summary: ...
    @overload
    def summarize(self, query: str | None = None, *, stream: Literal[True], **options: Any) -> Stream[Summary]: ...
    def summarize(
        self,
        query: str | None = None,
        *,
        articles: str | Article | Iterable[str | Article] | None = None,
        style: str = "brief",
        length: int | str | None = None,
        sentences: int | None = None,
        llm: object = SAME,
        stream: bool = False,
        dry_run: bool = False,
        **filters: Any,
    ) -> Summary | Stream[Summary] | Preview:
        """Sum up what the articles say, every sentence with its citation.

        One article or a thousand: articles are grouped by the event they tell of, near copies count once, and the
        weightier stories get more of the summary. A model reads what does not fit one prompt in several calls, each
        sentence held against the articles themselves; ``summary.tree`` has the steps, ``summary.coverage`` says which
        articles were cited, read and left out, and why. Of many articles only the beginnings are read.

        Args:
            query: What about, with the operators of :meth:`search`; None for everything that ``articles`` or the
                library holds.
            articles: Only these, by id or as Articles of this library; None for all.
            style: ``brief``, ``bullets``, ``executive`` or ``headline``, or any prompt ``summarize/<style>`` of yours.
            length: How long at most: sentences, or words as in ``"120 words"``; None for the style's own length.
            sentences: Another name for ``length`` in sentences.
            llm: Another model than the library's for this call; None for no model.
            stream: Yield the text piece by piece; the Summary is ``.final`` at the end.
            dry_run: Send nothing, and show what would be sent, in how many calls, and what it may cost.
            filters: ``since``, ``until``, ``publisher``, ``per_article``, ``prefer`` and the rest, as for
                :meth:`search`; with a query only.

        Returns:
            The summary; ``answered`` is False, with a ``reason``, when there is nothing to sum up. With ``dry_run`` a
            :class:`toolkit.types.preview.Preview`.

        Raises:
            ToolkitError: The style is unknown, or the model failed.
        """
        with span("summarize", "CHAIN"):
            how: dict[str, Any] = {"style": style, "length": length, "sentences": sentences}
            wish: dict[str, Any] = {"articles": articles, "llm": llm, **how}
            if dry_run:
                filters, notes = self._without_calls(filters) if query else (filters, ())
                return self._summarize_job(query, **wish, **filters).preview(notes)
            job = self._summarize_job(query, **wish, **filters)
            return job.stream() if stream else job.run()

    @overload
    async def asummarize(self, query: str | None = None, *, dry_run: Literal[True], **options: Any) -> Preview: ...
    @overload
    async def asummarize(
        self, query: str | None = None, *, stream: Literal[False] = False, **options: Any
    ) -> Summary: ...
    @overload
    async def asummarize(
        self, query: str | None = None, *, stream: Literal[True], **options: Any
    ) -> AsyncStream[Summary]: ...
    async def asummarize(
        self, query: str | None = None, *, stream: bool = False, dry_run: bool = False, **options: Any
    ) -> Summary | AsyncStream[Summary] | Preview:
        """The async twin of :meth:`summarize`."""
        if dry_run:
            return await in_thread(partial(self.summarize, dry_run=True), query, **options)
        with span("summarize", "CHAIN"):
            job = await in_thread(self._summarize_job, query, **options)
            return job.astream() if stream else await job.arun()

    def _summarize_job(
        self,
        query: str | None,
        *,
        articles: str | Article | Iterable[str | Article] | None = None,
        style: str = "brief",
        length: int | str | None = None,
        sentences: int | None = None,
        llm: object = SAME,
        **filters: Any,
    ) -> Job[Summary]:
        from toolkit import prompts
        from toolkit.language.lengths import read_length
        from toolkit.summaries import digest
        from toolkit.summarize import Wish

        started = time.perf_counter()
        wish = Wish(query=query, style=style, length=read_length(length, sentences, style))
        chosen = prompts.load(f"summarize/{style}", folder=self._prompts)
        brief = partial(prompts.load, "summarize/brief", folder=self._prompts)
        material = self._to_sum_up(query, articles, filters)
        return digest.job(wish, material, chosen, brief, partial(self._writers.model, llm), started)

    def _to_sum_up(
        self, query: str | None, articles: str | Article | Iterable[str | Article] | None, filters: Mapping[str, Any]
    ) -> Material:
        """What a query finds, or the articles themselves."""
        from toolkit.summaries.material import MATERIAL, of_articles, of_hits

        if misplaced := sorted({"ids", "k"} & filters.keys()):
            raise ArgumentError(f"{', '.join(misplaced)}: summarize chooses articles with articles=")
        ids = None if articles is None else ids_of(articles)
        if query:
            hits = self.search(query, MATERIAL, ids=ids, **filters)
            asked: tuple[Article, ...] = ()
            size: int | None = None
            with contextlib.suppress(StoreError):  # somebody else's index may not list what it holds
                asked, size = ((), len(self)) if ids is None else (tuple(self.articles(ids)), None)
                _check_known(ids, asked)
            return of_hits(query, hits, asked=asked, library=size)
        if filters:
            raise ArgumentError(f"{', '.join(filters)}: filters need a query; choose articles with articles= instead")
        found = self.articles(ids)
        _check_known(ids, found)
        return of_articles(found)

    # -- async twins of the rest -------------------------------------------------------------------------------------

    async def asearch(self, query: str, k: int = 8, **filters: Any) -> Hits:
        """The async twin of :meth:`search`."""
        return await in_thread(self.search, query, k, **filters)

    async def averify(self, claim: str, k: int = 20, **options: Any) -> Claim:
        """The async twin of :meth:`verify`."""
        return await in_thread(self.verify, claim, k, **options)


def _check_known(ids: Iterable[str] | None, found: Iterable[Article]) -> None:
    if unknown := set(ids or ()) - {article.id for article in found}:
        raise ArgumentError(f"no article with id {min(unknown)!r} in this library; see articles() for what there is")


def _check_words(text: object, what: str) -> None:
    if not isinstance(text, str):
        raise ArgumentError(f"{what} is {text!r:.40}; give it as text")
    if not text.strip():
        raise ArgumentError(f"{what} is empty; give some words to look for")
    if len(text) > LONGEST_QUESTION:
        raise ArgumentError(
            f"{what} has {len(text):,} characters; {LONGEST_QUESTION:,} are the most: ask for less at once"
        )
