"""Every number that decides and was fitted to data, or chosen by eye: what counts as support, copy, refusal, order.

Each constant says its unit, what raising it does, and where it comes from. What is fitted as a whole, with its own
figures, lies in JSON files beside the code that reads them: ``alignment/support.json`` (written by
``benchmarks/fit_support.py``) and ``answering.json`` (by ``benchmarks/fit_answers.py``). Technical limits, such as
bytes, seconds and the sizes of batches, stand beside their code.

“By eye” means: chosen while reading cases, and not fitted. What moving such a number does to verdicts on public sets is
measured by ``python benchmarks/sensitivity.py DATA``; its table is in ``docs/figures.md``.
"""

from __future__ import annotations

# Claims: what is quoted, supported, partly borne out, contradicted (toolkit.align) ------------------------------------

SUPPORTED_COVERAGE = 0.75
"""Share of a claim's content, weighted by rarity, that its sources must hold to be ``supported``, however likely it is.

Unit: share, 0 to 1. Raised: fewer claims pass, true paraphrases among them. From: by eye; the
probability from which a claim is supported (``support.json``) was then fitted with it.
"""

PARTLY_COVERAGE = 0.5
"""The same share from which a claim is borne out ``partly``, and below which a disagreement says nothing.

Unit: share, 0 to 1. Raised: more claims are ``unsupported``, and fewer disagreements are shown. From: by eye.
"""

CONTRADICTED_AGREEMENT = 0.6
"""Share of the rest of a claim that must agree before a number, a day or a denial contradicts it.

Unit: share, 0 to 1. Raised: fewer claims are ``contradicted``, more ``partly``. From: by eye.
"""

QUOTED_WORDS = 4
"""Words that a verbatim run must have to count as the source's own words, unless it is a whole sentence.

Unit: words. Raised: fewer short claims are ``quoted``; they are weighed like others. From: by eye.
"""

JOINED_SCORE = 0.55
"""Probability from which several sentences together support a claim.

Unit: probability of ``support.json``. Raised: fewer claims are borne out by two or three sentences. From: FRANK's valid
split and WiCE dev, where 5 of the 11 claims that they seemed to support with less were false; single sentences did much
better (``benchmarks/verify.py``).
"""

JOINED_GAIN = 0.05
"""Share of a claim's content that a further sentence must add to be cited with the first.

Unit: share, 0 to 1. Raised: fewer sentences are cited together. From: by eye.
"""

RIVAL_AGREEMENT = 0.9
"""Share of a supported claim that another article must hold, but for one number or a denial, to contradict it.

Unit: share, 0 to 1. Raised: fewer supported claims are turned to ``contradicted`` by another article. From: by eye:
what contradicts a claim that is borne out elsewhere must be sure.
"""

ECHO_LIKENESS = 0.8
"""Share of common words in common order from which a second publisher's sentence is a copy, and is not cited beside.

Unit: ratio of Ratcliff and Obershelp (difflib), 0 to 1. Raised: more copies are cited as a second source. From: by eye.
"""

TELLING_WORDS = 3
"""Content words that a claim about “he” or “it” must have to be ``supported``.

Unit: words. Raised: more claims without a name are ``partly`` at best. From: by eye on “He was arrested” and its like.
"""

NAME_WEIGHT = 1.5
"""How much more a name or a number counts in coverage than another word of the same rarity.

Unit: factor. Raised: wrong names and numbers cost more, missing verbs less. From: by eye; ``support.json`` is fitted
with it.
"""

RAREST_WEIGHT = 2.5
"""The most that one word counts for its rarity; a common word counts about 1.

Unit: factor. Raised: single rare words decide more. From: by eye; ``support.json`` is fitted with it.
"""

CLAUSE_SHARE = 0.6
"""Share of what is covered that one side of “but” must hold to be read without the other side.

Unit: share, 0 to 1. Raised: denials in the other half of a sentence count more often. From: by eye.
"""

DOUBTED_SHARE = 0.6
"""Share of a claim's content words that a sentence of doubt (“no evidence that …”, “hoax”) must hold to deny it.

Unit: share, 0 to 1. Raised: fewer claims are denied so. From: by eye.
"""

ROUNDED = 0.5
"""Share of the larger of two numbers that the smaller one must be, when a claim says “more than” or “up to” it.

Unit: share, 0 to 1. Raised: fewer numbers bear out “more than 100”. From: by eye; “more than 100” is a fair word
for 112 and none for 900, and “at least two dead” is no report of five.
"""

