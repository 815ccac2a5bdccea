"""Every query of the dashboards, on what came by OTLP, over the login that Grafana has."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from database import pool
from database.folding import Folding
from tests import grafana_story
from tests.conftest import copied
from tests.grafana_files import FOLDER, QUERIES, provisioned, query_of
from tests.grafana_queries import Moment, Query
from tests.migration.programs import run
from tests.served_api import lead, sql
from tests.telemetry import stored

NOW = datetime.now(UTC)
START = (NOW - timedelta(minutes=10)).replace(microsecond=0)
ASKED = Moment(NOW - timedelta(hours=1), NOW)
TRACE_ID = grafana_story.TRACE.hex()
VALUES = {"service": "shop", "level": "*", "trace": "", "q": "", "traceID": TRACE_ID}
HOSTILE = [
    "' OR '1'='1",
    "'; DELETE FROM enterprise.traces; --",
    "\\",
    "\\' OR true --",
    "' || pg_sleep(1) || '",
    "$q ${trace} [[level]]",
    "%",
    "$1",
    "/* */ $$ ; \n",
]
NUMBERS = {"float8", "int8", "int4"}
# What the data source makes the same of in all versions.
PLAIN = {"text", "varchar", "bool", "timestamptz", "numeric"} | NUMBERS
TRACES_PANEL = [
    *(("traceID", "text"), ("spanID", "text"), ("parentSpanID", "text"), ("operationName", "text")),
    *(("serviceName", "text"), ("startTime", "float8"), ("duration", "float8"), ("serviceTags", "text")),
    *(("tags", "text"), ("logs", "text"), ("references", "text"), ("warnings", "text"), ("stackTraces", "text")),
    *(("kind", "text"), ("statusCode", "int4"), ("statusMessage", "text")),
    *(("instrumentationLibraryName", "text"), ("traceState", "text")),
]

Columns = list[tuple[str, str]]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        stored(dsn, traces=grafana_story.traces(START), logs=grafana_story.logs(START, HOSTILE))
        asyncio.run(_fold(dsn))
        _alert(dsn)
        yield dsn


@pytest.fixture(scope="module")
def login(database: str) -> Iterator[str]:
    """DSN of a login as examples/grafana makes it."""
    name, parts = f"grafana_{uuid.uuid4().hex[:8]}", urlsplit(database)
    run("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "-v", f"login={name}", "-v", "password=it's",
        f"--file={FOLDER / 'login.sql'}", database)  # fmt: skip
    yield parts._replace(netloc=f"{name}:it%27s@{parts.netloc.rpartition('@')[2]}").geturl()
    sql(database, f"DROP ROLE {name}")


@pytest.fixture
async def connection(login: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(login)
    yield connection
    await connection.close()


async def _fold(dsn: str) -> None:
    connections = await pool.connect_pool(dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
    await Folding(await lead(connections)).run_once(NOW)
    await connections.close()


def _alert(dsn: str) -> None:
    """One rule fired, and is told of in the history."""
    instance = sql(
        dsn,
        "INSERT INTO enterprise.alert_instances (rule_id, triggered_at, metric_value, threshold_value, message) "
        "SELECT id, $1, 12, 10, 'High Error Rate: error_count is 12 (threshold: 10)' FROM enterprise.alert_rules "
        "WHERE name = 'High Error Rate' RETURNING id, rule_id",
        START,
    )[0]
    sql(
        dsn,
        "INSERT INTO enterprise.alert_history (at, rule_id, rule_name, instance_id, event) "
        "VALUES ($1, $2, 'High Error Rate', $3, 'fired')",
        START,
        instance["rule_id"],
        instance["id"],
    )


async def frame(connection: Any, query: Query, **values: str) -> tuple[Columns, list[Mapping[str, Any]]]:
    """Names and types of a query's columns, and its rows."""
    statement = await connection.prepare(ASKED.expanded(query.sql, VALUES | values))
    columns = [(attribute.name, attribute.type.name) for attribute in statement.get_attributes()]
    return columns, await statement.fetch()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.dashboard}: {query.place}")
