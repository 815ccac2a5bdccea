"""Templates: which messages they describe, asked of PostgreSQL."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from database.pool import connect
from query_api.patterns.allowance import Allowance
from query_api.patterns.finding import patterns
from query_api.search.arguments import Arguments
from query_api.search.errors import SearchError
from query_api.search.expression import Equals, Exists, Like, Order, Term, Test, Wildcard
from query_api.search.kinds import Context
from query_api.search.reading import LONGEST
from query_api.search.templates import SPACES, TEXT, WORD, Template, certain_word, like, regular_expression
from tests.conftest import copied
from tests.message_strategies import kindred, messages

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PLAIN = Template()
INDEXED = Template("enterprise.message_words(message)")


class Database:
    """One connection of the API's kind, for the many questions of tests that are not asynchronous."""

    def __init__(self, dsn: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection: Any = self._loop.run_until_complete(connect(dsn))

    def value(self, statement: str, *arguments: object) -> Any:
        return self._loop.run_until_complete(self._connection.fetchval(statement, *arguments))

    def described(self, kind: Template, test: Test, texts: list[str]) -> list[str]:
        arguments = Arguments([texts])
        condition = kind.condition("message", Term("pattern", test), Context(arguments, NOW))
        statement = f"SELECT array_agg(message) FROM unnest($1::text[]) AS message WHERE {condition}"
        return self.value(statement, *arguments.values) or []

    def close(self) -> None:
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[Database]:
    for dsn in copied(postgres_dsn, template_database):
        connection = Database(dsn)
        yield connection
        connection.close()


@pytest.mark.parametrize(
    ("template", "described", "others"),
    [
        ("user <*> left", ["user ann left", " user\t42\n left\r\n"], ["user left", "user a b left", "user ann left!"]),
        ("took <*>ms", ["took 5ms", "took msms"], ["took ms", "took 5 ms", "it took 5ms"]),
        ("at <...>", ["at ", "at a b\nc"], ["at", "cat a"]),
        ('say "<...>"', ['say ""', 'say "a b"', 'say "a" "b"'], ['say "', "say a"]),
        ("<*>", ["x", " x\n"], ["", "x y"]),
        ("<...>", ["", "x y", "\n\n"], []),
        ("", ["", " \t\n"], ["x"]),
        ("100% a_b\\c", ["100% a_b\\c"], ["100 a_b\\c", "100% axb\\c", "100% a_bc"]),
        ("a.c (x|y)* [z]{2} ^$+?", ["a.c (x|y)* [z]{2} ^$+?"], ["abc x zz"]),
        ("a <b everywhere <*> c", ["a <b everywhere 5> c"], []),
        ("<*> everywhere c>", ["<b everywhere c>"], []),
        ("***=a", ["***=a"], ["a"]),
        ("(?i)a", ["(?i)a"], ["A"]),
        ("Straße データ <*>", ["Straße データ 1"], ["STRASSE データ 1", "straße データ 1"]),
        ("a b", ["a  b", "a\vb"], ["a\u00a0b", "ab", "a\u2003b"]),
    ],
)
def test_a_template_describes_whole_messages(
    database: Database, template: str, described: list[str], others: list[str]
) -> None:
    for kind in (PLAIN, INDEXED):
        assert database.described(kind, Equals(template), described + others) == described


def test_wildcards_of_the_language_belong_to_the_template(database: Database) -> None:
    test = Like(("user<", Wildcard.ANY, ">", Wildcard.ONE))
    assert database.described(PLAIN, test, ["user1?", "user12", "userx"]) == ["user1?"]
    assert database.described(PLAIN, Exists(), ["", "x"]) == ["", "x"]


def test_templates_have_no_order() -> None:
    with pytest.raises(SearchError, match="no order"):
        PLAIN.condition("message", Term("pattern", Order("<", "a")), Context(Arguments(), NOW))


@given(messages=kindred)
@settings(max_examples=150, deadline=None)
def test_every_message_is_described_by_the_template_it_was_found_in(database: Database, messages: list[str]) -> None:
    for pattern in patterns(messages, Allowance(60)):
        members = [messages[place] for place in pattern.places]
        for kind in (PLAIN, INDEXED):
            assert database.described(kind, Equals(pattern.template), members) == members


@given(message=messages, template=messages)
@settings(max_examples=150, deadline=None)
def test_what_is_tried_first_hides_nothing(database: Database, message: str, template: str) -> None:
    """The pieces and the words alone decide nothing: who passes the whole expression passes them."""
    for tried in (template, message):
        described = database.value('SELECT $1 COLLATE "C" ~ $2', message, regular_expression(tried))
        assert database.described(INDEXED, Equals(tried), [message]) == ([message] if described else [])


def test_the_longest_template_is_taken(database: Database) -> None:
    various = "".join(chr(0x4E00 + place) for place in range(LONGEST))
    for template in (various, "<*> " * (LONGEST // 4), "<...>" * (LONGEST // 5), "a" * LONGEST, "<*>x<...>" * 400):
        message = template.replace(WORD, "w").replace(TEXT, "some text")
        other = template.replace(WORD, "w").replace(TEXT, "some text")[:-1] + "!"
        assert message in database.described(PLAIN, Equals(template), [message, other])


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("user logged in <*>", "logged"),
        ("user <*> logged in", "user"),
        ("took <*>ms", "took"),
        ("<*> user", None),
        ("begin <tag> everywhere", "begin"),
        ("", None),
    ],
)
def test_words_are_certain_up_to_the_first_wildcard(template: str, word: str | None) -> None:
    assert certain_word(template) == word


def test_pieces_stand_in_their_order() -> None:
    assert like("100% of <*>_b took <...>") == "%100\\%%of%\\_b%took%"
    assert like("<*>") == like("") == "%"
    assert like(f"a{SPACES}b") == "%a%b%"