APPROXIMATELY = 0.1
"""How far two numbers may lie apart, relatively, when one side says “about”.

Unit: share of the larger one. Raised: more rough numbers agree. From: by eye; “about 40” and 42 agree, 45 does not.
"""

ENTAILED = 0.5
"""Probability from which an entailment model's opinion (``nli=``) counts as support or as contradiction.

Unit: probability of the model. Raised: more opinions are ``unsupported``. From: it is more likely than not.
"""

# Sentences that say otherwise (toolkit.alignment.otherwise) -----------------------------------------------------------

SAME_MATTER = 0.6
"""Share of the shorter sentence's content words, numbers and days apart, from which two sentences are about one thing.

Unit: share, 0 to 1. Raised: fewer notes “says otherwise”. From: by eye, as the next four, while reading what the
questions of ``tests/test_otherwise.py`` found.
"""

DENIED_MATTER = 0.5
"""The same share, without names, from which a denial may be of what the other sentence states.

Unit: share, 0 to 1. Raised: fewer denials are noted.
"""

DENIED_MATTER_LONGER = 0.35
"""And the share of the longer sentence's.

Unit: share, 0 to 1. Raised: fewer denials are noted.
"""

DATED_MATTER = 0.75
"""The same share from which two days may be told of one thing.

Unit: share, 0 to 1. Raised: fewer days are noted as given otherwise.
"""

COPIED_SENTENCE = 0.85
"""Share of all their content words that two sentences have in common when one is a copy of the other.

Unit: share, 0 to 1 (Jaccard). Raised: more near copies are shown beside one another.
"""

NAME_SPELLING = 0.7
"""Likeness from which two names are one in two spellings (“Zelensky”, “Zelenskyy”), when sentences are held together.

Unit: ratio of Ratcliff and Obershelp (difflib). Raised: more spellings count as two people. From: by eye;
countries are never taken so.
"""

# Answers: what is shown and what is refused (toolkit.extract, toolkit.gates) ------------------------------------------

REPEATED_WORDS = 0.6
"""Share of the shorter one's content words from which a sentence repeats another one of the answer.

Unit: share, 0 to 1. Raised: answers repeat themselves more. From: by eye.
"""

ASKED_NAME_WEIGHT = 1.5
"""How much more a name or a number of the question counts than another word.

Unit: factor. Raised: sentences without the name are refused more often. From: by eye; ``answering.json`` is fitted with
it.
"""

TOLD_ELSEWHERE = 0.9
"""What a word of the question counts when it stands in another sentence of the passage.

Unit: factor, 0 to 1. Raised: more is taken as told by passages that spread it. From: by eye; ``answering.json`` is
fitted with it.
"""

NEIGHBOURING_WORDS = 3
"""Words within which two neighbours of the question must stand in a sentence to be in order.

Unit: words. Raised: more sentences are in order. From: by eye; ``answering.json`` is fitted with it.
"""

ASKED_NAME_SPELLING = 0.85
"""Likeness from which a name of the question and one of the articles are one in two spellings.

Unit: ratio of Ratcliff and Obershelp (difflib). Raised: more questions are refused for their names. From: by eye:
“Zelensky” and “Zelenskyy” are alike by 0.94. Countries are never taken so: “Austria” and “Australia” are by 0.88.
"""

# Who says what, and who contradicts whom (toolkit.voices) -------------------------------------------------------------

SAME_STATEMENT = 0.55
"""Share of each side's content that the other one has when two speakers say the same.

Unit: share, 0 to 1. Raised: fewer agreements. From: by eye, as the next six.
"""

CONTRADICTED_STATEMENT = 0.6
"""The same share from which a denial or a stance contradicts.

Unit: share, 0 to 1. Raised: fewer contradictions.
"""

CONTAINED_STATEMENT = 0.85
"""Share of what one side says that the other one holds when it says it too, and more.

Unit: share, 0 to 1. Raised: fewer agreements.
"""

STATED_MATTER = 0.8
"""Share of the shorter side's words, those of its stance left out, that the other has when both are of one matter.

Unit: share, 0 to 1. Raised: fewer opposed stances are paired.
"""

DATED_STATEMENT = 0.75
"""Share of the shorter side's words, days apart, that the other has when each gives the matter another day.

Unit: share, 0 to 1. Raised: fewer days are said to disagree.
"""

