"""Random searches, and the text that says an expression."""

import re

from hypothesis import strategies as st

from query_api.search.expression import (
    And,
    Equals,
    Exists,
    Expression,
    Like,
    Not,
    Or,
    Order,
    Term,
    Test,
    Wildcard,
)
from query_api.search.kinds import Choice
from query_api.search.signals import DURATION, NUMBER, TIME, TRUTH, UUID, Signal

SENTINEL = "Zq7"

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(characters, min_size=1, max_size=12)
numbers = st.one_of(
    st.integers(), st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1e9, max_value=1e9)
)
operators = st.sampled_from(["<", "<=", ">", ">="])
likes = (
    st.lists(st.sampled_from([*Wildcard, "%", "_", "\\", "a", SENTINEL]), min_size=2, max_size=6)
    .map(lambda pieces: Like(tuple(_merged(pieces))))
    .filter(lambda like: any(isinstance(piece, Wildcard) for piece in like.pieces) and like.pieces != (Wildcard.ANY,))
)
equals = st.builds(Equals, texts, st.booleans())
orders = st.builds(Order, operators, texts)
free_tests: st.SearchStrategy[Test] = st.one_of(equals, likes, st.just(Exists()))
tests: st.SearchStrategy[Test] = st.one_of(free_tests, orders)
fields = texts.filter(lambda name: name != "_exists_")


def expressions(terms: st.SearchStrategy[Term]) -> st.SearchStrategy[Expression]:
    return st.recursive(
        terms,
        lambda parts: st.one_of(
            parts.map(Not),
            st.lists(parts, min_size=2, max_size=4).map(lambda some: And(tuple(some))),
            st.lists(parts, min_size=2, max_size=4).map(lambda some: Or(tuple(some))),
        ),
        max_leaves=8,
    )


readable = expressions(st.one_of(st.builds(Term, st.none(), free_tests), st.builds(Term, fields, tests)))


def possible(signal: Signal) -> st.SearchStrategy[Expression]:
    """Expressions that the signal can answer; each text in them, keys too, begins with the sentinel where it may."""
    words = st.builds(Equals, texts.map(lambda text: SENTINEL + text), st.booleans())
    keys = texts.map(lambda text: SENTINEL + text)
    prefixes = st.sampled_from(["", "resource.", "scope.", "attributes."])
    attributes = st.builds(
        Term,
        st.one_of(
            st.builds(str.__add__, prefixes, keys), st.sampled_from(["scope.name", "scope.version", *signal.lifted])
        ),
        st.one_of(words, likes, st.just(Exists())),
    )
    compared = st.builds(Term, st.builds(str.__add__, prefixes, keys), st.builds(Order, operators, numbers.map(str)))
    free = st.builds(Term, st.none(), st.one_of(words, likes, st.just(Exists())))
    columns = st.sampled_from(sorted(signal.columns)).flatmap(
        lambda name: st.builds(Term, st.just(name), _asked_of(signal, name, words))
    )
    return expressions(st.one_of(columns, free, attributes, compared))


def _asked_of(signal: Signal, name: str, words: st.SearchStrategy[Test]) -> st.SearchStrategy[Test]:
    kind = signal.columns[name].kind
    some = {
        NUMBER: numbers.map(str),
        DURATION: st.sampled_from(["1ns", "2.5us", "3ms", "4s", "1.5m", "2h", "17"]),
        TIME: st.one_of(st.datetimes().map(lambda moment: moment.isoformat()), st.just("now-15m")),
    }
    if isinstance(kind, Choice):
        return st.builds(Equals, st.sampled_from(sorted(kind.names)))
    if kind in (TRUTH, UUID):
        value = st.sampled_from(["true", "False"]) if kind == TRUTH else st.uuids().map(str)
        return st.one_of(st.builds(Equals, value), st.just(Exists()))
    if kind in some:
        return st.one_of(st.builds(Equals, some[kind]), st.builds(Order, operators, some[kind]), st.just(Exists()))
    return st.one_of(words, likes, st.just(Exists()))


def printed(expression: Expression) -> str:
    """A text that says the expression."""
    match expression:
        case Not(part):
            return f"NOT {printed(part)}"
        case And(parts):
            return "(" + " AND ".join(map(printed, parts)) + ")"
        case Or(parts):
            return "(" + " OR ".join(map(printed, parts)) + ")"
        case Term(field, test):
            return _printed_test(test) if field is None else f"{_escaped(field)}:{_printed_test(test)}"


def _printed_test(test: Test) -> str:
    match test:
        case Exists():
            return "*"
        case Equals(text, phrase=True):
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Equals(text):
            return _escaped(text)
        case Like(pieces):
            return "".join(piece.value if isinstance(piece, Wildcard) else _escaped(piece) for piece in pieces)
        case Order(operator, text):
            return operator + _escaped(text)


def _escaped(text: str) -> str:
    return re.sub(r"(\W|^.)", r"\\\1", text, flags=re.DOTALL)


def _merged(pieces: list[str | Wildcard]) -> list[str | Wildcard]:
    """Literals that follow each other, as one."""
    merged: list[str | Wildcard] = []
    for piece in pieces:
        if merged and isinstance(piece, str) and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged
