"""The parameter `q`: from what was typed to a condition in a list's statement."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field

from database.queries import load
from query_api.parameters import Now, Text, empty_is, without_nul
from query_api.search.arguments import Arguments
from query_api.search.compiling import MOST_ORIGINS, Found, condition, is_of_trace, origins
from query_api.search.errors import SearchError
from query_api.search.expression import And, Equals, Expression, Term
from query_api.search.implied import implied
from query_api.search.kinds import Context
from query_api.search.reading import LONGEST, read
from query_api.search.signals import COUNTED_LOGS, LOGS, METRICS, SPANS, TRACES, Signal

SQL = load(__package__)
EVERYTHING = "true"

Q = Annotated[
    Text,
    Query(
        description="A search: words, `field:value`, `field:>5`, `field:[a TO b]`, `field:*`, wildcards, AND, OR, NOT, "
        "parentheses; 4,096 characters at most. A mistake is 422 with its position and what was expected in `ctx`.",
        openapi_examples={
            "none": {"value": ""},
            "fields": {"value": "service:checkout status:error duration:>500ms -name:health*"},
        },
    ),
]

Pattern = Annotated[
    Annotated[str, Field(max_length=LONGEST), AfterValidator(without_nul)] | None,
    empty_is(None),
    Query(
        description="A `template` of `/logs/patterns`, which describes the whole message: `<*>` stands for characters "
        'without white space, `<...>` for any text; white space may be of any kind. `q` takes it as `pattern:"..."`.',
        openapi_examples={"none": {"value": ""}, "template": {"value": "answered <*> in <*> ms"}},
    ),
]


@dataclass(frozen=True)
class Search:
    """What was asked for with `q`, None for everything; readable and possible for its signal."""

    signal: Signal
    expression: Expression | None
    now: datetime

    @property
    def table(self) -> str | None:
        """The partitioned table whose rows are searched; None where there is nothing to seek in them."""
        if self.expression is None:
            return None
        if self.signal is TRACES:
            return "trace_spans" if _of_spans(self.expression) else None
        return "structured_logs"

    async def found(self, connection: Any) -> Found:
        """The ids of resources and scopes that the search asks for, bounded in number."""
        if self.expression is None:
            return {}
        wanted = origins(self.expression, self.signal)
        if not wanted:
            return {}
        arguments = Arguments([MOST_ORIGINS + 1])
        context = Context(arguments, self.now)
        lists = ", ".join(
            SQL["ids_of_origins"].format(table=origin.table, matches=origin.condition(term, context))
            for origin, term in wanted.items()
        )
        row = await connection.fetchrow(f"SELECT {lists}", *arguments.values)
        return dict(zip(wanted, row, strict=True))

    def condition(self, found: Found, arguments: Arguments) -> str:
        """SQL for the row's alias, its values added to the arguments of the statement."""
        if self.expression is None:
            return EVERYTHING
        context = Context(arguments, self.now)
        if self.signal is TRACES:
            return _of_traces(self.expression, found, context)
        return condition(self.expression, self.signal, found, context)

    def probing(self, found: Found, arguments: Arguments) -> tuple[str, str] | None:
        """Of a search for traces by their spans: SQL for what a trace has to pass, and for what one of its spans has
        to. None where there is nothing to seek in spans."""
        if self.table is None or self.expression is None:
            return None
        own, matches = _apart(self.expression, found, Context(arguments, self.now))
        return (" AND ".join(own) or EVERYTHING, matches) if matches else None

    def counted(self) -> "Search":
        """The same search for logs, where all that match are read."""
        return replace(self, signal=COUNTED_LOGS)


def search_of(signal: Signal, q: str | None, now: datetime) -> Search:
    """Raises SearchError for what cannot be read, or asked of the signal."""
    if not q or q.isspace():
        return Search(signal, None, now)
    search = Search(signal, read(q), now)
    search.condition({}, Arguments())
    return search


def _requested(signal: Signal, q: str | None, now: datetime) -> Search:
    try:
        return search_of(signal, q, now)
    except SearchError as error:
        raise _unprocessable(q, error) from None


async def search_of_logs(now: Now, q: Q = None, pattern: Pattern = None) -> Search:
    """The search for logs that a request asks for; 422 for a mistake in it."""
    search = _requested(LOGS, q, now)
    if pattern is None:
        return search
    described = Term("pattern", Equals(pattern))
    return replace(search, expression=And((search.expression, described)) if search.expression else described)


async def search_of_spans(now: Now, q: Q = None) -> Search:
    """The search for spans that a request asks for; 422 for a mistake in it."""
    return _requested(SPANS, q, now)


async def search_of_traces(now: Now, q: Q = None) -> Search:
    """The search for traces that a request asks for; 422 for a mistake in it."""
    return _requested(TRACES, q, now)


async def search_of_metrics(now: Now, q: Q = None) -> Search:
    """The search for series of metrics that a request asks for; 422 for a mistake in it."""
    return _requested(METRICS, q, now)


def _unprocessable(q: str | None, error: SearchError) -> RequestValidationError:
    context = {"position": error.position, "expected": error.expected}
    return RequestValidationError(
        [{"type": "search", "loc": ("query", "q"), "msg": str(error), "input": q, "ctx": context}]
    )


def _of_traces(expression: Expression, found: Found, context: Context) -> str:
    """What the trace alone decides stands outside of the look into its spans."""
    own, matches = _apart(expression, found, context)
    if matches:
        own.append(SQL["trace_has_span"].format(matches=matches))
    return " AND ".join(own)


def _apart(expression: Expression, found: Found, context: Context) -> tuple[list[str], str | None]:
    """What a trace has to pass, and what one of its spans has to, if anything."""
    of_spans = _of_spans(expression)
    own = [part for part in _parts(expression) if part not in of_spans]
    conditions = [condition(And(tuple(own)), TRACES, found, context)] if own else []
    if not of_spans:
        return conditions, None
    certain = [text for part in of_spans if (text := implied(part, context.arguments))]
    return conditions + certain, condition(And(tuple(of_spans)), TRACES, found, context)


def _of_spans(expression: Expression) -> list[Expression]:
    return [part for part in _parts(expression) if not is_of_trace(part, TRACES)]


def _parts(expression: Expression) -> tuple[Expression, ...]:
    return expression.parts if isinstance(expression, And) else (expression,)
