"""The library as llama-index sees it: a retriever for its query engines, chat engines and agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from toolkit.types import Hit, Hits

if TYPE_CHECKING:
    from llama_index.core.retrievers import BaseRetriever


def retriever(search: Callable[[str], Hits]) -> BaseRetriever:
    """A llama-index retriever over a search.

    Args:
        search: From a query to hits, best first.

    Returns:
        A BaseRetriever. Its nodes carry the passage's text and offsets (``start_char_idx``, ``end_char_idx``: code
        points of the article), and ``article_id``, ``title``, ``publisher``, ``date`` and ``url`` as metadata.
    """
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle

    class LibraryRetriever(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            return [NodeWithScore(node=_node(hit), score=hit.score) for hit in search(query_bundle.query_str)]

    return LibraryRetriever()


def _node(hit: Hit) -> Any:
    from llama_index.core.schema import TextNode

    article = hit.article
    known = {"title": article.title, "publisher": article.publisher, "date": article.date, "url": article.url}
    return TextNode(
        id_=hit.passage.id,
        text=hit.passage.text,
        start_char_idx=hit.passage.span.start,
        end_char_idx=hit.passage.span.end,
        metadata={"article_id": article.id, **{name: value for name, value in known.items() if value}},
        excluded_embed_metadata_keys=["article_id"],
        excluded_llm_metadata_keys=["article_id", "url"],
    )
