"""Each metric type over telemetry that came by OTLP, beside SQL written by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import copied
from tests.measured import by_labels, failure, measured, rule
from tests.served_api import sql
from tests.telemetry import Log, Point, Trace, logs, metrics, stored, traces

NOW = datetime.now(UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TICK = timedelta(microseconds=1)
SINCE = NOW - 5 * MINUTE

LOGS = [
    # At both ends of the window, in and out of it.
    Log(5 * MINUTE),
    Log(5 * MINUTE + TICK),
    Log(TICK, "CRITICAL", message="the disk is full", attributes={"shard": 7}),
    Log(-SECOND),
    *(Log(number * 17 * SECOND, "ERROR", attributes={"shard": number % 3}) for number in range(1, 12)),
    *(Log(number * 20 * SECOND, "WARNING", "search") for number in range(1, 10)),
    *(Log(number * 25 * SECOND, "INFO", "search", "all is well") for number in range(1, 30)),
    Log(3 * MINUTE, "ERROR", "search", attributes={"zone": "south"}),
]
TRACES = [
    *(Trace(number * 20 * SECOND, 100.0 * number, number % 5 == 0) for number in range(1, 12)),
    Trace(5 * MINUTE + SECOND, 9_000, True),
    Trace(2 * MINUTE, 50, True, "search", "GET /find", {"shard": 3}, {"db.system": "postgresql"}),
    Trace(3 * MINUTE, 70, False, "search", "GET /find", {"shard": 4}, {"db.system": "postgresql"}),
]
MODELS = [
    *(
        Trace(
            number * 30 * SECOND,
            1_000.0 * number,
            name="retrieval docs",
            attributes={"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": f"docs {number % 2}"},
        )
        for number in range(1, 9)
    ),
    *(
        Trace(
            number * 30 * SECOND,
            name="chat alpha",
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "alpha" if number % 3 else "beta",
                "operation.cost": 0.25 * number,
            },
        )
        for number in range(1, 12)
    ),
    *(
        Trace(number * 30 * SECOND, name="look up", attributes={"cache.hit": number % 4 == 0, "cache.name": "answers"})
        for number in range(1, 9)
    ),
]
USED, FREE = {"state": "used"}, {"state": "free"}
POINTS = [
    Point(2 * MINUTE, "system.memory.utilization", 0.95, "shop", "one", USED),
    Point(1 * MINUTE, "system.memory.utilization", 0.50, "shop", "one", USED),
    Point(1 * MINUTE, "system.memory.utilization", 0.99, "shop", "one", FREE),
    Point(4 * MINUTE, "system.memory.utilization", 0.75, "search", "two", {"system.memory.state": "used"}),
    Point(6 * MINUTE, "system.memory.utilization", 0.97, "search", "three", USED),
    Point(1 * MINUTE, "system.memory.usage", 3e9, "batch", "four", USED),
    Point(1 * MINUTE, "system.memory.usage", 1e9, "batch", "four", FREE),
    Point(1 * MINUTE, "process.memory.usage", 3.2e9, "batch", "four"),
    *(
        Point(number * MINUTE, "queue.length", float(number**2), "shop", attributes={"queue": "a"})
        for number in range(8)
    ),
    *(Point(number * MINUTE, "queue.length", 1.0, "search", attributes={"queue": "b"}) for number in range(3, 8)),
    *(
        Point(number * MINUTE + SECOND, "orders", 600.0 - 60 * number, "shop", since=10 * MINUTE + SECOND)
        for number in range(10)
    ),
]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        stored(dsn, logs=logs(LOGS, NOW), traces=traces([*TRACES, *MODELS], NOW), metrics=metrics(POINTS, NOW))
        yield dsn


def by_hand(dsn: str, query: str) -> dict[tuple[str, ...], float | None]:
    """Rows of labels, the value last, over the window."""
    return {tuple(map(str, row[:-1])): row[-1] for row in sql(dsn, query, SINCE, NOW)}


OF_LOGS = "FROM enterprise.structured_logs WHERE timestamp >= $1 AND timestamp < $2"
OF_TRACES = "FROM enterprise.traces WHERE start_time >= $1 AND start_time < $2"
OF_VIEW = "FROM enterprise.{} WHERE timestamp >= $1 AND timestamp < $2"
IS_ERROR = "level IN ('ERROR', 'CRITICAL')"
P95 = "percentile_cont(0.95) WITHIN GROUP (ORDER BY {})"
SHOP = "service_name = 'shop'"

CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "errors": ("error_count", {}, f"SELECT count(*) {OF_LOGS} AND {IS_ERROR}"),
    "errors by service and level": (
        "error_count",
        {"group_by": ("service", "level")},
        f"SELECT level, service_name, count(*) {OF_LOGS} AND {IS_ERROR} GROUP BY 1, 2",
    ),
    "errors by an attribute": (
        "error_count",
        {"group_by": ("shard",)},
        f"SELECT coalesce(extra ->> 'shard', ''), count(*) {OF_LOGS} AND {IS_ERROR} GROUP BY 1",
    ),
    "errors that a search finds": (
        "error_count",
        {"query": "disk shard:7"},
        f"SELECT count(*) {OF_LOGS} AND {IS_ERROR} AND message LIKE '%disk%' AND extra ->> 'shard' = '7'",
    ),
    "logs by an attribute of the row or its resource": (
        "logs",
        {"query": "service:search", "group_by": ("zone",)},
        f"SELECT coalesce(extra ->> 'zone', 'north'), count(*) {OF_LOGS} AND service_name = 'search' GROUP BY 1",
    ),
    "logs by a search": (
        "logs",
        {"query": "service:search -level:info", "aggregation": "count"},
        f"SELECT count(*) {OF_LOGS} AND service_name = 'search' AND level <> 'INFO'",
    ),
    "rate of logs": ("logs", {"aggregation": "rate"}, f"SELECT count(*) / 300.0::float {OF_LOGS}"),
    "ratio of logs": (
        "logs",
        {"aggregation": "ratio", "query": "level:>=error", "of_query": "service:search OR service:shop"},
        f"SELECT 1.0::float * count(*) FILTER (WHERE {IS_ERROR}) / count(*) {OF_LOGS}",
    ),
    "ratio of logs by words": (
        "logs",
        {"aggregation": "ratio", "query": "disk", "of_query": "service:shop"},
        f"SELECT 1.0::float * count(*) FILTER (WHERE message LIKE '%disk%') / count(*) {OF_LOGS} AND {SHOP}",
    ),
    "absence of logs": (
        "logs",
        {"aggregation": "absence", "query": "level:warning"},
        f"SELECT extract(epoch FROM $2 - max(timestamp))::float / 60 {OF_LOGS} AND level = 'WARNING'",
    ),
    "absence of logs that came earlier": (
        "logs",
        {"aggregation": "absence", "query": "service:search level:error"},
        "SELECT extract(epoch FROM $2 - max(timestamp))::float / 60 "
        f"{OF_LOGS} AND level = 'ERROR' AND service_name = 'search'",
    ),
    "absence by service": (
        "traces",
        {"aggregation": "absence", "group_by": ("service",)},
        f"SELECT service_name, extract(epoch FROM $2 - max(start_time))::float / 60 {OF_TRACES} GROUP BY 1",
    ),
    "error rate": (
        "error_rate",
        {},
        f"SELECT 100.0::float * count(*) FILTER (WHERE status = 'error') / count(*) {OF_TRACES}",
    ),
    "error rate by service": (
        "error_rate",
        {"group_by": ("service",)},
        "SELECT service_name, 100.0::float * count(*) FILTER (WHERE status = 'error') / count(*) "
        f"{OF_TRACES} GROUP BY 1",
    ),
    "latency": ("latency_p95", {}, f"SELECT {P95.format('duration_ms')} {OF_TRACES}"),
    "latency by operation": (
        "latency_p95",
        {"group_by": ("name",), "query": "db.system:postgresql OR trace.service:shop"},
        f"SELECT operation_name, {P95.format('duration_ms')} {OF_TRACES} GROUP BY 1",
    ),
    "traces by a span's attribute": (
        "traces",
        {"query": "db.system:postgresql", "group_by": ("shard",)},
        f"SELECT tags ->> 'shard', count(*) {OF_TRACES} AND service_name = 'search' GROUP BY 1",
    ),
    "ratio of traces": (
        "traces",
        {"aggregation": "ratio", "query": "trace.duration:>300ms", "of_query": "trace.service:shop"},
        f"SELECT 1.0::float * count(*) FILTER (WHERE duration_ms > 300) / count(*) {OF_TRACES} AND {SHOP}",
    ),
    "slowest trace": ("traces", {"aggregation": "max"}, f"SELECT max(duration_ms) {OF_TRACES}"),
    "spans by kind and service": (
        "spans",
        {"group_by": ("service", "kind")},
        "SELECT 'unspecified', service_name, count(*) FROM enterprise.trace_spans "
        "WHERE start_time >= $1 AND start_time < $2 GROUP BY 2",
    ),
    "median of spans": (
        "spans",
        {"aggregation": "p50", "query": "name:child"},
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) FROM enterprise.trace_spans "
        "WHERE start_time >= $1 AND start_time < $2 AND operation_name = 'child'",
    ),
    "average of traces": ("traces", {"aggregation": "avg"}, f"SELECT avg(duration_ms) {OF_TRACES}"),
    "latency of retrievals": (
        "rag_latency_p95",
        {},
        f"SELECT {P95.format('total_ms')} {OF_VIEW.format('rag_metrics')}",
    ),
    "latency of retrievals by source": (
        "rag_latency_p95",
        {"group_by": ("data_source",)},
        f"SELECT data_source, {P95.format('total_ms')} {OF_VIEW.format('rag_metrics')} GROUP BY 1",
    ),
    "cost": ("llm_cost", {}, f"SELECT sum(cost_usd) {OF_VIEW.format('llm_call_metrics')}"),
    "cost by model": (
        "llm_cost_hourly",
        {"group_by": ("model",)},
        f"SELECT model, sum(cost_usd) {OF_VIEW.format('llm_call_metrics')} GROUP BY 1",
    ),
    "hits": (
        "cache_hit_rate",
        {},
        f"SELECT 100.0::float * count(*) FILTER (WHERE hit) / count(*) {OF_VIEW.format('cache_lookups')}",
    ),
    "misses by cache": (
        "cache_miss",
        {"group_by": ("name",)},
        f"SELECT name, 100.0::float * count(*) FILTER (WHERE NOT hit) / count(*) {OF_VIEW.format('cache_lookups')} "
        "GROUP BY 1",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_measurement_is_what_sql_by_hand_says(database: str, case: str) -> None:
    metric_type, fields, query = CASES[case]
    found = by_labels(await measured(database, rule(metric_type, **fields), NOW))
    expected = by_hand(database, query)
    assert any(value for value in expected.values())
    assert found == pytest.approx(expected)


async def test_the_window_begins_with_its_first_moment_and_ends_before_its_last(database: str) -> None:
    assert by_labels(await measured(database, rule("error_count"), NOW)) == {(): 14}


@pytest.mark.parametrize("minutes", [1, 2, 7, 60])
@pytest.mark.parametrize("later", [0, 13, 59])
async def test_logs_counted_by_the_minute_are_those_of_the_rows(database: str, minutes: int, later: int) -> None:
    now = NOW + later * SECOND
    found = await measured(database, rule("logs", minutes=minutes, group_by=("level", "service")), now)
    rows = sql(
        database,
        f"SELECT level, service_name, count(*) {OF_LOGS} GROUP BY 1, 2",
        now - minutes * MINUTE,
        now,
    )
    assert by_labels(found) == {tuple(row[:2]): row[2] for row in rows}


async def test_memory_is_the_latest_of_each_host_and_the_highest_of_all(database: str) -> None:
    assert by_labels(await measured(database, rule("memory_percent"), NOW)) == pytest.approx({(): 80.0})
    found = await measured(database, rule("memory_percent", group_by=("service",)), NOW)
    assert by_labels(found) == pytest.approx({("shop",): 50.0, ("search",): 75.0, ("batch",): 80.0})


@pytest.mark.parametrize(
    ("aggregation", "expected"), [(None, 55 / 5), ("max", 25.0), ("last", 1.0), ("count", 5.0), ("sum", 1.0)]
)
async def test_a_metric_is_aggregated_over_the_window(database: str, aggregation: str | None, expected: float) -> None:
    """The point of its end is not in it, that of its begin is."""
    given = rule("metric", metric_name="queue.length", query="queue:a", aggregation=aggregation)
    assert by_labels(await measured(database, given, NOW)) == {(): expected}


async def test_a_counter_is_followed_over_a_window_of_any_begin(database: str) -> None:
    increase = rule("metric", metric_name="orders", aggregation="increase")
    rate = rule("metric", metric_name="orders", aggregation="rate", minutes=4)
    assert by_labels(await measured(database, increase, NOW)) == {(): pytest.approx(300.0)}
    assert by_labels(await measured(database, rate, NOW)) == {(): pytest.approx(1.0)}


async def test_metrics_are_grouped_and_what_has_no_point_is_absent(database: str) -> None:
    given = rule("metric", metric_name="queue.length", group_by=("service", "queue"))
    assert by_labels(await measured(database, given, NOW)) == {("a", "shop"): 11.0, ("b", "search"): 1.0}
    absent = rule("metric", metric_name="queue.length", group_by=("queue",), aggregation="absence", minutes=2)
    assert by_labels(await measured(database, absent, NOW)) == pytest.approx({("a",): 1.0, ("b",): 2.0})


async def test_without_data_counts_are_zero_and_figures_unknown(database: str) -> None:
    later = NOW + timedelta(hours=3)
    expected: dict[str, float | None] = {
        "error_count": 0,
        "error_rate": None,
        "latency_p95": None,
        "rag_latency_p95": None,
        "llm_cost": 0,
        "llm_cost_hourly": 0,
        "cache_hit_rate": 100,
        "cache_miss": 0,
        "memory_percent": None,
        "logs": 0,
        "spans": 0,
        "traces": 0,
    }
    for metric_type, value in expected.items():
        found = await measured(database, rule(metric_type), later)
        assert by_labels(found) == {(): value}, metric_type
        assert found.missing == value, metric_type
        assert by_labels(await measured(database, rule(metric_type, group_by=("service",)), later)) == {}
    found = await measured(database, rule("logs", aggregation="absence", minutes=7), later)
    assert (by_labels(found), found.missing) == ({(): 7.0}, 7.0)
    assert by_labels(await measured(database, rule("metric", metric_name="unheard.of"), later)) == {(): None}


async def test_rows_come_with_what_meets_the_condition_alone(database: str) -> None:
    met = await measured(database, rule("error_count", threshold=10), NOW)
    rows = met.samples[0].context["rows"]
    assert [row["message"] for row in rows] == ["the disk is full"] + 4 * ["something happened"]
    assert rows[0]["level"] == "CRITICAL"
    assert rows[0]["time"] == (NOW - TICK).isoformat()
    assert (await measured(database, rule("error_count", threshold=14), NOW)).samples[0].context == {}


async def test_rows_are_those_of_their_label_set_and_the_slowest_of_a_latency(database: str) -> None:
    found = await measured(database, rule("latency_p95", threshold=1, group_by=("service",)), NOW)
    contexts = {dict(sample.labels)["service"]: sample.context for sample in found.samples}
    assert [row["duration_ms"] for row in contexts["search"]["rows"]] == [70.0, 50.0]
    assert contexts["search"]["trace_id"] == contexts["search"]["rows"][0]["trace_id"]
    assert {row["service"] for row in contexts["shop"]["rows"]} == {"shop"}


async def test_rows_of_models_are_the_dearest_calls(database: str) -> None:
    found = await measured(database, rule("llm_cost", threshold=1), NOW)
    rows = found.samples[0].context["rows"]
    assert [row["cost_usd"] for row in rows] == [2.5, 2.25, 2.0, 1.75, 1.5]
    assert {row["name"] for row in rows} == {"chat alpha"}


async def test_more_label_sets_than_are_taken_is_a_failure(database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, extra, service_name) "
        "SELECT $1::timestamptz - interval '1 day', 'ERROR', 'l', 'm', jsonb_build_object('user', i), 'shop' "
        "FROM generate_series(1, 1001) AS i",
        NOW,
    )
    error = await failure(database, rule("error_count", group_by=("user",)), NOW - timedelta(hours=23, minutes=58))
    assert "more than 1000 label sets" in error


@pytest.mark.parametrize(
    ("metric_type", "fields", "reason"),
    [
        ("nothing", {}, "there is no metric type nothing"),
        ("logs", {"aggregation": "p95"}, "aggregation: must be one of count, rate, ratio, absence for logs"),
        ("metric", {}, "metric_name: is needed"),
        ("metric", {"metric_name": "queue.length", "aggregation": "p95"}, "a gauge has no buckets"),
        ("llm_cost", {"group_by": ("colour",)}, "group_by: colour: llm_cost is grouped by"),
        ("logs", {"query": "level:loud"}, "query: level has no value"),
        ("traces", {"group_by": ("scope.name",)}, "group_by: scope.name"),
    ],
)
async def test_a_rule_that_says_nothing_measurable_fails_with_the_reason(
    database: str, metric_type: str, fields: dict[str, Any], reason: str
) -> None:
    """As one that was written by plain SQL, where nothing was checked."""
    assert reason in await failure(database, rule(metric_type, **fields), NOW)


async def test_a_group_of_any_name_is_an_attribute_and_no_sql(database: str) -> None:
    hostile = "'; DROP TABLE enterprise.alert_rules; --"
    found = await measured(database, rule("logs", group_by=(hostile,)), NOW)
    assert by_labels(found).keys() == {("",)}
