"""Random messages, many of which are alike."""

from hypothesis import strategies as st

_PIECES = st.sampled_from(
    [
        *("user", "Order", "logged", "in", "connecting", "the", "refused", "Straße", "データベース", "b", "x"),
        *(
            "42",
            "-1.5e-3",
            "875ms",
            "10.0.0.1:80",
            "fe80::1",
            "2026-11-23T09:30:00Z",
            "09:30:00,123",
            "0x1F",
            "a1b2c3d4",
        ),
        *("550e8400-e29b-41d4-a716-446655440000", "ann@acme.com", '"a b"', '"k": 1', "'it''s'", "`c d`", '"', "'", "`"),
        *(
            "<",
            ">",
            "<b ",
            "</b>",
            "<!--",
            "-->",
            "&amp;",
            "<*>",
            "<...>",
            "<.",
            "*>",
            "%",
            "_",
            "\\",
            "[",
            "(?",
            "{",
            "|",
        ),
        *(
            "a-b",
            "/var/log/x.log",
            "http://h.example/p?q=1",
            "***=",
            "^",
            "$",
            ".",
            "+",
            ":",
            "=",
            ",",
            "٣",
            "ⅷ",
            "\u200b",
        ),
    ]
)
_SPACES = st.sampled_from(
    ["", "", " ", " ", " ", "  ", "\t", "\n", "\r\n", "\v", "\f", "\u00a0", "\u2028", "\x1c", "\x85"]
)
_characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_texts = st.one_of(_PIECES, st.text(_characters, max_size=8), st.sampled_from(["word " * 300, "x" * 1200, "7 " * 120]))

messages = st.lists(st.tuples(_texts, _SPACES), max_size=8).map(lambda parts: "".join(map("".join, parts)))
"""Messages with whatever a line may hold."""

kindred = st.lists(messages, min_size=1, max_size=4).flatmap(
    lambda some: st.lists(
        st.tuples(st.sampled_from(some), st.sampled_from([*"abc", "7", '"q r"', ""])).map("".join),
        min_size=1,
        max_size=12,
    )
)
"""Some messages and what differs from them by little."""