COUNTED_MATTER = 0.5
"""Share of the shorter side's words that both have when two numbers may count the same.

Unit: share, 0 to 1. Raised: fewer numbers are said to disagree.
"""

STATEMENTS_READ = 0.35
"""Share of rough words that two statements must have in common to be read closely.

Unit: share, 0 to 1. Raised: quicker, and pairs in other words are missed.
"""

# Copies: which passages are shown once, which articles come from one text (toolkit.copies) ----------------------------

COPIED_RUNS = 0.8
"""Share of a passage's runs of four words that another must have for one of the two to be enough to show.

Unit: share, 0 to 1 (Broder's containment). Raised: more near copies are shown. From: by eye; editors cut and reword,
and a changed word breaks four runs.
"""

EDITED_RUNS = 0.6
"""The same of a sentence, where both texts are known to come from one.

Unit: share, 0 to 1. Raised: more sentences of copies are shown beside one another. From: by eye; in a sentence one
other word breaks four runs of about twenty.
"""

ELSEWHERE = 0.5
"""Share of a passage's sentences that may stand elsewhere in the article that is shown, for it to be left out.

Unit: share, 0 to 1. Raised: more passages of copies are left out, cut as they are at other places. From: by eye.
"""

COPIED_WORDS = 0.6
"""Share of a text's words, as white space parts them, that another must have before their runs are compared.

Unit: share, 0 to 1. Raised: quicker, and copies with other punctuation are missed. From: by eye.
"""

ONE_TEXT_RUNS = 0.45
"""Share of the shorter article's runs of four words that the longer one must have for the two to be one text.

Unit: share, 0 to 1 (containment). Raised: fewer edited copies are found. From: the tuning half of
``benchmarks/copies.py``, as the next nine, by the pairs that were wrongly joined and missed there.
"""

ONE_TEXT_COMMON = 0.26
"""Share of all their runs that both have, at least: a brief inside a long round-up is no copy of it.

Unit: Jaccard similarity, 0 to 1. Raised: fewer cut copies are found.
"""

ONE_TEXT_CONTAINED = 0.9
"""Share from which the shorter one has nothing of its own to tell by, and where it begins in the longer one counts.

Unit: share, 0 to 1 (containment). Raised: more pairs are asked to begin alike instead.
"""

ONE_TEXT_LEAD = 0.25
"""Share of the longer text that may come before what it has in common with one that it contains.

Unit: share, 0 to 1; below ``ONE_TEXT_COMMON``, so that a round-up is never the copy of its first story and of its
second. Raised: more briefs are joined to round-ups.
"""

ONE_TEXT_WHOLE = 0.55
"""Share of all their runs that both have from which it does not matter where in the longer text the shorter begins.

Unit: Jaccard similarity, 0 to 1. Raised: fewer copies with another beginning are found.
"""

ONE_TEXT_NUMBERS = 0.25
"""Share of the numbers of the article with fewer that both must have: market reports share their form, not numbers.

Unit: share, 0 to 1. Raised: fewer updates of a story are found.
"""

ONE_TEXT_NAMES = 0.4
"""The same of names.

Unit: share, 0 to 1. Raised: fewer copies with other names added are found.
"""

ONE_TEXT_HEAD_NAMES = 0.5
"""Share of the names and numbers at the one's beginning that stand anywhere in the other, where they begin otherwise.

Unit: share, 0 to 1. Raised: fewer copies with another beginning are found.
"""

ONE_TEXT_HEAD_WORDS = 60
"""Words, and so runs, that count as the beginning of an article.

Unit: words. Raised: beginnings are alike less often, and names in them more often.
"""

ONE_TEXT_BEGINNING = 1 / 3
"""Share of the runs at the one's beginning that stand in the first two thirds of the other when they begin alike.

Unit: share, 0 to 1. Raised: fewer edited copies are found.
"""

CUT_SHARE = 1 / 7
"""Share of the original's words that a copy must lack to be called “cut”, or add to be called “extended”.

Unit: share, 0 to 1. Raised: more copies are called “edited”. From: by eye; it is shown, and nothing depends on it.
"""

# Versions: what takes the place of what (toolkit.adding.succession, toolkit.versions) ---------------------------------

VERSION_RUNS = 0.3
"""Share of the shorter text's runs of eight characters that the other has, for two articles of one URL to be versions.

Unit: share, 0 to 1. Raised: fewer rewritten pages are versions; both stay. From: of 20,000 pairs of different news
articles none shares more than 0.16; half of an article, in a new one, is about 0.5.
"""

