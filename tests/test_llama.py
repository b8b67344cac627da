"""Where llama-index and the library meet: Documents in, a retriever out."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit import Library

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # llama-index's own


def test_the_library_is_a_retriever_with_exact_offsets() -> None:
    from llama_index.core.retrievers import BaseRetriever

    with Library() as news:
        news.add(SAMPLES)
        retriever = news.as_retriever(k=3, since="2025-08-19")
        assert isinstance(retriever, BaseRetriever)
        nodes = retriever.retrieve("Which countries might send troops?")
        assert 0 < len(nodes) <= 3
        for found in nodes:
            article = news[found.node.metadata["article_id"]]
            assert article.text[found.node.start_char_idx : found.node.end_char_idx] == found.node.get_content()
            assert found.node.metadata["publisher"] == article.publisher


def test_a_query_engine_of_llama_index_runs_on_it() -> None:
    from llama_index.core.llms.mock import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    with Library() as news:
        news.add(SAMPLES)
        engine = RetrieverQueryEngine.from_args(news.as_retriever(k=2), llm=MockLLM())
        response = engine.query("Which countries might send troops?")
        assert len(response.source_nodes) == 2


def test_documents_become_articles() -> None:
    from llama_index.core import Document

    with Library() as news:
        news.add([Document(text="Parliament approved the budget on Tuesday evening.", metadata={"title": "Budget"})])
        assert [article.title for article in news.articles()] == ["Budget"]
