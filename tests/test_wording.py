"""What differs is shown in the words of the texts, whatever form they were compared in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import verify
from toolkit.alignment.wording import as_written
from toolkit.types import Difference

SOURCE = (
    "The French minister met an Italian delegation in Paris on Monday. "
    "The White House said U.S. forces would stay out. Germany's chancellor said it will not send troops."
)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("The Polish minister met an Italian delegation in Paris on Monday.", ("name", "Polish", "French")),
        ("The French minister met an Italian delegation in Paris on Tuesday.", ("date", "Tuesday", "Monday")),
        ("The White House said U.K. forces would stay out.", ("name", "U.K.", "U.S.")),
    ],
)
def test_names_and_days_keep_their_capitals(claim: str, expected: tuple[str, str, str]) -> None:
    found = verify(claim, SOURCE)
    assert [(one.kind, one.claim, one.source) for one in found.differences] == [expected]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("zelensky", "Zelénsky"),  # accents as well
        ("germany", "Germany"),  # without the possessive, which is the sentence's and not the name's
        ("zelensky said", "Zelénsky said"),
        ("not send", "not send"),
        ("may", "may"),  # where it opens no sentence
        ("absent", "absent"),
        ("", ""),
    ],
)
def test_words_as_a_text_writes_them(words: str, shown: str) -> None:
    text = "May Zelénsky help? It may, said Germany's envoy."
    (one,) = as_written([Difference(kind="name", claim=words, source="x")], text, [])
    assert (one.claim, one.source) == (shown, "x")


@given(words=st.text(max_size=20), texts=st.lists(st.text(max_size=60), max_size=3))
def test_no_text_is_too_odd(words: str, texts: list[str]) -> None:
    given_ = Difference(kind="name", claim=words, source=words)
    (one,) = as_written([given_], "".join(texts), texts)
    assert one.kind == given_.kind
    assert bool(one.claim.strip()) <= bool(words.strip())
