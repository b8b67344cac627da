"""The front door: a folder of articles, and the verbs on it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from toolkit.parts import FROM_ENVIRONMENT, Shelf, Writers
from toolkit.reader import Reader


class Library(Reader):
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
            :func:`toolkit.rerank.resolve_reranker`. It costs its time at every search.
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
        from toolkit.foreign import IndexShelf

        shelf = IndexShelf(index, documents, embedding)
        library = cls(None, **options)
        library._shelf.close()
        library._shelf = shelf
        return library

    def close(self) -> None:
        """Close the store and the model's connections; a temporary library is removed."""
        self._shelf.close()
        self._writers.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Library {self._shelf!r}>"
