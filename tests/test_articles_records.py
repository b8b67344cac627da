"""Records in their dialects, and dates as sources write them."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reading import read

from toolkit.articles.dates import parse_date
from toolkit.articles.records import as_json, read_record

BODY = "Poland said on Tuesday that it would not send troops."


def one(record):
    articles, errors = read(record)
    assert errors == []
    return articles[0]


@pytest.mark.parametrize(
    "record",
    [
        {"title": "T", "text": BODY, "publisher": "P", "author": "A", "url": "u",
         "date": "2025-08-19", "language": "en"},
        # NewsAPI
        {"source": {"id": None, "name": "P"}, "author": "A", "title": "T", "url": "u",
         "publishedAt": "2025-08-19T10:00:00Z", "content": BODY, "language": "en"},
        # JSON-LD
        {"headline": "T", "articleBody": BODY, "publisher": {"@type": "Organization", "name": "P"}, "inLanguage": "en",
         "author": [{"@type": "Person", "name": "A"}], "datePublished": "2025-08-19", "url": "u"},
        # a scraper's
        {"title": "T", "maintext": BODY, "date_publish": "2025-08-19 10:00:00", "source": "P", "authors": ["A"],
         "url": "u", "language": "en"},
        # a spreadsheet's
        {"Title": "T", "Article Text": BODY, "Publish Date": "Aug. 19, 2025", "OUTLET": "P", "Byline": "A", "Link": "u",
         "Lang": "en"},
    ],
)  # fmt: skip
def test_dialects(record):
    article = one(record)
    assert (article.title, article.text, article.publisher, article.author) == ("T", BODY, "P", "A")
    assert (article.url, article.date, article.language) == ("u", "2025-08-19", "en")


def test_ids_several_authors_and_what_is_left_over():
    article = one(
        {"id": 7.0, "text": BODY, "authors": ["A", {"name": "B"}, None, ""], "score": 1.5, "tags": ("x",), "body": "b"}
    )
    assert (article.id, article.author) == ("7", "A, B")
    assert article.metadata == {"score": 1.5, "tags": ["x"], "body": "b"}, "a second text is kept, not mixed in"


def test_the_text_of_a_record_is_taken_as_it_is():
    text = "\ufeff  CR\r\nLF \0\x1b[31m <b>bold</b> \u2028 end \n"
    assert one({"text": text}).text == text
    assert one({"text": "lone \ud800 surrogate"}).text == "lone \ufffd surrogate"


def test_the_first_name_with_a_value_wins():
    assert one({"text": " ", "body": math.nan, "content": BODY}).text == BODY


@pytest.mark.parametrize("missing", [None, math.nan, pd.NaT, pd.NA, "", " \n", np.float64("nan")])
def test_missing_values_are_unknown(missing):
    article = one({"text": BODY, "title": missing, "date": missing, "author": missing, "id": missing, "extra": missing})
    assert (article.title, article.published, article.author, article.metadata) == (None, None, None, {})
    _, errors = read({"text": missing, "title": "T"})
    assert "the text of this record is empty" in errors[0].reason


def test_a_record_without_text_says_what_it_saw():
    _, errors = read({"title": "T", "summary": BODY}, {"text": ["a", "b"]}, {})
    assert "(title, summary)" in errors[0].reason
    assert "“text”" in errors[0].reason
    assert "list, not a string" in errors[1].reason
    assert "none at all" in errors[2].reason


def test_an_unclear_date_is_kept_in_words():
    article = one({"text": BODY, "date": "03/04/2025"})
    assert article.published is None
    assert article.metadata == {"date": "03/04/2025"}


def test_dataframes_of_all_sorts():
    frame = pd.DataFrame(
        {
            "id": [1, None],
            "text": [BODY, "Second."],
            "published": pd.to_datetime(["2025-08-19 10:00", None]),
            "words": [9, 1],
            "empty": [None, math.nan],
            5: ["x", "y"],
        }
    )
    (first, second), errors = read(frame)
    assert errors == []
    assert (first.id, first.published, first.metadata) == (
        "1",
        datetime(2025, 8, 19, 10, tzinfo=UTC),
        {"words": 9, "5": "x"},
    )
    assert second.published is None
    assert [a.id for a in read(frame.drop(columns="id").set_index(pd.Index(["a", "b"], name="id")))[0]] == ["a", "b"]
    articles, errors = read(pd.DataFrame({"title": ["t"], "text": [None]}), pd.DataFrame())
    assert articles == []
    assert errors[0].source == "DataFrame, row 1"
    assert [a.text for a in read(pd.Series([BODY + " It ends."]))[0]] == [BODY + " It ends."]


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children) | st.tuples(children),
    max_leaves=20,
)


@given(value=JSON_LIKE)
def test_metadata_always_fits_json_and_utf8(value):
    json.dumps(as_json(value), allow_nan=False, ensure_ascii=False).encode("utf-8")


@given(record=st.dictionaries(st.text(), JSON_LIKE), text=st.text(min_size=1).filter(str.strip))
def test_any_record_with_text_is_read(record, text):
    names = {name for name in record if name.strip().lower() == "text"}
    fields = read_record({**{k: v for k, v in record.items() if k not in names}, "text": text}, "r")
    assert fields["text"] == text
    json.dumps(fields.get("metadata", {}), allow_nan=False)


def test_metadata_that_contains_itself():
    loop: dict = {}
    loop["loop"] = loop
    assert "loop" in as_json(loop)
    assert as_json({"when": date(2025, 8, 19), "n": np.int64(3), "a": np.array([1, 2])}) == {
        "when": "2025-08-19",
        "n": 3,
        "a": [1, 2],
    }


# --- dates ----------------------------------------------------------------------------------------------------

DAY = datetime(2025, 8, 19)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-08-19", DAY),
        ("2025/08/19", DAY),
        ("2025/08/09", datetime(2025, 8, 9)),
        ("20250819", DAY),
        (20250819, DAY),
        ("Aug. 19, 2025", DAY),
        ("August 19, 2025", DAY),
        ("19 August 2025", DAY),
        ("19th of August 2025", DAY),
        ("Tuesday, 19 Aug 2025", DAY),
        ("Sept. 3, 2025", datetime(2025, 9, 3)),
        ("Published: August 19, 2025", DAY),
        ("19.08.2025", DAY),
        ("8/19/2025", DAY),
        ("2025-08-19T10:00:00Z", DAY.replace(hour=10, tzinfo=UTC)),
        ("2025-08-09 10:00:00 +0200", datetime(2025, 8, 9, 10, tzinfo=timezone(timedelta(hours=2)))),
        ("Tue, 19 Aug 2025 10:00:00 GMT", DAY.replace(hour=10, tzinfo=UTC)),
        ("Tue, 19 Aug 2025 10:00:00 -0400", DAY.replace(hour=10, tzinfo=timezone(timedelta(hours=-4)))),
        ("Aug 19, 2025 5:04 p.m. EDT", DAY.replace(hour=17, minute=4, tzinfo=timezone(timedelta(hours=-4)))),
        ("August 19, 2025 at 3:00 PM ET", DAY.replace(hour=15, tzinfo=timezone(timedelta(hours=-4)))),
        ("Aug 19, 2025 4:59 PM UTC-4", DAY.replace(hour=16, minute=59, tzinfo=timezone(timedelta(hours=-4)))),
        (1755600000, datetime(2025, 8, 19, 10, 40, tzinfo=UTC)),
        ("1755600000000", datetime(2025, 8, 19, 10, 40, tzinfo=UTC)),
        (1755600000.0, datetime(2025, 8, 19, 10, 40, tzinfo=UTC)),
        (date(2025, 8, 19), DAY),
        (DAY, DAY),
        (pd.Timestamp("2025-08-19"), DAY),
        (np.datetime64("2025-08-19"), DAY),
        (np.datetime64("2025-08-19T10:00:00.000000000"), DAY.replace(hour=10)),
    ],
)
def test_dates_that_are_clear(value, expected):
    found = parse_date(value)
    assert found == expected
    assert found.utcoffset() == expected.utcoffset()
    assert type(found) is datetime


@pytest.mark.parametrize(
    "value",
    ["", "May", "12", "2025", "August 2025", "Aug 19", "03/04/2025", "05.08.2025", "1 2 2025", "10:00", "10:00 2025",
     "today", "yesterday at 10:00", "2025-13-45", "2025-02-30", "2025-W03", "0001-01-01", "9" * 400, "x" * 5000,
     "2025 words",
     "Infinity", 12, 0, -1, 1e300, math.inf, True, None, pd.NaT, np.datetime64("NaT", "s"), [], {}, b"2025-08-19",
     "19 August 2025 or 20 August 2025",
     "٢٠٢٥-٠٨-١٩", "2025-08-19T10:00:00Z<script>"],
)  # fmt: skip
def test_dates_that_are_not_clear_stay_unknown(value):
    assert parse_date(value) is None


@given(st.text(st.characters(codec="ascii"), max_size=40))
def test_no_text_breaks_the_reading_of_dates(text):
    parse_date(text)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.sampled_from([None, UTC]))
)
def test_iso_dates_read_back(moment):
    assume(moment != datetime(1970, 1, 1, tzinfo=UTC))  # what a missing date is often written as; it stays unknown
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%B %d, %Y")) == datetime(moment.year, moment.month, moment.day)
