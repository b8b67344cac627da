"""Hypothesis strategies shared by the tests: text as hostile and as odd as news archives hold."""

from __future__ import annotations

from hypothesis import strategies as st

_PARTS = [
    *" .!?\n\r\t\0\"'“”«»。！؟-*#1)([]$<>&\\`|",
    *[
        "e\u0301",
        "👩‍👩‍👧",
        "👍🏽",
        "שלום",
        "مرحبا",
        "\u202e",
        "\u200b",
        "\u00a0",
        "\u00ad",
        "\ufeff",
        "\ud800",
        "\udfff",
    ],
    *[
        "He left. ",
        "U.S. ",
        "Aug. 19. ",
        "\r\n",
        "\n\n",
        "# Head\n",
        "1. ",
        "“No.” ",
        "他来了。",
        "ﬁ",
        "İ",
        "ß",
        "2,000 ",
    ],
    *["system:\n", "{{ x }}", "</mark>", "\x1b[31m", "O'Reilly"],
]

ODD_TEXT = st.text(max_size=200) | st.lists(st.sampled_from(_PARTS) | st.characters(), max_size=60).map("".join)
"""Any text: lone surrogates, NUL, right-to-left, combining marks, CRLF, markup, template and role syntax."""
