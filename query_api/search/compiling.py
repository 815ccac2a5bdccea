"""From an expression to a condition in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from query_api.search.attributes import attribute
from query_api.search.expression import And, Expression, Not, Or, Term, Test, terms
from query_api.search.kinds import Context, Text, Words
from query_api.search.signals import Column, Signal

MOST_ORIGINS = 1000

_RESOURCE, _SCOPE, _OWN = "resource.", "scope.", "attributes."
_SCOPE_COLUMNS = {"name": "origin.name", "version": "origin.version"}


@dataclass(frozen=True)
class Origin:
    """A test of resources or scopes, of which rows carry the id."""

    table: str
    key: str
    test: Test
    column: str | None = None
    """Where the key is a column of the table, not an attribute."""

    def condition(self, term: Term, context: Context) -> str:
        """SQL for a row of the table, under the alias origin."""
        if self.column:
            return Text().condition(self.column, term, context)
        return attribute("origin.attributes", self.key, term, context)


Found = Mapping[Origin, list[int]]


def origins(expression: Expression, signal: Signal) -> dict[Origin, Term]:
    """What has to be looked up before the condition can be written, each with a term that asks for it."""
    return {origin: term for term in terms(expression) for origin in _origins(term, signal)}


def condition(expression: Expression, signal: Signal, found: Found, context: Context) -> str:
    """SQL that is true for the rows that match, and their traces' where the signal has columns of those.

    found: the ids for each of `origins`. Raises SearchError.
    """
    match expression:
        case And(parts):
            inner = replace(context, neutral=True)
            return "(" + " AND ".join(condition(part, signal, found, inner) for part in parts) + ")"
        case Or(parts):
            inner = replace(context, neutral=False)
            return "(" + " OR ".join(condition(part, signal, found, inner) for part in parts) + ")"
        case Not(part):
            inner = replace(context, neutral=not context.neutral)
            # Not NOT: where nothing is known, the test has failed and its negation passes.
            return f"({condition(part, signal, found, inner)}) IS NOT TRUE"
        case Term():
            return _term(expression, signal, found, context)


def is_of_trace(expression: Expression, signal: Signal) -> bool:
    """Whether the trace alone decides, without any of its spans."""
    columns = (_column(term, signal) for term in terms(expression))
    return all(column is not None and column.of_trace for column in columns)


def has_words(expression: Expression, signal: Signal) -> bool:
    """Whether full text is sought in it."""
    columns = (_column(term, signal) for term in terms(expression))
    return any(column is not None and isinstance(column.kind, Words) for column in columns)


def _column(term: Term, signal: Signal) -> Column | None:
    return signal.words if term.field is None else signal.columns.get(term.field)


def _term(term: Term, signal: Signal, found: Found, context: Context) -> str:
    column = _column(term, signal)
    if column is not None:
        return column.kind.condition(column.expression, term, context)
    key = str(term.field)
    alternatives = [_of_origin(origin, term, signal, found, context) for origin in _origins(term, signal)]
    if not key.startswith((_RESOURCE, _SCOPE)):
        alternatives.insert(0, attribute(signal.attributes, key.removeprefix(_OWN), term, context))
    lifted = signal.columns.get(signal.lifted.get(key, ""))
    if lifted is not None:
        alternatives.append(lifted.kind.condition(lifted.expression, term, context))
    return "(" + " OR ".join(alternatives) + ")"


def _origins(term: Term, signal: Signal) -> list[Origin]:
    key = term.field
    if key is None or key in signal.columns or key.startswith(_OWN):
        return []
    if key.startswith(_RESOURCE):
        return [Origin("resources", key.removeprefix(_RESOURCE), term.test)]
    if key.startswith(_SCOPE):
        name = key.removeprefix(_SCOPE)
        return [Origin("scopes", name, term.test, _SCOPE_COLUMNS.get(name))]
    return [Origin("resources", key, term.test), Origin("scopes", key, term.test)]


def _of_origin(origin: Origin, term: Term, signal: Signal, found: Found, context: Context) -> str:
    reference = f"{signal.row}.{origin.table.removesuffix('s')}_id"
    ids = found.get(origin)
    if ids == []:
        return "false"
    if ids is not None and len(ids) <= MOST_ORIGINS:
        return f"{reference} = ANY ({context.arguments.add(ids, 'bigint[]')})"
    # Too many to hand over.
    matching = origin.condition(term, context)
    return f"{reference} IN (SELECT origin.id FROM enterprise.{origin.table} AS origin WHERE {matching})"
