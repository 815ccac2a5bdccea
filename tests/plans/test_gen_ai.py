"""EXPLAIN of the views of calls, retrievals and look-ups, and of the job that derives them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from database import gen_ai_names
from database.gen_ai import DERIVE
from database.queries import load
from database.ranges import midnight
from tests.conftest import copied
from tests.explain import Nodes, explained, rows_read, scans
from tests.served_api import sql

SQL, DATABASE_SQL = load("query_api"), load("database")
NOW = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
A_DAY = midnight(NOW) - 10 * DAY


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """30 days with a call, a retrieval and a look-up every 4 minutes, of a trace each, and 40,000 spans of today."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.gen_ai_spans (role, counted, timestamp, trace_id, span_id, operation_name, "
            "duration_ms, error, provider, request_model, cost_usd, cache_hit) "
            "SELECT role, true, $1::timestamptz - i * interval '4 minutes', md5(i::text), '00000000000000ff', role, "
            "i % 1000, false, 'openai', 'm' || i % 5, 0.01, i % 2 = 0 "
            "FROM generate_series(1, 10800) AS i, unnest('{llm,retrieval,cache}'::text[]) AS role",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, tags, writer, batch) "
            "SELECT md5((i / 10)::text), lpad(to_hex(i), 16, '0'), 'op', $1::timestamptz - i * interval '1 second', "
            'CASE WHEN i % 100 = 0 THEN \'{"gen_ai.operation.name": "chat"}\' ELSE \'{"a": 1}\' END::jsonb, '
            "1, 40001 - i FROM generate_series(1, 40000) AS i ORDER BY i DESC",
            NOW,
        )
        sql(dsn, "VACUUM ANALYZE enterprise.gen_ai_spans, enterprise.trace_spans, enterprise.traces")
        yield dsn


def derived_tables(nodes: Nodes) -> set[str]:
    return {node["Relation Name"] for node in scans(nodes) if node["Relation Name"].startswith("gen_ai_spans")}


@pytest.mark.parametrize("view", ["llm_call_metrics", "rag_metrics", "cache_lookups"])
def test_a_day_of_a_month_is_read_from_its_own_partition(database: str, view: str) -> None:
    nodes = explained(
        database,
        f"SELECT count(*) FROM enterprise.{view} WHERE timestamp >= $1 AND timestamp < $2",
        A_DAY,
        A_DAY + DAY,
    )
    assert derived_tables(nodes) == {f"gen_ai_spans_p{A_DAY:%Y%m%d}"}
    assert rows_read(nodes) <= 3 * 361


def test_the_last_hour_that_a_rule_sums_is_read_from_the_index_on_time(database: str) -> None:
    nodes = explained(
        database,
        "SELECT coalesce(sum(cost_usd), 0) FROM enterprise.llm_call_metrics WHERE timestamp >= $1::timestamptz",
        NOW - HOUR,
    )
    assert rows_read(nodes) <= 20
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node and node["Actual Rows"]}
    assert indexes
    assert all(name.endswith(("role_timestamp_idx", "counted_idx")) for name in indexes)


def test_a_summary_of_a_day_reads_the_calls_of_that_day(database: str) -> None:
    query = SQL["llm_summary"].format(group_by="model")
    nodes = explained(database, query, A_DAY, A_DAY + DAY, 900, 20, *[None] * 6)
    assert derived_tables(nodes) == {f"gen_ai_spans_p{A_DAY:%Y%m%d}"}
    assert rows_read([node for node in nodes if "gen_ai_spans" in node.get("Relation Name", "")]) <= 3 * 361


def test_a_page_of_calls_far_back_reads_no_newer_ones(database: str) -> None:
    nodes = explained(
        database,
        SQL["llm_calls"].format(order=""),
        NOW - 30 * DAY,
        None,
        *[None] * 8,
        str(A_DAY + DAY / 2),
        "a" * 48,
        50,
        0,
    )
    assert rows_read(nodes) < 200
    assert max(derived_tables(nodes) - {"gen_ai_spans_default"}) == f"gen_ai_spans_p{A_DAY:%Y%m%d}"


def test_what_came_is_found_without_reading_the_spans_before(database: str) -> None:
    arguments = ([1], [39000], [40000], NOW - 30 * DAY, 39000, 40000, gen_ai_names.MARKERS)
    nodes = explained(database, DATABASE_SQL["gen_ai_traces"], *arguments)
    spans = [node for node in nodes if node.get("Relation Name", "").startswith("trace_spans")]
    # 1,000 of 40,000 came; the BRIN index says it in ranges of 128 pages, and the last ones may not be summarised yet.
    assert rows_read(spans) < 25_000
    rows = [node for node in nodes if node.get("Relation Name", "").startswith("gen_ai_spans")]
    # Of about 100 traces that came, each is sought by its id in the partitions of its own time.
    assert all("Index Name" in node or node["Node Type"] == "Bitmap Heap Scan" for node in scans(rows))
    assert rows_read(rows) < 1000


def test_traces_are_derived_from_their_own_spans(database: str) -> None:
    ids = [row[0] for row in sql(database, "SELECT trace_id FROM enterprise.traces LIMIT 100")]
    arguments = (ids, NOW - DAY, NOW, gen_ai_names.MARKERS, list(gen_ai_names.CALLS))
    nodes = explained(database, DERIVE, *arguments)
    spans = [node for node in nodes if node.get("Relation Name", "").startswith("trace_spans")]
    assert rows_read(spans) <= 1000
