"""EXPLAIN of what rules look at: counts before rows, and no row of another time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from alerting.measuring.asked import Asked
from alerting.measuring.figures import figure, nothing
from alerting.measuring.metric_types import ERRORS
from alerting.measuring.searched import BY_MINUTE, SQL
from query_api.search.arguments import Arguments
from query_api.search.signals import COUNTED_LOGS
from query_api.searching import Search
from tests.conftest import copied
from tests.explain import Nodes, explained, rows_read, scans
from tests.measured import rule
from tests.served_api import sql

MINUTE = timedelta(minutes=1)
NOW = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1) + timedelta(seconds=30)
A_MINUTE = 2_000
ERRORS_AGO = 3 * MINUTE
FILL = (
    "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
    f"SELECT $1::timestamptz - i * interval '1 minute' / {A_MINUTE}, 'INFO', 'l', 'm', 'shop' "
    f"FROM generate_series(1, 20 * {A_MINUTE}) AS i"
)
ERROR = (
    "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
    "VALUES ($1, 'ERROR', 'l', 'm', 'shop')"
)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """20 minutes of logs, whose only error came three minutes before their end."""
    for dsn in copied(postgres_dsn, template_database):
        sql(dsn, FILL, NOW)
        sql(dsn, ERROR, NOW - ERRORS_AGO)
        sql(dsn, "VACUUM ANALYZE enterprise.structured_logs")
        yield dsn


def counted(dsn: str, until: datetime) -> Nodes:
    asked = Asked(rule("error_count"), until)
    search = Search(COUNTED_LOGS, ERRORS, until)
    first, last = asked.since.replace(second=0) + MINUTE, until.replace(second=0)
    arguments = Arguments((asked.since, until, first, last))
    text = SQL["logs_counted"].format(
        labels="ARRAY[]::text[]",
        figure=figure("count", BY_MINUTE, "true", asked),
        matches=search.condition({}, arguments),
        most=2,
    )
    assert nothing("count", asked) == 0
    return explained(dsn, text, *arguments.values)


def of_logs(nodes: Nodes) -> Nodes:
    return [node for node in scans(nodes) if node["Relation Name"].startswith("structured_logs")]


def test_errors_are_counted_without_a_row_where_their_minutes_are_whole(database: str) -> None:
    assert of_logs(counted(database, NOW)) == []


def test_of_a_part_of_a_minute_that_holds_an_error_its_rows_are_read_by_the_index(database: str) -> None:
    nodes = counted(database, NOW - ERRORS_AGO + timedelta(seconds=20))
    read = of_logs(nodes)
    assert {node["Node Type"] for node in read} <= {"Index Scan", "Bitmap Heap Scan"}
    assert 0 < rows_read(read) < A_MINUTE
