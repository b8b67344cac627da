"""A library over somebody else's llama-index index: the same verbs, every citation exact, nothing written."""

from __future__ import annotations

import asyncio
import pickle
import random
from pathlib import Path
from typing import Any

import pytest
from claims import ACCEPTED
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import Article, FakeLLM, Library, read_articles
from toolkit.errors import ArgumentError, StoreError
from toolkit.types import Answer, Hit

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"
QUESTION = "Which countries might send troops?"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # llama-index's own


def documents() -> list[Any]:
    """The sample articles as somebody's llama-index Documents."""
    from llama_index.core import Document

    return [
        Document(
            id_=f"doc-{number}",
            text=article.text,
            metadata={
                "title": article.title,
                "publisher": article.publisher,
                "date": article.date,
                "url": article.url,
            },
        )
        for number, article in enumerate(read_articles(SAMPLES))
    ]


def pieces(some: list[Any], size: int = 400) -> list[Any]:
    """Nodes cut blindly every so many characters, inside words and sentences."""
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    return [
        TextNode(
            id_=f"{document.node_id}-{start}",
            text=document.text[start : start + size],
            start_char_idx=start,
            end_char_idx=start + len(document.text[start : start + size]),
            metadata=document.metadata,
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document.node_id)},
        )
        for document in some
        for start in range(0, len(document.text), size)
    ]


def index_of(nodes: list[Any]) -> Any:
    from llama_index.core import VectorStoreIndex

    from toolkit.interop.llama import static_embedding

    return VectorStoreIndex(nodes, embed_model=static_embedding())


def assert_exact(hits: tuple[Hit, ...], texts: dict[str, str] | None = None) -> None:
    assert hits
    for hit in hits:
        span = hit.passage.span
        assert hit.article.text[span.start : span.end] == hit.passage.text
        assert all(span.start <= s.start < s.end <= span.end for s in hit.passage.sentences)
        assert hit.score >= 0
        if texts is not None:
            assert hit.article.text == texts[hit.article.id]


def assert_cited(answer: Answer, library: Library) -> None:
    assert answer.answered, answer.reason
    assert answer.citations
    for citation in answer.citations:
        article = library[citation.article.id]
        assert article.text[citation.span.start : citation.span.end] == citation.quote


def test_with_documents_the_citations_stand_in_the_documents() -> None:
    given = documents()
    texts = {document.node_id: document.text for document in given}
    with Library.from_index(index_of(pieces(given)), documents=given) as news:
        hits = news.search(QUESTION, 5)
        assert len(hits) == 5
        assert_exact(hits, texts)
        assert {hit.article.publisher for hit in hits} <= {document.metadata["publisher"] for document in given}
        answer = news.ask(QUESTION)
        assert_cited(answer, news)
        assert {citation.article.id for citation in answer.citations} <= texts.keys()
        assert news.summarize("security guarantees").answered
        claim = news.verify(answer.citations[0].quote)
        assert claim.verdict == "quoted"
        assert len(news) == len(given)


def test_a_node_cut_inside_a_sentence_is_widened_to_whole_sentences() -> None:
    from llama_index.core import Document

    text = "Talks began. Germany said on Monday that it will not send troops to the border. Snow fell in the north."
    document = Document(id_="d", text=text)
    cut = text.index("send")
    nodes = pieces([document], size=cut)
    assert nodes[1].text.startswith("send troops")
    with Library.from_index(index_of(nodes), documents=[document]) as news:
        for hit in news.search("troops at the border"):
            assert "will not send troops" in hit.passage.text
            assert all(not text[s.start : s.end].startswith("send") for s in hit.passage.sentences)
        assert news.verify("Germany will send troops to the border").verdict == "contradicted"


def test_without_the_document_a_cut_sentence_is_left_out() -> None:
    from llama_index.core import Document
    from llama_index.core.node_parser import TokenTextSplitter

    text = "Talks began. Germany said on Monday that it will not send troops to the border. Snow fell in the north."
    split = TokenTextSplitter(chunk_size=43, chunk_overlap=0, include_metadata=False, tokenizer=list)
    nodes = split.get_nodes_from_documents([Document(text=text)])
    assert [node.text for node in nodes] == [
        "Talks began. Germany said on Monday that",
        "it will not send troops to the border.",
        "Snow fell in the north.",
    ]
    with Library.from_index(index_of(nodes)) as news:
        assert {hit.passage.text for hit in news.search("troops")} == {
            "Talks began.",
            "it will not send troops to the border.",  # nothing else is there
            "Snow fell in the north.",
        }
        assert news.verify("Germany will send troops to the border").verdict not in ACCEPTED


