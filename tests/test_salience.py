from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.alignment.sentences import Sentence
from toolkit.embeddings import StaticEmbedding
from toolkit.errors import ArgumentError
from toolkit.language.lengths import word_count
from toolkit.passages import split
from toolkit.summaries.centrality import telling_keys, term_rows, walk
from toolkit.summaries.picking import sentences_in_order
from toolkit.summaries.salience import summary_sentences
from toolkit.summaries.standing import readable, speech
from toolkit.types import Article, Hit

FIRE = """(AP) — A fire destroyed two warehouses in the port of Hamburg on Monday. Nobody was hurt, the fire \
brigade said. It took 200 firefighters four hours to put the flames out. The port of Hamburg is the third largest in \
Europe. Police said that the fire broke out in a warehouse where batteries were stored. "We could see the smoke from \
ten kilometres away," said Karin Meyer, who lives in Altona. "I have never seen anything like it. My children were \
frightened." She closed her windows. Who will pay for the damage? Read more: Fires in European ports. The owner, \
Nordlager, put the damage at 40 million euros and said that the warehouses were insured."""


def sentences_in(article: Article) -> list[Sentence]:
    return sentences_in_order([Hit(passage=passage, score=0.0, article=article) for passage in split(article)])


def vectors_of(sentences: list[Sentence]) -> np.ndarray:
    return StaticEmbedding().embed([sentence.text for sentence in sentences])


def summary(text: str, most: int = 3, **options: object) -> list[str]:
    sentences = sentences_in(Article(text=text, id="a"))
    picks = summary_sentences(None, sentences, vectors_of(sentences), None, most, **options)  # type: ignore[arg-type]
    return [pick.sentence.text for pick in picks]


def standing_of(text: str, which: int = 0) -> str:
    return readable(sentences_in(Article(text=text))[which]).standing


def test_the_news_comes_first_and_without_its_dateline():
    picked = summary(FIRE)
    assert picked[0] == "A fire destroyed two warehouses in the port of Hamburg on Monday."
    assert all(text in FIRE for text in picked)


def test_questions_links_and_speech_without_a_speaker_are_never_picked():
    picked = " ".join(summary(FIRE, most=50))
    assert "Who will pay" not in picked
    assert "Read more" not in picked
    assert "Nordlager" in picked


def test_a_pronoun_stands_only_behind_the_sentence_that_says_who():
    sentences = sentences_in(Article(text=FIRE))
    texts = [sentence.text for sentence in sentences]
    for most in range(1, 12):
        picked = [p.sentence for p in summary_sentences(None, sentences, vectors_of(sentences), None, most)]
        for nth, sentence in enumerate(picked):
            if sentence.text.startswith(("It ", "She ")):
                before = texts[[s.span.end for s in sentences].index(sentence.span.end) - 1]
                assert nth
                assert before.endswith(picked[nth - 1].text)


@pytest.mark.parametrize(
    ("text", "which", "standing"),
    [
        ("The minister resigned on Friday. He had been ill.", 0, "stands"),
        ("The minister resigned on Friday. He had been ill for months.", 1, "leans"),
        ("Prices rose last month. However, wages rose faster than prices.", 1, "leans"),
        ("The talks failed. In a letter sent on Monday she blamed the unions.", 1, "leans"),
        ("The talks failed. In a letter sent on Monday Anna Berg blamed the unions.", 1, "stands"),
        ("The talks failed. Incredibly, she blamed the unions.", 1, "leans"),
        ("The talks failed. There was no sign of a deal on Monday.", 1, "stands"),
        ("The talks failed. The pair will meet again in March.", 1, "leans"),
        ("The talks failed. The man, who was not named, was released.", 1, "stands"),
        ("The talks failed. “We tried all that we could,” he said.", 1, "leans"),
        ("The talks failed. “We tried all that we could,” said Anna Berg.", 1, "stands"),
        ("The talks failed. “We tried all that we could.”", 1, "leans"),
        ("Anna Berg said: 'We tried. All that we could do was done.'", 0, "stands"),
        ("It was the worst storm in a century, Anna Berg said.", 0, "stands"),
        ("She has lived in Oslo for a year, and Anna Berg likes it there.", 0, "stands"),
        ("The talks failed. Some of them stayed in Brussels for another day.", 1, "leans"),
        ("The talks failed. With these words the minister left the room.", 1, "leans"),
        ("It also warns that Britain may have to allow boats in.", 0, "leans"),
        ("His field goal is good, and the Buffs take the lead.", 0, "leans"),
        ("- Training for the armed forces.", 0, "never"),
        ("- The ministers agreed on Monday to train the armed forces of both countries.", 0, "stands"),
        ("3. **Help by air.** This could mean patrols over the border.", 0, "never"),
        ("What will they do now in Brussels?", 0, "never"),
        ("Sign up for our newsletter and get the news every day.", 0, "never"),
        ("Anna Berg (pictured) has resigned from the council.", 0, "never"),
        ("Editing by Anna Berg and Karl Lund in Oslo.", 0, "never"),
        ("Additional reporting by Karl Lund.", 0, "never"),
        ("Copyright holders sued the company in March.", 0, "stands"),
        ("Media sources said that the minister would resign.", 0, "stands"),
        ("Anna Berg, who leads the council", 0, "never"),
        ("7:30 8:15 9:00 12.4 13.5 16.", 0, "never"),
        ("Oakham A were beaten by Milford on Saturday afternoon.", 0, "stands"),
        ("The visitors Oakham A beat Milford B on Saturday.", 0, "stands"),
        ("An earlier version of this article gave another day for the vote.", 0, "never"),
        ("EMBARGOED UNTIL 00:01 on Thursday, Aug. 21.", 0, "never"),
    ],
)
def test_standing(text: str, which: int, standing: str):
    assert standing_of(text, which) == standing


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("(CNN)The minister resigned on Friday.", "The minister resigned on Friday."),
        ("(Reuters) - The minister resigned on Friday.", "The minister resigned on Friday."),
        ("By Anna Berg — The minister resigned on Friday.", "The minister resigned on Friday."),
        ("- The minister resigned on Friday.", "The minister resigned on Friday."),
        ("LONDON, Aug 19 — The minister resigned on Friday.", None),
        (
            "Guilty: Glenn Lund will repay it A bank manager who stole from customers must repay every penny.",
            "A bank manager who stole from customers must repay every penny.",
        ),
        (
            "Anna Berg prepares to come on at the stadium However, striker Karl Lund scored the first goal for Oslo.",
            "However, striker Karl Lund scored the first goal for Oslo.",
        ),
        ("The talks of Nurse A with her employer went on for weeks.", None),
        ("The leaders of Serie A will vote on the plan in May.", None),
    ],
)
def test_what_stands_before_a_sentence_is_cut_off(text: str, left: str | None):
    (sentence,) = sentences_in(Article(text=text))
    shown = readable(sentence).sentence
    assert shown.text == (left or text)
    assert shown.span.end == sentence.span.end


def test_a_sentence_behind_a_caption_does_not_lean_on_what_stood_before_it():
    text = "Karl Lund resigned on Friday. Anna Berg waves to the crowd in Oslo He will be followed by a younger man."
    (_, second) = sentences_in(Article(text=text))
    assert readable(second).standing == "never"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said: "We go." She did not.', ['"We go."']),
        ("The players' union said: 'We aren't ready.' Then it left.", ["'We aren't ready.'"]),
        ("“One.\n\n“Two.” Three.", ["“One.", "“Two.”"]),
        ("It's the dog's bone.", []),
        ('A 5" screen and a 7" one.', []),
    ],
)
def test_speech(text: str, quoted: list[str]):
    assert [text[start:end] for start, end in speech(text)] == quoted


def test_words_are_never_more_than_asked_for():
    for words in range(12, 120, 7):
        picked = summary(FIRE, most=50, words=words)
        assert picked
        assert sum(map(word_count, picked)) <= words


def test_when_no_sentence_fits_the_shortest_one_that_stands_is_picked_alone():
    assert summary(FIRE, most=5, words=3) == ["Nobody was hurt, the fire brigade said."]


def test_weights_decide_between_stories():
    texts = ["The mayor of Oslo opened a new bridge on Monday.", "The mayor of Bergen opened a new school on Monday."]
    sentences = [s for n, text in enumerate(texts) for s in sentences_in(Article(text=text, id=str(n)))]
    for heavy in (0, 1):
        weights = [9.0 if n == heavy else 1.0 for n in range(2)]
        (pick,) = summary_sentences(None, sentences, vectors_of(sentences), None, 1, weights=weights)
        assert pick.sentence.text == texts[heavy]


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, float("nan")], [1.0, -2.0]])
def test_weights_that_cannot_be(weights: list[float]):
    sentences = sentences_in(Article(text="Oslo opened a new bridge. Bergen opened a new school."))
    with pytest.raises(ArgumentError, match="weight"):
        summary_sentences(None, sentences, None, None, 1, weights=weights)