async def test_every_query_makes_a_frame_of_its_panel(connection: Any, query: Query) -> None:
    columns, rows = await frame(connection, query)
    names, types = dict(columns), {type_ for _, type_ in columns}
    assert rows
    assert len(names) == len(columns)
    assert types <= PLAIN
    match query.panel:
        case "timeseries":
            times = [row["time"] for row in rows]
            assert query.format == "time_series"
            assert names.pop("time") == "numeric"
            assert set(names.values()) <= {"text"} | NUMBERS
            assert len([type_ for type_ in names.values() if type_ in NUMBERS]) == 1
            assert times == sorted(times)
            assert all(ASKED.since.timestamp() - 60 <= time <= ASKED.until.timestamp() for time in times)
        case "traces":
            assert columns == TRACES_PANEL
        case "logs":
            assert [column for column in columns if column[1] in ("timestamptz", "text")][:5] == [
                ("time", "timestamptz"),
                ("body", "text"),
                ("level", "text"),
                ("id", "text"),
                ("tsNs", "text"),
            ]
        case "stat":
            assert len(rows) == len(columns) == 1
            assert types <= NUMBERS
        case "table":
            assert names.get("time", "timestamptz") == "timestamptz"
        case "variable":
            assert list(names) in (["service_name"], ["__text", "__value"])
        case "annotations":
            assert names == {"time": "timestamptz", "timeend": "timestamptz", "text": "text", "tags": "text"}
        case _:
            pytest.fail(f"nothing is known of a panel {query.panel}")
    assert query.panel == "timeseries" or query.format == "table"


async def test_a_trace_is_as_the_traces_panel_reads_it(connection: Any) -> None:
    _, rows = await frame(connection, query_of("trace", "traces"))
    spans = {row["operationName"]: row for row in rows}
    root, failed = spans["GET /orders"], spans["find order"]
    start = START.timestamp() * 1000
    assert {row["traceID"] for row in rows} == {TRACE_ID}
    assert len({row["spanID"] for row in rows}) == len(rows) == 4
    assert (root["spanID"], root["parentSpanID"]) == (grafana_story.ROOT.hex(), None)
    assert failed["parentSpanID"] == root["spanID"]
    assert (root["startTime"], root["duration"], root["serviceName"]) == (start, 250, "shop")
    assert (root["kind"], root["statusCode"], root["traceState"]) == ("server", 0, "vendor=1")
    assert (failed["statusCode"], failed["statusMessage"]) == (2, "no such order")
    assert root["instrumentationLibraryName"] == "shop.web"
    assert pairs(root["serviceTags"]) == {"service.name": "shop", "host.name": "north"}
    assert pairs(root["tags"]) == {
        "http.route": "/orders",
        "large": str(grafana_story.LARGE),
        "cached": False,
        "languages": '["de", "en"]',
    }
    assert pairs(failed["tags"]) == {"error": True}
    (missed,) = json.loads(root["logs"])
    assert missed["timestamp"] == start + 1.5
    assert pairs(json.dumps(missed["fields"])) == {"message": "cache missed", "size": 3}
    (raised,) = json.loads(failed["logs"])
    assert raised["timestamp"] == start + 2
    assert pairs(json.dumps(raised["fields"]))["exception.type"] == "ValueError"
    assert json.loads(failed["stackTraces"]) == [grafana_story.STACK]
    (reference,) = json.loads(root["references"])
    assert reference == {
        "traceID": grafana_story.LINKED.hex(),
        "spanID": grafana_story.CALL.hex(),
        "tags": [{"key": "reason", "value": "retry"}],
    }
    assert json.loads(root["warnings"]) == []
    assert (spans["stream"]["duration"], json.loads(spans["stream"]["warnings"])) == (0, ["The span has not ended"])


def pairs(text: str) -> dict[str, Any]:
    """The attributes in a list of keys and values, each once."""
    given = json.loads(text)
    found = {each["key"]: each["value"] for each in given}
    assert len(found) == len(given)
    assert all(each.keys() == {"key", "value"} for each in given)
    return found


async def test_operations_have_their_counts_and_durations(connection: Any) -> None:
    (query,) = [query for query in QUERIES if query.place.startswith("Operations (")]
    _, rows = await frame(connection, query)
    found = {row["operation_name"]: row for row in rows}
    assert found.keys() == {"GET /orders", "GET /broken", "chat gpt-4o", "stream"}
    orders, broken = found["GET /orders"], found["GET /broken"]
    assert (orders["kind"], orders["spans"], orders["errors"], orders["mean_ms"]) == ("server", 1, 0, 250)
    assert orders["highest_p95_ms"] == pytest.approx(250, rel=0.02)
    assert (broken["errors"], broken["errors_percent"]) == (1, 100)


async def test_a_call_of_a_model_has_its_cost(database: str, connection: Any) -> None:
    (query,) = [query for query in QUERIES if query.place.startswith("Dearest calls")]
    _, (call,) = await frame(connection, query)
    (known,) = sql(database, "SELECT * FROM enterprise.llm_call_metrics")
    assert call["cost_usd"] == known["cost_usd"] > 0
    assert (call["model"], call["input_tokens"], call["output_tokens"], call["latency_ms"]) == (
        "gpt-4o",
        1000,
        100,
        200,
    )
    assert call["trace_id"] == TRACE_ID


async def test_logs_are_counted_by_level(connection: Any) -> None:
    (query,) = [query for query in QUERIES if query.dashboard == "otelgres-logs" and query.panel == "timeseries"]
    _, rows = await frame(connection, query)
    assert {row["level"]: row["logs"] for row in rows} == {"error": 1, "info": 1, "debug": len(HOSTILE)}
    _, rows = await frame(connection, query, level="error", service="shop")
    assert [(row["level"], row["logs"]) for row in rows] == [("error", 1)]


