"""The library as llama-index sees it: a retriever for its query engines, chat engines and agents, and its vectors."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from toolkit.types import Hit, Hits

if TYPE_CHECKING:
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import TextNode

    from toolkit.embeddings import Embedding


def retriever(search: Callable[[str], Hits]) -> BaseRetriever:
    """A llama-index retriever over a search.

    Args:
        search: From a query to hits, best first.

    Returns:
        A BaseRetriever of nodes as :func:`node_of` makes them. Its async methods search in a thread.
    """
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle

    class LibraryRetriever(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            return [NodeWithScore(node=node_of(hit), score=hit.score) for hit in search(query_bundle.query_str)]

        async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            from asyncio import to_thread

            return await to_thread(self._retrieve, query_bundle)

    return LibraryRetriever()


def node_of(hit: Hit) -> TextNode:
    """A hit as a llama-index node.

    Returns:
        A TextNode with the passage's id, text and offsets (``start_char_idx``, ``end_char_idx``: code points of the
        article), the article as its source (``ref_doc_id``), and ``article_id``, ``title``, ``publisher``, ``date``
        and ``url`` as metadata.
    """
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    article = hit.article
    known = {"title": article.title, "publisher": article.publisher, "date": article.date, "url": article.url}
    return TextNode(
        id_=hit.passage.id,
        text=hit.passage.text,
        start_char_idx=hit.passage.span.start,
        end_char_idx=hit.passage.span.end,
        metadata={"article_id": article.id, **{name: value for name, value in known.items() if value}},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article.id)},
        excluded_embed_metadata_keys=["article_id"],
        excluded_llm_metadata_keys=["article_id", "url"],
    )


def static_embedding() -> BaseEmbedding:
    """The bundled static vectors as a llama-index embedding: no key, no network, 256 dimensions.

    Example:
        >>> index = VectorStoreIndex.from_documents(documents, embed_model=static_embedding())
    """
    from toolkit.embeddings import StaticEmbedding

    return llama_embedding(StaticEmbedding())


def llama_embedding(embedding: Embedding) -> BaseEmbedding:
    """An embedding of ours as a llama-index one.

    Args:
        embedding: Its vectors are unit rows, so dot product and cosine are the same.
    """
    made: BaseEmbedding = _embedding_class()(embedding)
    return made


@lru_cache(maxsize=1)
def _embedding_class() -> Any:
    from asyncio import to_thread

    from llama_index.core.embeddings import BaseEmbedding

    class LibraryEmbedding(BaseEmbedding):
        def __init__(self, embedding: Embedding) -> None:
            super().__init__(model_name=embedding.name, embed_batch_size=512)
            self._embedding = embedding

        @classmethod
        def class_name(cls) -> str:
            return "LibraryEmbedding"

        def __reduce__(self) -> tuple[Any, ...]:
            # The class is made in a function, where pickle would not find it.
            return llama_embedding, (self._embedding,)

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = self._embedding.embed(texts).tolist()
            return rows

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            row: list[float] = self._embedding.embed_query(query).tolist()
            return row

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return await to_thread(self._get_query_embedding, query)

        async def _aget_text_embedding(self, text: str) -> list[float]:
            return await to_thread(self._get_text_embedding, text)

    return LibraryEmbedding
