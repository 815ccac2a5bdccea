"""Policies as they are read from their tables."""

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from alerting.policy.matching import Matcher
from alerting.policy.policies import Policies, read_policies
from database.pool import connect
from tests.conftest import copied

SHOP = [{"name": "service", "op": "=", "value": "shop"}]
BAD = [{"name": "service", "op": "=~", "value": "("}]
SILENCE = (
    "INSERT INTO enterprise.alert_silences (matchers, starts_at, ends_at, created_by, reason) "
    "VALUES ($1, now() + $2::interval, now() + $3::interval, 'me', 'because') RETURNING id"
)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    """What a test adds is gone for the next."""
    connection = await connect(database)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_there_are_none_at_first(connection: Any) -> None:
    assert await read_policies(connection) == Policies()


async def test_silences_that_are_over_are_left_out(connection: Any) -> None:
    await connection.execute(SILENCE, SHOP, -2 * HOUR, -HOUR)
    current = await connection.fetchval(SILENCE, SHOP, -HOUR, HOUR)
    coming = await connection.fetchval(SILENCE, SHOP, HOUR, 2 * HOUR)
    policies = await read_policies(connection)
    assert [silence.id for silence in policies.silences] == [current, coming]
    assert policies.silences[0].matchers == (Matcher("service", "=", "shop"),)


async def test_an_inhibition(connection: Any) -> None:
    await connection.execute(
        "INSERT INTO enterprise.alert_inhibitions VALUES ('cluster', $1, '[]', ARRAY['cluster'])", SHOP
    )
    (inhibition,) = (await read_policies(connection)).inhibitions
    assert (inhibition.source, inhibition.target, inhibition.equal) == (
        (Matcher("service", "=", "shop"),),
        (),
        ("cluster",),
    )


async def test_routes_come_in_their_order_with_what_they_say(connection: Any) -> None:
    await connection.execute("INSERT INTO enterprise.alert_routes (name, place) VALUES ('z', 3), ('last', 4)")
    await connection.execute(
        "INSERT INTO enterprise.alert_routes VALUES "
        "('first', 1, $1, ARRAY['a', 'b'], ARRAY['team'], 30, 300, 60, 10, ARRAY['boss'], true)",
        SHOP,
    )
    first, bare, last = (await read_policies(connection)).routes
    assert (bare.name, last.name) == ("z", "last")
    assert (first.channels, first.group_by, first.escalate_to) == (("a", "b"), ("team",), ("boss",))
    assert (first.group_wait, first.group_interval) == (timedelta(seconds=30), timedelta(minutes=5))
    assert (first.reminder, first.escalate_after, first.goes_on) == (HOUR, timedelta(minutes=10), True)
    assert (bare.matchers, bare.channels, bare.group_by, bare.escalate_to) == ((), None, None, ())
    assert (bare.reminder, bare.escalate_after, bare.goes_on) == (None, None, False)


async def test_what_cannot_be_read_is_left_out_and_said_once(connection: Any, caplog: pytest.LogCaptureFixture) -> None:
    bad = await connection.fetchval(SILENCE, BAD, -HOUR, HOUR)
    everything = await connection.fetchval(SILENCE, [], -HOUR, 2 * HOUR)
    good = await connection.fetchval(SILENCE, SHOP, -HOUR, 3 * HOUR)
    await connection.execute("INSERT INTO enterprise.alert_inhibitions VALUES ('bad', '{}', $1)", SHOP)
    await connection.execute("INSERT INTO enterprise.alert_routes (name, place, matchers) VALUES ('bad', 1, $1)", BAD)
    with caplog.at_level(logging.WARNING):
        policies = await read_policies(connection)
        assert await read_policies(connection) == policies
    assert [silence.id for silence in policies.silences] == [good]
    assert (policies.inhibitions, policies.routes) == ((), ())
    assert policies.mistakes == (
        f"The silence {bad} is left out: '(' is no regular expression: missing ): (",
        f"The silence {everything} is left out: a silence needs a matcher that does not match an empty label",
        "The inhibition bad is left out: matchers are a list of objects",
        "The route bad is left out: '(' is no regular expression: missing ): (",
    )
    assert [record.message for record in caplog.records] == list(policies.mistakes)
