"""SQL in place of every parameter and in every part of the search language: nothing changes, nothing else is read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from server.app import create_app
from server.settings import Settings
from tests.conftest import copied
from tests.metered import add_metrics
from tests.searchable import add_logs, add_origins, add_traces
from tests.served_api import served_api, sql

SENTINEL = "kept-from-everybody"
# An answer without an end, whose q is that of the list.
ENDLESS = "/api/observability/logs/stream"
PATHS = create_app(Settings(), "postgresql://").openapi()["paths"]
READS = {path: methods["get"] for path, methods in PATHS.items() if "get" in methods and path != ENDLESS}
PARAMETERS = [
    (path, parameter["name"], parameter["in"])
    for path, get in sorted(READS.items())
    for parameter in get.get("parameters", ())
]
LISTS = (
    "/api/observability/logs",
    "/api/observability/spans",
    "/api/observability/traces",
    "/api/observability/metrics/catalogue",
    "/api/observability/metrics/query",
)
TABLES = (
    "hidden",
    "structured_logs",
    "traces",
    "trace_spans",
    "resources",
    "scopes",
    "metric_series",
    "metric_points",
    "alert_rules",
    "alert_instances",
    "alert_states",
    "alert_history",
    "alert_notices",
    "alert_audit",
    "schema_migrations",
)

UNION = "SELECT word FROM enterprise.hidden"
HOSTILE = (
    "' OR '1'='1",
    f"' UNION {UNION} --",
    f"') UNION ALL {UNION} --",
    f"1) OR EXISTS ({UNION}) --",
    f"1; {UNION}",
    "'; DROP TABLE enterprise.hidden; --",
    "0; DELETE FROM enterprise.structured_logs",
    "$1); TRUNCATE enterprise.traces; --",
    f"$$ || ({UNION}) || $$",
    f"({UNION})",
    "\\'; DROP SCHEMA enterprise CASCADE; --",
    "E'\\x27' || pg_sleep(10)",
    "{matches}",
    '"; DROP TABLE enterprise.hidden; --',
    "%' /* ",
    "ʼ; DROP TABLE enterprise.hidden; --",
)
# Every place of the search language that something can be written into.
PLACES = (
    "{}",
    '"{}"',
    "{}:1",
    '"{}":1',
    "attributes.{}:1",
    'service:"{}"',
    "duration:>{}",
    'duration:["{}" TO 5]',
    'timestamp:>"{}"',
    "message:*{}*",
    'pattern:"<*> {}"',
    'status:("{}" OR error)',
    '-"{}"',
    'order.id:"{}"~2',
    "{}:*",
)


@pytest.fixture(scope="module")
def tables(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        now = datetime.now(UTC)
        add_origins(dsn)
        add_logs(dsn, now)
        add_traces(dsn, now)
        add_metrics(dsn, now)
        add_alert(dsn)
        sql(dsn, "CREATE TABLE enterprise.hidden (word text)")
        sql(dsn, "INSERT INTO enterprise.hidden VALUES ($1)", SENTINEL)
        yield dsn


def add_alert(dsn: str) -> None:
    """An alert with a story, and no rule that is evaluated meanwhile."""
    sql(dsn, "UPDATE enterprise.alert_rules SET enabled = false")
    sql(
        dsn,
        "WITH alert AS (INSERT INTO enterprise.alert_instances (rule_id, status) "
        "SELECT id, 'resolved' FROM enterprise.alert_rules RETURNING id, rule_id) "
        "INSERT INTO enterprise.alert_history (at, rule_id, rule_name, instance_id, event) "
        "SELECT now(), rule_id, 'n', id, 'resolved' FROM alert",
    )
    sql(
        dsn,
        "INSERT INTO enterprise.alert_audit (actor, action, object_type, object_id) "
        "SELECT 'ann', 'changed', 'rule', id::text FROM enterprise.alert_rules",
    )


@pytest.fixture(scope="module")
def client(tables: str) -> Iterator[httpx.Client]:
    with served_api(tables) as client:
        yield client


def state(dsn: str) -> list[Any]:
    """What of the tables and functions must be as it was."""
    counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM enterprise.{table}" for table in TABLES)
    functions = "SELECT proname, 1 FROM pg_proc WHERE pronamespace = 'enterprise'::regnamespace"
    return sorted(tuple(row) for row in sql(dsn, f"{counts} UNION ALL {functions}"))


def asked(client: httpx.Client, path: str, name: str, place: str, value: str) -> httpx.Response:
    if place == "path":
        return client.get(path.replace(f"{{{name}}}", httpx.URL(f"/{value}").raw_path.decode()[1:].replace("/", "%2F")))
    filled = path.replace("{name}", "service").replace("{trace_id}", "0" * 32)
    headers = {name: value.encode().decode("latin-1")} if place == "header" else {}
    # What a request must have, so that the other parameters reach the database.
    needed = {"name": "m"} if "/metrics/" in path and "name" in asked_by(path) else {}
    return client.get(filled, params=needed | ({name: value} if place == "query" else {}), headers=headers)


def asked_by(path: str) -> set[str]:
    """The names of its parameters."""
    return {parameter["name"] for parameter in READS[path].get("parameters", ())}


@pytest.mark.parametrize(("path", "name", "place"), PARAMETERS)
def test_sql_as_a_parameter_is_a_value(tables: str, client: httpx.Client, path: str, name: str, place: str) -> None:
    before = state(tables)
    for hostile in HOSTILE:
        answer = asked(client, path, name, place, hostile)
        assert answer.status_code < 500, (hostile, answer.text)
        assert SENTINEL not in answer.text
    assert state(tables) == before


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("path", LISTS)
def test_sql_in_any_part_of_a_search_is_a_value(tables: str, client: httpx.Client, path: str, place: str) -> None:
    before = state(tables)
    for hostile in HOSTILE:
        for written in (hostile, hostile.replace("\\", "\\\\").replace('"', '\\"')):
            q = place.replace("{}", written)
            answer = asked(client, path, "q", "query", q)
            assert answer.status_code in (200, 404, 422), (q, answer.text)
            assert SENTINEL not in answer.text
    assert state(tables) == before