async def test_spans_by_plain_sql_that_hold_anything_are_shown_too(database: str, connection: Any) -> None:
    trace_id = uuid.uuid4().hex
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, tags, logs, "
        "links) VALUES ($1, 'a', 'odd', NULL, $2, '[1]', $3, '{}'), ($1, 'b', 'odd', NULL, $2, NULL, NULL, '[1, {}]'), "
        "($1, 'b', 'odd', NULL, $2, NULL, NULL, '[1, {}]')",
        trace_id,
        START,
        json.dumps([1, "text", {"timestamp": "yesterday-ish", "message": None}, {"timestamp": "infinity"}]),
    )
    try:
        _, rows = await frame(connection, query_of("trace", "traces"), traceID=trace_id)
    finally:
        sql(database, "DELETE FROM enterprise.traces WHERE trace_id = $1", trace_id)
    assert [row["spanID"] for row in rows] == ["a", "b"]
    assert [json.loads(row["tags"]) for row in rows] == [[], []]
    events = json.loads(rows[0]["logs"])
    assert {event["timestamp"] for event in events} == {START.timestamp() * 1000}
    assert [event["fields"] for event in events] == [
        [{"key": "message", "value": 1}],
        [{"key": "message", "value": "text"}],
        [{"key": "message", "value": ""}],
        [],
    ]
    assert json.loads(rows[1]["references"]) == [{"traceID": "", "spanID": "", "tags": []}] * 2


async def test_logs_are_as_the_logs_panel_reads_them(connection: Any) -> None:
    _, rows = await frame(connection, query_of("logs", "logs"), trace=TRACE_ID)
    assert [(row["body"], row["level"]) for row in rows] == [("answered", "info"), ("order was not found", "error")]
    assert rows[0]["tsNs"] == str(int(START.timestamp()) * 10**9 + 2_000_007)
    assert json.loads(rows[0]["attributes"]) == {"order": 2}
    assert {row["id"] for row in rows}.isdisjoint({None, ""})


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_is_typed_into_a_variable_stays_a_value(connection: Any, text: str) -> None:
    logs = query_of("logs", "logs")
    _, rows = await frame(connection, logs, q=text)
    assert text in [row["body"] for row in rows]
    assert all(text.lower() in row["body"].lower() for row in rows)
    for variable in ("service", "level", "trace"):
        assert (await frame(connection, logs, **{variable: text}))[1] == []


@pytest.mark.parametrize("text", [*HOSTILE, '"', "'"])
async def test_no_value_breaks_a_query(connection: Any, text: str) -> None:
    for query in QUERIES:
        await frame(connection, query, **dict.fromkeys(VALUES, text))


@pytest.mark.parametrize(("variable", "value"), [("service", "*"), ("level", "error"), ("q", "NOT FOUND")])
async def test_variables_narrow_the_logs(connection: Any, variable: str, value: str) -> None:
    _, rows = await frame(connection, query_of("logs", "logs"), **{variable: value})
    assert len(rows) == (2 + len(HOSTILE) if value == "*" else 1)


async def test_the_correlation_of_a_log_finds_its_spans(connection: Any) -> None:
    (source, _) = provisioned("datasources")["datasources"]
    (written,) = [
        correlation["config"]["target"]["rawSql"]
        for correlation in source["correlations"]
        if "rawSql" in correlation["config"]["target"]
    ]
    query = ASKED.expanded(written.replace("$$", "$"), {"trace_id": TRACE_ID})
    assert len(await connection.fetch(query)) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM enterprise.traces",
        "SELECT * FROM enterprise.access_keys",
        "SELECT * FROM enterprise.people",
        "SELECT * FROM enterprise.alert_channels",
        "CREATE TABLE enterprise.mine (id int)",
        "SELECT enterprise.grant_roles()",
    ],
)
async def test_the_login_reads_telemetry_and_nothing_else(connection: Any, statement: str) -> None:
    await connection.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)


async def test_the_login_is_bounded_unless_it_asks_for_more(connection: Any) -> None:
    assert await connection.fetchval("SHOW statement_timeout") == "15s"
    assert await connection.fetchval("SHOW default_transaction_read_only") == "on"


async def test_readers_have_the_views_as_well(database: str) -> None:
    views = sql(
        database,
        "SELECT relname, has_table_privilege('otelgres_reader', oid, 'SELECT') AS read, obj_description(oid) AS says "
        "FROM pg_class WHERE relnamespace = 'enterprise'::regnamespace AND relname LIKE 'grafana%'",
    )
    assert len(views) == 6
    assert all(view["read"] and view["says"] for view in views)
