"""Rules as the engine reads them from their rows."""

import math
from datetime import timedelta

import pytest

from alerting.labels import labels_of
from alerting.rules import Absence, Condition, rule_of
from database.pool import connect

RULES = "SELECT * FROM enterprise.alert_rules ORDER BY name"


@pytest.mark.parametrize(
    ("condition", "below", "at", "above"),
    [
        (Condition.GT, False, False, True),
        (Condition.GTE, False, True, True),
        (Condition.LT, True, False, False),
        (Condition.LTE, True, True, False),
        (Condition.EQ, False, True, False),
        (Condition.NEQ, True, False, True),
    ],
)
def test_conditions(condition: Condition, below: bool, at: bool, above: bool) -> None:
    met = [condition.holds(value, 10.0) for value in (math.nextafter(10, 0), 10.0, math.nextafter(10, 11))]
    assert met == [below, at, above]


async def test_a_rule_of_the_sheet_is_read_with_all_its_defaults(database: str) -> None:
    connection = await connect(database)
    try:
        rules = {rule.name: rule for rule in map(rule_of, await connection.fetch(RULES))}
    finally:
        await connection.close()
    spike = rules["LLM Cost Spike"]
    assert (spike.metric_type, spike.condition, spike.threshold) == ("llm_cost_hourly", Condition.GT, 10)
    assert (spike.window, spike.interval, spike.cooldown) == (
        timedelta(hours=1),
        timedelta(minutes=1),
        timedelta(minutes=15),
    )
    assert spike.channels == ("slack", "email")
    assert (spike.pending_for, spike.keep_firing_for, spike.reminder) == (timedelta(0), timedelta(0), None)
    assert (spike.on_no_data, spike.on_error) == (Absence.KEEP, Absence.KEEP)
    assert spike.alert_labels(labels_of({"model": "m"})) == {
        "alertname": "LLM Cost Spike",
        "severity": "warning",
        "model": "m",
    }


async def test_a_rule_by_plain_sql_may_leave_out_what_has_no_default(database: str) -> None:
    connection = await connect(database)
    nullable = (
        "window_minutes, evaluation_interval_seconds, severity, notification_channels, cooldown_minutes, description"
    )
    nulls = ", ".join(["NULL"] * (nullable.count(",") + 1))
    try:
        row = await connection.fetchrow(
            f"INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold, {nullable}) "
            f"VALUES ('Bare', 'error_count', 'lt', 1, {nulls}) RETURNING *"
        )
    finally:
        await connection.close()
    rule = rule_of(row)
    assert (rule.window, rule.interval) == (timedelta(minutes=5), timedelta(minutes=1))
    assert (rule.severity, rule.channels, rule.cooldown) == ("warning", ("slack",), timedelta(minutes=15))