def test_without_documents_each_node_is_an_article_of_its_own() -> None:
    given = documents()
    nodes = {node.node_id: node for node in pieces(given, 900)}
    index = index_of(list(nodes.values()))
    with Library.from_index(index) as news:
        hits = news.search(QUESTION, 4)
        assert_exact(hits)
        for hit in hits:
            source, _, node_id = hit.article.id.partition("#")
            assert nodes[node_id].ref_doc_id == source
            assert hit.article.text == nodes[node_id].text
            assert (hit.article.title, hit.article.date) == (
                nodes[node_id].metadata["title"],
                nodes[node_id].metadata["date"],
            )
        with Library.from_index(index) as fresh:
            assert fresh[hits[0].article.id] == hits[0].article
        assert_cited(news.ask(QUESTION), news)
        assert len(news.search(QUESTION, 20, per_article=1)) == len({node.ref_doc_id for node in nodes.values()})


def test_documents_that_the_index_keeps_are_used_and_wrong_offsets_are_not_believed() -> None:
    given = documents()
    nodes = pieces(given)
    for node in nodes:
        node.start_char_idx, node.end_char_idx = 3, 3 + len(node.text)
    index = index_of(nodes)
    index.docstore.add_documents(given)
    with Library.from_index(index) as news:
        assert_exact(news.search(QUESTION), {document.node_id: document.text for document in given})


def test_a_text_that_stands_twice_in_its_document_is_not_guessed_at() -> None:
    from llama_index.core import Document

    document = Document(id_="d", text="Troops left. Snow fell. Troops left.")
    nodes = pieces([document], size=12)
    nodes[0].start_char_idx = nodes[0].end_char_idx = None
    with Library.from_index(index_of(nodes[:1]), documents=[document]) as news:
        (hit,) = news.search("troops")
        assert (hit.article.id, hit.article.text) == ("d#d-0", "Troops left.")


@settings(max_examples=30, deadline=None)
@given(
    text=st.text(st.sampled_from("ab .\n!?A\t\u2028é\ud800\U0001f600"), min_size=1, max_size=80),
    size=st.integers(1, 30),
    shift=st.integers(-2, 2),
    known=st.booleans(),
)
def test_whatever_the_nodes_the_hits_are_exact(text: str, size: int, shift: int, known: bool) -> None:
    from llama_index.core.schema import NodeWithScore

    from toolkit.interop.foreign import IndexShelf

    article = Article(text=text, id="d")
    nodes = pieces([FakeDocument("d", text)], size)
    for node in nodes:
        node.start_char_idx += shift
    shelf = IndexShelf(FixedRetriever([NodeWithScore(node=n, score=None) for n in nodes]), [article] if known else [])
    for hit in shelf.search("a", k=50):
        span = hit.passage.span
        assert hit.article.text[span.start : span.end] == hit.passage.text
        assert [hit.article.text[s.start : s.end].strip() for s in hit.passage.sentences]
        assert not known or hit.article == article or hit.article.text in text.replace("\ud800", "\ufffd")


class FakeDocument:
    """Only what ``pieces`` needs; pydantic refuses the lone surrogates that a node may hold."""

    def __init__(self, node_id: str, text: str) -> None:
        self.node_id, self.text, self.metadata = node_id, text, {}


def FixedRetriever(found: list[Any]) -> Any:  # noqa: N802
    """A retriever that has no depth to set and finds the same nodes for every query."""
    from llama_index.core.retrievers import BaseRetriever

    class Fixed(BaseRetriever):
        asked = 0

        def _retrieve(self, query_bundle: Any) -> list[Any]:
            type(self).asked += 1
            return list(found)

    return Fixed()


