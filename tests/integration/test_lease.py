"""One leader at a time: taking, renewing, losing, and what a loser can still do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from database import migrate, pool
from database.lease import Lease, LeaseLost

LONG = timedelta(minutes=5)
EXPIRED = timedelta(0)


@pytest.fixture
async def connections(empty_database: str) -> AsyncIterator[Any]:
    await migrate.migrate(empty_database)
    connections = await pool.connect_pool(empty_database, min_size=0, max_size=6, statement_timeout_ms=10_000)
    yield connections
    await connections.close()


async def epoch(connections: Any) -> int:
    found: int = await connections.fetchval("SELECT epoch FROM enterprise.leases WHERE name = 'work'")
    return found


async def test_the_first_takes_it_and_the_second_waits_for_its_release(connections: Any) -> None:
    first, second = Lease(connections, "work", "a", LONG), Lease(connections, "work", "b", LONG)
    assert await first.acquire()
    assert not await second.acquire()
    assert (first.held, second.held) == (True, False)
    await first.release()
    assert await second.acquire()
    assert not await first.acquire()


async def test_an_expired_lease_is_taken_over_under_a_new_epoch(connections: Any) -> None:
    first, second = Lease(connections, "work", "a", EXPIRED), Lease(connections, "work", "b", LONG)
    assert await first.acquire()
    assert await first.acquire()
    assert await epoch(connections) == 1
    assert await second.acquire()
    assert await epoch(connections) == 2


async def test_whoever_lost_it_changes_nothing_any_more(connections: Any) -> None:
    first, second = Lease(connections, "work", "a", EXPIRED), Lease(connections, "work", "b", LONG)
    await first.acquire()
    await second.acquire()
    assert first.held
    with pytest.raises(LeaseLost, match="a does not hold the lease work"):
        async with first.transaction() as connection:
            await connection.execute("DELETE FROM enterprise.alert_rules")
    assert not first.held
    assert await connections.fetchval("SELECT count(*) FROM enterprise.alert_rules") == 5


async def test_taking_over_waits_for_the_transaction_of_the_one_before(connections: Any) -> None:
    first, second = Lease(connections, "work", "a", EXPIRED), Lease(connections, "work", "b", LONG)
    await first.acquire()
    async with first.transaction() as connection:
        taking_over = asyncio.create_task(second.acquire())
        while not await connections.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not taking_over.done()
        await connection.execute("DELETE FROM enterprise.alert_rules")
    assert await taking_over
    assert await connections.fetchval("SELECT count(*) FROM enterprise.alert_rules") == 0


async def test_jobs_of_the_leader_run_side_by_side(connections: Any) -> None:
    lease = Lease(connections, "work", "a", LONG)
    await lease.acquire()
    async with lease.transaction() as one, lease.transaction() as other:
        assert await one.fetchval("SELECT 1") + await other.fetchval("SELECT 1") == 2


async def test_a_failed_renewal_is_no_longer_held(connections: Any) -> None:
    lease = Lease(connections, "work", "a", LONG)
    await lease.acquire()
    await connections.execute("ALTER TABLE enterprise.leases RENAME TO away")
    with pytest.raises(Exception, match="does not exist"):
        await lease.acquire()
    assert not lease.held
