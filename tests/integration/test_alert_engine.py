"""The engine over a real database: who leads, what is late, what fails, what is let go of."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
from opentelemetry.metrics import NoOpMeter

from alerting.engine import engine as engines
from alerting.engine import leadership as leaderships
from alerting.engine.clock import Clock
from alerting.engine.heartbeat import Heartbeat
from alerting.engine.leadership import Leadership
from alerting.engine.retention import Retention
from alerting.engine.watchdog import Watchdog
from alerting.links import Links
from alerting.measuring.sources import open_sources
from database import pool as pools
from tests.alert_receiver import Answer, receiver
from tests.alert_rules import add_rule, deliver, forget_alerts, history, instances, notices
from tests.conftest import copied

DEADLINE_SECONDS = 60
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Any]:
    pool = await pools.connect_pool(database, min_size=0, max_size=4, statement_timeout_ms=10_000)
    await forget_alerts(pool)
    await pool.execute("DELETE FROM enterprise.leases")
    yield pool
    await pool.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaderships, "RENEWED_EVERY_SECONDS", 0.2)
    monkeypatch.setattr(leaderships, "LASTS", timedelta(seconds=2))


@asynccontextmanager
async def running(dsn: str) -> AsyncIterator[None]:
    async with open_sources(dsn, None) as sources:
        engine = await engines.start(dsn, sources=sources, links=Links(), meter=NoOpMeter("tests"), retention_days=30)
        try:
            yield
        finally:
            await engine.stop()


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await condition():
            pass


async def rule_row(pool: Any, rule_id: Any) -> Any:
    return await pool.fetchrow("SELECT * FROM enterprise.alert_rules WHERE id = $1", rule_id)


async def evaluated(pool: Any, rule_id: Any, after: datetime = LONG_AGO) -> None:
    async def is_evaluated() -> bool:
        last = (await rule_row(pool, rule_id))["last_evaluated_at"]
        return last is not None and last > after

    await until(is_evaluated)


@pytest.mark.usefixtures("hasty")
async def test_a_new_rule_is_evaluated_soon_and_then_at_its_interval(database: str, pool: Any) -> None:
    async with running(database):
        rule = await add_rule(pool, evaluation_interval_seconds=1)
        for _ in range(3):
            await evaluated(pool, rule.id, (await rule_row(pool, rule.id))["last_evaluated_at"] or LONG_AGO)
        row = await rule_row(pool, rule.id)
        assert (row["last_value"], row["last_error"], row["failures"]) == (0, None, 0)
    assert await pool.fetchval("SELECT expires_at = '-infinity' FROM enterprise.leases WHERE name = 'alerts'")


@pytest.mark.usefixtures("hasty")
async def test_a_rule_that_fails_or_is_none_says_so_and_stops_no_other(database: str, pool: Any) -> None:
    failing = await add_rule(pool, metric_type="no such type", evaluation_interval_seconds=1)
    nothing = await add_rule(pool, evaluation_interval_seconds=1)
    await pool.execute("UPDATE enterprise.alert_rules SET on_no_data = 'perhaps' WHERE id = $1", nothing.id)
    good = await add_rule(pool, evaluation_interval_seconds=1)
    async with running(database):
        for rule in (failing, nothing, good):
            await evaluated(pool, rule.id)
    assert "no such type" in (await rule_row(pool, failing.id))["last_error"]
    assert "perhaps" in (await rule_row(pool, nothing.id))["last_error"]
    assert (await rule_row(pool, good.id))["last_error"] is None


@pytest.mark.usefixtures("hasty")
async def test_when_the_leader_goes_the_other_takes_over(database: str, pool: Any) -> None:
    rule = await add_rule(pool, evaluation_interval_seconds=1)
    async with running(database):
        await evaluated(pool, rule.id)
        async with running(database):
            pass
        await evaluated(pool, rule.id, await pool.fetchval("SELECT now()"))
    async with running(database):
        await evaluated(pool, rule.id, await pool.fetchval("SELECT now()"))


@pytest.mark.usefixtures("hasty")
async def test_a_leader_whose_connections_break_goes_on(database: str, pool: Any) -> None:
    rule = await add_rule(pool, evaluation_interval_seconds=1)
    async with running(database):
        for _ in range(2):
            await evaluated(pool, rule.id, await pool.fetchval("SELECT now()"))
            await pool.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await evaluated(pool, rule.id, await pool.fetchval("SELECT now()"))


@pytest.mark.usefixtures("hasty")
async def test_what_plain_sql_switches_off_is_closed_and_told_of(database: str, pool: Any) -> None:
    rule = await add_rule(pool, threshold=-1.0, evaluation_interval_seconds=1)
    async with running(database):

        async def has(status: str) -> bool:
            return [row["status"] for row in await instances(pool, rule.id)] == [status]

        await until(lambda: has("firing"))
        await deliver(pool)
        await pool.execute("UPDATE enterprise.alert_rules SET enabled = false WHERE id = $1", rule.id)
        await until(lambda: has("resolved"))
    assert await notices(pool) == [("slack", ["firing"]), ("slack", ["resolved"])]
    assert (await history(pool, rule.id))[-2:] == ["resolved", "told"]


async def test_it_starts_without_the_database_and_stops(caplog: pytest.LogCaptureFixture) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS), running("postgresql://nobody@127.0.0.1:1/nothing"):

        async def said() -> bool:
            await asyncio.sleep(0.01)
            return "alerts are not evaluated here" in caplog.text

        await until(said)


async def test_of_late_rules_one_replica_tells_once_and_when_it_is_over(pool: Any) -> None:
    late = await add_rule(pool, name="late", created_at=LONG_AGO, updated_at=LONG_AGO)
    await add_rule(pool, name="new")
    await add_rule(pool, name="off", created_at=LONG_AGO, updated_at=LONG_AGO, enabled=False)
    dogs = [Watchdog(pool, Links()) for _ in range(3)]
    assert sum(await asyncio.gather(*(dog.look(LONG_AGO) for dog in dogs))) == 1
    assert await notices(pool, "late") == [("slack", ["firing"])]
    await deliver(pool)
    assert await dogs[0].look(LONG_AGO) == 0
    await pool.execute("UPDATE enterprise.alert_rules SET last_evaluated_at = clock_timestamp() WHERE id = $1", late.id)
    assert sum(await asyncio.gather(*(dog.look(LONG_AGO) for dog in dogs))) == 1
    assert await notices(pool, "late") == [("slack", ["firing"]), ("slack", ["resolved"])]
    assert await history(pool, late.id) == ["late", "punctual"]


async def test_a_watchdog_that_has_just_started_gives_rules_time(pool: Any) -> None:
    await add_rule(pool, name="late", created_at=LONG_AGO, updated_at=LONG_AGO)
    assert await Watchdog(pool, Links()).look(datetime.now(UTC)) == 0


async def test_the_heart_beats_where_rules_are_evaluated_in_time(pool: Any) -> None:
    clock = Clock()
    leader, follower = Leadership(pool, "a", clock), Leadership(pool, "b", clock)
    keeping = asyncio.create_task(leader.keep())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await leader.changed.wait()
        async with receiver(Answer(), Answer(500)) as outside, httpx2.AsyncClient() as client:
            beating = Heartbeat(outside.url, pool, leader)
            assert not await Heartbeat(outside.url, pool, follower).beat(client)
            assert outside.requests == []
            assert await beating.beat(client)
            assert not await beating.beat(client)
            assert len(outside.requests) == 2
            await add_rule(pool, created_at=LONG_AGO, updated_at=LONG_AGO)
            assert not await beating.beat(client)
            assert len(outside.requests) == 2
    finally:
        keeping.cancel()


async def test_what_is_old_goes_and_what_is_open_stays(pool: Any) -> None:
    rule = await add_rule(pool)
    for days in (0, 31, 500):
        at = datetime.now(UTC) - timedelta(days=days)
        await pool.execute(
            "INSERT INTO enterprise.alert_history (at, rule_id, rule_name, event) VALUES ($1, $2, 'r', 'firing')",
            at,
            rule.id,
        )
        await pool.execute(
            "INSERT INTO enterprise.alert_audit (at, action, object_type, object_id) VALUES ($1, 'a', 'b', 'c')", at
        )
        for state in ("sent", "waiting"):
            await pool.execute(
                "INSERT INTO enterprise.alert_notices (channel, group_key, kind, items, created_at, state) "
                "VALUES ('slack', $1, 'alert', '[]', $2, $3)",
                f"{days}",
                at,
                state,
            )
        for status in ("resolved", "firing"):
            await pool.execute(
                "INSERT INTO enterprise.alert_instances (rule_id, fingerprint, triggered_at, status) "
                "VALUES ($1, $2, $3, $4)",
                rule.id,
                f"{days}",
                at,
                status,
            )
    leader = Leadership(pool, "a", Clock())
    keeping = asyncio.create_task(leader.keep())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await leader.changed.wait()
        assert await Retention(leader, Clock(), 30).run_once() == {
            "delete_old_history": 2,
            "delete_old_notices": 2,
            "delete_old_instances": 1,
            "delete_old_audit": 1,
        }
    finally:
        keeping.cancel()


async def test_a_leader_that_stands_still_within_a_transaction_loses_it(database: str, pool: Any) -> None:
    await add_rule(pool)
    patient = await pools.connect_pool(
        database, min_size=0, max_size=2, statement_timeout_ms=1000, idle_in_transaction_timeout_ms=100
    )
    leader = Leadership(patient, "a", Clock())
    keeping = asyncio.create_task(leader.keep())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await leader.changed.wait()
        keeping.cancel()
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await stand_still(leader)
        assert await pool.fetchval("SELECT count(*) FROM enterprise.alert_rules") == 1
    finally:
        keeping.cancel()
        patient.terminate()


async def stand_still(leader: Leadership) -> None:
    async with leader.transaction() as connection:
        await connection.execute("DELETE FROM enterprise.alert_rules")
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        await ended.wait()
        await connection.execute("SELECT 1")
