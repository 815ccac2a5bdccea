"""EXPLAIN of what is read of alerts: newest ones by an index, and no more rows than are shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from database.queries import load
from tests.conftest import copied
from tests.explain import explained, rows_read, scans
from tests.served_api import sql

READS = load("alerting.api")
NOW = datetime.now(UTC)
YEAR, DAY = timedelta(days=365), timedelta(days=1)
INSTANCES, OPEN = 20_000, 40
EVERYTHING = (None, None, None)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """A year of alerts of five rules, the last 40 of them open, each with two events and a notice; with statistics."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "WITH rules AS (SELECT array_agg(id) AS ids FROM enterprise.alert_rules) "
            "INSERT INTO enterprise.alert_instances (rule_id, triggered_at, fingerprint, status) "
            "SELECT ids[1 + i % 5], $1::timestamptz - i * interval '26 minutes', i::text, "
            f"CASE WHEN i <= {OPEN} THEN 'firing' ELSE 'resolved' END FROM rules, generate_series(1, {INSTANCES}) AS i",
            NOW,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.alert_history (at, rule_id, rule_name, instance_id, event) "
            "SELECT triggered_at, rule_id, 'n', id, event FROM enterprise.alert_instances, "
            "unnest(ARRAY['firing', 'told']) AS event",
        )
        sql(
            dsn,
            "INSERT INTO enterprise.alert_notices (channel, group_key, kind, items, state, created_at) "
            "SELECT 'slack', fingerprint, 'alert', jsonb_build_array(jsonb_build_object('instance_id', id)), 'sent', "
            "triggered_at FROM enterprise.alert_instances",
        )
        sql(
            dsn,
            "INSERT INTO enterprise.alert_audit (at, action, object_type, object_id) "
            "SELECT triggered_at, 'changed', 'rule', rule_id::text FROM enterprise.alert_instances",
        )
        for table in ("instances", "history", "notices", "audit", "rules", "attempts", "states"):
            sql(dsn, f"VACUUM ANALYZE enterprise.alert_{table}")
        yield dsn


def an_instance(dsn: str) -> object:
    return sql(dsn, "SELECT id FROM enterprise.alert_instances ORDER BY id LIMIT 1")[0]["id"]


def test_the_newest_alerts_come_from_their_index(database: str) -> None:
    arguments = (NOW - YEAR, None, False, *EVERYTHING, None, None, 50)
    nodes = explained(database, READS["instances_matching"], *arguments)
    (scan,) = (node for node in scans(nodes) if node["Relation Name"] == "alert_instances")
    assert scan["Index Name"] == "alert_instances_triggered_at_idx"
    assert rows_read(nodes) <= 150


def test_what_is_open_is_found_without_what_is_over(database: str) -> None:
    arguments = (None, None, True, *EVERYTHING, None, None, 50)
    for query, given in ((READS["instances_matching"], arguments), (READS["counts"], ())):
        nodes = explained(database, query, *given)
        scanned = [node for node in scans(nodes) if node["Relation Name"] == "alert_instances"]
        assert {node["Index Name"] for node in scanned} == {"alert_instances_open_idx"}
        assert rows_read(nodes) <= 2 * OPEN + 50


def test_the_next_page_of_alerts_begins_where_the_last_ended(database: str) -> None:
    arguments = (NOW - YEAR, None, False, *EVERYTHING, str(NOW - YEAR / 2), "0" * 8 + "-0000-0000-0000-" + "0" * 12, 50)
    assert rows_read(explained(database, READS["instances_matching"], *arguments)) <= 150


@pytest.mark.parametrize("query", ["history_of_instance", "notices_of_instance"])
def test_the_story_of_an_alert_is_read_alone(database: str, query: str) -> None:
    nodes = explained(database, READS[query], an_instance(database), 1000)
    assert 1 <= rows_read(nodes) <= 10


def test_the_newest_history_and_audit_come_from_their_indexes(database: str) -> None:
    history = (NOW - YEAR, None, None, None, None, None, None, 100)
    audit = (NOW - YEAR, None, None, None, None, None, None, None, 100)
    for query, arguments in (("history_matching", history), ("audit_matching", audit)):
        assert rows_read(explained(database, READS[query], *arguments)) == 100


def test_the_history_of_a_rule_is_not_sought_among_that_of_others(database: str) -> None:
    rule_id = sql(database, "SELECT id FROM enterprise.alert_rules LIMIT 1")[0]["id"]
    arguments = (NOW - YEAR, None, rule_id, None, None, None, None, 100)
    nodes = explained(database, READS["history_matching"], *arguments)
    assert rows_read(nodes) == 100
