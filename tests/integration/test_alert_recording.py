"""What an evaluation writes, and what people do with alerts, in one transaction each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from alerting.labels import labels_of
from alerting.links import Links
from alerting.measurements import Failed, Measured, Measurement, Sample
from alerting.recording.acting import Act, acknowledge, resolve, settle
from alerting.recording.broken import record_broken
from alerting.recording.recording import Recorded, Run, record
from alerting.rules import Rule
from database import pool as pools
from tests.alert_rules import add_rule, deliver, forget_alerts, history, instances, notices, rule_as_read
from tests.conftest import copied

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINKS = Links("https://otelgres.example.com/")


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Any]:
    pool = await pools.connect_pool(database, min_size=0, max_size=4, statement_timeout_ms=10_000)
    await forget_alerts(pool)
    yield pool
    await pool.close()


def value(number: float | None, **context: Any) -> Measured:
    return Measured([Sample((), number, context)])


async def run(pool: Any, rule: Rule, measurement: Measurement, now: datetime) -> Recorded | None:
    async with pool.acquire() as connection, connection.transaction():
        return await record(connection, rule, measurement, now, Run(MINUTE / 600, MINUTE / 60, 2), LINKS)


async def test_firing_opens_an_instance_and_tells_every_channel_once(pool: Any) -> None:
    rule = await add_rule(pool, notification_channels=["slack", "email"], severity="critical")
    measured = value(11.0, trace_id="5b8aa5a2d2c872e8321cf37308d69df2", rows=[{"message": "no"}])
    assert await run(pool, rule, measured, NOW) == Recorded(opened=1, notices=2)
    assert await run(pool, rule, value(12.0), NOW + MINUTE) == Recorded()
    [instance] = await instances(pool, rule.id)
    assert instance["message"] == "Errors: error_count is 11 (threshold: 10)"
    assert (instance["metric_value"], instance["threshold_value"], instance["status"]) == (11, 10, "firing")
    assert (instance["triggered_at"], instance["context"]) == (NOW, dict(measured.samples[0].context))
    assert await notices(pool) == [("email", ["firing"]), ("slack", ["firing"])]
    assert await history(pool, rule.id) == ["firing", "told"]


async def test_a_notice_holds_all_that_a_message_may_say(pool: Any) -> None:
    rule = await add_rule(pool, annotations={"runbook_url": "https://wiki.example.com/errors"}, labels={"team": "a"})
    await run(pool, rule, value(11.0, trace_id="5b8a", rows=[{"message": "no"}]), NOW)
    [[item]] = [row["items"] for row in await pool.fetch("SELECT items FROM enterprise.alert_notices")]
    assert item["labels"] == {"alertname": "Errors", "severity": "warning", "team": "a"}
    assert item["rows"] == [{"message": "no"}]
    assert item["links"] == {
        "rule": f"https://otelgres.example.com/admin/alerts?rule_id={rule.id}",
        "alert": f"https://otelgres.example.com/admin/alerts?instance_id={item['instance_id']}",
        "logs": "https://otelgres.example.com/admin/logs?q=%28level%3A%28ERROR+OR+CRITICAL%29%29"
        "&from=2026-11-23T09%3A55%3A00%2B00%3A00&to=2026-11-23T10%3A00%3A00%2B00%3A00",
        "trace": "https://otelgres.example.com/admin/traces?trace_id=5b8a",
        "runbook": "https://wiki.example.com/errors",
    }


async def test_it_resolves_by_itself_and_those_who_were_told_are_told(pool: Any) -> None:
    rule = await add_rule(pool)
    await run(pool, rule, value(11.0), NOW)
    await deliver(pool)
    assert await run(pool, rule, value(10.0), NOW + MINUTE) == Recorded(resolved=1, notices=1)
    [instance] = await instances(pool, rule.id)
    assert (instance["status"], instance["resolved_at"]) == ("resolved", NOW + MINUTE)
    assert instance["resolved_because"] == "condition"
    assert await notices(pool) == [("slack", ["firing"]), ("slack", ["resolved"])]


async def test_firing_again_within_the_cooldown_is_recorded_and_told_at_its_end(pool: Any) -> None:
    rule = await add_rule(pool)
    for minute, number in enumerate((11.0, 10.0, 11.0)):
        await run(pool, rule, value(number), NOW + minute * MINUTE)
        await deliver(pool)
    assert [row["status"] for row in await instances(pool, rule.id)] == ["resolved", "firing"]
    assert [told for _, told in await notices(pool)] == [["firing"], ["resolved"]]
    await run(pool, rule, value(11.0), NOW + 15 * MINUTE)
    assert [told for _, told in await notices(pool)] == [["firing"], ["resolved"], ["firing"]]
    assert (await history(pool, rule.id)).count("held_back") == 1


async def test_what_waits_gathers_in_one_notice(pool: Any) -> None:
    rule = await add_rule(pool)
    await run(pool, rule, value(11.0), NOW)
    await run(pool, rule, value(10.0), NOW + MINUTE)
    assert await notices(pool) == [("slack", ["firing", "resolved"])]


async def test_a_rule_says_how_its_last_evaluation_went(pool: Any) -> None:
    rule = await add_rule(pool)
    await run(pool, rule, value(11.0), NOW)
    await run(pool, rule, Failed("the\ndisk  is full"), NOW + MINUTE)
    row = await pool.fetchrow("SELECT * FROM enterprise.alert_rules WHERE id = $1", rule.id)
    assert (row["last_evaluated_at"], row["last_triggered_at"]) == (NOW + MINUTE, NOW)
    assert (row["last_value"], row["last_error"]) == (11, "the disk is full")
    assert (row["failures"], row["failing_since"]) == (1, NOW + MINUTE)
    assert (row["last_duration_ms"], row["last_lag_ms"], row["missed_runs"]) == (100, 1000, 4)
    await run(pool, rule, value(11.0), NOW + 2 * MINUTE)
    row = await pool.fetchrow("SELECT * FROM enterprise.alert_rules WHERE id = $1", rule.id)
    assert (row["last_error"], row["failures"], row["failing_since"]) == (None, 0, None)


async def test_failing_is_told_once_after_so_many_times_and_so_is_its_end(pool: Any) -> None:
    rule = await add_rule(pool, failures_before_notice=3)
    for minute in range(2):
        await run(pool, rule, Failed("no"), NOW + minute * MINUTE)
    assert await notices(pool, "failing") == []
    for minute in range(2, 6):
        await run(pool, rule, Failed("no"), NOW + minute * MINUTE)
    [[item]] = [row["items"] for row in await pool.fetch("SELECT items FROM enterprise.alert_notices")]
    assert item["message"] == "Errors cannot be evaluated, 3 times in a row: no"
    assert item["triggered_at"] == NOW.isoformat()
    await deliver(pool)
    for minute in range(6, 8):
        await run(pool, rule, value(1.0), NOW + minute * MINUTE)
    assert await notices(pool, "failing") == [("slack", ["firing"]), ("slack", ["resolved"])]
    assert await history(pool, rule.id) == ["failing", "working"]


async def test_whoever_was_not_told_of_failing_is_not_told_of_its_end(pool: Any) -> None:
    rule = await add_rule(pool, failures_before_notice=0)
    for minute in range(9):
        await run(pool, rule, Failed("no"), NOW + minute * MINUTE)
    await run(pool, rule, value(1.0), NOW + 9 * MINUTE)
    assert await notices(pool, "failing") == []


async def test_what_is_no_rule_counts_as_failing_all_the_same(pool: Any) -> None:
    rule = await add_rule(pool, failures_before_notice=1)
    await pool.execute("UPDATE enterprise.alert_rules SET threshold = 'NaN' WHERE id = $1", rule.id)
    async with pool.acquire() as connection, connection.transaction():
        await record_broken(connection, rule.id, "its threshold is nan", NOW, Run(), LINKS)
    row = await pool.fetchrow("SELECT * FROM enterprise.alert_rules WHERE id = $1", rule.id)
    assert (row["last_evaluated_at"], row["last_error"], row["failures"]) == (NOW, "its threshold is nan", 1)
    assert await notices(pool, "failing") == [("slack", ["firing"])]


async def test_a_rule_that_was_changed_or_is_gone_meanwhile_changes_nothing(pool: Any) -> None:
    rule = await add_rule(pool)
    await pool.execute("UPDATE enterprise.alert_rules SET version = version + 1 WHERE id = $1", rule.id)
    assert await run(pool, rule, value(11.0), NOW) is None
    changed = await rule_as_read(pool, rule.id)
    await pool.execute("UPDATE enterprise.alert_rules SET enabled = false, version = $1", changed.version)
    assert await run(pool, changed, value(11.0), NOW) is None
    await pool.execute("DELETE FROM enterprise.alert_rules WHERE id = $1", rule.id)
    assert await run(pool, rule, value(11.0), NOW) is None
    assert await instances(pool, rule.id) == []
    assert await pool.fetchval("SELECT count(*) FROM enterprise.alert_history") == 0


async def test_groups_have_an_alert_each(pool: Any) -> None:
    rule = await add_rule(pool, group_by=["service"])
    both = Measured([Sample(labels_of({"service": "a"}), 11.0), Sample(labels_of({"service": "b"}), 1.0)], missing=0.0)
    assert await run(pool, rule, both, NOW) == Recorded(opened=1, notices=1)
    [instance] = await instances(pool, rule.id)
    assert instance["message"] == "Errors: error_count is 11 (threshold: 10) for service=a"
    assert instance["labels"] == {"service": "a"}
    assert await run(pool, rule, Measured([], missing=0.0), NOW + MINUTE) == Recorded(resolved=1, notices=1)


async def test_states_that_say_nothing_are_forgotten_when_no_cooldown_needs_them(pool: Any) -> None:
    rule = await add_rule(pool, group_by=["service"])
    sample = Sample(labels_of({"service": "a"}), 11.0)
    await run(pool, rule, Measured([sample], missing=0.0), NOW)
    for minute in range(1, 14):
        await run(pool, rule, Measured([], missing=0.0), NOW + minute * MINUTE)
    assert await pool.fetchval("SELECT count(*) FROM enterprise.alert_states") == 1
    for minute in range(14, 30):
        await run(pool, rule, Measured([], missing=0.0), NOW + minute * MINUTE)
    assert await pool.fetchval("SELECT count(*) FROM enterprise.alert_states") == 0


async def opened(pool: Any, **columns: Any) -> tuple[Rule, Any]:
    rule = await add_rule(pool, **columns)
    await run(pool, rule, value(11.0), NOW)
    await deliver(pool)
    [instance] = await instances(pool, rule.id)
    return rule, instance["id"]


async def act(pool: Any, what: str, instance_id: Any, at: datetime) -> Act:
    async with pool.acquire() as connection, connection.transaction():
        if what == "acknowledge":
            return await acknowledge(connection, instance_id, "ann@example.com", at)
        return await resolve(connection, instance_id, "ann@example.com", at, LINKS)


async def test_an_acknowledged_alert_is_not_reminded_of_and_told_of_when_it_is_over(pool: Any) -> None:
    rule, instance_id = await opened(pool)
    assert await act(pool, "acknowledge", instance_id, NOW + MINUTE) is Act.DONE
    await run(pool, rule, value(11.0), NOW + 16 * MINUTE)
    assert [told for _, told in await notices(pool)] == [["firing"]]
    await run(pool, rule, value(1.0), NOW + 17 * MINUTE)
    assert [told for _, told in await notices(pool)] == [["firing"], ["resolved"]]
    [instance] = await instances(pool, rule.id)
    assert (instance["acknowledged_by"], instance["acknowledged_at"]) == ("ann@example.com", NOW + MINUTE)
    assert await history(pool, rule.id) == ["firing", "told", "acknowledged", "resolved", "told"]
    audit = await pool.fetchrow("SELECT * FROM enterprise.alert_audit")
    assert (audit["actor"], audit["action"], audit["object_id"]) == ("ann@example.com", "acknowledge", str(instance_id))
    assert audit["before"] == {"status": "firing"}


async def test_reminders_come_once_a_cooldown(pool: Any) -> None:
    rule, _ = await opened(pool)
    for minute in range(1, 46):
        await run(pool, rule, value(11.0), NOW + minute * MINUTE)
        await deliver(pool)
    assert [told for _, told in await notices(pool)] == [["firing"], ["reminder"], ["reminder"], ["reminder"]]


async def test_who_resolves_by_hand_is_not_told_again_before_the_cooldown_ends(pool: Any) -> None:
    rule, instance_id = await opened(pool)
    assert await act(pool, "resolve", instance_id, NOW + MINUTE) is Act.DONE
    await deliver(pool)
    assert await act(pool, "resolve", instance_id, NOW + MINUTE) is Act.OVER
    assert await act(pool, "acknowledge", instance_id, NOW + MINUTE) is Act.OVER
    await run(pool, rule, value(11.0), NOW + 2 * MINUTE)
    first, second = await instances(pool, rule.id)
    assert (first["status"], first["resolved_by"], first["resolved_because"]) == (
        "resolved",
        "ann@example.com",
        "person",
    )
    assert second["status"] == "firing"
    assert [told for _, told in await notices(pool)] == [["firing"], ["resolved"]]
    await run(pool, rule, value(11.0), NOW + 15 * MINUTE)
    assert [told for _, told in await notices(pool)] == [["firing"], ["resolved"], ["firing"]]


async def test_nobody_acts_on_an_unknown_alert(pool: Any) -> None:
    assert await act(pool, "resolve", uuid4(), NOW) is Act.UNKNOWN
    assert await act(pool, "acknowledge", uuid4(), NOW) is Act.UNKNOWN


async def test_what_plain_sql_resolved_is_told_of_and_may_fire_again(pool: Any) -> None:
    rule, instance_id = await opened(pool)
    await pool.execute("UPDATE enterprise.alert_instances SET status = 'resolved', resolved_at = $1", NOW + MINUTE)
    await run(pool, rule, value(1.0), NOW + 2 * MINUTE)
    assert [told for _, told in await notices(pool)] == [["firing"], ["resolved"]]
    await run(pool, rule, value(11.0), NOW + 3 * MINUTE)
    first, second = await instances(pool, rule.id)
    assert (first["id"], first["resolved_at"], second["status"]) == (instance_id, NOW + MINUTE, "firing")


async def test_what_plain_sql_opened_is_taken_for_firing(pool: Any) -> None:
    rule = await add_rule(pool)
    await pool.execute("INSERT INTO enterprise.alert_instances (rule_id, triggered_at) VALUES ($1, $2)", rule.id, NOW)
    await run(pool, rule, value(11.0), NOW + MINUTE)
    assert [row["status"] for row in await instances(pool, rule.id)] == ["firing"]
    await run(pool, rule, value(1.0), NOW + 2 * MINUTE)
    assert [row["status"] for row in await instances(pool, rule.id)] == ["resolved"]


async def test_alerts_of_a_disabled_rule_are_closed_and_told_of(pool: Any) -> None:
    rule, _ = await opened(pool)
    await pool.execute("UPDATE enterprise.alert_rules SET enabled = false WHERE id = $1", rule.id)
    async with pool.acquire() as connection, connection.transaction():
        assert await settle(connection, rule.id, "disabled", NOW + MINUTE, LINKS) == 1
        assert await settle(connection, rule.id, "disabled", NOW + MINUTE, LINKS) == 0
    [instance] = await instances(pool, rule.id)
    assert (instance["status"], instance["resolved_because"]) == ("resolved", "disabled")
    assert [told for _, told in await notices(pool)] == [["firing"], ["resolved"]]


async def test_a_person_and_an_evaluation_wait_for_each_other(pool: Any) -> None:
    rule, instance_id = await opened(pool)
    async with pool.acquire() as connection, connection.transaction():
        await resolve(connection, instance_id, "ann@example.com", NOW + MINUTE, LINKS)
        evaluation = asyncio.create_task(run(pool, rule, value(11.0), NOW + 2 * MINUTE))
        while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not evaluation.done()
    assert await evaluation == Recorded(opened=1)
    assert [row["status"] for row in await instances(pool, rule.id)] == ["resolved", "firing"]


async def test_a_group_is_told_of_no_sooner_than_its_interval_after_the_last_time(pool: Any) -> None:
    await pool.execute(
        "INSERT INTO enterprise.alert_routes (name, place, group_by, group_wait_seconds, group_interval_seconds) "
        "VALUES ('all', 1, '{}', 30, 300)"
    )
    rules = [await add_rule(pool, name=name) for name in ("a", "b", "c")]
    for minute, rule in enumerate(rules[:2]):
        await run(pool, rule, value(11.0), NOW + minute * MINUTE)
        await deliver(pool)
    await run(pool, rules[2], value(11.0), NOW + 2 * MINUTE)
    dues = await pool.fetch("SELECT due_at FROM enterprise.alert_notices ORDER BY place")
    first = NOW + MINUTE / 2
    assert [row["due_at"] for row in dues] == [first, first + 5 * MINUTE, first + 10 * MINUTE]


async def test_an_inhibited_alert_is_told_of_when_its_source_is_over(pool: Any) -> None:
    matches = [{"name": "alertname", "op": "=", "value": "Database down"}], [{"name": "team", "op": "=", "value": "a"}]
    await pool.execute(
        "INSERT INTO enterprise.alert_inhibitions (name, source_matchers, target_matchers) VALUES ('all', $1, $2)",
        *matches,
    )
    source = await add_rule(pool, name="Database down", notification_channels=[])
    target = await add_rule(pool, labels={"team": "a"})
    await run(pool, source, value(11.0), NOW)
    await run(pool, target, value(11.0), NOW)
    assert await notices(pool) == []
    await run(pool, source, value(1.0), NOW + MINUTE)
    await run(pool, target, value(11.0), NOW + MINUTE)
    assert await notices(pool) == [("slack", ["firing"])]
    assert await history(pool, target.id) == ["firing", "inhibited", "uninhibited", "told"]
