"""The search language: what a text says, and where it goes wrong."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_api.search.errors import SearchError
from query_api.search.expression import And, Equals, Exists, Expression, Like, Not, Or, Order, Term, Wildcard
from query_api.search.reading import DEEPEST, LONGEST, MOST_WILDCARDS, read
from query_api.search.tokens import MOST_VALUES
from tests.search_strategies import printed, readable

ANY, ONE = Wildcard.ANY, Wildcard.ONE


def word(text: str) -> Term:
    return Term(None, Equals(text))


def is_(field: str, text: str) -> Term:
    return Term(field, Equals(text))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("reset", word("reset")),
        ("connection reset", And((word("connection"), word("reset")))),
        ('"connection reset"', Term(None, Equals("connection reset", phrase=True))),
        ("a AND b", And((word("a"), word("b")))),
        ("a OR b", Or((word("a"), word("b")))),
        ("a OR b c", And((Or((word("a"), word("b"))), word("c")))),
        ("a AND b OR c", Or((And((word("a"), word("b"))), word("c")))),
        ("a (b OR c)", And((word("a"), Or((word("b"), word("c")))))),
        ("NOT a", Not(word("a"))),
        ("-a", Not(word("a"))),
        ("- a", Not(word("a"))),
        ("-(a b)", Not(And((word("a"), word("b"))))),
        ("+a", word("a")),
        ("and or not", And((word("and"), word("or"), word("not")))),
        ("it's a~2 b^3 [x] {y} >5 /z/", And(tuple(map(word, ["it's", "a~2", "b^3", "[x]", "{y}", ">5", "/z/"])))),
        ("service:checkout", is_("service", "checkout")),
        ("service: checkout", is_("service", "checkout")),
        ("service :checkout", is_("service", "checkout")),
        ("http.route:/users/{id}", is_("http.route", "/users/{id}")),
        ("endpoint:/chat/x y", And((is_("endpoint", "/chat/x"), word("y")))),
        ("url:https://a.b:8080/x=1", is_("url", "https://a.b:8080/x=1")),
        ("x:-5", is_("x", "-5")),
        ("x:AND", is_("x", "AND")),
        ("-x:y", Not(is_("x", "y"))),
        ("x:>500ms", Term("x", Order(">", "500ms"))),
        ("x:>=-5", Term("x", Order(">=", "-5"))),
        ('x:<"a b"', Term("x", Order("<", "a b"))),
        ("x:<= 5", Term("x", Order("<=", "5"))),
        ("t:>2026-11-23T10:00:00.1+02:00", Term("t", Order(">", "2026-11-23T10:00:00.1+02:00"))),
        ("x:[1 TO 2]", And((Term("x", Order(">=", "1")), Term("x", Order("<=", "2"))))),
        ("x:{-1 TO 2]", And((Term("x", Order(">", "-1")), Term("x", Order("<=", "2"))))),
        ("x:[now-1h TO *]", Term("x", Order(">=", "now-1h"))),
        ('x:{* TO "2 h"}', Term("x", Order("<", "2 h"))),
        ("x:[* TO *]", Term("x", Exists())),
        ("x:*", Term("x", Exists())),
        ("_exists_:http.route", Term("http.route", Exists())),
        ("*", Term(None, Exists())),
        ("x:*@acme.com", Term("x", Like((ANY, "@acme.com")))),
        ("x:a?c*", Term("x", Like(("a", ONE, "c", ANY)))),
        (r"x:a\*", is_("x", "a*")),
        ('x:"a*"', Term("x", Equals("a*", phrase=True))),
        (r'x:"a \" \\"', Term("x", Equals('a " \\', phrase=True))),
        (r"a\:b:c", is_("a:b", "c")),
        (r"\AND", word("AND")),
        (r"a\ b", word("a b")),
        ("x:(a OR b)", Or((is_("x", "a"), is_("x", "b")))),
        ("x:(a -b)", And((is_("x", "a"), Not(is_("x", "b"))))),
        ("x:(>5 AND <10)", And((Term("x", Order(">", "5")), Term("x", Order("<", "10"))))),
        ("x:([1 TO 2] OR 7)", Or((And((Term("x", Order(">=", "1")), Term("x", Order("<=", "2")))), is_("x", "7")))),
        ("x:(a:b) c", And((is_("x", "a:b"), word("c")))),
        ("größe:zu 漢字", And((is_("größe", "zu"), word("漢字")))),
    ],
)
def test_a_text_says(text: str, meaning: Expression) -> None:
    assert read(text) == meaning


def test_the_position_of_a_term_is_that_of_its_value() -> None:
    expression = read("a  service:checkout  x:>5")
    assert isinstance(expression, And)
    assert [part.position for part in expression.parts if isinstance(part, Term)] == [0, 11, 23]


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 0, "a word"),
        ("a AND", 5, "a word"),
        ("(a", 2, ")"),
        ("a)", 1, "the end"),
        ("AND a", 0, "a word"),
        ("x:", 2, "a phrase in quotation marks"),
        ("x:>", 3, "a word"),
        ("x: >> 5", 4, "a word"),
        ("x:[1 2]", 5, "TO"),
        ("x:[1 TO", 7, "a word"),
        ("x:[1 TO 2", 9, "] or }"),
        ("x:(", 3, "a word"),
        (":b", 0, "a word"),
        ('x "open', 2, '"'),
        ("a\\", 1, "a character to be taken literally"),
        ("_exists_:(a b)", 9, "a field"),
        ("_exists_:>a", 9, "a field"),
    ],
)
def test_a_mistake_has_its_position_and_what_was_expected(text: str, position: int, expected: str) -> None:
    with pytest.raises(SearchError) as mistake:
        read(text)
    assert mistake.value.position == position
    assert expected in mistake.value.expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * (LONGEST + 1), id="too long"),
        pytest.param("a " * (MOST_VALUES + 1), id="too many words"),
        pytest.param("a:b " * (MOST_VALUES + 1), id="too many values"),
        pytest.param("(" * 2000 + "a" + ")" * 2000, id="too many parentheses"),
        pytest.param("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), id="too deep"),
        pytest.param("-" * (DEEPEST + 1) + "a", id="too many negations"),
        pytest.param("x:(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), id="fields too deep"),
        pytest.param("x:" + "a*" * (MOST_WILDCARDS + 1), id="too many wildcards"),
    ],
)
def test_a_search_is_bounded(text: str) -> None:
    with pytest.raises(SearchError):
        read(text)


def test_a_search_may_use_its_bounds() -> None:
    read("a" * LONGEST)
    read("a " * MOST_VALUES)
    read("a:b " * MOST_VALUES)
    read("x:" + "a*" * MOST_WILDCARDS)


@settings(deadline=None)
@given(readable)
def test_a_printed_expression_is_read_as_itself(expression: Expression) -> None:
    assert read(printed(expression)) == expression


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet='ab:()[]{}"\\-+<>=*? ANDORTO').filter(bool)))
def test_any_text_is_an_expression_or_a_search_error_within_it(text: str) -> None:
    position = 0
    try:
        read(text)
    except SearchError as error:
        position = error.position
    assert 0 <= position <= len(text)


def test_threads_read_at_the_same_time() -> None:
    texts = [f"service:s{number} AND (a{number} OR b) -x:>{number}" if number % 3 else "a AND" for number in range(300)]

    def attempt(text: str) -> object:
        try:
            return read(text)
        except SearchError as error:
            return error.position, tuple(error.expected)

    alone = [attempt(text) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(attempt, texts)) == alone
