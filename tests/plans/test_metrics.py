"""Metrics are read by series and time from their unique index, and rolled up without reading all points."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.exporter.postgres.sql_text import sql as exporter_sql

from database.queries import load
from database.ranges import EPOCH
from query_api.metrics.resolution import Resolution, Segment
from query_api.search.arguments import Arguments
from tests.conftest import copied
from tests.explain import Nodes, explained, rows_read, scans
from tests.served_api import sql

SQL = load("database")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
# One batch a minute for four days: the points of all series in that minute.
LAST_BATCH = 5760


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """200 series with a point a minute for four hours, 20 of them for four days, with statistics."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.metric_series "
            "(id, service_name, name, type, unit, temporality, monotonic, attributes, resource_id, scope_id) "
            "SELECT i, 'service ' || i % 5, 'metric ' || i % 50, 'sum', '1', 'cumulative', true, '{}', 0, 0 "
            "FROM generate_series(1, 200) AS i",
        )
        sql(
            dsn,
            "INSERT INTO enterprise.metric_points (series_id, time, start_time, value, writer, batch) "
            "SELECT i, $1::timestamptz - (5760 - n) * interval '1 minute', $1::timestamptz - interval '5 days', n, "
            "1, n FROM generate_series(1, 5760) AS n, generate_series(1, 200) AS i WHERE n > 5520 OR i <= 20 "
            "ORDER BY n, i",
            NOW,
        )
        sql(dsn, "VACUUM ANALYZE enterprise.metric_series, enterprise.metric_points")
        yield dsn


@pytest.fixture(scope="module")
def rolled_up(database: str) -> str:
    """The same points with exemplars, and a minute for each and an hour for each sixtieth."""
    sql(database, 'UPDATE enterprise.metric_points SET exemplars = \'[{"trace_id": "ab"}]\'')
    for table, column, step in (("metric_minutes", "minute", "minute"), ("metric_hours", "hour", "hour")):
        sql(
            database,
            f"INSERT INTO enterprise.{table} (series_id, {column}, points, last_time, buckets, bucket_counts) "
            f"SELECT DISTINCT ON (series_id, date_trunc('{step}', time)) series_id, date_trunc('{step}', time), 1, "
            "time, '{1}'::integer[], '{1}'::bigint[] FROM enterprise.metric_points ON CONFLICT DO NOTHING",
        )
    sql(database, "VACUUM ANALYZE enterprise.metric_minutes, enterprise.metric_hours, enterprise.metric_points")
    return database


def points_read(nodes: Nodes) -> float:
    """Rows of metric_points that scans took, those they threw away included."""
    return rows_read([node for node in nodes if node.get("Relation Name", "").startswith("metric_points")])


def test_a_metric_by_name_and_time_is_read_from_the_index_of_its_series(database: str) -> None:
    nodes = explained(
        database,
        "SELECT time, value FROM enterprise.metrics WHERE name = $1 AND service_name = $2 AND time >= $3 AND time < $4",
        "metric 7",
        "service 2",
        NOW - timedelta(hours=1),
        NOW,
    )
    indexes = {node["Index Name"] for node in nodes if node["Node Type"] in ("Index Scan", "Bitmap Index Scan")}
    assert "metric_series_name_idx" in indexes
    assert points_read(nodes) <= 4 * 61
    old = f"metric_points_p{NOW - 2 * DAY:%Y%m%d}"
    assert old not in {node.get("Relation Name") for node in nodes}


def test_a_minute_is_rolled_up_without_reading_the_days_before(database: str) -> None:
    """200 series got a point each: that one, the one before, and none that follows."""
    after, upto = LAST_BATCH - 1, LAST_BATCH
    nodes = explained(database, SQL["fold_metric_minutes"], [1], [after], [upto], NOW - 30 * DAY, after, upto)
    # Of 158,400: the BRIN index says it in ranges of 128 pages, which hold 13,000 rows, and the last ones may not be
    # summarised yet.
    assert points_read(nodes) < 200 * 3 + 3 * 14_000
    assert sql(database, "SELECT count(*) FROM enterprise.metric_minutes")[0][0] == 200
    assert {row[0] for row in sql(database, "SELECT increase FROM enterprise.metric_minutes")} == {1.0}


def test_the_live_series_of_a_service_are_counted_from_their_index(database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.metric_series (id, service_name, name, type, unit, attributes, resource_id, scope_id) "
        "SELECT i, 'service ' || i % 500, 'm', 'gauge', '1', '{}', 0, 0 FROM generate_series(1000, 30000) AS i",
    )
    sql(database, "VACUUM ANALYZE enterprise.metric_series")
    nodes = explained(database, exporter_sql("refused_series"), [7, 5_000_000], ["service 2", "service 2"], 100_000)
    scans = [node for node in nodes if node.get("Relation Name") == "metric_series"]
    assert {node.get("Index Name") for node in scans} <= {"metric_series_service_idx", "metric_series_pkey"}
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in scans) < 200


def statement(name: str, of: str, segment: Segment, arguments: Arguments) -> str:
    """A query of the read API over one table."""
    source = segment.rows(arguments) if of == "rows" else segment.buckets(arguments)
    return load("query_api")[name].format(**{of: source})


@pytest.mark.parametrize("resolution", Resolution)
@pytest.mark.parametrize("of", ["rows", "buckets"])
def test_values_of_a_window_are_read_from_the_index_of_their_series(
    rolled_up: str, resolution: Resolution, of: str
) -> None:
    """Of 200 series with a point a minute, ten for an hour: nothing of another day, and no other series."""
    series, since, until = list(range(1, 11)), NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    segment = Segment(resolution, since, until)
    if of == "rows":
        arguments = Arguments((series, [0] * 10, ["value"] * 10, 300, "rate", NOW, 20, EPOCH))
        query = statement("metric_values", of, segment, arguments)
    else:
        arguments = Arguments((series, [0] * 10, 300, EPOCH))
        query = statement("metric_buckets", of, segment, arguments)
    nodes = explained(rolled_up, query, *arguments.values)
    table = f"metric_{resolution.value}"
    read = [node for node in nodes if node.get("Relation Name", "").startswith(f"{table}_p")]
    assert read
    assert {node["Node Type"] for node in read} <= {"Index Scan", "Bitmap Heap Scan", "Index Only Scan"}
    # The window's rows, and for points the one before of each series, from each partition of the day before.
    assert rows_read(read) <= 10 * (61 + 3)
    old = f"{NOW - 3 * DAY:%Y%m%d}"
    assert not [node for node in scans(nodes) if node["Relation Name"].endswith(old)]


def test_points_are_counted_no_further_than_asked(rolled_up: str) -> None:
    query = load("query_api")["metric_points_count"]
    nodes = explained(rolled_up, query, list(range(1, 201)), NOW - DAY, NOW, 500)
    assert points_read(nodes) <= 500


def test_exemplars_are_read_from_the_newest_points_back(rolled_up: str) -> None:
    query = load("query_api")["metric_exemplars"]
    nodes = explained(rolled_up, query, list(range(1, 21)), NOW - 3 * DAY, NOW, 5)
    assert points_read(nodes) <= 20 * 5
