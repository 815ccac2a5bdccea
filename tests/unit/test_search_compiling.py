"""From an expression to SQL: what a field can be asked, and that no value ever stands in the text."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from database.pool import connect
from query_api.search.arguments import Arguments
from query_api.search.compiling import MOST_ORIGINS, condition, is_of_trace, origins
from query_api.search.errors import SearchError
from query_api.search.expression import Expression, Not
from query_api.search.kinds import Context
from query_api.search.reading import read
from query_api.search.signals import LOGS, METRICS, SPANS, TRACES, Signal
from tests.conftest import copied
from tests.search_strategies import SENTINEL, possible

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SIGNALS = {"logs": LOGS, "spans": SPANS, "traces": TRACES, "metrics": METRICS}
ROWS = {
    "logs": "enterprise.structured_logs AS log",
    "spans": "enterprise.trace_spans AS span",
    "traces": "enterprise.traces AS trace JOIN enterprise.trace_spans AS span USING (trace_id)",
    "metrics": "enterprise.metric_series AS series",
}


class Database:
    """One connection of the API's kind, for many statements of a test that is not asynchronous."""

    def __init__(self, dsn: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection: Any = self._loop.run_until_complete(connect(dsn))

    def value(self, statement: str, *arguments: object) -> Any:
        return self._loop.run_until_complete(self._connection.fetchval(statement, *arguments))

    def close(self) -> None:
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[Database]:
    """A span, a log and a series with attributes of every type, so that every operator meets values."""
    for dsn in copied(postgres_dsn, template_database):
        connection = Database(dsn)
        values = '{"a": "text", "b": 1, "c": 1.5, "d": true, "e": null, "f": ["x", 2, null], "g": {"h": 1}}'
        for statement in (
            f"INSERT INTO enterprise.resources VALUES (1, 's', '{values}')",
            f"INSERT INTO enterprise.scopes VALUES (1, 's', '1', '{values}')",
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, tags, resource_id) "
            f"VALUES ('ab', 'cd', 'op', now(), '{values}', 1)",
            "INSERT INTO enterprise.structured_logs (level, logger_name, message, extra, resource_id) "
            f"VALUES ('INFO', 'app', 'message', '{values}', 1)",
            "INSERT INTO enterprise.metric_series "
            "(id, service_name, name, type, unit, attributes, resource_id, scope_id) "
            f"VALUES (1, 's', 'm', 'gauge', '1', '{values}', 1, 1)",
        ):
            connection.value(statement)
        yield connection
        connection.close()


def compiled(signal: Signal, text: str) -> tuple[str, list[object]]:
    arguments = Arguments()
    return condition(read(text), signal, {}, Context(arguments, NOW)), arguments.values


@pytest.mark.parametrize("name", SIGNALS)
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_every_search_is_sql_without_its_values_that_postgresql_takes(
    database: Database, name: str, data: st.DataObject
) -> None:
    signal = SIGNALS[name]
    expression = data.draw(possible(signal))
    found = {
        origin: data.draw(st.sampled_from([[], [1, 2], list(range(MOST_ORIGINS + 1))]))
        for origin in origins(expression, signal)
        if data.draw(st.booleans())
    }
    for whole in (expression, Not(expression)):
        arguments = Arguments()
        sql = condition(whole, signal, found, Context(arguments, NOW))
        assert SENTINEL not in sql
        assert database.value(f"SELECT count(*) FROM {ROWS[name]} WHERE {sql}", *arguments.values) >= 0