REWORDED_WORDS = 0.5
"""Share of two sentences' words, in order, that is common from which on one is the other reworded.

Unit: ratio of Ratcliff and Obershelp (difflib). Raised: more is told as removed and added. From: by eye.
"""

# Stories: which articles tell of one event (toolkit.summaries.stories) ------------------------------------------------

SAME_STORY = 0.28
"""Similarity from which an article joins a story: the mean of the cosines of static vectors and of rare words.

Unit: cosine, 0 to 1, mean over the story's articles. Raised: more and smaller stories. From: by eye; with it the
sample articles are the two stories that they are. No set at hand says which articles are one story.
"""

SAME_STORY_UNDATED = 0.34
"""The same where there is no date to tell this year's derby from the last one's.

Unit: cosine, 0 to 1. Raised: undated articles stand alone more often. From: by eye, likewise.
"""

STORY_DAYS = 4
"""Days that may lie between an article and the story that it joins; those without a date may join any.

Unit: days. Raised: what happens every week becomes one story. From: by eye.
"""

STORY_NAME_WEIGHT = 2.0
"""How much more a name in an article's head counts than another word of the same rarity.

Unit: factor. Raised: stories are told apart by who, more than by what. From: by eye.
"""

# Summaries without a model (toolkit.summaries) ------------------------------------------------------------------------

ABOUT_QUERY = 0.6
"""Share of what the best passage holds of a query that a further one must hold, to be read for a summary about it.

Unit: share of the query's words, 0 to 1. Raised: fewer passages are read. From: by eye.
"""

POSITION_REACH = 8.0
"""Sentences from an article's beginning in which the worth of standing there falls to 1/e.

Unit: sentences. Raised: later sentences are chosen more often. From: as all coefficients of a sentence's worth down to
``BESIDE_QUESTION``: half A of CNN and Daily Mail and of Opinosis in ``benchmarks/summaries.py``, for ROUGE.
"""

CENTRALITY_WEIGHT = 2.0
"""How much centrality among all sentences counts, beside 1 for standing first.

Unit: weight. Raised: what many sentences say wins over what stands first.
"""

MIDDLE_WEIGHT = 0.3
"""How much likeness to the mean of all vectors counts, the same.

Unit: weight. Raised: as for centrality, by meaning.
"""

ASKED_WORDS_WEIGHT = 1.5
"""How much the share of the query's words counts, the same.

Unit: weight. Raised: sentences with the query's own words win.
"""

ASKED_MEANING_WEIGHT = 1.0
"""How much the cosine with the query counts, the same.

Unit: weight. Raised: sentences near the query in meaning win.
"""

LENGTH_WEIGHT = 0.1
"""How much an unusual length counts against a sentence, the same.

Unit: weight. Raised: very short and very long sentences are chosen less.
"""

SHORT_WORDS = 8
"""Words below which a sentence is unusually short.

Unit: words. Raised: more sentences count as short.
"""

LONG_WORDS = 25
"""Words above which a sentence is unusually long.

Unit: words. Raised: fewer sentences count as long.
"""

CHOSEN_LIKENESS = 0.3
"""How much of its worth a sentence loses for being just like one that is chosen.

Unit: share, 0 to 1. Raised: summaries repeat less, and leave the main thing sooner.
"""

AROUND_WORDS = 0.5
"""How much a query's word counts that only the title or the sentence before has.

Unit: share of a word in the sentence itself, 0 to 1. Raised: sentences that say “it” are chosen more often.
"""

BESIDE_QUESTION = 0.3
"""Share of the most relevant sentence's relevance below which a sentence is beside the question.

Unit: share, 0 to 1. Raised: summaries of a query are shorter.
"""

UNNAMED_WEIGHT = 0.6
"""What a sentence is worth, beside other stories, that names nobody and nothing of its article's title.

Unit: factor, 0 to 1. Raised: more sentences about “the visitors”. From: by eye, on summaries of a day's news.
"""

RIVAL_WORDS = 0.5
"""Share of the shorter of two sentences' words that both have, from which they are read for a contradiction.

Unit: share, 0 to 1. Raised: fewer notes that another article gives it otherwise. From: by eye.
"""

# Timelines: what is one event, and which matter (toolkit.timeline, toolkit.chronology) --------------------------------

SPEAKS_NEARLY = 0.6
"""Share of what the best article holds of a query that another one must hold to be read for its timeline.

Unit: share, 0 to 1. Raised: fewer articles are read. From: by eye, as all numbers of this part; with them the sample
articles give the five events that were written down before.
"""

