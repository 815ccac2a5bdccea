"""What of a message differs from one to the next, and how much of it is looked at."""

import pytest

from query_api.patterns.masking import LONGEST, MOST_TOKENS, masked


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("user 42 left", "user <*> left"),
        ("worker-12 took 875ms, x=-5, 1.5e-3 s", "worker-<*> took <*>, x=<*>, <*> s"),
        ("2026-11-23 09:30:00,123 up", "<*> <*> up"),
        ("at 2026-11-23T09:30:00.123456+01:00.", "at <*>."),
        ("from 10.0.0.1:8080 and fe80::1ff:fe23:4567:890a", "from <*> and <*>"),
        ("id 550e8400-e29b-41d4-a716-446655440000 of 051581bf3cb55c13", "id <*> of <*>"),
        ("0xDEADBEEF cafebabe1 deadbeef", "<*> <*> deadbeef"),
        ("mail to ann.b+c@x.example.org, please", "mail to <*>, please"),
        ("GET /users/42/orders?page=3", "GET /users/<*>/orders?page=<*>"),
        ('open "a b" and `c d`', 'open "<...>" and `<...>`'),
        ("it's 'quoted here' of users' data", "it's '<...>' of users' data"),
        (r'say "a \" b" now', 'say "<...>" now'),
        ('{"user": "ann lee", "n": 5}', '{"user": "<...>", "n": <*>}'),
        ("{'user': 'ann', 'id': 7}", "{'user': '<...>', 'id': <*>}"),
        ('an open " quotation 5', 'an open " quotation <*>'),
        ("utf8 sha256 node7 order_42 v1.2", "utf8 sha256 node7 order_<*> v1.<*>"),
        ("std::vector ab::cd", "std::vector ab::cd"),
        ("データベース 12 エラー", "データベース <*> エラー"),
        ("", ""),
        (" \n\t", ""),
        ("\n  Traceback:\n  File", "Traceback: <...>"),
        ("one line\r\n", "one line"),
        ("a\u00a0b\u2028c", "a\u00a0b\u2028c"),
    ],
)
def test_what_differs_becomes_a_wildcard(message: str, template: str) -> None:
    assert " ".join(masked(message)) == template


def test_of_a_long_message_whole_words_count_and_any_text_follows() -> None:
    tokens = masked("seven " * 13 + "x" * LONGEST)
    assert tokens == ("seven",) * 13 + ("<...>",)
    assert masked("x" * (LONGEST + 1)) == ("x" * LONGEST + "<...>",)
    assert masked("x" * LONGEST) == ("x" * LONGEST,)
    assert masked(" " * (LONGEST + 1)) == ("<...>",)


def test_of_many_words_the_first_count() -> None:
    assert masked("a " * MOST_TOKENS) == ("a",) * MOST_TOKENS
    assert masked("a " * (MOST_TOKENS + 1)) == ("a",) * MOST_TOKENS + ("<...>",)