def test_filters_look_deeper_than_k() -> None:
    """200 nodes of one publisher rank before the one of another."""
    from llama_index.core.schema import TextNode

    texts = [f"Troops left the border on day {number}." for number in range(200)]
    nodes = [TextNode(text=text, metadata={"source": "Wire", "published": "2025-08-19"}) for text in texts]
    late = TextNode(text="Snow fell on the mountains.", metadata={"Publisher": "Alps Daily", "date": "2025-08-21"})
    undated = TextNode(text="Cows grazed.", metadata={"source": "https://alps.example/cows", "file_name": "cows.txt"})
    with Library.from_index(index_of([*nodes, late, undated])) as news:
        assert {hit.article.publisher for hit in news.search("troops at the border", 8)} == {"Wire"}
        assert [h.article.text for h in news.search("troops", 3, publisher="alps daily")] == [late.text]
        assert [h.article.text for h in news.search("troops", 3, since="2025-08-20")] == [late.text]
        assert [h.article.text for h in news.search("troops", 3, ids=[late.node_id])] == [late.text]
        assert len(news.search("troops", 8, until="2025-08-19")) == 8
        assert not news.search("troops", 3, since="2025-08-22")
        (cows,) = news.search("grazing cows", 1)
        assert (cows.article.title, cows.article.url, cows.article.publisher) == (
            "cows.txt",
            "https://alps.example/cows",
            None,
        )
        assert news[late.node_id].publisher == "Alps Daily"
        with pytest.raises(ArgumentError, match="k=0"):
            news.search("troops", 0)
        with pytest.raises(ArgumentError, match="not a date"):
            news.search("troops", since="soon")


def test_a_retriever_is_asked_for_k_and_left_as_it_was() -> None:
    retriever = index_of(pieces(documents())).as_retriever(similarity_top_k=2)
    with Library.from_index(retriever, llm=None) as news:
        assert len(news.search(QUESTION, 7)) == 7
        assert retriever.similarity_top_k == 2
        assert_cited(news.ask(QUESTION), news)
        with pytest.raises(StoreError, match="does not list"):
            news.articles()
        with pytest.raises(StoreError, match="give documents="):
            news.summarize()
        assert "no-such-id" not in news


def test_a_retriever_that_refuses_to_look_too_deep_gives_all_it_has() -> None:
    """As llama-index's BM25Retriever does, which fails when it is asked for more nodes than there are."""
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, TextNode

    nodes = [
        NodeWithScore(node=TextNode(text=f"Story {n}.", metadata={"publisher": "Wire"}), score=1.0) for n in range(37)
    ]

    class Strict(BaseRetriever):
        similarity_top_k = 2
        asked = 0

        def _retrieve(self, query_bundle: Any) -> list[Any]:
            type(self).asked += 1
            if self.similarity_top_k > len(nodes):
                raise ValueError("k is larger than the corpus")
            return nodes[: self.similarity_top_k]

    retriever = Strict()
    with Library.from_index(retriever) as news:
        assert len(news.search("story", 60)) == 37
        assert retriever.asked <= 8
        assert len(news.search("story", 8, publisher="wire")) == 8
        assert retriever.similarity_top_k == 2


def test_a_retriever_without_a_depth_is_asked_once() -> None:
    from llama_index.core.schema import NodeWithScore, TextNode

    nodes = [NodeWithScore(node=TextNode(text=f"Story {n}."), score=-n / 10) for n in range(4)]
    nodes[2] = NodeWithScore(node=TextNode(text=" \n"), score=0.0)
    retriever = FixedRetriever(nodes)
    with Library.from_index(retriever) as news:
        hits = news.search("story", 8)
        assert [hit.article.text for hit in hits] == ["Story 0.", "Story 1.", "Story 3."]
        assert [round(hit.score, 6) for hit in hits] == [0.3, 0.2, 0.0]
        assert retriever.asked == 1


def test_a_node_with_the_id_of_a_document_is_not_taken_for_it() -> None:
    """Spans are compared by article id, so two texts must never share one."""
    from llama_index.core import Document
    from llama_index.core.schema import NodeWithScore, TextNode

    document = Document(id_="d", text="One is true. Three is true.")
    (piece,) = pieces([document], 100)
    nodes = [
        NodeWithScore(node=piece, score=1.0),
        NodeWithScore(node=TextNode(id_="d", text="Two is true."), score=1.0),
    ]
    for order in (nodes, nodes[::-1]):
        with Library.from_index(FixedRetriever(order), documents=[document]) as news:
            found = {hit.article.text: hit.article.id for hit in news.search("true")}
            assert found.keys() == {document.text, "Two is true."}
            assert len(set(found.values())) == 2


def test_a_retriever_that_fails_is_an_error_of_the_library() -> None:
    from llama_index.core.retrievers import BaseRetriever

    class Broken(BaseRetriever):
        def _retrieve(self, query_bundle: Any) -> list[Any]:
            raise RuntimeError("key sk-123 refused")

    with (
        Library.from_index(Broken()) as news,
        pytest.raises(StoreError, match=r"Broken failed to retrieve \(RuntimeError\)") as caught,
    ):
        news.search("troops")
    assert "sk-123" not in str(caught.value)


