"""The front door on the sample articles: add, search, ask, summarize, verify; without a model and with a fake one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import ODD_TEXT

from toolkit import Article, FakeLLM, Library
from toolkit.errors import ArgumentError, ModelError, PromptNotFound, SourceError
from toolkit.retrieval.queries import parse, words_of
from toolkit.types import CitedText

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"
TROOPS = "Which countries might send troops?"


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("library") / "news.lance") as library:
        library.add(SAMPLES)
        yield library


def check_citations(written: CitedText, library: Library) -> None:
    markers = [citation.marker for citation in written.citations]
    assert markers == list(range(1, len(markers) + 1))
    for citation in written.citations:
        stored = library[citation.article.id]
        assert stored.text[citation.span.start : citation.span.end] == citation.quote
    assert {c.marker for claim in written.claims for c in claim.citations} == set(markers)


def test_the_first_question(news: Library) -> None:
    answer = news.ask(TROOPS)
    assert answer.answered
    first = answer.claims[0]
    assert first.verdict == "quoted"
    assert "U.K. and French troops" in first.text
    assert "roughly 10 other countries" in first.text
    assert answer.model == "extractive"
    assert answer.text.startswith(first.text + " [1]")
    check_citations(answer, news)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who said the guarantees are critically important?", "Leavitt"),
        ("When did the White House summit take place?", "Aug. 18"),
        ("What does the Kremlin reject?", "NATO troops"),
        ("What could the U.S. contribute?", "air"),
        ("What did Trump tell Fox News?", "people on the ground"),
        ("How many other countries might join the U.K. and France?", "10"),
        ("What did Costa say?", "in the coming days"),
    ],
)
def test_questions_that_the_articles_answer(news: Library, question: str, words: str) -> None:
    answer = news.ask(question)
    assert answer.answered, answer.reason
    assert words in answer.claims[0].text
    check_citations(answer, news)


@pytest.mark.parametrize(
    ("question", "gate"),
    [
        ("Who won the 2022 World Cup?", "names"),
        ("What is the capital of Australia?", "names"),
        ("What is the price of bread?", "coverage"),
        ("How do I repair a bicycle tyre at home?", "coverage"),
        ("Who will pay for the force?", "relevance"),
    ],
)
def test_questions_that_the_articles_do_not_answer(news: Library, question: str, gate: str) -> None:
    answer = news.ask(question)
    assert not answer.answered
    assert answer.reason is not None
    assert answer.reason.startswith(gate + ":")
    assert (answer.text, answer.claims, answer.citations) == ("", (), ())
    assert answer.hits, "what came closest is shown"


def test_the_json_form_is_stable(news: Library) -> None:
    form = json.loads(news.ask(TROOPS).to_json())
    assert list(form) == [
        *["question", "answered", "text", "reason", "claims", "citations", "passages", "prompt", "model", "usage"],
        *["seconds", "notes", "independent_sources", "copies"],
    ]
    assert list(form["claims"][0]) == ["text", "verdict", "citations"]
    assert list(form["citations"][0]) == [
        *["marker", "article_id", "title", "publisher", "published", "url", "start", "end", "quote"]
    ]
    assert list(form["passages"][0]) == ["article_id", "start", "end", "score"]
    assert list(form["prompt"]) == ["name", "version", "hash"]
    assert form["prompt"]["name"] == "ask/plain"
    assert form["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0, "cached": False}
    assert form["citations"][0]["published"] == "2025-08-19"
    summary = news.summarize("security guarantees").to_dict()
    assert summary["style"] == "brief"
    assert "question" not in summary


def test_adding_again_changes_nothing(news: Library) -> None:
    before = len(news)
    report = news.add(SAMPLES)
    assert (report.added, report.updated, report.unchanged) == (0, 0, before)
    assert len(news) == before


def test_a_changed_file_is_updated(tmp_path: Path) -> None:
    page = tmp_path / "story.txt"
    page.write_text("The old plan sends 100 soldiers to Kyiv next week, officials said.")
    with Library(tmp_path / "news.lance") as library:
        assert library.add(page).added == 1
        page.write_text("The new plan sends 900 soldiers to Kyiv next week, officials said.")
        report = library.add(page)
        assert (report.added, report.updated) == (0, 1)
        assert [article.text for article in library.articles()] == [page.read_text()]
        assert "100" not in str(library.search("soldiers to Kyiv"))


def test_a_record_keeps_its_id_and_is_replaced_by_it(tmp_path: Path) -> None:
    with Library(tmp_path / "news.lance") as library:
        library.add({"id": "O'Reilly-1", "title": "T", "text": "The mayor resigned on Monday.", "date": "2025-08-19"})
        assert "O'Reilly-1" in library
        report = library.add({"id": "O'Reilly-1", "title": "T", "text": "The mayor stayed in office."})
        assert report.updated == 1
        assert library["O'Reilly-1"].text == "The mayor stayed in office."
        assert library.delete("O'Reilly-1") == 1
        assert len(library) == 0


def test_a_bad_source_does_not_keep_the_good_ones_out(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"not a pdf")
    (tmp_path / "good.txt").write_text("Parliament approved the budget on Tuesday evening.")
    with Library(tmp_path / "news.lance") as library:
        report = library.add(tmp_path)
        assert report.added == 1
        assert len(report.failed) == 1
        assert "broken.pdf" in report.failed[0].source
        with pytest.raises(SourceError, match="missing"):
            library.add(tmp_path / "missing.txt")
        with pytest.raises(ArgumentError, match="nothing to add"):
            library.add()


def test_duplicates_in_one_call_go_in_once(tmp_path: Path) -> None:
    article = Article(text="The bridge opens to traffic in May, the city said.")
    with Library(tmp_path / "news.lance") as library:
        report = library.add(article, article)
        assert (report.added, report.duplicates) == (1, 1)


def test_search_filters(news: Library) -> None:
    hits = news.search("European troops", k=5, publisher="potomac record")
    assert hits
    assert {hit.article.publisher for hit in hits} == {"Potomac Record"}
    assert {hit.article.date for hit in news.search("troops", since="2025-08-20")} <= {"2025-08-20"}
    per_article = news.search("troops", k=20, per_article=1)
    assert len({hit.article.id for hit in per_article}) == len(per_article)
    one = hits[0].article.id
    assert {hit.article.id for hit in news.search("troops", ids=[one])} == {one}
    with pytest.raises(ArgumentError):
        news.search("   ")
    with pytest.raises(ArgumentError):
        news.search("troops", k=0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # llama-index's own
@pytest.mark.parametrize("query", ["publisher:Reuters", "-ships", 'publisher: Reuters -"two words"'])
def test_a_search_needs_words_beside_its_operators(news: Library, query: str) -> None:
    from llama_index.core import Document, MockEmbedding, VectorStoreIndex

    index = VectorStoreIndex.from_documents([Document(text="Ships.")], embed_model=MockEmbedding(3))
    with Library.from_index(index, llm=None) as foreign:
        for library in (news, foreign):
            with pytest.raises(ArgumentError, match="has no words to look for: add some"):
                library.search(query)


def test_verify_over_the_library(news: Library) -> None:
    assert news.verify("Leavitt said that Trump understood the guarantees as critically important").verdict in (
        "supported",
        "quoted",
    )
    assert news.verify("Leavitt said that Trump rejected the guarantees").verdict not in ("supported", "quoted")


def test_summaries_without_a_model(news: Library) -> None:
    for query in (None, "security guarantees"):
        summary = news.summarize(query, sentences=3)
        assert summary.answered
        assert len(summary.claims) == 3
        assert {claim.verdict for claim in summary.claims} == {"quoted"}
        check_citations(summary, news)
    assert not news.summarize(articles=[]).answered


def test_a_model_writes_and_is_checked(news: Library) -> None:
    llm = FakeLLM(
        "U.K. and French troops might be sent together with contingents from roughly 10 other countries [7]. "
        "Poland will send 5,000 troops."
    )
    answer = news.ask(TROOPS, llm=llm)
    assert answer.answered
    assert answer.claims[0].verdict == "supported"
    assert answer.claims[1].verdict in ("unsupported", "contradicted")
    assert "[7]" not in answer.text
    assert answer.usage.completion_tokens > 0
    check_citations(answer, news)
    request = llm.requests[0]
    assert request[-1].role == "user"
    assert TROOPS in request[-1].content


def test_an_answer_that_nothing_supports_is_refused(news: Library) -> None:
    answer = news.ask(TROOPS, llm=FakeLLM("The 2022 World Cup was won by France. The capital is Canberra."))
    assert not answer.answered
    assert answer.reason is not None
    assert answer.reason.startswith("support:")
    assert answer.citations == ()


@pytest.mark.parametrize(
    ("question", "gate", "reply"),
    [
        (
            "Who will pay for the force?",
            "relevance",
            "The British government said that a reassurance force could be deployed if hostilities end.",
        ),
        ("Who is the mayor of London?", "relevance", "Military chiefs are to meet to discuss a European force."),
        ("When did the leaders meet?", "type", "Trump told Fox News that Europeans will put people on the ground."),
    ],
)
def test_true_sentences_that_answer_something_else_are_refused(
    news: Library, question: str, gate: str, reply: str
) -> None:
    answer = news.ask(question, llm=FakeLLM(reply))
    assert not answer.answered
    assert (answer.reason or "").partition(":")[0] == gate
    assert answer.citations == ()
    assert answer.hits


def test_a_question_that_no_passage_speaks_to_costs_no_call(news: Library) -> None:
    llm = FakeLLM()
    answer = news.ask("What is the price of bread in Paris?", llm=llm)
    assert (answer.reason or "").startswith("coverage:")
    assert "“bread”" in (answer.reason or "")
    assert llm.requests == []


def test_a_model_that_declines_is_believed(news: Library) -> None:
    answer = news.ask(TROOPS, llm=FakeLLM("The articles do not say."))
    assert not answer.answered
    assert answer.reason is not None
    assert answer.reason.startswith("model:")


def test_no_model_is_asked_what_no_article_names(news: Library) -> None:
    llm = FakeLLM()
    assert not news.ask("Who won the 2022 World Cup?", llm=llm).answered
    assert llm.requests == []


def test_streaming_ends_in_the_checked_answer(news: Library) -> None:
    text = "U.K. and French troops might be sent together with contingents from roughly 10 other countries."
    stream = news.ask(TROOPS, llm=FakeLLM(text), stream=True)
    with pytest.raises(ArgumentError, match="not finished"):
        _ = stream.final
    assert "".join(stream) == text
    assert stream.final.claims[0].verdict == "supported"
    plain = news.ask(TROOPS, stream=True)
    assert "".join(plain) == plain.final.text
    summary = news.summarize("troops", llm=FakeLLM(text), stream=True)
    assert "".join(summary) == text
    assert summary.final.answered


def test_async_twins(news: Library) -> None:
    async def both() -> None:
        text = "U.K. and French troops might be sent with contingents from roughly 10 other countries."
        answer = await news.aask(TROOPS)
        assert answer == news.ask(TROOPS).__class__(**{**vars(news.ask(TROOPS)), "seconds": answer.seconds})
        stream = await news.aask(TROOPS, llm=FakeLLM(text), stream=True)
        assert "".join([piece async for piece in stream]) == text
        assert stream.final.answered
        assert (await news.asummarize("troops")).answered
        assert await news.asearch("troops")
        assert (await news.averify("Poland sent troops")).verdict not in ("supported", "quoted")
        assert (await news.aadd(SAMPLES)).added == 0
        # A plain verb inside a running loop, as in a notebook cell.
        assert news.ask(TROOPS, llm=FakeLLM(text)).answered

    asyncio.run(both())


def test_a_model_without_a_reply_raises(news: Library) -> None:
    with pytest.raises(ModelError):
        news.ask(TROOPS, llm=FakeLLM(""))


def test_an_unknown_prompt_is_named(news: Library) -> None:
    with pytest.raises(PromptNotFound, match="ask/nothing"):
        news.ask(TROOPS, prompt="ask/nothing")
    with pytest.raises(PromptNotFound, match="summarize/haiku"):
        news.summarize(style="haiku")


def test_your_own_prompts_come_first(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    (folder / "ask").mkdir(parents=True)
    (folder / "ask" / "plain.prompty").write_text(
        "---\nname: ask/plain\ndescription: Mine.\nversion: '7'\ninputs:\n  question:\n    type: string\n"
        "  passages:\n    type: array\n---\nuser:\nIn my words: {{ question }}\n"
        "{% for p in passages %}{{ p.text }}\n{% endfor %}",
        encoding="utf-8",
    )
    llm = FakeLLM("Parliament approved the budget on Tuesday evening.")
    with Library(tmp_path / "news.lance", prompts=folder, llm=llm) as library:
        library.add(Article(text="Parliament approved the budget on Tuesday evening."))
        answer = library.ask("What did parliament approve?")
    assert answer.prompt is not None
    assert answer.prompt.version == "7"
    assert llm.requests[0][-1].content.startswith("In my words: What did parliament approve?")


def test_a_temporary_library_is_removed() -> None:
    with Library() as library:
        library.add(Article(text="Parliament approved the budget on Tuesday evening."))
        folder = library.path
        assert folder.exists()
        assert "temporary" in repr(library)
    assert not folder.exists()


def test_a_library_stays_on_disk(tmp_path: Path) -> None:
    with Library(tmp_path / "news.lance") as library:
        library.add(SAMPLES)
        first = library.ask(TROOPS)
    with Library(tmp_path / "news.lance", read_only=True) as library:
        again = library.ask(TROOPS)
        assert "12 articles" in repr(library)
    assert again.text == first.text
    assert again.citations == first.citations


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ODD_TEXT, ODD_TEXT)
def test_citations_are_exact_over_odd_texts(text: str, other: str) -> None:
    """Through the store and back: what is cited is what the stored article holds, and what was given."""
    with Library() as library:
        given_texts = {Article(text=t, id=str(i)).id: t for i, t in enumerate((text, other))}
        articles = [Article(text=t, id=i) for i, t in given_texts.items() if t.strip()]
        if not articles:
            return
        library.add(articles)
        for question in ("Who left on Aug. 19?", (text.strip() or other.strip())[:80]):
            made = [library.ask(question), library.summarize()]
            if parse(question).plain or words_of(parse(question).text):
                made.append(library.summarize(question))
            else:
                with pytest.raises(ArgumentError, match="no words to look for"):
                    library.summarize(question)
            for written in made:
                for citation in written.citations:
                    assert given_texts[citation.article.id][citation.span.start : citation.span.end] == citation.quote


def test_a_megabyte_on_one_line(tmp_path: Path) -> None:
    text = "The council approved the harbour plan on Friday. " * 22_000
    with Library(tmp_path / "news.lance") as library:
        library.add(Article(text=text.strip(), title="Harbour"))
        answer = library.ask("What did the council approve?")
        assert answer.answered
        assert len(answer.claims) == 1
        check_citations(answer, library)