SPEAKING_SENTENCE = 0.4
"""Share of a query that a sentence holds when it speaks to it.

Unit: share, 0 to 1, as :func:`toolkit.extract.rank` measures it. Raised: round-ups of the day give fewer events.
"""

SAME_EVENT = 0.52
"""Likeness from which a telling may join an event: to the nearest of its tellings.

Unit: mean of the cosine of static vectors and of the weighted share of words, 0 to 1, for tellings of the same days.
Raised: more events, told by fewer articles each.
"""

SAME_EVENT_MEAN = 0.42
"""The same to all of the event's tellings, in the mean.

Unit: as before. Raised: the same, for events that many tell.
"""

SAME_EVENT_OTHER_DAY = 0.6
"""The same between tellings of different days, which then contradict each other.

Unit: as before. Raised: fewer contradictions of days are shown.
"""

SAME_WORDING = 0.75
"""Share of the words of each of two tellings that the other has, from which another name or number tells them apart.

Unit: share, 0 to 1, without names and numbers. Raised: two arrests told alike become one event more often.
"""

CROWDED_DAY = 0.3
"""What an event's score loses for each that is chosen already on its day.

Unit: points of the score, in which an exact day counts 1. Raised: timelines spread over more days.
"""

DATED_BY_PUBLICATION = 0.3
"""Points for a day that only the publication tells, beside those of ``EXACTNESS``.

Unit: points. Raised: articles' first sentences without a date win.
"""

EXACTNESS = {"day": 1.0, "week": 0.85, "month": 0.7, "season": 0.55, "quarter": 0.55, "year": 0.45, "decade": 0.2}
"""Points for how exactly an event is dated.

Unit: points. Raised: the event matters more, and its telling stands for others.
"""

# Comparisons: what is about the query, who says the same (toolkit.compare, toolkit.positions) -------------------------

ABOUT_COMPARED = 0.5
"""Share of a query that a sentence, and its passage, must hold to be about it; near words count in part.

Unit: share, 0 to 1, as :func:`toolkit.extract.rank` measures it. Raised: fewer statements are compared. From: by eye,
as the next three; what comes of them was read on the sample articles and on 350 articles of ABC.
"""

ALIKE_COMPARED = 0.1
"""Cosine of the query's and a sentence's static vectors that it must have, unless it holds all of the query.

Unit: cosine. Raised: fewer sentences that have the words and not the matter.
"""

ALL_OF_IT = 0.95
"""Share of the query that counts as all of it.

Unit: share, 0 to 1. Raised: more sentences are asked for likeness in meaning, too.
"""

WHOLE_SENTENCE = 0.6
"""Share of a sentence from which what somebody says is all of it.

Unit: share of its characters, 0 to 1. Raised: more statements must have a word of the query themselves.
"""

CITED_WORDS = 0.6
"""Share of the words of a model's sentence that a further statement must have to be cited for one of them.

Unit: share, 0 to 1. Raised: fewer statements are cited for a position's sentence. From: by eye.
"""

# Search: what ranks where (toolkit.retrieve) --------------------------------------------------------------------------

DENSE_WEIGHT = 0.3
"""Share of the vectors in the fused score of words and vectors.

Unit: share, 0 to 1. Raised: meaning counts more, exact words less. From: half of the queries of each set of
``benchmarks/retrieval.py``; the other halves, and what else was tried, are in :func:`toolkit.retrieval.fusion.fuse`.
"""

HALF_LIFE = 30.0
"""Days after which an article counts half as fresh, with ``prefer="recent"``.

Unit: days. Raised: old articles sink less. From: by eye; no question set at hand has judged recency.
"""

FRESH_WEIGHT = 0.3
"""Share of freshness in the score, with ``prefer="recent"``.

Unit: share, 0 to 1. Raised: the new comes before what fits. From: by eye, as well.
"""

PER_COPIES = 2
"""Hits of nearly the same text that are shown: two show that it was printed more than once, a third says nothing new.

Unit: hits. Raised: copies fill the list. From: by eye.
"""

# Watched questions (toolkit.watch) ------------------------------------------------------------------------------------

ASKED_ABOUT = 0.65
"""Share of the question that a sentence, and its passage, must hold for its article to be named as one to look at.

Unit: share, 0 to 1, as :func:`toolkit.extract.rank` measures it. Raised: fewer unread articles are named. From: by eye.
"""