def test_a_vector_store_needs_the_embedding_of_its_vectors() -> None:
    from llama_index.core.vector_stores.simple import SimpleVectorStore

    class Kept(SimpleVectorStore):
        """A vector store that keeps its nodes, as most but the simple one do."""

        stores_text: bool = True

        def add(self, nodes: Any, **options: Any) -> list[str]:
            self._nodes = {node.node_id: node for node in nodes}
            return super().add(nodes, **options)

        def query(self, query: Any, **options: Any) -> Any:
            query.node_ids = query.node_ids or None  # an index over a store knows no ids: look at all
            result = super().query(query, **options)
            result.nodes = [self._nodes[node_id] for node_id in result.ids]
            return result

    from toolkit.embeddings import StaticEmbedding
    from toolkit.interop.llama import static_embedding

    nodes = pieces(documents(), 900)
    for node, row in zip(nodes, StaticEmbedding().embed([node.text for node in nodes]), strict=True):
        node.embedding = row.tolist()
    store = Kept()
    store.add(nodes)
    with pytest.raises(ArgumentError, match="embedding="):
        Library.from_index(store)
    with pytest.raises(ArgumentError, match="without their text"):
        Library.from_index(SimpleVectorStore(), embedding=static_embedding())
    for embedding in (StaticEmbedding(), static_embedding()):
        with Library.from_index(store, embedding=embedding) as news:
            hits = news.search(QUESTION, 3)
            assert_exact(hits)
            assert len(hits) == 3


def test_nothing_is_written(tmp_path: Path) -> None:
    with Library.from_index(index_of(pieces(documents()))) as news:
        article = news.search(QUESTION, 1)[0].article
        library: Any = news
        for write in (
            lambda: news.add(Article(text="New.")),
            lambda: news.delete(article),
            lambda: library.reindex(None),
        ):
            with pytest.raises(StoreError, match="only reads; change the index itself"):
                write()
        with pytest.raises(StoreError, match="no folder"):
            _ = news.path
        with pytest.raises(StoreError, match="only reads"):
            library.backup(tmp_path / "copy")
        assert library.export(tmp_path / "articles.parquet") == len(news)
        with pytest.raises(KeyError, match="nowhere"):
            news["nowhere"]
        assert "VectorStoreIndex" in repr(news)
        assert news.overview().articles is None
        shown = news._repr_mimebundle_()
        assert all("an index, which is searched and not changed" in " ".join(text.split()) for text in shown.values())
        with pytest.raises(StoreError, match="add its documents to a library of your own"):
            news.duplicates()


@pytest.mark.parametrize("wrong", ["news.lance", 7, None, Article(text="x"), Library])
def test_what_is_no_index_is_refused(wrong: object) -> None:
    with pytest.raises(ArgumentError, match="index="):
        Library.from_index(wrong)


def test_documents_must_be_documents() -> None:
    with pytest.raises(ArgumentError, match="documents= holds a str"):
        Library.from_index(index_of(pieces(documents())), documents=["text"])


def test_the_readers_model_and_prompts_work_on_it() -> None:
    llm = FakeLLM("France might send troops.")
    with Library.from_index(index_of(pieces(documents())), llm=llm) as news:
        answer = news.ask(QUESTION)
        assert answer.model == "fake"
        assert "Which countries might send troops?" in llm.requests[0][-1].content


def test_what_an_index_finds_is_reranked() -> None:
    given = documents()
    with Library.from_index(
        index_of(pieces(given)), documents=given, rerank=lambda q, texts: range(len(texts))
    ) as news:
        plain = news.search(QUESTION, 30, rerank=None)
        assert len(plain) == 30
        assert [hit.passage.id for hit in news.search(QUESTION, 3)] == [hit.passage.id for hit in plain[:-4:-1]]


