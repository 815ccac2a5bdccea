"""Tests of attributes: one key of a jsonb object whose values have any type.

A number is equal to a text that says it, and likewise true and false. A list passes where one of its elements does.
"""

import json
from collections.abc import Iterator

from query_api.search.arguments import Arguments
from query_api.search.errors import SearchError
from query_api.search.expression import Equals, Exists, Like, Order, Term
from query_api.search.kinds import Context, like
from query_api.search.values import number, truth

_ORDERED = '$[*] ? (@ {operator} $bound || @.type() == "string" && @.double() {operator} $bound)'


def attribute(document: str, key: str, term: Term, context: Context) -> str:
    """SQL for the term, of this key in this jsonb object. Raises SearchError."""
    arguments = context.arguments
    match term.test:
        case Exists():
            return f"{document} ? {arguments.add(key, 'text')}"
        case Equals(text):
            return _contains(document, key, text, context)
        case Like():
            return _matches(document, arguments.add(key, "text"), arguments.add(like(term.test), "text"))
        case Order(operator, text):
            bound = number(text, context.now)
            if bound is None:
                raise SearchError(f"{term.field} is compared with numbers only", term.position, ["a number"])
            place = arguments.add(key, "text")
            bounds = _json(arguments, f'{{"bound": {bound:f}}}')
            path = _ORDERED.format(operator=operator)
            return f"jsonb_path_exists({document} -> {place}, '{path}', {bounds})"


def _contains(document: str, key: str, text: str, context: Context) -> str:
    """By containment alone, which a jsonb_path_ops index answers."""
    name = json.dumps(key)
    places = [
        _json(context.arguments, f"{{{name}: {form}}}")
        for value in _values(text, context)
        for form in (value, f"[{value}]")
    ]
    return "(" + " OR ".join(f"{document} @> {place}" for place in places) + ")"


def _values(text: str, context: Context) -> Iterator[str]:
    yield json.dumps(text)
    as_number, as_truth = number(text, context.now), truth(text, context.now)
    if as_number is not None:
        yield f"{as_number:f}"
    if as_truth is not None:
        yield json.dumps(as_truth)


def _matches(document: str, key: str, pattern: str) -> str:
    return (
        f"CASE jsonb_typeof({document} -> {key}) WHEN 'array' THEN EXISTS ("
        f"SELECT FROM jsonb_array_elements_text({document} -> {key}) AS element WHERE element LIKE {pattern}) "
        f"ELSE {document} ->> {key} LIKE {pattern} END"
    )


def _json(arguments: Arguments, text: str) -> str:
    # By way of text: the connections' codec for jsonb would encode it once more.
    return arguments.add(text, "text") + "::jsonb"
