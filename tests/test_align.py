"""A claim passes only when its names, numbers, dates and denial agree with the span: these tests block a release."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from claims import ACCEPTED, check_accepted, sentences_from
from hypothesis import given
from hypothesis import strategies as st
from strategies import ODD_TEXT

from toolkit import Article, Claim, verify
from toolkit.align import align, cited, find_support
from toolkit.alignment.sentences import Markers, marked_text, plain_sentences
from toolkit.types import Citation, Span

BORDER = "France will send 2,000 troops to the border next month. Germany said it will not send troops."
GUARANTEES = (
    "European officials discussed a plan to send British and French troops with contingents from roughly 10 other "
    "countries on Aug. 19. U.S. involvement is uncertain. The Kremlin has rejected the presence of NATO troops in "
    "Ukraine. President Putin met Witkoff in Moscow on Tuesday. He did not agree to a ceasefire. The package costs "
    "$3.5 billion, or 12 percent of the budget. Finland and Sweden joined the talks, but Hungary did not."
)

TRAPS = [
    (BORDER, "Poland will send troops to the border", False),
    (BORDER, "Poland will send troops", False),
    (BORDER, "Germany will send troops", False),
    (BORDER, "Germany will send troops to the border next month", False),
    (BORDER, "France will send 200 troops", False),
    (BORDER, "France sent 2,000 troops last month", False),
    (BORDER, "France will not send troops", False),
    (BORDER, "France will send 2,000 troops to the border last month", False),
    (BORDER, "France will send 20,000 troops to the border next month", False),
    (BORDER, "France said it will not send troops to the border next month", False),
    (BORDER, "France is to send 2,000 troops", True),
    (BORDER, "Germany will not send troops", True),
    (BORDER, "2,000 French troops will go to the border next month", True),
    (BORDER, "Germany won’t send soldiers", True),
    (BORDER, "FRANCE WILL SEND TWO THOUSAND TROOPS TO THE BORDER NEXT MONTH", True),
    (GUARANTEES, "Britain and France will send troops with contingents from roughly 10 other countries", False),
    (GUARANTEES, "The U.K. and France could send troops with contingents from about ten other countries", True),
    (GUARANTEES, "The U.K. and France could send troops with contingents from 30 other countries", False),
    (GUARANTEES, "Officials discussed a plan to send British and Polish troops", False),
    (GUARANTEES, "European officials discussed the plan on Aug. 20", False),
    (GUARANTEES, "European officials discussed the plan on August 19", True),
    (GUARANTEES, "The Kremlin rejects NATO troops in Ukraine", True),
    (GUARANTEES, "The Kremlin accepts the presence of NATO troops in Ukraine", False),
    (GUARANTEES, "The Kremlin has not rejected the presence of NATO troops", False),
    (GUARANTEES, "The White House has rejected the presence of NATO troops in Ukraine", False),
    (GUARANTEES, "U.S. involvement is certain", False),
    (GUARANTEES, "Putin met Witkoff in Moscow on Tuesday", True),
    (GUARANTEES, "Putin met Witkoff in Moscow on Wednesday", False),
    (GUARANTEES, "Putin met Witkoff in Minsk on Tuesday", False),
    (GUARANTEES, "Putin met Rubio in Moscow on Tuesday", False),
    (GUARANTEES, "Putin will meet Witkoff in Moscow", False),
    (GUARANTEES, "Putin did not agree to a ceasefire", True),
    (GUARANTEES, "Putin agreed to a ceasefire", False),
    (GUARANTEES, "The package costs $3.5 billion", True),
    (GUARANTEES, "The package costs $3.5 million", False),
    (GUARANTEES, "The package costs 12 percent of the budget", True),
    (GUARANTEES, "The package costs 21 percent of the budget", False),
    (GUARANTEES, "Finland joined the talks", True),
    (GUARANTEES, "Hungary joined the talks", False),
    (GUARANTEES, "Norway joined the talks", False),
    (GUARANTEES, "The 2022 World Cup was won by France", False),
    (GUARANTEES, "The capital of Australia is Canberra", False),
    (GUARANTEES, "Yes", False),
]

HARBOUR = (
    "The port of Aldmouth will lay off between 10 and 12 percent of its 4,500 workers, its director Maren Oduya said "
    "on Thursday. Profits fell by $3.5 million last spring. The Dock Workers Union (DWU) rejected the plan. Two dozen "
    "cranes stand idle. The council approved a loan of about 40 million euros, but the ministry did not."
)
CLASH = (
    "Northland attacked the island of Sorrel in March. The rebels were defeated by government soldiers near the river. "
    "Elena Petrov told Tomas Varga that the talks had failed. Varga denied that his party took money from Northland. "
    "Some 300 people fled, and 12 were killed. It is unlikely that the border will reopen this year."
)
COURT = (
    "Judge Ines Calloway dismissed the lawsuit against Brightwell Foods on 4 June 2024. The company was not ordered to "
    "pay damages. Brightwell supports the new labelling law, while its rival Hartman opposes it. Prices rose by 8 "
    "percent after the verdict. Analysts say shares could fall further. The outcome of the appeal is uncertain."
)
SPORT = (
    "Dalia Reyes won the marathon in Osaka in two hours and 21 minutes. Kenya’s Grace Lomu finished second. Organisers "
    "said 18,000 runners took part. Reyes had lost the race in 2019. If the weather holds, the relay will be run on "
    "Sunday. No records were broken."
)

TRAPS += [
    # numbers, units, ranges
    (HARBOUR, "The port will lay off 10 to 12 percent of its workers", True),
    (HARBOUR, "The port will lay off 10-12 per cent of its 4,500 workers", True),
    (HARBOUR, "The port will lay off 10 percent of its workers", False),
    (HARBOUR, "The port will lay off 15 percent of its workers", False),
    (HARBOUR, "Profits fell by $3.5 million", True),
    (HARBOUR, "Profits fell by 3.5 million dollars", True),
    (HARBOUR, "Profits fell by 3.5 percent", False),
    (HARBOUR, "Profits fell by €3.5 million", False),
    (HARBOUR, "Profits rose by $3.5 million", False),
    (HARBOUR, "24 cranes stand idle", True),
    (HARBOUR, "Two dozen cranes are standing idle", True),
    (HARBOUR, "Two cranes stand idle", False),
    (HARBOUR, "The council approved a loan of roughly 40 million euros", True),
    (HARBOUR, "The council approved a loan of 42 million euros", True),
    (HARBOUR, "The council approved a loan of 60 million euros", False),
    (HARBOUR, "The ministry approved a loan of about 40 million euros", False),
    (HARBOUR, "The Dock Workers Union rejected the plan", True),
    (HARBOUR, "The DWU rejected the plan", True),
    (HARBOUR, "The DWU accepted the plan", False),
    (HARBOUR, "The DWU did not reject the plan", False),
    (HARBOUR, "Oduya said on Thursday that the port will lay off workers", True),
    (HARBOUR, "Oduya said on Friday that the port will lay off workers", False),
    (HARBOUR, "The port might lay off between 10 and 12 percent of its workers", True),
    (HARBOUR, "The port laid off between 10 and 12 percent of its workers", False),
    (HARBOUR, "The port of Aldmouth will lay off workers", True),
    (HARBOUR, "The port of Grenwick will lay off workers", False),
    # who did what to whom, and who said it
    (CLASH, "Northland attacked Sorrel", True),
    (CLASH, "Sorrel was attacked by Northland in March", True),
    (CLASH, "Sorrel attacked Northland", False),
    (CLASH, "Northland was attacked by Sorrel", False),
    (CLASH, "Northland attacked the island of Sorrel in April", False),
    (CLASH, "Government soldiers defeated the rebels near the river", True),
    (CLASH, "The rebels defeated government soldiers near the river", False),
    (CLASH, "Petrov told Varga that the talks had failed", True),
    (CLASH, "Varga told Petrov that the talks had failed", False),
    (CLASH, "Petrov told Varga that the talks had succeeded", False),
    (CLASH, "Varga’s party took money from Northland", False),
    (CLASH, "his party took money from Northland", False),
    (CLASH, "Varga denied that his party took money", True),
    (CLASH, "300 people fled and 12 were killed", True),
    (CLASH, "12 people fled and 300 were killed", False),
    (CLASH, "The border will reopen this year", False),
    (CLASH, "the border will reopen this year", False),
    (CLASH, "The rebels were not defeated by government soldiers", False),
    # dates, opposites, clauses
    (COURT, "The judge dismissed the lawsuit against Brightwell Foods on June 4, 2024", True),
    (COURT, "Calloway dismissed the lawsuit on 2024-06-04", True),
    (COURT, "Calloway dismissed the lawsuit on 4 July 2024", False),
    (COURT, "Calloway dismissed the lawsuit on 4 June 2023", False),
    (COURT, "Ines Calloway dismissed the lawsuit against Brightwell Foods", True),
    (COURT, "Ines Hartman dismissed the lawsuit against Brightwell Foods", False),
    (COURT, "Brightwell Foods was ordered to pay damages", False),
    (COURT, "The company wasn’t ordered to pay damages", True),
    (COURT, "Brightwell supports the new labelling law", True),
    (COURT, "Brightwell opposes the new labelling law", False),
    (COURT, "Hartman supports the new labelling law", False),
    (COURT, "Prices increased by eight percent after the verdict", True),
    (COURT, "Prices fell by 8 percent after the verdict", False),
    (COURT, "Prices rose by 8 dollars after the verdict", False),
    (COURT, "Shares could fall further", True),
    (COURT, "Shares will fall further", False),
    (COURT, "The outcome of the appeal is uncertain", True),
    (COURT, "The outcome of the appeal is certain", False),
    # more of each
    (SPORT, "Dalia Reyes won the marathon in Osaka", True),
    (SPORT, "The marathon in Osaka was won by Dalia Reyes", True),
    (SPORT, "Grace Lomu won the marathon in Osaka", False),
    (SPORT, "Grace Reyes won the marathon in Osaka", False),
    (SPORT, "Dalia Reyes lost the marathon in Osaka", False),
    (SPORT, "Reyes won the marathon in Kyoto", False),
    (SPORT, "Lomu, who is Kenyan, finished second", True),
    (SPORT, "Lomu of Ethiopia finished second", False),
    (SPORT, "Eighteen thousand runners took part", True),
    (SPORT, "Organisers said that 18,000 runners took part", True),
    (SPORT, "Organisers said 1,800 runners took part", False),
    (SPORT, "Reyes had lost the race in 2019", True),
    (SPORT, "Reyes had lost the race in 2018", False),
    (SPORT, "the relay will be run on Sunday", False),
    (SPORT, "The relay was run on Sunday", False),
    (SPORT, "Records were broken", False),
    (SPORT, "No records were broken", True),
]


FARE = "A ticket costs 14 crowns on Sundays. The crew won 3 games. The grant came to NOK 200,000."

TRAPS += [
    (FARE, "A ticket costs 14 crowns", True),
    (FARE, "A ticket costs 14 kronor on Sundays", True),
    (FARE, "A ticket costs 14 pesos on Sundays", False),
    (FARE, "A ticket costs 14 percent on Sundays", False),
    (FARE, "The grant came to 200,000 kroner", True),
    (FARE, "The grant came to 200,000 forints", False),
    (FARE, "The crew won three games", True),
]


@pytest.mark.parametrize(("source", "claim", "accepted"), TRAPS)
def test_traps(source: str, claim: str, accepted: bool) -> None:
    found = check_accepted(claim, source, accepted)
    if found.verdict in (*ACCEPTED, "contradicted"):
        assert found.citations


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("“We won’t go,” he said — again.", '"We won\'t go," he said - again.'),
        (
            "The ofﬁcial spoke of rein-\nforcements in Kyiv\u00a0today.",
            "The official spoke of reinforcements in Kyiv today.",
        ),
        ("António Costa spoke of terms.", "Antonio Costa spoke of terms."),
        ("Anto\u0301nio Costa spoke of terms.", "António Costa spoke of terms."),
        ("The pro\u00adgramme costs £5 mil\u200blion.", "The programme costs £5 million."),
        ("他说法国将派遣军队。", "他说法国将派遣军队。"),
        ("Кремль отверг войска НАТО.", "Кремль отверг войска НАТО."),
    ],
)
def test_a_faithful_quote_is_not_refused_for_its_typography(source: str, claim: str) -> None:
    found = verify(claim, source)
    assert found.verdict == "quoted"
    assert found.citations[0].quote == source


def test_a_part_of_a_sentence_is_quoted_exactly() -> None:
    found = verify("contingents from roughly 10 other countries", GUARANTEES)
    assert found.verdict == "quoted"
    assert found.citations[0].quote == "contingents from roughly 10 other countries"


def test_words_quoted_out_of_a_denial_are_not_quoted() -> None:
    found = verify("send troops to the border", "The minister said it will not send troops to the border.")
    assert found.verdict == "contradicted"


def test_what_differs_is_named() -> None:
    found = verify("France will send 200 troops", BORDER)
    assert found.verdict == "contradicted"
    assert [(d.kind, d.claim, d.source) for d in found.differences] == [("number", "200", "2,000")]


def test_a_claim_over_two_sentences_cites_both() -> None:
    source = "Costa spoke in Brussels. He said that terms would come in the coming days."
    found = verify("Costa said in Brussels that terms would come in the coming days", source)
    assert found.verdict == "supported"
    assert [c.quote for c in found.citations] == source.replace(". ", ".|").split("|")


def test_a_subject_is_not_borrowed_from_another_sentence() -> None:
    source = "France will send troops to the border. Poland is neutral."
    assert verify("Poland will send troops to the border", source).verdict not in ACCEPTED


def test_a_claim_may_name_the_year_of_publication() -> None:
    article = Article(text="The summit discussed a peace deal on Aug. 18.", published=datetime(2025, 8, 19, tzinfo=UTC))
    assert verify("The summit discussed a peace deal on August 18, 2025", article).verdict == "supported"
    assert verify("The summit discussed a peace deal on August 18, 2024", article).verdict not in ACCEPTED


@pytest.mark.parametrize(
    ("claim", "accepted"),
    [
        ("The envoys met in Geneva on Aug. 19", True),
        ("The envoys met in Geneva on 2025-08-19", True),
        ("The envoys met in Geneva on Tuesday", True),
        ("The envoys met in Geneva in August", True),
        ("The envoys met in Geneva on Aug. 18", False),
        ("The envoys met in Geneva on Wednesday", False),
        ("A draft was signed on August 20, 2025", True),
        ("A draft was signed on August 21", False),
        ("Exports collapsed in 2024", True),
        ("Exports collapsed in 2023", False),
    ],
)
def test_relative_dates_are_read_by_the_articles_date(claim: str, accepted: bool) -> None:
    text = "The envoys met in Geneva on Tuesday. A draft was signed yesterday. Exports collapsed last year."
    article = Article(text=text, published=datetime(2025, 8, 21, tzinfo=UTC))
    check_accepted(claim, article, accepted)


@pytest.mark.parametrize(
    ("source", "claim", "kind"),
    [
        (CLASH, "Sorrel attacked Northland", "name"),
        (CLASH, "Varga told Petrov that the talks had failed", "name"),
        (HARBOUR, "Profits rose by $3.5 million", "negation"),
        (HARBOUR, "The port laid off between 10 and 12 percent of its workers", "modality"),
        (COURT, "Calloway dismissed the lawsuit on 4 July 2024", "date"),
        (COURT, "Prices rose by 8 dollars after the verdict", "number"),
    ],
)
def test_a_difference_has_its_kind(source: str, claim: str, kind: str) -> None:
    assert kind in {difference.kind for difference in verify(claim, source).differences}


def test_a_first_name_that_the_article_gives_elsewhere_is_known() -> None:
    source = "Prime Minister Keir Starmer arrived late. Starmer rejected the offer."
    assert verify("Keir Starmer rejected the offer", source).verdict in ACCEPTED
    assert verify("Rodney Starmer rejected the offer", source).verdict not in ACCEPTED


def test_the_same_span_keeps_its_number() -> None:
    article = Article(text=BORDER)
    sentences = sentences_from(article)
    markers = Markers()
    claims = [align(text, sentences, markers) for text in ("Germany will not send troops", BORDER[:55], BORDER[56:])]
    assert [[c.marker for c in claim.citations] for claim in claims] == [[1], [2], [1]]
    assert [c.marker for c in markers.citations] == [1, 2]


def test_markers_and_bullets_of_a_model_are_taken_off() -> None:
    reply = "- **France** will send troops [1][2].\n2. Germany will not [Source 3].\n\nThat is all [^4]."
    assert plain_sentences(reply) == ["France will send troops.", "Germany will not.", "That is all."]


@pytest.mark.parametrize(
    "claim",
    [
        "The countries mentioned in the articles are the United Kingdom, France and roughly 10 other countries.",
        "According to the articles, British and French troops might be sent with contingents from about 10 countries.",
        "The articles mention that U.S. involvement is uncertain.",
        "European countries discussed a plan to send U.K. and French troops with roughly 10 other countries.",
    ],
)
def test_what_a_model_says_about_its_sources_is_no_part_of_the_claim(claim: str) -> None:
    assert verify(claim, GUARANTEES).verdict in ACCEPTED


def test_years_in_brackets_stay_and_thinking_goes() -> None:
    assert plain_sentences("In [2022] it was different.") == ["In [2022] it was different."]
    assert plain_sentences("<think>Hm. Who?</think>\n## Answer\nFrance will send troops.") == [
        "France will send troops."
    ]


def test_a_wrong_citation_cannot_be_made() -> None:
    article = Article(text=BORDER)
    with pytest.raises(ValueError, match="the quote is not at"):
        Citation(marker=1, span=article.span(0, 6), quote="Poland", article=article)
    with pytest.raises(ValueError, match="span of"):
        Citation(marker=1, span=Span(article_id="other", start=0, end=6), quote="France", article=article)


def check_citations(claim: Claim) -> None:
    for citation in claim.citations:
        assert citation.article.text[citation.span.start : citation.span.end] == citation.quote


@given(ODD_TEXT, st.data())
def test_every_citation_is_the_articles_own_characters(text: str, data: st.DataObject) -> None:
    """Claims cut from anywhere in the text, claims in other words, claims over other texts: always exact."""
    start = data.draw(st.integers(0, len(text)))
    claim = text[start : data.draw(st.integers(start, len(text)))]
    other = data.draw(ODD_TEXT)
    articles = [Article(text=source) for source in (text, other)]
    sentences = sentences_from(*articles)
    for wording in (claim, other, claim.upper(), "Germany sent " + claim):
        check_citations(align(wording, sentences, Markers()))


@given(ODD_TEXT)
def test_every_sentence_of_a_text_is_quoted_by_itself(text: str) -> None:
    sentences = sentences_from(Article(text=text))
    for sentence in sentences:
        found = align(sentence.text, sentences, Markers())
        if any(token.content for token in sentence.tokens):
            assert found.verdict == "quoted"
            assert found.citations[0].quote.strip()


def test_two_publishers_that_say_so_are_both_cited() -> None:
    one = Article(text="The council approved the harbour plan on Friday, officials said.", publisher="Harbour Wire")
    other = Article(text="On Friday the harbour plan was approved by the town council.", publisher="Coast Daily")
    claim = align("The council approved the harbour plan on Friday", sentences_from(one, other), Markers())
    assert claim.verdict in ACCEPTED
    assert {citation.article.publisher for citation in claim.citations} == {"Harbour Wire", "Coast Daily"}


def test_a_copy_is_no_second_source() -> None:
    one = Article(text="The council approved the harbour plan on Friday, officials said.", publisher="Harbour Wire")
    copy = Article(text="The council approved the harbour plan Friday, officials said.", publisher="Coast Daily")
    claim = align("The council approved the harbour plan on Friday", sentences_from(one, copy), Markers())
    assert len(claim.citations) == 1


def test_another_article_that_gives_the_number_otherwise_contradicts() -> None:
    one = Article(text="The council will plant 400 trees along the harbour.", publisher="Harbour Wire")
    other = Article(text="The council will plant 40 trees along the harbour.", publisher="Coast Daily")
    claim = align("The council will plant 400 trees along the harbour", sentences_from(one, other), Markers())
    assert claim.verdict == "contradicted"
    assert [citation.quote[:31] for citation in claim.citations] == [
        "The council will plant 400 tree",
        "The council will plant 40 trees",
    ]
    assert [(d.kind, d.claim, d.source) for d in claim.differences] == [("number", "400", "40")]


def test_a_rival_is_cited_however_many_spans_the_claim_needs() -> None:
    one = Article(text="The council met. It will plant 400 trees. They stand along the harbour.", publisher="Wire")
    other = Article(text="The council will plant 40 trees along the harbour.", publisher="Coast Daily")
    sentences = sentences_from(one, other)
    whole = tuple((one, sentence.span) for sentence in sentences if sentence.article is one)
    best = find_support("The council will plant 400 trees along the harbour", sentences_from(one))
    rival = find_support("The council will plant 400 trees along the harbour", sentences_from(other))
    assert best is not None
    assert rival is not None
    claim = cited(
        "The council will plant 400 trees along the harbour",
        [replace(best, verdict="supported", spans=whole), rival],
        Markers(),
    )
    assert claim.verdict == "contradicted"
    assert len(claim.citations) == 3
    assert {citation.article.publisher for citation in claim.citations} == {"Wire", "Coast Daily"}


def test_repeated_quotes_take_successive_occurrences() -> None:
    article = Article(text="“We will not go,” he said. Nobody moved. “We will not go,” he said.")
    sentences, markers = sentences_from(article), Markers()
    first, second, third = (align("“We will not go,” he said.", sentences, markers) for _ in range(3))
    starts = [claim.citations[0].span.start for claim in (first, second, third)]
    assert starts[0] == 0
    assert starts[1] == article.text.rindex("“We")
    assert starts[2] == 0


def test_what_is_not_borne_out_is_marked_in_the_text_too() -> None:
    sentences, markers = sentences_from(Article(text=BORDER)), Markers()
    claims = [align(c, sentences, markers) for c in ("Germany will not send troops.", "Poland will send troops.")]
    assert marked_text(claims) == "Germany will not send troops. [1] Poland will send troops. (unsupported)"


FRAMED = [
    ("The vaccine causes autism.", "No evidence shows that the vaccine causes autism."),
    ("The fines will delay exports.", "The agency does not expect the fines to delay this season's exports."),
    ("The fines will delay exports.", "The agency doesn't think the fines will delay exports."),
    ("Germany will send troops.", "Germany does not plan to send troops."),
    ("Germany will send troops.", "Germany no longer plans to send troops."),
    ("The minister will resign.", "Nobody expects the minister to resign."),
    ("The bank will raise rates.", "The governor never intended the bank to raise rates."),
    ("The vaccine causes autism.", "The claim that the vaccine causes autism has been debunked."),
    ("The vaccine causes autism.", "The senator wrongly claimed that the vaccine causes autism."),
    ("The mayor took bribes.", "Prosecutors alleged that the mayor took bribes."),
    ("The army bombed the hospital.", "Rebels said the army bombed the hospital, and the army called that a lie."),
    ("Poland will send troops.", "Poland will not, under any foreseeable circumstances, send troops."),
    ("Police killed the gunman.", "The gunman killed police."),
    ("Smith killed 12 people.", "Smith was killed by 12 people."),
    ("Britain will send 2,000 troops.", "France will send 2,000 troops and Britain will send 500."),
    ("Macron resigned.", "Macron spoke on Monday. Smith resigned."),
    ("At least 5 people were hurt.", "At most 5 people were hurt."),
    ("More than 500 people died.", "Fewer than 500 people died."),
    ("All members voted for it.", "Some members voted for it."),
    ("Members voted for the bill.", "Members voted against the bill."),
    ("It costs $5 million.", "It costs €5 million."),
    ("The meeting is in May.", "The meeting is in June."),
    ("Jones, the CEO, resigned.", "Jones, the former CEO, resigned."),
    ("They signed the deal on Monday.", "They almost signed the deal on Monday."),
    ("Poland will send troops.", "Will Poland send troops?"),
    ("He was arrested.", "Smith was arrested."),
    ("Польша направит войска в Украину.", "Польша не направит войска в Украину."),
    ("Il presidente ha firmato la legge.", "Il presidente non ha firmato la legge."),
    ("Der Kanzler schickt Truppen in die Ukraine.", "Der Kanzler schickt keine Truppen in die Ukraine."),
    ("波兰会派遣军队。", "波兰不会派遣军队。"),
]


@pytest.mark.parametrize(("claim", "source"), FRAMED)
def test_words_that_something_around_them_turns_are_not_support(claim: str, source: str) -> None:
    found = verify(claim, source)
    assert found.verdict not in ACCEPTED, (found.verdict, found.score)
    if ". " not in source:
        assert verify(source, source).verdict == "quoted"


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Germany will not send troops.", "Germany does not plan to send troops."),
        ("Germany will send troops.", "Germany, which does not want war, will send troops."),
        (
            "The agency does not expect the fines to delay exports.",
            "The agency does not expect the fines to delay this season's exports.",
        ),
    ],
)
def test_what_is_not_expected_bends_nothing_else(claim: str, source: str) -> None:
    assert verify(claim, source).verdict == "supported"


COSTA = "António Costa, the president of the European Council, said on Tuesday that the terms would be worked out soon."
TUSK = "In Poland, where he met Tusk, Macron said that the troops will go to Odesa."


@pytest.mark.parametrize(
    ("claim", "source", "borne_out"),
    [
        ("António Costa said that the terms would be worked out soon.", COSTA, True),
        ("The European Council said that the terms would be worked out soon.", COSTA, False),
        ("Starmer said that Macron backed the plan.", "Starmer, speaking in Kyiv, said that Macron backed it.", None),
        ("Macron said that the troops will go to Odesa.", TUSK, True),
        ("Tusk said that the troops will go to Odesa.", TUSK, False),
        ("U. S. officials will send air support.", "U.S. officials will send air support.", True),
        ("U.S. officials will send air support.", "U. S. officials will send air support.", True),
    ],
)
def test_who_speaks_behind_an_aside_and_acronyms_with_spaces(claim, source, borne_out):
    verdict = verify(claim, source).verdict
    if borne_out is not None:
        assert (verdict in ACCEPTED) is borne_out, verdict
    else:
        assert verdict != "contradicted"