def test_operators_copies_and_diversity_hold_for_an_index_too() -> None:
    from llama_index.core.schema import TextNode

    from toolkit.interop.foreign import IndexShelf
    from toolkit.retrieval.queries import parse

    story = "Parliament in Vienna approved the new budget on Tuesday evening after two days of debate, officials said."
    texts = [story, story, "Snow fell in the north.", "Parliament debated snow in the budget."]
    papers = ["Wire", "Herald", "Wire", "Herald"]
    nodes = [TextNode(id_=str(n), text=t, metadata={"publisher": papers[n]}) for n, t in enumerate(texts)]
    shelf = IndexShelf(index_of(nodes))

    def found(query: str, **options: Any) -> set[str]:
        asked = parse(query)
        return {hit.article.id for hit in shelf.search(query, operators=asked, **options)}

    assert len(found("parliament budget", per_copies=1)) == 3
    assert found("parliament budget", per_copies=None) == {"0", "1", "2", "3"}
    assert found('"new budget" parliament', per_copies=None) == {"0", "1"}
    assert found("parliament -snow publisher:herald", per_copies=None) == {"1"}
    assert found("parliament budget -publisher:Wire", per_copies=None) == {"1", "3"}
    best = "Parliament in Vienna approved the new budget on Tuesday evening"
    assert found(best, k=2, per_copies=None) == {"0", "1"}
    assert len(found(best, k=2, per_copies=None, diversity=0.9, explain=True) & {"0", "1"}) == 1
    for wrong in ({"diversity": 2}, {"prefer": "recent"}, {"neighbours": 1}, {"per_copies": 0}, {"rerank_depth": 0}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            shelf.search("budget", **wrong)


def test_a_library_over_a_library() -> None:
    """``as_retriever`` and ``from_index`` are inverse: ids and offsets of the articles come through."""
    with Library() as news:
        news.add(SAMPLES)
        with Library.from_index(news.as_retriever(k=8), documents=news.articles()) as again:
            first, second = news.search(QUESTION, 8), again.search(QUESTION, 8)
            assert [hit.passage for hit in first] == [hit.passage for hit in second]
            assert [hit.article for hit in first] == [hit.article for hit in second]


def test_fusion_retrieval_of_llama_index_works_in_a_running_loop() -> None:
    """It starts an event loop of its own, which a notebook's would not allow."""
    from llama_index.core.llms.mock import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever

    index = index_of(pieces(documents()))
    fused = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=20), index.as_retriever(similarity_top_k=5)], llm=MockLLM(), num_queries=1
    )

    async def in_a_notebook(news: Library) -> None:
        plain = news.search(QUESTION, 4)
        assert len(plain) == 4
        assert await news.asearch(QUESTION, 4) == plain
        assert (await news.aask(QUESTION)).hits

    with Library.from_index(fused) as news:
        asyncio.run(in_a_notebook(news))


def test_async_retrieval_and_query_engines_of_llama_index() -> None:
    from llama_index.core.llms.mock import MockLLM
    from llama_index.core.query_engine import CitationQueryEngine, RetrieverQueryEngine

    with Library() as own, Library.from_index(index_of(pieces(documents()))) as foreign:
        own.add(SAMPLES)
        for news in (own, foreign):
            retriever = news.as_retriever(k=3)
            found = retriever.retrieve(QUESTION)
            assert len(found) == 3
            assert [n.node for n in asyncio.run(retriever.aretrieve(QUESTION))] == [n.node for n in found]
            for node in (one.node for one in found):
                article = news[node.ref_doc_id]
                assert article.text[node.start_char_idx : node.end_char_idx] == node.get_content()
            engine = RetrieverQueryEngine.from_args(retriever, llm=MockLLM())
            assert {n.node_id for n in engine.query(QUESTION).source_nodes} == {n.node_id for n in found}
            citing = CitationQueryEngine(retriever=retriever, llm=MockLLM())
            assert {n.node.ref_doc_id for n in citing.query(QUESTION).source_nodes} <= {
                n.node.ref_doc_id for n in found
            }


def test_the_bundled_vectors_serve_llama_index() -> None:
    import numpy as np

    from toolkit.embeddings import StaticEmbedding
    from toolkit.interop.llama import static_embedding

    ours, theirs = StaticEmbedding(), static_embedding()
    words = random.Random(0).sample(["troops", "snow", "budget", "parliament", "", "  ", "é\ud800"], 7)
    rows = theirs.get_text_embedding_batch(words)
    assert np.allclose(rows, ours.embed(words))
    assert np.allclose(theirs.get_query_embedding("troops"), ours.embed_query("troops"))
    assert np.allclose(asyncio.run(theirs.aget_text_embedding("snow")), ours.embed(["snow"])[0])
    again = pickle.loads(pickle.dumps(theirs))
    assert again.get_query_embedding("snow") == theirs.get_query_embedding("snow")
    assert again.model_name == ours.name