def test_a_query_draws_the_choice():
    sentences = sentences_in(Article(text=FIRE))
    query = "how much is the damage"
    about = StaticEmbedding().embed_query(query)
    (pick,) = summary_sentences(query, sentences, vectors_of(sentences), about, 1)
    assert "40 million euros" in pick.sentence.text
    more = summary_sentences(query, sentences, vectors_of(sentences), about, 50)
    assert 1 <= len(more) < len(summary(FIRE, most=50))


def test_many_articles_share_a_summary():
    topics = ["fire at the port of Hamburg", "vote in the parliament of Norway", "strike at the airport of Rome"]
    texts = [
        f"The {topic} began on Monday. The {topic} ended on Friday after long talks with everybody." for topic in topics
    ]
    sentences = [s for n, text in enumerate(texts) for s in sentences_in(Article(text=text, id=str(n)))]
    picks = summary_sentences(None, sentences, vectors_of(sentences), None, 3)
    assert {pick.sentence.article.id for pick in picks} == {"0", "1", "2"}


@pytest.mark.parametrize("text", ["", " \n ", "?", "Why?", "Headline without an end"])
def test_nothing_to_pick(text: str):
    assert summary(text) == []


def test_no_room_is_no_summary():
    assert summary(FIRE, most=0) == []
    assert summary(FIRE, words=0) == []


def test_centrality_is_that_of_the_whole_graph():
    texts = ["Oslo opens a bridge.", "The bridge in Oslo is open.", "Bergen closes a school.", "Oslo is large.", "Hm."]
    keys = [telling_keys(text) for text in texts]
    terms = term_rows(keys)
    dense = np.zeros((terms.count, terms.width))
    dense[terms.rows, terms.columns] = terms.values
    graph = dense @ dense.T
    np.fill_diagonal(graph, 0)
    degree = graph.sum(axis=1)
    steps = np.divide(graph, degree[:, None], out=np.zeros_like(graph), where=degree[:, None] > 0)
    rank = np.full(5, 0.2)
    for _ in range(200):
        rank = 0.85 * steps.T @ rank
        rank += (1 - rank.sum()) / 5
    assert walk(terms, np.ones(5)) == pytest.approx(rank * 5, abs=1e-3)


def test_memory_does_not_grow_with_the_square():
    words = [f"w{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(3000)]
    drawn = np.random.default_rng(0)
    texts = [" ".join(words[n] for n in row) for row in drawn.integers(0, 3000, (3_000, 10))]
    sentences = [
        Sentence(article=article, span=article.span(0, len(article.text)))
        for article in (Article(text=f"Minister {text}.", id=str(n)) for n, text in enumerate(texts))
    ]
    tracemalloc.start()
    picks = summary_sentences(None, sentences, None, None, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(picks) == 5
    assert peak < 36_000_000  # the matrix of all pairs would take 72 MB


WORDS = st.sampled_from(
    "The minister of Norway said on Monday that he and she would open a bridge in Oslo but it cost 40 million euros "
    "“We will” 'not' (pictured) \n\n? . ! However, A".split(" ")
)
TEXTS = st.lists(st.lists(WORDS, max_size=60).map(" ".join), max_size=4)


@settings(max_examples=150, deadline=None)
@given(texts=TEXTS, most=st.integers(0, 6), words=st.none() | st.integers(1, 60), odd=st.booleans())
def test_whatever_the_text(texts: list[str], most: int, words: int | None, odd: bool):
    articles = [Article(text=text, id=f"a{n}", published=f"2025-08-1{n}") for n, text in enumerate(texts)]
    sentences = [sentence for article in articles for sentence in sentences_in(article)]
    vectors = vectors_of(sentences) if sentences else np.zeros((0, 256), np.float32)
    if odd:
        vectors = vectors * np.float32("nan")
    picks = summary_sentences("a bridge in Oslo", sentences, vectors, vectors[:1].sum(axis=0), most, words=words)
    spans = [pick.sentence.span for pick in picks]
    assert len(picks) <= most
    assert len(set(spans)) == len(spans)
    assert spans == sorted(spans, key=lambda span: (span.article_id, span.start))
    assert all(np.isfinite(pick.score) and pick.score > 0 for pick in picks)
    if words is not None and len(picks) > 1:
        assert sum(word_count(pick.sentence.text) for pick in picks) <= words
    whole = {(s.span.article_id, s.span.end): s.span.start for s in sentences}
    for pick in picks:
        span = pick.sentence.span
        assert pick.sentence.text == pick.sentence.article.text[span.start : span.end]
        assert whole[span.article_id, span.end] <= span.start
        assert readable(pick.sentence).standing != "never"
    again = summary_sentences("a bridge in Oslo", sentences, vectors, vectors[:1].sum(axis=0), most, words=words)
    assert again == picks