@pytest.mark.parametrize("name", SIGNALS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_row_matches_a_search_or_its_negation(database: Database, name: str, data: st.DataObject) -> None:
    expression: Expression = data.draw(possible(SIGNALS[name]))
    arguments = Arguments()
    context = Context(arguments, NOW, neutral=False)
    positive = condition(expression, SIGNALS[name], {}, context)
    negative = condition(Not(Not(Not(expression))), SIGNALS[name], {}, Context(arguments, NOW, neutral=True))
    rows = database.value(f"SELECT count(*) FROM {ROWS[name]}")
    matching = f"SELECT count(*) FROM {ROWS[name]} WHERE ({positive}) IS TRUE <> ({negative})"
    assert database.value(matching, *arguments.values) == rows


@pytest.mark.parametrize(
    ("signal", "text", "sql", "values"),
    [
        (LOGS, "logger:a", "log.logger_name = $1::text", ["a"]),
        (LOGS, "logger:a_%*?", "log.logger_name LIKE $1::text", ["a\\_\\%%_"]),
        (LOGS, "level:warn", "log.level = $1::text", ["WARNING"]),
        (LOGS, "level:>=WARNING", "log.level = ANY ($1::text[])", [["WARNING", "ERROR", "CRITICAL"]]),
        (LOGS, "level:<info", "log.level = ANY ($1::text[])", [["DEBUG"]]),
        (LOGS, "trace_id:AB*", "log.trace_id LIKE $1::text", ["ab%"]),
        (LOGS, "-user_email:a", "(log.user_email = $1::text) IS NOT TRUE", ["a"]),
        (LOGS, "session_id:*", "log.session_id IS NOT NULL", []),
        (SPANS, "duration:>1.5s", "span.duration_ms > $1::float8", [1500.0]),
        (SPANS, "duration:250", "span.duration_ms = $1::float8", [250.0]),
        (SPANS, "kind:Server", "span.kind = $1::smallint", [2]),
        (SPANS, "status:ERROR", "span.status = $1::text", ["error"]),
        (SPANS, "start_time:<now", "span.start_time < $1::timestamptz", [NOW]),
        (SPANS, "check*out", "span.operation_name ILIKE $1::text", ["%check%out%"]),
        (TRACES, "trace.duration:<=1m", "trace.duration_ms <= $1::float8", [60_000.0]),
        (TRACES, "user_email:*@acme.com", "trace.user_email LIKE $1::text", ["%@acme.com"]),
        (TRACES, "root_missing:true", "trace.root_missing = $1::boolean", [True]),
    ],
)
def test_a_column_is_asked_as(signal: Signal, text: str, sql: str, values: list[object]) -> None:
    assert compiled(signal, text) == (sql, values)


@pytest.mark.parametrize(
    ("signal", "text", "position", "expected"),
    [
        (SPANS, "a duration:>abc", 11, "a duration"),
        (SPANS, "duration:5*", 9, "a duration"),
        (SPANS, "duration:-5ms", 9, "a duration"),
        (SPANS, "start_time:yesterday", 11, "a time"),
        (SPANS, "status:failed", 7, "error"),
        (SPANS, "status:>error", 7, "in_progress"),
        (SPANS, "kind:cli*", 5, "client"),
        (SPANS, "name:>a", 5, "a value without < or >"),
        (LOGS, "level:>verbose", 6, "CRITICAL".lower()),
        (LOGS, "severity_number:high", 16, "a number"),
        (LOGS, "severity_number:1e999", 16, "a number"),
        (LOGS, "id:7", 3, "a uuid"),
        (LOGS, "id:>7", 3, "a value without < or >"),
        (LOGS, "message:>a", 8, "a value without < or >"),
        (LOGS, "http.status:>=abc", 12, "a number"),
        (LOGS, "resource.x:>=abc", 11, "a number"),
        (TRACES, "root_missing:perhaps", 13, "true or false"),
    ],
)
def test_what_a_field_cannot_be_asked_is_told_with_its_position(
    signal: Signal, text: str, position: int, expected: str
) -> None:
    with pytest.raises(SearchError) as mistake:
        compiled(signal, text)
    assert mistake.value.position == position
    assert any(each.startswith(expected) for each in mistake.value.expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user_email:a trace.status:error", True),
        ("trace_id:ab OR -session_id:x", True),
        ("user_email:a status:error", False),
        ("endpoint:/chat checkout", False),
        ("k8s.pod.name:x", False),
    ],
)
def test_a_search_of_fields_of_the_trace_needs_no_spans(text: str, expected: bool) -> None:
    assert is_of_trace(read(text), TRACES) is expected


def test_what_no_resource_has_is_left_to_the_index_on_attributes() -> None:
    expression = read("k:v")
    context = Context(Arguments(), NOW)
    sql = condition(expression, LOGS, {origin: [] for origin in origins(expression, LOGS)}, context)
    assert sql == "((log.extra @> $1::text::jsonb OR log.extra @> $2::text::jsonb) OR false OR false)"
    assert context.arguments.values == ['{"k": "v"}', '{"k": ["v"]}']
