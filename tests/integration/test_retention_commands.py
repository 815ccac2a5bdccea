"""`otelgres retention`: what is kept, pins, rules and deletions at the command line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.conftest import copied
from tests.otelgres_process import plain_environment
from tests.served_api import sql

NOW = datetime.now(UTC)
TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """With one span of a person."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, tags) "
            "VALUES ($1, 'a', 'op', $2, '{\"user.email\": \"bob@example.com\"}')",
            TRACE,
            NOW,
        )
        yield dsn


def otelgres(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = plain_environment() | {"OTELGRES_DSN": dsn, "OTELGRES_RETENTION_SIZE": "10GiB"}
    command = [sys.executable, "-m", "server.cli", "retention", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def done(dsn: str, *arguments: str) -> str:
    finished = otelgres(dsn, *arguments)
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def test_what_is_kept_is_shown(database: str) -> None:
    shown = done(database)
    assert f"spans: since {NOW:%Y-%m-%d} 00:00 UTC" in shown
    assert "kept for 30 days; the oldest go at" in shown
    assert "logs: nothing yet; kept for 30 days" in shown
    assert "last run that succeeded: never" in shown
    assert json.loads(done(database, "--json"))["cap_bytes"] == 10 * 1024**3


def test_what_is_wrong_is_said_loudly(database: str) -> None:
    report = {"bytes": 2000000, "cap_bytes": 1000000, "over_bytes": 1000000, "over_why": "x is being read"}
    late = {"late_since": "2020-01-01T00:00:00+00:00", "postponed": ["structured_logs_p20260101"]}
    sql(
        database,
        "INSERT INTO enterprise.maintenance_runs (job, last_error, report) VALUES ('retention', 'no room', $1::jsonb)",
        json.dumps(report | late),
    )
    try:
        shown = done(database)
    finally:
        sql(database, "DELETE FROM enterprise.maintenance_runs")
    assert "TOO MUCH by 976.6KiB: x is being read" in shown
    assert "FAILING: retention: no room" in shown
    assert "hours: somebody reads structured_logs_p20260101" in shown


def test_a_trace_is_pinned_listed_and_unpinned(database: str) -> None:
    assert done(database, "pin", TRACE, "--why", "Incident 4711") == f"pinned: {TRACE}, 1 spans and logs\n"
    assert "Incident 4711" in done(database, "pins")
    assert json.loads(done(database, "pins", "--json"))["trace_id"] == TRACE
    assert done(database, "unpin", TRACE) == f"unpinned: {TRACE}\n"
    assert otelgres(database, "unpin", TRACE).returncode == 1
    assert "there is no trace unknown" in otelgres(database, "pin", "unknown", "--why", "why").stderr


def test_a_rule_is_added_listed_and_removed(database: str) -> None:
    added = done(database, "rule", "add", "--level", "DEBUG", "--days", "2")
    rule = json.loads(done(database, "rule", "list"))
    assert (rule["signal"], rule["service"], rule["level"], rule["keep_days"]) == ("logs", None, "DEBUG", 2)
    assert added == f"added: rule {rule['id']}\n"
    assert "there is a rule for this already" in otelgres(database, "rule", "add", "--level=DEBUG", "--days=3").stderr
    assert (
        "only logs have levels"
        in otelgres(database, "rule", "add", "--signal=spans", "--level=DEBUG", "--days=3").stderr
    )
    assert done(database, "rule", "remove", str(rule["id"])) == f"removed: rule {rule['id']}\n"


def test_a_persons_data_is_counted_and_deleted_when_that_is_said(database: str) -> None:
    counted = done(database, "delete", "--user-email", "bob@example.com")
    assert counted.splitlines() == [
        "found: 1 spans, 0 logs, 0 metric points",
        "nothing is deleted: say --yes to delete this",
    ]
    assert sql(database, "SELECT user_email FROM enterprise.deletions WHERE user_email IS NOT NULL") == []
    assert len(sql(database, "SELECT FROM enterprise.trace_spans")) == 1
    deleted = done(database, "delete", "--user-email", "bob@example.com", "--yes")
    assert deleted.splitlines()[0] == "deleted: 1 spans, 0 logs, 0 metric points"
    assert sql(database, "SELECT FROM enterprise.traces") == []


def test_a_deletion_that_seeks_nothing_is_refused(database: str) -> None:
    assert "a deletion seeks a user_email" in otelgres(database, "delete", "--yes").stderr
    assert "attribute.value" in otelgres(database, "delete", "--attribute", "key").stderr
